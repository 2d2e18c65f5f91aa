"""Missing cases: the smallest patient for each gap, the same in every run, that never passes unsigned."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path
from random import Random
from shutil import copytree, ignore_patterns

import pytest
import yaml

from expert import KnowledgeError, read_knowledge
from expert.answer.assess import Reasoner
from expert.cases.missing import Smallest, missing_cases
from expert.lang.definitions import Definitions
from expert.lang.errors import PatientError
from expert.lang.premises import Concluded, Not, Premise
from expert.logic.cells import Cell
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from expert.read.cases import UNSIGNED, Case, case_files, read_cases
from expert.render.cases import render_missing
from tests.command_line import run, start
from tests.conftest import REPOSITORY
from tests.running_cases import cover
from tests.small_ladder import quantity, rule, write_ladder, yes_no
from tests.strategies import Enumeration, small_domain

OTHER = Path(__file__).parent / "other_ladder"

Chosen = dict[str, Cell | None]
"""The cell of each finding, or ``None`` if it is as presumed."""


# --- the smallest patient ---------------------------------------------------------------------------------------------


def choices(domain: Domain) -> Iterator[tuple[tuple[int, ...], Chosen]]:
    """Every patient, with the rank of each cell in the order of the vocabulary, 0 for a cell as presumed."""
    usual = {name: value for name, it in domain.kb.inputs.items() if (value := it.usual) is not None}
    cells = {
        name: [(0, None), *((rank, cell) for rank, cell in enumerate(found, 1) if not cell.holds(usual.get(name)))]
        for name, found in domain.cells.items()
    }
    for chosen in product(*cells.values()):
        yield tuple(rank for rank, _ in chosen), dict(zip(cells, (cell for _, cell in chosen), strict=True))


def by_enumeration(domain: Domain, goal: Premise) -> Chosen | None:
    everyone = Enumeration(domain)
    found: list[tuple[int, tuple[int, ...], Chosen]] = []
    for ranks, chosen in choices(domain):
        size = sum(rank > 0 for rank in ranks)
        if found and (size, ranks) >= found[0][:2]:
            continue
        facts = {name: cell.value for name, cell in chosen.items() if cell is not None}
        facts |= {name: value for name, value in domain.usual.items() if chosen[name] is None}
        if Evaluation(domain.definitions, facts).evaluate(goal) and everyone.completions(facts):
            found = [(size, ranks, chosen)]
    return found[0][2] if found else None


@pytest.mark.parametrize("seed", range(24))
def test_the_patient_is_the_first_of_the_smallest_by_enumeration(seed: int) -> None:
    rng = Random(seed)
    domain = small_domain(rng, constrained=seed % 3 == 0)
    smallest = Smallest(domain)
    name = rng.choice(list(domain.definitions.premises))
    for goal in (Concluded(name), Not(Concluded(name))):
        expected = by_enumeration(domain, goal)
        given = smallest.patient(goal)
        assert (given is None) is (expected is None)
        if given is None or expected is None:
            continue
        for finding, value in given.items():
            cell = expected[finding]
            assert cell.holds(value) if cell else domain.usual.get(finding) == value
        facts = domain.background(given).all
        assert Evaluation(domain.definitions, facts).evaluate(goal) is True


@pytest.mark.parametrize("seed", range(12))
def test_no_fact_is_given_without_need(seed: int) -> None:
    domain = small_domain(Random(seed + 100), constrained=True)
    smallest = Smallest(domain)
    for step in domain.kb.steps:
        goal = Concluded(("recommended", step))
        given = smallest.patient(goal)
        for finding in given or ():
            less = {name: value for name, value in (given or {}).items() if name != finding}
            try:
                facts = domain.background(less).all
            except PatientError:
                continue
            assert Evaluation(domain.definitions, facts).evaluate(goal) is not True


# --- the file to sign -------------------------------------------------------------------------------------------------


def unsigned(folder: Path | str) -> tuple[Domain, list[Case], str]:
    kb = read_knowledge(folder)
    domain = Domain(Definitions(kb))
    cases = read_cases(kb, case_files(kb))
    return domain, cases, "".join(render_missing(domain, missing_cases(domain, cover(domain, cases).gaps)))


def test_the_missing_cases_close_every_gap_once_they_are_signed(tmp_path: Path) -> None:
    domain, cases, text = unsigned(OTHER)
    step = next(iter(domain.kb.steps))
    file = tmp_path / "signed.test.yaml"
    file.write_text(text.replace(f"expect: {UNSIGNED}", f"expect: {{recommended: {step}}}"), "utf-8")
    signed = read_cases(domain.kb, [file])
    assert cover(domain, cases).gaps != ()
    assert cover(domain, [*cases, *signed]).gaps == ()


def test_the_missing_cases_of_a_ladder_without_cases_cover_all_of_it(tmp_path: Path) -> None:
    folder = write_ladder(
        tmp_path,
        findings={"pain": yes_no("no"), "weeks": quantity("0 weeks .. 99 weeks", "0 weeks", "weeks"), "old": yes_no()},
        concluded={"grave": {"type": "yes_no"}},
        rules={
            "grave-if-long": rule(["pain", "weeks > 6 weeks"], "grave"),
            "rest": rule([{"any": ["pain", "not old"]}], "supports rest"),
            "act": rule("grave", ["supports act", "excludes rest"], unless=["old"]),
        },
        steps={"rest": {}, "act": {"options": {"now": {}}}},
        cases=[{"name": "One", "given": {}, "expect": {"recommended": "none"}}],
    )
    domain, cases, text = unsigned(folder)
    file = tmp_path / "signed.test.yaml"
    file.write_text(text.replace(f"expect: {UNSIGNED}", "expect: {recommended: act}"), "utf-8")
    coverage = cover(domain, [*cases, *read_cases(domain.kb, [file])])
    assert (coverage.gaps, coverage.total.met) == ((), coverage.total.possible)


def test_each_missing_patient_names_the_gaps_that_it_closes() -> None:
    domain, cases, text = unsigned(OTHER)
    gaps = [line[2:] for line in text.splitlines() if line.startswith(f"# {domain.kb.directory}")]
    assert len(gaps) == sum(len(gap.situations) for gap in cover(domain, cases).gaps)
    assert f"{OTHER}/rules/mending.yaml:31 premise rot (work-is-called-for): never decides by holding" in gaps
    entries = yaml.safe_load(text)
    assert {entry["expect"] for entry in entries} == {UNSIGNED}
    assert len({str(entry["given"]) for entry in entries}) == len(entries)


def test_the_missing_cases_are_the_same_in_every_process() -> None:
    words = ("test", "--knowledge", str(OTHER), "--missing")
    first, second = (start(*words, PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert (first.returncode, first.stderr) == (0, "33 passed, 0 failed\n")
    assert first.stdout == second.stdout != ""


def test_an_unsigned_case_is_not_read(tmp_path: Path) -> None:
    domain, _, text = unsigned(OTHER)
    file = tmp_path / "unsigned.test.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(KnowledgeError, match="is unsigned: what must follow is not stated") as reported:
        read_cases(domain.kb, [file])
    assert len(reported.value.problems) == text.count(f"\n  expect: {UNSIGNED}")


def test_one_unsigned_case_among_others_keeps_all_of_them_from_passing(tmp_path: Path) -> None:
    folder = tmp_path / "roofs"
    copytree(OTHER, folder)
    with (folder / "rules" / "firm.test.yaml").open("a") as file:
        file.write("- name: Not yet\n  given: {}\n  expect: unsigned\n")
    status, out, err = run("test", "--knowledge", str(folder))
    assert (status, out) == (2, "")
    assert "the case 'Not yet' is unsigned" in err
    assert "expected expect: {recommended: STEP, ...}" in err


# --- on the command line ----------------------------------------------------------------------------------------------


def test_missing_cases_on_standard_output_are_nothing_but_a_case_file() -> None:
    status, out, err = run("test", "--knowledge", str(OTHER), "--missing", "--coverage")
    assert status == 0
    assert all(entry["expect"] == UNSIGNED for entry in yaml.safe_load(out))
    assert "33 passed, 0 failed" in err
    assert "Gaps" in err


def test_missing_cases_are_written_to_a_new_file_that_others_may_read(tmp_path: Path) -> None:
    file = tmp_path / "to-sign.yaml"
    before = os.umask(0o022)
    try:
        status, out, err = run("test", "--knowledge", str(OTHER), f"--missing={file}")
    finally:
        os.umask(before)
    assert (status, out, err) == (0, "33 passed, 0 failed\n", "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert file.read_text("utf-8") == run("test", "--knowledge", str(OTHER), "--missing").out
    assert os.listdir(tmp_path) == ["to-sign.yaml"]


def test_missing_cases_never_overwrite_a_file(tmp_path: Path) -> None:
    file = tmp_path / "signed.yaml"
    file.write_text("signed\n", "utf-8")
    status, out, err = run("test", "--knowledge", str(OTHER), f"--missing={file}")
    assert (status, out) == (2, "")
    assert "exists already" in err
    assert file.read_text("utf-8") == "signed\n"


@pytest.mark.parametrize("name", ["nowhere/to-sign.yaml", ".", ""])
def test_missing_cases_need_an_output(tmp_path: Path, name: str) -> None:
    status, out, err = run("test", "--knowledge", str(OTHER), f"--missing={tmp_path / name if name else ''}")
    assert (status, out) == (2, "")
    assert "expected a" in err


def test_without_missing_cases_a_message_says_so_and_no_file_is_made(tmp_path: Path) -> None:
    folder = write_ladder(
        tmp_path / "small",
        findings={"key": yes_no("yes")},
        rules={"a-key": rule("key", "supports door")},
        steps={"door": {}},
        cases=[
            {"name": "A key", "given": {}, "expect": {"recommended": "door"}},
            {"name": "No key", "given": {"key": "no"}, "expect": {"recommended": "none"}},
        ],
    )
    status, out, err = run("test", "--knowledge", str(folder), f"--missing={tmp_path / 'new.yaml'}")
    assert (status, out, err) == (0, "no case is missing\n2 passed, 0 failed\n", "")
    assert not (tmp_path / "new.yaml").exists()


@pytest.fixture
def without_cases(tmp_path: Path) -> Path:
    """A copy of the shipped knowledge without its cases."""
    folder = tmp_path / "shipped"
    copytree(REPOSITORY / "knowledge", folder, ignore=ignore_patterns("*.test.yaml"))
    return folder


@pytest.mark.parametrize("cases", ["", "- name: One\n  given: {}\n  expect: {recommended: conservative}\n"])
def test_missing_cases_of_the_shipped_rules_are_found_with_no_case_or_one(without_cases: Path, cases: str) -> None:
    if cases:
        (without_cases / "rules" / "one.test.yaml").write_text(cases, "utf-8")
    status, out, err = run("test", "--knowledge", str(without_cases), "--missing", "--limit", "15")
    assert status == 0
    assert err.splitlines()[-1] == ("1 passed, 0 failed" if cases else "0 passed, 0 failed")
    assert "gaps are left open by --limit 15\n" in err
    entries = yaml.safe_load(out)
    assert len(entries) == len({str(entry["given"]) for entry in entries}) == 15
    assert out.startswith(run("test", "--knowledge", str(without_cases), "--missing", "--limit", "2").out)


def test_each_patient_is_written_when_it_is_found_and_an_interrupted_search_leaves_a_case_file(
    without_cases: Path,
) -> None:
    command = [sys.executable, "-m", "expert", "test", "--knowledge", str(without_cases), "--missing"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        begun: list[str] = []
        while not begun or not begun[-1].startswith("  expect: "):
            begun.append(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    entries = yaml.safe_load("".join(begun) + rest)
    assert 0 < len(entries) < 150
    assert all(entry["expect"] == UNSIGNED for entry in entries)


def test_a_patient_closes_every_gap_that_it_meets(without_cases: Path) -> None:
    domain = Domain(Definitions(read_knowledge(without_cases)))
    gaps = cover(domain, []).gaps
    open_sides = [(gap, side) for gap in gaps for side in gap.situations]
    for missing in islice(missing_cases(domain, gaps), 5):
        assert missing.facts is not None
        background = domain.background(missing.facts)
        over = [Evaluation(domain.definitions, some) for some in (background.known, background.all)]
        met = [it for it in open_sides if any(known.evaluate(it[1].goal) for known in over)]
        assert missing.closes == tuple((gap, side.lacking) for gap, side in met)
        open_sides = [it for it in open_sides if it not in met]


def test_a_limit_needs_missing() -> None:
    status, _, err = run("test", "--knowledge", str(OTHER), "--limit", "3")
    assert status == 2
    assert "--limit goes with --missing." in err


def test_a_patient_is_found_for_each_gap_of_the_shipped_cases(reasoner: Reasoner) -> None:
    smallest = Smallest(reasoner.domain)
    for step in reasoner.kb.steps.values():
        given = smallest.patient(Concluded(("recommended", step.name)))
        assert (given is None) is step.never_recommended
        if given is not None:
            evaluation = Evaluation(reasoner.definitions, reasoner.domain.background(given).all)
            assert evaluation.concluded(("recommended", step.name)) is True
