"""Natural witnesses: for each step the completion most in its favour, and the one least so.

Where no finding matters to a step both ways, and no constraint speaks of these values, they need not even be tried:
with every finding in its best place, what may hold does hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from expert.columns.fact_views import Flag, Reading
from expert.columns.to_columns import Columns
from expert.lang.definitions import in_order
from expert.lang.premises import All, Any, Concluded, Exclusive, Literal, Name, Not, Premise
from expert.lang.values import Value
from expert.logic.cells import Cell, place_of
from expert.logic.constraints import Tied
from expert.logic.domain import Domain
from expert.logic.kleene import holds_of

_Wanted = tuple[Literal, bool]
"""A premise about one finding, and whether it is better if it holds."""


class Natural:
    """The natural witnesses of a knowledge base: for each step the values that favour it, and that disfavour it."""

    def __init__(self, domain: Domain) -> None:
        self.domain, self.premises = domain, domain.definitions.premises
        self._wanted: dict[Name, Mapping[str, frozenset[_Wanted]]] = {}
        self._nogoods = [(nogood, premise) for group in domain.groups for nogood, premise in _nogoods(group)]

    def witnesses(self) -> Iterator[dict[str, Value]]:
        """For each step the values of all findings on which it hangs, those in its favour and those not."""
        for step in self.domain.kb.steps:
            for favour in (True, False):
                yield {name: cell.value for name, cell, _ in self._best_cells(step, favour)}

    def entangled(self, step: str) -> list[str]:
        """The findings that matter to a step both ways."""
        best = [found for favour in (True, False) for found in self._best_cells(step, favour)]
        return list(dict.fromkeys(name for name, _, met in best if not met))

    def hindering(self, step: str) -> list[Premise]:
        """What cannot be so together and speaks of values that favour or disfavour a step."""
        best = [(name, cell) for favour in (True, False) for name, cell, _ in self._best_cells(step, favour)]
        return [
            premise
            for nogood, premise in self._nogoods
            if any(self._speaks_of(nogood, name, cell) for name, cell in best)
        ]

    def _best_cells(self, step: str, favour: bool) -> Iterator[tuple[str, Cell, bool]]:
        """The best cell of each finding, and whether it is best in all that matters."""
        for name, found in self._of_name(("available", step)).items():
            wanted = [(literal, sign is favour) for literal, sign in found]
            cells = self.domain.cells[name]
            met = {cell: [holds_of(it, cell.value) is truth for it, truth in wanted] for cell in cells}
            best = max(met, key=lambda cell: (sum(met[cell]), -self._hindered(name, cell)))
            yield name, best, all(met[best])

    def _hindered(self, name: str, cell: Cell) -> int:
        """How many nogoods speak of a cell."""
        return sum(self._speaks_of(nogood, name, cell) for nogood, _ in self._nogoods)

    def _speaks_of(self, nogood: Mapping[str, int], name: str, cell: Cell) -> bool:
        return bool(nogood.get(name, 0) & 1 << place_of(self.domain.cells[name], cell.value))

    def _of_name(self, name: Name) -> Mapping[str, frozenset[_Wanted]]:
        for each in in_order((name,), self.domain.definitions.needs, self._wanted):
            self._wanted[each] = self._of(self.premises[each])
        return self._wanted[name]

    def _of(self, premise: Premise) -> Mapping[str, frozenset[_Wanted]]:
        """Of each finding the premises that make up another one, and whether it is better for that if they hold."""
        match premise:
            case Concluded():
                return self._of_name(premise.name)
            case Not():
                inner = self._of(premise.premise)
                return {name: frozenset((it, not sign) for it, sign in found) for name, found in inner.items()}
            case All() | Any():
                whole: dict[str, frozenset[_Wanted]] = {}
                for part in premise.premises:
                    for name, found in self._of(part).items():
                        whole[name] = whole.get(name, frozenset()) | found
                return whole
            case Exclusive():
                return self._of(premise.own)
        return {premise.finding: frozenset([(premise, True)])}


def _nogoods(group: Tied) -> Iterator[tuple[Mapping[str, int], Premise]]:
    """The prime nogoods of a group, each also as a premise."""
    impossible = group.impossible()
    assert isinstance(impossible, Any)
    return zip(group.nogoods, impossible.premises, strict=True)


def undecided(columns: Columns, reading: Reading, natural: Natural) -> Flag:
    """Of whom the truths do not settle whether a step is certain.

    They do if a step is known to be recommended, or no step may be; or if of the first that may be available, and may
    not, no entangled finding is open, and nothing hinders its natural witnesses: these are permitted completions then,
    of which one leads to it, and the other does not.
    """
    earlier: list[Flag] = []
    settled: list[Flag] = []
    for step in columns.kb.steps:
        holds, may = columns.concluded(reading, ("available", step))
        entangled = columns.any(reading.open(name) for name in natural.entangled(step))
        hindered = columns.any(columns.of(reading, nogood).may for nogood in natural.hindering(step))
        settled.append(columns.concluded(reading, ("recommended", step)).holds)
        settled.append(columns.all((*earlier, may, *map(columns.without, (holds, entangled, hindered)))))
        earlier.append(columns.without(may))
    return columns.without(columns.any((*settled, columns.all(earlier))))
