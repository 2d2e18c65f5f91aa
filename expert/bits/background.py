"""The background of many variants at once: what is given, by default, forced and presumed in each of them.

It is that of `expert.logic.domain.Domain.possible_background`, variant by variant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from expert.bits.program import Mask, Masks, Program, Truths, union
from expert.lang.premises import literals
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
        self._groups = [_Group(group) for group in domain.groups]
        self._tying = {name: group for group in self._groups for name in group.cells}
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

    def behind(self, wanted: Mapping[str, Mask], fixed: Masks) -> dict[str, Mask]:
        """Findings of interest, each in some variants, and those whose change may change what counts of them.

        What is ``fixed`` in a variant keeps its value. A nogood that a fixed value rules out forces and excludes
        nothing.
        """
        found = dict(wanted)
        ahead = list(wanted)
        while ahead:
            name = ahead.pop()
            for other, mask in self._moving(name, found[name] & ~_known(fixed, name), fixed):
                if mask & ~found.get(other, 0):
                    found[other] = found.get(other, 0) | mask
                    ahead.append(other)
        return found

    def _moving(self, name: str, among: Mask, fixed: Masks) -> Iterator[tuple[str, Mask]]:
        """Findings whose value has a direct effect on that of another, and the variants in which it has."""
        if among and name in self._tying:
            yield from self._tying[name].moving(name, among, fixed)
        if among and name in self._presumed_unless:
            yield from ((it.finding, among) for it in literals(self._presumed_unless[name]))

    def forbidden(self, name: str, facts: Masks, among: Mask) -> Mask:
        """The variants in which the value of a finding contradicts other facts."""
        return self._tying[name].forbidden(name, facts, among) if name in self._tying else 0

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

    def moving(self, name: str, among: Mask, fixed: Masks) -> Iterator[tuple[str, Mask]]:
        """The findings in nogoods with one, and the variants in which no fixed value rules out the nogood."""
        cells = {other: self._by_cell(other, fixed.get(other, {})) for other in self.cells}
        for nogood in self._about[name]:
            others = [other for other in nogood if other != name]
            out = (cells[it][place] for it in others for place in range(len(cells[it])) if place not in nogood[it])
            live = among & ~union(out)
            yield from ((other, live) for other in others)

    def forbidden(self, name: str, facts: Masks, among: Mask) -> Mask:
        """The variants in which a nogood about a finding is met."""
        cells = {other: self._by_cell(other, facts.get(other, {})) for other in self.cells}
        return union(_met(nogood, cells, among) for nogood in self._about[name])

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
