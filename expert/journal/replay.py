"""Replay: every journaled case answered again, and what made the difference where the answer is another."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import starmap
from typing import Any, NamedTuple

from expert import __version__
from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment
from expert.journal.causes import (
    AnswerOrigin,
    RuleCause,
    TextChange,
    changed_facts,
    changed_rules,
    parts_that_differ,
)
from expert.journal.receipt import Render, answered
from expert.journal.store import Damaged, Journal, JournaledCase
from expert.journal.stored_answers import answer_differences, named_now, names_behind
from expert.lang.errors import InputError, Problem
from expert.lang.facts import Patient
from expert.lang.model import KnowledgeBase
from expert.lang.observables import Difference, observables
from expert.read.knowledge import read_stored
from expert.read.parse import parse
from expert.read.patient import PatientReader
from expert.read.source import Source


class CaseDifference(NamedTuple):
    """A case that would be answered differently today.

    Attributes:
        case: the case, without the text of its answer.
        changes: what would differ, the step first.
        rules: the rules that made the difference, those that were edited first.
        facts: findings that count with another value: a usual value or a policy of the site changed.
        others: further causes, as sentences.
    """

    case: JournaledCase
    changes: tuple[Difference, ...]
    rules: tuple[RuleCause, ...]
    facts: tuple[TextChange, ...]
    others: tuple[str, ...]

    @property
    def rank(self) -> tuple[int, int]:
        """Another step comes before another kind of answer, and that before the rest."""
        kinds = {change.kind for change in self.changes}
        return (0 if "recommended step" in kinds else 1 if "kind of answer" in kinds else 2, self.case.number)


class Unreadable(NamedTuple):
    """A case that cannot be answered today, and why."""

    case: JournaledCase
    problems: tuple[str, ...]


class Replay(NamedTuple):
    """The result for every case of a journal under the knowledge ``kb``; ``former`` are the former names in it."""

    kb: KnowledgeBase
    cases: int
    differences: tuple[CaseDifference, ...]
    unreadable: tuple[Unreadable, ...]
    damaged: tuple[Damaged, ...]
    former: Mapping[str, str]

    @property
    def same(self) -> int:
        """How many would be answered as they were."""
        return self.cases - len(self.differences) - len(self.unreadable) - len(self.damaged)


def replay(journal: Journal, reasoner: Reasoner, render: Render) -> Replay:
    """Answer again every case of a journal that is not damaged.

    Raises:
        InputError: the journal cannot be read.
    """
    replayer = _Replayer(journal, reasoner, render)
    cases = 0
    differences, unreadable, damaged = [], [], []
    for case in journal.entries():
        cases += 1
        if isinstance(case, Damaged):
            damaged.append(case)
            continue
        result = replayer.result(case)
        if isinstance(result, CaseDifference):
            differences.append(result)
        elif result:
            unreadable.append(result)
    ranked = tuple(sorted(differences, key=lambda it: it.rank))
    return Replay(reasoner.kb, cases, ranked, tuple(unreadable), tuple(damaged), replayer.former)


class _Replayer:
    """Answers cases under the present knowledge, and where that differs, under that of their time."""

    def __init__(self, journal: Journal, reasoner: Reasoner, render: Render) -> None:
        self.journal, self.reasoner, self.render = journal, reasoner, render
        self.reasoners: dict[tuple[str, str], Reasoner | None] = {}
        self.former: dict[str, str] = {}

    def result(self, case: JournaledCase) -> CaseDifference | Unreadable | None:
        """How a case differs, or why it cannot be compared; ``None`` if it does not."""
        without_answer = case._replace(answer="")  # that is long, and there may be thousands
        if not case.intact:
            return Unreadable(without_answer, ("the stored answer is not the recorded one: its hash differs",))
        try:
            patient = reread(self.reasoner.kb, case)
            now = self.reasoner.assess(patient)
        except InputError as error:
            return Unreadable(without_answer, tuple(map(_problem_text, error.problems)))
        new = self._rendered(self.reasoner, now, case)
        try:
            former = dict(patient.former)
            old = named_now(json.loads(case.answer), self.reasoner.kb.former, former)
            self.former |= former
            changes = tuple(answer_differences(old, new))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return Unreadable(
                without_answer, (f"its answer, by expert {case.expert}, has another format than answers have now",)
            )
        found = self._difference(without_answer, changes, now, [old, new]) if changes else None
        return found._replace(others=(*found.others, *starmap(_is_now, former.items()))) if found else None

    def _rendered(self, reasoner: Reasoner, assessment: Assessment, case: JournaledCase) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.render(reasoner.kb, assessment, case.day))
        return answer

    def _difference(
        self, case: JournaledCase, changes: tuple[Difference, ...], now: Assessment, answers: Sequence[dict[str, Any]]
    ) -> CaseDifference:
        program = f"it was answered by expert {case.expert}; this is {__version__}"
        others = [program] if case.expert != __version__ else []
        reasoner = self._of_its_time(case)
        then = _assessed(reasoner, case.patient) if reasoner else None
        if reasoner is None or then is None:
            others.append("its knowledge can no longer be used, so the rules behind the difference are not known")
            return CaseDifference(case, changes, (), (), tuple(others))
        if list(answer_differences(answers[0], self._rendered(reasoner, then, case))):
            others.append("the program itself now answers differently from the same knowledge")
        before, after = AnswerOrigin(reasoner, then), AnswerOrigin(self.reasoner, now)
        observed = {it.key: it for kb in (before.kb, after.kb) for it in observables(kb)}
        names = [name for change in changes for name in names_behind(change, answers, observed)]
        rules, facts = changed_rules(before, after, names), tuple(changed_facts(before, after, names))
        if not rules and not facts:
            others += parts_that_differ(reasoner.kb, self.reasoner.kb)
        return CaseDifference(case, changes, rules, facts, tuple(others))

    def _of_its_time(self, case: JournaledCase) -> Reasoner | None:
        """A reasoner over the knowledge that answered; ``None`` if the journal does not have it, or it is not read."""
        key = case.knowledge, case.folder
        if key not in self.reasoners:
            text = self.journal.knowledge(case.knowledge)
            try:
                self.reasoners[key] = Reasoner(read_stored(text, case.folder)) if text is not None else None
            except InputError:
                self.reasoners[key] = None
        return self.reasoners[key]


def reread(kb: KnowledgeBase, case: JournaledCase) -> Patient:
    """The patient of a case, read from what was written then under this vocabulary.

    Raises:
        PatientError: it cannot be read any more.
    """
    reader = PatientReader(kb)
    text = json.dumps(dict(case.patient.written), indent=0, ensure_ascii=False)
    node = parse(Source(f"case {case.number}", text), reader.problems)
    return reader.combined(reader.mapping(node) if node else {})


def _is_now(old: str, now: str) -> str:
    return f"{old} is now {now}; a rule that names it counts as edited"


def _problem_text(problem: Problem) -> str:
    """A problem with what was written, rather than where: people do not have the text."""
    written = f"{problem.line.rstrip(',')}: " if problem.line else ""
    return f"{written}{problem._replace(at=None)}"


def _assessed(reasoner: Reasoner, patient: Patient) -> Assessment | None:
    try:
        return answered(reasoner, patient)
    except InputError:
        return None
