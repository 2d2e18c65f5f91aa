"""What a lint is, and the decorator that makes one of a function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from expert.check.faults import Fault, Page, Related, Severity
from expert.check.lints.knowledge import Knowledge
from expert.lang.errors import Location


class Found(NamedTuple):
    """What the check of a lint found; the lint adds the rest of a `Fault`."""

    message: str
    at: Location
    subject: str
    related: Related = ()


Check = Callable[[Knowledge], Iterable[Found]]


@dataclass(frozen=True)
class Lint:
    """A small named check of how knowledge is written.

    Attributes:
        name: in kebab-case, as waivers and baselines use it.
        severity: how grave what it finds is.
        description: what it finds, as a sentence without a full stop.
        remedy: what to do about it, likewise.
        find: finds it.
        folder: where its examples and its page are.
    """

    name: str
    severity: Severity
    description: str
    remedy: str
    find: Check
    folder: Path

    @property
    def avoid(self) -> str:
        """YAML in which it finds something; a comment names each file, and ``---`` is between two."""
        return (self.folder / "avoid.yaml").read_text("utf-8")

    @property
    def prefer(self) -> str:
        """The same without the fault."""
        return (self.folder / "prefer.yaml").read_text("utf-8")

    @property
    def page(self) -> Page:
        """Why it matters, and what to do."""
        return Page.read(self.folder / "page.md")

    def faults(self, knowledge: Knowledge) -> Iterator[Fault]:
        """Everything that the lint finds."""
        return (self.fault(*found) for found in self.find(knowledge))

    def fault(self, message: str, at: Location, subject: str, related: Related = (), remedy: str = "") -> Fault:
        """A fault of this lint, with its own remedy unless another is named."""
        return Fault(self.name, self.severity, message, at, remedy or self.remedy, related=related, subject=subject)


def lint(severity: Severity, description: str, *, remedy: str) -> Callable[[Check], Lint]:
    """Make a lint of the function that finds it; its name is that of the folder which the function is in."""

    def lint_of(find: Check) -> Lint:
        folder = find.__module__.rpartition(".")[2]
        return Lint(folder.replace("_", "-"), severity, description, remedy, find, Path(__file__).with_name(folder))

    return lint_of
