"""The house style of knowledge files: keys in the documented order, indentation, nothing else.

First the lines of entries are moved, with the comments above them; then ruamel.yaml writes the indentation. A file
is only written if it then reads as before and holds the same comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from expert.edit.comments import LOADER, comments, places_of_comments, with_comments_along
from expert.edit.edited_file import text_of
from expert.lang.errors import ExpertError, KnowledgeError, Location, Problem, require
from expert.lang.folder_layout import FILES, files_in, kind_of, name_within, order_at
from expert.lang.model import KnowledgeBase
from expert.lang.premises import Premise
from expert.read.folder import joined, read_files
from expert.read.knowledge import folder_name, read_knowledge, read_stored
from expert.read.parse import parse
from expert.read.source import Listing, Node, Problems, Scalar, Source
from expert.read.source import Mapping as MappingNode

_OF_THE_FILES = ("text", "sha256", "directory")
"""The attributes of a knowledge base about the files that it was read from."""

_HEAD = re.compile(r"(?: *(?:#.*)?\n)*---[ \t]*(?:#.*)?\n")
"""Where a document begins with a mark: ruamel.yaml loses the comments above it."""


def misformatted(directory: str | None, files: Sequence[Path] = ()) -> dict[Path, str]:
    """The files of a knowledge folder (or some of them) that are not in house style, with what they would be.

    Raises:
        KnowledgeError: the folder cannot be read, or a file does not belong to it.
        MissingExtraError: ruamel.yaml is not installed.
    """
    kb = read_knowledge(directory)
    folder = Path(kb.directory)
    found: dict[Path, str] = {}
    for file in _chosen(folder, files):
        kind = _kind(folder, file)
        before = text_of(file)
        after = formatted_safely(before, kind, str(file))
        if before != after:
            found[file] = after
    if found:
        _check_meaning(kb, found)
    return found


def formatted_safely(text: str, kind: str, name: str) -> str:
    """A text of a kind of file in house style; messages call it ``name``.

    Raises:
        KnowledgeError: it would then read differently or lose a comment.
        MissingExtraError: ruamel.yaml is not installed.
    """
    require("fmt", "edit", "ruamel.yaml")
    from expert.edit.round_trip import YAMLError

    try:
        after = formatted(text, kind)
        if after != text:
            _check(text, after, kind, name)
    except (YAMLError, yaml.YAMLError):  # ruamel.yaml ends lines at fewer characters than PyYAML
        message = f"{name} is left unchanged: its style cannot be read"
        raise KnowledgeError([Problem(message, expected="simpler YAML in this file")]) from None
    return after


def formatted(text: str, kind: str) -> str:
    """A text of a kind of file (see `layout.FILES`) in house style.

    Raises:
        MissingExtraError: ruamel.yaml is not installed.
    """
    require("fmt", "edit", "ruamel.yaml")
    from expert.edit.round_trip import house_style

    text = re.sub(r"(?m)^[ \t]+$", "", text.replace("\r\n", "\n")).lstrip("\n")
    if parse(Source("", text), Problems()) is None:
        return text
    if head := _HEAD.match(text):
        return head[0] + formatted(text[head.end() :], kind)
    order = partial(order_at, kind)
    moved = _in_order(_folded(text), kind)
    return with_comments_along(moved, house_style(moved, order))


# --- files ------------------------------------------------------------------------------------------------------------


def _chosen(folder: Path, files: Sequence[Path]) -> Iterator[Path]:
    """The files that are meant: those given, those in the folders given, or all."""
    for file in files or [folder]:
        if file.is_dir():
            inside = file.resolve()
            yield from (it for it in files_in(folder) if it.parent.resolve().is_relative_to(inside))
        else:
            yield file


def _kind(folder: Path, file: Path) -> str:
    """The kind of a file of the folder."""
    kind = kind_of(name_within(folder, file))
    if not kind:
        raise KnowledgeError([Problem(f"{file} is not a file of {folder}", expected=", ".join(FILES.values()))])
    return kind


# --- what must stay ---------------------------------------------------------------------------------------------------


def _check(before: str, after: str, kind: str, file: str) -> None:
    """Refuse a text that reads differently or has lost a comment."""
    same = _content(before, kind) == _content(after, kind) and comments(before) == comments(after)
    if not same or formatted(after, kind) != after:
        message = f"{file} is left unchanged: house style would change its content"
        raise KnowledgeError([Problem(message, expected="simpler YAML in this file")])


def _check_meaning(kb: KnowledgeBase, texts: Mapping[Path, str]) -> None:
    """Refuse texts that would change what the folder says."""
    folder = Path(kb.directory)
    new = {name_within(folder, file): text for file, text in texts.items()}
    name = folder_name(kb)
    files = read_files(folder, name, Problems())
    changed = {file: new[file].encode() if file in new else data for file, data in files.items()}
    if _without_places(read_stored(joined(changed), name)) != _without_places(kb):
        raise ExpertError(f"{name} is left unchanged: house style would change its content")


def _without_places(value: Any) -> Any:
    """A value of the model as plain data: no places, no hash; mappings with their order."""
    if isinstance(value, Location):
        return None
    if isinstance(value, KnowledgeBase):
        named = value._asdict().items()
        return [(name, _without_places(it)) for name, it in named if name not in _OF_THE_FILES]
    if isinstance(value, Premise):
        said = (getattr(value, name) for name in value.__match_args__)
        return [type(value).__name__, *map(_without_places, said)]
    if isinstance(value, Mapping):
        return [(key, _without_places(it)) for key, it in value.items()]
    return [_without_places(it) for it in value] if isinstance(value, tuple) else value


def _content(text: str, kind: str) -> Any:
    """The content of a text, without the order of keys where there is a documented one."""
    return _plain(parse(Source("", text), Problems()), (), kind)


def _plain(node: Node | None, path: tuple[str, ...], kind: str) -> Any:
    if isinstance(node, Scalar):
        return " ".join(node.text.split())
    if isinstance(node, Listing):
        return [_plain(item, (*path, "-"), kind) for item in node.items]
    if not isinstance(node, MappingNode):
        return None
    found = [(key, _plain(value, (*path, key), kind)) for key, value in node.entries.items()]
    return dict(found) if order_at(kind, path) else found


# --- moving lines -----------------------------------------------------------------------------------------------------


def _in_order(text: str, kind: str) -> str:
    """The text with the lines of entries in the documented order of their keys, inner mappings first."""
    lines = text.split("\n")
    whole_lines = {number for number, column, _ in places_of_comments(text) if not lines[number][:column].strip()}
    disordered = list(_disordered(yaml.compose(text, Loader=LOADER), (), kind))
    for mapping, order in reversed(disordered):
        _reorder(lines, mapping, order, whole_lines)
    return "\n".join(lines)


def _disordered(node: Any, path: tuple[str, ...], kind: str) -> Iterator[tuple[yaml.MappingNode, list[int]]]:
    """Each mapping in block style with keys out of order, outer ones first, with the order of its entries."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _disordered(item, (*path, "-"), kind)
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        return
    keys = [key.value for key, _ in node.value]
    wanted = order_at(kind, path)
    order = sorted(
        range(len(keys)), key=lambda at: wanted.index(keys[at]) if keys[at] in wanted else len(wanted) + bool(wanted)
    )
    if wanted and order != sorted(order):
        yield node, order
    for key, value in node.value:
        yield from _disordered(value, (*path, key.value), kind)


