"""``expert test``: selection of cases, JUnit, coverage and its threshold, and the reference that checks the engine."""

from __future__ import annotations

import json
import os
from pathlib import Path
from random import Random
from typing import Any as Anything
from xml.etree import ElementTree

import pytest

from expert import InputError, KnowledgeError, read_knowledge
from expert.answer.assess import Reasoner
from expert.cases.outcome import Outcomes, outcome_of, patients_in
from expert.cases.results import CaseResult, found_of
from expert.cases.selection import matching, selected
from expert.lang.errors import ContradictionError, Location
from expert.lang.facts import Patient
from expert.read.cases import Case, Expectation, case_files, read_cases
from expert.render.junit import render_junit
from tests.command_line import run
from tests.random_patients import assessments
from tests.running_cases import Assessed
from tests.small_ladder import choice, rule, small_ladder, write_ladder, yes_no
from tests.strategies import random_facts, small_domain

OTHER = Path(__file__).parent / "other_ladder"
AT = Location("rules/all.test.yaml", 3)


def named(name: str, file: str = "rules/all.test.yaml") -> Case:
    return Case(name, Patient({}), (Expectation("recommended", "", "go", AT),), Location(file, 7))


def folder_with(tmp_path: Path, *cases: tuple[str, str], **parts: Anything) -> str:
    """A ladder that goes if there is a key, with cases of given names and expectations."""
    reported = [{"name": name, "given": {"key": "yes"}, "expect": {"recommended": step}} for name, step in cases]
    rules = {"r": rule("key", "supports go")}
    known: dict[str, Anything] = {"findings": {"key": yes_no("no")}, "rules": rules, "steps": {"go": {}}}
    return str(write_ladder(tmp_path / "small", cases=reported, **(known | parts)))


# --- choosing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("slip", True),
        ("SLIP", True),
        ("true slip", True),
        ("slip true", False),
        ("fusion.test", True),
        ("not slip", False),
        ("slip and canal", True),
        ("slip and roof", False),
        ("roof or slip", True),
        ("not roof and slip", True),
        ("not (roof or slip)", False),
        ("roof and slip or canal", True),
        ("roof and (slip or canal)", False),
        ("not not slip", True),
        ("(true   slip)", True),
        ("slip and not roof or roof", True),
    ],
)
def test_cases_are_selected_by_words_of_their_names_and_files(words: str, found: bool) -> None:
    assert matching(words)("fusion.test.yaml A true slip in a narrow canal") is found


@pytest.mark.parametrize(
    "words", ["", "  ", "and", "slip and", "not", "(slip", "slip)", "slip (roof)", "or slip", "()"]
)
def test_a_malformed_selection_is_reported(words: str) -> None:
    with pytest.raises(InputError, match="the selection"):
        matching(words)


@pytest.mark.parametrize("words", ["(" * 5000, "not " * 5000, "slip or " * 5000])
def test_an_excessive_selection_is_reported(words: str) -> None:
    with pytest.raises(InputError, match="longer than") as reported:
        matching(words)
    assert len(str(reported.value)) < 500


def test_selected_cases_keep_their_order() -> None:
    cases = [named("B slip"), named("roof"), named("A slip")]
    assert [case.name for case in selected(cases, "slip")] == ["B slip", "A slip"]


def test_a_selection_without_cases_is_reported(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, ("A key", "go"))
    status, out, err = run("test", "--knowledge", folder, "-k", "no such case")
    assert (status, out) == (2, "")
    assert "no case matches 'no such case'" in err


def test_only_selected_cases_are_run(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, ("A right key", "go"), ("A wrong key", "none"))
    assert run("test", "--knowledge", folder, "-k", "right").out == "1 passed, 0 failed\n"
    assert run("test", "--knowledge", folder, "-k", "not right").status == 1


# --- JUnit ------------------------------------------------------------------------------------------------------------

