"""Whose recommended step changes, all being given that is spoken of."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import product

from expert.diff.compared_knowledge import Part
from expert.diff.comparison import Comparison
from expert.diff.completions import Completions
from expert.diff.difference import NO_STEP, PatientClass, StepChange, Witness
from expert.diff.union import NEW, OLD, SIDES
from expert.diff.wording import recommended_by, step_of
from expert.lang.errors import UnprovedError
from expert.lang.values import Facts
from expert.solve.condition import Generalization, described
from expert.solve.connectives import Formula, conjunction, constant, negation

MOST_CLASSES = 3
"""So many classes of patients are described for each pair of steps; fewer where there are many pairs."""

MOST_IN_ALL = 12


class StepChanges:
    """The recommended steps of a part's patients.

    Attributes:
        recommended: for each side and step, that it is recommended; and that none is.
    """

    def __init__(self, comparison: Comparison, part: Part, before: StepChanges | None = None) -> None:
        """``before`` is what changes for the same patients without what is said of them in this part."""
        self.comparison, self.part, self.before = comparison, part, before
        self.formulas = part.formulas
        self.recommended = {side: self._recommended(side) for side in SIDES}

    def _recommended(self, side: str) -> dict[str, Formula]:
        completions = Completions(self.comparison.sides, self.part, side)
        try:
            its = completions.certain(completions.whole.presumed)
        except UnprovedError as error:
            self.comparison.unproved.append(f"the recommended step: {error}")
            its = completions.whole.recommended(completions.whole.presumed)
        return {**its, NO_STEP: negation(self.formulas.any(list(its.values())))}

    @cached_property
    def same(self) -> Formula:
        """That the recommended step is the same."""
        differs = self._differs
        return constant(True, self.formulas.context) if differs is None else negation(differs)

    @cached_property
    def _differs(self) -> Formula | None:
        return self.comparison.differs(self.recommended[OLD], self.recommended[NEW])

    @property
    def _never(self) -> Formula:
        return constant(False, self.formulas.context)

    def changes(self) -> Iterator[StepChange]:
        """From which step to which, and who.

        Raises:
            UnprovedError: the solver could not decide.
        """
        differs = None if self._differs is None else self.part.prover.under(self._differs)
        if differs is None or not differs.possible():
            return
        pairs = [(old, new) for old, new in product(*(self.recommended[side] for side in SIDES)) if old != new]
        going = [pair for pair in pairs if differs.possible(*self._going(*pair))]
        most = max(1, min(MOST_CLASSES, MOST_IN_ALL // max(1, len(going))))
        for before, after in going:
            classes, more = self._classes(before, after, most)
            if classes:
                yield StepChange(before, after, classes, more)

    def _going(self, before: str, after: str) -> list[Formula]:
        """That patients go from one step to another, and do so because of what is said of them."""
        change = [self.recommended[OLD][before], self.recommended[NEW][after]]
        if not self.before:
            return change
        unsaid = [self.before.recommended[side].get(step, self._never) for side, step in ((OLD, before), (NEW, after))]
        return [*change, negation(conjunction(*unsaid, self.before.part.accepted))]

    def _classes(self, before: str, after: str, most: int) -> tuple[tuple[PatientClass, ...], bool]:
        """Classes of patients who go from one step to another, and whether there are others who do."""
        change = self._going(before, after)
        changing = self.part.prover.under(*change)
        general = Generalization(self.part.prover.under(negation(conjunction(*change))), self.part.names)
        found: list[PatientClass] = []
        beyond: list[Formula] = []
        for _ in range(most):
            facts = changing.complete_patient(*beyond)
            if facts is None:
                return tuple(found), False
            condition = general.of(facts)
            beyond.append(negation(self.formulas.all(general.formulas(condition))))
            witness = self._witness(facts, before, after)
            if witness:
                backgrounds = self.comparison.witnesses.backgrounds(witness.given)
                causes = self.comparison.blame.causes(backgrounds, recommended_by)
                domain = self.comparison.sides.union.domain
                found.append(PatientClass(*described(domain, condition), witness, causes))
        return tuple(found), changing.possible(*beyond)

    def _witness(self, facts: Facts, before: str, after: str) -> Witness | None:
        """A patient who goes so, if both engines confirm it; else the question stays open."""
        witnesses = self.comparison.witnesses
        spoken_of = {name: value for name, value in facts.items() if name in self.part.names}
        given = witnesses.needed(spoken_of, recommended_by)
        found = witnesses.witness(given, step_of, (before, after))
        if not found.confirmed:
            found = witnesses.witness(spoken_of, step_of, (before, after))
        if found.confirmed:
            return found
        self.comparison.unproved.append(f"the recommended step, {before} -> {after}: both engines do not confirm it")
        return None
