"""The first screen: what it holds for every patient, how long it is, and what it leaves to the full answer."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from rich.cells import cell_len

from expert import KnowledgeBase
from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment
from expert.logic.constraints import question_of
from expert.read.patient import PatientReader
from expert.render.first_screen import write_first_screen
from expert.render.phrases import Phrases
from expert.render.terminal import Terminal
from tests.command_line import run
from tests.random_patients import assessments
from tests.small_ladder import quantity, rule, small_ladder, yes_no

TODAY = date(2026, 11, 30)
WORKED = sorted((Path(__file__).parent.parent / "knowledge" / "patients").glob("*.yaml"))
FOURTEEN_WEEKS = next(str(path) for path in WORKED if path.stem == "fourteen-weeks")


def screen(kb: KnowledgeBase, it: Assessment, monkeypatch: pytest.MonkeyPatch, columns: int = 80) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(columns))
    page = io.StringIO()
    write_first_screen(Terminal(page), kb, it, TODAY, "patient.yaml")
    return page.getvalue().splitlines()


def worked(reasoner: Reasoner) -> Iterator[Assessment]:
    reader = PatientReader(reasoner.kb)
    yield from (reasoner.assess(reader.before_and_after(str(path), [], None)[1]) for path in WORKED)


def urgent(kb: KnowledgeBase, it: Assessment) -> bool:
    return it.recommended is not None and kb.steps[it.recommended].urgent


def check(kb: KnowledgeBase, it: Assessment, lines: list[str]) -> None:
    """What holds of every screen that is 80 columns wide."""
    shown = "\n".join(lines)
    text = " ".join(shown.split())
    assert len(lines) <= (10 if urgent(kb, it) else 24), shown
    assert [line for line in lines if cell_len(line) > 80 or line != line.rstrip()] == []
    assert not re.search(r"[a-z]_[a-z]", shown), shown
    codes = (*kb.references, *kb.rules)
    assert [code for code in codes if re.search(rf"\b{re.escape(code)}\b", shown)] == [], shown
    if urgent(kb, it):
        assert [alert.title for alert in it.alerts if alert.holds and alert.title.lower() not in text.lower()] == []
        assert "All else waits." in lines[-1] + lines[-2]
    else:
        left_column = " ".join(" ".join(line[:54] for line in lines).split())
        check_urgent(kb, it, f"{text} {left_column}")


def check_urgent(kb: KnowledgeBase, it: Assessment, text: str) -> None:
    """What alone would lead to an urgent step is named, or its panel is; of a follow-up, the question before it."""
    panels = {name: panel.title for panel in kb.panels.values() for name in panel.members}
    alone, first, phrases = (
        {entry.finding: entry for entry in it.decisive if not entry.partners},
        question_of(kb),
        Phrases(kb, {}),
    )
    for name, entry in alone.items():
        if any(kb.steps[step].urgent for to in entry.leads_to.values() for step in to):
            shown = alone.get(first.get(name, name), entry)
            words = [phrases.short(shown.finding), *map(phrases.circumstance, shown.leads_to), panels.get(name, "")]
            assert any(word.lower() in text.lower() for word in words if word), (name, text)


def test_the_screen_of_every_worked_patient_is_short_and_plain(
    reasoner: Reasoner, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = list(worked(reasoner))
    assert sum(urgent(reasoner.kb, it) for it in answers) >= 4
    for it in answers:
        check(reasoner.kb, it, screen(reasoner.kb, it, monkeypatch))


@pytest.mark.parametrize("seed", range(5))
def test_the_screen_of_any_patient_is_short_and_plain(
    seed: int, reasoner: Reasoner, monkeypatch: pytest.MonkeyPatch
) -> None:
    for it in assessments(reasoner, 100 + seed, 100):
        check(reasoner.kb, it, screen(reasoner.kb, it, monkeypatch))


@pytest.mark.parametrize("columns", [40, 60, 120, 200])
def test_every_width_is_kept(columns: int, reasoner: Reasoner, monkeypatch: pytest.MonkeyPatch) -> None:
    for it in worked(reasoner):
        lines = screen(reasoner.kb, it, monkeypatch, columns)
        assert [line for line in lines if cell_len(line) > columns] == []


def test_given_facts_are_echoed_in_words(reasoner: Reasoner, monkeypatch: pytest.MonkeyPatch) -> None:
    phrases = Phrases(reasoner.kb, {})
    for it in worked(reasoner):
        if urgent(reasoner.kb, it) or len(it.background.given) > 12:
            continue
        text = " ".join(" ".join(screen(reasoner.kb, it, monkeypatch)).split())
        for name, value in it.background.given.items():
            if isinstance(value, bool | str):
                assert phrases.fact(name, value) in text


def test_every_row_of_what_is_not_recorded_names_where_it_leads() -> None:
    out = " ".join(run("assess", FOURTEEN_WEEKS, columns=200).out.split())
    assert "saddle numbness" in out.partition("urgent referral")[0]
    assert "instability decompression and fusion" in out.lower()
    assert re.search("not fit for an operation[^:]* conservative treatment", out, re.IGNORECASE)


def test_marks_distinguish_ruled_out_not_needed_and_not_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kb = small_ladder(
        tmp_path,
        findings={
            "fire": yes_no("no"),
            "wet": yes_no("no"),
            "cold": yes_no("no"),
            "old": quantity("0 .. 9", usual="1"),
        },
        rules={
            "fire-supports-leaving": rule("fire", "supports leave"),
            "cold-supports-coat": rule("cold", "supports coat"),
            "all-may-stay": rule("always", "supports stay"),
            "wet-excludes-stay": rule("wet", "excludes bath"),
            "all-may-bathe": rule("always", "supports bath"),
            "the-old-may-rest": rule("old > 5", "supports rest"),
        },
        steps={"leave": {}, "coat": {}, "stay": {}, "bath": {}, "rest": {}},
    )
    it = Reasoner(kb).assess(PatientReader(kb).before_and_after(None, ["cold=no", "wet=yes"], None)[1])
    text = "\n".join(screen(kb, it, monkeypatch))
    assert "1 leave ?  2 coat -  3 stay >  4 bath x  5 rest ?" in text
    assert "? not checked" in text
    assert "x ruled out" in text
    assert "- not needed" in text


def test_a_long_list_is_shortened_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"finding_number_{number}" for number in range(60)]
    kb = small_ladder(
        tmp_path,
        findings={name: yes_no("no") for name in names},
        rules={f"{name.replace('_', '-')}-leads-away": rule(name, f"supports step_{index % 30}")
               for index, name in enumerate(names)} | {"all-may-stay": rule("always", "supports stay")},
        steps={**{f"step_{number}": {} for number in range(30)}, "stay": {}},
    )  # fmt: skip
    it = Reasoner(kb).assess(PatientReader(kb).before_and_after(None, [f"{names[0]}=no"], None)[1])
    lines = screen(kb, it, monkeypatch)
    assert re.search(r"and \d+ rows more: --full", "\n".join(lines))


def test_colour_repeats_what_words_say() -> None:
    coloured = run("assess", "saddle_numbness=yes", FORCE_COLOR="1", TERM="xterm-256color").out
    assert "\x1b[1;31m" in coloured.splitlines()[0]
    plain = run("assess", "saddle_numbness=yes", NO_COLOR="1").out
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_a_panel_with_a_finding_present_speaks_of_the_others() -> None:
    out = run("assess", "saddle_numbness=yes", "fever=no", "weight_loss=no", "night_pain=no").out
    assert "no other red flags (4 of 15 asked)" in out
    assert "no red flags (3 of 15 asked)" in run("assess", "fever=no", "weight_loss=no", "night_pain=no").out


def test_an_emergency_names_facts_that_do_not_fit() -> None:
    assert (
        "Check: no leg weakness; worsening weakness." in run("assess", "motor_progressive=yes", "leg_weakness=none").out
    )


def test_a_step_that_rests_on_what_follows_from_the_facts_names_it() -> None:
    assert "Why: return after a disc operation (follows from what is given)." in run("assess", "removed_share=30%").out


def test_where_no_step_follows_every_other_member_of_the_panel_is_to_be_asked(kb: KnowledgeBase) -> None:
    out = " ".join(run("assess", "age=40", "leg_pain=both", columns=200).out.split())
    assert out.startswith("NOT ENOUGH IS RECORDED")
    for name in kb.panels["red_flags"].members:
        assert Phrases(kb, {}).short(name) in out, name
    assert "no deficit in both legs" not in out
    assert "expert why" not in out


def test_a_step_is_not_marked_as_recommended_where_not_enough_is_recorded() -> None:
    assert "3 conservative o" in run("assess").out
    assert "recommended" not in run("assess").out


def test_what_only_several_findings_change_is_not_said_to_be_certain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kb = small_ladder(
        tmp_path,
        findings={name: yes_no("no") for name in ("fire", "smoke", "cold")},
        rules={"both-lead-away": rule(["fire", "smoke"], "supports leave"), "stay": rule("always", "supports stay")},
        steps={"leave": {}, "stay": {}},
    )
    it = Reasoner(kb).assess(PatientReader(kb).before_and_after(None, ["cold=no"], None)[1])
    assert it.answer == "provisional"
    lines = screen(kb, it, monkeypatch)
    assert lines[0].split() == ["STAY", "provisional"]
    assert "  Only several findings together could lead to another step: --full." in lines
    assert "No further information" not in "\n".join(lines)
