"""What could change the answer: deviations from the presumed patient.

A deviation gives values to unknown findings; presumptions are then made anew. Whoever changes a conclusion must change one of its
reasons, so the search branches only over those (R. Reiter, *A theory of diagnosis from first principles*, Artificial
Intelligence 32 (1987) 57-95, section 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from expert.errors import PatientError
from expert.infer.domain import Cell, Domain
from expert.logic import Evaluation
from expert.model import Concluded, Facts
from expert.results import Background, Decisive, Possible

MAX_SHOWN = 3
MAX_EVALUATIONS = 1500

Deviation = frozenset[tuple[str, Cell]]


class Deviations:
    """The neighbourhood of one presumed patient."""

    def __init__(self, domain: Domain, background: Background, presumed: Evaluation) -> None:
        self.domain, self.background, self.presumed = domain, background, presumed
        known = background.known
        self.changeable = {name for name in domain.kb.inputs if name not in known}
        self.recommended = recommended(presumed)
        self.seen: dict[Deviation, Evaluation | None] = {frozenset(): presumed}

    def evaluation(self, deviation: Deviation) -> Evaluation | None:
        """The patient who deviates so, presumptions made anew; ``None`` if no patient can."""
        if deviation not in self.seen:
            self.seen[deviation] = self._evaluate({name: cell.value for name, cell in deviation})
        return self.seen[deviation]

    def _evaluate(self, values: Facts) -> Evaluation | None:
        if not any(name in self.domain.constrained for name in values):
            return self.presumed.with_values(values)
        try:
            background = self.domain.background({**self.background.given, **values})
        except PatientError:
            return None
        facts = background.all
        old = self.presumed.facts
        if all(name in facts for name in old):
            return self.presumed.with_values({name: value for name, value in facts.items() if old.get(name) != value})
        return Evaluation(self.domain.definitions, facts)

    def alternatives(self, names: Iterable[str]) -> Iterator[tuple[str, Cell]]:
        """Other values of changeable findings, in the vocabulary's order."""
        wanted = set(names) & self.changeable
        for name in self.domain.kb.inputs:
            if name in wanted:
                now = self.presumed.facts.get(name)
                for cell in self.domain.cells[name]:
                    if now is None or cell != self.domain.cell_of(name, now):
                        yield name, cell

    def singles(self) -> dict[tuple[str, Cell], str]:
        """Single values that change the recommended step, with the step that they lead to."""
        found = {}
        for change in self.alternatives(self._reasons(self.presumed)):
            evaluation = self.evaluation(frozenset((change,)))
            step = recommended(evaluation) if evaluation else None
            if step is not None and step != self.recommended:
                found[change] = step
        return found

    def pairs(self, singles: Mapping[tuple[str, Cell], str]) -> dict[Deviation, str]:
        """Pairs of values that change the recommended step together though neither does alone."""
        found: dict[Deviation, str] = {}
        for first in self.alternatives(self._reasons(self.presumed)):
            evaluation = None if first in singles else self.evaluation(frozenset((first,)))
            if evaluation is None or recommended(evaluation) != self.recommended:
                continue
            for second in self.alternatives(self._reasons(evaluation)):
                pair = frozenset((first, second))
                if second[0] == first[0] or second in singles or pair in found:
                    continue
                both = self.evaluation(pair)
                step = recommended(both) if both else None
                if step is not None and step != self.recommended:
                    found[pair] = step
        return found

    def _reasons(self, evaluation: Evaluation) -> frozenset[str]:
        """Findings behind the recommended step; where it is open, whatever it hangs on."""
        if self.recommended is None:
            return frozenset(name for name in self.changeable if name not in self.presumed.facts)
        return evaluation.reasons(Concluded(("recommended", self.recommended)))

    def shortest(self, step: str) -> list[Deviation]:
        """The shortest deviations that lead to a step, breadth first; none if the bound is reached before one is found."""
        goal = Concluded(("recommended", step))
        level: dict[Deviation, None] = {frozenset(): None}
        budget = MAX_EVALUATIONS
        while level:
            found, following = [], dict[Deviation, None]()
            for deviation in level:
                evaluation = self.evaluation(deviation)
                budget -= 1
                if evaluation is None or budget < 0:
                    continue
                truth = evaluation.evaluate(goal)
                if truth:
                    found.append(deviation)
                elif not found:
                    names = {name for name, _ in deviation}
                    hangs_on = evaluation.reasons(goal) if truth is False else {evaluation.open_finding(goal) or ""}
                    for change in self.alternatives(hangs_on - names):
                        following[deviation | {change}] = None
            if found:
                return found
            level = following if budget > 0 else {}
        return []


