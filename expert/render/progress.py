"""How far a long command is: on a terminal, on standard error; elsewhere nothing is shown."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

SOON = 2.0
"""The number of seconds that people wait before a line says what for."""


class Progress:
    """A bar that shows how many of some things are done; it is removed at the end."""

    def __init__(self, file: IO[str], what: str, count: int | None = None, *, shown: bool = True) -> None:
        """``count`` is how many there are, where that is known."""
        self.bar: Bar | None = None
        if not (shown and file.isatty()):
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self.bar = Bar(*columns, console=Console(file=file), transient=True)
        self.task = self.bar.add_task("", total=count)

    def __enter__(self) -> Progress:
        if self.bar:
            self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar:
            self.bar.stop()

    def advance(self, more: int = 1) -> None:
        """So many more are done."""
        if self.bar:
            self.bar.advance(self.task, more)

    def show(self, done: int, count: int) -> None:
        """So many are done, of so many."""
        if self.bar:
            self.bar.update(self.task, completed=done, total=count)


@contextmanager
def announced(what: str) -> Iterator[None]:
    """Say in one line what is being done, if it takes longer than `SOON`."""
    if not sys.stderr.isatty():
        yield
        return
    timer = Timer(SOON, print, [f"{what} ..."], {"file": sys.stderr, "flush": True})
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
