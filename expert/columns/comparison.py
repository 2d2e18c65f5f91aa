"""One cohort by two knowledge bases: which patients go from which step to which.

Both read the same files, each by its own vocabulary: a finding that only one side has is given to that side alone, and
a value that only one side knows is a fault on the other.
"""

from __future__ import annotations

from collections import Counter

import polars as pl

from expert.columns.conclusions import column
from expert.columns.read import Batch
from expert.columns.row_answerer import InputFiles, RowAnswerer, names_of
from expert.columns.summary import NO_ANSWER, Changed, Transition, place
from expert.diff.difference import NO_STEP, Treated, TreatedCohort
from expert.lang.errors import PatientError, Problem
from expert.lang.model import KnowledgeBase

COMPARED = ("answer", "recommended")
"""What each side is asked."""

MOST_NAMED = 5
"""The number of patients named for each pair of steps."""


class Against:
    """Answers a cohort with the old knowledge, and counts the changes from its steps to those of the new."""

    def __init__(self, old: RowAnswerer, new: KnowledgeBase) -> None:
        self.old, self.new = old, new
        self.batches = old.batches()
        self.changed = column(new, "changed")
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._named: dict[tuple[str, str], list[str]] = {}
        self._surer = 0

    def columns_for(self, batch: Batch, answers: pl.DataFrame) -> pl.DataFrame:
        """The answers of the old knowledge for the rows of a batch that the new one has answered."""
        before = _by_record(self.old.kb, *self.old.answered(self._same_rows(batch), COMPARED))
        after = _by_record(self.new, batch, answers)
        both = after.join(before, on="record", how="left", maintain_order="left", suffix="_before")
        self._count(batch, both, before)
        was, now = _step("_before"), _step()
        return both.select(
            pl.col("answer_before").alias("against.answer"),
            pl.col("recommended_before").alias("against.recommended"),
            (was != now).alias(self.changed),
        )

    def _same_rows(self, batch: Batch) -> Batch:
        """The same stretch of the same file, read by the old knowledge."""
        other = next(self.batches)
        assert (batch.file, batch.read) == (other.file, other.read)
        return other

    def _count(self, batch: Batch, both: pl.DataFrame, before: pl.DataFrame) -> None:
        steps = both.select("record", _step("_before").alias("was"), _step().alias("now"), "answer", "answer_before")
        lost = before.join(both, on="record", how="anti").select("record", _step().alias("was"))
        steps = pl.concat([steps, lost.with_columns(pl.lit(NO_ANSWER).alias("now"))], how="diagonal")
        for old, new, rows in steps.group_by("was", "now").len().iter_rows():
            self._pairs[old, new] += rows
        same = (pl.col("was") == pl.col("now")) & (pl.col("answer") != pl.col("answer_before"))
        self._surer += steps.select(same.sum()).item() or 0
        self._name(batch, steps.filter(pl.col("was") != pl.col("now")).sort("record"))

    def _name(self, batch: Batch, changed: pl.DataFrame) -> None:
        """Remember the first patients of each pair, by the first column that is passed on."""
        keys = batch.passed.columns[:1]
        for (old, new), some in changed.group_by("was", "now", maintain_order=True):
            named = self._named.setdefault((str(old), str(new)), [])
            for record in some["record"].head(max(0, MOST_NAMED - len(named))).to_list():
                row = batch.records.search_sorted(record)
                its = keys if row < batch.records.len() and batch.records[row] == record else []
                named.append(place(batch.file, record, [batch.passed[key][row] for key in its]))

    def transition(self) -> Transition:
        """What was counted."""
        old, new = self.old.kb, self.new
        order = [*dict.fromkeys([*new.steps, *old.steps]), NO_STEP, NO_ANSWER]
        steps = [step for step in order if any(step in pair for pair in self._pairs)]
        pairs = sorted(self._pairs.items(), key=lambda it: (-it[1], *map(order.index, it[0])))
        return Transition(
            old,
            new,
            tuple(steps),
            tuple(tuple(self._pairs[was, now] for now in steps) for was in steps),
            tuple(Changed(*pair, rows, tuple(self._named[pair])) for pair, rows in pairs if pair[0] != pair[1]),
            self._surer,
            tuple(name for name in names_of(old) if name not in names_of(new)),
            tuple(name for name in names_of(new) if name not in names_of(old)),
        )


def treated_rows(path: str, old: KnowledgeBase, new: KnowledgeBase) -> TreatedCohort:
    """How both knowledge bases would treat the rows of a table.

    A column that only one side knows is given to that side alone. A row that only one side can read, or permits, has no
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
        both = _by_record(new, now, new_answers).join(
            _by_record(old, was, old_answers), on="record", how="full", coalesce=True, suffix="_before"
        )
        answered = set(both["record"]) if now.rejects else set()
        problems += [it for reject in now.rejects if reject.record not in answered for it in reject.problems()]
        steps = both.select("record", _step("_before").alias("was"), _step().alias("now"))
        for record, *pair in steps.filter(pl.col("was") != pl.col("now")).sort("record").iter_rows():
            different.append(Treated(str(record), *(None if step == NO_ANSWER else step for step in pair)))
    if problems:
        raise PatientError(problems)
    if not rows:
        raise PatientError([Problem(f"{path} has no patients", expected="a row for each")])
    return TreatedCohort(rows, tuple(different))


def _by_record(kb: KnowledgeBase, batch: Batch, answers: pl.DataFrame) -> pl.DataFrame:
    """Answers by the number of the record, under names that do not depend on the findings."""
    return answers.select(batch.records.alias("record"), *(pl.col(column(kb, name)).alias(name) for name in COMPARED))


def _step(which: str = "") -> pl.Expr:
    """The step of a row of such answers in one word."""
    none = pl.when(pl.col(f"answer{which}").is_null()).then(pl.lit(NO_ANSWER)).otherwise(pl.lit(NO_STEP))
    return pl.coalesce(pl.col(f"recommended{which}").cast(pl.String), none)
