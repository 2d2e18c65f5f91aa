"""What would change the answer: minimal sets of changed facts that lead to another step (counterfactuals).

Only modifiable findings of the presumed patient are changed, never an age or a past event; presumptions are then made
again. The engine confirms every set on the changed patient.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, product

from expert.answer.assess import Reasoner
from expert.answer.decisive import alternatives, by_findings
from expert.answer.deviations import Deviation, Deviations
from expert.answer.explanations import Counterfactual, Counterfactuals, WaysTo
from expert.engine.engine import Inference
from expert.lang.definitions import Definitions
from expert.lang.errors import ExpertError, InputError, PatientError, Problem, UnprovedError
from expert.lang.facts import Patient
from expert.lang.model import not_a_step
from expert.lang.premises import Concluded
from expert.lang.values import Facts
from expert.logic.cells import Cell
from expert.logic.kleene import Evaluation
from expert.solve.case_split import can_hold, cases

MOST = 2
"""The default size of sets; each further finding takes about ten times as long."""


def changes(reasoner: Reasoner, patient: Patient, to: str | None = None, most: int = MOST) -> Counterfactuals:
    """All subset-minimal sets of up to ``most`` changes that lead to each other step, or to one.

    Raises:
        PatientError: something is wrong with the facts, or there is no such step.
        InputError: ``most`` is less than 1.
    """
    if most < 1:
        raise InputError([Problem(f"no set has {most} findings", expected="1 or more")])
    steps = reasoner.kb.steps
    if to is not None and to not in steps:
        raise PatientError([not_a_step(reasoner.kb, to)])
    it = _Counterfactuals(reasoner, patient)
    others = [step for step in steps if step != it.deviations.recommended and to in (None, step)]
    inputs = {name for step in others for name in reasoner.definitions.inputs.get(("recommended", step), ())}
    fixed = tuple(name for name, finding in reasoner.kb.inputs.items() if name in inputs and not finding.modifiable)
    return Counterfactuals(it.deviations.recommended, most, tuple(it.ways_to(step, most) for step in others), fixed)


class _Counterfactuals:
    """The counterfactuals of one patient. ``kept`` are the facts that cannot change."""

    def __init__(self, reasoner: Reasoner, patient: Patient) -> None:
        self.domain, self.given = reasoner.domain, patient.facts
        self.inference = _engine(reasoner.definitions)
        background = self.domain.background(patient.facts, patient)
        presumed = Evaluation(reasoner.definitions, background.all)
        self.now: Facts = presumed.facts
        inputs = reasoner.kb.inputs
        cells = {
            name: [cell for cell in self.domain.cells[name] if not cell.holds(self.now.get(name))]
            for name, finding in inputs.items()
            if finding.modifiable
        }
        self.kept = {name: value for name, value in self.now.items() if name not in cells}
        self.deviations = Deviations(self.domain, background, presumed, cells=cells, kept=self.kept)
        self.order = {name: index for index, name in enumerate(inputs)}

    def ways_to(self, step: str, most: int) -> WaysTo:
        """Every way to a step, cheapest first; if there is none, whether this is proved."""
        groups = by_findings(self.domain, self.deviations.minimal(step, most))
        ordered = sorted(groups, key=self._cost)
        found = [it for names in ordered for it in self._counterfactuals(step, names, groups[names])]
        return WaysTo(step, tuple(found), not found and self._impossible(step))

    def _cost(self, names: tuple[str, ...]) -> tuple[int, int, list[int]]:
        """Fewest findings first, then fewest given facts contradicted, then the vocabulary's order."""
        return len(names), sum(name in self.given for name in names), [self.order[name] for name in names]

    def _counterfactuals(self, step: str, names: tuple[str, ...], group: list[Deviation]) -> Iterator[Counterfactual]:
        """Changes of the same findings, values with the same effect combined; only values that can be stated."""
        for runs in alternatives(self.domain, names, group):
            apart = (dict(zip(runs, ([cell] for cell in cells), strict=True)) for cells in product(*runs.values()))
            values = next(filter(None, map(self._values, chain([runs], apart))), None)
            if values:
                self._confirm(step, values)
                premises = (self.domain.premise(name, run) for name, run in runs.items())
                given = tuple(name for name in names if name in self.given)
                yield Counterfactual(step, tuple(premises), values, given)

    def _values(self, runs: Mapping[str, Sequence[Cell]]) -> Facts | None:
        """The nearest values in some cells that can be stated, and are not refused with what else is given."""
        others = {name: value for name, value in self.given.items() if name not in runs}
        values = {name: self.domain.nearest(name, run, self.now.get(name)) for name, run in runs.items()}
        stated = {name: value for name, value in values.items() if value is not None}
        plausible = self.domain.plausible({**others, **stated}, others) if len(stated) == len(runs) else None
        return {name: plausible[name] for name in runs} if plausible else None

    def _confirm(self, step: str, values: Facts) -> None:
        """Run the engine on the changed patient; if no single derivation exists, in each case of a split."""
        facts = self.domain.background({**self.given, **values}).all
        goal = Concluded(("recommended", step))
        truth = self.inference.run(facts).truth(goal.name)
        if truth is None:
            split = cases(self.domain, Evaluation(self.domain.definitions, facts), goal)
            truth = all(self.inference.run({**facts, **case}).truth(goal.name) for case in split)
        if not truth:  # search and engine run the same definitions, so this is a bug
            raise ExpertError(f"the engine does not confirm that {values} leads to {step}")

    def _impossible(self, step: str) -> bool:
        """Whether it is proved that no change of modifiable findings leads to a step."""
        facts = Evaluation(self.domain.definitions, self.kept)
        try:
            return not can_hold(self.domain, facts, Concluded(("recommended", step)))
        except UnprovedError:
            return False


@lru_cache(4)
def _engine(definitions: Definitions) -> Inference:
    """The engine over only those definitions that recommended steps depend on, which is faster."""
    return Inference(definitions.only(definitions.below(definitions.steps)))
