"""The values of findings that argue most for a step: a first guess at a patient for whom it is recommended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from expert.lang.definitions import Definitions
from expert.lang.premises import All, Any, Concluded, Exclusive, Literal, Name, Not, Premise
from expert.lang.values import Facts, Value
from expert.logic.cells import Cell, Cells
from expert.logic.kleene import holds_of


def favouring(definitions: Definitions, cells: Cells, step: str) -> Facts:
    """A value of each finding that the step can depend on.

    It makes those premises true that speak for the step, weighed by the number of ways in which each does; of values
    that argue alike, the usual one if it is among them, else the first.
    """
    goal = ("recommended", step)
    weights: dict[Name, int] = {goal: 1}
    scores = {name: [0] * len(cells[name]) for name in definitions.kb.inputs if name in definitions.inputs[goal]}
    for name in reversed(definitions.premises):
        for part, sign in _signed(definitions.premises[name], weights.get(name, 0)):
            if isinstance(part, Concluded):
                weights[part.name] = weights.get(part.name, 0) + sign
            elif sign:
                own = scores[part.finding]
                own[:] = [
                    score + sign * holds_of(part, it.value) for score, it in zip(own, cells[part.finding], strict=True)
                ]
    return {name: _best(cells[name], own, definitions.kb.inputs[name].usual) for name, own in scores.items()}


def _signed(premise: Premise, weight: int) -> Iterator[tuple[Literal | Concluded, int]]:
    """The parts of a premise, each with the weight with which it argues for it; below zero if it argues against."""
    match premise:
        case Not():
            yield from _signed(premise.premise, -weight)
        case All() | Any():
            for part in premise.premises:
                yield from _signed(part, weight)
        case Exclusive():
            yield from _signed(premise.own, weight)
        case _:
            yield premise, weight


def _best(cells: Sequence[Cell], scores: Sequence[int], usual: Value | None) -> Value:
    best = [cell for cell, score in zip(cells, scores, strict=True) if score == max(scores)]
    return usual if usual is not None and any(cell.holds(usual) for cell in best) else best[0].value
