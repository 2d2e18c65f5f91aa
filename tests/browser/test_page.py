"""The offline page in a real browser: patients are entered as people do it, and the answer is that of the program."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml

from expert import read_knowledge
from expert.lang.units import write_value
from expert.page.page import render_page
from tests.browser.chromium import WANTED, axe
from tests.browser.devtools import Screen, shown
from tests.command_line import run
from tests.conftest import REPOSITORY
from tests.test_report import HOSTILE, copied

pytestmark = pytest.mark.skipif(not WANTED, reason="make browser runs the tests that need Chromium")

PATIENTS = REPOSITORY / "knowledge" / "patients"
ENTERED = ("fourteen-weeks", "both-legs", "earlier-cancer", "old-paresis", "everything-known")
EMERGENCY = "saddle-numbness"
OTHERS = {"roofs": REPOSITORY / "tests/other_ladder", "garden": REPOSITORY / "tests/garden"}


@cache
def page() -> str:
    return render_page(read_knowledge(), "1.2.3")


@pytest.fixture
def screen() -> Iterator[Screen]:
    with shown(page()) as it:
        yield it


def entered(it: Screen, facts: Mapping[str, str]) -> None:
    """Enter facts as a person does: a tap on a value, or an amount and a tap on its unit."""
    for name, text in facts.items():
        amount, _, unit = text.partition(" ")
        value = it.run(f"[...document.querySelectorAll('input[name=\"{name}\"]')].find(i => i.value === '{text}')?.id")
        if value:
            it.tap(f'label[for="{value}"]')
            continue
        it.write(f"#i-{name}", amount)
        choices = f"[...document.querySelectorAll('input[name=\"{name}-unit\"]')]"
        if chosen := it.run(f"{choices}.find(i => i.value === '{unit}')?.id"):
            it.tap(f'label[for="{chosen}"]')
    settle(it)


def settle(it: Screen) -> None:
    """Wait until the answer follows what was typed."""
    it.run("new Promise(done => setTimeout(done, 300))")


def worked(name: str) -> dict[str, str]:
    """The facts of a worked patient as they are written, panels by their members."""
    kb = read_knowledge()
    facts: dict[str, str] = yaml.load((PATIENTS / f"{name}.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)
    members = [member for panel in kb.panels.values() if panel.name in facts for member in panel.members.items()]
    found = {name: write_value(kb.findings[name], value) for name, value in members}
    return found | {name: value for name, value in facts.items() if name in kb.findings and value != "unknown"}


def text(it: Screen, id: str) -> str:
    return str(it.run(f"document.getElementById('{id}').innerText"))


def value(it: Screen, id: str) -> str:
    return str(it.run(f"document.getElementById('{id}').value"))


def answered(facts: str, *options: str) -> dict[str, Any]:
    """The program's answer for the facts that a page gives away."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "patient.yaml"
        file.write_text(facts, "utf-8")
        found: dict[str, Any] = json.loads(run("assess", str(file), "--format", "json", *options).out)
        return found


@pytest.mark.parametrize("name", [*ENTERED, EMERGENCY])
def test_a_patient_who_is_entered_gets_the_answer_of_the_program(screen: Screen, name: str) -> None:
    facts = worked(name)
    entered(screen, facts)
    given = value(screen, "file")
    assert yaml.load(given, Loader=yaml.BaseLoader).keys() >= facts.keys()
    answer, kb = answered(given), read_knowledge()
    step = kb.steps[answer["recommended"]].title if answer["recommended"] and not answer["not_enough"] else None
    assert text(screen, "step") == (
        step or ("Not enough is recorded" if answer["not_enough"] else "No single step follows")
    )
    first = run("assess", str(PATIENTS / f"{name}.yaml")).out.splitlines()[0]
    if name != EMERGENCY:
        assert first.endswith(f" {text(screen, 'sure')}")
    raised = [it["title"] for it in answer["alerts"] if it["presumed_status"] == "holds"]
    assert text(screen, "alerts") == (f"! {'; '.join(raised)}" if raised else "")
    assert text(screen, "said") == f"{text(screen, 'step')}: {text(screen, 'sure')}"
    assert screen.complaints == []


