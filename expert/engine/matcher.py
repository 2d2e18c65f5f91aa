"""Matching in linear time.

The rules that definitions compile to are Horn clauses over ground facts: each pattern names one finding or conclusion,
which has one value. For those, a rule is ready when the count of its open patterns falls to zero (W. F. Dowling and
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
    """What is read of a fact that a pattern asks nothing of."""
    return ()


class CountingMatcher(Matcher):  # type: ignore[misc]
    """A matcher of experta's that counts the open patterns of each rule.

    It serves rules whose patterns are positive and each matched by at most one fact; facts may not be retracted.

    Attributes:
        waiting: for each kind of fact, ways to read one, and for what is then read the patterns to be tried: the tests
            that are left, and the places of the rules that wait for the pattern.
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
        """The activations that new facts bring about."""
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
        """Count a fact for rules that waited for it; those that waited for nothing else are ready."""
        waits = self.waits
        for index in rules:
            waits[index] = left = waits[index] - 1
            if not left:
                ready.append(Ready(self.rules[index]))


class Ready(Activation):  # type: ignore[misc]
    """A rule whose patterns are all matched: ``facts`` are these, which say what the facts say.

    There is one of each in a run, so nothing need be compared.
    """

    context: Mapping[str, Any] = MappingProxyType({})  # patterns bind no variables

    def __init__(self, rule: Rule) -> None:
        self.rule = self.facts = rule
