"""Damaged Parquet and unsupported types: as many rows as the footer declares, or one message."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

from expert import PatientError, read_knowledge
from expert.columns.read import read_cohort
from tests.backs import backs
from tests.command_line import run
from tests.malformed import BASE

KB = read_knowledge(BASE)
FLIPS = int(os.environ.get("FLIPS", "600"))

TABLE = pl.DataFrame(
    {
        "key": [1, 2, 3, 4, 5],
        "age [years]": [40.5, None, 1.0, 2.0, 3.0],
        "wilting": [True, None, False, True, True],
        "soil": pl.Series(["dry", "moist", None, "soaked", "dry"], dtype=pl.Enum(["dry", "moist", "soaked"])),
        "seen": [date(2020, 1, 1), None, date(2021, 1, 1), date(2022, 1, 1), date(2023, 1, 1)],
        "at": pl.Series([datetime(2020, 1, 1)] * 5).dt.replace_time_zone("Europe/Berlin"),
        "clock": [time(9)] * 5,
        "took": [timedelta(hours=1)] * 5,
        "price": pl.Series([Decimal("1.50")] * 5, dtype=pl.Decimal(10, 2)),
        "tags": [["a", None], [], None, ["b"], ["c"]],
        "place": [{"row": 1, "bed": "x"}] * 5,
    }
)


def files(folder: Path) -> Iterator[bytes]:
    """The same table as different programs write it: with or without compression, dictionaries and checksums."""
    path = folder / "whole.parquet"
    TABLE.write_parquet(path, row_group_size=2, compression="uncompressed")
    yield path.read_bytes()
    TABLE.select("key", "wilting", "soil").write_parquet(path)
    yield path.read_bytes()
    plain = parquet.read_table(path)
    parquet.write_table(plain, path, row_group_size=3, compression="none", use_dictionary=False)
    yield path.read_bytes()
    parquet.write_table(plain, path, compression="snappy", write_page_checksum=True, data_page_version="2.0")
    yield path.read_bytes()


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_a_flipped_bit_loses_no_row_silently(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path, random, refused = tmp_path / "p.parquet", Random(11), 0
    for whole in files(tmp_path):
        for _ in range(FLIPS // 4):
            path.write_bytes(flipped(whole, random.randrange(8 * len(whole))))
            try:
                read = sum(batch.read for batch in read_cohort(KB, [path], batch_rows=3))
            except PatientError:
                refused += 1
            else:
                assert read == parquet.read_metadata(path).num_rows
    assert refused > FLIPS // 10
    assert capfd.readouterr() == ("", "")  # no panic of a reader


def test_a_damaged_page_is_reported_with_its_place_and_the_earlier_output_remains(tmp_path: Path) -> None:
    path, output, knowledge = tmp_path / "p.parquet", tmp_path / "o.csv", backs(tmp_path / "knowledge")
    table = pl.DataFrame({"id": [1, 2, 3], "numb": [True, None, False]})
    table.write_parquet(path, compression="uncompressed", row_group_size=2, statistics=False)
    output.write_text("earlier")
    whole, places, kb = path.read_bytes(), set(), read_knowledge(knowledge)
    for bit in range(32, 1200, 5):
        path.write_bytes(flipped(whole, bit))
        try:
            list(read_cohort(kb, [path]))
        except PatientError as error:
            place = error.problems[0].message.partition(" cannot be read: ")[2].partition(":")[0]
            if place.startswith("row group") and place not in places:
                places.add(place)
                result = run("cohort", str(path), "-o", str(output), "--force", "--knowledge", knowledge)
                assert (result.status, result.out, output.read_text()) == (2, "", "earlier")
                assert f"{path} cannot be read: {place}" in result.err
    assert places >= {"row group 1, column 'id'", "row group 1, column 'numb'"}
    assert sorted(it.name for it in tmp_path.iterdir()) == ["knowledge", "o.csv", "p.parquet"]


def test_small_row_groups_are_read_together(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    pl.DataFrame({"key": range(100), "wilting": [True] * 100}).write_parquet(path, row_group_size=3)
    batches = list(read_cohort(KB, [path], batch_rows=40))
    assert [batch.read for batch in batches][:2] == [40, 2]
    assert [number for batch in batches for number in batch.passed["key"]] == [*range(100)]
    assert [number for batch in batches for number in batch.records] == [*range(1, 101)]


# --- types ------------------------------------------------------------------------------------------------------------

HELD: dict[str, Any] = {
    "a time zone": pa.array([0], pa.timestamp("ns", "Europe/Berlin")),
    "no time zone": pa.array([0], pa.timestamp("us")),
    "a small float": pa.array([1.5], pa.float16()),
    "a decimal": pa.array([Decimal("1.5")], pa.decimal128(38, 2)),
    "a time": pa.array([1], pa.time64("ns")),
    "a map": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int32())),
    "bytes": pa.array([b"abc"], pa.binary(3)),
    "a pair": pa.array([[1, 2]], pa.list_(pa.int8(), 2)),
    "words": pa.array(["a"]).dictionary_encode(),
    "a view": pa.array(["a"], pa.string_view()),
    "nothing": pa.nulls(1),
    "nothing within": pa.array([[None]]),
    "an identity": pa.array([b"a" * 16], pa.uuid()),
    "JSON": pa.array(["{}"], pa.json_()),
}
NOT_HELD: dict[str, Any] = {
    "an unknown time zone": pa.array([0], pa.timestamp("us", "Mars/Base")),
    "an offset": pa.array([0], pa.timestamp("us", "+05:30")),
    "an unknown time zone within": pa.array([[0]], pa.list_(pa.timestamp("us", "Mars/Base"))),
    "a large decimal": pa.array([Decimal("1.5")], pa.decimal256(50, 2)),
    "empty lists": pa.array([[]], pa.list_(pa.int8(), 0)),
    "a view of a list": pa.array([[1]], pa.list_view(pa.int8())),
}
BEYOND: dict[str, Any] = {
    "a date": pa.array([2**31 - 1], pa.date32()),
    "a moment": pa.array([2**62], pa.timestamp("us")),
    "an early moment": pa.array([-(2**62)], pa.timestamp("us", "Europe/Berlin")),
    "a time": pa.array([-5], pa.time64("ns")),
    "a span": pa.array([2**62], pa.duration("ms")),
    "dates": pa.array([[2**31 - 1]], pa.list_(pa.date32())),
}


def put(path: Path, column: pa.Array) -> Path:
    parquet.write_table(pa.table({"wilting": ["yes"], "x": column}), path)
    return path


@pytest.mark.parametrize("what", HELD)
def test_columns_of_any_supported_type_are_passed_on(what: str, tmp_path: Path) -> None:
    (batch,) = read_cohort(KB, [put(tmp_path / "p.parquet", HELD[what])])
    assert batch.passed.shape == (1, 1)


@pytest.mark.parametrize("what", NOT_HELD)
def test_a_column_of_an_unsupported_type_is_reported(
    what: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(PatientError, match=r"the column 'x' is .*, which cannot be read; expected another type"):
        list(read_cohort(KB, [put(tmp_path / "p.parquet", NOT_HELD[what])]))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("what", BEYOND)
def test_a_time_beyond_the_calendar_is_reported(what: str, tmp_path: Path) -> None:
    with pytest.raises(
        PatientError, match=r"row group 1, column 'x': .*(beyond the calendar|not within the acceptable range)"
    ):
        list(read_cohort(KB, [put(tmp_path / "p.parquet", BEYOND[what])]))
