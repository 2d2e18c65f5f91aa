"""Problems with an input, as a person wants to read them: place, message, line with a caret, what would be right."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from expert.lang.errors import COMMAND_LINE, Problem
from expert.render.plain import visible

_WIDTH = 96
_MOST = 1000


def render_problems(problems: Sequence[Problem], width: int = 0) -> str:
    """The problems in their order; of more than a thousand, the first and how many more there are.

    Messages are wrapped to a ``width``, if one is given, and lines of files are cut to it.
    """
    lines = [line for problem in problems[:_MOST] for line in _lines(problem, width)]
    if len(problems) > _MOST:
        lines.append(f"and {len(problems) - _MOST} more problems")
    return "\n".join(lines)


def fitted(text: str, width: int) -> list[str]:
    """The lines of a message, wrapped to a width, 0 for none, within its indent; names and paths stay whole."""
    if not width or len(text) <= width:
        return [text]
    from textwrap import TextWrapper

    indent = " " * min(len(text) - len(text.lstrip()), width // 4)
    whole = TextWrapper(
        width, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return whole.wrap(text.lstrip())


def _lines(problem: Problem, width: int) -> Iterator[str]:
    typed = problem.at is not None and problem.at.file == COMMAND_LINE
    at = f"{COMMAND_LINE if typed else visible(str(problem.at))}: " if problem.at else ""
    yield from fitted(f"{at}{visible(problem.message)}", width)
    if problem.at and problem.line:
        number = f"{'' if typed else problem.at.line:>5}"
        end, most = max(problem.at.end - 1, problem.at.column), width - len(number) - 9 if width else _WIDTH
        shown, before, marked = _around(problem.line, problem.at.column - 1, end, min(most, _WIDTH))
        yield f"{number} | {shown}"
        yield f"{' ' * len(number)} | {' ' * before}{'^' * marked}"
    if problem.expected:
        yield from fitted(f"        expected {visible(problem.expected)}", width)
    if problem.suggestion:
        yield from fitted(f"        did you mean {visible(problem.suggestion)}?", width)


def _around(line: str, column: int, end: int, most: int) -> tuple[str, int, int]:
    """The part of a line around a column, made visible; the cells before the column, and from there to the end."""
    start = max(0, column - most // 2) if len(line) > most else 0
    stop = start + most
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
