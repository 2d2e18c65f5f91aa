"""The knowledge base as plain, immutable values: rules, the ladder, references, and the whole.

Readers produce and compilers consume only what is defined here, in `expert.lang.vocabulary` and in
`expert.lang.premises`. Nothing in these modules computes a conclusion.
"""

from collections.abc import Container, Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Literal, NamedTuple, get_args

from expert.lang.dimensions import STANDARD, Units
from expert.lang.errors import Location, Problem, meant, quoted
from expert.lang.premises import All, Name, Not, Premise
from expert.lang.roles import Role, Target
from expert.lang.vocabulary import Constraint, Finding, FurtherUnit, Panel, Plausible


def one_line(it: object, *parts: object) -> str:
    """A short ``repr`` of a large value: its class and its most important parts."""
    return f"<{type(it).__name__}: {', '.join(map(str, parts))}>"


# --- rules ------------------------------------------------------------------------------------------------------------


class Conclusion(NamedTuple):
    """What a rule says when it holds.

    ``role`` is ``finding``, ``supports``, ``excludes``, ``cautions``, ``prefers``, ``alert`` or ``advise``; ``target``
    is the finding, step, ``STEP.OPTION``, alert or advice; ``value`` is that of a concluded finding. Conclusions are
    equal wherever they are written (``at``).
    """

    role: Role
    target: str
    value: bool | str = True
    at: Location | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Conclusion) and self[:3] == other[:3]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:3])

    @property
    def name(self) -> Name:
        """The name of the definition that this conclusion helps to establish."""
        if self.role == "finding" and isinstance(self.value, str):
            return (self.role, self.target, self.value)
        return (self.role, self.target)

    @property
    def line(self) -> str:
        """The conclusion as a line of the knowledge language."""
        if self.role != "finding":
            return f"{self.role} {self.target}"
        return self.target if self.value is True else f"{self.target} is {self.value}"


RuleStatus = Literal["active", "draft", "retired"]
RULE_STATUSES: tuple[RuleStatus, ...] = get_args(RuleStatus)
"""The states of a rule's life; only active rules conclude anything."""


class Evidence(NamedTuple):
    """How strong the evidence for a rule is (``grade``, in the words of its source), and the reference that says so."""

    grade: str
    source: str


class Review(NamedTuple):
    """A review of a rule, by a person in a role (``by``), ``on`` a day, YYYY-MM-DD.

    ``hash`` is that of the text which was reviewed (see `expert.lang.reviews`).
    """

    by: str
    on: str
    hash: str


class Rule(NamedTuple):
    """If every premise of ``when`` holds and every one of ``unless`` fails, then each conclusion of ``then`` holds.

    Attributes:
        since: the day from which it has its status, YYYY-MM-DD; empty if that is not stated.
        replaced_by: of a retired rule, the rule in its place, if any.
    """

    id: str
    title: str
    when: tuple[Premise, ...]
    unless: tuple[Premise, ...]
    then: tuple[Conclusion, ...]
    because: str
    cite: tuple[str, ...]
    at: Location
    status: RuleStatus = "active"
    since: str = ""
    replaced_by: str = ""
    evidence: Evidence | None = None
    reviewed: tuple[Review, ...] = ()

    @property
    def premise(self) -> All:
        """The whole condition as one premise."""
        return All((*self.when, *(Not(exception) for exception in self.unless)))


# --- the ladder -------------------------------------------------------------------------------------------------------


STANDINGS = ("supported", "optional", "not_recommended")
"""What current guidance says of an option, in the order in which options are shown."""


class Option(NamedTuple):
    """A way to carry out a step; ``name`` is ``STEP.OPTION``. On offer with its step unless ``if_supported``.

    ``standing`` is by current guidance: ``supported``, ``optional`` or ``not_recommended``. ``former`` are names that
    it had before, without the step.
    """

    name: str
    title: str
    cite: tuple[str, ...]
    at: Location
    note: str = ""
    if_supported: bool = False
    standing: str = "optional"
    former: tuple[str, ...] = ()


