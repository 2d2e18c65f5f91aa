"""The definitions compiled for bits: Kleene's logic for many variants at once.

Bit *i* of a mask belongs to variant *i*. A truth is two masks: the variants in which it ``holds``, and those in which
it ``may`` hold because it is true or unknown; it is false in all others. Each operation of the logic takes a few
operations on whole numbers, however many variants there are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from heapq import heapify, heappop, heappush
from itertools import accumulate
from operator import or_

from expert.lang.definitions import Definitions, in_order
from expert.lang.premises import Compare, Count, In, Is, Leaf, Literal, Name, Premise, fold, names_in
from expert.lang.values import Value

Mask = int
"""A set of variants, one bit each."""

Truth = tuple[Mask, Mask]
"""The variants in which something is true, and those in which it is true or unknown."""

Masks = Mapping[str, Mapping[Value, Mask]]
"""For each finding, the variants with each of its values; it is unknown in all others."""

Demand = tuple[int, bool]
"""A node, and the truth that it should have."""

LITERAL, NOT, ALL, ANY, EXCLUSIVE = range(5)
"""The operations of nodes; that of a count is the count itself, which has its bounds and points."""

Operation = int | Count


class Program:
    """The definitions below some names as a list of nodes, each after its parts.

    Attributes:
        operations: the operation of each node.
        parts: the operands of each node.
        literals: the node of each premise about a finding; equal premises share one.
        places: the node of each name; no two names share one.
    """

    def __init__(self, definitions: Definitions, names: Iterable[Name]) -> None:
        self.operations: list[Operation] = []
        self.parts: list[tuple[int, ...]] = []
        self.literals: dict[Literal, int] = {}
        self.places: dict[Name, int] = {}
        self._below: list[frozenset[str]] = []
        self._demands: dict[Name, list[Demand]] = {}
        for name in in_order(names, definitions.needs, self.places):
            premise = definitions.premises[name]
            node = fold(premise, self)
            self.places[name] = self._add(ALL, (node,)) if isinstance(premise, Leaf) else node

    # --- the algebra of premises: each becomes a node

    def literal(self, literal: Literal) -> int:  # noqa: D102
        if literal not in self.literals:
            self.literals[literal] = self._add(LITERAL, (), literal.finding)
        return self.literals[literal]

    def concluded(self, name: Name) -> int:  # noqa: D102
        return self.places[name]

    def negation(self, part: int) -> int:  # noqa: D102
        return self._add(NOT, (part,))

    def all(self, parts: Iterable[int]) -> int:  # noqa: D102
        return self._add(ALL, self._light_first(parts))

    def any(self, parts: Iterable[int]) -> int:  # noqa: D102
        return self._add(ANY, self._light_first(parts))

    def exclusive(self, own: int, others: int) -> int:  # noqa: D102
        return self._add(EXCLUSIVE, (own, others))

    def count(self, count: Count, parts: Iterable[int]) -> int:  # noqa: D102
        return self._add(count, tuple(parts))

    def _light_first(self, parts: Iterable[int]) -> tuple[int, ...]:
        """Parts that depend on few findings come first: they make short reasons."""
        return tuple(sorted(parts, key=lambda node: len(self._below[node])))

    def _add(self, operation: Operation, nodes: tuple[int, ...], *finding: str) -> int:
        self.operations.append(operation)
        self.parts.append(nodes)
        self._below.append(frozenset(finding).union(*(self._below[node] for node in nodes)))
        return len(self.parts) - 1

    @cached_property
    def _depending(self) -> Mapping[str, list[int]]:
        """For each finding, the nodes above its premises, each after its parts."""
        found: dict[str, list[int]] = {}
        for node, names in enumerate(self._below):
            if self.operations[node] != LITERAL:
                for name in names:
                    found.setdefault(name, []).append(node)
        return found

    def above_all(self, findings: Iterable[str]) -> Sequence[int]:
        """The nodes above the premises about some findings, each after its parts."""
        found = [self._depending.get(name, []) for name in findings]
        return found[0] if len(found) == 1 else sorted(set().union(*found))

    @cached_property
    def above(self) -> list[list[int]]:
        """The nodes that each is a part of."""
        found: list[list[int]] = [[] for _ in self.parts]
        for node, nodes in enumerate(self.parts):
            for part in nodes:
                found[part].append(node)
        return found

    @cached_property
    def literals_of(self) -> Mapping[str, list[tuple[Literal, int]]]:
        """The premises about each finding, with their nodes."""
        found: dict[str, list[tuple[Literal, int]]] = {}
        for literal, node in self.literals.items():
            found.setdefault(literal.finding, []).append((literal, node))
        return found

    @cached_property
    def findings(self) -> Mapping[int, str]:
        """The finding of each literal's node."""
        return {node: literal.finding for literal, node in self.literals.items()}

    def demands(self, name: Name) -> list[Demand]:
        """The demands that a name consists of: it holds if all of them are met."""
        if name not in self._demands:
            self._demands[name] = list(self._apart((self.places[name], True)))
        return self._demands[name]

    def _apart(self, demand: Demand) -> Iterator[Demand]:
        ahead, seen = [demand], set[Demand]()
        while ahead:
            if (demand := ahead.pop()) in seen:  # parts are shared: walked as a tree, a chain of pairs has no end
                continue
            seen.add(demand)
            node, truth = demand
            operation, nodes = self.operations[node], self.parts[node]
            if operation == NOT:
                ahead.append((nodes[0], not truth))
            elif operation == (ALL if truth else ANY) or (operation in (ALL, ANY) and len(nodes) == 1):
                ahead += [(part, truth) for part in nodes]
            else:
                yield node, truth

    def run(self, masks: Masks, whole: Mask) -> Truths:
        """The truths of every name for the variants of ``whole``."""
        holds, may = [0] * len(self.parts), [0] * len(self.parts)
        values = {name: _Values(whole, its) for name, its in masks.items()}
        for literal, node in self.literals.items():
            its = values.get(literal.finding)
            holds[node], may[node] = its.truth(literal) if its else (0, whole)
        for node, (operation, nodes) in enumerate(zip(self.operations, self.parts, strict=True)):
            if operation == ALL:  # inlined from _truth to save a call for each node
                sure = possible = whole
                for part in nodes:
                    sure &= holds[part]
                    possible &= may[part]
                holds[node], may[node] = sure, possible
            elif operation == ANY:
                sure = possible = 0
                for part in nodes:
                    sure |= holds[part]
                    possible |= may[part]
                holds[node], may[node] = sure, possible
            elif operation != LITERAL:
                holds[node], may[node] = _truth(operation, nodes, holds, may, whole)
        return Truths(self, masks, whole, holds, may)


