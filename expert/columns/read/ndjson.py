"""NDJSON: one patient on each line, a JSON object of columns and values.

Values keep their text, as a single patient's do: ``true`` and ``"true"`` are the same, and so are ``45`` and ``"45"``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, NamedTuple

import numpy as np
import polars as pl

from expert.columns.read.batch import LONGEST_TEXT, Piece, Reject, RowFault, numbers
from expert.columns.read.cell_meaning import RowReader
from expert.columns.read.column_map import ColumnMeaning
from expert.columns.read.finding_columns import Header
from expert.columns.read.input_files import BOM, refuse_utf_16
from expert.columns.read.lines import BLOCK, Lines, Spans, blocks
from expert.lang.errors import Location, PatientError, Problem, quoted
from expert.read.value import tidy

HEAD_RECORDS = 10_000  # the records whose keys are the columns


class _Number(str):
    """A number as it is written."""

    __slots__ = ()


class _Pairs(list[tuple[str, object]]):
    """The keys and values of an object."""


_decode: Callable[[str], object] = json.JSONDecoder(
    parse_float=_Number, parse_int=_Number, parse_constant=_Number
).decode
_decode_pairs: Callable[[str], object] = json.JSONDecoder(
    object_pairs_hook=_Pairs, parse_float=_Number, parse_int=_Number, parse_constant=_Number
).decode


class Objects(NamedTuple):
    """A file of objects, its first block read: the keys that are columns, that block, and those to come."""

    file: str
    meanings: tuple[ColumnMeaning, ...]
    passed: tuple[str, ...]
    first: bytes
    others: Iterator[tuple[bytes, bool]]


def read_keys(stream: BinaryIO, file: str, header: Header, size: int = BLOCK) -> Objects:
    """The columns of a file: every key of its first records, and every column of the mapping file.

    Raises:
        PatientError: the file is empty or in UTF-16, no key is a finding, or one misspells a mapped column.
    """
    others = blocks(stream, file, size=size)
    data, _ = next(others)
    refuse_utf_16(file, data)
    data = data.removeprefix(BOM)
    lines = Lines(data)
    keys: dict[str, None] = {}
    for start, end in zip(lines.starts[:HEAD_RECORDS].tolist(), lines.ends[:HEAD_RECORDS].tolist(), strict=True):
        found, _ = _object(data[start:end])
        keys.update(dict.fromkeys(found))
    misspelt = [it for it in header.missing(file, list(keys)) if it.suggestion]  # a key may lack, but not for another
    if misspelt:
        raise PatientError(misspelt)
    there = {tidy(key) for key in keys}
    mapped = [*header.mapping.meanings, *sorted(header.mapping.passed)]
    keys = dict.fromkeys([*keys, *(key for key in mapped if key not in there)])
    found = {key: header.meaning(key) for key in keys if key}
    meanings = tuple(meaning for meaning in found.values() if isinstance(meaning, ColumnMeaning))
    _check_once(file, meanings)
    if not len(lines):
        raise PatientError([Problem(f"{file} is empty", expected="a JSON object on each line")])
    if not meanings:
        some = ", ".join(header.names[:4])
        message = f"no key of the first records of {file} is a finding"
        raise PatientError([Problem(message, expected=f"objects that name findings, such as {some}")])
    passed = tuple(key for key, meaning in found.items() if meaning is None)
    return Objects(file, meanings, passed, data, others)


def _check_once(file: str, meanings: Sequence[ColumnMeaning]) -> None:
    first: dict[str, str] = {}
    for it in meanings:
        if it.name in first:
            message = f"{file}: the keys {first[it.name]!r} and {it.column!r} both give {it.name}"
            raise PatientError([Problem(message, expected="one key for each finding")])
        first[it.name] = it.column


class ObjectRows(Spans):
    """Lines of NDJSON: where each begins and ends in a block."""

    def take(self, rows: np.ndarray) -> ObjectRows:
        """Some of the rows."""
        return ObjectRows(self.data, self.starts[rows], self.ends[rows])

    def place(self, row: int, column: str, line: int) -> tuple[int, int]:
        """The probable line and column of a key."""
        return line, _column_of(self[row], column)


class ObjectTable:
    """Reads the rows of one file of objects."""

    def __init__(self, objects: Objects, header: Header, rows: RowReader) -> None:
        self.rows = rows
        self.objects, self.header, self.file = objects, header, objects.file
        self.decimals = {it.column: it.decimal for it in objects.meanings}
        self.columns = [*self.decimals, *objects.passed]
        self.allowed = set(self.columns)
        self.line, self.record = 1, 1

    def pieces(self) -> Iterator[Piece]:
        """The rows of the file."""
        yield self._piece(self.objects.first)
        for data, _ in self.objects.others:
            yield self._piece(data)

    def _piece(self, data: bytes) -> Piece:
        lines = Lines(data)
        cells: list[tuple[object, ...]] = []
        good: list[int] = []
        rejects: list[Reject] = []
        filled = np.flatnonzero(lines.ends > lines.starts)
        spans = zip(lines.starts[filled].tolist(), lines.ends[filled].tolist(), strict=True)
        for count, (start, end) in enumerate(spans):
            raw = data[start:end]
            found, problems = _object(raw)
            if problems or (problems := self._strange(found, nested=b"[" in raw or raw.count(b"{") > 1)):
                texts = {key: _marked(value, self.decimals.get(key, "")) for key, value in found.items()}
                problems += self.rows.faults(texts, {key for key, _, _ in problems})
                rejects.append(self._reject(raw, self.record + count, self.line + int(filled[count]), problems))
                continue
            good.append(count)
            cells.append(tuple(map(found.get, self.columns)))
        rows = filled[np.array(good, dtype=np.int64)]
        columns = zip(*cells, strict=True) if cells else [()] * len(self.columns)
        frame = pl.DataFrame(
            [
                _texts(name, values, self.decimals.get(name, ""))
                for name, values in zip(self.columns, columns, strict=True)
            ]
        )
        records = numbers(np.array(good, dtype=np.int64) + self.record)
        raw_rows = ObjectRows(data, lines.starts[rows], lines.ends[rows])
        piece = Piece(self.file, frame, records, numbers(rows + self.line), raw_rows, rejects, len(filled))
        self.line += len(lines)
        self.record += len(filled)
        return piece

    def _strange(self, found: dict[str, object], *, nested: bool) -> list[tuple[str, str, Problem]]:
        """What is wrong with the keys of an object, and with values that are lists or objects."""
        strange = [] if self.allowed.issuperset(found) else [key for key in found if key not in self.allowed]
        problems = [(key, _text(found[key]), self._not_a_column(key)) for key in strange]
        for key, value in found.items() if nested else ():
            if isinstance(value, list) and key in self.decimals:
                problem = Problem(f"{quoted(key)} has one value", expected="a text, a number, true, false or null")
                problems.append((key, _text(value), problem))
        return problems

    def _not_a_column(self, key: str) -> Problem:
        meaning = self.header.meaning(key) if key else Problem("a key is empty", expected="a name for every value")
        if isinstance(meaning, Problem):
            return meaning
        what = f"{quoted(key)} is a key that none of the first {HEAD_RECORDS} records has"
        return Problem(what, expected="keys that are known from the first, or named in a mapping file")

    def _reject(self, raw: bytes, record: int, line: int, wrong: Sequence[tuple[str, str, Problem]]) -> Reject:
        faults = []
        for key, value, problem in wrong:
            at = Location(self.file, line, _column_of(raw, key) if key else problem.at.column if problem.at else 1)
            faults.append(RowFault(key, value[:LONGEST_TEXT], problem._replace(at=at, line="")))
        return Reject(self.file, record, line, raw, tuple(faults))


def _object(raw: bytes) -> tuple[dict[str, object], list[tuple[str, str, Problem]]]:
    """The object of a line, or what is wrong: column, text and problem."""
    try:
        line = raw.decode("utf-8")
        found = _decode(line)
        if isinstance(found, dict) and len(found) == raw.count(b":") and b"\\u" not in raw:
            return found, []  # no key is there twice, for each has a colon of its own
        found = _decode_pairs(line)
        _text(found).encode("utf-8")
    except UnicodeDecodeError as error:
        at = Location("", 1, len(raw[: error.start].decode("utf-8", "replace")) + 1)
        return {}, [("", "", Problem(f"byte 0x{raw[error.start]:02x} is not UTF-8", at, "", "a file in UTF-8"))]
    except json.JSONDecodeError as error:
        why = error.msg[:1].lower() + error.msg[1:]
        return {}, [("", "", Problem(f"this is not JSON: {why}", Location("", 1, error.colno), "", "{COLUMN: VALUE}"))]
    except UnicodeEncodeError:
        return {}, [("", "", Problem("half of a surrogate pair is escaped here", expected="whole characters"))]
    except RecursionError:
        return {}, [("", "", Problem("this is nested too deep", expected="{COLUMN: VALUE}"))]
    if not isinstance(found, _Pairs):
        message = "a patient is a mapping of findings to values"
        return {}, [("", "", Problem(message, expected="a JSON object, {COLUMN: VALUE}"))]
    row = dict(found)
    if len(row) == len(found):
        return row, []
    again = [key for index, (key, _) in enumerate(found) if any(key == other for other, _ in found[:index])]
    return row, [
        (key, "", Problem(f"{quoted(key)} appears twice", expected="each key once")) for key in dict.fromkeys(again)
    ]


def _texts(name: str, values: Sequence[object], mark: str) -> pl.Series:
    """Values as a column of text, numbers with this mark before their decimals; null stays null."""
    if not {*map(type, values)} <= {str, type(None)}:
        values = [None if value is None else _marked(value, mark) for value in values]
    return pl.Series(name, values, dtype=pl.String)


def _marked(value: object, mark: str) -> str:
    """A value as text; a number with this mark before its decimals, or as it is written if none is given."""
    return value.replace(".", mark) if mark and isinstance(value, _Number) else _text(value)


def _text(value: object) -> str:
    """A value as text; lists and objects as JSON, with numbers as they are written."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else _json(value)


def _json(value: object) -> str:
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, _Pairs):
        return "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {_json(it)}" for key, it in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _column_of(raw: bytes, key: str) -> int:
    """The probable column, from 1, of a key of an object."""
    line = raw.decode("utf-8", "replace")
    return max(line.rfind(json.dumps(key, ensure_ascii=False)), 0) + 1
