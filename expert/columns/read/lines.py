"""Physical lines: a file as blocks of whole lines, and where each line of a block begins and ends.

A line ends with LF, CR LF or a lone CR.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from expert.lang.errors import PatientError, Problem

BLOCK = 32 * 1024 * 1024
LONGEST = 64 * 1024 * 1024
LF, CR = 10, 13


class Lines:
    """The lines of some bytes: ``starts`` and ``ends`` (without the line end) of each, as offsets."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.bytes = np.frombuffer(data, np.uint8)
        last = np.flatnonzero(self.bytes == LF)
        self.lone = np.empty(0, np.int64)  # where a lone CR ends a line
        if b"\r" in data:
            returns = np.flatnonzero(self.bytes == CR)
            after = np.minimum(returns + 1, len(data) - 1)  # of a CR at the very end, itself
            self.lone = returns[self.bytes[after] != LF]
            last = np.union1d(last, self.lone)
        if data and not data.endswith((b"\n", b"\r")):
            last = np.append(last, len(data))
        self.ends = last.copy()
        self.starts = np.concatenate(([0], last[:-1] + 1)) if len(last) else last
        if b"\r\n" in data:
            long = self.ends > self.starts
            before = self.bytes[np.where(long, self.ends - 1, 0)]
            at_lf = self.bytes[np.minimum(self.ends, len(data) - 1)] == LF
            self.ends -= (long & at_lf & (self.ends < len(data)) & (before == CR)).astype(np.int64)

    def __len__(self) -> int:
        return len(self.starts)

    def text(self, first: int, last: int | None = None) -> bytes:
        """The bytes of a line, or from one line to another."""
        return self.data[int(self.starts[first]) : int(self.ends[first if last is None else last])]

    def of(self, positions: np.ndarray) -> np.ndarray:
        """The index of the line of each position."""
        return np.searchsorted(self.starts, positions, "right") - 1


class Spans:
    """Parts of some bytes: ``starts`` and ``ends`` of each, as offsets."""

    def __init__(self, data: bytes, starts: np.ndarray, ends: np.ndarray) -> None:
        self.data, self.starts, self.ends = data, starts, ends

    def __getitem__(self, row: int) -> bytes:
        return self.data[int(self.starts[row]) : int(self.ends[row])]


def whole(data: bytes) -> int:
    """How many of some bytes are whole lines; a CR at the end may yet be followed by LF."""
    return max(data.rfind(b"\n"), data.rfind(b"\r", 0, -1)) + 1


def blocks(stream: BinaryIO, file: str, head: bytes = b"", size: int = BLOCK) -> Iterator[tuple[bytes, bool]]:
    """Blocks of whole lines, ``head`` first, each with whether it is the last.

    Raises:
        PatientError: a line is too long.
    """
    rest = head
    while True:
        more = stream.read(size)
        data = rest + more if rest else more
        end = whole(data) if more else len(data)
        rest = data[end:]
        if len(rest) > LONGEST:
            message = f"{file} has a line of more than {LONGEST // 2**20} MiB"
            raise PatientError([Problem(message, expected="a table with a line for each patient")])
        if end or not more:
            yield data[:end], not more
        if not more:
            return
