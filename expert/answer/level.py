"""Rows of deviations evaluated by bits: the goals that they lead to, alone and with each further change.

A goal is a name that should hold: a step that is recommended, or an alert that is raised.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from expert.bits.background import BackgroundMasks, BackgroundProgram
from expert.bits.program import Mask, Masks, Program, Truths, union
from expert.lang.definitions import over_inputs
from expert.lang.facts import Background
from expert.lang.premises import Name, names_in
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
        self._same = {name: sum(1 << place for place in places) for name, places in self.places.items()}
        self.linked = sum(bits for name, bits in self._same.items() if name in domain.linked)
        self.present = sum(1 << place for place, (name, cell) in enumerate(self.changes) if cell.holds(now.get(name)))
        self.lifting = {name for name in cells if name in background.known} | domain.linked_to(kept) & cells.keys()

    def same(self, row: Row) -> Row:
        """All changes of the findings that a row changes."""
        found = 0
        for place in places_in(row):
            found |= self._same[self.changes[place][0]]
        return found

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

    def unrefuted(self, rows: Sequence[Row], goals: Iterable[Name]) -> list[Row]:
        """The rows for which some goal may be certain: no completion that is looked at refutes it."""
        program, backgrounds = programs(self.domain)
        run, whole = self.run(rows), (1 << len(rows)) - 1
        may = {goal: run.truths.may(goal) & run.possible for goal in goals}
        open_in = {name: mask for name in self.places if (mask := self._open(name, run, whole))}
        for where, facts in backgrounds.completed(run.given, run.backgrounds, open_in, whole):
            truths = program.run(facts, whole)
            may = {goal: mask & (~where | truths.may(goal)) for goal, mask in may.items()}
        return [rows[place] for place in places_in(union(may.values()))]

    def _open(self, name: str, run: Run, whole: Mask) -> Mask:
        """The variants in which a finding is unknown and may matter."""
        asked_if = self.domain.kb.inputs[name].asked_if
        where = whole & ~union(run.backgrounds.all.get(name, {}).values())
        if where and asked_if is not None:
            premise = over_inputs(asked_if, self.domain.kb)
            if all(it in run.truths.program.places for it in names_in(premise)):
                where &= run.truths.evaluate(premise)[0]
        return where


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


class Leading(NamedTuple):
    """The further changes of a row with which a goal holds, and those with which it may hold."""

    holds: Row
    may: Row


class Level:
    """Some rows, and the goals that they lead to with each further change."""

    def __init__(self, near: Neighbourhood, rows: Sequence[Row], goals: Sequence[Name]) -> None:
        self.near, self.goals = near, goals
        self._run = near.run(rows)
        self._indices = {row: index for index, row in enumerate(rows)}
        self._leading: dict[Row, dict[Name, Leading]] = {}

    def leading(self, rows: Sequence[Row]) -> list[Mapping[Name, Leading]]:
        """For each of some rows the further changes that lead to each goal."""
        missing = [row for row in rows if row not in self._leading]
        size = max(1, -(-len(self.near.changes) // 8))
        chunk = max(1, CHUNK // (8 * size))
        for start in range(0, len(missing), chunk):
            self._look(missing[start : start + chunk], size)
        return [self._leading[row] for row in rows]

    def _look(self, rows: Sequence[Row], size: int) -> None:
        """Run rows with each further change, with ``size`` bytes of a mask for each row."""
        run = self.near.run(rows, 8 * size)
        self._leading |= {row: {} for row in rows}
        for goal in self.goals:
            truths = run.truths.holds(goal), run.truths.may(goal)
            holds, may = (_split(truth & run.possible, len(rows), size) for truth in truths)
            for row, *leading in zip(rows, holds, may, strict=True):
                self._leading[row][goal] = Leading(*leading)

    @cached_property
    def _present(self) -> Mapping[int, Mask]:
        """For each change of a linked finding, the rows in which the finding already has that value."""
        return {place: self._run.present(self.near.changes[place]) for place in places_in(self.near.linked)}

    def free(self, row: Row) -> Row:
        """The changes of further findings that differ from their values in a row."""
        near = self.near
        free = near.whole & ~near.same(row)
        if not row & near.linked:
            return free & ~near.present
        index = self._indices[row]
        return free & ~sum(1 << place for place, mask in self._present.items() if mask >> index & 1)

    def leading_on(self, rows: Sequence[Row], goal: Name | None) -> dict[Row, Row]:
        """For each row the changes at least one of which every deviation to a goal needs.

        Without a goal, every deviation to any step but the row's own.
        """
        places, among = self.near.places, 0
        for row in rows:
            among |= 1 << self._indices[row]
        changed = self._run.changed
        wanted: dict[str, Mask] = {}
        for name, mask in self._run.truths.reasons(self._wanted(among, goal)).items():
            for other in self.near.domain.linked_to([name]):
                wanted[other] = wanted.get(other, 0) | mask
        for name in self.near.lifting:
            linked = self.near.domain.linked_to([name])
            touched = union(changed[place] for other in linked for place in places.get(other, ()))
            wanted[name] = wanted.get(name, 0) | touched & among & ~self._run.possible
        found = [0] * len(self._indices)
        for name in wanted.keys() & places.keys():
            bits = sum(1 << place for place in places[name])
            for index in places_in(wanted[name]):
                found[index] |= bits
        return {row: found[self._indices[row]] for row in rows}

    def _wanted(self, among: Mask, goal: Name | None) -> dict[Name, Mask]:
        """The names whose truth must change, each with the rows concerned."""
        left = among & self._run.possible
        if goal:
            return {goal: left}
        goals: dict[Name, Mask] = {}
        for name in self.near.domain.kb.steps:  # these make a step certain or leave it open
            goals["available", name] = left
            left &= ~self._run.truths.holds(("available", name))
        return goals


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


def _split(mask: Mask, rows: int, size: int) -> list[Row]:
    """The bytes of a mask that belong to each row."""
    text = mask.to_bytes(rows * size, "little")
    return [int.from_bytes(text[start : start + size], "little") for start in range(0, len(text), size)]
