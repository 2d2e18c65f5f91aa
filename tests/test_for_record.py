"""Findings for the record: given and shown at every door, read by nothing."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

import expert
from expert import ExpertSystem, KnowledgeBase, KnowledgeError, PatientError, read_knowledge
from expert.answer.assess import Reasoner
from expert.answer.change import changes
from expert.answer.consult import ConsultationTurns
from expert.answer.enough import sufficient_reasons
from expert.check.check import check
from expert.diff.diff import difference
from expert.edit.schema import schemas
from expert.journal.receipt import unlike
from expert.journal.store import Journal
from expert.lang.definitions import Definitions
from expert.lang.dimensions import NUMBER
from expert.lang.facts import Patient
from expert.lang.values import Facts
from expert.lang.vocabulary import Kind
from expert.logic.domain import Domain
from expert.render.json import render_json, to_json
from expert.solve.case_split import contradictions
from tests.command_line import run
from tests.journals import DAY, HOUSE, journal_of, write_house
from tests.malformed import spoilt
from tests.small_ladder import choice, quantity, yes_no
from tests.strategies import finding, random_facts, small_knowledge

RECORDED: dict[str, Any] = {
    "floor": choice("ground", "first", for_record="yes"),
    "hours_asleep": quantity("0 .. 12", resolution="1", for_record="yes"),
    "alone": yes_no(for_record="yes"),
}
WORDS = ["floor=first", "hours_asleep=7", "alone=no"]
SAID = dict(word.split("=") for word in WORDS)
FIRE = {"smoke": "thick", "minutes": "29"}


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return write_house(tmp_path / "k", findings={**HOUSE["findings"], **RECORDED})


@pytest.fixture
def system(folder: str) -> ExpertSystem:
    return expert.load(folder)


@pytest.fixture
def house(system: ExpertSystem) -> KnowledgeBase:
    return system.knowledge


# --- the vocabulary ---------------------------------------------------------------------------------------------------

COLOUR = """
  colour:
    title: Colour of the leaves
    ask: Which colour do the leaves have?
    type: choice
    values: [green, yellow]
    for_record: yes
    group: plant
  wilting:"""


PLAUSIBLE = """
plausible:
  odd:
    {}
    level: warning
    because: It is odd.
