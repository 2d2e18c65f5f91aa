"""Random patients of a draft, as people write them: from nothing known to everything known, some of them impossible."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from tests.fuzz.language import BETWEEN, UNITS, Cell, ends, number, place_of, value_of
from tests.fuzz.meaning import Meaning

Patient = dict[str, str]
"""Findings with their values as text."""

BASES = {"weeks": "days", "years": "days", "hours": "days", "kg": "g", "cm": "mm"}


def random_patients(meaning: Meaning, rng: Random, count: int) -> list[Patient]:
    """Some patients, the first of whom nothing is known."""
    found: list[Patient] = [{}]
    recorded = {name: it for name, it in meaning.draft["findings"].items() if name not in meaning.inputs}
    for _ in range(count - 1):
        share = rng.choice([0.2, 0.4, 0.6, 0.8, 1.0])
        found.append({name: _value(meaning, name, rng) for name in meaning.inputs if rng.random() < share})
        found[-1] |= {name: _recorded(it, rng) for name, it in recorded.items() if rng.random() < share}
        if (panels := meaning.draft.get("panels")) and rng.random() < 0.2:
            panel, members = rng.choice(list(panels.items()))
            found[-1] = {panel: "none"} | {name: text for name, text in found[-1].items() if name not in members}
    return found


def _recorded(finding: Mapping[str, Any], rng: Random) -> str:
    """A value of a finding for the record."""
    if finding["type"] == "quantity":
        return f"{rng.randint(1, 50)} {finding['unit']}"
    return str(rng.choice(finding.get("values", ["yes", "no"])))


def _value(meaning: Meaning, name: str, rng: Random) -> str:
    it, cells = meaning.inputs[name], meaning.cells[name]
    if "usual" in it and rng.random() < 0.3:
        return str(it["usual"])
    cell = rng.choice(cells)
    if it["type"] != "quantity":
        return ("yes" if cell.value else "no") if isinstance(cell.value, bool) else str(cell.value)
    text: str = rng.choice(list(_texts(it, cells, cell)))
    return text


def _texts(finding: Mapping[str, Any], cells: list[Cell], cell: Cell) -> Iterator[str]:
    """Ways to write a number of a cell: in the finding's unit where that is exact, in the base unit, by its bounds."""
    unit = finding.get("unit", "")
    base = BASES.get(unit, unit)
    for value in _numbers(finding, cells, cell):
        texts = [f"{value / float(UNITS[unit] if unit else 1)!r} {unit}".strip(), f"{value!r} {base}".strip()]
        if finding.get("unit_may_be_omitted"):
            texts.append(texts[0].split()[0])
        yield from (it for it in texts if "e" not in it.split()[0] and value_of(finding, it) == value)
    if not cell.point and len(within := sorted({*_numbers(finding, cells, cell)})) > 1:
        low, high = (f"{it!r} {base}".strip() for it in (within[0], within[-1]))
        if "e" not in low.split()[0] + high.split()[0]:
            yield f"{BETWEEN}{low} and {high}"


def _numbers(finding: Mapping[str, Any], cells: list[Cell], cell: Cell) -> Iterator[float]:
    """Numbers of a cell: of one between thresholds the middle, next to either of them, and at the ends of the range."""
    yield cell.value
    if not cell.point:
        points = [it.value for it in cells if it.point]
        near = [math.nextafter(it, cell.value) for it in points]
        inside = (it for it in (*near, *ends(finding)) if place_of(cells, it) == cells.index(cell))
        yield from inside


def plain_number(finding: Mapping[str, Any], text: str) -> float | None:
    """The number of a text that is in the finding's own unit; ``None`` of one that is written otherwise."""
    words = text.split()
    own = words[1:] in ([finding.get("unit", "")], []) and words[0].replace(".", "").lstrip("-").isdigit()
    return float(words[0]) if own and number(text, finding.get("unit", "")) is not None else None
