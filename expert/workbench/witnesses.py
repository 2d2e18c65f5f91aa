"""Patients who show a difference: what must be said of them, and what each side answers."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

from expert.errors import InputError
from expert.logic import Evaluation
from expert.model import Facts, Value
from expert.results import Patient
from expert.workbench.blame import Question
from expert.workbench.difference import Witness
from expert.workbench.side_by_side import NEW, OLD, SIDES
from expert.workbench.sides import Sides
from expert.workbench.words import IMPOSSIBLE, Words


class Witnesses:
    """The patients of two sides."""

    def __init__(self, sides: Sides) -> None:
        self.sides, self.both, self.presumed = sides, sides.both, sides.presumed
        self.kbs, self.reasoners, self.definitions = sides.kbs, sides.reasoners, sides.definitions

    def of_both(self, facts: Facts) -> dict[str, Value]:
        """Facts by the names that each side has for them; nothing of what cannot be compared."""
        unlike = {
            name for name in self.kbs[OLD].inputs if name in self.kbs[NEW].inputs and name not in self.both.shared
        }
        told_of = {self.both.finding(OLD, name): name for name in self.kbs[OLD].inputs if name not in self.both.shared}
        blind = self.sides.compared.blind
        named = {told_of.get(name, name): value for name, value in facts.items() if name not in blind}
        return {name: value for name, value in named.items() if name not in unlike}

    def given(self, facts: Facts, kept: Container[str] = (), *, presuming: bool = True) -> dict[str, Value]:
        """What must be said of a patient: not what both sides presume, or take by default, if that is so."""
        found = {}
        for name, value in facts.items():
            if name in self.both.shared:
                defaults = {self.kbs[side].inputs[name].default for side in SIDES}
                counts = {self.presumed[side].get(name) for side in SIDES} if presuming else defaults
                cell = self.sides.compared.domain.cell_of(name, value)
                if name in kept or not all(cell.holds(it) for it in counts):
                    found[name] = value
        return found

    def needed(self, given: dict[str, Value], question: Question) -> dict[str, Value]:
        """The facts without those of which nothing is presumed, and which make no difference to the answers."""
        names = [name for name in given if not any(name in its for its in self.presumed.values())]
        return least(given, names, lambda fewer: self._asked(fewer, question))

    def _asked(self, given: Facts, question: Question) -> list[object]:
        """What both sides answer, as presumed."""
        backgrounds = [self.reasoners[side].domain.background(given).all for side in SIDES]
        evaluations = (Evaluation(self.definitions[side], it) for side, it in zip(SIDES, backgrounds, strict=True))
        return [question(evaluation) for evaluation in evaluations]

    def permitted(self, given: Facts) -> list[bool]:
        """Which sides take facts for possible."""
        return [self.reasoners[side].domain.permitted(given) for side in SIDES]

    def witness(
        self, given: Facts, words: Words, expected: tuple[str, str] | None = None, *, partly: bool = False
    ) -> Witness:
        """A patient, with what both engines answer: of a complete patient, with all that is presumed."""
        before, after = (self._answered(side, given, words, partly=partly) for side in SIDES)
        confirmed = before != after if expected is None else (before, after) == expected
        written = {name: self.reasoners[NEW].domain.write(name, value) for name, value in given.items()}
        return Witness(given, written, before, after, confirmed)

    def _answered(self, side: str, given: Facts, words: Words, *, partly: bool) -> str:
        reasoner = self.reasoners[side]
        try:
            # What is presumed is given, which the same step follows from: then nothing is left to be looked for.
            facts = given if partly else reasoner.domain.background(given).all
            return words(self.kbs[side], reasoner.assess(Patient(facts)))
        except InputError:
            return IMPOSSIBLE


def least(given: dict[str, Value], names: Sequence[str], answers: Callable[[Facts], object]) -> dict[str, Value]:
    """Facts without those of some names that can be left out, the last first, while the answers stay."""
    wanted = answers(given)
    for name in reversed(names):
        fewer = without(given, name)
        if answers(fewer) == wanted:
            given = fewer
    return given


def without(facts: Facts, name: str) -> dict[str, Value]:
    """Facts but for one."""
    return {other: value for other, value in facts.items() if other != name}
