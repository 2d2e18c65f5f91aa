"""What holds whatever a side's own findings are: the steps that are certain while these are not given.

Kleene's logic leaves open what is the same in every case; so the cases are gone through, each with its own formula.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import product
from math import prod

from expert.diff.compared_knowledge import Part, Sides
from expert.diff.formulas import View
from expert.lang.errors import UnprovedError
from expert.lang.values import Facts, Value
from expert.solve.connectives import Formula, conjunction, implies, replaced

MOST_CASES = 256
"""So many combinations of values are gone through."""


class Completions:
    """One side's steps, for patients of a part of whom all else is given.

    Attributes:
        own: the findings of this side alone that bear on the recommended step.
    """

    def __init__(self, sides: Sides, part: Part, side: str) -> None:
        self.sides, self.side = sides, side
        self.formulas = sides.union.formulas
        self.whole, self.complete = part.whole[side], sides.complete[side]
        domain = self.whole.domain
        inputs = domain.definitions.inputs
        bearing = {name for step in self.whole.kb.steps for name in inputs["recommended", step]}
        self.bearing = {other for name in bearing for other in domain.tied.get(name, (name,))}
        self.own = [name for name in sides.union.own[side] if name in self.bearing and not part.saying]

    def certain(self, view: View) -> dict[str, Formula]:
        """For each step, that it is recommended in every case.

        Raises:
            UnprovedError: there are too many cases.
        """
        if not self.own:
            return self.whole.recommended(view)
        cases = list(self._cases(view))
        return {
            step: self.formulas.all([implies(may_be, self._in(case, its)) for case, may_be in cases])
            for step, its in self._steps.items()
        }

    @cached_property
    def _steps(self) -> dict[str, Formula]:
        return self.complete.recommended(self.complete.presumed)

    def _cases(self, view: View) -> Iterator[tuple[Facts, Formula]]:
        """Values of the side's own findings, with when the patient may have them."""
        values = [self._values(name, view) for name in self.own]
        if prod(map(len, values)) > MOST_CASES:
            raise UnprovedError(f"more than {MOST_CASES} combinations of {', '.join(self.own)}")
        permitted = self.complete.possible(self.bearing)
        for chosen in product(*values):
            case = dict(zip(self.own, chosen, strict=True))
            yield case, conjunction(view.has(case), self._in(case, permitted))

    def _values(self, name: str, view: View) -> list[Value]:
        """The values of a finding that may count: one where it always counts as that."""
        finding, domain = self.whole.kb.inputs[name], self.whole.domain
        usual = finding.usual if view is self.whole.presumed and name not in domain.tied else None
        counts = finding.default if finding.default is not None else usual
        return [cell.value for cell in self.sides.union.domain.cells[name]] if counts is None else [counts]

    def _in(self, case: Facts, formula: Formula) -> Formula:
        return replaced(formula, self.sides.union.fixed(case))
