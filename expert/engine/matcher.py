"""Matching in linear time.

Definitions compile to Horn clauses over ground facts: each pattern names one finding or conclusion, which has one
value. Such a rule is ready when the count of its open patterns falls to zero (W. F. Dowling and
J. H. Gallier, *Linear-time algorithms for testing the satisfiability of propositional Horn formulae*, J. Logic
Programming 1 (1984) 267-284). Each pattern is touched at most once in a run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from expert.engine.to_experta import Activation, Fact, KnowledgeEngine, Matcher, P, Rule

Test = tuple[str, Callable[[Any], bool]]
Shape = tuple[str, ...]
Reader = Callable[[Fact], Any]
Tried = tuple[list[Test], list[int]]

_NONE: dict[Shape, tuple[Reader, dict[Any, list[Tried]]]] = {}


def _nothing(_: Fact) -> tuple[()]:
    """The reader for a pattern without plain values."""
    return ()


class CountingMatcher(Matcher):  # type: ignore[misc]
    """A matcher of experta's that counts the open patterns of each rule.

    It serves rules whose patterns are positive and each matched by at most one fact; facts may not be retracted.

    Attributes:
        waiting: for each class of facts and each shape of patterns a reader of the plain values, and by these values
            the patterns to try: their remaining tests, and the indexes of the rules that wait for them.
    """

    def __init__(self, engine: KnowledgeEngine) -> None:
        super().__init__(engine)
        self.rules: list[Rule] = engine.get_rules()
        self.sizes = [len(rule) for rule in self.rules]
        self.waiting: dict[type, dict[Shape, tuple[Reader, dict[Any, list[Tried]]]]] = {}
        for_pattern: dict[int, list[int]] = {}
        for index, rule in enumerate(self.rules):
            for pattern in rule:  # rules share their patterns
                if id(pattern) not in for_pattern:
                    for_pattern[id(pattern)] = self._add(pattern)
                for_pattern[id(pattern)].append(index)
        self.reset()

    def _add(self, pattern: Fact) -> list[int]:
        """The rules that wait for a pattern: none yet."""
        tests = [(key, value.match) for key, value in pattern.items() if isinstance(value, P)]
        shape = tuple(sorted(key for key, value in pattern.items() if not isinstance(value, P)))
        reader: Reader = itemgetter(*shape) if shape else _nothing
        read, waiting = self.waiting.setdefault(type(pattern), {}).setdefault(shape, (reader, {}))
        rules: list[int] = []
        waiting.setdefault(read(pattern), []).append((tests, rules))
        return rules

    def reset(self) -> None:
        """Forget all facts."""
        self.waits = self.sizes.copy()

    def changes(
        self, adding: list[Fact] | None = None, deleting: list[Fact] | None = None
    ) -> tuple[list[Activation], list[Activation]]:
        """The activations that follow from new facts."""
        if deleting:
            raise ValueError("facts are only ever added")
        ready: list[Activation] = []
        for fact in adding or ():
            for read, waiting in self.waiting.get(type(fact), _NONE).values():
                for tests, rules in waiting.get(read(fact), ()):
                    if not tests or all(test(fact[name]) for name, test in tests):
                        self._count(rules, ready)
        return ready, []

    def _count(self, rules: list[int], ready: list[Activation]) -> None:
        """Count a matched pattern for the rules that wait for it; those without further open patterns are ready."""
        waits = self.waits
        for index in rules:
            waits[index] = left = waits[index] - 1
            if not left:
                ready.append(Ready(self.rules[index]))


class Ready(Activation):  # type: ignore[misc]
    """The activation of a rule; ``facts`` are its patterns, which equal the facts. A run has one for each rule."""

    context: Mapping[str, Any] = MappingProxyType({})  # patterns bind no variables

    def __init__(self, rule: Rule) -> None:
        self.rule = self.facts = rule
