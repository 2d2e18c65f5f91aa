"""The cells of one record of delimited text, with quotes as RFC 4180 has them; for the few that need a closer look."""

from __future__ import annotations

import re
from typing import NamedTuple

from expert.columns.read.lines import Lines
from expert.lang.errors import Problem

NOT_CLOSED = Problem("a quote is not closed", expected='a closing quote, and " within quotes written ""')
STRAY = Problem("there is a quote within the cell", expected='the cell in quotes, and " within it written ""')
SWALLOWS = Problem(
    "a quote is closed only after lines that look like rows",
    expected="a closing quote in its own row, or a cell whose lines have other numbers of delimiters",
)

_QUOTE = b'"'


class Cut(NamedTuple):
    """Where the cells of a record are.

    Attributes:
        spans: start and end of each cell, its quotes included.
        end: where the record ends; -1 if that is not in sight, for a quoted cell is still open.
        stray: the cells with a quote that neither opens nor closes them, nor is written twice.
    """

    spans: list[tuple[int, int]]
    end: int
    stray: list[int]


class Cutter:
    """Cuts records at one delimiter."""

    def __init__(self, delimiter: str) -> None:
        self.mark = delimiter.encode()
        self.stop = re.compile(b"[\r\n" + re.escape(self.mark) + b"]")

    def cut(self, data: bytes, start: int, end: int) -> Cut:
        """The record that begins at ``start`` and ends with its line, or within ``end`` if quotes span lines.

        A cell with a stray quote ends at the next delimiter.
        """
        spans: list[tuple[int, int]] = []
        stray: list[int] = []
        at = start
        while True:
            close = at
            if data[at : at + 1] == _QUOTE and at < end:
                close = closing(data, at + 1, end)
                if close < 0:
                    return Cut([*spans, (at, end)], -1, stray)
                close += 1
            found = self.stop.search(data, close, end)
            stop = found.start() if found else end
            if stop > close if close > at else data.find(_QUOTE, at, stop) >= 0:
                stray.append(len(spans))
            spans.append((at, stop))
            if data[stop : stop + 1] != self.mark or stop >= end:
                return Cut(spans, stop, stray)
            at = stop + 1

    def start(self, record: bytes, cell: int) -> int:
        """Where a cell of a record begins."""
        if _QUOTE in record:
            return self.cut(record, 0, len(record)).spans[cell][0]
        return sum(map(len, record.split(self.mark, cell)[:cell])) + cell * len(self.mark)


def closing(data: bytes, at: int, end: int) -> int:
    """The place of the quote that closes a cell; -1 if there is none."""
    while True:
        at = data.find(_QUOTE, at, end)
        if at < 0 or data[at + 1 : at + 2] != _QUOTE or at + 1 >= end:
            return at
        at += 2


def text(cell: bytes) -> str:
    """The text of a cell without its quotes; bytes that are not UTF-8 as ``\\xff``."""
    if len(cell) > 1 and cell[:1] == cell[-1:] == _QUOTE:
        cell = cell[1:-1].replace(b'""', _QUOTE)
    return cell.decode("utf-8", "backslashreplace")


def column_at(line: bytes, offset: int) -> int:
    """The column, in characters from 1, of an offset in a line."""
    return len(line[:offset].decode("utf-8", "replace")) + 1


def place_in(raw: bytes, offset: int, line: int) -> tuple[int, int]:
    """Line and column of an offset in a record that begins on a line."""
    before = Lines(raw[:offset] if b"\n" in raw or b"\r" in raw else b"")
    if not len(before):
        return line, column_at(raw, offset)
    new = raw[offset - 1 : offset] in (b"\n", b"\r")
    last = raw[int(before.starts[-1]) : offset]
    return (line + len(before), 1) if new else (line + len(before) - 1, column_at(last, len(last)))
