"""What ``expert enough`` says held to brute force over the completions of a patient."""

from __future__ import annotations

from expert.infer.assess import Reasoner
from expert.infer.enough import sufficient_reasons
from tests.fuzz.trial import Differences, Trial


def enough(trial: Trial) -> Differences:
    """Each set of facts that is told forces the recommended step, and none of its facts could be left out."""
    reasoner = Reasoner(trial.kb)
    for number, wanted in trial.each():
        step = wanted.conclusions["recommended"]
        reasons = sufficient_reasons(reasoner, reasoner.assess(trial.read[number]))
        if (reasons.step if reasons else None) != step:
            yield f"of {trial.patients[number]}: reasons for {reasons and reasons.step}, and the step is {step}"
        for one in reasons.sets if reasons else ():
            whole = {it.finding: it.value for it in (*one.given, *one.presumed)}
            sets = [whole, *(_less(whole, name) for name in whole)]
            forced = [it == step for it in trial.meaning.certain(trial.meaning.table(sets))]
            if forced != [True] + [False] * len(whole):
                yield f"of {trial.patients[number]}: {whole} is not least, or not enough"


def _less(facts: dict[str, str], name: str) -> dict[str, str]:
    return {other: text for other, text in facts.items() if other != name}
