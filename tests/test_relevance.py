"""Which findings are relevant, and what their values leave possible: compared with enumeration."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from random import Random

import pytest
import z3  # type: ignore[import-untyped]

from expert import KnowledgeBase
from expert.answer.certificate import certificate, smallest_hitting_set
from expert.answer.relevance import Completions
from expert.answer.relevant_domain import Space
from expert.lang.definitions import Definitions
from expert.lang.errors import UnprovedError
from expert.lang.model import Conclusion, Step
from expert.lang.premises import All, Any, Is, Premise
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import Constraint, Kind
from expert.logic.domain import Domain
from expert.solve.to_cells import Bits, each
from tests.strategies import AT, SIZES, Enumeration, finding, knowledge, rule, small_domain

CHUNKS = range(6)
DOMAINS_A_CHUNK = 12


def relevant_findings(everyone: Enumeration, facts: Facts) -> set[str]:
    """By definition: two completions with two outcomes differ in the finding, and elsewhere only as forced."""
    permitted = {tuple(cells.items()) for cells, _ in everyone.patients}
    found: set[str] = set()
    left = everyone.completions(facts)
    for one, step in left:
        for other, another in left:
            if step != another:
                differing = {name for name in one if one[name] != other[name]}
                free = {name for name in differing if tuple({**other, name: one[name]}.items()) in permitted}
                found |= differing if not free else free if len(free) == 1 else set()
    return found


def growing_facts(everyone: Enumeration, rng: Random) -> Iterator[dict[str, Value]]:
    """No facts about a patient, then more and more."""
    patient, _ = rng.choice(everyone.patients)
    names = list(patient)
    rng.shuffle(names)
    for count in range(len(names)):
        yield {name: patient[name].value for name in names[:count]}


def small_spaces(seed: int) -> Iterator[tuple[Space, Enumeration, Random]]:
    """Small knowledge bases, every other one with constraints."""
    rng = Random(seed)
    for index in range(DOMAINS_A_CHUNK):
        domain = small_domain(rng, constrained=index % 2 == 0)
        yield Space(domain), Enumeration(domain), rng


def narrowing(space: Space, everyone: Enumeration, rng: Random) -> Iterator[tuple[Completions, dict[str, Value]]]:
    """Completions of more and more facts, each narrowed from the last, some of them used in between."""
    completions = Completions(space, 0)
    for facts in growing_facts(everyone, rng):
        completions = completions.narrowed(space.bits(facts))
        yield completions, facts


# --- against enumeration ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", CHUNKS)
def test_relevant_findings_agree_with_enumeration(seed: int) -> None:
    relevant_count = irrelevant_count = 0
    for space, everyone, rng in small_spaces(seed):
        for completions, facts in narrowing(space, everyone, rng):
            unknown = [name for name in space.domain.kb.inputs if name not in facts]
            expected = relevant_findings(everyone, facts)
            assert completions.relevant(unknown) == [name for name in unknown if name in expected]
            relevant_count += len(expected)
            irrelevant_count += len(unknown) - len(expected)
    assert relevant_count
    assert irrelevant_count


@pytest.mark.parametrize("seed", CHUNKS)
def test_a_finding_is_relevant_until_the_outcome_is_certain(seed: int) -> None:
    uncertain = 0
    for space, everyone, rng in small_spaces(seed):
        for completions, facts in narrowing(space, everyone, rng):
            relevant = completions.relevant(name for name in space.domain.kb.inputs if name not in facts)
            assert bool(relevant) == (len(completions.outcomes()) > 1)
            uncertain += len(completions.outcomes()) > 1
    assert uncertain


@pytest.mark.parametrize("seed", CHUNKS)
def test_possible_outcomes_and_those_of_each_cell_agree_with_enumeration(seed: int) -> None:
    narrowed = 0
    for space, everyone, rng in small_spaces(seed):
        for completions, facts in narrowing(space, everyone, rng):
            assert set(completions.outcomes()) == everyone.outcomes(facts)
            for name in space.cells.keys() - facts.keys():
                expected: dict[Bits, set[str | None]] = {}
                for cells, step in everyone.completions(facts):
                    expected.setdefault(space.cell(name, cells[name].value), set()).add(step)
                most = completions.most_left(name)
                assert {bit: set(outcomes) for bit, outcomes in completions.left(name).items()} == expected
                assert most == max(map(len, expected.values()))
                narrowed += most < len(completions.outcomes())
    assert narrowed


@pytest.mark.parametrize("seed", CHUNKS)
def test_a_certificate_is_the_first_smallest_set_that_settles_as_much(
    seed: int,
) -> None:
    sizes = set()
    for space, everyone, rng in small_spaces(seed):
        for completions, facts in narrowing(space, everyone, rng):
            patient, _ = rng.choice(everyone.completions(facts))
            presumed = {name: patient[name].value for name in space.cells if name not in facts and rng.random() < 0.8}
            settled = everyone.outcomes({**facts, **presumed})
            subsets = (subset for size in range(len(presumed) + 1) for subset in combinations(presumed, size))
            expected = next(
                subset
                for subset in subsets
                if everyone.outcomes({**facts, **{name: presumed[name] for name in subset}}) <= settled
            )
            found = space.names(certificate(completions, space.bits(presumed)))
            assert tuple(found) == expected
            relevant = completions.relevant(name for name in space.domain.kb.inputs if name not in facts)
            assert set(found) <= set(relevant)
            sizes.add(len(found))
    assert sizes >= {0, 1}


@pytest.mark.parametrize("seed", CHUNKS)
def test_a_certificate_of_many_findings_needs_each_of_them(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("expert.answer.certificate.MAX_FINDINGS", 0)
    for space, everyone, rng in small_spaces(seed):
        for completions, facts in narrowing(space, everyone, rng):
            patient, _ = rng.choice(everyone.completions(facts))
            presumed = {name: patient[name].value for name in space.cells if name not in facts}
            settled = everyone.outcomes({**facts, **presumed})
            found = space.names(certificate(completions, space.bits(presumed)))
            chosen = {name: presumed[name] for name in found}
            assert everyone.outcomes({**facts, **chosen}) == settled
            for name in found:
                rest = {other: value for other, value in chosen.items() if other != name}
                assert everyone.outcomes({**facts, **rest}) > settled


@pytest.mark.parametrize("seed", range(20))
def test_a_smallest_hitting_set_is_the_first_by_trial(seed: int) -> None:
    rng = Random(seed)
    sets = [sum(1 << member for member in rng.sample(range(8), rng.randint(1, 4))) for _ in range(rng.randint(0, 7))]
    members = [1 << member for member in range(8)]
    subsets = (sum(subset) for size in range(9) for subset in combinations(members, size))
    assert smallest_hitting_set(sets) == next(it for it in subsets if all(it & one for one in sets))


def test_an_empty_set_cannot_be_hit() -> None:
    with pytest.raises(ValueError, match="empty"):
        smallest_hitting_set([1, 0])


# --- by hand ----------------------------------------------------------------------------------------------------------

NAMES = ("ache", "blush", "cough")


def space_where(premise: Premise, *never: tuple[Premise, ...], findings: tuple[str, ...] = NAMES) -> Space:
    """A ladder whose first step is supported if a premise holds, and whose second step always is."""
    rules = [
        rule("first", [premise], [Conclusion("supports", "one")]),
        rule("second", [], [Conclusion("supports", "two")]),
    ]
    steps = [Step(name, name, "", AT) for name in ("one", "two")]
    constraints = [Constraint(f"c{index}", it, "Because.", AT) for index, it in enumerate(never)]
    inputs = [finding(name) for name in findings]
    return Space(Domain(Definitions(knowledge(inputs, rules, steps, constraints))))


def relevant(space: Space, **facts: Value) -> list[str]:
    unknown = [name for name in space.domain.kb.inputs if name not in facts]
    return Completions(space, space.bits(facts)).relevant(unknown)


def test_a_finding_that_no_rule_about_a_step_reads_is_irrelevant() -> None:
    assert relevant(space_where(Is("blush", True))) == ["blush"]


def test_a_finding_is_irrelevant_once_another_settles_its_premise() -> None:
    space = space_where(Any((Is("ache", True), Is("cough", True))))
    assert relevant(space) == ["ache", "cough"]
    assert relevant(space, ache=True) == []
    assert relevant(space, ache=False) == ["cough"]


def test_a_finding_may_be_relevant_only_by_what_it_forces() -> None:
    space = space_where(Is("ache", True), (Is("blush", True), Is("ache", False)))
    assert relevant(space) == ["ache", "blush"]
    assert relevant(space, ache=True) == []


def test_a_tied_finding_is_irrelevant_if_the_others_can_stay_as_they_are() -> None:
    never_none = (Is("ache", False), Is("blush", False), Is("cough", False))
    space = space_where(Is("ache", True), never_none)
    assert relevant(space, blush=True) == ["ache"]
    assert relevant(space, cough=False) == ["ache", "blush"]


def test_leading_to_no_step_is_an_outcome_of_its_own() -> None:
    supported = rule("first", [Is("ache", True)], [Conclusion("supports", "one")])
    space = Space(Domain(Definitions(knowledge([finding("ache")], [supported]))))
    completions = Completions(space, 0)
    assert completions.outcomes() == ["one", None]
    assert completions.relevant(["ache"]) == ["ache"]


def test_a_step_that_no_finding_affects_is_certain_from_the_start() -> None:
    completions = Completions(space_where(All(())), 0)
    assert completions.outcomes() == ["one"]
    assert completions.relevant(NAMES) == []


def test_a_choice_of_one_value_is_never_relevant() -> None:
    only = finding("extent", Kind.CHOICE, values=SIZES[:1])
    small = rule("first", [Is("extent", "small")], [Conclusion("supports", "one")])
    completions = Completions(Space(Domain(Definitions(knowledge([only], [small])))), 0)
    assert completions.outcomes() == ["one"]
    assert completions.relevant(["extent"]) == []


# --- witnesses --------------------------------------------------------------------------------------------------------


def test_results_do_not_depend_on_earlier_questions(kb: KnowledgeBase) -> None:
    domain = Domain(Definitions(kb))
    fresh, used = Space(domain), Space(domain)
    bits = fresh.bits({**domain.background({}).known, "severity": "severe", "patient_request": "requests"})
    wide = Completions(used, 0)
    for name in used.cells:
        wide.left(name)
    wide.relevant(reversed(list(used.cells)))
    one, other = Completions(fresh, bits), wide.narrowed(bits)
    unknown = [name for name, whole in fresh.whole.items() if not whole & bits]
    presumed = fresh.bits({name: domain.usual[name] for name in unknown if name in domain.usual})
    assert certificate(one, presumed) == certificate(other, presumed)
    assert one.relevant(unknown) == other.relevant(unknown)
    assert [one.left(name) for name in unknown] == [other.left(name) for name in unknown]


def test_every_patient_of_a_cube_is_permitted_and_has_its_outcome(kb: KnowledgeBase) -> None:
    domain = Domain(Definitions(kb))
    space, rng = Space(domain), Random(3)
    completions = Completions(space, space.bits(domain.background({}).known))
    for name in space.cells:
        completions.left(name)
    wide = 0
    for cube, outcome in completions.cubes.items():
        chosen = sum(rng.choice(list(each(cube & whole))) for whole in space.whole.values())
        found = space.formulas.completion(chosen, space.outcomes)
        assert found == (chosen, outcome)
        wide += chosen != cube
    assert wide


def test_an_undecided_solver_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    space = space_where(Is("ache", True))
    monkeypatch.setattr(z3, "Z3_solver_check_assumptions", lambda *_: z3.unknown.r)
    with pytest.raises(UnprovedError, match="could not decide"):
        Completions(space, 0).outcomes()
    with pytest.raises(UnprovedError, match="could not decide"):
        Completions(space, 0).relevant(["ache"])
