"""`expert diff` where one side has findings, values or panels that the other does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from expert import KnowledgeBase
from expert.diff.diff import ASKED, UNKNOWN, difference
from expert.diff.difference import KnowledgeDifference, PartChanges
from tests.command_line import run
from tests.small_ladder import choice, quantity, rule, small_ladder, write_ladder, yes_no

OLDER: dict[str, Any] = {
    "findings": {"numb": yes_no("no"), "scar": choice("none", "moderate", "severe", usual="none"), "ill": yes_no("no")},
    "concluded": {"danger": {}},
    "rules": {
        "numb-is-dangerous": rule("numb", ["danger", "alert bell"]),
        "danger-is-urgent": rule("danger", "supports urgent"),
        "ill-are-treated": rule("ill", "supports limited"),
        "severe-scar-bars": rule("scar is severe", "excludes limited"),
        "all-are-treated": rule("always", "supports open"),
    },
    "steps": {"urgent": {"gate": "yes"}, "limited": {}, "open": {}},
    "alerts": ["bell"],
    "panels": {"flags": {"numb": "no"}},
}


def edited(**parts: dict[str, Any]) -> dict[str, Any]:
    """The ladder with more entries in some sections, without those that are ``None``."""
    both = {name: {**OLDER.get(name, {}), **entries} for name, entries in parts.items()}
    return OLDER | {name: {key: it for key, it in its.items() if it is not None} for name, its in both.items()}


RED_FLAG = edited(
    findings={"drop": yes_no("no")},
    rules={"drop-is-dangerous": rule("drop", ["danger", "alert bell"])},
    panels={"flags": {"numb": "no", "drop": "no"}},
)
POLICY = edited(
    findings={"policy": choice("mild", "usual", "strict", default="usual", group="site")},
    rules={"strict-sites-bar": rule("policy is strict", "excludes limited")},
)
WITH_UNIT = edited(
    findings={"duration": quantity("0 weeks .. 50 weeks", usual="0 weeks", unit="weeks")},
    rules={"long-bars": rule("duration > 6 weeks", "excludes limited")},
)
GONE = edited(
    findings={"scar": None},
    rules={"severe-scar-bars": None},
)


def renaming(loosened: bool) -> dict[str, Any]:
    """The scar under another name, optionally in a premise that holds for more patients."""
    return edited(
        findings={"scar": None, "epidural_scar": choice("none", "moderate", "severe", usual="none")},
        rules={
            "severe-scar-bars": rule(
                "epidural_scar in [moderate, severe]" if loosened else "epidural_scar is severe", "excludes limited"
            )
        },
    )


def compared(folder: Path, parts: dict[str, Any], **names: str) -> KnowledgeDifference:
    old, new = (small_ladder(folder / name, **its) for name, its in (("old", OLDER), ("new", parts)))
    return difference(old, new, names)


def test_a_new_red_flag_makes_answers_less_certain_and_changes_them_where_it_is_given(tmp_path: Path) -> None:
    found = compared(tmp_path, RED_FLAG)
    assert not found.equivalent
    assert found.shared.steps == ()
    (answer,) = found.shared.answers
    assert answer.witness.before.endswith(", certain")
    assert answer.witness.after.endswith(", provisional")
    assert "drop" not in answer.witness.given
    assert {(it.kind, it.name) for it in found.shared.others} == {
        ("step", "urgent"),
        ("alert", "bell"),
        ("finding", "danger"),
    }
    assert all(it.only == UNKNOWN for it in found.shared.others)
    assert {(it.before, it.after) for it in found.own.steps} == {("limited", "urgent"), ("open", "urgent")}
    assert {edit.id for it in found.own.steps for its in it.classes for edit in its.causes} == {"drop-is-dangerous"}
    raised = next(it for it in found.own.others if it.kind == "alert")
    assert (raised.witness.given, raised.witness.before, raised.witness.after) == (
        {"drop": True},
        "not raised",
        "raised",
    )


def test_the_status_and_the_json_agree_with_the_text(tmp_path: Path) -> None:
    old, new = (str(write_ladder(tmp_path / name, **its)) for name, its in (("old", OLDER), ("new", RED_FLAG)))
    text, form = (
        run("diff", old, new, "--fail-on-change"),
        run("diff", old, new, "--fail-on-change", "--format", "json"),
    )
    assert (text.status, form.status) == (1, 1)
    first = " ".join(text.out.split())
    assert first.startswith("With findings that both versions have, proved: no recommended step changes")
    assert "With something that only one version has, the recommended step changes for some patients." in first
    answer = json.loads(form.out)
    assert answer["equivalent"] is False
    assert answer["answers"]
    assert answer["said"]["steps"]
    assert run("diff", new, old, "--fail-on-change").status == 1


@pytest.mark.parametrize("parts", [POLICY, WITH_UNIT, GONE])
def test_a_finding_that_only_one_side_reads_is_never_equivalent(parts: dict[str, Any], tmp_path: Path) -> None:
    found = compared(tmp_path, parts)
    assert not found.equivalent
    assert found.unproved == ()
    assert ("limited", "open") in {tuple(sorted((it.before, it.after))) for it in found.own.steps}


def test_a_policy_with_a_default_changes_nothing_unless_given(tmp_path: Path) -> None:
    found = compared(tmp_path, POLICY)
    assert found.shared == PartChanges()
    assert [(it.before, it.after) for it in found.own.steps] == [("limited", "open")]
    text = run("diff", str(tmp_path / "old"), str(tmp_path / "new")).out
    assert text.startswith("With findings that both versions have, proved: no answer changes.")


def test_a_finding_that_no_rule_reads_changes_no_answer(tmp_path: Path) -> None:
    found = compared(tmp_path, edited(findings={"hue": yes_no("no")}))
    assert found.equivalent
    text = run("diff", str(tmp_path / "old"), str(tmp_path / "new"), "--fail-on-change")
    assert text.status == 0
    assert " ".join(text.out.split()).startswith(
        "Proved equivalent: no answer changes for any patient. "
        "Findings and values that only one version has change none either."
    )


def test_a_renaming_is_suggested_and_compared_as_one_finding(tmp_path: Path) -> None:
    found = compared(tmp_path, renaming(loosened=True))
    assert not found.equivalent
    assert found.shared == PartChanges()
    assert found.suggested == (("scar", "epidural_scar"),)
    as_one = difference(found.old, found.new, {"scar": "epidural_scar"})
    assert as_one.suggested == ()
    (change,) = as_one.shared.steps
    assert (change.before, change.after) == ("limited", "open")
    (its,) = change.classes
    assert set(its.premises) == {"epidural_scar is moderate", "ill"}
    assert [edit.id for edit in its.causes] == ["severe-scar-bars"]
    assert as_one.own == PartChanges()
    assert difference(small_ladder(tmp_path / "same", **renaming(loosened=False)), found.old).suggested


def test_a_renaming_alone_is_proved_equivalent_if_it_is_stated(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    write_ladder(old, **OLDER)
    write_ladder(new, **renaming(loosened=False))
    plain = run("diff", str(old), str(new), "--fail-on-change")
    assert plain.status == 1
    assert "--renamed scar=epidural_scar" in plain.out
    said = run("diff", str(old), str(new), "--fail-on-change", "--renamed", "scar=epidural_scar")
    assert said.status == 0
    assert said.out.startswith("Proved equivalent")


def test_a_renamed_finding_is_counted_as_one_in_a_cohort(tmp_path: Path) -> None:
    old, new, cohort = tmp_path / "old", tmp_path / "new", tmp_path / "patients.json"
    write_ladder(old, **OLDER)
    write_ladder(new, **renaming(loosened=True))
    cohort.write_text(
        json.dumps([{"ill": True, "epidural_scar": it} for it in ("none", "moderate", "severe")]), "utf-8"
    )
    words = ("diff", str(old), str(new), "--renamed", "scar=epidural_scar", "--cohort", str(cohort))
    assert "limited -> open: 1 (2)" in run(*words).out


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("scar", "names one finding"),
        ("scra=epidural_scar", "did you mean scar?"),
        ("scar=epidural_scars", "did you mean epidural_scar?"),
        ("ill=epidural_scar", "different kinds"),
        ("ill=numb", "has a finding numb as well"),
        ("danger=ill", "different kinds"),
        ("ill=ill", "has this name on both sides"),
    ],
)
def test_a_wrong_renaming_ends_with_status_2(word: str, says: str, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    write_ladder(old, **OLDER)
    write_ladder(new, **renaming(loosened=False))
    status, out, err = run("diff", str(old), str(new), "--renamed", word)
    assert (status, out) == (2, "")
    assert says in err


def test_a_value_or_range_of_one_side_is_accepted_only_there(tmp_path: Path) -> None:
    findings = {"scar": choice("none", "moderate", "severe", "grave", usual="none")}
    found = compared(tmp_path, edited(findings=findings))
    (admitted,) = found.own.admitted
    assert (admitted.side, admitted.what, admitted.witness.given) == ("new", "scar", {"scar": "grave"})
    old = small_ladder(tmp_path / "wide", **WITH_UNIT)
    narrow = edited(findings={"duration": quantity("0 weeks .. 40 weeks", usual="0 weeks", unit="weeks")},
                    rules={"long-bars": rule("duration > 6 weeks", "excludes limited")})  # fmt: skip
    its = difference(old, small_ladder(tmp_path / "narrow", **narrow))
    assert its.shared == PartChanges()
    (admitted,) = its.own.admitted
    assert (admitted.side, admitted.what) == ("old", "duration")
    assert admitted.witness.after == f"duration cannot be {admitted.witness.written['duration']}"


def test_units_that_are_no_whole_number_of_days_have_bare_numbers(tmp_path: Path) -> None:
    minutes = quantity("0 minutes .. 50 minutes", usual="3 minutes", unit="minutes", unit_may_be_omitted="yes")
    parts = {
        "findings": {"duration": minutes},
        "rules": {"long-bars": rule("duration > 6 minutes", "excludes limited")},
    }
    old, new = (small_ladder(tmp_path / side, **edited(**parts)) for side in ("old", "new"))
    assert difference(old, new).equivalent


BARE_NUMBERS: dict[str, tuple[Any, Any, str]] = {
    "another unit": ({"unit_may_be_omitted": "yes"}, {"unit": "days", "unit_may_be_omitted": "yes"}, "3 days"),
    "a unit that must be said now": ({"unit_may_be_omitted": "yes"}, {}, "not accepted"),
}


@pytest.mark.parametrize(("before", "after", "read"), [*BARE_NUMBERS.values()], ids=[*BARE_NUMBERS])
def test_a_number_without_unit_that_is_read_differently_is_never_equivalent(
    before: dict[str, Any], after: dict[str, Any], read: str, tmp_path: Path
) -> None:
    duration = quantity("0 weeks .. 50 weeks", usual="3 weeks", unit="weeks")
    for side, more in (("old", before), ("new", after)):
        parts = edited(
            findings={"duration": duration | more},
            rules={"long-bars": rule("duration > 6 weeks", "excludes limited")},
        )
        write_ladder(tmp_path / side, **parts)
    done = run("diff", str(tmp_path / "old"), str(tmp_path / "new"), "--format", "json", "--fail-on-change")
    answer = json.loads(done.out)
    (other,) = answer["others"]
    assert (done.status, answer["equivalent"], answer["answers"], answer["steps"]) == (1, False, [], [])
    assert other["witness"] == {"given": {"duration": "3"}, "before": "3 weeks", "after": read, "confirmed": True}
    assert [cause["id"] for cause in other["causes"]] == ["duration"]
    assert answer["summary"][0] == (
        "Proved: no recommended step changes when all findings are recorded, with units. "
        "What else changes: 1 reading of a number without a unit."
    )
    back = json.loads(run("diff", str(tmp_path / "new"), str(tmp_path / "old"), "--format", "json").out)
    assert [it["name"] for it in back["others"]] == ["duration"]
    assert not back["equivalent"]


def test_a_word_that_is_read_differently_is_never_equivalent(tmp_path: Path) -> None:
    words = {"old": {"left": "one_side", "gone": "both"}, "new": {"left": "both", "new": "both"}}
    for side, also in words.items():
        parts = edited(findings={"side": choice("one_side", "both", also=also)})
        write_ladder(tmp_path / side, **parts)
    done = run("diff", str(tmp_path / "old"), str(tmp_path / "new"), "--format", "json", "--fail-on-change")
    answer = json.loads(done.out)
    (other,) = answer["others"]
    assert (done.status, answer["equivalent"], other["kind"], other["name"]) == (1, False, "word", "side")
    assert other["witness"] == {"given": {"side": "left"}, "before": "one_side", "after": "both", "confirmed": True}
    assert [edit["parts"] for edit in answer["edits"]] == [["also"]]
    assert "What else changes: 1 reading of a word for a value." in answer["summary"][0]
    text = run("diff", str(tmp_path / "old"), str(tmp_path / "new")).out
    assert "side: the word new is new" in text
    assert "side: the word gone is gone" in text


def test_a_new_value_makes_an_answer_by_cases_less_certain(tmp_path: Path) -> None:
    treated = {"ill-are-treated": rule("scar in [none, moderate, severe]", "supports limited")}
    older = edited(rules={**treated, "severe-scar-bars": None})
    old = small_ladder(tmp_path / "old", **older)
    findings = {"scar": choice("none", "moderate", "severe", "grave", usual="none")}
    new = small_ladder(
        tmp_path / "new", **older | edited(findings=findings, rules=older["rules"] | {"severe-scar-bars": None})
    )
    (answer,) = difference(old, new).shared.answers
    assert (answer.witness.before, answer.witness.after) == (
        "limited, provisional; possible: urgent, limited",
        "limited, provisional; possible: urgent, limited, open",
    )


def test_a_finding_of_another_kind_is_accepted_only_by_one_side(tmp_path: Path) -> None:
    parts = edited(findings={"ill": choice("no_more", "badly")}, rules={"ill-are-treated": None})
    found = compared(tmp_path, parts)
    assert "ill is another kind of finding" in found.named
    assert {(it.side, it.what) for it in found.own.admitted} == {("old", "ill"), ("new", "ill")}


def test_a_panel_of_more_members_changes_the_meaning_of_none(tmp_path: Path) -> None:
    found = compared(tmp_path, edited(panels={"flags": {"numb": "no", "ill": "no"}}))
    assert found.shared == PartChanges()
    assert found.own.background or found.own.others
    witnesses = [it.witness for it in (*found.own.others, *found.own.background)]
    assert all(it.written["flags"] == "none" for it in witnesses)
    contradiction = next(it for it in found.own.admitted if it.side == "old")
    assert contradiction.witness.written == {"ill": "yes", "flags": "none"}


def gates(folder: Path, *, gate: bool) -> KnowledgeBase:
    """A ladder of one step, so that no other step can wait for it."""
    return small_ladder(
        folder,
        findings={"ill": yes_no("no")},
        rules={"always": rule("always", "supports one")},
        steps={"one": {"gate": "yes"} if gate else {}},
    )


def test_a_gate_that_no_step_waits_for_changes_no_observable(tmp_path: Path) -> None:
    found = difference(gates(tmp_path / "old", gate=False), gates(tmp_path / "new", gate=True))
    assert found.equivalent
    assert [(edit.id, edit.parts) for edit in found.edits] == [("one", ("gate",))]


def test_a_gate_that_a_step_waits_for_changes_the_status_and_is_named(tmp_path: Path) -> None:
    found = compared(tmp_path, OLDER | {"steps": {"urgent": {}, "limited": {}, "open": {}}})
    changes = {it.name: it for it in found.shared.others}
    assert changes.keys() == {"limited", "open"}
    assert (changes["open"].witness.before, changes["open"].witness.after) == ("waiting", "available")
    assert [edit.id for edit in changes["open"].causes] == ["urgent"]


def test_what_is_shown_alike_on_both_sides_is_not_listed(tmp_path: Path) -> None:
    """Rules for a value of a choice fail on one side and are open on the other; the value is unknown on both."""
    parts: dict[str, Any] = {
        "findings": {"size": quantity("0 .. 10")},
        "concluded": {"shape": {"type": "choice", "values": ["round", "oval"]}},
        "steps": {"one": {"options": {"left": {"offered": "if_supported"}}}},
    }
    also = {"always": rule("always", "supports one"), "oval": rule("shape is oval", "supports one.left")}
    old = small_ladder(tmp_path / "old", **parts, rules={
        **also, "shape": rule("size > 5", "shape is oval", unless=["size > 3"])})  # fmt: skip
    new = small_ladder(tmp_path / "new", **parts, rules={
        **also, "shape": rule(["size > 5", "size <= 3"], "shape is oval")})  # fmt: skip
    found = difference(old, new)
    assert all(it.witness.before != it.witness.after for it in found.shared.others)
    assert not [it for it in found.shared.others if it.kind == "finding"]
    assert found.equivalent


def test_a_new_step_and_its_options_are_one_change(tmp_path: Path) -> None:
    steps = {**OLDER["steps"], "rest": {"options": {"bed": {}}}}
    found = compared(tmp_path, OLDER | {"steps": steps})
    (change,) = found.shared.others
    assert (change.kind, change.name, change.witness.before) == ("step", "rest", "not on the ladder")
    assert ASKED not in change.only


def test_a_concluded_finding_and_a_member_of_a_panel_may_be_renamed(tmp_path: Path) -> None:
    parts = edited(
        findings={"numb": None, "saddle_numb": yes_no("no")},
        concluded={"danger": None, "emergency": {}},
        rules={
            "numb-is-dangerous": rule("saddle_numb", ["emergency", "alert bell"]),
            "danger-is-urgent": rule("emergency", "supports urgent"),
        },
        panels={"flags": {"saddle_numb": "no"}},
    )
    found = compared(tmp_path, parts)
    assert not found.equivalent
    assert set(found.suggested) == {("numb", "saddle_numb"), ("danger", "emergency")}
    as_one = difference(found.old, found.new, dict(found.suggested))
    assert as_one.equivalent
    assert not as_one.edits_of("meaning", "vocabulary")
