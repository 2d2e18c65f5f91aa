"""The reference meaning: Kleene's strong three-valued logic over the definitions.

A truth is ``True``, ``False`` or ``None`` for unknown (S. C. Kleene, *Introduction to Metamathematics*, 1952, section
64). Every executor must conclude exactly what `Evaluation` concludes. Conclusions are monotonic: a truth that is known
does not change when facts are added.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable

from expert.lang.definitions import Definitions, in_order
from expert.lang.premises import All, Any, Compare, Concluded, Count, Exclusive, In, Is, Literal, Name, Not, Premise
from expert.lang.values import Facts, Value

Truth = bool | None
"""``True``, ``False``, or ``None`` for unknown."""

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def negation(truth: Truth) -> Truth:
    """Not: unknown stays unknown."""
    return None if truth is None else not truth


def conjunction(truths: Iterable[Truth]) -> Truth:
    """All: false if one is false, else unknown if one is unknown, else true."""
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def disjunction(truths: Iterable[Truth]) -> Truth:
    """Any: true if one is true, else unknown if one is unknown, else false."""
    result: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            result = None
    return result


def counted(count: Count, truths: Iterable[Truth]) -> Truth:
    """Enough of some: known once the unknown ones cannot change it."""
    sure = possible = 0
    for points, truth in zip(count.points, truths, strict=True):
        if truth is not False:
            possible += points
            sure += points if truth else 0
    return count.truth(sure, possible)


def holds_of(literal: Literal, value: Value) -> bool:
    """Whether a premise about one finding holds for a value of it."""
    match literal:
        case Is():
            return literal.value == value
        case In():
            return value in literal.values
        case Compare():
            assert isinstance(value, float)
            return COMPARISONS[literal.operator](value, literal.threshold)


class Evaluation:
    """The truths of the definitions for some facts, computed on demand and cached."""

    __slots__ = ("_before", "_changed", "_reasons", "_truths", "definitions", "facts")

    def __init__(self, definitions: Definitions, facts: Facts) -> None:
        self.definitions = definitions
        self.facts = facts
        self._truths: dict[Name, Truth] = {}
        self._reasons: dict[Name, frozenset[str]] = {}
        self._before: Evaluation | None = None
        self._changed: Facts = {}

    def concluded(self, name: Name) -> Truth:
        """The truth of a definition."""
        truths = self._truths
        if name in truths:
            return truths[name]
        definitions = self.definitions
        for each in in_order((name,), definitions.needs, truths) if name in definitions.deep else (name,):
            before = self._untouched(each)
            truths[each] = before.concluded(each) if before else self.evaluate(definitions.premises[each])
        return truths[name]

    def evaluate(self, premise: Premise) -> Truth:
        """The truth of a premise."""
        match premise:
            case Concluded():
                return self.concluded(premise.name)
            case Is() | In() | Compare():
                value = self.facts.get(premise.finding)
                return None if value is None else holds_of(premise, value)
            case Not():
                return negation(self.evaluate(premise.premise))
            case All():
                return conjunction(map(self.evaluate, premise.premises))
            case Any():
                return disjunction(map(self.evaluate, premise.premises))
            case Count():
                return counted(premise, map(self.evaluate, premise.premises))
            case Exclusive():
                own = self.evaluate(premise.own)
                if own is None and self.evaluate(premise.others):
                    return False
                return own

    def with_values(self, values: Facts) -> Evaluation:
        """The evaluation with some findings added or changed; truths that they cannot affect are reused."""
        other = Evaluation(self.definitions, {**self.facts, **values})
        other._before, other._changed = self, values
        return other

    def _untouched(self, name: Name) -> Evaluation | None:
        """The evaluation before values were changed, if the change cannot affect a name."""
        if self._before and self.definitions.inputs[name].isdisjoint(self._changed):
            return self._before
        return None

    def reasons(self, premise: Premise) -> frozenset[str]:
        """A small set of findings, not always the smallest, that decides the truth of a premise.

        If the truth is known, their values alone imply it. If it is open, it stays open as long as they keep their
        values or stay unknown.
        """
        match premise:
            case Concluded():
                return self._reasons_of(premise)
            case Is() | In() | Compare():
                return frozenset((premise.finding,))
            case Not():
                return self.reasons(premise.premise)
            case Exclusive():
                if self.evaluate(premise.own) is not None:
                    return self.reasons(premise.own)
                others = self.reasons(premise.others)
                return others if self.evaluate(premise.others) else others | self.reasons(premise.own)
            case All() | Any():
                deciding = isinstance(premise, Any)
                if self.evaluate(premise) is deciding:
                    return min(
                        (self.reasons(part) for part in premise.premises if self.evaluate(part) is deciding), key=len
                    )
                return frozenset[str]().union(*map(self.reasons, premise.premises))
            case Count():
                return frozenset[str]().union(*map(self.reasons, self._deciding(premise)))

    def _deciding(self, count: Count) -> list[Premise]:
        """Parts that decide the truth of a count, those with the fewest reasons first; all parts if it is open."""
        truth, total = self.evaluate(count), count.total
        known = [(it, points, self.evaluate(it)) for it, points in zip(count.premises, count.points, strict=True)]
        if truth is None:
            return list(count.premises)
        sure = sum(points for _, points, its in known if its)
        if truth:
            needed = {True: count.least, False: 0 if count.most is None else total - count.most}
        elif count.most is not None and sure > count.most:
            needed = {True: count.most + 1, False: 0}
        else:
            needed = {True: 0, False: total - count.least + 1}
        found = []
        for part, points, its in sorted(known, key=lambda it: len(self.reasons(it[0]))):
            if its is not None and needed[its] > 0:
                needed[its] -= points
                found.append(part)
        return found

    def _reasons_of(self, concluded: Concluded) -> frozenset[str]:
        name, found, definitions = concluded.name, self._reasons, self.definitions
        if name in found:
            return found[name]
        for each in in_order((name,), definitions.needs, found) if name in definitions.deep else (name,):
            before = self._untouched(each)
            found[each] = before.reasons(Concluded(each)) if before else self.reasons(definitions.premises[each])
        return found[name]

    def open_finding(self, premise: Premise) -> str | None:
        """An unknown finding that a premise depends on, or ``None`` if its truth is known."""
        if self.evaluate(premise) is not None:
            return None
        while not isinstance(premise, Is | In | Compare):
            if isinstance(premise, Concluded):
                premise = self.definitions.premises[premise.name]
            else:  # of an `Exclusive` that is open, its own premise is
                premise = next(part for part in premise.parts if self.evaluate(part) is None)
        return premise.finding