HOSTILE = (
    '<failure>&amp;"quoted"</failure>',
    "]]> <!-- <?xml",
    "\x1b[31mred\x00\x08",
    "\u202eevil\ufffe\ud800",
    "two\nlines\ttab",
    "\U0001f600 \u00e9",
)


def parsed(results: list[CaseResult]) -> ElementTree.Element:
    return ElementTree.fromstring(render_junit(results))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_junit_is_well_formed_for_any_names(text: str) -> None:
    expected = Expectation("findings", text, text, AT)
    case = Case(text, Patient({}), (expected,), Location(f"rules/{text}.test.yaml", 1))
    root = parsed([CaseResult(case, ("other",)), CaseResult(case, (text,))])
    names = [element.get("name", "") for element in root.iter("testcase")]
    assert len(names) == 2
    assert all(name.isprintable() for name in names)
    assert [len(element) for element in root.iter("testcase")] == [1, 0]


def test_junit_counts_by_file_and_shows_every_difference() -> None:
    expected = (Expectation("recommended", "", "go", AT), Expectation("alerts", "bell", "yes", AT))
    wrong = Case("Wrong", Patient({}), expected, Location("rules/a.test.yaml", 5))
    right = named("Right", "rules/b.test.yaml")
    root = parsed([CaseResult(wrong, ("stay", "no"), 0.25), CaseResult(right, ("go",), 0.5)])
    assert (root.tag, root.get("tests"), root.get("failures"), root.get("time")) == ("testsuites", "2", "1", "0.750000")
    suites = {it.get("name"): (it.get("tests"), it.get("failures"), it.get("time")) for it in root}
    assert suites == {"rules/a.test.yaml": ("1", "1", "0.250000"), "rules/b.test.yaml": ("1", "0", "0.500000")}
    (failure,) = root.iter("failure")
    assert failure.get("message") == "recommended: expected go, found stay  (line 3)"
    assert (failure.text or "").splitlines() == [failure.get("message"), "alerts: expected bell, not found  (line 3)"]
    (first, _) = root.iter("testcase")
    assert (first.get("classname"), first.get("line"), first.get("time")) == ("a", "5", "0.250000")


def test_junit_is_written_next_to_the_usual_output_and_replaces_an_older_file(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, ("A right key", "go"), ("A wrong key", "none"))
    file = tmp_path / "cases.xml"
    for words, failures in (((), "1"), (("-k", "right"), "0")):
        reported = run("test", "--knowledge", folder, "--junit", str(file), *words)
        assert (reported.status, reported.err) == (int(failures), "")
        assert reported.out.endswith(f"1 passed, {failures} failed\n")
        root = ElementTree.parse(file).getroot()
        assert root.get("failures") == failures
        assert all(float(element.get("time", "")) > 0 for element in root.iter("testcase"))
    assert sorted(os.listdir(tmp_path)) == ["cases.xml", "small"]


def test_junit_replaces_only_junit_files(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, ("A key", "go"))
    file = tmp_path / "other.xml"
    file.write_text("<?xml version='1.0' encoding='utf-8'?>\n<testsuites/>\n")
    before = file.read_bytes()
    status, out, err = run("test", "--knowledge", folder, "--junit", str(file))
    assert (status, out) == (2, "")
    assert "holds something else" in err
    assert file.read_bytes() == before


@pytest.mark.parametrize("name", ["nowhere/cases.xml", ".", "/dev/null"])
def test_junit_needs_a_writable_path(tmp_path: Path, name: str) -> None:
    folder = folder_with(tmp_path, ("A key", "go"))
    status, out, err = run("test", "--knowledge", folder, "--junit", str(tmp_path / name))
    assert (status, out) == (2, "")
    assert "expected" in err


# --- kinds of failures, and JSON --------------------------------------------------------------------------------------

KEYS: dict[str, Anything] = {
    "findings": {"key": yes_no("no")},
    "rules": {"r": rule("key", "supports go"), "s": rule("always", "supports stay")},
    "steps": {"go": {}, "stay": {}},
}


