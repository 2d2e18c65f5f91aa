"""Which knowledge folder and which site a command uses, and that it says so: seen through the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from expert import read_knowledge
from expert.cli.commands import MODULES
from expert.read.knowledge import shipped_knowledge
from tests.command_line import run
from tests.small_ladder import rule, write_ladder, yes_no

SHIPPED = "which comes with the program"

OF_THE_KNOWLEDGE: dict[str, tuple[str, ...]] = {
    "check": ("--no-proofs", "--fail-on", "error"),
    "diff": ("OTHER",),
    "docs": ("--single", "--no-proofs", "-o", "-"),
    "findings": (),
    "fmt": ("--check",),
    "mutate": ("--workers", "1"),
    "new": ("rule", "a-new-rule"),
    "rename": ("fire", "blaze", "--dry-run"),
    "rules": (),
    "schema": (),
    "show": ("leave",),
    "test": (),
}
"""Commands of the knowledge, with what else they need."""

ABOUT_A_PATIENT: dict[str, tuple[str, ...]] = {
    "assess": (),
    "change": (),
    "enough": (),
    "page": ("-o", "-"),
    "report": ("FINDING", "-o", "-", "--format", "markdown"),
    "sql": ("--dialect", "duckdb"),
    "what-if": ("FINDING",),
    "why": ("STEP",),
    "why-not": ("STEP",),
}

ELSEWHERE = {"cohort", "completion", "consult", "explain-lint", "journal", "lsp", "receipt", "replay", "sign"}
"""Commands that are tried below by themselves, or that need no knowledge."""


def house(folder: Path, name: str) -> Path:
    """A small knowledge folder whose name is seen in what commands print."""
    case = {"name": f"Of {name}", "given": {"fire": "yes"}, "expect": {"recommended": "leave"}}
    write_ladder(
        folder,
        findings={"fire": yes_no("no", ask=f"Fire in {name}?"), "door": yes_no("no", group="site")},
        rules={
            f"fire-supports-leaving-{name}": rule("fire", "supports leave"),
            "all-may-stay": rule("always", "supports stay"),
            "a-door-cautions": rule("door", "cautions leave"),
        },
        steps={"leave": {}, "stay": {}},
        cases=[case],
    )
    about = folder / "knowledge.yaml"
    about.write_text(about.read_text().replace("name: small", f"name: {name}"))
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with the knowledge folders `mine` and `other`."""
    monkeypatch.chdir(tmp_path)
    house(tmp_path / "mine", "mine")
    house(tmp_path / "other", "other")
    return tmp_path


def words_of(command: str, more: Sequence[str], root: str = ".") -> list[str]:
    stand_for = {"OTHER": f"{root}/other", "FINDING": "fire=yes", "STEP": "leave"}
    return [command, *(stand_for.get(word, word) for word in more)]


def used(folder: Path) -> str:
    """The beginning of the line that says that a folder is used."""
    return f"using {folder} ({read_knowledge(folder).sha256[:8]}), "


def test_a_folder_is_signed_as_it_is_named(here: Path) -> None:
    untouched = read_knowledge(here / "other").sha256
    ran = run("sign", "--by", "head gardener", "--yes", EXPERT_KNOWLEDGE="mine")
    assert (ran.status, "as EXPERT_KNOWLEDGE says" in ran.err) == (0, True)
    assert all(rule.reviewed for rule in read_knowledge(here / "mine").rules.values())
    assert run("sign", "--by", "head gardener", "--yes", "--knowledge", "mine").out.startswith("nothing to sign")
    assert read_knowledge(here / "other").sha256 == untouched


# --- commands of the knowledge ----------------------------------------------------------------------------------------


def test_every_command_that_uses_knowledge_is_tried_here() -> None:
    assert {*OF_THE_KNOWLEDGE, *ABOUT_A_PATIENT, *ELSEWHERE} == {*MODULES}


