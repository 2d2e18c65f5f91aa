"""Ctrl-C at any moment, and streams that are closed."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.command_line import clean
from tests.conftest import REPOSITORY

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

PRELUDE = """
import os, signal, sys

def interrupt(event, arguments, left=[True]):
    if event == "import" and arguments[0] == {module!r} and left:
        left.clear()
        os.kill(os.getpid(), signal.SIGINT)

sys.argv = ["expert", *sys.argv[1:]]
{hook}
import runpy
runpy.run_module("expert", run_name="__main__", alter_sys=True)
"""
AT_IMPORT = "sys.addaudithook(interrupt)"
AT_EXIT = "import atexit; atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))"

COMMANDS = {
    "assess": ("assess",),
    "findings": ("findings",),
    "wrong": ("assess", "age=old"),
}


def interrupted(words: tuple[str, ...], module: str = "", hook: str = AT_IMPORT) -> subprocess.CompletedProcess[str]:
    code = PRELUDE.format(module=module, hook=hook)
    return subprocess.run(
        [sys.executable, "-c", code, *words], env=clean(), capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize(
    ("command", "module"),
    [
        ("assess", "expert.cli"),
        ("assess", "click"),
        ("assess", "expert.cli.patients"),
        ("assess", "yaml"),
        ("assess", "experta"),
        ("assess", "expert.render.first_screen"),
        ("findings", "expert.cli.knowledge"),
        ("findings", "expert.render.catalogue"),
        ("wrong", "expert.render.problems"),
    ],
)
def test_an_interrupt_at_start_or_in_a_command_is_quiet(command: str, module: str) -> None:
    ran = interrupted(COMMANDS[command], module)
    assert (ran.returncode, ran.stdout, ran.stderr.strip()) == (130, "", "")


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_an_interrupt_at_the_end_is_quiet(command: str) -> None:
    ran = interrupted(COMMANDS[command], hook=AT_EXIT)
    assert ran.returncode == 130
    assert "Traceback" not in ran.stderr
    assert "Exception ignored" not in ran.stderr
    assert bool(ran.stdout) is (command != "wrong")


HARD = """
import os, signal, sys, time, z3
from expert.solve.booleans import new_solver
from expert.__main__ import main

def run():
    holes = 12
    solver = new_solver(z3.main_ctx())
    at = [[z3.Bool(f"{i} {j}") for j in range(holes)] for i in range(holes + 1)]
    solver.add(*map(z3.Or, at))
    solver.add(*(z3.Not(z3.And(at[i][j], at[k][j])) for j in range(holes) for i in range(holes + 1) for k in range(i)))
    print("hard", flush=True)
    solver.check()

import expert.cli
expert.cli.main = run
main()
"""

FINALIZER = """
import os, signal, time
from expert.__main__ import main

class Thing:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):
            pass

def run():
    thing = Thing()
    del thing
    time.sleep(60)

import expert.cli
expert.cli.main = run
main()
"""


def test_an_interrupt_comes_through_while_the_solver_is_at_work() -> None:
    begun = subprocess.Popen([sys.executable, "-c", HARD], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert begun.stdout
    assert begun.stdout.readline() == "hard\n"
    time.sleep(0.2)
    begun.send_signal(signal.SIGINT)
    out, err = begun.communicate(timeout=30)
    assert (begun.returncode, out, err) == (130, "", "")


def test_one_function_makes_every_solver_so_that_none_takes_an_interrupt() -> None:
    makes = re.compile(r"\bz3\.(Solver|SolverFor|SimpleSolver|Optimize|Fixedpoint|Tactic|Then|simplify)\(")
    modules = (REPOSITORY / "expert").rglob("*.py")
    assert [it.name for it in modules if makes.search(it.read_text("utf-8"))] == ["booleans.py"]


def test_an_interrupt_that_a_finalizer_met_comes_through() -> None:
    ran = subprocess.run([sys.executable, "-c", FINALIZER], capture_output=True, text=True, check=False, timeout=30)
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, "", "")


CHANGED = """
import os, signal
from expert.__main__ import main

def run():
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except KeyboardInterrupt:
        raise TypeError("argument 2: KeyboardInterrupt") from None

import expert.cli
expert.cli.main = run
main()
"""


def test_an_interrupt_of_which_another_error_was_made_is_quiet() -> None:
    ran = subprocess.run([sys.executable, "-c", CHANGED], capture_output=True, text=True, check=False, timeout=30)
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, "", "")


# --- streams ----------------------------------------------------------------------------------------------------------


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    line = command.replace("expert", f"{sys.executable} -m expert", 1)
    return subprocess.run(
        ["/bin/sh", "-c", line], cwd=folder, env=clean(), capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("command", ["assess", "findings", "report -o page.html --format markdown", "explain-lint"])
def test_a_closed_standard_output_is_an_error(tmp_path: Path, command: str) -> None:
    ran = shell(f"expert {command} >&-", tmp_path)
    assert ran.returncode == 2
    assert ran.stderr.splitlines()[-1] == "the output cannot be written: standard output is closed"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("command", ["assess", "rules --topic fusion", "explain-lint untested-rule", "--version"])
def test_a_full_standard_output_is_an_error_however_little_is_written(tmp_path: Path, command: str) -> None:
    ran = shell(f"expert {command} > /dev/full", tmp_path)
    assert ran.returncode == 2
    assert ran.stderr.splitlines()[-1] == "the output cannot be written: No space left on device"


@pytest.mark.parametrize("closed", ["2>&-", "<&-", "<&- 2>&-"])
def test_no_file_gets_the_number_of_a_closed_stream(tmp_path: Path, closed: str) -> None:
    ran = shell(f"expert assess --journal cases.journal --format json {closed}", tmp_path)
    assert ran.returncode == 0
    assert ran.stdout.startswith("{")
    again = shell("expert replay cases.journal --fail-on-change", tmp_path)
    assert again.returncode == 0, again.stderr


def test_a_reader_that_goes_away_ends_the_program_in_silence(tmp_path: Path) -> None:
    ran = shell("expert findings | head -1 > /dev/null", tmp_path)
    assert (ran.returncode, "Broken" in ran.stderr, "Traceback" in ran.stderr) == (0, False, False)
