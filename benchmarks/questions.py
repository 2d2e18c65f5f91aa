"""How many questions a consultation asks, against asking in the vocabulary's order and stopping when certain.

An answer is certain when neither the step nor an alert can change; a certain emergency waits for no alert.

Run ``.venv/bin/python -m benchmarks.questions`` from the repository; it takes some minutes, with ``--patients N`` less.
Both ways start with nothing said and stop as soon as the answer is certain; a panel is one question, answered whole.
In the vocabulary's order, a panel is at the place of the first of its members, and neither a follow-up whose condition
is false nor a finding whose value is forced is asked.

The patients are complete and permitted. Findings are drawn in the vocabulary's order, each among the cells that the
constraints leave after those before it. Policies with a default keep it, as a consultation does not ask for them.

- *near the usual*: every finding has its usual value, but with a probability of 1/20 (or where the constraints exclude
  it) another cell, all alike; without a usual value, all cells are alike;
- *uniform*: all cells are alike;
- *uniform, panels clear*: the same, but that to every panel the answer is "none of these". (Where all cells are alike,
  some red flag is nearly always there, and the panel alone settles the answer.)
"""

from __future__ import annotations

import argparse
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from random import Random
from statistics import mean, median, quantiles
from time import perf_counter, process_time

from expert import read_knowledge
from expert.answer.assess import Reasoner
from expert.answer.consult import ConsultationTurns
from expert.lang.definitions import over_inputs
from expert.lang.facts import Patient
from expert.lang.premises import Concluded
from expert.lang.values import Facts, Value
from expert.logic.cells import Cell
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from expert.solve.case_split import can_hold, certain_step, is_certain

UNUSUAL = 1 / 20
PATIENTS = 1000

Took = list[tuple[float, float]]
"""Seconds by the clock and of the processor."""

Draw = Callable[[Random, Domain, str, Sequence[Cell]], Value]


# --- the patients -----------------------------------------------------------------------------------------------------


def near_the_usual(random: Random, domain: Domain, name: str, cells: Sequence[Cell]) -> Value:
    usual = domain.usual.get(name)
    others = [cell for cell in cells if not cell.holds(usual)]
    if usual is None or len(others) == len(cells):
        return random.choice(cells).value
    return random.choice(others).value if others and random.random() < UNUSUAL else usual


def uniform(random: Random, domain: Domain, name: str, cells: Sequence[Cell]) -> Value:  # noqa: ARG001
    return random.choice(cells).value


def uniform_with_clear_panels(random: Random, domain: Domain, name: str, cells: Sequence[Cell]) -> Value:
    for panel in domain.kb.panels.values():
        if name in panel.members:
            return panel.members[name]
    return uniform(random, domain, name, cells)


DISTRIBUTIONS: dict[str, Draw] = {
    "near the usual": near_the_usual,
    "uniform": uniform,
    "uniform, panels clear": uniform_with_clear_panels,
}


def complete_patients(domain: Domain, draw: Draw, seed: int) -> Iterator[dict[str, Value]]:
    """Complete patients without end, permitted and plausible."""
    random = Random(seed)
    while True:
        facts: dict[str, Value] = {}
        for name, finding in domain.kb.inputs.items():
            cells = [cell for cell in domain.cells[name] if domain.permitted({**facts, name: cell.value})]
            facts[name] = finding.default if finding.default is not None else draw(random, domain, name, cells)
        if not domain.plausibility.refuses(facts):
            yield facts


# --- the two ways to ask ----------------------------------------------------------------------------------------------


def consult(reasoner: Reasoner, facts: Facts, took: Took) -> int:
    """How many questions a consultation asks; the time from each answer to the next question is noted."""
    consultation = ConsultationTurns(reasoner, Patient({}))
    count = 0
    question = consultation.question()
    while question is not None:
        count += 1
        start = perf_counter(), process_time()
        consultation.answer({name: facts[name] for name in question.findings})
        question = consultation.question()
        took.append((perf_counter() - start[0], process_time() - start[1]))
    assert consultation.certain() == recommended(reasoner, facts)
    return count


