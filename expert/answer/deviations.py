"""Deviations from a presumed patient, and the steps and alerts that they lead to.

A deviation changes the values of some findings; presumptions are then made again. A conclusion changes only if one of
its reasons does, so the search is limited to these and the findings that are linked to them (R. Reiter, *A theory
of diagnosis from first principles*, Artificial Intelligence 32 (1987) 57-95, section 4). Deviations of one size are a
level of the search, which a few runs of bits evaluate at once. Deviations that Kleene's logic leaves open go one by one
to the exact case split.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from expert.answer.level import CellChange, Level, Neighbourhood, Row, places_in
from expert.bits.program import union
from expert.lang.facts import Background
from expert.lang.premises import Concluded, Name
from expert.lang.values import Facts
from expert.logic.cells import Cell
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from expert.solve.case_split import can_hold, certain_step, is_certain

MOST_ROWS = 20_000
"""The most deviations of one size from which the search for the shortest ones continues."""

ASK_AFTER = 3
"""The size of deviations after which the search first asks whether the step is possible at all."""

ONE_BY_ONE = 3
"""So few open deviations are settled one by one; of more, those that some completion refutes are first left out."""

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
        self._ladder = domain.definitions.steps
        self.goals = self._ladder if goals is None else goals
        self.near = Neighbourhood(domain, background, self.goals, cells, kept or {})
        self._steps: dict[Deviation, str | None] = {}

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
        levels = filter(None, self._levels(("recommended", step) if step else None, most))
        return {self._deviation(row): goal[1] for level in levels for row, goal in sorted(level.items())}

    def shortest(self, goal: Name) -> tuple[list[Deviation], bool]:
        """The shortest deviations that lead to a goal, and whether the search is complete.

        There are none if the goal is impossible, or if the bound is reached. Where presumptions are withheld,
        deviations of more than `FEW` findings begin with their usual values, and no others are looked for.
        """
        for size, level in enumerate(self._levels(goal, bound=MOST_ROWS)):
            if level is None:
                return [], not self._possible(goal)
            if level:
                return [self._deviation(row) for row in self._in_order(level, goal)], True
            if size == FEW and self._asked:
                values, asked = self._asked
                if found := asked.shortest(goal)[0]:
                    return [values | it for it in found], False
            if size == ASK_AFTER and not self._possible(goal):
                break
        return [], True

    @cached_property
    def _asked(self) -> tuple[Deviation, Deviations] | None:
        """The withheld presumptions as changes, and the deviations from the patient with these changes."""
        usual = self.domain.usual
        withheld = {name: usual[name] for name in self.background.not_presumed if name in usual}
        background = withheld and self.domain.possible_background({**self.background.given, **withheld})
        if not background:
            return None
        presumed = Evaluation(self.domain.definitions, background.all)
        changes = frozenset((name, self.domain.cell_of(name, value)) for name, value in withheld.items())
        return changes, Deviations(self.domain, background, presumed, self.goals)

    def _possible(self, goal: Name) -> bool:
        known = Evaluation(self.domain.definitions, self.background.known)
        return can_hold(self.domain, known, Concluded(goal))

    def _deviation(self, row: Row) -> Deviation:
        return frozenset(self.near.changes[place] for place in places_in(row))

    def _levels(
        self, goal: Name | None, most: int | None = None, bound: int | None = None
    ) -> Iterator[dict[Row, Name] | None]:
        """The minimal deviations of no finding, of one, of two ... that lead to a goal.

        A search that reaches its bound ends with ``None``.
        """
        reached = goal is not None and self.leads_to(frozenset(), goal)
        yield {0: goal} if reached and goal else {}
        rows = [] if reached else [0]
        before: dict[Row, Name] = {}
        size = 0
        while rows:
            size += 1
            if bound is not None and len(rows) > bound:
                yield None
                return
            level = self._first if size <= 2 else Level(self.near, rows, [goal] if goal else self._ladder)
            completing = _Completing(before)
            free = {row: level.free(row) & ~completing.of(row) for row in rows}
            found = self._leading(level, free, goal)
            yield found
            if size == most:
                return
            ahead = level.leading_on(rows, goal)
            further = dict.fromkeys(row | 1 << place for row in rows for place in places_in(ahead[row] & free[row]))
            rows = [row for row in further if row not in found]
            before |= found

    @cached_property
    def _first(self) -> Level:
        """The presumed patient and the single changes, with which every search begins."""
        return Level(self.near, [0, *(1 << place for place in places_in(self.near.whole))], self.goals)

    def _leading(self, level: Level, free: Mapping[Row, Row], goal: Name | None) -> dict[Row, Name]:
        """The rows with one of their free changes that lead to a goal."""
        others = [goal] if goal else [it for it in self._ladder if it != ("recommended", self.recommended)]
        found: dict[Row, Name] = {}
        undecided: dict[Row, Row] = {}
        for (row, left), leading in zip(free.items(), level.leading(list(free)), strict=True):
            for it in others:
                holds, may = leading[it]
                found |= dict.fromkeys([row | 1 << place for place in places_in(left & holds)], it)
                if open_ones := left & may & ~holds:
                    undecided[row] = undecided.get(row, 0) | open_ones
                left &= ~may
        ahead = level.leading_on(list(undecided), goal) if undecided else {}
        rows = [row | 1 << place for row, places in ahead.items() for place in places_in(places & undecided[row])]
        for row in self.near.unrefuted(rows, others) if len(rows) > ONE_BY_ONE else rows:
            if leads_to := self._leads_to(self._deviation(row), goal):
                found[row] = leads_to
        return found

    def _leads_to(self, deviation: Deviation, goal: Name | None) -> Name | None:
        """The goal, if a deviation leads to it; without one, the step other than the recommended that it leads to."""
        if goal:
            return goal if self.leads_to(deviation, goal) else None
        step = self.step(deviation)
        return ("recommended", step) if step and step != self.recommended else None

    # --- the order of what is found

    def _in_order(self, found: Iterable[Row], goal: Name) -> Iterator[Row]:
        """Deviations of one size in the order in which a depth-first search over their reasons meets them."""
        seen: set[Row] = set()

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


class _Completing:
    """The changes with which a row would contain an earlier deviation."""

    def __init__(self, found: Iterable[Row]) -> None:
        self._alone = 0
        self._with: dict[int, list[Row]] = {}
        for row in found:
            if row.bit_count() == 1:
                self._alone |= row
            for place in places_in(row):
                self._with.setdefault(place, []).append(row)

    def of(self, row: Row) -> Row:
        """The changes that complete an earlier deviation in a row."""
        completing = self._alone
        for place in places_in(row):
            for other in self._with.get(place, ()):
                rest = other & ~row
                if rest & (rest - 1) == 0:
                    completing |= rest
        return completing
