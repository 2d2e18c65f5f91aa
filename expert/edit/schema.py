"""JSON Schemas (draft 07) for the files of a knowledge folder, so that an editor completes and underlines.

Each schema accepts every text of its file that the reader accepts beside the other files of the folder. So what one
file both defines and uses (a group of the vocabulary, a step that a step group stands for) is completed but not
enforced there, while what another file defines is enforced: a misspelt finding in a rule is underlined. What the reader
rejects and a schema accepts is left to ``expert check``: names that appear twice, units and ranges, loops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from expert.cases.cases import STATUSES
from expert.edit.schema_forms import (
    KEBAB,
    SNAKE,
    TEXT,
    Schema,
    choice,
    conclusion,
    date,
    direction,
    flag,
    panel_answer,
    places_of,
    premise,
    promise,
    several,
    value_of,
    word,
)
from expert.edit.schema_mappings import claims, named, premises, record, ref, suggested, when
from expert.edit.schema_vocabulary import vocabulary
from expert.lang.format import FILES, KEYS
from expert.lang.model import KnowledgeBase
from expert.lang.observables import LISTINGS, titles_of
from expert.lang.vocabulary import Finding
from expert.read.references import ROLES, VERDICTS

DRAFT = "http://json-schema.org/draft-07/schema#"


def schemas(kb: KnowledgeBase) -> dict[str, Schema]:
    """A schema for each kind of file (see `layout.FILES`)."""
    return {kind: _document(kb, kind, _KINDS[kind](kb)) for kind in FILES}


def file_name(kind: str) -> str:
    """The name of the file that holds the schema of a kind."""
    return f"{kind}.schema.json"


def associations(knowledge: Path, schemas_in: Path) -> dict[str, list[str]]:
    """Which files each schema is for, as the setting ``yaml.schemas`` of an editor says it."""
    found = {}
    for kind, files in FILES.items():
        globs = [(knowledge / files).as_posix()]
        if kind == "rules":
            globs.append(f"!{(knowledge / FILES['cases']).as_posix()}")
        found[(schemas_in / file_name(kind)).as_posix()] = globs
    return found


def _document(kb: KnowledgeBase, kind: str, schema: Schema) -> Schema:
    return {"$schema": DRAFT, "description": f"{FILES[kind]} of {kb.name} {kb.version}", **schema}


# --- the files --------------------------------------------------------------------------------------------------------


def _knowledge(_kb: KnowledgeBase) -> Schema:
    days = {"reviewed": date(), "review_due": date()}
    return record("knowledge", " ".join(KEYS["knowledge"]), {**dict.fromkeys(KEYS["knowledge"], TEXT), **days})


def _rules(kb: KnowledgeBase) -> Schema:
    rule = {
        "title": TEXT,
        "when": ref("when"),
        "unless": ref("premises"),
        "then": several(conclusion(kb)),
        "because": TEXT,
        "cite": ref("citations"),
    }
    entries = named(KEBAB, record("rule", "title when then because cite", rule), some=True)
    return {**record("rules", "rules", {"rules": entries}), "definitions": _shared(kb)}


def _shared(kb: KnowledgeBase) -> dict[str, Schema]:
    """Definitions of premises over the vocabulary and of citations."""
    found = premises(premise(kb.findings.values()))
    citation = word(claims(kb), "a claim or another reference")
    return {**found, "when": when(found["premises"]), "citations": several(citation)}


def _invariants(kb: KnowledgeBase) -> Schema:
    fields = {
        "title": TEXT,
        "never": promise(kb, "recommended", "available"),
        "always": promise(kb, "recommended"),
        "when": ref("when"),
        "as": direction(kb),
        "because": TEXT,
        "cite": ref("citations"),
    }
    way: Schema = {
        "required": ["never", "as"],
        "properties": {"never": promise(kb, "available"), "always": False, "when": False},
    }
    plain: Schema = {
        "required": ["when"],
        "properties": {"never": promise(kb, "recommended")},
        "oneOf": [{"required": ["never"]}, {"required": ["always"]}],
    }
    invariant = record("invariant", "title because cite", fields)
    invariant |= {"if": {"required": ["as"]}, "then": way, "else": plain}
    entries = named(KEBAB, invariant)
    return {**record("invariants", "invariants", {"invariants": entries}), "definitions": _shared(kb)}


def _references(_kb: KnowledgeBase) -> Schema:
    role = choice(*ROLES)
    claim = {"section": TEXT, "role": role, "text": TEXT, "reading": TEXT}
    guideline = {"title": TEXT, "year": TEXT, "text": TEXT, "verified": flag()}
    capitals = "^[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*$"
    sections = {
        "claims": record("claim", "section role text", claim),
        "guidelines": record("guideline", "title year text verified", guideline),
        "safety": record("safety", "text", {"text": TEXT}),
        "assumptions": record("assumption", "text", {"text": TEXT}),
    }
    entries = {
        key: {"type": "object", "additionalProperties": entry, "propertyNames": {"pattern": capitals}}
        for key, entry in sections.items()
    }
    return record("references", "", entries)


def _guidance(kb: KnowledgeBase) -> Schema:
    note = {
        "differs_from": several(word(claims(kb, "claim"), "a claim")),
        "verdict": choice(*VERDICTS),
        "text": TEXT,
        "sources": several(word(claims(kb, "guideline"), "a guideline")),
        "verified": flag(),
    }
    return record("guidance", "notes", {"notes": named(KEBAB, record("note", " ".join(note), note))})


# --- the ladder -------------------------------------------------------------------------------------------------------


def _ladder(kb: KnowledgeBase) -> Schema:
    titled = {"title": TEXT, "text": TEXT}
    group = {"title": TEXT, "steps": several(suggested({it.name: it.title for it in kb.steps.values()}))}
    advice = {**titled, "steps": several(suggested(places_of(kb)))}
    parts = {
        "steps": named(SNAKE, _step(kb), some=True),
        "groups": named(SNAKE, record("step group", "title steps", group)),
        "alerts": named(SNAKE, record("alert", "title text", titled)),
        "advice": named(SNAKE, record("advice", "title text steps", advice)),
    }
    citation = word(claims(kb), "a claim or another reference")
    return {**record("ladder", "steps", parts), "definitions": {"citations": several(citation)}}


def _step(kb: KnowledgeBase) -> Schema:
    offered = choice("by_default", "if_supported")
    option = {"title": TEXT, "offered": offered, "note": TEXT, "cite": ref("citations")}
    step = {
        "title": TEXT,
        "summary": TEXT,
        "gate": flag(),
        "meanwhile": suggested({it.name: it.title for it in kb.steps.values()}),
        "never_recommended": flag(),
        "cite": ref("citations"),
        "options": named(SNAKE, record("option", "title cite", option)),
    }
    return record("step", "title summary", step)


# --- patients and cases -----------------------------------------------------------------------------------------------


def _patient(kb: KnowledgeBase) -> Schema:
    return {**_facts(kb, kb.inputs.values(), panels=True), "type": ["object", "null"]}


def _site(kb: KnowledgeBase) -> Schema:
    of_site = [finding for finding in kb.inputs.values() if finding.group == "site"]
    return {**_facts(kb, of_site), "type": ["object", "null"]}


def _facts(kb: KnowledgeBase, findings: Iterable[Finding], *, panels: bool = False) -> Schema:
    """A mapping of findings, and perhaps of panels, to what is said of them."""
    known = {finding.name: value_of(finding) for finding in findings}
    answers = {it.name: panel_answer(f"{it.title}. {it.ask}") for it in kb.panels.values()} if panels else {}
    return {"type": "object", "properties": {**known, **answers}, "additionalProperties": False}


def _cases(kb: KnowledgeBase) -> Schema:
    given = _facts(kb, kb.inputs.values(), panels=True)
    worked = sorted(file.stem for file in (Path(kb.directory) / "patients").glob("*.yaml"))
    like = {**word(dict.fromkeys(worked, ""), "a worked patient"), "description": "a worked patient to start from"}
    given["properties"] = {"like": like, **given["properties"]}
    case = record("case", "name given expect", {"name": TEXT, "given": given, "expect": _expectation(kb)})
    return {"type": ["array", "null"], "items": case}


def _expectation(kb: KnowledgeBase) -> Schema:
    steps = {it.name: it.title for it in kb.steps.values()}
    rules = several(word({it.id: it.title for it in kb.rules.values()}, "a rule"), least=0)
    lists = {key: several(word(titles_of(kb, *it.targets), it.a_target), least=0) for key, it in LISTINGS.items()}
    status = choice(*STATUSES)
    statuses: Schema = {
        "type": "object",
        "properties": {name: {**status, "description": title} for name, title in steps.items()},
        "additionalProperties": False,
    }
    answers = ("certain", "provisional", "open")
    described = {key: {**value, "description": KEYS["expectation"][key]} for key, value in lists.items()}
    fields = {
        "answer": choice(*answers),
        "recommended": word({**steps, "none": "no step"}, "a step, or none"),
        **dict.fromkeys(("because", "silent", "open"), rules),
        **dict.fromkeys(("status", "presumed_status"), statuses),
        "possible": several(word(steps, "a step"), least=0),
        **lists,
        "findings": _facts(kb, (it for it in kb.findings.values() if it.concluded)),
        "forced": _facts(kb, kb.inputs.values()),
        "without": {"type": "object", "properties": described, "additionalProperties": False},
    }
    return {**record("expectation", "", fields), "minProperties": 1}


_KINDS: Mapping[str, Callable[[KnowledgeBase], Schema]] = {
    "knowledge": _knowledge,
    "vocabulary": vocabulary,
    "ladder": _ladder,
    "references": _references,
    "guidance": _guidance,
    "invariants": _invariants,
    "cases": _cases,
    "rules": _rules,
    "patient": _patient,
    "site": _site,
}
