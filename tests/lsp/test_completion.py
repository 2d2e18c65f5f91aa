"""What may be written at a place is offered there, also where the file cannot be read yet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.client import Client

RULE = "rules:\n  a-rule:\n    title: It rains\n"
CASE = "- name: A plant in the shade\n  "
Offered = Callable[[str, str], dict[str, Any]]


@pytest.fixture
def offered(client: Client, garden: Path, rules: Path) -> Offered:
    """What is offered at the mark ``|`` in a text of a file of the garden, by label."""
    client.opens(rules)
    client.until(rules, lambda found: not found)

    def at(name: str, text: str) -> dict[str, Any]:
        file = garden / name
        shown = text.replace("|", "", 1)
        client.opens(file, shown)
        found = client.at("completion", file, shown, text.index("|"))
        client.closes(file)
        return {it["label"]: it for it in found}

    return at


@pytest.mark.parametrize(
    ("name", "text", "some"),
    [
        ("rules/sun.yaml", RULE + "    when: sc|", "not scorched"),
        ("rules/sun.yaml", RULE + "    when:\n      - sc|", "any"),
        ("rules/sun.yaml", RULE + "    when:\n      - any: [limp, |]", "scorched"),
        ("rules/sun.yaml", RULE + "    then: |", "excludes shading"),
        ("rules/sun.yaml", RULE + "    cite: [S01, |", "S01"),
        ("rules/sun.yaml", RULE + "    |", "because"),
        ("rules/sun.yaml", "|", "rules"),
        ("rules/sun.test.yaml", CASE + "given: {limp: |", "yes"),
        ("rules/sun.test.yaml", CASE + "given: {limp: yes, |", "shaded"),
        ("rules/sun.test.yaml", CASE + "expect:\n    because: [|", "shade-needs-no-cloth"),
        ("rules/sun.test.yaml", CASE + "expect:\n    |", "recommended"),
        ("vocabulary.yaml", "findings:\n  wilted:\n    type: |", "quantity"),
        ("patients/new.yaml", "sh|", "shaded"),
    ],
)
def test_what_may_be_written_is_offered(offered: Offered, name: str, text: str, some: str) -> None:
    assert some in offered(name, text)


def test_keys_that_are_there_already_are_not_offered_again(offered: Offered) -> None:
    keys = ["status", "since", "replaced_by", "when", "unless", "then", "because", "evidence", "reviewed"]
    assert list(offered("rules/sun.yaml", RULE + "    |\n    cite: [S01]")) == keys


def test_a_new_entry_is_offered_as_a_snippet_with_the_keys_to_fill_in(offered: Offered) -> None:
    snippet = offered("rules/sun.yaml", "rules:\n  |")["new rule"]
    assert snippet["insertTextFormat"] == 2
    assert snippet["textEdit"]["newText"].startswith("${1:name}:\n  title: $2\n  when: $3\n")
    assert "new finding (choice)" in offered("vocabulary.yaml", "findings:\n  |")
    assert "new case" in offered("rules/sun.test.yaml", "|")


def test_what_is_written_of_a_value_is_replaced_as_a_whole(offered: Offered) -> None:
    edit = offered("rules/sun.yaml", RULE + "    when: not sc|")["not scorched"]["textEdit"]
    assert edit["range"]["start"] == {"line": 3, "character": 10}
    assert edit["range"]["end"] == {"line": 3, "character": 16}


def test_what_is_offered_says_that_it_goes_by_an_earlier_reading(client: Client, rules: Path) -> None:
    client.opens(rules)
    client.until(rules, lambda found: not found)
    text = rules.read_text("utf-8") + "  b-rule:\n    when: "
    client.changes(rules, text)
    client.until(rules, bool)
    found = client.at("completion", rules, text, len(text))
    assert all("by the last good reading" in it["detail"] for it in found)
