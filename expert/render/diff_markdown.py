"""A semantic difference as a comment on a pull request: tables, the edits as a diff, and the rest folded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from expert.diff.difference import KnowledgeDifference, StepChange
from expert.render.diff import case_lines, recommended
from expert.render.diff_review import Review, ReviewedPart, Row, Rows, review_of
from expert.render.diff_summary import change_of
from expert.render.markdown import escape
from expert.render.plain import counted, visible

MOST_EDITS = 20
"""The number of edits that are shown, each with up to `MOST_LINES` lines taken out and as many put in."""

MOST_LINES = 10

MOST_ROWS = 30
"""The number of rows of a folded table: a comment has a limited length."""


def render_markdown(it: KnowledgeDifference) -> str:
    """The comment."""
    return "\n\n".join(_paragraphs(it, review_of(it)))


def _paragraphs(it: KnowledgeDifference, review: Review) -> Iterator[str]:
    yield f"**{escape(review.headline)}**"
    numbered = len(review.edits) > 1
    for part in review.parts:
        yield from _part(part, numbered)
    if it.cohort:
        yield escape(
            f"{len(it.cohort.different)} of {counted(it.cohort.patients, 'patient')} would be treated differently."
        )
    yield from _edits(review, numbered)
    yield from _list("In one version only", it.named)
    yield from _list("Not proved", it.unproved)
    cases = [line for changes in (it.shared, it.own) for line in _cases(changes.steps)]
    if cases:
        yield from _folded("Cases to copy", _fenced("yaml", cases))
    yield escape(review.between)


def _part(it: ReviewedPart, numbered: bool) -> Iterator[str]:
    if it.title:
        yield f"### {escape(it.title)}"
    if it.steps:
        yield _table(("Recommended step", "becomes"), it.steps, numbered)
    if it.more:
        yield "There are more such patients: `expert diff --full` describes them."
    if it.others:
        counts = ", ".join(f"{escape(its.title)} ({len(its.rows)})" for its in it.others)
        tables = [part for its in it.others for part in _other(its, numbered)]
        yield from ("### Also changed", *tables) if it.few else _folded(f"Also changed: {counts}", *tables)


def _other(it: Rows, numbered: bool) -> Iterator[str]:
    yield f"**{escape(it.title.capitalize())}**"
    yield _table(("From", "to"), it.rows[:MOST_ROWS], numbered)
    if len(it.rows) > MOST_ROWS:
        yield f"and {len(it.rows) - MOST_ROWS} more: `expert diff --full`"


def _table(heads: tuple[str, str], rows: Sequence[Row], numbered: bool) -> str:
    """Rows as a table, without columns that would be empty."""
    named = any(row.name for row in rows)
    cells = [
        [*([_code(row.name)] if named else []), _code(row.before), _code(row.after), escape(row.example),
         *([row.edits] if numbered else [])]
        for row in rows
    ]  # fmt: skip
    titles = [*(["What"] if named else []), *heads, "for example", *(["edit"] if numbered else [])]
    return "\n".join(f"| {' | '.join(line)} |" for line in (titles, ["---"] * len(titles), *cells))


def _edits(review: Review, numbered: bool) -> Iterator[str]:
    if review.edits:
        yield "### Edits"
    for number, edit in enumerate(review.edits[:MOST_EDITS], 1):
        place = f"{_code(edit.at.place)}: {edit.kind} {_code(edit.id)} {change_of(edit)}"
        yield f"{number}\\. {place}" if numbered else place
        if lines := [*_marked("-", edit.removed), *_marked("+", edit.added)]:
            yield _fenced("diff", lines)
    if len(review.edits) > MOST_EDITS:
        yield counted(len(review.edits) - MOST_EDITS, "more edit")


def _marked(sign: str, lines: Sequence[str]) -> Iterator[str]:
    yield from (f"{sign} {visible(line)}" for line in lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        yield f"{sign} ... {counted(len(lines) - MOST_LINES, 'more line')}"


def _cases(steps: Sequence[StepChange]) -> Iterator[str]:
    for change in steps:
        yield from case_lines(
            f"{change.before} -> {change.after}", change.classes[0].witness, recommended(change.after)
        )


def _list(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"### {title}"
        more = [f"- {len(lines) - MOST_ROWS} more"] if len(lines) > MOST_ROWS else []
        yield "\n".join([*(f"- {escape(line)}" for line in lines[:MOST_ROWS]), *more])


def _folded(title: str, *paragraphs: str) -> Iterator[str]:
    """Paragraphs that open on a click; blank lines keep their Markdown."""
    yield f"<details><summary>{title}</summary>"
    yield from paragraphs
    yield "</details>"


def _fenced(language: str, lines: Sequence[str]) -> str:
    """Lines as they are, between fences longer than any in them."""
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}{language}", *lines, fence])


def _code(text: str) -> str:
    """A text in a cell as code; one with characters that end code or a cell is escaped instead."""
    return f"`{text}`" if text and not set(text) & set("`|\\") and text.isprintable() else escape(text)
