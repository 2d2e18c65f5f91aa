"""New rules, findings and cases in house style, for a person to fill in.

What is to be filled in is left empty, and the reader rejects what is empty: a scaffold is never knowledge by accident.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from expert.edit.edited_file import edit, text_of
from expert.lang.errors import KnowledgeError, Location, Problem, quoted
from expert.lang.folder_layout import kind_of, name_within
from expert.lang.format import FORMS, LONGEST_NAME, RESERVED
from expert.read.fields import is_named
from expert.read.folder import Folder, read_files
from expert.read.knowledge import shipped_knowledge
from expert.read.parse import parse, read_source
from expert.read.source import Listing, Mapping, Node, Problems, Scalar, Source, location

Taken = dict[str, Location]
"""Names that are used already, with where."""


class Scaffolds:
    """Scaffolds for one knowledge folder, which may itself hold scaffolds that are still to be filled in.

    Raises:
        KnowledgeError: it is not a folder, or a file of it is not YAML.
    """

    def __init__(self, directory: str | None) -> None:
        self.folder = Path(directory if directory is not None else shipped_knowledge())
        self.name = "knowledge" if directory is None else directory
        problems = Problems()
        folder = Folder(read_files(self.folder, self.name, problems), self.name, problems)
        self.trees = {name: folder.node(name) for name in folder.files}
        cases = sorted((self.folder / "rules").glob("[!.]*.test.yaml"))
        self.cases = [_tree(file, f"{self.name}/rules/{file.name}", problems) for file in cases]
        if problems.found:
            raise KnowledgeError(problems.found)

    def rule(self, id: str) -> str:
        """A rule, as in a rule file.

        Raises:
            KnowledgeError: the id is not one, or it is taken.
        """
        rules = (tree for name, tree in self.trees.items() if name.startswith("rules/"))
        taken = {name: at for tree in rules for name, at in _names(tree, "rules")}
        _check(id, "kebab-case", "a rule", taken)
        return _entry(id, dict.fromkeys(FORMS["rule"].required, ""))

    def finding(self, name: str, type: str = "yes_no", *, concluded: bool = False) -> str:
        """A finding that people give, or that rules conclude, as in the vocabulary.

        Raises:
            KnowledgeError: the name is not one, or it is taken; or there are no such findings of this type.
        """
        sections = ("findings", "concluded", "panels")
        taken = {found: at for key in sections for found, at in _names(self.trees["vocabulary.yaml"], key)}
        _check(name, "snake_case", "a finding", taken)
        form = FORMS["concluded" if concluded else "finding"]
        types = form.keys["type"].words
        if type not in types:
            raise KnowledgeError([Problem(f"{form.called} is no {type}", expected=f"--type {' or '.join(types)}")])
        keys = form.of(type).keys
        wanted = dict.fromkeys([key for key, it in keys.items() if it.required or it.scaffold], "")
        if not concluded or type != "yes_no":  # which a concluded finding is without a type
            wanted["type"] = type
        return _entry(name, {key: wanted[key] for key in keys if key in wanted})

    def case(self, name: str) -> str:
        """A case, as in a file of cases.

        Raises:
            KnowledgeError: there is a case of this name.
        """
        name = " ".join(name.split())
        taken = {name: at for tree in self.cases for name, at in _case_names(tree)}
        if not name or not name.isprintable():
            raise KnowledgeError([Problem("a case has a name", expected="a sentence that says what the case shows")])
        if name in taken:
            raise KnowledgeError([_is_taken(name, "a case", taken)])
        return f"- name: {_scalar(name)}\n  given:\n  expect:\n    recommended:\n    because:\n"

    def append(self, entry: str, section: str, file: Path) -> None:
        """Add an entry at the end of a section of a file (or of a list, without one); nothing else is touched.

        Raises:
            KnowledgeError: it is not a file for such an entry, or it cannot be written; then nothing is.
        """
        self._check_place(section, file)
        text = text_of(file) if file.exists() else ""
        edit({file: with_entry(text, entry, section, str(file))})

    def _check_place(self, section: str, file: Path) -> None:
        wanted, shown = _PLACES[section]
        if kind_of(name_within(self.folder, file)) != wanted:
            raise KnowledgeError([Problem(f"{file} is not a file for this", expected=f"{self.name}/{shown}")])


_PLACES = {
    "rules": ("rules", "rules/TOPIC.yaml"),
    "findings": ("vocabulary", "vocabulary.yaml"),
    "concluded": ("vocabulary", "vocabulary.yaml"),
    "": ("cases", "rules/TOPIC.test.yaml"),
}


def with_entry(text: str, entry: str, section: str, name: str) -> str:
    """A text with an entry at the end of a section, or of its list.

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
    place, column, header = _place(tree, section, lines, name)
    indent = " " * column
    added = [indent + line if line.strip() else line for line in _unindented(entry)]
    after = "".join([*lines[:place], *header, *added, *lines[place:]])
    _check_added(tree, parse(Source(name, after), problems), section, problems, name)
    return after


# --- names ------------------------------------------------------------------------------------------------------------


