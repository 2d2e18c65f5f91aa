"""``expert cohort``: tables of patients in, tables of answers out, whole or not at all."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import pexpect
import polars as pl
import pytest

from expert import read_knowledge
from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment
from expert.columns.conclusions import GROUPS as TOLD
from expert.columns.summary import Sample
from expert.lang.atomic_files import Unfinished
from expert.lang.values import Value
from tests.backs import FINDINGS, PATIENTS, backs
from tests.command_line import COLOUR, Run, clean, run, start
from tests.random_patients import assessments
from tests.small_ladder import choice, quantity, rule, write_ladder, yes_no

TESTS = Path(__file__).parent
FORMS = ("csv", "ndjson", "parquet")
ANSWERED = [("a", "operate"), ("b", "wait"), ("c", "operate"), ("e", "wait")]


@pytest.fixture
def knowledge(tmp_path: Path) -> str:
    return backs(tmp_path / "knowledge")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return written(tmp_path / "patients.csv")


def written(path: Path, text: str = PATIENTS) -> Path:
    path.write_text(text, "utf-8")
    return path


def read(path: Path) -> pl.DataFrame:
    """A table of answers."""
    if path.suffix == ".parquet":
        return pl.read_parquet(path)
    return pl.read_csv(path) if path.suffix == ".csv" else pl.read_ndjson(path, infer_schema_length=None)


def steps(path: Path) -> list[tuple[str, str | None]]:
    return [(row["id"], row["recommended"]) for row in read(path).iter_rows(named=True)]


def files_in(path: Path) -> list[str]:
    """The names in a folder, without the knowledge."""
    return sorted(file.name for file in path.iterdir() if file.is_file())


def refused(result: Run, *words: str) -> None:
    """Assert that the command did nothing and gave one message."""
    assert (result.status, result.out) == (2, "")
    assert "Traceback" not in result.err
    for word in words:
        assert word in result.err


# --- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ladder", "count"), [("", 40), ("other_ladder", 120), ("garden", 150)])
def test_every_row_has_the_answer_of_a_single_patient(ladder: str, count: int, tmp_path: Path) -> None:
    folder = ["--knowledge", str(TESTS / ladder)] if ladder else []
    alone = assessments(Reasoner(read_knowledge(TESTS / ladder if ladder else None)), seed=11, count=count)
    patients = [{"id": index, **cells(it)} for index, it in enumerate(alone)]
    file = written(tmp_path / "random.ndjson", "".join(f"{json.dumps(row)}\n" for row in patients))
    out = tmp_path / "answers.parquet"
    assert run("cohort", str(file), "-o", str(out), "--tell", "all", *folder).status == 0
    found = read(out)
    assert found["id"].to_list() == [str(index) for index in range(len(alone))]
    for it, row in zip(alone, found.iter_rows(named=True), strict=True):
        assert expected(it) == {name: row[name] for name in expected(it)}


def cells(it: Assessment) -> dict[str, str]:
    """A patient as the cells of a table."""
    words = {True: "yes", False: "no"}
    return {
        name: words[value] if isinstance(value, bool) else it.patient.written[name]
        for name, value in it.patient.facts.items()
    }


def expected(it: Assessment) -> dict[str, Value | None]:
    """An answer as the columns of a table."""
    return {
        "answer": it.answer,
        "recommended": it.recommended,
        "meanwhile": it.meanwhile,
        **{f"status.{step.step}": step.status for step in it.ladder},
        **{f"presumed_status.{step.step}": step.presumed_status for step in it.ladder},
        **{f"alert.{alert.name}": alert.status for alert in it.alerts},
        **{f"presumed_advice.{advice.name}": advice.presumed_status for advice in it.advice},
        **{f"presumed_option.{option.option}": option.presumed_status for option in it.options},
        **{f"finding.{name}": value for name, value in it.findings.items()},
    }


@pytest.mark.parametrize("after", FORMS)
@pytest.mark.parametrize("before", FORMS)
def test_every_form_is_read_and_written(before: str, after: str, knowledge: str, tmp_path: Path) -> None:
    rows = pl.read_csv(PATIENTS.encode(), infer_schema=False)
    table = tmp_path / f"patients.{before}"
    getattr(rows, f"write_{before}")(table)
    out = tmp_path / f"answers.{after}"
    result = run("cohort", str(table), "-o", str(out), "--knowledge", knowledge)
    assert result.status == 0
    assert steps(out) == ANSWERED
    assert read(out)["ward"].to_list() == ["north", "north", "south", "east"]
    assert pl.read_csv(tmp_path / "answers.rejects.csv", infer_schema=False)["record"].to_list() == ["4", "6"]


@pytest.mark.parametrize(
    ("column", "forms"),
    [
        (pl.Series([b"\xff"]), ()),
        (pl.Series([[b"\xff"]]), ()),
        (pl.Series([{"a": b"\xff"}]), ()),
        (pl.Series([{"a": 1}]), ("ndjson",)),
        (pl.Series([[{"a": 1}]]), ("ndjson",)),
        (pl.Series([[[1]]]), ("ndjson",)),
        (pl.Series([[1]], dtype=pl.Array(pl.Int64, 1)), ("ndjson",)),
        (pl.Series([timedelta(1)]), ("ndjson",)),
        (pl.Series([[1, 2]]), ("csv", "ndjson")),
        (pl.Series([date(2020, 2, 29)]), ("csv", "ndjson")),
        (pl.Series(["x"], dtype=pl.Categorical), ("csv", "ndjson")),
        (pl.Series([Decimal("1.50")]), ("csv", "ndjson")),
    ],
    ids=lambda it: str(it.dtype) if isinstance(it, pl.Series) else "",
)
def test_values_that_a_format_cannot_hold_are_reported_before_anything_is_written(
    column: pl.Series, forms: Sequence[str], knowledge: str, tmp_path: Path
) -> None:
    table = tmp_path / "patients.parquet"
    pl.DataFrame({"pain": ["slight"], "more": column}).write_parquet(table)
    for form in FORMS:
        out = tmp_path / f"answers.{form}"
        result = run("cohort", str(table), "-o", str(out), "--knowledge", knowledge)
        if form in (*forms, "parquet"):
            assert result.status == 0
            assert read(out)["recommended"].to_list() == ["wait"]
        else:
            refused(result, "'more'", ".parquet")
    assert files_in(tmp_path) == sorted([*(f"answers.{form}" for form in (*forms, "parquet")), "patients.parquet"])


def test_files_and_globs_are_answered_in_order(knowledge: str, tmp_path: Path) -> None:
    head, *rows = PATIENTS.splitlines(keepends=True)
    for name, some in (("2", rows[1]), ("1", rows[0]), ("10", rows[2])):
        written(tmp_path / f"part-{name}.csv", head + some)
    last = written(tmp_path / "last.csv", head + rows[4])
    out = tmp_path / "answers.csv"
    result = run("cohort", str(tmp_path / "part-?.csv"), str(last), "-o", str(out), "--knowledge", knowledge)
    assert result.status == 0
    assert [key for key, _ in steps(out)] == ["a", "b", "e"]


def test_standard_input_is_a_table(knowledge: str, tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    assert run("cohort", "-", "-o", str(out), "--knowledge", knowledge, stdin=PATIENTS.encode()).status == 0
    assert steps(out) == ANSWERED


def test_no_rows_are_answered_with_a_header(knowledge: str, tmp_path: Path) -> None:
    table, out = written(tmp_path / "none.csv", PATIENTS.splitlines(keepends=True)[0]), tmp_path / "answers.csv"
    assert run("cohort", str(table), "-o", str(out), "--knowledge", knowledge).status == 0
    assert out.read_text("utf-8").startswith("id,ward,answer,recommended")
    assert len(out.read_text("utf-8").splitlines()) == 1


def test_columns_are_the_keys_the_answers_and_the_chosen_groups(knowledge: str, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    own = ["id", "ward", "answer", "recommended", "meanwhile"]
    statuses = [f"{kind}.{step}" for kind in ("status", "presumed_status") for step in ("wait", "operate", "refer")]
    common = ["cohort", str(table), "-o", str(out), "--knowledge", knowledge, "--force"]
    run(*common)
    assert read(out).columns == own + statuses
    run(*common, "--tell", "alerts", "--tell", "rules")
    assert {"alert.numbness", "presumed_alert.numbness", "rule.anybody-may-wait"} <= set(read(out).columns)
    run(*common, "--tell", "all")
    assert {"finding", "option", "alert", "rule", "status"} - {name.split(".")[0] for name in read(out).columns} == {
        "finding"  # this knowledge concludes no finding
    }


def test_findings_that_are_passed_on_can_be_read_again(knowledge: str, table: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    run("cohort", str(table), "-o", str(first), "--knowledge", knowledge, "--given")
    assert read(first)["weeks [days]"].to_list() == [84.0, 21.0, None, None]
    given = pl.read_csv(first, infer_schema=False).select("id", "pain", "weeks [days]", "numb", "exercised")
    given.write_csv(tmp_path / "again.csv")
    assert run("cohort", str(tmp_path / "again.csv"), "-o", str(second), "--knowledge", knowledge).status == 0
    assert steps(second) == ANSWERED


def test_facts_of_the_site_apply_to_rows_without_a_value(knowledge: str, tmp_path: Path) -> None:
    table = written(tmp_path / "patients.csv", "id,numb,theatre\na,yes,\nb,yes,yes\nc,no,\n")
    site, out = written(tmp_path / "site.yaml", "theatre: no\n"), tmp_path / "answers.csv"
    result = run("cohort", str(table), "-o", str(out), "--knowledge", knowledge, "--site", str(site))
    assert result.status == 0
    assert steps(out) == [("a", "refer"), ("b", "operate"), ("c", "wait")]


def test_an_explicit_unknown_overrides_the_site(tmp_path: Path) -> None:
    folder = backs(tmp_path / "with panel", panels={"rooms": {"theatre": "yes"}})
    site, out = written(tmp_path / "site.yaml", "theatre: no\n"), tmp_path / "answers.parquet"
    common = ("--knowledge", folder, "--site", str(site))
    rows = [
        ("unknown", ""),
        ("", "unknown"),
        ("", "none"),
        ("", ""),
        ("yes", ""),
        ("yes", "none"),
        ("unknown", "unknown"),
    ]
    table = written(
        tmp_path / "patients.csv", "\n".join(["theatre,rooms,id", *(f"{one},{other},x" for one, other in rows)]) + "\n"
    )
    assert run("cohort", str(table), "-o", str(out), "--given", *common).status == 0
    alone = []
    for cells in rows:
        words = [f"{name}={cell}" for name, cell in zip(("theatre", "rooms"), cells, strict=True) if cell]
        result = run("assess", *words, *common, "--format", "json")
        alone += [json.loads(result.out)["given"].get("theatre")] if result.status == 0 else []
    assert read(out)["theatre"].to_list() == alone == [None, False, True, True, None]
    reasons = pl.read_csv(tmp_path / "answers.rejects.csv")["reason"].to_list()
    assert [reason.partition(";")[0] for reason in reasons] == [
        "theatre is no at the site, but rooms is unknown",
        "theatre is no at the site, but rooms is none",
    ]


def test_the_column_of_reasons_names_rules_for_and_against(knowledge: str, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    run("cohort", str(table), "-o", str(out), "--knowledge", knowledge, "--why-column")
    reasons = dict(read(out).select("id", "why").iter_rows())
    assert set(reasons["a"].split()) == {"operate+long-pain-ends-waiting", "wait-long-pain-ends-waiting"}
    assert reasons["b"] == "wait+anybody-may-wait"


def test_a_mapping_gives_columns_their_meaning(knowledge: str, tmp_path: Path) -> None:
    table = written(tmp_path / "export.csv", "Nr;Schmerz;Wochen\na;2;12\nb;1;12\n")
    words = "columns: {Schmerz: {finding: pain, values: {1: slight, 2: severe}}, Wochen: weeks}\n"
    mapping, out = written(tmp_path / "map.yaml", words), tmp_path / "answers.csv"
    common = ("cohort", str(table), "-o", str(out), "--knowledge", knowledge)
    assert run(*common, "--map", str(mapping), "--delimiter", ";").status == 0
    assert read(out)["recommended"].to_list() == ["operate", "wait"]


def test_a_column_with_the_name_of_an_answer_is_refused(knowledge: str, tmp_path: Path) -> None:
    table = written(tmp_path / "patients.csv", "id,pain,recommended\na,severe,wait\n")
    result = run("cohort", str(table), "-o", str(tmp_path / "answers.csv"), "--knowledge", knowledge)
    refused(result, "'recommended'", "another name for it")
    assert files_in(tmp_path) == ["patients.csv"]


# --- rejects ----------------------------------------------------------------------------------------------------------


def test_every_row_is_answered_or_rejected_with_a_report(knowledge: str, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    result = run("cohort", str(table), "-o", str(out), "--knowledge", knowledge, columns=300)
    assert result.status == 0
    assert f"2 rows were rejected: see {tmp_path / 'answers.rejects.csv'}" in result.err
    assert "6 rows of" in result.out
    assert "= 4 answered + 2 rejected" in result.out
    assert f"exercise-takes-time is impossible. (exercise-takes-time) (first: {table} record 6)" in result.out
    rejects = pl.read_csv(tmp_path / "answers.rejects.csv", infer_schema=False)
    assert rejects["row"].to_list() == ["d,south,sever,12,no,yes", "f,east,slight,0,no,yes"]
    assert rejects["column"].to_list() == ["pain", ""]
    assert "did you mean severe?" in rejects["reason"][0]
    assert "exercise-takes-time is impossible." in rejects["reason"][1]


def test_without_rejects_there_is_no_rejects_file(knowledge: str, tmp_path: Path) -> None:
    table, out = written(tmp_path / "patients.csv", "id,pain\na,severe\n"), tmp_path / "answers.csv"
    old = written(tmp_path / "answers.rejects.csv", "of an earlier run\n")
    result = run("cohort", str(table), "-o", str(out), "--knowledge", knowledge, "--force")
    assert (result.status, result.err) == (0, "")
    assert not old.exists()
    assert files_in(tmp_path) == ["answers.csv", "patients.csv"]


def test_rejects_are_written_to_the_given_file(knowledge: str, table: Path, tmp_path: Path) -> None:
    wanted = tmp_path / "bad rows.csv"
    run("cohort", str(table), "-o", str(tmp_path / "o.csv"), "--rejects", str(wanted), "--knowledge", knowledge)
    assert files_in(tmp_path) == ["bad rows.csv", "o.csv", "patients.csv"]


@pytest.mark.parametrize("row", ["d,south,sever,12,no,yes", "f,east,slight,0,no,yes"], ids=["cell", "constraint"])
def test_strict_stops_at_the_first_fault_and_writes_nothing(knowledge: str, row: str, tmp_path: Path) -> None:
    head = PATIENTS.splitlines()[0]
    table = written(tmp_path / "patients.csv", f"{head}\na,north,severe,12,no,yes\n{row}\n")
    result = run("cohort", str(table), "-o", str(tmp_path / "o.csv"), "--strict", "--knowledge", knowledge)
    refused(result, f"{table}:3")
    assert files_in(tmp_path) == ["patients.csv"]


def test_hostile_text_is_shown_as_text(knowledge: str, tmp_path: Path) -> None:
    table = written(tmp_path / "patients.csv", "id,pain\n[red]\x1b[31m,\x1b[2J[/]\n")
    result = run("cohort", str(table), "-o", str(tmp_path / "o.csv"), "--knowledge", knowledge)
    assert result.status == 1
    assert "\x1b" not in result.out + result.err
    assert "1 rejected" in result.out


# --- the summary ------------------------------------------------------------------------------------------------------


def test_the_summary_counts_steps_alerts_and_what_is_missing(knowledge: str, table: Path, tmp_path: Path) -> None:
    result = run("cohort", str(table), "-o", str(tmp_path / "o.csv"), "--knowledge", knowledge, "--format", "json")
    summary = json.loads(result.out)
    assert (summary["rows"], summary["answered"], summary["rejected"]) == (6, 4, 2)
    found = {it["step"]: (it["patients"], it["certain"], it["provisional"]) for it in summary["steps"]}
    assert found == {"wait": (2, 1, 1), "operate": (2, 0, 2), "refer": (0, 0, 0)}
    assert summary["alerts"] == [{"alert": "numbness", "title": "Numbness", "holds": 1, "presumed": 1}]
    assert summary["missing"]["sample"] == 4
    missing = {it["finding"]: it["patients"] for it in summary["missing"]["findings"]}
    assert missing == {"theatre": 2, "numb": 1}
    assert sorted(it["faults"] for it in summary["reasons"]) == [1, 1]
    assert summary["disclaimer"] == "Not for use."


def test_a_sample_does_not_depend_on_the_batches() -> None:
    rows = pl.DataFrame({"row": range(5000)})

    def drawn(size: int) -> list[int]:
        sample = Sample(50)
        for row in range(0, rows.height, size):
            sample.add(rows[row : row + size])
        found = sample.rows()
        assert found is not None
        return found["row"].to_list()

    assert drawn(5000) == drawn(7) == drawn(50)
    assert len(set(drawn(5000))) == 50


def test_a_sample_draws_every_row_with_equal_probability() -> None:
    counts: Counter[int] = Counter()
    for seed in range(2000):
        sample = Sample(5, seed)
        sample.add(pl.DataFrame({"row": range(20)}))
        found = sample.rows()
        assert found is not None
        counts.update(found["row"])
    assert sorted(counts) == list(range(20))
    assert all(420 < times < 580 for times in counts.values())  # 500 expected, with a standard deviation of 19


def test_a_sample_of_few_rows_is_all_of_them() -> None:
    sample = Sample(5)
    assert sample.rows() is None
    sample.add(pl.DataFrame({"row": [1, 2, 3]}))
    found = sample.rows()
    assert found is not None
    assert found["row"].to_list() == [1, 2, 3]


# --- files that are complete or absent --------------------------------------------------------------------------------


def test_existing_files_are_not_overwritten(knowledge: str, table: Path, tmp_path: Path) -> None:
    out = written(tmp_path / "answers.csv", "precious\n")
    common = ("cohort", str(table), "--knowledge", knowledge)
    refused(run(*common, "-o", str(out)), "exists already", "--force")
    refused(run(*common, "-o", str(table), "--force"), "is one of the files to be read")
    refused(run(*common, "-o", str(tmp_path / "no" / "o.csv")), "in a folder that does not exist")
    refused(run(*common, "-o", str(tmp_path / "answers.xlsx")), ".parquet, .csv, .ndjson")
    refused(run(*common, "-o", str(tmp_path / "answers")), "has no suffix")
    for name in ("", ".", "..", "/", "-"):
        refused(run(*common, "-o", name), "has no suffix")
    refused(run(*common, "-o", str(tmp_path / "o.csv"), "--rejects", str(tmp_path / "o.csv")), "two things")
    refused(run(*common, "-o", str(tmp_path / "o.csv"), "--report", str(table), "--force"), "files to be read")
    (tmp_path / "link.csv").symlink_to(table)
    refused(run(*common, "-o", str(tmp_path / "link.csv"), "--force"), "is one of the files to be read")
    assert out.read_text("utf-8") == "precious\n"
    assert table.read_text("utf-8") == PATIENTS
    assert run(*common, "-o", str(out), "--force").status == 0
    assert steps(out) == ANSWERED


@pytest.mark.parametrize("option", ["--map", "--rejects", "--report", "--site"])
def test_an_empty_file_name_is_reported(option: str, knowledge: str, table: Path, tmp_path: Path) -> None:
    result = run("cohort", str(table), "-o", str(tmp_path / "o.csv"), "--knowledge", knowledge, option, "")
    refused(result, f"{option} names no file")
    assert files_in(tmp_path) == ["patients.csv"]


def test_names_that_are_not_utf_8_are_reported(knowledge: str, table: Path, tmp_path: Path) -> None:
    odd = str(tmp_path / os.fsdecode(b"\xff.parquet"))
    refused(run("cohort", str(table), "-o", odd, "--knowledge", knowledge), "not UTF-8")
    pl.DataFrame({"pain": ["slight"]}).write_parquet(tmp_path / "some.parquet")
    os.rename(tmp_path / "some.parquet", odd)
    refused(run("cohort", odd, "-o", str(tmp_path / "o.csv"), "--knowledge", knowledge), "not UTF-8")


def test_wrong_input_leaves_no_files(knowledge: str, table: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "answers.csv")
    refused(run("cohort", str(tmp_path / "none.csv"), "-o", out, "--knowledge", knowledge), "none.csv")
    written(tmp_path / "odd.csv", "id,pian\na,severe\n")
    refused(run("cohort", str(tmp_path / "odd.csv"), "-o", out, "--knowledge", knowledge), "did you mean pain?")
    refused(run("cohort", str(table), "-o", out, "--knowledge", knowledge, "--changed-only"), "--against")
    assert files_in(tmp_path) == ["odd.csv", "patients.csv"]


def test_a_file_that_is_replaced_keeps_its_permissions_and_the_links_to_it(
    knowledge: str, table: Path, tmp_path: Path
) -> None:
    out, link = written(tmp_path / "answers.csv", "old\n"), tmp_path / "link.csv"
    out.chmod(0o640)
    link.symlink_to(out)
    assert run("cohort", str(table), "-o", str(link), "--knowledge", knowledge, "--force").status == 0
    assert link.is_symlink()
    assert out.stat().st_mode & 0o777 == 0o640
    assert steps(out) == ANSWERED


def test_two_runs_cannot_write_the_same_file(knowledge: str, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    with Unfinished(out, overwrite=False):
        refused(run("cohort", str(table), "-o", str(out), "--knowledge", knowledge), "is being written by another run")
    assert run("cohort", str(table), "-o", str(out), "--knowledge", knowledge).status == 0


def test_an_output_may_have_a_long_name(knowledge: str, tmp_path: Path) -> None:
    out = tmp_path / f"{'x' * 215}.csv"
    assert run("cohort", "-", "-o", str(out), "--knowledge", knowledge, stdin=PATIENTS.encode()).status == 0
    assert steps(out) == ANSWERED


def test_a_run_whose_output_appears_meanwhile_leaves_nothing_and_names_it(
    knowledge: str, table: Path, tmp_path: Path
) -> None:
    out = tmp_path / "answers.csv"

    def taken(*_: object) -> None:
        out.write_text("mine", "utf-8")

    with patch("expert.columns.cohort_run.CohortRun._summary", side_effect=taken):
        result = run("cohort", str(table), "-o", str(out), "--knowledge", knowledge)
    refused(result, "File exists", "answers.csv")
    assert out.read_text("utf-8") == "mine"
    assert files_in(tmp_path) == ["answers.csv", "patients.csv"]


@pytest.mark.parametrize("option", ["--rejects", "--report"])
def test_the_knowledge_in_use_is_not_overwritten(knowledge: str, table: Path, tmp_path: Path, option: str) -> None:
    file = Path(knowledge) / "vocabulary.yaml"
    before = file.read_bytes()
    words = ("cohort", str(table), "-o", str(tmp_path / "o.csv"), "--force", "--knowledge", knowledge)
    refused(run(*words, option, str(file)), "vocabulary.yaml is a file of the knowledge")
    assert file.read_bytes() == before


def test_contradicting_rules_are_reported_with_the_record(tmp_path: Path, table: Path) -> None:
    rules = {"far": rule(["weeks > 100 weeks"], "distance is far"), "near": rule(["numb"], "distance is near")}
    knowledge = str(tmp_path / "k")
    write_ladder(
        tmp_path / "k",
        findings=FINDINGS,
        concluded={"distance": {"type": "choice", "values": ["near", "far"]}},
        rules={**rules, "anybody-may-wait": rule("always", "supports wait")},
        steps={"wait": {}},
    )
    table.write_text("id,weeks,numb\na,1,yes\nb,200,yes\nc,200,no\n", "utf-8")
    result = run("cohort", str(table), "-o", str(tmp_path / "o.csv"), "--knowledge", knowledge)
    refused(result, "the rules both prove and refute", "patients.csv, record 2")


def test_constraints_that_permit_no_patient_reject_every_row(tmp_path: Path, table: Path) -> None:
    knowledge = Path(backs(tmp_path / "k"))
    vocabulary = (knowledge / "vocabulary.yaml").read_text("utf-8")
    unsatisfiable = vocabulary.replace(
        "constraints:", "constraints:\n  nobody:\n    never: [weeks >= 0 weeks]\n    because: No.", 1
    )
    (knowledge / "vocabulary.yaml").write_text(unsatisfiable, "utf-8")
    result = run("cohort", str(table), "-o", str(tmp_path / "o.csv"), "--knowledge", str(knowledge))
    assert result.status == 1
    assert "6 rows" in result.out
    assert "= 0 answered + 6 rejected" in result.out
    refused(
        run("assess", "numb=yes", "--knowledge", str(knowledge)),
        "these facts contradict each other: no patient is left. No. (nobody)",
    )


def test_faults_of_a_column_with_a_unit_are_counted_together(knowledge: str, table: Path, tmp_path: Path) -> None:
    table.write_text("id,weeks [weeks]\na,900\nb,901\nc,1_0\nd,2_0\n", "utf-8")
    words = ("cohort", str(table), "-o", str(tmp_path / "o.csv"), "--knowledge", knowledge, "--format", "json")
    reasons = json.loads(run(*words).out)["reasons"]
    assert sorted(it["faults"] for it in reasons) == [2, 2]


def test_a_killed_run_leaves_no_output_and_the_next_one_completes(knowledge: str, tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    words = ("cohort", "-", "-o", str(out), "--knowledge", knowledge)
    with _running(*words) as process:
        _feed(process, out)
        process.kill()
        process.wait()
    assert not out.exists()
    assert not (tmp_path / "answers.rejects.csv").exists()
    assert files_in(tmp_path) == [".answers.csv.unfinished", ".answers.rejects.csv.unfinished"]
    assert run(*words, stdin=PATIENTS.encode()).status == 0
    assert steps(out) == ANSWERED
    assert files_in(tmp_path) == ["answers.csv", "answers.rejects.csv"]


def test_an_interrupted_run_leaves_nothing(knowledge: str, tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    with _running("cohort", "-", "-o", str(out), "--knowledge", knowledge) as process:
        _feed(process, out)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert files_in(tmp_path) == []


def _running(*words: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-m", "expert", *words], stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=clean()
    )


def _feed(process: subprocess.Popen[str], out: Path) -> None:
    """Write rows without end, and wait until answers appear."""
    head, row, *_ = PATIENTS.splitlines(keepends=True)
    unfinished = out.with_name(f".{out.name}.unfinished")
    assert process.stdin
    process.stdin.write(head)
    for _ in range(100):
        process.stdin.write(row * 40_000)
        process.stdin.flush()
        if unfinished.exists() and unfinished.stat().st_size:
            return
    deadline = time.monotonic() + 60
    while not (unfinished.exists() and unfinished.stat().st_size):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("form", FORMS)
def test_a_full_disk_gives_one_message(form: str, knowledge: str, tmp_path: Path) -> None:
    head, row, *_ = PATIENTS.splitlines(keepends=True)
    rows = "".join(row.replace("a,", f"{index:x},", 1) for index in range(20_000))
    table = written(tmp_path / "patients.csv", head + rows)
    result = subprocess.run(
        [sys.executable, "-m", "expert", "cohort", table, "-o", tmp_path / f"o.{form}", "--knowledge", knowledge],
        capture_output=True,
        text=True,
        env=clean(),
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000)),
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.splitlines() == ["the output cannot be written: File too large"]
    assert files_in(tmp_path) == ["patients.csv"]


@pytest.mark.parametrize(("free", "reason"), [(0, "No space left on device"), (10**9, "the file has no end")])
def test_a_writer_that_fails_without_a_reason_is_reported(
    free: int, reason: str, knowledge: str, table: Path, tmp_path: Path
) -> None:
    words = ("cohort", str(table), "-o", str(tmp_path / "o.parquet"), "--knowledge", knowledge)
    failing = patch("polars.LazyFrame.sink_parquet", side_effect=pl.exceptions.ComputeError("the file has no end"))
    with failing, patch("os.statvfs", return_value=SimpleNamespace(f_bavail=free, f_frsize=1)):
        result = run(*words)
    refused(result, "the output cannot be written", reason)
    assert files_in(tmp_path) == ["patients.csv"]


# --- other knowledge --------------------------------------------------------------------------------------------------


@pytest.fixture
def earlier(tmp_path: Path) -> str:
    """The same knowledge with a shorter wait."""
    shorter = rule(["pain is severe", "weeks >= 20 weeks"], ["excludes wait", "supports operate"])
    return backs(tmp_path / "earlier", rules={"long-pain-ends-waiting": shorter})


def test_changed_answers_under_other_knowledge_are_reported(
    knowledge: str, earlier: str, table: Path, tmp_path: Path
) -> None:
    out = tmp_path / "answers.csv"
    common = ("cohort", str(table), "-o", str(out), "--knowledge", knowledge, "--against", earlier, "--force")
    against = json.loads(run(*common, "--format", "json").out)["against"]
    assert against["changed"] == 1
    assert against["from_to"] == {"wait": {"wait": 2, "operate": 1}, "operate": {"wait": 0, "operate": 1}}
    assert against["changes"] == [
        {"before": "wait", "after": "operate", "patients": 1, "first": [f"{table} record 1 (a)"]}
    ]
    columns = ("id", "against.answer", "against.recommended", "changed")
    assert read(out).select(columns).rows() == [
        ("a", "certain", "wait", True),
        ("b", "certain", "wait", False),
        ("c", "provisional", "operate", False),
        ("e", "provisional", "wait", False),
    ]
    assert f"wait -> operate: 1 ({table} record 1 (a))" in run(*common, columns=200).out
    run(*common, "--changed-only")
    assert steps(out) == [("a", "operate")]


def test_patients_answered_on_one_side_only_are_counted(knowledge: str, table: Path, tmp_path: Path) -> None:
    earlier = backs(tmp_path / "earlier", pain=choice("slight", "sever", "severe", usual="slight"))
    out = tmp_path / "answers.csv"
    common = ("cohort", str(table), "-o", str(out), "--format", "json")
    lost = json.loads(run(*common, "--knowledge", knowledge, "--against", earlier).out)
    assert lost["against"]["from_to"]["wait"] == {"wait": 2, "operate": 0, "not answered": 1}
    assert lost["against"]["changes"][0]["first"] == [f"{table} record 4"]
    assert lost["answered"] == read(out).height == 4
    won = json.loads(run(*common, "--force", "--knowledge", earlier, "--against", knowledge).out)
    assert won["against"]["from_to"]["not answered"]["wait"] == 1
    assert read(out).select("id", "against.answer", "against.recommended", "changed").row(3) == ("d", None, None, True)


def test_findings_of_one_vocabulary_are_named_and_read_on_that_side_only(knowledge: str, tmp_path: Path) -> None:
    reason: dict[str, object] = {"weak-cannot-wait": rule(["weak"], ["excludes wait", "supports operate"])}
    earlier = backs(
        tmp_path / "earlier", rules={k: v for k, v in reason.items() if isinstance(v, dict)}, weak=yes_no("no")
    )
    table = written(tmp_path / "patients.csv", "id,pain,weak\na,slight,yes\nb,slight,no\n")
    out = tmp_path / "answers.csv"
    common = ("cohort", str(table), "-o", str(out), "--knowledge", knowledge, "--against", earlier)
    against = json.loads(run(*common, "--format", "json").out)["against"]
    assert (against["only_old"], against["only_new"]) == (["weak"], [])
    assert against["from_to"] == {"wait": {"wait": 1, "operate": 0}, "operate": {"wait": 1, "operate": 0}}
    assert read(out)["weak"].to_list() == ["yes", "no"]


def test_a_finding_that_was_renamed_is_read_on_both_sides(tmp_path: Path) -> None:
    """The names are similar, which is a fault without a comparison."""
    then = rule(["weak_leg"], ["excludes wait", "supports operate"])
    now = rule(["weak_legs is both"], ["excludes wait", "supports operate"])
    earlier = backs(tmp_path / "earlier", rules={"weakness": then}, weak_leg=yes_no("no"))
    later = backs(tmp_path / "later", rules={"weakness": now}, weak_legs=choice("none", "both", usual="none"))
    table = written(tmp_path / "patients.csv", "id,weak_leg,beide\na,yes,nein\nb,no,ja\n")
    words = "columns: {beide: {finding: weak_legs, values: {ja: both, nein: none}}}\n"
    mapping, out = written(tmp_path / "map.yaml", words), tmp_path / "answers.csv"
    common = ("cohort", str(table), "-o", str(out), "--knowledge", later, "--map", str(mapping))
    refused(run(*common), "did you mean weak_legs?")
    against = json.loads(run(*common, "--against", earlier, "--format", "json").out)["against"]
    assert (against["only_old"], against["only_new"]) == (["weak_leg"], ["weak_legs"])
    changes = [(it["before"], it["after"], it["first"]) for it in against["changes"]]
    assert changes == [
        ("wait", "operate", [f"{table} record 2 (b)"]),
        ("operate", "wait", [f"{table} record 1 (a)"]),
    ]


def test_a_finding_of_one_vocabulary_may_have_a_unit_in_its_column(knowledge: str, tmp_path: Path) -> None:
    """Its name is similar to that of another finding."""
    weekz = quantity("0 weeks .. 500 weeks", usual="0 weeks", unit="weeks")
    newer = backs(tmp_path / "newer", weekz=weekz)
    header = written(tmp_path / "p.csv", "id,pain,weekz [weeks]\na,severe,3\n")
    objects = written(tmp_path / "p.ndjson", '{"id": "a", "pain": "severe", "weekz [weeks]": 3}\n')
    for table in (header, objects):
        for one, other in ((knowledge, newer), (newer, knowledge)):
            out = tmp_path / "o.csv"
            assert (
                run("cohort", str(table), "-o", str(out), "--force", "--knowledge", one, "--against", other).status == 0
            )
            assert ("weekz [weeks]" in read(out).columns) == (one == knowledge)
            assert "weekz" not in read(out).columns


def test_a_finding_may_have_the_name_of_a_column_of_the_comparison(earlier: str, tmp_path: Path) -> None:
    folder = backs(tmp_path / "k", changed=yes_no("no"), answer=yes_no("no"))
    table, out = written(tmp_path / "p.csv", "id,pain,changed\na,severe,yes\n"), tmp_path / "o.csv"
    common = ("-o", str(out), "--knowledge", folder, "--against", earlier, "--given")
    assert run("cohort", str(table), *common).status == 0
    found = read(out)
    assert (found["changed"].to_list(), found[".changed"].to_list()) == ([True], [False])


def test_knowledge_of_other_patients_cannot_be_compared(knowledge: str, table: Path, tmp_path: Path) -> None:
    garden = str(TESTS / "garden")
    result = run("cohort", str(table), "-o", str(tmp_path / "o.csv"), "--knowledge", knowledge, "--against", garden)
    refused(result, garden, "has no finding of this knowledge")


def test_a_pipe_cannot_be_compared(knowledge: str, earlier: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    common = ("-o", str(tmp_path / "o.csv"), "--knowledge", knowledge, "--against", earlier)
    refused(run("cohort", str(tmp_path / "pipe.csv"), *common), "pipe.csv can be read only once", "--against")


def test_standard_input_cannot_be_compared(knowledge: str, earlier: str, tmp_path: Path) -> None:
    common = ("cohort", "-", "-o", str(tmp_path / "o.csv"), "--knowledge", knowledge, "--against", earlier)
    refused(run(*common, stdin=PATIENTS.encode()), "standard input", "only once")


# --- the terminal -----------------------------------------------------------------------------------------------------


def test_progress_is_shown_on_a_terminal_and_not_in_a_file(knowledge: str, table: Path, tmp_path: Path) -> None:
    words = ["-m", "expert", "cohort", str(table), "--knowledge", knowledge, "-o"]
    child = pexpect.spawn(
        sys.executable, [*words, str(tmp_path / "1.csv")], env=clean() | {"TERM": "xterm"}, timeout=60, encoding="utf-8"
    )
    shown = COLOUR.sub("", child.read())
    child.close()
    assert child.exitstatus == 0
    assert "━ 0 rows" in shown
    assert "rows" not in start(*words[2:], str(tmp_path / "2.csv")).stderr.replace("2 rows were rejected", "")


@pytest.mark.parametrize(("missing", "extra"), [("polars", "cohort"), ("matplotlib", "cohort"), ("jinja2", "report")])
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    missing: str, extra: str, table: Path, tmp_path: Path
) -> None:
    out = tmp_path / "o.csv"
    with patch.dict(sys.modules, {missing: None}):
        result = run("cohort", str(table), "-o", str(out), "--report", str(tmp_path / "o.html"))
    refused(result, f"pip install 'expert-ladder[{extra}]'")
    assert files_in(tmp_path) == ["patients.csv"]


def test_no_other_command_imports_polars() -> None:
    checked = (
        "import sys, atexit\n"
        "atexit.register(lambda: print('polars' in sys.modules, 'matplotlib' in sys.modules))\n"
        "from expert.cli import main\n"
        "main(['assess', 'age=45'])"
    )
    result = subprocess.run([sys.executable, "-c", checked], capture_output=True, text=True, env=clean(), check=True)
    assert result.stdout.splitlines()[-1] == "False False"


def test_the_command_offers_all_groups() -> None:
    from expert.cli.cohort import GROUPS, ON_REQUEST
    from expert.columns.conclusions import ON_REQUEST as LATER

    assert (*("answer", "recommended"), *GROUPS) == TOLD
    assert {*ON_REQUEST, "why"} == set(LATER)
