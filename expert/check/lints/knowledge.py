"""What lints look at: the model, the texts as they are written, and the cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from expert.lang.definitions import Definitions
from expert.lang.errors import Location
from expert.lang.facts import Background
from expert.lang.model import KnowledgeBase
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from expert.read import source
from expert.read.cases import Case
from expert.read.knowledge import folder_name
from expert.read.source import Node, Scalar, Source

_SHOWN = ("title", "ask", "because", "text", "note", "summary", "statement", "disclaimer", "reading")


@dataclass(frozen=True)
class Knowledge:
    """A knowledge folder that could be read.

    Attributes:
        sources: the text of every file, by the name that locations use.
        trees: the files as trees of nodes, without empty files.
        backgrounds: of each case, the facts behind its answer.
        today: the day on which it is checked.
    """

    kb: KnowledgeBase
    definitions: Definitions
    domain: Domain
    sources: Mapping[str, Source]
    trees: Mapping[str, Node]
    cases: Sequence[Case]
    backgrounds: Sequence[Background]
    today: date

    @property
    def folder(self) -> str:
        """The name of the folder, with which locations begin."""
        return folder_name(self.kb)

    @property
    def about(self) -> Mapping[str, Node]:
        """The entries of ``knowledge.yaml`` as they are written."""
        tree = self.trees[f"{self.folder}/knowledge.yaml"]
        return tree.entries if isinstance(tree, source.Mapping) else {}

    @cached_property
    def evaluations(self) -> tuple[Evaluation, ...]:
        """The meaning of the definitions for the patient of each case, presumptions included."""
        return tuple(Evaluation(self.definitions, background.all) for background in self.backgrounds)

    @cached_property
    def texts(self) -> tuple[ShownText, ...]:
        """Every text that is shown to users, in the order of files and lines."""
        return tuple(text for tree in self.trees.values() for text in _texts(tree, ()))


class ShownText(NamedTuple):
    """A text that is shown to users; ``path`` are the keys that lead to it."""

    path: tuple[str, ...]
    node: Scalar

    @property
    def text(self) -> str:
        """The text itself."""
        return self.node.text

    @property
    def at(self) -> Location:
        """Where the text begins."""
        return source.location(self.node)

    @property
    def subject(self) -> str:
        """The entry that the text belongs to: the path between its kind and the key; of a case, its name."""
        return self.text if self.path == ("name",) else ".".join(self.path[1:-1]) or self.path[-1]

    def at_part(self, part: str) -> Location:
        """Where a part of the text is; where the text begins, if the part runs over lines."""
        node = self.node
        if node.end:
            return _location(node, node.line, node.column_of(max(0, node.text.find(part))), part)
        for number, line in enumerate(node.source.lines[node.line - 1 :], start=node.line):
            if (column := line.find(part, node.column - 1 if number == node.line else 0)) >= 0:
                return _location(node, number, column + 1, part)
        return self.at


def _location(node: Scalar, line: int, column: int, part: str) -> Location:
    there = node.source.line(line).startswith(part, column - 1)
    return Location(node.source.name, line, column, column + len(part) if there else 0)


def _texts(node: Node, path: tuple[str, ...]) -> Iterator[ShownText]:
    """The texts below a node: of a case, its name; the groups of a vocabulary are themselves texts."""
    if isinstance(node, source.Listing):
        cases = (item for item in node.items if isinstance(item, source.Mapping))
        names = (case.entries.get("name") for case in cases)
        yield from (ShownText(("name",), name) for name in names if isinstance(name, Scalar))
    if not isinstance(node, source.Mapping):
        return
    for key, value in node.entries.items():
        if not isinstance(value, Scalar):
            yield from _texts(value, (*path, key))
        elif key in _SHOWN or path == ("groups",):
            yield ShownText((*path, key), value)