def _reorder(lines: list[str], mapping: yaml.MappingNode, order: Iterable[int], whole_lines: set[int]) -> None:
    """Put the lines of the entries of a mapping in order, each with the comments and blank lines above it."""
    column = mapping.start_mark.column
    starts = [key.start_mark.line for key, _ in mapping.value]
    bounds = [starts[0]]
    for _, value in mapping.value:
        end = max(_end(value), bounds[-1] + 1)
        while end in whole_lines and lines[end].index("#") > column:  # a comment further in belongs to what it is in
            end += 1
        bounds.append(end)
    prefix = lines[starts[0]][:column]
    lines[starts[0]] = " " * column + lines[starts[0]][column:]
    blocks = [lines[start:end] for start, end in pairwise(bounds)]
    above = [key - start for key, start in zip(starts, bounds, strict=False)]
    first, *_ = order = list(order)
    head = blocks[first][above[first]]
    blocks[first][above[first]] = prefix + head[column:]
    lines[bounds[0] : bounds[-1]] = [line for at in order for line in blocks[at]]


def _end(node: Any) -> int:
    """The line after the last one of a node."""
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        text = node.start_mark.line + 1
        last = node.end_mark.line + (node.end_mark.column > 0)
        return max(last, text)
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last_entry = node.value[-1]
        return max(map(_end, last_entry)) if isinstance(last_entry, tuple) else _end(last_entry)
    return int(node.end_mark.line) + 1


def _folded(text: str) -> str:
    """The text with plain texts that run over several lines written as folded ones, line by line."""
    lines = text.split("\n")
    for node in reversed(list(_running_on(yaml.compose(text, Loader=LOADER)))):
        key, value = node
        start, end = value.start_mark, value.end_mark
        body = [lines[start.line][start.column :], *lines[start.line + 1 : end.line + 1]]
        if (
            start.line == key.start_mark.line
            and all(line.strip() for line in body)
            and end.column == len(lines[end.line])
        ):
            indent = " " * (key.start_mark.column + 2)
            head = lines[start.line][: start.column] + ">-"
            lines[start.line : end.line + 1] = [head, *(indent + line.strip() for line in body)]
    return "\n".join(lines)


def _running_on(node: Any) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """The entries of mappings in block style with plain texts of several lines as values."""
    if isinstance(node, yaml.CollectionNode) and node.flow_style:
        return
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _running_on(item)
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if isinstance(value, yaml.ScalarNode) and not value.style and value.start_mark.line < value.end_mark.line:
            yield key, value
        yield from _running_on(value)
