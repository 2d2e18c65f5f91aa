"""The state of an observable in an answer of one side, in words and by the reference evaluator."""

from __future__ import annotations

from collections.abc import Callable

from expert.answer.assessment import Assessment
from expert.diff.difference import NO_STEP
from expert.lang.model import KnowledgeBase
from expert.lang.observables import KINDS, Key, Status, observables, status_of, step_word, word_of
from expert.lang.premises import Name
from expert.lang.units import write_value
from expert.logic.kleene import Evaluation, Truth
from expert.logic.step_status import meanwhile, step_status

IMPOSSIBLE = "these facts contradict each other"

Words = Callable[[KnowledgeBase, Assessment], str]
"""Writes one thing of an answer."""


def step_of(_: KnowledgeBase, it: Assessment) -> str:
    """The recommended step."""
    return it.recommended or NO_STEP


def answer_of(kb: KnowledgeBase, it: Assessment) -> str:
    """The recommended step and how certain it is."""
    return f"{step_of(kb, it)}, {it.answer}"


def possible_of(kb: KnowledgeBase, it: Assessment) -> str:
    """The answer with the possible steps."""
    return f"{answer_of(kb, it)}; possible: {', '.join(possible.step for possible in it.possible) or NO_STEP}"


def background_of(finding: str, kb: KnowledgeBase, it: Assessment) -> str:
    """What counts of a finding that is not given, and why."""
    origin = it.background.origin(finding)
    if not origin:
        return "unknown"
    why = "by default" if origin == "default" else origin
    return f"{write_value(kb.findings[finding], it.background.all[finding])}, {why}"


def standing_of(option: str, _: KnowledgeBase, it: Assessment) -> str:
    """The standing of an option, if the answer shows it."""
    shown = (report.standing for report in it.options if report.option == option)
    return next(shown, "not shown").replace("_", " ")


def state_of(key: Key, kb: KnowledgeBase, it: Assessment, *, known: bool) -> str:
    """The state of an observable over what is ``known``, or over the presumptions as well, in words."""
    kind, name = key
    record = it.record if known else it.presumed_record
    if kind == "meanwhile":
        return f"meanwhile {it.meanwhile}" if it.meanwhile and it.recommended == name else word_of(kind, "")
    if kind == "step" and name in kb.steps:
        report = next(report for report in it.ladder if report.step == name)
        return step_word(report.status if known else report.presumed_status, record.truth(("available", name)))
    return word_of(kind, _status(key, kb, record.truth))


def _status(key: Key, kb: KnowledgeBase, truth: Callable[[Name], Truth]) -> Status:
    """The status of an observable other than a step, also where the knowledge does not have it."""
    kind, _ = key
    found = next((it for it in observables(kb) if it.key == key), None)
    return status_of(found, truth) if found else "" if kind in ("step", "option") else KINDS[kind].absent


# --- by the reference evaluator --------------------------------------------------------------------------------------


def recommended_by(evaluation: Evaluation) -> str | None:
    """The step that is recommended for sure."""
    return next((it for it in evaluation.definitions.kb.steps if evaluation.concluded(("recommended", it))), None)


def status_by(key: Key, evaluation: Evaluation) -> object:
    """The status of an observable, as far as the definitions alone decide it."""
    kind, name = key
    kb = evaluation.definitions.kb
    recommended = recommended_by(evaluation)
    if kind == "meanwhile":
        return recommended == name and meanwhile(evaluation, name)
    if kind == "step" and name in kb.steps:
        return step_status(evaluation, name, recommended)
    return _status(key, kb, evaluation.concluded)
