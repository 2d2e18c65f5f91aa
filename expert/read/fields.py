"""The named fields of a mapping. Every mistake is recorded and replaced by a harmless value.

One mistake should give one message. So a misspelt key is reported and then read as the key that was meant, and `Names`
that could not all be read suppress messages about unknown names.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from datetime import date

from expert.lang.errors import nearest, quoted
from expert.lang.format import LONGEST_NAME, NAMES, RESERVED, Entries, Form
from expert.read.source import Listing, Mapping, Names, Node, Problems, Scalar, one_of

UNIT_NAMES = "letters, with digits, ², ³ or / after them, as in kg/m2, but not to, and, of, none, unknown or e3"
_STYLES = {
    "capitals": ("the id of a reference", "capitals, digits and hyphens, such as S32"),
    "units": ("the name of a unit", UNIT_NAMES),
    "words": ("a word for a value", f"at most {LONGEST_NAME} letters, digits and signs such as + - /, with no , = < >"),
}
YES = {"yes": True, "true": True, "no": False, "false": False}


class Fields:
    """The fields of one mapping of a form."""

    def __init__(self, node: Node | None, form: Form, problems: Problems) -> None:
        self.form, self.what, self.problems = form, form.called, problems
        self.entries: dict[str, Node] = {}
        self.understood = False  # whether everything in the mapping was read
        self.lacking: list[str] = []
        if node is None:
            return
        if not isinstance(node, Mapping):
            problems.add(node, f"{self.what} is a mapping", expected=f"KEY: VALUE, with keys {', '.join(form.keys)}")
            return
        known = list(form.keys)
        self.entries = {key: value for key, value in node.entries.items() if key in known}
        self.understood = not node.reported and not node.again
        strange = [key for key in node.entries if key not in known]
        if strange and not self.entries and not any(nearest(key, known) for key in strange):
            problems.add(node, f"{self.what} has no key {quoted(strange[0])}", expected=one_of(known))
            self.understood = False
            return
        for key in strange:
            self._misspelt(node, key, known)
        self.lacking = [key for key in form.required if key not in self.entries]
        if self.lacking and not node.again:
            lacking = ", ".join(map(repr, self.lacking))
            problems.add(
                node, f"{self.what} lacks {lacking}", expected=", ".join(f"{key}: ..." for key in self.lacking)
            )

    def _misspelt(self, node: Mapping, key: str, known: list[str]) -> None:
        absent = [name for name in known if name not in self.entries]
        meant = nearest(key, absent)
        self.problems.add(
            node.keys[key],
            f"{self.what} has no key {quoted(key)}",
            expected=one_of(known),
            word=key,
            among=absent if meant else known,
        )
        if meant:
            self.entries[meant] = node.entries[key]
        else:
            self.understood = False

    def get(self, key: str) -> Node | None:
        """The node of a field, or ``None``."""
        return self.entries.get(key)

    def whole(self, key: str) -> bool:
        """Whether all names that the mapping at ``key`` defines could be read, or it is absent on purpose."""
        node = self.entries.get(key)
        if node is None:
            return self.understood and key not in self.lacking
        return isinstance(node, Mapping) and not node.reported

    def text(self, key: str) -> str:
        """A text, with its lines joined; empty if the field is absent."""
        node = self.entries.get(key)
        return "" if node is None else " ".join(text_of(node, f"{key!r}", self.problems).split())

    def date(self, key: str) -> str:
        """A day as YYYY-MM-DD; empty if the field is absent."""
        text, node = self.text(key), self.entries.get(key)
        if node is not None and text and not _is_date(text):
            self.problems.add(node, f"{quoted(text)} is not a date", expected="YYYY-MM-DD")
        return text

    def flag(self, key: str) -> bool:
        """A yes or no; no if the field is absent."""
        return YES.get(self.one_of(key, YES), False)

    def one_of(self, key: str, known: Iterable[str]) -> str:
        """One of the known words, or an empty string."""
        node = self.entries.get(key)
        return "" if node is None else word_of(node, f"{key!r}", known, self.problems)

    def choice(self, key: str) -> str:
        """One of the words that the form allows for a key, or an empty string."""
        return self.one_of(key, self.form.keys[key].words)

    def named(self, key: str) -> Iterator[tuple[Scalar, Node]]:
        """The entries at a key, each after the node of its name."""
        its = self.form.keys[key].value
        assert isinstance(its, Entries)
        return entries(self.get(key), its.called or key, its.names, self.problems, some=its.some)

    def words(self, key: str) -> list[Scalar]:
        """A list of texts; a single text counts as a list of one."""
        node = self.entries.get(key)
        return [] if node is None else words_of(node, f"{key!r}", self.problems)

    def names(self, key: str, what: str, known: Iterable[str]) -> tuple[str, ...]:
        """A list of known names; unknown ones are reported and left out."""
        names = known if isinstance(known, Names) else Names(known)
        found = []
        for scalar in self.words(key):
            if scalar.text in names:
                found.append(scalar.text)
            else:
                self.problems.add(scalar, f"{quoted(scalar.text)} is not {what}", word=scalar.text, among=names)
        return tuple(dict.fromkeys(found))


def text_of(node: Node, what: str, problems: Problems, expected: str = "") -> str:
    """The text of a scalar, which must not be empty; an empty string, with a problem, if it is."""
    if not isinstance(node, Scalar):
        problems.add(node, f"{what} is a text", expected="one text, not a list or a mapping")
        return ""
    if not node.text:
        problems.add(node, f"{what} is empty", expected=expected or "a text")
    return node.text


def word_of(node: Node, what: str, known: Iterable[str], problems: Problems) -> str:
    """One of the known words; an empty string, with a problem, if it is none of them."""
    words = known if isinstance(known, Names) else Names(known)
    word = text_of(node, what, problems, expected=one_of(words))
    if word and word not in words:
        problems.add(node, f"{quoted(word)} is not a value of {what}", word=word, among=words)
        return ""
    return word


def words_of(node: Node, what: str, problems: Problems) -> list[Scalar]:
    """The scalars of a list, or a single scalar; anything else is a problem."""
    items = node.items if isinstance(node, Listing) else [node]
    if not items:
        problems.add(node, f"{what} is an empty list", expected="at least one text")
    found = []
    for item in items:
        if isinstance(item, Scalar) and text_of(item, what, problems):
            found.append(item)
        elif not isinstance(item, Scalar):
            problems.add(item, f"{what} is a list of texts", expected="[TEXT, ...]")
    return found


def entries(
    node: Node | None, what: str, style: str, problems: Problems, *, some: bool = False
) -> Iterator[tuple[Scalar, Node]]:
    """The entries of a mapping; keys must be in ``style``, if any. With ``some``, at least one is required."""
    if node is None:
        return
    if not isinstance(node, Mapping):
        problems.add(node, f"{what} must be a mapping", expected="NAME: ...")
        return
    if some and not node.entries:
        problems.add(node, f"there are no {what}", expected="at least one, as NAME: ...")
    for name, value in node.entries.items():
        key = node.keys[name]
        called, expected = _STYLES.get(style, ("a name", f"{style}, at most {LONGEST_NAME} letters"))
        if style and not (is_named(name, style) and (style == "capitals" or len(name) <= LONGEST_NAME)):
            problems.add(key, f"{quoted(name)} is not {called}", expected=expected)
        yield key, value


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def is_named(name: str, style: str) -> bool:
    """Whether a name is written in a style."""
    return bool(re.fullmatch(NAMES[style], name))


def names_of(fields: Fields, *keys: str) -> Names:
    """The names that the mappings at some keys define."""
    found = [name for key in keys if isinstance(node := fields.get(key), Mapping) for name in node.entries]
    return Names(found, whole=all(fields.whole(key) for key in keys))


class FormerNames:
    """The former names of entries that share their names. None may be in use, nor belong to two of them."""

    def __init__(self, in_use: Container[str], problems: Problems) -> None:
        self.in_use, self.problems = in_use, problems
        self.owners: dict[str, str] = {}

    def of(self, name: str, fields: Fields) -> tuple[str, ...]:
        """Those of one entry."""
        for it in fields.words("former"):
            if not is_named(it.text, "snake_case") or len(it.text) > LONGEST_NAME or it.text in RESERVED:
                message = f"{quoted(it.text)} cannot have been a name"
                self.problems.add(it, message, expected=f"snake_case, at most {LONGEST_NAME} letters")
            elif it.text in self.in_use:
                message = f"{it.text!r} is in use: it cannot be a former name too"
                self.problems.add(it, message, expected="a name that nothing has now")
            elif it.text in self.owners:
                message = f"{it.text!r} is already a former name of {self.owners[it.text]}"
                self.problems.add(it, message, expected="each former name once")
            else:
                self.owners[it.text] = name
        return tuple(old for old, owner in self.owners.items() if owner == name)
