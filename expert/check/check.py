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

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from expert.cases.cases import Case, read_cases
from expert.check.baseline import Known, part_known
from expert.check.faults import PROOFS, READING, SEVERITIES, Fault, Proof
from expert.check.lints import LINTS, Knowledge
from expert.check.waivers import part_waived, waivers_in, wrong_waivers
from expert.lang.definitions import Definitions
from expert.lang.errors import InputError, KnowledgeError, Location, PatientError, Problem
from expert.lang.facts import Background
from expert.lang.format import FILES
from expert.lang.model import KnowledgeBase
from expert.logic.domain import Domain
from expert.read.knowledge import folder_name, read_knowledge, shipped_knowledge
from expert.read.patient import PatientReader
from expert.read.source import Problems, Source, decode, parse, read_bytes


class Checked(NamedTuple):
    """What checking came to.

    Attributes:
        folder: the name of the knowledge folder.
        faults: those that count: neither waived nor known; in the order of files and lines.
        waived: faults that the knowledge itself waives, each with the reason.
        known: faults that the baseline names.
        stale: entries of the baseline that no longer occur, with how often they still stand there.
        proofs: every proof, in the order in which they were made.
        seconds: how long each layer took: ``reading``, ``lints`` and ``proofs``; a layer that did not run is absent.
        sources: the text of every file that was read, by the name that locations use.
    """

    folder: str
    faults: tuple[Fault, ...]
    waived: tuple[tuple[Fault, str], ...]
    known: tuple[Fault, ...]
    stale: Mapping[Known, int]
    proofs: tuple[Proof, ...]
    seconds: Mapping[str, float]
    sources: Mapping[str, Source]

    @property
    def was_read(self) -> bool:
        """Whether the knowledge could be read, so that there was something to check."""
        return "lints" in self.seconds

    def counts(self, least: str) -> bool:
        """Whether a fault of this or a graver kind was found."""
        return any(SEVERITIES.index(fault.severity) <= SEVERITIES.index(least) for fault in self.faults)

    def line(self, at: Location) -> str:
        """The text of the line at a place; empty if there is none."""
        source = self.sources.get(at.file)
        return source.line(at.line) if source else ""


def check(
    directory: str | Path | None = None,
    *,
    today: date,
    proofs: bool = True,
    baseline: Counter[Known] | None = None,
    watch: Callable[[int, int], object] | None = None,
) -> Checked:
    """Check a knowledge folder; without one, the folder that comes with the program.

    ``watch`` is told how many of how many proofs are made.

    Raises:
        KnowledgeError: it is not a folder. All else that is wrong with it is a fault.
    """
    path = Path(directory if directory is not None else shipped_knowledge())
    name = "knowledge" if directory is None else str(path)
    if not path.is_dir():
        raise KnowledgeError([Problem(f"{name} is not a folder", expected="a knowledge folder")])
    started = perf_counter()
    sources = _sources(path, name)
    try:
        knowledge = _read(None if directory is None else name, sources, today)
    except InputError as error:
        faults = tuple(_of_reading(problem, path, name) for problem in error.problems)
        return Checked(name, faults, (), (), {}, (), {"reading": perf_counter() - started}, sources)
    seconds = {"reading": perf_counter() - started}
    started = perf_counter()
    found = [fault for lint in LINTS.values() for fault in lint.faults(knowledge)]
    seconds["lints"] = perf_counter() - started
    proved: tuple[Proof, ...] = ()
    if proofs:
        started = perf_counter()
        proved = _proofs(knowledge.kb, watch)
        seconds["proofs"] = perf_counter() - started
        found += [_of_proof(proof, name) for proof in proved if proof.verdict != "proved"]
    ran = {*LINTS, *(PROOFS if proofs else ()), *(proof.check for proof in proved)}
    return _sorted_out(found, Counter(baseline or {}), ran, Checked(name, (), (), (), {}, proved, seconds, sources))


def _sorted_out(found: Iterable[Fault], baseline: Counter[Known], ran: set[str], checked: Checked) -> Checked:
    """The faults parted into those that count, those that are waived and those that are known."""
    waivers = [waiver for source in checked.sources.values() for waiver in waivers_in(source)]
    left, waived, idle = part_waived(sorted(set(found), key=_place), waivers)
    left += wrong_waivers(idle, {*LINTS, *PROOFS, *ran}, ran)
    new, known, stale = part_known(sorted(left, key=_place), baseline, checked.folder)
    judged = {entry: times for entry, times in stale.items() if entry.check in ran or entry.check not in PROOFS}
    return checked._replace(faults=tuple(new), waived=tuple(waived), known=tuple(known), stale=judged)


