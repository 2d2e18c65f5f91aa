"""Compares ``expert enough`` with brute force over the completions of a patient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment
from expert.answer.enough import sufficient_reasons
from tests.fuzz.trial import Differences, Trial

MOST = 1000


def enough(trial: Trial) -> Differences:
    """Check that the reported sets are all least sets of facts that force the recommended step."""
    reasoner = Reasoner(trial.kb)
    for number, wanted in trial.each():
        step = wanted.conclusions["recommended"]
        assessment = reasoner.assess(trial.read[number])
        reasons = sufficient_reasons(reasoner, assessment, MOST)
        if (reasons.step if reasons else None) != step:
            yield f"of {trial.patients[number]}: reasons for {reasons and reasons.step}, and the step is {step}"
        elif reasons:
            reported = {frozenset(it.finding for it in (*one.given, *one.presumed)) for one in reasons.sets}
            least = set(_least(trial, _facts(trial, assessment), step))
            if reported != least or reasons.number != len(least):
                sets = (sorted(map(sorted, it)) for it in (reported, least))
                yield "of {}: reported as enough: {}, and should be: {}".format(trial.patients[number], *sets)
            idle = {it.finding for it in reasons.idle}
            given = {*assessment.background.given, *assessment.background.defaults} & {*trial.meaning.inputs}
            if idle != given.difference(*least):
                yield f"of {trial.patients[number]}: {idle} should be {given.difference(*least)}"


def _facts(trial: Trial, assessment: Assessment) -> dict[str, str]:
    """The given facts, the defaults and, unless the answer is certain, the presumed facts; as texts."""
    its = assessment.background
    presumed = {} if assessment.answer == "certain" else its.presumed
    facts = {**its.given, **its.defaults, **presumed}
    return {name: trial.domain.write(name, value) for name, value in facts.items() if name in trial.meaning.inputs}


def _least(trial: Trial, facts: Mapping[str, str], step: str) -> Iterator[frozenset[str]]:
    """All sets of facts that force a step and have no proper subset that does."""
    found: list[frozenset[str]] = []
    for size in range(len(facts) + 1):
        names = [set(it) for it in combinations(facts, size) if not any(part <= set(it) for part in found)]
        patients = [{name: text for name, text in facts.items() if name in some} for some in names]
        certain = trial.meaning.certain(trial.meaning.table(patients)) if patients else []
        found += [frozenset(some) for some, it in zip(names, certain, strict=True) if it == step]
    yield from found
