"""The rejects: a CSV with a line for each fault, and in it the whole row as it was read.

The row's text is lossless: a backslash is written ``\\\\``, and a byte that is not UTF-8, or is NUL, as ``\\xff`` or
``\\x00``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import TextIO

from expert.columns.read.batch import Batch, Reject
from expert.lang.errors import ExpertError

COLUMNS = ("file", "record", "line", "column", "text", "reason", "row")


class RejectsFile:
    """Writes rejects to a text stream, which was opened as UTF-8 and with ``newline=""``; ``rows`` were written so far.

    The columns are ``file,record,line,column,text,reason,row``; a row with three faults has three lines.
    """

    def __init__(self, stream: TextIO) -> None:
        self.rows = 0
        self._write = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC).writerow
        self._write(COLUMNS)

    def write(self, rejects: Iterable[Reject]) -> None:
        """Add some rejects."""
        for reject in rejects:
            row = escaped(reject.raw)
            self.rows += 1
            for fault in reject.faults:
                line = fault.line or reject.line or ""
                text = fault.text.replace("\0", "\\x00")
                self._write((_text(reject.file), reject.record, line, fault.column, text, fault.reason, row))


class Tally:
    """How many records were read, answered and rejected, and how many had no content."""

    def __init__(self) -> None:
        self.read = self.answered = self.rejected = self.empty = 0

    def add(self, batch: Batch) -> None:
        """Count a batch.

        Raises:
            ExpertError: a record of the batch is neither answered, rejected nor empty, or is two of these.
        """
        answered, rejected, empty = batch.patients.height, len(batch.rejects), len(batch.empty)
        heights = {answered, batch.passed.height if batch.passed.width else answered, len(batch.records)}
        others = {*(reject.record for reject in batch.rejects), *batch.empty.to_list()}
        numbers = {*batch.records.to_list(), *others} if others else ()
        if len(heights) > 1 or answered + rejected + empty != batch.read or (numbers and len(numbers) != batch.read):
            came = f"{answered} were answered, {rejected} rejected and {empty} without content"
            raise ExpertError(f"{batch.file}: of {batch.read} records, {came}")
        self.read += batch.read
        self.answered += answered
        self.rejected += rejected
        self.empty += empty


def escaped(raw: bytes) -> str:
    """A row's bytes as text from which they can be restored."""
    return raw.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace").replace("\0", "\\x00")


def _text(name: str) -> str:
    """A file's name, which need not be UTF-8."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
