"""Another ladder of another trade runs on the same shell, and the shell knows nothing of spines."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from expert import KnowledgeBase, PatientError, read_knowledge
from expert.answer.assess import Reasoner
from expert.cli.commands import expert
from expert.lang.premises import ALWAYS, Compare, In, Is, Not, Premise, literals
from expert.lang.premises import Any as AnyOf
from expert.lang.vocabulary import Kind
from expert.logic.kleene import Evaluation
from expert.read.cases import Case, case_files, read_cases
from expert.read.patient import PatientReader
from tests.conftest import REPOSITORY
from tests.running_cases import run_case

FOLDER = Path(__file__).parent / "other_ladder"
ROOFS = read_knowledge(FOLDER)
KNEE = read_knowledge(FOLDER.with_name("knee"))
CASES = read_cases(ROOFS, case_files(ROOFS))
COTTAGE = str(FOLDER / "patients" / "cottage.yaml")


@pytest.fixture(scope="module")
def roofs() -> Reasoner:
    return Reasoner(ROOFS)


def run(*words: str) -> Result:
    return CliRunner().invoke(expert, [words[0], "--knowledge", str(FOLDER), *words[1:]])


def answer(*words: str) -> dict[str, Any]:
    result = run("assess", *words, "--format", "json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.output)
    return found


# --- on the command line ----------------------------------------------------------------------------------------------


def test_the_cases_of_the_other_ladder_pass_on_the_command_line() -> None:
    result = run("test")
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1] == f"{len(CASES)} passed, 0 failed"


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_a_case_of_the_other_ladder_expects_follows(roofs: Reasoner, case: Case) -> None:
    result = run_case(roofs, case)
    assert [(it.expected.what, it.expected.name, it.expected.value, it.found) for it in result.failures] == []


def test_a_roof_gets_an_answer_in_text_with_options_advice_and_guidance() -> None:
    text = run("assess", "--full", COTTAGE).output
    assert text.startswith("Patch")
    shown = ("Called-for work begins with a patch", "* Single tiles (preferred)", "Ask for a guarantee", "GUILD-2020")
    assert [it for it in shown if it not in text] == []
    assert text.rstrip().endswith("A roofer's eye sees more than a form.")


def test_a_roof_gets_an_answer_in_json() -> None:
    found = answer(COTTAGE)
    assert (found["answer"], found["recommended"]) == ("certain", "patch")
    assert found["findings"]["cause"] == "fresh_hole"
    assert found["forced"] == {"patch_held": "0 weeks"}
    assert found["defaults"] == {"patch_policy": "thrifty"}
    assert [step["step"] for step in found["ladder"]] == list(ROOFS.steps)
    assert found["knowledge"]["name"] == "leaking-roof-ladder"
    assert {note["note"]: note["verified"] for note in found["guidance"]} == {"smaller-patches": True}


def test_a_roof_in_danger_is_a_gate_with_an_alert() -> None:
    found = answer(str(FOLDER / "patients" / "barn.yaml"))
    assert found["recommended"] == "make_safe"
    assert [it["alert"] for it in found["alerts"] if it["presumed_status"] == "holds"] == ["leave_the_house"]
    assert {it["step"]: it["presumed_status"] for it in found["ladder"]}["catch_water"] == "waiting"


def test_a_gate_names_what_is_done_meanwhile_with_its_options() -> None:
    found = answer(COTTAGE, "source_seen=no")
    assert (found["recommended"], found["meanwhile"]) == ("inspect", "catch_water")
    offered = {it["option"] for it in found["options"] if it["presumed_status"] == "offered"}
    assert offered == {"catch_water.tarpaulin"}


@pytest.mark.parametrize("sag", ["60 mm", "6 cm", "0.06 m", "3/50 m"])
def test_lengths_are_read_in_any_unit_of_length(sag: str) -> None:
    assert answer(f"sag={sag}")["recommended"] == "make_safe"


@pytest.mark.parametrize("snow", ["500 kg", "500000 g", "500000000 mg"])
def test_masses_are_read_in_any_unit_of_mass(snow: str) -> None:
    assert answer(f"snow_load={snow}", "sag=1 mm")["recommended"] == "make_safe"


def test_a_length_where_a_mass_is_asked_is_an_error() -> None:
    result = run("assess", "--full", "snow_load=5 m")
    assert result.exit_code != 0


def test_a_site_file_brings_means_and_policy(tmp_path: Path) -> None:
    site = tmp_path / "firm.yaml"
    site.write_text("patch_policy: thorough\nslater: no\n", encoding="utf-8")
    found = answer(COTTAGE, "roof_age=50", "covering=slate", "--site", str(site))
    assert found["recommended"] == "recover"
    assert "hire_a_slater" in {it["advice"] for it in found["advice"] if it["presumed_status"] == "holds"}


def test_facts_that_no_roof_can_combine_are_rejected_with_the_reason() -> None:
    reader = PatientReader(ROOFS)
    dry = reader.patient(None, ["leak=none", "drops=3"])
    with pytest.raises(PatientError, match="Where no water comes in, nothing drips"):
        Reasoner(ROOFS).assess(dry)


@pytest.mark.parametrize(
    ("words", "reported"),
    [
        (("why", COTTAGE, "patch"), "called-for-work-is-a-patch"),
        (("why-not", COTTAGE, "make_safe"), ROOFS.findings["cracking_noise"].title),
        (("findings",), "snow_load"),
        (("rules",), "slate-without-a-slater"),
        (("show", "B04"), "called-for-work-is-a-patch"),
    ],
    ids=lambda it: it[0] if isinstance(it, tuple) else "",
)
def test_the_other_commands_speak_of_roofs(words: tuple[str, ...], reported: str) -> None:
    result = run(*words)
    assert result.exit_code == 0, result.output
    assert reported in result.output


# --- what it exercises ------------------------------------------------------------------------------------------------


def _premises() -> Iterator[Premise]:
    for rule in ROOFS.rules.values():
        yield from (*rule.when, *rule.unless)


def test_the_other_ladder_uses_every_feature_of_the_language() -> None:
    rules, inputs = ROOFS.rules.values(), ROOFS.inputs.values()
    roles = {(said.role, "." in said.target) for rule in rules for said in rule.then}
    steps = {"supports", "excludes", "cautions"}
    of_findings = {("finding", False), ("alert", False), ("advise", False)}
    assert roles >= of_findings | {(role, False) for role in steps} | {(role, True) for role in steps - {"excludes"}}
    assert roles >= {("prefers", True), ("excludes", True)}
    used = [literal for premise in _premises() for literal in literals(premise)]
    assert {type(literal) for literal in used} == {Is, In, Compare}
    assert {literal.operator for literal in used if isinstance(literal, Compare)} == {"<", "<=", ">", ">="}
    assert {type(premise) for premise in _premises()} >= {Not, AnyOf}
    assert any(rule.unless for rule in rules)
    assert any(rule.premise == ALWAYS for rule in rules)
    assert {finding.kind for finding in inputs} == set(Kind)
    assert {finding.unit.dimension for finding in inputs if finding.unit} == {"length", "mass", "time", "number"}
    assert any(finding.default is not None for finding in inputs)
    assert any(finding.asked_if for finding in inputs)
    assert any(finding.unit_may_be_omitted for finding in inputs)
    assert any(finding.otherwise for finding in ROOFS.concluded.values())
    assert any(step.gate and step.meanwhile for step in ROOFS.steps.values())
    assert any(step.never_recommended for step in ROOFS.steps.values())
    assert any(option.if_supported for option in ROOFS.options.values())
    assert {invariant.always for invariant in ROOFS.invariants.values()} == {True, False}
    assert {note.verified for note in ROOFS.notes.values()} == {True, False}
    assert {it.kind for it in ROOFS.references.values()} == {"claim", "guideline", "safety", "assumption"}
    for part in (ROOFS.panels, ROOFS.constraints, ROOFS.step_groups, ROOFS.alerts, ROOFS.advice):
        assert part


def _complete(roofs: Reasoner) -> Iterator[Evaluation]:
    """Complete roofs: each choice of the findings that matter most, the others as usual or in turn."""
    names = ("leak", "source_seen", "rot", "owner_wish", "scaffold", "covering", "cracking_noise", "wires_wet")
    rest = {**{name: cells[-1].value for name, cells in roofs.domain.cells.items()}, **roofs.domain.usual}
    facts = [rest]
    for name in (*names, "damaged_share", "shored_up"):
        facts = [{**it, name: cell.value} for it in facts for cell in roofs.domain.cells[name]]
    for it in facts:
        dry = {"drops": 0.0} if it["leak"] == "none" else {}
        yield Evaluation(roofs.definitions, {**it, "patch_held": 0.0, "patch_policy": "thrifty", **dry})


def test_every_complete_roof_gets_one_step_and_keeps_the_invariants(roofs: Reasoner) -> None:
    reached = set()
    for evaluation in _complete(roofs):
        steps = [step for step in ROOFS.steps if evaluation.concluded(("recommended", step))]
        assert len(steps) == 1, evaluation.facts
        for invariant in ROOFS.invariants.values():
            if evaluation.evaluate(invariant.when):
                assert (steps[0] in invariant.targets) is invariant.always, (invariant.id, evaluation.facts)
        reached.update(steps)
    assert reached == set(ROOFS.steps) - {"golden_roof"}


# --- the shell knows nothing of spines --------------------------------------------------------------------------------

CLINICAL = (
    "lumbar", "disc", "disk", "spine", "spinal", "vertebra", "nerve", "sciatica", "herniation", "hernia", "stenosis",
    "slip", "scar", "surgery", "surgeon", "surgical", "surgically", "fusion", "conservative", "steroid", "epidural",
    "tumour", "infection", "fracture", "cauda", "pain", "MRI", "facet", "nucleus", "drug",
)  # fmt: skip


def _said(path: Path) -> Iterator[tuple[int, str]]:
    """The names and texts of a module's code; docstrings and the examples in help texts are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Constant(value=str()) if id(node) not in documentation:
                yield line, str(node.value).split("Example:")[0]
            case ast.Name():
                yield line, node.id
            case ast.Attribute():
                yield line, node.attr
            case ast.arg() | ast.keyword():
                yield line, node.arg or ""
            case ast.FunctionDef() | ast.ClassDef():
                yield line, node.name


