"""The files of a cohort, the mapping file for their columns, and hostile files."""

from __future__ import annotations

import gzip
import io
import os
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from expert import InputError, PatientError, read_knowledge
from expert.columns.read import Batch, Tally, read_cohort
from tests.malformed import BASE

KB = read_knowledge(BASE)


def faults_of(*paths: Path | str, **further: Any) -> list[str]:
    with pytest.raises(InputError) as error:
        list(read_cohort(KB, paths, **further))
    return [problem.message for problem in error.value.problems]


def put(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8", newline="")
    return path


def rows(batches: list[Batch], *names: str) -> list[tuple[object, ...]]:
    return [row for batch in batches for row in batch.patients.hstack(batch.passed).select(names).rows()]


# --- files ------------------------------------------------------------------------------------------------------------


def test_files_and_globs_are_read_in_order_with_the_columns_of_all(tmp_path: Path) -> None:
    put(tmp_path / "b2.csv", "key,soil\nx,dry\n")
    put(tmp_path / "b1.csv", "soil,age\nmoist,1\n")
    put(tmp_path / "a.ndjson", '{"wilting": true, "key": 5}\n')
    pl.DataFrame({"key": [7], "pests": [True]}).write_parquet(tmp_path / "c.parquet")
    paths = [tmp_path / "b*.csv", tmp_path / "a.ndjson", tmp_path / "c.parquet"]
    batches = list(read_cohort(KB, paths))
    assert [Path(batch.file).name for batch in batches] == ["b1.csv", "b2.csv", "a.ndjson", "c.parquet"]
    assert {tuple(batch.patients.schema.items()) for batch in batches} == {tuple(batches[0].patients.schema.items())}
    assert rows(batches, "wilting", "soil", "age", "pests", "key") == [
        (None, "moist", 365.25, None, None),
        (None, "dry", None, None, "x"),
        (True, None, None, None, "5"),
        (None, None, None, True, "7"),
    ]


def test_paths_that_name_no_file_are_reported_together(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    put(tmp_path / "patients.xlsx", "soil\n")
    assert faults_of(tmp_path / "none.csv", tmp_path / "*.csv", tmp_path / "folder") == [
        f"{tmp_path}/none.csv cannot be read: No such file or directory",
        f"{tmp_path}/*.csv matches no file",
        f"{tmp_path}/folder is a folder",
    ]
    assert faults_of(tmp_path / "patients.xlsx") == [f"{tmp_path}/patients.xlsx has no suffix that shows its format"]
    assert faults_of(tmp_path / "patients.xlsx", format="cvs") == ["'cvs' is not a format"]
    assert faults_of() == ["there are no files"]


def test_a_file_given_under_two_names_is_reported(tmp_path: Path) -> None:
    first = put(tmp_path / "a.csv", "soil\ndry\n")
    (tmp_path / "b.csv").symlink_to(first)
    os.link(first, tmp_path / "c.csv")
    assert faults_of(first, tmp_path / "x" / ".." / "a.csv", first) == [
        f"{tmp_path}/x/../a.csv cannot be read: No such file or directory",
        f"{first} is given twice",
    ]
    assert faults_of(tmp_path / "*.csv") == [f"{tmp_path / name} is {first} again" for name in ("b.csv", "c.csv")]


def test_the_headers_of_all_files_are_checked_before_any_row_is_read(tmp_path: Path) -> None:
    files = [
        put(tmp_path / "1.csv", "soil\nbad\n"),
        put(tmp_path / "2.csv", "siol\n"),
        put(tmp_path / "3.csv", "aeg\n"),
    ]
    with pytest.raises(PatientError) as error:
        next(read_cohort(KB, files, strict=True))
    assert [problem.suggestion for problem in error.value.problems] == ["soil", "age"]


def test_a_header_alone_has_columns_and_no_patients(tmp_path: Path) -> None:
    (batch,) = read_cohort(KB, [put(tmp_path / "h.csv", "key,warning_signs")])
    assert (batch.read, batch.patients.columns, batch.passed.columns) == (0, ["leaves_lost", "pests"], ["key"])


def test_the_format_may_be_given(tmp_path: Path) -> None:
    assert rows(list(read_cohort(KB, [put(tmp_path / "x.dat", "soil\ndry\n")], format="csv")), "soil") == [("dry",)]


def test_gzip_is_read_and_truncation_is_reported(tmp_path: Path) -> None:
    whole = gzip.compress(b"soil\n" + b"dry\nmoist\n" * 50_000)
    (tmp_path / "t.csv.gz").write_bytes(whole)
    assert sum(batch.read for batch in read_cohort(KB, [tmp_path / "t.csv.gz"])) == 100_000
    (tmp_path / "t.csv.gz").write_bytes(whole[:-20])
    assert faults_of(tmp_path / "t.csv.gz")[0].startswith(f"{tmp_path}/t.csv.gz cannot be read: ")
    (tmp_path / "t.csv.gz").write_bytes(b"soil\ndry\n")
    assert faults_of(tmp_path / "t.csv.gz")[0].startswith(f"{tmp_path}/t.csv.gz cannot be read: ")


def test_standard_input_is_a_table_and_may_be_ndjson(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"soil\ndry\nmud\n")))
    (batch,) = read_cohort(KB, ["-"])
    assert (batch.file, rows([batch], "soil")) == ("standard input", [("dry",)])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"soil": "dry"}')))
    assert rows(list(read_cohort(KB, ["-"], format="ndjson")), "soil") == [("dry",)]
    assert "standard input cannot be read as Parquet" in faults_of("-", format="parquet")[0]


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"soil\n" + b"dry\n" * 50_000,))
    writer.start()
    tally = Tally()
    for batch in read_cohort(KB, [pipe], block=10_000):
        tally.add(batch)
    writer.join()
    assert tally.answered == 50_000


