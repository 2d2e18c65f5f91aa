"""The space of patients: the cells of each finding, and the constraints between findings."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from math import floor
from threading import RLock
from typing import TYPE_CHECKING

from expert.lang.definitions import Definitions
from expert.lang.errors import PatientError, Problem
from expert.lang.facts import Background, Patient
from expert.lang.premises import All, Compare, In, Is, Literal, Name, Premise, literals
from expert.lang.units import write_value
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import Finding, Kind
from expert.logic.background import Backgrounds
from expert.logic.cells import Cell, cells_of, place_of, thresholds_of
from expert.logic.constraints import Tied, tied_groups
from expert.logic.plausibility import Plausibility
from expert.logic.plausible_values import plausible_values

if TYPE_CHECKING:
    from fractions import Fraction

_FINEST = 10**9
"""The largest denominator of a resolution, which is stored as a rounded number."""


class Domain:
    """The patients that a knowledge base distinguishes and permits.

    Attributes:
        cells: the cells of each input finding, in the order of their values.
        constrained: the findings that occur in constraints.
        tied: for each constrained finding, those that chains of constraints connect it to, itself included.
        linked: for each finding that constraints or ``presumed_unless`` speak of, those that chains of these connect it
            to, itself included: a change of one may change what counts of another.
        usual: the values that are presumed.
        defaults: the policies that count as given unless the site gives another value.
        plausibility: what is plausible of given values; it has no part in which patients are permitted.
        lock: held while the domain's solver is used, which all threads share.
    """

    def __init__(self, definitions: Definitions, also: Iterable[Premise] = ()) -> None:
        """The patients are distinguished by the premises of the knowledge base and those of ``also``."""
        self.definitions = definitions
        self.kb = definitions.kb
        self.thresholds = thresholds_of(definitions, also)
        self.cells = {
            name: cells_of(finding, self.thresholds.get(name, ())) for name, finding in self.kb.inputs.items()
        }
        self.defaults = {
            name: finding.default for name, finding in self.kb.inputs.items() if finding.default is not None
        }
        self.usual = {name: finding.usual for name, finding in self.kb.inputs.items() if finding.usual is not None}
        groups = tied_groups(self.kb.constraints)
        self.groups = [Tied(group, self.cells, self.usual) for group in groups]
        self.tied = {name: frozenset(group.names) for group in self.groups for name in group.names}
        self.constrained = tuple(self.tied)
        self._backgrounds = Backgrounds(definitions, self.cells, self.groups, self.defaults, self.usual)
        self.plausibility = Plausibility(definitions)
        self.linked = _linked(self)
        self.lock = RLock()

    @property
    def presumed(self) -> dict[str, Value]:
        """What counts of a finding that is not given, if nothing forces it: its default or its usual value."""
        return {**self.usual, **self.defaults}

    @cached_property
    def places(self) -> Mapping[str, Mapping[Cell, int]]:
        """For each input finding, the positions of its cells in the order of their values."""
        return {name: {cell: place for place, cell in enumerate(cells)} for name, cells in self.cells.items()}

    @cached_property
    def _order(self) -> Mapping[str, int]:
        return {name: place for place, name in enumerate(self.kb.given)}

    def in_order(self, names: Iterable[str]) -> list[str]:
        """Given findings in the vocabulary's order."""
        return sorted(names, key=self._order.__getitem__)

    def tied_to(self, names: Iterable[str]) -> frozenset[str]:
        """Input findings and those that constraints tie to them."""
        return frozenset(other for name in names for other in self.tied.get(name, (name,)))

    def linked_to(self, names: Iterable[str]) -> frozenset[str]:
        """Input findings and those whose values can change what counts of them, presumptions included."""
        return frozenset(other for name in names for other in self.linked.get(name, (name,)))

    def affecting(self, names: Iterable[Name]) -> frozenset[str]:
        """The input findings that can change the truth of some names, directly or through constraints."""
        return self.tied_to(finding for name in names for finding in self.definitions.inputs[name])

    def swaying(self, names: Iterable[Name]) -> frozenset[str]:
        """The input findings that can change the truth of some names, also by what is presumed."""
        return self.linked_to(finding for name in names for finding in self.definitions.inputs[name])

    def permitted(self, facts: Facts) -> bool:
        """Whether some completion of the facts breaks no constraint."""
        return all(group.permits(facts) for group in self.groups)

    def wrong(self, facts: Mapping[str, object], *, or_unknown: bool = False) -> list[Problem]:
        """What is wrong with single facts in the form that executors use; ``None`` is valid with ``or_unknown``.

        `expert.read.patient` checks what people write. This check keeps values of a wrong type from programs out of
        comparisons.
        """
        return [
            Problem(f"{name} cannot be {value!r}" if name in self.kb.given else f"{name!r} is not given by people")
            for name, value in facts.items()
            if name not in self.kb.given
            or not (_is_value(self.kb.given[name], value) or (or_unknown and value is None))
        ]

    def background(self, given: Facts, patient: Patient | None = None) -> Background:
        """Given facts with the defaults, the forced and the presumed values.

        Errors show the facts as the ``patient`` has them written.

        Raises:
            PatientError: a fact is not a value of an input finding, or the facts contradict each other or are not
                plausible together.
        """
        if wrong := self.wrong(given):
            raise PatientError(wrong)
        found, patient = self.possible_background(given), patient or Patient(given)
        if found is None:
            raise PatientError([self._backgrounds.contradiction(patient)])
        if wrong := self.plausibility.problems(patient):
            raise PatientError(wrong)
        return found

    def possible_background(self, given: Facts) -> Background | None:
        """The same, or ``None`` if the facts contradict each other."""
        return self._backgrounds.of(given)

    def unusual(self, facts: Facts) -> dict[str, Value]:
        """The facts that are not presumed anyway, nor count by default."""
        usual, withheld = self.presumed, self._backgrounds.withheld(facts)
        return {name: value for name, value in facts.items() if name in withheld or usual.get(name) != value}

    def forced(self, known: Facts) -> Facts:
        """The values that the constraints force from these facts, which must be consistent."""
        return self._backgrounds.forced(known)

    def write(self, name: str, value: Value | None) -> str:
        """A value as people write it."""
        return write_value(self.kb.findings[name], value)

    def cell_of(self, name: str, value: Value) -> Cell:
        """The cell that a value lies in."""
        try:
            return self.cells[name][place_of(self.cells[name], value)]
        except ValueError:
            raise ValueError(f"{value!r} is not a value of {name}") from None

    def nearest(self, name: str, cells: Sequence[Cell], now: Value | None) -> Value | None:
        """The value in one of these cells that is nearest to the present one; ``None`` if none can be stated.

        Quantities are stated in steps of their resolution. Without a present value, the least value is nearest.
        """
        finding = self.kb.findings[name]
        if finding.kind is not Kind.QUANTITY:
            ordered = [cell.value for cell in self.cells[name]]
            start = ordered.index(now) if now is not None else 0
            return min((cell.value for cell in cells), key=lambda value: abs(ordered.index(value) - start))
        wanted = now if isinstance(now, float) else finding.low
        stated = [number for cell in cells for number in _stated(finding, cell, wanted)]
        return min(stated, key=lambda number: (abs(number - wanted), number), default=None)

    def plausible(self, facts: Facts, kept: Container[str] = ()) -> Facts | None:
        """The facts of a made-up patient with values that are not refused, each as near in its cell as can be.

        ``kept`` findings keep their values. ``None``: they cannot have such values.
        """
        return plausible_values(self, facts, kept)

    def premise(self, name: str, cells: Iterable[Cell]) -> Premise:
        """The same as `premises`, as one premise."""
        found = self.premises(name, cells)
        return found[0] if len(found) == 1 else All(found)

    def premises(self, name: str, cells: Iterable[Cell]) -> tuple[Literal, ...]:
        """Premises that together place a finding in these cells; a quantity, in their span.

        For a yes/no finding there must be one cell: no premise expresses that its value is known.
        """
        found = list(cells)
        values = [cell.value for cell in found]
        if isinstance(values[0], bool):
            assert len(values) == 1
            return (Is(name, values[0]),)
        if isinstance(values[0], str):
            return (Is(name, values[0]) if len(values) == 1 else In(name, tuple(map(str, values))),)
        return tuple(self._bounds(name, found)) or (self._compare(name, ">=", self.kb.findings[name].low),)

    def _bounds(self, name: str, cells: list[Cell]) -> Iterator[Compare]:
        ordered = self.cells[name]
        places = [self.places[name][cell] for cell in cells]
        first, last = min(places), max(places)
        low, high = ordered[first], ordered[last]
        if first > 0:
            yield self._compare(name, ">=" if low.is_point else ">", low.lower)
        if last < len(ordered) - 1:
            yield self._compare(name, "<=" if high.is_point else "<", high.upper)

    def _compare(self, name: str, sign: str, number: float | None) -> Compare:
        assert number is not None
        return Compare(name, sign, number, self.thresholds[name].get(number) or self.write(name, number))


