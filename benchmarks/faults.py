"""A large table with faults planted: each is reported where it is, all other rows are answered, a kill leaves nothing.

``expert cohort`` runs as a process: once to its end, once until it is killed in the middle, and once more.
"""

from __future__ import annotations

import csv
import filecmp
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from signal import SIGKILL
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

import polars as pl

from benchmarks.bench import SEED, Bench
from benchmarks.measure import REPOSITORY
from benchmarks.report import Ratio, Section, Table, figure
from expert.lang.dimensions import NUMBER
from expert.lang.model import KnowledgeBase
from expert.lang.units import write_quantity
from expert.lang.vocabulary import Finding, Kind
from tests.cohorts import KINDS, NOTES, Planted, random_table, spoilt

Rejected = dict[int, set[tuple[int, str]]]
"""For each record that was rejected, the line and the column of every fault."""


def faults(bench: Bench) -> Section:
    """Plant faults in a table, answer it, kill the command in the middle, and answer the table again."""
    rows, planted = bench.sizes.faulty
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        table = spoilt(bench.kb, as_text(bench.kb, bench.pool.given(rows, SEED)), planted, SEED)
        (folder / "patients.csv").write_bytes(table.data)
        seconds = _answered(folder, "patients.csv", "whole")
        answered, rejected = _rows(folder / "whole.parquet"), _rejected(folder / "whole.rejects.csv")
        left = _killed(folder, "patients.csv", "again", seconds / 2)
        _answered(folder, "patients.csv", "again")
        same = all(_same(folder, suffix) for suffix in ("parquet", "rejects.csv"))
        random_table(bench.kb, rows, SEED).write_csv(folder / "random.csv")
        worst = _answered(folder, "random.csv", "worst")
        impossible = len(_rejected(folder / "worst.rejects.csv"))
    found = sum(_is_reported(it, rejected) for it in table.planted)
    facts = [
        ("records", f"{table.records:,}, {len(table.data) / 1e6:,.0f} MB of CSV"),
        ("faults planted", f"{planted:,} of {len(KINDS)} kinds, in {len(table.planted):,} records"),
        ("told at their place", f"{found:,} records"),
        ("rejected without a fault", f"{len(rejected) - found:,} records"),
        ("answered", f"{answered:,} records"),
        ("seconds", figure(seconds)),
        ("records a second", figure(table.records / seconds)),
        (f"killed after {figure(seconds / 2)} s, left under the names of the output", left),
        ("the run after that", "completed, with the same bytes" if same else "**completed, with other bytes**"),
        ("values drawn by themselves", f"{rows:,} records in {figure(worst)} s, {impossible:,} of them rejected"),
    ]
    text = (
        "`expert cohort` on a CSV, as a process. A row that a CR breaks is two records. The last line is of a table "
        "whose values are drawn without regard to each other: no patient can be as nearly half of its rows say, and "
        "for each the reason is worked out."
    )
    ratios = [
        Ratio("records with a fault that are told at their place / planted", found / len(table.planted), least=1),
        Ratio("records answered or rejected / read", (answered + len(rejected)) / table.records, least=1, most=1),
    ]
    return Section("A table with faults", text, ratios, [Table(("", ""), facts)])


def as_text(kb: KnowledgeBase, patients: pl.DataFrame) -> pl.DataFrame:
    """Patients as people write them, with a key and a note."""
    key = pl.int_range(1, patients.height + 1, eager=True).cast(pl.String).alias("patient")
    note = pl.Series("note", NOTES).sample(patients.height, with_replacement=True, seed=SEED)
    return pl.DataFrame([key, *(_as_text(kb.findings[it.name], it) for it in patients), note])


def _as_text(finding: Finding, values: pl.Series) -> pl.Series:
    if finding.kind is Kind.CHOICE:
        words: pl.Series = values.cast(pl.String)
        return words
    there = values.unique().drop_nulls()
    if finding.kind is Kind.YES_NO:
        texts = ["yes" if it else "no" for it in there]
    else:
        texts = [write_quantity(it, finding.unit or NUMBER) for it in there]
    written: pl.Series = values.replace_strict(there, pl.Series(texts, dtype=pl.String), default=None)
    return written


def _command(folder: Path, table: str, name: str) -> list[str]:
    return [sys.executable, "-m", "expert", "cohort", str(folder / table), "-o", str(folder / f"{name}.parquet")]


def _answered(folder: Path, table: str, name: str) -> float:
    """Answer a table; the seconds that it took."""
    start = perf_counter()
    subprocess.run(_command(folder, table, name), cwd=REPOSITORY, capture_output=True, check=True)
    return perf_counter() - start


def _killed(folder: Path, table: str, name: str, seconds: float) -> str:
    """Kill the command at work after so many seconds, and say which files bear the names of its output."""
    with subprocess.Popen(
        _command(folder, table, name), cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        sleep(seconds)
        process.kill()
    if process.returncode != -SIGKILL:
        return f"it had ended, with exit status {process.returncode}"
    return ", ".join(sorted(file.name for file in folder.glob(f"{name}.*"))) or "nothing"


def _rows(file: Path) -> int:
    return int(pl.scan_parquet(file).select(pl.len()).collect().item())


def _rejected(file: Path) -> Rejected:
    found: Rejected = defaultdict(set)
    with open(file, encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, strict=True):
            found[int(row["record"])].add((int(row["line"]), row["column"]))
    return found


def _is_reported(it: Planted, rejected: Rejected) -> bool:
    return (it.line, it.column) in rejected.get(it.record, ())


def _same(folder: Path, suffix: str) -> bool:
    return filecmp.cmp(folder / f"whole.{suffix}", folder / f"again.{suffix}", shallow=False)
