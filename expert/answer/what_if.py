"""What if: two answers, their observable differences, and the rules behind the change.

A minimal set of changes is enough for the new step: they lead to it alone, and none can be left out. The chain follows
the definitions: a conclusion changed because parts of its premise did. A breadth-first search finds a shortest path of
such parts from each change to the recommended step; together these paths are the chain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment, NoticeReport
from expert.answer.derivation import Derivations
from expert.answer.explanations import Comparison, Fact, Link
from expert.lang.observables import Key, Kind, State, differences, state, value_status
from expert.lang.premises import All, Any, Concluded, Count, Exclusive, Literal, Name, Not, Premise
from expert.lang.values import Facts
from expert.logic.kleene import Evaluation, Truth

_WORDS: Mapping[str, tuple[str, str]] = {
    "recommended": ("recommended", "not recommended"),
    "available": ("available", "not available"),
    "supports": ("supported", "not supported"),
    "excludes": ("excluded", "not excluded"),
    "rule": ("holds", "does not hold"),
    "finding": ("yes", "no"),
}


def compare(reasoner: Reasoner, before: Assessment, after: Assessment) -> Comparison:
    """How one answer differs from another of the same knowledge, both with presumptions."""
    changed = tuple(_changed(reasoner, before, after))
    found = differences(*(dict(_states(it)) for it in (before, after)))
    turned = tuple(it for it in found if it.before.word != it.after.word)
    return Comparison(before, after, changed, turned, _Turning(reasoner, before, after).chain())


def _changed(reasoner: Reasoner, before: Assessment, after: Assessment) -> Iterator[Link]:
    """The findings whose value or its origin differs."""
    records = [Derivations(reasoner.domain, it, it.presumed_record) for it in (before, after)]
    for name in reasoner.kb.given:
        old, new = (it.fact(name) for it in records)
        if old != new:
            yield Link("finding", name, _value(old), _value(new))


def _value(fact: Fact) -> str:
    return fact.value if fact.origin in ("given", "unknown") else f"{fact.value} ({fact.origin})"


def _states(it: Assessment) -> Iterator[tuple[Key, State]]:
    """The observables of an answer except its ladder; a caution has the name of its rule."""
    for kind, notices in _notices(it):
        yield from (((kind, one.name), state(kind, one.status, one.presumed_status)) for one in notices)
    cautions = [argument for step in it.ladder if step.step == it.recommended for argument in step.cautions]
    cautions += [argument for option in it.options for argument in option.cautions]
    for one in cautions:
        if one.presumed_status == "holds":
            yield ("caution", one.rule), state("caution", one.status, one.presumed_status)
    for option in it.options:
        yield ("option", option.option), state("option", option.status, option.presumed_status)
        preferred = "holds" if option.preferred else "fails"
        yield ("preference", option.option), state("preference", preferred, preferred)
    for name, value in it.presumed_findings.items():
        yield ("finding", name), state("finding", value_status(it.findings[name]), value_status(value))


def _notices(it: Assessment) -> Iterator[tuple[Kind, Sequence[NoticeReport]]]:
    yield "alert", it.alerts
    yield "advice", it.advice


class _Turning:
    """The conclusions that differ between two patients, presumptions included."""

    def __init__(self, reasoner: Reasoner, before: Assessment, after: Assessment) -> None:
        self.kb, self.definitions = reasoner.kb, reasoner.definitions
        self.old = Evaluation(reasoner.definitions, before.background.all)
        self.records = [Derivations(reasoner.domain, it, it.presumed_record) for it in (before, after)]
        self.steps = (after.recommended, before.recommended)
        self.goal, self.carrying = self._carrying(after.background.all)
        self.new = self._with(self.carrying, after.background.all)

    def _carrying(self, after: Facts) -> tuple[Concluded | None, tuple[str, ...]]:
        """The change of the recommended step, and a minimal set of changed findings that causes it."""
        changed = [name for name in self.kb.inputs if self.old.facts.get(name) != after.get(name)]
        goals = [Concluded(("recommended", step)) for step in self.steps if step and self.steps[0] != self.steps[1]]
        whole = self._with(changed, after)
        goal = next((it for it in goals if self.old.evaluate(it) is not whole.evaluate(it)), None)
        if goal is None:
            return None, ()
        found = True
        while found:  # a finding may become dispensable once others are left out
            found = False
            for name in list(changed):
                fewer = [other for other in changed if other != name]
                if self._with(fewer, after).evaluate(goal) is whole.evaluate(goal):
                    changed, found = fewer, True
        return goal, tuple(changed)

    def _with(self, names: Iterable[str], after: Facts) -> Evaluation:
        """The first patient with some findings of the second."""
        facts = dict(self.old.facts)
        for name in names:
            facts.pop(name, None)
            if name in after:
                facts[name] = after[name]
        return Evaluation(self.definitions, facts)

    def chain(self) -> tuple[Link, ...]:
        """From the changes to the recommended step; empty if that did not change, or only by cases."""
        if self.goal is None:
            return ()
        names = {name for finding in self.carrying for name in self._way(self.goal, finding)}
        conclusions = (name for name in self.definitions.premises if name in names)  # by stratum
        return (*map(self._finding, self.carrying), *map(self._conclusion, conclusions))

    def _way(self, goal: Concluded, finding: str) -> list[Name]:
        """The conclusions on a shortest path from a finding up to the goal; the first one found."""
        above: dict[Name, Name | None] = {goal.name: None}
        level = [goal.name]
        while level:
            following: list[Name] = []
            for name in level:
                for part in self._behind(self.definitions.premises[name]):
                    if isinstance(part, Concluded):
                        if part.name not in above:
                            above[part.name] = name
                            following.append(part.name)
                    elif part.finding == finding:
                        return list(_upwards(name, above))
            level = following
        return []

    def _turned(self, premise: Premise) -> bool:
        return self.old.evaluate(premise) is not self.new.evaluate(premise)

    def _behind(self, premise: Premise) -> Iterator[Literal | Concluded]:
        """The parts that changed a premise; of an `All` or `Any`, preferably those with the same new truth."""
        match premise:
            case Not():
                yield from self._behind(premise.premise)
            case All() | Any() | Count():
                turned = [part for part in premise.premises if self._turned(part)]
                truth = self.new.evaluate(premise)
                for part in [part for part in turned if self.new.evaluate(part) is truth] or turned:
                    yield from self._behind(part)
            case Exclusive():
                yield from self._behind(premise.own if self._turned(premise.own) else premise.others)
            case _:
                yield premise

    def _finding(self, name: str) -> Link:
        old, new = (_value(it.fact(name)) for it in self.records)
        return Link("finding", name, old, new)

    def _conclusion(self, name: Name) -> Link:
        old, new = (_word(name, it.concluded(name)) for it in (self.old, self.new))
        kind = name[0] if name[0] in ("rule", "finding") else "step"
        return Link(kind, self._claim(name), old, new, self.kb.rules[name[1]] if kind == "rule" else None)

    def _claim(self, name: Name) -> str:
        role, target, *value = name
        if role == "rule":
            return self.kb.rules[target].title
        if role == "finding":
            return " is ".join((target, *value))
        return self.kb.steps[target].title


def _upwards(name: Name | None, above: Mapping[Name, Name | None]) -> Iterator[Name]:
    while name is not None:
        yield name
        name = above[name]


def _word(name: Name, truth: Truth) -> str:
    return "open" if truth is None else _WORDS[name[0]][0 if truth else 1]
