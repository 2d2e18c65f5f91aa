"""Mutants: the rules and scores, each with one small fault of the kinds that slip into an edit.

A threshold is moved or takes in its own edge, a premise is negated or left out, *all* becomes *any*, a value, a step or
a role becomes its neighbour. Cases that miss such a fault would miss such a slip too (R. A. DeMillo, R. J.
Lipton, F. G. Sayward, *Hints on test data selection*, Computer 11(4) (1978) 34-41).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from expert.lang.errors import Location
from expert.lang.model import Conclusion, KnowledgeBase, Rule, titles_of
from expert.lang.premises import NEVER, OPPOSITE, All, Any, Compare, Count, In, Is, Not, Premise, literals, written
from expert.lang.roles import ROLES
from expert.lang.vocabulary import Finding, Points
from expert.logic.domain import Domain
from expert.read.knowledge import folder_name

KINDS = {
    "threshold": "a threshold is moved, to the next one or by the smallest step that can be stated",
    "strictness": "a comparison takes in its threshold, or no longer does",
    "direction": "a comparison is turned round",
    "bound": "the number of a count is one more or one fewer",
    "points": "an entry of a score counts one point more or fewer",
    "negated": "a premise is negated",
    "dropped": "a premise is left out",
    "swapped": "all becomes any, or any all",
    "value": "a value becomes its neighbour",
    "rule": "a rule is left out",
    "conclusion": "one of several conclusions is left out",
    "target": "a step, option, value, alert or advice becomes its neighbour",
    "role": "an argument speaks otherwise: for, against, with caution",
}
"""The kinds of mutants."""

T = TypeVar("T")


_STRICT = {">": ">=", ">=": ">", "<": "<=", "<=": "<"}
_TURNED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


class Mutant(NamedTuple):
    """One rule, or one score, with a fault.

    Attributes:
        kind: one of `KINDS`.
        entry: the rule or score as it becomes; a rule that is left out has a premise that never holds.
        change: what is different in it, as a clause.
        at: the line that would be edited.
    """

    kind: str
    entry: Rule | Finding
    change: str
    at: Location

    @property
    def id(self) -> str:
        """The id of the rule, or the name of the score."""
        return self.entry.id if isinstance(self.entry, Rule) else self.entry.name

    @property
    def premises(self) -> tuple[Premise, ...]:
        """The premises of the rule or of the points."""
        if isinstance(self.entry, Rule):
            return (self.entry.premise,)
        return tuple(All(it.when) for it in self.entry.points)


class _Edit(NamedTuple):
    """A premise as it becomes; ``None`` if it is left out."""

    kind: str
    premise: Premise | None
    change: str
    at: Location


def mutants(domain: Domain) -> list[Mutant]:
    """Every mutant of a knowledge base, by file and line; of several that make the same rule, the first."""
    found: dict[object, Mutant] = {}
    for rule in domain.kb.rules.values():
        premises = _Premises(domain, rule.at)
        for mutant in (_without(rule), *premises.of_rule(rule), *_concluding(rule, domain.kb)):
            assert isinstance(mutant.entry, Rule)
            found.setdefault((rule.id, mutant.entry.premise, mutant.entry.then), mutant)
        del found[(rule.id, rule.premise, rule.then)]
    for score in domain.kb.concluded.values():
        for mutant in _of_score(score, domain):
            assert isinstance(mutant.entry, Finding)
            found.setdefault((score.name, tuple((it.when, it.points) for it in mutant.entry.points)), mutant)
    return sorted(found.values(), key=lambda it: it.at)


def _without(rule: Rule) -> Mutant:
    return Mutant("rule", rule._replace(when=(NEVER,), unless=()), f"{rule.id} is left out", rule.at)


def _of_score(score: Finding, domain: Domain) -> Iterator[Mutant]:
    """A score with an entry of one point more or fewer, or that is left out, or with a fault in its premises."""
    for place, entry in enumerate(score.points):
        its = f"the entry {place + 1} of {score.name}"

        def mutant(kind: str, put: Points, change: str, at: Location, place: int = place) -> Mutant:
            points = (*score.points[:place], put, *score.points[place + 1 :])
            return Mutant(kind, score._replace(points=points), change, at)

        yield mutant("dropped", entry._replace(when=(NEVER,)), f"{its} is left out", entry.at)
        for number in (entry.points - 1, entry.points + 1):
            if number * entry.points > 0:
                change = f"{its} counts {number} instead of {entry.points}"
                yield mutant("points", entry._replace(points=number), change, entry.at)
        for edit, when in _Premises(domain, entry.at).listed(entry.when):
            if when:
                yield mutant(edit.kind, entry._replace(when=when), f"in {its}, {edit.change}", edit.at)


# --- premises ---------------------------------------------------------------------------------------------------------


class _Premises:
    """The faults that the premises of an entry can have, which begins at ``at``."""

    def __init__(self, domain: Domain, at: Location) -> None:
        self.domain, self.kb, self.at = domain, domain.kb, at

    def of_rule(self, rule: Rule) -> Iterator[Mutant]:
        """The rule itself, so that a mutant equal to it is recognised; then its mutants."""
        yield Mutant("", rule, "", rule.at)
        for edit, when in self.listed(rule.when):
            yield Mutant(edit.kind, rule._replace(when=when), edit.change, edit.at)
        if len(rule.when) > 1:
            change = "one of the premises of when is enough"
            yield Mutant("swapped", rule._replace(when=(Any(rule.when),)), change, self._at(rule.when[0]))
        for edit, unless in self.listed(rule.unless):
            yield Mutant(edit.kind, rule._replace(unless=unless), f"in unless, {edit.change}", edit.at)
        if len(rule.unless) > 1:
            change = "the exceptions of unless are needed all together"
            yield Mutant("swapped", rule._replace(unless=(All(rule.unless),)), change, self._at(rule.unless[0]))

    def listed(self, premises: tuple[Premise, ...]) -> Iterator[tuple[_Edit, tuple[Premise, ...]]]:
        """Each edit of one of several premises, with the premises as they become."""
        for index, premise in enumerate(premises):
            for edit in (*self._whole(premise), *self._within(premise)):
                put = () if edit.premise is None else (edit.premise,)
                yield edit, (*premises[:index], *put, *premises[index + 1 :])

    def _whole(self, premise: Premise) -> Iterator[_Edit]:
        negated = _negated(premise)
        yield self._becomes("negated", premise, negated)
        yield _Edit("dropped", None, f"`{written(premise)}` is left out", self._at(premise))

    def _within(self, premise: Premise) -> Iterator[_Edit]:
        """The edits that leave a premise where it is."""
        match premise:
            case Compare():
                yield from self._compare(premise)
            case Is(value=str()):
                for value in _neighbours(self.kb.findings[premise.finding].values, premise.value):
                    yield self._becomes("value", premise, premise._replace(value=value))
            case In():
                yield from self._among(premise)
            case Not():
                for edit in self._within(premise.premise):
                    assert edit.premise is not None
                    yield self._becomes(edit.kind, premise, Not(edit.premise))
            case All() | Any():
                yield from self._group(premise)
            case Count():
                yield from self._count(premise)

    def _count(self, premise: Count) -> Iterator[_Edit]:
        """A count by one more or one fewer, or without one of its parts, or with a part that has a fault."""
        for bounds in _moved(premise):
            yield self._becomes("bound", premise, bounds)
        for edit, rest in self.listed(premise.premises):
            put = premise._replace(premises=rest, points=())
            if put.truth(0, put.total) is None:
                yield edit._replace(premise=put)

    def _group(self, premise: All | Any) -> Iterator[_Edit]:
        group = type(premise)
        for edit, rest in self.listed(premise.premises):
            if rest:
                yield edit._replace(premise=group(rest))
        if len(premise.premises) > 1:
            other = Any if group is All else All
            yield self._becomes("swapped", premise, other(premise.premises))

    def _compare(self, premise: Compare) -> Iterator[_Edit]:
        for number in self._near(premise):
            put = premise._replace(threshold=number, written=self._moved(premise, number))
            yield self._becomes("threshold", premise, put)
        yield self._becomes("strictness", premise, premise._replace(operator=_STRICT[premise.operator]))
        yield self._becomes("direction", premise, premise._replace(operator=_TURNED[premise.operator]))

    def _near(self, premise: Compare) -> list[float]:
        """The thresholds next to that of a comparison, and those that lie by the finding's resolution from it."""
        finding = self.kb.findings[premise.finding]
        near = _neighbours(sorted(self._thresholds(premise)), premise.threshold)
        if finding.resolution:
            near += [premise.threshold - finding.resolution, premise.threshold + finding.resolution]
        return [number for number in dict.fromkeys(near) if finding.low <= number <= finding.high]

    def _thresholds(self, premise: Compare) -> Mapping[float, str]:
        """The thresholds of a quantity; of a score, only that of the premise."""
        return self.domain.thresholds.get(premise.finding) or {premise.threshold: premise.written}

    def _moved(self, premise: Compare, number: float) -> str:
        """Another threshold in words; one that people would not state, as the distance from this one."""
        name, resolution = premise.finding, self.kb.findings[premise.finding].resolution
        known = self._thresholds(premise).get(number)
        if known or not resolution or (premise.threshold / resolution).is_integer():
            return known or self.domain.write(name, number)
        return f"{premise.written} {'+' if number > premise.threshold else '-'} {self.domain.write(name, resolution)}"

    def _among(self, premise: In) -> Iterator[_Edit]:
        for index, value in enumerate(premise.values):
            others = premise.values[:index] + premise.values[index + 1 :]
            for put in _neighbours(self.kb.findings[premise.finding].values, value):
                if put not in premise.values:
                    yield self._becomes("value", premise, premise._replace(values=(*others, put)))
            if others:
                yield self._becomes("dropped", premise, premise._replace(values=others))

    def _becomes(self, kind: str, old: Premise, new: Premise) -> _Edit:
        return _Edit(kind, new, f"`{written(old)}` becomes `{written(new)}`", self._at(old))

    def _at(self, premise: Premise) -> Location:
        own = premise.at if isinstance(premise, Count) else None
        return own or next((it.at for it in literals(premise) if it.at), self.at)


