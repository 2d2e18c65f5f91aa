"""A second reader of the knowledge language, from its description alone: premises and quantities of a draft.

Nothing here is imported from ``expert``: a fault of its readers makes a difference.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

Draft = dict[str, Any]
"""The parts of a knowledge folder: the arguments of `tests.small_ladder.write_ladder`."""

Entry = Mapping[str, Any]

UNITS = {
    "minutes": Fraction(1, 1440),
    "hours": Fraction(1, 24),
    "days": Fraction(1),
    "weeks": Fraction(7),
    "months": Fraction("30.4375"),
    "years": Fraction("365.25"),
    "mg": Fraction(1, 1000),
    "g": Fraction(1),
    "kg": Fraction(1000),
    "mm": Fraction(1),
    "cm": Fraction(10),
    "m": Fraction(1000),
}
ONE_OF = {f"1 {name.removesuffix('s')}" for name in UNITS}

BETWEEN = "between "

_LINE = re.compile(
    r"(?P<negated>not )?(?P<name>\w+)"
    r"(?: (?P<sign><=|>=|<|>) (?P<amount>.+)| is (?P<isnot>not )?(?P<value>\w+)| in \[(?P<values>.+)\])?"
)
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}


def number(text: str, unit: str = "") -> float:
    """The number that a quantity means, in the base unit; one without a unit is in ``unit``."""
    words = text.split()
    amount, of = (words[0], words[1] if len(words) > 1 else unit)
    if of == "%" or amount.endswith("%"):
        return float(Fraction(amount.removesuffix("%")) / 100)
    plural = of if not of or of in UNITS else f"{of}s"
    return float(Fraction(amount) * (UNITS[plural] if plural else 1))


class Line(NamedTuple):
    """A premise of one line: whether it holds of a value of a finding."""

    finding: str
    holds: Callable[[Any], bool]
    threshold: float | None = None
    sign: str = ""


def line(text: str) -> Line:
    """A premise of one line; yes/no values are Booleans, choices texts, quantities numbers in the base unit."""
    found = _LINE.fullmatch(text)
    assert found, text
    name, inverted = found["name"], bool(found["negated"]) != bool(found["isnot"])
    if found["sign"]:
        sign, bound = found["sign"], number(found["amount"])
        return Line(name, lambda value: _SIGNS[sign](value, bound), bound, sign)
    words = [it.strip() for it in (found["values"] or found["value"] or "yes").split(",")]
    return Line(name, lambda value: (_word(value) in words) is not inverted)


def _word(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def listed(premise: Any) -> list[Any]:
    """The parts of a premise or a list of them; *always* has none."""
    if premise == "always" or premise is None:
        return []
    return list(premise) if isinstance(premise, list | tuple) else [premise]


def lines_of(premise: Any) -> Iterator[Line]:
    """Every line of a premise, at any depth."""
    for part in listed(premise):
        if isinstance(part, str):
            yield line(part)
        else:
            for inner in part.values():
                yield from lines_of(inner)


def inputs_of(draft: Draft) -> dict[str, Entry]:
    """The input findings, without those for the record, which no premise reads."""
    return {name: it for name, it in draft["findings"].items() if "for_record" not in it}


def premises_of(draft: Draft) -> Iterator[Any]:
    """Every premise of a draft."""
    for rule in draft["rules"].values():
        yield from (rule["when"], rule.get("unless"))
    yield from draft.get("constraints", {}).values()
    yield from (it.get(key) for it in draft["findings"].values() for key in ("asked_if", "presumed_unless"))
    yield from (it.get("when") for it in draft.get("invariants", {}).values())


class Cell(NamedTuple):
    """A value of a finding; or, unless it is a ``point``, a number that represents those between two thresholds."""

    value: Any
    point: bool = True


def cells_of(finding: Entry, thresholds: Sequence[float]) -> list[Cell]:
    """The values that premises distinguish, in order."""
    if finding["type"] == "yes_no":
        return [Cell(False), Cell(True)]
    if finding["type"] == "choice":
        return [Cell(value) for value in finding["values"]]
    low, high = ends(finding)
    bounds = sorted({it for it in thresholds if low <= it <= high})
    found = [Cell(low, False)] if not bounds or bounds[0] > low else []
    for place, bound in enumerate(bounds):
        found.append(Cell(bound))
        after = bounds[place + 1] if place + 1 < len(bounds) else high
        if after > bound:
            found.append(Cell((bound + after) / 2, False))
    return found


def ends(finding: Entry) -> tuple[float, float]:
    """The range of a quantity."""
    low, high = (number(it.strip(), finding.get("unit", "")) for it in finding["range"].split(".."))
    return low, high


def value_of(finding: Entry, text: str) -> Any:
    """The value that a text means; for *between A and B*, a number that represents the interval."""
    if text.startswith(BETWEEN):
        low, high = (number(it) for it in text.removeprefix(BETWEEN).split(" and "))
        return (low + high) / 2
    if finding["type"] == "quantity":
        return number(text, finding.get("unit", ""))
    return text if finding["type"] == "choice" else text == "yes"


def place_of(cells: Sequence[Cell], value: Any) -> int:
    """The index of the cell that contains a value."""
    if not isinstance(value, float):
        return [it.value for it in cells].index(value)
    points = [it.value for it in cells if it.point]
    at = bisect_left(points, value)
    if at < len(points) and points[at] == value:
        return cells.index(Cell(value))
    before = cells.index(Cell(points[at - 1])) if at else -1
    return before + 1
