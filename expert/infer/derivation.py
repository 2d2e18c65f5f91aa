"""Why-trees: how the conclusions of one record follow.

A positive conclusion is told as a tree from its rule down to facts; a negative one names the facts that rule it out. Of
several justifications the one that rests on the fewest findings is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from expert.definitions import Definitions
from expert.explanations import Derivation, Fact
from expert.infer.domain import Domain
from expert.logic import Evaluation
from expert.model import All, Concluded, Facts, Literal, Name, Not, Value, written
from expert.read.quantity import write_value
from expert.results import Assessment, Justification, Record

_CLAIMS = {
    "recommended": ("is recommended", "is not recommended"),
    "available": ("is available", "is not available"),
    "excludes": ("is excluded", "is not excluded"),
    "supports": ("is supported", "is not supported"),
    "prefers": ("is preferred", "is not preferred"),
    "offered": ("is on offer", "is not on offer"),
    "alert": ("is raised", "is not raised"),
    "advise": ("is called for", "is not called for"),
    "given": ("is given", "is not given"),
}


class Derivations:
    """The why-trees of one record. ``case`` are the facts of the case that it is the record of, if it is one."""

    def __init__(self, domain: Domain, assessment: Assessment, record: Record, case: Facts | None = None) -> None:
        self.kb, self.record = domain.kb, record
        background = assessment.background
        self.origins: Mapping[str, Facts] = {
            "given": background.given,
            "default": background.defaults,
            "forced": background.forced,
            "case": case or {},
            "presumed": background.presumed,
        }
        self.given_as = assessment.patient.written
        self._known: dict[Name, frozenset[str]] = {}

    def sufficient(self, definitions: Definitions, names: Sequence[Name]) -> dict[str, Value]:
        """Facts that suffice for conclusions that hold; none of them can be left out.

        Presumed facts are left out first where that is possible, so that as much as can rests on what was given.
        """
        goal = All(tuple(map(Concluded, names)))
        behind = frozenset[str]().union(*map(self.behind, names))
        order = [name for facts in reversed(list(self.origins.values())) for name in facts if name in behind]
        kept = {name: self.record.facts[name] for name in self.kb.inputs if name in behind}
        for name in order:
            fewer = {other: value for other, value in kept.items() if other != name}
            if Evaluation(definitions, fewer).evaluate(goal):
                kept = fewer
        return kept

    def fact(self, finding: str) -> Fact:
        """The value of an input finding, and where it comes from."""
        entry = self.kb.findings[finding]
        for origin, facts in self.origins.items():
            if finding in facts:
                as_written = {"given": self.given_as.get(finding), "presumed": entry.usual_written}.get(origin)
                return Fact(finding, as_written or write_value(entry, facts[finding]), origin)
        return Fact(finding, "unknown", "unknown")

    def holds(self, name: Name) -> Derivation:
        """How a conclusion that holds follows."""
        follows_from = self._follows_from(name)
        if name[0] == "rule":
            rule = self.kb.rules[name[1]]
            return Derivation(rule.title, "rule", rule, follows_from=follows_from)
        if name[0] in ("recommended", "available", "offered", "given", "finding"):
            return Derivation(self.claim(name), "definition", follows_from=follows_from)
        return follows_from[0]  # some rule that supports, excludes, alerts ...: the rule says it

    def fails(self, name: Name) -> Derivation:
        """What rules a conclusion out."""
        behind = self.behind(name)
        facts = tuple(self.fact(finding) for finding in self.kb.inputs if finding in behind)
        return Derivation(self.claim(name, negative=True), "definition", facts=facts)

    def _follows_from(self, name: Name) -> tuple[Derivation, ...]:
        best = min(self.record.justifications[name], key=lambda it: len(self._findings(it)))
        told: list[Derivation] = []
        for part, truth in best.because:
            if not isinstance(part, Concluded):
                told.append(self._leaf(part, truth))
            elif part.name[-1].isdigit():  # a nested premise, told in place
                told += self._follows_from(part.name)
            else:
                told.append(self.holds(part.name) if truth else self.fails(part.name))
        return tuple(told)

    def _leaf(self, literal: Literal, truth: bool) -> Derivation:
        fact = self.fact(literal.finding)
        return Derivation(written(literal if truth else Not(literal)), fact.origin, facts=(fact,))

    def behind(self, name: Name) -> frozenset[str]:
        """The findings that a conclusion rests on, by the justification that rests on the fewest."""
        if name not in self._known:
            self._known[name] = min((self._findings(it) for it in self.record.justifications[name]), key=len)
        return self._known[name]

    def _findings(self, justification: Justification) -> frozenset[str]:
        each = (
            self.behind(part.name) if isinstance(part, Concluded) else frozenset((part.finding,))
            for part, _ in justification.because
        )
        return frozenset[str]().union(*each)

    def claim(self, name: Name, *, negative: bool = False) -> str:
        """A conclusion, or that it does not hold, in words."""
        role, target, *value = name
        if role == "finding":
            said = value[0] if value else "no" if negative else "yes"
            return f"{target} is {'not ' if negative and value else ''}{said}"
        if role == "rule":
            return f"{'does not apply' if negative else 'applies'}: {self.kb.rules[target].title}"
        positive, otherwise = _CLAIMS.get(role, ("holds", "does not hold"))
        return f"{self._title(target)} {otherwise if negative else positive}"

    def _title(self, target: str) -> str:
        if target in self.kb.steps:
            return self.kb.steps[target].title
        if target in self.kb.options:
            return self.kb.options[target].title
        notices = self.kb.alerts if target in self.kb.alerts else self.kb.advice
        return notices[target].title if target in notices else target
