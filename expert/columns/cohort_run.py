"""A cohort from files to files: each row is answered or rejected, and no file has its name until all of it is whole."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import polars as pl

from expert.columns.comparison import Against
from expert.columns.conclusions import alert_columns, column
from expert.columns.read import Batch, Reject, RejectsFile, RowFault, Tally
from expert.columns.read.finding_columns import TableColumns
from expert.columns.row_answerer import InputFiles, RowAnswerer
from expert.columns.summary import (
    ColumnsRead,
    Counts,
    MissingCount,
    Reason,
    Sample,
    Sampled,
    Summary,
    ToAsk,
    in_order,
    place,
)
from expert.columns.table_writer import write_table
from expert.lang.atomic_files import Unfinished
from expert.lang.errors import InputError, Problem, quoted
from expert.lang.model import KnowledgeBase
from expert.lang.values import Facts
from expert.lang.vocabulary import Kind
from expert.logic.constraints import question_of

MOST_REASONS = 10_000
"""The number of kinds of faults that are counted one by one."""

OTHER_REASONS = "other reasons"

_QUOTED = 60  # of longer texts, messages quote the beginning (see `expert.lang.errors.quoted`)

REFUSED = ("these facts contradict each other: ", "these facts contradict each other: ")
"""What begins a problem of `expert.logic.domain.Domain` with a patient; the facts follow."""

ALWAYS = ("answer", "recommended")
BOUNDS = "given.bounds"
"""The column of bounds that were given, where the findings are passed on."""
WHERE = ("where: file", "where: record", "where: key")
"""The columns of the sample that say where a patient is; no finding has such a name."""
COUNTED = "alerts"  # worked out for the summary, whether they are written or not


class OutputFiles(NamedTuple):
    """Where the answers go, and what of them.

    Attributes:
        form: ``parquet``, ``csv`` or ``ndjson``.
        groups: groups of conclusions besides the answer (see `expert.columns.conclusions`).
        given: whether the findings as read are written too, between what is passed on and the answers.
        changed_only: write only patients whose step changes between the two knowledge bases.
        overwrite: whether files that are there are replaced.
    """

    output: Path
    form: str
    rejects: Path
    groups: tuple[str, ...] = ("steps",)
    given: bool = False
    changed_only: bool = False
    overwrite: bool = False


class CohortRun:
    """One run over a cohort.

    Args:
        site: findings of the site, for rows that do not give them.
        against: other knowledge to answer the same cohort with.
        watch: is called with the number of rows of each batch that is done.
    """

    def __init__(
        self,
        kb: KnowledgeBase,
        reading: InputFiles,
        writing: OutputFiles,
        *,
        site: Facts | None = None,
        against: KnowledgeBase | None = None,
        watch: Callable[[int], None] | None = None,
    ) -> None:
        self.kb, self.reading, self.writing, self.watch = kb, reading, writing, watch
        self.side = RowAnswerer(kb, reading, against, site)
        other = reading._replace(strict=False)  # a fault on the other side is no answer there
        self.against = Against(RowAnswerer(against, other, kb, site), kb) if against is not None else None
        self.groups = {*ALWAYS, COUNTED, *writing.groups}
        self.tally, self.counts, self.reasons = Tally(), Counts(kb), Reasons()
        self.sample = Sample()
        self.columns = ColumnsRead()
        self._last: TableColumns | None = None

    def run(self, report: Callable[[Summary], bytes] | None = None, report_to: Path | None = None) -> Summary:
        """Answer all rows, and give every file its name in the end, that of the answers last.

        ``report`` makes a page of the summary, for the file ``report_to``.

        Raises:
            InputError: an input cannot be used, or a file is there already.
            OSError: a file cannot be written.
        """
        start = time.perf_counter()
        overwrite = self.writing.overwrite
        with ExitStack() as stack:
            page = stack.enter_context(_claim(report_to, overwrite)) if report_to else None
            rejected = stack.enter_context(_claim(self.writing.rejects, overwrite))
            answered = stack.enter_context(_claim(self.writing.output, overwrite))
            with open(rejected.path, "w", encoding="utf-8", newline="") as stream:
                rejects = RejectsFile(stream)
                write_table(answered.path, self.writing.form, self._frames(rejects))
            assert rejects.rows == self.tally.rejected
            summary = self._summary(start)
            if page and report:
                page.path.write_bytes(report(summary))
                page.finish()
            answered.check_name()  # before the rejects have theirs
            if self.tally.rejected:
                rejected.finish()
            elif overwrite:
                self.writing.rejects.unlink(missing_ok=True)  # of an earlier run: these rows have none
            answered.finish()
        return summary

    # --- from batch to batch

    def _frames(self, rejects: RejectsFile) -> Iterator[pl.DataFrame]:
        """What is written of each batch; its rejects are written here."""
        for read in self.side.batches():
            batch, answers = self.side.answered(read, self.groups)
            self.tally.add(batch)
            if batch.columns is not self._last:  # it is the same for all batches of a file
                self._last, self.columns = batch.columns, self.columns.joined(batch.columns)
            self.reasons.add(batch.rejects)
            rejects.write(batch.rejects)
            self.counts.add(answers)
            self.sample.add(_placed(batch))
            frame = self._frame(batch, answers)
            if self.against:
                frame = self._compared(frame, batch, answers, self.against)
            if self.watch:
                self.watch(batch.read)
            yield frame

    def _frame(self, batch: Batch, answers: pl.DataFrame) -> pl.DataFrame:
        """What is passed on, what is for the record and the other findings if they are wanted, the answers."""
        if COUNTED not in self.writing.groups:
            answers = answers.drop(alert_columns(self.kb))
        wanted = [it for it in batch.patients.columns if self.writing.given or self.kb.findings[it].for_record]
        found = [batch.passed, given(self.kb, batch, wanted), answers]
        _check_names(batch, found[1:])
        return pl.concat([frame for frame in found if frame.width], how="horizontal")

    def _compared(self, frame: pl.DataFrame, batch: Batch, answers: pl.DataFrame, against: Against) -> pl.DataFrame:
        """The table with the answers of the other knowledge."""
        compared = against.columns_for(batch, answers)
        _check_names(batch, [compared])
        frame = frame.hstack(compared)
        return frame.filter(against.changed) if self.writing.changed_only else frame

    # --- in the end

    def _summary(self, start: float) -> Summary:
        rejected = self.tally.rejected
        return Summary(
            self.kb,
            self.reading.files,
            self.tally.read,
            self.tally.answered,
            rejected,
            self.counts.steps(),
            self.counts.alerts(),
            self._sampled(),
            self.reasons.counted(),
            time.perf_counter() - start,
            str(self.writing.output),
            str(self.writing.rejects) if rejected else "",
            self.against.transition() if self.against else None,
            self.tally.empty,
            self.columns,
            self.counts.checks(),
        )

    def _sampled(self) -> Sampled | None:
        """What is missing of the patients of the sample, most first, and of whom."""
        drawn = self.sample.rows()
        if drawn is None:
            return None
        wanted = [column(self.kb, it) for it in ("decisive", "recommended", "impossible")]
        answers = self.side.cohort.answers(drawn.drop(WHERE), groups=("answer", "recommended", "decisive"))
        possible = drawn.select(WHERE).hstack(answers.select(wanted)).filter(~pl.col(wanted[-1]))
        panel_of = {name: panel.name for panel in self.kb.panels.values() for name in panel.members}
        first = question_of(self.kb)
        to_ask = []
        for file, record, key, decisive, step, _ in sorted(possible.drop_nulls(wanted[:1]).iter_rows()):
            questions = dict.fromkeys(first[it] if first.get(it) in decisive else it for it in decisive)
            asked = dict.fromkeys(panel_of.get(it, it) for it in questions)
            if asked:
                named = place(Path(file).name, record, [] if key is None else [key])
                to_ask.append(ToAsk(named, step or "", tuple(asked)))
        found = Counter(name for it in to_ask for name in it.asked)
        titles = {name: it.title for some in (self.kb.inputs, self.kb.panels) for name, it in some.items()}
        order = dict.fromkeys(panel_of.get(name, name) for name in self.kb.inputs)
        missing = tuple(MissingCount(name, titles[name], rows) for name, rows in in_order(found, order))
        return Sampled(possible.height, missing, tuple(to_ask))


def _placed(batch: Batch) -> pl.DataFrame:
    """The patients of a batch with where each is: the file, the record, and the first column that is passed on."""
    key = batch.passed.to_series(0) if batch.passed.width else pl.lit(None)
    where = (pl.lit(batch.file), batch.records, key)
    return batch.patients.with_columns(it.alias(name) for name, it in zip(WHERE, where, strict=True))


class Reasons:
    """Counts faults by kind, ignoring the text of the cell."""

    def __init__(self) -> None:
        self._faults: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def add(self, rejects: Sequence[Reject]) -> None:
        """Count all faults of some rows."""
        for reject in rejects:
            for fault in reject.faults:
                self._count(_kind(fault), reject)

    def _count(self, kind: str, reject: Reject) -> None:
        if kind not in self._faults and len(self._faults) >= MOST_REASONS:
            kind = OTHER_REASONS
        self._faults[kind] += 1
        if kind not in self._first:
            self._first[kind] = place(reject.file, reject.record)

    def counted(self) -> tuple[Reason, ...]:
        """The kinds of faults, most first."""
        return tuple(Reason(kind, faults, self._first[kind]) for kind, faults in self._faults.most_common())


def _kind(fault: RowFault) -> str:
    """The kind of a fault, without the text of the cell; for an impossible patient, the reason alone."""
    message = fault.problem.message
    if message.startswith(REFUSED):
        return message.partition(". ")[2] or message
    text = fault.text[:_QUOTED].strip()
    if not text:
        return message
    message = message.replace(quoted(fault.text), "…").replace(quoted(fault.text.strip()), "…")
    if len(fault.text) >= _QUOTED:  # of which messages quote the beginning
        return message
    return re.sub(f"'{re.escape(text)}( [^']+)'", r"…\1", message)  # the unit of the column may stand behind the text


def _check_names(batch: Batch, found: Iterable[pl.DataFrame]) -> None:
    """Refuse a column that is passed on under the name of one of these.

    Raises:
        InputError: there is one.
    """
    taken = {name for frame in found for name in frame.columns}
    for name in batch.passed.columns:
        if name in taken:
            message = f"the column {quoted(name)} of {batch.file} has the name of a column of the answers"
            raise InputError([Problem(message, expected="another name for it")])


def given(kb: KnowledgeBase, batch: Batch, names: Sequence[str]) -> pl.DataFrame:
    """Some findings as read. Where bounds were given they are text in the last column, and there is no number."""
    patients, rows = batch.patients.select(names), batch.patients.height
    if not any(kb.findings[name].kind is Kind.QUANTITY for name in names):
        return patients
    given: list[list[str]] = [[] for _ in range(rows)]
    for name, written in ((name, batch.bounds[name]) for name in names if name in batch.bounds):
        nothing = pl.Series([None], dtype=pl.Float64).new_from_index(0, rows)
        patients = patients.with_columns(patients[name].zip_with(written.is_null(), nothing).alias(name))
        for row in written.is_not_null().arg_true():
            given[row].append(f"{name} {written[row]}")
    bounds = pl.Series(BOUNDS, ["; ".join(its) or None for its in given], dtype=pl.String)
    return as_read(kb, patients).with_columns(bounds)


def as_read(kb: KnowledgeBase, patients: pl.DataFrame) -> pl.DataFrame:
    """The findings under names that can be read again: quantities name their base unit."""
    names = {}
    for name in patients.columns:
        unit = kb.findings[name].unit
        base = {"time": "days", "mass": "g", "length": "mm"}.get(unit.dimension, "") if unit else ""
        names[name] = f"{name} [{base}]" if base and kb.findings[name].kind is Kind.QUANTITY else name
    return patients.rename(names)


def _claim(path: Path, overwrite: bool) -> Unfinished:
    try:
        return Unfinished(path, overwrite=overwrite)
    except BlockingIOError:
        raise InputError([Problem(f"{path} is being written by another run", expected="another name")]) from None
