"""From Parquet to Parquet: ``expert cohort``, against Polars reading and writing the same columns without rules."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from benchmarks.bench import SEED, Bench
from benchmarks.measure import Work, process, ratio, take_turns
from benchmarks.patients import Pool
from benchmarks.report import Ratio, Section, times
from expert.lang.model import KnowledgeBase
from expert.lang.vocabulary import Finding

ROWS_PER_FILE = 10**6
BASE_UNITS = {"time": "days", "mass": "g", "length": "mm"}

COHORT, COPY = "`expert cohort`, Parquet to Parquet", "Polars reading and writing the same columns"


def parquet(bench: Bench) -> Section:
    """The command as a process, from its start to its end."""
    rows = max(bench.sizes.rows)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        given = [str(file) for file in write_set(bench.pool, folder, rows)]
        answers, out = str(folder / "answers.parquet"), str(folder / "out.parquet")
        cohort = process([sys.executable, "-m", "expert", "cohort", *given, "-o", answers, "--force"])
        copy = process([sys.executable, "-m", "benchmarks.copying", *given, answers, out])
        works = {COHORT: Work(cohort.action, rows), COPY: Work(copy.action, rows)}
        timed = take_turns(works, max(2, bench.sizes.processes // 5))
        sizes = sum(map(os.path.getsize, given)), os.path.getsize(answers)
    text = (
        f"{rows:,} rows in {len(given)} files of {sizes[0] / 1e6:,.0f} MB, steps and statuses in one of "
        f"{sizes[1] / 1e6:,.0f} MB; both are processes, from their start to their end."
    )
    found = Ratio(f"{COHORT} / {COPY}", ratio(timed, COHORT, COPY), most=2)
    return Section("From Parquet to Parquet", text, [found], [times("process", timed)])


def write_set(pool: Pool, folder: Path, rows: int, *, compressed: bool = True) -> list[Path]:
    """Parquet files of given patients, numbered, whose quantities have their unit in the name of the column."""
    return list(_written(pool, folder, rows, compressed))


def _written(pool: Pool, folder: Path, rows: int, compressed: bool) -> Iterator[Path]:
    names = column_names(pool.kb)
    for number in count():
        first = number * ROWS_PER_FILE
        if first >= rows:
            return
        frame = pool.given(min(ROWS_PER_FILE, rows - first), SEED + number).rename(names)
        frame = frame.with_columns(pl.int_range(first, first + pl.len()).alias("patient"))
        file = folder / f"patients-{number:04}.parquet"
        frame.write_parquet(file, compression="zstd" if compressed else "uncompressed")
        yield file


def column_names(kb: KnowledgeBase) -> dict[str, str]:
    """What the column of each finding is called, the base unit said."""
    return {name: _column_name(finding) for name, finding in kb.inputs.items()}


def _column_name(finding: Finding) -> str:
    unit = BASE_UNITS.get(finding.unit.dimension) if finding.unit else None
    return f"{finding.name} [{unit}]" if unit else finding.name
