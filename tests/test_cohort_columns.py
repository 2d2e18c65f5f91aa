"""The summary of ``expert cohort`` about columns and about rows without content, and the exit status."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from expert import read_knowledge
from expert.columns.comparison import treated_rows
from expert.columns.read import read_cohort
from expert.columns.read.near_names import NearNames
from tests.backs import PATIENTS, backs
from tests.command_line import run
from tests.malformed import BASE

FORMS = ("csv", "ndjson", "parquet")


@pytest.fixture
def knowledge(tmp_path: Path) -> str:
    return backs(tmp_path / "knowledge")


def put(folder: Path, table: pl.DataFrame, form: str) -> str:
    path = folder / f"table.{form}"
    getattr(table, f"write_{form}")(path)
    return str(path)


# --- columns ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_the_summary_lists_columns_that_were_read_and_passed_on(form: str, knowledge: str, tmp_path: Path) -> None:
    table = pl.DataFrame({"id": ["a"], "pain": ["severe"], "weeks [days]": ["12"], "numb_leg": ["yes"]})
    result = run(
        *("cohort", put(tmp_path, table, form), "-o", str(tmp_path / "o.parquet"), "--format", "json"),
        *("--report", str(tmp_path / "o.html"), "--knowledge", knowledge),
    )
    assert result.status == 0
    columns = json.loads(result.out)["columns"]
    assert sorted(columns["read"], key=str) == [
        {"column": "pain", "finding": "pain"},
        {"column": "weeks [days]", "finding": "weeks"},
    ]
    assert columns["passed"] == ["id", "numb_leg"]
    assert [(it["column"], it["finding"]) for it in columns["near"]] == [("numb_leg", "numb")]
    warning = "1 column is not read, and named almost as a finding: numb_leg (near numb)"
    assert f"warning: {warning}" in result.err
    page = (tmp_path / "o.html").read_text()
    assert warning in page
    assert all(f"<li>{name}</li>" in page for name in ("pain", "weeks [days]", "id", "numb_leg"))
    result = run("cohort", str(tmp_path / f"table.{form}"), "-o", str(tmp_path / "p.csv"), "--knowledge", knowledge)
    text = " ".join(result.out.split())
    assert "passed on, not read: id, numb_leg" in text
    assert warning in text


def test_a_column_of_a_mapping_is_shown_with_its_finding(knowledge: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,Schmerz,taub\na,severe,nein\n")
    (tmp_path / "m.yaml").write_text("columns:\n  Schmerz: pain\n")
    result = run(
        *("cohort", str(tmp_path / "t.csv"), "-o", str(tmp_path / "o.csv"), "--map", str(tmp_path / "m.yaml")),
        *("--knowledge", knowledge),
    )
    assert "columns read: Schmerz (pain)\n" in result.out
    assert (result.status, result.err) == (0, "")


SHIPPED = NearNames(read_knowledge(None))


@pytest.mark.parametrize(
    ("column", "finding"),
    [
        ("spinal_instability", "instability"),
        ("spinalInstability", "instability"),
        ("Lumbar instability", "instability"),
        ("lumbar_stenosis", "stenosis"),
        ("stenoses (grade)", "stenosis"),
        ("stenosis of the canal", "stenosis"),
        ("age_at_visit", "age"),
        ("numbness", "saddle_numbness"),
        ("Red flags?", "red_flags"),
        ("severity.score", "severity"),
        ("NIGHT-PAIN", "night_pain"),
    ],
)
def test_a_name_in_similar_words_is_near(column: str, finding: str) -> None:
    found = SHIPPED.near(column)
    assert found
    assert found.finding == finding


@pytest.mark.parametrize(
    "column",
    [
        "id",
        "patient",
        "patient_id",
        "name",
        "birth_date",
        "sex",
        "ward",
        "visit_date",
        "notes",
        "height",
        "diagnosis",
        "surgeon",
        "grading",
        "date",
    ],
)
def test_other_names_are_not_near(column: str) -> None:
    assert SHIPPED.near(column) is None


def test_every_name_and_title_is_near_its_own_finding() -> None:
    kb = read_knowledge(None)
    for some in (kb.inputs, kb.panels):
        for name, it in some.items():
            for column in (f"{name}_x", f"the {it.title}"):
                assert SHIPPED.near(column), column


@pytest.mark.parametrize("silent", ["mapping", "known"])
def test_a_column_that_is_known_to_be_another_causes_no_warning(silent: str, knowledge: str, tmp_path: Path) -> None:
    also = {"numb": ["yes"]} if silent == "known" else {}
    file = put(tmp_path, pl.DataFrame({"pain": ["severe"], "numb_leg": ["yes"], **also}), "csv")
    (tmp_path / "m.yaml").write_text("pass: [numb_leg]\n" if silent == "mapping" else "{}\n")
    result = run(
        *("cohort", file, "-o", str(tmp_path / "o.csv"), "--map", str(tmp_path / "m.yaml")),
        *("--knowledge", knowledge),
    )
    assert (result.status, result.err) == (0, "")


# --- rows without content ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_rows_without_content_are_counted_and_skipped(form: str, knowledge: str, tmp_path: Path) -> None:
    cells = {"id": ["a", None, " ", None, "e"], "pain": ["severe", None, None, "", "worse"], "numb": [None] * 5}
    file = put(tmp_path, pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String)), form)
    result = run(*("cohort", file, "-o", str(tmp_path / "o.csv"), "--format", "json", "--knowledge", knowledge))
    found = json.loads(result.out)
    assert (found["rows"], found["answered"], found["rejected"], found["empty"]) == (5, 1, 1, 3)
    assert found["reasons"][0]["first"].endswith("record 5")
    assert pl.read_csv(tmp_path / "o.csv")["id"].to_list() == ["a"]
    result = run("cohort", file, "-o", str(tmp_path / "p.csv"), "--knowledge", knowledge)
    assert "= 1 answered + 1 rejected + 3 without content" in " ".join(result.out.split())


@pytest.mark.parametrize("rows", [1, 2, 250_000])
def test_a_line_of_delimiters_is_a_row_without_content_however_long(rows: int, tmp_path: Path) -> None:
    lines = ["soil,wilting", "dry,", ",", ",,,", " , ", '"",""', "", "mud,yes", ",", "moist,"]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    batches = list(read_cohort(read_knowledge(BASE), [tmp_path / "t.csv"], batch_rows=rows))
    assert [number for batch in batches for number in batch.records] == [1, 8]
    assert [it.record for batch in batches for it in batch.rejects] == [6]
    assert [number for batch in batches for number in batch.empty] == [2, 3, 4, 5, 7]
    assert sum(batch.read for batch in batches) == 8


def test_rows_without_content_are_not_compared(knowledge: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,pain\na,severe\n,\n")
    kb = read_knowledge(knowledge)
    assert treated_rows(str(tmp_path / "t.csv"), kb, kb).patients == 1


# --- the exit status --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_a_table_with_every_row_rejected_ends_with_status_1(form: str, knowledge: str, tmp_path: Path) -> None:
    file = put(tmp_path, pl.DataFrame({"id": ["a", "b"], "pain": ["worse", "best"]}), form)
    result = run("cohort", file, "-o", str(tmp_path / "o.csv"), "--knowledge", knowledge)
    assert result.status == 1
    assert "2 rows were rejected: see " in result.err
    assert "none was answered" in result.err
    assert (tmp_path / "o.rejects.csv").exists()


def test_a_table_with_answered_rows_or_without_rows_ends_with_status_0(knowledge: str, tmp_path: Path) -> None:
    for name, text in (("some", PATIENTS), ("none", "id,pain\n"), ("empty", "id,pain\n,\n")):
        (tmp_path / f"{name}.csv").write_text(text)
        result = run(
            "cohort", str(tmp_path / f"{name}.csv"), "-o", str(tmp_path / "o.csv"), "--force", "--knowledge", knowledge
        )
        assert result.status == 0
