"""Who gets another answer while findings are unknown: another step, or one that is more or less certain.

An answer is certain if every completion of what counts leads to its step. The search is for patients to whom one side
recommends a step for sure, and for whom the other side has a completion that leads elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod

from expert.diff.compared_knowledge import Part
from expert.diff.difference import NO_STEP, OtherChange
from expert.diff.formulas import SideView
from expert.diff.inquiry import Inquiry
from expert.diff.states import answer_of, possible_of, recommended_by
from expert.diff.union import SIDES
from expert.lang.errors import UnprovedError
from expert.lang.premises import All, Concluded, Not, Premise
from expert.lang.values import Facts, Value
from expert.logic.cells import usual_first
from expert.logic.kleene import Evaluation
from expert.solve.case_split import MAX_EVALUATIONS, BeyondBoundError, CaseSplit
from expert.solve.connectives import Formula, conjunction, constant, negation, replaced

UNKNOWN = "while findings are unknown"


class AnswerChanges:
    """The answers of a part's partial patients."""

    def __init__(self, inquiry: Inquiry, part: Part) -> None:
        self.inquiry, self.part = inquiry, part
        self.sides, self.formulas = inquiry.sides, part.formulas

    def changes(self, *, where_it_stays: bool) -> Iterator[OtherChange]:
        """Who gets another step while findings are unknown, or the same with another certainty; or only the latter.

        Raises:
            UnprovedError: the solver could not decide.
        """
        kinds = ("certainty",) if where_it_stays else ("step", "certainty", "either")
        found: dict[tuple[str, str], OtherChange] = {}
        for kind in kinds:
            if kind == "either" and found:
                break
            for side, other in (SIDES, SIDES[::-1]):
                facts = self._surer(side, other, kind)
                change = None if facts is None else self._change(facts)
                if change:
                    found.setdefault((change.witness.before, change.witness.after), change)
        if not found and not where_it_stays:
            for presumed in (False, True):
                facts = Reachable(self.inquiry, self.part, presumed=presumed).difference()
                change = None if facts is None else self._change(facts)
                if change:
                    yield change
                    return
        yield from found.values()

    def _surer(self, side: str, other: str, kind: str) -> Facts | None:
        """A patient to whom one side recommends a step for sure, as the other does not.

        If it is the ``certainty`` that differs, the other side recommends that step too, as presumed.
        """
        its, others = self.sides.partial[side], self.sides.partial[other]
        view, its_view = (it.presumed if kind == "step" else it.known for it in (others, its))
        steps = its.recommended(its_view)
        elsewhere = self._elsewhere(other, list(steps))
        goals = [[steps[step], not_it] for step, not_it in elsewhere.items()]
        if kind == "certainty":
            presumed = others.recommended(others.presumed)
            goals = [[*goal, presumed[step]] for step, goal in zip(elsewhere, goals, strict=True) if step in presumed]
        prover = self.part.partly.under(self.formulas.any([conjunction(*goal) for goal in goals]))
        return prover.under(*self._completion(other, view)).partial_patient(self.sides.given)

    def _elsewhere(self, side: str, steps: list[str]) -> dict[str, Formula]:
        """For each step, that the neighbour is not led to it."""
        complete = self.sides.complete[side]
        its = complete.recommended(complete.presumed)
        never = constant(False, self.formulas.context)
        found = self.sides.union.neighbour([negation(its.get(step, never)) for step in steps])
        return dict(zip(steps, found, strict=True))

    def _completion(self, side: str, view: SideView) -> Iterator[Formula]:
        """That the neighbour is a permitted completion of what counts on a side."""
        complete = self.sides.complete[side]
        yield from self.sides.union.neighbour([*self.formulas.permitted, complete.possible()])
        yield from view.completed(self.sides.union, list(complete.kb.inputs))

    def _change(self, facts: Facts) -> OtherChange | None:
        """What changes of an answer; nothing if only Kleene's logic does not see that it is the same."""
        witnesses = self.inquiry.witnesses
        for words in (answer_of, possible_of):
            witness = witnesses.witness(facts, words, partly=True)
            if witness.confirmed:
                backgrounds = witnesses.backgrounds(facts, presuming=False)
                causes = self.inquiry.blame.causes(backgrounds, recommended_by)
                return OtherChange("answer", "", witness, causes, UNKNOWN)
        return None


MOST_TRIES = 40
"""So many patients are looked at before the question is left open."""

