"""Knowledge that is merely large: what is done for an answer grows with the number of what is written, no faster."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable
from datetime import date
from functools import partial
from io import StringIO
from itertools import pairwise
from pathlib import Path
from random import Random
from time import sleep

import polars as pl
import pytest

from expert import read_knowledge
from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment
from expert.answer.decisive import Deviations
from expert.check.check import check
from expert.columns.assess import Cohort
from expert.lang.facts import Patient
from expert.logic.kleene import Evaluation
from expert.logic.network import Kept
from expert.render.answer import write_answer
from expert.render.progress import told_soon
from expert.render.terminal import Terminal
from tests.large import SHAPES, write_large
from tests.small_ladder import rule, small_ladder, yes_no
from tests.strategies import random_facts, small_domain

TODAY = date(2026, 1, 1)

NUMBER = 400


def calls(work: Callable[[], object]) -> int:
    """How many functions are called, those of the language itself among them."""
    profile = cProfile.Profile()
    profile.runcall(work)
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


def answered(folder: Path) -> Assessment:
    """The answer where nothing is given, written out."""
    reasoner = Reasoner(read_knowledge(folder))
    answer = reasoner.assess(Patient({}))
    write_answer(Terminal(StringIO()), reasoner.domain, answer, TODAY)
    return answer


@pytest.mark.parametrize("shape", SHAPES)
def test_an_answer_takes_work_that_grows_with_the_knowledge(shape: str, tmp_path: Path) -> None:
    """Twice as much of one kind takes about twice as many calls, from the files to what is written."""
    answered(write_large(tmp_path / "first", shape, 20))  # what is done but once is done
    some, more = (
        calls(partial(answered, write_large(tmp_path / str(number), shape, number))) for number in (NUMBER, 2 * NUMBER)
    )
    assert more < 2.3 * some


@pytest.mark.parametrize("shape", ["findings", "pairs"])
def test_a_check_takes_work_that_grows_with_the_knowledge(shape: str, tmp_path: Path) -> None:
    """Twice as many rules for one conclusion take about twice as many calls, proofs included."""
    checked = partial(check, today=TODAY)
    checked(write_large(tmp_path / "first", shape, 20))  # what is done but once is done
    some, more = (calls(partial(checked, write_large(tmp_path / str(number), shape, number))) for number in (80, 160))
    assert more < 2.3 * some


@pytest.mark.parametrize("seed", range(40))
def test_truths_that_are_kept_are_those_of_the_reference(seed: int) -> None:
    """However often values change, become unknown again, and change back."""
    rng = Random(seed)
    domain = small_domain(rng)
    start = random_facts(domain, rng)
    kept = Kept(domain.network, start)
    for _ in range(25):
        values = random_facts(domain, rng) if rng.random() < 0.5 else {}
        kept.change(values)
        reference = Evaluation(domain.definitions, {**start, **values})
        assert all(kept.concluded(name) is reference.concluded(name) for name in domain.network.places)


@pytest.mark.parametrize("seed", range(60))
def test_a_search_that_asks_for_no_reasons_finds_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """How the findings that may lead on are found decides how long it takes, never what is found."""
    rng = Random(seed)
    domain = small_domain(rng, constrained=seed % 2 == 0)
    found = []
    for few in (0, 1000):
        monkeypatch.setattr("expert.answer.decisive.FEW", few)
        background = domain.possible_background(random_facts(domain, Random(seed))) or domain.background({})
        found.append(Deviations(domain, background, Evaluation(domain.definitions, background.all)).minimal(most=2))
    assert list(found[0].items()) == list(found[1].items())


def test_what_takes_long_says_what_it_does_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line on standard error; nothing if it is quick, or if there is no terminal."""
    with told_soon("being quick"):
        pass
    monkeypatch.setattr("expert.render.progress.SOON", 0.0)
    with told_soon("without a terminal"):
        sleep(0.05)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with told_soon("the answer is being worked out"):
        sleep(0.2)
    assert capsys.readouterr().err == "the answer is being worked out ...\n"


def test_proofs_tell_how_many_are_made(tmp_path: Path) -> None:
    """Before each, with the number of all."""
    told: list[tuple[int, int]] = []
    proofs = check(write_large(tmp_path, "findings", 5), today=TODAY, watch=lambda *it: told.append(it)).proofs
    assert told == [(number, len(proofs)) for number in range(len(proofs))]


def test_a_long_chain_of_presumptions_is_not_worked_out_one_within_another(tmp_path: Path) -> None:
    """Of 300 findings each excludes the next: every other one is presumed, and a table is answered so."""
    names = [f"f{index}" for index in range(300)]
    kb = small_ladder(
        tmp_path,
        findings=dict.fromkeys(names, yes_no("yes")),
        constraints={f"c{index}": list(pair) for index, pair in enumerate(pairwise(names))},
        rules={"r": rule("f298", "supports a"), "s": rule("always", "supports b")},
        steps={"a": {}, "b": {}},
    )
    answers = Cohort(kb).answers(pl.DataFrame({"f0": [None, False]}, schema={"f0": pl.Boolean}))
    assert answers["recommended"].to_list() == ["a", "b"]
