"""Tables as programs write them: delimiters, decimal commas, headers of several lines, and the forms of Excel."""

from __future__ import annotations

import csv
import gzip
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expert import PatientError, read_knowledge
from expert.columns.read import Batch, Reject, read_cohort
from expert.columns.read.column_map import NO_MAP, read_map
from expert.lang.errors import InputError, Problem
from expert.lang.vocabulary import Finding, Kind
from expert.read.patient import PatientReader
from tests.backs import backs
from tests.command_line import run
from tests.malformed import BASE

KB = read_knowledge(BASE)
COMMA = NO_MAP._replace(decimal=",")


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("forms")


def put(folder: Path, data: bytes | str, name: str = "t.csv") -> Path:
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return folder / name


def batches(folder: Path, data: bytes | str, name: str = "t.csv", **further: Any) -> list[Batch]:
    return list(read_cohort(KB, [put(folder, data, name)], **further))


def answered(folder: Path, data: bytes | str, name: str = "t.csv", **further: Any) -> list[dict[str, object]]:
    """The known facts of each answered patient."""
    return [
        {column: value for column, value in row.items() if value is not None}
        for batch in batches(folder, data, name, **further)
        for row in batch.patients.iter_rows(named=True)
    ]


def rejects(folder: Path, data: bytes | str, name: str = "t.csv", **further: Any) -> list[Reject]:
    return [reject for batch in batches(folder, data, name, **further) for reject in batch.rejects]


def problems(folder: Path, data: bytes | str, name: str = "t.csv", **further: Any) -> tuple[Problem, ...]:
    with pytest.raises(PatientError) as error:
        batches(folder, data, name, **further)
    return error.value.problems


# --- delimiters -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("suffix", ["csv", "tsv", "txt"])
def test_the_delimiter_is_found_in_the_header(mark: str, suffix: str, where: Path) -> None:
    table = mark.join(["key", "age", '"soil"', "wilting"]) + "\n" + mark.join(["a", "3 years", "dry", "yes"]) + "\n"
    assert answered(where, table, f"t.{suffix}") == [{"wilting": True, "soil": "dry", "age": 3 * 365.25}]


def test_a_given_delimiter_is_used(where: Path) -> None:
    (problem,) = problems(where, "key;soil\na;dry\n", delimiter=",")
    assert problem.message.endswith("is one column, and has ';' between names")
    assert problem.expected == "columns divided by commas, or --delimiter ';'"
    assert answered(where, "soil,note;wilting\ndry,x;yes\n") == [{"soil": "dry"}]  # as many findings by both


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;", "sep=;;;", "\ufeffsep=;", "\nsep=;"])
def test_a_first_line_may_give_the_delimiter(first: str, where: Path) -> None:
    table = f"{first}\r\nkey;soil;note\r\na;dry;x,y\r\nb;mud;\r\n"
    assert answered(where, table) == [{"soil": "dry"}]
    (reject,) = rejects(where, table)
    assert (reject.record, reject.line) == (2, 4 + first.startswith("\n"))
    assert answered(where, table, delimiter=";") == [{"soil": "dry"}]
    (problem,) = problems(where, table, delimiter=",")
    assert problem.message == "the file says that ';' divides its columns, and --delimiter says ','"
    assert answered(where, "sep=\t\nkey\tsoil\na\tdry\n") == [{"soil": "dry"}]


# --- headers of several lines -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_name_in_the_header_may_have_line_breaks(end: str, where: Path) -> None:
    table = end.join(["key,'age", "(years)',soil,'a", "note'", "a,3,dry,x", "b,3,mud,y", ""]).replace("'", '"')
    assert answered(where, table) == [{"age": 3 * 365.25, "soil": "dry"}]
    assert [batch.passed.columns for batch in batches(where, table)] == [["key", f"a{end}note"]]
    (reject,) = rejects(where, table)
    assert (reject.record, reject.line) == (2, 5)


def test_a_mapping_names_a_column_with_a_line_break_by_a_space(where: Path) -> None:
    mapping = put(where, "columns:\n  Alter (Jahre): {finding: age, unit: years}\n", "map.yaml")
    assert answered(where, 'key,"Alter\n(Jahre)"\na,3\n', mapping=mapping) == [{"age": 3 * 365.25}]


def test_a_fault_in_a_later_line_of_a_header_is_located_there(where: Path) -> None:
    (problem,) = problems(where, 'soil,"a\nnote",age [kg]\ndry,x,1\n')
    assert (problem.at and problem.at[1:3], problem.line) == ((2, 7), 'note",age [kg]')


