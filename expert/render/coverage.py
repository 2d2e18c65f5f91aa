"""What the cases exercise, by kind, and the gaps, each on a line of its own."""

from __future__ import annotations

from expert.cases.coverage import KINDS, Coverage, DemandCounts
from expert.render.cases import gap_line
from expert.render.terminal import Terminal


class CoverageTerminal(Terminal):
    """Writes the coverage of the knowledge."""

    def coverage(self, coverage: Coverage) -> None:
        """The summary, then every gap; gaps are not wrapped, so that editors can follow them."""
        self.heading("Coverage, over what is known of each case and with the presumptions")
        rows = [self._row(KINDS[kind], count) for kind, count in coverage.counts.items()]
        self.columns([*rows, self._row("all", coverage.total)], (34, 12, 8))
        if coverage.gaps:
            self.heading("Gaps")
        for gap in coverage.gaps:
            for situation in gap.situations:
                note = "" if gap.decided else " (whether any patient could is not decided)"
                self.line(gap_line(gap.demand, situation.lacking) + note)

    @staticmethod
    def _row(title: str, count: DemandCounts) -> tuple[str, str, str, str]:
        exempt = f"{count.exempt} proved impossible" if count.exempt else ""
        return title, f"{count.met} of {count.possible}", percent(count), exempt


def percent(count: DemandCounts) -> str:
    """How much of it is met, rounded down, so that only all of it is 100 %."""
    tenths = 1000 * count.met // count.possible if count.possible else 1000
    return f"{tenths // 10} %" if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10} %"
