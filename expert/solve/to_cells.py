"""Definitions as formulas of a solver (z3) over cells: of one complete patient, and of two side by side.

Every finding lies in exactly one of its cells, so a complete patient is a set of cells, one bit each, and all variables
are Boolean.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import z3  # type: ignore[import-untyped]

from expert.lang.definitions import Definitions
from expert.lang.errors import UnprovedError
from expert.lang.premises import All, Concluded, Literal, Name, literals
from expert.lang.values import Value
from expert.lang.vocabulary import Constraint
from expert.logic.kleene import holds_of
from expert.solve.booleans import Booleans, new_solver

Bits = int
"""A set of cells."""

Outcome = str | None
"""What a complete patient leads to: the target of one of some goals, a step or an alert; ``None`` for none of them."""


class CompletePatient(NamedTuple):
    """One cell of each finding, and the outcome."""

    cells: Bits
    outcome: Outcome


def each(bits: Bits) -> Iterator[Bits]:
    """The members of a set of cells, each as a set of its own, in order."""
    while bits:
        lowest = bits & -bits
        yield lowest
        bits ^= lowest


class CellFormulas:
    """The formulas of one knowledge base over the cells of some findings, in a z3 context of their own.

    Queries are assumptions over variables that exist from the start, so the solvers never grow.

    Attributes:
        cells: for each finding, the bits of its cells.
    """

    def __init__(
        self, definitions: Definitions, values: Mapping[str, Sequence[Value]], goals: Mapping[Outcome, Name]
    ) -> None:
        """``values`` are a value of each cell of each finding; the solver tries the first cells first.

        ``goals`` are the names that hold in each outcome but ``None``, of which no two hold together.
        """
        self.kb, self.cells = definitions.kb, _numbered(values)
        self.context = z3.Context()
        self.one, self.other = (_Copy(definitions, values, goals, mark, self.context) for mark in ("", "'"))
        self.turned = {name: z3.Bool(f"turned {name}", self.context) for name in values}
        self.single, self.pairs = self._solver(self.one), self._solver(self.one, self.other)
        self._side_by_side()
        self._lies = [
            {bit: copy.lies(name, place) for name, bits in self.cells.items() for place, bit in enumerate(bits)}
            for copy in (self.one, self.other)
        ]
        self._misses = {outcome: z3.Not(flag) for outcome, flag in self.one.outcomes.items()}
        self._stays = {name: z3.Not(flag) for name, flag in self.turned.items()}

    def _solver(self, *copies: _Copy) -> z3.Solver:
        solver = new_solver(self.context, "QF_FD")
        solver.set("phase", "always_false")
        for copy in copies:
            solver.add(*(z3.AtMost(*atoms, 1) for atoms in copy.atoms.values() if len(atoms) > 1))
            solver.add(*(z3.Not(copy.of(All(it.never))) for it in self._constraints(self.cells)))
            solver.add(*(flag == copy.outcome(it) for it, flag in copy.outcomes.items()))
        return solver

    def _side_by_side(self) -> None:
        """Two patients with different outcomes, who differ in one turned finding and elsewhere only if forced to."""
        self.pairs.add(self.one.any([z3.Xor(flag, self.other.outcomes[it]) for it, flag in self.one.outcomes.items()]))
        self.pairs.add(self.one.any([*self.turned.values()]))
        for name, turned in self.turned.items():
            same = self.one.all([x == y for x, y in zip(self.one.atoms[name], self.other.atoms[name], strict=True)])
            self.pairs.add(z3.Implies(turned, z3.Not(same)), z3.Or(same, turned, self._forced(name)))
        if self.turned:
            self.pairs.add(z3.AtMost(*self.turned.values(), 1))

    def _forced(self, name: str) -> z3.BoolRef:
        """The other patient would break a constraint with the first one's value of this finding."""
        constraints = self._constraints([name])
        undone = self.other.exchanged(name, self.one) if constraints else self.other
        return self.one.any([undone.of(All(constraint.never)) for constraint in constraints])

    def _constraints(self, names: Iterable[str]) -> list[Constraint]:
        wanted = set(names)
        return [it for it in self.kb.constraints if wanted & {part.finding for part in literals(All(it.never))}]

    def completion(self, known: Bits, outcomes: Collection[Outcome]) -> CompletePatient | None:
        """A permitted completion of the known cells that leads to one of some outcomes; ``None`` if there is none.

        Raises:
            UnprovedError: the solver could not decide.
        """
        assumed = [literal for bit in each(known) for literal in self._lies[0][bit]]
        assumed += [literal for outcome, literal in self._misses.items() if outcome not in outcomes]
        model = _model(self.single, assumed)
        return model and self.one.patient(model)

    def pair(self, known: Bits, findings: Collection[str]) -> tuple[str, CompletePatient, CompletePatient] | None:
        """A relevant finding with two permitted completions that show it; ``None`` if no finding is relevant.

        They have different outcomes and differ in that finding. They differ in another finding only if the second would
        break a constraint with the first one's value of it.

        Raises:
            UnprovedError: the solver could not decide.
        """
        assumed = [literal for bit in each(known) for lies in self._lies for literal in lies[bit]]
        assumed += [literal for name, literal in self._stays.items() if name not in findings]
        model = _model(self.pairs, assumed)
        if model is None:
            return None
        turned = next(name for name in findings if z3.is_true(model[self.turned[name]]))
        return turned, self.one.patient(model), self.other.patient(model)


