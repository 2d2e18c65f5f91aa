"""The answer for one patient as a value: steps, options, alerts and advice, with the arguments for and against them.

`expert.render` puts it into words. Annotations are evaluated here, which is quicker in a named tuple than keeping them
as text.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from expert.engine.record import Record
from expert.lang.facts import Background, Patient
from expert.lang.model import one_line
from expert.lang.premises import Premise
from expert.lang.values import Facts, Value
from expert.logic.step_status import StepStatus

AnswerKind = Literal["certain", "provisional", "open"]
OptionStatus = Literal["offered", "excluded", "unsupported", "open"]
TruthWord = Literal["holds", "fails", "open"]
"""How a rule, an alert or an advice is for one patient."""


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
    status: TruthWord
    presumed_status: TruthWord
    at: str
    case: tuple[Premise, ...] = ()

    def __repr__(self) -> str:
        return one_line(self, self.rule, self.status)

    @property
    def holds(self) -> bool:
        """Whether it holds, as presumed."""
        return self.presumed_status == "holds"


class StepReport(NamedTuple):
    """A step with both its statuses and the arguments about it that hold or are open.

    ``presumed_on`` are the presumed findings behind ``presumed_status``.
    """

    step: str
    title: str
    status: StepStatus
    presumed_status: StepStatus
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
    status: OptionStatus
    presumed_status: OptionStatus
    preferred: bool
    supports: tuple[Argument, ...]
    against: tuple[Argument, ...]
    cautions: tuple[Argument, ...]
    guidance: tuple[str, ...]

    def __repr__(self) -> str:
        return one_line(self, self.option, self.status, f"{self.presumed_status} as presumed")

    @property
    def offered(self) -> bool:
        """Whether it is on offer, as presumed."""
        return self.presumed_status == "offered"


class NoticeReport(NamedTuple):
    """An alert or an advice that holds or is open."""

    name: str
    title: str
    text: str
    status: TruthWord
    presumed_status: TruthWord
    because: tuple[Argument, ...]
    guidance: tuple[str, ...]

    def __repr__(self) -> str:
        return one_line(self, self.name, self.status, f"{self.presumed_status} as presumed")

    @property
    def holds(self) -> bool:
        """Whether it holds, as presumed."""
        return self.presumed_status == "holds"


class Possible(NamedTuple):
    """A step that some permitted completion leads to, with the shortest deviations from the presumed patient that do.

    Each deviation is a tuple of premises. ``complete`` says that every deviation of that length is listed.
    """

    step: str
    deviations: tuple[tuple[Premise, ...], ...]
    complete: bool


class Decisive(NamedTuple):
    """An unknown finding whose value, had it been given, could change the recommended step.

    ``leads_to`` maps premises about it to steps; where ``partners`` are named, it does so together with one of them.
    """

    finding: str
    ask: str
    leads_to: Mapping[Premise, tuple[str, ...]]
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

    answer: AnswerKind
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

    @property
    def step(self) -> StepReport | None:
        """The recommended step."""
        return next((it for it in self.ladder if it.step == self.recommended), None)

    @property
    def preferred(self) -> list[OptionReport]:
        """The preferred options of those on offer."""
        return [it for it in self.options if it.preferred and it.offered]

    def __repr__(self) -> str:
        return one_line(self, self.answer, self.recommended or "no single step", f"{len(self.patient.facts)} given")
