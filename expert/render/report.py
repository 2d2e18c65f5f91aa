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
    certainty,
    presumed_usual,
    together,
    too_little,
    within,
)
from expert.render.report_facts import FactSections
from expert.render.sections import (
    Choice,
    Choices,
    CitedReference,
    Colophon,
    GuidanceNote,
    Notice,
    Point,
    Report,
    Rung,
    Tree,
)

DEEPEST = 12
"""The number of levels of the derivation that are indented; deeper ones could not be read."""

_AS_PRESUMED = {"holds": "holds as presumed", "open": "open", "fails": "fails"}
VERDICT = {
    "disagrees": "Current guidance disagrees",
    "partly": "Current guidance agrees in part",
    "silent": "Current guidance is silent",
    "later": "Later evidence adds to it",
}
KINDS = {"claim": "Claim", "guideline": "Guideline or study", "safety": "Safety layer", "assumption": "Assumption"}


def write_report(report: Report, form: str) -> str:
    """A report as a page: ``html`` or ``markdown``.

    Raises:
        InputError: there is no such form.
        MissingExtraError: what HTML needs is not installed.
    """
    if form == "markdown":
        from expert.render.markdown import render_markdown

        return render_markdown(report)
    if form != "html":
        raise InputError([Problem(f"{form!r} is not a form of a report", expected="html or markdown")])
    from expert.render.html import render_html

    return render_html(report)


def gather(reasoner: Reasoner, assessment: Assessment, today: date) -> Report:
    """Everything that a report shows of one assessment."""
    return _Gathering(reasoner, assessment).report(today)


class _Gathering(FactSections):
    """One assessment being put into words."""

    def __init__(self, reasoner: Reasoner, it: Assessment) -> None:
        super().__init__(reasoner.kb, it)
        self.reasoner = reasoner

    def report(self, today: date) -> Report:
        it, kb = self.it, self.kb
        whole = Report(
            subject=kb.title,
            answer=it.answer,
            answer_word=certainty(it),
            **self._headline(),
            certainty=self._certainty(),
            find_out=self.find_out(),
            meanwhile=kb.steps[it.meanwhile].title if it.meanwhile else "",
            preferred=tuple(option.title for option in it.preferred),
            alerts=self._notices(it.alerts),
            rungs=tuple(self._rung(number, entry) for number, entry in enumerate(it.ladder, 1)),
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
            advice=self._notices(it.advice),
            concluded=self.concluded(),
            guidance=self._guidance(),
            references=(),
            colophon=colophon(self.kb, today),
        )
        return whole._replace(references=self._references())

    # --- the answer

    def _headline(self) -> dict[str, str]:
        """The recommended step, unless too little is recorded for one."""
        it = self.it
        step = self.kb.steps[it.recommended] if it.recommended else None
        title, summary = (step.title, step.summary) if step else ("No single step follows", self._undecided())
        if it.not_enough is None:
            return {"step": title if step else "", "headline": title, "summary": summary}
        why = f"{too_little(self.kb, it.not_enough)}. {presumed_usual(it.not_enough)}: {within(title)}. {summary}"
        return {"step": "", "headline": "Not enough is recorded", "summary": why}

    def _undecided(self) -> str:
        possible = self.titles(entry.step for entry in self.it.possible)
        return f"Possible: {together(possible, 'or')}." if possible else "No step is both supported and not excluded."

    def _certainty(self) -> str:
        it = self.it
        if it.answer == "certain":
            policies = ", though another policy of the site could" if it.policies else ""
            left = together([within(alert.title) for alert in it.not_ruled_out], "or")
            step = "this step" if left else "this step or raise an alert"
            not_ruled_out = f" Not ruled out: {left}." if left else ""
            return f"Nothing that is still unknown can change {step}{policies}.{not_ruled_out}"
        if it.answer == "provisional":
            return (
                "The step rests on presumptions, made where nothing is known; other facts could lead to another step."
            )
        if not it.possible:
            return "Nothing that is still unknown leads to a step."
        return "Not enough is known: even with the presumptions more than one answer is left."

    def _notices(self, notices: Iterable[NoticeReport]) -> tuple[Notice, ...]:
        return tuple(self._notice(notice) for notice in notices if notice.holds)

    def _notice(self, it: NoticeReport) -> Notice:
        because = tuple(self._point(rule) for rule in it.because if rule.holds)
        standing = "as presumed" if it.status != "holds" else ""
        return Notice(it.title, it.text, self.cite(claim for rule in because for claim in rule.cite), standing, because)

    # --- the ladder

    def _rung(self, number: int, it: StepReport) -> Rung:
        roles = (it.supports, it.against, it.cautions)
        supports, against, cautions = map(self._points, roles)
        idle = tuple(self._point(rule) for role in roles for rule in role if rule.presumed_status == "fails")
        status = it.presumed_status
        reason, cite = self._reason(it, against if status == "excluded" else supports)
        return Rung(
            number,
            it.title,
            status,
            STATUS.get(status, status),
            it.status != status,
            reason,
            cite,
            supports,
            against,
            cautions,
            idle,
            self.phrases.stated(it.presumed_on, self.values),
        )

    def _reason(self, it: StepReport, deciding: Sequence[Point]) -> tuple[str, tuple[str, ...]]:
        """What decides the status of a step, in a line."""
        status = it.presumed_status
        if status in ("unsupported", "open"):
            return ("Nothing supports it" if status == "unsupported" else "Not enough is known"), ()
        gate = self.kb.steps[self.it.recommended].title if self.it.recommended and status == "waiting" else ""
        waits = f"Waits until this is settled: {gate}. " if gate else ""
        holding = [point for point in deciding if point.standing != "open"]
        if any(point.case for point in holding):
            return f"{waits}In each of {len(holding)} cases a rule supports it", ()
        first = sorted(holding, key=lambda point: point.standing != "holds")[:1]
        return waits + "".join(point.title for point in first), first[0].cite if first else ()

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
        presumed = ", as presumed" if it.status != it.presumed_status else ""
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
