"""Values of findings, and what is known of a patient."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

Value = bool | str | float
"""A value of a finding: yes/no as ``bool``, a choice as ``str``, a quantity as ``float`` (see `Unit`)."""

Facts = Mapping[str, Value]
"""Known values by finding. A finding that is not a key is unknown, which is not *no*."""


def needed(facts: Facts, suffice: Callable[[Facts], bool]) -> dict[str, Value]:
    """The facts without those that the others suffice without; later ones are left out first.

    Some facts may be dispensable only without others, such as one that keeps a usual value from being presumed.
    """
    left, before = dict(facts), dict[str, Value]()
    while left != before:
        before = left
        for name in reversed(list(left)):
            fewer = {other: value for other, value in left.items() if other != name}
            if suffice(fewer):
                left = fewer
    return left


class Bounds(NamedTuple):
    """Numbers between two ends; an ``open`` end is excluded."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether no number lies within."""
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    def holds(self, number: float) -> bool:
        """Whether a number lies within."""
        above = number > self.low if self.low_open else number >= self.low
        return above and (number < self.high if self.high_open else number <= self.high)

    def number(self, rather: Iterable[float] = ()) -> float:
        """A number within the bounds, preferably one of ``rather``."""
        return next(filter(self.holds, [*rather, (self.low + self.high) / 2, self.low, self.high]))

    def compared(self, operator: str, other: "Bounds") -> bool | None:
        """Whether a comparison with numbers within other bounds holds for all; ``None`` if for some of them."""
        if operator in (">", ">="):
            return other.compared(operator.replace(">", "<"), self)
        if operator == "<":
            apart = self.high == other.low and (self.high_open or other.low_open)
            return True if self.high < other.low or apart else False if self.low >= other.high else None
        apart = self.low == other.high and (self.low_open or other.high_open)
        return True if self.high <= other.low else False if self.low > other.high or apart else None


class Bound(float):
    """A quantity that was given as ``bounds``: a number within them that premises do not distinguish from the others.

    ``written`` is what was given, such as ``>3 months``; it is what is displayed.
    """

    __slots__ = ("bounds", "written")
    bounds: Bounds
    written: str

    def __new__(cls, value: float, written: str, bounds: Bounds) -> "Bound":  # noqa: D102
        self = super().__new__(cls, value)
        self.written, self.bounds = written, bounds
        return self

    def __reduce__(self) -> "tuple[type[Bound], tuple[float, str, Bounds]]":
        return Bound, (float(self), self.written, self.bounds)


def bounds_of(value: float) -> Bounds:
    """The bounds that a quantity was given as; of a number, this number alone."""
    return value.bounds if isinstance(value, Bound) else Bounds(value, value)