def test_failures_end_by_kind_with_their_cases(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, ("A", "stay"), ("B", "go"), ("C", "stay"), ("D", "none"), **KEYS)
    done = run("test", "--knowledge", folder)
    lines = (Path(folder) / "rules" / "all.test.yaml").read_text("utf-8").splitlines()
    at = {name: str(lines.index(f"- name: {name}") + 1) for name in "ACD"}
    assert done.out.splitlines()[-4:] == [
        "Failures by kind",
        f"  2 x recommended: expected stay, found go: all.test.yaml:{at['A']}, {at['C']}",
        f"  1 x recommended: expected none, found go: all.test.yaml:{at['D']}",
        "1 passed, 3 failed",
    ]


def test_each_step_that_follows_is_explained_once(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, ("A", "stay"), ("B", "stay"), **KEYS)
    assert run("test", "--knowledge", folder).out.count("Go is recommended") == 2  # the verdict, and its derivation
    assert "Failures by kind" not in run("test", "--knowledge", folder, "-k", "a and not b").out


def test_many_cases_of_one_kind_are_counted(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, *((f"Case {number}", "stay") for number in range(30)), **KEYS)
    (line,) = (it for it in run("test", "--knowledge", folder, columns=200).out.splitlines() if " x " in it)
    assert line.startswith("  30 x recommended: ")
    assert line.endswith(" and 22 more")


def test_results_are_available_as_json(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, ("A right key", "go"), ("A wrong key", "none"))
    done = run("test", "--knowledge", folder, "--format", "json")
    found = json.loads(done.out)
    assert (done.status, done.err) == (1, "")
    assert (found["passed"], found["failed"], "coverage" in found) == (1, 1, False)
    right, wrong = found["cases"]
    assert (right["name"], right["passed"], right["failures"]) == ("A right key", True, [])
    (failure,) = wrong["failures"]
    assert failure.pop("line") > wrong["line"]
    assert failure.pop("column") == 18
    assert failure == {"what": "recommended", "name": "", "expected": "none", "found": "go"}
    assert Path(wrong["file"]).name == "all.test.yaml"
    assert run("test", "--knowledge", folder, "--format", "json").out == done.out


def test_json_holds_the_coverage_on_request(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, ("A key", "go"))
    done = run("test", "--knowledge", folder, "--format", "json", "--coverage", "--fail-under", "100")
    coverage = json.loads(done.out)["coverage"]
    assert done.status == 1
    assert coverage["all"] == {"met": 2, "possible": 4, "exempt": 0}
    assert [line.partition(" ")[2] for line in coverage["gaps"]] == [
        "rule r: never fails",
        "premise key (r): never decides by failing",
    ]


# --- coverage on the command line -------------------------------------------------------------------------------------


def test_coverage_is_shown_by_kind_with_each_gap_on_its_own_line(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, ("A key", "go"))
    status, out, err = run("test", "--knowledge", folder, "--coverage", columns=40)
    assert (status, err) == (0, "")
    file = Path(folder) / "rules" / "all.yaml"
    line = file.read_text("utf-8").splitlines().index("  r:") + 1
    gaps = out[out.index("Gaps\n") :].splitlines()[1:]
    assert gaps == [
        f"{file}:{line} rule r: never fails",
        f"{file}:{line + 2} premise key (r): never decides by failing",
    ]


def test_low_coverage_fails_only_with_a_threshold(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, ("A key", "go"))
    assert run("test", "--knowledge", folder, "--coverage").status == 0
    assert "Coverage" not in run("test", "--knowledge", folder).out


@pytest.mark.parametrize(("percent", "status"), [("0", 0), ("50", 0), ("51", 1), ("100", 1)])
def test_coverage_below_the_threshold_fails(tmp_path: Path, percent: str, status: int) -> None:
    folder = folder_with(tmp_path, ("A key", "go"))  # covered: the rule holds, the step is recommended; two gaps remain
    reported = run("test", "--knowledge", folder, "--fail-under", percent)
    assert reported.status == status
    assert reported.err == ("" if status == 0 else f"2 of 4 covered: less than {percent} %\n")


