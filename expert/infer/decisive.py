"""What could change the answer: deviations from the presumed patient.

A deviation gives values to unknown findings; presumptions are then made anew. Whoever changes a conclusion must change
one of its reasons, so the search branches only over those, and over the findings that constraints tie to them (R.
Reiter, *A theory of diagnosis from first principles*, Artificial Intelligence 32 (1987) 57-95, section 4).
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from itertools import count, product

from expert.cells import Cell
from expert.infer.domain import Domain
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
    """The neighbourhood of one presumed patient.

    ``cells`` are the values that findings may take in a deviation, by default every value of what is unknown; ``kept``
    are facts that no deviation may touch, not even by way of constraints.
    """

    def __init__(
        self,
        domain: Domain,
        background: Background,
        presumed: Evaluation,
        cells: Mapping[str, Sequence[Cell]] | None = None,
        kept: Facts | None = None,
    ) -> None:
        self.domain, self.background, self.presumed, self.kept = domain, background, presumed, kept or {}
        known = background.known
        unknown = {name: found for name, found in domain.cells.items() if name not in known}
        self.cells = unknown if cells is None else cells
        self.lifting = {name for name in self.cells if name in known} | self._tied(self.kept) & self.cells.keys()
        self.recommended = certain_step(domain, presumed)
        self.seen: dict[Deviation, Evaluation | None] = {NONE: presumed}
        self.steps: dict[Deviation, str | None] = {NONE: self.recommended}

    def evaluation(self, deviation: Deviation) -> Evaluation | None:
        """The patient who deviates so, presumptions made anew; ``None`` if no patient can."""
        if deviation not in self.seen:
            self.seen[deviation] = self._evaluate({name: cell.value for name, cell in deviation})
        return self.seen[deviation]

    def _evaluate(self, values: Facts) -> Evaluation | None:
        if not any(name in self.domain.constrained for name in values):
            return self.presumed.with_values(values)
        background = self.domain.possible_background({**self.background.given, **values})
        if background is None:
            return None
        facts = background.all
        if any(facts.get(name) != value for name, value in self.kept.items()):
            return None
        old = self.presumed.facts
        if old.keys() <= facts.keys():
            return self.presumed.with_values({name: value for name, value in facts.items() if old.get(name) != value})
        return Evaluation(self.domain.definitions, facts)

    def step(self, deviation: Deviation) -> str | None:
        """The step that the patient who deviates so is led to for certain; ``None`` as well if no patient can."""
        if deviation not in self.steps:
            evaluation = self.evaluation(deviation)
            self.steps[deviation] = certain_step(self.domain, evaluation) if evaluation else None
        return self.steps[deviation]

    # --- the search

    def minimal(self, step: str | None = None, most: int | None = None) -> dict[Deviation, str]:
        """All deviations of up to ``most`` findings that lead to a step though no proper subset does, fewest first.

        Without a step they lead to any other than the recommended one.
        """
        levels = self._levels(step, most)
        return {it: leads_to for level in levels for it in level if (leads_to := self._leads(it, step))}

    def shortest(self, step: str) -> tuple[list[Deviation], bool]:
        """The shortest deviations that lead to a step, and whether these are all.

        They may not be, and may be none, if the bound is reached.
        """
        budget = MAX_EVALUATIONS
        for level in self._levels(step):
            found: list[Deviation] = []
            for deviation in level:
                if budget <= 0:
                    return found, False
                budget -= 1
                if self._leads(deviation, step):
                    found.append(deviation)
            if found:
                return found, True
        return [], True

    def _levels(self, step: str | None, most: int | None = None) -> Iterator[Collection[Deviation]]:
        """Deviations of no finding, of one, of two ..., among them all minimal ones that lead to a step.

        Nothing is added to what leads there; to what does not, each change of one of its reasons.
        """
        found: list[Deviation] = []
        level: dict[Deviation, None] = {NONE: None}
        for size in count():
            yield level
            if not level or size == most:
                return
            found += [deviation for deviation in level if self._leads(deviation, step)]
            following = {
                deviation | {change}: None
                for deviation in level
                if not self._leads(deviation, step)
                for change in self._further(step, deviation)
            }
            level = {it: None for it in following if not any(map(it.issuperset, found))}

    def _leads(self, deviation: Deviation, step: str | None) -> str | None:
        """The step that a deviation leads to, if it is the one wanted."""
        leads_to = self.step(deviation)
        return leads_to if (leads_to == step if step else leads_to != self.recommended) else None

    def _further(self, step: str | None, deviation: Deviation) -> Iterator[Change]:
        """Changes of which one at least belongs to whatever leads on from here."""
        evaluation = self.evaluation(deviation)
        if evaluation is None:
            return self._changes(self._tied(name for name, _ in deviation) & self.lifting, deviation)
        reasons = evaluation.reasons(Concluded(("recommended", step))) if step else self._reasons(evaluation)
        return self._changes(self._tied(reasons), deviation)

    def _reasons(self, evaluation: Evaluation) -> frozenset[str]:
        """Findings that make a step certain, or leave several open: whoever changes that must change one of them."""
        found = frozenset[str]()
        for step in self.domain.kb.steps:
            available = ("available", step)
            found |= evaluation.reasons(Concluded(available))
            if evaluation.concluded(available):
                break
        return found

    def _tied(self, names: Iterable[str]) -> frozenset[str]:
        """Findings with all that constraints tie to them."""
        return frozenset(other for name in names for other in self.domain.tied.get(name, (name,)))

    def _changes(self, names: frozenset[str], deviation: Deviation) -> Iterator[Change]:
        """Other values of findings, in the vocabulary's order."""
        evaluation = self.evaluation(deviation)
        wanted = names - {name for name, _ in deviation}
        for name in self.domain.kb.inputs:
            if name in wanted and name in self.cells:
                now = evaluation.facts.get(name) if evaluation else None
                for cell in self.cells[name]:
                    if now is None or not cell.holds(now):
                        yield name, cell

    # --- single changes and pairs

    def singles(self) -> dict[Change, str]:
        """Single values that change the recommended step, with the step that they lead to."""
        return {change: step for deviation, step in self.minimal(most=1).items() for change in deviation}

    def pairs(self, singles: Container[Change]) -> dict[Deviation, str]:
        """Pairs of values that change the recommended step together though neither does alone."""
        found = self.minimal(most=2)
        return {pair: step for pair, step in found.items() if not any(change in singles for change in pair)}


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
    told = [
        tuple(premise for name, run in runs.items() for premise in domain.premises(name, run))
        for names, group in groups.items()
        for runs in alternatives(domain, names, group)
    ]
    return Possible(step, tuple(told[:MAX_SHOWN]), complete and 0 < len(told) <= MAX_SHOWN)


def alternatives(domain: Domain, names: Sequence[str], group: Iterable[Deviation]) -> Iterator[dict[str, list[Cell]]]:
    """Deviations over the same findings, put together: for each finding cells, any combination of which is meant."""
    boxes: list[dict[str, list[Cell]]] = [{name: [cell] for name, cell in deviation} for deviation in group]
    for name in names:
        merged: dict[tuple[tuple[Cell, ...], ...], dict[str, list[Cell]]] = {}
        for box in boxes:
            others = tuple(tuple(box[other]) for other in names if other != name)
            merged.setdefault(others, {**box, name: []})[name].extend(box[name])
        boxes = list(merged.values())
    for box in boxes:
        for chosen in product(*(_runs(domain, name, box[name]) for name in names)):
            yield dict(zip(names, chosen, strict=True))
