"""Decisive findings of a cohort: those whose value, had it been given, could change the recommended step alone.

A patient who deviates in one finding is another patient, with presumptions of its own. So the deviations of a
cohort are a cohort.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

import polars as pl

from expert.columns.to_columns import column_type
from expert.logic.domain import Domain

ROW, STEP, NAME = "#row", "#step", "#name"

AT_ONCE = 1 << 18
"""The number of deviations evaluated at a time: a plan has a fixed cost."""

Recommend = Callable[[pl.DataFrame], pl.Series]
"""The step recommended to each of some patients; null where none is, or the constraints permit no such patient."""


class Sensitivity:
    """Seeks decisive findings, among those on which the step depends or that are linked to one of these."""

    def __init__(self, domain: Domain, bearing: Collection[str], recommend: Recommend) -> None:
        self.domain, self.recommend = domain, recommend
        self.kind = pl.Enum(list(domain.kb.inputs))
        self.names = [name for name in domain.kb.inputs if any(it in bearing for it in domain.linked_to([name]))]

    def decisive(self, patients: pl.DataFrame, steps: pl.Series, unknown: pl.DataFrame) -> pl.Series:
        """The decisive findings of each patient, in the vocabulary's order.

        Args:
            patients: the patients, with a column for every finding that people give.
            steps: the steps that are recommended to them now.
            unknown: for each finding, the patients in whom it is sought.
        """
        rows = patients.with_columns(steps.alias(STEP)).with_row_index(ROW)
        no_rows = rows.select(ROW, pl.lit(None, self.kind).alias(NAME)).clear()
        found = [self._deciding(some, patients.columns) for some in self._together(rows, unknown)]
        decisive = pl.concat([no_rows, *found]).unique().sort(ROW, NAME).group_by(ROW, maintain_order=True).agg(NAME)
        each = rows.select(ROW).join(decisive, on=ROW, how="left", maintain_order="left")
        return each[NAME].fill_null(pl.Series([[]], dtype=pl.List(self.kind)))

    def _deciding(self, deviating: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
        """The deviations that lead to another step."""
        other = self.recommend(deviating.select(columns))
        return deviating.filter(other.is_not_null() & other.ne_missing(deviating[STEP])).select(ROW, NAME)

    def _together(self, rows: pl.DataFrame, unknown: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """The deviations in every finding that is sought, so many in one frame that a plan is worth running."""
        frames: list[pl.DataFrame] = []
        for name in self.names:
            frames.append(self._deviations(name, rows[unknown[name].arg_true()]))
            if sum(frame.height for frame in frames) >= AT_ONCE:
                yield pl.concat(frames)
                frames = []
        if frames:
            yield pl.concat(frames)

    def _deviations(self, name: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Every row with each cell of a finding. (Frames of a few rows are quickest put together column by column.)"""
        cells, kind = self.domain.cells[name], column_type(self.domain.kb.inputs[name])
        values = [pl.Series([cell.value], dtype=kind).new_from_index(0, rows.height) for cell in cells]
        deviating = pl.concat([rows] * len(cells))
        deviating.replace_column(deviating.get_column_index(name), pl.concat(values).alias(name))
        said = pl.Series(NAME, [name], dtype=self.kind).new_from_index(0, deviating.height)
        return deviating.insert_column(deviating.width, said)
