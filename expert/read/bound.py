"""Bounds of a quantity: ``>3 months``, ``at least 4 weeks``, ``3-4 months``.

A bound is accepted if it settles every comparison of the finding in the knowledge base. No premise then distinguishes
the numbers within it, so any one represents them all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from expert.lang.errors import NotAValueError, quoted
from expert.lang.premises import Compare
from expert.lang.units import AMOUNT, read_in_range, unit_written
from expert.lang.values import Bounds, bounds_of
from expert.lang.vocabulary import Finding

_SIGNS = {
    ">": ">", "more than": ">", "over": ">", "above": ">",
    ">=": ">=", "\N{GREATER-THAN OR EQUAL TO}": ">=", "at least": ">=",
    "<": "<", "less than": "<", "under": "<", "below": "<",
    "<=": "<=", "\N{LESS-THAN OR EQUAL TO}": "<=", "at most": "<=", "up to": "<=",
}  # fmt: skip
_SIGN = "|".join(sorted(_SIGNS, key=len, reverse=True)).replace(" ", r"\s+")
_ONE = re.compile(rf"({_SIGN})\s*([0-9+-].*)", re.IGNORECASE | re.DOTALL)
_DASHES = "[-\N{EN DASH}]"
_TWO = re.compile(rf"({AMOUNT})\s*(?:{_DASHES}|to)\s*({AMOUNT})|between\s+({AMOUNT})\s+and\s+({AMOUNT})", re.IGNORECASE)
_MOST = 3

SIGNS = tuple(_SIGNS)
"""The words before a quantity that make it a bound."""


def settles(bounds: Bounds, comparison: Compare) -> bool:
    """Whether a comparison has the same truth for all numbers within bounds."""
    return bounds.compared(comparison.operator, bounds_of(comparison.threshold)) is not None


def check_settled(bounds: Bounds, finding: Finding, text: str, comparisons: Sequence[Compare]) -> None:
    """Check that bounds, given as a text, settle all comparisons.

    Raises:
        NotAValueError: they do not; the message names the thresholds.
    """
    straddled = {it.threshold: it.written for it in reversed(comparisons) if not settles(bounds, it)}
    if not straddled:
        return
    names = [straddled[number] for number in sorted(straddled)]
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    thresholds = f"{' and '.join(names[:_MOST])}{more}"
    message = f"{finding.name}: {quoted(text)} spans {thresholds}, and the answer may depend on the side"
    raise NotAValueError(message, f"a value, or a bound on one side of {thresholds}")


def read_bounds(finding: Finding, text: str) -> Bounds | None:
    """The bounds of a quantity in a text; ``None`` if the text is not of that form.

    Raises:
        NotAValueError: an end is out of range, or no value lies within.
    """
    if unit_written(text) is not None:
        return None
    if one := _ONE.fullmatch(text):
        sign = _SIGNS[" ".join(one[1].lower().split())]
        number = _number(finding, one[2], one.start(2))
        if sign[0] == ">":
            found = Bounds(number, finding.high, low_open=sign == ">")
        else:
            found = Bounds(finding.low, number, high_open=sign == "<")
    elif two := _TWO.fullmatch(text):
        first, second = (1, 2) if two[1] else (3, 4)
        low, high = _with_one_unit(finding, text, two[first], two[second])
        found = Bounds(_number(finding, low, two.start(first)), _number(finding, high, two.start(second)))
    else:
        return None
    if found.is_empty:
        raise NotAValueError(f"{finding.name}: no value lies within {quoted(text)}", finding.written_range)
    return found


def _number(finding: Finding, text: str, offset: int) -> float:
    try:
        return read_in_range(finding, text, unit_may_be_omitted=finding.unit_may_be_omitted)
    except NotAValueError as error:
        raise NotAValueError(str(error), error.expected, offset + error.offset, error.word, error.among) from None


def _with_one_unit(finding: Finding, text: str, low: str, high: str) -> tuple[str, str]:
    """Two quantities; the first takes the unit of the second if it has none."""
    units = [unit_written(amount) for amount in (low, high)]
    if units[0] and not units[1]:
        raise NotAValueError(f"{finding.name}: {quoted(text)} has no unit at its end", f"{text} {units[0]}")
    return (low if units[0] else f"{low} {units[1] or ''}".strip()), high
