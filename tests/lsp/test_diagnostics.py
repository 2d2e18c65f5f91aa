"""What is wrong is underlined where it is, in what the editor shows rather than what the disk holds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.client import Client

Found = list[dict[str, Any]]


def codes(found: Found) -> set[str]:
    return {it["code"] for it in found}


def misread(found: Found) -> bool:
    return "reading" in codes(found)


def read(found: Found) -> bool:
    return not misread(found)


def test_a_misspelt_finding_is_underlined_as_it_is_typed_and_the_disk_is_left_alone(
    client: Client, rules: Path
) -> None:
    text = rules.read_text("utf-8")
    client.opens(rules)
    client.changes(rules, text.replace("when: shaded", "when: shadd"))
    (found,) = client.until(rules, misread)
    line = text.splitlines().index("    when: shaded")
    assert found["range"] == {"start": {"line": line, "character": 10}, "end": {"line": line, "character": 15}}
    assert "did you mean shaded?" in found["message"]
    assert rules.read_text("utf-8") == text
    client.changes(rules, text)
    client.until(rules, read)


def test_an_edit_of_the_vocabulary_underlines_the_rule_that_needs_it(client: Client, garden: Path, rules: Path) -> None:
    vocabulary = garden / "vocabulary.yaml"
    text = vocabulary.read_text("utf-8")
    client.opens(vocabulary)
    client.changes(vocabulary, text.replace("  shaded:", "  shady:"))
    found = client.until(rules, misread)
    assert "'shaded' is not a finding" in found[0]["message"]
    client.changes(vocabulary, text)
    client.until(rules, read)


def test_a_file_that_is_only_looked_at_does_not_end_the_proofs(client: Client, garden: Path, rules: Path) -> None:
    client.opens(rules)
    client.changes(rules, rules.read_text("utf-8").replace("when: shaded", "when: [shaded, not shaded]"))
    client.saves(rules)
    client.opens(garden / "ladder.yaml")
    client.until(rules, lambda found: "unreachable" in codes(found))


def test_text_that_is_not_yaml_and_a_case_that_names_no_rule_are_underlined(client: Client, rules: Path) -> None:
    cases = rules.with_name(f"{rules.stem}.test.yaml")
    text = cases.read_text("utf-8")
    client.opens(cases)
    client.changes(cases, text.replace("shade-needs-no-cloth", "shade-needs-no-clothes"))
    assert "did you mean shade-needs-no-cloth?" in client.until(cases, misread)[0]["message"]
    client.changes(cases, text + "- name: [")
    assert len(client.until(cases, misread)) == 1
    client.closes(cases)
    client.until(cases, read)


def test_a_missing_file_is_reported_in_the_description_of_the_knowledge(
    client: Client, garden: Path, rules: Path
) -> None:
    client.opens(rules)
    os.rename(garden / "ladder.yaml", garden / "ladder.txt")
    client.changes(rules, rules.read_text("utf-8"))
    found = client.until(garden / "knowledge.yaml", misread)
    assert any(it["message"].startswith("ladder.yaml is missing") for it in found)
    os.rename(garden / "ladder.txt", garden / "ladder.yaml")
    client.changes(rules, rules.read_text("utf-8"))
    client.until(garden / "knowledge.yaml", read)


def test_lints_follow_while_nothing_is_typed(client: Client, rules: Path) -> None:
    text = rules.read_text("utf-8")
    client.opens(rules, text.replace("title: In the shade there is nothing to cover", "title: NOTHING TO COVER HERE"))
    found = client.until(rules, lambda found: "shouting-in-text" in codes(found))
    assert all(it["source"] == "expert" for it in found if it["code"] == "shouting-in-text")


def test_proofs_follow_when_a_file_is_saved_with_the_patient_who_shows_the_fault(client: Client, rules: Path) -> None:
    text = rules.read_text("utf-8")
    rules.write_text(text.replace("when: shaded", "when: [shaded, not shaded]"), "utf-8")
    client.opens(rules)
    client.saves(rules)
    found = client.until(rules, lambda found: "unreachable" in codes(found))
    assert {it["source"] for it in found if it["code"] == "unreachable"} == {"expert proof"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_positions_are_counted_as_the_editor_counts_them(rules: Path, encoding: str) -> None:
    client = Client(rules.parent, (encoding,))
    text = rules.read_text("utf-8").replace("\n", "\r\n")
    client.opens(rules, text.replace("    when: shaded", '    when: ["𝔰é", shadd]'))
    found = client.until(rules, lambda found: len(found) == 2)
    units = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    column = len('    when: ["𝔰é", '.encode(f"{encoding}-le" if units > 1 else encoding)) // units
    assert found[1]["range"]["start"]["character"] == column
    assert client.stop() == 0
