"""Bounds in tables: rows are answered as single patients are, and no output shows a number that was not given."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.backs import backs
from tests.command_line import run
from tests.small_ladder import quantity

SCORE = quantity("0 .. 9", group="site")


def table(tmp_path: Path, *rows: str) -> str:
    (tmp_path / "patients.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return str(tmp_path / "patients.csv")


@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet"])
def test_a_bound_is_passed_on_as_given_and_without_a_number(tmp_path: Path, form: str) -> None:
    header = "key,age,conservative_duration [weeks]"
    file, out = table(tmp_path, header, "a,20-60 years,20-30", "b,40,20", "c,,"), tmp_path / f"out.{form}"
    assert run("cohort", file, "-o", str(out), "--given").status == 0
    reading = {"csv": pl.read_csv, "ndjson": pl.read_ndjson, "parquet": pl.read_parquet}
    found = reading[form](out).select("age [days]", "conservative_duration [days]", "given.bounds").rows()  # type: ignore[operator]
    bounds = "age 20-60 years; conservative_duration 20-30 weeks"
    assert found == [(None, None, bounds), (14610.0, 140.0, None), (None, None, None)]


def test_a_rejected_row_is_reported_with_its_bound(tmp_path: Path) -> None:
    given = [">3 months", "4-6 months", "5 months"]
    file = table(tmp_path, "conservative_result,conservative_duration", *(f"not_tried,{it}" for it in given))
    assert run("cohort", file, "-o", str(tmp_path / "out.csv")).status == 1
    reasons = pl.read_csv(tmp_path / "out.rejects.csv")["reason"].to_list()
    assert [it.partition(". ")[0].rpartition("conservative_duration ")[2] for it in reasons] == given


def test_a_bound_of_the_site_applies_to_rows_without_a_value(tmp_path: Path) -> None:
    folder, out = backs(tmp_path / "knowledge", score=SCORE, panels={"scores": {"score": "1"}}), tmp_path / "out.csv"
    (tmp_path / "site.yaml").write_text('score: ">2"\n', "utf-8")
    common = ("--knowledge", folder, "--site", str(tmp_path / "site.yaml"))
    file = table(tmp_path, "key,score,scores", "a,,", "b,1,", "c,<4,", "d,unknown,", "e,,none")
    assert run("cohort", file, "-o", str(out), "--given", *common).status == 0
    found = pl.read_csv(out).select("score", "given.bounds").rows()
    assert found == [(None, "score >2"), (1.0, None), (None, "score <4"), (None, None)]
    reason = pl.read_csv(tmp_path / "out.rejects.csv")["reason"].item()
    assert reason.startswith("score is >2 at the site, but scores is none")
