"""Definitions as Polars expressions, stratum by stratum: one expression concludes something of every patient at once.

A truth is a pair of plain Boolean columns: that something is known to *hold*, and that it *may* hold, not being known
to fail. Both are false of what fails, and only the second is true of what is unknown. This is Kleene's logic, as
Polars' own over columns with nulls would be, but without a null, half of an operation's cost; and it lets much be
worked out once for several readings of the facts (see `expert.columns.fact_views`).

What is written the same way is one column. Columns that have names start with ``#``, which no finding does.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import reduce
from itertools import groupby
from typing import NamedTuple

import polars as pl

from expert.columns.fact_views import UNKNOWN, Among, Completed, Counted, Flag, Known, Presumed, Reading, Truths
from expert.lang.definitions import Definitions, in_order
from expert.lang.premises import All, Any, Compare, Concluded, Exclusive, In, Is, Name, Not, Premise, parts
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import Finding, Kind
from expert.logic.cells import Cell, cells_of, place_of, thresholds_of
from expert.logic.constraints import Tied
from expert.logic.kleene import Evaluation, holds_of


class _Column(NamedTuple):
    """How a column is made of others."""

    needs: tuple[str, ...]
    make: Callable[[Sequence[pl.Expr]], pl.Expr]


class Columns:
    """Columns over the findings that are told, each worked out from columns of lower strata.

    Attributes:
        told: the findings that have a column.
        counted: how findings stand with what is told and the defaults.
        known: the same with what constraints force.
        presumed: the same with the presumptions.
        forcing: findings with values, each with what forces it where the finding is not told.
        excluding: findings that have a usual value, with those presumed before and what then excludes that value.
    """

    def __init__(self, definitions: Definitions, groups: Sequence[Tied], told: Collection[str]) -> None:
        """``groups`` are the constraints of the definitions' knowledge base."""
        self.definitions, self.told = definitions, frozenset(told)
        self.kb = definitions.kb
        self._nothing_known = Evaluation(definitions, {})
        thresholds = thresholds_of(definitions)
        self.cells = {name: cells_of(it, thresholds.get(name, ())) for name, it in self.kb.inputs.items()}
        self._columns: dict[str, _Column] = {}
        self._strata: dict[frozenset[Flag], list[list[pl.Expr]]] = {}
        self._named: dict[object, str] = {}
        self._negated: dict[str, str] = {}
        self._truths: dict[int, tuple[Reading, dict[Name, Truths]]] = {}
        self._literals: dict[tuple[int, Among], Truths] = {}
        self._amongs: dict[int, tuple[Premise, Among | None]] = {}  # by identity, as premises are slow to hash
        self._impossible = [(group.names, group.impossible()) for group in groups]
        self.forcing: dict[str, list[tuple[Value, Premise]]] = {}
        self.excluding: dict[str, tuple[Collection[str], Premise]] = {}
        for group in groups:
            for name, value, why in group.forcing():
                self.forcing.setdefault(name, []).append((value, why))
            so_far: list[str] = []
            for name, why in group.excluding():
                self.excluding[name] = (*so_far,), why
                so_far.append(name)
        self.counted = Counted(self)
        self.known = Known(self, self.counted)
        self.presumed = Presumed(self, self.known)

    def __len__(self) -> int:
        """How many columns have been defined."""
        return len(self._columns)

    # --- what is concluded

    def concluded(self, reading: Reading, name: Name) -> Truths:
        """The truths of a definition."""
        truths = self._truths_of(reading)
        for each in in_order((name,), self.definitions.needs, truths):
            truths[each] = self._defined(reading, each)
        return truths[name]

    def _defined(self, reading: Reading, name: Name) -> Truths:
        if isinstance(reading, Completed) and self.definitions.inputs[name].isdisjoint(reading.facts):
            return self.concluded(reading.like, name)
        return self.of(reading, self.definitions.premises[name])

    def _truths_of(self, reading: Reading) -> dict[Name, Truths]:
        """The truths of definitions that are known of a reading; it is kept, as they are filed under its identity."""
        return self._truths.setdefault(id(reading), (reading, {}))[1]

    def of(self, reading: Reading, premise: Premise) -> Truths:
        """The truths of a premise."""
        self._truths_of(reading)
        match premise:
            case Concluded():
                return self.concluded(reading, premise.name)
            case Not() | All() | Any() if (literal := self._among(premise)) is not None:
                return self._of_literal(reading, literal)
            case Not():
                return self.negation(self.of(reading, premise.premise))
            case All() | Any():
                some = [self.of(reading, part) for part in premise.premises]
                combined = self.all if isinstance(premise, All) else self.any
                return Truths(combined(it.holds for it in some), combined(it.may for it in some))
            case Exclusive():
                own, others = self.of(reading, premise.own), self.of(reading, premise.others)
                return Truths(own.holds, self.all((own.may, self.any((own.holds, self.without(others.holds))))))
        found = self._among(premise)
        assert found is not None
        return self._of_literal(reading, found)

    def _among(self, premise: Premise) -> Among | None:
        """A premise that is about one finding only, as the cells in which that lies if it holds."""
        if id(premise) not in self._amongs:
            self._amongs[id(premise)] = premise, self._worked_out(premise)
        return self._amongs[id(premise)][1]

    def _worked_out(self, premise: Premise) -> Among | None:
        finding = _only_finding(premise)
        if finding is None or self._nothing_known.evaluate(premise) is not None:
            return None  # "always, or f is a" holds even while f is unknown, though it names but one finding
        return Among(finding, tuple(_holds_of(premise, cell.value) for cell in self.cells[finding]))

    def _of_literal(self, reading: Reading, literal: Among) -> Truths:
        if (key := (id(reading), literal)) not in self._literals:
            self._literals[key] = reading.literal(literal)
        return self._literals[key]

    def impossible(self, reading: Reading | None = None) -> Flag:
        """That no patient can be so, by what is told and the defaults, or by another reading."""
        found: list[Flag] = []
        for names, premise in self._impossible:
            used = reading or self.counted
            while isinstance(used, Completed) and not used.facts.keys() & set(names):
                used = used.like
            found.append(self.of(used, premise).holds)
        return self.any(found)

    def completed(self, facts: Facts, base: Reading | None = None) -> Reading:
        """The reading that fills in facts for what is unknown; a finding without one stays as it is."""
        return Completed(self, base or self.known, facts)

    # --- truths of every patient

    def negation(self, truths: Truths) -> Truths:
        """Not: what may fail holds no more."""
        return Truths(self.without(truths.may), self.without(truths.holds))

    def without(self, flag: Flag) -> Flag:
        """The opposite of a flag."""
        if isinstance(flag, bool):
            return not flag
        if flag not in self._negated:
            name = self.column(("not", flag), [flag], lambda it: ~it[0])
            self._negated |= {flag: name, name: flag}
        return self._negated[flag]

    def all(self, flags: Iterable[Flag]) -> Flag:
        """That all of some flags are up."""
        return self._combined("all", flags, operator.and_, neutral=True)

    def any(self, flags: Iterable[Flag]) -> Flag:
        """That any of some flags is up."""
        return self._combined("any", flags, operator.or_, neutral=False)

    def _combined(
        self, word: str, flags: Iterable[Flag], combine: Callable[[pl.Expr, pl.Expr], pl.Expr], *, neutral: bool
    ) -> Flag:
        wanted = dict.fromkeys(flag for flag in flags if flag is not neutral)
        names = [flag for flag in wanted if isinstance(flag, str)]
        if len(names) < len(wanted) or any(self._negated.get(name) in wanted for name in names):
            return not neutral
        names.sort(key=lambda name: int(name[1:]))  # so that what begins alike is shared
        whole = names[0] if names else neutral
        for name in names[1:]:
            whole = self.column((word, whole, name), [str(whole), name], lambda it: combine(it[0], it[1]))
        return whole

    def column(self, key: object, needs: Iterable[str], make: Callable[[Sequence[pl.Expr]], pl.Expr]) -> str:
        """The name of a column that is made of others (or of findings), the same for the same key."""
        if key not in self._named:
            name = self._named[key] = f"#{len(self._named)}"
            self._columns[name] = _Column(tuple(needs), make)
        return self._named[key]

    # --- literals, as they are told

    def lies_in(self, literal: Among, value: Value) -> bool:
        """Whether a value lies in one of the cells."""
        return literal.cells[place_of(self.cells[literal.finding], value)]

    def unknown(self, finding: str) -> Flag:
        """That a finding is not told."""
        if finding not in self.told:
            return True
        return self.column(("unknown", finding), [finding], lambda it: it[0].is_null())

    def as_told(self, literal: Among) -> Truths:
        """The truths of a premise about one finding, unknown where that is not told."""
        if literal.finding not in self.told:
            return UNKNOWN
        if sum(literal.cells) * 2 > len(literal.cells):
            return self.negation(self.as_told(literal.opposite))
        if not any(literal.cells):
            return Truths(False, self.unknown(literal.finding))
        cells = [cell for cell, lies in zip(self.cells[literal.finding], literal.cells, strict=True) if lies]
        finding = [literal.finding]
        if isinstance(value := cells[0].value, bool):
            holds: Flag = self.column((literal, "holds"), finding, lambda it: it[0].eq_missing(value))
            return Truths(holds, self.column((literal, "may"), finding, lambda it: it[0].ne_missing(not value)))
        if isinstance(value, float):
            holds = self.column((literal, "holds"), finding, lambda it: _among(it[0], self._runs(literal)))
        else:
            holds = self.any(self._is(literal.finding, str(it.value)) for it in cells)
        return Truths(holds, self.any((holds, self.unknown(literal.finding))))

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

    # --- the plan

    def below(self, flags: Iterable[Flag]) -> list[str]:
        """The columns that are needed for some, these included, each after those that it needs."""
        found: set[str] = set()
        ahead = [flag for flag in flags if isinstance(flag, str)]
        while ahead:
            name = ahead.pop()
            if name not in found:
                found.add(name)
                ahead += (it for it in self._columns[name].needs if it in self._columns)
        return sorted(found, key=lambda name: int(name[1:]))

    def inputs(self, flags: Iterable[Flag]) -> list[str]:
        """The told findings that some columns need, in the vocabulary's order."""
        read = {name for column in self.below(flags) for name in self._columns[column].needs}
        return [name for name in self.kb.inputs if name in read]

    def strata(self, frame: pl.LazyFrame, flags: Collection[Flag]) -> pl.LazyFrame:
        """The frame with some columns, and whatever they are worked out from."""
        wanted = frozenset(flags)
        if wanted not in self._strata:
            self._strata[wanted] = self._planned(wanted)
        for columns in self._strata[wanted]:
            frame = frame.with_columns(columns)
        return frame

    def _planned(self, flags: Collection[Flag]) -> list[list[pl.Expr]]:
        """The columns by stratum; what is used once is part of its user."""
        names = self.below(flags)
        uses = Counter(need for name in names for need in self._columns[name].needs)
        expressions: dict[str, pl.Expr] = {}
        stratum: dict[str, int] = {}
        strata: dict[int, list[pl.Expr]] = {}
        for name in names:
            needs, make = self._columns[name]
            stratum[name] = max((stratum.get(need, 0) for need in needs), default=0)
            expression = make([expressions[need] if need in expressions else pl.col(need) for need in needs])
            if uses[name] == 1 and name not in flags:
                expressions[name] = expression
            else:
                strata.setdefault(stratum[name], []).append(expression.alias(name))
                stratum[name] += 1
        return [strata[place] for place in sorted(strata)]


def kind_of(finding: Finding) -> pl.DataType:
    """The type of a column of values of a finding."""
    if finding.kind is Kind.CHOICE:
        return pl.Enum(finding.values)
    return pl.Boolean() if finding.kind is Kind.YES_NO else pl.Float64()


def flag(flag: Flag) -> pl.Expr:
    """A flag as an expression."""
    return pl.col(flag) if isinstance(flag, str) else pl.lit(flag)


def _among(column: pl.Expr, runs: Iterable[tuple[Cell | None, Cell | None]]) -> pl.Expr:
    """That a quantity is known to lie in one of some runs of cells, none of which is the whole of its range."""
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
    about = {None if isinstance(part, Concluded) else part.finding for part in parts(premise)}
    return about.pop() if len(about) == 1 else None


def _holds_of(premise: Premise, value: Value) -> bool:
    """Whether a premise about one finding holds of a value of it."""
    match premise:
        case Not():
            return not _holds_of(premise.premise, value)
        case All():
            return all(_holds_of(part, value) for part in premise.premises)
        case Any():
            return any(_holds_of(part, value) for part in premise.premises)
        case Is() | In() | Compare():
            return holds_of(premise, value)
    raise ValueError("a premise about a finding names no conclusion")
