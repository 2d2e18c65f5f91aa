"""This project's engine, with its own matcher and with experta's RETE: conclusions with all their justifications."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.patients import Settled
from benchmarks.peers import Truths
from expert.engine.engine import Inference
from expert.lang.definitions import Definitions
from expert.lang.premises import Name


class Ours:
    """experta with the matcher that counts."""

    matcher = "counting"

    def __init__(self, definitions: Definitions, goals: Sequence[Name]) -> None:
        self.goals = goals
        self.inference = Inference(definitions, self.matcher)

    def conclude(self, patient: Settled) -> tuple[Truths, Truths]:
        known, presumed = self.inference.run_presuming(patient.known, patient.presumed)
        return tuple(map(known.truth, self.goals)), tuple(map(presumed.truth, self.goals))


class Rete(Ours):
    """experta as it comes."""

    matcher = "rete"