constraints:"""


@pytest.mark.parametrize(
    ("file", "find", "put"),
    [
        ("rules/trouble.yaml", "when: pests", "when: [pests, not colour is green]"),
        ("rules/trouble.yaml", "- not wilting", "- any:\n        - colour in [green]"),
        ("invariants.yaml", "[pests, not greenhouse]", "[pests, colour is green]"),
        ("vocabulary.yaml", "asked_if: wilting", "asked_if: colour is yellow"),
        ("vocabulary.yaml", "never: [soil is soaked,", "never: [colour is yellow,"),
        ("vocabulary.yaml", "      pests: no\n", "      pests: no\n      colour: green\n"),
        ("vocabulary.yaml", "\nconstraints:", PLAUSIBLE.format("never: [colour is yellow]")),
        ("vocabulary.yaml", "\nconstraints:", PLAUSIBLE.format("always: colour <= age")),
        ("rules/trouble.yaml", "when: pests", "when: {at least 1 of: [pests, colour is green]}"),
    ],
    ids=["when", "unless", "invariant", "asked_if", "constraint", "panel", "implausible", "plausible", "count"],
)
def test_nothing_may_read_it(tmp_path: Path, file: str, find: str, put: str) -> None:
    edits = [{"file": "vocabulary.yaml", "find": "\n  wilting:", "put": COLOUR}]
    spoilt(tmp_path, [*edits, {"file": file, "find": find, "put": put}])
    with pytest.raises(KnowledgeError) as error:
        read_knowledge(tmp_path / "k")
    (problem,) = error.value.problems
    assert problem.message == "colour is only for the record: it is shown, but no rule reads it"
    assert problem.at is not None
    assert (
        (tmp_path / "k" / file)
        .read_text()
        .splitlines()[problem.at.line - 1][problem.at.column - 1 :]
        .startswith("colour")
    )


def test_no_direction_is_about_it(tmp_path: Path) -> None:
    promise = "invariants:\n  w:\n    title: W\n    never: available care\n    as: colour rises\n"
    edits = [
        {"file": "vocabulary.yaml", "find": "\n  wilting:", "put": COLOUR},
        {"file": "invariants.yaml", "find": "invariants:\n", "put": f"{promise}    because: W.\n    cite: [A01]\n"},
    ]
    spoilt(tmp_path, edits)
    with pytest.raises(KnowledgeError, match="'colour' is not an input finding of type choice or quantity"):
        read_knowledge(tmp_path / "k")


@pytest.mark.parametrize("key", ["usual: green", "default: green", "asked_if: wilting", "alike: [green, yellow]"])
def test_it_has_no_key_of_findings_that_rules_read(tmp_path: Path, key: str) -> None:
    text = COLOUR.replace("for_record: yes", f"{key}\n    for_record: yes")
    spoilt(tmp_path, [{"file": "vocabulary.yaml", "find": "\n  wilting:", "put": text}])
    with pytest.raises(KnowledgeError) as error:
        read_knowledge(tmp_path / "k")
    assert f"a finding for the record has no {key.split(':')[0]!r}" in [it.message for it in error.value.problems]


def test_it_is_no_part_of_the_space_of_patients(house: KnowledgeBase) -> None:
    assert [name for name in house.given if name not in house.inputs] == list(RECORDED)


def test_no_lint_and_no_proof_speaks_of_it(folder: str) -> None:
    found = check(folder, today=DAY)
    assert not [fault for fault in found.faults if fault.subject in RECORDED]
    assert not [proof for proof in found.proofs if proof.subject in RECORDED]


def test_editors_offer_it_to_patients_and_not_to_rules(house: KnowledgeBase) -> None:
    found = schemas(house)
    assert "hours_asleep" in found["patient"]["properties"]
    assert "hours_asleep" not in json.dumps(found["rules"])


# --- answers ----------------------------------------------------------------------------------------------------------


def test_the_answer_is_that_without_it(system: ExpertSystem) -> None:
    plain, recorded = (system.assess(facts).to_dict() for facts in (FIRE, {**FIRE, **SAID}))
    assert recorded.pop("given") == {**plain.pop("given"), "floor": "first", "hours_asleep": "7", "alone": False}
    assert recorded == plain


@pytest.mark.parametrize("words", [["floor=cellar"], ["hours_asleep=13"], ["alone=perhaps"]])
def test_its_value_is_checked(folder: str, words: list[str]) -> None:
    found = run("assess", "--full", "--knowledge", folder, *words)
    assert found.status == 2
    assert words[0].split("=")[0] in found.err


def test_the_text_has_it_in_one_line(folder: str) -> None:
    text = run("assess", "--full", "--knowledge", folder, "smoke=thick", *WORDS).out
    assert "For the record: floor first; hours_asleep 7; alone no" in text
    assert "For the record" not in run("assess", "--full", "--knowledge", folder, "smoke=thick").out


def test_the_report_has_it_among_what_was_given(system: ExpertSystem) -> None:
    report = system.report({**FIRE, **SAID}, "markdown", appendix=True)
    assert "- Floor: first *(for the record)*" in report


def test_why_says_that_it_is_only_for_the_record(system: ExpertSystem) -> None:
    assert system.why(SAID, "floor").verdict == "is first, as given, and is only for the record"
    assert system.why({}, "floor").verdict == "is not known, and is only for the record"


def test_another_value_changes_nothing(system: ExpertSystem) -> None:
    found = system.what_if({**FIRE, **SAID}, {"floor": "ground"})
    assert [it.claim for it in found.changed] == ["floor"]
    assert not found.turned


def test_no_change_and_no_reason_names_it(system: ExpertSystem) -> None:
    patient = {**FIRE, **SAID}
    assert (
        not {name for it in system.change(patient).ways for way in it.counterfactuals for name in way.values}
        & RECORDED.keys()
    )
    enough = system.enough(patient)
    assert enough.reasons is not None
    named = {it.finding for one in enough.reasons.sets for it in (*one.given, *one.presumed)}
    assert named
    assert not named & RECORDED.keys()


def test_a_consultation_never_asks_for_it_and_takes_it(system: ExpertSystem) -> None:
    consultation = system.consult()
    consultation.answer(SAID)
    asked: list[str] = []
    while question := consultation.question():
        asked += question.findings
        consultation.answer(dict.fromkeys(question.findings, "unknown"))
    assert asked
    assert not {*asked} & RECORDED.keys()
    assert consultation.facts.items() >= SAID.items()
    assert consultation.assess().to_dict()["given"]["floor"] == "first"


# --- random knowledge -------------------------------------------------------------------------------------------------

NOTED = (
    finding("noted", for_record=True),
    finding("kind", Kind.CHOICE, values=("one", "two"), for_record=True),
    finding("count", Kind.QUANTITY, unit=NUMBER, low=0.0, high=10.0, for_record=True),
)


def everything_of(reasoner: Reasoner, facts: Facts) -> list[object]:
    """All answers about a patient: the answer itself, the questions, what would change the step, and what is enough."""
    patient = Patient(facts)
    answer = reasoner.assess(patient)
    said = to_json(reasoner.kb, answer, DAY)
    reasons = sufficient_reasons(reasoner, answer, 5)
    turns = ConsultationTurns(reasoner, patient)
    asked = []
    while question := turns.question():
        asked.append(question)
        turns.answer(dict.fromkeys(question.findings))
    return [
        {key: it for key, it in said.items() if key != "given"},
        asked,
        changes(reasoner, patient, None, 2),
        reasons,
    ]


@pytest.mark.parametrize("seed", range(25))
def test_nothing_of_any_answer_depends_on_what_is_for_the_record(seed: int) -> None:
    rng = Random(f"record {seed}")
    drawn = (small_knowledge(rng, constrained=rng.random() < 0.5) for _ in count())
    plain = next(kb for kb in drawn if not contradictions(Domain(Definitions(kb))))
    kb = plain._replace(findings={**plain.findings, **{it.name: it for it in NOTED}})
    without, with_them = Reasoner(plain), Reasoner(kb)
    for _ in range(3):
        facts = random_facts(without.domain, rng)
        if without.domain.possible_background(facts):
            recorded: Facts = {"noted": rng.random() < 0.5, "kind": rng.choice(["one", "two"]), "count": 3.0}
            assert everything_of(with_them, {**facts, **recorded}) == everything_of(without, facts)


# --- what lasts -------------------------------------------------------------------------------------------------------


def test_the_journal_keeps_it(folder: str, tmp_path: Path) -> None:
    path = journal_of(tmp_path / "j", folder, " ".join(["smoke=thick", *WORDS]))
    with Journal(path) as journal:
        (case,) = journal.cases()
        assert case.patient.written.items() >= SAID.items()
        assert unlike(journal, case, render_json) == []
    assert run("replay", path, "--knowledge", folder).status == 0


def test_an_edit_of_it_is_one_of_questions(folder: str, tmp_path: Path) -> None:
    without = read_knowledge(write_house(tmp_path / "without"))
    wider = {**RECORDED, "floor": choice("cellar", "ground", "first", for_record="yes")}
    other = read_knowledge(write_house(tmp_path / "wider", findings={**HOUSE["findings"], **wider}))
    for old, new in ((without, read_knowledge(folder)), (read_knowledge(folder), other), (other, without)):
        found = difference(old, new)
        assert found.equivalent
        assert {bearing for edit in found.edits for bearing in edit.bears} == {"questions"}


def test_a_finding_that_is_kept_only_for_the_record_changes_answers(folder: str, tmp_path: Path) -> None:
    read = {**HOUSE["findings"], **RECORDED, "alone": yes_no("yes")}
    rules = {**HOUSE["rules"], "alone-leaves": {"when": "alone", "then": "excludes stay"}}
    old = read_knowledge(write_house(tmp_path / "read", findings=read, rules=rules))
    assert not difference(old, read_knowledge(folder)).equivalent


# --- tables -----------------------------------------------------------------------------------------------------------


def test_a_cohort_reads_its_column_checks_it_and_answers_as_without(folder: str, tmp_path: Path) -> None:
    pl = pytest.importorskip("polars")
    table = tmp_path / "patients.csv"
    table.write_text(
        "smoke,minutes [minutes],floor,hours_asleep\nthick,29,First,7\nthick,29,,>7\nthick,29,,\nthin,31,cellar,7\n"
    )
    out = tmp_path / "out.csv"
    assert run("cohort", str(table), "-o", str(out), "--knowledge", folder).status == 0
    answers = pl.read_csv(out)
    assert answers["floor"].to_list() == ["first", None, None]
    assert answers["hours_asleep"].to_list() == [7, None, None]
    assert answers["given.bounds"].to_list() == [None, "hours_asleep >7", None]
    assert "smoke" not in answers.columns
    assert answers["recommended"].n_unique() == 1
    assert "'cellar' is not a value of floor" in (tmp_path / "out.rejects.csv").read_text()


def test_workers_pass_its_column_on(house: KnowledgeBase) -> None:
    pa = pytest.importorskip("pyarrow")
    from expert.columns.read.column_map import NO_MAP
    from expert.columns.read.finding_columns import Header
    from expert.columns.spark_worker import WorkerTask

    table = pa.record_batch({"id": ["1"], "smoke": ["thick"], "floor": ["first"]})
    columns = Header(house, NO_MAP).columns("table", table.schema.names, {}, "")
    task = WorkerTask(house, columns, ("smoke", "floor"), ("recommended",), {})
    (answers,) = task.answers(task.schema(table.schema), [table])
    assert answers.to_pylist()[0].items() >= {"id": "1", "floor": "first", "recommended": "stay"}.items()


def test_a_query_passes_its_column_through(house: KnowledgeBase) -> None:
    pytest.importorskip("sqlglot")
    from expert.sql.to_sql import query
    from tests.sql_tables import on_duckdb

    rows = [dict.fromkeys(house.given), {**dict.fromkeys(house.given), "smoke": "thick", "floor": "first"}]
    text = query(house, "duckdb", keys=["id"], columns={"smoke": "smoke", "floor": "floor"})
    assert [row["floor"] for row in on_duckdb(house, rows, text)] == [None, "first"]


def test_a_fact_for_the_record_is_given_by_people(system: ExpertSystem) -> None:
    with pytest.raises(PatientError, match="did you mean floor"):
        system.assess({"flor": "first"})