def _place(fault: Fault) -> tuple[Location, str, str]:
    return fault.at, fault.check, fault.message


# --- reading ----------------------------------------------------------------------------------------------------------


def _sources(path: Path, name: str) -> dict[str, Source]:
    """The text of every file that can be read as text; what is wrong with the others, reading them tells."""
    found = {}
    above = [path / FILES[kind] for kind in FILES if "/" not in FILES[kind]]
    below = (path.glob(pattern) for pattern in ("rules/[!.]*.yaml", "rules/*/**/[!.]*.test.yaml", "patients/*.yaml"))
    for file in [*above, *(file for files in below for file in sorted(files))]:
        shown = f"{name}/{file.relative_to(path).as_posix()}"
        if source := _source(file, shown):
            found[shown] = source
    return found


def _source(file: Path, shown: str) -> Source | None:
    try:
        return decode(shown, read_bytes(file), Problems()) if file.is_file() else None
    except OSError:
        return None


def _read(directory: str | None, sources: Mapping[str, Source], today: date) -> Knowledge:
    """The knowledge with its cases, once its worked patients have been read too.

    Raises:
        InputError: with every problem of the knowledge; or, if there is none, of its cases and patients.
    """
    kb = read_knowledge(directory)
    folder = Path(kb.directory)
    problems: list[Problem] = []
    cases: list[Case] = []
    try:
        cases = read_cases(kb, sorted((folder / "rules").rglob("[!.]*.test.yaml")))
    except InputError as error:
        problems += error.problems
    patients = PatientReader(kb)
    for file in sorted((folder / "patients").glob("*.yaml")):
        patients.file(str(file))
    problems += patients.problems.found
    definitions = Definitions(kb)
    domain = Domain(definitions)
    if not domain.permitted({}):  # which the proofs tell; no case has anything to do with it
        cases = []
    backgrounds = [it for it in (_background(domain, case, problems) for case in cases) if it]
    if problems:
        raise KnowledgeError(problems)
    name = folder_name(kb)
    cases = [replace(case, at=_shown(case.at, folder, name)) for case in cases]
    patient = f"{name}/patients/"
    parsed = {file: parse(source, Problems()) for file, source in sources.items() if not file.startswith(patient)}
    trees = {file: tree for file, tree in parsed.items() if tree is not None}
    return Knowledge(kb, definitions, domain, sources, trees, cases, backgrounds, today)


def _background(domain: Domain, case: Case, problems: list[Problem]) -> Background | None:
    """The facts behind the answer of a case; ``None`` with a problem if no patient can be so."""
    try:
        return domain.background(case.patient.facts)
    except PatientError as error:
        problems += (problem._replace(at=case.at) for problem in error.problems)
        return None


def _of_reading(problem: Problem, folder: Path, name: str) -> Fault:
    """A problem of reading as a fault."""
    at = _shown(problem.at, folder, name) if problem.at else Location(name, 0)
    cures = (f"expected {problem.expected}" * bool(problem.expected), _guess(problem.suggestion))
    remedy = "; ".join(filter(None, cures))
    message = problem.message.replace(f"{folder}/", f"{name}/")
    return LINTS[READING].fault(message, at, "", remedy=remedy)


def _guess(suggestion: str) -> str:
    return f"did you mean {suggestion}?" if suggestion else ""


def _shown(at: Location, folder: Path, name: str) -> Location:
    """A place in a file of the folder under the name by which people know it."""
    file = Path(at.file)
    return at._replace(file=f"{name}/{file.relative_to(folder).as_posix()}") if file.is_relative_to(folder) else at


# --- proofs -----------------------------------------------------------------------------------------------------------


def _proofs(kb: KnowledgeBase, watch: Callable[[int, int], object] | None) -> tuple[Proof, ...]:
    """What the solver says of all patients; it is imported only here."""
    from expert.answer.assess import Reasoner
    from expert.check.proofs import prove

    return tuple(prove(Reasoner(kb), watch=watch))


def _of_proof(proof: Proof, folder: str) -> Fault:
    """The fault of a proof that failed, about the same subject."""
    fault = proof.fault or Fault(proof.check, "error", f"{proof.check} is {proof.verdict}", Location(folder, 0))
    return fault if fault.subject else fault._replace(subject=proof.subject)
