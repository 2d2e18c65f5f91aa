"""Who gets another answer while findings are unknown: another step, or one that is more or less certain.

An answer is certain if every completion of what counts leads to its step. The search is for patients to whom one side
recommends a step for sure, and for whom the other side has a completion that leads elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod

from expert.diff.compared_knowledge import Part
from expert.diff.difference import NO_STEP, OtherChange
from expert.diff.formulas import SideView
from expert.diff.inquiry import Inquiry
from expert.diff.states import answer_of, possible_of, recommended_by
from expert.diff.union import SIDES, Side
from expert.lang.errors import UnprovedError
from expert.lang.premises import All, Concluded, Not, Premise
from expert.lang.values import Facts, Value
from expert.logic.cells import usual_first
from expert.logic.kleene import Evaluation
from expert.solve.case_split import MAX_EVALUATIONS, BeyondBoundError, CaseSplit
from expert.solve.connectives import Formula, conjunction, constant, negation, replaced

UNKNOWN = "while findings are unknown"

MOST_TRIES = 40
"""The number of patients that are tried before the question is left open."""

MOST_CASES = 64
"""The largest number of combinations of one-sided values that are excluded at once."""

_DIRECTIONS = (SIDES, SIDES[::-1])


class AnswerChanges:
    """The answers of a part's partial patients."""

    def __init__(self, inquiry: Inquiry, part: Part) -> None:
        self.inquiry, self.part, self.witnesses = inquiry, part, inquiry.witnesses
        self.sides, self.union, self.formulas = inquiry.sides, inquiry.sides.union, part.formulas

    def changes(self, *, where_it_stays: bool) -> Iterator[OtherChange]:
        """Patients with another step while findings are unknown, or with another certainty; or only the latter.

        Raises:
            UnprovedError: the solver could not decide.
        """
        found: dict[tuple[str, str], OtherChange] = {}
        for kind in ("certainty",) if where_it_stays else ("step", "certainty", "either"):
            if kind == "either" and found:
                break
            for side, other in _DIRECTIONS:
                for change in self._change(self._surer(side, other, kind)):
                    found.setdefault((change.witness.before, change.witness.after), change)
        if found or where_it_stays:
            yield from found.values()
            return
        for presumed in (False, True):
            reached = (self._reached(side, other, presumed) for side, other in _DIRECTIONS)
            changes = self._change(next((facts for facts in reached if facts is not None), None))
            if changes:
                yield from changes
                return

    def _change(self, facts: Facts | None) -> list[OtherChange]:
        """How the answer of a patient changes; empty if the answer is the same and only Kleene's logic misses it."""
        for words in (answer_of, possible_of) if facts is not None else ():
            witness = self.witnesses.witness(facts or {}, words, partly=True)
            if witness.confirmed:
                backgrounds = self.witnesses.backgrounds(witness.given, presuming=False)
                causes = self.inquiry.blame.causes(backgrounds, recommended_by)
                return [OtherChange("answer", "", witness, causes, UNKNOWN)]
        return []

    # --- steps that are recommended for sure

    def _surer(self, side: Side, other: Side, kind: str) -> Facts | None:
        """A patient to whom one side recommends a step for sure, as the other does not.

        If it is the ``certainty`` that differs, the other side recommends that step too, as presumed.
        """
        others, presuming = self.sides.partial[other], kind == "step"
        steps = self.sides.partial[side].recommended(self._view(side, presuming))
        goals = [[steps[step], elsewhere] for step, elsewhere in self._elsewhere(other, list(steps)).items()]
        if kind == "certainty":
            presumed = others.recommended(others.presumed)
            goals = [[*goal, presumed[step]] for step, goal in zip(steps, goals, strict=True) if step in presumed]
        prover = self.part.partly.under(self.formulas.any([conjunction(*goal) for goal in goals]))
        return prover.under(*self._completion(other, presuming)).partial_patient(self.sides.given)

    def _view(self, side: Side, presumed: bool) -> SideView:
        its = self.sides.partial[side]
        return its.presumed if presumed else its.known

    def _steps(self, side: Side) -> dict[str, Formula]:
        """For each step, and for none, whether a side recommends it when all findings are given."""
        complete = self.sides.complete[side]
        its = complete.recommended(complete.presumed)
        return {**its, NO_STEP: negation(self.formulas.any(list(its.values())))}

    def _elsewhere(self, side: Side, steps: Sequence[str]) -> dict[str, Formula]:
        """For each step, whether a side does not recommend it to the neighbour."""
        its, never = self._steps(side), constant(False, self.formulas.context)
        found = self.union.neighbour([negation(its.get(step, never)) for step in steps])
        return dict(zip(steps, found, strict=True))

    def _completion(self, side: Side, presumed: bool) -> Iterator[Formula]:
        """Whether the neighbour is a permitted completion of what counts on a side."""
        yield from self.union.neighbour([*self.formulas.permitted, self.sides.complete[side].accepted])
        yield from self._view(side, presumed).completed(self.union, list(self.sides.kbs[side].inputs))

    # --- steps that are possible

    def _reached(self, side: Side, other: Side, presumed: bool) -> Facts | None:
        """What is given of a patient with a step that is possible on one side alone; or, presumed, the only one.

        Raises:
            UnprovedError: it was not decided.
        """
        steps = self._steps(side)
        leads = dict(zip(steps, self.union.neighbour(steps.values()), strict=True))
        view = self._view(other, presumed)
        goals = (*self._completion(side, presumed), *self._not_mirrored(other, leads, view))
        patients, learnt = self.part.partly.under(*goals), list[Formula]()
        for _ in range(MOST_TRIES):
            given = patients.under(*learnt).partial_patient(self.sides.given)
            if given is None:
                return None
            one, another = self._possible(side, given, presumed), self._possible(other, given, presumed)
            if _observable(one, presumed) != _observable(another, presumed):
                return given
            reached = ((view.has(case), leads[step]) for step, case in another.items() if step in leads)
            learnt += [negation(conjunction(*pair)) for pair in reached]
            if one.keys() - another.keys():  # which is not observable
                same = [it if name in given else negation(it) for name, it in self.sides.given.items()]
                learnt.append(negation(conjunction(*same, *self.formulas.facts(given))))
        raise UnprovedError(f"after {MOST_TRIES} patients who differ in nothing")

    def _not_mirrored(self, side: Side, leads: Mapping[str, Formula], view: SideView) -> Iterator[Formula]:
        """No such neighbour is a completion with the same step on a side, for any values of its own findings."""
        own = self.union.own[side]
        values = [[cell.value for cell in self.union.domain.cells[name]] for name in own]
        if prod(map(len, values)) > MOST_CASES:
            return
        accepted, steps = self.sides.complete[side].accepted, self._steps(side)
        shared = list(view.completed(self.union, list(self.union.shared)))
        for chosen in product(*values):
            case = dict(zip(own, chosen, strict=True))
            for step in leads.keys() & steps.keys():
                its = replaced(conjunction(accepted, steps[step]), self.union.fixed(case))
                mirrored = conjunction(view.has(case), *shared, *self.union.neighbour([its]))
                yield negation(conjunction(mirrored, leads[step]))

    def _possible(self, side: Side, given: Facts, presumed: bool) -> dict[str, Facts]:
        """The steps that are possible for one patient, each with the findings of a completion that it needs."""
        domain = self.sides.reasoners[side].domain
        counts = self.witnesses.background(side, given, presuming=presumed)
        assert counts is not None, "the patients that are looked for are accepted"
        steps = [Concluded(("recommended", step)) for step in domain.kb.steps]
        goals: dict[str, Premise] = {step.name[1]: step for step in steps}
        goals[NO_STEP] = All(tuple(map(Not, steps)))
        found = {}
        for step, goal in goals.items():
            case = self._case(side, Evaluation(domain.definitions, counts), goal)
            if case is not None:
                found[step] = case
        return found

    def _case(self, side: Side, evaluation: Evaluation, goal: Premise) -> Facts | None:
        """Values that make a goal hold, with those of all findings that constraints tie to them."""
        domain = self.sides.reasoners[side].domain
        try:
            facts = CaseSplit(domain, MAX_EVALUATIONS).witness(evaluation, goal)
        except BeyondBoundError:
            raise UnprovedError(f"more than {MAX_EVALUATIONS} cases of one patient") from None
        if facts is None:
            return None
        reasons = Evaluation(domain.definitions, facts).reasons(goal)
        found: dict[str, Value] = dict(facts)
        wanted = {other for name in reasons for other in domain.tied.get(name, (name,))}
        for name in domain.kb.inputs:
            if name in wanted and name not in found:
                cells = usual_first(domain.cells[name], domain.usual.get(name))
                found[name] = next(it.value for it in cells if domain.permitted({**found, name: it.value}))
        return {name: found[name] for name in wanted}


def _observable(possible: Mapping[str, Facts], presumed: bool) -> object:
    """What is observable of the possible steps; with the presumptions, the only one."""
    return possible.keys() if not presumed else next(iter(possible)) if len(possible) == 1 else NO_STEP
