"""What the text of an answer or an explanation may say, and what it may not leave out."""

from __future__ import annotations

import json
import re

from tests.command_line import run
from tests.conftest import REPOSITORY

PATIENTS = REPOSITORY / "knowledge" / "patients"
FOURTEEN_WEEKS = str(PATIENTS / "fourteen-weeks.yaml")
WIDE_DECOMPRESSION = (
    "wide_decompression_needed=yes",
    "stenosis=severe",
    "facet_removed=75%",
    "conservative_systematic=yes",
    "conservative_duration=8 months",
    "conservative_result=ineffective",
)


def flowing(text: str) -> str:
    """A text without its line breaks."""
    return " ".join(text.split())


def test_a_grade_of_power_is_not_read_as_a_share() -> None:
    result = run("assess", "--full", "motor_grade=5/6")
    assert result.status == 2
    assert "motor_grade: '5/6' is a share, not a number" in result.err
    assert "expected 0 .. 5" in result.err
    assert 'Read as: motor_grade 5 (written "5/5")' in run("assess", "--full", "motor_grade=5/5").out


def test_a_word_for_a_value_is_shown_with_the_value_read() -> None:
    out = flowing(
        run("assess", "--full", str(PATIENTS / "fourteen-weeks.yaml"), "leg_pain=Left", "patient_request=requests").out
    )
    assert 'Read as: leg_pain one_side (written "left")' in out
    assert "patient_request requests (written" not in out


def test_a_panel_is_not_presumed_none_with_a_member_that_was_given() -> None:
    out = run("assess", "--full", "cancer_history=yes").out
    assert "the other red_flags none" in out
    assert out.count("red_flags none") == out.count("the other red_flags none")


def test_a_default_policy_that_an_answer_rests_on_is_shown() -> None:
    week = (
        "severity=moderate",
        "serious_effect=no",
        "patient_request=neutral",
        "conservative_duration=4 weeks",
        "continuous_treatment_duration=10 days",
        "continuous_relief=no",
        "conservative_result=partial",
    )
    everything = str(PATIENTS / "everything-known.yaml")
    by_default = run("assess", "--full", everything, *week).out
    assert "Site policy, by default: indication_policy ladder" in by_default
    assert "another policy of the site could" in flowing(by_default)
    stated = run("assess", "--full", everything, *week, "indication_policy=ladder").out
    assert "Site policy" not in stated
    assert "No further information would change this step or raise an alert." in flowing(stated)


def test_no_width_of_the_terminal_silences_an_answer() -> None:
    for columns in (0, 1, 20):
        assert "Urgent referral" in run("assess", "--full", "saddle_numbness=yes", columns=columns).out


def test_an_excluded_step_is_shown_by_an_argument_that_is_known_to_hold() -> None:
    answer = json.loads(run("assess", *WIDE_DECOMPRESSION, "--format", "json").out)
    step = next(step for step in answer["ladder"] if step["step"] == "minimally_invasive")
    known = [argument["title"] for argument in step["against"] if argument["status"] == "holds"]
    presumed = [argument["title"] for argument in step["against"] if argument["status"] == "open"]
    assert step["status"] == "excluded"
    assert presumed
    out = flowing(run("assess", "--full", *WIDE_DECOMPRESSION, columns=200).out)
    assert known[0] in out
    assert not any(f"Minimally invasive surgery excluded {title}" in out for title in presumed)


def test_combinations_that_are_not_all_shown_say_so() -> None:
    patient = ("age=16", "continuous_treatment_duration=10 days", "continuous_relief=no", "severity=severe")
    answer = json.loads(run("assess", *patient, "--format", "json").out)
    cut = [
        possible["step"] for possible in answer["possible"] if not possible["complete"] and len(possible["if"][0]) > 1
    ]
    assert cut
    assert "and others" in run("assess", "--full", *patient).out


def test_earlier_steps_are_shown_as_in_the_answer() -> None:
    out = flowing(run("why-not", FOURTEEN_WEEKS, "non_fusion_implant").out)
    assert "Earlier steps are available, given what is assumed: Minimally invasive surgery, Open decompression." in out
    assert "Earlier steps are open" not in out


def test_why_not_goes_down_to_what_a_clinician_can_answer_through_alternatives() -> None:
    out = flowing(run("why-not", FOURTEEN_WEEKS, "red_flag_to_clear").out)
    assert "History of cancer: not known (no is assumed)" in out


def test_a_rule_that_does_not_apply_is_shown_by_its_title() -> None:
    out = run("why", FOURTEEN_WEEKS, "recurrence").out
    assert "does not apply: " in out


def test_where_nothing_is_known_the_headline_is_what_to_find_out() -> None:
    for words in ((), ("mis_equipment=no",)):
        shown = run("assess", "--full", *words).out
        first, second, *_ = shown.splitlines()
        assert first == "Not enough is recorded"
        assert second == "  No finding about the patient is recorded. Ask first:"
        assert "Assumed as usual in everything: conservative treatment" in shown
        assert "Red flags: Is any of these present?" in shown.splitlines()[2]
    assert run("assess", "--full", "age=40").out.startswith("Conservative treatment ")


def test_what_is_given_as_unknown_is_shown_apart_from_what_is_not_recorded() -> None:
    shown = run("assess", "--full", str(PATIENTS / "fourteen-weeks.yaml"), "fever=unknown", "instability=unknown").out
    assert shown.startswith(
        "Not enough is recorded\n  Said to be unknown, and could call for another step first: fever."
    )
    assert "\n  Given as unknown: fever, instability\n" in shown
    assert "Assumed, though given as unknown\n  fever no; instability no\n" in shown
    unmentioned = shown[shown.index("Assumed, because not recorded") : shown.index("Assumed, though")]
    assert "the other red_flags none" in unmentioned
    assert "instability" not in unmentioned
    assert not run("assess", "--full", str(PATIENTS / "fourteen-weeks.yaml"), "instability=unknown").out.startswith(
        "Not enough"
    )


def test_certain_alone_means_that_no_alert_is_open_either() -> None:
    everything = str(PATIENTS / "everything-known.yaml")
    assert re.search("(?m) certain$", run("assess", "--full", everything).out)
    left = run("assess", "--full", everything, "pregnant=unknown").out
    assert re.search("(?m) step certain$", left.splitlines()[0])
    assert "what would raise an alert Pregnancy pregnant yes" in flowing(left)
    assert "No further information would change this step, but another policy" in flowing(left)
