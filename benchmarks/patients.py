"""Random patients, many of whose findings are unknown: one by one, and by columns.

By columns, a pool of patients is drawn, each finding known with a given probability, and then half the time with its
usual value; a quantity is otherwise anywhere in one of its cells. Every row takes each finding from some patient of the
pool, and findings that constraints or comparisons tie together from the same one, so no row is refused. The seed makes
the patients the same in every run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from expert.answer.assess import Reasoner
from expert.lang.facts import Background
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import Finding, Kind
from expert.logic.domain import Domain
from tests.random_patients import random_patients

if TYPE_CHECKING:
    import polars as pl

POOL = 4096
SHARE = 0.5


class Settled(NamedTuple):
    """What is known of a patient, what is presumed besides, and both together."""

    known: Facts
    presumed: Facts
    all: Facts


def settled(background: Background) -> Settled:
    """The facts behind an answer, put together once."""
    return Settled(background.known, background.presumed, background.all)


def some_patients(reasoner: Reasoner, count: int, seed: int) -> list[Settled]:
    """Patients of whom nothing to everything is known."""
    return [settled(reasoner.domain.background(it.facts)) for it in random_patients(reasoner, count, seed)]


def patients_knowing(domain: Domain, share: float, count: int, seed: int) -> list[dict[str, Value]]:
    """Patients of whom about such a share of the findings is given."""
    random = Random(seed)
    return [_facts(domain, random, share) for _ in range(count)]


def _facts(domain: Domain, random: Random, share: float) -> dict[str, Value]:
    """Facts that do not contradict each other."""
    inputs = domain.kb.inputs.values()
    defaults = {finding.name: finding.default for finding in inputs if finding.default is not None}
    facts = {finding.name: _value(domain, finding, random) for finding in inputs if random.random() < share}
    while not domain.permitted({**defaults, **facts}):
        del facts[random.choice([name for name in domain.constrained if name in facts])]
    while (found := domain.plausible(facts)) is None:
        del facts[random.choice([name for name in domain.plausibility.refusing if name in facts])]
    return dict(found)


def _value(domain: Domain, finding: Finding, random: Random) -> Value:
    """Half the time the usual value of a finding, else any value of one of its cells."""
    if finding.usual is not None and random.random() < 0.5:
        return finding.usual
    cell = random.choice(domain.cells[finding.name])
    if finding.kind is not Kind.QUANTITY or cell.is_point:
        return cell.value
    low = finding.low if cell.lower is None else cell.lower
    high = finding.high if cell.upper is None else cell.upper
    return low + (high - low) * random.uniform(0.01, 0.99)


# --- by columns -------------------------------------------------------------------------------------------------------


class Frames(NamedTuple):
    """The same patients three times: as given, with what is known besides, and with the presumptions."""

    given: pl.DataFrame
    known: pl.DataFrame
    presumed: pl.DataFrame


class Pool:
    """The patients of whom rows are made up."""

    def __init__(self, domain: Domain, seed: int, share: float = SHARE) -> None:
        drawn = [domain.background(facts) for facts in patients_knowing(domain, share, POOL, seed)]
        self.kb = domain.kb
        refusing = domain.linked_to(domain.plausibility.refusing)  # their values are plausible together
        self.tied = {name: refusing if name in refusing else domain.linked_to([name]) for name in domain.kb.inputs}
        self._given = self._frame(it.given for it in drawn)
        self._known = self._frame(it.known for it in drawn)
        self._presumed = self._frame(it.all for it in drawn)

    def given(self, count: int, seed: int) -> pl.DataFrame:
        """Patients as they are given, by columns: booleans, enumerations and numbers in the base unit."""
        return self._mixed(self._given, count, seed)

    def frames(self, count: int, seed: int) -> Frames:
        """The same patients with what is known besides, and with the presumptions."""
        return Frames(*(self._mixed(pool, count, seed) for pool in (self._given, self._known, self._presumed)))

    def _mixed(self, pool: pl.DataFrame, count: int, seed: int) -> pl.DataFrame:
        import numpy as np
        import polars as pl

        chance = np.random.default_rng(seed)
        rows: dict[frozenset[str], pl.Series] = {}
        for tied in self.tied.values():
            if tied not in rows:
                rows[tied] = pl.Series(chance.integers(0, POOL, count, dtype=np.uint32))
        return pl.DataFrame([pool[name].gather(rows[tied]) for name, tied in self.tied.items()])

    def _frame(self, patients: Iterable[Facts]) -> pl.DataFrame:
        import polars as pl

        kept = list(patients)
        return pl.DataFrame(
            [
                pl.Series(name, [facts.get(name) for facts in kept], dtype=data_type(finding))
                for name, finding in self.kb.inputs.items()
            ]
        )


def data_type(finding: Finding) -> pl.DataType:
    """The type of the column of a finding."""
    import polars as pl

    if finding.kind is Kind.CHOICE:
        return pl.Enum(finding.values)
    return pl.Boolean() if finding.kind is Kind.YES_NO else pl.Float64()


def facts_of(frame: pl.DataFrame) -> Iterator[dict[str, Value]]:
    """The facts of each row; nulls are unknown."""
    for row in frame.iter_rows(named=True):
        yield {name: value for name, value in row.items() if value is not None}
