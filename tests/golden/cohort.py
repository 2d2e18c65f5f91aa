"""The summary that ``expert cohort`` prints, at two widths.

``python -m tests.golden.cohort`` rewrites the files; read the diff before you commit it.
"""

from __future__ import annotations

import io
from datetime import date
from functools import cache
from pathlib import Path

from expert import read_knowledge
from expert.columns.read.near_names import NearName
from expert.columns.summary import (
    NO_ANSWER,
    AlertCount,
    Changed,
    ColumnsRead,
    MissingCount,
    Reason,
    Sampled,
    StepCount,
    Summary,
    Transition,
)
from expert.diff.difference import NO_STEP
from expert.render.cohort import write_summary
from expert.render.terminal import Terminal

WIDTHS = (80, 120)
TODAY = date(2026, 11, 22)
_FOLDER = Path(__file__).resolve().parent / "cohort"
_ROOFS = Path(__file__).resolve().parent.parent / "other_ladder"


@cache
def summary() -> Summary:
    """A made-up cohort of two million roofs, compared with another version of the knowledge."""
    kb = read_knowledge(_ROOFS)
    patients = [1_204_381, 0, 690_212, 52_190, 1, 49_212, 1_004]
    rows = [*((name, step.title) for name, step in kb.steps.items()), ("", "no single step")]
    steps = tuple(
        StepCount(name, title, count // 3 if name else 0, count - count // 3 if name else 0, 0 if name else count)
        for (name, title), count in zip(rows, patients, strict=True)
    )
    answered = sum(patients)
    reasons = tuple(Reason(f"… is not a value of finding_{index}", 12 - index, "b.csv record 7") for index in range(12))
    outcomes = [*kb.steps, NO_STEP, NO_ANSWER]
    kept = [[patients[row] if row == column and row < len(patients) else 0 for column in range(8)] for row in range(8)]
    kept[2][3], kept[0][7], kept[7][0] = 1_250, 1, 17
    changes = (
        Changed(outcomes[2], outcomes[3], 1_250, tuple(f"a.csv record {row} (roof {row})" for row in range(3, 8))),
        Changed(NO_ANSWER, outcomes[0], 17, ("b.csv record 12",)),
        Changed(outcomes[0], NO_ANSWER, 1, ("b.csv record 99",)),
    )
    names = [(name, finding.title) for name, finding in kb.inputs.items()]
    return Summary(
        kb,
        ("a.csv", "b.csv"),
        answered + 1_012,
        answered,
        1_000,
        steps,
        tuple(AlertCount(name, it.title, 3_000, 3_400) for name, it in kb.alerts.items()),
        Sampled(200, tuple(MissingCount(name, title, 120 - 9 * i) for i, (name, title) in enumerate(names[:12]))),
        reasons,
        2.5,
        "answers.parquet",
        "answers.rejects.csv",
        Transition(kb, kb, tuple(outcomes), tuple(map(tuple, kept)), changes, 40, ("thatch",), ("slates", "tin")),
        empty=12,
        columns=ColumnsRead(
            (*((name, name) for name, _ in names[:5]), ("Alter des Dachs", "roof_age"), ("Deckung", "covering")),
            ("id", "clinic", "water_sag"),
            (NearName("water_sag", "sag", dict(names)["sag"]),),
        ),
    )


def page(width: int) -> str:
    """The summary on a terminal of a width."""
    stream = io.StringIO()
    terminal = Terminal(stream)
    terminal.width = terminal.console.width = width
    it = summary()
    write_summary(terminal, it, TODAY)
    return stream.getvalue().replace(it.kb.sha256[:8], "<hash..>")


def kept(width: int) -> Path:
    """The file that holds a page."""
    return _FOLDER / f"summary-{width}.txt"


if __name__ == "__main__":
    _FOLDER.mkdir(exist_ok=True)
    for it in WIDTHS:
        kept(it).write_text(page(it), "utf-8")
    print(f"{len(WIDTHS)} pages written to {_FOLDER}")
