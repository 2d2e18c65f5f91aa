"""Proofs by search for a counterexample: the solver finds a patient who breaks a claim, or shows that none does.

The counterexample is the patient nearest to the usual. In the vocabulary's order, each finding is unknown if possible
(in partial patients), else has its usual value or default if possible, else its first possible value. This is the
lexicographic minimum, so it is the same in every run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from functools import cached_property
from itertools import product
from typing import NamedTuple

import z3  # type: ignore[import-untyped]

from expert.lang.errors import UnprovedError
from expert.lang.premises import Compare, literals
from expert.lang.values import Value
from expert.logic.cells import span, usual_first
from expert.logic.domain import Domain
from expert.solve.booleans import new_solver
from expert.solve.formulas import formulas_of
from expert.solve.to_kleene import PartialFormulas

TIMEOUT = 20_000  # milliseconds for one query; a proof that takes longer is reported as unproved


class _Preference(NamedTuple):
    """A state of a finding in a counterexample with its formula; the finding is unknown if ``value`` is ``None``."""

    finding: str
    value: Value | None
    formula: z3.BoolRef


class Prover:
    """Searches the patients of one domain.

    Attributes:
        assumed: a condition on all patients of the search.
    """

    def __init__(self, domain: Domain, *assertions: z3.BoolRef) -> None:
        """Restrict the search to patients who meet the ``assertions``."""
        self.domain, self.formulas = domain, formulas_of(domain)
        self.assumed = z3.And([*self.formulas.permitted, *assertions, z3.BoolVal(True, self.formulas.context)])
        self.solver = self._new_solver()
        self._preferred: dict[str, list[_Preference]] = {}

    def _new_solver(self) -> z3.Solver:
        # For few queries this solver is ten times faster than the general one; it slows down with many.
        solver = new_solver(self.formulas.context, "QF_FD")
        solver.set("timeout", TIMEOUT)
        solver.add(self.assumed)
        return solver

    def under(self, *assertions: z3.BoolRef) -> Prover:
        """A new prover with more assertions: a solver slows down with the number of its queries."""
        other = copy(self)
        other.assumed = z3.And([self.assumed, *assertions])
        other.solver = other._new_solver()
        return other

    @cached_property
    def partial(self) -> PartialFormulas:
        """The formulas of partial patients."""
        known = {name: z3.Bool(f"known {name}", self.formulas.context) for name in self.domain.kb.inputs}
        return PartialFormulas(self.formulas, self.domain.definitions.premises, known)

    def possible(self, *goals: z3.BoolRef) -> bool:
        """Whether some permitted patient meets all formulas.

        Raises:
            UnprovedError: the solver could not decide.
        """
        found = self.solver.check(*goals)
        if found == z3.unknown:
            raise UnprovedError(self.solver.reason_unknown())
        return bool(found == z3.sat)

    def complete_patient(self, *goals: z3.BoolRef) -> dict[str, Value] | None:
        """The complete patient nearest to the usual who meets all formulas; ``None`` if there is none.

        Raises:
            UnprovedError: the solver could not decide.
        """
        return self.partial_patient({}, *goals)

    def partial_patient(self, known: Mapping[str, z3.BoolRef], *goals: z3.BoolRef) -> dict[str, Value] | None:
        """The same for partial patients, with as few findings known as possible.

        ``known`` has a formula for each finding that may be unknown; all others are known.

        Raises:
            UnprovedError: the solver could not decide.
        """
        if not self.possible(*goals):
            return None
        plausible = (*goals, *self.plausible(known))
        return self.under(*(plausible if self.possible(*plausible) else goals))._nearest(known)

    def plausible(self, given: Mapping[str, z3.BoolRef]) -> Iterator[z3.BoolRef]:
        """Conditions that a patient can have values that are not refused.

        ``given`` has a formula for each finding that may not be given; all others are.
        """
        cells, inputs = self.domain.cells, self.domain.kb.inputs
        for never in self.domain.plausibility.never:
            compared = [it for it in literals(never) if isinstance(it, Compare)]
            if all(it.threshold in self.domain.thresholds.get(it.finding, ()) for it in compared):
                whole = [given[name] for name in dict.fromkeys(it.finding for it in literals(never)) if name in given]
                yield z3.Not(self.formulas.all([*whole, self.formulas.of(never)]))
        for (lesser, greater), strict in self.domain.plausibility.closure.items():
            both = [given[name] for name in (lesser, greater) if name in given]
            for one, other in product(cells[lesser], cells[greater]):
                if span(inputs[lesser], one).compared("<" if strict else "<=", span(inputs[greater], other)) is False:
                    lie = self.within(lesser, one.value), self.within(greater, other.value)
                    yield z3.Not(self.formulas.all([*both, *lie]))

    def _nearest(self, known: Mapping[str, z3.BoolRef]) -> dict[str, Value]:
        """The nearest patient of the search, which must not be empty."""
        facts: dict[str, Value] = {}
        ahead = [self._preferences(name, known) for name in self.domain.kb.inputs]
        while ahead:
            agreed = self._agreed([its[0].formula for its in ahead])
            for place, its in enumerate(ahead[: agreed + 1]):
                best = its[0] if place < agreed else self._first(its[1:])
                self.solver.add(best.formula)
                if best.value is not None:
                    facts[best.finding] = best.value
            ahead = ahead[agreed + 1 :]
        return facts

    def _first(self, its: list[_Preference]) -> _Preference:
        """The first possible preference; at least one is possible."""
        while len(its) > 1:
            half = its[: len(its) // 2]
            its = half if self.possible(self.formulas.any([it.formula for it in half])) else its[len(half) :]
        return its[0]

    def _agreed(self, formulas: list[z3.BoolRef]) -> int:
        """The length of the longest satisfiable prefix of some formulas."""
        while not self.possible(*formulas):
            core = {it.get_id() for it in self.solver.unsat_core()}
            formulas = formulas[: max(place for place, it in enumerate(formulas) if it.get_id() in core)]
        return len(formulas)

    def _preferences(self, name: str, known: Mapping[str, z3.BoolRef]) -> list[_Preference]:
        """The states of a finding in order of preference: unknown, usual, then its cells in their order."""
        if name not in self._preferred:
            self._preferred[name] = list(self._values(name))
        unknown = [_Preference(name, None, z3.Not(known[name]))] if name in known else []
        return [*unknown, *self._preferred[name]]

    def _values(self, name: str) -> Iterator[_Preference]:
        usual = self.domain.usual.get(name, self.domain.kb.inputs[name].default)
        for cell in usual_first(self.domain.cells[name], usual):
            value = usual if cell.holds(usual) else self.domain.nearest(name, [cell], usual)
            yield _Preference(name, cell.value if value is None else value, self.within(name, cell.value))

    def within(self, name: str, value: Value) -> z3.BoolRef:
        """A finding lies in the cell of a value."""
        return self.formulas.all(self.formulas.within(name, value))
