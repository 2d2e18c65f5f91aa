"""A cohort on Spark: the same plan over the same columns, batch by batch of Arrow, wherever Spark runs it.

Every row that Spark reads becomes one row: what is passed on, the answers, and why it is rejected or skipped, if it is.
What Spark cannot keep apart itself is told: a record with too few or too many fields comes back whole, and a byte that
is not UTF-8 has become U+FFFD, which no cell may hold. Batches come in any order, so rows are told apart by their own
keys.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession, functions
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema
from pyspark.sql.types import ArrayType, StringType, StructField, StructType

from expert.columns.answered_rows import Reading, Side
from expert.columns.assess import Cohort
from expert.columns.conclusions import column
from expert.columns.read.batch import Piece, numbers
from expert.columns.read.cell_values import CellReader
from expert.columns.read.files import format_of
from expert.columns.read.header import Columns, Header
from expert.columns.read.mapping import NO_MAP, ColumnMap
from expert.columns.read.parquet import FrameRows, check_types
from expert.columns.read.patients import PatientColumns
from expert.columns.run import MOST_REASONS, Writing
from expert.columns.summary import ColumnsRead, Counts, Reason, Summary
from expert.columns.table_files import check_types as check_form
from expert.lang.errors import ExpertError, InputError, PatientError, Problem
from expert.lang.model import KnowledgeBase
from expert.lang.values import Facts

CORRUPT = "_corrupt_record"
"""The column in which Spark keeps a record of a text that it could not take apart."""

EMPTY = "the row has no content"
"""The reason of rows that are counted and skipped."""

REASON, ROW = "rejected because", "rejected row"
"""Of a rejected row: every reason, and all of it as a JSON object; null of an answered one."""

_NOT_UTF8 = "\ufffd"
_HEADER = re.compile(
    r"CSV header (?:does not conform|is not equal).*?(?P<what>Expected: .*?|Header length: .*?)\n\s*"
    r"CSV file: (?P<file>\S+)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Asked:
    """What every worker needs to answer for rows.

    Attributes:
        columns: which columns of the rows tell findings, and which are passed on.
        findings: the findings that they tell.
        tell: groups of conclusions (see `expert.columns.conclusions`).
        site: what holds of every patient whose own row says nothing of it.
    """

    kb: KnowledgeBase
    columns: Columns
    findings: tuple[str, ...]
    tell: tuple[str, ...]
    site: Facts


def session(master: str | None) -> SparkSession:
    """A session on a master such as ``local[2]`` or ``spark://host:7077``; ``None`` for what Spark's settings say.

    Raises:
        InputError: it cannot be had.
    """
    builder = SparkSession.builder.appName("expert cohort").config("spark.ui.enabled", "false")
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    builder = builder.config("spark.hadoop.fs.permissions.umask-mode", "077")  # tables of patients, while in work too
    builder = builder.config("spark.sql.caseSensitive", "true")  # as names of findings are
    if master is not None:
        builder = builder.master(master)
        if master.startswith("local"):
            builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # the one that has this package
    try:
        found = builder.getOrCreate()
        found.sparkContext.setLogLevel("FATAL")  # what goes wrong is raised, and told in one message
        return found
    except Exception as error:  # Java is missing, or the master is: Spark raises what it finds
        why = _why(error)
        raise InputError([Problem(f"Spark cannot be started: {why}", expected="Java 17, and a master")]) from error


def read(spark: SparkSession, files: Collection[str], form: str, delimiter: str = "") -> DataFrame:
    """Tables as Spark reads them: ``parquet``, ``csv`` with a header, or ``ndjson``; cells of texts stay texts.

    Raises:
        InputError: they cannot be read.
    """
    names = list(files)
    try:
        if form == "parquet":
            return spark.read.option("mergeSchema", "true").parquet(*names)  # or columns of some files are dropped
        if form == "ndjson":
            plain = spark.read.option("primitivesAsString", "true")
            return plain.option("columnNameOfCorruptRecord", CORRUPT).json(names)
        csv = spark.read.options(header="true", sep=delimiter or ",", quote='"', escape='"', multiLine="true")
        csv = csv.option("enforceSchema", "false")  # or the header of the first file is taken for that of each
        header = csv.csv(names).columns
        fields = [StructField(name, StringType()) for name in (*header, CORRUPT)]
        return csv.options(columnNameOfCorruptRecord=CORRUPT).schema(StructType(fields)).csv(names)
    except Exception as error:
        why = _why(error)
        raise InputError([Problem(f"Spark cannot read {', '.join(names)}: {why}")]) from error


def answered(
    frame: DataFrame,
    kb: KnowledgeBase,
    *,
    mapping: ColumnMap = NO_MAP,
    tell: Collection[str] = ("answer", "recommended", "steps"),
    site: Facts | None = None,
    name: str = "the table",
) -> DataFrame:
    """A row for each row of a table: what is passed on, its answers, and `REASON` with `ROW` if it is rejected.

    Args:
        name: of the table, for people.

    Raises:
        PatientError: a column cannot be used.
        InputError: a column that is passed on has the name of one of the answers.
    """
    schema = to_arrow_schema(frame.schema)
    columns = columns_of(frame, kb, mapping, name)
    types = dict(pl.DataFrame(schema.empty_table()).schema)
    if problems := check_types(name, types, [CellReader(kb, it) for it in columns.told]):
        raise PatientError(problems)
    told = {it.name for it in columns.told}
    members = {member for panel in told & {*kb.panels} for member in kb.panels[panel].members}
    findings = tuple(it for it in kb.inputs if it in told or it in members)
    asked = Asked(kb, columns, findings, tuple(tell), dict(site or {}))
    result = _schema(asked, schema)
    twice = [it for it in columns.passed if result.names.count(it) > 1]
    if twice:
        what = f"the column {twice[0]!r} of {name} has the name of a column of the answers"
        raise InputError([Problem(what, expected="another name for it")])

    def answers(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return _answers(asked, result, (batch.rename_columns(given) for batch in batches))

    given = frame.columns
    plain = frame.toDF(*(f"c{place}" for place in range(len(given))))  # PySpark takes a dot in a name for a path
    return plain.mapInArrow(answers, from_arrow_schema(result))


def columns_of(frame: DataFrame, kb: KnowledgeBase, mapping: ColumnMap, name: str) -> Columns:
    """What the columns of a table tell.

    Raises:
        PatientError: a column cannot be used.
    """
    return Header(kb, mapping).columns(name, [it for it in frame.columns if it != CORRUPT], {}, "")


def _schema(asked: Asked, given: pa.Schema) -> pa.Schema:
    """The columns of the result, of types that every version of Arrow and Spark has."""
    nobody = pl.DataFrame(schema=dict.fromkeys(asked.findings, pl.Null))
    answers = Cohort(asked.kb).answers(nobody, asked.tell).drop(column(asked.kb, "impossible"))
    told = [pa.field(field.name, _plain(field.type)) for field in answers.to_arrow().schema]
    passed = [given.field(name) for name in asked.columns.passed]
    return pa.schema([*passed, *told, pa.field(REASON, pa.string()), pa.field(ROW, pa.string())])


def _plain(given: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(given) or pa.types.is_large_string(given) or pa.types.is_string_view(given):
        return pa.string()
    if pa.types.is_large_list(given):
        return pa.list_(_plain(given.value_type))
    return given


# --- from tables to tables --------------------------------------------------------------------------------------------


def run(
    spark: SparkSession, kb: KnowledgeBase, reading: Reading, writing: Writing, site: Facts | None = None
) -> Summary:
    """Answer all rows of some tables, and write them and the rejected ones, each as a folder of Spark's.

    Raises:
        InputError: a table cannot be read or used; with ``strict``, a row is rejected: then nothing is written.
        OSError: a folder cannot be written.
    """
    try:
        return _run(spark, kb, reading, writing, site)
    except (ExpertError, OSError):
        raise
    except Exception as error:  # Spark raises what it finds, as one of PySpark's errors or of Py4J's
        raise InputError([Problem(f"Spark could not answer for {', '.join(reading.files)}: {_why(error)}")]) from error


def _run(spark: SparkSession, kb: KnowledgeBase, reading: Reading, writing: Writing, site: Facts | None) -> Summary:
    start = time.perf_counter()
    names = ", ".join(reading.files)
    forms = {format_of(file.rstrip("/"), reading.format) for file in reading.files}
    if len(forms) > 1:
        raise InputError([Problem(f"{names} are of several forms", expected="tables of one form on Spark")])
    table = read(spark, reading.files, forms.pop(), reading.delimiter)
    tell = ("answer", "recommended", "alerts", *writing.tell)
    rows = answered(table, kb, mapping=reading.mapping, tell=dict.fromkeys(tell), site=site, name=names)
    alerts = _alert_columns(kb)
    written = rows.drop(REASON, ROW, *(() if "alerts" in writing.tell else alerts))
    check_form(dict(pl.DataFrame(to_arrow_schema(written.schema).empty_table()).schema), writing.form)
    rows = rows.persist()
    try:
        rejected = rows.filter(rows[REASON].isNotNull() & (rows[REASON] != EMPTY))
        whole, others, empty = rows.count(), rejected.count(), rows.filter(rows[REASON] == EMPTY).count()
        if others and reading.strict:
            first = rejected.first()
            told = f"{first[REASON]}: {first[ROW]}" if first else ""
            raise InputError([Problem(f"{names}: a row is rejected: {told}", expected="rows that can all be answered")])
        kept = rows.filter(rows[REASON].isNull()).drop(REASON, ROW)
        counts = _counts(kb, kept)
        reasons = rejected.groupBy(REASON).count().orderBy("count", ascending=False).limit(MOST_REASONS).collect()
        shown = kept if "alerts" in writing.tell else kept.drop(*alerts)
        if others:
            _write(rejected.select(ROW, REASON), writing.rejects, "csv", overwrite=writing.overwrite)
        elif writing.overwrite and writing.rejects.is_dir():
            shutil.rmtree(writing.rejects)  # of an earlier run: these rows have none
        _write(shown, writing.output, writing.form, overwrite=writing.overwrite)
    finally:
        rows.unpersist()
    return Summary(
        kb,
        reading.files,
        whole,
        whole - others - empty,
        others,
        counts.steps(),
        counts.alerts(),
        None,
        tuple(Reason(it[REASON], it["count"], "") for it in reasons),
        time.perf_counter() - start,
        str(writing.output),
        str(writing.rejects) if others else "",
        empty=empty,
        columns=ColumnsRead().joined(columns_of(table, kb, reading.mapping, names)),
    )


def _counts(kb: KnowledgeBase, answers: DataFrame) -> Counts:
    """How many patients have each step and alert, counted where the rows are."""
    counts = Counts(kb)
    keys = [column(kb, "recommended"), column(kb, "answer")]
    for step, answer, rows in answers.groupBy(*keys).count().collect():
        counts.count_step(step, answer, rows)
    alerts = _alert_columns(kb)
    sums = [functions.count_if(_named(name) == "holds").alias(name) for name in alerts]
    found = answers.agg(*sums).first() if sums else None
    for name in alerts:
        counts.count_alert(name, found[name] if found else 0)
    return counts


def _alert_columns(kb: KnowledgeBase) -> list[str]:
    return [f"{kind}.{name}" for name in kb.alerts for kind in ("alert", "presumed_alert")]


def _named(name: str) -> Column:
    """A column, whatever its name has in it."""
    return functions.col("`" + name.replace("`", "``") + "`")


def _why(error: Exception) -> str:
    """What Spark says is wrong, in one line: of another header its place, else the first words."""
    found = _HEADER.search(str(error))
    if found:
        return f"the header of {found['file']} is not that of the first file ({found['what']})"
    return next(filter(None, str(error).splitlines()), type(error).__name__)[:300]


def _write(rows: DataFrame, target: Path, form: str, *, overwrite: bool) -> None:
    """Write a folder of parts that has its name only when all are written."""
    unfinished = target.with_name(f".{target.name}.unfinished")
    if form == "csv":
        lists = {field.name for field in rows.schema if isinstance(field.dataType, ArrayType)}
        plain = [functions.concat_ws("; ", _named(it)).alias(it) if it in lists else _named(it) for it in rows.columns]
        rows.select(plain).write.mode("overwrite").options(header="true", quote='"', escape='"').csv(str(unfinished))
    elif form == "ndjson":
        rows.write.mode("overwrite").option("ignoreNullFields", "false").json(str(unfinished))
    else:
        rows.write.mode("overwrite").parquet(str(unfinished))
    unfinished.chmod(0o700)  # a table of patients, for its owner alone
    if overwrite and target.is_dir():
        shutil.rmtree(target)
    unfinished.rename(target)


# --- where the rows are -----------------------------------------------------------------------------------------------


class _Worker:
    """Answers for batches of one partition."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.side = Side(asked.kb, Reading(()), site=asked.site)
        self.reader = PatientColumns(asked.kb, asked.columns, asked.findings, {}, self.side.site)

    def rows(self, batch: pa.RecordBatch) -> tuple[pl.DataFrame, np.ndarray, dict[int, str]]:
        """The answers, the rows that they are of, and for each other row the reasons why it is rejected."""
        frame = pl.DataFrame(batch)
        rejected: dict[int, str] = {}
        for row, why in _unreadable(frame, self.asked.columns):
            rejected[row] = f"{rejected[row]}; {why}" if row in rejected else why
        places = np.setdiff1d(np.arange(frame.height), np.fromiter(rejected, np.int64, len(rejected)))
        cells = frame[pl.Series(places)]
        none = pl.Series([None], dtype=pl.UInt64).new_from_index(0, len(places))
        piece = Piece("", cells, numbers(places), none, FrameRows(cells, np.arange(len(places))), [], len(places))
        found, told = self.side.answered(self.reader.batch(piece), self.asked.tell)
        rejected |= dict.fromkeys(found.empty.to_list(), EMPTY)
        for reject in found.rejects:
            rejected[reject.record] = "; ".join(": ".join(filter(None, (it.column, it.reason))) for it in reject.faults)
        return told, found.records.to_numpy().astype(np.int64), rejected


