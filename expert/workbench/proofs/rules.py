"""Claims about single rules: none is subsumed by another, none is without effect."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import z3  # type: ignore[import-untyped]

from expert.model import Any, Conclusion, Rule
from expert.workbench.faults import Fault
from expert.workbench.proofs.claims import Claim, Ground


def rule_claims(ground: Ground) -> Iterator[Claim]:
    """That each rule matters."""
    for rule in ground.kb.rules.values():
        yield Claim("redundant", rule.id, rule.at, partial(_redundant, ground, rule))


def _redundant(ground: Ground, rule: Rule) -> Fault | None:
    """Whether nothing that a person can see of any partial patient's answer changes when a rule is taken out.

    If one other rule covers it, it is subsumed. A rule that cites what its coverers do not is an argument that people
    read, not a fault.
    """
    if _decides_alone(ground, rule):
        return None
    differs = ground.prover.differs({("rule", rule.id): Any(())})
    if ground.prover.under(differs, *ground.partial.permitted).possible():
        return None
    if not ground.prover.possible(ground.holds("rule", rule.id)):
        return None  # it can never hold, which is told by itself
    covering = _covering(ground, rule)
    check = "subsumed" if len(covering) == 1 else "redundant"
    more = [claim for claim in rule.cite if not any(claim in other.cite for other in covering)]
    by = ", ".join(other.id for other in covering) or "what else bears on its conclusions"
    related = tuple((other.at, f"covered by rule {other.id}") for other in covering)
    facts = ground.prover.complete_patient(ground.holds("rule", rule.id)) or {}
    if more:
        message = f"the rule {rule.id} decides nothing beside {by}; it stays as an argument, citing {', '.join(more)}"
        return Fault("argument", "note", message, rule.at, "", ground.witness(facts), related)
    message = f"the rule {rule.id} never decides anything: whoever meets it meets {by}"
    return Fault(check, "warning", message, rule.at, "the rule taken out", ground.witness(facts), related)


def _decides_alone(ground: Ground, rule: Rule) -> bool:
    """Whether for some patient it is the only rule that leads to something that a person sees: the common case."""
    alone = [_alone(ground, rule, conclusion) for conclusion in rule.then]
    return ground.prover.possible(ground.holds("rule", rule.id), ground.any(alone))


def _alone(ground: Ground, rule: Rule, conclusion: Conclusion) -> z3.BoolRef:
    others = [z3.Not(ground.holds("rule", it.id)) for it in ground.kb.rules_for[conclusion.name] if it.id != rule.id]
    goals = others
    if conclusion.role == "supports":
        goals = [*others, z3.Not(ground.holds("excludes", conclusion.target))]
        option = ground.kb.options.get(conclusion.target)
        if option and not option.if_supported:
            goals = [ground.any([])]
    elif conclusion.role == "advise":
        goals = [*others, ground.holds("given", conclusion.target)]
    return ground.prover.formulas.all(goals)


def _covering(ground: Ground, rule: Rule) -> list[Rule]:
    """Rules with a conclusion in common that together hold wherever this one does; none of them can be left out."""
    names = {conclusion.name for conclusion in rule.then}
    others = [it for name in names for it in ground.kb.rules_for[name] if it is not rule]
    others = sorted(set(others), key=lambda it: list(ground.kb.rules).index(it.id))
    covering = others if _covers(ground, rule, others) else []
    for other in list(covering):
        fewer = [it for it in covering if it is not other]
        if _covers(ground, rule, fewer):
            covering = fewer
    return covering


def _covers(ground: Ground, rule: Rule, others: list[Rule]) -> bool:
    some = ground.any([ground.holds("rule", other.id) for other in others])
    return not ground.prover.possible(ground.holds("rule", rule.id), z3.Not(some))
