"""The report: one page for a patient's record, in HTML and in Markdown, which says all that was found and no more."""

from __future__ import annotations

import errno
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import yaml
from markdown_it import MarkdownIt

from expert import read_knowledge
from expert.answer.assess import Reasoner
from expert.logic.constraints import question_of
from expert.read.patient import PatientReader
from expert.render.html import render_html
from expert.render.markdown import LADDER, escape, render_markdown
from expert.render.phrases import Phrases
from expert.render.plain import visible
from expert.render.report import gather
from expert.render.sections import Choice, OpenFinding, OpenPanel, Point, Report, Sheet
from tests.command_line import run
from tests.conftest import REPOSITORY, patient
from tests.pages import Page
from tests.random_patients import assessments
from tests.small_ladder import choice, quantity, rule, small_ladder, yes_no

TODAY = date(2026, 11, 22)
ROOFS = Path(__file__).parent / "other_ladder"
WORKED_FOLDER = REPOSITORY / "knowledge" / "patients"
WORKED = sorted(WORKED_FOLDER.glob("*.yaml"))
EARLIER_CANCER = REPOSITORY / "knowledge" / "patients" / "earlier-cancer.yaml"
MARKDOWN = MarkdownIt("commonmark", {"maxNesting": 200}).enable("table")


@cache
def roofs() -> Reasoner:
    return Reasoner(read_knowledge(ROOFS))


def report_of(reasoner: Reasoner, *words: str, file: Path | None = None) -> Report:
    someone = PatientReader(reasoner.kb).patient(str(file) if file else None, words)
    return gather(reasoner, reasoner.assess(someone), TODAY)


@cache
def html_of(report: Report) -> Page:
    return Page(render_html(report))


def markdown_of(report: Report) -> Page:
    return Page(f"<body>{MARKDOWN.render(render_markdown(report, appendix=True))}</body>")


@cache
def every_report(reasoner: Reasoner) -> tuple[Report, ...]:
    """Reports of worked patients and of random ones, of both ladders."""
    worked = (report_of(reasoner, file=file) for file in WORKED[::6])
    both = ((some, it) for some in (reasoner, roofs()) for it in assessments(some, seed=5, count=6))
    return (*worked, *(gather(some, assessment, TODAY) for some, assessment in both))


def texts(value: object, field: str = "") -> Iterator[str]:
    """Every text of a value, but for words that only steer how the others are shown."""
    if isinstance(value, str):
        if value and field not in ("status", "standing", "word", "mark", "answer", "answer_word"):
            yield value
    elif isinstance(value, tuple):
        names = getattr(value, "_fields", [field] * len(value))
        for name, part in zip(names, value, strict=True):
            yield from texts(part, name)


# --- the content ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [html_of, markdown_of], ids=["html", "markdown"])
def test_everything_that_was_gathered_is_shown(reasoner: Reasoner, form: Callable[[Report], Page]) -> None:
    for report in every_report(reasoner):
        page = form(report)
        missing = [text for text in texts(report) if " ".join(text.split()) not in page.text]
        assert missing == []


def test_a_report_holds_all_that_the_answer_holds(reasoner: Reasoner) -> None:
    for assessment in assessments(reasoner, seed=6, count=12):
        report = gather(reasoner, assessment, TODAY)
        points = {found.rule for step in report.appendix.steps for found in _points(step)}
        argued = {it.rule for step in assessment.ladder for it in (*step.supports, *step.against, *step.cautions)}
        assert points == argued
        assert [rung.title for rung in report.sheet.rungs] == [step.title for step in assessment.ladder]
        assert len(report.appendix.guidance) == len(assessment.guidance)
        raised = [it.title for it in assessment.alerts if it.presumed_status == "holds"]
        advised = [it.title for it in assessment.advice if it.presumed_status == "holds"]
        assert [it.title for it in report.sheet.alerts] == raised
        assert [it.title for it in report.appendix.advice] == raised + advised
        alone, first = {it.finding for it in assessment.decisive if not it.partners}, question_of(reasoner.kb)
        asked = [it.ask for it in assessment.decisive if first.get(it.finding) not in alone]  # follow-ups count as one
        assert sorted(it.ask for it in _missing(report)) == sorted(asked)


def _points(value: object) -> Iterator[Point]:
    if isinstance(value, Point):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _points(part)


