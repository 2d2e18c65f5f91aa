"""The meaning of a draft by brute force: truths for tables of patients, and every possible complete patient.

It follows ``knowledge/README.md``, and shares no code with ``expert``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tests.fuzz.language import Draft, cells_of, inputs_of, line, lines_of, listed, place_of, premises_of, value_of
from tests.fuzz.truths import Flags, Name, Pair, Table, Truths, any_of


class Background(NamedTuple):
    """Tables of what is given or a default, of what is known in addition, and of what is presumed in addition."""

    counted: Table
    known: Table
    presumed: Table
    possible: Flags


class Meaning:
    """The meaning of one draft; with ``also``, premises of other drafts divide the values of its findings as well."""

    def __init__(self, draft: Draft, also: Sequence[Draft] = ()) -> None:
        self.draft = draft
        self.inputs: Mapping[str, Any] = inputs_of(draft)
        self.concluded: Mapping[str, Any] = draft.get("concluded", {})
        self.steps = list(draft["steps"])
        self.options = {f"{step}.{it}": more for step, its in draft["steps"].items()
                        for it, more in its.get("options", {}).items()}  # fmt: skip
        thresholds: dict[str, list[float]] = {}
        for it in (it for one in (draft, *also) for premise in premises_of(one) for it in lines_of(premise)):
            if it.threshold is not None:
                thresholds.setdefault(it.finding, []).append(it.threshold)
        self.cells = {name: cells_of(it, thresholds.get(name, ())) for name, it in self.inputs.items()}
        self._lookup: dict[str, tuple[str, Flags, Flags]] = {}

    def place(self, name: str, text: str) -> int:
        """The index of the cell that a text means."""
        return place_of(self.cells[name], value_of(self.inputs[name], text))

    def table(self, patients: Sequence[Mapping[str, str]]) -> Table:
        """Patients as a table."""
        given = [self.given(it) for it in patients]
        return {
            name: np.array([self.place(name, it[name]) if name in it else -1 for it in given], np.int64)
            for name in self.inputs
        }

    def given(self, patient: Mapping[str, str]) -> dict[str, str]:
        """The given text of each finding; a panel that is *none* gives the texts of its members."""
        panels = self.draft.get("panels", {})
        members = {name: text for panel in patient if panel in panels for name, text in panels[panel].items()}
        return {**members, **{name: text for name, text in patient.items() if name not in panels}}

    # --- truths

    def truths(self, table: Table) -> dict[Name, Pair]:
        """The truths of every name for each patient of a table."""
        return Truths(self, table).of_every_name()

    def premise(self, premises: Any, table: Table) -> Pair:
        """The truth of premises that must all hold, for each patient of a table."""
        return Truths(self, table).all(premises)

    def literal(self, text: str, table: Table) -> Pair:
        """The truth of a premise of one line about an input."""
        if text not in self._lookup:
            it = line(text)
            holds = np.array([it.holds(cell.value) for cell in self.cells[it.finding]])
            unknown = np.array([False])  # where the place is -1
            self._lookup[text] = it.finding, np.append(holds, unknown), np.append(~holds, unknown)
        finding, holds, fails = self._lookup[text]
        return Pair(holds[table[finding]], fails[table[finding]])

    def rules_for(self, name: Name) -> list[str]:
        """The rules that conclude a name."""
        return self._rules_for.get(name, [])

    @cached_property
    def _rules_for(self) -> dict[Name, list[str]]:
        found: dict[Name, list[str]] = {}
        for rule, it in self.draft["rules"].items():
            for name in dict.fromkeys(self.conclusions(it["then"])):
                found.setdefault(name, []).append(rule)
        return found

    def conclusions(self, then: Any) -> Iterator[Name]:
        """The names that lines of a conclusion establish; a step group is replaced by its steps."""
        for text in listed(then):
            first, *rest = text.split()
            if first in ("supports", "excludes", "cautions", "prefers", "alert", "advise"):
                yield from ((first, it) for it in self.steps_of(rest[0]))
            else:
                yield ("finding", first, *rest[1:])

    def steps_of(self, name: str) -> Sequence[str]:
        """The steps that the name of a step or a group means."""
        found: Sequence[str] = self.draft.get("groups", {}).get(name, [name])
        return found

    # --- complete patients

    @cached_property
    def all_complete(self) -> Table:
        """All complete patients, including those that constraints forbid."""
        places = [range(len(cells)) for cells in self.cells.values()]
        found = np.array(list(product(*places)), np.int64).reshape(-1, len(places))
        return {name: found[:, at] for at, name in enumerate(self.cells)}

    @cached_property
    def allowed(self) -> Flags:
        """Which of them meet all constraints."""
        truths = Truths(self, self.all_complete)
        broken = [truths.all(never).holds for never in self.draft.get("constraints", {}).values()]
        return ~any_of(broken, truths.no)

    @cached_property
    def complete(self) -> Table:
        """The complete patients that constraints permit."""
        return {name: column[self.allowed] for name, column in self.all_complete.items()}

    @cached_property
    def complete_truths(self) -> dict[Name, Pair]:
        """Their truths."""
        return self.truths(self.complete)

    @cached_property
    def outcomes(self) -> NDArray[np.int64]:
        """The index of the step that is recommended for each of them; -1 for none."""
        found = np.full(int(self.allowed.sum()), -1)
        for place, step in enumerate(self.steps):
            found[self.complete_truths["recommended", step].holds] = place
        return found

    @cached_property
    def contradictory(self) -> Flags:
        """For which of them rules for two values of a concluded choice hold."""
        return self.contradicted(self.complete_truths)

    def contradicted(self, truths: Mapping[Name, Pair]) -> Flags:
        """For which patients rules for two values of a concluded choice hold."""
        found = np.zeros_like(next(iter(truths.values())).holds)
        for name, finding in self.concluded.items():
            values = finding.get("values", ())
            hold = [any_of([truths["rule", it].holds for it in self.rules_for(("finding", name, value))], found)
                    for value in values]  # fmt: skip
            found = found | (sum((it.astype(int) for it in hold), np.zeros(len(found), int)) > 1)
        return found

    # --- partial patients

    def completions(self, table: Table) -> Flags:
        """For each patient of a table, the complete patients that agree with the known values."""
        height = len(next(iter(table.values())))
        found = np.ones((height, int(self.allowed.sum())), bool)
        for name, column in table.items():
            found &= (column[:, None] == -1) | (column[:, None] == self.complete[name][None, :])
        return found

    def background(self, given: Table) -> Background:
        """The background of each patient of a table."""
        counted = dict(given)
        for name, it in self.inputs.items():
            if "default" in it:
                counted[name] = np.where(given[name] == -1, self.place(name, it["default"]), given[name])
        left = self.completions(counted)
        possible: Flags = np.asarray(left.any(axis=1))
        known = {name: self._forced(name, column, left) for name, column in counted.items()}
        presumed = dict(known)
        for name, it in self.inputs.items():
            if "usual" in it:
                place = self.place(name, it["usual"])
                with_it = left & (self.complete[name] == place)[None, :]
                makes = (presumed[name] == -1) & with_it.any(axis=1)
                if "presumed_unless" in it:
                    makes &= ~self.premise(it["presumed_unless"], known).holds
                presumed[name] = np.where(makes, place, presumed[name])
                left = np.where(makes[:, None], with_it, left)
        return Background(counted, known, presumed, possible)

    def _forced(self, name: str, column: NDArray[np.int64], left: Flags) -> NDArray[np.int64]:
        """A column with the value that all completions share, where there is one."""
        cells = self.cells[name]
        can = np.stack([left[:, self.complete[name] == place].any(axis=1) for place in range(len(cells))], axis=1)
        only = np.where(can.sum(axis=1) == 1, can.argmax(axis=1), -1)
        points = np.array([*(cell.point for cell in cells), False])
        return np.where((column == -1) & points[only], only, column)

    def led_to(self, table: Table) -> Flags:
        """For each patient and step, whether some completion leads to it; the last column is for no step."""
        left = self.completions(table)
        return np.stack([left[:, self.outcomes == it].any(axis=1) for it in (*range(len(self.steps)), -1)], axis=1)

    def certain_places(self, table: Table) -> NDArray[np.int64]:
        """The index of the step that all completions of each patient lead to; -1 where there is none."""
        led = self.led_to(table)
        alone = (led.sum(axis=1) == 1) & ~led[:, -1]
        return np.where(alone, led.argmax(axis=1), -1)

    def certain(self, table: Table) -> list[str | None]:
        """The step that all completions of each patient lead to."""
        return [None if place == -1 else self.steps[place] for place in self.certain_places(table)]

    def possible_steps(self, table: Table) -> list[list[str]]:
        """The steps that some completion of each patient leads to, in the ladder's order."""
        return [[step for step, it in zip(self.steps, row, strict=False) if it] for row in self.led_to(table)]
