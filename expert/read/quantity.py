"""Quantities: text with a unit becomes one number, rounded once.

Arithmetic is exact (fractions) until the last step, so `3 months` and `91.3125 days` are the same number. The figures follow UCUM:
a month is 30.4375 days, a year 365.25 days.
"""

from __future__ import annotations

import re
from fractions import Fraction

from expert.model import Finding, Unit, Value

NUMBER = Unit("", "number", "1")

_UNITS = {
    "minutes": Unit("minutes", "time", "1/1440"),
    "hours": Unit("hours", "time", "1/24"),
    "days": Unit("days", "time", "1"),
    "weeks": Unit("weeks", "time", "7"),
    "months": Unit("months", "time", "30.4375"),
    "years": Unit("years", "time", "365.25"),
    "mg": Unit("mg", "mass", "1/1000"),
    "g": Unit("g", "mass", "1"),
    "kg": Unit("kg", "mass", "1000"),
    "mm": Unit("mm", "length", "1"),
    "cm": Unit("cm", "length", "10"),
    "m": Unit("m", "length", "1000"),
}
_OTHER_SPELLINGS = {
    "minute": "minutes", "min": "minutes", "hour": "hours", "h": "hours", "day": "days", "d": "days", "week": "weeks", "wk": "weeks",
    "month": "months", "mo": "months", "year": "years", "a": "years",
}  # fmt: skip
_AMOUNT = re.compile(r"([+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?)(?:\s*/\s*([0-9]{1,15}))?(?:\s*(%)|\s*([^\W\d_]+))?")


class QuantityError(ValueError):
    """A text is not a quantity of the wanted kind; ``expected`` says what would be, ``offset`` where the fault begins."""

    def __init__(self, message: str, expected: str = "", offset: int = 0, word: str = "") -> None:
        super().__init__(message)
        self.expected, self.offset, self.word = expected, offset, word


def unit_named(name: str) -> Unit | None:
    """The unit of this name (singular, plural or UCUM code), or ``None``."""
    return _UNITS.get(_OTHER_SPELLINGS.get(name, name))


def unit_names() -> list[str]:
    """The unit names in their plural form."""
    return list(_UNITS)


def read_quantity(text: str, unit: Unit, *, unit_may_be_omitted: bool = False) -> float:
    """The number, in the base unit of ``unit``'s dimension, that a text such as ``14 weeks`` or ``2/3`` means.

    Raises:
        QuantityError: not a number, not finite, a unit missing, unknown or of another dimension.
    """
    found = _AMOUNT.fullmatch(text.strip())
    if not found:
        _explain(text, unit)
    assert found
    amount, divisor, percent, unit_name = found.groups()
    if divisor is not None and int(divisor) == 0:
        raise QuantityError(f"{text.strip()!r} divides by zero", _example(unit))
    number = Fraction(amount) / int(divisor or 1)
    if percent:
        if unit is not NUMBER:
            raise QuantityError(f"{text.strip()!r} is a share, not a {unit.dimension}", _example(unit), found.start(3))
        number /= 100
    given = unit if unit_name is None else unit_named(unit_name)
    if given is None:
        assert unit_name
        raise QuantityError(f"{unit_name!r} is not a unit", _example(unit), found.start(4), unit_name)
    if given.dimension != unit.dimension:
        what = "a number without unit" if unit is NUMBER else f"a {unit.dimension}"
        raise QuantityError(
            f"{given.name} measure {given.dimension}, and this is {what}", _example(unit), found.start(4)
        )
    if unit_name is None and unit is not NUMBER and not unit_may_be_omitted:
        raise QuantityError(f"{text.strip()!r} has no unit", _example(unit), len(text.rstrip()))
    return float(number * Fraction(given.factor))


def write_quantity(number: float, unit: Unit) -> str:
    """A number in the base unit as text in ``unit``, exact where few digits suffice."""
    amount = Fraction(number) / Fraction(unit.factor)
    text = f"{float(amount):.10g}"
    return f"{text} {unit.name}" if unit.name else text


def write_value(finding: Finding, value: Value | None) -> str:
    """A value of a finding as people write it; ``unknown`` for none."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else write_quantity(value, finding.unit or NUMBER)


def _example(unit: Unit) -> str:
    return (
        "a number, such as 3, or a share, such as 2/3, 67 % or 0.67"
        if unit is NUMBER
        else f"a number with a unit, such as 3 {unit.name}"
    )


def _explain(text: str, unit: Unit) -> None:
    word = text.strip().lower()
    if re.fullmatch(r"[+-]?\.?(nan|inf|infinity)", word):
        raise QuantityError(f"{text.strip()!r} is not a finite number", _example(unit))
    if "," in word:
        raise QuantityError(f"{text.strip()!r} has a comma", f"{_example(unit)}, with a decimal point")
    shown = text.strip() if len(text) <= 60 else text.strip()[:57] + "..."
    raise QuantityError(f"{shown!r} is not a quantity", _example(unit))
