"""Why and why-not as text: trees by indentation, each rule with its reason, citations and place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from expert.answer.explanations import BlockedRule, Blocker, Derivation, Explanation, Fact
from expert.answer.why import OPEN
from expert.lang.model import KnowledgeBase
from expert.render.claims import claim_text, needed, needed_in_words, titled_claim
from expert.render.explanation_limit import limited
from expert.render.json import footer, plain
from expert.render.phrases import Phrases
from expert.render.plain import counted
from expert.render.terminal import Terminal, cites

_ORIGIN = {"idle": "not needed", "presumed": "assumed"}
"""Words for where a fact comes from, where they are not the same."""

MOST_FACTS = 5
"""The number of facts of one origin that are named, where an explanation is cut."""


def write_explanation(
    terminal: Terminal, kb: KnowledgeBase, whole: Explanation, today: date, *, full: bool = True
) -> None:
    """Write why a target is as it is, in words; a long explanation is cut unless it is to be ``full``."""
    it, left_out = (whole, 0) if full else limited(whole)
    writing = _Explaining(terminal, Phrases(kb, {}), None if full else MOST_FACTS)
    terminal.say(
        f"{it.title} {it.verdict}{', given what is assumed' if it.provisional and it.verdict != OPEN else ''}.",
        style="bold",
    )
    if it.derivation:
        writing.under(f"{it.title} {it.verdict}", it.derivation)
    else:
        writing.obstacles(it)
    if left_out:
        terminal.say()
        terminal.say(f"and {counted(left_out, 'more rule')}: --full", style="dim")
    terminal.footer(kb, today)


def write_derivation(terminal: Terminal, kb: KnowledgeBase, it: Derivation, indent: int, most: int | None) -> None:
    """Write a why-tree for engineers, with the names of findings.

    What a rule follows from is written where the rule is first.

    Args:
        most: the number of facts of one origin that are named for a negative conclusion, if there is a limit.
    """
    _Deriving(terminal, kb, most).derivation(it, indent)


class _Deriving:
    """Writes why-trees with the names of findings."""

    def __init__(self, terminal: Terminal, kb: KnowledgeBase, most: int | None) -> None:
        self.say, self.kb, self.most = terminal.say, kb, most

    def claim(self, it: Derivation) -> str:
        return claim_text(self.kb, it.claim)

    def fact(self, fact: Fact) -> str:
        return f"{fact.finding} {fact.value}"

    def derivation(self, it: Derivation, indent: int) -> None:
        claim = self.claim(it)
        if it.rule:
            self.say(f"{claim}{cites(it.rule.cite)}{' (see above)' if it.again else ''}", indent, hanging=2)
            if it.again:
                return
            self.say(f"because: {it.rule.because}", indent + 2, "dim", hanging=2)
            self.say(f"rule {it.rule.id}, {it.rule.at.place}", indent + 2, "dim", hanging=2)
        elif it.facts and it.origin != "definition":
            self.say(f"{claim}  ({_ORIGIN.get(it.origin, it.origin)}: {it.facts[0].value})", indent, hanging=2)
        else:
            self.say(f"{claim}{': ' if it.facts else ''}{self._facts(it.facts)}", indent, hanging=2)
        for part in it.follows_from:
            self.derivation(part, indent + 2)

    def _facts(self, facts: Sequence[Fact]) -> str:
        """Facts behind a negative conclusion, those of one origin together."""
        words = []
        for origin in dict.fromkeys(fact.origin for fact in facts):
            some = [self.fact(fact) for fact in facts if fact.origin == origin]
            more = f" and {len(some) - self.most} more" if self.most and len(some) > self.most else ""
            words.append(f"{_ORIGIN.get(origin, origin)} {', '.join(some[: self.most])}{more}")
        return "; ".join(words)


class _Explaining(_Deriving):
    """Writes explanations for clinicians, findings by their titles."""

    def __init__(self, terminal: Terminal, phrases: Phrases, most: int | None) -> None:
        super().__init__(terminal, phrases.kb, most)
        self.terminal, self.phrases = terminal, phrases

    def claim(self, it: Derivation) -> str:
        return titled_claim(self.phrases, it.claim)

    def fact(self, fact: Fact) -> str:
        return f"{self.phrases.short(fact.finding)}: {_value(fact)}"

    def under(self, said: str, it: Derivation) -> None:
        """How something follows; what is ``said`` above already is not repeated."""
        for part in it.follows_from if self.claim(it) == said and not it.rule and not it.facts else (it,):
            self.derivation(part, 2)

    def obstacles(self, it: Explanation) -> None:
        """What is in the way."""
        steps = (
            ("Earlier steps are available", it.earlier),
            ("Earlier steps are available, given what is assumed", it.earlier_presumed),
            ("Earlier steps are open", it.earlier_open),
            ("It goes with steps that would have to be recommended", it.goes_with),
        )
        for what, names in steps:
            if names:
                titles = ", ".join(self.kb.steps[name].title for name in names)
                self.say(f"{what}: {titles}.", 2, hanging=2)
        if it.against:
            self.terminal.heading("Against it")
            for derivation in it.against:
                self.derivation(derivation, 2)
        rules = (
            ("Rules that could still exclude it, and what is missing", it.undecided),
            ("Rules that could lead to it, and what is missing", it.blocked),
        )
        for what, blocked in rules:
            if blocked:
                self.terminal.heading(what)
                for rule in blocked:
                    self.blocked(rule, 2)
        if not any((*(names for _, names in steps), it.against, it.undecided, it.blocked)):
            self.say("No rule leads to it.", 2)

    def blocked(self, it: BlockedRule, indent: int) -> None:
        self.say(f"{it.rule.title}{cites(it.rule.cite)}{' (see above)' if it.again else ''}", indent, hanging=2)
        if it.again:
            return
        self.say(f"rule {it.rule.id}, {it.rule.at.place}", indent + 2, "dim", hanging=2)
        for blocker in it.blockers:
            read, wanted = "; ".join(map(self._read, blocker.read)), needed_in_words(self.phrases, blocker.premise)
            self.say(f"- {read}; it would have to be {wanted}", indent + 2, hanging=2)
            for rule in blocker.rules:
                self.blocked(rule, indent + 4)

    def _read(self, fact: Fact) -> str:
        title = self.phrases.title(fact.finding)
        if fact.value == "unknown":
            return f"{title}: not known"
        if fact.origin == "presumed":
            return f"{title}: not known ({_value(fact)} is assumed)"
        return f"{title}: {_value(fact)}"


def _value(fact: Fact) -> str:
    return fact.value.replace("_", " ")


def explanation_to_json(kb: KnowledgeBase, it: Explanation, today: date) -> dict[str, Any]:
    """The same as dictionaries and lists."""

    def derivation(it: Derivation) -> dict[str, object]:
        _, _, *rest = it._asdict().items()
        return {"claim": claim_text(kb, it.claim), "origin": it.origin, "rule": it.rule, **dict(rest)}

    def blocker(it: Blocker) -> dict[str, object]:
        return {"premise": it.premise, "read": it.read, "needed": needed(it.premise), "rules": it.rules}

    return {**plain(it, {Blocker: blocker, Derivation: derivation}), **footer(kb, today)}
