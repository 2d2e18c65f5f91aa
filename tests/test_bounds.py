"""A bound is accepted if it settles every comparison of its finding, and implies what holds for every value within."""

from __future__ import annotations

import copy
import json
import pickle
from itertools import pairwise, product
from math import inf, nextafter
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expert import KnowledgeBase, read_knowledge
from expert.answer.assess import Reasoner
from expert.answer.near_threshold import near_thresholds
from expert.lang.errors import NotAValueError
from expert.lang.facts import Patient
from expert.lang.premises import Compare
from expert.lang.units import write_value
from expert.lang.values import Bound, Bounds, Facts
from expert.lang.vocabulary import Finding, Kind
from expert.logic.cells import comparisons_of
from expert.logic.kleene import COMPARISONS
from expert.read.bound import read_bounds, settles
from expert.read.patient import PatientReader
from expert.read.value import ValueReader
from tests.malformed import BASE, run

PATIENT = "knowledge/patients/fourteen-weeks.yaml"
KB = read_knowledge()
GARDEN = read_knowledge(BASE)
REASONER = Reasoner(KB)


def about(kb: KnowledgeBase, name: str, text: str) -> Bound | str:
    """The bound that a text means, or the message about its fault."""
    try:
        value = ValueReader(kb).read(name, text).value
    except NotAValueError as error:
        return str(error)
    assert isinstance(value, Bound)
    return value


# --- forms ------------------------------------------------------------------------------------------------------------

DURATION = KB.inputs["conservative_duration"]
HIGH = DURATION.high


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        (">3 months", (91.3125, HIGH, True, False)),
        ("more than 3 months", (91.3125, HIGH, True, False)),
        ("Over 2 weeks", (14.0, HIGH, True, False)),
        ("at  least 4 weeks", (28.0, HIGH, False, False)),
        (">= 4 weeks", (28.0, HIGH, False, False)),
        ("\N{GREATER-THAN OR EQUAL TO}4 weeks", (28.0, HIGH, False, False)),
        ("under 6 weeks", (0.0, 42.0, False, True)),
        ("< 6 weeks", (0.0, 42.0, False, True)),
        ("up to 6 weeks", (0.0, 42.0, False, False)),
        ("at most 6 weeks", (0.0, 42.0, False, False)),
        ("3-4 weeks", (21.0, 28.0, False, False)),
        ("3 \N{EN DASH} 4 weeks", (21.0, 28.0, False, False)),
        ("3 to 4 weeks", (21.0, 28.0, False, False)),
        ("10 days to 4 weeks", (10.0, 28.0, False, False)),
        ("between 3 and 4 weeks", (21.0, 28.0, False, False)),
        ("1e1-2e1 days", (10.0, 20.0, False, False)),
    ],
)
def test_the_forms_of_a_bound(text: str, bounds: tuple[float, float, bool, bool]) -> None:
    assert read_bounds(DURATION, text) == Bounds(*bounds)


@pytest.mark.parametrize("text", ["1e-5 weeks", "-3 weeks", "3 weeks", "about 3 weeks", "3 - ", "> ", "2020-01-05"])
def test_other_texts_are_not_bounds(text: str) -> None:
    assert read_bounds(DURATION, text) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("4-3 weeks", "conservative_duration: no value lies within '4-3 weeks'"),
        ("> 50 years", "conservative_duration: no value lies within '> 50 years'"),
        ("< 0 weeks", "conservative_duration: no value lies within '< 0 weeks'"),
        ("> 60 years", "conservative_duration: '60 years' is out of range"),
        (">3", "conservative_duration: '3' has no unit"),
        ("3-4", "conservative_duration: '3' has no unit"),
        ("3 weeks-4", "conservative_duration: '3 weeks-4' has no unit at its end"),
        ("3-4 months", "conservative_duration: '3-4 months' spans 3 months, and the answer may depend on the side"),
        (
            "at least 1 day",
            "conservative_duration: 'at least 1 day' spans 1 week and 6 weeks and 3 months, "
            "and the answer may depend on the side",
        ),
    ],
)
def test_a_rejected_bound_is_reported_with_the_threshold(text: str, message: str) -> None:
    assert about(KB, "conservative_duration", text) == message


