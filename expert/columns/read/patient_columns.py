"""Pieces of a file become batches: every cell read, panels spread over their members, faulty rows rejected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from expert.columns.read.batch import LONGEST_TEXT, Batch, Piece, RowFault, numbers
from expert.columns.read.cell_meaning import RowReader
from expert.columns.read.csv_header import NAMELESS
from expert.columns.read.finding_columns import TableColumns
from expert.columns.read.typed_column import Typed, faulty, read_column, text_of, type_of
from expert.lang.errors import Location, Problem
from expert.lang.model import KnowledgeBase
from expert.lang.units import write_value
from expert.lang.values import Bound, Facts
from expert.lang.vocabulary import Panel


class PatientColumns:
    """Reads the pieces of one file.

    Args:
        findings: the columns that the patients of its batches are to have, with those of ``site``.
        passed: the columns that its batches are to pass on.
        site: findings of the site, for rows that neither give them nor call them unknown.
    """

    def __init__(
        self,
        kb: KnowledgeBase,
        columns: TableColumns,
        findings: Sequence[str],
        passed: Mapping[str, pl.DataType],
        site: Facts | None = None,
    ) -> None:
        self.kb, self.columns = kb, columns
        self.site = site or {}
        self.findings, self.passed = list(dict.fromkeys([*findings, *self.site])), passed
        self.rows = RowReader(kb, columns.meanings)
        self.readers = [*self.rows.columns.values()]
        self.panels = {it.column: kb.panels[it.name] for it in columns.meanings if it.name in kb.panels}

    def batch(self, piece: Piece) -> Batch:
        """The patients of a piece and its rejects, rows with bad cells included; rows without content are left out."""
        empty = numbers(np.array(piece.empty, np.int64))
        if len(without := _without_content(piece.cells)):
            empty, piece = _joined(empty, piece.records[without]), _leaving_out(piece, without)
        typed = {it.meaning.column: read_column(piece.cells[it.meaning.column], it) for it in self.readers}
        faults: dict[int, list[RowFault]] = {}
        for reader in self.readers:
            column = reader.meaning.column
            for row in faulty(typed[column]):
                text = text_of(piece.cells[column][row], reader.meaning.decimal)
                problem = reader.read(text).problem or Problem(f"{text!r} is not a value of {reader.meaning.name}")
                faults.setdefault(row, []).append(_fault(piece, row, column, text, problem))
        for row, column in _nameless(piece.cells):
            fault = _fault(piece, row, column, piece.cells[column][row], _NO_NAME)
            faults.setdefault(row, []).append(fault._replace(column=""))
        for row in self._contradictory(typed):
            texts = {
                it.meaning.column: text_of(piece.cells[it.meaning.column][row], it.meaning.decimal)
                for it in self.readers
            }
            found = [_fault(piece, row, *it) for it in self.rows.contradictions(texts)]
            if found:
                faults.setdefault(row, []).extend(found)
        for row, column, problem in self._against_site(typed):
            faults.setdefault(row, []).append(_fault(piece, row, column, text_of(piece.cells[column][row]), problem))
        batch = Batch(
            self._patients(typed, piece.cells.height),
            self._passed(piece.cells),
            piece.raw,
            piece.file,
            piece.records,
            piece.lines,
            piece.rejects,
            piece.read,
            empty,
            self.columns,
            dict(self._bounds(typed, piece.cells.height)),
        )
        return batch.rejecting(faults)

    def _patients(self, typed: Mapping[str, Typed], height: int) -> pl.DataFrame:
        """The values of every finding, from its own column or else from a panel."""
        found = {it.meaning.name: typed[it.meaning.column].values for it in self.readers if it.finding}
        for column, panel in self.panels.items():
            none = typed[column].values == "none"
            for name, value in panel.members.items():
                values = pl.Series([value], dtype=type_of(self.kb.findings[name]))
                of_panel = values.new_from_index(0, height).zip_with(
                    none.fill_null(value=False), _nothing(values.dtype)
                )
                own = found.get(name)
                found[name] = of_panel if own is None else own.zip_with(own.is_not_null(), of_panel)
        found |= {name: self._at_site(name, found.get(name), typed, height) for name in self.site}
        empty = {name: type_of(self.kb.findings[name]) for name in self.findings}
        columns = [
            (found[name] if name in found else _nothing(it).new_from_index(0, height)).alias(name)
            for name, it in empty.items()
        ]
        return pl.DataFrame(columns)

    def _at_site(self, name: str, own: pl.Series | None, typed: Mapping[str, Typed], height: int) -> pl.Series:
        """A finding's values, with that of the site where neither its column nor a panel gives one."""
        value: pl.Series = pl.Series([self.site[name]], dtype=type_of(self.kb.findings[name]))
        values = self._unless_said(name, value.new_from_index(0, height), typed)
        return values if own is None else own.zip_with(own.is_not_null(), values)

    def _unless_said(self, name: str, values: pl.Series, typed: Mapping[str, Typed]) -> pl.Series:
        """Values of a finding, kept where neither its column nor a panel gives one."""
        panels = (column for column, panel in self.panels.items() if name in panel.members)
        for column in (*self._columns_of(name), *panels):
            values = values.zip_with(~typed[column].said, _nothing(values.dtype))
        return values

    def _bounds(self, typed: Mapping[str, Typed], height: int) -> Iterator[tuple[str, pl.Series]]:
        """The findings for which bounds are given, in a row or for the site, with what is given."""
        own = {it.meaning.name: typed[it.meaning.column].bounds for it in self.readers}
        for name in self.findings:
            value, of_row = self.site.get(name), own.get(name)
            if isinstance(value, Bound):
                values = self._unless_said(name, pl.Series([value.written]).new_from_index(0, height), typed)
                yield name, values if of_row is None else of_row.zip_with(of_row.is_not_null(), values)
            elif of_row is not None:
                yield name, of_row

    def _columns_of(self, name: str) -> list[str]:
        """The column of a finding, if there is one."""
        return [it.meaning.column for it in self.readers if it.meaning.name == name]

    def _passed(self, cells: pl.DataFrame) -> pl.DataFrame:
        own = {column.name: column for column in cells.get_columns()}
        columns = [
            own[name].cast(it) if name in own else _nothing(it).new_from_index(0, cells.height).alias(name)
            for name, it in self.passed.items()
        ]
        return pl.DataFrame(columns or None, height=cells.height)

    # --- panels and members that contradict each other

    def _contradictory(self, typed: Mapping[str, Typed]) -> list[int]:
        """The rows in which a panel may contradict a member or another panel."""
        suspect: pl.Series | None = None
        for column, panel in self.panels.items():
            for clash in self._clashes(column, panel, typed):
                clash = clash.fill_null(value=False)
                suspect = clash if suspect is None else suspect | clash
        return [] if suspect is None else suspect.arg_true().to_list()

    def _clashes(self, column: str, panel: Panel, typed: Mapping[str, Typed]) -> Iterator[pl.Series]:
        answer = typed[column].values
        for reader in self.readers:
            own, name = typed[reader.meaning.column], reader.meaning.name
            if name in panel.members:
                value = pl.Series([panel.members[name]], dtype=own.values.dtype)[0]
                other = own.said & ~(own.values == value).fill_null(value=False)
                yield (answer == "none") & other
                yield (answer == "unknown") & own.values.is_not_null()
            elif reader.finding is None and name != panel.name and set(panel.members) & {*self.kb.panels[name].members}:
                yield answer.is_not_null() & own.values.is_not_null()

    def _against_site(self, typed: Mapping[str, Typed]) -> Iterator[tuple[int, str, Problem]]:
        """Where a panel contradicts the site about a member that the row itself does not give."""
        for column, panel in self.panels.items():
            for name in [name for name in panel.members if name in self.site]:
                same = typed[column].values == "none" if panel.members[name] == self.site[name] else None
                other = typed[column].said if same is None else typed[column].said & ~same.fill_null(value=False)
                for own in self._columns_of(name):
                    other = other & ~typed[own].said
                for row in other.arg_true():
                    answer, value = typed[column].values[row], write_value(self.kb.findings[name], self.site[name])
                    message = f"{name} is {value} at the site, but {panel.name} is {answer}"
                    yield row, column, Problem(message, expected=f"{name} itself, or the panel left out")


