"""Ways to read a patient's facts by columns: as told, as known, with the presumptions, as a witness completes them.

A missing value that is presumed, or that a witness fills in, makes a premise that it meets as if it held, and any other
as if it failed: so of what is unknown, either is one of the two truths that a premise has anyway.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple, Protocol

from expert.lang.premises import literals
from expert.lang.values import Facts, Value

if TYPE_CHECKING:
    from expert.columns.to_columns import Columns

Flag = bool | str
"""The name of a Boolean column without nulls; or a truth that every patient shares."""


class Truths(NamedTuple):
    """Whether something is known to hold, and whether it may: is not known to fail."""

    holds: Flag
    may: Flag


class Among(NamedTuple):
    """That a finding lies in one of some of its cells: for each of them, whether it is one of these."""

    finding: str
    cells: tuple[bool, ...]

    @property
    def opposite(self) -> Among:
        """That it lies in one of the others."""
        return Among(self.finding, tuple(not it for it in self.cells))


UNKNOWN = Truths(False, True)


class Reading(Protocol):
    """A way to read the facts of a patient: as told, as known, with the presumptions, as a witness completes them."""

    def literal(self, literal: Among) -> Truths:
        """The truths of a premise about one finding."""

    def open(self, finding: str) -> Flag:
        """Where a finding is unknown."""


class Counted:
    """What is told, and the defaults that count as given."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns

    def literal(self, literal: Among) -> Truths:
        """As told, or as the default has it."""
        told = self.columns.as_told(literal)
        default = self.columns.kb.inputs[literal.finding].default
        return told if default is None else filled(self.columns, told, literal, default)

    def open(self, finding: str) -> Flag:
        """Where it is not told."""
        return self.columns.kb.inputs[finding].default is None and self.columns.unknown(finding)


def filled(columns: Columns, truths: Truths, literal: Among, value: Value) -> Truths:
    """The truths where an unknown finding has some value."""
    either = truths.may if columns.lies_in(literal, value) else truths.holds
    return Truths(either, either)


class Known:
    """What counts as given, and what constraints force."""

    def __init__(self, columns: Columns, counted: Reading) -> None:
        self.columns, self.counted = columns, counted
        self._forced: dict[str, dict[Value, Flag]] = {}

    def forced(self, finding: str) -> dict[Value, Flag]:
        """The values that a finding may be forced to have, each with when it is."""
        if finding not in self._forced:
            columns, where = self.columns, self.counted.open(finding)
            self._forced[finding] = {
                value: columns.all((where, columns.of(self.counted, why).holds))
                for value, why in columns.forcing.get(finding, ())
                if where is not False
            }
        return self._forced[finding]

    def literal(self, literal: Among) -> Truths:
        """As counted, and as forced."""
        truths = self.counted.literal(literal)
        for value, where in self.forced(literal.finding).items():
            truths = filled_where(self.columns, truths, literal, value, where)
        return truths

    def open(self, finding: str) -> Flag:
        """Where it is not forced either."""
        forced = (self.columns.without(it) for it in self.forced(finding).values())
        return self.columns.all((self.counted.open(finding), *forced))


def filled_where(columns: Columns, truths: Truths, literal: Among, value: Value, where: Flag) -> Truths:
    """The truths where an unknown finding has a value for some patients."""
    if columns.lies_in(literal, value):
        return Truths(columns.any((truths.holds, where)), truths.may)
    return Truths(truths.holds, columns.all((truths.may, columns.without(where))))


class Presumed:
    """What is known, and the usual values of what is not, but for those that constraints exclude."""

    def __init__(self, columns: Columns, known: Reading) -> None:
        self.columns, self.known = columns, known
        self._presumed: dict[str, Flag] = {}

    def where(self, finding: str) -> Flag:
        """Where the usual value of a finding that constraints speak of is presumed."""
        columns = self.columns
        for each in self._ahead(finding):
            before, why = columns.excluding[each]
            excluded = columns.of(Before(self, before), why).holds
            self._presumed[each] = columns.all((self.known.open(each), columns.without(excluded)))
        return self._presumed[finding]

    def _ahead(self, finding: str) -> list[str]:
        """A finding with those before it on which its presumption hangs, in order, but for what is worked out.

        So none is worked out within another, however many there are.
        """
        if finding in self._presumed:
            return []
        order = [it for it in (*self.columns.excluding[finding][0], finding) if it not in self._presumed]
        wanted = {finding}
        for each in reversed(order):
            if each in wanted:
                wanted.update(literal.finding for literal in literals(self.columns.excluding[each][1]))
        return [each for each in order if each in wanted]

    def open(self, finding: str) -> Flag:
        """Where it is not presumed either."""
        known = self.known.open(finding)
        if self.columns.kb.inputs[finding].usual is None or known is False:
            return known
        if finding not in self.columns.excluding:
            return False
        return self.columns.all((known, self.columns.without(self.where(finding))))

    def literal(self, literal: Among) -> Truths:
        """As known, or as it is presumed."""
        truths = self.known.literal(literal)
        usual = self.columns.kb.inputs[literal.finding].usual
        if usual is None or self.known.open(literal.finding) is False:
            return truths
        if literal.finding not in self.columns.excluding:
            return filled(self.columns, truths, literal, usual)
        return filled_where(self.columns, truths, literal, usual, self.where(literal.finding))


class Before:
    """What is known, and what has been presumed so far."""

    def __init__(self, presumed: Presumed, so_far: Collection[str]) -> None:
        self.presumed, self.so_far = presumed, so_far

    def literal(self, literal: Among) -> Truths:
        """As presumed, if it has been, or as known."""
        return self._reading(literal.finding).literal(literal)

    def open(self, finding: str) -> Flag:
        """Where it is unknown so far."""
        return self._reading(finding).open(finding)

    def _reading(self, finding: str) -> Reading:
        return self.presumed if finding in self.so_far else self.presumed.known


class Completed:
    """Another reading, and facts where it leaves something unknown."""

    def __init__(self, columns: Columns, like: Reading, facts: Facts) -> None:
        self.columns, self.like, self.facts = columns, like, facts

    def literal(self, literal: Among) -> Truths:
        """As in the other reading, or as filled in."""
        truths = self.like.literal(literal)
        value = self.facts.get(literal.finding)
        return truths if value is None else filled(self.columns, truths, literal, value)

    def open(self, finding: str) -> Flag:
        """Where it is unknown, and nothing fills it in."""
        return finding not in self.facts and self.like.open(finding)
