"""The knowledge folder: finding it, reading all of it, and reporting all that is wrong with it at once."""

from __future__ import annotations

import hashlib
import os
import re
from datetime import date
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from expert.errors import KnowledgeError, Problem, quoted
from expert.model import KnowledgeBase, Rule, literals
from expert.read.fields import Fields
from expert.read.ladder import read_ladder
from expert.read.references import read_guidance, read_references
from expert.read.rules import RuleReader, read_invariants
from expert.read.source import Node, Problems, Scalar, decode, parse, read_bytes
from expert.read.vocabulary import read_vocabulary

_KEYS = "name title version reviewed review_due statement disclaimer"
_MOST_STRATA = 200
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
    about = _about(folder.node("knowledge.yaml"), problems)
    vocabulary = read_vocabulary(folder.node("vocabulary.yaml"), problems)
    references, citations = read_references(folder.node("references.yaml"), problems)
    ladder = read_ladder(folder.node("ladder.yaml"), citations, problems)
    reader = RuleReader(vocabulary.premises, ladder, citations, problems)
    for name in folder.rule_files():
        reader.file(folder.node(name))
    notes = read_guidance(folder.node("guidance.yaml"), references, citations, problems)
    invariants = read_invariants(folder.node("invariants.yaml"), reader)
    _check_loops(reader)
    if problems.found:
        raise KnowledgeError(problems.found)
    return KnowledgeBase(
        **about,
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
        """The names of the rule files, sorted; hidden files are not looked at."""
        names = []
        for file in sorted((self.path / "rules").glob("[!.]*.y*ml")):
            if file.suffix != ".yaml":
                shown = f"{self.name}/rules/{file.name}"
                self.problems.add_plain(f"{shown} is not read", expected=f"{file.stem}.yaml as its name")
            elif not file.name.endswith(".test.yaml"):
                names.append(f"rules/{file.name}")
        if not names:
            self.problems.add_plain(f"{self.name}/rules has no rule files", expected="rules/TOPIC.yaml")
        return names

    def node(self, name: str) -> Node | None:
        """The tree of a file; ``None`` if it is absent, empty or not readable."""
        shown = f"{self.name}/{name}"
        path = self.path / name
        try:
            data = read_bytes(path) if path.is_file() or not path.exists() else None
        except FileNotFoundError:
            if name not in _OPTIONAL:
                self.problems.add_plain(f"{shown} is missing", expected="a knowledge file")
            return None
        except OSError as error:
            self.problems.add_plain(f"{shown} cannot be read: {error.strerror}", expected="a knowledge file")
            return None
        if data is None:
            self.problems.add_plain(f"{shown} is not a file", expected="a knowledge file")
            return None
        self.digest.update(b"%s\0%d\0" % (os.fsencode(name), len(data)))
        self.digest.update(data)
        return self._tree(shown, data)

    def _tree(self, shown: str, data: bytes) -> Node | None:
        before = len(self.problems.found)
        source = decode(shown, data, self.problems)
        node = parse(source, self.problems) if source else None
        if source and node is None and len(self.problems.found) == before:
            self.problems.add(Scalar(source, 1, 1, ""), "the file is empty", expected="KEY: VALUE")
        return node


def _about(node: Node | None, problems: Problems) -> dict[str, str]:
    """The description of the knowledge."""
    fields = Fields(node, "the description of the knowledge", _KEYS, _KEYS, problems)
    about = {key: fields.text(key) for key in _KEYS.split()}
    for key in ("reviewed", "review_due"):
        written = fields.get(key)
        if written is not None and about[key] and not _is_date(about[key]):
            problems.add(written, f"{quoted(about[key])} is not a date", expected="YYYY-MM-DD")
    return about


def _is_date(text: str) -> bool:
    try:
        return bool(re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _check_loops(reader: RuleReader) -> None:
    """Report findings that are concluded from each other, each loop as its names, and chains beyond reason."""
    needs: dict[str, dict[str, Rule]] = {}
    for rule in reader.rules.values():
        for conclusion in rule.then:
            if conclusion.role == "finding":
                used = needs.setdefault(conclusion.target, {})
                for literal in literals(rule.premise):
                    used.setdefault(literal.finding, rule)
    while loop := _loop(needs):
        rule = needs[loop[0]][loop[1]]
        message = f"findings are concluded from each other: {' <- '.join(loop)}"
        reader.problems.add(reader.keys[rule.id], message, expected="findings that do not rest on themselves")
        for name in set(loop):  # other loops through these may well be the same mistake
            del needs[name]
    depth: dict[str, int] = {}
    for name in TopologicalSorter(needs).static_order():
        used = needs.get(name, {})
        depth[name] = 1 + max((depth[other] for other in used), default=0)
        if depth[name] == _MOST_STRATA + 1:
            key = reader.keys[next(rule.id for other, rule in used.items() if depth[other] == _MOST_STRATA)]
            message = f"{name} rests on a chain of more than {_MOST_STRATA} findings"
            reader.problems.add(key, message, expected="a shorter chain of conclusions")


def _loop(needs: dict[str, dict[str, Rule]]) -> list[str]:
    """Findings that each need the next, the first and the last the same; none if there is no loop."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return list(error.args[1][::-1])
    return []
