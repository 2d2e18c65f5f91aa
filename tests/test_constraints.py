"""What constraints permit, force and exclude, compared with enumeration; and the same as premises."""

from collections.abc import Sequence
from itertools import pairwise, product
from random import Random

import pytest

from expert.lang.definitions import Definitions
from expert.lang.errors import KnowledgeError
from expert.lang.premises import All, Any, Is, Not, Premise
from expert.lang.values import Value
from expert.lang.vocabulary import Constraint, Kind
from expert.logic.cells import lies_in, usual_first
from expert.logic.constraints import Tied
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from tests.strategies import AT, finding, knowledge, small_domain


def random_facts(domain: Domain, rng: Random) -> dict[str, Value]:
    return {name: rng.choice(cells).value for name, cells in domain.cells.items() if rng.random() < 0.5}


def completions(domain: Domain, group: Tied, facts: dict[str, Value]) -> list[dict[str, Value]]:
    """All values for the findings of a group that agree with facts and break no constraint."""
    cells = [[facts[name]] if name in facts else [cell.value for cell in domain.cells[name]] for name in group.names]
    found = []
    for values in product(*cells):
        evaluation = Evaluation(domain.definitions, dict(zip(group.names, values, strict=True)))
        if not any(evaluation.evaluate(All(constraint.never)) for constraint in domain.kb.constraints):
            found.append(evaluation.facts)
    return [dict(it) for it in found]


@pytest.mark.parametrize("seed", range(150))
def test_permitted_facts_and_forced_values_agree_with_enumeration(seed: int) -> None:
    rng = Random(seed)
    domain = small_domain(rng, constrained=True)
    for group in domain.groups:
        for _ in range(20):
            facts = random_facts(domain, rng)
            whole = completions(domain, group, facts)
            found = group.forced(facts)
            assert group.permits(facts) is bool(whole) is (found is not None)
            if found is None:
                continue
            for name in group.names:
                left = {it[name] for it in whole}
                cell = domain.cell_of(name, next(iter(left)))
                forced = name not in facts and len(left) == 1 and cell.is_point
                assert found.get(name) == (cell.value if forced else None)


@pytest.mark.parametrize("seed", range(150))
def test_a_conflict_names_a_smallest_set_of_impossible_facts(seed: int) -> None:
    rng = Random(seed)
    domain = small_domain(rng, constrained=True)
    for group in domain.groups:
        for _ in range(20):
            facts = random_facts(domain, rng)
            needed = group.conflict(facts)
            assert (needed is None) is group.permits(facts)
            together = {name: facts[name] for name in needed or ()}
            assert needed is None or not group.permits(together)
            for name in together:
                assert group.permits({other: value for other, value in together.items() if other != name})


@pytest.mark.parametrize("seed", range(150))
def test_the_premises_of_a_group_agree_with_settling(seed: int) -> None:
    rng = Random(seed)
    domain = small_domain(rng, constrained=True)
    for group in domain.groups:
        for _ in range(20):
            facts = random_facts(domain, rng)
            found = group.forced(facts)
            known = Evaluation(domain.definitions, facts)
            assert (known.evaluate(group.impossible()) is True) is (found is None)
            if found is None:
                continue
            forced = {name: value for name, value, why in group.forcing() if name not in facts and known.evaluate(why)}
            assert forced == found
            presumed = known.with_values(forced)
            never = [name for name in group.usual if rng.random() < 0.2]
            settled = group.excluded(presumed.facts, never)
            excluded = set()
            for name, why in group.excluding():
                if name not in presumed.facts and name not in never:
                    if presumed.evaluate(why):
                        excluded.add(name)
                    else:
                        presumed = presumed.with_values({name: group.usual[name]})
            assert excluded == settled