class Truths:
    """What a program concludes of some variants."""

    def __init__(self, program: Program, masks: Masks, whole: Mask, holds: list[Mask], may: list[Mask]) -> None:
        self.program, self.masks, self.whole = program, dict(masks), whole
        self._holds, self._may = holds, may

    def holds(self, name: Name) -> Mask:
        """The variants in which a name is true."""
        return self._holds[self.program.places[name]]

    def may(self, name: Name) -> Mask:
        """The variants in which a name is true or unknown."""
        return self._may[self.program.places[name]]

    def sure(self, demand: Demand) -> Mask:
        """The variants in which a node is known to have a truth."""
        node, truth = demand
        return self._holds[node] if truth else self.whole & ~self._may[node]

    def possible(self, demand: Demand) -> Mask:
        """The variants in which a node has a truth or is unknown."""
        node, truth = demand
        return self._may[node] if truth else self.whole & ~self._holds[node]

    def open(self, name: Name) -> Mask:
        """The variants in which a name is unknown."""
        return self.may(name) & ~self.holds(name)

    def differs(self, other: Truths, name: Name) -> Mask:
        """The variants in which a name has another truth than in others of the same program."""
        return (self.holds(name) ^ other.holds(name)) | (self.may(name) ^ other.may(name))

    def evaluate(self, premise: Premise) -> Truth:
        """The truth of any premise over names of the program."""
        return fold(premise, self)

    def literal(self, literal: Literal) -> Truth:  # noqa: D102
        return _Values(self.whole, self.masks.get(literal.finding, {})).truth(literal)

    def concluded(self, name: Name) -> Truth:  # noqa: D102
        return self.holds(name), self.may(name)

    def negation(self, part: Truth) -> Truth:  # noqa: D102
        return self._combined(NOT, (part,))

    def all(self, parts: Iterable[Truth]) -> Truth:  # noqa: D102
        return self._combined(ALL, parts)

    def any(self, parts: Iterable[Truth]) -> Truth:  # noqa: D102
        return self._combined(ANY, parts)

    def exclusive(self, own: Truth, others: Truth) -> Truth:  # noqa: D102
        return self._combined(EXCLUSIVE, (own, others))

    def count(self, count: Count, parts: Iterable[Truth]) -> Truth:  # noqa: D102
        return self._combined(count, parts)

    def _combined(self, operation: Operation, parts: Iterable[Truth]) -> Truth:
        truths = list(parts)
        return _truth(operation, range(len(truths)), [it for it, _ in truths], [it for _, it in truths], self.whole)

    def with_values(self, given: Mapping[str, tuple[Value, Mask]]) -> Truths:
        """The truths after findings, each unknown in some variants, have a value in these."""
        other = Truths(self.program, {**self.masks}, self.whole, self._holds.copy(), self._may.copy())
        operations, parts = self.program.operations, self.program.parts
        for name, (value, where) in given.items():
            its = self.masks.get(name, {})
            other.masks[name] = {**its, value: its.get(value, 0) | where}
            values = _Values(self.whole, other.masks[name])
            for literal, node in self.program.literals_of.get(name, ()):
                other._holds[node], other._may[node] = values.truth(literal)
        for node in self.program.above_all(given):
            other._holds[node], other._may[node] = _truth(
                operations[node], parts[node], other._holds, other._may, self.whole
            )
        return other

    def with_premises(self, premises: Mapping[Name, Premise]) -> Truths:
        """The truths after some definitions are replaced; only what depends on these is evaluated again."""
        other = Truths(self.program, self.masks, self.whole, self._holds.copy(), self._may.copy())
        places = self.program.places
        defined = {places[name]: premise for name, premise in premises.items()}
        above: dict[int, list[int]] = {}
        for node, premise in defined.items():
            for name in names_in(premise):
                above.setdefault(places[name], []).append(node)
        ahead = list(defined)
        heapify(ahead)
        while ahead:
            node = heappop(ahead)
            if node in defined:
                truth = other.evaluate(defined[node])
            else:
                operation, nodes = self.program.operations[node], self.program.parts[node]
                truth = _truth(operation, nodes, other._holds, other._may, self.whole)
            if truth != (other._holds[node], other._may[node]):
                other._holds[node], other._may[node] = truth
                for further in (*self.program.above[node], *above.get(node, ())):
                    if further not in ahead:
                        heappush(ahead, further)
        return other

    def reasons(self, goals: Mapping[Name, Mask]) -> dict[str, Mask]:
        """For each finding, the variants in which it is a reason for the truth of a goal.

        ``goals`` are names with the variants of interest. As in `expert.logic.kleene.Evaluation.reasons`, a truth
        cannot change unless one of its reasons does.
        """
        return self.reasons_of({self.program.places[name]: mask for name, mask in goals.items()})

    def reasons_of(self, goals: Mapping[int, Mask]) -> dict[str, Mask]:
        """The same for nodes."""
        operations, nodes_of, holds, may = self.program.operations, self.program.parts, self._holds, self._may
        wanted = [0] * (max(goals, default=-1) + 1)
        found: dict[str, Mask] = {}
        for node, mask in goals.items():
            wanted[node] = mask
        for node in range(len(wanted) - 1, -1, -1):
            mask, operation, nodes = wanted[node], operations[node], nodes_of[node]
            if not mask:
                continue
            if operation == LITERAL:
                finding = self.program.findings[node]
                found[finding] = found.get(finding, 0) | mask
            elif operation == NOT:
                wanted[nodes[0]] |= mask
            elif operation == EXCLUSIVE:
                own, others = nodes
                open_own = mask & may[own] & ~holds[own]
                wanted[others] |= open_own
                wanted[own] |= mask & ~(open_own & holds[others])
            elif isinstance(operation, Count):
                for part in nodes:
                    wanted[part] |= mask
            else:
                decided = mask & (holds[node] if operation == ANY else ~may[node])
                for part in nodes:
                    deciding = decided & (holds[part] if operation == ANY else ~may[part])
                    wanted[part] |= mask & ~decided | deciding
                    decided ^= deciding
                    mask ^= deciding
        return found


