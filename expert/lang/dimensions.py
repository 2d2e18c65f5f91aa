"""Units of measure: their dimensions, their sizes, and the spellings in which they are read.

The figures follow UCUM: a month is 30.4375 days, a year 365.25 days. This module does without postponed annotations,
which named tuples define more slowly.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Unit(NamedTuple):
    """A unit of measure: its dimension, and how many base units it is (time: days, mass: g, length: mm).

    A dimensionless quantity has the unit ``Unit("", "number", "1")``.
    """

    name: str
    dimension: str
    factor: str


class Units(NamedTuple):
    """The units of one knowledge base: every spelling with its unit, the name of each unit before its others."""

    known: Mapping[str, Unit]

    def named(self, spelling: str) -> Unit | None:
        """The unit of a spelling, or ``None``."""
        return self.known.get(spelling)

    def names(self) -> list[str]:
        """The names of the units, without other spellings."""
        return [spelling for spelling, unit in self.known.items() if spelling == unit.name]

    def of(self, dimension: str) -> list[Unit]:
        """The units of a dimension."""
        return [unit for spelling, unit in self.known.items() if spelling == unit.name and unit.dimension == dimension]

    def ends_without(self, text: str) -> bool:
        """Whether a text ends with a number, not with a unit such as ``kg/m2``."""
        return text[-1:].isdigit() and not text.endswith(tuple(it for it in self.known if it[-1].isdigit()))


NUMBER = Unit("", "number", "1")

STANDARD = Units(
    {
        spelling: Unit(name, dimension, factor)
        for name, dimension, factor, others in (
            ("minutes", "time", "1/1440", "minute min"),
            ("hours", "time", "1/24", "hour h"),
            ("days", "time", "1", "day d"),
            ("weeks", "time", "7", "week wk"),
            ("months", "time", "30.4375", "month mo"),
            ("years", "time", "365.25", "year a"),
            ("mg", "mass", "1/1000", ""),
            ("g", "mass", "1", ""),
            ("kg", "mass", "1000", ""),
            ("mm", "length", "1", ""),
            ("cm", "length", "10", ""),
            ("m", "length", "1000", ""),
        )
        for spelling in (name, *others.split())
    }
)
"""The units that every knowledge base has."""
