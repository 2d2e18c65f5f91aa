"""What could change the answer: the decisive findings, and the shortest deviations to each possible step and alert."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from expert.answer.assessment import Decisive, NotRuledOut, Possible
from expert.answer.deviations import Deviation, Deviations
from expert.lang.premises import Name, Premise
from expert.logic.cells import Cell
from expert.logic.domain import Domain

MAX_SHOWN = 3


def decisive_findings(deviations: Deviations) -> tuple[Decisive, ...]:
    """Unknown findings that could change the recommended step, alone or with one partner, in the vocabulary's order."""
    domain = deviations.domain
    alone: dict[str, dict[str, list[Cell]]] = {}
    together: dict[str, dict[str, dict[Cell, None]]] = {}
    partners: dict[str, set[str]] = {}
    for deviation, step in deviations.minimal(most=2).items():
        for name, cell in deviation:
            if len(deviation) == 1:
                alone.setdefault(name, {}).setdefault(step, []).append(cell)
            elif name not in alone:
                together.setdefault(name, {}).setdefault(step, {})[cell] = None
                partners.setdefault(name, set()).update(other for other, _ in deviation if other != name)
    found = []
    for name in domain.in_order({*alone, *together}):
        leads_to = _leads_to(domain, name, alone.get(name) or together[name])
        order = () if name in alone else domain.in_order(partners[name])
        found.append(Decisive(name, domain.kb.inputs[name].ask, leads_to, tuple(order)))
    return tuple(found)


def _leads_to(domain: Domain, name: str, steps: Mapping[str, Iterable[Cell]]) -> dict[Premise, tuple[str, ...]]:
    found: dict[Premise, tuple[str, ...]] = {}
    for step in domain.kb.steps:
        for run in _runs(domain, name, list(steps.get(step, ()))):
            premise = domain.premise(name, run)
            found[premise] = (*found.get(premise, ()), step)
    return found


def _runs(domain: Domain, name: str, cells: list[Cell]) -> list[list[Cell]]:
    """Cells grouped as one premise can express them: adjacent ones of a quantity, all of a choice, single yes/no."""
    if not cells:
        return []
    place = domain.places[name]
    ordered = sorted(cells, key=place.__getitem__)
    if isinstance(ordered[0].value, str):
        return [ordered]
    if isinstance(ordered[0].value, bool):
        return [[cell] for cell in ordered]
    runs: list[list[Cell]] = []
    for cell in ordered:
        if runs and place[cell] == place[runs[-1][-1]] + 1:
            runs[-1].append(cell)
        else:
            runs.append([cell])
    return runs


def explain_possible(step: str, deviations: Deviations) -> Possible | None:
    """A step with the shortest deviations that lead to it, values of a finding combined; ``None`` if impossible."""
    found = _shortest(("recommended", step), deviations)
    return found and Possible(step, *found)


def explain_alert(alert: str, deviations: Deviations) -> NotRuledOut | None:
    """An alert that may be raised, likewise with the shortest deviations that raise it; ``None`` if it is ruled out."""
    found = _shortest(("alert", alert), deviations)
    return found and NotRuledOut(alert, deviations.domain.kb.alerts[alert].title, *found)


def _shortest(goal: Name, deviations: Deviations) -> tuple[tuple[tuple[Premise, ...], ...], bool] | None:
    """Some of the shortest deviations that lead to a goal, and whether these are all; ``None`` if it is impossible."""
    domain = deviations.domain
    shortest, complete = deviations.shortest(goal)
    if complete and not shortest:
        return None
    if shortest == [frozenset()]:
        return ((),), True
    plausible = [it for it in shortest if deviations.is_plausible(it)] or shortest
    found = [
        tuple(premise for name, run in runs.items() for premise in domain.premises(name, run))
        for names, group in by_findings(domain, plausible).items()
        for runs in alternatives(domain, names, group)
    ]
    return tuple(found[:MAX_SHOWN]), complete and len(found) <= MAX_SHOWN and len(plausible) == len(shortest)


def by_findings(domain: Domain, deviations: Iterable[Deviation]) -> dict[tuple[str, ...], list[Deviation]]:
    """Deviations grouped by the findings that they change, which are in the vocabulary's order."""
    groups: dict[tuple[str, ...], list[Deviation]] = {}
    for deviation in deviations:
        groups.setdefault(tuple(domain.in_order(name for name, _ in deviation)), []).append(deviation)
    return groups


def alternatives(domain: Domain, names: Sequence[str], group: Iterable[Deviation]) -> Iterator[dict[str, list[Cell]]]:
    """Deviations of the same findings, combined: for each finding cells, of which every combination is meant."""
    boxes: list[dict[str, list[Cell]]] = [{name: [cell] for name, cell in deviation} for deviation in group]
    for name in names:
        merged: dict[tuple[tuple[Cell, ...], ...], dict[str, list[Cell]]] = {}
        for box in boxes:
            others = tuple(tuple(box[other]) for other in names if other != name)
            merged.setdefault(others, {**box, name: []})[name].extend(box[name])
        boxes = list(merged.values())
    for box in boxes:
        for chosen in product(*(_runs(domain, name, box[name]) for name in names)):
            yield dict(zip(names, chosen, strict=True))
