"""What people see of answers, by brute force: over all partial patients, and of pairs of complete ones."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import combinations, pairwise, product

import numpy as np
from numpy.typing import NDArray

from tests.fuzz.language import Draft, Line, lines_of
from tests.fuzz.meaning import Meaning
from tests.fuzz.truths import Flags, Name, Pair, Table

Seen = NDArray[np.int8]
"""A row for each patient: what people see of the answer."""


def partial_patients(meaning: Meaning) -> Table:
    """Every partial patient, those who cannot be as well."""
    places = [range(-1, len(cells)) for cells in meaning.cells.values()]
    found = np.array(list(product(*places)), np.int64)
    return {name: found[:, at] for at, name in enumerate(meaning.cells)}


def seen(meaning: Meaning, table: Table) -> Seen:
    """What people see of patients of whom all of this counts.

    A value that a concluded choice is known not to have reads as one of which nothing is known.
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


def seen_of_all(meaning: Meaning, table: Table) -> Seen:
    """What people see of all partial patients of a table who can be: over what is known, and as presumed."""
    it = meaning.background(table)
    found = []
    for view in (it.known, it.presumed):
        patients = {name: column[it.possible] for name, column in view.items()}
        found += [meaning.certain_places(patients)[:, None].astype(np.int8), seen(meaning, patients)]
    return np.concatenate(found, axis=1)


def _truth(pair: Pair) -> Seen:
    return pair.holds.astype(np.int8) - pair.fails.astype(np.int8)


def _step(truths: Mapping[Name, Pair], step: str) -> Seen:
    """Excluded, else unsupported, else available or not."""
    excluded, unsupported = truths["excludes", step].holds, truths["supports", step].fails
    found = np.where(unsupported, 2, _truth(truths["available", step]))
    words: Seen = np.where(excluded, 3, found).astype(np.int8)
    return words


MOST_PARTIAL = 2500
"""Of drafts with more partial patients, what people see is not compared over all of them."""


def has_many_partial_patients(meaning: Meaning) -> bool:
    """Whether there are more partial patients than are tried."""
    return bool(np.prod([len(cells) + 1 for cells in meaning.cells.values()]) > MOST_PARTIAL)


def same_to_all(one: Draft, other: Draft) -> bool:
    """Whether no partial patient sees a difference between two drafts of one vocabulary."""
    meanings = Meaning(one, also=[other]), Meaning(other, also=[one])
    table = partial_patients(meanings[0])
    rows = [seen_of_all(it, table) for it in meanings]
    return bool((rows[0] == rows[1]).all())


class Neighbours:
    """Pairs of complete patients who differ in a finding, and in what people see of them.

    Another finding may differ as well only if constraints tie it to that, and one alone, set back, would break one.
    """

    def __init__(self, meaning: Meaning) -> None:
        self.meaning, self.complete = meaning, meaning.complete
        rows = seen(meaning, meaning.complete)
        self.differ = (rows[:, None, :] != rows[None, :, :]).any(axis=2)
        sizes = [len(cells) for cells in meaning.cells.values()]
        self.strides = {name: int(np.prod(sizes[at + 1 :])) for at, name in enumerate(meaning.cells)}
        self.numbers = np.sum([column * self.strides[name] for name, column in self.complete.items()], axis=0)
        self.tied = _tied(meaning)

    def of(self, finding: str) -> Flags:
        """Of all pairs, those that are so."""
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
        """Of all pairs, those of which the second with the first one's value cannot be."""
        column = self.complete[name]
        back = self.numbers[None, :] + (column[:, None] - column[None, :]) * self.strides[name]
        needed: Flags = ~self.meaning.allowed[back]
        return needed

    def apart(self, finding: str, one: int, other: int) -> bool:
        """Whether a pair shows a difference between two values."""
        column = self.complete[finding]
        return bool(self.of(finding)[np.ix_(column == one, column == other)].any())

    def idle(self, finding: str) -> bool:
        """Whether a finding changes nothing, or two of its values or what a threshold divides do not."""
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
        return not all(self.apart(finding, *pair) for pair in meant)

    def _readers(self, finding: str) -> list[Line]:
        rules = self.meaning.draft["rules"].values()
        lines = (line for it in rules for key in ("when", "unless") for line in lines_of(it.get(key)))
        return [line for line in lines if line.finding == finding]

    def unasked(self, finding: str) -> bool:
        """Whether a follow-up matters to a pair of whom its question is not asked."""
        asked = self.meaning.premise(self.meaning.inputs[finding]["asked_if"], self.complete).holds
        return bool(self.of(finding)[np.ix_(~asked, ~asked)].any())

    @cached_property
    def available(self) -> dict[str, Flags]:
        """To which complete patients each step is available."""
        return {step: self.meaning.complete_truths["available", step].holds for step in self.meaning.steps}

    def regained(self, finding: str, rises: bool, steps: list[str]) -> bool:
        """Whether a step is available again to somebody whose finding alone has gone on."""
        column = self.complete[finding]
        ways = column[:, None] < column[None, :] if rises else column[:, None] > column[None, :]
        for name in self.meaning.cells:
            if name != finding:
                ways = ways & self._same(name)
        return any(bool((ways & ~it[:, None] & it[None, :]).any()) for it in (self.available[step] for step in steps))


def _tied(meaning: Meaning) -> dict[str, set[str]]:
    """For each finding, those that chains of constraints tie it to, itself included."""
    tied = {name: {name} for name in meaning.cells}
    for never in meaning.draft.get("constraints", {}).values():
        names = {line.finding for line in lines_of(never)}
        whole = set[str]().union(*(tied[name] for name in names))
        tied |= dict.fromkeys(whole, whole)
    return tied
