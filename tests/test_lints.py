"""Every lint finds its fault at its line, and nothing where nothing is wrong."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from expert import read_knowledge
from expert.answer.assess import Reasoner
from expert.check.check import Checked, check
from expert.check.faults import SEVERITIES, Fault
from expert.check.lints import LINTS
from expert.read.cases import case_files, read_cases
from tests.running_cases import run_case

GARDEN = Path(__file__).resolve().parent / "garden"
TODAY = date(2026, 11, 22)


class Edit(NamedTuple):
    """In a file of the garden, ``put`` takes the place of ``find``; without ``find`` it is added at the end."""

    file: str
    find: str
    put: str


def garden(where: Path, *edits: Edit) -> Path:
    """A copy of the garden with edits."""
    folder = where / "garden"
    shutil.copytree(GARDEN, folder)
    for edit in edits:
        path = folder / edit.file
        before = path.read_text("utf-8") if path.exists() else ""
        assert edit.find in before
        after = before.replace(edit.find, edit.put, 1) if edit.find else before + edit.put
        path.write_text(after, "utf-8")
    return folder


def checked(folder: Path, today: date = TODAY) -> Checked:
    return check(folder, today=today, proofs=False)


def placed(result: Checked) -> list[tuple[str, str, str]]:
    """Every fault with its file and the text of its line from its column on."""
    return [(it.check, Path(it.at.file).name, result.line(it.at)[it.at.column - 1 :]) for it in result.faults]


def found(faults: Iterable[Fault]) -> set[str]:
    return {fault.check for fault in faults}


# --- what the folders of lints hold -----------------------------------------------------------------------------------


def of_example(example: str) -> list[Edit]:
    """An example as edits: each file is named in a comment; an entry is put first in its section, or replaced."""
    edits = []
    for document in example.split("---\n"):
        head, first, body = document.split("\n", 2)
        file, first = head.removeprefix("# "), f"{first}\n"
        old = (GARDEN / file).read_text("utf-8") if (GARDEN / file).exists() else ""
        if first.startswith("- "):
            edits.append(Edit(file, "", first + body))
        elif first in old:
            edits.append(Edit(file, first, first + body))
        else:
            line = re.search(rf"^{first.split(':')[0]}:.*\n", old, re.MULTILINE)
            edits.append(Edit(file, line[0] if line else "", first + body))
    return edits


def test_nothing_is_found_in_the_garden_itself() -> None:
    result = checked(GARDEN)
    assert result.was_read
    assert (result.faults, result.waived) == ((), ())


@pytest.mark.parametrize("name", LINTS)
def test_what_a_lint_says_to_avoid_is_what_it_finds(tmp_path: Path, name: str) -> None:
    result = checked(garden(tmp_path, *of_example(LINTS[name].avoid)))
    assert name in found(result.faults)


@pytest.mark.parametrize("name", LINTS)
def test_what_a_lint_says_to_prefer_is_read_and_let_pass(tmp_path: Path, name: str) -> None:
    result = checked(garden(tmp_path, *of_example(LINTS[name].prefer)))
    assert result.was_read
    assert name not in found(result.faults)


@pytest.mark.parametrize(
    "name", [name for name in LINTS if ".test.yaml" in LINTS[name].prefer and "rules:" in LINTS[name].prefer]
)
def test_the_cases_that_a_lint_prefers_hold(tmp_path: Path, name: str) -> None:
    kb = read_knowledge(garden(tmp_path, *of_example(LINTS[name].prefer)))
    reasoner = Reasoner(kb)
    assert [it for case in read_cases(kb, case_files(kb)) for it in run_case(reasoner, case).failures] == []


@pytest.mark.parametrize("name", LINTS)
def test_a_lint_says_what_it_finds_what_to_do_and_why(name: str) -> None:
    lint = LINTS[name]
    assert re.fullmatch(r"[a-z]+(?:-[a-z]+)+|reading", lint.name)
    assert lint.severity in SEVERITIES
    assert re.fullmatch(r"[A-Z].*[^.]", lint.page.title)
    assert re.fullmatch(r"[a-z].*[^.]", lint.page.remedy)
    assert all(re.fullmatch(r"[A-Z].*[.]", part) for part in (lint.page.why, lint.page.to_do))
    assert lint.avoid != lint.prefer


# --- faults -----------------------------------------------------------------------------------------------------------


SUN, CASES = "rules/sun.yaml", "rules/sun.test.yaml"
RULE = """\
  {id}:
    title: {title}
    when: {when}
    then: {then}
    because: {because}
    cite: [S01]
