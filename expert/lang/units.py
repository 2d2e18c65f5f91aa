"""Quantities: text with a unit becomes one number, rounded once.

Arithmetic is exact until the last step (a quotient of integers is rounded once), so `3 months` and `91.3125 days` are
the same number. `expert.lang.dimensions` has the units.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from expert.lang.dimensions import NUMBER, STANDARD, Unit, Units
from expert.lang.errors import NotAValueError, quoted
from expert.lang.values import Bound, Value
from expert.lang.vocabulary import Finding

if TYPE_CHECKING:
    from fractions import Fraction

UNIT = r"[^\W\d_](?:[^\W_]|/(?=[^\W\d_]))*"
DECIMAL = r"[+-]?[0-9]{1,999}(?:\.[0-9]{1,999})?(?:[eE][+-]?[0-9]{1,3})?"
AMOUNT = rf"{DECIMAL}(?:\s*/\s*[0-9]{{1,999}})?(?:\s*%|\s*{UNIT})?"
_AMOUNT = re.compile(rf"({DECIMAL})(?:\s*/\s*([0-9]{{1,999}}))?(?:\s*(%)|\s*({UNIT}))?")


def read_quantity(text: str, unit: Unit, units: Units = STANDARD, *, unit_may_be_omitted: bool = False) -> float:
    """The number, in the base unit of ``unit``'s dimension, that a text such as ``14 weeks`` or ``2/3`` means.

    It is infinite if no float is large enough; no range contains it.

    Raises:
        NotAValueError: not a number, not finite, a unit missing, unknown or of another dimension.
    """
    written = text.strip()
    start = len(text) - len(text.lstrip())
    found = _AMOUNT.fullmatch(written)
    if not found:
        raise NotAValueError(_not_a_quantity(written), example(unit), start)
    amount, divisor, percent, unit_name = found.groups()
    if divisor is not None and int(divisor) == 0:
        raise NotAValueError(f"{quoted(written)} divides by zero", example(unit), start + found.start(2))
    if percent and unit != NUMBER:
        message = f"{quoted(written)} is a share, not a {unit.dimension}"
        raise NotAValueError(message, example(unit), start + found.start(3))
    given = _unit(unit_name, unit, units, start + found.start(4)) if unit_name else unit
    if not unit_name and unit != NUMBER and not unit_may_be_omitted:
        with_unit = f"a number with a unit, such as {written} {unit.name}"
        raise NotAValueError(f"{quoted(written)} has no unit", with_unit, start + len(written))
    (top, bottom), (factor, parts) = _ratio(amount), _ratio(given.factor)
    try:
        return top * factor / (bottom * int(divisor or 1) * parts * (100 if percent else 1))
    except OverflowError:
        return math.inf if top > 0 else -math.inf


def amount_of(text: str) -> tuple[Fraction, str] | None:
    """The exact number and the unit that a text such as ``2/3 mmol/L`` names; ``None`` if it is not of that form."""
    from fractions import Fraction

    found = _AMOUNT.fullmatch(text.strip())
    if not found or not found[4] or int(found[2] or 1) == 0:
        return None
    top, bottom = _ratio(found[1])
    return Fraction(top, bottom * int(found[2] or 1)), found[4]


def unit_written(text: str) -> str | None:
    """The unit, or percent sign, that a quantity is written with; ``None`` if a text is not a quantity."""
    found = _AMOUNT.fullmatch(text)
    return found and (found[3] or found[4] or "")


def read_in_range(finding: Finding, text: str, *, unit_may_be_omitted: bool) -> float:
    """The number that a text means for a quantity.

    Raises:
        NotAValueError: it is not a quantity, or is out of the finding's range.
    """
    unit = finding.unit or NUMBER
    try:
        if unit == NUMBER and finding.high > 1 and ("/" in text or "%" in text):
            raise NotAValueError(f"{quoted(text)} is a share, not a number", finding.written_range)
        number = read_quantity(text, unit, finding.units, unit_may_be_omitted=unit_may_be_omitted)
        if not finding.low <= number <= finding.high:
            raise NotAValueError(f"{quoted(text)} is out of range", finding.written_range)
    except NotAValueError as error:
        wrong = (error.expected, error.offset, error.word, error.among)
        raise NotAValueError(f"{finding.name}: {error}", *wrong) from None
    return number


def _ratio(text: str) -> tuple[int, int]:
    """A decimal number or a fraction as a quotient of integers."""
    amount, _, divisor = text.partition("/")
    mantissa, _, exponent = amount.lower().partition("e")
    whole, _, decimals = mantissa.partition(".")
    power = int(exponent or 0) - len(decimals)
    return int(whole + decimals) * 10 ** max(power, 0), 10 ** max(-power, 0) * int(divisor or 1)


def _unit(name: str, unit: Unit, units: Units, offset: int) -> Unit:
    """The unit of this name, if it has the dimension of ``unit``."""
    given = units.named(name)
    if given is None:
        raise NotAValueError(f"{quoted(name)} is not a unit", example(unit), offset, name, units.names())
    if given.dimension != unit.dimension:
        what = "a number without unit" if unit == NUMBER else f"a {unit.dimension}"
        raise NotAValueError(f"{given.name} measure {given.dimension}, but this is {what}", example(unit), offset)
    return given


def _not_a_quantity(written: str) -> str:
    if not written:
        return "there is no value here"
    if re.fullmatch(r"[+-]?\.?(nan|inf|infinity)", written.lower()):
        return f"{quoted(written)} is not a finite number"
    from unicodedata import normalize

    if _AMOUNT.fullmatch(plain := normalize("NFKC", written)):
        return f"{quoted(written)} is not written in plain digits, as {quoted(plain)} is"
    if "," in written:
        return f"{quoted(written)} has a comma; decimals have a point"
    return f"{quoted(written)} is not a quantity"


def write_quantity(number: float, unit: Unit, units: Units = STANDARD) -> str:
    """A number in the base unit as text that reads as the same number.

    It is written in ``unit`` unless another unit of its dimension needs far fewer digits.
    """
    if text := _written(number, unit, units, few=True):
        return text
    others = [_written(number, other, units, few=True) for other in units.of(unit.dimension)]
    return min(filter(None, others), key=len, default="") or _written(number, unit, units, few=False)


def _written(number: float, unit: Unit, units: Units, *, few: bool) -> str:
    """The text with the fewest digits that reads as the number; empty if a ``few`` digits are not enough."""
    factor, parts = _ratio(unit.factor)
    for text in _roundings(number * parts / factor) if few else _exact_roundings(number, unit):
        top, bottom = _ratio(text)
        if top * factor / (bottom * parts) == number:
            one = unit.name.removesuffix("s")
            return f"{text} {one if text == '1' and units.named(one) == unit else unit.name}".rstrip()
    return ""


def _roundings(amount: float) -> Iterator[str]:
    """A number with one to six digits, which an earlier rounding does not change."""
    for digits in range(1, 7):
        mantissa, _, exponent = f"{amount:.{digits - 1}e}".partition("e")
        text = f"{float(f'{mantissa}e{exponent}'):.{max(0, digits - 1 - int(exponent))}f}"
        yield text.rstrip("0").rstrip(".") if "." in text else text


def _exact_roundings(number: float, unit: Unit) -> Iterator[str]:
    """A number in a unit with seven to eighteen digits."""
    from decimal import Context, Decimal
    from fractions import Fraction

    amount = Fraction(number) / Fraction(unit.factor)
    for digits in range(7, 19):
        rounded = Context(prec=digits).divide(Decimal(amount.numerator), Decimal(amount.denominator))
        yield f"{rounded.normalize():f}"


def write_value(finding: Finding, value: Value | None) -> str:
    """A value of a finding as people write it; ``unknown`` for none."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Bound):
        return value.written
    return value if isinstance(value, str) else write_quantity(value, finding.unit or NUMBER, finding.units)


def write_given(finding: Finding, value: Value, written: str | None) -> str:
    """A given value: as it was written, unless that was a word of the vocabulary for the value."""
    return written if written and written not in finding.also else write_value(finding, value)


def word_written(finding: Finding, written: str | None) -> str:
    """The remark that a value was written as a word of the vocabulary; empty if it was not."""
    return f'written "{written}"' if written in finding.also else ""


def example(unit: Unit) -> str:
    """An example of a quantity in this unit, for messages."""
    if unit == NUMBER:
        return "a number, such as 3, or a share, such as 2/3, 67 % or 0.67"
    return f"a number with a unit, such as 3 {unit.name}"
