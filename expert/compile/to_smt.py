"""Definitions as formulas of a solver (z3), over complete patients.

A complete patient has a value for every finding, so each name is a plain Boolean. Choices are Booleans of which exactly
one is true; quantities are reals within their range, so thresholds are exact.
"""

from __future__ import annotations

from functools import lru_cache

import z3  # type: ignore[import-untyped]

from expert.definitions import Definitions
from expert.errors import ExpertError
from expert.model import (
    All,
    Any,
    Compare,
    Concluded,
    Exclusive,
    Facts,
    Finding,
    In,
    Is,
    Kind,
    Name,
    Not,
    Premise,
    Value,
)


class Formulas:
    """The formulas of one knowledge base, in a z3 context of their own."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self.context = z3.Context()
        self.names: dict[Name, z3.BoolRef] = {}
        self.fact = lru_cache(4096)(self._fact)
        self.solver = z3.Solver(ctx=self.context)
        for finding in definitions.kb.inputs.values():
            self._declare(finding)
        for constraint in definitions.kb.constraints:
            self.solver.add(z3.Not(self.of(All(constraint.never))))

    def _declare(self, finding: Finding) -> None:
        if finding.kind is Kind.CHOICE:
            values = [self.is_value(finding.name, value) for value in finding.values]
            self.solver.add(z3.PbEq([(value, 1) for value in values], 1))
        elif finding.kind is Kind.QUANTITY:
            number = self.number(finding.name)
            self.solver.add(number >= self._real(finding.low), number <= self._real(finding.high))

    def is_value(self, finding: str, value: bool | str) -> z3.BoolRef:
        """That a yes/no finding or a choice has a value."""
        if isinstance(value, bool):
            variable = z3.Bool(finding, self.context)
            return variable if value else z3.Not(variable)
        return z3.Bool(f"{finding} is {value}", self.context)

    def number(self, finding: str) -> z3.ArithRef:
        """The value of a quantity."""
        return z3.Real(finding, self.context)

    def _real(self, number: float) -> z3.ArithRef:
        numerator, denominator = number.as_integer_ratio()
        return z3.Q(numerator, denominator, self.context)

    def _fact(self, finding: str, value: Value) -> z3.BoolRef:
        """That a finding has a value."""
        if isinstance(value, float):
            return self.number(finding) == self._real(value)
        return self.is_value(finding, value)

    def of(self, premise: Premise) -> z3.BoolRef:
        """A premise as a formula."""
        match premise:
            case Concluded():
                if premise.name not in self.names:
                    self.names[premise.name] = self.of(self.definitions.premises[premise.name])
                return self.names[premise.name]
            case Is():
                return self.is_value(premise.finding, premise.value)
            case In():
                return z3.Or(
                    [self.is_value(premise.finding, value) for value in premise.values]
                    + [z3.BoolVal(False, self.context)]
                )
            case Compare():
                number, threshold = self.number(premise.finding), self._real(premise.threshold)
                compared: z3.BoolRef = {
                    "<": number < threshold,
                    "<=": number <= threshold,
                    ">": number > threshold,
                    ">=": number >= threshold,
                }[premise.operator]
                return compared
            case Not():
                return z3.Not(self.of(premise.premise))
            case All():
                return z3.And([self.of(part) for part in premise.premises] + [z3.BoolVal(True, self.context)])
            case Any():
                return z3.Or([self.of(part) for part in premise.premises] + [z3.BoolVal(False, self.context)])
            case Exclusive():
                return self.of(premise.own)

    def satisfiable(self, facts: Facts, goal: Premise) -> bool:
        """Whether some permitted completion of the facts makes the goal hold.

        Raises:
            ExpertError: the solver could not decide; that is never taken for an answer.
        """
        assumptions = [self.fact(name, value) for name, value in facts.items()]
        found = self.solver.check(self.of(goal), *assumptions)
        if found == z3.unknown:
            raise ExpertError(f"the solver could not decide: {self.solver.reason_unknown()}")
        return bool(found == z3.sat)
