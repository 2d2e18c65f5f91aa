"""Knowledge with one long chain of findings, each concluded from the one before; a function for each kind of link."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.small_ladder import Entry, choice, rule, write_ladder, yes_no

Link = Mapping[str, Entry]
"""The rules that conclude one finding, by their ids."""


def plain(number: int, below: str) -> Link:
    """Each finding holds if the one before it holds."""
    return {f"r{number}": rule(below, f"c{number}")}


def nested(number: int, below: str) -> Link:
    """Each finding depends on the one before it several times, in conditions of the greatest depth allowed."""
    ways = {"any": [{"all": [below, "g"]}, {"all": [below, "not g"]}, {"not": [f"not {below}", "h"]}]}
    return {f"r{number}": rule([below, ways], f"c{number}", unless=["h"])}


def by_choice(number: int, below: str) -> Link:
    """Each finding is a choice with the value of the choice before it, and *none* by default."""
    high, low = (f"{below} is high", f"{below} is low") if number else ("f", "g")
    return {
        f"high{number}": rule(high, f"c{number} is high"),
        f"low{number}": rule(low, f"c{number} is low", unless=[high]),
    }


def paired(number: int, below: str) -> Link:
    """Each odd finding depends on the one before it through two rules."""
    if number % 2 == 0:
        return {f"r{number}": rule(below, [f"c{number}", f"d{number}"])}
    return {f"r{number}": rule([below, f"d{number - 1}"], f"c{number}")}


KINDS: dict[str, Callable[[int, str], Link]] = {
    "plain": plain,
    "nested": nested,
    "choice": by_choice,
    "paired": paired,
}


def write_chain(folder: Path, kind: str, links: int, **more: Any) -> Path:
    """A ladder whose first step depends on the last of so many findings, each concluded from the one before."""
    last = f"c{links - 1}"
    rules: dict[str, Entry] = {}
    for number in range(links):
        rules |= KINDS[kind](number, f"c{number - 1}" if number else "f")
    rules["top"] = rule(f"{last} is high" if kind == "choice" else last, "supports a")
    rules["bottom"] = rule("always", "supports b")
    return write_ladder(
        folder,
        findings={name: yes_no("no") for name in "fgh"},
        concluded={name: _entry(kind) for name in _names(kind, links)},
        rules=dict(reversed(rules.items())),  # the last link first: the order in the file is no help
        steps={"a": {}, "b": {}},
        patients={"given": {"f": "yes"}},
        cases=[{"name": "By the whole chain", "given": {"f": "yes"}, "expect": {"recommended": "a"}}],
        **more,
    )


def _names(kind: str, links: int) -> Iterator[str]:
    for number in range(links):
        yield f"c{number}"
        if kind == "paired" and number % 2 == 0:
            yield f"d{number}"


def _entry(kind: str) -> Entry:
    return choice("none", "low", "high", otherwise="none") if kind == "choice" else {}