def _model(solver: z3.Solver, assumed: Sequence[z3.BoolRef]) -> z3.ModelRef | None:
    """The solver's model under some assumptions; ``None`` if there is none.

    ``Solver.check`` would take longer to convert the assumptions than the solver itself, so z3's C interface is used.
    """
    literals = (z3.Ast * len(assumed))(*(literal.ast for literal in assumed))
    found = z3.CheckSatResult(z3.Z3_solver_check_assumptions(solver.ctx.ref(), solver.solver, len(assumed), literals))
    if found == z3.unknown:
        raise UnprovedError(solver.reason_unknown())
    return solver.model() if found == z3.sat else None


def _numbered(values: Mapping[str, Sequence[Value]]) -> dict[str, list[Bits]]:
    found: dict[str, list[Bits]] = {}
    bit = 1
    for name, cells in values.items():
        found[name] = [bit << place for place in range(len(cells))]
        bit <<= len(cells)
    return found


def _packed(cells: Sequence[z3.BoolRef], outcomes: Sequence[z3.BoolRef]) -> z3.BitVecRef:
    """Formulas as one bit vector, the first as the lowest bit, so that a model is read with one call."""
    context = outcomes[0].ctx
    one, zero = z3.BitVecVal(1, 1, context), z3.BitVecVal(0, 1, context)
    return z3.Concat([zero, *(z3.If(formula, one, zero) for formula in reversed([*cells, *outcomes]))])


class _Copy(Booleans):
    """One complete patient: the formulas of premises about it.

    Attributes:
        atoms: for each finding, a variable for each cell but the first, which is meant if all are false.
        cell: for each finding, a formula for each cell.
        outcomes: a variable for each outcome.
    """

    def __init__(
        self,
        definitions: Definitions,
        values: Mapping[str, Sequence[Value]],
        goals: Mapping[Outcome, Name],
        mark: str,
        context: z3.Context,
    ) -> None:
        super().__init__(definitions, context)
        self.values, self.goals, self.mark = values, goals, mark
        self.atoms = {
            name: [z3.Bool(f"{name} {place}{mark}", context) for place in range(1, len(cells))]
            for name, cells in values.items()
        }
        self.cell = {name: [z3.Not(self.any(atoms)), *atoms] for name, atoms in self.atoms.items()}
        self.outcomes: dict[Outcome, z3.BoolRef] = {
            outcome: z3.Bool(f"outcome {outcome or ''}{mark}", context) for outcome in (*goals, None)
        }
        self._packed = _packed([atom for cells in self.cell.values() for atom in cells], [*self.outcomes.values()])

    def patient(self, model: z3.ModelRef) -> CompletePatient:
        """The patient of a model."""
        read = model.eval(self._packed, model_completion=True).as_long()
        width = sum(map(len, self.cell.values()))
        return CompletePatient(read & ((1 << width) - 1), list(self.outcomes)[(read >> width).bit_length() - 1])

    def lies(self, name: str, place: int) -> list[z3.BoolRef]:
        """The literals that place a finding in a cell."""
        atoms = self.atoms[name]
        return [atoms[place - 1]] if place else [z3.Not(atom) for atom in atoms]

    def exchanged(self, name: str, other: _Copy) -> _Copy:
        """The same patient with one finding taken from another."""
        copy = _Copy(self.definitions, self.values, self.goals, self.mark, self.context)
        copy.cell[name] = other.cell[name]
        return copy

    def outcome(self, outcome: Outcome) -> z3.BoolRef:
        """The patient leads to an outcome."""
        if outcome is None:
            return z3.Not(self.any([self.outcome(it) for it in self.goals]))
        return self.of(Concluded(self.goals[outcome]))

    def literal(self, literal: Literal) -> z3.BoolRef:
        """A premise about one finding as a formula."""
        cells = zip(self.cell[literal.finding], self.values[literal.finding], strict=True)
        return self.any([cell for cell, value in cells if holds_of(literal, value)])
