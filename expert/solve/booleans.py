"""Definitions as formulas of a solver (z3) about one complete patient, for whom every name is true or false.

Subclasses encode premises about one finding: `expert.solve.to_smt` by thresholds, `expert.solve.to_cells` by cells.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

import z3  # type: ignore[import-untyped]

from expert.lang.definitions import Definitions, in_order
from expert.lang.premises import Count, Literal, Name, Premise, fold


class Booleans(ABC):
    """The formulas of premises about one patient, in a z3 context."""

    def __init__(self, definitions: Definitions, context: z3.Context) -> None:
        self.definitions, self.context = definitions, context
        self.names: dict[Name, z3.BoolRef] = {}

    @abstractmethod
    def literal(self, literal: Literal) -> z3.BoolRef:
        """A premise about one finding as a formula."""

    def of(self, premise: Premise) -> z3.BoolRef:
        """A premise as a formula."""
        return fold(premise, self)

    def concluded(self, name: Name) -> z3.BoolRef:
        """A definition as a formula."""
        for each in in_order((name,), self.definitions.needs, self.names):
            self.names[each] = self.of(self.definitions.premises[each])
        return self.names[name]

    def negation(self, part: z3.BoolRef) -> z3.BoolRef:
        """The formula does not hold."""
        return z3.Not(part)

    def exclusive(self, own: z3.BoolRef, others: z3.BoolRef) -> z3.BoolRef:  # noqa: ARG002
        """A value of a concluded choice holds. Two values never hold together, so ``others`` add nothing."""
        return own

    def count(self, count: Count, parts: Iterable[z3.BoolRef]) -> z3.BoolRef:
        """Enough formulas hold."""
        found = list(parts)
        enough = self.reached(count, found, count.least)
        return enough if count.most is None else z3.And(enough, z3.Not(self.reached(count, found, count.most + 1)))

    def reached(self, count: Count, parts: Sequence[z3.BoolRef], bound: int) -> z3.BoolRef:
        """The points of those formulas that hold reach a bound."""
        if not 0 < bound <= count.total:
            return z3.BoolVal(bound <= 0, self.context)
        return z3.PbGe(list(zip(parts, count.points, strict=True)), bound)

    def all(self, parts: Iterable[z3.BoolRef]) -> z3.BoolRef:
        """All formulas hold; true if there is none."""
        formulas = list(parts)
        return formulas[0] if len(formulas) == 1 else z3.And([*formulas, z3.BoolVal(True, self.context)])

    def any(self, parts: Iterable[z3.BoolRef]) -> z3.BoolRef:
        """Some formula holds; false if there is none."""
        formulas = list(parts)
        return formulas[0] if len(formulas) == 1 else z3.Or([*formulas, z3.BoolVal(False, self.context)])


def new_solver(context: z3.Context, logic: str = "") -> z3.Solver:
    """A solver that leaves Ctrl-C to Python. By default z3 catches it and goes on without a result, or with one."""
    solver = z3.SolverFor(logic, ctx=context) if logic else z3.Solver(ctx=context)
    solver.set("ctrl_c", False)
    return solver
