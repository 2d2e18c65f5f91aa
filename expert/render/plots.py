"""Bars drawn by Matplotlib as inline SVG, in the colours of the page: light, dark, and those that a reader chose.

Matplotlib writes colours and type as ``style`` attributes, which the page's policy forbids. They become attributes and
classes that the page's style sheet colours (``.ink``, ``.soft``, ``.line``, ``.series-0`` ...), and the text is text.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree

from expert.render.graph_svg import title_lines
from expert.render.plain import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 380  # points, which are the units of the drawing: as wide as a phone, so that text need not shrink there
SIZE = 14  # of the text, in the same units
ROW, LINE, BAR, EDGE = 12, 18, 16, 6  # heights: between rows, of a line of title, of a bar, at top and bottom
LETTERS = 44  # in a line of title; half as many of wide ones (Chinese, say)
LETTER = 8.5  # the width that is left next to the bars for a letter of their text
GAP = 6  # between a bar and its text

_SVG = "{http://www.w3.org/2000/svg}"
_COLOURS = {"#000001": "ink", "#000002": "soft", "#000003": "line", "#000004": "paper"}
_COLOURS |= {f"#00001{index}": f"series-{index}" for index in range(4)}
_KEPT = ("stroke-width", "text-anchor", "stroke-linejoin")


class Bar(NamedTuple):
    """A row of a plot: a title, the lengths of the parts of its bar, and what is written next to it."""

    title: str
    parts: tuple[int, ...]
    text: str


def bars(name: str, title: str, rows: Sequence[Bar], first: int = 0) -> str:
    """The drawing of one or more rows, from the top.

    ``name`` is part of the ids of its title and its words; parts of bars are series from number ``first`` on.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    lines = [title_lines(visible(row.title), LETTERS) for row in rows]
    height = 2 * EDGE + sum(ROW + LINE * len(it) + BAR for it in lines) - ROW
    longest = max([1, *(sum(row.parts) for row in rows)])
    room = WIDTH - GAP - LETTER * max(len(row.text) for row in rows)
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "expert", "path.simplify": False, "font.size": SIZE}):
        figure = Figure(figsize=(WIDTH / 72, height / 72))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, WIDTH)
        axes.set_ylim(height, 0)
        top = EDGE
        for row, titles in zip(rows, lines, strict=True):
            for line in titles:
                top += LINE
                axes.text(0, top - 5, line, color="#000001", parse_math=False)
            _bar(axes, row, top, room / longest, first)
            top += BAR + ROW
        drawn = BytesIO()
        with warnings.catch_warnings():  # of letters that Matplotlib's own font has not: the reader's font draws them
            warnings.simplefilter("ignore", UserWarning)
            figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _inline(drawn.getvalue(), name, title, rows)


def _bar(axes: Axes, row: Bar, top: float, scale: float, first: int) -> None:
    left = 0.0
    for index, part in enumerate(row.parts, first):
        if part:
            width = max(part * scale, 1.5)  # what is not nothing is seen
            axes.barh(top + BAR / 2, width, BAR, left, color=f"#00001{index}", edgecolor="#000004", linewidth=1)
            left += width
    axes.text(left + GAP, top + BAR - 3, row.text, color="#000002", parse_math=False)


def _inline(drawn: bytes, name: str, title: str, rows: Sequence[Bar]) -> str:
    """The drawing as an element of a page: without prolog, styles and ids of its own."""
    ElementTree.register_namespace("", _SVG[1:-1])
    root = ElementTree.fromstring(drawn)
    for tag in ("metadata", "defs"):
        for element in root.findall(f"{_SVG}{tag}"):
            root.remove(element)
    for element in root.iter():
        _plain(element)
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.attrib |= {"class": "plot", "role": "img", "aria-labelledby": f"{name}-title {name}-desc"}
    texts = {"title": title, "desc": "; ".join(f"{row.title}: {row.text}" for row in rows)}
    for index, (tag, text) in enumerate(texts.items()):
        element = ElementTree.Element(f"{_SVG}{tag}", id=f"{name}-{tag}")
        element.text = visible(text)
        root.insert(index, element)
    return ElementTree.tostring(root, encoding="unicode")


def _plain(element: ElementTree.Element) -> None:
    """Take an element's style apart: colours into classes, the rest that matters into attributes."""
    element.attrib.pop("id", None)
    element.attrib.pop("clip-path", None)
    classes = []
    for entry in element.attrib.pop("style", "").split(";"):
        key, _, value = (part.strip() for part in entry.partition(":"))
        if key in ("fill", "stroke") and value in _COLOURS:
            classes.append(f"{key}-{_COLOURS[value]}")
        elif key in _KEPT or (key, value) == ("fill", "none"):
            element.set(key, value)
    if classes:
        element.set("class", " ".join(classes))