def _names(tree: Node | None, section: str) -> Iterator[tuple[str, Location]]:
    """The names that a section of a file defines."""
    entries = tree.entries.get(section) if isinstance(tree, Mapping) else None
    for key in entries.keys.values() if isinstance(entries, Mapping) else ():
        yield key.text, location(key)


def _case_names(tree: Node | None) -> Iterator[tuple[str, Location]]:
    for item in tree.items if isinstance(tree, Listing) else ():
        name = item.entries.get("name") if isinstance(item, Mapping) else None
        if isinstance(name, Scalar):
            yield " ".join(name.text.split()), location(name)


def _check(name: str, style: str, what: str, taken: Taken) -> None:
    """Refuse a name that the reader would, or that is taken."""
    if not is_named(name, style) or len(name) > LONGEST_NAME:
        join = "_" if style == "snake_case" else "-"
        near = join.join(re.findall("[a-z0-9]+", name.lower()))[:LONGEST_NAME].strip(join)
        message = f"{quoted(name)} is not a name for {what}"
        expected = f"{style}, at most {LONGEST_NAME} letters"
        raise KnowledgeError([Problem(message, expected=expected, suggestion=near if is_named(near, style) else "")])
    if style == "snake_case" and name in RESERVED:
        raise KnowledgeError([Problem(f"{name!r} is a reserved word", expected="another name")])
    if name in taken:
        raise KnowledgeError([_is_taken(name, what, taken)])


def _is_taken(name: str, what: str, taken: Taken) -> Problem:
    at = taken[name]
    return Problem(f"there is {what} called {quoted(name)} at {at.place}", expected="another name")


# --- text -------------------------------------------------------------------------------------------------------------


def _entry(name: str, values: dict[str, str]) -> str:
    """An entry of a mapping within a section."""
    return f"  {name}:\n" + "".join(f"    {key}: {value}".rstrip() + "\n" for key, value in values.items())


def _unindented(entry: str) -> list[str]:
    lines = entry.splitlines(keepends=True)
    column = len(lines[0]) - len(lines[0].lstrip())
    return [line[column:] for line in lines]


def _scalar(text: str) -> str:
    """A text in quotes, if it needs them."""
    problems = Problems()
    node = parse(Source("", f"- name: {text}"), problems)
    entry = node.items[0] if isinstance(node, Listing) else None
    value = entry.entries.get("name") if isinstance(entry, Mapping) else None
    plain = not problems.found and isinstance(value, Scalar) and value.text == text and value.plain
    return text if plain else "'" + text.replace("'", "''") + "'"


def _tree(file: Path, name: str, problems: Problems) -> Node | None:
    source = read_source(file, problems, name=name)
    return parse(source, problems) if source else None


def _place(tree: Node | None, section: str, lines: list[str], name: str) -> tuple[int, int, list[str]]:
    """The line before which an entry goes, its column, and the lines of the section's beginning if there is none."""
    if not section:
        if tree is not None and (not isinstance(tree, Listing) or not tree.items or _is_flow(tree, lines)):
            raise KnowledgeError([Problem(f"{name} is not a list of cases", expected="- name: ...")])
        return len(lines), tree.items[0].column - 3 if isinstance(tree, Listing) else 0, []
    if tree is not None and (not isinstance(tree, Mapping) or _is_flow(tree, lines)):
        raise KnowledgeError([Problem(f"{name} has no place for this", expected=f"{section}: at the left margin")])
    if not isinstance(tree, Mapping) or section not in tree.entries:
        blank = [] if not lines else ["\n"]
        return len(lines), 2, [*blank, f"{section}:\n", "\n"]
    entries = tree.entries[section]
    if not isinstance(entries, Mapping) or not entries.entries or _is_flow(entries, lines):
        at = location(tree.keys[section])
        raise KnowledgeError(
            [Problem(f"{section} has no entries here to add to", at, expected="NAME: on its own line")]
        )
    starts = sorted(key.line for key in tree.keys.values() if key.line > tree.keys[section].line)
    end = starts[0] - 1 if starts else len(lines)
    return _after_content(lines, end), min(key.column for key in entries.keys.values()) - 1, []


def _after_content(lines: list[str], end: int) -> int:
    """The end of a section without the blank lines and the comments at the margin that lead to the next one."""
    while end and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return end


def _is_flow(node: Listing | Mapping, lines: list[str]) -> bool:
    """Whether a node is written in braces or brackets."""
    return lines[node.line - 1][node.column - 1 : node.column] in ("{", "[")


def _check_added(before: Node | None, after: Node | None, section: str, problems: Problems, name: str) -> None:
    """Refuse a text that is not the old one and an entry more."""
    old, new = _plain(before), _plain(after)
    if section and isinstance(new, dict) and isinstance(new.get(section), dict) and new[section]:
        new[section].popitem()
        if not new[section]:
            del new[section]
    elif not section and isinstance(new, list) and new:
        new.pop()
    if problems.found or (old or None) != (new or None):
        raise KnowledgeError([Problem(f"{name} is left as it is: there is no simple place for an entry in it")])


def _plain(node: Node | None) -> object:
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Listing):
        return [_plain(item) for item in node.items]
    return {key: _plain(value) for key, value in node.entries.items()} if isinstance(node, Mapping) else None
