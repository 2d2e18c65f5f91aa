"""What is not recorded and could change the answer, in the groups in which people check it.

This module does without postponed annotations, which named tuples define more slowly.
"""

from collections.abc import Iterator
from typing import NamedTuple

from expert.answer.assessment import Assessment, Possible
from expert.lang.model import KnowledgeBase
from expert.lang.premises import All, Is, Premise, literals
from expert.logic.constraints import question_of

Destination = tuple[tuple[str, ...], tuple[str, ...]]


class Unrecorded(NamedTuple):
    """Circumstances that are not recorded, each of which leads to the same steps or raises the same alerts.

    Attributes:
        panel: the panel that asks for them; empty for findings that are asked one by one.
        premises: the circumstances, in the order of the vocabulary.
        steps: the steps that they lead to; empty if they only raise ``alerts``.
    """

    panel: str
    premises: tuple[Premise, ...]
    steps: tuple[str, ...]
    alerts: tuple[str, ...] = ()


def unrecorded(kb: KnowledgeBase, it: Assessment) -> tuple[Unrecorded, ...]:
    """What could lead to another step, in the order of the ladder, and then what could only raise an alert."""
    panels = {name: panel.name for panel in kb.panels.values() for name in panel.members}
    groups: dict[tuple[str, Destination], list[Premise]] = {}
    for premise, destination in (*_to_steps(kb, it), *_to_alerts(it)):
        groups.setdefault((panels.get(_finding(premise), ""), destination), []).append(premise)
    rows = [Unrecorded(panel, tuple(found), *its) for (panel, its), found in groups.items()]
    order = list(kb.steps)
    return tuple(sorted(rows, key=lambda row: ([order.index(it) for it in row.steps] or [len(order)], not row.panel)))


def _to_steps(kb: KnowledgeBase, it: Assessment) -> Iterator[tuple[Premise, Destination]]:
    """The circumstances that lead to another step: single findings; where none does, the shortest combination."""
    alone, first = {entry.finding: entry for entry in it.decisive if not entry.partners}, question_of(kb)
    reached = {it.recommended, usual_step(kb, it)}
    for name in kb.inputs:
        if name in alone and first.get(name) not in alone:
            for premise, steps in alone[name].leads_to.items():
                reached |= set(steps)
                yield premise, (steps, ())
    for possible in it.possible:
        if possible.step not in reached and possible.deviations:
            yield _without_usual(kb, it, possible), ((possible.step,), ())


def _to_alerts(it: Assessment) -> Iterator[tuple[Premise, Destination]]:
    """The circumstances of one finding that raise an alert and lead to no other step."""
    listed = {premise for entry in it.decisive for premise in entry.leads_to}
    raised: dict[Premise, list[str]] = {}
    for alert in it.not_ruled_out:
        for deviation in alert.deviations:
            premise = deviation[0] if len(deviation) == 1 else All(deviation)
            if deviation and len({_finding(part) for part in deviation}) == 1 and premise not in listed:
                raised.setdefault(premise, []).append(alert.alert)
    yield from ((premise, ((), tuple(alerts))) for premise, alerts in raised.items())


def usual_step(kb: KnowledgeBase, it: Assessment) -> str | None:
    """The step that follows if the findings whose usual value is not presumed here have it all the same, if one does."""
    reached = (possible for possible in it.possible if possible.deviations)
    return next((possible.step for possible in reached if _without_usual(kb, it, possible) == All(())), None)


def _without_usual(kb: KnowledgeBase, it: Assessment, possible: Possible) -> Premise:
    """The shortest deviation that leads to a step, without the usual values that are not presumed here."""
    waiting = it.background.not_presumed
    usual = [Is(name, value) for name in waiting if isinstance(value := kb.findings[name].usual, bool | str)]
    left = tuple(premise for premise in possible.deviations[0] if premise not in usual)
    return left[0] if len(left) == 1 else All(left)


def _finding(premise: Premise) -> str:
    """The finding of a premise about one, or the first of several."""
    return next(literals(premise)).finding
