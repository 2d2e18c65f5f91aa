"""Running seeds: whether anything differs from the meaning, and the smallest folder and patients that show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from expert.lang.errors import KnowledgeError
from tests.fuzz.edits import mutate
from tests.fuzz.enough import enough
from tests.fuzz.executors import EXECUTORS
from tests.fuzz.language import Draft
from tests.fuzz.meaning import Meaning
from tests.fuzz.proofs import check
from tests.fuzz.random_drafts import random_draft
from tests.fuzz.random_patients import Patient, random_patients
from tests.fuzz.shrinking import shrunk
from tests.fuzz.trial import Executor, Trial
from tests.small_ladder import write_ladder

PATIENTS = 20
"""So many patients are tried of each draft."""

READ = "the knowledge is read"
EVERY = (*EXECUTORS, Executor("check", check), Executor("mutate", mutate), Executor("enough", enough))


class Found(NamedTuple):
    """Something that differs: the seed, which executor, what, and the draft with the patients that show it."""

    seed: int
    executor: str
    what: str
    draft: Draft
    patients: list[Patient]


def found_by(seed: int, executors: Iterable[Executor] = EVERY) -> Iterator[Found]:
    """What differs for the draft of a seed, the first of each executor."""
    draft = random_draft(seed)
    patients = random_patients(Meaning(draft), Random(f"patients {seed}"), PATIENTS)
    for name, what in differing(draft, patients, executors):
        yield Found(seed, name, what, draft, patients)


def differing(draft: Draft, patients: list[Patient], executors: Iterable[Executor]) -> Iterator[tuple[str, str]]:
    """The executors that differ, each with the first difference."""
    with TemporaryDirectory() as folder:
        try:
            trial = Trial(draft, patients, Path(folder))
        except KnowledgeError as error:
            yield READ, str(error)
            return
        for executor in executors:
            what = _first(executor, trial)
            if what:
                yield executor.name, what


def _first(executor: Executor, trial: Trial) -> str:
    """The first difference; an error of any kind is one."""
    try:
        return next(executor.differences(trial), "")
    except Exception as error:  # whatever an executor raises is what is looked for
        return f"raises {type(error).__name__}: {error}"


def smallest(found: Found, executors: Iterable[Executor] = EVERY) -> Found:
    """The same with as little in the draft and as few patients as show a difference of the same executor."""
    its = [it for it in executors if it.name == found.executor]
    whole: dict[str, Any] = {"draft": found.draft, "patients": found.patients}

    def still(fewer: dict[str, Any]) -> bool:
        try:
            return any(
                name == found.executor and _kind(what) == _kind(found.what)
                for name, what in differing(fewer["draft"], fewer["patients"], its)
            )
        except Exception:  # what is left is no draft
            return False

    left = shrunk(whole, still)
    what = next((what for _, what in differing(left["draft"], left["patients"], its)), found.what)
    return found._replace(what=what, draft=left["draft"], patients=left["patients"])


def _kind(what: str) -> str:
    """Which error was raised, if one was: another one is another difference."""
    return what.partition(":")[0] if what.startswith("raises ") else ""


def run(only: tuple[str, ...], seed: int) -> list[Found]:
    """What a seed shows of some executors, or of all, each as small as can be."""
    return [smallest(it) for it in found_by(seed, [it for it in EVERY if not only or it.name in only])]


def write(found: Found, folder: Path) -> Path:
    """Write the draft as a knowledge folder with its patients, ready to be tried."""
    patients = {f"p{number}": it for number, it in enumerate(found.patients)}
    return write_ladder(folder, **found.draft, patients=patients)
