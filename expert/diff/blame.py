"""Which edits cause a change: those that, undone in the new knowledge, give a patient the old answer back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from expert.diff.edits import MEANING, VOCABULARY, Edit
from expert.lang.definitions import Definitions, LoopError
from expert.lang.errors import ExpertError
from expert.lang.model import KnowledgeBase
from expert.lang.values import Facts
from expert.logic.kleene import Evaluation

Question = Callable[[Evaluation], object]
"""What is asked of an evaluation, such as the recommended step."""


class Blame:
    """The edits between two knowledge bases that bear on what follows."""

    def __init__(self, old: Definitions, new: Definitions, edits: Sequence[Edit]) -> None:
        self.old, self.new = old, new
        self.edits = [edit for edit in edits if edit.bears & {MEANING, VOCABULARY} and edit.kind in _UNDO]
        self._undone: dict[frozenset[Edit], Definitions | None] = {}

    def causes(self, backgrounds: tuple[Facts, Facts], question: Question) -> tuple[Edit, ...]:
        """The edits each of which gives the old answer if it alone is undone; else a least set that does together.

        ``backgrounds`` are what counts of the patient on either side.
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
        """The edits but for those of rules that concluded the same for the patient all the same."""
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
            kb = _UNDO[edit.kind](kb, self.old.kb, edit)
        try:
            return Definitions(kb)
        except (KeyError, LoopError):  # a mixture may speak of what is gone, or rest on itself
            return None

    def _answer(self, definitions: Definitions, facts: Facts, question: Question) -> object:
        try:
            return question(Evaluation(definitions, facts))
        except (KeyError, ExpertError):
            return _NOTHING


_NOTHING = object()


def _undo_rule(kb: KnowledgeBase, old: KnowledgeBase, edit: Edit) -> KnowledgeBase:
    rules = {name: rule for name, rule in kb.rules.items() if name != edit.id}
    if edit.id in old.rules:
        rules[edit.id] = old.rules[edit.id]
    return kb._replace(rules=rules)


def _undo_step(kb: KnowledgeBase, old: KnowledgeBase, edit: Edit) -> KnowledgeBase:
    """Steps have their place in the whole ladder: all stand as they stood."""
    if edit.change != "edited":
        return kb._replace(steps=old.steps)
    before = old.steps[edit.id]
    step = kb.steps[edit.id]._replace(gate=before.gate, meanwhile=before.meanwhile)
    return kb._replace(steps={**kb.steps, edit.id: step})


def _undo_option(kb: KnowledgeBase, old: KnowledgeBase, edit: Edit) -> KnowledgeBase:
    step = edit.id.partition(".")[0]
    if step not in kb.steps:
        return kb
    before = old.steps[step].options if step in old.steps else ()
    now = kb.steps[step]
    kept = [it for it in now.options if it.name != edit.id]
    options = (*kept, *(it for it in before if it.name == edit.id))
    return kb._replace(steps={**kb.steps, step: now._replace(options=options)})


def _undo_advice(kb: KnowledgeBase, old: KnowledgeBase, edit: Edit) -> KnowledgeBase:
    advice = {name: it for name, it in kb.advice.items() if name != edit.id}
    return kb._replace(advice={**advice, **({edit.id: old.advice[edit.id]} if edit.id in old.advice else {})})


def _undo_concluded(kb: KnowledgeBase, old: KnowledgeBase, edit: Edit) -> KnowledgeBase:
    before = {edit.id: old.findings[edit.id]} if edit.id in old.findings else {}
    return kb._replace(findings={**kb.findings, **before})


_UNDO: dict[str, Callable[[KnowledgeBase, KnowledgeBase, Edit], KnowledgeBase]] = {
    "rule": _undo_rule,
    "step": _undo_step,
    "option": _undo_option,
    "advice": _undo_advice,
    "concluded": _undo_concluded,
}
