"""The structure of tables: quotes, field counts, encodings, line ends, headers; and NDJSON's own faults."""

from __future__ import annotations

import csv
import io
from itertools import product
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expert import PatientError, read_knowledge
from expert.columns.read import Reject, Tally, read_cohort
from tests.malformed import BASE

KB = read_knowledge(BASE)
HEADER = b"key,soil,note\n"


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("structure")


class Read:
    """The result of reading a file: the passed columns of each answered row, with its line, and the rejects."""

    def __init__(self, where: Path, data: bytes, name: str = "t.csv", delimiter: str = "", block: int = 2**20) -> None:
        (where / name).write_bytes(data)
        tally = Tally()
        self.lines: dict[str, int] = {}
        self.records: dict[str, int] = {}
        self.cells: list[tuple[object, ...]] = []
        self.rejects: list[Reject] = []
        for batch in read_cohort(KB, [where / name], delimiter=delimiter, block=block):
            tally.add(batch)
            keys = batch.passed[:, 0].to_list() if batch.passed.width else batch.records.to_list()
            self.lines |= dict(zip(keys, batch.lines, strict=True))
            self.records |= dict(zip(keys, batch.records, strict=True))
            self.cells += batch.passed.rows()
            self.rejects += batch.rejects
        self.read = tally.read

    @property
    def messages(self) -> list[tuple[int, int | None, list[str]]]:
        """The number, the line and the messages of each reject."""
        return [(it.record, it.line, [fault.problem.message for fault in it.faults]) for it in self.rejects]


def messages_for(where: Path, data: bytes, name: str = "h.csv", **further: Any) -> list[str]:
    (where / name).write_bytes(data)
    with pytest.raises(PatientError) as error:
        list(read_cohort(KB, [where / name], **further))
    return [problem.message.replace(str(where), "") for problem in error.value.problems]


NOT_CLOSED, STRAY = "a quote is not closed", "there is a quote within the cell"


# --- quotes -----------------------------------------------------------------------------------------------------------


def test_a_quoted_cell_may_hold_delimiters_quotes_and_lines(where: Path) -> None:
    read = Read(where, HEADER + b'a,dry,"one, ""two""\nthree\r\n\r\nfour"\nb,moist,\n"c",dry,""\n')
    assert read.cells == [("a", 'one, "two"\nthree\r\n\r\nfour'), ("b", None), ("c", "")]
    assert (read.lines, read.rejects) == ({"a": 2, "b": 6, "c": 7}, [])


def test_a_quoted_cell_may_have_a_thousand_lines_and_many_megabytes(where: Path) -> None:
    note = b"word\n" * 1000 + b"x" * 10_000_000
    read = Read(where, HEADER + b'a,dry,"' + note + b'"\nb,dry,x\n')
    assert read.cells == [("a", note.decode()), ("b", "x")]
    assert read.lines == {"a": 2, "b": 1003}


@pytest.mark.parametrize("block", [500, 2**20])
@pytest.mark.parametrize("column", [0, 1, 2])
def test_an_open_quote_ends_with_its_line_and_the_rows_after_it_are_answered(
    where: Path, block: int, column: int
) -> None:
    rows = [[b"k%d" % number, b"dry", b"x"] for number in range(10_000)]
    rows[20][column] = b'"' + rows[20][column]
    read = Read(where, HEADER + b"".join(b",".join(row) + b"\n" for row in rows), block=block)
    assert (read.read, len(read.cells)) == (10_000, 9_999)
    (reject,) = read.rejects
    assert (reject.record, reject.line, reject.raw) == (21, 22, b",".join(rows[20]))
    assert NOT_CLOSED in [fault.problem.message for fault in reject.faults]


@pytest.mark.parametrize(
    ("quotes", "between"),
    [
        *product([b'k9,dry,"x\n', b'k9,"dry,x\n', b'k9,"dry",x\n', b'"k9,dry,x\n'], [1, 5, 150]),
        (b'k9,dry,x"\n', 150),
    ],
)
def test_an_open_quote_does_not_swallow_the_rows_up_to_the_next_quote(where: Path, quotes: bytes, between: int) -> None:
    rows = b"".join(b"k%d,dry,x\n" % number for number in range(100, 100 + between))
    read = Read(where, HEADER + b'a,dry,"open\n' + rows + quotes + b"b,dry,x\n")
    assert {f"k{number}" for number in range(100, 100 + between)} | {"b"} <= set(read.lines)
    assert read.rejects[0].raw == b'a,dry,"open'
    assert read.read == between + 3


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("between", [1, 5, 90])
def test_lines_that_may_be_rows_or_text_of_a_cell_are_rejected_together(where: Path, between: int, end: bytes) -> None:
    """Text is not read as a patient, and a patient is not passed on as text."""
    lines = [b'a,dry,"open', *(b"k%d,dry,x" % number for number in range(100, 100 + between)), b'k9,dry,x"']
    read = Read(where, end.join([HEADER.rstrip(), b"0,dry,x", *lines, b"b,dry,x", b""]))
    assert read.cells == [("0", "x"), ("b", "x")]
    assert read.messages == [(2, 3, ["a quote is closed only after lines that look like rows"])]
    assert read.rejects[0].raw == end.join(lines)
    assert read.lines == {"0": 2, "b": between + 5}


