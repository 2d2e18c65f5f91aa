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

import polars as pl
import pytest

from expert import read_knowledge
from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment
from expert.check.check import check
from expert.columns.cohort_reasoner import CohortReasoner
from expert.lang.facts import Patient
from expert.render.full_answer import write_full_answer
from expert.render.terminal import Terminal
from tests.large import SHAPES, write_large
from tests.small_ladder import rule, small_ladder, yes_no

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
    write_full_answer(Terminal(StringIO()), reasoner.domain, answer, TODAY)
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


def test_proofs_report_how_many_are_made(tmp_path: Path) -> None:
    """Before each, with the number of all."""
    shown: list[tuple[int, int]] = []
    proofs = check(write_large(tmp_path, "findings", 5), today=TODAY, watch=lambda *it: shown.append(it)).proofs
    assert shown == [(number, len(proofs)) for number in range(len(proofs))]


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
    answers = CohortReasoner(kb).answers(pl.DataFrame({"f0": [None, False]}, schema={"f0": pl.Boolean}))
    assert answers["recommended"].to_list() == ["a", "b"]
