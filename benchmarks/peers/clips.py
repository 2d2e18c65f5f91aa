"""CLIPS: Horn clauses as ``defrule``s, every finding and conclusion as a ``deftemplate`` of its own.

It is given the clauses in the form that is best for it too: without what follows for every patient, and with one rule
for those that wait for the same.

What was tried: one template for all findings and one for all conclusions, distinguished by a slot, took half as long
again. Facts that are asserted one by one from Python leave garbage behind that CLIPS does not collect, and each patient
takes longer than the last; so one call of a ``deffunction`` asserts all findings, runs, and returns the goals.
"""

from __future__ import annotations

from collections.abc import Sequence

import clips  # type: ignore[import-untyped]

from benchmarks.patients import Settled
from benchmarks.peers import Truths
from expert.engine.to_experta import Waiting, compile_clauses
from expert.lang.definitions import Definitions
from expert.lang.premises import OPPOSITE, Compare, Concluded, In, Is, Literal, Name
from expert.lang.values import Facts, Value
from expert.logic.kleene import Truth

YES, NO, UNKNOWN = "yes", "no", "nil"
TRUTHS: dict[str, Truth] = {YES: True, NO: False, "FALSE": None}
"""What the query for a conclusion answers; FALSE if there is no such fact."""


class Clips:
    """One environment, reset for each patient; presumptions are added to the same working memory."""

    def __init__(self, definitions: Definitions, goals: Sequence[Name]) -> None:
        self.findings = list(definitions.kb.inputs)
        values = {value for finding in definitions.kb.inputs.values() for value in finding.values}
        self.symbols: dict[Value, object] = {value: clips.Symbol(value) for value in values}
        self.symbols |= {True: clips.Symbol(YES), False: clips.Symbol(NO)}
        self.unknown = clips.Symbol(UNKNOWN)
        always, waiting = compile_clauses(definitions)
        concluded = (clause.conclusion for rule in waiting for clause in rule.clauses)
        self.templates = {name: f"conclusion-{index}" for index, name in enumerate(dict.fromkeys((*concluded, *goals)))}
        self.always = [always[name][0].truth if name in always else None for name in goals]
        self.environment = clips.Environment()
        for construct in self._constructs(waiting, [name for name in goals if name not in always]):
            self.environment.build(construct)
        self.consult = self.environment.find_function("consult")

    def conclude(self, patient: Settled) -> tuple[Truths, Truths]:
        self.environment.reset()
        return self._add(patient.known), self._add(patient.presumed)

    def _add(self, facts: Facts) -> Truths:
        truths = iter(self.consult(*(self._value(facts.get(name)) for name in self.findings)))
        return tuple(TRUTHS[next(truths)] if truth is None else truth for truth in self.always)

    def _value(self, value: Value | None) -> object:
        if value is None:
            return self.unknown
        return value if isinstance(value, float) else self.symbols[value]

    # --- the knowledge

    def _constructs(self, rules: Sequence[Waiting], goals: Sequence[Name]) -> list[str]:
        templates = [f"(deftemplate finding-{name} (slot value))" for name in self.findings]
        templates += [f"(deftemplate {template} (slot truth))" for template in self.templates.values()]
        return [
            *templates,
            *(self._rule(f"rule-{number}", it) for number, it in enumerate(rules)),
            self._consult(goals),
        ]

    def _consult(self, goals: Sequence[Name]) -> str:
        """The function that is given a value of every finding, and returns the truths of the goals."""
        parameters = " ".join(f"?{name}" for name in self.findings)
        asserted = (f"(if (neq ?{it} {UNKNOWN}) then (assert (finding-{it} (value ?{it}))))" for it in self.findings)
        truths = (f"(do-for-fact ((?the-fact {self.templates[name]})) TRUE ?the-fact:truth)" for name in goals)
        return f"(deffunction consult ({parameters}) {' '.join(asserted)} (run) (create$ {' '.join(truths)}))"

    def _rule(self, name: str, rule: Waiting) -> str:
        patterns = " ".join(self._pattern(part, truth) for part, truth in rule.needs)
        conclusions = (self._conclusion(clause.conclusion, clause.truth) for clause in rule.clauses)
        return f"(defrule {name} {patterns} => (assert {' '.join(conclusions)}))"

    def _pattern(self, part: Literal | Concluded, truth: bool) -> str:
        if isinstance(part, Concluded):
            return self._conclusion(part.name, truth)
        return f"(finding-{part.finding} (value {_constraint(part, truth)}))"

    def _conclusion(self, name: Name, truth: bool) -> str:
        return f"({self.templates[name]} (truth {YES if truth else NO}))"


def _constraint(literal: Literal, truth: bool) -> str:
    """What a slot's value must be for a premise to hold or to fail."""
    match literal:
        case Is(value=bool()):
            return YES if literal.value is truth else NO
        case Is():
            return f"{literal.value}" if truth else f"~{literal.value}"
        case In():
            return "|".join(literal.values) if truth else "&".join(f"~{value}" for value in literal.values)
        case Compare():
            sign = literal.operator if truth else OPPOSITE[literal.operator]
            variable = f"?{literal.finding}"  # the same name in another pattern of the rule means the same value
            return f"{variable}&:({sign} {variable} {literal.threshold!r})"
