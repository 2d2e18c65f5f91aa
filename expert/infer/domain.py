"""The space of patients: the cells that thresholds cut each finding into, and the constraints between findings.

Two values of a finding in one cell make every premise equally true, so one representative of each cell stands for all
patients.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from expert.definitions import Definitions
from expert.errors import PatientError, Problem
from expert.logic import Evaluation
from expert.model import All, Compare, Constraint, Facts, Finding, Kind, Value, literals
from expert.read.quantity import write_value
from expert.results import Background

if TYPE_CHECKING:
    from expert.compile.to_smt import Formulas


@dataclass(frozen=True, slots=True)
class Cell:
    """Values of a finding that no premise tells apart: one value, or the numbers strictly between two thresholds.

    ``lower`` and ``upper`` are ``None`` where the cell reaches the end of the range.
    """

    value: Value
    lower: float | None = None
    upper: float | None = None

    @property
    def is_point(self) -> bool:
        """Whether the cell holds a single value."""
        return not isinstance(self.value, float) or self.lower == self.upper == self.value

    def spans(self, number: float) -> bool:
        """Whether a number lies strictly between the thresholds."""
        return (self.lower is None or number > self.lower) and (self.upper is None or number < self.upper)


class Domain:
    """The patients that a knowledge base distinguishes and permits.

    Attributes:
        cells: the cells of each input finding, in the order of their values.
        constrained: the findings that constraints speak of.
        tied: for each constrained finding, those whose values can bear on its own: itself, and all that chains of
            constraints tie it to.
        usual: the values that are presumed.
    """

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self.kb = definitions.kb
        self.thresholds = _thresholds(definitions)
        self.cells = {name: _cells(finding, self.thresholds.get(name, {})) for name, finding in self.kb.inputs.items()}
        self.constrained = tuple(
            dict.fromkeys(
                literal.finding for constraint in self.kb.constraints for literal in literals(All(constraint.never))
            )
        )
        self.tied = _tied(self.kb.constraints)
        self.usual = {name: finding.usual for name, finding in self.kb.inputs.items() if finding.usual is not None}
        self._settled = lru_cache(4096)(self._settle)
        self._permits = lru_cache(65536)(self._some_completion)

    @cached_property
    def formulas(self) -> Formulas:
        """The same patients as formulas of a solver, which is imported only here."""
        from expert.compile.to_smt import Formulas

        return Formulas(self.definitions)

    def permitted(self, facts: Facts) -> bool:
        """Whether some completion of the facts breaks no constraint."""
        return self._permits(tuple(facts.get(name) for name in self.constrained))

    def _some_completion(self, values: tuple[Value | None, ...]) -> bool:
        facts = {name: value for name, value in zip(self.constrained, values, strict=True) if value is not None}
        evaluation = Evaluation(self.definitions, facts)
        open_premise = None
        for constraint in self.kb.constraints:
            premise = All(constraint.never)
            truth = evaluation.evaluate(premise)
            if truth:
                return False
            if truth is None and open_premise is None:
                open_premise = premise
        if open_premise is None:
            return True
        finding = evaluation.open_finding(open_premise)
        assert finding is not None
        return any(self.permitted({**facts, finding: cell.value}) for cell in self.cells[finding])

    def background(self, given: Facts) -> Background:
        """Given facts with the defaults, the forced and the presumed values.

        Raises:
            PatientError: no patient can be so.
        """
        defaults = {
            name: finding.default
            for name, finding in self.kb.inputs.items()
            if finding.default is not None and name not in given
        }
        known = {**given, **defaults}
        settled = self._settled(tuple(known.get(name) for name in self.constrained))
        if settled is None:
            raise PatientError([self._impossible(known)])
        forced, dropped = settled
        presumed = {
            name: value
            for name, value in self.usual.items()
            if name not in known and name not in forced and name not in dropped
        }
        return Background(given, defaults, forced, presumed)

    def _settle(self, values: tuple[Value | None, ...]) -> tuple[dict[str, Value], frozenset[str]] | None:
        """Forced values and dropped presumptions, given those of the constrained findings; ``None`` if impossible."""
        known = {name: value for name, value in zip(self.constrained, values, strict=True) if value is not None}
        if not self.permitted(known):
            return None
        forced: dict[str, Value] = {}
        for name in self.constrained:
            if name not in known:
                left = [cell for cell in self.cells[name] if self.permitted({**known, name: cell.value})]
                if len(left) == 1 and left[0].is_point:
                    forced[name] = left[0].value
        settled = {**known, **forced}
        dropped = set()
        for name in self.usual:
            if name in self.constrained and name not in settled:
                if self.permitted({**settled, name: self.usual[name]}):
                    settled[name] = self.usual[name]
                else:
                    dropped.add(name)
        return forced, frozenset(dropped)

    def _impossible(self, known: Facts) -> Problem:
        """Which facts no patient can combine, and why; as few as show it."""
        facts = {name: known[name] for name in self.constrained if name in known}
        for name in list(facts):
            rest = {other: value for other, value in facts.items() if other != name}
            if not self.permitted(rest):
                facts = rest
        broken = [constraint for constraint in self.kb.constraints if self._speaks_of(constraint, facts)]
        told = ", ".join(f"{name} {self.write(name, value)}" for name, value in facts.items())
        reasons = " ".join(f"{constraint.because} ({constraint.id})" for constraint in broken)
        return Problem(f"no patient can be so: {told}. {reasons}".rstrip(), expected="facts that can hold together")

    @staticmethod
    def _speaks_of(constraint: Constraint, facts: Facts) -> bool:
        return any(literal.finding in facts for literal in literals(All(constraint.never)))

    def write(self, name: str, value: Value | None) -> str:
        """A value as people write it."""
        return write_value(self.kb.findings[name], value)

    def cell_of(self, name: str, value: Value) -> Cell:
        """The cell that a value lies in."""
        for cell in self.cells[name]:
            if cell.value == value:
                return cell
            if isinstance(value, float) and not cell.is_point and cell.spans(value):
                return cell
        raise ValueError(f"{value!r} is not a value of {name}")

    def premises(self, name: str, cells: Iterable[Cell]) -> tuple[str, ...]:
        """Premises that together say of a finding that it lies in these cells: of a quantity, in their span.

        A yes/no finding has one cell here: no premise says that it has a value, whichever.
        """
        found = list(cells)
        values = [cell.value for cell in found]
        if isinstance(values[0], bool):
            assert len(values) == 1
            return (name if values[0] else f"not {name}",)
        if isinstance(values[0], str):
            return (f"{name} is {values[0]}" if len(values) == 1 else f"{name} in [{', '.join(map(str, values))}]",)
        return tuple(self._bounds(name, found)) or (f"{name} >= {self.write(name, self.kb.findings[name].low)}",)

    def _bounds(self, name: str, cells: list[Cell]) -> Iterator[str]:
        ordered = self.cells[name]
        first, last = min(map(ordered.index, cells)), max(map(ordered.index, cells))
        low, high = ordered[first], ordered[last]
        if first > 0:
            sign = ">=" if low.is_point else ">"
            yield f"{name} {sign} {self._threshold(name, low.lower)}"
        if last < len(ordered) - 1:
            sign = "<=" if high.is_point else "<"
            yield f"{name} {sign} {self._threshold(name, high.upper)}"

    def _threshold(self, name: str, number: float | None) -> str:
        assert number is not None
        return self.thresholds[name].get(number) or self.write(name, number)


def _thresholds(definitions: Definitions) -> dict[str, dict[float, str]]:
    """Every number that a premise compares each quantity with, as it was first written."""
    kb = definitions.kb
    premises = [rule.premise for rule in kb.rules.values()]
    premises += [All(constraint.never) for constraint in kb.constraints]
    premises += [All((invariant.when,)) for invariant in kb.invariants.values()]
    premises += [All((finding.asked_if,)) for finding in kb.inputs.values() if finding.asked_if is not None]
    found: dict[str, dict[float, str]] = {}
    for premise in premises:
        for literal in literals(premise):
            if isinstance(literal, Compare):
                found.setdefault(literal.finding, {}).setdefault(literal.threshold, literal.written)
    return found


def _tied(constraints: Iterable[Constraint]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for constraint in constraints:
        names = frozenset(literal.finding for literal in literals(All(constraint.never)))
        together = names.union(*(found.get(name, ()) for name in names))
        found.update(dict.fromkeys(together, together))
    return found


def _cells(finding: Finding, thresholds: dict[float, str]) -> tuple[Cell, ...]:
    if finding.kind is Kind.YES_NO:
        return (Cell(False), Cell(True))
    if finding.kind is Kind.CHOICE:
        return tuple(Cell(value) for value in finding.values)
    cells = []
    lower, lower_open = finding.low, False
    for threshold in sorted(number for number in thresholds if finding.low <= number <= finding.high):
        if threshold > lower:
            cells.append(Cell((lower + threshold) / 2, lower if lower_open else None, threshold))
        cells.append(Cell(threshold, threshold, threshold))
        lower, lower_open = threshold, True
    if lower < finding.high or not cells:
        cells.append(Cell((lower + finding.high) / 2, lower if lower_open else None, None))
    return tuple(cells)
