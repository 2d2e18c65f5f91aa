"""The part of a domain that some goals depend on, with its cells numbered for the solver.

The goals are all steps, of which at most one is recommended, or one alert. The *outcome* of a patient is the step or
the alert, or ``None`` if no goal holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from expert.answer.level import programs
from expert.bits.program import Mask, union
from expert.lang.premises import Name
from expert.lang.values import Facts, Value
from expert.logic.cells import usual_first
from expert.logic.domain import Domain
from expert.solve.to_cells import Bits, CellFormulas, CompletePatient, Outcome


class Space:
    """The findings that can affect the outcome, directly or through constraints.

    Attributes:
        goals: for each outcome but the last, the name that holds.
        cells: for each of these findings, in the vocabulary's order, the bits of its cells, the usual one first.
        values: for each finding, a value of each cell, in the same order.
        whole: for each finding, all of its cells.
        outcomes: the steps in the ladder's order or the alert, and ``None``.
        definitions: the names that the outcome can depend on.
    """

    def __init__(self, domain: Domain, goals: Sequence[Name] = ()) -> None:
        """``goals`` are the steps, unless others are given."""
        self.domain = domain
        self.goals: dict[Outcome, Name] = {name[1]: name for name in goals or domain.definitions.steps}
        affecting = domain.affecting(self.goals.values())
        self.values: dict[str, list[Value]] = {
            name: [cell.value for cell in usual_first(domain.cells[name], domain.usual.get(name))]
            for name in domain.kb.inputs
            if name in affecting
        }
        self.formulas = CellFormulas(domain.definitions, self.values, self.goals)
        self.cells = self.formulas.cells
        self.whole = {name: sum(bits) for name, bits in self.cells.items()}
        self.outcomes: tuple[Outcome, ...] = (*self.goals, None)
        self.definitions = frozenset(domain.definitions.below(self.goals.values()))

    def cell(self, name: str, value: Value) -> Bits:
        """The cell of a finding that a value lies in."""
        return self.cells[name][self.values[name].index(self.domain.cell_of(name, value).value)]

    def bits(self, facts: Facts) -> Bits:
        """Facts as cells, without those that cannot affect the outcome."""
        return sum(self.cell(name, value) for name, value in facts.items() if name in self.cells)

    def names(self, bits: Bits) -> list[str]:
        """The findings of some cells, in the vocabulary's order."""
        return [name for name, whole in self.whole.items() if whole & bits]

    def cube(self, patient: CompletePatient) -> Bits:
        """The cells of a patient, with all cells of unconstrained findings that the outcome does not need."""
        return Around(self, patient.cells, patient.cells).cube(0)

    def free(self, bits: Bits) -> Bits:
        """The cells of those findings that may be in any of them."""
        return sum(whole for whole in self.whole.values() if bits & whole == whole)


class Around:
    """A complete patient (variant 0), and all variants that differ in one finding that is not known.

    Attributes:
        names: the finding in which each variant differs; empty for the patient.
        cells: the cells of each variant.
    """

    def __init__(self, space: Space, patient: Bits, known: Bits) -> None:
        self._space, domain = space, space.domain
        self.names, self.cells = [""], [patient]
        changes: list[tuple[str, Value]] = [("", "")]
        own: dict[str, Value] = {}
        for name, bits in space.cells.items():
            for bit, value in zip(bits, space.values[name], strict=True):
                if bit & patient:
                    own[name] = value
                elif not space.whole[name] & known:
                    self.names.append(name)
                    self.cells.append(patient & ~space.whole[name] | bit)
                    changes.append((name, value))
        whole = (1 << len(changes)) - 1
        masks: dict[str, dict[Value, Mask]] = {name: {value: whole} for name, value in own.items()}
        for variant, (name, value) in enumerate(changes[1:], 1):
            masks[name][value] = 1 << variant
            masks[name][own[name]] ^= 1 << variant
        program, backgrounds = programs(domain)
        truths = program.run(masks, whole)
        self._leading = {outcome: truths.holds(goal) for outcome, goal in space.goals.items()}
        self._possible = backgrounds.run(masks, whole).possible
        nowhere = whole & ~union(self._leading.values())
        self._reasons = truths.reasons({space.goals[it]: mask | nowhere for it, mask in self._leading.items()})

    def outcome(self, variant: int) -> Outcome:
        """The outcome of a variant."""
        return next((it for it, mask in self._leading.items() if mask >> variant & 1), None)

    def elsewhere(self) -> Iterator[int]:
        """The permitted variants with another outcome than the patient's."""
        here = self.outcome(0)
        return (it for it in range(1, len(self.cells)) if self._possible >> it & 1 and self.outcome(it) != here)

    def cube(self, variant: int) -> Bits:
        """The cells of a variant, and those that its outcome does not need (see `Space.cube`)."""
        whole, tied = self._space.whole, self._space.domain.tied
        free = (
            its for name, its in whole.items() if name not in tied and not self._reasons.get(name, 0) >> variant & 1
        )
        return self.cells[variant] | sum(free)


@lru_cache(64)
def space_of(domain: Domain, goals: tuple[Name, ...]) -> Space:
    """The space of a domain for some goals, compiled once."""
    return Space(domain, goals)
