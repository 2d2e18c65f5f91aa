"""Running the command line on spoilt input: the folder ``base`` with a fault, or a patient with one."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from expert.cli import main

MALFORMED = Path(__file__).resolve().parent
BASE = MALFORMED / "base"


class Ran(NamedTuple):
    """How a command ended and what it printed."""

    status: object
    out: str
    err: str

    @property
    def places(self) -> list[tuple[str, int, int]]:
        """The file, line and column of every message."""
        found = re.findall(r"^(\S[^|\n]*?):([0-9]+):([0-9]+): ", self.err, re.MULTILINE)
        return [(file, int(line), int(column)) for file, line, column in found]


def run(*words: str) -> Ran:
    """Run ``expert`` in this process."""
    out, err = io.StringIO(), io.StringIO()
    status: object = None
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main(list(words))
        except SystemExit as end:
            status = end.code
    return Ran(status, out.getvalue(), err.getvalue())


def spoilt(where: Path, edits: Iterable[Mapping[str, str]]) -> str:
    """A copy of the base knowledge as the folder ``k``, with edits: in ``file``, ``find`` becomes ``put``."""
    shutil.rmtree(where / "k", ignore_errors=True)
    shutil.copytree(BASE, where / "k")
    for edit in edits:
        file = where / "k" / edit["file"]
        text = file.read_text(encoding="utf-8")
        assert text.count(edit["find"]) >= 1, edit
        file.write_text(text.replace(edit["find"], edit["put"], 1), encoding="utf-8")
    return "k"
