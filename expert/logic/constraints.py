"""Constraints between findings: what they permit, what they force, and which presumptions they exclude.

Constraints that share no finding, directly or through others, are independent: each group of tied findings is settled
separately. Its prime nogoods (see `expert.logic.nogoods`) decide which facts are possible. For executors, what follows
from constraints is also available as premises.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache

from expert.lang.model import KnowledgeBase
from expert.lang.premises import All, Any, Premise, literals
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import Constraint
from expert.logic.cells import Cells, lies_in, place_of
from expert.logic.nogoods import Nogood, constrained, prime_nogoods

REMEMBERED = 4096
"""The size of a group's cache: the deviations of one patient repeat few combinations of facts."""


def question_of(kb: KnowledgeBase) -> dict[str, str]:
    """For each follow-up question that is tied to an earlier one by a constraint, the first finding of that chain.

    A patient with a new MRI since the symptoms returned has had an operation: both questions have one subject.
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
    """The start of a chain of questions; in a circle, the finding after ``name``."""
    seen = {name}
    while (name := before[name]) in before and name not in seen:
        seen.add(name)
    return name


def tied_groups(constraints: Sequence[Constraint]) -> list[list[Constraint]]:
    """The constraints, grouped so that no two groups share a finding."""
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
        usual: their usual values, in the order in which they are presumed.
        nogoods: the prime nogoods of the constraints.
    """

    def __init__(self, constraints: Sequence[Constraint], cells: Cells, usual: Facts) -> None:
        """``cells`` and ``usual`` are those of all findings.

        Raises:
            KnowledgeError: the constraints have too many nogoods.
        """
        self.names = tuple(dict.fromkeys(name for constraint in constraints for name in constrained(constraint)))
        self.usual = {name: value for name, value in usual.items() if name in self.names}
        self.cells = {name: cells[name] for name in self.names}
        self._whole = {name: (1 << len(cells[name])) - 1 for name in self.names}
        self._bits: dict[tuple[str, Value], int] = {}
        self.nogoods = prime_nogoods(constraints, self.cells)
        self._about = {name: [nogood for nogood in self.nogoods if name in nogood] for name in self.names}
        self._forced = lru_cache(REMEMBERED)(self._find_forced)
        self._excluded = lru_cache(REMEMBERED)(self._find_excluded)

    # --- of one patient

    def permits(self, facts: Facts) -> bool:
        """Whether some completion of the facts breaks none of these constraints."""
        known = self._known(facts)
        return not any(self._met(nogood, known) for nogood in self.nogoods)

    def conflict(self, facts: Facts) -> list[str] | None:
        """A minimal set of findings whose values contradict each other; ``None`` if the facts are consistent.

        Earlier findings are left out first. The set is empty if no patient is permitted at all.
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

    def forced(self, facts: Facts) -> Facts | None:
        """The values that the facts force; ``None`` if they contradict each other."""
        return self._forced(tuple([facts.get(name) for name in self.names]))

    def excluded(self, known: Facts, not_presumed: Collection[str]) -> frozenset[str]:
        """The findings whose usual value is excluded by what is known, or by the presumptions before it."""
        never = frozenset(not_presumed).intersection(self.names)
        return self._excluded(tuple([known.get(name) for name in self.names]), never)

    def _find_forced(self, values: tuple[Value | None, ...]) -> Facts | None:
        known = self._places(values)
        if any(self._met(nogood, known) for nogood in self.nogoods):
            return None
        left = {name: self._whole[name] & ~self._ruled_out(name, known) for name in self.names if name not in known}
        return {
            name: self.cells[name][bits.bit_length() - 1].value
            for name, bits in left.items()
            if bits.bit_count() == 1 and self.cells[name][bits.bit_length() - 1].is_point
        }

    def _find_excluded(self, values: tuple[Value | None, ...], never: frozenset[str]) -> frozenset[str]:
        known = self._places(values)
        excluded = set()
        for name, value in self.usual.items():
            if name not in known and name not in never:
                bit = self._bit(name, value)
                if bit & self._ruled_out(name, known):
                    excluded.add(name)
                else:
                    known[name] = bit
        return frozenset(excluded)

    def _places(self, values: tuple[Value | None, ...]) -> dict[str, int]:
        given = zip(self.names, values, strict=True)
        return {name: self._bit(name, value) for name, value in given if value is not None}

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

    # --- of every patient

    def impossible(self) -> Premise:
        """The premise that the facts contradict each other."""
        return Any(tuple(self._all(nogood) for nogood in self.nogoods))

    def forcing(self) -> Iterator[tuple[str, Value, Premise]]:
        """Values with the premises that force them, for unknown findings and consistent facts."""
        for name, cells in self.cells.items():
            for place, cell in enumerate(cells):
                others = [it for it in range(len(cells)) if it != place]
                if cell.is_point and all(self._out(name, other) for other in others):
                    yield name, cell.value, All(tuple(Any(self._out(name, other)) for other in others))

    def excluding(self) -> Iterator[tuple[str, Premise]]:
        """Findings, in the order in which they are presumed, with the premise that excludes their usual value.

        The premise is about facts, forced values and earlier presumptions.
        """
        for name, value in self.usual.items():
            yield name, Any(self._out(name, place_of(self.cells[name], value)))

    def _out(self, name: str, place: int) -> tuple[Premise, ...]:
        """The premises each of which rules out a cell of a finding."""
        return tuple(self._all(nogood, name) for nogood in self._about[name] if nogood[name] & 1 << place)

    def _all(self, nogood: Nogood, but: str = "") -> Premise:
        return All(tuple(self._lies_in(name, bits) for name, bits in nogood.items() if name != but))

    def _lies_in(self, name: str, bits: int) -> Premise:
        return lies_in(name, [cell for place, cell in enumerate(self.cells[name]) if bits & 1 << place])
