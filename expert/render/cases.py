"""Failed cases as differences, each with what happened and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

from expert.infer.assess import Reasoner
from expert.infer.explain import Explainer
from expert.render.explanation import write_derivation
from expert.render.terminal import Terminal
from expert.workbench.cases import CaseResult, Difference


class CaseTerminal(Terminal):
    """Writes the results of cases."""

    def __init__(self, file: IO[str], reasoner: Reasoner) -> None:
        super().__init__(file)
        self.reasoner = reasoner

    def results(self, count: int, failed: Sequence[CaseResult]) -> None:
        """The failed cases, and a closing line."""
        for result in failed:
            self.say(f"{result.case.at.file}:{result.case.at.line}: {result.case.name}", style="bold")
            for difference in result.differences:
                self.say(_told(difference), 2)
            self.say("what happened:", 2)
            self._what_happened(result)
            self.say()
        self.say(f"{count - len(failed)} passed, {len(failed)} failed")

    def _what_happened(self, result: CaseResult) -> None:
        explainer = Explainer(self.reasoner, result.assessment)
        if result.assessment.recommended is None:
            self.say("no single step follows", 4)
            return
        explanation = explainer.why(result.assessment.recommended)
        self.say(f"{explanation.title} {explanation.verdict}", 4)
        if explanation.derivation:
            write_derivation(self, explanation.derivation, 6)


def _told(difference: Difference) -> str:
    expected, found = difference.expected, difference.found
    place = f"line {expected.at.line}"
    if not expected.name:
        return f"{expected.what}: expected {expected.value}, found {found}  ({place})"
    if expected.value in ("yes", "no") and expected.what not in ("findings", "forced"):
        negation = "" if expected.value == "yes" else "not "
        return f"{expected.what}: expected {negation}{expected.name}  ({place})"
    return f"{expected.what}: expected {expected.name} {expected.value}, found {found}  ({place})"
