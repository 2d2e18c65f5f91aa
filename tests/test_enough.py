"""What is enough: each set of facts told forces the step whatever else had been so, and no fewer do.

That all sets are told, and that they agree with the reasons given, is in `tests/test_agreement.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random

import pytest

from expert import read_knowledge
from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment
from expert.answer.enough import missing_findings, sufficient_reasons
from expert.answer.explanations import Fact, SufficientReasons
from expert.lang.facts import Patient
from expert.lang.premises import Concluded, Not
from expert.lang.values import Facts, Value
from expert.logic.kleene import Evaluation
from expert.read.patient import PatientReader
from expert.solve.case_split import can_hold
from tests.command_line import run
from tests.conftest import REPOSITORY, patient
from tests.random_patients import assessments
from tests.small_ladder import rule, small_ladder, yes_no

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


def forced(reasoner: Reasoner, facts: Facts, step: str) -> bool:
    """Whether every permitted completion of some facts leads to a step: by cases, without the solver."""
    return not can_hold(reasoner.domain, Evaluation(reasoner.definitions, facts), Not(Concluded(("recommended", step))))


@cache
def reasons(
    reasoner: Reasoner, seed: int, count: int = 8
) -> tuple[tuple[Assessment, SufficientReasons, tuple[dict[str, Value], ...]], ...]:
    """Random patients with their reasons and the facts of each set as values, worked out once in each process."""
    found = []
    for assessment in assessments(reasoner, seed, count):
        told = sufficient_reasons(reasoner, assessment)
        if told is not None:
            sets = tuple(values(assessment, (*one.given, *one.presumed)) for one in told.sets)
            found.append((assessment, told, sets))
    return tuple(found)


# --- of the shipped knowledge -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_each_set_forces_the_step_and_no_proper_subset_does_by_cases(reasoner: Reasoner, seed: int) -> None:
    for assessment, told, sets in reasons(reasoner, seed):
        assert told.step == assessment.recommended
        for facts in sets:
            assert forced(reasoner, facts, told.step)
            assert not any(forced(reasoner, less, told.step) for less in fewer(facts))


@pytest.mark.parametrize("seed", range(4))
def test_the_step_stays_under_random_completions_of_everything_else(reasoner: Reasoner, seed: int) -> None:
    rng, domain = Random(seed), reasoner.domain
    for _, told, sets in reasons(reasoner, seed):
        for needed in sets[:4]:
            facts = dict(needed)
            for name in rng.sample(list(domain.cells), len(domain.cells)):
                cells = [cell for cell in domain.cells[name] if domain.permitted({**facts, name: cell.value})]
                if name not in facts:
                    facts[name] = rng.choice(cells).value
            assert Evaluation(reasoner.definitions, facts).concluded(("recommended", told.step))


@pytest.mark.parametrize("seed", range(4))
def test_a_certain_answer_needs_no_presumption_and_a_provisional_one_does(reasoner: Reasoner, seed: int) -> None:
    answers = set()
    for assessment, told, _ in reasons(reasoner, seed):
        known = {**assessment.background.given, **assessment.background.defaults}
        for one in told.sets:
            assert bool(one.presumed) is (assessment.answer == "provisional")
            assert values(assessment, one.given).items() <= known.items()
            assert values(assessment, one.presumed).items() <= assessment.background.presumed.items()
        if told.number == len(told.sets):
            needed = {fact.finding for one in told.sets for fact in one.given}
            assert {fact.finding for fact in told.idle} == known.keys() - needed
        answers.add(assessment.answer)
    assert answers == {"certain", "provisional"}


def test_of_more_sets_than_are_wanted_those_with_the_fewest_presumptions_are_told(reasoner: Reasoner) -> None:
    assessment = reasoner.assess(PatientReader(reasoner.kb).patient(FOURTEEN_WEEKS))
    every, first = sufficient_reasons(reasoner, assessment), sufficient_reasons(reasoner, assessment, most=1)
    assert every is not None
    assert first is not None
    assert (first.sets, first.number, first.idle) == (every.sets[:1], every.number, every.idle)
    presumed = [len(one.presumed) for one in every.sets]
    assert len(presumed) > 1
    assert presumed == sorted(presumed)


def test_the_reason_is_the_same_from_a_solver_that_has_seen_other_patients(reasoner: Reasoner) -> None:
    fresh = Reasoner(reasoner.kb)
    some = list(assessments(reasoner, 1, 12))
    used = [sufficient_reasons(reasoner, it) for it in some]
    assert [sufficient_reasons(fresh, it) for it in reversed(some)] == used[::-1]


def test_facts_are_told_as_they_were_written(reasoner: Reasoner) -> None:
    told = sufficient_reasons(reasoner, reasoner.assess(PatientReader(reasoner.kb).patient(FOURTEEN_WEEKS)))
    assert told is not None
    for one in told.sets:
        assert {fact.origin for fact in one.given} == {"given"}
        assert Fact("conservative_duration", "14 weeks", "given") in one.given


def test_an_emergency_is_enough_by_itself(reasoner: Reasoner) -> None:
    who = patient(reasoner.kb, "saddle_numbness=yes", "age=50", "stenosis=severe")
    told = sufficient_reasons(reasoner, reasoner.assess(who))
    assert told is not None
    assert (told.step, told.sets) == ("urgent_referral", (((Fact("saddle_numbness", "yes", "given"),), ()),))


def test_values_that_constraints_force_are_not_counted(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={"burnt": yes_no(), "scar": yes_no()},
        constraints={"scars-come-from-burns": ["scar", "not burnt"]},
        rules={"salve": rule("burnt", "supports salve"), "wait": rule("always", "supports wait")},
        steps={"salve": {}, "wait": {}},
    )
    reasoner = Reasoner(kb)
    told = sufficient_reasons(reasoner, reasoner.assess(Patient({"scar": True}, {"scar": "yes"})))
    assert told == ("salve", (only := ((Fact("scar", "yes", "given"),), ()),), 1, only, (), ())


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
    assert sufficient_reasons(reasoner, assessment) is None
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
    for _, its, sets in reasons(reasoner, 0, 30):
        for facts in sets:
            assert forced(reasoner, facts, its.step)
            assert not any(forced(reasoner, less, its.step) for less in fewer(facts))
        told += any(one.given for one in its.sets)
    assert told > 10


# --- on the command line ----------------------------------------------------------------------------------------------


def test_the_text_says_what_all_sets_have_and_what_each_has_besides() -> None:
    out = run("enough", FOURTEEN_WEEKS).out
    assert out.startswith("Minimally invasive surgery (minimally_invasive): 2 sets of facts are enough,\neach whatever")
    assert "All have these given facts:\n  severity severe; " in out
    assert "\nAll need these presumed:\n  red_flags none; " in out
    assert (
        "one of these:\n  - stenosis none\n  - spondylolisthesis none; presumed: ring_apophysis_separation no\n" in out
    )
    idle = out.partition("These given facts play no part, whatever they had been:\n")[2]
    assert "age 45 years" in idle
    assert "indication_policy ladder, by default" in " ".join(idle.split())


def test_two_signs_of_an_emergency_are_two_sets() -> None:
    out = run("enough", "saddle_numbness=yes", "bladder_change=yes").out
    assert "Each has the facts of one of these:\n  - saddle_numbness yes\n  - bladder_change yes\n" in out
    assert "numbness" not in out.partition("play no part")[2]


def test_up_to_a_number_of_sets_is_shown() -> None:
    out = run("enough", "saddle_numbness=yes", "bladder_change=yes", "--most", "1").out
    assert ": 2 sets of facts are enough, " in out
    assert "the first 1 of them:\n  - saddle_numbness yes\n\n" in out


def test_where_one_set_is_enough_the_text_says_what_it_needs() -> None:
    out = run("enough", str(WORKED / "true-slip.yaml")).out
    assert "these given facts are enough, whatever" in " ".join(out.split())
    assert "\nThey need these presumed:\n" in out
    assert "other presumptions are not needed.\n" in out


def test_the_text_of_a_certain_answer_says_that_nothing_need_be_presumed() -> None:
    assert "Nothing need be presumed.\n" in run("enough", str(WORKED / "saddle-numbness.yaml")).out


def test_part_of_a_panel_is_told_with_its_members() -> None:
    out = " ".join(run("enough", str(WORKED / "back-without-mri.yaml")).out.split())
    assert "red_flags none (7 of 14: saddle_numbness," in out
    assert "red_flags none (3 of 14: cancer_history, fever, immunosuppressed); prior_surgery yes" in out


def test_where_nothing_is_given_presumptions_alone_are_enough() -> None:
    out = run("enough").out
    assert "All need these presumed:\n  red_flags none;" in out
    assert "- presumed: conservative_duration 0 weeks; " in out


@pytest.mark.parametrize("name", sorted(path.stem for path in WORKED.glob("*.yaml"))[::3])
def test_json_tells_each_given_fact_of_a_worked_patient_once(reasoner: Reasoner, name: str) -> None:
    path = str(WORKED / f"{name}.yaml")
    result = run("enough", path, "--most", "1000", "--format", "json")
    assert result.status == 0, result.err
    answer = json.loads(result.out)
    told = {fact["finding"] for one in answer["sets"] for fact in one["given"]}
    idle = [fact["finding"] for fact in answer["no_part"]]
    given = PatientReader(reasoner.kb).patient(path).facts
    defaults = {name for name, it in reasoner.kb.inputs.items() if it.default is not None}
    assert sorted({*told, *idle}) == sorted({*given, *defaults})
    assert len(idle) == len(given.keys() | defaults) - len(told)
    assert answer["number"] == len(answer["sets"])
    assert all(fact in one["given"] for one in answer["sets"] for fact in answer["common"]["given"])
    assert answer["missing"] == answer["undecided"] == []
    assert {fact["origin"] for one in answer["sets"] for fact in one["presumed"]} <= {"presumed"}
    assert answer["disclaimer"] == reasoner.kb.disclaimer
