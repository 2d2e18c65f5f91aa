"""The house style: the order of keys and the indentation, nothing else; a file is written whole or not at all."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from expert import KnowledgeError, read_knowledge
from expert.edit import format as house
from expert.edit.comments import comments
from expert.edit.format import formatted, misformatted
from expert.lang.errors import MissingExtraError
from expert.lang.folder_layout import FILES, kind_of, order_at
from expert.read.knowledge import shipped_knowledge
from tests.command_line import Run, run
from tests.malformed import BASE, spoilt

pytest.importorskip("ruamel.yaml", reason="the extra [edit] is not installed")

ROOT = Path(__file__).resolve().parent.parent
OTHER = ROOT / "tests" / "other_ladder"
RULE = """\
rules:

  # The first

  a-rule:
    # On the whole rule
    title: A rule  # as it is called
    # On the premises
    when:
      - pests  # the first
      # - wilting
      - not wilting

    then: [supports quarantine, alert pests]
    # Why?
    # Because.
    because: >-
      One line
      and another.

      # no comment
    cite: ['S01', "S02"]

  # The second
  b-rule:
    title: 'B: the second'
    when: always
    then: supports care
    because: |
      As it is.
    cite: S01
# The end
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def kinds() -> list[tuple[Path, str]]:
    """Every file of the shipped knowledge and of another folder, with its kind."""
    return [
        (file, kind_of(file.relative_to(folder).as_posix()))
        for folder in (Path(shipped_knowledge()), OTHER, BASE)
        for file in sorted(folder.rglob("*.yaml"))
    ]


def test_the_shipped_knowledge_is_in_house_style() -> None:
    assert misformatted(None) == {}
    for folder in (OTHER, BASE):
        assert misformatted(str(folder)) == {}


# --- order ------------------------------------------------------------------------------------------------------------


def test_keys_are_put_in_order_each_with_the_comments_above_it() -> None:
    disordered = """\
rules:
  a-rule:
    # On the whole rule
    cite: [S01]  # cited
    # On the title
    title: A rule

    because: >-
      One line
      and another.
    # On the premises
    when:
      - pests
      # - wilting
    # On what follows
    then: supports care
  # On the next
  b-rule:
    title: B
"""
    assert (
        formatted(disordered, "rules")
        == """\
rules:
  a-rule:
    # On the whole rule
    # On the title
    title: A rule
    # On the premises
    when:
      - pests
      # - wilting
    # On what follows
    then: supports care

    because: >-
      One line
      and another.
    cite: [S01]  # cited
  # On the next
  b-rule:
    title: B
"""
    )


def test_an_item_of_a_list_keeps_its_dash() -> None:
    disordered = """\
# Cases
- given: {like: x}
  # What follows
  expect: {recommended: a}
  name: The first

- expect:
    without: {}
    recommended: b
  # Who?
  name: The second
  given:
    soil: dry
"""
    assert (
        formatted(disordered, "cases")
        == """\
# Cases
- name: The first
  given: {like: x}
  # What follows
  expect: {recommended: a}

  # Who?
- name: The second
  given:
    soil: dry
  expect:
    without: {}
    recommended: b
"""
    )


def test_keys_in_braces_are_put_in_order() -> None:
    line = "rules: {a: {cite: [S01], because: B, title: 'A, b', then: supports c, when: always}}\n"
    assert formatted(line, "rules") == (
        "rules: {a: {title: 'A, b', when: always, then: supports c, because: B, cite: [S01]}}\n"
    )


def test_keys_without_a_documented_order_keep_theirs() -> None:
    for text, kind in (
        ("rules:\n  b-rule: {title: B}\n  a-rule: {title: A}\n", "rules"),
        ("- name: A\n  given: {soil: dry, age: 3}\n  expect: {because: a, answer: open}\n", "cases"),
        ("soil: dry\nage: 3 years\n", "patient"),
    ):
        assert formatted(text, kind) == text