"""


def rule(id: str = "one-more", **more: str) -> str:
    """A rule as text, to be added at the end of a file of rules."""
    usual = {"title": "Limp leaves are a sign of thirst", "when": "limp", "then": "supports repotting"}
    return RULE.format(id=id, **{**usual, "because": "Roots drink what leaves lose.", **more})


def case(name: str = "One more", given: str = "{limp: yes}", expect: str = "{because: [one-more]}") -> str:
    return f"- name: {name}\n  given: {given}\n  expect: {expect}\n"


PLANTED: list[dict[str, Any]] = yaml.safe_load((GARDEN.parent / "planted.yaml").read_text("utf-8"))


def edits_of(fault: dict[str, Any]) -> list[Edit]:
    return [Edit(edit["file"], edit.get("find", ""), edit["put"]) for edit in fault["edits"]]


@pytest.mark.parametrize("fault", PLANTED, ids=[f"{it['check']}: {it['says'][:50]}" for it in PLANTED])
def test_a_planted_fault_is_the_only_one_found_and_at_its_line(tmp_path: Path, fault: dict[str, Any]) -> None:
    edits = edits_of(fault)
    result = checked(garden(tmp_path, *edits))
    assert placed(result) == [(fault["check"], Path(edits[0].file).name, fault["at"])]
    (only,) = result.faults
    lint = LINTS[fault["check"]]
    assert only.message == fault["says"]
    assert (only.severity, only.remedy) == (lint.severity, lint.page.remedy)
    assert only.subject


def test_every_lint_has_a_planted_fault() -> None:
    assert {fault["check"] for fault in PLANTED} == set(LINTS) - {"reading", "wrong-waiver"}


# --- no false alarms --------------------------------------------------------------------------------------------------

TITLE = "    title: A burnt and limp plant is exhausted"
ALERT = "    text: Act before noon."
ALLOWED = {
    "a threshold at the end of the range has no other side": (
        Edit(SUN, "", rule(when="same_soil_for >= 50 years")),
        Edit(CASES, "", case(given="{same_soil_for: 50 years}")
             + case("Other", "{same_soil_for: 49 years}", "{silent: [one-more]}")),
    ),
    "a case may state the value in another unit": (
        Edit(SUN, "", rule(when="same_soil_for >= 1 years")),
        Edit(CASES, "", case(given="{same_soil_for: 12 months}") + case("Third", "{same_soil_for: 13 months}")
             + case("Other", "{same_soil_for: 1 day}", "{silent: [one-more]}")),
    ),
    "one patient may have two cases that expect different things": (
        Edit(CASES, "", case(given="{shaded: yes}", expect="{recommended: none}")),
    ),
    "a claim that is only background needs no use": (
        Edit("references.yaml", "", "  S03:\n    section: I\n    role: informative\n    text: Ferns are old.\n"),
    ),
    "a claim is used where a note differs from it": (
        Edit("references.yaml", "", "  S03:\n    section: I\n    role: rule\n    text: Ferns want sun.\n"
             "guidelines:\n  G1:\n    title: Book\n    year: 2020\n    text: Ferns want shade.\n    verified: yes\n"),
        Edit("guidance.yaml", "", "notes:\n  ferns:\n    differs_from: [S03]\n    verdict: disagrees\n"
             "    text: Ferns want shade.\n    sources: [G1]\n    verified: yes\n"),
    ),
    "the day itself on which a review is due is not too late": (Edit("knowledge.yaml", "2999-01-31", "2026-11-22"),),
    "a title may begin with an abbreviation": (Edit(SUN, TITLE, "    title: pH below five exhausts a plant"),),
    "one level of nesting is plain": (
        Edit(SUN, "    when: [scorched, limp]\n", "    when: [scorched, {any: [limp, shaded]}]\n"),
    ),
    "the same premises may lead to another conclusion": (
        Edit(SUN, "", rule(when="[limp, scorched]", then="supports repotting")),
        Edit(CASES, "", case(given="{limp: yes, scorched: yes, shaded: yes}")),
    ),
    "all and any of the same premises differ": (
        Edit(SUN, "", rule(when="{any: [limp, scorched]}", then="exhausted")),
        Edit(CASES, "", case()),
    ),
    "a reason may use the words of the title and add to them": (
        Edit(SUN, "because: It gives off more water than it takes up.", "because: A limp plant evaporates no more."),
    ),
    "what the knowledge says of itself is no title of a case": (
        Edit("knowledge.yaml", "Plants differ.", "A plant in the shade is not covered"),
    ),
    "things of two kinds may share a title": (Edit("ladder.yaml", "title: Repotting", "title: Limp leaves"),),
    "a finding that only an invariant needs is used": (
        Edit("vocabulary.yaml", "concluded:\n", "  potted:\n    title: Potted\n    ask: Is it in a pot?\n"
             "    type: yes_no\n    usual: yes\n    group: plant\nconcluded:\n"),
        Edit("invariants.yaml", "when: same_soil_for < 1 years", "when: [same_soil_for < 1 years, potted]"),
    ),
    "a unit of another dimension is a word": (
        Edit("vocabulary.yaml", "title: Time since the soil was changed", "title: Age of the soil in g"),
    ),
    "a conclusion may have a unit in its name": (
        Edit("vocabulary.yaml", "exhausted:", "ill_for_weeks:"),
        Edit(SUN, "then: exhausted", "then: ill_for_weeks"), Edit(SUN, "when: exhausted", "when: ill_for_weeks"),
    ),
    "numbers that are no doses": (
        Edit("ladder.yaml", ALERT, "    text: Of 15 plants, 80 % (3 to 5 g each, 9 ml/min, 7 mmol/L) live; see them."),
    ),
    "signs and capitals that are no markup and no shouting": (
        Edit("ladder.yaml", ALERT, "    text: If 3 < 5 or age > 2, ask NICE, ESR and MRI (a * b) about S_1 at R&D."),
        Edit("knowledge.yaml", "Plants differ.", "Растения бывают разные."),
    ),
    "a value may be unknown while nothing hangs on it": (
        Edit("vocabulary.yaml", "    ask: Do the leaves hang?\n    type: yes_no\n    usual: no\n",
             "    ask: Do the leaves hang?\n    type: yes_no\n"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ALLOWED)
def test_what_is_right_is_let_pass(tmp_path: Path, what: str) -> None:
    assert placed(checked(garden(tmp_path, *ALLOWED[what]))) == []


def test_nothing_is_found_in_the_shipped_knowledge() -> None:
    result = check(today=TODAY, proofs=False)
    assert result.was_read
    assert placed(result) == []


def test_the_case_that_covers_another_is_named_with_it(tmp_path: Path) -> None:
    again = case(given="{shaded: yes}", expect="{excluded: [shading]}")
    (fault,) = checked(garden(tmp_path, Edit(CASES, "", again))).faults
    assert [(at.line, part) for at, part in fault.related] == [(4, "A plant in the shade is not covered")]
