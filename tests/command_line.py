"""Runs the command line in this process or in another."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from expert.cli import main
from expert.cli.config import CONFIG
from tests import NO_CONFIG

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Run(NamedTuple):
    """The exit status and the output of a command."""

    status: int
    out: str
    err: str


def run(*words: str, stdin: bytes = b"", columns: int = 80, **environment: str) -> Run:
    """Run a command in this process, with its output captured."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    given = io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
    with (
        patch.dict(os.environ, {**clean(columns), **environment}, clear=True),
        patch.object(sys, "stdin", given),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main(list(words))
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    return Run(status, _text(out), _text(err))


def start(*words: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m expert`` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "expert", *words],
        cwd=cwd,
        env={**clean(), **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        check=False,
    )


def clean(columns: int = 80) -> dict[str, str]:
    """The environment without what sets colour, knowledge or site, and with the given width."""
    colour = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "LINES")
    left_out = (*colour, "EXPERT_KNOWLEDGE", "EXPERT_SITE", "EXPERT_CONFIG")
    return {key: value for key, value in os.environ.items() if key not in left_out} | {
        "COLUMNS": str(columns),
        CONFIG: NO_CONFIG,
    }


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode("utf-8")
