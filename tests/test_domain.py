"""The domain of patients: cells, constraints, forced values and presumptions."""

from __future__ import annotations

from random import Random

import pytest

from expert.answer.assess import Reasoner
from expert.lang.definitions import Definitions
from expert.lang.dimensions import NUMBER
from expert.lang.errors import PatientError
from expert.lang.model import Conclusion
from expert.lang.premises import Compare, In, Is, Premise, literals, written
from expert.lang.vocabulary import Constraint, Finding, Kind
from expert.logic.cells import Cell
from expert.logic.domain import Domain
from expert.logic.kleene import holds_of
from tests.strategies import AT, Enumeration, finding, knowledge, random_facts, rule, small_domain, values_of


def dose_domain(*thresholds: float, low: float = 0.0, high: float = 10.0) -> Domain:
    """A domain of one quantity that rules compare with thresholds."""
    dose = finding("dose", Kind.QUANTITY, unit=NUMBER, low=low, high=high)
    compared = [
        rule(f"r{index}", [Compare("dose", ">", number, f"{number:g}")], [Conclusion("supports", "one")])
        for index, number in enumerate(thresholds)
    ]
    return Domain(Definitions(knowledge([dose], compared)))


def constrained(*never: tuple[Premise, ...], findings: tuple[Finding, ...]) -> Domain:
    """A domain with constraints."""
    constraints = [Constraint(f"c{index}", premises, f"Reason {index}.", AT) for index, premises in enumerate(never)]
    return Domain(Definitions(knowledge(findings, [], constraints=constraints)))


# --- cells ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("thresholds", "expected"),
    [
        ((), [(None, None)]),
        ((5.0,), [(None, 5.0), (5.0, 5.0), (5.0, None)]),
        ((0.0,), [(0.0, 0.0), (0.0, None)]),
        ((10.0,), [(None, 10.0), (10.0, 10.0)]),
        ((0.0, 10.0), [(0.0, 0.0), (0.0, 10.0), (10.0, 10.0)]),
        ((2.0, 7.0), [(None, 2.0), (2.0, 2.0), (2.0, 7.0), (7.0, 7.0), (7.0, None)]),
        ((-1.0, 11.0), [(None, None)]),
    ],
    ids=str,
)
def test_thresholds_cut_a_range_into_points_and_the_gaps_between_them(
    thresholds: tuple[float, ...], expected: list[tuple[float | None, float | None]]
) -> None:
    cells = dose_domain(*thresholds).cells["dose"]
    assert [(cell.lower, cell.upper) for cell in cells] == expected
    values = [float(cell.value) for cell in cells]
    assert values == sorted(set(values))
    assert all(0.0 <= value <= 10.0 for value in values)


@pytest.mark.parametrize("seed", range(3))
def test_no_premise_distinguishes_two_values_of_one_cell(seed: int) -> None:
    rng = Random(seed)
    for _ in range(20):
        domain = small_domain(rng, constrained=True)
        premises = [*(rule.premise for rule in domain.kb.rules.values())]
        about = [it for premise in premises for it in literals(premise) if it.finding in domain.kb.inputs]
        for literal in about:
            for value in values_of(domain, literal.finding):
                cell = domain.cell_of(literal.finding, value)
                assert holds_of(literal, value) is holds_of(literal, cell.value)


def test_every_value_of_the_shipped_knowledge_lies_in_exactly_one_cell(reasoner: Reasoner) -> None:
    domain = reasoner.domain
    for name in domain.kb.inputs:
        for value in values_of(domain, name):
            inside = [cell for cell in domain.cells[name] if cell.holds(value)]
            assert inside == [domain.cell_of(name, value)]


def test_a_threshold_in_a_condition_to_ask_cuts_too() -> None:
    dose = finding("dose", Kind.QUANTITY, unit=NUMBER, low=0.0, high=10.0)
    relief = finding("relief", asked_if=Compare("dose", ">", 7.0, "7"))
    assert len(Domain(Definitions(knowledge([dose, relief], []))).cells["dose"]) == 3


def test_a_value_that_a_finding_cannot_have_lies_in_no_cell() -> None:
    domain = Domain(Definitions(knowledge([finding("extent", Kind.CHOICE, values=("small", "large"))], [])))
    with pytest.raises(ValueError, match="'huge' is not a value of extent"):
        domain.cell_of("extent", "huge")


# --- premises for cells -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ([0], ("dose <= 0",)),
        ([1], ("dose > 0", "dose < 5")),
        ([2], ("dose >= 5", "dose <= 5")),
        ([3], ("dose > 5",)),
        ([0, 1], ("dose < 5",)),
        ([2, 3], ("dose >= 5",)),
        ([1, 2, 3], ("dose > 0",)),
        ([0, 1, 2, 3], ("dose >= 0",)),
    ],
    ids=str,
)
def test_neighbouring_cells_of_a_quantity_are_written_by_their_bounds(
    chosen: list[int], expected: tuple[str, ...]
) -> None:
    domain = dose_domain(0.0, 5.0)
    premises = domain.premises("dose", [domain.cells["dose"][index] for index in chosen])
    assert tuple(map(written, premises)) == expected


def test_cells_of_choices_and_yes_no_findings_are_written_as_in_rules() -> None:
    extent = finding("extent", Kind.CHOICE, values=("small", "medium", "large"))
    domain = Domain(Definitions(knowledge([extent, finding("ache")], [])))
    assert domain.premises("extent", [Cell("large")]) == (Is("extent", "large"),)
    assert domain.premises("extent", [Cell("small"), Cell("large")]) == (In("extent", ("small", "large")),)
    assert domain.premises("ache", [Cell(True)]) == (Is("ache", True),)
    assert domain.premises("ache", [Cell(False)]) == (Is("ache", False),)