def _moved(premise: Count) -> Iterator[Count]:
    """The count with each of its bounds moved by one, where only some patients meet it then."""
    least, most = premise.least, premise.most
    for by in (-1, 1):
        put = premise._replace(least=least + by if least else 0, most=most if most is None else most + by)
        if put.truth(0, put.total) is None and put.least >= 0:
            yield put


def _negated(premise: Premise) -> Premise:
    match premise:
        case Not():
            return premise.premise
        case Is(value=bool()):
            return premise._replace(value=not premise.value)
        case Compare():
            return premise._replace(operator=OPPOSITE[premise.operator])
    return Not(premise)


def _neighbours(ordered: Sequence[T], it: T) -> list[T]:
    """The elements before and after one of a sequence."""
    index = ordered.index(it)
    return [*ordered[max(0, index - 1) : index], *ordered[index + 1 : index + 2]]


# --- conclusions ------------------------------------------------------------------------------------------------------


def _concluding(rule: Rule, kb: KnowledgeBase) -> Iterator[Mutant]:
    for index, conclusion in enumerate(rule.then):
        others = rule.then[:index], rule.then[index + 1 :]
        at = conclusion.at or rule.at
        if len(rule.then) > 1:
            change = f"`{conclusion.line}` is left out"
            yield Mutant("conclusion", rule._replace(then=others[0] + others[1]), change, at)
        for kind, put in _instead(conclusion, kb):
            then = tuple(dict.fromkeys((*others[0], put, *others[1])))
            change = f"`{conclusion.line}` becomes `{put.line}`"
            yield Mutant(kind, rule._replace(then=then), change, at)


def _instead(conclusion: Conclusion, kb: KnowledgeBase) -> Iterator[tuple[str, Conclusion]]:
    """What a conclusion may become; that of a yes/no finding has no neighbour."""
    target, value = conclusion.target, conclusion.value
    if isinstance(value, str):
        for other in _neighbours(kb.findings[target].values, value):
            yield "target", conclusion._replace(value=other)
    elif conclusion.role != "finding":
        for other in _neighbours(_places(conclusion, kb), target):
            yield "target", conclusion._replace(target=other)
        for role in ROLES[conclusion.role].mistaken_for:
            yield "role", conclusion._replace(role=role)


def _places(conclusion: Conclusion, kb: KnowledgeBase) -> list[str]:
    """The possible targets of a conclusion, in their order; for an option, the options of its step."""
    targets = ROLES[conclusion.role].targets
    if "option" not in targets:
        return list(titles_of(kb, *targets))
    step = conclusion.target.partition(".")[0]
    return [it.name for it in kb.steps[step].options] if "." in conclusion.target else list(kb.steps)


def file_of(kb: KnowledgeBase, shown: str) -> Path:
    """The file that is shown under this name, which begins with that of the folder."""
    return Path(kb.directory).resolve() / Path(shown).relative_to(folder_name(kb))