# --- hostile files ----------------------------------------------------------------------------------------------------


def test_ten_thousand_columns_are_passed_on(tmp_path: Path) -> None:
    names = ",".join(f"c{number}" for number in range(10_000))
    file = put(tmp_path / "wide.csv", f"{names},soil\n" + f"{'1,' * 10_000}dry\n" * 2 + f"{'1,' * 9_999}dry\n")
    (batch,) = read_cohort(KB, [file])
    assert (batch.passed.shape, len(batch.rejects)) == ((2, 10_000), 1)


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("expert.columns.read.lines.LONGEST", 2**20)
    (tmp_path / "endless.csv").write_bytes(b"soil\n" + b"x" * 2**22)
    (message,) = {*faults_of(tmp_path / "endless.csv")}
    assert message.startswith(f"{tmp_path}/endless.csv has a line of more than ")


@pytest.mark.parametrize("content", [None, b"soil\ndry\n", b""])
def test_an_incomplete_parquet_file_gives_one_message(tmp_path: Path, content: bytes | None) -> None:
    pl.DataFrame({"soil": ["dry"] * 100}).write_parquet(tmp_path / "p.parquet")
    whole = (tmp_path / "p.parquet").read_bytes()
    (tmp_path / "p.parquet").write_bytes(whole[:-30] if content is None else content)
    (message,) = faults_of(tmp_path / "p.parquet")
    assert message.startswith(f"{tmp_path}/p.parquet cannot be read: ")


def test_parquet_columns_of_another_type_are_reported_with_the_expected_one(tmp_path: Path) -> None:
    columns = {
        "wilting": [1],
        "soil": [1.5],
        "time_since_watering": [3],
        "age": [True],
        "pests": [["no"]],
        "warning_signs": [False],
    }
    pl.DataFrame(columns).write_parquet(tmp_path / "p.parquet")
    with pytest.raises(PatientError) as error:
        list(read_cohort(KB, [tmp_path / "p.parquet"]))
    shown = sorted(
        (it.message.removeprefix(f"{tmp_path}/p.parquet: the column "), it.expected) for it in error.value.problems
    )
    assert shown == [
        ("'age' is Boolean", "numbers, or text"),
        ("'pests' is List(String)", "Boolean, or text: yes, no"),
        ("'soil' is Float64", "text: dry, moist, soaked"),
        (
            "'time_since_watering' holds numbers without a unit",
            "a unit of its numbers: a column named 'time_since_watering [days]'",
        ),
        ("'warning_signs' is Boolean", "text: none, or unknown"),
        ("'wilting' is Int64", "Boolean, or text: yes, no"),
    ]