@pytest.mark.parametrize("percent", ["-1", "101", "nan", "many"])
def test_a_threshold_is_a_percentage(percent: str) -> None:
    status, out, err = run("test", "--knowledge", str(OTHER), "--fail-under", percent)
    assert (status, out) == (2, "")
    assert "--fail-under" in err


# --- the reference and the engine -------------------------------------------------------------------------------------


def expectations(reasoner: Reasoner) -> list[Expectation]:
    """All expectations that a case can have of an answer."""
    kb = reasoner.kb
    places = [*kb.steps, *kb.options]
    among = {
        "answer recommended possible": [""],
        "because silent open": [*kb.rules],
        "status presumed_status": [*kb.steps],
        "cautions excluded": places,
        "options preferred": [*kb.options],
        "alerts": [*kb.alerts],
        "advice": [*kb.advice],
        "findings": [*kb.concluded],
        "forced": [*kb.inputs],
    }
    return [
        Expectation(what, name, "", AT) for whats, names in among.items() for what in whats.split() for name in names
    ]


@pytest.mark.parametrize("which", ["shipped", "other"])
def test_the_reference_and_the_engine_agree_on_every_expectation(which: str, reasoner: Reasoner) -> None:
    known = reasoner if which == "shipped" else Reasoner(read_knowledge(OTHER))
    for assessment in assessments(known, seed=8, count=40):
        outcome = outcome_of(known.domain, assessment.patient.facts)
        engine = Assessed(known, assessment)
        for expected in expectations(known):
            assert found_of(outcome, expected) == found_of(engine, expected), expected


@pytest.mark.parametrize("seed", range(30))
def test_the_reference_and_the_engine_agree_on_small_ladders(seed: int) -> None:
    rng = Random(seed)
    reasoner = Reasoner(small_domain(rng, constrained=seed % 2 == 0).kb)
    for _ in range(6):
        patient = Patient(random_facts(reasoner.domain, rng))
        try:
            engine = Assessed(reasoner, reasoner.assess(patient))
        except InputError as error:
            with pytest.raises(type(error)):
                outcome_of(reasoner.domain, patient.facts)
            continue
        outcome = outcome_of(reasoner.domain, patient.facts)
        for expected in expectations(reasoner):
            assert found_of(outcome, expected) == found_of(engine, expected), expected


@pytest.mark.parametrize("seed", range(30))
def test_truths_of_many_patients_are_the_truths_of_each(seed: int) -> None:
    """Compares truths as bits with those of each patient by the reference."""
    rng = Random(seed)
    reasoner = Reasoner(small_domain(rng, constrained=seed % 2 == 0).kb)
    patients = [it for _ in range(30) if reasoner.domain.permitted(it := random_facts(reasoner.domain, rng))]
    together = Outcomes(reasoner.domain, map(reasoner.domain.background, patients))
    contradictory = patients_in(together.contradictory)
    for number, facts in enumerate(patients):
        if number in contradictory:
            with pytest.raises(ContradictionError):
                outcome_of(reasoner.domain, facts)
            continue
        one, alone = together.of(number), outcome_of(reasoner.domain, facts)
        for expected in expectations(reasoner):
            assert found_of(one, expected) == found_of(alone, expected), expected


def test_both_report_two_values_of_one_choice(tmp_path: Path) -> None:
    kb = small_ladder(
        tmp_path,
        findings={"a": yes_no()},
        concluded={"kind": choice("near", "far")},
        rules={"n": rule("a", "kind is near"), "f": rule("a", ["kind is far", "supports go"])},
        steps={"go": {}},
    )
    reasoner = Reasoner(kb)
    for ask in (lambda it: reasoner.assess(it), lambda it: outcome_of(reasoner.domain, it.facts)):
        with pytest.raises(KnowledgeError, match="both prove and refute 'kind "):
            ask(Patient({"a": True}))


