"""Running the cases again whenever a file of the knowledge is saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, sleep
from typing import NamedTuple

from expert.cases.results import CaseResult, outcomes_of, run_cases
from expert.cases.selection import selected
from expert.lang.definitions import Definitions
from expert.lang.errors import ExpertError, KnowledgeError, Problem
from expert.logic.domain import Domain
from expert.read.cases import case_files, read_cases
from expert.read.knowledge import read_knowledge, shipped_knowledge

PAUSE = 0.02
"""Seconds between two looks at the files."""

Saved = dict[str, tuple[int, int, int]]
"""Files with what shows that they were saved: time, size and place on the disk."""


class Round(NamedTuple):
    """One run of the cases, and how many seconds it took."""

    domain: Domain
    results: list[CaseResult]
    seconds: float


class Watch(NamedTuple):
    """The cases of a knowledge folder; or only those of a path, or those that words select."""

    knowledge: str | None
    path: str | None = None
    words: str | None = None

    def run(self) -> Round:
        """One round.

        Raises:
            InputError: the knowledge or a case cannot be used.
        """
        begun = perf_counter()
        domain = Domain(Definitions(read_knowledge(self.knowledge)))
        cases = read_cases(domain.kb, case_files(domain.kb, self.path))
        if self.words is not None:
            cases = selected(cases, self.words)
        results = run_cases(outcomes_of(domain, cases), cases)
        return Round(domain, results, perf_counter() - begun)

    def rounds(self, pause: float = PAUSE) -> Iterator[Round | ExpertError]:
        """A round at once and after every change of a file, or what is wrong with the files; without end."""
        before: Saved | None = None
        while True:
            now = self._saved()
            if now == before:
                sleep(pause)
                continue
            while before is not None:  # an editor may write a file in several strokes
                sleep(pause / 2)
                before, now = now, self._saved()
                if now == before:
                    break
            before = now
            yield self._round()

    def _round(self) -> Round | ExpertError:
        try:
            return self.run()
        except ExpertError as error:
            return error
        except OSError as error:  # a folder or a patient's file that went, or may not be read
            return KnowledgeError([Problem(f"{error.filename or 'a file'} cannot be read: {error.strerror}")])

    def _saved(self) -> Saved:
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
