"""The answer on one screen: what to do, how sure it is, and what to check first.

At 80 columns it takes at most 24 lines, for every patient. An emergency takes at most 10, with nothing below it. Names
and citations are left to the full answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from datetime import date
from typing import NamedTuple

from expert.answer.assessment import Argument, Assessment, NoticeReport, StepReport
from expert.answer.unrecorded import Unrecorded, unrecorded, usual_step
from expert.lang.model import KnowledgeBase
from expert.lang.units import write_given
from expert.lang.vocabulary import Panel
from expert.render.phrases import (
    Phrases,
    behind_the_step,
    by_panel,
    deciding,
    nearness,
    of_none,
    sureness,
    together,
    within,
)
from expert.render.plain import counted, visible
from expert.render.terminal import Terminal, width_of

MOST_LINES = 24
MOST_IN_AN_EMERGENCY = 10
WIDE = 72  # a narrower screen has no room for two columns, and the answer takes the lines that it needs
DESTINATION = 24  # the width of the column of steps

STYLES = {"certain": "bold green", "provisional": "bold yellow", "open": "bold yellow"}
MARKS = {">": "recommended", "o": "possible", "x": "ruled out", "-": "not needed", "?": "not checked"}


class Line(NamedTuple):
    """One line of the screen."""

    text: str = ""
    style: str = ""


Lines = list[Line]


def write_first_screen(terminal: Terminal, kb: KnowledgeBase, it: Assessment, today: date, words: str = "") -> None:
    """Write the answer for one patient on one screen; ``words`` name the patient in the commands to try next."""
    urgent = it.recommended is not None and kb.steps[it.recommended].urgent
    screen = (_Emergency if urgent else _Answer)(terminal, kb, it, words)
    for line in screen.lines(today):
        terminal.line(*line)


class _Screen:
    """What both screens are made of."""

    def __init__(self, terminal: Terminal, kb: KnowledgeBase, it: Assessment, words: str) -> None:
        self.terminal, self.kb, self.it, self.words = terminal, kb, it, words
        self.phrases = Phrases(kb, it.patient.written)
        self.wide = terminal.width >= WIDE
        self.raised = [alert for alert in it.alerts if alert.holds]
        self.behind, self.others = behind_the_step(kb, it)

    def text(self, text: str, style: str = "", indent: int = 2, hanging: int = 2) -> Lines:
        """A paragraph; nothing for an empty text."""
        return [Line(line, style) for line in self.terminal.paragraph(text, indent, hanging)] if text else []

    def commands(self, which: str, after: str = "", hanging: int = 2, indent: int = 2) -> Lines:
        """The commands to try next for this patient, whose words are repeated only if no line breaks within them."""
        together = self.text(f"{which} {self.words}{after}", "", indent, hanging)
        apart = [*self.text(which, "", indent, hanging), *self.text(f"{self.words}{after}", "", indent + hanging)]
        for lines in (together, apart):
            if self.words and (" " not in self.words or any(self.words in line.text for line in lines)):
                return lines
        return self.text(f"{which}, with the same facts{after}", "", indent, hanging)

    def listed(self, heading: str, parts: Sequence[str], style: str = "") -> Lines:
        """Several parts in one paragraph after a heading; nothing if there are none."""
        return self.text(f"{heading}: {'; '.join(parts)}." if parts else "", style)

    def headline(self, title: str, remark: str, style: str) -> Lines:
        """A title in capitals, with a remark at the right end of the line, or below it."""
        gap = self.terminal.width - width_of(visible(title.upper())) - width_of(remark)
        if gap > 1:
            return [Line(f"{title.upper()}{' ' * gap}{remark}", style)]
        return [*self.text(title.upper(), style, 0), *self.text(remark, style)]

    def facts(self, names: Sequence[str]) -> list[str]:
        """Given facts in words; those of a panel whose members are absent as one."""
        given, overridden = self.it.background.given, self.it.patient.overridden
        panels, left = by_panel(self.kb, names, of_none(given), least=3)
        found = [
            self.phrases.fact(name, given[name])
            + (f" (the file: {overridden[name].replace('_', ' ')})" if name in overridden else "")
            for name in left
        ]
        return [*found, *(self._none_of(panel) for panel, _ in panels)]

    def checks(self) -> list[str]:
        """What is recorded and is unlikely to be right."""
        return [f"Check: {'; '.join(self.facts(list(check.facts)))}." for check in self.it.checks]

    def _none_of(self, panel: Panel) -> str:
        """That the members of a panel are absent, those that are not apart, and how many were asked."""
        given = self.it.background.given
        asked = [name for name in panel.members if name in given]
        other = "other " if any(given[name] != panel.members[name] for name in asked) else ""
        some = "" if len(asked) == len(panel.members) else f" ({len(asked)} of {len(panel.members)} asked)"
        return f"no {other}{within(panel.title)}{some}"

    def some(self, parts: Sequence[str], lines: int, before: str = "", width: int = 0) -> str:
        """As many of some parts as fit into so many lines after some words, and the number of the others."""
        width = width or self.terminal.width - 5
        for shown in range(len(parts), 0, -1):
            left = f" and {len(parts) - shown} more" if shown < len(parts) else ""
            text = f"{before}{', '.join(parts[:shown])}{left}"
            if len(self.terminal.wrapped(text, width)) <= lines:
                return text
        return f"{before}{len(parts)} of them"


class _Emergency(_Screen):
    def lines(self, today: date) -> Lines:  # noqa: ARG002  an emergency has no room for the knowledge's review
        """What to do now: the first alerts in full, the others by title."""
        it, step = self.it, self.kb.steps[self.it.recommended or ""]
        head = self.headline(f"{step.title}, now", it.answer, "bold red")
        if not self.raised:
            head += self.text(step.summary, "red")
            head += self.text(f"{self.some(self.facts(self.behind), 2, 'Why: ')}." if self.behind else "")
        end = self.commands("All else waits. NEXT: expert why | report")
        room = MOST_IN_AN_EMERGENCY - len(head) - len(end) if self.wide else 1000
        alerts = self._alerts(room)
        room -= len(alerts)
        checks = self.text(" ".join(self.checks()))
        checks = checks if len(checks) <= room else []
        checked = {name for check in it.checks for name in check.facts} if checks else set()
        given = self._given(1 if self.wide else 1000, checked) if room > len(checks) else []
        return [*head, *alerts, *checks, *given, *end]

    def _given(self, lines: int, checked: Set[str]) -> Lines:
        """The facts that are not named yet, those that are not usual first."""
        named = {name for alert in self.raised for it in alert.because if it.holds for name in it.facts}
        named |= set(self.behind if not self.raised else ())
        left = (name for name in self.it.background.given if name not in checked)
        others = [name for name in left if name not in named or not self._deviates(name)]
        others.sort(key=lambda name: not self._deviates(name))
        return self.text(f"{self.some(self.facts(others), lines, 'Also given: ')}." if others else "")

    def _alerts(self, room: int) -> Lines:
        lines: Lines = []
        supports = {it.rule for it in (self.it.step.supports if self.it.step else ()) if it.holds}
        ranked = sorted(self.raised, key=lambda alert: supports.isdisjoint(it.rule for it in alert.because))
        for index, alert in enumerate(ranked):
            whole, rest = self._alert(alert), ranked[index + 1 :]
            if lines and len(lines) + len(whole) + len(self._also(rest)) > room:
                return lines + self._also([alert, *rest])
            lines += whole
        return lines

    def _alert(self, alert: NoticeReport) -> Lines:
        """An alert with the facts that raise it and what to do."""
        behind = {name: None for it in alert.because if it.holds for name in it.facts}
        facts = self.facts([name for name in behind if self._deviates(name)])
        why = f": {'; '.join(facts)}" if facts != [within(alert.title)] else ""
        return self.text(f"{alert.title}{why}.", "red") + self.text(alert.text, "", 4, 0)

    def _deviates(self, name: str) -> bool:
        """Whether a fact is given, and is not the usual one."""
        given = self.it.background.given
        return name in given and given[name] != self.kb.findings[name].usual

    def _also(self, alerts: Sequence[NoticeReport]) -> Lines:
        return self.listed("Also", [within(it.title) for it in alerts])


class _Answer(_Screen):
    def __init__(self, terminal: Terminal, kb: KnowledgeBase, it: Assessment, words: str) -> None:
        super().__init__(terminal, kb, it, words)
        self.rows = unrecorded(kb, it)
        self.marks = {step.step: _mark(step, it) for step in it.ladder}

    def lines(self, today: date) -> Lines:
        """All but the list of what is not recorded is shown whole; that list is shortened until the screen holds it."""
        above = [*self._headline(), *self._alerts(), *self._reasons(), *self._remarks()]
        below = [*self._ladder(), *self._guidance(), *self._next(), *self._footer(today)]
        room = MOST_LINES - len(above) - len(below)
        whole = len(self._unrecorded(1000))
        if not self.wide or whole + len(self._alerts(whole=True)) - len(self._alerts()) <= room:
            above = [*self._headline(), *self._alerts(whole=True), *self._reasons(), *self._remarks()]
        elif room < min(whole, len(self._heading()) + len(self._grouped())):
            above = [*self._headline(), *self._alerts(), *self._reasons(1), *self._remarks(brief=True)]
        room = MOST_LINES - len(above) - len(below)
        advice = self.listed("Advice", [within(it.title) for it in self.it.advice if it.holds])
        if self.wide and whole + len(advice) > room:
            advice = []
        return [*above, *advice, *self._unrecorded(room - len(advice)), *below]

    # --- what to do, and how sure that is

    def _headline(self) -> Lines:
        it = self.it
        if it.not_enough:
            step = it.recommended or usual_step(self.kb, it)
            usual = f"With the usual findings it would be {within(self.kb.steps[step].title)}." if step else ""
            return self.headline("Not enough is recorded", sureness(it, self.rows), "bold yellow") + self.text(usual)
        title = self.kb.steps[it.recommended].title if it.recommended else "No single step"
        lines = self.headline(title, sureness(it, self.rows), STYLES[it.answer])
        if not it.recommended:
            possible = [within(self.kb.steps[entry.step].title) for entry in it.possible]
            lines += self.text(f"Possible: {together(possible, 'or')}." if possible else "No step is supported.")
        meanwhile = f"Meanwhile: {within(self.kb.steps[it.meanwhile].title)}." if it.meanwhile else ""
        preferred = together([within(option.title) for option in it.preferred])
        return lines + self.text(f"{meanwhile} {f'Preferred: {preferred}.' if preferred else ''}".strip())

    def _alerts(self, *, whole: bool = False) -> Lines:
        """The alerts, each with what to do, or the first sentence of it."""
        texts = [it.text if whole else it.text.split(". ")[0].rstrip(".") + "." for it in self.raised]
        shown = [f"! {it.title}: {text}" for it, text in zip(self.raised, texts, strict=True)]
        return [line for text in shown for line in self.text(text, "bold red")]

    # --- why, and what was given

    def _reasons(self, most: int = 3) -> Lines:
        """The facts behind the step that are not the usual ones, and then all others that are given."""
        if not self.it.patient.facts:
            return self.text("Nothing is recorded about the patient.")
        why = [*self.facts(self.behind), *self._following()]
        heading = "Also given" if why else "Given"
        echoed = self.some(self.facts(self.others), most, f"{heading}: ") if self.others else ""
        return self.listed("Why", why) + self.text(f"{echoed}." if self.others else "")

    def _following(self) -> Iterator[str]:
        """The facts behind the step that are not given but follow from what is, and are not the usual ones."""
        for name, value in self.it.background.forced.items():
            if name in deciding(self.it) and value != self.kb.findings[name].usual:
                yield f"{self.phrases.fact(name, value)} (follows from what is given)"

    def _remarks(self, *, brief: bool = False) -> Lines:
        """What to read again: values that may be wrong, what was given as unknown, and cautions."""
        it = self.it
        because = ["" if brief else f" {check.entry.because}" for check in it.checks]
        found = [f"{check}{reason}" for check, reason in zip(self.checks(), because, strict=True)]
        for near in it.near:
            finding = self.kb.findings[near.finding]
            value = write_given(finding, it.background.given[near.finding], it.patient.written.get(near.finding))
            found.append(f"Check: {self.phrases.short(near.finding)} {nearness(value, near)}.")
        unknown = [self.phrases.short(name) for name in it.patient.unknown]
        found += [f"{self.some(unknown, 1, 'Given as unknown: ')}."] if unknown else []
        found += [f"Caution: {argument.title}." for argument in _holding(it.step)]
        return [line for text in found for line in self.text(text)]

    # --- what is not recorded

    def _unrecorded(self, room: int) -> Lines:
        """What to check and where that leads, in so many lines: the first rows get the most of them."""
        if not self.rows and self.it.answer != "certain":
            return self.text("Only several findings together could lead to another step: --full.")
        if not self.rows:
            policy = ", but another policy of the site could" if self.it.policies else ""
            return self.text(f"No further information would change this step{policy}.")
        rows = self._grouped()
        if not self.wide:
            return self._heading() + [line for row in rows for line in self._row(row, 1000)]
        heading = self._heading()
        shown = [self._row(row, 1000 if self._must_be_whole(row) else 1) for row in rows]
        for index, row in enumerate(rows):
            spare = room - len(heading) - sum(map(len, shown))
            if spare > 0:
                shown[index] = self._row(row, len(shown[index]) + spare)
        if len(heading) + sum(map(len, shown)) > room:
            return [*heading, *self._first(shown, room - len(heading) - 1)]
        return [*heading, *(line for lines in shown for line in lines)]

    def _first(self, rows: Sequence[Lines], room: int) -> Lines:
        """The first rows that so many lines hold, one at least, and the number of the others."""
        found = rows[0]
        for number, lines in enumerate(rows[1:], 1):
            if len(found) + len(lines) > room:
                return [*found, *self.text(f"and {counted(len(rows) - number, 'row')} more: --full")]
            found = [*found, *lines]
        return found

    def _must_be_whole(self, row: Unrecorded) -> bool:
        """Whether a row names each circumstance: one that leads to an urgent step, and that no panel asks for."""
        return not row.panel and any(self.kb.steps[step].urgent for step in row.steps)

    def _grouped(self) -> list[Unrecorded]:
        """The rows that lead to steps, and as one row what only raises an alert."""
        found = [row for row in self.rows if not row.steps]
        premises = dict.fromkeys(premise for row in found for premise in row.premises)
        alerts = dict.fromkeys(alert for row in found for alert in row.alerts)
        only_alerts = [Unrecorded("", tuple(premises), (), tuple(alerts))] if found else []
        return [*(row for row in self.rows if row.steps), *only_alerts]

    def _heading(self) -> Lines:
        certain = self.it.answer == "certain"
        what = "ASK FIRST" if self.it.not_enough else "NOT RECORDED"
        title = f"{what}{'' if self.it.not_enough or certain else ' - CHECK BEFORE ACTING'}"
        lines = self.terminal.row((title, "if found:"), (self._width() + 2,), 0) if self.wide else [title]
        return [Line(), *(Line(line, "bold") for line in lines)]

    def _row(self, row: Unrecorded, most: int) -> Lines:
        """A group of circumstances, of which as many are named as so many lines hold, and where they lead."""
        panel = f"{self.kb.panels[row.panel].title}: " if row.panel else ""
        items, to = self.phrases.circumstances(row), self.phrases.destination(row) or "an alert"
        if not self.wide:
            return self.text(f"- {panel}{', '.join(items)}: {to}")
        text = self.some(items, most, panel, self._width())
        cells = (f"{text[:1].upper()}{text[1:]}", to)
        return [Line(line) for line in self.terminal.row(cells, (self._width(),))]

    def _width(self) -> int:
        """The width of the column of circumstances."""
        return self.terminal.width - DESTINATION - 4

    # --- the ladder, and where to go on

    def _ladder(self) -> Lines:
        marks = self.marks
        steps = [f"{number} {self._short(it)} {marks[it.step]}" for number, it in enumerate(self.it.ladder, 1)]
        used = [f"{mark} {word}" for mark, word in MARKS.items() if mark in marks.values()]
        lines = [""]
        for part in map(visible, [*steps, *used]):
            if width_of(lines[-1]) + width_of(part) + 2 > self.terminal.width:
                lines.append("")
            lines[-1] += f"  {part}" if lines[-1] else f"{'' if lines[1:] else 'LADDER':8}{part}"
        return [Line(), *map(Line, lines)]

    def _short(self, step: StepReport) -> str:
        return self.kb.steps[step.step].short or within(step.title)

    def _guidance(self) -> Lines:
        notes = [self.kb.notes[name] for name in self.it.guidance]
        topics = list(dict.fromkeys(note.short for note in notes if note.short))
        if not topics:
            return self.text("GUIDELINES DIFFER: see --full." if notes else "", "", 0)
        return self.text(
            f"{self.some(topics, 1 if self.wide else 1000, 'GUIDELINES DIFFER on ', self.terminal.width - 1)}.", "", 0
        )

    def _next(self) -> Lines:
        commands = ["consult"] * bool(self.rows) + ["why"] * bool(self.it.recommended) + ["what-if", "report"]
        if not self.it.patient.facts:
            return self.text("NEXT    expert consult, or expert assess finding=value ...", "", 0, 8)
        return self.commands(f"NEXT    expert {' | '.join(commands)}", ", or --full", 8, 0)

    def _footer(self, today: date) -> Lines:
        kb = self.kb
        overdue = f" Its review was due on {kb.review_due}." if kb.review_overdue(today) else ""
        return self.text(f"{kb.name} {kb.version} {kb.sha256[:8]}. {kb.disclaimer}{overdue}", "dim", 0)


def _holding(step: StepReport | None) -> Iterator[Argument]:
    """The cautions about a step that hold."""
    return (argument for argument in (step.cautions if step else ()) if argument.holds)


def _mark(step: StepReport, it: Assessment) -> str:
    """The mark of a step: ruled out or not needed for certain, or only as nothing else is recorded."""
    if step.presumed_status in ("recommended", "available", "waiting"):
        return ">" if step.presumed_status == "recommended" and not it.not_enough else "o"
    return {"excluded": "x", "unsupported": "-"}.get(step.status, "?")