def test_impossible_patients_of_several_cases_are_reported_together(tmp_path: Path) -> None:
    findings = {name: yes_no("no") for name in ("key", "lock")}
    folder = folder_with(tmp_path, ("One", "go"), ("Two", "go"), findings=findings, constraints={"no": ["key"]})
    status, out, err = run("test", "--knowledge", folder)
    assert (status, out) == (2, "")
    assert err.count("these facts contradict each other: key yes") == 2
    assert "One: " in err
    assert "Two: " in err


def test_a_worked_patient_that_cannot_be_read_is_reported_once(tmp_path: Path) -> None:
    cases = [{"name": f"{n}", "given": {"like": "anna"}, "expect": {"recommended": "go"}} for n in "ab"]
    kb = small_ladder(
        tmp_path,
        findings={"key": yes_no("no")},
        rules={"r": rule("key", "supports go")},
        steps={"go": {}},
        patients={"anna": {"kee": "yes"}},
        cases=cases,
    )
    with pytest.raises(KnowledgeError) as reported:
        read_cases(kb, case_files(kb))
    assert len(reported.value.problems) == 1


def test_a_list_is_not_read_as_a_word(tmp_path: Path) -> None:
    file = tmp_path / "wrong.test.yaml"
    file.write_text(
        "- name: Wrong\n  given: {like: [fourteen-weeks], age: 44}\n  expect: {findings: {recurrence: [early]}}\n",
        "utf-8",
    )
    status, out, err = run("test", str(file))
    assert (status, out) == (2, "")
    assert f"{file}:2:17: a case is like one worked patient" in err
    assert f"{file}:3:35: 'recurrence' has one value" in err


def test_a_mistake_in_one_case_does_not_hide_those_of_another(tmp_path: Path) -> None:
    file = tmp_path / "wrong.test.yaml"
    wrong = "- name: Wrong {0}\n  given: {{agee: {0}}}\n  expect: {{recommended: conservative}}\n"
    right = "- name: Right\n  given: {age: 44}\n  expect: {recommended: conservative}\n"
    file.write_text(wrong.format(1) + right + wrong.format(2) + right, "utf-8")
    status, out, err = run("test", str(file))
    assert (status, out) == (2, "")
    assert err.count("did you mean age?") == 2


def test_only_failing_cases_run_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_with(tmp_path, ("A right key", "go"), ("A wrong key", "none"))

    def broken(*_: object) -> None:
        raise AssertionError("the engine was asked")

    monkeypatch.setattr(Reasoner, "assess", broken)
    assert run("test", "--knowledge", folder, "-k", "right").out == "1 passed, 0 failed\n"
    with pytest.raises(AssertionError, match="the engine was asked"):
        run("test", "--knowledge", folder)


def test_a_hidden_file_holds_no_cases(tmp_path: Path) -> None:
    folder = Path(folder_with(tmp_path, ("One", "go")))
    (folder / "rules" / ".#one.test.yaml").write_text("not a case", "utf-8")
    (folder / "rules" / ".drafts").mkdir()
    (folder / "rules" / ".drafts" / "two.test.yaml").write_text("not a case", "utf-8")
    assert [file.name for file in case_files(read_knowledge(folder))] == ["all.test.yaml"]


def test_the_results_of_cases_do_not_depend_on_earlier_queries(reasoner: Reasoner) -> None:
    kb = reasoner.kb
    for case in read_cases(kb, case_files(kb))[:40]:
        outcome = outcome_of(reasoner.domain, case.patient.facts)
        asked = [found_of(outcome, it) for it in case.expected]
        alone = [found_of(outcome_of(reasoner.domain, case.patient.facts), it) for it in case.expected]
        assert asked == alone == [it.value for it in case.expected], json.dumps(case.name)
