"""Permitted partial patients, and whether an observable of their answers differs.

Only some findings of a partial patient are known. An answer reports what follows from the *known* facts (given, default
or forced) and what follows when *presumed* ones are added. So there are two views of the same patients, and a proof of
equivalence (of rules, mutants or knowledge bases) covers both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import z3  # type: ignore[import-untyped]

from expert.lang.premises import Name, Premise
from expert.lang.values import Facts
from expert.logic.domain import Domain
from expert.solve.prove import Prover
from expert.solve.to_kleene import PartialFormulas, observed


class View(NamedTuple):
    """Partial patients by their known facts, or by their known and presumed facts.

    Attributes:
        presumed: whether presumed facts count.
        formulas: what follows from the facts that count.
        patients: the conditions on a patient who can occur.
    """

    presumed: bool
    formulas: PartialFormulas
    patients: tuple[z3.BoolRef, ...]


class PartialPatients:
    """The permitted partial patients of a domain.

    Attributes:
        prover: searches complete patients.
        known: the view without presumptions.
        presumed: the view with presumptions.
    """

    def __init__(self, prover: Prover) -> None:
        self.prover, self.domain = prover, prover.domain
        self.known = View(False, prover.partial, tuple(_known(self.domain, prover.partial)))
        counts = dict(_counting(self.domain, prover.partial))
        formulas = PartialFormulas(prover.formulas, self.domain.definitions.premises, counts)
        usual = (
            z3.Or(prover.partial.known[name], z3.Not(counts[name]), prover.within(name, value))
            for name, value in self.domain.usual.items()
        )
        self.presumed = View(True, formulas, (*self.known.patients, *usual))

    def view(self, presumed: bool) -> View:
        """The view with or without presumptions."""
        return self.presumed if presumed else self.known

    def see(self, changed: Mapping[Name, Premise]) -> bool:
        """Whether replacing some definitions changes an observable for some patient.

        Raises:
            UnprovedError: the solver could not decide.
        """
        return any(self.among(view, self.differs(view, changed)).possible() for view in (self.known, self.presumed))

    def nearest(self, view: View, *goals: z3.BoolRef) -> Facts | None:
        """The facts of the nearest patient who meets formulas of a view; ``None`` if there is none.

        Raises:
            UnprovedError: the solver could not decide.
        """
        return self.among(view, *goals).partial_patient(self.prover.partial.known)

    def among(self, view: View, *goals: z3.BoolRef) -> Prover:
        """A new prover over the patients who meet formulas of a view."""
        return self.prover.under(*view.patients, *goals)

    def differs(self, view: View, changed: Mapping[Name, Premise]) -> z3.BoolRef:
        """Replacing some definitions changes an observable of a view."""
        touched = self.domain.definitions.above(changed)
        premises = self.domain.definitions.premises
        again = {name: premises[name] for name in touched if name in premises}
        changed_formulas = PartialFormulas(
            self.prover.formulas, {**again, **changed}, view.formulas.known, view.formulas
        )
        old, new = (observed(formulas, self.domain.kb, touched) for formulas in (view.formulas, changed_formulas))
        pairs = (pair for pair in zip(old, new, strict=True) if not pair[0].eq(pair[1]))
        return self.prover.formulas.any([z3.Xor(*pair) for pair in pairs])


def _known(domain: Domain, partial: PartialFormulas) -> Iterator[z3.BoolRef]:
    """Conditions on all patients: defaults and forced values are known."""
    for name, finding in domain.kb.inputs.items():
        if finding.default is not None:
            yield partial.known[name]
    for group in domain.groups:
        for name, _, premise in group.forcing():
            yield z3.Implies(partial.of(premise).holds, partial.known[name])


def _counting(domain: Domain, partial: PartialFormulas) -> Iterator[tuple[str, z3.BoolRef]]:
    """For each finding, the formula that it is known or presumed: nothing keeps its usual value from being so."""
    yield from partial.known.items()
    withheld = {name: partial.of(premise).holds for name, premise in domain.kb.presumed_unless.items()}
    never = z3.BoolVal(False, partial.formulas.context)
    for name in domain.usual:
        if name not in domain.tied:
            yield name, z3.Or(partial.known[name], z3.Not(withheld.get(name, never)))
    for group in domain.groups:
        counts = dict(partial.known)  # a presumption may exclude later ones
        for name, premise in group.excluding():
            excluded = PartialFormulas(partial.formulas, {}, counts).of(premise).holds
            counts[name] = z3.Or(partial.known[name], z3.Not(z3.Or(withheld.get(name, never), excluded)))
            yield name, counts[name]
