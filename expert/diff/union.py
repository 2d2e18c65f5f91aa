"""The findings of two knowledge bases as one vocabulary, so that a solver can look for a patient of both.

The other side ignores a finding of one side alone. A choice has the values of either side, a quantity
the range of both; a side accepts only what it has itself. A panel that is not the same on both sides is a finding here:
that *none of these* was answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final, Literal

from expert.lang.definitions import Definitions
from expert.lang.errors import Location
from expert.lang.model import KnowledgeBase
from expert.lang.premises import All, Compare, Premise
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import Finding, Kind, Panel
from expert.logic.domain import Domain
from expert.solve.connectives import Formula, constant, variable_of
from expert.solve.formulas import formulas_of
from expert.solve.to_smt import Formulas

Side = Literal["old", "new"]
OLD: Final = "old"
NEW: Final = "new"
SIDES: tuple[Side, Side] = (OLD, NEW)

NONE_OF = "none of {}"
"""The finding that *none of these* was answered to a panel."""

_NOWHERE = Location("", 0)


class Union(Definitions):
    """What can be given of a patient of either side, without rules and constraints.

    Attributes:
        sides: both knowledge bases; findings of one name are comparable.
        shared: the findings that both have, by name.
        own: for each side, the names of the findings that it alone has.
        panels: the panels that are not the same on both sides: for each side those that it has, by the name of the
            finding that *none of these* was answered.
    """

    def __init__(self, old: KnowledgeBase, new: KnowledgeBase) -> None:
        self.sides = {OLD: old, NEW: new}
        self.shared = {name: _shared(old.inputs[name], it) for name, it in new.inputs.items() if name in old.inputs}
        self.own = {side: [name for name in kb.inputs if name not in self.shared] for side, kb in self.sides.items()}
        differing = [
            it for it in {**new.panels, **old.panels} if not _same_panel(old.panels.get(it), new.panels.get(it))
        ]
        self.panels = {
            side: {NONE_OF.format(name): kb.panels[name] for name in differing if name in kb.panels}
            for side, kb in self.sides.items()
        }
        self.kb = new._replace(
            findings={it.name: it for it in self._findings()},
            panels={},
            rules={},
            constraints=(),
            plausible=(*new.plausible, *(it for it in old.plausible if it not in new.plausible)),
            invariants={},
            directions={},
        )
        self.premises, self.needs, self.inputs = {}, {}, {}

    def _findings(self) -> Iterator[Finding]:
        yield from self.shared.values()
        for side in (NEW, OLD):
            its = self.sides[side].inputs
            yield from (its[name]._replace(asked_if=None, presumed_unless=None) for name in self.own[side])
        for name in {**self.panels[NEW], **self.panels[OLD]}:
            yield Finding(name, name, Kind.YES_NO, _NOWHERE)

    def _distinguished(self) -> Iterator[Premise]:
        """All premises of both sides, and the numbers up to which only one side has values or that a panel gives."""
        for side, kb in self.sides.items():
            yield from (rule.premise for rule in kb.rules.values())
            yield from kb.scored
            yield from (All(constraint.never) for constraint in kb.constraints)
            yield from kb.presumed_unless.values()
            for name, finding in self.shared.items():
                its = kb.inputs[name]
                for bound, whole in ((its.low, finding.low), (its.high, finding.high)):
                    if bound != whole:
                        yield Compare(name, "<", bound, "")
            for panel in self.panels[side].values():
                yield from (Compare(name, "<", it, "") for name, it in panel.members.items() if isinstance(it, float))

    @cached_property
    def domain(self) -> Domain:
        """The patients of both sides, who meet no constraint yet."""
        return Domain(self, also=self._distinguished())

    @property
    def formulas(self) -> Formulas:
        """The values of their findings, as formulas."""
        return formulas_of(self.domain)

    def differing(self) -> Iterator[str]:
        """The shared findings with values that only one side accepts."""
        for name in self.shared:
            old, new = (kb.inputs[name] for kb in self.sides.values())
            if set(old.values) != set(new.values) or (old.low, old.high) != (new.low, new.high):
                yield name

    def accepts(self, side: Side, name: str, value: Value) -> bool:
        """Whether a side has a value of a finding that both have."""
        finding = self.sides[side].inputs[name]
        if isinstance(value, float):
            return finding.low <= value <= finding.high
        return isinstance(value, bool) or value in finding.values

    def accepted(self, side: Side, name: str) -> Formula:
        """`accepts` as a formula about the patient's value."""
        cells = [cell.value for cell in self.domain.cells[name] if self.accepts(side, name, cell.value)]
        return self.formulas.any([self.formulas.all(self.formulas.facts({name: value})) for value in cells])

    def neighbour(self, formulas: Iterable[Formula]) -> list[Formula]:
        """Formulas about values, as formulas about another patient."""
        return self.formulas.of_neighbour(list(formulas), self.kb.inputs)

    def fixed(self, facts: Facts) -> list[tuple[Formula, Formula]]:
        """What to put for the variables of some findings in formulas, so that they have these values."""
        return [
            (variable, constant(so, self.formulas.context))
            for name, value in facts.items()
            for variable, so in self._variables(name, value)
        ]

    def _variables(self, name: str, value: Value) -> Iterator[tuple[Formula, bool]]:
        values = self.kb.inputs[name].values
        if values:
            yield from ((self.formulas.is_value(name, str(it)), it == value) for it in values)
        else:
            yield from map(variable_of, self.formulas.facts({name: value}))


def _shared(before: Finding, after: Finding) -> Finding:
    values = (*after.values, *(value for value in before.values if value not in after.values))
    low, high = min(before.low, after.low), max(before.high, after.high)
    default = after.default if before.default == after.default else None
    return after._replace(values=values, low=low, high=high, default=default, asked_if=None, presumed_unless=None)


def _same_panel(before: Panel | None, after: Panel | None) -> bool:
    return before is not None and after is not None and dict(before.members) == dict(after.members)
