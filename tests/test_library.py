"""The package as a library: few public names, short reprs, silence, threads, pickling."""

from __future__ import annotations

import copy
import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

import expert
from expert import Answer, ExpertSystem, read_knowledge
from expert.answer.assess import Reasoner
from expert.lang.facts import Patient
from expert.lang.premises import Concluded
from expert.logic.domain import Domain
from expert.solve.formulas import formulas_of
from tests.conftest import REPOSITORY
from tests.random_patients import random_patients

WORKED = str(REPOSITORY / "knowledge" / "patients" / "fourteen-weeks.yaml")
ROOFS = REPOSITORY / "tests" / "other_ladder"
PATIENTS = int(os.environ.get("EXPERT_THREADED_PATIENTS", "600"))
THREADS = 8

In = TypeVar("In")
Out = TypeVar("Out")


@pytest.fixture(scope="module")
def system() -> ExpertSystem:
    return expert.load()


# --- the public names


def test_dir_shows_the_public_names_in_order_and_each_is_there() -> None:
    assert dir(expert) == sorted(expert.__all__)
    assert expert.__all__ == sorted(set(expert.__all__))
    assert all(getattr(expert, name) for name in expert.__all__)
    assert all(getattr(expert, name).__doc__ for name in expert.__all__ if name != "__version__")


def test_another_name_is_an_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Reasoner'"):
        vars(expert)["__getattr__"]("Reasoner")


def test_importing_the_package_imports_nothing_else() -> None:
    code = "import sys; before = set(sys.modules); import expert; print(sorted(set(sys.modules) - before))"
    reported = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "expert." not in reported
    assert not {"yaml", "experta", "z3", "polars"} & set(eval(reported))


# --- reprs


def test_whatever_a_program_gets_is_shown_on_one_short_line(system: ExpertSystem) -> None:
    answer = system.assess(WORKED)
    what_if = system.what_if(answer, {"stenosis": "severe"})
    consultation = system.consult(WORKED)
    question = consultation.question()
    assert question
    change = system.change(answer)
    shown: list[object] = [system, system.knowledge, answer, answer.patient, answer.background, answer.record]
    shown += [*answer.ladder, *answer.options, *answer.alerts, *answer.ladder[2].supports]
    shown += [system.why(answer, name) for name in (*system.knowledge.steps, "severity")]
    shown += [what_if, *what_if.changed, *what_if.turned, change, *change.ways]
    shown += [enough := system.enough(answer), enough.reasons]
    shown += [consultation, consultation.stakes(question)]
    for it in shown:
        text = repr(it)
        assert text.startswith(f"<{type(it).__name__}: ")
        assert "\n" not in text
        assert len(text) < 200


def test_an_answer_is_shown_by_what_matters_most(system: ExpertSystem) -> None:
    assert repr(system.assess(WORKED)) == "<Answer: provisional, minimally_invasive, 8 given>"
    assert repr(Patient({"age": 45.0})) == "<Patient: 1 given>"


# --- silence


