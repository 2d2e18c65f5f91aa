"""Proving by looking for a counterexample: a solver finds a patient who breaks a claim, or there is none.

The counterexample is the patient nearest to the usual: in the vocabulary's order each finding is unknown if it can be
(of a partial patient), else has its usual value if it can, else the first value that it can have. So it is
lexicographically least, and the same in every run, whatever the solver happens to find first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import z3  # type: ignore[import-untyped]

from expert.cells import usual_first
from expert.compile.to_kleene import PartialFormulas, outcome
from expert.infer.domain import Domain
from expert.model import Concluded, Name, Premise, Value, parts

TIMEOUT = 20_000  # milliseconds for one question; a proof that takes longer is reported as unproved


class UnprovedError(Exception):
    """The solver could not decide; that is never taken for a proof."""


class Prover:
    """Looks for patients of one domain that meet formulas."""

    def __init__(self, domain: Domain, *assertions: z3.BoolRef) -> None:
        """Only patients who meet the ``assertions`` are looked for."""
        self.domain, self.formulas = domain, domain.formulas
        # For few questions this solver is ten times as quick as the general one; it grows slow with many.
        self.solver = z3.SolverFor("QF_FD", ctx=self.formulas.context)
        self.solver.set("timeout", TIMEOUT)
        self.solver.add(*self.formulas.permitted, *assertions)

    def under(self, *assertions: z3.BoolRef) -> Prover:
        """A prover of its own for what is asked under assumptions: a solver grows slow with all that it was asked."""
        return Prover(self.domain, *assertions)

    @cached_property
    def partial(self) -> PartialFormulas:
        """The formulas of partial patients."""
        return PartialFormulas(self.formulas, self.domain.definitions.premises)

    def with_premises(self, changed: Mapping[Name, Premise]) -> PartialFormulas:
        """The formulas of partial patients where some definitions are others."""
        premises = self.domain.definitions.premises
        again = {name: premises[name] for name in self.resting_on(changed) if name in premises}
        return PartialFormulas(self.formulas, {**again, **changed}, self.partial)

    def differs(self, changed: Mapping[Name, Premise], among: PartialFormulas | None = None) -> z3.BoolRef:
        """That what a person can see of an answer is another where some definitions are others."""
        touched = self.resting_on(changed)
        old = outcome(self.partial, self.domain.kb, touched)
        new = outcome(among or self.with_premises(changed), self.domain.kb, touched)
        both = ((before, after) for (_, before), (_, after) in zip(old, new, strict=True))
        return self.formulas.any([z3.Xor(*pair) for words in both for pair in zip(*words, strict=True)])

    def resting_on(self, names: Iterable[Name]) -> frozenset[Name]:
        """Some names, and all whose definitions rest on them."""
        found = set(names)
        for name, premise in self.domain.definitions.premises.items():  # by stratum: what a name needs comes before it
            if any(isinstance(part, Concluded) and part.name in found for part in parts(premise)):
                found.add(name)
        return frozenset(found)

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
        return self._nearest(list(goals), {}) if self.possible(*goals) else None

    def partial_patient(self, *goals: z3.BoolRef) -> dict[str, Value] | None:
        """The same of partial patients: as few findings are known as can be.

        Raises:
            UnprovedError: the solver could not decide.
        """
        return self._nearest(list(goals), self.partial.known) if self.possible(*goals) else None

    def _nearest(self, goals: list[z3.BoolRef], known: Mapping[str, z3.BoolRef]) -> dict[str, Value]:
        facts: dict[str, Value] = {}
        model = self.solver.model()
        for name in self.domain.kb.inputs:
            for value, formula in self._preferences(name, known):
                if not z3.is_true(model.eval(formula, model_completion=True)):
                    if not self.possible(*goals, formula):
                        continue
                    model = self.solver.model()
                goals.append(formula)
                if value is not None:
                    facts[name] = value
                break
        return facts

    def _preferences(self, name: str, known: Mapping[str, z3.BoolRef]) -> Iterator[tuple[Value | None, z3.BoolRef]]:
        """What a finding may be, the most wanted first: unknown, usual, then its cells in their order."""
        if name in known:
            yield None, z3.Not(known[name])
        usual = self.domain.usual.get(name)
        for cell in usual_first(self.domain.cells[name], usual):
            value = usual if cell.holds(usual) else self.domain.nearest(name, [cell], usual)
            yield cell.value if value is None else value, self.within(name, cell.value)

    def within(self, name: str, value: Value) -> z3.BoolRef:
        """That a finding lies in the cell of a value."""
        return self.formulas.all(self.formulas.facts({name: value}))
