"""Many patients in memory: by columns and one by one, and how that grows with the patients and the findings given."""

from __future__ import annotations

from statistics import median
from time import perf_counter

import polars as pl

from benchmarks.bench import SEED, Bench
from benchmarks.measure import Timed, Work, each, exponent, ratio, take_turns
from benchmarks.patients import Frames, Pool
from benchmarks.peers import ENGINES
from benchmarks.peers.columns import floor
from benchmarks.report import Bars, Lines, Ratio, Section, Table, figure, times
from benchmarks.ways import HAND_STEPS, OURS, OURS_STEPS, Way, settled_rows, ways

LOOPED = 10**6
"""The most rows for which peers are called in a loop, and of which everything is held in memory in all ways."""


def in_memory(bench: Bench) -> Section:
    """All ways and the peers in a loop, side by side on the same patients."""
    count = max(rows for rows in bench.sizes.rows if rows <= LOOPED)
    frames = bench.pool.frames(count, SEED)
    patients = settled_rows(frames, 20 * bench.sizes.patients)
    works, first = _works(bench, frames)
    for name, peer in bench.peers.items():
        works[looped(name)] = each(peer.conclude, bench.of_a_turn(name, patients))
    timed = take_turns(works, bench.sizes.turns)
    engines = [looped(name) for name in ENGINES if name in bench.peers]
    fastest = min(engines, key=lambda name: median(timed[name]))
    text = (
        f"{count:,} rows of {len(bench.kb.inputs)} findings, half of them unknown. In a loop, peers answer "
        f"{len(patients)} of the same patients (stock experta one). Ours takes the patients as given and says what is "
        "certain; the hand-written Polars and the peers are given them with the presumptions made. A floor reads every "
        "input column once and copies the columns of an answer, without rules."
    )
    rates = {name: 1 / median(took) for name, took in timed.items()}
    plot = Bars("rates", f"{count:,} patients in memory", "patients a second", rates)
    once = Table(
        ("the first time, plans and proofs included", "s"), [(name, figure(took)) for name, took in first.items()]
    )
    tables = [times("answered by", timed), once]
    return Section("Cohort in memory", text, _ratios(timed, fastest), tables, [plot])


def floor_of(name: str) -> str:
    """What the floor for the columns of a way is called."""
    return f"floor of {name}"


def looped(name: str) -> str:
    """What a peer called in a loop is called."""
    return f"{name}, in a loop"


def _works(bench: Bench, frames: Frames) -> tuple[dict[str, Work], dict[str, float]]:
    """Each way to answer, and the floor for its columns; and the seconds that the first time takes."""
    works: dict[str, Work] = {}
    first: dict[str, float] = {}
    for name, way in ways(bench.reasoner).items():
        if frames.given.height > LOOPED and name not in (OURS_STEPS, HAND_STEPS):
            continue
        start = perf_counter()
        answers = way(frames)
        first[name] = perf_counter() - start
        works[name] = _work(way, frames)
        works[floor_of(name)] = _floor(frames.given, answers)
    return works, first


def _work(way: Way, frames: Frames) -> Work:
    return Work(lambda: way(frames), frames.given.height)


def _floor(given: pl.DataFrame, answers: pl.DataFrame) -> Work:
    return Work(lambda: floor(given, answers), given.height)


def _ratios(timed: Timed, fastest: str) -> list[Ratio]:
    millions = 1e-6 / median(timed[OURS_STEPS])
    return [
        Ratio(f"{OURS_STEPS}: millions of patients a second", millions, least=20),
        Ratio(f"{OURS_STEPS} / its floor", ratio(timed, OURS_STEPS, floor_of(OURS_STEPS))),
        Ratio(f"{OURS} / its floor", ratio(timed, OURS, floor_of(OURS)), most=5),
        Ratio(f"{fastest} / {OURS}", ratio(timed, fastest, OURS), least=1000),
        Ratio(f"{fastest} / {OURS_STEPS}", ratio(timed, fastest, OURS_STEPS), least=1000),
        Ratio(f"{OURS_STEPS} / {HAND_STEPS}", ratio(timed, OURS_STEPS, HAND_STEPS)),
    ]


def growth(bench: Bench) -> Section:
    """How the time grows with the patients."""
    found: dict[str, dict[float, float]] = {}
    for count in bench.sizes.rows:
        works, _ = _works(bench, bench.pool.frames(count, SEED))
        timed = take_turns(works, max(2, bench.sizes.turns // 2))
        for name, took in timed.items():
            found.setdefault(name, {})[count] = median(took) * count
    counts = bench.sizes.rows
    heads = ("s", *(f"{count:,} patients" for count in counts), "exponent")
    rows = [
        (name, *(figure(row[count]) if count in row else "" for count in counts), figure(exponent(row)))
        for name, row in found.items()
    ]
    text = f"In memory, by columns. Of more than {LOOPED:,} patients, only the steps, to spare memory."
    most = max(counts)
    rate = Ratio(f"{OURS_STEPS}, of {most:,}: millions of patients a second", 1e-6 * most / found[OURS_STEPS][most], 20)
    plot = Lines("patients", "Time by patients", "patients", "s", found)
    return Section("Growth with the patients", text, [rate], [Table(heads, rows)], [plot])


def given(bench: Bench) -> Section:
    """How the time by columns grows with the findings given."""
    count = max(rows for rows in bench.sizes.rows if rows <= LOOPED)
    found: dict[str, dict[float, float]] = {}
    for share in bench.sizes.shares:
        frames = Pool(bench.domain, SEED, share).frames(count, SEED)
        works = {name: _work(way, frames) for name, way in ways(bench.reasoner).items()}
        for name, took in take_turns(works, max(2, bench.sizes.turns // 2)).items():
            found.setdefault(name, {})[100 * share] = 1 / median(took)
    heads = ("patients a second", *(f"{100 * share:.0f} % given" for share in bench.sizes.shares))
    rows = [(name, *map(figure, row.values())) for name, row in found.items()]
    plot = Lines("given-cohort", "By columns", "findings given, %", "patients a second", found, shares=True)
    return Section("Findings given, by columns", f"{count:,} rows in memory.", (), [Table(heads, rows)], [plot])
