"""Mutation testing: whether the cases would notice if a rule were slightly wrong.

Of each mutant it is asked whether any partial patient whom the constraints permit sees a difference. If it is proved
that none does, the mutant is *equivalent* and is not counted, even where a case notices it because it asks for the
arguments themselves. Else it is *killed* if some case expects what does not follow with it, and *survived* if none
does. What a solver cannot decide of a mutant that no case kills is *unproved*, and counts as if it had survived.

The truths of all cases are worked out together, as bits, and of a mutant only those above its rule again. A case is
compared again only if a truth is different that was read for it. What was found by searching completions besides stays
if, of the definitions below the steps that are different, none is open over what is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from functools import cached_property
from typing import NamedTuple

from expert.bits.program import Mask, Truths
from expert.bits.variant import Variant
from expert.cases.answer_differences import Telling, apart
from expert.cases.cases import Case, compared, outcomes_of
from expert.cases.mutants import Mutant, mutants
from expert.cases.outcome import Outcomes, patients_in
from expert.lang.definitions import Definitions, in_order
from expert.lang.errors import InputError, Problem, UnprovedError
from expert.lang.model import Invariant, KnowledgeBase
from expert.lang.observables import observables
from expert.lang.premises import Any, Name, Premise
from expert.lang.values import Facts, Value
from expert.logic.domain import Domain
from expert.logic.kleene import Truth
from expert.solve.partial import PartialPatients
from expert.solve.prove import Prover

VERDICTS = ("killed", "survived", "equivalent", "unproved")


class Result(NamedTuple):
    """What became of a mutant: one of `VERDICTS`; ``killed_by`` is the first case that fails with it."""

    mutant: Mutant
    verdict: str
    killed_by: str = ""
    telling: Telling | None = None


class Score(NamedTuple):
    """How many mutants came to what."""

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
    """A knowledge base with one mutant: the definitions that are different, and what follows for the cases."""

    domain: Domain
    premises: Mapping[Name, Premise]
    outcomes: Outcomes


class Bench:
    """A knowledge base with its cases, on which mutants are settled.

    Raises:
        InputError: a case fails already, or its patient cannot be.
    """

    def __init__(self, kb: KnowledgeBase, cases: Iterable[Case]) -> None:
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
        """Whether a case fails without a mutant; what is read for it is noted."""
        outcome = self.outcomes.of(number, _Noted)
        differences = compared(self.kb, outcome, self.cases[number]).differences
        for place, evaluation in enumerate((outcome.over_known, outcome.over_presumed)):
            assert isinstance(evaluation, _Noted)
            for name in evaluation.read:
                self._read[name] = self._read.get(name, 0) | 1 << 2 * number + place
        if outcome.searched:
            self._searched |= 1 << 2 * number
        return bool(differences)

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
        """What becomes of a mutant."""
        changed = self._mutated(mutant)
        killer = next(self._failing(changed), None)
        try:
            if killer is None:
                telling = self._telling(changed)
                return Result(mutant, "survived", telling=telling) if telling else Result(mutant, "equivalent")
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
        return bool(compared(self.kb, changed.outcomes.of(number), self.cases[number]).differences)

    def _shows(self, changed: Mutated) -> bool:
        """Whether a difference is seen to be observable for the patient of some case, which needs no proof then."""
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

    def _telling(self, changed: Mutated) -> Telling | None:
        """The patient nearest to the usual who sees a difference: with the presumptions if there is one."""
        for view in self.patients.views:
            facts = self.patients.who_sees(view, changed.premises)
            if facts is not None:
                return self._told(changed.domain, facts, view.presumed)
        return None

    def _told(self, changed: Domain, facts: Facts, presumed: bool) -> Telling:
        given = {name: value for name, value in facts.items() if not self._goes_without_saying(name, facts, presumed)}
        if not apart(self.domain, changed, given, presumed):
            given = dict(facts)
        for name in reversed(list(given)):
            fewer = {other: value for other, value in given.items() if other != name}
            given = (
                fewer if apart(self.domain, changed, fewer, presumed) else self._stated(changed, given, name, presumed)
            )
        written = {name: self.domain.write(name, value) for name, value in given.items()}
        return Telling(written, presumed, apart(self.domain, changed, given, presumed))

    def _stated(self, changed: Domain, given: Facts, name: str, presumed: bool) -> dict[str, Value]:
        """The same with a quantity put as people state it, if it lies where they do not and another tells as well."""
        value = given[name]
        near = [self.domain.nearest(name, [cell], value) for cell in self.domain.cells[name]]
        if value not in near:
            for other in near:
                if other is not None and apart(self.domain, changed, {**given, name: other}, presumed):
                    return {**given, name: other}
        return dict(given)

    def _goes_without_saying(self, name: str, facts: Facts, presumed: bool) -> bool:
        """Whether a fact would be presumed, or counts as given until a site says otherwise."""
        value = facts[name]
        if value == self.kb.inputs[name].default:
            return True
        usual = self.domain.usual.get(name)
        return presumed and usual is not None and self.domain.cell_of(name, usual).holds(value)


def _finer(kb: KnowledgeBase, found: Iterable[Mutant]) -> Domain:
    """The patients that a knowledge base or one of its mutants tells apart: an invariant holds their thresholds."""
    every = Any(tuple(mutant.rule.premise for mutant in found))
    at = next(iter(kb.steps.values())).at
    thresholds = Invariant("thresholds-of-mutants", "", False, "", (), every, "", (), at)
    return Domain(Definitions(kb._replace(invariants={**kb.invariants, thresholds.id: thresholds})))


class _Noted(Variant):
    """One patient, of whom the names are noted whose truths are read."""

    __slots__ = ("read",)

    def __init__(self, definitions: Definitions, facts: Facts, truths: Truths, place: int) -> None:
        super().__init__(definitions, facts, truths, place)
        self.read: set[Name] = set()

    def concluded(self, name: Name) -> Truth:
        """The truth of a definition."""
        self.read.add(name)
        return super().concluded(name)
