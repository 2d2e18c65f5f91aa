"""The named fields of a mapping, read with every mistake recorded and a harmless value in its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from expert.errors import Location
from expert.read.source import Listing, Mapping, Node, Problems, Scalar, location

SNAKE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
KEBAB = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")

YES = {"yes": True, "true": True, "no": False, "false": False}


class Fields:
    """The fields of one mapping. ``what`` names it in messages: *a rule*, *a step*."""

    def __init__(self, node: Node | None, what: str, keys: str, required: str, problems: Problems) -> None:
        self.what, self.problems = what, problems
        self.entries: dict[str, Node] = {}
        self.node = node
        if node is None:
            return
        if not isinstance(node, Mapping):
            problems.add(node, f"{what} is a mapping", expected=f"KEY: VALUE, with keys {keys.replace(' ', ', ')}")
            return
        known = keys.split()
        for key, value in node.entries.items():
            if key in known:
                self.entries[key] = value
            else:
                problems.add(node.keys[key], f"{what} has no key {_short(key)!r}", word=key, among=known)
        for key in required.split():
            if key not in node.entries:
                problems.add(node, f"{what} lacks {key!r}")

    @property
    def at(self) -> Location:
        """Where the mapping begins."""
        assert self.node is not None
        return location(self.node)

    def get(self, key: str) -> Node | None:
        """The node of a field, or ``None``."""
        return self.entries.get(key)

    def text(self, key: str) -> str:
        """A text, with its lines joined; empty if the field is absent."""
        node = self.entries.get(key)
        return "" if node is None else " ".join(text_of(node, f"{key!r}", self.problems).split())

    def flag(self, key: str) -> bool:
        """A yes or no; no if the field is absent."""
        node = self.entries.get(key)
        if node is None:
            return False
        word = self.one_of(key, YES)
        return YES.get(word, False)

    def one_of(self, key: str, known: Iterable[str]) -> str:
        """One of the known words, or an empty string."""
        node = self.entries.get(key)
        if node is None:
            return ""
        return word_of(node, f"{key!r}", known, self.problems)

    def words(self, key: str) -> list[Scalar]:
        """A list of texts; a single text counts as a list of one."""
        node = self.entries.get(key)
        return [] if node is None else words_of(node, f"{key!r}", self.problems)

    def names(self, key: str, what: str, known: Iterable[str]) -> tuple[str, ...]:
        """A list of known names, those that are not known reported and left out."""
        words = list(known)
        found = []
        for scalar in self.words(key):
            if scalar.text in words:
                found.append(scalar.text)
            else:
                self.problems.add(scalar, f"{_short(scalar.text)!r} is not {what}", word=scalar.text, among=words)
        return tuple(dict.fromkeys(found))


def text_of(node: Node, what: str, problems: Problems) -> str:
    """The text of a scalar that must not be empty; empty with a problem otherwise."""
    if not isinstance(node, Scalar):
        problems.add(node, f"{what} is a text", expected="one text, not a list or a mapping")
        return ""
    if not node.text.strip():
        problems.add(node, f"{what} is empty", expected="a text")
    return node.text


def word_of(node: Node, what: str, known: Iterable[str], problems: Problems) -> str:
    """One of the known words; empty with a problem otherwise."""
    word = text_of(node, what, problems).strip()
    words = list(known)
    if word and word not in words:
        problems.add(node, f"{_short(word)!r} is not a value of {what}", word=word, among=words)
        return ""
    return word


def words_of(node: Node, what: str, problems: Problems) -> list[Scalar]:
    """The scalars of a list (or the one scalar); anything else is a problem."""
    items = node.items if isinstance(node, Listing) else [node]
    if isinstance(node, Listing) and not items:
        problems.add(node, f"{what} is an empty list")
    found = []
    for item in items:
        if isinstance(item, Scalar) and text_of(item, what, problems).strip():
            found.append(item)
        elif not isinstance(item, Scalar):
            problems.add(item, f"{what} is a list of texts")
    return found


def entries(
    node: Node | None, what: str, form: re.Pattern[str] | None, problems: Problems
) -> Iterator[tuple[Scalar, Node]]:
    """The entries of a mapping whose keys are names that people choose, each with its key node."""
    if node is None:
        return
    if not isinstance(node, Mapping):
        problems.add(node, f"{what} are a mapping", expected="NAME: ...")
        return
    style = "snake_case" if form is SNAKE else "kebab-case"
    for name, value in node.entries.items():
        key = node.keys[name]
        if form is not None and not (form.fullmatch(name) and len(name) <= 80):
            problems.add(key, f"{_short(name)!r} is not a name", expected=f"{style}, at most 80 letters")
        yield key, value


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."
