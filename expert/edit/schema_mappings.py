"""Mappings and nested premises as JSON Schemas (draft 07)."""

from __future__ import annotations

from collections.abc import Mapping

from expert.edit.schema_forms import TEXT, Schema, Words, exactly, several, suggestions
from expert.lang.format import KEYS
from expert.lang.model import KnowledgeBase


def record(mapping: str, required: str, fields: Mapping[str, Schema]) -> Schema:
    """A mapping with these keys and no others, in their order, each with what it means."""
    described = {key: {**fields[key], "description": meaning} for key, meaning in KEYS[mapping].items()}
    schema: Schema = {"type": "object", "properties": described, "additionalProperties": False}
    return {**schema, "required": required.split()} if required else schema


def named(names: str, entry: Schema, *, some: bool = False) -> Schema:
    """A mapping whose keys are names that people choose, of this form; ``some`` are needed."""
    schema: Schema = {"type": "object", "additionalProperties": entry}
    if names:
        schema["propertyNames"] = {"pattern": names, "maxLength": 80}
    return {**schema, "minProperties": 1} if some else schema


def claims(kb: KnowledgeBase, kind: str = "") -> Words:
    """What may be cited, with its text."""
    return {it.id: it.text for it in kb.references.values() if not kind or it.kind == kind}


def suggested(words: Words) -> Schema:
    """Names that are defined in the same file: any may be right."""
    return {**TEXT, **suggestions(words)}


# --- premises ---------------------------------------------------------------------------------------------------------


def premises(line: Schema) -> dict[str, Schema]:
    """Definitions: ``premise`` is one line; ``premises`` is one premise or a list, nested two deep at most."""
    found = {"premise": line, "innermost": several(line, items=ref("premise"))}
    inner = "innermost"
    for outer, item in (("inner", "inner_premise"), ("premises", "outer_premise")):
        nested: Schema = {
            "properties": {key: {**ref(inner), "description": meaning} for key, meaning in _COMBINATIONS.items()},
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }
        found[item] = {**line, **nested, "type": [*line["type"], "object"]}
        found[outer] = several(found[item], items=ref(item))
        inner = outer
    return found


_COMBINATIONS = {"any": "at least one of these", "all": "all of these", "not": "these do not hold as a whole"}


def when(conjunction: Schema) -> Schema:
    """Premises of a list (or one premise) where ``always`` may stand alone."""
    snippets = suggestions({"always": "for every patient"})["defaultSnippets"] + conjunction.get("defaultSnippets", [])
    return {**conjunction, "pattern": f"{conjunction['pattern']}|{exactly('always')}", "defaultSnippets": snippets}


def ref(definition: str) -> Schema:
    """What is said once among the definitions of a schema."""
    return {"$ref": f"#/definitions/{definition}"}
