"""The vocabulary of a knowledge base: its findings, with their kinds and units, its panels and constraints.

This module and `expert.lang.model` do without postponed annotations, which named tuples define more slowly.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Literal, NamedTuple

from expert.lang.dimensions import STANDARD, Unit, Units
from expert.lang.errors import Location
from expert.lang.premises import Name, Premise, literals
from expert.lang.values import Value

_NO_WORDS: Mapping[str, Value] = {}
_NO_PHRASES: Mapping[str, str] = {}

AMOUNT = "amount"
"""Under this name, ``said`` has the phrase for an amount of a quantity, with ``{}`` in its place."""


class Kind(Enum):
    """The kinds of values that a finding may have."""

    YES_NO = "yes_no"
    CHOICE = "choice"
    QUANTITY = "quantity"


class Points(NamedTuple):
    """What a premise adds to a score if it holds; ``points`` may be negative. It is the same wherever it is written."""

    when: tuple[Premise, ...]
    points: int
    at: Location

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Points) and self[:2] == other[:2]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:2])


class Finding(NamedTuple):
    """Something that may be known of a patient or a site.

    Attributes:
        values: of a choice, in the order written.
        alike: values of a choice that are declared to be treated alike; `expert check` proves it.
        unit, low, high: of a quantity; the bounds are in the dimension's base unit and inclusive.
        usual: presumed for a provisional answer while the finding is unknown.
        presumed_unless: where this is known to hold, the usual value is not presumed.
        default: of a site's policy: counts as given unless the site gives another value.
        asked_if: the finding cannot matter unless this holds.
        modifiable: it can still change, or may have been misread; an age or a past event cannot.
        for_record: it is given and shown, and no premise reads it.
        resolution: of a quantity: the smallest step in which it is stated, in the base unit; 0 if there is none.
        units: those of the knowledge base, in which its values may be written.
        also: further words for its values, as the vocabulary spells them.
        concluded: rules conclude it; it is never given.
        otherwise: of a concluded choice: the value when every rule for it fails.
        short: the title in a few words, for use within a list.
        said: phrases for values, by the value as it is written, or for an amount under ``AMOUNT``.
        former: names that it had before.
        points: of a score, which is a concluded quantity without a unit: what adds to it.
    """

    name: str
    title: str
    kind: Kind
    at: Location
    ask: str = ""
    group: str = ""
    values: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()
    unit: Unit | None = None
    unit_may_be_omitted: bool = False
    low: float = 0.0
    high: float = 0.0
    written_range: str = ""
    usual: Value | None = None
    usual_written: str = ""
    presumed_unless: Premise | None = None
    default: Value | None = None
    asked_if: Premise | None = None
    modifiable: bool = True
    for_record: bool = False
    resolution: float = 0.0
    also: Mapping[str, Value] = _NO_WORDS
    units: Units = STANDARD
    concluded: bool = False
    otherwise: str | None = None
    points: tuple[Points, ...] = ()
    short: str = ""
    said: Mapping[str, str] = _NO_PHRASES
    former: tuple[str, ...] = ()

    @property
    def conditions(self) -> tuple[Premise, ...]:
        """The premises on which it depends whether it is presumed and asked."""
        return tuple(it for it in (self.presumed_unless, self.asked_if) if it is not None)

    @property
    def numbers(self) -> range:
        """The numbers of points that a score can reach, above the lowest, which all patients have."""
        return range(int(self.low) + 1, int(self.high) + 1)

    @property
    def names(self) -> tuple[Name, ...]:
        """The definitions that decide the value of a concluded finding."""
        if self.points:
            return tuple(("score", self.name, str(number)) for number in self.numbers)
        return tuple(("finding", self.name, value) for value in self.values) or (("finding", self.name),)


class FurtherUnit(NamedTuple):
    """An entry of the vocabulary about a unit: how much it is in another unit, if so, and its further spellings."""

    name: str
    amount: str
    also: tuple[str, ...]
    at: Location


class Panel(NamedTuple):
    """Findings that clinicians answer together; ``members`` maps each to the value that *none of these* means.

    ``former`` are names that it had before.
    """

    name: str
    title: str
    ask: str
    members: Mapping[str, Value]
    at: Location
    former: tuple[str, ...] = ()


class Constraint(NamedTuple):
    """Premises over input findings that cannot hold together."""

    id: str
    never: tuple[Premise, ...]
    because: str
    at: Location


Level = Literal["error", "warning"]
"""What becomes of a patient who is not plausible: refused, or answered with the warning."""


class Order(NamedTuple):
    """A comparison between two quantities of one dimension."""

    finding: str
    operator: str
    other: str

    @property
    def ends(self) -> tuple[str, str]:
        """The finding that is not greater than the other, and the other."""
        return (self.other, self.finding) if self.operator[0] == ">" else (self.finding, self.other)

    @property
    def line(self) -> str:
        """The comparison as a line of the knowledge language."""
        return f"{self.finding} {self.operator} {self.other}"


class Plausible(NamedTuple):
    """What plausible patients are like: a comparison that always holds, or premises that never hold together.

    It speaks of given values only, and nothing follows from it: values that break it are refused or warned of.
    """

    id: str
    always: Order | None
    never: tuple[Premise, ...]
    level: Level
    because: str
    at: Location

    @property
    def findings(self) -> tuple[str, ...]:
        """The findings that it speaks of, each once."""
        premises = (it.finding for premise in self.never for it in literals(premise))
        return (self.always.finding, self.always.other) if self.always else tuple(dict.fromkeys(premises))
