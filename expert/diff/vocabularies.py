"""Which findings of two knowledge bases are the same, under which names, and what only one of them has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from expert.lang.dimensions import NUMBER
from expert.lang.errors import InputError, Problem, nearest, quoted
from expert.lang.model import KnowledgeBase, Rule
from expert.lang.premises import Concluded, Leaf, Premise, mapped
from expert.lang.units import write_quantity
from expert.lang.vocabulary import Finding, Kind, Order

APART = "{} (old)"
"""The name of a finding of the old knowledge that is not the finding which has the name in the new."""


class Renaming(NamedTuple):
    """A finding of the old knowledge that may be, or is taken to be, a finding of the new."""

    old: str
    new: str


def renamed(kb: KnowledgeBase, names: Mapping[str, str]) -> KnowledgeBase:
    """A knowledge base with some of its findings renamed."""
    if not names:
        return kb

    def name(old: str) -> str:
        return names.get(old, old)

    def leaf(it: Leaf) -> Premise:
        return it if isinstance(it, Concluded) else it._replace(finding=name(it.finding))

    def premise(it: Premise) -> Premise:
        return mapped(it, leaf)

    def premises(its: tuple[Premise, ...]) -> tuple[Premise, ...]:
        return tuple(map(premise, its))

    def order(it: Order) -> Order:
        return it._replace(finding=name(it.finding), other=name(it.other))

    findings = [
        it._replace(
            name=name(it.name),
            asked_if=it.asked_if and premise(it.asked_if),
            presumed_unless=it.presumed_unless and premise(it.presumed_unless),
            points=tuple(entry._replace(when=premises(entry.when)) for entry in it.points),
        )
        for it in kb.findings.values()
    ]

    def rule(it: Rule) -> Rule:
        return it._replace(
            when=premises(it.when),
            unless=premises(it.unless),
            then=tuple(its._replace(target=name(its.target)) if its.role == "finding" else its for its in it.then),
        )

    return kb._replace(
        findings={it.name: it for it in findings},
        panels={
            it.name: it._replace(members={name(member): value for member, value in it.members.items()})
            for it in kb.panels.values()
        },
        constraints=tuple(it._replace(never=premises(it.never)) for it in kb.constraints),
        plausible=tuple(
            it._replace(never=premises(it.never), always=it.always and order(it.always)) for it in kb.plausible
        ),
        rules={it.id: rule(it) for it in kb.rules.values()},
        inactive={it.id: rule(it) for it in kb.inactive.values()},
        invariants={it.id: it._replace(when=premise(it.when)) for it in kb.invariants.values()},
        directions={it.id: it._replace(finding=name(it.finding)) for it in kb.directions.values()},
    )


def renamings(words: tuple[str, ...], old: KnowledgeBase, new: KnowledgeBase) -> dict[str, str]:
    """The renamings in ``OLD=NEW`` words, checked: both names are findings of the same kind.

    Findings whose former names the old knowledge has are renamed without a word.

    Raises:
        InputError: with everything that is wrong with the words.
    """
    problems: list[Problem] = []
    found: dict[str, str] = {}
    for word in words:
        before, _, after = word.partition("=")
        wrong = [
            Problem(
                f"{quoted(name)} is not a finding of the {side} knowledge", suggestion=nearest(name, [*kb.findings])
            )
            for side, name, kb in (("old", before, old), ("new", after, new))
            if name not in kb.findings
        ]
        if "=" not in word:
            wrong = [Problem(f"--renamed {quoted(word)} names one finding", expected="OLD=NEW")]
        elif before in found or after in found.values():
            wrong = [Problem(f"--renamed {quoted(word)} names a finding twice", expected="each finding once")]
        elif not wrong and before == after:
            message = f"--renamed {quoted(word)}: the finding has this name on both sides"
            wrong = [Problem(message, expected="two names")]
        elif not wrong and not is_comparable(old.findings[before], new.findings[after]):
            message = f"--renamed {quoted(word)}: these are findings of different kinds"
            wrong = [Problem(message, expected="two findings of one kind and dimension")]
        problems += wrong
        if not wrong:
            found[before] = after
    for before, after in new.former["finding"].items():
        apart = before not in found and after not in found.values() and after not in old.findings
        was, now = old.findings.get(before), new.findings.get(after)
        if apart and was and now and is_comparable(was, now):
            found[before] = after
    for before, after in found.items():
        if after in old.findings and after not in found:
            message = f"--renamed {quoted(f'{before}={after}')}: the old knowledge has a finding {after} as well"
            problems.append(Problem(message, expected=f"--renamed {after}=... too, or another name"))
    if problems:
        raise InputError(problems)
    return found


def clashes(old: KnowledgeBase, new: KnowledgeBase) -> dict[str, str]:
    """Names under which each side has a finding of another kind, with another name for the old one."""
    both = (name for name in old.findings if name in new.findings)
    return {name: APART.format(name) for name in both if not is_comparable(old.findings[name], new.findings[name])}


def suggested(old: KnowledgeBase, new: KnowledgeBase) -> Iterator[Renaming]:
    """Findings that only the old knowledge has, each with a finding of the same form that only the new one has.

    Among several of the same form, the one with the nearest name or title.
    """
    left = {name: it for name, it in new.findings.items() if name not in old.findings}
    for name, finding in old.findings.items():
        if name in new.findings:
            continue
        alike = {other: it for other, it in left.items() if _form(it) == _form(finding)}
        titles = {it.title: other for other, it in alike.items()}
        best = nearest(name, [*alike]) or titles.get(nearest(finding.title, [*titles]), "") or next(iter(alike), "")
        if best:
            del left[best]
            yield Renaming(name, best)


def is_comparable(before: Finding, after: Finding) -> bool:
    """Whether two findings can be one: of one kind, of one dimension, both given or both concluded."""
    dimensions = {it.unit.dimension for it in (before, after) if it.unit}
    return before.kind is after.kind and before.concluded is after.concluded and len(dimensions) <= 1


def _form(it: Finding) -> tuple[object, ...]:
    unit = it.unit.dimension if it.unit else ""
    bounds = (it.low, it.high) if it.kind is Kind.QUANTITY else ()
    return it.kind, it.concluded, frozenset(it.values), unit, bounds


def named_of(old: KnowledgeBase, new: KnowledgeBase) -> Iterator[str]:
    """Findings, values, steps, options, alerts and advice that are new or gone, as sentences without a full stop."""
    groups = {
        "the finding": (old.inputs, new.inputs),
        "the concluded finding": (old.concluded, new.concluded),
        "the step": (old.steps, new.steps),
        "the option": (old.options, new.options),
        "the alert": (old.alerts, new.alerts),
        "the advice": (old.advice, new.advice),
    }
    for what, (before, after) in groups.items():
        yield from (f"{what} {name} is new" for name in after if name not in before)
        yield from (f"{what} {name} is gone" for name in before if name not in after)
    for name, finding in new.findings.items():
        if name in old.findings:
            yield from _changed(old.findings[name], finding)


def _changed(before: Finding, after: Finding) -> Iterator[str]:
    name = after.name
    if not is_comparable(before, after):
        yield f"{name} is another kind of finding"
        return
    for values, others, word in ((after.values, before.values, "new"), (before.values, after.values, "gone")):
        found = [value for value in values if value not in others]
        if found:
            yield f"{name}: {', '.join(found)} {_is(found)} {word}"
    for also, other, word in ((after.also, before.also, "new"), (before.also, after.also, "gone")):
        found = [text for text in also if text not in other]
        if found:
            yield f"{name}: the word{'s' if len(found) > 1 else ''} {', '.join(found)} {_is(found)} {word}"
    if after.kind is Kind.QUANTITY and (before.low, before.high) != (after.low, after.high):
        yield f"{name}: the range was {_range(before)} and is {_range(after)}"


def _is(found: Sequence[str]) -> str:
    return "is" if len(found) == 1 else "are"


def _range(it: Finding) -> str:
    return " .. ".join(write_quantity(number, it.unit or NUMBER, it.units) for number in (it.low, it.high))