def shuffled(text: str, kind: str, random: Random) -> str:
    """A text with the entries of each rule, finding, step or case in another order."""
    found: list[str] = []
    blocks = re.split(r"^(?=  [a-z][\w-]*:$)", text, flags=re.MULTILINE)
    assert order_at(kind, ("rules", "x"))
    for block in blocks:
        head, *entries = re.split(r"^(?=    [a-z])", block, flags=re.MULTILINE)
        tail = ""
        if entries and (end := re.search(r"\n(?:\n|  #|#)[\s\S]*\Z|\n\Z", entries[-1])):
            entries[-1], tail = entries[-1][: end.start() + 1], entries[-1][end.start() + 1 :]
        random.shuffle(entries)
        found += [head, *entries, tail]
    return "".join(found)


def test_entries_in_any_order_are_put_back_in_order() -> None:
    random = Random(0)
    changed = 0
    for file, kind in kinds():
        if kind == "rules":
            text = file.read_text(encoding="utf-8")
            mixed = shuffled(text, kind, random)
            changed += mixed != text
            assert formatted(mixed, kind) == text
    assert changed > 10


# --- what is left alone -----------------------------------------------------------------------------------------------


def test_comments_quotes_texts_and_blank_lines_are_kept() -> None:
    assert formatted(RULE, "rules") == RULE


def test_indentation_is_put_in_style_with_the_comments() -> None:
    wide = re.sub(r"^( +)", lambda found: found[1] * 2, RULE, flags=re.MULTILINE)
    assert wide != RULE
    assert formatted(wide, "rules") == RULE
    narrow = RULE.replace("\n      - ", "\n    - ").replace("\n      # - ", "\n    # - ")
    assert formatted(narrow, "rules") == RULE


def test_a_plain_text_over_several_lines_becomes_a_folded_text() -> None:
    text = (
        "rules:\n  a-rule:\n    title: A\n    because: One line\n      and another\n      and a third.\n    cite: S01\n"
    )
    assert formatted(text, "rules") == (
        "rules:\n  a-rule:\n    title: A\n    because: >-\n      One line\n      and another\n      and a third.\n"
        "    cite: S01\n"
    )


@pytest.mark.parametrize(
    "scalar", ["no", "010", "1_000", "0x10", "1e3", "2026-11-22", "~", "null", "12:30", "+5", ".5"]
)
def test_scalars_are_left_as_written(scalar: str) -> None:
    text = f"a: {scalar}\nb: [{scalar}, '{scalar}', \"{scalar}\"]\n"
    assert formatted(text, "patient") == text


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"])
def test_a_file_without_content_is_left_alone(text: str) -> None:
    assert formatted(text, "patient") == text


@pytest.mark.parametrize("head", ["# A\n---\n", "---  # A\n", "# A\n\n# B\n---\n", "---\n"])
def test_comments_before_the_start_of_a_document_are_kept(head: str) -> None:
    assert formatted(f"{head}# C\nsoil:  dry\n", "patient") == f"{head}# C\nsoil: dry\n"


def test_blank_lines_at_the_start_and_windows_line_ends_are_removed() -> None:
    assert formatted("\n \n# A\r\nsoil:  dry\r\n  \r\nage: 3", "patient") == "# A\nsoil: dry\n\nage: 3\n"


def test_formatting_is_idempotent_and_loses_no_comment() -> None:
    random = Random(1)
    for file, kind in kinds():
        text = file.read_text(encoding="utf-8")
        lines = text.split("\n")
        for _ in range(3):
            at = random.randrange(len(lines))
            if lines[at] and not re.search(r"[>|]-?$", lines[at]) and len(lines[at]) < 60:
                lines[at] += f"  # remark {at}"
        marked = "\n".join(lines)
        once = formatted(marked, kind)
        assert comments(once) == comments(marked)
        assert formatted(once, kind) == once
        if len(text) > 20_000:
            break


def test_comments_begin_with_a_number_sign_outside_texts() -> None:
    assert list(comments("# a\nb: 'c # d'  # e\nf: >-\n  # g\nh: [i, # j\n  k#l]\n# a\n").items()) == [
        ("# a", 2),
        ("# e", 1),
        ("# j", 1),
    ]


