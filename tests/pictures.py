"""The pictures of the README: the first screen on a terminal, the report as it is printed, and the page on a phone.

``python -m tests.pictures`` draws the terminal; with the word ``report`` also the report and the page, which need
Chromium and pdftoppm.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from tests.browser.chromium import printed
from tests.browser.devtools import shown
from tests.browser.test_page import entered, worked
from tests.command_line import run
from tests.conftest import REPOSITORY
from tests.golden import HASH

FOLDER = REPOSITORY / "docs" / "pictures"
TERMINAL = FOLDER / "terminal.svg"
REPORT = FOLDER / "report.png"
PAGE = FOLDER / "page.png"
PATIENT = "knowledge/patients/fourteen-weeks.yaml"
DOTS_PER_INCH = 100
COLOURS = 128
GAP = 16  # pixels between two screens

_FONTS = re.compile(r"@font-face \{\{.*?\}\}\n", re.DOTALL)  # they would be fetched
_TEXTS = re.compile(r"<text[^>]*>(.*?)</text>", re.DOTALL)


def terminal() -> str:
    """The first screen of a worked patient, in colour, as SVG."""
    command = f"assess {PATIENT}"
    screen = run(*command.split(), FORCE_COLOR="1", TERM="xterm-256color", COLORTERM="truecolor").out
    console = Console(file=io.StringIO(), record=True, width=80, force_terminal=True)
    console.print(Text.from_ansi(f"$ expert {command}\n{screen.rstrip()}"), soft_wrap=True)
    return console.export_svg(title="expert", code_format=_FONTS.sub("", CONSOLE_SVG_FORMAT), unique_id="terminal")


def texts(svg: str) -> list[str]:
    """What a picture of a terminal says, in the order of its lines, without the hash of the knowledge."""
    return [HASH.sub("", unescape(text).replace("\xa0", " ")) for text in _TEXTS.findall(svg)]


def report() -> bytes:
    """The report of the same patient as it is printed, as PNG of few colours."""
    from PIL import Image

    with TemporaryDirectory() as folder:
        file, page = Path(folder) / "report.pdf", Path(folder) / "page"
        file.write_bytes(printed(run("report", PATIENT, "-o", "-").out))
        drawn = ("pdftoppm", "-png", "-singlefile", "-r", str(DOTS_PER_INCH), str(file), str(page))
        subprocess.run(drawn, check=True)
        picture = io.BytesIO()
        Image.open(page.with_suffix(".png")).convert("RGB").quantize(COLOURS).save(picture, "PNG", optimize=True)
    return picture.getvalue()


def phone() -> bytes:
    """The page on a phone: a question, and next to it the answer for the same patient."""
    from PIL import Image

    with shown(run("page", "-o", "-").out) as it:
        entered(it, worked(Path(PATIENT).stem))
        screens = []
        for place in ("f-conservative_duration", "answer"):
            it.run(f"document.getElementById('{place}').scrollIntoView()")
            screens.append(Image.open(io.BytesIO(it.picture())).convert("RGB"))
    width, height = screens[0].size
    both = Image.new("RGB", (2 * width + GAP, height), "#7a848e")
    for number, screen in enumerate(screens):
        both.paste(screen, (number * (width + GAP), 0))
    picture = io.BytesIO()
    both.resize((both.width // 2, both.height // 2)).quantize(COLOURS).save(picture, "PNG", optimize=True)
    return picture.getvalue()


if __name__ == "__main__":
    TERMINAL.write_text(terminal(), "utf-8")
    if "report" in sys.argv:
        REPORT.write_bytes(report())
        PAGE.write_bytes(phone())
