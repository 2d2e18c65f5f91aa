"""The sheet of a report: the answer for one patient on one side of A4, in words for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from expert.answer.assessment import Argument, Assessment, NotEnough, NoticeReport, StepReport
from expert.answer.unrecorded import unrecorded, usual_step
from expert.lang.model import KnowledgeBase
from expert.lang.vocabulary import Panel
from expert.render.phrases import (
    Phrases,
    behind_the_step,
    by_panel,
    nearness,
    of_none,
    scores,
    sureness,
    together,
    within,
)
from expert.render.sections import Action, Rung, Sheet, Standing, ToCheck
from expert.render.sheet_room import fitting

_OFFERS = {"supported": "Supported by current guidance", "optional": "Optional", "not_recommended": "Not recommended"}


class SheetSections:
    """One assessment on its way to the sheet."""

    def __init__(self, kb: KnowledgeBase, it: Assessment) -> None:
        self.kb, self.it, self.phrases = kb, it, Phrases(kb, it.patient.written)
        self.step = kb.steps[it.recommended] if it.recommended else None
        self.rows = unrecorded(kb, it)
        self._urgent = bool(self.step and self.step.urgent and it.not_enough is None)

    def sheet(self) -> Sheet:
        """The sheet, with as much of what guidance says differently as there is room for."""
        it = self.it
        headline, summary = self._headline()
        sheet = Sheet(
            subject=self.kb.title,
            urgent=self._urgent,
            answer="open" if it.not_enough else it.answer,
            answer_word=sureness(it, self.rows),
            headline=headline,
            summary=summary,
            certainty=self._certainty(),
            meanwhile=self.kb.steps[it.meanwhile].title if it.meanwhile else "",
            preferred=tuple(option.title for option in it.preferred),
            alerts=_actions(it.alerts),
            because=tuple(self._facts(behind=True)),
            facts=tuple(self._facts(behind=False)),
            unknown=tuple(self._named(it.patient.unknown)),
            scores=() if it.not_enough else tuple(scores(self.kb, it)),
            check_heading="Ask first" if it.not_enough else "Check before acting",
            doubts=tuple(self._doubts()),
            to_check=tuple(self._to_check()),
            rungs=tuple(self._rung(number, entry) for number, entry in enumerate(it.ladder, 1)),
            options=tuple(self._options()),
            advice=() if it.not_enough else _actions(it.advice),
            guidance=(),
            more_guidance=0,
        )
        if not (sheet.doubts or sheet.to_check):
            sheet = sheet._replace(check_heading="")
        notes = [] if it.not_enough else self._guidance()
        shown = fitting(sheet, notes)
        return sheet._replace(guidance=tuple(notes[:shown]), more_guidance=len(notes) - shown)

    # --- the answer

    def _headline(self) -> tuple[str, str]:
        """The recommended step, unless too little is recorded for one."""
        it, step = self.it, self.step
        if it.not_enough is None:
            return (step.title, step.summary) if step else ("No single step follows", self._undecided())
        return "Not enough is recorded", self._too_little(it.not_enough)

    def _too_little(self, it: NotEnough) -> str:
        """Why too little is recorded for an answer."""
        if it.nothing_recorded:
            return "Nothing is recorded of the patient."
        named = together(list(self._named((*it.said_unknown, *it.not_presumed))))
        return f"An earlier step may be needed, since this is not known: {named}."

    def _undecided(self) -> str:
        possible = [self.kb.steps[entry.step].title for entry in self.it.possible]
        return f"Possible: {together(possible, 'or')}." if possible else "No step is both supported and not excluded."

    def _certainty(self) -> str:
        it = self.it
        if it.not_enough:
            usual = it.recommended or usual_step(self.kb, it)
            return f"With the usual findings it would be {within(self.kb.steps[usual].title)}." if usual else ""
        if it.answer == "certain":
            policies = ", though another policy of the site could" if it.policies else ""
            return f"No further information would change this step{policies}."
        if it.answer == "provisional":
            return "Findings that are not recorded are assumed to be as usual; others could lead to another step."
        if not it.possible:
            return "Nothing that is still unknown leads to a step."
        return "Not enough is known: even with the usual assumptions more than one answer is left."

    # --- the facts

    def _facts(self, *, behind: bool) -> Iterator[str]:
        """What is recorded: the unusual facts behind the step, or all others, unusual ones first.

        A panel without any sign is one fact.
        """
        given = self.it.background.given
        panels, _ = by_panel(self.kb, given, of_none(given))
        closed = {name: panel for panel, names in panels if given.keys() >= panel.members.keys() for name in names}
        why, others = behind_the_step(self.kb, self.it)
        names = why if behind else others
        for panel in dict.fromkeys(closed[name].name for name in names if name in closed):
            yield self._none_of(self.kb.panels[panel])
        for name in names:
            if name not in closed:
                file = self.it.patient.overridden.get(name)
                yield self.phrases.fact(name, given[name]) + (f" (the file says {_plain(file)})" if file else "")

    def _none_of(self, panel: Panel) -> str:
        given = self.it.background.given
        others = any(given[name] != none for name, none in panel.members.items())
        return f"other {within(panel.title)}: none" if others else f"{within(panel.title)}: none"

    def _named(self, findings: Iterable[str]) -> Iterator[str]:
        """Findings in a few words, a whole panel by its title."""
        left = list(findings)
        for panel in self.kb.panels.values():
            if panel.members.keys() <= {*left}:
                yield within(panel.title)
                left = [name for name in left if name not in panel.members]
        yield from map(self.phrases.short, left)

    # --- what to check

    def _doubts(self) -> Iterator[str]:
        """What is to be checked of the given values, and which of them are near a threshold."""
        for check in self.it.checks:
            facts = together([self.phrases.fact(name, value) for name, value in check.facts.items()])
            yield f"{facts}: {within(check.entry.because)}"
        for near in self.it.near:
            value = self.phrases.value(near.finding, self.it.background.given[near.finding])
            yield f"{self.phrases.short(near.finding)}: {nearness(value, near)}."

    def _to_check(self) -> Iterator[ToCheck]:
        """What is not recorded and where it leads; what only raises an alert is one row, and none in an emergency."""
        for row in self.rows:
            if row.steps:
                panel = f"{self.kb.panels[row.panel].title}: " if row.panel else ""
                yield ToCheck(
                    _capital(f"{panel}{', '.join(self.phrases.circumstances(row))}"), self.phrases.destination(row)
                )
        others = [row for row in self.rows if not row.steps]
        if others and not self._urgent:
            titles = dict.fromkeys(within(self.kb.alerts[alert].title) for row in others for alert in row.alerts)
            what = _capital(", ".join(words for row in others for words in self.phrases.circumstances(row)))
            yield ToCheck(what, f"alert: {together(list(titles), 'or')}")

    # --- the ladder

    def _rung(self, number: int, it: StepReport) -> Rung:
        mark, word = _standing(it)
        if it.presumed_status == "recommended" and self.it.not_enough:
            mark, word = "open", "if all else is as usual"
        return Rung(number, it.title, mark, word, tuple(self._reasons(it)))

    def _reasons(self, it: StepReport) -> Iterator[str]:
        status = it.presumed_status
        if status == "recommended":
            yield from map(_argued, _holding(it.supports))
            yield from (f"Caution: {_argued(argument)}" for argument in _holding(it.cautions))
        elif status == "excluded":
            near = self._is_neighbour(it)
            yield from (_argued(argument) if near else f"{argument.title}." for argument in _holding(it.against)[:1])
        elif status == "available":
            yield "An earlier step comes first."
            yield from (f"Caution: {argument.title}." for argument in _holding(it.cautions)[:1])
        elif status == "waiting" and self.step:
            yield f"Waits until {within(self.step.title)} is settled."
        else:
            yield "Not enough is recorded to decide." if status == "open" else "Nothing that is recorded calls for it."

    def _is_neighbour(self, it: StepReport) -> bool:
        steps = [entry.step for entry in self.it.ladder]
        return self.step is None or abs(steps.index(it.step) - steps.index(self.step.name)) == 1

    # --- what goes with the step

    def _options(self) -> Iterator[Standing]:
        """The options by their standing; then cautions, and what is excluded, by reason."""
        if self.it.not_enough:
            return
        offered = [it for it in self.it.options if it.offered]
        preferred = [it.title for it in offered if it.preferred]
        barred = [it for it in self.it.options if it.presumed_status == "excluded"]
        by_standing = {
            heading: [it.title for it in offered if it.standing == standing and not it.preferred]
            for standing, heading in _OFFERS.items()
        }
        cautions = _by_reason((it.title, it.cautions) for it in offered if it.standing != "not_recommended")
        exclusions = _by_reason((it.title, it.against) for it in barred)
        groups = {"Preferred": preferred, **by_standing, "Caution": cautions, "Excluded here": exclusions}
        yield from (Standing(heading, tuple(some)) for heading, some in groups.items() if some)

    def _guidance(self) -> list[str]:
        """Where guidance differs: on the step and on what decides it before options."""
        kb, entries = self.kb, [it for it in self.it.ladder if it.presumed_status in ("recommended", "excluded")]
        arguments = [a for it in entries for a in (*it.supports, *it.against, *it.cautions) if a.holds]
        cited = {*(self.step.cite if self.step else ()), *(claim for it in arguments for claim in it.cite)}
        notes = sorted(
            (kb.notes[name] for name in self.it.guidance), key=lambda note: cited.isdisjoint(note.differs_from)
        )
        return [note.text + ("" if note.verified else " (From memory, not re-checked.)") for note in notes]


def _standing(it: StepReport) -> tuple[str, str]:
    """The mark and the word for the status of a step, which distinguish what is not needed from what is not checked."""
    presumed = it.presumed_status
    if presumed == "unsupported":
        return ("unsupported", "not needed") if it.status == presumed else ("open", "not checked")
    if presumed == "excluded":
        return (presumed, "ruled out") if it.status == presumed else ("open", "ruled out, as assumed")
    words = {"available": "possible", "waiting": "waits", "open": "not decided"}
    return presumed, words.get(presumed, presumed)


def _holding(arguments: Sequence[Argument]) -> list[Argument]:
    """The arguments that hold, those that rest on no assumption first."""
    return sorted((it for it in arguments if it.holds), key=lambda it: it.status != "holds")


def _argued(it: Argument) -> str:
    return f"{it.title}. {it.because}"


def _by_reason(options: Iterable[tuple[str, Sequence[Argument]]]) -> list[str]:
    """Options with the first argument that holds about each, those with the same argument together."""
    found: dict[str, list[str]] = {}
    for title, arguments in options:
        for argument in _holding(arguments)[:1]:
            found.setdefault(argument.title, []).append(title)
    return [f"{', '.join(titles)} ({within(reason)})" for reason, titles in found.items()]


def _actions(notices: Iterable[NoticeReport]) -> tuple[Action, ...]:
    return tuple(Action(it.title, it.text) for it in notices if it.holds)


def _plain(word: str) -> str:
    return word.replace("_", " ")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
