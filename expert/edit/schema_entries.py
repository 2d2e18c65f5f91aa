"""The mappings of knowledge files as JSON Schemas (draft 07), made from the format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from expert.edit.schema_texts import (
    ANY_AMOUNT,
    BLANKS,
    TEXT,
    Schema,
    Words,
    choice,
    conclusion,
    direction,
    exactly,
    form,
    meaning_of,
    order,
    panel_answer,
    places_of,
    promise,
    several,
    suggestions,
    value_of,
    word,
)
from expert.lang.format import FORMS, LONGEST_NAME, NAMES, OF_INPUTS, RESERVED, Entries, Key
from expert.lang.model import KnowledgeBase, Rule, titles_of
from expert.lang.roles import LISTINGS
from expert.lang.vocabulary import Finding
from expert.logic.step_status import STATUSES
from expert.read.premise import COUNT

Values = Mapping[str, Schema]
"""The schema of each kind of value."""


def values_of(kb: KnowledgeBase) -> Values:
    """The schema of every kind of value of the format; where names of other files are meant, of those."""
    steps = titles_of(kb, "step")
    value_name = "(?!unknown$)" + NAMES["snake_case"]
    style = "A value is written in snake_case, and is not unknown."
    return {
        "text": TEXT,
        "flag": form("yes|no|true|false", "This is yes or no.", {"yes": "", "no": ""}, ["boolean"]),
        "date": form("[0-9]{4}-[0-9]{2}-[0-9]{2}", "A day is written YYYY-MM-DD."),
        "values": {
            "type": "array",
            "items": form(value_name, style, types=["boolean", "null"]),
            "minItems": 2,
            "uniqueItems": True,
        },
        "alike": {"type": "array", "items": TEXT, "minItems": 2},
        "unit": form(NAMES["units"], "This is not a unit.", dict.fromkeys(kb.units.names(), "")),
        "former names": several(form(NAMES["snake_case"], "A former name is written in snake_case.")),
        "spellings": several(form(NAMES["units"], "This is not a spelling of a unit.")),
        "range": form(rf"{ANY_AMOUNT}{BLANKS}\.\.{BLANKS}{ANY_AMOUNT}", "This is not a range: LOW .. HIGH."),
        "amount": form(ANY_AMOUNT, "This is not a quantity, such as 3, 2/3 or 14 weeks.", types=["number"]),
        "value": TEXT,
        "group": suggested(kb.groups),
        "premises": ref("premises"),
        "order": order({it.always.line: it.because for it in kb.plausible if it.always}),
        "when": ref("when"),
        "points": _points(),
        "citations": ref("citations"),
        "rule": suggested(_titles(kb.written_rules)),
        "reference": word(cited(kb), "a claim or another reference"),
        "conclusions": several(conclusion(kb)),
        "claims": several(word(cited(kb, "claim"), "a claim")),
        "guidelines": several(word(cited(kb, "guideline"), "a guideline")),
        "step": suggested(steps),
        "steps": several(suggested(steps)),
        "places": several(suggested(places_of(kb))),
        "never": promise(kb, "recommended", "offered", "available"),
        "always": promise(kb, "recommended", "offered"),
        "way": direction(kb),
        **_values_of_cases(kb, steps),
    }


def _points() -> Schema:
    """What adds to a score: entries, each with premises and a whole number."""
    number = form(r"[+-]?[0-9]{1,3}", "This is not a whole number of points.", types=["integer"])
    keys = FORMS["points"].keys
    its = {"when": ref("premises"), "points": number}
    entry = closed({name: {**it, "description": keys[name].meaning} for name, it in its.items()})
    return {"type": "array", "items": {**entry, "required": FORMS["points"].required}, "minItems": 1}


def _values_of_cases(kb: KnowledgeBase, steps: Words) -> dict[str, Schema]:
    status = choice(*STATUSES)
    worked = sorted(file.stem for file in (Path(kb.directory) / "patients").glob("*.yaml"))
    like = {**word(dict.fromkeys(worked, ""), "a worked patient"), "description": "a worked patient to start from"}
    warnings = {it.id: it.because for it in kb.plausible if it.level == "warning"}
    given = facts(kb, kb.given.values(), panels=True)
    lists = {key: several(word(titles_of(kb, *it.targets), it.a_target), least=0) for key, it in LISTINGS.items()}
    return {
        **{f"expected {key}": its for key, its in lists.items()},
        "rules": several(word(_titles({**kb.rules, **kb.drafts}), "a rule"), least=0),
        "checks": several(word(warnings, "a warning"), least=0),
        "possible steps": several(word(steps, "a step"), least=0),
        "patient": {**given, "properties": {"like": like, **given["properties"]}},
        "step or none": word({**steps, "none": "no step"}, "a step, or none"),
        "statuses": closed({name: {**status, "description": title} for name, title in steps.items()}),
        "concluded values": facts(kb, kb.concluded.values()),
        "values of inputs": facts(kb, kb.inputs.values()),
        "absent": closed({key: {**its, "description": LISTINGS[key].meaning} for key, its in lists.items()}),
    }


class Mappings:
    """The schemas of mappings over one knowledge base."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self.kb, self.values = kb, values_of(kb)

    def of(self, form: str) -> Schema:
        """The mappings of a form: its keys and no others, in their order, each with what it means."""
        keys = FORMS[form].keys.items()
        schema = closed({name: {**self._value(key), "description": key.meaning} for name, key in keys})
        if required := FORMS[form].required:
            schema["required"] = required
        return {**schema, **_further(self.kb, form)}

    def _value(self, key: Key) -> Schema:
        if isinstance(key.value, Entries):
            return self._entries(key.value)
        if isinstance(key.value, tuple):
            return choice(*key.value)
        return self.values.get(key.value) or self.of(key.value)

    def _entries(self, its: Entries) -> Schema:
        """A mapping of names to entries."""
        entry = self.of(its.of) if its.of in FORMS else self.values[its.of]
        schema: Schema = {"type": "object", "additionalProperties": entry}
        if its.names:
            names: Schema = {"pattern": f"^{NAMES[its.names]}$"}
            if its.names != "capitals":
                names["maxLength"] = LONGEST_NAME
            if its.of in ("finding", "concluded", "panel"):
                names["not"] = {"enum": list(RESERVED)}
            schema["propertyNames"] = names
        else:
            inputs = self.kb.inputs.values()
            schema["properties"] = {it.name: {**entry, "description": meaning_of(it)} for it in inputs}
        return {**schema, "minProperties": 1} if its.some else schema


