"""Cases as text: failed ones with what happened and why; missing ones as YAML to be signed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import IO

from expert.answer.assess import Reasoner
from expert.answer.why import Explainer
from expert.cases.coverage import Demand
from expert.cases.missing import MissingCase
from expert.cases.results import CaseResult, Failure
from expert.logic.domain import Domain
from expert.read.cases import UNSIGNED
from expert.render.explanation import write_derivation
from expert.render.plain import visible, yaml_text, yaml_value
from expert.render.terminal import Terminal

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
        """The failed cases, with what happened if ``explained``, and a closing line."""
        failed = [result for result in results if result.failures]
        for result in failed:
            self.say(f"{result.case.at.place}: {result.case.name}", style="bold")
            for failure in result.failures:
                self.say(failure_line(failure), 2)
            if explained:
                self.what_happened(result)
                self.say()
        self.say(f"{len(results) - len(failed)} passed, {len(failed)} failed")

    def what_happened(self, result: CaseResult) -> None:
        """The recommended step of a case, and how it follows."""
        self.say("what happened:", 2)
        assessment = self.reasoner.assess(result.case.patient)
        if assessment.recommended is None:
            self.say("no single step follows", 4)
            return
        explanation = Explainer(self.reasoner, assessment).why(assessment.recommended)
        self.say(f"{explanation.title} {explanation.verdict}", 4)
        if explanation.derivation:
            write_derivation(self, self.reasoner.kb, explanation.derivation, 6)


def failure_line(failure: Failure) -> str:
    """A failure as one line."""
    expected, found = failure
    place = f"line {expected.at.line}"
    if not expected.name:
        return f"{expected.what}: expected {expected.value}, found {found}  ({place})"
    if expected.value in ("yes", "no") and expected.what not in ("findings", "forced"):
        negation = "" if expected.value == "yes" else "not "
        return f"{expected.what}: expected {negation}{expected.name}  ({place})"
    return f"{expected.what}: expected {expected.name} {expected.value}, found {found}  ({place})"


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
