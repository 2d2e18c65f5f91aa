"""``python -m tests.fuzz SEEDS``: hold whatever answers by random knowledge to brute force; see ``make fuzz``."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from tests.fuzz.running import EVERY, run, write


def main() -> int:
    """Run seeds, print those that differ, and leave the shrunk folder of each."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("seeds", help="how many, from 0; or FIRST-LAST")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes at once")
    parser.add_argument("--into", type=Path, default=Path("build/fuzz"), help="where shrunk folders are left")
    names = [it.name for it in EVERY]
    parser.add_argument("--only", choices=names, action="append", default=[], help="hold these alone (repeatable)")
    asked = parser.parse_args()
    first, _, last = asked.seeds.rpartition("-")
    seeds = range(int(first), int(last) + 1) if first else range(int(last))
    differing = 0
    with get_context("spawn").Pool(asked.workers) as pool:
        for done, found in enumerate(pool.imap(partial(run, tuple(asked.only)), seeds, chunksize=4), 1):
            differing += bool(found)
            for it in found:
                folder = write(it, asked.into / f"{it.seed}-{it.executor.replace(' ', '-')}")
                print(f"seed {it.seed}, {it.executor}: {it.what}\n    {folder}", flush=True)
            if done % 100 == 0:
                print(f"{done} of {len(seeds)} seeds, {differing} of them differ", file=sys.stderr, flush=True)
    print(f"{len(seeds)} seeds, {differing} of them differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
