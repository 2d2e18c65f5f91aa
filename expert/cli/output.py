"""Writing a file as a whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from expert.errors import InputError, Problem
from expert.files import write_whole


def check_absent(path: Path) -> None:
    """Refuse a name that cannot be that of a new file.

    Raises:
        InputError: why not.
    """
    _check_folder(path)
    if os.path.lexists(path):
        raise _refused(path, "exists already", "a new file")


def check_replaceable(path: Path, begins: bytes) -> None:
    """Refuse a name under which something else stands than a file that begins like the one to be written.

    Raises:
        InputError: why not.
    """
    _check_folder(path)
    if path.is_dir() or (os.path.lexists(path) and not path.is_file()):
        raise _refused(path, "is not a plain file", "a file")
    if not path.exists():
        return
    try:
        with path.open("rb") as file:
            start = file.read(len(begins))
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror}", "another name") from None
    if start and start != begins:
        raise _refused(path, "holds something else", "a new file, or one that was written so before")


def write_file(path: Path, content: bytes, *, replace: bool) -> None:
    """Write a file that has its name only when it is whole.

    Raises:
        InputError: it cannot be written, or exists and is not to be replaced.
    """
    try:
        write_whole(path, content, overwrite=replace)
    except FileExistsError:
        raise _refused(path, "exists already", "a new file") from None
    except OSError as error:
        raise _refused(path, f"cannot be written: {error.strerror}", "a place for a file") from None


def _check_folder(path: Path) -> None:
    if not path.name:
        raise _refused(path, "names no file", "a file")
    if not path.parent.is_dir():
        raise _refused(path, "is in a folder that does not exist", "a file in a folder that exists")


def _refused(path: Path, why: str, expected: str) -> InputError:
    return InputError([Problem(f"{path} {why}", expected=expected)])
