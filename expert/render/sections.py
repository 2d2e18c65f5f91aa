"""A report as one plain value, in the order in which it is read: the sheet that a clinician files, and its appendix.

Texts are as the files have them; a format makes them safe. The sheet is for people: it holds no id, path or citation.
What the appendix cites are ids of `Appendix.references`.
"""

from __future__ import annotations

from typing import NamedTuple

from expert.render.phrases import Stated


class Action(NamedTuple):
    """An alert or an advice on the sheet: what it is called, and what to do."""

    title: str
    text: str


class ToCheck(NamedTuple):
    """What is not recorded and could change the answer, and the steps or alerts that it would lead to."""

    what: str
    leads_to: str


class Rung(NamedTuple):
    """A step of the ladder as it is drawn: ``mark`` is its status for the style sheet, ``word`` the same for people.

    ``reasons`` say why the step is recommended, or why not; ``recommended`` and its neighbours have them in full.
    """

    number: int
    title: str
    mark: str
    word: str
    reasons: tuple[str, ...]


class Standing(NamedTuple):
    """Options of one step that are alike in what guidance and the rules say of them."""

    heading: str
    options: tuple[str, ...]


class Sheet(NamedTuple):
    """One sheet of A4: the answer with all that a clinician needs to act on it and to check it.

    ``urgent``: the step is for emergencies. ``answer_word`` says of what the answer is certain. ``because`` are
    the facts behind the step, ``facts`` all others. ``check_heading`` is empty where there is nothing to check.
    ``more_guidance`` counts the notes that only the appendix has.
    """

    subject: str
    urgent: bool
    answer: str
    answer_word: str
    headline: str
    summary: str
    certainty: str
    meanwhile: str
    preferred: tuple[str, ...]
    alerts: tuple[Action, ...]
    because: tuple[str, ...]
    facts: tuple[str, ...]
    unknown: tuple[str, ...]
    scores: tuple[str, ...]
    check_heading: str
    doubts: tuple[str, ...]
    to_check: tuple[ToCheck, ...]
    rungs: tuple[Rung, ...]
    options: tuple[Standing, ...]
    advice: tuple[Action, ...]
    guidance: tuple[str, ...]
    more_guidance: int


class Point(NamedTuple):
    """A rule that argues, and where it is written.

    ``standing`` is ``holds``, ``holds as presumed``, ``open`` or (as presumed) ``fails``; ``facts`` are those that it
    rests on, if it holds; ``case`` says when it does, where a certain answer rests on cases.
    """

    title: str
    because: str
    cite: tuple[str, ...]
    rule: str
    at: str
    standing: str
    facts: tuple[Stated, ...] = ()
    case: tuple[str, ...] = ()


class Arguments(NamedTuple):
    """The arguments for and against a step.

    ``idle`` are rules that are open but do not hold with the presumptions; ``presumed_on`` what the status rests on.
    """

    number: int
    title: str
    status: str
    word: str
    as_presumed: bool
    supports: tuple[Point, ...]
    against: tuple[Point, ...]
    cautions: tuple[Point, ...]
    idle: tuple[Point, ...]
    presumed_on: tuple[Stated, ...]


class Tree(NamedTuple):
    """A node of the derivation. ``again`` says that the rule's own derivation is further up."""

    claim: str
    note: str = ""
    because: str = ""
    cite: tuple[str, ...] = ()
    rule: str = ""
    at: str = ""
    facts: tuple[Stated, ...] = ()
    again: bool = False
    parts: tuple[Tree, ...] = ()


class PresumedFindings(NamedTuple):
    """Presumed findings behind the step; ``title`` is that of the conclusion that rests on nothing else, if any."""

    title: str
    cite: tuple[str, ...]
    findings: tuple[Stated, ...]


class OpenFinding(NamedTuple):
    """A finding that could change the step: the question, what is presumed, and where each answer would lead."""

    title: str
    ask: str
    presumed: str
    leads_to: tuple[tuple[str, str], ...]
    partners: tuple[str, ...]


class OpenPanel(NamedTuple):
    """Members of one panel that could change the step, and the steps that they lead to."""

    title: str
    ask: str
    steps: tuple[str, ...]
    members: tuple[OpenFinding, ...]


class Way(NamedTuple):
    """The fewest findings that together lead to a step, or raise an alert; ``complete`` if these are all."""

    title: str
    routes: tuple[tuple[str, ...], ...]
    complete: bool


class Choice(NamedTuple):
    """An option: how a step may be carried out."""

    title: str
    note: str
    cite: tuple[str, ...]
    word: str
    preferred: bool
    standing: str
    supports: tuple[Point, ...]
    against: tuple[Point, ...]
    cautions: tuple[Point, ...]


class Choices(NamedTuple):
    """The options of one step, the preferred ones first; of those that guidance does not recommend, the titles."""

    step: str
    options: tuple[Choice, ...]
    discouraged: tuple[str, ...] = ()


class Notice(NamedTuple):
    """An alert or an advice with the rules that call for it."""

    title: str
    text: str
    cite: tuple[str, ...]
    standing: str
    because: tuple[Point, ...]


class GuidanceNote(NamedTuple):
    """Where current guidance differs from claims of the knowledge."""

    verdict: str
    text: str
    differs_from: tuple[str, ...]
    sources: tuple[str, ...]
    verified: bool


class CitedReference(NamedTuple):
    """A reference that the page cites. ``heading`` says what kind of thing it is, and from where."""

    id: str
    heading: str
    text: str
    reading: str
    verified: bool


class Colophon(NamedTuple):
    """Which knowledge and which program gave the answer, when, and what the answer is not."""

    name: str
    version: str
    sha256: str
    reviewed: str
    review_due: str
    overdue: bool
    statement: str
    disclaimer: str
    expert: str
    written: str


class Appendix(NamedTuple):
    """All that was found, with the rules, the places where they are written, and the sources."""

    steps: tuple[Arguments, ...]
    why: Tree | None
    given: tuple[Stated, ...]
    near: tuple[str, ...]
    checks: tuple[str, ...]
    presumptions: tuple[PresumedFindings, ...]
    missing: tuple[OpenPanel | OpenFinding, ...]
    ways: tuple[Way, ...]
    not_ruled_out: tuple[Way, ...]
    not_presumed: tuple[str, ...]
    other_presumed: tuple[Stated, ...]
    said_unknown: tuple[str, ...]
    unknown: tuple[str, ...]
    options: tuple[Choices, ...]
    advice: tuple[Notice, ...]
    concluded: tuple[Stated, ...]
    guidance: tuple[GuidanceNote, ...]
    references: tuple[CitedReference, ...]


class Report(NamedTuple):
    """The sheet, its appendix, and what the foot of the sheet says of their origin."""

    sheet: Sheet
    appendix: Appendix
    colophon: Colophon
