"""`expert.load`: what a program says of a patient is read as a file is, and checked where it enters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import expert
from expert import Answer, Change, Enough, ExpertSystem, InputError, PatientError, WhatIf, Why, read_knowledge
from expert.answer.change import changes
from expert.answer.consult import ConsultationTurns
from expert.lang.facts import Patient
from expert.lang.vocabulary import Finding, Kind
from tests.command_line import run
from tests.conftest import REPOSITORY
from tests.random_patients import random_patients

WORKED = str(REPOSITORY / "knowledge" / "patients" / "fourteen-weeks.yaml")
TYPED = [True, False, 0, 1, 45, 45.0, -1.0, 1e300, float("nan"), Decimal("2.5"), Fraction(2, 3), timedelta(weeks=14)]
TEXTS = ["yes", "Slate", "14 weeks", "2/3", "67 %", "45", "none", "unknown", "", "maybe", "1e999 days", "\ud800"]
OTHERS = [None, [], {}, b"yes", object(), ("slate",)]
ANYTHING = st.sampled_from([*TYPED, *TEXTS, *OTHERS]) | st.text() | st.integers() | st.floats() | st.booleans()
ROOFS = read_knowledge(REPOSITORY / "tests" / "other_ladder")
NAMES = st.sampled_from([*ROOFS.findings, *ROOFS.panels, "roof_ag", ""])


@pytest.fixture(scope="module")
def system() -> ExpertSystem:
    return expert.load()


@cache
def roofs() -> ExpertSystem:
    """A second system, small enough to be asked often."""
    return ExpertSystem(ROOFS)


def shown(system: ExpertSystem, facts: Mapping[str, Any]) -> list[str]:
    """What is wrong with facts."""
    with pytest.raises(PatientError) as error:
        system.assess(facts)
    return [str(problem) for problem in error.value.problems]


# --- what was answered silently


def test_a_text_is_read_as_a_file_is(system: ExpertSystem) -> None:
    answer = system.assess({"saddle_numbness": "yes", "severity": "Severe"})
    assert answer.recommended == "urgent_referral"
    assert answer.background.given == {"saddle_numbness": True, "severity": "severe"}


@pytest.mark.parametrize("age", [45, 45.0, "45", "45 years", Decimal(45), timedelta(days=45 * 365.25)])
def test_a_bare_number_has_the_unit_that_a_file_may_leave_out(system: ExpertSystem, age: object) -> None:
    answer = system.assess({"age": age})
    assert answer.background.given == {"age": 45 * 365.25}
    assert "child" not in {alert.name for alert in answer.alerts if alert.status == "holds"}


def test_every_problem_is_reported_at_once(system: ExpertSystem) -> None:
    assert shown(
        system,
        {
            "saddle_numbnes": True,
            "severity": "sever",
            "age": "400 years",
            "conservative_duration": 14,
            "symptom_duration": "3 kg",
            "needs_fusion": True,
            "motor_grade": True,
            "fever": 1,
            "stenosis": ["mild"],
            "red_flags": False,
            7: "yes",  # type: ignore[dict-item]
        },
    ) == [
        "stenosis: a value cannot be of type list; expected a text, a number, True, False or None",
        "'saddle_numbnes' is not a finding; did you mean saddle_numbness?",
        "'sever' is not a value of severity; expected one of mild, moderate, severe; did you mean severe?",
        "age: '400 years' is out of range; expected 0 years .. 120 years",
        "conservative_duration: '14' has no unit; expected a number with a unit, such as 14 weeks",
        "symptom_duration: kg measure mass, but this is a time; expected a number with a unit, such as 3 months",
        "'needs_fusion' is concluded by rules; it cannot be given; expected input findings",
        "motor_grade: 'true' is not a quantity; expected a number, such as 3, or a share, such as 2/3, 67 % or 0.67",
        "'1' is not a value of fever; expected one of yes, no",
        "'false' is not an answer to the panel red_flags; expected none, or each finding that is present by itself, "
        "such as saddle_numbness=yes",
        "'7' is not a finding; expected a name that expert show findings lists",
    ]


def test_facts_that_contradict_each_other_are_refused(system: ExpertSystem) -> None:
    assert shown(system, {"red_flags": "none", "fever": True})[0].startswith("fever is yes, but red_flags is none")
    both = {"conservative_result": "not_tried", "conservative_duration": timedelta(days=30)}
    assert "untried-treatment-has-no-duration" in shown(system, both)[0]


# --- one reading, whichever way facts come


@pytest.mark.parametrize("seed", range(3))
def test_texts_types_files_and_command_line_give_one_answer(system: ExpertSystem, seed: int, tmp_path: Path) -> None:
    for number, patient in enumerate(random_patients(system._reasoner, 2, seed)):
        texts = dict(patient.written)
        plain = {name: value for name, value in patient.facts.items() if not isinstance(value, float)}
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps({**texts, **plain}), "utf-8")
        expected = system.assess(texts).to_json()
        assert json.loads(expected)["given"].keys() == patient.facts.keys()
        assert system.assess({**texts, **plain}).to_json() == expected
        assert system.assess(path).to_json() == expected
        words = [f"{name}={text}" for name, text in texts.items()]
        assert run("assess", *words, "--format", "json").out == f"{expected}\n"


def is_right(finding: Finding | None, value: object) -> bool:
    """Whether a value is one of a finding as every executor takes them; written apart from the program's own check."""
    if finding is None or finding.concluded:
        return False
    if finding.kind is Kind.QUANTITY:
        return isinstance(value, float) and finding.low <= value <= finding.high
    return value is True or value is False if finding.kind is Kind.YES_NO else value in finding.values


