"""The tables of what rules can conclude and what can be observed of an answer."""

from __future__ import annotations

import pytest

from expert.answer.assess import Reasoner
from expert.lang.observables import (
    KINDS,
    Difference,
    Key,
    State,
    differences,
    observables,
    state,
    status_of,
    step_word,
    value_status,
)
from expert.lang.roles import LISTINGS, ROLES, role_forms, roles_for
from tests.random_patients import random_patients


def test_every_observable_has_a_kind_a_title_and_definitions(reasoner: Reasoner) -> None:
    found = list(observables(reasoner.kb))
    assert len({it.key for it in found}) == len(found)
    for it in found:
        assert it.kind in KINDS
        assert it.title
        assert it.definitions
        assert all(name in reasoner.definitions.premises for name in it.definitions)


def test_statuses_by_the_table_are_those_of_the_answer(reasoner: Reasoner) -> None:
    for patient in random_patients(reasoner, 25, seed=4):
        answer = reasoner.assess(patient)
        for record, presumed in ((answer.record, False), (answer.presumed_record, True)):
            found = {it.key: status_of(it, record.truth) for it in observables(reasoner.kb) if it.kind != "step"}
            for option in answer.options:
                assert found["option", option.option] == (option.presumed_status if presumed else option.status)
            for notice in answer.alerts:
                assert found["alert", notice.name] == (notice.presumed_status if presumed else notice.status)
            for name, value in (answer.presumed_findings if presumed else answer.findings).items():
                assert found["finding", name] == value_status(value)


@pytest.mark.parametrize("key", LISTINGS)
def test_what_a_case_can_list_is_the_list_of_a_kind_or_excluded(key: str) -> None:
    assert key == "excluded" or key in {it.listing for it in KINDS.values()}


def test_roles_with_the_same_targets_are_written_together() -> None:
    assert [role for roles, _ in role_forms() for role in roles] == list(ROLES)
    assert roles_for("step") == ("supports", "excludes", "cautions")
    assert roles_for("option") == ("supports", "excludes", "cautions", "prefers")


def test_a_state_says_in_words_whether_it_is_presumed() -> None:
    assert str(state("alert", "open", "holds")) == "raised, as presumed"
    assert str(state("alert", "holds", "holds")) == "raised"
    assert str(state("alert", "open", "open")) == "open"
    assert str(state("caution", "holds", "holds", ("slippery", "steep"))) == "cautioned against by slippery, steep"
    assert step_word("available", None) == "available, case by case"
    assert step_word("excluded", None) == "excluded"


def test_differences_come_the_gravest_first_and_what_is_not_listed_is_absent() -> None:
    raised = State("raised")
    step: Key = ("recommended step", "")
    before: dict[Key, State] = {("alert", "bell"): raised, step: State("wait"), ("advice", "rest"): State("given")}
    after: dict[Key, State] = {
        step: State("patch"),
        ("advice", "rest"): State("given"),
        ("option", "patch.lime"): State("on offer"),
    }
    assert list(differences(before, after)) == [
        Difference("recommended step", "", State("wait"), State("patch")),
        Difference("alert", "bell", raised, State("not raised")),
        Difference("option", "patch.lime", State("not on offer"), State("on offer")),
    ]
    assert list(differences(before, after, {step, ("alert", "bell"), ("option", "patch.lime")})) == []
    assert list(differences(before, before)) == []
