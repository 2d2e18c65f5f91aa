"""The answer for one patient as a page for the record: what `expert.render.sections` holds, gathered and worded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from expert import __version__
from expert.answer.assess import Reasoner
from expert.answer.assessment import (
    Argument,
    Assessment,
    Decisive,
    NearThreshold,
    NoticeReport,
    OptionReport,
    Possible,
    StepReport,
)
from expert.answer.explanations import Derivation, Fact
from expert.answer.why import Explainer
from expert.lang.errors import InputError, Problem
from expert.lang.model import KnowledgeBase
from expert.logic.constraints import question_of
from expert.render.claims import titled_claim
from expert.render.phrases import Phrases, Stated, nearness, together
from expert.render.sections import (
    Choice,
    Choices,
    Colophon,
    Difference,
    Missing,
    MissingPanel,
    Notice,
    Point,
    Presumed,
    Report,
    Rung,
    Source,
    Tree,
    Way,
)

DEEPEST = 12
"""So many levels of the derivation are set in; what lies deeper could not be read."""

STATUS = {"unsupported": "not supported", "offered": "on offer"}
ORIGIN = {
    "given": "given",
    "default": "the site's default",
    "forced": "follows from the other facts",
    "presumed": "presumed",
    "case": "in this case",
    "idle": "not needed",
    "unknown": "not known",
}
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
    """Everything that a report says of one assessment."""
    return _Gathering(reasoner, assessment).report(today)


class _Gathering:
    """One assessment being put into words; ``cited`` are the ids met so far."""

    def __init__(self, reasoner: Reasoner, it: Assessment) -> None:
        self.reasoner, self.kb, self.it = reasoner, reasoner.kb, it
        usual = {name: self.kb.findings[name].usual_written for name in it.background.presumed}
        self.phrases = Phrases(self.kb, {**usual, **it.patient.written})
        self.values = it.background.all
        self.cited: set[str] = set()

    def report(self, today: date) -> Report:
        it, kb = self.it, self.kb
        step = kb.steps[it.recommended] if it.recommended else None
        whole = Report(
            subject=kb.title,
            answer=it.answer,
            step=step.title if step else "",
            headline=step.title if step else "No single step follows",
            summary=step.summary if step else self._undecided(),
            certainty=self._certainty(),
            meanwhile=kb.steps[it.meanwhile].title if it.meanwhile else "",
            preferred=tuple(o.title for o in it.options if o.preferred and o.presumed_status == "offered"),
            alerts=self._notices(it.alerts),
            rungs=tuple(self._rung(number, entry) for number, entry in enumerate(it.ladder, 1)),
            why=self._why(),
            given=self._given(),
            near=tuple(self._near(near) for near in it.near),
            presumptions=self._presumptions(),
            missing=self._missing(),
            ways=self._ways(),
            not_ruled_out=tuple(alert.title for alert in it.alerts if alert.presumed_status != "holds"),
            other_presumed=self._other_presumed(),
            unknown=tuple(entry.title for name, entry in kb.inputs.items() if name not in self.values),
            options=self._options(),
            advice=self._notices(it.advice),
            concluded=self._concluded(),
            guidance=self._guidance(),
            references=(),
            colophon=colophon(self.kb, today),
        )
        return whole._replace(references=self._references())

    def _cite(self, ids: Iterable[str]) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(ids))
        self.cited.update(found)
        return found

    def _titles(self, steps: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.kb.steps[step].title for step in steps)

    # --- the answer

    def _undecided(self) -> str:
        possible = self._titles(entry.step for entry in self.it.possible)
        return f"Possible: {together(possible, 'or')}." if possible else "No step is both supported and not excluded."

    def _certainty(self) -> str:
        if self.it.answer == "certain":
            policies = ", though another policy of the site could" if self.it.policies else ""
            return f"Nothing that is still unknown can change this step{policies}."
        if self.it.answer == "provisional":
            return (
                "The step rests on presumptions, made where nothing was said; other facts could lead to another step."
            )
        if not self.it.possible:
            return "Nothing that is still unknown leads to a step."
        return "Not enough is known: even with the presumptions more than one answer is left."

    def _notices(self, notices: Iterable[NoticeReport]) -> tuple[Notice, ...]:
        return tuple(self._notice(notice) for notice in notices if notice.presumed_status == "holds")

    def _notice(self, it: NoticeReport) -> Notice:
        because = tuple(self._point(rule) for rule in it.because if rule.presumed_status == "holds")
        standing = "as presumed" if it.status != "holds" else ""
        return Notice(
            it.title, it.text, self._cite(claim for rule in because for claim in rule.cite), standing, because
        )

    # --- the ladder

    def _rung(self, number: int, it: StepReport) -> Rung:
        roles = (it.supports, it.against, it.cautions)
        supports, against, cautions = (tuple(self._point(rule) for rule in _shown(role)) for role in roles)
        idle = tuple(self._point(rule) for role in roles for rule in role if rule.presumed_status == "fails")
        status = it.presumed_status
        reason, cite = self._reason(it, {"excluded": against}.get(status, supports))
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

    def _point(self, it: Argument) -> Point:
        standings = {"holds": "holds as presumed", "open": "open", "fails": "fails"}
        return Point(
            it.title,
            it.because,
            self._cite(it.cite),
            it.rule,
            it.at,
            "holds" if it.status == "holds" else standings[it.presumed_status],
            self.phrases.stated(it.facts, it.facts) if it.status == "holds" else (),
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
            place, cite = f"{it.rule.at.file}:{it.rule.at.line}", self._cite(it.rule.cite)
            return Tree(it.rule.title, "", it.rule.because, cite, it.rule.id, place, again=it.again)
        claim = titled_claim(self.phrases, it.claim)
        if it.origin == "definition" or not it.facts:
            return Tree(claim, facts=self._facts(it.facts))
        return Tree(claim, f"{ORIGIN[it.origin]}: {it.facts[0].value.replace('_', ' ')}")

    def _facts(self, facts: Sequence[Fact]) -> tuple[Stated, ...]:
        """Facts behind a negative conclusion, with where they come from."""
        told: list[Stated] = []
        for origin in dict.fromkeys(fact.origin for fact in facts):
            some = {fact.finding: fact.value for fact in facts if fact.origin == origin}
            if origin == "case":
                told += [Stated(self.phrases.title(name), value, ORIGIN[origin]) for name, value in some.items()]
            else:
                told += self.phrases.stated(some, self.values, ORIGIN[origin])
        return tuple(told)

    # --- the facts

    def _given(self) -> tuple[Stated, ...]:
        background, overridden = self.it.background, self.it.patient.overridden
        kept = {name: value for name, value in background.given.items() if name not in overridden}
        stated = self.phrases.stated
        changed = (
            Stated(
                self.phrases.title(name),
                self.phrases.value(name, background.given.get(name)),
                f"given on the command line; the file says {old.replace('_', ' ')}",
            )
            for name, old in overridden.items()
        )
        forced = stated(background.forced, background.forced, ORIGIN["forced"])
        return (
            *stated(kept, kept),
            *changed,
            *forced,
            *stated(background.defaults, background.defaults, ORIGIN["default"]),
        )

    def _near(self, near: NearThreshold) -> str:
        value = self.phrases.value(near.finding, self.it.background.given[near.finding])
        return f"{self.phrases.title(near.finding)}: {nearness(value, near)}"

    def _presumptions(self) -> tuple[Presumed, ...]:
        if self.it.answer == "certain":
            return ()
        return tuple(
            Presumed(it.title, self._cite(it.cite), self.phrases.stated(it.findings, self.values))
            for it in self.it.presumptions
        )

    def _other_presumed(self) -> tuple[Stated, ...]:
        """Presumptions that are told neither as what the step rests on nor among what would change it."""
        told = {name for it in self.it.decisive for name in (it.finding, *it.partners)}
        if self.it.answer != "certain":
            told |= {name for it in self.it.presumptions for name in it.findings}
        left = {name: value for name, value in self.it.background.presumed.items() if name not in told}
        return self.phrases.stated(left, left)

    def _missing(self) -> tuple[MissingPanel | Missing, ...]:
        """What would change the step; members of a panel that do so each alone are told together."""
        alone, first = {it.finding for it in self.it.decisive if not it.partners}, question_of(self.kb)
        left = [it for it in self.it.decisive if first.get(it.finding) not in alone]
        told: list[MissingPanel | Missing] = []
        for panel in self.kb.panels.values():
            members = [entry for entry in left if entry.finding in panel.members and not entry.partners]
            if len(members) > 1:
                steps = dict.fromkeys(step for entry in members for led in entry.leads_to.values() for step in led)
                entries = tuple(map(self._missing_one, members))
                told.append(MissingPanel(panel.title, panel.ask, self._titles(steps), entries))
                left = [entry for entry in left if entry not in members]
        return (*told, *map(self._missing_one, left))

    def _missing_one(self, it: Decisive) -> Missing:
        presumed = self.it.background.presumed.get(it.finding)
        return Missing(
            self.phrases.title(it.finding),
            it.ask,
            "" if presumed is None else self.phrases.value(it.finding, presumed),
            tuple(
                (self.phrases.answer(premise), together(self._titles(steps), "or"))
                for premise, steps in it.leads_to.items()
            ),
            tuple(map(self.phrases.title, it.partners)),
        )

    def _ways(self) -> tuple[Way, ...]:
        """The steps that no single finding leads to."""
        single = {step for it in self.it.decisive if not it.partners for led in it.leads_to.values() for step in led}
        return tuple(
            self._way(it) for it in self.it.possible if it.step != self.it.recommended and it.step not in single
        )

    def _way(self, it: Possible) -> Way:
        routes = tuple(tuple(map(self.phrases.premise, deviation)) for deviation in it.deviations if deviation)
        return Way(self.kb.steps[it.step].title, routes, it.complete)

    # --- what goes with the step

    def _options(self) -> tuple[Choices, ...]:
        found: dict[str, list[Choice]] = {}
        for option in sorted(self.it.options, key=lambda it: not (it.preferred and it.presumed_status == "offered")):
            if option.presumed_status != "unsupported":
                found.setdefault(option.option.partition(".")[0], []).append(self._choice(option))
        return tuple(Choices(self.kb.steps[step].title, tuple(options)) for step, options in found.items())

    def _choice(self, it: OptionReport) -> Choice:
        supports, against, cautions = (
            tuple(self._point(rule) for rule in _shown(role)) for role in (it.supports, it.against, it.cautions)
        )
        presumed = ", as presumed" if it.status != it.presumed_status else ""
        word = STATUS.get(it.presumed_status, it.presumed_status) + presumed
        preferred = it.preferred and it.presumed_status == "offered"
        return Choice(it.title, it.note, self._cite(it.cite), word, preferred, supports, against, cautions)

    def _concluded(self) -> tuple[Stated, ...]:
        """The concluded findings that hold: those that are yes, and choices that have a value."""
        told = []
        for name, presumed in self.it.presumed_findings.items():
            if presumed not in (None, False):
                note = "" if self.it.findings[name] == presumed else "as presumed"
                told.append(Stated(self.phrases.title(name), self.phrases.value(name, presumed), note))
        return tuple(told)

    def _guidance(self) -> tuple[Difference, ...]:
        return tuple(
            Difference(
                VERDICT.get(note.verdict, note.verdict),
                note.text,
                self._cite(note.differs_from),
                self._cite(note.sources),
                note.verified,
            )
            for note in (self.kb.notes[name] for name in self.it.guidance)
        )

    # --- the end of the page

    def _references(self) -> tuple[Source, ...]:
        found = []
        for it in (entry for name, entry in self.kb.references.items() if name in self.cited):
            details = (KINDS.get(it.kind, it.kind), it.section and f"section {it.section}", it.title, it.year)
            found.append(Source(it.id, ", ".join(filter(None, details)), it.text, it.reading, it.verified))
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


def _shown(arguments: Iterable[Argument]) -> list[Argument]:
    """Arguments that hold or are open with the presumptions, those that hold first."""
    order = ("holds", "open")
    told = [it for it in arguments if it.presumed_status in order]
    return sorted(told, key=lambda it: (order.index(it.presumed_status), it.status != "holds"))
