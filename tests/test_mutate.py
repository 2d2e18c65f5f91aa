"""Mutation testing: every kind of mutant is made, cases kill it, and a survivor has a witness."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from expert import KnowledgeBase, read_knowledge
from expert.answer.assess import Reasoner
from expert.cases import few_patients
from expert.cases.kill_matrix import Worth, worth
from expert.cases.mutant_verdicts import Bench, Result, score
from expert.cases.mutants import KINDS, mutants
from expert.cases.results import outcomes_of, run_cases
from expert.diff.diff import difference
from expert.lang.definitions import Definitions
from expert.lang.errors import InputError, KnowledgeError
from expert.lang.model import Rule
from expert.logic.domain import Domain
from expert.read.cases import Case, case_files, read_cases
from expert.read.patient import PatientReader
from tests.command_line import run
from tests.conftest import REPOSITORY
from tests.running_cases import cover
from tests.small_ladder import choice, quantity, rule, small_ladder, write_ladder, yes_no
from tests.test_proofs import site_with_a_default

PARTS: dict[str, Any] = {
    "findings": {
        "damp": yes_no("no"),
        "frost": yes_no("no"),
        "crack": choice("none", "fine", "wide", usual="none"),
        "age": quantity("0 years .. 500 years", "40 years", "years", resolution="1 year"),
    },
    "concluded": {"decay": choice("none", "slow", "fast", type="choice", otherwise="none")},
    "steps": {"wait": {}, "patch": {"options": {"lime": {}, "resin": {}}}, "rebuild": {}},
    "alerts": ("bell", "horn"),
    "rules": {
        "nothing-is-wrong": rule("always", "supports wait"),
        "old-and-wet": rule(["damp", "age > 100 years"], ["decay is slow", "excludes wait"], unless=["frost"]),
        "open-joints": rule(
            [{"any": ["crack is wide", {"all": ["crack in [fine, wide]", "frost"]}]}],
            ["supports patch", "prefers patch.lime", "alert bell"],
        ),
        "two-of-three": rule([{"at least 2 of": ["damp", "frost", "crack is wide"]}], "cautions wait"),
        "lime-in-frost": rule(
            ["frost", "not damp"], "cautions patch.lime", unless=["age <= 10 years", "crack is fine"]
        ),
    },
}
CASES: list[dict[str, Any]] = [
    {"name": "A dry young wall is left alone", "given": {"damp": "no"}, "expect": {"recommended": "wait"}},
    {
        "name": "An old wet wall is not left alone",
        "given": {"damp": "yes", "age": "200 years"},
        "expect": {"excluded": ["wait"], "findings": {"decay": "slow"}},
    },
]

AGAIN: dict[str, Any] = {
    "name": "A damp old wall, again",
    "given": {"damp": "yes", "age": "200 years"},
    "expect": {"excluded": ["wait"]},
}
"""A case that kills no mutant that the others do not kill."""


@pytest.fixture(scope="module")
def wall(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    return small_ladder(tmp_path_factory.mktemp("wall"), **PARTS, cases=CASES)


def changes(kb: KnowledgeBase, rule: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for mutant in mutants(Domain(Definitions(kb))):
        if mutant.id == rule:
            found.setdefault(mutant.kind, set()).add(mutant.change)
    return found


# --- mutants ----------------------------------------------------------------------------------------------------------


def test_every_kind_of_mutant_arises(wall: KnowledgeBase, tmp_path: Path) -> None:
    tally = {"type": "score", "points": [{"when": "damp", "points": 1}, {"when": "frost", "points": 2}]}
    rules = {"tall": rule("tally >= 2", "cautions wait")}
    scored = small_ladder(tmp_path, **{**PARTS, "concluded": {"tally": tally}, "rules": rules})
    found = {mutant.kind for kb in (wall, scored) for mutant in mutants(Domain(Definitions(kb)))}
    assert found == set(KINDS)


def test_each_mutant_of_a_rule_has_its_own_description(wall: KnowledgeBase) -> None:
    assert changes(wall, "old-and-wet") == {
        "rule": {"old-and-wet is left out"},
        "threshold": {
            "`age > 100 years` becomes `age > 10 years`",
            "`age > 100 years` becomes `age > 99 years`",
            "`age > 100 years` becomes `age > 101 years`",
        },
        "strictness": {"`age > 100 years` becomes `age >= 100 years`"},
        "direction": {"`age > 100 years` becomes `age < 100 years`"},
        "negated": {
            "`damp` becomes `not damp`",
            "`age > 100 years` becomes `age <= 100 years`",
            "in unless, `frost` becomes `not frost`",
        },
        "dropped": {"`damp` is left out", "`age > 100 years` is left out", "in unless, `frost` is left out"},
        "swapped": {"one of the premises of when is enough"},
        "conclusion": {"`decay is slow` is left out", "`excludes wait` is left out"},
        "target": {
            "`decay is slow` becomes `decay is none`",
            "`decay is slow` becomes `decay is fast`",
            "`excludes wait` becomes `excludes patch`",
        },
        "role": {"`excludes wait` becomes `cautions wait`", "`excludes wait` becomes `supports wait`"},
    }


def test_nested_premises_are_mutated(wall: KnowledgeBase) -> None:
    found = changes(wall, "open-joints")
    assert found["swapped"] == {
        "`crack is wide or (crack in [fine, wide] and frost)` becomes "
        "`crack is wide and crack in [fine, wide] and frost`",
        "`crack in [fine, wide] and frost` becomes `crack in [fine, wide] or frost`",
    }
    assert "`crack in [fine, wide]` becomes `crack in [wide, none]`" in found["value"]
    assert "`crack in [fine, wide]` becomes `crack in [wide]`" in found["dropped"]
    assert "`frost` is left out" in found["dropped"]
    assert found["target"] >= {
        "`prefers patch.lime` becomes `prefers patch.resin`",
        "`alert bell` becomes `alert horn`",
    }


def test_exceptions_may_be_mutated_to_be_needed_together(wall: KnowledgeBase) -> None:
    assert "the exceptions of unless are needed all together" in changes(wall, "lime-in-frost")["swapped"]


def test_no_mutant_is_the_rule_itself_or_a_duplicate(wall: KnowledgeBase) -> None:
    entries = [it.entry for it in mutants(Domain(Definitions(wall)))]
    found = [(it.id, it.premise, it.then) if isinstance(it, Rule) else (it.name, it.points) for it in entries]
    assert all((it.id, it.premise, it.then) not in found for it in wall.rules.values())
    assert all((it.name, it.points) not in found for it in wall.concluded.values())
    assert all(found.count(it) == 1 for it in found)


def test_a_mutant_is_located_at_the_line_to_edit(wall: KnowledgeBase) -> None:
    lines = (Path(wall.directory) / "rules" / "all.yaml").read_text("utf-8").splitlines()
    found = mutants(Domain(Definitions(wall)))
    assert found == sorted(found, key=lambda it: it.at)
    strict = [it for it in found if it.kind == "strictness"]
    assert [lines[it.at.line - 1].strip() for it in strict] == ["- age > 100 years", "- age <= 10 years"]
    dropped = [lines[it.at.line - 1].strip(" :") for it in found if it.kind == "rule"]
    assert dropped == list(wall.rules)
    role = [lines[it.at.line - 1].strip() for it in found if it.change.startswith("`excludes wait`")]
    assert set(role) == {"- excludes wait"}


def test_a_conclusion_about_a_group_of_steps_is_mutated_step_by_step(tmp_path: Path) -> None:
    rules = {"cold": rule("frost", "cautions mending")}
    kb = small_ladder(tmp_path, **{**PARTS, "rules": rules}, groups={"mending": ["patch", "rebuild"]})
    lines = (tmp_path / "rules" / "all.yaml").read_text("utf-8").splitlines()
    found = [it for it in mutants(Domain(Definitions(kb))) if it.kind == "conclusion"]
    assert [it.change for it in found] == ["`cautions patch` is left out", "`cautions rebuild` is left out"]
    assert {lines[it.at.line - 1].strip() for it in found} == {"then: cautions mending"}


# --- verdicts ---------------------------------------------------------------------------------------------------------


def test_a_count_is_moved_by_one_and_loses_a_part(wall: KnowledgeBase) -> None:
    found = changes(wall, "two-of-three")
    count = "at least {} of [damp, frost, crack is wide]"
    assert found["bound"] == {f"`{count.format(2)}` becomes `{count.format(number)}`" for number in (1, 3)}
    assert {"`damp` is left out", "`frost` is left out", "`crack is wide` is left out"} <= found["dropped"]
    assert "`damp` becomes `not damp`" in found["negated"]


def test_a_mutant_that_a_case_notices_is_killed_and_a_survivor_has_a_witness(wall: KnowledgeBase) -> None:
    results = {it.mutant.change: it for it in settled(wall) if it.mutant.id == "old-and-wet"}
    assert results["old-and-wet is left out"].verdict == "killed"
    assert results["old-and-wet is left out"].killed_by.endswith("all.test.yaml:6")
    survivor = results["`age > 100 years` becomes `age >= 100 years`"]
    assert survivor.verdict == "survived"
    assert survivor.witness
    assert survivor.witness.given == {"damp": "yes", "age": "100 years"}
    assert ("step wait", "recommended", "excluded") in (
        (it.subject, str(it.before), str(it.after)) for it in survivor.witness.differences
    )


def test_an_equivalent_mutant_is_not_counted(tmp_path: Path) -> None:
    rules = {"wet": rule("damp", "supports wait"), "wet-and-cold": rule(["damp", "frost"], "supports wait")}
    kb = small_ladder(tmp_path, **{**PARTS, "rules": rules}, cases=[CASES[1] | {"expect": {"because": ["wet"]}}])
    results = {it.mutant.change: it.verdict for it in settled(kb) if it.mutant.id == "wet-and-cold"}
    assert results["wet-and-cold is left out"] == "equivalent"
    assert results["`frost` is left out"] == "equivalent"
    assert results["`damp` is left out"] == "survived"


def test_a_mutant_that_only_its_arguments_show_is_equivalent(tmp_path: Path) -> None:
    rules = {"wet": rule("damp", "supports wait"), "wet-and-cold": rule(["damp", "frost"], "supports wait")}
    case = {"name": "It is argued", "given": {"damp": "yes", "frost": "yes"}, "expect": {"because": ["wet-and-cold"]}}
    kb = small_ladder(tmp_path, **{**PARTS, "rules": rules}, cases=[case])
    results = {it.mutant.change: it.verdict for it in settled(kb)}
    assert results["wet-and-cold is left out"] == "equivalent"


def test_a_mutant_that_a_solver_cannot_decide_is_not_killed(
    wall: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    from expert.lang.errors import UnprovedError
    from expert.solve.prove import Prover

    def undecided(*_: object) -> bool:
        raise UnprovedError("timeout")

    monkeypatch.setattr(few_patients, "MOST", 0)
    monkeypatch.setattr(Prover, "possible", undecided)
    total = score(settled(wall))
    assert total.unproved
    assert not total.survived
    assert total.counted == total.killed + total.unproved


def test_enumeration_and_solver_agree(wall: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdicts and witnesses are the same with all partial patients evaluated and with a solver."""
    tied = {"constraints": {"frost-is-dry": ["frost", "damp"], "old": ["crack is wide", "age < 100 years"]}}
    for kb in (wall, site_with_a_default(tmp_path / "site"), small_ladder(tmp_path / "tied", **PARTS, **tied)):
        monkeypatch.setattr(few_patients, "MOST", 1000)
        few = settled(kb, [])
        assert any(it.witness for it in few)
        monkeypatch.setattr(few_patients, "MOST", 0)
        assert settled(kb, []) == few


