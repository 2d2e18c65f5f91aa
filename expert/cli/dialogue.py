"""The conversation of `expert consult`: a question, a line, and what comes of it, until nothing is left to ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import IO

from expert.answer.assess import Reasoner
from expert.answer.consult import ConsultationTurns
from expert.cli import INTERRUPTED
from expert.journal.session import Session
from expert.lang.errors import PatientError
from expert.lang.facts import Question
from expert.lang.units import write_value
from expert.read.answer import read_answer, read_word
from expert.render.consultation import ConsultationTerminal, Progress

PROMPT = "> "
LOST = 2  # not every answer is on the disk


class Dialogue:
    """One consultation at a keyboard, saved after every answer.

    ``ask`` shows a prompt and returns the line typed; it raises EOFError at the end of input.
    """

    def __init__(
        self,
        reasoner: Reasoner,
        consultation: ConsultationTurns,
        session: Session,
        file: IO[str],
        ask: Callable[[str], str] = input,
    ) -> None:
        self.reasoner, self.kb = reasoner, reasoner.kb
        self.consultation, self.session, self.file, self.ask = consultation, session, file, ask
        self.here = Path.cwd()
        self._in_between: list[Question] = []

    @property
    def screen(self) -> ConsultationTerminal:
        """The terminal, as wide as it is by now."""
        return ConsultationTerminal(self.file, self.reasoner.domain)

    @property
    def file_name(self) -> str:
        """The session's file as a command may name it: short, where it is in the current folder."""
        path = self.session.path
        short = path.parent == self.here and "=" not in path.name and not path.name.startswith("-")
        return path.name if short else str(path)

    def run(self, knowledge: str | None = None) -> int:
        """Converse until nothing is left to ask, or the person has had enough; the exit status.

        ``knowledge`` is the folder that a command for going on has to name.
        """
        status, finished = 0, False
        self.screen.welcome(self.file_name)
        try:
            finished = self._converse()
        except EOFError:
            self.screen.say()
        except KeyboardInterrupt:
            self.screen.say()
            status = INTERRUPTED
        if not self.session.holds(self.said()):
            self._save()
        whole = self.session.holds(self.said())
        if whole or self.session.is_there:
            self.screen.saved(self.file_name, knowledge, finished=finished, whole=whole)
        else:
            self.screen.lost(self.file_name)
        if finished:
            assessment = self.reasoner.assess(self.consultation.patient)
            self.screen.answer(assessment, date.today(), self.file_name, knowledge)
        return status if whole else LOST

    def _save(self) -> None:
        """Save the answers so far; if that fails, report it and go on: the next answer tries again."""
        before = self.file_name
        try:
            self.session.save(self.said())
        except OSError as error:
            self.screen.not_saved(before if self.session.is_there else "", error.strerror or str(error))
        if before != self.file_name:
            self.screen.moved(self.file_name)

    def said(self) -> dict[str, str]:
        """Every finding that was given, as it was written: those at the start, then the others in their order."""
        patient = self.consultation.patient
        answered: dict[str, None] = {}
        for entry in self.consultation.entries:
            for name in entry:
                answered.pop(name, None)
                answered[name] = None
        names = [*(name for name in (*patient.facts, *patient.unknown) if name not in answered), *answered]
        return {
            name: patient.written.get(name) or write_value(self.kb.findings[name], patient.facts.get(name))
            for name in names
        }

    # --- the conversation

    def _converse(self) -> bool:
        """Ask until nothing is left to ask; whether it came to that."""
        while question := next(iter(self._in_between), None) or self.consultation.question():
            self.screen.question(question, self._progress())
            if not self._settle(question):
                return False
        assessment = self.reasoner.assess(self.consultation.patient)
        self.screen.finished(assessment, emergency=self.consultation.emergency())
        return True

    def _progress(self) -> Progress:
        number = len(self.consultation.entries) + 1
        most = len(self.consultation.entries) + self.consultation.most_questions()
        return Progress(number, most, self.reasoner.assess(self.consultation.patient))

    def _settle(self, question: Question) -> bool:
        """Take lines until the question is answered or another comes up; false if the person leaves."""
        asked_why = False
        while True:
            line = self.ask(PROMPT)
            match read_word(self.kb, line, question):
                case "quit":
                    return False
                case "back":
                    if self._back():
                        return True
                case "why":
                    self.screen.why(self.consultation.stakes(question), all_rules=asked_why)
                    asked_why = True
                    self.screen.question_again(question)
                case "so far":
                    self._so_far()
                    self.screen.question_again(question)
                case "help":
                    self.screen.help(question)
                    self.screen.question_again(question)
                case _:
                    if line.strip() and self._answer(line, question):
                        return True

    def _so_far(self) -> None:
        patient = self.consultation.patient
        unknown = [name for name in self.said() if name not in patient.facts]
        self.screen.so_far(self.reasoner.assess(patient), unknown)

    def _back(self) -> bool:
        self._in_between.clear()
        last = self.consultation.entries[-1:]
        if not self.consultation.back():
            self.screen.note("there is no answer to take back")
            return False
        self.screen.taken_back(last[0])
        self._save()
        return True

    def _answer(self, line: str, question: Question) -> bool:
        """Take an answer, or say what is wrong with it."""
        before = self.consultation.patient.facts
        try:
            reply = read_answer(self.kb, line, question, before)
            if reply.said:
                self.consultation.answer(reply.said, reply.written, reply.others)
        except PatientError as error:
            self.screen.problems(error.problems)
            return False
        answered = {*self.consultation.patient.facts, *self.consultation.patient.unknown}
        self._in_between = [it for it in self._in_between if it.findings[0] not in answered]
        self._in_between += [Question(self.kb.findings[name].ask, (name,)) for name in reply.without_value]
        for old, now in reply.former.items():
            self.screen.note(f"{old} is now {now}")
        if not reply.said:
            return True
        self.screen.understood(self.consultation.entries[-1], reply.written, before)
        plausibility = self.reasoner.domain.plausibility
        known = plausibility.checks(before)
        for check in plausibility.checks(self.consultation.patient.facts):
            if check not in known:
                self.screen.check(check)
        self._save()
        return True
