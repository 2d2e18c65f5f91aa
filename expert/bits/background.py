"""The background of many variants at once: what is given, by default, forced and presumed in each of them.

It is that of `expert.logic.domain.Domain.possible_background`, variant by variant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from expert.bits.program import Mask, Masks, Program, Truths, union
from expert.lang.values import Facts, Value
from expert.logic.cells import place_of
from expert.logic.constraints import Tied
from expert.logic.domain import Domain


class BackgroundMasks(NamedTuple):
    """What is known and presumed in each variant.

    Attributes:
        possible: the variants that the constraints permit; the other masks are meaningless outside it.
        known: what is given, by default, or forced.
        all: what is known or presumed.
    """

    possible: Mask
    known: Masks
    all: Masks

    def facts(self, variant: int) -> dict[str, Value]:
        """All facts of one variant, known or presumed."""
        return facts_of(self.all, variant)


Part = tuple[Mask, Masks]
"""Some variants, with facts of them."""


def facts_of(masks: Masks, variant: int) -> dict[str, Value]:
    """The facts of one variant in masks."""
    return {name: value for name, values in masks.items() for value, mask in values.items() if mask >> variant & 1}


def masks_of(patients: Iterable[Facts]) -> dict[str, dict[Value, Mask]]:
    """The facts of patients as masks, with one bit for each patient."""
    found: dict[str, dict[Value, Mask]] = {}
    for place, facts in enumerate(patients):
        for name, value in facts.items():
            values = found.setdefault(name, {})
            values[value] = values.get(value, 0) | 1 << place
    return found


class BackgroundProgram:
    """The defaults, constraints and presumptions of a domain, compiled for bits."""

    def __init__(self, domain: Domain) -> None:
        self._defaults, self._usual = domain.defaults, domain.usual
        self._presumed_unless = domain.kb.presumed_unless
        others = {
            name: [it.value for it in cells if not it.holds(domain.usual.get(name))] or [cells[0].value]
            for name, cells in domain.cells.items()
        }
        first = {name: its[0] for name, its in others.items()}
        self._values = {**first, **domain.usual}, first, {name: its[-1] for name, its in others.items()}
        self._groups = [_Group(group) for group in domain.groups]
        self._nothing = Program(domain.definitions, ())

    def run(self, given: Masks, whole: Mask) -> BackgroundMasks:
        """The backgrounds of the variants of ``whole`` from what is given in each."""
        known = {name: dict(values) for name, values in given.items()}
        for name, value in self._defaults.items():
            _add(known, name, value, whole & ~_known(known, name))
        forced = [group.force(known, whole) for group in self._groups]
        possible = whole & ~union(impossible for impossible, _ in forced)
        presumed = self._not_withheld(known, whole)
        for group, (_, cells) in zip(self._groups, forced, strict=True):
            group.presume(cells, presumed, whole)
        everything = {name: dict(values) for name, values in known.items()}
        for name, value in self._usual.items():
            _add(everything, name, value, presumed[name] & ~_known(known, name))
        return BackgroundMasks(possible, known, everything)

    def completed(
        self, given: Masks, found: BackgroundMasks, open_in: Mapping[str, Mask], whole: Mask
    ) -> Iterator[Part]:
        """Some completions of variants in which findings are open, and the variants of which each is one.

        All open findings get their usual values, or all the first or the last of their others. It is a completion where
        the constraints permit it, and all that was known or presumed before still is.
        """
        for values in self._values:
            more = {name: dict(its) for name, its in given.items()}
            for name, mask in open_in.items():
                _add(more, name, values[name], mask)
            other = self.run(more, whole)
            changed = union(
                mask & ~other.all.get(name, {}).get(value, 0)
                for name, its in found.all.items()
                for value, mask in its.items()
            )
            yield other.possible & ~changed, other.all

    def _not_withheld(self, known: Masks, whole: Mask) -> dict[str, Mask]:
        """For each usual value, the variants in which its ``presumed_unless`` is not known to hold."""
        truths = Truths(self._nothing, known, whole, [], [])
        withheld = {name: truths.evaluate(it)[0] for name, it in self._presumed_unless.items()}
        return {name: whole & ~withheld.get(name, 0) for name in self._usual}


_ByCell = dict[str, list[Mask]]
"""For each finding, the variants in which it lies in each of its cells."""


class _Group:
    """Findings that constraints tie together (see `expert.logic.constraints.Tied`)."""

    def __init__(self, group: Tied) -> None:
        self.cells = group.cells
        self.usual = {name: place_of(group.cells[name], value) for name, value in group.usual.items()}
        self._place = {
            name: {cell.value: place for place, cell in enumerate(cells)} for name, cells in group.cells.items()
        }
        self._nogoods = [
            {name: [place for place in range(bits.bit_length()) if bits >> place & 1] for name, bits in nogood.items()}
            for nogood in group.nogoods
        ]
        self._about = {name: [nogood for nogood in self._nogoods if name in nogood] for name in group.names}

    def force(self, known: dict[str, dict[Value, Mask]], whole: Mask) -> tuple[Mask, _ByCell]:
        """Add forced values to ``known``; the variants that the constraints forbid, and what is known by cells."""
        cells = {name: self._by_cell(name, known.get(name, {})) for name in self.cells}
        impossible = 0
        for nogood in self._nogoods:
            impossible |= _met(nogood, cells, whole)
        forced = [
            (name, place, mask) for name in self.cells for place, mask in enumerate(self._forced(name, cells, whole))
        ]
        for name, place, mask in forced:
            cells[name][place] |= mask
            _add(known, name, self.cells[name][place].value, mask)
        return impossible, cells

    def presume(self, cells: _ByCell, presumed: dict[str, Mask], whole: Mask) -> None:
        """Remove excluded values from ``presumed``; ``cells`` are what is known, to which presumptions are added."""
        for name, place in self.usual.items():
            unknown = presumed[name] & whole & ~union(cells[name])
            presumed[name] = unknown & ~self._ruled_out(name, place, cells, unknown)
            cells[name][place] |= presumed[name]

    def _by_cell(self, name: str, values: Mapping[Value, Mask]) -> list[Mask]:
        found = [0] * len(self.cells[name])
        places = self._place[name]
        for value, mask in values.items():
            found[places[value] if value in places else place_of(self.cells[name], value)] |= mask
        return found

    def _forced(self, name: str, cells: _ByCell, whole: Mask) -> list[Mask]:
        """For each cell of a finding, the variants in which the finding is unknown and no other cell is left."""
        unknown = whole & ~union(cells[name])
        if not unknown:
            return []
        left = [unknown & ~self._ruled_out(name, place, cells, unknown) for place in range(len(cells[name]))]
        once = more = 0
        for mask in left:
            more |= once & mask
            once |= mask
        return [mask & ~more if cell.is_point else 0 for mask, cell in zip(left, self.cells[name], strict=True)]

    def _ruled_out(self, name: str, place: int, cells: _ByCell, among: Mask) -> Mask:
        """The variants in which known values rule out one cell of a finding."""
        found = 0
        for nogood in self._about[name]:
            if place in nogood[name]:
                found |= _met(nogood, cells, among, name)
        return found


def _met(nogood: Mapping[str, Sequence[int]], cells: _ByCell, among: Mask, but: str = "") -> Mask:
    """The variants in which a nogood is met, one finding aside."""
    for name, places in nogood.items():
        if name != but:
            among &= union([cells[name][place] for place in places])
            if not among:
                break
    return among


def _add(masks: dict[str, dict[Value, Mask]], name: str, value: Value, mask: Mask) -> None:
    if mask:
        values = masks.setdefault(name, {})
        values[value] = values.get(value, 0) | mask


def _known(masks: Masks, name: str) -> Mask:
    return union(masks.get(name, {}).values())
