"""What a lint is, and what it looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from expert.cases.cases import Case
from expert.check.faults import Fault
from expert.lang.definitions import Definitions
from expert.lang.errors import Location
from expert.lang.facts import Background
from expert.lang.model import KnowledgeBase
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from expert.read import source
from expert.read.knowledge import folder_name
from expert.read.source import Node, Scalar, Source


@dataclass(frozen=True)
class Knowledge:
    """A knowledge base with its texts and its cases, as the lints see it.

    Attributes:
        sources: the text of every file, by the name that locations use.
        trees: the same as trees of nodes; an empty file has none.
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

    @cached_property
    def evaluations(self) -> tuple[Evaluation, ...]:
        """What the definitions say of the patient of each case, presumptions included."""
        return tuple(Evaluation(self.definitions, background.all) for background in self.backgrounds)

    @cached_property
    def texts(self) -> tuple[Text, ...]:
        """Every text that people are shown, in the order of files and lines."""
        return tuple(text for tree in self.trees.values() for text in _texts(tree, ()))


class Text(NamedTuple):
    """A text that people are shown; ``path`` are the keys that lead to it."""

    path: tuple[str, ...]
    node: Scalar

    @property
    def subject(self) -> str:
        """Whose text it is: the path between the kind of thing and the key; of a case, its name."""
        return self.node.text if self.path == ("name",) else ".".join(self.path[1:-1]) or self.path[-1]

    def at(self, part: str) -> Location:
        """Where a part of the text stands; where the text begins, if the part runs over lines."""
        node = self.node
        if node.end:
            return Location(node.source.name, node.line, node.column_of(max(0, node.text.find(part))))
        for number, line in enumerate(node.source.lines[node.line - 1 :], start=node.line):
            if (column := line.find(part, node.column - 1 if number == node.line else 0)) >= 0:
                return Location(node.source.name, number, column + 1)
        return source.location(node)


class Found(NamedTuple):
    """What the check of a lint found; the lint adds the rest of a `Fault`."""

    message: str
    at: Location
    subject: str
    related: tuple[tuple[Location, str], ...] = ()


class Lint(NamedTuple):
    """A small named check of how knowledge is written.

    Attributes:
        name: in kebab-case, as waivers and baselines use it.
        severity: ``error``, ``warning`` or ``note``.
        description: what it finds, as a sentence without a full stop.
        remedy: what to do about it.
        avoid: YAML in which it finds something; several files are parted by ``---``.
        prefer: the same as it should be.
        why: what is lost otherwise.
        check: finds it; absent where something else does, such as reading.
    """

    name: str
    severity: str
    description: str
    remedy: str
    avoid: str
    prefer: str
    why: str
    check: Callable[[Knowledge], Iterable[Found]] | None = None

    def faults(self, knowledge: Knowledge) -> Iterator[Fault]:
        """Everything that the check finds."""
        for found in self.check(knowledge) if self.check else ():
            yield self.fault(*found)

    def fault(
        self, message: str, at: Location, subject: str, related: tuple[tuple[Location, str], ...] = (), remedy: str = ""
    ) -> Fault:
        """A fault of this lint, with its own remedy unless another is named."""
        return Fault(self.name, self.severity, message, at, remedy or self.remedy, related=related, subject=subject)


_SHOWN = ("title", "ask", "because", "text", "note", "summary", "statement", "disclaimer", "reading")


def _texts(node: Node, path: tuple[str, ...]) -> Iterator[Text]:
    """The texts below a node: of a case, its name; the groups of a vocabulary are themselves texts."""
    if isinstance(node, source.Listing):
        cases = (item for item in node.items if isinstance(item, source.Mapping))
        names = (case.entries.get("name") for case in cases)
        yield from (Text(("name",), name) for name in names if isinstance(name, Scalar))
    if not isinstance(node, source.Mapping):
        return
    for key, value in node.entries.items():
        if not isinstance(value, Scalar):
            yield from _texts(value, (*path, key))
        elif key in _SHOWN or path == ("groups",):
            yield Text((*path, key), value)