# --- constraints ------------------------------------------------------------------------------------------------------

TRIED = finding("tried")
DOSE = finding("dose", Kind.QUANTITY, unit=NUMBER, low=0.0, high=10.0)
UNTRIED_HAS_NO_DOSE = (Is("tried", False), Compare("dose", ">", 0.0, "0"))


def test_forced_values_are_derived_before_presumptions() -> None:
    presumed = finding("tried", usual=True)
    domain = constrained(UNTRIED_HAS_NO_DOSE, findings=(presumed, DOSE))
    assert domain.background({"tried": False}).forced == {"dose": 0.0}
    background = domain.background({"dose": 3.0})
    assert (background.forced, background.presumed) == ({"tried": True}, {})


def test_a_range_of_remaining_values_is_not_forced() -> None:
    tried_has_a_dose = (Is("tried", True), Compare("dose", "<=", 2.0, "2"))
    domain = constrained(tried_has_a_dose, findings=(TRIED, DOSE))
    assert domain.background({"tried": True}).forced == {}


def test_values_forced_only_by_several_constraints_are_found() -> None:
    a, b, c = (finding(name) for name in "abc")
    domain = constrained((Is("a", True), Is("b", False)), (Is("b", True), Is("c", False)), findings=(a, b, c))
    assert domain.background({"a": True}).forced == {"b": True, "c": True}
    assert domain.background({"c": False}).forced == {"a": False, "b": False}


def test_a_presumption_that_the_constraints_exclude_is_dropped() -> None:
    presumed = finding("dose", Kind.QUANTITY, unit=NUMBER, low=0.0, high=10.0, usual=0.0)
    tried_has_a_dose = (Is("tried", True), Compare("dose", "<=", 2.0, "2"))
    domain = constrained(tried_has_a_dose, findings=(TRIED, presumed))
    assert domain.background({}).presumed == {"dose": 0.0}
    assert domain.background({"tried": True}).presumed == {}


def test_impossible_facts_are_refused_with_the_facts_and_the_reason() -> None:
    domain = constrained(
        UNTRIED_HAS_NO_DOSE,
        (Is("ache", True), Is("cough", True)),
        findings=(TRIED, DOSE, finding("ache"), finding("cough")),
    )
    with pytest.raises(PatientError) as caught:
        domain.background({"ache": True, "tried": False, "dose": 3.0})
    (problem,) = caught.value.problems
    assert problem.message == "these facts contradict each other: tried no, dose 3. Reason 0. (c0)"


def test_constraints_that_permit_no_patient_are_named() -> None:
    domain = constrained(
        (Is("cough", True), Is("ache", True)),
        (Is("ache", True),),
        (Is("ache", False),),
        findings=(finding("ache"), finding("cough")),
    )
    for facts in ({}, {"ache": True}, {"cough": False}):
        with pytest.raises(PatientError) as caught:
            domain.background(facts)
        (problem,) = caught.value.problems
        assert problem.message == "these facts contradict each other: no patient is left. Reason 1. (c1) Reason 2. (c2)"


def test_a_policy_counts_as_given_until_it_is_given() -> None:
    policy = finding("policy", Kind.CHOICE, values=("open", "strict"), default="open", usual="strict")
    domain = Domain(Definitions(knowledge([policy], [])))
    assert domain.background({}).defaults == {"policy": "open"}
    assert domain.background({}).presumed == {}
    assert domain.background({"policy": "strict"}).known == {"policy": "strict"}


def test_findings_are_tied_to_all_that_chains_of_constraints_reach() -> None:
    findings = tuple(finding(name) for name in "abcdef")
    domain = constrained(
        (Is("a", True), Is("b", True)),
        (Is("d", True), Is("e", True)),
        (Is("b", True), Is("c", True)),
        findings=findings,
    )
    assert {name: "".join(sorted(tied)) for name, tied in domain.tied.items()} == {
        "a": "abc",
        "b": "abc",
        "c": "abc",
        "d": "de",
        "e": "de",
    }


@pytest.mark.parametrize("seed", range(3))
def test_forced_values_and_presumptions_agree_with_enumeration(seed: int) -> None:
    rng = Random(seed)
    refused = 0
    for _ in range(15):
        domain = small_domain(rng, constrained=True)
        everyone = Enumeration(domain)
        for _ in range(8):
            facts = random_facts(domain, rng)
            if everyone.completions(facts):
                background = domain.background(facts)
                assert background.forced == everyone.forced(facts)
                assert background.all == everyone.presumed(facts)
            else:
                refused += 1
                with pytest.raises(PatientError, match="these facts contradict each other"):
                    domain.background(facts)
    assert refused


def test_constraints_without_a_common_finding_are_settled_separately() -> None:
    pairs = [(finding(f"a{index}"), finding(f"b{index}")) for index in range(400)]
    never = [(Is(a.name, True), Is(b.name, True)) for a, b in pairs]
    domain = constrained(*never, findings=tuple(it for pair in pairs for it in pair))
    assert [group.names for group in domain.groups] == [(a.name, b.name) for a, b in pairs]
    assert domain.background({"a7": True}).forced == {"b7": False}


def test_only_broken_constraints_are_named(reasoner: Reasoner) -> None:
    with pytest.raises(PatientError) as caught:
        reasoner.domain.background({"prior_surgery": False, "same_or_worse_symptoms": True})
    (problem,) = caught.value.problems
    assert "no-original-symptoms-without-an-earlier-operation" in problem.message
    assert problem.message.count("-without-an-earlier-operation") == 1
