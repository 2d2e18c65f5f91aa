"""How long an answer takes where little is known, and so much could change it.

Run ``.venv/bin/python -m benchmarks.sparse`` from the repository; it takes a minute, with ``--patients N`` less. Of
each patient so many findings are given, drawn at random; each then has its usual value half the time, or else that of
any of its cells. Times are of the processor, of a whole assessment and of the first question of a consultation.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from itertools import islice
from random import Random
from time import process_time

from benchmarks.questions import percentile
from expert import read_knowledge
from expert.answer.assess import Reasoner
from expert.answer.consult import ConsultationTurns
from expert.lang.facts import Patient
from expert.lang.values import Value
from expert.logic.domain import Domain

GIVEN = (0, 3, 6, 10, 20, 40)
PATIENTS = 100
SHOWN = (50, 95, 100)
"""The percentiles that are shown."""


def sparse_patients(domain: Domain, given: int, seed: int) -> Iterator[dict[str, Value]]:
    """Possible and plausible patients of whom so many findings are given, without end."""
    random = Random(seed)
    while True:
        facts: dict[str, Value] = {}
        for name in domain.in_order(random.sample(list(domain.cells), given)):
            usual, cell = domain.usual.get(name), random.choice(domain.cells[name])
            facts[name] = cell.value if usual is None or random.random() < 0.5 else usual
        if domain.possible_background(facts) is not None and not domain.plausibility.refuses(facts):
            yield facts


def main() -> None:
    """Print the times."""
    parser = argparse.ArgumentParser(description="How long an answer takes where little is known.")
    parser.add_argument("--patients", type=int, default=PATIENTS, help="random patients of each number of facts")
    count = parser.parse_args().patients
    reasoner = Reasoner(read_knowledge())
    works: dict[str, Callable[[Patient], object]] = {
        "assessment": reasoner.assess,
        "next question": lambda patient: ConsultationTurns(reasoner, patient).question(),
    }
    print(f"{count} patients of each number of facts given: {reasoner.kb.title}\n")
    print(f"{'':16}{'facts':>6}{''.join(f'{percent} %'.rjust(12) for percent in SHOWN)}")
    for title, work in works.items():
        work(Patient({}))  # what is done but once
        every: list[float] = []
        for given in GIVEN:
            patients = map(Patient, islice(sparse_patients(reasoner.domain, given, given), count))
            took = [_seconds(work, patient) for patient in patients]
            every += took
            _show(title, str(given), took)
        _show(title, "all", every)


def _seconds(work: Callable[[Patient], object], patient: Patient) -> float:
    start = process_time()
    work(patient)
    return process_time() - start


def _show(title: str, given: str, took: list[float]) -> None:
    shown = [percentile(took, percent) if percent < 100 else max(took) for percent in SHOWN]
    print(f"{title:16}{given:>6}{''.join(f'{1000 * it:9.1f} ms' for it in shown)}", flush=True)


if __name__ == "__main__":
    main()
