"""Where a name is defined and used, and renaming it, over texts that need not be saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lsp.client import Client
from tests.lsp.test_actions import edited


def lines(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """The files and the lines of places."""
    places = [(Path(it["uri"].removeprefix("file://")), it["range"]["start"]["line"]) for it in found]
    return sorted((it.name, it.read_text("utf-8").splitlines()[line].strip()) for it, line in places)


def test_a_finding_is_found_wherever_it_is_named_and_only_there(client: Client, rules: Path) -> None:
    text = rules.read_text("utf-8")
    client.opens(rules)
    offset = text.index("shaded\n") + 2
    found = client.at("references", rules, text, offset, context={"includeDeclaration": True})
    assert ("vocabulary.yaml", "shaded:") in lines(found)
    assert ("sun.yaml", "when: shaded") in lines(found)
    assert ("sun.test.yaml", "given: {shaded: yes}") in lines(found)
    used = client.at("references", rules, text, offset, context={"includeDeclaration": False})
    assert len(used) == len(found) - 1
    assert (
        client.at("references", rules, text, text.index("shade there is"), context={"includeDeclaration": True}) == []
    )
    assert len(client.at("documentHighlight", rules, text, offset)) == 1


def test_a_finding_is_renamed_everywhere_once_it_is_proved_that_nothing_else_changes(
    client: Client, garden: Path, rules: Path
) -> None:
    text = rules.read_text("utf-8")
    client.opens(rules)
    offset = text.index("shaded\n") + 2
    assert client.at("prepareRename", rules, text, offset)["placeholder"] == "shaded"
    changes = client.at("rename", rules, text, offset, newName="in_shade")["changes"]
    assert (garden / "vocabulary.yaml").as_uri() in changes
    (edit,) = changes[rules.as_uri()]
    assert edited(text, edit) == text.replace("when: shaded", "when: in_shade")
    with pytest.raises(AssertionError, match="there is a finding called 'limp' already"):
        client.at("rename", rules, text, offset, newName="limp")
    assert client.at("prepareRename", rules, text, text.index("The sun does") + 5) is None
