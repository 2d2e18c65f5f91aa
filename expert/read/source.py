"""YAML text as a tree of nodes that know where they stand.

PyYAML's events are read rather than its composed nodes, because they show anchors, aliases, tags and depth before
anything is built. Scalars stay text: the vocabulary says what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from expert.errors import Location, Problem, nearest, quoted

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 20

_SUGGESTIONS = 200  # after so many problems no more spellings are compared
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_NOT_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WRITTEN_OUT = "the value written out"
_CURES = {
    "\t": "spaces: a tab does not indent",
    ":": "quotes around a text with a colon and a space",
    **dict.fromkeys("@`%", "quotes around a text that begins so"),
}


@dataclass(frozen=True)
class Source:
    """A text and the name under which people know it."""

    name: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text, without their ends."""
        return _LINE_BREAK.split(self.text)

    def line(self, number: int) -> str:
        """The text of a line, counted from 1; empty beyond the end."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


@dataclass(slots=True, eq=False)
class Scalar:
    """A single text, without the white space around it. ``end`` is the column after it; 0 if it has several lines.

    ``reported`` nodes could not be read, which has been said: no more is said about them.
    """

    source: Source
    line: int
    column: int
    text: str
    end: int = 0
    plain: bool = True
    reported: bool = False

    def column_of(self, offset: int) -> int:
        """The column of a character of the text, where the file shows it as it is; else the column of the node."""
        if not self.end:
            return self.column
        found = self.source.line(self.line).find(self.text, self.column - 1, self.end - 1)
        return self.column if found < 0 else found + 1 + offset


@dataclass(slots=True, eq=False)
class Listing:
    """A sequence of nodes."""

    source: Source
    line: int
    column: int
    items: list[Node] = field(default_factory=list)
    reported: bool = False


@dataclass(slots=True, eq=False)
class Mapping:
    """Keys with their nodes, in the order written; ``keys`` holds each key as the node that was read.

    ``again`` holds what stands at keys that were there before.
    """

    source: Source
    line: int
    column: int
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Scalar] = field(default_factory=dict)
    again: list[tuple[Scalar, Node]] = field(default_factory=list)
    reported: bool = False


Node = Scalar | Listing | Mapping


def location(node: Node) -> Location:
    """Where a node begins."""
    return Location(node.source.name, node.line, node.column)


class Names(list[str]):
    """Right spellings. Not ``whole`` where what defines them could not all be read: then no other name is wrong."""

    def __init__(self, names: Iterable[str] = (), *, whole: bool = True) -> None:
        super().__init__(names)
        self.whole = whole


class Problems:
    """Everything found wrong so far, so that it can be reported at once."""

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
        """Record a problem at a node, ``offset`` characters in, unless it only echoes one that was recorded before.

        ``word`` is compared with the right spellings ``among``.
        """
        known = among if isinstance(among, Names) else Names(among)
        if node.reported or not known.whole:
            return
        column = node.column_of(offset) if isinstance(node, Scalar) else node.column
        near = nearest(word, known) if word and len(self.found) < _SUGGESTIONS else ""
        at = Location(node.source.name, node.line, column)
        self.found.append(Problem(message, at, node.source.line(node.line), expected or one_of(known), near))

    def add_plain(self, message: str, *, expected: str = "") -> None:
        """Record a problem that has no place in a text."""
        self.found.append(Problem(message, expected=expected))


def one_of(words: Sequence[str], most: int = 12) -> str:
    """A short list of right spellings; nothing if it would be long."""
    return f"one of {', '.join(words)}" if 0 < len(words) <= most else ""


def read_bytes(path: Path) -> bytes:
    """The bytes of a file; of one that is too large, only so many as show it."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def argument(name: str, text: str) -> Source:
    """A text that people gave otherwise than in a file, as a source of one line."""
    return Source(name, re.sub("[\n\r\x85\u2028\u2029]", " ", text))


def decode(name: str, data: bytes, problems: Problems) -> Source | None:
    """Bytes as a source, or ``None`` with a problem if they are too many, not UTF-8 or hold control characters."""
    if len(data) > MAX_BYTES:
        problems.add_plain(f"{name}: the file is too large", expected=f"at most {MAX_BYTES} bytes (1 MiB)")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", "replace")
        start = Scalar(Source(name, before), *_place(before, len(before)), "")
        problems.add(start, f"byte 0x{error.object[error.start]:02x} is not UTF-8", expected="a file in UTF-8")
        return None
    source = Source(name, text)
    bad = _NOT_YAML.search(text)
    if bad:
        node = Scalar(source, *_place(text, bad.start()), "")
        problems.add(node, f"control character U+{ord(bad[0]):04X}", expected="printable text")
        return None
    return source


def parse(source: Source, problems: Problems) -> Node | None:
    """The one document of a source as a tree, or ``None`` (with problems, unless the document is empty)."""
    builder = _Builder(source, problems)
    try:
        for event in yaml.parse(source.text, Loader=_Loader):
            builder.take(event)
            if builder.stopped:
                break
    except yaml.YAMLError as error:
        _not_yaml(source, error, problems)
        return None
    root = builder.root
    empty = isinstance(root, Scalar) and root.plain and not root.text
    return None if empty else root


