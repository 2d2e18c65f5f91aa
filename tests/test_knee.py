"""Step care of knee osteoarthritis: a ladder that was made by the tutorial passes whatever knowledge is held to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from expert import read_knowledge
from expert.answer.assess import Reasoner
from expert.page.to_script import script
from expert.read.cases import case_files, read_cases
from tests.command_line import run
from tests.conftest import REPOSITORY
from tests.page_identity import QuickJs, differences, expected, found, texts
from tests.running_cases import run_case

FOLDER = REPOSITORY / "tests" / "knee"
KNEE = read_knowledge(FOLDER)
WORKED = sorted((FOLDER / "patients").glob("*.yaml"))


@pytest.fixture(scope="module")
def knee() -> Reasoner:
    return Reasoner(KNEE)


def answer(*words: str) -> dict[str, Any]:
    ran = run("assess", *words, "--knowledge", str(FOLDER), "--format", "json")
    assert ran.status == 0, ran.err
    read: dict[str, Any] = json.loads(ran.out)
    return read


@pytest.mark.parametrize(
    "words",
    [("check", str(FOLDER), "--fail-on", "note"), ("fmt", "--check"), ("test", "--coverage", "--fail-under", "100")],
    ids=["check", "fmt", "test"],
)
def test_no_check_of_the_knowledge_finds_a_fault(words: tuple[str, ...]) -> None:
    ran = run(*words, *(() if words[0] == "check" else ("--knowledge", str(FOLDER))))
    assert ran.status == 0, ran.out + ran.err


def test_it_is_of_the_size_of_a_guideline() -> None:
    assert len(KNEE.rules) >= 25
    assert len(KNEE.steps) == 6
    assert {score.name for score in KNEE.concluded.values() if score.points} == {"acr_criteria", "wells_dvt"}
    assert {option.standing for option in KNEE.options.values()} == {"supported", "optional", "not_recommended"}


def test_the_engine_concludes_what_the_cases_expect(knee: Reasoner) -> None:
    results = [run_case(knee, case) for case in read_cases(KNEE, case_files(KNEE))[::3]]
    assert [(it.case.name, it.failures) for it in results if it.failures] == []


@pytest.mark.parametrize(
    ("patient", "step", "alerts"),
    [
        ("begins", "core_treatment", []),
        ("exercised", "medicines", []),
        ("fall", "urgent_referral", ["knee_fracture"]),
        ("hot-knee", "urgent_referral", ["septic_arthritis"]),
        ("swollen-leg", "urgent_referral", ["leg_thrombosis"]),
        ("weak-kidneys", "knee_injection", []),
        ("worn-knee", "joint_replacement_referral", []),
        ("young-footballer", "core_treatment", []),
    ],
)
def test_a_worked_patient_gets_the_step_and_the_alerts(patient: str, step: str, alerts: list[str]) -> None:
    said = answer(f"{FOLDER}/patients/{patient}.yaml")
    assert said["recommended"] == step
    assert [it["alert"] for it in said["alerts"] if it["presumed_status"] == "holds"] == alerts


def test_no_worked_patient_is_left_out() -> None:
    assert len(WORKED) == 8


def test_guidance_that_differs_is_shown_with_what_it_concerns() -> None:
    said = answer(f"{FOLDER}/patients/weak-kidneys.yaml")
    notes = {it["option"]: [(note["note"], note["verified"]) for note in it["guidance"]] for it in said["options"]}
    assert notes["knee_injection.hyaluronan"] == [("hyaluronan-elsewhere", False)]
    assert notes["knee_injection.corticosteroid"] == []


def test_what_guidance_does_not_recommend_is_never_merely_on_offer() -> None:
    patient = f"{FOLDER}/patients/exercised.yaml"
    why = run("why", patient, "medicines.strong_opioid", "--knowledge", str(FOLDER), columns=200).out
    assert why.startswith("Strong opioid is on offer with its step, though current guidance does not recommend it; ")
    changed = run("what-if", f"{FOLDER}/patients/weak-kidneys.yaml", "egfr=60", "--knowledge", str(FOLDER), columns=200)
    assert "not on offer -> on offer: Oral NSAID; Paracetamol (not recommended); " in changed.out


def test_why_names_what_takes_points_off_by_its_title() -> None:
    why = run("why", f"{FOLDER}/patients/swollen-leg.yaml", "wells_dvt", "--knowledge", str(FOLDER), columns=200).out
    assert "not (Swollen calf or leg: yes and Another cause is as likely: yes) (-2 points)" in why
    assert "other_cause_likely" not in why


def test_a_fever_leaves_a_hot_knee_open() -> None:
    said = answer("fever=yes", "recent_injury=no")
    assert said["answer"] == "open"
    assert set(said["not_presumed"]) == {"hot_swollen_knee", "knee_warm"}


def test_the_page_answers_as_the_program_does(knee: Reasoner) -> None:
    page = QuickJs(script(KNEE))
    for case in read_cases(KNEE, case_files(KNEE))[::5]:
        facts = {name: value for name, value in case.patient.facts.items() if name in KNEE.inputs}
        answered = page.call("assess", texts(knee.domain, facts), [])
        assert differences(expected(knee, facts), found(answered)) == [], case.name


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("page", "-o", "ladder.html"), "ladder.html"),
        (("docs", "-o", "pages"), "pages/index.html"),
        (("report", str(WORKED[0]), "-o", "report.html"), "report.html"),
    ],
    ids=["page", "docs", "report"],
)
def test_what_is_written_speaks_of_the_knee_and_not_of_spines(
    words: tuple[str, ...], names: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run(*words, "--knowledge", str(FOLDER))
    assert ran.status == 0, ran.err
    text = (tmp_path / names).read_text(encoding="utf-8").lower()
    assert "knee osteoarthritis" in text
    assert [word for word in ("spine", "spinal", "lumbar", "herniation", "conservative") if word in text] == []