def test_every_citation_leads_to_its_reference(reasoner: Reasoner) -> None:
    for report in every_report(reasoner):
        page = html_of(report)
        ids = page.values("id")
        assert len(ids) == len(set(ids))
        assert {link.removeprefix("#") for link in page.values("href")} <= set(ids)
        assert {name for value in page.values("aria-labelledby") for name in value.split()} <= set(ids)


def test_the_parts_come_in_the_order_in_which_they_are_read(reasoner: Reasoner) -> None:
    report = report_of(reasoner, "age=52 years", "leg_pain=both")
    order = [
        "Not enough is recorded",
        "Alert",
        "The patient",
        "Ask first",
        LADDER,
        "Signature",
    ]
    assert re.findall(r"^##? (.*)", render_markdown(report), re.MULTILINE) == order
    headings = re.findall(r"<h2[^>]*>([^<]*)</h2>", render_html(report))
    assert headings == [*order[1:-1], "Appendix"]
    report = report_of(reasoner, file=WORKED_FOLDER / "fourteen-weeks.yaml")
    assert re.findall(r"<h2[^>]*>([^<]*)</h2>", render_html(report)) == [
        "The patient",
        "Check before acting",
        LADDER,
        "Options",
        "Advice",
        "Where guidance differs",
        "Appendix",
    ]


@pytest.mark.parametrize(
    ("words", "answer", "said"),
    [
        (["saddle_numbness=yes"], "certain", "No further information would change this step."),
        (
            ["age=45 years", "severity=severe"],
            "provisional",
            "Findings that are not recorded are assumed to be as usual",
        ),
    ],
)
def test_the_answer_says_how_sure_it_is(reasoner: Reasoner, words: list[str], answer: str, said: str) -> None:
    report = report_of(reasoner, *words)
    assert report.sheet.answer == answer
    assert report.sheet.certainty.startswith(said)


def test_an_open_answer_names_the_steps_that_are_possible(tmp_path: Path) -> None:
    report = open_report(tmp_path)
    assert (report.sheet.answer, report.sheet.headline) == ("open", "No single step follows")
    assert report.sheet.summary == "Possible: Door or Wall."
    assert report.sheet.certainty.startswith("Not enough is known")
    assert report.appendix.why is None
    assert "there is nothing to derive" in html_of(report).text


def test_an_open_answer_that_nothing_can_settle_says_so(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={"pain": yes_no("no")},
        rules={"pain-supports-rest": rule("pain", "supports rest")},
        steps={"rest": {}},
    )
    report = report_of(Reasoner(kb), "pain=no")
    assert report.sheet.summary == "No step is both supported and not excluded."
    assert report.sheet.certainty == "Nothing that is still unknown leads to a step."


def open_report(folder: Path) -> Report:
    kb = small_ladder(
        folder,
        findings={"key": yes_no(), "gate": yes_no("no")},
        rules={"a-key-supports-door": rule("key", "supports door"), "all-may-climb": rule("always", "supports wall")},
        steps={"door": {}, "wall": {}},
    )
    return report_of(Reasoner(kb), "gate=no")


def test_a_step_that_rests_on_cases_has_a_branch_and_an_argument_for_each(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={"pole": choice("north", "south"), "wind": yes_no("yes")},
        rules={
            "north-supports-sail": rule(["pole is north", "wind"], "supports sail"),
            "south-supports-sail": rule(["pole is south", "wind"], "supports sail"),
        },
        steps={"sail": {}},
    )
    report = report_of(Reasoner(kb), "wind=yes")
    why = report.appendix.why
    assert why is not None
    assert [part.claim for part in why.parts] == ["If Pole: north", "If Pole: south"]
    assert [point.case for point in report.appendix.steps[0].supports] == [("Pole: north",), ("Pole: south",)]


def test_what_was_given_says_where_each_value_comes_from(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={
            "pain": yes_no("no"),
            "days": quantity("0 weeks .. 9 weeks", unit="weeks"),
            "kind": choice("very_dull", "sharp"),
            "way": choice("old", "new", default="old", group="site"),
        },
        constraints={"no-days-without-pain": ["not pain", "days > 0 weeks"]},
        rules={"all-may-rest": rule("always", "supports rest"), "days-matter": rule("days > 1 weeks", "cautions rest")},
        steps={"rest": {}},
    )
    file = tmp_path / "somebody.yaml"
    file.write_text("pain: yes\nkind: very_dull\n", "utf-8")
    given = report_of(Reasoner(kb), "pain=no", file=file).appendix.given
    assert [(it.title, it.value, it.note) for it in given] == [
        ("Kind", "very dull", ""),
        ("Pain", "no", "given on the command line; the file says yes"),
        ("Days", "0 weeks", "follows from the other facts"),
        ("Way", "old", "the site's default"),
    ]


