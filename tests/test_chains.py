"""Chains of concluded findings: up to the documented limit every command works, however they are made; beyond, none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from expert import KnowledgeError, read_knowledge
from expert.answer.assess import Reasoner
from expert.lang.definitions import Definitions, LoopError
from expert.lang.facts import Patient
from expert.lang.premises import Concluded
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation
from expert.solve.case_split import BeyondBoundError, CaseSplit, possible_steps
from tests.chains import KINDS, write_chain
from tests.command_line import run
from tests.small_ladder import rule as small_rule
from tests.small_ladder import small_ladder, yes_no
from tests.strategies import finding, knowledge, rule

LIMIT = 200
"""What `knowledge/README.md` says."""

TABLE = "f,g,h\nyes,,\n,no,\nno,no,\n"

FOR_ALL_KINDS = {
    "assess": "assess f=yes --format json",
    "why": "why f=yes a --format json",
    "why-text": "why f=yes a",
    "why-not": "why-not a",
    "why-not-json": "why-not a --format json",
    "report": "report f=yes -o REPORT.html",
    "check": "check",
    "cohort": "cohort TABLE -o ANSWERS.csv",
}
FOR_ONE_KIND = {
    "assess-presumed": "assess",
    "assess-rete": "assess f=yes --matcher rete",
    "assess-journal": "assess f=yes --journal JOURNAL",
    "replay": "replay JOURNAL",
    "why-finding": "why f=yes c150",
    "why-not-finding": "why-not c150",
    "what-if": "what-if PATIENT f=no",
    "what-if-json": "what-if PATIENT f=no --format json",
    "change": "change f=no --to a",
    "enough": "enough f=yes g=no",
    "report-text": "report f=yes -o REPORT.md",
    "findings": "findings",
    "rules": "rules",
    "show": "show c150",
    "test": "test",
    "coverage": "test --coverage",
    "mutate": "mutate top r100",
    "diff": "diff KNOWLEDGE OTHER",
    "diff-json": "diff KNOWLEDGE OTHER --format json",
    "diff-cohort": "diff KNOWLEDGE OTHER --cohort TABLE",
    "schema": "schema -o SCHEMAS",
    "docs": "docs -o DOCS",
    "sql": "sql --dialect duckdb",
}
CASES = [
    *((command, kind) for command in FOR_ALL_KINDS for kind in KINDS),
    *((command, "plain") for command in FOR_ONE_KIND),
    *((command, "choice") for command in ("change", "enough", "what-if", "test", "diff")),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Chains of each kind at the limit, a table and a patient."""
    folder = tmp_path_factory.mktemp("chains")
    for kind in KINDS:
        write_chain(folder / kind, kind, LIMIT)
        other = write_chain(folder / f"{kind}-other", kind, LIMIT) / "rules/all.yaml"
        other.write_text(other.read_text("utf-8").replace("when: always", "when: g"), "utf-8")
    (folder / "table.csv").write_text(TABLE, "utf-8")
    (folder / "patient.yaml").write_text("f: yes\n", "utf-8")
    return folder


def words(line: str, place: Path, kind: str) -> list[str]:
    """A command as it is typed, with the files that it names."""
    made = {"KNOWLEDGE": place / kind, "OTHER": place / f"{kind}-other"}
    made |= {"TABLE": place / "table.csv", "PATIENT": place / "patient.yaml"}
    made |= {name: place / f"{name.lower()}-{kind}" for name in ("REPORT", "ANSWERS", "JOURNAL", "SCHEMAS", "DOCS")}
    for name, path in made.items():
        line = line.replace(name, str(path))
    named = line.startswith("diff")
    return [*line.split(), *([] if named else ["--knowledge", str(place / kind)])]


