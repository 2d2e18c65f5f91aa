"""The consoles and dialogues of the documents: run each command, and compare or rewrite what is printed below it.

The documents are README.md and docs/*.md. The hash of the knowledge is not compared, since every edit of a word changes
it. In a dialogue the lines after a prompt are typed at a terminal, and then the end of the input unless it is over.

``python -m tests.readme`` rewrites them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pexpect

from tests.command_line import clean
from tests.conftest import REPOSITORY
from tests.golden import HASH

README = REPOSITORY / "README.md"
DOCUMENTS = [README, *sorted((REPOSITORY / "docs").glob("*.md"))]
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
DIALOGUE = re.compile(r"```dialogue\n(.*?)```", re.DOTALL)
PROMPT = "> "


def commands(block: str) -> list[str]:
    """The commands of a console block."""
    return [line[2:] for line in block.splitlines() if line.startswith("$ ")]


def played(text: str) -> str:
    """A document with every console as it runs today, in a folder that holds a copy of the knowledge."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(REPOSITORY / "knowledge", Path(folder) / "knowledge")
        text = CONSOLE.sub(lambda found: f"```console\n{_unless_same(found[1], _play(found[1], folder))}```", text)
        return DIALOGUE.sub(lambda found: f"```dialogue\n{_unless_same(found[1], _talk(found[1], folder))}```", text)


def _unless_same(shown: str, printed: str) -> str:
    """What is printed now; what is shown already if only the hash differs."""
    return shown if HASH.sub("", shown) == HASH.sub("", printed) else printed


def _environment() -> dict[str, str]:
    around = clean()
    return {**around, "PATH": f"{Path(sys.executable).parent}:{around['PATH']}", "NO_COLOR": "1", "TERM": "dumb"}


def _talk(block: str, folder: str) -> str:
    """A dialogue at a terminal of 80 columns."""
    (command,) = commands(block)
    answers = [line.removeprefix(PROMPT) for line in block.splitlines() if line.startswith(PROMPT)]
    child = pexpect.spawn(
        "/bin/sh", ["-c", command], cwd=folder, env=_environment(), dimensions=(60, 80), encoding="utf-8", timeout=60
    )
    shown: list[str] = []
    for answer in answers:
        child.expect_exact(f"\n{PROMPT}")
        shown.append(f"{child.before}\n{PROMPT}")
        child.sendline(answer)
    if child.expect_exact([f"\n{PROMPT}", pexpect.EOF]) == 0:
        shown.append(f"{child.before}\n{PROMPT}")
        child.sendeof()
        child.expect(pexpect.EOF)
    shown.append(str(child.before))
    return "".join(f"{line.rstrip()}\n" for line in [f"$ {command}", *"".join(shown).splitlines()])


def _play(block: str, folder: str) -> str:
    shown = []
    for command in commands(block):
        run = subprocess.run(
            command,
            shell=True,
            cwd=folder,
            env=_environment(),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        shown.append(f"$ {command}\n{run.stdout}")
    return "".join(shown)


if __name__ == "__main__":
    for document in DOCUMENTS:
        document.write_text(played(document.read_text("utf-8")), "utf-8")
