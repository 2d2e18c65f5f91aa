"""House style of a text, as the edit that brings it about."""

from __future__ import annotations

from lsprotocol import types

from expert.edit.format import formatted_safely
from expert.lang.errors import ExpertError
from expert.lang.folder_layout import kind_of
from expert.lsp.text import Text
from expert.read.parse import decode, parse
from expert.read.source import Problems


def formatting(name: str, text: Text) -> list[types.TextEdit]:
    """The lines that change when a file is put in house style; none if it is, or cannot be."""
    problems = Problems()
    source = decode(name, text.data, problems)
    if source is None or parse(source, problems) is None or problems.found:
        return []
    try:
        after = formatted_safely(source.text.replace("\r\n", "\n"), kind_of(name), name)
    except ExpertError:
        return []
    if "\r\n" in text.text:
        after = after.replace("\n", "\r\n")
    return [difference(text, after)] if after != source.text else []


def difference(text: Text, after: str) -> types.TextEdit:
    """One edit that makes a text into another, without the lines that both begin and end with."""
    old, new = text.text.splitlines(keepends=True), after.splitlines(keepends=True)
    first = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    most = min(len(old), len(new)) - first
    ends = zip(reversed(old), reversed(new), strict=False)
    same = next((at for at, (a, b) in enumerate(ends) if a != b or at >= most), most)
    start = len("".join(old[:first]))
    end = len("".join(old[: len(old) - same]))
    return types.TextEdit(text.range(start, end), "".join(new[first : len(new) - same]))
