"""What only one of two knowledge bases has, by name."""

from __future__ import annotations

from collections.abc import Iterator

from expert.diff.renaming import is_comparable
from expert.lang.model import KnowledgeBase
from expert.lang.units import NUMBER, write_quantity
from expert.lang.vocabulary import Finding, Kind


def named_of(old: KnowledgeBase, new: KnowledgeBase) -> Iterator[str]:
    """Findings, values, steps, options, alerts and advice that came or went, as sentences without a full stop."""
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
            yield f"{name}: {', '.join(found)} {'is' if len(found) == 1 else 'are'} {word}"
    if after.kind is Kind.QUANTITY and (before.low, before.high) != (after.low, after.high):
        yield f"{name}: the range was {_range(before)} and is {_range(after)}"


def _range(it: Finding) -> str:
    return " .. ".join(write_quantity(number, it.unit or NUMBER) for number in (it.low, it.high))
