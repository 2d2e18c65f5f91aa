"""The facts of a report: what was given, what is presumed, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from expert.answer.assessment import Assessment, Decisive, NotRuledOut, Possible
from expert.lang.model import KnowledgeBase
from expert.logic.constraints import question_of
from expert.render.phrases import (
    ORIGIN,
    Phrases,
    Stated,
    by_panel,
    nearness,
    not_presumed,
    panels_and_names,
    together,
)
from expert.render.sections import OpenFinding, OpenPanel, PresumedFindings, Way


class FactSections:
    """One assessment, in words. ``cited`` are the ids of the references met so far."""

    def __init__(self, kb: KnowledgeBase, it: Assessment) -> None:
        self.kb, self.it = kb, it
        usual = {name: kb.findings[name].usual_written for name in it.background.presumed}
        self.phrases = Phrases(kb, {**usual, **it.patient.written})
        self.values = it.background.all
        self.cited: set[str] = set()

    def cite(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Ids of references, each once; they are remembered for the end of the page."""
        found = tuple(dict.fromkeys(ids))
        self.cited.update(found)
        return found

    def titles(self, steps: Iterable[str]) -> tuple[str, ...]:
        """The titles of steps."""
        return tuple(self.kb.steps[step].title for step in steps)

    # --- given

    def given(self) -> tuple[Stated, ...]:
        """What was given, what follows from it alone, and the policies of the site that count by default."""
        background, overridden = self.it.background, self.it.patient.overridden
        kept = {name: value for name, value in background.given.items() if name not in overridden}
        recorded = {name: value for name, value in kept.items() if self.kb.findings[name].for_record}
        read = {name: value for name, value in kept.items() if name not in recorded}
        changed = (
            Stated(
                self.phrases.title(name),
                self.phrases.value(name, background.given.get(name)),
                f"{self._word(name)}given on the command line; the file says {old.replace('_', ' ')}",
            )
            for name, old in overridden.items()
        )
        sources = (
            (recorded, "for the record"),
            (background.forced, ORIGIN["forced"]),
            (background.defaults, ORIGIN["default"]),
        )
        others = (stated for facts, note in sources for stated in self.phrases.stated(facts, facts, note))
        return (*self.phrases.stated(read, read), *changed, *others)

    def _word(self, name: str) -> str:
        return f"{word}; " if (word := self.phrases.word(name)) else ""

    def near(self) -> tuple[str, ...]:
        """The given quantities that are near a threshold."""
        found = []
        for near in self.it.near:
            value = self.phrases.value(near.finding, self.it.background.given[near.finding])
            found.append(f"{self.phrases.title(near.finding)}: {nearness(value, near)}")
        return tuple(found)

    def checks(self) -> tuple[str, ...]:
        """What is to be checked of the given values, and why."""
        found = []
        for check in self.it.checks:
            facts = (f"{self.phrases.title(name)} {self.phrases.value(name, it)}" for name, it in check.facts.items())
            found.append(f"{'; '.join(facts)}. {check.entry.because}")
        return tuple(found)

    # --- presumed

    def presumptions(self) -> tuple[PresumedFindings, ...]:
        """The presumptions behind the step."""
        if self.it.answer == "certain":
            return ()
        return tuple(
            PresumedFindings(it.title, self.cite(it.cite), self._presumed(it.findings)) for it in self.it.presumptions
        )

    def _presumed(self, findings: Sequence[str]) -> tuple[Stated, ...]:
        """Presumed findings, those that were said to be unknown last and with a note."""
        said = self.it.patient.unknown
        unmentioned = self.phrases.stated((name for name in findings if name not in said), self.values)
        unknown = self.phrases.stated((name for name in findings if name in said), self.values, "said to be unknown")
        return (*unmentioned, *unknown)

    def said_unknown(self) -> tuple[str, ...]:
        """The titles of what is given as unknown."""
        kb, names = self.kb, panels_and_names(self.kb, self.it.patient.unknown)
        return tuple(kb.panels[name].title if name in kb.panels else kb.findings[name].title for name in names)

    def unknown(self) -> tuple[str, ...]:
        """The titles of that of which nothing is recorded and nothing is presumed."""
        said = {*self.values, *self.it.patient.unknown}
        return tuple(entry.title for name, entry in self.kb.inputs.items() if name not in said)

    def other_presumed(self) -> tuple[Stated, ...]:
        """The presumptions that neither support the step nor could change it."""
        shown = {name for it in self.it.decisive for name in (it.finding, *it.partners)}
        if self.it.answer != "certain":
            shown |= {name for it in self.it.presumptions for name in it.findings}
        left = {name: value for name, value in self.it.background.presumed.items() if name not in shown}
        return self.phrases.stated(left, left)

    def not_presumed(self) -> tuple[str, ...]:
        """The findings whose usual value is not presumed, and on account of which facts."""
        found = []
        for names, facts in not_presumed(self.it.background):
            because = together([f"{self.phrases.title(it)}: {self.phrases.value(it, facts[it])}" for it in facts])
            found.append(f"{'; '.join(map(self.phrases.title, names))} (because of {because})")
        return tuple(found)

    # --- missing

    def missing(self) -> tuple[OpenPanel | OpenFinding, ...]:
        """What would change the step; members of a panel that do so each alone come together."""
        alone, first = {it.finding for it in self.it.decisive if not it.partners}, question_of(self.kb)
        open_ones = [it for it in self.it.decisive if first.get(it.finding) not in alone]
        panels, left = by_panel(self.kb, open_ones, lambda it, panel: it.finding in panel.members and not it.partners)
        found: list[OpenPanel | OpenFinding] = []
        for panel, members in panels:
            steps = dict.fromkeys(step for entry in members for led in entry.leads_to.values() for step in led)
            found.append(OpenPanel(panel.title, panel.ask, self.titles(steps), tuple(map(self._open, members))))
        return (*found, *map(self._open, left))

    def _open(self, it: Decisive) -> OpenFinding:
        presumed = self.it.background.presumed.get(it.finding)
        leads_to = (
            (self.phrases.answer(premise), together(self.titles(steps), "or")) for premise, steps in it.leads_to.items()
        )
        return OpenFinding(
            self.phrases.title(it.finding),
            it.ask,
            "" if presumed is None else self.phrases.value(it.finding, presumed),
            tuple(leads_to),
            tuple(map(self.phrases.title, it.partners)),
        )

    def ways(self) -> tuple[Way, ...]:
        """The steps that no single finding leads to."""
        single = {step for it in self.it.decisive if not it.partners for led in it.leads_to.values() for step in led}
        others = (it for it in self.it.possible if it.step != self.it.recommended and it.step not in single)
        return tuple(self._way(self.kb.steps[it.step].title, it) for it in others)

    def not_ruled_out(self) -> tuple[Way, ...]:
        """The alerts that may still be raised, apart from those that are shown as presumed."""
        return tuple(self._way(it.title, it) for it in self.it.not_ruled_out if not it.as_presumed)

    def _way(self, title: str, it: Possible | NotRuledOut) -> Way:
        routes = tuple(tuple(map(self.phrases.premise, deviation)) for deviation in it.deviations if deviation)
        return Way(title, routes, it.complete)

    # --- concluded

    def concluded(self) -> tuple[Stated, ...]:
        """The concluded findings that hold: those that are yes, and choices that have a value."""
        found = []
        for name, presumed in self.it.presumed_findings.items():
            if presumed not in (None, False):
                note = "" if self.it.findings[name] == presumed else "as assumed"
                found.append(Stated(self.phrases.title(name), self.phrases.value(name, presumed), note))
        return tuple(found)
