"""Cases: patients with what must follow, kept beside the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from expert.errors import KnowledgeError, Location, PatientError, Problem
from expert.infer.assess import Reasoner
from expert.model import KnowledgeBase
from expert.read.fields import Fields, entries, word_of, words_of
from expert.read.patient import PatientReader, Said, worked_patient
from expert.read.quantity import write_value
from expert.read.source import Listing, Mapping, Node, Problems, Scalar, decode, location, parse, read_bytes
from expert.results import Assessment, OptionReport, Patient, StepReport

STATUSES = ("recommended", "available", "waiting", "excluded", "unsupported", "open")
_LISTS = "because silent open possible cautions excluded options preferred alerts advice"
_WITHOUT = "cautions excluded options preferred alerts advice"
_KEYS = f"answer recommended {_LISTS} status presumed_status findings forced without"


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
    """How a case went."""

    case: Case
    differences: tuple[Difference, ...]
    assessment: Assessment


def case_files(kb: KnowledgeBase, path: str | None = None) -> list[Path]:
    """The case files of a knowledge base, or of one path (a file or a folder), sorted.

    Raises:
        KnowledgeError: the path has none.
    """
    start = Path(path) if path else Path(kb.directory) / "rules"
    files = [start] if start.is_file() else sorted(start.rglob("*.test.yaml"))
    if not files:
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
    """Assess the patient of a case and compare.

    Raises:
        PatientError: no patient can be so.
    """
    try:
        assessment = reasoner.assess(case.patient)
    except PatientError as error:
        told = [
            Problem(f"{case.name}: {problem.message}", case.at, f"- name: {case.name}") for problem in error.problems
        ]
        raise PatientError(told) from error
    results = _Results(reasoner.kb, assessment)
    differences = []
    for expected in case.expected:
        found = results.of(expected)
        if found != expected.value:
            differences.append(Difference(expected, found))
    return CaseResult(case, tuple(differences), assessment)


class _CaseReader:
    def __init__(self, kb: KnowledgeBase) -> None:
        self.kb = kb
        self.patients = PatientReader(kb)
        self.problems: Problems = self.patients.problems
        targets = [*kb.steps, *kb.options]
        self.known: dict[str, Iterable[str]] = {
            "because": kb.rules,
            "silent": kb.rules,
            "open": kb.rules,
            "possible": kb.steps,
            "cautions": targets,
            "excluded": targets,
            "options": kb.options,
            "preferred": kb.options,
            "alerts": kb.alerts,
            "advice": kb.advice,
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
        expected = tuple(self._expected(fields.get("expect")))
        if not expected and len(self.problems.found) == before:
            self.problems.add(node, "a case expects something", expected="expect: {recommended: STEP}")
        if len(self.problems.found) == before:
            yield Case(fields.text("name"), self.patients.combined(*given), expected, location(node))

    def _given(self, node: Node | None) -> list[dict[str, Said]]:
        if not isinstance(node, Mapping):
            if node is not None:
                self.problems.add(node, "a patient is a mapping of findings to values", expected="FINDING: VALUE")
            return []
        like = node.entries.pop("like", None)
        base = {}
        if isinstance(like, Scalar):
            path = worked_patient(self.kb, like.text)
            known = sorted(file.stem for file in Path(path).parent.glob("*.yaml"))
            if like.text in known:
                base = self.patients.file(path)
            else:
                self.problems.add(like, f"{like.text[:60]!r} is not a worked patient", word=like.text, among=known)
        return [base, self.patients.mapping(node)]

    def _expected(self, node: Node | None) -> Iterator[Expected]:
        fields = Fields(node, "what is expected", _KEYS, "", self.problems)
        yield from self._words(fields, "answer", ["certain", "provisional", "open"])
        yield from self._words(fields, "recommended", [*self.kb.steps, "none"])
        for key in _LISTS.split():
            yield from self._list(fields, key, "yes")
        without = Fields(fields.get("without"), "what is not expected", _WITHOUT, "", self.problems)
        for key in _WITHOUT.split():
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
            if self._is_known(name, known, "such a finding") and isinstance(value, Scalar):
                finding = self.kb.findings[name.text]
                read = None if value.text == "unknown" else self.patients.values.value(value, finding, value.text)
                yield Expected(key, name.text, write_value(finding, read), location(name))

    def _is_known(self, scalar: Scalar, known: Iterable[str], what: str) -> bool:
        words = list(known)
        if scalar.text in words:
            return True
        self.problems.add(scalar, f"{scalar.text[:60]!r} is not known here ({what})", word=scalar.text, among=words)
        return False


class _Results:
    """The results of an assessment by the names that cases use."""

    def __init__(self, kb: KnowledgeBase, assessment: Assessment) -> None:
        self.kb, self.it = kb, assessment
        self.steps: dict[str, StepReport] = {step.step: step for step in assessment.ladder}
        self.options: dict[str, OptionReport] = {option.option: option for option in assessment.options}

    def of(self, expected: Expected) -> str:
        what, name = expected.what, expected.name
        if what == "answer":
            return self.it.answer
        if what == "recommended":
            return self.it.recommended or "none"
        if what == "possible":
            return ", ".join(possible.step for possible in self.it.possible)
        if what in ("because", "silent", "open"):
            return self._rule(what, name)
        if what == "status":
            return self.steps[name].status
        if what == "presumed_status":
            return self.steps[name].presumed_status
        if what == "findings":
            return write_value(self.kb.findings[name], self.it.presumed_findings[name])
        if what == "forced":
            return write_value(self.kb.findings[name], self.it.background.forced.get(name))
        return "yes" if self._has(what, name) else "no"

    def _rule(self, what: str, name: str) -> str:
        if what == "open":
            return "yes" if self.it.record.truth(("rule", name)) is None else "no"
        holds = self.it.presumed_record.truth(("rule", name)) is True
        return "yes" if holds is (what == "because") else "no"

    def _has(self, what: str, name: str) -> bool:
        truth = self.it.presumed_record.truth
        if what == "cautions":
            return truth(("cautions", name)) is True
        if what == "excluded":
            return truth(("excludes", name)) is True
        if what == "preferred":
            return truth(("prefers", name)) is True
        if what == "options":
            return name in self.options and self.options[name].presumed_status == "offered"
        notices = self.it.alerts if what == "alerts" else self.it.advice
        return any(notice.name == name and notice.presumed_status == "holds" for notice in notices)
