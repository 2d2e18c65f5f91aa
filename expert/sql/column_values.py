"""How a column of a table is read as a finding: typed, in the finding's unit, and nothing guessed.

A column is read by its text, so that a yes/no may be a Boolean or a word, and a quantity is the decimal number that
is displayed, whichever type of number holds it. No number of a row is multiplied, which would round it: thresholds are
brought into the unit of the column, as the least or the greatest number that a reader takes for one on their side.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from sqlglot import exp

from expert.lang.values import Value
from expert.lang.vocabulary import Finding, Kind
from expert.logic.cells import Cell, place_of

YES, NO, UNKNOWN = ("yes", "true"), ("no", "false"), "unknown"
TYPES = {Kind.YES_NO: "boolean", Kind.CHOICE: "text", Kind.QUANTITY: "double"}

NUMBER = "^ *([+-]?([0-9]{1,99}[.]?[0-9]{0,99}|[.][0-9]{1,99})([eE]([+-]?[0-9]{1,2}|-1[0-9]{2}))?) *$"
"""The pattern of a number that is small enough, and not too small, for PostgreSQL to read it without an error."""

LONGEST_LIST = 4
"""DuckDB turns each longer list of constants into a join, which is slow to plan."""


# --- expressions ------------------------------------------------------------------------------------------------------


def case(cases: Iterable[tuple[exp.Expr, exp.Expr]], otherwise: exp.Expr | None = None) -> exp.Case:
    """``CASE`` with ``IS TRUE`` in every condition, so that unknown never counts as no."""
    found = exp.Case()
    for condition, value in cases:
        truth = condition if isinstance(condition, exp.Column) else exp.paren(condition, copy=False)
        found = found.when(exp.Is(this=truth, expression=exp.true()), value, copy=False)
    return found.else_(otherwise, copy=False) if otherwise is not None else found


def text(words: str) -> exp.Expr:
    """A text as a literal."""
    return exp.Literal.string(words)


def number(value: float) -> exp.Expr:
    """The same 64-bit number in every dialect: a decimal literal is of another type, and another number, in some."""
    if value.is_integer() and abs(value) < 2**31:
        return exp.convert(int(value))
    return exp.cast(text(repr(value)), "double")


def one_of(value: exp.Expr, words: Sequence[str]) -> exp.Expr:
    """Whether a text is one of some words."""
    lists = [words[place : place + LONGEST_LIST] for place in range(0, len(words), LONGEST_LIST)]
    return exp.or_(*(value.copy().isin(*some) for some in lists), copy=False)


# --- columns ----------------------------------------------------------------------------------------------------------


class ColumnReader:
    """How a column is read as a finding.

    A quantity stays in its unit, unless some value that may be forced or supposed of it is no number of that unit (a
    month is no number of weeks): then each number becomes the representative of its cell, in the base unit.
    """

    def __init__(self, finding: Finding, cells: Sequence[Cell], dialect: str) -> None:
        self.finding, self.cells, self.dialect = finding, cells, dialect
        named = [*(cell.value for cell in cells), finding.usual, finding.default]
        self._words: dict[Value, list[str]] = {}
        for word, value in finding.also.items():
            self._words.setdefault(value, []).append(word)
        self.in_unit = all(self._stated(value) is not None for value in named if isinstance(value, float))

    def typed(self, column: exp.Expr) -> exp.Expr:
        """The value that a column holds; null if it holds none."""
        words = exp.cast(column, "text")
        further = [(one_of(words, some), self.stated(value)) for value, some in self._words.items()]
        if self.finding.kind is Kind.YES_NO:
            return case([(one_of(words, YES), exp.true()), (one_of(words, NO), exp.false()), *further])
        if self.finding.kind is Kind.CHOICE:
            return case([(one_of(words, self.finding.values), words), *further])
        read_number = self.number_in(column)
        if self.in_unit:
            return case([*further, (self._in_range(read_number), read_number)])
        numbers = [(exp.and_(*self._bounds(read_number, it)), self.stated(it.value)) for it in self.cells]
        return case([*further, *numbers])

    def is_bad(self, column: exp.Expr) -> exp.Expr:
        """Whether a column holds something that is neither a value of the finding nor *unknown*."""
        words = exp.cast(column, "text")
        if self.finding.kind is not Kind.QUANTITY:
            values = (*YES, *NO) if self.finding.kind is Kind.YES_NO else self.finding.values
            return exp.not_(one_of(words, (*values, *self.finding.also, UNKNOWN)))
        # NaN is greater than every number; where no number is read at all, the coalesced truth is false.
        in_range = exp.func("COALESCE", self._in_range(self.number_in(column)), exp.false())
        conditions: list[exp.Expr] = [exp.NEQ(this=words, expression=text(UNKNOWN)), exp.not_(in_range)]
        if self.finding.also:
            conditions.append(exp.not_(one_of(words, [*self.finding.also])))
        return exp.and_(*conditions)

    def stated(self, value: Value) -> exp.Expr:
        """A value as it is read from a column; of a quantity, one in the same cell."""
        if isinstance(value, bool):
            return exp.convert(value)
        if isinstance(value, str):
            return text(value)
        found = self._stated(value) if self.in_unit else value
        assert found is not None
        return number(found)

    def bound(self, operator: str, threshold: float) -> exp.Expr:
        """The number with which what is read compares as readers' numbers compare with a threshold."""
        if not self.in_unit:
            return number(threshold)
        return number((least if operator in ("<", ">=") else greatest)(threshold, self.finding))

    def unknown(self) -> exp.Expr:
        """What is read of no column."""
        return exp.cast(exp.null(), TYPES[self.finding.kind])

    def _stated(self, value: float) -> float | None:
        """A number in the unit that is read as one of the same cell."""
        cell = self.cells[place_of(self.cells, value)]
        near = (_near(value, self.finding), least(value, self.finding), greatest(value, self.finding))
        return next((found for found in near if cell.holds(read(found, self.finding))), None)

    def _in_range(self, column: exp.Expr) -> exp.Expr:
        low, high = self.finding.low, self.finding.high
        return exp.and_(
            exp.GTE(this=column, expression=number(least(low, self.finding))),
            exp.LTE(this=column.copy(), expression=number(greatest(high, self.finding))),
        )

    def _bounds(self, column: exp.Expr, cell: Cell) -> Iterator[exp.Expr]:
        """The conditions that a number lies in a cell; the ends of the range belong to the first and the last."""
        if cell.lower is None or cell.is_point:
            low = self.finding.low if cell.lower is None else cell.lower
            yield exp.GTE(this=column.copy(), expression=number(least(low, self.finding)))
        else:
            yield exp.GT(this=column.copy(), expression=number(greatest(cell.lower, self.finding)))
        if cell.upper is None or cell.is_point:
            high = self.finding.high if cell.upper is None else cell.upper
            yield exp.LTE(this=column.copy(), expression=number(greatest(high, self.finding)))
        else:
            yield exp.LT(this=column.copy(), expression=number(least(cell.upper, self.finding)))

    def number_in(self, column: exp.Expr) -> exp.Expr:
        """The number in a text; null if there is none.

        PostgreSQL would make an error of other texts, Spark and DuckDB numbers of some: 0.7d is 0.7, and 1_4 is 14.
        """
        words: exp.Expr = exp.cast(column, "text")
        if self.dialect == "postgres":
            words = exp.Anonymous(this="SUBSTRING", expressions=[words, text(NUMBER)])
        else:
            words = exp.Anonymous(this="REGEXP_EXTRACT", expressions=[words, text(NUMBER), exp.Literal.number(0)])
        return exp.TryCast(this=words, to=exp.DataType.build("double"), safe=True)


