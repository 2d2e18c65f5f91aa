"""Running a case by the engine, which must find what `expert.cases` finds by bits; and the coverage of cases."""

from __future__ import annotations

from collections.abc import Iterable

from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment
from expert.cases.coverage import Coverage, coverage_of
from expert.cases.outcome import Outcome
from expert.cases.results import CaseResult, compared, outcomes_of
from expert.lang.premises import Name
from expert.logic.domain import Domain
from expert.logic.kleene import Truth
from expert.read.cases import Case


class Assessed(Outcome):
    """What the engine answered for a patient."""

    def __init__(self, reasoner: Reasoner, assessment: Assessment) -> None:
        self.domain, self.kb, self.background = reasoner.domain, reasoner.kb, assessment.background
        self.assessment = assessment
        self.recommended = assessment.recommended
        self.steps = {report.step: report for report in assessment.ladder}

    @property
    def answer(self) -> str:
        return self.assessment.answer

    @property
    def meanwhile(self) -> str | None:
        return self.assessment.meanwhile

    @property
    def possible(self) -> tuple[str, ...]:
        return tuple(possible.step for possible in self.assessment.possible)

    def known(self, name: Name) -> Truth:
        return self.assessment.record.truth(name)

    def presumed(self, name: Name) -> Truth:
        return self.assessment.presumed_record.truth(name)

    def status(self, step: str) -> str:
        return self.steps[step].status

    def presumed_status(self, step: str) -> str:
        return self.steps[step].presumed_status


def run_case(reasoner: Reasoner, case: Case) -> CaseResult:
    """Compare what a case expects with the engine's answer.

    Raises:
        PatientError: no patient can have these facts together.
    """
    return compared(Assessed(reasoner, reasoner.assess(case.patient)), case)


def cover(domain: Domain, cases: Iterable[Case]) -> Coverage:
    """The coverage of the knowledge by cases."""
    return coverage_of(domain, outcomes_of(domain, cases).truths)
