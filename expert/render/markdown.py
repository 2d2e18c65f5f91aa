"""A report as Markdown (CommonMark): the same sheet in plain text, with nothing but headings, lists and emphasis."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from expert.render.phrases import STANDING, Stated
from expert.render.plain import visible
from expert.render.sections import Action, Arguments, Choice, Notice, OpenFinding, OpenPanel, Point, Report, Tree

LADDER = "The ladder: the first step that is supported and not ruled out"
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~&!$^]|(?<=www)\.|:(?=//)", re.IGNORECASE)
_OPENING = re.compile(r"^(\d+(?=[.)])|(?=[-+=]))")  # what would begin a list at the beginning of a line


def render_markdown(report: Report, *, appendix: bool = False) -> str:
    """The sheet, and on request its appendix."""
    lines = [*_Sheet(report).lines(), *(_Appendix(report).lines() if appendix else ())]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def escape(text: str) -> str:
    """A text that Markdown shows as it is, on one line."""
    return _OPENING.sub(r"\1\\", _SPECIAL.sub(r"\\\g<0>", visible(text).strip()))


class _Sheet:
    """Each method yields the lines of one part; a part begins with a blank line where Markdown needs one."""

    def __init__(self, report: Report) -> None:
        self.it, self.colophon = report.sheet, report.colophon

    def lines(self) -> Iterator[str]:
        yield from self._answer()
        yield from self._patient()
        yield from self._check()
        yield from self._ladder()
        yield from self._with_the_step()
        yield from self._foot()

    def _answer(self) -> Iterator[str]:
        it = self.it
        yield f"# {escape(it.headline)}"
        yield from _paragraph(f"**{it.answer_word.capitalize()}.** {escape(it.summary)}")
        if it.preferred:
            yield from _paragraph(f"Preferred: **{'; '.join(map(escape, it.preferred))}**")
        if it.meanwhile:
            yield from _paragraph(f"Meanwhile: **{escape(it.meanwhile)}**")
        yield from _paragraph(escape(it.certainty))
        if it.alerts:
            yield from _heading(2, "Do now" if it.urgent else "Alert" if len(it.alerts) == 1 else "Alerts")
            yield from map(_action, it.alerts)

    def _patient(self) -> Iterator[str]:
        it = self.it
        yield from _heading(2, "The patient")
        named = (
            ("Behind the step", it.because),
            ("Also recorded" if it.because else "Recorded", it.facts),
            ("Recorded as unknown", it.unknown),
            ("Scores", it.scores),
        )
        if not any(some for _, some in named):
            yield "Nothing is recorded."
        for heading, some in named:
            if some:
                yield from _paragraph(f"**{heading}:** {'; '.join(map(escape, some))}.")

    def _check(self) -> Iterator[str]:
        it = self.it
        if it.check_heading:
            yield from _heading(2, it.check_heading)
        for row in it.to_check:
            yield _item(f"{escape(row.what)}: **{escape(row.leads_to)}**")
        for doubt in it.doubts:
            yield from _paragraph(f"**Check what is recorded:** {escape(doubt)}")

    def _ladder(self) -> Iterator[str]:
        yield from _heading(2, LADDER)
        for rung in self.it.rungs:
            title = f"{escape(rung.title)}: {rung.word}."
            named = f"**{title}**" if rung.mark == "recommended" else title
            yield f"{rung.number}. {' '.join([named, *map(escape, rung.reasons)])}"

    def _with_the_step(self) -> Iterator[str]:
        it = self.it
        if it.options:
            yield from _heading(2, "Options")
        for standing in it.options:
            yield _item(f"{standing.heading}: {'; '.join(map(escape, standing.options))}")
        if it.advice:
            yield from _heading(2, "Advice")
            yield from map(_action, it.advice)
        if it.guidance:
            yield from _heading(2, "Where guidance differs")
            yield from (_item(escape(note)) for note in it.guidance)
        if it.more_guidance:
            yield _item(f"{it.more_guidance} more in the appendix.")

    def _foot(self) -> Iterator[str]:
        it = self.colophon
        review = "review overdue since" if it.overdue else "next review by"
        yield from _heading(2, "Signature")
        yield "Patient: ........  Name: ........  Role: ........  Date: ........"
        yield from _paragraph(f"**{escape(it.disclaimer)}** {escape(it.statement)}")
        knowledge = f"{escape(it.name)} {escape(it.version)} (SHA-256 {it.sha256}), reviewed {escape(it.reviewed)}"
        yield from _paragraph(
            f"{escape(self.it.subject)}: answered on {it.written} by expert {it.expert} with {knowledge}, "
            f"{review} {escape(it.review_due)}."
        )


class _Appendix:
    def __init__(self, report: Report) -> None:
        self.it, self.sheet = report.appendix, report.sheet

    def lines(self) -> Iterator[str]:
        yield from _heading(2, "Appendix: for and against each step")
        for step in self.it.steps:
            yield from self._step(step)
        yield from self._why()
        yield from self._given()
        yield from self._missing()
        yield from self._options()
        yield from self._advice()
        yield from self._guidance()
        yield from self._references()

    def _step(self, it: Arguments) -> Iterator[str]:
        yield from _heading(3, f"{it.number}. {escape(it.title)}: {it.word}{', as assumed' if it.as_presumed else ''}")
        roles = (("For", it.supports), ("Against", it.against), ("Cautions", it.cautions))
        if not any(points for _, points in roles):
            yield f"{'With what is assumed, no' if it.idle else 'No'} rule speaks for it, against it, or with caution."
        for title, points in roles:
            yield from _points(title, points)
        if it.presumed_on:
            yield from _paragraph(f"Assumed for this: {_stated(it.presumed_on)}")
        yield from _points("Rules that do not apply with what is assumed, and could with other facts", it.idle)

    def _why(self) -> Iterator[str]:
        yield from _heading(2, "How the step follows from the facts")
        if self.it.why:
            yield from _tree(self.it.why, "")
        else:
            yield "No single step follows, so there is nothing to derive."

    def _given(self) -> Iterator[str]:
        yield from _heading(2, "What is recorded")
        if not self.it.given:
            yield "Nothing is recorded of the patient."
        yield from (_item(_fact(fact)) for fact in self.it.given)
        if self.it.checks:
            yield from _heading(3, "To be checked")
            yield from (_item(escape(words)) for words in self.it.checks)
        if self.it.near:
            yield from _heading(3, "Near a threshold")
            yield from (_item(escape(words)) for words in self.it.near)

    def _missing(self) -> Iterator[str]:
        it = self.it
        yield from _heading(2, "What is assumed, and what is missing")
        if it.presumptions:
            yield "Assumed, because not recorded; the step rests on it:"
            yield ""
            for one in it.presumptions:
                title = f"{escape(one.title)}{_cites(one.cite)}: " if one.title else ""
                yield _item(title + _stated(one.findings))
        if it.not_presumed:
            yield from _heading(3, "Not assumed")
            yield from (_item(escape(line)) for line in it.not_presumed)
        if it.missing:
            yield from _heading(3, "What would change the step")
            for entry in it.missing:
                yield from _would_change(entry)
        for heading, ways in (
            ("Steps that several findings together lead to", it.ways),
            ("Alerts that are not ruled out", it.not_ruled_out),
        ):
            if ways:
                yield from _heading(3, heading)
            for way in ways:
                routes = [", with ".join(map(escape, route)) for route in way.routes]
                words = "; or ".join([*routes, *(["others"] if routes and not way.complete else [])])
                yield _item(f"{escape(way.title)}: {words or 'possible with what is recorded'}")
        named = (
            ("Also assumed, because not recorded", _stated(it.other_presumed)),
            ("Recorded as unknown", "; ".join(map(escape, it.said_unknown))),
            ("Not recorded, and not assumed", "; ".join(map(escape, it.unknown))),
        )
        for title, words in named:
            if words:
                yield from _heading(3, title)
                yield words

    def _options(self) -> Iterator[str]:
        if self.it.options:
            yield from _heading(2, "Options")
        for group in self.it.options:
            yield from _heading(3, escape(group.step) + (", meanwhile" if group.step == self.sheet.meanwhile else ""))
            for option in group.options:
                yield from _option(option)
            if group.discouraged:
                yield _item(f"{STANDING['not_recommended'].capitalize()}: {'; '.join(map(escape, group.discouraged))}")

    def _advice(self) -> Iterator[str]:
        yield from _heading(2, "Alerts, advice and conclusions")
        if not self.it.advice:
            yield "No advice goes with this answer."
        for one in self.it.advice:
            yield from _notice(one)
        if self.it.concluded:
            yield from _heading(3, "What the rules conclude for this patient")
            yield from (_item(_fact(fact)) for fact in self.it.concluded)

    def _guidance(self) -> Iterator[str]:
        if self.it.guidance:
            yield from _heading(2, "Where guidance differs, with sources")
        for note in self.it.guidance:
            sources = _cites(note.sources) + _aside("" if note.verified else "from memory, not re-checked")
            yield _item(f"{escape(note.verdict)}{_cites(note.differs_from)}. {escape(note.text)}{sources}")

    def _references(self) -> Iterator[str]:
        yield from _heading(2, "References")
        for source in self.it.references:
            heading = escape(source.heading) + ("" if source.verified else ", from memory, not re-checked")
            yield _item(" ".join(filter(None, [f"**{source.id}**", escape(source.text), escape(source.reading)])))
            yield f"  *{heading}*"


def _heading(level: int, text: str) -> Iterator[str]:
    yield from ("", f"{'#' * level} {text}", "")


def _paragraph(text: str) -> Iterator[str]:
    yield from ("", text)


def _item(text: str, indent: str = "") -> str:
    return f"{indent}- {text}"


def _cites(ids: Iterable[str]) -> str:
    words = ", ".join(ids)
    return f" ({words})" if words else ""


def _action(it: Action) -> str:
    return _item(f"**{escape(it.title)}.** {escape(it.text)}")


def _aside(text: str) -> str:
    return f" *({escape(text)})*" if text else ""


def _fact(it: Stated) -> str:
    members = f" ({'; '.join(map(escape, it.members))})" if it.members else ""
    return f"{escape(it.title)}: {escape(it.value)}{members}{_aside(it.note)}"


def _stated(facts: Iterable[Stated]) -> str:
    return "; ".join(map(_fact, facts))


def _points(title: str, points: Sequence[Point]) -> Iterator[str]:
    if points:
        yield from ("", f"{title}:", "")
        for it in points:
            yield from _point(it, "")


def _point(it: Point, indent: str) -> Iterator[str]:
    standing = "" if it.standing in ("holds", "fails") else it.standing
    yield _item(f"**{escape(it.title)}**{_cites(it.cite)}{_aside(standing)}", indent)
    if it.case:
        yield _item(f"If {' and '.join(map(escape, it.case))}", f"{indent}  ")
    yield _item(escape(it.because), f"{indent}  ")
    if it.facts:
        yield _item(_stated(it.facts), f"{indent}  ")
    yield _item(escape(f"{it.rule}, {it.at}"), f"{indent}  ")


def _notice(it: Notice) -> Iterator[str]:
    yield _item(f"**{escape(it.title)}**{_cites(it.cite)}{_aside(it.standing)}: {escape(it.text)}")
    for rule in it.because:
        yield _item(f"{escape(rule.title)}: {escape(rule.because)} ({escape(f'{rule.rule}, {rule.at}')})", "  ")


def _option(it: Choice) -> Iterator[str]:
    words = ("preferred" if it.preferred else "" if it.word == "on offer" else it.word, it.standing)
    note = f": {escape(it.note)}" if it.note else ""
    yield _item(f"**{escape(it.title)}**{_aside(', '.join(filter(None, words)))}{_cites(it.cite)}{note}")
    for title, points in (("For", it.supports), ("Against", it.against), ("Cautions", it.cautions)):
        if points:
            yield _item(f"{title}:", "  ")
            for point in points:
                yield from _point(point, "    ")


def _tree(it: Tree, indent: str) -> Iterator[str]:
    yield _item(f"{escape(it.claim)}{_cites(it.cite)}{_aside('see above' if it.again else it.note)}", indent)
    deeper = f"{indent}  "
    if it.because:
        yield _item(f"because: {escape(it.because)}", deeper)
    if it.rule:
        yield _item(escape(f"{it.rule}, {it.at}"), deeper)
    if it.facts:
        yield _item(_stated(it.facts), deeper)
    for part in it.parts:
        yield from _tree(part, deeper)


def _would_change(it: OpenPanel | OpenFinding) -> Iterator[str]:
    if isinstance(it, OpenPanel):
        steps = " or ".join(map(escape, it.steps))
        yield _item(f"**{escape(it.title)}**: any of {len(it.members)} findings leads to {steps}. {escape(it.ask)}")
        yield from (_item(_change(member), "  ") for member in it.members)
    else:
        yield _item(_change(it))


def _change(it: OpenFinding) -> str:
    answers = "; ".join(f"if {escape(answer)}: {escape(steps)}" for answer, steps in it.leads_to)
    several = "one of " if len(it.partners) > 1 else ""
    partners = f" with {several}{', '.join(map(escape, it.partners))}" if it.partners else ""
    presumed = f"assumed: {escape(it.presumed)}" if it.presumed else "not assumed"
    return f"**{escape(it.title)}** ({presumed}): {answers}{partners}. {escape(it.ask)}".rstrip()
