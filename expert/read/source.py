"""Texts as nodes with their positions in a file, and the problems found in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from expert.lang.errors import Location, NotAValueError, Problem, nearest

_SUGGESTIONS = 200  # no spellings are suggested after this number of problems
LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


class Source:
    """A text and its name in messages."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text, without their ends."""
        return LINE_BREAK.split(self.text)

    def line(self, number: int) -> str:
        """The text of a line, counted from 1; empty beyond the end."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


class Scalar:
    """A single text, stripped. ``end`` is the column after it, or 0 if it has several lines.

    ``reported`` nodes could not be read; no further problems are reported for them.
    """

    __slots__ = ("column", "end", "line", "plain", "reported", "source", "text")

    def __init__(
        self,
        source: Source,
        line: int,
        column: int,
        text: str,
        end: int = 0,
        plain: bool = True,
        reported: bool = False,
    ) -> None:
        self.source, self.line, self.column, self.text = source, line, column, text
        self.end, self.plain, self.reported = end, plain, reported

    def column_of(self, offset: int) -> int:
        """The column of a character, or of the node if the file has the text in another form."""
        if not self.end:
            return self.column
        found = self.source.line(self.line).find(self.text, self.column - 1, self.end - 1)
        return self.column if found < 0 else found + 1 + offset


class Listing:
    """A sequence of nodes."""

    def __init__(self, source: Source, line: int, column: int) -> None:
        self.source, self.line, self.column = source, line, column
        self.items: list[Node] = []
        self.reported = False


class Mapping:
    """Keys with their nodes, in the order written; ``keys`` has the node of each key.

    ``again`` has the values of repeated keys.
    """

    def __init__(
        self,
        source: Source,
        line: int,
        column: int,
        entries: dict[str, Node] | None = None,
        keys: dict[str, Scalar] | None = None,
    ) -> None:
        self.source, self.line, self.column = source, line, column
        self.entries: dict[str, Node] = {} if entries is None else entries
        self.keys: dict[str, Scalar] = {} if keys is None else keys
        self.again: list[tuple[Scalar, Node]] = []
        self.reported = False


Node = Scalar | Listing | Mapping


def location(node: Node) -> Location:
    """Where a node begins."""
    return Location(node.source.name, node.line, node.column)


class Names(list[str]):
    """Valid names. They are not ``whole`` if their definitions could not all be read: other names may be valid, too."""

    def __init__(self, names: Iterable[str] = (), *, whole: bool = True) -> None:
        super().__init__(names)
        self.whole = whole


class Problems:
    """The problems found so far, to be reported together."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(
        self,
        node: Node,
        message: str,
        *,
        expected: str = "",
        word: str | None = None,
        among: Iterable[str] = (),
        offset: int = 0,
    ) -> None:
        """Record a problem at a node, ``offset`` characters in, unless it only follows from an earlier one.

        ``word`` is compared with the valid spellings ``among``.
        """
        known = among if isinstance(among, Names) else Names(among)
        if node.reported or not known.whole:
            return
        column = node.column_of(offset) if isinstance(node, Scalar) else node.column
        near = nearest(word, known) if word and len(self.found) < _SUGGESTIONS else ""
        at = Location(node.source.name, node.line, column)
        self.found.append(Problem(message, at, node.source.line(node.line), expected or one_of(known), near))

    def add_fault(self, node: Node, error: NotAValueError, offset: int = 0) -> None:
        """Record that a part of a node's text, ``offset`` characters in, is not a valid value."""
        at = offset + error.offset
        self.add(node, str(error), expected=error.expected, word=error.word, among=error.among, offset=at)

    def add_plain(self, message: str, *, expected: str = "") -> None:
        """Record a problem without a location."""
        self.found.append(Problem(message, expected=expected))


def one_of(words: Sequence[str], most: int = 12) -> str:
    """A list of valid spellings; empty if it would be long."""
    return f"one of {', '.join(words)}" if 0 < len(words) <= most else ""


def argument(name: str, text: str) -> Source:
    """A text that does not come from a file, as a source of one line."""
    return Source(name, re.sub("[\n\r\x85\u2028\u2029]", " ", text))
