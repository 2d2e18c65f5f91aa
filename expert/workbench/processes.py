"""Work on many things in several processes at once, each with a bench of its own."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from expert.errors import ExpertError

Bench = TypeVar("Bench")
Item = TypeVar("Item")
Result = TypeVar("Result")

_WORTH_A_PROCESS = 60
"""Fewer things than this are done sooner than further processes have started."""


def spread(
    make: Callable[..., Bench],
    parts: tuple[object, ...],
    work: Callable[[Bench, Item], Result],
    items: Sequence[Item],
    workers: int,
) -> Iterator[Result]:
    """What ``work`` makes of each item, in their order, on ``make(*parts)``, which is made once in each process.

    Processes are spawned, so both functions stand at the top of a module.

    Raises:
        ExpertError: a process ended before its work was done.
    """
    if workers == 1 or len(items) < _WORTH_A_PROCESS:
        bench = make(*parts)
        yield from (work(bench, item) for item in items)
        return
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _Process.begin, (make, parts, work))
    try:
        yield from pool.map(_Process.do, items, chunksize=4)
    except BrokenProcessPool:
        raise ExpertError("a process ended before its work was done; --workers 1 does without further ones") from None
    finally:
        pool.shutdown(cancel_futures=True)


class _Process:
    """What one further process works on."""

    bench: Any
    work: Callable[[Any, Any], Any]

    @classmethod
    def begin(cls, make: Callable[..., Any], parts: tuple[object, ...], work: Callable[[Any, Any], Any]) -> None:
        """Make the bench. An interrupt is for the process that started this one."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        cls.bench, cls.work = make(*parts), staticmethod(work)

    @classmethod
    def do(cls, item: Any) -> Any:
        """What becomes of one item."""
        return cls.work(cls.bench, item)
