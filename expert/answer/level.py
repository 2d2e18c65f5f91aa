"""Rows of deviations evaluated by bits: the goals that they lead to, alone and with each further change.

A goal is a name that should hold: a step that is recommended, or an alert that is raised.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property, lru_cache
from typing import NamedTuple

from expert.bits.background import BackgroundMasks, BackgroundProgram
from expert.bits.case_split import certain
from expert.bits.program import Demand, Mask, Masks, Program, Truths, union
from expert.lang.facts import Background
from expert.lang.premises import Name
from expert.lang.values import Facts, Value
from expert.logic.cells import Cell
from expert.logic.domain import Domain

MOST_AT_ONCE = 1 << 17
"""About the number of variants in one run; masks of more would not fit into the processor's cache."""

CellChange = tuple[str, Cell]

Row = int
"""A set of changes, one bit each."""


class Neighbourhood:
    """The changes of a presumed patient that can affect some goals, numbered.

    Attributes:
        changes: the changes, in the vocabulary's order.
        places: the places of the changes of each finding.
        whole: all of them as one row.
        linked: those of findings whose value may change when others do (see `expert.logic.domain.Domain.linked`).
        present: those that give a finding the value that it already has.
        lifting: the findings whose changes may make an impossible patient possible again.
    """

    def __init__(
        self,
        domain: Domain,
        background: Background,
        goals: Iterable[Name],
        cells: Mapping[str, Sequence[Cell]],
        kept: Facts,
    ) -> None:
        """``cells`` are the values that findings may take; ``kept`` are facts that may not change."""
        self.domain, self.background, self.kept = domain, background, kept
        now = background.all
        self.changes = [
            (name, cell)
            for name in domain.in_order(domain.swaying(goals) & cells.keys())
            for cell in cells[name]
            if name in domain.linked or not cell.holds(now.get(name))
        ]
        self.places: dict[str, list[int]] = {}
        for place, (name, _) in enumerate(self.changes):
            self.places.setdefault(name, []).append(place)
        self.whole = (1 << len(self.changes)) - 1
        self.bits = {name: sum(1 << place for place in places) for name, places in self.places.items()}
        self.linked = sum(bits for name, bits in self.bits.items() if name in domain.linked)
        self.present = sum(1 << place for place, (name, cell) in enumerate(self.changes) if cell.holds(now.get(name)))
        self.lifting = {name for name in cells if name in background.known} | domain.linked_to(kept) & cells.keys()

    def same(self, place: int) -> Row:
        """All changes of the finding that a change is about."""
        return self.bits[self.changes[place][0]]

    def names(self, row: Row) -> list[str]:
        """The findings that a row changes."""
        return [name for name, bits in self.bits.items() if bits & row]

    def leading(self, rows: Sequence[Row], goal: Name) -> Iterator[Row]:
        """For each of some rows the further changes with which a goal may hold, by few runs of many variants."""
        size = max(1, -(-len(self.changes) // 8))
        chunk = max(1, MOST_AT_ONCE // (8 * size))
        for start in range(0, len(rows), chunk):
            some = rows[start : start + chunk]
            run = self.run(some, 8 * size)
            may = (run.truths.may(goal) & run.possible).to_bytes(size * len(some), "little")
            for place in range(0, len(may), size):
                yield int.from_bytes(may[place : place + size], "little")

    def run(self, rows: Sequence[Row], width: int = 1) -> Run:
        """Evaluate rows, each a variant; with a ``width``, each row with each of the first ``width`` changes."""
        program, backgrounds = programs(self.domain)
        whole, block = (1 << len(rows) * width) - 1, (1 << width) - 1
        each = whole // block if width > 1 else 0
        changed = [each << place for place in range(len(self.changes))]
        for index, row in enumerate(rows):
            bit = block << index * width
            while row:  # inlined from places_in, as there may be many
                lowest = row & -row
                changed[lowest.bit_length() - 1] |= bit
                row ^= lowest
        given: dict[str, dict[Value, Mask]] = {
            name: {self.changes[place][1].value: changed[place] for place in places if changed[place]}
            for name, places in self.places.items()
        }
        for name, value in self.background.given.items():
            values = given.setdefault(name, {})
            values[value] = whole & ~union(values.values())
        found = backgrounds.run(given, whole)
        possible = found.possible
        for name, value in self.kept.items():
            possible &= found.all.get(name, {}).get(value, 0)
        return Run(changed, given, found, possible, program.run(found.all, whole))


class Run(NamedTuple):
    """The results for some variants.

    Attributes:
        changed: for each change the variants that make it.
        given: what is given in each variant.
        backgrounds: what is known and presumed.
        possible: the variants that a patient can be.
        truths: what follows.
    """

    changed: list[Mask]
    given: Masks
    backgrounds: BackgroundMasks
    possible: Mask
    truths: Truths

    def present(self, change: CellChange) -> Mask:
        """The possible variants in which a finding already has the value of a change."""
        name, cell = change
        values = self.backgrounds.all.get(name, {})
        return self.possible & union(mask for value, mask in values.items() if cell.holds(value))


class Level:
    """Some rows for each of several goals: those that lead to the goal, and what changes it needs in the others.

    A row that several goals have is as many variants: the case split of one goal does not multiply that of another.
    """

    def __init__(self, near: Neighbourhood, wanted: Mapping[Name, Sequence[Row]], apart: Set[Name]) -> None:
        """``wanted`` are the rows of each goal; goals of which needs are asked are taken ``apart``."""
        self.near = near
        self.rows = [row for rows in wanted.values() for row in rows]
        program, self._backgrounds = programs(near.domain)
        self._moving: dict[str, dict[str, Mask]] = {}
        self._ranges: dict[Name, range] = {}
        self._demands: dict[Name, Sequence[Demand]] = {}
        self._apart = apart & wanted.keys()
        start = 0
        for goal, rows in wanted.items():
            self._ranges[goal] = range(start, start := start + len(rows))
            self._demands[goal] = program.demands(goal) if goal in apart else [(program.places[goal], True)]

    @cached_property
    def _run(self) -> Run:
        return self.near.run(self.rows)

    def _of(self, goal: Name) -> Mask:
        """The variants of a goal."""
        its = self._ranges[goal]
        return (1 << its.stop) - (1 << its.start)

    @cached_property
    def _settled(self) -> tuple[dict[Demand, Mask], Mask]:
        """The possible variants in which each demand is not certain to be met, and those left undecided."""
        truths, wanted = self._run.truths, dict[Demand, Mask]()
        for goal, demands in self._demands.items():
            its = self._of(goal) & self._run.possible
            for demand in demands:
                wanted[demand] = wanted.get(demand, 0) | its
        left = {it: mask & ~truths.sure(it) for it, mask in wanted.items()}
        open_in = {it: mask & truths.possible(it) for it, mask in left.items()}
        certain_in, undecided = certain(truths, self._backgrounds, self.near.domain.cells, open_in)
        return {it: mask & ~certain_in.get(it, 0) & ~undecided for it, mask in left.items()}, undecided

    def certain(self, goal: Name) -> tuple[list[Row], list[Row]]:
        """The rows for which a goal is certain, and those for which that is left undecided."""
        unmet, undecided = self._settled
        its = self._of(goal) & self._run.possible
        missing = undecided | union(unmet[demand] for demand in self._demands[goal])
        return [self.rows[it] for it in places_in(its & ~missing)], [self.rows[it] for it in places_in(its & undecided)]

    @cached_property
    def _needs(self) -> list[list[Row]]:
        run = self._run
        found: list[list[Row]] = [[] for _ in self.rows]
        wanted = union(map(self._of, self._apart))
        for (node, _), mask in self._settled[0].items():
            if unmet := mask & wanted:
                for changes, where in self._changes(run.truths.reasons_of({node: unmet}), unmet).items():
                    for index in places_in(where):
                        found[index].append(changes)
        for index in places_in(wanted & ~run.possible):
            found[index].append(self._lifting(self.rows[index]))
        return found

    def needs(self, goal: Name) -> list[list[Row]]:
        """For each row of a goal sets of changes: every deviation to the goal needs one of each set."""
        its = self._ranges[goal]
        return self._needs[its.start : its.stop]

    def free(self, goal: Name) -> list[Row]:
        """For each row of a goal the changes that differ from its values."""
        its, near = self._ranges[goal], self.near
        whole = self._of(goal)
        found = [near.whole & ~near.present] * len(its)
        for name in near.domain.linked_to(near.names(union(self.rows[its.start : its.stop]) & near.linked)):
            for place in near.places.get(name, ()):
                usually = whole if near.present >> place & 1 else 0
                for index in places_in((usually ^ self._run.present(near.changes[place]) & whole) >> its.start):
                    found[index] ^= 1 << place
        return found

    def _changes(self, names: Mapping[str, Mask], among: Mask) -> dict[Row, Mask]:
        """The changes of some findings and of those behind them, which are the same in many rows."""
        found = {0: among}
        for name, mask in self._all_behind(names).items():
            if bits := self.near.bits.get(name, 0):
                split: dict[Row, Mask] = {}
                for changes, its in found.items():
                    for key, part in ((changes | bits, its & mask), (changes, its & ~mask)):
                        if part:  # no call, as there may be many
                            split[key] = split[key] | part if key in split else part
                found = split
        return found

    def _all_behind(self, names: Mapping[str, Mask]) -> dict[str, Mask]:
        found: dict[str, Mask] = {}
        for name, mask in names.items():
            if name not in self.near.domain.linked:
                found[name] = found.get(name, 0) | mask
                continue
            for other, moving in self._behind(name).items():
                found[other] = found.get(other, 0) | mask & moving
        return found

    def _behind(self, name: str) -> Mapping[str, Mask]:
        """The findings whose change may change what counts of a finding, each with the rows."""
        if name not in self._moving:
            whole = (1 << len(self.rows)) - 1
            self._moving[name] = self._backgrounds.behind({name: whole}, self._fixed)
        return self._moving[name]

    @cached_property
    def _fixed(self) -> Masks:
        """The values that can no longer change in each row."""
        changes, changed, places = self.near.changes, self._run.changed, self.near.places
        fixed = {name: values for name, values in self._run.given.items() if name not in places}
        return fixed | {name: {changes[it][1].value: changed[it] for it in its} for name, its in places.items()}

    def _lifting(self, row: Row) -> Row:
        """The changes that may make an impossible row possible."""
        near, found = self.near, 0
        for name in near.lifting:
            linked = near.domain.linked_to([name])
            if any(row & near.bits.get(other, 0) for other in linked):
                found |= near.bits.get(name, 0)
        return found


@lru_cache(4)
def programs(domain: Domain) -> tuple[Program, BackgroundProgram]:
    """The definitions that recommended steps and alerts depend on, and the constraints, compiled once."""
    goals = (*domain.definitions.steps, *domain.definitions.alerts)
    return Program(domain.definitions, goals), BackgroundProgram(domain)


def places_in(mask: Mask) -> Iterator[int]:
    """The places of the bits of a mask, lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
