"""Constraints between findings: what they permit, what they force, and which presumptions they exclude.

Constraints that share no finding, not even by way of others, have nothing to do with each other: each group of tied
findings is settled by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from expert.definitions import Definitions
from expert.logic import Evaluation
from expert.model import All, Constraint, Facts, Value, literals

if TYPE_CHECKING:
    from expert.infer.domain import Cell

Values = tuple[Value | None, ...]


def constrained(constraint: Constraint) -> tuple[str, ...]:
    """The findings that a constraint speaks of."""
    return tuple(dict.fromkeys(literal.finding for literal in literals(All(constraint.never))))


def usual_first(cells: Sequence[Cell], usual: Value | None) -> list[Cell]:
    """The cells of a finding, that of its usual value first: there a completion is found soonest."""
    return sorted(cells, key=lambda cell: not cell.holds(usual))


def tied_groups(constraints: Sequence[Constraint]) -> list[list[Constraint]]:
    """The constraints in groups that have no finding in common."""
    tied: dict[str, frozenset[str]] = {}
    for constraint in constraints:
        names = frozenset(constrained(constraint))
        together = names.union(*(tied.get(name, ()) for name in names))
        tied.update(dict.fromkeys(together, together))
    groups: dict[frozenset[str], list[Constraint]] = {}
    for constraint in constraints:
        groups.setdefault(tied[constrained(constraint)[0]], []).append(constraint)
    return list(groups.values())


class Tied:
    """Findings that constraints tie together, with those constraints."""

    def __init__(
        self,
        definitions: Definitions,
        constraints: Sequence[Constraint],
        cells: Mapping[str, Sequence[Cell]],
        usual: Facts,
    ) -> None:
        self.definitions, self.usual = definitions, usual
        self.never = [All(constraint.never) for constraint in constraints]
        self.names = tuple(dict.fromkeys(name for constraint in constraints for name in constrained(constraint)))
        self.cells = {name: usual_first(cells[name], usual.get(name)) for name in self.names}
        self._permits = lru_cache(4096)(self._some_completion)
        self._settled = lru_cache(4096)(self._settle)

    def values(self, facts: Facts) -> Values:
        """What facts say of these findings."""
        return tuple(facts.get(name) for name in self.names)

    def permits(self, facts: Facts) -> bool:
        """Whether some completion of the facts breaks none of these constraints."""
        return self._permits(self.values(facts))

    def settled(self, facts: Facts) -> tuple[dict[str, Value], frozenset[str]] | None:
        """The values that are forced and the presumptions that are excluded; ``None`` if the facts are impossible."""
        return self._settled(self.values(facts))

    def _facts(self, values: Values) -> dict[str, Value]:
        return {name: value for name, value in zip(self.names, values, strict=True) if value is not None}

    def _some_completion(self, values: Values) -> bool:
        evaluation = Evaluation(self.definitions, self._facts(values))
        truths = [evaluation.evaluate(premise) for premise in self.never]
        if any(truths):
            return False
        if None not in truths:
            return True
        finding = evaluation.open_finding(self.never[truths.index(None)])
        assert finding is not None
        return any(self.permits({**evaluation.facts, finding: cell.value}) for cell in self.cells[finding])

    def _settle(self, values: Values) -> tuple[dict[str, Value], frozenset[str]] | None:
        known = self._facts(values)
        if not self.permits(known):
            return None
        forced: dict[str, Value] = {}
        for name in self.names:
            if name not in known:
                left = [cell for cell in self.cells[name] if self.permits({**known, name: cell.value})]
                if len(left) == 1 and left[0].is_point:
                    forced[name] = left[0].value
        settled = {**known, **forced}
        excluded = set()
        for name, value in self.usual.items():
            if name in self.names and name not in settled:
                if self.permits({**settled, name: value}):
                    settled[name] = value
                else:
                    excluded.add(name)
        return forced, frozenset(excluded)
