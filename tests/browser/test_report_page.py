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
from expert.render.sections import Report, Tree
from tests.browser.chromium import WANTED, assert_accessible, chromium, framed, printed, reported_by
from tests.test_report import HOSTILE, copied, open_report, pages, report_of

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
    folded = [*(point.title for rung in it.rungs for point in rung.idle), *(fact.title for fact in it.other_presumed)]
    paper = _text(printed(page(kind)), tmp_path)
    lost = [text for text in (*_claims(it.why), *folded, *it.unknown) if "".join(text.split()) not in paper]
    assert lost == []


def _claims(tree: Tree | None) -> Iterator[str]:
    if tree:
        yield tree.claim
        for part in tree.parts:
            yield from _claims(part)


def _text(pdf: bytes, folder: Path) -> str:
    """The text of a PDF without its blanks."""
    file = folder / "page.pdf"
    file.write_bytes(pdf)
    shown = subprocess.run(["pdftotext", "-raw", str(file), "-"], capture_output=True, text=True, check=True)
    return "".join(shown.stdout.split())
