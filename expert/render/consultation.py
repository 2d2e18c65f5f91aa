"""A consultation on a terminal: questions, what they decide, the answers so far, and how it ends."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import IO

from rich.text import Text

from expert.answer.assessment import Assessment
from expert.answer.explanations import Stakes
from expert.lang.dimensions import NUMBER
from expert.lang.errors import Problem
from expert.lang.facts import Question
from expert.lang.premises import written
from expert.lang.units import word_written
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import Finding, Kind
from expert.logic.domain import Domain
from expert.logic.plausibility import Implausible
from expert.read.answer import WORDS, Reply, hidden_words, is_checklist, numbers
from expert.render.catalogue import values
from expert.render.full_answer import write_full_answer
from expert.render.phrases import certainty, presumed_usual
from expert.render.plain import counted, visible
from expert.render.problems import render_problems
from expert.render.terminal import Terminal, cites

MOST = 4

_HELP = (
    ("ANSWER", "a value, or its beginning where no other begins so; y or n; a quantity with its unit"),
    ("unknown", "this is not known: go on without it"),
    ("why", "what this question decides: the steps that each answer leaves, and the rules that hang on it"),
    ("back", "take the last answer back"),
    ("so far", "what do you have so far: the answer as it stands, and what was said"),
    ("quit", "stop here; what was said is saved, and can be gone on with"),
    ("finding=value", "say anything else, at any time; or say something anew"),
)

_CHECKLIST = (
    "none, or the numbers of those that are present, with none at the end for none of the others (3 5 none); "
    "what is not named stays unknown"
)
_SETTLED = "That settles it: the answer is certain."
_EMERGENCY = "That settles it: the step is certain, and waits for nothing. No more is asked."
_STEP_SETTLED = "The step is certain. Nothing else is left to ask that could raise an alert; what is not known could."
_NOTHING_LEFT = "Nothing else is left to ask that could change the answer; what is not known could."


class ConsultationTerminal(Terminal):
    """Writes the parts of one consultation."""

    def __init__(self, file: IO[str], domain: Domain) -> None:
        super().__init__(file)
        self.domain, self.kb = domain, domain.kb

    # --- questions

    def welcome(self, path: str) -> None:
        """Where everything is saved, what asks, and what may be typed."""
        self._line_whole(f"Every answer is saved in {path}")
        self.say(f"{self.kb.name} {self.kb.version} ({self.kb.sha256[:8]})", style="dim", hanging=2)
        self.say()
        self.columns(_HELP, (13,))

    def question(self, question: Question) -> None:
        """A question, with what may be answered."""
        self.question_again(question)
        if is_checklist(question):
            self._checklist(question)
        self.say(f"or {', '.join(self._words(question))}, finding=value", 2, "dim", hanging=2)

    def question_again(self, question: Question) -> None:
        """A question in short; a checklist without its items."""
        self.say()
        if is_checklist(question):
            self.say(f"{self.kb.panels[question.panel].title}: {question.ask}", style="bold")
        else:
            finding = self.kb.findings[question.findings[0]]
            self.say(finding.ask or finding.title, style="bold")
            self.say(f"{finding.name}: {_allowed(finding)}", 2, hanging=2)

    def _checklist(self, question: Question) -> None:
        numbered = numbers(self.kb, question)
        width = len(str(max(numbered.values())))
        for name, number in numbered.items():
            finding = self.kb.findings[name]
            value = "" if finding.kind is Kind.YES_NO else f" ({name}=..., {values(finding)})"
            self.say(f"{number:>{width}}  {finding.ask or finding.title}{value}", 2, hanging=width + 2)
        self.say(_CHECKLIST, 2, hanging=2)

    def _words(self, question: Question) -> list[str]:
        """The words other than an answer; those that could be an answer have a colon."""
        hidden = hidden_words(self.kb, question)
        return [f":{word}" if word in hidden else word for word in ("unknown", *WORDS)]

    def help(self, question: Question) -> None:
        """Everything that may be typed."""
        hidden = hidden_words(self.kb, question)
        self.columns(((f":{word}" if word in hidden else word, text) for word, text in _HELP), (13,))

    # --- replies

    def understood(self, reply: Reply, before: Facts) -> None:
        """What an answer was taken for, and what it replaces."""
        self.say("; ".join(self._valued(reply.said, reply.written, before)), 2, "dim", hanging=2)

    def check(self, it: Implausible) -> None:
        """What is to be checked of what was given, and why."""
        self.note(f"Check: {'; '.join(self._valued(it.facts))}. {it.entry.because}")

    def taken_back(self, said: Mapping[str, Value | None]) -> None:
        """The answer that was taken back."""
        self.say(f"taken back: {'; '.join(self._valued(said))}", 2, hanging=2)

    def note(self, text: str) -> None:
        """A remark between question and answer."""
        self.say(text, 2, hanging=2)

    def problems(self, problems: Sequence[Problem]) -> None:
        """What is wrong with an answer."""
        self.console.print(Text(render_problems(problems)), soft_wrap=True)

    def why(self, stakes: Stakes, *, all_rules: bool) -> None:
        """What a question decides: the steps that each answer leaves possible, and the open rules that depend on it."""
        alerts = any(bearing.alerts for bearing in stakes.bearings)
        by_left: dict[str, list[str]] = {}
        for bearing in stakes.bearings:
            left = self._alerts(bearing.alerts) if alerts else self._steps(bearing.steps)
            by_left.setdefault(left, []).append(written(bearing.premise))
        self.say()
        if len(by_left) == 1:
            (left,) = by_left
            self.say(f"Whatever the answer, these stay possible for now: {left}", 2, hanging=2)
        else:
            self.say("Alerts that stay possible; the step is settled:" if alerts else "What stays possible:", 2)
            words = {left: "; ".join(premises) for left, premises in by_left.items()}
            widest = max(by_left, key=lambda left: len(by_left[left]))
            if len(by_left[widest]) > MOST:
                words = {**{left: it for left, it in words.items() if left != widest}, widest: "anything else"}
            self.columns([(it, left) for left, it in words.items()], (self.width * 2 // 5,), 4)
        if stakes.rules:
            self.say()
            self.say("Rules that hang on it:", 2)
            shown = stakes.rules if all_rules else stakes.rules[:MOST]
            for rule in shown:
                self.say(f"- {rule.title}{cites(rule.cite)}", 4, hanging=2)
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
        said: dict[str, Value | None] = {**assessment.patient.facts, **dict.fromkeys(unknown)}
        self.say(f"said: {'; '.join(self._valued(said, assessment.patient.written)) or 'nothing'}", 2, hanging=2)

    def _steps(self, names: Iterable[str]) -> str:
        return "; ".join(self.kb.steps[name].title for name in names)

    def _alerts(self, names: Iterable[str]) -> str:
        return "; ".join(self.kb.alerts[name].title for name in names)

    def _valued(
        self,
        said: Mapping[str, Value | None],
        texts: Mapping[str, str] = MappingProxyType({}),
        before: Facts = MappingProxyType({}),
    ) -> list[str]:
        """Findings with their values, and what they were before; those of a panel that are alike as one."""
        left, words = dict(said), []
        for panel in self.kb.panels.values():
            for word, meant in (("none", panel.members), ("unknown", dict.fromkeys(panel.members))):
                alike = [name for name in left if name in meant and left[name] == meant[name] and name not in before]
                if len(alike) > 1:
                    which = "" if len(alike) == len(panel.members) else f"the other {len(alike)} of "
                    words.append(f"{which}{panel.name} {word}")
                    left = {name: value for name, value in left.items() if name not in alike}
        return [self._changed(name, value, texts.get(name), before) for name, value in left.items()] + words

    def _changed(self, name: str, value: Value | None, text: str | None, before: Facts) -> str:
        old = before.get(name)
        was = f"was {self.domain.write(name, old)}" if old is not None and old != value else ""
        remarks = "; ".join(filter(None, [word_written(self.kb.findings[name], text), was]))
        return f"{name} {self.domain.write(name, value)}{f' ({remarks})' if remarks else ''}"

    # --- the end

    def answer(self, assessment: Assessment, not_needed: Sequence[str], today: date, *, emergency: bool) -> None:
        """Why there is no further question, the answer, and what was not asked."""
        self.say()
        if assessment.answer != "certain":
            self.say(_NOTHING_LEFT)
        elif not assessment.not_ruled_out:
            self.say(_SETTLED)
        else:
            self.say(_EMERGENCY if emergency else _STEP_SETTLED)
        self.say()
        write_full_answer(self, self.domain, assessment, today)
        if not_needed:
            self.heading(f"Not needed: {counted(len(not_needed), 'question')}")
            for group, title in self.kb.groups.items():
                names = [name for name in not_needed if self.kb.findings[name].group == group]
                if names:
                    self.say(f"{title}: {', '.join(names)}", 2, hanging=2)

    def saved(self, path: str, knowledge: str | None, *, finished: bool, whole: bool) -> None:
        """Where everything is (unless it could not be saved as a ``whole``), and the commands that go on from there."""
        file = shlex.quote(path) + (f" --knowledge {shlex.quote(knowledge)}" if knowledge is not None else "")
        self.say()
        self._line_whole(f"Saved in {path}{'' if whole else ', but not what was said last'}")
        if finished:
            self._line_whole(f"  this answer again:    expert assess {file}")
            self._line_whole(f"  to change an answer:  expert consult --resume {file} finding=value")
        else:
            self._line_whole(f"  to go on with it:  expert consult --resume {file}")

    def not_saved(self, path: str, why: str) -> None:
        """Report that the last answer is not on the disk; earlier answers are, if there is still a ``path``."""
        before = "what was said before is still in" if path else "what was said before is gone as well"
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


def _allowed(finding: Finding) -> str:
    """The values of a finding; of a quantity, with how it may be written."""
    if finding.kind is not Kind.QUANTITY:
        return values(finding)
    unit = finding.unit or NUMBER
    if unit == NUMBER:
        return f"{values(finding)}{', or as 2/3 or 67 %' if finding.high <= 1 else ''}"
    return f"{values(finding)}, {f'{unit.name} if no unit is said' if finding.unit_may_be_omitted else 'with its unit'}"
