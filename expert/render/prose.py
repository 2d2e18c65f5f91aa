"""Rules and promises as sentences that can be read without the knowledge language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from expert.lang.model import Conclusion, Direction, Invariant, KnowledgeBase, Rule, titles_of
from expert.lang.premises import All, Any, Compare, Count, In, Is, Not, Premise, bound_of, written
from expert.lang.roles import ROLES, Role, Target
from expert.lang.vocabulary import Points
from expert.render.phrases import Phrases


class Span(NamedTuple):
    """A part of a sentence. ``kind`` and ``id`` say which entry it names; the kind ``value`` is the value of one."""

    text: str
    kind: str = ""
    id: str = ""


Sentence = tuple[Span, ...]

_NOTICES = {"alert": ("the alert ", "the alerts "), "advice": ("the advice ", "the advice ")}


class Prose:
    """Sentences about one knowledge base, with the titles of its findings, steps, options and notices."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self.kb, self.phrases = kb, Phrases(kb, {})

    def rule(self, rule: Rule) -> Sentence:
        """If …, unless …, then …"""
        found = [*self._if(All(rule.when), "For every patient", "If "), *self._unless(rule.unless)]
        then = ", then " if rule.when else ", "
        conclusions = list(self._conclusions(rule.then))
        several = len(conclusions) > 2 or any(sum(bool(span.id) for span in it) > 1 for it in conclusions)
        return (*found, Span(then), *_joined(conclusions, ", ", ", and " if several else " and "), Span("."))

    def invariant(self, it: Invariant) -> Sentence:
        """Whenever …, … is always, or never, recommended (or offered)."""
        steps = [self._named("step", target) for target in it.targets]
        manner = ("is" if len(steps) == 1 else "one of these is") if it.always else ("is" if len(steps) == 1 else "are")
        adverb = "always" if it.always else "never"
        found = self._if(it.when, "For every patient", "Whenever ")
        joined = _joined([[step] for step in steps], ", ", " or " if it.always else " and ")
        return (*found, Span(", "), *joined, Span(f" {manner} {adverb} {it.status}."))

    def direction(self, it: Direction) -> Sentence:
        """As … rises, … never becomes available again."""
        steps = _joined([[self._named("step", step)] for step in it.targets], ", ", " and ")
        way = "rises" if it.rises else "falls"
        never = "never becomes" if len(it.targets) == 1 else "never become"
        finding = self._named("finding", it.finding)
        return (
            Span("As "),
            finding,
            Span(f" {way} and nothing else changes, "),
            *steps,
            Span(f" {never} available again."),
        )

    def points(self, entry: Points) -> Sentence:
        """What an entry adds to a score, and when."""
        return (Span(f"{entry.points:+d} if "), *self.premise(All(entry.when)), Span("."))

    def premise(self, premise: Premise) -> Sentence:
        """A premise as a part of a sentence."""
        match premise:
            case All():
                last = ", and " if len(premise.premises) > 2 else " and "
                return _joined([self._nested(part) for part in premise.premises], ", ", last)
            case Any():
                return self._any(premise)
            case Count():
                listed = _joined([self._nested(part) for part in premise.premises], ", ", ", ")
                return (Span(f"{bound_of(premise)} of these hold ("), *listed, Span(")"))
            case Is() | In() | Compare() | Not(premise=Is() | In() | Compare()):
                name, said = self._said(premise)
                return (self._named("finding", name), Span(" is "), Span(said, "value"))
            case Not():
                return (Span("it is not so that ("), *self.premise(premise.premise), Span(")"))
        return (Span(written(premise)),)

    # --- conditions

    def _if(self, premise: Premise, always: str, word: str) -> Sentence:
        return (Span(always),) if premise == All(()) else (Span(word), *self.premise(premise))

    def _unless(self, exceptions: Sequence[Premise]) -> Sentence:
        if not exceptions:
            return ()
        return (Span(", unless "), *_joined([self._nested(part) for part in exceptions], ", ", " or "))

    def _nested(self, premise: Premise) -> Sentence:
        """A premise within another: an *all* of several in brackets."""
        found = self.premise(premise)
        return (Span("("), *found, Span(")")) if isinstance(premise, All) and len(premise.premises) > 1 else found

    def _any(self, premise: Any) -> Sentence:
        """Alternatives; equal conditions on several findings are one."""
        same: dict[str, list[str]] = {}
        found: list[Sentence] = []
        for part in premise.premises:
            if isinstance(part, Is | In | Compare | Not) and not isinstance(
                getattr(part, "premise", None), All | Any | Count
            ):
                name, said = self._said(part)
                same.setdefault(said, []).append(name)
            else:
                found.append(self._nested(part))
        for said, names in same.items():
            findings = _joined([[self._named("finding", name)] for name in names], ", ", " or ")
            found.append((*findings, Span(" is "), Span(said, "value")))
        if len(found) < 2:
            return tuple(span for one in found for span in one)
        return (Span("either "), *_joined(found, ", or ", " or "))

    def _said(self, premise: Premise) -> tuple[str, str]:
        """The finding of a premise about one finding, and its condition."""
        literal = premise.premise if isinstance(premise, Not) else premise
        assert isinstance(literal, Is | In | Compare)
        return literal.finding, self.phrases.answer(premise)

    # --- conclusions

    def _conclusions(self, conclusions: Iterable[Conclusion]) -> Iterable[Sentence]:
        """What follows; targets of one role are one sentence."""
        by_role: dict[Role, list[str]] = {}
        for it in conclusions:
            if it.role == "finding":
                said = it.value.replace("_", " ") if isinstance(it.value, str) else ("yes" if it.value else "no")
                yield (self._named("finding", it.target), Span(" is "), Span(said, "value"))
            else:
                by_role.setdefault(it.role, []).append(it.target)
        for role, targets in by_role.items():
            several = len(targets) > 1
            kind = ROLES[role].targets[0]
            before = (Span(_NOTICES[kind][several]),) if kind in _NOTICES else ()
            named = _joined([[self._named(kind, target)] for target in targets], ", ", " and ")
            yield (*before, *named, Span(" "), Span(ROLES[role].words[several], "value"))

    def _named(self, kind: Target | Literal["finding"], id: str) -> Span:
        """An entry by its title; the target of a role that names steps may be an option."""
        kb = self.kb
        if kind == "finding":
            return Span(kb.findings[id].title, kind, id)
        if kind == "step" and id in kb.options:
            kind = "option"
        return Span(titles_of(kb, kind)[id], kind, id)


def text(sentence: Sentence) -> str:
    """A sentence without its links."""
    return "".join(span.text for span in sentence)


def _joined(parts: Sequence[Sequence[Span]], comma: str, last: str) -> Sentence:
    """Several parts as a list within a sentence."""
    found: list[Span] = []
    for index, part in enumerate(parts):
        if index:
            found.append(Span(last if index == len(parts) - 1 else comma))
        found.extend(part)
    return tuple(found)
