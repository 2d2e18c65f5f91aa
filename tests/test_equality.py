"""experta concludes exactly what the reference meaning does, unknowns included.

experta's own matcher takes about half a second a patient, so fewer are tried with it.
"""

from __future__ import annotations

import os
from random import Random

import pytest

from expert import KnowledgeBase
from expert.answer.assess import Reasoner
from expert.engine.engine import Inference
from expert.lang.definitions import Definitions
from expert.lang.values import Facts
from expert.logic.kleene import Evaluation
from tests.strategies import random_facts

PATIENTS, CHUNK = 10_000, 500
RETE_PATIENTS, RETE_CHUNK = int(os.environ.get("RETE_PATIENTS", "60")), 5
"""How many patients go through experta's own matcher, which is slow; ``make equality`` takes 1,000."""


def assert_equal(inference: Inference, evaluation: Evaluation) -> None:
    """The engine's truths are the reference's, name by name."""
    record = inference.run(evaluation.facts)
    for name in evaluation.definitions.premises:
        assert record.truth(name) is evaluation.concluded(name), name


@pytest.mark.parametrize("seed", range(PATIENTS // CHUNK))
def test_the_engine_equals_the_reference_on_random_patients(seed: int, reasoner: Reasoner) -> None:
    rng = Random(f"equality {seed}")
    for _ in range(CHUNK):
        assert_equal(reasoner.inference, Evaluation(reasoner.definitions, random_facts(reasoner.domain, rng)))


@pytest.fixture(scope="module")
def rete(kb: KnowledgeBase) -> Inference:
    """The shipped knowledge on experta's own matcher."""
    return Inference(Definitions(kb), "rete")


@pytest.mark.parametrize("seed", range(RETE_PATIENTS // RETE_CHUNK))
def test_experta_s_own_matcher_equals_the_reference_on_random_patients(
    seed: int, reasoner: Reasoner, rete: Inference
) -> None:
    rng = Random(f"rete {seed}")
    for _ in range(RETE_CHUNK):
        assert_equal(rete, Evaluation(reasoner.definitions, random_facts(reasoner.domain, rng)))


@pytest.mark.parametrize("seed", range(2))
def test_both_matchers_leave_the_same_justifications_in_the_same_order(
    seed: int, reasoner: Reasoner, rete: Inference
) -> None:
    rng = Random(f"order {seed}")
    for _ in range(2):
        facts: Facts = random_facts(reasoner.domain, rng)
        counted, matched = reasoner.inference.run(facts), rete.run(facts)
        assert list(counted.justifications.items()) == list(matched.justifications.items())
