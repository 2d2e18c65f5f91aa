"""A semantic difference on one screen: a table of changed steps, the edits, and how much else changes."""

from __future__ import annotations

from collections.abc import Sequence

from expert.diff.difference import KnowledgeDifference
from expert.diff.edits import Edit
from expert.render.diff import write_cohort, write_one_sided
from expert.render.diff_review import ReviewedPart, Row, Rows, review_of
from expert.render.diff_summary import change_of, small
from expert.render.plain import counted
from expert.render.terminal import Terminal

MOST_STEPS = 12
"""The number of changes of the step that are shown."""

MOST_NAMES = 3
"""The number of changes of one kind that are named."""

MOST_EDITS = 8
"""The number of edits that are shown, each with up to `MOST_LINES` lines taken out and as many put in."""

MOST_LINES = 3
MOST_UNPROVED = 5
LEAST_EXAMPLE = 30
"""The width of the column of examples below which there is no table."""


def write_brief(terminal: Terminal, it: KnowledgeDifference) -> None:
    """Write what a reviewer reads first."""
    review = review_of(it)
    terminal.say(review.headline, style="bold")
    terminal.say(review.between)
    numbered = len(review.edits) > 1
    for part in review.parts:
        _steps(terminal, part, numbered)
    _edits(terminal, review.edits, numbered)
    for part in review.parts:
        _also(terminal, part)
    write_one_sided(terminal, it, most=MOST_EDITS)
    if it.cohort:
        write_cohort(terminal, it.cohort)
    _not_proved(terminal, it.unproved)
    if review.parts or review.edits:
        terminal.say()
        terminal.say("Everything, with cases to copy: --full. For a pull request: --format markdown.", style="dim")


def _steps(terminal: Terminal, it: ReviewedPart, numbered: bool) -> None:
    """The changed steps as a table; where it would have no room for examples, each change above its example."""
    if not it.steps:
        return
    terminal.heading(_titled("Recommended step", it))
    rows = (Row("", "from", "to", "for example", "edit"), *it.steps[:MOST_STEPS])
    cells = [(row.before, row.after, *([row.edits] if numbered else []), row.example) for row in rows]
    widths = [max(map(len, column)) for column in list(zip(*cells, strict=True))[:-1]]
    if terminal.width - sum(widths) - 2 * len(cells[0]) >= LEAST_EXAMPLE:
        terminal.columns(cells, widths, styles=["dim"])
    else:
        for row in rows[1:]:
            terminal.say(f"{row.before} -> {row.after}{f' [{row.edits}]' if numbered else ''}", 2, hanging=2)
            terminal.say(row.example, 4, hanging=2)
    if len(it.steps) > MOST_STEPS:
        terminal.say(f"{len(it.steps) - MOST_STEPS} more changes of the step: --full", 2, "dim", hanging=2)
    elif it.more:
        terminal.say("There are more such patients: --full describes them.", 2, "dim", hanging=2)


def _also(terminal: Terminal, it: ReviewedPart) -> None:
    if it.others:
        terminal.heading(_titled("Also changed", it))
    for its in it.others:
        if it.few:
            terminal.say(its.title, 2)
            for row in its.rows:
                terminal.say(f"{f'{row.name}: ' if row.name else ''}{row.before} -> {row.after}", 4, hanging=2)
                terminal.say(f"for example: {row.example}", 6, "dim", hanging=2)
        else:
            terminal.say(f"{its.title} ({len(its.rows)}): {_named(its)}", 2, hanging=4)


def _titled(what: str, it: ReviewedPart) -> str:
    return f"{what}, {small(it.title)}" if it.title else what


def _named(it: Rows) -> str:
    """The first changes of a kind, and how many more there are."""
    names = [
        row.name if row.name and len(it.rows) >= MOST_NAMES else f"{row.name} {row.before} -> {row.after}".strip()
        for row in it.rows
    ]
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{'; '.join(names[:MOST_NAMES])}{more}"


def _edits(terminal: Terminal, edits: Sequence[Edit], numbered: bool) -> None:
    if edits:
        terminal.heading("Edits")
    for number, edit in enumerate(edits[:MOST_EDITS], 1):
        terminal.say(
            f"{f'{number}  ' if numbered else ''}{edit.at.place} {edit.kind} {edit.id} {change_of(edit)}",
            2,
            hanging=2,
        )
        for sign, lines in (("-", edit.removed), ("+", edit.added)):
            for line in lines[:MOST_LINES]:
                terminal.say(f"{sign} {line}", 4, "dim", hanging=2)
            if len(lines) > MOST_LINES:
                terminal.say(f"{sign} ... {counted(len(lines) - MOST_LINES, 'more line')}", 4, "dim")
    if len(edits) > MOST_EDITS:
        terminal.say(counted(len(edits) - MOST_EDITS, "more edit"), 2)


def _not_proved(terminal: Terminal, lines: Sequence[str]) -> None:
    if lines:
        terminal.heading("Not proved")
    for line in lines[:MOST_UNPROVED]:
        terminal.say(line, 2, hanging=2)
    if len(lines) > MOST_UNPROVED:
        terminal.say(f"{len(lines) - MOST_UNPROVED} more", 2)
