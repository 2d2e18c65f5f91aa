"""The script of the page answers as Python does: truths, statuses, step, certainty, arguments and what could change."""

from __future__ import annotations

import os
from contextlib import suppress
from random import Random

import pytest

from expert import KnowledgeBase, read_knowledge
from expert.answer.assess import Reasoner
from expert.lang.errors import ContradictionError
from expert.lang.values import Bound, Facts
from expert.page.to_script import script
from expert.read.cases import case_files, read_cases
from expert.read.patient import PatientReader
from tests.conftest import REPOSITORY
from tests.page_engines import Engine
from tests.page_identity import QuickJs, differences, expected, found, texts, truths
from tests.strategies import random_facts, small_knowledge

PATIENTS = int(os.environ.get("PAGE_PATIENTS", "120"))
SEEDS = 6
TINY = 1e-300
"""Numbers below are smaller than any that is given, and too small for the last digit of a quotient."""


@pytest.fixture(scope="module")
def page(kb: KnowledgeBase) -> QuickJs:
    return QuickJs(script(kb))


def patient_of(reasoner: Reasoner, rng: Random) -> tuple[Facts, list[str]]:
    """Many facts, or a few; and some findings that are given as unknown."""
    facts = random_facts(reasoner.domain, rng)
    if rng.random() < 0.6:
        facts = {name: facts[name] for name in rng.sample(list(facts), min(len(facts), rng.randint(0, 8)))}
    facts = {name: value for name, value in facts.items() if not isinstance(value, float) or not 0 < value < TINY}
    share = 0.05 if rng.random() < 0.3 else 0
    return facts, [name for name in reasoner.kb.inputs if name not in facts and rng.random() < share]


def disagreements(reasoner: Reasoner, page: Engine, facts: Facts, unknown: list[str]) -> list[str]:
    """Where the script differs from Python for one patient."""
    given = texts(reasoner.domain, facts)
    if truths(reasoner.domain, facts) != page.call("truths", given):
        return ["truths"]
    answer = page.call("assess", given, unknown)
    return differences(expected(reasoner, facts, unknown), found(answer))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_answer_for_any_patient_is_that_of_python(reasoner: Reasoner, page: QuickJs, seed: int) -> None:
    for number in range(PATIENTS // SEEDS):
        facts, unknown = patient_of(reasoner, Random(seed + SEEDS * number))
        assert disagreements(reasoner, page, facts, unknown) == [], (facts, unknown)


def test_so_is_that_for_the_patients_of_all_cases(reasoner: Reasoner, page: QuickJs) -> None:
    cases = read_cases(reasoner.kb, case_files(reasoner.kb))
    in_numbers = [it for it in cases if not any(isinstance(value, Bound) for value in it.patient.facts.values())]
    assert len(in_numbers) > 0.9 * len(cases)
    for case in in_numbers:
        facts = {name: value for name, value in case.patient.facts.items() if name in reasoner.kb.inputs}
        assert disagreements(reasoner, page, facts, list(case.patient.unknown)) == [], case.name


def test_what_is_unknown_counts_for_each_gate_apart(reasoner: Reasoner, page: QuickJs) -> None:
    assert disagreements(reasoner, page, {}, ["leg_weakness", "inflammatory_markers_raised"]) == []


def test_so_is_what_several_unknown_findings_could_lead_to(reasoner: Reasoner, page: QuickJs) -> None:
    for number in range(12):
        rng = Random(f"unknown {number}")
        facts, _ = patient_of(reasoner, rng)
        unknown = [name for name in reasoner.kb.inputs if name not in facts and rng.random() < 0.12]
        assert disagreements(reasoner, page, facts, unknown) == [], (facts, unknown)


def test_so_is_that_for_the_worked_patients(reasoner: Reasoner, page: QuickJs) -> None:
    files = sorted((REPOSITORY / "knowledge" / "patients").glob("*.yaml"))
    patients = [PatientReader(reasoner.kb).patient(str(path)) for path in files]
    in_numbers = [it for it in patients if not any(isinstance(value, Bound) for value in it.facts.values())]
    assert len(in_numbers) > 0.8 * len(patients)
    for patient in in_numbers:
        facts = {name: value for name, value in patient.facts.items() if name in reasoner.kb.inputs}
        assert disagreements(reasoner, page, facts, list(patient.unknown)) == [], patient


def test_so_is_that_with_the_policies_of_a_site(kb: KnowledgeBase, reasoner: Reasoner) -> None:
    site: Facts = {"mis_equipment": True, "indication_policy": "any_failure"}
    page = QuickJs(script(kb, site))
    for number in range(15):
        facts, _ = patient_of(reasoner, Random(f"site {number}"))
        patient = {name: value for name, value in facts.items() if name not in site}
        answer = page.call("assess", texts(reasoner.domain, patient), [])
        assert differences(expected(reasoner, {**site, **patient}), found(answer)) == [], patient


@pytest.mark.parametrize("folder", ["other_ladder", "garden"])
def test_so_is_that_for_another_ladder(folder: str) -> None:
    kb = read_knowledge(REPOSITORY / "tests" / folder)
    reasoner, page = Reasoner(kb), QuickJs(script(kb))
    for number in range(40):
        facts, unknown = patient_of(reasoner, Random(number))
        assert disagreements(reasoner, page, facts, unknown) == [], (facts, unknown)


@pytest.mark.parametrize("seed", range(60))
def test_so_is_that_for_any_small_knowledge(seed: int) -> None:
    kb = small_knowledge(Random(seed), constrained=seed % 2 == 1)
    reasoner, page = Reasoner(kb), QuickJs(script(kb))
    for number in range(8):
        facts, unknown = patient_of(reasoner, Random(1000 * seed + number))
        with suppress(ContradictionError):  # of random rules, which may conclude two values
            assert disagreements(reasoner, page, facts, unknown) == [], (facts, unknown)


def test_the_script_is_the_same_each_time_and_small(kb: KnowledgeBase) -> None:
    text = script(kb)
    assert text == script(read_knowledge())
    assert len(text.encode()) < 205_000
    assert "<" not in text[text.rindex("})(") :]