def test_what_was_given_by_a_word_says_so(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={
            "side": choice("one_side", "both", also={"left": "one_side"}),
            "power": quantity("0 .. 5", also={"4/5": "4"}),
            "pain": yes_no("no", also={"some": "yes"}),
        },
        rules={"rest": rule("always", "supports rest"), "weak": rule("power < 5", "cautions rest")},
        steps={"rest": {}},
    )
    file = tmp_path / "somebody.yaml"
    file.write_text("side: Left\npower: 4/5\npain: no\n", "utf-8")
    given = report_of(Reasoner(kb), "pain=some", file=file).appendix.given
    assert [(it.title, it.value, it.note) for it in given] == [
        ("Side", "one side", 'written "left"'),
        ("Power", "4", 'written "4/5"'),
        ("Pain", "yes", 'written "some"; given on the command line; the file says no'),
    ]


def test_a_panel_is_shown_as_one_with_its_members_named(reasoner: Reasoner) -> None:
    report = report_of(reasoner, "red_flags=none")
    panel = reasoner.kb.panels["red_flags"]
    assert (report.appendix.given[0].title, report.appendix.given[0].value) == (panel.title, "none")
    assert report.appendix.given[0].members == tuple(reasoner.kb.findings[name].title for name in panel.members)


def test_what_is_presumed_besides_is_nowhere_as_bearing_on_the_step(reasoner: Reasoner) -> None:
    shared = 0
    for some in (reasoner, roofs()):
        for assessment in assessments(some, seed=7, count=12):
            report = gather(some, assessment, TODAY)
            title = {name: some.kb.findings[name].title for name in some.kb.inputs}
            shown = {title[it.finding] for it in assessment.decisive}
            shown |= {partner for it in _missing(report) for partner in it.partners}
            besides = {name for fact in report.appendix.other_presumed for name in (fact.members or (fact.title,))}
            assert not shown & besides
            shared += bool(shown and besides)
    assert shared


@pytest.mark.parametrize("form", [html_of, markdown_of], ids=["html", "markdown"])
def test_the_heading_of_what_is_presumed_besides_claims_nothing(
    reasoner: Reasoner, form: Callable[[Report], Page]
) -> None:
    page = form(report_of(reasoner, file=EARLIER_CANCER)).text
    assert "Also assumed, because not recorded" in page
    assert "without bearing" not in page


def test_a_panel_counts_the_members_that_change_the_step_alone(reasoner: Reasoner) -> None:
    report = report_of(reasoner, file=EARLIER_CANCER)
    (panel,) = (it for it in report.appendix.missing if isinstance(it, OpenPanel))
    assert len(panel.members) == 11
    assert not any(it.partners for it in panel.members)
    for page in (html_of(report), markdown_of(report)):
        assert "Red flags: any of 11 findings leads to Urgent referral" in page.text


def test_a_finding_that_needs_one_other_is_shown_with_that(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={"wind": yes_no("no"), "rain": yes_no("no")},
        rules={"storm": rule(["wind", "rain"], "supports hide"), "all-may-walk": rule("always", "supports walk")},
        steps={"hide": {}, "walk": {}},
    )
    report = report_of(Reasoner(kb))
    assert [(it.title, it.partners) for it in _missing(report)] == [("Wind", ("Rain",)), ("Rain", ("Wind",))]
    assert "with Rain" in html_of(report).text
    assert "if yes: Hide with Rain." in markdown_of(report).text


def _missing(report: Report) -> Iterator[OpenFinding]:
    for entry in report.appendix.missing:
        yield from entry.members if isinstance(entry, OpenPanel) else (entry,)


def test_alerts_that_nothing_rules_out_are_named(reasoner: Reasoner) -> None:
    for words, not_ruled_out in (("age=45", True), ("red_flags=none", False)):
        titles = [it.title for it in report_of(reasoner, words).appendix.not_ruled_out]
        assert ("Possible cauda equina syndrome" in titles) is not_ruled_out
    assert "Pregnancy" in html_of(report_of(reasoner, "age=45")).text
    assert "Pregnancy: Pregnancy: yes" in markdown_of(report_of(reasoner, "age=45")).text


