"""Which open goals are certain, for many variants at once: a case split over unknown findings, by bits.

It decides what `expert.solve.case_split.is_certain` decides for one patient: a goal is certain if it holds in every
permitted completion. All variants are split together, each over the cells of an unknown finding of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from expert.bits.background import BackgroundProgram
from expert.bits.program import Demand, Mask, Truths, union
from expert.lang.values import Value
from expert.logic.cells import Cells

MOST_CASES = 300
"""The most cases that are looked at."""


def certain(
    truths: Truths, backgrounds: BackgroundProgram, cells: Cells, goals: Mapping[Demand, Mask]
) -> tuple[dict[Demand, Mask], Mask]:
    """The variants in which each goal is certain, and those that are left undecided.

    ``goals`` are the demands, each with the possible variants of interest.
    """
    left = {goal: mask for goal, mask in goals.items() if mask}
    ahead: list[tuple[Truths, dict[str, _Case], Mask]] = [(truths, {}, union(left.values()))]
    for _ in range(MOST_CASES):
        if not ahead:
            break
        case, values, where = ahead.pop()
        where &= union(left.values())
        if values:
            split = {name: (value, its) for name, (value, mask) in values.items() if (its := mask & where)}
            case = case.with_values(split)
            for name, (_, its) in split.items():
                where &= ~backgrounds.forbidden(name, case.masks, its)
        if not where:
            continue
        left = {goal: mask & (case.possible(goal) | ~where) for goal, mask in left.items()}
        open_in = {goal: mask for goal, its in left.items() if (mask := its & where & ~case.sure(goal))}
        ahead += [(case, it, union(mask for _, mask in it.values())) for it in _cases(_splits(case, open_in), cells)]
    return left, union(where for *_, where in ahead) & union(left.values())


_Case = tuple[Value, Mask]
"""A value of a finding, and the variants in which it has this value."""


def _splits(case: Truths, open_in: Mapping[Demand, Mask]) -> dict[str, Mask]:
    """An unknown finding behind each variant's open goals, with its variants: findings of the most variants first."""
    behind = case.reasons_of(_by_node(open_in))
    unknown = {name: mask & ~union(case.masks.get(name, {}).values()) for name, mask in behind.items()}
    found: dict[str, Mask] = {}
    taken = 0
    for name in sorted(unknown, key=lambda it: unknown[it].bit_count(), reverse=True):
        if here := unknown[name] & ~taken:
            found[name] = here
            taken |= here
    return found


def _cases(splits: Mapping[str, Mask], cells: Cells) -> Iterator[dict[str, _Case]]:
    """The cells of findings, each taken up once: those of all findings side by side."""
    for place in range(max((len(cells[name]) for name in splits), default=0)):
        yield {name: (cells[name][place].value, mask) for name, mask in splits.items() if place < len(cells[name])}


def _by_node(goals: Mapping[Demand, Mask]) -> dict[int, Mask]:
    found: dict[int, Mask] = {}
    for (node, _), mask in goals.items():
        found[node] = found.get(node, 0) | mask
    return found
