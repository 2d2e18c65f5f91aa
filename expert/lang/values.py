"""Values of findings, and what is known of a patient."""

from collections.abc import Mapping

Value = bool | str | float
"""A value of a finding: yes/no as ``bool``, a choice as ``str``, a quantity as ``float`` (see `Unit`)."""

Facts = Mapping[str, Value]
"""Known values by finding. A finding that is not a key is unknown, which is not *no*."""


class Bound(float):
    """A quantity that was given as bounds: a number within them that premises do not distinguish from the others.

    ``written`` is what was given, such as ``>3 months``; it is what is displayed.
    """

    __slots__ = ("written",)
    written: str

    def __new__(cls, value: float, written: str) -> "Bound":  # noqa: D102
        self = super().__new__(cls, value)
        self.written = written
        return self

    def __reduce__(self) -> "tuple[type[Bound], tuple[float, str]]":
        return Bound, (float(self), self.written)
