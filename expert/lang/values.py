"""Values of findings, and what is known of a patient."""

from collections.abc import Mapping

Value = bool | str | float
"""A value of a finding: yes/no as ``bool``, a choice as ``str``, a quantity as ``float`` (see `Unit`)."""

Facts = Mapping[str, Value]
"""What is known: finding names to values. A finding that is not a key is unknown, which is not *no*."""


class Bound(float):
    """A quantity of which only bounds were given: a number within them, for which premises hold as for all of them.

    ``written`` is what was given, such as ``>3 months``, and what people are shown.
    """

    __slots__ = ("written",)
    written: str

    def __new__(cls, value: float, written: str) -> "Bound":  # noqa: D102
        self = super().__new__(cls, value)
        self.written = written
        return self

    def __reduce__(self) -> "tuple[type[Bound], tuple[float, str]]":
        return Bound, (float(self), self.written)
