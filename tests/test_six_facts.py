"""The six facts of the brief alone lead to an answer, whatever their values."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from functools import cache
from itertools import product

import pytest
from click.testing import CliRunner

from expert import KnowledgeBase
from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment
from expert.cli.commands import expert
from expert.logic.kleene import Evaluation
from expert.read.patient import PatientReader
from tests.conftest import patient

AGES = ("10", "17", "18", "45", "80")
SEVERITIES = ("mild", "moderate", "severe")
STENOSES = ("none", "mild", "moderate", "severe")
SLIPS = ("none", "true_slip", "degenerative", "other")
SCARS = ("none", "mild", "moderate", "severe")
TREATMENTS = (
    *product(("yes", "no"), ("2 months", "3 months", "4 months"), ("effective", "partial", "ineffective")),
    *product(("yes", "no"), ("0 weeks",), ("not_tried",)),
)
EXAMPLE = (
    "age=45",
    "severity=severe",
    "conservative_systematic=yes",
    "conservative_duration=14 weeks",
    "conservative_result=ineffective",
    "stenosis=none",
    "spondylolisthesis=none",
    "scar_adhesions=none",
)


@cache
def combinations() -> tuple[tuple[str, ...], ...]:
    """Every combination of values of the six facts, as on the command line."""
    return tuple(
        (
            f"age={age}",
            f"severity={severity}",
            *(
                f"conservative_{what}={it}"
                for what, it in zip(("systematic", "duration", "result"), treated, strict=True)
            ),
            f"stenosis={stenosis}",
            f"spondylolisthesis={slip}",
            f"scar_adhesions={scar}",
        )
        for age, severity, treated, stenosis, slip, scar in product(
            AGES, SEVERITIES, TREATMENTS, STENOSES, SLIPS, SCARS
        )
    )


def _expected(facts: Sequence[str]) -> str:
    """The step that the reading of the article and the safety layer give, written down here a second time."""
    shown = dict(fact.split("=") for fact in facts)
    in_vain = shown["conservative_systematic"] == "yes" and shown["conservative_result"] == "ineffective"
    short = shown["severity"] == "severe" and float(shown["age"]) >= 18  # every programme in vain is longer than a week
    failed = in_vain and (short or shown["conservative_duration"] == "4 months")
    if shown["severity"] == "mild" or not failed:
        return "conservative"
    if float(shown["age"]) < 16:
        return "diagnostic_workup"  # not the article: children are left to a specialist
    if shown["scar_adhesions"] == "severe":
        return "open_decompression"
    barred = shown["stenosis"] == "severe" and shown["spondylolisthesis"] == "true_slip"
    return "open_decompression" if barred else "minimally_invasive"


def test_the_combinations_are_some_thousands() -> None:
    assert len(set(combinations())) == len(combinations()) == 5 * 3 * 20 * 4 * 4 * 4


def test_every_combination_leads_with_the_presumptions_to_the_decided_step(
    kb: KnowledgeBase, reasoner: Reasoner
) -> None:
    values = {text: PatientReader(kb).patient(None, [text]).facts for facts in combinations() for text in facts}
    for facts in combinations():
        given = {name: value for text in facts for name, value in values[text].items()}
        evaluation = Evaluation(reasoner.definitions, reasoner.domain.background(given).all)
        truths = {step: evaluation.concluded(("recommended", step)) for step in kb.steps}
        assert None not in truths.values(), facts
        assert [step for step, truth in truths.items() if truth] == [_expected(facts)], facts


@pytest.mark.parametrize("part", range(6))
def test_an_assessment_of_six_facts_is_provisional_and_shows_what_was_presumed(
    kb: KnowledgeBase, reasoner: Reasoner, part: int
) -> None:
    for facts in random.Random(part).sample(combinations(), 50):
        assessment = reasoner.assess(patient(kb, *facts))
        assert assessment.answer == "provisional", facts
        assert assessment.recommended == _expected(facts), facts
        assert _presumed(assessment), facts


def _presumed(assessment: Assessment) -> set[str]:
    return {name for it in assessment.presumptions for name in it.findings}


@pytest.mark.parametrize("left_out", range(len(EXAMPLE)), ids=lambda it: EXAMPLE[it].split("=")[0])
def test_leaving_one_of_the_facts_unknown_still_leads_to_an_answer(
    kb: KnowledgeBase, reasoner: Reasoner, left_out: int
) -> None:
    for facts in random.Random(left_out).sample(combinations(), 10):
        shown = [fact for index, fact in enumerate(facts) if index != left_out]
        assessment = reasoner.assess(patient(kb, *shown))
        assert assessment.answer == "provisional", shown
        steps = {"conservative", "minimally_invasive", "open_decompression"}
        assert assessment.recommended in steps | {"diagnostic_workup"} & {_expected(facts)}, shown


def test_a_patient_of_whom_nothing_is_known_is_treated_conservatively(kb: KnowledgeBase, reasoner: Reasoner) -> None:
    assessment = reasoner.assess(patient(kb))
    assert (assessment.answer, assessment.recommended) == ("provisional", "conservative")


# --- the examples -----------------------------------------------------------------------------------------------------


def _holding(assessment: Assessment, step: str) -> set[str]:
    report = next(it for it in assessment.ladder if it.step == step)
    return {argument.rule for argument in report.against if argument.presumed_status == "holds"}


def test_fourteen_failed_weeks_lead_to_minimally_invasive_surgery_with_the_diagnosis_presumed_first(
    kb: KnowledgeBase, reasoner: Reasoner
) -> None:
    assessment = reasoner.assess(patient(kb, *EXAMPLE))
    assert (assessment.answer, assessment.recommended) == ("provisional", "minimally_invasive")
    assert assessment.presumptions[0].findings == ("typical_symptoms", "typical_signs", "imaging_concordant")
    assert {"S05", "S34"} <= set(assessment.presumptions[0].cite)
    ended = {"three-failed-months-end-conservative", "failed-week-ends-conservative"}
    assert _holding(assessment, "conservative") == ended
    assert assessment.findings["failed_three_months"] is True


@pytest.mark.parametrize("duration", ["3 months", "91.3125 days", "13 weeks"])
def test_three_months_and_no_more_do_not_take_the_route_of_three_months(
    kb: KnowledgeBase, reasoner: Reasoner, duration: str
) -> None:
    assessment = reasoner.assess(patient(kb, *_but(f"conservative_duration={duration}", "severity=moderate")))
    assert assessment.recommended == "conservative"
    assert assessment.findings["failed_three_months"] is False


@pytest.mark.parametrize(("duration", "step"), [("7 days", "conservative"), ("8 days", "minimally_invasive")])
def test_in_severe_pain_a_programme_in_vain_of_more_than_a_week_takes_the_shorter_route(
    kb: KnowledgeBase, reasoner: Reasoner, duration: str, step: str
) -> None:
    assessment = reasoner.assess(patient(kb, *_but(f"conservative_duration={duration}")))
    assert (assessment.answer, assessment.recommended) == ("provisional", step)
    assert assessment.findings["failed_three_months"] is False


def _but(*changes: str) -> list[str]:
    names = {change.split("=")[0] for change in changes}
    return [*(fact for fact in EXAMPLE if fact.split("=")[0] not in names), *changes]


def test_severe_scar_leads_to_open_decompression_and_says_why_not_minimally_invasive(
    kb: KnowledgeBase, reasoner: Reasoner
) -> None:
    assessment = reasoner.assess(patient(kb, *_but("scar_adhesions=severe")))
    assert assessment.recommended == "open_decompression"
    assert _holding(assessment, "minimally_invasive") == {"severe-scar-excludes-minimally-invasive"}
    report = next(it for it in assessment.ladder if it.step == "minimally_invasive")
    assert report.status == "excluded"
    assert [it.cite[0] for it in report.against if it.status == "holds"] == ["S57"]


def test_severe_stenosis_from_a_true_slip_leads_to_open_decompression(kb: KnowledgeBase, reasoner: Reasoner) -> None:
    assessment = reasoner.assess(patient(kb, *_but("stenosis=severe", "spondylolisthesis=true_slip")))
    assert assessment.recommended == "open_decompression"
    assert _holding(assessment, "minimally_invasive") == {"complicated-stenosis-excludes-minimally-invasive"}


def test_an_instability_added_to_the_six_facts_leads_to_a_fusion(kb: KnowledgeBase, reasoner: Reasoner) -> None:
    assessment = reasoner.assess(patient(kb, *EXAMPLE, "instability=yes"))
    assert assessment.recommended == "decompression_with_fusion"
    assert "need-of-fusion-excludes-lesser-surgery" in _holding(assessment, "minimally_invasive")


def test_saddle_numbness_added_to_any_six_facts_is_urgent_for_certain(kb: KnowledgeBase, reasoner: Reasoner) -> None:
    for facts in random.Random(7).sample(combinations(), 30):
        assessment = reasoner.assess(patient(kb, *facts, "saddle_numbness=yes"))
        assert (assessment.answer, assessment.recommended) == ("certain", "urgent_referral"), facts


def test_the_command_line_answers_for_the_six_facts_in_text_and_json() -> None:
    text = CliRunner().invoke(expert, ["assess", *EXAMPLE])
    assert text.exit_code == 0
    assert text.output.startswith("MINIMALLY INVASIVE SURGERY")
    assert "provisional" in text.output.splitlines()[0]
    answer = json.loads(CliRunner().invoke(expert, ["assess", *EXAMPLE, "--format", "json"]).output)
    assert answer["recommended"] == "minimally_invasive"
    assert answer["presumed"]["typical_symptoms"] is True
