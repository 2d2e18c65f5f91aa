"""Reading cases: patients with expected results, in files next to the rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from expert.lang.errors import KnowledgeError, Location, NotAValueError, PatientError, Problem, quoted
from expert.lang.facts import Patient
from expert.lang.folder_layout import files_in
from expert.lang.format import FORMS, form
from expert.lang.model import KnowledgeBase, titles_of
from expert.lang.roles import LISTINGS
from expert.lang.units import write_value
from expert.lang.values import Bound
from expert.logic.step_status import STATUSES
from expert.read.fields import Fields, entries, word_of, words_of
from expert.read.parse import parse, read_source
from expert.read.patient import PatientReader, Said, worked_patient
from expert.read.source import Listing, Mapping, Node, Problems, Scalar, location

UNSIGNED = "unsigned"
"""The placeholder for expectations that a person has yet to decide; it makes a file invalid."""

_OF_RULES = ("because", "silent", "open")
_LISTS = (*_OF_RULES, "possible", *LISTINGS, "checks")
_ABSENT = form("what is not expected", " ".join(LISTINGS))


@dataclass(frozen=True, slots=True)
class Expectation:
    """One expected result: its kind (``what``), the ``name`` of the entry, and the ``value`` that it must have."""

    what: str
    name: str
    value: str
    at: Location


@dataclass(frozen=True, slots=True)
class Case:
    """A patient with expected results."""

    name: str
    patient: Patient
    expected: tuple[Expectation, ...]
    at: Location


def case_files(kb: KnowledgeBase, path: str | None = None, *, needed: bool = True) -> list[Path]:
    """The case files of a knowledge base, or of one path (a file or a folder), sorted.

    Raises:
        KnowledgeError: the path does not exist, or has no cases though they are ``needed``.
    """
    start = Path(path) if path else Path(kb.directory)
    if path is None:
        files = files_in(start, "cases")
    else:
        files = [start] if start.is_file() else sorted(start.rglob("[!.]*.test.yaml"))
    if not files and (needed or not start.is_dir()):
        raise KnowledgeError([Problem(f"{start} has no cases", expected="a file TOPIC.test.yaml, or a folder of them")])
    return files


def read_cases(kb: KnowledgeBase, files: Iterable[Path]) -> list[Case]:
    """Read case files, and report the problems of all files together.

    Cases that expect something of a draft are left out; `KnowledgeBase.with_drafts` has them.

    Raises:
        KnowledgeError: with every problem.
    """
    reader = _CaseReader(kb)
    cases = [case for file in files for case in reader.file(file)]
    if reader.problems.found:
        raise KnowledgeError(reader.problems.found)
    return [case for case in cases if not any(it.what in _OF_RULES and it.name in kb.drafts for it in case.expected)]


class _CaseReader:
    def __init__(self, kb: KnowledgeBase) -> None:
        self.kb = kb
        self.patients = PatientReader(kb, by_former=False)
        self.problems: Problems = self.patients.problems
        self.worked: dict[str, dict[str, Said]] = {}
        self.known: dict[str, Collection[str]] = {
            **{key: {**kb.rules, **kb.drafts} for key in _OF_RULES},
            "possible": kb.steps,
            **{key: titles_of(kb, *it.targets) for key, it in LISTINGS.items()},
            "checks": [it.id for it in kb.plausible if it.level == "warning"],
        }

    def file(self, path: Path) -> Iterator[Case]:
        source = read_source(path, self.problems)
        node = parse(source, self.problems) if source else None
        if node is not None and not isinstance(node, Listing):
            self.problems.add(node, "a case file is a list of cases", expected="- name: ...")
        for item in node.items if isinstance(node, Listing) else ():
            yield from self._case(item)

    def _case(self, node: Node) -> Iterator[Case]:
        before = len(self.problems.found)
        fields = Fields(node, FORMS["case"], self.problems)
        given = self._given(fields.get("given"))
        expect = fields.get("expect")
        if isinstance(expect, Scalar) and expect.text == UNSIGNED:
            message = f"the case {quoted(fields.text('name'))} is unsigned: what must follow is not stated"
            self.problems.add(expect, message, expected="expect: {recommended: STEP, ...}, as a clinician expects it")
            return
        expected = tuple(self._expected(expect))
        if not expected and len(self.problems.found) == before:
            self.problems.add(node, "a case must expect something", expected="expect: {recommended: STEP}")
        patient = self._combined(given) if len(self.problems.found) == before else None
        if patient is not None:
            yield Case(fields.text("name"), patient, expected, location(node))

    def _combined(self, given: list[dict[str, Said]]) -> Patient | None:
        """The patient; ``None``, with a problem, if a finding has two values."""
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
        """The values of a worked patient, whose file is read once."""
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

    def _expected(self, node: Node | None) -> Iterator[Expectation]:
        fields = Fields(node, FORMS["expectation"], self.problems)
        yield from self._words(fields, "answer", ["certain", "provisional", "open"])
        yield from self._words(fields, "recommended", [*self.kb.steps, "none"])
        for key in _LISTS:
            yield from self._list(fields, key, "yes")
        without = Fields(fields.get("without"), _ABSENT, self.problems)
        for key in LISTINGS:
            yield from self._list(without, key, "no")
        for key in ("status", "presumed_status"):
            for name, value in entries(fields.get(key), key, "", self.problems):
                if self._is_known(name, self.kb.steps, "a step"):
                    yield Expectation(key, name.text, word_of(value, key, STATUSES, self.problems), location(name))
        yield from self._values(fields, "findings", self.kb.concluded)
        yield from self._values(fields, "forced", self.kb.inputs)

    def _words(self, fields: Fields, key: str, known: list[str]) -> Iterator[Expectation]:
        node = fields.get(key)
        if node is not None and (word := fields.one_of(key, known)):
            yield Expectation(key, "", word, location(node))

    def _list(self, fields: Fields, key: str, value: str) -> Iterator[Expectation]:
        node = fields.get(key)
        if node is None or (isinstance(node, Listing) and not node.items):
            return
        scalars = words_of(node, key, self.problems)
        names = [scalar for scalar in scalars if self._is_known(scalar, self.known[key], key)]
        if key == "possible":
            order = [step for step in self.kb.steps if step in {scalar.text for scalar in names}]
            yield Expectation(key, "", ", ".join(order), location(node))
        else:
            yield from (Expectation(key, scalar.text, value, location(scalar)) for scalar in names)

    def _values(self, fields: Fields, key: str, known: Collection[str]) -> Iterator[Expectation]:
        for name, value in entries(fields.get(key), key, "", self.problems):
            if not self._is_known(name, known, "such a finding"):
                continue
            if not isinstance(value, Scalar):
                self.problems.add(value, f"{name.text!r} has one value", expected="FINDING: VALUE")
            else:
                yield from self._value(key, name, value)

    def _value(self, key: str, name: Scalar, node: Scalar) -> Iterator[Expectation]:
        """The expected value of a finding."""
        try:
            reading = self.patients.values.read(name.text, node.text)
        except NotAValueError as error:
            self.problems.add_fault(node, error)
            return
        finding, value = self.kb.findings[name.text], reading.value
        if finding.concluded and isinstance(value, float) and (isinstance(value, Bound) or value % 1):
            message = f"{name.text} is a score, of whole points"
            self.problems.add(node, message, expected=f"a whole number in {finding.written_range}, or unknown")
        elif reading.said:
            yield Expectation(key, name.text, write_value(finding, value), location(name))
        else:
            self.problems.add(node, f"{name.text} has no value here", expected="a value, or unknown")

    def _is_known(self, scalar: Scalar, known: Collection[str], what: str) -> bool:
        if scalar.text in known:
            return True
        if what in _OF_RULES and (rule := self.kb.inactive.get(scalar.text)):
            expected = rule.replaced_by or "a rule that is not retired"
            self.problems.add(scalar, f"{scalar.text} is retired, and concludes nothing", expected=expected)
            return False
        self.problems.add(scalar, f"{scalar.text[:60]!r} is not known here ({what})", word=scalar.text, among=known)
        return False
