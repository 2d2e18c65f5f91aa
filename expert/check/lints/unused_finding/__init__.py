"""Nothing depends on a finding that is given, or no rule concludes one that rules are to conclude."""

from collections.abc import Iterable, Iterator

from expert.check.lints.lint import Found, Knowledge, lint
from expert.lang.model import KnowledgeBase, Rule
from expert.lang.premises import All, Premise, literals


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """Inputs that no premise and no direction reads, and concluded findings without a rule.

    What a draft or a retired rule reads or concludes stays in the vocabulary, unless active rules miss its conclusion.
    """
    kb = knowledge.kb
    active = _read(kb, kb.rules.values())
    used = active | _read(kb, kb.inactive.values())
    concluded = _concluded(kb.rules.values()) | (_concluded(kb.inactive.values()) - active)
    for finding in kb.findings.values():
        if finding.concluded and not finding.points and finding.name not in concluded:
            yield Found(f"no rule concludes {finding.name}", finding.at, finding.name)
        elif finding.name in kb.inputs and finding.name not in used:
            yield Found(f"nothing depends on {finding.name}", finding.at, finding.name)


def _concluded(rules: Iterable[Rule]) -> set[str]:
    return {conclusion.target for rule in rules for conclusion in rule.then}


def _read(kb: KnowledgeBase, rules: Iterable[Rule]) -> set[str]:
    """The findings that some rules read, or anything that is not a rule."""
    premises = (*_premises(kb), *(rule.premise for rule in rules))
    read = {literal.finding for premise in premises for literal in literals(premise)}
    return read | {direction.finding for direction in kb.directions.values()}


def _premises(kb: KnowledgeBase) -> Iterator[Premise]:
    """Every premise of scores, constraints, invariants and conditions of findings."""
    yield from kb.scored
    yield from (All(constraint.never) for constraint in kb.constraints)
    yield from (invariant.when for invariant in kb.invariants.values())
    yield from (it for finding in kb.inputs.values() for it in finding.conditions)
