"""A comparison in work: the sides, what was edited between them, and what could not be decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from expert.diff.blame import Blame
from expert.diff.compared_knowledge import Sides
from expert.diff.difference import OtherChange
from expert.diff.edits import VOCABULARY, Edit
from expert.diff.union import NEW, OLD
from expert.diff.witnesses import Witnesses
from expert.lang.errors import UnprovedError
from expert.logic.constraints import constrained
from expert.solve.connectives import Formula, constant, differ

Found = TypeVar("Found")
Parts = dict[str, Formula]
"""Formulas that together decide the status of an observable."""


class Comparison:
    """Two sides, and what is asked about them.

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
        """The answer to a question; one that stays open is kept, so that nothing is taken for proved."""
        try:
            return question()
        except UnprovedError as error:
            self.unproved.append(f"{what}: {error}")
            return None

    def confirmed(self, change: OtherChange | None) -> OtherChange | None:
        """A change whose witness both engines confirm.

        Raises:
            UnprovedError: they do not, so that it is not known whether there is one.
        """
        if change and not change.witness.confirmed:
            given = ", ".join(f"{name} {value}" for name, value in change.witness.written.items()) or "nothing"
            raise UnprovedError(f"what it found is not confirmed by both engines (given {given})")
        return change

    def differs(self, old: Parts, new: Parts) -> Formula | None:
        """That something reads otherwise; ``None`` if it cannot. What a side does not have does not hold."""
        no = constant(False, self.sides.union.formulas.context)
        pairs = [(old.get(name, no), new.get(name, no)) for name in dict.fromkeys([*old, *new])]
        found = [differ(*pair) for pair in pairs if not pair[0].eq(pair[1])]
        return self.sides.union.formulas.any(found) if found else None

    def edits_of(self, kind: str, name: str = "") -> tuple[Edit, ...]:
        """The edits of the vocabulary that are of a kind, and of a name if it is said."""
        its = (it for it in self.edits if it.kind == kind and (not name or it.id == name))
        return tuple(it for it in its if VOCABULARY in it.bears)

    def edits_behind(self, finding: str) -> tuple[Edit, ...]:
        """The edits of the vocabulary that may change what counts of a finding."""
        return self.edits_of("finding", finding) or self.edits_tied_to(finding) or self.edits_of("panel")

    def edits_tied_to(self, finding: str) -> tuple[Edit, ...]:
        """The edits of the constraints that tie a finding to others; if there are none, of what counts of these."""
        tied = {finding, *(it for side in self.sides.reasoners.values() for it in side.domain.tied.get(finding, ()))}
        ids = {it.id for kb in self.sides.kbs.values() for it in kb.constraints if tied & set(constrained(it))}
        constraints = tuple(it for it in self.edits_of("constraint") if it.id in ids)
        return constraints or tuple(it for it in self.edits_of("finding") if it.id in tied)
