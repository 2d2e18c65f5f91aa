"""CSV: the structure of every row is checked before Polars reads those that are right.

Lines are checked by columns: how many delimiters are outside quotes, whether every quote opens, closes or is written
twice, whether the bytes are UTF-8. What is not plain is cut cell by cell.

A quoted cell may span lines. If its quote is never closed, or is closed within a word, the quote was left open: the
record ends with its line and is rejected, and the lines after it are rows again; so too if it is closed only after a
hundred lines, most of which are rows by themselves. Most of fewer lines may be rows, or
text that was written in a cell. So all of them are one record, which is rejected.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import polars as pl

from expert.columns.read.batch import LONGEST_TEXT, Piece, Reject, RowFault, numbers
from expert.columns.read.cell_meaning import RowReader
from expert.columns.read.csv_header import NAMELESS, DelimitedText
from expert.columns.read.csv_record import NOT_CLOSED, STRAY, SWALLOWS, Cut, Cutter, place_in, text
from expert.columns.read.input_files import BOM
from expert.columns.read.lines import BLOCK, LF, LONGEST, Lines, Spans, blocks
from expert.lang.errors import Location, Problem

_QUOTE = 34
_LOOK_AHEAD = 100  # lines after an open quote that say whether it swallows rows
_NUL = Problem("there is a NUL byte here", expected="text")


class TextRows(Spans):
    """Rows of delimited text: where each begins and ends in a block."""

    def __init__(self, data: bytes, starts: np.ndarray, ends: np.ndarray, names: list[str], cutter: Cutter) -> None:
        super().__init__(data, starts, ends)
        self.names, self.cutter = names, cutter

    def take(self, rows: np.ndarray) -> TextRows:
        """Some of the rows."""
        return TextRows(self.data, self.starts[rows], self.ends[rows], self.names, self.cutter)

    def place(self, row: int, column: str, line: int) -> tuple[int, int]:
        """Line and column at which a cell begins, if the row begins on this line."""
        raw = self[row]
        return place_in(raw, self.cutter.start(raw, self.names.index(column)), line)


class TextTable:
    """Reads the rows of one table of delimited text."""

    def __init__(self, table: DelimitedText, rows: RowReader) -> None:
        self.file, self.names = table.file, table.names
        self.table, self.delimiter = table, table.delimiter
        self.cutter = Cutter(table.delimiter)
        self.rows = rows
        self.line, self.record = table.line, 1  # of what comes next

    def pieces(self, stream: BinaryIO, size: int = BLOCK) -> Iterator[Piece]:
        """The rows of the stream in which the header was read."""
        rest = b""
        for data, last in blocks(stream, self.file, self.table.rest, size):
            block = _Block(rest + data if rest else data, self, last)
            yield block.piece()
            rest = block.data[block.used :]
            self.line += block.lines_used
            self.record += block.records

    def frame(self, data: bytes, rows: int) -> pl.DataFrame:
        """Records that are right, as columns of text."""
        schema = dict.fromkeys(self.names, pl.String())
        if not rows:
            return pl.DataFrame(schema=schema)
        if not data.startswith(BOM):  # which Polars takes for no part of the first cell
            found = pl.read_csv(io.BytesIO(data), has_header=False, schema=schema, separator=self.delimiter)
            if found.height == rows:
                return found
        return pl.DataFrame(list(self._cells(data)), schema=schema, orient="row")

    def _cells(self, data: bytes) -> Iterator[list[str]]:
        """The cells of each record, cut one by one."""
        at = 0
        while at < len(data):
            cut = self.cutter.cut(data, at, len(data))
            yield [text(data[start:end]) for start, end in cut.spans]
            at = cut.end + (2 if data[cut.end : cut.end + 2] == b"\r\n" else 1)


class _Block:
    """A block of whole lines being read. ``used`` and ``lines_used`` are the bytes and lines read so far."""

    def __init__(self, data: bytes, table: TextTable, last: bool) -> None:
        self.data, self.table, self.last = data, table, last
        self.lines = Lines(data)
        self.quotes = np.empty(0, np.int64)
        self.used, self.lines_used, self.records = len(data), len(self.lines), 0
        self.fields, self.open, self.malformed = self._count()

    def piece(self) -> Piece:
        """The rows that are right, and the others as rejects."""
        filled = self.lines.ends > self.lines.starts
        wrong = filled & ((self.fields != len(self.table.names)) | self.open | self.malformed)
        wrong[self._unreadable()] = True
        begins, right, last = filled.copy(), filled & ~wrong, np.arange(len(self.lines))
        self._span_lines(wrong, begins, right, last)
        used = self.lines_used
        number = np.cumsum(begins[:used]) + (self.table.record - 1)
        self.records = int(begins[:used].sum())
        left = np.flatnonzero(begins[:used] & ~right[:used]).tolist()
        blank = {index for index in left if self._is_empty(index, int(last[index]))}
        rejected = [index for index in left if index not in blank]
        empty = tuple(sorted(int(number[index]) for index in blank))
        rejects = [self._reject(index, int(last[index]), int(number[index])) for index in rejected]
        firsts = np.flatnonzero(right[:used])
        cells = self.table.frame(self._bytes_of(firsts, last[firsts]), len(firsts))
        raw = TextRows(
            self.data,
            self.lines.starts[firsts],
            self.lines.ends[last[firsts]],
            self.table.names,
            self.table.cutter,
        )
        at = numbers(firsts + self.table.line)
        return Piece(self.table.file, cells, numbers(number[firsts]), at, raw, rejects, self.records, empty)

    def _span_lines(self, wrong: np.ndarray, begins: np.ndarray, right: np.ndarray, last: np.ndarray) -> None:
        """Join the lines of records that span several: ``last`` is the last line of the record that begins on each."""
        done = -1
        for index in np.flatnonzero(wrong & self.open).tolist():
            if index <= done:
                continue
            done, fields = self._extent(index)
            if done < 0:
                self.used, self.lines_used = int(self.lines.starts[index]), index
                return
            if done > index:
                last[index] = done
                begins[index + 1 : done + 1] = right[index + 1 : done + 1] = False
                whole = fields == len(self.table.names) and not self._swallows_rows(index, done)
                right[index] = whole and not self._bad_bytes_in(index, done)

    def _bytes_of(self, firsts: np.ndarray, lasts: np.ndarray) -> bytes:
        """The text of some records, each with LF at its end."""
        lines, data = self.lines, self.data
        if not len(firsts):
            return b""
        if len(lines.lone):
            changed = lines.bytes.copy()
            changed[np.intersect1d(lines.lone, lines.ends[lasts])] = LF
            data = changed.tobytes()
        breaks = np.flatnonzero(firsts[1:] != lasts[:-1] + 1)
        after = np.append(lines.starts[1:], len(data))
        begin = lines.starts[np.append(firsts[0], firsts[breaks + 1])].tolist()
        end = after[np.append(lasts[breaks], lasts[-1])].tolist()
        return b"".join([data[start:stop] for start, stop in zip(begin, end, strict=True)])

    # --- by columns

    def _count(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """For each line alone: its fields, whether a quoted cell is open at its end, whether a quote is stray."""
        lines, count = self.lines, len(self.lines)
        marks = np.flatnonzero(lines.bytes == ord(self.table.delimiter))
        none = np.zeros(count, bool)
        if b'"' not in self.data:
            fields = np.searchsorted(marks, lines.ends) - np.searchsorted(marks, lines.starts) + 1
            return fields, none, none
        quotes = self.quotes = np.flatnonzero(lines.bytes == _QUOTE)
        line = lines.of(quotes)
        first = np.searchsorted(quotes, lines.starts)  # of each line, its first quote
        opens = (np.arange(len(quotes)) - first[line]) % 2 == 0
        odd = np.bincount(line, minlength=count) % 2 == 1
        stray = ~np.where(opens, self._begins(quotes, line), self._closes(quotes, line))
        malformed = np.bincount(line[stray], minlength=count) > 0
        fields = np.searchsorted(marks, lines.ends) - np.searchsorted(marks, lines.starts) + 1
        return fields - self._quoted(marks, quotes, line, opens), odd & ~malformed, malformed

    def _quoted(self, marks: np.ndarray, quotes: np.ndarray, line: np.ndarray, opens: np.ndarray) -> np.ndarray:
        """The number of delimiters within quotes in each line."""
        begin = quotes[opens]
        end = self.lines.ends[line[opens]]  # where the quote is not closed
        closed = np.flatnonzero(opens[:-1] & ~opens[1:])
        end[np.searchsorted(begin, quotes[closed])] = quotes[closed + 1]
        within = np.searchsorted(marks, end) - np.searchsorted(marks, begin)
        return np.bincount(line[opens], within, minlength=len(self.lines)).astype(np.int64)

    def _begins(self, quotes: np.ndarray, line: np.ndarray) -> np.ndarray:
        """The quotes at a place where one may open a cell, or that are the second of two."""
        before = self.lines.bytes[np.maximum(quotes - 1, 0)]
        at_start = quotes == self.lines.starts[line]
        begins: np.ndarray = at_start | (before == ord(self.table.delimiter)) | (before == _QUOTE)
        return begins

    def _closes(self, quotes: np.ndarray, line: np.ndarray) -> np.ndarray:
        """The quotes at a place where one may close a cell, or that are the first of two."""
        after = self.lines.bytes[np.minimum(quotes + 1, len(self.data) - 1)]
        at_end = quotes + 1 == self.lines.ends[line]
        closes: np.ndarray = at_end | (after == ord(self.table.delimiter)) | (after == _QUOTE)
        return closes

    def _unreadable(self) -> list[int]:
        """The lines that hold NUL bytes or are not UTF-8."""
        found: list[int] = []
        if b"\0" in self.data:
            found += self.lines.of(np.flatnonzero(self.lines.bytes == 0)).tolist()
        if not _is_utf_8(self.data):
            lines = np.unique(self.lines.of(np.flatnonzero(self.lines.bytes >= 0x80))).tolist()
            found += [index for index in lines if not _is_utf_8(self.lines.text(index))]
        return found

    # --- one record at a time

    def _extent(self, index: int) -> tuple[int, int]:
        """The last line and the fields of the record that begins here and has a quoted cell open at the line's end.

        It is the same line if the quote was left open, and -1 if more of the file is needed.
        """
        lines, size, before = self.lines, len(self.data), int(self.fields[index])
        opened = int(self.quotes[np.searchsorted(self.quotes, lines.ends[index]) - 1])
        ahead = index + 1 + _LOOK_AHEAD
        cut = self.table.cutter.cut(self.data, opened, size)
        if cut.stray:
            return index, before
        if cut.end >= 0:
            last = int(lines.of(np.array([cut.end - 1]))[0])
            swallows = last >= ahead and self._are_rows(index + 1, ahead)
            return (index if swallows else last), before + len(cut.spans) - 1
        swallows = ahead <= len(lines) and self._are_rows(index + 1, ahead)
        given_up = swallows or self.last or size - opened > LONGEST
        return (index if given_up else -1), before

    def _swallows_rows(self, first: int, last: int) -> bool:
        """Whether most of the lines after the first of a record are rows by themselves."""
        return self._are_rows(first + 1, min(last, first + _LOOK_AHEAD) + 1)

    def _are_rows(self, first: int, after: int) -> bool:
        """Whether most of some lines are rows by themselves."""
        wide = len(self.table.names)
        fields = self.fields[first:after]
        return wide > 1 and 2 * int((fields == wide).sum()) > after - first

    def _bad_bytes_in(self, first: int, last: int) -> bool:
        raw = self.lines.text(first, last)
        return b"\0" in raw or not _is_utf_8(raw)

    def _is_empty(self, first: int, last: int) -> bool:
        """Whether a record has nothing but delimiters and blanks."""
        return not self.lines.text(first, last).translate(None, b" \t" + self.table.cutter.mark)

    def _cut(self, first: int, last: int) -> tuple[bytes, Cut]:
        raw = self.lines.text(first, last)
        return raw, self.table.cutter.cut(raw, 0, len(raw))

    def _reject(self, first: int, last: int, record: int) -> Reject:
        """The record with everything that is wrong with its structure, and then with its cells."""
        line, wide = self.table.line + first, len(self.table.names)
        if first == last and self.fields[first] > 10 * wide + 1_000:  # too many to look at each
            fault = RowFault("", "", _not_as_many(int(self.fields[first]), wide, Location(self.table.file, line)))
            return Reject(self.table.file, record, line, self.lines.text(first, last), (fault,))
        raw, cut = self._cut(first, last)
        wrong: list[tuple[int, int, Problem]] = [(index, cut.spans[index][0], STRAY) for index in cut.stray]
        if cut.end < 0:
            wrong.append((len(cut.spans) - 1, cut.spans[-1][0], NOT_CLOSED))
        elif last > first and self._swallows_rows(first, last):
            at = next(place for place, (start, end) in enumerate(cut.spans) if len(Lines(raw[start:end])) > 1)
            wrong.append((at, cut.spans[at][0], SWALLOWS))
        wrong += [(_at(cut, at), at, problem) for at, problem in _bad_bytes(raw)]
        aligned = len(cut.spans) == wide
        if aligned:
            names = self.table.names
            cells = (
                (name, span) for name, span in zip(names, cut.spans, strict=True) if name in self.table.rows.columns
            )
            texts = {name: text(raw[start:end]) for name, (start, end) in cells}
            for name, _, problem in self.table.rows.faults(texts, {names[index] for index, _, _ in wrong}):
                wrong.append((names.index(name), cut.spans[names.index(name)][0], problem))
        faults = [self._fault(raw, cut, line, *it, aligned=aligned) for it in sorted(wrong, key=lambda it: it[1])]
        if not aligned:
            place = Location(self.table.file, line)
            faults.insert(0, RowFault("", "", _not_as_many(len(cut.spans), wide, place)))
        return Reject(self.table.file, record, line, raw, tuple(faults))

    def _fault(
        self, raw: bytes, cut: Cut, line: int, index: int, offset: int, problem: Problem, *, aligned: bool
    ) -> RowFault:
        start, end = cut.spans[index]
        at = Location(self.table.file, *place_in(raw, offset, line))
        located = Problem(problem.message, at, "", problem.expected, problem.suggestion)
        name = self.table.names[index] if aligned else ""
        cell = text(raw[start : min(end, start + LONGEST_TEXT)])
        return RowFault("" if name.startswith(NAMELESS) else name, cell, located)


def _not_as_many(some: int, wide: int, at: Location) -> Problem:
    message = f"the row has {some} {'cell' if some == 1 else 'cells'}, and the header {wide}"
    return Problem(message, at, expected=f"{wide} cells")


def _at(cut: Cut, offset: int) -> int:
    """The cell at an offset."""
    return next((index for index, (_, end) in enumerate(cut.spans) if offset <= end), len(cut.spans) - 1)


def _bad_bytes(raw: bytes) -> Iterator[tuple[int, Problem]]:
    """The first byte that is not UTF-8, and the first NUL."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        yield error.start, Problem(f"byte 0x{raw[error.start]:02x} is not UTF-8", expected="a file in UTF-8")
    if (at := raw.find(b"\0")) >= 0:
        yield at, _NUL


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
