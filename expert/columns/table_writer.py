"""Tables in files: frames of rows, one after another, become one file, and no more of them is in memory than a few."""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from polars.io.plugins import register_io_source

from expert.lang.errors import InputError, Problem, nearest, quoted

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

FORMS = {".parquet": "parquet", ".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}
"""The form of a file by its suffix."""

_OF_THE_SYSTEM = re.compile(r"\(os error (\d+)\)")  # how Polars reports an error of the operating system
_LITTLE = 2**20
"""Where fewer bytes are left, that is why a file cannot be written."""

_BETWEEN = "; "  # the entries of a list, where a cell can only hold a text


def form_of(path: str) -> str:
    """The form that a file is to have, by its suffix.

    Raises:
        InputError: it has another suffix, or none.
    """
    suffix = Path(path).suffix
    if suffix.lower() in FORMS:
        return FORMS[suffix.lower()]
    what = f"is no {suffix} that can be written" if suffix else "has no suffix"
    expected = f"a name that ends in {', '.join(list(FORMS)[:-1])} or {list(FORMS)[-1]}"
    raise InputError(
        [Problem(f"{path or quoted(path)} {what}", expected=expected, suggestion=nearest(suffix, list(FORMS)))]
    )


def holds(form: str, given: PolarsDataType) -> bool:
    """Whether a file of this form can hold a column of this type.

    CSV has texts and lists of texts; JSON has no bytes.
    """
    if form == "csv":
        one = given.inner if isinstance(given, pl.List) else given
        return not (one.is_nested() or one in (pl.Binary, pl.Duration))
    if form == "parquet":
        return True
    if isinstance(given, pl.List | pl.Array):
        return holds(form, given.inner)
    if isinstance(given, pl.Struct):
        return all(holds(form, field.dtype) for field in given.fields)
    return given != pl.Binary


def check_types(schema: Mapping[str, PolarsDataType], form: str) -> None:
    """Refuse columns that a file of this form cannot hold.

    Raises:
        InputError: there is one.
    """
    for name, given in schema.items():
        if not holds(form, given):
            message = f"the column {quoted(name)} is {given}, which {form.upper()} cannot hold"
            raise InputError([Problem(message, expected="an output that ends in .parquet, or a table without it")])


def write_table(path: Path, form: str, frames: Iterable[pl.DataFrame]) -> None:
    """Write the rows of frames that all have the same columns, in their order.

    The writer is Polars' own. It draws the frames in a thread of its own, one at a time; what goes wrong in making
    them is raised here.

    Raises:
        InputError: the form cannot hold a column.
        OSError: it cannot be written.
    """
    left = iter(frames)
    first = next(left)
    check_types(first.schema, form)
    if form == "csv":
        lists = [name for name, it in first.schema.items() if isinstance(it, pl.List)]
        plain = pl.col(lists).list.eval(pl.element().cast(pl.String)).list.join(_BETWEEN)
        left = (frame.with_columns(plain) for frame in chain([first], left))
        first = next(left)

    failed: list[BaseException] = []

    def rows(*_: object) -> Iterator[pl.DataFrame]:
        try:
            yield from chain([first], left)
        except BaseException as error:
            failed.append(error)  # it is raised below: what Polars passes on, it lets go of at a bad moment

    _sink(register_io_source(rows, schema=first.schema), path, form)
    if failed:
        raise failed[0]


def _sink(source: pl.LazyFrame, path: Path, form: str) -> None:
    try:
        if form == "parquet":
            source.sink_parquet(path)
        elif form == "csv":
            source.sink_csv(path)
        else:
            source.sink_ndjson(path)
    except KeyboardInterrupt:
        with suppress(KeyboardInterrupt):
            time.sleep(
                0.05
            )  # Polars raises one of its own; Python's is still to come, and must not meet what clears up
        raise
    except (OSError, pl.exceptions.ComputeError) as error:
        raise _failure(error, path.parent) from error


def _failure(error: Exception, folder: Path) -> OSError:
    """Why a file could not be written. Not every writer reports that no space is left."""
    found = _OF_THE_SYSTEM.search(str(error))
    if found is None and _space_left(folder) >= _LITTLE:
        return OSError(str(error))
    number = int(found[1]) if found else errno.ENOSPC
    return OSError(number, os.strerror(number))


def _space_left(folder: Path) -> int:
    """How many bytes may still be written to a folder."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
