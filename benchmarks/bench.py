"""What every measurement starts from: the shipped knowledge, the peers built from it, and how much is measured."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from benchmarks.answers import assert_equal_answers, goals
from benchmarks.patients import Pool, Settled, some_patients
from benchmarks.peers import RETE, Peer, build, installed
from expert import read_knowledge
from expert.answer.assess import Reasoner

SEED = 20261122


class Sizes(NamedTuple):
    """How much is measured.

    Attributes:
        turns: of everything that takes milliseconds.
        processes: turns of whole processes.
        patients: whom each peer answers in a turn; experta as it comes answers one.
        equal: patients on whom equal answers are asserted.
        rules: how many times over the rules are there.
        rete_seconds: after which a growth of stock experta is given up.
        rows: patients by columns, from the fewest to the most.
        shares: of the findings that are given.
        memory: rows by columns whose memory is measured; loops have a thousandth.
        faulty: rows of a table in which faults are planted, and how many.
    """

    turns: int
    processes: int
    patients: int
    equal: int
    rules: tuple[int, ...]
    rete_seconds: int
    rows: tuple[int, ...]
    shares: tuple[float, ...]
    memory: int
    faulty: tuple[int, int]


QUICK = Sizes(3, 3, 5, 30, (1, 4), 0, (10**4, 10**5), (0.0, 0.5, 1.0), 10**5, (10**4, 100))
FULL = Sizes(
    7,
    15,
    20,
    200,
    (1, 10, 100),
    60,
    (10**4, 10**5, 10**6, 10**7),
    (0.0, 0.25, 0.5, 1.0),
    10**6,
    (10**6, 1000),
)


class Bench:
    """The shipped knowledge and the peers, who have been seen to answer alike."""

    def __init__(self, sizes: Sizes) -> None:
        """Build the peers.

        Raises:
            UnequalAnswersError: one answers otherwise than the reference.
        """
        self.sizes = sizes
        self.reasoner = Reasoner(read_knowledge())
        self.kb, self.definitions, self.domain = self.reasoner.kb, self.reasoner.definitions, self.reasoner.domain
        self.goals = goals(self.kb)
        self.peers: Mapping[str, Peer] = {name: build(name, self.definitions, self.goals) for name in installed()}
        for name, peer in self.peers.items():
            patients = some_patients(self.reasoner, self.equal(name), SEED)
            assert_equal_answers(name, peer, self.definitions, self.goals, patients)

    def equal(self, peer: str) -> int:
        """On how many patients a peer is compared with the reference."""
        return max(1, self.sizes.equal // 20) if peer == RETE else self.sizes.equal

    def of_a_turn(self, peer: str, patients: list[Settled]) -> list[Settled]:
        """The patients whom a peer answers in a turn: all, but for one that takes a thousand times as long."""
        return patients[:1] if peer == RETE else patients

    @cached_property
    def pool(self) -> Pool:
        """The patients of whom rows are made up."""
        return Pool(self.domain, SEED)
