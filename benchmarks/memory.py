"""The most memory that each way to answer holds, in a process of its own.

``python -m benchmarks.memory PEER COUNT`` lets a peer answer so many patients in a loop; ``python -m benchmarks.memory
WAY COUNT FOLDER`` answers by columns those whom a folder holds. Both print bytes.
"""

from __future__ import annotations

import subprocess
import sys
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.answers import goals
from benchmarks.bench import SEED, Bench
from benchmarks.measure import REPOSITORY, peak_memory
from benchmarks.patients import Frames, some_patients
from benchmarks.peers import RETE, build
from benchmarks.report import Bars, Section, Table, figure
from expert import read_knowledge
from expert.answer.assess import Reasoner

DIFFERENT = 100
"""Different patients in a loop."""

FLOOR = "the input columns, read by Polars"


def memory(bench: Bench) -> Section:
    """The most memory that each way takes."""
    from benchmarks.cohort import looped
    from benchmarks.ways import ways

    count = bench.sizes.memory
    with TemporaryDirectory() as folder:
        for name, frame in bench.pool.frames(count, SEED)._asdict().items():
            frame.write_parquet(Path(folder, f"{name}.parquet"))
        found = {name: _peak(name, count, folder) for name in (FLOOR, *ways(bench.reasoner))}
    for name in bench.peers:
        found[looped(name)] = _peak(name, 2 if name == RETE else count // 1000)
    mebibytes = {name: held / 2**20 for name, held in found.items()}
    rows = [(name, figure(held)) for name, held in mebibytes.items()]
    text = (
        f"Each in a process of its own, all that it imports included: {count:,} rows by columns, read from Parquet; "
        f"{count // 1000:,} patients in a loop (stock experta two)."
    )
    plot = Bars("memory", "Peak memory", "MiB", mebibytes)
    return Section("Peak memory", text, (), [Table(("way", "MiB"), rows)], [plot])


def _peak(*arguments: object) -> int:
    """The most memory in bytes, measured in a new process."""
    command = [sys.executable, "-m", "benchmarks.memory", *map(str, arguments)]
    return int(subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, check=True).stdout)


# --- in the other process ---------------------------------------------------------------------------------------------


def main() -> None:
    """Do what the arguments say, and print the memory it took."""
    name, count = sys.argv[1], int(sys.argv[2])
    if len(sys.argv) > 3:
        _by_columns(name, Path(sys.argv[3]))
    else:
        _loop(name, count)
    print(peak_memory())


def _loop(peer: str, count: int) -> None:
    reasoner = Reasoner(read_knowledge())
    answering = build(peer, reasoner.definitions, goals(reasoner.kb))
    for patient in islice(cycle(some_patients(reasoner, min(count, DIFFERENT), SEED)), count):
        answering.conclude(patient)


def _by_columns(way: str, folder: Path) -> None:
    import polars as pl

    from benchmarks.ways import OURS, OURS_STEPS, ways

    given = pl.read_parquet(folder / "given.parquet")
    if way == FLOOR:
        return
    if way in (OURS, OURS_STEPS):
        frames = Frames(given, given, given)  # ours makes the presumptions itself
    else:
        del given
        known, presumed = (pl.read_parquet(folder / f"{kind}.parquet") for kind in ("known", "presumed"))
        frames = Frames(known, known, presumed)
    ways(Reasoner(read_knowledge()))[way](frames)


if __name__ == "__main__":
    main()
