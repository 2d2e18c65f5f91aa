"""A cohort on Spark: row by row what the local engine answers, and nothing dropped or guessed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from expert import read_knowledge
from expert.answer.assess import Reasoner
from expert.columns.assess import Cohort
from expert.columns.run import as_read
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
"""So many random patients are compared; ``COLUMN_ROWS=100000`` for the whole promise."""


def missing() -> str:
    """What Spark needs and is not here; empty if all is."""
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
    from expert.columns.spark import REASON, ROW, answered, read

    patients = [it.facts for it in random_patients(Reasoner(KB), ROWS, seed=11)]
    told = as_columns(KB, patients)
    keys = pl.int_range(told.height, eager=True).cast(pl.String).alias("key")
    table = as_read(KB, told).with_columns(keys).cast({pl.Enum: pl.String})
    for part in range(4):
        table[part::4].write_parquet(tmp_path / f"part{part}.parquet")
    frame = read(spark, [str(tmp_path / "part*.parquet")], "parquet")
    local = Cohort(KB).answers(told, EVERYTHING).drop("impossible").cast({pl.Enum: pl.String})
    found = pl.DataFrame(answered(frame, KB, tell=EVERYTHING).toArrow())
    assert found[REASON].null_count() == found[ROW].null_count() == told.height
    by_key = found.drop(REASON, ROW).sort(pl.col("key").cast(pl.Int64)).drop("key")
    assert by_key.equals(local.select(by_key.columns))
    assert set(by_key.columns) == set(local.columns)


@pytest.mark.usefixtures("spark")
def test_the_command_answers_and_rejects_on_spark_the_rows_that_it_does_locally(tmp_path: Path) -> None:
    made = spoilt(KB, random_table(KB, 400, seed=3).with_columns(note=pl.lit("x")), 20, seed=4)
    # An open quote swallows rows up to the next quote: Spark keeps them as one record, the local reader lets go of it.
    table = tmp_path / "table.csv"
    table.write_bytes(b"\n".join(line for line in made.data.split(b"\n") if b'"' not in line and b"\r" not in line))
    local, on_spark = tmp_path / "local.parquet", tmp_path / "spark.parquet"
    assert run("cohort", str(table), "-o", str(local)).status == 0
    done = run("cohort", str(table), "-o", str(on_spark), "--engine", "spark", "--master", "local[2]")
    assert done.status == 0, done.err
    here = pl.read_parquet(local).cast({pl.Enum: pl.String}).sort("patient")
    there = pl.read_parquet(on_spark / "*.parquet").sort("patient")
    assert here.height > 150
    assert there.select(here.columns).equals(here)
    rejected = pl.read_csv(tmp_path / "local.rejects.csv")["record"].n_unique()
    told = pl.read_csv(tmp_path / "spark.rejects.csv" / "*.csv", infer_schema=False)
    assert told.height == rejected > 5
    assert told["rejected because"].null_count() == 0


@pytest.mark.usefixtures("spark")
def test_strict_on_spark_writes_nothing_if_a_row_is_rejected(tmp_path: Path) -> None:
    table, out = tmp_path / "table.csv", tmp_path / "out.parquet"
    table.write_text("patient,age [years]\n1,44\n2,4444\n", "utf-8")
    done = run("cohort", str(table), "-o", str(out), "--engine", "spark", "--master", "local[2]", "--strict")
    assert done.status == 2
    assert "4444" in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_a_record_that_spark_cannot_take_apart_comes_back_whole(tmp_path: Path, spark: Any) -> None:
    from expert.columns.spark import REASON, ROW, answered, read

    table = tmp_path / "table.csv"
    table.write_bytes(b"patient,age [years],note\n1,44,a\n2,45\n3,46,a,b\n4,\xff,a\n")
    rows = {it["patient"]: it for it in answered(read(spark, [str(table)], "csv"), KB).collect()}
    assert rows["1"][REASON] is None
    assert rows["1"]["recommended"] is not None
    assert (rows["2"][ROW], rows["3"][ROW]) == ("2,45", "3,46,a,b")
    assert all("as many fields as the header" in rows[key][REASON] for key in "23")
    assert "not UTF-8" in rows["4"][REASON]
    assert rows["4"]["recommended"] is None
    assert json.loads(rows["4"][ROW])["patient"] == "4"


def test_the_query_answers_on_spark_what_the_reference_does(spark: Any) -> None:
    domain = Domain(Cohort(KB).domain.definitions)
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
@pytest.mark.parametrize("other", ["id,fever\nb,yes\n", "age,id\n46,b\n", "id,age,fever\nb,46,no\n"])
def test_a_header_is_never_taken_for_that_of_another_file(other: str, tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("id,age\na,45\n", "utf-8")
    (tmp_path / "2.csv").write_text(other, "utf-8")
    told = run("cohort", str(tmp_path / "*.csv"), "-o", str(tmp_path / "o.parquet"), "--engine", "spark")
    assert told.status == 2
    assert "2.csv is not that of the first file" in told.err or "1.csv is not that of the first file" in told.err
    assert len(told.err.splitlines()) == 1
    assert not (tmp_path / "o.parquet").exists()


@pytest.mark.usefixtures("spark")
def test_a_column_that_only_one_file_has_is_read(tmp_path: Path) -> None:
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
def test_names_of_columns_may_have_anything_in_them(tmp_path: Path) -> None:
    names = ["status.of it", "`y`", "id", "ID", "alert.of ours"]
    pl.DataFrame({"age": ["45"], **{name: [name] for name in names}}).write_csv(tmp_path / "p.csv")
    readers: dict[str, Callable[..., pl.DataFrame]] = {
        "parquet": pl.read_parquet,
        "csv": pl.read_csv,
        "ndjson": pl.read_ndjson,
    }
    for form in readers:
        out = tmp_path / f"o.{form}"
        assert run("cohort", str(tmp_path / "p.csv"), "-o", str(out), "--engine", "spark").status == 0
        (part,) = out.glob("part-*")
        assert readers[form](part).select(names).row(0) == tuple(names)


@pytest.mark.usefixtures("spark")
def test_a_folder_of_files_to_be_read_is_not_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "data.parquet"
    folder.mkdir()
    pl.DataFrame({"age [years]": [45.0]}).write_parquet(folder / "p.parquet")
    for name in (folder, folder / "p.parquet", folder / "*.parquet"):
        told = run("cohort", str(name), "-o", str(folder), "--force", "--engine", "spark")
        assert (told.status, "to be read" in told.err) == (2, True)
    assert [file.name for file in folder.iterdir()] == ["p.parquet"]


@pytest.mark.usefixtures("spark")
def test_what_a_csv_cannot_hold_is_told_on_spark_too(tmp_path: Path) -> None:
    pl.DataFrame({"age [years]": [45.0], "more": [{"a": 1}]}).write_parquet(tmp_path / "p.parquet")
    told = run("cohort", str(tmp_path / "p.parquet"), "-o", str(tmp_path / "o.csv"), "--engine", "spark")
    assert (told.status, "'more'" in told.err) == (2, True)
