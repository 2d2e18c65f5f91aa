"""The answer for one patient as a value: steps, options, alerts and advice, with the arguments for and against them.

`expert.render` puts it into words. This module does without postponed annotations, which named tuples define more
slowly.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from expert.engine.record import Record
from expert.lang.facts import Background, Patient, Question
from expert.lang.model import one_line
from expert.lang.observables import Interval
from expert.lang.premises import Premise
from expert.lang.values import Facts, Value
from expert.logic.plausibility import Implausible
from expert.logic.step_status import StepStatus

AnswerKind = Literal["certain", "provisional", "open"]
OptionStatus = Literal["offered", "excluded", "unsupported", "open"]
TruthWord = Literal["holds", "fails", "open"]
"""The truth of a rule, an alert or an advice for one patient."""


class Argument(NamedTuple):
    """A rule for, against or with caution about something.

    Attributes:
        facts: the findings that decide it; while it is open, those known so far.
        status: ``holds``, ``open`` or ``fails`` from what is known.
        presumed_status: the same with presumptions.
        case: the case in which it holds, if the answer is by cases.
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
    """A step with its statuses and the arguments about it that hold or are open.

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
    """An option of the recommended step, or of the step to take meanwhile."""

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
    standing: str = "optional"

    def __repr__(self) -> str:
        return one_line(self, self.option, self.status, f"{self.presumed_status} as presumed")

    @property
    def offered(self) -> bool:
        """Whether it is on offer, as presumed."""
        return self.presumed_status == "offered"

    @property
    def discouraged(self) -> bool:
        """Whether current guidance does not recommend it, and no rule prefers or excludes it."""
        return self.standing == "not_recommended" and not self.preferred and self.presumed_status != "excluded"


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
    """A possible step, with the shortest deviations from the presumed patient that lead to it.

    Each deviation is a tuple of premises; ``complete`` means that every deviation of that length is listed.
    """

    step: str
    deviations: tuple[tuple[Premise, ...], ...]
    complete: bool


class NotRuledOut(NamedTuple):
    """An alert that is not certain and that some completion raises, with the shortest deviations that raise it.

    ``deviations`` and ``complete`` are as in `Possible`: an alert that is raised as presumed needs no deviation.
    """

    alert: str
    title: str
    deviations: tuple[tuple[Premise, ...], ...]
    complete: bool

    @property
    def as_presumed(self) -> bool:
        """Whether it is raised as presumed."""
        return self.deviations == ((),)


class NotEnough(NamedTuple):
    """Why too little is recorded for an answer, and what to find out first.

    Attributes:
        nothing_recorded: nothing is given of the patient; findings of the site and for the record do not count.
        said_unknown: findings that are given as unknown and could lead to a gate before the recommended step.
        not_presumed: findings that have no usual value here, on which it depends whether a gate comes first.
        find_out: the questions about these and, with nothing recorded, about all findings that alone could lead to a
            gate (if none does, to another step). Panels come first.
    """

    nothing_recorded: bool
    said_unknown: tuple[str, ...]
    not_presumed: tuple[str, ...]
    find_out: tuple[Question, ...]


class Decisive(NamedTuple):
    """An unknown finding whose value could change the recommended step.

    ``leads_to`` maps premises about it to steps; with ``partners``, it needs one of them to change the step.
    """

    finding: str
    ask: str
    leads_to: Mapping[Premise, tuple[str, ...]]
    partners: tuple[str, ...] = ()


class Presumption(NamedTuple):
    """Presumed findings behind a provisional answer.

    ``title`` and ``cite`` are those of a conclusion that needs only these, if there is one (such as the diagnosis).
    """

    title: str
    cite: tuple[str, ...]
    findings: tuple[str, ...]


class NearThreshold(NamedTuple):
    """A given quantity within its ``resolution`` of a ``threshold`` (``exact``: equal to it), both as text."""

    finding: str
    threshold: str
    resolution: str
    exact: bool = False


class ScoreReport(NamedTuple):
    """The points of a score: what is known of them, and with the presumptions."""

    known: Interval
    presumed: Interval


class Assessment(NamedTuple):
    """The answer for one patient: ``certain``, ``provisional`` or ``open``.

    ``findings`` are concluded; ``policies`` are the site's defaults behind the recommended step; ``near`` are given
    quantities that may have been rounded across a threshold; ``not_ruled_out`` are the alerts that are still open;
    ``checks`` are warnings about what is given. With ``not_enough``, the step is that of a presumed patient, no answer.
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
    not_ruled_out: tuple[NotRuledOut, ...] = ()
    not_enough: NotEnough | None = None
    scores: Mapping[str, ScoreReport] = {}
    checks: tuple[Implausible, ...] = ()

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
