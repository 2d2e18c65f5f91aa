"""The truths of a draft: Kleene's strong logic over tables of patients, after ``knowledge/README.md``.

A table has an array for each finding: for each patient the place of the value among the cells of the finding, or -1
where it is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tests.fuzz.language import line, listed

if TYPE_CHECKING:
    from tests.fuzz.meaning import Meaning

Name = tuple[str, ...]
Flags = NDArray[np.bool_]
Table = dict[str, NDArray[np.int64]]


class Pair(NamedTuple):
    """Of which patients something is known to hold, and of which to fail."""

    holds: Flags
    fails: Flags


class Truths:
    """The truths of a table, name by name."""

    def __init__(self, meaning: Meaning, table: Table) -> None:
        self.meaning, self.table = meaning, table
        self.no = np.zeros(len(next(iter(table.values()))), bool)
        self._names: dict[Name, Pair] = {}

    def of_every_name(self) -> dict[Name, Pair]:
        """The truths of every name."""
        return {name: self.name(name) for name in self._all_names()}

    def _all_names(self) -> Iterator[Name]:
        meaning, draft = self.meaning, self.meaning.draft
        yield from (("rule", it) for it in draft["rules"])
        for finding, it in meaning.concluded.items():
            yield from (("finding", finding, *value) for value in ([it] for it in it.get("values", ())))
            if "values" not in it:
                yield ("finding", finding)
        yield from ((role, it) for it in (*meaning.steps, *meaning.options) for role in ("supports", "excludes"))
        yield from (("cautions", it) for it in (*meaning.steps, *meaning.options))
        yield from ((role, it) for it in meaning.options for role in ("prefers", "offered"))
        yield from ((role, it) for it in meaning.steps for role in ("available", "recommended"))
        yield from (("alert", it) for it in draft.get("alerts", ()))
        yield from ((role, it) for it in draft.get("advice", ()) for role in ("advise", "given"))

    def name(self, name: Name) -> Pair:
        """The truths of a name."""
        if name not in self._names:
            self._names[name] = self._worked_out(name)
        return self._names[name]

    def _worked_out(self, name: Name) -> Pair:
        meaning = self.meaning
        match name:
            case ("rule", rule):
                it = meaning.draft["rules"][rule]
                exceptions = [negated(self.one(part)) for part in listed(it.get("unless"))]
                return self._every([*map(self.one, listed(it["when"])), *exceptions])
            case ("finding", finding, value):
                return self._value(finding, value)
            case ("offered", option):
                supported = [self.name(("supports", option))]
                asks = meaning.options[option].get("offered") == "if_supported"
                return self._every([*(supported if asks else []), negated(self.name(("excludes", option)))])
            case ("available", step):
                return self._every([self.name(("supports", step)), negated(self.name(("excludes", step)))])
            case ("recommended", step):
                earlier = meaning.steps[: meaning.steps.index(step)]
                return self._every(
                    [self.name(("available", step)), *(negated(self.name(("available", it))) for it in earlier)]
                )
            case ("given", advice):
                steps = [step for it in meaning.draft["advice"][advice] for step in meaning.steps_of(it)]
                shown = self._some([self.name(("recommended", step)) for step in steps])
                return self._every([self.name(("advise", advice)), shown])
        return self._some([self.name(("rule", it)) for it in meaning.rules_for(name)])

    def _value(self, finding: str, value: str) -> Pair:
        """A value of a concluded choice: a rule for another one refutes it; the last resort holds if no other does."""
        it = self.meaning.concluded[finding]
        rules = {word: [self.name(("rule", rule)) for rule in self.meaning.rules_for(("finding", finding, word))]
                 for word in it["values"]}  # fmt: skip
        others = self._some([pair for word, some in rules.items() if word != value for pair in some])
        own = self._some([*rules[value], *([negated(others)] if it.get("otherwise") == value else [])])
        return Pair(own.holds, own.fails | (~own.holds & others.holds))

    def one(self, part: Any) -> Pair:
        """A line, or what any:, all: or not: opens."""
        if isinstance(part, str):
            return self._line(part)
        ((word, inner),) = part.items()
        if word == "any":
            return self._some(list(map(self.one, listed(inner))))
        return self.all(inner) if word == "all" else negated(self.all(inner))

    def all(self, premises: Any) -> Pair:
        """That all of some premises hold."""
        return self._every(list(map(self.one, listed(premises))))

    def _line(self, text: str) -> Pair:
        it = line(text)
        if it.finding not in self.meaning.concluded:
            return self.meaning.literal(text, self.table)
        values = self.meaning.concluded[it.finding].get("values")
        if values is None:
            found = self.name(("finding", it.finding))
            return found if it.holds(True) else negated(found)
        inverted = text.startswith("not ") != (" is not " in text)
        meant = [value for value in values if it.holds(value) is not inverted]
        found = self._some([self.name(("finding", it.finding, value)) for value in meant])
        return negated(found) if inverted else found

    def _every(self, pairs: Sequence[Pair]) -> Pair:
        return Pair(~any_of([~it.holds for it in pairs], self.no), any_of([it.fails for it in pairs], self.no))

    def _some(self, pairs: Sequence[Pair]) -> Pair:
        return Pair(any_of([it.holds for it in pairs], self.no), ~any_of([~it.fails for it in pairs], self.no))


def negated(pair: Pair) -> Pair:
    """Not: what is unknown stays so."""
    return Pair(pair.fails, pair.holds)


def any_of(flags: Sequence[Flags], no: Flags) -> Flags:
    """Where any of some flags is up; ``no`` is up nowhere."""
    found = no
    for it in flags:
        found = found | it
    return found
