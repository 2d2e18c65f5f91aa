"""Constraints in the form of their prime nogoods.

A *nogood* is a combination of facts that cannot occur (J. de Kleer, *An assumption-based TMS*, Artificial Intelligence
28 (1986) 127-162); the *prime* ones are minimal. They are computed by consensus (P. Tison, *Generalization of consensus
theory and application to the minimization of Boolean functions*, IEEE Trans. Electronic Computers EC-16 (1967) 446-456,
with sets of cells for values). Facts have a permitted completion if and only if they contain no prime nogood.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import comb, prod

from expert.lang.errors import InternalError, KnowledgeError, Problem
from expert.lang.premises import All, Any, Compare, Count, In, Is, Literal, Not, Premise, literals, without_count
from expert.lang.vocabulary import Constraint
from expert.logic.cells import Cells
from expert.logic.kleene import holds_of

Nogood = Mapping[str, int]
"""A combination that cannot occur: for each finding a set of cells, as bits of a number."""

MOST = 1000
"""The most prime nogoods of a group; real constraints have a dozen."""

MOST_WAYS = 10_000
"""The most ways in which one constraint may be broken, counted before they are listed."""

MOST_WORK = 3_000_000
"""The most comparisons between nogoods of a group: a few seconds and some 100 megabytes."""


def constrained(constraint: Constraint) -> tuple[str, ...]:
    """The findings in a constraint."""
    return tuple(dict.fromkeys(literal.finding for literal in literals(All(constraint.never))))


def prime_nogoods(constraints: Sequence[Constraint], cells: Cells) -> tuple[Nogood, ...]:
    """The prime nogoods of some constraints over ``cells`` of their findings, in the order of these.

    Raises:
        KnowledgeError: they would be too many.
    """
    closure = _Closure(cells)
    found: list[Nogood] = []
    work = done = 0
    try:
        for constraint in constraints:
            found, work = closure.with_more(found, closure.ways(All(constraint.never), True), work)
            done += 1
    except _TooManyError:
        raise _too_entangled(constraints[: done + 1]) from None
    order = {name: place for place, name in enumerate(cells)}
    return tuple(sorted(found, key=lambda it: sorted((order[name], bits) for name, bits in it.items())))


class _Closure:
    """Closes nogoods under consensus."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self._whole = {name: (1 << len(its)) - 1 for name, its in cells.items()}

    def ways(self, premise: Premise, truth: bool) -> list[Nogood]:
        """The ways in which a premise has a truth, each as sets of cells."""
        match premise:
            case Not():
                return self.ways(premise.premise, not truth)
            case All() | Any():
                ways = [self.ways(part, truth) for part in premise.premises]
                if isinstance(premise, Any) is truth:
                    return [nogood for some in ways for nogood in some]
                if prod(map(len, ways)) > MOST_WAYS:
                    raise _TooManyError
                return [both for chosen in product(*ways) if (both := self._together(chosen)) is not None]
            case Count():
                bounds = premise.least, 0 if premise.most is None else premise.most + 1
                if any(comb(len(premise.premises), bound) > MOST_WAYS for bound in bounds):
                    raise _TooManyError
                return self.ways(without_count(premise), truth)
            case Is() | In() | Compare():
                return self._literal(premise, truth)
        raise ValueError("constraints speak of input findings")

    def _literal(self, literal: Literal, truth: bool) -> list[Nogood]:
        cells = enumerate(self.cells[literal.finding])
        bits = sum(1 << place for place, cell in cells if holds_of(literal, cell.value) is truth)
        return [{literal.finding: bits}] if bits else []

    @staticmethod
    def _together(nogoods: Sequence[Nogood]) -> Nogood | None:
        """The conjunction of nogoods; ``None`` if they exclude each other."""
        found: dict[str, int] = {}
        for nogood in nogoods:
            for name, bits in nogood.items():
                found[name] = found.get(name, bits) & bits
        return found if all(found.values()) else None

    def with_more(self, primes: list[Nogood], written: Sequence[Nogood], work: int) -> tuple[list[Nogood], int]:
        """The prime nogoods with more added: consensus on each finding in turn, until nothing new follows.

        ``work`` is the number of comparisons so far; the new number is returned as well.
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
        """The consensus of two nogoods on each shared finding: its cells of either, and the other cells of both."""
        for name in one.keys() & other.keys():
            rests = [{key: bits for key, bits in it.items() if key != name} for it in (one, other)]
            rest = self._together(rests)
            if rest is not None:
                yield self._without_whole({**rest, name: one[name] | other[name]})

    def _without_whole(self, nogood: Nogood) -> Nogood:
        """A nogood without the findings that it does not restrict."""
        return {name: bits for name, bits in nogood.items() if bits != self._whole[name]}


def _contains(nogood: Nogood, general: Nogood) -> bool:
    """Whether a nogood is a special case of a more general one."""
    return all(name in nogood and not nogood[name] & ~bits for name, bits in general.items())


class _TooManyError(InternalError):
    """There are too many nogoods."""


def _too_entangled(constraints: Sequence[Constraint]) -> KnowledgeError:
    """The error about the last of some constraints, which has made too many nogoods."""
    *before, last = constraints
    tied = len({name for constraint in constraints for name in constrained(constraint)})
    named, more = ", ".join(it.id for it in before[-3:]), len(before) - 3
    others = f", with {named}{f' and {more} more' if more > 0 else ''}," if before else ""
    message = f"the constraint {last.id}{others} ties {tied} findings together in too many ways to be settled"
    expected = "constraints that tie fewer findings together, or that say it in fewer ways"
    return KnowledgeError([Problem(message, at=last.at, expected=expected)])
