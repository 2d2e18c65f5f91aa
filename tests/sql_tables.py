"""Tables of random patients for the SQL query, the expected answers, and databases that run it."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from random import Random
from typing import Any

import duckdb
import pyarrow as pa

from expert.lang.dimensions import NUMBER
from expert.lang.errors import PatientError
from expert.lang.model import KnowledgeBase
from expert.lang.units import read_quantity
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import Finding, Kind
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from expert.logic.step_status import step_status
from expert.solve.case_split import certain_step

Row = Mapping[str, Any]
"""A row of a table of patients or of a query's answers: column names to values."""

TYPES = {Kind.YES_NO: "BOOLEAN", Kind.CHOICE: "TEXT", Kind.QUANTITY: "DOUBLE PRECISION"}
ARROW = {Kind.YES_NO: pa.bool_(), Kind.CHOICE: pa.string(), Kind.QUANTITY: pa.float64()}
SHARES = (0.02, 0.1, 0.25, 0.5, 0.8, 1.0)


def read(finding: Finding, number: float) -> float:
    """A number of a column in the base unit, as the reader of files converts it."""
    return read_quantity(f"{number!r}", finding.unit or NUMBER, unit_may_be_omitted=True)


@lru_cache(512)
def cells_of(domain: Domain, name: str) -> list[Value]:
    """The values that a column may hold: for a quantity, a number in each cell, and some near thresholds and ends."""
    finding = domain.kb.findings[name]
    if finding.kind is not Kind.QUANTITY:
        return [cell.value for cell in domain.cells[name]]
    factor = read(finding, 1.0)
    middle = [cell.value / factor for cell in domain.cells[name] if isinstance(cell.value, float)]
    ends = [number / factor for number in (finding.low, finding.high)]
    near = [math.nextafter(number, way) for number in (*middle, *ends) for way in (-math.inf, math.inf)]
    possible = [number for number in (*middle, *ends, *near) if "e" not in repr(number)]
    return [number for number in possible if finding.low <= read(finding, number) <= finding.high]


def random_rows(domain: Domain, count: int, seed: int) -> list[dict[str, Value | None]]:
    """Rows from nothing known to everything known, half of the values usual ones. Some rows break constraints."""
    rng = Random(seed)
    usual = {name: _in_unit(domain.kb.findings[name], value) for name, value in domain.usual.items()}
    rows = []
    for _ in range(count):
        share = rng.choice(SHARES)
        row: dict[str, Value | None] = dict.fromkeys(domain.kb.inputs)
        for name in row:
            if rng.random() < share:
                row[name] = usual[name] if name in usual and rng.random() < 0.5 else rng.choice(cells_of(domain, name))
        rows.append(_distinct(domain.kb, row))
    return rows


def _distinct(kb: KnowledgeBase, row: dict[str, Value | None]) -> dict[str, Value | None]:
    """A row without one of two values that are compared and that are equal but for the rounding of their units."""
    for low, high in (it.always.ends for it in kb.plausible if it.always):
        facts = facts_of(kb, {name: row[name] for name in (low, high)})
        if len(facts) == 2 and facts[low] != facts[high] and math.isclose(facts[low], facts[high], rel_tol=1e-9):  # type: ignore[arg-type]
            row = {**row, low: None}
    return row


def _in_unit(finding: Finding, value: Value) -> Value:
    return value / read(finding, 1.0) if isinstance(value, float) else value


def facts_of(kb: KnowledgeBase, row: Row) -> Facts:
    """The facts that a row states."""
    return {
        name: read(kb.findings[name], value) if isinstance(value, float) else value
        for name, value in row.items()
        if value is not None
    }


def reference(domain: Domain, row: Row) -> dict[str, Any]:
    """The expected answer to a row: by the reference semantics, and by search whether the answer is certain.

    ``answer`` is the exact one.
    """
    kb = domain.kb
    try:
        background = domain.background(facts_of(kb, row))
    except PatientError:
        statuses = [f"{kind}status_{step}" for step in kb.steps for kind in ("", "presumed_")]
        alerts = [f"{kind}alert_{alert}" for alert in kb.alerts for kind in ("", "presumed_")]
        return dict.fromkeys(["recommended", *statuses, *alerts]) | {"answer": "invalid"}
    known = Evaluation(domain.definitions, background.known)
    presumed = Evaluation(domain.definitions, background.all)
    found: dict[str, Any] = {}
    for prefix, evaluation in (("", known), ("presumed_", presumed)):
        step = recommended(evaluation)
        found |= {f"{prefix}status_{name}": step_status(evaluation, name, step) for name in kb.steps}
        found |= {f"{prefix}alert_{name}": evaluation.concluded(("alert", name)) for name in kb.alerts}
    certain, likely = certain_step(domain, known), certain_step(domain, presumed)
    answer = "certain" if certain else "provisional" if likely else "open"
    return found | {"recommended": certain or likely, "answer": answer}


def recommended(evaluation: Evaluation) -> str | None:
    """The step that is recommended by Kleene's logic."""
    steps = evaluation.definitions.kb.steps
    return next((step for step in steps if evaluation.concluded(("recommended", step))), None)


def agrees(answered: Row, wanted: Row) -> bool:
    """Whether a row has the expected answer: an unsettled answer claims only its statuses."""
    found = {name: value for name, value in answered.items() if name in wanted}
    if found["answer"] == "unsettled":
        step = found["recommended"]
        found["answer"] = wanted["answer"]
        found["recommended"] = wanted["recommended"] if step is None else step
    return found == dict(wanted)


# --- databases --------------------------------------------------------------------------------------------------------


def created(kb: KnowledgeBase, name: str = "patients") -> str:
    """The statement that makes a table with a column for each finding, and a key."""
    columns = ", ".join(f'"{finding.name}" {TYPES[finding.kind]}' for finding in kb.inputs.values())
    return f'CREATE TABLE "{name}" ("id" BIGINT, {columns})'


def as_csv(rows: Sequence[Row]) -> str:
    """Numbered rows as lines, with unknown values empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    for number, row in enumerate(rows):
        writer.writerow([number, *(repr(it) if isinstance(it, float) else it for it in row.values())])
    return text.getvalue()


def on_duckdb(kb: KnowledgeBase, rows: Sequence[Row], query: str) -> list[Row]:
    """The answers of DuckDB, in the order of the rows."""
    columns: dict[str, Any] = {"id": pa.array(range(len(rows)), pa.int64())}
    columns |= {it.name: pa.array([row.get(it.name) for row in rows], ARROW[it.kind]) for it in kb.given.values()}
    with duckdb.connect() as database:
        database.register("patients", pa.table(columns))
        found = database.execute(query)
        return ordered([it[0] for it in found.description or ()], found.fetchall())


def ordered(names: Sequence[str], values: Sequence[Sequence[Any]]) -> list[Row]:
    """Answers in the order of their keys."""
    return sorted((dict(zip(names, it, strict=True)) for it in values), key=lambda row: row["id"])
