"""How far a long command is: on a terminal, on standard error; elsewhere nothing is shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import ProgressColumn, Task

SOON = 1.0
"""The number of seconds before a line names what is being done."""


class Progress:
    """A bar that shows how many of some things are done; it is removed at the end."""

    def __init__(
        self, file: IO[str], what: str, count: int | None = None, *, shown: bool = True, speed: bool = False
    ) -> None:
        """``count`` is how many there are, where that is known; ``speed`` shows how many are done in a second."""
        self.bar: Bar | None = None
        if not (shown and can_be_erased(file)):
            return
        from rich.console import Console
        from rich.progress import BarColumn
        from rich.progress import Progress as Bar

        self.bar = Bar(BarColumn(), _words(what, speed=speed), console=Console(file=file), transient=True)
        self.task = self.bar.add_task("", total=count)

    def __enter__(self) -> Progress:
        if self.bar:
            self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar:
            self.bar.stop()

    def advance(self, more: int = 1) -> None:
        """Count more as done."""
        if self.bar:
            self.bar.advance(self.task, more)

    def show(self, done: int, count: int) -> None:
        """Set how many are done, and of how many."""
        if self.bar:
            self.bar.update(self.task, completed=done, total=count)


def can_be_erased(file: IO[str]) -> bool:
    """Whether what is written can be removed again: on a terminal that knows how to."""
    return file.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")


def in_words(what: str, done: float, count: float | None, speed: float | None, left: float | None) -> str:
    """How far something is, such as ``12,000 of 50,000 rows, 5,000 a second, about 8 seconds left``.

    Args:
        count: how many there are, if that is known.
        speed: how many are done in a second, if that is to be shown.
        left: the number of seconds that are left, if that is known.
    """
    of = f" of {count:,.0f}" if count else ""
    rate = f", {speed:,.0f} a second" if speed else ""
    time = f"{left / 60:.0f} minutes" if left and left >= 90 else f"{left or 0:.0f} seconds"
    return f"{done:,.0f}{of} {what}{rate}" + (f", about {time} left" if left else "")


def _words(what: str, *, speed: bool) -> ProgressColumn:
    """A column that says how far the work is."""
    from rich.progress import ProgressColumn
    from rich.text import Text

    class Words(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(in_words(what, task.completed, task.total, task.speed if speed else None, task.time_remaining))

    return Words()


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show what is being done, and for how long, if it takes longer than `SOON`; it is removed at the end."""
    if not can_be_erased(sys.stderr):
        yield
        return
    later = _Later(what)
    later.start()
    try:
        yield
    finally:
        later.end()


class _Later(Thread):
    """Starts a moving line after `SOON`, unless the work is done by then."""

    def __init__(self, what: str) -> None:
        super().__init__(daemon=True)
        self.what, self.done = what, Event()

    def run(self) -> None:
        if self.done.wait(SOON):
            return
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn("line"), TextColumn("{task.description}"), TimeElapsedColumn())
        console = Console(file=sys.stderr)
        with Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as bar:
            bar.add_task(self.what)
            self.done.wait()

    def end(self) -> None:
        """Remove the line, if it is there."""
        self.done.set()
        self.join()