def test_the_premise_of_a_cell_holds_in_that_cell_alone() -> None:
    for seed in range(40):
        domain = small_domain(Random(seed))
        for name, cells in domain.cells.items():
            for cell, other in product(cells, cells):
                evaluation = Evaluation(domain.definitions, {name: other.value})
                assert evaluation.evaluate(lies_in(name, [cell])) is (cell is other)
            assert Evaluation(domain.definitions, {}).evaluate(lies_in(name, cells)) is None


def test_the_usual_cell_comes_first() -> None:
    domain = Domain(Definitions(knowledge([finding("extent", Kind.CHOICE, values=("small", "large"))], [])))
    assert [cell.value for cell in usual_first(domain.cells["extent"], "large")] == ["large", "small"]


def test_a_chain_of_constraints_is_closed_under_what_follows() -> None:
    names = "abcd"
    never: list[tuple[Premise, ...]] = [(Is(one, True), Is(two, False)) for one, two in pairwise(names)]
    domain = with_constraints(names, never)
    (group,) = domain.groups
    assert len(group.nogoods) == 6  # every earlier one without a later one
    assert group.forced({"a": True}) == {"b": True, "c": True, "d": True}


def test_constraints_that_no_patient_can_meet_permit_no_patient() -> None:
    domain = with_constraints("a", [(Is("a", True),), (Not(Is("a", True)),)])
    assert not domain.groups[0].permits({})


def test_constraints_that_are_too_entangled_are_refused_with_their_place() -> None:
    names = [f"f{index}" for index in range(24)]
    pairs = list(zip(names[::2], names[1::2], strict=True))
    # "one of each pair" for each, and "not all the firsts": every choice among the pairs becomes a nogood.
    never: list[tuple[Premise, ...]] = [(Is("top", True), Not(Is(one, True)), Not(Is(two, True))) for one, two in pairs]
    never.append(tuple(Is(one, True) for one, _ in pairs))
    never.append(tuple(Is(two, True) for _, two in pairs))
    with pytest.raises(KnowledgeError, match=r"constraint c1\d, with c\d+, c1\d, c1\d and \d+ more, ties 25"):
        with_constraints(["top", *names], never)


def test_a_constraint_that_can_be_broken_in_too_many_ways_is_refused_early() -> None:
    """One finding of each of twelve lists of twelve: more ways than fit in memory."""
    groups = [[f"f{group}_{index}" for index in range(12)] for group in range(12)]
    never = tuple(Any(tuple(Is(name, True) for name in names)) for names in groups)
    with pytest.raises(KnowledgeError, match="the constraint c1 ties 144 findings together in too many ways"):
        with_constraints(["top", *(name for names in groups for name in names)], [(Is("top", True),), never])


def test_exclusive_or_constraints_are_refused_once_there_are_too_many() -> None:
    """A few are settled; where many tie the same findings, the first one too many is named."""
    rng = Random(1)
    names = [f"f{index}" for index in range(24)]
    never = [(_exclusive_or(rng.sample(names, 3)),) for _ in range(88)]
    assert len(with_constraints(names, never[:2]).groups) in (1, 2)
    with pytest.raises(KnowledgeError, match="together in too many ways to be settled"):
        with_constraints(names, never)


def _exclusive_or(names: Sequence[str]) -> Premise:
    """An odd number of three findings."""
    one, two, three = (Is(name, True) for name in names)
    ways: list[tuple[Premise, ...]] = [
        (one, Not(two), Not(three)),
        (Not(one), two, Not(three)),
        (Not(one), Not(two), three),
        (one, two, three),
    ]
    return Any(tuple(map(All, ways)))


def with_constraints(names: Sequence[str], never: Sequence[tuple[Premise, ...]]) -> Domain:
    """A domain of yes/no findings with constraints."""
    constraints = [Constraint(f"c{index}", premises, "", AT) for index, premises in enumerate(never)]
    findings = [finding(name, Kind.YES_NO) for name in names]
    return Domain(Definitions(knowledge(findings, [], constraints=constraints)))
