"""Completion of words with the Tab key: what is offered, and that bash, zsh and fish offer it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pexpect
import pytest

from expert import KnowledgeBase
from expert.answer.assess import Reasoner
from expert.cli.commands import GROUPS, OTHER_NAMES
from expert.cli.completion import SCRIPTS, candidates
from expert.lang.errors import PatientError
from expert.lang.vocabulary import Kind
from expert.read.patient import PatientReader
from tests.command_line import clean, start
from tests.small_ladder import choice, rule, write_ladder, yes_no


def lines(text: str, shell: str = "zsh", breaks: str = "") -> list[list[str]]:
    """The candidates for a command line that ends at the cursor: kind, word, and what it is."""
    *before, word = text.split(" ")
    environment = {
        "_EXPERT_COMPLETE": shell,
        "_EXPERT_WORDS": "\n".join(before),
        "_EXPERT_WORD": word,
        "_EXPERT_BREAKS": breaks,
    }
    return [line.split("\t") for line in candidates(environment)]


def offered(text: str) -> list[str]:
    """The words that are offered, without files."""
    return [word for kind, word, _ in lines(text) if kind != "file"]


# --- what is offered --------------------------------------------------------------------------------------------------


def test_commands_are_offered_without_other_names() -> None:
    assert offered("expert ") == [name for group in GROUPS.values() for name in group]
    assert offered("expert wh") == ["why", "what-if"]
    assert not {*offered("expert ")} & {*OTHER_NAMES}
    assert offered("expert journal re") == ["receipt", "replay"]
    assert offered("expert completion ") == [*SCRIPTS]


@pytest.mark.parametrize("command", ["assess", "consult", "why", "what-if", "report", "enough"])
def test_findings_and_panels_are_offered_with_their_values(kb: KnowledgeBase, command: str) -> None:
    names = {word for word in offered(f"expert {command} ") if word.endswith("=")}
    assert names == {f"{name}=" for name in (*kb.given, *kb.panels)}
    assert offered(f"expert {command} stenosis=se") == ["stenosis=severe"]
    assert offered(f"expert {command} red_flags=") == ["red_flags=none", "red_flags=unknown"]


def test_a_finding_that_is_given_is_not_offered_again() -> None:
    assert "age=" in offered("expert assess ag")
    assert "age=" not in offered("expert assess age=45 ag")


def test_every_value_that_is_offered_can_be_given(kb: KnowledgeBase, reasoner: Reasoner) -> None:
    for name, finding in kb.given.items():
        quantity = finding.kind is Kind.QUANTITY
        words = offered(f"expert assess {name}={'1' if quantity else ''}")
        assert words or (quantity and finding.unit and finding.unit.dimension == "number")
        for word in words:
            message = refusal(reasoner, word)
            assert not message or "out of range" in message or "between" in message, (word, message)


def refusal(reasoner: Reasoner, word: str) -> str:
    """Why a word of the command line cannot be given; empty if it can."""
    try:
        reasoner.domain.background(PatientReader(reasoner.kb).before_and_after(None, [word], None)[1].facts)
    except PatientError as error:
        return str(error)
    return ""


def test_units_are_offered_after_a_number() -> None:
    assert "conservative_duration=14weeks" in offered("expert assess conservative_duration=14")
    assert offered("expert assess conservative_duration=14w") == ["conservative_duration=14weeks"]


def test_what_can_be_explained_is_offered_after_why(kb: KnowledgeBase) -> None:
    assert {*kb.steps, *kb.alerts, *kb.advice, *kb.concluded} <= {*offered("expert why patient.yaml ")}
    assert "minimally_invasive.ozone" in offered("expert why minimally_invasive.o")


def test_steps_options_and_choices_are_offered(kb: KnowledgeBase) -> None:
    assert offered("expert what-if --to ") == [*kb.steps]
    assert offered("expert assess --decided dec") == ["decompression_with_fusion"]
    assert offered("expert assess --format ") == ["text", "json"]
    assert offered("expert assess --format=j") == ["--format=json"]
    assert {"--knowledge", "--site", "--quiet"} <= {*offered("expert assess --")}


def test_lists_ids_groups_and_files_are_offered_after_show(kb: KnowledgeBase) -> None:
    assert {"findings", "rules", "lints"} <= {*offered("expert show ")}
    assert offered("expert show untested") == ["untested-rule"]
    assert "stenosis" in offered("expert show sten")
    assert {*offered("expert show S3")} == {name for name in kb.references if name.startswith("S3")}
    assert offered("expert show findings im") == ["imaging"]
    assert offered("expert show rules fus") == ["fusion"]
    assert {*kb.rules} <= {*offered("expert mutate ")}


def test_files_are_offered_where_a_file_may_stand() -> None:
    for text in ("expert assess know", "expert assess --site x", "expert check k", "expert journal replay c"):
        assert ["file", text.split()[-1], ""] in lines(text)
    assert lines("expert assess stenosis=xyz") == []


def test_the_knowledge_in_use_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_ladder(
        tmp_path,
        findings={"fire": yes_no("no"), "smoke": choice("none", "thick", usual="none")},
        rules={"fire-leaves": rule(["fire", "smoke is thick"], "supports leave")},
        steps={"leave": {}},
    )
    assert offered(f"expert assess --knowledge {folder} smoke=th") == ["smoke=thick"]
    monkeypatch.setenv("EXPERT_KNOWLEDGE", str(folder))
    assert offered("expert assess fi") == ["fire="]
    assert offered("expert show fire-") == ["fire-leaves"]


# --- shells -----------------------------------------------------------------------------------------------------------


def test_bash_gets_what_follows_the_last_break_of_a_word() -> None:
    def words(text: str) -> list[str]:
        return [word for _, word, _ in lines(text, "bash", " \t\n\"'><=;|&(:")]

    assert words("expert assess stenosis = se") == ["severe"]
    assert words("expert assess stenosis =")[:2] == ["none", "mild"]
    assert words("expert assess --format = j") == ["json"]
    assert words("expert assess age = 45 stenosis = se") == ["severe"]


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"_EXPERT_WORDS": "expert\nassess", "_EXPERT_WORD": "'"},
        {"_EXPERT_WORDS": "expert\nassess\n--knowledge\nnowhere", "_EXPERT_WORD": "s"},
        {"_EXPERT_WORDS": "expert\nno-such-command", "_EXPERT_WORD": ""},
        {"_EXPERT_WORDS": "expert\nshow", "_EXPERT_WORD": "", "EXPERT_KNOWLEDGE": "nowhere"},
        {"_EXPERT_WORDS": "expert\nassess\n--nothing", "_EXPERT_WORD": "\udcff"},
    ],
)
def test_a_completion_never_prints_a_message(environment: dict[str, str]) -> None:
    ran = start(cwd=None, _EXPERT_COMPLETE="bash", **environment)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Traceback" not in ran.stdout


@pytest.mark.parametrize("shell", [*SCRIPTS])
def test_a_shell_completes(tmp_path: Path, shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    (tmp_path / "patients").mkdir()
    (tmp_path / "patients" / "first.yaml").write_text("age: 45 years\n")
    words = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**clean(), "PATH": path, "TERM": "dumb", "HOME": str(tmp_path), "PS1": "$ ", "HISTFILE": ""}
    child = pexpect.spawn(
        shell, words, cwd=tmp_path, env=environment, encoding="utf-8", timeout=20, dimensions=(50, 200)
    )
    if shell == "fish":
        child.sendline("function fish_prompt; end; expert completion fish | source; echo rea''dy")
    else:
        child.sendline(f'eval "$(expert completion {shell})"; echo rea""dy')
    child.expect_exact("ready")
    for typed, rest in (
        ("expert asse\t", "ss "),
        ("expert assess stenosis=se\t", "vere "),
        ("expert assess spondylolis\tdeg\t", "enerative "),
        ("expert assess patients/fi\t", "rst.yaml "),
        ("expert what-if --to decompression_w\t", "ith_fusion "),
    ):
        child.send(typed)
        child.expect_exact(rest)
        child.send("\x15")
    child.sendeof()
    child.close(force=True)