class Step(NamedTuple):
    """A rung of the ladder. While a ``gate`` is recommended, later steps wait. ``urgent``: for emergencies.

    ``former`` are names that it had before, here as in the other entries of the ladder.
    """

    name: str
    title: str
    summary: str
    at: Location
    gate: bool = False
    meanwhile: str = ""
    never_recommended: bool = False
    cite: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    short: str = ""
    urgent: bool = False
    former: tuple[str, ...] = ()

    @property
    def by_standing(self) -> list[Option]:
        """Its options, those that current guidance supports first."""
        return sorted(self.options, key=lambda option: STANDINGS.index(option.standing))


class StepGroup(NamedTuple):
    """A name for several steps."""

    name: str
    title: str
    steps: tuple[str, ...]


class Alert(NamedTuple):
    """Something that must be read whichever step is recommended."""

    name: str
    title: str
    text: str
    at: Location
    former: tuple[str, ...] = ()


class Advice(NamedTuple):
    """Something to do in addition, shown when one of its steps is recommended."""

    name: str
    title: str
    text: str
    steps: tuple[str, ...]
    at: Location
    former: tuple[str, ...] = ()


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
    """Where current guidance differs from claims of the article; ``short`` says in a few words on what."""

    id: str
    differs_from: tuple[str, ...]
    verdict: str
    text: str
    sources: tuple[str, ...]
    verified: bool
    at: Location
    short: str = ""


class Invariant(NamedTuple):
    """What is promised never (or always) to happen when a premise holds.

    Attributes:
        status: ``recommended`` of a step or a step group, ``offered`` of an option.
        targets: the option, or the steps of the target.
    """

    id: str
    title: str
    always: bool
    status: str
    target: str
    targets: tuple[str, ...]
    when: Premise
    because: str
    cite: tuple[str, ...]
    at: Location


class Direction(NamedTuple):
    """As a finding rises (or falls) and the others stay, a step never becomes available again."""

    id: str
    title: str
    target: str
    targets: tuple[str, ...]
    finding: str
    rises: bool
    because: str
    cite: tuple[str, ...]
    at: Location


# --- the whole --------------------------------------------------------------------------------------------------------


_NO_UNITS: Mapping[str, FurtherUnit] = {}
_NO_RULES: Mapping[str, Rule] = {}


