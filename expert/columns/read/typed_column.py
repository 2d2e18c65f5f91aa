"""Columns of text or of typed values become columns of findings, by columns; cells with a fault are found on the way.

Numbers are rounded once: a decimal such as ``14.5`` in weeks is the whole number 145 x 7, divided once by 10. Both are
below 2^53, hence exact in Float64, and IEEE division rounds to the nearest, as `read_quantity` does with fractions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import polars as pl

from expert.columns.read.cell_meaning import CellReader, written
from expert.columns.read.column_map import DECIMALS
from expert.columns.to_columns import column_type
from expert.lang.values import Bound, Value
from expert.lang.vocabulary import Finding, Kind
from expert.read.fields import YES

_EXACT = 2**53
_YES_NO = pl.Enum(sorted(YES, key=lambda word: YES[word]))  # first those that mean no
_NO = sum(not yes for yes in YES.values())
_DECIMAL = {mark: rf"^([+-]?[0-9]{{1,15}})(?:\{mark}([0-9]{{1,12}}))?$" for mark in DECIMALS}
_PLACES = 7  # decimal places of a typed number that are tried at once, from none to six
_POWERS = np.array([float(10**places) for places in range(16)])
_PANEL = pl.Enum(["none", "unknown"])


class Typed(NamedTuple):
    """A column as it was understood.

    Attributes:
        values: of the finding's type; of a panel, ``none`` or ``unknown``; null: nothing is known, or the cell is bad.
        said: where the cell gives a value or calls the finding unknown; bad cells do neither.
        bad: where the cell is bad; ``None`` if none is.
        bounds: what was given, where the number is one within bounds; ``None`` if none does.
    """

    values: pl.Series
    said: pl.Series
    bad: pl.Series | None
    bounds: pl.Series | None = None


def type_of(finding: Finding | None) -> pl.DataType:
    """The type of a finding's column; of a panel's, if it is ``None``."""
    return _PANEL if finding is None else column_type(finding)


def expected_type(reader: CellReader, given: pl.DataType) -> str:
    """What type a column should have had for its finding; empty if it is right."""
    if given in (pl.String, pl.Null) or isinstance(given, pl.Categorical | pl.Enum):
        return ""
    if given.is_numeric() and reader.has_words_for_numbers:
        return ""
    if reader.finding is None:
        return "text: none, or unknown"
    if reader.finding.kind is Kind.YES_NO:
        return "" if given == pl.Boolean else "Boolean, or text: yes, no"
    if reader.finding.kind is Kind.CHOICE and given == pl.Boolean and all(map(reader.is_word, ("true", "false"))):
        return ""
    if reader.finding.kind is Kind.CHOICE:
        return f"text: {', '.join(reader.finding.values)}"
    if not (given.is_integer() or given.is_float() or given.is_decimal()):
        return "numbers, or text"
    if reader.factor() is None and reader.finding.unit:
        return f"a unit of its numbers: a column named '{reader.meaning.name} [{reader.finding.unit.name}]'"
    return ""


def read_column(cells: pl.Series, reader: CellReader) -> Typed:
    """A column of a table as values of its finding."""
    given, wanted = cells.dtype, type_of(reader.finding)
    if given == pl.Null:
        cells = cells.cast(wanted)
    elif given.is_decimal() or given == pl.Float32:  # the number as it is written
        cells = cells.cast(pl.String).cast(pl.Float64)
    if isinstance(cells.dtype, pl.String | pl.Categorical) or reader.has_words_for_numbers:
        return _text(_as_text(cells, reader.meaning.decimal), reader)
    if cells.dtype == pl.Boolean and wanted != pl.Boolean:
        return _text(_as_text(cells, reader.meaning.decimal), reader)
    if isinstance(cells.dtype, pl.Enum) and (cells.dtype != wanted or reader.meaning.unknown):
        return _text(_as_text(cells, reader.meaning.decimal), reader)
    if cells.dtype.is_numeric():
        return _numbers(cells, reader)
    return Typed(cells, cells.is_not_null(), None)


def _as_text(cells: pl.Series, mark: str) -> pl.Series:
    """Cells as they would be written, with this mark before decimals."""
    if not cells.dtype.is_float():
        text: pl.Series = cells.cast(pl.String)
        return text
    some = cells.drop_nulls().unique()
    words = pl.Series([written(number).replace(".", mark) for number in some], dtype=pl.String)
    return _replaced(cells, some, words)


def _text(cells: pl.Series, reader: CellReader) -> Typed:
    finding = reader.finding
    wanted = type_of(finding)
    values = _spelt_so(cells, reader)
    left = cells.filter(values.is_null() & cells.is_not_null() & (cells != "")).unique()
    if not left.len():
        return Typed(values, values.is_not_null(), None)
    means: dict[str, Value | None] = {}
    unknown: list[str] = []
    bad: list[str] = []
    if finding is not None and finding.kind is Kind.QUANTITY and (factor := reader.factor()) is not None:
        own = pl.Series([*reader.meaning.words, *reader.meaning.unknown], dtype=pl.String)
        mark = reader.meaning.decimal
        meant = (
            _decimals(own, factor, finding, mark).drop_nulls().to_list()
        )  # these the mapping file gives another meaning
        numbers = _decimals(left, factor, finding, mark)
        numbers = numbers.set(numbers.is_in(meant), None)
        whole = numbers.is_not_null()
        plain = (left.filter(whole), numbers.filter(whole))
        left = left.filter(~whole)
    else:
        plain = (left.clear(), pl.Series(dtype=wanted))
    for text in left:
        cell = reader.read(text)
        if cell.problem:
            bad.append(text)
        elif cell.value is not None:
            means[text] = cell.value
        elif cell.said:
            unknown.append(text)
    if finding is None:
        means |= dict.fromkeys(unknown, "unknown")
    old = plain[0].append(pl.Series(list(means), dtype=pl.String))
    if old.len():
        new = plain[1].append(pl.Series(list(means.values()), dtype=wanted))
        read = _replaced(cells, old, new)
        values = values.zip_with(values.is_not_null(), read)
    said = values.is_not_null()
    if unknown:
        said = said | _among(cells, unknown)
    bounds = {text: value.written for text, value in means.items() if isinstance(value, Bound)}
    return Typed(values, said, _among(cells, bad) if bad else None, _written(cells, bounds) if bounds else None)


def _spelt_so(cells: pl.Series, reader: CellReader) -> pl.Series:
    """The values whose cells are spelt exactly as the value is; null elsewhere, and everywhere for quantities."""
    wanted = type_of(reader.finding)
    own = {*reader.meaning.words, *reader.meaning.unknown}
    words: list[str] = ["none", "unknown"]
    if reader.finding is not None:
        words = list(reader.finding.values) or _YES_NO.categories.to_list()
    if wanted == pl.Float64 or own & set(words):  # the mapping file gives such a word another meaning
        return pl.Series(cells.name, dtype=wanted).extend_constant(None, cells.len())
    if wanted == pl.Boolean:
        means_yes: pl.Series = cells.cast(_YES_NO, strict=False).to_physical() >= _NO
        return means_yes
    values: pl.Series = cells.cast(wanted, strict=False)
    return values


def _replaced(cells: pl.Series, old: pl.Series, new: pl.Series) -> pl.Series:
    """The new value of each cell that has an old one; null for others."""
    found: pl.Series = cells.replace_strict(old, new, default=None, return_dtype=new.dtype)
    return found


def _written(cells: pl.Series, bounds: Mapping[str, str]) -> pl.Series:
    return _replaced(cells, pl.Series(list(bounds)), pl.Series(list(bounds.values())))


def _among(cells: pl.Series, texts: list[str]) -> pl.Series:
    found: pl.Series = cells.is_in(texts).fill_null(value=False)
    return found


def _decimals(texts: pl.Series, factor: Fraction, finding: Finding, mark: str) -> pl.Series:
    """The plain decimals among some texts as numbers in the base unit; null for others, and beyond the range."""
    groups = pl.col("text").str.extract_groups(_DECIMAL[mark]).alias("parts")
    parts = texts.to_frame("text").select(groups).unnest("parts")
    whole, places = pl.col("1"), pl.col("2").fill_null("")
    digits = whole.str.len_bytes() + places.str.len_bytes()
    mantissa = pl.when(digits <= 16).then((whole + places).cast(pl.Int64, strict=False))
    columns = parts.select(mantissa.cast(pl.Float64).alias("mantissa"), places.str.len_bytes().alias("places"))
    numbers = _times(columns["mantissa"].to_numpy(), _POWERS[columns["places"].to_numpy()], factor)
    within = (numbers >= finding.low) & (numbers <= finding.high)
    return pl.Series(np.where(within, numbers, np.nan), nan_to_null=True)


def _numbers(cells: pl.Series, reader: CellReader) -> Typed:
    """Typed numbers; what is not finite or out of range is bad.

    A number means the shortest decimal that reads as it, as when it is written: 0.3 weeks are 2.1 days.
    """
    factor, finding = reader.factor(), reader.finding
    if factor is None or finding is None:  # reported when the header was checked
        raise ValueError(f"{cells.name}: numbers without a unit")
    given = cells.cast(pl.Float64)
    if reader.meaning.unknown:
        unknown = pl.Series(list(reader.meaning.unknown), dtype=pl.String).cast(pl.Float64, strict=False)
        given = given.zip_with(~given.is_in(unknown.drop_nulls().to_list()), pl.Series([None], dtype=pl.Float64))
    values = given
    if factor != 1:
        values = pl.Series(_as_decimals(given.to_numpy(), factor), nan_to_null=True)
        left = given.filter(values.is_null() & given.is_finite()).unique()
        if left.len():
            exact = pl.Series([float(Fraction(repr(x)) * factor) for x in left], dtype=pl.Float64)
            values = values.zip_with(values.is_not_null(), _replaced(given, left, exact))
    right = values.is_between(finding.low, finding.high) & values.is_finite()
    bad = given.is_not_null() & ~right.fill_null(value=False)
    if not bad.any():
        return Typed(values, values.is_not_null(), None)
    values = values.zip_with(~bad, pl.Series([None], dtype=pl.Float64))
    return Typed(values, values.is_not_null(), bad)


def _as_decimals(numbers: np.ndarray, factor: Fraction) -> np.ndarray:
    """Numbers that are decimals of few digits times the factor; NaN for others."""
    found = np.full(len(numbers), np.nan)
    left = np.arange(len(numbers))
    for power in _POWERS[:_PLACES]:
        some = numbers[left]
        with np.errstate(over="ignore", invalid="ignore"):
            mantissa = np.round(some * power)
        same = (mantissa / power == some) & (np.abs(mantissa) < 10**15)
        found[left[same]] = _times(mantissa[same], np.full(int(same.sum()), power), factor)
        left = left[~same]
    return found


def _times(mantissa: np.ndarray, power: np.ndarray, factor: Fraction) -> np.ndarray:
    """``mantissa / power * factor``, rounded once; NaN where that would take numbers that are not exact.

    NumPy divides, because Polars multiplies by the reciprocal where the divisor is one number, and so rounds twice.
    """
    above, below = mantissa * float(factor.numerator), power * float(factor.denominator)
    exact = (np.abs(above) < _EXACT) & (below < _EXACT)
    return np.where(exact, above / below, np.nan)


def faulty(typed: Typed) -> Iterator[int]:
    """The rows with a bad cell."""
    if typed.bad is not None:
        yield from typed.bad.arg_true()


def text_of(value: object, mark: str = DECIMALS[0]) -> str:
    """A cell as text, whatever its type; a number with this mark before its decimals."""
    return value if isinstance(value, str) else written(value).replace(DECIMALS[0], mark)
