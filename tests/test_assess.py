"""Answers: how sure they are, both statuses of every step, the arguments, and what goes with a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from expert import KnowledgeBase, PatientError
from expert.answer.assess import Reasoner
from expert.answer.assessment import Argument, Assessment
from expert.lang.definitions import Definitions
from expert.lang.premises import Concluded, Is, Not
from expert.lang.values import Facts
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from expert.solve.formulas import formulas_of
from tests.conftest import patient
from tests.random_patients import assessments
from tests.small_ladder import choice, quantity, rule, small_ladder, yes_no

STEPS: dict[str, Any] = {
    "stop": {"gate": "yes", "meanwhile": "rest"},
    "rest": {
        "cite": ["S02"],
        "options": {
            "chair": {"cite": ["S03"]},
            "bed": {"offered": "if_supported", "cite": ["S04"]},
            "floor": {"cite": ["S05"]},
        },
    },
    "walk": {},
    "run": {},
}
FINDINGS = {
    "alarm": yes_no("no"),
    "pain": yes_no("yes"),
    "hurt": yes_no("no"),
    "tired": yes_no("no"),
    "weather": choice("sun", "rain", "storm", usual="sun"),
    "weight": quantity("1 kg .. 300 kg", "70 kg", "kg"),
    "policy": choice("bold", "meek", group="site", default="meek"),
}
RULES = {
    "alarm-supports-stop": rule("alarm", "supports stop"),
    "pain-supports-rest": rule("pain", "supports rest"),
    "hurt-excludes-rest": rule("hurt", "excludes rest", cite=["S06"]),
    "rain-cautions-rest": rule("weather is rain", "cautions rest"),
    "everybody-may-walk": rule("always", "supports walk"),
    "storm-excludes-walk": rule("weather is storm", "excludes walk"),
    "boldness-supports-run": rule("policy is bold", "supports run"),
    "tiredness-supports-bed": rule("tired", ["supports rest.bed", "prefers rest.bed"], cite=["S07"]),
    "weight-excludes-chair": rule("weight > 120 kg", "excludes rest.chair"),
    "tiredness-cautions-floor": rule("tired", "cautions rest.floor"),
    "hurt-raises-wound": rule("hurt", "alert wound"),
    "pain-advises-quiet": rule("pain", "advise quiet", cite=["S08"]),
}
NOTES = {"on-rest": "S02", "on-beds": "S04", "on-hurt": "S06", "on-tiredness": "S07", "on-quiet": "S08"}


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Reasoner:
    """Four steps of a day: a gate that names what is done meanwhile, two that rules argue about, one for the bold."""
    folder = tmp_path_factory.mktemp("day")
    advice = {"quiet": ["rest"]}
    return Reasoner(
        small_ladder(folder, findings=FINDINGS, rules=RULES, steps=STEPS, alerts=["wound"], advice=advice, notes=NOTES)
    )


def assess(reasoner: Reasoner, *assignments: str) -> Assessment:
    return reasoner.assess(patient(reasoner.kb, *assignments))


def answer(reasoner: Reasoner, *assignments: str) -> tuple[str, str | None]:
    it = assess(reasoner, *assignments)
    return it.answer, it.recommended


def statuses(it: Assessment) -> dict[str, str]:
    return {step.step: step.status for step in it.ladder}


def presumed_statuses(it: Assessment) -> dict[str, str]:
    return {step.step: step.presumed_status for step in it.ladder}


def rules_of(arguments: tuple[Argument, ...]) -> dict[str, tuple[str, str]]:
    return {argument.rule: (argument.status, argument.presumed_status) for argument in arguments}


# --- certain, provisional, open ---------------------------------------------------------------------------------------


def test_a_step_that_nothing_unknown_can_change_is_certain(day: Reasoner) -> None:
    assert answer(day, "alarm=yes") == ("certain", "stop")


def test_a_certain_answer_has_one_possible_step_and_nothing_decisive(day: Reasoner) -> None:
    it = assess(day, "alarm=no", "pain=yes", "hurt=no")
    assert (it.answer, it.recommended) == ("certain", "rest")
    assert [(possible.step, possible.complete) for possible in it.possible] == [("rest", True)]
    assert it.decisive == ()
    assert it.presumptions == ()


def test_a_step_that_rests_on_presumptions_is_provisional(day: Reasoner) -> None:
    it = assess(day)
    assert (it.answer, it.recommended) == ("provisional", "rest")
    assert [possible.step for possible in it.possible] == ["stop", "rest", "walk"]
    assert [name for presumption in it.presumptions for name in presumption.findings] == ["alarm", "pain", "hurt"]


def test_an_answer_is_open_where_the_presumptions_leave_several_steps(tmp_path: Path) -> None:
    reasoner = Reasoner(
        small_ladder(
            tmp_path,
            findings={"key": yes_no(), "gate": yes_no("no")},
            rules={
                "a-key-supports-door": rule("key", "supports door"),
                "all-may-climb": rule("always", "supports wall"),
            },
            steps={"door": {}, "wall": {}},
        )
    )
    it = assess(reasoner)
    assert (it.answer, it.recommended) == ("open", None)
    assert [possible.step for possible in it.possible] == ["door", "wall"]
    assert presumed_statuses(it) == {"door": "open", "wall": "available"}
    assert answer(reasoner, "key=no") == ("certain", "wall")


def test_an_answer_is_open_where_no_step_is_supported(day: Reasoner) -> None:
    it = assess(day, "alarm=no", "pain=no", "weather=storm", "policy=meek")
    assert (it.answer, it.recommended) == ("open", None)
    assert it.possible == ()
    assert statuses(it) == {"stop": "unsupported", "rest": "unsupported", "walk": "excluded", "run": "unsupported"}


def test_a_step_is_not_certain_where_some_patients_get_no_step_at_all(tmp_path: Path) -> None:
    reasoner = Reasoner(
        small_ladder(
            tmp_path,
            findings={"ill": yes_no("yes")},
            rules={"illness-supports-rest": rule("ill", "supports rest")},
            steps={"rest": {}},
        )
    )
    it = assess(reasoner)
    assert (it.answer, it.recommended) == ("provisional", "rest")
    assert statuses(it) == {"rest": "open"}
    assert [possible.step for possible in it.possible] == ["rest"]


def test_an_empty_patient_is_answered(reasoner: Reasoner) -> None:
    it = assess(reasoner)
    assert it.answer == "provisional"
    assert it.recommended in reasoner.kb.steps


def test_facts_that_no_patient_can_combine_are_rejected(reasoner: Reasoner) -> None:
    with pytest.raises(PatientError, match="these facts contradict each other"):
        assess(reasoner, "conservative_result=not_tried", "conservative_duration=3 weeks")


# --- the statuses of a step -------------------------------------------------------------------------------------------


def test_a_step_that_may_yet_be_supported_or_excluded_is_open(day: Reasoner) -> None:
    it = assess(day)
    assert statuses(it) == {"stop": "open", "rest": "open", "walk": "open", "run": "unsupported"}
    assert presumed_statuses(it) == {
        "stop": "unsupported",
        "rest": "recommended",
        "walk": "available",
        "run": "unsupported",
    }


def test_excluded_beats_unsupported(day: Reasoner) -> None:
    it = assess(day, "alarm=no", "pain=no", "hurt=yes")
    assert statuses(it)["rest"] == "excluded"


def test_excluded_beats_open(day: Reasoner) -> None:
    assert statuses(assess(day, "hurt=yes"))["rest"] == "excluded"


def test_unsupported_beats_open(day: Reasoner) -> None:
    assert statuses(assess(day, "pain=no"))["rest"] == "unsupported"


def test_available_steps_wait_behind_a_gate(day: Reasoner) -> None:
    it = assess(day, "alarm=yes", "pain=yes", "hurt=no", "weather=storm", "policy=bold")
    assert statuses(it) == {"stop": "recommended", "rest": "waiting", "walk": "excluded", "run": "waiting"}


def test_steps_do_not_wait_behind_a_step_that_is_no_gate(day: Reasoner) -> None:
    it = assess(day, "alarm=no", "pain=yes", "hurt=no", "weather=sun")
    assert statuses(it)["walk"] == "available"


def test_steps_wait_behind_a_gate_that_is_only_presumed_in_the_presumed_status_alone(tmp_path: Path) -> None:
    reasoner = Reasoner(
        small_ladder(
            tmp_path,
            findings={"alarm": yes_no("yes")},
            rules={"alarm-supports-stop": rule("alarm", "supports stop"), "all-walk": rule("always", "supports walk")},
            steps={"stop": {"gate": "yes"}, "walk": {}},
        )
    )
    it = assess(reasoner)
    assert statuses(it) == {"stop": "open", "walk": "available"}
    assert presumed_statuses(it) == {"stop": "recommended", "walk": "waiting"}


def test_a_gate_names_what_is_done_meanwhile(day: Reasoner) -> None:
    assert assess(day, "alarm=yes").meanwhile == "rest"


def test_what_is_excluded_is_not_done_meanwhile(day: Reasoner) -> None:
    assert assess(day, "alarm=yes", "hurt=yes").meanwhile is None


def test_nothing_is_done_meanwhile_while_no_gate_is_recommended(day: Reasoner) -> None:
    assert assess(day, "alarm=no").meanwhile is None


def test_a_status_that_presumptions_settle_names_them(day: Reasoner) -> None:
    presumed_on = {step.step: step.presumed_on for step in assess(day, "hurt=no").ladder}
    assert presumed_on == {"stop": ("alarm",), "rest": ("alarm", "pain"), "walk": ("weather",), "run": ()}


def test_every_status_is_what_logic_says_of_any_patient(reasoner: Reasoner) -> None:
    for it in assessments(reasoner):
        for step in it.ladder:
            shown = [(step.status, it.background.known), (step.presumed_status, it.background.all)]
            for status, facts in shown:
                logic = Evaluation(reasoner.definitions, facts)
                assert (status == "excluded") == (logic.concluded(("excludes", step.step)) is True)
                if status == "unsupported":
                    assert logic.concluded(("supports", step.step)) is False
                if status in ("available", "waiting"):
                    assert logic.concluded(("available", step.step)) is True
            assert (step.presumed_status == "recommended") == (step.step == it.recommended)
            assert (step.status == "recommended") == (step.step == it.recommended and it.answer == "certain")


# --- arguments --------------------------------------------------------------------------------------------------------


def test_rules_that_are_known_to_fail_are_no_arguments(day: Reasoner) -> None:
    rest = assess(day, "pain=no", "hurt=no", "weather=sun").ladder[1]
    assert (rest.supports, rest.against, rest.cautions) == ((), (), ())


def test_an_argument_says_whether_it_holds_and_whether_it_does_as_presumed(day: Reasoner) -> None:
    rest = assess(day, "weather=rain").ladder[1]
    assert rules_of(rest.supports) == {"pain-supports-rest": ("open", "holds")}
    assert rules_of(rest.against) == {"hurt-excludes-rest": ("open", "fails")}
    assert rules_of(rest.cautions) == {"rain-cautions-rest": ("holds", "holds")}


def test_an_argument_that_holds_names_the_facts_that_decided_it(tmp_path: Path) -> None:
    either = {"any": ["wet", "cold"]}
    reasoner = Reasoner(
        small_ladder(
            tmp_path,
            findings={"wet": yes_no("no"), "cold": yes_no("no"), "late": yes_no("no"), "far": yes_no("no")},
            rules={"shelter": rule([either, "not late"], "supports shelter")},
            steps={"shelter": {}},
        )
    )
    (shelter,) = assess(reasoner, "wet=no", "cold=yes", "late=no", "far=yes").ladder
    assert shelter.supports[0].facts == {"cold": True, "late": False}


def test_an_open_argument_names_the_facts_known_so_far_and_no_presumptions(tmp_path: Path) -> None:
    reasoner = Reasoner(
        small_ladder(
            tmp_path,
            findings={"wet": yes_no("yes"), "cold": yes_no("yes")},
            rules={"shelter": rule(["wet", "cold"], "supports shelter")},
            steps={"shelter": {}},
        )
    )
    (shelter,) = assess(reasoner, "wet=yes").ladder
    assert shelter.supports[0].facts == {"wet": True}
    assert (shelter.supports[0].status, shelter.supports[0].presumed_status) == ("open", "holds")


def test_an_argument_says_where_its_rule_is(day: Reasoner) -> None:
    at = assess(day, "alarm=yes").ladder[0].supports[0].at
    file, _, line = at.rpartition(":")
    assert Path(file).read_text("utf-8").splitlines()[int(line) - 1].strip() == "alarm-supports-stop:"


def test_the_facts_of_an_argument_that_holds_suffice_for_it(reasoner: Reasoner) -> None:
    for it in assessments(reasoner):
        arguments = [a for step in it.ladder for a in (*step.supports, *step.against, *step.cautions)]
        arguments += [argument for notice in (*it.alerts, *it.advice) for argument in notice.because]
        for argument in arguments:
            if argument.status == "holds" and not argument.case:
                assert argument.facts.items() <= it.background.known.items()
                assert Evaluation(reasoner.definitions, argument.facts).concluded(("rule", argument.rule)) is True


# --- certain by cases -------------------------------------------------------------------------------------------------

DECK = {
    "findings": {"pole": choice("north", "south"), "calm": yes_no("yes")},
    "rules": {
        "north-supports-sail": rule("pole is north", "supports sail"),
        "south-supports-sail": rule("pole is south", "supports sail"),
        "all-may-row": rule("always", "supports row"),
        "rough-excludes-row": rule("not calm", "excludes row"),
    },
    "steps": {"sail": {}, "row": {}},
}


@pytest.fixture
def deck(tmp_path: Path) -> Reasoner:
    """A step that each pole supports, so that it is certain although no one rule is known to hold."""
    return Reasoner(small_ladder(tmp_path, **DECK))


def test_a_step_that_every_case_leads_to_is_certain(deck: Reasoner) -> None:
    it = assess(deck)
    assert Evaluation(deck.definitions, it.background.known).concluded(("recommended", "sail")) is None
    assert (it.answer, it.recommended) == ("certain", "sail")
    assert statuses(it) == {"sail": "recommended", "row": "open"}


def test_a_step_that_is_certain_by_cases_has_one_argument_for_each_case(deck: Reasoner) -> None:
    arguments = assess(deck).ladder[0].supports
    assert [(it.case, it.rule, it.status) for it in arguments] == [
        ((Is("pole", "north"),), "north-supports-sail", "holds"),
        ((Is("pole", "south"),), "south-supports-sail", "holds"),
    ]


def test_arguments_name_no_case_where_facts_decide(deck: Reasoner) -> None:
    arguments = assess(deck, "pole=south").ladder[0].supports
    assert [(it.case, it.rule) for it in arguments] == [((), "south-supports-sail")]


@pytest.fixture
def windy_deck(tmp_path: Path) -> Reasoner:
    """The same, where besides a presumption is needed."""
    rules = {
        "north-supports-sail": rule(["pole is north", "wind"], "supports sail"),
        "south-supports-sail": rule(["pole is south", "wind"], "supports sail"),
        "all-may-row": rule("always", "supports row"),
    }
    return Reasoner(
        small_ladder(
            tmp_path, **{**DECK, "findings": {"pole": choice("north", "south"), "wind": yes_no("yes")}, "rules": rules}
        )
    )


def test_a_step_that_every_case_leads_to_with_a_presumption_is_provisional_and_names_it(windy_deck: Reasoner) -> None:
    it = assess(windy_deck)
    assert (it.answer, it.recommended) == ("provisional", "sail")
    assert presumed_statuses(it) == {"sail": "recommended", "row": "available"}
    assert [presumption.findings for presumption in it.presumptions] == [("wind",)]


def test_a_provisional_step_that_rests_on_cases_has_one_argument_for_each_case(windy_deck: Reasoner) -> None:
    arguments = assess(windy_deck).ladder[0].supports
    assert [(it.case, it.rule, it.status, it.presumed_status) for it in arguments] == [
        ((Is("pole", "north"),), "north-supports-sail", "open", "holds"),
        ((Is("pole", "south"),), "south-supports-sail", "open", "holds"),
    ]


# --- presumptions, forced values, defaults ----------------------------------------------------------------------------


def without_usual_values(kb: KnowledgeBase) -> KnowledgeBase:
    return kb._replace(findings={name: finding._replace(usual=None) for name, finding in kb.findings.items()})


def with_other_usual_values(kb: KnowledgeBase) -> KnowledgeBase:
    domain = Domain(Definitions(kb))
    findings = dict(kb.findings)
    for name, value in domain.usual.items():
        other = next(cell.value for cell in domain.cells[name] if cell.value != value)
        findings[name] = findings[name]._replace(usual=other)
    return kb._replace(findings=findings)


@pytest.mark.parametrize("presuming", [without_usual_values, with_other_usual_values])
def test_presumed_values_never_enter_a_certain_answer(
    reasoner: Reasoner, kb: KnowledgeBase, presuming: Callable[[KnowledgeBase], KnowledgeBase]
) -> None:
    presuming_otherwise = Reasoner(presuming(kb))
    certain = [it for it in assessments(reasoner) if it.answer == "certain"]
    assert len(certain) > 15
    for it in certain:
        other = presuming_otherwise.assess(it.patient)
        assert (other.answer, other.recommended, statuses(other)) == ("certain", it.recommended, statuses(it))


def test_no_completion_leads_a_certain_patient_anywhere_else(reasoner: Reasoner) -> None:
    for it in assessments(reasoner):
        if it.recommended:
            goal = Concluded(("recommended", it.recommended))
            other = formulas_of(reasoner.domain).satisfiable(it.background.known, Not(goal))
            assert (it.answer == "certain") is not other


@pytest.fixture
def shed(tmp_path: Path) -> Reasoner:
    """Constraints that force values and rule out presumptions."""
    return Reasoner(
        small_ladder(
            tmp_path,
            findings={"saw": yes_no("yes"), "tool": choice("saw", "axe", "none", usual="saw"), "locked": yes_no("yes")},
            rules={"a-tool-supports-cut": rule("tool is not none", "supports cut")},
            steps={"cut": {}},
            constraints={
                "no-saw-no-sawing": ["not saw", "tool is saw"],
                "locked-shed-no-axe": ["locked", "tool is axe"],
            },
        )
    )


def test_values_that_constraints_force_are_shown_and_count_as_known(shed: Reasoner) -> None:
    it = assess(shed, "saw=no", "locked=yes")
    assert it.background.forced == {"tool": "none"}
    assert (it.answer, it.recommended) == ("open", None)
    assert statuses(it) == {"cut": "unsupported"}


def test_a_presumption_that_constraints_rule_out_is_dropped(shed: Reasoner) -> None:
    assert assess(shed, "saw=no").background.presumed == {"locked": True}
    assert assess(shed).background.presumed == {"saw": True, "tool": "saw", "locked": True}


def test_a_default_counts_as_given_until_a_site_says_otherwise(day: Reasoner) -> None:
    it = assess(day)
    assert it.background.defaults == {"policy": "meek"}
    assert statuses(it)["run"] == "unsupported"
    bold = assess(day, "policy=bold")
    assert bold.background.defaults == {}
    assert statuses(bold)["run"] == "available"


def test_every_fact_has_one_origin(reasoner: Reasoner) -> None:
    for it in assessments(reasoner):
        background = it.background
        sources: list[Facts] = [background.given, background.defaults, background.forced, background.presumed]
        names = [name for source in sources for name in source]
        assert len(names) == len(set(names))
        assert background.given == it.patient.facts
        assert reasoner.domain.permitted(background.all)


# --- options, alerts, advice, guidance --------------------------------------------------------------------------------


def options(it: Assessment) -> dict[str, tuple[str, str]]:
    return {option.option: (option.status, option.presumed_status) for option in it.options}


def test_options_come_with_the_recommended_step_alone(day: Reasoner) -> None:
    assert set(options(assess(day))) == {"rest.chair", "rest.bed", "rest.floor"}
    assert options(assess(day, "hurt=yes", "alarm=no")) == {}


def test_options_of_what_is_done_meanwhile_are_listed(day: Reasoner) -> None:
    assert set(options(assess(day, "alarm=yes"))) == {"rest.chair", "rest.bed", "rest.floor"}


def test_an_option_is_on_offer_unless_it_needs_support_or_is_excluded(day: Reasoner) -> None:
    assert options(assess(day, "weight=130 kg", "tired=no")) == {
        "rest.chair": ("excluded", "excluded"),
        "rest.bed": ("unsupported", "unsupported"),
        "rest.floor": ("offered", "offered"),
    }


def test_an_option_is_open_while_its_rules_are(day: Reasoner) -> None:
    assert options(assess(day)) == {
        "rest.chair": ("open", "offered"),
        "rest.bed": ("open", "unsupported"),
        "rest.floor": ("offered", "offered"),
    }


def test_an_option_that_is_supported_and_preferred_says_so(day: Reasoner) -> None:
    it = assess(day, "tired=yes")
    bed = next(option for option in it.options if option.option == "rest.bed")
    assert (bed.status, bed.preferred) == ("offered", True)
    assert [option.option for option in it.options if option.preferred] == ["rest.bed"]


def test_an_option_carries_its_cautions(day: Reasoner) -> None:
    floor = next(option for option in assess(day, "tired=yes").options if option.option == "rest.floor")
    assert rules_of(floor.cautions) == {"tiredness-cautions-floor": ("holds", "holds")}


@pytest.mark.parametrize("others", [(), ("alarm=yes",), ("pain=no",), ("pain=no", "weather=storm")])
def test_an_alert_is_raised_whatever_the_step_is(day: Reasoner, others: tuple[str, ...]) -> None:
    alerts = assess(day, "hurt=yes", *others).alerts
    assert [(alert.name, alert.status) for alert in alerts] == [("wound", "holds")]


def test_an_alert_that_is_known_to_fail_is_left_out(day: Reasoner) -> None:
    assert assess(day, "hurt=no").alerts == ()


def test_advice_is_given_with_its_steps_alone(day: Reasoner) -> None:
    assert [it.name for it in assess(day, "alarm=no", "pain=yes", "hurt=no").advice] == ["quiet"]
    assert assess(day, "alarm=no", "pain=yes", "hurt=yes").advice == ()


def test_advice_that_may_yet_be_given_is_open(day: Reasoner) -> None:
    assert [(it.name, it.status, it.presumed_status) for it in assess(day).advice] == [("quiet", "open", "holds")]


def test_a_note_is_shown_for_a_claim_that_something_shown_cites(day: Reasoner) -> None:
    assert assess(day, "alarm=no", "pain=yes", "hurt=no", "tired=no").guidance == ("on-rest", "on-quiet")
    assert assess(day, "alarm=no", "tired=yes").guidance == ("on-rest", "on-beds", "on-tiredness", "on-quiet")
    assert assess(day, "alarm=no", "hurt=yes").guidance == ("on-hurt",)


def test_no_note_is_shown_for_an_argument_that_does_not_hold_as_presumed(tmp_path: Path) -> None:
    reasoner = Reasoner(
        small_ladder(
            tmp_path,
            findings={"tired": yes_no("no")},
            rules={
                "all-rest": rule("always", ["supports rest", "advise quiet"]),
                "tiredness-cautions-chair": rule("tired", ["cautions rest.chair", "advise quiet"], cite=["S07"]),
            },
            steps={"rest": {"options": {"chair": {}}}},
            advice={"quiet": ["rest"]},
            notes={"on-tiredness": "S07"},
        )
    )
    assert assess(reasoner).guidance == ()
    assert assess(reasoner, "tired=yes").guidance == ("on-tiredness",)


def shown_citations(reasoner: Reasoner, it: Assessment) -> Iterator[str]:
    """Every citation of what holds or is on offer."""
    arguments = [a for step in it.ladder for a in (*step.supports, *step.against, *step.cautions)]
    arguments += [argument for notice in (*it.alerts, *it.advice) for argument in notice.because]
    for option in it.options:
        if option.presumed_status == "offered":
            yield from option.cite
        arguments += [*option.supports, *option.against, *option.cautions]
    for argument in arguments:
        if argument.presumed_status == "holds":
            yield from argument.cite
    if it.recommended:
        yield from reasoner.kb.steps[it.recommended].cite


def test_every_note_is_on_a_claim_that_something_shown_cites(reasoner: Reasoner) -> None:
    for it in assessments(reasoner):
        cited = set(shown_citations(reasoner, it))
        for note in it.guidance:
            assert cited & set(reasoner.kb.notes[note].differs_from)


def test_a_provisional_answer_names_presumptions_that_are_made(reasoner: Reasoner) -> None:
    for it in assessments(reasoner):
        named = [name for presumption in it.presumptions for name in presumption.findings]
        assert bool(named) == (it.answer == "provisional")
        assert set(named) <= set(it.background.presumed)
        assert len(named) == len(set(named))


def test_the_presumptions_that_an_answer_names_suffice_for_it(reasoner: Reasoner) -> None:
    for it in assessments(reasoner):
        if it.answer == "provisional":
            named = [name for presumption in it.presumptions for name in presumption.findings]
            facts = it.background.known | {name: it.background.presumed[name] for name in named}
            assert it.recommended is not None
            goal = Concluded(("recommended", it.recommended))
            assert not formulas_of(reasoner.domain).satisfiable(facts, Not(goal))


def test_an_assessment_is_the_same_in_every_run(reasoner: Reasoner, kb: KnowledgeBase) -> None:
    someone = patient(kb, "age=45 years", "severity=severe", "fever=yes")
    assert reasoner.assess(someone) == reasoner.assess(someone) == Reasoner(kb).assess(someone)


def test_a_reasoner_keeps_nothing_of_the_last_patient(reasoner: Reasoner) -> None:
    before = assess(reasoner, "age=45 years")
    assess(reasoner, "saddle_numbness=yes", "age=17 years", "pregnant=yes")
    with pytest.raises(PatientError):
        assess(reasoner, "conservative_result=not_tried", "conservative_duration=3 weeks")
    assert assess(reasoner, "age=45 years") == before
