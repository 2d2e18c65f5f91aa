"""The pages of the knowledge in a real browser: accessible in light and dark, complete on a phone and on paper."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from expert import read_knowledge
from expert.render.docs import render_single, render_site
from expert.render.handbook import handbook
from tests.browser.chromium import (
    OPENED,
    WANTED,
    assert_accessible,
    chromium,
    framed,
    printed,
    reported_by,
    without_policy,
)
from tests.browser.test_report_page import _text
from tests.test_report import HOSTILE, ROOFS, copied

pytestmark = pytest.mark.skipif(not WANTED, reason="make browser runs the tests that need Chromium")

SHIPPED = ("index", "ladder", "findings", "rules-minimally-invasive", "notices", "references", "promises")
PAGES = [*SHIPPED, "single", "hostile"]


@cache
def shipped() -> Mapping[str, bytes]:
    return render_site(handbook(read_knowledge(), proofs=True))


@cache
def page(name: str) -> str:
    """A page of the shipped knowledge, the other ladder on a single page, or a page with hostile texts."""
    if name == "single":
        return render_single(handbook(read_knowledge(ROOFS), proofs=True)).decode()
    if name == "hostile":
        with TemporaryDirectory() as folder:
            knowledge = read_knowledge(copied(Path(folder), HOSTILE + "x" * 400))
            return render_single(handbook(knowledge, proofs=False)).decode()
    return shipped()[f"{name}.html"].decode()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_violation(name: str, dark: bool) -> None:
    assert_accessible(page(name), dark=dark)


@pytest.mark.parametrize("name", PAGES)
def test_only_drawings_are_wider_than_a_phone(name: str) -> None:
    width = 320
    script = """
        document.getElementById('frame').addEventListener('load', event => {
            const page = event.target.contentDocument;
            page.querySelectorAll('details').forEach(it => it.open = true);
            const wide = [...page.querySelectorAll('body *:not(.scroll *)')].filter(
                it => it.getBoundingClientRect().right > page.documentElement.clientWidth + 0.5);
            tell({
                styled: page.defaultView.getComputedStyle(page.body).maxWidth !== 'none',
                width: page.documentElement.clientWidth,
                scroll: page.documentElement.scrollWidth,
                wide: wide.map(it => it.outerHTML.slice(0, 200)),
            });
        });
    """
    measured = reported_by(
        framed(without_policy(page(name)), width), script
    )  # Chromium computes a wrong hash of a style in a long srcdoc
    assert measured == {"styled": True, "width": width, "scroll": width, "wide": []}


@pytest.mark.parametrize("name", ["ladder", "single", "hostile"])
def test_text_in_a_drawing_stays_inside_its_box(name: str) -> None:
    script = f"""
        {OPENED}
        const out = [...document.querySelectorAll('.node')].filter(it => {{
            const box = it.querySelector('rect').getBBox();
            return [...it.querySelectorAll('text')].some(text => {{
                const said = text.getBBox();
                return said.x + said.width > box.x + box.width || said.y + said.height > box.y + box.height;
            }});
        }});
        tell([document.querySelectorAll('.node').length, out.map(it => it.textContent)]);
    """
    drawn, out = reported_by(without_policy(page(name)), script)
    assert drawn > 10
    assert out == []


@pytest.mark.parametrize("name", ["index", "ladder", "rules-minimally-invasive"])
def test_the_navigation_is_one_line_and_drawings_fit_at_1024(name: str) -> None:
    script = """
        document.getElementById('frame').addEventListener('load', event => {
            const page = event.target.contentDocument;
            const tops = [...page.querySelectorAll('.chapters > ul > li')].map(it => it.getBoundingClientRect().bottom);
            const drawings = [...page.querySelectorAll('.scroll')].filter(it => it.scrollWidth > it.clientWidth);
            tell([Math.max(...tops) - Math.min(...tops), drawings.length]);
        });
    """
    apart, wide = reported_by(framed(without_policy(page(name)), 1024), script)
    assert apart < 10
    assert wide == 0


def test_the_content_security_policy_allows_the_style_and_no_script() -> None:
    for name in ("index", "findings", "single"):
        plain = chromium(page(name), "--dump-dom", "--enable-logging=stderr")
        assert "Content Security Policy" not in plain.stderr
    attacked = page("index").replace("</main>", "<script>document.body.innerHTML = 'gone'</script></main>")
    result = chromium(attacked, "--dump-dom", "--enable-logging=stderr")
    assert "Content Security Policy" in result.stderr
    assert "The ladder</h2>" in result.stdout


@pytest.mark.parametrize("name", ["index", "ladder", "single"])
def test_a_page_prints_on_a4_with_its_folded_details(name: str, tmp_path: Path) -> None:
    pdf = printed(page(name))
    boxes = re.findall(rb"/MediaBox\s*\[0 0 ([0-9.]+) ([0-9.]+)\]", pdf)
    assert boxes
    assert {(round(float(width)), round(float(height))) for width, height in boxes} == {(595, 842)}
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not installed")
    folded = {"index": "What leads to it", "ladder": "What leads to it, drawn"}
    assert "".join(folded.get(name, "What the cases exercise").split()) in _text(pdf, tmp_path)
