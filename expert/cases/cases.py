"""Cases: patients with what must follow, kept beside the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from expert.cases.outcome import Assessed, Followed, Outcome
from expert.lang.errors import KnowledgeError, Location, NotAValueError, PatientError, Problem, quoted
from expert.lang.facts import Patient
from expert.lang.model import KnowledgeBase
from expert.lang.observables import LISTINGS, titles_of
from expert.lang.units import write_value
from expert.lang.values import Value
from expert.logic.domain import Domain
from expert.read.fields import Fields, entries, word_of, words_of
from expert.read.patient import PatientReader, Said, worked_patient
from expert.read.source import Listing, Mapping, Node, Problems, Scalar, decode, location, parse, read_bytes

if TYPE_CHECKING:
    from expert.answer.assess import Reasoner

UNSIGNED = "unsigned"
"""Stands for what is expected where nobody has said it yet; a file with such a case is not read."""

STATUSES = ("recommended", "available", "waiting", "excluded", "unsupported", "open")
_LISTS = ("because", "silent", "open", "possible", *LISTINGS)
_KEYS = f"answer recommended {' '.join(_LISTS)} status presumed_status findings forced without"


@dataclass(frozen=True, slots=True)
class Expected:
    """One thing that must follow: ``what`` names a kind of result, ``name`` one of them, ``value`` what it must be."""

    what: str
    name: str
    value: str
    at: Location


@dataclass(frozen=True, slots=True)
class Case:
    """A patient with what must follow."""

    name: str
    patient: Patient
    expected: tuple[Expected, ...]
    at: Location


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that did not follow."""

    expected: Expected
    found: str


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How a case went: what was found for each thing expected, in that order, and in how many seconds."""

    case: Case
    found: tuple[str, ...]
    seconds: float = 0.0

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What did not follow; the case passed if there is nothing."""
        pairs = zip(self.case.expected, self.found, strict=True)
        return tuple(Difference(expected, found) for expected, found in pairs if expected.value != found)


def case_files(kb: KnowledgeBase, path: str | None = None, *, needed: bool = True) -> list[Path]:
    """The case files of a knowledge base, or of one path (a file or a folder), sorted.

    Raises:
        KnowledgeError: the path has none, and some are ``needed``, or it is not there.
    """
    start = Path(path) if path else Path(kb.directory) / "rules"
    files = [start] if start.is_file() else sorted(start.rglob("*.test.yaml"))
    if not files and (needed or not start.is_dir()):
        raise KnowledgeError([Problem(f"{start} has no cases", expected="a file TOPIC.test.yaml, or a folder of them")])
    return files


def read_cases(kb: KnowledgeBase, files: Iterable[Path]) -> list[Case]:
    """Read case files, all problems of all files reported together.

    Raises:
        KnowledgeError: with every problem.
    """
    reader = _CaseReader(kb)
    cases = [case for file in files for case in reader.file(file)]
    if reader.problems.found:
        raise KnowledgeError(reader.problems.found)
    return cases


def run_case(reasoner: Reasoner, case: Case) -> CaseResult:
    """Compare what a case expects with the engine's answer.

    Raises:
        PatientError: no patient can be so.
    """
    try:
        followed = Assessed(reasoner.assess(case.patient))
    except PatientError as error:
        raise _told(error, case) from error
    return compared(reasoner.kb, followed, case)


def check_case(domain: Domain, case: Case) -> CaseResult:
    """Compare what a case expects with the reference meaning, working out nothing else.

    Raises:
        PatientError: no patient can be so.
        KnowledgeError: two values of one concluded choice both follow.
    """
    begun = perf_counter()
    result = compared(domain.kb, outcome_of(domain, case), case)
    return replace(result, seconds=perf_counter() - begun)


def check_cases(domain: Domain, cases: Iterable[Case]) -> list[CaseResult]:
    """The same of several cases; impossible patients are reported together.

    Raises:
        PatientError: with every patient who cannot be.
        KnowledgeError: two values of one concluded choice both follow.
    """
    problems: list[Problem] = []
    results = [result for case in cases if (result := tried(lambda it: check_case(domain, it), case, problems))]
    if problems:
        raise PatientError(problems)
    return results


def tried(run: Callable[[Case], CaseResult], case: Case, problems: list[Problem]) -> CaseResult | None:
    """The result of a case, or ``None`` with the problems of a patient who cannot be."""
    try:
        return run(case)
    except PatientError as error:
        problems += error.problems
        return None


