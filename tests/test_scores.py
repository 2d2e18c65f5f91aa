"""Counts and scores: published scores as small knowledge bases, read, concluded, explained and held to faults."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from expert import KnowledgeBase, KnowledgeError, read_knowledge
from expert.answer.assess import Reasoner
from expert.answer.why import Explainer
from expert.cases.coverage import demands
from expert.cases.mutant_verdicts import Bench
from expert.diff.diff import difference
from expert.lang.definitions import Definitions
from expert.lang.facts import Patient
from expert.lang.values import Value
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from expert.read.cases import case_files, read_cases
from expert.render.docs import render_single
from expert.render.handbook import handbook
from tests.command_line import run
from tests.pages import Page
from tests.small_ladder import quantity, rule, small_ladder, write_ladder, yes_no

CURB_65: dict[str, Any] = {
    "findings": {
        "confusion": yes_no(),
        "urea": quantity("0 .. 50", resolution="0.1"),
        "respiratory_rate": quantity("0 .. 80"),
        "low_blood_pressure": yes_no(),
        "age": quantity("0 years .. 120 years", unit="years"),
    },
    "concluded": {
        "curb65": {
            "title": "CURB-65",
            "type": "score",
            "points": [
                {"when": "confusion", "points": 1},
                {"when": "urea > 7", "points": 1},
                {"when": "respiratory_rate >= 30", "points": 1},
                {"when": "low_blood_pressure", "points": 1},
                {"when": "age >= 65 years", "points": 1},
            ],
        }
    },
    "steps": {"intensive": {}, "ward": {}, "home": {}},
    "rules": {
        "three-or-more": rule("curb65 >= 3", "supports intensive"),
        "two": rule(["curb65 > 1", "curb65 < 3"], "supports ward"),
        "none-or-one": rule("curb65 <= 1", "supports home"),
    },
}
"""CURB-65 (W. S. Lim and others, Thorax 58 (2003) 377-382): five signs, one point each."""

CRITERIA = tuple(f"criterion_{number}" for number in range(1, 10))


@pytest.fixture(scope="module")
def curb65(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    return small_ladder(tmp_path_factory.mktemp("curb65"), **CURB_65)


@pytest.fixture(scope="module")
def three_of_nine(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    rules = {"three-of-nine": rule([{"at least 3 of": list(CRITERIA)}], "supports treat")}
    findings = {name: yes_no() for name in CRITERIA}
    return small_ladder(tmp_path_factory.mktemp("nine"), findings=findings, steps={"treat": {}}, rules=rules)


# --- what follows -----------------------------------------------------------------------------------------------------


def signs() -> Iterator[tuple[dict[str, Value], int]]:
    """Patients with and without each sign, and how many they have."""
    values: list[tuple[Value, Value]] = [
        (False, True),
        (7.0, 7.1),
        (29.0, 30.0),
        (False, True),
        (64.0 * 365.25, 65 * 365.25),
    ]
    for chosen in product((0, 1), repeat=5):
        facts = {name: pair[it] for name, pair, it in zip(CURB_65["findings"], values, chosen, strict=True)}
        yield facts, sum(chosen)


def test_curb_65_adds_a_point_for_each_sign(curb65: KnowledgeBase) -> None:
    reasoner = Reasoner(curb65)
    for facts, points in signs():
        found = reasoner.assess(Patient(facts))
        assert found.findings == {"curb65": float(points)}
        assert str(found.scores["curb65"].known) == str(points)
        assert found.recommended == ("intensive" if points >= 3 else "ward" if points == 2 else "home")


@pytest.mark.parametrize(
    ("facts", "points", "answer"),
    [
        ({}, "0 to 5", "open"),
        ({"confusion": True, "urea": 9.0}, "2 to 5", "open"),
        ({"confusion": True, "urea": 9.0, "age": 30 * 365.25}, "2 to 4", "open"),
        ({"confusion": True, "urea": 9.0, "low_blood_pressure": True}, "3 to 5", "certain"),
        ({"confusion": False, "urea": 5.0, "low_blood_pressure": False, "respiratory_rate": 15.0}, "0 to 1", "certain"),
    ],
)
def test_open_signs_leave_an_interval(curb65: KnowledgeBase, facts: dict[str, Value], points: str, answer: str) -> None:
    found = Reasoner(curb65).assess(Patient(facts))
    assert str(found.scores["curb65"].known) == points
    assert found.answer == answer
    assert found.findings["curb65"] is None


def test_three_of_nine_is_settled_once_the_others_cannot_change_it(three_of_nine: KnowledgeBase) -> None:
    definitions = Definitions(three_of_nine)
    for yes, no in product(range(10), repeat=2):
        if yes + no <= 9:
            known = dict(zip(CRITERIA, [True] * yes + [False] * no, strict=False))
            truth = Evaluation(definitions, known).concluded(("supports", "treat"))
            assert truth is (True if yes >= 3 else False if no > 6 else None)


def test_negative_points_count_downward(tmp_path: Path) -> None:
    points = [{"when": "a", "points": 2}, {"when": "b", "points": -3}]
    concluded = {"tally": {"type": "score", "points": points}}
    rules = {"r": rule("tally < 0", "supports go")}
    findings = {"a": yes_no(), "b": yes_no()}
    kb = small_ladder(tmp_path, findings=findings, concluded=concluded, rules=rules, steps={"go": {}})
    reasoner = Reasoner(kb)
    for a, b in product((False, True), repeat=2):
        found = reasoner.assess(Patient({"a": a, "b": b}))
        assert found.findings["tally"] == 2 * a - 3 * b
        assert (found.recommended == "go") is (2 * a - 3 * b < 0)
    assert str(reasoner.assess(Patient({})).scores["tally"].known) == "-3 to 2"


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_why_names_the_points_that_count(curb65: KnowledgeBase) -> None:
    folder = curb65.directory
    facts = ("confusion=yes", "urea=9", "respiratory_rate=18", "age=80 years", "low_blood_pressure=no")
    found = run("why", "--knowledge", folder, *facts, "curb65")
    counted = "3 of 5: Confusion: yes, Urea: more than 7, Age: at least 65 years"
    assert counted in found.out
    assert found.out.startswith("CURB-65 is 3.\n")
    assert counted in run("why", "--knowledge", folder, *facts, "intensive").out


def test_why_names_the_premises_of_a_count_that_hold(three_of_nine: KnowledgeBase) -> None:
    facts = [f"{name}={'yes' if name in CRITERIA[2:6] else 'no'}" for name in CRITERIA]
    found = run("why", "--knowledge", three_of_nine.directory, *facts, "treat")
    named = ", ".join(f"Criterion {number}: yes" for number in range(3, 7))
    assert f"4 of 9: {named}" in " ".join(found.out.split())
    found = run("why-not", "--knowledge", three_of_nine.directory, f"{CRITERIA[0]}=yes", "treat")
    assert "it would have to be at least 3 of [Criterion 1: yes, Criterion 2: yes," in " ".join(found.out.split())


def test_a_count_in_why_says_no_more_than_is_known(tmp_path: Path) -> None:
    rules = {"r": rule([{"at most 1 of": ["a", "b", "c"]}], "supports go"), "s": rule("a", "cautions go")}
    findings = {name: yes_no() for name in "abc"}
    kb = small_ladder(tmp_path, findings=findings, rules=rules, steps={"go": {}})
    assert "at most 1 of 3\n" in run("why", "--knowledge", kb.directory, "a=no", "b=no", "go").out
    assert "at most 1 of 3: C: yes\n" in run("why", "--knowledge", kb.directory, "a=no", "b=no", "c=yes", "go").out


def test_a_count_in_a_constraint_is_what_it_expands_to(tmp_path: Path) -> None:
    findings = {name: yes_no() for name in "abc"}
    never = {"two": [{"at least 2 of": ["a", "b", "c"]}]}
    rules = {"r": rule("a", "supports go")}
    kb = small_ladder(tmp_path, findings=findings, constraints=never, rules=rules, steps={"go": {}})
    domain = Domain(Definitions(kb))
    for values in product((False, True), repeat=3):
        assert domain.permitted(dict(zip("abc", values, strict=True))) is (sum(values) < 2)
    assert domain.background({"a": True}).forced == {"b": False, "c": False}


def test_equal_knowledge_has_equal_points(curb65: KnowledgeBase, tmp_path: Path) -> None:
    assert difference(curb65, small_ladder(tmp_path / "another" / "folder", **CURB_65)).edits == ()


def test_a_score_is_shown_as_a_number_or_as_an_interval(curb65: KnowledgeBase) -> None:
    found = json.loads(run("assess", "--knowledge", curb65.directory, "confusion=yes", "--format", "json").out)
    assert found["scores"] == {"curb65": {"known": "1 to 5", "presumed": "1 to 5"}}
    assert found["findings"] == {"curb65": None}
    assert "CURB-65 1 to 5" in run("assess", "--full", "--knowledge", curb65.directory, "confusion=yes").out


def test_what_only_a_score_reads_says_so(tmp_path: Path) -> None:
    write_ladder(tmp_path, **CURB_65)
    shown = run("show", "confusion", "--knowledge", str(tmp_path)).out
    assert "Counted by\n  curb65: CURB-65\n" in shown
    assert "Read by" not in shown


def test_the_pages_for_review_have_the_points_of_a_score(curb65: KnowledgeBase) -> None:
    page = Page(render_single(handbook(curb65, proofs=False)).decode())
    assert "+1 if Age is at least 65 years." in page.text
    assert "No rule reads it." not in page.text


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_the_report_has_the_scores(tmp_path: Path, form: str) -> None:
    write_ladder(tmp_path, **CURB_65)
    given = ["confusion=yes", "urea=8", "respiratory_rate=20", "low_blood_pressure=no"]
    shown = run("report", *given, "--knowledge", str(tmp_path), "--format", form, "-o", "-").out
    assert "CURB-65 2 to 3" in shown


def test_explaining_a_score_never_fails(curb65: KnowledgeBase) -> None:
    reasoner = Reasoner(curb65)
    for facts, points in signs():
        found = Explainer(reasoner, reasoner.assess(Patient(facts))).why("curb65")
        assert found.verdict == f"is {points}"


def test_coverage_demands_each_entry_and_the_edges_of_its_thresholds(curb65: KnowledgeBase) -> None:
    found = {(it.kind, it.subject) for it in demands(curb65)}
    entries = ("confusion", "urea > 7", "respiratory_rate >= 30", "low_blood_pressure", "age >= 65 years")
    assert {("premise", f"{entry} (curb65)") for entry in entries} <= found
    assert {("threshold", it) for it in ("urea 7", "respiratory_rate 30", "age 65 years", "curb65 3")} <= found


# --- faults -----------------------------------------------------------------------------------------------------------


def test_every_fault_in_the_points_of_curb_65_is_noticed(tmp_path: Path) -> None:
    cases: list[dict[str, Any]] = []
    for facts, points in signs():
        given = {name: "yes" if it is True else "no" if it is False else f"{it:g}" for name, it in facts.items()}
        given["age"] = "65 years" if facts["age"] == 65 * 365.25 else "64 years"
        cases.append({"name": f"Case {len(cases)}", "given": given, "expect": {"findings": {"curb65": points}}})
    kb = small_ladder(tmp_path, **CURB_65, cases=cases)
    bench = Bench(kb, read_cases(kb, case_files(kb)))
    of_score = [it for it in bench.mutants if it.id == "curb65"]
    assert {"dropped", "negated", "threshold", "strictness"} <= {it.kind for it in of_score}
    assert {bench.settle(it).verdict for it in of_score} == {"killed"}


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([], "points are a list of entries"),
        ([{"when": "confusion", "points": 0}], "'0' is not a number of points"),
        ([{"when": "confusion", "points": "1.5"}], "'1.5' is not a number of points"),
        ([{"when": "confused", "points": 1}], "'confused' is not a finding"),
        ([{"points": 1}], "an entry of points lacks 'when'"),
        ([{"when": "confusion", "point": 1}], "an entry of points has no key 'point'"),
        ([{"when": "confusion", "points": 300}], "curb65 has more than 200 values"),
    ],
)
def test_wrong_points_are_one_error_at_their_place(tmp_path: Path, points: list[Any], message: str) -> None:
    concluded = {"curb65": {"type": "score", "points": points}}
    rules = {"r": rule("confusion", "supports home")}
    write_ladder(tmp_path, **{**CURB_65, "concluded": concluded, "rules": rules})
    with pytest.raises(KnowledgeError) as caught:
        read_knowledge(tmp_path)
    (problem,) = caught.value.problems
    assert problem.message == message
    assert problem.at
    assert problem.at.file.endswith("vocabulary.yaml")


@pytest.mark.parametrize(
    ("premise", "message"),
    [
        ("curb65 >= 2.5", "curb65 is a score, of whole points"),
        ("curb65 > 7", "curb65: '7' is out of range"),
        ("curb65", "curb65 is a quantity, not a yes/no finding"),
    ],
)
def test_a_score_is_compared_with_whole_points_that_it_can_have(tmp_path: Path, premise: str, message: str) -> None:
    write_ladder(tmp_path, **{**CURB_65, "rules": {"r": rule(premise, "supports home")}})
    with pytest.raises(KnowledgeError) as caught:
        read_knowledge(tmp_path)
    assert [it.message for it in caught.value.problems] == [message]


def test_a_score_that_rests_on_itself_is_an_error(tmp_path: Path) -> None:
    concluded = {"curb65": {"type": "score", "points": [{"when": "curb65 >= 1", "points": 1}]}}
    rules = {"r": rule("curb65 >= 1", "supports home")}
    with pytest.raises(KnowledgeError, match="curb65"):
        small_ladder(tmp_path, **{**CURB_65, "concluded": concluded, "rules": rules})


def test_the_thresholds_of_points_divide_the_values(curb65: KnowledgeBase) -> None:
    domain = Domain(Definitions(curb65))
    assert {name: len(cells) for name, cells in domain.cells.items()} == {
        "confusion": 2, "urea": 3, "respiratory_rate": 3, "low_blood_pressure": 2, "age": 3,
    }  # fmt: skip


@pytest.mark.parametrize("value", ["2.5", ">=2", "2 - 3", "9"])
def test_a_case_expects_no_score_that_there_is_not(value: str, tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path, **CURB_65, cases=[{"name": "C", "given": {"urea": 9}, "expect": {"findings": {"curb65": value}}}]
    )
    with pytest.raises(KnowledgeError) as caught:
        read_cases(kb, case_files(kb))
    (problem,) = caught.value.problems
    assert "curb65" in problem.message
    assert problem.at is not None
    assert "all.test.yaml" in problem.at.file


def test_what_is_plausible_does_not_speak_of_a_score(tmp_path: Path) -> None:
    findings = {**CURB_65["findings"], "share": quantity("0 .. 9")}
    plausible = {"p": {"always": "share <= curb65", "level": "warning"}}
    with pytest.raises(KnowledgeError) as caught:
        small_ladder(tmp_path, **{**CURB_65, "findings": findings, "plausible": plausible})
    (problem,) = caught.value.problems
    assert problem.message.startswith("'curb65' is concluded, but plausible")


@pytest.mark.parametrize("then", ["curb65", "curb65 is 3"])
def test_no_rule_concludes_a_score(then: str, tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError) as caught:
        small_ladder(tmp_path, **{**CURB_65, "rules": {"r": rule("confusion", then)}})
    assert [it.message for it in caught.value.problems] == ["curb65 is a score; its points conclude it"]
