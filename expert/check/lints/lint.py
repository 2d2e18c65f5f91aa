"""What a lint is, and the decorator that makes one of a function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from expert.check.faults import Fault, Related, Severity
from expert.check.lints.knowledge import Knowledge, ShownText
from expert.check.pages import Page, read_page
from expert.lang.errors import Location

__all__ = ["Check", "Found", "Knowledge", "Lint", "ShownText", "lint"]


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
        find: finds it.
        folder: where its page and its examples are.
    """

    name: str
    severity: Severity
    find: Check
    folder: Path

    @cached_property
    def page(self) -> Page:
        """What it finds, what to do about it, and why."""
        return read_page(self.folder / "page.md")

    @property
    def avoid(self) -> str:
        """YAML in which it finds something; a comment names each file, and ``---`` is between two."""
        return (self.folder / "avoid.yaml").read_text("utf-8")

    @property
    def prefer(self) -> str:
        """The same without the fault."""
        return (self.folder / "prefer.yaml").read_text("utf-8")

    def faults(self, knowledge: Knowledge) -> Iterator[Fault]:
        """Everything that the lint finds."""
        return (self.fault(*found) for found in self.find(knowledge))

    def fault(self, message: str, at: Location, subject: str, related: Related = (), remedy: str = "") -> Fault:
        """A fault of this lint, with its own remedy unless another is named."""
        remedy = remedy or self.page.remedy
        return Fault(self.name, self.severity, message, at, remedy, related=related, subject=subject)


def lint(severity: Severity) -> Callable[[Check], Lint]:
    """Make a lint of the function that finds it; its name is that of the folder which the function is in."""

    def lint_of(find: Check) -> Lint:
        folder = find.__module__.rpartition(".")[2]
        return Lint(folder.replace("_", "-"), severity, find, Path(__file__).with_name(folder))

    return lint_of
