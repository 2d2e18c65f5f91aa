"""Whose recommended step changes, all findings of a part being given."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import product
from math import prod

from expert.diff.compared_knowledge import Part, Sides
from expert.diff.difference import NO_STEP, PatientClass, StepChange, Witness
from expert.diff.inquiry import Inquiry
from expert.diff.states import recommended_by, step_of
from expert.diff.union import NEW, OLD, SIDES, Side
from expert.lang.errors import UnprovedError
from expert.lang.values import Facts, Value
from expert.logic.domain import Domain
from expert.solve.condition import Generalization, described
from expert.solve.connectives import Formula, conjunction, constant, implies, negation, replaced

MOST_CASES = 256
"""The largest number of combinations of values that are tried."""


def certain_steps(sides: Sides, part: Part, side: Side) -> dict[str, Formula]:
    """For each step, whether one side recommends it to a patient of a part for any values of its own findings.

    Kleene's logic leaves open what holds in every case, so every case has a formula of its own.

    Raises:
        UnprovedError: there are too many cases.
    """
    whole, complete, domain = part.whole[side], sides.complete[side], part.whole[side].domain
    reasons = {name for step in whole.kb.steps for name in domain.definitions.inputs["recommended", step]}
    reasons = {other for name in reasons for other in domain.tied.get(name, (name,))}
    own = [name for name in sides.union.own[side] if name in reasons and not part.own_given]
    if not own:
        return whole.recommended(whole.presumed)
    values = [_values(sides, domain, name) for name in own]
    if prod(map(len, values)) > MOST_CASES:
        raise UnprovedError(f"more than {MOST_CASES} combinations of {', '.join(own)}")
    permitted = complete.possible(reasons)
    cases = []
    for chosen in product(*values):
        case = dict(zip(own, chosen, strict=True))
        fixed = sides.union.fixed(case)
        cases.append((fixed, conjunction(whole.presumed.has(case), replaced(permitted, fixed))))
    return {
        step: part.formulas.all([implies(may_be, replaced(its, fixed)) for fixed, may_be in cases])
        for step, its in complete.recommended(complete.presumed).items()
    }


def _values(sides: Sides, domain: Domain, name: str) -> list[Value]:
    """The values of a finding that can count: one where it always counts as that."""
    finding = domain.kb.inputs[name]
    usual = finding.usual if name not in domain.linked else None
    counts = usual if finding.default is None else finding.default
    return [cell.value for cell in sides.union.domain.cells[name]] if counts is None else [counts]


MOST_CLASSES = 3
"""The number of classes of patients described for each pair of steps; fewer where there are many pairs."""

MOST_IN_ALL = 12


class StepChanges:
    """The recommended steps of a part's patients.

    Attributes:
        recommended: for each side and step, that it is recommended; and that none is.
    """

    def __init__(self, inquiry: Inquiry, part: Part, without: StepChanges | None = None) -> None:
        """``without`` is what changes for the same patients without what one side alone knows of them."""
        self.inquiry, self.part, self.without = inquiry, part, without
        self.formulas = part.formulas
        self.recommended = {side: self._recommended(side) for side in SIDES}

    def _recommended(self, side: Side) -> dict[str, Formula]:
        try:
            its = certain_steps(self.inquiry.sides, self.part, side)
        except UnprovedError as error:
            self.inquiry.unproved.append(f"the recommended step: {error}")
            its = self.part.whole[side].recommended(self.part.whole[side].presumed)
        return {**its, NO_STEP: negation(self.formulas.any(list(its.values())))}

    @cached_property
    def same(self) -> Formula:
        """Whether the recommended step is the same."""
        differs = self._differs
        return constant(True, self.formulas.context) if differs is None else negation(differs)

    @cached_property
    def _differs(self) -> Formula | None:
        return self.inquiry.differs(self.recommended[OLD], self.recommended[NEW])

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
        """Whether patients go from one step to another, and do so because of what one side alone knows."""
        change = [self.recommended[OLD][before], self.recommended[NEW][after]]
        if not self.without:
            return change
        unsaid = [
            self.without.recommended[side].get(step, self._never)
            for side, step in zip(SIDES, (before, after), strict=True)
        ]
        return [*change, negation(conjunction(*unsaid, self.without.part.accepted))]

    def _classes(self, before: str, after: str, most: int) -> tuple[tuple[PatientClass, ...], bool]:
        """Classes of patients who go from one step to another, and whether there are further ones."""
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
                backgrounds = self.inquiry.witnesses.backgrounds(witness.given)
                causes = self.inquiry.blame.causes(backgrounds, recommended_by)
                domain = self.inquiry.sides.union.domain
                its = general.narrowed(condition, changing)
                found.append(PatientClass(*described(domain, its), witness, causes))
        return tuple(found), changing.possible(*beyond)

    def _witness(self, facts: Facts, before: str, after: str) -> Witness | None:
        """A patient with this change, if both engines confirm it; else the question stays open."""
        witnesses = self.inquiry.witnesses
        relevant = {name: value for name, value in facts.items() if name in self.part.names}
        given = witnesses.needed(relevant, recommended_by)
        found = witnesses.witness(given, step_of, (before, after))
        if not found.confirmed:
            found = witnesses.witness(relevant, step_of, (before, after))
        if found.confirmed:
            return found
        self.inquiry.unproved.append(f"the recommended step, {before} -> {after}: both engines do not confirm it")
        return None
