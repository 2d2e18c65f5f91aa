"""All partial patients over a few findings, evaluated together instead of asking the solver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from math import prod

from expert.cases.outcome import Outcomes
from expert.lang.facts import Background
from expert.lang.premises import Name
from expert.lang.values import Value
from expert.logic.cells import usual_first
from expert.logic.domain import Domain

MOST = 1000
"""The largest number of partial patients that counts as few."""


def findings_behind(domain: Domain, names: Iterable[Name]) -> frozenset[str]:
    """The findings that can change the truth of names, also by what is forced or presumed."""
    return domain.swaying(names)


def few_patients(outcomes: Outcomes, findings: Iterable[str]) -> Outcomes | None:
    """What follows for all partial patients who differ in some findings, the nearest to the usual first.

    The order is that of `expert.solve.prove`: those who can have plausible values come before the others. ``None`` if
    they are not few.
    """
    domain = outcomes.domain
    values = {name: list(_values(domain, name)) for name in domain.in_order(findings)}
    if prod(map(len, values.values())) > MOST:
        return None
    plausible_first = sorted(_occurring(domain, values), key=lambda it: domain.plausible(it.given) is None)
    return outcomes.of_others(plausible_first)


def _occurring(domain: Domain, values: dict[str, list[Value | None]]) -> Iterator[Background]:
    """The backgrounds of all combinations of values to which the constraints force nothing more."""
    for chosen in product(*values.values()):
        given = {name: value for name, value in zip(values, chosen, strict=True) if value is not None}
        background = domain.possible_background(given)
        if background is not None and given.keys() >= background.known.keys() & values.keys():
            yield background


def _values(domain: Domain, name: str) -> Iterator[Value | None]:
    """What a finding may be: unknown, unless it has a default; usual; then the values of its other cells in order."""
    default = domain.kb.inputs[name].default
    if default is None:
        yield None
    usual = domain.usual.get(name, default)
    for cell in usual_first(domain.cells[name], usual):
        value = usual if cell.holds(usual) else domain.nearest(name, [cell], usual)
        yield cell.value if value is None else value
