"""Lints of where knowledge comes from, and how old it is."""

from __future__ import annotations

from collections.abc import Iterator

from expert.check.lints.lint import Found, Knowledge, Lint
from expert.read.source import Mapping, location


def _unused_claims(knowledge: Knowledge) -> Iterator[Found]:
    kb = knowledge.kb
    citations = [rule.cite for rule in kb.rules.values()]
    citations += [step.cite for step in kb.steps.values()]
    citations += [option.cite for option in kb.options.values()]
    citations += [invariant.cite for invariant in kb.invariants.values()]
    citations += [direction.cite for direction in kb.directions.values()]
    citations += [(*note.differs_from, *note.sources) for note in kb.notes.values()]
    cited = {name for names in citations for name in names}
    for reference in kb.references.values():
        if reference.id not in cited and reference.role != "informative":
            yield Found(f"nothing cites the {reference.kind} {reference.id}", reference.at, reference.id)


def _missing_citations(knowledge: Knowledge) -> Iterator[Found]:
    for step in knowledge.kb.steps.values():
        if not step.cite:
            yield Found(f"the step {step.name} cites nothing", step.at, step.name)


def _overdue_review(knowledge: Knowledge) -> Iterator[Found]:
    kb = knowledge.kb
    tree = knowledge.trees[f"{knowledge.folder}/knowledge.yaml"]
    if kb.review_overdue(knowledge.today) and isinstance(tree, Mapping):
        at = location(tree.entries["review_due"])
        yield Found(f"the review was due on {kb.review_due}", at, "review_due")


LINTS = (
    Lint(
        "unused-claim",
        "warning",
        "Nothing cites a reference",
        "cite it where it is used, delete it, or give a claim that is only background 'role: informative'",
        """\
# references.yaml
claims:
  S03:
    section: II
    role: rule
    text: Ferns want shade.
""",
        """\
# references.yaml
claims:
  S03:
    section: II
    role: informative
    text: Ferns are older than flowers.
""",
        "A claim that asks for something and has no rule has been forgotten, and an unused source suggests evidence "
        "that no answer rests on.",
        _unused_claims,
    ),
    Lint(
        "missing-citation",
        "warning",
        "A step cites nothing",
        "add cite: with the claims, guidelines, safety entries or assumptions that the step comes from",
        """\
# ladder.yaml
steps:
  airing:
    title: Airing
    summary: Open the window.
""",
        """\
# ladder.yaml
steps:
  airing:
    title: Airing
    summary: Open the window.
    cite: [S01]
""",
        "Notes of current guidance reach a step through what it cites: without a citation nobody is told of one.",
        _missing_citations,
    ),
    Lint(
        "review-overdue",
        "warning",
        "The day on which the knowledge was to be reviewed has passed",
        "review the knowledge against its sources, then set 'reviewed' and 'review_due' anew",
        """\
# knowledge.yaml
review_due: 2001-01-31
""",
        """\
# knowledge.yaml
review_due: 2999-01-31
""",
        "Every answer is shown with a warning from that day on, and rightly: guidance changes.",
        _overdue_review,
    ),
)
