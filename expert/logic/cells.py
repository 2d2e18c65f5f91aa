"""Cells: the values of a finding that premises distinguish.

Every premise has the same truth for all values in a cell, so one representative of each cell is enough.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import NamedTuple

from expert.lang.definitions import Definitions
from expert.lang.model import KnowledgeBase
from expert.lang.premises import All, Any, Compare, In, Is, Premise, literals
from expert.lang.values import Bounds, Value, bounds_of
from expert.lang.vocabulary import Finding, Kind


class Cell(NamedTuple):
    """Values of a finding that no premise distinguishes: one value, or the numbers strictly between two thresholds.

    ``lower`` and ``upper`` are ``None`` where the cell reaches the end of the range.
    """

    value: Value
    lower: float | None = None
    upper: float | None = None

    @property
    def is_point(self) -> bool:
        """Whether the cell holds a single value."""
        return not isinstance(self.value, float) or self.lower == self.upper == self.value

    def holds(self, value: Value | None) -> bool:
        """Whether a value lies in the cell."""
        if value == self.value:
            return value is not None
        if not isinstance(value, float) or self.is_point:
            return False
        return (self.lower is None or value > self.lower) and (self.upper is None or value < self.upper)


def span(finding: Finding, cell: Cell) -> Bounds:
    """The numbers of a quantity that lie in a cell."""
    if cell.is_point:
        assert isinstance(cell.value, float)
        return bounds_of(cell.value)
    low, high = cell.lower, cell.upper
    ends = finding.low if low is None else low, finding.high if high is None else high
    return Bounds(*ends, low is not None, high is not None)


def usual_first(cells: Sequence[Cell], usual: Value | None) -> list[Cell]:
    """The cells of a finding, that of its usual value first, where completions are usually found."""
    return sorted(cells, key=lambda cell: not cell.holds(usual))


def comparisons_of(kb: KnowledgeBase) -> dict[str, list[Compare]]:
    """Every comparison of each quantity in rules, scores, constraints, invariants and conditions of findings."""
    premises: list[Premise] = [rule.premise for rule in kb.rules.values()]
    premises += [All(constraint.never) for constraint in kb.constraints]
    premises += [All((invariant.when,)) for invariant in kb.invariants.values()]
    premises += [it for finding in kb.inputs.values() for it in finding.conditions]
    premises += kb.scored
    found: dict[str, list[Compare]] = {}
    for premise in premises:
        for literal in literals(premise):
            if isinstance(literal, Compare) and literal.finding in kb.inputs:
                found.setdefault(literal.finding, []).append(literal)
    return found


def thresholds_of(definitions: Definitions, also: Iterable[Premise] = ()) -> dict[str, dict[float, str]]:
    """The thresholds of each quantity in the knowledge base and in ``also``, each with its first text."""
    found: dict[str, dict[float, str]] = {}
    further = (it for premise in also for it in literals(premise) if isinstance(it, Compare))
    for it in (*(it for its in comparisons_of(definitions.kb).values() for it in its), *further):
        found.setdefault(it.finding, {}).setdefault(it.threshold, it.written)
    return found


def cells_of(finding: Finding, thresholds: Iterable[float] = ()) -> tuple[Cell, ...]:
    """The cells of a finding, in the order of their values."""
    if finding.kind is Kind.YES_NO:
        return (Cell(False), Cell(True))
    if finding.kind is Kind.CHOICE:
        return tuple(Cell(value) for value in finding.values)
    cells = []
    lower, lower_open = finding.low, False
    for threshold in sorted(number for number in thresholds if finding.low <= number <= finding.high):
        if threshold > lower:
            cells.append(Cell((lower + threshold) / 2, lower if lower_open else None, threshold))
        cells.append(Cell(threshold, threshold, threshold))
        lower, lower_open = threshold, True
    if lower < finding.high or not cells:
        cells.append(Cell((lower + finding.high) / 2, lower if lower_open else None, None))
    return tuple(cells)


def lies_in(finding: str, cells: Sequence[Cell]) -> Premise:
    """The premise that a finding is known and lies in one of some cells."""
    values = [cell.value for cell in cells]
    if values and all(isinstance(value, str) for value in values):
        return In(finding, tuple(str(value) for value in values))
    found = tuple(_lies_in(finding, cell) for cell in cells)
    return found[0] if len(found) == 1 else Any(found)


def _lies_in(finding: str, cell: Cell) -> Premise:
    if not isinstance(cell.value, float):
        return Is(finding, cell.value)
    if cell.is_point:
        return All((_compare(finding, ">=", cell.value), _compare(finding, "<=", cell.value)))
    bounds = ((">", cell.lower), ("<", cell.upper))
    found = tuple(_compare(finding, sign, number) for sign, number in bounds if number is not None)
    # A cell that fills the range is known as soon as the finding is.
    return All(found) if found else Any((_compare(finding, ">", cell.value), _compare(finding, "<=", cell.value)))


def _compare(finding: str, sign: str, number: float) -> Compare:
    return Compare(finding, sign, number, repr(number))


def place_of(cells: Sequence[Cell], value: Value) -> int:
    """Which of a finding's cells a value lies in.

    Raises:
        ValueError: it lies in none of them.
    """
    if isinstance(value, float) and not isinstance(cells[0].value, (bool, str)):
        first = bisect_left(cells, value, key=_end)  # the first cell that does not end below the value
        cells_left: Iterable[int] = range(first, min(first + 2, len(cells)))
    else:
        cells_left = range(len(cells))
    for place in cells_left:
        if cells[place].holds(value):
            return place
    raise ValueError(f"{value!r} is in no cell")


def _end(cell: Cell) -> float:
    """Where the numbers of a cell end."""
    return inf if cell.upper is None else cell.upper


Cells = Mapping[str, Sequence[Cell]]
"""The cells of every input finding."""
