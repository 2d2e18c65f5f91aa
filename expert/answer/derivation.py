"""Why-trees: how the conclusions of one record follow.

A positive conclusion is a tree from its rules down to facts, with every justification in the record. A negative one
names the facts of the justification with the fewest idle findings and, among these, the fewest findings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from expert.answer.assessment import Assessment
from expert.answer.explanations import Counted, Derivation, Fact, Origin
from expert.engine.record import Justification, Record
from expert.lang.definitions import in_order
from expert.lang.premises import Concluded, Count, Leaf, Literal, Name, Not, Premise, stripped
from expert.lang.units import write_given
from expert.lang.values import Facts
from expert.logic.domain import Domain
from expert.logic.kleene import holds_of


def shown_once(it: Derivation, shown: set[str] | None = None) -> Derivation:
    """The same why-tree with the part below each rule only where the rule appears first.

    A conclusion with many users would otherwise be repeated for each of them.
    """
    known = set() if shown is None else shown
    if it.rule:
        if it.rule.id in known:
            return it._replace(follows_from=(), again=True)
        known.add(it.rule.id)
    parts = []
    for part in it.follows_from:
        parts.append(shown_once(part, known))  # noqa: PERF401  (a comprehension would be a call more for each level)
    return it._replace(follows_from=tuple(parts))


class Derivations:
    """The why-trees of one record.

    ``case`` are the facts of the case, if the record is that of a case; ``idle`` findings may occur in a derivation but
    make no difference to the explained conclusion.
    """

    def __init__(
        self,
        domain: Domain,
        assessment: Assessment,
        record: Record,
        case: Facts | None = None,
        idle: Collection[str] = (),
    ) -> None:
        self.kb, self.record = domain.kb, record
        self.idle = idle
        self._defined = domain.definitions.premises
        background = assessment.background
        self.origins: Mapping[Origin, Facts] = {
            "given": background.given,
            "default": background.defaults,
            "forced": background.forced,
            "case": case or {},
            "presumed": background.presumed,
        }
        self.given_as = assessment.patient.written
        self._behind: dict[Name, frozenset[str]] = {}
        self._follow: dict[Name, tuple[Derivation, ...]] = {}

    def fact(self, finding: str) -> Fact:
        """The value of an input finding, and where it comes from."""
        entry = self.kb.findings[finding]
        for origin, facts in self.origins.items():
            if finding in facts:
                as_written = {"given": self.given_as.get(finding), "presumed": entry.usual_written}.get(origin)
                value = write_given(entry, facts[finding], as_written)
                return Fact(finding, value, "idle" if finding in self.idle else origin)
        return Fact(finding, "unknown", "unknown")

    def holds(self, name: Name) -> Derivation:
        """How a conclusion that holds follows."""
        for each in in_order((name,), self._needs, self._follow):
            positive = each not in self._defined or self.record.truth(each)
            self._follow[each] = self._follows_from(each) if positive else ()
        return self._node(name)

    def _node(self, name: Name) -> Derivation:
        follows_from = self._follow[name]
        if name[0] == "rule":
            rule = self.kb.rules[name[1]]
            return Derivation(rule, "rule", follows_from=follows_from)
        if _is_defined(name) or len(follows_from) > 1:
            return Derivation(Concluded(name), "definition", follows_from=follows_from)
        return follows_from[0]  # the rule says that it supports, excludes, alerts ...

    def fails(self, name: Name) -> Derivation:
        """What rules a conclusion out."""
        behind = self.behind(name)
        facts = tuple(self.fact(finding) for finding in self.kb.inputs if finding in behind)
        return Derivation(Not(Concluded(name)), "definition", facts)

    def _follows_from(self, name: Name) -> tuple[Derivation, ...]:
        """All justifications of a conclusion; alternatives that are single rules need no node of their own."""
        count = self._premise(name)
        if isinstance(count, Count):
            return (self._counted(name, count),)
        reasons = dict.fromkeys(it.because for it in self.record.justifications[name])
        ways = [self._way(because) for because in reasons]
        if len(ways) > 1 and not all(len(way) == 1 and way[0].rule for way in ways):
            alternatives = tuple(way[0] if len(way) == 1 else Derivation("all", "definition", (), way) for way in ways)
            ways = [(Derivation("any", "definition", (), alternatives),)]
        return tuple(it for way in ways for it in way)

    def _premise(self, name: Name) -> Premise | None:
        """The premise behind a conclusion, or behind a nested premise; ``None`` for the steps of a counter."""
        if name in self._defined:
            return stripped(self._defined[name])[0]
        whole = self._premise(name[:-1])
        return stripped(whole.parts[int(name[-1])])[0] if whole and name[-1].isdigit() else None

    def _counted(self, name: Name, count: Count) -> Derivation:
        """A count that is decided, with the nodes of the parts that decide it."""
        parts: dict[bool, list[tuple[Leaf, bool]]] = {True: [], False: []}
        known: dict[bool, list[Premise]] = {True: [], False: []}
        for place, part in enumerate(count.premises):
            inner, sign = stripped(part)
            leaf = inner if isinstance(inner, Leaf) else Concluded((*name, str(place)))
            truth = self._truth(leaf)
            if truth is not None:
                known[truth is sign].append(part)
                parts[truth is sign].append((leaf, truth))
        found = Counted(count, bool(self.record.truth(name)), tuple(known[True]), tuple(known[False]))
        if found.truth and count.most is not None:
            deciding = parts[True] + parts[False] if count.least else parts[False]
        else:
            deciding = parts[found.points >= count.least]
        return Derivation(found, "definition", (), self._way(it for it in deciding if self._is_derived(*it)))

    def _is_derived(self, leaf: Leaf, truth: bool) -> bool:
        """Whether the nodes of a part are known, as those of all parts that the count needs are."""
        if not isinstance(leaf, Concluded) or (not truth and leaf.name in self._defined):
            return True
        return leaf.name in self._follow

    def _truth(self, leaf: Leaf) -> bool | None:
        if isinstance(leaf, Concluded):
            return self.record.truth(leaf.name)
        value = self.record.facts.get(leaf.finding)
        return None if value is None else holds_of(leaf, value)

    def _way(self, because: Iterable[tuple[Leaf, bool]]) -> tuple[Derivation, ...]:
        """The nodes of one justification."""
        found: list[Derivation] = []
        for part, truth in because:
            if not isinstance(part, Concluded):
                found.append(self._leaf(part, truth))
            elif part.name not in self._defined or (truth and not _is_shown(part.name)):
                found += self._follow[part.name]  # a nested premise, or what rules say: shown in place
            else:
                found.append(self._node(part.name) if truth else self.fails(part.name))
        return tuple(found)

    def _leaf(self, literal: Literal, truth: bool) -> Derivation:
        fact = self.fact(literal.finding)
        return Derivation(literal if truth else Not(literal), fact.origin, (fact,))

    def behind(self, name: Name) -> frozenset[str]:
        """The findings behind a conclusion, by the justification with the fewest."""
        for each in in_order((name,), self._needs, self._behind):
            ways = map(self._findings, self.record.justifications[each])
            self._behind[each] = min(ways, key=lambda it: (len(it.intersection(self.idle)), len(it)))
        return self._behind[name]

    def _findings(self, justification: Justification) -> frozenset[str]:
        found: set[str] = set()
        for part, _ in justification.because:
            if isinstance(part, Concluded):
                found |= self._behind[part.name]
            else:
                found.add(part.finding)
        return frozenset(found)

    @cached_property
    def _needs(self) -> dict[Name, list[Name]]:
        """The conclusions in the justifications of each."""
        return {
            name: [part.name for it in found for part, _ in it.because if isinstance(part, Concluded)]
            for name, found in self.record.justifications.items()
        }


def _is_defined(name: Name) -> bool:
    """Whether a conclusion follows by definition, not by a rule."""
    return name[0] in ("recommended", "available", "offered", "given", "finding", "score")


def _is_shown(name: Name) -> bool:
    """Whether a conclusion has a node of its own besides those of its rules."""
    return name[0] == "rule" or _is_defined(name)