def expected(finding: Finding) -> str:
    """What a column holds, in words."""
    if finding.kind is Kind.YES_NO:
        return "yes or no"
    if finding.kind is Kind.CHOICE:
        return f"one of {', '.join(finding.values)}"
    what = f"a number of {finding.unit.name}" if finding.unit and finding.unit.name else "a number"
    return f"{what} in the range {finding.written_range or f'{finding.low:g} .. {finding.high:g}'}"


# --- units ------------------------------------------------------------------------------------------------------------


def least(threshold: float, finding: Finding) -> float:
    """The least number in a finding's unit that is read as no less than a threshold, which is in the base unit."""
    found = _near(threshold, finding)
    if found in (0.0, threshold):
        return found + 0.0  # no negative zero
    while read(found, finding) >= threshold:
        found = math.nextafter(found, -math.inf)
    while read(found, finding) < threshold:
        found = math.nextafter(found, math.inf)
    return found


def greatest(threshold: float, finding: Finding) -> float:
    """The greatest number in a finding's unit that is read as no more than a threshold, which is in the base unit."""
    return -least(-threshold, finding) + 0.0  # reading is symmetric


def read(number: float, finding: Finding) -> float:
    """A number in a finding's unit as readers take it: as it is written, in the base unit, rounded once."""
    return float(Fraction(repr(number)) * _factor(finding))


def per(one: Finding, other: Finding) -> Fraction:
    """How many units of one finding are a unit of another."""
    return _factor(one) / _factor(other)


def _near(threshold: float, finding: Finding) -> float:
    return float(Fraction(threshold) / _factor(finding))


def _factor(finding: Finding) -> Fraction:
    return Fraction(finding.unit.factor if finding.unit else 1)
