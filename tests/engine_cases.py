"""Cases by the engine's answer: the same as `expert.cases`, which asks the reference, must find."""

from __future__ import annotations

from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment
from expert.cases.cases import Case, CaseResult, compared
from expert.cases.outcome import Outcome
from expert.lang.premises import Name
from expert.logic.kleene import Truth


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
    """What a case expects beside the engine's answer.

    Raises:
        PatientError: no patient can be so.
    """
    return compared(reasoner.kb, Assessed(reasoner, reasoner.assess(case.patient)), case)