@pytest.mark.parametrize("command", sorted(OF_THE_KNOWLEDGE))
def test_a_named_folder_is_used_in_silence(here: Path, command: str) -> None:
    house(here / "knowledge", "third")
    ran = (
        run(*words_of(command, OF_THE_KNOWLEDGE[command]), "--knowledge", "mine")
        if command != "diff"
        else run("diff", "other", "mine")
    )
    assert ran.status in (0, 1), ran.err
    assert "using" not in ran.err


@pytest.mark.parametrize("command", sorted(OF_THE_KNOWLEDGE))
def test_a_folder_called_knowledge_in_the_working_directory_is_used(here: Path, command: str) -> None:
    (here / "mine").rename(here / "knowledge")
    ran = run(*words_of(command, OF_THE_KNOWLEDGE[command]))
    assert ran.status in (0, 1), ran.err
    sha = read_knowledge(here / "knowledge").sha256[:8]
    assert ran.err.splitlines()[0] == f"using ./knowledge ({sha}), in the working directory"


@pytest.mark.parametrize("command", sorted(OF_THE_KNOWLEDGE))
@pytest.mark.parametrize("within", ["", "rules"])
def test_the_folder_that_holds_the_working_directory_is_used(
    here: Path, command: str, within: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(here / "mine" / within)
    ran = run(*words_of(command, OF_THE_KNOWLEDGE[command], str(here)))
    assert ran.status in (0, 1), ran.err
    assert ran.err.splitlines()[0] == f"{used(here / 'mine')}which holds the working directory"


@pytest.mark.parametrize("command", sorted(OF_THE_KNOWLEDGE))
def test_the_environment_goes_before_the_working_directory(here: Path, command: str) -> None:
    house(here / "knowledge", "third")
    ran = run(*words_of(command, OF_THE_KNOWLEDGE[command]), EXPERT_KNOWLEDGE="mine")
    assert ran.status in (0, 1), ran.err
    assert ran.err.splitlines()[0] == f"{used(here / 'mine')}as EXPERT_KNOWLEDGE says"


@pytest.mark.parametrize("command", ["findings", "rules", "new"])
def test_where_there_is_none_the_folder_of_the_program_is_used(
    tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "knowledge").mkdir()  # an empty folder is no knowledge
    monkeypatch.chdir(tmp_path)
    ran = run(*words_of(command, OF_THE_KNOWLEDGE[command]), EXPERT_KNOWLEDGE="")
    assert ran.status == 0, ran.err
    assert ran.err.splitlines()[0] == used(Path(shipped_knowledge())) + SHIPPED


@pytest.mark.parametrize(
    ("words", "shows"),
    [
        (("test", "mine"), "1 passed"),
        (("test", "mine/rules/all.test.yaml"), "1 passed"),
        (("check", "mine", "--no-proofs", "--fail-on", "error"), ""),
        (("check", "mine/rules/all.yaml", "--no-proofs", "--fail-on", "error"), ""),
        (("docs", "mine", "--single", "--no-proofs", "-o", "-"), "mine"),
        (("schema", "mine"), "mine"),
        (("mutate", "mine/rules/all.yaml", "--workers", "1"), "mine/rules/all.yaml"),
        (("fmt", "--check", "mine/rules/all.yaml"), ""),
        (("fmt", "--check", "mine"), ""),
        (("diff", "other", "mine/rules"), "mine"),
    ],
)
@pytest.mark.parametrize("spelled", ["{}", "./{}", "sub/../{}", "link/{}", "ROOT/{}"])
def test_a_path_inside_a_folder_means_that_folder(here: Path, words: tuple[str, ...], shows: str, spelled: str) -> None:
    house(here / "knowledge", "third")
    (here / "sub").mkdir()
    (here / "link").symlink_to(here)
    spelled = spelled.replace("ROOT", str(here))
    written = [spelled.format(word) if word.startswith(("mine", "other")) else word for word in words]
    ran = run(*written, EXPERT_KNOWLEDGE="other")
    assert ran.status in (0, 1), ran.err
    assert "using" not in ran.err
    assert shows in ran.out.replace("\n", "")
    assert "third" not in ran.out


def test_cases_are_run_against_the_rules_next_to_them(here: Path) -> None:
    house(here / "knowledge", "third")
    rules = here / "mine" / "rules" / "all.yaml"
    rules.write_text(rules.read_text().replace("supports leave", "excludes leave"))
    for path in ("mine", "mine/rules", "mine/rules/all.test.yaml"):
        ran = run("test", path)
        assert ran.status == 1
        assert "1 failed" in ran.out


def test_a_new_entry_goes_where_the_path_says(here: Path) -> None:
    before = (here / "other" / "rules" / "all.yaml").read_text()
    ran = run("new", "rule", "a-new-rule", "--to", "mine/rules/new.yaml", EXPERT_KNOWLEDGE="other")
    assert (ran.status, ran.err) == (0, "")
    assert "a-new-rule" in (here / "mine" / "rules" / "new.yaml").read_text()
    assert (here / "other" / "rules" / "all.yaml").read_text() == before


@pytest.mark.usefixtures("here")
def test_files_are_formatted_in_the_folders_that_they_lie_in() -> None:
    ran = run("fmt", "--check", "mine/rules/all.yaml", "other/rules/all.yaml")
    assert ran.status in (0, 1)
    assert "using" not in ran.err


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    "words",
    [
        ("test", "mine", "--knowledge", "other"),
        ("check", "mine", "--knowledge", "other"),
        ("docs", "mine", "-o", "site", "--knowledge", "other"),
        ("schema", "mine", "--knowledge", "other"),
        ("mutate", "mine/rules/all.yaml", "other/rules/all.yaml"),
        ("mutate", "mine/rules/all.yaml", "--knowledge", "other"),
        ("new", "rule", "a-new-rule", "--to", "mine/rules/all.yaml", "--knowledge", "other"),
        ("fmt", "mine/rules/all.yaml", "--knowledge", "other"),
    ],
)
def test_two_folders_at_once_are_an_error(words: tuple[str, ...]) -> None:
    ran = run(*words)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("two knowledge folders are meant: ")
    assert "mine" in ran.err
    assert "other" in ran.err


