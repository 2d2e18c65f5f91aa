"""Which steps are possible, and which is certain: the case split against the solver and against enumeration."""

from __future__ import annotations

from random import Random

import pytest
import z3  # type: ignore[import-untyped]

from expert import KnowledgeBase
from expert.answer.assess import Reasoner
from expert.lang.definitions import Definitions
from expert.lang.errors import UnprovedError
from expert.lang.model import Conclusion, Step
from expert.lang.premises import Any, Concluded, Is, Not, Premise
from expert.lang.values import Facts
from expert.lang.vocabulary import Constraint, Kind
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from expert.solve import case_split as possible
from expert.solve.case_split import can_hold, cases, certain_step, possible_steps
from expert.solve.formulas import formulas_of
from tests.strategies import (
    AT,
    Enumeration,
    finding,
    knowledge,
    random_facts,
    rule,
    small_domain,
    values_of,
)

SHIPPED_PATIENTS, CHUNK = 2000, 200


def recommended(step: str) -> Concluded:
    return Concluded(("recommended", step))


# --- the shipped knowledge: case split against solver -----------------------------------------------------------------


@pytest.mark.parametrize("seed", range(SHIPPED_PATIENTS // CHUNK))
def test_the_solver_and_the_case_split_agree_on_patients_of_the_shipped_knowledge(
    seed: int, reasoner: Reasoner
) -> None:
    domain, rng = reasoner.domain, Random(seed)
    forbidden = 0
    for _ in range(CHUNK):
        facts = random_facts(domain, rng)
        evaluation = Evaluation(domain.definitions, facts)
        by_solver = tuple(step for step in domain.kb.steps if formulas_of(domain).satisfiable(facts, recommended(step)))
        if domain.permitted(facts):
            assert possible_steps(domain, evaluation) == by_solver
        else:
            forbidden += 1
            assert by_solver == ()
    assert 0 < forbidden < CHUNK


def test_beyond_the_bound_the_solver_gives_the_same_answers(
    reasoner: Reasoner, monkeypatch: pytest.MonkeyPatch
) -> None:
    domain, rng = reasoner.domain, Random(7)
    patients = [facts for facts in (random_facts(domain, rng) for _ in range(60)) if domain.permitted(facts)]
    evaluations = [Evaluation(domain.definitions, facts) for facts in patients]
    unbounded = [(possible_steps(domain, it), certain_step(domain, it)) for it in evaluations]
    asked: list[Facts] = []
    satisfiable = formulas_of(domain).satisfiable

    def recorded(facts: Facts, goal: Premise) -> bool:
        asked.append(facts)
        return satisfiable(facts, goal)

    monkeypatch.setattr(formulas_of(domain), "satisfiable", recorded)
    monkeypatch.setattr(possible, "MAX_EVALUATIONS", 1)
    assert [(possible_steps(domain, it), certain_step(domain, it)) for it in evaluations] == unbounded
    assert asked


def test_a_solver_that_cannot_decide_is_never_taken_for_an_answer(kb: KnowledgeBase) -> None:
    formulas = formulas_of(Domain(Definitions(kb)))

    class Undecided:
        def check(self, *_: object) -> z3.CheckSatResult:
            return z3.unknown

        def reason_unknown(self) -> str:
            return "timeout"

    formulas.solver = Undecided()
    with pytest.raises(UnprovedError, match="could not decide: timeout"):
        formulas.satisfiable({}, recommended("conservative"))


@pytest.mark.parametrize("name", ["age", "conservative_duration", "facet_removed", "motor_grade"])
def test_split_and_solver_agree_at_on_and_next_to_every_threshold(name: str, reasoner: Reasoner) -> None:
    domain = reasoner.domain
    for value in values_of(domain, name):
        evaluation = Evaluation(domain.definitions, {name: value})
        for step in domain.kb.steps:
            for goal in (recommended(step), Not(recommended(step))):
                assert can_hold(domain, evaluation, goal) is formulas_of(domain).satisfiable({name: value}, goal)


# --- small knowledge bases: case split against enumeration ------------------------------------------------------------


@pytest.mark.parametrize("seed", range(2))
def test_cases_cover_everyone_and_each_decides(seed: int) -> None:
    rng, several = Random(seed), 0
    for _ in range(20):
        domain = small_domain(rng, constrained=True)
        everyone = Enumeration(domain)
        facts = random_facts(domain, rng)
        evaluation, goal = Evaluation(domain.definitions, facts), recommended("two")
        if domain.permitted(facts) and not everyone.contradictory:
            found = cases(domain, evaluation, goal)
            several += len(found) > 1
            assert all(evaluation.with_values(case).evaluate(goal) is not None for case in found)
            covered = [patient for case in found for patient, _ in everyone.completions({**facts, **case})]
            assert sorted(map(str, covered)) == sorted(str(patient) for patient, _ in everyone.completions(facts))
    assert several


# --- by hand ----------------------------------------------------------------------------------------------------------


def ladder(*steps: tuple[str, Concluded | Is | Not | Any], constraints: tuple[Constraint, ...] = ()) -> Domain:
    """Steps with the premise that supports each, over yes/no findings and a choice."""
    kb = knowledge(
        [finding("ache"), finding("cough"), finding("extent", Kind.CHOICE, values=("small", "large"))],
        [rule(f"{step}-when", [premise], [Conclusion("supports", step)]) for step, premise in steps],
        [Step(step, step, "", AT) for step in dict.fromkeys(step for step, _ in steps)],
        constraints,
    )
    return Domain(Definitions(kb))


def test_a_step_is_certain_by_cases_where_kleene_leaves_it_open() -> None:
    domain = ladder(("one", Any((Is("ache", True), Is("ache", False)))), ("two", Is("cough", True)))
    evaluation = Evaluation(domain.definitions, {"cough": True})
    assert evaluation.concluded(("recommended", "one")) is None
    assert certain_step(domain, evaluation) == "one"
    assert cases(domain, evaluation, recommended("one")) == [{"ache": False}, {"ache": True}]


def test_a_step_is_certain_where_the_constraints_leave_only_its_cases() -> None:
    never_both = Constraint("c", (Is("ache", False), Is("extent", "large")), "Because.", AT)
    domain = ladder(
        ("one", Any((Is("ache", True), Is("extent", "small")))), ("two", Is("cough", True)), constraints=(never_both,)
    )
    assert certain_step(domain, Evaluation(domain.definitions, {})) == "one"
    assert possible_steps(domain, Evaluation(domain.definitions, {"cough": True})) == ("one",)


def test_no_step_is_certain_while_some_completions_lead_to_none() -> None:
    domain = ladder(("one", Is("ache", True)))
    evaluation = Evaluation(domain.definitions, {})
    assert possible_steps(domain, evaluation) == ("one",)
    assert certain_step(domain, evaluation) is None


def test_cases_beyond_the_bound_are_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    domain = ladder(("one", Any((Is("ache", True), Is("cough", True)))))
    monkeypatch.setattr(possible, "MAX_EVALUATIONS", 2)
    assert cases(domain, Evaluation(domain.definitions, {}), recommended("one")) == []
