"""``references.yaml`` and ``guidance.yaml``: what is cited, and where current guidance differs from it."""

from __future__ import annotations

from expert.lang.errors import quoted
from expert.lang.format import FORMS, Entries
from expert.lang.model import Note, Reference
from expert.read.fields import Fields, names_of
from expert.read.source import Names, Node, Problems, Scalar, location


def read_references(node: Node | None, problems: Problems) -> tuple[dict[str, Reference], Names]:
    """Read everything that may be cited, with the names of all of it."""
    top = Fields(node, FORMS["references"], problems)
    found: dict[str, Reference] = {}
    for section, its in top.form.keys.items():
        assert isinstance(its.value, Entries)
        for key, value in top.named(section):
            if key.text in found:
                message = f"{quoted(key.text)} appears twice; first on line {found[key.text].at.line}"
                problems.add(key, message, expected="each id once")
            kind = its.value.of
            found.setdefault(key.text, _reference(key, kind, Fields(value, FORMS[kind], problems)))
    return found, names_of(top, *top.form.keys)


def _reference(key: Scalar, kind: str, fields: Fields) -> Reference:
    return Reference(
        key.text,
        kind,
        fields.text("text"),
        location(key),
        title=fields.text("title"),
        section=fields.text("section"),
        role=fields.choice("role") if kind == "claim" else "",
        reading=fields.text("reading"),
        year=fields.text("year"),
        verified="verified" not in fields.entries or fields.flag("verified"),
    )


def read_guidance(
    node: Node | None, references: dict[str, Reference], citations: Names, problems: Problems
) -> dict[str, Note]:
    """Read the notes of guidance."""
    of_kind = {
        kind: Names((name for name, it in references.items() if it.kind == kind), whole=citations.whole)
        for kind in ("claim", "guideline")
    }
    found: dict[str, Note] = {}
    top = Fields(node, FORMS["guidance"], problems)
    for key, value in top.named("notes"):
        fields = Fields(value, FORMS["note"], problems)
        found[key.text] = Note(
            key.text,
            fields.names("differs_from", "a claim", of_kind["claim"]),
            fields.choice("verdict"),
            fields.text("text"),
            fields.names("sources", "a guideline", of_kind["guideline"]),
            fields.flag("verified"),
            location(key),
            fields.text("short"),
        )
    return found
