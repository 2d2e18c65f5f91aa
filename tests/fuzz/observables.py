"""Observables of answers by brute force: for all partial patients, and for pairs of complete ones."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import combinations, pairwise, product

import numpy as np
from numpy.typing import NDArray

from tests.fuzz.language import Draft, Line, lines_of
from tests.fuzz.meaning import Meaning
from tests.fuzz.truths import Flags, Name, Pair, Table

Rows = NDArray[np.int8]
"""A row for each patient: the observables of the answer."""


def partial_patients(meaning: Meaning) -> Table:
    """Every partial patient, including the impossible ones."""
    places = [range(-1, len(cells)) for cells in meaning.cells.values()]
    found = np.array(list(product(*places)), np.int64)
    return {name: found[:, at] for at, name in enumerate(meaning.cells)}


def observables(meaning: Meaning, table: Table) -> Rows:
    """The observables of patients with these values.

    A value that a concluded choice is known not to have is not distinguished from an unknown one.
    """
    truths = meaning.truths(table)
    draft = meaning.draft
    found = [_step(truths, step) for step in meaning.steps]
    for option in meaning.options:
        found += [_truth(truths["offered", option]), _truth(truths["prefers", option])]
        found.append((truths["offered", option].fails & truths["excludes", option].holds).astype(np.int8))
    found += [_truth(truths["cautions", place]) for place in (*meaning.steps, *meaning.options)]
    found += [_truth(truths["alert", it]) for it in draft.get("alerts", ())]
    found += [_truth(truths["given", it]) for it in draft.get("advice", ())]
    findings = [name for name in sorted(truths) if name[0] == "finding"]
    found += [truths[it].holds.astype(np.int8) if it[2:] else _truth(truths[it]) for it in findings]
    return np.stack(found, axis=1)


def all_observables(meaning: Meaning, table: Table) -> Rows:
    """The observables of all possible patients of a table: over what is known, and as presumed."""
    it = meaning.background(table)
    found = []
    for view in (it.known, it.presumed):
        patients = {name: column[it.possible] for name, column in view.items()}
        found += [meaning.certain_places(patients)[:, None].astype(np.int8), observables(meaning, patients)]
    return np.concatenate(found, axis=1)


def _truth(pair: Pair) -> Rows:
    return pair.holds.astype(np.int8) - pair.fails.astype(np.int8)


def _step(truths: Mapping[Name, Pair], step: str) -> Rows:
    """The status of a step: excluded, else unsupported, else available or not."""
    excluded, unsupported = truths["excludes", step].holds, truths["supports", step].fails
    found = np.where(unsupported, 2, _truth(truths["available", step]))
    words: Rows = np.where(excluded, 3, found).astype(np.int8)
    return words


MOST_PARTIAL = 2500
"""The observables of drafts with more partial patients are not compared for all of them."""


def has_many_partial_patients(meaning: Meaning) -> bool:
    """Whether a draft has too many partial patients to compare all."""
    return bool(np.prod([len(cells) + 1 for cells in meaning.cells.values()]) > MOST_PARTIAL)


def same_for_all(one: Draft, other: Draft) -> bool:
    """Whether two drafts of one vocabulary have the same observables for every partial patient."""
    meanings = Meaning(one, also=[other]), Meaning(other, also=[one])
    table = partial_patients(meanings[0])
    rows = [all_observables(it, table) for it in meanings]
    return bool((rows[0] == rows[1]).all())


class Neighbours:
    """Pairs of complete patients that differ in a finding and in an observable.

    Another finding may differ as well only if constraints tie it to the first, and to reset it alone would break one.
    """

    def __init__(self, meaning: Meaning) -> None:
        self.meaning, self.complete = meaning, meaning.complete
        rows = np.concatenate([observables(meaning, meaning.complete), _presumed(meaning)], axis=1)
        self.differ = (rows[:, None, :] != rows[None, :, :]).any(axis=2)
        sizes = [len(cells) for cells in meaning.cells.values()]
        self.strides = {name: int(np.prod(sizes[at + 1 :])) for at, name in enumerate(meaning.cells)}
        self.numbers = np.sum([column * self.strides[name] for name, column in self.complete.items()], axis=0)
        self.tied = _tied(meaning)

    def of(self, finding: str) -> Flags:
        """The pairs for a finding, as flags over all pairs."""
        found: Flags = self.differ & ~self._same(finding)
        for name in self.meaning.cells:
            if name != finding:
                found = found & (self._same(name) | (self._needed(name) if name in self.tied[finding] else False))
        return found

    def _same(self, name: str) -> Flags:
        column = self.complete[name]
        same: Flags = np.equal(column[:, None], column[None, :])
        return same

    def _needed(self, name: str) -> Flags:
        """The pairs whose second patient, with the value of the first, is impossible."""
        column = self.complete[name]
        back = self.numbers[None, :] + (column[:, None] - column[None, :]) * self.strides[name]
        needed: Flags = ~self.meaning.allowed[back]
        return needed

    def distinguishes(self, finding: str, one: int, other: int) -> bool:
        """Whether some pair distinguishes two values."""
        column, pairs = self.complete[finding], self.of(finding)
        orders = (one, other), (other, one)
        return any(bool(pairs[np.ix_(column == its, column == others)].any()) for its, others in orders)

    def idle(self, finding: str) -> bool:
        """Whether a finding changes nothing, or no pair distinguishes two of its values or the sides of a threshold."""
        it, cells = self.meaning.inputs[finding], self.meaning.cells[finding]
        if not self.of(finding).any():
            return True
        if it["type"] == "choice":
            alike = it.get("alike", ())
            pairs = combinations(range(len(cells)), 2)
            meant = [pair for pair in pairs if not all(cells[place].value in alike for place in pair)]
        elif it["type"] == "quantity":
            truths = [[line.holds(cell.value) for cell in cells] for line in self._readers(finding)]
            if any(len(set(some)) == 1 for some in truths):
                return True
            meant = [pair for pair in pairwise(range(len(cells))) if any(it[pair[0]] != it[pair[1]] for it in truths)]
        else:
            meant = []
        return not all(self.distinguishes(finding, *pair) for pair in meant)

    def _readers(self, finding: str) -> list[Line]:
        rules = self.meaning.draft["rules"].values()
        lines = (line for it in rules for key in ("when", "unless") for line in lines_of(it.get(key)))
        return [line for line in lines if line.finding == finding]

    def unasked(self, finding: str) -> bool:
        """Whether a follow-up matters to a pair for which its question is not asked."""
        asked = self.meaning.premise(self.meaning.inputs[finding]["asked_if"], self.complete).holds
        return bool(self.of(finding)[np.ix_(~asked, ~asked)].any())

    @cached_property
    def available(self) -> dict[str, Flags]:
        """For each step, the complete patients to whom it is available."""
        return {step: self.meaning.complete_truths["available", step].holds for step in self.meaning.steps}

    def regained(self, finding: str, rises: bool, steps: list[str]) -> bool:
        """Whether progress of this finding alone makes a step available again for some patient."""
        column = self.complete[finding]
        ways = column[:, None] < column[None, :] if rises else column[:, None] > column[None, :]
        for name in self.meaning.cells:
            if name != finding:
                ways = ways & self._same(name)
        return any(bool((ways & ~it[:, None] & it[None, :]).any()) for it in (self.available[step] for step in steps))


def _presumed(meaning: Meaning) -> Rows:
    """For each complete patient, which conditions hold under which a usual value is not presumed."""
    conditions = [it["presumed_unless"] for it in meaning.inputs.values() if "presumed_unless" in it]
    found = [meaning.premise(it, meaning.complete).holds.astype(np.int8) for it in conditions]
    return np.stack([*found, np.zeros(int(meaning.allowed.sum()), np.int8)], axis=1)


def _tied(meaning: Meaning) -> dict[str, set[str]]:
    """For each finding, itself and those that chains of constraints tie it to."""
    tied = {name: {name} for name in meaning.cells}
    for never in meaning.draft.get("constraints", {}).values():
        names = {line.finding for line in lines_of(never)}
        whole = set[str]().union(*(tied[name] for name in names))
        tied |= dict.fromkeys(whole, whole)
    return tied
