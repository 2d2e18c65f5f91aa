"""Bits against the reference: truths, backgrounds and reasons of many variants at once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import combinations
from random import Random

import pytest

from expert.answer.assess import Reasoner
from expert.bits.background import BackgroundProgram, facts_of, masks_of
from expert.bits.case_split import certain
from expert.bits.program import Program, Truths
from expert.lang.definitions import Definitions
from expert.lang.premises import Any, Concluded, Name, Not, Premise
from expert.lang.values import Facts
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation, Truth
from expert.solve.case_split import is_certain
from tests.strategies import Enumeration, contradictory, random_facts, small_domain

PATIENTS = int(os.environ.get("BITS_PATIENTS", "200"))
DEVIATIONS = int(os.environ.get("BITS_DEVIATIONS", "25"))
"""How many of each patient's single and double deviations are compared, drawn at random; 0 is all of them."""

SMALL, CHUNKS = 500, 10


def truth_of(truths: Truths, name: Name, variant: int) -> Truth:
    if truths.holds(name) >> variant & 1:
        return True
    return None if truths.may(name) >> variant & 1 else False


def deviations(domain: Domain, given: Facts, rng: Random) -> list[Facts]:
    """The patient, and some who deviate from that in one or two unknown findings."""
    background = domain.possible_background(given)
    known = background.known if background else given
    changes = [(name, cell.value) for name in domain.cells if name not in known for cell in domain.cells[name]]
    pairs = [pair for pair in combinations(changes, 2) if pair[0][0] != pair[1][0]]
    found = [(), *((change,) for change in changes), *pairs]
    if DEVIATIONS:
        found = rng.sample(found, min(DEVIATIONS, len(found)))
    return [{**given, **dict(deviation)} for deviation in found]


def hold_equal(domain: Domain, program: Program, patients: Sequence[Facts]) -> int:
    """That bits say of each patient what the reference says; returns how many are possible."""
    whole = (1 << len(patients)) - 1
    backgrounds = BackgroundProgram(domain).run(masks_of(patients), whole)
    truths = program.run(backgrounds.all, whole)
    for variant, given in enumerate(patients):
        background = domain.possible_background(given)
        assert (background is not None) is bool(backgrounds.possible >> variant & 1)
        if background is not None:
            assert facts_of(backgrounds.known, variant) == background.known
            assert backgrounds.facts(variant) == background.all
            reference = Evaluation(domain.definitions, background.all)
            different = [it for it in program.places if truth_of(truths, it, variant) is not reference.concluded(it)]
            assert not different
    return backgrounds.possible.bit_count()


