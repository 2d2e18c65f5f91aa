"""The semantic difference between two knowledge bases: who gets another answer, and because of which edit.

Both answer for the same patients, over the findings of either; a side ignores findings that it does not have.
They are equivalent if, for any given facts, both accept the patient or neither does, both use the same values for
findings that are not given, both conclude the same over what is known and with the presumptions, and both recommend the
same step when everything is given. Then the certainty of an answer is the same too: it follows from the steps of the
completions. A number without a unit must be read as the same value, and what is plausible may differ in wording alone,
as warnings are not compared; nor are explanations, wording, the order of questions and notes about values near a
threshold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from expert.diff.acceptance import Acceptance, read_otherwise
from expert.diff.answer_changes import UNKNOWN, AnswerChanges
from expert.diff.compared_knowledge import Part, Sides
from expert.diff.difference import THE_STEP, Admitted, KnowledgeDifference, PartChanges, Witness
from expert.diff.edits import edits_between
from expert.diff.inquiry import Inquiry
from expert.diff.other_changes import ASKED, OtherChanges
from expert.diff.states import step_of
from expert.diff.step_changes import StepChanges
from expert.diff.union import NEW, OLD, SIDES
from expert.diff.vocabularies import clashes, named_of, renamed, suggested
from expert.lang.model import KnowledgeBase
from expert.lang.values import Value

__all__ = ["ASKED", "UNKNOWN", "difference"]


def difference(old: KnowledgeBase, new: KnowledgeBase, names: Mapping[str, str] | None = None) -> KnowledgeDifference:
    """How two knowledge bases differ. ``names`` are findings of the old one that have other names in the new."""
    given = names or {}
    alike = renamed(old, given)
    apart = clashes(alike, new)
    inquiry = Inquiry(Sides(renamed(alike, apart), new), tuple(edits_between(alike, new)))
    shared, own = (PartChanges(), PartChanges()) if inquiry.sides.same else _changes(inquiry, apart)
    shared = shared._replace(others=(*shared.others, *read_otherwise(inquiry)))
    return KnowledgeDifference(
        old,
        new,
        shared,
        own,
        inquiry.edits,
        (*(f"{before} is named {after} now" for before, after in given.items()), *named_of(alike, new)),
        bool(inquiry.sides.one_sided or list(inquiry.sides.union.differing())),
        tuple(inquiry.unproved),
        tuple(suggested(alike, new)),
    )


def _changes(inquiry: Inquiry, apart: Mapping[str, str]) -> tuple[PartChanges, PartChanges]:
    """What changes in each part of the comparison."""
    shared = _InWork(inquiry, own_given=False)
    with_own = _InWork(inquiry, own_given=True, without=shared.steps) if inquiry.sides.one_sided else None
    if with_own is None:  # whatever is given, one side cannot read it, or both can
        admitted = tuple(Acceptance(inquiry, Part(inquiry.sides, own_given=True)).differences())
        own = PartChanges(admitted=admitted)
    else:
        own = with_own.found
    own = own._replace(admitted=(*_of_other_kinds(inquiry, apart), *own.admitted))
    if not (any(shared.found) or any(own)):  # then every answer is as certain on both sides
        return shared.with_others(), with_own.with_others() if with_own else own
    return shared.with_answers(), with_own.with_answers()._replace(admitted=own.admitted) if with_own else own


class _InWork:
    """One part of the comparison: the steps, who is accepted, what counts; then the rest.

    Attributes:
        found: what is known so far to change.
    """

    def __init__(self, inquiry: Inquiry, *, own_given: bool, without: StepChanges | None = None) -> None:
        self.inquiry, self.part = inquiry, Part(inquiry.sides, own_given=own_given)
        self.steps = StepChanges(inquiry, self.part, without)
        self.others = OtherChanges(inquiry, self.part, self.steps)
        self.found = PartChanges(
            steps=inquiry.decided(THE_STEP, lambda: tuple(self.steps.changes())) or (),
            admitted=tuple(Acceptance(inquiry, self.part).differences()),
            background=tuple(self.others.background()),
        )

    def with_others(self) -> PartChanges:
        """With what else is observable and changes."""
        return self.found._replace(others=tuple(self.others.changes()))

    def with_answers(self) -> PartChanges:
        """With how certain answers are, too; if giving something changes the step, that is not asked of it."""
        going, answers = bool(self.found.steps), AnswerChanges(self.inquiry, self.part)
        if self.part.own_given and going:
            return self.with_others()
        question = partial(answers.changes, where_it_stays=going)
        unsure = self.inquiry.decided("how certain an answer is", lambda: tuple(question()))
        return self.with_others()._replace(answers=unsure or ())


def _of_other_kinds(inquiry: Inquiry, apart: Mapping[str, str]) -> Iterator[Admitted]:
    """Patients with a finding that is of another kind on the other side, or is concluded there."""
    sides = inquiry.sides
    for name, old_name in apart.items():
        for side, its in zip(SIDES, (old_name, name), strict=True):
            if its not in sides.kbs[side].inputs:
                continue
            value: Value = sides.union.domain.cells[its][0].value
            witness = inquiry.witnesses.witness({its: value}, step_of)
            answers = {OLD: witness.before, NEW: witness.after}
            answers[OLD if side == NEW else NEW] = f"{name} is another finding there"
            answered = Witness(witness.given, witness.written, answers[OLD], answers[NEW], confirmed=True)
            yield Admitted(side, answered, inquiry.edits_of("finding", name), name)
