"""A value means the same at every input: the same fact, *unknown*, no value, or the same refusal."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path
from unicodedata import normalize

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from expert import InputError, KnowledgeBase, KnowledgeError, PatientError, read_knowledge
from expert.columns.read import read_cohort
from expert.lang.dimensions import STANDARD
from expert.lang.errors import NotAValueError, Problem, folded
from expert.lang.facts import Patient, Question
from expert.lang.values import Facts
from expert.lang.vocabulary import Kind
from expert.read.answer import read_answer
from expert.read.cases import read_cases
from expert.read.patient import PatientReader
from expert.read.value import ValueReader, meaning_of_word, tidy
from tests.malformed import BASE
from tests.small_ladder import choice, quantity, rule, small_ladder, yes_no

HERE = Path(__file__).parent
KBS = {
    "garden": read_knowledge(BASE),
    "roof": read_knowledge(HERE / "other_ladder"),
    "backs": read_knowledge(),
}

Meaning = tuple[Facts, tuple[str, ...]] | Problem
"""The meaning of a text: facts and the findings given as unknown, or the problem without its place."""


# --- inputs -----------------------------------------------------------------------------------------------------------


def reader(kb: KnowledgeBase, name: str, text: str, _: Path) -> Meaning:
    """The reader itself, which every input must agree with."""
    try:
        reading = ValueReader(kb).read(name, text)
    except NotAValueError as error:
        return error.problem
    members = kb.panels[name].members if name in kb.panels else {name: reading.value}
    found = {it: value for it in kb.inputs if (value := members.get(it)) is not None}
    if reading.value is None:
        return {}, tuple(it for it in kb.inputs if it in members) if reading.said else ()
    return found, ()


def bare(error: InputError) -> Problem:
    (problem,) = error.problems
    return problem._replace(at=None, line="", edit="")


def patient(read: Callable[[], Patient]) -> Meaning:
    try:
        found = read()
    except InputError as error:
        return bare(error)
    return found.facts, found.unknown


def command_line(kb: KnowledgeBase, name: str, text: str, _: Path) -> Meaning:
    return patient(lambda: PatientReader(kb).patient(None, [f"{name}={text}"]))


def program(kb: KnowledgeBase, name: str, text: str, _: Path) -> Meaning:
    reader = PatientReader(kb)
    return patient(lambda: reader.combined(reader.facts({name: text})))


def json_file(kb: KnowledgeBase, name: str, text: str, where: Path) -> Meaning:
    (where / "p.json").write_text(json.dumps({name: text}), "utf-8")
    return patient(lambda: PatientReader(kb).patient(str(where / "p.json")))


def yaml_file(kb: KnowledgeBase, name: str, text: str, where: Path) -> Meaning:
    (where / "p.yaml").write_text(f"{name}: {json.dumps(text, ensure_ascii=False)}\n", "utf-8")
    return patient(lambda: PatientReader(kb).patient(str(where / "p.yaml")))


def site_file(kb: KnowledgeBase, name: str, text: str, where: Path) -> Meaning:
    """A site file, if the finding belongs to the site."""
    if name not in kb.inputs or kb.inputs[name].group != "site":
        return reader(kb, name, text, where)
    (where / "s.yaml").write_text(json.dumps({name: text}), "utf-8")
    return patient(lambda: PatientReader(kb).patient(None, (), str(where / "s.yaml")))


def case_file(kb: KnowledgeBase, name: str, text: str, where: Path) -> Meaning:
    case = {"name": "one", "given": {name: text}, "expect": {"answer": "certain"}}
    (where / "c.test.yaml").write_text(json.dumps([case]), "utf-8")
    return patient(lambda: next(iter(read_cases(kb, [where / "c.test.yaml"]))).patient)


def consultation(kb: KnowledgeBase, name: str, text: str, _: Path) -> Meaning:
    """A line ``finding=value`` typed while something else is asked."""
    asked = next(iter(kb.inputs))
    try:
        said = read_answer(kb, f"{name}={text}", Question("", (asked,)), {}).said
    except PatientError as error:
        problem = bare(error)
        return ({}, ()) if problem.message == "there is no answer here" else problem
    known = {it: said[it] for it in kb.inputs if said.get(it) is not None}
    return known, tuple(it for it in kb.inputs if it in said and it not in known)  # type: ignore[return-value]


def table(kb: KnowledgeBase, file: Path, **options: Path) -> Meaning:
    (batch,) = read_cohort(kb, [file], **options)  # type: ignore[arg-type]
    if batch.rejects:
        ((fault,),) = (reject.faults for reject in batch.rejects)
        return fault.problem._replace(at=None, line="", edit="")
    (row,) = batch.patients.to_dicts()
    return {name: row[name] for name in kb.inputs if row.get(name) is not None}, ()


def csv_table(kb: KnowledgeBase, name: str, text: str, where: Path) -> Meaning:
    with open(where / "t.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["key", name], ["k", text]])
    return table(kb, where / "t.csv")


def ndjson_table(kb: KnowledgeBase, name: str, text: str, where: Path) -> Meaning:
    (where / "t.ndjson").write_text(json.dumps({"key": "k", name: text}) + "\n", "utf-8")
    return table(kb, where / "t.ndjson")


def parquet_table(kb: KnowledgeBase, name: str, text: str, where: Path) -> Meaning:
    pl.DataFrame({"key": ["k"], name: [text]}).write_parquet(where / "t.parquet")
    return table(kb, where / "t.parquet")


def mapping(kb: KnowledgeBase, name: str, text: str, where: Path) -> Meaning:
    """A cell with a word that a mapping file maps to the text."""
    said = {"columns": {"c": {"finding": name, "values": {"w": text}}}}
    (where / "m.yaml").write_text(json.dumps(said), "utf-8")
    (where / "m.csv").write_text("key,c\nk,w\n", "utf-8")
    try:
        return table(kb, where / "m.csv", mapping=where / "m.yaml")
    except InputError as error:
        return bare(error)


DOORS = (command_line, program, json_file, yaml_file, site_file, case_file, consultation)
TABLES = (csv_table, ndjson_table, parquet_table, mapping)
"""Inputs for which a cell *unknown* and an empty cell give the same row."""

HINT = ", or --decimal , for a table whose numbers have commas"


# --- texts ------------------------------------------------------------------------------------------------------------

SPACES = st.sampled_from(["", "", " ", "\N{NO-BREAK SPACE}", "\N{IDEOGRAPHIC SPACE} ", "\t"])
WORDS = ("yes", "no", "true", "false", "y", "n", "on", "none", "unknown", "null", "~", "", "NA", "maybe", "0", "1")
BOUNDS = st.sampled_from(
    [
        ">",
        ">=",
        "< ",
        "\N{GREATER-THAN OR EQUAL TO}",
        "at least ",
        "Under ",
        "3-",
        "2 to ",
        "1 \N{EN DASH} ",
        "between 1 and ",
    ]
)
NUMBERS = st.from_regex(
    r"[+-]?[0-9]{1,3}(\.[0-9]{1,3})?(e[+-]?[0-9])?(/[0-9]{1,2})?", fullmatch=True
) | st.sampled_from(
    ["1e999", "9" * 30, "nan", "-Infinity", "1,5", ".5", "5.", "1_000", "\uff14\uff15", "2/3", "0x10", "- 3"]
)
UNITS = st.sampled_from(["", "%", *STANDARD.names(), "day", "wk", "Weeks", "stone", "d d"])
ANY = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff\ufffe\uffff"), max_size=8
)


def spelt(word: str, how: int) -> str:
    """A word in lower or upper case or with spaces, decomposed or not."""
    spellings = (
        word,
        word.upper(),
        word.title(),
        word.replace("_", " "),
        word.replace("_", "-"),
        normalize("NFD", word),
    )
    return spellings[how % len(spellings)]


@st.composite
def values(draw: st.DrawFn) -> tuple[str, str, str]:
    """A knowledge base, a finding or panel of it, and a text that may be its value."""
    folder = draw(st.sampled_from(sorted(KBS)))
    kb = KBS[folder]
    name = draw(st.sampled_from([*kb.inputs, *kb.panels]))
    finding = kb.inputs.get(name)
    if finding and finding.kind is Kind.QUANTITY and draw(st.booleans()):
        text = draw(st.just("") | BOUNDS) + draw(NUMBERS) + draw(SPACES) + draw(UNITS)
    elif draw(st.booleans()):
        text = spelt(
            draw(st.sampled_from([*((*finding.values, *finding.also) if finding else ()), *WORDS, "caf\u00e9"])),
            draw(st.integers(0, 5)),
        )
    else:
        text = draw(ANY)
    return folder, name, draw(SPACES) + text + draw(SPACES)


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("doors")


@given(values())
@example(("backs", "severity", ""))
@example(("backs", "severity", "null"))
@example(("backs", "pregnant", "TRUE"))
@example(("backs", "imaging_concordant", "true"))
@example(("backs", "imaging_concordant", "Not done"))
@example(("backs", "conservative_duration", "99999999999999999999 days"))
@example(("backs", "conservative_duration", "14\N{NO-BREAK SPACE}weeks"))
@example(("backs", "age", "45"))
@example(("backs", "conservative_duration", ">3 months"))
@example(("backs", "conservative_duration", "3-4 months"))
@example(("backs", "conservative_duration", ">= 92 days"))
@example(("backs", "red_flags", "None"))
@example(("backs", "mis_equipment", "Yes"))
@example(("garden", "time_since_watering", "1,5"))
def test_a_value_means_the_same_at_every_door(where: Path, value: tuple[str, str, str]) -> None:
    folder, name, text = value
    assert_alike(KBS[folder], name, text, where)


WORDS_OF_BACKS = [(it.name, word) for it in KBS["backs"].inputs.values() for word in it.also]


@pytest.mark.parametrize(("name", "word"), WORDS_OF_BACKS)
def test_every_word_of_the_vocabulary_is_its_value_at_every_door(where: Path, name: str, word: str) -> None:
    kb = KBS["backs"]
    for how in range(6):
        text = spelt(word, how)
        assert reader(kb, name, text, where) == ({name: kb.inputs[name].also[word]}, ())
        assert_alike(kb, name, text, where)


SIGNS = st.text(st.sampled_from("ab4/+-.' \u00e9\u00df\u00b2"), min_size=1, max_size=6).map(tidy)
SORTS = {
    "severity": (choice("mild", "severe"), ["mild", "severe"]),
    "fever": (yes_no(), ["yes", "no"]),
    "days_ill": (quantity("0 days .. 90 days", unit="days"), ["3 days", "2 weeks"]),
    "share": (quantity("0 .. 1"), ["1/3", "67 %"]),
    "grade": (quantity("0 .. 5"), ["4"]),
}


@given(st.sampled_from(sorted(SORTS)), st.lists(SIGNS.filter(bool), min_size=1, max_size=4), st.data())
def test_the_words_of_any_vocabulary_are_values_at_every_door_or_refused(
    where: Path, name: str, words: list[str], data: st.DataObject
) -> None:
    entry, values = SORTS[name]
    also = {word: data.draw(st.sampled_from(values)) for word in words}
    parts = {"steps": {"wait": {}}, "rules": {"wait": rule("always", "supports wait")}}
    plain = small_ladder(where / "plain", findings={name: entry}, **parts)
    wrong = [word for word in also if meaning_of_word(plain.inputs[name], word)]
    first = {folded(tidy(word)): word for word in reversed(also)}
    twice = [word for word in also if first[folded(tidy(word))] != word]
    if wrong or twice:
        with pytest.raises(KnowledgeError) as refused:
            small_ladder(where / "words", findings={name: {**entry, "also": also}}, **parts)
        assert len(refused.value.problems) == len({*wrong, *twice})
        return
    kb = small_ladder(where / "words", findings={name: {**entry, "also": also}}, **parts)
    for word, value in also.items():
        text = spelt(word, data.draw(st.integers(0, 5)))
        assert reader(kb, name, text, where) == reader(plain, name, value, where)
        assert_alike(kb, name, text, where)


def assert_alike(kb: KnowledgeBase, name: str, text: str, where: Path) -> None:
    """A text means the same at every input."""
    wanted = reader(kb, name, text, where)
    found = {door.__name__: door(kb, name, text, where) for door in DOORS if not is_of_the_prompt(door, kb, name, text)}
    assert found == dict.fromkeys(found, wanted)
    row = wanted if isinstance(wanted, Problem) else (wanted[0], ())
    found = {door.__name__: without_hint(door(kb, name, text, where)) for door in TABLES}
    assert found == dict.fromkeys(found, row)


def without_hint(meaning: Meaning) -> Meaning:
    """What a table makes of a text, without what only tables can suggest."""
    if not isinstance(meaning, Problem):
        return meaning
    return meaning._replace(expected=meaning.expected.removesuffix(HINT))


def is_of_the_prompt(door: Callable[..., Meaning], kb: KnowledgeBase, name: str, text: str) -> bool:
    """Whether a prompt splits the text, or completes a word from its beginning."""
    if door is not consultation:
        return False
    finding = kb.inputs.get(name)
    values = (*(finding.values or ("yes", "no")), *map(folded, finding.also)) if finding else ()
    return "=" in re.sub("[<>]=", "", text) or "," in text or any(it.startswith(folded(tidy(text))) for it in values)


# --- files ------------------------------------------------------------------------------------------------------------

AGE = "gr\u00f6\u00dfe"


def test_a_column_is_mapped_in_any_unicode_form_of_its_name(where: Path) -> None:
    for mapped, named in ((AGE, normalize("NFD", AGE)), (normalize("NFD", AGE), AGE)):
        (where / "nfc.yaml").write_text(f"columns: {{{mapped}: age}}\npass: [{mapped}2]\n", "utf-8")
        frame = pl.DataFrame({"key": ["k"], named: ["45"], f"{named}2": ["x"]})
        frame.write_csv(where / "nfc.csv")
        frame.write_ndjson(where / "nfc.ndjson")
        frame.write_parquet(where / "nfc.parquet")
        for form in ("csv", "ndjson", "parquet"):
            assert table(KBS["backs"], where / f"nfc.{form}", mapping=where / "nfc.yaml") == ({"age": 45 * 365.25}, ())


def test_a_typed_column_may_hold_numbers_that_are_words_for_values(where: Path) -> None:
    stenosis = choice("none", "mild", "severe", also={"0": "none", "1": "mild", "2": "severe"})
    kb = small_ladder(
        where / "numbers",
        findings={"stenosis": stenosis},
        steps={"wait": {}},
        rules={"wait": rule("always", "supports wait")},
    )
    for numbers in ([1], [1.0], pl.Series([1], dtype=pl.Int8), pl.Series([Decimal(1)], dtype=pl.Decimal(5, 1))):
        pl.DataFrame({"key": ["k"], "stenosis": numbers}).write_parquet(where / "numbers.parquet")
        assert table(kb, where / "numbers.parquet") == ({"stenosis": "mild"}, ())
    (where / "numbers.json").write_text('{"stenosis": 2}', "utf-8")
    assert PatientReader(kb).patient(str(where / "numbers.json")).facts == {"stenosis": "severe"}


@pytest.mark.parametrize("name", ["imaging_concordant", "pregnant"])
def test_true_and_false_are_yes_and_no_as_booleans_or_text(where: Path, name: str) -> None:
    kb = KBS["backs"]
    for value in (True, False):
        pl.DataFrame({"key": ["k"], name: [value]}).write_parquet(where / "typed.parquet")
        as_text = json_file(kb, name, str(value), where)
        assert not isinstance(as_text, Problem)
        assert ValueReader(kb).read(name, value).value == as_text[0][name]
        assert table(kb, where / "typed.parquet") == as_text


def test_two_keys_for_one_finding_are_an_error_in_objects_and_tables(where: Path) -> None:
    (where / "two.ndjson").write_text('{"age": 45, "age [years]": 3}\n', "utf-8")
    with pytest.raises(PatientError, match=r"the keys 'age' and 'age \[years\]' both give age"):
        list(read_cohort(KBS["backs"], [where / "two.ndjson"]))


@pytest.mark.parametrize(
    ("door", "encoding"),
    [
        *product(["patient", "site", "mapping", "case"], ["utf-16", "utf-16-le", "utf-16-be"]),
        *product(["csv", "ndjson"], ["utf-16-le", "utf-16-be"]),  # tables with a mark, as Excel writes them, are read
    ],
)
def test_utf_16_is_named_at_every_input(where: Path, door: str, encoding: str) -> None:
    kb, file = KBS["backs"], where / f"utf_16.{door if door in ('csv', 'ndjson') else 'yaml'}"
    file.write_bytes("{age: 45, severity: severe}\n".encode(encoding))
    csv_file = where / "some.csv"
    csv_file.write_text("age\n45\n", "utf-8")
    read: dict[str, Callable[[], object]] = {
        "patient": lambda: PatientReader(kb).patient(str(file)),
        "site": lambda: PatientReader(kb).patient(None, (), str(file)),
        "case": lambda: read_cases(kb, [file]),
        "mapping": lambda: list(read_cohort(kb, [csv_file], mapping=file)),
    }
    with pytest.raises(InputError, match="UTF-16"):
        read.get(door, lambda: list(read_cohort(kb, [file])))()


def test_json_may_escape_a_character_as_a_pair_of_surrogates(where: Path) -> None:
    (where / "pair.json").write_text('{"age": 45, "severity": "\\ud83d\\ude00"}', "utf-8")
    with pytest.raises(PatientError, match="\N{GRINNING FACE}"):
        PatientReader(KBS["backs"]).patient(str(where / "pair.json"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (">= 92 days", {"conservative_duration": ">= 92 days"}),
        ("> 3 months age=45", {"age": "45 years"}),
        ("7-8 weeks", {}),
    ],
)
def test_a_prompt_accepts_a_bound_as_an_answer(line: str, said: dict[str, str]) -> None:
    asked = Question("", ("conservative_duration",))
    assert said.items() <= read_answer(KBS["backs"], line, asked, {}).written.items()


@pytest.mark.parametrize("number", [np.int64(45), np.float64(45), Fraction(45), Decimal(45), 45.0])
def test_a_number_of_any_type_is_that_number(number: object) -> None:
    assert ValueReader(KBS["backs"]).read("age", number) == ValueReader(KBS["backs"]).read("age", "45")


@pytest.mark.parametrize("divisor", [1, 3])
def test_a_number_with_too_many_digits_is_refused(divisor: int) -> None:
    with pytest.raises(NotAValueError):
        ValueReader(KBS["backs"]).read("age", Fraction(10**5000, divisor))
