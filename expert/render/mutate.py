"""What became of the mutants: survivors by line, each with a patient who tells it from the original; then the score."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import IO, Any

from expert.render.coverage import percent
from expert.render.plain import visible
from expert.render.terminal import Terminal
from expert.workbench.coverage import Count
from expert.workbench.mutate import Result, Score, score
from expert.workbench.telling import Apart, Telling


class MutationTerminal(Terminal):
    """Writes the results of mutation testing."""

    def results(self, results: Sequence[Result]) -> None:
        """Every mutant that no case kills, and a closing line."""
        for result in results:
            if result.verdict in ("survived", "unproved"):
                self._survivor(result)
        self.say(summary(score(results)))

    def _survivor(self, result: Result) -> None:
        mutant = result.mutant
        self.say(f"{mutant.at.file}:{mutant.at.line}: {mutant.told}  ({mutant.rule.id})", style="bold")
        if result.telling is None:
            self.say("not proved: the solver could not decide whether any patient sees a difference", 2)
        else:
            self.say("no case tells; this patient does:", 2)
            self.say(f"given: {given(result.telling)}", 4)
            for apart in result.telling.apart:
                self.say(told(apart), 4)
        self.say()


def summary(total: Score) -> str:
    """The score, and how it comes about."""
    left = [f"{total.survived} survived", f"{total.equivalent} equivalent and not counted"]
    if total.unproved:
        left.append(f"{total.unproved} not proved, counted as survived")
    return f"score {percentage(total)}: {total.killed} of {total.counted} mutants killed, {', '.join(left)}"


def percentage(total: Score) -> str:
    """The share of the counted mutants that were killed, rounded down."""
    return percent(Count(total.killed, total.counted, total.equivalent))


def given(telling: Telling) -> str:
    """The patient as the ``given`` of a case."""
    return "{" + ", ".join(f"{name}: {value}" for name, value in telling.given.items()) + "}"


def told(apart: Apart) -> str:
    """A difference as one line."""
    name = f" {apart.name}" if apart.name else ""
    return f"{apart.what}{name}: {apart.original}, and {apart.mutant} with the mutant"


def render_json(results: Sequence[Result]) -> str:
    """One object; the same for the same knowledge and cases, however it was worked out."""
    total = score(results)
    counted = {"killed": total.killed, "survived": total.survived}
    return json.dumps(
        {
            "score": 100 * total.killed / total.counted if total.counted else 100.0,
            **counted,
            "equivalent": total.equivalent,
            "unproved": total.unproved,
            "mutants": [_mutant(result) for result in results],
        },
        ensure_ascii=False,
        indent=2,
    )


def _mutant(result: Result) -> dict[str, Any]:
    mutant, telling = result.mutant, result.telling
    found: dict[str, Any] = {
        "file": visible(mutant.at.file),
        "line": mutant.at.line,
        "column": mutant.at.column,
        "rule": mutant.rule.id,
        "kind": mutant.kind,
        "mutant": mutant.told,
        "verdict": result.verdict,
    }
    if result.killed_by:
        found["killed_by"] = result.killed_by
    if telling:
        found["given"] = dict(telling.given)
        found["presumed"] = telling.presumed
        found["apart"] = [apart._asdict() for apart in telling.apart]
    return found


class Progress:
    """A bar on a terminal; nothing where there is none."""

    def __init__(self, file: IO[str], count: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        console = Console(file=file)
        columns = (TextColumn("mutants"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self.bar = Bar(*columns, console=console, transient=True, disable=not console.is_terminal)
        self.task = self.bar.add_task("", total=count)

    def __enter__(self) -> Progress:
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def advance(self) -> None:
        """One more is settled."""
        self.bar.advance(self.task)