# --- files ------------------------------------------------------------------------------------------------------------


def fmt(*words: str) -> Run:
    return run("fmt", *words)


def unsettled(tmp_path: Path) -> tuple[Path, Path]:
    """A copy of the base knowledge in which a rule file and a patient are not in house style."""
    folder = tmp_path / spoilt(tmp_path, ())
    rules, patient = folder / "rules" / "trouble.yaml", folder / "patients" / "a.yaml"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(re.sub(r"^( +)", r"\1\1", text, flags=re.MULTILINE), encoding="utf-8")
    patient.parent.mkdir(exist_ok=True)
    patient.write_text("{soil:   dry}\n", encoding="utf-8")
    return rules, patient


def test_check_names_what_would_change_and_writes_nothing(tmp_path: Path) -> None:
    rules, patient = unsettled(tmp_path)
    before = rules.read_bytes(), patient.read_bytes()
    lines = "would change k/patients/a.yaml\nwould change k/rules/trouble.yaml\n"
    assert fmt("--check", "--knowledge", "k") == Run(1, lines, "")
    assert (rules.read_bytes(), patient.read_bytes()) == before


def test_files_are_written_and_then_read_to_the_same_model(tmp_path: Path) -> None:
    rules, patient = unsettled(tmp_path)
    rules.chmod(0o640)
    before = read_knowledge("k")
    lines = "changed k/patients/a.yaml\nchanged k/rules/trouble.yaml\n"
    assert fmt("--knowledge", "k") == Run(0, lines, "")
    assert patient.read_text(encoding="utf-8") == "{soil: dry}\n"
    assert rules.read_bytes() == (BASE / "rules" / "trouble.yaml").read_bytes()
    assert rules.stat().st_mode & 0o777 == 0o640
    assert read_knowledge("k").rules.keys() == before.rules.keys()
    assert fmt("--check", "--knowledge", "k") == fmt("--knowledge", "k") == Run(0, "", "")
    assert not [file for file in rules.parent.iterdir() if file.name.startswith(".")]


def test_named_files_are_formatted_by_the_folder_they_are_in(tmp_path: Path) -> None:
    rules, patient = unsettled(tmp_path)
    assert fmt("k/patients/a.yaml") == Run(0, "changed k/patients/a.yaml\n", "")
    assert fmt("--check", str(rules), "k/patients/a.yaml") == Run(1, "would change k/rules/trouble.yaml\n", "")
    os.chdir(rules.parent)
    assert fmt("trouble.yaml").status == 0
    assert rules.read_bytes() == (BASE / "rules" / "trouble.yaml").read_bytes()
    assert patient.exists()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    rules, _ = unsettled(tmp_path)
    rules.rename(tmp_path / "elsewhere.yaml")
    rules.symlink_to(tmp_path / "elsewhere.yaml")
    fmt("--knowledge", "k")
    assert rules.is_symlink()
    assert (tmp_path / "elsewhere.yaml").read_bytes() == (BASE / "rules" / "trouble.yaml").read_bytes()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("k/README.md",), "k/README.md is not a file of k"),
        (("k/rules/none.yaml",), "k/rules/none.yaml cannot be read"),
        (("elsewhere/rules/a.yaml",), "elsewhere/rules/a.yaml is in no knowledge folder"),
        (("--knowledge", "k", "../a.yaml"), "../a.yaml is in no knowledge folder"),
        (("--knowledge", "nowhere"), "nowhere is not a folder"),
    ],
)
def test_a_file_outside_the_knowledge_is_refused(words: tuple[str, ...], message: str, tmp_path: Path) -> None:
    unsettled(tmp_path)
    ran = fmt(*words)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(message)


def test_knowledge_that_cannot_be_read_is_not_changed(tmp_path: Path) -> None:
    rules, patient = unsettled(tmp_path)
    rules.write_text(rules.read_text(encoding="utf-8").replace(" pests\n", " pest\n", 1), encoding="utf-8")
    before = rules.read_bytes(), patient.read_bytes()
    ran = fmt("--knowledge", "k")
    assert (ran.status, ran.out) == (2, "")
    assert (rules.read_bytes(), patient.read_bytes()) == before


