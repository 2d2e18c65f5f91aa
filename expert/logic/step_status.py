"""The status of a step, by the same rule for every executor."""

from __future__ import annotations

from typing import Literal

from expert.logic.kleene import Evaluation

StepStatus = Literal["recommended", "available", "waiting", "excluded", "unsupported", "open"]
"""The status of a step for one patient."""

STATUSES: tuple[StepStatus, ...] = ("recommended", "available", "waiting", "excluded", "unsupported", "open")
"""Every status of a step."""


def step_status(evaluation: Evaluation, name: str, recommended: str | None) -> StepStatus:
    """The status of a step: excluded beats unsupported beats open.

    Later available steps wait while ``recommended``, a gate, is.
    """
    if evaluation.concluded(("excludes", name)):
        return "excluded"
    if name == recommended or evaluation.concluded(("recommended", name)):
        return "recommended"
    if evaluation.concluded(("supports", name)) is False:
        return "unsupported"
    if evaluation.concluded(("available", name)) is None:
        return "open"
    return "waiting" if recommended and evaluation.definitions.kb.steps[recommended].gate else "available"


def meanwhile(presumed: Evaluation, recommended: str | None) -> str | None:
    """The step to take while a gate is recommended: the one that it names, unless that is excluded."""
    step = presumed.definitions.kb.steps[recommended].meanwhile if recommended else ""
    return step if step and presumed.concluded(("excludes", step)) is False else None
