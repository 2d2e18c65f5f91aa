"""Checking a knowledge folder: everything that can be known of it without a patient.

::

    reading   the text becomes a model, or located errors
    lints     how the knowledge is written
    proofs    what it concludes, over all patients
       │
       ▼
    faults  ─ waived in the knowledge ─ known from a baseline ─►  what counts
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import perf_counter
from types import MappingProxyType
from typing import NamedTuple

from expert.cases.results import backgrounds_of
from expert.check.baseline import FaultKey, split_known
from expert.check.faults import PROOFS, READING, SEVERITIES, Fault, Proof, Severity
from expert.check.lints import LINTS, Knowledge
from expert.check.waivers import split_waived, waivers_in, wrong_waivers
from expert.lang.definitions import Definitions
from expert.lang.errors import InputError, KnowledgeError, Location, Problem
from expert.lang.folder_layout import FILES
from expert.lang.model import KnowledgeBase
from expert.logic.domain import Domain
from expert.read.cases import Case, case_files, read_cases
from expert.read.knowledge import folder_name, read_knowledge, shipped_knowledge
from expert.read.parse import parse, read_source
from expert.read.patient import PatientReader
from expert.read.source import Problems, Source


class Checked(NamedTuple):
    """What checking a knowledge folder found.

    Attributes:
        folder: the name of the knowledge folder.
        sources: the text of every file that was read, by the name that locations use.
        seconds: how long each layer took: ``reading``, ``lints`` and ``proofs``; a layer that did not run is absent.
        faults: those that count: neither waived nor known; in the order of files and lines.
        waived: faults that the knowledge itself waives, each with the reason.
        known: faults that the baseline names.
        stale: entries of the baseline that no longer occur, with how often each is left over.
        proofs: every proof, in the order in which they were made.
    """

    folder: str
    sources: Mapping[str, Source]
    seconds: Mapping[str, float]
    faults: tuple[Fault, ...] = ()
    waived: tuple[tuple[Fault, str], ...] = ()
    known: tuple[Fault, ...] = ()
    stale: Mapping[FaultKey, int] = MappingProxyType({})
    proofs: tuple[Proof, ...] = ()

    @property
    def was_read(self) -> bool:
        """Whether the knowledge could be read, so that there was something to check."""
        return "lints" in self.seconds

    def counts(self, least: Severity) -> bool:
        """Whether a fault as grave as this or graver was found."""
        grave = SEVERITIES[: SEVERITIES.index(least) + 1]
        return any(fault.severity in grave for fault in self.faults)

    def line(self, at: Location) -> str:
        """The text of the line at a place; empty if there is none."""
        source = self.sources.get(at.file)
        return source.line(at.line) if source else ""


def check(
    directory: str | Path | None = None,
    *,
    today: date,
    proofs: bool = True,
    baseline: Counter[FaultKey] | None = None,
    watch: Callable[[int, int], object] | None = None,
) -> Checked:
    """Check a knowledge folder; without one, the folder that comes with the program.

    ``watch`` is called with the number of proofs that are made, and of all.

    Raises:
        KnowledgeError: it is not a folder. All else that is wrong with it is a fault.
    """
    path = Path(directory if directory is not None else shipped_knowledge())
    name = "knowledge" if directory is None else str(path)
    if not path.is_dir():
        raise KnowledgeError([Problem(f"{name} is not a folder", expected="a knowledge folder")])
    seconds: dict[str, float] = {}
    try:
        with _timed("reading", seconds):
            sources = sources_of(path, name)
            knowledge = read_whole(None if directory is None else name, sources, today)
    except InputError as error:
        return Checked(name, sources, seconds, tuple(_of_reading(problem, path, name) for problem in error.problems))
    with _timed("lints", seconds):
        found = [fault for lint in LINTS.values() for fault in lint.faults(knowledge)]
    proved: tuple[Proof, ...] = ()
    if proofs:
        with _timed("proofs", seconds):
            proved = _proofs(knowledge.kb, watch)
        found += [_of_proof(proof, name) for proof in proved if proof.verdict != "proved"]
    ran = {*LINTS, *(PROOFS if proofs else ()), *(proof.check for proof in proved)}
    return _divided(found, Counter(baseline or {}), ran, Checked(name, sources, seconds, proofs=proved))


@contextmanager
def _timed(layer: str, seconds: dict[str, float]) -> Iterator[None]:
    started = perf_counter()
    try:
        yield
    finally:
        seconds[layer] = perf_counter() - started


def _divided(found: Iterable[Fault], baseline: Counter[FaultKey], ran: set[str], checked: Checked) -> Checked:
    """The faults divided into those that count, those that are waived and those that are known."""
    waivers = [waiver for source in checked.sources.values() for waiver in waivers_in(source)]
    left, waived, idle = split_waived(sorted(set(found), key=_place), waivers)
    left += wrong_waivers(idle, {*LINTS, *PROOFS, *ran}, ran)
    new, known, stale = split_known(sorted(left, key=_place), baseline, checked.folder)
    stale_here = {key: times for key, times in stale.items() if key.check in ran or key.check not in PROOFS}
    return checked._replace(faults=tuple(new), waived=tuple(waived), known=tuple(known), stale=stale_here)


def _place(fault: Fault) -> tuple[object, ...]:
    return (*fault.at[:3], fault.check, fault.message)


# --- reading ----------------------------------------------------------------------------------------------------------


def sources_of(path: Path, name: str) -> dict[str, Source]:
    """The text of every file that can be read as text; reading reports what is wrong with the others."""
    found: dict[str, Source] = {}
    above = (form for form in FILES.values() if "/" not in form)
    for pattern in (*above, "rules/[!.]*.yaml", "rules/*/**/[!.]*.test.yaml", "patients/*.yaml"):
        for file in sorted(path.glob(pattern)):
            shown = f"{name}/{file.relative_to(path).as_posix()}"
            source = read_source(file, Problems(), name=shown) if file.is_file() else None
            found |= {shown: source} if source else {}
    return found


def read_whole(directory: str | None, sources: Mapping[str, Source], today: date) -> Knowledge:
    """The knowledge with its cases, once its worked patients have been read too; ``sources`` are its files.

    Raises:
        InputError: with every problem of the knowledge; if it has none, with those of its cases and patients.
    """
    kb = read_knowledge(directory)
    folder = Path(kb.directory)
    problems: list[Problem] = []
    cases: list[Case] = []
    try:
        cases = read_cases(kb, case_files(kb, needed=False))
    except InputError as error:
        problems += error.problems
    patients = PatientReader(kb)
    for file in sorted((folder / "patients").glob("*.yaml")):
        patients.file(str(file))
    problems += patients.problems.found
    definitions = Definitions(kb)
    domain = Domain(definitions)
    if not domain.permitted({}):  # a fault that the proofs find, and not one of every case
        cases = []
    backgrounds, impossible = backgrounds_of(domain, cases)
    problems += (problem._replace(at=case.at) for case, problem in impossible)
    if problems:
        raise KnowledgeError(problems)
    name = folder_name(kb)
    cases = [replace(case, at=_shown(case.at, folder, name)) for case in cases]
    patient = f"{name}/patients/"
    parsed = {file: parse(source, Problems()) for file, source in sources.items() if not file.startswith(patient)}
    trees = {file: tree for file, tree in parsed.items() if tree is not None}
    return Knowledge(kb, definitions, domain, sources, trees, cases, backgrounds, today)


def _of_reading(problem: Problem, folder: Path, name: str) -> Fault:
    """A problem of reading as a fault."""
    at = _shown(problem.at, folder, name) if problem.at else Location(name, 0)
    expected = f"expected {problem.expected}" * bool(problem.expected)
    guess = f"did you mean {problem.suggestion}?" * bool(problem.suggestion)
    message = problem.message.replace(f"{folder}/", f"{name}/")
    fault = LINTS[READING].fault(message, at, "", remedy="; ".join(filter(None, (expected, guess))))
    return fault._replace(edit=problem.edit)


def _shown(at: Location, folder: Path, name: str) -> Location:
    """A place in a file of the folder, under the name that users know it by."""
    before = "" if folder == Path() else f"{folder}{os.sep}"
    if not at.file.startswith(before) or at.file.startswith(f"{name}/") or (not before and os.path.isabs(at.file)):
        return at
    return at._replace(file=f"{name}/{at.file[len(before) :].replace(os.sep, '/')}")


# --- proofs -----------------------------------------------------------------------------------------------------------


def _proofs(kb: KnowledgeBase, watch: Callable[[int, int], object] | None) -> tuple[Proof, ...]:
    """The proofs over all patients; the solver is imported only here."""
    from expert.answer.assess import Reasoner
    from expert.check.proofs import prove

    return tuple(prove(Reasoner(kb), watch=watch))


def _of_proof(proof: Proof, folder: str) -> Fault:
    """The fault of a proof that failed, about the same subject."""
    fault = proof.fault or Fault(proof.check, "error", f"{proof.check} is {proof.verdict}", Location(folder, 0))
    return fault if fault.subject else fault._replace(subject=proof.subject)
