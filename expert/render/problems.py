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
        shown, caret = _around(problem.line, problem.at.column - 1)
        yield f"{number} | {shown}"
        yield f"{' ' * len(number)} | {' ' * caret}^"
    if problem.expected:
        yield f"        expected {visible(problem.expected)}"
    if problem.suggestion:
        yield f"        did you mean {visible(problem.suggestion)}?"


def _around(line: str, column: int) -> tuple[str, int]:
    """The part of a line around a column, made visible, and how many cells stand before that column."""
    start = max(0, column - _WIDTH // 2) if len(line) > _WIDTH else 0
    before = ("..." if start else "") + visible(line[start:column])
    after = visible(line[column : start + _WIDTH]) + ("..." if len(line) > start + _WIDTH else "")
    return before + after, sum(map(_cells, before))


def _cells(char: str) -> int:
    """How many cells of a terminal a character takes."""
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
