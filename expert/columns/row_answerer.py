"""One knowledge base over the tables of a cohort: rows are read by its vocabulary, and answered or rejected."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache, partial
from types import MappingProxyType
from typing import NamedTuple

import polars as pl

from expert.columns.cohort_reasoner import CohortReasoner
from expert.columns.conclusions import column
from expert.columns.plausible_rows import PlausibleRows, checks, has_checks
from expert.columns.read import Batch, Reject, RowFault, read_cohort
from expert.columns.read.column_map import NO_MAP, ColumnMap
from expert.lang.errors import ContradictionError, NotAValueError, PatientError, Problem
from expert.lang.model import KnowledgeBase
from expert.lang.values import Bound, Facts, Value
from expert.lang.vocabulary import Kind
from expert.read.value import ValueReader

MOST_KEPT = 10_000
"""The number of reasons why rows are refused that are kept for reuse."""


class InputFiles(NamedTuple):
    """Which files, and how they are read (see `expert.columns.read.read_cohort`)."""

    files: tuple[str, ...]
    format: str = ""
    delimiter: str = ""
    mapping: ColumnMap = NO_MAP
    strict: bool = False
    batch_rows: int = 250_000


class RowAnswerer:
    """Answers for the rows of a cohort by one knowledge base, perhaps compared with another.

    Args:
        other: the knowledge that it is compared with; columns with a name of that alone are passed on.
        site: what holds for all patients whose own rows do not give it.
    """

    def __init__(
        self, kb: KnowledgeBase, reading: InputFiles, other: KnowledgeBase | None = None, site: Facts | None = None
    ) -> None:
        self.kb, self.reading = kb, reading
        self.mapping = _passing_on(kb, other, reading.mapping) if other else reading.mapping
        self.site = {name: value for name, value in (site or {}).items() if _may_be(kb, name, value)}
        self.cohort, self.reader = CohortReasoner(kb), ValueReader(kb)
        self._reasons: dict[tuple[object, ...], tuple[Problem, ...]] = {}
        self._refusing = dict.fromkeys((*self.cohort.domain.constrained, *self.cohort.domain.plausibility.refusing))
        self.plausible = lru_cache(8)(partial(PlausibleRows, self.cohort.domain))

    def batches(self) -> Iterator[Batch]:
        """The rows of the files, read by this vocabulary, with what holds at the site."""
        it = self.reading
        return read_cohort(
            self.kb,
            it.files,
            mapping=self.mapping,
            format=it.format,
            delimiter=it.delimiter,
            strict=it.strict,
            site=self.site,
            batch_rows=it.batch_rows,
        )

    def answered(self, batch: Batch, groups: Collection[str]) -> tuple[Batch, pl.DataFrame]:
        """The batch without the rows of impossible or implausible patients, now among its rejects, and its answers.

        Raises:
            PatientError: there is such a row, and the reading is strict.
            ContradictionError: the rules contradict each other for a row.
        """
        try:
            answers = self.cohort.answers(batch.patients, groups=groups, checked=True)  # by the reader
        except ContradictionError as error:
            who = f"{batch.file}, record {batch.records[error.row]}"
            raise ContradictionError(error.what, who) from None
        refused = answers.drop_in_place(column(self.kb, "impossible"))
        if self.kb.plausible:
            broken = self.plausible(tuple(batch.patients.columns)).broken(batch, self.reader)
            for entry, where in broken.items():
                refused = refused | where if entry.level == "error" else refused
            if has_checks(self.kb):
                answers = answers.with_columns(checks(self.kb, answers.height, broken))
        if not refused.any():
            return batch, answers
        faults = dict(self._faults(batch, refused.arg_true()))
        if self.reading.strict:
            row, found = next(iter(faults.items()))
            raise PatientError(
                Reject(batch.file, batch.records[row], batch.lines[row], batch.raw[row], found).problems()
            )
        return batch.rejecting(faults), answers.filter(~refused)

    def _faults(self, batch: Batch, rows: pl.Series) -> Iterator[tuple[int, tuple[RowFault, ...]]]:
        """Why there is no patient as in some rows."""
        names = [name for name in self._refusing if name in batch.patients.columns]
        for row, values in zip(rows, batch.patients.select(names)[rows].iter_rows(), strict=True):
            key = (*values, *((name, written[row]) for name, written in batch.bounds.items()))
            if key not in self._reasons:
                if len(self._reasons) >= MOST_KEPT:
                    self._reasons.clear()
                reasons = self.cohort.reasons(batch.facts(row, names, self.reader))
                assert reasons, "the columns and the reference agree on who is refused"
                self._reasons[key] = reasons
            yield row, tuple(batch.fault(row, reason) for reason in self._reasons[key])


def _may_be(kb: KnowledgeBase, name: str, value: Value) -> bool:
    """Whether a finding may have a value, which another vocabulary has for one of the same name."""
    finding = kb.given.get(name)
    if finding is None:
        return False
    if isinstance(value, bool):
        return finding.kind is Kind.YES_NO
    if isinstance(value, str):
        return value in finding.values
    if isinstance(value, Bound):
        try:
            ValueReader(kb).read(name, value.written)
        except NotAValueError:
            return False
    return finding.kind is Kind.QUANTITY and finding.low <= value <= finding.high


def names_of(kb: KnowledgeBase) -> list[str]:
    """What a column may be named after."""
    return [*kb.given, *kb.panels]


def _passing_on(kb: KnowledgeBase, other: KnowledgeBase, mapping: ColumnMap) -> ColumnMap:
    """What columns mean by one of two vocabularies: names that only the other has are passed on."""
    own, theirs = set(names_of(kb)), set(names_of(other))
    meanings = {column: it for column, it in mapping.meanings.items() if it.name in own}
    passed = (mapping.passed - own) | (mapping.meanings.keys() - meanings.keys())
    return mapping._replace(
        meanings=MappingProxyType(meanings), passed=frozenset(passed - meanings.keys()), others=frozenset(theirs - own)
    )
