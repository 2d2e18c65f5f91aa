"""Watching: what is run again after an edit, and that the results are those of a full run."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from shutil import copytree

import pytest

from expert import InputError, KnowledgeError, PatientError
from expert.cases.watch import Edit, Round, Rounds, watch
from expert.lang.definitions import Definitions
from expert.lang.errors import ExpertError
from expert.lang.premises import All, Not, Premise
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from expert.solve.case_split import certain_step, possible_steps
from tests.command_line import clean, run
from tests.conftest import REPOSITORY
from tests.small_ladder import rule, write_ladder, yes_no
from tests.strategies import random_facts, small_domain

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


# --- the same as a full run -------------------------------------------------------------------------------------------


SLIPS = (
    (r"([a-z_]+ [<>]=? )(\d+)", r"\g<1>1\2"),  # a number becomes another
    (r"( [<>])=( \d)", r"\1\2"),
    (r"(    when: )([a-z_]+)$", r"\1not \2"),
    (r"(    when: \[)([a-z_]+)(, .*\])$", r"\1not \2\3"),
    (r"(    when: \[)[^,\n]+, (.*\])$", r"\1\2"),  # the first premise goes
    (r"(      - )([a-z_]+)$", r"\1not \2"),
    (r"(    then: )supports", r"\1cautions"),
)


def random_edit(folder: Path, rng: Random) -> Callable[[], object]:
    """Edit a rule as a person might, somewhere. Returns the undoing."""
    path = rng.choice(sorted(file for file in (folder / "rules").glob("*.yaml") if ".test" not in file.name))
    text = path.read_text("utf-8")
    places = [(place, to) for slip, to in SLIPS for place in re.finditer(slip, text, re.MULTILINE)]
    place, to = rng.choice(places)
    path.write_text(text[: place.start()] + place.expand(to) + text[place.end() :], "utf-8")
    return lambda: path.write_text(text, "utf-8")


def told_of(rounds: Rounds) -> tuple[Found | str, int]:
    """What the next round finds, or what is wrong; and how many cases it ran again."""
    try:
        it = rounds.run()
    except ExpertError as error:
        return str(error), 0
    return found(it), it.again


@pytest.mark.parametrize("source", [OTHER, REPOSITORY / "knowledge"], ids=["other", "shipped"])
def test_after_any_edits_of_rules_the_results_are_those_of_a_full_run(tmp_path: Path, source: Path) -> None:
    folder = tmp_path / "knowledge"
    copytree(source, folder)
    rounds, rng = Rounds(str(folder)), Random(4)
    first = rounds.run()
    partly = other = 0
    for _ in range(8):
        undone = random_edit(folder, rng)
        now, again = told_of(rounds)
        assert now == told_of(Rounds(str(folder)))[0]
        if isinstance(now, str):
            undone()
        else:
            partly += 0 < again < len(first.results)
            other += now != found(first)
    assert partly >= 3
    assert other >= 2


@pytest.mark.parametrize("seed", range(60))
def test_an_edit_that_is_said_to_change_nothing_changes_nothing(seed: int) -> None:
    rng = Random(seed)
    old = small_domain(rng, constrained=seed % 2 == 0)
    chosen = rng.choice(list(old.kb.rules.values()))
    when = rng.choice([(Not(All(chosen.when)),), chosen.when[1:], (*chosen.when, *rng.choice(list(_whens(old))))])
    rules = {**old.kb.rules, chosen.id: chosen._replace(when=when)}
    new = Domain(Definitions(old.kb._replace(rules=rules)))
    edit = Edit(old, new)
    for _ in range(20):
        facts = random_facts(old, rng)
        if not old.permitted(facts) or edit.may_change(old.background(facts), beyond := rng.random() < 0.5):
            continue
        before, after = old.background(facts), new.background(facts)
        assert before == after
        for known in (before.known, before.all):
            one, two = (Evaluation(domain.definitions, known) for domain in (old, new))
            names = old.definitions.premises
            assert [one.concluded(name) for name in names] == [two.concluded(name) for name in names]
            if beyond:
                assert certain_step(old, one) == certain_step(new, two)
                assert possible_steps(old, one) == possible_steps(new, two)


def _whens(domain: Domain) -> list[tuple[Premise, ...]]:
    return [it.when for it in domain.kb.rules.values() if it.id.startswith("a")]


# --- what is run again ------------------------------------------------------------------------------------------------


def test_a_round_without_a_change_runs_nothing_again(roofs: Path) -> None:
    rounds = Rounds(str(roofs))
    first, second = rounds.run(), rounds.run()
    assert first.again == len({(str(it.case.patient.facts), str(it.case.expected)) for it in first.results})
    assert (second.again, found(second)) == (0, found(first))


def test_words_of_a_rule_run_nothing_again(roofs: Path) -> None:
    rounds = Rounds(str(roofs))
    first = rounds.run()
    edited(roofs, "rules/mending.yaml", "because: ", "because: Plainly, ")
    second = rounds.run()
    assert (second.again, found(second)) == (0, found(first))


def test_an_edited_case_alone_is_run_again(roofs: Path) -> None:
    rounds = Rounds(str(roofs))
    rounds.run()
    edited(roofs, "rules/firm.test.yaml", "expect:\n    recommended: ", "expect:\n    answer: open\n    recommended: ")
    second = rounds.run()
    assert second.again == 1
    assert sum(bool(result.differences) for result in second.results) == 1


def test_an_edited_vocabulary_runs_everything_again(roofs: Path) -> None:
    rounds = Rounds(str(roofs))
    first = rounds.run()
    edited(roofs, "vocabulary.yaml", "findings:", "# a word\nfindings:")
    assert rounds.run().again == first.again


def test_an_edited_worked_patient_reaches_the_cases_that_are_like_it(roofs: Path) -> None:
    rounds = Rounds(str(roofs))
    rounds.run()
    file = next(path for path in sorted((roofs / "patients").glob("*.yaml")))
    file.write_text("{}\n", "utf-8")
    second = rounds.run()
    assert second.again > 0
    assert found(second) == found(Rounds(str(roofs)).run())


def test_rounds_are_of_the_cases_that_path_and_words_choose(roofs: Path) -> None:
    whole = Rounds(str(roofs)).run()
    file = str(roofs / "rules" / "firm.test.yaml")
    of_file = Rounds(str(roofs), file).run()
    assert {it.case.at.file for it in of_file.results} == {file}
    name = whole.results[0].case.name
    assert [it.case.name for it in Rounds(str(roofs), None, name).run().results] == [name]


# --- errors -----------------------------------------------------------------------------------------------------------


def test_after_a_mistake_the_next_round_goes_on_from_the_last_that_ended_well(roofs: Path) -> None:
    rounds = Rounds(str(roofs))
    first = rounds.run()
    edited(roofs, "rules/firm.yaml", "when:", "wenn:")
    with pytest.raises(KnowledgeError, match="wenn"):
        rounds.run()
    edited(roofs, "rules/firm.yaml", "wenn:", "when:")
    again = rounds.run()
    assert (again.again, found(again)) == (0, found(first))


def test_mistakes_in_several_case_files_are_told_together(roofs: Path) -> None:
    for file in ("firm", "danger"):
        edited(roofs, f"rules/{file}.test.yaml", "expect:", "expekt:")
    with pytest.raises(KnowledgeError) as told:
        Rounds(str(roofs)).run()
    assert {Path(problem.at.file).name for problem in told.value.problems if problem.at} == {
        "danger.test.yaml",
        "firm.test.yaml",
    }


def test_patients_who_cannot_be_are_told_together_and_nothing_is_kept_of_that_round(tmp_path: Path) -> None:
    folder = write_ladder(
        tmp_path,
        findings={"a": yes_no("no"), "b": yes_no("no")},
        rules={"r": rule("a", "supports go")},
        steps={"go": {}},
        constraints={"not-both": ["a", "b"]},
        cases=[{"name": f"Case {n}", "given": {"a": "yes"}, "expect": {"recommended": "go"}} for n in (1, 2)],
    )
    rounds = Rounds(str(folder))
    rounds.run()
    text = (folder / "rules" / "all.test.yaml").read_text("utf-8")
    impossible = re.sub("'?a'?: '?yes'?", "a: yes\n    b: yes", text)
    (folder / "rules" / "all.test.yaml").write_text(impossible, "utf-8")
    with pytest.raises(PatientError) as told:
        rounds.run()
    assert len(told.value.problems) == 2
    (folder / "rules" / "all.test.yaml").write_text(text, "utf-8")
    assert rounds.run().again == 0


def test_a_watch_tells_a_mistake_and_goes_on(roofs: Path) -> None:
    rounds = watch(Rounds(str(roofs)), pause=0.001)
    assert isinstance(next(rounds), Round)
    edited(roofs, "rules/firm.yaml", "when:", "wenn:")
    assert isinstance(next(rounds), InputError)
    edited(roofs, "rules/firm.yaml", "wenn:", "when:")
    told = next(rounds)
    assert isinstance(told, Round)
    assert told.again == 0


def test_a_watch_goes_on_while_the_folder_is_gone(roofs: Path) -> None:
    rounds = watch(Rounds(str(roofs)), pause=0.001)
    next(rounds)
    roofs.rename(roofs.with_name("elsewhere"))
    assert isinstance(next(rounds), KnowledgeError)
    roofs.with_name("elsewhere").rename(roofs)
    assert isinstance(next(rounds), Round)


def test_a_watch_tells_what_cannot_be_read_and_goes_on(roofs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = Rounds(str(roofs))
    told = watch(rounds, pause=0.001)
    next(told)

    def refused(*_: object) -> Round:
        raise PermissionError(13, "Permission denied", "patients/cottage.yaml")

    with monkeypatch.context() as patched:
        patched.setattr(rounds, "run", refused)
        edited(roofs, "patients/cottage.yaml", "\n", "\n\n")
        assert str(next(told)) == "patients/cottage.yaml cannot be read: Permission denied"
    edited(roofs, "patients/cottage.yaml", "\n\n", "\n")
    assert isinstance(next(told), Round)


def test_a_file_that_is_saved_by_renaming_is_noticed(roofs: Path) -> None:
    rounds = watch(Rounds(str(roofs)), pause=0.001)
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
    """``expert test --watch`` as a process; its lines are read as they come."""

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
        """What is told up to a line that has these words, or within half a minute."""
        told: list[str] = []
        limit = time.monotonic() + 30
        with suppress(queue.Empty):
            while not told or end not in told[-1]:
                told.append(self.lines.get(timeout=max(0.1, limit - time.monotonic())))
        return "".join(told)

    def stop(self) -> int:
        """The exit status after Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