@given(st.dictionaries(NAMES, ANYTHING, max_size=6))
def test_whatever_a_program_says_is_read_or_refused(facts: dict[str, Any]) -> None:
    try:
        answer = roofs().assess(facts)
    except PatientError:
        return
    found = answer.background.given
    assert all(is_right(ROOFS.findings[name], value) for name, value in found.items())
    assert roofs().assess({name: answer.patient.written[name] for name in found}).background.given == found


@given(st.dictionaries(NAMES, ANYTHING, min_size=1, max_size=3))
def test_no_door_within_takes_facts_unchecked(facts: dict[str, Any]) -> None:
    assume(not all(is_right(ROOFS.findings.get(name), value) for name, value in facts.items()))
    reasoner = roofs()._reasoner
    for door in (reasoner.assess, partial(changes, reasoner), partial(ConsultationTurns, reasoner)):
        with pytest.raises(PatientError):
            door(Patient(facts))
    assume(None not in facts.values())  # which a consultation takes for unknown
    with pytest.raises(PatientError):
        ConsultationTurns(reasoner, Patient({})).answer(facts)


# --- further questions


def test_each_answer_is_written_as_its_command_writes_it(system: ExpertSystem) -> None:
    answer = system.assess(WORKED)
    slipped = [("stenosis", "severe"), ("spondylolisthesis", "true_slip")]
    asked: list[tuple[Answer | Why | WhatIf | Change | Enough, list[str]]] = [
        (answer, ["assess", WORKED]),
        (system.why(WORKED, "minimally_invasive"), ["why", WORKED, "minimally_invasive"]),
        (system.why(answer, "decompression_with_fusion"), ["why-not", WORKED, "decompression_with_fusion"]),
        (system.what_if(WORKED, dict(slipped)), ["what-if", WORKED, *map("=".join, slipped)]),
        (system.change(answer, "open_decompression"), ["change", WORKED, "--to", "open_decompression"]),
        (system.enough(answer, 3), ["enough", WORKED, "--most", "3"]),
        (
            system.enough({"age": 45, "imaging_concordant": "not_done"}),
            ["enough", "age=45", "imaging_concordant=not_done"],
        ),
    ]
    for it, words in asked:
        assert run(*words, "--format", "json").out == f"{it.to_json()}\n", words
        assert json.loads(it.to_json()) == it.to_dict()


def test_what_if_takes_a_fact_back(system: ExpertSystem) -> None:
    it = system.what_if({"saddle_numbness": True, "age": 45}, {"saddle_numbness": "unknown"})
    assert isinstance(it.before, Answer)
    assert isinstance(it.after, Answer)
    assert it.before.recommended == "urgent_referral"
    assert it.after.background.given == {"age": 45 * 365.25}


def test_none_says_nothing_as_null_does_in_a_file(system: ExpertSystem, tmp_path: Path) -> None:
    facts = {"red_flags": "none", "fever": None, "age": None}
    path = tmp_path / "patient.json"
    path.write_text(json.dumps(facts), "utf-8")
    answer = system.assess(facts)
    assert answer.background.given["fever"] is False
    assert answer.to_json() == system.assess(path).to_json()


def test_none_never_passes_over_a_fact_that_it_might_take_back(system: ExpertSystem) -> None:
    expected = "saddle_numbness has no value here, and is yes before; expected a value, or unknown to withdraw it"
    with pytest.raises(PatientError) as error:
        system.what_if({"saddle_numbness": True}, {"saddle_numbness": None})
    assert str(error.value) == expected
    consultation = system.consult({"saddle_numbness": True})
    with pytest.raises(PatientError) as error:
        consultation.answer({"saddle_numbness": None})
    assert str(error.value) == expected


