"""What made the difference between two answers for one patient, each by a knowledge base of its own.

A rule made a difference if a conclusion that differs depends on it, before or after, and the rule is new, gone or
edited, or turned because another did. Rules that are known to fail both before and after are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Literal, NamedTuple

from expert.answer.assess import WORDS, Reasoner
from expert.answer.assessment import Assessment
from expert.engine.record import Record
from expert.lang.definitions import Definitions, reached
from expert.lang.model import KnowledgeBase, Rule
from expert.lang.observables import State
from expert.lang.premises import Concluded, Name, names_in, written

RuleChange = Literal["new", "gone", "edited", "turned"]
"""A rule turned if it holds or fails because another rule or a fact changed."""


class TextChange(NamedTuple):
    """A finding, or a part of a rule, with its text before and after."""

    name: str
    before: str
    after: str


class RuleCause(NamedTuple):
    """A rule that made a difference.

    ``before`` and ``after`` say whether it holds, ``None`` where there is no such rule; ``edits`` are the parts of it
    that differ.
    """

    rule: str
    title: str
    change: RuleChange
    before: State | None
    after: State | None
    edits: tuple[TextChange, ...]


class AnswerOrigin:
    """An answer with the knowledge that gave it."""

    def __init__(self, reasoner: Reasoner, assessment: Assessment) -> None:
        self.kb, self.definitions, self.domain = reasoner.kb, reasoner.definitions, reasoner.domain
        self.background = assessment.background
        self.records = (assessment.record, assessment.presumed_record)

    def state_of(self, rule: str) -> State | None:
        """Whether a rule holds; ``None`` if there is no such rule."""
        if rule not in self.kb.rules:
            return None
        known, presumed = (WORDS[record.truth(("rule", rule))] for record in self.records)
        return State(presumed, known != presumed)

    def rules_behind(self, names: Iterable[Name]) -> dict[str, None]:
        """The rules in the justifications of names, and those that names still open wait for."""
        found: dict[str, None] = {}
        for record in self.records:
            known = filter(self.definitions.premises.__contains__, names)
            behind = reached(known, partial(_needs, self.definitions, record))
            found |= {rule: None for rule in self.kb.rules if ("rule", rule) in behind}
        return found

    def fact(self, finding: str) -> str:
        """The value that counts for an input finding, and where it is from."""
        origin = self.background.origin(finding)
        return f"{self.domain.write(finding, self.background.all[finding])} ({origin})" if origin else "unknown"


def _needs(definitions: Definitions, record: Record, name: Name) -> Iterable[Name]:
    """The names in the justifications of a conclusion; of one that is open, those in its definition."""
    if justifications := record.justifications.get(name):
        parts = (part for justification in justifications for part, _ in justification.because)
        return [part.name for part in parts if isinstance(part, Concluded)]
    return names_in(definitions.premises[name]) if name in definitions.premises else ()


def changed_rules(before: AnswerOrigin, after: AnswerOrigin, names: Sequence[Name]) -> tuple[RuleCause, ...]:
    """The rules that made the difference, those that were edited before those that turned with them."""
    rules = before.rules_behind(names) | after.rules_behind(names)
    found = filter(None, (_rule_cause(before, after, rule) for rule in rules))
    return tuple(sorted(found, key=lambda it: (it.change == "turned", it.rule)))


def _rule_cause(before: AnswerOrigin, after: AnswerOrigin, rule: str) -> RuleCause | None:
    old, new = before.kb.rules.get(rule), after.kb.rules.get(rule)
    was, now = before.state_of(rule), after.state_of(rule)
    edits = tuple(_edits(old, new)) if old and new else ()
    change: RuleChange = "new" if old is None else "gone" if new is None else "edited" if edits else "turned"
    if {was, now} <= {None, State("fails")} or (change == "turned" and was == now):
        return None
    return RuleCause(rule, (new or before.kb.rules[rule]).title, change, was, now, edits)


def _edits(old: Rule, new: Rule) -> Iterator[TextChange]:
    """The parts of a rule that differ in more than their place and layout."""
    texts = zip(_texts(old).items(), _texts(new).values(), strict=True)
    yield from (TextChange(part, before, after) for (part, before), after in texts if before != after)


def _texts(rule: Rule) -> dict[str, str]:
    when, unless = ("; ".join(map(written, premises)) or "-" for premises in (rule.when, rule.unless))
    return {"title": rule.title, "when": when, "unless": unless, "then": "; ".join(it.line for it in rule.then)}


def changed_facts(before: AnswerOrigin, after: AnswerOrigin, names: Sequence[Name]) -> Iterator[TextChange]:
    """The findings behind names that count with another value."""
    inputs = [its.definitions.inputs.get(name, frozenset()) for its in (before, after) for name in names]
    for finding in dict.fromkeys([*before.kb.inputs, *after.kb.inputs]):
        was, now = before.fact(finding), after.fact(finding)
        if was != now and any(finding in its for its in inputs):
            yield TextChange(finding, was, now)


def parts_that_differ(old: KnowledgeBase, new: KnowledgeBase) -> Iterator[str]:
    """Parts of the knowledge other than rules that can change an answer, and differ."""
    for title, part in _PARTS.items():
        if part(old) != part(new):
            yield f"{title} differ"


_PARTS: Mapping[str, Callable[[KnowledgeBase], object]] = {
    "the steps of the ladder": lambda kb: [(it.name, it.gate, it.meanwhile) for it in kb.steps.values()],
    "the options of steps": lambda kb: {(it.name, it.if_supported) for it in kb.options.values()},
    "the steps that advice belongs to": lambda kb: [(it.name, it.steps) for it in kb.advice.values()],
    "the values that are plausible": lambda kb: [(it.id, it.always, it.never, it.level) for it in kb.plausible],
    "the constraints": lambda kb: [(it.id, it.never) for it in kb.constraints],
    "the values of findings": lambda kb: [
        (it.name, it.values, it.low, it.high, it.usual, it.presumed_unless, it.default, it.otherwise)
        for it in kb.findings.values()
    ],
}