def _linked(domain: Domain) -> dict[str, frozenset[str]]:
    found = dict(domain.tied)
    for name, premise in domain.kb.presumed_unless.items():
        names = [name, *(literal.finding for literal in literals(premise))]
        together = frozenset(other for it in names for other in found.get(it, (it,)))
        found.update(dict.fromkeys(together, together))
    return found


def _is_value(finding: Finding, value: object) -> bool:
    """Whether a value has the type of a finding's kind and is one of its values."""
    match finding.kind:
        case Kind.YES_NO:
            return isinstance(value, bool)
        case Kind.CHOICE:
            return isinstance(value, str) and value in finding.values
        case Kind.QUANTITY:
            return isinstance(value, float) and finding.low <= value <= finding.high


def step_of(finding: Finding) -> Fraction:
    """The resolution of a quantity, which must have one, as an exact fraction."""
    from fractions import Fraction

    return Fraction(finding.resolution).limit_denominator(_FINEST)


def _stated(finding: Finding, cell: Cell, wanted: float) -> Iterator[float]:
    """Values in a cell of a quantity that can be stated, including the nearest to a number.

    They are multiples of the resolution; without one, it is the cell's representative.
    """
    if not finding.resolution:
        assert isinstance(cell.value, float)
        yield cell.value
        return
    from fractions import Fraction

    step = step_of(finding)
    low = finding.low if cell.lower is None else cell.lower
    high = finding.high if cell.upper is None else cell.upper
    counts = {floor(Fraction(number) / step) + more for number in (low, wanted, high) for more in (-1, 0, 1, 2)}
    for count in counts:
        number = float(count * step)
        if finding.low <= number <= finding.high and cell.holds(number):
            yield number