def _answers(asked: Asked, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """For every batch of rows as many rows of the schema, those that are rejected last."""
    worker = _Worker(asked)
    for batch in batches:
        told, left, rejected = worker.rows(batch)
        yield _batch(batch, schema, told, left, {})
        if rejected:
            last = np.array(sorted(rejected), np.int64)
            yield _batch(batch, schema, told.clear(), last, rejected)


def _batch(
    batch: pa.RecordBatch, schema: pa.Schema, told: pl.DataFrame, rows: np.ndarray, reasons: Mapping[int, str]
) -> pa.RecordBatch:
    """Some rows as passed on, with their answers, or with the reasons why there are none."""
    taken = batch.take(pa.array(rows))
    answers = told.to_arrow() if told.height else None
    found: list[Any] = []
    for field in schema:
        if field.name in (REASON, ROW):
            continue
        if field.name in taken.schema.names:
            found.append(taken.column(field.name))
        elif answers is not None:
            found.append(answers.column(field.name).combine_chunks().cast(field.type))
        else:
            found.append(pa.nulls(len(rows), field.type))
    why = [reasons.get(int(row)) for row in rows]
    whole = list(_texts(taken)) if reasons else why
    return pa.RecordBatch.from_arrays([*found, pa.array(why, pa.string()), pa.array(whole, pa.string())], schema=schema)


def _texts(rows: pa.RecordBatch) -> Iterator[str]:
    """Rows as they were read, where Spark kept that; others as JSON objects."""
    frame = pl.DataFrame(rows)
    kept = frame[CORRUPT].to_list() if CORRUPT in frame.columns else [None] * frame.height
    texts = FrameRows(frame.drop(CORRUPT, strict=False), np.arange(frame.height))
    for place, text in enumerate(kept):
        yield texts[place].decode() if text is None else text


def _unreadable(frame: pl.DataFrame, columns: Columns) -> Iterator[tuple[int, str]]:
    """Rows that Spark could not take apart, or whose text it could not read, with the reason."""
    corrupt = (
        frame[CORRUPT].is_not_null() if CORRUPT in frame.columns else pl.Series([False]).new_from_index(0, frame.height)
    )
    for row in corrupt.arg_true():
        yield row, "the record has not as many fields as the header, or is no JSON object"
    texts = [name for name in (*columns.passed, *(it.column for it in columns.told)) if frame[name].dtype == pl.String]
    for name in dict.fromkeys(texts):
        for row in (frame[name].str.contains(_NOT_UTF8, literal=True).fill_null(value=False) & ~corrupt).arg_true():
            yield row, f"{name}: the cell holds U+FFFD, as text that is not UTF-8 becomes"
