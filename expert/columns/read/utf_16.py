"""A file in UTF-16 that says so with a byte order mark, as Excel's "Unicode text", is read as if it were UTF-8."""

from __future__ import annotations

import codecs
import io
from typing import BinaryIO, cast

from expert.lang.errors import PatientError, Problem

_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def as_utf_8(stream: BinaryIO, file: str) -> BinaryIO:
    """The same bytes, or those of the same text in UTF-8 if the stream begins with the mark of UTF-16.

    Raises:
        PatientError: when it is read: it is not UTF-16.
    """
    head = stream.read(2)
    return cast(BinaryIO, _FromUtf16(stream, head, file) if head in _MARKS else _Begun(stream, head))


class _Begun(io.RawIOBase):
    """A stream after some of its bytes have been read."""

    def __init__(self, stream: BinaryIO, head: bytes) -> None:
        self.stream, self.head = stream, head

    def read(self, size: int = -1) -> bytes:
        """At most that many bytes, fewer at the end."""
        head, self.head = self.head, b""
        return head + self.stream.read(max(size - len(head), 0) if size >= 0 else -1)


class _FromUtf16(_Begun):
    def __init__(self, stream: BinaryIO, head: bytes, file: str) -> None:
        super().__init__(stream, head)
        self.file, self.decoder = file, codecs.getincrementaldecoder("utf-16")()

    def read(self, size: int = -1) -> bytes:
        """Some bytes; none at the end alone."""
        while True:
            data = super().read(size if size < 0 else max(size, 2))
            try:
                text = self.decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                message = f"{self.file} begins as UTF-16 and is not: {error.reason}"
                raise PatientError([Problem(message, expected="a complete file in UTF-16, or UTF-8")]) from None
            if text or not data:
                return text.encode("utf-8")
