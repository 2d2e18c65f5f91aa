"""The knowledge base as plain, immutable values.

Everything that a reader produces and a compiler consumes is defined here; nothing here computes a conclusion. Values
are named tuples, but for premises, since `All` and `Any` of the same parts must differ: as dataclasses they would take
longer to define than a knowledge base takes to compile. That they stay as they are, the type checker sees to.
Annotations are evaluated, which is quicker than keeping them as text.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

if TYPE_CHECKING:
    from typing_extensions import Self

from expert.lang.errors import Location

Value = bool | str | float
"""A value of a finding: yes/no as ``bool``, a choice as ``str``, a quantity as ``float`` (see `Unit`)."""

Facts = Mapping[str, Value]
"""What is known: finding names to values. A finding that is not a key is unknown, which is not *no*."""


def one_line(it: object, *parts: object) -> str:
    """What ``repr`` shows of a value that holds much: its class and what matters most of it."""
    return f"<{type(it).__name__}: {', '.join(map(str, parts))}>"


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


# --- premises ---------------------------------------------------------------------------------------------------------


class _Node:
    """What premises have in common: those of one kind that say the same are equal, wherever they are written."""

    __slots__ = ()
    __match_args__: ClassVar[tuple[str, ...]] = ()
    _said: ClassVar["attrgetter[object]"]

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._said(self) == self._said(other)

    def __hash__(self) -> int:
        return hash(self._said(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self.__match_args__)})"

    def _replace(self, **changes: object) -> "Self":
        """The same premise with other values, as named tuples have it."""
        return type(self)(**{name: changes.get(name, getattr(self, name)) for name in self.__match_args__})


class Is(_Node):
    """A yes/no finding or a choice has this value."""

    __slots__ = ("at", "finding", "value")
    __match_args__ = ("finding", "value", "at")
    _said = attrgetter("finding", "value")

    def __init__(self, finding: str, value: bool | str, at: Location | None = None) -> None:
        self.finding: Final = finding
        self.value: Final = value
        self.at: Final = at


class In(_Node):
    """A choice has one of these values."""

    __slots__ = ("at", "finding", "values")
    __match_args__ = ("finding", "values", "at")
    _said = attrgetter("finding", "values")

    def __init__(self, finding: str, values: tuple[str, ...], at: Location | None = None) -> None:
        self.finding: Final = finding
        self.values: Final = values
        self.at: Final = at


class Compare(_Node):
    """A quantity compares so (``<``, ``<=``, ``>`` or ``>=``) with a threshold; ``written`` is the threshold's text."""

    __slots__ = ("at", "finding", "operator", "threshold", "written")
    __match_args__ = ("finding", "operator", "threshold", "written", "at")
    _said = attrgetter("finding", "operator", "threshold")

    def __init__(self, finding: str, operator: str, threshold: float, written: str, at: Location | None = None) -> None:
        self.finding: Final = finding
        self.operator: Final = operator
        self.threshold: Final = threshold
        self.written: Final = written
        self.at: Final = at


class Not(_Node):
    """The premise is known to fail."""

    __slots__ = ("premise",)
    __match_args__ = ("premise",)
    _said = attrgetter("premise")

    def __init__(self, premise: "Premise") -> None:
        self.premise: Final = premise


class _Several(_Node):
    __slots__ = ("premises",)
    __match_args__ = ("premises",)
    _said = attrgetter("premises")

    def __init__(self, premises: tuple["Premise", ...]) -> None:
        self.premises: Final = premises


class All(_Several):
    """Every premise holds; of none, it always does."""

    __slots__ = ()


class Any(_Several):
    """Some premise holds; of none, it never does."""

    __slots__ = ()


class Concluded(_Node):
    """What the definition of this name says (see `expert.lang.definitions`)."""

    __slots__ = ("name",)
    __match_args__ = ("name",)
    _said = attrgetter("name")

    def __init__(self, name: "Name") -> None:
        self.name: Final = name


class Exclusive(_Node):
    """A value of a concluded choice: it holds if ``own`` does, and fails if ``own`` fails or ``others`` holds."""

    __slots__ = ("others", "own")
    __match_args__ = ("own", "others")
    _said = attrgetter("own", "others")

    def __init__(self, own: "Premise", others: "Premise") -> None:
        self.own: Final = own
        self.others: Final = others


Name = tuple[str, ...]
"""The name of a definition, such as ``("supports", "conservative")`` or ``("rule", "slight-picture")``."""

Literal = Is | In | Compare
Premise = Is | In | Compare | Not | All | Any | Concluded | Exclusive

ALWAYS = All(())


