"""Every command in the README runs, and prints what the README shows."""

from __future__ import annotations

import re
import subprocess

from tests.readme import CONSOLE, README, commands, played

TEXT = README.read_text("utf-8")


def test_the_consoles_print_what_the_readme_shows() -> None:
    assert played(TEXT) == TEXT


def test_there_are_commands_to_run() -> None:
    assert sum(len(commands(block)) for block in CONSOLE.findall(TEXT)) >= 8


def test_the_python_example_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})


def test_the_make_targets_exist() -> None:
    (block,) = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    targets = re.findall(r"^make (\w+)", block, re.MULTILINE)
    assert targets == ["try", "check"]
    for target in targets:
        subprocess.run(["make", "--dry-run", target], cwd=README.parent, check=True, capture_output=True)