def outcome_of(domain: Domain, case: Case) -> Outcome:
    """What follows for the patient of a case.

    Raises:
        PatientError: no patient can be so.
        KnowledgeError: two values of one concluded choice both follow.
    """
    try:
        return Outcome(domain, case.patient)
    except PatientError as error:
        raise _told(error, case) from error


def _told(error: PatientError, case: Case) -> PatientError:
    """The problems with the patient of a case, at the case."""
    return PatientError(
        Problem(f"{case.name}: {problem.message}", case.at, f"- name: {case.name}") for problem in error.problems
    )


def compared(kb: KnowledgeBase, followed: Followed, case: Case) -> CaseResult:
    """What followed beside what a case expects."""
    return CaseResult(case, tuple(found_of(kb, followed, expected) for expected in case.expected))


def found_of(kb: KnowledgeBase, followed: Followed, expected: Expected) -> str:
    """What followed where a case expects something, in the words of cases."""
    what, name = expected.what, expected.name
    match what:
        case "answer":
            return followed.answer
        case "recommended":
            return followed.recommended or "none"
        case "possible":
            return ", ".join(followed.possible)
        case "status":
            return followed.status(name)
        case "presumed_status":
            return followed.presumed_status(name)
        case "findings":
            return write_value(kb.findings[name], _finding(kb, followed, name))
        case "forced":
            return write_value(kb.findings[name], followed.forced.get(name))
    return "yes" if _has(kb, followed, what, name) else "no"


def _finding(kb: KnowledgeBase, followed: Followed, name: str) -> Value | None:
    values = kb.findings[name].values
    if not values:
        return followed.presumed(("finding", name))
    return next((value for value in values if followed.presumed(("finding", name, value))), None)


def _has(kb: KnowledgeBase, followed: Followed, what: str, name: str) -> bool:
    if what == "open":
        return followed.known(("rule", name)) is None
    if what in ("because", "silent"):
        return (followed.presumed(("rule", name)) is True) is (what == "because")
    if what == "options":
        shown = [step for step in (followed.recommended, followed.meanwhile) if step]
        on_offer = any(option.name == name for step in shown for option in kb.steps[step].options)
        return on_offer and followed.presumed(("offered", name)) is True
    return followed.presumed((LISTINGS[what].role, name)) is True


