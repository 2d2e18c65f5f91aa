"""How much of an A4 sheet is taken, estimated in lines, so that what matters least can be left to the appendix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import ceil

from expert.render.sections import Action, Sheet

LINES = 60
"""Lines of print on a sheet, without its head and foot."""

FULL, WIDE, REASON, OFFER, HALF = 118, 74, 72, 94, 56
"""Letters in a line: of the sheet, of what to check, of a reason, of options, and of one of two columns."""

HEADING, ANSWER = 1.8, 5


def fitting(sheet: Sheet, notes: Sequence[str]) -> int:
    """How many of some notes of guidance the sheet holds besides all that is on it; never none of some."""
    room = 2 * (LINES - _above(sheet)) - _lines(map(_words, sheet.advice), HALF) - 2 * HEADING - 1
    for count, note in enumerate(notes):
        room -= _lines([note], HALF)
        if room < 0:
            return max(count, 1)
    return len(notes)


def _above(sheet: Sheet) -> float:
    """The lines above advice and guidance."""
    parts: Iterator[float] = iter((
        _lines(map(_words, sheet.alerts), FULL),
        _lines(("; ".join(some) for some in (sheet.because, sheet.facts, sheet.unknown, sheet.scores)), FULL),
        1.2 * _lines((row.what for row in sheet.to_check), WIDE) + _lines(sheet.doubts, FULL),
        sum(max(1.1, _lines(rung.reasons, REASON)) for rung in sheet.rungs),
        _lines(("; ".join(it.options) for it in sheet.options), OFFER),
    ))  # fmt: skip
    answer = ANSWER + bool(sheet.preferred) + bool(sheet.meanwhile) + len(sheet.summary) // FULL
    return answer + sum(lines + HEADING for lines in parts if lines)


def _words(it: Action) -> str:
    return f"{it.title}. {it.text}"


def _lines(texts: Iterable[str], width: int) -> float:
    return sum(ceil(len(text) / width) for text in texts)