def test_a_report_of_nothing_is_headed_by_what_to_find_out(reasoner: Reasoner) -> None:
    report = report_of(reasoner, "red_flags=unknown")
    sheet = report.sheet
    assert sheet.headline == "Not enough is recorded"
    assert sheet.answer_word.endswith("questions unanswered")
    assert "With the usual findings it would be conservative treatment." in sheet.certainty
    assert (sheet.check_heading, sheet.unknown) == ("Ask first", ("red flags",))
    assert sheet.to_check[0].what.startswith("Red flags: saddle numbness, ")
    assert not [rung for rung in sheet.rungs if rung.word == "recommended"]
    assert (sheet.options, sheet.advice, sheet.guidance) == ((), (), ())


def test_a_report_says_which_knowledge_answered_and_when(reasoner: Reasoner) -> None:
    report = report_of(reasoner, "age=45 years")
    for page in (html_of(report), markdown_of(report)):
        for said in (reasoner.kb.sha256, reasoner.kb.version, reasoner.kb.disclaimer, "2026-11-22", "expert 0."):
            assert said in page.text
    late = gather(reasoner, reasoner.assess(patient(reasoner.kb)), date(2999, 1, 1))
    assert "review overdue since" in html_of(late).text
    assert "review overdue since" in markdown_of(late).text


def test_an_option_that_is_excluded_says_why(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={"wet": yes_no("no")},
        rules={"all-may-rest": rule("always", "supports rest"), "wet-bars-bench": rule("wet", "excludes rest.bench")},
        steps={"rest": {"options": {"bench": {}, "chair": {}}}},
    )
    bench, chair = report_of(Reasoner(kb), "wet=yes").appendix.options[0].options
    assert (bench.word, [point.rule for point in bench.against]) == ("excluded", ["wet-bars-bench"])
    assert chair == Choice("Chair", "", ("S01",), "on offer", False, "", (), (), ())


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("pain", "Pain: yes"),
        ("not pain", "Pain: no"),
        ("kind is very_dull", "Kind: very dull"),
        ("kind is not very_dull", "Kind: not very dull"),
        ("kind in [very_dull, sharp]", "Kind: very dull or sharp"),
        ({"not": "kind in [very_dull, sharp]"}, "Kind: neither very dull nor sharp"),
        ("days > 3 weeks", "Days: more than 3 weeks"),
        ({"not": "days > 3 weeks"}, "Days: at most 3 weeks"),
        (["days >= 1 weeks", "days < 3 weeks"], "Days: at least 1 weeks and Days: less than 3 weeks"),
    ],
)
def test_premises_are_written_with_the_titles_of_their_findings(tmp_path: Path, condition: object, words: str) -> None:
    kb = small_ladder(
        tmp_path,
        findings={
            "pain": yes_no("no"),
            "days": quantity("0 weeks .. 9 weeks", unit="weeks"),
            "kind": choice("very_dull", "sharp"),
        },
        rules={"may-rest": rule(condition, "supports rest")},
        steps={"rest": {}},
    )
    assert Phrases(kb, {}).premise(kb.rules["may-rest"].premise) == words


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_needs_nothing_but_itself(reasoner: Reasoner) -> None:
    for report in every_report(reasoner):
        html = render_html(report)
        page = Page(html)
        assert page.named("script", "link", "img", "iframe", "object", "embed", "form", "base", "audio", "video") == []
        assert {link[0] for link in page.values("href")} == {"#"}
        assert page.values("src") == page.values("style") == []
        assert [name for it in page.elements for name in it.attributes if name.startswith("on")] == []
        assert not re.search(r"@import|@font-face|url\(|https?:", html)


def test_the_policy_allows_the_page_its_own_style_alone(reasoner: Reasoner) -> None:
    page = html_of(report_of(reasoner))
    (policy,) = (it.attributes["content"] for it in page.named("meta") if "http-equiv" in it.attributes)
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]{44}'; base-uri 'none'; form-action 'none'", policy
    )


def test_the_page_is_well_formed_and_has_landmarks(reasoner: Reasoner) -> None:
    for report in every_report(reasoner):
        page = html_of(report)
        assert page.unclosed == []
        assert page.elements[0] == ("html", {"lang": "en"})
        assert [it.tag for it in page.elements if it.path.count("/") == 2 and it.path.startswith("html/body/")] == [
            "a",
            "header",
            "main",
            "aside",
        ]


