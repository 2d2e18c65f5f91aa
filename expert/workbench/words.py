"""How something that a person can see stands in an answer, in a word or two."""

from __future__ import annotations

from collections.abc import Callable

from expert.compile.to_kleene import Seen
from expert.logic import Evaluation
from expert.model import KnowledgeBase, Name
from expert.read.quantity import write_value
from expert.results import Assessment, Record
from expert.workbench.difference import NO_STEP

IMPOSSIBLE = "no patient can be so"
OPEN = "open"

Words = Callable[[KnowledgeBase, Assessment], str]
"""What is read off an answer."""

_HOLDS = {
    "caution": ("cautioned against", "no caution"),
    "preference": ("preferred", "not preferred"),
    "alert": ("raised", "not raised"),
    "advice": ("given", "not given"),
}


def step_of(_: KnowledgeBase, it: Assessment) -> str:
    """The recommended step."""
    return it.recommended or NO_STEP


def names_of(seen: Seen) -> list[Name]:
    """The definitions that something hangs on; of a concluded choice, each value has one of its own."""
    kind, name = seen
    roles = {
        "step": ("excludes", "supports", "available"),
        "option": ("offered", "excludes"),
        "preference": ("prefers",),
        "caution": ("cautions",),
        "advice": ("given",),
    }
    return [(role, name) for role in roles.get(kind, (kind,))]


def word_of(seen: Seen, kb: KnowledgeBase, it: Assessment, *, known: bool) -> str:
    """How it stands over what is ``known``, or over the presumptions as well."""
    kind, name = seen
    record = it.record if known else it.presumed_record
    if kind == "step":
        report = next((report for report in it.ladder if report.step == name), None)
        if not report:
            return "not on the ladder"
        status = report.status if known else report.presumed_status
        by_cases = status in ("recommended", "available", "waiting") and record.truth(("available", name)) is None
        return f"{status}, case by case" if by_cases else status
    if kind == "gate":
        return "a gate" if kb.steps[name].gate else "no gate"
    if kind == "meanwhile":
        return f"meanwhile {kb.steps[name].meanwhile}" if kb.steps[name].meanwhile else "nothing meanwhile"
    if kind == "option":
        return _option(record, name)
    if kind == "finding":
        return write_value(kb.findings[name], (it.findings if known else it.presumed_findings)[name])
    truth = record.truth(names_of(seen)[0])
    return OPEN if truth is None and names_of(seen)[0][1] in _present(kb, kind) else _HOLDS[kind][not truth]


def _option(record: Record, name: str) -> str:
    if record.truth(("excludes", name)):
        return "excluded"
    offered = record.truth(("offered", name))
    return (
        OPEN
        if offered is None and record.truth(("excludes", name)) is None
        else "on offer"
        if offered
        else "not on offer"
    )


def _present(kb: KnowledgeBase, kind: str) -> dict[str, object]:
    places = {"alert": kb.alerts, "advice": kb.advice, "preference": kb.options}
    return dict(places.get(kind, {**kb.steps, **kb.options}))


# --- the same asked of the reference meaning ------------------------------------------------------------------------


def recommended_by(evaluation: Evaluation) -> object:
    """The step that is recommended for sure."""
    return next((it for it in evaluation.definitions.kb.steps if evaluation.concluded(("recommended", it))), None)


def truths_of(seen: Seen, evaluation: Evaluation) -> object:
    """The truths behind something that a person can see."""
    kind, name = seen
    if kind in ("gate", "meanwhile"):
        step = evaluation.definitions.kb.steps.get(name)
        return step and (step.gate, step.meanwhile)
    finding = evaluation.definitions.kb.findings.get(name) if kind == "finding" else None
    names = [("finding", name, value) for value in finding.values] if finding and finding.values else names_of(seen)
    return [it in evaluation.definitions.premises and evaluation.concluded(it) for it in names]