_NO_NAME = Problem("this cell is in a column without a name", expected="a name in the header, or nothing")


def _nameless(cells: pl.DataFrame) -> Iterator[tuple[int, str]]:
    """Where a column without a name has content."""
    for column in cells.columns:
        if column.startswith(NAMELESS):
            for row in (cells[column].str.strip_chars() != "").arg_true():
                yield row, column


def _without_content(cells: pl.DataFrame) -> pl.Series:
    """The rows in which every cell is empty or blank."""
    rows = pl.Series(dtype=pl.UInt32).clear()
    for place, column in enumerate(cells.get_columns()):
        some = column if not place else column[rows]
        if isinstance(some.dtype, pl.Categorical | pl.Enum):
            some = some.cast(pl.String)
        blank = some.is_null()
        if some.dtype == pl.String:
            blank = blank | (some.str.strip_chars() == "").fill_null(value=False)
        rows = blank.arg_true() if not place else rows.filter(blank)
        if not len(rows):
            break
    return rows


def _leaving_out(piece: Piece, rows: pl.Series) -> Piece:
    """A piece without some of its rows."""
    left = np.setdiff1d(np.arange(piece.cells.height), rows.to_numpy())
    index = pl.Series(left)
    return piece._replace(
        cells=piece.cells[index], records=piece.records[index], lines=piece.lines[index], raw=piece.raw.take(left)
    )


def _joined(some: pl.Series, others: pl.Series) -> pl.Series:
    joined: pl.Series = pl.concat([some, others]).sort()
    return joined


def _nothing(given: pl.DataType) -> pl.Series:
    return pl.Series([None], dtype=given)


def _fault(piece: Piece, row: int, column: str, text: str, problem: Problem) -> RowFault:
    line = piece.lines[row]
    place = None if line is None else piece.raw.place(row, column, line)
    return RowFault(column, text[:LONGEST_TEXT], problem._replace(at=Location(piece.file, *place) if place else None))
