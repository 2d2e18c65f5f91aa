"""Reading a cohort: every header first, then the rows, batch by batch."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import polars as pl

from expert.columns.read import csv_header, csv_rows, ndjson, parquet
from expert.columns.read.batch import Batch, Piece
from expert.columns.read.cell_meaning import CellReader
from expert.columns.read.column_map import NO_MAP, ColumnMap, read_map
from expert.columns.read.finding_columns import Header, TableColumns
from expert.columns.read.input_files import files_of, format_of, is_stream, opened, shown
from expert.columns.read.lines import BLOCK
from expert.columns.read.patient_columns import PatientColumns
from expert.lang.errors import PatientError, Problem, quoted
from expert.lang.model import KnowledgeBase
from expert.lang.values import Facts

BATCH_ROWS = 250_000


@dataclass(frozen=True)
class Options:
    """How the files of a cohort are read."""

    format: str
    delimiter: str
    batch_rows: int
    block: int


@dataclass(frozen=True)
class Table:
    """A file with its header read. ``stream`` stays open where the file can be read only once."""

    file: str
    format: str
    columns: TableColumns
    types: dict[str, pl.DataType]
    head: csv_header.DelimitedText | ndjson.Objects | None = None
    stream: BinaryIO | None = None


def read_cohort(
    kb: KnowledgeBase,
    paths: Iterable[str | os.PathLike[str]],
    *,
    mapping: str | os.PathLike[str] | ColumnMap | None = None,
    format: str = "",
    delimiter: str = "",
    strict: bool = False,
    site: Facts | None = None,
    batch_rows: int = BATCH_ROWS,
    block: int = BLOCK,
) -> Iterator[Batch]:
    """The patients of some files, in the order of files and rows.

    Args:
        paths: files or globs; ``-`` is standard input. The suffix gives the format (.csv, .tsv, .ndjson, .jsonl,
            .parquet; the texts also with .gz).
        mapping: what columns mean, or a mapping file (`expert.columns.read.column_map`).
        format: ``csv``, ``ndjson`` or ``parquet``, whatever the suffixes.
        delimiter: of CSV: one ASCII character; if none is given, it is found in the header
            (`expert.columns.read.csv_header`).
        strict: the first fault of any row is an error.
        site: findings of the site, for rows that do not give them.
        batch_rows: the most records of a batch. Batches are cut at the same records whatever is rejected.
        block: how many bytes of text are read at a time, which bounds the memory.

    Yields:
        At least one batch of each file, and all with the same columns. An error of a header comes before any batch.

    Raises:
        PatientError: files or headers that cannot be used, with everything that is wrong; a file that cannot be read
            to its end; if ``strict``, the first row with a fault and all of its faults.
    """
    options = Options(format, _checked(delimiter), batch_rows, block)
    if not isinstance(mapping, ColumnMap):
        mapping = NO_MAP if mapping is None else read_map(kb, mapping)
    header = Header(kb, mapping)
    with ExitStack() as stack:
        tables = _tables(files_of(paths), header, options, stack)
        findings, passed = _findings(kb, tables), _passed(tables)
        for table in tables:
            reader, first = PatientColumns(kb, table.columns, findings, passed, site), True
            for piece in _pieces(table, header, reader, options):
                if piece.read or first:
                    first = False
                    yield from _batches(reader, piece, options.batch_rows, strict=strict)


def _batches(reader: PatientColumns, piece: Piece, rows: int, *, strict: bool) -> Iterator[Batch]:
    for part in _parts(piece, rows):
        batch = reader.batch(part)
        if strict and batch.rejects:
            raise PatientError(min(batch.rejects, key=lambda reject: reject.record).problems())
        yield batch


def _parts(piece: Piece, rows: int) -> Iterator[Piece]:
    """A piece as parts of at most so many records, cut at the same records whatever is rejected."""
    if piece.read <= rows:
        yield piece
        return
    numbers = piece.records.to_numpy()
    first = min([*numbers[:1].tolist(), *(reject.record for reject in piece.rejects[:1]), *piece.empty[:1]])
    for start in range(first, first + piece.read, rows):
        stop = min(start + rows, first + piece.read)
        low, high = np.searchsorted(numbers, [start, stop]).tolist()
        yield piece._replace(
            cells=piece.cells[low:high],
            records=piece.records[low:high],
            lines=piece.lines[low:high],
            raw=piece.raw.take(np.arange(low, high)),
            rejects=[reject for reject in piece.rejects if start <= reject.record < stop],
            read=stop - start,
            empty=tuple(record for record in piece.empty if start <= record < stop),
        )


def _checked(delimiter: str) -> str:
    if delimiter and (len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n\0'):
        message = f"{quoted(delimiter)} is not a delimiter"
        raise PatientError([Problem(message, expected="one ASCII character, such as , or ; or a tab")])
    return delimiter


# --- headers


def _tables(files: Sequence[str], header: Header, options: Options, stack: ExitStack) -> list[Table]:
    """Every file with its header; what is wrong with any of them is reported together."""
    tables: list[Table] = []
    problems: list[Problem] = []
    for file in files:
        try:
            tables.append(_table(file, header, options, stack))
        except PatientError as error:  # noqa: PERF203
            problems += error.problems
    if problems:
        raise PatientError(problems)
    return tables


def _table(file: str, header: Header, options: Options, stack: ExitStack) -> Table:
    kind = format_of(file, options.format)
    if kind == "parquet":
        return _parquet_table(file, header)
    kept = stack if is_stream(file) else None
    with ExitStack() as own:
        stream = (kept or own).enter_context(opened(file))
        head: csv_header.DelimitedText | ndjson.Objects
        if kind == "ndjson":
            head = ndjson.read_keys(stream, shown(file), header, options.block)
            columns = TableColumns(head.meanings, head.passed, header.near(head.passed, head.meanings))
        else:
            head = _header(stream, file, header, options)
            columns = header.columns(head.file, head.named, head.places, head.header)
        return Table(file, kind, columns, dict.fromkeys(columns.passed, pl.String()), head, stream if kept else None)


def _parquet_table(file: str, header: Header) -> Table:
    if is_stream(file):
        message = f"{shown(file)} cannot be read as Parquet, which is not read from its beginning"
        raise PatientError([Problem(message, expected="a file")])
    schema = parquet.read_schema(file)
    columns = header.columns(file, list(schema), {}, "")
    readers = [CellReader(header.kb, it) for it in columns.meanings]
    if problems := parquet.check_types(file, schema, readers):
        raise PatientError(problems)
    return Table(file, "parquet", columns, {name: schema[name] for name in columns.passed})


def _header(stream: BinaryIO, file: str, header: Header, options: Options) -> csv_header.DelimitedText:
    """The header of delimited text; of several delimiters by which as many names are findings, the first."""
    delimiters: Sequence[str] = [options.delimiter] if options.delimiter else csv_header.DELIMITERS
    if not options.delimiter and file.lower().removesuffix(".gz").endswith(".tsv"):
        delimiters = ["\t", *(it for it in delimiters if it != "\t")]
    return csv_header.read_header(stream, shown(file), delimiters, header.findings_among)


def _findings(kb: KnowledgeBase, tables: Sequence[Table]) -> list[str]:
    """The findings that some file has, in the order of the vocabulary."""
    named = {it.name for table in tables for it in table.columns.meanings}
    members = {member for name in named & set(kb.panels) for member in kb.panels[name].members}
    return [name for name in kb.given if name in named or name in members]


def _passed(tables: Sequence[Table]) -> dict[str, pl.DataType]:
    """The columns that some file passes on, in the order of files; as text where files differ in type.

    Raises:
        PatientError: lists, structures or bytes meet another type.
    """
    types: dict[str, pl.DataType] = {}
    problems = []
    for table in tables:
        for name, given in table.types.items():
            known = types.setdefault(name, given)
            if known != given and not (_has_text(known) and _has_text(given)):
                what = f"the column {name!r} is {given} in {shown(table.file)}, and {known} in a file before it"
                problems.append(Problem(what, expected="one type"))
            elif known != given:
                types[name] = pl.String()
    if problems:
        raise PatientError(problems)
    return types


def _has_text(given: pl.DataType) -> bool:
    return not given.is_nested() and given not in (pl.Binary, pl.Duration)


# --- rows


def _pieces(table: Table, header: Header, reader: PatientColumns, options: Options) -> Iterator[Piece]:
    if table.format == "parquet":
        yield from parquet.pieces(table.file, options.batch_rows)
        return
    with ExitStack() as own:
        stream, head = table.stream, table.head
        if stream is None:
            stream = own.enter_context(opened(table.file))
            if table.format == "ndjson":
                head = ndjson.read_keys(stream, shown(table.file), header, options.block)
            else:
                head = _header(stream, table.file, header, options)
        if isinstance(head, ndjson.Objects):
            yield from ndjson.ObjectTable(head, header, reader.rows).pieces()
        elif head is not None:
            yield from csv_rows.TextTable(head, reader.rows).pieces(stream, options.block)
