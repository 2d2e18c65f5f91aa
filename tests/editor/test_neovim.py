"""A session in Neovim, without a screen, with `expert lsp`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.editor.pictures import FOLDER, pictures
from tests.pictures import texts

SAID = """\
underlined: "'shadde' is not a finding"
offered: "Write shaded"
line: "    when: shaded"
hover: "A place in the shade (shaded)"
completed: "supports shading"
formatted: true
proved: true
"""


@pytest.fixture(autouse=True)
def _neovim() -> None:
    if not shutil.which("nvim"):
        if os.environ.get("EXPERT_EDITOR") == "required":
            pytest.fail("Neovim is not installed")
        pytest.skip("Neovim is not installed")


def test_the_pictures_of_an_edit_say_what_neovim_shows() -> None:
    drawn = pictures()
    assert len(drawn) == 4
    for name, svg in drawn.items():
        assert texts((FOLDER / f"{name}.svg").read_text("utf-8")) == texts(svg)


def test_neovim_underlines_mends_explains_completes_formats_and_shows_proofs(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "tests" / "garden", tmp_path / "garden")
    session = Path(__file__).with_name("neovim.lua")
    ran = subprocess.run(
        ["nvim", "--headless", "-u", "NONE", "-i", "NONE", "-S", str(session)],
        cwd=tmp_path,
        env={**os.environ, "EXPERT_LSP": f"{sys.executable} -m expert lsp"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.stdout == SAID, ran.stderr
