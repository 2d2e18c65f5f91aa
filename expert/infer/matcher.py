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
from operator import attrgetter
from typing import Any

from expert.compile.to_experta import Activation, Agenda, Fact, KnowledgeEngine, Matcher, P, Rule, Strategy

Test = tuple[str, Callable[[Any], bool]]
Shape = tuple[str, ...]

_KEY = attrgetter("key")


class CountingMatcher(Matcher):  # type: ignore[misc]
    """A matcher of experta's that counts the open patterns of each rule.

    It serves rules whose patterns are positive and each matched by at most one fact; facts may not be retracted.
    """

    def __init__(self, engine: KnowledgeEngine) -> None:
        super().__init__(engine)
        self.rules: list[Rule] = engine.get_rules()
        self.sizes = [len(rule) for rule in self.rules]
        self.shapes: dict[type, list[Shape]] = {}
        self.waiting: dict[tuple[type, Shape, tuple[Any, ...]], list[tuple[int, list[Test]]]] = {}
        for index, rule in enumerate(self.rules):
            for pattern in rule:
                self._add(index, pattern)
        self.reset()

    def _add(self, index: int, pattern: Fact) -> None:
        tests: list[Test] = [(key, value.match) for key, value in pattern.items() if isinstance(value, P)]
        shape = tuple(sorted(key for key, value in pattern.items() if not isinstance(value, P)))
        shapes = self.shapes.setdefault(type(pattern), [])
        if shape not in shapes:
            shapes.append(shape)
        key = (type(pattern), shape, tuple(pattern[name] for name in shape))
        self.waiting.setdefault(key, []).append((index, tests))

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
            for shape in self.shapes.get(type(fact), ()):
                key = (type(fact), shape, tuple(fact[name] for name in shape))
                for index, tests in self.waiting.get(key, ()):
                    if not tests or all(test(fact[name]) for name, test in tests):
                        self.matched[index].append(fact)
                        self.open[index] -= 1
                        if self.open[index] == 0:
                            ready.append(Activation(self.rules[index], self.matched[index]))
        return ready, []


class OrderStrategy(Strategy):  # type: ignore[misc]
    """Fires activations in the order of their rules' saliences, which all differ: every run has the same trace."""

    def _update_agenda(self, agenda: Agenda, added: list[Activation], removed: list[Activation]) -> None:
        assert not removed, "facts are only ever added"
        for activation in added:
            activation.key = activation.rule.salience
            insort(agenda.activations, activation, key=_KEY)