@pytest.mark.parametrize(
    ("row", "messages"),
    [
        (b'a,dry,x "y" z', [STRAY]),
        (b'a,"dry" or so,x', [STRAY]),
        (b'a,d"ry,x"y', [STRAY, STRAY]),
        (b'a,"dry,x', ["the row has 2 cells, and the header 3", NOT_CLOSED]),
        (b'a,"drry",x y"', ["'drry' is not a value of soil", STRAY]),
    ],
)
def test_stray_quotes_are_reported_with_every_other_fault_of_the_row(
    where: Path, row: bytes, messages: list[str]
) -> None:
    read = Read(where, HEADER + b"0,dry,x\n" + row + b"\n1,moist,x\n")
    assert read.messages == [(2, 3, messages)]
    assert read.records == {"0": 1, "1": 3}


# --- rows -------------------------------------------------------------------------------------------------------------


def test_short_and_long_rows_are_rejected_whole(where: Path) -> None:
    read = Read(where, HEADER + b'a,dry\nb,dry,x\nc,dry,x,\n"d"\n,,\n,\n')
    assert read.messages == [
        (1, 2, ["the row has 2 cells, and the header 3"]),
        (3, 4, ["the row has 4 cells, and the header 3"]),
        (4, 5, ["the row has 1 cell, and the header 3"]),
    ]
    assert [it.raw for it in read.rejects] == [b"a,dry", b"c,dry,x,", b'"d"']
    assert read.cells == [("b", "x")]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_any_line_end_is_accepted_and_empty_lines_are_not_records(where: Path, end: bytes) -> None:
    read = Read(where, end.join([b"", b"key,soil,note", b"a,dry,x", b"", b"", b"b,bad,x", b'c,dry,"y"', b""]))
    assert read.lines == {"a": 3, "c": 7}
    assert read.messages == [(2, 6, ["'bad' is not a value of soil"])]
    assert read.cells == [("a", "x"), ("c", "y")]


def test_line_ends_may_be_mixed_and_the_last_may_be_absent(where: Path) -> None:
    read = Read(where, b'key,soil,note\r\na,dry,x\nb,dry,x\rc,dry,"1\r2\r\n3"\r\nd,dry,x\r\r\ne,dry,x')
    assert read.cells == [("a", "x"), ("b", "x"), ("c", "1\r2\r\n3"), ("d", "x"), ("e", "x")]
    assert read.lines == {"a": 2, "b": 3, "c": 4, "d": 7, "e": 9}


def test_bytes_that_are_not_utf_8_reject_their_row_and_keep_it(where: Path) -> None:
    read = Read(where, HEADER + b"a,dry,f\xfcr\nb,dry,f\xc3\xbcr\nc,\xff\xfe,\xff\nd,dry,\0\n")
    assert read.cells == [("b", "für")]
    assert read.messages == [
        (1, 2, ["byte 0xfc is not UTF-8"]),
        (3, 4, ["byte 0xff is not UTF-8"]),
        (4, 5, ["there is a NUL byte here"]),
    ]
    assert [it.raw for it in read.rejects] == [b"a,dry,f\xfcr", b"c,\xff\xfe,\xff", b"d,dry,\0"]
    assert [(it.faults[0].column, it.faults[0].text) for it in read.rejects] == [
        ("note", "f\\xfcr"),
        ("soil", "\\xff\\xfe"),
        ("note", "\0"),
    ]


def test_the_place_of_a_fault_is_the_line_and_column_of_its_cell(where: Path) -> None:
    read = Read(where, 'key,note,soil\nä,"ü\nzwei",drry\n"ö, ö",x,mud\n'.encode())
    places = [(at.line, at.column) for it in read.rejects for fault in it.faults if (at := fault.problem.at)]
    assert places == [(3, 7), (4, 10)]
    assert [it.line for it in read.rejects] == [2, 4]


