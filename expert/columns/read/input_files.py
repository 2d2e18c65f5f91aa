"""Which files a cohort is in, and their bytes: names, globs, standard input; plain or gzip."""

from __future__ import annotations

import glob
import gzip
import os
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from expert.columns.read.utf_16 import as_utf_8
from expert.lang.errors import PatientError, Problem, nearest, quoted
from expert.read.parse import is_utf_16
from expert.read.source import one_of

STDIN = "-"
BOM = b"\xef\xbb\xbf"
_FORMATS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet"}
FORMATS = ("csv", "ndjson", "parquet")
_EXPECTED = "files of patients: CSV, NDJSON or Parquet"


def files_of(paths: Iterable[str | os.PathLike[str]]) -> list[str]:
    """The files that some paths name, those of a glob in the order of their names; ``-`` is standard input.

    Raises:
        PatientError: with every path that names no file that can be read.
    """
    problems: list[Problem] = []
    found: list[str] = []
    for path in [os.fspath(it) for it in paths]:
        some = [path] if path == STDIN or os.path.lexists(path) else sorted(glob.glob(path, recursive=True))
        found += some
        problems += [problem for file in some if file != STDIN and (problem := _unreadable(file))]
        if not some:
            what = "matches no file" if glob.has_magic(path) else "cannot be read: No such file or directory"
            problems.append(Problem(f"{path or quoted(path)} {what}", expected=_EXPECTED))
    problems += _again(found)
    if not found and not problems:
        problems.append(Problem("there are no files", expected=_EXPECTED))
    if problems:
        raise PatientError(problems)
    return found


def _again(files: Iterable[str]) -> Iterator[Problem]:
    """Files that were given before, under the same name or another."""
    first: dict[object, str] = {}
    for file in files:
        found = os.stat(file) if file != STDIN and os.path.exists(file) else None
        itself = (found.st_dev, found.st_ino) if found else file
        if itself in first:
            what = "is given twice" if file == first[itself] else f"is {first[itself]} again"
            yield Problem(f"{file} {what}", expected="each file once")
        first.setdefault(itself, file)


def format_of(file: str, given: str) -> str:
    """The format of a file: the one that is given, or that of its suffix; standard input is CSV.

    Raises:
        PatientError: it is not a known format.
    """
    if given in FORMATS or (file == STDIN and not given):
        return given or "csv"
    if given:
        raise PatientError(
            [Problem(f"{quoted(given)} is not a format", expected=one_of(FORMATS), suggestion=nearest(given, FORMATS))]
        )
    _, suffix = os.path.splitext(file.removesuffix(".gz"))
    if suffix.lower() not in _FORMATS:
        known = ", ".join(_FORMATS)
        message = f"{file} has no suffix that shows its format"
        raise PatientError([Problem(message, expected=f"one of {known}, or the format given")])
    return _FORMATS[suffix.lower()]


def shown(file: str) -> str:
    """The name under which people know a file."""
    return "standard input" if file == STDIN else file


def is_stream(file: str) -> bool:
    """Whether a file can be read only once."""
    return file == STDIN or not os.path.isfile(file)


@contextmanager
def opened(file: str) -> Iterator[BinaryIO]:
    """The bytes of a file.

    Raises:
        PatientError: it cannot be read, now or further on.
    """
    try:
        if file == STDIN:
            if sys.stdin is None:
                raise OSError("it is closed")
            yield as_utf_8(sys.stdin.buffer, shown(file))
        elif file.endswith(".gz"):
            with gzip.open(file) as stream:
                yield as_utf_8(cast(BinaryIO, stream), shown(file))
        else:
            with open(file, "rb") as plain:
                yield as_utf_8(plain, shown(file))
    except (OSError, EOFError, zlib.error) as error:
        why = (isinstance(error, OSError) and error.strerror) or str(error)
        raise PatientError([Problem(f"{shown(file)} cannot be read: {why}", expected=_EXPECTED)]) from None


def refuse_utf_16(file: str, head: bytes) -> None:
    """Refuse a file that begins as UTF-16 does.

    Raises:
        PatientError: it does.
    """
    if is_utf_16(head):
        raise PatientError(
            [Problem(f"{file} is in UTF-16", expected="a file in UTF-8, or in UTF-16 with a byte order mark")]
        )


def _unreadable(file: str) -> Problem | None:
    if os.path.isdir(file):
        return Problem(f"{file} is a folder", expected=f"files, such as {os.path.join(file, '*.csv')}")
    if not os.path.exists(file):
        return Problem(f"{file} cannot be read: it is a broken link", expected=_EXPECTED)
    if not os.access(file, os.R_OK):
        return Problem(f"{file} cannot be read: Permission denied", expected=_EXPECTED)
    return None
