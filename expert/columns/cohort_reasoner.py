"""The answers for a whole cohort: everything that an assessment concludes of one patient, as columns of many.

Truths are computed by columns (`expert.columns.to_columns`). They settle the recommended step of nearly
all patients. For the others it is settled exactly, by witnesses and proofs that serve many patients each
(`expert.columns.certainty`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import polars as pl

from expert.columns.certainty import NOT_SETTLED, Certainty, Codes, Open
from expert.columns.conclusions import CERTAIN, GROUPS, KNOWN, ON_REQUEST, PRESUMED, Conclusions, column
from expert.columns.decisive_findings import Sensitivity
from expert.columns.flags import flag
from expert.columns.natural_witnesses import undecided
from expert.columns.to_columns import Columns, column_type
from expert.columns.valuations import Valuations
from expert.lang.definitions import Definitions
from expert.lang.errors import ContradictionError, InputError, PatientError, Problem, nearest, quoted
from expert.lang.model import KnowledgeBase
from expert.lang.values import Facts
from expert.lang.vocabulary import Kind
from expert.logic.domain import Domain
from expert.solve.case_split import contradictions

CHUNK = 1 << 18
"""The number of patients evaluated at a time: few enough for the caches, enough to hide the cost of an operation."""

_FITS: dict[Kind, tuple[type[pl.DataType], ...]] = {
    Kind.YES_NO: (pl.Null,),
    Kind.CHOICE: (pl.Null, pl.String, pl.Categorical, pl.Enum),
    Kind.QUANTITY: (
        pl.Null,
        pl.Float32,
        pl.Int8,
        pl.Int16,
        pl.Int32,
        pl.Int64,
        pl.UInt8,
        pl.UInt16,
        pl.UInt32,
        pl.UInt64,
    ),
}
"""Types that are as good as that of a finding (see `column_type`)."""

_CERTAIN = frozenset(["answer", "steps"])
"""Groups that need the certain step over what is known; those of `_STEP` need it with the presumptions."""

_STEP = _CERTAIN | {"recommended", "options", "why"}


class CohortReasoner:
    """Answers for cohorts by one knowledge base. What it proves of one serves the next.

    A call takes some hundredths of a second however few the patients are: of many, give half a million or more at once.
    """

    def __init__(self, kb: KnowledgeBase) -> None:
        self.kb = kb
        self.domain = Domain(Definitions(kb))
        self.certainty = Certainty(self.domain)
        self._for_record = [name for name, it in kb.given.items() if it.for_record]
        self._plan = lru_cache(8)(self._compiled)

    def answers(
        self, patients: pl.DataFrame, groups: Collection[str] = GROUPS, *, checked: bool = False
    ) -> pl.DataFrame:
        """The conclusions for each patient, in the order given; see `expert.columns.conclusions` for the columns.

        Args:
            patients: a column for each finding that is given for some patient, null where it is unknown: Boolean, Enum
                or String (a choice), Float64 (a quantity in its dimension's base unit, within its range).
            groups: which groups of conclusions are wanted, of `GROUPS` and `ON_REQUEST`; no others are computed.
            checked: whether quantities are known to be in their ranges; to check again takes a tenth of the time.

        Raises:
            InputError: there is no such group, finding or value, or a column has another type.
            ContradictionError: for one of the patients the rules both prove and refute something.
        """
        patients = self.typed(patients.drop(self._for_record, strict=False))
        if not checked:
            self._check_ranges(patients)
        answers = self._plan(tuple(patients.columns), tuple(sorted({*groups}))).answers(patients)
        if "decisive" in groups:
            answers = answers.with_columns(self._decisive(patients))
        return answers

    def _decisive(self, patients: pl.DataFrame) -> pl.Series:
        """The decisive findings of each patient; empty for a certain answer."""
        missing = {name: it for name, it in self.kb.inputs.items() if name not in patients}
        whole = patients.with_columns(pl.lit(None, column_type(it)).alias(name) for name, it in missing.items())
        plan = self._plan(tuple(whole.columns), ("answer", "recommended"))
        answer, recommended, impossible = (column(self.kb, it) for it in ("answer", "recommended", "impossible"))
        answers = plan.answers(whole)
        sought = ~answers[impossible] & (answers[answer] != "certain").fill_null(value=False)
        sensitivity = Sensitivity(self.domain, self.certainty.bearing, lambda them: plan.answers(them)[recommended])
        unknown = plan.open_findings(whole, sensitivity.names).with_columns(pl.all() & sought)
        found = sensitivity.decisive(whole, answers[recommended], unknown)
        return answers.select(pl.when(~pl.col(impossible)).then(found).alias(column(self.kb, "decisive"))).to_series()

    def typed(self, patients: pl.DataFrame) -> pl.DataFrame:
        """The patients with the types in which they are worked on.

        Raises:
            InputError: a column is not an input finding, or it has another type, or an unknown value.
        """
        casts = [self._typed(name, patients[name]) for name in patients.columns]
        return patients.with_columns(casts)

    def _check_ranges(self, patients: pl.DataFrame) -> None:
        for name in patients.columns:
            finding = self.kb.inputs[name]
            if finding.kind is Kind.QUANTITY:
                strange = patients[name].filter(
                    ~patients[name].is_between(finding.low, finding.high)
                )  # NaN is above any number
                if len(strange):
                    message = f"{strange[0]} is out of the range of {name}"
                    expected = f"{finding.low:g} .. {finding.high:g} in the base unit"
                    raise InputError([Problem(message, expected=expected)])

    def _typed(self, name: str, values: pl.Series) -> pl.Series:
        finding = self.kb.inputs.get(name)
        if finding is None:
            near = nearest(name, list(self.kb.inputs))
            raise InputError([Problem(f"{quoted(name)} is not an input finding", suggestion=near)])
        kind = column_type(finding)
        if values.dtype == kind:
            return values
        if values.dtype not in _FITS[finding.kind]:
            raise InputError([Problem(f"column {name} has the type {values.dtype}", expected=str(kind))])
        strange = values.unique().drop_nulls().to_list() if finding.kind is Kind.CHOICE else []
        for value in strange:
            if value not in finding.values:
                near = nearest(value, finding.values)
                message = f"{quoted(value)} is not a value of {name}"
                raise InputError([Problem(message, expected=", ".join(finding.values), suggestion=near)])
        typed: pl.Series = values.cast(kind)
        return typed

    def _compiled(self, given: tuple[str, ...], groups: tuple[str, ...]) -> Plan:
        for group in groups:
            if group not in (*GROUPS, *ON_REQUEST):
                message, groups = f"{quoted(group)} is not a group of conclusions", (*GROUPS, *ON_REQUEST)
                near = nearest(group, groups)
                raise InputError([Problem(message, expected=f"one of {', '.join(groups)}", suggestion=near)])
        return Plan(self.domain, self.certainty, given, groups)

    def reasons(self, facts: Facts) -> tuple[Problem, ...]:
        """Why there is no patient with these facts; nothing if there may be one."""
        try:
            self.domain.background(facts)
        except PatientError as error:
            return error.problems
        return ()


class ByCases(NamedTuple):
    """Steps that are certain only by cases, and the places of the patients who have them."""

    places: np.ndarray[tuple[int], np.dtype[np.int64]]
    steps: Codes

    def all_of(self, height: int) -> pl.Series:
        """The steps in a column for all patients."""
        codes = np.full(height, NOT_SETTLED, np.int16)
        codes[self.places] = self.steps
        return pl.Series(codes)


class Plan:
    """How to answer for cohorts with columns for the same findings, and the same groups of conclusions."""

    def __init__(self, domain: Domain, certainty: Certainty, given: tuple[str, ...], groups: tuple[str, ...]) -> None:
        self.certainty, self.steps = certainty, list(domain.kb.steps)
        self.columns = columns = Columns(domain.definitions, given)
        self.valuations = Valuations(columns, domain.groups)
        self.conclusions = Conclusions(self.valuations, groups)
        self._conclusions = self.conclusions.expressions()
        self._names = [it.meta.output_name() for it in self._conclusions]
        flags = (self.conclusions.truths(PRESUMED, ("recommended", step)).holds for step in domain.kb.steps)
        self._recommended = list(dict.fromkeys(it for it in flags if isinstance(it, str)))
        self.impossible = column(domain.kb, "impossible")
        self.open = {
            name: Open(domain, given, presuming=name == PRESUMED)
            for name, needed_by in ((PRESUMED, _STEP), (KNOWN, _CERTAIN))
            if needed_by & {*groups}
        }
        self.bearing = [name for name in given if certainty.may_bear(name)]
        possible = columns.without(self.valuations.impossible())
        self.contradictions = {
            name: columns.all((possible, columns.of(self.valuations.presumed, both).holds))
            for name, both in contradictions(domain).items()
        }
        self.undecided = {
            name: columns.all((possible, undecided(columns, self.conclusions.valuations[name], certainty.natural)))
            for name in self.open
        }

    def answers(self, patients: pl.DataFrame) -> pl.DataFrame:
        """The conclusions for each of some patients."""
        truths = self._truths(patients)
        self._check(truths)
        cases = dict(self._by_cases(patients, truths))
        certain = [it.all_of(patients.height).alias(CERTAIN[name]) for name, it in cases.items()]
        recommended = self.conclusions.recommended({name: {*it.steps.tolist()} for name, it in cases.items()})
        plan = truths.with_columns(certain).lazy().with_columns(recommended).with_columns(self._conclusions)
        return self._without_impossible(_collected(plan.select(self._names)))

    def open_findings(self, patients: pl.DataFrame, names: Collection[str]) -> pl.DataFrame:
        """Where findings are neither given nor forced."""
        where = {name: self.valuations.known.open(name) for name in names}
        plan = self.columns.strata(patients.lazy(), [it for it in where.values() if isinstance(it, str)])
        return _collected(plan.with_columns(flag(it).alias(f"#{name}") for name, it in where.items())).select(
            pl.col(f"#{name}").alias(name) for name in names
        )

    def _truths(self, patients: pl.DataFrame) -> pl.DataFrame:
        """The flags that the conclusions read, and who is undecided."""
        flags = {*self.conclusions.flags, *self.undecided.values(), *self.contradictions.values()}
        names = sorted(it for it in flags if isinstance(it, str))
        if not names:
            return patients  # only its height matters: all patients share every truth
        return _collected(self.columns.strata(patients.lazy(), names).select(names))

    def _check(self, truths: pl.DataFrame) -> None:
        for name, who in self.contradictions.items():
            places = _series(truths, flag(who)).arg_true()
            if len(places):
                raise ContradictionError(" ".join(name[1:]), "one of the patients", int(places[0]))

    def _by_cases(self, patients: pl.DataFrame, truths: pl.DataFrame) -> Iterator[tuple[str, ByCases]]:
        """The steps that are certain only by cases, with the presumptions and over what is known, if any."""
        presumed: ByCases | None = None
        bearing = patients.select(self.bearing) if self.bearing else patients  # no column would be no patient
        for name, who in self.undecided.items():
            where = _series(truths, flag(who)) if who is not False else pl.Series([False])
            if not where.any():
                continue
            places = where.arg_true().to_numpy()
            reached = np.full(len(places), NOT_SETTLED, np.int16)
            if name == KNOWN:
                reached = self._presumed(truths.select(*self._recommended, where.alias("#where")).filter(where))
                if presumed:
                    reached = np.maximum(reached, presumed.all_of(patients.height).to_numpy()[places])
            steps = self.certainty.settle(bearing.filter(where), self.open[name], reached)
            found = ByCases(places[steps != NOT_SETTLED], steps[steps != NOT_SETTLED])
            presumed = found if name == PRESUMED else presumed
            if len(found.places):
                yield name, found

    def _presumed(self, truths: pl.DataFrame) -> Codes:
        """The steps that are recommended as presumed, where a truth says so."""
        return _series(truths, self.conclusions.code(PRESUMED)).to_numpy()

    def _without_impossible(self, answers: pl.DataFrame) -> pl.DataFrame:
        if not answers[self.impossible].any():
            return answers
        others = pl.exclude(self.impossible)
        return answers.with_columns(pl.when(~pl.col(self.impossible)).then(others).name.keep())


def _collected(plan: pl.LazyFrame) -> pl.DataFrame:
    """The result of a plan. Polars need not optimise it: nothing in it is shared or unused."""
    with pl.Config(streaming_chunk_size=CHUNK):
        return plan.collect(optimizations=pl.QueryOptFlags.none(), engine="streaming")


def _series(frame: pl.DataFrame, expression: pl.Expr) -> pl.Series:
    """An expression for every row, though it may be a constant."""
    return frame.with_columns(expression.alias("#"))["#"]
