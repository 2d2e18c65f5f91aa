"""What is enough: facts that force the recommended step whatever the other facts are (sufficient reasons).

All least sufficient sets are searched (see `expert.answer.sufficient`), so only a fact that is in none of them is
reported as unable to change the step.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment, Decisive
from expert.answer.derivation import Derivations
from expert.answer.explanations import Fact, SufficientReasons, SufficientSet
from expert.answer.sufficient import least_sets
from expert.lang.errors import InputError, Problem
from expert.lang.premises import Concluded
from expert.logic.domain import Domain

MOST = 10
"""The default number of sets in a report."""


def sufficient_reasons(reasoner: Reasoner, assessment: Assessment, most: int = MOST) -> SufficientReasons | None:
    """Least sets of given and presumed facts that force the recommended step; ``None`` for an open answer.

    A certain answer needs no presumption, so its sets have none. Of more than ``most`` sets, those with the fewest
    presumptions are reported, and of these the smallest.

    Raises:
        InputError: ``most`` is less than 1.
        UnprovedError: the solver could not decide.
    """
    if most < 1:
        raise InputError([Problem(f"there are no {most} sets", expected="1 or more")])
    step, background = assessment.recommended, assessment.background
    if step is None:
        return None
    presumed = {} if assessment.answer == "certain" else background.presumed
    given = {**background.given, **background.defaults}
    facts = {name: {**given, **presumed}[name] for name in reasoner.kb.inputs if name in given or name in presumed}
    found = least_sets(reasoner.domain, Concluded(("recommended", step)), facts, presumed)

    def facts_of(names: Container[str]) -> tuple[Fact, ...]:
        return _facts(reasoner.domain, assessment, names)

    def as_set(names: Iterable[str]) -> SufficientSet:
        return SufficientSet(facts_of(given.keys() & names), facts_of(presumed.keys() & names))

    return SufficientReasons(
        step,
        tuple(map(as_set, found.sets[:most])),
        len(found.sets) if found.complete else None,
        as_set(found.common),
        facts_of(given.keys() - found.involved - found.undecided),
        facts_of(given.keys() & found.undecided),
    )


def missing_findings(assessment: Assessment) -> tuple[Decisive, ...]:
    """For an open answer: the decisive findings without a presumed value; all decisive findings if there are none."""
    presumed = assessment.background.presumed
    return tuple(it for it in assessment.decisive if it.finding not in presumed) or assessment.decisive


def _facts(domain: Domain, assessment: Assessment, names: Container[str]) -> tuple[Fact, ...]:
    facts = Derivations(domain, assessment, assessment.record)
    return tuple(facts.fact(name) for name in domain.kb.inputs if name in names)
