"""The text of one case, in which single expectations are replaced; every character that is not replaced stays."""

from __future__ import annotations

import re
from collections.abc import Sequence

import yaml

from expert.lang.errors import InternalError

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./% -]*(?<! )")
"""Texts that need no quotes anywhere."""

Path = tuple[str, ...]
"""The keys that lead from `expect` to a value."""


class NotSafeError(InternalError):
    """An expectation is written so that it cannot be replaced without a risk for what is around it."""


class CaseText:
    """One case of a file, from the line on which it begins to the next case.

    Every method may raise `NotSafeError`.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"

    def put(self, path: Path, value: str) -> None:
        """Replace a value."""
        node = self._value(path)
        if not isinstance(node, yaml.ScalarNode):
            raise NotSafeError(f"{path[-1]} is no single value")
        self._splice(node.start_mark.index, node.end_mark.index, _written(value))

    def put_list(self, path: Path, values: Sequence[str]) -> None:
        """Replace a whole list."""
        node = self._value(path)
        block = isinstance(node, yaml.SequenceNode) and not node.flow_style
        if block or not values:
            raise NotSafeError(f"{path[-1]} is a list over several lines" if block else f"{path[-1]} would be empty")
        self._splice(node.start_mark.index, node.end_mark.index, _listed(values))

    def add(self, path: Path, entry: str) -> None:
        """Add an entry to a list, which is made if there is none."""
        *outer, key = path
        if outer and self._find(tuple(outer)) is None:
            self._add_key((), outer[0], f"{{{key}: {_listed([entry])}}}")
        elif (node := self._find(path)) is None:
            self._add_key(tuple(outer), key, _listed([entry]))
        elif not isinstance(node, yaml.SequenceNode):
            self._splice(node.start_mark.index, node.end_mark.index, f"[{self._source(node)}, {_written(entry)}]")
        elif not node.value:
            self._splice(node.start_mark.index, node.end_mark.index, _listed([entry]))
        elif node.flow_style:
            self._splice(node.value[-1].end_mark.index, node.value[-1].end_mark.index, f", {_written(entry)}")
        else:
            self._add_line(node.value[-1], f"{' ' * node.start_mark.column}- {_written(entry)}")

    def remove(self, path: Path, entry: str) -> None:
        """Remove an entry from a list, and the list with its last entry."""
        node = self._value(path)
        items = node.value if isinstance(node, yaml.SequenceNode) else [node]
        left = [it for it in items if it.value != entry]
        if not left:
            self._remove_key(path)
        elif _is_flow(node):
            self._splice(node.start_mark.index, node.end_mark.index, f"[{', '.join(map(self._source, left))}]")
        else:
            for item in reversed([it for it in items if it.value == entry]):
                self._remove_lines(item.start_mark.line, item.end_mark.line + 1)

    # --- nodes

    def _expect(self) -> yaml.MappingNode:
        try:
            node = yaml.compose(self.text, Loader=yaml.SafeLoader)
        except yaml.YAMLError:
            raise NotSafeError("it shares lines with another case") from None
        case = node.value[0] if isinstance(node, yaml.SequenceNode) and node.value else node
        pairs = case.value if isinstance(case, yaml.MappingNode) else []
        found = next((value for key, value in pairs if key.value == "expect"), None)
        if not isinstance(found, yaml.MappingNode):
            raise NotSafeError("it shares lines with another case")
        return found

    def _find(self, path: Path) -> yaml.Node | None:
        """The value at a path of keys, if there is one."""
        node: yaml.Node | None = self._expect()
        for key in path:
            pairs = node.value if isinstance(node, yaml.MappingNode) else []
            node = next((value for it, value in pairs if it.value == key), None)
        return node

    def _value(self, path: Path) -> yaml.Node:
        node = self._find(path)
        if node is None:
            raise NotSafeError(f"{path[-1]} was not found")
        return node

    def _source(self, node: yaml.Node) -> str:
        return self.text[node.start_mark.index : node.end_mark.index]

    # --- keys

    def _add_key(self, path: Path, key: str, value: str) -> None:
        """Add a key after the last one of a mapping."""
        mapping = self._value(path)
        if not isinstance(mapping, yaml.MappingNode) or not mapping.value:
            raise NotSafeError(f"{path[-1] if path else 'expect'} is no mapping")
        _, last = mapping.value[-1]
        if mapping.flow_style:
            self._splice(last.end_mark.index, last.end_mark.index, f", {key}: {value}")
        else:
            self._add_line(last, f"{' ' * mapping.start_mark.column}{key}: {value}")

    def _remove_key(self, path: Path) -> None:
        """Remove a key with its value, and a mapping with its last key."""
        *outer, name = path
        mapping = self._value(tuple(outer))
        if len(mapping.value) == 1:
            if not outer:
                raise NotSafeError("nothing would be expected")
            self._remove_key(tuple(outer))
            return
        place = next(number for number, (key, _) in enumerate(mapping.value) if key.value == name)
        key, value = mapping.value[place]
        if not _is_flow(mapping):
            self._remove_lines(key.start_mark.line, _last_line(value) + 1)
        elif place:
            self._splice(mapping.value[place - 1][1].end_mark.index, value.end_mark.index, "")
        else:
            self._splice(key.start_mark.index, mapping.value[1][0].start_mark.index, "")

    # --- characters

    def _splice(self, start: int, end: int, text: str) -> None:
        if "#" in self.text[start:end]:
            raise NotSafeError("there is a comment within it")
        self.text = self.text[:start] + text + self.text[end:]

    def _add_line(self, after: yaml.Node, line: str) -> None:
        at = self._starts()[_last_line(after) + 1]
        ended = self.text[:at].endswith(("\n", "\r")) or not at
        self._splice(at, at, f"{line}{self.newline}" if ended else f"{self.newline}{line}")

    def _remove_lines(self, first: int, end: int) -> None:
        starts = self._starts()
        self._splice(starts[first], starts[end], "")

    def _starts(self) -> list[int]:
        """Where each line begins, and the end."""
        lines = self.text.split("\n")
        starts = [0]
        for line in lines[:-1]:
            starts.append(starts[-1] + len(line) + 1)
        return [*starts, len(self.text)]


def _last_line(node: yaml.Node) -> int:
    """The line, from 0, on which a node ends."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.line)


def _is_flow(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def _listed(entries: Sequence[str]) -> str:
    return f"[{', '.join(map(_written, entries))}]"


def _written(text: str) -> str:
    """A value that is safe anywhere in YAML."""
    return text if _PLAIN.fullmatch(text) else f"'{text.replace(chr(39), 2 * chr(39))}'"
