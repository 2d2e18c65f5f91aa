"""Definitions as formulas of a solver, over partial patients: each truth is a pair, known to hold and known to fail.

A partial patient is a permitted complete one of whom only some findings are known. A premise about a finding holds (or
fails) if the finding is known and the value says so; the rest is Kleene's logic over pairs. Two definitions that agree
on every complete patient may still differ on a partial one (*b and a, or b and not a* is not *b* while *a* is unknown).
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple, Protocol

import z3  # type: ignore[import-untyped]

from expert.lang.definitions import in_order, names_in
from expert.lang.model import KnowledgeBase
from expert.lang.premises import All, Any, Concluded, Exclusive, Literal, Name, Not, Premise
from expert.solve.to_smt import Formulas


class Pair(NamedTuple):
    """When a premise is known to hold, and when it is known to fail; never both."""

    holds: z3.BoolRef
    fails: z3.BoolRef


class Pairs(Protocol):
    """Whatever has a pair for each name."""

    def name(self, name: Name) -> Pair:
        """The pair of a definition."""


class CompletePairs:
    """Pairs for complete patients, of whom everything either holds or fails."""

    def __init__(self, formulas: Formulas) -> None:
        self.formulas = formulas

    def name(self, name: Name) -> Pair:
        """The pair of a definition."""
        holds = self.formulas.of(Concluded(name))
        return Pair(holds, z3.Not(holds))


class PartialFormulas:
    """Pairs for a system of definitions, over the complete patients of some formulas and what is known of each.

    Attributes:
        known: for each input finding, that it is known.
    """

    def __init__(
        self,
        formulas: Formulas,
        premises: Mapping[Name, Premise],
        known: Mapping[str, z3.BoolRef],
        base: PartialFormulas | None = None,
    ) -> None:
        """``premises`` are all definitions; with a ``base``, only those that differ from it or rest on such."""
        self.formulas, self.premises, self.known, self.base = formulas, premises, known, base
        self._names: dict[Name, Pair] = {}

    def name(self, name: Name) -> Pair:
        """The pair of a definition."""
        if self.base and name not in self.premises:
            return self.base.name(name)
        for each in in_order((name,), self._needs, self._names):
            self._names[each] = self.of(self.premises[each])
        return self._names[name]

    @cached_property
    def _needs(self) -> dict[Name, list[Name]]:
        """The names that each definition speaks of, but for those of the base."""
        found = {name: names_in(premise) for name, premise in self.premises.items()}
        return {name: [it for it in some if it in found or not self.base] for name, some in found.items()}

    def of(self, premise: Premise) -> Pair:
        """The pair of a premise."""
        match premise:
            case Concluded():
                return self.name(premise.name)
            case Not():
                holds, fails = self.of(premise.premise)
                return Pair(fails, holds)
            case All():
                pairs = [self.of(part) for part in premise.premises]
                return Pair(
                    self.formulas.all([it.holds for it in pairs]), self.formulas.any([it.fails for it in pairs])
                )
            case Any():
                pairs = [self.of(part) for part in premise.premises]
                return Pair(
                    self.formulas.any([it.holds for it in pairs]), self.formulas.all([it.fails for it in pairs])
                )
            case Exclusive():
                own, others = self.of(premise.own), self.of(premise.others)
                return Pair(own.holds, self.formulas.any([own.fails, z3.And(z3.Not(own.holds), others.holds)]))
        return self.literal(premise)

    def literal(self, premise: Literal) -> Pair:
        """The pair of a premise about one finding."""
        known, value = self.known[premise.finding], self.formulas.of(premise)
        return Pair(z3.And(known, value), z3.And(known, z3.Not(value)))


Seen = tuple[str, str]
"""Something that a person can see of an answer: its kind and its id."""


def outcome(
    formulas: Pairs, kb: KnowledgeBase, touched: Container[Name]
) -> Iterator[tuple[Seen, tuple[z3.BoolRef, ...]]]:
    """What a person can see of an answer that rests on touched names, each with what its words hang on.

    Of a step: whether it is excluded, else known to be unsupported, else available (the rest follows from these).
    """
    for step in kb.steps:
        if ("available", step) in touched:
            excluded, supported = formulas.name(("excludes", step)), formulas.name(("supports", step))
            unsupported = z3.And(z3.Not(excluded.holds), supported.fails)
            yield ("step", step), (excluded.holds, unsupported, formulas.name(("available", step)).holds)
    for option in kb.options:
        if ("offered", option) in touched:
            yield ("option", option), (*formulas.name(("offered", option)), formulas.name(("excludes", option)).holds)
    for seen, name in _shown(kb):
        if name in touched:
            yield seen, formulas.name(name)


def _shown(kb: KnowledgeBase) -> Iterator[tuple[Seen, Name]]:
    """The names whose truth is itself something that a person sees."""
    for place in (*kb.steps, *kb.options):
        yield ("caution", place), ("cautions", place)
    for option in kb.options:
        yield ("preference", option), ("prefers", option)
    for alert in kb.alerts:
        yield ("alert", alert), ("alert", alert)
    for advice in kb.advice:
        yield ("advice", advice), ("given", advice)
    for finding in kb.concluded.values():
        for value in finding.values or ("",):
            yield ("finding", finding.name), ("finding", finding.name, *([value] if value else []))