def test_a_table_may_have_one_column(where: Path) -> None:
    read = Read(where, b'soil\ndry\n\n""\n"moist"\nmud\n')
    assert read.read == 4
    assert read.messages == [(4, 6, ["'mud' is not a value of soil"])]


PARTS = st.sampled_from(
    [b",", b",", b'"', b'"', b'""', b"\n", b"\n", b"\r\n", b"\r", b"dry", b"x", b"\xff", b"\0", b" "]
)


@given(st.lists(PARTS, max_size=60), st.integers(1, 40))
@settings(max_examples=150)
def test_any_bytes_are_answered_or_rejected_rows_for_any_block_size(
    where: Path, parts: list[bytes], block: int
) -> None:
    data = b"soil,note\n" + b"".join(parts)
    at_once, bit_by_bit = Read(where, data), Read(where, data, block=block)
    assert (bit_by_bit.cells, bit_by_bit.lines) == (at_once.cells, at_once.lines)
    assert bit_by_bit.messages == at_once.messages
    assert all(it.raw in data and it.faults for it in at_once.rejects)


# --- headers ----------------------------------------------------------------------------------------------------------


def test_a_byte_order_mark_is_not_part_of_the_header(where: Path) -> None:
    assert Read(where, b"\xef\xbb\xbfkey,soil,note\na,dry,x\n").cells == [("a", "x")]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_second_byte_order_mark_is_part_of_its_cell(where: Path, end: bytes) -> None:
    rows = [b"key,soil,note", b'\xef\xbb\xbfa,dry,"x, ""y"""', b"b,moist,", b""]
    read = Read(where, b"\xef\xbb\xbf" + end.join(rows))
    assert [(key, note or "") for key, note in read.cells] == [("\ufeffa", 'x, "y"'), ("b", "")]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_recognised(where: Path, encoding: str) -> None:
    assert messages_for(where, "key,soil\na,dry\n".encode(encoding)) == ["/h.csv is in UTF-16"]


@pytest.mark.parametrize(
    ("header", "messages"),
    [
        (b"", ["/h.csv is empty"]),
        (b"\n\r\n", ["/h.csv is empty"]),
        (b"key,note\n", ["no column of /h.csv is a finding"]),
        (b"soil,key,key\n", ["the column 'key' is there twice; first as column 2"]),
        (b"soil,,note,\n", ["column 2 has no name"]),
        (b"age,age [years]\n", ["the columns 'age' and 'age [years]' both give age"]),
        (b'soil,"note\n', [NOT_CLOSED]),
        (b'soil,no"te\n', [STRAY]),
        (b"soil,n\xf6te\n", ["byte 0xf6 is not UTF-8"]),
        (b"key;note\n", ["the header of /h.csv is one column, and has ';' between names"]),
        (b"key\tnote\n", ["the header of /h.csv is one column, and has a tab between names"]),
        (b"thirst,soil\n", ["'thirst' is concluded by rules; it cannot be given"]),
        (b"soil [days],age\n", ["soil has no unit"]),
        (b"warning_signs (days)\n", ["warning_signs has no unit"]),
        (b"age [kg]\n", ["'kg' is not a unit of age"]),
        (b"age [%]\n", ["'%' is not a unit of age"]),
    ],
)
def test_faults_of_a_header_are_reported_before_any_row_is_read(
    where: Path, header: bytes, messages: list[str]
) -> None:
    assert messages_for(where, header) == messages


@pytest.mark.parametrize(
    ("column", "meant"),
    [
        ("siol", "soil"),
        ("Soil", "soil"),
        ("time since watering", "time_since_watering"),
        ("time_since_wattering [days]", "time_since_watering [days]"),
        ("aeg", "age"),
        ("age_years", "age [years]"),
        ("Age (weeks)", "age [weeks]"),
        ("leaves_lost_percent", "leaves_lost [%]"),
        ("warning_sign", "warning_signs"),
    ],
)
def test_a_column_that_is_almost_a_finding_is_an_error(where: Path, column: str, meant: str) -> None:
    (where / "near.csv").write_text(f"pests,{column}\n")
    with pytest.raises(PatientError) as error:
        list(read_cohort(KB, [where / "near.csv"]))
    (problem,) = error.value.problems
    assert problem.suggestion == meant
    assert problem.at
    assert (problem.at.line, problem.at.column) == (1, 7)