def test_the_witness_of_a_survivor_is_possible(tmp_path: Path) -> None:
    kb = site_with_a_default(tmp_path)
    reported = {
        it.witness.given["frail"]: it.witness for it in settled(kb) if it.witness and "frail" in it.witness.given
    }
    assert reported["yes"].given["strict"] == "no"
    for it in reported.values():
        words = [f"{name}={value}" for name, value in it.given.items()]
        assert Reasoner(kb).assess(PatientReader(kb).patient(None, words)).recommended in ("one", None)


def test_a_case_can_be_written_for_the_witness_of_a_survivor(tmp_path: Path) -> None:
    """Without support, a step that may be excluded looks the same; one that is excluded does not."""
    rules = {"cold": rule("frost", "excludes patch"), "wait": rule("always", "supports wait")}
    kb = small_ladder(tmp_path, **{**PARTS, "findings": {"frost": yes_no()}, "rules": rules, "concluded": {}})
    (left_out,) = [it for it in settled(kb, []) if it.mutant.change == "cold is left out"]
    assert left_out.witness
    assert left_out.witness.given == {"frost": "yes"}


def test_failing_cases_must_be_fixed_first(wall: KnowledgeBase) -> None:
    wrong = [case for case in cases_of(wall) if "young" in case.name]
    kb = read_knowledge(wall.directory)
    rules = {**kb.rules, "nothing-is-wrong": kb.rules["nothing-is-wrong"]._replace(then=kb.rules["open-joints"].then)}
    with pytest.raises(InputError, match="the case fails as it is: A dry young wall"):
        Bench(kb._replace(rules=rules), wrong)


