"""Definitions as formulas of a solver, over partial patients: each truth is a pair, known to hold and known to fail.

A partial patient is a permitted complete patient with only some findings known. A premise about a finding is true or
false if the finding is known; the rest is Kleene's logic over pairs. Two definitions that agree for every complete
patient may differ for a partial one (*b and a, or b and not a* is not *b* while *a* is unknown).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple, Protocol

import z3  # type: ignore[import-untyped]

from expert.lang.definitions import in_order
from expert.lang.model import KnowledgeBase
from expert.lang.observables import Observable, observables
from expert.lang.premises import Concluded, Count, Literal, Name, Premise, fold, names_in
from expert.solve.to_smt import Formulas


class Pair(NamedTuple):
    """When a premise is known to hold, and when it is known to fail; never both."""

    holds: z3.BoolRef
    fails: z3.BoolRef


class Pairs(Protocol):
    """Anything with a pair for each name."""

    def concluded(self, name: Name) -> Pair:
        """The pair of a definition."""


class CompletePairs:
    """Pairs for complete patients, for whom every name holds or fails."""

    def __init__(self, formulas: Formulas) -> None:
        self.formulas = formulas

    def concluded(self, name: Name) -> Pair:
        """The pair of a definition."""
        holds = self.formulas.of(Concluded(name))
        return Pair(holds, z3.Not(holds))


class PartialFormulas:
    """Pairs for a system of definitions, over complete patients with only some findings known.

    Attributes:
        known: for each input finding, the formula that it is known.
    """

    def __init__(
        self,
        formulas: Formulas,
        premises: Mapping[Name, Premise],
        known: Mapping[str, z3.BoolRef],
        base: PartialFormulas | None = None,
    ) -> None:
        """``premises`` are all definitions; with a ``base``, only those that differ from it, directly or not."""
        self.formulas, self.premises, self.known, self.base = formulas, premises, known, base
        self._names: dict[Name, Pair] = {}

    def concluded(self, name: Name) -> Pair:
        """The pair of a definition."""
        if self.base and name not in self.premises:
            return self.base.concluded(name)
        for each in in_order((name,), self._needs, self._names):
            self._names[each] = self.of(self.premises[each])
        return self._names[name]

    @cached_property
    def _needs(self) -> dict[Name, list[Name]]:
        """The names in each definition, without those of the base."""
        found = {name: names_in(premise) for name, premise in self.premises.items()}
        return {name: [it for it in some if it in found or not self.base] for name, some in found.items()}

    def of(self, premise: Premise) -> Pair:
        """The pair of a premise."""
        return fold(premise, self)

    def negation(self, part: Pair) -> Pair:
        """The pair of the opposite."""
        return Pair(part.fails, part.holds)

    def all(self, parts: Iterable[Pair]) -> Pair:
        """The pair of a conjunction."""
        pairs = list(parts)
        return Pair(self.formulas.all(it.holds for it in pairs), self.formulas.any(it.fails for it in pairs))

    def any(self, parts: Iterable[Pair]) -> Pair:
        """The pair of a disjunction."""
        return self.negation(self.all(map(self.negation, parts)))

    def exclusive(self, own: Pair, others: Pair) -> Pair:
        """The pair of a value of a concluded choice."""
        return Pair(own.holds, self.formulas.any([own.fails, z3.And(z3.Not(own.holds), others.holds)]))

    def count(self, count: Count, parts: Iterable[Pair]) -> Pair:
        """The pair of a count: what holds reaches it, and what may hold does not."""
        pairs = list(parts)
        sure, possible = [it.holds for it in pairs], [z3.Not(it.fails) for it in pairs]
        at_least = Pair(*self._reached(count, sure, possible, count.least))
        if count.most is None:
            return at_least
        return self.all([at_least, self.negation(Pair(*self._reached(count, sure, possible, count.most + 1)))])

    def _reached(
        self, count: Count, sure: list[z3.BoolRef], possible: list[z3.BoolRef], bound: int
    ) -> tuple[z3.BoolRef, z3.BoolRef]:
        reached = self.formulas.reached
        return reached(count, sure, bound), z3.Not(reached(count, possible, bound))

    def literal(self, premise: Literal) -> Pair:
        """The pair of a premise about one finding."""
        known, value = self.known[premise.finding], self.formulas.of(premise)
        return Pair(z3.And(known, value), z3.And(known, z3.Not(value)))


def status_formulas(it: Observable, pairs: Pairs) -> dict[str, z3.BoolRef]:
    """Formulas that together decide the status of an observable (see `expert.lang.observables.status_of`).

    The status of a step follows from these and the recommended step. A concluded choice has a formula for each value,
    which does not distinguish refuted values from unknown ones.
    """
    known = [pairs.concluded(name) for name in it.definitions]
    first = known[0]
    if it.kind == "step":
        unsupported = z3.And(z3.Not(first.holds), known[1].fails)
        return {"excluded": first.holds, "unsupported": unsupported, "available": known[2].holds}
    if it.definitions[0][0] == "score":
        pairs_of = zip(it.definitions, known, strict=True)
        return {
            f"{word} {name[2]}": formula
            for name, its in pairs_of
            for word, formula in zip((">=", "<"), its, strict=True)
        }
    if it.kind == "finding" and len(it.definitions[0]) == 3:
        return {name[2]: pair.holds for name, pair in zip(it.definitions, known, strict=True)}
    found = {"open": z3.Not(z3.Or(first.holds, first.fails)), "holds": first.holds}
    return {**found, "excluded": known[1].holds} if it.kind == "option" else found


def observed(pairs: Pairs, kb: KnowledgeBase, touched: Container[Name]) -> Iterator[z3.BoolRef]:
    """Formulas that together decide the status of every observable that depends on touched names."""
    for it in observables(kb):
        if any(name in touched for name in it.definitions):
            yield from status_formulas(it, pairs).values()
