"""Where in a file a character is: the keys above it, found by indentation, so that the text need not be valid YAML."""

from __future__ import annotations

import re
from collections.abc import Iterable

from expert.lang.folder_layout import form_at
from expert.lang.format import Key
from expert.lsp.text import Text

ITEM = "-"
"""In a path, means an item of a list."""

_LINE = re.compile(
    r"(?P<indent> *)(?P<dashes>(?:- +)*)(?:(?P<key>[^\s:#'\"\[\]{}-][^:#]*?|-[^\s:#][^:#]*?) *:(?= |$))?"
)

Path = tuple[str, ...]


def path_of(text: Text, offset: int) -> Path:
    """The keys of the mappings that the line of a character belongs to, without its own key."""
    line = text.line_before(offset)
    before = text.text[: offset - len(line)]
    found = _LINE.match(line)
    assert found
    open_at: list[tuple[int, str]] = []
    for other in before.splitlines():
        if other.strip() and not other.lstrip().startswith("#"):
            _enter(open_at, other)
    _enter(open_at, line[: found.end("dashes")], column=found.end("dashes"))
    return tuple(part for _, part in open_at)


def _enter(open_at: list[tuple[int, str]], line: str, column: int | None = None) -> None:
    """Leave what a line does not belong to, and enter what begins on it; ``column`` is where something may follow."""
    found = _LINE.match(line)
    assert found
    at = len(found["indent"])
    for it in re.finditer("-", found["dashes"]):
        at = found.start("dashes") + it.start()
        while open_at and (open_at[-1][0] > at or open_at[-1] == (at, ITEM)):
            open_at.pop()
        open_at.append((at, ITEM))
    inner = found.end("dashes") if column is None else column
    if found["key"] or column is not None:
        while open_at and open_at[-1][0] >= inner:
            open_at.pop()
    if found["key"]:
        open_at.append((inner, found["key"].strip()))


def key_on(line: str) -> str:
    """The key on a line; empty if there is none."""
    found = _LINE.match(line)
    return (found["key"] or "") if found else ""


def key_at(kind: str, text: Text, start: int, word: str) -> Key | None:
    """The key that a word is, which begins at a character; ``None`` if it is none."""
    if text.line_before(start).strip(" -") or not text.text.startswith(":", start + len(word)):
        return None
    form = form_at(kind, path_of(text, start))
    return form.keys.get(word) if form else None


def keys_around(text: Text, offset: int) -> set[str]:
    """The keys of the mapping that the line of a character belongs to, the line itself left out."""
    before, after = text.text[:offset].splitlines() or [""], text.text[offset:].splitlines()[1:]
    column = _column(before[-1])
    found: set[str] = set()
    if "- " not in before[-1]:
        found |= _keys_until_outside(reversed(before[:-1]), column)
    return found | _keys_until_outside((it for it in after), column, first=True)


def _column(line: str) -> int:
    found = _LINE.match(line)
    assert found
    return found.end("dashes")


def _keys_until_outside(lines: Iterable[str], column: int, *, first: bool = False) -> set[str]:
    """The keys at a column, up to a line further out; ``first`` if an item of a list begins another mapping."""
    found: set[str] = set()
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        outer = len(line) - len(line.lstrip())
        if outer < column and (first or _column(line) != column):
            break
        if _column(line) == column:
            found.add(key_on(line).strip())
        if outer < column:
            break
    return found - {""}