@pytest.mark.parametrize("seed", range(10))
def test_deviations_from_patients_of_the_shipped_knowledge(seed: int, reasoner: Reasoner) -> None:
    domain, rng = reasoner.domain, Random(seed)
    program = Program(domain.definitions, domain.definitions.premises)
    possible = 0
    for _ in range(PATIENTS // 10):
        possible += hold_equal(domain, program, deviations(domain, random_facts(domain, rng), rng))
    assert possible


@pytest.mark.parametrize("seed", range(CHUNKS))
def test_patients_of_small_knowledge_bases(seed: int) -> None:
    rng = Random(seed)
    forbidden = 0
    for index in range(SMALL // CHUNKS):
        domain = small_domain(rng, constrained=index % 3 > 0)
        patients = [random_facts(domain, rng) for _ in range(30)]
        program = Program(domain.definitions, domain.definitions.premises)
        forbidden += len(patients) - hold_equal(domain, program, patients)
    assert forbidden


def test_only_what_lies_below_the_names_is_compiled(reasoner: Reasoner) -> None:
    definitions = reasoner.definitions
    step = next(iter(reasoner.kb.steps))
    program = Program(definitions, [("recommended", step)])
    assert {literal.finding for literal in program.literals} == definitions.inputs["recommended", step]
    assert len(program.places) < len(definitions.premises) / 2


# --- reasons ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(CHUNKS))
def test_a_truth_stays_while_its_reasons_keep_their_values(seed: int) -> None:
    """A known truth needs no other fact, and an open one stays open whatever becomes of the other findings."""
    rng = Random(seed)
    for _ in range(20):
        domain = small_domain(rng)
        patients = [random_facts(domain, rng) for _ in range(10)]
        whole = (1 << len(patients)) - 1
        program = Program(domain.definitions, domain.definitions.premises)
        truths = program.run(masks_of(patients), whole)
        name = rng.choice(list(domain.definitions.premises))
        reasons = truths.reasons({name: whole})
        for variant, facts in enumerate(patients):
            kept = {finding for finding, mask in reasons.items() if mask >> variant & 1}
            others = {finding: value for finding, value in random_facts(domain, rng).items() if finding not in kept}
            changed = {finding: value for finding, value in facts.items() if finding in kept} | others
            before, after = (Evaluation(domain.definitions, them) for them in (facts, changed))
            assert contradictory(after) or after.concluded(name) is before.concluded(name)


@pytest.mark.parametrize("seed", range(CHUNKS))
def test_what_counts_of_a_finding_stays_while_nothing_behind_it_is_changed(seed: int) -> None:
    rng, stayed = Random(seed), 0
    for _ in range(20):
        domain = small_domain(rng, constrained=True)
        backgrounds = BackgroundProgram(domain)
        for name in domain.kb.inputs:
            facts = random_facts(domain, rng)
            behind = backgrounds.behind({name: 1}, masks_of([facts]))
            others = {it: value for it, value in random_facts(domain, rng).items() if it not in behind}
            before, after = (domain.possible_background(given) for given in (facts, {**others, **facts}))
            if before and after:
                assert after.all.get(name) == before.all.get(name)
                stayed += len(before.known) < len(after.known)
    assert stayed


# --- certain goals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(2))
def test_a_goal_is_certain_of_many_patients_if_it_is_of_each(seed: int) -> None:
    rng, seen = Random(seed), set[bool]()
    for index in range(50):
        domain = small_domain(rng, constrained=index % 3 > 0, alerts=True)
        if Enumeration(domain).contradictory:
            continue
        backgrounds, definitions = BackgroundProgram(domain), domain.definitions
        program = Program(definitions, definitions.premises)
        goals = {name: (program.places[name], True) for name in (*definitions.steps, *definitions.alerts)}
        patients = [random_facts(domain, rng) for _ in range(10)]
        whole = (1 << len(patients)) - 1
        found = backgrounds.run(masks_of(patients), whole)
        truths = program.run(found.all, whole)
        left, undecided = certain(truths, backgrounds, domain.cells, dict.fromkeys(goals.values(), found.possible))
        assert not undecided
        for variant in (it for it in range(len(patients)) if found.possible >> it & 1):
            reference = Evaluation(definitions, found.facts(variant))
            for name, goal in goals.items():
                expected = is_certain(domain, reference, name)
                assert bool(left.get(goal, 0) >> variant & 1) is expected
                seen.add(expected and reference.concluded(name) is None)
    assert seen == {True, False}


def test_what_a_bounded_case_split_leaves_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("expert.bits.case_split.MOST_CASES", 1)
    domain = small_domain(Random(1))
    backgrounds, goals = BackgroundProgram(domain), domain.definitions.steps
    program = Program(domain.definitions, goals)
    truths = program.run(backgrounds.run({}, 1).known, 1)
    open_goals = {(program.places[goal], True): 1 for goal in goals if truths.open(goal)}
    assert open_goals
    assert certain(truths, backgrounds, domain.cells, open_goals) == (open_goals, 1)


# --- other definitions ------------------------------------------------------------------------------------------------


def changed_premise(premise: Premise, rng: Random) -> Premise:
    changes: list[Premise] = [Not(premise), Any(()), Any((premise, Not(premise)))]
    return rng.choice(changes)


@pytest.mark.parametrize("seed", range(CHUNKS))
def test_names_that_are_defined_by_other_premises(seed: int) -> None:
    """What is worked out again is as if everything had been."""
    rng = Random(seed)
    for _ in range(20):
        domain = small_domain(rng)
        patients = [random_facts(domain, rng) for _ in range(10)]
        whole = (1 << len(patients)) - 1
        names = list(domain.definitions.premises)
        rules = rng.sample([name for name in names if name[0] == "rule"], 2)
        changes = {name: changed_premise(domain.definitions.premises[name], rng) for name in rules}
        truths = Program(domain.definitions, names).run(masks_of(patients), whole).with_premises(changes)
        other = Definitions(domain.kb)
        other.premises.update(changes)
        for variant, facts in enumerate(patients):
            reference = Evaluation(other, facts)
            assert [it for it in names if truth_of(truths, it, variant) is not reference.concluded(it)] == []


def test_a_name_may_be_defined_by_a_name_that_was_compiled_after_it(reasoner: Reasoner) -> None:
    definitions = reasoner.definitions
    first, *_, last = definitions.premises
    program = Program(definitions, definitions.premises)
    whole = 0b111
    truths = program.run({}, whole)
    changed = truths.with_premises({first: Concluded(last), last: Any((Not(Any(())),))})
    assert changed.holds(first) == changed.holds(last) == whole
    assert truths.holds(first) == 0
