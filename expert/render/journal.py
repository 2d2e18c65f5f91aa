"""A replayed journal as text and as JSON."""

from __future__ import annotations

from typing import Any

from expert.journal.causes import RuleCause, TextChange
from expert.journal.replay import CaseDifference, Replay, Unreadable
from expert.journal.store import Damaged, JournaledCase
from expert.lang.observables import Difference, State
from expert.render.json import Shapes, named, plain
from expert.render.plain import counted
from expert.render.terminal import Terminal

_WIDTHS = (36,)


def write_replay(terminal: Terminal, it: Replay) -> None:
    """Write each case that would be answered differently, or cannot be answered or read, and how many there are."""
    for difference in it.differences:
        _difference(terminal, difference)
    for unreadable in it.unreadable:
        _head(terminal, unreadable.case)
        terminal.say("cannot be answered any more", 2)
        for problem in unreadable.problems:
            terminal.say(problem, 4, hanging=2)
        terminal.say()
    for damaged in it.damaged:
        terminal.say(f"case {damaged.number}", style="bold")
        terminal.say(f"damaged: {damaged.reason}", 2, hanging=2)
        terminal.say()
    damage = f", {len(it.damaged)} damaged" if it.damaged else ""
    terminal.say(
        f"{counted(it.cases, 'case')}: {it.same} as before, {len(it.differences)} otherwise, "
        f"{len(it.unreadable)} that cannot be answered{damage}; under {it.kb.name} {it.kb.version} ({it.kb.sha256[:8]})"
    )


def _difference(terminal: Terminal, it: CaseDifference) -> None:
    _head(terminal, it.case)
    rows = [(change.subject, f"{change.before} -> {change.after}") for change in it.changes]
    terminal.columns(rows, _WIDTHS)
    if it.rules or it.facts or it.others:
        terminal.say("because", 2)
    for rule in it.rules:
        if rule.change != "turned":
            _rule(terminal, rule)
    for fact in it.facts:
        terminal.say(f"{fact.name}: {fact.before} -> {fact.after}", 4, hanging=2)
    for other in it.others:
        terminal.say(other, 4, hanging=2)
    if turned := [rule.rule for rule in it.rules if rule.change == "turned"]:
        terminal.say(f"turned by that: {', '.join(turned)}", 4, hanging=2)
    if it.case.decision.decided:
        reason = f": {it.case.decision.reason}" if it.case.decision.reason else ""
        terminal.say(f"decided at the time: {it.case.decision.decided}{reason}", 2, hanging=2)
    terminal.say()


def _head(terminal: Terminal, case: JournaledCase) -> None:
    terminal.say(f"case {case.number}  {case.time}  knowledge {case.knowledge[:8]}", style="bold")


def _rule(terminal: Terminal, it: RuleCause) -> None:
    truth = f"{it.before} -> {it.after}" if it.before and it.after else str(it.before or it.after)
    terminal.say(f"{it.rule} ({it.change}): {truth}", 4, hanging=2)
    for edit in it.edits:
        terminal.say(f"{edit.name}: {edit.before} -> {edit.after}", 6, hanging=2)


def replay_to_json(it: Replay) -> dict[str, Any]:
    """The replay as dictionaries and lists."""
    found: dict[str, Any] = plain(
        {
            "knowledge": {"name": it.kb.name, "version": it.kb.version, "sha256": it.kb.sha256},
            "cases": it.cases,
            "same": it.same,
            "different": len(it.differences),
            "unreadable": len(it.unreadable),
            "differences": it.differences,
            "problems": it.unreadable,
            "damaged": it.damaged,
            **({"former": it.former} if it.former else {}),
        },
        _SHAPES,
    )
    return found


def _case(case: JournaledCase) -> dict[str, object]:
    kept = {"case": case.number, "time": case.time, "knowledge": case.knowledge, "expert": case.expert}
    return {**kept, **case.decision._asdict()}


_SHAPES: Shapes = {
    CaseDifference: lambda it: {
        **_case(it.case),
        "changes": it.changes,
        "rules": it.rules,
        "facts": [{"finding": fact.name, "before": fact.before, "after": fact.after} for fact in it.facts],
        "others": it.others,
    },
    Unreadable: lambda it: {**_case(it.case), "problems": it.problems},
    Damaged: named(number="case"),
    Difference: lambda it: {"what": it.kind, "name": it.name or None, "before": it.before, "after": it.after},
    TextChange: named(name="part"),
    State: str,
}
