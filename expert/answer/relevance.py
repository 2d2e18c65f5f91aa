"""Which unknown findings still matter, and which outcomes their values leave: exact, with witnesses kept.

An *outcome* is a step or an alert, or none (see `expert.answer.relevant_domain`). A finding is *relevant* if two
permitted completions of the known facts have different outcomes and differ in that finding, and elsewhere only where
constraints force them to: resetting any other finding alone would break a constraint. As long as two completions have
different outcomes, some finding is relevant: single changes of this kind lead from one to the other, and one of them
changes the outcome.

A solver finds witnesses: one completion for a possible outcome, two for a relevant finding. A witness represents all
completions that differ from it only in findings that its outcome does not need (a *cube*). New facts only remove
completions, so refutations and the witnesses that agree with the facts remain valid, and most queries need no solver.
The results do not depend on which witnesses the solver finds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

from expert.answer.relevant_domain import Around, Space
from expert.solve.to_cells import Bits, CompletePatient, Outcome


class _Pair(NamedTuple):
    """Two cubes that show a finding to be relevant: any of their completions, equal where both are free."""

    finding: str
    one: Bits
    other: Bits


class Completions:
    """The permitted completions of the known facts."""

    def __init__(self, space: Space, known: Bits, wider: Completions | None = None) -> None:
        """``wider`` are the completions of fewer known facts, whose results are reused."""
        self.space, self.known = space, known
        self.cubes: dict[Bits, Outcome] = {}
        self._pairs: list[_Pair] = []
        self._witnesses: dict[Outcome, Bits] = {}
        self._irrelevant: set[str] = set()
        self._reached: dict[Outcome, Bits] = dict.fromkeys(space.outcomes, 0)
        self._refuted: dict[Outcome, Bits] = dict.fromkeys(space.outcomes, 0)
        self._outcomes: list[Outcome] | None = None
        self._hoped: Collection[Outcome] = space.outcomes
        if wider:
            self._take_over(wider)

    def _take_over(self, wider: Completions) -> None:
        for cube, outcome in wider.cubes.items():
            if cube & self.known == self.known:
                self._add(cube, outcome)
        self._pairs = [pair for pair in wider._pairs if pair.one & pair.other & self.known == self.known]
        self._irrelevant, self._refuted = wider._irrelevant.copy(), wider._refuted.copy()
        self._hoped = wider.outcomes()

    def narrowed(self, more: Bits) -> Completions:
        """The completions that also lie in some cells."""
        return Completions(self.space, self.known | more, self)

    def outcomes(self) -> list[Outcome]:
        """The possible outcomes: steps in the ladder's order, or an alert; last ``None`` if some have none."""
        if self._outcomes is None:
            self._outcomes = [it for it in self._hoped if self._reached[it] or self.find([it]) is not None]
        return self._outcomes

    def left(self, name: str) -> dict[Bits, list[Outcome]]:
        """The outcomes that each permitted cell of a finding leaves."""
        cells = {bit: [it for it in self.outcomes() if self._leads(bit, it)] for bit in self.space.cells[name]}
        return {bit: outcomes for bit, outcomes in cells.items() if outcomes}

    def most_left(self, name: str) -> int:
        """The largest number of outcomes that a cell of a finding leaves."""
        outcomes = self.outcomes()

        def shown(bit: Bits) -> int:
            return sum(1 for it in outcomes if self._reached[it] & bit)

        most = 0
        for bit in sorted(self.space.cells[name], key=shown, reverse=True):
            if sum(1 for it in outcomes if not self._refuted[it] & bit) > most:
                most = max(most, sum(1 for it in outcomes if self._leads(bit, it)))
        return most

    def _leads(self, cell: Bits, outcome: Outcome) -> bool:
        """Whether a completion in a cell leads to an outcome."""
        if self._reached[outcome] & cell:
            return True
        if self._refuted[outcome] & cell:
            return False
        if self.find([outcome], cell) is not None:
            return True
        self._refuted[outcome] |= cell
        return False

    def find(self, outcomes: Collection[Outcome], cells: Bits = 0) -> Bits | None:
        """The cube of a completion in some cells that leads to one of some outcomes; ``None`` if there is none."""
        patient = self.space.formulas.completion(self.known | cells, outcomes)
        return None if patient is None else self._keep(patient)

    def _keep(self, patient: CompletePatient) -> Bits:
        cube = self.space.cube(patient)
        self._witnesses.setdefault(patient.outcome, patient.cells)
        self._add(cube, patient.outcome)
        return cube

    def _add(self, cube: Bits, outcome: Outcome) -> None:
        self.cubes[cube] = outcome
        self._reached[outcome] |= cube

    def relevant(self, names: Iterable[str]) -> list[str]:
        """Those of some unknown findings that are relevant."""
        wanted = [name for name in names if name in self.space.cells]
        shown = {pair.finding for pair in self._pairs}
        witnesses = iter(list(self._witnesses.values()))
        while missing := [name for name in wanted if name not in shown and name not in self._irrelevant]:
            if (witness := next(witnesses, None)) is not None:
                shown |= self._shown_around(witness, missing)
            elif (found := self.space.formulas.pair(self.known, missing)) is None:
                self._irrelevant.update(missing)
            else:
                name, one, other = found
                self._show(name, one.cells, other.cells, self._keep(one) & self._keep(other))
                shown.add(name)
        return [name for name in wanted if name in shown]

    def _shown_around(self, patient: Bits, missing: Collection[str]) -> set[str]:
        """Those of some findings whose change alone gives a complete patient another outcome."""
        around = Around(self.space, patient, self.known)
        shown: set[str] = set()
        for it in around.elsewhere():
            name = around.names[it]
            if name in missing and name not in shown:
                shown.add(name)
                self._add(around.cube(it), around.outcome(it))
                self._show(name, patient, around.cells[it], around.cube(0) & around.cube(it))
        return shown

    def _show(self, name: str, one: Bits, other: Bits, cubes: Bits) -> None:
        """Note that two patients with different outcomes show a finding to be relevant."""
        free = self.space.free(cubes)
        self._pairs.append(_Pair(name, one | free, other | free))


@lru_cache(64)
def completions(space: Space, known: Bits) -> Completions:
    """The completions of some first facts; their results are shared by all consultations that begin with these."""
    return Completions(space, known)
