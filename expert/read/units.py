"""``units:`` of a vocabulary: further units, and further spellings of units."""

from __future__ import annotations

from fractions import Fraction

from expert.lang.dimensions import STANDARD, Unit, Units
from expert.lang.errors import quoted
from expert.lang.format import FORMS
from expert.lang.units import amount_of
from expert.lang.vocabulary import FurtherUnit
from expert.read.fields import Fields, is_named, text_of
from expert.read.source import Problems, Scalar, location

_MOST = 10**30
_EXPECTED = "an amount of another unit, such as 0.0555 mmol/L"


def read_units(top: Fields, problems: Problems) -> tuple[dict[str, FurtherUnit], Units]:
    """The entries of ``units:``, and all units with them."""
    reader = _UnitReader(top, problems)
    return reader.entries, Units(reader.known)


class _UnitReader:
    """Reads the entries; mistakes are recorded."""

    def __init__(self, top: Fields, problems: Problems) -> None:
        self.problems = problems
        self.known = dict(STANDARD.known)
        self._spelt = {*STANDARD.known}
        self.entries: dict[str, FurtherUnit] = {}
        self._fields: dict[str, Fields] = {}
        self._sizes: dict[str, Unit | None] = {}
        keys = {}
        for key, value in top.named("units"):
            keys[key.text] = key
            self._fields[key.text] = Fields(value, FORMS["further unit"], problems)
        for name, key in keys.items():
            self._entry(key, name, self._fields[name])

    def _entry(self, key: Scalar, name: str, fields: Fields) -> None:
        also = fields.words("also")
        amount = fields.text("is")
        if standard := STANDARD.named(name):
            unit = standard
            if node := fields.get("is"):
                self.problems.add(node, f"{quoted(name)} is a unit already", expected="further spellings of it alone")
        else:
            unit = self._size(name) or Unit(name, name, "1")
            self._spell(key, unit)
        for scalar in also:
            if is_named(scalar.text, "units"):
                self._spell(scalar, unit)
            else:
                message = f"{quoted(scalar.text)} is not a spelling of a unit"
                self.problems.add(scalar, message, expected="letters, with digits or / after them, as in kg/m2")
        self.entries[name] = FurtherUnit(name, amount, tuple(it.text for it in also), location(key))

    def _spell(self, node: Scalar, unit: Unit) -> None:
        """Add a spelling of a unit, if no unit has it."""
        other = self.known.setdefault(node.text, unit)
        if node.text in self._spelt:
            message = f"{quoted(node.text)} is a spelling of {other.name} already"
            self.problems.add(node, message, expected="a spelling that no unit has")
        self._spelt.add(node.text)

    def _size(self, name: str, within: tuple[str, ...] = ()) -> Unit | None:
        """A unit by its size in another one; ``None``, with a problem, if it has none."""
        if name not in self._sizes:
            self._sizes[name] = None
            self._sizes[name] = self._by_amount(name, (*within, name))
        return self._sizes[name]

    def _by_amount(self, name: str, within: tuple[str, ...]) -> Unit | None:
        node = self._fields[name].get("is")
        written = text_of(node, "'is'", Problems()) if node else ""
        if node is None:
            return Unit(name, name, "1")
        if not written:
            return None
        found = amount_of(written)
        if found is None:
            self.problems.add(node, f"{quoted(written)} is not an amount of a unit", expected=_EXPECTED)
            return None
        amount, other = found
        if other in within:
            loop = ", ".join([*within[within.index(other) :], other])
            self.problems.add(node, f"the unit {quoted(other)} is defined by itself: {loop}", expected=_EXPECTED)
            return None
        base = STANDARD.named(other) or (self._size(other, within) if other in self._fields else None)
        if base is None:
            if other not in self._fields:
                among = [*STANDARD.names(), *self._fields]
                self.problems.add(node, f"{quoted(other)} is not a unit", word=other, among=among, expected=_EXPECTED)
            return None
        factor = amount * Fraction(base.factor)
        if not Fraction(1, _MOST) < factor < _MOST:
            self.problems.add(node, f"{quoted(written)} is no size of a unit", expected="more than 0, and not too much")
            return None
        return Unit(name, base.dimension, str(factor))
