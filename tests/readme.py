"""The consoles and dialogues of the documents: run each command, and compare or rewrite what is printed below it.

The documents are README.md and docs/*.md. A block of YAML that begins with ``# at the end of FILE`` is added to that
file of the folder, for the commands below it. Times are not compared, nor are hashes of knowledge, which every edit of
a word changes; these are rewritten. In a dialogue the lines after a prompt are typed at a terminal, and then the end of
the input unless it is over.

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

README = REPOSITORY / "README.md"
DOCUMENTS = [README, *sorted((REPOSITORY / "docs").glob("*.md"))]
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
DIALOGUE = re.compile(r"```dialogue\n(.*?)```", re.DOTALL)
ADDED = re.compile(r"# at the end of (\S+)\n")
_TIME = re.compile(r"\d+\.\d\d s\b")
_BLOCK = re.compile(r"```(console|dialogue|yaml)\n(.*?)```", re.DOTALL)
PROMPT = "> "


def commands(block: str) -> list[str]:
    """The commands of a console block."""
    return [line[2:] for line in block.splitlines() if line.startswith("$ ")]


def played(text: str) -> str:
    """A document with every console as it runs today, in a folder that holds a copy of the knowledge."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(REPOSITORY / "knowledge", Path(folder) / "knowledge")
        return _BLOCK.sub(lambda found: f"```{found[1]}\n{_after(found[1], found[2], folder)}```", text)


def _after(kind: str, block: str, folder: str) -> str:
    """A block as it is once it has been run in a folder, or added to a file of it."""
    if kind == "yaml":
        if added := ADDED.match(block):
            with (Path(folder) / added[1]).open("a", encoding="utf-8") as file:
                file.write("\n" + block[added.end() :])
        return block
    return _unless_same(block, (_play if kind == "console" else _talk)(block, folder))


def _unless_same(shown: str, printed: str) -> str:
    """What is printed now; what is shown already if only times differ."""
    return shown if _TIME.sub("", shown) == _TIME.sub("", printed) else printed


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