def _own_names(kb: KnowledgeBase) -> set[str]:
    options = {name.partition(".")[2] for name in kb.options}
    everyday = {"severity", "level", "side"}  # a fault, a search and a difference have them as well
    names = {*kb.findings, *kb.steps, *kb.step_groups, *kb.panels, *kb.alerts, *kb.advice, *kb.rules, *options}
    return names - everyday


def _clinical_words(kb: KnowledgeBase) -> re.Pattern[str]:
    words = sorted({*CLINICAL, *_own_names(kb), *_own_names(KNEE)}, key=len, reverse=True)
    return re.compile(rf"(?<![A-Za-z])(?:{'|'.join(map(re.escape, words))})(?![A-Za-z])", re.IGNORECASE)


def test_no_word_of_the_clinic_occurs_in_the_code_of_the_shell(kb: KnowledgeBase) -> None:
    pattern = _clinical_words(kb)
    found = [
        f"{path.relative_to(REPOSITORY)}:{line}: {text[:60]}"
        for path in sorted((REPOSITORY / "expert").rglob("*.py"))
        if "knowledge" not in path.relative_to(REPOSITORY / "expert").parts
        for line, text in _said(path)
        if pattern.search(text)
    ]
    assert found == []


@pytest.mark.parametrize("code", ["stenosis = 1", "x = 'supports conservative'", "def lumbar(): pass", "f(age=3)"])
def test_a_word_of_the_clinic_in_code_would_be_noticed(kb: KnowledgeBase, tmp_path: Path, code: str) -> None:
    path = tmp_path / "module.py"
    path.write_text(f'"""Speaks of stenosis."""\n{code}\n', encoding="utf-8")
    assert [line for line, text in _said(path) if _clinical_words(kb).search(text)] == [2]


def test_a_word_of_the_clinic_in_a_docstring_or_an_example_is_let_pass(kb: KnowledgeBase, tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text('"""Stenosis."""\nhelp = "Do it.\\n\\nExample:\\n  expert show stenosis"\n', encoding="utf-8")
    assert [line for line, text in _said(path) if _clinical_words(kb).search(text)] == []


def test_the_two_ladders_share_no_step_and_no_finding(kb: KnowledgeBase) -> None:
    assert not set(kb.steps) & set(ROOFS.steps)
    assert not set(kb.findings) & set(ROOFS.findings)
