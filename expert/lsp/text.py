"""A text with its positions as editors count them and as the readers do.

An editor ends lines only at line feeds and carriage returns, and counts in units of an encoding; a reader ends them
wherever YAML does, and counts characters.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from lsprotocol import types

from expert.read.source import LINE_BREAK

_EDITOR_BREAK = re.compile("\r\n|[\n\r]")
_WORD = re.compile(r"[\w.-]+")
_PART = re.compile(r"[^\s,\[\]{}\"'#]+")


class Text:
    """A text of an editor or a file; ``encoding`` is the one in which the editor counts."""

    def __init__(self, text: str, encoding: str = "utf-16") -> None:
        self.text, self.encoding = text, encoding

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in _EDITOR_BREAK.finditer(self.text))]

    @cached_property
    def _starts_in_yaml(self) -> list[int]:
        return [0, *(found.end() for found in LINE_BREAK.finditer(self.text))]

    def position(self, offset: int) -> types.Position:
        """The position of a character, which is counted from 0."""
        line = bisect_right(self._starts, offset) - 1
        return types.Position(line, self._units(self.text[self._starts[line] : offset]))

    def offset(self, position: types.Position) -> int:
        """The character at a position, or the nearest one before."""
        if position.line >= len(self._starts):
            return len(self.text)
        start = self._starts[position.line]
        line = _EDITOR_BREAK.split(self.text[start : start + position.character + 1], maxsplit=1)[0]
        while self._units(line) > position.character:
            line = line[:-1]
        return start + len(line)

    def offset_of(self, line: int, column: int) -> int:
        """The character at a place of a reader, whose lines and columns are counted from 1."""
        if not 0 < line <= len(self._starts_in_yaml):
            return 0
        mark = line == 1 and self.text.startswith("\ufeff")
        return min(self._starts_in_yaml[line - 1] + max(column - 1, 0) + mark, len(self.text))

    def range(self, start: int, end: int) -> types.Range:
        """The range between two characters."""
        return types.Range(self.position(start), self.position(end))

    @property
    def data(self) -> bytes:
        """The text as a file holds it; half of a pair, which no file can hold, stays what it is."""
        return self.text.encode("utf-8", "surrogatepass")

    @property
    def line_end(self) -> str:
        """What ends its lines."""
        return "\r\n" if "\r\n" in self.text else "\n"

    @property
    def whole(self) -> types.Range:
        """The range of the whole text."""
        return self.range(0, len(self.text))

    def end_of_word(self, start: int) -> int:
        """The end of the word that begins at a character, its signs included."""
        found = _PART.match(self.text, start)
        return found.start() + len(found[0].rstrip(":")) if found else start

    def end_of_content(self, before: int) -> int:
        """The end of the last text before a character."""
        return len(self.text[:before].rstrip(" \r\n-"))

    def word(self, offset: int) -> tuple[str, int]:
        """The word around a character and where it begins; an empty one if there is none."""
        start = offset
        while start and _WORD.match(self.text, start - 1):
            start -= 1
        found = _WORD.match(self.text, start)
        word = found[0].rstrip(".") if found and found.end() >= offset else ""
        return word, start

    def line_before(self, offset: int) -> str:
        """The text of a line up to a character."""
        start = self._starts[bisect_right(self._starts, offset) - 1]
        return self.text[start:offset]

    def _units(self, text: str) -> int:
        if self.encoding == "utf-16":
            return len(text) + sum(it > "\uffff" for it in text)
        return len(text.encode("utf-8", "surrogatepass")) if self.encoding == "utf-8" else len(text)
