"""Faults that are planted in the script of the page: each is caught by comparing its answers with those of Python."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import lru_cache
from random import Random
from typing import Any

import pytest

from expert import KnowledgeBase
from expert.answer.assess import Reasoner
from expert.lang.values import Bound, Facts
from expert.page.to_script import Array, Data, data_of, script
from expert.read.cases import case_files, read_cases
from tests.page_identity import QuickJs, differences, expected, found, texts, truths
from tests.strategies import random_facts, values_of

Change = Callable[[Data, Random], None]
ALL, ANY, NOT, COUNT, CELLS = 4, 5, 3, 7, 0


class Comparison:
    """Patients of the cases and random ones, with what Python says of them."""

    def __init__(self, reasoner: Reasoner) -> None:
        self.reasoner, self.domain = reasoner, reasoner.domain
        cases = [it.patient.facts for it in read_cases(reasoner.kb, case_files(reasoner.kb))]
        of_cases = [{name: it for name, it in facts.items() if name in reasoner.kb.inputs} for facts in cases]
        self.cases = [facts for facts in of_cases if not any(isinstance(it, Bound) for it in facts.values())]
        self.cases += [random_facts(self.domain, Random(seed)) for seed in range(300)]
        self.sparse = [*_implausible(reasoner, Random(1)), *_sparse(reasoner, Random(1), 40)]
        self.truths = lru_cache(None)(lambda place: truths(self.domain, self.cases[place]))
        self.answers = lru_cache(None)(lambda place: expected(reasoner, self.sparse[place]))

    def differing(self, page: QuickJs) -> bool:
        """Whether the script differs for one of the patients, in truths or else in the answer."""
        return any(
            self.truths(place) != page.call("truths", texts(self.domain, facts))
            for place, facts in enumerate(self.cases)
        )

    def answering_otherwise(self, page: QuickJs) -> bool:
        """Whether the script gives one of the patients another answer."""
        return any(
            differences(self.answers(place), found(page.call("assess", texts(self.domain, facts), [])))
            for place, facts in enumerate(self.sparse)
        )


def _sparse(reasoner: Reasoner, rng: Random, count: int) -> Iterator[Facts]:
    for number in range(count):
        facts = random_facts(reasoner.domain, rng)
        names = rng.sample(list(facts), min(len(facts), number % 12))
        yield {name: facts[name] for name in names}


def _implausible(reasoner: Reasoner, rng: Random) -> Iterator[Facts]:
    """Patients with the findings of which what is plausible speaks."""
    for it in reasoner.kb.plausible:
        yield {name: rng.choice(values_of(reasoner.domain, name)) for name in it.findings}


@pytest.fixture(scope="module")
def comparison(reasoner: Reasoner) -> Comparison:
    return Comparison(reasoner)


@pytest.fixture(scope="module")
def data(kb: KnowledgeBase) -> Data:
    return data_of(kb, {})


def planted(kb: KnowledgeBase, data: Data) -> QuickJs:
    """The script with other data."""
    text = script(kb)
    return QuickJs(f"{text[: text.rindex('})(') + 3]}{json.dumps(data)}));")


# --- faults in the premises of rules ----------------------------------------------------------------------------------


def _premises(premise: Array) -> Iterator[Array]:
    yield premise
    for part in premise[1:]:
        if isinstance(part, list) and premise[0] in (NOT, ALL, ANY, COUNT):
            yield from (it for it in _premises(part) if isinstance(it, list) and it)


def _in_rules(data: Data, fits: Callable[[Array], bool]) -> list[Array]:
    rules = (premise for name, premise in data["definitions"] if name[0] == "rule")
    return [it for rule in rules for it in _premises(rule) if it and isinstance(it[0], int) and fits(it)]


def _in_one(fits: Callable[[Array], bool], change: Callable[[Array], None]) -> Change:
    return lambda data, rng: change(rng.choice(_in_rules(data, fits)))


def _joins(kind: int) -> Callable[[Array], bool]:
    return lambda it: it[0] == kind and len(it) > 2


def _set(place: int, value: int) -> Callable[[Array], None]:
    def change(it: Array) -> None:
        it[place] = value

    return change


def _without_last(it: Array) -> None:
    it.pop()


def _without_not(it: Array) -> None:
    it[:] = it[1]


def _moved(place: int, by: int) -> Callable[[Array], None]:
    def change(it: Array) -> None:
        it[place] += by

    return change


def _is_range(it: Array) -> bool:
    return it[0] == CELLS and len(it) == 4 and it[3] > it[2]


def _from_above_the_least(it: Array) -> bool:
    return _is_range(it) and it[2] > 0


IN_RULES: dict[str, Change] = {
    "all for any": _in_one(_joins(ANY), _set(0, ALL)),
    "any for all": _in_one(_joins(ALL), _set(0, ANY)),
    "a part of all is dropped": _in_one(_joins(ALL), _without_last),
    "a part of any is dropped": _in_one(_joins(ANY), _without_last),
    "not is dropped": _in_one(lambda it: it[0] == NOT, _without_not),
    "a threshold is one cell higher": _in_one(_from_above_the_least, _moved(2, 1)),
    "a threshold is one cell lower": _in_one(_is_range, _moved(3, -1)),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("fault", IN_RULES)
def test_a_fault_in_a_rule_is_caught(
    kb: KnowledgeBase, data: Data, comparison: Comparison, fault: str, seed: int
) -> None:
    wrong = deepcopy(data)
    IN_RULES[fault](wrong, Random(f"{fault} {seed}"))
    assert wrong != data
    assert comparison.differing(planted(kb, wrong))


# --- faults in the rest -----------------------------------------------------------------------------------------------


def _definition(data: Data, role: str) -> list[Any]:
    """The definitions of a kind that some rule concludes."""
    return [it for it in data["definitions"] if it[0][0] == role and len(it[1]) > 1]


def _option_never_excluded(data: Data, rng: Random) -> None:
    options = [it for it in _definition(data, "excludes") if "." in it[0][1]]
    rng.choice(options)[1] = [ANY]


def _usual(change: Callable[[Data], None]) -> Change:
    def plant(data: Data, rng: Random) -> None:
        change(rng.choice([it for it in data["findings"] if it.get("usual") is not None and it["kind"] == "yes_no"]))

    return plant


def _each(key: str, change: Callable[[Any], None]) -> Change:
    """A change of every entry of a section."""

    def plant(data: Data, _: Random) -> None:
        entries = data[key].values() if isinstance(data[key], dict) else data[key]
        for it in entries:
            change(it)

    return plant


def _without(key: str) -> Callable[[Any], None]:
    return lambda it: it.pop(key, None)


TRUTHS: dict[str, Change] = {
    "an option is never excluded": _option_never_excluded,
    "a presumption is dropped": _usual(_without("usual")),
    "a presumption is turned round": _usual(lambda it: it.update(usual=1 - it["usual"])),
    "presumptions are made whatever is known": _each("findings", _without("unless")),
    "policies have no default": _each("findings", _without("default")),
    "constraints force nothing": lambda data, _: data["tied"].clear(),
    "a step is never excluded": lambda data, rng: rng.choice(_definition(data, "excludes")[:1]).__setitem__(1, [ANY]),
}
ANSWERS: dict[str, Change] = {
    "gates are like other steps": _each("steps", lambda it: it.update(gate=False)),
    "nothing is done meanwhile": _each("steps", lambda it: it.update(meanwhile="")),
    "warnings are left out": lambda data, _: data["plausible"].__setitem__(
        slice(None), [it for it in data["plausible"] if it["level"] == "error"]
    ),
    "nothing is refused as implausible": lambda data, _: data["plausible"].clear(),
    "arguments are left out": _each("rules_for", lambda it: it[1].pop()),
    "options are left out": _each("steps", lambda it: it["options"].clear()),
    "decisive findings come in another order": lambda data, _: data["order"].reverse(),
}


@pytest.mark.parametrize("fault", TRUTHS)
def test_a_fault_in_what_is_known_or_presumed_is_caught(
    kb: KnowledgeBase, data: Data, comparison: Comparison, fault: str
) -> None:
    wrong = deepcopy(data)
    TRUTHS[fault](wrong, Random(fault))
    assert wrong != data
    assert comparison.differing(planted(kb, wrong))


@pytest.mark.parametrize("fault", ANSWERS)
def test_a_fault_in_the_answer_is_caught(kb: KnowledgeBase, data: Data, comparison: Comparison, fault: str) -> None:
    wrong = deepcopy(data)
    ANSWERS[fault](wrong, Random(fault))
    assert wrong != data
    assert comparison.answering_otherwise(planted(kb, wrong))