@pytest.mark.parametrize("rows", ["dry,x\n", 'dry,"x"\n', 'dry,"x"\n' * 200, "dry,x\n" * 200, ""])
def test_an_open_quote_in_the_header_does_not_swallow_rows(rows: str, where: Path) -> None:
    (problem,) = problems(where, f'soil,"note\n{rows}')
    assert (problem.message, problem.at and problem.at[1:3]) == ("a quote is not closed", (1, 6))


# --- decimal commas ---------------------------------------------------------------------------------------------------

DAYS = ["14,5", "14,5 days", " +14,50 ", "348 hours", "14", "2,1 weeks"]
IN_DAYS = [14.5, 14.5, 14.5, 14.5, 14.0, 14.7]


@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet"])
def test_numbers_may_have_a_decimal_comma(form: str, where: Path) -> None:
    file = where / f"comma.{form}"
    table = pl.DataFrame({"key": range(len(DAYS)), "time_since_watering [days]": DAYS})
    getattr(table, f"write_{form}")(file)
    read = pl.concat(batch.patients for batch in read_cohort(KB, [file], mapping=COMMA))
    assert read["time_since_watering"].to_list() == IN_DAYS


@pytest.mark.parametrize("text", ["14.5", "1.450", "1.234,5", "14.5 days", "14.5 days, about"])
def test_a_point_where_numbers_have_a_comma_is_a_bad_cell(text: str, where: Path) -> None:
    (reject,) = rejects(where, f"time_since_watering [days];key\n{text};a\n", mapping=COMMA)
    assert reject.faults[0].problem.message == f"{text!r} has a point, and numbers have a comma here"


@pytest.mark.parametrize(
    ("text", "expected"),
    {
        "14.5": "'14,5'",
        "1.234,5": "'1234,5'",
        "1.234.567": "'1234567'",
        "1.450": "'1,450', or '1450' if the point divides thousands",
    }.items(),
)
def test_the_remedy_for_a_point_is_a_number(text: str, expected: str, where: Path) -> None:
    (reject,) = rejects(where, f"time_since_watering [days];key\n{text};a\n", mapping=COMMA)
    assert reject.faults[0].problem.expected == expected


@pytest.mark.parametrize("text", ["-1,5 days", "1 000,5 days", "1,5,2 days"])
def test_a_fault_shows_the_number_with_its_comma_and_no_remedy_already_applied(text: str, where: Path) -> None:
    (reject,) = rejects(where, f"time_since_watering;key\n{text};a\n", mapping=COMMA)
    problem = reject.faults[0].problem
    assert f"'{text}'" in problem.message
    assert "--decimal" not in problem.expected


def test_a_comma_where_numbers_have_a_point_is_a_bad_cell_with_a_remedy(where: Path) -> None:
    (reject,) = rejects(where, "time_since_watering [days];key\n14,5;a\n")
    problem = reject.faults[0].problem
    assert problem.message == "time_since_watering: '14,5 days' has a comma; decimals have a point"
    assert problem.expected.endswith(", or --decimal , for a table whose numbers have commas")


def test_numbers_of_json_and_typed_numbers_ignore_the_decimal_mark(where: Path) -> None:
    lines = '{"time_since_watering [days]": 14.5, "note": 1.5}\n{"time_since_watering [days]": "14,5"}\n'
    found = batches(where, lines, "t.ndjson", mapping=COMMA)
    assert [it for batch in found for it in batch.patients["time_since_watering"]] == [14.5, 14.5]
    assert found[0].passed["note"].to_list() == ["1.5", None]
    mapping = put(
        where,
        'columns:\n  days: {finding: time_since_watering, unit: days, values: {"9,5": 1 day}}\ndecimal: ","\n',
        "comma.yaml",
    )
    pl.DataFrame({"days": [14.5, 9.5, float("nan")]}).write_parquet(where / "typed.parquet")
    (batch,) = read_cohort(KB, [where / "typed.parquet"], mapping=mapping)
    assert batch.patients["time_since_watering"].to_list() == [14.5, 1.0]
    assert batch.rejects[0].faults[0].problem.message == "time_since_watering: 'nan' is not a finite number"


def test_a_mapping_may_give_the_decimal_mark_if_it_is_known(where: Path) -> None:
    assert read_map(KB, put(where, 'decimal: ","\n', "m.yaml")).decimal == ","
    assert read_map(KB, put(where, "unknown: [x]\n", "m.yaml")).decimal == "."
    with pytest.raises(InputError) as error:
        read_map(KB, put(where, 'decimal: ";"\n', "m.yaml"))
    assert error.value.problems[0].message == "';' is not a decimal mark"


