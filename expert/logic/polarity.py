"""Which values of the findings favour a definition: the polarity of every premise that it depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from expert.lang.definitions import Definitions, in_order
from expert.lang.premises import Concluded, Literal, Name, signed
from expert.lang.values import Facts, Value
from expert.logic.cells import Cell, Cells
from expert.logic.kleene import holds_of


class Polarity(NamedTuple):
    """In how many ways a premise supports a definition by holding, and by failing."""

    positive: int = 0
    negative: int = 0


Polarities = Mapping[str, Mapping[Literal, Polarity]]
"""The premises about each finding with their polarity."""


def polarities(definitions: Definitions, goal: Name) -> Polarities:
    """The polarity, for a definition, of every premise that it depends on, except those that refute a choice."""
    ways = {goal: Polarity(1)}
    found: dict[str, dict[Literal, Polarity]] = {}
    order: dict[Name, None] = {}
    for name in in_order((goal,), definitions.needs, order):
        order[name] = None
    for name in reversed(order):
        if name not in ways:  # it only refutes a choice
            continue
        positive, negative = ways[name]
        for part, sign in signed(definitions.premises[name]):
            added = Polarity(positive, negative) if sign else Polarity(negative, positive)
            if isinstance(part, Concluded):
                ways[part.name] = _sum(ways.get(part.name), added)
            else:
                own = found.setdefault(part.finding, {})
                own[part] = _sum(own.get(part), added)
    return found


def _sum(one: Polarity | None, other: Polarity) -> Polarity:
    return other if one is None else Polarity(one.positive + other.positive, one.negative + other.negative)


def favourable_values(definitions: Definitions, cells: Cells, step: str, *, against: bool = False) -> Facts:
    """For each finding that a step depends on, the value that supports its recommendation in the most ways.

    With ``against``, the value that supports it in the fewest. Among equals the usual value is taken, else the first.
    """
    goal = ("recommended", step)
    premises = polarities(definitions, goal)
    return {
        name: _best(cells[name], premises.get(name, {}), finding.usual, -1 if against else 1)
        for name, finding in definitions.kb.inputs.items()
        if name in definitions.inputs[goal]
    }


def _best(cells: Sequence[Cell], premises: Mapping[Literal, Polarity], usual: Value | None, sign: int) -> Value:
    scores = [
        sum(sign * (it.positive - it.negative) * holds_of(premise, cell.value) for premise, it in premises.items())
        for cell in cells
    ]
    best = [cell for cell, score in zip(cells, scores, strict=True) if score == max(scores)]
    return usual if usual is not None and any(cell.holds(usual) for cell in best) else best[0].value
