"""What alerts and advice say: nothing of what is unknown, and no question that may have been answered.

A notice is shown while findings are unknown that it reads as presumed. For each notice these are kept here: its text,
and that of a new one, may claim of none of them that it holds or that it does not.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from expert import KnowledgeBase, read_knowledge
from expert.cases.missing import Smallest
from expert.lang.definitions import Definitions
from expert.lang.premises import Concluded, Name
from expert.logic.constraints import question_of
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from tests.command_line import run
from tests.small_ladder import rule, small_ladder, yes_no

INDICATED = "age pregnant severity typical_symptoms typical_signs low_back_pain imaging_concordant"
FLAGGED = (
    "cancer_history weight_loss night_pain fever immunosuppressed inflammatory_markers_raised major_trauma"
    " prior_surgery red_flags_cleared"
)

READ_AS_PRESUMED = {
    "cauda_equina": "",
    "urgent_weakness": "",
    "recent_weakness": "motor_progressive weakness_duration weakness_disabling",
    "old_weakness": "",
    "lasting_weakness": "motor_progressive weakness_disabling",
    "make_sure_of_recovery": "",
    "both_legs_painful": "",
    "suspected_tumour": "red_flags_cleared",
    "suspected_infection": "red_flags_cleared",
    "suspected_fracture": "red_flags_cleared",
    "red_flag_to_clear": FLAGGED,
    "child": "",
    "adolescent": "",
    "pregnancy": "",
    "complete_the_picture": "symptoms_relieved",
    "image_now": "age pregnant severity low_back_pain",
    "explain_mismatch": "",
    "bone_and_cancer": "",
    "clear_the_flag": FLAGGED,
    "dynamic_films": "pregnant",
    "watch_power": "motor_progressive",
    "flags_stay_open": "",
    "most_recover": "leg_weakness motor_progressive conservative_duration continuous_treatment_duration",
    "youth_first_conservative": "conservative_duration",
    "make_it_systematic": "",
    "intensify": "age patient_request pregnant severity serious_effect low_back_pain conservative_duration",
    "review_at_three_months": "conservative_systematic",
    "examine_again": "age pregnant leg_weakness motor_progressive low_back_pain signs_obvious",
    "judge_partial_result": "conservative_systematic conservative_result",
    "request_needs_indication": "conservative_duration continuous_treatment_duration",
    "respect_refusal": INDICATED,
    "refer_all_the_same": "",
    "anaesthetist_decides": "",
    "improve_fitness": INDICATED,
    "local_anaesthesia": (
        INDICATED + " patient_request long_duration" + " stenosis scar_adhesions wide_decompression_needed"
    ),
    "site_policy_waits": "patient_request severity serious_effect conservative_systematic",
    "weigh_effect_and_recurrence": INDICATED,
    "recurrence_figure": INDICATED + " stenosis spondylolisthesis instability",
    "consult_specialist": INDICATED,
    "decide_together": INDICATED,
    "ask_for_the_wish": INDICATED + " patient_request",
    "specialist_selects_technique": "",
    "refer_for_minimally_invasive": (
        INDICATED + " long_duration stenosis spondylolisthesis scar_adhesions instability wide_decompression_needed"
    ),
    "bars_are_about_effect": INDICATED + " scar_adhesions",
    "open_from_the_side": "",
    "judge_duration": "long_duration",
    "enough_not_all": INDICATED + " stenosis spondylolisthesis instability",
    "renew_mri": INDICATED,
    "fusion_waits": (
        "age pregnant severity typical_symptoms typical_signs low_back_pain imaging_concordant conservative_duration"
    ),
    "fusion_has_a_price": INDICATED,
    "implant_not_recommended": "",
    "repeat_mri": "mri_after_return",
    "markers_after_surgery": "mri_after_return",
    "fused_segment": "",
    "true_recurrence": "",
    "early_return": "",
    "adjacent_is_new": "",
    "remote_is_new": "",
    "unclassified_return": "",
    "look_for_scar": "scar_adhesions",
    "dangers_of_scar": INDICATED,
    "lower_recurrence_risk": "fused_at_surgery",
}

KB = read_knowledge()
TEXTS = {name: notice.text for notices in (KB.alerts, KB.advice) for name, notice in notices.items()}

CLAIM = re.compile(
    r"\bpatients? (has|have|is|are|was|were|does|do)( not|n't| never)\b|\b(only|nothing but)\b.*\bagainst\b",
    re.IGNORECASE,
)
"""Of a patient, that something is not so."""

QUESTION = re.compile(r"(^|\. |, |: )(ask about|ask for|grade|measure|repeat|have the|judge|find out)\b", re.IGNORECASE)
"""What asks for a finding."""

CONDITION = re.compile(r"\b(if|unless|where|whichever|still|whether)\b", re.IGNORECASE)


@cache
def domain() -> Domain:
    return Domain(Definitions(KB))


@cache
def smallest() -> Smallest:
    return Smallest(domain())


def read_as_presumed(name: Name) -> set[str]:
    """What is unknown of the smallest patient for whom a rule calls for a notice, of the findings that it rests on."""
    goal = Concluded(name)
    given = smallest().patient(goal)
    assert given is not None
    background = domain().background(given)
    reasons = Evaluation(domain().definitions, background.all).reasons(goal)
    return {finding for finding in background.presumed if finding in reasons}


def called_for() -> dict[str, Name]:
    return {**{name: ("alert", name) for name in KB.alerts}, **{name: ("advise", name) for name in KB.advice}}


def test_what_each_notice_reads_as_presumed_has_been_looked_at() -> None:
    wanted = {name: set(findings.split()) for name, findings in READ_AS_PRESUMED.items()}
    assert {name: read_as_presumed(concluded) for name, concluded in called_for().items()} == wanted


@pytest.mark.parametrize("name", TEXTS)
def test_no_notice_says_of_the_patient_that_something_is_not_so(name: str) -> None:
    assert not CLAIM.search(TEXTS[name])


@pytest.mark.parametrize("name", TEXTS)
def test_no_notice_asks_for_what_may_have_been_given(name: str) -> None:
    for sentence in re.split(r"(?<=\.) ", TEXTS[name]):
        assert not QUESTION.search(sentence) or CONDITION.search(sentence)


@pytest.mark.parametrize(
    "text",
    [
        "The patient has not asked for the operation that is indicated.",
        "Only the means of this site speak against it.",
    ],
)
def test_a_claim_about_the_unknown_would_be_found(text: str) -> None:
    assert CLAIM.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "Ask about saddle, bladder and bowel now, and examine them.",
        "Have the scar around the root graded on MRI before a minimally invasive approach is chosen.",
        "Ask about both at every visit.",
    ],
)
def test_what_was_asked_for_though_given_would_be_found(text: str) -> None:
    assert QUESTION.search(text)
    assert not CONDITION.search(text)


def test_the_wish_of_a_patient_of_whom_it_is_unknown_is_not_shown(kb: KnowledgeBase) -> None:
    out = " ".join(run("assess", "--full", f"{kb.directory}/patients/fourteen-weeks.yaml").out.split())
    assert "Ask what the patient wants" in out
    assert "leaves it open" not in out
    assert "has not asked" not in out


@pytest.mark.parametrize(
    ("facts", "notice", "untrue"),
    [
        ("leg_pain=both saddle_numbness=yes", "Pain in both legs", "would make this an emergency"),
        ("fever=yes", "Red flag to be cleared", "a second one appears"),
        ("symptom_duration=2years long_duration=no", "Symptoms for more than 1 year", "Long-standing disease"),
        ("spine_specialist=yes", "See a spine specialist", "Refer to"),
    ],
)
def test_a_notice_holds_also_where_what_it_speaks_of_was_given(facts: str, notice: str, untrue: str) -> None:
    failed = ("conservative_duration=14weeks", "conservative_result=ineffective")
    out = " ".join(run("assess", "--full", *facts.split(), *failed).out.split())
    assert notice in out
    assert untrue not in out


def test_follow_ups_of_an_earlier_operation_are_shown_as_that_question(kb: KnowledgeBase) -> None:
    out = " ".join(run("assess", "--full", f"{kb.directory}/patients/fourteen-weeks.yaml").out.split())
    changes = out.partition("what would lead to another step")[2].partition("Open decompression")[0]
    assert "prior_surgery yes" in changes
    assert "more" not in changes
    for follow_up in ("mri_after_return", "return_after_surgery", "removed_mass", "fused_at_surgery"):
        assert follow_up not in changes


def test_what_is_missing_most_counts_follow_ups_as_the_question_before_them(kb: KnowledgeBase, tmp_path: Path) -> None:
    table = tmp_path / "patients.csv"
    table.write_text("age\n45 years\n50 years\n", "utf-8")
    words = ("cohort", str(table), "-o", str(tmp_path / "answers.csv"), "--knowledge", kb.directory, "--format", "json")
    counted = {it["finding"]: it["patients"] for it in json.loads(run(*words).out)["missing"]["findings"]}
    assert counted["prior_surgery"] == 2
    assert not counted.keys() & question_of(kb).keys()


def test_a_question_is_the_first_of_a_chain_that_constraints_tie(kb: KnowledgeBase, tmp_path: Path) -> None:
    found = question_of(kb)
    assert found["slip_grade"] == "spondylolisthesis"
    assert {found[name] for name in ("mri_after_return", "return_after_surgery", "removed_share")} == {"prior_surgery"}
    assert not {"return_level", "removal_complete", "facet_removed"} & found.keys()  # no constraint ties them
    chain = small_ladder(
        tmp_path,
        findings={
            "scar": yes_no("no", asked_if="burnt", group="patient"),
            "burnt": yes_no("no", asked_if="ill", group="patient"),
            "ill": yes_no("no"),
        },
        constraints={"a": ["scar", "not burnt"], "b": ["burnt", "not ill"]},
        rules={"salve": rule("scar", "supports salve")},
        steps={"salve": {}},
    )
    assert question_of(chain) == {"scar": "ill", "burnt": "ill"}
