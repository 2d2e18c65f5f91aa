"""The summary of a cohort as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from expert.columns.read.near_names import NearName
from expert.columns.summary import AlertCount, CheckCount, ColumnsRead, Sampled, StepCount, Summary, Transition
from expert.render.json import Shapes, footer, named, plain
from expert.render.plain import visible
from expert.render.terminal import LEAST, Terminal

MOST = 10
"""The number of kinds of faults, missing findings and changes that are listed."""

MOST_COLUMNS = 40
"""The number of columns that are listed."""


def write_summary(terminal: Terminal, it: Summary, today: date) -> None:
    """Write what was read, the steps, alerts, what is missing, what was rejected, and who is treated differently."""
    terminal.say(read(it), style="bold", hanging=2)
    if it.rejects:
        terminal.say(f"rejected rows, each with its faults: {it.rejects}", 2, hanging=2)
    _columns(terminal, it.columns)
    if it.answered:
        _steps(terminal, it.steps, it.answered)
    if it.alerts:
        _alerts(terminal, it.alerts, it.answered)
    if it.checks:
        _checks(terminal, it.checks, it.answered)
    if it.sampled and it.sampled.missing:
        _missing(terminal, it.sampled, it.answered)
    if it.reasons:
        _reasons(terminal, it)
    if it.against:
        _against(terminal, it.against)
    terminal.say()
    terminal.say(speed(it), style="dim")
    terminal.footer(it.kb, today)


def read(it: Summary) -> str:
    """The numbers of rows read, answered and rejected, in a line."""
    files = it.files[0] if len(it.files) == 1 else f"{len(it.files)} files"
    empty = f" + {it.empty:,} without content" if it.empty else ""
    return f"{count(it.rows, 'row')} of {files} = {it.answered:,} answered + {it.rejected:,} rejected{empty}"


def column_named(column: str, finding: str) -> str:
    """A column that is read, with its finding if its name differs in more than a unit."""
    column = shortened(column)
    return column if column.startswith(finding) else f"{column} ({finding})"


def shortened(name: str) -> str:
    """A name in one line, cut short where it is long."""
    name = " ".join(name[:200].split())
    return name if len(name) <= 60 else f"{name[:57]}..."


def warned(near: Sequence[NearName]) -> str:
    """A warning about columns that are passed on with names near those of findings; empty if there are none."""
    if not near:
        return ""
    some = ", ".join(f"{it.column} (near {it.finding})" for it in near[:MOST])
    more = f" and {len(near) - MOST:,} more" if len(near) > MOST else ""
    columns = "1 column is" if len(near) == 1 else f"{len(near):,} columns are"
    return f"{columns} not read, and named almost as a finding: {some}{more}"


REMEDY = "Rename such a column as the finding, or name it under columns: or pass: in a mapping file (--map)."
"""What to do about a column that is named almost as a finding."""


def speed(it: Summary) -> str:
    """How long it took."""
    if it.seconds < 1:
        return "less than a second"
    rate = f", {it.rows / it.seconds:,.0f} rows a second" if it.rows >= MANY else ""
    return f"{it.seconds:,.1f} s{rate}"


MANY = 1_000
"""Of fewer rows than this, their number in a second says nothing."""

FEW = 20
"""Of fewer patients than this, a share says less than the numbers."""


def share(part: int, whole: int) -> str:
    """A share in per cent: none of few patients, and none of nothing; some are never shown as none or as all."""
    if whole < FEW or not part:
        return ""
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return "<0.1%"
    return ">99.9%" if 99.9 < percent < 100 else f"{percent:.1f}%"


def count(number: int, what: str) -> str:
    """A number with what it counts."""
    return f"{number:,} {what}{'s' if number != 1 else ''}"


def _columns(terminal: Terminal, it: ColumnsRead) -> None:
    """Which columns were read, and which were not."""
    for what, names in (
        ("columns read", [column_named(*one) for one in it.read]),
        ("passed on, not read", [shortened(name) for name in it.passed]),
    ):
        more = f" and {len(names) - MOST_COLUMNS:,} more" if len(names) > MOST_COLUMNS else ""
        terminal.say(f"{what}: {', '.join(names[:MOST_COLUMNS]) or 'none'}{more}", 2, hanging=2)
    if it.near:
        terminal.say(f"{warned(it.near)}. {REMEDY}", 2, hanging=2)


def _table(terminal: Terminal, heads: Sequence[str], rows: Iterable[Sequence[int | str]]) -> None:
    """Titles, wrapped where they must be, and numbers under each other."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=any(heads), header_style="dim")
    table.add_column(heads[0])
    rows = list(rows)
    empty = {place for place, _ in enumerate(heads) if all(row[place] == "" for row in rows) and rows}
    for place, head in enumerate(heads[1:], 1):
        if place not in empty:
            table.add_column(head, justify="right", no_wrap=True)
    texts = [[f"{it:,}" if isinstance(it, int) else it for it in row] for row in rows]
    wide = [max(map(len, column)) + 2 for column in zip(heads, *texts, strict=True)]
    if sum(wide[1:]) + LEAST > terminal.width:
        return _stacked(terminal, heads, texts)
    for row in texts:
        title, *numbers = (it for place, it in enumerate(row) if place not in empty)
        table.add_row(Text(visible(title)), *numbers)
    return terminal.console.print(Padding.indent(table, 2))


