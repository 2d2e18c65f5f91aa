"""Whom only one of two sides accepts: because of a value that only it has, of a panel, or of constraints."""

from __future__ import annotations

from collections.abc import Iterator

from expert.diff.compared_knowledge import Part
from expert.diff.comparison import Comparison
from expert.diff.difference import Admitted
from expert.diff.edits import Edit
from expert.diff.union import SIDES
from expert.diff.wording import step_of
from expert.lang.values import Facts
from expert.solve.connectives import Formula, conjunction, constant, negation


class Acceptance:
    """The patients of a part whom one side accepts and the other does not."""

    def __init__(self, comparison: Comparison, part: Part) -> None:
        self.comparison, self.part = comparison, part
        self.sides, self.union, self.formulas = comparison.sides, comparison.sides.union, part.formulas

    def differences(self) -> Iterator[Admitted]:
        """One patient for each side and for each thing that only that side can read, and for its constraints."""
        for side, other in (SIDES, SIDES[::-1]):
            if self.part.saying:
                for name in self.union.differing():
                    yield from self._admitted(side, name, *self._by_value(side, other, name))
                for none_of in self.sides.none_of:
                    yield from self._admitted(side, none_of, *self._by_panel(side, other, none_of))
            yield from self._admitted(side, "", *self._by_constraints(side, other))

    def _by_value(self, side: str, other: str, name: str) -> tuple[Formula, ...]:
        read, unread = (self.union.accepted(it, name) for it in (side, other))
        return self.sides.given[name], read, negation(unread), self.sides.partial[side].accepted

    def _by_panel(self, side: str, other: str, none_of: str) -> tuple[Formula, ...]:
        agree = self.formulas.all(self.sides.partial[other].panels_agree)
        return self.sides.given[none_of], negation(agree), self.sides.partial[side].accepted, *self.sides.both_read

    def _by_constraints(self, side: str, other: str) -> tuple[Formula, ...]:
        one, another = self.sides.partial[side], self.sides.partial[other]
        if one.possible().eq(another.possible()):
            return (constant(False, self.formulas.context),)
        differs = conjunction(one.accepted, negation(another.possible()))
        before = [negation(self.part.unsaid(differs))] if self.part.saying else []
        return differs, *another.panels_agree, *self.sides.both_read, *before

    def _admitted(self, side: str, what: str, *goals: Formula) -> Iterator[Admitted]:
        def question() -> Facts | None:
            return self.part.everybody.under(*goals).partial_patient(self.sides.given)

        facts = self.comparison.decided(f"who is accepted by the {side} knowledge alone {what}".rstrip(), question)
        if facts is not None:
            witness = self.comparison.witnesses.witness(facts, step_of)
            yield Admitted(side, witness, self._causes(what, facts), what)

    def _causes(self, what: str, facts: Facts) -> tuple[Edit, ...]:
        if what in self.sides.none_of:
            return self.comparison.edits_of("panel")
        if what:
            return self.comparison.edits_of("finding", what)
        behind = [edit for name in facts for edit in self.comparison.edits_tied_to(name)]
        return tuple(dict.fromkeys(behind)) or self.comparison.edits_of("constraint")