def test_a_folder_that_is_named_twice_is_one(here: Path) -> None:
    (here / "link").symlink_to(here / "mine")
    assert run("test", "mine/rules/all.test.yaml", "--knowledge", "link").status == 0


def test_a_folder_around_and_one_below_the_working_directory_are_two(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house(here / "mine" / "knowledge", "third")
    monkeypatch.chdir(here / "mine")
    ran = run("findings")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("two knowledge folders are meant: ")
    assert run("findings", "--knowledge", ".").status == 0


@pytest.mark.parametrize("command", ["check", "docs", "schema", "fmt"])
def test_a_path_in_no_knowledge_folder_is_refused_and_no_other_folder_used(here: Path, command: str) -> None:
    house(here / "knowledge", "third")
    (here / "empty").mkdir()
    ran = run(*words_of(command, OF_THE_KNOWLEDGE[command]), "empty")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("empty is in no knowledge folder\n")


@pytest.mark.parametrize("command", ["check", "docs", "schema"])
def test_a_path_in_a_knowledge_folder_that_does_not_exist_is_refused(here: Path, command: str) -> None:
    house(here / "mine", "third")
    ran = run(*words_of(command, OF_THE_KNOWLEDGE[command]), "mine/rules/al.yaml")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("mine/rules/al.yaml cannot be read: No such file or directory\n")


def test_cases_elsewhere_are_run_against_the_folder_in_use(here: Path) -> None:
    (here / "mine").rename(here / "knowledge")
    (here / "knowledge" / "rules" / "all.test.yaml").rename(here / "extra.test.yaml")
    ran = run("test", "extra.test.yaml")
    assert (ran.status, ran.err.count("using ./knowledge")) == (0, 1)


# --- broken knowledge -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spoilt", ["knowledge.yaml", "vocabulary.yaml", "rules/all.yaml"])
@pytest.mark.parametrize("gone", [True, False])
@pytest.mark.parametrize("command", sorted(set(OF_THE_KNOWLEDGE) - {"new"}))
def test_a_broken_folder_is_reported_and_no_other_used_in_its_place(
    here: Path, command: str, spoilt: str, *, gone: bool
) -> None:
    file = here / "mine" / spoilt
    file.unlink() if gone else file.write_text("a: [\n")
    (here / "mine").rename(here / "knowledge")
    ran = run(*words_of(command, OF_THE_KNOWLEDGE[command]))
    assert ran.status == (1 if command == "check" else 2)
    assert ran.err.startswith("using ./knowledge (")
    assert "knowledge/" in ran.out + ran.err.partition("\n")[2]


# --- revisions --------------------------------------------------------------------------------------------------------


def git(folder: Path, *words: str) -> None:
    name = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    subprocess.run(["git", "-C", str(folder), *name, *words], check=True, capture_output=True)


def test_a_revision_is_one_of_the_folder_that_is_named_or_in_use(here: Path) -> None:
    git(here, "init", "-q")
    git(here, "add", ".")
    git(here, "commit", "-q", "-m", "first")
    rules = here / "mine" / "rules" / "all.yaml"
    rules.write_text(rules.read_text().replace("supports leave", "excludes leave"))
    assert run("diff", "HEAD", "mine", "--fail-on-change").status == 1
    assert run("diff", "HEAD", "other", "--fail-on-change").status == 0
    assert run("diff", "HEAD", "--knowledge", "mine", "--fail-on-change").status == 1
    assert run("diff", "HEAD", "--fail-on-change", EXPERT_KNOWLEDGE="mine").status == 1
    assert run("diff", "mine", "other", "--knowledge", "mine").status == 2


# --- commands about a patient -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", sorted(ABOUT_A_PATIENT))
def test_a_patient_is_answered_by_the_named_folder_whose_hash_is_shown(here: Path, command: str) -> None:
    sha = read_knowledge(here / "mine").sha256[:8]
    words = words_of(command, ABOUT_A_PATIENT[command])
    for ran in (run(*words, "--knowledge", "mine", EXPERT_KNOWLEDGE="other"), run(*words, EXPERT_KNOWLEDGE="mine")):
        assert ran.status == 0, ran.err
        assert sha in ran.out
    assert ran.err == f"{used(here / 'mine')}as EXPERT_KNOWLEDGE says\n"


@pytest.mark.parametrize("words", [("assess",), ("enough",), ("change",), ("why", "conservative")])
def test_a_patient_is_answered_by_the_shipped_folder_whatever_is_around(
    here: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    house(here / "knowledge", "third")
    sha = read_knowledge().sha256[:8]
    for folder in (here, here / "mine"):
        monkeypatch.chdir(folder)
        ran = run(*words)
        assert (ran.status, ran.err) == (0, "")
        assert sha in ran.out


def test_a_table_is_answered_by_the_folder_of_the_environment(here: Path) -> None:
    (here / "table.csv").write_text("fire\nyes\n")
    ran = run("cohort", "table.csv", "-o", "out.csv", "--format", "json", EXPERT_KNOWLEDGE="mine")
    assert ran.status == 0, ran.err
    assert ran.err.splitlines()[0] == f"{used(here / 'mine')}as EXPERT_KNOWLEDGE says"
    assert json.loads(ran.out)["knowledge"]["sha256"] == read_knowledge(here / "mine").sha256


def test_a_consultation_says_what_asks_before_it_asks(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("expert.cli.consult.is_at_terminal", lambda: True)
    monkeypatch.setattr("expert.cli.consult._prepare_keyboard", lambda: None)
    ran = run("consult", "--knowledge", "mine", "--session", "s.yaml")
    assert ran.status == 0, ran.err
    assert read_knowledge(here / "mine").sha256[:8] in ran.out.splitlines()[0]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("command", ["assess", "findings"])
def test_an_environment_that_names_no_folder_is_reported(command: str) -> None:
    ran = run(command, EXPERT_KNOWLEDGE="nowhere")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("EXPERT_KNOWLEDGE names nowhere, which is not a folder\n")


@pytest.mark.parametrize(
    "words", [("assess", "--knowledge", ""), ("check", "--knowledge", ""), ("assess", "--site", "")]
)
def test_an_empty_word_names_nothing(words: tuple[str, ...]) -> None:
    ran = run(*words)
    assert (ran.status, ran.out) == (2, "")
    assert f"{words[1]} names no f" in ran.err


# --- the site ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("here")
def test_the_environment_names_the_site_unless_the_option_does() -> None:
    Path("closed.yaml").write_text("door: no\n")
    Path("open.yaml").write_text("door: yes\n")
    words = ("assess", "--knowledge", "mine", "--format", "json")
    named = run(*words, "--site", "closed.yaml", EXPERT_SITE="open.yaml")
    assert (json.loads(named.out)["given"], named.err) == ({"door": False}, "")
    ran = run(*words, EXPERT_SITE="open.yaml")
    assert json.loads(ran.out)["given"] == {"door": True}
    assert ran.err == "using the site open.yaml, as EXPERT_SITE says\n"
    assert json.loads(run(*words, EXPERT_SITE="").out)["given"] == {}


@pytest.fixture
def own(here: Path) -> Path:
    """A configuration with a site file."""
    folder = here / "configuration"
    folder.mkdir()
    (folder / "site.yaml").write_text("door: yes\n")
    return folder


def test_the_site_of_the_configuration_is_used_where_no_other_is_named(own: Path) -> None:
    words = ("assess", "--knowledge", "mine", "--format", "json")
    ran = run(*words, EXPERT_CONFIG=str(own))
    assert json.loads(ran.out)["given"] == {"door": True}
    assert ran.err == f"using the site {own / 'site.yaml'}, of your configuration\n"
    Path("closed.yaml").write_text("door: no\n")
    for ran in (
        run(*words, "--site", "closed.yaml", EXPERT_CONFIG=str(own)),
        run(*words, EXPERT_CONFIG=str(own), EXPERT_SITE="closed.yaml"),
    ):
        assert json.loads(ran.out)["given"] == {"door": False}
        assert "configuration" not in ran.err
    ran = run(*words, EXPERT_CONFIG=str(own), EXPERT_SITE="")
    assert (json.loads(ran.out)["given"], ran.err) == ({}, "")


def test_a_mistake_in_the_site_of_the_configuration_is_reported_with_its_place(own: Path) -> None:
    (own / "site.yaml").write_text("dor: yes\n")
    ran = run("assess", "--knowledge", "mine", EXPERT_CONFIG=str(own))
    assert (ran.status, ran.out) == (2, "")
    assert f"{own / 'site.yaml'}:1:1: 'dor' is not a finding of the site" in ran.err
    assert "did you mean door?" in ran.err


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the platform's folder does not follow a variable")
def test_the_folder_of_the_platform_holds_the_configuration(own: Path) -> None:
    (own / "expert").mkdir()
    (own / "site.yaml").rename(own / "expert" / "site.yaml")
    ran = run("assess", "--knowledge", "mine", EXPERT_CONFIG="", XDG_CONFIG_HOME=str(own))
    assert ran.err == f"using the site {own / 'expert' / 'site.yaml'}, of your configuration\n"


@pytest.mark.usefixtures("here")
def test_a_configuration_without_a_site_is_no_mistake() -> None:
    ran = run("assess", "--knowledge", "mine", EXPERT_CONFIG="nowhere")
    assert (ran.status, ran.err) == (0, "")


@pytest.mark.usefixtures("here")
def test_a_file_in_the_place_of_the_configuration_is_reported(own: Path) -> None:
    ran = run("assess", "--knowledge", "mine", EXPERT_CONFIG=str(own / "site.yaml"))
    assert (ran.status, ran.out) == (2, "")
    assert f"EXPERT_CONFIG names {own / 'site.yaml'}, which is not a folder" in ran.err
    assert "EXPERT_SITE names a site file" in ran.err


@pytest.mark.usefixtures("here")
def test_a_site_of_the_environment_that_cannot_be_used_is_reported() -> None:
    ran = run("assess", "--knowledge", "mine", EXPERT_SITE="nowhere.yaml")
    assert (ran.status, ran.out) == (2, "")
    assert "nowhere.yaml cannot be read" in ran.err
