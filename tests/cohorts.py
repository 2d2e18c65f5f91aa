"""Tables of random patients, and faults of twenty kinds planted in them, each with the place where it must be found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import NamedTuple

import polars as pl

from expert import KnowledgeBase
from expert.lang.dimensions import NUMBER
from expert.lang.units import write_quantity
from expert.lang.vocabulary import Finding, Kind

NOTES = (None, "seen twice", "überwiesen", "a, b and c", 'says "no"', "one\nand two")


class Planted(NamedTuple):
    """A row with a fault: its kind, its number among the records, its first line, and the column; empty for the row."""

    kind: str
    record: int
    line: int
    column: str


class Spoilt(NamedTuple):
    """A table as a file, with the rows in which faults were planted, and how many records it has in all."""

    data: bytes
    planted: list[Planted]
    records: int


def spellings(finding: Finding, random: Random, most: int = 300) -> list[str]:
    """Ways to write values of a finding, some of them the same value."""
    if finding.kind is Kind.YES_NO:
        return ["yes", "no", "true", "false"]
    if finding.kind is Kind.CHOICE:
        return list(finding.values)
    unit = finding.unit or NUMBER
    wide = finding.high - finding.low
    numbers = [round(finding.low + wide * random.random() ** 2, random.choice([0, 1, 3])) for _ in range(most)]
    texts = [write_quantity(it, unit) for it in numbers if finding.low <= it <= finding.high]
    return texts + ([f"{it} %" for it in range(101)] if unit is NUMBER and finding.high <= 1 else [])


def random_table(kb: KnowledgeBase, rows: int, seed: int, share: float = 0.7) -> pl.DataFrame:
    """A table of text: a key, every finding that people give, each known with a probability, and a note."""
    random = Random(seed)
    columns = [pl.int_range(1, rows + 1, eager=True).cast(pl.String).alias("patient")]
    for name, finding in kb.inputs.items():
        some = spellings(finding, random)
        known = pl.Series(some).sample(rows, with_replacement=True, seed=random.randrange(2**30))
        there = pl.select(pl.int_range(0, rows).shuffle(seed=random.randrange(2**30)) < share * rows).to_series()
        columns.append(known.zip_with(there, pl.Series([None], dtype=pl.String)).alias(name))
    note = pl.Series(NOTES).sample(rows, with_replacement=True, seed=random.randrange(2**30)).alias("note")
    return pl.DataFrame([*columns, note])


# --- faults -----------------------------------------------------------------------------------------------------------

Cells = list[bytes]
"""The cells of a row as they stand in the file."""

Kinds = Mapping[str, Callable[[Cells, int], bytes]]
"""What becomes of a row, given its cells and the index of the one that is spoilt."""


def _cell(text: bytes) -> Callable[[Cells, int], bytes]:
    return lambda cells, at: b",".join([*cells[:at], text, *cells[at + 1 :]])


OF_A_CELL: Mapping[str, tuple[Kind, bytes]] = {
    "a value of none": (Kind.CHOICE, b"sevrre"),
    "yes in another language": (Kind.YES_NO, b"ja"),
    "one for yes": (Kind.YES_NO, b"1"),
    "a word for nothing": (Kind.YES_NO, b"NA"),
    "a number without unit": (Kind.QUANTITY, b"14"),
    "an unknown unit": (Kind.QUANTITY, b"14 wekks"),
    "another dimension": (Kind.QUANTITY, b"14 kg"),
    "out of range": (Kind.QUANTITY, b"9000 years"),
    "not a number": (Kind.QUANTITY, b"NaN"),
    "infinity": (Kind.QUANTITY, b"-inf"),
    "a decimal comma": (Kind.QUANTITY, b'"3,5 weeks"'),
    "an exponent without figures": (Kind.QUANTITY, b"1e days"),
    "not UTF-8": (Kind.YES_NO, b"n\xf6"),
    "a NUL byte": (Kind.YES_NO, b"\0no"),
    "a stray quote": (Kind.CHOICE, b'no"ne'),
    "text after a quote": (Kind.CHOICE, b'"none" or so'),
}
"""Faults of one cell: the kind of finding, and what the cell becomes."""

OF_A_ROW: Kinds = {
    "a short row": lambda cells, at: b",".join(cells[:at]),
    "a long row": lambda cells, at: b",".join([*cells[:at], b"", *cells[at:]]),
    "an open quote": lambda cells, at: b",".join([*cells[:at], b'"' + cells[at], *cells[at + 1 :]]),
    "a row broken by CR": lambda cells, at: b",".join(cells[:at]) + b"\r" + b",".join(cells[at:]),
}
"""Faults of whole rows; a broken row is two records."""

KINDS = (*OF_A_CELL, *OF_A_ROW)


def spoilt(kb: KnowledgeBase, table: pl.DataFrame, faults: int, seed: int) -> Spoilt:
    """A table as CSV with so many faults, one in a row, of every kind in turn."""
    random = Random(seed)
    names = table.columns
    where = dict(zip(sorted(random.sample(range(table.height), faults)), range(faults), strict=True))
    parts: list[bytes] = [",".join(names).encode()]
    planted: list[Planted] = []
    record, line, written = 1, 2, table.write_csv(include_header=False)
    for row, cells in enumerate(_records(written.encode())):
        if row in where:
            kind = KINDS[where[row] % len(KINDS)]
            cells[-1] = b""  # the note, which may have lines
            column, text = _spoil(kb, kind, cells, names, random)
            planted.append(Planted(kind, record, line, column))
            if kind == "a row broken by CR":
                planted.append(Planted(kind, record + 1, line + 1, ""))
                record, line = record + 1, line + 1
        else:
            text = b",".join(cells)
        parts.append(text)
        record, line = record + 1, line + 1 + text.count(b"\n")
    return Spoilt(b"\n".join(parts) + b"\n", planted, record - 1)


def _spoil(kb: KnowledgeBase, kind: str, cells: Cells, names: list[str], random: Random) -> tuple[str, bytes]:
    if kind in OF_A_ROW:
        return "", OF_A_ROW[kind](cells, random.randrange(2, len(cells) - 2))
    of, text = OF_A_CELL[kind]
    fitting = [name for name, it in kb.inputs.items() if it.kind is of and _has_unit(it)]
    column = random.choice(fitting)
    return column, _cell(text)(cells, names.index(column))


def _has_unit(finding: Finding) -> bool:
    """Whether a finding's cells need a unit of time, if it is a quantity."""
    if finding.kind is not Kind.QUANTITY:
        return True
    return bool(finding.unit and finding.unit.dimension == "time" and not finding.unit_may_be_omitted)


def _records(data: bytes) -> list[Cells]:
    """The records of a table that Polars wrote: quotes only where they are needed, and LF."""
    found: list[Cells] = []
    lines = iter(data.split(b"\n"))
    for line in lines:
        whole = line
        while whole.count(b'"') % 2:
            whole += b"\n" + next(lines)
        if whole:
            found.append(_cells(whole))
    return found


def _cells(record: bytes) -> Cells:
    if b'"' not in record:
        return record.split(b",")
    before, mark, note = record.partition(b',"')  # only the last cell, the note, is ever quoted
    return [*before.split(b","), mark[1:] + note]
