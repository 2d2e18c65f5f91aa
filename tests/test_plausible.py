"""What is plausible of given values: who is refused and who is warned of, the same wherever facts come in."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expert import ExpertSystem, KnowledgeBase, PatientError, read_knowledge
from expert.answer.assess import Reasoner
from expert.answer.change import changes
from expert.cases.missing import Smallest
from expert.lang.facts import Patient
from expert.lang.premises import Compare
from expert.lang.values import Bounds, Facts, Value
from expert.logic.kleene import COMPARISONS
from expert.sql.to_sql import query
from tests.command_line import run
from tests.small_ladder import quantity, rule, small_ladder, write_ladder, yes_no
from tests.test_consult_dialogue import flat, talk

KB = read_knowledge()
TREATED = "these facts contradict each other: symptom_duration 4 weeks, conservative_duration 14 weeks."


# --- bounds -----------------------------------------------------------------------------------------------------------

ENDS = st.tuples(st.integers(0, 4), st.integers(0, 4), st.booleans(), st.booleans())


@given(ENDS, st.sampled_from(sorted(COMPARISONS)), ENDS)
def test_bounds_settle_a_comparison_exactly_if_all_their_numbers_agree(
    one: tuple[int, int, bool, bool], operator: str, other: tuple[int, int, bool, bool]
) -> None:
    bounds = [Bounds(float(it[0]), float(it[1]), *it[2:]) for it in (one, other)]
    within = [[number / 8 for number in range(41) if it.holds(number / 8)] for it in bounds]
    truths = {COMPARISONS[operator](first, second) for first in within[0] for second in within[1]}
    if all(within):
        assert bounds[0].compared(operator, bounds[1]) is (truths.pop() if len(truths) == 1 else None)


# --- the shipped knowledge --------------------------------------------------------------------------------------------


def test_treatment_longer_than_the_illness_is_refused_with_the_facts_and_the_reason() -> None:
    ran = run("assess", "conservative_duration=14 weeks", "symptom_duration=4 weeks")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(TREATED)
    assert "(treated-no-longer-than-ill)" in ran.err
    assert run("assess", "conservative_duration=14 weeks", "symptom_duration=14 weeks").status == 0


@pytest.mark.parametrize(
    "facts",
    [
        ["symptom_duration=40 years"],
        ["prior_surgery=yes", "return_after_surgery=40 years"],
        ["motor_grade=4", "weakness_duration=40 years"],
        ["conservative_duration=40 years"],
        ["continuous_treatment_duration=40 years"],
    ],
)
def test_nothing_lasts_longer_than_the_patient_has_lived(facts: list[str]) -> None:
    assert run("assess", "age=41", *facts).status == 0
    ran = run("assess", "age=30", *facts)
    assert (ran.status, ran.out) == (2, "")
    assert "contradict each other: age 30 years" in ran.err


@pytest.mark.parametrize(
    ("treated", "ill", "status"),
    [
        (">3 months", "<2 months", 2),
        (">3 months", "4-6 months", 0),
        ("20 weeks", "4-6 months", 0),
        ("30 weeks", "4-6 months", 2),
        ("20 weeks", "over 12 months", 0),
    ],
)
def test_bounds_are_refused_only_if_they_settle_the_comparison(treated: str, ill: str, status: int) -> None:
    assert run("assess", f"conservative_duration={treated}", f"symptom_duration={ill}").status == status


def test_a_value_that_is_presumed_or_unknown_is_not_compared() -> None:
    assert run("assess", "symptom_duration=1 day").status == 0
    assert run("assess", "symptom_duration=1 day", "conservative_duration=unknown").status == 0


def test_a_warning_is_shown_with_its_reason_and_counts_in_the_json() -> None:
    ran = run("assess", "pregnant=yes", "age=58")
    assert "Check: 58 years old; pregnant." in " ".join(ran.out.split())
    found = json.loads(run("assess", "pregnant=yes", "age=58", "--format", "json").out)["checks"]
    assert [(it["id"], it["facts"]) for it in found] == [
        ("pregnant-at-an-unlikely-age", {"age": "58 years", "pregnant": True})
    ]
    assert json.loads(run("assess", "pregnant=yes", "age=30", "--format", "json").out)["checks"] == []
    assert json.loads(run("assess", "pregnant=yes", "age=50-60 years", "--format", "json").out)["checks"] == []


def test_an_old_mri_is_no_imaging_of_this_episode() -> None:
    assert "Check:" in run("assess", "imaging_concordant=not_done", "mri_age=6 months").out
    assert "Check:" not in run("assess", "imaging_concordant=not_done", "mri_age=7 months").out


def test_a_report_says_what_is_to_be_checked(tmp_path: Path) -> None:
    page = str(tmp_path / "page.md")
    assert run("report", "pregnant=yes", "age=58", "-o", page, "--format", "markdown").status == 0
    assert "Check what is recorded" in Path(page).read_text("utf-8")


# --- what is made up --------------------------------------------------------------------------------------------------


def test_no_change_is_proposed_that_would_be_refused() -> None:
    reasoner = Reasoner(KB)
    facts: Facts = {"symptom_duration": 28.0, "conservative_result": "ineffective", "severity": "severe"}
    found = changes(reasoner, Patient(facts))
    for way in found.ways:
        for it in way.counterfactuals:
            assert not reasoner.domain.plausibility.refuses({**facts, **it.values})
    assert any(way.counterfactuals for way in found.ways)


@pytest.mark.parametrize("seed", range(40))
def test_values_are_moved_within_their_cells_until_they_are_plausible(seed: int, tmp_path: Path) -> None:
    rng = Random(seed)
    kb = random_ladder(tmp_path, rng)
    domain = Reasoner(kb).domain
    for _ in range(20):
        facts: dict[str, Value] = {name: rng.choice(domain.cells[name]).value for name in NUMBERS if rng.random() < 0.8}
        found = domain.plausible(facts)
        if found is None:  # then no values in these cells are
            tries = ({name: within(domain, name, it, rng) for name, it in facts.items()} for _ in range(300))
            assert all(domain.plausibility.refuses(it) for it in tries)
        else:
            assert not domain.plausibility.refuses(found)
            assert all(domain.cell_of(name, it) == domain.cell_of(name, found[name]) for name, it in facts.items())


def within(domain: Any, name: str, value: Value, rng: Random) -> float:
    """A number in the same cell."""
    cell = domain.cell_of(name, value)
    low, high = (domain.kb.inputs[name].low, domain.kb.inputs[name].high)
    low, high = low if cell.lower is None else cell.lower, high if cell.upper is None else cell.upper
    return float(cell.value) if cell.is_point else rng.choice([low + (high - low) * part / 64 for part in range(1, 64)])


def test_a_missing_case_is_plausible(tmp_path: Path) -> None:
    parts = ladder_parts()
    parts["rules"]["long"] = rule(["a > 20 days", "b > 18 days", "b < 30 days"], "excludes go")
    kb = small_ladder(tmp_path, **parts, plausible={"order": {"always": "a <= b", "level": "error"}})
    found = Smallest(Reasoner(kb).domain).patient(kb.rules["long"].premise)
    assert found is not None
    assert 20 < float(found["a"]) <= float(found["b"]) < 30


# --- every door agrees ------------------------------------------------------------------------------------------------

NUMBERS = ("a", "b", "c")


def ladder_parts() -> dict[str, Any]:
    return {
        "findings": {
            "a": quantity("0 days .. 100 days", unit="days", resolution="1 day"),
            "b": quantity("0 weeks .. 15 weeks", unit="weeks", usual="2 weeks"),
            "c": quantity("0 days .. 60 days", unit="days", resolution="1 day"),
            "ill": yes_no(usual="no"),
            "odd": yes_no(),
        },
        "steps": {"go": {}, "stay": {}},
        "rules": {
            "go": rule(["ill", "a > 30 days"], "supports go"),
            "late": rule(["c > 10 days", "b < 3 weeks"], "excludes go"),
            "stay": rule("always", "supports stay"),
        },
    }


def random_plausible(rng: Random) -> dict[str, Any]:
    """Comparisons that agree with one order of the quantities, and premises."""
    order = rng.sample(NUMBERS, 3)
    found: dict[str, Any] = {}
    for number in range(rng.randint(1, 3)):
        low, high = sorted(rng.sample(range(3), 2))
        lesser, greater = order[low], order[high]
        strict = rng.choice(["", "="])
        line = rng.choice([f"{lesser} <{strict} {greater}", f"{greater} >{strict} {lesser}"])
        found[f"order-{number}"] = {"always": line, "level": rng.choice(["error", "error", "warning"])}
    days = rng.choice([5, 17, 40])
    found["never"] = {"never": ["odd", {"any": ["ill", f"a >= {days} days"]}], "level": "warning"}
    return found


def random_ladder(folder: Path, rng: Random) -> KnowledgeBase:
    return small_ladder(folder, **ladder_parts(), plausible=random_plausible(rng))


def expected(kb: KnowledgeBase, facts: Facts) -> tuple[set[str], set[str]]:
    """The errors and the warnings about given values, by the words of the language."""
    found: dict[str, set[str]] = {"error": set(), "warning": set()}
    for it in kb.plausible:
        if it.always:
            pair = [facts.get(name) for name in (it.always.finding, it.always.other)]
            broken = None not in pair and not COMPARISONS[it.always.operator](*map(float, pair))  # type: ignore[arg-type]
        else:
            bound = next(part for part in it.never[1].parts if isinstance(part, Compare))
            late = "a" in facts and float(facts["a"]) >= bound.threshold
            broken = facts.get("odd") is True and (facts.get("ill") is True or late)
        if broken:
            found[it.level].add(it.id)
    return found["error"], found["warning"]


def random_patients(rng: Random, count: int) -> list[dict[str, Value]]:
    found = []
    for _ in range(count):
        facts: dict[str, Value] = {name: float(7 * rng.randint(0, 8)) for name in NUMBERS if rng.random() < 0.7}
        facts |= {name: rng.random() < 0.5 for name in ("ill", "odd") if rng.random() < 0.7}
        found.append(facts)
    return found


def as_row(key: int, facts: Facts) -> dict[str, Any]:
    """A row of a table, each quantity in its unit."""
    shown = {name: float(facts[name]) / (7 if name == "b" else 1) for name in NUMBERS if name in facts}
    words = {name: "yes" if facts[name] else "no" for name in ("ill", "odd") if name in facts}
    return {"id": key, **dict.fromkeys((*NUMBERS, "ill", "odd")), **shown, **words}


@pytest.mark.parametrize("seed", range(8))
def test_every_door_refuses_and_warns_of_the_same_patients(seed: int, tmp_path: Path) -> None:
    rng = Random(seed)
    kb = random_ladder(tmp_path / "k", rng)
    bare = small_ladder(tmp_path / "bare", **ladder_parts())
    patients = random_patients(rng, 60)
    wanted = [expected(kb, facts) for facts in patients]
    system, reasoner, plain = ExpertSystem(kb), Reasoner(kb), Reasoner(bare)
    for facts, (errors, warnings) in zip(patients, wanted, strict=True):
        texts = {name: reasoner.domain.write(name, value) for name, value in facts.items()}
        if errors:
            with pytest.raises(PatientError) as refused:
                system.assess(texts)
            assert {it.message.rpartition("(")[2].rstrip(")") for it in refused.value.problems} == errors
            consultation = system.consult()
            with pytest.raises(PatientError):
                consultation.answer(texts)
            assert consultation.facts == {}
        else:
            answer = system.assess(texts)
            assert {it.entry.id for it in answer.checks} == warnings
            same = plain.assess(Patient(facts))
            assert (answer.answer, answer.recommended) == (same.answer, same.recommended)
            assert [it[2:4] for it in answer.ladder] == [it[2:4] for it in same.ladder]
    rows = [as_row(number, facts) for number, facts in enumerate(patients)]
    assert by_cohort(tmp_path, rows) == wanted
    assert by_query(kb, rows) == [(errors, set() if errors else warnings) for errors, warnings in wanted]


def by_cohort(folder: Path, rows: list[dict[str, Any]]) -> list[tuple[set[str], set[str]]]:
    """Who is refused and warned of in a table; of those who are refused, the warnings are not asked for."""
    units = {"a": "a [days]", "b": "b [weeks]", "c": "c [days]"}
    pl.DataFrame(rows).rename(units).write_csv(folder / "patients.csv")
    ran = run("cohort", str(folder / "patients.csv"), "-o", str(folder / "out.csv"), "--knowledge", str(folder / "k"))
    assert ran.status == 0
    checks = dict(pl.read_csv(folder / "out.csv").select("id", "checks").iter_rows())
    rejects = folder / "out.rejects.csv"
    reasons = pl.read_csv(rejects).select("record", "reason").rows() if rejects.exists() else []
    kb = read_knowledge(folder / "k")
    found = []
    for row in rows:
        number = row["id"]
        errors = {
            it.id for it in kb.plausible for record, why in reasons if record == number + 1 and f"({it.id})" in why
        }
        assert bool(errors) is (number not in checks)
        facts = {name: it * (7 if name == "b" else 1) for name, it in row.items() if name in NUMBERS and it is not None}
        facts |= {name: row[name] == "yes" for name in ("ill", "odd") if row[name]}
        found.append(
            (errors, expected(kb, facts)[1] if errors else {*filter(None, (checks[number] or "").split("; "))})
        )
    return found


def by_query(kb: KnowledgeBase, rows: list[dict[str, Any]]) -> list[tuple[set[str], set[str]]]:
    """Who is refused and warned of by the query, on DuckDB."""
    text = query(kb, "duckdb", keys=["id"])
    patients = pl.DataFrame(rows)
    with duckdb.connect() as database:
        database.register("patients", patients.to_arrow())
        names = ("id", "problem", "checks")
        answers = [dict(zip(names, row, strict=True)) for row in database.sql(text).select(*names).fetchall()]
    found = {}
    for row in answers:
        errors = {it.id for it in kb.plausible if f"({it.id})" in (row["problem"] or "")}
        found[row["id"]] = errors, {*filter(None, (row["checks"] or "").split("; "))}
    return [found[row["id"]] for row in rows]


def test_nothing_that_is_proved_depends_on_what_is_plausible(tmp_path: Path) -> None:
    kb = random_ladder(tmp_path / "k", Random(1))
    bare = write_ladder(tmp_path / "bare", **ladder_parts())
    domains = [Reasoner(kb).domain, Reasoner(read_knowledge(bare)).domain]
    assert domains[0].cells == domains[1].cells
    checked = [run("check", "--knowledge", str(folder), "--format", "json") for folder in (tmp_path / "k", bare)]
    faults = [[it["check"] for it in json.loads(ran.out)["faults"]] for ran in checked]
    assert faults[0] == faults[1]


def test_a_comparison_that_one_side_alone_makes_is_shown_with_a_patient_whom_it_refuses(tmp_path: Path) -> None:
    write_ladder(tmp_path / "old", **ladder_parts())
    order = {"order": {"always": "a <= b", "level": "error"}}
    write_ladder(tmp_path / "new", **ladder_parts(), plausible=order)
    ran = run("diff", str(tmp_path / "old"), str(tmp_path / "new"))
    assert ran.status == 0
    assert "Proved equivalent" not in ran.out
    assert "accepted by the old version only" in ran.out
    assert "not plausible (order)" in " ".join(ran.out.split())


def test_a_consultation_asks_again_with_the_reason_and_shows_a_warning_once(tmp_path: Path) -> None:
    lines = ["red_flags=none pregnant=yes age=58", "symptom_duration=4 weeks", "conservative_duration=14 weeks", "quit"]
    talked = talk(Reasoner(KB), tmp_path, *lines)
    screen = flat(talked.screen)
    assert TREATED in screen
    assert screen.count("Check: 58 years old; pregnant") == 1
    assert "conservative_duration" not in talked.consultation.patient.facts


# --- differences ------------------------------------------------------------------------------------------------------

TWO = {"a": quantity("0 .. 9", "2"), "b": quantity("0 .. 20"), "c": yes_no()}
IN_ORDER = {"always": "a <= b", "level": "error"}
UNUSUAL = {"never": ["c", "a > 5"], "level": "warning"}


@pytest.mark.parametrize(
    ("before", "after", "accepted"),
    [
        ({"p": IN_ORDER}, {"p": {**IN_ORDER, "always": "a < b"}}, ["2 = 2"]),
        ({"p": {**IN_ORDER, "always": "b > a"}}, {"p": IN_ORDER}, ["2 = 2"]),
        ({"p": IN_ORDER}, {"p": {**IN_ORDER, "level": "warning"}}, ["9 = 0"]),
        ({"p": {**IN_ORDER, "level": "warning"}}, {}, []),
        ({"p": UNUSUAL}, {}, []),
        ({}, {"p": UNUSUAL}, []),
        ({"p": UNUSUAL}, {"p": {**UNUSUAL, "never": ["c", "a > 6"]}}, []),
    ],
)
def test_an_edit_of_what_is_plausible_is_no_equivalence(
    before: dict[str, Any], after: dict[str, Any], accepted: list[str], tmp_path: Path
) -> None:
    rules = {"wait": rule(["not c", "a > 1"], "supports wait")}
    for side, plausible in (("old", before), ("new", after)):
        write_ladder(tmp_path / side, findings=TWO, rules=rules, steps={"wait": {}}, plausible=plausible)
    done = run("diff", str(tmp_path / "old"), str(tmp_path / "new"), "--format", "json", "--fail-on-change")
    found = json.loads(done.out)
    assert (done.status, found["equivalent"]) == (1, False)
    assert [(it["kind"], it["id"]) for it in found["edits"]] == [("plausible", "p")]
    assert [f"{it['witness']['given']['a']} = {it['witness']['given']['b']}" for it in found["possible"]] == accepted
    text = flat(run("diff", str(tmp_path / "old"), str(tmp_path / "new")).out)
    assert "roved equivalent" not in text
    assert "plausibility checks were edited (p)." in text


def test_a_reason_of_what_is_plausible_is_wording(tmp_path: Path) -> None:
    for side in ("old", "new"):
        path = write_ladder(
            tmp_path / side,
            findings=TWO,
            rules={"wait": rule("c", "supports wait")},
            steps={"wait": {}},
            plausible={"p": IN_ORDER},
        )
    words = (path / "vocabulary.yaml").read_text("utf-8")
    (path / "vocabulary.yaml").write_text(words.replace("is not plausible", "hardly occurs"), "utf-8")
    done = run("diff", str(tmp_path / "old"), str(tmp_path / "new"), "--format", "json", "--fail-on-change")
    assert (done.status, json.loads(done.out)["equivalent"]) == (0, True)
