"""How long ``expert test --watch`` takes from a save to its result.

Run ``.venv/bin/python -m benchmarks.watch`` from the repository; it takes some half a minute. One rule of each file of
a copy of the shipped knowledge is edited (its first premise negated) and put right again; the watch is a process.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from statistics import median
from time import perf_counter, sleep

KNOWLEDGE = Path(__file__).resolve().parent.parent / "knowledge"
PREMISE = re.compile(r"(    when: \[)([a-z_]+, )")
QUIET = 1.0  # seconds between a result and the next save


def main() -> None:
    """Print the measurement."""
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}\n")
    watching()


def watching() -> None:
    """The seconds from a save to the line that says how many cases passed."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "knowledge"
        copytree(KNOWLEDGE, folder)
        command = [sys.executable, "-m", "expert", "test", "--watch", "--knowledge", str(folder)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        try:
            until_result(process.stdout)
            found = [after_save(process.stdout, file, text) for file, text in saves(folder)]
        finally:
            process.kill()
            process.wait()
    print(f"{len(found)} saves: median {median(found):.3f} s, slowest {max(found):.3f} s")


def saves(folder: Path) -> Iterator[tuple[Path, str]]:
    """An edit of each rule file that has such a rule, and its undoing."""
    for file in sorted((folder / "rules").glob("*.yaml")):
        text = file.read_text("utf-8")
        edited = PREMISE.sub(r"\1not \2", text, count=1)
        if edited != text and not file.name.endswith(".test.yaml"):
            yield from ((file, edited), (file, text))


def after_save(lines: Iterator[str], file: Path, text: str) -> float:
    """How long the result of a save takes."""
    sleep(QUIET)
    start = perf_counter()
    file.write_text(text, "utf-8")
    until_result(lines)
    return perf_counter() - start


def until_result(lines: Iterator[str]) -> None:
    """Read up to the line that closes a result."""
    next(line for line in lines if re.fullmatch(r"\d+ passed, \d+ failed\n", line))


if __name__ == "__main__":
    main()
