"""Truths that are kept up to date while a few facts change: only what a change touches is worked out again.

Premises are nodes of a network. Each counts how many of its parts fail, are open and hold, so that one part more or
less takes the same time however many there are; of a quantity, only the comparisons with thresholds that it passes are
looked at. The truths are those of `expert.logic.kleene`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from heapq import heapify, heappop, heappush

from expert.lang.definitions import Definitions, in_order
from expert.lang.premises import All, Any, Compare, Concluded, Exclusive, In, Is, Literal, Name, Not, Premise
from expert.lang.values import Facts, Value
from expert.logic.kleene import Truth, holds_of

FAILS, OPEN, HOLDS = 0, 1, 2
TRUTHS: tuple[Truth, ...] = (False, None, True)


class Network:
    """The definitions below some names as a graph of nodes, each after its parts.

    Attributes:
        premises: the premise of each node; of equal premises about one finding there is one.
        parts: for each node, the nodes that it is made of.
        above: for each node, the nodes that it is a part of.
        places: the node of each name.
    """

    def __init__(self, definitions: Definitions, names: Iterable[Name]) -> None:
        self.premises: list[Premise] = []
        self.parts: list[tuple[int, ...]] = []
        self.above: list[list[int]] = []
        self.places: dict[Name, int] = {}
        self._leaves: dict[Literal, int] = {}
        for name in in_order(names, definitions.needs, self.places):
            self.places[name] = self._node(definitions.premises[name])
        self._tests: dict[str, _Tests] = {}
        by_finding: dict[str, list[tuple[Literal, int]]] = {}
        for literal, node in self._leaves.items():
            by_finding.setdefault(literal.finding, []).append((literal, node))
        self._tests = {name: _Tests(leaves) for name, leaves in by_finding.items()}

    def _node(self, premise: Premise) -> int:
        match premise:
            case Concluded():
                return self.places[premise.name]
            case Is() | In() | Compare():
                if premise not in self._leaves:
                    self._leaves[premise] = self._add(premise, ())
                return self._leaves[premise]
            case Not():
                return self._add(premise, (self._node(premise.premise),))
            case Exclusive():
                return self._add(premise, (self._node(premise.own), self._node(premise.others)))
            case All() | Any():
                return self._add(premise, tuple(map(self._node, premise.premises)))

    def _add(self, premise: Premise, parts: tuple[int, ...]) -> int:
        node = len(self.premises)
        self.premises.append(premise)
        self.parts.append(parts)
        self.above.append([])
        for part in parts:
            self.above[part].append(node)
        return node

    @cached_property
    def inputs(self) -> list[frozenset[str]]:
        """For each node, the input findings that its truth can depend on."""
        found: list[frozenset[str]] = []
        for premise, parts in zip(self.premises, self.parts, strict=True):
            own = (premise.finding,) if isinstance(premise, (Is, In, Compare)) else ()
            found.append(found[parts[0]] if len(parts) == 1 else frozenset(own).union(*(found[it] for it in parts)))
        return found

    def leaves(self, finding: str) -> Iterable[int]:
        """The nodes of the premises about a finding."""
        return self._tests[finding].leaves if finding in self._tests else ()

    def turned(self, finding: str, old: Value | None, new: Value | None) -> Iterable[tuple[int, int]]:
        """The premises about a finding that another value may turn, with the truths that they then have."""
        tests = self._tests.get(finding)
        return tests.turned(old, new) if tests else ()


class _Tests:
    """The premises about one finding."""

    def __init__(self, leaves: list[tuple[Literal, int]]) -> None:
        self.leaves = tuple(node for _, node in leaves)
        comparisons = [(it.threshold, it, node) for it, node in leaves if isinstance(it, Compare)]
        comparisons.sort(key=lambda it: it[0])
        self._thresholds = [threshold for threshold, _, _ in comparisons]
        self._comparisons = [(it, node) for _, it, node in comparisons]
        self._holding: dict[Value, set[int]] = {}
        for literal, node in leaves:
            values = (literal.value,) if isinstance(literal, Is) else literal.values if isinstance(literal, In) else ()
            for value in values:
                self._holding.setdefault(value, set()).add(node)

    def turned(self, old: Value | None, new: Value | None) -> Iterator[tuple[int, int]]:
        if new is None:
            return ((node, OPEN) for node in self.leaves)
        if isinstance(new, float):
            low, high = (new, new) if not isinstance(old, float) else (min(old, new), max(old, new))
            first, last = bisect_left(self._thresholds, low), bisect_right(self._thresholds, high)
            near = self._comparisons if old is None else self._comparisons[first:last]
            return ((node, HOLDS if holds_of(it, new) else FAILS) for it, node in near)
        holding: set[int] = self._holding.get(new, set())
        near_nodes = self.leaves if old is None else holding ^ self._holding.get(old, set())
        return ((node, HOLDS if node in holding else FAILS) for node in near_nodes)


class Kept:
    """The truths of a network for some facts, in which a few values change at a time.

    Attributes:
        worked_out: how many nodes were looked at since the facts at the start.
    """

    def __init__(self, network: Network, facts: Facts) -> None:
        self.network, self.facts = network, facts
        self.changed: dict[str, Value] = {}
        self.worked_out = 0
        self._truths: list[int] = []
        self._counts: list[list[int]] = []
        for node, parts in enumerate(network.parts):
            counts = [0, 0, 0]
            for part in parts:
                counts[self._truths[part]] += 1
            self._counts.append(counts)
            self._truths.append(self._truth(node))

    def concluded(self, name: Name) -> Truth:
        """The truth of a name."""
        return TRUTHS[self._truths[self.network.places[name]]]

    def change(self, values: Facts) -> None:
        """Have the facts at the start with these values, whatever was changed before."""
        for name in [it for it in self.changed if it not in values]:
            self._turn(name, self.changed.pop(name), self.facts.get(name))
        for name, value in values.items():
            old = self.changed.get(name, self.facts.get(name))
            if old != value:
                self._turn(name, old, value)
            self.changed[name] = value

    def _turn(self, name: str, old: Value | None, new: Value | None) -> set[int]:
        """Give a finding another value, and return the nodes that have another truth than before."""
        turned: set[int] = set()
        ahead: list[int] = []
        waiting: set[int] = set()
        for leaf, truth in self.network.turned(name, old, new):
            self._set(leaf, truth, turned, waiting)
        ahead = list(waiting)
        heapify(ahead)
        while ahead:
            node = heappop(ahead)
            further: set[int] = set()
            self._set(node, self._truth(node), turned, further)
            for above in further - waiting:
                waiting.add(above)
                heappush(ahead, above)
        return turned

    def _set(self, node: int, truth: int, turned: set[int], touched: set[int]) -> None:
        """Note the truth of a node; what it is a part of is touched if that is another than before."""
        self.worked_out += 1
        old = self._truths[node]
        if truth != old:
            self._truths[node] = truth
            turned.add(node)
            for above in self.network.above[node]:
                counts = self._counts[above]
                counts[old] -= 1
                counts[truth] += 1
                touched.add(above)

    def _truth(self, node: int) -> int:
        """The truth that a node has by that of its parts."""
        fails, opens, holds = self._counts[node]
        match premise := self.network.premises[node]:
            case All():
                return FAILS if fails else OPEN if opens else HOLDS
            case Any():
                return HOLDS if holds else OPEN if opens else FAILS
            case Not():
                return HOLDS if fails else OPEN if opens else FAILS
            case Exclusive():
                own, others = (self._truths[part] for part in self.network.parts[node])
                return FAILS if own == OPEN and others == HOLDS else own
            case Is() | In() | Compare():
                value = self.facts.get(premise.finding)
                return OPEN if value is None else HOLDS if holds_of(premise, value) else FAILS
        raise AssertionError("a name has the node of its definition")

    def meeting(self, finding: str, values: Iterable[Value], most: int) -> frozenset[str] | None:
        """The findings that bear on something on which one of these values bears too; ``None`` if more than ``most``.

        What a value does not touch, and what is known and stays so, is as it was: a finding that bears on nothing else
        does to the names of the network what it does without the value. (A truth that stays open may still rest on
        other findings than before, so what is open counts as touched.)
        """
        self.change({})
        known = [truth != OPEN for truth in self._truths]
        turned: set[int] = set()
        old = self.facts.get(finding)
        for value in values:
            turned |= self._turn(finding, old, value)
            old = value
        if old is not None:
            turned |= self._turn(finding, old, self.facts.get(finding))
        found: set[str] = set()
        ahead, seen = list(self.network.leaves(finding)), set(self.network.leaves(finding))
        while ahead:
            for above in self.network.above[ahead.pop()]:
                if above not in seen:
                    seen.add(above)
                    found |= self.network.inputs[above]
                    if len(found) > most:
                        return None
                    if above in turned or not known[above]:
                        ahead.append(above)
        return frozenset(found - {finding})
