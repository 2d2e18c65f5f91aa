"""Premises as expressions of SQL, in which null is Kleene's unknown, and definitions as columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce

from sqlglot import exp

from expert.lang.definitions import Definitions
from expert.lang.premises import Compare, Count, In, Is, Literal, Name, Premise, fold
from expert.sql.column_values import ColumnReader, case, one_of, text
from expert.sql.text import Chain

COMPARISONS: dict[str, type[exp.Binary]] = {"<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}

Values = Mapping[str, exp.Expr]
"""The value of each finding, as columns give it."""


class SqlPremises:
    """Premises and definitions over some values of the findings, as expressions of SQL."""

    def __init__(self, readers: Mapping[str, ColumnReader], values: Values) -> None:
        self.readers, self.values = readers, values
        self._names: dict[Name, exp.Column] = {}

    def define(self, definitions: Definitions, wanted: Iterable[Name], chain: Chain, label: str) -> SqlPremises:
        """Add definitions, and all that they depend on, to a chain; their names begin with a label."""
        needed = definitions.below(wanted)
        for name, premise in definitions.premises.items():
            if name in needed:
                self._names[name] = chain.add(f"{label}{' '.join(name)}", self.truth(premise))
        return self

    def name(self, *name: str) -> exp.Expr:
        """The truth of a definition."""
        return self.concluded(name)

    def truth(self, premise: Premise) -> exp.Expr:
        """A premise as an expression: true, false, or null for unknown."""
        return fold(premise, self)

    def concluded(self, name: Name) -> exp.Expr:
        """The truth of a definition."""
        return self._names[name].copy()

    def negation(self, part: exp.Expr) -> exp.Expr:
        """The opposite of a truth."""
        return exp.not_(part, copy=False)

    def all(self, parts: Iterable[exp.Expr]) -> exp.Expr:
        """All of some truths; repeated ones count once."""
        return conjunction(dict.fromkeys(parts))

    def any(self, parts: Iterable[exp.Expr]) -> exp.Expr:
        """Any of some truths; repeated ones count once."""
        return disjunction(dict.fromkeys(parts))

    def exclusive(self, own: exp.Expr, others: exp.Expr) -> exp.Expr:
        """The truth of a value of a concluded choice."""
        return exp.func("COALESCE", own, case([(others, exp.false())]))

    def count(self, count: Count, parts: Iterable[exp.Expr]) -> exp.Expr:
        """The truth of a count, by the points of the parts that hold and of those that do not fail."""
        truths = list(parts)
        sure = _sum(case([(it, _whole(its))], _whole(0)) for it, its in zip(truths, count.points, strict=True))
        possible = _sum(
            case([(exp.not_(it), _whole(0))], _whole(its)) for it, its in zip(truths, count.points, strict=True)
        )
        enough: exp.Expr = exp.GTE(this=sure, expression=_whole(count.least))
        too_few: exp.Expr = exp.LT(this=possible, expression=_whole(count.least))
        if count.most is not None:
            enough = exp.and_(enough, exp.LTE(this=possible.copy(), expression=_whole(count.most)), copy=False)
            too_few = exp.or_(too_few, exp.GT(this=sure.copy(), expression=_whole(count.most)), copy=False)
        return case([(enough, exp.true()), (too_few, exp.false())])

    def literal(self, literal: Literal) -> exp.Expr:
        """The truth of a premise about one finding."""
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


def _whole(number: int) -> exp.Expr:
    return exp.Literal.number(number)


def _sum(terms: Iterable[exp.Expr]) -> exp.Expr:
    return reduce(lambda one, other: exp.Add(this=one, expression=other), terms)
