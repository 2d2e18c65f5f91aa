"""The outline of a file, the search for entries, where a name is defined, and house style."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.lsp.client import Client


def test_the_outline_of_a_ladder_has_its_steps_with_their_options(client: Client, garden: Path) -> None:
    file = garden / "ladder.yaml"
    text = "steps:\n  wait:\n    title: Waiting\n    options:\n      rest:\n        title: Rest\n"
    text += "  act:\n    title: Acting\nalerts:\n"
    client.opens(file, text)
    wait, act = client.of("documentSymbol", file)
    assert (wait["name"], wait["detail"], [it["name"] for it in wait["children"]]) == ("wait", "Waiting", ["rest"])
    assert wait["range"]["end"]["line"] == 5
    assert act["range"]["end"]["line"] == 7
    client.closes(file)


def test_an_entry_is_found_by_words_of_its_name_or_title_in_all_folders(client: Client, rules: Path) -> None:
    client.opens(rules)
    found = client.ask("workspace/symbol", {"query": "shade nothing"})
    assert [it["name"] for it in found if it["location"]["uri"] == rules.as_uri()] == ["shade-needs-no-cloth"]


def test_a_name_leads_to_its_definition_in_another_file(client: Client, garden: Path, rules: Path) -> None:
    text = rules.read_text("utf-8")
    client.opens(rules)
    (found,) = client.at("definition", rules, text, text.index("shaded\n") + 2)
    assert found["uri"] == (garden / "vocabulary.yaml").as_uri()
    line = (garden / "vocabulary.yaml").read_text("utf-8").splitlines()[found["range"]["start"]["line"]]
    assert line == "  shaded:"


def edited(text: str, edits: list[dict[str, Any]]) -> str:
    """A text after edits of whole lines."""
    lines = text.splitlines(keepends=True)
    for it in edits:
        start, end = it["range"]["start"]["line"], it["range"]["end"]["line"]
        lines[start:end] = [it["newText"]]
    return "".join(lines)


def test_house_style_changes_only_the_lines_that_differ_and_keeps_line_ends(client: Client, rules: Path) -> None:
    text = rules.read_text("utf-8")
    right = "    when: shaded\n    then: excludes shading\n"
    wrong = text.replace(right, "    then: excludes shading\n    when: shaded\n")
    client.opens(rules, wrong)
    edits = client.of("formatting", rules, options={"tabSize": 2, "insertSpaces": True})
    assert edited(wrong, edits) == text
    assert edits[0]["newText"] == right
    client.changes(rules, wrong.replace("\n", "\r\n"))
    edits = client.of("formatting", rules, options={"tabSize": 2, "insertSpaces": True})
    assert edits[0]["newText"] == right.replace("\n", "\r\n")
    client.changes(rules, "rules: [")
    assert client.of("formatting", rules, options={"tabSize": 2, "insertSpaces": True}) == []
