"""``references.yaml`` and ``guidance.yaml``: what is cited, and where current guidance differs from it."""

from __future__ import annotations

import re

from expert.lang.errors import quoted
from expert.lang.model import Note, Reference
from expert.read.fields import KEBAB, Fields, entries, names_of
from expert.read.source import Names, Node, Problems, Scalar, location

ID = re.compile(r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*")
ROLES = ("rule", "weak", "informative")
VERDICTS = ("disagrees", "partly", "silent", "later")
_SECTIONS = {
    "claims": ("claim", "section role text reading", "section role text"),
    "guidelines": ("guideline", "title year text verified", "title year text verified"),
    "safety": ("safety", "text", "text"),
    "assumptions": ("assumption", "text", "text"),
}


def read_references(node: Node | None, problems: Problems) -> tuple[dict[str, Reference], Names]:
    """Read everything that may be cited, with the names of all of it."""
    top = Fields(node, "the file of references", " ".join(_SECTIONS), "", problems)
    found: dict[str, Reference] = {}
    for section, (kind, keys, required) in _SECTIONS.items():
        for key, value in entries(top.get(section), section, None, problems):
            if not ID.fullmatch(key.text):
                message = f"{quoted(key.text)} is not the id of a reference"
                problems.add(key, message, expected="capitals, digits and hyphens, such as S32")
            if key.text in found:
                message = f"{quoted(key.text)} appears twice; first on line {found[key.text].at.line}"
                problems.add(key, message, expected="each id once")
            fields = Fields(value, f"an entry of {section}", keys, required, problems)
            reference = _reference(key, kind, fields)
            found.setdefault(key.text, reference)
    return found, names_of(top, *_SECTIONS)


def _reference(key: Scalar, kind: str, fields: Fields) -> Reference:
    return Reference(
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


def read_guidance(
    node: Node | None, references: dict[str, Reference], citations: Names, problems: Problems
) -> dict[str, Note]:
    """Read the notes of guidance."""
    keys = "differs_from verdict text sources verified"
    of_kind = {
        kind: Names((name for name, it in references.items() if it.kind == kind), whole=citations.whole)
        for kind in ("claim", "guideline")
    }
    found: dict[str, Note] = {}
    top = Fields(node, "the file of guidance", "notes", "notes", problems)
    for key, value in entries(top.get("notes"), "notes", KEBAB, problems):
        fields = Fields(value, "a note", keys, keys, problems)
        found[key.text] = Note(
            key.text,
            fields.names("differs_from", "a claim", of_kind["claim"]),
            fields.one_of("verdict", VERDICTS),
            fields.text("text"),
            fields.names("sources", "a guideline", of_kind["guideline"]),
            fields.flag("verified"),
            location(key),
        )
    return found