def test_a_rejected_row_of_parquet_is_reported_as_json(tmp_path: Path) -> None:
    pl.DataFrame({"key": [1, 2], "soil": ["dry", "mud"], "x": [b"\xff", b"\0"], "y": [None, 0.1]}).write_parquet(
        tmp_path / "p.parquet"
    )
    (batch,) = read_cohort(KB, [tmp_path / "p.parquet"])
    (reject,) = batch.rejects
    assert (reject.record, reject.line) == (2, None)
    assert reject.raw == b'{"key": 2, "soil": "mud", "x": "00", "y": 0.1}'
    assert reject.problems()[0].message == f"{batch.file}, record 2, column 'soil': 'mud' is not a value of soil"


def test_passed_columns_of_mixed_types_are_text_and_lists_cannot_be_mixed(tmp_path: Path) -> None:
    pl.DataFrame({"key": [1], "soil": ["dry"]}).write_parquet(tmp_path / "1.parquet")
    pl.DataFrame({"key": ["a"], "soil": ["dry"]}).write_parquet(tmp_path / "2.parquet")
    assert rows(list(read_cohort(KB, [tmp_path / "*.parquet"])), "key") == [("1",), ("a",)]
    pl.DataFrame({"key": [[1]], "soil": ["dry"]}).write_parquet(tmp_path / "2.parquet")
    (message,) = faults_of(tmp_path / "*.parquet")
    assert message.startswith("the column 'key' is List(Int64)")
    pl.DataFrame({"key": [b"\xff"], "soil": ["dry"]}).write_parquet(tmp_path / "2.parquet")
    (message,) = faults_of(tmp_path / "*.parquet")
    assert message.startswith("the column 'key' is Binary")
    pl.DataFrame({"key": [timedelta(3)], "soil": ["dry"]}).write_parquet(tmp_path / "2.parquet")
    (message,) = faults_of(tmp_path / "*.parquet")
    assert message.startswith("the column 'key' is Duration")


def test_parquet_without_rows_has_columns_and_no_patients(tmp_path: Path) -> None:
    table = pl.DataFrame({"key": [1], "soil": ["dry"]})
    table.head(0).write_parquet(tmp_path / "0.parquet")
    (batch,) = read_cohort(KB, [tmp_path / "0.parquet"])
    assert (batch.read, batch.patients.columns, batch.passed.columns) == (0, ["soil"], ["key"])
    table.write_parquet(tmp_path / "1.parquet")
    assert rows(list(read_cohort(KB, [tmp_path / "*.parquet"])), "key", "soil") == [(1, "dry")]


# --- the mapping file -------------------------------------------------------------------------------------------------

MAP = """\
columns:
  Boden:
    finding: soil
    values: {0: dry, 1: moist, trocken: dry}
    unknown: [9]
  Alter: {finding: age, unit: weeks}
  Zuletzt: {finding: time_since_watering, unit: days, values: {"<1": 12 hours}}
  Schwach: {finding: wilting, values: {j: yes, n: no}}
  Warnung: warning_signs
pass: [aeg]
unknown: [k.A., -99]
"""


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    return put(tmp_path / "map.yaml", MAP)


def test_a_mapping_gives_columns_units_and_words_their_meaning(tmp_path: Path, mapping: Path) -> None:
    header = "Boden,Alter,Zuletzt,Schwach,Warnung,aeg\n"
    file = put(tmp_path / "m.csv", header + "0,10,<1,j,none,7\ntrocken,2 years,3,n,,8\n9,k.A., -99 ,k.A.,k.A.,9\n")
    batches = list(read_cohort(KB, [file], mapping=mapping))
    assert rows(batches, "soil", "age", "time_since_watering", "wilting", "pests", "leaves_lost", "aeg") == [
        ("dry", 70.0, 0.5, True, False, 0.0, "7"),
        ("dry", 730.5, 3.0, False, None, None, "8"),
        (None, None, None, None, None, None, "9"),
    ]


