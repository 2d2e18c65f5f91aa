"""Two answers side by side: what changed, and how it came about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from expert.answer.assessment import Assessment
from expert.answer.explanations import Comparison, Link
from expert.lang.model import KnowledgeBase
from expert.lang.observables import Difference, Kind, observables
from expert.logic.domain import Domain
from expert.render.json import plain, to_json
from expert.render.phrases import STATUS, Phrases
from expert.render.terminal import Terminal, cites


def write_comparison(terminal: Terminal, domain: Domain, it: Comparison, today: date) -> None:
    """Write both answers in columns, then what else changed, then the chain of rules."""
    width = max(14, (terminal.width - 10) // 3)
    rows: list[tuple[str, str, str, str]] = [("", "", "as it is", "what if")]
    phrases = Phrases(domain.kb, {})
    rows += [("", phrases.title(link.claim), _plain(link.before), _plain(link.after)) for link in it.changed]
    rows += [("", "", "", ""), ("", "answer", _answer(domain, it.before), _answer(domain, it.after))]
    for old, new in zip(it.before.ladder, it.after.ladder, strict=True):
        before, after = (STATUS.get(step.presumed_status, step.presumed_status) for step in (old, new))
        rows.append(("*" if before != after else "", old.title, before, after))
    terminal.columns(rows, (1, width, width), 0, ["bold"])
    if it.turned:
        terminal.heading("What else changes")
        for line in _turned(domain.kb, it.turned):
            terminal.say(line, 2, hanging=2)
    if it.chain:
        terminal.heading("How the change came about")
        _chain(terminal, phrases, it.chain)
    elif it.before.recommended == it.after.recommended:
        terminal.say()
        terminal.say(
            "The recommended step stays the same." if it.after.recommended else "No single step follows still."
        )
    else:
        terminal.say()
        terminal.say("No single chain of rules carries the change: a step is recommended case by case.")
    terminal.footer(domain.kb, today)


def _answer(domain: Domain, it: Assessment) -> str:
    title = domain.kb.steps[it.recommended].title if it.recommended else "no single step"
    return f"{title}, {it.answer}"


def _turned(kb: KnowledgeBase, found: Iterable[Difference]) -> Iterator[str]:
    """Concluded findings one by one; of each other kind, those with the same states on one line."""
    same: dict[tuple[Kind, str, str], list[str]] = {}
    for it in found:
        alone = it.name if it.kind == "finding" else ""
        same.setdefault((it.kind, f"{_plain(it.before)} -> {_plain(it.after)}", alone), []).append(_title(kb, it))
    for (kind, states, _), titles in same.items():
        yield f"{titles[0]}: {states}" if kind == "finding" else f"{kind}, {states}: {'; '.join(titles)}"


def _title(kb: KnowledgeBase, it: Difference) -> str:
    """The title of an observable; a caution has that of its rule, and a discouraged option says that it is one."""
    if it.kind == "caution":
        return kb.rules[it.name].title
    if it.kind == "finding":
        return kb.findings[it.name].title
    title = next(one.title for one in observables(kb) if one.key == it.key)
    discouraged = it.kind == "option" and it.name in kb.options and kb.options[it.name].standing == "not_recommended"
    return f"{title} (not recommended)" if discouraged else title


def _chain(terminal: Terminal, phrases: Phrases, chain: Iterable[Link]) -> None:
    for link in chain:
        cited = cites(link.rule.cite) if link.rule else ""
        change = f"{_plain(link.before)} -> {_plain(link.after)}"
        terminal.say(f"{phrases.title(link.claim)}{cited}: {change}", 2, hanging=2)
        if link.rule:
            terminal.say(f"rule {link.rule.id}, {link.rule.at.place}", 4, "dim", hanging=2)


def _plain(state: object) -> str:
    return str(state).replace("_", " ")


def comparison_to_json(kb: KnowledgeBase, it: Comparison, today: date) -> dict[str, Any]:
    """The same as dictionaries and lists; ``before`` and ``after`` are whole answers, as ``assess`` gives them."""
    return {
        "before": to_json(kb, it.before, today),
        "after": to_json(kb, it.after, today),
        "changed": plain(it.changed),
        "turned": [
            {
                "kind": one.kind,
                "claim": _title(kb, one),
                "before": str(one.before),
                "after": str(one.after),
                "rule": None,
            }
            for one in it.turned
        ],
        "chain": plain(it.chain),
    }
