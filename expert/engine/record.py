"""What follows from some facts: every conclusion with its justifications.

This module does without postponed annotations, which named tuples define more slowly.
"""

from collections.abc import Mapping
from typing import NamedTuple

from expert.lang.model import one_line
from expert.lang.premises import Concluded, Literal, Name
from expert.lang.values import Facts


class Justification(NamedTuple):
    """One way in which a definition received its truth: every part of ``because`` has the truth paired with it."""

    conclusion: Name
    truth: bool
    because: tuple[tuple[Literal | Concluded, bool], ...]


class Record(NamedTuple):
    """Everything that follows from some facts: each conclusion with all its justifications, in the order found."""

    facts: Facts
    justifications: Mapping[Name, list[Justification]]

    def truth(self, name: Name) -> bool | None:
        """The truth of a definition; ``None`` if the facts leave it open."""
        found = self.justifications.get(name)
        return found[0].truth if found else None

    def __repr__(self) -> str:
        return one_line(self, f"{len(self.facts)} facts", f"{len(self.justifications)} conclusions")
