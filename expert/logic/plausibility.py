"""What is plausible of given values: which are refused, and which are to be checked.

Only what is given is looked at: nothing that is presumed, forced or a default. Nothing follows from plausibility, so it
distinguishes no cells and changes no proof.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from expert.lang.definitions import Definitions
from expert.lang.errors import Problem
from expert.lang.premises import All, Compare, literals
from expert.lang.units import write_value
from expert.lang.values import Bound, Facts, Value, bounds_of
from expert.lang.vocabulary import Order, Plausible
from expert.logic.kleene import Evaluation


class Implausible(NamedTuple):
    """An entry of ``plausible`` that some given ``facts`` break."""

    entry: Plausible
    facts: Facts


class Plausibility:
    """What is plausible by one knowledge base."""

    def __init__(self, definitions: Definitions) -> None:
        self.kb, self.definitions = definitions.kb, definitions

    def problems(self, given: Facts) -> list[Problem]:
        """Why some given values are refused; nothing if they are not."""
        return [self._problem(it) for it in self._broken(given, "error")]

    def checks(self, given: Facts) -> tuple[Implausible, ...]:
        """The warnings about some given values."""
        return tuple(self._broken(given, "warning"))

    def _broken(self, given: Facts, level: str) -> Iterator[Implausible]:
        for entry in self.kb.plausible:
            if entry.level == level:
                names = _never(entry, given, self.definitions) if entry.never else _out_of_order(entry.always, given)
                if names:
                    yield Implausible(entry, {name: given[name] for name in self.kb.inputs if name in names})

    def _problem(self, it: Implausible) -> Problem:
        facts = ", ".join(f"{name} {write_value(self.kb.findings[name], value)}" for name, value in it.facts.items())
        message = f"these do not fit together: {facts}. {it.entry.because} ({it.entry.id})"
        return Problem(message, expected="facts that can hold together")


def _out_of_order(order: Order | None, given: Facts) -> frozenset[str]:
    """The two findings of a comparison that their given values are known to break; none if they do not."""
    if order is None:
        return frozenset()
    one, other = given.get(order.finding), given.get(order.other)
    if not isinstance(one, float) or not isinstance(other, float):
        return frozenset()
    holds = bounds_of(one).compared(order.operator, bounds_of(other))
    return frozenset((order.finding, order.other)) if holds is False else frozenset()


def _never(entry: Plausible, given: Facts, definitions: Definitions) -> frozenset[str]:
    """The findings whose given values meet premises that never hold together; none if they are not known to."""
    never = All(entry.never)
    facts = {name: value for name, value in given.items() if _is_settled(name, value, never)}
    evaluation = Evaluation(definitions, facts)
    return evaluation.reasons(never) if evaluation.evaluate(never) else frozenset()


def _is_settled(name: str, value: Value, never: All) -> bool:
    """Whether a value that was given as bounds settles all comparisons of its finding."""
    if not isinstance(value, Bound):
        return True
    its = (it for it in literals(never) if isinstance(it, Compare) and it.finding == name)
    return all(value.bounds.compared(it.operator, bounds_of(it.threshold)) is not None for it in its)