@pytest.mark.parametrize(
    "column", ["patient_id", "name", "stage", "water", "Name (first)", "date [UTC]", "soil_ph_value"]
)
def test_other_columns_are_passed_on_as_they_are(where: Path, column: str) -> None:
    read = Read(where, f"{column},soil\n 01 ,dry\n".encode())
    assert read.cells == [(" 01 ",)]


def test_columns_of_earlier_answers_are_passed_on(where: Path) -> None:
    kb = read_knowledge()
    names = [f"{step}.status" for step in kb.steps]
    (where / "again.csv").write_text(",".join(["age", "recommended", *names]) + "\n")
    (batch,) = read_cohort(kb, [where / "again.csv"])
    assert batch.passed.columns == ["recommended", *names]


def test_the_delimiter_may_be_another(where: Path) -> None:
    assert Read(where, b'key;soil;note\na;dry;"x;y"\n', delimiter=";").cells == [("a", "x;y")]
    assert Read(where, b"key\tsoil\tnote\na\tdry\tx,y\n", name="t.tsv").cells == [("a", "x,y")]
    assert messages_for(where, b"soil\n", delimiter="ab") == ["'ab' is not a delimiter"]
    assert messages_for(where, b"soil\n", delimiter='"') == ["'\"' is not a delimiter"]


# --- NDJSON -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "messages"),
    [
        (b'{"soil": "dry"', ["this is not JSON: expecting ',' delimiter"]),
        (b'["dry"]', ["a patient is a mapping of findings to values"]),
        (b'{"soil": "dry", "soil": "dry"}', ["'soil' appears twice"]),
        (b'{"soil": ["dry"], "age": "old"}', ["'soil' has one value", "age: 'old' is not a quantity"]),
        (b'{"siol": "dry"}', ["'siol' is not a finding"]),
        (b'{"age": NaN}', ["age: 'NaN' is not a finite number"]),
        (b'{"age": 1e3}', ["age: '1e3' is out of range"]),
        (b'{"wilting": 1}', ["'1' is not a value of wilting"]),
        (b'{"note": "\\ud800"}', ["half of a surrogate pair is escaped here"]),
        (b'{"note": "\xff"}', ["byte 0xff is not UTF-8"]),
        (b"[" * 100_000, ["this is nested too deep"]),
        (b'{"": 1}', ["a key is empty"]),
    ],
)
def test_a_faulty_object_is_rejected_and_its_neighbours_are_answered(
    where: Path, line: bytes, messages: list[str]
) -> None:
    data = b'{"key": "a", "soil": "dry", "note": null}\n\n' + line + b'\n{"key": "b", "wilting": true, "age": 1.5}\n'
    read = Read(where, data, name="t.ndjson")
    assert read.messages == [(2, 3, messages)]
    assert read.rejects[0].raw == line
    assert set(read.records) == {"a", "b"}


def test_values_of_json_keep_their_text(where: Path) -> None:
    (where / "v.ndjson").write_bytes(
        b'{"wilting": "true", "age": "1.50", "id": 007, "x": 1}\n'
        b'{"wilting": false, "age": 1.50, "id": 1.10, "x": {"a": [1.10, null, true, "\\u00e4"]}}\n'
    )
    batches = list(read_cohort(KB, [where / "v.ndjson"]))
    assert [row for batch in batches for row in batch.patients.rows()] == [(False, 547.875)]
    assert batches[0].passed.rows() == [("1.10", '{"a": [1.10, null, true, "ä"]}')]
    assert [it.record for it in batches[0].rejects] == [1]


def test_a_key_that_comes_late_is_not_lost(where: Path) -> None:
    lines = [b'{"soil": "dry"}'] * 10_000 + [b'{"soil": "dry", "late": 1}']
    read = Read(where, b"\n".join(lines), name="late.ndjson")
    assert read.messages == [(10_001, 10_001, ["'late' is a key that none of the first 10000 records has"])]


@given(
    st.lists(st.lists(st.text('ab,"\n\r ü', max_size=5), min_size=8, max_size=8), max_size=6),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.integers(1, 60),
)
def test_output_of_a_csv_module_is_read_without_loss(
    where: Path, table: list[list[str]], end: str, quoting: Literal[1, 2], block: int
) -> None:
    text = io.StringIO(newline="")
    names = [*(f"c{number}" for number in range(8)), "soil"]
    csv.writer(text, lineterminator=end, quoting=quoting).writerows([names, *([*row, "dry"] for row in table)])
    read = Read(where, text.getvalue().encode(), name="w.csv", block=block)
    assert read.cells == [tuple(row) for row in table]
    assert read.rejects == []
