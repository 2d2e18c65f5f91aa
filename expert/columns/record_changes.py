"""A table of patients under two knowledge bases: whom they would treat differently, by the number of the record."""

from __future__ import annotations

import polars as pl

from expert.columns.comparison import COMPARED, by_record, step_word
from expert.columns.row_answerer import InputFiles, RowAnswerer
from expert.columns.summary import NO_ANSWER
from expert.diff.difference import Treated, TreatedCohort
from expert.lang.errors import PatientError, Problem
from expert.lang.model import KnowledgeBase


def treated_rows(path: str, old: KnowledgeBase, new: KnowledgeBase) -> TreatedCohort:
    """How both knowledge bases would treat the rows of a table.

    A column that only one side knows is given to that side alone. Who can be read or can be so on one side only has no
    step on the other.

    Raises:
        PatientError: with everything that is wrong with rows that neither side answers; or there are no rows.
    """
    reading = InputFiles((path,))
    before, after = RowAnswerer(old, reading, new), RowAnswerer(new, reading, old)
    rows = 0
    problems: list[Problem] = []
    different: list[Treated] = []
    for theirs, ours in zip(before.batches(), after.batches(), strict=True):
        rows += ours.read - len(ours.empty)
        was, old_answers = before.answered(theirs, COMPARED)
        now, new_answers = after.answered(ours, COMPARED)
        both = by_record(new, now, new_answers).join(
            by_record(old, was, old_answers), on="record", how="full", coalesce=True, suffix="_before"
        )
        answered = set(both["record"]) if now.rejects else set()
        problems += [it for reject in now.rejects if reject.record not in answered for it in reject.problems()]
        steps = both.select("record", step_word("_before").alias("was"), step_word().alias("now"))
        for record, *pair in steps.filter(pl.col("was") != pl.col("now")).sort("record").iter_rows():
            different.append(Treated(str(record), *(None if step == NO_ANSWER else step for step in pair)))
    if problems:
        raise PatientError(problems)
    if not rows:
        raise PatientError([Problem(f"{path} has no patients", expected="a row for each")])
    return TreatedCohort(rows, tuple(different))