@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG])
@pytest.mark.parametrize("matcher", ["counting", "rete"])
def test_an_answer_logs_and_prints_nothing(
    level: int, matcher: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    kb = read_knowledge(ROOFS)
    with caplog.at_level(level):
        Reasoner(kb, matcher).assess(Patient({"rot": True}))
        system = ExpertSystem(kb)
        answer = system.assess({"rot": True})
        system.why(answer, "recover")
        system.consult().question()
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def test_what_others_log_is_as_they_configured_it() -> None:
    code = (
        "import logging, experta\n"
        "experta.watch('RULES', level=logging.INFO)\n"
        "logging.root.handlers.clear()\n"
        "logging.basicConfig(level=logging.WARNING)\n"
        "before = logging.root.level, list(logging.root.handlers)\n"
        "import expert; expert.load()\n"
        "assert before == (logging.root.level, logging.root.handlers)\n"
        "assert logging.getLogger('experta.watchers.RULES').level == logging.INFO\n"
    )
    shim = "import collections, collections.abc; collections.Mapping = collections.abc.Mapping\n"
    subprocess.run([sys.executable, "-c", shim + code], check=True)


# --- threads


@contextmanager
def switching_often() -> Iterator[None]:
    """Threads take turns a hundred times as often as they do by default."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(interval / 100)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


def in_threads(ask: Callable[[In], Out], questions: list[In]) -> list[Out]:
    with switching_often(), ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(ask, questions))


def test_eight_threads_answer_as_one() -> None:
    system = expert.load(ROOFS)
    patients = [dict(it.written) for it in random_patients(system._reasoner, PATIENTS, 1)]
    assert in_threads(system.assess, patients) == list(map(expert.load(ROOFS).assess, patients))


def test_eight_threads_ask_one_solver() -> None:
    kb = read_knowledge()
    facts = [it.facts for it in random_patients(Reasoner(kb), 40, 2)]
    goals = [Concluded(("recommended", step)) for step in kb.steps]

    def possible(domain: Domain) -> Callable[[object], list[bool]]:
        return lambda known: [formulas_of(domain).satisfiable(known, goal) for goal in goals]  # type: ignore[arg-type]

    one, shared = (Reasoner(kb).domain for _ in range(2))
    assert in_threads(possible(shared), facts) == list(map(possible(one), facts))


def test_eight_threads_ask_what_is_enough_and_why() -> None:
    def asked(system: ExpertSystem, facts: dict[str, str]) -> list[object]:
        return [system.enough(facts), system.why(facts, "patch"), system.why(facts, "recover")]

    shared, one = expert.load(ROOFS), expert.load(ROOFS)
    patients = [dict(it.written) for it in random_patients(one._reasoner, 30, 4)]
    assert in_threads(lambda it: asked(shared, it), patients) == [asked(one, it) for it in patients]


def test_eight_threads_consult_one_system() -> None:
    def asked(system: ExpertSystem, start: int) -> list[object]:
        consultation = system.consult()
        questions: list[object] = []
        for _ in range(5):
            question = consultation.question()
            questions.append(question)
            for place, name in enumerate(question.findings if question else ()):
                usual = system.knowledge.findings[name].usual_written or None
                consultation.answer({name: usual if (start + place) % 3 else None})
        return questions

    shared, one = expert.load(ROOFS), expert.load(ROOFS)
    assert in_threads(lambda start: asked(shared, start), list(range(16))) == [asked(one, it) for it in range(16)]


def test_an_engine_that_runs_is_given_to_no_one_else() -> None:
    inference = expert.load(ROOFS)._reasoner.inference
    first, second = inference._taken(), inference._taken()
    assert first is not second
    inference.run({})
    assert inference._idle
    assert not {id(first), id(second)} & set(map(id, inference._idle))


# --- pickling and copying


def again(it: In) -> In:
    copied: In = pickle.loads(pickle.dumps(it))
    return copied


COPIES: list[Callable[[object], object]] = [again, copy.copy, copy.deepcopy]


@pytest.mark.parametrize("copied", COPIES, ids=["pickle", "copy", "deepcopy"])
def test_answers_survive_a_round_trip(system: ExpertSystem, copied: Callable[[object], object]) -> None:
    answer = system.assess(WORKED)
    for it in (
        answer,
        system.why(answer, "conservative"),
        system.what_if(answer, {"stenosis": "severe"}),
        system.change(answer),
        system.enough(answer),
    ):
        other = copied(it)
        assert type(other) is type(it)
        assert other == it
        assert isinstance(other, type(it))
        assert other.to_json() == it.to_json()


@pytest.mark.parametrize("copied", COPIES, ids=["pickle", "copy", "deepcopy"])
def test_what_is_loaded_answers_the_same_after_a_round_trip(copied: Callable[[object], object]) -> None:
    system = expert.load(ROOFS, site={"scaffold": False})
    other = copied(system)
    assert isinstance(other, ExpertSystem)
    assert repr(other) == repr(system)
    knowledge = copied(system.knowledge)
    assert isinstance(knowledge, expert.KnowledgeBase)
    assert tuple(knowledge) == tuple(system.knowledge)
    patients = list(random_patients(system._reasoner, 20, 3))
    expected = [system.assess(dict(it.written)) for it in patients]
    assert [other.assess(dict(it.written)) for it in patients] == expected
    assert [copied(it) for it in patients] == patients
    third = ExpertSystem(knowledge, {"scaffold": False})
    assert [third.assess(dict(it.written)) for it in patients] == expected


def test_another_process_answers_the_same(system: ExpertSystem, tmp_path: Path) -> None:
    answer = system.assess(WORKED)
    (tmp_path / "pickle").write_bytes(pickle.dumps((system, answer)))
    code = (
        "import pickle, sys\n"
        "system, answer = pickle.load(open(sys.argv[1], 'rb'))\n"
        "assert system.assess(sys.argv[2]) == answer\n"
        "print(answer.to_json())\n"
    )
    words = [sys.executable, "-c", code, str(tmp_path / "pickle"), WORKED]
    reported = subprocess.run(words, capture_output=True, text=True, check=True)
    assert reported.stdout == f"{answer.to_json()}\n"
    assert reported.stderr == ""
    assert isinstance(answer, Answer)
