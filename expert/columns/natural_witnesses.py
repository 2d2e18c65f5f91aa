"""Natural witnesses: for each step the completion most in its favour, and the one least so.

Where no finding matters to a step both ways, and no constraint mentions these values, they need not be tried:
with every finding in its best place, what may hold does hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from expert.columns.flags import Flag
from expert.columns.to_columns import Columns, Valuation
from expert.lang.premises import Premise
from expert.lang.values import Value
from expert.logic.cells import Cell, place_of
from expert.logic.constraints import Tied
from expert.logic.domain import Domain
from expert.logic.kleene import holds_of
from expert.logic.polarity import polarities


class Natural:
    """The natural witnesses of a knowledge base: for each step the values that favour it, and that disfavour it."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self._nogoods = [(nogood, premise) for group in domain.groups for nogood, premise in _nogoods(group)]
        self._best = {
            (step, favour): list(self._sought(step, favour)) for step in domain.kb.steps for favour in (True, False)
        }

    def witnesses(self) -> Iterator[dict[str, Value]]:
        """For each step the values of all findings on which it depends, those in its favour and those not."""
        for best in self._best.values():
            yield {name: cell.value for name, cell, _ in best}

    def entangled(self, step: str) -> list[str]:
        """The findings that matter to a step both ways."""
        best = self._best[step, True] + self._best[step, False]
        return list(dict.fromkeys(name for name, _, met in best if not met))

    def hindering(self, step: str) -> list[Premise]:
        """What the constraints forbid together and names values that favour or disfavour a step."""
        best = self._best[step, True] + self._best[step, False]
        return [
            premise
            for nogood, premise in self._nogoods
            if any(self._mentions(nogood, name, cell) for name, cell, _ in best)
        ]

    def _sought(self, step: str, favour: bool) -> Iterator[tuple[str, Cell, bool]]:
        """The best cell of each finding, and whether it is best in all that matters."""
        for name, premises in polarities(self.domain.definitions, ("available", step)).items():
            wanted = [(premise, favour) for premise, it in premises.items() if it.positive]
            wanted += [(premise, not favour) for premise, it in premises.items() if it.negative]
            cells = self.domain.cells[name]
            met = {cell: [holds_of(it, cell.value) is truth for it, truth in wanted] for cell in cells}
            nogoods = {cell: sum(self._mentions(it, name, cell) for it, _ in self._nogoods) for cell in cells}
            best = max(met, key=lambda cell: (sum(met[cell]), -nogoods[cell]))
            yield name, best, all(met[best])

    def _mentions(self, nogood: Mapping[str, int], name: str, cell: Cell) -> bool:
        return bool(nogood.get(name, 0) & 1 << place_of(self.domain.cells[name], cell.value))


def _nogoods(group: Tied) -> Iterator[tuple[Mapping[str, int], Premise]]:
    """The prime nogoods of a group, each also as a premise."""
    return zip(group.nogoods, group.impossible().parts, strict=True)


def undecided(columns: Columns, valuation: Valuation, natural: Natural) -> Flag:
    """Where the truths do not settle whether a step is certain.

    They do if a step is known to be recommended, or if no step can be. They also do if the first step that is open has
    no open entangled finding and nothing hinders its natural witnesses: both are then permitted completions, and only
    one of them leads to it.
    """
    earlier: list[Flag] = []
    settled: list[Flag] = []
    for step in columns.kb.steps:
        holds, may = columns.concluded(valuation, ("available", step))
        entangled = columns.any(valuation.open(name) for name in natural.entangled(step))
        hindered = columns.any(columns.of(valuation, nogood).may for nogood in natural.hindering(step))
        settled.append(columns.concluded(valuation, ("recommended", step)).holds)
        settled.append(columns.all((*earlier, may, *map(columns.without, (holds, entangled, hindered)))))
        earlier.append(columns.without(may))
    return columns.without(columns.any((*settled, columns.all(earlier))))
