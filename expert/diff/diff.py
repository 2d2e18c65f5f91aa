"""The semantic difference between two knowledge bases: who gets another answer, and because of which edit.

Both are asked about the same patients, over the findings that either has; what a side does not have, it does not read.
They are equivalent if, whatever is given of a patient, both accept him or her or neither does, count the same values of
what is not given, conclude the same of what is known and of what is presumed, and if, all being given, both recommend
the same step. Then the certainty of an answer is the same too: it follows from the steps of the complete patients that
a partial one may be. And a number without a unit is read as the same value. Not compared are explanations, wording, the
order of questions, and notes that a given value is near a threshold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from expert.diff.acceptance import Acceptance
from expert.diff.answer_changes import UNKNOWN, AnswerChanges
from expert.diff.bare_numbers import bare_numbers
from expert.diff.compared_knowledge import Part, Sides
from expert.diff.comparison import Comparison
from expert.diff.difference import THE_STEP, Admitted, Changes, Difference, Witness
from expert.diff.edits import edits_between
from expert.diff.one_sided import named_of
from expert.diff.other_changes import ASKED, OtherChanges
from expert.diff.renaming import clashes, renamed, suggested
from expert.diff.step_changes import StepChanges
from expert.diff.union import NEW, OLD
from expert.diff.wording import step_of
from expert.lang.model import KnowledgeBase
from expert.lang.values import Value

__all__ = ["ASKED", "UNKNOWN", "difference"]


def difference(old: KnowledgeBase, new: KnowledgeBase, names: Mapping[str, str] | None = None) -> Difference:
    """How two knowledge bases differ. ``names`` are findings of the old one that have other names in the new."""
    given = names or {}
    alike = renamed(old, given)
    apart = clashes(alike, new)
    comparison = Comparison(Sides(renamed(alike, apart), new), tuple(edits_between(alike, new)))
    unsaid, said = (Changes(), Changes()) if comparison.sides.same else _changes(comparison, apart)
    unsaid = unsaid._replace(others=(*unsaid.others, *bare_numbers(comparison)))
    return Difference(
        old,
        new,
        unsaid,
        said,
        comparison.edits,
        (*(f"{before} is named {after} now" for before, after in given.items()), *named_of(alike, new)),
        bool(comparison.sides.one_sided or list(comparison.sides.union.differing())),
        tuple(comparison.unproved),
        tuple(suggested(alike, new)),
    )


def _changes(comparison: Comparison, apart: Mapping[str, str]) -> tuple[Changes, Changes]:
    """What changes in each part of the comparison."""
    unsaid = _InWork(comparison, saying=False)
    said = _InWork(comparison, saying=True, before=unsaid.steps) if comparison.sides.one_sided else None
    if said is None:  # whatever is given, one side cannot read it, or both can
        admitted = tuple(Acceptance(comparison, Part(comparison.sides, saying=True)).differences())
        saying = Changes(admitted=admitted)
    else:
        saying = said.found
    saying = saying._replace(admitted=(*_of_other_kinds(comparison, apart), *saying.admitted))
    if not (any(unsaid.found) or any(saying)):  # then every answer is as certain on both sides
        return unsaid.with_others(), said.with_others() if said else saying
    return unsaid.with_answers(), said.with_answers()._replace(admitted=saying.admitted) if said else saying


class _InWork:
    """One part of the comparison: the steps, who is accepted, what counts; then the rest.

    Attributes:
        found: what is known so far to change.
    """

    def __init__(self, comparison: Comparison, *, saying: bool, before: StepChanges | None = None) -> None:
        self.comparison, self.part = comparison, Part(comparison.sides, saying=saying)
        self.steps = StepChanges(comparison, self.part, before)
        self.others = OtherChanges(comparison, self.part, self.steps)
        self.found = Changes(
            steps=comparison.decided(THE_STEP, lambda: tuple(self.steps.changes())) or (),
            admitted=tuple(Acceptance(comparison, self.part).differences()),
            background=tuple(self.others.background()),
        )

    def with_others(self) -> Changes:
        """With what else a person sees change."""
        return self.found._replace(others=tuple(self.others.changes()))

    def with_answers(self) -> Changes:
        """With how certain answers are, too; if giving something changes the step, that is not asked of it."""
        going, answers = bool(self.found.steps), AnswerChanges(self.comparison, self.part)
        if self.part.saying and going:
            return self.with_others()
        question = partial(answers.changes, where_it_stays=going)
        unsure = self.comparison.decided("how certain an answer is", lambda: tuple(question()))
        return self.with_others()._replace(answers=unsure or ())


def _of_other_kinds(comparison: Comparison, apart: Mapping[str, str]) -> Iterator[Admitted]:
    """Patients of whom a finding is given that is one of another kind on the other side, or is concluded there."""
    sides = comparison.sides
    for name, old_name in apart.items():
        for side, its in ((OLD, old_name), (NEW, name)):
            if its not in sides.kbs[side].inputs:
                continue
            value: Value = sides.union.domain.cells[its][0].value
            witness = comparison.witnesses.witness({its: value}, step_of)
            answers = {OLD: witness.before, NEW: witness.after}
            answers[OLD if side == NEW else NEW] = f"{name} is another finding there"
            told = Witness(witness.given, witness.written, answers[OLD], answers[NEW], confirmed=True)
            yield Admitted(side, told, comparison.edits_of("finding", name), name)
