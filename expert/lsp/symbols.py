"""The entries of files: their outline, and the search for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lsprotocol import types

from expert.lang.folder_layout import kind_of
from expert.lang.format import FORMS, Entries
from expert.lsp.open_folder import OpenFolder
from expert.lsp.text import Text
from expert.read.source import Listing, Mapping, Node, Scalar

_KINDS = {
    "rule": types.SymbolKind.Event,
    "finding": types.SymbolKind.Field,
    "concluded": types.SymbolKind.Property,
    "step": types.SymbolKind.Class,
    "option": types.SymbolKind.Method,
    "alert": types.SymbolKind.Constant,
    "case": types.SymbolKind.Function,
}


class Entry(NamedTuple):
    """An entry of a file: the name of the file, the form and the name of the entry, and its title.

    ``start`` and ``end`` are the characters of its name, ``after`` that after the whole entry.
    """

    file: str
    form: str
    name: str
    title: str
    start: int
    end: int
    after: int
    within: str = ""


def outline(folder: OpenFolder, name: str, text: Text) -> list[types.DocumentSymbol]:
    """The entries of a file as it is shown, or as it last could be read."""
    found: dict[str, list[types.DocumentSymbol]] = {}
    top: list[types.DocumentSymbol] = []
    for it in entries(folder, name):
        after = min(it.after, len(text.text))
        inner: list[types.DocumentSymbol] = []
        symbol = types.DocumentSymbol(
            it.name or "(no name)",
            _KINDS.get(it.form, types.SymbolKind.Object),
            text.range(it.start, max(after, it.end)),
            text.range(it.start, it.end),
            detail=it.title,
            children=inner,
        )
        found.get(it.within, top).append(symbol)
        found[f"{it.form} {it.name}"] = inner
    return top


def search(folder: OpenFolder, query: str) -> list[types.WorkspaceSymbol]:
    """The entries of a folder whose names or titles have all words of a query."""
    words = query.casefold().split()
    found = []
    for it in all_entries(folder):
        if all(word in f"{it.name} {it.title}".casefold() for word in words):
            place = types.Location(folder.uri(it.file), folder.text(it.file).range(it.start, it.end))
            kind = _KINDS.get(it.form, types.SymbolKind.Object)
            found.append(types.WorkspaceSymbol(place, it.name, kind, container_name=it.title or it.form))
    return found


def all_entries(folder: OpenFolder) -> Iterator[Entry]:
    """The entries of all files of a folder."""
    for name in folder.names():
        yield from entries(folder, name)


def entries(folder: OpenFolder, name: str) -> Iterator[Entry]:
    """The entries of a file as it is shown, or as it last could be read."""
    text = folder.text(name)
    tree, kind = folder.tree(name), kind_of(name)
    if kind == "cases":
        yield from _cases(tree, name, text)
    elif isinstance(tree, Mapping) and kind in FORMS:
        for key, it in FORMS[kind].keys.items():
            if isinstance(it.value, Entries) and it.value.of in FORMS:
                yield from _section(tree, key, it.value.of, name, text, len(text.text))


def _section(tree: Mapping, key: str, form: str, name: str, text: Text, end: int, within: str = "") -> Iterator[Entry]:
    """The entries of a section of a mapping that ends at a character, each before those within it."""
    section = tree.entries.get(key)
    if not isinstance(section, Mapping):
        return
    upto = min((at for it in tree.keys.values() if (at := _start(it, text)) > _start(section, text)), default=end)
    keys = list(section.keys.values())
    for it, after in zip(keys, _ends(keys, text, upto), strict=True):
        value = section.entries[it.text]
        start = text.offset_of(it.line, it.column)
        yield Entry(name, form, it.text, _title(value), start, start + len(it.text), after, within)
        for inner, own in FORMS[form].keys.items():
            if isinstance(own.value, Entries) and own.value.of in FORMS and isinstance(value, Mapping):
                yield from _section(value, inner, own.value.of, name, text, after, f"{form} {it.text}")


def _cases(tree: Node | None, name: str, text: Text) -> Iterator[Entry]:
    items = [it for it in tree.items if isinstance(it, Mapping)] if isinstance(tree, Listing) else []
    for it, after in zip(items, _ends(items, text, len(text.text)), strict=True):
        called = it.entries.get("name")
        start = text.offset_of(it.line, it.column)
        said = called.text if isinstance(called, Scalar) else ""
        yield Entry(name, "case", " ".join(said.split()), "", start, text.end_of_word(start), after)


def _ends(nodes: list[Scalar] | list[Mapping], text: Text, upto: int) -> list[int]:
    """Where each of some nodes ends: before the next, the last one before a character."""
    starts = [_start(it, text) for it in nodes]
    return [text.end_of_content(after) for after in [*starts[1:], upto][: len(nodes)]]


def _start(node: Node, text: Text) -> int:
    return text.offset_of(node.line, node.column)


def _title(node: Node) -> str:
    found = node.entries.get("title") or node.entries.get("text") if isinstance(node, Mapping) else None
    return " ".join(found.text.split()) if isinstance(found, Scalar) else ""
