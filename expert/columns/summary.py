"""The summary of a cohort, counted while it is answered: steps, alerts, what is missing, changes of steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import exp, floor, log
from random import Random
from types import MappingProxyType
from typing import NamedTuple

import polars as pl

from expert.columns.conclusions import alert_columns, column
from expert.columns.read.finding_columns import TableColumns
from expert.columns.read.near_names import NearName
from expert.lang.model import KnowledgeBase

ANSWERS = ("certain", "provisional", "open")

SAMPLE = 1_000
"""The size of the sample that is asked what is missing most."""

SEED = 0

NO_ANSWER = "not answered"


class StepCount(NamedTuple):
    """The patients with one recommended step, by how sure the answer is; ``step`` is empty where there is none."""

    step: str
    title: str
    certain: int
    provisional: int
    open: int

    @property
    def patients(self) -> int:
        """All of them."""
        return self.certain + self.provisional + self.open


class AlertCount(NamedTuple):
    """How many patients an alert was raised for: over what is known, and with the presumptions."""

    alert: str
    title: str
    holds: int
    presumed: int


class CheckCount(NamedTuple):
    """How many patients there is a warning about."""

    id: str
    because: str
    patients: int


class MissingCount(NamedTuple):
    """In how many patients of the sample an unknown finding, or one of a panel, could change the recommended step."""

    finding: str
    title: str
    patients: int


class ToAsk(NamedTuple):
    """A patient whose recommended step could change, and the findings or panels to ask for."""

    patient: str
    step: str
    asked: tuple[str, ...]


class Sampled(NamedTuple):
    """What is missing of ``patients`` answered rows that were drawn by chance, always the same ones.

    ``missing`` is what is missing most; ``to_ask`` lists the patients, in the order of their files.
    """

    patients: int
    missing: tuple[MissingCount, ...]
    to_ask: tuple[ToAsk, ...] = ()


class Reason(NamedTuple):
    """Why rows were rejected: so many faults of a kind, and where the first of them is."""

    reason: str
    faults: int
    first: str


class Changed(NamedTuple):
    """Patients who go from one step to another: how many, and the first few by the place in their files."""

    before: str
    after: str
    patients: int
    first: tuple[str, ...]


class Transition(NamedTuple):
    """The same cohort under other knowledge.

    Attributes:
        old: that knowledge; ``new`` the one that the cohort was answered with.
        steps: what patients go from and to, in the order of the ladders: steps, no step, not answered.
        matrix: how many patients go from each step (a row, by the old knowledge) to each other (a column, by the new).
        changes: the pairs of different steps, most patients first.
        surer: patients with the same step and another kind of answer.
        only_old: findings and panels that only the old vocabulary has, and ``only_new`` those of the new.
    """

    old: KnowledgeBase
    new: KnowledgeBase
    steps: tuple[str, ...]
    matrix: tuple[tuple[int, ...], ...]
    changes: tuple[Changed, ...]
    surer: int
    only_old: tuple[str, ...]
    only_new: tuple[str, ...]

    @property
    def changed(self) -> int:
        """How many patients have another step."""
        return sum(pair.patients for pair in self.changes)


class ColumnsRead(NamedTuple):
    """How the columns of all files were used, in the order of files and columns.

    Attributes:
        read: the columns that were read, each with its finding or panel.
        passed: the columns that were passed on unread.
        near: those of them with a name near that of a finding without a column.
        former: former names by which columns were read, each with the name now.
    """

    read: tuple[tuple[str, str], ...] = ()
    passed: tuple[str, ...] = ()
    near: tuple[NearName, ...] = ()
    former: Mapping[str, str] = MappingProxyType({})

    def joined(self, columns: TableColumns) -> ColumnsRead:
        """With the columns of another file."""
        read = (*self.read, *((it.column, it.name) for it in columns.meanings))
        passed, near = (*self.passed, *columns.passed), (*self.near, *columns.near)
        former = {**self.former, **{it.former: it.name for it in columns.meanings if it.former}}
        return ColumnsRead(tuple(dict.fromkeys(read)), tuple(dict.fromkeys(passed)), tuple(dict.fromkeys(near)), former)


class Summary(NamedTuple):
    """The summary of a cohort. ``rows`` are all that were read: ``answered``, ``rejected`` and ``empty`` together."""

    kb: KnowledgeBase
    files: tuple[str, ...]
    rows: int
    answered: int
    rejected: int
    steps: tuple[StepCount, ...]
    alerts: tuple[AlertCount, ...]
    sampled: Sampled | None
    reasons: tuple[Reason, ...]
    seconds: float
    output: str = ""
    rejects: str = ""
    against: Transition | None = None
    empty: int = 0
    columns: ColumnsRead = ColumnsRead()
    checks: tuple[CheckCount, ...] = ()


class Counts:
    """Counts of the answers so far."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self.kb = kb
        self._steps: Counter[tuple[str | None, str]] = Counter()
        self._alerts: Counter[str] = Counter()
        self._checks: Counter[str] = Counter()

    def add(self, answers: pl.DataFrame) -> None:
        """Count the answers of some rows."""
        found = answers.group_by(column(self.kb, "recommended"), column(self.kb, "answer")).len()
        for step, answer, rows in found.iter_rows():
            self.count_step(step, answer, rows)
        for name in alert_columns(self.kb):
            if name in answers.columns:
                self.count_alert(name, int((answers[name] == "holds").sum()))

        if (name := column(self.kb, "checks")) in answers.columns:
            for ids, rows in answers[name].drop_nulls().value_counts().iter_rows():
                self.count_checks(ids, rows)

    def count_checks(self, ids: str, rows: int) -> None:
        """Count rows with the same warnings."""
        for name in filter(None, ids.split("; ")):
            self._checks[name] += rows

    def count_step(self, step: str | None, answer: str, rows: int) -> None:
        """Count rows with a recommended step and a kind of answer."""
        self._steps[step, answer] += rows

    def count_alert(self, name: str, rows: int) -> None:
        """Count rows in which the column of an alert is ``holds``."""
        self._alerts[name] += rows

    def steps(self) -> tuple[StepCount, ...]:
        """Every step of the ladder, and last those without one, if there are any."""
        found = [self._step(name, step.title) for name, step in self.kb.steps.items()]
        none = self._step(None, "no single step")
        return (*found, none) if none.patients else tuple(found)

    def _step(self, step: str | None, title: str) -> StepCount:
        return StepCount(step or "", title, *(self._steps[step, answer] for answer in ANSWERS))

    def checks(self) -> tuple[CheckCount, ...]:
        """The warnings about some patient."""
        found = (CheckCount(it.id, it.because, self._checks[it.id]) for it in self.kb.plausible)
        return tuple(it for it in found if it.patients)

    def alerts(self) -> tuple[AlertCount, ...]:
        """The alerts that were raised for some patient, most first."""
        found = [
            AlertCount(name, it.title, self._alerts[f"alert.{name}"], self._alerts[f"presumed_alert.{name}"])
            for name, it in self.kb.alerts.items()
        ]
        return tuple(sorted((it for it in found if it.presumed), key=lambda it: -it.presumed))


