"""A cohort, several patients in one file or folder, and which of them two knowledge bases would treat differently.

Tables are read as `expert cohort` reads them; a list in YAML or JSON and a folder of patients, as single patients are.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from expert.cases.outcome import outcome_of
from expert.diff.difference import NO_STEP, Treated, TreatedCohort
from expert.lang.definitions import Definitions
from expert.lang.errors import PatientError, Problem, require
from expert.lang.facts import Patient
from expert.lang.model import KnowledgeBase
from expert.logic.domain import Domain
from expert.read.parse import MAX_BYTES, parse, read_source
from expert.read.patient import PatientReader
from expert.read.source import Listing, Mapping, Node, Problems

_EXPECTED = "a file of patients"
_FILES = (".yaml", ".yml", ".json")
_TABLES = (".csv", ".tsv", ".txt", ".ndjson", ".jsonl", ".parquet")


def treated(path: str, old: KnowledgeBase, new: KnowledgeBase) -> TreatedCohort:
    """How both knowledge bases would treat a cohort.

    A finding that only one side has is given to that side alone. A patient whom only one side can read, or permits, has
    no step on the other.

    Raises:
        PatientError: with everything that is wrong with the cohort on both sides.
        MissingExtraError: it is a table, and what reads tables is not installed.
    """
    if path.removesuffix(".gz").lower().endswith(_TABLES):
        require("diff --cohort", "cohort", "expert.columns.comparison")
        from expert.columns.comparison import treated_rows

        return treated_rows(path, old, new)
    domains = [Domain(Definitions(kb)) for kb in (old, new)]
    problems: list[Problem] = []
    patients, different = 0, []
    for name, node in _patients(Path(path)):
        patients += 1
        before, after = (_step(node, *pair) for pair in (domains, domains[::-1]))
        if isinstance(before, PatientError) and isinstance(after, PatientError):
            problems += after.problems
        elif before != after:
            different.append(Treated(name, *(it if isinstance(it, str) else None for it in (before, after))))
    if problems:
        raise PatientError(problems)
    return TreatedCohort(patients, tuple(different))


def _step(node: Node, domain: Domain, other: Domain) -> str | PatientError:
    """The recommended step according to one side, or why there is no answer."""
    try:
        return outcome_of(domain, _read(node, domain.kb, other.kb).facts).recommended or NO_STEP
    except PatientError as error:
        return error


def _read(node: Node, kb: KnowledgeBase, other: KnowledgeBase) -> Patient:
    """A patient by one side's vocabulary, without what only the other side knows."""
    reader = PatientReader(kb)
    elsewhere = {*other.given, *other.panels}.difference(reader.former)
    if isinstance(node, Mapping):
        names = [name for name in node.entries if name in reader.names or name not in elsewhere]
        entries = {name: node.entries[name] for name in names}
        node = Mapping(node.source, node.line, node.column, entries, {name: node.keys[name] for name in names})
    return reader.combined(reader.mapping(node))


def _patients(path: Path) -> Iterator[tuple[str, Node]]:
    """Every patient with the name of the file, or the number in it.

    Raises:
        PatientError: there are none, or they cannot be read.
    """
    problems = Problems()
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix in _FILES and file.is_file())
        found = [(file.name, _node(file, problems)) for file in files]
    else:
        found = [(str(number), node) for number, node in enumerate(_of_file(path, problems), 1)]
    if problems.found:
        raise PatientError(problems.found)
    if not found:
        raise PatientError([Problem(f"{path} has no patients", expected="a list of patients, or a folder of files")])
    yield from ((name, node) for name, node in found if node is not None)


def _of_file(path: Path, problems: Problems) -> Iterator[Node | None]:
    if path.is_file() and path.stat().st_size > MAX_BYTES:
        message = f"{path} is too large for one document"
        raise PatientError([Problem(message, expected="a table, which may have any number of rows")])
    source = read_source(path, problems, expected=_EXPECTED)
    node = parse(source, problems) if source else None
    if isinstance(node, Listing):
        yield from node.items
    elif node is not None:
        problems.add(
            node, "a cohort is a list of patients", expected="- FINDING: VALUE, or a table (.csv, .ndjson, .parquet)"
        )


def _node(path: Path, problems: Problems) -> Node | None:
    source = read_source(path, problems, expected=_EXPECTED)
    if source is None:
        return None
    return parse(source, problems) or Mapping(source, 1, 1)  # an empty file gives no findings
