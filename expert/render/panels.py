"""Findings of a panel that are shown as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from expert.lang.model import KnowledgeBase
from expert.lang.values import Value
from expert.lang.vocabulary import Panel

T = TypeVar("T")


def by_panel(
    kb: KnowledgeBase, items: Iterable[T], belongs: Callable[[T, Panel], bool], least: int = 2
) -> tuple[list[tuple[Panel, list[T]]], list[T]]:
    """The panels to which at least so many items belong, each with these, and the items that are left."""
    left, panels = list(items), []
    for panel in kb.panels.values():
        members = [it for it in left if belongs(it, panel)]
        if len(members) >= least:
            panels.append((panel, members))
            left = [it for it in left if it not in members]
    return panels, left


def of_none(values: Mapping[str, Value]) -> Callable[[str, Panel], bool]:
    """Whether a finding is a member of a panel with the value of *none of these*."""
    return lambda name, panel: name in panel.members and values.get(name) == panel.members[name]
