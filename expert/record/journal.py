"""The journal: answered cases in one file, to which cases are only ever added.

A case is committed, in a transaction of its own, before anybody sees its answer. Triggers refuse to change or remove
what is there, by whatever program; who may write the file can still drop them, so it is to be protected as records are.
The text of every knowledge version is kept once, under its hash, so that the journal alone can answer anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timezone
from typing import Any, NamedTuple

from expert import __version__
from expert.errors import InputError, Problem
from expert.model import KnowledgeBase
from expert.read.knowledge import folder_name
from expert.record.journal_file import PATIENCE, NotAJournalError, open_to_append, open_to_read, transaction
from expert.results import Patient

_BATCH = 100
_ADDED = "time, day, given, answer, answer_sha256, knowledge, folder, expert, decided, reason"
_EXPECTED = "a file that expert assess --journal made, or the name of a new one in a folder that can be written"


class Decision(NamedTuple):
    """The step that a clinician chose, and why; ``None`` where that was not told."""

    decided: str | None = None
    reason: str | None = None


class Case(NamedTuple):
    """A case of a journal.

    Attributes:
        time: when it was journaled, UTC, ISO 8601.
        day: the day on which it was answered.
        answer: the JSON text of the answer; ``intact`` says whether it is what was committed.
        knowledge: the hash of the knowledge that answered; ``folder`` is the name that it then had.
        expert: the version of the program that answered.
    """

    number: int
    time: str
    day: date
    patient: Patient
    answer: str
    intact: bool
    knowledge: str
    folder: str
    expert: str
    decision: Decision


class Journal:
    """A journal that is open; ``with`` closes it."""

    def __init__(self, path: str, *, append: bool = False) -> None:
        """Open a journal to read it, or to append to it; that makes the file if there is none.

        Raises:
            InputError: the file is something else, or cannot be opened.
        """
        self.path = path
        with self._told():
            self._database = open_to_append(path) if append else open_to_read(path)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def append(
        self, kb: KnowledgeBase, patient: Patient, answer: str, day: date, decision: Decision | None = None
    ) -> int:
        """Add a case and return its number; when this returns, the disk has it.

        Raises:
            InputError: it could not be added; then nothing was.
        """
        given, folder = _written(patient), os.fsencode(folder_name(kb))
        answered = (day.isoformat(), given, answer, _sha256(answer.encode()), kb.sha256, folder, __version__)
        with self._told(), transaction(self._database):
            self._keep(kb)
            time = datetime.now(timezone.utc).isoformat(timespec="milliseconds")  # within, so in the order of numbers
            row = (time, *answered, *(decision or Decision()))
            added = self._database.execute(f"INSERT INTO cases ({_ADDED}) VALUES ({_places(row)})", row)
        return int(added.lastrowid or 0)

    def _keep(self, kb: KnowledgeBase) -> None:
        """Keep the text of the knowledge, unless it is there."""
        if not self._database.execute("SELECT 1 FROM knowledge WHERE sha256 = ?", (kb.sha256,)).fetchone():
            row = (kb.sha256, kb.name, kb.version, zlib.compress(kb.text, 9))
            self._database.execute(f"INSERT INTO knowledge (sha256, name, version, text) VALUES ({_places(row)})", row)

    def cases(self) -> Iterator[Case]:
        """All cases in their order. They are read a few at a time, so that writers never wait for long."""
        after = 0
        while rows := self._rows(f"number > ? ORDER BY number LIMIT {_BATCH}", after):
            yield from map(self._case, rows)
            after = int(rows[-1][0])

    def case(self, number: int) -> Case:
        """One case.

        Raises:
            InputError: there is none of this number.
        """
        rows = self._rows("number = ?", number) if 0 < number < 2**63 else []
        if not rows:
            with self._told():
                first, last = self._database.execute("SELECT min(number), max(number) FROM cases").fetchone()
            expected = f"a number from {first} to {last}" if last else "a journal with cases: this one has none"
            raise InputError([Problem(f"{self.path} has no case {number}", expected=expected)])
        return self._case(rows[0])

    def knowledge(self, sha256: str) -> bytes | None:
        """The text of a knowledge version; ``None`` unless it is there and has that hash."""
        with self._told():
            row = self._database.execute("SELECT text FROM knowledge WHERE sha256 = ?", (sha256,)).fetchone()
        try:
            text = zlib.decompress(row[0]) if row else b""
        except (zlib.error, TypeError):
            return None
        return text if _sha256(text) == sha256 else None

    def _rows(self, where: str, value: int) -> list[Any]:
        with self._told():
            return self._database.execute(f"SELECT number, {_ADDED} FROM cases WHERE {where}", (value,)).fetchall()

    def _case(self, row: tuple[Any, ...]) -> Case:
        number, time, day, given, answer, sha256, knowledge, folder, expert, *decision = row
        try:
            day, patient, folder = date.fromisoformat(day), _read(given), os.fsdecode(folder)
            intact = _sha256(answer.encode()) == sha256
        except (ValueError, TypeError, KeyError, AttributeError):
            message = f"case {number} of the journal {self.path} is damaged"
            raise InputError([Problem(message, expected="a journal as it was written")]) from None
        return Case(number, time, day, patient, answer, intact, knowledge, folder, expert, Decision(*decision))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Whatever goes wrong with the file, as an error for people."""
        try:
            yield
            return
        except NotAJournalError as error:
            message = f"{self.path or repr('')} is not a journal: {error}"
        except sqlite3.Error as error:
            why = f"others have locked it for {PATIENCE:.0f} seconds" if "locked" in str(error) else error
            message = f"the journal {self.path} cannot be used: {why}"
        except OSError as error:
            message = f"the journal {self.path} cannot be opened: {error.strerror or error}"
        raise InputError([Problem(message, expected=_EXPECTED)])


def _written(patient: Patient) -> str:
    """What was given of a patient, as JSON, which keeps every number exactly."""
    said = {name: {"value": value, "written": patient.written.get(name, "")} for name, value in patient.facts.items()}
    return json.dumps({"findings": said, "overridden": dict(patient.overridden)})


def _read(text: str) -> Patient:
    given = json.loads(text)
    facts = {name: said["value"] for name, said in given["findings"].items()}
    written = {name: said["written"] for name, said in given["findings"].items()}
    return Patient(facts, written, given["overridden"])


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _places(row: tuple[object, ...]) -> str:
    return ", ".join("?" * len(row))
