"""The ladder drawn as a ladder: an inline SVG, read from the foot, with classes for the page's style sheet.

Every status has a line and a sign of its own, so that the drawing is as clear in grey.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

from expert.render.graph_svg import title_lines
from expert.render.plain import visible
from expert.render.sections import Rung

WIDTH = 360
LEFT, RIGHT = 46, 344  # the rails
NAMES = LEFT + 40  # where the titles begin
LINE, STATUS_LINE, ABOVE, BELOW = (
    20,
    17,
    14,
    12,
)  # heights in a rung: of a line of title, of the status, and of the gaps
MOST = 27  # letters in a line of a title; wide ones (Chinese, say) count twice
SIGNS = {
    "recommended": "M-5 0 L-1.5 4 L5.5 -4",
    "excluded": "M-4 -4 L4 4 M4 -4 L-4 4",
    "unsupported": "M-4.5 0 L4.5 0",
    "waiting": "M-2.5 -4 L-2.5 4 M2.5 -4 L2.5 4",
    "open": "M-3 -2.2 C-3 -6.2 3.2 -6.2 3 -2 C2.8 0 0 -0.2 0 2 M0 4.6 L0 5",
    "available": "M0 -2 A2 2 0 1 0 0.01 -2 Z",
}


class _Place(NamedTuple):
    """Where a rung is drawn: the top of its cell, and its bar at the bottom of it."""

    rung: Rung
    lines: list[str]
    top: int
    bar: int


def ladder_svg(rungs: Sequence[Rung]) -> str:
    """The drawing, the first rung at the foot."""
    places, height = _places(rungs)
    svg = Element("svg", {"class": "ladder", "viewBox": f"0 0 {WIDTH} {height}", "role": "img"})
    svg.set("aria-labelledby", "ladder-title ladder-desc")
    SubElement(svg, "title", id="ladder-title").text = "The ladder, read from the foot"
    SubElement(svg, "desc", id="ladder-desc").text = visible(_in_words(rungs))
    for x in (LEFT, RIGHT):
        SubElement(svg, "path", {"class": "rail", "d": f"M{x} 4 V{height - 4}"})
    for place in places:
        _draw(SubElement(svg, "g", {"class": f"rung {place.rung.status}"}), place)
    return tostring(svg, encoding="unicode")


def _places(rungs: Sequence[Rung]) -> tuple[list[_Place], int]:
    places = []
    top = 10
    for rung in reversed(rungs):
        lines = title_lines(visible(rung.title), MOST)
        bar = top + ABOVE + LINE * len(lines) + STATUS_LINE + BELOW
        places.append(_Place(rung, lines, top, bar))
        top = bar
    return places, top + 26


def _draw(group: Element, place: _Place) -> None:
    rung, middle = place.rung, (place.top + place.bar) // 2
    if rung.status == "recommended":
        box = {"x": LEFT, "y": place.top + 6, "width": RIGHT - LEFT, "height": place.bar - place.top - 6}
        SubElement(group, "rect", {"class": "standing"} | {key: str(value) for key, value in box.items()})
        SubElement(group, "path", {"class": "pointer", "d": f"M{LEFT - 4} {middle + 3} l-13 -8 v16 z"})
    SubElement(group, "path", {"class": "bar", "d": f"M{LEFT} {place.bar} H{RIGHT}"})
    number = {"class": "number", "x": "12", "y": str(middle + 9), "text-anchor": "middle"}
    SubElement(group, "text", number).text = str(rung.number)
    y = place.top + ABOVE
    for line in place.lines:
        y += LINE
        SubElement(group, "text", {"class": "name", "x": str(NAMES), "y": str(y - 3)}).text = line
    word = f"{rung.word}, as presumed" if rung.as_presumed else rung.word
    SubElement(group, "text", {"class": "word", "x": str(NAMES), "y": str(y + STATUS_LINE - 3)}).text = word
    sign = SubElement(group, "g", {"class": "sign", "transform": f"translate({LEFT + 22} {middle + 4})"})
    SubElement(sign, "circle", {"r": "10"})
    SubElement(sign, "path", {"d": SIGNS[rung.status]})


def _in_words(rungs: Sequence[Rung]) -> str:
    words = (f"{rung.number}. {rung.title}: {rung.word}{', as presumed' * rung.as_presumed}" for rung in rungs)
    return f"{'; '.join(words)}. The table below says the same with the reasons."