def test_headings_descend_one_level_at_a_time(reasoner: Reasoner) -> None:
    for report in every_report(reasoner):
        for page in (html_of(report), markdown_of(report)):
            levels = [int(it.tag[1]) for it in page.named("h1", "h2", "h3", "h4", "h5", "h6")]
            assert levels.count(1) == 1
            assert levels[0] == 1
            assert all(after <= before + 1 for before, after in pairwise(levels))


def test_tables_name_their_rows_and_columns(reasoner: Reasoner) -> None:
    page = html_of(report_of(reasoner, "age=45 years"))
    assert len(page.named("table")) == len(page.named("caption")) + 1 > 2  # a heading names what to check
    assert {it.attributes.get("scope") for it in page.named("th")} == {"col", "row"}


def test_the_ladder_is_drawn_once_from_the_first_step_to_the_last(reasoner: Reasoner) -> None:
    for report in every_report(reasoner):
        html = render_html(report)
        page = Page(html)
        rungs = [it for it in page.elements if it.path.endswith("/ol/li") and it.attributes.get("class")]
        assert [it.attributes["class"] for it in rungs] == [rung.mark for rung in report.sheet.rungs]
        assert len(page.named("svg")) == len(rungs)
        names = re.findall(r'<p class="name">(\d+)\. ', html)
        assert names == [str(number) for number in range(1, len(rungs) + 1)]


def test_a_step_that_is_not_needed_differs_from_one_that_is_not_checked(reasoner: Reasoner) -> None:
    words = {
        facts: {rung.title: rung.word for rung in report_of(reasoner, *facts).sheet.rungs}["Urgent referral"]
        for facts in (("age=45", "severity=mild"), ("age=45", "severity=mild", "red_flags=none"))
    }
    assert list(words.values()) == ["not checked", "not needed"]


def test_the_recommended_step_differs_by_more_than_its_colour(reasoner: Reasoner) -> None:
    html = render_html(report_of(reasoner, "saddle_numbness=yes")).partition("</main>")[0]
    assert html.count(">recommended</span>") == 1
    signs = re.findall(r'<path d="([^"]*)"', html)
    assert signs.count(signs[0]) == 1


# --- the sheet --------------------------------------------------------------------------------------------------------

CODES = re.compile(r"\w_\w|\[[A-Z]|\b[SA]\d{2}\b|\.yaml|/|\b[A-Z]+(-[A-Z0-9]+)+-?\d{4}\b")


def sheets(reasoner: Reasoner) -> Iterator[Sheet]:
    """The sheets of all worked patients, and of random ones of both ladders."""
    yield from (report_of(reasoner, file=file).sheet for file in WORKED)
    for some in (reasoner, roofs()):
        yield from (gather(some, it, TODAY).sheet for it in assessments(some, seed=11, count=30))


def test_a_sheet_has_no_name_of_a_rule_no_path_and_no_citation(reasoner: Reasoner) -> None:
    rules = re.compile("|".join(map(re.escape, [*reasoner.kb.rules, *reasoner.kb.references])))
    for sheet in sheets(reasoner):
        for text in texts(sheet):
            assert not rules.search(text), text
            assert not [it for it in CODES.findall(text.replace("and/or", "")) if it], text


def test_a_sheet_names_every_fact_that_was_given(reasoner: Reasoner) -> None:
    phrases = Phrases(reasoner.kb, {})
    report = report_of(reasoner, file=WORKED_FOLDER / "fourteen-weeks.yaml")
    shown = {*report.sheet.because, *report.sheet.facts}
    assert {"severe", "14 weeks of conservative treatment", "45 years old", "no stenosis"} <= shown
    assert report.sheet.because[0] == "severe"
    for assessment in assessments(reasoner, seed=11, count=30):
        sheet = gather(reasoner, assessment, TODAY).sheet
        shown = {*sheet.because, *sheet.facts}
        for name, value in assessment.background.given.items():
            panel = next((it for it in reasoner.kb.panels.values() if name in it.members), None)
            none = panel and value == panel.members[name] and any(panel.title.lower() in fact for fact in shown)
            assert none or isinstance(value, float) or phrases.fact(name, value) in shown


