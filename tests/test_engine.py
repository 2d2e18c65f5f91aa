"""The engine: what it records, in what order, and at what cost."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from random import Random

import pytest

from expert.answer.assess import Reasoner
from expert.engine.engine import Inference
from expert.engine.matcher import CountingMatcher
from expert.engine.record import Justification, Record
from expert.engine.to_experta import clauses, compile_clauses, compile_rules
from expert.lang.definitions import Definitions
from expert.lang.errors import KnowledgeError, PatientError
from expert.lang.model import Conclusion
from expert.lang.premises import Concluded, Is, Literal
from expert.lang.values import Facts
from expert.lang.vocabulary import Kind
from expert.logic.kleene import Evaluation
from tests.conftest import REPOSITORY
from tests.strategies import contradictory, finding, knowledge, random_facts, rule, small_domain

HASH_SEEDS = ("0", "1", "2", "3", "random")
MATCHERS = ("counting", "rete")


# --- what is recorded -------------------------------------------------------------------------------------------------


def holds(record: Record, evaluation: Evaluation, part: Literal | Concluded) -> bool | None:
    """The truth of a part of a justification: a premise, a definition, or a nested part with its own fact."""
    return record.truth(part.name) if isinstance(part, Concluded) else evaluation.evaluate(part)


@pytest.mark.parametrize("seed", range(3))
def test_presuming_in_the_same_working_memory_agrees_with_a_fresh_run(seed: int, reasoner: Reasoner) -> None:
    rng = Random(f"presuming {seed}")
    for _ in range(20):
        given = random_facts(reasoner.domain, rng)
        try:
            background = reasoner.domain.background(given)
        except PatientError:
            continue
        known, presumed = reasoner.inference.run_presuming(background.known, background.presumed)
        for record, facts in ((known, background.known), (presumed, background.all)):
            fresh = reasoner.inference.run(facts)
            assert record.facts == fresh.facts
            assert {name: set(found) for name, found in record.justifications.items()} == {
                name: set(found) for name, found in fresh.justifications.items()
            }


@pytest.mark.parametrize("seed", range(3))
def test_every_part_of_a_justification_holds(seed: int, reasoner: Reasoner) -> None:
    rng = Random(seed)
    for _ in range(10):
        facts = random_facts(reasoner.domain, rng)
        record, evaluation = reasoner.inference.run(facts), Evaluation(reasoner.definitions, facts)
        for name, justifications in record.justifications.items():
            for it in justifications:
                assert (it.conclusion, it.truth) == (name, record.truth(name))
                assert all(holds(record, evaluation, part) is truth for part, truth in it.because)


@pytest.mark.parametrize("seed", range(3))
def test_every_justification_is_recorded_once(seed: int) -> None:
    rng = Random(seed)
    for _ in range(10):
        domain = small_domain(rng)
        evaluation = Evaluation(domain.definitions, random_facts(domain, rng))
        if not contradictory(evaluation):
            record = Inference(domain.definitions).run(evaluation.facts)
            found = [it for justifications in record.justifications.values() for it in justifications]
            expected = [
                it
                for it in clauses(domain.definitions)
                if all(holds(record, evaluation, part) is truth for part, truth in it.because)
            ]
            assert sorted(map(str, found)) == sorted(map(str, expected))


def test_every_rule_that_holds_is_a_reason() -> None:
    rules = [rule(name, [Is(name, True)], [Conclusion("supports", "one")]) for name in ("ache", "cough", "blush")]
    definitions = Definitions(knowledge([finding(it.id) for it in rules], rules))
    record = Inference(definitions).run({"ache": True, "cough": False, "blush": True})
    assert record.justifications[("supports", "one")] == [
        Justification(("supports", "one"), True, ((Concluded(("rule", name)), True),)) for name in ("ache", "blush")
    ]


def test_a_record_keeps_the_facts_as_they_were_given() -> None:
    definitions = Definitions(knowledge([finding("ache")], []))
    facts: dict[str, bool | str | float] = {"ache": True}
    record = Inference(definitions).run(facts)
    facts["ache"] = False
    assert record.facts == {"ache": True}


# --- one patient after another ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("matcher", MATCHERS)
def test_nothing_of_one_patient_reaches_the_next(matcher: str) -> None:
    rng = Random(5)
    domain = small_domain(rng)
    while any(contradictory(Evaluation(domain.definitions, random_facts(domain, rng))) for _ in range(30)):
        domain = small_domain(rng)
    patients = [random_facts(domain, rng) for _ in range(6)]
    used = Inference(domain.definitions, matcher)
    for facts in [*patients, *reversed(patients)]:
        assert used.run(facts) == Inference(domain.definitions, matcher).run(facts)


KIND = finding("kind", Kind.CHOICE, values=("near", "far"), concluded=True)


@pytest.mark.parametrize("matcher", MATCHERS)
def test_two_values_of_a_concluded_choice_are_an_error_for_that_patient_alone(matcher: str) -> None:
    rules = [
        rule("near", [Is("ache", True)], [Conclusion("finding", "kind", "near")]),
        rule("far", [Is("cough", True)], [Conclusion("finding", "kind", "far")]),
    ]
    inference = Inference(Definitions(knowledge([finding("ache"), finding("cough"), KIND], rules)), matcher)
    for _ in range(2):
        with pytest.raises(KnowledgeError, match=r"both prove and refute 'kind (near|far)' for this patient"):
            inference.run({"ache": True, "cough": True})
        record = inference.run({"cough": True})
        assert record.truth(("finding", "kind", "far")) is True
        assert record.truth(("finding", "kind", "near")) is False
        assert record.truth(("rule", "near")) is None


# --- what holds for all patients --------------------------------------------------------------------------------------


def test_what_holds_for_all_patients_is_concluded_once_with_its_reasons(reasoner: Reasoner) -> None:
    always = compile_clauses(reasoner.definitions).always
    record, evaluation = reasoner.inference.run({}), Evaluation(reasoner.definitions, {})
    assert {name: list(found) for name, found in always.items()} == record.justifications
    assert {name for name in reasoner.definitions.premises if evaluation.concluded(name) is not None} <= always.keys()


def test_a_patient_may_contradict_what_holds_for_all_patients() -> None:
    """One rule proves a value always, another rule a second value from a fact: only patients with it are refused."""
    rules = [
        rule("near", [], [Conclusion("finding", "kind", "near")]),
        rule("far", [Is("cough", True)], [Conclusion("finding", "kind", "far")]),
    ]
    inference = Inference(Definitions(knowledge([finding("cough"), KIND], rules)))
    assert inference.run({"cough": False}).truth(("finding", "kind", "near")) is True
    with pytest.raises(KnowledgeError, match="both prove and refute"):
        inference.run({"cough": True})
    assert inference.run({}).truth(("finding", "kind", "near")) is True


def test_two_rules_that_always_contradict_each_other_refuse_every_patient() -> None:
    rules = [rule(value, [], [Conclusion("finding", "kind", value)]) for value in ("near", "far")]
    inference = Inference(Definitions(knowledge([finding("cough"), KIND], rules)))
    for facts in ({}, {"cough": True}):
        with pytest.raises(KnowledgeError, match="both prove and refute"):
            inference.run(facts)


# --- order ------------------------------------------------------------------------------------------------------------


def test_each_rule_has_its_own_salience(reasoner: Reasoner) -> None:
    saliences = [rule.salience for rule in compile_rules(compile_clauses(reasoner.definitions).waiting)]
    assert saliences == sorted(saliences, reverse=True)
    assert len(set(saliences)) == len(saliences)


TRACE = """
import sys
from random import Random
from expert import read_knowledge
from expert.answer.assess import Reasoner
from tests.strategies import random_facts
reasoner = Reasoner(read_knowledge(), sys.argv[1])
for _ in range(2):
    print(list(reasoner.inference.run(random_facts(reasoner.domain, Random(1))).justifications.items()))
