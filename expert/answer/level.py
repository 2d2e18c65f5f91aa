"""Rows of deviations evaluated by bits: the goals that they lead to, alone and with each further change.

A goal is a name that should hold: a step that is recommended, or an alert that is raised.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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

CHUNK = 1 << 17
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

    def run(self, rows: Sequence[Row], width: int = 1) -> Run:
        """Evaluate rows; with a ``width``, each row with each of the first ``width`` changes."""
        program, backgrounds = programs(self.domain)
        whole, block = (1 << len(rows) * width) - 1, (1 << width) - 1
        first = whole // block if width > 1 else 0
        changed = [first << place for place in range(len(self.changes))]
        for index, row in enumerate(rows):
            for place in places_in(row):
                changed[place] |= block << index * width
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
    """Some rows, and what changes a goal still needs in each."""

    def __init__(self, near: Neighbourhood, rows: Iterable[Row], goals: Sequence[Name] = ()) -> None:
        """``goals`` are those for which the rows are settled together."""
        self.near, self.rows, self._goals = near, list(rows), goals
        self._indices = {row: index for index, row in enumerate(self.rows)}
        self._program, self._backgrounds = programs(near.domain)
        self._moving: dict[str, dict[str, Mask]] = {}
        self._runs: dict[int, Run] = {}

    @cached_property
    def _run(self) -> Run:
        return self.near.run(self.rows)

    def _among(self, rows: Iterable[Row]) -> Mask:
        return union(1 << self._indices[row] for row in rows) & self._run.possible

    def certain(self, goal: Name) -> tuple[list[Row], list[Row]]:
        """The rows for which a goal is certain, and those for which that is left undecided."""
        found, undecided = self._settled
        certain = found.get((self._program.places[goal], True), 0)
        return [self.rows[it] for it in places_in(certain & ~undecided)], [self.rows[it] for it in places_in(undecided)]

    @cached_property
    def _settled(self) -> tuple[dict[Demand, Mask], Mask]:
        return self._certain({(self._program.places[goal], True): self._run.possible for goal in self._goals})

    def leading(self, rows: Iterable[Row], goal: Name) -> Iterator[tuple[Row, Row]]:
        """For each of some rows the further changes with which a goal holds, and those with which it may hold."""
        size = max(1, -(-len(self.near.changes) // 8))
        chunk = max(1, CHUNK // (8 * size))
        found: dict[int, tuple[bytes, bytes]] = {}
        for row in rows:
            number, place = divmod(self._indices[row], chunk)
            if number not in self._runs:
                self._runs[number] = self.near.run(self.rows[number * chunk :][:chunk], 8 * size)
            if number not in found:
                run = self._runs[number]
                holds, may = run.truths.holds(goal) & run.possible, run.truths.may(goal) & run.possible
                found[number] = holds.to_bytes(size * chunk, "little"), may.to_bytes(size * chunk, "little")
            holding, possible = (its[size * place :][:size] for its in found[number])
            yield int.from_bytes(holding, "little"), int.from_bytes(possible, "little")

    def _certain(self, goals: Mapping[Demand, Mask]) -> tuple[dict[Demand, Mask], Mask]:
        return certain(self._run.truths, self._backgrounds, self.near.domain.cells, goals)

    def needs(self, rows: Iterable[Row], goal: Name) -> dict[Row, list[Row]]:
        """For each of some rows sets of changes: every deviation to a goal needs one of each set."""
        run, wanted = self._run, {row: list[Row]() for row in rows}
        among = self._among(wanted)
        left = {it: among & ~run.truths.sure(it) for it in self._program.demands(goal)}
        certain, undecided = self._certain({it: mask & run.truths.possible(it) for it, mask in left.items()})
        for demand, mask in left.items():
            if unmet := mask & ~certain.get(demand, 0) & ~undecided:
                for changes, where in self._changes(run.truths.reasons_of({demand[0]: unmet}), unmet).items():
                    for index in places_in(where):
                        wanted[self.rows[index]].append(changes)
        for row in (row for row in wanted if not run.possible >> self._indices[row] & 1):
            wanted[row].append(self._lifting(row))
        return wanted

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

    @cached_property
    def _present(self) -> list[Row]:
        """For each row, the changes of linked findings that give a finding the value that it already has."""
        near, whole = self.near, (1 << len(self.rows)) - 1
        found = [near.present] * len(self.rows)
        for place in places_in(near.linked):
            usually = whole if near.present >> place & 1 else 0
            for index in places_in(usually ^ self._run.present(near.changes[place])):
                found[index] ^= 1 << place
        return found

    def free(self, row: Row) -> Row:
        """The changes that differ from the values in a row."""
        return self.near.whole & ~self._present[self._indices[row]]


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
