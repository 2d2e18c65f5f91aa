"""What is enough: the sets of facts that force the step, what they need presumed, and what plays no part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from expert.answer.assessment import Assessment
from expert.answer.enough import missing_findings
from expert.answer.explanations import Fact, SufficientReasons, SufficientSet
from expert.lang.model import KnowledgeBase
from expert.lang.vocabulary import Panel
from expert.logic.domain import Domain
from expert.render.json import footer, plain
from expert.render.phrases import Phrases, by_panel, of_none, within
from expert.render.terminal import Terminal


def write_enough(
    terminal: Terminal, domain: Domain, assessment: Assessment, it: SufficientReasons | None, today: date
) -> None:
    """Write the least sufficient sets in sentences; of an open answer, what is missing."""
    _Enough(terminal, domain, assessment).reasons(it) if it else _Enough(terminal, domain, assessment).open()
    terminal.footer(domain.kb, today)


class _Enough:
    def __init__(self, terminal: Terminal, domain: Domain, assessment: Assessment) -> None:
        self.kb, self.assessment = domain.kb, assessment
        self.say, self.phrases = terminal.say, Phrases(domain.kb, {})
        self.is_none = of_none(assessment.background.all)

    def reasons(self, it: SufficientReasons) -> None:
        title = self.kb.steps[it.step].title
        if it.number == 1:
            self.single(title, it.sets[0], others=bool(it.idle))
        else:
            self.several(title, it)
        if it.idle:
            self.say()
            self.say("These given facts would not change the step, whatever their values:")
            self.facts(it.idle)
        if it.undecided:
            self.say()
            self.say("Whether these given facts could change the step is not decided:")
            self.facts(it.undecided)

    def single(self, title: str, it: SufficientSet, *, others: bool) -> None:
        if it.given:
            whatever = ", whatever the values of the other given facts" if others else ""
            self.say(f"{title}: these given facts are enough{whatever}.", style="bold")
            self.facts(it.given)
        else:
            self.say(f"{title}: no given fact is needed.", style="bold")
        self.say()
        if it.presumed:
            self.say("They need these assumed:" if it.given else "It needs these assumed:")
            self.facts(it.presumed)
            rest = len(self.assessment.background.presumed) - len(it.presumed)
            if rest:
                self.say(f"The {rest} other assumptions are not needed." if rest > 1 else
                         "The other assumption is not needed.")  # fmt: skip
        else:
            self.say("Nothing needs to be assumed.")

    def several(self, title: str, it: SufficientReasons) -> None:
        """What all sets have in common, then what each adds."""
        number = it.number or f"more than {len(it.sets)}"
        self.say(
            f"{title}: {number} sets of facts are enough, each whatever the values of the other facts.", style="bold"
        )
        given, presumed = it.common
        if given:
            self.say("All have these given facts:")
            self.facts(given)
        if presumed:
            self.say("All need these assumed:")
            self.facts(presumed)
        self.say()
        first = "" if it.number == len(it.sets) else f", the first {len(it.sets)} of them"
        self.say(f"{'Besides, each has' if given or presumed else 'Each has'} the facts of one of these{first}:")
        for one in it.sets:
            own = self.words(fact for fact in one.given if fact not in given)
            own_presumed = self.words(fact for fact in one.presumed if fact not in presumed)
            parts = [own, f"assumed: {own_presumed}" if own_presumed else ""]
            self.say(f"- {'; '.join(filter(None, parts))}", 2, hanging=2)

    def open(self) -> None:
        possible = [self.kb.steps[it.step].title for it in self.assessment.possible]
        self.say("Nothing that is given or assumed forces a step yet.", style="bold")
        if possible:
            self.say(f"Possible: {', '.join(possible)}.", hanging=2)
        else:
            self.say("No step is both supported and not excluded.")
        missing = missing_findings(self.assessment)
        if missing:
            self.say()
            self.say("What is missing:")
            for entry in missing:
                self.say(f"- {entry.ask}", 2, hanging=2)

    def facts(self, facts: Iterable[Fact]) -> None:
        """Facts in one paragraph."""
        self.say(self.words(facts), 2, hanging=2)

    def words(self, facts: Iterable[Fact]) -> str:
        """Facts in one line, those of a panel as one."""
        panels, left = by_panel(self.kb, facts, lambda it, panel: self.is_none(it.finding, panel))
        return "; ".join([self._none(*it) for it in panels] + [self._fact(it) for it in left])

    def _none(self, panel: Panel, members: Sequence[Fact]) -> str:
        """A whole panel in a few words; of a part of one, which."""
        if len(members) == len(panel.members):
            return f"{within(panel.title)}: none"
        named = ", ".join(self.phrases.short(it.finding) for it in members)
        return f"{within(panel.title)}: none ({len(members)} of {len(panel.members)}: {named})"

    def _fact(self, fact: Fact) -> str:
        value = fact.value.replace("_", " ")
        return f"{self.phrases.short(fact.finding)}: {value}{', by default' if fact.origin == 'default' else ''}"


def enough_to_json(
    kb: KnowledgeBase, assessment: Assessment, it: SufficientReasons | None, today: date
) -> dict[str, Any]:
    """The same as dictionaries and lists; ``missing`` names findings that keep an answer open."""
    return {
        "answer": assessment.answer,
        "recommended": assessment.recommended,
        "sets": plain(it.sets) if it else [],
        "number": it.number if it else 0,
        "common": plain(it.common) if it else None,
        "no_part": plain(it.idle) if it else [],
        "undecided": plain(it.undecided) if it else [],
        "missing": [] if it else [entry.finding for entry in missing_findings(assessment)],
        **footer(kb, today),
    }
