"""``units:`` of a vocabulary: further units, and further spellings of units."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expert.lang.dimensions import STANDARD, Unit, Units
from expert.lang.errors import quoted
from expert.lang.format import FORMS
from expert.lang.units import amount_of
from expert.lang.vocabulary import FurtherUnit
from expert.read.fields import UNIT_NAMES, Fields, is_named, text_of, words_of
from expert.read.source import Node, Problems, Scalar, location

if TYPE_CHECKING:
    from fractions import Fraction

_MOST = 10**30
_FIGURES = 1_000
_EXPECTED = "an amount of another unit, such as 0.0555 mmol/L"


def read_units(top: Fields, problems: Problems) -> tuple[dict[str, FurtherUnit], Units]:
    """The entries of ``units:``, and all units with them."""
    reader = _UnitReader(top, problems)
    return reader.entries, Units(reader.known)


class _Amount(NamedTuple):
    """How much a unit is in another one, which is named by its entry or is a standard one."""

    node: Node
    written: str
    number: Fraction
    other: str


class _UnitReader:
    """Reads the entries; mistakes are recorded."""

    def __init__(self, top: Fields, problems: Problems) -> None:
        self.problems = problems
        self.known = dict(STANDARD.known)
        self._spelt = {*STANDARD.known}
        self.entries: dict[str, FurtherUnit] = {}
        self._sizes: dict[str, Unit | None] = dict(STANDARD.known)
        self._amounts: dict[str, _Amount] = {}
        keys = {key.text: (key, Fields(value, FORMS["further unit"], problems)) for key, value in top.named("units")}
        self._names = {name: name for name in keys}  # the name of the entry that each spelling is of
        for name, (_, fields) in keys.items():
            for scalar in _spellings(fields):
                self._names.setdefault(scalar.text, name)
        for name, (key, fields) in keys.items():
            if name not in STANDARD.known:
                self._read_amount(key, fields)
        for name, (key, fields) in keys.items():
            self._entry(key, name, fields)

    def _entry(self, key: Scalar, name: str, fields: Fields) -> None:
        also = fields.words("also")
        amount = fields.text("is")
        if standard := STANDARD.named(name):
            unit = standard
            if node := fields.get("is"):
                self.problems.add(node, f"{quoted(name)} is already a unit", expected="only further spellings of it")
        else:
            unit = self._size(name) or Unit(name, name, "1")
            self._spell(key, unit)
        for scalar in also:
            if is_named(scalar.text, "units"):
                self._spell(scalar, unit)
            else:
                self.problems.add(scalar, f"{quoted(scalar.text)} is not a spelling of a unit", expected=UNIT_NAMES)
        self.entries[name] = FurtherUnit(name, amount, tuple(it.text for it in also), location(key))

    def _spell(self, node: Scalar, unit: Unit) -> None:
        """Add a spelling of a unit, if no unit has it."""
        other = self.known.setdefault(node.text, unit)
        if node.text in self._spelt:
            message = f"{quoted(node.text)} is already a spelling of {other.name}"
            self.problems.add(node, message, expected="a spelling that is not in use")
        self._spelt.add(node.text)

    def _read_amount(self, key: Scalar, fields: Fields) -> None:
        """Read how much a unit is in another one; without that, or with a problem, its size is settled."""
        name, node = key.text, fields.get("is")
        if node is None:
            self._sizes[name] = Unit(name, name, "1")
            return
        self._sizes[name] = None
        if not (written := text_of(node, "'is'", Problems())):
            return
        found = amount_of(written)
        other = found and self._names.get(found[1], found[1])
        if not found or not other:
            self.problems.add(node, f"{quoted(written)} is not an amount of a unit", expected=_EXPECTED)
        elif other not in self._names and other not in STANDARD.known:
            among, at = [*STANDARD.names(), *self._names], len(written) - len(other)
            message = f"{quoted(other)} is not a unit"
            self.problems.add(node, message, word=other, among=among, expected=_EXPECTED, offset=at)
        else:
            self._amounts[name] = _Amount(node, written, found[0], other)
            del self._sizes[name]

    def _size(self, name: str) -> Unit | None:
        """A unit by its size in another one; ``None``, with a problem, if it has none."""
        chain: dict[str, None] = {}  # no recursion: it may be long
        while name not in self._sizes and name not in chain:
            chain[name] = None
            name = self._amounts[name].other
        if name in chain:
            loop = ", ".join([*[*chain][[*chain].index(name) :], name])
            message = f"the unit {quoted(name)} is defined by itself: {loop}"
            self.problems.add(self._amounts[[*chain][-1]].node, message, expected=_EXPECTED)
            self._sizes |= dict.fromkeys(chain)
        for name in reversed([it for it in chain if it not in self._sizes]):
            self._sizes[name] = self._by_amount(name, self._amounts[name])
        return self._sizes[name]

    def _by_amount(self, name: str, amount: _Amount) -> Unit | None:
        base = self._sizes[amount.other]
        if base is None:
            return None
        from fractions import Fraction

        factor = amount.number * Fraction(base.factor)
        if not Fraction(1, _MOST) < factor < _MOST:
            message = f"{quoted(amount.written)} is not a valid size of a unit"
            self.problems.add(amount.node, message, expected="more than 0, and not too large")
            return None
        if max(factor.numerator, factor.denominator) >= 10**_FIGURES:
            message = f"the size of {quoted(name)} has over {_FIGURES:,} figures"
            self.problems.add(amount.node, message, expected="a shorter amount, or a unit of similar size")
            return None
        return Unit(name, base.dimension, str(factor))


def _spellings(fields: Fields) -> list[Scalar]:
    """The further spellings of an entry, whose mistakes are not recorded."""
    node = fields.get("also")
    return words_of(node, "'also'", Problems()) if node else []
