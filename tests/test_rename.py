"""Renaming: an entry has its new name at every place, all else stays, and that is proved before it is written."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from random import Random

import pytest

from expert import KnowledgeError, read_knowledge
from expert.edit import rename
from expert.edit.rename import renamed_texts, renaming, write
from expert.lang.folder_layout import kind_of
from expert.read.uses import STYLES, Use
from tests.command_line import Run, run
from tests.fuzz.random_drafts import random_draft
from tests.malformed import spoilt
from tests.small_ladder import write_ladder
from tests.test_uses import KNOWLEDGE, TEXTS, index

EACH = bool(os.environ.get("RENAME_EACH"))
"""Whether every entry of the shipped knowledge is renamed and proved, which takes minutes."""

SEEDS = 300 if EACH else 30

ENTRIES = sorted({(it.kind, it.name) for it in index(TEXTS) if it.role == "defines"})
FRESH = {"snake_case": "quite_another", "kebab-case": "quite-another", "capitals": "QUITE-ANOTHER"}


def fresh(kind: str) -> str:
    return FRESH[STYLES[kind]]


def shape(uses: list[Use]) -> list[tuple[str, str, str, int]]:
    return [(it.kind, it.role, it.file, it.line) for it in uses]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small knowledge folder ``k``."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / spoilt(tmp_path, ())


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_each_entry_there_and_back_gives_the_same_texts() -> None:
    for number, (kind, name) in enumerate(ENTRIES):
        if number % 40 and not EACH:
            continue
        new = fresh(kind)
        found = renamed_texts(TEXTS, "k", name, new, kind)
        changed = found.texts
        full = f"{name.rpartition('.')[0]}.{new}" if kind == "option" else new
        assert {(it.kind, it.name) for it in index(changed)} >= {(kind, full)}
        assert (kind, name) not in {(it.kind, it.name) for it in index(changed)}
        assert shape(index(changed)) == shape(index(TEXTS))
        old = name.rpartition(".")[2]
        assert renamed_texts(changed, "k", full, old, kind).texts == TEXTS
        assert found.places


def some_of_each_kind() -> list[tuple[str, str]]:
    by_kind: dict[str, list[str]] = {}
    for kind, name in ENTRIES:
        by_kind.setdefault(kind, []).append(name)
    return [(kind, name) for kind, names in by_kind.items() for name in Random(kind).sample(names, 1)]


@pytest.mark.parametrize(("kind", "name"), ENTRIES if EACH else some_of_each_kind())
def test_an_entry_of_the_shipped_knowledge_is_renamed_with_proof(kind: str, name: str, tmp_path: Path) -> None:
    copy = tmp_path / "knowledge"
    shutil.copytree(KNOWLEDGE, copy)
    found = renaming(copy, "knowledge", name, fresh(kind), kind)
    write(copy, found)
    changed = {path: data for path, data in contents(copy).items() if data != (KNOWLEDGE / path).read_bytes()}
    assert changed.keys() == found.texts.keys()
    assert read_knowledge(copy).steps


@pytest.mark.parametrize("seed", range(SEEDS))
def test_an_entry_of_random_knowledge_is_renamed_there_and_back(seed: int, tmp_path: Path) -> None:
    rng = Random(seed)
    folder, copy = write_ladder(tmp_path / "before", **random_draft(seed)), tmp_path / "after"
    shutil.copytree(folder, copy)
    texts = {name: data.decode() for name, data in contents(folder).items() if kind_of(name)}
    kind, name = rng.choice(sorted({(it.kind, it.name) for it in index(texts) if it.role == "defines"}))
    write(copy, renaming(copy, "k", name, fresh(kind), kind, former=False))
    assert contents(copy) != contents(folder)
    if kind in ("finding", "rule", "constraint"):
        renamed = ["--renamed", f"{name}={fresh(kind)}"] if kind == "finding" else []
        ran = run("diff", str(folder), str(copy), *renamed, "--fail-on-change")
        assert (ran.status, ran.err) == (0, ""), ran.out
    full = f"{name.rpartition('.')[0]}.{fresh(kind)}" if kind == "option" else fresh(kind)
    write(copy, renaming(copy, "k", full, name.rpartition(".")[2], kind, former=False))
    assert contents(copy) == contents(folder)


def test_diff_proves_a_renamed_finding_equivalent(tmp_path: Path) -> None:
    copy = tmp_path / "knowledge"
    shutil.copytree(KNOWLEDGE, copy)
    assert run("rename", "scar_adhesions", "epidural_scar", "--knowledge", str(copy)).status == 0
    ran = run("diff", str(KNOWLEDGE), str(copy), "--fail-on-change")
    assert ran.status == 0
    assert ran.out.startswith("Proved equivalent: no answer changes for any patient.")


def test_all_else_stays_byte_for_byte(folder: Path) -> None:
    file = folder / "rules" / "water.yaml"
    file.write_bytes(b"# thirst and soil\r\n" + file.read_bytes().replace(b"\n", b"\r\n") + b"# soil\r\n")
    before = contents(folder)
    ran = run("rename", "soil", "earth", "--knowledge", "k", "--no-former")
    assert ran == Run(0, "8 places in 5 files renamed: the meaning is the same, which is proved\n", "")
    assert contents(folder) != before
    assert run("rename", "earth", "soil", "--knowledge", "k", "--no-former").status == 0
    assert contents(folder) == before


def test_hidden_files_are_left_out(folder: Path) -> None:
    hidden = folder / "rules" / ".#water.yaml"
    hidden.symlink_to("an editor that has the file open")
    (folder / ".git").mkdir()
    assert run("rename", "soil", "earth", "--knowledge", "k").status == 0
    assert hidden.is_symlink()


def test_a_dry_run_shows_the_places_and_writes_nothing(folder: Path) -> None:
    before = contents(folder)
    ran = run("rename", "wilting", "limp", "--knowledge", "k", "--dry-run")
    assert ran.status == 0
    assert "k/vocabulary.yaml:5:3 defines finding wilting\n" in ran.out
    assert ran.out.splitlines()[-2].endswith("would be renamed: the meaning is the same, which is proved")
    assert ran.out.splitlines()[-1] == "records that say wilting would still be read: it is kept under former"
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (("sol", "earth"), "'sol' is not an entry of this knowledge", "did you mean soil?"),
        (("soil", "Earth"), "'Earth' is not a name for a finding", "snake_case"),
        (("soil", "age"), "there is a finding called 'age' already", "another name"),
        (("soil", "warning_signs"), "there is a finding called 'warning_signs' already", ""),
        (("soil", "always"), "'always' is a reserved word", ""),
        (("soil", "earth", "--kind", "step"), "'soil' is not a step", ""),
        (("watering", "care"), "there is a step called 'care' already", ""),
        (("watering.rainwater", "fertiliser"), "there is an option called 'watering.fertiliser' already", ""),
        (("soil", "x" * 81), "is not a name for a finding", ""),
    ],
)
def test_what_cannot_be_renamed_is_refused_and_nothing_is_written(
    words: tuple[str, ...], message: str, hint: str, folder: Path
) -> None:
    before = contents(folder)
    ran = run("rename", *words, "--knowledge", "k")
    assert (ran.status, ran.out) == (2, "")
    assert message in ran.err
    assert hint in ran.err
    assert contents(folder) == before


def test_a_name_of_two_kinds_needs_the_kind(folder: Path) -> None:
    for file in folder.rglob("*.yaml"):
        file.write_text(file.read_text("utf-8").replace("losing_leaves", "pests"), "utf-8")
    ran = run("rename", "pests", "insects", "--knowledge", "k")
    assert ran.status == 2
    assert "pests is an alert and a finding" in ran.err
    assert "--kind alert or --kind finding" in ran.err
    assert run("rename", "pests", "insects", "--kind", "finding", "--knowledge", "k").status == 0
    assert "pests" in read_knowledge(folder).alerts


def test_a_result_that_is_not_proved_is_not_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(folder)
    monkeypatch.setattr(rename, "_meaning", lambda kb, renamed: object())  # noqa: ARG005
    with pytest.raises(KnowledgeError, match="the knowledge would not be the same"):
        renaming(folder, "k", "soil", "earth")
    assert contents(folder) == before
