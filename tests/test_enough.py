"""Sufficient reasons: each reported set of facts forces the step whatever else holds, and no subset does.

That all sets are reported, and that they agree with the justifications, is in `tests/test_agreement.py`.
"""

from __future__ import annotations

import json
import re
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
    """The facts without one of them. If none of these forces the step, no smaller subset does."""
    for left_out in facts:
        yield {name: value for name, value in facts.items() if name != left_out}


def forced(reasoner: Reasoner, facts: Facts, step: str) -> bool:
    """Whether every permitted completion of facts leads to a step: by cases, without the solver."""
    return not can_hold(reasoner.domain, Evaluation(reasoner.definitions, facts), Not(Concluded(("recommended", step))))


@cache
def reasons(
    reasoner: Reasoner, seed: int, count: int = 8
) -> tuple[tuple[Assessment, SufficientReasons, tuple[dict[str, Value], ...]], ...]:
    """Random patients with their reasons and the facts of each set as values, computed once in each process."""
    found = []
    for assessment in assessments(reasoner, seed, count):
        enough = sufficient_reasons(reasoner, assessment)
        if enough is not None:
            sets = tuple(values(assessment, (*one.given, *one.presumed)) for one in enough.sets)
            found.append((assessment, enough, sets))
    return tuple(found)


# --- of the shipped knowledge -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_each_set_forces_the_step_and_no_proper_subset_does(reasoner: Reasoner, seed: int) -> None:
    for assessment, enough, sets in reasons(reasoner, seed):
        assert enough.step == assessment.recommended
        for facts in sets:
            assert forced(reasoner, facts, enough.step)
            assert not any(forced(reasoner, less, enough.step) for less in fewer(facts))


@pytest.mark.parametrize("seed", range(4))
def test_the_step_stays_under_random_completions_of_everything_else(reasoner: Reasoner, seed: int) -> None:
    rng, domain = Random(seed), reasoner.domain
    for _, enough, sets in reasons(reasoner, seed):
        for needed in sets[:4]:
            facts = dict(needed)
            for name in rng.sample(list(domain.cells), len(domain.cells)):
                cells = [cell for cell in domain.cells[name] if domain.permitted({**facts, name: cell.value})]
                if name not in facts:
                    facts[name] = rng.choice(cells).value
            assert Evaluation(reasoner.definitions, facts).concluded(("recommended", enough.step))


@pytest.mark.parametrize("seed", range(4))
def test_a_certain_answer_needs_no_presumption_and_a_provisional_one_does(reasoner: Reasoner, seed: int) -> None:
    answers = set()
    for assessment, enough, _ in reasons(reasoner, seed):
        known = {**assessment.background.given, **assessment.background.defaults}
        for one in enough.sets:
            assert bool(one.presumed) is (assessment.answer == "provisional")
            assert values(assessment, one.given).items() <= known.items()
            assert values(assessment, one.presumed).items() <= assessment.background.presumed.items()
        if enough.number == len(enough.sets):
            needed = {fact.finding for one in enough.sets for fact in one.given}
            assert {fact.finding for fact in enough.idle} == known.keys() - needed
        answers.add(assessment.answer)
    assert answers == {"certain", "provisional"}


def test_the_sets_with_the_fewest_presumptions_come_first(reasoner: Reasoner) -> None:
    assessment = reasoner.assess(PatientReader(reasoner.kb).patient(FOURTEEN_WEEKS))
    every, first = sufficient_reasons(reasoner, assessment), sufficient_reasons(reasoner, assessment, most=1)
    assert every is not None
    assert first is not None
    assert (first.sets, first.number, first.idle) == (every.sets[:1], every.number, every.idle)
    presumed = [len(one.presumed) for one in every.sets]
    assert len(presumed) > 1
    assert presumed == sorted(presumed)


def test_reasons_do_not_depend_on_the_patients_before(reasoner: Reasoner) -> None:
    fresh = Reasoner(reasoner.kb)
    some = list(assessments(reasoner, 1, 12))
    used = [sufficient_reasons(reasoner, it) for it in some]
    assert [sufficient_reasons(fresh, it) for it in reversed(some)] == used[::-1]


def test_facts_are_reported_as_they_were_written(reasoner: Reasoner) -> None:
    enough = sufficient_reasons(reasoner, reasoner.assess(PatientReader(reasoner.kb).patient(FOURTEEN_WEEKS)))
    assert enough is not None
    for one in enough.sets:
        assert {fact.origin for fact in one.given} == {"given"}
        assert Fact("conservative_duration", "14 weeks", "given") in one.given


def test_an_emergency_is_enough_by_itself(reasoner: Reasoner) -> None:
    who = patient(reasoner.kb, "saddle_numbness=yes", "age=50", "stenosis=severe")
    enough = sufficient_reasons(reasoner, reasoner.assess(who))
    assert enough is not None
    assert (enough.step, enough.sets) == ("urgent_referral", (((Fact("saddle_numbness", "yes", "given"),), ()),))


def test_values_that_constraints_force_are_not_counted(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={"burnt": yes_no(), "scar": yes_no()},
        constraints={"scars-come-from-burns": ["scar", "not burnt"]},
        rules={"salve": rule("burnt", "supports salve"), "wait": rule("always", "supports wait")},
        steps={"salve": {}, "wait": {}},
    )
    reasoner = Reasoner(kb)
    enough = sufficient_reasons(reasoner, reasoner.assess(Patient({"scar": True}, {"scar": "yes"})))
    assert enough == ("salve", (only := ((Fact("scar", "yes", "given"),), ()),), 1, only, (), ())


