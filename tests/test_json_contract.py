"""The JSON answer: what other programs rely on."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from expert import __version__
from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment
from expert.read.patient import PatientReader
from expert.render.json import render_json, to_json
from tests.conftest import REPOSITORY, patient
from tests.random_patients import assessments
from tests.small_ladder import choice, rule, small_ladder

TODAY = date(2026, 11, 22)
WORKED = sorted(path.stem for path in (REPOSITORY / "knowledge" / "patients").glob("*.yaml"))
ARGUMENTS = ("for", "against", "cautions")


@cache
def validator() -> Draft202012Validator:
    path = REPOSITORY / "expert" / "render" / "answer.schema.json"
    schema = json.loads(path.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def errors(answer: dict[str, Any]) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator().iter_errors(answer)]


def rendered(reasoner: Reasoner, assessment: Assessment) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render_json(reasoner.kb, assessment, TODAY))
    return found


def answered_again(reasoner: Reasoner, answer: dict[str, Any], path: Path) -> dict[str, Any]:
    """The answer for a patient file that holds what was given."""
    path.write_text(json.dumps(answer["given"]), "utf-8")
    again = reasoner.assess(PatientReader(reasoner.kb).patient(str(path)))
    return to_json(reasoner.kb, again, TODAY)


@pytest.mark.parametrize("name", WORKED)
def test_the_answer_for_a_worked_patient_keeps_the_contract(reasoner: Reasoner, name: str, tmp_path: Path) -> None:
    path = REPOSITORY / "knowledge" / "patients" / f"{name}.yaml"
    answer = rendered(reasoner, reasoner.assess(PatientReader(reasoner.kb).patient(str(path))))
    assert errors(answer) == []
    assert answered_again(reasoner, answer, tmp_path / "again.json") == answer


@pytest.mark.parametrize("seed", range(6))
def test_the_answer_for_any_patient_keeps_the_contract(reasoner: Reasoner, seed: int) -> None:
    for it in assessments(reasoner, seed):
        assert errors(rendered(reasoner, it)) == []


def test_what_is_given_leads_to_the_same_answer_when_it_is_read_back(reasoner: Reasoner, tmp_path: Path) -> None:
    for it in assessments(reasoner)[:20]:
        answer = to_json(reasoner.kb, it, TODAY)
        assert answered_again(reasoner, answer, tmp_path / "again.json") == answer


def test_names_in_an_answer_are_names_of_the_knowledge(reasoner: Reasoner) -> None:
    kb = reasoner.kb
    for it in assessments(reasoner):
        answer = to_json(reasoner.kb, it, TODAY)
        assert [step["step"] for step in answer["ladder"]] == list(kb.steps)
        assert list(answer["findings"]) == list(answer["presumed_findings"]) == list(kb.concluded)
        assert {possible["step"] for possible in answer["possible"]} <= set(kb.steps)
        assert {option["option"] for option in answer["options"]} <= set(kb.options)
        assert {alert["alert"] for alert in answer["alerts"]} <= set(kb.alerts)
        assert {advice["advice"] for advice in answer["advice"]} <= set(kb.advice)
        shown = [argument for step in answer["ladder"] for role in ARGUMENTS for argument in step[role]]
        for argument in shown:
            rule_ = kb.rules[argument["rule"]]
            assert (argument["title"], argument["cite"]) == (rule_.title, list(rule_.cite))
        for key in ("given", "defaults", "forced", "presumed"):
            assert set(answer[key]) <= set(kb.inputs)


def test_the_recommended_step_is_a_possible_one_and_null_when_the_answer_is_open(reasoner: Reasoner) -> None:
    for it in assessments(reasoner):
        answer = to_json(reasoner.kb, it, TODAY)
        possible = [entry["step"] for entry in answer["possible"]]
        assert (answer["recommended"] is None) == (answer["answer"] == "open")
        assert answer["recommended"] is None or answer["recommended"] in possible
        if answer["answer"] == "certain":
            assert possible == [answer["recommended"]]


def test_a_step_without_a_premise_to_lead_to_it_is_the_presumed_one(reasoner: Reasoner) -> None:
    for it in assessments(reasoner):
        answer = to_json(reasoner.kb, it, TODAY)
        empty = [entry["step"] for entry in answer["possible"] if entry["if"] == [[]]]
        assert empty == ([answer["recommended"]] if answer["recommended"] else [])


def test_quantities_are_texts_as_they_were_written(reasoner: Reasoner) -> None:
    given = ("conservative_duration=98 days", "age=45", "removed_share=2/3", "prior_surgery=yes")
    answer = to_json(reasoner.kb, reasoner.assess(patient(reasoner.kb, *given)), TODAY)
    assert answer["given"] == {
        "age": "45 years",
        "conservative_duration": "98 days",
        "prior_surgery": True,
        "removed_share": "2/3",
    }


def test_a_value_given_by_a_word_is_that_value_and_the_word_is_named(reasoner: Reasoner) -> None:
    given = ("leg_pain=LEFT", "motor_grade=4/5", "severity=severe", "imaging_concordant=yes")
    answer = to_json(reasoner.kb, reasoner.assess(patient(reasoner.kb, *given)), TODAY)
    assert answer["given"] == {
        "leg_pain": "one_side",
        "motor_grade": "4",
        "severity": "severe",
        "imaging_concordant": "yes",
    }
    assert answer["words"] == {"leg_pain": "left", "motor_grade": "4/5"}


def test_an_open_answer_keeps_the_contract(tmp_path: Path) -> None:
    reasoner = Reasoner(
        small_ladder(
            tmp_path,
            findings={"key": choice("brass", "steel", "none")},
            rules={
                "brass-opens": rule("key is brass", "supports door"),
                "steel-opens": rule("key is steel", "supports gate"),
            },
            steps={"door": {}, "gate": {}},
        )
    )
    answer = rendered(reasoner, reasoner.assess(patient(reasoner.kb)))
    assert (answer["answer"], answer["recommended"]) == ("open", None)
    assert errors(answer) == []
    nothing = rendered(reasoner, reasoner.assess(patient(reasoner.kb, "key=none")))
    assert (nothing["answer"], nothing["possible"]) == ("open", [])
    assert errors(nothing) == []


def test_an_answer_that_rests_on_cases_keeps_the_contract(tmp_path: Path) -> None:
    reasoner = Reasoner(
        small_ladder(
            tmp_path,
            findings={"pole": choice("north", "south")},
            rules={
                "north-supports-sail": rule("pole is north", "supports sail"),
                "south-supports-sail": rule("pole is south", "supports sail"),
            },
            steps={"sail": {}},
        )
    )
    answer = rendered(reasoner, reasoner.assess(patient(reasoner.kb)))
    assert [argument["case"] for argument in answer["ladder"][0]["for"]] == [["pole is north"], ["pole is south"]]
    assert errors(answer) == []


def test_the_knowledge_and_the_program_are_named(reasoner: Reasoner) -> None:
    it = reasoner.assess(patient(reasoner.kb))
    kb = reasoner.kb
    assert to_json(reasoner.kb, it, TODAY)["knowledge"] == {
        "name": kb.name,
        "version": kb.version,
        "sha256": kb.sha256,
        "review_overdue": False,
    }
    assert to_json(reasoner.kb, it, date(2999, 1, 1))["knowledge"]["review_overdue"] is True
    assert to_json(reasoner.kb, it, TODAY)["expert"] == __version__


def test_the_json_text_is_ascii_and_parses_to_the_same_answer(reasoner: Reasoner) -> None:
    it = reasoner.assess(patient(reasoner.kb, "age=45 years"))
    text = render_json(reasoner.kb, it, TODAY)
    assert text.isascii()
    assert json.loads(text) == to_json(reasoner.kb, it, TODAY)


def without(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda answer: answer.pop(key)


@pytest.mark.parametrize(
    "breaking",
    [
        without("recommended"),
        without("ladder"),
        without("decisive"),
        without("knowledge"),
        lambda answer: answer.update(answer="sure"),
        lambda answer: answer["given"].update(age=45.0),
        lambda answer: answer["given"].update(age=None),
        lambda answer: answer["ladder"][2].update(status="maybe"),
        lambda answer: answer["ladder"][2].pop("against"),
        lambda answer: answer["ladder"][6]["against"][0].update(at="non-fusion.yaml"),
        lambda answer: answer["ladder"][6]["against"][0].update(status="fails"),
        lambda answer: answer["possible"][0].update({"if": ["fever"]}),
        lambda answer: answer["decisive"][0].update(leads_to={}),
        lambda answer: answer["knowledge"].update(sha256="abc"),
    ],
)
def test_the_schema_finds_an_answer_that_breaks_the_contract(
    reasoner: Reasoner, breaking: Callable[[dict[str, Any]], object]
) -> None:
    answer = rendered(reasoner, reasoner.assess(patient(reasoner.kb)))
    broken = copy.deepcopy(answer)
    breaking(broken)
    assert errors(answer) == []
    assert len(errors(broken)) == 1


def test_the_schema_permits_additions(reasoner: Reasoner) -> None:
    answer = rendered(reasoner, reasoner.assess(patient(reasoner.kb)))
    answer["new"] = answer["ladder"][0]["new"] = answer["knowledge"]["new"] = 1
    assert errors(answer) == []
