"""Constraints between findings: what they permit, what they force, and which presumptions they exclude.

Constraints that share no finding, not even by way of others, have nothing to do with each other: each group of tied
findings is settled by itself. A group is brought into the form of its *prime nogoods*: all minimal combinations of what
cannot be known together (P. Tison, *Generalization of consensus theory and application to the minimization of Boolean
functions*, IEEE Trans. Electronic Computers EC-16 (1967) 446-456, with sets of cells for values; nogood is J. de
Kleer's word, *An assumption-based TMS*, Artificial Intelligence 28 (1986) 127-162). Every impossible combination of
facts contains one of them, so that facts can be completed if and only if they meet none, and what follows from
constraints becomes premises, which every executor can run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from math import prod
from typing import NamedTuple

from expert.lang.errors import InternalError, KnowledgeError, Problem
from expert.lang.model import KnowledgeBase
from expert.lang.premises import All, Any, Compare, In, Is, Literal, Not, Premise, literals
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import Constraint
from expert.logic.cells import Cells, lies_in, place_of
from expert.logic.kleene import holds_of

Nogood = Mapping[str, int]
"""A combination that cannot occur: findings with the cells they lie in, as bits of a number."""

REMEMBERED = 4096
"""Of so many combinations of facts a group remembers what follows: deviations from a patient ask for few, often."""

MOST = 1000
"""So many prime nogoods in a group are still settled at once; people's constraints have a dozen."""

MOST_WAYS = 10_000
"""In so many ways one constraint may be broken; they are counted before any is written out."""

MOST_WORK = 3_000_000
"""So many nogoods of a group are compared with each other, or wait to be: a few seconds and some 100 megabytes."""


class Settled(NamedTuple):
    """What constraints make of facts: values that they force, and findings of which they exclude the usual value."""

    forced: Mapping[str, Value]
    excluded: frozenset[str]


def constrained(constraint: Constraint) -> tuple[str, ...]:
    """The findings that a constraint speaks of."""
    return tuple(dict.fromkeys(literal.finding for literal in literals(All(constraint.never))))


def question_of(kb: KnowledgeBase) -> dict[str, str]:
    """For each follow-up question that a constraint ties to the question before it: the finding first asked about.

    A patient with a new MRI since the symptoms returned has had an operation: both questions are about one thing.
    """
    tied = [set(constrained(constraint)) for constraint in kb.constraints]
    before: dict[str, str] = {}
    for name, finding in kb.inputs.items():
        asked_if = () if finding.asked_if is None else literals(finding.asked_if)
        for other in (literal.finding for literal in asked_if):
            if other != name and any({name, other} <= names for names in tied):
                before.setdefault(name, other)
    return {name: _first(name, before) for name in before}


def _first(name: str, before: Mapping[str, str]) -> str:
    """Where a chain of questions begins; one that is a circle, at its next."""
    seen = {name}
    while (name := before[name]) in before and name not in seen:
        seen.add(name)
    return name


def tied_groups(constraints: Sequence[Constraint]) -> list[list[Constraint]]:
    """The constraints in groups that have no finding in common."""
    tied: dict[str, frozenset[str]] = {}
    for constraint in constraints:
        names = frozenset(constrained(constraint))
        together = names.union(*(tied.get(name, ()) for name in names))
        tied.update(dict.fromkeys(together, together))
    groups: dict[frozenset[str], list[Constraint]] = {}
    for constraint in constraints:
        groups.setdefault(tied[constrained(constraint)[0]], []).append(constraint)
    return list(groups.values())


