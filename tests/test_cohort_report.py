"""The report of a cohort, on a terminal and as a page: the same numbers, as text, and nothing fetched."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from expert.columns.summary import AlertCount, Changed, Reason, StepCount, Summary, ToAsk
from expert.render.cohort import share, summary_to_json
from expert.render.cohort_report import render_cohort
from expert.render.phrases import Phrases
from expert.render.plots import WIDTH, Bar, bars
from expert.render.progress import in_words
from tests.backs import PATIENTS, backs
from tests.command_line import run
from tests.golden.cohort import TODAY, WIDTHS, kept, page, summary
from tests.pages import Page

HOSTILE = "<script>alert(1)</script>$x_1$ \x1b[31m\u202e&amp;"


@cache
def html() -> str:
    return render_cohort(summary(), TODAY).decode()


@cache
def hostile() -> str:
    """A page with hostile names of files, keys and reasons."""
    it = summary()
    assert it.against
    against = it.against._replace(changes=(Changed("patch", "recover", 1, (HOSTILE,)),), only_old=(HOSTILE,))
    steps = (StepCount("patch", HOSTILE, 1, 2, 3),)
    alerts = (AlertCount("a", HOSTILE, 1, 2),)
    bad = it._replace(files=(HOSTILE, "b"), rejects=HOSTILE, steps=steps, alerts=alerts, against=against)
    return render_cohort(bad._replace(reasons=(Reason(HOSTILE, 1, HOSTILE),)), TODAY).decode()


def rows(text: str) -> Iterator[list[str]]:
    """The rows of all tables of a page, as text."""
    for row in re.findall(r"<tr>(.*?)</tr>", text, re.DOTALL):
        yield [
            " ".join(re.sub(r"<[^>]*>", "", cell).split()) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]


# --- the terminal -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
def test_the_summary_equals_the_kept_one(width: int) -> None:
    assert page(width) == kept(width).read_text("utf-8")


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_is_wider_than_the_terminal_or_ends_in_blanks(width: int) -> None:
    for line in page(width).splitlines():
        assert len(line) <= width
        assert line == line.rstrip()


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (0, 90, ""),
        (1, 10_000, "<0.1%"),
        (9_999, 10_000, ">99.9%"),
        (50, 50, "100.0%"),
        (10, 30, "33.3%"),
        (5, 19, ""),
        (0, 0, ""),
    ],
)
def test_a_share_is_of_many_patients_and_never_rounded_to_all(part: int, whole: int, shown: str) -> None:
    assert share(part, whole) == shown


def test_the_summary_as_json_has_the_same_numbers() -> None:
    summarised = summary_to_json(summary(), TODAY)
    assert summarised["rows"] == summarised["answered"] + summarised["rejected"] + summarised["empty"] == 1_998_012
    assert sum(step["patients"] for step in summarised["steps"]) == summarised["answered"]
    assert summarised["against"]["from_to"]["catch_water"]["patch"] == 1_250
    assert summarised["knowledge"]["sha256"] == summary().kb.sha256


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_holds_every_number_of_the_summary() -> None:
    it, found = summary(), [*rows(html())]
    for step in it.steps:
        counts = (step.patients, step.certain, step.provisional, step.open)
        assert [step.title, *(f"{count:,}" for count in counts)] in found
    for alert in it.alerts:
        assert [alert.title, "3,400", "3,000", "400"] in found
    assert it.sampled
    for one in it.sampled.missing:
        assert [one.title, str(one.patients), share(one.patients, 200)] in found
    for reason in it.reasons:
        assert [reason.reason, str(reason.faults), reason.first] in found
    text = Page(html()).text
    assert "1,998,012 rows of 2 files = 1,997,000 answered + 1,000 rejected + 12 without content" in text
    assert it.kb.sha256 in text
    assert it.kb.disclaimer in text


def test_the_page_shows_from_which_step_to_which() -> None:
    it, found = summary(), [*rows(html())]
    assert it.against
    titles = [it.kb.steps[step].title if step in it.kb.steps else step for step in it.against.steps]
    for title, numbers in zip(titles, it.against.matrix, strict=True):
        assert [title, *(f"{number:,}" for number in numbers)] in found
    text = Page(html()).text
    assert "Catch the water → Patch: 1,250 patients" in text
    assert "Only the vocabulary before has: thatch." in text


def test_the_page_lists_whom_to_ask_what_with_the_same_questions_together() -> None:
    it = summary()
    assert it.sampled
    asked = (ToAsk("a.csv record 1 (r1)", "patch", ("sag", "roof_age")), ToAsk("b.csv record 7", "", ("sag",)))
    again = (ToAsk("a.csv record 2", "patch", ("sag",)),)
    found = [*rows(render_cohort(it._replace(sampled=it.sampled._replace(to_ask=asked + again)), TODAY).decode())]
    short = Phrases(it.kb, {}).short
    listed = [
        [short("sag"), "2", "b.csv record 7; a.csv record 2"],
        [f"{short('sag')}; {short('roof_age')}", "1", "a.csv record 1 (r1)"],
    ]
    assert [row for row in found if row in listed] == listed
    assert "Who needs to be asked what" not in html()


def test_a_page_of_few_patients_has_no_shares() -> None:
    it = summary()
    few = it._replace(answered=3, steps=(StepCount("patch", "Patch", 1, 2, 0),), alerts=(), sampled=None, against=None)
    assert "%" not in Page(render_cohort(few, TODAY).decode()).text
    assert "%" in Page(html()).text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ((12_000, 50_000, 5_000, 8), "12,000 of 50,000 rows, 5,000 a second, about 8 seconds left"),
        ((3, 9, None, 150), "3 of 9 rows, about 2 minutes left"),
        ((7, None, None, None), "7 rows"),
    ],
)
def test_progress_is_in_words(state: tuple[float, float | None, float | None, float | None], words: str) -> None:
    assert in_words("rows", *state) == words


def test_every_drawing_has_a_description_and_a_table() -> None:
    drawings = re.findall(r"<svg.*?</svg>", html(), re.DOTALL)
    assert len(drawings) == 3
    for drawing in drawings:
        assert 'role="img"' in drawing
        title, words = re.findall(r"<(?:title|desc) id=\"([^\"]+)\">", drawing)
        assert f'aria-labelledby="{title} {words}"' in drawing
    assert len(re.findall("<caption>", html())) == 5


@pytest.mark.parametrize("made", [html, hostile])
def test_the_page_fetches_nothing_and_runs_nothing(made: Callable[[], str]) -> None:
    page = Page(made())
    assert not page.unclosed
    for element in page.elements:
        assert element.tag not in ("script", "img", "link", "iframe", "object", "embed", "image")
        assert "style" not in element.attributes
        assert not [name for name in element.attributes if name.startswith("on")]
        for name in ("src", "href", "xlink:href"):
            assert element.attributes.get(name, "#").startswith("#")
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    policies = [it.attributes["content"] for it in page.elements if it.attributes.get("http-equiv")]
    assert [policy.partition(";")[0] for policy in policies] == ["default-src 'none'"]


def test_hostile_text_remains_text() -> None:
    shown = r"<script>alert(1)</script>$x_1$ \x1b[31m\u202e&amp;"
    text = Page(hostile()).text
    assert text.count(shown) >= 6
    assert "\x1b" not in hostile()
    assert "\u202e" not in hostile()


def test_the_same_summary_is_the_same_page() -> None:
    assert render_cohort(summary(), TODAY).decode() == html()


def test_a_cohort_without_patients_has_a_page() -> None:
    empty = Summary(summary().kb, ("a.csv",), 0, 0, 0, (), (), None, (), 0.1, "a.parquet")
    text = Page(render_cohort(empty, TODAY).decode()).text
    assert "0 patients answered" in text
    assert "None: every row was answered." in text


def test_the_length_of_a_bar_is_proportional_to_its_number() -> None:
    drawing = bars(
        "plot", "A plot", [Bar("All", (50, 50), "100"), Bar("Half", (0, 50), "50"), Bar("None", (0, 0), "0")]
    )
    found = re.findall(r'd="M (\S+) \S+ +L (\S+) .*?class="fill-(series-\d)', drawing)
    widths = [(name, float(right) - float(left)) for left, right, name in found]
    assert [name for name, _ in widths] == ["series-0", "series-1", "series-1"]
    assert widths[0][1] == pytest.approx(widths[1][1]) == pytest.approx(widths[2][1])


def test_numbers_next_to_bars_stay_within_the_drawing() -> None:
    rows = [Bar("Most", (10**8, 1), "100,000,001 (99.9%)"), Bar("Fewer", (10**7,), "10,000,000 (0.1%)")]
    found = re.findall(r'<text x="(\S+)"[^>]*fill-soft[^>]*>([^<]*)<', bars("plot", "A plot", rows))
    assert [text for _, text in found] == [row.text for row in rows]
    assert all(float(left) + 8 * len(text) <= WIDTH for left, text in found)


@pytest.mark.filterwarnings("error")
def test_long_and_wide_titles_stay_within_the_drawing() -> None:
    drawing = bars("plot", "A plot", [Bar("word " * 30, (1,), "1"), Bar("椎間板" * 20, (1,), "1")])
    lines = re.findall(r"<text[^>]*fill-ink[^>]*>([^<]*)</text>", drawing)
    assert max(len(line) for line in lines if line.isascii()) <= 44
    assert max(len(line) for line in lines if not line.isascii()) <= 22


def test_the_command_writes_the_page_and_the_answers(tmp_path: Path) -> None:
    (tmp_path / "patients.csv").write_text(PATIENTS, "utf-8")
    out, report = tmp_path / "answers.csv", tmp_path / "report.html"
    common = ("cohort", str(tmp_path / "patients.csv"), "--knowledge", backs(tmp_path / "knowledge"), "-o", str(out))
    assert run(*common, "--report", str(report)).status == 0
    assert "4 patients answered" in Page(report.read_text("utf-8")).text
    out.unlink()
    (tmp_path / "answers.rejects.csv").unlink()
    assert "exists already" in run(*common, "--report", str(report)).err
    assert not out.exists()
