"""The certain step of many patients at once, by witnesses and proofs, where Kleene's logic leaves it open.

A *witness* is a complete patient. If the unknown findings of a patient may have its values without breaking a
constraint, the step that this leads to is possible. Two possible steps make none certain. For every step there are two
natural witnesses: the completion most in its favour, and the one least so. Where no finding matters to a step both
ways, and no constraint mentions these values, they need not be tried: with every finding in its best place, what may
hold does.

Patients who are still open are looked at one by one, and what is found there serves the others: another witness; or a
proof, by cases, that a step is certain. The same cases prove it for others. (The loop is counterexample-guided,
after E. Clarke and others, *Counterexample-guided abstraction refinement*, CAV 2000; to keep of an example only what
its explanation needs is explanation-based generalisation, T. Mitchell and others, Machine Learning 1 (1986) 47-80.)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from expert.columns.flags import Flag
from expert.columns.natural_witnesses import Natural
from expert.columns.to_columns import Columns, Valuation
from expert.columns.valuations import Valuations
from expert.lang.errors import ExpertError
from expert.lang.premises import All, Concluded, Not, Premise
from expert.lang.values import Facts, Value
from expert.logic.cells import lies_in, usual_first
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from expert.solve.case_split import MAX_EVALUATIONS, BeyondBoundError, CaseSplit
from expert.solve.formulas import formulas_of

KEPT = 200
"""The number of witnesses and proofs kept for the next cohort: those that settled the most."""

FIRST, AT_ONCE = 4, 24
"""How many of them are tried at once: first the few that settle the most, then the others for what is left."""

MOST_COLUMNS = 50_000
"""Beyond this number of columns, those of witnesses and proofs no longer kept are forgotten."""

Codes = np.ndarray[tuple[int], np.dtype[np.int16]]
"""For each patient a step by its place in the ladder, the place after the last for no step, or `NOT_SETTLED`."""

NOT_SETTLED = -1


@dataclass(eq=False)
class StepWitness:
    """A complete patient, in the findings on which the step depends."""

    facts: Facts
    settled: float = 0


@dataclass(eq=False)
class StepProof:
    """A step is certain for patients with some facts if it is known to be recommended in each of some cases.

    One of the cases always occurs. Nothing is required of those that a constraint forbids.
    """

    step: str
    cases: Sequence[Facts]
    facts: Facts
    settled: float = 0


Found = StepWitness | StepProof


class Certainty:
    """Settles which step is certain. What it finds is kept for the next cohort."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.steps = list(domain.kb.steps)
        inputs = domain.definitions.inputs
        needed = frozenset[str]().union(*(inputs["recommended", step] for step in self.steps))
        self.bearing = [name for name in domain.kb.inputs if name in needed]
        self.natural = Natural(domain)
        witnesses = self.natural.witnesses() if domain.permitted({}) else ()  # constraints may permit no patient
        self.found: list[Found] = [StepWitness(self._completed({}, wanted)) for wanted in witnesses]

    def may_bear(self, name: str) -> bool:
        """Whether a finding can change the step, if only by way of constraints or presumptions."""
        return name in self.bearing or name in self.domain.linked

    def settle(self, patients: pl.DataFrame, open_by: Open, reached: Codes) -> Codes:
        """The certain step of each patient, or `NOT_SETTLED` where none is certain.

        Args:
            patients: the constraints permit each of them.
            open_by: how their facts are read: as known, or with the presumptions.
            reached: a step that some completion leads to, where one is known.
        """
        open_by.renew()
        work = _Work(self, patients, open_by, reached)
        work.apply(self.found[:FIRST])
        for start in range(FIRST, len(self.found), AT_ONCE):
            work.apply(self.found[start : start + AT_ONCE])
        while left := work.left:
            work.apply(new := self._look(work))
            self.found += new
            if work.left == left:
                raise ExpertError("it could not be determined whether a step is certain")
        self.found = sorted(self.found, key=lambda it: -it.settled)[:KEPT]
        for it in self.found:
            it.settled /= 2
        return work.certain

    def _look(self, work: _Work) -> list[Found]:
        """What settles the first patient who is open."""
        evaluation, reached = work.first()
        new: list[Found] = []
        if reached is None:
            new.append(witness := StepWitness(self._completed(evaluation.facts)))
            reached = self._step(witness.facts)
            if reached is None:
                return new
        goal = Concluded(("recommended", reached))
        try:
            other = CaseSplit(self.domain, MAX_EVALUATIONS).witness(evaluation, Not(goal))
        except BeyondBoundError:
            return [*new, self._by_solver(evaluation, reached)]
        if other is None:
            return [*new, StepProof(reached, tuple(self._cases(evaluation, goal)), {})]
        return [*new, StepWitness(self._completed(other))]

    def _step(self, facts: Facts) -> str | None:
        evaluation = Evaluation(self.domain.definitions, facts)
        return next((step for step in self.steps if evaluation.concluded(("recommended", step))), None)

    def _completed(self, facts: Facts, wanted: Facts | None = None) -> dict[str, Value]:
        """A permitted completion in the findings on which a step depends, with wanted or usual values where it can."""
        found = dict(facts)
        likely = {**self.domain.usual, **(wanted or {})}
        for name in self.bearing:
            if name not in found:
                cells = usual_first(self.domain.cells[name], likely.get(name))
                found[name] = next(it.value for it in cells if self.domain.permitted({**found, name: it.value}))
        return {name: found[name] for name in self.bearing}

    def _cases(self, evaluation: Evaluation, goal: Premise) -> Iterator[dict[str, Value]]:
        """Cases, one of which always holds; each decides the goal, or is forbidden."""
        finding = evaluation.open_finding(goal)
        if finding is None or not self.domain.permitted(evaluation.facts):
            yield {}
            return
        for cell in self.domain.cells[finding]:
            value = {finding: cell.value}
            yield from ({**value, **rest} for rest in self._cases(evaluation.with_values(value), goal))

    def _by_solver(self, evaluation: Evaluation, step: str) -> Found:
        """A completion with another step, built finding by finding; else these facts make the step certain."""
        satisfiable, elsewhere = formulas_of(self.domain).satisfiable, Not(Concluded(("recommended", step)))
        facts = {name: value for name, value in evaluation.facts.items() if self.may_bear(name)}
        if not satisfiable(facts, elsewhere):
            return StepProof(step, (), facts)
        for name in self.bearing:
            if name not in facts:
                values = (cell.value for cell in self.domain.cells[name])
                facts[name] = next(it for it in values if satisfiable({**facts, name: it}, elsewhere))
        return StepWitness(self._completed(facts))


