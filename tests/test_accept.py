"""``expert test --accept``: what follows takes the place of what was expected, and nothing else changes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.command_line import Run, clean, run
from tests.small_ladder import choice, rule, write_ladder, yes_no

PARTS: dict[str, Any] = {
    "findings": {"key": yes_no("no"), "lamp": yes_no("no"), "dark": yes_no()},
    "concluded": {"open": yes_no(), "mood": choice("good", "bad", type="choice", otherwise="bad")},
    "rules": {
        "opens": rule("key", ["open", "supports go", "alert bell", "mood is good"]),
        "lights": rule("lamp", "cautions go"),
        "waits": rule("always", "supports stay"),
        "in-doubt": rule("dark", "alert horn"),
    },
    "steps": {"go": {}, "stay": {}},
    "alerts": ("bell", "horn"),
}
"""With a key: go, alert, no caution; rules opens and waits hold, lights does not, and in-doubt is open."""


def cases_in(tmp_path: Path, text: str) -> Path:
    file = write_ladder(tmp_path / "small", **PARTS) / "rules" / "all.test.yaml"
    file.write_bytes(text.encode())
    return file


def accept(file: Path, *words: str) -> Run:
    return run("test", str(file.parent.parent), "--accept", "--yes", *words)


def case(expect: str, name: str = "With a key") -> str:
    return f"- name: {name}\n  given: {{key: yes}}\n  expect: {expect}\n"


REWRITTEN = {
    "a step": ("{recommended: stay}", "{recommended: go}"),
    "a step in quotes": ("{recommended: 'stay'}", "{recommended: go}"),
    "an answer": ("{answer: open, recommended: go}", "{answer: certain, recommended: go}"),
    "a status": ("{status: {go: excluded, stay: available}}", "{status: {go: recommended, stay: available}}"),
    "values": ("{findings: {open: no, mood: bad}}", "{findings: {open: yes, mood: good}}"),
    "possible steps": ("{possible: [go, stay]}", "{possible: [go]}"),
    "a rule that is silent": ("{because: [opens, lights]}", "{because: [opens], silent: [lights]}"),
    "a rule that holds": ("{silent: lights, because: waits}", None),
    "the only rule of a list": ("{recommended: go, silent: [opens]}", "{recommended: go, because: [opens]}"),
    "the first list": ("{silent: [opens], recommended: go}", "{recommended: go, because: [opens]}"),
    "a word for a list": ("{because: opens, silent: waits}", "{because: [opens, waits]}"),
    "an alert": ("{alerts: [bell, horn]}", "{alerts: [bell], without: {alerts: [horn]}}"),
    "an absent alert": ("{without: {alerts: [bell, horn]}}", "{without: {alerts: [horn]}, alerts: [bell]}"),
    "the only absent one": ("{recommended: go, without: {alerts: bell}}", "{recommended: go, alerts: [bell]}"),
    "a second absence": (
        "{cautions: go, without: {alerts: [horn]}}",
        "{without: {alerts: [horn], cautions: [go]}}",
    ),
    "a rule that is not open": ("{recommended: go, open: [in-doubt, opens]}", "{recommended: go, open: [in-doubt]}"),
    "in block style": (
        "\n    recommended: stay  # a remark\n    silent:\n      - lights\n      - opens\n    answer: certain",
        "\n    recommended: go  # a remark\n    silent:\n      - lights\n    answer: certain\n    because: [opens]",
    ),
    "to a list in block style": (
        "\n    because:\n      - waits  # always\n    silent: [opens, lights]",
        "\n    because:\n      - waits  # always\n      - opens\n    silent: [lights]",
    ),
    "a whole list in block style": (
        "\n    silent:\n      - opens\n    recommended: go",
        "\n    recommended: go\n    because: [opens]",
    ),
}


@pytest.mark.parametrize("name", REWRITTEN)
def test_what_was_found_takes_the_place_of_what_was_expected(name: str, tmp_path: Path) -> None:
    before, after = REWRITTEN[name]
    file = cases_in(tmp_path, case(before))
    done = accept(file)
    assert (done.status, done.err) == (0, "")
    assert file.read_text("utf-8") == case(before if after is None else after)
    assert run("test", str(file.parent.parent)).out == "1 passed, 0 failed\n"


def test_all_else_in_a_file_stays_as_it_is(tmp_path: Path) -> None:
    """Comments, blank lines, quotes, order and spelling are kept, also those of a case that changes."""
    head = "# Keys.\n\n---\n"
    kept = "- {name: \"Kept: 'as is'\", given: {key: no}, expect: {recommended:   stay}}  # on one line\n\n"
    text = (
        head
        + kept
        + "# Another.\n- given: {key:  yes}\n  expect: {recommended: stay }   # why\n  name: 'Äpfel'\n\n# End.\n"
    )
    file = cases_in(tmp_path, text)
    assert accept(file).status == 0
    assert file.read_text("utf-8") == text.replace("recommended: stay }", "recommended: go }")


@pytest.mark.parametrize("ends", [True, False])
def test_line_ends_stay_as_they_are(ends: bool, tmp_path: Path) -> None:
    text = "- name: A\n  given: {key: yes}\n  expect:\n    silent: [lights, opens]"
    after = text.replace(", opens", "") + "\n    because: [opens]"
    file = cases_in(tmp_path, (text + "\n" * ends).replace("\n", "\r\n"))
    assert accept(file).status == 0
    assert file.read_bytes().decode() == (after + "\n" * ends).replace("\n", "\r\n")


def test_the_change_is_shown_before_it_is_written(tmp_path: Path) -> None:
    file = cases_in(tmp_path, case("{recommended: stay}") + case("{recommended: go}", "Right"))
    out = accept(file).out
    assert "-  expect: {recommended: stay}\n+  expect: {recommended: go}\n" in out
    assert "1 expectation of 1 case rewritten in 1 file\n" in out
    assert accept(file).out == "every case passes: nothing to accept\n"


def test_only_selected_cases_are_rewritten(tmp_path: Path) -> None:
    text = case("{recommended: stay}", "First") + case("{recommended: stay}", "Second")
    file = cases_in(tmp_path, text)
    assert accept(file, "-k", "second").status == 0
    assert file.read_text("utf-8") == case("{recommended: stay}", "First") + case("{recommended: go}", "Second")


REFUSED = {
    "a comment within a list": "\n    silent: [lights,  # no lamp\n      opens]",
    "a comment on a line that goes": "\n    silent:\n      - opens  # at once\n      - lights",
    "nothing is left": "{open: [opens]}",
    "a list over several lines": "\n    possible:\n      - stay",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_rewritten_safely_is_refused_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    file = cases_in(tmp_path, case("{recommended: stay}", "Easy") + case(REFUSED[name], "Hard"))
    other = file.with_name("other.test.yaml")
    other.write_text(case("{recommended: stay}", "Elsewhere"), "utf-8")
    before = file.read_bytes(), other.read_bytes()
    done = accept(file)
    assert (done.status, done.out) == (2, "")
    assert f"{file}:4:3: what 'Hard' expects cannot be rewritten safely" in done.err
    assert "expected an edit by hand" in done.err
    assert (file.read_bytes(), other.read_bytes()) == before


def test_cases_that_share_a_line_are_refused(tmp_path: Path) -> None:
    one = "{name: A, given: {key: yes}, expect: {recommended: stay}}"
    file = cases_in(tmp_path, f"[{one}, {one.replace('A', 'B')}]\n")
    before = file.read_bytes()
    assert accept(file).status == 2
    assert file.read_bytes() == before


def test_a_file_with_a_byte_order_mark_is_refused(tmp_path: Path) -> None:
    file = cases_in(tmp_path, "\ufeff" + case("{recommended: stay}"))
    done = accept(file)
    assert (done.status, done.out) == (2, "")
    assert "byte order mark" in done.err


def test_a_file_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    file = cases_in(tmp_path, case("{recommended: stay}"))
    file.parent.chmod(0o500)
    try:
        if os.access(file.parent, os.W_OK):
            pytest.skip("this user may write anywhere")
        done = accept(file)
    finally:
        file.parent.chmod(0o700)
    assert done.status == 2
    assert "cannot be written" in done.err


@pytest.mark.parametrize(("answer", "status", "step"), [("n", 1, "stay"), ("y", 0, "go")])
def test_at_a_terminal_it_is_asked_first(answer: str, status: int, step: str, tmp_path: Path) -> None:
    file = cases_in(tmp_path, case("{recommended: stay}"))
    words = ["-m", "expert", "test", str(file.parent.parent), "--accept"]
    child = pexpect.spawn(sys.executable, words, env=clean(), encoding="utf-8", timeout=60)
    child.expect_exact("Rewrite 1 expectation? [y/N]: ")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert (child.exitstatus, file.read_text("utf-8")) == (status, case(f"{{recommended: {step}}}"))


def test_without_a_terminal_nothing_is_written_unasked(tmp_path: Path) -> None:
    file = cases_in(tmp_path, case("{recommended: stay}"))
    done = run("test", str(file.parent.parent), "--accept")
    assert done.status == 2
    assert "-  expect: {recommended: stay}" in done.out
    assert "There is no terminal to ask at, and nothing was written; --yes writes unasked." in done.err
    assert file.read_text("utf-8") == case("{recommended: stay}")


def test_the_names_of_the_rewritten_cases_are_shown(tmp_path: Path) -> None:
    file = cases_in(tmp_path, case("{recommended: stay}") + case("{recommended: go}", "Another"))
    shown = accept(file).out.partition("Are these names still true?\n")[2]
    assert shown == f"  {file}:1  With a key\n"


def test_yes_needs_something_to_accept(tmp_path: Path) -> None:
    file = cases_in(tmp_path, case("{recommended: go}"))
    assert run("test", str(file), "--yes").status == 2


@pytest.mark.parametrize("words", [["--watch"], ["--coverage"], ["--format", "json"], ["--junit", "a.xml"]])
def test_accepting_goes_with_the_choice_of_cases_only(words: list[str], tmp_path: Path) -> None:
    done = accept(cases_in(tmp_path, case("{recommended: go}")), *words)
    assert (done.status, done.out) == (2, "")
    assert "only" in done.err