MOST_CASES = 64
"""So many combinations of values that only one side has are excluded at once."""


class Reachable:
    """The steps that completions of a part's patients lead to: of what is known, or of what is ``presumed`` as well."""

    def __init__(self, inquiry: Inquiry, part: Part, *, presumed: bool) -> None:
        self.presumed = presumed
        self.sides, self.part, self.witnesses = inquiry.sides, part, inquiry.witnesses
        self.union, self.formulas = inquiry.sides.union, part.formulas

    def difference(self) -> Facts | None:
        """What is given of a patient for whom not the same steps are possible; ``None`` if there is none.

        With the presumptions, for whom not the same step is recommended.

        Raises:
            UnprovedError: it was not decided.
        """
        found = (self._reached(*pair) for pair in (SIDES, SIDES[::-1]))
        return next((facts for facts in found if facts is not None), None)

    def _reached(self, side: str, other: str) -> Facts | None:
        """A patient with a step that is possible on one side alone."""
        view = self._view(other)
        leads = self._leads(side)
        patients = self.part.partly.under(*self._completion(side), *self._not_mirrored(other, leads))
        learnt: list[Formula] = []
        for _ in range(MOST_TRIES):
            given = patients.under(*learnt).partial_patient(self.sides.given)
            if given is None:
                return None
            one, another = self._possible(side, given), self._possible(other, given)
            if self._observable(one) != self._observable(another):
                return given
            learnt += [
                negation(conjunction(view.has(case), leads[step])) for step, case in another.items() if step in leads
            ]
            if one.keys() - another.keys():  # which is not observable
                learnt.append(self._not(given))
        raise UnprovedError(f"after {MOST_TRIES} patients who differ in nothing")

    def _view(self, side: str) -> SideView:
        its = self.sides.partial[side]
        return its.presumed if self.presumed else its.known

    def _observable(self, possible: Mapping[str, Facts]) -> object:
        """What is observable of the possible steps; with the presumptions, the only one."""
        return possible.keys() if not self.presumed else next(iter(possible)) if len(possible) == 1 else NO_STEP

    def _not(self, given: Facts) -> Formula:
        """That not just some facts are given."""
        same = [it if name in given else negation(it) for name, it in self.sides.given.items()]
        return negation(conjunction(*same, *self.formulas.facts(given)))

    def _leads(self, side: str) -> dict[str, Formula]:
        """For each step, and for none, that the neighbour is led there by a side."""
        steps = self._steps(side)
        return dict(zip(steps, self.union.neighbour(steps.values()), strict=True))

    def _steps(self, side: str) -> dict[str, Formula]:
        complete = self.sides.complete[side]
        its = complete.recommended(complete.presumed)
        return {**its, NO_STEP: negation(self.formulas.any(list(its.values())))}

    def _completion(self, side: str) -> Iterator[Formula]:
        """That the neighbour is a completion of what counts on a side."""
        yield from self.union.neighbour([*self.formulas.permitted, self.sides.complete[side].accepted])
        yield from self._view(side).completed(self.union, list(self.sides.kbs[side].inputs))

    def _not_mirrored(self, side: str, leads: Mapping[str, Formula]) -> Iterator[Formula]:
        """That no such neighbour, whatever else is so on a side, is a completion there that leads to the same step."""
        own = self.union.own[side]
        values = [[cell.value for cell in self.union.domain.cells[name]] for name in own]
        if prod(map(len, values)) > MOST_CASES:
            return
        view, accepted, steps = self._view(side), self.sides.complete[side].accepted, self._steps(side)
        shared = list(view.completed(self.union, list(self.union.shared)))
        for chosen in product(*values):
            case = dict(zip(own, chosen, strict=True))
            for step in leads.keys() & steps.keys():
                its = replaced(conjunction(accepted, steps[step]), self.union.fixed(case))
                mirrored = conjunction(view.has(case), *shared, *self.union.neighbour([its]))
                yield negation(conjunction(mirrored, leads[step]))

    # --- the same of one patient, by the reference meaning

    def _possible(self, side: str, given: Facts) -> dict[str, Facts]:
        """The steps that are possible, each with a completion that leads to it, in the findings that it needs."""
        domain = self.sides.reasoners[side].domain
        counts = self.witnesses.background(side, given, presuming=self.presumed)
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

    def _case(self, side: str, evaluation: Evaluation, goal: Premise) -> Facts | None:
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
