"""The answer as one JSON object: the contract that other programs read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, get_args

from expert import __version__
from expert.answer.assessment import Argument, Assessment, NoticeReport, OptionReport, StepReport
from expert.lang.model import KnowledgeBase, Rule
from expert.lang.premises import Premise, written
from expert.lang.units import write_value
from expert.lang.values import Value

Shapes = Mapping[type, Callable[[Any], object]]
NO_SHAPES: Shapes = {}


def render_json(kb: KnowledgeBase, assessment: Assessment, today: date) -> str:
    """The assessment as indented JSON, ASCII alone."""
    return json_text(to_json(kb, assessment, today))


def json_text(value: dict[str, Any]) -> str:
    """An object as indented JSON, ASCII alone: as `json.dumps` has it, however deep the object is."""
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


def to_json(kb: KnowledgeBase, assessment: Assessment, today: date) -> dict[str, Any]:
    """The assessment as dictionaries and lists; quantities are texts with their unit, as in a patient file."""
    return _Json(kb, assessment).whole(today)


def footer(kb: KnowledgeBase, today: date) -> dict[str, Any]:
    """What stands at the end of every object: the knowledge, the program, the disclaimer."""
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


def plain(value: object, shapes: Shapes = NO_SHAPES) -> Any:
    """A value as dictionaries and lists: a named tuple as an object, a premise as a line of the knowledge language.

    ``shapes`` are types of which something else is shown. The value may be nested however deeply.
    """
    whole: list[Any] = [None]
    ahead: list[tuple[object, Any, Any]] = [(value, whole, 0)]
    while ahead:
        it, holder, place = ahead.pop()
        if shape := _SHAPES.get(type(it)) or shapes.get(type(it)):
            it = shape(it)
        elif isinstance(it, tuple) and hasattr(it, "_asdict"):
            it = it._asdict()
        if isinstance(it, dict):
            holder[place] = dict.fromkeys(it)
            ahead += [(part, holder[place], key) for key, part in it.items()]
        elif isinstance(it, tuple | list):
            holder[place] = [None] * len(it)
            ahead += [(part, holder[place], index) for index, part in enumerate(it)]
        else:
            holder[place] = it
    return whole[0]


def _rule(it: Rule) -> dict[str, object]:
    return {"id": it.id, "title": it.title, "because": it.because, "cite": it.cite, "at": f"{it.at.file}:{it.at.line}"}


_SHAPES: Shapes = {Rule: _rule, **dict.fromkeys(get_args(Premise), written)}


class _Json:
    def __init__(self, kb: KnowledgeBase, assessment: Assessment) -> None:
        self.kb, self.it = kb, assessment

    def whole(self, today: date) -> dict[str, Any]:
        it = self.it
        return {
            "answer": it.answer,
            "recommended": it.recommended,
            "meanwhile": it.meanwhile,
            "possible": [
                {
                    "step": possible.step,
                    "if": plain(possible.deviations),
                    "complete": possible.complete,
                }
                for possible in it.possible
            ],
            "ladder": [self.step(step) for step in it.ladder],
            "options": [self.option(option) for option in it.options],
            "alerts": [self.notice("alert", alert) for alert in it.alerts],
            "advice": [self.notice("advice", advice) for advice in it.advice],
            "findings": self.facts(it.findings),
            "presumed_findings": self.facts(it.presumed_findings),
            "given": self.facts(it.background.given),
            "defaults": self.facts(it.background.defaults),
            "forced": self.facts(it.background.forced),
            "presumed": self.facts(it.background.presumed),
            "presumptions": [
                {"title": it.title, "cite": list(it.cite), "findings": list(it.findings)} for it in it.presumptions
            ],
            "policies": list(it.policies),
            "overridden": dict(it.patient.overridden),
            "near_thresholds": [
                {
                    "finding": near.finding,
                    "given": self.value(near.finding, it.background.given[near.finding]),
                    "threshold": near.threshold,
                    "resolution": near.resolution,
                }
                for near in it.near
            ],
            "decisive": [
                {
                    "finding": entry.finding,
                    "ask": entry.ask,
                    "leads_to": {written(premise): list(steps) for premise, steps in entry.leads_to.items()},
                    "with": list(entry.partners),
                }
                for entry in it.decisive
            ],
            "guidance": self.notes(it.guidance),
            **footer(self.kb, today),
        }

    def facts(self, facts: Mapping[str, Value | None]) -> dict[str, bool | str | None]:
        return {name: self.value(name, value) for name, value in facts.items()}

    def value(self, name: str, value: Value | None) -> bool | str | None:
        if isinstance(value, float):
            given = self.it.patient.written.get(name)
            as_given = given and self.it.background.given.get(name) == value
            return given if as_given else write_value(self.kb.findings[name], value)
        return value

    def arguments(self, arguments: Iterable[Argument]) -> list[dict[str, Any]]:
        return [
            {
                "rule": argument.rule,
                "title": argument.title,
                "because": argument.because,
                "cite": list(argument.cite),
                "facts": self.facts(argument.facts),
                "status": argument.status,
                "presumed_status": argument.presumed_status,
                "at": argument.at,
                **({"case": plain(argument.case)} if argument.case else {}),
            }
            for argument in arguments
        ]

    def step(self, step: StepReport) -> dict[str, Any]:
        return {
            "step": step.step,
            "title": step.title,
            "status": step.status,
            "presumed_status": step.presumed_status,
            "for": self.arguments(step.supports),
            "against": self.arguments(step.against),
            "cautions": self.arguments(step.cautions),
        }

    def option(self, option: OptionReport) -> dict[str, Any]:
        return {
            "option": option.option,
            "title": option.title,
            "note": option.note,
            "cite": list(option.cite),
            "status": option.status,
            "presumed_status": option.presumed_status,
            "preferred": option.preferred,
            "for": self.arguments(option.supports),
            "against": self.arguments(option.against),
            "cautions": self.arguments(option.cautions),
            "guidance": self.notes(option.guidance),
        }

    def notice(self, kind: str, notice: NoticeReport) -> dict[str, Any]:
        return {
            kind: notice.name,
            "title": notice.title,
            "text": notice.text,
            "status": notice.status,
            "presumed_status": notice.presumed_status,
            "because": self.arguments(notice.because),
            "guidance": self.notes(notice.guidance),
        }

    def notes(self, ids: Iterable[str]) -> list[dict[str, Any]]:
        return [
            {
                "note": note.id,
                "differs_from": list(note.differs_from),
                "verdict": note.verdict,
                "text": note.text,
                "sources": list(note.sources),
                "verified": note.verified,
            }
            for note in (self.kb.notes[name] for name in ids)
        ]
