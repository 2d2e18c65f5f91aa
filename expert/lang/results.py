"""What a consultation comes to, as plain values. Rendering them is somebody else's work.

Annotations are evaluated here, unlike elsewhere: of a named tuple that is quicker than keeping them as text.
"""

from collections.abc import Mapping
from typing import NamedTuple

from expert.lang.model import one_line
from expert.lang.premises import Concluded, Literal, Name
from expert.lang.values import Facts, Value

_NOTHING: Mapping[str, str] = {}


class Justification(NamedTuple):
    """One way in which a definition got its truth: every part of ``because`` has the truth beside it."""

    conclusion: Name
    truth: bool
    because: tuple[tuple[Literal | Concluded, bool], ...]


class Record(NamedTuple):
    """Everything that followed from some facts, each conclusion with all its justifications in the order found."""

    facts: Facts
    justifications: Mapping[Name, list[Justification]]

    def truth(self, name: Name) -> bool | None:
        """The truth of a definition; ``None`` if the facts leave it open."""
        found = self.justifications.get(name)
        return found[0].truth if found else None

    def __repr__(self) -> str:
        return one_line(self, f"{len(self.facts)} facts", f"{len(self.justifications)} conclusions")


class Patient(NamedTuple):
    """What was said of a patient and a site.

    Attributes:
        facts: findings with their values.
        written: the same values as people wrote them.
        overridden: findings that the command line changed, with what the file had said.
        unknown: findings that were said to be unknown.
    """

    facts: Facts
    written: Mapping[str, str] = _NOTHING
    overridden: Mapping[str, str] = _NOTHING
    unknown: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return one_line(self, f"{len(self.facts)} given")


class Background(NamedTuple):
    """The facts behind an answer, by where they come from; no finding is in two of these.

    Attributes:
        given: said of the patient or the site.
        defaults: policies that count as given until a site says otherwise.
        forced: the only values that the constraints leave.
        presumed: usual values of what is unknown; they never enter a certain answer.
    """

    given: Facts
    defaults: Facts
    forced: Facts
    presumed: Facts

    @property
    def known(self) -> dict[str, Value]:
        """Everything but the presumptions."""
        return {**self.given, **self.defaults, **self.forced}

    @property
    def all(self) -> dict[str, Value]:
        """Everything, the presumptions included."""
        return {**self.known, **self.presumed}

    def __repr__(self) -> str:
        return one_line(self, f"{len(self.known)} findings known", f"{len(self.presumed)} presumed")


class Argument(NamedTuple):
    """A rule that speaks for, against or with caution about something.

    ``facts`` are the findings that decided it (or, while it is open, those known so far); ``status`` is ``holds``,
    ``open`` or ``fails`` over what is known, ``presumed_status`` over the presumptions as well. ``case`` is the case in
    which it holds, where a certain answer rests on cases.
    """

    rule: str
    title: str
    because: str
    cite: tuple[str, ...]
    facts: Facts
    status: str
    presumed_status: str
    at: str
    case: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return one_line(self, self.rule, self.status)


class StepReport(NamedTuple):
    """A step with both its statuses and the arguments about it that hold or are open.

    ``presumed_on`` are the presumed findings behind ``presumed_status``.
    """

    step: str
    title: str
    status: str
    presumed_status: str
    presumed_on: tuple[str, ...]
    supports: tuple[Argument, ...]
    against: tuple[Argument, ...]
    cautions: tuple[Argument, ...]

    def __repr__(self) -> str:
        return one_line(self, self.step, self.status, f"{self.presumed_status} as presumed")


class OptionReport(NamedTuple):
    """An option of the recommended step (or of what is done meanwhile): ``offered``, ``excluded`` or ``open``."""

    option: str
    title: str
    note: str
    cite: tuple[str, ...]
    status: str
    presumed_status: str
    preferred: bool
    supports: tuple[Argument, ...]
    against: tuple[Argument, ...]
    cautions: tuple[Argument, ...]
    guidance: tuple[str, ...]

    def __repr__(self) -> str:
        return one_line(self, self.option, self.status, f"{self.presumed_status} as presumed")


class NoticeReport(NamedTuple):
    """An alert or an advice that holds or is open."""

    name: str
    title: str
    text: str
    status: str
    presumed_status: str
    because: tuple[Argument, ...]
    guidance: tuple[str, ...]

    def __repr__(self) -> str:
        return one_line(self, self.name, self.status, f"{self.presumed_status} as presumed")


class Possible(NamedTuple):
    """A step that some permitted completion leads to, with the shortest deviations from the presumed patient that do.

    Each deviation is a tuple of premises. ``complete`` says that every deviation of that length is listed.
    """

    step: str
    deviations: tuple[tuple[str, ...], ...]
    complete: bool


class Decisive(NamedTuple):
    """An unknown finding whose value, had it been given, could change the recommended step.

    ``leads_to`` maps premises about it to steps; where ``partners`` are named, it does so together with one of them.
    """

    finding: str
    ask: str
    leads_to: Mapping[str, tuple[str, ...]]
    partners: tuple[str, ...] = ()


class Presumption(NamedTuple):
    """Presumed findings behind a provisional answer.

    ``title`` and ``cite`` are those of the conclusion that rests on nothing else, if there is one (the diagnosis, say).
    """

    title: str
    cite: tuple[str, ...]
    findings: tuple[str, ...]


class NearThreshold(NamedTuple):
    """A given quantity that lies within its ``resolution`` of a ``threshold``, both as written.

    ``exact``: it is the threshold itself.
    """

    finding: str
    threshold: str
    resolution: str
    exact: bool = False


class Assessment(NamedTuple):
    """The answer for one patient: ``certain``, ``provisional`` or ``open``.

    ``findings`` are the concluded ones; ``policies`` are the defaults of the site that the recommended step rests on;
    ``near`` are the given quantities that people may have rounded to the other side of a threshold.
    """

    answer: str
    recommended: str | None
    meanwhile: str | None
    possible: tuple[Possible, ...]
    ladder: tuple[StepReport, ...]
    options: tuple[OptionReport, ...]
    alerts: tuple[NoticeReport, ...]
    advice: tuple[NoticeReport, ...]
    findings: Mapping[str, Value | None]
    presumed_findings: Mapping[str, Value | None]
    background: Background
    presumptions: tuple[Presumption, ...]
    policies: tuple[str, ...]
    decisive: tuple[Decisive, ...]
    guidance: tuple[str, ...]
    record: Record
    presumed_record: Record
    patient: Patient
    near: tuple[NearThreshold, ...] = ()

    def __repr__(self) -> str:
        return one_line(self, self.answer, self.recommended or "no single step", f"{len(self.patient.facts)} given")
