"""yaml-language-server, run as an editor runs it, with the schemas and the settings that ``expert schema`` gives."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from expert import read_knowledge
from tests.command_line import run
from tests.editor import Editor, Message
from tests.malformed import BASE

ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / ".node" / "node_modules" / "yaml-language-server"
VERSION = "1.25.0"
RULE = """\
rules:
  a-rule:
    title: Thirsty plants are watered
    when: {when}
    then: {then}
    because: They would die.
    cite: {cite}
"""


def missing() -> str:
    """What the server needs and is not here; empty if all is."""
    if not shutil.which("node"):
        return "Node is not installed"
    try:
        version = json.loads((SERVER / "package.json").read_text(encoding="utf-8"))["version"]
    except OSError:
        return f"yaml-language-server {VERSION} is not installed in .node"
    return "" if version == VERSION else f"yaml-language-server is {version}, not {VERSION}"


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor on a copy of the base knowledge as the folder ``k``."""
    if why := missing():
        if os.environ.get("EXPERT_EDITOR") == "required":
            pytest.fail(why)
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("editor")
    shutil.copytree(BASE, folder / "k")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        out = run("schema", "--knowledge", "k", "-o", "schemas").out
    printed: dict[str, Any] = json.loads(out[out.index("{") : out.rindex("}") + 1])
    assert printed["yaml.schemaStore.enable"] is False
    settings = {"yaml": {"schemaStore": {"enable": False}, "schemas": printed["yaml.schemas"], "hover": True}}
    settings["yaml"] |= {"validate": True, "completion": True}
    command = ["node", str(SERVER / "bin" / "yaml-language-server"), "--stdio"]
    with Editor(command, folder, settings) as session:
        yield session


def rule(when: str = "thirst", then: str = "supports watering", cite: str = "[S01]") -> str:
    return RULE.format(when=when, then=then, cite=cite)


FRESH = count(1)


def fresh(form: str) -> str:
    """A name of this form that no file had before: the server may still speak of a file that was closed."""
    return form.replace("*", f"new-{next(FRESH)}")


def place(found: Message) -> tuple[int, int, int, int]:
    """Line and column of the beginning and of the end of what is underlined, counted from 1."""
    start, end = found["range"]["start"], found["range"]["end"]
    return start["line"] + 1, start["character"] + 1, end["line"] + 1, end["character"] + 1


def test_the_files_of_the_knowledge_are_not_underlined_anywhere(editor: Editor) -> None:
    for file in sorted(BASE.rglob("*.yaml")):
        assert editor.open(f"k/{file.relative_to(BASE).as_posix()}", file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "line", "column", "offered"),
    [
        (rule(when=""), 4, 11, "always"),
        (rule(when="pe"), 4, 13, "pests"),
        (rule(when="\n      - pests\n      - "), 6, 9, "soil is dry"),
        (rule(when="\n      - not pe"), 5, 15, "not pests"),
        (rule(when="[pests, so]"), 4, 21, "soil in [moist, soaked]"),
        (rule(when="\n      - any:\n          - "), 6, 13, "wilting"),
        (rule(then=""), 5, 11, "supports watering"),
        (rule(then="[supports watering, pref]"), 5, 35, "prefers watering.rainwater"),
        (rule(cite="[]"), 7, 12, "S01"),
        (rule(cite="[S]"), 7, 13, "S02"),
    ],
)
def test_completion_offers_what_may_stand_at_a_place(
    editor: Editor, text: str, line: int, column: int, offered: str
) -> None:
    name = fresh("k/rules/*.yaml")
    editor.open(name, text)
    found = editor.complete(name, line, column)
    assert offered in found
    assert found[offered]["documentation"]


def test_completion_in_a_premise_offers_every_finding_with_its_question(editor: Editor) -> None:
    file = fresh("k/rules/*.yaml")
    editor.open(file, rule(when="\n      - "))
    found = editor.complete(file, 5, 9)
    for name, finding in read_knowledge(BASE).findings.items():
        about = [item for label, item in found.items() if name in label.split()]
        assert about
        assert all(finding.ask in item["documentation"] for item in about)


def test_completion_offers_the_findings_of_a_patient_and_their_values(editor: Editor) -> None:
    name = fresh("k/patients/*.yaml")
    editor.open(name, "soil: \n\n")
    assert {"dry", "moist", "soaked", "unknown"} <= set(editor.complete(name, 1, 7))
    assert {"wilting", "age", "warning_signs"} <= set(editor.complete(name, 2, 1))


@pytest.mark.parametrize(
    ("form", "text", "where", "says"),
    [
        ("k/rules/*.yaml", rule(when="pest"), (4, 11, 4, 15), "not a premise over the vocabulary"),
        ("k/rules/*.yaml", rule(when="[pests, soil is drry]"), (4, 19, 4, 31), "not a premise over the vocabulary"),
        ("k/rules/*.yaml", rule(when="\n      - any:\n          - pest"), (6, 13, 6, 17), "not a premise"),
        ("k/rules/*.yaml", rule(then="suports watering"), (5, 11, 5, 27), "not a conclusion"),
        ("k/rules/*.yaml", rule(cite="[S01, S022]"), (7, 17, 7, 21), "not a claim"),
        (
            "k/rules/*.yaml",
            rule().replace("    cite", "    unles: pests\n    cite"),
            (7, 5, 7, 10),
            "unles is not allowed",
        ),
        ("k/rules/*.yaml", rule().replace("    cite: [S01]\n", ""), (2, 3, 2, 9), 'Missing property "cite"'),
        ("k/patients/*.yaml", "wilting: yes\nsoil: drry\n", (2, 7, 2, 11), "not a value of soil: dry, moist, soaked"),
        ("k/patients/*.yaml", "siol: dry\n", (1, 1, 1, 5), "siol is not allowed"),
        ("k/rules/*.test.yaml", "- name: A\n  given: {}\n  expect: {silent: [x]}\n", (3, 21, 3, 22), "not a rule"),
    ],
)
def test_what_is_misspelt_is_underlined_from_its_beginning_to_its_end(
    editor: Editor, form: str, text: str, where: tuple[int, int, int, int], says: str
) -> None:
    (found,) = editor.open(fresh(form), text)
    assert place(found) == where
    assert says in found["message"]


def test_hovering_over_a_key_says_what_it_means(editor: Editor) -> None:
    name = fresh("k/rules/*.yaml")
    editor.open(name, rule())
    assert "premises that must hold as a whole" in editor.hover(name, 4, 6)
    name = fresh("k/patients/*.yaml")
    editor.open(name, "soil: dry\n")
    assert read_knowledge(BASE).findings["soil"].ask in editor.hover(name, 1, 2)
