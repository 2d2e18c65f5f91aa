"""What is plausible of given values: which are refused, and which are to be checked.

Only what is given is looked at: nothing that is presumed, forced or a default. Nothing follows from plausibility, so it
distinguishes no cells and changes no proof.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from expert.lang.definitions import Definitions
from expert.lang.errors import Problem
from expert.lang.facts import Patient
from expert.lang.premises import All, Compare, literals
from expert.lang.values import Bound, Facts, Value, bounds_of
from expert.lang.vocabulary import Order, Plausible
from expert.logic.background import as_given
from expert.logic.kleene import Evaluation


class Implausible(NamedTuple):
    """An entry of ``plausible`` that some given ``facts`` break."""

    entry: Plausible
    facts: Facts


Rise = tuple[str, str, bool]
"""Two findings, the first no greater than the second; or less, if it is ``strict``."""


class Plausibility:
    """What is plausible by one knowledge base.

    Attributes:
        rises: the comparisons that values must meet, as they are not accepted otherwise.
        never: the premises that are refused where they are known to hold.
        refusing: the findings whose values may be refused.
    """

    def __init__(self, definitions: Definitions) -> None:
        self.kb, self.definitions = definitions.kb, definitions
        refusing = [it for it in self.kb.plausible if it.level == "error"]
        its = (it.always for it in refusing if it.always)
        self.rises: tuple[Rise, ...] = tuple((*it.ends, it.operator in "<>") for it in its)
        self.refusing = tuple(dict.fromkeys(name for it in refusing for name in it.findings))
        self.never = tuple(All(it.never) for it in refusing if it.never)

    def refuses(self, given: Facts) -> bool:
        """Whether some given values are refused."""
        return bool(self.refusing) and any(self._broken(given, "error"))

    @cached_property
    def rising(self) -> tuple[str, ...]:
        """The findings that must be in order, each after those that are no greater."""
        found: dict[str, None] = {}
        names = [name for rise in self.rises for name in rise[:2]]
        while ahead := [name for name in names if name not in found]:
            ready = [name for name in ahead if all(lesser in found for lesser, _, _ in self.below(name))]
            found |= dict.fromkeys(ready or ahead[:1])  # two knowledge bases may contradict each other
        return tuple(found)

    def below(self, name: str, among: Container[str] | None = None) -> list[Rise]:
        """The comparisons in which a finding is the greater one, with a finding of ``among``."""
        return [it for it in self.rises if it[1] == name and (among is None or it[0] in among)]

    def above(self, name: str, among: Container[str]) -> list[Rise]:
        """The comparisons in which a finding is the lesser one, with a finding of ``among``."""
        return [it for it in self.rises if it[0] == name and it[1] in among]

    @cached_property
    def closure(self) -> Mapping[tuple[str, str], bool]:
        """All pairs of findings of which chains of comparisons say that one is no greater; true if it is less."""
        found = {(lesser, greater): strict for lesser, greater, strict in self.rises}
        for middle in self.rising:
            for (one, end), strict in list(found.items()):
                for rise in self.above(middle, self.rising) if end == middle else ():
                    found[one, rise[1]] = found.get((one, rise[1]), False) or strict or rise[2]
        return found

    def problems(self, patient: Patient) -> list[Problem]:
        """Why some given values are refused; nothing if they are not."""
        return [self._problem(it, patient) for it in self._broken(patient.facts, "error")]

    def checks(self, given: Facts) -> tuple[Implausible, ...]:
        """The warnings about some given values."""
        return tuple(self._broken(given, "warning"))

    def _broken(self, given: Facts, level: str) -> Iterator[Implausible]:
        for entry in self.kb.plausible:
            if entry.level == level and (names := self._names(entry, given)):
                yield Implausible(entry, {name: given[name] for name in self.kb.inputs if name in names})

    def breaks(self, entry: Plausible, given: Facts) -> bool:
        """Whether some given values break an entry."""
        return bool(self._names(entry, given))

    def _names(self, entry: Plausible, given: Facts) -> frozenset[str]:
        """The findings whose given values break an entry; none if they are not known to."""
        return _never(entry, given, self.definitions) if entry.never else _out_of_order(entry.always, given)

    def _problem(self, it: Implausible, patient: Patient) -> Problem:
        facts = as_given(self.kb, it.facts, patient)
        return Problem(f"these facts contradict each other: {facts}. {it.entry.because} ({it.entry.id})")


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
