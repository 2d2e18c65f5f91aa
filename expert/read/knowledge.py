"""The knowledge folder: finding it, reading all of it, and reporting all that is wrong with it at once."""

from __future__ import annotations

import hashlib
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from expert.errors import KnowledgeError, Problem
from expert.model import KnowledgeBase, Rule, literals
from expert.read.fields import Fields
from expert.read.ladder import read_ladder
from expert.read.references import read_guidance, read_references
from expert.read.rules import RuleReader, read_invariants
from expert.read.source import Node, Problems, decode, parse
from expert.read.vocabulary import read_vocabulary

_KEYS = "name title version reviewed review_due statement disclaimer"
_REQUIRED = ("knowledge.yaml", "vocabulary.yaml", "ladder.yaml", "references.yaml")
_OPTIONAL = ("guidance.yaml", "invariants.yaml")


def shipped_knowledge() -> Path:
    """The knowledge folder that comes with the program: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "knowledge"
    return inside if inside.is_dir() else package.parent / "knowledge"


def read_knowledge(directory: str | Path | None = None) -> KnowledgeBase:
    """Read a knowledge folder; without one, the folder that comes with the program.

    Raises:
        KnowledgeError: with every problem of every file.
    """
    folder = Folder(
        Path(directory) if directory is not None else shipped_knowledge(),
        "knowledge" if directory is None else str(directory),
    )
    problems = folder.problems
    about = Fields(folder.node("knowledge.yaml"), "the description of the knowledge", _KEYS, _KEYS, problems)
    vocabulary = read_vocabulary(folder.node("vocabulary.yaml"), problems)
    references = read_references(folder.node("references.yaml"), problems)
    citations = list(references)
    ladder = read_ladder(folder.node("ladder.yaml"), citations, problems)
    reader = RuleReader(vocabulary.premises, ladder, citations, problems)
    for name in folder.rule_files():
        reader.file(folder.node(name))
    notes = read_guidance(node, references, problems) if (node := folder.node("guidance.yaml")) else {}
    invariants = read_invariants(node, reader) if (node := folder.node("invariants.yaml")) else {}
    _check_dates(about, problems)
    if not problems.found:
        _check_cycles(reader.rules, problems)
    if problems.found:
        raise KnowledgeError(problems.found)
    return KnowledgeBase(
        **{key: about.text(key) for key in _KEYS.split()},
        groups=vocabulary.groups,
        findings=vocabulary.findings,
        panels=vocabulary.panels,
        constraints=vocabulary.constraints,
        steps=ladder.steps,
        step_groups=ladder.groups,
        alerts=ladder.alerts,
        advice=ladder.advice,
        rules=reader.rules,
        references=references,
        notes=notes,
        invariants=invariants,
        sha256=folder.digest.hexdigest(),
        directory=str(folder.path),
    )


class Folder:
    """A folder of YAML files: reads them as trees, and hashes what it read."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        self.problems = Problems()
        self.digest = hashlib.sha256()
        if not path.is_dir():
            raise KnowledgeError([Problem(f"{name} is not a folder", expected="a knowledge folder")])

    def rule_files(self) -> list[str]:
        """The names of the rule files, sorted."""
        names = sorted(
            f"rules/{file.name}"
            for file in (self.path / "rules").glob("*.yaml")
            if not file.name.endswith(".test.yaml")
        )
        if not names:
            self.problems.add_plain(f"{self.name}/rules has no rule files", expected="rules/TOPIC.yaml")
        return names

    def node(self, name: str) -> Node | None:
        """The tree of a file; ``None`` if it is absent, empty or not readable."""
        shown = f"{self.name}/{name}"
        try:
            data = (self.path / name).read_bytes()
        except FileNotFoundError:
            if name in _REQUIRED:
                self.problems.add_plain(f"{shown} is missing")
            return None
        except OSError as error:
            self.problems.add_plain(f"{shown} cannot be read: {error.strerror}")
            return None
        self.digest.update(f"{name}\0{len(data)}\0".encode())
        self.digest.update(data)
        source = decode(shown, data, self.problems)
        node = parse(source, self.problems) if source else None
        if source and node is None and not self.problems.found:
            self.problems.add_plain(f"{shown} is empty")
        return node


def _check_dates(about: Fields, problems: Problems) -> None:
    for key in ("reviewed", "review_due"):
        if about.text(key) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", about.text(key)):
            node = about.get(key)
            assert node is not None
            problems.add(node, f"{about.text(key)[:60]!r} is not a date", expected="YYYY-MM-DD")


def _check_cycles(rules: dict[str, Rule], problems: Problems) -> None:
    """Report findings that are concluded from each other, as the loop of their names."""
    needs: dict[str, dict[str, Rule]] = {}
    for rule in rules.values():
        for conclusion in rule.then:
            if conclusion.role == "finding":
                used = needs.setdefault(conclusion.target, {})
                for literal in literals(rule.premise):
                    used.setdefault(literal.finding, rule)
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        loop = error.args[1][::-1]
        rule = needs[loop[0]][loop[1]]
        message = f"findings are concluded from each other: {' <- '.join(loop)}"
        problems.found.append(
            Problem(message, rule.at, f"  {rule.id}:", expected="findings that do not rest on themselves")
        )
