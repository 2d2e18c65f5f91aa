"""The README's consoles: run each command, and compare or rewrite what is printed below it.

``python -m tests.readme`` rewrites them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)


def commands(block: str) -> list[str]:
    """The commands of a console block."""
    return [line[2:] for line in block.splitlines() if line.startswith("$ ")]


def played(text: str) -> str:
    """The README with every console as it runs today, in a folder that holds a copy of the knowledge."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(README.parent / "knowledge", Path(folder) / "knowledge")
        return CONSOLE.sub(lambda found: f"```console\n{_play(found[1], folder)}```", text)


def _play(block: str, folder: str) -> str:
    scripts = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": f"{scripts}:{os.environ['PATH']}", "COLUMNS": "80", "NO_COLOR": "1"}
    told = []
    for command in commands(block):
        run = subprocess.run(
            command,
            shell=True,
            cwd=folder,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        told.append(f"$ {command}\n{run.stdout}")
    return "".join(told)


if __name__ == "__main__":
    README.write_text(played(README.read_text("utf-8")), "utf-8")
