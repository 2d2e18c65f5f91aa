"""What if: two answers, what a person can see change between them, and the rules that carried the change.

The chain is read off the definitions: a conclusion turned because parts of its premise turned. The shortest way back
from the recommended step to a changed finding over such parts is told (breadth first, so that there is no shorter one).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from expert.infer.assess import Reasoner
from expert.infer.derivation import Derivations
from expert.logic import Evaluation, Truth
from expert.model import All, Any, Concluded, Exclusive, Literal, Name, Not, Premise
from expert.results import Assessment, Comparison, Fact, Link

_WORDS: Mapping[str, tuple[str, str]] = {
    "recommended": ("recommended", "not recommended"),
    "available": ("available", "not available"),
    "supports": ("supported", "not supported"),
    "excludes": ("excluded", "not excluded"),
    "rule": ("holds", "does not hold"),
    "finding": ("yes", "no"),
}


KINDS = ("alert", "finding", "caution", "option", "advice")
Outcome = dict[tuple[str, str], str]


def compare(reasoner: Reasoner, before: Assessment, after: Assessment) -> Comparison:
    """How one answer differs from another over the same knowledge, both as presumed."""
    changed = tuple(_changed(reasoner, before, after))
    turned = tuple(_differences(_outcome(reasoner, before), _outcome(reasoner, after)))
    return Comparison(before, after, changed, turned, _Turning(reasoner, before, after).chain())


def _changed(reasoner: Reasoner, before: Assessment, after: Assessment) -> Iterator[Link]:
    """The findings with another value, or whose value is no longer presumed (or is now)."""
    told = [Derivations(reasoner.domain, it, it.presumed_record) for it in (before, after)]
    for name in reasoner.kb.inputs:
        old, new = (it.fact(name) for it in told)
        if old != new:
            yield Link("finding", name, _value(old), _value(new))


def _value(fact: Fact) -> str:
    return fact.value if fact.origin in ("given", "unknown") else f"{fact.value} ({fact.origin})"


def _outcome(reasoner: Reasoner, it: Assessment) -> Outcome:
    """What a person sees besides the ladder, as presumed: each thing with a word for how it is."""
    cautions = [argument for step in it.ladder if step.step == it.recommended for argument in step.cautions]
    cautions += [argument for option in it.options for argument in option.cautions]
    holding = {
        "alert": [notice.title for notice in it.alerts if notice.presumed_status == "holds"],
        "caution": [argument.title for argument in cautions if argument.presumed_status == "holds"],
        "advice": [notice.title for notice in it.advice if notice.presumed_status == "holds"],
    }
    seen = {(kind, title): "yes" for kind, titles in holding.items() for title in titles}
    for option in it.options:
        preferred = option.preferred and option.presumed_status == "offered"
        seen["option", option.title] = "preferred" if preferred else option.presumed_status
    for name, value in it.presumed_findings.items():
        seen["finding", f"{reasoner.kb.findings[name].title} ({name})"] = reasoner.domain.write(name, value)
    return seen


def _differences(before: Outcome, after: Outcome) -> Iterator[Link]:
    """What is not the same, by kind, the gravest first."""
    for kind in KINDS:
        for claim in dict.fromkeys([*before, *after]):
            old, new = before.get(claim, "no"), after.get(claim, "no")
            if claim[0] == kind and old != new:
                yield Link(kind, claim[1], old, new)


class _Turning:
    """The conclusions that turned between two presumed patients."""

    def __init__(self, reasoner: Reasoner, before: Assessment, after: Assessment) -> None:
        self.kb, self.definitions, self.domain = reasoner.kb, reasoner.definitions, reasoner.domain
        self.steps = (after.recommended, before.recommended)
        self.old, self.new = (Evaluation(reasoner.definitions, it.background.all) for it in (before, after))

    def chain(self) -> tuple[Link, ...]:
        """From a changed finding to the recommended step; empty if that did not change, or only by cases."""
        if self.steps[0] == self.steps[1]:
            return ()
        goals = [Concluded(("recommended", step)) for step in self.steps if step]
        goal = next((it for it in goals if self._turned(it)), None)
        return tuple(map(self._link, self._shortest(goal))) if goal else ()

    def _shortest(self, goal: Concluded) -> list[Literal | Concluded]:
        """A shortest way from a premise about a finding up to the goal, breadth first."""
        above: dict[Literal | Concluded, Concluded] = {}
        level: list[Concluded] = [goal]
        while level:
            following: list[Concluded] = []
            for name in level:
                for part in self._behind(self.definitions.premises[name.name]):
                    if part not in above:
                        above[part] = name
                        if not isinstance(part, Concluded):
                            return self._way(part, above)
                        following.append(part)
            level = following
        return []

    @staticmethod
    def _way(part: Literal | Concluded, above: Mapping[Literal | Concluded, Concluded]) -> list[Literal | Concluded]:
        way: list[Literal | Concluded] = [part]
        while part in above:
            part = above[part]
            way.append(part)
        return way

    def _turned(self, premise: Premise) -> bool:
        return self.old.evaluate(premise) is not self.new.evaluate(premise)

    def _behind(self, premise: Premise) -> Iterator[Literal | Concluded]:
        """The parts that turned a premise: of an `All` or `Any`, those that went where it went, if there are such."""
        match premise:
            case Not():
                yield from self._behind(premise.premise)
            case All() | Any():
                turned = [part for part in premise.premises if self._turned(part)]
                truth = self.new.evaluate(premise)
                for part in [part for part in turned if self.new.evaluate(part) is truth] or turned:
                    yield from self._behind(part)
            case Exclusive():
                yield from self._behind(premise.own if self._turned(premise.own) else premise.others)
            case _:
                yield premise

    def _link(self, part: Literal | Concluded) -> Link:
        if not isinstance(part, Concluded):
            old, new = (self.domain.write(part.finding, it.facts.get(part.finding)) for it in (self.old, self.new))
            return Link("finding", part.finding, old, new)
        old, new = (_word(part.name, it.concluded(part.name)) for it in (self.old, self.new))
        kind = part.name[0] if part.name[0] in ("rule", "finding") else "step"
        return Link(kind, self._claim(part.name), old, new, self.kb.rules[part.name[1]] if kind == "rule" else None)

    def _claim(self, name: Name) -> str:
        role, target, *value = name
        if role == "rule":
            return self.kb.rules[target].title
        if role == "finding":
            return " is ".join((target, *value))
        return self.kb.steps[target].title


def _word(name: Name, truth: Truth) -> str:
    return "open" if truth is None else _WORDS[name[0]][0 if truth else 1]
