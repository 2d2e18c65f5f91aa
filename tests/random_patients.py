"""Random patients: from nothing known to everything known, and always possible."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from random import Random

from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment
from expert.lang.facts import Patient
from expert.lang.values import Value

SHARES = (0.02, 0.1, 0.25, 0.5, 0.8, 1.0)


def random_patients(reasoner: Reasoner, count: int, seed: int) -> Iterator[Patient]:
    """Patients who break no constraint and are not refused; the seed makes them the same in every run."""
    random = Random(seed)
    for _ in range(count):
        facts = _facts(reasoner, random, random.choice(SHARES))
        while not reasoner.domain.permitted({**_defaults(reasoner), **facts}):
            del facts[random.choice([name for name in facts if name in reasoner.domain.constrained])]
        facts = _plausible(reasoner, random, facts)
        yield Patient(facts, {name: reasoner.domain.write(name, value) for name, value in facts.items()})


@cache
def assessments(reasoner: Reasoner, seed: int = 0, count: int = 50) -> tuple[Assessment, ...]:
    """The answers for some random patients, worked out once in each process."""
    return tuple(map(reasoner.assess, random_patients(reasoner, count, seed)))


def _facts(reasoner: Reasoner, random: Random, share: float) -> dict[str, Value]:
    """Each finding is known with a probability, and then half the time has its usual value."""
    facts: dict[str, Value] = {}
    for name, finding in reasoner.kb.inputs.items():
        if random.random() < share:
            some = random.choice(reasoner.domain.cells[name]).value
            facts[name] = finding.usual if finding.usual is not None and random.random() < 0.5 else some
    return facts


def _plausible(reasoner: Reasoner, random: Random, facts: dict[str, Value]) -> dict[str, Value]:
    """The facts with values that are not refused, without a finding or two where there are none."""
    refusing = {name for it in reasoner.kb.plausible if it.level == "error" for name in it.findings}
    while (found := reasoner.domain.plausible(facts)) is None:
        left_out = random.choice(sorted(facts.keys() & refusing))
        facts = {name: value for name, value in facts.items() if name != left_out}
    return dict(found)


def _defaults(reasoner: Reasoner) -> dict[str, Value]:
    inputs = reasoner.kb.inputs.values()
    return {finding.name: finding.default for finding in inputs if finding.default is not None}
