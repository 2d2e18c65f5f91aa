"""Adding an entry to a YAML text at the end of its section; everything else stays as it is, byte by byte."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from expert.lang.errors import KnowledgeError, Problem, nearest, quoted
from expert.read.parse import parse
from expert.read.source import Listing, Mapping, Node, Problems, Scalar, Source, location


class _Place(NamedTuple):
    """The line before which an entry goes, its column, and the lines that begin its section if there is none."""

    line: int
    column: int
    header: Sequence[str] = ()


def with_entry(text: str, entry: str, path: Sequence[str], name: str) -> str:
    """A text with an entry at the end of the section at ``path``, or of its list if the path is empty.

    Args:
        text: YAML, as the file ``name`` holds it.
        path: a section, or what leads to one within an entry: ``("steps", "surgery", "options")``.

    Raises:
        KnowledgeError: the section is written in braces or brackets, or it is not what the entry belongs to.
    """
    problems = Problems()
    tree = parse(Source(name, text), problems)
    if problems.found:
        raise KnowledgeError(problems.found)
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    place = _in_section(tree, path, lines, name) if path else _in_list(tree, lines, name)
    added = [" " * place.column + line if line.strip() else line for line in _unindented(entry)]
    after = "".join([*lines[: place.line], *place.header, *added, *lines[place.line :]])
    _check_added(tree, parse(Source(name, after), problems), path, problems, name)
    return after


def _in_list(tree: Node | None, lines: list[str], name: str) -> _Place:
    if tree is not None and (not isinstance(tree, Listing) or not tree.items or _is_flow(tree, lines)):
        raise KnowledgeError([Problem(f"{name} is not a list of cases", expected="- name: ...")])
    return _Place(len(lines), tree.items[0].column - 3 if isinstance(tree, Listing) else 0)


def _in_section(tree: Node | None, path: Sequence[str], lines: list[str], name: str) -> _Place:
    if tree is None:
        return _Place(len(lines), 2, [*(["\n"] if lines else []), f"{path[0]}:\n", "\n"])
    if not isinstance(tree, Mapping) or _is_flow(tree, lines):
        raise KnowledgeError([Problem(f"{name} has no place for this", expected=f"{path[0]}: at the left margin")])
    end, within = len(lines), tree
    for depth, key in enumerate(path):
        column = min((it.column for it in within.keys.values()), default=1) - 1
        if key not in within.entries:
            last = _after_content(lines, end, column) if depth else end
            return _new_section(within, path, depth, _Place(last, column))
        at = within.keys[key].line
        end = min([end, *(it.line - 1 for it in within.keys.values() if it.line > at)])
        found = within.entries[key]
        if not isinstance(found, Mapping) or not found.entries or _is_flow(found, lines):
            message = f"{key} has no entries here to add to"
            raise KnowledgeError([Problem(message, location(within.keys[key]), expected="NAME: on its own line")])
        within = found
    column = min(key.column for key in within.keys.values()) - 1
    return _Place(_after_content(lines, end, column), column)


def _new_section(within: Mapping, path: Sequence[str], depth: int, end: _Place) -> _Place:
    """A section that begins with the new entry; only an entry of the first level is its own beginning."""
    if depth == 0:
        return _Place(end.line, 2, ["\n", f"{path[0]}:\n", "\n"])
    if depth == len(path) - 1:
        return _Place(end.line, end.column + 2, [" " * end.column + f"{path[depth]}:\n"])
    message = f"{quoted(path[depth])} is not one of the {path[depth - 1]}"
    raise KnowledgeError([Problem(message, suggestion=nearest(path[depth], list(within.entries)))])


def _after_content(lines: list[str], end: int, column: int) -> int:
    """The end of a section without the blank lines and the comments left of ``column``, which lead to what follows."""
    while end and _leads_on(lines[end - 1], column):
        end -= 1
    return end


def _leads_on(line: str, column: int) -> bool:
    text = line.lstrip()
    return not text or (text.startswith("#") and len(line) - len(text) < max(column, 1))


def _unindented(entry: str) -> list[str]:
    lines = entry.splitlines(keepends=True)
    column = len(lines[0]) - len(lines[0].lstrip())
    return [line[column:] for line in lines]


def _is_flow(node: Listing | Mapping, lines: list[str]) -> bool:
    """Whether a node is written in braces or brackets."""
    return lines[node.line - 1][node.column - 1 : node.column] in ("{", "[")


def _check_added(before: Node | None, after: Node | None, path: Sequence[str], problems: Problems, name: str) -> None:
    """Refuse a text that is not the old one and an entry more."""
    old, new = _plain(before), _plain(after)
    _take_last(new, path)
    if problems.found or (old or None) != (new or None):
        raise KnowledgeError([Problem(f"{name} is left as it is: there is no simple place for an entry in it")])


def _take_last(tree: object, path: Sequence[str]) -> None:
    """Take the last entry of a section away, and sections that it leaves empty."""
    if not path and isinstance(tree, list) and tree:
        tree.pop()
    if not path and isinstance(tree, dict) and tree:
        tree.popitem()
    if path and isinstance(tree, dict) and path[0] in tree:
        _take_last(tree[path[0]], path[1:])
        if not tree[path[0]]:
            del tree[path[0]]


def _plain(node: Node | None) -> object:
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Listing):
        return [_plain(item) for item in node.items]
    return {key: _plain(value) for key, value in node.entries.items()} if isinstance(node, Mapping) else None
