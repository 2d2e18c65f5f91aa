"""A report as one plain value, in the order in which it is read; every format renders all of it.

Texts are as the files have them; a format makes them safe. What is cited are ids of `Report.references`.
"""

from __future__ import annotations

from typing import NamedTuple

from expert.render.phrases import Stated


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


class Rung(NamedTuple):
    """A step of the ladder with the arguments for and against it.

    ``idle`` are rules that are open but do not hold with the presumptions; ``presumed_on`` what the status rests on.
    """

    number: int
    title: str
    status: str
    word: str
    as_presumed: bool
    reason: str
    cite: tuple[str, ...]
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


class Report(NamedTuple):
    """The whole page, in the order in which it is read.

    ``step`` is empty where no single step follows or too little is recorded; ``find_out`` is then what to ask first.
    ``answer_word`` says of what the answer is certain.
    """

    subject: str
    answer: str
    answer_word: str
    step: str
    headline: str
    summary: str
    certainty: str
    find_out: tuple[str, ...]
    meanwhile: str
    preferred: tuple[str, ...]
    alerts: tuple[Notice, ...]
    rungs: tuple[Rung, ...]
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
    colophon: Colophon
