"""Texts as nodes with their positions in a file, and the problems found in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from expert.lang.errors import Location, NotAValueError, Problem, folded, nearest

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

    @property
    def start(self) -> int:
        """The column of its first character; 0 if the file has the text in another form."""
        return self.source.line(self.line).find(self.text, self.column - 1, self.end - 1) + 1 if self.end else 0

    def column_of(self, offset: int) -> int:
        """The column of a character, or of the node if the file has the text in another form."""
        start = self.start
        return start + offset if start else self.column


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
        part: str = "",
    ) -> None:
        """Record a problem at a node, ``offset`` characters in, unless it only follows from an earlier one.

        ``word`` is compared with the valid spellings ``among``. What is wrong is the ``part`` that begins there; by
        default the word or, if that does not, all that follows.
        """
        known = among if isinstance(among, Names) else Names(among)
        if node.reported or not known.whole:
            return
        column = node.column_of(offset) if isinstance(node, Scalar) else node.column
        near = nearest(word, known) if word and len(self.found) < _SUGGESTIONS else ""
        text = node.text[offset:] if isinstance(node, Scalar) and node.start else ""
        wrong, alone = _wrong_part(text, part or word or "")
        at = Location(node.source.name, node.line, column, column + len(wrong) if wrong else 0)
        edit = near if wrong and alone else ""
        self.found.append(Problem(message, at, node.source.line(node.line), expected or one_of(known), near, edit))

    def add_fault(self, node: Node, error: NotAValueError, offset: int = 0) -> None:
        """Record that a part of a node's text, ``offset`` characters in, is not a valid value."""
        at = offset + error.offset
        self.add(node, str(error), expected=error.expected, word=error.word, among=error.among, offset=at)

    def add_plain(self, message: str, *, expected: str = "") -> None:
        """Record a problem without a location."""
        self.found.append(Problem(message, expected=expected))


def _wrong_part(text: str, word: str) -> tuple[str, bool]:
    """The part of a text that is wrong: the word that it begins with, or all of it; and whether that is the word."""
    if word and text.startswith(word):
        return word, True
    return text, folded(text) == folded(word)


def one_of(words: Sequence[str], most: int = 12) -> str:
    """A list of valid spellings; empty if it would be long."""
    return f"one of {', '.join(words)}" if 0 < len(words) <= most else ""


def argument(name: str, text: str) -> Source:
    """A text that does not come from a file, as a source of one line."""
    return Source(name, re.sub("[\n\r\x85\u2028\u2029]", " ", text))
