"""The file of a journal: its tables, what keeps them as they are, and how it is opened."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from expert.lang.atomic_files import new_file
from expert.lang.errors import InternalError

APPLICATION = int.from_bytes(b"EXPJ", "big")
"""Marks a SQLite file as a journal (``PRAGMA application_id``)."""

FORMAT = 1
"""The version of the tables below (``PRAGMA user_version``)."""

_STREAMS = ("/dev/fd/", "/dev/std", "/proc/")

PATIENCE = 60.0
"""Seconds to wait while others write."""

_TABLES = f"""
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {FORMAT};
CREATE TABLE knowledge (
    sha256  TEXT PRIMARY KEY NOT NULL,
    name    TEXT NOT NULL,
    version TEXT NOT NULL,
    text    BLOB NOT NULL               -- every file that the hash is taken of, compressed with zlib
) WITHOUT ROWID;
CREATE TABLE cases (
    number        INTEGER PRIMARY KEY,
    time          TEXT NOT NULL,        -- when it was journaled, UTC
    day           TEXT NOT NULL,        -- of the answer, where it was given; it decides whether a review is overdue
    given         TEXT NOT NULL,        -- the findings, typed and as written, as JSON
    answer        TEXT NOT NULL,        -- as `expert assess --format json` prints it
    answer_sha256 TEXT NOT NULL,
    knowledge     TEXT NOT NULL REFERENCES knowledge (sha256),
    folder        BLOB NOT NULL,        -- the name under which the answer cites places in the knowledge
    expert        TEXT NOT NULL,        -- the version of the program
    decided       TEXT,                 -- the step that the clinician chose
    reason        TEXT                  -- why that one
);
"""
# REPLACE removes the row in its way without asking a trigger on DELETE, so no number and no hash may come again.
_TRIGGERS = """
CREATE TRIGGER {table}_stay BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'a journal is only added to'); END;
CREATE TRIGGER {table}_last BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, 'a journal is only added to'); END;
CREATE TRIGGER {table}_once BEFORE INSERT ON {table}
    WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})
    BEGIN SELECT RAISE(ABORT, 'a journal is only added to'); END;
"""
_SCHEMA = _TABLES + _TRIGGERS.format(table="cases", key="number") + _TRIGGERS.format(table="knowledge", key="sha256")


class NotAJournalError(InternalError):
    """A file is something else than a journal."""


def open_to_read(path: str) -> sqlite3.Connection:
    """A journal for reading.

    Raises:
        NotAJournalError: it is something else.
        OSError, sqlite3.Error: it cannot be opened.
    """
    file = _regular_file(path)
    _refuse_others(file)
    database = _connect(file, "mode=rw")  # to undo what a killed writer left; SQLite takes what it may only read, too
    try:
        database.execute("PRAGMA query_only = ON")
        database.text_factory = _decoded
        if _is_empty(database):
            raise NotAJournalError("it is empty")
        _check(database)
    except BaseException:
        database.close()
        raise
    return database


def open_to_append(path: str) -> sqlite3.Connection:
    """A journal for appending, created if missing, readable by its owner alone.

    Raises:
        NotAJournalError: it is something else.
        OSError, sqlite3.Error: it cannot be opened or made.
    """
    _refuse_streams(path)
    if path:
        with suppress(FileExistsError):  # it may be a journal, perhaps one that is being made at this moment
            new_file(Path(path))
    file = _regular_file(path)
    _refuse_others(file)
    database = _connect(file, "mode=rw")
    try:
        _prepare(database, file)
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """All of what is done within, or nothing; it waits for other writers before it begins."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _prepare(database: sqlite3.Connection, file: str) -> None:
    """Settle how to write, and make the tables in a file that is empty still."""
    # A rollback journal rather than a write-ahead log: the record stays one file, which can be read where nothing can
    # be written, and on a network drive. It is emptied rather than removed at a commit, because SQLite then waits
    # (synchronous = FULL) until the disk has that too: a case that was reported outlives a power failure.
    database.execute("PRAGMA journal_mode = TRUNCATE")
    database.execute("PRAGMA synchronous = FULL")
    if _is_empty(database):
        with transaction(database):  # of those who find it empty, one makes the tables and the others wait
            if _is_empty(database):
                os.chmod(file, 0o600)  # also of an empty file that was there; SQLite's own files get the same mode
                for statement in _statements(_SCHEMA):
                    database.execute(statement)
    _check(database)


def _regular_file(path: str) -> str:
    """The absolute path of a file that is there."""
    if not path:
        raise NotAJournalError("an empty name is not a file")
    found = os.stat(path)
    if not stat.S_ISREG(found.st_mode):
        raise NotAJournalError("it is a folder" if stat.S_ISDIR(found.st_mode) else "it is not a regular file")
    if any(_is_open(stream, found) for stream in (0, 1, 2)):  # /dev/stdout > FILE, say: the answer goes there
        raise NotAJournalError("it is a standard stream of this command")
    return os.path.abspath(path)


def _refuse_streams(path: str) -> None:
    """Refuse the name of a stream, whether or not it exists."""
    if os.path.abspath(path).startswith(_STREAMS):
        raise NotAJournalError("it is not a regular file")


def _is_open(stream: int, found: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.fstat(stream), found)
    except OSError:  # it is closed
        return False


def _connect(file: str, options: str) -> sqlite3.Connection:
    uri = f"{Path(file).as_uri()}?{options}"
    return sqlite3.connect(uri, timeout=PATIENCE, isolation_level=None, uri=True)


def _refuse_others(file: str) -> None:
    """Look at a file without any lock, so that nothing of another program's is touched, not even tidied up.

    What looks damaged may be a journal that is being written at this moment: it is looked at again under a lock.
    """
    if os.path.getsize(file) == 0:
        return
    with closing(_connect(file, "mode=ro&immutable=1")) as database:
        try:
            _check(database)
        except sqlite3.DatabaseError as error:
            if "malformed" not in str(error):
                raise NotAJournalError(str(error)) from None


def _check(database: sqlite3.Connection) -> None:
    """Raise unless the database is a journal of this format."""
    if _pragma(database, "application_id") != APPLICATION:
        raise NotAJournalError("it is another program's database")
    if (version := _pragma(database, "user_version")) != FORMAT:
        raise NotAJournalError(f"it has format {version}, and this version of expert uses format {FORMAT}")


def _is_empty(database: sqlite3.Connection) -> bool:
    tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return not tables and _pragma(database, "application_id") == 0


def _decoded(text: bytes) -> str:
    """Bytes as text, with those that are not UTF-8 kept as surrogates."""
    return text.decode("utf-8", "surrogateescape")


def _pragma(database: sqlite3.Connection, name: str) -> int:
    return int(database.execute(f"PRAGMA {name}").fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, a trigger being one (``executescript`` would commit first)."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