"""


def output(seed: str, *arguments: str) -> bytes:
    """What a Python process prints with a hash seed."""
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=REPOSITORY, capture_output=True, check=True, timeout=300
    )
    return done.stdout


def test_the_trace_is_the_same_in_every_process_and_with_either_matcher() -> None:
    traces = {output(seed, "-c", TRACE, matcher) for seed, matcher in zip(HASH_SEEDS, [*MATCHERS] * 2, strict=False)}
    assert len(traces) == 1
    assert len(traces.pop()) > 10_000


def test_an_assessment_has_the_same_bytes_in_every_process() -> None:
    command = ("-m", "expert", "assess", "knowledge/patients/fourteen-weeks.yaml", "--format", "json")
    answers = {output(seed, *command) for seed in HASH_SEEDS}
    assert len(answers) == 1
    assert b'"recommended": "minimally_invasive"' in answers.pop()


@pytest.mark.parametrize("enabled", [True, False])
def test_garbage_collection_is_restored_after_a_run_even_if_it_fails(enabled: bool) -> None:
    rules = [rule(value, [Is("ache", True)], [Conclusion("finding", "kind", value)]) for value in ("near", "far")]
    inference = Inference(Definitions(knowledge([finding("ache"), KIND], rules)))
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        inference.run({"ache": False})
        assert gc.isenabled() is enabled
        with pytest.raises(KnowledgeError):
            inference.run({"ache": True})
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()


# --- cost -------------------------------------------------------------------------------------------------------------


class Touched(list[object]):
    """A list that counts the items that are read."""

    looked_at = 0

    def __iter__(self) -> Iterator[object]:
        for item in super().__iter__():
            Touched.looked_at += 1
            yield item


def touches(inference: Inference, facts: Facts) -> tuple[int, int]:
    """How many patterns a run reads, and how many there are."""
    inference.run({})
    engine = inference._idle[-1]
    matcher = engine.matcher
    assert isinstance(matcher, CountingMatcher)
    for shapes in matcher.waiting.values():
        for _, waiting in shapes.values():
            waiting |= {key: Touched(tried) for key, tried in waiting.items()}
    Touched.looked_at = 0
    inference.run(facts)
    return Touched.looked_at, sum(map(len, matcher.rules))


def test_a_run_reads_no_pattern_twice(reasoner: Reasoner) -> None:
    rng = Random(2)
    for _ in range(5):
        facts = random_facts(reasoner.domain, rng)
        looked_at, patterns = touches(Inference(reasoner.definitions), facts)
        assert 0 < looked_at <= patterns


@pytest.mark.parametrize("length", [10, 20, 40])
def test_the_cost_of_a_chain_of_rules_grows_with_its_length(length: int) -> None:
    names = [f"f{index}" for index in range(length)]
    chain = [
        rule(f"to-{after}", [Is(before, True)], [Conclusion("finding", after)]) for before, after in pairwise(names)
    ]
    kb = knowledge([finding("f0"), *(finding(name, concluded=True) for name in names[1:])], chain)
    inference = Inference(Definitions(kb))
    looked_at, patterns = touches(inference, {"f0": True})
    assert inference.run({"f0": True}).truth(("finding", names[-1])) is True
    assert looked_at <= patterns <= 10 * length + 20


def test_the_matcher_refuses_facts_that_are_taken_back(reasoner: Reasoner) -> None:
    inference = Inference(reasoner.definitions)
    inference.run({"pregnant": True})
    assert inference._idle
    with pytest.raises(ValueError, match="only ever added"):
        inference._idle[-1].retract(1)
