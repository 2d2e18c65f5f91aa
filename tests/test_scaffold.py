"""Scaffolds: new entries in house style that cannot be read until they are filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent, indent

import pytest

from expert import KnowledgeError, read_knowledge
from expert.edit.format import formatted
from expert.lang.errors import Problem
from expert.lang.folder_layout import kind_of
from expert.lang.vocabulary import Kind
from expert.read.cases import read_cases
from tests.command_line import Run, run
from tests.malformed import spoilt

FILLED: Mapping[tuple[str, ...], Mapping[str, str]] = {
    ("rule", "dark-soil-is-good"): {
        "title": "Dark soil is good",
        "when": "soil is moist",
        "then": "supports watering",
        "because": "It holds water.",
        "cite": "S01",
    },
    ("finding", "mould"): {"title": "Mould", "ask": "Is there mould?", "usual": "no", "group": "plant"},
    ("finding", "light", "--type", "choice"): {
        "title": "Light",
        "ask": "How much light is there?",
        "values": "[little, much]",
        "usual": "much",
        "group": "plant",
    },
    ("finding", "pot_width", "--type", "quantity"): {
        "title": "Width of the pot",
        "ask": "How wide is the pot?",
        "unit": "cm",
        "range": "1 cm .. 1 m",
        "usual": "20 cm",
        "group": "plant",
    },
    ("finding", "doomed", "--concluded"): {"title": "Beyond help"},
    ("finding", "fate", "--concluded", "--type", "choice"): {
        "title": "Fate",
        "values": "[good, bad]",
        "otherwise": "good",
    },
    ("step", "drainage"): {"title": "Drainage", "summary": "Let the water out.", "cite": "S01"},
    ("option", "watering.by_hand"): {"title": "By hand", "cite": "S01"},
    ("step-group", "wet_things"): {"title": "Wet things", "steps": "[watering]"},
    ("alert", "flood"): {"title": "Flood", "text": "Save the plant."},
    ("advice", "mulch"): {"title": "Mulch", "text": "Cover the soil.", "steps": "[watering]"},
    ("panel", "wishes"): {"title": "Wishes", "ask": "Any wishes?", "members": "{pests: no}"},
    ("constraint", "no-old-seedling"): {"never": "pests", "because": "There are none."},
    ("claim", "S99"): {"section": "II", "role": "rule", "text": "Soil is soil."},
    ("guideline", "RHS-2020"): {"title": "On soil", "year": "2020", "text": "It matters.", "verified": "yes"},
    ("safety", "SAFETY-FLOOD"): {"text": "Floods kill."},
    ("assumption", "A99"): {"text": "It is read so."},
    ("note", "soil-differs"): {
        "differs_from": "[S01]",
        "verdict": "later",
        "text": "Since then more is known.",
        "sources": "[GARDEN-2020]",
        "verified": "yes",
    },
    ("invariant", "nothing-for-pests"): {
        "title": "No water for pests",
        "never": "recommended watering",
        "when": "pests",
        "because": "They like it.",
        "cite": "S01",
    },
    ("case", "Moist soil: water it"): {
        "given": "{soil: moist}",
        "recommended": "none",
        "because": "[old-plants-are-repotted]",
    },
}
FILES = {
    **dict.fromkeys(("finding", "panel", "constraint"), "vocabulary.yaml"),
    **dict.fromkeys(("step", "option", "step-group", "alert", "advice"), "ladder.yaml"),
    **dict.fromkeys(("claim", "guideline", "safety", "assumption"), "references.yaml"),
    "note": "guidance.yaml",
    "invariant": "invariants.yaml",
    "rule": "rules/water.yaml",
    "case": "rules/water.test.yaml",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the base knowledge in the folder ``k`` below the working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / spoilt(tmp_path, ())


def new(*words: str) -> Run:
    return run("new", *words, "--knowledge", "k")


def problems(file: Path) -> tuple[Problem, ...]:
    """The problems of the folder of a file, or of a file of cases."""
    try:
        kb = read_knowledge("k")
        if kind_of(file.relative_to(Path.cwd() / "k").as_posix()) == "cases":
            read_cases(kb, [file])
    except KnowledgeError as error:
        return error.problems
    return ()


def empty_places(text: str) -> dict[str, int]:
    """The keys of a scaffold that have no value, with the index of their line, the last in the file."""
    lines = text.splitlines()
    found = {line.strip(" :"): index for index, line in enumerate(lines) if line.endswith(":")}
    return {
        key: index for key, index in found.items() if indent_of(lines[index : index + 2][-1]) <= indent_of(lines[index])
    }


def indent_of(line: str) -> int:
    return len(line) - len(line.lstrip())


def filled(text: str, values: Mapping[str, str]) -> str:
    lines = text.splitlines()
    for key, value in values.items():
        lines[empty_places(text)[key]] += f" {value}"
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("words", FILLED, ids=" ".join)
def test_a_scaffold_can_be_read_once_it_is_filled_in(words: tuple[str, ...], folder: Path) -> None:
    file = folder / FILES[words[0]]
    assert new(*words, "--to", str(file)) == Run(0, "", "")
    file.write_text(filled(file.read_text(encoding="utf-8"), FILLED[words]), encoding="utf-8")
    assert problems(file) == ()


@pytest.mark.parametrize("words", FILLED, ids=" ".join)
def test_each_empty_place_is_an_error_at_its_line(words: tuple[str, ...], folder: Path) -> None:
    file = folder / FILES[words[0]]
    new(*words, "--to", str(file))
    text = file.read_text(encoding="utf-8")
    for left in FILLED[words]:
        some = filled(text, {key: value for key, value in FILLED[words].items() if key != left})
        file.write_text(some, encoding="utf-8")
        (problem,) = problems(file)
        assert problem.at
        assert problem.at.line == empty_places(some)[left] + 1
        assert re.search(
            "is empty|there is no (premise|value) here|has no value here|(is|must be) a mapping", problem.message
        )
        assert problem.expected


@pytest.mark.parametrize("words", FILLED, ids=" ".join)
def test_the_printed_text_is_appended_and_nothing_else_changes(words: tuple[str, ...], folder: Path) -> None:
    file = folder / FILES[words[0]]
    before = file.read_text(encoding="utf-8")
    printed = indent(dedent(new(*words).out), " " * {"case": 0, "option": 6}.get(words[0], 2))
    new(*words, "--to", str(file))
    after = file.read_text(encoding="utf-8")
    assert after.count(printed) == 1
    assert after.replace(printed, "") == before
    assert sorted(it.name for it in file.parent.iterdir() if it.name.startswith(".")) == []


@pytest.mark.parametrize("words", FILLED, ids=" ".join)
def test_a_scaffold_is_in_house_style(words: tuple[str, ...], folder: Path) -> None:
    file = folder / FILES[words[0]]
    new(*words, "--to", str(file))
    text = filled(file.read_text(encoding="utf-8"), FILLED[words])
    assert formatted(text, kind_of(FILES[words[0]])) == text


def test_a_finding_goes_to_the_end_of_its_section_before_the_comment_that_leads_to_the_next(folder: Path) -> None:
    file = folder / "vocabulary.yaml"
    text = file.read_text(encoding="utf-8").replace("\nconcluded:", "\n# What follows\nconcluded:", 1)
    file.write_text(text, encoding="utf-8")
    new("finding", "mould", "--to", "k/vocabulary.yaml")
    lines = file.read_text(encoding="utf-8").splitlines()
    comment = lines.index("# What follows")
    assert lines.index("  mould:") < comment < lines.index("concluded:")
    assert "group:" in "".join(lines[lines.index("  mould:") : comment])


def test_an_entry_takes_the_indentation_of_its_section(folder: Path) -> None:
    file = folder / "rules" / "more.yaml"
    rule = "    title: A\n        when: pests\n        then: supports watering\n        because: B\n        cite: S01"
    file.write_text(f"rules:\n    a-rule:\n    {rule}  # no line end", encoding="utf-8")
    new("rule", "b-rule", "--to", str(file))
    assert file.read_text(encoding="utf-8").endswith(
        "  # no line end\n    b-rule:\n      title:\n      when:\n      then:\n      because:\n      cite:\n"
    )


def test_a_missing_file_is_created(folder: Path) -> None:
    for words, kind, start in (
        (("rule", "a-rule"), "rules", "rules:\n\n  a-rule:\n    title:\n"),
        (("case", "A case"), "cases", "- name: A case\n  given:\n"),
    ):
        file = folder / "rules" / ("new.yaml" if kind == "rules" else "new.test.yaml")
        assert new(*words, "--to", str(file)) == Run(0, "", "")
        assert file.read_text(encoding="utf-8").startswith(start)
        assert kind_of(f"rules/{file.name}") == kind


def test_a_scaffold_can_be_added_after_one_that_is_not_filled_in() -> None:
    for name in ("a-rule", "b-rule"):
        assert new("rule", name, "--to", "k/rules/water.yaml").status == 0
    assert new("rule", "a-rule").err.startswith("there is a rule called 'a-rule' at k/rules/water.yaml:")


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (("rule", "Soaked_Soil"), "'Soaked_Soil' is not a name for a rule", "did you mean soaked-soil?"),
        (("rule", "x" * 81), "is not a name for a rule", "did you mean " + "x" * 80),
        (("rule", "日本"), "'日本' is not a name for a rule", "expected kebab-case, at most 80 letters"),
        (("rule", "soaked-soil-excludes-care"), "there is a rule called 'soaked-soil-excludes-care' at k/rules/", ""),
        (("finding", "dry-leaves"), "'dry-leaves' is not a name for a finding", "did you mean dry_leaves?"),
        (("claim", "NG226-1.1.1"), "'NG226-1.1.1' is not a name for", "did you mean NG226-1-1-1?"),
        (("finding", "soil"), "there is a finding called 'soil' at k/vocabulary.yaml:", "expected another name"),
        (("finding", "thirst"), "there is a finding called 'thirst' at k/vocabulary.yaml:", ""),
        (("finding", "warning_signs"), "there is a finding called 'warning_signs' at", ""),
        (("finding", "always"), "'always' is a reserved word", "expected another name"),
        (("finding", "x", "--concluded", "--type", "quantity"), "a concluded finding is no quantity", ""),
        (("case", " "), "a case has a name", ""),
        (("case", "a\x1b[2Jb"), "a case has a name", ""),
        (("rule", "a-rule", "--to", "k/vocabulary.yaml"), "k/vocabulary.yaml is not a file for this", "k/rules/TOPIC"),
        (("rule", "a-rule", "--to", "a.yaml"), "a.yaml is not a file for this", ""),
        (("case", "x", "--to", "k/rules/water.yaml"), "is not a file for this", "k/rules/TOPIC.test.yaml"),
        (("finding", "x", "--to", "k/rules/water.yaml"), "is not a file for this", "k/vocabulary.yaml"),
        (("rule", "a-rule", "--to", "k/rules/none/a.yaml"), "is not a file for this", ""),
    ],
)
def test_what_cannot_be_added_is_refused_with_a_remedy(
    words: tuple[str, ...], message: str, hint: str, folder: Path
) -> None:
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    ran = new(*words)
    assert (ran.status, ran.out) == (2, "")
    assert message in ran.err
    assert hint in ran.err
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("rules/a.yaml", "rules: {}\n", ("rule", "a-rule")),
        ("rules/a.yaml", "{rules: {b: {title: B}}}\n", ("rule", "a-rule")),
        ("rules/a.yaml", "- a\n", ("rule", "a-rule")),
        ("rules/a.yaml", "rules:\n", ("rule", "a-rule")),
        ("rules/a.test.yaml", "[{name: a}]\n", ("case", "A case")),
        ("rules/a.test.yaml", "name: a\n", ("case", "A case")),
    ],
)
def test_a_file_without_a_place_for_an_entry_is_left_alone(
    file: str, text: str, words: tuple[str, ...], folder: Path
) -> None:
    (folder / file).write_text(text, encoding="utf-8")
    ran = new(*words, "--to", f"k/{file}")
    assert (ran.status, ran.out) == (2, "")
    assert f"k/{file}" in ran.err
    assert (folder / file).read_text(encoding="utf-8") == text


def test_the_name_of_a_case_is_quoted_if_yaml_needs_it(folder: Path) -> None:
    for name in ("A: b", "# a", "It's so", "[a", "a # b", "'", "null", "@x", "Plain words, with a comma"):
        file = folder / "rules" / "quotes.test.yaml"
        file.unlink(missing_ok=True)
        assert new("case", name, "--to", str(file)).status == 0
        file.write_text(
            filled(
                file.read_text(encoding="utf-8"),
                {"given": "{}", "recommended": "none", "because": "[pests-support-quarantine]"},
            ),
            encoding="utf-8",
        )
        (case,) = read_cases(read_knowledge("k"), [file])
        assert case.name == name


def test_options_for_findings_are_refused_for_other_entries() -> None:
    ran = new("rule", "a-rule", "--type", Kind.CHOICE.value)
    assert (ran.status, ran.out) == (2, "")
    assert "--type and --concluded belong to a finding" in ran.err
