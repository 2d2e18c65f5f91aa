"""A consultation: answers, one after another, and the next question after each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from expert.answer.assess import Reasoner
from expert.answer.explanations import Stakes
from expert.answer.next_question import Turn
from expert.lang.errors import PatientError
from expert.lang.facts import Patient, Question
from expert.lang.values import Facts, Value
from expert.read.patient import SITE
from expert.solve.to_cells import Outcome


class ConsultationTurns:
    """The facts about one patient, and what to ask next. It does no input or output.

    `expert.answer.next_question` defines which question comes next. Several threads may run consultations over one
    knowledge base, but only one thread at a time may use each of them.
    """

    def __init__(
        self, reasoner: Reasoner, patient: Patient, asked: Collection[str] = (), *, site_is_given: bool = False
    ) -> None:
        """``patient`` is known at the start.

        Args:
            asked: the findings that were answered *unknown* before.
            site_is_given: nothing is asked of the site.

        Raises:
            PatientError: the facts contradict each other.
        """
        self.kb, self.domain = reasoner.kb, reasoner.domain
        of_site = (name for name, finding in self.kb.inputs.items() if finding.group == SITE)
        self._never = frozenset(of_site if site_is_given else ())
        with self.domain.lock:
            self._turns = [Turn(self.domain, patient, self._never.union(asked))]
        self._entries: list[Mapping[str, Value | None]] = []

    @property
    def patient(self) -> Patient:
        """The patient with all answers so far."""
        return self._turns[-1].patient

    @property
    def entries(self) -> Sequence[Mapping[str, Value | None]]:
        """The answers given in this consultation, oldest first; ``None`` is *unknown*."""
        return tuple(self._entries)

    def question(self) -> Question | None:
        """The next question; ``None`` when step and alerts are certain or nothing relevant is unasked."""
        with self.domain.lock:
            return self._turns[-1].question

    def most_questions(self) -> int:
        """How many questions may still come at most, if each is answered whole."""
        with self.domain.lock:
            return self._turns[-1].most_questions

    def answer(
        self,
        said: Mapping[str, Value | None],
        written: Mapping[str, str] = MappingProxyType({}),
        others: Collection[str] = (),
    ) -> None:
        """Add values of input findings, whether or not they were asked for.

        Args:
            said: the values; ``None`` is *unknown*, and takes back an earlier value.
            written: the texts of values.
            others: the findings that *none of these* answers. One that the other facts force to another value is left
                out: *none* does not deny weakness where power is grade 3.

        Raises:
            PatientError: a fact is not a value of an input finding, or the facts contradict each other. The
                consultation is unchanged.
        """
        if wrong := self.domain.wrong(said, or_unknown=True):
            raise PatientError(wrong)
        turn = self._turns[-1]
        said = self._without_denied(said, others)
        facts, words = dict(turn.patient.facts), dict(turn.patient.written)
        for name, value in said.items():
            facts.pop(name, None)
            words.pop(name, None)
            if value is not None:
                facts[name] = value
                words[name] = written.get(name) or self.domain.write(name, value)
        unknown = {name for name, value in said.items() if value is None}
        with self.domain.lock:
            asked = turn.asked | unknown
            patient = self._patient(facts, words, asked - self._never)
            self._turns.append(Turn(self.domain, patient, asked, turn))
        self._entries.append(MappingProxyType(dict(said)))

    def _without_denied(self, said: Mapping[str, Value | None], others: Collection[str]) -> Mapping[str, Value | None]:
        named = {name: value for name, value in said.items() if name not in others}
        known = {name: value for name, value in {**self.patient.facts, **named}.items() if value is not None}
        background = self.domain.possible_background(known)
        forced = background.forced if background else {}
        return {name: value for name, value in said.items() if name in named or forced.get(name, value) == value}

    def _patient(self, facts: Facts, words: Mapping[str, str], unknown: Collection[str]) -> Patient:
        """A patient in the vocabulary's order."""
        names = [name for name in self.kb.given if name in facts]
        written = {name: words[name] for name in names if name in words}
        said_unknown = tuple(name for name in self.kb.given if name in unknown and name not in facts)
        return Patient({name: facts[name] for name in names}, written, self.patient.overridden, said_unknown)

    def back(self) -> bool:
        """Take back the latest answer of this consultation; false if there is none."""
        if not self._entries:
            return False
        self._entries.pop()
        self._turns.pop()
        return True

    def stakes(self, question: Question) -> Stakes:
        """What a question decides."""
        with self.domain.lock:
            return self._turns[-1].stakes(question)

    def possible(self) -> tuple[str, ...]:
        """The steps that some permitted completion leads to, in the ladder's order."""
        return tuple(step for step in self._outcomes() if step is not None)

    def certain(self) -> str | None:
        """The step that every permitted completion leads to, if there is one."""
        outcomes = self._outcomes()
        return outcomes[0] if len(outcomes) == 1 else None

    def _outcomes(self) -> list[Outcome]:
        with self.domain.lock:
            return self._turns[-1].step.outcomes

    def not_ruled_out(self) -> tuple[str, ...]:
        """The alerts that some permitted completion raises and another does not, in their order."""
        with self.domain.lock:
            return tuple(it for inquiry in self._turns[-1].alerts for it in inquiry.outcomes if it)

    def emergency(self) -> bool:
        """Whether a certain gate waits for nothing, so that no alert is asked for."""
        with self.domain.lock:
            return self._turns[-1].emergency

    def not_needed(self) -> tuple[str, ...]:
        """The unasked findings that can change neither the step nor an alert, in the vocabulary's order."""
        with self.domain.lock:
            return self._turns[-1].not_needed
