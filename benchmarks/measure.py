"""Measuring side by side: what is compared takes turns, so that what else the machine does falls on all alike.

Times are seconds a patient by the clock. A ratio is taken in each turn, and the median of the turns counts. Memory is
the most that a process of its own ever held.
"""

from __future__ import annotations

import math
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from benchmarks.patients import Settled

REPOSITORY = Path(__file__).resolve().parent.parent
LEAST_SECONDS = 0.02
"""An action that takes less is repeated within its turn."""

Timed = Mapping[str, Sequence[float]]
"""Seconds a patient in each turn."""


class Work(NamedTuple):
    """Something to be timed, and for how many patients it is done."""

    action: Callable[[], object]
    patients: int = 1


def take_turns(works: Mapping[str, Work], turns: int, least: float = LEAST_SECONDS) -> Timed:
    """Time each work in turn, so many times, after once for warming up."""
    repeats = {name: max(1, round(least / max(_seconds(work, 1), 1e-9))) for name, work in works.items()}
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(turns):
        for name, work in works.items():
            found[name].append(_seconds(work, repeats[name]) / repeats[name] / work.patients)
    return found


def _seconds(work: Work, repeats: int) -> float:
    start = perf_counter()
    for _ in range(repeats):
        work.action()
    return perf_counter() - start


def each(action: Callable[[Settled], object], patients: Sequence[Settled]) -> Work:
    """An action done for each of some patients."""

    def all_of_them() -> None:
        for patient in patients:
            action(patient)

    return Work(all_of_them, len(patients))


def ratio(timed: Timed, of: str, to: str) -> float:
    """How many times as long the one takes as the other."""
    return median(one / other for one, other in zip(timed[of], timed[to], strict=True))


def exponent(seconds: Mapping[float, float]) -> float:
    """The slope of the line that fits the logarithms best: the power of its size to which a time grows."""
    points = [(math.log(size), math.log(took)) for size, took in seconds.items()]
    x_mean, y_mean = (sum(values) / len(points) for values in zip(*points, strict=True))
    slope: float = sum((x - x_mean) * (y - y_mean) for x, y in points) / sum((x - x_mean) ** 2 for x, _ in points)
    return slope


# --- other processes --------------------------------------------------------------------------------------------------


def process(command: Sequence[str], bytecode: str | None = None) -> Work:
    """A whole process, from its start to its end; in a folder for ``bytecode``, what it has compiled is kept."""
    environment = dict(os.environ)
    if bytecode is not None:
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        environment["PYTHONPYCACHEPREFIX"] = bytecode
    return Work(lambda: subprocess.run(command, cwd=REPOSITORY, env=environment, stdout=subprocess.DEVNULL, check=True))


def peak_memory(process: int | str = "self") -> int:
    """The most memory that a process has held so far, in bytes (Linux); 0 if it has ended.

    The kernel's ``ru_maxrss`` would not do: a new process inherits it from the one that started it.
    """
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


# --- the machine ------------------------------------------------------------------------------------------------------


def machine(packages: Iterable[str]) -> str:
    """Cores, memory, Python and the versions of packages, in a sentence."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {_version(name)}" for name in packages)
    machine = f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, load {os.getloadavg()[0]:.1f} at the start"
    return f"{machine}; {platform.system()}, Python {sys.version.split()[0]}, {versions}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
