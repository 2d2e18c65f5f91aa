"""The most general condition that provably implies a claim for all complete patients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import z3  # type: ignore[import-untyped]

from expert.lang.premises import written
from expert.lang.values import Facts
from expert.lang.vocabulary import Kind
from expert.logic.cells import Cell
from expert.logic.domain import Domain
from expert.solve.prove import Prover

Condition = Mapping[str, Sequence[Cell]]
"""Findings with their allowed cells; all other findings are unrestricted."""


class Generalization:
    """Generalizes conditions as long as no patient who meets them breaks the claim.

    ``breaking`` searches only patients who break it.
    """

    def __init__(self, breaking: Prover, names: Iterable[str]) -> None:
        """Conditions may restrict only these ``names``; the prover's assertions may restrict others."""
        self.breaking, self.domain, self.names = breaking, breaking.domain, tuple(names)
        self._within = lru_cache(None)(self._lies_in)

    def of(self, witness: Facts) -> dict[str, list[Cell]]:
        """Start from one patient who meets the claim; drop findings, usual ones first, then add cells."""
        condition = {name: [self.domain.cell_of(name, witness[name])] for name in self.names if name in witness}
        for name in sorted(condition, key=lambda name: not condition[name][0].holds(self.domain.usual.get(name))):
            rest = {other: cells for other, cells in condition.items() if other != name}
            if self.proved(rest):
                condition = rest
        for name in condition:
            condition = {**condition, name: self._widened(condition, name)}
        return condition

    def narrowed(self, condition: Condition, patients: Prover) -> Condition:
        """A condition without those values of choices that no plausible patient who meets it can have.

        Raises:
            UnprovedError: the solver could not decide.
        """
        plausible = patients.under(*patients.plausible({}), *self.formulas(condition))
        found = dict(condition)
        for name, cells in condition.items():
            if self.domain.kb.findings[name].kind is Kind.CHOICE:
                found[name] = [cell for cell in cells if plausible.possible(self._within(name, (cell,)))] or cells
        return found

    def proved(self, condition: Condition) -> bool:
        """Whether all patients who meet a condition meet the claim.

        Raises:
            UnprovedError: the solver could not decide.
        """
        return not self.breaking.possible(*self.formulas(condition))

    def formulas(self, condition: Condition) -> list[z3.BoolRef]:
        """A condition as formulas."""
        return [self._within(name, tuple(cells)) for name, cells in condition.items()]

    def _lies_in(self, name: str, cells: Sequence[Cell]) -> z3.BoolRef:
        return self.breaking.formulas.any([self.breaking.within(name, cell.value) for cell in cells])

    def _widened(self, condition: Condition, name: str) -> list[Cell]:
        """The cells of a finding with all that can be added; those of a quantity stay adjacent."""
        cells = self.domain.cells[name]
        if self.domain.kb.findings[name].kind is Kind.QUANTITY:
            start = cells.index(condition[name][0])
            runs = [cells[start + 1 :], cells[:start][::-1]]
        else:
            runs = [(cell,) for cell in cells if cell not in condition[name]]
        found = list(condition[name])
        for run in runs:
            for cell in run:
                if not self.proved({**condition, name: [*found, cell]}):
                    break
                found.append(cell)
        return sorted(found, key=cells.index)


def described(domain: Domain, condition: Condition) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A condition as premises: those that the usual patient does not meet, and the others."""
    unusual: list[str] = []
    usual: list[str] = []
    for name, cells in condition.items():
        as_usual = any(cell.holds(domain.usual.get(name)) for cell in cells)
        (usual if as_usual else unusual).append(written(domain.premise(name, cells)))
    return tuple(unusual), tuple(usual)
