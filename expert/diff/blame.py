"""Which edits cause a change: those that, undone in the new knowledge, give a patient the old answer back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TypeVar

from expert.diff.edits import Edit
from expert.lang.definitions import Definitions, LoopError
from expert.lang.errors import ExpertError
from expert.lang.format import MEANING, VOCABULARY
from expert.lang.model import KnowledgeBase
from expert.lang.values import Facts
from expert.logic.kleene import Evaluation

Entry = TypeVar("Entry")

Question = Callable[[Evaluation], object]
"""What is asked of an evaluation, such as the recommended step."""


class Blame:
    """The edits between two knowledge bases that can change a conclusion."""

    def __init__(self, old: Definitions, new: Definitions, edits: Sequence[Edit]) -> None:
        self.old, self.new = old, new
        self.edits = [edit for edit in edits if edit.bears & {MEANING, VOCABULARY} and edit.kind in _UNDONE]
        self._undone: dict[frozenset[Edit], Definitions | None] = {}

    def causes(self, backgrounds: tuple[Facts, Facts], question: Question) -> tuple[Edit, ...]:
        """The edits that each bring the old answer back when undone alone; else a minimal set that does so together.

        ``backgrounds`` is what counts for the patient on each side.
        """
        before, after = backgrounds
        wanted = self._answer(self.old, before, question)
        edits = list(self._touching(before, after))
        facts = {**before, **after}  # what the old side alone reads may be read again
        alone = [edit for edit in edits if self._without([edit], facts, question) == wanted]
        if alone or self._without(edits, facts, question) != wanted:
            return tuple(alone)
        for edit in list(edits):
            fewer = [it for it in edits if it is not edit]
            if self._without(fewer, facts, question) == wanted:
                edits = fewer
        return tuple(edits)

    def _touching(self, old: Facts, new: Facts) -> Iterator[Edit]:
        """The edits without those of rules that concluded the same for the patient before and after."""
        before, after = Evaluation(self.old, old), Evaluation(self.new, new)
        for edit in self.edits:
            rules = [it.kb.rules.get(edit.id) for it in (self.old, self.new)] if edit.kind == "rule" else []
            truths = [
                it.concluded(("rule", edit.id)) if rule else False
                for it, rule in zip((before, after), rules, strict=False)
            ]
            same = bool(rules) and truths[0] is truths[1]
            if not same or (truths[0] is not False and rules[0] and rules[1] and rules[0].then != rules[1].then):
                yield edit

    def _without(self, edits: Collection[Edit], facts: Facts, question: Question) -> object:
        key = frozenset(edits)
        if key not in self._undone:
            self._undone[key] = self._definitions(edits)
        definitions = self._undone[key]
        return self._answer(definitions, facts, question) if definitions else _NOTHING

    def _definitions(self, edits: Collection[Edit]) -> Definitions | None:
        """The new definitions with edits undone; ``None`` if what is left does not fit together."""
        kb = self.new.kb
        findings = {**self.old.kb.findings, **kb.findings}
        kb = kb._replace(findings=findings, steps=dict(kb.steps), rules=dict(kb.rules), advice=dict(kb.advice))
        for edit in edits:
            kb = _undone(kb, self.old.kb, edit)
        try:
            return Definitions(kb)
        except (KeyError, LoopError):  # a mixture may name what is gone, or rest on itself
            return None

    def _answer(self, definitions: Definitions, facts: Facts, question: Question) -> object:
        try:
            return question(Evaluation(definitions, facts))
        except (KeyError, ExpertError):
            return _NOTHING


_NOTHING = object()


_UNDONE = ("rule", "step", "option", "advice", "concluded")
"""The kinds of entries with edits that can be undone."""


def _undone(kb: KnowledgeBase, old: KnowledgeBase, edit: Edit) -> KnowledgeBase:
    """The new knowledge with one entry taken from the old."""
    name = edit.id
    match edit.kind:
        case "rule":
            return kb._replace(rules=_with_old(kb.rules, old.rules, name))
        case "advice":
            return kb._replace(advice=_with_old(kb.advice, old.advice, name))
        case "concluded":
            return kb._replace(findings=_with_old(kb.findings, old.findings, name)) if name in old.findings else kb
        case "step" if edit.change != "edited":  # steps have their place in the whole ladder
            return kb._replace(steps=old.steps)
        case "step":
            before = old.steps[name]
            step = kb.steps[name]._replace(gate=before.gate, meanwhile=before.meanwhile)
            return kb._replace(steps={**kb.steps, name: step})
    of_step = name.partition(".")[0]
    if of_step not in kb.steps:
        return kb
    its = kb.steps[of_step]
    options = _with_old({it.name: it for it in its.options}, old.options, name)
    return kb._replace(steps={**kb.steps, of_step: its._replace(options=tuple(options.values()))})


def _with_old(new: Mapping[str, Entry], old: Mapping[str, Entry], name: str) -> dict[str, Entry]:
    others = {other: it for other, it in new.items() if other != name}
    return {**others, name: old[name]} if name in old else others
