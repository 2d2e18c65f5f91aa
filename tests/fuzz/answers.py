"""The expected answers to the patients of a draft, by the names of a cohort's columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from tests.fuzz.meaning import Meaning
from tests.fuzz.truths import Name, Pair, Table

WORDS = {True: "holds", False: "fails", None: "open"}
Truths = Mapping[Name, bool | None]
Conclusions = Mapping[str, Any]
_NOTHING: Mapping[Any, Any] = MappingProxyType({})


class Answer(NamedTuple):
    """The expected answer to one patient.

    Attributes:
        impossible: whether the given findings contradict each other; then the other attributes are empty.
        contradicted: whether rules for two values of a concluded choice hold, as presumed.
        doubtful: whether they hold for some completion, so that certainty is not defined.
        known, presumed: the truths of every name, from what is known and with the presumptions.
        forced, filled: the values that are forced, and those that are presumed, as indices of cells.
        conclusions: the columns of the answer.
        possible: the steps that are recommended for some completion of what is known.
        by_truths: the steps whose recommendation follows from the truths alone: as known, and as presumed.
    """

    impossible: bool
    contradicted: bool = False
    doubtful: bool = False
    known: Truths = _NOTHING
    presumed: Truths = _NOTHING
    forced: Mapping[str, int] = _NOTHING
    filled: Mapping[str, int] = _NOTHING
    conclusions: Conclusions = _NOTHING
    possible: tuple[str, ...] = ()
    by_truths: tuple[str | None, str | None] = (None, None)


def answers(meaning: Meaning, table: Table) -> list[Answer]:
    """The expected answer to each patient of a table."""
    background = meaning.background(table)
    known, presumed = meaning.truths(background.known), meaning.truths(background.presumed)
    contradicted = meaning.contradicted(presumed)
    doubtful = np.any(meaning.completions(background.counted) & meaning.contradictory[None, :], axis=1)
    certain, likely = meaning.certain(background.known), meaning.certain(background.presumed)
    possible = meaning.possible_steps(background.known)
    found = []
    for row, is_possible in enumerate(background.possible):
        if not is_possible:
            found.append(Answer(impossible=True))
            continue
        truths = _row(known, row), _row(presumed, row)
        found.append(
            Answer(
                impossible=False,
                contradicted=bool(contradicted[row]),
                doubtful=bool(doubtful[row]),
                known=truths[0],
                presumed=truths[1],
                forced=_added(background.counted, background.known, row),
                filled=_added(background.known, background.presumed, row),
                conclusions=_conclusions(meaning, *truths, certain[row], likely[row]),
                possible=tuple(possible[row]),
                by_truths=(_step(meaning, truths[0]), _step(meaning, truths[1])),
            )
        )
    return found


def _row(truths: Mapping[Name, Pair], row: int) -> Truths:
    return {name: True if it.holds[row] else False if it.fails[row] else None for name, it in truths.items()}


def _added(before: Table, after: Table, row: int) -> dict[str, int]:
    return {name: int(after[name][row]) for name in after if before[name][row] == -1 and after[name][row] != -1}


def _step(meaning: Meaning, truths: Truths) -> str | None:
    return next((step for step in meaning.steps if truths["recommended", step]), None)


def _conclusions(
    meaning: Meaning, known: Truths, presumed: Truths, certain: str | None, likely: str | None
) -> Conclusions:
    step = certain or likely
    after = meaning.draft["steps"][step].get("meanwhile") if step else None
    if after and presumed["excludes", after] is not False:
        after = None
    answer = "certain" if certain else "provisional" if step else "open"
    found: dict[str, Any] = {"impossible": False, "answer": answer, "recommended": step, "meanwhile": after}
    for before, truths, recommended in (("", known, certain), ("presumed_", presumed, step)):
        found |= {f"{before}status.{it}": status(meaning, truths, it, recommended) for it in meaning.steps}
        found |= {f"{before}{key}": value for key, value in _truths(meaning, truths)}
    for name in meaning.options:
        shown = name.split(".")[0] in (step, after)
        words = _option(known, name), _option(presumed, name), presumed["prefers", name] is True
        for prefix, word in zip(("option", "presumed_option", "preferred"), words, strict=True):
            found[f"{prefix}.{name}"] = word if shown else None
    return found


def _truths(meaning: Meaning, truths: Truths) -> Iterator[tuple[str, Any]]:
    yield from ((f"alert.{it}", WORDS[truths["alert", it]]) for it in meaning.draft.get("alerts", ()))
    yield from ((f"advice.{it}", WORDS[truths["given", it]]) for it in meaning.draft.get("advice", ()))
    yield from ((f"rule.{it}", truths["rule", it]) for it in meaning.draft["rules"])
    for name, it in meaning.concluded.items():
        if "values" in it:
            yield f"finding.{name}", next((word for word in it["values"] if truths["finding", name, word]), None)
        else:
            yield f"finding.{name}", truths["finding", name]


def status(meaning: Meaning, truths: Truths, name: str, recommended: str | None) -> str:
    """The status of a step: excluded beats unsupported beats open; behind a gate, an available step waits."""
    if truths["excludes", name]:
        return "excluded"
    if name == recommended or truths["recommended", name]:
        return "recommended"
    if truths["supports", name] is False:
        return "unsupported"
    if truths["available", name] is None:
        return "open"
    return "waiting" if recommended and "gate" in meaning.draft["steps"][recommended] else "available"


def _option(truths: Truths, name: str) -> str:
    offered = truths["offered", name]
    if offered is None:
        return "open"
    return "offered" if offered else "excluded" if truths["excludes", name] else "unsupported"
