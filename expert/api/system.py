"""The entry point for programs: one knowledge base and one site, loaded once for any number of patients.

`expert.load` gives programs what the command line gives people. Every fact is checked, all problems are reported at
once, nothing is printed or logged, and threads may share the system.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date

from expert.answer.assess import Reasoner
from expert.answer.change import MOST, changes
from expert.answer.enough import MOST as SETS
from expert.answer.enough import sufficient_reasons
from expert.answer.what_if import compare
from expert.answer.why import Explainer
from expert.api.answers import Answer, Change, Enough, WhatIf, Why
from expert.api.consultation import Consultation
from expert.lang.errors import InputError, Problem
from expert.lang.facts import Patient
from expert.lang.model import KnowledgeBase, one_line
from expert.read.knowledge import read_knowledge
from expert.read.patient import PatientReader, Said

Facts = Mapping[str, object]
"""Findings of a patient or a site by name, panels included; see `ExpertSystem` for the values."""

Described = Facts | str | os.PathLike[str]
"""A patient or a site: facts, or the path of a file with them."""


def load(folder: str | os.PathLike[str] | None = None, site: Described | None = None) -> ExpertSystem:
    """Read and compile a knowledge folder, which takes some tenths of a second.

    Args:
        folder: the knowledge folder; without one, that which comes with the program. Environment variables and the
            working directory are not used.
        site: equipment, skills and policies of the site: findings of the group ``site``, or the path of their file.

    Raises:
        KnowledgeError: the folder cannot be used, with every problem of every file.
        PatientError: a fact about the site is wrong, with every problem.
    """
    return ExpertSystem(read_knowledge(folder), site)


class ExpertSystem:
    """A compiled knowledge base and a site. It is immutable: threads may share it, and it can be pickled.

    A patient is a mapping of findings to values, or the path of a patient file. A value is one of::

        True  False              a yes/no finding; "yes" and "no" do as well
        "severe"                 a choice
        "14 weeks"  "2/3"        a quantity, with its unit
        45  0.67                 a bare number, only where a file may have one: of a quantity without a dimension, or
                                 one whose finding says that its unit may be left out
        timedelta(weeks=14)      a quantity of time; fractions and decimals are numbers, too
        "unknown"                known to be unknown
        None                     the finding is left out, as by null in a file
        "none"                   of a panel: none of its findings

    What is not a finding, not a value of it, out of its range, concluded by rules, or contradicts another fact raises
    `PatientError`, with every problem.

    Attributes:
        knowledge: the knowledge base.
    """

    def __init__(self, knowledge: KnowledgeBase, site: Described | None = None) -> None:
        """Compile a knowledge base; see `load`."""
        self.knowledge = knowledge
        self._reasoner = Reasoner(knowledge)
        reader = PatientReader(knowledge)
        self._site = {} if site is None else reader.site(site if isinstance(site, Mapping) else os.fspath(site))
        reader.combined(self._site)

    def __repr__(self) -> str:
        of_site = [f"{len(self._site)} given of the site"] if self._site else []
        return one_line(self, f"{self.knowledge.name} {self.knowledge.version}", *of_site)

    def assess(self, patient: Described) -> Answer:
        """The recommended step, its certainty, and the arguments for and against every step.

        Raises:
            PatientError: with everything that is wrong with the facts.
        """
        return self._assessed(self._patient(patient))

    def why(self, patient: Described | Answer, target: str) -> Why:
        """Why a step, an option (``STEP.OPTION``), a finding, an alert or an advice holds, or why not.

        Args:
            patient: facts, a file, or an answer that this knowledge gave.
            target: its name.

        Raises:
            PatientError: something is wrong with the facts, or there is no such target.
        """
        explanation = Explainer(self._reasoner, self._answer(patient)).why(target)
        return Why(*explanation).resting_on(self.knowledge)

    def what_if(self, patient: Described | Answer, facts: Described) -> WhatIf:
        """The answer with and without other facts, and the rules behind the change.

        Args:
            patient: facts, a file, or an answer that this knowledge gave.
            facts: what overrides them; ``unknown`` takes a fact back.

        Raises:
            PatientError: with everything that is wrong with any of the facts.
        """
        reader = PatientReader(self.knowledge)
        site = self._site_of(patient)
        who = self._said(reader, patient)
        others = self._said(reader, facts, over={**site, **who})
        before = patient if isinstance(patient, Answer) else self._assessed(reader.combined(site, who))
        after = self._assessed(reader.combined(site, who, others))
        return WhatIf(*compare(self._reasoner, before, after)).resting_on(self.knowledge)

    def change(self, patient: Described | Answer, to: str | None = None, most: int = MOST) -> Change:
        """The minimal sets of changed findings that would lead to another step, cheapest first.

        Args:
            patient: facts, a file, or an answer that this knowledge gave.
            to: only what leads to this step.
            most: the largest size of sets; each further finding takes about ten times as long.

        Raises:
            PatientError: something is wrong with the facts, or there is no such step.
            InputError: ``most`` is less than 1.
        """
        who = self._patient(patient)
        change = Change(*changes(self._reasoner, who, to, most)).resting_on(self.knowledge)
        change.patient = who
        return change

    def enough(self, patient: Described | Answer, most: int = SETS) -> Enough:
        """The minimal sets of facts that force the recommended step whatever the other facts are.

        Args:
            patient: facts, a file, or an answer that this knowledge gave.
            most: the largest number of sets.

        Raises:
            PatientError: with everything that is wrong with the facts.
            InputError: ``most`` is less than 1.
            UnprovedError: the solver could not decide.
        """
        answer = self._answer(patient)
        return Enough(answer, sufficient_reasons(self._reasoner, answer, most)).resting_on(self.knowledge)

    def report(self, patient: Described | Answer, format: str = "html", *, appendix: bool = False) -> str:
        """The answer as a page for the patient's record, which names no patient.

        Args:
            patient: facts, a file, or an answer that this knowledge gave.
            format: ``html`` (needs the extra ``report``) or ``markdown``.
            appendix: everything behind the answer too; in HTML it is always on the screen, and this prints it.

        Raises:
            PatientError: something is wrong with the facts.
            InputError: there is no such format.
            MissingExtraError: the extra is not installed.
        """
        from expert.render.report import gather, write_report

        report = gather(self._reasoner, self._answer(patient), date.today())
        return write_report(report, format, appendix=appendix)

    def consult(self, patient: Described | None = None) -> Consultation:
        """A consultation, which finds the next question until step and alerts are certain.

        Args:
            patient: what is known at the start.

        Raises:
            PatientError: with everything that is wrong with the facts.
        """
        reader = PatientReader(self.knowledge)
        said = self._said(reader, {} if patient is None else patient)
        reader.raise_problems()
        return Consultation(self._reasoner, self._site, said, site_is_given=bool(self._site))

    # --- facts come in

    def _assessed(self, patient: Patient) -> Answer:
        return Answer(*self._reasoner.assess(patient)).resting_on(self.knowledge)

    def _answer(self, patient: Described | Answer) -> Answer:
        if not isinstance(patient, Answer):
            return self.assess(patient)
        if patient.knowledge.sha256 != self.knowledge.sha256:
            raise InputError([Problem("this answer rests on other knowledge", expected="an answer of this system")])
        return patient

    def _patient(self, source: Described | Answer) -> Patient:
        """A patient at this site; an answer already has its own site."""
        reader = PatientReader(self.knowledge)
        return reader.combined(self._site_of(source), self._said(reader, source))

    def _site_of(self, source: Described | Answer) -> Mapping[str, Said]:
        return {} if isinstance(source, Answer) else self._site

    def _said(
        self, reader: PatientReader, source: Described | Answer, over: Mapping[str, Said] | None = None
    ) -> dict[str, Said]:
        if isinstance(source, Answer):
            return reader.again(self._answer(source).patient)
        if isinstance(source, Mapping):
            return reader.facts(source, over=over)
        return reader.file(os.fspath(source), over=over)
