"""The search for the smallest sets of changes that lead to goals.

A row, which is a set of changes, that does not lead to a goal needs one change of each of several sets. Sets that
share no change need one each, so their number says how many changes a row needs at least: it waits until deviations are
that large (A*: P. E. Hart, N. J. Nilsson, B. Raphael, *A formal basis for the heuristic determination of minimum cost
paths*, IEEE Trans. Systems Science and Cybernetics 4 (1968) 100-107).

Each goal has a search of its own, which stops at each question about its rows. The questions of all searches that go on
together are answered at once, by bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import and_
from typing import NamedTuple

from expert.answer.level import Level, Neighbourhood, Row, places_in
from expert.bits.program import disjoint
from expert.lang.premises import Name

MOST_VARIANTS = 1 << 12
"""The most variants that are evaluated at once: finding each bit of a mask takes as long as the mask is wide."""

MOST_AHEAD = 1000
"""The number of rows after which a search goes on only if it is asked for."""


class Reached(NamedTuple):
    """How far a search has come.

    Attributes:
        found: the minimal rows of the next size that lead to the goal; ``None`` if that takes longer.
        met: the number of rows that were looked at.
    """

    found: list[Row] | None
    met: int


class Searches:
    """The searches for some goals; what they have found is kept."""

    def __init__(self, near: Neighbourhood, leads_to: Callable[[Row, Name], bool], most: int | None = None) -> None:
        """``leads_to`` decides on one row; no search goes ahead to more than ``most`` changes."""
        self._near, self._leads_to, self._most = near, leads_to, most
        self._searches: dict[Name, _Search] = {}

    def levels(self, goal: Name) -> Iterator[Reached]:
        """The minimal rows of no change, of one, of two ... that lead to a goal.

        In between, the search can be given up.
        """
        search = self._search(goal)
        for place in range(1 << 60):
            while len(search.reached) <= place:
                if search.question is None:
                    return
                self._go_on(search)
            yield search.reached[place]

    def begin(self, goals: Iterable[Name], size: int = 0) -> None:
        """Let the searches for some goals go along with others, up to a size, and on until they find something."""
        for goal in goals:
            search = self._search(goal)
            search.ahead = max(search.ahead, size)

    def _search(self, goal: Name) -> _Search:
        if goal not in self._searches:
            self._searches[goal] = _Search(self._near, goal)
        return self._searches[goal]

    def _go_on(self, asked: _Search) -> None:
        together = [it for it in self._searches.values() if it is asked or it.goes_along(self._most)]
        questions = {it.goal: it.question for it in together if it.question}
        apart = {goal for goal, it in questions.items() if isinstance(it, _Needs)}
        for batch in _batches({goal: it.rows for goal, it in questions.items()}):
            level = Level(self._near, batch, apart)
            for goal in batch:
                certain, undecided = level.certain(goal)
                question = questions[goal]
                question.leading += [*certain, *(row for row in undecided if self._leads_to(row, goal))]
                if isinstance(question, _Needs):
                    question.found += zip(level.needs(goal), level.free(goal), strict=True)
        for it in together:
            it.go_on()


def _batches(wanted: Mapping[Name, Sequence[Row]]) -> Iterator[dict[Name, Sequence[Row]]]:
    batch: dict[Name, Sequence[Row]] = {}
    left = MOST_VARIANTS
    for goal, rows in wanted.items():
        while len(rows) > left:
            yield {**batch, goal: rows[:left]}
            batch, rows, left = {}, rows[left:], MOST_VARIANTS
        if rows:
            batch[goal] = rows
            left -= len(rows)
    if batch:
        yield batch


class _Leading:
    """The question which rows lead to the goal, and the answer."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = list(rows)
        self.leading: list[Row] = []


class _Needs(_Leading):
    """The question also what rows need, and the answer: for each the sets of changes, and the changes that are free."""

    def __init__(self, rows: Iterable[Row]) -> None:
        super().__init__(rows)
        self.found: list[tuple[list[Row], Row]] = []


class _Search:
    """The search for one goal, up to a question.

    Attributes:
        reached: what it has found.
        question: what it waits for; ``None`` at its end.
        ahead: the size up to which it goes along with others even if it has found something; -1 if it does not.
    """

    def __init__(self, near: Neighbourhood, goal: Name) -> None:
        self.goal, self.reached, self.ahead = goal, list[Reached](), -1
        self._near, self._met = near, 0
        self._size, self._found = -1, False
        self._waiting: dict[tuple[int, int], dict[Row, _Need]] = {}
        self._questions = self._search()
        self.question: _Leading | None = None
        self.go_on()

    def go_on(self) -> None:
        """Go on to the next question, after the last one is answered."""
        self.question = next(self._questions, None)

    def goes_along(self, most: int | None) -> bool:
        """Whether it goes on with another search."""
        if self.question is None or self.ahead < 0 or self._met > MOST_AHEAD:
            return False
        return self._size < self.ahead or (not self._found and (most is None or self._size < most))

    def _reach(self, found: list[Row]) -> None:
        self._size += 1
        self._found = self._found or bool(found)
        self.reached.append(Reached(found, self._met))

    def _search(self) -> Iterator[_Leading]:
        first = _Needs([0])
        yield first
        self._reach(first.leading)
        before = Completing(())
        size = 0
        if not first.leading:
            self._wait({0: 0}, first)
        while self._waiting:
            size += 1
            for smaller in range(size - 1):
                if rows := self._waiting.pop((size, smaller), None):
                    further = dict(self._further(rows, before))
                    needs = _Needs(further)
                    if further:
                        yield needs
                    self._wait(further, needs)
                    self.reached.append(Reached(None, self._met))
            rows = self._waiting.pop((size, size - 1), {})
            leading = _Leading(self._larger(rows, before))
            if leading.rows:
                yield leading
            found = sorted(leading.leading)
            self._reach(found)
            before.add(found)
            if rows:
                self._waiting.setdefault((size + 1, size - 1), {}).update(rows)
            yield _Leading(())  # what larger sets need is worked out only if they are asked for

    def _larger(self, rows: Mapping[Row, _Need], before: Completing) -> Iterator[Row]:
        """The rows with one change more that may lead to the goal; of very many, those that cannot are left out."""
        lefts = [need.common & ~before.of(row) for row, need in rows.items()]
        if sum(map(int.bit_count, lefts)) > MOST_VARIANTS:
            lefts = list(map(and_, lefts, self._near.leading(list(rows), self.goal)))
        return (row | 1 << place for row, left in zip(rows, lefts, strict=True) for place in places_in(left))

    def _wait(self, rows: Mapping[Row, Row], answered: _Needs) -> None:
        """Let rows, each with what is barred from it, wait by the size of deviations and by their own size."""
        self._met += len(rows)
        for (row, barred), (needs, free) in zip(rows.items(), answered.found, strict=True):
            left = free & ~barred
            needs = sorted({it & left for it in needs} or {left}, key=int.bit_count)
            if needs[0]:
                common = reduce(and_, needs)
                size = row.bit_count()
                least = size + (1 if common else max(2, disjoint(needs)))
                self._waiting.setdefault((least, size), {})[row] = _Need(barred, needs[0], common)

    def _further(self, rows: Mapping[Row, _Need], before: Completing) -> Iterator[tuple[Row, Row]]:
        """The rows with one needed change more, and what is barred from each.

        These are the changes of the same findings, and those that lead to rows before, so that no row is met twice.
        """
        for row, need in rows.items():
            barred = need.barred
            for place in places_in(need.first & ~before.of(row)):
                yield row | 1 << place, barred | self._near.same(place)
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
