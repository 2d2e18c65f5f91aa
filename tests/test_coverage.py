"""Coverage: which rules, premises, thresholds, steps and notices the cases exercise, and which no patient can."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from pathlib import Path
from random import Random
from typing import Any as Anything

import pytest

from expert import KnowledgeBase
from expert.answer.assess import Reasoner
from expert.bits.background import masks_of
from expert.bits.program import Program, Truths
from expert.cases.coverage import Coverage, Demand, DemandCounts, coverage_of, deciding, demands
from expert.lang.definitions import Definitions
from expert.lang.errors import UnprovedError
from expert.lang.premises import ALWAYS, All, Any, Compare, Count, In, Is, Not, Premise
from expert.lang.values import Facts
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from expert.read.cases import case_files, read_cases
from expert.render.coverage import percent
from expert.solve.formulas import formulas_of
from tests.running_cases import cover
from tests.small_ladder import choice, quantity, rule, small_ladder, yes_no
from tests.strategies import Enumeration, premise_over, small_domain
from tests.strategies import inputs as random_inputs

NEVER = Any(())


def ladder(folder: Path, **parts: Anything) -> Domain:
    """A ladder of one step; by default one rule argues about it."""
    known = {"findings": {name: yes_no() for name in ("a", "b", "c")}, "steps": {"go": {}}} | parts
    return Domain(Definitions(small_ladder(folder, **known)))


def covered(domain: Domain, *patients: Facts) -> Coverage:
    return coverage_of(domain, truths(domain, patients))


def truths(domain: Domain, patients: Sequence[Facts]) -> Truths:
    program = Program(domain.definitions, domain.definitions.premises)
    return program.run(masks_of(patients), (1 << len(patients)) - 1)


def gaps(coverage: Coverage, kind: str) -> set[tuple[str, str]]:
    return {
        (gap.demand.subject, side.lacking)
        for gap in coverage.gaps
        for side in gap.situations
        if gap.demand.kind == kind
    }


def complete(domain: Domain) -> Iterator[Facts]:
    names = list(domain.kb.inputs)
    for cells in product(*domain.cells.values()):
        yield {name: cell.value for name, cell in zip(names, cells, strict=True)}


# --- rules ------------------------------------------------------------------------------------------------------------


def test_a_rule_is_covered_once_it_has_held_and_has_failed(tmp_path: Path) -> None:
    domain = ladder(tmp_path, rules={"r": rule("a", "supports go")})
    assert gaps(covered(domain), "rule holds") == {("r", "never holds")}
    assert gaps(covered(domain), "rule fails") == {("r", "never fails")}
    assert gaps(covered(domain, {"a": True}), "rule holds") == set()
    assert gaps(covered(domain, {"a": True}), "rule fails") == {("r", "never fails")}
    assert gaps(covered(domain, {"a": True}, {"a": False}), "rule fails") == set()


def test_a_rule_that_is_open_has_not_failed(tmp_path: Path) -> None:
    domain = ladder(tmp_path, rules={"r": rule(["a", "b"], "supports go")})
    assert gaps(covered(domain, {"a": True}), "rule fails") == {("r", "never fails")}
    assert gaps(covered(domain, {"b": False}), "rule fails") == set()


def test_a_rule_without_a_condition_need_not_fail(tmp_path: Path) -> None:
    domain = ladder(tmp_path, rules={"r": rule("always", "supports go")})
    assert covered(domain).counts["rule fails"] == DemandCounts(0, 0, 1)
    assert gaps(covered(domain), "rule fails") == set()


def test_known_and_presumed_facts_of_a_case_both_count(tmp_path: Path) -> None:
    cases = [{"name": "Nothing is known", "given": {}, "expect": {"recommended": "go"}}]
    findings = {"a": yes_no("yes"), "b": yes_no()}
    rules = {"presumed": rule("a", "supports go"), "open": rule("b", "cautions go")}
    kb = small_ladder(tmp_path, findings=findings, rules=rules, steps={"go": {}}, cases=cases)
    coverage = cover(Domain(Definitions(kb)), read_cases(kb, case_files(kb)))
    assert gaps(coverage, "rule holds") == {("open", "never holds")}
    assert gaps(coverage, "rule fails") == {("open", "never fails"), ("presumed", "never fails")}


# --- premises ---------------------------------------------------------------------------------------------------------

BOTH = {"never decides by holding", "never decides by failing"}


def sides(coverage: Coverage, subject: str) -> set[str]:
    return {lacking for found, lacking in gaps(coverage, "premise") if found == f"{subject} (r)"}


def test_a_premise_next_to_one_that_fails_decides_nothing(tmp_path: Path) -> None:
    domain = ladder(tmp_path, rules={"r": rule(["a", "b"], "supports go")})
    assert sides(covered(domain, {"a": True, "b": False}, {"a": False, "b": False}), "a") == BOTH
    assert sides(covered(domain, {"a": True, "b": True}, {"a": False, "b": True}), "a") == set()
    assert sides(covered(domain, {"a": True, "b": True}, {"a": False}), "a") == {"never decides by failing"}


def test_a_premise_that_has_an_alternative_decides_nothing(tmp_path: Path) -> None:
    domain = ladder(tmp_path, rules={"r": rule([{"any": ["a", "b"]}], "supports go")})
    both = {"a": True, "b": True}
    assert sides(covered(domain, both, {"a": False, "b": False}), "a") == {"never decides by holding"}
    assert sides(covered(domain, {"a": True, "b": False}, {"a": False, "b": False}), "a") == set()


def test_masked_premises_of_a_pair_may_differ(tmp_path: Path) -> None:
    domain = ladder(tmp_path, rules={"r": rule(["a", {"any": ["b", "c"]}], "supports go")})
    pair = {"a": True, "b": True, "c": False}, {"a": False, "b": False, "c": True}
    assert sides(covered(domain, *pair), "a") == set()


def test_an_exception_decides_like_a_premise(tmp_path: Path) -> None:
    domain = ladder(tmp_path, rules={"r": rule("a", "supports go", unless=["b"])})
    assert sides(covered(domain, {"a": True, "b": False}), "not b") == {"never decides by failing"}
    assert sides(covered(domain, {"a": True, "b": False}, {"a": True, "b": True}), "not b") == set()


def test_a_premise_about_a_conclusion_decides_too(tmp_path: Path) -> None:
    rules = {"r": rule(["late"], "supports go"), "s": rule(["a", "b"], "late")}
    domain = ladder(tmp_path, rules=rules, concluded={"late": {"type": "yes_no"}})
    assert sides(covered(domain, {"a": True, "b": True}, {"a": False}), "late") == set()


def test_a_pair_of_which_one_half_is_impossible_is_exempt(tmp_path: Path) -> None:
    rules = {"r": rule(["a", {"any": ["b", {"all": ["a", "c"]}]}], "supports go")}
    domain = ladder(tmp_path, rules=rules)
    coverage = covered(domain)
    # The second ``a`` never decides: where it fails, the first has failed too.
    assert coverage.counts["premise"] == DemandCounts(0, 3, 1)


def test_a_constraint_makes_a_pair_impossible(tmp_path: Path) -> None:
    parts: dict[str, Anything] = {"rules": {"r": rule(["a", "b"], "supports go")}}
    assert covered(ladder(tmp_path / "free", **parts)).counts["premise"] == DemandCounts(0, 2, 0)
    tied = ladder(tmp_path / "tied", constraints={"b-needs-a": ["not a", "b"]}, **parts)
    assert covered(tied).counts["premise"] == DemandCounts(0, 1, 1)


def test_what_the_solver_cannot_decide_is_not_exempt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    domain = ladder(tmp_path, rules={"r": rule("always", "supports go")})

    def undecided(*_: object) -> bool:
        raise UnprovedError("timeout")

    monkeypatch.setattr(formulas_of(domain), "satisfiable", undecided)
    coverage = covered(domain)
    assert ("r", "never fails") in gaps(coverage, "rule fails")
    assert [gap.decided for gap in coverage.gaps] == [False] * len(coverage.gaps)


def replaced(premise: Premise, index: int, by: Premise) -> tuple[Premise, int]:
    """A premise with the part at an index, counted as `deciding` does, replaced; and the number of parts passed."""
    match premise:
        case Count() | Is() | In() | Compare() | Not(premise=Is() | In() | Compare()):
            return (by if index == 0 else premise), 1
        case Not():
            inner, count = replaced(premise.premise, index, by)
            return Not(inner), count
        case All() | Any():
            found, passed = [], 0
            for part in premise.premises:
                new, count = replaced(part, index - passed, by)
                found.append(new)
                passed += count
            return type(premise)(tuple(found)), passed
    raise AssertionError(premise)


def few(patients: Iterable[Facts], rng: Random) -> list[Facts]:
    """Thirty of some patients, or all."""
    found = list(patients)
    return rng.sample(found, min(30, len(found)))


@pytest.mark.parametrize("seed", range(40))
def test_a_premise_decides_exactly_where_its_negation_would_change_the_rule(seed: int) -> None:
    rng = Random(seed)
    domain = small_domain(rng)
    premise = premise_over(random_inputs(rng), rng, 3)
    patients = [Evaluation(domain.definitions, facts) for facts in few(complete(domain), rng)]
    atoms = list(deciding(premise))
    assert replaced(premise, -1, NEVER)[1] == len(atoms)
    for index, (_, masks) in enumerate(atoms):
        holding, failing = (replaced(premise, index, by)[0] for by in (ALWAYS, NEVER))
        for it in patients:
            assert it.evaluate(All(masks)) is (it.evaluate(holding) is not it.evaluate(failing))


def test_a_count_is_covered_on_either_side_of_its_bound(tmp_path: Path) -> None:
    rules = {"r": rule([{"at least 2 of": ["damp", "frost", "size > 3"]}], "supports go")}
    domain = ladder(tmp_path, rules=rules, findings={"damp": yes_no(), "frost": yes_no(), "size": quantity("0 .. 9")})
    one, two, three = {"damp": True}, {"damp": True, "frost": True}, {"damp": True, "frost": True, "size": 4.0}
    rest = {"frost": False, "size": 1.0}
    subject = "at least 2 of [damp, frost, size > 3] (r)"
    by_holding, by_failing = (subject, "never decides by holding"), (subject, "never decides by failing")
    assert gaps(covered(domain, three, {"damp": False, **rest}), "premise") == {by_holding, by_failing}
    assert gaps(covered(domain, {**two, "size": 1.0}), "premise") == {by_failing}
    assert gaps(covered(domain, {**two, "size": 1.0}, {**one, **rest}), "premise") == set()


# --- thresholds, steps and what goes with them ------------------------------------------------------------------------


def test_a_threshold_is_covered_below_above_and_on_its_edge(tmp_path: Path) -> None:
    rules = {"r": rule("size > 3", "supports go"), "s": rule("size <= 3", "cautions go")}
    domain = ladder(tmp_path, rules=rules, findings={"size": quantity("0 .. 9")})
    lacking = {("size 3", word) for word in ("no case below", "no case on the edge", "no case above")}
    assert gaps(covered(domain), "threshold") == lacking
    assert gaps(covered(domain, {"size": 2.0}, {"size": 4.0}), "threshold") == {("size 3", "no case on the edge")}
    assert gaps(covered(domain, {"size": 2.0}, {"size": 3.0}, {"size": 4.0}), "threshold") == set()


def test_a_side_beyond_the_range_need_not_be_covered(tmp_path: Path) -> None:
    domain = ladder(tmp_path, rules={"r": rule("size > 0", "supports go")}, findings={"size": quantity("0 .. 9")})
    assert covered(domain).counts["threshold"] == DemandCounts(0, 2, 1)


def test_steps_options_alerts_and_advice_are_covered_when_shown(tmp_path: Path) -> None:
    domain = ladder(
        tmp_path,
        findings={"a": yes_no(), "kind": choice("x", "y")},
        steps={"go": {"options": {"left": {}, "right": {}}}, "stay": {"never_recommended": "yes"}},
        rules={
            "r": rule("a", ["supports go", "alert bell", "advise rest"]),
            "s": rule("kind is x", ["excludes go.left", "prefers go.right"]),
        },
        alerts=["bell"],
        advice={"rest": ["go"]},
    )
    nothing, go = covered(domain), covered(domain, {"a": True, "kind": "y"})
    assert gaps(nothing, "step") == {("go", "never recommended")}
    assert nothing.counts["step"].exempt == 1
    assert gaps(nothing, "option") == {("go.left", "never offered"), ("go.right", "never offered")}
    assert gaps(go, "step") | gaps(go, "option") | gaps(go, "advice") == set()
    assert gaps(go, "argument") == {("go.left", "never excluded"), ("go.right", "never preferred")}
    assert gaps(go, "alert") == {("bell", "no case without it")}
    assert gaps(covered(domain, {"a": True}, {"a": False, "kind": "x"}), "alert") == set()
    assert gaps(covered(domain, {"kind": "x"}), "argument") == set()
    assert gaps(covered(domain, {"a": False}), "advice") == {("rest", "never given")}


# --- against enumeration ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(25))
def test_a_demand_is_exempt_exactly_if_no_patient_can_meet_it(seed: int) -> None:
    domain = small_domain(Random(seed), constrained=seed % 2 == 0)
    facts = [{name: cell.value for name, cell in cells.items()} for cells, _ in Enumeration(domain).patients]
    patients = [Evaluation(domain.definitions, it) for it in facts]
    possible = [it for it in demands(domain.kb) if all(_some(patients, side.goal) for side in it.situations)]
    without_cases = covered(domain)
    assert sorted(map(_text, possible)) == sorted(_text(gap.demand) for gap in without_cases.gaps)
    assert covered(domain, *facts).gaps == ()


def _some(patients: Iterable[Evaluation], goal: Premise) -> bool:
    return any(patient.evaluate(goal) for patient in patients)


def _text(demand: Demand) -> str:
    return f"{demand.kind} {demand.subject} {demand.situations}"


# --- the shipped knowledge --------------------------------------------------------------------------------------------


def test_premises_are_found_at_their_own_lines(kb: KnowledgeBase) -> None:
    for demand in demands(kb):
        if demand.kind == "premise":
            name = Path(demand.at.file).name
            line = (Path(kb.directory) / "rules" / name).read_text("utf-8").splitlines()[demand.at.line - 1]
            said = set(re.findall(r"\w+", demand.subject.rsplit(" (", 1)[0]))
            assert [name for name in said & kb.findings.keys() if name not in line] == []


def test_every_rule_of_the_shipped_knowledge_holds_and_fails_in_its_cases(reasoner: Reasoner) -> None:
    kb = reasoner.kb
    coverage = cover(reasoner.domain, read_cases(kb, case_files(kb)))
    for kind in ("rule holds", "rule fails", "threshold", "step", "option", "argument", "alert", "advice"):
        assert gaps(coverage, kind) == set()
    assert coverage.total.met + len(coverage.gaps) == coverage.total.possible


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (DemandCounts(1, 1, 0), "100 %"),
        (DemandCounts(9999, 10000, 0), "99.9 %"),
        (DemandCounts(1, 2, 0), "50 %"),
        (DemandCounts(0, 3, 0), "0 %"),
        (DemandCounts(0, 0, 4), "100 %"),
    ],
)
def test_only_full_coverage_is_shown_as_100_percent(count: DemandCounts, shown: str) -> None:
    assert percent(count) == shown
