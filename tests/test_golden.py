"""The program prints what the kept pages show; ``make golden`` rewrites them, for a diff to be read."""

from __future__ import annotations

import pytest

from tests.golden import COMMANDS, FOLDER, kept, page


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_prints_what_its_page_shows(name: str) -> None:
    assert page(name) == kept(name).read_text("utf-8")


def test_every_page_is_that_of_a_command() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(kept(name).name for name in COMMANDS)


def test_every_page_shows_a_result_and_not_a_breakdown() -> None:
    for name in COMMANDS:
        text = kept(name).read_text("utf-8")
        assert text.startswith("$ expert")
        assert "Traceback" not in text
        assert ("exit status 2" in text) == name.startswith("wrong")
