"""Premises as flags: one expression concludes something of every patient at once.

A truth is two flags (`expert.columns.flags`): that something is known to *hold*, and that it *may* hold, not being
known to fail. Both are false of what fails, and only the second is true of what is unknown. This is Kleene's logic, as
Polars' own over columns with nulls would be, but without a null, half of an operation's cost; and much is worked out
once for several valuations of the findings (`expert.columns.valuations`).
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterable, Iterator
from functools import reduce
from itertools import groupby
from typing import NamedTuple, Protocol

import polars as pl

from expert.columns.flags import Flag, Flags
from expert.lang.definitions import Definitions, in_order
from expert.lang.premises import All, Any, Concluded, Count, Exclusive, Name, Not, Premise, leaves
from expert.lang.values import Value
from expert.lang.vocabulary import Finding, Kind
from expert.logic.cells import Cell, cells_of, place_of, thresholds_of
from expert.logic.kleene import Evaluation


class FlagPair(NamedTuple):
    """Whether something is known to hold, and whether it may: is not known to fail."""

    holds: Flag
    may: Flag


UNKNOWN = FlagPair(False, True)


class Among(NamedTuple):
    """Whether a finding lies in one of some of its cells: for each of them, whether it is one of these."""

    finding: str
    cells: tuple[bool, ...]

    @property
    def opposite(self) -> Among:
        """Whether it lies in one of the others."""
        return Among(self.finding, tuple(not it for it in self.cells))


class Valuation(Protocol):
    """The truths of premises about single findings, from which those of all others follow."""

    def literal(self, literal: Among) -> FlagPair:
        """The truths of a premise about one finding."""

    def open(self, finding: str) -> Flag:
        """Where a finding is unknown."""

    def restricted(self, findings: Collection[str], /) -> Valuation:
        """The simplest valuation that is the same for these findings."""


class Columns(Flags):
    """The truths of premises and definitions over tables of patients.

    Args:
        given: the findings that have a column in these tables.
        also: premises besides those of the knowledge base.
    """

    def __init__(self, definitions: Definitions, given: Collection[str], also: Iterable[Premise] = ()) -> None:
        super().__init__()
        self.definitions, self.findings = definitions, frozenset(given)
        self.kb = definitions.kb
        self._nothing_known = Evaluation(definitions, {})
        thresholds = thresholds_of(definitions, also)
        self.cells = {name: cells_of(it, thresholds.get(name, ())) for name, it in self.kb.inputs.items()}
        self._truths: dict[int, tuple[Valuation, dict[Name, FlagPair]]] = {}
        self._literals: dict[tuple[int, Among], FlagPair] = {}
        self._amongs: dict[int, tuple[Premise, Among | None]] = {}  # by identity, as premises are slow to hash

    # --- what is concluded

    def concluded(self, valuation: Valuation, name: Name) -> FlagPair:
        """The truths of a definition."""
        truths = self._truths_of(valuation)
        for each in in_order((name,), self.definitions.needs, truths):
            truths[each] = self._defined(valuation, each)
        return truths[name]

    def _defined(self, valuation: Valuation, name: Name) -> FlagPair:
        simplest = valuation.restricted(self.definitions.inputs[name])
        if simplest is not valuation:
            return self.concluded(simplest, name)
        return self.of(valuation, self.definitions.premises[name])

    def _truths_of(self, valuation: Valuation) -> dict[Name, FlagPair]:
        """The truths of definitions that are known of a valuation; it is kept, as they are filed under its identity."""
        return self._truths.setdefault(id(valuation), (valuation, {}))[1]

    def of(self, valuation: Valuation, premise: Premise) -> FlagPair:
        """The truths of a premise."""
        self._truths_of(valuation)
        match premise:
            case Concluded():
                return self.concluded(valuation, premise.name)
            case Not() | All() | Any() | Count() if (literal := self._among(premise)) is not None:
                return self._of_literal(valuation, literal)
            case Not():
                return self.negation(self.of(valuation, premise.premise))
            case All() | Any():
                some = [self.of(valuation, part) for part in premise.premises]
                combined = self.all if isinstance(premise, All) else self.any
                return FlagPair(combined(it.holds for it in some), combined(it.may for it in some))
            case Count():
                some = [self.of(valuation, part) for part in premise.premises]
                enough = self._reached(premise, some, premise.least)
                if premise.most is None:
                    return enough
                too_many = self._reached(premise, some, premise.most + 1)
                return FlagPair(*map(self.all, zip(enough, self.negation(too_many), strict=True)))
            case Exclusive():
                own, others = self.of(valuation, premise.own), self.of(valuation, premise.others)
                return FlagPair(own.holds, self.all((own.may, self.any((own.holds, self.without(others.holds))))))
        found = self._among(premise)
        assert found is not None
        return self._of_literal(valuation, found)

    def _reached(self, count: Count, parts: Iterable[FlagPair], bound: int) -> FlagPair:
        """Whether the points of the parts that hold, and of those that may hold, reach a bound."""
        return FlagPair(*(self.reach(flags, count.points, bound) for flags in zip(*parts, strict=True)))

    def _among(self, premise: Premise) -> Among | None:
        """A premise that is about one finding only, as the cells in which that lies if it holds."""
        if id(premise) not in self._amongs:
            self._amongs[id(premise)] = premise, self._worked_out(premise)
        return self._amongs[id(premise)][1]

    def _worked_out(self, premise: Premise) -> Among | None:
        finding = _only_finding(premise)
        if finding is None or self._nothing_known.evaluate(premise) is not None:
            return None  # "always, or f is a" holds even while f is unknown, though it names but one finding
        evaluations = (self._nothing_known.with_values({finding: cell.value}) for cell in self.cells[finding])
        return Among(finding, tuple(bool(it.evaluate(premise)) for it in evaluations))

    def _of_literal(self, valuation: Valuation, literal: Among) -> FlagPair:
        if (key := (id(valuation), literal)) not in self._literals:
            self._literals[key] = valuation.literal(literal)
        return self._literals[key]

    def negation(self, truths: FlagPair) -> FlagPair:
        """Not: what may fail holds no more."""
        return FlagPair(self.without(truths.may), self.without(truths.holds))

    # --- literals, as they are given

    def lies_in(self, literal: Among, value: Value) -> bool:
        """Whether a value lies in one of the cells."""
        return literal.cells[place_of(self.cells[literal.finding], value)]

    def unknown(self, finding: str) -> Flag:
        """Whether a finding is not given."""
        if finding not in self.findings:
            return True
        return self.column(("unknown", finding), [finding], lambda it: it[0].is_null())

    def as_given(self, literal: Among) -> FlagPair:
        """The truths of a premise about one finding, unknown where that is not given."""
        if literal.finding not in self.findings:
            return UNKNOWN
        if sum(literal.cells) * 2 > len(literal.cells):
            return self.negation(self.as_given(literal.opposite))
        if not any(literal.cells):
            return FlagPair(False, self.unknown(literal.finding))
        cells = [cell for cell, lies in zip(self.cells[literal.finding], literal.cells, strict=True) if lies]
        finding = [literal.finding]
        if isinstance(value := cells[0].value, bool):
            holds: Flag = self.column((literal, "holds"), finding, lambda it: it[0].eq_missing(value))
            return FlagPair(holds, self.column((literal, "may"), finding, lambda it: it[0].ne_missing(not value)))
        if isinstance(value, float):
            holds = self.column((literal, "holds"), finding, lambda it: _among(it[0], self._runs(literal)))
        else:
            holds = self.any(self._is(literal.finding, str(it.value)) for it in cells)
        return FlagPair(holds, self.any((holds, self.unknown(literal.finding))))

    def _is(self, finding: str, value: str) -> Flag:
        return self.column((finding, value), [finding], lambda it: it[0].eq_missing(value))

    def _runs(self, literal: Among) -> Iterator[tuple[Cell | None, Cell | None]]:
        """Cells of a quantity without a gap, each run by its first and last one; ``None`` at an end of the range."""
        cells = self.cells[literal.finding]
        for lies, run in groupby(range(len(cells)), key=literal.cells.__getitem__):
            if lies:
                places = list(run)
                first, last = places[0], places[-1]
                yield cells[first] if first else None, cells[last] if last < len(cells) - 1 else None


def column_type(finding: Finding) -> pl.DataType:
    """The type of a column of values of a finding."""
    if finding.kind is Kind.CHOICE:
        return pl.Enum(finding.values)
    return pl.Boolean() if finding.kind is Kind.YES_NO else pl.Float64()


def _among(column: pl.Expr, runs: Iterable[tuple[Cell | None, Cell | None]]) -> pl.Expr:
    """Whether a quantity is known to lie in one of some runs of cells; no run is the whole range."""
    return reduce(operator.or_, (_between(column, *run) for run in runs)).eq_missing(other=True)


def _between(column: pl.Expr, first: Cell | None, last: Cell | None) -> pl.Expr:
    found = []
    if first:
        found.append(column >= first.lower if first.is_point else column > first.lower)
    if last:
        found.append(column <= last.upper if last.is_point else column < last.upper)
    return reduce(operator.and_, found)


def _only_finding(premise: Premise) -> str | None:
    """The finding that a premise is about, if it is about one only, and one that is given."""
    about = {None if isinstance(part, Concluded) else part.finding for part in leaves(premise)}
    return about.pop() if len(about) == 1 else None
