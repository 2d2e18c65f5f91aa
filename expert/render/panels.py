"""Panels told as one: members that have the value of *none of these*."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from expert.lang.model import KnowledgeBase
from expert.lang.values import Facts
from expert.lang.vocabulary import Panel


def folded(
    kb: KnowledgeBase, values: Facts, told: Callable[[Panel, Sequence[str]], str]
) -> tuple[list[str], list[str]]:
    """What is ``told`` of each panel of which several members have that value, and the findings that are left."""
    left = list(values)
    panels = []
    for panel in kb.panels.values():
        members = [name for name in left if name in panel.members and values[name] == panel.members[name]]
        if len(members) > 1:
            panels.append(told(panel, members))
            left = [name for name in left if name not in members]
    return panels, left
