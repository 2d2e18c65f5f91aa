"""What is known to go wrong with experta, each with proof that it cannot touch us."""

from __future__ import annotations

import subprocess
import sys
from random import Random
from typing import Any

import pytest
from experta.factlist import FactList
from experta.matchers.rete.check import FeatureCheck, TypeCheck

from expert.answer.assess import Reasoner
from expert.engine.engine import Inference, LadderEngine
from expert.engine.firing_order import OrderStrategy
from expert.engine.record import Justification
from expert.engine.to_experta import ConclusionFact, FindingFact, InitialFact, P, compile_clauses, compile_rules
from expert.lang.definitions import Definitions
from expert.lang.dimensions import NUMBER
from expert.lang.model import Conclusion
from expert.lang.premises import Any as AnyOf
from expert.lang.premises import Compare, In, Is, Not
from expert.lang.values import Facts
from expert.lang.vocabulary import Kind
from expert.logic.kleene import Evaluation
from tests.conftest import REPOSITORY
from tests.strategies import finding, knowledge, random_facts, rule

MATCHERS = pytest.mark.parametrize("matcher", ["counting", "rete"])


def runs(code: str) -> None:
    """Run code in a fresh process."""
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True, timeout=120)


def assert_equal(inference: Inference, definitions: Definitions, facts: Facts) -> None:
    """The engine's truths are the reference's."""
    record, evaluation = inference.run(facts), Evaluation(definitions, facts)
    truths = {name: record.truth(name) for name in definitions.premises}
    assert truths == {name: evaluation.concluded(name) for name in definitions.premises}


# --- importing it -----------------------------------------------------------------------------------------------------


def test_importing_it_leaves_no_name_in_collections_and_no_handler_on_the_root_logger() -> None:
    runs(
        "import collections, logging, expert.engine.engine\n"
        "assert not hasattr(collections, 'Mapping')\n"
        "assert logging.root.handlers == []\n"
    )


def test_importing_it_leaves_what_others_have_set() -> None:
    runs(
        "import collections, logging\n"
        "collections.Mapping = dict\n"
        "ours = logging.StreamHandler()\n"
        "logging.root.addHandler(ours)\n"
        "import expert.engine.engine\n"
        "assert collections.Mapping is dict\n"
        "assert logging.root.handlers == [ours]\n"
    )


# --- what its rules may hold ------------------------------------------------------------------------------------------


def test_no_rule_holds_anything_but_positive_patterns(reasoner: Reasoner) -> None:
    """NOT, OR, TEST, EXISTS and nested constraints of fields are broken in various ways."""
    for it in compile_rules(compile_clauses(reasoner.definitions).waiting):
        for pattern in it:
            assert type(pattern) in (FindingFact, ConclusionFact, InitialFact)
            assert all(type(value) in (str, bool, P) for value in pattern.values())
            assert set(pattern) in ({"name", "value"}, {"name", "truth"}, set())


def test_every_predicate_takes_any_value(reasoner: Reasoner) -> None:
    """experta may try a predicate on the value of another finding before it looks at the name."""
    rules = compile_rules(compile_clauses(reasoner.definitions).waiting)
    predicates = [value for it in rules for pattern in it for value in pattern.values() if isinstance(value, P)]
    assert predicates
    for predicate in predicates:
        for value in (True, False, 0.0, 1.0, 1, "x", "", None):
            assert predicate.match(value) in (True, False)


def test_activations_are_ordered_by_our_strategy_with_no_tie_to_break(reasoner: Reasoner) -> None:
    inference = Inference(reasoner.definitions, "rete")
    inference.run({})
    assert inference._idle
    assert isinstance(inference._idle[-1].strategy, OrderStrategy)
    saliences = [it.salience for it in inference._idle[-1].get_rules()]
    assert len(set(saliences)) == len(saliences)


# --- values and names -------------------------------------------------------------------------------------------------


@MATCHERS
def test_one_and_true_are_two_things(matcher: str) -> None:
    findings = [
        finding("flag"),
        finding("count", Kind.QUANTITY, unit=NUMBER, low=0.0, high=2.0),
        finding("code", Kind.CHOICE, values=("1", "1.0", "True")),
    ]
    rules = [
        rule("flagged", [Is("flag", True)], [Conclusion("supports", "one")]),
        rule("counted", [Compare("count", ">=", 1.0, "1")], [Conclusion("excludes", "one")]),
        rule("coded", [In("code", ("1", "True"))], [Conclusion("cautions", "one")]),
        rule("uncoded", [Not(Is("code", "1.0"))], [Conclusion("cautions", "one")]),
    ]
    definitions = Definitions(knowledge(findings, rules))
    inference = Inference(definitions, matcher)
    for flag in (True, False, None):
        for count in (0.0, 1.0, 2.0, None):
            for code in ("1", "1.0", "True", None):
                values = {"flag": flag, "count": count, "code": code}
                assert_equal(inference, definitions, {name: it for name, it in values.items() if it is not None})


NAMES_OF_THE_ENGINE = (
    "run",
    "facts",
    "rules",
    "declare",
    "reset",
    "name",
    "value",
    "truth",
    "agenda",
    "matcher",
    "self",
)