def test_the_command_reads_a_table_of_a_german_excel(tmp_path: Path) -> None:
    knowledge, file = backs(tmp_path / "knowledge"), put(tmp_path, "id;pain;weeks\np1;severe;14,5\n")
    command = ("cohort", str(file), "--given", "--knowledge", knowledge)
    assert run(*command, "-o", str(tmp_path / "a.csv")).status == 1
    assert run(*command, "-o", str(tmp_path / "b.csv"), "--decimal", ",").status == 0
    assert pl.read_csv(tmp_path / "b.csv")["weeks [days]"].to_list() == [101.5]
    put(tmp_path, 'decimal: ","\n', "m.yaml")
    assert run(*command, "-o", str(tmp_path / "c.csv"), "--map", str(tmp_path / "m.yaml")).status == 0


# --- Excel ------------------------------------------------------------------------------------------------------------

SHEET = 'key\tage (years)\tsoil\twilting\t\t\r\na\t3\tdry\tTRUE\t\t\r\nü😀\t="4"\tmoist\tFALSE\t\t\r\n\t\t\t\t\t\r\n'
READ = [
    {"wilting": True, "soil": "dry", "age": 3 * 365.25},
    {"wilting": False, "soil": "moist", "age": 4 * 365.25},
]


def sheet() -> str:
    """The sheet with the quotes that a CSV needs."""
    return SHEET.replace('="4"', '"=""4"""')


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["\t", ";", ","])
@pytest.mark.parametrize("block", [7, 2**20])
def test_files_of_excel_are_read(encoding: str, mark: str, block: int, where: Path) -> None:
    text = sheet().replace("\t", mark)
    data = text.encode(encoding) if encoding[-3:] not in ("-le", "-be") else ("\ufeff" + text).encode(encoding)
    found = batches(where, data, "sheet.txt", block=block)
    assert answered(where, data, "sheet.txt", block=block) == READ
    assert [name for batch in found for name in batch.passed["key"]] == ["a", "ü😀"]
    assert sum(len(batch.empty) for batch in found) == 1
    assert answered(where, gzip.compress(data), "sheet.txt.gz", block=block) == READ


def test_ndjson_may_be_in_utf_16(where: Path) -> None:
    assert answered(where, '{"soil": "dry"}\r\n'.encode("utf-16"), "t.ndjson") == [{"soil": "dry"}]


@pytest.mark.parametrize("cut", [1, 3])
def test_damaged_utf_16_is_reported(cut: int, where: Path) -> None:
    (problem,) = problems(where, "soil\tkey\ndry\t😀".encode("utf-16")[:-cut], "t.txt")
    assert problem.message.startswith(f"{where}/t.txt begins as UTF-16 and is not: ")


def test_a_cell_in_a_column_without_a_name_is_a_fault_of_its_row(where: Path) -> None:
    (reject,) = rejects(where, "key;soil;;\na;dry;;\nb;dry;x;\nc;mud;; \n")[:1]
    assert (reject.record, reject.raw) == (2, b"b;dry;x;")
    (fault,) = reject.faults
    assert (fault.column, fault.text, fault.line) == ("", "x", 3)
    assert fault.problem.message == "this cell is in a column without a name"
    assert fault.problem.at
    assert fault.problem.at.column == 7


# --- the output of csv modules -------------------------------------------------------------------------------------


def texts(finding: Finding, mark: str) -> st.SearchStrategy[str]:
    """Cells of a finding, most of them valid."""
    if finding.kind is not Kind.QUANTITY:
        words = [*finding.values] or ["yes", "no", "TRUE", "False"]
        return st.sampled_from([*words, *(f" {word}" for word in words), "unknown", "wrong", ""])
    unit = finding.unit.name if finding.unit and finding.unit.name else ""
    units = st.sampled_from([f" {unit}", unit] if unit else ["", " %"])
    number = st.decimals(0, 100, places=2).map(lambda it: f"{it:f}".rstrip("0").rstrip(".").replace(".", mark))
    return st.builds("{}{}".format, number, units) | st.sampled_from(["", "unknown", "1e2", f"x{mark}y"])


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[str]], dict[str, Any], str]:
    """Rows with their header, how they are written, and the decimal mark."""
    mark = draw(st.sampled_from(".,"))
    names = draw(st.lists(st.sampled_from(sorted(KB.inputs)), min_size=2, max_size=5, unique=True))
    # Lines of a cell that look like rows are rejected; so no cell with several lines has a delimiter.
    notes = st.text("a ,;\t|\"'=é\u00a0", max_size=6) | st.text("a \"'\n=é", max_size=6)
    row = st.tuples(notes, *(texts(KB.inputs[name], mark) for name in names)).map(list)
    form: dict[str, Any] = {
        "delimiter": draw(st.sampled_from(",;\t|")),
        "lineterminator": draw(st.sampled_from(["\n", "\r\n"])),
        "quoting": draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])),
    }
    return [["a note", *names], *draw(st.lists(row, max_size=8))], form, mark


