"""Parquet: columns that have types already.

Arrow reads the pages, because its reader refuses damage with an error; Polars' own panics, or stops early without a
word. What Arrow reads is counted against the footer, row group by row group, and checked (text is UTF-8, dates are of
the calendar) before Polars holds it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import polars as pl
import pyarrow as pa
from pyarrow import parquet

from expert.columns.read.arrow_types import beyond, plain
from expert.columns.read.batch import Piece, numbers
from expert.columns.read.cell_meaning import CellReader
from expert.columns.read.typed_column import expected_type
from expert.lang.errors import PatientError, Problem, quoted

_ERRORS = (
    pa.ArrowException,
    OSError,
    UnicodeError,
    MemoryError,
    pl.exceptions.PolarsError,
    pl.exceptions.PanicException,
)
_WHOLE = "a complete Parquet file"


class FrameRows:
    """Rows of a table without text; each is written as a JSON object."""

    def __init__(self, frame: pl.DataFrame, rows: np.ndarray) -> None:
        self.frame, self.rows = frame, rows

    def __getitem__(self, row: int) -> bytes:
        found = self.frame.row(int(self.rows[row]), named=True)
        return json.dumps(found, default=_json, ensure_ascii=False).encode()

    def take(self, rows: np.ndarray) -> FrameRows:
        """Some of the rows."""
        return FrameRows(self.frame, self.rows[rows])

    def place(self, _row: int, _column: str, _line: int) -> None:
        """There are no lines."""
        return


def read_schema(file: str) -> dict[str, pl.DataType]:
    """The columns of a file with their types.

    Raises:
        PatientError: it is not a complete Parquet file, or has a column of a type that no table here can hold.
    """
    with _opened(file) as source, _one_message(file):
        schema = source.schema_arrow
        types = {field.name: plain(field.type) for field in schema}
        problems = [_not_held(file, field) for field in schema if types[field.name] is None]
        if len(types) < len(schema):
            twice = next(name for name in types if schema.names.count(name) > 1)
            problems.append(Problem(f"{file}: the column {quoted(twice)} is there twice", expected="each column once"))
        if not problems:
            return {name: pl.Series(pa.nulls(0, given)).dtype for name, given in types.items()}
    raise PatientError(problems)


def _not_held(file: str, field: pa.Field) -> Problem:
    message = f"{file}: the column {quoted(field.name)} is {field.type}, which cannot be read"
    return Problem(message, expected="another type, such as text, or a table without the column")


def rows_of(file: str) -> int:
    """The number of rows in the footer of a file.

    Raises:
        PatientError: it is not a complete Parquet file.
    """
    with _opened(file) as source:
        return int(source.metadata.num_rows)


def check_types(file: str, schema: dict[str, pl.DataType], readers: list[CellReader]) -> list[Problem]:
    """Columns of a type that no finding can have."""
    problems = []
    for reader in readers:
        column = reader.meaning.column
        if expected := expected_type(reader, schema[column]):
            numeric = schema[column].is_numeric() and reader.finding is not None and reader.factor() is None
            what = "holds numbers without a unit" if numeric and "unit" in expected else f"is {schema[column]}"
            problems.append(Problem(f"{file}: the column {column!r} {what}", expected=expected))
    return problems


def pieces(file: str, rows: int) -> Iterator[Piece]:
    """The rows of a file, about so many at a time.

    Raises:
        PatientError: it is damaged: a page cannot be read, or there are not as many rows as the footer says.
    """
    record = 1
    with _opened(file) as source:
        for table in _tables(file, source, rows):
            with _one_message(file):
                frame = pl.DataFrame(table)
            at = np.arange(frame.height)
            none = pl.Series([None], dtype=pl.UInt64).new_from_index(0, frame.height)
            yield Piece(file, frame, numbers(at + record), none, FrameRows(frame, at), [], frame.height)
            record += frame.height
        if record - 1 != source.metadata.num_rows:
            raise _damaged(file, f"it has {record - 1} rows, and its footer says {source.metadata.num_rows}")


def _tables(file: str, source: parquet.ParquetFile, rows: int) -> Iterator[pa.Table]:
    """The rows of all row groups, those of small groups together; at least one table, which may have no rows."""
    schema = pa.schema([pa.field(field.name, plain(field.type)) for field in source.schema_arrow])
    kept: list[pa.Table] = [schema.empty_table()]
    height, some = 0, False
    for group in range(source.metadata.num_row_groups):
        for table in _group(file, source, group, rows, schema):
            kept.append(table)
            height += table.num_rows
            if height >= rows:
                yield pa.concat_tables(kept)
                kept, height, some = [], 0, True
    if height or not some:
        yield pa.concat_tables(kept)


def _group(file: str, source: parquet.ParquetFile, group: int, rows: int, schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows of a row group, checked and as many as the footer says."""
    wanted, read = source.metadata.row_group(group).num_rows, 0
    try:
        for batch in source.iter_batches(batch_size=rows, row_groups=[group]):
            batch.validate(full=True)
            for name, column in zip(schema.names, batch.columns, strict=True):
                if wrong := beyond(column):
                    raise _damaged(file, f"row group {group + 1}, column {name!r}: {wrong}")
            table = pa.Table.from_batches([batch])
            yield pa.table([it.cast(field.type) for it, field in zip(table.columns, schema, strict=True)], schema)
            read += batch.num_rows
    except _ERRORS as error:
        column = _damaged_column(source, group)
        where = f"row group {group + 1}" + (f", column {column!r}" if column else "")
        raise _damaged(file, f"{where}: {_words(error)}") from None
    if read != wanted:
        raise _damaged(file, f"row group {group + 1} has {read} rows, and the footer says {wanted}")


def _damaged_column(source: parquet.ParquetFile, group: int) -> str:
    """The first column of a row group that cannot be read by itself; empty if each can."""
    for name in source.schema_arrow.names:  # the footer's record of a column ends the process where it is damaged
        try:
            source.read_row_group(group, columns=[name]).validate(full=True)
        except _ERRORS:  # noqa: PERF203
            return str(name)
    return ""


# --- what goes wrong --------------------------------------------------------------------------------------------------


@contextmanager
def _opened(file: str) -> Iterator[parquet.ParquetFile]:
    try:
        file.encode()
    except UnicodeEncodeError:
        problem = Problem(f"{file} cannot be read as Parquet: its name is not UTF-8", expected="another name")
        raise PatientError([problem]) from None
    with _one_message(file):
        source = parquet.ParquetFile(file, page_checksum_verification=True)
    with source:
        yield source


@contextmanager
def _one_message(file: str) -> Iterator[None]:
    """What Arrow or Polars raises becomes one message."""
    try:
        yield
    except _ERRORS as error:
        raise _damaged(file, _words(error)) from None


def _damaged(file: str, why: str) -> PatientError:
    return PatientError([Problem(f"{file} cannot be read: {why}", expected=_WHOLE)])


def _words(error: BaseException) -> str:
    """The first line of an error's message."""
    return next(filter(None, map(str.strip, str(error).splitlines())), type(error).__name__)[:200]


def _json(value: object) -> str:
    """What JSON has no form for, as text."""
    return value.hex() if isinstance(value, bytes) else str(value)
