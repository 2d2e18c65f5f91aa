"""Whether enough is recorded: what is given as unknown and could lead to a gate is not to be presumed away."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Sequence

from expert.answer.assessment import Decisive
from expert.answer.deviations import Deviations
from expert.lang.facts import Question
from expert.lang.model import KnowledgeBase
from expert.lang.premises import Concluded
from expert.logic.constraints import question_of


def said_unknown_before_gates(deviations: Deviations, unknown: Iterable[str], step: str | None) -> tuple[str, ...]:
    """Those of some findings, given as unknown, that could together lead to a gate before a step.

    All else stays as known or presumed. Without a step, any gate counts.
    """
    domain, known = deviations.domain, deviations.background.known
    cells = {name: domain.cells[name] for name in unknown if name in domain.cells and name not in known}
    if not cells:
        return ()
    steps = list(domain.kb.steps.values())
    before = steps[: list(domain.kb.steps).index(step)] if step else steps
    gates = [it.name for it in before if it.gate]
    goals = [("recommended", gate) for gate in gates]
    some = Deviations(domain, deviations.background, deviations.presumed, goals, cells)
    found = {name for gate in gates for deviation in _leading(some, gate) for name, _ in deviation}
    return tuple(domain.in_order(found))


def open_before_gates(deviations: Deviations) -> tuple[str, ...]:
    """If no step is certain, the findings that are not presumed and on which it depends whether a gate comes first."""
    domain, presumed = deviations.domain, deviations.presumed
    if deviations.recommended is not None:
        return ()
    goals = [Concluded(("recommended", it.name)) for it in domain.kb.steps.values() if it.gate]
    found = {name for goal in goals if presumed.evaluate(goal) is None for name in presumed.reasons(goal)}
    return tuple(domain.in_order(found - presumed.facts.keys()))


def _leading(deviations: Deviations, gate: str) -> Iterable[Collection[tuple[str, object]]]:
    """The deviations of up to two findings that lead to a gate; if there are none, the shortest."""
    return deviations.minimal(gate, most=2) or deviations.shortest(("recommended", gate))[0]


def towards_gates(kb: KnowledgeBase, decisive: Iterable[Decisive]) -> list[str]:
    """The findings that alone could lead to a gate; if none does, those that alone could lead to another step.

    Follow-ups come after what they follow, and are left out.
    """
    alone, first = {it.finding: it for it in decisive if not it.partners}, question_of(kb)
    asked = [it for name, it in alone.items() if first.get(name) not in alone]
    gates = [it.finding for it in asked if any(kb.steps[step].gate for steps in it.leads_to.values() for step in steps)]
    return gates or [it.finding for it in asked]


def questions(kb: KnowledgeBase, findings: Container[str]) -> tuple[Question, ...]:
    """Questions about some findings in the order of a consultation: by group, in each first the panels."""
    return tuple(it for names in kb.by_group(findings).values() for it in _questions(kb, names))


def _questions(kb: KnowledgeBase, names: Sequence[str]) -> Iterator[Question]:
    left = list(names)
    for panel in kb.panels.values():
        members = tuple(name for name in panel.members if name in left)
        if len(members) > 1:
            yield Question(panel.ask, members, panel.name)
            left = [name for name in left if name not in members]
    yield from (Question(kb.findings[name].ask, (name,)) for name in left)
