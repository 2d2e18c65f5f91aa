"""Answers and explanations on a terminal: the answer first, then why, then what would change it.

Words carry the meaning; colour only repeats it. Text from files is shown as plain text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import IO

from rich.console import Console
from rich.text import Text

from expert.render.plain import visible

LEAST = 20  # no paragraph is wrapped to fewer cells


class Terminal:
    """Writes paragraphs and columns; without a terminal, at 80 columns and without colour."""

    def __init__(self, file: IO[str]) -> None:
        self.console = Console(file=file, markup=False, highlight=False, emoji=False)
        self.width = self.console.width = max(40, self.console.width)

    def say(self, text: str = "", indent: int = 0, style: str = "", hanging: int = 0) -> None:
        """A paragraph, wrapped within its indent; all lines but the first stand ``hanging`` cells further in."""
        width = max(LEAST, self.width - indent - hanging)
        first, *rest = self._wrapped(text, width, style, before=hanging) or [Text()]
        self._line([(indent, first)])
        for line in rest:
            self._line([(indent + hanging, line)])

    def heading(self, text: str) -> None:
        """A heading after a blank line."""
        self.say()
        self.say(text, style="bold")

    def columns(
        self, rows: Iterable[Sequence[str]], widths: Sequence[int], indent: int = 2, styles: Iterable[str] = ()
    ) -> None:
        """Rows in columns of these widths, narrower where the line is short; the last takes the rest of it."""
        widths = self._with_the_rest(widths, indent)
        starts = [indent]
        for width in widths[:-1]:
            starts.append(starts[-1] + width + 2)
        for row, style in zip_longest(rows, styles, fillvalue=""):
            columns = [self._wrapped(cell, width, style) for cell, width in zip(row, widths, strict=True)]
            for lines in zip_longest(*columns):
                self._line([(start, line) for start, line in zip(starts, lines, strict=True) if line is not None])

    def _with_the_rest(self, widths: Sequence[int], indent: int) -> list[int]:
        """The widths with that of the last column, which is given room by narrowing the widest of the others."""
        found = list(widths)
        while (rest := self.width - indent - sum(found) - 2 * len(found)) < LEAST < max(found):
            found[found.index(max(found))] -= 1
        return [*found, max(LEAST, rest)]

    def _wrapped(self, text: str, width: int, style: str, before: int = 0) -> list[Text]:
        """The lines of a text; the first is ``before`` cells longer than the others."""
        whole = Text(visible(text), style=style)
        lines = list(whole.wrap(self.console, width + before))
        if before and len(lines) > 1:
            rest = Text(whole.plain[len(lines[0].plain) :].lstrip(), style=style)
            lines = [lines[0], *rest.wrap(self.console, width)]
        return lines

    def _line(self, parts: Sequence[tuple[int, Text]]) -> None:
        """One line of the screen: texts, each beginning at its cell."""
        line = Text()
        for start, text in parts:
            text.rstrip()
            if text.plain:
                line.append(" " * (start - line.cell_len))
                line.append_text(text)
        self.console.print(line, soft_wrap=True)


def cites(ids: Iterable[str]) -> str:
    """Citations behind a text, each once; nothing if there are none."""
    found = list(dict.fromkeys(ids))
    return f" [{' '.join(found)}]" if found else ""
