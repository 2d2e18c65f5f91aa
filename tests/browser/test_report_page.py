"""The report in a real browser: accessible in light and dark, whole on a phone and on paper, closed to scripts."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from expert import read_knowledge
from expert.answer.assess import Reasoner
from expert.render.html import render_html
from expert.render.report import gather
from expert.render.sections import Report, Tree
from tests.browser.chromium import (
    WANTED,
    assert_accessible,
    chromium,
    framed,
    printed,
    reported_by,
    without_policy,
)
from tests.random_patients import assessments
from tests.test_report import HOSTILE, TODAY, WORKED_FOLDER, copied, open_report, pages, report_of

pytestmark = pytest.mark.skipif(not WANTED, reason="make browser runs the tests that need Chromium")

KINDS = ("urgent", "provisional", "certain", "waiting", "open", "hostile")


@cache
def shipped() -> Reasoner:
    return Reasoner(read_knowledge())


@cache
def report(kind: str) -> Report:
    """A report of each kind of answer, and one whose texts mean harm."""
    patients = {
        "urgent": "saddle-numbness",
        "provisional": "fourteen-weeks",
        "certain": "everything-known",
        "waiting": "never-imaged",
    }
    with TemporaryDirectory() as folder:
        if kind == "open":
            return open_report(Path(folder))
        if kind == "hostile":
            return next(pages(copied(Path(folder), HOSTILE + "x" * 400)))
    return report_of(shipped(), file=Path(shipped().kb.directory) / "patients" / f"{patients[kind]}.yaml")


def page(kind: str) -> str:
    return render_html(report(kind))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_to_object_to(kind: str, dark: bool) -> None:
    assert_accessible(page(kind), dark=dark)


@pytest.mark.parametrize("width", [320, 360, 390])
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_overflows_on_a_phone(kind: str, width: int) -> None:
    script = """
        document.getElementById('frame').addEventListener('load', event => {
            const page = event.target.contentDocument;
            page.querySelectorAll('details').forEach(it => it.open = true);
            const wide = [...page.querySelectorAll('body *')].filter(
                it => it.getBoundingClientRect().right > page.documentElement.clientWidth + 0.5);
            tell({
                styled: page.defaultView.getComputedStyle(page.body).maxWidth !== 'none',
                width: page.documentElement.clientWidth,
                scroll: page.documentElement.scrollWidth,
                wide: wide.map(it => it.outerHTML.slice(0, 200)),
            });
        });
    """
    shown = reported_by(framed(page(kind), width), script)
    assert shown == {"styled": True, "width": width, "scroll": width, "wide": []}


def test_the_policy_lets_the_style_through_and_no_script() -> None:
    plain = chromium(page("urgent"), "--dump-dom", "--enable-logging=stderr")
    assert "Content Security Policy" not in plain.stderr
    attacked = page("urgent").replace("</main>", "<script>document.body.innerHTML = 'gone'</script></main>")
    shown = chromium(attacked, "--dump-dom", "--enable-logging=stderr")
    assert "Content Security Policy" in shown.stderr
    assert '<h1 id="answer">Urgent referral</h1>' in shown.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_prints_on_a4(kind: str) -> None:
    boxes = re.findall(rb"/MediaBox\s*\[0 0 ([0-9.]+) ([0-9.]+)\]", printed(page(kind)))
    assert boxes
    for width, height in boxes:
        assert (round(float(width)), round(float(height))) == (595, 842)


@pytest.mark.parametrize("kind", ["urgent", "provisional", "open"])
def test_nothing_that_is_folded_away_is_lost_on_paper(kind: str, tmp_path: Path) -> None:
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed")
    it = report(kind)
    more = it.appendix
    folded = [point.title for step in more.steps for point in step.idle] + [fact.title for fact in more.other_presumed]
    paper = _text(printed(render_html(it, appendix=True)), tmp_path)
    lost = [
        text
        for text in (*_claims(more.why), *folded, *more.unknown)
        if "".join(text.replace("-", "").split()) not in paper
    ]
    assert lost == []


def printed_pages(html: str) -> int:
    """The number of pages on paper."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", printed(html)))


@pytest.mark.parametrize("file", sorted(WORKED_FOLDER.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_answer_for_a_worked_patient_is_one_sheet(file: Path) -> None:
    assert printed_pages(render_html(report_of(shipped(), file=file))) == 1


def test_the_answer_for_any_patient_is_one_sheet() -> None:
    for assessment in assessments(shipped(), seed=8, count=12):
        assert printed_pages(render_html(gather(shipped(), assessment, TODAY))) == 1


def test_the_appendix_is_printed_on_request(tmp_path: Path) -> None:
    whole = printed(render_html(report("provisional"), appendix=True))
    assert "Appendix" in _text(whole, tmp_path)
    assert "Appendix" not in _text(printed(page("provisional")), tmp_path)


@pytest.mark.parametrize("name", ["fourteen-weeks", "everything-known", "both-legs", "earlier-cancer", "old-paresis"])
def test_a_phone_shows_the_answer_and_what_to_check_without_scrolling(name: str) -> None:
    """An answer that nothing can change has nothing to check."""
    script = """
        document.getElementById('frame').addEventListener('load', event => {
            const page = event.target.contentDocument;
            const check = page.querySelector('.check tbody tr, .check ol li, .check p');
            const line = 24;
            tell([page.querySelector('.certainty').getBoundingClientRect().bottom,
                  check ? check.getBoundingClientRect().top + 2 * line : 0]);
        });
    """
    report = report_of(shipped(), file=WORKED_FOLDER / f"{name}.yaml")
    answer, first = reported_by(framed(render_html(report), 390), script)
    assert 0 < answer < 500
    assert first < 844
    assert bool(first) == bool(report.sheet.check_heading)


def test_an_emergency_is_red() -> None:
    script = """
        const colour = getComputedStyle(document.querySelector('.answer')).backgroundColor;
        tell(colour.match(/\\d+/g).map(Number));
    """
    red, green, blue = reported_by(without_policy(page("urgent")), script)
    assert red > 2 * green
    assert red > 2 * blue


def _claims(tree: Tree | None) -> Iterator[str]:
    if tree:
        yield tree.claim
        for part in tree.parts:
            yield from _claims(part)


def _text(pdf: bytes, folder: Path) -> str:
    """The text of a PDF without its blanks, its hyphens (which may end a line) and its page numbers."""
    file = folder / "page.pdf"
    file.write_bytes(pdf)
    shown = subprocess.run(["pdftotext", "-raw", str(file), "-"], capture_output=True, text=True, check=True)
    return "".join(re.sub(r"\d+ / \d+|-", "", shown.stdout).split())
