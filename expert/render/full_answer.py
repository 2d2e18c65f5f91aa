"""The whole answer as text, with the names of findings and with citations: ``expert assess --full``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import date

from expert.answer.assessment import Argument, Assessment, NotEnough, NotRuledOut, OptionReport, Possible, StepReport
from expert.lang.model import KnowledgeBase
from expert.lang.premises import All, In, Is, Premise, written
from expert.lang.units import word_written, write_given, write_value
from expert.lang.values import Facts
from expert.lang.vocabulary import Panel
from expert.logic.constraints import question_of
from expert.logic.domain import Domain
from expert.render.phrases import (
    STANDING,
    STATUS,
    asked,
    by_panel,
    certainty,
    nearness,
    not_presumed,
    of_none,
    panels_and_names,
    presumed_usual,
    scores,
    too_little,
    within,
)
from expert.render.plain import counted
from expert.render.terminal import LEAST, Terminal, cites

MARKS = {"recommended": ">", "available": "o", "waiting": "~", "excluded": "x", "unsupported": "-", "open": "?"}
STYLES = {"recommended": "bold green", "waiting": "yellow", "excluded": "red", "unsupported": "dim", "open": "yellow"}
MOST = 4


def write_full_answer(terminal: Terminal, domain: Domain, assessment: Assessment, today: date) -> None:
    """Write the whole answer for one patient: first what to do and what to check, then the reasons."""
    answer = _Answer(terminal, domain.kb, assessment)
    answer.headline()
    answer.alerts()
    answer.facts()
    answer.assumed()
    answer.unrecorded()
    answer.ladder()
    answer.cautions()
    answer.options()
    answer.advice()
    answer.guidance()
    terminal.footer(domain.kb, today)


class _Answer:
    def __init__(self, terminal: Terminal, kb: KnowledgeBase, it: Assessment) -> None:
        self.terminal, self.kb, self.it = terminal, kb, it
        self.say = terminal.say
        self.title_width = max(18, min(28, terminal.width // 4))

    def note(self, what: str, text: str, hanging: int = 2) -> None:
        """A line below the headline; none if there is nothing to note."""
        if text:
            self.say(f"{what}: {text}", 2, hanging=hanging)

    def headline(self) -> None:
        it, kb = self.it, self.kb
        step = kb.steps[it.recommended] if it.recommended else None
        title, style = (step.title, "bold green") if step else ("No single step follows", "bold yellow")
        if it.not_enough:
            self._not_enough(it.not_enough)
            title = f"{presumed_usual(it.not_enough)}: {within(title)}" if step else "No single step follows yet"
            style = "bold"
        right = self.terminal.width - LEAST - 2
        self.terminal.columns([(title, certainty(it).rjust(LEAST))], (right,), 0, [style])
        if step:
            self.say(step.summary, 2)
        elif it.possible:
            self.note("Possible", ", ".join(kb.steps[possible.step].title for possible in it.possible))
        else:
            self.say("No step is both supported and not excluded.", 2, hanging=2)
        self.note("Meanwhile", kb.steps[it.meanwhile].title if it.meanwhile else "", 0)
        self.note("Preferred", ", ".join(option.title for option in it.preferred), 0)

    def _not_enough(self, it: NotEnough) -> None:
        """That too little is recorded for an answer, why, and what to ask first."""
        self.say("Not enough is recorded", style="bold yellow")
        self.say(f"{too_little(self.kb, it)}.{' Ask first:' if it.find_out else ''}", 2, hanging=2)
        for question in it.find_out[:MOST]:
            self.say(f"- {asked(self.kb, question)} ({question.panel or question.findings[0]})", 2, hanging=2)
        if len(it.find_out) > MOST:
            self.say(f"- and {counted(len(it.find_out) - MOST, 'question')} more", 2)
        self.say()

    def facts(self) -> None:
        """What was given, and what is worth a second look."""
        it, background = self.it, self.it.background
        texts = it.patient.written
        self.terminal.heading("Facts")
        recorded = [name for name in background.given if self.kb.findings[name].for_record]
        given = [name for name in background.given if name not in recorded]
        self.note("Given", self._valued(given, background.given) or "nothing")
        self.note("For the record", self._valued(recorded, background.given))
        for name, old in it.patient.overridden.items():
            self.note("Changed", f"{name} {texts.get(name, 'unknown')} (the file: {old})", 0)
        self.note("Read as", "; ".join(self._by_words()))
        for near in it.near:
            finding = self.kb.findings[near.finding]
            value = write_given(finding, background.given[near.finding], texts.get(near.finding))
            self.note("Check", f"{near.finding} {nearness(value, near)}")
        for check in it.checks:
            self.note("Check", f"{self._valued(check.facts, check.facts)}. {check.entry.because}")
        self.note("Given as unknown", ", ".join(panels_and_names(self.kb, it.patient.unknown)))
        self.note("Follows from these", "; ".join(self._forced()))
        self.note("Scores", "; ".join(scores(self.kb, it)))
        self.note("Site policy, by default", self._valued(it.policies, background.defaults))

    def _forced(self) -> Iterator[str]:
        """What constraints force; the follow-ups of one question as their number."""
        forced, first = self.it.background.forced, question_of(self.kb)
        follow_ups = Counter(first[name] for name in forced if first.get(name) in self.it.background.given)
        yield from (f"{self._valued([name], forced)}" for name in forced if first.get(name) not in follow_ups)
        for name, number in follow_ups.items():
            yield f"{counted(number, 'follow-up')} of {name} answered"

    def assumed(self) -> None:
        """The presumptions behind a provisional step, and what is not presumed."""
        it, background = self.it, self.it.background
        unknown = set(it.patient.unknown)
        if it.answer == "provisional" and it.presumptions:
            self._presumptions("Assumed, because not recorded", set(background.presumed) - unknown)
            self._presumptions("Assumed, though given as unknown", unknown)
        if it.answer != "certain" and background.not_presumed:
            self.terminal.heading("Not assumed")
            for names, facts in not_presumed(background):
                self.say(f"{', '.join(names)}, because of {self._valued(facts, facts)}", 2, hanging=2)

    def _presumptions(self, heading: str, among: Container[str]) -> None:
        """The presumptions behind the step, as far as they are among some findings."""
        some = ((it, [name for name in it.findings if name in among]) for it in self.it.presumptions)
        shown = [(it, names) for it, names in some if names]
        if shown:
            self.terminal.heading(heading)
        for it, names in shown:
            text = "; ".join(self._presumed(names))
            self.say(f"{it.title}: {text}{cites(it.cite)}" if it.title else text, 2, hanging=2)

    def _by_words(self) -> Iterator[str]:
        """The given findings whose values were written in words of the vocabulary, as they were read."""
        for name, text in self.it.patient.written.items():
            finding = self.kb.findings[name]
            if remark := word_written(finding, text):
                yield f"{name} {write_value(finding, self.it.patient.facts[name])} ({remark})"

    def _valued(self, names: Iterable[str], facts: Facts) -> str:
        return "; ".join(f"{name} {write_value(self.kb.findings[name], facts[name])}" for name in names)

    def _presumed(self, findings: Sequence[str]) -> list[str]:
        """Presumed findings with their values, those of a panel as one."""
        unknown, none = set(self.it.patient.unknown), of_none(self.it.background.presumed)
        panels, left = by_panel(
            self.kb,
            findings,
            lambda name, panel: none(name, panel) and (name not in unknown or panel.members.keys() <= unknown),
        )
        whole = [self._none(panel) for panel, _ in panels]
        return whole + [f"{name} {self.kb.findings[name].usual_written}" for name in left]

    def _none(self, panel: Panel) -> str:
        known, unknown = self.it.background.known, set(self.it.patient.unknown)
        differing = {name for name, none in panel.members.items() if known.get(name, none) != none}
        others = differing or (not unknown.isdisjoint(panel.members) and not panel.members.keys() <= unknown)
        return f"the other {panel.name} none" if others else f"{panel.name} none"

    def alerts(self) -> None:
        for alert in self.it.alerts:
            if alert.holds:
                self.say()
                presumed = "" if alert.status == "holds" else ", as assumed"
                self.say(f"! {alert.title}{_cited(alert.because)}{presumed}", style="bold red", hanging=2)
                self.say(alert.text, 2)

    def ladder(self) -> None:
        self.terminal.heading("Arguments")
        rows, styles = [], []
        for step in self.it.ladder:
            status = step.presumed_status
            rows.append((MARKS[status], step.title, STATUS.get(status, status), self._reason(step)))
            styles.append(STYLES.get(status, ""))
        self.terminal.columns(rows, (1, self.title_width, 13), 2, styles)

    def _reason(self, step: StepReport) -> str:
        parts = []
        status = step.presumed_status
        if status == "waiting" and self.it.recommended:
            parts.append(f"until {self.kb.steps[self.it.recommended].title.lower()} is settled")
        holding = sorted(filter(_holds, _deciding(step)), key=lambda argument: argument.status != "holds")
        if any(it.case for it in holding):
            parts += [f"if {written(All(it.case))}: {_titled(it)}" for it in holding if it.case]
        elif holding:
            parts.append(_titled(holding[0]))
        elif status in ("unsupported", "open"):
            parts.append("nothing supports it" if status == "unsupported" else "not enough is known")
        presumed = ", as assumed" if step.step != self.it.recommended and step.presumed_on else ""
        return "; ".join(parts) + presumed

    def cautions(self) -> None:
        cautions = list(filter(_holds, self.it.step.cautions if self.it.step else ()))
        if cautions:
            self.terminal.heading("Cautions")
            for it in cautions:
                self.say(f"- {_titled(it)}. {it.because}", 2, hanging=2)

    def options(self) -> None:
        offered = [option for option in self.it.options if option.offered]
        if not offered:
            return
        self.terminal.heading("Options")
        for option in sorted(offered, key=lambda option: not option.preferred):
            if not option.discouraged:
                self._option(option)
        for option in self.it.options:
            for against in list(filter(_holds, option.against))[:1]:
                self.say(f"x {option.title} is excluded: {_titled(against)}", 2, hanging=2)
        discouraged = "; ".join(option.title for option in offered if option.discouraged)
        self.note(STANDING["not_recommended"], discouraged)

    def _option(self, option: OptionReport) -> None:
        mark = "*" if option.preferred else "+" if option.standing == "supported" else "-"
        said = ", ".join(filter(None, ["preferred" * option.preferred, STANDING[option.standing]]))
        aside, note = f" ({said})" if said else "", f": {option.note}" if option.note else ""
        self.say(f"{mark} {option.title}{aside}{cites(option.cite)}{note}", 2, hanging=2)
        for it in filter(_holds, option.cautions):
            self.say(f"caution: {_titled(it)}", 4, hanging=2)

    def advice(self) -> None:
        advice = [it for it in self.it.advice if it.holds]
        if advice:
            self.terminal.heading("Advice")
            for it in advice:
                self.say(f"- {it.title}{_cited(it.because)}: {it.text}", 2, hanging=2)

    def unrecorded(self) -> None:
        """What could still change the step or raise an alert."""
        it = self.it
        if it.answer == "certain":
            policies = ", but another policy of the site could" if it.policies else ""
            alerts = " or raise an alert" if not it.not_ruled_out else ""
            self.say()
            self.say(f"No further information would change this step{alerts}{policies}.")
        if it.decisive:
            steps = [entry for entry in it.possible if entry.step != it.recommended]
            self._ways(
                "Not recorded: what would lead to another step",
                [(self.kb.steps[entry.step].title, "; ".join(self._leading_to(entry))) for entry in steps],
            )
        alerts_left = [entry for entry in it.not_ruled_out if not entry.as_presumed]
        rows = [(entry.title, "; ".join(_together(entry))) for entry in alerts_left]
        self._ways("Not recorded: what would raise an alert", rows)

    def _ways(self, heading: str, rows: Sequence[tuple[str, str]]) -> None:
        """What would lead to each of some steps or alerts."""
        if rows:
            self.terminal.heading(heading)
            shown = [(title, ways or "several findings together") for title, ways in rows]
            self.terminal.columns(shown, (self.title_width,))

    def _leading_to(self, possible: Possible) -> list[str]:
        """What would lead to a step: single premises, those of a panel as one; else the shortest combinations."""
        alone = {
            entry.finding: as_said(premise)
            for entry in self.it.decisive
            if not entry.partners
            for premise, steps in entry.leads_to.items()
            if possible.step in steps
        }
        first = question_of(self.kb)
        names = [name for name in alone if first.get(name) not in alone]
        panels, left = by_panel(self.kb, names, lambda name, panel: name in panel.members, MOST + 1)
        whole = [f"any of {len(members)} in the panel {panel.name}" for panel, members in panels]
        singles = [alone[name] for name in left]
        shown = singles if len(singles) <= MOST + 1 else [*singles[:MOST], f"and {len(singles) - MOST} more"]
        return whole + shown or _together(possible)

    def guidance(self) -> None:
        if self.it.guidance:
            self.terminal.heading("Where current guidance differs")
            for note in (self.kb.notes[name] for name in self.it.guidance):
                verified = "" if note.verified else ", from memory, not re-checked"
                sources = f"({', '.join(note.sources)}{verified})"
                self.say(f"{' '.join(note.differs_from)}: {note.text} {sources}", 2, hanging=2)


def _together(possible: Possible | NotRuledOut) -> list[str]:
    """The shortest combinations that lead to a step or an alert."""
    found = [" with ".join(map(as_said, deviation)) for deviation in possible.deviations]
    return found if possible.complete or not found else [*found, "and others"]


def _deciding(step: StepReport) -> tuple[Argument, ...]:
    if step.presumed_status == "excluded":
        return step.against
    return step.supports if step.presumed_status in ("recommended", "available", "waiting") else ()


def _holds(it: Argument) -> bool:
    return it.holds


def _titled(it: Argument) -> str:
    return f"{it.title}{cites(it.cite)}"


def _cited(arguments: Iterable[Argument]) -> str:
    return cites(claim for it in arguments if it.holds for claim in it.cite)


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
