"""A cohort on Spark: row by row what the local engine answers, and no row is dropped or guessed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from expert import read_knowledge
from expert.answer.assess import Reasoner
from expert.columns.cohort_reasoner import CohortReasoner
from expert.columns.cohort_run import as_read
from expert.logic.domain import Domain
from expert.sql.to_sql import query
from tests.answers_of_each import as_columns
from tests.cohorts import random_table, spoilt
from tests.command_line import run
from tests.random_patients import random_patients
from tests.sql_tables import agrees, created, random_rows, reference

EVERYTHING = ("answer", "recommended", "steps", "options", "alerts", "advice", "findings", "rules", "why")
KB = read_knowledge()

ROWS = int(os.environ.get("COLUMN_ROWS", "2000"))
"""The number of random patients that are compared; the full check is ``COLUMN_ROWS=100000``."""


def missing() -> str:
    """The requirements of Spark that are not installed; empty if all are."""
    if not os.environ.get("EXPERT_SPARK"):
        return "Spark takes minutes: make spark"
    try:
        import pyspark  # noqa: F401
    except ModuleNotFoundError:
        return "pyspark is not installed"
    return "" if shutil.which("java") else "Java is not installed"


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A session with two workers on this machine."""
    if why := missing():
        if os.environ.get("EXPERT_SPARK") == "required":
            pytest.fail(why)
        pytest.skip(why)
    from expert.columns.spark import session

    made = session("local[2]")
    yield made
    made.stop()


def test_spark_concludes_of_every_row_what_the_local_engine_does(spark: Any, tmp_path: Path) -> None:
    from expert.columns.spark import answered, read
    from expert.columns.spark_worker import REASON, ROW

    patients = [it.facts for it in random_patients(Reasoner(KB), ROWS, seed=11)]
    columns = as_columns(KB, patients)
    keys = pl.int_range(columns.height, eager=True).cast(pl.String).alias("key")
    table = as_read(KB, columns).with_columns(keys).cast({pl.Enum: pl.String})
    for part in range(4):
        table[part::4].write_parquet(tmp_path / f"part{part}.parquet")
    frame = read(spark, [str(tmp_path / "part*.parquet")])
    local = CohortReasoner(KB).answers(columns, EVERYTHING).drop("impossible").cast({pl.Enum: pl.String})
    found = pl.DataFrame(answered(frame, KB, groups=EVERYTHING).toArrow())
    assert found[REASON].null_count() == found[ROW].null_count() == columns.height
    passed = [name for name in found.columns if name in KB.given or name == "checks"]
    by_key = found.drop(REASON, ROW, *passed).sort(pl.col("key").cast(pl.Int64)).drop("key")
    assert by_key.equals(local.select(by_key.columns))
    assert set(by_key.columns) == set(local.columns)


@pytest.mark.usefixtures("spark")
def test_the_command_answers_and_rejects_on_spark_the_rows_that_it_does_locally(tmp_path: Path) -> None:
    made = spoilt(KB, random_table(KB, 1500, seed=3).with_columns(note=pl.lit("x")), 20, seed=4)
    # Faults of a row's structure cannot be in Parquet: a quote that is left open, say, or a byte that is not UTF-8.
    head, *lines = made.data.split(b"\n")
    right = [
        it for it in lines if it.count(b",") == head.count(b",") and it.isascii() and b'"' not in it and b"\0" not in it
    ]
    cells = pl.read_csv(b"\n".join([head, *right]), infer_schema=False)
    table = tmp_path / "table.parquet"
    cells.write_parquet(table)
    local, on_spark = tmp_path / "local.parquet", tmp_path / "spark.parquet"
    assert run("cohort", str(table), "-o", str(local)).status == 0
    done = run("cohort", str(table), "-o", str(on_spark), "--engine", "spark", "--master", "local[2]")
    assert done.status == 0, done.err
    here = pl.read_parquet(local).cast({pl.Enum: pl.String}).sort("patient")
    there = pl.read_parquet(on_spark / "*.parquet").sort("patient")
    assert here.height > 150
    assert there.select(here.columns).equals(here)
    rejects = pl.read_csv(tmp_path / "local.rejects.csv", infer_schema=False)
    found = pl.read_csv(tmp_path / "spark.rejects.csv" / "*.csv", infer_schema=False)
    reasons = [
        "; ".join(
            f"{it['column']}: {it['reason']}".removeprefix("null: ").removeprefix(": ")
            for it in some.iter_rows(named=True)
        )
        for _, some in rejects.group_by("record")
    ]
    assert sorted(found["rejected because"]) == sorted(reasons)
    assert sorted(found["rejected row"]) == sorted(some["row"][0] for _, some in rejects.group_by("record"))
    assert len(reasons) > 5


