"""Mutation testing: whether the cases notice a small fault in a rule.

A mutant is *equivalent* if it is proved that no permitted partial patient has an observable difference; it is then not
counted, even if a case notices it because it expects the arguments themselves. Otherwise it is *killed* if some case
fails with it, and it has *survived* if none does. A mutant that no case kills and that the
solver cannot decide is *unproved*, and counts as survived.

The truths of all cases are evaluated together, as bits, and for a mutant only those that depend on its rule are
evaluated again. A case is compared again only if a truth changed that was read for it. If completions were searched for
it, it is compared again too where a changed definition below the steps is open over what is known: such a definition
may have another truth in a completion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from functools import cached_property
from typing import NamedTuple

from expert.bits.program import Mask, Truths
from expert.bits.variant import Variant
from expert.cases.few_patients import few_patients, findings_behind
from expert.cases.mutant_witness import MutantWitness, Mutated
from expert.cases.mutants import Mutant, mutants
from expert.cases.outcome import Outcomes, patients_in
from expert.cases.results import compared, outcomes_of
from expert.lang.definitions import Definitions
from expert.lang.errors import InputError, Problem, UnprovedError
from expert.lang.model import KnowledgeBase
from expert.lang.premises import Name
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
        witness: for a mutant that survived, a patient whose answer it changes.
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


class Bench:
    """A knowledge base with its cases, on which mutants are tried.

    Attributes:
        mutants: all mutants of the rules and scores.
        domain: the patients that the knowledge base or one of its mutants distinguishes.
        outcomes: what follows for the patients of the cases.
    """

    def __init__(self, kb: KnowledgeBase, cases: Iterable[Case]) -> None:
        """Raises:
        InputError: a case fails without a mutant, or its patient cannot occur.
        """
        self.mutants = mutants(Domain(Definitions(kb)))
        self.domain = Domain(Definitions(kb), also=(it for mutant in self.mutants for it in mutant.premises))
        self.kb = self.domain.kb
        self.cases = tuple(cases)
        self.outcomes = outcomes_of(self.domain, self.cases)
        self._read: dict[Name, Mask] = {}
        self._searched: Mask = 0
        self._few_by_findings: dict[frozenset[str], Outcomes | None] = {}
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
    def _below_steps(self) -> set[Name]:
        """The names on which the recommended step depends."""
        return self.domain.definitions.below([("recommended", step) for step in self.kb.steps])

    def settle(self, mutant: Mutant) -> Result:
        """The verdict on a mutant."""
        changed = self._mutated(mutant)
        after = changed.outcomes(self.outcomes)
        killer = next(self._failing(changed, after), None)
        try:
            if killer is None:
                witness = self._witness(changed)
                return Result(mutant, "survived", witness=witness) if witness else Result(mutant, "equivalent")
            if not self.outcomes.differing(after) and not self._is_observable(changed):
                return Result(mutant, "equivalent")
        except UnprovedError:
            if killer is None:
                return Result(mutant, "unproved")
        return Result(mutant, "killed", self.cases[killer].at.place)

    def killers(self, mutant: Mutant) -> Iterator[int]:
        """The numbers of the cases that fail with a mutant, in order."""
        changed = self._mutated(mutant)
        return self._failing(changed, changed.outcomes(self.outcomes))

    def _mutated(self, mutant: Mutant) -> Mutated:
        domain = copy(self.domain)
        domain.definitions, premises = self.domain.definitions.with_entry(mutant.entry)
        domain.kb = domain.definitions.kb
        return Mutated(domain, premises)

    def _failing(self, changed: Mutated, outcomes: Outcomes) -> Iterator[int]:
        before, after = self.outcomes.truths, outcomes.truths
        suspects = outcomes.contradictory
        for name, read in self._read.items():
            suspects |= read & before.differs(after, name)
        for name in self._below_steps & changed.premises.keys():
            suspects |= self._searched & (before.differs(after, name) | before.open(name))
        return (number for number in patients_in(suspects) if self._fails(outcomes, number))

    def _fails(self, outcomes: Outcomes, number: int) -> bool:
        if outcomes.contradictory >> 2 * number + 1 & 1:
            return True
        return bool(compared(outcomes.of(number), self.cases[number]).failures)

    # --- all patients

    def _is_observable(self, changed: Mutated) -> bool:
        """Whether some permitted partial patient has an observable difference.

        Raises:
            UnprovedError: the solver could not decide.
        """
        few = self._few(changed)
        return bool(few.differing(changed.outcomes(few))) if few else self.patients.see(changed.premises)

    def _witness(self, changed: Mutated) -> MutantWitness | None:
        """The patient nearest to the usual who has an observable difference: with the presumptions if there is one.

        Raises:
            UnprovedError: the solver could not decide.
        """
        few = self._few(changed)
        differing = few.differing(changed.outcomes(few)) if few else 0
        for presumed in (True, False):
            facts: Facts | None
            if few:
                numbers = patients_in(differing & few.view(presumed))
                facts = few.backgrounds[numbers[0]].known if numbers else None
            else:
                view = self.patients.view(presumed)
                facts = self.patients.nearest(view, self.patients.differs(view, changed.premises))
            if facts is not None:
                return changed.witness(self.outcomes, facts, presumed)
        return None

    def _few(self, changed: Mutated) -> Outcomes | None:
        """All partial patients who can have a difference, if they are few."""
        definitions = changed.domain.definitions
        findings = findings_behind(changed.domain, definitions.above(changed.premises))
        if findings not in self._few_by_findings:
            self._few_by_findings[findings] = few_patients(self.outcomes, findings)
        return self._few_by_findings[findings]


class _Recorded(Variant):
    """One patient, recording the names that are read."""

    __slots__ = ("read",)

    def __init__(self, definitions: Definitions, facts: Facts, truths: Truths, place: int) -> None:
        super().__init__(definitions, facts, truths, place)
        self.read: set[Name] = set()

    def concluded(self, name: Name) -> Truth:
        """The truth of a definition."""
        self.read.add(name)
        return super().concluded(name)
