"""Replay: every journaled case answered anew, and what made the difference where the answer is another."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from expert import __version__
from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment
from expert.journal.causes import (
    NOT,
    Change,
    RuleChange,
    View,
    changed_facts,
    changed_rules,
    parts_that_differ,
    word,
)
from expert.journal.receipt import Render, answered
from expert.journal.store import Case, Damaged, Journal
from expert.lang.errors import InputError, Problem
from expert.lang.facts import Patient
from expert.lang.model import KnowledgeBase
from expert.lang.premises import Name
from expert.read.knowledge import read_stored
from expert.read.patient import PatientReader
from expert.read.source import Source, parse

Outcome = dict[tuple[str, str], str]
"""What a person can see of an answer: a kind of thing and its name, with how it is."""

STEP, ANSWER = "recommended step", "kind of answer"
KINDS = (STEP, ANSWER, "meanwhile", "step", "option", "alert", "advice", "caution", "finding")
"""The kinds of what can differ, the gravest first."""


class Difference(NamedTuple):
    """A case whose answer would be another today.

    Attributes:
        case: the case, without the text of its answer.
        changes: what would be otherwise, the step first.
        rules: the rules that made the difference, those that somebody changed first.
        facts: findings that count otherwise: a usual value or a policy of the site changed.
        others: further causes, as sentences.
    """

    case: Case
    changes: tuple[Change, ...]
    rules: tuple[RuleChange, ...]
    facts: tuple[Change, ...]
    others: tuple[str, ...]

    @property
    def rank(self) -> tuple[int, int]:
        """Another step comes before another kind of answer, and that before the rest."""
        what = {change.what for change in self.changes}
        return (0 if STEP in what else 1 if ANSWER in what else 2, self.case.number)


class Unreadable(NamedTuple):
    """A case that cannot be answered today, and why."""

    case: Case
    problems: tuple[str, ...]


class Replay(NamedTuple):
    """What became of every case of a journal under the knowledge ``kb``."""

    kb: KnowledgeBase
    cases: int
    differences: tuple[Difference, ...]
    unreadable: tuple[Unreadable, ...]
    damaged: tuple[Damaged, ...]

    @property
    def same(self) -> int:
        """How many would be answered as they were."""
        return self.cases - len(self.differences) - len(self.unreadable) - len(self.damaged)


def replay(journal: Journal, reasoner: Reasoner, render: Render) -> Replay:
    """Answer every case of a journal anew that is not damaged.

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
        if isinstance(result, Difference):
            differences.append(result)
        elif result:
            unreadable.append(result)
    ranked = tuple(sorted(differences, key=lambda it: it.rank))
    return Replay(reasoner.kb, cases, ranked, tuple(unreadable), tuple(damaged))


class _Replayer:
    """Answers cases under the present knowledge, and where that differs, under that of their time."""

    def __init__(self, journal: Journal, reasoner: Reasoner, render: Render) -> None:
        self.journal, self.reasoner, self.render = journal, reasoner, render
        self.reasoners: dict[tuple[str, str], Reasoner | None] = {}

    def result(self, case: Case) -> Difference | Unreadable | None:
        """How a case differs, or why it cannot be told; ``None`` if it does not."""
        told = case._replace(answer="")  # that is long, and there may be thousands
        if not case.intact:
            return Unreadable(told, ("the stored answer is not what was committed: its hash differs",))
        try:
            now = self.reasoner.assess(reread(self.reasoner.kb, case))
        except InputError as error:
            return Unreadable(told, tuple(map(_told, error.problems)))
        new = self._rendered(self.reasoner, now, case)
        try:
            old = json.loads(case.answer)
            changes = tuple(_changes(old, new))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return Unreadable(told, (f"its answer, by expert {case.expert}, has another form than answers have now",))
        return self._difference(told, changes, now, [old, new]) if changes else None

    def _rendered(self, reasoner: Reasoner, assessment: Assessment, case: Case) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.render(reasoner.kb, assessment, case.day))
        return answer

    def _difference(
        self, case: Case, changes: tuple[Change, ...], now: Assessment, answers: Sequence[dict[str, Any]]
    ) -> Difference:
        program = f"it was answered by expert {case.expert}; this is {__version__}"
        others = [program] if case.expert != __version__ else []
        reasoner = self._of_its_time(case)
        then = _assessed(reasoner, case.patient) if reasoner else None
        if reasoner is None or then is None:
            others.append("its knowledge can no longer be used, so the rules behind the difference are not known")
            return Difference(case, changes, (), (), tuple(others))
        if list(_changes(answers[0], self._rendered(reasoner, then, case))):
            others.append("the program itself answers otherwise now, from the same knowledge")
        before, after = View(reasoner, then), View(self.reasoner, now)
        names = [name for change in changes for name in _names(change, answers)]
        rules, facts = changed_rules(before, after, names), tuple(changed_facts(before, after, names))
        if not rules and not facts:
            others += parts_that_differ(reasoner.kb, self.reasoner.kb)
        return Difference(case, changes, rules, facts, tuple(others))

    def _of_its_time(self, case: Case) -> Reasoner | None:
        """A reasoner over the knowledge that answered; ``None`` if the journal does not have it, or it is not read."""
        key = case.knowledge, case.folder
        if key not in self.reasoners:
            text = self.journal.knowledge(case.knowledge)
            try:
                self.reasoners[key] = Reasoner(read_stored(text, case.folder)) if text is not None else None
            except InputError:
                self.reasoners[key] = None
        return self.reasoners[key]


