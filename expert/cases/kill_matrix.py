"""Which cases kill which mutants, and so which of them could be spared.

A case that alone kills some mutant is needed for the score. One that kills none alone is a *duplicate* as far as the
mutants go: others kill all that it kills, and few of those are searched for, each time the one that kills most of
what is left (V. Chvatal, *A greedy heuristic for the set-covering problem*, Mathematics of Operations Research 4(3)
(1979) 233-235; for suites of tests M. J. Harrold, R. Gupta, M. L. Soffa, *A methodology for controlling the size of a
test suite*, ACM TOSEM 2(3) (1993) 270-285). Each duplicate is judged alone: two may replace each
other. A duplicate may be wanted all the same, because the coverage depends on it, or because people read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from expert.cases.coverage import Demand, Situation, demands
from expert.cases.mutant_verdicts import Bench
from expert.cases.mutants import Mutant
from expert.cases.outcome import patients_in
from expert.read.cases import Case


class Worth(NamedTuple):
    """What a case contributes to the score.

    Attributes:
        kills: the mutants that it kills.
        alone: those of them that no other case kills.
        instead: of a duplicate: few other cases that kill all that it kills.
        covers: of a duplicate: the situations that are in no other case (see `expert.cases.coverage`).
    """

    case: Case
    kills: tuple[Mutant, ...]
    alone: tuple[Mutant, ...]
    instead: tuple[Case, ...] = ()
    covers: tuple[tuple[Demand, Situation], ...] = ()

    @property
    def is_duplicate(self) -> bool:
        """Whether all mutants are killed without it."""
        return not self.alone


def worth(bench: Bench, killed: Sequence[Mutant], by: Iterable[Iterable[int]]) -> list[Worth]:
    """What each case is worth to the score, given the numbers of the cases that kill each mutant."""
    cases = bench.cases
    kills = [0] * len(cases)  # sets as numbers, with one bit for each mutant
    alone = [0] * len(cases)
    for bit, killers in enumerate(by):
        numbers = list(killers)
        for number in numbers:
            kills[number] |= 1 << bit
            alone[number] |= (len(numbers) == 1) << bit
    covering = _alone_covering(bench)
    found = []
    for number, case in enumerate(cases):
        it = Worth(case, _of(kills[number], killed), _of(alone[number], killed))
        if it.is_duplicate:
            instead = tuple(cases[other] for other in _instead(number, kills))
            it = it._replace(instead=instead, covers=covering.get(number, ()))
        found.append(it)
    return found


def _of(bits: int, mutants: Sequence[Mutant]) -> tuple[Mutant, ...]:
    return tuple(mutant for bit, mutant in enumerate(mutants) if bits >> bit & 1)


def _instead(number: int, kills: Sequence[int]) -> list[int]:
    """Few other cases that together kill all that a duplicate kills, in the order of cases."""
    left, found = kills[number], []
    others = [other for other in range(len(kills)) if other != number]
    while left:
        best = max(others, key=lambda other: (kills[other] & left).bit_count())
        found.append(best)
        left &= ~kills[best]
    return sorted(found)


def _alone_covering(bench: Bench) -> dict[int, tuple[tuple[Demand, Situation], ...]]:
    """The situations that are in one case only, by the number of the case."""
    found: dict[int, tuple[tuple[Demand, Situation], ...]] = {}
    for demand in demands(bench.kb):
        for situation in demand.situations:
            numbers = patients_in(bench.outcomes.truths.evaluate(situation.goal)[0])
            if len(numbers) == 1:
                found[numbers[0]] = (*found.get(numbers[0], ()), (demand, situation))
    return found
