"""Kleene's logic in the text of a language that has ``and``, ``or`` and ``not``: each truth is a pair of conditions.

One says when a premise is known to hold, the other when it is known to fail; while it is unknown, neither does.
"""

from __future__ import annotations

from collections.abc import Sequence

from expert.lang.definitions import Definitions
from expert.lang.premises import (
    OPPOSITE,
    All,
    Any,
    Compare,
    Concluded,
    Count,
    Exclusive,
    In,
    Is,
    Literal,
    Name,
    Not,
    Premise,
    without_count,
)


class Pairs:
    """Definitions as text; a language says how it writes constants, numbers, findings and names."""

    yes, no, unknown = "true", "false", "null"
    equals, differs = "==", "!="

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self.names = {name: f"d{index}" for index, name in enumerate(definitions.premises)}

    def finding(self, name: str) -> str:
        """How a finding is referred to."""
        return name

    def name(self, name: Name, truth: bool) -> str:
        """How it is written that a definition is known to hold, or known to fail."""
        return f"{self.names[name]}{'t' if truth else 'f'}"

    def number(self, number: float) -> str:
        """A threshold."""
        return repr(number)

    def condition(self, premise: Premise, truth: bool) -> str:
        """When a premise is known to have a truth."""
        match premise:
            case Concluded():
                return self.name(premise.name, truth)
            case Not():
                return self.condition(premise.premise, not truth)
            case All() | Any():
                every = isinstance(premise, All) is truth
                parts = [self.condition(part, truth) for part in premise.premises]
                return f"({self._joined(every, parts)})" if parts else self._constant(every)
            case Count():
                return self.condition(without_count(premise), truth)
            case Exclusive() if truth:
                return self.condition(premise.own, True)
            case Exclusive():
                own, others = self.condition(premise.own, True), self.condition(premise.others, True)
                return f"({self.condition(premise.own, False)} or (not {own} and {others}))"
            case Is() | In() | Compare():
                return self._literal(premise, truth)

    def _literal(self, literal: Literal, truth: bool) -> str:
        finding = self.finding(literal.finding)
        match literal:
            case Is(value=bool()):
                return f"{finding} {self.equals} {self._constant(literal.value is truth)}"
            case Compare():
                sign = literal.operator if truth else OPPOSITE[literal.operator]
                return (
                    f"({finding} {self.differs} {self.unknown} and {finding} {sign} {self.number(literal.threshold)})"
                )
            case _:
                values = literal.values if isinstance(literal, In) else (literal.value,)
                every = self.definitions.kb.findings[literal.finding].values
                wanted = [f'{finding} == "{value}"' for value in every if (value in values) is truth]
                return f"({self._joined(False, wanted)})" if wanted else self.no

    @staticmethod
    def _joined(every: bool, parts: Sequence[str]) -> str:
        return (" and " if every else " or ").join(parts)

    def _constant(self, truth: bool) -> str:
        return self.yes if truth else self.no