def _stacked(terminal: Terminal, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """The same without columns, for which a narrow screen has no room: the numbers below their title."""
    for title, first, *others in rows:
        terminal.say(title, 2, hanging=2)
        named = (f"{head} {number}" for head, number in zip(heads[2:], others, strict=True) if number not in ("", "0"))
        terminal.say(", ".join([f"{heads[1]} {first}", *named]), 4, hanging=2)


def _steps(terminal: Terminal, steps: Sequence[StepCount], answered: int) -> None:
    terminal.heading("Recommended step")
    heads = ("", "patients", "share", "certain", "provisional", "open")
    rows = ((it.title, it.patients, share(it.patients, answered), it.certain, it.provisional, it.open) for it in steps)
    _table(terminal, heads, rows)


def _alerts(terminal: Terminal, alerts: Sequence[AlertCount], answered: int) -> None:
    terminal.heading("Alerts")
    rows = ((it.title, it.presumed, share(it.presumed, answered), it.holds, it.presumed - it.holds) for it in alerts)
    _table(terminal, ("", "patients", "share", "certain", "as assumed"), rows)


def _checks(terminal: Terminal, checks: Sequence[CheckCount], answered: int) -> None:
    terminal.heading("To be checked")
    _table(
        terminal, ("", "patients", "share"), ((it.because, it.patients, share(it.patients, answered)) for it in checks)
    )


def _missing(terminal: Terminal, it: Sampled, answered: int) -> None:
    sample = f", in a sample of {count(it.patients, 'patient')}" if it.patients < answered else ""
    terminal.heading(f"Not recorded, and could change the step{sample}")
    rows = ((one.title, one.patients, share(one.patients, it.patients)) for one in it.missing[:MOST])
    _table(terminal, ("", "", ""), rows)
    if len(it.missing) > MOST:
        terminal.say(f"and {count(len(it.missing) - MOST, 'other finding')}: --format json lists all", 2)


def _reasons(terminal: Terminal, it: Summary) -> None:
    terminal.heading("Why rows were rejected")
    width = len(f"{it.reasons[0].faults:,}")
    rows = [
        (f"{one.faults:,}".rjust(width), f"{one.reason} (first: {one.first})" if one.first else one.reason)
        for one in it.reasons[:MOST]
    ]
    terminal.columns(rows, [width])
    if len(it.reasons) > MOST:
        terminal.say(f"and {count(len(it.reasons) - MOST, 'other reason')}", 2)


def _against(terminal: Terminal, it: Transition) -> None:
    patients = sum(map(sum, it.matrix))
    terminal.heading(f"{it.changed:,} of {count(patients, 'patient')} with another step than by {_named(it)}")
    if it.steps:
        _matrix(terminal, it)
    for pair in it.changes[:MOST]:
        more = f" and {pair.patients - len(pair.first):,} more" if pair.patients > len(pair.first) else ""
        line = f"{pair.before} -> {pair.after}: {pair.patients:,} ({'; '.join(pair.first)}{more})"
        terminal.say(line, 2, hanging=2)
    if len(it.changes) > MOST:
        terminal.say(f"and {count(len(it.changes) - MOST, 'other pair')} of steps", 2)
    if it.surer:
        terminal.say(f"{count(it.surer, 'patient')} with the same step, and another certainty of it", 2, hanging=2)
    for names, which in ((it.only_old, "old"), (it.only_new, "new")):
        if names:
            terminal.say(f"only the {which} vocabulary has: {', '.join(names)}", 2, hanging=2)


def _named(it: Transition) -> str:
    """The old knowledge, by what distinguishes it from the new."""
    old, new = it.old, it.new
    same = (old.name, old.version) == (new.name, new.version)
    return f"{old.name} {old.version}" + (f" ({old.sha256[:8]})" if same else "")


def _matrix(terminal: Terminal, it: Transition) -> None:
    """How many go from each step (a row) to each other (a column), in as many blocks as the line needs."""
    terminal.say("from (row) to (column)", 2, "dim")
    names = ["", *(f"{number} {step}" for number, step in enumerate(it.steps, 1))]
    width = max(map(len, names))
    cells = [[f"{count:,}" if count else "." for count in row] for row in it.matrix]
    columns = [[str(number), *column] for number, column in enumerate(zip(*cells, strict=True), 1)]
    for block in _blocks(columns, terminal.width - 2 - width):
        for name, *row in zip(names, *block, strict=True):
            numbers = (number.rjust(_width(column)) for number, column in zip(row, block, strict=True))
            terminal.say(f"{name:<{width}}  {'  '.join(numbers)}", 2)


def _blocks(columns: Sequence[Sequence[str]], room: int) -> Iterator[list[Sequence[str]]]:
    """Columns that fit side by side in so many cells; at least one."""
    block: list[Sequence[str]] = []
    for column in columns:
        if block and sum(_width(it) + 2 for it in [*block, column]) > room:
            yield block
            block = []
        block.append(column)
    yield block


def _width(column: Sequence[str]) -> int:
    return max(3, *map(len, column))


# --- JSON -------------------------------------------------------------------------------------------------------------


def summary_to_json(it: Summary, today: date) -> dict[str, Any]:
    """The summary as dictionaries and lists."""

    def step(one: StepCount) -> dict[str, object]:
        share = one.patients / it.answered if it.answered else None
        return {**one._asdict(), "step": one.step or None, "patients": one.patients, "share": share}

    whole = {
        "files": it.files,
        "output": it.output,
        "rejects": it.rejects or None,
        "rows": it.rows,
        "answered": it.answered,
        "rejected": it.rejected,
        "empty": it.empty,
        "columns": {
            "read": [{"column": column, "finding": finding} for column, finding in it.columns.read],
            "passed": it.columns.passed,
            "near": it.columns.near,
        },
        "reasons": it.reasons,
        "steps": it.steps,
        "alerts": it.alerts,
        "checks": it.checks,
        "missing": it.sampled,
        "against": it.against,
        "seconds": round(it.seconds, 3),
    }
    shapes: Shapes = {
        StepCount: step,
        Sampled: named(patients="sample", missing="findings", to_ask=""),
        Transition: _transition,
    }
    return {**plain(whole, shapes), **footer(it.kb, today)}


def _transition(it: Transition) -> dict[str, object]:
    return {
        "knowledge": {"name": it.old.name, "version": it.old.version, "sha256": it.old.sha256},
        "changed": it.changed,
        "steps": it.steps,
        "from_to": {old: dict(zip(it.steps, row, strict=True)) for old, row in zip(it.steps, it.matrix, strict=True)},
        "changes": it.changes,
        "other_certainty": it.surer,
        "only_old": it.only_old,
        "only_new": it.only_new,
    }
