"""The index of uses: every name in a knowledge folder, with its place and its role.

It walks the trees of the files along the format (`expert.lang.format`), which says of every key what its value is, and
takes names out of premises and conclusions by the grammar of the language. So it never mistakes a word in a text for
a name, distinguishes a finding from an alert of the same name, and works on files that make no knowledge base yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from expert.lang.folder_layout import files_in, kind_of
from expert.lang.format import FORMS, Entries
from expert.lang.roles import LISTINGS, ROLES
from expert.read.parse import parse, read_source
from expert.read.premise import combines
from expert.read.source import Listing, Node, Problems, Scalar
from expert.read.source import Mapping as MappingNode

UseRole = Literal["defines", "reads", "concludes", "argues", "cites", "names", "expects", "gives", "had"]
Named = Literal[
    "finding", "panel", "rule", "step", "step group", "option", "alert", "advice", "reference", "note", "invariant",
    "constraint", "plausible",
]  # fmt: skip

RENAMED: tuple[Named, ...] = get_args(Named)
"""The kinds of entries that have names."""

STYLES: Mapping[str, str] = {
    **dict.fromkeys(("finding", "panel", "step", "step group", "option", "alert", "advice"), "snake_case"),
    **dict.fromkeys(("rule", "note", "invariant", "constraint", "plausible"), "kebab-case"),
    "reference": "capitals",
}
"""The style in which the names of each kind are written."""

_KINDS: Mapping[str, Named] = {
    "concluded": "finding",
    **dict.fromkeys(("claim", "guideline", "safety", "assumption"), "reference"),
}
"""The kinds of entries of forms that are called otherwise."""


class Use(NamedTuple):
    """One place of a name.

    Attributes:
        kind: what it names; ``name`` of an option is ``STEP.OPTION``, and only its last part is at the place.
        role: what happens to it there; ``had`` of a name that the entry had before.
        file: the name of the file within the folder.
        line, column, end: the place on its line, from 1; ``end`` is the column after it. ``column`` is 0 where the
            text runs over lines, and the line is where it begins.
        within: the kind and name of the entry that it is in; empty in patients.
    """

    kind: Named
    name: str
    role: UseRole
    file: str
    line: int
    column: int
    end: int
    within: tuple[str, str] = ("", "")

    @property
    def written(self) -> str:
        """The name as it is written at the place."""
        return self.name.rpartition(".")[2] if self.kind == "option" else self.name


def uses_in(trees: Mapping[str, Node]) -> list[Use]:
    """Every use of every name in the files of a folder, in the order of files and lines.

    Args:
        trees: files as trees by their names within the folder, such as ``rules/fusion.test.yaml``.
    """
    walk = _Walk(trees)
    return sorted(walk.uses(), key=lambda it: (it.file, it.line, it.column))


def uses_of(folder: Path) -> list[Use]:
    """The same in the files of a folder, as far as they can be read."""
    problems = Problems()
    sources = ((file, read_source(file, problems)) for file in files_in(folder))
    trees = ((file, parse(source, problems)) for file, source in sources if source)
    return uses_in({file.relative_to(folder).as_posix(): tree for file, tree in trees if tree is not None})


class _Walk:
    """The walk through one folder. What a target is, step or group, is known from the ladder's own keys."""

    def __init__(self, trees: Mapping[str, Node]) -> None:
        self.trees = trees
        self.groups = set(_keys(trees.get("ladder.yaml"), "groups"))
        self.panels = set(_keys(trees.get("vocabulary.yaml"), "panels"))
        self.file = ""
        self.within = ("", "")

    def uses(self) -> Iterator[Use]:
        for name, tree in self.trees.items():
            self.file, kind = name, kind_of(name)
            if kind in ("patient", "site"):
                yield from self._patient(tree)
            elif kind == "cases":
                for case in tree.items if isinstance(tree, Listing) else ():
                    yield from self._form("case", case)
            elif kind:
                yield from self._form(kind, tree)

    # --- along the format

    def _form(self, form: str, node: Node) -> Iterator[Use]:
        if not isinstance(node, MappingNode) or form not in FORMS:
            return
        for key, value in node.entries.items():
            known = FORMS[form].keys.get(key)
            if known is None:
                continue
            if isinstance(known.value, Entries):
                yield from self._entries(known.value, key, value)
            elif known.value == "former names":
                yield from self._former(value)
            elif isinstance(known.value, str):
                yield from self._value(known.value, value)

    def _former(self, node: Node) -> Iterator[Use]:
        kind, name = self.within
        named = next(it for it in RENAMED if it == kind)
        before = f"{name.partition('.')[0]}." if kind == "option" else ""
        for it in _scalars(node):
            yield from self._use(named, it, "had", before + it.text)

    def _entries(self, its: Entries, key: str, node: Node) -> Iterator[Use]:
        if not isinstance(node, MappingNode):
            return
        kind = _KINDS.get(its.of, its.of)
        outer = self.within
        for name, value in node.entries.items():
            if key == "members":
                yield from self._use("finding", node.keys[name], "names")
            elif kind == "option":
                full = f"{outer[1]}.{name}"
                yield from self._use("option", node.keys[name], "defines", full)
                self.within = (kind, full)
                yield from self._form(its.of, value)
                self.within = outer
            elif kind in RENAMED:
                self.within = (kind, name)
                yield from self._use(next(it for it in RENAMED if it == kind), node.keys[name], "defines")
                yield from self._form(its.of, value)
                self.within = outer

    def _value(self, kind: str, node: Node) -> Iterator[Use]:
        match kind:
            case "premises" | "when":
                yield from self._premises(node)
            case "points":
                for item in node.items if isinstance(node, Listing) else ():
                    yield from self._form("points", item)
            case "order":
                yield from self._order(node)
            case "way":
                yield from self._first_word(node, "finding", "reads")
            case "conclusions":
                for it in _scalars(node):
                    yield from self._conclusion(it)
            case "rule":
                for it in _scalars(node):
                    yield from self._use("rule", it, "names")
            case "evidence":
                yield from self._form(kind, node)
            case "citations" | "reference" | "claims" | "guidelines":
                for it in _scalars(node):
                    yield from self._use("reference", it, "cites")
            case "step" | "steps" | "places":
                for it in _scalars(node):
                    yield from self._target(it, 0, "names")
            case "never" | "always":
                for it in _scalars(node):
                    yield from self._target(it, len(it.text) - len(it.text.partition(" ")[2]), "names")
            case "patient":
                yield from self._patient(node)
            case "expectation":
                yield from self._expected(node)

    # --- the grammar

    def _premises(self, node: Node) -> Iterator[Use]:
        if isinstance(node, Listing):
            for item in node.items:
                yield from self._premises(item)
        elif isinstance(node, MappingNode):
            for word, inner in node.entries.items():
                if combines(word):
                    yield from self._premises(inner)
        elif node.text != "always" and (found := re.match(r"(?:not\s+)?([^\s<>=!\[\]]+)", node.text)):
            yield from self._use("finding", node, "reads", found[1], found.start(1))

    def _order(self, node: Node) -> Iterator[Use]:
        if isinstance(node, Scalar):
            for found in re.finditer(r"[^\s<>=]+", node.text):
                yield from self._use("finding", node, "reads", found[0], found.start())

    def _first_word(self, node: Node, kind: Named, role: UseRole) -> Iterator[Use]:
        if isinstance(node, Scalar):
            yield from self._use(kind, node, role, node.text.partition(" ")[0])

    def _conclusion(self, node: Scalar) -> Iterator[Use]:
        first, _, rest = node.text.partition(" ")
        role = next((it for it in ROLES if it == first), None)
        if role is None:
            yield from self._use("finding", node, "concludes", first)
        elif "alert" in ROLES[role].targets:
            yield from self._use("alert", node, "concludes", rest.strip(), node.text.rindex(rest.strip()))
        elif "advice" in ROLES[role].targets:
            yield from self._use("advice", node, "concludes", rest.strip(), node.text.rindex(rest.strip()))
        else:
            yield from self._target(node, len(node.text) - len(rest.lstrip()), "argues")

    def _target(self, node: Scalar, offset: int, role: UseRole) -> Iterator[Use]:
        """A step, a step group, or an option, which names its step as well."""
        step, dot, option = node.text[offset:].partition(".")
        if not step or step == "none":
            return
        yield from self._use("step group" if step in self.groups else "step", node, role, step, offset)
        if dot:
            yield from self._use("option", node, role, f"{step}.{option}", offset + len(step) + 1)

    def _patient(self, node: Node) -> Iterator[Use]:
        for name, key in node.keys.items() if isinstance(node, MappingNode) else ():
            if name != "like":
                yield from self._use("panel" if name in self.panels else "finding", key, "gives")

    def _expected(self, node: Node) -> Iterator[Use]:
        for key, value in node.entries.items() if isinstance(node, MappingNode) else ():
            keys = list(value.keys.values()) if isinstance(value, MappingNode) else []
            if key in ("because", "silent", "open"):
                for it in _scalars(value):
                    yield from self._use("rule", it, "expects")
            elif key == "checks":
                for it in _scalars(value):
                    yield from self._use("plausible", it, "expects")
            elif key in ("recommended", "possible"):
                for it in _scalars(value):
                    yield from self._target(it, 0, "expects")
            elif key in ("status", "presumed_status"):
                for it in keys:
                    yield from self._target(it, 0, "expects")
            elif key in ("findings", "forced"):
                for it in keys:
                    yield from self._use("finding", it, "expects")
            elif key == "without":
                yield from self._expected(value)
            elif key in LISTINGS:
                for it in _scalars(value):
                    yield from self._listed(key, it)

    def _listed(self, key: str, node: Scalar) -> Iterator[Use]:
        if key == "alerts":
            yield from self._use("alert", node, "expects")
        elif key == "advice":
            yield from self._use("advice", node, "expects")
        else:
            yield from self._target(node, 0, "expects")

    def _use(self, kind: Named, node: Scalar, role: UseRole, name: str = "", offset: int = 0) -> Iterator[Use]:
        """A name ``offset`` characters into the text of a node; the whole text without one."""
        name = name or node.text
        written = name.rpartition(".")[2] if kind == "option" else name
        if not written:
            return
        column = node.column_of(offset) if node.end else 0
        end = column + len(written) if column else 0
        yield Use(kind, name, role, self.file, node.line, column, end, self.within)


def _keys(tree: Node | None, section: str) -> Iterable[str]:
    found = tree.entries.get(section) if isinstance(tree, MappingNode) else None
    return found.entries if isinstance(found, MappingNode) else ()


def _scalars(node: Node) -> list[Scalar]:
    items = node.items if isinstance(node, Listing) else [node]
    return [item for item in items if isinstance(item, Scalar)]
