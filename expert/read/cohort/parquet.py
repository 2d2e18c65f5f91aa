"""Parquet: columns that have types already."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain, islice

import numpy as np
import polars as pl

from expert.errors import PatientError, Problem
from expert.read.cohort.batch import Piece, numbers
from expert.read.cohort.cells import expected_type
from expert.read.cohort.meaning import CellReader

_ERRORS = (pl.exceptions.PolarsError, OSError)


class FrameRows:
    """Rows of a table without text; each is told as a JSON object."""

    def __init__(self, frame: pl.DataFrame, rows: np.ndarray) -> None:
        self.frame, self.rows = frame, rows

    def __getitem__(self, row: int) -> bytes:
        found = self.frame.row(int(self.rows[row]), named=True)
        return json.dumps(found, default=_plain, ensure_ascii=False).encode()

    def take(self, rows: np.ndarray) -> FrameRows:
        """Some of the rows."""
        return FrameRows(self.frame, self.rows[rows])

    def place(self, _row: int, _column: str, _line: int) -> None:
        """There are no lines."""
        return


def read_schema(file: str) -> dict[str, pl.DataType]:
    """The columns of a file with their types.

    Raises:
        PatientError: it is not a whole Parquet file.
    """
    try:
        file.encode()
        return dict(pl.scan_parquet(file, glob=False).collect_schema())
    except UnicodeEncodeError:
        problem = Problem(f"{file} cannot be read as Parquet: its name is not UTF-8", expected="another name")
        raise PatientError([problem]) from None
    except _ERRORS as error:
        raise _unreadable(file, error) from None


def check_types(file: str, schema: dict[str, pl.DataType], readers: list[CellReader]) -> list[Problem]:
    """Columns whose type tells no finding."""
    problems = []
    for reader in readers:
        column = reader.told.column
        if expected := expected_type(reader, schema[column]):
            numeric = schema[column].is_numeric() and reader.finding is not None and reader.factor() is None
            what = "holds numbers without a unit" if numeric and "unit" in expected else f"is {schema[column]}"
            problems.append(Problem(f"{file}: the column {column!r} {what}", expected=expected))
    return problems


def pieces(file: str, rows: int) -> Iterator[Piece]:
    """The rows of a file, so many at a time.

    Raises:
        PatientError: it cannot be read to its end.
    """
    record = 1
    try:
        table = pl.scan_parquet(file, glob=False)
        found = table.collect_batches(chunk_size=rows, maintain_order=True, lazy=True)
        for frame in chain(found, [table.head(0).collect()]):  # of a file without rows, that is all there is
            at = np.arange(frame.height)
            none = pl.Series([None], dtype=pl.UInt64).new_from_index(0, frame.height)
            yield Piece(file, frame, numbers(at + record), none, FrameRows(frame, at), [], frame.height)
            record += frame.height
    except _ERRORS as error:
        raise _unreadable(file, error) from None


def _unreadable(file: str, error: Exception) -> PatientError:
    why = next(islice(filter(None, map(str.strip, str(error).splitlines())), 1), "") or type(error).__name__
    return PatientError([Problem(f"{file} cannot be read: {why[:200]}", expected="a whole Parquet file")])


def _plain(value: object) -> object:
    """What JSON has no form for, as text."""
    return value.hex() if isinstance(value, bytes) else str(value)
