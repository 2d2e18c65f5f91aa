"""Why and why-not as text: trees by indentation, each rule with its reason, citations and place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from expert.answer.explanations import BlockedRule, Blocker, Derivation, Explanation, Fact
from expert.lang.model import KnowledgeBase
from expert.render.claims import claim_text, needed
from expert.render.json import footer, plain
from expert.render.terminal import Terminal, cites

_ORIGIN = {"idle": "not needed"}
"""Words for where a fact comes from, where they are not the same."""


def write_explanation(terminal: Terminal, kb: KnowledgeBase, it: Explanation, today: date) -> None:
    """Write why a target is as it is."""
    say = terminal.say
    say(f"{it.title} ({it.target}) {it.verdict}{', as presumed' if it.provisional else ''}.", style="bold")
    if it.derivation:
        write_derivation(terminal, kb, it.derivation, 2)
    else:
        _not(terminal, kb, it)
    terminal.footer(kb, today)


def _not(terminal: Terminal, kb: KnowledgeBase, it: Explanation) -> None:
    """What is in the way."""
    steps = (
        ("Earlier steps are available", it.earlier),
        ("Earlier steps are available, as presumed", it.earlier_presumed),
        ("Earlier steps are open", it.earlier_open),
        ("It goes with steps that would have to be recommended", it.goes_with),
    )
    for what, names in steps:
        if names:
            terminal.say(f"{what}: {', '.join(names)}.", 2, hanging=2)
    if it.against:
        terminal.heading("Against it")
        for derivation in it.against:
            write_derivation(terminal, kb, derivation, 2)
    rules = (
        ("Rules that may yet exclude it, and what they lack", it.undecided),
        ("Rules that could lead to it, and what they lack", it.blocked),
    )
    for what, blocked in rules:
        if blocked:
            terminal.heading(what)
            for rule in blocked:
                _blocked(terminal, rule, 2)
    if not any((*(names for _, names in steps), it.against, it.undecided, it.blocked)):
        terminal.say("No rule leads to it.", 2)


def write_derivation(terminal: Terminal, kb: KnowledgeBase, it: Derivation, indent: int) -> None:
    """Write a why-tree; what a rule follows from is written where the rule appears first."""
    say, claim = terminal.say, claim_text(kb, it.claim)
    if it.rule:
        say(f"{claim}{cites(it.rule.cite)}{' (see above)' if it.again else ''}", indent, hanging=2)
        if it.again:
            return
        say(f"because: {it.rule.because}", indent + 2, "dim", hanging=2)
        say(f"rule {it.rule.id}, {it.rule.at.place}", indent + 2, "dim", hanging=2)
    elif it.facts and it.origin != "definition":
        say(f"{claim}  ({_ORIGIN.get(it.origin, it.origin)}: {it.facts[0].value})", indent, hanging=2)
    else:
        say(f"{claim}{': ' if it.facts else ''}{_facts(it.facts)}", indent, hanging=2)
    for part in it.follows_from:
        write_derivation(terminal, kb, part, indent + 2)


def _facts(facts: Sequence[Fact]) -> str:
    """Facts behind a negative conclusion, those of one origin together."""
    origins = dict.fromkeys(fact.origin for fact in facts)
    words = []
    for origin in origins:
        some = [f"{fact.finding} {fact.value}" for fact in facts if fact.origin == origin]
        words.append(f"{_ORIGIN.get(origin, origin)} {', '.join(some)}")
    return "; ".join(words)


def _blocked(terminal: Terminal, it: BlockedRule, indent: int) -> None:
    terminal.say(f"{it.rule.title}{cites(it.rule.cite)}{' (see above)' if it.again else ''}", indent, hanging=2)
    if it.again:
        return
    terminal.say(f"rule {it.rule.id}, {it.rule.at.place}", indent + 2, "dim", hanging=2)
    for blocker in it.blockers:
        read = "; ".join(map(_read, blocker.read))
        terminal.say(f"- {read}; it would have to be {needed(blocker.premise)}", indent + 2, hanging=2)
        for rule in blocker.rules:
            _blocked(terminal, rule, indent + 4)


def _read(fact: Fact) -> str:
    if fact.value == "unknown":
        return f"{fact.finding} is not known"
    if fact.origin == "presumed":
        return f"{fact.finding} is not known ({fact.value} is presumed)"
    return f"{fact.finding} is {fact.value}"


def explanation_to_json(kb: KnowledgeBase, it: Explanation, today: date) -> dict[str, Any]:
    """The same as dictionaries and lists."""

    def derivation(it: Derivation) -> dict[str, object]:
        _, _, *rest = it._asdict().items()
        return {"claim": claim_text(kb, it.claim), "origin": it.origin, "rule": it.rule, **dict(rest)}

    def blocker(it: Blocker) -> dict[str, object]:
        return {"premise": it.premise, "read": it.read, "needed": needed(it.premise), "rules": it.rules}

    return {**plain(it, {Blocker: blocker, Derivation: derivation}), **footer(kb, today)}
