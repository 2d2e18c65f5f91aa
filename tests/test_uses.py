"""The index of uses: every name of a folder with its place and its role."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest

from expert import KnowledgeBase
from expert.lang.folder_layout import kind_of
from expert.lang.premises import literals
from expert.read.parse import parse
from expert.read.source import Problems, Source
from expert.read.uses import Use, uses_in
from tests.conftest import REPOSITORY

KNOWLEDGE = REPOSITORY / "knowledge"
TEXTS = {
    name: path.read_text("utf-8")
    for path in sorted(KNOWLEDGE.rglob("*.yaml"))
    if kind_of(name := path.relative_to(KNOWLEDGE).as_posix())
}


def index(texts: Mapping[str, str]) -> list[Use]:
    trees = {name: parse(Source(name, text), Problems()) for name, text in texts.items()}
    return uses_in({name: tree for name, tree in trees.items() if tree is not None})


@pytest.fixture(scope="module")
def uses() -> list[Use]:
    return index(TEXTS)


def test_each_place_has_the_name(uses: list[Use]) -> None:
    lines = {name: text.splitlines() for name, text in TEXTS.items()}
    assert [it for it in uses if lines[it.file][it.line - 1][it.column - 1 : it.end - 1] != it.written] == []


def test_each_name_is_defined_once(uses: list[Use]) -> None:
    defined = Counter((it.kind, it.name) for it in uses if it.role == "defines")
    assert {it for it, number in defined.items() if number > 1} == set()
    assert {(it.kind, it.name) for it in uses} - defined.keys() == set()


def test_all_that_the_model_has_is_in_the_index(uses: list[Use], kb: KnowledgeBase) -> None:
    def named(kind: str, role: str = "defines") -> set[str]:
        return {it.name for it in uses if (it.kind, it.role) == (kind, role)}

    assert named("finding") == kb.findings.keys()
    assert named("rule") == kb.rules.keys()
    assert named("step") == kb.steps.keys()
    assert named("option") == kb.options.keys()
    assert named("alert") == kb.alerts.keys()
    assert named("advice") == kb.advice.keys()
    assert named("reference") == kb.references.keys()
    assert named("note") == kb.notes.keys()
    assert named("invariant") == kb.invariants.keys() | kb.directions.keys()


def test_a_rule_reads_concludes_and_cites_what_the_model_says(uses: list[Use], kb: KnowledgeBase) -> None:
    for rule in kb.rules.values():
        its = [it for it in uses if it.within == ("rule", rule.id)]
        assert {it.name for it in its if it.role == "reads"} == {it.finding for it in literals(rule.premise)}
        assert {it.name for it in its if it.role == "cites"} == set(rule.cite)
        concluded = {it.target for it in rule.then if it.role == "finding"}
        assert {it.name for it in its if it.role == "concludes" and it.kind == "finding"} == concluded


def test_a_word_in_a_text_is_no_use_and_kinds_are_distinguished() -> None:
    texts = {
        "vocabulary.yaml": "findings:\n  fire:\n    title: A fire in fire\n",
        "ladder.yaml": "alerts:\n  fire:\n    title: Fire\n    text: A fire.\n",
        "rules/a.yaml": "rules:\n  a-fire:\n    title: fire\n    when: not fire\n    then: [alert fire, 'fire']\n",
    }
    assert [(it.kind, it.role, it.line, it.column) for it in index(texts) if it.name == "fire"] == [
        ("alert", "defines", 2, 3),
        ("finding", "reads", 4, 15),
        ("alert", "concludes", 5, 18),
        ("finding", "concludes", 5, 25),
        ("finding", "defines", 2, 3),
    ]


@pytest.mark.parametrize("text", ["- a\n", "rules: 3\n", "rules:\n  a:\n", "rules:\n  a: [b]\n", "x: {y: {z: [1]}}\n"])
def test_what_does_not_fit_the_format_has_no_uses_and_no_error(text: str) -> None:
    assert [it.role for it in index({"rules/a.yaml": text, "vocabulary.yaml": text, "rules/a.test.yaml": text})] in (
        [],
        ["defines"],
    )
