"""A consultation at a real terminal, in its own process: answers, interruptions and the session file."""

from __future__ import annotations

import os
import re
import signal
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import pexpect
import pytest

from expert import KnowledgeBase
from expert.read.patient import PatientReader, worked_patient
from tests.command_line import clean, run, start
from tests.consulting import reply

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")
AT_PROMPT = r"\n(?:\x1b\[\?2004h)?> "

KNOWN = "everything-known"
PEOPLE = {
    "urgent_referral": {
        "saddle_numbness": "yes",
        "leg_weakness": "present",
        "motor_grade": "3",
        "weakness_duration": "2 days",
        "weakness_disabling": "yes",
    },
    "diagnostic_workup": {"imaging_concordant": "no"},
    "minimally_invasive": {},
    "decompression_with_fusion": {"instability": "yes", "dynamic_films_taken": "yes"},
}


class Person:
    """A person at a terminal where a consultation runs."""

    def __init__(self, folder: Path, *words: str, columns: int = 80) -> None:
        environment = {key: value for key, value in clean().items() if key != "COLUMNS"}
        self.session = folder / "s.yaml"
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "expert", "consult", *words],
            cwd=str(folder),
            env={**environment, "TERM": "xterm", "NO_COLOR": "1"},
            dimensions=(24, columns),
            encoding="utf-8",
            timeout=60,
        )
        self.seen = ""

    def listen(self) -> bool:
        """Read to the next prompt into ``seen``; false if the program ends instead."""
        found = self.child.expect([AT_PROMPT, pexpect.EOF])
        before = self.child.before
        assert isinstance(before, str)
        self.seen = CONTROL.sub("", before) + "\n"
        return found == 0

    def say(self, line: str) -> bool:
        """Type a line and read on."""
        self.child.sendline(line)
        return self.listen()

    def converse(self, kb: KnowledgeBase, written: Mapping[str, str], most: int = 100) -> bool:
        """Answer at most ``most`` questions about a patient; true if there is another."""
        return all(self.say(reply(kb, self.seen, written)) for _ in range(most))

    def end(self) -> int:
        """The exit status of the program, which has ended."""
        self.child.wait()
        assert self.child.exitstatus is not None
        return self.child.exitstatus


class Consult(Protocol):
    """Starts a consultation at a terminal and reads to the first question."""

    def __call__(self, *words: str, columns: int = 80) -> Person: ...


@pytest.fixture
def consult(tmp_path: Path) -> Iterator[Consult]:
    people: list[Person] = []

    def spawn(*words: str, columns: int = 80) -> Person:
        people.append(Person(tmp_path, *words, columns=columns))
        assert people[-1].listen(), people[-1].seen
        return people[-1]

    yield spawn
    for person in people:
        with suppress(OSError):  # the test may have closed the terminal
            person.child.close(force=True)


def known(kb: KnowledgeBase, **changed: str) -> dict[str, str]:
    """The words for a patient whose findings are all known, with these values."""
    assignments = [f"{name}={value}" for name, value in changed.items()]
    return dict(PatientReader(kb).patient(worked_patient(kb, KNOWN), assignments).written)


def is_private(path: Path) -> bool:
    return stat.S_IMODE(path.stat().st_mode) == 0o600


def ends_as_assess_does(person: Person, step: str, kb: KnowledgeBase, columns: int = 80) -> None:
    answer = start("assess", person.session.name, cwd=person.session.parent, COLUMNS=str(columns)).stdout
    assert person.seen.endswith(f"\n{answer}\n")
    assert answer.casefold().startswith(kb.steps[step].title.casefold())
    emergency = step == "urgent_referral"
    said = "This is an emergency. Nothing more is asked." if emergency else "No further information would change this"
    assert said in " ".join(person.seen.split())
    assert person.end() == 0
    assert is_private(person.session)


@pytest.mark.parametrize("step", ["urgent_referral", "diagnostic_workup", "minimally_invasive"])
def test_a_consultation_ends_with_the_answer_of_assess(step: str, kb: KnowledgeBase, consult: Consult) -> None:
    columns = 120 if step == "minimally_invasive" else 80
    person = consult("--session", "s.yaml", columns=columns)
    assert not person.converse(kb, known(kb, **PEOPLE[step]))
    ends_as_assess_does(person, step, kb, columns)


def test_usual_answers_lead_to_conservative_treatment_and_leave_the_patient_file_alone(
    kb: KnowledgeBase, tmp_path: Path, consult: Consult
) -> None:
    patient, site = tmp_path / "p.yaml", tmp_path / "site.yaml"
    patient.write_text("# mine\nage:  40\nred_flags: none\n")
    site.write_text("mis_equipment: no\n")
    files = (patient, site)
    before = [(file.read_bytes(), file.stat()) for file in files]
    person = consult("p.yaml", "severity=moderate", "--site", "site.yaml", "--session", "s.yaml")
    assert "Is any of these present?" not in person.seen
    usual = {name: finding.usual_written for name, finding in kb.inputs.items() if finding.usual_written}
    assert not person.converse(kb, usual)
    ends_as_assess_does(person, "conservative", kb)
    saved = dict(line.split(": ") for line in person.session.read_text().splitlines()[1:])
    assert saved["age"] == "40 years"
    assert saved["mis_equipment"] == "no"
    assert [(file.read_bytes(), file.stat()) for file in files] == before


