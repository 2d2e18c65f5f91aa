"""How something that a person can see reads in an answer, in a word or two."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from expert.answer.assessment import Assessment
from expert.diff.difference import NO_STEP
from expert.engine.record import Record
from expert.lang.model import KnowledgeBase
from expert.lang.premises import Name
from expert.lang.units import write_value
from expert.logic.kleene import Evaluation, Truth
from expert.solve.to_kleene import Seen

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


def answer_of(kb: KnowledgeBase, it: Assessment) -> str:
    """The recommended step and how certain it is."""
    return f"{step_of(kb, it)}, {it.answer}"


def possible_of(kb: KnowledgeBase, it: Assessment) -> str:
    """The same, with the steps that are possible."""
    return f"{answer_of(kb, it)}; possible: {', '.join(possible.step for possible in it.possible) or NO_STEP}"


def background_of(finding: str, kb: KnowledgeBase, it: Assessment) -> str:
    """What counts of a finding that is not given, and why."""
    found = it.background
    for facts, why in (
        (found.given, "given"),
        (found.defaults, "by default"),
        (found.forced, "forced"),
        (found.presumed, "presumed"),
    ):
        if finding in facts:
            return f"{write_value(kb.findings[finding], facts[finding])}, {why}"
    return "unknown"


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
    """How it reads over what is ``known``, or over the presumptions as well."""
    kind, name = seen
    record = it.record if known else it.presumed_record
    if kind == "step":
        return _status(name, it, record, known=known)
    if kind == "meanwhile":
        return f"meanwhile {it.meanwhile}" if it.meanwhile and it.recommended == name else "nothing meanwhile"
    if kind == "option":
        return _option(record, name) if name in kb.options else "no such option"
    if kind == "finding":
        return write_value(kb.findings[name], (it.findings if known else it.presumed_findings)[name])
    truth = _truth(kb, record, seen)
    return OPEN if truth is None else _HOLDS[kind][not truth]


def _status(step: str, it: Assessment, record: Record, *, known: bool) -> str:
    report = next((report for report in it.ladder if report.step == step), None)
    if not report:
        return "not on the ladder"
    status = report.status if known else report.presumed_status
    by_cases = status in ("recommended", "available", "waiting") and record.truth(("available", step)) is None
    return f"{status}, case by case" if by_cases else status


def _option(record: Record, name: str) -> str:
    offered = record.truth(("offered", name))
    if offered is None:
        return OPEN
    if offered:
        return "on offer"
    return "excluded" if record.truth(("excludes", name)) else "not on offer"


def _truth(kb: KnowledgeBase, record: Record, seen: Seen) -> Truth:
    kind, name = seen
    places: Mapping[str, Mapping[str, object]] = {"alert": kb.alerts, "advice": kb.advice, "preference": kb.options}
    there = places.get(kind, {**kb.steps, **kb.options})
    return record.truth(names_of(seen)[0]) if name in there else False


# --- the same asked of the reference meaning ------------------------------------------------------------------------


def recommended_by(evaluation: Evaluation) -> object:
    """The step that is recommended for sure."""
    return next((it for it in evaluation.definitions.kb.steps if evaluation.concluded(("recommended", it))), None)


def truths_of(seen: Seen, evaluation: Evaluation) -> object:
    """The truths behind something that a person can see."""
    kind, name = seen
    kb = evaluation.definitions.kb
    if kind == "meanwhile":
        step = kb.steps.get(name)
        done = step and step.meanwhile and evaluation.concluded(("excludes", step.meanwhile)) is False
        return step and done and evaluation.concluded(("recommended", name)) and step.meanwhile
    finding = kb.findings.get(name) if kind == "finding" else None
    names = [("finding", name, value) for value in finding.values] if finding and finding.values else names_of(seen)
    truths: list[object] = [it in evaluation.definitions.premises and evaluation.concluded(it) for it in names]
    if kind == "step":
        recommended = recommended_by(evaluation)
        truths += [recommended, isinstance(recommended, str) and kb.steps[recommended].gate]
    return truths
