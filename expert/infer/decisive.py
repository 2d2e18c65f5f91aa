"""What could change the answer: deviations from the presumed patient.

A deviation gives values to unknown findings; presumptions are then made anew. Whoever changes a conclusion must change
one of its reasons, so the search branches only over those, and over the findings that constraints tie to them (R.
Reiter, *A theory of diagnosis from first principles*, Artificial Intelligence 32 (1987) 57-95, section 4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from expert.errors import PatientError
from expert.infer.domain import Cell, Domain
from expert.infer.possible import certain_step
from expert.logic import Evaluation
from expert.model import Concluded, Facts
from expert.results import Background, Decisive, Possible

MAX_SHOWN = 3
MAX_EVALUATIONS = 1500

Change = tuple[str, Cell]
Deviation = frozenset[Change]
NONE: Deviation = frozenset()


class Deviations:
    """The neighbourhood of one presumed patient."""

    def __init__(self, domain: Domain, background: Background, presumed: Evaluation) -> None:
        self.domain, self.background, self.presumed = domain, background, presumed
        known = background.known
        self.changeable = {name for name in domain.kb.inputs if name not in known}
        self.recommended = certain_step(domain, presumed)
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

    def step(self, deviation: Deviation) -> str | None:
        """The step that the patient who deviates so is led to for certain; ``None`` as well if no patient can."""
        evaluation = self.evaluation(deviation)
        return certain_step(self.domain, evaluation) if evaluation else None

    def changes(self, names: frozenset[str], deviation: Deviation) -> Iterator[Change]:
        """Further changes, in the vocabulary's order: other values of findings, and of those that are tied to them."""
        evaluation = self.evaluation(deviation)
        assert evaluation is not None
        wanted = {other for name in names for other in self.domain.tied.get(name, (name,))} & self.changeable
        wanted -= {name for name, _ in deviation}
        for name in self.domain.kb.inputs:
            if name in wanted:
                now = evaluation.facts.get(name)
                for cell in self.domain.cells[name]:
                    if now is None or cell != self.domain.cell_of(name, now):
                        yield name, cell

    def telling(self, names: frozenset[str], deviation: Deviation) -> Iterator[Change]:
        """The further changes that make one of the named findings another by themselves."""
        evaluation = self.evaluation(deviation)
        assert evaluation is not None
        for change in self.changes(names, deviation):
            if change[0] in names:
                yield change
                continue
            other = self.evaluation(deviation | {change})
            if other and any(other.facts.get(name) != evaluation.facts.get(name) for name in names):
                yield change

    def singles(self) -> dict[Change, str]:
        """Single values that change the recommended step, with the step that they lead to."""
        found = {}
        for change in self.telling(self._reasons(NONE), NONE):
            step = self.step(frozenset((change,)))
            if step is not None and step != self.recommended:
                found[change] = step
        return found

    def pairs(self, singles: Mapping[Change, str]) -> dict[Deviation, str]:
        """Pairs of values that change the recommended step together though neither does alone."""
        found: dict[Deviation, str] = {}
        for first in self.changes(self._reasons(NONE), NONE):
            alone = frozenset((first,))
            if first in singles or self.evaluation(alone) is None:
                continue
            for second in self.telling(self._reasons(alone), alone):
                pair = alone | {second}
                if second not in singles and pair not in found:
                    step = self.step(pair)
                    if step is not None and step != self.recommended:
                        found[pair] = step
        return found

    def _reasons(self, deviation: Deviation) -> frozenset[str]:
        """Findings that make a step certain, or leave several open: whoever changes that must change one of them."""
        evaluation = self.evaluation(deviation)
        assert evaluation is not None
        found = frozenset[str]()
        for step in self.domain.kb.steps:
            available = ("available", step)
            found |= evaluation.reasons(Concluded(available))
            if evaluation.concluded(available):
                break
        return found

    def shortest(self, step: str) -> tuple[list[Deviation], bool]:
        """The shortest deviations that lead to a step, breadth first, and whether these are all.

        They may not be, and may be none, if the bound is reached.
        """
        goal = Concluded(("recommended", step))
        level: dict[Deviation, None] = {NONE: None}
        budget = MAX_EVALUATIONS
        while level:
            found: list[Deviation] = []
            following: dict[Deviation, None] = {}
            for deviation in level:
                if budget <= 0:
                    return found, False
                budget -= 1
                evaluation = self.evaluation(deviation)
                if evaluation is None:
                    continue
                if self.step(deviation) == step:
                    found.append(deviation)
                elif not found:
                    for change in self.changes(evaluation.reasons(goal), deviation):
                        following[deviation | {change}] = None
            if found:
                return found, True
            level = following
        return [], True


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
    """Cells that one premise can tell: runs without a gap of a quantity, all of a choice, each of a yes/no finding."""
    if not cells:
        return []
    ordered = domain.cells[name]
    if isinstance(ordered[0].value, str):
        return [sorted(cells, key=ordered.index)]
    if isinstance(ordered[0].value, bool):
        return [[cell] for cell in sorted(cells, key=ordered.index)]
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
    shortest, complete = deviations.shortest(step)
    for deviation in shortest:
        names = tuple(sorted((name for name, _ in deviation), key=order.index))
        groups.setdefault(names, []).append(deviation)
    told = [premises for names, group in groups.items() for premises in _alternatives(domain, names, group)]
    return Possible(step, tuple(told[:MAX_SHOWN]), complete and 0 < len(told) <= MAX_SHOWN)


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
