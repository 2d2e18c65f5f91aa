"""Two knowledge bases being compared: each with what answers by it, and the patients of both.

There are two parts of a comparison. In the first, only what both sides know is given of a patient; in the second,
something that one side alone knows is given as well, and only what changes because of that counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from expert.answer.assess import Reasoner
from expert.diff.formulas import Given, SideFormulas
from expert.diff.union import NEW, OLD, SIDES, Side, Union
from expert.lang.definitions import Definitions
from expert.lang.model import KnowledgeBase
from expert.solve.connectives import Formula, conjunction, constant, negation, replaced, variable
from expert.solve.prove import Prover

Formulas = dict[Side, SideFormulas]
"""The formulas of each side."""


class Sides:
    """The old and the new knowledge.

    Attributes:
        kbs, reasoners, definitions: of each side.
        union: the findings of both.
        given: for each of these findings, that it is given of a partial patient.
        one_sided: those findings, panels among them, that one side alone knows.
    """

    def __init__(self, old: KnowledgeBase, new: KnowledgeBase) -> None:
        self.kbs = {OLD: old, NEW: new}
        self.reasoners = {side: Reasoner(kb._replace(plausible=())) for side, kb in self.kbs.items()}
        self.definitions = {side: reasoner.definitions for side, reasoner in self.reasoners.items()}
        self.union = Union(old, new)
        context = self.union.formulas.context
        self.given: Given = {name: variable(f"given {name}", context) for name in self.union.kb.inputs}
        self.none_of = list(dict.fromkeys(name for side in SIDES for name in self.union.panels[side]))
        self.one_sided = [*self.union.own[NEW], *self.union.own[OLD], *self.none_of]

    @property
    def same(self) -> bool:
        """Whether both sides are equal, word for word, in all that can change an answer."""
        meanings = [_meaning(its) for its in self.definitions.values()]
        refused = [{(it.always, it.level) for it in kb.plausible} for kb in self.kbs.values()]
        return meanings[0] == meanings[1] and refused[0] == refused[1]

    @cached_property
    def partial(self) -> Formulas:
        """What each side answers to partial patients."""
        return self._formulas(self.given)

    @cached_property
    def complete(self) -> Formulas:
        """What each side answers when all findings are given."""
        return self._formulas(self._constant(name not in self.none_of for name in self.given))

    @cached_property
    def shared(self) -> Formulas:
        """What each side answers when exactly the findings that both sides have are given."""
        return self._formulas(self._constant(name in self.union.shared for name in self.given))

    def _formulas(self, given: Given) -> Formulas:
        return {side: SideFormulas(self.union, side, self.reasoners[side].domain, given) for side in SIDES}

    def _constant(self, so: Iterable[bool]) -> Given:
        context = self.union.formulas.context
        return {name: constant(it, context) for name, it in zip(self.given, so, strict=True)}

    @cached_property
    def both_read(self) -> list[Formula]:
        """Every given value is one that both sides have."""
        return [part for side in SIDES for name in self.union.differing() for part in self.partial[side].reads(name)]


def _meaning(definitions: Definitions) -> object:
    kb = definitions.kb
    findings = [
        (it.name, it.kind, it.values, it.low, it.high, it.usual, it.presumed_unless, it.default)
        for it in kb.inputs.values()
    ]
    concluded = [(it.name, it.kind, it.values) for it in kb.concluded.values()]
    panels = {it.name: dict(it.members) for it in kb.panels.values()}
    steps = [(it.name, it.gate, it.meanwhile) for it in kb.steps.values()]
    standings = {it.name: it.standing for it in kb.options.values()}
    return definitions.premises, findings, concluded, panels, steps, standings, [it.never for it in kb.constraints]


class Part:
    """One of the two parts of the comparison.

    Attributes:
        own_given: whether something is given that one side alone knows.
        whole: what each side answers where all findings of this part are given.
        names: the findings of this part.
        patients: the partial patients of this part, as formulas.
    """

    def __init__(self, sides: Sides, *, own_given: bool) -> None:
        self.sides, self.own_given = sides, own_given
        self.formulas = sides.union.formulas
        self.whole = sides.complete if own_given or not sides.one_sided else sides.shared
        self.names = [name for name in sides.union.kb.inputs if own_given or name in sides.union.shared]
        self.names = [name for name in self.names if name not in sides.none_of]
        own = [sides.given[name] for name in sides.one_sided]
        unread = negation(self.formulas.all(sides.both_read))
        self.patients = [self.formulas.any([*own, unread])] if own_given else [*map(negation, own), *sides.both_read]

    @property
    def accepted(self) -> Formula:
        """Both sides accept a patient when all findings of this part are given."""
        return self.formulas.all([it.accepted for it in self.whole.values()])

    @cached_property
    def prover(self) -> Prover:
        """Looks for patients whom both sides accept when all findings of this part are given."""
        return Prover(self.sides.union.domain, self.accepted)

    @cached_property
    def everyone(self) -> Prover:
        """Looks for partial patients, whether a side accepts them or not."""
        none_of = [self.formulas.is_value(name, True) for name in self.sides.none_of]
        return Prover(self.sides.union.domain, *self.patients, *none_of)

    @cached_property
    def partly(self) -> Prover:
        """Looks for partial patients whom both sides accept."""
        return self.everyone.under(*(it.accepted for it in self.sides.partial.values()))

    @cached_property
    def refused_without_own(self) -> Formula:
        """Whether a side does not accept a partial patient without what one side alone knows (by a default)."""
        accepted = self.formulas.all([it.accepted for it in self.sides.partial.values()])
        return negation(self.without_own(accepted))

    def without_own(self, formula: Formula) -> Formula:
        """A formula about a partial patient, as one about the same patient without what one side alone knows."""
        sides, context = self.sides, self.formulas.context
        pairs = [(sides.given[name], constant(False, context)) for name in sides.one_sided]
        for name in sides.union.differing():
            read = [sides.union.accepted(side, name) for side in SIDES]
            pairs.append((sides.given[name], conjunction(sides.given[name], *read)))
        return replaced(formula, pairs) if pairs else formula