def test_cases_left_out_of_a_run_cannot_fail() -> None:
    kb = read_knowledge(REPOSITORY / "tests" / "other_ladder")
    cases = cases_of(kb)
    bench = Bench(kb, cases)
    for mutant in bench.mutants[::7]:
        mutated = Domain(Definitions(bench.kb.with_entry(mutant.entry)))
        failing = (case for case in cases if fails(mutated, case))
        first = next((f"{case.at.file}:{case.at.line}" for case in failing), "")
        result = bench.settle(mutant)
        assert result.verdict == "equivalent" or result.killed_by == first, mutant.change


@pytest.mark.parametrize("which", ["wall", "other"])
def test_the_definitions_of_a_mutant_agree_with_its_rules(which: str, wall: KnowledgeBase) -> None:
    kb = wall if which == "wall" else read_knowledge(REPOSITORY / "tests" / "other_ladder")
    definitions = Definitions(kb)
    for mutant in mutants(Domain(definitions)):
        found, changed = definitions.with_entry(mutant.entry)
        whole = Definitions(kb.with_entry(mutant.entry))
        assert found.premises == whole.premises
        assert changed == {
            it: whole.premises[it] for it in whole.premises if whole.premises[it] != definitions.premises[it]
        }
        assert found.needs == whole.needs
        assert all(found.inputs[name] >= inputs for name, inputs in whole.inputs.items())


