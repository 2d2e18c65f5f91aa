"""Boolean columns of patients, each computed once from findings or from columns of lower strata.

A *flag* is the name of such a column, or a truth that all patients share. The columns have no nulls. Their names start
with ``#``, which no finding does. What is written the same way is one column.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

import polars as pl

Flag = bool | str
"""The name of a Boolean column without nulls; or a truth that every patient shares."""

Make = Callable[[Sequence[pl.Expr]], pl.Expr]
"""How a column is made of others."""


class _Column(NamedTuple):
    needs: tuple[str, ...]
    make: Make


class Flags:
    """Columns by name, with what each is made of."""

    def __init__(self) -> None:
        self._columns: dict[str, _Column] = {}
        self._named: dict[object, str] = {}
        self._negated: dict[str, str] = {}
        self._strata: dict[frozenset[Flag], list[list[pl.Expr]]] = {}

    def __len__(self) -> int:
        """How many columns have been defined."""
        return len(self._columns)

    def column(self, key: object, needs: Iterable[str], make: Make) -> str:
        """The name of a column that is made of others (or of findings), the same for the same key."""
        if key not in self._named:
            name = self._named[key] = f"#{len(self._named)}"
            self._columns[name] = _Column(tuple(needs), make)
        return self._named[key]

    def without(self, flag: Flag) -> Flag:
        """The opposite of a flag."""
        if isinstance(flag, bool):
            return not flag
        if flag not in self._negated:
            name = self.column(("not", flag), [flag], lambda it: ~it[0])
            self._negated |= {flag: name, name: flag}
        return self._negated[flag]

    def all(self, flags: Iterable[Flag]) -> Flag:
        """Whether all of some flags are true."""
        return self._combined("all", flags, operator.and_, neutral=True)

    def any(self, flags: Iterable[Flag]) -> Flag:
        """Whether any of some flags is true."""
        return self._combined("any", flags, operator.or_, neutral=False)

    def _combined(
        self, word: str, flags: Iterable[Flag], combine: Callable[[pl.Expr, pl.Expr], pl.Expr], *, neutral: bool
    ) -> Flag:
        wanted = dict.fromkeys(flag for flag in flags if flag is not neutral)
        names = [flag for flag in wanted if isinstance(flag, str)]
        if len(names) < len(wanted) or any(self._negated.get(name) in wanted for name in names):
            return not neutral
        names.sort(key=lambda name: int(name[1:]))  # so that what begins alike is shared
        whole = names[0] if names else neutral
        for name in names[1:]:
            whole = self.column((word, whole, name), [str(whole), name], lambda it: combine(it[0], it[1]))
        return whole

    def reach(self, flags: Iterable[Flag], points: Iterable[int], bound: int) -> Flag:
        """Whether the points of those flags that are true reach a bound."""
        pairs = list(zip(flags, points, strict=True))
        bound -= sum(its for flag, its in pairs if flag is True)
        left = [(flag, its) for flag, its in pairs if isinstance(flag, str)]
        if bound <= 0 or sum(its for _, its in left) < bound:
            return bound <= 0

        def reached(columns: Sequence[pl.Expr]) -> pl.Expr:
            numbers = (it.cast(pl.Int32) * its for it, (_, its) in zip(columns, left, strict=True))
            return pl.sum_horizontal(*numbers) >= bound

        return self.column(("reach", bound, *left), [flag for flag, _ in left], reached)

    def below(self, flags: Iterable[Flag]) -> list[str]:
        """The columns that are needed for some, these included, each after those that it needs."""
        found: set[str] = set()
        ahead = [flag for flag in flags if isinstance(flag, str)]
        while ahead:
            name = ahead.pop()
            if name not in found:
                found.add(name)
                ahead += (it for it in self._columns[name].needs if it in self._columns)
        return sorted(found, key=lambda name: int(name[1:]))

    def strata(self, frame: pl.LazyFrame, flags: Collection[Flag]) -> pl.LazyFrame:
        """The frame with some columns and those that they depend on."""
        wanted = frozenset(flags)
        if wanted not in self._strata:
            self._strata[wanted] = self._planned(wanted)
        for columns in self._strata[wanted]:
            frame = frame.with_columns(columns)
        return frame

    def _planned(self, flags: Collection[Flag]) -> list[list[pl.Expr]]:
        """The columns by stratum; what is used once is part of its user."""
        names = self.below(flags)
        uses = Counter(need for name in names for need in self._columns[name].needs)
        expressions: dict[str, pl.Expr] = {}
        stratum: dict[str, int] = {}
        strata: dict[int, list[pl.Expr]] = {}
        for name in names:
            needs, make = self._columns[name]
            stratum[name] = max((stratum.get(need, 0) for need in needs), default=0)
            expression = make([expressions[need] if need in expressions else pl.col(need) for need in needs])
            if uses[name] == 1 and name not in flags:
                expressions[name] = expression
            else:
                strata.setdefault(stratum[name], []).append(expression.alias(name))
                stratum[name] += 1
        return [strata[place] for place in sorted(strata)]


def flag(flag: Flag) -> pl.Expr:
    """A flag as an expression."""
    return pl.col(flag) if isinstance(flag, str) else pl.lit(flag)