@pytest.mark.parametrize(("command", "kind"), CASES)
def test_every_command_works_at_the_limit(command: str, kind: str, place: Path) -> None:
    """What comes of it is an answer: no chain is too deep for a walk, a format, a query or a page."""
    if command == "replay":
        run(*words(FOR_ONE_KIND["assess-journal"], place, kind))
    found = run(*words((FOR_ALL_KINDS | FOR_ONE_KIND)[command], place, kind))
    assert found.status in ((0, 1) if command == "check" else (0,)), found.err[-500:]
    if command == "assess":
        assert json.loads(found.out)["recommended"] == "a"
    if command == "why":
        rules = [f"r{number}" for number in range(LIMIT)] if kind != "choice" else ["high0", "high199"]
        assert all(f'"id": "{it}"' in found.out for it in rules)
    if command == "cohort":
        rows = (place / f"answers-{kind}.csv").read_text("utf-8").splitlines()
        assert [row.split(",")[rows[0].split(",").index("recommended")] for row in rows[1:]] == ["a", "b", "b"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_explanation_grows_with_the_chain_and_no_faster(kind: str, tmp_path: Path) -> None:
    """What several conclusions rest on is shown once, and again only by name."""
    sizes = []
    for links in (30, 60):
        reasoner = Reasoner(read_knowledge(write_chain(tmp_path / str(links), kind, links)))
        folder = ["--knowledge", str(tmp_path / str(links))]
        sizes.append([len(run(*line, *folder).out) for line in (["why", "f=yes", "a"], ["why-not", "a"])])
        assert reasoner.assess(Patient({"f": True})).recommended == "a"
    assert all(longer < 4 * shorter for shorter, longer in zip(*sizes, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_a_longer_chain_is_refused_at_its_line(kind: str, tmp_path: Path) -> None:
    """The error names the finding that is one too many, and the rule that concludes it."""
    write_chain(tmp_path, kind, LIMIT + 1)
    with pytest.raises(KnowledgeError) as raised:
        read_knowledge(tmp_path)
    problem = raised.value.problems[0]
    assert problem.message.endswith(f"depends on a chain of more than {LIMIT} findings")
    lines = (tmp_path / "rules/all.yaml").read_text("utf-8").splitlines()
    assert problem.at is not None
    assert lines[problem.at.line - 1].strip() in ("r200:", "high200:", "low200:")


@pytest.mark.parametrize(
    "command", ["assess", "why a", "why-not a", "check", "test", "docs -o DOCS", "sql --dialect spark"]
)
def test_every_command_refuses_a_longer_chain(command: str, tmp_path: Path) -> None:
    """With one message, and nothing written."""
    write_chain(tmp_path / "plain", "plain", LIMIT + 1)
    found = run(*words(command, tmp_path, "plain"))
    assert found.status == (1 if command == "check" else 2)
    assert "depends on a chain of more than 200 findings" in found.out + found.err
    assert not (tmp_path / "docs-plain").exists()


def test_long_chains_of_definitions_are_evaluated_like_short_ones(tmp_path: Path) -> None:
    """Truths, reasons and the open finding, whether names below were asked for before or not."""
    definitions = Definitions(read_knowledge(write_chain(tmp_path, "paired", LIMIT)))
    goal = Concluded(("recommended", "a"))
    for facts, truth in (({"f": True}, True), ({"f": False}, False), ({}, None)):
        evaluation = Evaluation(definitions, facts)
        for name in list(definitions.premises)[:: 1 if truth else 97]:
            evaluation.concluded(name)
        assert evaluation.evaluate(goal) is truth
        assert evaluation.reasons(goal) == {"f"}
        assert evaluation.open_finding(goal) == (None if facts else "f")
        assert evaluation.with_values({"f": True}).evaluate(goal) is True
        assert evaluation.with_values({"g": True}).evaluate(goal) is truth


def test_definitions_that_rest_on_themselves_are_refused() -> None:
    """A mixture of two versions may come to that."""
    from expert.lang.model import Conclusion
    from expert.lang.premises import Is

    rules = [
        rule("one", [Is("early", True)], [Conclusion("finding", "late")]),
        rule("two", [Is("late", True)], [Conclusion("finding", "early")]),
    ]
    with pytest.raises(LoopError):
        Definitions(knowledge([finding("early", concluded=True), finding("late", concluded=True)], rules))


def test_a_condition_over_many_findings_is_no_deeper_than_one_over_few(tmp_path: Path) -> None:
    """The case split gives way to the solver before it is deep, however much room is left on the stack."""
    names = [f"f{index}" for index in range(600)]
    kb = small_ladder(
        tmp_path,
        findings=dict.fromkeys(names, yes_no("yes")),
        rules={"all": small_rule(names, "supports a"), "bottom": small_rule("always", "supports b")},
        steps={"a": {}, "b": {}},
    )
    domain = Domain(Definitions(kb))
    nothing = Evaluation(domain.definitions, {})
    with pytest.raises(BeyondBoundError):
        CaseSplit(domain, 10_000).witness(nothing, Concluded(("recommended", "a")))
    assert possible_steps(domain, nothing) == ("a", "b")
