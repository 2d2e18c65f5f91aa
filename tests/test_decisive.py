"""Which findings could change the answer, compared with enumeration on small knowledge bases."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from expert.answer.assess import Reasoner
from expert.answer.assessment import NotRuledOut
from expert.answer.decisive import decisive_findings, explain_possible
from expert.answer.deviations import Deviations
from expert.answer.recorded import open_before_gates
from expert.lang.definitions import Definitions
from expert.lang.dimensions import NUMBER
from expert.lang.facts import Patient
from expert.lang.model import Conclusion, KnowledgeBase, Step
from expert.lang.premises import All, Any, Compare, Is, Not, Premise, literals
from expert.lang.values import Facts
from expert.lang.vocabulary import Constraint, Finding, Kind
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from expert.solve.case_split import certain_step
from tests.strategies import AT, Enumeration, finding, knowledge, random_facts, rule, small_domain

CHUNKS, BASES = range(4), 10


def deviations(domain: Domain, given: Facts) -> Deviations:
    background = domain.background(given)
    return Deviations(domain, background, Evaluation(domain.definitions, background.all))


def patients(rng: Random) -> list[tuple[Domain, Enumeration, Facts]]:
    """Patients of small knowledge bases with few facts, for whom no step is certain yet."""
    found: list[tuple[Domain, Enumeration, Facts]] = []
    while len(found) < BASES:
        domain = small_domain(rng, constrained=True)
        everyone = Enumeration(domain)
        facts = dict(sorted(random_facts(domain, rng).items())[:2])
        if len(everyone.outcomes(facts)) > 1 and not everyone.contradictory:
            found.append((domain, everyone, facts))
    return found


# --- against enumeration ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", CHUNKS)
def test_every_deviation_has_its_own_presumptions(seed: int) -> None:
    for domain, everyone, facts in patients(Random(seed)):
        found = deviations(domain, facts)
        assert found.presumed.facts == everyone.presumed(facts)
        for deviation, _ in [*everyone.deviations(facts, 1), *everyone.deviations(facts, 2)]:
            given = {**facts, **{name: cell.value for name, cell in deviation}}
            evaluation = found.evaluation(deviation)
            assert evaluation is not None
            assert evaluation.facts == everyone.presumed(given)


@pytest.mark.parametrize("seed", CHUNKS)
def test_exactly_the_single_values_that_change_the_step_are_found(seed: int) -> None:
    changes = 0
    for domain, everyone, facts in patients(Random(seed)):
        base = everyone.certain(everyone.presumed(facts))
        found = deviations(domain, facts)
        expected = {it: step for it, step in everyone.deviations(facts, 1) if step not in (None, base)}
        assert found.recommended == base
        assert found.minimal(most=1) == expected
        changes += len(expected)
    assert changes


@pytest.mark.parametrize("seed", CHUNKS)
def test_exactly_the_pairs_that_change_the_step_only_together_are_found(seed: int) -> None:
    changes = 0
    for domain, everyone, facts in patients(Random(seed + 10)):
        base = everyone.certain(everyone.presumed(facts))
        found = deviations(domain, facts)
        singles = {change for single in found.minimal(most=1) for change in single}
        expected = {
            pair: step
            for pair, step in everyone.deviations(facts, 2)
            if step not in (None, base) and not any(change in singles for change in pair)
        }
        assert {it: step for it, step in found.minimal(most=2).items() if len(it) == 2} == expected
        changes += len(expected)
    assert changes


@pytest.mark.parametrize("seed", CHUNKS)
def test_all_shortest_deviations_to_a_step_are_found(seed: int) -> None:
    for domain, everyone, facts in patients(Random(seed)):
        found = deviations(domain, facts)
        for step in domain.kb.steps:
            shortest, complete = found.shortest(("recommended", step))
            assert complete
            for size in range(4):
                expected = {it for it, leads_to in everyone.deviations(facts, size) if leads_to == step}
                if expected:
                    assert set(shortest) == expected
                    break
            else:
                assert all(len(it) > 3 for it in shortest)


@pytest.mark.parametrize("seed", CHUNKS)
def test_the_same_is_found_in_runs_of_any_size(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    some = [(domain, facts) for domain, _, facts in patients(Random(seed))]
    whole = [_found(deviations(*it)) for it in some]
    for name in ("search.MOST_VARIANTS", "level.MOST_AT_ONCE"):
        monkeypatch.setattr(f"expert.answer.{name}", 1)
    assert [_found(deviations(*it)) for it in some] == whole


def _found(found: Deviations) -> list[object]:
    steps = found.domain.kb.steps
    return [found.minimal(most=2), *(found.shortest(("recommended", step)) for step in steps)]


@pytest.mark.parametrize("seed", range(8))
def test_exactly_the_alerts_that_some_completion_raises_and_another_does_not_are_not_ruled_out(seed: int) -> None:
    rng, seen = Random(seed), set[str]()
    for index in range(12):
        domain = small_domain(rng, constrained=index % 2 == 0, alerts=True)
        everyone, reasoner = Enumeration(domain), Reasoner(domain.kb)
        facts = random_facts(domain, rng)
        if not domain.permitted(facts) or everyone.contradictory:
            continue
        it = reasoner.assess(Patient(facts))
        assert [entry.alert for entry in it.not_ruled_out] == everyone.open_alerts(facts)
        for alert in it.alerts:
            sure = alert.name not in {entry.alert for entry in it.not_ruled_out}
            assert (alert.status == "holds") == (everyone.about(alert.name).outcomes(facts) == {alert.name})
            seen.add(f"{alert.status} {sure}")
        for entry in it.not_ruled_out:
            check_raised(domain, everyone, facts, entry)
    assert "holds True" in seen


@pytest.mark.parametrize("seed", range(6))
def test_too_little_is_recorded_where_nothing_is_given_or_what_is_given_as_unknown_could_lead_to_a_gate(
    seed: int,
) -> None:
    rng, seen = Random(seed), set[tuple[bool, bool]]()
    for index in range(16):
        domain = small_domain(rng, constrained=index % 2 == 0)
        everyone, reasoner = Enumeration(domain), Reasoner(domain.kb)
        facts = dict(sorted(random_facts(domain, rng).items())[: rng.randint(0, 2)])
        if not domain.permitted(facts) or everyone.contradictory:
            continue
        left = [name for name in domain.kb.inputs if name not in facts]
        unknown = tuple(name for name in left if rng.random() < 0.4)
        it = reasoner.assess(Patient(facts, unknown=unknown))
        gate = gate_after(domain, everyone, facts, unknown)
        if it.answer == "certain" or it.recommended == "one":
            gate = False
        without = it.answer == "open" and bool(open_before_gates(deviations(domain, facts)))
        assert (it.not_enough is not None) == (it.answer != "certain" and (gate or not facts or without))
        if it.not_enough:
            assert it.not_enough.nothing_recorded == (not facts)
            assert bool(it.not_enough.said_unknown) == gate
            assert set(it.not_enough.said_unknown) <= set(unknown)
        seen.add((gate, bool(facts)))
    assert seen


def test_what_is_not_presumed_is_not_said_to_be_unknown(reasoner: Reasoner) -> None:
    it = reasoner.assess(Patient({"leg_pain": "both"}, unknown=("cancer_history",)))
    assert it.not_enough
    assert it.not_enough.said_unknown == ("cancer_history",)


def gate_after(domain: Domain, everyone: Enumeration, facts: Facts, unknown: tuple[str, ...]) -> bool:
    """Whether some values of what is given as unknown lead to the gate, all else presumed."""
    for cells in product(*([None, *domain.cells[name]] for name in unknown)):
        values = {name: cell.value for name, cell in zip(unknown, cells, strict=True) if cell is not None}
        given = {**facts, **values}
        if everyone.completions(given) and everyone.certain(everyone.presumed(given)) == "one":
            return True
    return False


def check_raised(domain: Domain, everyone: Enumeration, facts: Facts, entry: NotRuledOut) -> None:
    """With each deviation that is named, presumptions made again, every completion raises the alert."""
    assert entry.deviations
    for premises in entry.deviations:
        unknown = [name for name in domain.kb.inputs if name not in facts]
        named = {leaf.finding for premise in premises for leaf in literals(premise)}
        choices = [[cell.value for cell in domain.cells[name]] for name in unknown if name in named]
        names = [name for name in unknown if name in named]
        for values in product(*choices):
            given = {**facts, **dict(zip(names, values, strict=True))}
            meets = Evaluation(domain.definitions, given).evaluate(All(premises))
            if meets and domain.permitted(given):
                assert everyone.about(entry.alert).certain(everyone.presumed(given)) == entry.alert


# --- by hand ----------------------------------------------------------------------------------------------------------

ACHES = Is("ache", True)
ACHE, COUGH = finding("ache", usual=False), finding("cough", usual=False)
DOSE = finding("dose", Kind.QUANTITY, unit=NUMBER, low=0.0, high=10.0, usual=0.0)


def ladder(
    *steps: tuple[str, Premise], findings: tuple[Finding, ...], never: tuple[Premise, ...] = ()
) -> KnowledgeBase:
    return knowledge(
        findings,
        [rule(f"{step}-when", [premise], [Conclusion("supports", step)]) for step, premise in steps],
        [Step(step, step, "", AT) for step in dict.fromkeys(step for step, _ in steps)],
        [Constraint("c", never, "Because.", AT)] if never else [],
    )


def test_a_value_may_be_decisive_because_it_forces_another() -> None:
    kb = ladder(
        ("one", Is("ache", True)),
        ("two", All(())),
        findings=(ACHE, DOSE),
        never=(Is("ache", False), Compare("dose", ">", 0.0, "0")),
    )
    found = decisive_findings(deviations(Domain(Definitions(kb)), {}))
    some = Compare("dose", ">", 0.0, "0")
    assert {it.finding: it.leads_to for it in found} == {"ache": {ACHES: ("one",)}, "dose": {some: ("one",)}}


def test_a_finding_that_decides_only_with_another_names_its_partner() -> None:
    kb = ladder(
        ("one", All((Is("ache", True), Is("cough", True)))), ("two", All(())), findings=(ACHE, finding("cough"))
    )
    found = decisive_findings(deviations(Domain(Definitions(kb)), {}))
    assert [(it.finding, it.partners) for it in found] == [("ache", ("cough",)), ("cough", ("ache",))]


def test_presumed_findings_may_be_decisive_for_an_open_answer() -> None:
    kb = ladder(
        ("one", Is("ache", True)), ("two", Is("cough", True)), ("three", All(())), findings=(ACHE, finding("cough"))
    )
    found = decisive_findings(deviations(Domain(Definitions(kb)), {}))
    assert {it.finding: it.leads_to for it in found} == {
        "ache": {ACHES: ("one",)},
        "cough": {Is("cough", False): ("three",), Is("cough", True): ("two",)},
    }


def test_a_shorter_way_is_found_even_if_a_longer_one_is_written_first() -> None:
    both = All((Is("ache", True), Is("cough", True)))
    unknown = tuple(finding(name) for name in ("ache", "cough", "blush"))
    kb = ladder(("one", Any((both, Is("blush", True)))), ("two", All(())), findings=unknown)
    possible = explain_possible("one", deviations(Domain(Definitions(kb)), {}))
    assert possible is not None
    assert possible.deviations == ((Is("blush", True),),)
    assert possible.complete


def test_both_values_of_a_yes_no_finding_are_reported_separately() -> None:
    either = Any((All((Is("ache", True), Is("cough", True))), All((Is("ache", False), Is("blush", True)))))
    unknown = (finding("ache"), COUGH, finding("blush", usual=False))
    kb = ladder(("one", either), ("two", All(())), findings=unknown)
    found = {it.finding: it for it in decisive_findings(deviations(Domain(Definitions(kb)), {}))}
    assert found["ache"].leads_to == {Is("ache", False): ("one",), ACHES: ("one",)}


def test_neighbouring_cells_of_a_quantity_are_reported_as_one_range() -> None:
    kb = ladder(
        ("one", Compare("dose", ">=", 3.0, "3")), ("two", Not(Compare("dose", ">", 7.0, "7"))), findings=(DOSE,)
    )
    found = decisive_findings(deviations(Domain(Definitions(kb)), {}))
    assert [it.leads_to for it in found] == [{Compare("dose", ">=", 3.0, "3"): ("one",)}]


def test_a_search_that_reaches_its_bound_is_not_called_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    both = All((Any((Is("ache", True), Is("blush", True))), Is("cough", True)))
    kb = ladder(("one", both), ("two", All(())), findings=(ACHE, COUGH, finding("blush", usual=False)))
    found = deviations(Domain(Definitions(kb)), {})
    shortest, complete = found.shortest(("recommended", "one"))
    assert len(shortest) == 2
    assert complete
    monkeypatch.setattr("expert.answer.deviations.MOST_ROWS", 0)
    assert found.shortest(("recommended", "one")) == ([], False)
    possible = explain_possible("one", found)
    assert possible is not None
    assert not possible.complete


def test_a_step_that_no_deviation_leads_to_is_not_possible() -> None:
    never = All((Is("ache", True), Is("cough", True), Is("ache", False)))
    kb = ladder(("one", never), ("two", All(())), findings=(ACHE, COUGH))
    found = deviations(Domain(Definitions(kb)), {})
    assert found.shortest(("recommended", "one")) == ([], True)
    assert explain_possible("one", found) is None


def test_the_certain_step_of_the_presumed_patient_is_its_own_shortest_deviation() -> None:
    kb = ladder(("one", Is("ache", True)), ("two", All(())), findings=(ACHE,))
    found = deviations(Domain(Definitions(kb)), {})
    assert certain_step(found.domain, found.presumed) == "two"
    assert found.shortest(("recommended", "two")) == ([frozenset()], True)
    possible = explain_possible("two", found)
    assert possible is not None
    assert possible.deviations == ((),)
