"""The script of the page in Node, besides QuickJS (see `tests.page_identity.QuickJs`)."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Protocol

LOOP = """
const lines = require("readline").createInterface({ input: process.stdin });
lines.on("line", (line) => { const it = JSON.parse(line); console.log(JSON.stringify(ladder[it[0]](...it[1]))); });
"""


class Engine(Protocol):
    """What runs a script of a page."""

    def call(self, function: str, *words: Any) -> Any:
        """What a function of the script answers."""


class Node:
    """A script of a page in Node; a context manager, as it is a process."""

    def __init__(self, script: str, folder: Path) -> None:
        path = folder / "ladder.js"
        path.write_text(script + LOOP, encoding="utf-8")
        self.process = subprocess.Popen(
            ["node", str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )

    @staticmethod
    def is_here() -> bool:
        """Whether Node is installed."""
        return shutil.which("node") is not None

    def call(self, function: str, *words: Any) -> Any:
        """What a function of the script answers."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([function, words]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def __enter__(self) -> Node:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.communicate()