class Open:
    """How patients who are open are read, by columns and one by one: as known, or with the presumptions."""

    def __init__(self, domain: Domain, given: Collection[str], *, presuming: bool) -> None:
        self.domain, self.given, self.presuming = domain, given, presuming
        self._start()

    def _start(self) -> None:
        self.columns = Columns(self.domain.definitions, self.given)
        self.valuations = Valuations(self.columns, self.domain.groups)
        self._flags: dict[Found, list[Flag]] = {}

    def renew(self) -> None:
        """Forget columns of what has long been forgotten."""
        if len(self.columns) > MOST_COLUMNS:
            self._start()

    @property
    def valuation(self) -> Valuation:
        """How their findings are valued."""
        return self.valuations.presumed if self.presuming else self.valuations.known

    def evaluation(self, given: Facts) -> Evaluation:
        """The facts of one patient."""
        background = self.domain.possible_background(given)
        assert background is not None
        return Evaluation(self.domain.definitions, background.all if self.presuming else background.known)

    def flags(self, found: Found) -> list[Flag]:
        """For whom it can be used; and for a witness, to which step it leads."""
        if found not in self._flags:
            self._flags[found] = [self._proved(found)] if isinstance(found, StepProof) else self._reached(found)
        return self._flags[found]

    def _reached(self, found: StepWitness) -> list[Flag]:
        columns, valuations = self.columns, self.valuations
        completed = valuations.completed(found.facts, self.valuation)
        steps = [columns.concluded(completed, ("recommended", step)).holds for step in self.domain.kb.steps]
        return [columns.without(valuations.impossible(completed)), *steps]

    def _proved(self, found: StepProof) -> Flag:
        columns, valuations, cells = self.columns, self.valuations, self.domain.cell_of
        facts = All(tuple(lies_in(name, [cells(name, value)]) for name, value in found.facts.items()))
        flags = [columns.of(self.valuation, facts).holds]
        for case in found.cases:
            completed = valuations.completed(case, self.valuation)
            holds = columns.concluded(completed, ("recommended", found.step)).holds
            flags.append(columns.any((holds, valuations.impossible(completed))))
        return columns.all(flags)


class _Work:
    """Patients whose certain step is sought.

    Attributes:
        certain: the steps found; `NOT_SETTLED` also where it is settled that none is certain.
    """

    def __init__(self, certainty: Certainty, patients: pl.DataFrame, open_by: Open, reached: Codes) -> None:
        self.steps, self.open_by, self.patients = certainty.steps, open_by, patients
        self.certain: Codes = np.full(patients.height, NOT_SETTLED, np.int16)
        self.places = np.arange(patients.height)
        self.reached = reached.copy()

    @property
    def left(self) -> int:
        """How many are open."""
        return len(self.places)

    def first(self) -> tuple[Evaluation, str | None]:
        """The first who is open, and a step that is possible, if one is known."""
        given = {name: value for name, value in self.patients.row(0, named=True).items() if value is not None}
        code = self.reached[0]
        return self.open_by.evaluation(given), None if code == NOT_SETTLED else self.steps[code]

    def apply(self, found: Sequence[Found]) -> None:
        """Settle the patients that they can."""
        if not self.left:
            return
        columns = self.open_by.columns
        flags = [self.open_by.flags(it) for it in found]
        wanted = {it for some in flags for it in some if isinstance(it, str)}
        plan = columns.strata(self.patients.lazy(), wanted).select(sorted(wanted))
        values = plan.collect(optimizations=pl.QueryOptFlags.none())
        read = {name: values[name].to_numpy() for name in wanted}
        done = np.zeros(self.left, np.bool_)
        for it, some in zip(found, flags, strict=True):
            before = done.sum()
            self._settle(it, [read[at] if isinstance(at, str) else np.full(self.left, at) for at in some], done)
            it.settled += float(done.sum() - before)
        self._drop(done)

    def _settle(self, it: Found, values: list[np.ndarray[tuple[int], np.dtype[np.bool_]]], done: np.ndarray) -> None:
        where, *steps = values
        if isinstance(it, StepProof):
            self.certain[self.places[where & ~done]] = self.steps.index(it.step)
            done |= where
            return
        code: Codes = np.full(self.left, len(self.steps), np.int16)
        for place, leads in enumerate(steps):
            code[leads] = place
        done |= where & ((code == len(self.steps)) | (self.reached != NOT_SETTLED) & (self.reached != code))
        self.reached = np.where(where, code, self.reached)

    def _drop(self, done: np.ndarray) -> None:
        if done.any():
            keep = ~done
            self.patients = self.patients.filter(pl.Series(keep))
            self.places, self.reached = self.places[keep], self.reached[keep]
