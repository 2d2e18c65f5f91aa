"""``references.yaml`` and ``guidance.yaml``: what is cited, and where current guidance differs from it."""

from __future__ import annotations

import re

from expert.model import Note, Reference
from expert.read.fields import KEBAB, Fields, entries
from expert.read.source import Node, Problems, location

ID = re.compile(r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*")
ROLES = ("rule", "weak", "informative")
VERDICTS = ("disagrees", "partly", "silent", "later")
_SECTIONS = {
    "claims": ("claim", "section role text reading", "section role text"),
    "guidelines": ("guideline", "title year text verified", "title year text verified"),
    "safety": ("safety", "text", "text"),
    "assumptions": ("assumption", "text", "text"),
}


def read_references(node: Node | None, problems: Problems) -> dict[str, Reference]:
    """Read everything that may be cited."""
    top = Fields(node, "the file of references", " ".join(_SECTIONS), "", problems)
    found: dict[str, Reference] = {}
    for section, (kind, keys, required) in _SECTIONS.items():
        for key, value in entries(top.get(section), section, None, problems):
            if not ID.fullmatch(key.text):
                problems.add(
                    key,
                    f"{key.text[:60]!r} is not the id of a reference",
                    expected="capitals, digits and hyphens, such as S32",
                )
            if key.text in found:
                problems.add(key, f"{key.text!r} appears twice; first at {found[key.text].at}")
                continue
            fields = Fields(value, f"an entry of {section}", keys, required, problems)
            found[key.text] = Reference(
                key.text,
                kind,
                fields.text("text"),
                location(key),
                title=fields.text("title"),
                section=fields.text("section"),
                role=fields.one_of("role", ROLES),
                reading=fields.text("reading"),
                year=fields.text("year"),
                verified="verified" not in fields.entries or fields.flag("verified"),
            )
    return found


def read_guidance(node: Node | None, references: dict[str, Reference], problems: Problems) -> dict[str, Note]:
    """Read the notes of guidance."""
    keys = "differs_from verdict text sources verified"
    claims = [id for id, reference in references.items() if reference.kind == "claim"]
    sources = [id for id, reference in references.items() if reference.kind == "guideline"]
    found: dict[str, Note] = {}
    top = Fields(node, "the file of guidance", "notes", "notes", problems)
    for key, value in entries(top.get("notes"), "notes", KEBAB, problems):
        fields = Fields(value, "a note", keys, keys, problems)
        found[key.text] = Note(
            key.text,
            fields.names("differs_from", "a claim", claims),
            fields.one_of("verdict", VERDICTS),
            fields.text("text"),
            fields.names("sources", "a guideline", sources),
            fields.flag("verified"),
            location(key),
        )
    return found
