"""One variant of many as an evaluation of its own, which reads the shared truths."""

from __future__ import annotations

from expert.bits.program import Truths
from expert.lang.definitions import Definitions
from expert.lang.premises import Name
from expert.lang.values import Facts
from expert.logic.kleene import Evaluation, Truth


class Variant(Evaluation):
    """What the definitions conclude of one variant."""

    __slots__ = ("_place", "_worked_out")

    def __init__(self, definitions: Definitions, facts: Facts, truths: Truths, place: int) -> None:
        """``facts`` are those of the variant at a ``place`` of ``truths``."""
        super().__init__(definitions, facts)
        self._worked_out, self._place = truths, place

    def concluded(self, name: Name) -> Truth:
        """The truth of a definition."""
        if name not in self._worked_out.program.places:
            return super().concluded(name)
        if self._worked_out.holds(name) >> self._place & 1:
            return True
        return None if self._worked_out.may(name) >> self._place & 1 else False
