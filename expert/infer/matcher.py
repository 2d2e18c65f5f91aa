"""Matching in linear time, and an order of firing that is total.

The rules that definitions compile to are Horn clauses over ground facts: each pattern names one finding or conclusion,
which has one value. For those, a rule is ready when the count of its open patterns falls to zero (W. F. Dowling and
J. H. Gallier, *Linear-time algorithms for testing the satisfiability of propositional Horn formulae*, J. Logic
Programming 1 (1984) 267-284). Each pattern is touched at most once in a run.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Callable
from operator import attrgetter, itemgetter
from typing import Any

from expert.compile.to_experta import Activation, Agenda, Fact, KnowledgeEngine, Matcher, P, Rule, Strategy

Test = tuple[str, Callable[[Any], bool]]
Shape = tuple[str, ...]
Reader = Callable[[Fact], Any]

_KEY = attrgetter("key")
_NONE: dict[Shape, Reader] = {}


def _nothing(_: Fact) -> tuple[()]:
    """What is read of a fact that a pattern asks nothing of."""
    return ()


class CountingMatcher(Matcher):  # type: ignore[misc]
    """A matcher of experta's that counts the open patterns of each rule.

    It serves rules whose patterns are positive and each matched by at most one fact; facts may not be retracted.
    """

    def __init__(self, engine: KnowledgeEngine) -> None:
        super().__init__(engine)
        self.rules: list[Rule] = engine.get_rules()
        self.sizes = [len(rule) for rule in self.rules]
        self.readers: dict[type, dict[Shape, Reader]] = {}
        self.waiting: dict[tuple[Reader, Any], list[tuple[list[Test], list[int]]]] = {}
        for_pattern: dict[int, list[int]] = {}
        for index, rule in enumerate(self.rules):
            for pattern in rule:  # rules share their patterns
                if id(pattern) not in for_pattern:
                    for_pattern[id(pattern)] = self._add(pattern)
                for_pattern[id(pattern)].append(index)
        self.reset()

    def _add(self, pattern: Fact) -> list[int]:
        """The rules that wait for a pattern: none yet."""
        tests: list[Test] = []
        keys = []
        for key, value in pattern.items():
            if isinstance(value, P):
                tests.append((key, value.match))
            else:
                keys.append(key)
        shape = tuple(sorted(keys))
        readers = self.readers.setdefault(type(pattern), {})
        read = readers.setdefault(shape, itemgetter(*shape) if shape else _nothing)
        rules: list[int] = []
        self.waiting.setdefault((read, read(pattern)), []).append((tests, rules))
        return rules

    def reset(self) -> None:
        """Forget all facts."""
        self.open = self.sizes.copy()
        self.matched: defaultdict[int, list[Fact]] = defaultdict(list)

    def changes(
        self, adding: list[Fact] | None = None, deleting: list[Fact] | None = None
    ) -> tuple[list[Activation], list[Activation]]:
        """The activations that new facts bring about."""
        if deleting:
            raise ValueError("facts are only ever added")
        ready = []
        for fact in adding or ():
            for read in self.readers.get(type(fact), _NONE).values():
                for tests, rules in self.waiting.get((read, read(fact)), ()):
                    if not tests or all(test(fact[name]) for name, test in tests):
                        ready += self._counted(fact, rules)
        return ready, []

    def _counted(self, fact: Fact, rules: list[int]) -> list[Activation]:
        """Count a fact for rules that waited for it: the activations of those that waited for nothing else."""
        ready = []
        for index in rules:
            self.matched[index].append(fact)
            self.open[index] -= 1
            if not self.open[index]:
                ready.append(Activation(self.rules[index], self.matched[index]))
        return ready


class OrderStrategy(Strategy):  # type: ignore[misc]
    """Fires activations in the order of their rules' saliences, which all differ: every run has the same trace."""

    def _update_agenda(self, agenda: Agenda, added: list[Activation], removed: list[Activation]) -> None:
        assert not removed, "facts are only ever added"
        for activation in added:
            activation.key = activation.rule.salience
            insort(agenda.activations, activation, key=_KEY)
