"""Premises: each form has one meaning, and any other form is an error at its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expert import read_knowledge
from expert.lang.errors import Location, Problem
from expert.lang.premises import ALWAYS, All, Any, Compare, Count, In, Is, Not, Premise, written
from expert.lang.vocabulary import Kind
from expert.read.parse import parse
from expert.read.premise import PremiseReader
from expert.read.source import Mapping, Names, Problems, Scalar, Source
from tests.malformed import BASE

KB = read_knowledge(Path(BASE))
WILTING, PESTS = Is("wilting", True), Is("pests", True)
DRY = Is("soil", "dry")


def problems_of(text: str) -> tuple[tuple[Premise, ...], list[Problem]]:
    """The premises of a text after ``when:``, and its problems."""
    problems = Problems()
    node = parse(Source("file", f"when: {text}"), problems)
    assert isinstance(node, Mapping)
    reader = PremiseReader(KB.findings, Names(KB.findings), problems)
    return reader.condition(node.entries["when"]), problems.found


def read(text: str) -> tuple[tuple[Premise, ...], list[tuple[int, int, str]]]:
    """The same, of each problem its place and message."""
    premises, problems = problems_of(text)
    return premises, [(it.at.line, it.at.column, it.message) for it in problems if it.at]


@pytest.mark.parametrize(
    ("text", "premises"),
    [
        ("always", ()),
        ("'always'", ()),
        ("wilting", (WILTING,)),
        ("not wilting", (Not(WILTING),)),
        ("not   wilting", (Not(WILTING),)),
        ("soil is dry", (DRY,)),
        ("soil  is  dry", (DRY,)),
        ("soil is not dry", (Not(DRY),)),
        ("not soil is dry", (Not(DRY),)),
        ("soil in [dry, moist]", (In("soil", ("dry", "moist")),)),
        ("soil in[dry]", (In("soil", ("dry",)),)),
        ("soil in [dry, dry]", (In("soil", ("dry",)),)),
        ("danger is grave", (Is("danger", "grave"),)),
        ("thirst", (Is("thirst", True),)),
        ("age < 18 years", (Compare("age", "<", 6574.5, "18 years"),)),
        ("age<=18years", (Compare("age", "<=", 6574.5, "18years"),)),
        ("age > 1 month", (Compare("age", ">", 30.4375, "1 month"),)),
        ("leaves_lost >= 2/3", (Compare("leaves_lost", ">=", 0.6666666666666666, "2/3"),)),
        ("leaves_lost > 67 %", (Compare("leaves_lost", ">", 0.67, "67 %"),)),
        ("[wilting, pests]", (WILTING, PESTS)),
        ("[wilting]", (WILTING,)),
        ("{any: [wilting, pests]}", (Any((WILTING, PESTS)),)),
        ("{all: [wilting, pests]}", (All((WILTING, PESTS)),)),
        ("{not: pests}", (Not(PESTS),)),
        ("{not: [wilting, pests]}", (Not(All((WILTING, PESTS))),)),
        ("{at least 2 of: [wilting, pests, soil is dry]}", (Count(2, None, (WILTING, PESTS, DRY)),)),
        ("{at most 1 of: [wilting, {not: pests}]}", (Count(0, 1, (WILTING, Not(PESTS))),)),
        ("{exactly 0 of: [wilting, pests]}", (Count(0, 0, (WILTING, PESTS)),)),
        ("[wilting, {any: [pests, {all: [soil is dry, thirst]}]}]", None),
        (">-\n  soil\n  is dry", (DRY,)),
        ("soil is\n  dry", (DRY,)),
        ('"soil is dry"', (DRY,)),
    ],
)
def test_a_premise_means_what_it_says(text: str, premises: tuple[Premise, ...] | None) -> None:
    nested = (WILTING, Any((PESTS, All((DRY, Is("thirst", True))))))
    assert read(text) == (nested if premises is None else premises, [])


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", 1, 6, "there is no premise here"),
        ("'  '", 1, 7, "there is no premise here"),
        ("[]", 1, 7, "this list of premises is empty"),
        ("{}", 1, 7, "one of any:, all:, not: or a count at a time"),
        ("{any: []}", 1, 13, "this list of premises is empty"),
        ("{any: wilting, all: pests}", 1, 7, "one of any:, all:, not: or a count at a time"),
        ("{ani: wilting}", 1, 8, "'ani' does not combine premises"),
        ("{at least 1 of: [[wilting], pests]}", 1, 24, "a list within a list of premises"),
        (
            "{any: {all: {at least 1 of: [wilting, pests]}}}",
            1,
            20,
            "any, all, not and counts are nested more than 2 deep",
        ),
        ("{at least 0 of: [wilting, pests]}", 1, 8, "at least 0 of 2 premises holds for every patient"),
        ("{at least 3 of: [wilting, pests]}", 1, 8, "at least 3 of 2 premises holds for no patient"),
        ("{at most 2 of: [wilting, pests]}", 1, 8, "at most 2 of 2 premises holds for every patient"),
        ("{exactly 3 of: [wilting, pests]}", 1, 8, "exactly 3 of 2 premises holds for no patient"),
        ("{at least 2 of: [wilting, wilting, pests]}", 1, 8, "wilting is counted twice"),
        ("[[wilting]]", 1, 8, "a list within a list of premises"),
        ("{any: [[wilting]]}", 1, 14, "a list within a list of premises"),
        ("{any: {all: {not: wilting}}}", 1, 20, "any, all, not and counts are nested more than 2 deep"),
        ("[always]", 1, 8, "'always' is used alone, and only in when:"),
        ("{any: always}", 1, 13, "'always' is used alone, and only in when:"),
        ("not always", 1, 11, "'always' is not a finding"),
        ("wiltin", 1, 7, "'wiltin' is not a finding"),
        ("not wiltin", 1, 11, "'wiltin' is not a finding"),
        ("'not   wiltin'", 1, 14, "'wiltin' is not a finding"),
        ("not not wilting", 1, 11, "'not' is not a finding"),
        ("wilting and pests", 1, 15, "'and pests' cannot follow a finding"),
        ("wilting is yes!", 1, 18, "'yes!' is not a value of wilting"),
        ("wilting is maybe", 1, 18, "'maybe' is not a value of wilting"),
        ("wilting is unknown", 1, 18, "'unknown' is not a value of wilting"),
        ("wilting in [yes]", 1, 15, "wilting is a yes/no finding, not a choice"),
        ("wilting > 5", 1, 15, "wilting is a yes/no finding, not a quantity"),
        ("soil", 1, 7, "soil is a choice, not a yes/no finding"),
        ("not soil", 1, 7, "soil is a choice, not a yes/no finding"),
        ("soil > 5", 1, 12, "soil is a choice, not a quantity"),
        ("soil is", 1, 12, "'is' cannot follow a finding"),
        ("soil is not", 1, 15, "'not' is not a value of soil"),
        ("soil is Dry", 1, 15, "'Dry' is not a value of soil"),
        ("soil is very dry", 1, 12, "'is very dry' cannot follow a finding"),
        ("soil = dry", 1, 12, "'= dry' cannot follow a finding"),
        ("soil != dry", 1, 12, "'!= dry' cannot follow a finding"),
        ("soil dry", 1, 12, "'dry' cannot follow a finding"),
        ("soil in dry", 1, 12, "'in dry' cannot follow a finding"),
        ("soil in []", 1, 16, "soil has no value here"),
        ("soil in [dry,]", 1, 20, "soil has no value here"),
        ("soil in [dry,  mosit]", 1, 22, "'mosit' is not a value of soil"),
        ("soil in [dry", 1, 12, "'in [dry' cannot follow a finding"),
        ("soil not in [dry]", 1, 12, "'not in [dry]' cannot follow a finding"),
        ("not soil is not dry", 1, 7, "this negates twice, or negates a comparison"),
        ("not age < 5 years", 1, 7, "this negates twice, or negates a comparison"),
        ("age", 1, 7, "age is a quantity, not a yes/no finding"),
        ("age is 5", 1, 11, "age is a quantity, not a choice"),
        ("age in [5, 6]", 1, 11, "age is a quantity, not a choice"),
        ("age == 5 years", 1, 11, "'== 5 years' cannot follow a finding"),
        ("age <", 1, 11, "'<' cannot follow a finding"),
        ("age < > 5", 1, 13, "age: '> 5' is not a quantity"),
        ("age < 5", 1, 14, "age: '5' has no unit"),
        ("age < 5 kg", 1, 15, "age: kg measure mass, but this is a time"),
        ("age < 5 yeers", 1, 15, "age: 'yeers' is not a unit"),
        ("age < nan", 1, 13, "age: 'nan' is not a finite number"),
        ("age < 101 years", 1, 13, "age: '101 years' is out of range"),
        ("age > -1 days", 1, 13, "age: '-1 days' is out of range"),
        ("leaves_lost > 101 %", 1, 21, "leaves_lost: '101 %' is out of range"),
        ("5 years < age", 1, 7, "'5' is not a finding"),
        ("< 5 years", 1, 7, "'< 5 years' is not a premise"),
        ("(wilting)", 1, 7, "'(wilting)' is not a finding"),
        ("wilting, pests", 1, 7, "'wilting,' is not a finding"),
        (">-\n  soil is\n  drry", 1, 7, "'drry' is not a value of soil"),
        ("soil is\n  drry", 1, 7, "'drry' is not a value of soil"),
    ],
)
def test_a_text_that_is_no_premise_is_one_error_at_its_place(text: str, line: int, column: int, message: str) -> None:
    assert read(text)[1] == [(line, column, message)]


def test_premises_that_cannot_be_read_are_not_counted_twice() -> None:
    assert [message for _, _, message in read("{at least 2 of: [wiltin, peest, wilting]}")[1]] == [
        "'wiltin' is not a finding",
        "'peest' is not a finding",
    ]


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("atleast 2 of", "at least 2 of"),
        ("at least 3", "at least 3 of"),
        ("At least two of", "at least 2 of"),
        ("at-most 4 of", "at most 4 of"),
        ("exactly 1", "exactly 1 of"),
        ("exactly  1  of", "exactly 1 of"),
    ],
)
def test_a_misspelt_count_says_how_it_is_written(key: str, meant: str) -> None:
    _, (problem,) = problems_of(f"{{{key}: [wilting, pests, thirst, soil is dry]}}")
    assert problem.suggestion == meant


def test_a_choice_is_not_confused_with_the_words_around_it() -> None:
    assert [message for _, _, message in read("soilis dry")[1]] == ["'soilis' is not a finding"]
    assert [message for _, _, message in read("soil isdry")[1]] == ["'isdry' cannot follow a finding"]


def test_several_mistakes_of_one_premise_are_all_reported() -> None:
    assert [column for _, column, _ in read("soil in [drry, moist, soked]")[1]] == [16, 29]


def test_an_unreadable_premise_is_reported_and_becomes_always() -> None:
    premises, problems = read("age is 5")
    assert premises == (ALWAYS,)
    assert len(problems) == 1


def test_a_premise_has_a_location() -> None:
    ((premise,), _) = read("soil is dry")
    assert isinstance(premise, Is)
    assert premise.at == Location("file", 1, 7)


def test_a_finding_whose_entry_is_wrong_is_not_reported_again() -> None:
    problems = Problems()
    reader = PremiseReader({}, Names(["wilting"]), problems)
    assert reader.line(Scalar(Source("file", "wilting"), 1, 1, "wilting")) == ALWAYS
    assert problems.found == []


def literals() -> st.SearchStrategy[Premise]:
    """Premises of one line over the base knowledge."""
    found: list[Premise] = []
    for finding in KB.findings.values():
        if finding.kind is Kind.YES_NO:
            found.append(Is(finding.name, True))
        elif finding.kind is Kind.CHOICE:
            found += [Is(finding.name, value) for value in finding.values]
            found.append(In(finding.name, finding.values[:2]))
    found += [Compare("age", operator, 730.5, "2 years") for operator in ("<", "<=", ">", ">=")]
    plain = st.sampled_from(found)
    negated = st.sampled_from([it for it in found if isinstance(it, Is)]).map(Not)
    return plain | negated


@given(literals())
def test_a_written_premise_reads_back_as_itself(premise: Premise) -> None:
    assert read(written(premise)) == ((premise,), [])


WORDS = ["not", "is", "in", "soil", "age", "wilting", "dry", "[", "]", "<", "5", ",", " "]


@given(st.lists(st.sampled_from(WORDS)).map("".join))
def test_any_text_is_a_premise_or_a_located_error(text: str) -> None:
    problems = Problems()
    reader = PremiseReader(KB.findings, Names(KB.findings), problems)
    premise = reader.line(Scalar(Source("file", text), 1, 1, text.strip(), len(text) + 1))
    assert (premise == ALWAYS) <= bool(problems.found)
    assert all(problem.at and 1 <= problem.at.column <= len(text) + 1 for problem in problems.found)
