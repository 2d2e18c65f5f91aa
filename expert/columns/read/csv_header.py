"""The header of a table of delimited text, and what is before its rows.

The delimiter is that which is given, or that of a first line ``sep=;`` as Excel knows it, or else that by which most
names are findings. A name may have line breaks, in quotes; columns at the end may lack a name, and then hold nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import BinaryIO, NamedTuple

import numpy as np

from expert.columns.read.csv_record import NOT_CLOSED, STRAY, Cut, Cutter, column_at, place_in, text
from expert.columns.read.input_files import BOM, refuse_utf_16
from expert.columns.read.lines import LONGEST, Lines, whole
from expert.lang.errors import Location, PatientError, Problem, quoted

DELIMITERS = (",", ";", "\t", "|")
NAMELESS = "\0"
"""Begins the name that is made up for a column without one."""

_HEAD = 4 * 1024
_UTF_8 = "a file in UTF-8 (in Excel: save as CSV UTF-8)"
MOST_COLUMNS = 100_000
_MOST_LINES = 100
_SEP = re.compile(rb'"?sep=([^\r\n"])"?[,;\t|]*', re.IGNORECASE)


class DelimitedText(NamedTuple):
    """A table of delimited text, its header read."""

    file: str
    delimiter: str
    names: list[str]
    places: dict[int, Location]
    header: str
    line: int  # of the first row
    rest: bytes  # what was read beyond the header

    @property
    def named(self) -> list[str]:
        """The names that the file gives."""
        return [name for name in self.names if not name.startswith(NAMELESS)]


class _Record(NamedTuple):
    """The header, cut at one delimiter; ``last`` is its last line."""

    delimiter: str
    raw: bytes
    cut: Cut
    last: int

    @property
    def names(self) -> list[str]:
        return [text(self.raw[start:end]).strip() for start, end in self.cut.spans]

    @property
    def wrong(self) -> dict[int, Problem]:
        """What is wrong with its quotes, by the index of the cell."""
        last = {len(self.cut.spans) - 1: NOT_CLOSED} if self.cut.end < 0 else {}
        return {**dict.fromkeys(self.cut.stray, STRAY), **last}


def read_header(
    stream: BinaryIO, file: str, delimiters: Sequence[str], findings_among: Callable[[Sequence[str]], int]
) -> DelimitedText:
    """The header of a table: the first record that is not empty.

    Args:
        delimiters: the one that divides the columns, or those that may.
        findings_among: how many of some names are those of findings.

    Raises:
        PatientError: there is none, or it is not text.
    """
    data, more = stream.read(_HEAD), True
    refuse_utf_16(file, data)
    while True:
        found = _header(data, file, delimiters, findings_among, complete=not more)
        if found:
            return found
        if len(data) > LONGEST:
            raise PatientError([Problem(f"the header of {file} has no end", expected="a line that names findings")])
        added = stream.read(len(data) or 1)
        data, more = data + added, bool(added)


def _header(
    data: bytes, file: str, delimiters: Sequence[str], findings_among: Callable[[Sequence[str]], int], *, complete: bool
) -> DelimitedText | None:
    """The header of a file that begins so; ``None`` if more of it must be read."""
    start = len(BOM) if data.startswith(BOM) else 0
    end = len(data) if complete else start + whole(data[start:])
    lines = Lines(data[start:end])
    first = _filled(lines, 0)
    if first >= 0 and (said := _SEP.fullmatch(lines.text(first))):
        delimiters = _said(file, first + 1, said[1].decode("latin-1"), delimiters)
        first = _filled(lines, first + 1)
    if first < 0:
        if complete:
            raise PatientError([Problem(f"{file} is empty", expected="a header that names findings, and rows")])
        return None
    if any(lines.text(first).count(it.encode()) >= MOST_COLUMNS for it in delimiters):
        message = f"the header of {file} has more than {MOST_COLUMNS:,} columns"
        raise PatientError([Problem(message, expected="a line that names findings")])
    records = [_record(lines, first, it, complete=complete) for it in delimiters]
    if None in records:
        return None
    best = max(
        (it for it in records if it), key=lambda it: 0 if it.wrong or len(records) == 1 else findings_among(it.names)
    )
    after = start + (int(lines.starts[best.last + 1]) if best.last + 1 < len(lines) else len(lines.data))
    return _text(file, best, first + 1, data[after:])


def _said(file: str, line: int, mark: str, delimiters: Sequence[str]) -> Sequence[str]:
    """The delimiter that the first line names."""
    at = Location(file, line, 5)
    if mark in '"\r\n\0' or not mark.isascii():
        raise PatientError(
            [Problem(f"{quoted(mark)} is not a delimiter", at, f"sep={mark}", "such as , or ; or a tab")]
        )
    if len(delimiters) == 1 and mark != delimiters[0]:
        message = f"the file says that {quoted(mark)} divides its columns, and --delimiter says {quoted(delimiters[0])}"
        raise PatientError([Problem(message, at, f"sep={mark}", "one delimiter")])
    return [mark]


def _record(lines: Lines, first: int, delimiter: str, *, complete: bool) -> _Record | None:
    """The record that begins on a line; ``None`` if more lines must be read to find where it ends."""
    cutter, raw = Cutter(delimiter), lines.text(first)
    cut = cutter.cut(raw, 0, len(raw))
    if cut.end >= 0:
        return _Record(delimiter, raw, cut, first)
    last = min(first + _MOST_LINES, len(lines)) - 1
    some = lines.text(first, last)
    longer = cutter.cut(some, 0, len(some))
    if longer.end >= 0 and not longer.stray:
        at = int(lines.of(np.array([int(lines.starts[first]) + longer.end - 1]))[0])
        return _Record(delimiter, some[: longer.end], longer, at)
    if longer.end < 0 and not complete and last - first + 1 < _MOST_LINES:
        return None
    return _Record(delimiter, raw, cut, first)


def _text(file: str, record: _Record, line: int, rest: bytes) -> DelimitedText:
    raw = record.raw
    header = _decoded(file, raw, line)
    places = {it: Location(file, *place_in(raw, span[0], line)) for it, span in enumerate(record.cut.spans)}
    if record.wrong:
        raise PatientError(
            Problem(it.message, places[index], header, it.expected) for index, it in sorted(record.wrong.items())
        )
    names = record.names
    named = max((index + 1 for index, name in enumerate(names) if name), default=0)
    if named:
        names[named:] = [f"{NAMELESS}{index}" for index in range(named, len(names))]
    return DelimitedText(file, record.delimiter, names, places, header, line + len(Lines(raw)), rest)


def _filled(lines: Lines, first: int) -> int:
    """The first line from ``first`` on that is not empty; -1 if there is none."""
    return next(iter((np.flatnonzero(lines.ends[first:] > lines.starts[first:]) + first).tolist()), -1)


def _decoded(file: str, found: bytes, line: int) -> str:
    try:
        header = found.decode("utf-8")
    except UnicodeDecodeError as error:
        at = Location(file, line, column_at(found, error.start))
        message = f"byte 0x{found[error.start]:02x} is not UTF-8"
        raise PatientError([Problem(message, at, found.decode("utf-8", "replace"), _UTF_8)]) from None
    if "\0" in header:
        raise PatientError([Problem(f"{file} has NUL bytes in its header", expected="a table of text")])
    return header
