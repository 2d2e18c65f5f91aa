"""Everything that an assessment concludes, as columns.

==================================  ===================================================================================
column                              what it says
==================================  ===================================================================================
``impossible``                      that the constraints permit no such patient; every other column is null
``answer``                          ``certain``, ``provisional`` or ``open``
``recommended``, ``meanwhile``      the step, and what is done while it, a gate, is; null if there is none
``status.STEP``                     a step over what is known; ``presumed_status.STEP`` with the presumptions
``option.STEP.OPTION``              ``offered``, ``excluded``, ``unsupported`` or ``open`` over what is known, of the
                                    recommended step and of what is done meanwhile; null for other steps
``presumed_option.STEP.OPTION``     the same with the presumptions; ``preferred.STEP.OPTION`` whether it is preferred
``alert.NAME``, ``advice.NAME``     ``holds``, ``open`` or ``fails``; ``presumed_alert.NAME``, ``presumed_advice.NAME``
``finding.NAME``                    the value of a concluded finding, null if unknown; ``presumed_finding.NAME``
``rule.ID``                         true if it holds, false if it fails, null while open; ``presumed_rule.ID``
``why``                             what supports the recommended step and what excludes earlier ones: for each rule
                                    that holds, as presumed, ``STEP+RULE`` if it supports the step, ``STEP!RULE`` if it
                                    cautions against it, ``STEP-RULE`` if it excludes an earlier one
``checks``                          of a table: the warnings about what is given, with semicolons between; or null
``decisive``                        the findings that could change the step alone, in the vocabulary's order
==================================  ===================================================================================

Findings have no dot in their names. A column without one that would bear a finding's name has a dot before its own.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import reduce

import polars as pl

from expert.columns.flags import Flag, flag
from expert.columns.to_columns import FlagPair, Valuation
from expert.columns.valuations import Valuations
from expert.lang.model import KnowledgeBase, Option
from expert.lang.premises import Name
from expert.lang.roles import ROLES
from expert.lang.vocabulary import Finding
from expert.logic.step_status import STATUSES

ANSWERS = pl.Enum(["certain", "provisional", "open"])
STEP_STATUSES = pl.Enum(STATUSES)
OPTIONS = pl.Enum(["offered", "excluded", "unsupported", "open"])
WORDS = pl.Enum(["holds", "open", "fails"])

GROUPS = ("answer", "recommended", "steps", "options", "alerts", "advice", "findings", "rules")
"""What is concluded of every patient; and on request, as they take longer, what is in `ON_REQUEST`."""

ON_REQUEST = ("why", "decisive")

KNOWN, PRESUMED = "known", "presumed"
CERTAIN = {KNOWN: "#certain known", PRESUMED: "#certain presumed"}
"""Columns with the steps that are certain only by a split into cases."""


def column(kb: KnowledgeBase, name: str) -> str:
    """The name of a column without a dot, made unlike every finding's."""
    return f".{name}" if name in kb.findings else name


def alert_columns(kb: KnowledgeBase) -> list[str]:
    """The columns of the alerts, over what is known and with the presumptions."""
    return [f"{before}alert.{name}" for name in kb.alerts for before in ("", "presumed_")]


