"""A draft on trial: written, read again, with patients and what must be answered to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from expert import KnowledgeBase, read_knowledge
from expert.lang.definitions import Definitions
from expert.lang.facts import Patient as ReadPatient
from expert.lang.values import Facts
from expert.logic.domain import Domain
from expert.read.patient import PatientReader
from tests.fuzz.answers import Answer, answers
from tests.fuzz.language import Draft
from tests.fuzz.meaning import Meaning
from tests.fuzz.random_patients import Patient
from tests.small_ladder import write_ladder

Differences = Iterator[str]


class Trial:
    """A draft written into a folder and read again, with patients and what must be answered to them."""

    def __init__(
        self, draft: Draft, patients: Sequence[Patient], folder: Path, kb: KnowledgeBase | None = None
    ) -> None:
        """The draft is written into the folder, unless the knowledge has been read from there."""
        self.draft, self.patients, self.folder = draft, patients, folder
        self.meaning = Meaning(draft)
        self.wanted = answers(self.meaning, self.meaning.table(patients))
        self.kb = kb or read_knowledge(write_ladder(folder, **draft))

    @cached_property
    def domain(self) -> Domain:
        """The patients as the executors see them."""
        return Domain(Definitions(self.kb))

    @cached_property
    def read(self) -> list[ReadPatient]:
        """The patients as they are read."""
        lines = ([f"{name}={text}" for name, text in it.items()] for it in self.patients)
        return [PatientReader(self.kb).patient(None, it) for it in lines]

    @cached_property
    def facts(self) -> list[Facts]:
        """What is known of each."""
        return [it.facts for it in self.read]

    def each(self, *, sure: bool = True) -> Iterator[tuple[int, Answer]]:
        """The patients who can be, and for whom no rules contradict each other; if ``sure``, nor for a completion."""
        for number, it in enumerate(self.wanted):
            if not (it.impossible or it.contradicted or (sure and it.doubtful)):
                yield number, it

    @property
    def sound(self) -> bool:
        """Whether no rules contradict each other for any patient."""
        return not self.meaning.contradictory.any()


def differing(number: int, trial: Trial, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> Differences:
    """Where what was found of a patient is not what was wanted."""
    for name in wanted:
        if name not in found or found[name] != wanted[name]:
            yield f"of {trial.patients[number]}: {name} is {found.get(name)!r}, and should be {wanted[name]!r}"


class Executor(NamedTuple):
    """What is held to the meaning: its name, and where it differs."""

    name: str
    differences: Callable[[Trial], Differences]
