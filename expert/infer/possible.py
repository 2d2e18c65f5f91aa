"""Which steps are possible: exact, by Kleene's logic and a case split over the unknown findings that matter.

A step is possible if some permitted completion leads to it. A goal whose truth is known needs no further look; one that is open is
split over a finding on which it hangs (M. Davis, G. Logemann, D. Loveland, *A machine program for theorem-proving*, CACM 5 (1962)
394-397). The split is bounded; beyond the bound a solver decides.
"""

from __future__ import annotations

from collections.abc import Iterable

from expert.infer.domain import Cell, Domain
from expert.logic import Evaluation
from expert.model import Concluded, Facts, Premise, Value

MAX_EVALUATIONS = 3000


class BeyondBound(Exception):
    """The case split has grown too large."""


class CaseSplit:
    """Decides whether a goal can come true, looking at no more than ``left`` evaluations."""

    def __init__(self, domain: Domain, left: int = MAX_EVALUATIONS) -> None:
        self.domain, self.left = domain, left

    def witness(self, evaluation: Evaluation, goal: Premise) -> Facts | None:
        """Facts, a permitted extension of the evaluation's, under which the goal holds for sure; ``None`` if there are none.

        Raises:
            BeyondBound: the bound was reached before the question was settled.
        """
        if self.left <= 0:
            raise BeyondBound
        self.left -= 1
        truth = evaluation.evaluate(goal)
        if truth is False:
            return None
        if truth:
            return evaluation.facts if self.domain.permitted(evaluation.facts) else None
        finding = evaluation.open_finding(goal)
        assert finding is not None
        for cell in self.values_first_usual(finding):
            facts = {finding: cell.value}
            if finding in self.domain.constrained and not self.domain.permitted({**evaluation.facts, **facts}):
                continue
            found = self.witness(evaluation.with_values(facts), goal)
            if found is not None:
                return found
        return None

    def values_first_usual(self, finding: str) -> Iterable[Cell]:
        """The cells of a finding, that of its usual value first."""
        cells = self.domain.cells[finding]
        usual = self.domain.usual.get(finding)
        return cells if usual is None else sorted(cells, key=lambda cell: cell != self.domain.cell_of(finding, usual))


def possible_steps(domain: Domain, evaluation: Evaluation, reached: Iterable[str] = ()) -> tuple[str, ...]:
    """The steps that permitted completions of the evaluation's facts lead to, in the ladder's order.

    ``reached`` are steps already known to be possible.
    """
    known = set(reached)
    steps = domain.kb.steps
    for step in steps:
        if step not in known and can_hold(domain, evaluation, Concluded(("recommended", step))):
            known.add(step)
    return tuple(step for step in steps if step in known)


def can_hold(domain: Domain, evaluation: Evaluation, goal: Premise) -> bool:
    """Whether some permitted completion makes the goal hold."""
    try:
        return CaseSplit(domain).witness(evaluation, goal) is not None
    except BeyondBound:
        return domain.formulas.satisfiable(evaluation.facts, goal)


def cases(domain: Domain, evaluation: Evaluation, goal: Premise) -> list[dict[str, Value]]:
    """Cases that together cover every permitted completion, each of which decides the goal on its own."""
    if evaluation.evaluate(goal) is not None:
        return [{}]
    finding = evaluation.open_finding(goal)
    assert finding is not None
    found = []
    for cell in domain.cells[finding]:
        narrowed = evaluation.with_values({finding: cell.value})
        if domain.permitted(narrowed.facts):
            found += [{finding: cell.value, **rest} for rest in cases(domain, narrowed, goal)]
    return found
