"""What a consultation comes to, as plain values. Rendering them is somebody else's work.

Annotations are evaluated here, unlike elsewhere: of a named tuple that is quicker than keeping them as text.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from expert.model import Concluded, Facts, Literal, Name, Rule, Value


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


class Patient(NamedTuple):
    """What was said of a patient and a site.

    Attributes:
        facts: findings with their values.
        written: the same values as people wrote them.
        overridden: findings that the command line changed, with what the file had said.
        unknown: findings that were said to be unknown.
    """

    facts: Facts
    written: Mapping[str, str] = MappingProxyType({})
    overridden: Mapping[str, str] = MappingProxyType({})
    unknown: tuple[str, ...] = ()


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


class NoticeReport(NamedTuple):
    """An alert or an advice that holds or is open."""

    name: str
    title: str
    text: str
    status: str
    presumed_status: str
    because: tuple[Argument, ...]
    guidance: tuple[str, ...]


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


class Assessment(NamedTuple):
    """The answer for one patient: ``certain``, ``provisional`` or ``open``.

    ``findings`` are the concluded ones; ``policies`` are the defaults of the site that the recommended step rests on.
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


class Derivation(NamedTuple):
    """A node of a why-tree: something that holds (or is known not to), with what it follows from.

    ``origin`` is ``rule``, ``definition``, ``case``, or where a fact comes from: ``given``, ``default``, ``forced`` or
    ``presumed``. A negative conclusion names the ``facts`` behind it instead of every rule that failed.
    """

    claim: str
    origin: str
    rule: Rule | None = None
    facts: tuple["Fact", ...] = ()
    follows_from: tuple["Derivation", ...] = ()


class Fact(NamedTuple):
    """The value of one finding as people read it, and where it comes from."""

    finding: str
    value: str
    origin: str


class Blocker(NamedTuple):
    """A premise that keeps a rule from holding: what was read of each finding in it, and what was needed.

    Where it asks for a conclusion, ``rules`` are those that could have led to that, and do not.
    """

    premise: str
    read: tuple[Fact, ...]
    needed: str
    rules: tuple["BlockedRule", ...] = ()


class BlockedRule(NamedTuple):
    """A rule that could have led to the target, with what keeps it from holding."""

    rule: Rule
    blockers: tuple[Blocker, ...]


class Explanation(NamedTuple):
    """Why a target is as it is.

    Attributes:
        target: what was asked about, and ``title`` its name for people.
        verdict: what is so, as a sentence without a full stop.
        provisional: whether presumptions are needed for it.
        derivation: how it follows, if it holds.
        blocked: the rules that could have led to it and do not.
        against: how each thing that excludes it follows.
        undecided: the rules that may yet exclude it.
        earlier: earlier steps that are available.
        earlier_presumed: earlier steps that are available with the presumptions.
        earlier_open: earlier steps that are open even so.
        goes_with: of an advice that is not given: the steps that it belongs to.
    """

    target: str
    title: str
    verdict: str
    provisional: bool
    derivation: Derivation | None = None
    blocked: tuple[BlockedRule, ...] = ()
    against: tuple[Derivation, ...] = ()
    undecided: tuple[BlockedRule, ...] = ()
    earlier: tuple[str, ...] = ()
    earlier_presumed: tuple[str, ...] = ()
    earlier_open: tuple[str, ...] = ()
    goes_with: tuple[str, ...] = ()


# --- consultation -----------------------------------------------------------------------------------------------------


class Question(NamedTuple):
    """A question of a consultation: about one finding, or about those members of a panel that still matter."""

    ask: str
    findings: tuple[str, ...]
    panel: str = ""


class Bearing(NamedTuple):
    """The steps that stay possible if a premise about one finding holds."""

    finding: str
    premise: str
    steps: tuple[str, ...]


class Stakes(NamedTuple):
    """What a question decides: what each answer leaves possible, and the open rules that hang on it."""

    bearings: tuple[Bearing, ...]
    rules: tuple[Rule, ...]


# --- what if, what would change it, what is enough --------------------------------------------------------------------


class Link(NamedTuple):
    """A conclusion that a change of facts turned; ``before`` and ``after`` are what was concluded, in words.

    ``kind`` is ``finding``, ``rule`` or ``step`` (of a chain), ``option``, ``alert``, ``advice`` or ``caution``;
    ``rule`` is the rule that turned, where it is one.
    """

    kind: str
    claim: str
    before: str
    after: str
    rule: Rule | None = None


class Comparison(NamedTuple):
    """Two answers, and how the one became the other.

    Attributes:
        changed: the findings that were changed, each before and after.
        turned: everything else that a person can see change.
        chain: if the recommended step changed, the fewest changed findings that carry it, and the conclusions on
            shortest ways from them to the step, by stratum.
    """

    before: Assessment
    after: Assessment
    changed: tuple[Link, ...]
    turned: tuple[Link, ...]
    chain: tuple[Link, ...]


class Counterfactual(NamedTuple):
    """A subset-minimal set of changes that leads to another step.

    Attributes:
        premises: the changes, as premises.
        values: one value of each changed finding that makes them hold, nearest to the present ones.
        given: those of the changed findings whose present value was given, not presumed.
    """

    step: str
    premises: tuple[str, ...]
    values: Facts
    given: tuple[str, ...]


class WaysTo(NamedTuple):
    """All counterfactuals of up to some size that lead to a step, cheapest first.

    Where there is none, ``impossible`` says that it is proved that no change, of however many findings, leads there.
    """

    step: str
    counterfactuals: tuple[Counterfactual, ...]
    impossible: bool


class Changes(NamedTuple):
    """What leads to other steps than that which is recommended as presumed: sets of up to ``most`` changes."""

    recommended: str | None
    most: int
    ways: tuple[WaysTo, ...]


class SufficientReason(NamedTuple):
    """Facts that force a step whatever else had been so; no proper subset of ``given`` does, nor of ``presumed``.

    ``given`` are findings that were given (or count as given); ``presumed`` those presumptions that are needed besides.
    """

    step: str
    given: tuple[Fact, ...]
    presumed: tuple[Fact, ...]
