"""Knowledge that is merely large: many findings in one rule set, thresholds on a quantity, values of a choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.small_ladder import choice, quantity, rule, write_ladder, yes_no

Parts = Mapping[str, Mapping[str, Any]]


def findings(number: int) -> Parts:
    """Each finding supports the first step by a rule of its own."""
    names = [f"f{index}" for index in range(number)]
    return {
        "findings": dict.fromkeys(names, yes_no("no")),
        "rules": {f"r{index}": rule(name, "supports a") for index, name in enumerate(names)},
    }


def pairs(number: int) -> Parts:
    """Each two findings support the first step together."""
    names = [f"f{index}" for index in range(number)]
    couples = enumerate(zip(names[::2], names[1::2], strict=True))
    return {
        "findings": dict.fromkeys(names, yes_no("no")),
        "rules": {f"r{index}": rule(list(couple), "supports a") for index, couple in couples},
    }


def any_of(number: int) -> Parts:
    """One condition holds by each of the findings."""
    names = [f"f{index}" for index in range(number)]
    return {"findings": dict.fromkeys(names, yes_no("no")), "rules": {"r": rule([{"any": names}], "supports a")}}


def all_of(number: int) -> Parts:
    """One condition holds by all of the findings."""
    names = [f"f{index}" for index in range(number)]
    return {"findings": dict.fromkeys(names, yes_no("yes")), "rules": {"r": rule(names, "supports a")}}


def thresholds(number: int) -> Parts:
    """Each rule compares one quantity with a number of its own; half of them support the first step."""
    whens = ((index, f"q > {index * 2 + 3}") for index in range(number))
    return {
        "findings": {"q": quantity("0 .. 100000", "1")},
        "rules": {f"r{index}": rule(when, "cautions a" if index % 2 else "supports a") for index, when in whens},
    }


def two_quantities(number: int) -> Parts:
    """Each rule compares two quantities with numbers of its own."""
    whens = ((index, [f"q > {index * 2 + 3}", f"p < {index * 3 + 1}"]) for index in range(number))
    return {
        "findings": {"q": quantity("0 .. 100000", "1"), "p": quantity("0 .. 100000", "1")},
        "rules": {f"r{index}": rule(when, "cautions a" if index % 2 else "supports a") for index, when in whens},
    }


def values(number: int) -> Parts:
    """A choice has many values, of which one supports the first step and half caution against the other."""
    names = [f"v{index}" for index in range(number)]
    return {
        "findings": {"c": choice(*names, usual="v0")},
        "rules": {
            "one": rule("c is v7", "supports a"),
            "half": rule(f"c in [{', '.join(names[8::2])}]", "cautions b"),
        },
    }


SHAPES: dict[str, Callable[[int], Parts]] = {
    it.__name__: it for it in (findings, pairs, any_of, all_of, thresholds, two_quantities, values)
}


def write_large(folder: Path, shape: str, number: int) -> Path:
    """A ladder of two steps, of which the second is always supported."""
    parts = SHAPES[shape](number)
    rules = {**parts["rules"], "bottom": rule("always", "supports b")}
    return write_ladder(folder, findings=parts["findings"], rules=rules, steps={"a": {}, "b": {}})
