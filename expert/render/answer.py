"""An assessment as text: the step, why, what goes with it, what would change it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from expert.answer.assessment import Argument, Assessment, Possible, StepReport
from expert.lang.model import KnowledgeBase
from expert.lang.premises import All, In, Is, Premise, written
from expert.lang.units import write_value
from expert.lang.vocabulary import Panel
from expert.logic.constraints import question_of
from expert.logic.domain import Domain
from expert.render.footer import write_footer
from expert.render.panels import folded
from expert.render.phrases import nearness
from expert.render.terminal import LEAST, Terminal, cites

MARKS = {"recommended": ">", "available": "o", "waiting": "~", "excluded": "x", "unsupported": "-", "open": "?"}
STYLES = {"recommended": "bold green", "waiting": "yellow", "excluded": "red", "unsupported": "dim", "open": "yellow"}
STATUS = {"unsupported": "not supported"}
MOST = 4


def write_answer(terminal: Terminal, domain: Domain, assessment: Assessment, today: date) -> None:
    """Write the answer for one patient."""
    answer = _Answer(terminal, domain.kb, assessment)
    answer.headline()
    answer.alerts()
    answer.ladder()
    answer.cautions()
    answer.options()
    answer.advice()
    answer.changes()
    answer.guidance()
    write_footer(terminal, domain.kb, today)


class _Answer:
    def __init__(self, terminal: Terminal, kb: KnowledgeBase, it: Assessment) -> None:
        self.terminal, self.kb, self.it = terminal, kb, it
        self.said = it.background.known
        self.say = terminal.say
        self.title_width = max(18, min(28, terminal.width // 4))
        self.step = next((step for step in it.ladder if step.step == it.recommended), None)

    def headline(self) -> None:
        it, kb = self.it, self.kb
        title = kb.steps[it.recommended].title if it.recommended else "No single step follows from this"
        style = "bold green" if it.recommended else "bold yellow"
        right = self.terminal.width - LEAST - 2
        self.terminal.columns([(title, it.answer.rjust(LEAST))], (right,), 0, [style])
        if it.recommended:
            self.say(kb.steps[it.recommended].summary, 2)
        else:
            possible = ", ".join(kb.steps[possible.step].title for possible in it.possible)
            self.say(
                f"possible: {possible}" if possible else "no step is both supported and not excluded", 2, hanging=2
            )
        if it.meanwhile:
            self.say(f"meanwhile: {kb.steps[it.meanwhile].title}", 2)
        preferred = [option.title for option in it.options if option.preferred and option.presumed_status == "offered"]
        if preferred:
            self.say(f"preferred: {', '.join(preferred)}", 2)
        for name, old in it.patient.overridden.items():
            self.say(f"changed: {name} {it.patient.written.get(name, 'unknown')} (the file says {old})", 2)
        for near in it.near:
            value = write_value(kb.findings[near.finding], it.background.given[near.finding])
            told = nearness(it.patient.written.get(near.finding, value), near)
            self.say(f"near a threshold: {near.finding} {told}", 2, hanging=2)
        if it.background.forced:
            forced = (
                f"{name} {write_value(kb.findings[name], it.background.forced[name])}" for name in it.background.forced
            )
            self.say(f"follows from the facts: {'; '.join(forced)}", 2, hanging=2)
        if it.policies:
            policies = (
                f"{name} {write_value(kb.findings[name], it.background.defaults[name])}" for name in it.policies
            )
            self.say(f"site policy, by default: {'; '.join(policies)}", 2, hanging=2)
        if it.answer == "provisional" and it.presumptions:
            self._presumptions()

    def _presumptions(self) -> None:
        self.say("presumed, as nothing was said:", 2)
        for it in self.it.presumptions:
            told = "; ".join(self._folded(it.findings))
            self.say(f"{it.title}: {told}{cites(it.cite)}" if it.title else told, 4, hanging=2)

    def _folded(self, findings: Sequence[str]) -> list[str]:
        """Presumed findings with their values, those of a panel as one."""
        presumed = self.it.background.presumed
        panels, left = folded(self.kb, {name: presumed[name] for name in findings}, self._none)
        return panels + [f"{name} {self.kb.findings[name].usual_written}" for name in left]

    def _none(self, panel: Panel, _: Sequence[str]) -> str:
        others = any(self.said.get(name, none) != none for name, none in panel.members.items())
        return f"the other {panel.name} none" if others else f"{panel.name} none"

    def alerts(self) -> None:
        for alert in self.it.alerts:
            if alert.presumed_status == "holds":
                self.say()
                self.say(f"! {alert.title}{_cited(alert.because)}", style="bold red", hanging=2)
                self.say(alert.text, 2)

    def ladder(self) -> None:
        self.say()
        rows = []
        for step in self.it.ladder:
            status = step.presumed_status
            rows.append((MARKS[status], step.title, STATUS.get(status, status), self._reason(step)))
        styles = [STYLES.get(step.presumed_status, "") for step in self.it.ladder]
        self.terminal.columns(rows, (1, self.title_width, 13), 2, styles)

    def _reason(self, step: StepReport) -> str:
        parts = []
        status = step.presumed_status
        if status == "waiting" and self.it.recommended:
            parts.append(f"until {self.kb.steps[self.it.recommended].title.lower()} is settled")
        holding = sorted(_deciding(step), key=lambda argument: argument.status != "holds")
        holding = [argument for argument in holding if argument.presumed_status == "holds"]
        cases = [argument for argument in holding if argument.case]
        if cases:
            parts += [f"if {' and '.join(map(written, it.case))}: {it.title}{cites(it.cite)}" for it in cases]
        elif holding:
            parts.append(f"{holding[0].title}{cites(holding[0].cite)}")
        elif status in ("unsupported", "open"):
            parts.append("nothing supports it" if status == "unsupported" else "not enough is known")
        presumed = ", as presumed" if step is not self.step and step.presumed_on else ""
        return "; ".join(parts) + presumed

    def cautions(self) -> None:
        cautions = [it for it in self.step.cautions if it.presumed_status == "holds"] if self.step else []
        if cautions:
            self.terminal.heading("Cautions")
            for it in cautions:
                self.say(f"- {it.title}{cites(it.cite)}. {it.because}", 2, hanging=2)

    def options(self) -> None:
        offered = [option for option in self.it.options if option.presumed_status == "offered"]
        if not offered:
            return
        self.terminal.heading("Options")
        for option in sorted(offered, key=lambda option: not option.preferred):
            mark, preferred = ("*", " (preferred)") if option.preferred else ("-", "")
            note = f": {option.note}" if option.note else ""
            self.say(f"{mark} {option.title}{preferred}{cites(option.cite)}{note}", 2, hanging=2)
            for it in option.cautions:
                if it.presumed_status == "holds":
                    self.say(f"caution: {it.title}{cites(it.cite)}", 4, hanging=2)
        for option in self.it.options:
            against = [it for it in option.against if it.presumed_status == "holds"]
            if against:
                self.say(f"x {option.title} is excluded: {against[0].title}{cites(against[0].cite)}", 2, hanging=2)

    def advice(self) -> None:
        advice = [it for it in self.it.advice if it.presumed_status == "holds"]
        if advice:
            self.terminal.heading("Advice")
            for it in advice:
                self.say(f"- {it.title}{_cited(it.because)}: {it.text}", 2, hanging=2)

    def changes(self) -> None:
        if self.it.answer == "certain":
            self.say()
            policies = "; another policy of the site could" if self.it.policies else ""
            self.say(f"Nothing that is still unknown can change this step{policies}.")
        if not self.it.decisive:
            return
        self.terminal.heading("What would change it")
        told = [it.step for it in self.it.possible if it.step != self.it.recommended]
        rows = [
            (self.kb.steps[step].title, "; ".join(self._leading_to(step)) or "several findings together")
            for step in told
        ]
        self.terminal.columns(rows, (self.title_width,))

    def _leading_to(self, step: str) -> list[str]:
        """What would lead to a step: single premises, those of a panel as one; else the shortest combinations."""
        left = {
            entry.finding: as_said(premise)
            for entry in self.it.decisive
            if not entry.partners
            for premise, steps in entry.leads_to.items()
            if step in steps
        }
        first = question_of(self.kb)
        left = {name: premise for name, premise in left.items() if first.get(name) not in left}
        told = []
        for panel in self.kb.panels.values():
            members = [name for name in left if name in panel.members]
            if len(members) > MOST:
                told.append(f"any of {len(members)} in the panel {panel.name}")
                left = {name: premise for name, premise in left.items() if name not in members}
        singles = list(left.values())
        told += singles if len(singles) <= MOST + 1 else [*singles[:MOST], f"and {len(singles) - MOST} more"]
        return told or self._together(next(it for it in self.it.possible if it.step == step))

    @staticmethod
    def _together(possible: Possible) -> list[str]:
        """The shortest combinations that lead to a step."""
        told = [" with ".join(map(as_said, deviation)) for deviation in possible.deviations]
        return told if possible.complete or not told else [*told, "and others"]

    def guidance(self) -> None:
        if self.it.guidance:
            self.terminal.heading("Differs from current guidance")
            for note in (self.kb.notes[name] for name in self.it.guidance):
                verified = "" if note.verified else ", not verified"
                sources = f"({', '.join(note.sources)}{verified})"
                self.say(f"{' '.join(note.differs_from)}: {note.text} {sources}", 2, hanging=2)


def _deciding(step: StepReport) -> tuple[Argument, ...]:
    if step.presumed_status == "excluded":
        return step.against
    return step.supports if step.presumed_status in ("recommended", "available", "waiting") else ()


def _cited(arguments: Iterable[Argument]) -> str:
    return cites(claim for it in arguments if it.presumed_status == "holds" for claim in it.cite)


def as_said(premise: Premise) -> str:
    """A premise as one would answer the question: ``instability yes``, ``stenosis moderate or severe``."""
    match premise:
        case Is(value=bool() as value):
            return f"{premise.finding} {'yes' if value else 'no'}"
        case Is():
            return f"{premise.finding} {premise.value}"
        case In():
            return f"{premise.finding} {' or '.join(premise.values)}"
        case All():
            return " and ".join(map(as_said, premise.premises))
    return written(premise)