def test_a_bound_is_shown_as_given(tmp_path: Path) -> None:
    given = "conservative_duration=>3 months"
    answer = json.loads(run("assess", PATIENT, given, "--format", "json").out)
    exact = json.loads(run("assess", PATIENT, "--format", "json").out)
    assert answer["given"]["conservative_duration"] == ">3 months"
    assert (answer["recommended"], answer["answer"]) == (exact["recommended"], exact["answer"])
    assert "(given: >3 months)" in run("why", PATIENT, given, "surgically_indicated").out
    page = str(tmp_path / "page.md")
    for command, *words in (("assess",), ("change",), ("enough",), ("report", "-o", page, "--format", "markdown")):
        result = run(command, PATIENT, given, *words)
        assert (result.status, result.err) == (0, "")
        text = result.out + (Path(page).read_text("utf-8") if words else "")
        assert not any(figure in text for figure in ("9176", "9177", "25.1"))  # of its representative


def test_a_bound_can_be_copied_pickled_and_written() -> None:
    bound = Bound(100.5, ">3 months", Bounds(91.3125, 18262.5, low_open=True))
    for other in (copy.deepcopy(bound), pickle.loads(pickle.dumps(bound))):
        assert (other, other.written, other.bounds) == (100.5, ">3 months", bound.bounds)
    assert write_value(DURATION, bound) == ">3 months"


def test_a_bound_around_the_value_of_a_panel_does_not_contradict_it() -> None:
    result = run("assess", "motor_grade=>=5", "red_flags=none", "--format", "json")
    assert result.status == 0
    assert json.loads(result.out)["given"]["motor_grade"] == ">=5"
    assert run("assess", "--full", "motor_grade=<3", "red_flags=none").status == 2


# --- what a bound settles ---------------------------------------------------------------------------------------------


@given(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.booleans(), st.booleans()),
    st.sampled_from(sorted(COMPARISONS)),
    st.integers(0, 6),
)
def test_a_bound_settles_a_comparison_exactly_if_all_its_numbers_agree(
    ends: tuple[int, int, bool, bool], operator: str, threshold: int
) -> None:
    bounds = Bounds(float(ends[0]), float(ends[1]), *ends[2:])
    near = [nextafter(float(it), to) for it in range(7) for to in (-inf, inf)]
    within = [
        number for number in (*near, *map(float, range(7)), *(it + 0.5 for it in range(7))) if bounds.holds(number)
    ]
    truths = {COMPARISONS[operator](number, float(threshold)) for number in within}
    if within:
        assert settles(bounds, Compare("f", operator, float(threshold), "")) is (len(truths) == 1)
        assert bounds.number() in within or bounds.holds(bounds.number())


def texts(finding: Finding, numbers: list[float]) -> list[str]:
    """Bounds at and between some numbers of a finding."""
    amounts = [write_value(finding, number) for number in numbers]
    one = [f"{sign}{amount}" for sign, amount in product((">", ">=", "<", "<="), amounts)]
    return one + [f"{low} to {high}" for low, high in product(amounts, amounts)]


@pytest.mark.parametrize("kb", [KB, GARDEN], ids=["backs", "garden"])
def test_a_bound_is_accepted_exactly_if_it_straddles_no_threshold(kb: KnowledgeBase) -> None:
    taken = refused = 0
    comparisons = comparisons_of(kb)
    for name, finding in kb.inputs.items():
        if finding.kind is not Kind.QUANTITY:
            continue
        own = comparisons.get(name, [])
        marks = sorted({finding.low, finding.high, *(it.threshold for it in own)})
        marks += [(low + high) / 2 for low, high in pairwise(marks)]
        near = [*marks, *(nextafter(it, to) for it in marks for to in (-inf, inf))]
        for text in texts(finding, marks):
            found = about(kb, name, text)
            if isinstance(found, str) and "spans" not in found:
                continue
            bounds = read_bounds(finding, text)
            assert bounds is not None
            within = [number for number in near if bounds.holds(number)] or [bounds.number()]
            open_ones = {
                it.written for it in own if len({COMPARISONS[it.operator](x, it.threshold) for x in within}) > 1
            }
            if isinstance(found, Bound):
                taken += 1
                assert not open_ones
                assert bounds.holds(float(found))
            else:
                refused += 1
                assert open_ones
                assert all(written in found for written in list(open_ones)[:1] if len(open_ones) == 1)
    assert taken > 20
    assert refused > 20


