"""Mutation testing: whether the cases notice a small fault in a rule.

A mutant is *equivalent* if it is proved that no permitted partial patient has an observable difference; it is then not
counted, even if a case notices it because it expects the arguments themselves. Otherwise it is *killed* if some case
fails with it, and it has *survived* if none does. A mutant that no case kills and of which the solver cannot decide is
*unproved*, and counts as survived.

The truths of all cases are evaluated together, as bits, and for a mutant only those that depend on its rule are
evaluated again. A case is compared again only if a truth changed that was read for it. If completions were searched for
it, it is compared again too where a changed definition below the steps is open over what is known: such a definition
may come to have another truth in a completion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from functools import cached_property
from typing import NamedTuple

from expert.bits.program import Mask, Truths
from expert.bits.variant import Variant
from expert.cases.mutant_witness import MutantWitness, mutant_witness
from expert.cases.mutants import Mutant, mutants
from expert.cases.outcome import Outcomes, patients_in
from expert.cases.results import compared, outcomes_of
from expert.lang.definitions import Definitions, in_order
from expert.lang.errors import InputError, Problem, UnprovedError
from expert.lang.model import Invariant, KnowledgeBase
from expert.lang.observables import observables
from expert.lang.premises import Any, Name, Premise
from expert.lang.values import Facts
from expert.logic.domain import Domain
from expert.logic.kleene import Truth
from expert.read.cases import Case
from expert.solve.partial import PartialPatients
from expert.solve.prove import Prover

VERDICTS = ("killed", "survived", "equivalent", "unproved")


class Result(NamedTuple):
    """The verdict on a mutant, one of `VERDICTS`.

    Attributes:
        killed_by: the file and line of the first case that fails with it.
        witness: of a mutant that survived, a patient whose answer it changes.
    """

    mutant: Mutant
    verdict: str
    killed_by: str = ""
    witness: MutantWitness | None = None


class Score(NamedTuple):
    """The number of mutants with each verdict."""

    killed: int
    survived: int
    equivalent: int
    unproved: int

    @property
    def counted(self) -> int:
        """The mutants that a case could kill, as far as is proved."""
        return self.killed + self.survived + self.unproved


def score(results: Iterable[Result]) -> Score:
    """The score of some results."""
    verdicts = [result.verdict for result in results]
    return Score(*(verdicts.count(verdict) for verdict in VERDICTS))


# --- one mutant -------------------------------------------------------------------------------------------------------


class Mutated(NamedTuple):
    """A knowledge base with one mutant: the changed definitions, and what follows for the patients of the cases."""

    domain: Domain
    premises: Mapping[Name, Premise]
    outcomes: Outcomes


class Bench:
    """A knowledge base with its cases, on which mutants are tried.

    Attributes:
        mutants: all mutants of the rules.
        domain: the patients that the knowledge base or one of its mutants distinguishes.
        outcomes: what follows for the patients of the cases.
    """

    def __init__(self, kb: KnowledgeBase, cases: Iterable[Case]) -> None:
        """Raises:
        InputError: a case fails without a mutant, or its patient cannot occur.
        """
        self.mutants = mutants(Domain(Definitions(kb)))
        self.domain = _finer(kb, self.mutants)
        self.kb = self.domain.kb
        self.cases = tuple(cases)
        self.outcomes = outcomes_of(self.domain, self.cases)
        self._read: dict[Name, Mask] = {}
        self._searched: Mask = 0
        failed = [case for number, case in enumerate(self.cases) if self._fails_unchanged(number)]
        if failed:
            problems = (Problem(f"the case fails as it is: {case.name}", case.at) for case in failed)
            raise InputError(it._replace(expected="cases that pass; see expert test") for it in problems)

    def _fails_unchanged(self, number: int) -> bool:
        """Whether a case fails without a mutant; what is read for it is recorded."""
        outcome = self.outcomes.of(number, _Recorded)
        failures = compared(outcome, self.cases[number]).failures
        for place, evaluation in enumerate((outcome.over_known, outcome.over_presumed)):
            assert isinstance(evaluation, _Recorded)
            for name in evaluation.read:
                self._read[name] = self._read.get(name, 0) | 1 << 2 * number + place
        if outcome.searched:
            self._searched |= 1 << 2 * number
        return bool(failures)

    @cached_property
    def patients(self) -> PartialPatients:
        """All patients."""
        return PartialPatients(Prover(self.domain))

    @cached_property
    def _below_steps(self) -> frozenset[Name]:
        """The names on which the recommended step depends."""
        steps = [("recommended", step) for step in self.kb.steps]
        found: set[Name] = set()
        for name in in_order(steps, self.domain.definitions.needs, found):
            found.add(name)
        return frozenset(found)

    def settle(self, mutant: Mutant) -> Result:
        """The verdict on a mutant."""
        changed = self._mutated(mutant)
        killer = next(self._failing(changed), None)
        try:
            if killer is None:
                witness = self._witness(changed)
                return Result(mutant, "survived", witness=witness) if witness else Result(mutant, "equivalent")
            if not self._shows(changed) and not self.patients.see(changed.premises):
                return Result(mutant, "equivalent")
        except UnprovedError:
            if killer is None:
                return Result(mutant, "unproved")
        at = self.cases[killer].at
        return Result(mutant, "killed", f"{at.file}:{at.line}")

    def killers(self, mutant: Mutant) -> Iterator[int]:
        """The numbers of the cases that fail with a mutant, in order."""
        return self._failing(self._mutated(mutant))

    def _mutated(self, mutant: Mutant) -> Mutated:
        domain = copy(self.domain)
        domain.definitions, premises = self.domain.definitions.with_rule(mutant.rule)
        domain.kb = domain.definitions.kb
        return Mutated(domain, premises, self.outcomes.with_premises(domain, premises))

    def _failing(self, changed: Mutated) -> Iterator[int]:
        before, after = self.outcomes.truths, changed.outcomes.truths
        suspects = changed.outcomes.contradictory
        for name, read in self._read.items():
            suspects |= read & before.differs(after, name)
        for name in self._below_steps & changed.premises.keys():
            suspects |= self._searched & (before.differs(after, name) | before.open(name))
        return (number for number in patients_in(suspects) if self._fails(changed, number))

    def _fails(self, changed: Mutated, number: int) -> bool:
        if changed.outcomes.contradictory >> 2 * number + 1 & 1:
            return True
        return bool(compared(changed.outcomes.of(number), self.cases[number]).failures)

    def _shows(self, changed: Mutated) -> bool:
        """Whether the patient of some case has an observable difference; then no proof is needed."""
        before, after = self.outcomes.truths, changed.outcomes.truths
        by_holding, by_any_truth = self._observable
        return any(before.holds(name) != after.holds(name) for name in by_holding) or any(
            before.differs(after, name) for name in by_any_truth
        )

    @cached_property
    def _observable(self) -> tuple[list[Name], list[Name]]:
        """Names whose holding is observable, and names of which each truth is observable."""
        by_holding: list[Name] = []
        by_any_truth: list[Name] = []
        for it in observables(self.kb):
            if it.kind == "step":
                by_holding += [("excludes", it.name), ("available", it.name)]
            elif it.kind == "finding" and self.kb.findings[it.name].values:
                by_holding += it.definitions
            else:
                by_any_truth.append(it.definitions[0])
        return by_holding, by_any_truth

    def _witness(self, changed: Mutated) -> MutantWitness | None:
        """The patient nearest to the usual for whom a difference is observable: with the presumptions if there is one.

        Raises:
            UnprovedError: the solver could not decide.
        """
        for view in self.patients.views:
            facts = self.patients.who_sees(view, changed.premises)
            if facts is not None:
                return mutant_witness(self.domain, changed.domain, facts, view.presumed)
        return None


def _finer(kb: KnowledgeBase, found: Iterable[Mutant]) -> Domain:
    """The patients that a knowledge base or a mutant of it distinguishes: an invariant brings in all thresholds."""
    every = Any(tuple(mutant.rule.premise for mutant in found))
    at = next(iter(kb.steps.values())).at
    thresholds = Invariant("thresholds-of-mutants", "", False, "", (), every, "", (), at)
    return Domain(Definitions(kb._replace(invariants={**kb.invariants, thresholds.id: thresholds})))


class _Recorded(Variant):
    """One patient, with the names whose truths have been read."""

    __slots__ = ("read",)

    def __init__(self, definitions: Definitions, facts: Facts, truths: Truths, place: int) -> None:
        super().__init__(definitions, facts, truths, place)
        self.read: set[Name] = set()

    def concluded(self, name: Name) -> Truth:
        """The truth of a definition."""
        self.read.add(name)
        return super().concluded(name)
