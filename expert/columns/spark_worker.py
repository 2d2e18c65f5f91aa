"""What a worker of Spark does with the batches of its partition; it needs Polars and Arrow, and no Spark.

Every row becomes one row: what is passed on, the answers, and why it is rejected or skipped, if it is. Batches come in
any order, so their own keys identify the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from expert.columns.cohort_reasoner import CohortReasoner
from expert.columns.conclusions import column
from expert.columns.plausible_rows import checks, has_checks
from expert.columns.read.batch import Piece, numbers
from expert.columns.read.finding_columns import TableColumns
from expert.columns.read.parquet import FrameRows
from expert.columns.read.patient_columns import PatientColumns
from expert.columns.row_answerer import InputFiles, RowAnswerer
from expert.lang.model import KnowledgeBase
from expert.lang.values import Facts

EMPTY = "the row has no content"
"""The reason of rows that are counted and skipped."""

REASON, ROW = "rejected because", "rejected row"
"""Of a rejected row: every reason, and all of it as a JSON object; null of an answered one."""


@dataclass(frozen=True)
class WorkerTask:
    """What every worker needs to answer for rows.

    Attributes:
        columns: which columns of the rows are read as findings, and which are passed on.
        findings: the findings that are read from them.
        groups: groups of conclusions (see `expert.columns.conclusions`).
        site: findings of the site, for rows that do not give them.
    """

    kb: KnowledgeBase
    columns: TableColumns
    findings: tuple[str, ...]
    groups: tuple[str, ...]
    site: Facts

    def schema(self, table: pa.Schema) -> pa.Schema:
        """The columns of the result for a table, of types that every version of Arrow and Spark has."""
        no_rows = pl.DataFrame(schema=dict.fromkeys(self.findings, pl.Null))
        answers = CohortReasoner(self.kb).answers(no_rows, self.groups).drop(column(self.kb, "impossible"))
        if has_checks(self.kb):
            answers = answers.with_columns(checks(self.kb, 0, {}))
        concluded = [pa.field(field.name, _plain(field.type)) for field in answers.to_arrow().schema]
        recorded = (
            it.column for it in self.columns.meanings if it.name in self.kb.given and self.kb.given[it.name].for_record
        )
        passed = [table.field(name) for name in (*self.columns.passed, *recorded)]
        return pa.schema([*passed, *concluded, pa.field(REASON, pa.string()), pa.field(ROW, pa.string())])

    def answers(self, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """For every batch of rows as many rows of the schema, those that are rejected last."""
        side = RowAnswerer(self.kb, InputFiles(()), site=self.site)
        reader = PatientColumns(self.kb, self.columns, self.findings, {}, side.site)
        for batch in batches:
            cells = pl.DataFrame(batch)
            at, none = np.arange(cells.height), pl.Series([None], dtype=pl.UInt64).new_from_index(0, cells.height)
            rows = FrameRows(cells, at)
            read = reader.batch(Piece("", cells, numbers(at), none, rows, [], cells.height))
            found, answers = side.answered(read, self.groups)
            yield _joined(batch, schema, answers, found.records.to_numpy().astype(np.int64), {})
            reasons = dict.fromkeys(found.empty.to_list(), EMPTY)
            for reject in found.rejects:
                faults = (": ".join(filter(None, (it.column, it.reason))) for it in reject.faults)
                reasons[reject.record] = "; ".join(faults)
            if reasons:
                texts = {row: (reasons[row], rows[row].decode()) for row in sorted(reasons)}
                yield _joined(batch, schema, answers.clear(), np.array([*texts], np.int64), texts)


def _joined(
    batch: pa.RecordBatch,
    schema: pa.Schema,
    answers: pl.DataFrame,
    rows: np.ndarray,
    rejected: Mapping[int, tuple[str, str]],
) -> pa.RecordBatch:
    """Some rows as passed on, with their answers, or with the reasons why there are none and the row's text."""
    passed = batch.take(pa.array(rows))
    concluded = answers.to_arrow() if answers.height else None
    found: list[Any] = []
    for field in schema:
        if field.name in (REASON, ROW):
            texts = [rejected[int(row)][field.name == ROW] if rejected else None for row in rows]
            found.append(pa.array(texts, pa.string()))
        elif field.name in passed.schema.names:
            found.append(passed.column(field.name))
        elif concluded is not None:
            found.append(concluded.column(field.name).combine_chunks().cast(field.type))
        else:
            found.append(pa.nulls(len(rows), field.type))
    return pa.RecordBatch.from_arrays(found, schema=schema)


def _plain(given: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(given) or pa.types.is_large_string(given) or pa.types.is_string_view(given):
        return pa.string()
    if pa.types.is_large_list(given):
        return pa.list_(_plain(given.value_type))
    return given