@given(tables(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.integers(20, 200))
@settings(max_examples=100)
def test_output_of_a_csv_module_is_read_as_single_patients_are(
    where: Path, table: tuple[list[list[str]], Any, str], encoding: str, block: int
) -> None:
    (head, *rows), form, mark = table
    stream = io.StringIO(newline="")
    csv.writer(stream, **form).writerows([head, *rows])
    path = where / "module.csv"
    path.write_bytes(stream.getvalue().encode(encoding))
    found: dict[int, object] = {}
    read = 0
    for batch in read_cohort(KB, [path], mapping=NO_MAP._replace(decimal=mark), block=block):
        read += batch.read
        for number, note, patient in zip(
            batch.records, batch.passed["a note"], batch.patients.rows(named=True), strict=True
        ):
            assert (note or "") == rows[number - 1][0]
            found[number] = {name: value for name, value in patient.items() if value is not None}
        found |= dict.fromkeys((it.record for it in batch.rejects), "rejected")
        found |= dict.fromkeys(batch.empty, "empty")
    assert read == len(rows)
    assert found == {number: alone(head[1:], row, mark) for number, row in enumerate(rows, 1)}


def alone(names: list[str], row: list[str], mark: str) -> object:
    """The result of a row by the reader of single patients."""
    if not any(cell.strip() for cell in row):
        return "empty"
    cells = zip(names, row[1:], strict=True)
    quantities = {name for name in names if KB.inputs[name].kind is Kind.QUANTITY}
    words = [
        f"{name}={cell.replace(mark, '.') if name in quantities else cell}" for name, cell in cells if cell.strip()
    ]
    try:
        return dict(PatientReader(KB).patient(None, words).facts)
    except PatientError:
        return "rejected"


# --- very long cells --------------------------------------------------------------------------------------------------

SIZE = 20 * 2**20
LONG = {
    "passed on": ("csv", f"key,soil\n{'x' * SIZE},dry\n", "= 1 answered"),
    "of a finding": ("csv", f"key,soil\na,{'x' * SIZE}\n", "1 rejected"),
    "of a quantity": ("csv", f"key,age\na,{'1' * SIZE}\n", "1 rejected"),
    "with an open quote": ("csv", f'key,soil\n"{"x" * SIZE},dry\n', "1 rejected"),
    "of JSON": ("ndjson", f'{{"soil": "{"x" * SIZE}"}}\n', "1 rejected"),
}
_MEASURED = """
import resource, sys
from expert.cli import main

def peak(name):
    try:
        main(["cohort", name, "-o", name + ".out.csv", "--knowledge", sys.argv[1]])
    except SystemExit:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

small = peak(sys.argv[2])
print("grew by", (peak(sys.argv[3]) - small) // 1024, "MB")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the unit of the peak is Linux's")
@pytest.mark.parametrize("what", LONG)
def test_a_cell_of_20_mb_costs_a_small_multiple_of_its_size(what: str, tmp_path: Path) -> None:
    form, text, outcome = LONG[what]
    small = put(tmp_path, text.replace("x" * SIZE, "x").replace("1" * SIZE, "1"), f"small.{form}")
    large = put(tmp_path, text, f"large.{form}")
    words = [sys.executable, "-c", _MEASURED, str(BASE), str(small), str(large)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert outcome in " ".join(done.stdout.split())
    assert int(done.stdout.split("grew by ")[1].split()[0]) < 20 * SIZE // 2**20


def test_a_row_and_a_header_of_a_million_cells_are_reported(where: Path) -> None:
    (reject,) = rejects(where, "key,soil\n" + "x," * 10**6 + "\n")
    assert reject.faults[0].problem.message == "the row has 1000001 cells, and the header 2"
    (problem,) = problems(where, "soil" + ",x" * 10**6 + "\ndry\n")
    assert problem.message.endswith(" has more than 100,000 columns")


def test_a_long_name_is_shortened(tmp_path: Path) -> None:
    put(tmp_path, f"pain,{'x' * 5_000}\nsevere,a\n")
    result = run("cohort", str(tmp_path / "t.csv"), "-o", str(tmp_path / "o.csv"), "--knowledge", backs(tmp_path / "k"))
    assert result.status == 0
    assert len(result.out) < 3_000
