"""What an editor shows of the word under the pointer."""

from __future__ import annotations

from pathlib import Path

from tests.lsp.client import Client


def hovered(client: Client, file: Path, text: str, word: str, into: int = 1) -> str:
    """What is shown at the first place of a word."""
    found = client.at("hover", file, text, text.index(word) + into)
    return found["contents"]["value"] if found else ""


def test_a_name_shows_what_expert_show_says_with_the_claim(client: Client, rules: Path) -> None:
    text = rules.read_text("utf-8")
    client.opens(rules)
    client.until(rules, lambda found: not found)
    assert "Read by\n  shade-needs-no-cloth" in hovered(client, rules, text, "shaded\n")
    assert "S01" in hovered(client, rules, text, "S01]")
    assert "because: The sun does not reach the place." in hovered(client, rules, text, "shade-needs-no-cloth")


def test_a_key_shows_what_it_means(client: Client, rules: Path) -> None:
    text = rules.read_text("utf-8")
    client.opens(rules)
    assert hovered(client, rules, text, "then: exhausted") == "`then`: one conclusion or a list of them"
    assert hovered(client, rules, text, "place.") == ""


def test_while_a_file_is_wrong_the_last_good_reading_is_shown_and_said_to_be_that(client: Client, rules: Path) -> None:
    text = rules.read_text("utf-8")
    client.opens(rules)
    client.until(rules, lambda found: not found)
    wrong = text + "  unfinished:\n    title:\n"
    client.changes(rules, wrong)
    client.until(rules, bool)
    shown = hovered(client, rules, wrong, "shaded\n")
    assert "Read by" in shown
    assert "by the last good reading: " in shown


def test_the_name_of_a_lint_in_a_waiver_shows_its_page(client: Client, rules: Path) -> None:
    text = "# waive untested-rule: it is new\n" + rules.read_text("utf-8")
    client.opens(rules, text)
    assert "untested-rule" in hovered(client, rules, text, "untested-rule")
