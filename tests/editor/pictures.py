"""``python -m tests.editor.pictures``: an edit of a rule in Neovim, screen by screen, as pictures for docs/editor.md.

Neovim runs in a terminal that is kept in memory; what it shows is drawn as SVG.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import pexpect
import pyte
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from tests.conftest import REPOSITORY

FOLDER = REPOSITORY / "docs" / "pictures"
WIDTH, HEIGHT = 96, 22
PATIENCE = 90.0  # seconds
_FONTS = re.compile(r"@font-face \{\{.*?\}\}\n", re.DOTALL)  # they would be fetched
SESSION = (
    ("", "/stenosis is severe\r:s/severe/moderat/\r", "'moderat' is not a value"),
    ("editor-mistake", "\\d", "did you mean moderate?"),
    ("editor-fix", "hl\\a", "1: Write moderate"),
    ("", "1\r:\r", "stenosis is moderate"),
    ("editor-hover", "jwK", "Would an operation"),
    ("", "hh:w\r:edit knowledge/invariants.yaml\r/no-fusion-of-a-stable\r", "is broken"),
    ("editor-proof", "zt\\d", "for this patient"),
)
"""What is typed, what Neovim then shows, and the name of the picture of it, if there is one."""


class Screen:
    """Neovim with a rule of a copy of the shipped knowledge."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(REPOSITORY / "knowledge", folder / "knowledge")
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self.stream = pyte.ByteStream(self.screen)
        self.nvim = pexpect.spawn(
            "nvim",
            ["-u", str(Path(__file__).with_name("neovim_init.lua")), "-i", "NONE", "knowledge/rules/fusion.yaml"],
            cwd=str(folder),
            env={**os.environ, "TERM": "xterm-256color", "EXPERT_LSP": f"{sys.executable} -m expert lsp"},
            dimensions=(HEIGHT, WIDTH),
        )

    def types(self, keys: str) -> None:
        """Type some keys."""
        self.nvim.send(keys)

    def shows(self, text: str) -> None:
        """Wait until a text is on the screen, and the screen is quiet."""
        end = monotonic() + PATIENCE
        while self._reads() or text not in "\n".join(self.screen.display):
            assert monotonic() < end, "\n".join(self.screen.display)

    def _reads(self) -> bool:
        """Whether Neovim has written something within a second; it is put on the screen."""
        try:
            written: Any = self.nvim.read_nonblocking(65536, timeout=1)
        except pexpect.TIMEOUT:
            return False
        self.stream.feed(written)
        return True

    def picture(self, name: str) -> str:
        """What is on the screen as SVG."""
        console = Console(file=io.StringIO(), record=True, width=WIDTH, force_terminal=True)
        for row in range(HEIGHT):
            chars = [self.screen.buffer[row][column] for column in range(WIDTH)]
            parts = [("".join(it.data for it in its), style) for style, its in groupby(chars, style_of)]
            console.print(Text.assemble(*parts), soft_wrap=True)
        return console.export_svg(title="Neovim", code_format=_FONTS.sub("", CONSOLE_SVG_FORMAT), unique_id=name)


def style_of(char: pyte.screens.Char) -> str:
    """The style of a character in the words of rich."""
    front, back = (
        None if it == "default" else f"#{it}" if re.fullmatch("[0-9a-f]{6}", it) else it for it in (char.fg, char.bg)
    )
    words = [
        word for word, on in (("bold", char.bold), ("underline", char.underscore), ("reverse", char.reverse)) if on
    ]
    return " ".join([*words, front or "", f"on {back}" if back else ""]).strip()


def pictures() -> dict[str, str]:
    """The pictures by their names."""
    drawn = {}
    with TemporaryDirectory() as folder:
        screen = Screen(Path(folder))
        screen.shows("instability-needs-fusion")
        for name, keys, shown in SESSION:
            screen.types(keys)
            screen.shows(shown)
            if name:
                drawn[name] = screen.picture(name)
        screen.nvim.close(force=True)
    return drawn


if __name__ == "__main__":
    for name, svg in pictures().items():
        (FOLDER / f"{name}.svg").write_text(svg, "utf-8")
