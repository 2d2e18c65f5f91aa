"""What made the difference between two answers for one patient, each by a knowledge base of its own.

A rule made a difference if a conclusion that differs rests on it, before or after, and the rule is new, gone or edited,
or turned because another did. Rules that are known to fail both before and after bear on nothing and are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from expert.answer.assess import WORDS, Reasoner
from expert.answer.assessment import Assessment
from expert.engine.record import Record
from expert.lang.model import Conclusion, KnowledgeBase, Rule
from expert.lang.premises import Concluded, Name, parts, written
from expert.lang.values import Value

NOT = "-"


class Change(NamedTuple):
    """Something that was so, and would be otherwise today."""

    what: str
    name: str
    before: str
    after: str


class RuleChange(NamedTuple):
    """A rule that made a difference: ``new``, ``gone``, ``edited`` or ``turned`` (by what it rests on).

    ``before`` and ``after`` say whether it holds; ``edits`` are the parts of it that differ.
    """

    rule: str
    title: str
    change: str
    before: str
    after: str
    edits: tuple[Change, ...]


class View:
    """An answer with the knowledge that gave it."""

    def __init__(self, reasoner: Reasoner, assessment: Assessment) -> None:
        self.kb, self.definitions, self.domain = reasoner.kb, reasoner.definitions, reasoner.domain
        self.background = assessment.background
        self.records = (assessment.record, assessment.presumed_record)

    def truth(self, rule: str) -> tuple[bool | None, bool | None]:
        """Whether a rule holds, over what is known and as presumed; one that is not there does not."""
        if rule not in self.kb.rules:
            return False, False
        known, presumed = (record.truth(("rule", rule)) for record in self.records)
        return known, presumed

    def rules_behind(self, names: Iterable[Name]) -> dict[str, None]:
        """The rules in the justifications of names, and those that names still open wait for."""
        found: dict[str, None] = {}
        for record in self.records:
            seen: set[Name] = set()
            waiting = [name for name in names if name in self.definitions.premises]
            while waiting:
                name = waiting.pop()
                if name not in seen:
                    seen.add(name)
                    waiting += self._parts(name, record)
                    if name[0] == "rule" and name[1] in self.kb.rules:
                        found[name[1]] = None
        return found

    def _parts(self, name: Name, record: Record) -> Iterator[Name]:
        justifications = record.justifications.get(name)
        if justifications:
            found = [part for justification in justifications for part, _ in justification.because]
        else:
            found = list(parts(self.definitions.premises[name])) if name in self.definitions.premises else []
        return (part.name for part in found if isinstance(part, Concluded))

    def fact(self, finding: str) -> str:
        """The value that counts for an input finding, and where it is from."""
        origins = zip(("given", "default", "forced", "presumed"), self.background, strict=True)
        for origin, facts in origins:
            if finding in facts:
                return f"{self.domain.write(finding, facts[finding])} ({origin})"
        return "unknown"


def changed_rules(before: View, after: View, names: Sequence[Name]) -> tuple[RuleChange, ...]:
    """The rules that made the difference, those that somebody changed before those that turned with them."""
    rules = before.rules_behind(names) | after.rules_behind(names)
    found = filter(None, (_rule_change(before, after, rule) for rule in rules))
    return tuple(sorted(found, key=lambda it: (it.change == "turned", it.rule)))


def _rule_change(before: View, after: View, rule: str) -> RuleChange | None:
    old, new = before.kb.rules.get(rule), after.kb.rules.get(rule)
    was, is_now = before.truth(rule), after.truth(rule)
    edits = tuple(_edits(old, new)) if old and new else ()
    change = "new" if old is None else "gone" if new is None else "edited" if edits else "turned"
    if (was[0] is False and is_now[0] is False) or (change == "turned" and was == is_now):
        return None
    title = (new or before.kb.rules[rule]).title
    told = (_truth(was) if old else "", _truth(is_now) if new else "")
    return RuleChange(rule, title, change, *told, edits)


def _truth(truth: tuple[bool | None, bool | None]) -> str:
    known, presumed = (WORDS[it] for it in truth)
    return known if known == presumed else f"{presumed} as presumed"


def _edits(old: Rule, new: Rule) -> Iterator[Change]:
    """The parts of a rule that differ in more than their place and layout."""
    if old.title != new.title:
        yield Change("title", "", old.title, new.title)
    for part in ("when", "unless"):
        then, now = getattr(old, part), getattr(new, part)
        if then != now:
            yield Change(part, "", *("; ".join(map(written, it)) or NOT for it in (then, now)))
    if old.then != new.then:
        yield Change("then", "", *("; ".join(map(_concluded, it.then)) for it in (old, new)))


def _concluded(conclusion: Conclusion) -> str:
    if conclusion.role != "finding":
        return f"{conclusion.role} {conclusion.target}"
    return conclusion.target if conclusion.value is True else f"{conclusion.target} is {word(conclusion.value)}"


def changed_facts(before: View, after: View, names: Sequence[Name]) -> Iterator[Change]:
    """The findings behind names that count otherwise."""
    inputs = [view.definitions.inputs.get(name, frozenset()) for view in (before, after) for name in names]
    for finding in dict.fromkeys([*before.kb.inputs, *after.kb.inputs]):
        was, is_now = before.fact(finding), after.fact(finding)
        if was != is_now and any(finding in its for its in inputs):
            yield Change("finding", finding, was, is_now)


def parts_that_differ(old: KnowledgeBase, new: KnowledgeBase) -> Iterator[str]:
    """Parts of the knowledge other than rules that can bear on an answer, and differ."""
    for what, tell in _PARTS.items():
        if tell(old) != tell(new):
            yield f"{what} differ"


def word(value: object) -> str:
    """A value of a concluded finding as people write it."""
    return str(value) if not isinstance(value, bool) else "yes" if value else "no"


def _finding(kb: KnowledgeBase) -> list[tuple[Value | tuple[str, ...] | None, ...]]:
    return [(it.name, it.values, it.low, it.high, it.usual, it.default, it.otherwise) for it in kb.findings.values()]


_PARTS = {
    "the steps of the ladder": lambda kb: [(it.name, it.gate, it.meanwhile) for it in kb.steps.values()],
    "the options of steps": lambda kb: {(it.name, it.if_supported) for it in kb.options.values()},
    "the steps that advice belongs to": lambda kb: [(it.name, it.steps) for it in kb.advice.values()],
    "the constraints": lambda kb: [(it.id, it.never) for it in kb.constraints],
    "the values of findings": _finding,
}
