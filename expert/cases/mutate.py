"""Mutation testing: whether the cases would notice if a rule were slightly wrong.

Of each mutant it is asked whether any partial patient whom the constraints permit sees a difference. If it is proved
that none does, the mutant is *equivalent* and is not counted, even where a case notices it because it asks for the
arguments themselves. Else it is *killed* if some case expects what does not follow with it, and *survived* if none
does. What a solver cannot decide of a mutant that no case kills is *unproved*, and counts as if it had survived.

Most cases need not be run for a mutant. If every definition that differs has the same truth as before, over what is
known of a patient and with the presumptions, then so have all that rest on them; what was found by looking at other
completions stays besides if none of those definitions is open over what is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import NamedTuple

from expert.cases.answer_differences import Telling, apart
from expert.cases.cases import Case, compared, outcome_of
from expert.cases.mutants import Mutant, mutants
from expert.cases.outcome import Outcome
from expert.cases.processes import spread
from expert.lang.definitions import Definitions
from expert.lang.errors import InputError, KnowledgeError, Problem, UnprovedError
from expert.lang.model import Invariant, KnowledgeBase, Rule
from expert.lang.premises import Any, Name, Premise
from expert.lang.values import Facts, Value
from expert.logic.domain import Domain
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


class Bench:
    """A knowledge base with its cases, on which mutants are settled.

    Raises:
        InputError: a case fails already, or its patient cannot be.
    """

    def __init__(self, kb: KnowledgeBase, cases: Iterable[Case]) -> None:
        self.mutants = mutants(Domain(Definitions(kb)))
        self.domain = _finer(kb, self.mutants)
        self.kb = self.domain.kb
        self.cases = [(case, outcome_of(self.domain, case)) for case in cases]
        failed = [case for case, outcome in self.cases if compared(self.kb, outcome, case).differences]
        if failed:
            told = (Problem(f"the case fails as it is: {case.name}", case.at) for case in failed)
            raise InputError(problem._replace(expected="cases that pass; see expert test") for problem in told)

    @cached_property
    def patients(self) -> PartialPatients:
        """All patients."""
        return PartialPatients(Prover(self.domain))

    def settle(self, mutant: Mutant) -> Result:
        """What becomes of a mutant."""
        changed, edited = self._mutated(mutant)
        killer = next((self.cases[number][0] for number in self._failing(changed, edited)), None)
        if killer is None:
            return self._proved(changed, edited, Result(mutant, "unproved"))
        killed = Result(mutant, "killed", f"{killer.at.file}:{killer.at.line}")
        return killed if self._shows(changed, killer) else self._proved(changed, edited, killed)

    def killers(self, mutant: Mutant) -> Iterator[int]:
        """The numbers of the cases that fail with a mutant, in order."""
        return self._failing(*self._mutated(mutant))

    def _mutated(self, mutant: Mutant) -> tuple[Domain, dict[Name, Premise]]:
        """The patients, judged with a mutant, and the definitions that are others."""
        changed = _with(self.domain, mutant.rule)
        premises, before = changed.definitions.premises, self.domain.definitions.premises
        return changed, {name: premise for name, premise in premises.items() if premise != before[name]}

    def _failing(self, changed: Domain, edited: Mapping[Name, Premise]) -> Iterator[int]:
        for number, (case, it) in enumerate(self.cases):
            if _may_change(it, edited) and _fails(changed, case):
                yield number

    def _shows(self, changed: Domain, case: Case) -> bool:
        """Whether the patient of a case sees a difference, which needs no proof then; some cases ask for arguments."""
        return any(apart(self.domain, changed, case.patient.facts, presumed) for presumed in (True, False))

    def _proved(self, changed: Domain, edited: Mapping[Name, Premise], result: Result) -> Result:
        """What a solver says of a mutant; the result stands as it is if it cannot decide."""
        try:
            telling = self._telling(changed, edited)
        except UnprovedError:
            return result
        if telling is None:
            return Result(result.mutant, "equivalent")
        return result if result.verdict == "killed" else Result(result.mutant, "survived", telling=telling)

    def _telling(self, changed: Domain, edited: Mapping[Name, Premise]) -> Telling | None:
        """The patient nearest to the usual who sees a difference: with the presumptions if there is one."""
        for view in self.patients.views:
            facts = self.patients.who_sees(view, edited)
            if facts is not None:
                return self._told(changed, facts, view.presumed)
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


def _with(domain: Domain, rule: Rule) -> Domain:
    """The same patients, judged with another rule in the place of one."""
    other = copy(domain)
    other.kb = domain.kb._replace(rules={**domain.kb.rules, rule.id: rule})
    other.definitions = Definitions(other.kb)
    vars(other).pop("formulas", None)  # those of the original
    return other


def _may_change(outcome: Outcome, edited: Mapping[Name, Premise]) -> bool:
    """Whether anything that was asked of an outcome may be otherwise where some definitions are others."""
    known, presumed = outcome.over_known, outcome.over_presumed
    for name, premise in edited.items():
        before = known.concluded(name)
        if before is not known.evaluate(premise) or (outcome.beyond and before is None):
            return True
        if presumed.concluded(name) is not presumed.evaluate(premise):
            return True
    return False


def _fails(domain: Domain, case: Case) -> bool:
    try:
        return bool(compared(domain.kb, outcome_of(domain, case), case).differences)
    except KnowledgeError:  # two values of one concluded choice follow
        return True


# --- many mutants -----------------------------------------------------------------------------------------------------


def mutate(
    kb: KnowledgeBase, cases: Sequence[Case], chosen: Callable[[Mutant], bool] = bool, workers: int = 1
) -> tuple[int, Iterator[Result]]:
    """How many mutants were chosen, and what becomes of each, in order; with so many processes at once.

    Raises:
        InputError: a case fails already, or its patient cannot be.
        ExpertError: a process ended before its work was done.
    """
    bench = Bench(kb, cases)
    numbers = [number for number, mutant in enumerate(bench.mutants) if chosen(mutant)]
    return len(numbers), spread(Bench, (kb, cases), _settle, numbers, workers)


def _settle(bench: Bench, number: int) -> Result:
    return bench.settle(bench.mutants[number])
