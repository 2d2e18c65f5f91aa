"""By columns: what a data engineer would write in Polars, and the floor that no program can be below.

Polars' *and* and *or* on nulls are Kleene's. A ``with_columns`` for each stratum keeps what later strata need, since
one ``select`` would repeat every condition wherever it is used; what is not asked for is left out by Polars' optimizer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import groupby
from operator import and_, or_

import polars as pl

from benchmarks.patients import Frames
from expert.lang.definitions import Definitions
from expert.lang.model import KnowledgeBase
from expert.lang.premises import (
    All,
    Any,
    Compare,
    Concluded,
    Count,
    Exclusive,
    In,
    Is,
    Name,
    Not,
    Premise,
    leaves,
    without_count,
)

STATUSES = pl.Enum(["recommended", "available", "waiting", "excluded", "unsupported", "open"])


class HandWritten:
    """Columns of truths, worked out once over what is known and once over the presumptions."""

    def __init__(self, definitions: Definitions) -> None:
        self.kb, self.names = definitions.kb, tuple(definitions.premises)
        self.strata = [
            [_expression(premise, self.kb).alias(_column(name)) for name, premise in stratum]
            for stratum in _strata(definitions)
        ]

    def plan(self, findings: pl.LazyFrame) -> pl.LazyFrame:
        """All truths, with the findings."""
        return reduce(lambda plan, stratum: plan.with_columns(stratum), self.strata, findings)

    def truths(self, findings: pl.LazyFrame, names: Sequence[Name]) -> pl.LazyFrame:
        """The truths of some definitions."""
        return self.plan(findings).select(map(_column, names))

    def steps(self, frames: Frames) -> pl.DataFrame:
        """The recommended step, and both statuses of every step."""
        known, presumed = (self.plan(frame.lazy()) for frame in (frames.known, frames.presumed))
        plans = (
            presumed.select(self._step()),
            known.select(self._statuses("")),
            presumed.select(self._statuses("presumed ")),
        )
        return pl.concat(pl.collect_all(plans), how="horizontal")

    def everything(self, frames: Frames) -> pl.DataFrame:
        """The truth of every definition, over what is known and over the presumptions."""
        known, presumed = (self.truths(frame.lazy(), self.names) for frame in (frames.known, frames.presumed))
        return pl.concat(pl.collect_all((known, presumed.select(pl.all().name.prefix("presumed ")))), how="horizontal")

    def _step(self) -> pl.Expr:
        steps = pl.Enum(list(self.kb.steps))
        choices = [pl.when(_truth(("recommended", step))).then(pl.lit(step, steps)) for step in self.kb.steps]
        return pl.coalesce(choices).alias("recommended")

    def _statuses(self, prefix: str) -> Iterator[pl.Expr]:
        gates = [_truth(("recommended", step.name)) for step in self.kb.steps.values() if step.gate]
        gate = reduce(or_, gates, pl.lit(False))
        for step in self.kb.steps:
            supports, excludes, available, recommended = (
                _truth((role, step)) for role in ("supports", "excludes", "available", "recommended")
            )
            status = (
                pl.when(excludes)
                .then(_status("excluded"))
                .when(recommended)
                .then(_status("recommended"))
                .when(~supports)
                .then(_status("unsupported"))
                .when(available.is_null())
                .then(_status("open"))
                .when(gate)
                .then(_status("waiting"))
                .otherwise(_status("available"))
            )
            yield status.alias(f"{prefix}{step}")


def floor(given: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    """Read every input column once, and write columns as those of the answers, without rules: copies of them."""
    given.select(pl.all().max())
    half = answers.height // 2
    return pl.concat([answers[:half], answers[half:]]).rechunk()


def _column(name: Name) -> str:
    return " ".join(name)


def _truth(name: Name) -> pl.Expr:
    return pl.col(_column(name))


def _status(status: str) -> pl.Expr:
    return pl.lit(status, STATUSES)


def _strata(definitions: Definitions) -> Iterator[list[tuple[Name, Premise]]]:
    """The definitions, those that need only earlier ones together."""
    stratum: dict[Name, int] = {}
    for name, premise in definitions.premises.items():
        needed = (stratum[part.name] for part in leaves(premise) if isinstance(part, Concluded))
        stratum[name] = 1 + max(needed, default=-1)
    for _, group in groupby(
        sorted(definitions.premises.items(), key=lambda it: stratum[it[0]]), lambda it: stratum[it[0]]
    ):
        yield list(group)


def _expression(premise: Premise, kb: KnowledgeBase) -> pl.Expr:
    match premise:
        case Concluded():
            return _truth(premise.name)
        case Is(value=bool()):
            return pl.col(premise.finding) if premise.value else ~pl.col(premise.finding)
        case Is():
            return pl.col(premise.finding) == premise.value
        case In():
            return pl.col(premise.finding).is_in(list(premise.values))
        case Compare():
            value = pl.col(premise.finding)
            compare = {"<": value.lt, "<=": value.le, ">": value.gt, ">=": value.ge}[premise.operator]
            return compare(premise.threshold)
        case Not():
            return ~_expression(premise.premise, kb)
        case All() | Any():
            every = isinstance(premise, All)
            found = [_expression(part, kb) for part in premise.premises]
            return reduce(and_ if every else or_, found) if found else pl.lit(every)
        case Count():
            return _expression(without_count(premise), kb)
        case Exclusive():
            own, others = _expression(premise.own, kb), _expression(premise.others, kb)
            return pl.when(own.is_null() & others).then(False).otherwise(own)
