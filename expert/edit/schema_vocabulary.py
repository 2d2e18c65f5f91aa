"""The JSON Schema of ``vocabulary.yaml``, which both defines and uses the names of findings."""

from __future__ import annotations

from collections.abc import Iterable

from expert.edit.schema_forms import (
    KEBAB,
    SNAKE,
    TEXT,
    Schema,
    amount,
    choice,
    exactly,
    flag,
    form,
    interval,
    meaning_of,
    premise_examples,
    premise_of_any_finding,
)
from expert.edit.schema_mappings import named, premises, record, ref, suggested
from expert.lang.model import KnowledgeBase
from expert.lang.units import unit_names
from expert.read.vocabulary import RESERVED

_OF_TYPE = {
    "choice": ("values", "alike", "otherwise"),
    "quantity": ("unit", "unit_may_be_omitted", "range", "resolution"),
}
_NEEDED = {"choice": "values", "quantity": "range"}


def vocabulary(kb: KnowledgeBase) -> Schema:
    """The schema of ``vocabulary.yaml``."""
    names: Schema = {"not": {"enum": list(RESERVED)}}
    findings = named(SNAKE, _finding(kb), some=True)
    concluded = named(SNAKE, _concluded())
    members: Schema = {"type": "object", "additionalProperties": TEXT, "minProperties": 1}
    members["properties"] = {it.name: {**TEXT, "description": meaning_of(it)} for it in kb.inputs.values()}
    panel = {"title": TEXT, "ask": TEXT, "members": members}
    panels = named(SNAKE, record("panel", "title ask members", panel))
    constraint = {"never": ref("premises"), "because": TEXT}
    parts = {
        "groups": named(SNAKE, TEXT, some=True),
        "findings": {**findings, "propertyNames": {**findings["propertyNames"], **names}},
        "concluded": {**concluded, "propertyNames": {**concluded["propertyNames"], **names}},
        "panels": {**panels, "propertyNames": {**panels["propertyNames"], **names}},
        "constraints": named(KEBAB, record("constraint", "never because", constraint)),
    }
    line = premise_of_any_finding(premise_examples(kb.findings.values()))
    return {**record("vocabulary", "groups findings", parts), "definitions": premises(line)}


def _finding(kb: KnowledgeBase) -> Schema:
    fields = {
        "title": TEXT,
        "ask": TEXT,
        "type": choice("yes_no", "choice", "quantity"),
        "values": _values(),
        "alike": {"type": "array", "items": TEXT, "minItems": 2},
        "unit": form("[A-Za-z]+", "This is not a unit.", dict.fromkeys(unit_names(), "")),
        "unit_may_be_omitted": flag(),
        "range": interval(),
        "resolution": amount(),
        "usual": TEXT,
        "default": TEXT,
        "asked_if": ref("premises"),
        "modifiable": flag(),
        "group": suggested(kb.groups),
    }
    by_type = [_if_type(kind, fields) for kind in ("yes_no", "choice", "quantity")]
    site: Schema = {"properties": {"group": {"pattern": exactly("site")}}}
    return {
        **record("finding", "title ask type group", fields),
        "allOf": by_type,
        "dependencies": {"default": site},
        "not": {"required": ["usual", "default"]},
    }


def _concluded() -> Schema:
    kind = choice("yes_no", "choice")
    fields = {"title": TEXT, "type": kind, "values": _values(), "otherwise": TEXT}
    unsaid: Schema = {
        "if": {"not": {"required": ["type"]}},
        "then": {"properties": {"values": False, "otherwise": False}},
    }
    by_type = [unsaid, _if_type("yes_no", fields), _if_type("choice", fields)]
    return {**record("concluded", "title", fields), "allOf": by_type}


def _values() -> Schema:
    pattern = "(?!unknown$)[a-z][a-z0-9]*(?:_[a-z0-9]+)*"
    item = form(pattern, "A value is written in snake_case, and is not unknown.", types=["boolean", "null"])
    return {"type": "array", "items": item, "minItems": 2, "uniqueItems": True}


def _if_type(kind: str, fields: Iterable[str]) -> Schema:
    """What a finding of a type needs, and what it cannot have."""
    foreign = [key for other, keys in _OF_TYPE.items() if other != kind for key in keys if key in fields]
    then: Schema = {"properties": dict.fromkeys(foreign, False)}
    if kind in _NEEDED:
        then["required"] = [_NEEDED[kind]]
    return {"if": {"properties": {"type": {"pattern": exactly(kind)}}, "required": ["type"]}, "then": then}
