"""The search for the smallest sets of changes that lead to a goal.

A row, which is a set of changes, that does not lead to the goal needs one change of each of several sets. Sets that
share no change need one each, so their number says how many changes a row needs at least: it waits until deviations are
that large (A*: P. E. Hart, N. J. Nilsson, B. Raphael, *A formal basis for the heuristic determination of minimum cost
paths*, IEEE Trans. Systems Science and Cybernetics 4 (1968) 100-107).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import reduce
from itertools import tee
from operator import and_
from typing import NamedTuple

from expert.answer.level import Level, Row, places_in
from expert.bits.program import disjoint
from expert.lang.premises import Name


class Search:
    """The search for one goal; what it has found is kept.

    Attributes:
        met: the number of rows that it has looked at.
    """

    def __init__(self, first: Level, goal: Name, leads_to: Callable[[Row], bool]) -> None:
        """``first`` is the level of no change and of single changes; ``leads_to`` decides on one row."""
        self.met = 0
        self._first, self._goal, self._leads_to = first, goal, leads_to
        self._levels = self._search()

    def levels(self) -> Iterator[list[Row] | None]:
        """The minimal rows of no change, of one, of two ... that lead to the goal.

        ``None`` says that a level takes longer, so that the search can be given up.
        """
        self._levels, levels = tee(self._levels)
        return levels

    def _search(self) -> Iterator[list[Row] | None]:
        certain = self._certain(self._first)
        reached = 0 in certain
        yield [0] if reached else []
        before = Completing(())
        waiting: dict[tuple[int, int], dict[Row, _Need]] = {}
        size = 0
        if not reached:
            self._wait(waiting, {0: 0})
        while waiting:
            size += 1
            for smaller in range(size - 1):
                if rows := waiting.pop((size, smaller), None):
                    self._wait(waiting, dict(self._further(rows, before)))
                    yield None
            rows = waiting.pop((size, size - 1), {})
            if size == 1:
                found = sorted(row for row in certain if 0 in rows and row & rows[0].common)
            else:
                found = self._leading(rows, before)
            yield found
            before.add(found)
            if rows:
                waiting.setdefault((size + 1, size - 1), {}).update(rows)

    def _wait(self, waiting: dict[tuple[int, int], dict[Row, _Need]], rows: Mapping[Row, Row]) -> None:
        """Let rows, each with what is barred from it, wait by the size of deviations and by their own size."""
        self.met += len(rows)
        level = self._level(rows)
        for row, needs in level.needs(rows, self._goal).items():
            free = level.free(row) & ~rows[row]
            needs = sorted({it & free for it in needs} or {free}, key=int.bit_count)
            if needs[0]:
                common = reduce(and_, needs)
                size = row.bit_count()
                least = size + (1 if common else max(2, disjoint(needs)))
                waiting.setdefault((least, size), {})[row] = _Need(rows[row], needs[0], common)

    def _level(self, rows: Collection[Row]) -> Level:
        small = all(row.bit_count() <= 1 for row in rows)
        return self._first if small else Level(self._first.near, rows)

    def _leading(self, rows: Mapping[Row, _Need], before: Completing) -> list[Row]:
        """The rows with one change more that lead to the goal."""
        found: list[Row] = []
        open_ones: list[Row] = []
        leading = self._level(rows).leading(rows, self._goal)
        for (row, need), (holds, may) in zip(rows.items(), leading, strict=True):
            left = need.common & ~before.of(row)
            found += [row | 1 << place for place in places_in(left & holds)]
            open_ones += [row | 1 << place for place in places_in(left & may & ~holds)]
        if open_ones:
            found += self._certain(Level(self._first.near, open_ones, [self._goal]))
        return sorted(found)

    def _certain(self, level: Level) -> list[Row]:
        """The rows of a level that lead to the goal."""
        found, undecided = level.certain(self._goal)
        return [*found, *filter(self._leads_to, undecided)]

    def _further(self, rows: Mapping[Row, _Need], before: Completing) -> Iterator[tuple[Row, Row]]:
        """The rows with one needed change more, and what is barred from each.

        These are the changes of the same findings, and those that lead to rows before, so that no row is met twice.
        """
        for row, need in rows.items():
            barred = need.barred
            for place in places_in(need.first & ~before.of(row)):
                yield row | 1 << place, barred | self._first.near.same(place)
                barred |= 1 << place


class _Need(NamedTuple):
    """What a row needs to lead to a goal.

    Attributes:
        barred: the changes that are not to be added to it.
        first: a smallest set of changes one of which it needs.
        common: the changes that are in all such sets.
    """

    barred: Row
    first: Row
    common: Row


class Completing:
    """The changes with which a row would contain an earlier one."""

    def __init__(self, found: Iterable[Row]) -> None:
        self._alone = 0
        self._with: dict[int, list[Row]] = {}
        self.add(found)

    def add(self, found: Iterable[Row]) -> None:
        """Add earlier rows."""
        for row in found:
            if row.bit_count() == 1:
                self._alone |= row
            for place in places_in(row):
                self._with.setdefault(place, []).append(row)

    def of(self, row: Row) -> Row:
        """The changes that complete an earlier row in a row."""
        completing = self._alone
        for place in places_in(row):
            for other in self._with.get(place, ()):
                rest = other & ~row
                if rest & (rest - 1) == 0:
                    completing |= rest
        return completing
