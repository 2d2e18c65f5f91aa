"""Quantities are exact until they are rounded once; a written quantity reads back as the same number."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expert.lang.dimensions import NUMBER, STANDARD, Unit
from expert.lang.errors import NotAValueError
from expert.lang.units import read_quantity, write_quantity


def unit(name: str) -> Unit:
    found = STANDARD.named(name)
    assert found
    return found


DAYS, YEARS, GRAMS = unit("days"), unit("years"), unit("g")
UNITS = st.sampled_from([NUMBER, *map(unit, STANDARD.names())])


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("3 months", 91.3125),
        ("91.3125 days", 91.3125),
        ("2191.5 hours", 91.3125),
        ("131490 min", 91.3125),
        ("1/4 year", 91.3125),
        ("1 a", 365.25),
        ("12 mo", 365.25),
        ("2 wk", 14.0),
        ("14 d", 14.0),
        ("1.4e1 d", 14.0),
        ("1E-2 days", 0.01),
        ("9999999999999999 days", 9999999999999999.0),
        ("-1e999 days", -math.inf),
        (f"{10**400} days", math.inf),
        ("24h", 1.0),
        ("  7\t days ", 7.0),
        ("+7 days", 7.0),
        ("-7 days", -7.0),
        ("1 minute", float(Fraction(1, 1440))),
    ],
)
def test_a_time_is_a_number_of_days(text: str, days: float) -> None:
    assert read_quantity(text, YEARS) == days


@pytest.mark.parametrize(("text", "number"), [("1500 mg", 1.5), ("2 kg", 2000.0), ("0.5 g", 0.5)])
def test_a_mass_is_a_number_of_grams(text: str, number: float) -> None:
    assert read_quantity(text, GRAMS) == number


@pytest.mark.parametrize(("text", "number"), [("3 cm", 30.0), ("1.5 m", 1500.0), ("4 mm", 4.0)])
def test_a_length_is_a_number_of_millimetres(text: str, number: float) -> None:
    assert read_quantity(text, unit("m")) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2/3", 0.6666666666666666),
        ("0.6666666666666666", 0.6666666666666666),
        ("67 %", 0.67),
        ("67%", 0.67),
        ("0.67", 0.67),
        ("200/3 %", 0.6666666666666666),
        ("1.5/2", 0.75),
        ("010", 10.0),
        ("0.30000000000000004", 0.1 + 0.2),
        ("1.000000000000000000000000000001", 1.0),
    ],
)
def test_a_share_is_rounded_once(text: str, number: float) -> None:
    assert read_quantity(text, NUMBER) == number


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("", "there is no value here", 0),
        ("five days", "'five days' is not a quantity", 0),
        ("--5 days", "'--5 days' is not a quantity", 0),
        ("5 days ago", "'5 days ago' is not a quantity", 0),
        (".5 days", "'.5 days' is not a quantity", 0),
        ("5. days", "'5. days' is not a quantity", 0),
        ("1e days", "'1e days' is not a quantity", 0),
        ("\N{ARABIC-INDIC DIGIT FIVE} days", "'\N{ARABIC-INDIC DIGIT FIVE} days' is not a quantity", 0),
        ("\uff14\uff15 days", "'\uff14\uff15 days' is not written in plain digits, as '45 days' is", 0),
        ("1,5 days", "'1,5 days' has a comma; decimals have a point", 0),
        ("NaN", "'NaN' is not a finite number", 0),
        ("-.inf", "'-.inf' is not a finite number", 0),
        ("infinity", "'infinity' is not a finite number", 0),
        ("5", "'5' has no unit", 1),
        (" 5 kg", "kg measure mass, but this is a time", 3),
        ("5 dyas", "'dyas' is not a unit", 2),
        ("5 Days", "'Days' is not a unit", 2),
        ("5 %", "'5 %' is a share, not a time", 2),
        ("1/0 days", "'1/0 days' divides by zero", 2),
        ("x" * 100, f"'{'x' * 57}...' is not a quantity", 0),
    ],
)
def test_a_wrong_time_is_refused_at_the_place_of_the_fault(text: str, message: str, offset: int) -> None:
    with pytest.raises(NotAValueError) as error:
        read_quantity(text, DAYS)
    assert (str(error.value), error.value.offset) == (message, offset)
    assert error.value.expected.startswith("a number with a unit, such as ")


@pytest.mark.parametrize(("text", "message"), [("5 % %", "not a quantity"), ("1/0", "by zero"), ("5 days", "a number")])
def test_a_wrong_share_is_refused(text: str, message: str) -> None:
    with pytest.raises(NotAValueError, match=message):
        read_quantity(text, NUMBER)


def test_a_missing_unit_is_suggested_with_the_same_number() -> None:
    with pytest.raises(NotAValueError) as error:
        read_quantity("14", unit("weeks"))
    assert error.value.expected == "a number with a unit, such as 14 weeks"


def test_a_unit_may_be_omitted_only_where_allowed() -> None:
    assert read_quantity("45", YEARS, unit_may_be_omitted=True) == read_quantity("45 years", YEARS)
    assert read_quantity("45 weeks", YEARS, unit_may_be_omitted=True) == 315.0


@pytest.mark.parametrize(
    ("number", "name", "text"),
    [
        (91.3125, "months", "3 months"),
        (91.3125, "weeks", "3 months"),
        (9.0, "weeks", "9 days"),
        (0.5, "days", "0.5 days"),
        (100.0, "g", "100 g"),
        (0.0, "years", "0 years"),
    ],
)
def test_a_quantity_is_written_in_its_unit_or_in_a_shorter_one(number: float, name: str, text: str) -> None:
    assert write_quantity(number, unit(name)) == text


def test_a_share_is_written_without_unit_or_exponent() -> None:
    assert [write_quantity(number, NUMBER) for number in (2 / 3, 0.00001, 1e14, 5.0)] == [
        "0.6666666666666666",
        "0.00001",
        "100000000000000",
        "5",
    ]


@given(st.one_of(st.floats(0, 1e6), st.integers(0, 10**6).map(float)).filter(lambda it: it == 0 or it > 1e-9), UNITS)
def test_a_written_quantity_reads_back_as_the_same_number(number: float, unit: Unit) -> None:
    assert read_quantity(write_quantity(number, unit), unit) == number


@given(st.decimals(0, 10**6, places=4), UNITS)
def test_reading_rounds_the_exact_product_once(amount: object, unit: Unit) -> None:
    text = f"{amount} {unit.name}".rstrip()
    assert read_quantity(text, unit) == float(Fraction(str(amount)) * Fraction(unit.factor))
