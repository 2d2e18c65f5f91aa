"""Deviations from a presumed patient, and the steps and alerts that they lead to.

A deviation changes the values of some findings; presumptions are then made again. A conclusion changes only if one of
its reasons does, so the search is limited to these and the findings behind them (R. Reiter, *A theory of diagnosis from
first principles*, Artificial Intelligence 32 (1987) 57-95, section 4). See `expert.answer.search` for the search, whose
rows of one size are evaluated at once by bits. The few that a case split by bits leaves undecided go one by one to that
of `expert.solve.case_split`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice, zip_longest

from expert.answer.level import CellChange, Neighbourhood, Row, places_in
from expert.answer.search import MOST_AHEAD, Completing, Searches
from expert.bits.program import union
from expert.lang.facts import Background
from expert.lang.premises import Concluded, Name
from expert.lang.values import Facts
from expert.logic.cells import Cell
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from expert.solve.case_split import can_hold, certain_step, is_certain

MOST_ROWS = 20_000
"""About the number of rows after which a search for the shortest deviations is given up."""

ASK_AFTER = MOST_AHEAD
"""The number of rows after which the search asks whether the goal is possible at all."""

FEW = 2
"""The size of deviations up to which a search leaves withheld presumptions open."""

Deviation = frozenset[CellChange]


class Deviations:
    """The deviations from one presumed patient.

    ``goals`` are what they may lead to, by default the steps; ``cells`` are the values that findings may take, by
    default all values of unknown findings; ``kept`` are facts that must not change, not even through constraints.
    """

    def __init__(
        self,
        domain: Domain,
        background: Background,
        presumed: Evaluation,
        goals: Sequence[Name] | None = None,
        cells: Mapping[str, Sequence[Cell]] | None = None,
        kept: Facts | None = None,
    ) -> None:
        self.domain, self.background, self.presumed = domain, background, presumed
        if cells is None:
            cells = {name: its for name, its in domain.cells.items() if name not in background.known}
        self._cells = cells
        self._ladder = domain.definitions.steps
        self.goals = self._ladder if goals is None else goals
        self.near = Neighbourhood(domain, background, self.goals, cells, kept or {})
        self._steps: dict[Deviation, str | None] = {}
        self._searches = Searches(
            self.near,
            lambda row, goal: self.leads_to(self._deviation(row), goal),
            FEW if background.not_presumed else None,
        )
        self._are_possible: dict[Name, bool] = {}

    @cached_property
    def recommended(self) -> str | None:
        """The step that is certain for the presumed patient."""
        return certain_step(self.domain, self.presumed)

    # --- one deviation

    def is_plausible(self, deviation: Deviation) -> bool:
        """Whether values of a deviation can be given besides what is given, and not be refused."""
        values = {name: cell.value for name, cell in deviation}
        given = {name: value for name, value in self.background.given.items() if name not in values}
        return self.domain.plausible({**given, **values}, given) is not None

    def evaluation(self, deviation: Deviation) -> Evaluation | None:
        """The patient with a deviation, presumptions made again; ``None`` if it is impossible."""
        values = {name: cell.value for name, cell in deviation}
        if not values:
            return self.presumed
        if not any(name in self.domain.linked for name in values):
            return self.presumed.with_values(values)
        background = self.domain.possible_background({**self.background.given, **values})
        if background is None:
            return None
        facts = background.all
        if any(facts.get(name) != value for name, value in self.near.kept.items()):
            return None
        old = self.presumed.facts
        if old.keys() <= facts.keys():
            return self.presumed.with_values({name: value for name, value in facts.items() if old.get(name) != value})
        return Evaluation(self.domain.definitions, facts)

    def step(self, deviation: Deviation) -> str | None:
        """The step that is certain for the patient with a deviation; ``None`` also if it is impossible."""
        if deviation not in self._steps:
            evaluation = self.evaluation(deviation)
            self._steps[deviation] = certain_step(self.domain, evaluation) if evaluation else None
        return self._steps[deviation]

    def leads_to(self, deviation: Deviation, goal: Name) -> bool:
        """Whether a goal is certain for the patient with a deviation."""
        if goal[0] == "recommended":
            return self.step(deviation) == goal[1]
        evaluation = self.evaluation(deviation)
        return evaluation is not None and is_certain(self.domain, evaluation, goal)

    # --- the search

    def minimal(self, step: str | None = None, most: int | None = None) -> dict[Deviation, str]:
        """All minimal deviations of up to ``most`` findings that lead to a step, the smallest first.

        Without a step, they lead to any step but the recommended one.
        """
        ladder = (it for it in self._ladder if it != ("recommended", self.recommended))
        goals = [("recommended", step)] if step else list(ladder)
        self._searches.begin(goals, most or 0)
        searches = [(it.found for it in self._searches.levels(goal) if it.found is not None) for goal in goals]
        found: dict[Row, str] = {}
        for level in zip_longest(*(islice(levels, most and most + 1) for levels in searches), fillvalue=list[Row]()):
            completing = Completing(found)
            leading = {row: goal[1] for goal, rows in zip(goals, level, strict=True) for row in rows}
            found |= {row: leading[row] for row in sorted(leading) if not completing.of(row) & row}
        return {self._deviation(row): leads_to for row, leads_to in found.items()}

    def shortest(self, goal: Name) -> tuple[list[Deviation], bool]:
        """The shortest deviations that lead to a goal, and whether the search is complete.

        There are none if the goal is impossible, or if the bound is reached. Where presumptions are withheld,
        deviations of more than `FEW` findings begin with their usual values, and no others are looked for.
        """
        size = -1
        self._searches.begin(self.goals)
        for level in self._searches.levels(goal):
            if level.found is None:
                if level.met > ASK_AFTER and not self._possible(goal):
                    break
                if level.met > MOST_ROWS:
                    return [], False
                continue
            size += 1
            if level.found:
                return [self._deviation(row) for row in self._in_order(level.found, goal)], True
            if size == FEW and self._asked:
                values, asked = self._asked
                if found := asked.shortest(goal)[0]:
                    return [values | it for it in found], False
        return [], True

    @cached_property
    def _asked(self) -> tuple[Deviation, Deviations] | None:
        """The withheld presumptions as changes, and the deviations from the patient with these changes."""
        usual = self.domain.usual
        withheld = {name: usual[name] for name in self.background.not_presumed if name in usual and name in self._cells}
        background = withheld and self.domain.possible_background({**self.background.given, **withheld})
        if not background:
            return None
        presumed = Evaluation(self.domain.definitions, background.all)
        changes = frozenset((name, self.domain.cell_of(name, value)) for name, value in withheld.items())
        cells = {name: its for name, its in self._cells.items() if name not in background.known}
        return changes, Deviations(self.domain, background, presumed, self.goals, cells)

    def _possible(self, goal: Name) -> bool:
        if goal not in self._are_possible:
            known = Evaluation(self.domain.definitions, self.background.known)
            self._are_possible[goal] = can_hold(self.domain, known, Concluded(goal))
        return self._are_possible[goal]

    def _deviation(self, row: Row) -> Deviation:
        return frozenset(self.near.changes[place] for place in places_in(row))

    # --- the order of what is found

    def _in_order(self, found: Iterable[Row], goal: Name) -> Iterator[Row]:
        """Deviations of one size in the order in which a depth-first search over their reasons meets them."""
        found, seen = list(found), set[Row]()

        def met(row: Row, ahead: list[Row]) -> Iterator[Row]:
            left = (ahead[0] & ~row).bit_count()
            if left == 0:
                yield row
                return
            near = union(ahead) & ~row
            for place in places_in(near & self._reasons(row, goal) if left > 1 else near):
                further = row | 1 << place
                if further not in seen and (rest := [it for it in ahead if it >> place & 1]):
                    seen.add(further)
                    yield from met(further, rest)

        return met(0, list(found))

    def _reasons(self, row: Row, goal: Name) -> Row:
        """The changes of the reasons for which a row does not lead to a goal."""
        evaluation = self.evaluation(self._deviation(row))
        names: Iterable[str] = self.near.lifting
        if evaluation:
            names = self.domain.linked_to(evaluation.reasons(Concluded(goal)))
        return union(1 << place for name in names for place in self.near.places.get(name, ()))
