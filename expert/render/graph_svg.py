"""A drawing of boxes in columns with lines from left to right: an inline SVG, coloured by its page's style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import NamedTuple
from unicodedata import east_asian_width
from xml.etree.ElementTree import Element, SubElement, tostring

from expert.render.plain import visible

LINE, PADDING, GAP, MARGIN = 15, 7, 8, 4  # heights: of a line, above and below it in a box, between boxes, at the edge
SPACE = 34  # between columns
WIDTHS = (
    ("ijl", 3.6),
    (".,:;'|I ftr()[]-!", 5.1),
    ("csvxyzkJ", 7.1),
    ("mwMW@%", 12),
    ("<>=+~^#&QO", 10.2),
)  # letters by their width
WIDTHS_OF_COLUMNS = (170, 272, 190)

NodeId = tuple[str, ...]
"""The kind of an entry and its name."""


class Node(NamedTuple):
    """A box. ``kind`` is its class; ``sign`` comes before the first line."""

    id: NodeId
    title: str
    kind: str
    sign: str = ""


class Edge(NamedTuple):
    """A line from one box to another that is further right. ``kind`` is its class."""

    start: NodeId
    end: NodeId
    kind: str = "reads"


class _Box(NamedTuple):
    node: Node
    lines: list[str]
    x: int
    y: int
    width: int
    height: int


def draw(id: str, title: str, desc: str, columns: Sequence[list[Node]], edges: Sequence[Edge]) -> str:
    """The drawing, with a title and a description for readers who do not see it; lines lead to the next column."""
    columns = [column for column in columns if column]
    if columns:
        columns = [*columns[:-1], _untangled(columns, edges)]
    boxes, width, height = _placed(columns, WIDTHS_OF_COLUMNS[: len(columns)])
    svg = Element("svg", {"class": "graph", "viewBox": f"0 0 {width} {height}", "role": "img"})
    svg.attrib |= {"width": str(width), "height": str(height), "aria-labelledby": f"{id}-title {id}-desc"}
    SubElement(svg, "title", id=f"{id}-title").text = visible(title)
    SubElement(svg, "desc", id=f"{id}-desc").text = visible(desc)
    for edge in edges:
        SubElement(svg, "path", {"class": f"edge {edge.kind}", "d": _path(boxes[edge.start], boxes[edge.end])})
    for box in boxes.values():
        _draw(SubElement(svg, "g", {"class": f"node {box.node.kind}"}), box)
    return tostring(svg, encoding="unicode")


def _untangled(columns: Sequence[list[Node]], edges: Sequence[Edge]) -> list[Node]:
    """The last column in the order of the places of the boxes from which lines lead to it."""
    places = {node.id: place for column in columns for place, node in enumerate(column)}
    before: dict[NodeId, list[int]] = {}
    for edge in edges:
        before.setdefault(edge.end, []).append(places[edge.start])
    return sorted(columns[-1], key=lambda node: sum(before.get(node.id, [0])) / len(before.get(node.id, [0])))


def _placed(columns: list[list[Node]], widths: Sequence[int]) -> tuple[dict[NodeId, _Box], int, int]:
    """A box for each node, each column in the middle of the height."""
    lines = {node.id: _lines(node, width) for column, width in zip(columns, widths, strict=True) for node in column}
    heights = {name: LINE * len(some) + 2 * PADDING for name, some in lines.items()}
    totals = [sum(heights[node.id] + GAP for node in column) - GAP for column in columns]
    tallest = max(totals, default=0)
    boxes = {}
    x = MARGIN
    for column, width, total in zip(columns, widths, totals, strict=True):
        y = MARGIN + (tallest - total) // 2
        for node in column:
            boxes[node.id] = _Box(node, lines[node.id], x, y, width, heights[node.id])
            y += heights[node.id] + GAP
        x += width + SPACE
    return boxes, x - SPACE + MARGIN, tallest + 2 * MARGIN


def _lines(node: Node, width: int) -> list[str]:
    """The lines that a title takes in a box, by the width of its letters; a word that is too long is cut."""
    room = (width - 2 * PADDING - (16 if node.sign else 0)) / (1.12 if node.kind == "step" else 1)  # bold is wider
    lines = [""]
    for word in visible(node.title).split():
        if lines[-1] and _width(f"{lines[-1]} {word}") <= room:
            lines[-1] += f" {word}"
            continue
        lines += [""] * bool(lines[-1])
        for letter in word:
            if _width(lines[-1] + letter) > room:
                lines.append("")
            lines[-1] += letter
    return lines


def title_lines(title: str, letters: int) -> list[str]:
    """The lines of a title with at most so many letters in each; wide ones (Chinese, say) count twice."""
    wide = any(east_asian_width(letter) in "WF" for letter in title)
    return wrap(title, letters // 2 if wide else letters) or [""]


def _width(text: str) -> float:
    """About how wide a text is at most at 12 pixels, in the widest of the usual fonts."""
    return sum(next((width for letters, width in WIDTHS if letter in letters), _other(letter)) for letter in text)


def _other(letter: str) -> float:
    if letter.isascii():
        return 8.9 if letter.isupper() else 7.7
    return 12.5 if east_asian_width(letter) in "WFA" else 10


def _path(start: _Box, end: _Box) -> str:
    """From the right of one box to the left of another."""
    x, y, to_y = start.x + start.width, start.y + start.height // 2, end.y + end.height // 2
    return f"M{x} {y} C{x + SPACE // 2} {y} {end.x - SPACE // 2} {to_y} {end.x} {to_y}"


def _draw(group: Element, box: _Box) -> None:
    place = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    SubElement(group, "rect", {key: str(value) for key, value in place.items()})
    indent = PADDING + (16 if box.node.sign else 0)
    if box.node.sign:
        sign = {"class": "sign", "x": str(box.x + PADDING), "y": str(box.y + PADDING + 12)}
        SubElement(group, "text", sign).text = box.node.sign
    for number, line in enumerate(box.lines):
        y = box.y + PADDING + 11 + LINE * number
        SubElement(group, "text", {"x": str(box.x + indent), "y": str(y)}).text = line
