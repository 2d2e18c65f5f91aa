"""Problems with an input, as a person wants to read them: place, message, line with a caret, what would be right."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from expert.lang.errors import COMMAND_LINE, Problem
from expert.render.plain import visible

_WIDTH = 96
_MOST = 1000


def render_problems(problems: Sequence[Problem]) -> str:
    """The problems in their order; of more than a thousand, the first and how many more there are."""
    lines = [line for problem in problems[:_MOST] for line in _lines(problem)]
    if len(problems) > _MOST:
        lines.append(f"and {len(problems) - _MOST} more problems")
    return "\n".join(lines)


def _lines(problem: Problem) -> Iterator[str]:
    typed = problem.at is not None and problem.at.file == COMMAND_LINE
    at = f"{COMMAND_LINE if typed else visible(str(problem.at))}: " if problem.at else ""
    yield f"{at}{visible(problem.message)}"
    if problem.at and problem.line:
        number = f"{'' if typed else problem.at.line:>5}"
        shown, before, width = _around(problem.line, problem.at.column - 1, max(problem.at.end - 1, problem.at.column))
        yield f"{number} | {shown}"
        yield f"{' ' * len(number)} | {' ' * before}{'^' * width}"
    if problem.expected:
        yield f"        expected {visible(problem.expected)}"
    if problem.suggestion:
        yield f"        did you mean {visible(problem.suggestion)}?"


def _around(line: str, column: int, end: int) -> tuple[str, int, int]:
    """The part of a line around a column, made visible; the cells before the column, and from there to the end."""
    start = max(0, column - _WIDTH // 2) if len(line) > _WIDTH else 0
    stop = start + _WIDTH
    before = ("..." if start else "") + visible(line[start:column])
    after = visible(line[column:stop]) + ("..." if len(line) > stop else "")
    return before + after, _cells(before), max(1, _cells(visible(line[column : min(end, stop)])))


def _cells(text: str) -> int:
    """How many cells of a terminal a text takes."""
    return sum(map(_cells_of, text))


def _cells_of(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