@pytest.mark.usefixtures("spark")
def test_strict_on_spark_writes_nothing_if_a_row_is_rejected(tmp_path: Path) -> None:
    table, out = tmp_path / "table.parquet", tmp_path / "out.parquet"
    pl.DataFrame({"patient": [1, 2], "age [years]": ["44", "4444"]}).write_parquet(table)
    done = run("cohort", str(table), "-o", str(out), "--engine", "spark", "--master", "local[2]", "--strict")
    assert done.status == 2
    assert "4444" in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["table.parquet"]


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize("name", ["p.csv", "p.csv.gz", "p.ndjson"])
def test_a_table_of_text_is_refused_with_an_alternative(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"id,age\na,45\n")
    done = run("cohort", str(tmp_path / name), "-o", str(tmp_path / "o.parquet"), "--engine", "spark")
    assert done.status == 2
    assert all(word in done.err for word in (name, "is not Parquet", "write.parquet", "--engine local"))
    assert [it.name for it in tmp_path.iterdir()] == [name]


def test_the_query_answers_on_spark_what_the_reference_does(spark: Any) -> None:
    domain = Domain(CohortReasoner(KB).domain.definitions)
    rows = random_rows(domain, 200, seed=5)
    types = created(KB).partition("(")[2].rstrip(")").replace('"', "`").replace("TEXT", "STRING")
    frame = spark.createDataFrame(
        [(number, *row.values()) for number, row in enumerate(rows)], types.replace("DOUBLE PRECISION", "DOUBLE")
    )
    frame.createOrReplaceTempView("patients")
    found = spark.sql(query(KB, "spark", keys=("id",)).rstrip().rstrip(";")).collect()
    assert len(found) == len(rows)
    for answer in found:
        assert agrees(answer.asDict(), reference(domain, rows[answer["id"]]))


@pytest.mark.usefixtures("spark")
def test_a_column_of_only_one_file_is_read(tmp_path: Path) -> None:
    pl.DataFrame({"id": ["a"], "age [years]": [45.0]}).write_parquet(tmp_path / "1.parquet")
    pl.DataFrame({"id": ["b"], "age [years]": [45.0], "fever": ["yes"], "more": ["x"]}).write_parquet(
        tmp_path / "2.parquet"
    )
    local, on_spark = tmp_path / "local.parquet", tmp_path / "spark.parquet"
    files = [str(tmp_path / "1.parquet"), str(tmp_path / "2.parquet")]
    assert run("cohort", *files, "-o", str(local)).status == 0
    assert run("cohort", *files, "-o", str(on_spark), "--engine", "spark").status == 0
    found = pl.read_parquet(on_spark / "*.parquet").sort("id")
    assert found.equals(pl.read_parquet(local).cast({pl.Enum: pl.String}).select(found.columns))
    assert found["more"].to_list() == [None, "x"]


@pytest.mark.usefixtures("spark")
def test_names_of_columns_may_have_any_characters(tmp_path: Path) -> None:
    names = ["status.of it", "`y`", "id", "ID", "alert.of ours"]
    pl.DataFrame({"age": ["45"], **{name: [name] for name in names}}).write_parquet(tmp_path / "p.parquet")
    readers: dict[str, Callable[..., pl.DataFrame]] = {
        "parquet": pl.read_parquet,
        "csv": pl.read_csv,
        "ndjson": pl.read_ndjson,
    }
    for form in readers:
        out = tmp_path / f"o.{form}"
        assert run("cohort", str(tmp_path / "p.parquet"), "-o", str(out), "--engine", "spark").status == 0
        (part,) = out.glob("part-*")
        assert readers[form](part).select(names).row(0) == tuple(names)


@pytest.mark.usefixtures("spark")
def test_a_folder_of_input_files_is_not_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "data.parquet"
    folder.mkdir()
    pl.DataFrame({"age [years]": [45.0]}).write_parquet(folder / "p.parquet")
    for name in (folder, folder / "p.parquet", folder / "*.parquet"):
        result = run("cohort", str(name), "-o", str(folder), "--force", "--engine", "spark")
        assert (result.status, "to be read" in result.err) == (2, True)
    assert [file.name for file in folder.iterdir()] == ["p.parquet"]


@pytest.mark.usefixtures("spark")
def test_values_that_a_csv_cannot_hold_are_reported_on_spark_too(tmp_path: Path) -> None:
    pl.DataFrame({"age [years]": [45.0], "more": [{"a": 1}]}).write_parquet(tmp_path / "p.parquet")
    result = run("cohort", str(tmp_path / "p.parquet"), "-o", str(tmp_path / "o.csv"), "--engine", "spark")
    assert (result.status, "'more'" in result.err) == (2, True)