@MATCHERS
def test_findings_may_have_the_names_of_what_the_engine_is_made_of(matcher: str) -> None:
    concluded = [finding(f"{name}_too", concluded=True) for name in NAMES_OF_THE_ENGINE]
    rules = [rule(name, [Is(name, True)], [Conclusion("finding", f"{name}_too")]) for name in NAMES_OF_THE_ENGINE]
    definitions = Definitions(knowledge([*(finding(name) for name in NAMES_OF_THE_ENGINE), *concluded], rules))
    inference = Inference(definitions, matcher)
    for name in NAMES_OF_THE_ENGINE:
        assert_equal(inference, definitions, {name: True})
        assert_equal(inference, definitions, dict.fromkeys(NAMES_OF_THE_ENGINE, name == "run"))


@MATCHERS
def test_a_finding_may_be_named_like_a_rule_or_a_step_or_the_place_of_a_nested_premise(matcher: str) -> None:
    either = AnyOf((Is("one", True), Not(AnyOf((Is("rule", True), Is("index_0", True))))))
    rules = [
        rule("one", [either], [Conclusion("finding", "index_0_too"), Conclusion("supports", "one")]),
        rule("rule", [Is("index_0_too", True)], [Conclusion("excludes", "one")]),
    ]
    findings = [finding("one"), finding("rule"), finding("index_0"), finding("index_0_too", concluded=True)]
    definitions = Definitions(knowledge(findings, rules))
    inference = Inference(definitions, matcher)
    for facts in ({}, {"one": True}, {"rule": False, "index_0": False}, {"one": False, "rule": True}):
        assert_equal(inference, definitions, facts)


# --- one patient after another ----------------------------------------------------------------------------------------


@MATCHERS
def test_an_exception_in_a_run_leaves_nothing_for_the_next_patient(
    matcher: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = [rule(name, [Is(name, True)], [Conclusion("supports", "one")]) for name in ("ache", "cough", "blush")]
    definitions = Definitions(knowledge([finding(it.id) for it in rules], rules))
    inference = Inference(definitions, matcher)
    conclude = LadderEngine.conclude

    def fails_on_the_way(engine: LadderEngine, justification: Justification) -> None:
        if justification.conclusion == ("rule", "cough"):
            raise RuntimeError("in the middle")
        conclude(engine, justification)

    for _ in range(2):
        with monkeypatch.context() as patched:
            patched.setattr(LadderEngine, "conclude", fails_on_the_way)
            with pytest.raises(RuntimeError, match="in the middle"):
                inference.run({"ache": True, "cough": True, "blush": True})
        assert_equal(inference, definitions, {})
        assert_equal(inference, definitions, {"ache": False})


def opposites() -> tuple[Definitions, Definitions]:
    """Two knowledge bases of one shape that conclude opposite things."""
    return (
        Definitions(knowledge([finding("ache")], [rule("r", [Is("ache", True)], [Conclusion("supports", "one")])])),
        Definitions(knowledge([finding("ache")], [rule("r", [Is("ache", False)], [Conclusion("supports", "one")])])),
    )


@MATCHERS
def test_two_engines_in_turn_do_not_mix(matcher: str) -> None:
    both = [(Inference(definitions, matcher), definitions) for definitions in opposites()]
    for facts in ({"ache": True}, {}, {"ache": False}):
        for inference, definitions in both:
            assert_equal(inference, definitions, facts)


@MATCHERS
def test_a_run_within_a_run_does_not_mix(matcher: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule of experta remembers the last engine that it was fetched from as an attribute."""
    one, other = opposites()
    within: list[object] = []
    inference, another = Inference(one, matcher), Inference(other, matcher)
    conclude = LadderEngine.conclude

    def runs_others_on_the_way(engine: LadderEngine, justification: Justification) -> None:
        if not within:
            within.append("begun")
            within.append(inference.run({"ache": False}).truth(("supports", "one")))
            within.append(another.run({"ache": False}).truth(("supports", "one")))
        conclude(engine, justification)

    monkeypatch.setattr(LadderEngine, "conclude", runs_others_on_the_way)
    assert inference.run({"ache": True}).truth(("supports", "one")) is True
    assert within == ["begun", False, True]


def cached() -> tuple[int, int]:
    """How much is in the caches that experta keeps on its classes."""
    return len(TypeCheck._instances), len(FeatureCheck._instances)


@MATCHERS
def test_caches_on_experta_s_classes_do_not_grow_with_patients(matcher: str, reasoner: Reasoner) -> None:
    rng = Random(3)
    small = opposites()[0]
    inference, other = Inference(small, matcher), reasoner.inference
    inference.run({})
    other.run({})
    before = cached()
    for _ in range(20):
        inference.run(random_facts(Reasoner(small.kb).domain, rng))
        other.run(random_facts(reasoner.domain, rng))
    assert cached() == before


@MATCHERS
def test_no_fact_is_ever_taken_back(matcher: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise AssertionError("a fact was retracted")

    monkeypatch.setattr(FactList, "retract", refused)
    for definitions in opposites():
        inference = Inference(definitions, matcher)
        for facts in ({"ache": True}, {"ache": False}, {}):
            record = inference.run(facts)
            assert inference._idle
            facts_held = len(inference._idle[-1].facts)
            found = len(record.justifications) - len(compile_clauses(definitions).always)
            assert facts_held == inference._idle[-1].facts.last_index == 1 + len(facts) + found
