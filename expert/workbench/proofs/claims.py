"""Claims about a knowledge base, and what they are settled with."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import z3  # type: ignore[import-untyped]

from expert.compile.to_kleene import PartialFormulas
from expert.errors import Location
from expert.infer.assess import Reasoner
from expert.infer.prove import Prover
from expert.model import Concluded, Facts, Premise
from expert.workbench.faults import Fault


class Claim(NamedTuple):
    """Something that should be so of every patient; ``counterexample`` looks for a fault, and there should be none."""

    check: str
    subject: str
    at: Location
    counterexample: Callable[[], Fault | None]


class Ground:
    """A knowledge base with the means to prove things about it."""

    def __init__(self, reasoner: Reasoner) -> None:
        self.kb, self.domain, self.definitions = reasoner.kb, reasoner.domain, reasoner.definitions
        self.prover = Prover(reasoner.domain)

    @cached_property
    def top(self) -> Location:
        """A place for what concerns the ladder as a whole."""
        return next(iter(self.kb.steps.values())).at

    @property
    def partial(self) -> PartialFormulas:
        """The formulas of partial patients."""
        return self.prover.partial

    def holds(self, *name: str) -> z3.BoolRef:
        """That a definition holds of a complete patient."""
        return self.of(Concluded(name))

    def of(self, premise: Premise) -> z3.BoolRef:
        """That a premise over inputs and names holds of a complete patient."""
        return self.prover.formulas.of(premise)

    def any(self, parts: list[z3.BoolRef]) -> z3.BoolRef:
        """That one of some formulas holds."""
        return self.prover.formulas.any(parts)

    def witness(self, facts: Facts) -> str:
        """A patient as YAML ready to become a case; what is usual is left out, as it is presumed."""
        usual = self.domain.usual
        told = {name: value for name, value in facts.items() if usual.get(name) != value}
        return "\n".join(f"{name}: {self.domain.write(name, value)}" for name, value in told.items()) or "{}"
