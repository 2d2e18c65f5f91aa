"""What is not recorded and could change the answer, in the groups in which people check it.

This module does without postponed annotations, which named tuples define more slowly.
"""

from collections.abc import Iterator
from typing import NamedTuple

from expert.answer.assessment import Assessment
from expert.lang.model import KnowledgeBase
from expert.lang.premises import All, Is, Not, Premise, literals
from expert.logic.constraints import question_of

Destination = tuple[tuple[str, ...], tuple[str, ...]]


class Unrecorded(NamedTuple):
    """Circumstances of single findings that are not recorded, each of which leads to the same steps or alerts.

    Attributes:
        panel: the panel that asks for them, if they lead to a gate; empty for all others.
        premises: the circumstances, in the order of the vocabulary.
        steps: the steps that they lead to; empty if they only raise ``alerts``.
    """

    panel: str
    premises: tuple[Premise, ...]
    steps: tuple[str, ...]
    alerts: tuple[str, ...] = ()


def unrecorded(kb: KnowledgeBase, it: Assessment) -> tuple[Unrecorded, ...]:
    """What could lead to another step, in the order of the ladder, and then what could only raise an alert.

    Follow-ups are left out where the question before them is listed, and so is what changes the answer only together
    with something else; but of an open answer, every other member of a panel is listed for the gates that are possible.
    """
    panels = {name: panel.name for panel in kb.panels.values() for name in panel.members}
    groups: dict[tuple[str, Destination], list[Premise]] = {}
    for premise, destination in (*_to_steps(kb, it), *_of_panels(kb, it), *_to_alerts(kb, it)):
        gate = any(kb.steps[step].gate for step in destination[0])
        panel = panels.get(_finding(premise), "") if gate else ""
        groups.setdefault((panel, destination), []).append(premise)
    rows = [Unrecorded(panel, tuple(found), *its) for (panel, its), found in groups.items()]
    order = list(kb.steps)
    return tuple(sorted(rows, key=lambda row: ([order.index(it) for it in row.steps] or [len(order)], not row.panel)))


def usual_step(kb: KnowledgeBase, it: Assessment) -> str | None:
    """The step that follows if the findings that are not presumed have their usual values, if one does."""
    waiting = it.background.not_presumed
    usual = [Is(name, value) for name in waiting if isinstance(value := kb.findings[name].usual, bool | str)]
    for possible in it.possible:
        if any(all(premise in usual for premise in deviation) for deviation in possible.deviations[:1]):
            return possible.step
    return None


def _to_steps(kb: KnowledgeBase, it: Assessment) -> Iterator[tuple[Premise, Destination]]:
    alone, first = {entry.finding: entry for entry in it.decisive if not entry.partners}, question_of(kb)
    for name in kb.inputs:
        if name in alone and first.get(name) not in alone:
            yield from ((premise, (steps, ())) for premise, steps in alone[name].leads_to.items())


def _of_panels(kb: KnowledgeBase, it: Assessment) -> Iterator[tuple[Premise, Destination]]:
    """The other unknown members of a panel of which one leads to a gate, where no step follows even as presumed."""
    alone = {entry.finding: entry.leads_to.values() for entry in it.decisive if not entry.partners}
    gates = tuple(entry.step for entry in it.possible if kb.steps[entry.step].gate)
    before_gates = {name for name, to in alone.items() for steps in to if not set(gates).isdisjoint(steps)}
    if it.answer != "open":
        return
    panels = (panel.members for panel in kb.panels.values() if not before_gates.isdisjoint(panel.members))
    for name, none in (pair for members in panels for pair in members.items()):
        if name not in it.background.known and name not in alone and not isinstance(none, float):
            yield Is(name, not none) if isinstance(none, bool) else Not(Is(name, none)), (gates, ())


def _to_alerts(kb: KnowledgeBase, it: Assessment) -> Iterator[tuple[Premise, Destination]]:
    """The circumstances that raise an alert and lead to no other step, apart from usual ones."""
    listed = {premise for entry in it.decisive for premise in entry.leads_to}
    listed |= {premise for premise, _ in _of_panels(kb, it)}
    usual = {Is(name, value) for name, it in kb.inputs.items() if isinstance(value := it.usual, bool | str)}
    raised: dict[Premise, list[str]] = {}
    for alert in it.not_ruled_out:
        for deviation in alert.deviations:
            premise = deviation[0] if len(deviation) == 1 else All(deviation)
            if len({_finding(part) for part in deviation}) == 1 and premise not in listed | usual:
                raised.setdefault(premise, []).append(alert.alert)
    yield from ((premise, ((), tuple(alerts))) for premise, alerts in raised.items())


def _finding(premise: Premise) -> str:
    """The finding of a premise about one."""
    return next(literals(premise)).finding
