"""Every command in the README runs, and prints what the README shows."""

from __future__ import annotations

import re
import subprocess
from doctest import DocTestParser, DocTestRunner

import pytest

from tests.readme import CONSOLE, README, commands, played

TEXT = README.read_text("utf-8")


def test_the_consoles_print_what_the_readme_shows() -> None:
    assert played(TEXT) == TEXT


def test_there_are_commands_to_run() -> None:
    assert sum(len(commands(block)) for block in CONSOLE.findall(TEXT)) >= 8


def test_the_python_examples_print_what_the_readme_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(README.parent)
    blocks = re.findall(r"```pycon\n(.*?)```", TEXT, re.DOTALL)
    example = DocTestParser().get_doctest("".join(blocks), {}, "README", "README.md", 0)
    assert len(example.examples) > 10
    shown: list[str] = []
    assert DocTestRunner(verbose=False).run(example, out=shown.append).failed == 0, "".join(shown)


def test_the_make_targets_exist() -> None:
    (block,) = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    targets = re.findall(r"^make (\w+)", block, re.MULTILINE)
    assert targets == ["try", "check"]
    for target in targets:
        subprocess.run(["make", "--dry-run", target], cwd=README.parent, check=True, capture_output=True)
