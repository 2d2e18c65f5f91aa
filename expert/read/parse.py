"""From bytes to text, and from YAML text to a tree of nodes.

PyYAML's events are used rather than its composed nodes, because they show anchors, aliases, tags and depth before
anything is built. Scalars stay text: the vocabulary gives them types.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable
from os import PathLike
from typing import Any

import yaml
from yaml import ScalarEvent

from expert.lang.errors import InternalError, Problem, quoted
from expert.read.source import LINE_BREAK, Listing, Mapping, Node, Problems, Scalar, Source

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 20
_UTF_16 = (BOM_UTF16_LE, BOM_UTF16_BE)
_TOO_DEEP, _FLATTER = f"nested more than {MAX_DEPTH} deep", "less nesting"
_PAIR = re.compile(r"((?<!\\)(?:\\\\)*)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)
_NOT_YAML = yaml.reader.Reader.NON_PRINTABLE  # compiled already, which saves 5 ms; it allows a byte order mark
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WRITTEN_OUT = "the value written out"


def read_source(path: str | PathLike[str], problems: Problems, *, name: str = "", expected: str = "") -> Source | None:
    """The text of a file, which people know by ``name``; ``None`` with a problem if it cannot be read as text."""
    shown = name or str(path)
    try:
        data = read_bytes(path)
    except (OSError, ValueError) as error:
        why = (isinstance(error, OSError) and error.strerror) or str(error)
        problems.add_plain(f"{shown} cannot be read: {why}", expected=expected)
        return None
    return decode(shown, data, problems)


def read_bytes(path: str | PathLike[str]) -> bytes:
    """The bytes of a file; one more than `MAX_BYTES` if it is too large."""
    with open(path, "rb") as file:
        return file.read(MAX_BYTES + 1)


def is_utf_16(data: bytes) -> bool:
    """Whether bytes look like a text in UTF-16."""
    return data[:2] in _UTF_16 or (len(data) >= 8 and data[:8].count(0) == 4)


def decode(name: str, data: bytes, problems: Problems) -> Source | None:
    """Bytes as a source; ``None``, with a problem, if they are too many, not UTF-8 or have control characters."""
    if is_utf_16(data):
        problems.add(Scalar(Source(name, ""), 1, 1, ""), "this is UTF-16", expected="a file in UTF-8")
        return None
    if len(data) > MAX_BYTES:
        problems.add_plain(f"{name}: the file is too large", expected=f"at most {MAX_BYTES} bytes (1 MiB)")
        return None
    try:
        text = data.removeprefix(BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", "replace")
        start = Scalar(Source(name, before), *_place(before, len(before)), "")
        problems.add(start, f"byte 0x{error.object[error.start]:02x} is not UTF-8", expected="a file in UTF-8")
        return None
    source = Source(name, text)
    bad = _NOT_YAML.search(text.replace("\ufeff", "\0"))
    if bad:
        node = Scalar(source, *_place(text, bad.start()), "")
        problems.add(node, f"control character U+{ord(text[bad.start()]):04X}", expected="printable text")
        return None
    return source


_Tree = tuple[str, Node | None, list[Problem]]
_kept: dict[str, _Tree] | None = None


def keep_trees() -> None:
    """From now on, keep the tree of each file until its text changes: for what reads a folder again and again.

    Nothing changes a tree once it is built.
    """
    global _kept
    _kept = {}


def parse(source: Source, problems: Problems) -> Node | None:
    """The only document of a source as a tree; ``None`` if it is empty, or invalid (with problems)."""
    if _kept is None or not source.name:
        return _parsed(source, problems)
    text, root, found = _kept.get(source.name, ("", None, []))
    if not text or text != source.text:
        own = Problems()
        text, root, found = _kept[source.name] = (source.text, _parsed(source, own), own.found)
    problems.found += found
    return root


def _parsed(source: Source, problems: Problems) -> Node | None:
    loader = None
    if _is_in_conflict(source, problems):
        return None
    try:
        loader = _Loader(_as_yaml(source.text))
        root = _Builder(source, problems, loader.get_event).document()
    except _RefusedError:
        return None
    except yaml.YAMLError as error:
        _add_cause(source, error, problems)
        return None
    finally:
        if loader:
            loader.dispose()
    empty = isinstance(root, Scalar) and root.plain and not root.text
    return None if empty else root


def _as_yaml(text: str) -> str:
    """JSON with escaped pairs of surrogates rewritten for YAML, which escapes such characters differently."""
    if text.lstrip()[:1] not in ("{", "["):
        return text

    def whole(found: re.Match[str]) -> str:
        high, low = int(found[2], 16), int(found[3], 16)
        return f"{found[1]}\\U{0x10000 + (high - 0xD800) * 0x400 + low - 0xDC00:08x}"

    return _PAIR.sub(whole, text)


def _add_cause(source: Source, error: yaml.YAMLError, problems: Problems) -> None:
    from expert.read.not_yaml import cause

    found = cause(source.lines, error)
    if "nesting depth" in found.message:  # the parser reads brackets ahead
        found = found._replace(message=_TOO_DEEP, expected=_FLATTER)
    problems.add(Scalar(source, found.line, found.column, ""), found.message, expected=found.expected)


def _is_in_conflict(source: Source, problems: Problems) -> bool:
    """Report a merge conflict in a text; whether there is one."""
    if not re.search("^<{7}(?: |$)", source.text, re.MULTILINE):
        return False
    from expert.read.not_yaml import conflict

    found = conflict(source.lines)
    if found:
        problems.add(Scalar(source, found.line, found.column, ""), found.message, expected=found.expected)
    return found is not None


def _place(text: str, position: int) -> tuple[int, int]:
    """Line and column, from 1, of a position in a text."""
    before = LINE_BREAK.split(text[:position])
    return len(before), len(before[-1]) + 1


class _RefusedError(InternalError):
    """The rest of the text is not read; the reason has been reported."""


class _Builder:
    """Builds the tree from the events of a text."""

    def __init__(self, source: Source, problems: Problems, next_event: Callable[[], Any]) -> None:
        self.source, self.problems, self.next_event = source, problems, next_event
        self.depth = 0

    def document(self) -> Node | None:
        """The root of the document; ``None`` if there is none.

        Raises:
            _RefusedError: it is too deep, or there is a second one.
        """
        self.next_event()  # the beginning of the stream
        if isinstance(self.next_event(), yaml.StreamEndEvent):
            return None
        root = self._node(self.next_event())
        if isinstance(root, Scalar) and not root.text.isascii():
            self._check_spaces()
        self.next_event()  # the end of the document
        if not isinstance(after := self.next_event(), yaml.StreamEndEvent):
            self._report(after, "a second document begins here", "one document in a file")
            raise _RefusedError
        return root

    def _node(self, event: Any, key: Scalar | None = None) -> Node:
        """The node that begins with an event; if it is a value, ``key`` is its key."""
        if isinstance(event, ScalarEvent):
            if event.anchor is not None or event.tag is not None:
                self._check_tag(event)
            start: Any = event.start_mark
            end: Any = event.end_mark
            after = end.column + 1 if end.line == start.line else 0
            return Scalar(self.source, start.line + 1, start.column + 1, event.value.strip(), after, not event.style)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, key)
        if self.depth == MAX_DEPTH:
            self._report(event, _TOO_DEEP, _FLATTER)
            raise _RefusedError
        self._check_tag(event)
        self.depth += 1
        node = self._mapping(event) if isinstance(event, yaml.MappingStartEvent) else self._listing(event)
        self.depth -= 1
        return node

    def _alias(self, event: yaml.AliasEvent, key: Scalar | None) -> Scalar:
        if key is None or not key.reported:
            message = f"aliases ({_short('*', str(event.anchor))}) are not part of this language"
            self._report(event, message, _WRITTEN_OUT)
        return Scalar(self.source, *_place_of(event.start_mark), "", reported=True)

    def _listing(self, event: yaml.SequenceStartEvent) -> Listing:
        node = Listing(self.source, *_place_of(event.start_mark))
        while not isinstance(item := self.next_event(), yaml.SequenceEndEvent):
            node.items.append(self._node(item))
        return node

    def _mapping(self, event: yaml.MappingStartEvent) -> Mapping:
        node = Mapping(self.source, *_place_of(event.start_mark))
        while not isinstance(first := self.next_event(), yaml.MappingEndEvent):
            key = self._key(self._node(first))
            if isinstance(first, ScalarEvent) and not first.style and not first.value[:1].isascii():
                self._check_indent(first, key)
            value = self._node(self.next_event(), key)
            if key.reported:
                node.reported = True
            elif key.text in node.entries:
                message = f"{quoted(key.text)} appears twice; first on line {node.keys[key.text].line}"
                self.problems.add(key, message, expected="each key once")
                node.again.append((key, value))
            else:
                node.entries[key.text] = value
                node.keys[key.text] = key
        for key, value in node.again:
            _add(node, key.text, value)
        return node

    def _key(self, node: Node) -> Scalar:
        if not isinstance(node, Scalar):
            self.problems.add(node, "a key must be a single text", expected="KEY: VALUE")
            return Scalar(self.source, node.line, node.column, "", reported=True)
        if node.plain and node.text == "<<":
            self.problems.add(node, "merge keys (<<) are not part of this language", expected="the keys written out")
            node.reported = True
        return node

    def _check_spaces(self) -> None:
        """Reject a text that is read as a scalar because of a space that YAML does not treat as one."""
        from expert.read.not_yaml import odd_spaces

        if found := next(odd_spaces(self.source.lines), None):
            node = Scalar(self.source, found.line, found.column, "")
            self.problems.add(node, found.message, expected=found.expected)
            raise _RefusedError

    def _check_indent(self, event: yaml.ScalarEvent, key: Scalar) -> None:
        """Report a key that is indented with white space other than spaces."""
        from expert.read.not_yaml import odd_spaces

        found = next(odd_spaces([f"{event.value}:"]), None)
        if found and not key.reported:
            self.problems.add(Scalar(self.source, key.line, key.column, ""), found.message, expected=found.expected)
            key.reported = True

    def _check_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None:
            self._report(event, f"anchors ({_short('&', event.anchor)}) are not part of this language", _WRITTEN_OUT)
        if event.tag is not None:
            tag = _short("", event.tag.replace("tag:yaml.org,2002:", "!!"))
            self._report(event, f"tags ({tag}) are not part of this language", "plain text, a list or a mapping")

    def _report(self, event: yaml.Event, message: str, expected: str) -> None:
        self.problems.add(Scalar(self.source, *_place_of(event.start_mark), ""), message, expected=expected)


def _add(node: Mapping, key: str, more: Node) -> None:
    """Merge the value of a repeated key into the first one, as far as it adds entries."""
    first = node.entries[key]
    if isinstance(first, Scalar) and not first.text:
        node.entries[key] = more
    elif isinstance(first, Mapping) and isinstance(more, Mapping):
        new = [name for name in more.entries if name not in first.entries]
        first.entries.update((name, more.entries[name]) for name in new)
        first.keys.update((name, more.keys[name]) for name in new)


def _short(sign: str, name: str) -> str:
    return sign + (name if len(name) <= 60 else name[:57] + "...")


def _place_of(mark: Any) -> tuple[int, int]:
    """Line and column, from 1, of a mark of PyYAML, which counts from 0."""
    return mark.line + 1, mark.column + 1
