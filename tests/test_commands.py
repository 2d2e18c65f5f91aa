"""The names of the commands: their groups, the names that scripts may still use, and what each name answers."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from expert import KnowledgeBase
from expert.check.faults import PROOFS
from expert.check.lint_names import lint_names
from expert.check.lints import LINTS
from expert.cli.commands import GROUPS, MODULES, OTHER_NAMES
from tests.command_line import Run, clean, run
from tests.conftest import REPOSITORY
from tests.journals import write_house
from tests.small_ladder import rule, write_ladder, yes_no

PATIENT = str(REPOSITORY / "knowledge" / "patients" / "fourteen-weeks.yaml")


# --- help -------------------------------------------------------------------------------------------------------------


def test_expert_alone_says_in_six_lines_how_to_begin() -> None:
    ran = run()
    assert (ran.status, ran.err, len(ran.out.splitlines())) == (0, "", 6)
    assert "expert --help" in ran.out


def test_help_shows_the_commands_in_four_groups_and_no_other_name() -> None:
    out = run("--help").out
    headings = [line.removesuffix(":") for line in out.splitlines() if line.endswith(":") and line[0] != " "]
    assert headings[:-2] == [*GROUPS] == ["One patient", "Many patients", "The knowledge", "The record"]
    shown = [line.split()[0] for line in out.splitlines() if line.startswith("  ") and line[2:3].isalpha()]
    assert {*MODULES} - {*OTHER_NAMES, "completion"} <= {*shown}
    assert not {*OTHER_NAMES} & {*shown}


@pytest.mark.parametrize("command", [*sorted(MODULES), "journal replay", "journal receipt"])
def test_every_command_has_help_under_both_names_within_80_columns(command: str) -> None:
    ran = run(*command.split(), "-h")
    assert ran == run(*command.split(), "--help")
    assert (ran.status, ran.err) == (0, "")
    assert max(map(len, ran.out.splitlines())) <= 80


def test_a_group_alone_shows_its_commands() -> None:
    ran = run("journal")
    assert ran.status == 0
    assert "replay" in ran.out
    assert "receipt" in ran.out


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("asess", "assess"),
        ("finding", "show findings"),
        ("why_not", "why"),
        ("journal replai", "replay"),
        ("patient.yaml", "assess patient.yaml"),
        ("age=45", "assess age=45"),
        ("explain_lint", "show lints"),
    ],
)
def test_a_misspelt_command_is_answered_with_the_documented_name(words: str, meant: str) -> None:
    ran = run(*words.split())
    assert (ran.status, ran.out) == (2, "")
    assert f"Did you mean {meant!r}?" in ran.err


# --- other names ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "documented"),
    [
        ("why-not PATIENT conservative", "why PATIENT conservative"),
        ("enough PATIENT stenosis=mild --most 3", "why PATIENT stenosis=mild --enough --most 3"),
        ("enough PATIENT --format json", "why PATIENT --enough --format json"),
        ("change PATIENT --to conservative", "what-if PATIENT --to conservative"),
        ("change PATIENT stenosis=mild --most 1", "what-if PATIENT stenosis=mild --to any --most 1"),
        ("change PATIENT --most 1 --format json", "what-if PATIENT --most 1 --format json"),
        ("findings", "show findings"),
        ("findings --group imaging", "show findings imaging"),
        ("rules", "show rules"),
        ("rules --topic fusion", "show rules fusion"),
        ("explain-lint", "show lints"),
        ("explain-lint untested-rule", "show untested-rule"),
    ],
)
def test_the_other_name_of_a_command_does_the_same(other: str, documented: str) -> None:
    def ran(words: str) -> Run:
        return run(*(PATIENT if word == "PATIENT" else word for word in shlex.split(words)))

    assert ran(other)[:2] == ran(documented)[:2]
    assert ran(other).status == 0


def test_a_journal_is_read_under_both_names(tmp_path: Path) -> None:
    folder, journal = write_house(tmp_path / "house"), str(tmp_path / "cases.journal")
    assert run("assess", "fire=yes", "--knowledge", folder, "--journal", journal).status == 0
    assert run("journal", "receipt", journal, "1") == run("receipt", journal, "1")
    replayed = run("journal", "replay", journal, "--knowledge", folder, "--format", "json")
    assert replayed == run("replay", journal, "--knowledge", folder, "--format", "json")
    assert json.loads(replayed.out)["same"] == 1


# --- why --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [(PATIENT,), (PATIENT, "stenosis=mild"), ("age=45", "severity=severe")])
def test_why_without_a_target_explains_the_recommended_step(words: tuple[str, ...]) -> None:
    recommended = json.loads(run("assess", *words, "--format", "json").out)["recommended"]
    ran = run("why", *words)
    assert ran.status == 0
    assert ran == run("why", *words, recommended)


def test_why_without_a_target_needs_a_recommended_step(tmp_path: Path) -> None:
    folder = write_ladder(
        tmp_path, findings={"key": yes_no()}, rules={"a-key": rule("key", "supports door")}, steps={"door": {}}
    )
    ran = run("why", "key=no", "--knowledge", str(folder))
    assert (ran.status, ran.out) == (2, "")
    assert "no single step is recommended" in ran.err
    assert "door" in ran.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("why", PATIENT, "--enough", "conservative"), "takes no TARGET"),
        (("why", PATIENT, "conservative", "--most", "3"), "--most goes with --enough"),
        (("what-if",), "Nothing is changed"),
        (("what-if", "age=45", "--most", "3"), "--most goes with --to"),
        (("what-if", PATIENT, "--to", "conservativ"), "did you mean conservative?"),
        (("show", "stenosis", "imaging"), "PART goes with findings"),
        (("show", "findings", "imagin"), "did you mean imaging?"),
        (("show", "step"), "did you mean steps?"),
        (("show", "untested-rul"), "did you mean untested-rule?"),
    ],
)
def test_words_that_do_not_go_together_are_refused(words: tuple[str, ...], message: str) -> None:
    ran = run(*words)
    assert (ran.status, ran.out) == (2, "")
    assert message in ran.err


# --- what-if ----------------------------------------------------------------------------------------------------------


def test_what_if_of_a_patient_alone_finds_changes_that_lead_to_each_other_step(kb: KnowledgeBase) -> None:
    found = json.loads(run("what-if", PATIENT, "--most", "1", "--format", "json").out)
    assert {found["recommended"], *(it["step"] for it in found["steps"])} == {*kb.steps}


def test_what_if_with_a_value_compares() -> None:
    found = json.loads(run("what-if", PATIENT, "instability=yes", "--format", "json").out)
    assert found["before"]["recommended"] == "minimally_invasive"
    assert found["after"]["recommended"] == "decompression_with_fusion"


# --- show -------------------------------------------------------------------------------------------------------------


def test_show_alone_names_every_list_and_every_list_can_be_shown(kb: KnowledgeBase) -> None:
    out = run("show").out
    lists = [line.split()[1] for line in out.splitlines() if line.startswith("show ") and line.split()[1].islower()]
    assert {"findings", "rules", "steps", "options", "alerts", "references", "lints"} <= {*lists}
    for name in lists:
        assert run("show", name).status == 0
    assert [name for name in kb.options if name not in run("show", "options").out] == []


def test_show_names_what_else_uses_an_entry_with_cases_and_patients() -> None:
    out = " ".join(run("show", "stenosis").out.partition("Named by")[2].split())
    assert "invariant: no-limited-approach-in-complicated-stenosis, no-fusion-of-a-stable-segment" in out
    assert "plausible: severe-stenosis-without-imaging" in out
    assert "narrow-canal, true-slip" in out
    assert "cases: conservative (2), fusion (2)" in out


@pytest.mark.parametrize("name", ["instability-cautions-traction", "conservative.traction", "S18"])
def test_show_says_where_guidance_differs_from_what_a_rule_concludes(name: str) -> None:
    assert "traction: Traction: NICE advises against it" in run("show", name).out.partition("Guidance that differs")[2]


def test_every_lint_and_kind_of_proof_can_be_shown() -> None:
    for name in (*LINTS, *PROOFS):
        assert f"{name} (" in run("show", name).out


def test_a_lint_can_be_shown_while_the_knowledge_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "knowledge.yaml").write_text("a: [\n", "utf-8")
    words = ("--knowledge", str(tmp_path))
    assert run("show", "untested-rule", *words).status == 0
    assert run("show", "stenosis", *words).status == 2


def test_an_entry_with_the_name_of_a_lint_is_shown_with_the_lint(tmp_path: Path) -> None:
    folder = write_ladder(
        tmp_path,
        findings={"total": yes_no(title="All is lost")},
        rules={"all-lost": rule("total", "supports plaster")},
        steps={"plaster": {}},
    )
    out = run("show", "total", "--knowledge", str(folder)).out
    assert out.startswith("All is lost (total)")
    assert "total (proof)" in out


# --- assess --quiet ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["-q", "--quiet"])
def test_quiet_prints_the_recommended_step_only(option: str) -> None:
    recommended = json.loads(run("assess", PATIENT, "--format", "json").out)["recommended"]
    assert run("assess", PATIENT, option) == (0, f"{recommended}\n", "")


def test_quiet_prints_no_step_where_there_is_no_answer(tmp_path: Path) -> None:
    assert run("assess", "-q") == (0, "undecided\n", "not enough is recorded for an answer\n")
    folder = write_ladder(
        tmp_path, findings={"key": yes_no()}, rules={"a-key": rule("key", "supports door")}, steps={"door": {}}
    )
    ran = run("assess", "-q", "key=no", "--knowledge", str(folder))
    assert ran == (0, "undecided\n", "no single step follows\n")


def test_quiet_does_not_go_with_json() -> None:
    assert run("assess", "-q", "--format", "json").status == 2


# --- check and test --quiet -------------------------------------------------------------------------------------------


def test_quiet_prints_nothing_of_knowledge_in_order_and_everything_that_is_wrong(tmp_path: Path) -> None:
    parts: dict[str, Any] = {
        "findings": {"fire": yes_no("no")},
        "rules": {"fire-leaves": rule("fire", "supports leave"), "all-may-stay": rule("always", "supports stay")},
        "steps": {"leave": {}, "stay": {}},
    }
    case = {"name": "A fire", "given": {"fire": "yes"}, "expect": {"recommended": "leave"}}
    right = str(write_ladder(tmp_path / "right", **parts, cases=[case]))
    assert run("test", "-q", right) == (0, "", "")
    assert run("check", "-q", right, "--no-proofs", "--fail-on", "error") == (0, "", "")
    wrong = str(write_ladder(tmp_path / "wrong", **parts, cases=[{**case, "expect": {"recommended": "stay"}}]))
    assert run("test", "--quiet", wrong) == run("test", wrong)
    assert run("test", "--quiet", wrong).status == 1
    Path(wrong, "rules", "all.yaml").write_text("rules: [\n", "utf-8")
    ran = run("check", "--quiet", wrong)
    assert ran.status == 1
    assert "all.yaml:1:8" in ran.out


# --- start ------------------------------------------------------------------------------------------------------------


def test_help_and_completion_import_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from expert.cli.completion import candidates\n"
        "candidates({'_EXPERT_COMPLETE': 'zsh', '_EXPERT_WORDS': 'expert', '_EXPERT_WORD': 'as'})\n"
        "candidates({'_EXPERT_COMPLETE': 'zsh', '_EXPERT_WORDS': 'expert\\nassess', '_EXPERT_WORD': '--'})\n"
        "print({'yaml', 'rich', 'z3', 'experta', 'polars', 'pygls', 'platformdirs'} & {*sys.modules})"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=clean(), check=True)
    assert ran.stdout == "set()\n"


def test_the_names_of_lints_are_found_without_importing_them() -> None:
    assert lint_names() == [*LINTS]
