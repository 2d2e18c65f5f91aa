"""The names in a folder by their places: where one is defined and used, and renaming it.

The index of uses (`expert.read.uses`) knows what a word is from its place, so a finding is never taken for an alert of
the same name, nor a word in a text for either.
"""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from expert.edit.rename import renaming
from expert.lsp.open_folder import OpenFolder
from expert.lsp.text import Text
from expert.read.uses import Use, uses_in


def uses(folder: OpenFolder) -> list[Use]:
    """Every use of every name in the texts as they are shown, or as they last could be read."""
    texts = {name: folder.text(name) for name in folder.names()}
    if texts != folder.indexed[0]:
        trees = {name: tree for name in texts if (tree := folder.tree(name))}
        folder.indexed = (texts, uses_in(trees))
    return folder.indexed[1]


def use_at(folder: OpenFolder, name: str, offset: int) -> Use | None:
    """The use of a name at a character of a file; ``None`` if there is none."""
    text = folder.text(name)
    for it in uses(folder):
        if it.file == name and it.column:
            start, end = _characters(text, it)
            if start <= offset <= end and text.text.startswith(it.written, start):
                return it
    return None


def definitions(folder: OpenFolder, name: str, offset: int) -> list[types.Location]:
    """Where the name at a character is defined; of ``like: PATIENT``, the file of the patient."""
    text = folder.text(name)
    word, start = text.word(offset)
    if text.line_before(start).rstrip().endswith("like:"):
        file = f"patients/{word}.yaml"
        return [types.Location(folder.uri(file), Text("").whole)] if file in folder.names() else []
    return [_location(folder, it) for it in _alike(folder, name, offset) if it.role == "defines"]


def references(folder: OpenFolder, name: str, offset: int, *, definition: bool) -> list[types.Location]:
    """Where the name at a character is used, perhaps with its ``definition``."""
    return [_location(folder, it) for it in _alike(folder, name, offset) if definition or it.role != "defines"]


def highlights(folder: OpenFolder, name: str, offset: int) -> list[types.DocumentHighlight]:
    """Where in the same file the name at a character is used."""
    write, read = types.DocumentHighlightKind.Write, types.DocumentHighlightKind.Read
    return [
        types.DocumentHighlight(_range(folder, it), write if it.role in ("defines", "concludes") else read)
        for it in _alike(folder, name, offset)
        if it.file == name
    ]


def renamable(folder: OpenFolder, name: str, offset: int) -> tuple[types.Range, str] | None:
    """The range and the word of the name at a character, if it is defined in the folder."""
    found = use_at(folder, name, offset)
    defined = found and any(it.role == "defines" for it in _alike(folder, name, offset))
    return (_range(folder, found), found.written) if found and defined else None


def renamed(folder: OpenFolder, name: str, offset: int, new: str) -> types.WorkspaceEdit | None:
    """The edit that gives the name at a character another spelling everywhere.

    Raises:
        ExpertError: the texts cannot be read, the new name is not one or is taken, or it is not proved that the
            knowledge would be the same.
    """
    found = use_at(folder, name, offset)
    if found is None:
        return None
    folder.mirror.follow()
    edits: dict[str, list[types.TextEdit]] = {}
    for it in renaming(folder.mirror.path, folder.path.name, found.name, new, found.kind).edits:
        text = folder.text(it.file)
        start = text.offset_of(it.line, it.column)
        its_range = text.range(start, start + it.end - it.column)
        edits.setdefault(it.file, []).append(types.TextEdit(its_range, it.text))
    return types.WorkspaceEdit({folder.uri(file): its for file, its in edits.items()})


def _alike(folder: OpenFolder, name: str, offset: int) -> Iterator[Use]:
    """All uses of the name at a character."""
    found = use_at(folder, name, offset)
    yield from (it for it in uses(folder) if found and (it.kind, it.name) == (found.kind, found.name))


def _characters(text: Text, it: Use) -> tuple[int, int]:
    start = text.offset_of(it.line, it.column)
    return start, start + len(it.written)


def _range(folder: OpenFolder, it: Use) -> types.Range:
    text = folder.text(it.file)
    return text.range(*_characters(text, it))


def _location(folder: OpenFolder, it: Use) -> types.Location:
    return types.Location(folder.uri(it.file), _range(folder, it))