def _further(kb: KnowledgeBase, name: str) -> Schema:
    """Further conditions on the mappings of a form."""
    if name == "finding":
        site: Schema = {"properties": {"group": {"pattern": exactly("site")}}}
        by_type = [_if_type(name, kind) for kind in ("yes_no", "choice", "quantity")]
        recorded: Schema = {
            "if": {"properties": {"for_record": {"enum": ["yes", "true", True]}}, "required": ["for_record"]},
            "then": {"properties": dict.fromkeys(OF_INPUTS, False)},
        }
        both = {"required": ["usual", "default"]}
        return {"allOf": [*by_type, recorded], "dependencies": {"default": site}, "not": both}
    if name == "concluded":
        of_choices = {key: False for key, it in FORMS[name].keys.items() if it.types}
        plain: Schema = {"if": {"not": {"required": ["type"]}}, "then": {"properties": of_choices}}
        return {"allOf": [plain, *(_if_type(name, kind) for kind in ("yes_no", "choice", "score"))]}
    if name == "invariant":
        of_promises = dict.fromkeys(("always", "when"), False)
        way: Schema = {
            "required": ["never", "as"],
            "properties": {"never": promise(kb, "available"), **of_promises},
        }
        plain = {
            "required": ["when"],
            "properties": {"never": promise(kb, "recommended", "offered")},
            "oneOf": [{"required": ["never"]}, {"required": ["always"]}],
        }
        return {"if": {"required": ["as"]}, "then": way, "else": plain}
    if name == "plausible":
        return {"oneOf": [{"required": ["always"]}, {"required": ["never"]}]}
    if name == "rule":
        retired: Schema = {"properties": {"status": {"pattern": exactly("retired")}}, "required": ["status"]}
        return {"dependencies": {"replaced_by": retired}}
    return {"minProperties": 1} if name == "expectation" else {}


def _if_type(name: str, kind: str) -> Schema:
    """What a finding of a type needs, and what it cannot have."""
    keys = FORMS[name].keys
    then: Schema = {"properties": {key: False for key, it in keys.items() if it.types and kind not in it.types}}
    if needed := [key for key, it in keys.items() if it.needed and kind in it.types]:
        then["required"] = needed
    return {"if": {"properties": {"type": {"pattern": exactly(kind)}}, "required": ["type"]}, "then": then}


def closed(properties: Mapping[str, Schema]) -> Schema:
    """A mapping with these keys and no others."""
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}


def facts(kb: KnowledgeBase, findings: Iterable[Finding], *, panels: bool = False) -> Schema:
    """A mapping of findings, and perhaps of panels, to what is given of them."""
    known = {finding.name: value_of(finding) for finding in findings}
    answers = {it.name: panel_answer(f"{it.title}. {it.ask}") for it in kb.panels.values()} if panels else {}
    return closed({**known, **answers})


def cited(kb: KnowledgeBase, kind: str = "") -> Words:
    """What may be cited, with its text."""
    return {it.id: it.text for it in kb.references.values() if not kind or it.kind == kind}


def _titles(rules: Mapping[str, Rule]) -> Words:
    return {name: rule.title for name, rule in rules.items()}


def suggested(words: Words) -> Schema:
    """Names that are defined in the same file: any may be right."""
    return {**TEXT, **suggestions(words)}


# --- definitions ------------------------------------------------------------------------------------------------------


def citations(kb: KnowledgeBase) -> Schema:
    """What a list of citations may name."""
    return several(word(cited(kb), "a claim or another reference"))


def premises(line: Schema) -> dict[str, Schema]:
    """Definitions: ``premise`` is one line; ``premises`` is one premise or a list, nested two deep at most."""
    found = {"premise": line, "innermost": several(line, items=ref("premise"))}
    inner = "innermost"
    for outer, item in (("inner", "inner_premise"), ("premises", "outer_premise")):
        nested: Schema = {
            "properties": {key: {**ref(inner), "description": meaning} for key, meaning in _COMBINATIONS.items()},
            "patternProperties": {f"^{COUNT}$": {**ref(inner), "description": "so many of these"}},
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
    """Premises of a list (or one premise) or ``always`` alone."""
    snippets = suggestions({"always": "for every patient"})["defaultSnippets"] + conjunction.get("defaultSnippets", [])
    return {**conjunction, "pattern": f"{conjunction['pattern']}|{exactly('always')}", "defaultSnippets": snippets}


def ref(definition: str) -> Schema:
    """A reference to a definition of the schema."""
    return {"$ref": f"#/definitions/{definition}"}
