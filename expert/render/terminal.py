"""Answers and explanations on a terminal: the answer first, then why, then what would change it.

Words carry the meaning; colour only repeats it. Text from files is shown as plain text. Where there is no terminal to
colour, and every character takes one cell, rich is not asked: importing it takes as long as finding an answer.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import zip_longest
from typing import IO, TYPE_CHECKING

from expert.render.plain import visible

if TYPE_CHECKING:
    from datetime import date

    from rich.console import Console

    from expert.lang.model import KnowledgeBase

LEAST = 20  # no paragraph is wrapped to fewer cells

_WORD = re.compile(r" *[^ ]+ *")
_FIRST_THAT_MAY_BE_WIDE = "\u0300"


class Terminal:
    """Writes paragraphs and columns; without a terminal, at 80 columns and without colour."""

    def __init__(self, file: IO[str]) -> None:
        self.file = file
        self.plain = _is_plain(file)
        self.width = max(40, width_around() if self.plain else self.console.width)

    @cached_property
    def console(self) -> Console:
        """The file as a console of rich."""
        from rich.console import Console

        console = Console(file=self.file, markup=False, highlight=False, emoji=False)
        console.width = max(40, console.width)
        return console

    def say(self, text: str = "", indent: int = 0, style: str = "", hanging: int = 0) -> None:
        """Write a paragraph."""
        for line in self.paragraph(text, indent, hanging):
            self.line(line, style)

    def paragraph(self, text: str, indent: int = 0, hanging: int = 0) -> list[str]:
        """A text as lines, wrapped within its indent; all lines but the first are indented by ``hanging`` more.

        None begins beyond the middle of the line, however deep the tree is that it belongs to.
        """
        indent = min(indent, self.width // 2, self.width - LEAST - hanging)
        width = max(LEAST, self.width - indent - hanging)
        first, *rest = self.wrapped(text, width, before=hanging)
        lines = [" " * indent + first, *(" " * (indent + hanging) + line for line in rest)]
        return [line.rstrip() for line in lines]

    def heading(self, text: str) -> None:
        """A heading after a blank line."""
        self.say()
        self.say(text, style="bold")

    def footer(self, kb: KnowledgeBase, today: date) -> None:
        """The last line of every answer: which knowledge gave it, and what it is not."""
        overdue = f"  Its review was due on {kb.review_due}." if kb.review_overdue(today) else ""
        self.say()
        self.say(f"{kb.name} {kb.version} ({kb.sha256[:8]})  {kb.disclaimer}{overdue}", style="dim", hanging=2)

    def columns(
        self, rows: Iterable[Sequence[str]], widths: Sequence[int], indent: int = 2, styles: Iterable[str] = ()
    ) -> None:
        """Write rows in columns."""
        for row, style in zip_longest(rows, styles, fillvalue=""):
            for line in self.row(row, widths, indent):
                self.line(line, style)

    def row(self, cells: Sequence[str], widths: Sequence[int], indent: int = 2) -> list[str]:
        """The lines of a row in columns of these widths, narrower where the line is short; the last takes the rest.

        Where there is no room for columns, the other cells stand below the first.
        """
        widths = self._with_the_rest(widths, indent)
        if indent + sum(widths) + 2 * len(widths) - 2 > self.width:
            first, *others = [cell for cell in cells if cell] or [""]
            below = (line for cell in others for line in self.paragraph(cell, indent + 4))
            return [*self.paragraph(first, indent), *below]
        columns = [self.wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
        found = []
        for texts in zip_longest(*columns, fillvalue=""):
            line = " " * indent
            for text, width in zip(texts, widths, strict=True):
                line += text.rstrip() + " " * (width + 2 - width_of(text.rstrip()))
            found.append(line.rstrip())
        return found

    def _with_the_rest(self, widths: Sequence[int], indent: int) -> list[int]:
        """The widths with that of the last column, which is given room by narrowing the widest of the others."""
        found = list(widths)
        while (rest := self.width - indent - sum(found) - 2 * len(found)) < LEAST < max(found):
            found[found.index(max(found))] -= 1
        return [*found, max(LEAST, rest)]

    def wrapped(self, text: str, width: int, before: int = 0) -> list[str]:
        """The lines of a text; the first is ``before`` cells longer than the others."""
        whole = visible(text)
        lines = self._lines(whole, width + before)
        if before and len(lines) > 1:
            lines = [lines[0], *self._lines(whole[len(lines[0]) :].lstrip(), width)]
        return lines

    def _lines(self, text: str, width: int) -> list[str]:
        if _is_narrow(text):
            return wrapped(text, width)
        from rich.text import Text

        return [line.plain for line in Text(text).wrap(self.console, width)]

    def line(self, line: str = "", style: str = "") -> None:
        """Write one line that fits."""
        line = visible(line)
        if self.plain:
            self.file.write(f"{line}\n")
            self.file.flush()
            return
        from rich.text import Text

        content = Text(line)
        content.stylize(style, len(line) - len(line.lstrip()))
        self.console.print(content, soft_wrap=True)


def cites(ids: Iterable[str]) -> str:
    """Citations behind a text, each once; nothing if there are none."""
    found = list(dict.fromkeys(ids))
    return f" [{' '.join(found)}]" if found else ""


def wrapped(text: str, width: int) -> list[str]:
    """A text of narrow characters as lines, as rich wraps it; a word too long for a line is cut."""
    lines = []
    line = ""
    for word in _WORD.findall(text):
        needed = len(word.rstrip(" "))
        if len(line) + needed <= width:
            line += word
            continue
        if line:
            lines.append(line)
        *full, line = (
            (word[start : start + width] for start in range(0, len(word), width)) if needed > width else [word]
        )
        lines += full
    return [*lines, line]


def _is_narrow(text: str) -> bool:
    """Whether every character of a visible text takes one cell for sure."""
    return text.isascii() or max(text) < _FIRST_THAT_MAY_BE_WIDE


def width_of(text: str) -> int:
    """The cells that a text takes on the screen."""
    if _is_narrow(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _is_plain(file: IO[str] | None) -> bool:
    """Whether nothing on a file would be coloured; if environment variables can decide that, rich is asked."""
    asked = any(name in os.environ for name in ("FORCE_COLOR", "TTY_COMPATIBLE"))
    return file is not None and not asked and not file.closed and not file.isatty()


def width_around() -> int:
    """The width of the terminal around a redirected file, as rich finds it: 80 if there is none."""
    width = 0
    for stream in range(3):
        try:
            width = os.get_terminal_size(stream).columns
            break
        except OSError:
            pass
    columns = os.environ.get("COLUMNS", "")
    return (int(columns) if columns.isdigit() else width) or 80
