"""Replay: which answers would differ today, and the rules that cause the difference."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zlib
from pathlib import Path
from typing import Any

import pytest

from expert import __version__
from expert.journal.store import Decision
from expert.render.plain import visible
from tests.command_line import run
from tests.conftest import REPOSITORY
from tests.journals import HOUSE, house_rules, journal_of, rows, tamper, write_house
from tests.small_ladder import choice, quantity, rule, yes_no

KNOWLEDGE = REPOSITORY / "knowledge"


@pytest.fixture
def house(tmp_path: Path) -> str:
    return write_house(tmp_path / "house")


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "cases.journal"


def replayed(journal: Path, knowledge: str) -> dict[str, Any]:
    status, out, err = run("replay", str(journal), "--knowledge", knowledge, "--format", "json")
    assert (status, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    assert found["cases"] == found["same"] + found["different"] + found["unreadable"] + len(found["damaged"])
    assert (found["different"], found["unreadable"]) == (len(found["differences"]), len(found["problems"]))
    return found


def only(journal: Path, knowledge: str) -> dict[str, Any]:
    """The only difference."""
    (difference,) = replayed(journal, knowledge)["differences"]
    found: dict[str, Any] = difference
    return found


def changes(difference: dict[str, Any]) -> dict[tuple[str, str | None], tuple[str, str]]:
    return {(it["what"], it["name"]): (it["before"], it["after"]) for it in difference["changes"]}


def rules(difference: dict[str, Any]) -> dict[str, tuple[str, str | None, str | None]]:
    return {it["rule"]: (it["change"], it["before"], it["after"]) for it in difference["rules"]}


# --- the same ---------------------------------------------------------------------------------------------------------


def test_the_same_knowledge_answers_every_case_as_before(house: str, journal: Path) -> None:
    journal_of(journal, house, "", "fire=yes", "smoke=thin minutes=31", "ladder_ready=no", "smoke=thick")
    assert replayed(journal, house)["same"] == 5
    assert run("replay", str(journal), "--knowledge", house, "--fail-on-change").status == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"rules": house_rules(fire_rings=rule("fire", "alert ring", because="It is loud.", title="Another title"))},
        {"rules": dict(reversed(house_rules().items()))},
        {"steps": {"stay": {"options": {"chair": {"note": "soft"}}}, "leave": HOUSE["steps"]["leave"]}},
        {"findings": {**HOUSE["findings"], "flood": yes_no("no")}},
        {"concluded": {**HOUSE["concluded"], "calm": yes_no()}, "rules": house_rules(calm=rule("fire", "calm"))},
    ],
)
def test_texts_order_and_unused_entries_make_no_difference(
    house: str, journal: Path, tmp_path: Path, changed: dict[str, Any]
) -> None:
    journal_of(journal, house, "fire=no", "smoke=thin minutes=31 fire=no")
    assert replayed(journal, write_house(tmp_path / "edited", **changed))["same"] == 2


# --- rules that cause a difference ------------------------------------------------------------------------------------


def test_an_edited_threshold_of_the_shipped_knowledge_is_named(journal: Path, tmp_path: Path) -> None:
    edited = tmp_path / "edited"
    shutil.copytree(KNOWLEDGE, edited, ignore=shutil.ignore_patterns("*.test.yaml"))
    file = edited / "rules" / "indication.yaml"
    file.write_text(
        file.read_text("utf-8").replace("conservative_duration > 3 months", "conservative_duration > 6 weeks")
    )
    treated = "conservative_systematic=yes conservative_result=ineffective conservative_duration="
    journal_of(journal, str(KNOWLEDGE), f"{treated}8weeks", f"{treated}20weeks", f"{treated}2weeks")
    found = replayed(journal, str(edited))
    assert (found["same"], found["different"]) == (2, 1)
    (difference,) = found["differences"]
    assert difference["case"] == 1
    assert difference["changes"][0] == {
        "what": "recommended step",
        "name": None,
        "before": "conservative",
        "after": "minimally_invasive",
    }
    first = difference["rules"][0]
    assert (first["change"], first["before"], first["after"]) == ("edited", "fails", "holds")
    (edit,) = first["edits"]
    assert (edit["part"], "> 3 months" in edit["before"], "> 6 weeks" in edit["after"]) == ("when", True, True)
    others = [it["change"] for it in difference["rules"][1:]]
    assert set(others) == {"turned"}
    text = run("replay", str(journal), "--knowledge", str(edited)).out
    assert f"{first['rule']} (edited): fails -> holds" in text
    assert re.search(r"recommended step +conservative -> minimally_invasive", text)
    assert text.splitlines()[0].startswith("case 1  ")
    assert "3 cases: 2 as before, 1 otherwise, 0 that cannot be answered" in text


@pytest.mark.parametrize(
    ("edited", "expected"),
    [
        (
            house_rules("danger-excludes-stay"),
            {"danger-excludes-stay": ("gone", "holds", None)},
        ),
        (
            house_rules("fire-is-danger"),
            {
                "fire-is-danger": ("gone", "holds", None),
                "danger-excludes-stay": ("turned", "holds", "fails, as presumed"),
                "danger-supports-leave": ("turned", "holds", "fails, as presumed"),
            },
        ),
        (
            house_rules(danger_excludes_stay=rule("danger", "excludes stay", unless=["fire"])),
            {"danger-excludes-stay": ("edited", "holds", "fails")},
        ),
        (
            house_rules(danger_excludes_stay=rule("danger", "excludes leave")),
            {"danger-excludes-stay": ("edited", "holds", "holds")},
        ),
        (
            house_rules(brave=rule("fire", "excludes leave"), unrelated=rule("not fire", "excludes leave")),
            {"brave": ("new", None, "holds")},
        ),
    ],
)
def test_removed_new_edited_and_changed_rules_are_named(
    house: str, journal: Path, tmp_path: Path, edited: dict[str, Any], expected: dict[str, Any]
) -> None:
    journal_of(journal, house, "fire=yes")
    assert rules(only(journal, write_house(tmp_path / "edited", rules=edited))) == expected


@pytest.mark.parametrize("gone", HOUSE["rules"])
def test_every_difference_names_a_removed_rule_first(house: str, journal: Path, tmp_path: Path, gone: str) -> None:
    smoke, minutes = ("none", "thin", "thick"), ("5", "30", "31")
    some = [f"smoke={how} minutes={long}" for how in smoke for long in minutes]
    journal_of(journal, house, *some, *(f"{words} fire=no ladder_ready=no" for words in some), "fire=yes", "")
    found = replayed(journal, write_house(tmp_path / "edited", rules=house_rules(gone)))["differences"]
    assert found
    assert {next(iter(rules(it).items()))[0] for it in found} == {gone}
    assert {it["rules"][0]["change"] for it in found} == {"gone"}


def test_differences_are_ordered_by_weight_and_another_step_comes_first(
    house: str, journal: Path, tmp_path: Path
) -> None:
    edited = house_rules(
        "danger-excludes-stay",
        fire_rings=rule("smoke is thick", "alert ring"),
        smoke_cautions=rule("smoke is thin", "cautions stay"),
    )
    journal_of(journal, house, "fire=no smoke=thin", "fire=no smoke=thick", "fire=yes")
    found = replayed(journal, write_house(tmp_path / "edited", rules=edited))["differences"]
    assert [it["case"] for it in found] == [3, 1, 2]
    assert changes(found[0]) == {
        ("recommended step", None): ("leave", "stay"),
        ("step", "stay"): ("excluded", "recommended"),
        ("step", "leave"): ("recommended", "available"),
        ("alert", "ring"): ("raised", "not raised"),
    }
    assert changes(found[1])["caution", "stay"] == ("no caution", "cautioned against by smoke-cautions")
    assert changes(found[2])["alert", "ring"] == ("not raised", "raised")
    assert {"fire-rings"} <= set(rules(found[2]))


def test_another_kind_of_answer_is_a_difference(house: str, journal: Path, tmp_path: Path) -> None:
    edited = house_rules(danger_excludes_stay=rule(["danger", "not ladder_ready"], "excludes stay"))
    journal_of(journal, house, "fire=no smoke=none", "fire=no")
    found = replayed(journal, write_house(tmp_path / "edited", rules=edited))["differences"]
    assert [(it["case"], changes(it)["kind of answer", None]) for it in found] == [(2, ("provisional", "certain"))]
    assert rules(found[0]) == {"danger-excludes-stay": ("edited", "fails, as presumed", "fails")}


def test_differences_in_options_and_findings_are_reported(house: str, journal: Path, tmp_path: Path) -> None:
    edited = house_rules(
        window=rule("fire", ["prefers leave.window", "excludes leave.door"]),
        long_smoke_is_danger=rule("smoke is thick", "danger"),
    )
    journal_of(journal, house, "fire=yes", "fire=no smoke=thick minutes=5")
    found = replayed(journal, write_house(tmp_path / "edited", rules=edited))["differences"]
    assert changes(found[1]) == {
        ("option", "leave.door"): ("on offer", "excluded"),
        ("preference", "leave.window"): ("not preferred", "preferred"),
    }
    assert rules(found[1]) == {"window": ("new", None, "holds")}
    assert changes(found[0])["finding", "danger"] == ("no", "yes")


# --- other causes -----------------------------------------------------------------------------------------------------


def test_another_usual_value_or_default_is_named_as_the_cause(house: str, journal: Path, tmp_path: Path) -> None:
    findings = {
        **HOUSE["findings"],
        "fire": yes_no("yes"),
        "ladder_ready": yes_no(group="site", default="no"),
    }
    journal_of(journal, house, "smoke=none")
    difference = only(journal, write_house(tmp_path / "edited", findings=findings))
    assert changes(difference)["recommended step", None] == ("stay", "leave")
    assert {it["finding"]: (it["before"], it["after"]) for it in difference["facts"]} == {
        "fire": ("no (presumed)", "yes (presumed)"),
        "ladder_ready": ("yes (default)", "no (default)"),
    }
    assert set(rules(difference)) >= {"fire-is-danger", "danger-excludes-stay"}


def test_a_policy_that_is_given_is_not_replaced_by_a_new_default(house: str, journal: Path, tmp_path: Path) -> None:
    findings = {**HOUSE["findings"], "ladder_ready": yes_no(group="site", default="no")}
    journal_of(journal, house, "fire=yes ladder_ready=yes", "fire=yes")
    difference = only(journal, write_house(tmp_path / "edited", findings=findings))
    assert difference["case"] == 2
    assert changes(difference) == {
        ("caution", "leave"): ("no caution", "cautioned against by no-ladder-cautions-leave")
    }
    assert difference["facts"] == [
        {"finding": "ladder_ready", "before": "yes (default)", "after": "no (default)"},
    ]


def test_another_order_of_the_ladder_is_named_as_the_cause(journal: Path, tmp_path: Path) -> None:
    both = house_rules("danger-excludes-stay")
    first = write_house(tmp_path / "first", rules=both)
    second = write_house(tmp_path / "second", rules=both, steps=dict(reversed(HOUSE["steps"].items())))
    journal_of(journal, first, "fire=yes")
    difference = only(journal, second)
    assert changes(difference)["recommended step", None] == ("stay", "leave")
    assert (difference["rules"], difference["facts"]) == ([], [])
    assert difference["others"] == ["the steps of the ladder differ"]


def test_a_difference_caused_by_the_program_is_reported_as_such(house: str, journal: Path) -> None:
    journal_of(journal, house, "fire=yes")
    (answer,) = rows(str(journal), "SELECT answer FROM cases")[0]
    other = answer.replace('"certain"', '"open"')
    sha256 = hashlib.sha256(other.encode()).hexdigest()
    tamper(str(journal), f"UPDATE cases SET answer = '{other}', answer_sha256 = '{sha256}', expert = '0.0.1'")
    difference = only(journal, house)
    assert changes(difference) == {("kind of answer", None): ("open", "certain")}
    assert difference["rules"] == []
    assert difference["others"] == [
        f"it was answered by expert 0.0.1; this is {__version__}",
        "the program itself now answers differently from the same knowledge",
    ]


def test_a_difference_has_no_rules_without_the_knowledge_of_its_time(house: str, journal: Path, tmp_path: Path) -> None:
    journal_of(journal, house, "fire=yes")
    tamper(str(journal), f"UPDATE knowledge SET text = x'{zlib.compress(b'other').hex()}'")
    difference = only(journal, write_house(tmp_path / "edited", rules=house_rules("danger-excludes-stay")))
    assert changes(difference)["recommended step", None] == ("leave", "stay")
    assert difference["rules"] == []
    assert difference["others"] == [
        "its knowledge can no longer be used, so the rules behind the difference are not known"
    ]


# --- patients that can no longer be read ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (
            {
                "findings": {**{k: v for k, v in HOUSE["findings"].items() if k != "minutes"}, "minuten": yes_no()},
                "rules": house_rules("long-smoke-is-danger"),
            },
            '"minutes": "40 minutes": \'minutes\' is not a finding; expected',
        ),
        (
            {"findings": {**HOUSE["findings"], "minutes": quantity("0 minutes .. 35 minutes", unit="minutes")}},
            '"minutes": "40 minutes": ',
        ),
        (
            {
                "findings": {**HOUSE["findings"], "smoke": choice("none", "thick")},
                "rules": house_rules("long-smoke-is-danger"),
            },
            '"smoke": "thin": ',
        ),
        (
            {"constraints": {"no-smoke-without-fire": ["not fire", "smoke is not none"]}},
            "these facts contradict each other: fire no, smoke thin. no-smoke-without-fire is impossible.",
        ),
    ],
)
def test_a_patient_that_can_no_longer_be_read_is_reported_with_the_reason(
    house: str, journal: Path, tmp_path: Path, changed: dict[str, Any], problem: str
) -> None:
    journal_of(journal, house, "fire=no smoke=thin minutes=40", "fire=yes")
    edited = write_house(tmp_path / "edited", **changed)
    found = replayed(journal, edited)
    assert (found["same"], found["unreadable"]) == (1, 1)
    assert found["problems"][0]["case"] == 1
    assert any(it.startswith(problem) for it in found["problems"][0]["problems"])
    status, out, _ = run("replay", str(journal), "--knowledge", edited, "--fail-on-change", columns=200)
    assert status == 1
    assert "cannot be answered any more" in out
    assert problem in out


def test_an_answer_that_is_not_what_was_committed_is_reported(house: str, journal: Path) -> None:
    journal_of(journal, house, "fire=yes", "fire=no")
    tamper(str(journal), "UPDATE cases SET answer = 'torn' WHERE number = 2")
    found = replayed(journal, house)
    assert (found["same"], [it["case"] for it in found["problems"]]) == (1, [2])


@pytest.mark.parametrize(
    ("column", "value"),
    [("given", "'{}'"), ("day", "'soon'"), ("answer", "x'ff'"), ("time", "CAST(x'1bff' AS TEXT)"), ("reason", "x''")],
)
def test_a_damaged_case_is_listed_and_the_others_are_answered(
    house: str, journal: Path, column: str, value: str
) -> None:
    journal_of(journal, house, *["fire=yes"] * 3)
    tamper(str(journal), f"UPDATE cases SET {column} = {value} WHERE number = 2")
    found = replayed(journal, house)
    assert (found["cases"], found["same"]) == (3, 2)
    assert found["damaged"] == [{"case": 2, "reason": f"its column {column} cannot be read"}]
    status, out, err = run("replay", str(journal), "--knowledge", house, "--fail-on-change", columns=200)
    assert (status, err) == (1, "")
    assert f"case 2\n  damaged: its column {column} cannot be read\n" in out
    assert "3 cases: 2 as before, 0 otherwise, 0 that cannot be answered, 1 damaged; under" in out


def test_a_difference_is_reported_though_the_findings_do_not_fit_the_old_knowledge(
    house: str, journal: Path, tmp_path: Path
) -> None:
    journal_of(journal, house, "fire=yes")
    tamper(str(journal), "UPDATE cases SET given = replace(given, 'true', '\"so\"')")
    difference = only(journal, write_house(tmp_path / "edited", rules=house_rules("danger-excludes-stay")))
    assert difference["rules"] == []
    assert "its knowledge can no longer be used" in difference["others"][0]


@pytest.mark.parametrize("form", ["{}", "[]", "7", "text", '{"recommended": "leave"}'])
def test_an_answer_of_another_form_is_reported(house: str, journal: Path, form: str) -> None:
    journal_of(journal, house, "fire=yes", "fire=no")
    sha256 = hashlib.sha256(form.encode()).hexdigest()
    tamper(str(journal), f"UPDATE cases SET answer = '{form}', answer_sha256 = '{sha256}' WHERE number = 1")
    found = replayed(journal, house)
    assert (found["same"], [it["case"] for it in found["problems"]]) == (1, [1])
    assert found["problems"][0]["problems"] == [
        f"its answer, by expert {__version__}, has another format than answers have now"
    ]


# --- the command ------------------------------------------------------------------------------------------------------


def test_a_difference_is_an_error_only_on_request(house: str, journal: Path, tmp_path: Path) -> None:
    journal_of(journal, house, "fire=yes")
    edited = write_house(tmp_path / "edited", rules=house_rules("danger-excludes-stay"))
    assert run("replay", str(journal), "--knowledge", edited).status == 0
    assert run("replay", str(journal), "--knowledge", edited, "--fail-on-change").status == 1
    assert run("replay", str(journal), "--knowledge", str(tmp_path / "none")).status == 2


def test_a_replay_changes_nothing(house: str, journal: Path, tmp_path: Path) -> None:
    journal_of(journal, house, "fire=yes")
    before = journal.read_bytes()
    replayed(journal, write_house(tmp_path / "edited", rules=house_rules("danger-excludes-stay")))
    assert journal.read_bytes() == before


def test_many_cases_are_replayed_in_order(house: str, journal: Path, tmp_path: Path) -> None:
    journal_of(journal, house, *["fire=yes", "fire=no smoke=none"] * 130)
    edited = write_house(tmp_path / "edited", rules=house_rules("danger-excludes-stay"))
    found = replayed(journal, edited)
    assert (found["cases"], found["same"]) == (260, 130)
    assert [it["case"] for it in found["differences"]] == list(range(1, 261, 2))


def test_a_difference_shows_the_decision(house: str, journal: Path, tmp_path: Path) -> None:
    reason = "the stairs\nhold \x1b[2J"
    journal_of(journal, house, "fire=yes", decision=Decision("stay", reason))
    edited = write_house(tmp_path / "edited", rules=house_rules("danger-excludes-stay"))
    difference = only(journal, edited)
    assert (difference["decided"], difference["reason"]) == ("stay", reason)
    assert f"decided at the time: stay: {visible(reason)}" in run("replay", str(journal), "--knowledge", edited).out
