"""The facts behind an answer: given values, defaults, values that the constraints force, and presumptions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from expert.lang.definitions import Definitions
from expert.lang.errors import Problem
from expert.lang.facts import Background, Patient
from expert.lang.model import KnowledgeBase
from expert.lang.units import write_given
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import Constraint
from expert.logic.cells import Cells, place_of
from expert.logic.constraints import Tied, tied_groups
from expert.logic.kleene import Evaluation
from expert.logic.nogoods import constrained


def as_given(kb: KnowledgeBase, facts: Facts, patient: Patient) -> str:
    """Facts as a patient's were written, with the file and line of those from a file."""
    return ", ".join(
        f"{name} {write_given(kb.findings[name], value, patient.written.get(name))}"
        + (f" ({patient.places[name]})" if name in patient.places else "")
        for name, value in facts.items()
    )


class Backgrounds:
    """The backgrounds of patients of one knowledge base.

    Values that constraints force are derived before anything is presumed. A presumption is dropped if what is known
    meets its ``presumed_unless``, or if the constraints exclude it.
    """

    def __init__(
        self, definitions: Definitions, cells: Cells, groups: Sequence[Tied], defaults: Facts, usual: Facts
    ) -> None:
        self.definitions, self.kb = definitions, definitions.kb
        self.cells, self.groups, self.defaults, self.usual = cells, groups, defaults, usual
        self._broken = lru_cache(1000)(self._few_broken)

    def of(self, given: Facts) -> Background | None:
        """The background of a patient, or ``None`` if the facts contradict each other."""
        defaults = self._defaults(given)
        forced = self._forced({**given, **defaults})
        if forced is None:
            return None
        known = {**given, **defaults, **forced}
        not_presumed = {name: facts for name, facts in self.withheld(known).items() if name not in known}
        excluded = frozenset[str]().union(*(group.excluded(known, not_presumed) for group in self.groups))
        decided = {*known, *not_presumed, *excluded}
        presumed = {name: value for name, value in self.usual.items() if name not in decided}
        return Background(given, defaults, forced, presumed, not_presumed)

    def forced(self, known: Facts) -> Facts:
        """The values that the constraints force from these facts, which must be consistent."""
        return self._forced(known) or {}

    def _forced(self, known: Facts) -> Facts | None:
        """What the constraints force; ``None`` if the facts contradict each other."""
        forced: dict[str, Value] = {}
        for group in self.groups:
            found = group.forced(known)
            if found is None:
                return None
            forced |= found
        return {name: forced[name] for name in self.kb.inputs if name in forced} if forced else {}

    def withheld(self, known: Facts) -> dict[str, Facts]:
        """The findings whose ``presumed_unless`` is known to hold, with the facts that meet it."""
        evaluation = Evaluation(self.definitions, known)
        met = {name: it for name, it in self.kb.presumed_unless.items() if evaluation.evaluate(it)}
        reasons = {name: evaluation.reasons(it) for name, it in met.items()}
        return {name: {it: known[it] for it in self.kb.inputs if it in names} for name, names in reasons.items()}

    def _defaults(self, given: Facts) -> dict[str, Value]:
        return {name: value for name, value in self.defaults.items() if name not in given}

    def contradiction(self, patient: Patient) -> Problem:
        """A minimal contradiction among inconsistent facts, and the constraints behind it."""
        given = patient.facts
        known = {**given, **self._defaults(given)}
        conflicts = (group.conflict(known) for group in reversed(self.groups))
        conflict = next(names for names in conflicts if names is not None)
        facts = {name: known[name] for name in conflict}
        broken = self._broken(tuple((name, place_of(self.cells[name], value)) for name, value in facts.items()))
        named = as_given(self.kb, facts, patient) or "no patient is left"
        reasons = " ".join(f"{constraint.because} ({constraint.id})" for constraint in broken)
        return Problem(f"these facts contradict each other: {named}. {reasons}".rstrip())

    def _few_broken(self, places: tuple[tuple[str, int], ...]) -> tuple[Constraint, ...]:
        """A minimal set of constraints that forbids a combination of cells."""
        facts = {name: self.cells[name][place].value for name, place in places}
        broken = [it for it in self.kb.constraints if not facts or facts.keys() & set(constrained(it))]
        for constraint in list(broken):
            fewer = [other for other in broken if other is not constraint]
            if not all(Tied(group, self.cells, {}).permits(facts) for group in tied_groups(fewer)):
                broken = fewer
        return tuple(broken)
