"""Running the cases again whenever a file is saved, and of them only those that may come out otherwise.

What a case found is kept while nothing that it rests on has changed. Where only rules have, that is decided by the
reference meaning. If every definition that was edited has the same truth before and after, over what is known of a
patient and with the presumptions, then so have all that rest on them, and whatever was found by these truths stays.
What was found by looking at other completions stays if besides none of those definitions is open over what is known:
truth only grows with facts. If any other part of the knowledge has changed, every case is run again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter, sleep
from typing import NamedTuple

from expert.cases.cases import Case, CaseResult, case_files, compared, outcome_of, read_cases, tried
from expert.cases.selection import selected
from expert.lang.definitions import Definitions
from expert.lang.errors import ExpertError, InputError, KnowledgeError, PatientError, Problem
from expert.lang.facts import Background
from expert.lang.model import KnowledgeBase
from expert.lang.premises import Name
from expert.lang.values import Facts
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation, Truth
from expert.read.knowledge import read_knowledge, shipped_knowledge

PAUSE = 0.02
"""Seconds between two looks at the files."""

Saved = dict[str, tuple[int, int, int]]
"""Files with what shows that they were saved: time, size and place on the disk."""

Key = tuple[frozenset[tuple[str, object]], tuple[tuple[str, str, str], ...]]


class Round(NamedTuple):
    """One run of all cases. ``again`` counts those that were not kept from the round before."""

    domain: Domain
    results: tuple[CaseResult, ...]
    again: int
    seconds: float


class _Kept(NamedTuple):
    """What a case found, the facts behind it, and whether other completions were looked at (see `Outcome`)."""

    found: tuple[str, ...]
    background: Background
    beyond: bool


class Rounds:
    """Runs the cases of a knowledge folder (or those of a path, or those that words find), round after round."""

    def __init__(self, knowledge: str | None, path: str | None = None, words: str | None = None) -> None:
        self.knowledge, self.path, self.words = knowledge, path, words
        self.domain: Domain | None = None
        self.kept: dict[Key, _Kept] = {}
        self.read: dict[Path, tuple[object, list[Case]]] = {}

    def run(self) -> Round:
        """One round. After an error the next one goes on from the last that ended well.

        Raises:
            InputError: the knowledge or a case cannot be used as it stands.
        """
        begun = perf_counter()
        kb = read_knowledge(self.knowledge)
        same = self.domain and self.domain.kb.sha256 == kb.sha256
        domain = self.domain if self.domain and same else Domain(Definitions(kb))
        cases = self._cases(domain.kb)
        kept, results, again = self._results(domain, cases)
        self.domain, self.kept = domain, kept
        return Round(domain, results, again, perf_counter() - begun)

    def _results(self, domain: Domain, cases: Sequence[Case]) -> tuple[dict[Key, _Kept], tuple[CaseResult, ...], int]:
        edit = Edit(self.domain, domain) if self.domain else None
        kept: dict[Key, _Kept] = {}
        again = 0

        def result(case: Case) -> CaseResult:
            nonlocal again
            key = _key(case)
            old = self.kept.get(key)
            if key not in kept and old and edit and not edit.may_change(old.background, old.beyond):
                kept[key] = old
            if key not in kept:
                again += 1
                outcome = outcome_of(domain, case)
                found = compared(domain.kb, outcome, case).found
                kept[key] = _Kept(found, outcome.background, outcome.beyond)
            return CaseResult(case, kept[key].found)

        problems: list[Problem] = []
        results = [tried(result, case, problems) for case in cases]
        if problems:
            raise PatientError(problems)
        return kept, tuple(filter(None, results)), again

    def _cases(self, kb: KnowledgeBase) -> list[Case]:
        """The cases; of files that have not changed, as they were read before."""
        rests_on = _vocabulary(kb)
        problems: list[Problem] = []
        cases = [case for file in case_files(kb, self.path) for case in self._file(kb, file, rests_on, problems)]
        if problems:
            raise KnowledgeError(problems)
        return cases if self.words is None else selected(cases, self.words)

    def _file(self, kb: KnowledgeBase, file: Path, rests_on: object, problems: list[Problem]) -> list[Case]:
        try:
            state = (rests_on, file.read_bytes())
            if file not in self.read or self.read[file][0] != state:
                self.read[file] = (state, read_cases(kb, [file]))
            return self.read[file][1]
        except OSError as error:
            problems.append(Problem(f"{file} cannot be read: {error.strerror}"))
        except InputError as error:
            problems += error.problems
        return []

    def saved(self) -> Saved:
        """The state of every file that a round may read."""
        folder = Path(self.knowledge if self.knowledge is not None else shipped_knowledge())
        found: Saved = {}
        for start in [folder, *([Path(self.path)] if self.path else [])]:
            for file in [start, *start.rglob("*.y*ml")]:
                try:
                    it = file.stat()
                except OSError:
                    continue
                found[str(file)] = (it.st_mtime_ns, it.st_size, it.st_ino)
        return found


def watch(rounds: Rounds, pause: float = PAUSE) -> Iterator[Round | ExpertError]:
    """A round at once and after every change of a file, or what is wrong with the files; without end."""
    before: Saved | None = None
    while True:
        now = rounds.saved()
        if now == before:
            sleep(pause)
            continue
        while before is not None:  # an editor may write a file in several strokes
            sleep(pause / 2)
            before, now = now, rounds.saved()
            if now == before:
                break
        before = now
        yield _told(rounds)


def _told(rounds: Rounds) -> Round | ExpertError:
    try:
        return rounds.run()
    except ExpertError as error:
        return error
    except OSError as error:  # a folder or a patient's file that went, or may not be read
        return KnowledgeError([Problem(f"{error.filename or 'a file'} cannot be read: {error.strerror}")])


class Edit:
    """What has changed from one reading of the knowledge to the next."""

    def __init__(self, old: Domain, new: Domain) -> None:
        self.old, self.new = old.definitions, new.definitions
        self.rules_only = old is new or _frame(old) == _frame(new)
        before = self.old.premises
        self.changed: list[Name] = [
            name for name, premise in self.new.premises.items() if name in before and before[name] != premise
        ]

    def may_change(self, background: Background, beyond: bool) -> bool:
        """Whether anything may have changed that follows from a background, or ``beyond`` it from its completions."""
        if not self.rules_only:
            return True
        known = self._truths(background.known)
        if any(old is not new or (beyond and old is None) for old, new in known):
            return True
        return any(old is not new for old, new in self._truths(background.all))

    def _truths(self, facts: Facts) -> Iterator[tuple[Truth, Truth]]:
        """The truths of the edited definitions, before and after."""
        old, new = Evaluation(self.old, facts), Evaluation(self.new, facts)
        return ((old.concluded(name), new.concluded(name)) for name in self.changed)


def _frame(domain: Domain) -> object:
    """All that an answer rests on besides the definitions."""
    kb = domain.kb
    cells = {name: domain.cells[name] for name in domain.constrained}
    return kb.inputs, kb.concluded, kb.constraints, kb.steps, cells


def _vocabulary(kb: KnowledgeBase) -> object:
    """All that the reading of a case rests on."""
    patients = sorted((Path(kb.directory) / "patients").glob("*.yaml"))
    contents = [(file.name, file.read_bytes()) for file in patients if file.is_file()]
    return kb.findings, kb.panels, kb.steps, list(kb.alerts), list(kb.advice), list(kb.rules), contents


def _key(case: Case) -> Key:
    expected = tuple((it.what, it.name, it.value) for it in case.expected)
    return frozenset(case.patient.facts.items()), expected
