"""Cohorts from files: a table is read as each of its rows would be by the reader of single patients."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expert import KnowledgeBase, PatientError, read_knowledge
from expert.columns.read import Batch, Reject, RejectsFile, RowFault, Tally, read_cohort
from expert.lang.dimensions import STANDARD
from expert.lang.errors import Problem
from expert.lang.values import Facts
from expert.lang.vocabulary import Kind
from expert.read.patient import PatientReader
from tests.cohorts import KINDS, Spoilt, random_table, spoilt
from tests.malformed import BASE

KB = read_knowledge(BASE)


_ESCAPED = re.compile(r"\\(?:\\|x([0-9a-f]{2}))")


def row_of(text: str) -> bytes:
    """The bytes of a row of the rejects file."""
    parts: list[bytes] = []
    done = 0
    for found in _ESCAPED.finditer(text):
        parts.append(text[done : found.start()].encode())
        parts.append(bytes([int(found[1], 16)]) if found[1] else b"\\")
        done = found.end()
    return b"".join([*parts, text[done:].encode()])


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cohort")


def single(kb: KnowledgeBase, texts: dict[str, str]) -> Facts | list[str]:
    """The result of a row by the reader of single patients; an empty cell gives no fact."""
    try:
        return PatientReader(kb).patient(None, [f"{name}={text}" for name, text in texts.items() if text.strip()]).facts
    except PatientError as error:
        return sorted({problem.message for problem in error.problems})


def facts_of(batch: Batch) -> Iterator[tuple[int, Facts]]:
    for record, row in zip(batch.records, batch.patients.iter_rows(named=True), strict=True):
        yield record, {name: value for name, value in row.items() if value is not None}


def meanings(batches: list[Batch]) -> dict[int, Facts | list[str]]:
    """The facts of each record, or the messages of its faults, by its number."""
    found: dict[int, Facts | list[str]] = {}
    for batch in batches:
        found |= dict(facts_of(batch))
        found |= {it.record: sorted({fault.problem.message for fault in it.faults}) for it in batch.rejects}
    return found


def written(path: Path, rows: list[list[str]]) -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_MINIMAL).writerows(rows)
    path.write_text(text.getvalue(), "utf-8", newline="")
    return path


# --- equal to single patients -----------------------------------------------------------------------------------------

TEXTS = {
    "wilting": ["yes", "no", "true", "false", "Yes", "1", "~"],
    "soil": ["dry", "moist", "soaked", "Dry", "sooked", "null"],
    "time_since_watering": ["3 days", "2 weeks", "1/3 weeks", "0.1 months", "14", "400 days", "3 kg", "3 dys"],
    "age": ["3", "3.25", "1/2", "18 months", "200", "nan", "-inf", "1e3", "1,5", "2 %"],
    "leaves_lost": ["0", "0.1", "2/3", "67 %", "0.30000000000000004", "1.5", "1/0", "3 days"],
    "pests": ["yes", "no"],
    "greenhouse": ["yes", "no", "maybe"],
    "warning_signs": ["none", "none", "some"],
}
CELLS = st.sampled_from(["", "", " ", "unknown", "UNKNOWN"]) | st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=6
)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    names = draw(st.lists(st.sampled_from(sorted(TEXTS)), min_size=1, unique=True))
    cells = [st.one_of(st.sampled_from(TEXTS[name]), st.sampled_from(TEXTS[name]), CELLS) for name in names]
    rows = draw(st.lists(st.tuples(*cells), max_size=12))
    return [[*names, "key"], *([*row, "k"] for row in rows)]


@given(tables())
def test_a_table_is_read_as_its_rows_are_by_the_reader_of_single_patients(where: Path, table: list[list[str]]) -> None:
    batches = list(read_cohort(KB, [written(where / "any.csv", table)]))
    names = table[0][:-1]
    wanted = [single(KB, dict(zip(names, row, strict=False))) for row in table[1:]]
    assert meanings(batches) == dict(enumerate(wanted, 1))


@given(tables())
def test_ndjson_is_read_as_the_same_table_is(where: Path, table: list[list[str]]) -> None:
    names = table[0]
    frame = pl.DataFrame(table[1:], schema=dict.fromkeys(names, pl.String), orient="row")
    file = where / "any.ndjson"
    frame.vstack(pl.DataFrame([["unknown"] * len(names)], schema=frame.schema, orient="row")).write_ndjson(file)
    wanted = [single(KB, dict(zip(names[:-1], row, strict=False))) for row in table[1:]]
    assert meanings(list(read_cohort(KB, [file]))) == dict(enumerate([*wanted, {}], 1))


@given(tables())
def test_parquet_with_text_is_read_as_the_same_table_is(where: Path, table: list[list[str]]) -> None:
    names = table[0]
    file = where / "any.parquet"
    pl.DataFrame(table[1:], schema=dict.fromkeys(names, pl.String), orient="row").write_parquet(file)
    wanted = [single(KB, dict(zip(names[:-1], row, strict=False))) for row in table[1:]]
    assert meanings(list(read_cohort(KB, [file]))) == dict(enumerate(wanted, 1))


def test_random_patients_of_the_shipped_knowledge_are_read_as_single_ones_are(kb: KnowledgeBase, where: Path) -> None:
    table = random_table(kb, 300, seed=5)
    table.write_csv(where / "random.csv")
    found = meanings(list(read_cohort(kb, [where / "random.csv"])))
    assert list(found) == list(range(1, 301))
    for record, row in enumerate(table.iter_rows(named=True), 1):
        texts = {name: text for name, text in row.items() if name in kb.inputs and text is not None}
        assert found[record] == single(kb, texts)


# --- numbers ----------------------------------------------------------------------------------------------------------

DECIMALS = st.from_regex(r"[+-]?[0-9]{1,15}(\.[0-9]{1,18})?", fullmatch=True)


@given(st.lists(DECIMALS | st.sampled_from(["0.1", "0.3", "2.675", "9007199254740993"]), min_size=1), st.data())
@settings(max_examples=60)
def test_a_bare_number_takes_the_unit_of_its_column(where: Path, numbers: list[str], data: st.DataObject) -> None:
    unit = data.draw(st.sampled_from([it for it in STANDARD.names() if unit_of_time(it)]))
    file = written(where / "units.csv", [[f"time_since_watering [{unit}]", "key"], *([it, ""] for it in numbers)])
    wanted = [single(KB, {"time_since_watering": f"{it} {unit}"}) for it in numbers]
    assert meanings(list(read_cohort(KB, [file]))) == dict(enumerate(wanted, 1))


@given(st.lists(st.floats(0, 40) | st.floats(0, 40).map(lambda it: round(it, 3)), min_size=1), st.data())
@settings(max_examples=60)
def test_a_typed_number_is_the_shortest_decimal_that_reads_as_it(
    where: Path, numbers: list[float], data: st.DataObject
) -> None:
    unit = data.draw(st.sampled_from([it for it in STANDARD.names() if unit_of_time(it)]))
    file = where / "typed.parquet"
    pl.DataFrame({f"time_since_watering [{unit}]": numbers}).write_parquet(file)
    found = meanings(list(read_cohort(KB, [file])))
    for record, number in enumerate(numbers, 1):
        wanted = in_days(number, unit)
        if wanted <= 365.25:
            assert found[record] == {"time_since_watering": wanted}
        else:
            assert "is out of range" in str(found[record])


def unit_of_time(name: str) -> bool:
    unit = STANDARD.named(name)
    return unit is not None and unit.dimension == "time"


def in_days(number: float, unit: str) -> float:
    named = STANDARD.named(unit)
    assert named
    return float(Fraction(repr(number)) * Fraction(named.factor))


def test_columns_have_the_types_of_their_findings(kb: KnowledgeBase, where: Path) -> None:
    random_table(kb, 20, seed=6).write_csv(where / "types.csv")
    (batch,) = read_cohort(kb, [where / "types.csv"])
    assert list(batch.patients.columns) == list(kb.inputs)
    for name, finding in kb.inputs.items():
        wanted = {Kind.YES_NO: pl.Boolean(), Kind.QUANTITY: pl.Float64()}.get(
            finding.kind, pl.Enum(finding.values or "?")
        )
        assert batch.patients.schema[name] == wanted


def test_typed_parquet_is_read_without_conversion(where: Path) -> None:
    file = where / "typed.parquet"
    pl.DataFrame(
        {
            "key": [1, 2, 3],
            "wilting": [True, None, False],
            "soil": pl.Series(["dry", None, "soaked"], dtype=pl.Enum(["dry", "moist", "soaked"])),
            "age": [3, None, 100],
            "time_since_watering [days]": [0.5, 365.25, None],
            "leaves_lost": pl.Series([0.1, None, 1.0], dtype=pl.Float32),
            "history": [[1], [2, 3], None],
        }
    ).write_parquet(file)
    (batch,) = read_cohort(KB, [file])
    assert [facts for _, facts in facts_of(batch)] == [
        {"wilting": True, "soil": "dry", "time_since_watering": 0.5, "age": 3 * 365.25, "leaves_lost": 0.1},
        {"time_since_watering": 365.25},
        {"wilting": False, "soil": "soaked", "age": 36525.0, "leaves_lost": 1.0},
    ]
    assert batch.passed.to_dict(as_series=False) == {"key": [1, 2, 3], "history": [[1], [2, 3], None]}
    assert batch.lines.to_list() == [None] * 3


@pytest.mark.parametrize("given", [pl.Categorical, pl.Enum(["soaked", "dry", "mud"])])
def test_categories_are_text(where: Path, given: pl.DataType) -> None:
    file = where / "categories.parquet"
    pl.DataFrame({"key": [1, 2, 3], "soil": pl.Series(["dry", None, "mud"], dtype=given)}).write_parquet(file)
    assert meanings(list(read_cohort(KB, [file]))) == {
        1: {"soil": "dry"},
        2: {},
        3: ["'mud' is not a value of soil"],
    }


def test_numbers_that_are_not_finite_or_out_of_range_are_bad_cells(where: Path) -> None:
    file = where / "numbers.parquet"
    ages = [math.nan, math.inf, -math.inf, 100.5, -1e-9, 0.0, None]
    pl.DataFrame({"key": range(7), "age": ages}).write_parquet(file)
    assert meanings(list(read_cohort(KB, [file]))) == {
        1: ["age: 'nan' is not a finite number"],
        2: ["age: 'inf' is not a finite number"],
        3: ["age: '-inf' is not a finite number"],
        4: ["age: '100.5' is out of range"],
        5: ["age: '-0.000000001' is out of range"],
        6: {"age": 0.0},
        7: {},
    }


def test_a_panel_and_its_members_must_agree_within_a_row(where: Path) -> None:
    rows = [["warning_signs", "pests"], ["none", "yes"], ["none", ""], ["none", "no"], ["none", "unknown"]]
    found = list(read_cohort(KB, [written(where / "panel.csv", [*rows, ["unknown", "yes"], ["", "yes"]])]))
    assert meanings(found) == {
        1: ["pests is yes, but warning_signs is none"],
        2: {"pests": False, "leaves_lost": 0.0},
        3: {"pests": False, "leaves_lost": 0.0},
        4: ["pests is unknown, but warning_signs is none"],
        5: ["pests is yes, but warning_signs is unknown"],
        6: {"pests": True},
    }


# --- planted faults ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def planted(kb: KnowledgeBase, where: Path) -> tuple[Path, pl.DataFrame, Spoilt]:
    table = random_table(kb, 5000, seed=1)
    found = spoilt(kb, table, 100, seed=2)
    (where / "planted.csv").write_bytes(found.data)
    return where / "planted.csv", table, found


@pytest.mark.parametrize("block", [50_000, 2**25])
def test_every_planted_fault_is_reported_with_its_place_and_every_other_row_is_answered(
    kb: KnowledgeBase, planted: tuple[Path, pl.DataFrame, Spoilt], block: int
) -> None:
    file, _, spoilt_table = planted
    assert len({it.kind for it in spoilt_table.planted}) == len(KINDS) == 20
    tally, rejects, answered = Tally(), list[Reject](), set[int]()
    for batch in read_cohort(kb, [file], block=block):
        tally.add(batch)
        rejects += batch.rejects
        answered |= set(batch.records)
    found = {it.record: it for it in rejects}
    for it in spoilt_table.planted:
        reject = found.pop(it.record)
        assert reject.line == it.line
        assert it.column in [fault.column for fault in reject.faults], (it, reject)
        assert all(fault.line == it.line for fault in reject.faults)
    assert found == {}
    assert answered == set(range(1, spoilt_table.records + 1)) - {it.record for it in rejects}
    assert tally.read == tally.answered + tally.rejected == spoilt_table.records


def test_rows_next_to_planted_faults_are_read_as_without_them(
    kb: KnowledgeBase, planted: tuple[Path, pl.DataFrame, Spoilt], where: Path
) -> None:
    file, table, _ = planted
    table.write_csv(where / "clean.csv")
    clean = pl.concat(it.patients.hstack(it.passed) for it in read_cohort(kb, [where / "clean.csv"]))
    found = pl.concat(it.patients.hstack(it.passed) for it in read_cohort(kb, [file], block=100_000))
    assert found.height == 4900
    assert found.equals(clean.filter(pl.col("patient").is_in(found["patient"].implode())))


def test_rejects_are_written_so_that_their_rows_can_be_read_again(
    kb: KnowledgeBase, planted: tuple[Path, pl.DataFrame, Spoilt], where: Path
) -> None:
    file, _, spoilt_table = planted
    (batch,) = read_cohort(kb, [file])
    with open(where / "rejects.csv", "w", encoding="utf-8", newline="") as stream:
        RejectsFile(stream).write(batch.rejects)
    with open(where / "rejects.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, strict=True))
    assert {int(row["record"]) for row in rows} == {it.record for it in spoilt_table.planted}
    assert len(rows) == sum(len(it.faults) for it in batch.rejects)
    raw = {str(it.record): it.raw for it in batch.rejects}
    assert all(row_of(row["row"]) == raw[row["record"]] for row in rows)
    assert all(raw[row["record"]] in spoilt_table.data for row in rows)
    assert all(row["reason"] and row["file"] == str(file) for row in rows)


@given(st.binary(max_size=30))
def test_any_row_is_written_without_loss(raw: bytes) -> None:
    stream = io.StringIO(newline="")
    file = RejectsFile(stream)
    file.write([Reject("f", 1, 2, raw, (RowFault("", "", Problem("so")),))])
    (_, row) = csv.reader(io.StringIO(stream.getvalue(), newline=""))
    assert row_of(row[-1]) == raw
    assert file.rows == 1


def test_strict_reading_stops_at_the_first_fault_and_says_where(where: Path) -> None:
    file = written(
        where / "strict.csv", [["key", "soil", "age"], ["a", "dry", "3"], ["b", "drry", "old"], ["c", "x", ""]]
    )
    with pytest.raises(PatientError) as error:
        list(read_cohort(KB, [file], strict=True))
    places = [(it.at.line, it.at.column, it.line) for it in error.value.problems if it.at]
    assert places == [(3, 3, "b,drry,old"), (3, 8, "b,drry,old")]
    assert [it.suggestion for it in error.value.problems] == ["dry", ""]


def test_batches_are_small_and_rejects_do_not_change_their_bounds(where: Path) -> None:
    random = Random(3)
    rows = [[random.choice(["dry", "moist", "bad"]), str(number)] for number in range(1, 100)]
    found = list(read_cohort(KB, [written(where / "many.csv", [["soil", "key"], *rows])], batch_rows=10))
    assert [batch.read for batch in found] == [10] * 9 + [9]
    assert [it.record for batch in found for it in batch.rejects] == [
        n for n, row in enumerate(rows, 1) if row[0] == "bad"
    ]
    tally = Tally()
    for batch in found:
        tally.add(batch)
        assert [int(batch.raw[row].split(b",")[1]) for row in range(batch.patients.height)] == batch.records.to_list()
    assert (tally.read, tally.rejected) == (99, sum(row[0] == "bad" for row in rows))


def test_a_row_rejected_later_keeps_its_text(where: Path) -> None:
    file = written(where / "later.csv", [["key", "soil"], ["a", "dry"], ["b,\n2", "moist"], ["c", "mud"], ["d", ""]])
    (batch,) = read_cohort(KB, [file])
    later = batch.rejecting({1: [batch.fault(1, Problem("nobody is so"))]})
    Tally().add(later)
    assert later.passed["key"].to_list() == ["a", "d"]
    assert [(it.record, it.line, it.raw) for it in later.rejects] == [(2, 3, b'"b,\n2",moist'), (3, 5, b"c,mud")]
    assert later.rejects[0].faults[0].reason == "nobody is so"
    assert [later.raw[row] for row in range(2)] == [b"a,dry", b"d,"]


@pytest.mark.parametrize("folder", ["garden", "other_ladder"])
def test_cohorts_of_another_ladder_are_read(folder: str, where: Path) -> None:
    kb = read_knowledge(Path(__file__).parent / folder)
    table = random_table(kb, 50, seed=7)
    table.write_csv(where / "others.csv")
    found = meanings(list(read_cohort(kb, [where / "others.csv"])))
    for record, row in enumerate(table.iter_rows(named=True), 1):
        texts = {name: text for name, text in row.items() if name in kb.inputs and text is not None}
        assert found[record] == single(kb, texts)