def test_a_killed_consultation_is_resumed_to_the_same_answer(kb: KnowledgeBase, consult: Consult) -> None:
    written = known(kb, **PEOPLE["decompression_with_fusion"])
    person = consult("--session", "s.yaml")
    assert person.converse(kb, written, most=4)
    saved = person.session.read_text()
    assert is_private(person.session)
    person.child.send("ye")
    person.child.kill(signal.SIGKILL)
    person.child.wait()
    assert person.session.read_text() == saved
    assert "provisional" in run("assess", str(person.session)).out

    person = consult("--resume", "s.yaml")
    assert "Is any of these present?" not in person.seen
    assert person.session.read_text() == saved
    assert person.say("back")
    assert "taken back: " in person.seen
    assert len(person.session.read_text().splitlines()) == len(saved.splitlines()) - 1
    assert not person.converse(kb, written)
    ends_as_assess_does(person, "decompression_with_fusion", kb)


def test_a_terminal_that_is_closed_loses_only_the_line_being_typed(tmp_path: Path, consult: Consult) -> None:
    person = consult("--session", "s.yaml", "age=45", "pregnant=no")
    assert person.say("none")
    person.child.send("ye")
    os.close(person.child.child_fd)
    person.child.wait()
    assert person.session.read_text().count(": ") > 5
    assert [path.name for path in tmp_path.iterdir()] == ["s.yaml"]


def test_every_word_is_understood_and_ctrl_c_ends_with_how_to_resume(tmp_path: Path, consult: Consult) -> None:
    person = consult("age=45", "pregnant=no")
    file = next(tmp_path.glob("consultation-*.yaml"))
    assert is_private(file)
    assert f"Every answer is saved in {file.name}" in person.seen
    assert person.say("why")
    assert "Steps still possible, by answer:" in person.seen
    assert person.say("3 wrogn")
    assert "'wrogn' is not in this list" in person.seen
    assert person.say("none")
    assert "red flags: none" in person.seen
    assert person.say("what do you have so far")
    assert "recorded: 45 years old; not pregnant; red flags: none" in person.seen
    asked = person.seen.splitlines()[-2]
    assert person.say("back")
    assert "Is any of these present?" in person.seen
    assert person.say("none")
    assert asked in person.seen
    assert person.say("unknown")
    assert asked not in person.seen
    person.child.sendintr()
    assert not person.listen()
    assert f"Saved in {file.name}\n  to go on:  expert consult --resume {file.name}\n" in person.seen
    assert "Traceback" not in person.seen
    assert person.end() == 130
    assert file.read_text().endswith(": unknown\n")


def test_the_end_of_input_ends_with_how_to_resume(consult: Consult) -> None:
    person = consult("--session", "s.yaml")
    assert person.say("age=40")
    person.child.sendeof()
    assert not person.listen()
    assert person.seen.rstrip().endswith("expert consult --resume s.yaml")
    assert person.end() == 0
    assert person.session.read_text().endswith("\nage: 40 years\n")


def test_every_question_fits_the_screen(kb: KnowledgeBase, consult: Consult) -> None:
    written, questions = known(kb, **PEOPLE["minimally_invasive"]), 0
    person = consult("--session", "s.yaml")
    while person.say(reply(kb, person.seen, written)):
        _typed, *shown = person.seen.splitlines()
        assert len(shown) + 1 < 24
        assert max(map(len, shown)) <= 80
        assert not re.search(r"[a-z]_[a-z]", "\n".join(shown))
        questions += 1
    assert questions > 8


# --- before anything is asked -----------------------------------------------------------------------------------------


def test_without_a_terminal_nothing_is_asked_or_written(tmp_path: Path) -> None:
    ended = start("consult", "age=40", cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "expert consult asks at a terminal, and there is none here\n"
        "        expected expert assess, which answers from what is given\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--session", "p.yaml"], "the session file p.yaml exists already"),
        (
            ["--session", "missing/s.yaml"],
            "the session file missing/s.yaml cannot be written: No such file or directory",
        ),
        (["--resume", "p.yaml"], "p.yaml is not a session that expert consult saved"),
        (["--resume", "missing.yaml"], "the session file missing.yaml cannot be read: No such file or directory"),
        (["--resume", "s.yaml", "p.yaml"], "the patient is in the session file, and p.yaml is another"),
        (["--resume", "s.yaml", "--session", "t.yaml"], "--session names a new file, --resume an old one"),
        (["-"], "a patient cannot come from standard input here"),
        (["p.yaml", "stenosis=sever"], "command line: 'sever' is not a value of stenosis"),
        (["leg_pain=none", "low_back_pain=no", "typical_symptoms=yes"], "these facts contradict each other:"),
    ],
)
def test_what_cannot_be_asked_about_is_refused_and_no_file_is_touched(
    words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("expert.cli.consult.is_at_terminal", lambda: True)
    (tmp_path / "p.yaml").write_text("age: 40\n")
    before = sorted(tmp_path.iterdir())
    ended = run("consult", *words)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith(message)
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "p.yaml").read_text() == "age: 40\n"