def test_values_keep_their_meaning_under_a_mapping_and_unknown_words_are_bad_cells(
    tmp_path: Path, mapping: Path
) -> None:
    header = "Boden,Alter,Zuletzt,Schwach,Warnung\n"
    (batch,) = read_cohort(KB, [put(tmp_path / "m.csv", header + "moist,1,1,yes,\n2,1,1,J,\n")], mapping=mapping)
    assert rows([batch], "soil", "wilting") == [("moist", True)]
    assert [fault.problem.message for fault in batch.rejects[0].faults] == [
        "'2' is not a value of soil",
        "'J' is not a value of wilting",
    ]


def test_a_number_as_a_word_of_the_mapping_is_found_in_any_notation(tmp_path: Path) -> None:
    words = "{finding: age, unit: years, values: {88: 3 years}, unknown: [99]}"
    mapping = put(tmp_path / "map.yaml", f"columns:\n  Alter: {words}\nunknown: [77]\n")
    numbers = ["99", "99.0", "99.00", "88", "88.0", "77", "77.0", "9.9", "2"]
    wanted = [None, None, None, 3 * 365.25, 3 * 365.25, None, None, 9.9 * 365.25, 2 * 365.25]
    put(tmp_path / "m.csv", "Alter\n" + "\n".join(numbers))
    put(tmp_path / "m.ndjson", "\n".join(f'{{"Alter": {number}}}' for number in numbers))
    pl.DataFrame({"Alter": [float(number) for number in numbers]}).write_parquet(tmp_path / "m.parquet")
    for form in ("csv", "ndjson", "parquet"):
        batches = list(read_cohort(KB, [tmp_path / f"m.{form}"], mapping=mapping))
        assert [age for (age,) in rows(batches, "age")] == wanted, form


def test_a_mapping_may_reverse_a_word(tmp_path: Path) -> None:
    mapping = put(tmp_path / "map.yaml", "columns:\n  straight: {finding: wilting, values: {yes: no, no: yes}}\n")
    (batch,) = read_cohort(KB, [put(tmp_path / "m.csv", "straight\nyes\nno\ntrue\n")], mapping=mapping)
    assert batch.patients["wilting"].to_list() == [False, True, True]


def test_a_fraction_among_percents_is_a_bad_cell_unless_it_has_a_unit(tmp_path: Path) -> None:
    mapping = put(tmp_path / "map.yaml", 'columns:\n  lost: {finding: leaves_lost, unit: "%", values: {3/4: 3/4}}\n')
    (batch,) = read_cohort(KB, [put(tmp_path / "m.csv", "lost\n67\n2/3\n3/4\n50 %\n")], mapping=mapping)
    assert batch.patients["leaves_lost"].to_list() == [0.67, 0.75, 0.5]
    (reject,) = batch.rejects
    assert (reject.record, reject.faults[0].problem.message) == (2, "a fraction in a column of percents")


def test_a_mapping_applies_to_typed_columns_too(tmp_path: Path, mapping: Path) -> None:
    columns = {
        "Boden": [0.0, 1.0, 9.0],
        "Alter": [10, -99, 1],
        "Zuletzt": [0.5, -99.0, None],
        "Schwach": ["j", "n", None],
    }
    pl.DataFrame({**columns, "Warnung": [None, "none", None]}).write_parquet(tmp_path / "m.parquet")
    batches = list(read_cohort(KB, [tmp_path / "m.parquet"], mapping=mapping))
    assert rows(batches, "soil", "age", "time_since_watering", "wilting", "pests") == [
        ("dry", 70.0, 0.5, True, None),
        ("moist", None, None, False, False),
        (None, 7.0, None, None, None),
    ]


