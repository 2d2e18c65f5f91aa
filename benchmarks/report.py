"""What the benchmarks found, as values, and the page that shows it: ratios first, then figures and plots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.measure import Timed


class Ratio(NamedTuple):
    """A quotient of two measurements, and what the project asks of it, if anything."""

    what: str
    found: float
    least: float | None = None
    most: float | None = None

    @property
    def wanted(self) -> str:
        """The bound in words."""
        if self.least is not None:
            return f"at least {figure(self.least)}"
        return f"at most {figure(self.most)}" if self.most is not None else ""

    @property
    def met(self) -> str:
        """Whether the bound is kept; nothing where there is none."""
        if not self.wanted:
            return ""
        low = self.least is None or self.found >= self.least
        return "yes" if low and (self.most is None or self.found <= self.most) else "**no**"


class Table(NamedTuple):
    """Absolute figures."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


class Lines(NamedTuple):
    """A plot of one line for each name; both axes are logarithmic unless ``shares`` are on the first."""

    name: str
    title: str
    across: str
    up: str
    lines: Mapping[str, Mapping[float, float]]
    shares: bool = False


class Bars(NamedTuple):
    """A plot of one bar for each name, on a logarithmic axis."""

    name: str
    title: str
    across: str
    bars: Mapping[str, float]


class Section(NamedTuple):
    """One measurement: what was done, what came of it."""

    title: str
    text: str
    ratios: Sequence[Ratio] = ()
    tables: Sequence[Table] = ()
    plots: Sequence[Lines | Bars] = ()


def figure(number: float) -> str:
    """A number with three significant digits."""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def times(head: str, timed: Timed) -> Table:
    """A table of milliseconds and patients a second: the least time of all turns, and the median."""
    rows = [
        (name, figure(1000 * min(took)), figure(1000 * median(took)), figure(1 / median(took)))
        for name, took in timed.items()
    ]
    return Table((head, "least, ms a patient", "median", "patients a second"), rows)


# --- the page ---------------------------------------------------------------------------------------------------------


def page(sections: Sequence[Section], machine: str, command: str, today: date) -> str:
    """The whole page in Markdown."""
    return "\n".join(_lines(sections, machine, command, today)) + "\n"


def _lines(sections: Sequence[Section], machine: str, command: str, today: date) -> Iterator[str]:
    yield from ("# Benchmarks", "")
    yield from (f"{today.isoformat()}, by `{command}`.", f"{machine}.", "")
    yield from ("What is compared was measured in the same run, turn by turn; a ratio is the median of the turns.", "")
    yield from ("## Ratios", "")
    rows = [(it.what, figure(it.found), it.wanted, it.met) for section in sections for it in section.ratios]
    yield from _table(Table(("ratio", "measured", "wanted", "met"), rows))
    for section in sections:
        yield from ("", f"## {section.title}", "", section.text)
        for table in section.tables:
            yield ""
            yield from _table(table)
        for plot in section.plots:
            yield from ("", f"![{plot.title}](plots/{plot.name}.svg)")


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(table.heads)} |"
    yield f"|{'|'.join(['---', *('--:' for _ in table.heads[1:])])}|"
    for row in table.rows:
        yield f"| {' | '.join(row)} |"


def write(folder: Path, sections: Sequence[Section], machine: str, command: str, today: date) -> Path:
    """Write the page and its plots into a folder; the page's path is returned."""
    from benchmarks.plots import draw

    plots = folder / "plots"
    plots.mkdir(parents=True, exist_ok=True)
    for section in sections:
        for plot in section.plots:
            draw(plot, plots / f"{plot.name}.svg")
    results = folder / "RESULTS.md"
    results.write_text(page(sections, machine, command, today), "utf-8")
    return results