@pytest.mark.parametrize("seed", range(12))
def test_a_bound_and_every_value_within_it_have_the_same_answer(seed: int) -> None:
    reasoner = REASONER
    rng, kb = Random(seed), reasoner.kb
    finding = rng.choice([it for it in kb.inputs.values() if it.kind is Kind.QUANTITY])
    marks = sorted({finding.low, finding.high, *reasoner.domain.thresholds.get(finding.name, ())})
    marks += [(low + high) / 2 for low, high in pairwise(marks)]
    found = [(text, it) for text in texts(finding, marks) if isinstance(it := about(kb, finding.name, text), Bound)]
    text, bound = rng.choice(found)
    bounds = read_bounds(finding, text)
    assert bounds is not None
    facts = dict.fromkeys(rng.sample([n for n, it in kb.inputs.items() if it.kind is Kind.YES_NO], 3), True)
    within = [x for mark in marks for x in (mark, nextafter(mark, inf), nextafter(mark, -inf)) if bounds.holds(x)]
    answers = {
        observed(reasoner, {**facts, finding.name: value})
        for value in (bound, *rng.sample(within, min(4, len(within))))
    }
    assert len(answers) == 1


def observed(reasoner: Reasoner, facts: Facts) -> str:
    """The observables of an answer except the value itself, or that the patient is impossible."""
    from expert.lang.errors import PatientError

    try:
        it = reasoner.assess(Patient(facts))
    except PatientError:
        return "impossible"
    steps = [(step.step, step.status, step.presumed_status) for step in it.ladder]
    notices = [(notice.name, notice.status, notice.presumed_status) for notice in (*it.alerts, *it.advice)]
    forced = sorted(it.background.forced.items())
    return repr(
        (it.answer, it.recommended, steps, notices, it.presumed_findings, it.decisive, forced, it.background.presumed)
    )


# --- values near a threshold ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (["conservative_duration=92 days"], [("conservative_duration", "92 days", "3 months")]),
        (["conservative_duration=13 weeks"], [("conservative_duration", "13 weeks", "3 months")]),
        (["conservative_duration=3 months"], [("conservative_duration", "3 months", "3 months")]),
        (["conservative_duration=93 days"], []),
        (["conservative_duration=6 weeks"], []),
        (["conservative_duration=>3 months"], []),
        (["facet_removed=67 %"], [("facet_removed", "67 %", "2/3")]),
        (["facet_removed=0.51"], []),
        (["motor_grade=3"], []),
        (["age=17.5"], [("age", "17.5 years", "18 years")]),
        (["age=18"], []),
    ],
)
def test_a_value_within_its_resolution_of_a_threshold_is_noted(
    words: list[str], near: list[tuple[str, str, str]]
) -> None:
    patient = PatientReader(KB).patient(None, words)
    found = near_thresholds(REASONER.domain, patient.facts)
    assert [(it.finding, patient.written[it.finding], it.threshold) for it in found] == near


@pytest.mark.parametrize("facts", [("facet_removed=67 %",), ("facet_removed=70 %",)])
def test_a_near_value_is_noted_in_the_text_the_json_and_the_report(tmp_path: Path, facts: tuple[str, ...]) -> None:
    near = facts == ("facet_removed=67 %",)
    result = json.loads(run("assess", *facts, "--format", "json").out)["near_thresholds"]
    note = {"finding": "facet_removed", "given": "67 %", "threshold": "2/3", "resolution": "0.01"}
    assert result == [note] * near
    text = " ".join(run("assess", "--full", *facts).out.split())
    assert ("Check: facet_removed 67 % is within 0.01 of the threshold 2/3" in text) is near
    for form in ("html", "markdown"):
        page = tmp_path / f"page.{form}"
        run("report", *facts, "--format", form, "-o", str(page))
        assert ("67 % is within 0.01 of the threshold 2/3" in page.read_text("utf-8")) is near


def test_presumed_and_concluded_values_have_no_note() -> None:
    assert json.loads(run("assess", "--format", "json").out)["near_thresholds"] == []
