"""Which steps are possible: exact, by Kleene's logic and a case split over relevant unknown findings.

A step is possible if some permitted completion leads to it. A goal whose truth is known is settled; an open goal
is split over a finding that it depends on (M. Davis, G. Logemann, D. Loveland, *A machine program for
theorem-proving*, CACM 5 (1962) 394-397). The split is bounded; beyond the bound a solver decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from expert.lang.errors import InternalError
from expert.lang.premises import All, Concluded, Name, Not, Premise
from expert.lang.values import Facts, Value
from expert.logic.cells import Cell, usual_first
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from expert.solve.formulas import formulas_of

MAX_EVALUATIONS = 100
"""Beyond about this many, asking a solver is quicker."""

MAX_DEPTH = 100
"""Splits are nested no deeper than this: each takes several calls, and a solver is quicker."""


class BeyondBoundError(InternalError):
    """The case split has grown too large."""


class CaseSplit:
    """Splits open goals into cases, with at most ``left`` evaluations in all."""

    def __init__(self, domain: Domain, left: int) -> None:
        self.domain, self.left = domain, left

    def witness(self, evaluation: Evaluation, goal: Premise, depth: int = 0) -> Facts | None:
        """A permitted extension of the evaluation's facts under which the goal holds; ``None`` if there is none.

        Raises:
            BeyondBoundError: the bound was reached first.
        """
        truth = self._evaluate(evaluation, goal, depth)
        if truth is False:
            return None
        if truth:
            return evaluation.facts if self.domain.permitted(evaluation.facts) else None
        finding = self._open_finding(evaluation, goal)
        cells = usual_first(self.domain.cells[finding], self.domain.usual.get(finding))
        for facts in self._permitted(evaluation, finding, cells):
            found = self.witness(evaluation.with_values(facts), goal, depth + 1)
            if found is not None:
                return found
        return None

    def cases(self, evaluation: Evaluation, goal: Premise, depth: int = 0) -> list[dict[str, Value]]:
        """Extensions of the evaluation's facts that each decide the goal and together cover all completions.

        Raises:
            BeyondBoundError: the bound was reached.
        """
        if self._evaluate(evaluation, goal, depth) is not None:
            return [{}]
        finding = self._open_finding(evaluation, goal)
        return [
            {**facts, **rest}
            for facts in self._permitted(evaluation, finding, self.domain.cells[finding])
            for rest in self.cases(evaluation.with_values(facts), goal, depth + 1)
        ]

    def _evaluate(self, evaluation: Evaluation, goal: Premise, depth: int) -> bool | None:
        if self.left <= 0 or depth > MAX_DEPTH:
            raise BeyondBoundError
        self.left -= 1
        return evaluation.evaluate(goal)

    @staticmethod
    def _open_finding(evaluation: Evaluation, goal: Premise) -> str:
        finding = evaluation.open_finding(goal)
        assert finding is not None
        return finding

    def _permitted(self, evaluation: Evaluation, finding: str, cells: Iterable[Cell]) -> Iterator[dict[str, Value]]:
        """The values of a finding that the constraints permit."""
        for cell in cells:
            facts = {finding: cell.value}
            if finding not in self.domain.constrained or self.domain.permitted({**evaluation.facts, **facts}):
                yield facts


def possible_steps(domain: Domain, evaluation: Evaluation) -> tuple[str, ...]:
    """The steps that permitted completions of the evaluation's facts lead to, in the ladder's order."""
    return tuple(step for step in domain.kb.steps if can_hold(domain, evaluation, Concluded(("recommended", step))))


def certain_step(domain: Domain, evaluation: Evaluation) -> str | None:
    """The step that every permitted completion leads to, if there is one.

    If some completion leads to no step, no step is certain.
    """
    for step in domain.kb.steps:
        truth = evaluation.concluded(("recommended", step))
        if truth:
            return step
        if truth is None and can_hold(domain, evaluation, goal := Concluded(("recommended", step))):
            return None if can_hold(domain, evaluation, Not(goal)) else step
    return None


def is_certain(domain: Domain, evaluation: Evaluation, name: Name) -> bool:
    """Whether a name holds in every permitted completion of the evaluation's facts, of which there must be one."""
    truth = evaluation.concluded(name)
    return not can_hold(domain, evaluation, Not(Concluded(name))) if truth is None else truth


def can_hold(domain: Domain, evaluation: Evaluation, goal: Premise) -> bool:
    """Whether some permitted completion makes the goal hold."""
    try:
        return CaseSplit(domain, MAX_EVALUATIONS).witness(evaluation, goal) is not None
    except BeyondBoundError:
        return formulas_of(domain).satisfiable(evaluation.facts, goal)


def cases(domain: Domain, evaluation: Evaluation, goal: Premise) -> list[dict[str, Value]]:
    """Cases that each decide the goal and together cover all permitted completions; none beyond the bound."""
    try:
        return CaseSplit(domain, MAX_EVALUATIONS).cases(evaluation, goal)
    except BeyondBoundError:
        return []


@lru_cache(4)
def contradictions(domain: Domain) -> Mapping[Name, Premise]:
    """Values of concluded choices that can hold together with another value, with the premise of that.

    Knowledge that passes its check has none. Executors for many patients at once use it to report contradictions.
    """
    nothing = Evaluation(domain.definitions, {})
    found: dict[Name, Premise] = {}
    for name, premise in domain.definitions.exclusive.items():
        both = All(premise.parts)
        if can_hold(domain, nothing, both):
            found[name] = both
    return found
