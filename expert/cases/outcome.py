"""What follows for a patient, each part worked out only when a case asks for it.

There are two ways to it, and both answer the same questions (`Followed`): `Assessed` reads the answer that the engine
gave; `Outcome` asks the reference meaning alone, which takes a hundredth of the time because it derives no reasons.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Protocol

from expert.answer.assessment import Assessment
from expert.lang.errors import ContradictionError
from expert.lang.facts import Background, Patient
from expert.lang.premises import Exclusive, Name
from expert.lang.values import Facts, Value
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation, Truth
from expert.logic.status import meanwhile, step_status
from expert.solve.case_split import certain_step, possible_steps


class Followed(Protocol):
    """What cases may ask of an answer; see `expert.answer.assessment.Assessment` for the words."""

    @property
    def answer(self) -> str:
        """Certain, provisional or open."""

    @property
    def recommended(self) -> str | None:
        """The recommended step."""

    @property
    def meanwhile(self) -> str | None:
        """The step that is taken while the recommended one is waited for."""

    @property
    def possible(self) -> tuple[str, ...]:
        """The steps that some permitted completion leads to."""

    @property
    def forced(self) -> Facts:
        """The only values that the constraints leave."""

    def known(self, name: Name) -> Truth:
        """The truth of a definition over what is known."""

    def presumed(self, name: Name) -> Truth:
        """The same over the presumptions as well."""

    def status(self, step: str) -> str:
        """The status of a step over what is known."""

    def presumed_status(self, step: str) -> str:
        """The same over the presumptions as well."""


class Assessed:
    """What the engine answered."""

    def __init__(self, assessment: Assessment) -> None:
        self.answer: str = assessment.answer
        self.recommended: str | None = assessment.recommended
        self.meanwhile: str | None = assessment.meanwhile
        self.possible: tuple[str, ...] = tuple(possible.step for possible in assessment.possible)
        self.forced: Facts = assessment.background.forced
        self.known = assessment.record.truth
        self.presumed = assessment.presumed_record.truth
        self._steps = {report.step: report for report in assessment.ladder}

    def status(self, step: str) -> str:
        """The status of a step over what is known."""
        return self._steps[step].status

    def presumed_status(self, step: str) -> str:
        """The same over the presumptions as well."""
        return self._steps[step].presumed_status


class Outcome:
    """What the reference meaning says.

    ``beyond`` says whether anything so far was asked for that rests on more than the truths over what is known and over
    the presumptions: on what other completions lead to.

    Raises:
        PatientError: no patient can be so.
        ContradictionError: two values of one concluded choice both follow.
    """

    def __init__(self, domain: Domain, patient: Patient) -> None:
        self.domain, self.kb = domain, domain.kb
        self.background: Background = domain.background(patient.facts)
        self.over_known = Evaluation(domain.definitions, self.background.known)
        self.over_presumed = Evaluation(domain.definitions, self.background.all)
        self.beyond = False
        self._check_choices()

    def _check_choices(self) -> None:
        for finding in self.kb.concluded.values():
            for value in finding.values:
                premise = self.domain.definitions.premises[("finding", finding.name, value)]
                assert isinstance(premise, Exclusive)
                if self.over_presumed.evaluate(premise.own) and self.over_presumed.evaluate(premise.others):
                    raise ContradictionError(f"{finding.name} {value}", "this patient")

    @cached_property
    def _certain(self) -> str | None:
        self.beyond = True
        return certain_step(self.domain, self.over_known)

    @cached_property
    def recommended(self) -> str | None:
        """The recommended step.

        The presumed patient is one of the completions: a step that is known to be recommended to that one is the only
        one that can be certain.
        """
        known = (step for step in self.kb.steps if self.presumed(("recommended", step)))
        return next(known, None) or self._certain or certain_step(self.domain, self.over_presumed)

    @property
    def answer(self) -> str:
        """Certain, provisional or open."""
        if self._certain:
            return "certain"
        return "provisional" if self.recommended else "open"

    @property
    def meanwhile(self) -> str | None:
        """The step that is taken while the recommended one is waited for, unless it is excluded."""
        return meanwhile(self.over_presumed, self.recommended)

    @property
    def possible(self) -> tuple[str, ...]:
        """The steps that some permitted completion leads to."""
        return (self._certain,) if self._certain else possible_steps(self.domain, self.over_known)

    @property
    def forced(self) -> Mapping[str, Value]:
        """The only values that the constraints leave."""
        return self.background.forced

    def known(self, name: Name) -> Truth:
        """The truth of a definition over what is known."""
        return self.over_known.concluded(name)

    def presumed(self, name: Name) -> Truth:
        """The same over the presumptions as well."""
        return self.over_presumed.concluded(name)

    def status(self, step: str) -> str:
        """The status of a step over what is known."""
        return step_status(self.over_known, step, self._certain)

    def presumed_status(self, step: str) -> str:
        """The same over the presumptions as well."""
        return step_status(self.over_presumed, step, self.recommended)
