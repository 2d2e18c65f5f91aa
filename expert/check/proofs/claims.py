"""Claims about a knowledge base, and what they are settled with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import NamedTuple

from expert.answer.assess import Reasoner
from expert.check.faults import Fault
from expert.lang.errors import Location
from expert.lang.premises import Concluded, Name, Premise, literals
from expert.lang.values import Facts
from expert.logic.kleene import Evaluation
from expert.solve.connectives import Formula
from expert.solve.partial import PartialPatients
from expert.solve.prove import Prover


class Claim(NamedTuple):
    """Something that should be so of every patient; ``counterexample`` looks for a fault, and there should be none."""

    check: str
    subject: str
    at: Location
    counterexample: Callable[[], Fault | None]


class Ground:
    """A knowledge base with the means to prove things about it."""

    def __init__(self, reasoner: Reasoner) -> None:
        self.kb, self.definitions = reasoner.kb, reasoner.definitions
        self.domain = reasoner.domain
        self.prover = Prover(self.domain)

    @cached_property
    def top(self) -> Location:
        """A place for what concerns the ladder as a whole."""
        return next(iter(self.kb.steps.values())).at

    @cached_property
    def patients(self) -> PartialPatients:
        """The partial patients who can occur."""
        return PartialPatients(self.prover)

    @cached_property
    def readers(self) -> Mapping[str, list[Name]]:
        """For each input finding that rules read, the names of those rules."""
        found: dict[str, list[Name]] = {}
        for rule in self.kb.rules.values():
            for finding in dict.fromkeys(literal.finding for literal in literals(rule.premise)):
                found.setdefault(finding, []).append(("rule", rule.id))
        return found

    def holds(self, *name: str) -> Formula:
        """That a definition holds of a complete patient."""
        return self.of(Concluded(name))

    def of(self, premise: Premise) -> Formula:
        """That a premise over inputs and names holds of a complete patient."""
        return self.prover.formulas.of(premise)

    def any(self, parts: list[Formula]) -> Formula:
        """That one of some formulas holds."""
        return self.prover.formulas.any(parts)

    def shown(self, premise: Premise) -> str | None:
        """A witness that a premise can hold; ``None`` if it can of nobody.

        Raises:
            UnprovedError: the solver could not decide.
        """
        facts = self.prover.complete_patient(self.of(premise))
        return None if facts is None else self.witness(facts, premise)

    def witness(self, facts: Facts, premise: Premise | None = None) -> str:
        """A patient as YAML ready to become a case; what is usual or a default is left out, as it goes without saying.

        With a premise, so is what it does not need in order to be known to hold.
        """
        unsaid = {name: it.default for name, it in self.kb.inputs.items() if it.default is not None} | self.domain.usual
        told = {name: value for name, value in facts.items() if unsaid.get(name) != value}
        for name in reversed(list(told) if premise else []):
            fewer = {other: value for other, value in told.items() if other != name}
            background = self.domain.possible_background(fewer)  # where a default counts again, nobody may be so
            if premise and background and Evaluation(self.definitions, background.all).evaluate(premise):
                told = fewer
        return "\n".join(f"{name}: {self.domain.write(name, value)}" for name, value in told.items()) or "{}"
