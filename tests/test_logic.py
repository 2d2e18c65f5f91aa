"""The reference evaluator: full truth tables, and properties of every evaluation."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from itertools import product
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from expert.lang.definitions import Definitions
from expert.lang.model import Conclusion, KnowledgeBase
from expert.lang.premises import (
    All,
    Any,
    Compare,
    Concluded,
    Count,
    Exclusive,
    In,
    Is,
    Not,
    Premise,
    fold,
    leaves,
    mapped,
)
from expert.lang.vocabulary import Kind
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation, Truth, conjunction, counted, disjunction, negation
from tests.strategies import (
    contradictory,
    finding,
    inputs,
    knowledge,
    premise_over,
    random_facts,
    rule,
    small_domain,
    small_knowledge,
)

TRUTHS: tuple[Truth, ...] = (True, False, None)

AND = {
    (True, True): True,
    (True, False): False,
    (True, None): None,
    (False, True): False,
    (False, False): False,
    (False, None): False,
    (None, True): None,
    (None, False): False,
    (None, None): None,
}
OR = {
    (True, True): True,
    (True, False): True,
    (True, None): True,
    (False, True): True,
    (False, False): False,
    (False, None): None,
    (None, True): True,
    (None, False): None,
    (None, None): None,
}


# --- truth tables -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("truth", "expected"), [(True, False), (False, True), (None, None)])
def test_the_negation_of_unknown_is_unknown(truth: Truth, expected: Truth) -> None:
    assert negation(truth) is expected


@pytest.mark.parametrize("pair", list(product(TRUTHS, repeat=2)), ids=str)
def test_conjunction_and_disjunction_have_kleene_s_strong_tables(pair: tuple[Truth, Truth]) -> None:
    assert conjunction(pair) is AND[pair]
    assert disjunction(pair) is OR[pair]


@pytest.mark.parametrize("count", [0, 1, 3, 4])
def test_many_truths_are_folded_with_the_tables(count: int) -> None:
    for truths in product(TRUTHS, repeat=count):
        assert conjunction(truths) is reduce(lambda a, b: AND[a, b], (True, *truths))
        assert disjunction(truths) is reduce(lambda a, b: OR[a, b], (False, *truths))


@pytest.mark.parametrize("pair", list(product(TRUTHS, repeat=2)), ids=str)
def test_de_morgan_s_laws_hold_with_unknowns(pair: tuple[Truth, Truth]) -> None:
    assert negation(conjunction(pair)) is disjunction(map(negation, pair))
    assert negation(disjunction(pair)) is conjunction(map(negation, pair))


@pytest.mark.parametrize(
    ("own", "others", "expected"),
    [
        (True, False, True),
        (True, None, True),
        (False, True, False),
        (False, False, False),
        (False, None, False),
        (None, True, False),
        (None, False, None),
        (None, None, None),
    ],
)
def test_another_value_of_a_choice_refutes_one_that_is_open(own: Truth, others: Truth, expected: Truth) -> None:
    definitions = Definitions(knowledge([finding("own"), finding("others")], []))
    known = {name: truth for name, truth in (("own", own), ("others", others)) if truth is not None}
    assert Evaluation(definitions, known).evaluate(Exclusive(Is("own", True), Is("others", True))) is expected


# --- premises about one finding ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("premise", "value", "expected"),
    [
        (Is("it", True), True, True),
        (Is("it", True), False, False),
        (Is("it", False), False, True),
        (Is("it", "mild"), "mild", True),
        (Is("it", "mild"), "severe", False),
        (In("it", ("mild", "severe")), "severe", True),
        (In("it", ("mild", "severe")), "none", False),
        (Compare("it", "<", 3.0, "3"), 3.0, False),
        (Compare("it", "<=", 3.0, "3"), 3.0, True),
        (Compare("it", ">", 3.0, "3"), 3.0, False),
        (Compare("it", ">=", 3.0, "3"), 3.0, True),
        (Compare("it", "<", 3.0, "3"), 2.9, True),
        (Compare("it", ">", 3.0, "3"), 3.1, True),
        (Is("it", True), None, None),
        (In("it", ("mild",)), None, None),
        (Compare("it", "<", 3.0, "3"), None, None),
    ],
    ids=str,
)
def test_a_premise_about_one_finding_is_open_only_while_it_is_unknown(
    premise: Premise, value: bool | str | float | None, expected: Truth
) -> None:
    evaluation = Evaluation(Definitions(knowledge([finding("it")], [])), {} if value is None else {"it": value})
    assert evaluation.evaluate(premise) is expected
    assert evaluation.evaluate(Not(premise)) is negation(expected)


# --- definitions ------------------------------------------------------------------------------------------------------


def recurrence(otherwise: str | None) -> Definitions:
    """Definitions of a concluded choice with a rule for each of its first two values."""
    kind = finding("kind", Kind.CHOICE, values=("near", "far", "none"), otherwise=otherwise, concluded=True)
    rules = [
        rule("near", [Is("close", True)], [Conclusion("finding", "kind", "near")]),
        rule("far", [Is("away", True)], [Conclusion("finding", "kind", "far")]),
    ]
    return Definitions(knowledge([finding("close"), finding("away"), kind], rules))


@pytest.mark.parametrize(
    ("facts", "near", "far", "none"),
    [
        ({}, None, None, None),
        ({"close": True}, True, False, False),
        ({"close": False}, False, None, None),
        ({"close": False, "away": False}, False, False, True),
        ({"away": True}, False, True, False),
    ],
    ids=str,
)
def test_a_concluded_choice_has_the_value_of_its_rule_or_the_otherwise_value(
    facts: dict[str, bool], near: Truth, far: Truth, none: Truth
) -> None:
    evaluation = Evaluation(recurrence("none"), facts)
    assert [evaluation.concluded(("finding", "kind", value)) for value in ("near", "far", "none")] == [near, far, none]


def test_an_otherwise_value_with_entrys_holds_once_the_others_fail() -> None:
    evaluation = Evaluation(recurrence("near"), {"away": False})
    assert evaluation.concluded(("finding", "kind", "near")) is True
    assert evaluation.concluded(("finding", "kind", "none")) is False


def test_a_choice_without_otherwise_may_have_no_value() -> None:
    evaluation = Evaluation(recurrence(None), {"close": False, "away": False})
    assert {evaluation.concluded(("finding", "kind", value)) for value in ("near", "far", "none")} == {False}


def test_definitions_use_only_earlier_definitions(kb: KnowledgeBase) -> None:
    definitions = Definitions(kb)
    seen: set[tuple[str, ...]] = set()
    for name, premise in definitions.premises.items():
        assert {part.name for part in _concluded(premise)} <= seen
        seen.add(name)


def _concluded(premise: Premise) -> list[Concluded]:
    match premise:
        case Concluded():
            return [premise]
        case Not():
            return _concluded(premise.premise)
        case All() | Any():
            return [name for part in premise.premises for name in _concluded(part)]
        case Exclusive():
            return [*_concluded(premise.own), *_concluded(premise.others)]
    return []


# --- properties -------------------------------------------------------------------------------------------------------

SEEDS = st.integers(0, 2**32 - 1).map(Random)


@given(SEEDS)
def test_more_facts_never_change_what_is_known(rng: Random) -> None:
    domain = small_domain(rng)
    more = random_facts(domain, rng)
    before = Evaluation(domain.definitions, {name: value for name, value in more.items() if rng.random() < 0.5})
    after = Evaluation(domain.definitions, more)
    assume(not contradictory(after))
    for name in domain.definitions.premises:
        assert before.concluded(name) in (None, after.concluded(name))


@given(SEEDS)
def test_an_evaluation_with_further_values_is_the_same_as_a_fresh_one(rng: Random) -> None:
    domain = small_domain(rng)
    facts, values = random_facts(domain, rng), random_facts(domain, rng)
    evaluation = Evaluation(domain.definitions, facts)
    for name in domain.definitions.premises:
        evaluation.reasons(Concluded(name))
    changed, fresh = evaluation.with_values(values), Evaluation(domain.definitions, {**facts, **values})
    for name in domain.definitions.premises:
        assert changed.concluded(name) is fresh.concluded(name)
        assert changed.reasons(Concluded(name)) == fresh.reasons(Concluded(name))


@given(SEEDS)
def test_the_reasons_alone_determine_a_truth(rng: Random) -> None:
    domain = small_domain(rng)
    facts, other = random_facts(domain, rng), random_facts(domain, rng)
    evaluation = Evaluation(domain.definitions, facts)
    assume(not contradictory(evaluation))
    for name in domain.definitions.premises:
        reasons = evaluation.reasons(Concluded(name))
        kept = {finding: value for finding, value in facts.items() if finding in reasons}
        elsewhere = {finding: value for finding, value in other.items() if finding not in reasons}
        alone, otherwise = Evaluation(domain.definitions, kept), Evaluation(domain.definitions, {**kept, **elsewhere})
        assert alone.concluded(name) is evaluation.concluded(name)
        assert contradictory(otherwise) or otherwise.concluded(name) is evaluation.concluded(name)


@given(SEEDS)
def test_an_open_premise_has_an_unknown_finding(rng: Random) -> None:
    over = inputs(rng)
    domain = Domain(Definitions(knowledge(over, [])))
    premise = premise_over(over, rng)
    evaluation = Evaluation(domain.definitions, random_facts(domain, rng))
    found = evaluation.open_finding(premise)
    if evaluation.evaluate(premise) is None:
        assert found in set(domain.kb.inputs) - set(evaluation.facts)
    else:
        assert found is None


@pytest.mark.parametrize(
    ("premise", "facts"),
    [
        (All((Is("a", True), Is("b", True))), {"a": False}),
        (Any((Is("a", True), Is("b", True))), {"a": True}),
        (Exclusive(Is("b", True), Is("a", True)), {"a": True}),
        (Not(Exclusive(Is("b", True), Is("a", True))), {"a": True}),
    ],
    ids=str,
)
def test_a_premise_of_known_truth_has_no_open_finding(premise: Premise, facts: dict[str, bool]) -> None:
    definitions = Definitions(knowledge([finding("a"), finding("b")], []))
    assert Evaluation(definitions, facts).open_finding(premise) is None


# --- maps, folds and searches -----------------------------------------------------------------------------------------


class _Kleene:
    """The truth of a premise over facts, as an algebra."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.literal = evaluation.evaluate
        self.concluded = evaluation.concluded

    def negation(self, part: Truth) -> Truth:
        return negation(part)

    def all(self, parts: Iterable[Truth]) -> Truth:
        return conjunction(parts)

    def any(self, parts: Iterable[Truth]) -> Truth:
        return disjunction(parts)

    def exclusive(self, own: Truth, others: Truth) -> Truth:
        return False if own is None and others else own

    def count(self, count: Count, parts: Iterable[Truth]) -> Truth:
        return counted(count, parts)


@given(SEEDS)
def test_a_fold_over_every_definition_is_the_evaluation(rng: Random) -> None:
    definitions = Definitions(small_knowledge(rng))
    evaluation = Evaluation(definitions, random_facts(Domain(definitions), rng))
    for name, premise in definitions.premises.items():
        assert fold(premise, _Kleene(evaluation)) is evaluation.concluded(name)


@given(SEEDS)
def test_a_map_replaces_leaves_alone(rng: Random) -> None:
    for premise in Definitions(small_knowledge(rng)).premises.values():
        assert mapped(premise, lambda leaf: leaf) == premise
        assert list(leaves(mapped(premise, Not))) == list(leaves(premise))


@given(SEEDS)
def test_below_and_above_are_inverse(rng: Random) -> None:
    definitions = Definitions(small_knowledge(rng))
    below = {name: definitions.below([name]) for name in definitions.premises}
    for name in definitions.premises:
        assert definitions.above([name]) == {other for other, names in below.items() if name in names}
    for given_name in definitions.kb.inputs:
        resting = {name for name, found in definitions.inputs.items() if given_name in found}
        assert definitions.above((), [given_name]) == resting
    assert definitions.only(below[name]).premises.keys() == below[name]
