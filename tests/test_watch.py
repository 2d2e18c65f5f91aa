"""Watching: the cases run again after every edit until the command is stopped."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from shutil import copytree

import pytest

from expert import InputError, KnowledgeError
from expert.cases.watch import Round, Watch
from tests.command_line import clean, run
from tests.conftest import REPOSITORY

OTHER = REPOSITORY / "tests" / "other_ladder"

Found = list[tuple[str, int, tuple[str, ...]]]


def found(it: Round) -> Found:
    return [(result.case.name, result.case.at.line, result.found) for result in it.results]


def edited(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text, f"{file} no longer says {old!r}"
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.fixture
def roofs(tmp_path: Path) -> Path:
    copytree(OTHER, tmp_path / "roofs")
    return tmp_path / "roofs"


# --- rounds -----------------------------------------------------------------------------------------------------------


def test_a_watch_runs_the_cases_selected_by_path_and_words(roofs: Path) -> None:
    whole = Watch(str(roofs)).run()
    file = str(roofs / "rules" / "firm.test.yaml")
    of_file = Watch(str(roofs), file).run()
    assert {it.case.at.file for it in of_file.results} == {file}
    name = whole.results[0].case.name
    assert [it.case.name for it in Watch(str(roofs), None, name).run().results] == [name]


def test_an_edit_of_a_worked_patient_or_a_rule_is_noticed(roofs: Path) -> None:
    rounds = Watch(str(roofs)).rounds(pause=0.001)
    first = next(rounds)
    file = next(path for path in sorted((roofs / "patients").glob("*.yaml")))
    file.write_text("{}\n", "utf-8")
    second = next(rounds)
    assert isinstance(first, Round)
    assert isinstance(second, Round)
    assert found(second) == found(Watch(str(roofs)).run()) != found(first)


# --- errors -----------------------------------------------------------------------------------------------------------


def test_mistakes_in_several_case_files_are_reported_together(roofs: Path) -> None:
    for file in ("firm", "danger"):
        edited(roofs, f"rules/{file}.test.yaml", "expect:", "expekt:")
    with pytest.raises(KnowledgeError) as reported:
        Watch(str(roofs)).run()
    assert {Path(problem.at.file).name for problem in reported.value.problems if problem.at} == {
        "danger.test.yaml",
        "firm.test.yaml",
    }


def test_a_watch_reports_a_mistake_and_goes_on(roofs: Path) -> None:
    rounds = Watch(str(roofs)).rounds(pause=0.001)
    assert isinstance(next(rounds), Round)
    edited(roofs, "rules/firm.yaml", "when:", "wenn:")
    assert isinstance(next(rounds), InputError)
    edited(roofs, "rules/firm.yaml", "wenn:", "when:")
    assert isinstance(next(rounds), Round)


def test_a_watch_goes_on_while_the_folder_is_gone(roofs: Path) -> None:
    rounds = Watch(str(roofs)).rounds(pause=0.001)
    next(rounds)
    roofs.rename(roofs.with_name("elsewhere"))
    assert isinstance(next(rounds), KnowledgeError)
    roofs.with_name("elsewhere").rename(roofs)
    assert isinstance(next(rounds), Round)


def test_a_watch_reports_what_cannot_be_read_and_goes_on(roofs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = Watch(str(roofs)).rounds(pause=0.001)
    next(rounds)

    def refused(*_: object) -> Round:
        raise PermissionError(13, "Permission denied", "patients/cottage.yaml")

    with monkeypatch.context() as patched:
        patched.setattr(Watch, "run", refused)
        edited(roofs, "patients/cottage.yaml", "\n", "\n\n")
        assert str(next(rounds)) == "patients/cottage.yaml cannot be read: Permission denied"
    edited(roofs, "patients/cottage.yaml", "\n\n", "\n")
    assert isinstance(next(rounds), Round)


def test_a_file_saved_by_renaming_is_noticed(roofs: Path) -> None:
    rounds = Watch(str(roofs)).rounds(pause=0.001)
    next(rounds)
    file = roofs / "rules" / "firm.test.yaml"
    state = file.stat()
    new = file.with_name("new")
    new.write_bytes(file.read_bytes())
    os.utime(new, ns=(state.st_atime_ns, state.st_mtime_ns))
    new.replace(file)
    assert isinstance(next(rounds), Round)


# --- on the command line ----------------------------------------------------------------------------------------------


class Watching:
    """``expert test --watch`` in a process, whose lines are read as they are printed."""

    def __init__(self, *words: str) -> None:
        command = [sys.executable, "-m", "expert", "test", "--watch", *words]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", env=clean()
        )
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.put(line)

    def until(self, end: str) -> str:
        """The output up to a line with these words, for at most half a minute."""
        reported: list[str] = []
        limit = time.monotonic() + 30
        with suppress(queue.Empty):
            while not reported or end not in reported[-1]:
                reported.append(self.lines.get(timeout=max(0.1, limit - time.monotonic())))
        return "".join(reported)

    def stop(self) -> int:
        """Press Ctrl-C, and return the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


def test_a_watch_shows_every_edit_until_it_is_stopped(roofs: Path) -> None:
    watching = Watching("--knowledge", str(roofs))
    try:
        assert "33 passed, 0 failed" in watching.until("run again")
        cases = roofs / "rules" / "firm.test.yaml"
        right = cases.read_text("utf-8")
        edited(roofs, "rules/firm.test.yaml", "recommended: patch", "recommended: recover")
        reported = watching.until("run again")
        assert "recommended: expected recover, found patch" in reported
        assert "32 passed, 1 failed" in reported
        edited(roofs, "rules/firm.yaml", "when:", "wenn:")
        assert "did you mean when?" in watching.until("did you mean")
        edited(roofs, "rules/firm.yaml", "wenn:", "when:")
        cases.write_text(right, "utf-8")
        assert "33 passed, 0 failed" in watching.until("33 passed")
        assert watching.stop() == 0
    finally:
        watching.process.kill()


@pytest.mark.parametrize("words", [["--coverage"], ["--missing"], ["--junit", "x.xml"], ["--fail-under", "3"]], ids=str)
def test_a_watch_excludes_other_outputs(words: list[str]) -> None:
    status, out, err = run("test", "--watch", *words)
    assert (status, out) == (2, "")
    assert "--watch goes with PATH, -k and --knowledge only" in err