def _not_yaml(source: Source, error: yaml.YAMLError, problems: Problems) -> None:
    line, column, what = 1, 1, ""
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = f": {' '.join((error.problem or error.context or '').split())}"
    cure = _CURES.get(source.line(line)[column - 1 : column], "")
    problems.add(Scalar(source, line, column, ""), f"this is not YAML{what}", expected=cure)


def _place(text: str, position: int) -> tuple[int, int]:
    """Line and column, from 1, of a position in a text."""
    before = _LINE_BREAK.split(text[:position])
    return len(before), len(before[-1]) + 1


class _Builder:
    """Builds the tree from events, with a stack instead of recursion."""

    def __init__(self, source: Source, problems: Problems) -> None:
        self.source, self.problems = source, problems
        self.root: Node | None = None
        self.stopped = False
        self.documents = 0
        self.stack: list[Listing | Mapping] = []
        self.pending: list[Scalar | None] = []  # for each open mapping, the key that waits for its value

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.ScalarEvent():
                self._check_tag(event)
                self._place(self._scalar(event))
            case yaml.MappingStartEvent():
                self._open(event, Mapping(self.source, *_place_of(event.start_mark)))
            case yaml.SequenceStartEvent():
                self._open(event, Listing(self.source, *_place_of(event.start_mark)))
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._close()
            case yaml.AliasEvent():
                if not self._under_a_merge_key():
                    message = f"aliases ({_short('*', str(event.anchor))}) are not part of this language"
                    self._report(event, message, _WRITTEN_OUT)
                self._place(Scalar(self.source, *_place_of(event.start_mark), "", reported=True))
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    self._report(event, "a second document begins here", "one document in a file")
                    self.root, self.stopped = None, True

    def _under_a_merge_key(self) -> bool:
        key = self.pending[-1] if self.pending else None
        return key is not None and key.reported

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        line, column = _place_of(event.start_mark)
        last, end = _place_of(event.end_mark)
        plain = not event.style
        return Scalar(self.source, line, column, event.value.strip(), end if last == line else 0, plain)

    def _report(self, event: yaml.Event, message: str, expected: str) -> None:
        self.problems.add(Scalar(self.source, *_place_of(event.start_mark), ""), message, expected=expected)

    def _check_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None:
            self._report(event, f"anchors ({_short('&', event.anchor)}) are not part of this language", _WRITTEN_OUT)
        if event.tag is not None:
            tag = _short("", event.tag.replace("tag:yaml.org,2002:", "!!"))
            self._report(event, f"tags ({tag}) are not part of this language", "plain text, a list or a mapping")

    def _open(self, event: yaml.CollectionStartEvent, node: Listing | Mapping) -> None:
        if len(self.stack) >= MAX_DEPTH:
            self._report(event, f"nested more than {MAX_DEPTH} deep", "a flatter text")
            self.root, self.stopped = None, True
            return
        self._check_tag(event)
        self._place(node)
        self.stack.append(node)
        self.pending.append(None)

    def _close(self) -> None:
        """End a list or a mapping; what stands at a repeated key is kept as far as it adds entries."""
        node = self.stack.pop()
        self.pending.pop()
        if not isinstance(node, Mapping):
            return
        for key, more in node.again:
            first = node.entries[key.text]
            if isinstance(first, Scalar) and not first.text:
                node.entries[key.text] = more
            elif isinstance(first, Mapping) and isinstance(more, Mapping):
                new = [name for name in more.entries if name not in first.entries]
                first.entries.update((name, more.entries[name]) for name in new)
                first.keys.update((name, more.keys[name]) for name in new)

    def _place(self, node: Node) -> None:
        """Put a node where it belongs: in the open list, or as a key or a value of the open mapping."""
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        if isinstance(parent, Listing):
            parent.items.append(node)
        elif (key := self.pending[-1]) is None:
            self.pending[-1] = self._key(node)
        else:
            self.pending[-1] = None
            self._enter(parent, key, node)

    def _enter(self, parent: Mapping, key: Scalar, node: Node) -> None:
        if key.reported:
            parent.reported = True
        elif key.text in parent.entries:
            first = parent.keys[key.text].line
            self.problems.add(key, f"{quoted(key.text)} appears twice; first on line {first}", expected="each key once")
            parent.again.append((key, node))
        else:
            parent.entries[key.text] = node
            parent.keys[key.text] = key

    def _key(self, node: Node) -> Scalar:
        if not isinstance(node, Scalar):
            self.problems.add(node, "a key must be a single text", expected="KEY: VALUE")
            return Scalar(self.source, node.line, node.column, "", reported=True)
        if node.plain and node.text == "<<":
            self.problems.add(node, "merge keys (<<) are not part of this language", expected="the keys written out")
            node.reported = True
        return node


def _short(sign: str, name: str) -> str:
    return sign + (name if len(name) <= 60 else name[:57] + "...")


def _place_of(mark: Any) -> tuple[int, int]:
    """Line and column, from 1, of a mark of PyYAML, which counts from 0."""
    return mark.line + 1, mark.column + 1
