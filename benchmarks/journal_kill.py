"""Eight processes journal 2,000 cases in one file, and some are killed with SIGKILL: what is found afterwards?

Run ``.venv/bin/python -m benchmarks.journal_kill`` from the repository; it takes some three minutes on two cores. The
2,000 are answered and appended by eight processes of this program, each of which opens the journal for every case;
a process writes a case's number to a pipe when its success was reported, and the killed are replaced. Then
``expert assess --journal`` adds some more, eight commands at a time, of which some are killed. The exit status is 1 if
a success is missing or anything is torn.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import date
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from pathlib import Path
from time import perf_counter, sleep
from typing import NamedTuple

from expert import read_knowledge
from expert.answer.assess import Reasoner
from expert.journal.receipt import unlike
from expert.journal.store import Journal
from expert.lang.facts import Patient
from expert.read.knowledge import shipped_knowledge
from expert.read.patient import PatientReader
from expert.render.json import render_json

PATIENTS = Path(__file__).resolve().parent.parent / "knowledge" / "patients"
CASES = 2000
PROCESSES = 8
KILLS = 24
COMMANDS = 64
COMMAND_KILLS = 16
SEED = 20261122
TODAY = date(2026, 11, 22)

FORK = get_context("fork")


class Tally(NamedTuple):
    """The numbers whose success was reported, and how many processes were killed at work."""

    seen: list[int]
    killed: int


def main() -> None:
    """Run, check, print; exit status 1 if anything is lost."""
    print(f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores, seed {SEED}")
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        knowledge = shutil.copytree(shipped_knowledge(), Path(folder, "knowledge"))  # no one edits this copy meanwhile
        path = str(Path(folder, "cases.journal"))
        reasoner = Reasoner(read_knowledge(knowledge))
        start = perf_counter()
        loops = in_processes(reasoner, path, CASES, chance)
        looped = perf_counter()
        commands = by_commands(path, str(knowledge), chance)
        done = perf_counter()
        seen = loops.seen + commands.seen
        print(f"{len(loops.seen):6} successes of {PROCESSES} processes, {loops.killed} killed, {looped - start:.0f} s")
        print(f"{len(commands.seen):6} successes of commands, {commands.killed} killed, {done - looped:.0f} s")
        sys.exit(check(path, seen, loops.killed + commands.killed, reasoner))


# --- processes that append in a loop ----------------------------------------------------------------------------------


def in_processes(reasoner: Reasoner, path: str, cases: int, chance: random.Random) -> Tally:
    """Let processes append until so many successes were reported, killing one now and then."""
    reader = PatientReader(reasoner.kb)
    patients = [reader.patient(str(file)) for file in sorted(PATIENTS.glob("*.yaml"))]
    reading, report_to = os.pipe()

    def new() -> ForkProcess:
        process = FORK.Process(target=append, args=(reasoner, path, patients, report_to, chance.random()))
        process.start()
        return process

    processes = [new() for _ in range(PROCESSES)]
    moments = sorted(chance.sample(range(1, cases), KILLS))
    seen: list[int] = []
    killed = 0
    with os.fdopen(reading) as pipe:
        while len(seen) < cases:
            seen.append(int(pipe.readline()))
            if moments and len(seen) >= moments[0]:
                moments.pop(0)
                sleep(chance.random() / 20)
                victim = processes.pop(chance.randrange(PROCESSES))
                victim.kill()
                victim.join()
                killed += 1
                processes.append(new())
        for process in processes:
            process.kill()  # the last kill meets all of them at work
            process.join()
        os.close(report_to)
        seen += map(int, pipe)
    return Tally(seen, killed + PROCESSES)


def append(reasoner: Reasoner, path: str, patients: list[Patient], report_to: int, seed: float) -> None:
    """Answer and journal patients until killed; report each number when its case has been committed."""
    chance = random.Random(seed)
    while True:
        assessment = reasoner.assess(chance.choice(patients))
        answer = render_json(reasoner.kb, assessment, TODAY)
        with Journal(path, append=True) as journal:
            number = journal.append(reasoner.kb, assessment.patient, answer, TODAY)
        os.write(report_to, b"%d\n" % number)


# --- commands ---------------------------------------------------------------------------------------------------------


def by_commands(path: str, knowledge: str, chance: random.Random) -> Tally:
    """Run commands, eight at a time, and kill some at a moment of chance; a success is an exit status of 0."""
    files = [str(file) for file in sorted(PATIENTS.glob("*.yaml"))]
    doomed = set(chance.sample(range(COMMANDS), COMMAND_KILLS))
    seen: list[int] = []
    killed = 0
    for first in range(0, COMMANDS, PROCESSES):
        batch = [(turn, command(path, knowledge, chance.choice(files))) for turn in range(first, first + PROCESSES)]
        begun = perf_counter()
        for process in (process for turn, process in batch if turn in doomed):
            sleep(max(0.0, begun + chance.uniform(0.2, 4) - perf_counter()))
            process.kill()
        for _, process in batch:
            _, said = process.communicate()
            if process.returncode == 0:
                seen.append(number_in(said))
            killed += process.returncode == -signal.SIGKILL
    return Tally(seen, killed)


def command(path: str, knowledge: str, patient: str) -> subprocess.Popen[bytes]:
    """Begin to answer and journal one patient in a process of its own."""
    expert = [sys.executable, "-m", "expert", "assess", patient, "--knowledge", knowledge, "--format", "json"]
    return subprocess.Popen([*expert, "--journal", path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def number_in(said: bytes) -> int:
    """The number that a command said its case has."""
    found = re.match(rb"case (\d+) of the journal ", said)
    assert found, said
    return int(found[1])


# --- what is found ----------------------------------------------------------------------------------------------------


def check(path: str, seen: list[int], killed: int, reasoner: Reasoner) -> int:
    """Print what the journal holds; 1 if a success is missing or reported twice, or a case is torn or another."""
    with closing(sqlite3.connect(path)) as database:
        sound = [row[0] for row in database.execute("PRAGMA integrity_check")]
    found, torn, other = set(), 0, 0
    answers: dict[str, str] = {}
    receipts = 0
    with Journal(path) as journal:
        for case in journal.cases():
            found.add(case.number)
            key = json.dumps([dict(case.patient.facts), case.day.isoformat()])
            if key not in answers:
                receipts += not unlike(journal, case, render_json)
                answers[key] = render_json(reasoner.kb, reasoner.assess(case.patient), case.day)
            torn += not case.intact
            other += case.answer != answers[key]
    missing, twice = set(seen) - found, len(seen) - len(set(seen))
    size = f"{os.path.getsize(path) / 1e6:.0f} MB, {os.path.getsize(path) / len(found) / 1e3:.0f} kB a case"
    print(f"{len(seen):6} successes in all, {killed} processes killed; a kill may come between a commit and its report")
    print(f"{len(found):6} cases found, numbered 1 to {max(found)}; {size}")
    print(f"{len(missing):6} successes missing, {twice} numbers reported twice")
    print(f"{torn:6} cases torn: every answer compared with its hash")
    print(f"{other:6} answers of another patient: every one compared with that for the facts beside it")
    print(f"{receipts:6} of {len(answers)} different answers reproduced from the journal alone")
    print(f"       integrity_check: {', '.join(sound)}")
    whole = sound == ["ok"] and found == set(range(1, len(found) + 1)) and receipts == len(answers)
    return (
        0 if whole and not missing and not twice and not torn and not other and len(found) <= len(seen) + killed else 1
    )


if __name__ == "__main__":
    main()
