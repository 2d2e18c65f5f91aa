"""A consultation asks only relevant findings, the most decisive first, and ends with the answer for all facts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from random import Random

import pytest

from benchmarks.questions import DISTRIBUTIONS, complete_patients, in_order
from expert import KnowledgeBase, PatientError, read_knowledge
from expert.answer.assess import Reasoner
from expert.answer.consult import ConsultationTurns
from expert.lang.definitions import over_inputs
from expert.lang.facts import Patient, Question
from expert.lang.premises import All, Concluded, Is, Not, Premise, leaves, written
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import Finding, Panel
from expert.logic.cells import usual_first
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from tests.conftest import REPOSITORY, patient
from tests.small_ladder import rule, small_ladder, yes_no
from tests.strategies import AT, Enumeration, literal_about, small_domain
from tests.test_relevance import relevant_findings

UNKNOWN_PATIENT = Patient({})
GROUPS = ("early", "late")

Aim = tuple[Evaluation, Premise]
"""A patient and the premise that the patient should meet."""


@pytest.fixture(scope="module")
def roofs() -> Reasoner:
    """A reasoner over the other ladder."""
    return Reasoner(read_knowledge(REPOSITORY / "tests" / "other_ladder"))


def answered(consultation: ConsultationTurns, facts: Facts) -> Iterator[Question]:
    """The questions of a consultation, each answered from facts, or as unknown."""
    while (question := consultation.question()) is not None:
        yield question
        consultation.answer({name: facts.get(name) for name in question.findings})


def usual(reasoner: Reasoner, **facts: Value) -> dict[str, Value]:
    return {**reasoner.domain.usual, **facts}


# --- any small knowledge base, against enumeration --------------------------------------------------------------------


def asking(domain: Domain, rng: Random) -> KnowledgeBase:
    """A random small knowledge base with two groups, a panel in one of them, and a follow-up."""
    kb = domain.kb
    names = list(kb.inputs)
    rng.shuffle(names)
    first, second, follow_up, condition, _ = names
    asked_if = literal_about(kb.findings[condition], rng)
    members = {name: domain.cells[name][0].value for name in kb.inputs if name in (first, second)}
    findings = {**kb.findings, follow_up: kb.findings[follow_up]._replace(asked_if=asked_if)}
    of_panel = rng.choice(GROUPS)
    for name in kb.inputs:
        group = of_panel if name in members else rng.choice(GROUPS)
        findings[name] = findings[name]._replace(group=group)
    panels = {"both": Panel("both", "Both", "Any of these?", members, AT)}
    return kb._replace(groups=dict.fromkeys(GROUPS, "A group"), findings=findings, panels=panels)


class Oracle:
    """What a consultation may ask, by enumeration."""

    def __init__(self, reasoner: Reasoner) -> None:
        self.kb, self.domain, self.everyone = reasoner.kb, reasoner.domain, Enumeration(reasoner.domain)
        self.alerts = [self.everyone.about(alert) for alert in self.kb.alerts]

    def ready(self, everyone: Enumeration, facts: Facts, asked: set[str]) -> list[str]:
        """Relevant findings not asked yet, without follow-ups that wait or whose condition is false."""
        known = Evaluation(self.domain.definitions, {**facts, **self.everyone.forced(facts)})
        truths = {name: self._condition(known, finding) for name, finding in self.kb.inputs.items()}
        relevant = relevant_findings(everyone, known.facts) - asked - facts.keys()
        askable = [name for name in self.kb.inputs if name in relevant and truths[name] is not False]
        ready = [name for name in askable if truths[name] or not self._named(name) & set(askable)]
        return ready or askable

    def _condition(self, known: Evaluation, finding: Finding) -> bool | None:
        return True if finding.asked_if is None else known.evaluate(over_inputs(finding.asked_if, self.kb))

    def _named(self, name: str) -> set[str]:
        asked_if = self.kb.findings[name].asked_if
        assert asked_if is not None
        return {part.finding for part in leaves(asked_if) if not isinstance(part, Concluded)}

    def emergency(self, facts: Facts) -> bool:
        step = self.everyone.certain(facts)
        return step is not None and self.kb.steps[step].gate

    def check(self, question: Question | None, facts: Facts, asked: set[str]) -> None:
        """What matters is asked, panels whole and first in their group; in an emergency nothing more is."""
        inquiries = [] if self.emergency(facts) else [self.everyone, *self.alerts]
        ready = {name for it in inquiries for name in self.ready(it, facts, asked)}
        assert (question is None) == (not ready)
        if question is None:
            return
        assert ready.issuperset(question.findings)
        members = tuple(name for name in self.kb.panels["both"].members if name in ready)
        if question.panel:
            assert question.findings == members
        elif members:
            asked_in, of_panel = (self.kb.findings[name].group for name in (question.findings[0], members[0]))
            assert GROUPS.index(asked_in) < GROUPS.index(of_panel)


@pytest.mark.parametrize("seed", range(8))
def test_only_relevant_findings_are_asked_and_panels_first_in_their_group(seed: int) -> None:
    rng, questions = Random(seed), 0
    for index in range(10):
        reasoner = Reasoner(asking(small_domain(rng, constrained=index % 2 == 0, alerts=index % 3 > 0), rng))
        oracle = Oracle(reasoner)
        whole, step = rng.choice(oracle.everyone.patients)
        consultation, asked = ConsultationTurns(reasoner, UNKNOWN_PATIENT), set[str]()
        while (question := consultation.question()) is not None:
            oracle.check(question, consultation.patient.facts, asked)
            most = consultation.most_questions()
            said = {name: whole[name].value if rng.random() < 0.8 else None for name in question.findings}
            whole_answer = len(said) == 1 or rng.random() < 0.7
            if not whole_answer:
                said.popitem()
            asked |= {name for name, value in said.items() if value is None}
            consultation.answer(said)
            assert consultation.most_questions() < most or not whole_answer
            questions += 1
        facts = consultation.patient.facts
        oracle.check(None, facts, asked)
        outcomes = oracle.everyone.outcomes(facts)
        assert set(consultation.possible()) == outcomes - {None}
        assert consultation.certain() == (step if len(outcomes) == 1 else None)
        assert consultation.not_ruled_out() == tuple(oracle.everyone.open_alerts(facts))
    assert questions


@pytest.mark.parametrize("seed", range(4))
def test_a_consultation_ends_when_neither_step_nor_alert_is_open_or_in_an_emergency(seed: int) -> None:
    rng, left_open, not_needed = Random(seed), 0, 0
    for index in range(32):
        reasoner = Reasoner(small_domain(rng, constrained=index % 2 == 0, alerts=True).kb)
        everyone = Enumeration(reasoner.domain)
        whole, step = rng.choice(everyone.patients)
        consultation = ConsultationTurns(reasoner, UNKNOWN_PATIENT)
        asked = list(answered(consultation, {name: cell.value for name, cell in whole.items()}))
        facts = consultation.patient.facts
        assert len(facts) == sum(len(question.findings) for question in asked)
        assert everyone.outcomes(facts) == {step}
        assert consultation.emergency() == (step == "one")
        assert consultation.emergency() or not everyone.open_alerts(facts)
        left_open += bool(everyone.open_alerts(facts))
        for name in consultation.not_needed():
            assert changes_nothing(name, everyone, facts)
            not_needed += 1
    assert left_open
    assert not_needed


def changes_nothing(finding: str, everyone: Enumeration, facts: Facts) -> bool:
    """Whether all completions that differ in a finding alone have the same step and the same alerts."""
    for it in (everyone, *map(everyone.about, everyone.kb.alerts)):
        outcomes: dict[object, set[str | None]] = {}
        for cells, outcome in it.completions(facts):
            others = tuple(cell for name, cell in cells.items() if name != finding)
            outcomes.setdefault(others, set()).add(outcome)
        if any(len(some) > 1 for some in outcomes.values()):
            return False
    return True


@pytest.mark.parametrize("seed", range(6))
def test_going_back_or_starting_from_the_same_facts_asks_the_same(seed: int) -> None:
    rng = Random(seed)
    for _ in range(6):
        reasoner = Reasoner(asking(small_domain(rng, constrained=True), rng))
        whole, _ = rng.choice(Enumeration(reasoner.domain).patients)
        facts = {name: cell.value for name, cell in whole.items() if rng.random() < 0.8}
        consultation = ConsultationTurns(reasoner, UNKNOWN_PATIENT)
        asked = list(answered(consultation, facts))
        for question in reversed(asked):
            assert consultation.back()
            assert consultation.question() == question
            unknown = {name for entry in consultation.entries for name, value in entry.items() if value is None}
            assert ConsultationTurns(reasoner, consultation.patient, unknown).question() == question
        assert not consultation.back()
        assert list(answered(consultation, facts)) == asked


# --- the shipped knowledge and the other ladder -----------------------------------------------------------------------


@pytest.mark.parametrize("title", DISTRIBUTIONS)
@pytest.mark.parametrize("ladder", ["reasoner", "roofs"])
def test_a_consultation_reaches_the_step_that_assess_gives_with_all_facts_known(
    title: str, ladder: str, request: pytest.FixtureRequest
) -> None:
    reasoner: Reasoner = request.getfixturevalue(ladder)
    drawn = complete_patients(reasoner.domain, DISTRIBUTIONS[title], 11)
    ours = theirs = 0
    for _ in range(25):
        facts = next(drawn)
        consultation = ConsultationTurns(reasoner, UNKNOWN_PATIENT)
        asked = list(answered(consultation, facts))
        step = consultation.certain()
        assert step is not None
        everything = reasoner.assess(Patient(facts))
        assert (step, "certain") == (everything.recommended, everything.answer)
        said = reasoner.assess(consultation.patient)
        assert (step, "certain") == (said.recommended, said.answer)
        shown = {name for question in asked for name in question.findings}
        assert shown == consultation.patient.facts.keys()
        ours, theirs = ours + len(asked), theirs + in_order(reasoner, facts)
    assert ours <= theirs


class PairOfPatients:
    """Two patients who differ in one finding, split into cases with the reference evaluator alone, no solver.

    Findings that constraints tie to that one may differ too. The search gives up early, so it refutes nothing.
    """

    def __init__(self, domain: Domain, finding: str) -> None:
        self.domain, self.finding, self.left = domain, finding, 0
        self.tied = domain.tied.get(finding, frozenset())
        steps = [Concluded(("recommended", step)) for step in domain.kb.steps]
        alerts = [Concluded(name) for name in domain.definitions.alerts]
        goals: list[Premise] = [*steps, All(tuple(map(Not, steps)))]
        self.goals = [*permutations(goals, 2), *((alert, Not(alert)) for alert in alerts)]

    def turns(self, known: Facts) -> bool:
        """Whether two such completions of what is known are found that lead to different outcomes."""
        values = [{**known, self.finding: cell.value} for cell in self.domain.cells[self.finding]]
        patients = [Evaluation(self.domain.definitions, it) for it in values if self.domain.permitted(it)]
        for one, another in permutations(patients, 2):
            for goal, other_goal in self.goals:
                self.left = 60
                if self._found((one, goal), (another, other_goal)):
                    return True
        return False

    def _found(self, one: Aim, another: Aim) -> bool:
        self.left -= 1
        for (this, goal), (other, other_goal) in ((one, another), (another, one)):
            truth = this.evaluate(goal)
            if truth is False or self.left < 0 or not self.domain.permitted(this.facts):
                return False
            if truth is None:
                finding = this.open_finding(goal)
                assert finding is not None
                cells = usual_first(self.domain.cells[finding], self.domain.usual.get(finding))
                return any(
                    self._found((this.with_values(it), goal), (self._other_with(other, it), other_goal))
                    for it in ({finding: cell.value} for cell in cells)
                )
        return True

    def _other_with(self, other: Evaluation, values: Facts) -> Evaluation:
        return other if values.keys() & self.tied else other.with_values(values)


@pytest.mark.parametrize("ladder", ["reasoner", "roofs"])
def test_every_finding_that_is_asked_changes_the_step_or_an_alert_of_some_patient(
    ladder: str, request: pytest.FixtureRequest
) -> None:
    reasoner: Reasoner = request.getfixturevalue(ladder)
    questions = 0
    for title, draw in DISTRIBUTIONS.items():
        drawn = complete_patients(reasoner.domain, draw, 5)
        for facts in (next(drawn) for _ in range(3)):
            consultation = ConsultationTurns(reasoner, UNKNOWN_PATIENT)
            for question in answered(consultation, facts):
                known = reasoner.domain.background(consultation.patient.facts).known
                assert all(PairOfPatients(reasoner.domain, name).turns(known) for name in question.findings), (
                    title,
                    question,
                )
                questions += 1
    assert questions


def test_groups_are_asked_in_a_clinicians_order_and_red_flags_together(reasoner: Reasoner) -> None:
    asked = list(answered(ConsultationTurns(reasoner, UNKNOWN_PATIENT), usual(reasoner)))
    groups = [reasoner.kb.findings[question.findings[0]].group for question in asked]
    assert groups == ["patient", "patient", "safety", "earlier_operation", "symptoms", "imaging", *["treatment"] * 2]
    assert asked[2].panel == "red_flags"
    assert asked[2].findings == tuple(reasoner.kb.panels["red_flags"].members)
    assert asked[2].ask == "Is any of these present?"


def test_near_the_usual_no_question_goes_back_to_an_earlier_group(reasoner: Reasoner) -> None:
    order = list(reasoner.kb.groups)
    drawn = complete_patients(reasoner.domain, DISTRIBUTIONS["near the usual"], 3)
    for facts in (next(drawn) for _ in range(10)):
        asked = answered(ConsultationTurns(reasoner, UNKNOWN_PATIENT), facts)
        places = [order.index(reasoner.kb.findings[question.findings[0]].group) for question in asked]
        assert places == sorted(places)


def test_members_of_a_panel_that_were_not_answered_are_asked_again(reasoner: Reasoner) -> None:
    consultation = ConsultationTurns(reasoner, UNKNOWN_PATIENT)
    consultation.answer({"age": 45 * 365.25, "pregnant": False, "fever": False, "weight_loss": None})
    question = consultation.question()
    assert question is not None
    members = [name for name in reasoner.kb.panels["red_flags"].members if name not in ("fever", "weight_loss")]
    assert question.findings == tuple(members)


def test_no_red_flag_leaves_power_to_be_examined(reasoner: Reasoner) -> None:
    assert "motor_grade" not in reasoner.kb.panels["red_flags"].members
    consultation = ConsultationTurns(reasoner, UNKNOWN_PATIENT)
    none = dict(reasoner.kb.panels["red_flags"].members)
    del none["leg_weakness"]
    consultation.answer({"age": 45 * 365.25, "pregnant": False, **none, "leg_weakness": "present"})
    question = consultation.question()
    assert question is not None
    assert question.findings == ("motor_grade",)


def test_what_a_site_lacks_is_asked_once_and_last_and_never_where_the_site_is_given(reasoner: Reasoner) -> None:
    facts = usual(reasoner, conservative_duration=200.0, conservative_result="ineffective", severity="severe")
    site = [name for name, finding in reasoner.kb.inputs.items() if finding.group == "site"]
    asked = [it.findings for it in answered(ConsultationTurns(reasoner, UNKNOWN_PATIENT), facts)]
    assert asked[-1] == ("mis_equipment", "mis_skilled_operator")
    assert not any({*it} & {*site} for it in asked[:-1])
    consultation = ConsultationTurns(reasoner, UNKNOWN_PATIENT, site_is_given=True)
    assert not any({*it.findings} & {*site} for it in answered(consultation, facts))
    assert not {*consultation.patient.unknown} & {*site}


def test_the_usual_patient_is_asked_eight_questions_and_nothing_about_operations(reasoner: Reasoner) -> None:
    consultation = ConsultationTurns(reasoner, UNKNOWN_PATIENT)
    assert len(list(answered(consultation, usual(reasoner)))) == 8
    assert consultation.certain() == "conservative"
    assert {"stenosis", "wide_decompression_needed", "mis_equipment"} <= set(consultation.not_needed())


def test_an_emergency_ends_the_consultation_at_once(reasoner: Reasoner) -> None:
    consultation = ConsultationTurns(reasoner, UNKNOWN_PATIENT)
    *_, last = answered(consultation, usual(reasoner, saddle_numbness=True))
    assert last.panel == "red_flags"
    assert consultation.possible() == ("urgent_referral",)


def test_a_follow_up_waits_for_its_condition_and_is_not_asked_where_that_is_false(reasoner: Reasoner) -> None:
    facts = usual(reasoner, conservative_duration=200.0, conservative_result="ineffective", stenosis="severe")
    order = [name for it in answered(ConsultationTurns(reasoner, UNKNOWN_PATIENT), facts) for name in it.findings]
    assert "wide_decompression_needed" in order
    assert "facet_removed" not in order
    wide = {**facts, "wide_decompression_needed": True}
    order = [name for it in answered(ConsultationTurns(reasoner, UNKNOWN_PATIENT), wide) for name in it.findings]
    assert order.index("wide_decompression_needed") < order.index("facet_removed")


def test_a_flag_brings_the_question_whether_it_was_cleared(reasoner: Reasoner) -> None:
    facts = usual(reasoner, weight_loss=True)
    order = [it.findings for it in answered(ConsultationTurns(reasoner, UNKNOWN_PATIENT), facts)]
    assert ("red_flags_cleared",) in order


# --- answers ----------------------------------------------------------------------------------------------------------


def test_a_finding_answered_as_unknown_is_not_asked_again(reasoner: Reasoner) -> None:
    facts = usual(reasoner)
    del facts["imaging_concordant"]
    consultation = ConsultationTurns(reasoner, UNKNOWN_PATIENT)
    order = [name for it in answered(consultation, facts) for name in it.findings]
    assert order.count("imaging_concordant") == 1
    assert consultation.certain() is None
    assert consultation.possible() == ("diagnostic_workup", "conservative")
    assert "imaging_concordant" not in consultation.patient.facts
    assert "imaging_concordant" not in consultation.not_needed()


def test_an_unknown_that_could_lead_to_a_gate_ends_in_too_little_recorded(reasoner: Reasoner) -> None:
    facts = usual(reasoner)
    del facts["fever"]
    consultation = ConsultationTurns(reasoner, UNKNOWN_PATIENT)
    order = [name for it in answered(consultation, facts) for name in it.findings]
    assert order.count("fever") == 1
    assert "fever" in consultation.patient.unknown
    found = reasoner.assess(consultation.patient).not_enough
    assert found is not None
    assert not found.nothing_recorded
    assert found.said_unknown == ("fever",)
    consultation.answer({"fever": False})
    assert "fever" not in consultation.patient.unknown
    assert reasoner.assess(consultation.patient).not_enough is None


def test_an_emergency_waits_for_no_alert_and_says_which_are_not_ruled_out(reasoner: Reasoner) -> None:
    consultation = ConsultationTurns(reasoner, UNKNOWN_PATIENT)
    consultation.answer({"saddle_numbness": True})
    assert consultation.question() is None
    assert consultation.emergency()
    assert "pregnancy" in consultation.not_ruled_out()
    assert "pregnant" not in consultation.not_needed()


def test_a_finding_answered_as_unknown_earlier_is_not_asked(reasoner: Reasoner) -> None:
    members = reasoner.kb.panels["red_flags"].members
    question = ConsultationTurns(reasoner, UNKNOWN_PATIENT, members).question()
    assert question is not None
    assert not set(question.findings) & members.keys()


def test_facts_given_unasked_are_accepted_and_not_asked(reasoner: Reasoner) -> None:
    consultation = ConsultationTurns(reasoner, UNKNOWN_PATIENT)
    consultation.answer({"imaging_concordant": "no", "pregnant": False}, {"imaging_concordant": "no"})
    assert consultation.patient.facts == {"imaging_concordant": "no", "pregnant": False}
    assert consultation.patient.written == {"imaging_concordant": "no", "pregnant": "no"}
    consultation.answer({name: reasoner.domain.usual[name] for name in reasoner.kb.panels["red_flags"].members})
    assert consultation.certain() == "diagnostic_workup"
    shown = {name for question in answered(consultation, usual(reasoner)) for name in question.findings}
    assert shown
    assert not shown & {"imaging_concordant", "pregnant", *reasoner.kb.panels["red_flags"].members}


def test_a_fact_can_be_corrected_and_taken_back(reasoner: Reasoner) -> None:
    consultation = ConsultationTurns(reasoner, UNKNOWN_PATIENT)
    consultation.answer({"saddle_numbness": True})
    assert consultation.question() is None
    consultation.answer({"saddle_numbness": False})
    assert len(consultation.possible()) > 1
    question = consultation.question()
    assert question is not None
    assert "saddle_numbness" not in question.findings
    consultation.answer({"saddle_numbness": None})
    assert consultation.patient.facts == {}
    assert "saddle_numbness" not in consultation.not_needed()


def test_a_policy_with_a_default_is_not_asked_and_may_be_given(reasoner: Reasoner) -> None:
    facts = usual(reasoner, conservative_duration=200.0, conservative_result="ineffective")
    consultation = ConsultationTurns(reasoner, UNKNOWN_PATIENT)
    assert "indication_policy" not in [name for it in answered(consultation, facts) for name in it.findings]
    assert consultation.certain() == "minimally_invasive"
    consultation.answer({"indication_policy": "strict"})
    assert consultation.certain() != "minimally_invasive"


def test_an_answer_that_no_patient_can_give_changes_nothing(reasoner: Reasoner) -> None:
    consultation = ConsultationTurns(reasoner, patient(reasoner.kb, "conservative_result=not_tried"))
    before = consultation.question(), consultation.patient, consultation.entries
    with pytest.raises(PatientError, match="untried-treatment-has-no-duration"):
        consultation.answer({"fever": True, "conservative_duration": 30.0})
    assert (consultation.question(), consultation.patient, consultation.entries) == before
    assert not consultation.back()


def test_a_consultation_about_an_impossible_patient_is_refused(reasoner: Reasoner) -> None:
    with pytest.raises(PatientError, match="untried-treatment-has-no-duration"):
        ConsultationTurns(reasoner, Patient({"conservative_result": "not_tried", "conservative_duration": 30.0}))


@pytest.mark.parametrize(
    ("name", "value"),
    [("slight_picture", True), ("sag", 1.0), ("stenosis", "huge"), ("age", -1.0), ("age", "old"), ("fever", "no")],
)
def test_an_unknown_finding_or_value_is_refused(reasoner: Reasoner, name: str, value: Value) -> None:
    consultation = ConsultationTurns(reasoner, UNKNOWN_PATIENT)
    with pytest.raises(PatientError, match=name):
        consultation.answer({name: value})
    assert consultation.entries == ()


def test_entries_are_the_answers_of_this_consultation_oldest_first(reasoner: Reasoner) -> None:
    consultation = ConsultationTurns(reasoner, patient(reasoner.kb, "age=50"))
    consultation.answer({"fever": False, "weight_loss": None})
    consultation.answer({"leg_pain": "both"})
    assert consultation.entries == ({"fever": False, "weight_loss": None}, {"leg_pain": "both"})
    assert consultation.patient.written == {"age": "50 years", "fever": "no", "leg_pain": "both"}
    assert consultation.back()
    assert consultation.patient.facts == {"age": 50 * 365.25, "fever": False}
    assert consultation.back()
    assert consultation.patient == patient(reasoner.kb, "age=50")
    assert not consultation.back()


def test_an_answer_is_computed_once(reasoner: Reasoner) -> None:
    consultation = ConsultationTurns(reasoner, UNKNOWN_PATIENT)
    assert consultation.question() is consultation.question()


# --- what a question decides ------------------------------------------------------------------------------------------


def test_stakes_name_the_steps_that_each_answer_leaves_and_the_open_rules(reasoner: Reasoner) -> None:
    consultation = ConsultationTurns(reasoner, UNKNOWN_PATIENT)
    for question in answered(consultation, usual(reasoner)):
        stakes = consultation.stakes(question)
        assert {it.finding for it in stakes.bearings} == set(question.findings)
        assert all(set(it.steps) <= set(consultation.possible()) for it in stakes.bearings)
        assert stakes.rules
        if question.findings == ("imaging_concordant",):
            shown = {it.premise: it.steps for it in stakes.bearings}
            assert shown[Is("imaging_concordant", "no")] == ("diagnostic_workup",)
            assert "contradicting-imaging-needs-work-up" in [it.id for it in stakes.rules]
            assert "incomplete-picture-is-completed" not in [it.id for it in stakes.rules]


def test_cells_that_leave_the_same_steps_are_shown_as_one_premise(reasoner: Reasoner) -> None:
    new = Patient({"weakness_duration": 2.0})
    grade, *_ = ConsultationTurns(reasoner, new).stakes(Question("?", ("motor_grade",))).bearings
    assert written(grade.premise) == "motor_grade <= 3"
    assert grade.steps == ("urgent_referral",)


# --- by hand ----------------------------------------------------------------------------------------------------------


def test_of_two_equally_short_ways_the_one_whose_unusual_answer_ends_at_once_comes_first(
    tmp_path: Path,
) -> None:
    kb = small_ladder(
        tmp_path,
        findings={name: yes_no("no") for name in ("go", "far", "near", "stop")},
        rules={
            "a": rule("stop", "supports one"),
            "b": rule(["go", "far"], "supports one"),
            "c": rule(["go", "near"], "supports two"),
            "d": rule("always", "supports three"),
        },
        steps={name: {} for name in ("one", "two", "three")},
    )
    question = ConsultationTurns(Reasoner(kb), UNKNOWN_PATIENT).question()
    assert question is not None
    assert question.findings == ("stop",)


def test_a_finding_that_saves_no_question_under_the_presumed_values_comes_later(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={name: yes_no("no") for name in ("odd", "rare", "common")},
        rules={
            "a": rule(["common", {"any": ["odd", "rare"]}], "supports one"),
            "b": rule("always", "supports two"),
        },
        steps={"one": {}, "two": {}},
    )
    consultation = ConsultationTurns(Reasoner(kb), UNKNOWN_PATIENT)
    assert [it.findings for it in answered(consultation, {"common": False})] == [("common",)]
    assert consultation.certain() == "two"


def test_follow_ups_that_wait_for_each_other_are_still_asked(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={"egg": yes_no("no", asked_if="hen"), "hen": yes_no("no", asked_if="egg")},
        rules={"a": rule(["egg", "hen"], "supports one"), "b": rule("always", "supports two")},
        steps={"one": {}, "two": {}},
    )
    question = ConsultationTurns(Reasoner(kb), UNKNOWN_PATIENT).question()
    assert question is not None
    assert question.findings == ("egg",)


def test_where_no_step_fits_the_consultation_ends_without_one(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={"itch": yes_no("no")},
        rules={"a": rule("itch", "supports one")},
        steps={"one": {}},
    )
    consultation = ConsultationTurns(Reasoner(kb), UNKNOWN_PATIENT)
    assert [it.findings for it in answered(consultation, {"itch": False})] == [("itch",)]
    assert consultation.certain() is None
    assert consultation.possible() == ()


def test_a_finding_given_as_unknown_is_not_asked(reasoner: Reasoner) -> None:
    given = patient(reasoner.kb, "red_flags=none", "imaging_concordant=unknown")
    assert given.unknown == ("imaging_concordant",)
    talk = ConsultationTurns(reasoner, given, given.unknown)
    asked: set[str] = set()
    while question := talk.question():
        asked.update(question.findings)
        talk.answer(dict.fromkeys(question.findings))
    assert "imaging_concordant" not in asked
    assert "typical_signs" in asked