def test_a_sheet_says_what_is_not_recorded_and_where_it_leads(reasoner: Reasoner) -> None:
    sheet = report_of(reasoner, file=WORKED_FOLDER / "fourteen-weeks.yaml").sheet
    assert sheet.check_heading == "Check before acting"
    assert sheet.to_check[0].what.startswith("Red flags: saddle numbness, ")
    assert "urgent referral" in sheet.to_check[0].leads_to
    assert ("Instability", "decompression and fusion") in sheet.to_check


def test_a_sheet_has_the_options_by_standing(reasoner: Reasoner) -> None:
    sheet = report_of(reasoner, file=WORKED_FOLDER / "fourteen-weeks.yaml").sheet
    assert [it.heading for it in sheet.options] == [
        "Preferred",
        "Supported by current guidance",
        "Optional",
        "Not recommended",
    ]


def test_a_sheet_says_where_guidance_differs_with_figures_and_how_many_notes_it_leaves_out(reasoner: Reasoner) -> None:
    for name in ("fourteen-weeks", "nine-days", "back-after-two-years", "everything-known"):
        report = report_of(reasoner, file=WORKED_FOLDER / f"{name}.yaml")
        assert any(re.search(r"\d", note) for note in report.sheet.guidance)
        assert len(report.sheet.guidance) + report.sheet.more_guidance == len(report.appendix.guidance)


def test_an_emergency_is_red_and_says_first_what_to_do(reasoner: Reasoner) -> None:
    report = report_of(reasoner, "saddle_numbness=yes")
    html = render_html(report)
    assert '<main id="main" class="sheet urgent">' in html
    assert html.index("Do now") < html.index("The patient")
    assert report.sheet.check_heading == ""
    assert 'class="sheet provisional"' in render_html(report_of(reasoner, "age=45", "severity=severe"))


def test_a_sheet_has_a_line_to_sign_and_says_what_made_it(reasoner: Reasoner) -> None:
    report = report_of(reasoner, "age=45")
    main = render_html(report).partition("</main>")[0]
    for said in ("Patient:", "Name:", "Role:", "Date:", "Signature:", report.colophon.sha256, report.colophon.version):
        assert said in main
        assert said.rstrip(":") in render_markdown(report).replace("\\", "")


def test_the_appendix_of_a_markdown_page_is_left_out_unless_it_is_asked_for(reasoner: Reasoner) -> None:
    report = report_of(reasoner, "age=45")
    assert "Appendix" not in render_markdown(report)
    assert "## Appendix" in render_markdown(report, appendix=True)
    assert 'class="appendix printed"' in render_html(report, appendix=True)
    assert 'class="appendix"' in render_html(report)


# --- hostile text -----------------------------------------------------------------------------------------------------

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> \"' & &lt; &#60; {{ 7 * 7 }} {% raw %} {# x #} ]]> --> "
    "</style></title></svg></details> <!-- \x1b[31m \x07 \u202eevil\u202c \u2066x\u2069 z"
)
HOSTILE_MARKDOWN = (
    "# heading ## *em* _em_ **strong** `code` [link](https://example.org) ![image](x) <https://example.org> "
    "<b>bold</b> <!-- | a | b | ~~gone~~ &copy; \\ $x$ [^1] [x]: y www.example.org https://example.org"
)
OPENINGS = ("- item", "+ item", "1. item", "12) item", "> quote", "# heading", "=== ", "--- ", "    code", "```", "~~~")
FREE = {
    *("title", "text", "summary", "note", "ask", "because", "reading", "statement", "disclaimer"),
    *("name", "version", "section", "year"),
}


def copied(folder: Path, text: str) -> Path:
    """The other ladder with a text after (or before) whatever its files say in free words."""
    for source in ROOFS.rglob("*.yaml"):
        if not source.name.endswith(".test.yaml"):
            target = folder / source.relative_to(ROOFS)
            target.parent.mkdir(parents=True, exist_ok=True)
            content = yaml.load(source.read_text("utf-8"), Loader=yaml.BaseLoader)
            target.write_text(yaml.dump(_with(content, text), default_style='"', width=10**6, sort_keys=False), "utf-8")
    return folder


def _with(node: Any, text: str) -> Any:
    if isinstance(node, dict):
        return {
            key: f"{text} {value}" if key in FREE and isinstance(value, str) else _with(value, text)
            for key, value in node.items()
        }
    return [_with(part, text) for part in node] if isinstance(node, list) else node


