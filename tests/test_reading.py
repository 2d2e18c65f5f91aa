"""A knowledge folder is read into a model with everything that is written, in the same order."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from expert import KnowledgeBase, KnowledgeError, read_knowledge
from expert.lang.errors import Location, Problem
from expert.lang.format import form
from expert.lang.model import Conclusion
from expert.lang.premises import All, Any, Compare, In, Is, Not
from expert.lang.vocabulary import Kind
from expert.read.fields import Fields
from expert.read.knowledge import shipped_knowledge
from expert.read.parse import parse
from expert.read.source import Problems, Source
from expert.render.plain import visible
from expert.render.problems import render_problems
from tests.malformed import BASE, spoilt


@pytest.fixture(scope="module")
def garden() -> KnowledgeBase:
    return read_knowledge(BASE)


def changed(where: Path, file: str, find: str, put: str) -> KnowledgeBase:
    return read_knowledge(where / spoilt(where, [{"file": file, "find": find, "put": put}]))


def problems_of(where: Path, file: str, find: str, put: str) -> list[str]:
    with pytest.raises(KnowledgeError) as error:
        changed(where, file, find, put)
    return [problem.message for problem in error.value.problems]


# --- what is read -----------------------------------------------------------------------------------------------------


def test_the_shipped_knowledge_is_read_by_default() -> None:
    assert read_knowledge().directory == str(shipped_knowledge())


def test_the_description_is_text_as_written(garden: KnowledgeBase) -> None:
    assert (garden.name, garden.version, garden.reviewed) == ("garden-ladder", "1.0.0", "2026-01-31")
    assert garden.disclaimer == "Plants differ."


def test_findings_are_in_the_order_written_with_the_concluded_ones_last(garden: KnowledgeBase) -> None:
    assert list(garden.findings) == [
        *["wilting", "soil", "time_since_watering", "age", "leaves_lost", "pests", "greenhouse"],
        *["thirst", "danger"],
    ]
    assert list(garden.concluded) == ["thirst", "danger"]


def test_a_quantity_has_its_bounds_in_the_base_unit_and_its_words(garden: KnowledgeBase) -> None:
    finding = garden.findings["time_since_watering"]
    assert (finding.kind, finding.low, finding.high) == (Kind.QUANTITY, 0.0, 365.25)
    assert (finding.written_range, finding.usual, finding.usual_written) == ("0 days .. 1 year", 2.0, "2 days")
    assert not finding.unit_may_be_omitted
    assert garden.findings["age"].unit_may_be_omitted


def test_usual_values_defaults_and_follow_ups_are_typed_by_the_vocabulary(garden: KnowledgeBase) -> None:
    assert garden.findings["wilting"].usual is True
    assert garden.findings["leaves_lost"].usual == 0.1
    assert garden.findings["leaves_lost"].asked_if == All((Is("wilting", True),))
    assert garden.findings["greenhouse"].default is False
    assert garden.findings["danger"].otherwise == "none"


def test_a_panel_has_the_value_of_none_for_each_member(garden: KnowledgeBase) -> None:
    assert garden.panels["warning_signs"].members == {"pests": False, "leaves_lost": 0.0}


def test_a_rule_holds_its_premises_exceptions_and_conclusions(garden: KnowledgeBase) -> None:
    rule = garden.rules["limp-in-dry-soil-is-thirst"]
    assert rule.when == (
        Is("wilting", True),
        Any((Is("soil", "dry"), Compare("time_since_watering", ">", 21.0, "3 weeks"))),
    )
    assert rule.unless == (Is("soil", "soaked"),)
    assert rule.premise == All((*rule.when, Not(Is("soil", "soaked"))))
    assert rule.then == (Conclusion("finding", "thirst"),)
    assert rule.at == Location(f"{BASE}/rules/water.yaml", 2, 3)


def test_several_exceptions_are_each_an_exception(garden: KnowledgeBase) -> None:
    assert garden.rules["old-plants-are-repotted"].unless == (
        In("soil", ("moist", "soaked")),
        Not(Is("wilting", True)),
    )


def test_a_step_group_is_replaced_by_its_steps(garden: KnowledgeBase) -> None:
    assert garden.rules["soaked-soil-excludes-care"].then == (
        Conclusion("excludes", "watering"),
        Conclusion("excludes", "repotting"),
    )
    assert garden.advice["keep_a_diary"].steps == ("watering", "repotting")
    assert garden.invariants["no-care-under-quarantine"].targets == ("watering", "repotting")


def test_rules_are_in_order_of_file_and_line(garden: KnowledgeBase) -> None:
    assert [(Path(rule.at.file).name, rule.at.line) for rule in garden.rules.values()] == sorted(
        (Path(rule.at.file).name, rule.at.line) for rule in garden.rules.values()
    )


def test_steps_and_options_have_the_entries_of_the_ladder(garden: KnowledgeBase) -> None:
    assert garden.steps["quarantine"].gate
    assert garden.steps["quarantine"].meanwhile == "watering"
    assert garden.steps["plastic_plant"].never_recommended
    assert [(name, option.if_supported, option.note) for name, option in garden.options.items()] == [
        ("watering.rainwater", False, ""),
        ("watering.fertiliser", True, "Little of it."),
    ]


def test_references_keep_their_kind_and_whether_they_were_read(garden: KnowledgeBase) -> None:
    assert {name: (it.kind, it.verified) for name, it in garden.references.items()} == {
        "S01": ("claim", True),
        "S02": ("claim", True),
        "GARDEN-2020": ("guideline", False),
        "SAFETY-PESTS": ("safety", True),
        "A01": ("assumption", True),
    }


def test_the_digest_changes_exactly_with_the_bytes_of_the_files(garden: KnowledgeBase, tmp_path: Path) -> None:
    assert read_knowledge(shutil.copytree(BASE, tmp_path / "same")).sha256 == garden.sha256
    assert changed(tmp_path, "guidance.yaml", "evening only.", "evening  only.").sha256 != garden.sha256
    moved = shutil.copytree(BASE, tmp_path / "moved")
    (moved / "rules" / "water.yaml").rename(moved / "rules" / "wet.yaml")
    assert read_knowledge(moved).sha256 != garden.sha256


def test_guidance_and_invariants_may_be_absent(tmp_path: Path) -> None:
    folder = shutil.copytree(BASE, tmp_path / "k")
    (folder / "guidance.yaml").unlink()
    (folder / "invariants.yaml").unlink()
    kb = read_knowledge(folder)
    assert (kb.notes, kb.invariants) == ({}, {})


def test_the_order_of_keys_does_not_matter(garden: KnowledgeBase, tmp_path: Path) -> None:
    title = "    title: A thirsty plant is watered\n"
    kb = changed(tmp_path, "rules/water.yaml", f"{title}    when: thirst\n", f"    when: thirst\n{title}")
    assert kb.rules["thirst-supports-watering"].when == garden.rules["thirst-supports-watering"].when


def test_texts_of_several_lines_become_one(tmp_path: Path) -> None:
    kb = changed(tmp_path, "rules/water.yaml", "because: Roots rot.", "because: >-\n      Roots\n      rot.")
    assert kb.rules["soaked-soil-excludes-care"].because == "Roots rot."


def test_windows_line_ends_and_a_byte_order_mark_are_ignored(garden: KnowledgeBase, tmp_path: Path) -> None:
    folder = shutil.copytree(BASE, tmp_path / "k")
    for file in folder.rglob("*.yaml"):
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    kb = read_knowledge(folder)
    assert [rule.premise for rule in kb.rules.values()] == [rule.premise for rule in garden.rules.values()]


def test_a_value_may_look_like_a_truth_value(tmp_path: Path) -> None:
    kb = changed(
        tmp_path, "vocabulary.yaml", "values: [none, slight, grave]", "values: [none, slight, grave, yes, on, no]"
    )
    assert kb.findings["danger"].values == ("none", "slight", "grave", "yes", "on", "no")


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "find", "put", "message"),
    [
        ("vocabulary.yaml", "usual: 2 days", "usual: 2", "time_since_watering: '2' has no unit"),
        ("vocabulary.yaml", "usual: 1/10", "usual: 11/10", "leaves_lost: '11/10' is out of range"),
        ("vocabulary.yaml", "usual: moist", "usual: unknown", "'unknown' is not a value of soil"),
        ("vocabulary.yaml", "asked_if: wilting", "asked_if: always", "'always' is used alone, and only in when:"),
        ("vocabulary.yaml", "range: 0 .. 1", "range: 0 - 1", "'0 - 1' is not a range"),
        (
            "vocabulary.yaml",
            "range: 0 .. 1",
            "range: 0 .. 1 day",
            "days measure time, but this is a number without unit",
        ),
        ("vocabulary.yaml", "range: 0 .. 1", "range: 1 .. 1", "the range '1 .. 1' is empty"),
        ("vocabulary.yaml", "unit: days", "unit: day s", "'day s' is not a unit"),
        ("vocabulary.yaml", "[dry, moist, soaked]", "[dry]", "a choice has at least two values"),
        ("vocabulary.yaml", "[dry, moist, soaked]", "[dry, moist, dry]", "the value 'dry' appears twice"),
        ("vocabulary.yaml", "[dry, moist, soaked]", "[dry, moist, unknown]", "'unknown' is not the name of a value"),
        ("vocabulary.yaml", "    values: [dry, moist, soaked]\n", "", "'soil' is a choice and lacks 'values'"),
        (
            "vocabulary.yaml",
            "    default: no",
            "    default: no\n    usual: no",
            "a finding has a usual value or a default, not both",
        ),
        ("vocabulary.yaml", "otherwise: none", "otherwise: non", "'non' is not a value of 'otherwise'"),
        ("vocabulary.yaml", "  thirst:\n", "  pests:\n", "'pests' is already an input finding"),
        ("vocabulary.yaml", "  warning_signs:", "  soil:", "'soil' is already a finding"),
        ("vocabulary.yaml", "  warning_signs:", "  Warning-signs:", "'Warning-signs' is not a name"),
        ("vocabulary.yaml", "      pests: no\n", "      thirst: no\n", "'thirst' is not an input finding"),
        ("vocabulary.yaml", "      pests: no\n      leaves_lost: 0", "      {}", "there are no members"),
        (
            "vocabulary.yaml",
            "never: [soil is soaked, time_since_watering > 30 days]",
            "never: always",
            "'always' is used alone, and only in when:",
        ),
        (
            "vocabulary.yaml",
            "never: [soil is soaked, time_since_watering > 30 days]",
            "never: []",
            "this list of premises is empty",
        ),
        ("ladder.yaml", "  care:", "  watering:", "'watering' is already a step"),
        ("ladder.yaml", "gate: yes", "gate: perhaps", "'perhaps' is not a value of 'gate'"),
        ("ladder.yaml", "offered: if_supported", "offered: always", "'always' is not a value of 'offered'"),
        ("references.yaml", "  A01:", "  a 01:", "'a 01' is not the id of a reference"),
        ("references.yaml", "  A01:", "  S02:", "'S02' appears twice; first on line 6"),
        ("references.yaml", "role: rule", "role: law", "'law' is not a value of 'role'"),
        ("guidance.yaml", "sources: [GARDEN-2020]", "sources: [S01]", "'S01' is not a guideline"),
        ("guidance.yaml", "differs_from: [S01]", "differs_from: [A01]", "'A01' is not a claim"),
        ("invariants.yaml", "never: recommended care", "never: supported care", "'supported' is not a promise"),
        ("invariants.yaml", "never: recommended care", "never: recommended", "'' is not a step or a step group"),
        (
            "invariants.yaml",
            "never: recommended care",
            "never: recommended care\n    always: recommended care",
            "an invariant has either never or always",
        ),
        ("rules/water.yaml", "rules:\n", "rules:\n  Bad_Id: {}\n", "'Bad_Id' is not a name"),
        (
            "rules/water.yaml",
            "then: thirst",
            "then: thirst is yes",
            "thirst is a yes/no finding, which a rule concludes without a value",
        ),
        ("rules/water.yaml", "then: thirst", "then: danger", "danger is a choice"),
        ("rules/water.yaml", "then: thirst", "then: danger is total", "'total' is not a value of danger"),
        ("rules/water.yaml", "then: thirst", "then: supports", "'supports' needs a step, a step group or an option"),
        ("rules/water.yaml", "then: thirst", "then: not thirst", "'not thirst' is not a conclusion"),
        ("rules/water.yaml", "then: thirst", "then: advise losing_leaves", "'losing_leaves' is not an advice"),
        ("rules/water.yaml", "then: thirst", "then: prefers care", "'care' is not an option"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_reason(tmp_path: Path, file: str, find: str, put: str, message: str) -> None:
    assert message in problems_of(tmp_path, file, find, put)


def test_two_loops_without_a_common_finding_are_both_reported(tmp_path: Path) -> None:
    spoilt(tmp_path, [{"file": "rules/trouble.yaml", "find": "when: pests", "put": "when: danger is slight"}])
    file = tmp_path / "k" / "rules" / "water.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("- wilting", "- thirst"), encoding="utf-8")
    with pytest.raises(KnowledgeError) as error:
        read_knowledge(tmp_path / "k")
    assert [problem.message for problem in error.value.problems] == [
        "findings are concluded from each other: danger <- danger",
        "findings are concluded from each other: thirst <- thirst",
    ]


def test_a_loop_is_reported_with_other_mistakes(tmp_path: Path) -> None:
    put = "when: danger is slight\n    unless: nothing_known"
    assert problems_of(tmp_path, "rules/trouble.yaml", "when: pests", put) == [
        "findings are concluded from each other: danger <- danger",
        "'nothing_known' is not a finding",
    ]


def test_mistakes_in_a_rule_with_a_duplicate_id_are_reported(tmp_path: Path) -> None:
    put = "pests-support-quarantine:\n    title: Again\n    when: nothing_known"
    find = "soaked-soil-excludes-care:\n    title: Soaked soil is left alone\n    when: soil is soaked"
    assert [message.partition(";")[0] for message in problems_of(tmp_path, "rules/water.yaml", find, put)] == [
        "the rule 'pests-support-quarantine' appears twice",
        "'nothing_known' is not a finding",
    ]


# --- what is not read -------------------------------------------------------------------------------------------------


def _in_a_subfolder(folder: Path) -> None:
    (folder / "rules" / "sub").mkdir()
    (folder / "rules" / "water.yaml").rename(folder / "rules" / "sub" / "water.yaml")


def _dangling(folder: Path) -> None:
    (folder / "guidance.yaml").unlink(missing_ok=True)
    (folder / "guidance.yaml").symlink_to("nowhere")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda it: (it / "rules/water.yaml").rename(it / "rules/water.YAML"), "k/rules/water.YAML is not read"),
        (lambda it: (it / "rules/water.yaml").rename(it / "rules/water.yml"), "k/rules/water.yml is not read"),
        (_in_a_subfolder, "k/rules/sub is a folder, which is not read"),
        (lambda it: (it / "invariants.yaml").rename(it / "invariants.yml"), "k/invariants.yml is not read"),
        (lambda it: (it / "invariants.yaml").rename(it / "Invariants.yaml"), "k/Invariants.yaml is not read"),
        (_dangling, "k/guidance.yaml is missing"),
    ],
)
def test_no_file_that_may_belong_to_the_knowledge_is_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Path], object], message: str
) -> None:
    spoilt(tmp_path, [])
    spoil(tmp_path / "k")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(KnowledgeError) as caught:
        read_knowledge("k")
    assert message in [problem.message for problem in caught.value.problems]


def test_a_folder_of_rules_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(folder: str) -> list[str]:
        raise PermissionError(13, "Permission denied", folder)

    spoilt(tmp_path, [])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.listdir", refused)
    with pytest.raises(KnowledgeError) as caught:
        read_knowledge("k")
    messages = [problem.message for problem in caught.value.problems]
    assert "k/rules cannot be read: Permission denied" in messages
    assert not any("has no rule files" in it for it in messages)


# --- fields -----------------------------------------------------------------------------------------------------------


def fields(text: str, keys: str = "title when", required: str = "") -> tuple[Fields, list[str]]:
    problems = Problems()
    return Fields(parse(Source("file", text), problems), form("a thing", keys, required), problems), [
        problem.message for problem in problems.found
    ]


def test_a_misspelt_key_is_read_as_the_intended_key() -> None:
    read, problems = fields("titel: x", required="title")
    assert (read.text("title"), problems) == ("x", ["a thing has no key 'titel'"])


def test_missing_keys_are_named_together() -> None:
    assert fields("{}", required="title when")[1] == ["a thing lacks 'title', 'when'"]


def test_a_mapping_of_other_keys_is_one_mistake() -> None:
    assert fields("a: 1\nb: 2\nc: 3", required="title")[1] == ["a thing has no key 'a'"]


def test_a_missing_key_is_not_reported_where_another_appears_twice() -> None:
    assert fields("title: a\ntitle: b", required="title when")[1] == ["'title' appears twice; first on line 1"]


# --- how problems are shown -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, 日本 é", "plain, 日本 é"),
        ("\x1b[31m", r"\x1b[31m"),
        ("a\tb\nc\r", r"a\tb\nc\r"),
        ("\u202eevil\u2066", r"\u202eevil\u2066"),
        ("\u200b\ufeff", r"\u200b\ufeff"),
        ("\udcff", r"\udcff"),
        ("\U000e0001", r"\U000e0001"),
        ("\x9b", r"\x9b"),
    ],
)
def test_control_characters_do_not_reach_the_terminal(text: str, shown: str) -> None:
    assert visible(text) == shown
    problem = Problem(text, Location(text, 1, 1), text, text, text)
    assert visible(render_problems([problem]).replace("\n", "")) == render_problems([problem]).replace("\n", "")


@pytest.mark.parametrize(
    ("line", "column", "cells"),
    [
        ("abc", 3, 2),
        ("日本c", 3, 4),
        ("e\u0301e\u0301c", 5, 2),
        ("\t\tc", 3, 4),
        ("\u202ec", 2, 6),
        ("x" * 500 + "c", 501, 51),
    ],
)
def test_the_caret_is_under_the_faulty_character(line: str, column: int, cells: int) -> None:
    shown, caret = render_problems([Problem("m", Location("f", 7, column), line)]).splitlines()[1:]
    assert caret == "      | " + " " * cells + "^"
    assert "c" in shown


def test_words_for_values_that_are_no_mapping_are_reported_in_plain_grammar(tmp_path: Path) -> None:
    put = "usual: yes\n    also: [limp]"
    assert problems_of(tmp_path, "vocabulary.yaml", "usual: yes", put) == ["also must be a mapping"]
