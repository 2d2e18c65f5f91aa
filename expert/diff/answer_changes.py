"""Who gets another answer while findings are unknown: another step, or one that is more or less certain.

An answer is certain if every completion of what counts leads to its step. So it is looked for patients to whom one side
recommends a step for sure, and for whom the other side has a completion that leads elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from expert.diff.compared_knowledge import Part
from expert.diff.comparison import Comparison
from expert.diff.difference import OtherChange
from expert.diff.formulas import View
from expert.diff.reachable import Reachable
from expert.diff.union import SIDES
from expert.diff.wording import answer_of, possible_of, recommended_by
from expert.lang.values import Facts
from expert.solve.connectives import Formula, conjunction, constant, negation

UNKNOWN = "while findings are unknown"


class AnswerChanges:
    """The answers of a part's partial patients."""

    def __init__(self, comparison: Comparison, part: Part) -> None:
        self.comparison, self.part = comparison, part
        self.sides, self.formulas = comparison.sides, part.formulas

    def changes(self, *, where_it_stays: bool) -> Iterator[OtherChange]:
        """Who gets another step while findings are unknown, or the same with another certainty; or only the latter.

        Raises:
            UnprovedError: the solver could not decide.
        """
        kinds = ("certainty",) if where_it_stays else ("step", "certainty", "either")
        found: dict[tuple[str, str], OtherChange] = {}
        for kind in kinds:
            if kind == "either" and found:
                break
            for side, other in (SIDES, SIDES[::-1]):
                facts = self._surer(side, other, kind)
                change = None if facts is None else self._change(facts)
                if change:
                    found.setdefault((change.witness.before, change.witness.after), change)
        if not found and not where_it_stays:
            for presumed in (False, True):
                facts = Reachable(self.comparison, self.part, presumed=presumed).difference()
                change = None if facts is None else self._change(facts)
                if change:
                    yield change
                    return
        yield from found.values()

    def _surer(self, side: str, other: str, kind: str) -> Facts | None:
        """A patient to whom one side recommends a step for sure, as the other does not.

        If it is the ``certainty`` that differs, the other side recommends that step too, as presumed.
        """
        its, others = self.sides.partial[side], self.sides.partial[other]
        view, its_view = (it.presumed if kind == "step" else it.known for it in (others, its))
        steps = its.recommended(its_view)
        elsewhere = self._elsewhere(other, list(steps))
        goals = [[steps[step], not_it] for step, not_it in elsewhere.items()]
        if kind == "certainty":
            presumed = others.recommended(others.presumed)
            goals = [[*goal, presumed[step]] for step, goal in zip(elsewhere, goals, strict=True) if step in presumed]
        prover = self.part.partly.under(self.formulas.any([conjunction(*goal) for goal in goals]))
        return prover.under(*self._completion(other, view)).partial_patient(self.sides.given)

    def _elsewhere(self, side: str, steps: list[str]) -> dict[str, Formula]:
        """For each step, that the neighbour is not led to it."""
        complete = self.sides.complete[side]
        its = complete.recommended(complete.presumed)
        never = constant(False, self.formulas.context)
        found = self.sides.union.neighbour([negation(its.get(step, never)) for step in steps])
        return dict(zip(steps, found, strict=True))

    def _completion(self, side: str, view: View) -> Iterator[Formula]:
        """That the neighbour is a permitted completion of what counts on a side."""
        complete = self.sides.complete[side]
        yield from self.sides.union.neighbour([*self.formulas.permitted, complete.possible()])
        yield from view.completed(self.sides.union, list(complete.kb.inputs))

    def _change(self, facts: Facts) -> OtherChange | None:
        """What changes of an answer; nothing if only Kleene's logic does not see that it is the same."""
        witnesses = self.comparison.witnesses
        for words in (answer_of, possible_of):
            witness = witnesses.witness(facts, words, partly=True)
            if witness.confirmed:
                backgrounds = witnesses.backgrounds(facts, presuming=False)
                causes = self.comparison.blame.causes(backgrounds, recommended_by)
                return OtherChange("answer", "", witness, causes, UNKNOWN)
        return None
