"""The header of a table of delimited text, and what stands before its rows."""

from __future__ import annotations

from typing import BinaryIO, NamedTuple

import numpy as np

from expert.errors import Location, PatientError, Problem
from expert.read.cohort.cut import NOT_CLOSED, STRAY, Cutter, column_at, text
from expert.read.cohort.files import BOM, refuse_utf_16
from expert.read.cohort.lines import LONGEST, Lines, whole

_HEAD = 4 * 1024


class Text(NamedTuple):
    """A table of delimited text, its header read."""

    file: str
    names: list[str]
    places: dict[int, Location]
    header: str
    line: int  # of the first row
    rest: bytes  # what was read beyond the header


def read_header(stream: BinaryIO, file: str, delimiter: str) -> Text:
    """The header of a table: the first line that is not empty.

    Raises:
        PatientError: there is none, or it is not text.
    """
    data = stream.read(_HEAD)
    refuse_utf_16(file, data)
    at = len(BOM) if data.startswith(BOM) else 0
    lines, first, whole_file = _first_line(data[at:]), -1, False
    while (first := _filled(lines)) < 0 and not whole_file:
        if len(data) > LONGEST:
            raise PatientError([Problem(f"the header of {file} has no end", expected="a line that names findings")])
        more = stream.read(len(data) or 1)
        whole_file, data = not more, data + more
        lines = Lines(data[at:]) if whole_file else _first_line(data[at:])
    if first < 0:
        raise PatientError([Problem(f"{file} is empty", expected="a header that names findings, and rows")])
    line, found = first + 1, lines.data[lines.starts[first] : lines.ends[first]]
    after = at + (int(lines.starts[first + 1]) if first + 1 < len(lines) else len(lines.data))
    header = _header_text(file, found, line)
    cut = Cutter(delimiter).cut(found, 0, len(found))
    places = {it: Location(file, line, column_at(found, span[0])) for it, span in enumerate(cut.spans)}
    wrong = {**dict.fromkeys(cut.stray, STRAY), **({len(cut.spans) - 1: NOT_CLOSED} if cut.end < 0 else {})}
    if wrong:
        raise PatientError(
            Problem(it.message, places[index], header, it.expected) for index, it in sorted(wrong.items())
        )
    names = [text(found[start:end]).strip() for start, end in cut.spans]
    return Text(file, names, places, header, line + 1, data[after:])


def _first_line(data: bytes) -> Lines:
    return Lines(data[: whole(data)])


def _filled(lines: Lines) -> int:
    """The first line that is not empty; -1 if there is none."""
    return next(iter(np.flatnonzero(lines.ends > lines.starts).tolist()), -1)


def _header_text(file: str, found: bytes, line: int) -> str:
    try:
        header = found.decode("utf-8")
    except UnicodeDecodeError as error:
        at = Location(file, line, column_at(found, error.start))
        message = f"byte 0x{found[error.start]:02x} is not UTF-8"
        raise PatientError([Problem(message, at, found.decode("utf-8", "replace"), "a file in UTF-8")]) from None
    if "\0" in header:
        raise PatientError([Problem(f"{file} has NUL bytes in its header", expected="a table of text")])
    return header
