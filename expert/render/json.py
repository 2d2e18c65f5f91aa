"""The answer as one JSON object, the contract that other programs read, and the walk that makes objects of values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, get_args

from expert import __version__
from expert.answer.assessment import (
    Argument,
    Assessment,
    Decisive,
    NearThreshold,
    NoticeReport,
    NotRuledOut,
    OptionReport,
    Possible,
    StepReport,
)
from expert.lang.model import KnowledgeBase, Note, Rule
from expert.lang.premises import Premise, written
from expert.lang.units import write_given
from expert.lang.values import Value
from expert.logic.plausibility import Implausible

Shapes = Mapping[type, Callable[[Any], object]]
"""Types that JSON shows as something other than their attributes, each with what it shows."""


def render_json(kb: KnowledgeBase, assessment: Assessment, today: date) -> str:
    """The assessment as indented JSON, ASCII alone."""
    return json_text(to_json(kb, assessment, today))


def json_text(value: dict[str, Any]) -> str:
    """An object as indented JSON, ASCII alone: like `json.dumps`, but at any depth of nesting."""
    found: list[str] = []
    ahead: list[str | tuple[Any, str]] = [(value, "\n")]
    while ahead:
        it = ahead.pop()
        if isinstance(it, str):
            found.append(it)
        elif isinstance(it[0], dict | list | tuple) and it[0]:
            whole, line = it
            named = isinstance(whole, dict)
            found.append("{" if named else "[")
            ahead.append(f"{line}{'}' if named else ']'}")
            parts = whole.items() if isinstance(whole, dict) else (("", part) for part in whole)
            for place, (key, part) in reversed(list(enumerate(parts))):
                before = f"{',' if place else ''}{line}  {f'{json.dumps(key)}: ' if named else ''}"
                ahead += [(part, f"{line}  "), before]
        else:
            found.append(json.dumps(it[0]))
    return "".join(found)


def plain(value: object, shapes: Shapes | None = None) -> Any:
    """A value as dictionaries and lists, nested however deeply.

    A named tuple is an object with its attributes as keys, a premise a line of the knowledge language, a rule what
    identifies and explains it; ``shapes`` adds exceptions.
    """
    shape_of = {**_SHAPES, **(shapes or {})}
    whole: list[Any] = [None]
    ahead: list[tuple[object, Any, Any]] = [(value, whole, 0)]
    while ahead:
        it, holder, place = ahead.pop()
        if shape := shape_of.get(type(it)):
            it = shape(it)
        elif isinstance(it, tuple) and hasattr(it, "_asdict"):
            it = it._asdict()
        if isinstance(it, Mapping):
            named = {key if isinstance(key, str) else written(key): part for key, part in it.items()}
            holder[place] = dict.fromkeys(named)
            ahead += [(part, holder[place], key) for key, part in named.items()]
        elif isinstance(it, tuple | list):
            holder[place] = [None] * len(it)
            ahead += [(part, holder[place], index) for index, part in enumerate(it)]
        else:
            holder[place] = it
    return whole[0]


def named(**keys: str) -> Callable[[Any], dict[str, object]]:
    """A shape with other keys than the attributes; an attribute with an empty key is left out."""
    return lambda it: {keys.get(name, name): part for name, part in it._asdict().items() if keys.get(name, name)}


def _rule(it: Rule) -> dict[str, object]:
    return {"id": it.id, "title": it.title, "because": it.because, "cite": it.cite, "at": it.at.place}


_SHAPES: Shapes = {
    **dict.fromkeys(get_args(Premise), written),
    Rule: _rule,
    Note: named(id="note", at=""),
    StepReport: named(supports="for", presumed_on=""),
    Possible: named(deviations="if"),
    NotRuledOut: named(deviations="if"),
    Decisive: named(partners="with"),
}


def to_json(kb: KnowledgeBase, it: Assessment, today: date) -> dict[str, Any]:
    """The assessment as dictionaries and lists; quantities are texts with their unit, as in a patient file."""
    given, as_given = it.background.given, it.patient.written

    def value(name: str, value: Value | None) -> Value | None:
        if not isinstance(value, float):
            return value
        return write_given(kb.findings[name], value, as_given.get(name) if given.get(name) == value else None)

    def facts(some: Mapping[str, Value | None]) -> dict[str, object]:
        return {name: value(name, it) for name, it in some.items()}

    def notes(ids: Iterable[str]) -> list[Note]:
        return [kb.notes[name] for name in ids]

    def argument(it: Argument) -> dict[str, object]:
        found = {**it._asdict(), "facts": facts(it.facts)}
        return found if it.case else {name: part for name, part in found.items() if name != "case"}

    def option(it: OptionReport) -> dict[str, object]:
        return {**named(supports="for")(it), "guidance": notes(it.guidance)}

    def notice(kind: str, it: NoticeReport) -> dict[str, object]:
        return {**named(name=kind)(it), "guidance": notes(it.guidance)}

    def near(it: NearThreshold) -> dict[str, object]:
        shown = value(it.finding, given[it.finding])
        return {"finding": it.finding, "given": shown, "threshold": it.threshold, "resolution": it.resolution}

    def check(it: Implausible) -> dict[str, object]:
        return {"id": it.entry.id, "because": it.entry.because, "facts": facts(it.facts)}

    whole = {
        "answer": it.answer,
        "recommended": it.recommended,
        "meanwhile": it.meanwhile,
        "possible": it.possible,
        "ladder": it.ladder,
        "options": it.options,
        "alerts": [notice("alert", alert) for alert in it.alerts],
        "advice": [notice("advice", advice) for advice in it.advice],
        "findings": facts(it.findings),
        "presumed_findings": facts(it.presumed_findings),
        **{source: facts(getattr(it.background, source)) for source in ("given", "defaults", "forced", "presumed")},
        "not_presumed": {name: facts(met) for name, met in it.background.not_presumed.items()},
        "presumptions": it.presumptions,
        "policies": it.policies,
        "words": {name: word for name, word in as_given.items() if word in kb.findings[name].also},
        "overridden": it.patient.overridden,
        **({"former": it.patient.former} if it.patient.former else {}),
        "scores": {name: {key: str(its) for key, its in both._asdict().items()} for name, both in it.scores.items()},
        "near_thresholds": it.near,
        "checks": it.checks,
        "decisive": it.decisive,
        "guidance": notes(it.guidance),
        "not_ruled_out": it.not_ruled_out,
        "said_unknown": it.patient.unknown,
        "enough_recorded": it.not_enough is None,
        "not_enough": it.not_enough,
    }
    return {
        **plain(whole, {Argument: argument, OptionReport: option, NearThreshold: near, Implausible: check}),
        **footer(kb, today),
    }


def footer(kb: KnowledgeBase, today: date) -> dict[str, Any]:
    """What every object ends with: the knowledge, the program, the disclaimer."""
    return {
        "knowledge": {
            "name": kb.name,
            "version": kb.version,
            "sha256": kb.sha256,
            "review_overdue": kb.review_overdue(today),
        },
        "expert": __version__,
        "disclaimer": kb.disclaimer,
    }
