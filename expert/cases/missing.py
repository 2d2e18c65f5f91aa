"""The patients whose cases would close the gaps of the coverage.

For the first gap that is open the smallest patient is found who would close it; then all gaps are closed that this
patient meets, and so on. *Smallest* counts the findings in which a complete patient is not as presumed; of a finding
that nothing is presumed of, whether it is known. Among patients of the same size the least is taken: in the
vocabulary's order each finding is as presumed if it can be, else has the first value that it can have. So they are the
same patients in every run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from expert.cases.coverage import Gap, Side
from expert.lang.errors import PatientError, UnprovedError
from expert.lang.premises import Premise
from expert.lang.values import Facts, Value
from expert.logic.cells import Cell
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation

if TYPE_CHECKING:
    from expert.solve.connectives import Formula
    from expert.solve.prove import Prover


class Missing(NamedTuple):
    """A patient that no case has, and what it would close: each gap with what is lacking there.

    Attributes:
        facts: what has to be given; ``None`` if the solver found no patient for a gap in time.
    """

    facts: Facts | None
    closes: tuple[tuple[Gap, str], ...]


def missing_cases(domain: Domain, gaps: Iterable[Gap]) -> Iterator[Missing]:
    """Patients who together close all gaps, each as soon as it is found; every side of a gap is told once."""
    open_sides = [(gap, side) for gap in gaps for side in gap.sides]
    smallest = Smallest(domain)
    while open_sides:
        facts = smallest.patient_in_time(open_sides[0][1].goal)
        if facts is None:
            closed = open_sides[:1]
        else:
            meets = _meeting(domain, facts)
            closed = [it for it in open_sides if meets(it[1])]
        open_sides = [it for it in open_sides if it not in closed]
        yield Missing(facts, tuple((gap, side.lacking) for gap, side in closed))


def _meeting(domain: Domain, facts: Facts) -> Callable[[Side], bool]:
    """Whether a patient meets a side, over what is known or with the presumptions."""
    background = domain.background(facts)
    over = [Evaluation(domain.definitions, some) for some in (background.known, background.all)]
    return lambda side: any(it.evaluate(side.goal) for it in over)


class Smallest:
    """Finds the smallest patient of whom something is known to hold, with the presumptions."""

    def __init__(self, domain: Domain) -> None:
        from expert.solve.prove import Prover

        self.domain = domain
        self.everybody = Prover(domain)
        self.prover: Prover = self.everybody
        inputs = domain.kb.inputs.values()
        self.presumed: dict[str, Value] = {
            it.name: value for it in inputs if (value := it.usual if it.default is None else it.default) is not None
        }

    def patient_in_time(self, goal: Premise) -> Facts | None:
        """The same; ``None`` also if the solver could not decide."""
        try:
            return self.patient(goal)
        except UnprovedError:
            return None

    def patient(self, goal: Premise) -> Facts | None:
        """What has to be given of the patient; ``None`` if no patient is so.

        Raises:
            UnprovedError: the solver could not decide.
        """
        partial = self.everybody.partial
        self.prover = self.everybody.under(partial.of(goal).holds, *(partial.known[name] for name in self.presumed))
        if not self.prover.possible():
            return None
        return self._given(self._least(self._fewest()), goal)

    def _fewest(self) -> Formula:
        """That no more findings deviate than must, where some patient is known to exist."""
        from expert.solve.connectives import at_most, negation

        deviations = [negation(self._as_presumed(name)) for name in self.domain.kb.inputs]
        most = 0
        while not self.prover.possible(bound := at_most(most, deviations)):
            most += 1
        return bound

    def _as_presumed(self, name: str) -> Formula:
        from expert.solve.connectives import negation

        usual = self.presumed.get(name)
        return negation(self.prover.partial.known[name]) if usual is None else self.prover.within(name, usual)

    def _least(self, bound: Formula) -> dict[str, Cell | None]:
        """The cell in which each finding lies; ``None`` if it is as presumed."""
        from expert.solve.connectives import is_true

        goals = [bound]
        model = self.prover.solver.model()
        chosen: dict[str, Cell | None] = {}
        for name in self.domain.kb.inputs:
            for cell, formula in self._preferences(name):
                if not is_true(model.eval(formula, model_completion=True)):
                    if not self.prover.possible(*goals, formula):
                        continue
                    model = self.prover.solver.model()
                goals.append(formula)
                chosen[name] = cell
                break
        return chosen

    def _preferences(self, name: str) -> Iterator[tuple[Cell | None, Formula]]:
        yield None, self._as_presumed(name)
        for cell in self.domain.cells[name]:
            yield cell, self.prover.within(name, cell.value)

    def _given(self, chosen: dict[str, Cell | None], goal: Premise) -> Facts | None:
        """What of it has to be said, so that the goal is known to hold with what is then presumed and forced."""
        deviating = {name: self._stated(name, cell) for name, cell in chosen.items() if cell is not None}
        whole = {**self.presumed, **deviating}
        given = deviating if self._known(deviating, goal) else {name: whole[name] for name in chosen if name in whole}
        for name in reversed(list(given)):
            less = {other: value for other, value in given.items() if other != name}
            if self._known(less, goal):
                given = less
        return given if self._known(given, goal) else None

    def _stated(self, name: str, cell: Cell) -> Value:
        value = self.domain.nearest(name, [cell], self.presumed.get(name))
        return cell.value if value is None else value

    def _known(self, given: Facts, goal: Premise) -> bool:
        try:
            facts = self.domain.background(given).all
        except PatientError:
            return False
        return Evaluation(self.domain.definitions, facts).evaluate(goal) is True