# --- open answers -----------------------------------------------------------------------------------------------------


def open_ladder(folder: Path) -> Path:
    """A ladder with a decisive finding that has no usual value."""
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


def test_an_open_answer_has_no_sufficient_set_and_names_the_missing_findings(tmp_path: Path) -> None:
    reasoner = Reasoner(read_knowledge(open_ladder(tmp_path)))
    assessment = reasoner.assess(Patient({}))
    assert sufficient_reasons(reasoner, assessment) is None
    assert [it.finding for it in missing_findings(assessment)] == ["burnt"]
    result = run("enough", "--knowledge", str(tmp_path))
    assert result.status == 0
    assert result.out.startswith("Nothing that is given or assumed forces a step yet.\nPossible: Salve, Cool, Wait.")
    assert "What is missing:\n  - Is it burnt?\n" in result.out
    answer = json.loads(run("enough", "--knowledge", str(tmp_path), "--format", "json").out)
    assert (answer["answer"], answer["recommended"], answer["missing"]) == ("open", None, ["burnt"])


# --- another ladder ---------------------------------------------------------------------------------------------------


def test_each_set_forces_the_step_on_another_ladder() -> None:
    reasoner = Reasoner(read_knowledge(OTHER))
    with_given = 0
    for _, its, sets in reasons(reasoner, 0, 30):
        for facts in sets:
            assert forced(reasoner, facts, its.step)
            assert not any(forced(reasoner, less, its.step) for less in fewer(facts))
        with_given += any(one.given for one in its.sets)
    assert with_given > 10


# --- on the command line ----------------------------------------------------------------------------------------------


def test_the_text_shows_the_facts_that_all_sets_share_and_the_rest_of_each() -> None:
    out = run("enough", FOURTEEN_WEEKS).out
    assert out.startswith("Minimally invasive surgery: 6 sets of facts are enough, each whatever the values\n")
    assert "All have these given facts:\n  age: 45 years; severity: severe; " in out
    assert "\nAll need these assumed:\n  red flags: none (" in out
    assert (
        "one of these:\n  - stenosis: none; slip: none; assumed: leg weakness: none\n"
        "  - stenosis: none; slip: none; assumed: power: 5\n" in out
    )
    idle = out.partition("These given facts would not change the step, whatever their values:\n")[2]
    assert "policy for the indication: ladder, by default" in " ".join(idle.split())


def test_two_signs_of_an_emergency_are_two_sets() -> None:
    out = run("enough", "saddle_numbness=yes", "bladder_change=yes").out
    assert "Each has the facts of one of these:\n  - saddle numbness: yes\n  - bladder change: yes\n" in out
    assert "numbness" not in out.partition("would not change the step")[2]


def test_the_number_of_sets_shown_can_be_limited() -> None:
    out = run("enough", "saddle_numbness=yes", "bladder_change=yes", "--most", "1").out
    assert ": 2 sets of facts are enough, " in out
    assert "the first 1 of them:\n  - saddle numbness: yes\n\n" in out


def test_the_text_of_a_single_set_shows_its_facts_and_presumptions() -> None:
    out = run("enough", "motor_grade=2", "age=45").out
    assert "these given facts are enough, whatever" in " ".join(out.split())
    assert "\nThey need these assumed:\n" in out
    assert "other assumptions are not needed.\n" in out


def test_the_text_of_a_certain_answer_says_that_nothing_need_be_presumed() -> None:
    assert "Nothing needs to be assumed.\n" in run("enough", str(WORKED / "saddle-numbness.yaml")).out


def test_part_of_a_panel_is_shown_with_its_members() -> None:
    out = " ".join(run("enough", str(WORKED / "back-without-mri.yaml")).out.split())
    assert re.search(r"All have these given facts: red flags: none \(\d+ of \d+: saddle numbness,", out)
    assert re.search(r"- red flags: none \(\d+ of \d+: ([\w ]+, )*[\w ]+\); earlier disc operation: yes", out)


def test_where_nothing_is_given_presumptions_alone_are_enough() -> None:
    out = run("enough").out
    assert "All need these assumed:\n  red flags: none (" in out
    assert "- assumed: leg weakness: none; duration of treatment: 0 weeks;" in out


@pytest.mark.parametrize("name", sorted(path.stem for path in WORKED.glob("*.yaml"))[::3])
def test_json_has_every_given_fact_of_a_worked_patient_in_a_set_or_as_idle(reasoner: Reasoner, name: str) -> None:
    path = str(WORKED / f"{name}.yaml")
    result = run("enough", path, "--most", "1000", "--format", "json")
    assert result.status == 0, result.err
    answer = json.loads(result.out)
    if answer["recommended"] is None:  # where no step follows, nothing is enough for it
        assert answer["sets"] == []
        return
    needed = {fact["finding"] for one in answer["sets"] for fact in one["given"]}
    idle = [fact["finding"] for fact in answer["no_part"]]
    given = PatientReader(reasoner.kb).patient(path).facts
    defaults = {name for name, it in reasoner.kb.inputs.items() if it.default is not None}
    assert sorted({*needed, *idle}) == sorted({*given, *defaults})
    assert len(idle) == len(given.keys() | defaults) - len(needed)
    assert answer["number"] == len(answer["sets"])
    assert all(fact in one["given"] for one in answer["sets"] for fact in answer["common"]["given"])
    assert answer["missing"] == answer["undecided"] == []
    assert {fact["origin"] for one in answer["sets"] for fact in one["presumed"]} <= {"presumed"}
    assert answer["disclaimer"] == reasoner.kb.disclaimer
