"""Findings, values and premises as facts in words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from expert import KnowledgeBase, KnowledgeError, read_knowledge
from expert.lang.premises import Compare, In, Is, Not, Premise
from expert.lang.vocabulary import Kind
from expert.render.phrases import Phrases
from tests.small_ladder import choice, quantity, rule, small_ladder, write_ladder, yes_no


def number(finding: str, sign: str, bound: float, written: str) -> Compare:
    return Compare(finding, sign, bound, written)


def findings(**more: Any) -> dict[str, Any]:
    return {
        "wet": yes_no("no", title="Wet feet", **more.get("wet", {})),
        "size": choice("small", "middle_sized", "large", "huge", "vast", title="Size", **more.get("size", {})),
        "time": quantity("0 weeks .. 9 years", unit="weeks", title="Time in bed", **more.get("time", {})),
    }


def phrases(folder: Path, **more: Any) -> Phrases:
    rules = {"all-may-rest": rule("always", "supports rest")}
    kb = small_ladder(folder, findings=findings(**more), rules=rules, steps={"rest": {}})
    return Phrases(kb, {})


def test_without_phrases_a_fact_is_put_together_from_the_title(tmp_path: Path) -> None:
    it = phrases(tmp_path)
    assert it.fact("wet", True) == "wet feet"
    assert it.fact("wet", False) == "no wet feet"
    assert it.fact("size", "middle_sized") == "size: middle sized"
    assert it.fact("time", 14.0) == "time in bed 2 weeks"


def test_a_short_title_and_phrases_are_used_where_there_are_some(tmp_path: Path) -> None:
    it = phrases(
        tmp_path,
        wet={"short": "damp", "said": {"no": "dry feet"}},
        size={"said": {"huge": "a huge foot"}},
        time={"said": {"amount": "{} in bed"}},
    )
    assert (it.fact("wet", True), it.fact("wet", False)) == ("damp", "dry feet")
    assert it.fact("size", "huge") == "a huge foot"
    assert it.fact("time", 14.0) == "2 weeks in bed"


@pytest.mark.parametrize(
    ("premise", "words"),
    [
        (Is("wet", True), "damp"),
        (Not(Is("wet", True)), "dry feet"),
        (Is("wet", False), "dry feet"),
        (Is("size", "small"), "size: small"),
        (Not(Is("size", "small")), "not size: small"),
        (In("size", ("small", "huge")), "size: small or a huge foot"),
        (Not(In("size", ("small", "large"))), "size: middle sized, a huge foot or size: vast"),
        (number("time", ">", 21, "3 weeks"), "more than 3 weeks in bed"),
        (Not(number("time", ">", 21, "3 weeks")), "3 weeks or less in bed"),
        (number("time", ">=", 21, "3 weeks"), "3 weeks or more in bed"),
        (number("time", "<", 21, "3 weeks"), "less than 3 weeks in bed"),
    ],
)
def test_a_premise_is_a_fact_in_words(premise: Premise, words: str, tmp_path: Path) -> None:
    it = phrases(
        tmp_path,
        wet={"short": "damp", "said": {"no": "dry feet"}},
        size={"said": {"huge": "a huge foot"}},
        time={"said": {"amount": "{} in bed"}},
    )
    assert it.circumstance(premise) == words


@pytest.mark.parametrize(
    ("finding", "said", "message", "hint"),
    [
        ("wet", {"yse": "damp"}, "'yse' is not a value of wet", "did you mean yes"),
        ("size", {"smal": "a small foot"}, "'smal' is not a value of size", "did you mean small"),
        ("size", {"small": ""}, "the phrase for 'small' is empty", "a text"),
        ("time", {"amount": "in bed"}, "the phrase has no one place for the amount", "a text with {} in it, once"),
        ("time", {"amount": "{} to {}"}, "the phrase has no one place for the amount", "a text with {} in it, once"),
    ],
)
def test_a_wrong_phrase_is_reported_at_its_line(
    finding: str, said: dict[str, str], message: str, hint: str, tmp_path: Path
) -> None:
    rules = {"all-may-rest": rule("always", "supports rest")}
    write_ladder(tmp_path, findings=findings(**{finding: {"said": said}}), rules=rules, steps={"rest": {}})
    with pytest.raises(KnowledgeError) as error:
        read_knowledge(tmp_path)
    [problem] = error.value.problems
    assert message in problem.message
    assert hint in str(error.value)
    assert problem.at is not None
    assert problem.at.file.endswith("vocabulary.yaml")


def test_every_fact_of_the_shipped_findings_reads_as_words(kb: KnowledgeBase) -> None:
    it = Phrases(kb, {})
    for name, finding in kb.given.items():
        values = {Kind.YES_NO: (True, False), Kind.QUANTITY: (finding.high,)}.get(finding.kind, finding.values)
        for words in [it.short(name), *(it.fact(name, value) for value in values)]:
            assert not re.search(r"_|\{|:", words.replace("policy:", "")), words
            assert len(words) <= 60, words
