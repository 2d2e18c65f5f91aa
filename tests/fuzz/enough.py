"""What ``expert enough`` says held to brute force over the completions of a patient."""

from __future__ import annotations

from expert.infer.assess import Reasoner
from expert.infer.enough import sufficient_reason
from tests.fuzz.trial import Differences, Trial


def enough(trial: Trial) -> Differences:
    """Few facts that force the recommended step: they do, and none of them could be left out."""
    reasoner = Reasoner(trial.kb)
    for number, wanted in trial.each():
        step = wanted.conclusions["recommended"]
        assessment = reasoner.assess(trial.read[number])
        reason = sufficient_reason(reasoner, assessment)
        if (reason.step if reason else None) != step:
            yield f"of {trial.patients[number]}: a reason for {reason and reason.step}, and the step is {step}"
        elif reason:
            given, presumed = ({it.finding: it.value for it in its} for its in (reason.given, reason.presumed))
            used = {} if wanted.conclusions["answer"] == "certain" else assessment.background.presumed
            behind = {name: trial.domain.write(name, value) for name, value in used.items()}
            sets = [{**given, **presumed}]
            sets += [{**behind, **_less(given, name)} for name in given]
            sets += [{**given, **_less(presumed, name)} for name in presumed]
            forced = [it == step for it in trial.meaning.certain(trial.meaning.table(sets))]
            if forced != [True] + [False] * (len(sets) - 1):
                yield f"of {trial.patients[number]}: {given} with {presumed} is not least, or not enough"


def _less(facts: dict[str, str], name: str) -> dict[str, str]:
    return {other: text for other, text in facts.items() if other != name}
