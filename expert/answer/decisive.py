"""What could change the answer: deviations from the presumed patient.

A deviation gives values to unknown findings; presumptions are then made anew. Whoever changes a conclusion must change
one of its reasons, so the search branches only over those, and over the findings that constraints tie to them (R.
Reiter, *A theory of diagnosis from first principles*, Artificial Intelligence 32 (1987) 57-95, section 4).
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import count, product

from expert.answer.assessment import Decisive, Possible
from expert.lang.facts import Background
from expert.lang.premises import Concluded, Premise
from expert.lang.values import Facts
from expert.logic.cells import Cell
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from expert.logic.network import Kept
from expert.solve.case_split import certain_step

MAX_SHOWN = 3
MAX_EVALUATIONS = 1500

FEW = 16
"""So many findings that may change the step together with another are tried without a look at the reasons."""

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
        self._meeting: dict[str, frozenset[str] | None] = {}

    @cached_property
    def truths(self) -> Kept:
        """The truths of the steps for the presumed patient and who deviates from them."""
        return Kept(self.domain.network, self.presumed.facts)

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
            self.steps[deviation] = self._step(deviation)
        return self.steps[deviation]

    def _step(self, deviation: Deviation) -> str | None:
        if self._is_free(deviation):
            self.truths.change({name: cell.value for name, cell in deviation})
            for step in self.domain.kb.steps:
                truth = self.truths.concluded(("recommended", step))
                if truth:
                    return step
                if truth is None:
                    break
            else:
                return None
        evaluation = self.evaluation(deviation)
        return certain_step(self.domain, evaluation) if evaluation else None

    def _is_free(self, deviation: Deviation) -> bool:
        """Whether no constraint speaks of what deviates: then all else is presumed as before."""
        return not any(name in self.domain.tied for name, _ in deviation)

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
        found: dict[Change, list[Deviation]] = {}
        level: dict[Deviation, None] = {NONE: None}
        for size in count():
            yield level
            if not level or size == most:
                return
            for deviation in level:
                if self._leads(deviation, step):
                    for change in deviation:
                        found.setdefault(change, []).append(deviation)
            level = {
                further: None
                for deviation in level
                if not self._leads(deviation, step)
                for change in self._further(step, deviation)
                if not any(map((further := deviation | {change}).issuperset, found.get(change, ())))
            }

    def _leads(self, deviation: Deviation, step: str | None) -> str | None:
        """The step that a deviation leads to, if it is the one wanted."""
        leads_to = self.step(deviation)
        return leads_to if (leads_to == step if step else leads_to != self.recommended) else None

    def _further(self, step: str | None, deviation: Deviation) -> Iterator[Change]:
        """Changes of which one at least belongs to whatever leads on from here."""
        if len(deviation) == 1 and self._is_free(deviation):
            (name, _), *_ = deviation
            few = self._meets(name)
            if few is not None:
                return self._changes(few, deviation)
        evaluation = self.evaluation(deviation)
        if evaluation is None:
            return self._changes(self._tied(name for name, _ in deviation) & self.lifting, deviation)
        reasons = evaluation.reasons(Concluded(("recommended", step))) if step else self._reasons(evaluation)
        return self._changes(self._tied(reasons), deviation)

    def _meets(self, name: str) -> frozenset[str] | None:
        """The findings of which one at least belongs to whatever leads on from one; ``None`` if they are not few."""
        if name not in self._meeting:
            found = self.truths.meeting(name, [cell.value for cell in self.cells[name]], FEW)
            self._meeting[name] = None if found is None else self._tied(found)
        return self._meeting[name]

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
        evaluation = self.presumed if self._is_free(deviation) else self.evaluation(deviation)
        wanted = (names - {name for name, _ in deviation}) & self.cells.keys()
        for name in self.domain.in_order(wanted):
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
    together: dict[str, dict[str, dict[Cell, None]]] = {}
    partners: dict[str, set[str]] = {}
    for pair, step in deviations.pairs(singles).items():
        for name, cell in pair:
            if name not in alone:
                together.setdefault(name, {}).setdefault(step, {})[cell] = None
                partners.setdefault(name, set()).update(other for other, _ in pair if other != name)
    found = []
    for name in domain.in_order({*alone, *together}):
        leads_to = _leads_to(domain, name, alone.get(name) or together[name])
        order = () if name in alone else domain.in_order(partners[name])
        found.append(Decisive(name, domain.kb.inputs[name].ask, leads_to, tuple(order)))
    return tuple(found)


def _leads_to(domain: Domain, name: str, steps: Mapping[str, Iterable[Cell]]) -> dict[Premise, tuple[str, ...]]:
    found: dict[Premise, tuple[str, ...]] = {}
    for step in domain.kb.steps:
        for run in _runs(domain, name, list(steps.get(step, ()))):
            premise = domain.premise(name, run)
            found[premise] = (*found.get(premise, ()), step)
    return found


def _runs(domain: Domain, name: str, cells: list[Cell]) -> list[list[Cell]]:
    """Cells that one premise can tell: runs without a gap of a quantity, all of a choice, each of a yes/no finding."""
    if not cells:
        return []
    place = domain.places[name]
    ordered = sorted(cells, key=place.__getitem__)
    if isinstance(ordered[0].value, str):
        return [ordered]
    if isinstance(ordered[0].value, bool):
        return [[cell] for cell in ordered]
    runs: list[list[Cell]] = []
    for cell in ordered:
        if runs and place[cell] == place[runs[-1][-1]] + 1:
            runs[-1].append(cell)
        else:
            runs.append([cell])
    return runs


def explain_possible(step: str, deviations: Deviations) -> Possible:
    """A possible step with the shortest deviations that lead to it, values of one finding put together."""
    if step == deviations.recommended:
        return Possible(step, ((),), True)
    domain = deviations.domain
    groups: dict[tuple[str, ...], list[Deviation]] = {}
    shortest, complete = deviations.shortest(step)
    for deviation in shortest:
        names = tuple(domain.in_order({name for name, _ in deviation}))
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
