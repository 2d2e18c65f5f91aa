"""Usual values that are not presumed where a condition is known to hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import expert
from expert import ExpertSystem, KnowledgeError, read_knowledge
from expert.answer.assess import Reasoner
from expert.check.proofs import prove
from expert.diff.diff import difference
from tests.command_line import run
from tests.malformed import spoilt
from tests.small_ladder import choice, rule, small_ladder, write_ladder, yes_no

SIGNS = ("numb", "wet")

BACK: dict[str, Any] = {
    "findings": {
        "legs": choice("none", "one", "both", usual="one"),
        "tired": yes_no("no"),
        **{name: yes_no("no", presumed_unless=["legs is both"]) for name in SIGNS},
        "fever": yes_no("no"),
    },
    "panels": {"general": {"tired": "no", "fever": "no"}},
    "rules": {
        "urgent": rule([{"any": list(SIGNS)}], "supports refer"),
        "ill": rule([{"any": ["fever", "tired"]}], "supports look"),
        "rest": rule("always", "supports wait"),
    },
    "steps": {"refer": {"gate": "yes"}, "look": {"gate": "yes"}, "wait": {}},
}


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(write_ladder(tmp_path / "k", **BACK))


@pytest.fixture
def system(folder: str) -> ExpertSystem:
    return expert.load(folder)


# --- what is presumed -------------------------------------------------------------------------------------------------


def test_a_usual_value_is_presumed_until_the_condition_is_known_to_hold(system: ExpertSystem) -> None:
    for facts in ({}, {"legs": "one"}):
        answer = system.assess(facts)
        assert (answer.answer, answer.recommended) == ("provisional", "wait")
        assert {*SIGNS} <= answer.background.presumed.keys()
    answer = system.assess({"legs": "both"})
    assert (answer.answer, answer.recommended) == ("open", None)
    assert answer.background.presumed == {"tired": False, "fever": False}
    assert answer.background.not_presumed == {name: {"legs": "both"} for name in SIGNS}


def test_a_presumed_fact_does_not_meet_the_condition(tmp_path: Path) -> None:
    legs = choice("none", "one", "both", usual="both")
    kb = small_ladder(tmp_path / "k", **{**BACK, "findings": {**BACK["findings"], "legs": legs}})
    assert {*SIGNS} <= Reasoner(kb).domain.background({}).presumed.keys()


def test_a_default_and_a_forced_value_meet_the_condition(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path / "k",
        findings={
            "strict": yes_no(default="no", group="site"),
            "cold": yes_no("no"),
            "wet": yes_no("no", presumed_unless="strict"),
            "numb": yes_no("no", presumed_unless=["cold"]),
            "snow": yes_no("no"),
        },
        constraints={"snow-is-cold": ["snow", "not cold"]},
        rules={"r": rule([{"any": ["wet", "numb"]}], "supports refer"), "s": rule("always", "supports wait")},
        steps={"refer": {}, "wait": {}},
    )
    domain = Reasoner(kb).domain
    assert not domain.background({}).not_presumed
    assert domain.background({"strict": True}).not_presumed == {"wet": {"strict": True}}
    assert domain.background({"snow": True}).not_presumed == {"numb": {"cold": True}}


def test_what_is_not_presumed_excludes_no_other_presumption(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path / "k",
        findings={
            "legs": choice("one", "both", usual="one"),
            "dry": yes_no("yes", presumed_unless=["legs is both"]),
            "wet": yes_no("yes"),
        },
        constraints={"dry-or-wet": ["dry", "wet"]},
        rules={
            "r": rule("wet", "supports refer"),
            "s": rule("dry", "supports refer"),
            "t": rule("always", "supports wait"),
        },
        steps={"refer": {}, "wait": {}},
    )
    domain = Reasoner(kb).domain
    assert domain.background({}).presumed == {"legs": "one", "dry": True}
    assert domain.background({"legs": "both"}).presumed == {"wet": True}


# --- what follows from it ---------------------------------------------------------------------------------------------


def test_what_is_not_presumed_is_decisive(system: ExpertSystem) -> None:
    answer = system.assess({"legs": "both"})
    assert [(it.finding, it.partners) for it in answer.decisive] == [(name, ()) for name in SIGNS]
    assert [it.step for it in answer.possible] == ["refer", "look", "wait"]
    assert system.assess({"legs": "both", "numb": "no", "wet": "no"}).recommended == "wait"


def test_a_change_that_lifts_a_presumption_leads_nowhere(system: ExpertSystem) -> None:
    change = system.change({"tired": "yes", "legs": "one"})
    assert change.recommended == "look"
    assert all("legs" not in way.values for it in change.ways for way in it.counterfactuals)


@pytest.mark.parametrize("legs", ["one", "both"])
def test_what_is_not_presumed_is_asked_first(system: ExpertSystem, legs: str) -> None:
    question = system.consult({"legs": legs}).question()
    assert question is not None
    assert question.findings == (("tired", "fever") if legs == "one" else ("numb",))


def test_its_panel_comes_before_other_panels(tmp_path: Path) -> None:
    panels = {"general": {"tired": "no", "fever": "no"}, "nerves": {"numb": "no", "wet": "no"}}
    system = expert.load(str(write_ladder(tmp_path / "k", **{**BACK, "panels": panels})))
    asked = [system.consult({"legs": legs}).question() for legs in ("one", "both")]
    assert [it.panel if it else "" for it in asked] == ["general", "nerves"]


# --- at each door -----------------------------------------------------------------------------------------------------


def test_the_answer_says_what_is_not_presumed_and_why(folder: str) -> None:
    found = run("assess", "--full", "--knowledge", folder, "legs=both")
    assert "Not assumed\n  numb, wet, because of legs both" in found.out
    assert "Not assumed" not in run("assess", "--full", "--knowledge", folder, "legs=both", "numb=yes").out
    shown = json.loads(run("assess", "--knowledge", folder, "legs=both", "--format", "json").out)
    assert shown["not_presumed"] == {"numb": {"legs": "both"}, "wet": {"legs": "both"}}
    assert json.loads(run("assess", "--knowledge", folder, "--format", "json").out)["not_presumed"] == {}


def test_why_says_that_it_is_not_presumed(folder: str) -> None:
    found = run("why", "--knowledge", folder, "legs=both", "numb")
    assert "is not known; no is not assumed, because legs is both" in found.out


def test_an_edit_of_a_condition_changes_what_is_presumed(tmp_path: Path) -> None:
    old = small_ladder(tmp_path / "old", **BACK)
    wider = {**BACK["findings"], "wet": yes_no("no", presumed_unless=["legs in [one, both]"])}
    new = small_ladder(tmp_path / "new", **{**BACK, "findings": wider})
    found = difference(old, new)
    assert not found.equivalent
    assert [(it.kind, it.id, it.bears) for it in found.edits] == [("finding", "wet", frozenset(["vocabulary"]))]


def test_the_solver_and_the_check_of_a_condition(tmp_path: Path) -> None:
    for place, (condition, verdict) in enumerate(
        {"legs is both": "proved", "legs in [none, one, both]": "refuted"}.items()
    ):
        findings = {**BACK["findings"], "wet": yes_no("no", presumed_unless=condition)}
        kb = small_ladder(tmp_path / str(place), **{**BACK, "findings": findings})
        proofs = {it.subject: it.verdict for it in prove(Reasoner(kb), {"presumed_unless"})}
        assert proofs == {"numb": "proved", "wet": verdict}


def test_the_check_of_a_condition_sees_what_another_presumption_forces(tmp_path: Path) -> None:
    """A limb that is presumed warm would force the numbness that is not presumed."""
    for place, (more, verdict) in enumerate([({}, "refuted"), ({"presumed_unless": "legs is both"}, "proved")]):
        findings = {**BACK["findings"], "cold": yes_no("no", **more)}
        never = {"a-numb-limb-is-cold": ["numb", "not cold"]}
        kb = small_ladder(tmp_path / str(place), **{**BACK, "findings": findings, "constraints": never})
        (proof,) = (it for it in prove(Reasoner(kb), {"presumed_unless"}) if it.subject == "numb")
        assert proof.verdict == verdict
        said = "the usual value of cold forces numb to be no where its presumed_unless holds"
        assert [proof.fault.message] == [said] if proof.fault else verdict == "proved"


def test_a_finding_that_only_a_condition_reads_makes_a_difference(tmp_path: Path) -> None:
    proofs = prove(Reasoner(small_ladder(tmp_path / "k", **BACK)), {"non-discriminating"})
    verdicts = {it.subject: it.verdict for it in proofs}
    assert verdicts["numb"] == "proved"
    assert verdicts["legs"] == "refuted"  # nothing distinguishes none from one


# --- how it is written ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("put", "says"),
    [
        ("usual: yes\n    presumed_unless: pest", "'pest' is not a finding"),
        (
            "usual: yes\n    presumed_unless: [not thirst]",
            "'thirst' is concluded, but presumed_unless",
        ),
        ("usual: yes\n    presumed_unless: wilting", "wilting is presumed only while it is unknown"),
        ("presumed_unless: pests", "wilting has no usual value that could be presumed"),
        ("usual: yes\n    presumed_unless: always", "'always' is used alone, and only in when:"),
    ],
)
def test_a_wrong_condition_is_reported_at_its_place(tmp_path: Path, put: str, says: str) -> None:
    spoilt(tmp_path, [{"file": "vocabulary.yaml", "find": "usual: yes", "put": put}])
    with pytest.raises(KnowledgeError) as error:
        read_knowledge(tmp_path / "k")
    (problem,) = error.value.problems
    assert problem.message.startswith(says)
    assert problem.at is not None
    assert problem.at.line > 1


def test_a_follow_up_is_not_asked_for_on_account_of_itself(tmp_path: Path) -> None:
    own = "asked_if: [wilting, leaves_lost > 1/2]"
    spoilt(tmp_path, [{"file": "vocabulary.yaml", "find": "asked_if: wilting", "put": own}])
    with pytest.raises(KnowledgeError) as error:
        read_knowledge(tmp_path / "k")
    (problem,) = error.value.problems
    assert problem.message == "leaves_lost is asked for only while it is unknown"
    assert problem.at is not None
    assert problem.at.line == 41