def in_order(reasoner: Reasoner, facts: Facts) -> int:
    """How many questions are asked in the vocabulary's order until the answer is certain."""
    domain = reasoner.domain
    known = domain.background({}).known
    after = [known]
    for name, finding in domain.kb.inputs.items():
        evaluation = Evaluation(domain.definitions, known)
        condition = finding.asked_if and over_inputs(finding.asked_if, domain.kb)
        if name in known or (condition is not None and evaluation.evaluate(condition) is False):
            continue
        together = next((panel.members for panel in domain.kb.panels.values() if name in panel.members), (name,))
        known = domain.background({**known, **{member: facts[member] for member in together}}).known
        after.append(known)
    return bisect_left(after, True, key=lambda known: settled(domain, Evaluation(domain.definitions, known)))


def settled(domain: Domain, known: Evaluation) -> bool:
    """Whether the step is certain, and each alert unless that is an emergency."""
    step = certain_step(domain, known)
    if step is None:
        return False
    emergency = domain.kb.steps[step].gate and not domain.kb.steps[step].meanwhile
    alerts = domain.definitions.alerts
    return emergency or all(
        is_certain(domain, known, it) or not can_hold(domain, known, Concluded(it)) for it in alerts
    )


def recommended(reasoner: Reasoner, facts: Facts) -> str | None:
    evaluation = Evaluation(reasoner.definitions, facts)
    return next((step for step in reasoner.kb.steps if evaluation.concluded(("recommended", step))), None)


# --- what is printed --------------------------------------------------------------------------------------------------


def main() -> None:
    """Print the numbers of questions and the times."""
    parser = argparse.ArgumentParser(description="How many questions a consultation asks.")
    parser.add_argument("--patients", type=int, default=PATIENTS, help="random patients of each distribution")
    patients = parser.parse_args().patients
    start = perf_counter()
    reasoner = Reasoner(read_knowledge())
    ConsultationTurns(reasoner, Patient({})).question()
    print(f"{patients} complete patients of each distribution: {reasoner.kb.title}")
    print(f"first question, knowledge read and compiled: {1000 * (perf_counter() - start):.0f} ms\n")
    took: Took = []
    print(f"{'questions':24}{'':28}median    mean   90 %")
    for seed, (title, draw) in enumerate(DISTRIBUTIONS.items()):
        drawn = list(islice(complete_patients(reasoner.domain, draw, seed), patients))
        ours = [consult(reasoner, facts, took) for facts in drawn]
        theirs = [in_order(reasoner, facts) for facts in drawn]
        show(title, "consultation", ours)
        show("", "in the vocabulary's order", theirs)
        print(f"{'':24}{'ratio':26}{median(ours) / median(theirs):8.2f}{mean(ours) / mean(theirs):8.2f}")
    print(f"\nfrom an answer to the next question, {len(took)} times")
    for title, seconds in zip(("by the clock", "of the processor"), zip(*took, strict=True), strict=True):
        print(f"  {title:18}{times(seconds)}")


def show(title: str, way: str, counts: Sequence[int]) -> None:
    """Print a line."""
    print(f"{title:24}{way:26}{median(counts):8.1f}{mean(counts):8.2f}{percentile(counts, 90):7.1f}", flush=True)


def times(seconds: Sequence[float]) -> str:
    """The median, the 99th percentile and the greatest of some times."""
    figures = {"median": median(seconds), "99 %": percentile(seconds, 99), "most": max(seconds)}
    return ", ".join(f"{name} {1000 * each:.1f} ms" for name, each in figures.items())


def percentile(numbers: Sequence[float], percent: int) -> float:
    """A percentile, the nearest two interpolated."""
    return quantiles(numbers, n=100, method="inclusive")[percent - 1]


if __name__ == "__main__":
    main()