class Tied:
    """Findings that constraints tie together.

    Attributes:
        names: the findings.
        usual: those of them that have a usual value, with it, in the order in which they are presumed.
        nogoods: the prime nogoods of the constraints.
    """

    def __init__(self, constraints: Sequence[Constraint], cells: Cells, usual: Facts) -> None:
        """``cells`` and ``usual`` are those of all findings.

        Raises:
            KnowledgeError: the constraints are too entangled.
        """
        self.names = tuple(dict.fromkeys(name for constraint in constraints for name in constrained(constraint)))
        self.usual = {name: value for name, value in usual.items() if name in self.names}
        self.cells = {name: cells[name] for name in self.names}
        self._whole = {name: (1 << len(cells[name])) - 1 for name in self.names}
        self._bits: dict[tuple[str, Value], int] = {}
        self.nogoods = self._prime(constraints)
        self._about = {name: [nogood for nogood in self.nogoods if name in nogood] for name in self.names}
        self._settled = lru_cache(REMEMBERED)(self._settle)

    # --- of one patient

    def permits(self, facts: Facts) -> bool:
        """Whether some completion of the facts breaks none of these constraints."""
        known = self._known(facts)
        return not any(self._met(nogood, known) for nogood in self.nogoods)

    def conflict(self, facts: Facts) -> list[str] | None:
        """Findings whose values cannot occur together, of which none can be left out; ``None`` if they can.

        Of what could be left out, the earlier findings are. Where no patient is permitted, no finding is needed.
        """
        known = self._known(facts)
        met = [nogood for nogood in self.nogoods if self._met(nogood, known)]
        if not met:
            return None
        needed = []
        for name in known:
            if others := [nogood for nogood in met if name not in nogood]:
                met = others
            else:
                needed.append(name)
        return needed

    def settled(self, facts: Facts) -> Settled | None:
        """The values that are forced and the presumptions that are excluded; ``None`` if the facts are impossible."""
        return self._settled(tuple([facts.get(name) for name in self.names]))

    def _settle(self, values: tuple[Value | None, ...]) -> Settled | None:
        given = zip(self.names, values, strict=True)
        known = {name: self._bit(name, value) for name, value in given if value is not None}
        if any(self._met(nogood, known) for nogood in self.nogoods):
            return None
        left = {name: self._whole[name] & ~self._ruled_out(name, known) for name in self.names if name not in known}
        forced = {
            name: self.cells[name][bits.bit_length() - 1].value
            for name, bits in left.items()
            if self._is_one_value(name, bits)
        }
        known |= self._known(forced)
        excluded = set()
        for name, value in self.usual.items():
            if name not in known:
                bit = self._bit(name, value)
                if bit & self._ruled_out(name, known):
                    excluded.add(name)
                else:
                    known[name] = bit
        return Settled(forced, frozenset(excluded))

    def _known(self, facts: Facts) -> dict[str, int]:
        return {name: self._bit(name, facts[name]) for name in self.names if name in facts}

    def _bit(self, name: str, value: Value) -> int:
        if isinstance(value, float):
            return 1 << place_of(self.cells[name], value)
        key = name, value
        if key not in self._bits:
            self._bits[key] = 1 << place_of(self.cells[name], value)
        return self._bits[key]

    @staticmethod
    def _met(nogood: Nogood, known: Mapping[str, int], but: str = "") -> bool:
        return all(bits & known.get(name, 0) for name, bits in nogood.items() if name != but)

    def _ruled_out(self, name: str, known: Mapping[str, int]) -> int:
        bits = 0
        for nogood in self._about[name]:
            if self._met(nogood, known, name):
                bits |= nogood[name]
        return bits

    def _is_one_value(self, name: str, bits: int) -> bool:
        return bits.bit_count() == 1 and self.cells[name][bits.bit_length() - 1].is_point

    # --- of every patient

    def impossible(self) -> Premise:
        """That no patient can have the facts."""
        return Any(tuple(self._all(nogood) for nogood in self.nogoods))

    def forcing(self) -> Iterator[tuple[str, Value, Premise]]:
        """Findings with a value and what forces it, in case the finding is unknown, and the facts are possible."""
        for name, cells in self.cells.items():
            for place, cell in enumerate(cells):
                others = [it for it in range(len(cells)) if it != place]
                if cell.is_point and all(self._out(name, other) for other in others):
                    yield name, cell.value, All(tuple(Any(self._out(name, other)) for other in others))

    def excluding(self) -> Iterator[tuple[str, Premise]]:
        """Findings, in the order in which they are presumed, with what excludes their usual value.

        It speaks of facts, of forced values, and of what has been presumed before.
        """
        for name, value in self.usual.items():
            yield name, Any(self._out(name, place_of(self.cells[name], value)))

    def _out(self, name: str, place: int) -> tuple[Premise, ...]:
        """What rules out a cell of a finding: one way or another."""
        return tuple(self._all(nogood, name) for nogood in self._about[name] if nogood[name] & 1 << place)

    def _all(self, nogood: Nogood, but: str = "") -> Premise:
        return All(tuple(self._lies_in(name, bits) for name, bits in nogood.items() if name != but))

    def _lies_in(self, name: str, bits: int) -> Premise:
        return lies_in(name, [cell for place, cell in enumerate(self.cells[name]) if bits & 1 << place])

    # --- prime nogoods

    def _written(self, premise: Premise, truth: bool) -> list[Nogood]:
        """The ways in which a premise has a truth, each as what findings then are."""
        match premise:
            case Not():
                return self._written(premise.premise, not truth)
            case All() | Any():
                ways = [self._written(part, truth) for part in premise.premises]
                if isinstance(premise, Any) is truth:
                    return [nogood for some in ways for nogood in some]
                if prod(map(len, ways)) > MOST_WAYS:
                    raise _TooManyError
                return [both for chosen in product(*ways) if (both := self._together(chosen)) is not None]
            case Is() | In() | Compare():
                return self._literal(premise, truth)
        raise ValueError("constraints speak of input findings")

    def _literal(self, literal: Literal, truth: bool) -> list[Nogood]:
        cells = enumerate(self.cells[literal.finding])
        bits = sum(1 << place for place, cell in cells if holds_of(literal, cell.value) is truth)
        return [{literal.finding: bits}] if bits else []

    @staticmethod
    def _together(nogoods: Sequence[Nogood]) -> Nogood | None:
        """All of some together; ``None`` if they exclude each other."""
        found: dict[str, int] = {}
        for nogood in nogoods:
            for name, bits in nogood.items():
                found[name] = found.get(name, bits) & bits
        return found if all(found.values()) else None

    def _prime(self, constraints: Sequence[Constraint]) -> tuple[Nogood, ...]:
        """All prime nogoods that follow: those of one constraint after another."""
        found: list[Nogood] = []
        work = done = 0
        try:
            for constraint in constraints:
                found, work = self._closed(found, self._written(All(constraint.never), True), work)
                done += 1
        except _TooManyError:
            raise _too_entangled(constraints[: done + 1]) from None
        order = {name: place for place, name in enumerate(self.names)}
        return tuple(sorted(found, key=lambda it: sorted((order[name], bits) for name, bits in it.items())))

    def _closed(self, primes: list[Nogood], written: Sequence[Nogood], work: int) -> tuple[list[Nogood], int]:
        """The prime nogoods with more: consensus on each finding in turn, until nothing new follows.

        ``work`` counts what has been compared, and is returned with what has been since.
        """
        found = primes
        waiting = deque(self._without_whole(nogood) for nogood in written)
        while waiting:
            nogood = waiting.popleft()
            work += len(found)
            if any(_contains(nogood, other) for other in found):
                continue
            found = [other for other in found if not _contains(other, nogood)]
            waiting += [new for other in found for new in self._consensus(nogood, other)]
            found.append(nogood)
            if len(found) > MOST or work + len(waiting) * len(found) > MOST_WORK:
                raise _TooManyError
        return found, work

    def _consensus(self, one: Nogood, other: Nogood) -> Iterator[Nogood]:
        """What follows from two: of a finding that they share the cells of either, of the rest those of both."""
        for name in one.keys() & other.keys():
            rests = [{key: bits for key, bits in it.items() if key != name} for it in (one, other)]
            rest = self._together(rests)
            if rest is not None:
                yield self._without_whole({**rest, name: one[name] | other[name]})

    def _without_whole(self, nogood: Nogood) -> Nogood:
        """A nogood without findings of which it says nothing."""
        return {name: bits for name, bits in nogood.items() if bits != self._whole[name]}


def _contains(nogood: Nogood, general: Nogood) -> bool:
    """Whether a more general nogood is met wherever a nogood is."""
    return all(name in nogood and not nogood[name] & ~bits for name, bits in general.items())


class _TooManyError(InternalError):
    """There are too many nogoods."""


def _too_entangled(constraints: Sequence[Constraint]) -> KnowledgeError:
    """The last of some constraints is one too many."""
    *before, last = constraints
    tied = len({name for constraint in constraints for name in constrained(constraint)})
    named, more = ", ".join(it.id for it in before[-3:]), len(before) - 3
    others = f", with {named}{f' and {more} more' if more > 0 else ''}," if before else ""
    message = f"the constraint {last.id}{others} ties {tied} findings together in too many ways to be settled"
    expected = "constraints that tie fewer findings together, or that say it in fewer ways"
    return KnowledgeError([Problem(message, at=last.at, expected=expected)])