def fails(domain: Domain, case: Case) -> bool:
    try:
        return bool(run_cases(outcomes_of(domain, [case]), [case])[0].failures)
    except KnowledgeError:
        return True


def settled(kb: KnowledgeBase, cases: list[Case] | None = None) -> list[Result]:
    bench = Bench(kb, cases_of(kb) if cases is None else cases)
    return [bench.settle(mutant) for mutant in bench.mutants]


def cases_of(kb: KnowledgeBase) -> list[Case]:
    return read_cases(kb, case_files(kb))


# --- the worth of a case ----------------------------------------------------------------------------------------------


def test_a_case_is_a_duplicate_just_when_the_score_stays_without_it(tmp_path: Path) -> None:
    kb = small_ladder(tmp_path, **PARTS, cases=[*CASES, AGAIN])
    cases = cases_of(kb)
    found = worths(kb, cases)
    assert [it.is_duplicate for it in found] == [False, False, True]
    killed = score(settled(kb)).killed
    for number, it in enumerate(found):
        left = score(settled(kb, [*cases[:number], *cases[number + 1 :]])).killed
        assert killed - left == len(it.alone)


def test_the_cases_that_replace_a_duplicate_kill_what_it_kills(tmp_path: Path) -> None:
    kb = small_ladder(tmp_path, **PARTS, cases=[*CASES, AGAIN])
    (duplicate,) = [it for it in worths(kb, cases_of(kb)) if it.is_duplicate]
    assert duplicate.case not in duplicate.instead
    bench = Bench(kb, duplicate.instead)
    assert {bench.settle(mutant).verdict for mutant in duplicate.kills} == {"killed"}


def test_coverage_from_a_duplicate_alone_is_shown(tmp_path: Path) -> None:
    at_the_edge = {"name": "At the edge", "given": {"age": "10 years"}, "expect": {"recommended": "wait"}}
    kb = small_ladder(tmp_path, **PARTS, cases=[*CASES, AGAIN, at_the_edge])
    cases = cases_of(kb)
    domain = Domain(Definitions(kb))
    whole = cover(domain, cases).gaps
    edges = []
    for number, it in enumerate(worths(kb, cases)):
        without = cover(domain, [*cases[:number], *cases[number + 1 :]]).gaps
        lost = {(gap.demand, side) for gap in without for side in gap.situations} - {
            (gap.demand, side) for gap in whole for side in gap.situations
        }
        assert set(it.covers) == (lost if it.is_duplicate else set())
        edges += [demand.subject for demand, side in it.covers if side.lacking == "no case on the edge"]
    assert edges == ["age 10 years"]