def test_a_text_that_would_not_read_the_same_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules, patient = unsettled(tmp_path)
    before = rules.read_bytes(), patient.read_bytes()
    for wrong in ("pests: no\n", "{soil: wet}\n", "{soil: dry} # more\n"):
        monkeypatch.setattr(house, "formatted", lambda _text, _kind, wrong=wrong: wrong)
        ran = fmt("k/patients/a.yaml")
        assert (ran.status, ran.out) == (2, "")
        assert "k/patients/a.yaml is left unchanged: house style would change its content" in ran.err
    assert (rules.read_bytes(), patient.read_bytes()) == before


@pytest.mark.parametrize("end", ["\x85", "\u2028"])
def test_a_line_that_ends_as_lines_rarely_do_leaves_the_file_unchanged_with_a_message(tmp_path: Path, end: str) -> None:
    rules, _ = unsettled(tmp_path)
    rules.write_text(re.sub(r"(title: .*)\n", rf"\1{end}", rules.read_text("utf-8"), count=1), "utf-8")
    before = rules.read_bytes()
    ran = fmt("--knowledge", "k")
    assert (ran.status, ran.out) == (2, "")
    assert "is left unchanged: its style cannot be read" in ran.err
    assert rules.read_bytes() == before


def test_no_file_is_written_if_one_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules, patient = unsettled(tmp_path)
    before = rules.read_bytes(), patient.read_bytes()
    whole = os.fsync
    calls: list[int] = []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) > 1:
            raise OSError(28, "No space left on device")
        whole(handle)

    monkeypatch.setattr(os, "fsync", full)
    ran = fmt("--knowledge", "k")
    assert (ran.status, ran.out) == (2, "")
    assert "cannot be written: No space left on device" in ran.err
    assert (rules.read_bytes(), patient.read_bytes()) == before
    assert not list((tmp_path / "k").rglob(".*"))


def test_without_the_extra_the_command_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ruamel.yaml", None)
    monkeypatch.delitem(sys.modules, "expert.edit.round_trip", raising=False)
    with pytest.raises(MissingExtraError):
        formatted("a: b\n", "patient")
    ran = fmt("--knowledge", str(BASE))
    assert ran == Run(2, "", "expert fmt needs more packages: pip install 'expert-ladder[edit]'\n")


def test_every_kind_of_file_has_a_place() -> None:
    for kind, form in FILES.items():
        assert kind_of(form.replace("*", "name")) == kind
    for name in ("README.md", "a.yaml", "rules/a.yml", "rules/a/b.yaml", "patients/a.yaml/b"):
        assert kind_of(name) == ""


def test_an_error_of_a_file_that_is_not_yaml_is_located(tmp_path: Path) -> None:
    _, patient = unsettled(tmp_path)
    patient.write_text("a: [\n", encoding="utf-8")
    with pytest.raises(KnowledgeError) as error:
        misformatted("k")
    (problem,) = error.value.problems
    assert str(problem.at).startswith("k/patients/a.yaml:")


# --- before a commit --------------------------------------------------------------------------------------------------

HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


def test_every_hook_runs_a_command_of_the_program() -> None:
    assert [hook["id"] for hook in HOOKS] == ["expert-fmt", "expert-check", "expert-test"]
    for hook in HOOKS:
        name, command = hook["entry"].split()
        assert hook["id"] == f"{name}-{command}"
        assert run(command, "--help").status == 0


def test_the_format_hook_gets_exactly_the_files_that_have_a_style() -> None:
    (fmt_hook,) = (hook for hook in HOOKS if hook["id"] == "expert-fmt")
    for folder in (Path(shipped_knowledge()), OTHER, BASE):
        for file in folder.rglob("*"):
            name = file.relative_to(folder).as_posix()
            for before in ("", "knowledge/", "a/b/"):
                assert bool(re.search(fmt_hook["files"], before + name)) is bool(kind_of(name)), name
