"""Definitions as formulas of a solver (z3), over complete patients.

A complete patient has a value for every finding, so each name is a plain Boolean. A choice is a set of Booleans of
which exactly one is true. A quantity matters only by its position among the thresholds: for each threshold one Boolean
means that it is reached and one that it is passed, and they imply each other in order. So thresholds are exact, and all
variables are Boolean.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import pairwise
from threading import RLock

import z3  # type: ignore[import-untyped]

from expert.lang.definitions import Definitions
from expert.lang.errors import UnprovedError
from expert.lang.premises import All, Compare, In, Is, Literal, Premise, literals
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import Constraint, Finding, Kind
from expert.solve.booleans import Booleans, new_solver


class Formulas(Booleans):
    """The formulas of one knowledge base, in a z3 context of their own.

    The formulas of a *neighbour* are about a second patient, who may differ from the first in some findings.

    Attributes:
        lock: held while formulas are made or asked about.
    """

    def __init__(self, definitions: Definitions, thresholds: Mapping[str, Iterable[float]]) -> None:
        """Premises about a quantity may compare it with these ``thresholds``."""
        super().__init__(definitions, z3.Context())
        self.thresholds = {name: sorted(numbers) for name, numbers in thresholds.items()}
        self._fact = lru_cache(4096)(self._of_fact)
        self.solver = new_solver(self.context)
        self.solver.add(*self.permitted)
        self.lock = RLock()  # a context of z3 serves one thread at a time

    @cached_property
    def permitted(self) -> list[z3.BoolRef]:
        """Every finding has one value within its range, and no constraint is broken."""
        return self._values + self.constraints(self.definitions.kb.inputs)

    @cached_property
    def _values(self) -> list[z3.BoolRef]:
        """Every finding has one value within its range."""
        return [part for finding in self.definitions.kb.inputs.values() for part in self._declared(finding)]

    def constraints(self, names: Iterable[str]) -> list[z3.BoolRef]:
        """No constraint that contains one of some findings is broken."""
        wanted = set(names)
        never = (All(constraint.never) for constraint in self.definitions.kb.constraints)
        return [z3.Not(self.of(it)) for it in never if wanted & {literal.finding for literal in literals(it)}]

    def _declared(self, finding: Finding) -> Iterator[z3.BoolRef]:
        if finding.kind is Kind.CHOICE:
            yield z3.PbEq([(self.is_value(finding.name, value), 1) for value in finding.values], 1)
        elif finding.kind is Kind.QUANTITY:
            beyond = [self.beyond(finding.name, place) for place in self._places(finding.name)]
            yield from (z3.Implies(further, nearer) for nearer, further in pairwise(beyond))
            for place in self._places(finding.name):
                number, passed = place
                if number < finding.low or (number == finding.low and not passed):
                    yield self.beyond(finding.name, place)
                if number > finding.high or (number == finding.high and passed):
                    yield z3.Not(self.beyond(finding.name, place))

    def _places(self, finding: str) -> list[tuple[float, bool]]:
        """The thresholds of a quantity, each as reached and as passed, in order."""
        return [(number, passed) for number in self.thresholds.get(finding, ()) for passed in (False, True)]

    def beyond(self, finding: str, place: tuple[float, bool]) -> z3.BoolRef:
        """A quantity has reached a threshold, or has passed it."""
        number, passed = place
        return z3.Bool(f"{finding} {'>' if passed else '>='} {number!r}", self.context)

    def is_value(self, finding: str, value: bool | str) -> z3.BoolRef:
        """A yes/no finding or a choice has a value."""
        if isinstance(value, bool):
            variable = z3.Bool(finding, self.context)
            return variable if value else z3.Not(variable)
        return z3.Bool(f"{finding} is {value}", self.context)

    def facts(self, facts: Facts) -> list[z3.BoolRef]:
        """Findings have these values, or values that no premise distinguishes from them."""
        return [part for fact in facts.items() for part in self._fact(*fact)]

    def _of_fact(self, finding: str, value: Value) -> list[z3.BoolRef]:
        if not isinstance(value, float):
            return [self.is_value(finding, value)]
        places = [(place, self.beyond(finding, place)) for place in self._places(finding)]
        reached = (value > number or (value == number and not passed) for (number, passed), _ in places)
        return [beyond if so else z3.Not(beyond) for so, (_, beyond) in zip(reached, places, strict=True)]

    def within(self, finding: str, value: Value) -> list[z3.BoolRef]:
        """The same for one finding in fewer formulas, which rely on `permitted`."""
        if not isinstance(value, float):
            return [self.is_value(finding, value)]
        thresholds = self.thresholds.get(finding, [])
        # The thresholds imply each other in order: the last one reached and the first one not reached are enough.
        reached = bisect_right(thresholds, value) + bisect_left(thresholds, value)
        around = (
            (index, (thresholds[index // 2], index % 2 == 1))
            for index in (reached - 1, reached)
            if 0 <= index < 2 * len(thresholds)
        )
        formulas = ((index, self.beyond(finding, place)) for index, place in around)
        return [beyond if index < reached else z3.Not(beyond) for index, beyond in formulas]

    def literal(self, literal: Literal) -> z3.BoolRef:
        """A premise about one finding as a formula."""
        match literal:
            case Is():
                return self.is_value(literal.finding, literal.value)
            case In():
                return self.any([self.is_value(literal.finding, value) for value in literal.values])
            case Compare():
                beyond = self.beyond(literal.finding, (literal.threshold, literal.operator in (">", "<=")))
                return beyond if literal.operator in (">", ">=") else z3.Not(beyond)

    def of_neighbour(self, formulas: list[z3.BoolRef], turned: Iterable[str]) -> list[z3.BoolRef]:
        """The same formulas about a neighbour, who may differ in the ``turned`` findings."""
        variables = [variable for name in turned for variable in self._variables(self.definitions.kb.inputs[name])]
        pairs = [(variable, self._turned(variable)) for variable in variables]
        return list(z3.substitute(z3.And([*formulas, z3.BoolVal(True, self.context)]), *pairs).children())[:-1]

    def same_as_neighbour(self, finding: str) -> z3.BoolRef:
        """A turned finding has the same value in the neighbour."""
        variables = self._variables(self.definitions.kb.inputs[finding])
        return self.all([it == other for it, other in zip(variables, map(self._turned, variables), strict=True)])

    def _turned(self, variable: z3.BoolRef) -> z3.BoolRef:
        return z3.Bool(f"{variable.decl().name()}'", self.context)

    def _variables(self, finding: Finding) -> list[z3.BoolRef]:
        if finding.kind is Kind.QUANTITY:
            return [self.beyond(finding.name, place) for place in self._places(finding.name)]
        return [self.is_value(finding.name, value) for value in finding.values or (True,)]

    def permitted_by(self, constraints: Iterable[Constraint], facts: Facts) -> bool:
        """Whether some completion of the facts breaks none of these constraints; all others are ignored.

        Raises:
            UnprovedError: the solver could not decide.
        """
        with self.lock:
            return self._permitted_by(constraints, facts)

    def _permitted_by(self, constraints: Iterable[Constraint], facts: Facts) -> bool:
        solver = new_solver(self.context)  # it is freed with this call, while the lock is held
        solver.add(*self._values, *(z3.Not(self.of(All(it.never))) for it in constraints), *self.facts(facts))
        found = solver.check()
        if found == z3.unknown:
            raise UnprovedError(solver.reason_unknown())
        return bool(found == z3.sat)

    def satisfiable(self, facts: Facts, *goals: Premise) -> bool:
        """Whether some permitted completion of the facts makes the goals hold.

        Raises:
            UnprovedError: the solver could not decide.
        """
        with self.lock:
            found = self.solver.check(*map(self.of, goals), *self.facts(facts))
            if found == z3.unknown:
                raise UnprovedError(self.solver.reason_unknown())
            return bool(found == z3.sat)
