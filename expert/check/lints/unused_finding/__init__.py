"""Nothing depends on a finding that is given, or no rule concludes one that rules are to conclude."""

from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, lint
from expert.lang.model import KnowledgeBase
from expert.lang.premises import All, Premise, literals


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """Inputs that no premise and no direction reads, and concluded findings without a rule."""
    kb = knowledge.kb
    used = {literal.finding for premise in _premises(kb) for literal in literals(premise)}
    used |= {direction.finding for direction in kb.directions.values()}
    concluded = {conclusion.target for rule in kb.rules.values() for conclusion in rule.then}
    for finding in kb.findings.values():
        if finding.concluded and not finding.points and finding.name not in concluded:
            yield Found(f"no rule concludes {finding.name}", finding.at, finding.name)
        elif finding.name in kb.inputs and finding.name not in used:
            yield Found(f"nothing depends on {finding.name}", finding.at, finding.name)


def _premises(kb: KnowledgeBase) -> Iterator[Premise]:
    """Every premise of rules, scores, constraints, invariants and conditions of findings."""
    yield from kb.scored
    yield from (rule.premise for rule in kb.rules.values())
    yield from (All(constraint.never) for constraint in kb.constraints)
    yield from (invariant.when for invariant in kb.invariants.values())
    yield from (it for finding in kb.inputs.values() for it in finding.conditions)
