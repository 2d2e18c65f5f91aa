"""Work on many things in several processes at once, each with a bench of its own.

They end with the process that began them, in whatever way that ends.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from threading import Thread, current_thread, main_thread
from typing import Any, TypeVar

from expert.lang.errors import ExpertError

Bench = TypeVar("Bench")
Item = TypeVar("Item")
Result = TypeVar("Result")

_WORTH_A_PROCESS = 60
"""Fewer things than this are done sooner than further processes have started."""

_AT_ONCE = 4
"""So many things are handed to a process together."""


def spread(
    make: Callable[..., Bench],
    parts: tuple[object, ...],
    work: Callable[[Bench, Item], Result],
    items: Sequence[Item],
    workers: int,
) -> Iterator[Result]:
    """What ``work`` makes of each item, in their order, on ``make(*parts)``, which is made once in each process.

    Processes are spawned, so both functions stand at the top of a module. They end when the iterator does, however that
    comes about, and when the process that began them is gone.

    Raises:
        ExpertError: a process ended before its work was done.
    """
    if workers == 1 or len(items) < _WORTH_A_PROCESS:
        bench = make(*parts)
        yield from (work(bench, item) for item in items)
        return
    others = multiprocessing.active_children()
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _Process.begin, (make, parts, work))
    done = False
    with _orderly():
        try:
            with _uninterrupted():
                # Not with map, which withdraws what is left when it is interrupted; the pool takes that ill.
                begun = [pool.submit(_Process.do, items[at : at + _AT_ONCE]) for at in range(0, len(items), _AT_ONCE)]
            for some in begun:
                yield from some.result()
            done = True
        except BrokenProcessPool:
            message = "a process ended before its work was done; --workers 1 does without further ones"
            raise ExpertError(message) from None
        finally:
            if not done:
                _end([it for it in multiprocessing.active_children() if it not in others])
            pool.shutdown()


@contextmanager
def _orderly() -> Iterator[None]:
    """Let nothing end this process before it has ended the others.

    A termination raises ``SystemExit``, and a pipe to a process that is gone raises an error.
    """
    if sys.platform == "win32" or current_thread() is not main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGPIPE)
    if before[0] is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGPIPE, before[1])


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Start processes that never get Ctrl-C, not even while they start: it is for the one that began them.

    Nor is that one terminated before they have started: a process that is told only half of its task would complain.
    """
    if sys.platform == "win32":
        yield
        return
    from multiprocessing.resource_tracker import ensure_running

    ensure_running()  # or starting it would let the signal through
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end(processes: Sequence[BaseProcess]) -> None:
    for process in processes:
        process.terminate()


class _Process:
    """What one further process works on."""

    bench: Any
    work: Callable[[Any, Any], Any]

    @classmethod
    def begin(cls, make: Callable[..., Any], parts: tuple[object, ...], work: Callable[[Any, Any], Any]) -> None:
        """Make the bench, and end when the process that began this one is gone."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if sys.platform != "win32":
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})  # it was blocked where this one was begun
        Thread(target=_end_with_parent, daemon=True).start()
        cls.bench, cls.work = make(*parts), staticmethod(work)

    @classmethod
    def do(cls, items: Sequence[Any]) -> list[Any]:
        """What becomes of some items."""
        return [cls.work(cls.bench, item) for item in items]


def _end_with_parent() -> None:
    """Wait for the process that began this one to end, and end then, in whatever this one is."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