def test_a_sample_of_the_shipped_cases_is_needed_for_100_percent_but_for_duplicates(kb: KnowledgeBase) -> None:
    cases = cases_of(kb)
    sample = Random(0).sample(range(len(cases)), 10)
    bench = Bench(kb, cases)
    matrix = {mutant: list(bench.killers(mutant)) for mutant in bench.mutants}
    # A mutant that several cases kill says nothing about one of them, so it need not be proved equivalent or not.
    by = {
        mutant: some
        for mutant, some in matrix.items()
        if not set(sample).isdisjoint(some) and (len(some) > 1 or bench.settle(mutant).verdict == "killed")
    }
    found = worth(bench, list(by), by.values())
    assert {found[number].is_duplicate for number in sample} == {True, False}
    for number in sample:
        rest = Bench(kb, [*cases[:number], *cases[number + 1 :]])
        lost = (rest.settle(mutant).verdict for mutant in (*found[number].alone, *found[number].kills))
        assert ("survived" in lost) is not found[number].is_duplicate, cases[number].name


def worths(kb: KnowledgeBase, cases: list[Case]) -> list[Worth]:
    bench = Bench(kb, cases)
    killed = [it for it in bench.mutants if bench.settle(it).verdict == "killed"]
    return worth(bench, killed, map(bench.killers, killed))


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_shows_survivors_by_line_and_the_score(wall: KnowledgeBase) -> None:
    found = run("mutate", "--knowledge", wall.directory, "old-and-wet", columns=200)
    assert found.status == 0
    assert found.err == ""
    assert "`age > 100 years` becomes `age >= 100 years`  (old-and-wet)" in found.out
    assert "given: {damp: yes, age: 100 years}" in found.out
    assert "step wait: recommended -> excluded with the mutant" in found.out
    assert found.out.splitlines()[-1].startswith("score ")


def test_a_table_counts_by_rule_what_is_killed(wall: KnowledgeBase) -> None:
    lines = run("mutate", "--knowledge", wall.directory).out.splitlines()
    by_rule: dict[str, list[Result]] = {}
    for result in settled(wall):
        by_rule.setdefault(result.mutant.id, []).append(result)
    totals = {rule: score(its) for rule, its in by_rule.items()}
    rows = [line.split()[:2] for line in lines[1 : lines.index("")]]
    assert lines[0] == "Mutants killed"
    assert rows == [[f"{total.killed}/{total.counted}", rule] for rule, total in totals.items()]


def test_of_many_rules_those_without_survivors_are_counted_by_file(tmp_path: Path) -> None:
    rules = {f"r{number}": rule(f"f{number}", f"c{number}") for number in range(22)}
    kb = small_ladder(
        tmp_path,
        findings={f"f{number}": yes_no("no") for number in range(22)},
        concluded={f"c{number}": yes_no() for number in range(22)},
        rules={**rules, "always": rule("always", "supports wait")},
        steps={"wait": {}},
        cases=[
            {"name": f"{number} {value}", "given": {f"f{number}": value}, "expect": {"findings": {f"c{number}": value}}}
            for number in range(21)
            for value in ("yes", "no")
        ],
    )
    lines = run("mutate", "--knowledge", kb.directory, columns=200).out.splitlines()
    table = lines[1 : lines.index("")]
    assert [line.split()[1] for line in table] == ["r21", "always", "21"]
    assert table[-1].split(maxsplit=1)[1].split() == ["21", "rules", f"{kb.directory}/rules/all.yaml"]


def test_json_agrees_with_the_text(wall: KnowledgeBase) -> None:
    found = json.loads(run("mutate", "--knowledge", wall.directory, "--format", "json").out)
    total = score(settled(wall))
    assert [found[key] for key in ("killed", "survived", "equivalent", "unproved")] == list(total)
    assert found["score"] == pytest.approx(100 * total.killed / total.counted)
    assert len(found["mutants"]) == sum(total)
    survivor = next(it for it in found["mutants"] if it["verdict"] == "survived")
    assert set(survivor) >= {"file", "line", "rule", "kind", "mutant", "given", "presumed", "apart"}


def test_a_score_below_the_minimum_exits_1(wall: KnowledgeBase) -> None:
    assert run("mutate", "--knowledge", wall.directory, "old-and-wet", "--fail-under", "10").status == 0
    found = run("mutate", "--knowledge", wall.directory, "old-and-wet", "--fail-under", "100")
    assert found.status == 1
    assert "less than 100 %" in found.err


def test_a_file_selects_its_rules(wall: KnowledgeBase) -> None:
    everything = run("mutate", "--knowledge", wall.directory).out
    assert run("mutate", "--knowledge", wall.directory, f"{wall.directory}/rules/all.yaml").out == everything