class _Values:
    """The variants in which a finding has each of its values, with cumulated masks for comparisons."""

    def __init__(self, whole: Mask, values: Mapping[Value, Mask]) -> None:
        self.values, self.known = values, union(values.values())
        self.unknown = whole & ~self.known
        self._sums: tuple[list[float], list[Mask]] | None = None

    def truth(self, literal: Literal) -> Truth:
        """The variants in which a premise about the finding is true, and in which it is true or unknown."""
        match literal:
            case Is():
                found = self.values.get(literal.value, 0)
            case In():
                found = union(self.values.get(value, 0) for value in literal.values)
            case Compare():
                found = self._below(literal.threshold, within=literal.operator in ("<=", ">"))
                found = self.known & ~found if literal.operator in (">", ">=") else found
        return found, found | self.unknown

    def _below(self, threshold: float, *, within: bool) -> Mask:
        """The variants with a number below a threshold, or equal to it if ``within``."""
        if self._sums is None:
            numbers = sorted(value for value in self.values if isinstance(value, float))
            self._sums = numbers, [0, *accumulate((self.values[number] for number in numbers), or_)]
        numbers, sums = self._sums
        return sums[(bisect_right if within else bisect_left)(numbers, threshold)]


def _truth(operation: Operation, nodes: Iterable[int], holds: list[Mask], may: list[Mask], whole: Mask) -> Truth:
    """The truth of a node, from those of its parts."""
    if isinstance(operation, Count):
        sums = [_sum([masks[part] for part in nodes], operation.points) for masks in (holds, may)]
        enough = [_reach(its, operation.least, whole) for its in sums]
        if operation.most is None:
            return enough[0], enough[1]
        too_many = [_reach(its, operation.most + 1, whole) for its in sums]
        return enough[0] & ~too_many[1], enough[1] & ~too_many[0]
    if operation == ALL:
        sure = possible = whole
        for part in nodes:
            sure &= holds[part]
            possible &= may[part]
        return sure, possible
    if operation == ANY:
        sure = possible = 0
        for part in nodes:
            sure |= holds[part]
            possible |= may[part]
        return sure, possible
    own, *others = nodes
    if operation == NOT:
        return whole ^ may[own], whole ^ holds[own]
    return holds[own], holds[own] | may[own] & ~holds[others[0]]


def union(masks: Iterable[Mask]) -> Mask:
    """The variants that are in any of some masks."""
    found = 0
    for mask in masks:
        found |= mask
    return found


def disjoint(masks: Iterable[Mask]) -> int:
    """How many masks without a common bit are found in turn: a set that meets each mask has at least as many bits."""
    met = number = 0
    for mask in masks:
        if not mask & met:
            met |= mask
            number += 1
    return number


def _sum(masks: Sequence[Mask], points: Sequence[int]) -> list[Mask]:
    """The points of each variant as binary digits: one mask for each digit, the lowest first."""
    digits = [0] * sum(points).bit_length()
    for mask, its in zip(masks, points, strict=True):
        for place in range(its.bit_length()):
            carry, at = mask if its >> place & 1 else 0, place
            while carry:
                digits[at], carry, at = digits[at] ^ carry, digits[at] & carry, at + 1
    return digits


def _reach(digits: Sequence[Mask], bound: int, whole: Mask) -> Mask:
    """The variants whose number is a bound or more, from the lowest digit to the highest."""
    if bound.bit_length() > len(digits):
        return 0
    found = whole
    for place, digit in enumerate(digits):
        found = digit & found if bound >> place & 1 else digit | found
    return found
