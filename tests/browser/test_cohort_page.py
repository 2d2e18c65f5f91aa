"""The page of a cohort in a real browser: accessible in light and dark, whole on a phone."""

from __future__ import annotations

import pytest

from expert.render.cohort_report import render_cohort
from tests.browser.chromium import WANTED, assert_accessible, framed, reported_by, without_policy
from tests.golden.cohort import TODAY, summary

pytestmark = pytest.mark.skipif(not WANTED, reason="make browser runs the tests that need Chromium")


def page() -> str:
    return render_cohort(summary(), TODAY).decode()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_to_object_to(dark: bool) -> None:
    assert_accessible(page(), dark=dark)


@pytest.mark.parametrize("width", [320, 390, 900])
def test_only_tables_are_scrolled_sideways(width: int) -> None:
    script = """
        document.getElementById('frame').onload = () => {
            const inside = document.getElementById('frame').contentDocument.documentElement;
            tell([inside.scrollWidth, inside.clientWidth]);
        };
    """
    needed, there = reported_by(framed(page(), width), script)
    assert needed <= there == width


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_bars_are_coloured_by_the_page(dark: bool) -> None:
    script = """
        const colours = ['fill-series-0', 'fill-series-1', 'fill-ink'].map(
            name => getComputedStyle(document.querySelector('.' + name)).fill);
        tell([...colours, getComputedStyle(document.body).backgroundColor]);
    """
    colours = reported_by(without_policy(page()), script, dark=dark)
    assert len(set(colours)) == 4