def test_a_column_that_the_mapping_names_must_be_in_the_file(tmp_path: Path, mapping: Path) -> None:
    file = put(tmp_path / "m.csv", "boden,Alter,Zuletzt,Schwach,Warnung,soil\n")
    with pytest.raises(PatientError) as error:
        list(read_cohort(KB, [file], mapping=mapping))
    (problem,) = error.value.problems
    assert problem.message == f"{file} has no column 'Boden'"
    assert (problem.suggestion, str(problem.at)) == ("boden", f"{mapping}:2:3")


def test_a_key_of_the_mapping_may_be_absent_but_not_misspelt(tmp_path: Path, mapping: Path) -> None:
    file = put(tmp_path / "m.ndjson", '{"Schwach": "j", "aeg": 1}\n{"Boden": 1, "Zuletzt": "<1"}\n')
    batches = list(read_cohort(KB, [file], mapping=mapping))
    assert rows(batches, "soil", "time_since_watering", "wilting", "aeg") == [
        (None, None, True, "1"),
        ("moist", 0.5, None, None),
    ]
    assert faults_of(put(file, '{"Schwach": "j", "boden": 1}\n'), mapping=mapping) == [f"{file} has no column 'Boden'"]


@pytest.mark.parametrize(
    ("text", "message", "place", "near"),
    [
        ("colums: {}", "a mapping of columns has no key 'colums'", (1, 1), "columns"),
        ("columns:\n  a: siol", "'siol' is not a finding", (2, 6), "soil"),
        ("columns:\n  a: {finding: soil, valus: {1: dry}}", "a column has no key 'valus'", (2, 22), "values"),
        ("columns:\n  a: {unit: days}", "a column lacks 'finding'", (2, 6), ""),
        ("columns:\n  a: {finding: age, unit: wekks}", "'wekks' is not a unit of age", (2, 27), "weeks"),
        ("columns:\n  a: {finding: age, unit: g}", "'g' is not a unit of age", (2, 27), ""),
        ("columns:\n  a: {finding: soil, unit: days}", "soil has no unit", (2, 28), ""),
        ("columns:\n  a: {finding: soil, values: {1: drry}}", "'drry' is not a value of soil", (2, 34), "dry"),
        ("columns:\n  a: {finding: age, values: {1: 300}}", "age: '300' is out of range", (2, 33), ""),
        ("columns:\n  a: thirst", "'thirst' is concluded by rules; it cannot be given", (2, 6), ""),
        (
            "columns:\n  a: {finding: soil, values: {1: dry}, unknown: 1}",
            "'1' is also listed under unknown",
            (2, 31),
            "",
        ),
        (
            "columns:\n  a: {finding: soil, values: {'': dry}}",
            "an empty cell always means that nothing is given",
            (2, 31),
            "",
        ),
        ("columns:\n  a: soil\npass: a", "'a' is mapped to a finding", (3, 7), ""),
        ("columns:\n  a: soil\n  a: age", "'a' appears twice; first on line 2", (3, 3), ""),
        ("unknown: [none, dry]", "'dry' is a value of soil", (1, 17), ""),
        ("- a", "a mapping of columns is a mapping", (1, 1), ""),
    ],
)
def test_mistakes_in_a_mapping_are_reported_with_their_place(
    tmp_path: Path, text: str, message: str, place: tuple[int, int], near: str
) -> None:
    file = put(tmp_path / "t.csv", "a,wilting\n")
    mapping = put(tmp_path / "map.yaml", text)
    with pytest.raises(InputError) as error:
        list(read_cohort(KB, [file], mapping=mapping))
    found = {it.message: it for it in error.value.problems}
    assert message in found
    at = found[message].at
    assert at
    assert (at.file, at.line, at.column) == (str(mapping), *place)
    assert found[message].suggestion == near


def test_an_unreadable_mapping_is_reported(tmp_path: Path) -> None:
    file = put(tmp_path / "t.csv", "soil\n")
    with pytest.raises(InputError) as error:
        list(read_cohort(KB, [file], mapping=tmp_path / "none.yaml"))
    assert error.value.problems[0].message == f"{tmp_path}/none.yaml cannot be read: No such file or directory"