def recommended(evaluation: Evaluation) -> str | None:
    """The step that is recommended for sure, if there is one."""
    for step in evaluation.definitions.kb.steps:
        available = evaluation.concluded(("available", step))
        if available is not False:
            return step if available else None
    return None


def decisive_findings(deviations: Deviations) -> tuple[Decisive, ...]:
    """Unknown findings that could change the recommended step, alone or with one partner, in the vocabulary's order."""
    domain = deviations.domain
    singles = deviations.singles()
    alone: dict[str, dict[str, list[Cell]]] = {}
    for (name, cell), step in singles.items():
        alone.setdefault(name, {}).setdefault(step, []).append(cell)
    together: dict[str, dict[str, list[Cell]]] = {}
    partners: dict[str, list[str]] = {}
    for pair, step in deviations.pairs(singles).items():
        for name, cell in pair:
            if name not in alone:
                cells = together.setdefault(name, {}).setdefault(step, [])
                if cell not in cells:
                    cells.append(cell)
                partners.setdefault(name, []).extend(other for other, _ in pair if other != name)
    found = []
    for name, finding in domain.kb.inputs.items():
        if name in alone or name in together:
            leads_to = _leads_to(domain, name, alone.get(name) or together[name])
            order = [other for other in domain.kb.inputs if other in partners.get(name, ())]
            found.append(Decisive(name, finding.ask, leads_to, () if name in alone else tuple(order)))
    return tuple(found)


def _leads_to(domain: Domain, name: str, steps: Mapping[str, list[Cell]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for step in domain.kb.steps:
        for run in _runs(domain, name, steps.get(step, [])):
            premise = " and ".join(domain.premises(name, run))
            found[premise] = (*found.get(premise, ()), step)
    return found


def _runs(domain: Domain, name: str, cells: list[Cell]) -> list[list[Cell]]:
    """Cells of a quantity in runs without a gap; those of other findings in one run (each value of a choice is told anyway)."""
    if not cells:
        return []
    ordered = domain.cells[name]
    if not isinstance(ordered[0].value, float):
        return [sorted(cells, key=ordered.index)]
    runs: list[list[Cell]] = []
    for cell in sorted(cells, key=ordered.index):
        if runs and ordered.index(cell) == ordered.index(runs[-1][-1]) + 1:
            runs[-1].append(cell)
        else:
            runs.append([cell])
    return runs


def explain_possible(step: str, deviations: Deviations) -> Possible:
    """A possible step with the shortest deviations that lead to it, values of one finding put together."""
    if step == deviations.recommended:
        return Possible(step, ((),), True)
    domain = deviations.domain
    order = list(domain.kb.inputs)
    groups: dict[tuple[str, ...], list[Deviation]] = {}
    for deviation in deviations.shortest(step):
        names = tuple(sorted((name for name, _ in deviation), key=order.index))
        groups.setdefault(names, []).append(deviation)
    told = [premises for names, group in groups.items() for premises in _alternatives(domain, names, group)]
    return Possible(step, tuple(told[:MAX_SHOWN]), 0 < len(told) <= MAX_SHOWN)


def _alternatives(domain: Domain, names: tuple[str, ...], group: list[Deviation]) -> Iterator[tuple[str, ...]]:
    """Deviations over the same findings: as one where they are all combinations of some values, else one by one."""
    cells: dict[str, list[Cell]] = {name: [] for name in names}
    for deviation in group:
        for name, cell in deviation:
            if cell not in cells[name]:
                cells[name].append(cell)
    runs = {name: _runs(domain, name, found) for name, found in cells.items()}
    combinations = {frozenset(zip(names, combination, strict=True)) for combination in product(*cells.values())}
    if combinations == set(group):
        for chosen in product(*runs.values()):
            yield tuple(
                premise for name, run in zip(names, chosen, strict=True) for premise in domain.premises(name, run)
            )
        return
    for deviation in group:
        values = dict(deviation)
        yield tuple(premise for name in names for premise in domain.premises(name, [values[name]]))
