"""A cohort on Spark: Parquet in, a folder of parts out; the rows are answered where they are.

The plan is that of the local engine, over batches of Arrow (`expert.columns.spark_worker`).
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession, functions
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema
from pyspark.sql.types import ArrayType

from expert.columns.cohort_run import MOST_REASONS, OutputFiles
from expert.columns.conclusions import alert_columns, column
from expert.columns.read.cell_meaning import CellReader
from expert.columns.read.column_map import NO_MAP, ColumnMap
from expert.columns.read.finding_columns import Header, TableColumns
from expert.columns.read.parquet import check_types
from expert.columns.row_answerer import InputFiles
from expert.columns.spark_worker import EMPTY, REASON, ROW, WorkerTask
from expert.columns.summary import ColumnsRead, Counts, Reason, Summary
from expert.columns.table_writer import check_types as check_form
from expert.lang.atomic_files import name_folder
from expert.lang.errors import ExpertError, InputError, PatientError, Problem
from expert.lang.model import KnowledgeBase
from expert.lang.values import Facts


def session(master: str | None) -> SparkSession:
    """A session on a master such as ``local[2]`` or ``spark://host:7077``; ``None`` for that of Spark's settings.

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
        found.sparkContext.setLogLevel("FATAL")  # what goes wrong is raised, and reported in one message
        return found
    except Exception as error:  # Java is missing, or the master is: Spark raises what it finds
        why = _why(error)
        raise InputError([Problem(f"Spark cannot be started: {why}", expected="Java 17, and a master")]) from error


def read(spark: SparkSession, files: Collection[str]) -> DataFrame:
    """Parquet files, or folders of them, as one table with the columns of all.

    Raises:
        InputError: they cannot be read.
    """
    try:
        return spark.read.option("mergeSchema", "true").parquet(*files)  # or columns of some files are dropped
    except Exception as error:
        raise InputError([Problem(f"Spark cannot read {', '.join(files)}: {_why(error)}")]) from error


def answered(
    frame: DataFrame,
    kb: KnowledgeBase,
    *,
    mapping: ColumnMap = NO_MAP,
    groups: Collection[str] = ("answer", "recommended", "steps"),
    site: Facts | None = None,
    name: str = "the table",
) -> DataFrame:
    """A row for each row of a table: what is passed on, its answers, and `REASON` with `ROW` if it is rejected.

    Args:
        name: of the table, for messages.

    Raises:
        PatientError: a column cannot be used.
        InputError: a column that is passed on has the name of one of the answers.
    """
    schema = to_arrow_schema(frame.schema)
    columns = columns_of(frame, kb, mapping, name)
    if problems := check_types(name, _types(schema), [CellReader(kb, it) for it in columns.meanings]):
        raise PatientError(problems)
    named = {it.name for it in columns.meanings}
    members = {member for panel in named & {*kb.panels} for member in kb.panels[panel].members}
    findings = tuple(it for it in kb.given if it in named or it in members)
    task = WorkerTask(kb, columns, findings, tuple(groups), dict(site or {}))
    result = task.schema(schema)
    twice = [it for it in columns.passed if result.names.count(it) > 1]
    if twice:
        what = f"the column {twice[0]!r} of {name} has the name of a column of the answers"
        raise InputError([Problem(what, expected="another name for it")])

    def answers(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return task.answers(result, (batch.rename_columns(names) for batch in batches))

    names = frame.columns
    plain = frame.toDF(*(f"c{place}" for place in range(len(names))))  # PySpark takes a dot in a name for a path
    return plain.mapInArrow(answers, from_arrow_schema(result))


def columns_of(frame: DataFrame, kb: KnowledgeBase, mapping: ColumnMap, name: str) -> TableColumns:
    """What the columns of a table mean.

    Raises:
        PatientError: a column cannot be used.
    """
    return Header(kb, mapping).columns(name, frame.columns, {}, "")


def _types(schema: pa.Schema) -> dict[str, pl.DataType]:
    return dict(pl.DataFrame(schema.empty_table()).schema)


# --- from tables to tables --------------------------------------------------------------------------------------------


def run(
    spark: SparkSession, kb: KnowledgeBase, reading: InputFiles, writing: OutputFiles, site: Facts | None = None
) -> Summary:
    """Answer all rows of some Parquet files, and write them and the rejected ones, each as a folder of Spark's.

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


def _run(
    spark: SparkSession, kb: KnowledgeBase, reading: InputFiles, writing: OutputFiles, site: Facts | None
) -> Summary:
    start = time.perf_counter()
    names = ", ".join(reading.files)
    table = read(spark, reading.files)
    groups = ("answer", "recommended", "alerts", *writing.groups)
    rows = answered(table, kb, mapping=reading.mapping, groups=dict.fromkeys(groups), site=site, name=names)
    hidden = () if "alerts" in writing.groups else alert_columns(kb)
    check_form(_types(to_arrow_schema(rows.drop(REASON, ROW, *hidden).schema)), writing.form)
    rows = rows.persist()
    try:
        rejected = rows.filter(rows[REASON].isNotNull() & (rows[REASON] != EMPTY))
        whole, others, empty = rows.count(), rejected.count(), rows.filter(rows[REASON] == EMPTY).count()
        if others and reading.strict:
            first = rejected.first()
            found = f"{first[REASON]}: {first[ROW]}" if first else ""
            raise InputError(
                [Problem(f"{names}: a row is rejected: {found}", expected="rows that can all be answered")]
            )
        kept = rows.filter(rows[REASON].isNull()).drop(REASON, ROW)
        counts = _counts(kb, kept)
        reasons = rejected.groupBy(REASON).count().orderBy("count", ascending=False).limit(MOST_REASONS).collect()
        if others:
            _write(rejected.select(ROW, REASON), writing.rejects, "csv", overwrite=writing.overwrite)
        elif writing.overwrite and writing.rejects.is_dir():
            shutil.rmtree(writing.rejects)  # of an earlier run: these rows have none
        _write(kept.drop(*hidden), writing.output, writing.form, overwrite=writing.overwrite)
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
        checks=counts.checks(),
    )


def _counts(kb: KnowledgeBase, answers: DataFrame) -> Counts:
    """How many patients have each step and alert, counted where the rows are."""
    counts = Counts(kb)
    keys = [column(kb, "recommended"), column(kb, "answer")]
    for step, answer, rows in answers.groupBy(*keys).count().collect():
        counts.count_step(step, answer, rows)
    alerts = alert_columns(kb)
    sums = [functions.count_if(_named(name) == "holds").alias(name) for name in alerts]
    found = answers.agg(*sums).first() if sums else None
    for name in alerts:
        counts.count_alert(name, found[name] if found else 0)
    if (checks := column(kb, "checks")) in answers.columns:
        for ids, rows in answers.groupBy(checks).count().collect():
            counts.count_checks(ids or "", rows)
    return counts


def _named(name: str) -> Column:
    """A column by its name, with any characters in it."""
    return functions.col("`" + name.replace("`", "``") + "`")


def _why(error: Exception) -> str:
    """The message of an error of Spark, in one line."""
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
    name_folder(unfinished, target, overwrite=overwrite)
