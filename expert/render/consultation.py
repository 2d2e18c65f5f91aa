"""A consultation on a terminal: questions, what they decide, the answers so far, and how it ends."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import IO, NamedTuple

from rich.text import Text

from expert.answer.assessment import Assessment
from expert.answer.explanations import Stakes
from expert.lang.dimensions import NUMBER
from expert.lang.errors import Problem
from expert.lang.facts import Question
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import Finding, Kind
from expert.logic.domain import Domain
from expert.logic.plausibility import Implausible
from expert.read.answer import WORDS, hidden_words, is_checklist, numbers
from expert.render.catalogue import values
from expert.render.first_screen import write_first_screen
from expert.render.phrases import Phrases, certainty, presumed_usual, within
from expert.render.plain import visible
from expert.render.problems import render_problems
from expert.render.terminal import Terminal

MOST = 4

Said = Mapping[str, Value | None]

_HELP = (
    "Answer: a value, y, n or unknown; for a list: none, or numbers (3 5 none).",
    "{why}: what it decides; {back}: undo; {so far}: the answer now; {quit}: go on later.",
    "finding=value: anything else, at any time ('expert show findings' lists all).",
)
_CHECKLIST = "none; or the numbers of those present, then none for the rest (3 5 none); help"

_CERTAIN = "No further information would change this answer."
_STEP_CERTAIN = "No further information would change this step; what is unknown could still raise an alert."
_EMERGENCY = "This is an emergency. Nothing more is asked."
_NOTHING_LEFT = "There is nothing more to ask. What is unknown could still change the answer."


class Progress(NamedTuple):
    """How far a consultation is: the number of the question, of how many at most, and the present answer."""

    number: int
    most: int
    assessment: Assessment


class ConsultationTerminal(Terminal):
    """Writes the parts of one consultation."""

    def __init__(self, file: IO[str], domain: Domain) -> None:
        super().__init__(file)
        self.domain, self.kb = domain, domain.kb

    # --- questions

    def welcome(self, path: str) -> None:
        """What asks, where every answer is saved, and what may be typed."""
        self.say(f"{self.kb.name} {self.kb.version} ({self.kb.sha256[:8]})", style="dim", hanging=2)
        self._line_whole(f"Every answer is saved in {path}")
        self._help(())

    def question(self, question: Question, progress: Progress) -> None:
        """How far the consultation is, a question, and what may be answered."""
        self.say()
        self.say(self._status(question, progress), style="dim", hanging=2)
        self.question_again(question)
        if is_checklist(question):
            self._checklist(question)

    def _status(self, question: Question, progress: Progress) -> str:
        group = self.kb.groups[self.kb.findings[question.findings[0]].group]
        place = f"{progress.number} of at most {progress.most}. {group}."
        it, step = progress.assessment, progress.assessment.recommended
        if it.not_enough:
            return f"{place} Now: not enough is recorded"
        if step is None:
            return f"{place} Now: no single step"
        title = f"{place} Now: {within(self.kb.steps[step].title)}, {certainty(it)}"
        short = f"{place} Now: {self.kb.steps[step].short}, {certainty(it)}"
        return short if self.kb.steps[step].short and len(title) > self.width else title

    def question_again(self, question: Question) -> None:
        """A question with what may be answered; a checklist without its items."""
        self.say(question.ask or self.kb.findings[question.findings[0]].title, style="bold")
        if not is_checklist(question):
            word = ":help" if "help" in hidden_words(self.kb, question) else "help"
            self.say(f"{_allowed(self.kb.findings[question.findings[0]])}; {word}", 2, "dim", hanging=2)

    def _checklist(self, question: Question) -> None:
        numbered = numbers(self.kb, question)
        width = len(str(max(numbered.values())))
        for name, number in numbered.items():
            finding = self.kb.findings[name]
            self.say(f"{number:>{width}}  {finding.ask or finding.title}", 2, hanging=width + 2)
        self.say(_CHECKLIST, 2, "dim", hanging=2)

    def help(self, question: Question) -> None:
        """What may be typed."""
        self._help(hidden_words(self.kb, question))

    def _help(self, hidden: Collection[str]) -> None:
        """What may be typed; words that could be an answer have a colon."""
        words = {word: f":{word}" if word in hidden else word for word in WORDS}
        for line in _HELP:
            self.say(line.format_map(words), hanging=2)

    # --- replies

    def understood(self, said: Said, written: Mapping[str, str], before: Facts) -> None:
        """What an answer was taken for, and what it replaces."""
        self.say("; ".join(self._facts(said, written, before)), 2, "dim", hanging=2)

    def check(self, it: Implausible) -> None:
        """What is to be checked of what was given, and why."""
        self.note(f"Check: {'; '.join(self._facts(it.facts))}. {it.entry.because}")

    def taken_back(self, said: Said) -> None:
        """The answer that was taken back."""
        self.say(f"taken back: {'; '.join(self._facts(said))}", 2, hanging=2)

    def note(self, text: str) -> None:
        """A remark between question and answer."""
        self.say(text, 2, hanging=2)

    def problems(self, problems: Sequence[Problem]) -> None:
        """What is wrong with an answer."""
        self.console.print(Text(render_problems(problems, self.width)), soft_wrap=True)

    def why(self, stakes: Stakes, *, all_rules: bool) -> None:
        """What a question decides: the steps that each answer leaves possible, and the open rules that depend on it."""
        alerts = any(bearing.alerts for bearing in stakes.bearings)
        phrases = Phrases(self.kb, {})
        by_left: dict[str, list[str]] = {}
        for bearing in stakes.bearings:
            left = self._alerts(bearing.alerts) if alerts else self._steps(bearing.steps)
            by_left.setdefault(left, []).append(phrases.circumstance(bearing.premise))
        self.say()
        if len(by_left) == 1:
            (left,) = by_left
            self.say(f"No answer rules out any of these: {left}", 2, hanging=2)
        else:
            self.say("Alerts still possible, by answer:" if alerts else "Steps still possible, by answer:", 2)
            words = {left: "; ".join(premises) for left, premises in by_left.items()}
            widest = max(by_left, key=lambda left: len(by_left[left]))
            if len(by_left[widest]) > MOST:
                words = {**{left: it for left, it in words.items() if left != widest}, widest: "anything else"}
            self.columns([(it, left or "none") for left, it in words.items()], (self.width * 2 // 5,), 4)
        if stakes.rules:
            self.say()
            self.say("Rules that depend on it:", 2)
            shown = stakes.rules if all_rules else stakes.rules[:MOST]
            for rule in shown:
                self.say(f"- {rule.title}", 4, hanging=2)
            if len(shown) < len(stakes.rules):
                self.say(f"and {len(stakes.rules) - MOST} more: why again lists them", 4)

    def so_far(self, assessment: Assessment, unknown: Sequence[str]) -> None:
        """The answer so far, and the facts behind it."""
        step = assessment.recommended
        possible = [it.step for it in assessment.possible if it.step != step]
        self.say()
        if assessment.not_enough:
            self.say(f"Not enough is recorded yet. {presumed_usual(assessment.not_enough)}:", 2, hanging=2)
        self.say(f"{self.kb.steps[step].title} ({certainty(assessment)})" if step else "No single step follows yet.", 2)
        if possible:
            self.say(f"still possible{' too' if step else ''}: {self._steps(possible)}", 2, hanging=2)
        if left := self._alerts(it.alert for it in assessment.not_ruled_out):
            self.say(f"alerts not ruled out: {left}", 2, hanging=2)
        said: Said = {**assessment.patient.facts, **dict.fromkeys(unknown)}
        self.say(f"recorded: {'; '.join(self._facts(said, assessment.patient.written)) or 'nothing'}", 2, hanging=2)

    def _steps(self, names: Iterable[str]) -> str:
        return "; ".join(self.kb.steps[name].title for name in names)

    def _alerts(self, names: Iterable[str]) -> str:
        return "; ".join(self.kb.alerts[name].title for name in names)

    def _facts(
        self,
        said: Said,
        written: Mapping[str, str] = MappingProxyType({}),
        before: Facts = MappingProxyType({}),
    ) -> list[str]:
        """Facts in words, and what they were before; those of a panel that are alike as one."""
        phrases = Phrases(self.kb, written)
        left, words = dict(said), []
        for panel in self.kb.panels.values():
            for word, meant in (("none", panel.members), ("unknown", dict.fromkeys(panel.members))):
                alike = [name for name in left if name in meant and left[name] == meant[name] and name not in before]
                if len(alike) > 1:
                    title = within(panel.title)
                    whole = len(alike) == len(panel.members)
                    words.append(f"{title if whole else f'{len(alike)} other {title}'}: {word}")
                    left = {name: value for name, value in left.items() if name not in alike}
        return [_fact(phrases, name, value, before.get(name)) for name, value in left.items()] + words

    # --- the end

    def finished(self, assessment: Assessment, *, emergency: bool) -> None:
        """Why there is no further question."""
        self.say()
        if emergency:
            self.say(_EMERGENCY)
        elif assessment.answer != "certain":
            self.say(_NOTHING_LEFT)
        else:
            self.say(_STEP_CERTAIN if assessment.not_ruled_out else _CERTAIN)

    def answer(self, assessment: Assessment, today: date, path: str, knowledge: str | None) -> None:
        """The answer, with commands about the session's file to try next."""
        self.say()
        write_first_screen(self, self.kb, assessment, today, _patient(path, knowledge))

    def saved(self, path: str, knowledge: str | None, *, finished: bool, whole: bool) -> None:
        """Where everything is (unless it could not be saved as a ``whole``), and the command that goes on from it."""
        go_on = f"expert consult --resume {_patient(path, knowledge)}"
        self.say()
        self._line_whole(f"Saved in {path}{'' if whole else ', but not the last answer'}")
        self._line_whole(f"  to change an answer:  {go_on} finding=value" if finished else f"  to go on:  {go_on}")

    def not_saved(self, path: str, why: str) -> None:
        """Report that the last answer is not on the disk; earlier answers are, if there is still a ``path``."""
        before = "earlier answers are still in" if path else "earlier answers are gone as well"
        text = f"! not saved: {why}. The next answer is saved together with this one; {before}"
        self.say(text, 2, "bold red", hanging=2)
        if path:
            self._line_whole(f"    {path}")

    def lost(self, path: str) -> None:
        """Report that nothing of the consultation is on the disk."""
        self.say()
        self._line_whole(f"Nothing is saved: {path} is gone, and could not be written again")

    def moved(self, path: str) -> None:
        """Report that the session continues in another file."""
        self.say("! something else has changed the file, which is left as it is; this consultation is in", 2, hanging=2)
        self._line_whole(f"    {path}")

    def _line_whole(self, text: str) -> None:
        """A line that may be copied whole, however long."""
        self.console.print(Text(visible(text)), soft_wrap=True)


def _patient(path: str, knowledge: str | None) -> str:
    """The words of a command that name the session's file, and the knowledge folder if it has to be named."""
    return shlex.quote(path) + (f" --knowledge {shlex.quote(knowledge)}" if knowledge is not None else "")


def _fact(phrases: Phrases, name: str, value: Value | None, before: Value | None) -> str:
    """A fact in words, with what it was before."""
    fact = f"{phrases.short(name)}: unknown" if value is None else phrases.fact(name, value)
    was = f"was {Phrases(phrases.kb, {}).value(name, before)}" if before is not None and before != value else ""
    remarks = "; ".join(filter(None, [phrases.word(name), was]))
    return f"{fact} ({remarks})" if remarks else fact


def _allowed(finding: Finding) -> str:
    """The values of a finding; of a quantity, with how it may be written."""
    if finding.kind is not Kind.QUANTITY:
        return values(finding).replace("_", " ")
    written = finding.written_range.replace("..", "to")
    unit = finding.unit or NUMBER
    if unit == NUMBER:
        return f"{written}{', or as 2/3 or 67 %' if finding.high <= 1 else ''}"
    return f"{written}, {f'in {unit.name} if no unit is given' if finding.unit_may_be_omitted else 'with the unit'}"
