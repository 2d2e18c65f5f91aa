"""What is called enough and what is given as reasons agree, by enumeration of patients and of sets of facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from random import Random

import pytest

from expert.answer import sufficient
from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment
from expert.answer.enough import sufficient_reasons
from expert.answer.sufficient import least_sets
from expert.answer.why import Explainer
from expert.lang.facts import Patient
from expert.lang.model import KnowledgeBase
from expert.lang.premises import Concluded, Name
from expert.lang.values import Facts
from expert.logic.kleene import Evaluation
from tests.conftest import patient
from tests.strategies import Enumeration, random_facts, small_domain
from tests.test_explain import facts_in, nodes

SEEDS = range(6)
EACH = 8


class AllPatients:
    """All permitted patients of a small knowledge base, as bits of numbers."""

    def __init__(self, reasoner: Reasoner, everyone: Enumeration) -> None:
        self.reasoner, self.domain = reasoner, reasoner.domain
        self.patients = [{name: cell.value for name, cell in cells.items()} for cells, _ in everyone.patients]
        self.evaluations = [Evaluation(reasoner.definitions, facts) for facts in self.patients]

    def who(self, name: str, value: object) -> int:
        """The patients whose finding lies in the cell of a value."""
        cell = self.domain.cell_of(name, value)  # type: ignore[arg-type]
        return sum(1 << place for place, facts in enumerate(self.patients) if cell.holds(facts[name]))

    def whose(self, name: Name) -> int:
        """The patients of whom a definition holds."""
        return sum(1 << place for place, it in enumerate(self.evaluations) if it.concluded(name))

    def least(self, name: Name, facts: Facts) -> set[frozenset[str]]:
        """The least sufficient sets, by looking at every set of facts, the smallest first."""
        goal, each = self.whose(name), {finding: self.who(finding, value) for finding, value in facts.items()}
        found: set[frozenset[str]] = set()
        for size in range(len(each) + 1):
            for some in map(frozenset, combinations(each, size)):
                if not any(map(some.issuperset, found)) and not self.completions(each, some) & ~goal:
                    found.add(some)
        return found

    def completions(self, each: Mapping[str, int], some: frozenset[str]) -> int:
        left = (1 << len(self.patients)) - 1
        for name in some:
            left &= each[name]
        return left


def small_answers(seed: int) -> Iterator[tuple[AllPatients, Assessment]]:
    """Random knowledge bases with a random patient each, of whom a step is recommended."""
    rng, found = Random(seed), 0
    while found < EACH:
        domain = small_domain(rng, constrained=True)
        everyone = Enumeration(domain)
        facts = random_facts(domain, rng)
        if everyone.contradictory or not everyone.completions(facts):
            continue
        reasoner = Reasoner(domain.kb)
        assessment = reasoner.assess(Patient(facts))
        if assessment.recommended:
            found += 1
            yield AllPatients(reasoner, everyone), assessment


def universe(assessment: Assessment, *, provisional: bool) -> Facts:
    """The facts that may be reasons: what was given, or counts as given, and what is presumed if that is needed."""
    background = assessment.background
    return {**background.given, **background.defaults, **(background.presumed if provisional else {})}


@pytest.mark.parametrize("seed", SEEDS)
def test_all_least_sufficient_sets_of_the_step_are_listed_and_only_facts_in_none_play_no_part(seed: int) -> None:
    for all_patients, assessment in small_answers(seed):
        reasons = sufficient_reasons(all_patients.reasoner, assessment, most=1000)
        assert reasons is not None
        facts = universe(assessment, provisional=assessment.answer == "provisional")
        least = all_patients.least(("recommended", reasons.step), facts)
        shown = [{fact.finding for fact in (*one.given, *one.presumed)} for one in reasons.sets]
        assert len(shown) == len(least) == reasons.number
        assert set(map(frozenset, shown)) == least
        common = {fact.finding for fact in (*reasons.common.given, *reasons.common.presumed)}
        assert common == frozenset.intersection(*least)
        given = {**assessment.background.given, **assessment.background.defaults}
        assert {fact.finding for fact in reasons.idle} == given.keys() - frozenset[str]().union(*least)
        assert reasons.undecided == ()


def settled(assessment: Assessment, name: Name) -> bool | None:
    """Whether a conclusion that holds needs presumptions; ``None`` if it does not hold."""
    if assessment.record.truth(name) or (assessment.answer == "certain" and name[0] == "recommended"):
        return False
    return True if assessment.presumed_record.truth(name) and assessment.record.truth(name) is None else None


def conclusions(assessment: Assessment, kb: KnowledgeBase) -> Iterator[tuple[str, Name, bool]]:
    """Conclusions of every kind that hold, with the word by which they are asked for."""
    names: dict[str, Name] = {str(assessment.recommended): ("recommended", str(assessment.recommended))}
    names |= {name: ("finding", name) for name, finding in kb.concluded.items() if not finding.values}
    names |= {"bell": ("alert", "bell"), "rest": ("given", "rest")}
    for word, name in names.items():
        provisional = settled(assessment, name)
        if provisional is not None:
            yield word, name, provisional


@pytest.mark.parametrize("seed", SEEDS)
def test_what_why_cites_is_in_some_least_sufficient_set_and_what_it_calls_idle_is_in_none(seed: int) -> None:
    idle = 0
    for all_patients, assessment in small_answers(seed):
        explainer = Explainer(all_patients.reasoner, assessment)
        for word, name, provisional in conclusions(assessment, all_patients.reasoner.kb):
            involved = frozenset[str]().union(*all_patients.least(name, universe(assessment, provisional=provisional)))
            derivation = explainer.why(word).derivation
            assert derivation is not None
            for fact in facts_in(derivation):
                if fact.origin in ("given", "default", "presumed"):
                    assert fact.finding in involved
                elif fact.origin == "idle":
                    assert fact.finding not in involved
                    idle += 1
    assert idle or seed % 3


@pytest.mark.parametrize("seed", SEEDS)
def test_why_names_every_rule_that_holds_for_what_it_explains(seed: int) -> None:
    shown = 0
    for all_patients, assessment in small_answers(seed):
        explainer = Explainer(all_patients.reasoner, assessment)
        for word, name, provisional in conclusions(assessment, all_patients.reasoner.kb):
            derivation = explainer.why(word).derivation
            assert derivation is not None
            named = {node.rule.id for node in nodes(derivation) if node.rule}
            said_by = {"recommended": "supports", "given": "advise"}.get(name[0], name[0])
            by_itself = assessment.record.truth((said_by, name[1]))
            record = assessment.record if by_itself or not provisional else assessment.presumed_record
            holding = {
                it.id for it in all_patients.reasoner.kb.rules_for[said_by, name[1]] if record.truth(("rule", it.id))
            }
            assert holding <= named
            shown += len(holding) > 1
    assert shown


def test_where_the_search_is_cut_short_nothing_is_claimed_of_what_is_undecided(
    reasoner: Reasoner, monkeypatch: pytest.MonkeyPatch
) -> None:
    assessment = reasoner.assess(patient(reasoner.kb, "saddle_numbness=yes", "bladder_change=yes", "fever=yes"))
    goal = Concluded(("recommended", "urgent_referral"))
    whole = least_sets(reasoner.domain, goal, assessment.background.known)
    assert whole.sets == (("saddle_numbness",), ("bladder_change",))
    monkeypatch.setattr(sufficient, "QUESTIONS", 1)
    reasons = sufficient_reasons(reasoner, assessment)
    assert reasons is not None
    assert reasons.number is None
    assert [[fact.finding for fact in one.given] for one in reasons.sets] == [["bladder_change"]]
    shown = {fact.finding for fact in reasons.undecided}
    assert {"saddle_numbness", "bladder_change", "fever"} <= shown
    assert shown.isdisjoint(fact.finding for fact in reasons.idle)
    tree = Explainer(reasoner, assessment).why("urgent_referral").derivation
    assert tree is not None
    assert "idle" not in {fact.origin for fact in facts_in(tree)}


def test_both_signs_of_an_emergency_are_enough_and_both_are_given_as_reasons(reasoner: Reasoner) -> None:
    assessment = reasoner.assess(patient(reasoner.kb, "saddle_numbness=yes", "bladder_change=yes"))
    reasons = sufficient_reasons(reasoner, assessment)
    assert reasons is not None
    assert [[fact.finding for fact in one.given] for one in reasons.sets] == [["saddle_numbness"], ["bladder_change"]]
    for target in ("urgent_referral", "cauda_equina", "cauda_equina_suspected"):
        tree = Explainer(reasoner, assessment).why(target).derivation
        assert tree is not None
        assert {fact.finding for fact in facts_in(tree)} == {"saddle_numbness", "bladder_change"}
