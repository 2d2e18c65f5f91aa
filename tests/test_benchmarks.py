"""The benchmarks compare what answers alike, and write what they find."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.answers import UnequalAnswersError, answer_of, assert_equal_answers, goals, reference
from benchmarks.bench import SEED
from benchmarks.measure import Work, exponent, ratio, take_turns
from benchmarks.patients import Pool, Settled, facts_of, settled, some_patients
from benchmarks.peers import CLIPS, OURS, PYTHON, RETE, ZEN, Truths, build, installed
from benchmarks.peers.columns import HandWritten, floor
from benchmarks.report import Ratio, Section, figure, page
from benchmarks.ways import assert_equal_columns, settled_rows
from expert import read_knowledge
from expert.answer.assess import Reasoner
from expert.logic.kleene import Evaluation
from tests.conftest import REPOSITORY

PATIENTS = 40
DAY = date(2026, 11, 23)


@pytest.fixture(scope="module", params=["knowledge", "tests/other_ladder", "tests/garden"])
def some_reasoner(request: pytest.FixtureRequest) -> Reasoner:
    return Reasoner(read_knowledge(REPOSITORY / request.param))


@pytest.fixture(scope="module")
def pool(reasoner: Reasoner) -> Pool:
    return Pool(reasoner.domain, SEED)


@pytest.mark.parametrize("name", [OURS, CLIPS, ZEN, PYTHON])
def test_a_peer_concludes_what_the_reference_does(name: str, some_reasoner: Reasoner) -> None:
    if name not in installed():
        pytest.skip(f"{name} is not installed: pip install -e .[bench]")
    definitions = some_reasoner.definitions
    names = tuple(definitions.premises)
    peer = build(name, definitions, names)
    for patient in some_patients(some_reasoner, PATIENTS, SEED):
        evaluations = Evaluation(definitions, patient.known), Evaluation(definitions, patient.all)
        assert peer.conclude(patient) == tuple(tuple(map(it.concluded, names)) for it in evaluations)


def test_stock_experta_answers_as_the_reference_does(reasoner: Reasoner) -> None:
    names = goals(reasoner.kb)
    peer = build(RETE, reasoner.definitions, names)
    (patient,) = some_patients(reasoner, 1, SEED)
    assert answer_of(reasoner.definitions, names, peer.conclude(patient)) == reference(reasoner.definitions, patient)


def test_hand_written_polars_concludes_what_the_reference_does(reasoner: Reasoner, pool: Pool) -> None:
    definitions = reasoner.definitions
    names = tuple(definitions.premises)
    known = pool.frames(PATIENTS, SEED).known
    truths = HandWritten(definitions).truths(known.lazy(), names).collect()
    for row, facts in zip(truths.rows(), facts_of(known), strict=True):
        assert row == tuple(map(Evaluation(definitions, facts).concluded, names))


def test_the_ways_by_columns_answer_as_one_patient_at_a_time(reasoner: Reasoner, pool: Pool) -> None:
    assert_equal_columns(reasoner, pool.frames(PATIENTS, SEED + 1))


def test_a_peer_that_answers_otherwise_stops_everything(reasoner: Reasoner) -> None:
    class Silent:
        def conclude(self, patient: Settled) -> tuple[Truths, Truths]:  # noqa: ARG002
            nothing = (None,) * len(names)
            return nothing, nothing

    names = goals(reasoner.kb)
    patients = some_patients(reasoner, 3, SEED)
    with pytest.raises(UnequalAnswersError, match="silence finds "):
        assert_equal_answers("silence", Silent(), reasoner.definitions, names, patients)


def test_rows_are_patients_whom_the_constraints_permit_with_their_presumptions(reasoner: Reasoner, pool: Pool) -> None:
    frames = pool.frames(200, SEED)
    for facts, patient in zip(facts_of(frames.given), settled_rows(frames, 200), strict=True):
        assert settled(reasoner.domain.background(facts)) == patient


def test_the_same_seed_gives_the_same_rows(reasoner: Reasoner, pool: Pool) -> None:
    again = Pool(reasoner.domain, SEED).given(50, 7)
    assert again.equals(pool.given(50, 7))
    assert not again.equals(pool.given(50, 8))


def test_the_floor_writes_the_columns_of_the_answers(pool: Pool) -> None:
    given = pool.given(101, SEED)
    assert floor(given, given).equals(given)


def test_works_take_turns() -> None:
    done: list[str] = []
    works = {name: Work(partial(done.append, name), 4) for name in "ab"}
    timed = take_turns(works, 2, least=0)
    assert done == ["a", "b", "a", "b", "a", "b"]
    assert {name: len(took) for name, took in timed.items()} == {"a": 2, "b": 2}


def test_a_ratio_is_the_median_of_the_turns() -> None:
    assert ratio({"one": [2.0, 90.0, 6.0], "other": [1.0, 9.0, 2.0]}, "one", "other") == 3


def test_an_exponent_is_the_power_of_the_growth() -> None:
    assert exponent({size: 5 * size**1.5 for size in (1, 10, 100)}) == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("number", "written"), [(0.000123456, "0.000123"), (-0.05, "-0.05"), (2.0, "2"), (20_123_456.7, "20,123,457")]
)
def test_figures_have_three_digits_that_matter(number: float, written: str) -> None:
    assert figure(number) == written


def test_the_page_says_of_every_ratio_whether_it_is_as_wanted() -> None:
    ratios = [Ratio("fast", 16, least=15), Ratio("slow", 2.5, most=2), Ratio("told", 3)]
    lines = page([Section("First", "Text.", ratios)], "A machine", "python -m benchmarks", DAY).splitlines()
    assert "| fast | 16 | at least 15 | yes |" in lines
    assert "| slow | 2.5 | at most 2 | **no** |" in lines
    assert "| told | 3 |  |  |" in lines
    assert lines.index("## Ratios") < lines.index("## First")


def test_a_quick_run_writes_its_table_and_plots_where_it_is_asked_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = ["--turns", "1", "--rows", "500", "1000", "--rules", "1", "2", "--patients", "1"]
    main(["--quick", "--only", "rules", "cohort", "patients", *sizes, "--out", str(tmp_path)])
    assert capsys.readouterr().out == f"{tmp_path / 'RESULTS.md'}\n"
    text = (tmp_path / "RESULTS.md").read_text("utf-8")
    assert all(f"## {title}" in text for title in ("Ratios", "Growth with the rules", "Cohort in memory"))
    assert {file.name for file in (tmp_path / "plots").iterdir()} == {"rules.svg", "rates.svg", "patients.svg"}