def test_a_watch_shows_every_edit_until_it_is_stopped(roofs: Path) -> None:
    watching = Watching("--knowledge", str(roofs))
    try:
        assert "33 passed, 0 failed" in watching.until("run again")
        cases = roofs / "rules" / "firm.test.yaml"
        right = cases.read_text("utf-8")
        edited(roofs, "rules/firm.test.yaml", "recommended: patch", "recommended: recover")
        told = watching.until("run again")
        assert "recommended: expected recover, found patch" in told
        assert "32 passed, 1 failed" in told
        assert "1 of 33 run again" in told
        edited(roofs, "rules/firm.yaml", "when:", "wenn:")
        assert "did you mean when?" in watching.until("did you mean")
        edited(roofs, "rules/firm.yaml", "wenn:", "when:")
        cases.write_text(right, "utf-8")
        assert "33 passed, 0 failed" in watching.until("33 passed")
        assert watching.stop() == 0
    finally:
        watching.process.kill()


@pytest.mark.parametrize("words", [["--coverage"], ["--missing"], ["--junit", "x.xml"], ["--fail-under", "3"]], ids=str)
def test_a_watch_goes_with_no_other_result(words: list[str]) -> None:
    status, out, err = run("test", "--watch", *words)
    assert (status, out) == (2, "")
    assert "--watch goes with PATH, -k and --knowledge only" in err
