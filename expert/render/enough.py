"""What is enough: the given facts that force the step, what they need presumed, and what plays no part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from expert.explanations import Fact, SufficientReason
from expert.infer.domain import Domain
from expert.infer.enough import idle_facts, missing_findings
from expert.model import Panel
from expert.render.footer import write_footer
from expert.render.json import footer, plain
from expert.render.panels import folded
from expert.render.terminal import Terminal
from expert.results import Assessment


def write_enough(
    terminal: Terminal, domain: Domain, assessment: Assessment, it: SufficientReason | None, today: date
) -> None:
    """Write a sufficient reason in sentences; of an open answer, what is missing."""
    _Enough(terminal, domain, assessment).reason(it) if it else _Enough(terminal, domain, assessment).open()
    write_footer(terminal, domain.kb, today)


class _Enough:
    def __init__(self, terminal: Terminal, domain: Domain, assessment: Assessment) -> None:
        self.domain, self.kb, self.assessment = domain, domain.kb, assessment
        self.say = terminal.say
        self.values = assessment.background.all

    def reason(self, it: SufficientReason) -> None:
        title = f"{self.kb.steps[it.step].title} ({it.step})"
        idle = idle_facts(self.domain, self.assessment, it)
        if it.given:
            others = ", whatever the other given facts had been" if idle else ""
            self.say(f"{title}: these given facts are enough{others}.", style="bold")
            self.facts(it.given)
        else:
            self.say(f"{title}: no given fact is needed.", style="bold")
        self.say()
        if it.presumed:
            self.say("They need these presumed:" if it.given else "It needs these presumed:")
            self.facts(it.presumed)
            rest = len(self.assessment.background.presumed) - len(it.presumed)
            if rest:
                self.say(f"The {rest} other presumptions are not needed." if rest > 1 else
                         "The other presumption is not needed.")  # fmt: skip
        else:
            self.say("Nothing need be presumed.")
        if idle:
            self.say()
            self.say("These given facts play no part, whatever they had been:")
            self.facts(idle)

    def open(self) -> None:
        possible = [self.kb.steps[it.step].title for it in self.assessment.possible]
        self.say("Nothing that is given or presumed forces a step yet.", style="bold")
        if possible:
            self.say(f"Possible: {', '.join(possible)}.", hanging=2)
        else:
            self.say("No step is both supported and not excluded.")
        missing = missing_findings(self.assessment)
        if missing:
            self.say()
            self.say("What is missing:")
            for entry in missing:
                self.say(f"- {entry.finding}: {entry.ask}", 2, hanging=2)

    def facts(self, facts: Iterable[Fact]) -> None:
        """Facts in one paragraph, those of a panel as one."""
        by_name = {fact.finding: fact for fact in facts}
        panels, left = folded(self.kb, {name: self.values[name] for name in by_name}, _none)
        told = panels + [_fact(by_name[name]) for name in left]
        self.say("; ".join(told), 2, hanging=2)


def _none(panel: Panel, members: Sequence[str]) -> str:
    """A whole panel in two words; of a part of one, which."""
    if len(members) == len(panel.members):
        return f"{panel.name} none"
    return f"{panel.name} none ({len(members)} of {len(panel.members)}: {', '.join(members)})"


def _fact(fact: Fact) -> str:
    return f"{fact.finding} {fact.value}{', by default' if fact.origin == 'default' else ''}"


def enough_to_json(domain: Domain, assessment: Assessment, it: SufficientReason | None, today: date) -> dict[str, Any]:
    """The same as dictionaries and lists; ``missing`` names findings that keep an answer open."""
    return {
        "answer": assessment.answer,
        "recommended": assessment.recommended,
        "given": plain(it.given) if it else [],
        "presumed": plain(it.presumed) if it else [],
        "no_part": plain(idle_facts(domain, assessment, it)) if it else [],
        "missing": [] if it else [entry.finding for entry in missing_findings(assessment)],
        **footer(domain.kb, today),
    }
