"""What is asked about two knowledge bases: their sides, the edits between them, and the questions left open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from expert.diff.blame import Blame
from expert.diff.compared_knowledge import Sides
from expert.diff.difference import OtherChange
from expert.diff.edits import Edit
from expert.diff.union import NEW, OLD
from expert.diff.witnesses import Witnesses
from expert.lang.errors import UnprovedError
from expert.lang.format import VOCABULARY
from expert.logic.nogoods import constrained
from expert.solve.connectives import Formula, constant, differ

Found = TypeVar("Found")
Parts = dict[str, Formula]
"""Formulas that together decide the status of an observable."""


class Inquiry:
    """Questions about two sides.

    Attributes:
        edits: all entries that differ.
        unproved: questions that the solver could not decide.
    """

    def __init__(self, sides: Sides, edits: tuple[Edit, ...]) -> None:
        self.sides, self.edits = sides, edits
        self.witnesses = Witnesses(sides)
        self.blame = Blame(sides.definitions[OLD], sides.definitions[NEW], edits)
        self.unproved: list[str] = []

    def decided(self, what: str, question: Callable[[], Found | None]) -> Found | None:
        """The answer to a question; one that the solver leaves open is kept, so that it does not count as proved."""
        try:
            return question()
        except UnprovedError as error:
            self.unproved.append(f"{what}: {error}")
            return None

    def confirmed(self, what: str, question: Callable[[], OtherChange | None]) -> Iterator[OtherChange]:
        """The change that answers a question, if both engines confirm its witness; else the question stays open."""
        change = self.decided(what, question)
        if change and change.witness.confirmed:
            yield change
        elif change:
            given = ", ".join(f"{name} {value}" for name, value in change.witness.written.items()) or "nothing"
            self.unproved.append(f"{what}: what it found is not confirmed by both engines (given {given})")

    def differs(self, old: Parts, new: Parts) -> Formula | None:
        """Whether one of some formulas differs; ``None`` if none can. What a side lacks does not hold.

        A score never reaches a bound beyond its range, and always reaches one below it.
        """
        names = dict.fromkeys([*old, *new])
        pairs = [(self._part(old, name), self._part(new, name)) for name in names]
        found = [differ(*pair) for pair in pairs if not pair[0].eq(pair[1])]
        return self.sides.union.formulas.any(found) if found else None

    def _part(self, parts: Parts, name: str) -> Formula:
        if name in parts:
            return parts[name]
        sign, _, bound = name.partition(" ")
        bounds = [int(it.partition(" ")[2]) for it in parts if it.startswith(f"{sign} ")] if sign in (">=", "<") else []
        holds = bool(bounds) and (sign == "<") is (int(bound) > max(bounds))
        return constant(holds, self.sides.union.formulas.context)

    def edits_of(self, kind: str, name: str = "") -> tuple[Edit, ...]:
        """The edits of the vocabulary that are of a kind, and of a name if there is one."""
        its = (it for it in self.edits if it.kind == kind and (not name or it.id == name))
        return tuple(it for it in its if VOCABULARY in it.bears)

    def edits_tied_to(self, finding: str) -> tuple[Edit, ...]:
        """The edits of constraints that speak of a finding or of one linked to it; else the edits of those findings."""
        tied = {finding, *(it for side in self.sides.reasoners.values() for it in side.domain.linked_to([finding]))}
        ids = {it.id for kb in self.sides.kbs.values() for it in kb.constraints if tied & set(constrained(it))}
        constraints = tuple(it for it in self.edits_of("constraint") if it.id in ids)
        return constraints or tuple(it for it in self.edits_of("finding") if it.id in tied)
