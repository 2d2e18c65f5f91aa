"""Patients who show a difference: what must be given of them, and what each side answers."""

from __future__ import annotations

from expert.diff.blame import Question
from expert.diff.compared_knowledge import Sides
from expert.diff.difference import Witness
from expert.diff.states import IMPOSSIBLE, Words
from expert.diff.union import SIDES, Side
from expert.lang.errors import ContradictionError, InputError
from expert.lang.facts import Patient
from expert.lang.values import Facts, Value, needed
from expert.logic.kleene import Evaluation

CONTRADICTORY = "the rules contradict each other"


class Witnesses:
    """The patients of two sides. Facts are those of the union; of a panel, that *none of these* was answered."""

    def __init__(self, sides: Sides) -> None:
        self.sides, self.union = sides, sides.union
        self.presumed = {side: it.domain.presumed for side, it in sides.reasoners.items()}

    def facts(self, side: Side, given: Facts) -> dict[str, Value]:
        """What one side reads of the facts."""
        found = {name: value for name, value in given.items() if name in self.sides.kbs[side].inputs}
        for none_of, panel in self.union.panels[side].items():
            if none_of in given:
                found = {**panel.members, **found}
        return found

    def refused(self, side: Side, given: Facts) -> str:
        """Why one side cannot read the facts, in a few words; empty if it can."""
        domain = self.union.domain
        for name, value in given.items():
            if name in self.union.shared and not self.union.accepts(side, name, value):
                return f"{name} cannot be {domain.write(name, value)}"
        facts = self.facts(side, given)
        for none_of, panel in self.union.panels[side].items():
            for name, value in panel.members.items() if none_of in given else ():
                if facts[name] != value:
                    return f"{none_of} contradicts {name} {domain.write(name, facts[name])}"
        return ""

    def background(self, side: Side, given: Facts, *, presuming: bool = True) -> Facts | None:
        """All that counts on one side; ``None`` if it does not accept the facts."""
        if self.refused(side, given):
            return None
        found = self.sides.reasoners[side].domain.possible_background(self.facts(side, given))
        return found and (found.all if presuming else found.known)

    def backgrounds(self, given: Facts, *, presuming: bool = True) -> tuple[Facts, Facts]:
        """`background` for both sides."""
        old, new = (self.background(side, given, presuming=presuming) or {} for side in SIDES)
        return old, new

    def needed(self, facts: Facts, question: Question) -> dict[str, Value]:
        """The facts without those that make no difference to the answers, as presumed."""
        wanted = self._asked(facts, question)
        given = without(facts, *self._as_usual(facts))
        if self._asked(given, question) != wanted:
            given = dict(facts)
        return needed(given, lambda fewer: self._asked(fewer, question) == wanted)

    def _as_usual(self, facts: Facts) -> list[str]:
        names = [name for name in facts if all(name in its for its in self.presumed.values())]
        cells = {name: self.union.domain.cell_of(name, facts[name]) for name in names}
        return [name for name in names if all(cells[name].holds(its[name]) for its in self.presumed.values())]

    def _asked(self, given: Facts, question: Question) -> list[object]:
        """What both sides answer, as presumed."""
        backgrounds = ((side, self.background(side, given)) for side in SIDES)
        return [
            None if it is None else question(Evaluation(self.sides.definitions[side], it)) for side, it in backgrounds
        ]

    def witness(
        self, given: Facts, words: Words, expected: tuple[str, str] | None = None, *, partly: bool = False
    ) -> Witness:
        """A patient, with what both engines answer: ``partly`` to what is given alone, else with all presumed given."""
        given = self.union.domain.plausible(given) or given
        before, after = (self._answered(side, given, words, partly=partly) for side in SIDES)
        confirmed = before != after if expected is None else (before, after) == expected
        return Witness(given, self.written(given), before, after, confirmed)

    def written(self, given: Facts) -> dict[str, str]:
        """Facts as a patient file has them."""
        found = {name: self.union.domain.write(name, it) for name, it in given.items() if name in self.union.kb.inputs}
        panels = {none_of: it.name for side in SIDES for none_of, it in self.union.panels[side].items()}
        return {panels.get(name, name): "none" if name in panels else text for name, text in found.items()}

    def _answered(self, side: Side, given: Facts, words: Words, *, partly: bool) -> str:
        refused = self.refused(side, given)
        if refused:
            return refused
        reasoner, facts = self.sides.reasoners[side], self.facts(side, given)
        try:
            # What is presumed is given, which the same step follows from: then nothing is left to be looked for.
            facts = facts if partly else reasoner.domain.background(facts).all
            return words(self.sides.kbs[side], reasoner.assess(Patient(facts)))
        except ContradictionError:
            return CONTRADICTORY
        except InputError:
            return IMPOSSIBLE


def without(facts: Facts, *names: str) -> dict[str, Value]:
    """Facts without some names."""
    return {other: value for other, value in facts.items() if other not in names}
