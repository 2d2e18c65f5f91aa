"""New entries of a knowledge folder in house style, for a person to fill in.

What is to be filled in is left empty, and the reader rejects what is empty: a scaffold is never knowledge by accident.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from expert.edit.added_entry import with_entry
from expert.edit.edited_file import edit, text_of
from expert.lang.errors import KnowledgeError, Location, Problem, nearest, quoted
from expert.lang.folder_layout import FILES, files_in, kind_of, name_within, sections
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
        cases = files_in(self.folder, "cases")
        self.cases = [_tree(file, f"{self.name}/rules/{file.name}", problems) for file in cases]
        if problems.found:
            raise KnowledgeError(problems.found)

    def entry(self, form: str, name: str, type: str = "") -> str:
        """An entry of a form with its keys left empty; of a finding or an invariant, those of a type.

        Args:
            form: one of `FORMED`.
            name: its name; of an option, ``STEP.OPTION``.

        Raises:
            KnowledgeError: the name is not one, or it is taken; or there are no such entries of this type.
        """
        own = name
        if form == "option":
            step, dot, own = name.partition(".")
            if not dot:
                raise KnowledgeError([Problem(f"{quoted(name)} is not an option of a step", expected="STEP.OPTION")])
            _check(own, "snake_case", "an option", self._options(step))
        else:
            _check(own, sections()[form].names, FORMS[form].called, self._taken(form))
        return _entry(own, keys_to_fill_in(form, type))

    def _taken(self, form: str) -> Taken:
        """The names that an entry of a form cannot have."""
        file, key, _ = sections()[form]
        shared = next((keys for keys in _SHARED if key in keys and form != "option"), (key,))
        trees = (tree for name, tree in self.trees.items() if kind_of(name) == file)
        return {name: at for tree in trees for key in shared for name, at in _names(tree, key)}

    def _options(self, step: str) -> Taken:
        """The options of a step."""
        ladder = self.trees["ladder.yaml"]
        steps = ladder.entries.get("steps") if isinstance(ladder, Mapping) else None
        known = list(steps.entries) if isinstance(steps, Mapping) else []
        if step not in known or not isinstance(steps, Mapping):
            raise KnowledgeError([Problem(f"{quoted(step)} is not a step", suggestion=nearest(step, known))])
        return dict(_names(steps.entries[step], "options"))

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

    def append(self, entry: str, form: str, name: str, file: Path) -> None:
        """Add an entry at the end of its section of a file; nothing else is touched.

        Raises:
            KnowledgeError: it is not a file for such an entry, or it cannot be written; then nothing is.
        """
        kind = "cases" if form == "case" else "ladder" if form == "option" else sections()[form].file
        if kind_of(name_within(self.folder, file)) != kind:
            place = FILES[kind].replace("*", "TOPIC")
            raise KnowledgeError([Problem(f"{file} is not a file for this", expected=f"{self.name}/{place}")])
        path = [] if form == "case" else [sections()[form].key] if form != "option" else _option_path(name)
        text = text_of(file) if file.exists() else ""
        edit({file: with_entry(text, entry, path, str(file))})


FORMED = (*(form for form in sections() if form != "further unit"), "option", "case")
"""The forms of entries of which there are scaffolds."""

_SHARED = (
    ("findings", "concluded", "panels"),
    ("steps", "groups"),
    ("claims", "guidelines", "safety", "assumptions"),
)
"""Sections whose entries share their names."""

_USUAL_TYPE = {"invariant": "promise"}


def keys_to_fill_in(name: str, type: str = "") -> dict[str, str]:
    """The keys of a new entry of a form, empty but for its type, where that is not the one that needs no word.

    Raises:
        KnowledgeError: there are no such entries of this type.
    """
    form = FORMS[name]
    types = form.keys["type"].words if "type" in form.keys else ()
    if types and type and type not in types:
        raise KnowledgeError([Problem(f"{form.called} is no {type}", expected=f"--type {' or '.join(types)}")])
    keys = form.of(type or (types[0] if types else _USUAL_TYPE.get(name, ""))).keys
    wanted = {key: "" for key, it in keys.items() if it.required or it.scaffold}
    if types and (form.keys["type"].required or type not in ("", types[0])):
        wanted["type"] = type or types[0]
    return {key: wanted[key] for key in keys if key in wanted}


def _option_path(name: str) -> list[str]:
    return ["steps", name.partition(".")[0], "options"]


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
        near = near.upper() if style == "capitals" else near
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
