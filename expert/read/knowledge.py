"""The knowledge folder: finding it, reading it, and reporting all its problems at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from expert.lang.errors import KnowledgeError, Problem
from expert.lang.format import FORMS
from expert.lang.model import KnowledgeBase
from expert.lang.premises import All, literals
from expert.read.fields import Fields
from expert.read.folder import Folder, joined, parted, read_files
from expert.read.ladder import read_ladder
from expert.read.references import read_guidance, read_references
from expert.read.rules import RuleReader, read_invariants
from expert.read.source import Node, Problems
from expert.read.vocabulary import read_vocabulary

try:  # hashlib's own fallback: loading OpenSSL takes a tenth of the time of a first answer
    if sys.version_info >= (3, 12):
        from _sha2 import sha256
    else:
        from _sha256 import sha256  # type: ignore[import-not-found]
except ImportError:
    from hashlib import sha256

_MOST_STRATA = 200


def shipped_knowledge() -> str:
    """The knowledge folder that comes with the program: inside an installed package, or next to it in a checkout."""
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    inside = os.path.join(package, "knowledge")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(package), "knowledge")


def hash_of(directory: str | os.PathLike[str]) -> str:
    """The hash of the files of a knowledge folder, which need not be valid.

    Raises:
        KnowledgeError: it is not a folder.
    """
    files = read_files(directory, os.fspath(directory), Problems())
    return str(sha256(joined(files)).hexdigest())


def read_knowledge(directory: str | os.PathLike[str] | None = None) -> KnowledgeBase:
    """Read a knowledge folder; without one, the folder that comes with the program.

    Raises:
        KnowledgeError: with every problem of every file.
    """
    path = os.fspath(directory) if directory is not None else shipped_knowledge()
    name = "knowledge" if directory is None else str(directory)
    problems = Problems()
    return _read(Folder(read_files(path, name, problems), name, problems), path)


def read_stored(text: bytes, name: str, problems: Problems | None = None) -> KnowledgeBase:
    """Read a knowledge base from its files as one text (see `expert.read.folder.joined`); messages call it ``name``.

    ``problems`` are those that were found while the text was made.

    Raises:
        KnowledgeError: with every problem of every file.
    """
    try:
        files = parted(text)
    except ValueError as error:
        raise KnowledgeError([Problem(f"{name} is not a stored knowledge folder: {error}")]) from None
    return _read(Folder(files, name, problems or Problems()), name)


def folder_name(kb: KnowledgeBase) -> str:
    """The name of the folder in messages, with which locations in its files begin."""
    return next(iter(kb.steps.values())).at.file.removesuffix("/ladder.yaml")


def _read(folder: Folder, directory: str) -> KnowledgeBase:
    problems, text = folder.problems, joined(folder.files)
    about = _about(folder.node("knowledge.yaml"), problems)
    vocabulary = read_vocabulary(folder.node("vocabulary.yaml"), problems)
    references, citations = read_references(folder.node("references.yaml"), problems)
    ladder = read_ladder(folder.node("ladder.yaml"), citations, problems)
    reader = RuleReader(vocabulary.premises, ladder, citations, problems)
    for name in folder.files:
        if name.startswith("rules/"):
            reader.file(folder.node(name))
    notes = read_guidance(folder.node("guidance.yaml"), references, citations, problems)
    invariants, directions = read_invariants(folder.node("invariants.yaml"), reader)
    reader.check_replacements()
    _check_loops(reader, vocabulary.points)
    if problems.found:
        raise KnowledgeError(problems.found)
    return KnowledgeBase(
        **about,
        groups=vocabulary.groups,
        findings=vocabulary.findings,
        panels=vocabulary.panels,
        constraints=vocabulary.constraints,
        plausible=vocabulary.plausible,
        further_units=vocabulary.further_units,
        units=vocabulary.units,
        steps=ladder.steps,
        step_groups=ladder.groups,
        alerts=ladder.alerts,
        advice=ladder.advice,
        rules={name: rule for name, rule in reader.rules.items() if rule.status == "active"},
        inactive={name: rule for name, rule in reader.rules.items() if rule.status != "active"},
        references=references,
        notes=notes,
        invariants=invariants,
        directions=directions,
        sha256=sha256(text).hexdigest(),
        directory=directory,
        text=text,
    )


def _about(node: Node | None, problems: Problems) -> dict[str, str]:
    """The description of the knowledge."""
    fields = Fields(node, FORMS["knowledge"], problems)
    return {key: (fields.date if it.value == "date" else fields.text)(key) for key, it in fields.form.keys.items()}


def _check_loops(reader: RuleReader, points: Mapping[str, Node]) -> None:
    """Report loops of concluded findings, and chains that are too long; drafts count, since they may become active."""
    needs: dict[str, dict[str, Node]] = {}
    for rule in (it for it in reader.rules.values() if it.status != "retired"):
        for conclusion in rule.then:
            if conclusion.role == "finding":
                used = needs.setdefault(conclusion.target, {})
                for literal in literals(rule.premise):
                    used.setdefault(literal.finding, reader.keys[rule.id])
    for name, node in points.items():
        for entry in reader.premises.findings[name].points:
            for literal in literals(All(entry.when)):
                needs.setdefault(name, {}).setdefault(literal.finding, node)
    while loop := _loop(needs):
        message = f"findings are concluded from each other: {' <- '.join(loop)}"
        reader.problems.add(needs[loop[0]][loop[1]], message, expected="findings that do not depend on themselves")
        for name in set(loop):  # other loops through these are probably the same mistake
            del needs[name]
    depth: dict[str, int] = {}
    for name in TopologicalSorter(needs).static_order():
        used = needs.get(name, {})
        depth[name] = 1 + max((depth[other] for other in used), default=0) if name in needs else 0
        if depth[name] == _MOST_STRATA + 1:
            key = next(key for other, key in used.items() if depth[other] == _MOST_STRATA)
            message = f"{name} depends on a chain of more than {_MOST_STRATA} findings"
            reader.problems.add(key, message, expected="a shorter chain of conclusions")


def _loop(needs: dict[str, dict[str, Node]]) -> list[str]:
    """A loop of findings that each need the next, the first repeated at the end; empty if there is none."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return list(error.args[1][::-1])
    return []