@pytest.mark.parametrize("before", [{"red_flags": "none", "age": 45}, "file", "answer"])
def test_a_panel_is_taken_back_as_a_finding_is(
    system: ExpertSystem, tmp_path: Path, before: dict[str, object] | str
) -> None:
    path = tmp_path / "patient.yaml"
    path.write_text("red_flags: none\nage: 45\n", "utf-8")
    who: Any = {"file": path, "answer": system.assess(path)}[before] if isinstance(before, str) else before
    it = system.what_if(who, {"red_flags": "unknown"})
    assert "fever" in it.before.background.given
    assert it.after.background.given == {"age": 45 * 365.25}
    (tmp_path / "nothing.yaml").write_text("red_flags: null\n", "utf-8")
    for nothing in ({"red_flags": None}, {"red_flags": ""}, tmp_path / "nothing.yaml"):
        with pytest.raises(PatientError, match="red_flags has no value here, and is none before"):
            system.what_if(who, nothing)
    with pytest.raises(PatientError, match=r"^fever is yes, but red_flags is unknown"):
        system.what_if({"fever": True}, {"red_flags": "unknown"})


def test_what_if_reports_what_is_wrong_on_both_sides(system: ExpertSystem) -> None:
    with pytest.raises(PatientError) as error:
        system.what_if({"age": "old"}, {"severity": "grave"})
    assert len(error.value.problems) == 2


def test_an_answer_is_of_its_own_site() -> None:
    answer = expert.load().assess({"age": 45})
    there = expert.load(site={"mis_equipment": "no"})
    assert [it.claim for it in there.what_if(answer, {"age": 50}).changed] == ["age"]
    assert there.change(answer).patient == answer.patient


def test_a_report_is_the_page_of_the_command(system: ExpertSystem) -> None:
    page = run("report", WORKED, "--format", "markdown", "-o", "-").out
    assert system.report(WORKED, "markdown") == page
    assert system.report(system.assess(WORKED)).startswith("<!DOCTYPE html>")
    with pytest.raises(InputError, match="'pdf' is not a form of a report; expected html or markdown"):
        system.report(WORKED, "pdf")


def test_what_is_asked_about_must_be_there(system: ExpertSystem) -> None:
    with pytest.raises(PatientError, match="did you mean conservative"):
        system.why(WORKED, "conservativ")
    with pytest.raises(PatientError, match="did you mean conservative"):
        system.change(WORKED, "conservativ")
    with pytest.raises(InputError, match="no set has 0 findings"):
        system.change(WORKED, most=0)
    with pytest.raises(InputError, match="there are no 0 sets"):
        system.enough(WORKED, most=0)
    with pytest.raises(PatientError, match="cannot be read"):
        system.assess("no-such-patient.yaml")


def test_a_site_counts_for_every_patient_and_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text("mis_equipment: no\n", "utf-8")
    for site in (path, {"mis_equipment": False}):
        of_site = expert.load(site=site)
        assert of_site.assess({"age": 45}).background.given == {"age": 45 * 365.25, "mis_equipment": False}
        assert "1 given of the site" in repr(of_site)
    with pytest.raises(PatientError, match="'age' is not a finding of the site"):
        expert.load(site={"age": 45})


def test_an_answer_of_other_knowledge_is_refused(system: ExpertSystem) -> None:
    other = roofs().assess({})
    for question in (partial(system.why, target="conservative"), partial(system.what_if, facts={}), system.change):
        with pytest.raises(InputError, match="other knowledge"):
            question(other)


# --- a consultation


def test_a_consultation_asks_takes_answers_and_takes_them_back(system: ExpertSystem) -> None:
    it = system.consult({"age": 45, "pregnant": False})
    first = it.question()
    assert first
    assert first.panel == "red_flags"
    it.answer({"red_flags": "none", "severity": "severe"})
    second = it.question()
    assert second != first
    for wrong in ({"fever": True, "red_flags": "none"}, {"severty": "mild"}, {"red_flags": "perhaps"}):
        with pytest.raises(PatientError):
            it.answer(wrong)
    assert it.question() == second
    assert (
        it.assess().to_json()
        == system.assess({"age": 45, "pregnant": False, "red_flags": "none", "severity": "severe"}).to_json()
    )
    assert system.consult(it.facts).question() == second
    assert it.back()
    assert it.question() == first
    assert not it.back()


def test_an_unknown_answer_is_not_asked_for_again(system: ExpertSystem) -> None:
    it = system.consult()
    asked: list[str] = []
    while question := it.question():
        assert not set(question.findings) & set(asked)
        asked += question.findings
        it.answer(dict.fromkeys(question.findings, "unknown"))
    assert set(it.facts) == set(asked)
    assert it.certain() is None
    assert len(it.possible()) > 1
