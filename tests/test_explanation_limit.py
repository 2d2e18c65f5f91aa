"""``expert why`` cuts a long explanation of why not: what is nearest to the target stays; the rest is counted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from expert.answer.assess import Reasoner
from expert.answer.explanations import BlockedRule, Derivation, Explanation
from expert.answer.why import Explainer
from expert.render.explanation_limit import limited
from tests.command_line import run
from tests.conftest import REPOSITORY
from tests.random_patients import assessments

PATIENT = "knowledge/patients/saddle-numbness.yaml"
Rule = tuple[tuple[str, ...], str]
"""A rule with the rules above it."""


def rules_of(it: Explanation) -> set[Rule]:
    roots: list[Derivation | BlockedRule] = [*it.against, *it.undecided, *it.blocked]
    return {rule for root in roots for rule in _rules(root, ())}


def _rules(node: Derivation | BlockedRule, above: tuple[str, ...]) -> Iterator[Rule]:
    here = above
    if node.rule is not None and not node.again:
        yield above, node.rule.id
        here = (*above, node.rule.id)
    parts: list[Derivation | BlockedRule] = []
    if isinstance(node, BlockedRule):
        parts += [rule for it in node.blockers for rule in it.rules]
    else:
        parts += node.follows_from
    for part in parts:
        yield from _rules(part, here)


def test_what_is_left_out_is_counted_and_below_what_is_shown(reasoner: Reasoner) -> None:
    cut = 0
    for assessment in assessments(reasoner, seed=3, count=30):
        explainer = Explainer(reasoner, assessment)
        for target in reasoner.kb.steps:
            whole = explainer.why(target)
            it, left_out = limited(whole)
            before, after = rules_of(whole), rules_of(it)
            assert after <= before
            assert len(before - after) <= left_out
            assert all(not above or (above[:-1], above[-1]) in after for above, _ in after)
            assert (it == whole) is (left_out == 0 and before == after)
            cut += left_out > 0
    assert cut > 10


def test_an_explanation_of_why_not_fits_two_screens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    for step in ("diagnostic_workup", "conservative", "minimally_invasive", "decompression_with_fusion"):
        assert len(run("why", PATIENT, step).out.splitlines()) <= 48


def test_the_number_of_rules_left_out_is_shown_and_full_shows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    short, full = run("why", PATIENT, "conservative").out, run("why", PATIENT, "conservative", "--full").out
    assert re.search(r"^and \d+ more rules: --full$", short, re.MULTILINE)
    assert "more rule" not in full
    shown = [set(re.findall(r"^ *rule (\S+),$|^ *rule (\S+), ", it, re.MULTILINE)) for it in (short, full)]
    assert shown[0] < shown[1]


def test_how_something_follows_is_shown_down_to_the_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    text = " ".join(run("why", "knowledge/patients/fourteen-weeks.yaml").out.split())
    assert "Duration of systematic conservative treatment: more than 3 months (given: 14 weeks)" in text
    assert "more rule" not in text
    assert "no and 10 more" in text


def test_a_short_explanation_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    words = ("why", "knowledge/patients/fourteen-weeks.yaml", "decompression_with_fusion")
    assert run(*words).out == run(*words, "--full").out


def test_json_is_never_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    words = ("why", str(Path(PATIENT)), "conservative", "--format", "json")
    assert json.loads(run(*words).out) == json.loads(run(*words, "--full").out)
    assert len(run(*words).out.splitlines()) > 500
