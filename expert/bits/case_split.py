"""Which open goals are certain, for many variants at once: a case split over unknown findings, by bits.

It decides what `expert.solve.case_split.is_certain` decides for one patient: a goal is certain if it holds in every
permitted completion. All variants that depend on the same unknown finding are split over its cells together.
"""

from __future__ import annotations

from collections.abc import Mapping

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
    ahead: list[tuple[Mask, Truths, str, Value]] = [(union(left.values()), truths, "", "")]
    for _ in range(MOST_CASES):
        if not ahead:
            break
        where, case, name, value = ahead.pop()
        where &= union(left.values())
        if where and name:
            case = case.with_value(name, value, where)
            where &= ~backgrounds.forbidden(name, case.masks, where)
        if not where:
            continue
        left = {goal: mask & (case.possible(goal) | ~where) for goal, mask in left.items()}
        open_in = {goal: mask & where & ~case.sure(goal) for goal, mask in left.items()}
        behind = case.reasons_of(_by_node(open_in))
        unknown = {name: mask & ~union(case.masks.get(name, {}).values()) for name, mask in behind.items()}
        if name := max(unknown, key=lambda it: unknown[it].bit_count(), default=""):
            here = unknown[name]
            ahead.append((union(open_in.values()) & ~here, case, "", ""))
            ahead += [(here, case, name, cell.value) for cell in reversed(cells[name])]
    return left, union(where for where, *_ in ahead) & union(left.values())


def _by_node(goals: Mapping[Demand, Mask]) -> dict[int, Mask]:
    found: dict[int, Mask] = {}
    for (node, _), mask in goals.items():
        found[node] = found.get(node, 0) | mask
    return found