def parts(premise: Premise) -> Iterator[Literal | Concluded]:
    """The findings and names that a premise is made of, from left to right."""
    match premise:
        case Not():
            yield from parts(premise.premise)
        case All() | Any():
            for part in premise.premises:
                yield from parts(part)
        case Exclusive():
            yield from parts(premise.own)
            yield from parts(premise.others)
        case _:
            yield premise


def literals(premise: Premise) -> Iterator[Literal]:
    """The premises about single findings that a premise is made of, from left to right."""
    return (part for part in parts(premise) if not isinstance(part, Concluded))


# --- vocabulary -------------------------------------------------------------------------------------------------------


class Kind(Enum):
    """The kinds of values that a finding may have."""

    YES_NO = "yes_no"
    CHOICE = "choice"
    QUANTITY = "quantity"


class Unit(NamedTuple):
    """A unit of measure: its dimension, and how many base units it is (time: days, mass: g, length: mm).

    A dimensionless quantity has the unit ``Unit("", "number", "1")``.
    """

    name: str
    dimension: str
    factor: str


class Finding(NamedTuple):
    """Something that may be true of a patient or a site.

    Attributes:
        values: of a choice, in the order written.
        alike: values of a choice that are declared to be treated alike; the workbench proves it.
        unit, low, high: of a quantity; the bounds are in the dimension's base unit and both allowed.
        usual: presumed for a provisional answer while the finding is unknown.
        default: of a site's policy: counts as given until a site says otherwise.
        asked_if: the finding cannot matter unless this holds.
        modifiable: it can still change, or could have been misread; an age and what is past cannot.
        resolution: of a quantity: the least step in which people state it, in the base unit; 0 if none is said.
        concluded: rules conclude it; nobody gives it.
        otherwise: of a concluded choice: the value when every rule for it fails.
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
    default: Value | None = None
    asked_if: Premise | None = None
    modifiable: bool = True
    resolution: float = 0.0
    concluded: bool = False
    otherwise: str | None = None


class Panel(NamedTuple):
    """Findings that clinicians answer together; ``members`` maps each to the value that *none of these* means."""

    name: str
    title: str
    ask: str
    members: Mapping[str, Value]
    at: Location


class Constraint(NamedTuple):
    """Premises over input findings that cannot hold together."""

    id: str
    never: tuple[Premise, ...]
    because: str
    at: Location


# --- rules ------------------------------------------------------------------------------------------------------------


class Conclusion(NamedTuple):
    """What a rule says when it holds.

    ``role`` is ``finding``, ``supports``, ``excludes``, ``cautions``, ``prefers``, ``alert`` or ``advise``; ``target``
    is the finding, step, ``STEP.OPTION``, alert or advice; ``value`` is that of a concluded finding.
    """

    role: str
    target: str
    value: bool | str = True

    @property
    def name(self) -> Name:
        """The name of the definition that this conclusion helps to establish."""
        if self.role == "finding" and isinstance(self.value, str):
            return (self.role, self.target, self.value)
        return (self.role, self.target)


class Rule(NamedTuple):
    """If every premise of ``when`` holds and every one of ``unless`` fails, then each conclusion of ``then`` holds."""

    id: str
    title: str
    when: tuple[Premise, ...]
    unless: tuple[Premise, ...]
    then: tuple[Conclusion, ...]
    because: str
    cite: tuple[str, ...]
    at: Location

    @property
    def premise(self) -> All:
        """The whole condition as one premise."""
        return All((*self.when, *(Not(exception) for exception in self.unless)))


# --- the ladder -------------------------------------------------------------------------------------------------------


class Option(NamedTuple):
    """A way to carry out a step; ``name`` is ``STEP.OPTION``. On offer with its step unless ``if_supported``."""

    name: str
    title: str
    cite: tuple[str, ...]
    at: Location
    note: str = ""
    if_supported: bool = False


class Step(NamedTuple):
    """A rung of the ladder. While a ``gate`` is recommended, later available steps wait."""

    name: str
    title: str
    summary: str
    at: Location
    gate: bool = False
    meanwhile: str = ""
    never_recommended: bool = False
    cite: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()


class StepGroup(NamedTuple):
    """A name for several steps."""

    name: str
    title: str
    steps: tuple[str, ...]


class Alert(NamedTuple):
    """Something that must be read whatever the step is."""

    name: str
    title: str
    text: str
    at: Location


class Advice(NamedTuple):
    """Something to do besides, shown when one of its steps is recommended."""

    name: str
    title: str
    text: str
    steps: tuple[str, ...]
    at: Location


# --- references -------------------------------------------------------------------------------------------------------


class Reference(NamedTuple):
    """What a citation names. ``kind`` is ``claim``, ``guideline``, ``safety`` or ``assumption``."""

    id: str
    kind: str
    text: str
    at: Location
    title: str = ""
    section: str = ""
    role: str = ""
    reading: str = ""
    year: str = ""
    verified: bool = True


class Note(NamedTuple):
    """Where current guidance differs from claims of the article."""

    id: str
    differs_from: tuple[str, ...]
    verdict: str
    text: str
    sources: tuple[str, ...]
    verified: bool
    at: Location


class Invariant(NamedTuple):
    """What must never (or always) be recommended when a premise holds; ``steps`` are what the target stands for."""

    id: str
    title: str
    always: bool
    target: str
    steps: tuple[str, ...]
    when: Premise
    because: str
    cite: tuple[str, ...]
    at: Location


class Direction(NamedTuple):
    """As a finding rises (or falls), its other findings the same, a step never becomes available again."""

    id: str
    title: str
    target: str
    steps: tuple[str, ...]
    finding: str
    rises: bool
    because: str
    cite: tuple[str, ...]
    at: Location


# --- the whole --------------------------------------------------------------------------------------------------------


class Contents(NamedTuple):
    """All that a knowledge folder says; every mapping is in the order of its file.

    Attributes:
        findings: inputs and concluded findings by name.
        text: every file that was read, names included, as one text (see `expert.read.folder.joined`).
        sha256: of that text.
        directory: where it was read from.
    """

    name: str
    title: str
    version: str
    reviewed: str
    review_due: str
    statement: str
    disclaimer: str
    groups: Mapping[str, str]
    findings: Mapping[str, Finding]
    panels: Mapping[str, Panel]
    constraints: tuple[Constraint, ...]
    steps: Mapping[str, Step]
    step_groups: Mapping[str, StepGroup]
    alerts: Mapping[str, Alert]
    advice: Mapping[str, Advice]
    rules: Mapping[str, Rule]
    references: Mapping[str, Reference]
    notes: Mapping[str, Note]
    invariants: Mapping[str, Invariant]
    directions: Mapping[str, Direction]
    sha256: str
    directory: str
    text: bytes = b""


class KnowledgeBase(Contents):
    """A knowledge folder that has been read, with what can be looked up in it.

    One is equal to itself alone; whether two say the same, their hashes tell.
    """

    __eq__ = object.__eq__
    __ne__ = object.__ne__
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return one_line(self, f"{self.name} {self.version}", f"{len(self.rules)} rules", f"sha256 {self.sha256[:12]}")

    def review_overdue(self, today: date) -> bool:
        """Whether the day on which the knowledge was to be reviewed has passed."""
        return today.isoformat() > self.review_due

    @cached_property
    def inputs(self) -> Mapping[str, Finding]:
        """The findings that people give."""
        return {name: finding for name, finding in self.findings.items() if not finding.concluded}

    @cached_property
    def concluded(self) -> Mapping[str, Finding]:
        """The findings that rules conclude."""
        return {name: finding for name, finding in self.findings.items() if finding.concluded}

    @cached_property
    def options(self) -> Mapping[str, Option]:
        """Every option of every step by its full name, ``STEP.OPTION``."""
        return {option.name: option for step in self.steps.values() for option in step.options}

    @cached_property
    def rules_for(self) -> Mapping[Name, tuple[Rule, ...]]:
        """The rules that conclude each name, in the order of files and lines."""
        found: dict[Name, list[Rule]] = {}
        for rule in self.rules.values():
            for name in dict.fromkeys(conclusion.name for conclusion in rule.then):
                found.setdefault(name, []).append(rule)
        return {name: tuple(rules) for name, rules in found.items()}

    @cached_property
    def notes_on(self) -> Mapping[str, tuple[Note, ...]]:
        """The notes of guidance on each claim."""
        found: dict[str, list[Note]] = {}
        for note in self.notes.values():
            for claim in note.differs_from:
                found.setdefault(claim, []).append(note)
        return {claim: tuple(notes) for claim, notes in found.items()}


def written(premise: Premise) -> str:
    """A premise as a line of the knowledge language; nested ones in words."""
    match premise:
        case Is(value=True):
            return premise.finding
        case Is(value=False):
            return f"not {premise.finding}"
        case Is():
            return f"{premise.finding} is {premise.value}"
        case In():
            return f"{premise.finding} in [{', '.join(premise.values)}]"
        case Compare():
            return f"{premise.finding} {premise.operator} {premise.written}"
        case Not(premise=Is(value=True) as inner):
            return f"not {inner.finding}"
        case Not(premise=Is(value=str()) as inner):
            return f"{inner.finding} is not {inner.value}"
        case Not():
            return f"not ({written(premise.premise)})"
        case All():
            return " and ".join(map(written, premise.premises)) or "always"
        case Any():
            return " or ".join(
                f"({written(part)})" if isinstance(part, All) else written(part) for part in premise.premises
            )
        case Concluded():
            return " ".join(premise.name)
        case Exclusive():
            return written(premise.own)
