"""Units that a vocabulary declares: read and written like the others, by one knowledge base alone."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expert import KnowledgeBase, read_knowledge
from expert.columns.read import read_cohort
from expert.lang.dimensions import STANDARD, Unit
from expert.lang.errors import KnowledgeError, NotAValueError
from expert.lang.units import read_quantity, write_quantity
from expert.read.fields import is_named
from expert.read.patient import PatientReader
from expert.read.value import ValueReader
from expert.sql.to_sql import query
from tests.command_line import run
from tests.conftest import REPOSITORY
from tests.small_ladder import quantity, rule, small_ladder, write_ladder

UNITS: dict[str, Any] = {
    "mg/dL": {"is": "0.0555 mmol/L", "also": ["mg/dl"]},
    "mmol/L": {},
    "kg/m2": {"also": ["kg/m\u00b2"]},
    "\u00b5g": {"is": "1/1000 mg", "also": ["\u03bcg", "ug"]},
    "fortnights": {"is": "2 weeks", "also": ["fn"]},
    "weeks": {"also": ["w"]},
}
PARTS: dict[str, Any] = {
    "findings": {
        "glucose": quantity("0 mmol/L .. 99 mmol/L", "5 mmol/L", "mmol/L", resolution="1 mg/dL"),
        "bmi": quantity("5 kg/m2 .. 99 kg/m\u00b2", "25 kg/m2", "kg/m2"),
        "dose": quantity("0 g .. 1 kg", unit="mg"),
        "ill_for": quantity("0 weeks .. 9 years", "2 weeks", "weeks"),
    },
    "rules": {
        "wait": rule("always", "supports wait"),
        "sweet": rule("glucose > 200 mg/dL", "supports see"),
        "heavy": rule("bmi >= 40 kg/m2", "supports see"),
        "long": rule("ill_for > 3 fortnights", "excludes wait"),
    },
    "steps": {"see": {}, "wait": {}},
}
LONG: dict[str, Any] = {"ill_for": PARTS["findings"]["ill_for"]}
PARTS_LONG = {**PARTS, "findings": LONG, "rules": {"wait": PARTS["rules"]["wait"]}}


@pytest.fixture(scope="module")
def blood(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    return small_ladder(tmp_path_factory.mktemp("blood"), units=UNITS, **PARTS)


@pytest.mark.parametrize(
    ("name", "text", "number"),
    [
        ("glucose", "200 mg/dL", 11.1),
        ("glucose", "200mg/dl", 11.1),
        ("glucose", "1/3 mmol/L", 1 / 3),
        ("bmi", "31.5 kg/m2", 31.5),
        ("bmi", "31.5kg/m\u00b2", 31.5),
        ("dose", "5 \u00b5g", 5e-6),
        ("dose", "5\u03bcg", 5e-6),
        ("ill_for", "2 fortnights", 28.0),
        ("ill_for", "14w", 98.0),
    ],
)
def test_a_quantity_is_read_in_every_unit_of_its_dimension(
    blood: KnowledgeBase, name: str, text: str, number: float, tmp_path: Path
) -> None:
    (tmp_path / "p.json").write_text(json.dumps({name: text}), "utf-8")
    assert PatientReader(blood).patient(str(tmp_path / "p.json")).facts == {name: number}
    assert PatientReader(blood).patient(None, [f"{name}={text}"]).facts == {name: number}


def test_bounds_and_premises_have_further_units(blood: KnowledgeBase) -> None:
    reader = ValueReader(blood)
    assert reader.read("bmi", "> 40 kg/m2").written == "> 40 kg/m2"
    assert reader.read("bmi", "30-35 kg/m2").value == 32.5
    assert blood.rules["sweet"].when[0].threshold == 11.1  # type: ignore[union-attr]
    assert blood.findings["glucose"].resolution == float(Fraction("0.0555"))
    with pytest.raises(NotAValueError, match="spans 200 mg/dL"):
        reader.read("glucose", "150-250 mg/dL")
    with pytest.raises(NotAValueError, match="measure"):
        reader.read("glucose", "5 kg/m2")


def test_a_column_is_in_a_further_unit_by_its_name_a_mapping_file_or_its_cells(
    blood: KnowledgeBase, tmp_path: Path
) -> None:
    (tmp_path / "m.yaml").write_text(
        "columns:\n  sugar: {finding: glucose, unit: mg/dl}\n  mass: {finding: bmi, unit: kg/m2}\n", "utf-8"
    )
    frames = {
        "typed": pl.DataFrame({"glucose [mg/dL]": [200.0, 90.5], "bmi [kg/m\u00b2]": [31, 32]}),
        "text": pl.DataFrame({"glucose": ["200 mg/dL", "90.5 mg/dL"], "bmi": ["31 kg/m2", "32kg/m2"]}),
        "mapped": pl.DataFrame({"sugar": ["200", "90.5 mg/dL"], "mass": ["31", "32 kg/m2"]}),
    }
    wanted = {"glucose": [11.1, float(Fraction("90.5") * Fraction("0.0555"))], "bmi": [31.0, 32.0]}
    for kind, frame in frames.items():
        frame.write_csv(tmp_path / f"{kind}.csv")
        frame.write_parquet(tmp_path / f"{kind}.parquet")
        for form in ("csv", "parquet"):
            mapping = tmp_path / "m.yaml" if kind == "mapped" else None
            (batch,) = read_cohort(blood, [tmp_path / f"{kind}.{form}"], mapping=mapping)
            assert not batch.rejects
            assert {name: batch.patients[name].to_list() for name in wanted} == wanted, (kind, form)


def test_a_query_compares_in_the_unit_of_the_finding(blood: KnowledgeBase, tmp_path: Path) -> None:
    in_mg = {**PARTS["findings"], "glucose": quantity("0 mg/dL .. 999 mg/dL", "90 mg/dL", "mg/dL")}
    kb = small_ladder(tmp_path, units=UNITS, **{**PARTS, "findings": in_mg})
    for base, column, numbers in ((blood, "glucose", (11.1, 11.2)), (kb, "glucose", (200.0, 200.5))):
        asked: dict[str, Any] = {"keys": ["id"], "columns": {column: column}}
        with duckdb.connect() as database:
            database.execute("CREATE TABLE patients (id INTEGER, glucose DOUBLE)")
            database.executemany("INSERT INTO patients VALUES (?, ?)", [*enumerate(numbers)])
            answers = database.execute(query(base, "duckdb", **asked)).fetchall()
        assert [it[3] for it in answers] == ["wait", "see"]


def test_two_knowledge_bases_do_not_share_their_units(blood: KnowledgeBase, tmp_path: Path) -> None:
    units = {**UNITS, "mg/dL": {"is": "1/10 mmol/L"}, "weeks": {}}
    other = small_ladder(tmp_path, units=units, **PARTS)
    assert ValueReader(other).read("glucose", "20 mg/dL").value == 2.0
    assert ValueReader(blood).read("glucose", "20 mg/dL").value == 1.11
    assert ValueReader(blood).read("ill_for", "2w").value == 14.0
    for kb in (other, read_knowledge(REPOSITORY / "tests" / "garden")):
        with pytest.raises(NotAValueError, match="'w' is not a unit"):
            ValueReader(kb).read(next(it for it in ("ill_for", "same_soil_for") if it in kb.findings), "2w")
    assert "w" not in STANDARD.known


def test_units_may_be_written_short_in_the_shipped_knowledge() -> None:
    reader = ValueReader(read_knowledge())
    for name, short, whole in (
        ("conservative_duration", "14w", "14 weeks"),
        ("symptom_duration", "3mo", "3 months"),
        ("age", "45y", "45 years"),
        ("age", "45", "45 years"),
        ("conservative_duration", "10d", "10 days"),
        ("conservative_duration", "36h", "36 hours"),
    ):
        assert reader.read(name, short).value == reader.read(name, whole).value


def test_a_unit_that_is_read_as_another_amount_is_never_equivalent(tmp_path: Path) -> None:
    other = {**UNITS, "mg/dL": {"is": "0.06 mmol/L", "also": ["mg/dl"]}}
    findings = {**PARTS["findings"], "glucose": quantity("0 mmol/L .. 99 mmol/L", "5 mmol/L", "mmol/L")}
    rules = {**PARTS["rules"], "sweet": rule("glucose > 11 mmol/L", "supports see")}
    for side, units in (("old", UNITS), ("new", other)):
        write_ladder(tmp_path / side, units=units, **{**PARTS, "findings": findings, "rules": rules})
    done = run("diff", str(tmp_path / "old"), str(tmp_path / "new"), "--format", "json", "--fail-on-change")
    answer = json.loads(done.out)
    (change,) = answer["others"]
    assert (done.status, answer["equivalent"], change["kind"], change["name"]) == (1, False, "unit", "glucose")
    assert change["witness"]["given"]["glucose"].endswith("mg/dL")
    assert [(edit["kind"], edit["id"], edit["parts"]) for edit in answer["edits"]] == [
        ("further unit", "mg/dL", ["is"])
    ]


def test_a_unit_is_so_much_of_a_further_spelling(tmp_path: Path) -> None:
    units: dict[str, Any] = {
        "fn": {"is": "2 w"},
        "weeks": {"also": ["w"]},
        "mg/dL": {"is": "0.5 mM"},
        "mmol/L": {"also": ["mM"]},
    }
    kb = small_ladder(
        tmp_path, units=units, **{**PARTS_LONG, "findings": {**LONG, "sugar": quantity("0 mM .. 9 mM", unit="mM")}}
    )
    assert ValueReader(kb).read("ill_for", "3 fn").value == 42.0
    assert ValueReader(kb).read("sugar", "3 mg/dL").value == 1.5


def test_a_thousand_units_may_be_defined_by_each_other_but_not_in_a_circle(tmp_path: Path) -> None:
    units: dict[str, Any] = {f"u{it}": {"is": f"1 u{it + 1}"} for it in range(1000)}
    parts = {**PARTS_LONG, "findings": {**LONG, "much": quantity("0 u0 .. 9 u0", unit="u0")}}
    kb = small_ladder(tmp_path / "long", units={**units, "u1000": {"is": "2 g"}}, **parts)
    assert ValueReader(kb).read("much", "3 u500").value == 6.0
    with pytest.raises(KnowledgeError) as error:
        small_ladder(tmp_path / "round", units={**units, "u1000": {"is": "1 u0"}}, **parts)
    assert [it.message.partition(":")[0] for it in error.value.problems] == ["the unit 'u0' is defined by itself"]
    long: dict[str, Any] = {f"u{it}": {"is": f"1.{it + 1:0200} u{it + 1}"} for it in range(20)}
    with pytest.raises(KnowledgeError) as error:
        small_ladder(tmp_path / "exact", units={**long, "u20": {}}, **parts)
    assert "has over 1,000 figures" in error.value.problems[0].message


@pytest.mark.parametrize("name", ["none", "Unknown", "to", "and", "of", "e3", "E3x"])
def test_no_unit_is_named_by_a_word_that_quantities_are_written_with(name: str, tmp_path: Path) -> None:
    wrong: tuple[dict[str, Any], ...] = ({name: {}}, {"x": {"also": [name]}})
    for units in wrong:
        with pytest.raises(KnowledgeError) as error:
            small_ladder(tmp_path, units=units, **PARTS_LONG)
        (problem,) = error.value.problems
        assert (problem.message.split(" is not ")[0], problem.at is not None) == (repr(name), True)
        assert "\u00b2, \u00b3 or /" in problem.expected
    small_ladder(tmp_path, units={f"x{name}": {}, "total": {}, "e": {}}, **PARTS_LONG)


# --- any units --------------------------------------------------------------------------------------------------------

NAMES = st.from_regex(r"[A-Za-z\u00b5](?:[A-Za-z0-9\u00b2]|/[A-Za-z]){0,5}", fullmatch=True)
AMOUNTS = st.from_regex(r"[1-9][0-9]{0,3}(\.[0-9]{1,3})?(/[1-9][0-9]?)?", fullmatch=True)


@given(st.data())
def test_any_units_are_read_exactly_and_written_back(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    names = data.draw(
        st.lists(
            NAMES.filter(lambda it: it not in STANDARD.known and is_named(it, "units")),
            min_size=2,
            max_size=5,
            unique=True,
        )
    )
    sizes = {names[0]: Fraction(1)}
    units: dict[str, Any] = {names[0]: {}}
    for name in names[1:]:
        of, amount = data.draw(st.sampled_from([*sizes])), data.draw(AMOUNTS)
        units[name] = {"is": f"{amount} {of}"}
        top, _, bottom = amount.partition("/")
        sizes[name] = sizes[of] * Fraction(top) / int(bottom or 1)
    units = dict(data.draw(st.permutations([*units.items()])))
    folder = tmp_path_factory.getbasetemp() / "any_units"
    own = data.draw(st.sampled_from(names))
    finding = quantity(f"0 {own} .. 1e15 {own}", unit=own)
    parts = {"rules": {"wait": rule("always", "supports wait")}, "steps": {"wait": {}}}
    kb = small_ladder(folder, units=units, findings={"amount": finding}, **parts)
    reader = ValueReader(kb)
    for name, size in sizes.items():
        written = data.draw(AMOUNTS)
        top, _, bottom = written.partition("/")
        number = reader.read("amount", f"{written}{data.draw(st.sampled_from(['', ' ']))}{name}").value
        assert number == float(Fraction(top) / int(bottom or 1) * size)
        unit = kb.units.named(name)
        assert isinstance(unit, Unit)
        assert isinstance(number, float)
        again = write_quantity(number, unit, kb.units)
        assert read_quantity(again, unit, kb.units) == number
        assert kb.units.ends_without(f"{written} {name}") is False
