"""The patients whose cases would close the gaps of the coverage.

The smallest patient who closes the first gap is found; all further gaps that this patient closes are closed too; then
the next is found. *Smallest* counts the findings in which a complete patient is not as presumed; a finding of which
nothing is presumed counts if it is known. Among patients of one size the least is taken: in the vocabulary's order each
finding is as presumed if it can be, else has the first value that it can have. So every run finds the same patients.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from expert.cases.coverage import Gap, Situation
from expert.lang.errors import UnprovedError
from expert.lang.premises import Premise
from expert.lang.values import Facts, Value, needed
from expert.logic.cells import Cell
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation

if TYPE_CHECKING:
    from expert.solve.connectives import Formula
    from expert.solve.prove import Prover


class MissingCase(NamedTuple):
    """A patient that no case has, and what it would close: each gap with what is lacking there.

    Attributes:
        facts: what must be given; ``None`` if the solver found no patient for a gap in time.
    """

    facts: Facts | None
    closes: tuple[tuple[Gap, str], ...]


def missing_cases(domain: Domain, gaps: Iterable[Gap]) -> Iterator[MissingCase]:
    """Patients who together close all gaps, each as soon as it is found; every situation is in one of them."""
    open_situations = [(gap, situation) for gap in gaps for situation in gap.situations]
    smallest = Smallest(domain)
    while open_situations:
        facts = smallest.patient_in_time(open_situations[0][1].goal)
        if facts is None:
            closed = open_situations[:1]
        else:
            meets = _meeting(domain, facts)
            closed = [it for it in open_situations if meets(it[1])]
        open_situations = [it for it in open_situations if it not in closed]
        yield MissingCase(facts, tuple((gap, situation.lacking) for gap, situation in closed))


def _meeting(domain: Domain, facts: Facts) -> Callable[[Situation], bool]:
    """Whether a patient is in a situation, over what is known or with the presumptions."""
    background = domain.possible_background(facts)
    assert background is not None
    over = [Evaluation(domain.definitions, some) for some in (background.known, background.all)]
    return lambda situation: any(it.evaluate(situation.goal) for it in over)


class Smallest:
    """Finds the smallest patient for whom something is known to hold, with the presumptions."""

    def __init__(self, domain: Domain) -> None:
        from expert.solve.prove import Prover

        self.domain = domain
        self.all_patients = Prover(domain)
        self.prover: Prover = self.all_patients
        self.presumed = domain.presumed

    def patient_in_time(self, goal: Premise) -> Facts | None:
        """Like `patient`, but ``None`` also if the solver could not decide."""
        try:
            return self.patient(goal)
        except UnprovedError:
            return None

    def patient(self, goal: Premise) -> Facts | None:
        """What must be given of the patient; ``None`` if there is no such patient.

        Raises:
            UnprovedError: the solver could not decide.
        """
        from expert.solve.connectives import negation

        partial = self.all_patients.partial
        self.prover = self.all_patients.under(partial.of(goal).holds, *(partial.known[name] for name in self.presumed))
        if not self.prover.possible():
            return None
        given = {name: negation(self._as_presumed(name)) for name in self.domain.kb.inputs}
        plausible = self.prover.under(*self.prover.plausible(given))
        if plausible.possible():
            self.prover = plausible
        return self._given(self._least(self._fewest()), goal)

    def _fewest(self) -> Formula:
        """The bound that no more findings deviate than necessary; some patient is known to exist."""
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
        """The part that must be given so that the goal is known to hold with what is presumed and forced."""
        deviating = {name: self._stated(name, cell) for name, cell in chosen.items() if cell is not None}
        whole = {**self.presumed, **deviating}
        given = deviating if self._known(deviating, goal) else {name: whole[name] for name in chosen if name in whole}
        given = needed(given, lambda fewer: self._known(fewer, goal))
        return (self.domain.plausible(given) or given) if self._known(given, goal) else None

    def _stated(self, name: str, cell: Cell) -> Value:
        value = self.domain.nearest(name, [cell], self.presumed.get(name))
        return cell.value if value is None else value

    def _known(self, given: Facts, goal: Premise) -> bool:
        background = self.domain.possible_background(given)
        return background is not None and Evaluation(self.domain.definitions, background.all).evaluate(goal) is True