def test_an_emergency_is_red_and_its_alert_comes_first(screen: Screen) -> None:
    entered(screen, {"saddle_numbness": "yes"})
    assert text(screen, "step") == "Urgent referral"
    colours = screen.run("getComputedStyle(document.getElementById('bar')).backgroundColor")
    red, green, blue = map(int, re.findall(r"\d+", colours)[:3])
    assert red > 2 * max(green, blue)
    headings = screen.run("[...document.querySelectorAll('#answer h2, #answer h3')].map(it => it.textContent)")
    assert headings[:3] == ["Do now", "Possible cauda equina syndrome", "Urgent referral"]


def test_an_empty_form_says_what_to_ask_and_no_step(screen: Screen) -> None:
    assert text(screen, "step") == "Not enough is recorded"
    answer = text(screen, "answer")
    assert "Ask first" in answer
    assert "recommended" not in answer
    assert screen.run("document.querySelectorAll('.field.next, .card.next').length") == 1


def test_a_contradiction_is_shown_and_nothing_is_lost(screen: Screen) -> None:
    facts = {"age": "45", "leg_weakness": "none", "motor_grade": "3"}
    entered(screen, facts)
    assert text(screen, "step") == "These facts contradict each other"
    assert "A muscle below grade 5 is weak." in text(screen, "answer")
    assert "A muscle below grade 5 is weak." in text(screen, "p-motor_grade")
    assert yaml.load(value(screen, "file"), Loader=yaml.BaseLoader) == {**facts, "age": "45 years"}
    entered(screen, {"leg_weakness": "present"})
    assert text(screen, "step") == "Urgent referral"
    assert text(screen, "p-motor_grade") == ""


def test_what_cannot_be_read_stays_and_is_named(screen: Screen) -> None:
    entered(screen, {"age": "old", "severity": "mild"})
    assert screen.run("document.getElementById('i-age').value") == "old"
    assert text(screen, "p-age")
    assert "Not read, and left out here: Age" in text(screen, "answer")
    assert yaml.load(value(screen, "file"), Loader=yaml.BaseLoader) == {"severity": "mild"}


def test_all_asked_none_answers_what_was_not_asked(screen: Screen) -> None:
    entered(screen, {"fever": "yes"})
    screen.tap(".none-of-these")
    settle(screen)
    members = read_knowledge().panels["red_flags"].members
    given = yaml.load(value(screen, "file"), Loader=yaml.BaseLoader)
    assert given == {name: "yes" if name == "fever" else "none" if name == "leg_weakness" else "no" for name in members}


def test_an_irrelevant_question_is_greyed_and_stays_where_it_is(screen: Screen) -> None:
    place = "document.getElementById('f-mri_after_return').getBoundingClientRect().top + scrollY"
    idle = "document.getElementById('f-mri_after_return').classList.contains('idle')"
    entered(screen, {"prior_surgery": "yes"})
    before = screen.run(place)
    assert not screen.run(idle)
    entered(screen, {"prior_surgery": "no"})
    assert screen.run(idle)
    assert abs(screen.run(place) - before) < 60


def test_clearing_can_be_undone(screen: Screen) -> None:
    entered(screen, {"severity": "severe", "conservative_duration": "14 weeks"})
    given = value(screen, "file")
    screen.tap("#clear")
    settle(screen)
    assert value(screen, "file") == ""
    screen.tap("#undo")
    settle(screen)
    assert value(screen, "file") == given


def test_it_can_be_used_by_keyboard_alone(screen: Screen) -> None:
    for _ in range(4):  # past the link to the answer, the bar and the button of the card
        screen.press("Tab", 9)
    assert screen.run("document.activeElement.name") == "saddle_numbness"
    screen.press("ArrowRight", 39)
    settle(screen)
    assert text(screen, "step") == "Urgent referral"


