"""What is enough: the facts told force the step whatever else had been so, and no fewer do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random

import pytest

from expert import read_knowledge
from expert.explanations import Fact, SufficientReason
from expert.infer.assess import Reasoner
from expert.infer.enough import idle_facts, missing_findings, sufficient_reason
from expert.infer.possible import can_hold
from expert.logic import Evaluation
from expert.model import Concluded, Facts, Not, Value
from expert.read.patient import PatientReader
from expert.results import Assessment, Patient
from tests.command_line import run
from tests.conftest import REPOSITORY, patient
from tests.random_patients import assessments
from tests.small_ladder import rule, small_ladder, yes_no
from tests.strategies import Enumeration, random_facts, small_domain

WORKED = REPOSITORY / "knowledge" / "patients"
FOURTEEN_WEEKS = str(WORKED / "fourteen-weeks.yaml")
OTHER = Path(__file__).parent / "other_ladder"


def values(assessment: Assessment, facts: tuple[Fact, ...]) -> dict[str, Value]:
    everything = assessment.background.all
    return {fact.finding: everything[fact.finding] for fact in facts}


def fewer(facts: Facts) -> Iterator[dict[str, Value]]:
    """The facts without one of them: what forces more than those forces these, so these stand for all subsets."""
    for left_out in facts:
        yield {name: value for name, value in facts.items() if name != left_out}


def background(assessment: Assessment) -> Facts:
    """The presumptions, unless the answer needs none."""
    return {} if assessment.answer == "certain" else assessment.background.presumed


def forced(reasoner: Reasoner, facts: Facts, step: str) -> bool:
    """Whether every permitted completion of some facts leads to a step: by cases, without the solver."""
    return not can_hold(reasoner.domain, Evaluation(reasoner.definitions, facts), Not(Concluded(("recommended", step))))


@cache
def reasons(
    reasoner: Reasoner, seed: int, count: int = 12
) -> tuple[tuple[Assessment, SufficientReason, dict[str, Value], dict[str, Value]], ...]:
    """Random patients with a reason, its given and its presumed facts as values, worked out once in each process."""
    found = []
    for assessment in assessments(reasoner, seed, count):
        reason = sufficient_reason(reasoner, assessment)
        if reason is not None:
            found.append((assessment, reason, values(assessment, reason.given), values(assessment, reason.presumed)))
    return tuple(found)


# --- against enumeration ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_the_facts_force_the_step_and_no_proper_subset_does_by_enumeration(seed: int) -> None:
    rng = Random(seed)
    told = 0
    while told < 8:
        domain = small_domain(rng, constrained=True)
        everyone = Enumeration(domain)
        facts = random_facts(domain, rng)
        if everyone.contradictory or not everyone.completions(facts):
            continue
        reasoner = Reasoner(domain.kb)
        assessment = reasoner.assess(Patient(facts))
        reason = sufficient_reason(reasoner, assessment)
        step = everyone.certain(everyone.presumed(facts))
        assert (reason.step if reason else None) == step
        if reason is None or not (reason.given or reason.presumed):
            continue
        told += 1
        given, presumed = values(assessment, reason.given), values(assessment, reason.presumed)
        assert given.keys() <= facts.keys()
        assert everyone.outcomes({**given, **presumed}) == {step}
        for less in fewer(given):
            assert everyone.outcomes({**background(assessment), **less}) != {step}
        for less in fewer(presumed):
            assert everyone.outcomes({**given, **less}) != {step}


# --- of the shipped knowledge -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_the_facts_force_the_step_and_no_proper_subset_does_by_cases(reasoner: Reasoner, seed: int) -> None:
    for assessment, reason, given, presumed in reasons(reasoner, seed):
        assert reason.step == assessment.recommended
        assert forced(reasoner, {**given, **presumed}, reason.step)
        for less in fewer(given):
            assert not forced(reasoner, {**background(assessment), **less}, reason.step)
        for less in fewer(presumed):
            assert not forced(reasoner, {**given, **less}, reason.step)


@pytest.mark.parametrize("seed", range(4))
def test_the_step_stays_under_random_completions_of_everything_else(reasoner: Reasoner, seed: int) -> None:
    rng, domain = Random(seed), reasoner.domain
    for _, reason, given, presumed in reasons(reasoner, seed):
        for _ in range(4):
            facts = {**given, **presumed}
            for name in rng.sample(list(domain.cells), len(domain.cells)):
                cells = [cell for cell in domain.cells[name] if domain.permitted({**facts, name: cell.value})]
                if name not in facts:
                    facts[name] = rng.choice(cells).value
            assert Evaluation(reasoner.definitions, facts).concluded(("recommended", reason.step))


@pytest.mark.parametrize("seed", range(4))
def test_a_certain_answer_needs_no_presumption_and_a_provisional_one_does(reasoner: Reasoner, seed: int) -> None:
    answers = set()
    for assessment, reason, given, presumed in reasons(reasoner, seed):
        assert bool(reason.presumed) is (assessment.answer == "provisional")
        known = {**assessment.background.given, **assessment.background.defaults}
        assert given.items() <= known.items()
        assert presumed.items() <= assessment.background.presumed.items()
        idle = {fact.finding for fact in idle_facts(reasoner.domain, assessment, reason)}
        assert idle == known.keys() - given.keys()
        answers.add(assessment.answer)
    assert answers == {"certain", "provisional"}


def test_the_reason_is_the_same_from_a_solver_that_has_seen_other_patients(reasoner: Reasoner) -> None:
    fresh = Reasoner(reasoner.kb)
    some = list(assessments(reasoner, 1, 12))
    used = [sufficient_reason(reasoner, it) for it in some]
    assert [sufficient_reason(fresh, it) for it in reversed(some)] == used[::-1]


def test_a_reason_rests_on_what_was_said_before_it_rests_on_a_default(reasoner: Reasoner) -> None:
    reason = sufficient_reason(reasoner, reasoner.assess(PatientReader(reasoner.kb).patient(FOURTEEN_WEEKS)))
    assert reason is not None
    assert {fact.origin for fact in reason.given} == {"given"}
    assert Fact("conservative_duration", "14 weeks", "given") in reason.given


def test_an_emergency_is_enough_by_itself(reasoner: Reasoner) -> None:
    who = patient(reasoner.kb, "saddle_numbness=yes", "age=50", "stenosis=severe")
    reason = sufficient_reason(reasoner, reasoner.assess(who))
    assert reason == ("urgent_referral", (Fact("saddle_numbness", "yes", "given"),), ())


def test_values_that_constraints_force_are_not_counted(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={"burnt": yes_no(), "scar": yes_no()},
        constraints={"scars-come-from-burns": ["scar", "not burnt"]},
        rules={"salve": rule("burnt", "supports salve"), "wait": rule("always", "supports wait")},
        steps={"salve": {}, "wait": {}},
    )
    reasoner = Reasoner(kb)
    reason = sufficient_reason(reasoner, reasoner.assess(Patient({"scar": True}, {"scar": "yes"})))
    assert reason == ("salve", (Fact("scar", "yes", "given"),), ())


# --- open answers -----------------------------------------------------------------------------------------------------


def open_ladder(folder: Path) -> Path:
    """Nothing is presumed of one finding that decides."""
    small_ladder(
        folder,
        findings={"burnt": yes_no("", ask="Is it burnt?"), "hot": yes_no("no")},
        rules={
            "salve": rule("burnt", "supports salve"),
            "cool": rule("hot", "supports cool"),
            "wait": rule("always", "supports wait"),
        },
        steps={"salve": {}, "cool": {}, "wait": {}},
    )
    return folder


def test_of_an_open_answer_nothing_is_enough_and_what_is_missing_is_said(tmp_path: Path) -> None:
    reasoner = Reasoner(read_knowledge(open_ladder(tmp_path)))
    assessment = reasoner.assess(Patient({}))
    assert sufficient_reason(reasoner, assessment) is None
    assert [it.finding for it in missing_findings(assessment)] == ["burnt"]
    result = run("enough", "--knowledge", str(tmp_path))
    assert result.status == 0
    assert result.out.startswith("Nothing that is given or presumed forces a step yet.\nPossible: Salve, Cool, Wait.")
    assert "What is missing:\n  - burnt: Is it burnt?\n" in result.out
    answer = json.loads(run("enough", "--knowledge", str(tmp_path), "--format", "json").out)
    assert (answer["answer"], answer["recommended"], answer["missing"]) == ("open", None, ["burnt"])


# --- another ladder ---------------------------------------------------------------------------------------------------


def test_what_is_enough_for_a_roof_is_found_too() -> None:
    reasoner = Reasoner(read_knowledge(OTHER))
    told = 0
    for assessment, reason, given, presumed in reasons(reasoner, 0, 30):
        assert forced(reasoner, {**given, **presumed}, reason.step)
        assert not any(forced(reasoner, {**background(assessment), **less}, reason.step) for less in fewer(given))
        assert not any(forced(reasoner, {**given, **less}, reason.step) for less in fewer(presumed))
        told += bool(given)
    assert told > 10


# --- on the command line ----------------------------------------------------------------------------------------------


def test_the_text_says_what_is_enough_what_it_needs_and_what_plays_no_part() -> None:
    out = run("enough", FOURTEEN_WEEKS).out
    assert out.startswith("Minimally invasive surgery (minimally_invasive): these given facts are enough,\nwhatever")
    assert "conservative_duration 14 weeks" in out
    assert "\nThey need these presumed:\n  red_flags none; " in out
    assert "other presumptions are not needed.\n" in out
    idle = out.partition("These given facts play no part, whatever they had been:\n")[2]
    assert "age 45 years" in idle
    assert "indication_policy ladder, by default" in " ".join(idle.split())


def test_the_text_of_a_certain_answer_says_that_nothing_need_be_presumed() -> None:
    assert "Nothing need be presumed.\n" in run("enough", str(WORKED / "everything-known.yaml")).out


def test_part_of_a_panel_is_told_with_its_members() -> None:
    out = " ".join(run("enough", str(WORKED / "wrong-side.yaml")).out.split())
    assert "red_flags none (11 of 14: saddle_numbness," in out
    assert "red_flags none (3 of 14: cancer_history, fever, bone_fragility)" in out


def test_where_nothing_is_given_presumptions_alone_are_enough() -> None:
    out = run("enough").out
    assert "no given fact is needed." in out
    assert "It needs these presumed:\n  red_flags none;" in out


@pytest.mark.parametrize("name", sorted(path.stem for path in WORKED.glob("*.yaml"))[::3])
def test_json_tells_each_given_fact_of_a_worked_patient_once(reasoner: Reasoner, name: str) -> None:
    path = str(WORKED / f"{name}.yaml")
    result = run("enough", path, "--format", "json")
    assert result.status == 0, result.err
    answer = json.loads(result.out)
    told = [fact["finding"] for fact in (*answer["given"], *answer["no_part"])]
    given = PatientReader(reasoner.kb).patient(path).facts
    defaults = {name for name, it in reasoner.kb.inputs.items() if it.default is not None}
    assert sorted(told) == sorted({*given, *defaults})
    assert answer["missing"] == []
    assert {fact["origin"] for fact in answer["presumed"]} <= {"presumed"}
    assert answer["disclaimer"] == reasoner.kb.disclaimer