def reread(kb: KnowledgeBase, case: Case) -> Patient:
    """The patient of a case, read from what was written then under this vocabulary.

    Raises:
        PatientError: it cannot be read any more.
    """
    reader = PatientReader(kb)
    text = json.dumps(dict(case.patient.written), indent=0, ensure_ascii=False)
    node = parse(Source(f"case {case.number}", text), reader.problems)
    return reader.combined(reader.mapping(node) if node else {})


def _told(problem: Problem) -> str:
    """A problem with what was written, rather than where: people do not have the text."""
    written = f"{problem.line.rstrip(',')}: " if problem.line else ""
    return f"{written}{problem._replace(at=None)}"


def _assessed(reasoner: Reasoner, patient: Patient) -> Assessment | None:
    try:
        return answered(reasoner, patient)
    except InputError:
        return None


# --- what differs -----------------------------------------------------------------------------------------------------


def _changes(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    """What differs between two answers, the gravest kinds first."""
    before, after = _outcome(old), _outcome(new)
    shown = _shown(old) & _shown(new)
    one_sided = old["presumed_findings"].keys() ^ new["presumed_findings"].keys()
    for kind in KINDS:
        for name in dict.fromkeys(name for what, name in [*before, *after] if what == kind):
            was, is_now = (it.get((kind, name), NOT) for it in (before, after))
            step, of_option, _ = name.partition(".")
            came_or_went = step not in shown if of_option else kind == "finding" and name in one_sided
            if was != is_now and not came_or_went:
                yield Change(kind, name, was, is_now)


def _outcome(answer: dict[str, Any]) -> Outcome:
    """What a person can see of an answer."""
    seen = {(STEP, ""): answer["recommended"] or "none", (ANSWER, ""): answer["answer"]}
    seen["meanwhile", ""] = answer["meanwhile"] or NOT
    seen |= {("step", it["step"]): _status(it) for it in answer["ladder"]}
    preferred = {True: "preferred, ", False: ""}
    seen |= {("option", it["option"]): preferred[it["preferred"]] + _status(it) for it in answer["options"]}
    for kind, notices in (("alert", answer["alerts"]), ("advice", answer["advice"])):
        seen |= {(kind, it[kind]): _status(it) for it in notices if it["presumed_status"] != "fails"}
    for name, it in [(it["step"], it) for it in answer["ladder"]] + [(it["option"], it) for it in answer["options"]]:
        seen["caution", name] = ", ".join(its["rule"] for its in it["cautions"] if its["presumed_status"] == "holds")
    findings = answer["presumed_findings"].items()
    seen |= {("finding", name): word(value) for name, value in findings if value is not None}
    return {key: value for key, value in seen.items() if value}


def _shown(answer: dict[str, Any]) -> set[str]:
    """The steps whose options an answer lists."""
    return {answer["recommended"], answer["meanwhile"]}


def _status(it: dict[str, Any]) -> str:
    known, presumed = it["status"], it["presumed_status"]
    return str(known) if known == presumed else f"{presumed} as presumed"


def _names(change: Change, answers: Sequence[dict[str, Any]]) -> Iterator[Name]:
    """The names whose truth a change tells of."""
    possible = [it["step"] for answer in answers for it in answer["possible"]]
    told: dict[str, tuple[str, ...]] = {
        "step": ("recommended", "available", "supports", "excludes"),
        "option": ("offered", "prefers", "supports", "excludes"),
        "advice": ("given", "advise"),
        "caution": ("cautions",),
    }
    if change.what in (STEP, ANSWER):
        for step in dict.fromkeys([change.before, change.after, *possible]):
            yield ("recommended", step)
    elif change.what == "meanwhile":
        yield from (("excludes", step) for step in (change.before, change.after))
    elif change.what == "finding":
        values = ((change.name,), (change.name, change.before), (change.name, change.after))
        yield from (("finding", *value) for value in values)
    else:
        yield from ((role, change.name) for role in told.get(change.what, (change.what,)))
