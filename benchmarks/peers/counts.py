"""Counts as nested alternatives, for peers that cannot add."""

from __future__ import annotations

from expert.lang.premises import ALWAYS, All, Any, Count, Not, Premise


def without_count(count: Count) -> Premise:
    """The same premise without a count. It grows fast with the number of parts, which are few."""
    enough = _reached(count.premises, count.points, count.least)
    if count.most is None:
        return enough
    return All((enough, Not(_reached(count.premises, count.points, count.most + 1))))


def _reached(parts: tuple[Premise, ...], points: tuple[int, ...], bound: int) -> Premise:
    if bound <= 0:
        return ALWAYS
    if sum(points) < bound:
        return Any(())
    with_it = All((parts[0], _reached(parts[1:], points[1:], bound - points[0])))
    return Any((with_it, _reached(parts[1:], points[1:], bound)))
