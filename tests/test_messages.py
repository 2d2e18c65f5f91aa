"""Messages name what to write instead, and never expect what they refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from expert.lang.errors import Location, Problem
from expert.render.problems import render_problems
from tests.command_line import run
from tests.conftest import REPOSITORY

PATIENT = str(REPOSITORY / "knowledge" / "patients" / "fourteen-weeks.yaml")


def refused(*words: str, **environment: Any) -> str:
    """The message about words that are refused."""
    status, out, err = run(*words, **environment)
    assert (status, out) == (2, "")
    return err


@pytest.mark.parametrize(
    ("answer", "instead"),
    [
        ("saddle_numbness", "expected none, or saddle_numbness=yes\n"),
        ("fever, weight_loss", "expected none, or weight_loss=yes fever=yes\n"),
        ("yes", "each finding that is present by itself, such as saddle_numbness=yes\n"),
        ("no", "did you mean none?"),
    ],
)
def test_a_wrong_answer_to_a_panel_is_answered_with_how_to_write_what_is_present(answer: str, instead: str) -> None:
    assert instead in refused("assess", f"red_flags={answer}")


def test_a_site_file_that_is_not_there_is_called_a_site_file() -> None:
    assert refused("assess", "--site", "nofile.yaml").endswith("expected a site file\n")
    assert refused("assess", EXPERT_SITE="nofile.yaml").endswith("expected a site file\n")
    assert refused("assess", "nofile.yaml").endswith("expected a patient file, or finding=value\n")


def test_a_folder_that_holds_no_knowledge_is_refused_in_one_message(tmp_path: Path) -> None:
    assert refused("assess", "--knowledge", str(tmp_path)).startswith(f"{tmp_path} is not a knowledge folder\n")


def test_a_missing_folder_of_rules_is_not_called_empty(tmp_path: Path) -> None:
    (tmp_path / "knowledge.yaml").write_text("name: house\n", "utf-8")
    assert f"{tmp_path}/rules is missing\n" in refused("assess", "--knowledge", str(tmp_path))
    (tmp_path / "rules").mkdir()
    assert f"{tmp_path}/rules has no rule files\n" in refused("assess", "--knowledge", str(tmp_path))


@pytest.mark.parametrize(
    "words",
    [
        (PATIENT, "open_decompression", "age=30"),
        (PATIENT, "age=30", "open_decompression"),
        ("age=30", PATIENT, "open_decompression"),
        ("open_decompression", "age=30", PATIENT),
    ],
)
def test_the_target_of_why_may_stand_anywhere(words: tuple[str, ...]) -> None:
    first, *_ = run("why", *words).out.splitlines()
    assert first.startswith("Open decompression is not recommended")


@pytest.mark.parametrize("finding", ["foot_drop", "sex"])
def test_an_unknown_finding_is_answered_with_where_findings_are_listed(finding: str) -> None:
    assert "expected a name that expert show findings lists" in refused("assess", f"{finding}=yes")


def test_an_unknown_target_is_answered_with_what_may_be_explained() -> None:
    assert "expert show steps, options, findings, alerts or advice lists" in refused("why", PATIENT, "nonsense")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("fusion", "decompression_with_fusion or non_fusion_implant"),
        ("microendoscopic", "minimally_invasive"),
        ("non-fusion implant", "non_fusion_implant"),
    ],
)
def test_a_step_is_found_by_words_of_its_title_or_of_its_options(word: str, meant: str) -> None:
    assert f"did you mean {meant}?" in refused("what-if", PATIENT, "--to", word)


def test_a_word_that_is_neither_a_file_nor_a_value_is_named() -> None:
    assert refused("what-if", PATIENT, "fusion").startswith("'fusion' is no file\n")


def test_contradicting_facts_are_shown_as_they_were_given_with_their_place(tmp_path: Path) -> None:
    file = tmp_path / "somebody.yaml"
    file.write_text("age: 35\n\nsymptom_duration: 40 years\n", "utf-8")
    shown = refused("assess", str(file), "age=36 years")
    assert f"age 36 years, symptom_duration 40 years ({file}:3). Symptoms cannot be older" in shown
    assert "expected" not in shown


@pytest.mark.parametrize("width", [40, 80])
def test_messages_keep_to_a_width_and_names_stay_whole(width: int) -> None:
    at = Location("somebody.yaml", 7, 90, 95)
    problem = Problem("one word after another " * 9, at, "a line, " * 30, "a, " * 60, "name_that_is_not_cut" * 3)
    lines = render_problems([problem], width).splitlines()
    assert all(len(line) <= width for line in lines[:-1])
    assert lines[-1].strip(" ?") == "name_that_is_not_cut" * 3
    assert [line for line in lines if line.endswith("^^^^^")]


@pytest.mark.parametrize("command", [("report", PATIENT), ("page",), ("docs", "--single", "--no-proofs")])
def test_a_page_does_not_take_the_name_of_a_document(command: tuple[str, ...], tmp_path: Path) -> None:
    target = tmp_path / "x.pdf"
    assert f"{tmp_path}/x.html, which a browser prints as PDF" in refused(*command, "-o", str(target))
    assert not target.exists()


@pytest.mark.parametrize("command", [("report", PATIENT), ("page",), ("sql", "--dialect", "duckdb")])
def test_what_is_written_is_named(command: tuple[str, ...], tmp_path: Path) -> None:
    target = str(tmp_path / "written.html")
    assert run(*command, "-o", target) == (0, f"{target}\n", "")


def test_a_table_of_patients_is_answered_with_the_command_for_it() -> None:
    assert "expected expert cohort clinic.csv -o answers.csv" in refused("assess", "clinic.csv")


def test_a_report_needs_a_patient() -> None:
    assert "No patient is named" in refused("report")


@pytest.mark.parametrize("words", [(), ("-",), ("age=",)])
def test_a_patient_of_whom_nothing_is_recorded_is_shown_as_such(words: tuple[str, ...]) -> None:
    shown = run("assess", *words, stdin=b"# nothing yet").out
    assert "Nothing is recorded about the patient.\n" in shown
    assert "\nNEXT    expert consult, or expert assess finding=value ...\n" in shown
    assert "Nothing is recorded" not in run("assess", "age=45").out


@pytest.mark.parametrize(
    ("words", "end"),
    [
        (("age=45",), "report age=45, or --full"),
        (
            ("conservative_duration=14 weeks", "age=45"),
            "report\n        'conservative_duration=14 weeks' age=45, or --full",
        ),
        (("-",), "report, with the same facts, or --full"),
    ],
)
def test_the_facts_in_the_next_command_are_whole_or_left_out(words: tuple[str, ...], end: str) -> None:
    assert f"{end}\n" in run("assess", *words, stdin=b"age: 45").out
