"""Paragraphs and columns: without a terminal they look as rich lays them out, and rich is not imported."""

from __future__ import annotations

import io
import subprocess
import sys
from random import Random

import pytest
from rich.console import Console
from rich.text import Text

from expert.render.terminal import Terminal, wrapped
from tests.conftest import REPOSITORY


@pytest.mark.parametrize("seed", range(5))
def test_text_is_wrapped_as_rich_wraps_it(seed: int) -> None:
    random, console = Random(seed), Console(file=io.StringIO())
    for _ in range(400):
        width = random.randint(1, 30)
        words = (random.choice("ab-c.é  ") if random.random() < 0.8 else "x" * random.randint(1, 40) for _ in range(30))
        text = "".join(words)
        expected = [line.plain.rstrip() for line in Text(text).wrap(console, width)]
        assert [line.rstrip() for line in wrapped(text, width)] == expected


def test_wide_and_combining_characters_take_the_cells_that_they_take() -> None:
    file = io.StringIO()
    Terminal(file).columns([("日本語", "x"), ("e\u0301", "x")], (8,), 0)
    assert file.getvalue() == "日本語    x\ne\u0301         x\n"


def test_an_answer_without_a_terminal_does_not_import_rich() -> None:
    code = (
        "import sys\n"
        "from expert.cli import main\n"
        "try: main(['assess', 'knowledge/patients/fourteen-weeks.yaml'])\n"
        "except SystemExit: pass\n"
        "assert 'rich' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True, capture_output=True)