class Conclusions:
    """The conclusions of some groups as expressions over flags.

    Attributes:
        flags: what the expressions read.
    """

    def __init__(self, valuations: Valuations, groups: Sequence[str]) -> None:
        self.columns, self.groups = valuations.columns, groups
        self.kb = self.columns.kb
        self.steps = pl.Enum(list(self.kb.steps))
        self.valuations: dict[str, Valuation] = {KNOWN: valuations.known, PRESUMED: valuations.presumed}
        self.flags: set[str] = set()
        self._recommended_of: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.impossible = self._read(valuations.impossible())
        self.expressions()
        self.recommended({})
        self.code(PRESUMED)

    def expressions(self) -> list[pl.Expr]:
        """The conclusions, over flags and over `recommended`."""
        found = [self.impossible.alias(column(self.kb, "impossible"))]
        for group in GROUPS:
            if group in self.groups:
                found += getattr(self, f"_{group}")()
        if "why" in self.groups:
            found.append(self._why())
        return found

    # --- flags as expressions

    def _read(self, it: Flag) -> pl.Expr:
        if isinstance(it, str):
            self.flags.add(it)
        return flag(it)

    def _when(self, it: Flag, word: str) -> list[tuple[pl.Expr, str]]:
        """A word with its flag, unless the flag is false for all patients."""
        return [] if it is False else [(self._read(it), word)]

    def truths(self, valuation: str, name: Name) -> FlagPair:
        """The truths of a definition."""
        return self.columns.concluded(self.valuations[valuation], name)

    def _holds(self, valuation: str, name: Name) -> pl.Expr:
        return self._read(self.truths(valuation, name).holds)

    def _may(self, valuation: str, name: Name) -> pl.Expr:
        return self._read(self.truths(valuation, name).may)

    def _some_step(self, valuation: str, steps: Iterable[str]) -> pl.Expr:
        """Where one of some steps is certainly recommended, over what is known or with the presumptions."""
        wanted = tuple(steps)
        name = f"#{valuation} {' '.join(wanted)}"
        self._recommended_of[name] = valuation, wanted
        return pl.col(name)

    def _recommended_step(self, valuation: str, step: str) -> pl.Expr:
        return self._some_step(valuation, [step])

    def recommended(self, cases: Mapping[str, Collection[int]]) -> list[pl.Expr]:
        """Where steps are recommended; ``cases`` are the places of steps by cases only (see `CERTAIN`)."""
        return [self._by(valuation, steps, cases).alias(it) for it, (valuation, steps) in self._recommended_of.items()]

    def _by(self, valuation: str, steps: Iterable[str], cases: Mapping[str, Collection[int]]) -> pl.Expr:
        holds = self._read(self.columns.any(self.truths(valuation, ("recommended", step)).holds for step in steps))
        places = {list(self.kb.steps).index(step) for step in steps} & {*cases.get(valuation, ())}
        return reduce(operator.or_, (pl.col(CERTAIN[valuation]) == place for place in places), holds)

    def code(self, valuation: str) -> pl.Expr:
        """The place of the step that is recommended by a truth, in the ladder; -1 if none is."""
        whole = pl.lit(-1, dtype=pl.Int16)
        for place, step in enumerate(self.kb.steps):
            where = self._holds(valuation, ("recommended", step))
            whole = pl.when(where).then(pl.lit(place, dtype=pl.Int16)).otherwise(whole)
        return whole.alias("#code")

    # --- the answer and the ladder

    def _answer(self) -> Iterator[pl.Expr]:
        certain, some = (self._some_step(valuation, self.kb.steps) for valuation in (KNOWN, PRESUMED))
        words = _first([(certain, "certain"), (some, "provisional")], "open", ANSWERS)
        yield words.alias(column(self.kb, "answer"))

    def _recommended(self) -> Iterator[pl.Expr]:
        recommended = [(self._recommended_step(PRESUMED, step), step) for step in self.kb.steps]
        meanwhile = [(self._meanwhile(step), it.meanwhile) for step, it in self.kb.steps.items() if it.meanwhile]
        some = self._some_step(PRESUMED, self.kb.steps)
        first = _first(
            recommended[:-1], recommended[-1][1], self.steps
        )  # quicker than a chain in which nulls take part
        yield pl.when(some).then(first).alias(column(self.kb, "recommended"))
        yield _first(meanwhile, None, self.steps).alias(column(self.kb, "meanwhile"))

    def _meanwhile(self, step: str) -> pl.Expr:
        """Where a gate is recommended, and what it names for meanwhile is not excluded."""
        excluded = self._may(PRESUMED, ("excludes", self.kb.steps[step].meanwhile))
        return self._recommended_step(PRESUMED, step) & ~excluded

    def _steps(self) -> Iterator[pl.Expr]:
        gates = [name for name, step in self.kb.steps.items() if step.gate]
        for valuation, prefix in ((KNOWN, "status"), (PRESUMED, "presumed_status")):
            waiting = self._some_step(valuation, gates)
            later = False
            for step, entry in self.kb.steps.items():
                yield self._status(valuation, step, waiting, later=later).alias(f"{prefix}.{step}")
                later = later or entry.gate

    def _status(self, valuation: str, step: str, waiting: pl.Expr, *, later: bool) -> pl.Expr:
        """The rule of `expert.logic.step_status.step_status`."""
        available = self.truths(valuation, ("available", step))
        words = [
            *self._when(self.truths(valuation, ("excludes", step)).holds, "excluded"),
            (self._recommended_step(valuation, step), "recommended"),
            *self._when(self.columns.without(self.truths(valuation, ("supports", step)).may), "unsupported"),
        ]
        words += self._when(self.columns.all((available.may, self.columns.without(available.holds))), "open")
        if later:
            words.append((waiting, "waiting"))
        return _first(words, "available", STEP_STATUSES)

    # --- what goes with a step

    def _options(self) -> Iterator[pl.Expr]:
        for step, entry in self.kb.steps.items():
            gates = (name for name, gate in self.kb.steps.items() if gate.meanwhile == step)
            shown = pl.any_horizontal(self._recommended_step(PRESUMED, step), *map(self._meanwhile, gates))
            for option in entry.options:
                for valuation, prefix in ((KNOWN, "option"), (PRESUMED, "presumed_option")):
                    yield pl.when(shown).then(self._option(valuation, option)).alias(f"{prefix}.{option.name}")
                preferred = self._holds(PRESUMED, ("prefers", option.name))
                yield pl.when(shown).then(preferred).alias(f"preferred.{option.name}")

    def _option(self, valuation: str, option: Option) -> pl.Expr:
        offered = ("offered", option.name)
        words = [
            (self._holds(valuation, offered), "offered"),
            (self._may(valuation, offered), "open"),
            (self._holds(valuation, ("excludes", option.name)), "excluded"),
        ]
        return _first(words, "unsupported", OPTIONS)

    def _alerts(self) -> Iterator[pl.Expr]:
        return self._notices("alert", "alert", self.kb.alerts)

    def _advice(self) -> Iterator[pl.Expr]:
        return self._notices("advice", "given", self.kb.advice)

    def _notices(self, prefix: str, role: str, names: Iterable[str]) -> Iterator[pl.Expr]:
        for name in names:
            for valuation, before in ((KNOWN, ""), (PRESUMED, "presumed_")):
                holds, may = (self._read(it) for it in self.truths(valuation, (role, name)))
                yield _first([(holds, "holds"), (may, "open")], "fails", WORDS).alias(f"{before}{prefix}.{name}")

    def _findings(self) -> Iterator[pl.Expr]:
        for name, finding in self.kb.concluded.items():
            for valuation, before in ((KNOWN, ""), (PRESUMED, "presumed_")):
                if finding.points:
                    found = self._points(valuation, finding)
                elif finding.values:
                    found = self._value(valuation, name, finding.values)
                else:
                    found = self._truth(valuation, ("finding", name))
                yield found.alias(f"{before}finding.{name}")

    def _points(self, valuation: str, score: Finding) -> pl.Expr:
        """The points of a score, or null while they are open."""
        pairs = [self.truths(valuation, name) for name in score.names]
        sure, possible = (
            pl.sum_horizontal(*(self._read(it).cast(pl.Int32) for it in flags)) for flags in zip(*pairs, strict=True)
        )
        return pl.when(sure == possible).then(sure + int(score.low))

    def _value(self, valuation: str, finding: str, values: Sequence[str]) -> pl.Expr:
        found = [(self._holds(valuation, ("finding", finding, value)), value) for value in values]
        return _first(found, None, pl.Enum(values))

    def _rules(self) -> Iterator[pl.Expr]:
        for rule in self.kb.rules:
            for valuation, before in ((KNOWN, ""), (PRESUMED, "presumed_")):
                yield self._truth(valuation, ("rule", rule)).alias(f"{before}rule.{rule}")

    def _truth(self, valuation: str, name: Name) -> pl.Expr:
        """True, false, or null where it is unknown."""
        truths = self.truths(valuation, name)
        holds = self._read(truths.holds)
        if truths.holds == truths.may:
            return holds
        return pl.when(holds | ~self._read(truths.may)).then(holds)

    # --- why

    def _why(self) -> pl.Expr:
        return pl.concat_str(list(self._reasons()), separator=" ", ignore_nulls=True).alias(column(self.kb, "why"))

    def _reasons(self) -> Iterator[pl.Expr]:
        passed = pl.lit(value=True)
        for step in self.kb.steps:
            here = self._recommended_step(PRESUMED, step)
            passed = passed & ~here
            for role, it in ROLES.items():
                where = passed if it.sign == "-" else here
                for rule in self.kb.rules_for.get((role, step), ()) if it.sign else ():
                    holds = self._holds(PRESUMED, ("rule", rule.id))
                    yield pl.when(where & holds).then(pl.lit(f"{step}{it.sign}{rule.id}"))


def _first(words: Sequence[tuple[pl.Expr, str]], otherwise: str | None, kind: pl.Enum) -> pl.Expr:
    """The first word whose flag is true."""
    whole = pl.lit(otherwise, dtype=kind)
    for where, word in reversed(words):
        whole = pl.when(where).then(pl.lit(word, dtype=kind)).otherwise(whole)
    return whole
