"""The ways to answer by columns, and the check that they answer alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import polars as pl

from benchmarks.answers import Answer, UnequalAnswersError, reference
from benchmarks.patients import Frames, Settled, facts_of
from benchmarks.peers.columns import HandWritten
from expert import KnowledgeBase
from expert.answer.assess import Reasoner
from expert.columns.cohort_reasoner import CohortReasoner
from expert.lang.facts import Patient

OURS, OURS_STEPS = "ours by columns, everything", "ours by columns, steps"
HAND, HAND_STEPS = "hand-written Polars, everything", "hand-written Polars, steps"

STEPS = ("recommended", "steps")
"""The recommended step and both statuses of every step, as groups of conclusions."""

Way = Callable[[Frames], pl.DataFrame]


def ways(reasoner: Reasoner) -> dict[str, Way]:
    """The ways by name: ours takes the patients as given, the hand-written with the presumptions made."""
    cohort, hand = CohortReasoner(reasoner.kb), HandWritten(reasoner.definitions)
    return {
        OURS: lambda frames: cohort.answers(frames.given, checked=True),
        OURS_STEPS: partial(_steps, cohort),
        HAND: hand.everything,
        HAND_STEPS: hand.steps,
    }


def _steps(cohort: CohortReasoner, frames: Frames) -> pl.DataFrame:
    return cohort.answers(frames.given, STEPS, checked=True)


def settled_rows(frames: Frames, count: int) -> list[Settled]:
    """The first rows as patients one by one."""
    both = zip(facts_of(frames.known.head(count)), facts_of(frames.presumed.head(count)), strict=True)
    return [
        Settled(known, {name: value for name, value in every.items() if name not in known}, every)
        for known, every in both
    ]


def assert_equal_columns(reasoner: Reasoner, frames: Frames) -> None:
    """Make sure that each way to the steps finds for every row what it must.

    Hand-written Polars is held to the reference. Ours says besides what is certain by cases, where Kleene's logic
    leaves it open, and is held to the assessment of each patient.

    Raises:
        UnequalAnswersError: one finds something else.
    """
    found = ways(reasoner)
    rows = settled_rows(frames, frames.given.height)
    kleene = [reference(reasoner.definitions, patient) for patient in rows]
    _assert_equal(HAND_STEPS, _answers(reasoner.kb, found[HAND_STEPS](frames), HAND_COLUMNS), kleene)
    assessed = [_assessed(reasoner, Patient(facts)) for facts in facts_of(frames.given)]
    _assert_equal(OURS_STEPS, _answers(reasoner.kb, found[OURS_STEPS](frames), OUR_COLUMNS), assessed)


HAND_COLUMNS, OUR_COLUMNS = ("", "presumed "), ("status.", "presumed_status.")


def _assert_equal(way: str, found: list[Answer], wanted: list[Answer]) -> None:
    for row, (one, other) in enumerate(zip(found, wanted, strict=True)):
        if one != other:
            raise UnequalAnswersError(f"{way}, row {row}: {one}; expected {other}")


def _answers(kb: KnowledgeBase, frame: pl.DataFrame, prefixes: tuple[str, str]) -> list[Answer]:
    """The answers of rows whose statuses have columns called so."""

    def statuses(row: Mapping[str, str], prefix: str) -> tuple[str, ...]:
        return tuple(row[f"{prefix}{step}"] for step in kb.steps)

    known, presumed = prefixes
    return [
        Answer(row["recommended"], statuses(row, known), statuses(row, presumed)) for row in frame.iter_rows(named=True)
    ]


def _assessed(reasoner: Reasoner, patient: Patient) -> Answer:
    found = reasoner.assess(patient)
    statuses = tuple(step.status for step in found.ladder)
    return Answer(found.recommended, statuses, tuple(step.presumed_status for step in found.ladder))
