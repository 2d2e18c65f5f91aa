"""``python -m benchmarks``: everything side by side in one run, equal answers asserted first."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from subprocess import CalledProcessError
from time import perf_counter

from benchmarks import cohort, single
from benchmarks.answers import UnequalAnswersError
from benchmarks.bench import FULL, QUICK, SEED, Bench, Sizes
from benchmarks.faults import faults
from benchmarks.huge import huge
from benchmarks.measure import machine
from benchmarks.memory import memory
from benchmarks.parquet import parquet
from benchmarks.report import Section, write
from benchmarks.ways import assert_equal_columns

MEASUREMENTS: dict[str, Callable[[Bench], Section]] = {
    "cold": single.cold,
    "warm": single.warm,
    "given": single.given,
    "rules": single.rules,
    "cohort": cohort.in_memory,
    "patients": cohort.growth,
    "given-cohort": cohort.given,
    "parquet": parquet,
    "faults": faults,
    "memory": memory,
}
PACKAGES = ("experta", "clipspy", "zen-engine", "polars", "numpy", "z3-solver")


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, and write the page and its plots; unequal answers end everything."""
    given = list(sys.argv[1:] if argv is None else argv)
    try:
        print(_run(_arguments(given), " ".join(["python -m benchmarks", *given])))
    except UnequalAnswersError as unequal:
        sys.exit(f"nothing is written: {unequal}")


def _run(options: argparse.Namespace, command: str) -> Path:
    about, today = machine(PACKAGES), datetime.now(timezone.utc).date()
    bench = Bench(_sizes(options))
    assert_equal_columns(bench.reasoner, bench.pool.frames(bench.sizes.equal, SEED))
    _say(f"{', '.join(bench.peers)} and Polars answer alike; seed {SEED}")
    measurements = {name: MEASUREMENTS[name] for name in options.only or MEASUREMENTS}
    if options.huge:
        measurements["huge"] = partial(huge, rows=options.huge, scratch=Path(options.scratch))
    sections = []
    for name, measure in measurements.items():
        start = perf_counter()
        sections.append(_section(name, measure, bench))
        _say(f"{name}: {perf_counter() - start:.0f} s")
    return write(Path(options.out), sections, about, command, today)


def _section(name: str, measure: Callable[[Bench], Section], bench: Bench) -> Section:
    """What was measured; where another process fails, that, so that what else was measured is not lost."""
    try:
        return measure(bench)
    except CalledProcessError as error:
        _say(f"{name}: {error}")
        return Section(f"Not measured: {name}", f"`{' '.join(error.cmd)[:200]}` had exit status {error.returncode}.")


def _arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes: about a minute instead of ten")
    parser.add_argument("--only", nargs="+", choices=MEASUREMENTS, metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument("--turns", type=int, help="turns of each measurement")
    parser.add_argument("--rows", type=int, nargs="+", help="numbers of patients by columns")
    parser.add_argument("--rules", type=int, nargs="+", help="how many times over the rules are there")
    parser.add_argument("--patients", type=int, help="patients answered one by one in each turn")
    parser.add_argument("--huge", type=int, nargs="?", const=10**8, metavar="ROWS", help="also a cohort of 10^8 rows")
    parser.add_argument("--scratch", default=".", help="where the files of --huge are put meanwhile")
    parser.add_argument("--out", default=str(Path(__file__).parent), help="folder for RESULTS.md and plots/")
    return parser.parse_args(given)


def _sizes(options: argparse.Namespace) -> Sizes:
    sizes = QUICK if options.quick else FULL
    return sizes._replace(
        turns=options.turns or sizes.turns,
        rows=tuple(options.rows or sizes.rows),
        rules=tuple(options.rules or sizes.rules),
        patients=options.patients or sizes.patients,
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
