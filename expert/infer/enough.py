"""What is enough: few facts that force the recommended step whatever else had been so (sufficient reasons).

Such a set is a prime implicant of the step that the facts imply (A. Darwiche, A. Hirth, *On the reasons behind
decisions*, ECAI 2020). A solver proves that a set forces the step; facts are left out one by one, in a fixed order, as
long as it does, so what is left is subset-minimal and the same in every run.
"""

from __future__ import annotations

from collections.abc import Container

from expert.explanations import Fact, SufficientReason
from expert.infer.assess import Reasoner
from expert.infer.derivation import Derivations
from expert.infer.domain import Domain
from expert.model import Concluded, Facts, Not, Value
from expert.results import Assessment, Decisive


def sufficient_reason(reasoner: Reasoner, assessment: Assessment) -> SufficientReason | None:
    """Given facts that force the recommended step, and the presumptions that they need; ``None`` for an open answer.

    The given facts are found with all presumptions as background, then the presumptions with those facts alone. A
    certain answer needs none.

    Raises:
        UnprovedError: the solver could not decide.
    """
    step, background = assessment.recommended, assessment.background
    if step is None:
        return None
    presumed = {} if assessment.answer == "certain" else background.presumed
    given = _least(reasoner.domain, step, {**background.defaults, **background.given}, presumed)
    needed = _least(reasoner.domain, step, presumed, given)
    return SufficientReason(step, _told(reasoner.domain, assessment, given), _told(reasoner.domain, assessment, needed))


def idle_facts(domain: Domain, assessment: Assessment, reason: SufficientReason) -> tuple[Fact, ...]:
    """The given facts (or those that count as given) that play no part in a sufficient reason."""
    needed = {fact.finding for fact in reason.given}
    known = {**assessment.background.defaults, **assessment.background.given}
    return _told(domain, assessment, known.keys() - needed)


def missing_findings(assessment: Assessment) -> tuple[Decisive, ...]:
    """Of an open answer: the decisive findings that have not even a presumed value; else all decisive ones."""
    presumed = assessment.background.presumed
    return tuple(it for it in assessment.decisive if it.finding not in presumed) or assessment.decisive


def _told(domain: Domain, assessment: Assessment, names: Container[str]) -> tuple[Fact, ...]:
    facts = Derivations(domain, assessment, assessment.record)
    return tuple(facts.fact(name) for name in domain.kb.inputs if name in names)


def _least(domain: Domain, step: str, facts: Facts, background: Facts) -> dict[str, Value]:
    """A subset-minimal part of some facts that forces a step together with the background."""
    goal = Concluded(("recommended", step))
    left = {name: value for name, value in facts.items() if name in _bearing(domain, goal)}
    for name in tuple(left):
        fewer = {other: value for other, value in left.items() if other != name}
        if not domain.formulas.satisfiable({**background, **fewer}, Not(goal)):
            left = fewer
    return left


def _bearing(domain: Domain, goal: Concluded) -> frozenset[str]:
    """The findings that can bear on a goal, if only by way of constraints."""
    inputs = domain.definitions.inputs[goal.name]
    return inputs.union(*(domain.tied.get(name, ()) for name in inputs))
