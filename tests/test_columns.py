"""Columns: a cohort gets the conclusions that each of its patients gets alone."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import polars as pl
import pytest

from expert import InputError, KnowledgeBase, KnowledgeError, read_knowledge
from expert.answer.assess import Reasoner
from expert.columns.cohort_reasoner import CohortReasoner
from expert.columns.conclusions import GROUPS
from expert.lang.definitions import Definitions
from expert.lang.facts import Patient
from expert.lang.model import Conclusion
from expert.lang.premises import Is
from expert.lang.values import Facts
from expert.lang.vocabulary import Kind
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from tests.answers_of_each import as_columns, assert_cohort_equal, assert_equal
from tests.conftest import REPOSITORY
from tests.random_patients import random_patients
from tests.small_ladder import choice, quantity, small_ladder
from tests.small_ladder import rule as a_rule
from tests.strategies import Enumeration, finding, knowledge, random_facts, rule, small_domain

ROWS = int(os.environ.get("COLUMN_ROWS", "3000"))
"""How many random patients of the shipped knowledge are compared; ``COLUMN_ROWS=100000`` for a full run."""

PARTS = 6
FOLDERS = ("tests/other_ladder", "tests/garden")


@pytest.fixture(scope="module")
def cohort(kb: KnowledgeBase) -> CohortReasoner:
    """A reasoner of the shipped knowledge, shared by the tests because it keeps what it proves."""
    return CohortReasoner(kb)


# --- equal to the reference -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", range(PARTS))
def test_columns_agree_with_the_reference_for_each_patient(
    reasoner: Reasoner, cohort: CohortReasoner, part: int
) -> None:
    count, rng = ROWS // PARTS, Random(part)
    patients = [it.facts for it in random_patients(reasoner, count * 4 // 5, seed=part)]
    others = (reasoner.domain.plausible(random_facts(reasoner.domain, rng)) for _ in range(count - len(patients)))
    patients += [it for it in others if it is not None]  # some of them impossible
    assert_cohort_equal(reasoner.domain, patients, cohort)


@pytest.mark.parametrize("folder", FOLDERS)
def test_columns_agree_with_the_reference_for_other_ladders(folder: str) -> None:
    reasoner = Reasoner(read_knowledge(REPOSITORY / folder))
    rng = Random(folder)
    patients = [it.facts for it in random_patients(reasoner, 150, seed=1)]
    patients += [random_facts(reasoner.domain, rng) for _ in range(150)]
    assert_cohort_equal(reasoner.domain, patients)


def test_columns_agree_with_the_engine(reasoner: Reasoner, cohort: CohortReasoner) -> None:
    patients = [it.facts for it in random_patients(reasoner, 15, seed=77)]
    answers = cohort.answers(as_columns(reasoner.kb, patients))
    for facts, row in zip(patients, answers.iter_rows(named=True), strict=True):
        it = reasoner.assess(Patient(facts))
        assert (row["answer"], row["recommended"], row["meanwhile"]) == (it.answer, it.recommended, it.meanwhile)
        for report in it.ladder:
            statuses = (row[f"status.{report.step}"], row[f"presumed_status.{report.step}"])
            assert statuses == (report.status, report.presumed_status)
        for option in it.options:
            shown = (row[f"option.{option.option}"], row[f"presumed_option.{option.option}"])
            assert shown == (option.status, option.presumed_status)
        assert {name: row[f"finding.{name}"] for name in it.findings} == it.findings


def test_a_presumption_that_two_constraints_exclude_is_not_made(tmp_path: Path) -> None:
    """The condition that excludes it, *always, or kind is b*, holds even while the kind is unknown."""
    kb = small_ladder(
        tmp_path,
        findings={"mass": quantity("0 kg .. 50 kg", "50 kg", "kg"), "kind": choice("a", "b")},
        constraints={"never-so-heavy": ["mass >= 30 kg"], "only-a-is-heavy": ["mass >= 20 kg", "kind is b"]},
        rules={"heavy": a_rule("mass >= 10 kg", "supports operate"), "wait": a_rule("always", "supports wait")},
        steps={"operate": {}, "wait": {}},
    )
    (answers,) = CohortReasoner(kb).answers(as_columns(kb, [{}])).to_dicts()
    assert (answers["answer"], answers["presumed_status.operate"]) == ("open", "open")
    assert_cohort_equal(Domain(Definitions(kb)), [{}, {"kind": "a"}, {"kind": "b"}, {"mass": 25_000.0}])


# --- in parts ---------------------------------------------------------------------------------------------------------


def test_a_finding_without_a_column_is_unknown_for_all_patients(reasoner: Reasoner, cohort: CohortReasoner) -> None:
    given = ["age", "severity", "stenosis", "conservative_result", "conservative_duration"]
    whole = [it.facts for it in random_patients(reasoner, 100, seed=5)]
    patients = [{name: value for name, value in facts.items() if name in given} for facts in whole]
    assert_equal(reasoner.domain, patients, cohort.answers(as_columns(reasoner.kb, patients, given)))


def test_a_table_without_columns_gets_the_answer_for_no_facts(reasoner: Reasoner, cohort: CohortReasoner) -> None:
    assert_equal(reasoner.domain, [{}] * 3, cohort.answers(pl.DataFrame(height=3)))


def test_an_empty_table_gets_all_columns_and_no_rows(reasoner: Reasoner, cohort: CohortReasoner) -> None:
    some = cohort.answers(as_columns(reasoner.kb, [{}]))
    none = cohort.answers(as_columns(reasoner.kb, []))
    assert none.height == 0
    assert none.schema == some.schema


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_asked_for_alone_has_the_same_columns(reasoner: Reasoner, cohort: CohortReasoner, group: str) -> None:
    patients = as_columns(reasoner.kb, [it.facts for it in random_patients(reasoner, 100, seed=6)])
    alone = cohort.answers(patients, [group])
    assert alone.equals(cohort.answers(patients).select(alone.columns))


def test_an_answer_does_not_depend_on_the_other_patients(reasoner: Reasoner) -> None:
    patients = as_columns(reasoner.kb, [it.facts for it in random_patients(reasoner, 40, seed=8)])
    together = CohortReasoner(reasoner.kb).answers(patients)
    each = [CohortReasoner(reasoner.kb).answers(patients[place : place + 10]) for place in range(0, 40, 10)]
    assert pl.concat(each).equals(together)


# --- certain by cases -------------------------------------------------------------------------------------------------


def split(usual: bool | None = None) -> KnowledgeBase:
    """Two rules support one step, with and without ache: it is certain only by cases."""
    findings = [finding("ache"), finding("blush", usual=usual)]
    rules = [
        rule("either", [Is("ache", True), Is("blush", True)], [Conclusion("supports", "one")]),
        rule("or", [Is("ache", False), Is("blush", True)], [Conclusion("supports", "one")]),
    ]
    return knowledge(findings, rules)


def test_a_step_may_be_certain_only_by_cases() -> None:
    answers = CohortReasoner(split()).answers(pl.DataFrame({"blush": [True, False, None]}))
    assert answers["answer"].to_list() == ["certain", "open", "open"]
    assert answers["status.one"].to_list() == ["recommended", "unsupported", "open"]


def test_a_step_may_be_certain_by_cases_only_with_presumptions() -> None:
    answers = CohortReasoner(split(usual=True)).answers(pl.DataFrame({"blush": [True, False, None]}))
    assert answers["answer"].to_list() == ["certain", "open", "provisional"]
    assert answers["presumed_status.one"].to_list() == ["recommended", "unsupported", "recommended"]


def test_what_is_proved_for_one_patient_is_reused_for_others() -> None:
    cohort = CohortReasoner(split())
    cohort.answers(pl.DataFrame({"blush": [True]}))
    found = len(cohort.certainty.found)
    answers = cohort.answers(pl.DataFrame({"blush": [True] * 5}))
    assert answers["answer"].to_list() == ["certain"] * 5
    assert len(cohort.certainty.found) == found


def test_a_solver_settles_what_is_beyond_the_bound_of_the_case_split(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("expert.columns.certainty.MAX_EVALUATIONS", 0)
    findings = [finding("ache"), finding("blush"), finding("cough", usual=True)]
    rules = [
        rule("either", [Is("ache", True), Is("blush", True)], [Conclusion("supports", "one")]),
        rule("or", [Is("ache", False), Is("blush", True)], [Conclusion("supports", "one")]),
        rule("besides", [Is("cough", True)], [Conclusion("cautions", "one")]),
    ]
    cohort = CohortReasoner(knowledge(findings, rules))
    cohort.certainty.found.clear()  # so that the solver has something to settle
    answers = cohort.answers(pl.DataFrame({"blush": [True, False, None], "cough": [True, None, False]}))
    assert answers["answer"].to_list() == ["certain", "open", "open"]


# --- wrong input ------------------------------------------------------------------------------------------------------


def test_a_choice_may_be_text(cohort: CohortReasoner) -> None:
    as_text = pl.DataFrame({"stenosis": ["severe", None], "instability": [True, None]})
    as_values = as_text.cast({"stenosis": pl.Enum(cohort.kb.inputs["stenosis"].values)})
    assert cohort.answers(as_text).equals(cohort.answers(as_values))


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pl.Series("stenosis", ["severe", "sever"]), "'sever' is not a value of stenosis; .*did you mean severe"),
        (pl.Series("agee", [1.0, 2.0]), "'agee' is not an input finding; did you mean age"),
        (pl.Series("needs_fusion", [True, False]), "'needs_fusion' is not an input finding"),
        (pl.Series("fever", ["yes", "no"]), "column fever has the type String; expected Boolean"),
        (pl.Series("age", ["12", "13"]), "column age has the type String; expected Float64"),
        (pl.Series("age", [400.0, -1.0]), "-1.0 is out of the range of age"),
        (pl.Series("age", [400.0, float("nan")]), "nan is out of the range of age"),
    ],
)
def test_a_column_that_is_no_finding_or_no_value_is_refused(
    cohort: CohortReasoner, column: pl.Series, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        cohort.answers(pl.DataFrame([column]))


def test_a_group_that_does_not_exist_is_refused(cohort: CohortReasoner) -> None:
    with pytest.raises(InputError, match=r"'step' is not a group of conclusions.*did you mean steps"):
        cohort.answers(pl.DataFrame({"age": [60.0]}), ["step"])


def test_an_impossible_patient_gets_a_reason_and_no_conclusions(cohort: CohortReasoner) -> None:
    facts = {"prior_surgery": False, "mri_after_return": True}
    answers = cohort.answers(pl.DataFrame([facts, {"prior_surgery": True}]))
    assert answers["impossible"].to_list() == [True, False]
    assert {row for name in answers.columns if name != "impossible" for row in answers[name][:1].to_list()} == {None}
    assert "no-new-mri-without-an-earlier-operation" in str(cohort.reasons(facts))
    assert cohort.reasons({"prior_surgery": True}) == ()


def test_rules_that_contradict_each_other_for_a_patient_are_an_error() -> None:
    shape = finding("shape", Kind.CHOICE, values=("round", "square"), concluded=True)
    rules = [
        rule("a", [Is("ache", True)], [Conclusion("finding", "shape", "round")]),
        rule("b", [Is("blush", True)], [Conclusion("finding", "shape", "square")]),
    ]
    cohort = CohortReasoner(knowledge([finding("ache"), finding("blush"), shape], rules))
    assert cohort.answers(pl.DataFrame({"ache": [True], "blush": [False]}))["finding.shape"].to_list() == ["round"]
    with pytest.raises(KnowledgeError, match="both prove and refute 'shape round'"):
        cohort.answers(pl.DataFrame({"ache": [True, True], "blush": [False, True]}))


def test_a_finding_may_have_the_name_of_a_column() -> None:
    it = finding("answer")
    cohort = CohortReasoner(knowledge([it], [rule("a", [Is("answer", True)], [Conclusion("supports", "one")])]))
    answers = cohort.answers(pl.DataFrame({"answer": [True]}))
    assert "answer" not in answers.columns
    assert answers[".answer"].to_list() == ["certain"]


# --- on request -------------------------------------------------------------------------------------------------------


def test_decisive_findings_agree_with_the_answer_for_one_patient(reasoner: Reasoner, cohort: CohortReasoner) -> None:
    patients = [it.facts for it in random_patients(reasoner, 6, seed=9)]
    assert_same_decisive(reasoner, patients, cohort)


@pytest.mark.parametrize("seed", range(12))
def test_decisive_findings_agree_on_small_knowledge_bases(seed: int) -> None:
    rng = Random(seed)
    domain = small_domain(rng, constrained=seed % 2 == 0)
    while Enumeration(domain).contradictory:
        domain = small_domain(rng, constrained=seed % 2 == 0)
    assert_same_decisive(Reasoner(domain.kb), [random_facts(domain, rng) for _ in range(15)], CohortReasoner(domain.kb))


def assert_same_decisive(reasoner: Reasoner, patients: Sequence[Facts], cohort: CohortReasoner) -> None:
    """Assert that the columns name the findings that are decisive alone in the answer for each patient."""
    answers = cohort.answers(as_columns(reasoner.kb, patients), ["decisive"])
    for facts, row in zip(patients, answers.iter_rows(named=True), strict=True):
        if row["impossible"]:
            assert row["decisive"] is None
        else:
            alone = [it.finding for it in reasoner.assess(Patient(facts)).decisive if not it.partners]
            assert row["decisive"] == alone


def test_why_names_the_rules_for_the_step_and_against_the_steps_before_it(
    reasoner: Reasoner, cohort: CohortReasoner
) -> None:
    patients = [it.facts for it in random_patients(reasoner, 60, seed=10)]
    answers = cohort.answers(as_columns(reasoner.kb, patients), ["why", "recommended"])
    for facts, row in zip(patients, answers.iter_rows(named=True), strict=True):
        presumed = Evaluation(reasoner.definitions, reasoner.domain.background(facts).all)
        assert set(row["why"].split()) == set(reasons(reasoner.kb, presumed, row["recommended"]))


def reasons(kb: KnowledgeBase, presumed: Evaluation, recommended: str | None) -> Iterator[str]:
    """The rules that support or caution against the recommended step, and those that exclude the steps before it."""
    for step in kb.steps:
        signs = {"supports": "+", "cautions": "!"} if step == recommended else {"excludes": "-"}
        for role, sign in signs.items():
            for it in kb.rules_for.get((role, step), ()):
                if presumed.concluded(("rule", it.id)):
                    yield f"{step}{sign}{it.id}"
        if step == recommended:
            return