class _CaseReader:
    def __init__(self, kb: KnowledgeBase) -> None:
        self.kb = kb
        self.patients = PatientReader(kb)
        self.problems: Problems = self.patients.problems
        self.worked: dict[str, dict[str, Said]] = {}
        self.known: dict[str, Iterable[str]] = {
            "because": kb.rules,
            "silent": kb.rules,
            "open": kb.rules,
            "possible": kb.steps,
            **{key: titles_of(kb, *it.targets) for key, it in LISTINGS.items()},
        }

    def file(self, path: Path) -> Iterator[Case]:
        try:
            data = read_bytes(path)
        except OSError as error:
            self.problems.add_plain(f"{path} cannot be read: {error.strerror}")
            return
        source = decode(str(path), data, self.problems)
        node = parse(source, self.problems) if source else None
        if node is not None and not isinstance(node, Listing):
            self.problems.add(node, "a case file is a list of cases", expected="- name: ...")
        for item in node.items if isinstance(node, Listing) else ():
            yield from self._case(item)

    def _case(self, node: Node) -> Iterator[Case]:
        before = len(self.problems.found)
        fields = Fields(node, "a case", "name given expect", "name given expect", self.problems)
        given = self._given(fields.get("given"))
        expect = fields.get("expect")
        if isinstance(expect, Scalar) and expect.text == UNSIGNED:
            message = f"the case {quoted(fields.text('name'))} is unsigned: nobody has said what must follow"
            self.problems.add(expect, message, expected="expect: {recommended: STEP, ...}, as a person would have it")
            return
        expected = tuple(self._expected(expect))
        if not expected and len(self.problems.found) == before:
            self.problems.add(node, "a case expects something", expected="expect: {recommended: STEP}")
        patient = self._combined(given) if len(self.problems.found) == before else None
        if patient is not None:
            yield Case(fields.text("name"), patient, expected, location(node))

    def _combined(self, given: list[dict[str, Said]]) -> Patient | None:
        """The patient; ``None`` with a problem if something is said twice. Problems of other cases are kept apart."""
        others = list(self.problems.found)
        self.problems.found.clear()
        try:
            return self.patients.combined(*given)
        except PatientError as error:
            self.problems.found.extend(error.problems)
            return None
        finally:
            self.problems.found[:0] = others

    def _given(self, node: Node | None) -> list[dict[str, Said]]:
        if not isinstance(node, Mapping):
            if node is not None:
                self.problems.add(node, "a patient is a mapping of findings to values", expected="FINDING: VALUE")
            return []
        like = node.entries.pop("like", None)
        base = self._worked(like) if like is not None else {}
        return [base, self.patients.mapping(node)]

    def _worked(self, like: Node) -> dict[str, Said]:
        """What is said of a worked patient, whose file is read once."""
        if not isinstance(like, Scalar):
            self.problems.add(like, "a case is like one worked patient", expected="like: PATIENT")
            return {}
        if like.text not in self.worked:
            path = worked_patient(self.kb, like.text)
            known = sorted(file.stem for file in Path(path).parent.glob("*.yaml"))
            if like.text not in known:
                self.problems.add(like, f"{like.text[:60]!r} is not a worked patient", word=like.text, among=known)
                return {}
            self.worked[like.text] = self.patients.file(path)
        return self.worked[like.text]

    def _expected(self, node: Node | None) -> Iterator[Expected]:
        fields = Fields(node, "what is expected", _KEYS, "", self.problems)
        yield from self._words(fields, "answer", ["certain", "provisional", "open"])
        yield from self._words(fields, "recommended", [*self.kb.steps, "none"])
        for key in _LISTS:
            yield from self._list(fields, key, "yes")
        without = Fields(fields.get("without"), "what is not expected", " ".join(LISTINGS), "", self.problems)
        for key in LISTINGS:
            yield from self._list(without, key, "no")
        for key in ("status", "presumed_status"):
            for name, value in entries(fields.get(key), key, None, self.problems):
                if self._is_known(name, self.kb.steps, "a step"):
                    yield Expected(key, name.text, word_of(value, key, STATUSES, self.problems), location(name))
        yield from self._values(fields, "findings", self.kb.concluded)
        yield from self._values(fields, "forced", self.kb.inputs)

    def _words(self, fields: Fields, key: str, known: list[str]) -> Iterator[Expected]:
        node = fields.get(key)
        if node is not None and (word := fields.one_of(key, known)):
            yield Expected(key, "", word, location(node))

    def _list(self, fields: Fields, key: str, value: str) -> Iterator[Expected]:
        node = fields.get(key)
        if node is None or (isinstance(node, Listing) and not node.items):
            return
        scalars = words_of(node, key, self.problems)
        names = [scalar for scalar in scalars if self._is_known(scalar, self.known[key], key)]
        if key == "possible":
            order = [step for step in self.kb.steps if step in {scalar.text for scalar in names}]
            yield Expected(key, "", ", ".join(order), location(node))
        else:
            yield from (Expected(key, scalar.text, value, location(scalar)) for scalar in names)

    def _values(self, fields: Fields, key: str, known: Iterable[str]) -> Iterator[Expected]:
        for name, value in entries(fields.get(key), key, None, self.problems):
            if not self._is_known(name, known, "such a finding"):
                continue
            if not isinstance(value, Scalar):
                self.problems.add(value, f"{name.text!r} has one value", expected="FINDING: VALUE")
            else:
                yield from self._value(key, name, value)

    def _value(self, key: str, name: Scalar, node: Scalar) -> Iterator[Expected]:
        """A value that is expected of a finding."""
        try:
            reading = self.patients.values.read(name.text, node.text)
        except NotAValueError as error:
            self.problems.add_fault(node, error)
            return
        if reading.said:
            yield Expected(key, name.text, write_value(self.kb.findings[name.text], reading.value), location(name))
        else:
            self.problems.add(node, f"{name.text} has no value here", expected="a value, or unknown")

    def _is_known(self, scalar: Scalar, known: Iterable[str], what: str) -> bool:
        words = list(known)
        if scalar.text in words:
            return True
        self.problems.add(scalar, f"{scalar.text[:60]!r} is not known here ({what})", word=scalar.text, among=words)
        return False
