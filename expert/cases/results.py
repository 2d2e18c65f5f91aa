"""Running cases: what each expects is compared with what follows for its patient."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import NamedTuple

from expert.cases.outcome import Outcome, Outcomes, patients_in
from expert.lang.errors import PatientError, Problem
from expert.lang.facts import Background
from expert.lang.model import KnowledgeBase
from expert.lang.observables import value_of
from expert.lang.roles import LISTINGS
from expert.lang.units import write_value
from expert.lang.values import Value
from expert.logic.domain import Domain
from expert.read.cases import Case, Expectation


class Failure(NamedTuple):
    """Something that a case expects and that does not follow."""

    expected: Expectation
    found: str


class CaseResult(NamedTuple):
    """How a case went: what was found for each of its expectations, in their order, and in how many seconds."""

    case: Case
    found: tuple[str, ...]
    seconds: float = 0.0

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What does not follow; of a case that passed, nothing."""
        pairs = zip(self.case.expected, self.found, strict=True)
        return tuple(Failure(expected, found) for expected, found in pairs if expected.value != found)


def run_cases(outcomes: Outcomes, cases: Sequence[Case]) -> list[CaseResult]:
    """Compare what cases expect with what follows for their patients."""
    results = []
    for number, case in enumerate(cases):
        begun = perf_counter()
        result = compared(outcomes.of(number), case)
        results.append(result._replace(seconds=perf_counter() - begun))
    return results


def outcomes_of(domain: Domain, cases: Iterable[Case]) -> Outcomes:
    """What follows for the patients of cases.

    Raises:
        PatientError: with every case whose patient cannot occur.
        KnowledgeError: two values of one concluded choice both follow.
    """
    backgrounds, impossible = backgrounds_of(domain, cases)
    if impossible:
        raise PatientError(
            Problem(f"{case.name}: {it.message}", case.at, f"- name: {case.name}") for case, it in impossible
        )
    outcomes = Outcomes(domain, backgrounds)
    for number in patients_in(outcomes.contradictory):
        outcomes.of(number).check()
    return outcomes


def backgrounds_of(domain: Domain, cases: Iterable[Case]) -> tuple[list[Background], list[tuple[Case, Problem]]]:
    """What is known and presumed of the patients of cases, and what is wrong with those who cannot occur."""
    found, impossible = [], []
    for case in cases:
        try:
            found.append(domain.background(case.patient.facts, case.patient))
        except PatientError as error:  # noqa: PERF203
            impossible += [(case, problem) for problem in error.problems]
    return found, impossible


def compared(outcome: Outcome, case: Case) -> CaseResult:
    """What follows, for each expectation of a case."""
    return CaseResult(case, tuple(found_of(outcome, expected) for expected in case.expected))


def found_of(outcome: Outcome, expected: Expectation) -> str:
    """What follows, in the words of cases, where something is expected."""
    kb, what, name = outcome.kb, expected.what, expected.name
    match what:
        case "answer":
            return outcome.answer
        case "recommended":
            return outcome.recommended or "none"
        case "possible":
            return ", ".join(outcome.possible)
        case "status":
            return outcome.status(name)
        case "presumed_status":
            return outcome.presumed_status(name)
        case "findings":
            return write_value(kb.findings[name], _finding(kb, outcome, name))
        case "forced":
            return write_value(kb.findings[name], outcome.forced.get(name))
    return "yes" if _has(kb, outcome, what, name) else "no"


def _finding(kb: KnowledgeBase, outcome: Outcome, name: str) -> Value | None:
    return value_of(kb.findings[name], outcome.presumed)


def _has(kb: KnowledgeBase, outcome: Outcome, what: str, name: str) -> bool:
    if what == "checks":
        return name in outcome.checks
    if what == "open":
        return outcome.known(("rule", name)) is None
    if what in ("because", "silent"):
        return (outcome.presumed(("rule", name)) is True) is (what == "because")
    if what == "options":
        shown = [step for step in (outcome.recommended, outcome.meanwhile) if step]
        on_offer = any(option.name == name for step in shown for option in kb.steps[step].options)
        return on_offer and outcome.presumed(("offered", name)) is True
    return outcome.presumed((LISTINGS[what].role, name)) is True
