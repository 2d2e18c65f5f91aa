"""The file of a consultation: a patient file that `assess` reads, replaced whole after every answer.

Only its owner may read it, from the first byte. A new text is complete and on the disk before it takes the place
of the old one, so a kill, a full disk or a loss of power leaves one of the two.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Mapping
from datetime import datetime
from itertools import count
from pathlib import Path

from expert.lang.atomic_files import new_file, why, write_whole
from expert.lang.errors import InputError, Problem
from expert.read.parse import read_bytes

HEADER = "# A consultation, saved after every answer. To continue it: expert consult --resume FILE\n"

_MARK = "# A consultation"
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./% -]*")


class Session:
    """A consultation in a file. ``text`` is what the file held when it was read or written last."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text = path, text
        self._saved: Mapping[str, str] | None = None

    def go_on(self, said: Mapping[str, str]) -> None:
        """Treat this as saved already: the file is not written before something else is given."""
        self._saved = dict(said)

    @property
    def is_there(self) -> bool:
        """Whether the file is where it was left."""
        return self.path.exists()

    def begin(self, said: Mapping[str, str]) -> None:
        """Save for the first time, before anything is asked.

        Raises:
            InputError: the file cannot be written.
        """
        try:
            if self.is_there:
                os.chmod(self.path, 0o600)
            self.save(said)
        except OSError as error:
            if not self.text:
                self.path.unlink(missing_ok=True)
            raise InputError([_cannot("written", self.path, error)]) from None

    def holds(self, said: Mapping[str, str]) -> bool:
        """Whether this is what was saved last."""
        return self._saved == dict(said)

    def save(self, said: Mapping[str, str]) -> None:
        """Replace the file by findings with their values as they were written, in this order.

        If something else has changed the file since, that is left alone, and ``path`` becomes a new file next to it.

        Raises:
            OSError: it cannot be written; the file is as it was.
        """
        text = session_text(said)
        path = _reserved(self.path, as_named=False) if self._changed() else self.path
        try:
            write_whole(path, text.encode(), overwrite=True, private=True)
        except BaseException:
            if path != self.path:
                path.unlink(missing_ok=True)
            raise
        self.path, self.text, self._saved = path, text, dict(said)

    def _changed(self) -> bool:
        try:
            return _text(self.path) != self.text
        except FileNotFoundError:
            return False


def new_session(name: str | None, now: datetime, *, replace: bool = False) -> Session:
    """A session in a new, empty file: of this name, or in the current folder, named after the time.

    To ``replace`` a file is to take its place when the session is saved for the first time.

    Raises:
        InputError: there is such a file, or it cannot be written.
    """
    if replace and name is not None and os.path.isfile(name):
        path = Path(os.path.realpath(name))
        return Session(path, _text(path))
    if name is not None and not Path(name).name:
        raise InputError([Problem(f"{name!r} is not a name for a session file", expected="a file name")])
    wanted = Path(name if name is not None else f"consultation-{now:%Y%m%d-%H%M%S}.yaml")
    try:
        return Session(_reserved(wanted.absolute(), as_named=name is not None), "")
    except FileExistsError:
        message = f"the session file {name} exists already"
        raise InputError(
            [Problem(message, expected="another name, --resume to continue it, or --force to replace it")]
        ) from None
    except (OSError, ValueError) as error:
        raise InputError([_cannot("written", wanted, error)]) from None


def resumed_session(name: str) -> Session:
    """The session in a file that an earlier consultation left.

    Raises:
        InputError: there is no such file, or another kind of file.
    """
    path = Path(name)
    try:
        regular = stat.S_ISREG(path.stat().st_mode)  # to read from a pipe would wait
        text = _text(path) if regular else "?"
        path = path.resolve()
    except (OSError, ValueError) as error:
        raise InputError([_cannot("read", path, error)]) from None
    if text and not text.startswith(_MARK):
        expected = "the file of a consultation; to begin with what a patient file says: expert consult PATIENT"
        raise InputError([Problem(f"{name} is not a session that expert consult saved", expected=expected)])
    return Session(path, text)


def session_text(said: Mapping[str, str]) -> str:
    """A patient file with these values, each on one line and quoted where YAML needs it."""
    return HEADER + "".join(f"{finding}: {_scalar(' '.join(value.split()))}\n" for finding, value in said.items())


def _text(path: Path) -> str:
    return read_bytes(path).decode("utf-8", "replace")


def _scalar(value: str) -> str:
    plain = _PLAIN.fullmatch(value) and not value.endswith(" ")
    return value if plain else json.dumps(value)


def _cannot(what: str, path: Path, error: OSError | ValueError) -> Problem:
    reason = why(error) if isinstance(error, OSError) else error
    expected = "a name in a folder that can be written" if what == "written" else "the file of a consultation"
    return Problem(f"the session file {path} cannot be {what}: {reason}", expected=expected)


def _reserved(path: Path, *, as_named: bool) -> Path:
    """A new, empty file: at the path or, unless it is to be ``as_named``, at the next with a number after its stem."""
    for number in count(1):
        free = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        try:
            new_file(free)
        except FileExistsError:
            if as_named:
                raise
        else:
            return free
    raise AssertionError