class Contents(NamedTuple):
    """All that a knowledge folder says; every mapping is in the order of its file.

    Attributes:
        findings: inputs and concluded findings by name.
        rules: the active rules. Everything that concludes reads these, and so needs to know nothing of the others.
        inactive: drafts and retired rules.
        further_units: what the vocabulary says of units; ``units`` are all units with these.
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
    plausible: tuple[Plausible, ...] = ()
    further_units: Mapping[str, FurtherUnit] = _NO_UNITS
    units: Units = STANDARD
    inactive: Mapping[str, Rule] = _NO_RULES


class KnowledgeBase(Contents):
    """The contents of a knowledge folder, with indexes over them.

    It is compared by identity; compare ``sha256`` to learn whether two have the same content.
    """

    __eq__ = object.__eq__
    __ne__ = object.__ne__
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return one_line(self, f"{self.name} {self.version}", f"{len(self.rules)} rules", f"sha256 {self.sha256[:12]}")

    def review_overdue(self, today: date) -> bool:
        """Whether the knowledge was due for review before today."""
        return today.isoformat() > self.review_due

    @cached_property
    def inputs(self) -> Mapping[str, Finding]:
        """The input findings that rules may read: they make up the space of patients."""
        return {name: finding for name, finding in self.given.items() if not finding.for_record}

    @cached_property
    def given(self) -> Mapping[str, Finding]:
        """The input findings, and those that are only for the record."""
        return {name: finding for name, finding in self.findings.items() if not finding.concluded}

    @cached_property
    def former(self) -> Mapping[str, Mapping[str, str]]:
        """The names that entries had before, each with its name now.

        They are by kind: ``finding`` (with panels), ``step``, ``option`` (``STEP.OPTION``), ``alert`` and ``advice``.
        """
        kinds: dict[str, Iterable[Finding | Panel | Step | Alert | Advice]] = {
            "finding": [*self.findings.values(), *self.panels.values()],
            "step": self.steps.values(),
            "alert": self.alerts.values(),
            "advice": self.advice.values(),
        }
        found = {kind: {old: it.name for it in its for old in it.former} for kind, its in kinds.items()}
        options = {
            f"{of_step}.{called}": option.name
            for step in self.steps.values()
            for option in step.options
            for of_step in (step.name, *step.former)
            for called in (option.name.partition(".")[2], *option.former)
        }
        return {**found, "option": {old: name for old, name in options.items() if old != name}}

    def by_group(self, names: Container[str]) -> dict[str, list[str]]:
        """Those of some names that people give, by group: groups and names in the vocabulary's order, none empty."""
        found: dict[str, list[str]] = {group: [] for group in self.groups}
        for name, finding in self.given.items():
            if name in names:
                found[finding.group].append(name)
        return {group: its for group, its in found.items() if its}

    @cached_property
    def presumed_unless(self) -> Mapping[str, Premise]:
        """The findings whose usual value is not always presumed, with the condition under which it is not."""
        return {name: it.presumed_unless for name, it in self.inputs.items() if it.presumed_unless is not None}

    @cached_property
    def concluded(self) -> Mapping[str, Finding]:
        """The findings that rules conclude."""
        return {name: finding for name, finding in self.findings.items() if finding.concluded}

    @cached_property
    def scored(self) -> tuple[Premise, ...]:
        """The premises that add to scores."""
        return tuple(All(entry.when) for finding in self.concluded.values() for entry in finding.points)

    def with_entry(self, entry: Rule | Finding) -> "KnowledgeBase":
        """The same contents with a rule or a finding in the place of the one of its name."""
        if isinstance(entry, Rule):
            return self._replace(rules={**self.rules, entry.id: entry})
        return self._replace(findings={**self.findings, entry.name: entry})

    @cached_property
    def written_rules(self) -> Mapping[str, Rule]:
        """All rules, drafts and retired ones included, in the order of files and lines."""
        both = (*self.rules.values(), *self.inactive.values())
        return {rule.id: rule for rule in sorted(both, key=lambda rule: rule.at)}

    @cached_property
    def drafts(self) -> Mapping[str, Rule]:
        """The rules that are drafts."""
        return {name: rule for name, rule in self.inactive.items() if rule.status == "draft"}

    def with_drafts(self) -> "KnowledgeBase":
        """The same contents with every draft as an active rule."""
        rules = {name: rule for name, rule in self.written_rules.items() if rule.status != "retired"}
        return self._replace(rules=rules, inactive={name: self.inactive[name] for name in self.inactive.keys() - rules})

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


def not_a_step(kb: KnowledgeBase, word: str, where: str = "") -> Problem:
    """The problem of a word that names no step, with the steps that have it in their titles or among their options."""
    titles = {
        it.name: " ".join([it.title, *(f"{of.name} {of.title}" for of in it.options)]) for it in kb.steps.values()
    }
    return Problem(
        f"{where}{quoted(word)} is not a step", expected=f"one of {', '.join(kb.steps)}", suggestion=meant(word, titles)
    )


def titles_of(kb: KnowledgeBase, *targets: Target) -> dict[str, str]:
    """The names of all entries of some kinds, each with its title."""
    entries = {
        "step": kb.steps,
        "step group": kb.step_groups,
        "option": kb.options,
        "alert": kb.alerts,
        "advice": kb.advice,
    }
    return {name: it.title for target in targets for name, it in entries[target].items()}  # type: ignore[attr-defined]
