"""The knowledge, many times over: more rules of the same kind, all arguing about the same ladder."""

from __future__ import annotations

from collections.abc import Mapping

from expert.lang.model import KnowledgeBase, Rule
from expert.lang.premises import All, Any, Compare, Concluded, Count, Exclusive, In, Is, Not, Premise
from expert.lang.values import Facts
from expert.lang.vocabulary import Finding


def multiplied(kb: KnowledgeBase, times: int) -> KnowledgeBase:
    """The knowledge with every rule and finding ``times`` over, all arguing about the same ladder.

    Constraints stay those of the first copy: what is measured is the rules.
    """
    findings: dict[str, Finding] = {}
    rules: dict[str, Rule] = {}
    for copy in range(times):
        names = {name: _name(name, copy) for name in kb.findings}
        findings |= {names[name]: _finding(finding, names) for name, finding in kb.findings.items()}
        copies = (_rule(rule, names, copy) for rule in kb.rules.values())
        rules |= {rule.id: rule for rule in copies}
    return kb._replace(findings=findings, rules=rules, panels={}, invariants={})


def spread(facts: Facts, times: int) -> Facts:
    """Facts said of every copy of a finding."""
    return {_name(name, copy): value for copy in range(times) for name, value in facts.items()}


def _name(name: str, copy: int) -> str:
    return f"{name}_{copy}" if copy else name


def _finding(finding: Finding, names: Mapping[str, str]) -> Finding:
    asked_if, unless = (it and _premise(it, names) for it in (finding.asked_if, finding.presumed_unless))
    return finding._replace(name=names[finding.name], asked_if=asked_if, presumed_unless=unless)


def _rule(rule: Rule, names: Mapping[str, str], copy: int) -> Rule:
    return rule._replace(
        id=f"{rule.id}-{copy}" if copy else rule.id,
        when=tuple(_premise(premise, names) for premise in rule.when),
        unless=tuple(_premise(premise, names) for premise in rule.unless),
        then=tuple(it._replace(target=names[it.target]) if it.role == "finding" else it for it in rule.then),
    )


def _premise(premise: Premise, names: Mapping[str, str]) -> Premise:
    match premise:
        case Is() | In() | Compare():
            return premise._replace(finding=names[premise.finding])
        case Not():
            return Not(_premise(premise.premise, names))
        case All():
            return All(tuple(_premise(part, names) for part in premise.premises))
        case Any():
            return Any(tuple(_premise(part, names) for part in premise.premises))
        case Count():
            return premise._replace(premises=tuple(_premise(part, names) for part in premise.premises))
        case Concluded() | Exclusive():
            raise ValueError("a rule speaks of findings")
