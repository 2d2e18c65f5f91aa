"""The journal: answered cases in one file, to which cases are only ever added.

A case is committed, in a transaction of its own, before its answer is shown. Triggers refuse to change or remove
what is there, from any program. With write access to the file they can still be dropped: protect it as other records.
The text of every knowledge version is kept once, under its hash, so that the journal alone can answer again.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timezone
from typing import Any, NamedTuple

from expert import __version__
from expert.journal.store_file import PATIENCE, NotAJournalError, open_to_append, open_to_read, transaction
from expert.lang.atomic_files import why
from expert.lang.errors import InputError, Problem
from expert.lang.facts import Patient
from expert.lang.model import KnowledgeBase
from expert.lang.values import Value
from expert.read.knowledge import folder_name

_BATCH = 100
_EXPECTED = "a file that expert assess --journal made, or the name of a new one in a folder that can be written"


class Decision(NamedTuple):
    """The step that a clinician chose, and why; ``None`` where that was not given."""

    decided: str | None = None
    reason: str | None = None


class JournaledCase(NamedTuple):
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


class Damaged(NamedTuple):
    """A case of a journal that cannot be read as it was written, and why."""

    number: int
    reason: str


class Journal:
    """A journal that is open; ``with`` closes it."""

    def __init__(self, path: str, *, append: bool = False) -> None:
        """Open a journal to read it, or to append to it, which creates a missing file.

        Raises:
            InputError: the file is something else, or cannot be opened.
        """
        self.path = path
        with self._reporting():
            self._database = open_to_append(path) if append else open_to_read(path)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def append(
        self, kb: KnowledgeBase, patient: Patient, answer: str, day: date, decision: Decision | None = None
    ) -> int:
        """Add a case, flush it to the disk and return its number.

        Raises:
            InputError: it could not be added; then nothing was.
        """
        given, folder = _written(patient), os.fsencode(folder_name(kb))
        answered = (day.isoformat(), given, answer, _sha256(answer.encode()), kb.sha256, folder, __version__)
        with self._reporting(), transaction(self._database):
            self._keep(kb)
            time = datetime.now(timezone.utc).isoformat(timespec="milliseconds")  # within, so in the order of numbers
            row = (time, *answered, *(decision or Decision()))
            added = self._database.execute(f"INSERT INTO cases ({_ADDED}) VALUES ({_places(row)})", row)
        return int(added.lastrowid or 0)

    def _keep(self, kb: KnowledgeBase) -> None:
        """Keep the text of the knowledge, unless it is there as it should be.

        Raises:
            InputError: another text is there, from which no case could be answered again.
        """
        if self._database.execute("SELECT 1 FROM knowledge WHERE sha256 = ?", (kb.sha256,)).fetchone():
            if self.knowledge(kb.sha256) is None:
                message = f"the journal {self.path} is damaged: its text of the knowledge {kb.sha256} is another"
                raise InputError([Problem(message, expected="an undamaged copy of it, or the name of a new journal")])
        else:
            row = (kb.sha256, kb.name, kb.version, zlib.compress(kb.text, 9))
            self._database.execute(f"INSERT INTO knowledge (sha256, name, version, text) VALUES ({_places(row)})", row)

    def cases(self) -> Iterator[JournaledCase]:
        """All cases in their order.

        Raises:
            InputError: the next one is damaged.
        """
        yield from map(self._whole, self.entries())

    def entries(self) -> Iterator[JournaledCase | Damaged]:
        """All cases in their order, also the damaged ones.

        They are read a few at a time, so that writers never wait for long.
        """
        after = 0
        while rows := self._rows(f"number > ? ORDER BY number LIMIT {_BATCH}", after):
            yield from map(_case, rows)
            after = int(rows[-1][0])

    def case(self, number: int) -> JournaledCase:
        """One case.

        Raises:
            InputError: there is no such case, or it is damaged.
        """
        rows = self._rows("number = ?", number) if 0 < number < 2**63 else []
        if not rows:
            with self._reporting():
                first, last = self._database.execute("SELECT min(number), max(number) FROM cases").fetchone()
            expected = f"a number from {first} to {last}" if last else "a journal with cases: this one has none"
            raise InputError([Problem(f"{self.path} has no case {number}", expected=expected)])
        return self._whole(_case(rows[0]))

    def knowledge(self, sha256: str) -> bytes | None:
        """The text of a knowledge version; ``None`` unless it is there and has that hash."""
        with self._reporting():
            row = self._database.execute("SELECT text FROM knowledge WHERE sha256 = ?", (sha256,)).fetchone()
        try:
            text = zlib.decompress(row[0]) if row else b""
        except (zlib.error, TypeError):
            return None
        return text if _sha256(text) == sha256 else None

    def _whole(self, case: JournaledCase | Damaged) -> JournaledCase:
        if isinstance(case, Damaged):
            message = f"case {case.number} of the journal {self.path} is damaged: {case.reason}"
            raise InputError([Problem(message, expected="a journal as it was written")])
        return case

    def _rows(self, where: str, value: int) -> list[Any]:
        with self._reporting():
            return self._database.execute(f"SELECT number, {_ADDED} FROM cases WHERE {where}", (value,)).fetchall()

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        """Report what goes wrong with the file as an `InputError`."""
        try:
            yield
            return
        except NotAJournalError as error:
            message = f"{self.path or repr('')} is not a journal: {error}"
        except sqlite3.Error as error:
            reason = f"another program has locked it for {PATIENCE:.0f} seconds" if "locked" in str(error) else error
            message = f"the journal {self.path} cannot be used: {reason}"
        except OSError as error:
            message = f"the journal {self.path} cannot be opened: {why(error)}"
        raise InputError([Problem(message, expected=_EXPECTED)])


def _written(patient: Patient) -> str:
    """What was given of a patient, as JSON, which keeps every number exactly."""
    said = {name: {"value": value, "written": patient.written.get(name, "")} for name, value in patient.facts.items()}
    return json.dumps({"findings": said, "overridden": dict(patient.overridden), "former": dict(patient.former)})


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    value.encode()
    return value


def _optional_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def _folder(value: Any) -> str:
    if not isinstance(value, bytes):
        raise TypeError
    return os.fsdecode(value)


def _value(value: Any) -> Value:
    """A value of a finding; there is no number without an end."""
    if isinstance(value, (int, float)) and math.isfinite(value):
        return value
    return _text(value)


def _read(value: Any) -> Patient:
    given = json.loads(_text(value))
    facts = {_text(name): _value(said["value"]) for name, said in given["findings"].items()}
    written = {name: _text(said["written"]) for name, said in given["findings"].items()}
    overridden, former = (
        {_text(name): _text(it) for name, it in given.get(key, {}).items()} for key in ("overridden", "former")
    )
    return Patient(facts, written, overridden, former=former)


_COLUMNS: dict[str, Callable[[Any], Any]] = {
    "time": _text,
    "day": lambda value: date.fromisoformat(_text(value)),
    "given": _read,
    "answer": _text,
    "answer_sha256": _text,
    "knowledge": _text,
    "folder": _folder,
    "expert": _text,
    "decided": _optional_text,
    "reason": _optional_text,
}
"""The columns of a case after its number, each with a reader that raises on other content."""

_ADDED = ", ".join(_COLUMNS)


def _case(row: tuple[Any, ...]) -> JournaledCase | Damaged:
    read: list[Any] = []
    column = ""
    try:
        for column, value in zip(_COLUMNS, row[1:], strict=True):
            read.append(_COLUMNS[column](value))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return Damaged(row[0], f"its column {column} cannot be read")
    time, day, patient, answer, sha256, knowledge, folder, expert, *decision = read
    intact = _sha256(answer.encode()) == sha256
    return JournaledCase(row[0], time, day, patient, answer, intact, knowledge, folder, expert, Decision(*decision))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _places(row: tuple[object, ...]) -> str:
    return ", ".join("?" * len(row))
