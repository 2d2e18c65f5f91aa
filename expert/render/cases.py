"""Cases as text: failed ones with what happened and why, then by kind of failure; missing ones as YAML to be signed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import unified_diff
from functools import cached_property
from pathlib import Path
from typing import IO

from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment
from expert.answer.why import Explainer
from expert.cases.coverage import Coverage, Demand
from expert.cases.missing import MissingCase
from expert.cases.results import CaseResult, Failure
from expert.lang.errors import Location
from expert.logic.domain import Domain
from expert.read.cases import UNSIGNED
from expert.render.check import from_here
from expert.render.explanation import MOST_FACTS, write_derivation
from expert.render.plain import visible, yaml_text, yaml_value
from expert.render.terminal import Terminal

MOST_KINDS = 20
"""The number of kinds of failures that are listed."""

MOST_PLACES = 8
"""The number of cases that are named with a kind of failure."""

_HEADER = f"""\
# Patients that no case has, each the smallest that would close the first of the gaps above it. Name each, say what
# must follow (expect), and it is a case. With "expect: {UNSIGNED}" the file is not read: nothing passes unsigned.
"""


class CaseTerminal(Terminal):
    """Writes the results of cases."""

    def __init__(self, file: IO[str], domain: Domain) -> None:
        super().__init__(file)
        self.domain = domain

    @cached_property
    def reasoner(self) -> Reasoner:
        """The engine, which is asked for reasons only if a case failed."""
        return Reasoner(self.domain.kb)

    def results(self, results: Sequence[CaseResult], explained: bool = True) -> None:
        """The failed cases, the kinds of failures, and a closing line.

        If ``explained``, each step that follows for a failed case is explained once.
        """
        failed = [result for result in results if result.failures]
        steps: set[str | None] = set()
        for result in failed:
            self.say(f"{result.case.at.place}: {result.case.name}", style="bold")
            for failure in result.failures:
                self.say(failure_line(failure), 2)
            if explained:
                assessment = self.reasoner.assess(result.case.patient)
                if assessment.recommended not in steps:
                    self.what_happened(result, assessment)
                steps.add(assessment.recommended)
                self.say()
        if len(failed) > 1:
            self._kinds(failed)
        self.say(f"{len(results) - len(failed)} passed, {len(failed)} failed")

    def _kinds(self, failed: Sequence[CaseResult]) -> None:
        """What was expected and what was found instead, the most frequent first, each with its cases."""
        kinds: dict[str, list[Location]] = {}
        for result in failed:
            for failure in result.failures:
                kinds.setdefault(failure_text(failure), []).append(result.case.at)
        self.say("Failures by kind", style="bold")
        for text, places in sorted(kinds.items(), key=lambda it: -len(it[1]))[:MOST_KINDS]:
            self.say(f"{len(places)} x {text}: {_named(places)}", 2, hanging=4)
        if len(kinds) > MOST_KINDS:
            self.say(f"{len(kinds) - MOST_KINDS} more kinds", 2)

    def what_happened(self, result: CaseResult, assessment: Assessment | None = None) -> None:
        """The recommended step of a case, and how it follows."""
        self.say("what happened:", 2)
        assessment = assessment or self.reasoner.assess(result.case.patient)
        if assessment.recommended is None:
            self.say("no single step follows", 4)
            return
        explanation = Explainer(self.reasoner, assessment).why(assessment.recommended)
        self.say(f"{explanation.title} {explanation.verdict}", 4)
        if explanation.derivation:
            write_derivation(self, self.reasoner.kb, explanation.derivation, 6, MOST_FACTS)


def failure_line(failure: Failure) -> str:
    """A failure as one line, with its place."""
    return f"{failure_text(failure)}  (line {failure.expected.at.line})"


def failure_text(failure: Failure) -> str:
    """What was expected, and what was found instead."""
    expected, found = failure
    if not expected.name:
        return f"{expected.what}: expected {expected.value}, found {found}"
    if expected.what == "silent":
        return f"silent: {expected.name} holds"
    if expected.value in ("yes", "no") and expected.what not in ("findings", "forced"):
        words = ("", "not found") if expected.value == "yes" else ("not ", "found")
        return f"{expected.what}: expected {words[0]}{expected.name}, {words[1]}"
    return f"{expected.what}: expected {expected.name} {expected.value}, found {found}"


def _named(places: Sequence[Location]) -> str:
    """Some of the places of cases, those of a file together."""
    lines: dict[str, list[str]] = {}
    for at in places[:MOST_PLACES]:
        lines.setdefault(Path(at.file).name, []).append(str(at.line))
    more = f" and {len(places) - MOST_PLACES} more" if len(places) > MOST_PLACES else ""
    return "; ".join(f"{file}:{', '.join(numbers)}" for file, numbers in lines.items()) + more


def results_to_json(results: Sequence[CaseResult], coverage: Coverage | None = None) -> dict[str, object]:
    """The results of cases as dictionaries and lists, the same in every run."""
    failed = sum(bool(it.failures) for it in results)
    found: dict[str, object] = {
        "passed": len(results) - failed,
        "failed": failed,
        "cases": [_result(it) for it in results],
    }
    if coverage:
        counts = {kind: count._asdict() for kind, count in coverage.counts.items()}
        gaps = [gap_line(gap.demand, it.lacking) for gap in coverage.gaps for it in gap.situations]
        found["coverage"] = {**counts, "all": coverage.total._asdict(), "gaps": gaps}
    return found


def _result(it: CaseResult) -> dict[str, object]:
    failures = [
        {
            "what": expected.what,
            "name": expected.name,
            "expected": expected.value,
            "found": found,
            "line": expected.at.line,
            "column": expected.at.column,
        }
        for expected, found in it.failures
    ]
    place = {"file": it.case.at.file, "line": it.case.at.line, "name": it.case.name}
    return {**place, "passed": not failures, "failures": failures}


def write_rewritten(terminal: Terminal, before: str, after: str, file: Path) -> None:
    """Show what changes in a file, line by line; lines are not wrapped."""
    name = from_here(str(file))
    for line in unified_diff(before.splitlines(), after.splitlines(), name, name, n=1, lineterm=""):
        style = {"+": "green", "-": "red"}.get(line[:1], "")
        terminal.console.print(visible(line), soft_wrap=True, style=style or None)


def gap_line(demand: Demand, lacking: str) -> str:
    """A gap of the coverage as one line, safe to print with any names."""
    return visible(f"{demand.at.place} {_noun(demand)} {demand.subject}: {lacking}")


def _noun(demand: Demand) -> str:
    return demand.kind.split()[0]


def render_missing(domain: Domain, missing: Iterable[MissingCase]) -> Iterator[str]:
    """The patients as parts of a case file, each as soon as it is found; the expectations are left to be signed."""
    yield f"{_HEADER}\n"
    for patient in missing:
        yield "".join(f"{line}\n" for line in _unsigned(domain, patient))


def _unsigned(domain: Domain, missing: MissingCase) -> Iterator[str]:
    if missing.facts is None:
        for gap, lacking in missing.closes:
            yield f"# no patient was found in time: {gap_line(gap.demand, lacking)}"
        return
    for gap, lacking in missing.closes:
        yield f"# {gap_line(gap.demand, lacking)}"
    first, lacking = missing.closes[0]
    yield f"- name: {yaml_text(f'To be named: {_noun(first.demand)} {first.demand.subject} {lacking}')}"
    given = ", ".join(f"{name}: {yaml_value(domain.write(name, value))}" for name, value in missing.facts.items())
    yield f"  given: {{{given}}}"
    yield f"  expect: {UNSIGNED}"
