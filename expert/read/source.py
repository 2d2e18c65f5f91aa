"""YAML text as a tree of nodes that know where they stand.

PyYAML's events are read rather than its composed nodes, because they show anchors, aliases, tags and depth before anything is
built. Scalars stay text: the vocabulary says what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import yaml

from expert.errors import Location, Problem, nearest

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 20

_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_NOT_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Source:
    """A text and the name under which people know it."""

    name: str
    text: str

    def line(self, number: int) -> str:
        """The text of a line, counted from 1; empty beyond the end."""
        lines = _LINE_BREAK.split(self.text)
        return lines[number - 1] if 0 < number <= len(lines) else ""


@dataclass(slots=True, eq=False)
class Scalar:
    """A single text. ``plain`` tells it from a quoted or folded one."""

    source: Source
    line: int
    column: int
    text: str
    plain: bool = True


@dataclass(slots=True, eq=False)
class Listing:
    """A sequence of nodes."""

    source: Source
    line: int
    column: int
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Mapping:
    """Keys with their nodes, in the order written; ``keys`` holds each key as the node that was read."""

    source: Source
    line: int
    column: int
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Scalar] = field(default_factory=dict)


Node = Scalar | Listing | Mapping


def location(node: Node) -> Location:
    """Where a node begins."""
    return Location(node.source.name, node.line, node.column)


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
        word: str = "",
        among: Iterable[str] = (),
        offset: int = 0,
    ) -> None:
        """Record a problem at a node, ``offset`` characters in; ``word`` is compared with the right spellings ``among``."""
        known = list(among)
        at = Location(node.source.name, node.line, node.column + offset)
        line = node.source.line(node.line)
        self.found.append(Problem(message, at, line, expected or one_of(known), nearest(word, known) if word else ""))

    def add_plain(self, message: str, *, expected: str = "") -> None:
        """Record a problem that has no place in a text."""
        self.found.append(Problem(message, expected=expected))


def one_of(words: Sequence[str], most: int = 12) -> str:
    """A short list of right spellings; nothing if it would be long."""
    return f"one of {', '.join(words)}" if 0 < len(words) <= most else ""


def decode(name: str, data: bytes, problems: Problems) -> Source | None:
    """Bytes as a source, or ``None`` with a problem if they are too many, not UTF-8 or hold control characters."""
    if len(data) > MAX_BYTES:
        problems.add_plain(f"{name}: the file has {len(data)} bytes", expected=f"at most {MAX_BYTES}")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        start = Scalar(Source(name, before), *_place(before, len(before)), "")
        problems.add(start, f"byte 0x{data[error.start]:02x} is not UTF-8", expected="a file in UTF-8")
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
                return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = (error.problem or error.context or "not YAML").replace("\n", " ")
        problems.add(Scalar(source, line, column, ""), f"this is not YAML: {what}")
        return None
    except yaml.YAMLError:
        problems.add(Scalar(source, 1, 1, ""), "this is not YAML")
        return None
    return builder.root


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
                self._place(self._node(Scalar, event, event.value, event.style is None))
            case yaml.MappingStartEvent():
                self._open(event, self._node(Mapping, event))
            case yaml.SequenceStartEvent():
                self._open(event, self._node(Listing, event))
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.stack.pop()
                self.pending.pop()
            case yaml.AliasEvent():
                self._stop(event, f"aliases (*{event.anchor}) are not part of this language", "the value written out")
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    self._stop(event, "a second document begins here", "one document in a file")

    def _node(self, kind: type, event: yaml.Event, *rest: object) -> Node:
        mark = event.start_mark
        node: Node = kind(self.source, mark.line + 1, mark.column + 1, *rest)
        return node

    def _stop(self, event: yaml.Event, message: str, expected: str) -> None:
        self.problems.add(self._node(Scalar, event, ""), message, expected=expected)
        self.stopped = True

    def _check_tag(self, event: yaml.NodeEvent) -> None:
        if event.anchor is not None:
            self._stop(event, f"anchors (&{event.anchor}) are not part of this language", "the value written out")
        elif getattr(event, "tag", None) is not None:
            self._stop(event, f"tags ({event.tag}) are not part of this language", "plain text, a list or a mapping")

    def _open(self, event: yaml.NodeEvent, node: Node) -> None:
        self._check_tag(event)
        if len(self.stack) >= MAX_DEPTH:
            self._stop(event, f"nested more than {MAX_DEPTH} deep", "a flatter text")
        if self.stopped:
            return
        self._place(node)
        assert not isinstance(node, Scalar)
        self.stack.append(node)
        self.pending.append(None)

    def _place(self, node: Node) -> None:
        if self.stopped:
            return
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        if isinstance(parent, Listing):
            parent.items.append(node)
        elif self.pending[-1] is None:
            self.pending[-1] = self._key(node)
        else:
            key = self.pending[-1]
            self.pending[-1] = None
            if key.text in parent.entries:
                first = parent.keys[key.text].line
                self.problems.add(key, f"{key.text!r} appears twice; first on line {first}", expected="each key once")
            else:
                parent.entries[key.text] = node
                parent.keys[key.text] = key

    def _key(self, node: Node) -> Scalar:
        if not isinstance(node, Scalar):
            self.problems.add(node, "a key must be a single text", expected="KEY: VALUE")
            self.stopped = True
            return Scalar(self.source, node.line, node.column, "")
        if node.plain and node.text == "<<":
            self.problems.add(node, "merge keys (<<) are not part of this language", expected="the keys written out")
            self.stopped = True
        return node
