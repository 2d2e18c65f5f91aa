"""The verdicts on mutants: a table by rule, survivors with a patient whose answer each changes, and the score.

On request, what each case is worth to the score comes before the score.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from expert.cases.coverage import DemandCounts
from expert.cases.kill_matrix import Worth
from expert.cases.mutant_verdicts import Result, Score, score
from expert.cases.mutant_witness import MutantWitness
from expert.lang.errors import Location
from expert.render.cases import gap_line
from expert.render.check import from_here
from expert.render.coverage import percent
from expert.render.plain import counted, visible
from expert.render.terminal import Terminal

MOST_RULES = 20
"""The number of rules up to which each has a row."""


class MutationTerminal(Terminal):
    """Writes the results of mutation testing."""

    def results(self, results: Sequence[Result], cases: Sequence[Worth] | None = None) -> None:
        """How many mutants are killed by rule, those that survive, what ``cases`` are worth, and a closing line."""
        self._table(results)
        for result in results:
            if result.verdict in ("survived", "unproved"):
                self._survivor(result)
        if cases is not None:
            self._cases(cases)
        self.say(summary(score(results)))

    def _table(self, results: Sequence[Result]) -> None:
        """A row for each rule; of many rules, those without survivors are counted by file."""
        by_rule: dict[str, list[Result]] = {}
        for result in results:
            by_rule.setdefault(result.mutant.id, []).append(result)
        listed = {rule: its for rule, its in by_rule.items() if len(by_rule) <= MOST_RULES or _is_weak(its)}
        rows = [(_killed(its), rule, _rest(its)) for rule, its in listed.items()]
        by_file: dict[str, list[str]] = {}
        for rule, its in by_rule.items():
            if rule not in listed:
                by_file.setdefault(from_here(its[0].mutant.entry.at.file), []).append(rule)
        for file, rules in by_file.items():
            its = [result for rule in rules for result in by_rule[rule]]
            rows.append((_killed(its), counted(len(rules), "rule"), file))
        if rows:
            widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:2]]
            self.say("Mutants killed", style="bold")
            self.columns(rows, widths)
            self.say()

    def _cases(self, cases: Sequence[Worth]) -> None:
        """The mutants that only one case kills, by case; then the duplicates, each with what could replace it."""
        duplicates = [it for it in cases if it.is_duplicate]
        needed = [it for it in cases if not it.is_duplicate]
        for it in needed:
            self._case(it)
            self.say(f"the only case to kill {len(it.alone)} of its {len(it.kills)} mutants:", 2)
            for mutant in it.alone:
                self.say(f"{at(mutant.at)}: {mutant.change}", 4, hanging=2)
            self.say()
        if duplicates:
            self.say(_DUPLICATES)
            self.say()
        for it in duplicates:
            self._case(it)
            self.say(instead(it), 2, hanging=2)
            for demand, situation in it.covers:
                self.say(f"without it the coverage has a gap: {gap_line(demand, situation.lacking)}", 2, hanging=2)
            self.say()
        are = "is a duplicate" if len(duplicates) == 1 else "are duplicates"
        more = f"; {len(duplicates)} {are}" if duplicates else ""
        self.say(f"cases that are the only one to kill some of these mutants: {len(needed)}{more}")

    def _case(self, it: Worth) -> None:
        self.say(f"{at(it.case.at)}: {it.case.name}", style="bold")

    def _survivor(self, result: Result) -> None:
        mutant = result.mutant
        self.say(f"{mutant.at.place}: {mutant.change}  ({mutant.id})", style="bold")
        if result.witness is None:
            self.say("not proved: the solver could not decide whether any patient sees a difference", 2)
        else:
            self.say("no case notices, though the answer changes for this patient:", 2)
            self.say(f"given: {given(result.witness)}", 4)
            for it in result.witness.differences:
                self.say(f"{it.subject}: {it.before} -> {it.after} with the mutant", 4)
        self.say()


def _is_weak(its: Sequence[Result]) -> bool:
    total = score(its)
    return total.killed < total.counted


def _killed(its: Sequence[Result]) -> str:
    total = score(its)
    return f"{total.killed}/{total.counted}"


def _rest(its: Sequence[Result]) -> str:
    """The mutants of a rule that are not killed, counted."""
    total = score(its)
    parts = {"survived": total.survived, "not proved": total.unproved}
    return ", ".join(f"{number} {word}" for word, number in parts.items() if number)


def summary(total: Score) -> str:
    """The score with the counts behind it."""
    left = [f"{total.survived} survived", f"{total.equivalent} equivalent and not counted"]
    if total.unproved:
        left.append(f"{total.unproved} not proved, counted as survived")
    return f"score {percentage(total)}: {total.killed} of {total.counted} mutants killed, {', '.join(left)}"


def percentage(total: Score) -> str:
    """The share of the counted mutants that were killed, rounded down."""
    return percent(DemandCounts(total.killed, total.counted, total.equivalent))


def given(witness: MutantWitness) -> str:
    """The patient as the ``given`` of a case."""
    return "{" + ", ".join(f"{name}: {value}" for name, value in witness.given.items()) + "}"


def at(place: Location) -> str:
    """A place, named from the working directory."""
    return f"{from_here(place.file)}:{place.line}"


def instead(it: Worth) -> str:
    """Which other cases kill what a duplicate kills; those of one file are named by their lines."""
    if not it.kills:
        return "kills no mutant"
    lines: dict[str, list[str]] = {}
    for case in it.instead:
        lines.setdefault(from_here(case.at.file), []).append(f":{case.at.line}")
    places = "; ".join(f"{file}{', '.join(numbers)}" for file, numbers in lines.items())
    mutants = "1 mutant, which is" if len(it.kills) == 1 else f"{len(it.kills)} mutants, which are all"
    return f"kills {mutants} killed by {places}"


_DUPLICATES = (
    "Duplicates: other cases kill every mutant that these kill. Two of them may replace each other, so leave out one "
    "at a time."
)


def render_json(results: Sequence[Result], cases: Sequence[Worth] | None = None) -> str:
    """One object; the same in every run for the same knowledge and cases."""
    total = score(results)
    counted = {"killed": total.killed, "survived": total.survived}
    worth = {} if cases is None else {"cases": [_worth(it) for it in cases]}
    return json.dumps(
        {
            "score": 100 * total.killed / total.counted if total.counted else 100.0,
            **counted,
            "equivalent": total.equivalent,
            "unproved": total.unproved,
            "mutants": [_mutant(result) for result in results],
            **worth,
        },
        ensure_ascii=False,
        indent=2,
    )


def _worth(it: Worth) -> dict[str, Any]:
    """A case with what it is worth; other cases are named as by ``killed_by``, its mutants by their words."""
    alone = [{"file": visible(mutant.at.file), "line": mutant.at.line, "mutant": mutant.change} for mutant in it.alone]
    found: dict[str, Any] = {
        "file": visible(it.case.at.file),
        "line": it.case.at.line,
        "name": visible(it.case.name),
        "kills": len(it.kills),
        "alone": alone,
        "duplicate": it.is_duplicate,
    }
    if it.is_duplicate:
        found["instead"] = [case.at.place for case in it.instead]
        found["covers"] = [gap_line(demand, situation.lacking) for demand, situation in it.covers]
    return found


def _mutant(result: Result) -> dict[str, Any]:
    mutant, witness = result.mutant, result.witness
    found: dict[str, Any] = {
        "file": visible(mutant.at.file),
        "line": mutant.at.line,
        "column": mutant.at.column,
        "rule": mutant.id,
        "kind": mutant.kind,
        "mutant": mutant.change,
        "verdict": result.verdict,
    }
    if result.killed_by:
        found["killed_by"] = result.killed_by
    if witness:
        found["given"] = dict(witness.given)
        found["presumed"] = witness.presumed
        found["apart"] = [
            {"what": it.kind, "name": it.name, "original": str(it.before), "mutant": str(it.after)}
            for it in witness.differences
        ]
    return found
