"""What is plausible of the rows of a table: which are refused, and which are to be checked, as for single patients.

Columns find the rows that break an entry. They hold a number where bounds were given; those rows are asked about one
by one, since bounds may leave it open.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from expert.columns.conclusions import column
from expert.columns.flags import Flag, flag
from expert.columns.read.batch import Batch
from expert.columns.to_columns import Among, Columns, FlagPair
from expert.columns.valuations import AsGiven
from expert.lang.model import KnowledgeBase
from expert.lang.premises import All
from expert.lang.vocabulary import Order, Plausible
from expert.logic.domain import Domain
from expert.read.value import ValueReader

_COMPARE = {"<": pl.Expr.lt, "<=": pl.Expr.le, ">": pl.Expr.gt, ">=": pl.Expr.ge}


class _GivenAlone(AsGiven):
    """What is given, without the defaults."""

    def literal(self, literal: Among) -> FlagPair:
        """As given."""
        return self.columns.as_given(literal)


class PlausibleRows:
    """Finds the rows of tables that break what is plausible; ``given`` are the findings that have a column."""

    def __init__(self, domain: Domain, given: Collection[str]) -> None:
        self.kb, self.plausibility = domain.kb, domain.plausibility
        never = [All(it.never) for it in self.kb.plausible]
        self.columns = Columns(domain.definitions, given, never)
        self.given = _GivenAlone(self.columns)
        self._flags = {it: self._broken(it) for it in self.kb.plausible}

    def _broken(self, entry: Plausible) -> Flag:
        return self._out_of_order(entry.always) if entry.always else self.columns.of(self.given, All(entry.never)).holds

    def _out_of_order(self, order: Order) -> Flag:
        compare, pair = _COMPARE[order.operator], [order.finding, order.other]
        if not self.columns.findings.issuperset(pair):
            return False
        return self.columns.column(order, pair, lambda its: compare(its[0], its[1]).eq_missing(other=False))

    def broken(self, batch: Batch, reader: ValueReader) -> dict[Plausible, pl.Series]:
        """For each entry that some rows break, which do."""
        wanted = [it for it in self._flags.values() if isinstance(it, str)]
        plan = self.columns.strata(batch.patients.lazy(), wanted)
        found = plan.select(flag(it).alias(entry.id) for entry, it in self._flags.items() if it is not False).collect()
        series = {it: found[it.id] for it in self.kb.plausible if it.id in found.columns and found[it.id].any()}
        return {it: self._without_open(it, rows, batch, reader) for it, rows in series.items()}

    def _without_open(self, entry: Plausible, rows: pl.Series, batch: Batch, reader: ValueReader) -> pl.Series:
        """The rows without those in which bounds leave open whether the entry is broken."""
        names = [name for name in entry.findings if name in batch.patients.columns]
        bounded = [name for name in names if name in batch.bounds]
        for row in rows.arg_true() if bounded else ():
            if any(batch.bounds[name][row] is not None for name in bounded):
                rows[row] = self.plausibility.breaks(entry, batch.facts(row, names, reader))
        return rows


def has_checks(kb: KnowledgeBase) -> bool:
    """Whether rows may have to be checked, so that a column says so."""
    return any(it.level == "warning" for it in kb.plausible)


def checks(kb: KnowledgeBase, rows: int, broken: dict[Plausible, pl.Series]) -> pl.Series:
    """The ids of the warnings about each row, with semicolons between; null where there are none."""
    words = [
        pl.when(where).then(pl.lit(it.id)).otherwise(None) for it, where in broken.items() if it.level == "warning"
    ]
    nothing: pl.Series = pl.Series(column(kb, "checks"), [None], dtype=pl.String).new_from_index(0, rows)
    if words:
        joined = pl.concat_str(words, separator="; ", ignore_nulls=True)
        nothing = nothing.to_frame().with_columns(pl.when(joined != "").then(joined).alias(nothing.name))[nothing.name]
    return nothing
