"""JSON Schemas (draft 07) for the files of a knowledge folder, so that an editor completes and underlines.

Each schema accepts every text of its file that the reader accepts with the other files of the folder. So what one
file both defines and uses (a group of the vocabulary, a step of a step group) is completed but not
enforced there, while what another file defines is enforced: a misspelt finding in a rule is underlined. What the reader
rejects and a schema accepts is left to ``expert check``: names that appear twice, units and ranges, loops.
"""

from __future__ import annotations

from pathlib import Path

from expert.edit.schema_entries import Mappings, citations, facts, premises, when
from expert.edit.schema_texts import Schema, premise, premise_examples, premise_of_any_finding
from expert.lang.folder_layout import FILES
from expert.lang.model import KnowledgeBase

DRAFT = "http://json-schema.org/draft-07/schema#"


def schemas(kb: KnowledgeBase) -> dict[str, Schema]:
    """A schema for each kind of file."""
    mappings = Mappings(kb)
    return {
        kind: {"$schema": DRAFT, "description": f"{files} of {kb.name} {kb.version}", **_file(mappings, kind)}
        for kind, files in FILES.items()
    }


def file_name(kind: str) -> str:
    """The name of the file that holds the schema of a kind."""
    return f"{kind}.schema.json"


def associations(knowledge: Path, schemas_in: Path) -> dict[str, list[str]]:
    """Which files each schema is for, as the setting ``yaml.schemas`` of an editor names them."""
    found = {}
    for kind, files in FILES.items():
        globs = [(knowledge / files).as_posix()]
        if kind == "rules":
            globs.append(f"!{(knowledge / FILES['cases']).as_posix()}")
        found[(schemas_in / file_name(kind)).as_posix()] = globs
    return found


def _file(mappings: Mappings, kind: str) -> Schema:
    kb = mappings.kb
    if kind == "patient":
        return {**facts(kb, kb.given.values(), panels=True), "type": ["object", "null"]}
    if kind == "site":
        of_site = [finding for finding in kb.given.values() if finding.group == "site"]
        return {**facts(kb, of_site), "type": ["object", "null"]}
    if kind == "cases":
        return {"type": ["array", "null"], "items": mappings.of("case")}
    definitions = _definitions(kb, kind)
    return {**mappings.of(kind), **({"definitions": definitions} if definitions else {})}


def _definitions(kb: KnowledgeBase, kind: str) -> dict[str, Schema]:
    """What the schema of a kind of file refers to."""
    findings = [*kb.inputs.values(), *kb.concluded.values()]
    if kind == "vocabulary":  # it defines the findings
        return premises(premise_of_any_finding(premise_examples(findings)))
    if kind == "ladder":
        return {"citations": citations(kb)}
    if kind not in ("rules", "invariants"):
        return {}
    found = premises(premise(findings))
    return {**found, "when": when(found["premises"]), "citations": citations(kb)}
