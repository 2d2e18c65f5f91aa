"""What answering a cohort is measured against: ``python -m benchmarks.copying GIVEN... ANSWERS OUT``.

It reads all columns of GIVEN, and writes those of ANSWERS; it imports Polars, and nothing of this project.
"""

from __future__ import annotations

import sys

import polars as pl


def main() -> None:
    """Read and write, without rules."""
    *given, answers, out = sys.argv[1:]
    pl.read_parquet(given)
    pl.read_parquet(answers).write_parquet(out)


if __name__ == "__main__":
    main()
