"""Why and why-not as text: trees by indentation, each rule with its reason, citations and place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from expert.answer.explanations import BlockedRule, Blocker, Derivation, Explanation, Fact
from expert.lang.model import KnowledgeBase
from expert.render.claims import claim_text, needed
from expert.render.explanation_limit import limited
from expert.render.json import footer, plain
from expert.render.plain import counted
from expert.render.terminal import Terminal, cites

_ORIGIN = {"idle": "not needed", "presumed": "assumed"}
"""Words for where a fact comes from, where they are not the same."""

MOST_FACTS = 5
"""The number of facts of one origin that are named, where an explanation is cut."""


def write_explanation(
    terminal: Terminal, kb: KnowledgeBase, whole: Explanation, today: date, *, full: bool = True
) -> None:
    """Write why a target is as it is; a long explanation is cut unless it is to be ``full``."""
    it, left_out = (whole, 0) if full else limited(whole)
    terminal.say(f"{it.title} ({it.target}) {it.verdict}{', as assumed' if it.provisional else ''}.", style="bold")
    if it.derivation:
        write_derivation(terminal, kb, it.derivation, 2, None if full else MOST_FACTS)
    else:
        _not(terminal, kb, it, None if full else MOST_FACTS)
    if left_out:
        terminal.say()
        terminal.say(f"and {counted(left_out, 'more rule')}: --full", style="dim")
    terminal.footer(kb, today)


def _not(terminal: Terminal, kb: KnowledgeBase, it: Explanation, most: int | None) -> None:
    """What is in the way."""
    steps = (
        ("Earlier steps are available", it.earlier),
        ("Earlier steps are available, as assumed", it.earlier_presumed),
        ("Earlier steps are open", it.earlier_open),
        ("It goes with steps that would have to be recommended", it.goes_with),
    )
    for what, names in steps:
        if names:
            terminal.say(f"{what}: {', '.join(names)}.", 2, hanging=2)
    if it.against:
        terminal.heading("Against it")
        for derivation in it.against:
            write_derivation(terminal, kb, derivation, 2, most)
    rules = (
        ("Rules that could still exclude it, and what is missing", it.undecided),
        ("Rules that could lead to it, and what is missing", it.blocked),
    )
    for what, blocked in rules:
        if blocked:
            terminal.heading(what)
            for rule in blocked:
                _blocked(terminal, rule, 2)
    if not any((*(names for _, names in steps), it.against, it.undecided, it.blocked)):
        terminal.say("No rule leads to it.", 2)


def write_derivation(
    terminal: Terminal, kb: KnowledgeBase, it: Derivation, indent: int, most: int | None = None
) -> None:
    """Write a why-tree; what a rule follows from is written where the rule appears first.

    ``most`` is the number of facts of one origin that are named for a negative conclusion, if there is a limit.
    """
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
        say(f"{claim}{': ' if it.facts else ''}{_facts(it.facts, most)}", indent, hanging=2)
    for part in it.follows_from:
        write_derivation(terminal, kb, part, indent + 2, most)


def _facts(facts: Sequence[Fact], most: int | None) -> str:
    """Facts behind a negative conclusion, those of one origin together."""
    origins = dict.fromkeys(fact.origin for fact in facts)
    words = []
    for origin in origins:
        some = [f"{fact.finding} {fact.value}" for fact in facts if fact.origin == origin]
        more = f" and {len(some) - most} more" if most and len(some) > most else ""
        words.append(f"{_ORIGIN.get(origin, origin)} {', '.join(some[:most])}{more}")
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
        return f"{fact.finding} is not known ({fact.value} is assumed)"
    return f"{fact.finding} is {fact.value}"


def explanation_to_json(kb: KnowledgeBase, it: Explanation, today: date) -> dict[str, Any]:
    """The same as dictionaries and lists."""

    def derivation(it: Derivation) -> dict[str, object]:
        _, _, *rest = it._asdict().items()
        return {"claim": claim_text(kb, it.claim), "origin": it.origin, "rule": it.rule, **dict(rest)}

    def blocker(it: Blocker) -> dict[str, object]:
        return {"premise": it.premise, "read": it.read, "needed": needed(it.premise), "rules": it.rules}

    return {**plain(it, {Blocker: blocker, Derivation: derivation}), **footer(kb, today)}
