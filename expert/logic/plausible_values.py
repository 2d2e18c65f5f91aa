"""Values with which a made-up patient is not refused: quantities are moved within their cells.

Nothing distinguishes the values of a cell, so the patient shows the same as before. Lower bounds are pushed from each
finding to those that are no less, after upper bounds have been pushed the other way.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import TYPE_CHECKING

from expert.lang.values import Bound, Bounds, Facts, bounds_of
from expert.logic.cells import Cell, span

if TYPE_CHECKING:
    from expert.logic.domain import Domain


def plausible_values(domain: Domain, facts: Facts, kept: Container[str] = ()) -> Facts | None:
    """The facts with values that are not refused, each as near as can be; ``None`` if they cannot have such values.

    Findings that are ``kept`` keep their values, and so do those given as bounds.
    """
    plausibility = domain.plausibility
    if not plausibility.refuses(facts):
        return facts
    numbers = {name: it for name in plausibility.rising if isinstance(it := facts.get(name), float)}
    room = {name: _room(domain, name, it, kept=name in kept) for name, it in numbers.items()}
    for name in reversed(numbers):
        for _, greater, strict in plausibility.above(name, room):
            room[name] = _below(room[name], room[greater], strict)
    found = dict(facts)
    for name, value in numbers.items():
        for lesser, _, strict in plausibility.below(name, room):
            room[name] = _above(room[name], room[lesser], strict)
        if room[name].is_empty:
            return None
        if name not in kept and not isinstance(value, Bound):
            found[name] = chosen = value if room[name].holds(value) else _nearest(domain, name, room[name], value)
            room[name] = bounds_of(chosen)
    return None if plausibility.refuses(found) else found


def _room(domain: Domain, name: str, value: float, *, kept: bool) -> Bounds:
    """Where the value of a finding may be: in its cell, unless it is kept."""
    if kept or isinstance(value, Bound):
        return bounds_of(value)
    return span(domain.kb.inputs[name], domain.cell_of(name, value))


def _below(room: Bounds, other: Bounds, strict: bool) -> Bounds:
    """The numbers that are no greater than all others of another room."""
    if room.high < other.high or (room.high == other.high and room.high_open):
        return room
    return room._replace(high=other.high, high_open=strict or other.high_open)


def _above(room: Bounds, other: Bounds, strict: bool) -> Bounds:
    """The numbers that are no less than all others of another room."""
    if room.low > other.low or (room.low == other.low and room.low_open):
        return room
    return room._replace(low=other.low, low_open=strict or other.low_open)


def _nearest(domain: Domain, name: str, room: Bounds, value: float) -> float:
    """The number in a room that is nearest to a value, if possible one that people state."""
    found = domain.nearest(name, list(_cells(room)), value)
    return found if isinstance(found, float) else room.number()


def _cells(room: Bounds) -> Iterator[Cell]:
    """A room as cells: its ends, unless they are open, and what lies between."""
    if not room.low_open:
        yield Cell(room.low, room.low, room.low)
    if room.low < room.high:
        yield Cell((room.low + room.high) / 2, room.low, room.high)
        if not room.high_open:
            yield Cell(room.high, room.high, room.high)
