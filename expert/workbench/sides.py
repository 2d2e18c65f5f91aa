"""Two knowledge bases being compared: each with what answers by it, and the patients of both."""

from __future__ import annotations

from functools import cached_property

import z3  # type: ignore[import-untyped]

from expert.infer.assess import Reasoner
from expert.model import KnowledgeBase
from expert.workbench.difference import NO_STEP
from expert.workbench.side_by_side import NEW, OLD, SIDES, Compared, SideBySide, presumed


class Sides:
    """The old and the new knowledge.

    Attributes:
        kbs, reasoners, definitions: of each side.
        presumed: for each side, the values that it presumes.
        both: the definitions of both over one vocabulary.
    """

    def __init__(self, old: KnowledgeBase, new: KnowledgeBase) -> None:
        self.kbs = {OLD: old, NEW: new}
        self.reasoners = {side: Reasoner(kb) for side, kb in self.kbs.items()}
        self.definitions = {side: reasoner.definitions for side, reasoner in self.reasoners.items()}
        self.presumed = {side: presumed(kb.inputs) for side, kb in self.kbs.items()}
        self.both = SideBySide(self.definitions[OLD], self.definitions[NEW])

    @cached_property
    def compared(self) -> Compared:
        """The patients whom both sides know how to treat; the solver is asked only where something differs."""
        return Compared(self.both)

    @cached_property
    def recommended(self) -> dict[str, dict[str, z3.BoolRef]]:
        """For each side and step, that it is recommended to a complete patient; and that none is."""
        found = {}
        for side in SIDES:
            pairs = self.compared.complete(side)
            its = {step: pairs.name(("recommended", step)).holds for step in self.kbs[side].steps}
            found[side] = {**its, NO_STEP: z3.Not(self.compared.formulas.any(list(its.values())))}
        return found
