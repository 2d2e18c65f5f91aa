"""What a command prints when it cannot do its work, in JSON; the text for people is held by `tests.test_cli`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from expert.cli.failures import asks_for_json
from tests.command_line import clean, run, start
from tests.small_ladder import rule, write_ladder, yes_no

KEYS = ["message", "file", "line", "column", "end", "text", "expected", "suggestion", "edit"]


def problems(*words: str, knowledge: str = "") -> list[dict[str, Any]]:
    """The problems of a command that fails, which leaves standard output empty."""
    ran = run(*words, "--format", "json", EXPERT_KNOWLEDGE=knowledge)
    assert (ran.status, ran.out) == (2, "")
    found = json.loads(ran.err.splitlines()[-1])
    assert [*found] == ["problems"]
    for it in found["problems"]:
        assert [*it] == KEYS
        assert it["message"]
    listed: list[dict[str, Any]] = found["problems"]
    return listed


def test_a_problem_in_a_file_has_its_place_its_text_and_a_suggestion(tmp_path: Path) -> None:
    file = tmp_path / "somebody.yaml"
    file.write_text("# who\nagee: 45\n", "utf-8")
    assert problems("assess", str(file)) == [
        {
            "message": "'agee' is not a finding",
            "file": str(file),
            "line": 2,
            "column": 1,
            "end": 5,
            "text": "agee: 45",
            "expected": None,
            "suggestion": "age",
            "edit": "age",
        }
    ]


def test_every_problem_of_every_source_is_listed() -> None:
    found = problems("assess", "agee=45", "stenosis=sever")
    assert [it["suggestion"] for it in found] == ["age", "severe"]
    assert {it["file"] for it in found} == {"command line"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("asess",), "Did you mean 'assess'?"),
        (("assess", "--nothing"), "No such option"),
        (("why",), "Missing argument"),
        (("what-if",), "Nothing is changed"),
        (("why", "age=45", "conservativ"), "conservativ"),
        (("assess", "no-such-file.yaml"), "no-such-file.yaml cannot be read"),
        (("assess", "--knowledge", "nowhere"), "nowhere"),
        (("cohort", "none.csv", "-o", "out.csv"), "none.csv cannot be read"),
        (("journal", "replay", "none.journal"), "none.journal"),
        (("diff", "nowhere", "neither"), "nowhere"),
        (("mutate", "no-such-rule"), "no-such-rule"),
        (("check", "nowhere"), "nowhere"),
    ],
)
def test_every_command_with_a_format_lists_its_problems(words: tuple[str, ...], message: str) -> None:
    assert any(message in it["message"] for it in problems(*words))


def test_what_is_expected_of_a_wrong_command_line_is_its_usage() -> None:
    (found,) = problems("assess", "--nothing")
    assert found["expected"].startswith("expert assess [OPTIONS]")


def test_lines_about_what_is_used_come_before_the_problems(tmp_path: Path) -> None:
    folder = write_ladder(
        tmp_path, findings={"fire": yes_no("no")}, rules={"a": rule("fire", "supports leave")}, steps={"leave": {}}
    )
    (found,) = problems("assess", "fir=yes", knowledge=str(folder))
    assert found["suggestion"] == "fire"


def test_an_output_that_cannot_be_written_is_a_problem() -> None:
    with open("/dev/full", "w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "expert", "assess", "--format", "json"],
            stdout=full, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=clean(), text=True, check=False,
        )  # fmt: skip
    assert ran.returncode == 2
    (found,) = json.loads(ran.stderr)["problems"]
    assert found["message"].startswith("the output cannot be written: ")


def test_a_process_of_its_own_reads_the_format_from_its_command_line() -> None:
    ran = start("assess", "agee=4", "--format=json")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert json.loads(ran.stderr)["problems"][0]["suggestion"] == "age"


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["assess", "--format", "json"], True),
        (["assess", "--format=json"], True),
        (["assess", "--format", "text"], False),
        (["assess", "json"], False),
        (["assess", "--", "--format", "json"], False),
        ([], False),
    ],
)
def test_json_is_wanted_where_the_option_says_so(words: list[str], wanted: bool) -> None:
    assert asks_for_json(words) is wanted
