"""The answer for one patient as a page for the record: what `expert.render.sections` holds, gathered and worded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from expert import __version__
from expert.answer.assess import Reasoner
from expert.answer.assessment import Argument, Assessment, NoticeReport, OptionReport, StepReport
from expert.answer.explanations import Derivation, Fact
from expert.answer.why import Explainer
from expert.lang.errors import InputError, Problem
from expert.lang.model import KnowledgeBase
from expert.render.claims import titled_claim
from expert.render.phrases import (
    ORIGIN,
    STANDING,
    STATUS,
    Stated,
)
from expert.render.report_facts import FactSections
from expert.render.report_sheet import SheetSections
from expert.render.sections import (
    Appendix,
    Arguments,
    Choice,
    Choices,
    CitedReference,
    Colophon,
    GuidanceNote,
    Notice,
    Point,
    Report,
    Tree,
)

DEEPEST = 12
"""The number of levels of the derivation that are indented; deeper ones could not be read."""

_AS_PRESUMED = {"holds": "holds as assumed", "open": "open", "fails": "fails"}
VERDICT = {
    "disagrees": "Current guidance disagrees",
    "partly": "Current guidance agrees in part",
    "silent": "Current guidance is silent",
    "later": "Later evidence adds to it",
}
KINDS = {"claim": "Claim", "guideline": "Guideline or study", "safety": "Safety layer", "assumption": "Assumption"}


def write_report(report: Report, form: str, *, appendix: bool = False) -> str:
    """A report as a page: ``html`` or ``markdown``.

    Args:
        appendix: print the appendix too; in HTML it is always on the screen.

    Raises:
        InputError: there is no such form.
        MissingExtraError: what HTML needs is not installed.
    """
    if form == "markdown":
        from expert.render.markdown import render_markdown

        return render_markdown(report, appendix=appendix)
    if form != "html":
        raise InputError([Problem(f"{form!r} is not a form of a report", expected="html or markdown")])
    from expert.render.html import render_html

    return render_html(report, appendix=appendix)


def gather(reasoner: Reasoner, assessment: Assessment, today: date) -> Report:
    """Everything that a report shows of one assessment."""
    return _Gathering(reasoner, assessment).report(today)


class _Gathering(FactSections):
    """One assessment being put into words."""

    def __init__(self, reasoner: Reasoner, it: Assessment) -> None:
        super().__init__(reasoner.kb, it)
        self.reasoner = reasoner

    def report(self, today: date) -> Report:
        sheet = SheetSections(self.kb, self.it).sheet()
        return Report(sheet, self._appendix(), colophon(self.kb, today))

    def _appendix(self) -> Appendix:
        it = self.it
        whole = Appendix(
            steps=tuple(self._arguments(number, entry) for number, entry in enumerate(it.ladder, 1)),
            why=self._why(),
            given=self.given(),
            near=self.near(),
            checks=self.checks(),
            presumptions=self.presumptions(),
            missing=self.missing(),
            ways=self.ways(),
            not_ruled_out=self.not_ruled_out(),
            not_presumed=self.not_presumed(),
            other_presumed=self.other_presumed(),
            said_unknown=self.said_unknown(),
            unknown=self.unknown(),
            options=self._options(),
            advice=self._notices((*it.alerts, *it.advice)),
            concluded=self.concluded(),
            guidance=self._guidance(),
            references=(),
        )
        return whole._replace(references=self._references())

    def _notices(self, notices: Iterable[NoticeReport]) -> tuple[Notice, ...]:
        return tuple(self._notice(notice) for notice in notices if notice.holds)

    def _notice(self, it: NoticeReport) -> Notice:
        because = tuple(self._point(rule) for rule in it.because if rule.holds)
        standing = "as assumed" if it.status != "holds" else ""
        return Notice(it.title, it.text, self.cite(claim for rule in because for claim in rule.cite), standing, because)

    # --- the arguments

    def _arguments(self, number: int, it: StepReport) -> Arguments:
        roles = (it.supports, it.against, it.cautions)
        supports, against, cautions = map(self._points, roles)
        idle = tuple(self._point(rule) for role in roles for rule in role if rule.presumed_status == "fails")
        status = it.presumed_status
        return Arguments(
            number,
            it.title,
            status,
            STATUS.get(status, status),
            it.status != status,
            supports,
            against,
            cautions,
            idle,
            self.phrases.stated(it.presumed_on, self.values),
        )

    def _points(self, arguments: Iterable[Argument]) -> tuple[Point, ...]:
        """Arguments that hold or are open with the presumptions, those that hold first."""
        order = ("holds", "open")
        shown = [it for it in arguments if it.presumed_status in order]
        shown.sort(key=lambda it: (order.index(it.presumed_status), it.status != "holds"))
        return tuple(map(self._point, shown))

    def _point(self, it: Argument) -> Point:
        holds = it.status == "holds"
        return Point(
            it.title,
            it.because,
            self.cite(it.cite),
            it.rule,
            it.at,
            "holds" if holds else _AS_PRESUMED[it.presumed_status],
            self.phrases.stated(it.facts, it.facts) if holds else (),
            tuple(map(self.phrases.premise, it.case)),
        )

    # --- the derivation

    def _why(self) -> Tree | None:
        if not self.it.recommended:
            return None
        derivation = Explainer(self.reasoner, self.it).why(self.it.recommended).derivation
        return self._trees(derivation, 1)[0] if derivation else None

    def _trees(self, it: Derivation, level: int) -> list[Tree]:
        """A node of the derivation; from some level on with what it follows from behind it, not inside."""
        below = []
        for part in it.follows_from:
            below += self._trees(part, level + 1)
        if level >= DEEPEST:
            return [self._node(it), *below]
        return [self._node(it)._replace(parts=tuple(below))]

    def _node(self, it: Derivation) -> Tree:
        if it.rule:
            cite = self.cite(it.rule.cite)
            return Tree(it.rule.title, "", it.rule.because, cite, it.rule.id, it.rule.at.place, again=it.again)
        claim = titled_claim(self.phrases, it.claim)
        if it.origin == "definition" or not it.facts:
            return Tree(claim, facts=self._facts(it.facts))
        return Tree(claim, f"{ORIGIN[it.origin]}: {it.facts[0].value.replace('_', ' ')}")

    def _facts(self, facts: Sequence[Fact]) -> tuple[Stated, ...]:
        """Facts behind a negative conclusion, with where they come from."""
        found: list[Stated] = []
        for origin in dict.fromkeys(fact.origin for fact in facts):
            some = {fact.finding: fact.value for fact in facts if fact.origin == origin}
            if origin == "case":
                found += [Stated(self.phrases.title(name), value, ORIGIN[origin]) for name, value in some.items()]
            else:
                found += self.phrases.stated(some, self.values, ORIGIN[origin])
        return tuple(found)

    # --- what goes with the step

    def _options(self) -> tuple[Choices, ...]:
        found: dict[str, list[OptionReport]] = {}
        step_of = {option.name: step.name for step in self.kb.steps.values() for option in step.options}
        for option in sorted(self.it.options, key=lambda it: not (it.preferred and it.offered)):
            if option.presumed_status != "unsupported":
                found.setdefault(step_of[option.option], []).append(option)
        return tuple(self._choices(step, options) for step, options in found.items())

    def _choices(self, step: str, options: Sequence[OptionReport]) -> Choices:
        choices = tuple(self._choice(option) for option in options if not option.discouraged)
        return Choices(self.kb.steps[step].title, choices, tuple(it.title for it in options if it.discouraged))

    def _choice(self, it: OptionReport) -> Choice:
        presumed = ", as assumed" if it.status != it.presumed_status else ""
        word = STATUS.get(it.presumed_status, it.presumed_status) + presumed
        points = map(self._points, (it.supports, it.against, it.cautions))
        preferred = it.preferred and it.offered
        return Choice(it.title, it.note, self.cite(it.cite), word, preferred, STANDING[it.standing], *points)

    def _guidance(self) -> tuple[GuidanceNote, ...]:
        found = []
        for it in (self.kb.notes[name] for name in self.it.guidance):
            verdict = VERDICT.get(it.verdict, it.verdict)
            found.append(GuidanceNote(verdict, it.text, self.cite(it.differs_from), self.cite(it.sources), it.verified))
        return tuple(found)

    # --- the end of the page

    def _references(self) -> tuple[CitedReference, ...]:
        found = []
        for it in (entry for name, entry in self.kb.references.items() if name in self.cited):
            details = (KINDS.get(it.kind, it.kind), it.section and f"section {it.section}", it.title, it.year)
            found.append(CitedReference(it.id, ", ".join(filter(None, details)), it.text, it.reading, it.verified))
        return tuple(found)


def colophon(kb: KnowledgeBase, today: date) -> Colophon:
    """Which knowledge and which program answer today."""
    return Colophon(
        kb.name,
        kb.version,
        kb.sha256,
        kb.reviewed,
        kb.review_due,
        kb.review_overdue(today),
        kb.statement,
        kb.disclaimer,
        __version__,
        today.isoformat(),
    )
