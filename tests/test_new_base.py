"""A knowledge base from nothing: it passes every check from the first, whatever it is called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from expert import read_knowledge
from tests.command_line import Run, run


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_it_passes_whatever_knowledge_is_held_to(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("new", "base", "asthma").status == 0
    monkeypatch.chdir(here / "asthma")
    for words in (
        ("check",),
        ("fmt", "--check"),
        ("test", "--coverage", "--fail-under", "100"),
        ("mutate", "--fail-under", "100", "--workers", "1"),
    ):
        ran = run(*words)
        assert ran.status == 0, ran.out + ran.err
    answer = run("assess", "knowledge/patients/not-helped.yaml", "--knowledge", "knowledge", "--format", "json")
    assert json.loads(answer.out)["recommended"] == "next_treatment"


def test_an_emergency_without_an_alert_says_why() -> None:
    run("new", "base", "asthma")
    assert "Why: warning sign." in run("assess", "warning_sign=yes", "--knowledge", "asthma/knowledge").out


def test_it_has_all_that_a_repository_of_knowledge_needs(here: Path) -> None:
    ran = run("new", "base", "asthma")
    found = written(here / "asthma")
    assert [f"wrote asthma/{name}" for name in sorted(found)] == sorted(ran.out.splitlines()[: len(found)])
    assert found >= {
        "README.md",
        ".gitignore",
        ".pre-commit-config.yaml",
        ".github/workflows/knowledge.yml",
        ".vscode/settings.json",
        "knowledge/CHANGELOG.md",
        "knowledge/patients/not-helped.yaml",
    }


def test_what_other_programs_read_is_theirs_to_read(here: Path) -> None:
    run("new", "base", "asthma")
    base = here / "asthma"
    settings = json.loads((base / ".vscode" / "settings.json").read_text(encoding="utf-8"))
    assert settings["yaml.schemas"][".vscode/schemas/rules.schema.json"][0] == "knowledge/rules/*.yaml"
    hooks = yaml.safe_load((base / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    assert [hook["entry"].split()[1] for hook in hooks] == ["fmt", "check", "test"]
    assert hooks[0]["files"] == r"^knowledge/.*\.yaml$"
    steps = yaml.safe_load((base / ".github/workflows/knowledge.yml").read_text(encoding="utf-8"))["jobs"]["check"]
    assert any("expert check" in step.get("run", "") for step in steps["steps"])


@pytest.mark.parametrize(
    "title",
    [
        "Step care of asthma",
        "Step care: asthma",
        "Don't # stop",
        '"Quoted"',
        "[a]",
        "yes",
        "2.0",
        "$name",
        "é \U0001f600",
    ],
)
def test_any_title_is_kept_as_it_is(title: str) -> None:
    assert run("new", "base", "care", "--title", title).status == 0
    assert read_knowledge("care/knowledge").title == title
    assert Path("care/README.md").read_text(encoding="utf-8").startswith(f"# {title}\n")
    assert run("fmt", "--check", "--knowledge", "care/knowledge").status == 0


@pytest.mark.parametrize(("folder", "name"), [("Asthma Care", "asthma-care"), ("a_b", "a-b")])
def test_the_knowledge_is_named_after_its_folder(folder: str, name: str) -> None:
    assert run("new", "base", folder).status == 0
    assert read_knowledge(f"{folder}/knowledge").name == name


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("full",), "full exists already"),
        (("file",), "file exists already"),
        (("none/asthma",), "none/asthma is in a folder that does not exist"),
        (("123",), "'123' gives the knowledge no name"),
        (("日本",), "gives the knowledge no name"),
        (("a", "--title", " "), "a title is a line of text"),
        (("a", "--to", "file"), "a base is a folder of its own"),
        (("a", "--knowledge", "full"), "a base is a folder of its own"),
    ],
)
def test_what_cannot_be_begun_leaves_all_as_it_was(words: tuple[str, ...], message: str, here: Path) -> None:
    (here / "full").mkdir()
    (here / "full" / "a.txt").write_text("mine")
    (here / "file").write_text("mine")
    ran = run("new", "base", *words)
    assert (ran.status, ran.out) == (2, "")
    assert message in ran.err
    assert written(here) == {"full/a.txt", "file"}
    assert sorted(path.name for path in here.iterdir()) == ["file", "full"]


def test_an_empty_folder_is_filled(here: Path) -> None:
    (here / "asthma").mkdir()
    assert run("new", "base", "asthma") != Run(2, "", "")
    assert read_knowledge("asthma/knowledge").steps


def test_a_title_belongs_to_a_base() -> None:
    ran = run("new", "rule", "a-rule", "--title", "A rule")
    assert (ran.status, ran.out) == (2, "")
    assert "--title belongs to a base" in ran.err
