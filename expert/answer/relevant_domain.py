"""The part of a domain that the outcome depends on, its cells numbered for the solver."""

from __future__ import annotations

from functools import lru_cache

from expert.lang.values import Facts, Value
from expert.logic.cells import usual_first
from expert.logic.domain import Domain
from expert.solve.to_cells import Bits, CellFormulas, CompletePatient, Outcome


class Space:
    """The findings that can bear on the outcome, with those that constraints tie to them.

    Attributes:
        cells: for each of these findings, in the vocabulary's order, the bits of its cells, the usual one first.
        values: for each finding, a value of each cell, in the same order.
        whole: for each finding, all of its cells.
        outcomes: the steps in the ladder's order, and none.
        definitions: the names on which the outcome can depend.
    """

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        steps = [("recommended", step) for step in domain.kb.steps]
        inputs = frozenset[str]().union(*(domain.definitions.inputs[step] for step in steps))
        bearing = {other for name in inputs for other in domain.tied.get(name, (name,))}
        self.values: dict[str, list[Value]] = {
            name: [cell.value for cell in usual_first(domain.cells[name], domain.usual.get(name))]
            for name in domain.kb.inputs
            if name in bearing
        }
        self.formulas = CellFormulas(domain.definitions, self.values)
        self.cells = self.formulas.cells
        self.whole = {name: sum(bits) for name, bits in self.cells.items()}
        self.outcomes: tuple[Outcome, ...] = (*domain.kb.steps, None)
        self.definitions = frozenset(domain.definitions.below(steps))

    def cell(self, name: str, value: Value) -> Bits:
        """The cell of a finding that a value lies in."""
        return self.cells[name][self.values[name].index(self.domain.cell_of(name, value).value)]

    def bits(self, facts: Facts) -> Bits:
        """Facts as cells, those left out that cannot bear on the outcome."""
        return sum(self.cell(name, value) for name, value in facts.items() if name in self.cells)

    def names(self, bits: Bits) -> list[str]:
        """The findings of some cells, in the vocabulary's order."""
        return [name for name, whole in self.whole.items() if whole & bits]

    def cube(self, patient: CompletePatient) -> Bits:
        """The cells of a patient, with all cells of those findings that the outcome does not need and nothing ties."""
        reasons = self.formulas.reasons(patient)
        free = (whole for name, whole in self.whole.items() if not whole & reasons and name not in self.domain.tied)
        return patient.cells | sum(free)

    def free(self, bits: Bits) -> Bits:
        """The cells of those findings that may lie in any of theirs."""
        return sum(whole for whole in self.whole.values() if bits & whole == whole)


@lru_cache(4)
def space_of(domain: Domain) -> Space:
    """The space of a domain, compiled once."""
    return Space(domain)
