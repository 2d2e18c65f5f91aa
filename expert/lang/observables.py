"""What can be observed of an answer: one table, used by everything that compares two answers.

To add a kind of conclusion, add an entry here and in `expert.lang.roles`, its definition in `expert.lang.definitions`,
and its part of the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from expert.lang.model import titles_of

if TYPE_CHECKING:
    from expert.lang.model import KnowledgeBase
    from expert.lang.premises import Name
    from expert.lang.values import Value
    from expert.lang.vocabulary import Finding

Truth = bool | None

# --- what can be observed of an answer --------------------------------------------------------------------------------

Kind = Literal[
    "recommended step",
    "kind of answer",
    "meanwhile",
    "step",
    "alert",
    "finding",
    "caution",
    "option",
    "preference",
    "advice",
    "background",
]
Key = tuple[Kind, str]
"""The kind of an observable and its name; the name is empty if an answer has only one of the kind."""

Status = str
"""The state of an observable as a value: ``holds``, ``excluded``, ``offered``, a step, a value of a finding."""


class ObservableKind(NamedTuple):
    """A kind of observable.

    Attributes:
        title, plural: the names of one and of several.
        words: the words for each status; a status that is not listed is its own word.
        absent: the status if an answer does not list it.
        listing: the key of `LISTINGS` under which cases expect it, if any.
    """

    title: str
    plural: str
    words: Mapping[Status, str]
    absent: Status = ""
    listing: str = ""


def _listed(title: str, plural: str, holds: str, fails: str, listing: str) -> ObservableKind:
    return ObservableKind(title, plural, {"holds": holds, "fails": fails}, "fails", listing)


KINDS: Mapping[Kind, ObservableKind] = {
    "recommended step": ObservableKind("recommended step", "recommended steps", {"": "no step"}),
    "kind of answer": ObservableKind("kind of answer", "kinds of answers", {}),
    "meanwhile": ObservableKind("step meanwhile", "steps meanwhile", {"": "nothing meanwhile"}),
    "step": ObservableKind("status of a step", "statuses of steps", {"": "not on the ladder"}),
    "alert": _listed("alert", "alerts", "raised", "not raised", "alerts"),
    "finding": ObservableKind(
        "concluded finding", "concluded findings", {"holds": "yes", "fails": "no", "open": "unknown"}, "open"
    ),
    "caution": _listed("caution", "cautions", "cautioned against", "no caution", "cautions"),
    "option": ObservableKind(
        "option",
        "options",
        {"": "no such option", "offered": "on offer", "unsupported": "not on offer"},
        "unsupported",
        "options",
    ),
    "preference": _listed("preference", "preferences", "preferred", "not preferred", "preferred"),
    "advice": _listed("piece of advice", "pieces of advice", "given", "not given", "advice"),
    "background": ObservableKind("value used without being given", "values used without being given", {}),
}
"""Every kind of observable, the most important first."""


class Observable(NamedTuple):
    """One observable of an answer, other than its recommended step and its kind.

    ``definitions`` are the names that decide its status; a concluded choice has one for each value.
    """

    kind: Kind
    name: str
    title: str
    definitions: tuple[Name, ...]

    @property
    def key(self) -> Key:
        """What identifies it in an answer."""
        return self.kind, self.name


def observables(kb: KnowledgeBase) -> Iterator[Observable]:
    """Everything of a knowledge base that has a status in each answer."""
    for name, step in kb.steps.items():
        yield Observable("step", name, step.title, (("excludes", name), ("supports", name), ("available", name)))
    for name, option in kb.options.items():
        yield Observable("option", name, option.title, (("offered", name), ("excludes", name)))
        yield Observable("preference", name, option.title, (("prefers", name),))
    for name, title in titles_of(kb, "step", "option").items():
        yield Observable("caution", name, title, (("cautions", name),))
    for name, alert in kb.alerts.items():
        yield Observable("alert", name, alert.title, (("alert", name),))
    for name, advice in kb.advice.items():
        yield Observable("advice", name, advice.title, (("given", name),))
    for name, finding in kb.concluded.items():
        yield Observable("finding", name, finding.title, finding.names)


def status_of(it: Observable, truth: Callable[[Name], Truth]) -> Status:
    """The status of an observable other than a step, by the truths of its definitions."""
    truths = [truth(name) for name in it.definitions]
    if it.kind == "option":
        offered, excluded = truths
        return "open" if offered is None else "offered" if offered else "excluded" if excluded else "unsupported"
    if it.definitions[0][0] == "score":
        return str(interval_of(it.definitions, truth))
    if it.kind == "finding" and len(it.definitions[0]) == 3:
        return next((name[2] for name, holds in zip(it.definitions, truths, strict=True) if holds), "open")
    return "open" if truths[0] is None else "holds" if truths[0] else "fails"


class Interval(NamedTuple):
    """The least and the most points that a score may have, as a number or as ``2 to 4``."""

    least: int
    most: int

    def __str__(self) -> str:
        return str(self.least) if self.least == self.most else f"{self.least} to {self.most}"


def interval_of(definitions: Sequence[Name], truth: Callable[[Name], Truth]) -> Interval:
    """What is known of a score, by the truths of its definitions."""
    truths = [truth(name) for name in definitions]
    lowest = int(definitions[0][2]) - 1
    return Interval(lowest + sum(it is True for it in truths), lowest + sum(it is not False for it in truths))


def value_of(finding: Finding, truth: Callable[[Name], Truth]) -> Value | None:
    """The value of a concluded finding; of a choice, the first of its values that holds."""
    names = finding.names
    if finding.points:
        found = interval_of(names, truth)
        return float(found.least) if found.least == found.most else None
    if not finding.values:
        return truth(names[0])
    return next((value for value, name in zip(finding.values, names, strict=True) if truth(name)), None)


# --- differences of two answers ---------------------------------------------------------------------------------------


class State(NamedTuple):
    """The state of an observable in one answer.

    Attributes:
        word: its status in words.
        presumed: the status depends on presumptions.
        rules: the rules behind a caution.
    """

    word: str
    presumed: bool = False
    rules: tuple[str, ...] = ()

    def __str__(self) -> str:
        by = f" by {', '.join(self.rules)}" if self.rules else ""
        return f"{self.word}{by}{', as presumed' if self.presumed else ''}"


def state(kind: Kind, known: Status, presumed: Status, rules: tuple[str, ...] = ()) -> State:
    """The state of an observable, from its status over what is known and its status with presumptions."""
    return State(word_of(kind, presumed), known != presumed and presumed != "open", rules)


def value_status(value: bool | str | float | None) -> Status:
    """The status of a concluded finding with a value."""
    if isinstance(value, float):
        return f"{value:g}"
    return "open" if value is None else value if isinstance(value, str) else "holds" if value else "fails"


def word_of(kind: Kind, status: Status) -> str:
    """A status in words."""
    return KINDS[kind].words.get(status, status)


def step_word(status: Status, available: Truth) -> str:
    """The status of a step in words; ``available`` is ``None`` where only a case split decides it."""
    by_cases = status in ("recommended", "available", "waiting") and available is None
    return f"{word_of('step', status)}{', case by case' if by_cases else ''}"


class Difference(NamedTuple):
    """An observable with its state in two answers."""

    kind: Kind
    name: str
    before: State
    after: State

    @property
    def key(self) -> Key:
        """What identifies the observable in an answer."""
        return self.kind, self.name

    @property
    def subject(self) -> str:
        """The kind and the name of the observable."""
        return f"{self.kind} {self.name}".rstrip()

    def __repr__(self) -> str:
        return f"<Difference: {self.subject}, {self.before} -> {self.after}>"


def differences(
    before: Mapping[Key, State], after: Mapping[Key, State], left_out: Container[Key] = ()
) -> Iterator[Difference]:
    """What differs between two answers, the most important first; an observable missing from one is absent there."""
    for kind, entry in KINDS.items():
        absent = State(word_of(kind, entry.absent))
        for key in dict.fromkeys(key for key in (*before, *after) if key[0] == kind and key not in left_out):
            old, new = before.get(key, absent), after.get(key, absent)
            if old != new:
                yield Difference(*key, old, new)