@pytest.mark.parametrize("word", ["old-and-wett", ""])
def test_a_word_that_names_no_rule_is_refused(wall: KnowledgeBase, word: str) -> None:
    found = run("mutate", "--knowledge", wall.directory, word)
    assert found.status == 2
    assert "is neither a rule nor a file of rules" in found.err
    assert ("old-and-wet" in found.err.replace("old-and-wett", "")) is bool(word)


def test_a_file_without_rules_is_refused(wall: KnowledgeBase) -> None:
    found = run("mutate", "--knowledge", wall.directory, f"{wall.directory}/ladder.yaml")
    assert found.status == 2
    assert "holds no rules" in found.err


def test_a_failing_case_is_reported_and_nothing_is_run(tmp_path: Path) -> None:
    write_ladder(tmp_path, **PARTS, cases=[CASES[0] | {"expect": {"recommended": "patch"}}])
    found = run("mutate", "--knowledge", str(tmp_path))
    assert found.status == 2
    assert found.out == ""
    assert "the case fails as it is: A dry young wall is left alone" in found.err


def test_the_command_shows_on_request_what_only_one_case_kills_and_the_duplicates(tmp_path: Path) -> None:
    kb = small_ladder(tmp_path, **PARTS, cases=[*CASES, AGAIN])
    words = ("mutate", "--knowledge", kb.directory)
    found = run(*words, "--cases", columns=300)
    assert (found.status, found.err) == (0, "")
    needed, _, duplicate = worths(kb, cases_of(kb))
    place = f"{kb.directory}/rules/all"
    alone = [f"    {place}.yaml:{it.at.line}: {it.change}" for it in needed.alone]
    assert [
        f"{place}.test.yaml:{needed.case.at.line}: A dry young wall is left alone",
        f"  the only case to kill {len(alone)} of its {len(needed.kills)} mutants:",
        *alone,
    ] == found.out.split("\n\n")[-5].splitlines()
    assert found.out.split("\n\n")[-3].startswith("Duplicates: ")
    assert found.out.split("\n\n")[-2].splitlines() == [
        f"{place}.test.yaml:{duplicate.case.at.line}: A damp old wall, again",
        f"  kills {len(duplicate.kills)} mutants, which are all killed by {place}.test.yaml:6",
    ]
    last = "cases that are the only one to kill some of these mutants: 2; 1 is a duplicate"
    assert found.out.splitlines()[-2:] == [last, run(*words, columns=300).out.splitlines()[-1]]


def test_json_has_the_cases_on_request(tmp_path: Path) -> None:
    kb = small_ladder(tmp_path, **PARTS, cases=[*CASES, AGAIN])
    words = ("mutate", "--knowledge", kb.directory, "--format", "json")
    found = json.loads(run(*words, "--cases").out)
    assert [it["kills"] for it in found["cases"]] == [len(it.kills) for it in worths(kb, cases_of(kb))]
    assert [it["duplicate"] for it in found["cases"]] == [False, False, True]
    assert found["cases"][2]["instead"] == [found["cases"][1]["file"] + ":6"]
    assert {key: found[key] for key in found if key != "cases"} == json.loads(run(*words).out)


def test_of_some_rules_only_the_cases_that_are_needed_are_reported(tmp_path: Path) -> None:
    kb = small_ladder(tmp_path, **PARTS, cases=[*CASES, AGAIN])
    found = run("mutate", "old-and-wet", "--cases", "--knowledge", kb.directory).out
    assert found.splitlines()[-2] == "cases that are the only one to kill some of these mutants: 1"
    assert "An old wet wall is not left alone\n  the only case to kill" in found
    assert AGAIN["name"] not in found


def test_a_refuted_value_of_a_choice_is_observed_like_an_unknown_one(tmp_path: Path) -> None:
    rules = {
        **PARTS["rules"],
        "old-and-wet": rule(["damp"], ["decay is slow", "excludes wait"]),
        "never": rule(["frost", "not frost"], "decay is fast"),
    }
    concluded = {"decay": choice("slow", "fast", type="choice")}
    kb = small_ladder(tmp_path, **{**PARTS, "rules": rules, "concluded": concluded}, cases=CASES)
    (result,) = (it for it in settled(kb) if it.mutant.change == "never is left out")
    assert result.verdict == "equivalent"
    without = kb._replace(rules={name: it for name, it in kb.rules.items() if name != "never"})
    assert difference(kb, without).equivalent
