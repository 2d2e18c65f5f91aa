"""The semantic difference between two knowledge bases: who gets another answer, and because of which edit.

Both are asked about the same patients, over the findings that either has; what a side does not have, it does not read.
They are equivalent if, whatever is given of a patient, both accept him or her or neither does, count the same values of
what is not given, conclude the same of what is known and of what is presumed, and if, all being given, both recommend
the same step. Then the certainty of an answer is the same too: it follows from the steps of the complete patients that
a partial one may be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from expert.model import KnowledgeBase, Value
from expert.workbench.acceptance import Acceptance
from expert.workbench.answer_changes import UNKNOWN, AnswerChanges
from expert.workbench.comparison import Comparison
from expert.workbench.difference import Admitted, Changes, Difference, OtherChange, Witness
from expert.workbench.edits import edits_between
from expert.workbench.named import named_of
from expert.workbench.other_changes import ASKED, OtherChanges
from expert.workbench.renaming import clashes, renamed, suggested
from expert.workbench.sides import Part, Sides
from expert.workbench.step_changes import StepChanges
from expert.workbench.union import NEW, OLD
from expert.workbench.words import step_of

__all__ = ["ASKED", "UNKNOWN", "difference"]


def difference(old: KnowledgeBase, new: KnowledgeBase, names: Mapping[str, str] | None = None) -> Difference:
    """How two knowledge bases differ. ``names`` are findings of the old one that have other names in the new."""
    given = names or {}
    alike = renamed(old, given)
    apart = clashes(alike, new)
    comparison = Comparison(Sides(renamed(alike, apart), new), tuple(edits_between(alike, new)))
    unsaid, said = _changes(comparison, apart)
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
    sides = comparison.sides
    first = Part(sides, saying=False)
    steps = StepChanges(comparison, first)
    unsaid = _of_part(comparison, first, steps)
    second = Part(sides, saying=True)
    if sides.one_sided:
        said = _of_part(comparison, second, StepChanges(comparison, second, steps))
    else:  # whatever is given, one side cannot read it, or both can
        said = Changes(admitted=tuple(Acceptance(comparison, second).differences()))
    said = said._replace(admitted=(*_of_other_kinds(comparison, apart), *said.admitted))
    return unsaid, said


def _of_part(comparison: Comparison, part: Part, steps: StepChanges) -> Changes:
    answers, others = AnswerChanges(comparison, part), OtherChanges(comparison, part, steps)
    found = comparison.decided("the recommended step", lambda: tuple(steps.changes())) or ()
    unsure: tuple[OtherChange, ...] = ()
    if not (part.saying and found):
        question = partial(answers.changes, where_it_stays=bool(found))
        unsure = comparison.decided("how certain an answer is", lambda: tuple(question())) or ()
    return Changes(
        found,
        unsure,
        tuple(others.changes()),
        tuple(Acceptance(comparison, part).differences()),
        tuple(others.background()),
    )


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
