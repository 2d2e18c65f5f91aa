"""Nothing cites a reference."""

from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, lint


@lint("warning")
def check(knowledge: Knowledge) -> Iterator[Found]:
    """References that nothing cites, but for background."""
    kb = knowledge.kb
    citing = (kb.written_rules, kb.steps, kb.options, kb.invariants, kb.directions)
    cited = {name for entries in citing for entry in entries.values() for name in entry.cite}
    cited |= {rule.evidence.source for rule in kb.written_rules.values() if rule.evidence}
    cited |= {name for note in kb.notes.values() for name in (*note.differs_from, *note.sources)}
    for reference in kb.references.values():
        if reference.id not in cited and reference.role != "informative":
            yield Found(f"nothing cites the {reference.kind} {reference.id}", reference.at, reference.id)
