"""Reviews of rules: who signed which text, and what names those that have changed since."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from expert import read_knowledge
from expert.lang.definitions import Definitions
from tests.command_line import run
from tests.conftest import REPOSITORY

BASES = {it: REPOSITORY / it for it in ("knowledge", "tests/garden", "tests/other_ladder", "tests/knee")}
RULE = "burnt-and-limp-is-exhausted"


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BASES["tests/garden"], tmp_path / "garden"))


def sign(folder: Path, *words: str, by: str = "head gardener") -> str:
    done = run("sign", "--by", by, "--yes", *words, "--knowledge", str(folder))
    assert (done.status, done.err) == (0, ""), done.err
    return done.out


def edit(folder: Path, old: str, new: str) -> None:
    file = folder / "rules" / "sun.yaml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def contents(folder: Path) -> dict[Path, bytes]:
    return {it: it.read_bytes() for it in folder.rglob("*") if it.is_file()}


@pytest.mark.parametrize("name", BASES)
def test_all_rules_can_be_signed_and_all_else_stays(name: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(BASES[name], tmp_path / "base"))
    before = read_knowledge(folder)
    assert f"{len(before.written_rules)} rules signed as reviewed by head gardener\n" in sign(folder)
    after = read_knowledge(folder)
    assert Definitions(after).premises == Definitions(before).premises
    assert {len(rule.reviewed) for rule in after.written_rules.values()} == {1}
    assert run("fmt", "--check", str(folder)).status == 0
    for file in (folder / "rules").glob("*.yaml"):
        text = file.read_text("utf-8")
        kept = re.sub(r"    reviewed:\n(      .*\n)+", "", text)
        assert kept == (BASES[name] / "rules" / file.name).read_text("utf-8")


def test_check_names_each_rule_that_has_changed_since(garden: Path) -> None:
    sign(garden)
    assert "review-outdated" not in run("check", "--no-proofs", str(garden)).out
    edit(garden, "more water than it takes up", "more water than it drinks")
    found = [line for line in run("check", "--no-proofs", str(garden)).out.splitlines() if "review-outdated" in line]
    assert len(found) == 1
    assert f"{RULE} has changed since head gardener reviewed it on 20" in found[0]
    assert "its text has changed since" in " ".join(run("show", RULE, "--knowledge", str(garden)).out.split())
    assert sign(garden).endswith("1 rule signed as reviewed by head gardener\n")
    assert "review-outdated" not in run("check", "--no-proofs", str(garden)).out


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("when: [scorched, limp]", "when: [scorched, not limp]"),
        ("when: [scorched, limp]", "when: scorched\n    unless: limp"),
        ("cite: [S01]", "cite: [S02]"),
        ("title: A burnt and limp plant", "title: A burnt, limp plant"),
    ],
)
def test_whatever_a_rule_says_belongs_to_the_text(garden: Path, old: str, new: str) -> None:
    sign(garden, RULE)
    edit(garden, old, new)
    assert "review-outdated" in run("check", "--no-proofs", str(garden)).out


def test_layout_and_status_do_not(garden: Path) -> None:
    sign(garden, RULE)
    edit(garden, "when: [scorched, limp]", "when:  # both\n      - scorched\n      - limp")
    edit(garden, "when:", "status: draft\n    when:")
    out = run("check", "--no-proofs", str(garden)).out
    assert "cannot be read" not in out
    assert "review-outdated" not in out


def test_each_role_has_its_own_review(garden: Path) -> None:
    sign(garden, RULE)
    sign(garden, RULE, by="yes")
    assert [it.by for it in read_knowledge(garden).rules[RULE].reviewed] == ["head gardener", "yes"]
    assert sign(garden, RULE) == "nothing to sign: head gardener has reviewed 1 rule as written\n"
    assert "reviewed by head gardener on 20" in run("show", RULE, "--knowledge", str(garden)).out


def test_a_file_with_other_line_endings_keeps_them(garden: Path) -> None:
    file = garden / "rules" / "sun.yaml"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    sign(garden, RULE)
    assert file.read_bytes().count(b"\n") == file.read_bytes().count(b"\r\n")


def test_a_text_with_further_separators_is_signed_in_its_own_rules(garden: Path) -> None:
    edit(garden, "    cite: [S01]", "    cite: [S01]  # seen\u2028")
    sign(garden)
    assert "review-outdated" not in run("check", "--no-proofs", str(garden)).out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--by", "gardener", "--yes", "burnt-and-limp-is-exausted"], f"did you mean {RULE}?"),
        (["--by", "a=b", "--yes"], "is not a role"),
        (["--by", "gardener"], "There is no terminal to ask at, and nothing was written"),
        ([], "Missing option '--by'"),
    ],
)
def test_mistakes_are_refused_and_nothing_is_written(garden: Path, words: list[str], said: str) -> None:
    before = contents(garden)
    done = run("sign", *words, "--knowledge", str(garden))
    assert done.status == 2
    assert said in done.err
    assert contents(garden) == before


def test_a_review_without_a_hash_is_a_fault_at_its_place(garden: Path) -> None:
    edit(garden, "    cite: [S01]", "    cite: [S01]\n    reviewed:\n      gardener: {on: yesterday}")
    done = run("check", str(garden))
    assert done.status == 1
    assert "a review of a rule lacks 'hash'" in done.out
    assert "sun.yaml:" in done.out
