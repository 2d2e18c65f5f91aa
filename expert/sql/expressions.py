"""Premises as expressions of SQL, whose nulls are Kleene's unknowns, and definitions as columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp

from expert.lang.definitions import Definitions
from expert.lang.premises import All, Any, Compare, Concluded, Exclusive, In, Is, Literal, Name, Not, Premise, parts
from expert.sql.column_values import Reader, case, one_of, text
from expert.sql.text import Chain

COMPARISONS: dict[str, type[exp.Binary]] = {"<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}

Values = Mapping[str, exp.Expr]
"""The value of each finding, as columns tell it."""


class View:
    """Premises and definitions over some values of the findings, as expressions of SQL."""

    def __init__(self, readers: Mapping[str, Reader], values: Values) -> None:
        self.readers, self.values = readers, values
        self._names: dict[Name, exp.Column] = {}

    def define(self, definitions: Definitions, wanted: Iterable[Name], chain: Chain, label: str) -> View:
        """Add the definitions that are wanted, and all that they rest on, to a chain; a label begins their names."""
        needed = _reached(definitions, wanted)
        for name, premise in definitions.premises.items():
            if name in needed:
                self._names[name] = chain.add(f"{label}{' '.join(name)}", self.truth(premise))
        return self

    def name(self, *name: str) -> exp.Expr:
        """The truth of a definition."""
        return self._names[name].copy()

    def truth(self, premise: Premise) -> exp.Expr:
        """A premise as an expression: true, false, or null for unknown."""
        match premise:
            case Concluded():
                return self.name(*premise.name)
            case Not():
                return exp.not_(self.truth(premise.premise), copy=False)
            case All():
                return conjunction(map(self.truth, dict.fromkeys(premise.premises)))
            case Any():
                return disjunction(map(self.truth, dict.fromkeys(premise.premises)))
            case Exclusive():
                refuted = case([(self.truth(premise.others), exp.false())])
                return exp.func("COALESCE", self.truth(premise.own), refuted)
        return self._of_finding(premise)

    def _of_finding(self, literal: Literal) -> exp.Expr:
        value = self.values[literal.finding].copy()
        match literal:
            case Is(value=bool()):
                return value if literal.value else exp.not_(value, copy=False)
            case Is():
                return exp.EQ(this=value, expression=text(str(literal.value)))
            case In():
                return one_of(value, literal.values)
            case Compare():
                bound = self.readers[literal.finding].bound(literal.operator, literal.threshold)
                return COMPARISONS[literal.operator](this=value, expression=bound)


def conjunction(truths: Iterable[exp.Expr]) -> exp.Expr:
    """All of some truths; of none, true."""
    found = list(truths)
    return exp.and_(*found, copy=False) if found else exp.true()


def disjunction(truths: Iterable[exp.Expr]) -> exp.Expr:
    """Any of some truths; of none, false."""
    found = list(truths)
    return exp.or_(*found, copy=False) if found else exp.false()


def _reached(definitions: Definitions, wanted: Iterable[Name]) -> set[Name]:
    """Some names, and all that their definitions rest on."""
    found: set[Name] = set()
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [part.name for part in parts(definitions.premises[name]) if isinstance(part, Concluded)]
    return found
