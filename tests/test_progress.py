"""How far a long command is: shown on a terminal alone, on standard error, and nothing of it is left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from tests.command_line import clean
from tests.small_ladder import rule, write_ladder, yes_no

SLOW = """
import sys, time
import expert.render.progress as progress
progress.SOON = 0.05
with progress.working("comparing the answers"):
    time.sleep({seconds})
print("done")
"""


def at_terminal(*words: str, term: str = "xterm") -> str:
    """What Python shows on a terminal."""
    environment = clean() | {"TERM": term}
    return str(pexpect.run(" ".join(words), env=environment, encoding="utf-8", timeout=60, cwd=None))


@pytest.fixture
def slow(tmp_path: Path) -> str:
    """A program that works for half a second."""
    file = tmp_path / "slow.py"
    file.write_text(SLOW.format(seconds=0.5))
    return str(file)


def last_line(shown: str) -> str:
    """What a terminal shows in the last line once everything before it in that line is erased."""
    return shown.rpartition("\x1b[2K")[2]


def test_a_terminal_shows_what_is_being_done_and_nothing_is_left(slow: str) -> None:
    shown = at_terminal(sys.executable, slow)
    assert "comparing the answers" in shown
    assert last_line(shown) == "done\r\n"
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h")  # the cursor is back


def test_what_is_quick_shows_nothing(tmp_path: Path) -> None:
    file = tmp_path / "quick.py"
    file.write_text(SLOW.format(seconds=0))
    assert at_terminal(sys.executable, str(file)) == "done\r\n"


def test_a_terminal_that_cannot_erase_shows_nothing(slow: str) -> None:
    assert at_terminal(sys.executable, slow, term="dumb") == "done\r\n"


def test_a_pipe_shows_nothing(slow: str) -> None:
    ran = subprocess.run([sys.executable, slow], capture_output=True, text=True, env=clean(), check=True)
    assert (ran.stdout, ran.stderr) == ("done\n", "")


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("check FOLDER", "proofs"),
        ("mutate --knowledge FOLDER", "mutants"),
        ("test FOLDER --missing=OUT", "gaps closed"),
    ],
)
def test_a_bar_is_removed_when_the_command_ends(tmp_path: Path, words: str, what: str) -> None:
    folder = write_ladder(
        tmp_path / "house",
        findings={"fire": yes_no("no")},
        rules={"fire-supports-leave": rule("fire", "supports leave"), "all-may-stay": rule("always", "supports stay")},
        steps={"leave": {}, "stay": {}},
        cases=[{"name": "A fire", "given": {"fire": "yes"}, "expect": {"recommended": "leave"}}],
    )
    stand_for = {"FOLDER": str(folder), "--missing=OUT": f"--missing={tmp_path / 'out.yaml'}"}
    line = [stand_for.get(word, word) for word in words.split()]
    shown = at_terminal(sys.executable, "-m", "expert", *line)
    assert f" {what}" in shown
    assert "━" in shown
    assert "━" not in last_line(shown)
    assert (
        at_terminal(
            sys.executable, "-m", "expert", *line, *(["--force"] if "--missing" in words else []), term="dumb"
        ).count("━")
        == 0
    )
