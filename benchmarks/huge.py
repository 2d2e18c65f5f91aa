"""A cohort whose files are larger than the memory it may have: ``python -m benchmarks --huge``.

``expert cohort`` runs in a process of its own whose address space is limited, as by ``ulimit -v``. The files are
written uncompressed, since what is random is not to be small by luck, and removed again.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import NamedTuple

import polars as pl

from benchmarks.bench import Bench
from benchmarks.measure import REPOSITORY, peak_memory
from benchmarks.parquet import write_set
from benchmarks.report import Section, Table, figure

LIMIT = 4 * 2**30


class Ran(NamedTuple):
    """What became of a process: the most memory it held in bytes, and the end of what it said."""

    status: int
    seconds: float
    memory: int
    said: str


def huge(bench: Bench, rows: int, scratch: Path) -> Section:
    """Write a file set, answer it under the limit, count what came out."""
    with TemporaryDirectory(dir=scratch) as temporary:
        folder = Path(temporary)
        files = write_set(bench.pool, folder, rows, compressed=False)
        size = sum(file.stat().st_size for file in files)
        out = folder / "answers.parquet"
        command = [sys.executable, "-m", "expert", "cohort", *map(str, files), "-o", str(out)]
        ran = run_limited(command, LIMIT)
        answered = pl.scan_parquet(out).select(pl.len()).collect().item() if ran.status == 0 else 0
    outcome = f"{answered:,} rows answered" if ran.status == 0 else f"exit status {ran.status}: {ran.said}"
    facts = [
        ("rows", f"{rows:,}"),
        ("files", f"{len(files)}, {size / 2**30:.2f} GiB of Parquet"),
        ("address space limited to", f"{LIMIT / 2**30:.0f} GiB"),
        ("outcome", outcome),
        ("seconds", figure(ran.seconds)),
        ("rows a second", figure(answered / ran.seconds)),
        ("most memory held", f"{ran.memory / 2**30:.2f} GiB"),
    ]
    return Section(
        "More than memory holds",
        "`expert cohort FILE… -o OUT` under `ulimit -v`: the step and both statuses of every step.",
        (),
        [Table(("", ""), facts)],
    )


def run_limited(command: list[str], limit: int) -> Ran:
    """Run a command that may address only so many bytes of memory."""
    start = perf_counter()
    process = subprocess.Popen(
        command,
        cwd=REPOSITORY,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    memory = 0
    while process.poll() is None:
        memory = max(memory, peak_memory(process.pid))
        sleep(0.1)
    seconds = perf_counter() - start
    _, said = process.communicate()
    return Ran(process.returncode, seconds, memory, said.strip()[-200:])
