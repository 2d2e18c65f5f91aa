"""A consultation for programs, with facts as text or typed values, which are checked."""

from __future__ import annotations

from collections.abc import Mapping

from expert.answer import consult
from expert.answer.assess import Reasoner
from expert.answer.explanations import Stakes
from expert.api.answers import Answer
from expert.lang.facts import Question
from expert.lang.model import one_line
from expert.lang.units import write_value
from expert.read.patient import PatientReader, Said, former_in


class Consultation:
    """The facts about one patient, and what to ask next. It does no input or output.

    ::

        while question := consultation.question():
            consultation.answer(answers_to(question))
        answer = consultation.assess()

    Several threads may run consultations of one system, but only one thread at a time may use each of them.
    """

    def __init__(self, reasoner: Reasoner, *said: dict[str, Said], site_is_given: bool = False) -> None:
        """``said`` are the facts at the start, by source; see `expert.api.system.ExpertSystem.consult`."""
        self._reasoner, self._said = reasoner, list(said)
        begun = PatientReader(reasoner.kb).combined(*said)
        self._turns = consult.ConsultationTurns(reasoner, begun, begun.unknown, site_is_given=site_is_given)

    def __repr__(self) -> str:
        return one_line(self, f"{len(self._turns.patient.facts)} given", f"answered {len(self._turns.entries)} times")

    @property
    def facts(self) -> dict[str, str]:
        """The facts so far in the form of a patient file, with which another consultation can begin."""
        patient, findings = self._turns.patient, self._reasoner.kb.findings
        known = {
            name: patient.written.get(name) or write_value(findings[name], patient.facts[name])
            for name in patient.facts
        }
        asked = dict.fromkeys([*patient.unknown, *(name for entry in self._turns.entries for name in entry)], "unknown")
        return {**asked, **known}

    def question(self) -> Question | None:
        """The next question; ``None`` when step and alerts are certain or nothing matters.

        The groups of the vocabulary are asked in their order, in each the most decisive question first; nothing is
        asked of a site that was given. A certain gate that names nothing to do meanwhile is an emergency, in which no
        more is asked.

        A question about several findings is about members of its panel, each of which can be answered by its name.

        Raises:
            UnprovedError: the solver could not decide.
        """
        return self._turns.question()

    def answer(self, facts: Mapping[str, object]) -> None:
        """Take in values of findings, asked for or not, as `expert.api.system.ExpertSystem` takes them.

        ``"unknown"``: the finding is not asked for again, and what was known of it is taken back.

        Raises:
            PatientError: with everything that is wrong with the facts; nothing has changed.
        """
        reader = PatientReader(self._reasoner.kb)
        said = reader.facts(facts, over={name: it for before in self._said for name, it in before.items()})
        reader.combined(*self._said, said)
        written = {name: it.written for name, it in said.items() if it.value is not None}
        self._turns.answer({name: it.value for name, it in said.items()}, written)
        self._said.append(said)

    def back(self) -> bool:
        """Take back the latest answer; false if there is none."""
        if taken_back := self._turns.back():
            self._said.pop()
        return taken_back

    def stakes(self, question: Question) -> Stakes:
        """What a question decides: the steps or alerts that each answer leaves possible, and the rules behind them."""
        return self._turns.stakes(question)

    def possible(self) -> tuple[str, ...]:
        """The steps that are still possible, in the ladder's order."""
        return self._turns.possible()

    def certain(self) -> str | None:
        """The step that is certain already, if there is one."""
        return self._turns.certain()

    def not_ruled_out(self) -> tuple[str, ...]:
        """The alerts that may still be raised, in their order."""
        return self._turns.not_ruled_out()

    def assess(self) -> Answer:
        """The answer for the facts given so far."""
        former = {old: now for said in self._said for old, now in former_in(said).items()}
        patient = self._turns.patient._replace(former=former)
        return Answer(*self._reasoner.assess(patient)).resting_on(self._reasoner.kb)
