"""Explanations are faithful: what is called idle is, and nothing that matters is left out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment
from expert.answer.explanations import BlockedRule, Derivation, Explanation
from expert.answer.why import Explainer
from expert.lang.definitions import over_inputs
from expert.lang.facts import Patient
from expert.lang.premises import All, Concluded, Name, Not, Premise, leaves
from expert.lang.values import Facts
from expert.logic.kleene import Evaluation
from expert.read.patient import PatientReader
from expert.solve.case_split import CaseSplit, can_hold
from tests.random_patients import assessments, random_patients
from tests.test_explain import facts_in, settled_facts

SEEDS = range(4)
EACH = 12


def asked(reasoner: Reasoner, seed: int) -> Iterator[tuple[Assessment, Explanation]]:
    """Random patients, each with why its step is recommended."""
    for someone in random_patients(reasoner, EACH, seed):
        it = reasoner.assess(someone)
        if it.recommended:
            yield it, Explainer(reasoner, it).why(it.recommended)


def branches(tree: Derivation) -> list[Derivation]:
    """The cases that a tree rests on; itself, if it rests on none."""
    return [part for part in tree.follows_from if part.origin == "case"] or [tree]


def facts_of(reasoner: Reasoner, tree: Derivation, known: Facts) -> Facts:
    """The facts that a tree names, with the values that it names."""
    case = [f"{fact.finding}={fact.value}" for fact in facts_in(tree) if fact.origin == "case"]
    values = {**known, **PatientReader(reasoner.kb).patient(None, case).facts}
    return {fact.finding: values[fact.finding] for fact in facts_in(tree)}


def assert_faithful(reasoner: Reasoner, tree: Derivation, known: Facts, goal: Premise) -> None:
    """What a tree names suffices for the goal, and so does what is known without the facts that it calls idle."""
    assert Evaluation(reasoner.definitions, facts_of(reasoner, tree, known)).evaluate(goal) is True
    idle = {fact.finding for fact in facts_in(tree) if fact.origin == "idle"}
    others = {name: value for name, value in known.items() if name not in idle}
    assert not can_hold(reasoner.domain, Evaluation(reasoner.definitions, others), Not(goal)), idle


@pytest.mark.parametrize("seed", SEEDS)
def test_the_facts_of_a_why_tree_suffice_for_the_step_and_idle_ones_are_not_needed(
    reasoner: Reasoner, seed: int
) -> None:
    shown = 0
    for it, explanation in asked(reasoner, seed):
        assert explanation.derivation is not None
        known = settled_facts(it, provisional=explanation.provisional)
        for tree in branches(explanation.derivation):
            goal = Concluded(("recommended", explanation.target))
            assert_faithful(reasoner, tree, known, goal)
            shown += 1
    assert shown > EACH // 2


def test_so_do_those_of_every_other_conclusion_and_of_what_excludes_a_step(reasoner: Reasoner) -> None:
    shown = 0
    for it in assessments(reasoner, count=12):
        explainer = Explainer(reasoner, it)
        for target in [*reasoner.kb.options, *reasoner.kb.concluded, *reasoner.kb.alerts, *reasoner.kb.steps]:
            explanation = explainer.why(target)
            known = settled_facts(it, provisional=explanation.provisional)
            for tree in explanation.against:
                assert tree.rule is not None
                goal: Premise = Concluded(("rule", tree.rule.id))
                assert_faithful(reasoner, tree, known, goal)
                shown += 1
            if explanation.derivation and target != it.recommended:
                goal = conclusion(reasoner, it, explanation)
                assert_faithful(reasoner, explanation.derivation, known, goal)
                shown += 1
    assert shown > 200


def conclusion(reasoner: Reasoner, it: Assessment, explanation: Explanation) -> Premise:
    """What an explanation says to hold."""
    target, record = explanation.target, it.presumed_record if explanation.provisional else it.record
    if target in reasoner.kb.options:
        names: list[Name] = [("offered", target), ("prefers", target)]
        return All(tuple(Concluded(name) for name in names if record.truth(name)))
    if target in reasoner.kb.alerts and target not in reasoner.kb.findings:
        return Concluded(("alert", target))
    values = reasoner.kb.findings[target].values
    held = next((value for value in values if record.truth(("finding", target, value))), None)
    return Concluded(("finding", target, held) if held else ("finding", target))


# --- why not ----------------------------------------------------------------------------------------------------------


def test_repairing_what_blocks_a_rule_makes_it_hold_and_what_is_left_in_the_way_is_named(reasoner: Reasoner) -> None:
    repaired = recommended = 0
    for it in assessments(reasoner, seed=5, count=10):
        for step in reasoner.kb.steps:
            explanation = Explainer(reasoner, it).why(step)
            for blocked in explanation.blocked:
                someone = repair(reasoner, it, blocked)
                if someone is None:
                    continue
                after = reasoner.assess(someone)
                assert after.presumed_record.truth(("rule", blocked.rule.id)) is True
                left = Explainer(reasoner, after).why(step)
                earlier = (*left.earlier, *left.earlier_presumed, *left.earlier_open)
                assert after.recommended == step or left.against or left.undecided or earlier
                repaired += 1
                recommended += after.recommended == step
    assert repaired > 20
    assert recommended > 2


def repair(reasoner: Reasoner, it: Assessment, blocked: BlockedRule) -> Patient | None:
    """The same patient with other values of the findings behind the premises that block a rule, if any will do.

    Only those findings change: so a patient who is returned shows that nothing else was in the rule's way.
    """
    premises = [over_inputs(premise, reasoner.kb) for premise in in_the_way(blocked)]
    behind = frozenset[str]().union(*(inputs(reasoner, premise) for premise in premises))
    facts = {name: value for name, value in it.background.all.items() if name not in behind}
    found = CaseSplit(reasoner.domain, 2000).witness(Evaluation(reasoner.definitions, facts), All(tuple(premises)))
    if found is None:
        return None
    logic = Evaluation(reasoner.definitions, found)
    others = [over_inputs(it, reasoner.kb) for it in blocked.rule.when if over_inputs(it, reasoner.kb) not in premises]
    if not all(logic.evaluate(other) for other in others):
        return None
    plausible = reasoner.domain.plausible(found)
    if plausible is None:
        return None
    found = plausible
    return Patient(found, {name: reasoner.domain.write(name, value) for name, value in found.items()})


def in_the_way(blocked: BlockedRule) -> list[Premise]:
    """The premises of a rule that its blockers name, in their order."""
    return [blocker.premise for blocker in blocked.blockers]


def inputs(reasoner: Reasoner, premise: Premise) -> frozenset[str]:
    """The input findings that a premise can depend on."""
    found = (
        reasoner.definitions.inputs[part.name] if isinstance(part, Concluded) else frozenset((part.finding,))
        for part in leaves(premise)
    )
    return frozenset[str]().union(*found)
