"""``python -m benchmarks.editor``: how long the language server takes to start, and to read a folder after a change.

A change misspells a word of a file or mends it again; its time runs until the editor has the diagnostics, the 30 ms for
which the server waits for a further change included.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from tests.editor import Message
from tests.lsp.client import Client

KNOWLEDGE = Path(__file__).resolve().parent.parent / "knowledge"
CHANGES = 10
_WORD = re.compile(r"(?m)^ +(?:- )?(?:when|unless|then|group|steps|recommended|because): \[?(?P<word>[a-z_]{4,})")


def is_misread(found: list[Message]) -> bool:
    """Whether reading found something."""
    return any(it["code"] == "reading" for it in found)


def is_read(found: list[Message]) -> bool:
    """Whether reading found nothing."""
    return not is_misread(found)


class Taken(NamedTuple):
    """Milliseconds: on the clock, and of the server's processor, which others on the machine slow down less."""

    clock: float
    processor: float


def used_by(process: int) -> float:
    """The milliseconds that a process has used a processor."""
    return sum(int(it.read_text().split()[0]) for it in Path(f"/proc/{process}/task").glob("*/schedstat")) / 1e6


class Watch:
    """Measures what a process takes from now on."""

    def __init__(self, process: int) -> None:
        self.process = process
        self._started = perf_counter(), used_by(process)

    def taken(self) -> Taken:
        """The time since the beginning."""
        clock, used = self._started
        return Taken((perf_counter() - clock) * 1000, used_by(self.process) - used)


def main(changes: int) -> None:
    """Print the times by kind of file."""
    with TemporaryDirectory() as kept:
        folder = Path(shutil.copytree(KNOWLEDGE, Path(kept) / "knowledge"))
        started = perf_counter()
        with Client(folder) as client:
            used = used_by(client.server.pid)
            times = {"start": [Taken((perf_counter() - started) * 1000, used)]}
            times |= _changed(client, folder, changes)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors; milliseconds: p50, p95, worst")
    for kind, its in times.items():
        clock, processor = (_spread(it[number] for it in its) for number in (0, 1))
        print(f"{kind:12} n {len(its):4}   {clock}   processor {processor}")


def _spread(times: Iterable[float]) -> str:
    its = sorted(times)
    return " ".join(f"{its[min(len(its) - 1, int(len(its) * share))]:6.0f}" for share in (0.5, 0.95, 1))


def _changed(client: Client, folder: Path, changes: int) -> dict[str, list[Taken]]:
    chance = random.Random(1)
    times: dict[str, list[Taken]] = defaultdict(list)
    for file in [folder / "vocabulary.yaml", folder / "ladder.yaml", *sorted((folder / "rules").glob("*.yaml"))]:
        text = file.read_text("utf-8")
        words = list(_WORD.finditer(text))
        kind = "rules" if file.parent != folder else file.stem
        kind = "cases" if file.name.endswith(".test.yaml") else kind
        if not words:
            continue
        client.opens(file)
        client.until(file, lambda _: True)
        for _ in range(changes):
            at = chance.choice(words).end("word")
            for shown, right in ((f"{text[:at]}xq{text[at:]}", is_misread), (text, is_read)):
                watch = Watch(client.server.pid)
                client.changes(file, shown)
                client.until(file, right)
                times[kind].append(watch.taken())
        client.closes(file)
    return times


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CHANGES)