def pages(folder: Path) -> Iterator[Report]:
    reasoner = Reasoner(read_knowledge(folder))
    for name in ("barn", "chapel", "cottage"):
        yield report_of(reasoner, "scaffold=yes", file=folder / "patients" / f"{name}.yaml")


def structure(page: Page) -> list[tuple[str, tuple[str, ...]]]:
    """The elements of a page with the names of their attributes."""
    return [(it.path, tuple(it.attributes)) for it in page.elements]


def test_hostile_text_changes_nothing_of_a_page_but_its_text(tmp_path: Path) -> None:
    tame = [html_of(report) for report in pages(copied(tmp_path / "tame", "x" * len(HOSTILE)))]
    hostile = [html_of(report) for report in pages(copied(tmp_path / "hostile", HOSTILE))]
    for ours, theirs in zip(tame, hostile, strict=True):
        assert structure(ours) == structure(theirs)
        assert {it.path for it in ours.elements} == {it.path for it in theirs.elements}
        assert theirs.others == theirs.unclosed == []
        assert " ".join(visible(HOSTILE).split()) in theirs.text
        assert "49" not in theirs.text.partition("SHA-256")[0].replace(str(tmp_path), "")


def test_hostile_text_changes_nothing_of_a_markdown_page_but_its_text(tmp_path: Path) -> None:
    tame = [markdown_of(report) for report in pages(copied(tmp_path / "tame", "x" * len(HOSTILE_MARKDOWN + HOSTILE)))]
    hostile = [markdown_of(report) for report in pages(copied(tmp_path / "hostile", HOSTILE_MARKDOWN + HOSTILE))]
    for ours, theirs in zip(tame, hostile, strict=True):
        assert structure(ours) == structure(theirs)
        assert ours.named("a", "img", "code", "table", "script") == theirs.named("a", "img", "code", "table", "script")
        assert " ".join(visible(HOSTILE_MARKDOWN).split()) in theirs.text


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_nothing_that_does_not_print_is_on_a_page(tmp_path: Path, form: str) -> None:
    for report in pages(copied(tmp_path, HOSTILE)):
        page = render_html(report) if form == "html" else render_markdown(report)
        assert [char for char in page if not char.isprintable() and char != "\n"] == []


@pytest.mark.parametrize("text", [*OPENINGS, HOSTILE_MARKDOWN, HOSTILE])
def test_an_escaped_text_is_one_paragraph_that_reads_the_same(text: str) -> None:
    page = Page(MARKDOWN.render(escape(text)))
    assert [it.path for it in page.elements] == ["p"]
    assert page.text == " ".join(visible(text).split())


def test_an_escaped_text_opens_nothing_within_a_list() -> None:
    for text in OPENINGS:
        page = Page(MARKDOWN.render(f"- {escape(text)}"))
        assert [it.tag for it in page.elements] == ["ul", "li"]


def test_a_hostile_folder_name_is_text_too(tmp_path: Path) -> None:
    folder = copied(tmp_path / "<i>{{ 7 * 7 }}\x1b[31m", "text")
    for report in pages(folder):
        page = html_of(report)
        assert page.named("i") == []
        assert "<i>{{ 7 * 7 }}\\x1b[31m/rules/" in page.text


# --- the file ---------------------------------------------------------------------------------------------------------


def written(*words: str) -> Any:
    return run("report", "age=45 years", *words)


