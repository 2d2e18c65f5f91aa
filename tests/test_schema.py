"""The generated JSON Schemas: they accept all that the reader accepts, and reject most of what it rejects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from expert import KnowledgeBase, KnowledgeError, PatientError, read_knowledge
from expert.edit.schema import associations, schemas
from expert.edit.schema_texts import conclusion, premise
from expert.lang.folder_layout import FILES, kind_of
from expert.lang.format import FORMS
from expert.lang.vocabulary import Finding, Kind
from expert.read.cases import read_cases
from expert.read.knowledge import shipped_knowledge
from expert.read.parse import parse
from expert.read.patient import PatientReader
from expert.read.premise import PremiseReader
from expert.read.source import Listing, Mapping, Names, Node, Problems, Scalar, Source
from tests.command_line import run
from tests.malformed import BASE, MALFORMED, spoilt

OTHER = Path(__file__).resolve().parent / "other_ladder"
FOLDERS = {"shipped": Path(shipped_knowledge()), "other": OTHER, "base": BASE}
KNOWLEDGE_FAULTS: list[dict[str, Any]] = yaml.safe_load((MALFORMED / "knowledge.yaml").read_text(encoding="utf-8"))
PATIENT_FAULTS: list[dict[str, Any]] = yaml.safe_load((MALFORMED / "patients.yaml").read_text(encoding="utf-8"))

YAML_NUMBER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


@cache
def validators(folder: Path) -> dict[str, Draft7Validator]:
    found = schemas(read_knowledge(folder))
    for schema in found.values():
        Draft7Validator.check_schema(schema)
    return {kind: Draft7Validator(schema) for kind, schema in found.items()}


def typed(node: Node | None) -> Any:
    """A tree as YAML 1.2 types it, which is what an editor validates."""
    if isinstance(node, Listing):
        return [typed(item) for item in node.items]
    if isinstance(node, Mapping):
        return {key: typed(value) for key, value in node.entries.items()}
    if node is None:
        return None
    if node.plain and node.text in ("", "~", "null", "Null", "NULL"):
        return None
    if node.plain and node.text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return node.text.lower() == "true"
    if node.plain and YAML_NUMBER.fullmatch(node.text):
        return float(node.text) if "x" not in node.text and "o" not in node.text else int(node.text, 0)
    return node.text


def texts(node: Node | None) -> Any:
    """A tree in which every scalar is a text, as it is where all are quoted."""
    if isinstance(node, Listing):
        return [texts(item) for item in node.items]
    if isinstance(node, Mapping):
        return {key: texts(value) for key, value in node.entries.items()}
    return node.text if node else None


def tree(text: str) -> tuple[Node | None, Problems]:
    problems = Problems()
    return parse(Source("a", text), problems), problems


def rejects(validator: Draft7Validator, text: str) -> bool:
    """Whether an editor would underline something in a text."""
    node, problems = tree(text)
    return bool(problems.found) or not validator.is_valid(typed(node))


# --- what is right ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS)
def test_every_file_of_a_folder_is_valid_by_the_schema_of_its_kind(folder: Path) -> None:
    for file in sorted(folder.rglob("*.yaml")):
        node, _ = tree(file.read_text(encoding="utf-8"))
        validator = validators(folder)[kind_of(file.relative_to(folder).as_posix())]
        for view in (typed(node), texts(node)):
            assert not [f"{file} {list(error.path)}: {error.message[:200]}" for error in validator.iter_errors(view)]


def test_a_file_without_content_is_a_patient_about_whom_nothing_is_known() -> None:
    assert validators(BASE)["patient"].is_valid(None)
    assert validators(BASE)["cases"].is_valid(None)
    assert not validators(BASE)["rules"].is_valid(None)


def edited(file: Path, random: Random, pool: list[str]) -> str:
    """The text of a file with one small edit: a word for another, a line left out, moved or said twice."""
    lines = file.read_text(encoding="utf-8").splitlines()
    at = random.randrange(len(lines))
    edit = random.randrange(5)
    words = list(re.finditer(r"[\w.%/-]+|[<>]=?|\[|\]", lines[at]))
    if edit < 2 and words:
        word = random.choice(words)
        lines[at] = lines[at][: word.start()] + random.choice(pool) + lines[at][word.end() :]
    elif edit == 2:
        del lines[at]
    elif edit == 3:
        lines.insert(random.randrange(len(lines)), lines[at])
    else:
        value = lines[at].partition(": ")
        lines[at] = f"{value[0]}: {random.choice(ODD)}"
    return "\n".join(lines) + "\n"


ODD = (
    "null",
    "5",
    "'5'",
    "true",
    "[a]",
    "{a: b}",
    "''",
    ">-\n      words\n      in lines",
    "2/3",
    "' soil is dry '",
    "no",
)


def pool_of(folder: Path) -> list[str]:
    """Words of a folder, and some that mean something in YAML."""
    files = sorted(folder.rglob("*.yaml"))
    words = {word for file in files for word in re.findall(r"[\w.%/-]+", file.read_text(encoding="utf-8"))}
    return [*sorted(words), *("not", "is", "in", "any", "all", "always", "null", "true", "0", "<", ">=") * 5]


def accepted(folder: Path, file: str, kb: KnowledgeBase) -> bool:
    """Whether the reader accepts a file of a copy of a folder, with the others."""
    path = folder / file
    try:
        if kind_of(file) == "patient":
            reader = PatientReader(kb)
            reader.combined(reader.file(str(path)))
        elif kind_of(file) == "cases":
            read_cases(kb, [path])
        else:
            read_knowledge(folder)
    except (KnowledgeError, PatientError):
        return False
    return True


@pytest.mark.parametrize("seed", range(3))
def test_no_schema_rejects_what_the_reader_accepts(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    random = Random(seed)
    pool = pool_of(BASE)
    copy = tmp_path / spoilt(tmp_path, ())
    kb = read_knowledge(copy)
    files = [file.relative_to(BASE) for file in sorted(BASE.rglob("*.yaml"))]
    right = 0
    for _ in range(150):
        file = random.choice(files)
        text = edited(BASE / file, random, pool)
        (copy / file).write_text(text, encoding="utf-8")
        if accepted(copy, file.as_posix(), kb):
            right += 1
            validator = validators(BASE)[kind_of(file.as_posix())]
            for view in (typed(tree(text)[0]), texts(tree(text)[0])):
                wrong = [f"{list(error.path)}: {error.message[:100]}" for error in validator.iter_errors(view)]
                assert not wrong, f"{file}\n{text}"
        (copy / file).write_bytes((BASE / file).read_bytes())
    assert right > 20


# --- what is wrong ----------------------------------------------------------------------------------------------------

LEFT_TO_THE_READER = {
    "words for a quantity that are read as numbers or bounds",
    "words for values that mean something already",
    "quantities in further units that are wrong",
    # units and ranges
    "a quantity of another dimension",
    "a misspelt unit",
    "a quantity out of range",
    "a range that is empty",
    "a date that does not exist",
    "a resolution in another dimension",
    "a resolution of nothing",
    "a resolution wider than the range",
    # what needs all rules
    "a rule id in two files",
    "a loop of one finding",
    "a loop of two findings",
    # names that the same file defines
    "a constraint over a concluded finding",
    "a panel with a member that does not exist",
    "a comparison that is plausible with a misspelt finding",
    "comparisons that lead back to where they began",
    "a comparison that the ranges settle",
    "a step group that names no step",
}
"""Faults of the knowledge that no schema sees."""


def rejected(fault: dict[str, Any], folder: Path) -> bool:
    """Whether a schema of the base knowledge rejects a file of the spoilt copy."""
    changed = {edit["file"] for edit in fault["edits"]}
    return any(
        rejects(validators(BASE)[kind_of(file)], (folder / file).read_text(encoding="utf-8")) for file in changed
    )


def test_three_of_four_faults_of_the_knowledge_are_underlined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    left = {
        fault["name"] for fault in KNOWLEDGE_FAULTS if not rejected(fault, tmp_path / spoilt(tmp_path, fault["edits"]))
    }
    assert left <= LEFT_TO_THE_READER
    assert len(left) * 3 < len(KNOWLEDGE_FAULTS)


def test_every_fault_of_a_patient_file_is_underlined_but_a_contradiction() -> None:
    faults = [fault for fault in PATIENT_FAULTS if fault["file"] and not fault["words"]]
    left = {fault["name"] for fault in faults if not rejects(validators(BASE)["patient"], fault["file"])}
    assert left <= {"a panel that contradicts its member"}
    assert len(faults) > len(left) + 5


@pytest.mark.parametrize(
    ("find", "put"),
    [
        ("    cite: S02\n", ""),
        ("cite: S02", "cite: []"),
        ("cite: S02", "cites: S02"),
        ("title:", "titel:"),
        ("- not wilting", "- {any: [pests], all: [pests]}"),
        ("- not wilting", "- []"),
        ("- supports quarantine", "- [supports quarantine]"),
        ("              - greenhouse", "              - any: [greenhouse]"),
    ],
)
def test_a_rule_file_with_a_fault_of_form_is_underlined(find: str, put: str) -> None:
    text = (BASE / "rules" / "trouble.yaml").read_text(encoding="utf-8")
    assert not rejects(validators(BASE)["rules"], text)
    assert find in text
    assert rejects(validators(BASE)["rules"], text.replace(find, put, 1))


# --- lines ------------------------------------------------------------------------------------------------------------


def lines_about(finding: Finding) -> Iterator[str]:
    """Premises about a finding, right and wrong."""
    values = [*finding.values[:2], "yes", "true", "no", "x", "unknown", ""]
    for no, name in product(("", "not ", "not  not "), (finding.name, f"{finding.name}s", f"  {finding.name}")):
        yield f"{no}{name}"
        for value in values:
            yield from (f"{no}{name} {word} {value}" for word in ("is", "is  not", "is in", "are"))
            yield from (f"{no}{name}{word}" for word in (f" in [{value}]", f" in[{value} , {value}]", f"is {value}"))
        for operator, amount in product(
            ("<", " >= ", " = "), ("1", "1 days", "1.5kg", "2/3", "67 %", "1 / 2 days", "x")
        ):
            yield f"{no}{name}{operator}{amount}"


def read_as_premise(reader: PremiseReader, line: str) -> list[str]:
    """What the reader finds wrong with a premise."""
    reader.problems.found.clear()
    source = Source("a", line)
    reader.line(Scalar(source, 1, 1, line.strip()))
    return [problem.message for problem in reader.problems.found]


@pytest.mark.parametrize("folder", [OTHER, BASE], ids=["other", "base"])
def test_a_premise_is_valid_exactly_if_the_reader_accepts_it_units_and_ranges_aside(folder: Path) -> None:
    kb = read_knowledge(folder)
    reader = PremiseReader(kb.findings, Names(kb.findings), Problems())
    validator = Draft7Validator(premise(kb.findings.values()))
    right = 0
    for finding in kb.findings.values():
        for line in lines_about(finding):
            wrong = read_as_premise(reader, line)
            right += not wrong
            beyond = any(re.search("out of range|measure|is not a unit", message) for message in wrong)
            assert validator.is_valid(line) == (not wrong) or beyond, (line, wrong)
    assert right > 100


CONCLUSIONS = {
    "supports watering": True,
    "cautions  care": True,
    "excludes watering.rainwater": True,
    "prefers watering.rainwater": True,
    "advise keep_a_diary": True,
    "alert losing_leaves": True,
    "thirst": True,
    "danger is grave": True,
    "danger": False,
    "thirst is yes": False,
    "wilting": False,
    "prefers watering": False,
    "supports": False,
    "supports losing_leaves": False,
    "alert": False,
    "suports watering": False,
    "supports watering, repotting": False,
    "danger is graver": False,
    "": False,
}


@pytest.mark.parametrize("line", CONCLUSIONS)
def test_a_conclusion_is_valid_exactly_if_the_reader_accepts_it(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rule = (
        f"rules:\n  a-rule:\n    title: A\n    when: age > 3 years\n    then: '{line}'\n    because: B\n    cite: S01\n"
    )
    folder = tmp_path / spoilt(tmp_path, ())
    (folder / "rules" / "a.yaml").write_text(rule, encoding="utf-8")
    assert accepted(folder, "rules/a.yaml", read_knowledge(BASE)) is CONCLUSIONS[line]
    assert Draft7Validator(conclusion(read_knowledge(BASE))).is_valid(line) is CONCLUSIONS[line]


def test_names_that_yaml_takes_for_something_else_are_words_all_the_same() -> None:
    finding = Finding("true", "A title", Kind.CHOICE, read_knowledge(BASE).findings["soil"].at, values=("null", "no"))
    yes_no = Finding("null", "A title", Kind.YES_NO, finding.at)
    validator = Draft7Validator(premise([finding, yes_no]))
    assert all(map(validator.is_valid, ("true is null", None, "not null")))
    assert not any(map(validator.is_valid, ("true", 5, "nul")))


# --- what an editor shows ---------------------------------------------------------------------------------------------


def shown(schema: dict[str, Any]) -> dict[str, str]:
    """What is completed, with its description."""
    return {it["label"]: it["description"] for it in schema["defaultSnippets"]}


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS)
def test_every_premise_conclusion_and_claim_is_completed_with_its_title_and_is_valid(folder: Path) -> None:
    kb = read_knowledge(folder)
    rules = schemas(kb)["rules"]
    rule = rules["properties"]["rules"]["additionalProperties"]["properties"]
    premises = shown(rules["definitions"]["premise"])
    for name, finding in {**kb.inputs, **kb.concluded}.items():
        about = [text for text in premises if name in text.split()]
        assert about
        assert all(finding.title in premises[text] and finding.ask in premises[text] for text in about)
    claims = shown(rules["definitions"]["citations"])
    assert claims == {name: reference.text for name, reference in kb.references.items()}
    conclusions = shown(rule["then"])
    assert {f"supports {step}" for step in kb.steps} <= set(conclusions)
    assert {f"prefers {option}" for option in kb.options} <= set(conclusions)
    for schema in (rules["definitions"]["premise"], rules["definitions"]["citations"], rule["then"]):
        assert all(map(Draft7Validator(schema).is_valid, shown(schema)))
    assert rule["unless"]["description"] == FORMS["rule"].keys["unless"].meaning


def test_the_values_of_a_patient_are_completed_and_described() -> None:
    kb = read_knowledge(BASE)
    patient = schemas(kb)["patient"]["properties"]
    assert list(patient) == [*kb.given, *kb.panels]
    assert list(shown(patient["soil"])) == ["dry", "moist", "soaked", "unknown"]
    assert kb.findings["soil"].ask in patient["soil"]["description"]


SMALLEST = {
    "knowledge": ("knowledge.yaml", "x"),
    "vocabulary": ("vocabulary.yaml", "x"),
    "further unit": ("vocabulary.yaml", "units: {f: x}"),
    "finding": ("vocabulary.yaml", "findings: {f: x}"),
    "concluded": ("vocabulary.yaml", "concluded: {f: x}"),
    "panel": ("vocabulary.yaml", "panels: {f: x}"),
    "constraint": ("vocabulary.yaml", "constraints: {f: x}"),
    "plausible": ("vocabulary.yaml", "plausible: {f: x}"),
    "ladder": ("ladder.yaml", "x"),
    "step": ("ladder.yaml", "steps: {f: x}"),
    "option": ("ladder.yaml", "steps: {f: {options: {g: x}}}"),
    "step group": ("ladder.yaml", "groups: {f: x}"),
    "alert": ("ladder.yaml", "alerts: {f: x}"),
    "advice": ("ladder.yaml", "advice: {f: x}"),
    "references": ("references.yaml", "x"),
    "claim": ("references.yaml", "claims: {F: x}"),
    "guideline": ("references.yaml", "guidelines: {F: x}"),
    "safety": ("references.yaml", "safety: {F: x}"),
    "assumption": ("references.yaml", "assumptions: {F: x}"),
    "guidance": ("guidance.yaml", "x"),
    "note": ("guidance.yaml", "notes: {f: x}"),
    "rules": ("rules/a.yaml", "x"),
    "rule": ("rules/a.yaml", "rules: {f: x}"),
    "evidence": ("rules/a.yaml", "rules: {f: {evidence: x}}"),
    "review": ("rules/a.yaml", "rules: {f: {reviewed: {gardener: x}}}"),
    "invariants": ("invariants.yaml", "x"),
    "invariant": ("invariants.yaml", "invariants: {f: x}"),
    "points": (
        "vocabulary.yaml",
        "groups: {}\nfindings: {}\nconcluded: {f: {title: F, type: score, points: [x, {when: f >= 1, points: 1}]}}",
    ),
    "case": ("rules/a.test.yaml", "- x"),
    "expectation": ("rules/a.test.yaml", "- {name: f, given: {}, expect: x}"),
}
"""For each kind of mapping a file in which it is no mapping, whereupon the reader names the keys that it knows."""
OF_A_DIRECTION = {"as"}
"""Keys of an invariant that the reader knows only together."""


@pytest.mark.parametrize("mapping", FORMS)
def test_the_keys_of_every_mapping_are_those_that_the_reader_knows(
    mapping: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / spoilt(tmp_path, ())
    file, text = SMALLEST[mapping]
    (folder / file).write_text(text, encoding="utf-8")
    kb = read_knowledge(BASE)
    with pytest.raises(KnowledgeError) as error:
        read_cases(kb, [folder / file]) if kind_of(file) == "cases" else read_knowledge(folder)
    known = [
        problem.expected.partition("with keys ")[2].split(", ")
        for problem in error.value.problems
        if "with keys " in problem.expected and problem.at and problem.at.file.endswith(file)
    ]
    assert [set(keys) for keys in known] == [set(FORMS[mapping].keys) - OF_A_DIRECTION]


# --- the command ------------------------------------------------------------------------------------------------------


def test_every_file_is_mapped_to_the_schema_of_its_kind_and_no_other() -> None:
    for folder in FOLDERS.values():
        mapped = associations(folder, Path("s"))
        for file in sorted(folder.rglob("*.yaml")):
            fitting = [
                schema
                for schema, globs in mapped.items()
                if any(file.match(glob) for glob in globs if glob[0] != "!")
                and not any(file.match(glob[1:]) for glob in globs if glob[0] == "!")
            ]
            assert fitting == [f"s/{kind_of(file.relative_to(folder).as_posix())}.schema.json"]


def test_the_command_writes_a_file_for_each_kind_and_prints_settings_that_name_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    spoilt(tmp_path, ())
    ran = run("schema", "--knowledge", "k", "-o", "out/schemas")
    assert (ran.status, ran.err) == (0, "")
    settings = json.loads(ran.out[ran.out.index("{") : ran.out.rindex("}") + 1])
    assert settings["yaml.schemas"] == associations(Path("k"), Path("out/schemas"))
    assert len(settings["yaml.schemas"]) == len(FILES)
    assert all(Path(name).is_file() for name in settings["yaml.schemas"])
    assert sorted(Path("out/schemas").iterdir()) == sorted(map(Path, settings["yaml.schemas"]))
    assert "# yaml-language-server: $schema=out/schemas/rules.schema.json" in ran.out


def test_without_a_folder_the_command_prints_all_schemas_as_one_object() -> None:
    ran = run("schema", "--knowledge", str(BASE))
    assert json.loads(ran.out) == schemas(read_knowledge(BASE))
    assert (ran.status, ran.err) == (0, "")


def test_a_folder_that_cannot_be_written_is_reported_and_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    ran = run("schema", "--knowledge", str(BASE), "-o", str(tmp_path / "file"))
    assert (ran.status, ran.out) == (2, "")
    assert "is not a folder" in ran.err
    assert "Traceback" not in ran.err