def test_nothing_is_kept_and_nothing_is_fetched(screen: Screen) -> None:
    entered(screen, {"severity": "severe"})
    assert screen.run("document.cookie") == ""
    assert screen.run("performance.getEntriesByType('resource').length") == 0
    screen.run("location.reload()")
    time.sleep(0.5)
    assert value(screen, "file") == ""
    assert screen.complaints == []


def test_the_policy_forbids_another_script() -> None:
    attacked = page().replace("</main>", "</main><script>document.body.textContent = 'gone'</script>")
    with shown(attacked) as it:
        assert text(it, "step") == "Not enough is recorded"
        assert any("Content Security Policy" in complaint for complaint in it.complaints)


@pytest.mark.parametrize("day", ["due", "over"])
def test_a_banner_follows_the_review_date(day: str) -> None:
    kb = read_knowledge()
    due = kb.review_due if day == "due" else "2020-01-01"
    html = re.sub(r'"review_due":"[^"]*"', f'"review_due":"{due}"', page())
    html = re.sub(r"script-src 'sha256-[^']*'", "script-src 'unsafe-inline'", html)
    with shown(html) as it:
        assert it.run("document.getElementById('overdue').hidden") is (day == "due")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    "facts", [{}, {"saddle_numbness": "yes"}, {"severity": "severe"}, {"leg_weakness": "none", "motor_grade": "3"}]
)
def test_axe_finds_nothing_to_object_to(screen: Screen, facts: Mapping[str, str], dark: bool) -> None:
    screen.size(390, dark=dark)
    entered(screen, facts)
    screen.run("document.querySelectorAll('details').forEach(it => it.open = true)")
    screen.run(axe() + ";0")
    found = screen.run(
        "axe.run().then(it => it.violations.map(it => [it.id, it.nodes.map(node => node.html + node.failureSummary)]))"
    )
    assert found == []


@pytest.mark.parametrize("width", [320, 390, 1024])
def test_nothing_overflows_and_targets_are_large(screen: Screen, width: int) -> None:
    screen.size(width)
    entered(screen, {"severity": "severe", "prior_surgery": "no"})
    screen.run("document.querySelectorAll('details').forEach(it => it.open = true)")
    assert screen.run("document.documentElement.scrollWidth") == width
    small = """[...document.querySelectorAll('button, summary, label, input[type=text], #answer a, #to-answer')]
        .filter(it => it.offsetParent && !it.closest('.tools details') && it.getBoundingClientRect().height < 43.5)
        .map(it => it.outerHTML)"""
    assert screen.run(small) == []


@pytest.mark.parametrize("name", ["fourteen-weeks", EMERGENCY, "everything-known"])
def test_an_answer_is_printed_on_one_sheet(screen: Screen, name: str) -> None:
    entered(screen, worked(name))
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", screen.printed())) == 1


@pytest.mark.parametrize("ladder", OTHERS)
def test_any_ladder_makes_a_working_page(ladder: str) -> None:
    kb = read_knowledge(OTHERS[ladder])
    with shown(render_page(kb, "1.2.3"), 320) as it:
        for name, finding in kb.inputs.items():
            if finding.usual_written and it.run(f"Boolean(document.getElementById('f-{name}'))"):
                entered(it, {name: finding.usual_written})
        answer = answered(value(it, "file"), "--knowledge", str(OTHERS[ladder]))
        titles = {name: step.title for name, step in kb.steps.items()}
        assert text(it, "step") == titles.get(answer["recommended"], "No single step follows")
        assert answer["given"]
        assert it.run("document.documentElement.scrollWidth") == 320
        assert it.complaints == []


def test_a_hostile_ladder_changes_nothing_but_text(tmp_path: Path) -> None:
    kb = read_knowledge(copied(tmp_path, HOSTILE))
    elements = (
        "[...document.querySelectorAll('*')].map(it => it.tagName + [...it.attributes].map(it => it.name)).join()"
    )
    with (
        shown(render_page(kb, "1.2.3")) as hostile,
        shown(render_page(read_knowledge(OTHERS["roofs"]), "1.2.3")) as plain,
    ):
        assert hostile.run(elements) == plain.run(elements)
        assert hostile.complaints == []
