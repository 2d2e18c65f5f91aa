"""A Python function: straight-line code with one pair of conditions for each definition, the least that Python can do.

It is what one would write by hand who knows all rules, wants no reasons and does not mind the length.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from benchmarks.patients import Settled
from benchmarks.peers import Truths
from benchmarks.peers.pairs import Pairs
from expert.lang.definitions import Definitions
from expert.lang.premises import Name
from expert.lang.values import Facts


class Python:
    """The function, compiled."""

    def __init__(self, definitions: Definitions, goals: Sequence[Name]) -> None:
        namespace: dict[str, object] = {}
        exec(source(definitions, goals), namespace)
        self.function = cast(Callable[[Facts], Truths], namespace["conclude"])

    def conclude(self, patient: Settled) -> tuple[Truths, Truths]:
        return self.function(patient.known), self.function(patient.all)


def source(definitions: Definitions, goals: Sequence[Name]) -> str:
    """The text of a function that takes facts and returns the truths of the goals."""
    text = _Text(definitions)
    lines = ["def conclude(facts):", "    get = facts.get"]
    lines += [f"    {text.finding(name)} = get({name!r})" for name in definitions.kb.inputs]
    for name, premise in definitions.premises.items():
        lines += [f"    {text.name(name, truth)} = {text.condition(premise, truth)}" for truth in (True, False)]
    truths = (f"True if {text.name(name, True)} else False if {text.name(name, False)} else None" for name in goals)
    return "\n".join([*lines, f"    return ({', '.join(truths)},)"])


class _Text(Pairs):
    yes, no, unknown = "True", "False", "None"
    equals, differs = "is", "is not"

    def finding(self, name: str) -> str:
        return f"{name}_"  # a finding may be called as a keyword of Python is
