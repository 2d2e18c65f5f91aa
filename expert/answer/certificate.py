"""How few questions may remain: the smallest set of findings whose presumed values settle the outcome.

A *certificate* is a set of unasked findings whose presumed values, with the known facts, leave only those outcomes that
the presumed values of all unasked findings leave (usually one). It is found by implicit hitting sets: every completion
with another outcome deviates from the presumed patient in some finding of the certificate. So a smallest set that hits
all deviations found so far is a certificate, or some completion shows a deviation that it misses (A. Ignatiev,
A. Previti, M. Liffiton, J. Marques-Silva, *Smallest MUS extraction with minimal hitting set dualization*, CP 2015).
Among the smallest certificates, findings early in the vocabulary are preferred. With very many unasked findings, the
result is only minimal: findings are left out one by one, from the end of the vocabulary.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import count

from expert.answer.relevance import Completions
from expert.bits.program import disjoint, union
from expert.solve.to_cells import Bits, Outcome, each

MAX_FINDINGS = 60
"""The most findings for which the smallest set is searched."""


def certificate(completions: Completions, presumed: Bits) -> Bits:
    """The smallest part of some presumed cells, one for each finding, that settles the outcome as all of them do."""
    settled = completions.narrowed(presumed).outcomes()
    others = [outcome for outcome in completions.space.outcomes if outcome not in settled]
    small = presumed.bit_count() <= MAX_FINDINGS
    return _by_hitting(completions, presumed, others) if small else _by_leaving_out(completions, presumed, others)


def _by_leaving_out(completions: Completions, presumed: Bits, others: Sequence[Outcome]) -> Bits:
    chosen = presumed
    for bit in reversed(list(each(presumed))):
        rest = chosen & ~bit
        shown = any(cube & rest == rest for cube, outcome in completions.cubes.items() if outcome in others)
        if not shown and completions.find(others, rest) is None:
            chosen = rest
    return chosen


def _by_hitting(completions: Completions, presumed: Bits, others: Sequence[Outcome]) -> Bits:
    deviations = {presumed & ~cube for cube, outcome in completions.cubes.items() if outcome in others}
    while True:
        chosen = smallest_hitting_set(deviations)
        cube = completions.find(others, chosen)
        if cube is None:
            return chosen
        deviations.add(presumed & ~cube)


def smallest_hitting_set(sets: Collection[Bits]) -> Bits:
    """The smallest set that has a member in common with each of some sets; of several, the one with the lowest bits.

    Raises:
        ValueError: one of the sets is empty.
    """
    least = _minimal(sets)
    if 0 in least:
        raise ValueError("an empty set cannot be hit")
    return union(
        next(found for size in count() if (found := _hitting(apart, size)) is not None) for apart in _apart(least)
    )


def _apart(sets: Iterable[Bits]) -> list[list[Bits]]:
    """The sets in groups that share no member, which are hit independently."""
    groups: list[list[Bits]] = []
    for it in sets:
        near = [group for group in groups if it & union(group)]
        groups = [group for group in groups if group not in near]
        groups.append([it, *(other for group in near for other in group)])
    return groups


def _minimal(sets: Iterable[Bits]) -> list[Bits]:
    """The sets that contain no other of the sets."""
    found: list[Bits] = []
    for candidate in sorted(sets, key=lambda it: (it.bit_count(), it)):
        if not any(part & candidate == part for part in found):
            found.append(candidate)
    return found


def _hitting(sets: list[Bits], size: int) -> Bits | None:
    """The hitting set of that size with the lowest bits."""
    if not sets:
        return 0
    if disjoint(sets) > size:
        return None
    for member in each(union(sets)):
        rest = _hitting([it for it in sets if not it & member], size - 1)
        if rest is not None:
            return member | rest
        sets = [it & ~member for it in sets]
        if 0 in sets:
            return None
    return None