class Sample:
    """Rows drawn from a stream by chance, each as likely as any other; the same stream always gives the same.

    K.-H. Li, *Reservoir-sampling algorithms of time complexity O(n(1 + log(N/n)))*, ACM Transactions on Mathematical
    Software 20 (1994) 481-493, algorithm L.
    """

    def __init__(self, size: int = SAMPLE, seed: int = SEED) -> None:
        self.size = size
        self._random = Random(seed)
        self._drawn: dict[int, tuple[pl.DataFrame, int]] = {}
        self._seen = 0
        self._next = -1
        self._weight = 1.0

    def add(self, rows: pl.DataFrame) -> None:
        """The next rows of the stream."""
        drawn = self._draw(self._seen + rows.height)
        if drawn:
            copied = rows[[index - self._seen for index in drawn.values()]]  # a slice would keep all rows in memory
            self._drawn |= {place: (copied, number) for number, place in enumerate(drawn)}
        self._seen += rows.height

    def _draw(self, end: int) -> dict[int, int]:
        """The rows before ``end`` that are drawn, each by its place in the sample."""
        found = {index: index for index in range(self._seen, min(end, self.size))}
        if end > self.size and self._next < 0:
            self._next = self.size - 1
            self._skip()
        while 0 <= self._next < end:
            found[self._random.randrange(self.size)] = self._next
            self._skip()
        return found

    def _skip(self) -> None:
        self._weight *= exp(log(1.0 - self._random.random()) / self.size)
        self._next += floor(log(1.0 - self._random.random()) / log(1.0 - self._weight)) + 1

    def rows(self) -> pl.DataFrame | None:
        """What was drawn; ``None`` if there were no rows."""
        found = [rows[number : number + 1] for _, (rows, number) in sorted(self._drawn.items(), key=lambda it: it[0])]
        return pl.concat(found) if found else None


def in_order(found: Counter[str], names: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Names that were counted, most first, and in their own order where they are as many."""
    order = {name: index for index, name in enumerate(names)}
    yield from sorted(found.items(), key=lambda it: (-it[1], order[it[0]]))


def place(file: str, record: int, key: Sequence[object] = ()) -> str:
    """The place of a row in a few words."""
    return f"{file} record {record}" + (f" ({', '.join(map(str, key))})" if key else "")
