"""What an editor offers to do about what is wrong, and what it shows over rules and within lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.lsp.client import Client

SHADE = "    when: shaded\n"


def offers(client: Client, file: Path, line: int) -> dict[str, Any]:
    """What is offered on a line: the changes of each offer by its title."""
    at = {"line": line, "character": 0}
    found = client.of("codeAction", file, range={"start": at, "end": at}, context={"diagnostics": []})
    return {it["title"]: it["edit"]["documentChanges"] for it in found}


def edited(text: str, edit: dict[str, Any]) -> str:
    """A text after one edit."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    start, end = (starts[it["line"]] + it["character"] for it in (edit["range"]["start"], edit["range"]["end"]))
    return f"{text[:start]}{edit['newText']}{text[end:]}"


def test_the_nearest_spelling_is_offered(client: Client, rules: Path) -> None:
    text = rules.read_text("utf-8")
    wrong = text.replace(SHADE, "    when: not shadde\n")
    client.opens(rules, wrong)
    (found,) = client.until(rules, bool)
    offered = offers(client, rules, found["range"]["start"]["line"])
    (edit,) = offered["Write shaded"][0]["edits"]
    assert edited(wrong, edit) == text.replace(SHADE, "    when: not shaded\n")


def test_a_missing_citation_is_added_as_a_key_to_fill_in(client: Client, rules: Path) -> None:
    text = rules.read_text("utf-8")
    wrong = text.removesuffix("    cite: [S01]\n")
    assert wrong != text
    client.opens(rules, wrong)
    (found,) = client.until(rules, bool)
    (edit,) = offers(client, rules, found["range"]["start"]["line"])["Add cite"][0]["edits"]
    assert edited(wrong, edit) == wrong.rstrip() + "\n    cite: \n"


def test_a_citation_is_offered_to_a_step_that_has_none(client: Client, garden: Path) -> None:
    ladder = garden / "ladder.yaml"
    text = ladder.read_text("utf-8")
    wrong = text.replace("    cite: [S02]\n", "")
    client.opens(ladder, wrong)
    found = next(it for it in client.until(ladder, bool) if it["code"] == "missing-citation")
    (edit,) = offers(client, ladder, found["range"]["start"]["line"])["Add cite"][0]["edits"]
    assert edited(wrong, edit) == text.replace("    cite: [S02]\n", "    cite: \n")


def test_house_style_and_a_waiver_are_offered_for_keys_out_of_order(client: Client, rules: Path) -> None:
    text = rules.read_text("utf-8")
    right = SHADE + "    then: excludes shading\n"
    wrong = text.replace(right, "    then: excludes shading\n" + SHADE)
    client.opens(rules, wrong)
    found = next(it for it in client.until(rules, bool) if it["code"] == "key-order")
    line = found["range"]["start"]["line"]
    offered = offers(client, rules, line)
    assert edited(wrong, offered["Put the file in house style"][0]["edits"][0]) == text
    waived = edited(wrong, offered["Waive key-order, with a reason"][0]["edits"][0])
    assert waived.splitlines()[line] == "    # waive key-order: "


def test_the_patient_who_shows_a_fault_becomes_a_case_to_sign(client: Client, garden: Path) -> None:
    invariants = garden / "invariants.yaml"
    text = (
        "invariants:\n  always-shading:\n    title: Every plant is shaded\n    always: recommended shading\n"
        "    when: always\n    because: The sun is hot.\n    cite: [S01]\n"
    )
    invariants.write_text(text, "utf-8")
    client.opens(invariants)
    client.saves(invariants)
    found = next(it for it in client.until(invariants, bool) if it["code"] == "invariant")
    assert "for this patient:" in found["message"]
    assert found["relatedInformation"][-1]["message"].startswith("shown by: ")
    offered = offers(client, invariants, found["range"]["start"]["line"])
    made, changed = offered["Make a case of this patient in rules/witnesses.test.yaml"]
    assert made["kind"] == "create"
    assert changed["edits"][0]["newText"].endswith("  expect: unsigned\n")


def test_over_a_rule_the_cases_that_name_it_are_counted_and_shown(client: Client, rules: Path) -> None:
    client.opens(rules)
    client.until(rules, lambda found: not found)
    found = {it["command"]["title"]: it for it in client.of("codeLens", rules)}
    assert {"1 case: 1 because", "run the cases of this topic"} <= found.keys()
    command = found["run the cases of this topic"]["command"]
    client.ask("workspace/executeCommand", {"command": command["command"], "arguments": command["arguments"]})
    assert any("3 passed" in it or "2 passed" in it for it in client.said)


def test_what_is_cited_and_a_threshold_of_time_are_explained_in_the_line(client: Client, garden: Path) -> None:
    rules = garden / "rules" / "sun.yaml"
    vocabulary = garden / "vocabulary.yaml"
    lines = "findings:\n  dry_for:\n    title: Time without water\n    ask: For how long has it been dry?\n"
    lines += "    type: quantity\n    unit: weeks\n    range: 0 weeks .. 1 year\n    group: plant\n"
    client.opens(vocabulary, vocabulary.read_text("utf-8").replace("findings:\n", lines, 1))
    text = rules.read_text("utf-8").replace(SHADE, "    when: [shaded, dry_for > 3 weeks]\n")
    client.opens(rules, text)
    client.until(rules, lambda found: all(it["code"] != "reading" for it in found))
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": text.count("\n"), "character": 0}}
    found = {it["label"]: it["position"] for it in client.of("inlayHint", rules, range=whole)}
    line = text[: text.index("dry_for")].count("\n")
    assert found["= 21 days"] == {"line": line, "character": len("    when: [shaded, dry_for > 3 weeks")}
    assert len(found) == 2


def test_what_follows_is_offered_to_a_case_that_expects_something_else(client: Client, rules: Path) -> None:
    cases = rules.with_name("sun.test.yaml")
    text = cases.read_text("utf-8")
    wrong = text.replace("expect: {excluded: [shading],", "expect: {excluded: [], recommended: shading,")
    client.opens(cases, wrong)
    fails = client.until(cases, lambda found: any(it["code"] == "case" for it in found))
    found = next(it for it in fails if it["code"] == "case")
    assert found["message"] == "recommended: expected shading, found none"
    line = found["range"]["start"]["line"]
    assert wrong.splitlines()[line][found["range"]["start"]["character"] :].startswith("shading")
    (edit,) = offers(client, cases, line)["Expect what follows"][0]["edits"]
    accepted = edited(wrong, edit)
    assert accepted == wrong.replace("recommended: shading", "recommended: none")
    client.changes(cases, accepted)
    client.until(cases, lambda found: all(it["code"] != "case" for it in found))


def test_over_a_rule_its_mutants_are_tried_on_request_and_counted_until_something_changes(
    client: Client, rules: Path
) -> None:
    def titles() -> dict[str, Any]:
        return {it["command"]["title"]: it["command"] for it in client.of("codeLens", rules)}

    client.opens(rules)
    client.until(rules, lambda found: not found)
    command = [it["command"] for it in client.of("codeLens", rules) if it["command"]["title"] == "try its mutants"][-1]
    client.ask("workspace/executeCommand", {"command": command["command"], "arguments": command["arguments"]})
    said = "6 mutants, 1 not caught"
    assert f"shade-needs-no-cloth: {said}\nrules/sun.yaml:16: `shaded` is left out" in client.said
    assert titles()[said] == {**command, "title": said}
    client.changes(rules, rules.read_text("utf-8") + "# more\n")
    client.until(rules, lambda found: not found)
    assert said not in titles()
