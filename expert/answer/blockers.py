"""What keeps a rule from holding: its premises that fail or are unknown, and the values of their findings."""

from __future__ import annotations

from expert.answer.assessment import Assessment
from expert.answer.derivation import Derivations
from expert.answer.explanations import BlockedRule, Blocker, Fact
from expert.lang.definitions import Definitions, over_inputs
from expert.lang.model import Rule
from expert.lang.premises import Concluded, Not, Premise, literals, signed
from expert.lang.units import write_value
from expert.logic.kleene import Evaluation


class Blockers:
    """The premises that block rules, for the record of some derivations."""

    def __init__(self, definitions: Definitions, assessment: Assessment, derivations: Derivations) -> None:
        self.kb, self.assessment, self.derivations = definitions.kb, assessment, derivations
        self.record = derivations.record
        self.evaluation = Evaluation(definitions, self.record.facts)
        self._shown: set[str] = set()

    def blocked(self, rule: Rule) -> BlockedRule:
        """A rule that does not hold, with the premises that block it where the rule appears first."""
        if rule.id in self._shown:
            return BlockedRule(rule, (), again=True)
        self._shown.add(rule.id)
        premises = [*rule.when, *(Not(exception) for exception in rule.unless)]
        blocking = [it for it in premises if self.evaluation.evaluate(over_inputs(it, self.kb)) is not True]
        return BlockedRule(rule, tuple(map(self._blocker, blocking)))

    def _blocker(self, premise: Premise) -> Blocker:
        """A blocking premise, with the rules for the conclusions that it needs."""
        read = tuple(map(self._read, dict.fromkeys(literal.finding for literal in literals(premise))))
        asked = () if isinstance(premise, Not) else signed(over_inputs(premise, self.kb))
        wanted = [leaf.name for leaf, sign in asked if sign and isinstance(leaf, Concluded)]
        rules = [rule for name in wanted for rule in self.kb.rules_for.get(name, ())]
        lacking = [rule for rule in rules if not self.record.truth(("rule", rule.id))]
        return Blocker(premise, read, tuple(map(self.blocked, lacking)))

    def _read(self, finding: str) -> Fact:
        entry = self.kb.findings[finding]
        if not entry.concluded:
            return self.derivations.fact(finding)
        known = self.assessment.findings[finding]
        if known is not None or self.record is self.assessment.record:
            return Fact(finding, write_value(entry, known), "concluded")
        return Fact(finding, write_value(entry, self.assessment.presumed_findings[finding]), "presumed")
