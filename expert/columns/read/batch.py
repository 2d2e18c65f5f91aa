"""Some rows of a file: the patients in them, what is passed on, and the rejected rows, each with its faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, Protocol

import numpy as np
import polars as pl

from expert.columns.read.finding_columns import TableColumns
from expert.lang.errors import Location, Problem
from expert.lang.values import Value
from expert.read.value import ValueReader

LONGEST_TEXT = 10_000
"""Of longer cells, faults hold the beginning."""


class RowFault(NamedTuple):
    """What is wrong with a row.

    Attributes:
        column: of the file's header; empty where the fault is not that of one cell.
        text: the cell as it was read, or its beginning if it is very long (the row is kept whole); bytes that are not
            UTF-8 are shown as ``\\xff``.
        problem: what is wrong, without the line's text. It has a place where the file has lines.
    """

    column: str
    text: str
    problem: Problem

    @property
    def reason(self) -> str:
        """What is wrong, what was expected and the nearest right spelling, without the place."""
        return str(self.problem._replace(at=None))

    @property
    def line(self) -> int | None:
        """The physical line of the cell, counted from 1; ``None`` in a file without lines."""
        return self.problem.at.line if self.problem.at else None


class Reject(NamedTuple):
    """A row that is not answered: its number in the file (from 1), its first line, its text as it was read."""

    file: str
    record: int
    line: int | None
    raw: bytes
    faults: tuple[RowFault, ...]

    def problems(self) -> list[Problem]:
        """Every fault with its place and the text there."""
        return [self._located(fault) for fault in self.faults]

    def _located(self, fault: RowFault) -> Problem:
        if fault.problem.at is None:
            column = f", column {fault.column!r}" if fault.column else ""
            return fault.problem._replace(message=f"{self.file}, record {self.record}{column}: {fault.problem.message}")
        lines = self.raw.decode("utf-8", "replace").splitlines()
        within = fault.problem.at.line - (self.line or 0)
        return fault.problem._replace(line=lines[within] if 0 <= within < len(lines) else "")


class Rows(Protocol):
    """The rows of a batch as they were read."""

    def __getitem__(self, row: int, /) -> bytes:
        """The text of a row, without its line end; of Parquet, the row as a JSON object."""

    def take(self, rows: np.ndarray, /) -> Rows:
        """Some of the rows, by their indices."""

    def place(self, row: int, column: str, line: int, /) -> tuple[int, int] | None:
        """Line and column (from 1) where a cell begins, if the row begins on this line; ``None`` without lines."""


class Piece(NamedTuple):
    """Well-formed rows among the ``read`` records of a stretch of a file, before their cells are read."""

    file: str
    cells: pl.DataFrame
    records: pl.Series
    lines: pl.Series
    raw: Rows
    rejects: list[Reject]
    read: int
    empty: tuple[int, ...] = ()  # records that were seen to have no content


class Batch(NamedTuple):
    """Some rows of a file, in its order.

    Attributes:
        patients: a column for each finding that some file has: Boolean, ``Enum(finding.values)``, or Float64 in the
            base unit (`expert.lang.vocabulary.Unit`); null is unknown. All batches of a cohort have the same columns.
        passed: the other columns as they were read, of the same height; all batches have the same.
        raw: the rows' text, for rows that are rejected later.
        file: the name under which people know the file.
        records: the number of each row in its file, from 1; the header and empty lines do not count (UInt64).
        lines: the physical line on which each begins, null for Parquet (UInt64).
        rejects: the rejected rows of the same stretch of the file.
        read: how many records that stretch has: ``patients.height + len(rejects) + len(empty)``.
        empty: the numbers of the records without any content; nothing else of them is kept (UInt64).
        columns: what the columns of the file mean.
        bounds: the bounds that rows give for a finding, null in other rows; ``patients`` then holds some number within
            them, which was not given.
    """

    patients: pl.DataFrame
    passed: pl.DataFrame
    raw: Rows
    file: str
    records: pl.Series
    lines: pl.Series
    rejects: list[Reject]
    read: int
    empty: pl.Series
    columns: TableColumns
    bounds: Mapping[str, pl.Series] = MappingProxyType({})

    def rejecting(self, found: Mapping[int, Sequence[RowFault]]) -> Batch:
        """The batch with some rows moved to the rejects, by their index, such as one that breaks a constraint."""
        if not found:
            return self
        new = [self._reject(row, faults) for row, faults in found.items()]
        left = np.setdiff1d(np.arange(self.patients.height), np.fromiter(found, np.int64, len(found)))
        index = pl.Series(left)
        return self._replace(
            patients=self.patients[index],
            passed=self.passed[index],
            raw=self.raw.take(left),
            records=self.records[index],
            lines=self.lines[index],
            bounds={name: written[index] for name, written in self.bounds.items()},
            rejects=sorted([*self.rejects, *new], key=lambda reject: reject.record),
        )

    def facts(self, row: int, names: Sequence[str], reader: ValueReader) -> dict[str, Value]:
        """The facts of a row about some findings, bounds as they were given."""
        values = {name: self.patients[name][row] for name in names}
        known = {name: value for name, value in values.items() if value is not None}
        bounds = {name: it[row] for name, it in self.bounds.items() if name in known and it[row] is not None}
        return known | {name: reader.read(name, written).value for name, written in bounds.items()}

    def fault(self, row: int, problem: Problem) -> RowFault:
        """A fault of a whole row."""
        line = self.lines[row]
        return RowFault("", "", problem if line is None else problem._replace(at=Location(self.file, line)))

    def _reject(self, row: int, faults: Sequence[RowFault]) -> Reject:
        return Reject(self.file, self.records[row], self.lines[row], self.raw[row], tuple(faults))


def numbers(values: np.ndarray) -> pl.Series:
    """Record numbers or lines as a column."""
    return pl.Series(values.astype(np.uint64), dtype=pl.UInt64)