def test_the_page_is_written_for_its_owner_alone(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    shown = written("-o", str(target))
    assert (shown.status, shown.out, shown.err) == (0, f"{target}\n", "")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert target.read_text("utf-8").startswith("<!DOCTYPE html>\n")
    assert os.listdir(tmp_path) == ["report.html"]


@pytest.mark.parametrize(("form", "begin"), [("html", "<!DOCTYPE html>"), ("markdown", "# Conservative treatment")])
def test_the_page_goes_to_standard_output_as_it_is_written_to_a_file(tmp_path: Path, form: str, begin: str) -> None:
    target = tmp_path / "page"
    written("-o", str(target), "--format", form)
    shown = written("-o", "-", "--format", form)
    assert shown.out.startswith(begin)
    assert shown.out == target.read_text("utf-8")


def test_a_file_is_overwritten_only_by_force(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    target.write_text("precious", "utf-8")
    shown = written("-o", str(target))
    assert (shown.status, target.read_text("utf-8")) == (2, "precious")
    assert "report.html exists already" in shown.err
    assert "--force" in shown.err
    assert written("-o", str(target), "--force").status == 0
    assert target.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert os.listdir(tmp_path) == ["report.html"]


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "report.html"

    def late(report: Report, *, appendix: bool) -> str:
        target.write_text("precious", "utf-8")
        return render_html(report, appendix=appendix)

    with patch("expert.render.html.render_html", late):
        shown = written("-o", str(target))
    assert (shown.status, target.read_text("utf-8")) == (2, "precious")
    assert "exists already" in shown.err
    assert os.listdir(tmp_path) == ["report.html"]


def test_the_patient_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "somebody.yaml"
    file.write_text("age: 45 years\n", "utf-8")
    shown = run("report", str(file), "-o", str(file), "--force")
    assert shown.status == 2
    assert "is one of the files to be read" in shown.err
    assert file.read_text("utf-8") == "age: 45 years\n"


@pytest.mark.parametrize(
    ("target", "said"),
    [("", "is a folder"), ("nowhere/report.html", "is in a folder that does not exist")],
)
def test_a_place_that_cannot_be_written_to_is_reported_plainly(tmp_path: Path, target: str, said: str) -> None:
    shown = written("-o", str(tmp_path / target))
    assert (shown.status, shown.out) == (2, "")
    assert said in shown.err
    assert os.listdir(tmp_path) == []


def test_a_device_is_not_replaced() -> None:
    shown = written("-o", os.devnull, "--force")
    assert shown.status == 2
    assert "is not a plain file" in shown.err


@pytest.mark.parametrize("force", [True, False])
def test_a_full_disk_leaves_what_was_there(tmp_path: Path, force: bool) -> None:
    target = tmp_path / "report.html"
    if force:
        target.write_text("precious", "utf-8")
    with patch("os.fsync", side_effect=OSError(errno.ENOSPC, "No space left on device")):
        shown = written("-o", str(target), *(["--force"] if force else []))
    assert shown.status == 2
    assert "No space left on device" in shown.err
    assert [path.read_text("utf-8") for path in tmp_path.iterdir()] == (["precious"] if force else [])


def test_a_file_system_without_links_will_do(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    with patch("os.link", side_effect=PermissionError(errno.EPERM, "Operation not permitted")):
        assert written("-o", str(target)).status == 0
        assert written("-o", str(target)).status == 2
    assert os.listdir(tmp_path) == ["report.html"]


def test_a_wrong_patient_leaves_no_file(tmp_path: Path) -> None:
    shown = run("report", "agee=4", "-o", str(tmp_path / "report.html"))
    assert shown.status == 2
    assert "did you mean age" in shown.err
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["some.patient.yaml"], "some.patient.html"),
        (["age=45"], "patient.html"),
        (["some.patient.yaml", "age=50", "--format", "markdown"], "some.patient.md"),
    ],
)
def test_the_page_is_named_after_the_patient(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "some.patient.yaml").write_text("age: 45 years\n", "utf-8")
    shown = run("report", *words)
    assert (shown.status, shown.out, shown.err) == (0, f"{name}\n", "")
    assert (tmp_path / name).exists()
    again = run("report", *words)
    assert again.status == 2
    assert "exists already" in again.err


# --- what the command needs -------------------------------------------------------------------------------------------


def test_without_its_extra_the_command_says_how_to_get_it(tmp_path: Path) -> None:
    with patch.dict(sys.modules, {"jinja2": None}):
        shown = written("-o", str(tmp_path / "report.html"))
        assert shown.status == 2
        assert "pip install 'expert-ladder[report]'" in shown.err
        assert os.listdir(tmp_path) == []
        assert written("-o", "-", "--format", "markdown").status == 0


def test_other_commands_do_not_load_the_templates() -> None:
    code = (
        "import sys\nfrom expert.cli import main\n"
        "try: main(['assess', 'age=45 years'])\nexcept SystemExit: pass\n"
        "print('jinja2' in sys.modules, file=sys.stderr)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stderr.strip() == "False"


def test_a_report_is_the_same_for_the_same_patient(reasoner: Reasoner) -> None:
    first, again = (report_of(reasoner, "age=45 years", "severity=severe") for _ in range(2))
    assert render_html(first) == render_html(again)
    assert render_markdown(first) == render_markdown(again)
