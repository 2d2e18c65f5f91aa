"""`expert diff` against the enumeration of all partial patients of two knowledge bases of different vocabularies.

Both ways: nothing is called equivalent that is not, every witness is one, and everything that changes is listed.
`DIFF_SEEDS=5000` goes through so many pairs instead of sixty.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from expert.diff.diff import difference
from expert.diff.difference import PartChanges, Witness
from expert.diff.other_changes import OF_A_STEP
from expert.diff.union import NONE_OF, Union
from expert.diff.vocabularies import clashes, renamed
from expert.lang.definitions import Definitions
from expert.lang.premises import All
from expert.logic.kleene import Evaluation
from expert.read.premise import PremiseReader
from expert.read.source import Names, Problems, Scalar, Source
from tests.differences import Brute, PartialPatient
from tests.pairs import Pair, pair

SEEDS = int(os.environ.get("DIFF_SEEDS", "60"))
AT_ONCE = 10


class Compared:
    """A pair with what the comparison says of it and what enumeration does."""

    def __init__(self, its: Pair) -> None:
        self.pair = its
        self.found = difference(its.old, its.new, its.names)
        old = renamed(its.old, its.names)
        self.apart = clashes(old, its.new)
        self.old = renamed(old, self.apart)
        self.brute = Brute(self.old, its.new)
        self.union = Union(self.old, its.new)

    @property
    def both(self) -> tuple[PartChanges, PartChanges]:
        return self.found.shared, self.found.own

    def patient(self, witness: Witness) -> PartialPatient:
        panels = frozenset(name for name in self.brute.panels if NONE_OF.format(name) in witness.given)
        facts = {name: it for name, it in witness.given.items() if name in self.brute.values}
        return PartialPatient(facts, panels)


@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_the_comparison_agrees_with_enumeration(first: int) -> None:
    for seed in range(first, first + AT_ONCE):
        compared = Compared(pair(seed))
        for problem in problems(compared):
            raise AssertionError(f"seed {seed}, {compared.pair.edits}: {problem}")


def problems(it: Compared) -> Iterator[str]:
    """What the comparison says that is not so, or does not say."""
    found, brute = it.found, it.brute
    differs = bool(brute.differences) or any(name in it.pair.new.inputs for name in it.apart)
    if not found.unproved and found.equivalent is differs:
        yield f"equivalent {found.equivalent}, but {brute.differences[:1]}"
    yield from _parts(it)
    for changes in it.both:
        yield from _witnesses(it, changes)
    yield from _steps(it, saying=False)
    yield from _steps(it, saying=True)
    yield from _unlisted(it)


def _parts(it: Compared) -> Iterator[str]:
    """A part in which nothing is found, though something is so."""
    if it.found.unproved:
        return
    for patient, differing in it.brute.differences:
        if not it.brute.has_one_sided_facts(patient):
            if not any(it.found.shared):
                yield f"nothing is unsaid, but {patient}: {differing}"
        elif not any(it.found.own):
            before = it.brute.differing(it.brute.without_one_sided_facts(patient))
            if any(before.get(key) != pair for key, pair in differing.items()):
                yield f"nothing is said, but {patient}: {differing}"


def _witnesses(it: Compared, changes: PartChanges) -> Iterator[str]:
    """Witnesses who are none."""
    brute = it.brute
    for change in (*changes.answers, *changes.others, *changes.background):
        key = (change.kind, change.name)
        differing = brute.differing(it.patient(change.witness))
        wanted = [key] if change.kind != "answer" else [("answer", ""), ("possible", "")]
        if change.kind == "meanwhile":
            wanted = [("meanwhile", "")]
        if not any(key in differing for key in wanted) or not change.witness.confirmed:
            yield f"{key} does not differ for {change.witness}: {differing}"
        if change.witness.before == change.witness.after:
            yield f"{key} reads the same: {change.witness}"
    for one in changes.admitted:
        if one.what in it.apart:
            continue
        if brute.differing(it.patient(one.witness)) != {("accepted", ""): (one.side == "old", one.side == "new")}:
            yield f"{one} is accepted by both or neither"
    for step in changes.steps:
        for its in step.classes:
            answers = brute.answers(it.patient(its.witness))
            steps = [answer["answer", ""][0] for answer in answers if answer]  # type: ignore[index]
            if steps != [step.before, step.after] or not its.witness.confirmed:
                yield f"{its.witness} does not go from {step.before} to {step.after}: {steps}"


def _whole(it: Compared, *, saying: bool) -> Iterator[PartialPatient]:
    """Patients of whom all is given that is spoken of, whom both sides accept."""
    shared = {name for name in it.brute.values if name in it.old.inputs and name in it.pair.new.inputs}
    wanted = set(it.brute.values) if saying else shared
    for patient in it.brute.patients():
        if set(patient.facts) == wanted and not patient.panels and all(it.brute.answers(patient)):
            yield patient


def _steps(it: Compared, *, saying: bool) -> Iterator[str]:
    """Pairs of steps that are not those that patients go through, and classes of whom not all do."""
    if (saying and not it.found.one_sided) or it.found.unproved:
        return
    changes = it.found.own if saying else it.found.shared
    wanted: set[tuple[str, str]] = set()
    for patient in _whole(it, saying=saying):
        pair = _recommended(it, patient)
        if (
            pair
            and pair[0] != pair[1]
            and not (saying and _recommended(it, it.brute.without_one_sided_facts(patient)) == pair)
        ):
            wanted.add(pair)
    if {(step.before, step.after) for step in changes.steps} != wanted:
        yield f"steps {[(step.before, step.after) for step in changes.steps]}, but {wanted} (saying: {saying})"
    for step in changes.steps:
        for its in step.classes:
            condition = _condition(it, (*its.premises, *its.usual))
            nothing = Definitions(it.union.kb._replace(rules={}))
            meeting = (who for who in _whole(it, saying=saying) if Evaluation(nothing, who.facts).evaluate(condition))
            for who in meeting:
                if _recommended(it, who) != (step.before, step.after):
                    yield f"{its.premises} {its.usual} holds for {who}, who goes {_recommended(it, who)}"


def _recommended(it: Compared, patient: PartialPatient) -> tuple[str, str] | None:
    """The recommended steps, if both sides accept the patient."""
    if not all(it.brute.answers(patient)):
        return None
    old, new = (answer["answer", ""][0] for answer in it.brute.answers(patient))  # type: ignore[index]
    return old, new


def _condition(it: Compared, premises: tuple[str, ...]) -> All:
    findings = it.union.kb.findings
    reader = PremiseReader(findings, Names(findings), Problems())
    parts = [part for premise in premises for part in premise.split(" and ")]
    return All(tuple(reader.line(Scalar(Source("", part), 1, 1, part)) for part in parts))


def _unlisted(it: Compared) -> Iterator[str]:
    """Things that differ and are not listed, though nothing greater differs for the patient."""
    if it.found.unproved:
        return
    listed = {(change.kind, change.name) for its in it.both for change in (*its.others, *its.background)}
    going = any(its.steps for its in it.both)
    answering = going or any(its.answers for its in it.both)
    for patient, differing in it.brute.differences:
        statuses = any(kind == "step" for kind, _ in differing)
        greater = any(kind in ("accepted", "background") for kind, _ in differing)
        for kind, name in differing:
            if kind == "accepted":
                explained = any(its.admitted for its in it.both)
            elif kind in ("answer", "possible"):
                explained = answering or greater
            elif kind == "meanwhile":
                explained = answering or greater or any(kind == "meanwhile" for kind, _ in listed)
            elif kind == "step":
                with_the_answer = answering and ("answer", "") in differing
                explained = (kind, name) in listed or going or greater or with_the_answer
            elif kind in OF_A_STEP:
                explained = (kind, name) in listed or statuses or greater
            else:
                explained = (kind, name) in listed
            if not explained:
                yield f"{kind} {name} is not listed: {patient} {differing}"
