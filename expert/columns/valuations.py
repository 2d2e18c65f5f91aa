"""Valuations of findings by columns: as given, with forced values, with presumed ones, as a witness completes them.

Each adds to the one before it values of what that leaves unknown. A value that is added for some patients makes a
premise that it meets hold there, and any other fail: of what is unknown, either is one of the two truths that a premise
has anyway.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from expert.columns.flags import Flag
from expert.columns.to_columns import Among, Columns, FlagPair, Valuation
from expert.lang.premises import NEVER, Premise, literals
from expert.lang.values import Facts, Value
from expert.logic.constraints import Tied


class AsGiven:
    """What is given, and the defaults that count as given."""

    def __init__(self, columns: Columns) -> None:
        self.columns, self.inputs = columns, columns.kb.inputs

    def literal(self, literal: Among) -> FlagPair:
        """As given, or by the default."""
        given, default = self.columns.as_given(literal), self.inputs[literal.finding].default
        return given if default is None else _filled(self.columns, given, literal, default)

    def open(self, finding: str) -> Flag:
        """Where it is not given."""
        return self.inputs[finding].default is None and self.columns.unknown(finding)

    def restricted(self, _findings: Collection[str], /) -> Valuation:
        """The same for any findings."""
        return self


class WithForced(AsGiven):
    """What is known: what is given, and the values that constraints force.

    Args:
        forcing: findings with values, each with what forces it where the finding is not given.
    """

    def __init__(self, given: AsGiven, forcing: Mapping[str, Sequence[tuple[Value, Premise]]]) -> None:
        super().__init__(given.columns)
        self.given, self.forcing = given, forcing
        self._forced: dict[str, dict[Value, Flag]] = {}

    def forced(self, finding: str) -> dict[Value, Flag]:
        """The values that a finding may be forced to have, each with when it is."""
        if finding not in self._forced:
            columns, where = self.columns, self.given.open(finding)
            self._forced[finding] = {
                value: columns.all((where, columns.of(self.given, why).holds))
                for value, why in self.forcing.get(finding, ())
                if where is not False
            }
        return self._forced[finding]

    def literal(self, literal: Among) -> FlagPair:
        """As given, or as forced."""
        truths = self.given.literal(literal)
        for value, where in self.forced(literal.finding).items():
            truths = _filled_where(self.columns, truths, literal, value, where)
        return truths

    def open(self, finding: str) -> Flag:
        """Where it is not forced either."""
        forced = (self.columns.without(it) for it in self.forced(finding).values())
        return self.columns.all((self.given.open(finding), *forced))


class _Exclusion(NamedTuple):
    """What excludes the usual value of a finding, over the findings that are presumed before it."""

    before: Collection[str]
    why: Premise
    over_known: Premise


class WithPresumed(AsGiven):
    """What is known, and the usual values of other findings unless something excludes them.

    Args:
        excluding: findings whose usual value constraints or a ``presumed_unless`` may exclude, with what does.
    """

    def __init__(self, known: WithForced, excluding: Mapping[str, _Exclusion]) -> None:
        super().__init__(known.columns)
        self.known, self.excluding = known, excluding
        self._presumed: dict[str, Flag] = {}

    def where(self, finding: str) -> Flag:
        """Where a usual value that may be excluded is presumed."""
        columns = self.columns
        for each in self._ahead(finding):
            before, why, over_known = self.excluding[each]
            excluded = columns.of(_SoFar(self, before), why).holds, columns.of(self.known, over_known).holds
            self._presumed[each] = columns.all((self.known.open(each), *map(columns.without, excluded)))
        return self._presumed[finding]

    def _ahead(self, finding: str) -> list[str]:
        """A finding after those on which its presumption depends, in order, without those computed already.

        So the recursion stays shallow, however many there are.
        """
        if finding in self._presumed:
            return []
        order = [it for it in (*self.excluding[finding].before, finding) if it not in self._presumed]
        wanted = {finding}
        for each in reversed(order):
            if each in wanted:
                wanted.update(literal.finding for literal in literals(self.excluding[each].why))
        return [each for each in order if each in wanted]

    def open(self, finding: str) -> Flag:
        """Where it is not presumed either."""
        known = self.known.open(finding)
        if self.inputs[finding].usual is None or known is False:
            return known
        if finding not in self.excluding:
            return False
        return self.columns.all((known, self.columns.without(self.where(finding))))

    def literal(self, literal: Among) -> FlagPair:
        """As known, or as presumed."""
        truths = self.known.literal(literal)
        usual = self.inputs[literal.finding].usual
        if usual is None or self.known.open(literal.finding) is False:
            return truths
        if literal.finding not in self.excluding:
            return _filled(self.columns, truths, literal, usual)
        return _filled_where(self.columns, truths, literal, usual, self.where(literal.finding))


class _SoFar(AsGiven):
    """What is known, and what has been presumed so far."""

    def __init__(self, presumed: WithPresumed, so_far: Collection[str]) -> None:
        super().__init__(presumed.columns)
        self.presumed, self.so_far = presumed, so_far

    def literal(self, literal: Among) -> FlagPair:
        """As presumed, if it has been, or as known."""
        return self._of(literal.finding).literal(literal)

    def open(self, finding: str) -> Flag:
        """Where it is unknown so far."""
        return self._of(finding).open(finding)

    def _of(self, finding: str) -> Valuation:
        return self.presumed if finding in self.so_far else self.presumed.known


class Completed(AsGiven):
    """Another valuation, and facts where it leaves something unknown."""

    def __init__(self, columns: Columns, base: Valuation, facts: Facts) -> None:
        super().__init__(columns)
        self.base, self.facts = base, facts

    def literal(self, literal: Among) -> FlagPair:
        """As in the other valuation, or as filled in."""
        truths, value = self.base.literal(literal), self.facts.get(literal.finding)
        return truths if value is None else _filled(self.columns, truths, literal, value)

    def open(self, finding: str) -> Flag:
        """Where it is unknown, and nothing fills it in."""
        return finding not in self.facts and self.base.open(finding)

    def restricted(self, findings: Collection[str], /) -> Valuation:
        """The other one for findings that the facts leave out."""
        return self.base.restricted(findings) if self.facts.keys().isdisjoint(findings) else self


class Valuations:
    """The valuations of patients under constraints.

    Args:
        groups: the constraints of the knowledge base of the columns.
    """

    def __init__(self, columns: Columns, groups: Sequence[Tied]) -> None:
        forcing: dict[str, list[tuple[Value, Premise]]] = {}
        unless = columns.kb.presumed_unless
        excluding = {name: _Exclusion((), NEVER, why) for name, why in unless.items()}
        for group in groups:
            for name, value, why in group.forcing():
                forcing.setdefault(name, []).append((value, why))
            so_far: list[str] = []
            for name, why in group.excluding():
                excluding[name] = _Exclusion((*so_far,), why, unless.get(name, NEVER))
                so_far.append(name)
        self.columns = columns
        self.given = AsGiven(columns)
        self.known = WithForced(self.given, forcing)
        self.presumed = WithPresumed(self.known, excluding)
        self._impossible = [(group.names, group.impossible()) for group in groups]

    def completed(self, facts: Facts, base: Valuation) -> Valuation:
        """The valuation that fills in facts for what another leaves unknown; a finding without one stays as it is."""
        return Completed(self.columns, base, facts)

    def impossible(self, valuation: Valuation | None = None) -> Flag:
        """Where the constraints permit no patient, over what is given or another valuation."""
        used = valuation or self.given
        return self.columns.any(self.columns.of(used.restricted(names), why).holds for names, why in self._impossible)


def _filled(columns: Columns, truths: FlagPair, literal: Among, value: Value) -> FlagPair:
    """The truths where an unknown finding has some value."""
    either = truths.may if columns.lies_in(literal, value) else truths.holds
    return FlagPair(either, either)


def _filled_where(columns: Columns, truths: FlagPair, literal: Among, value: Value, where: Flag) -> FlagPair:
    """The truths where an unknown finding has a value for some patients."""
    if columns.lies_in(literal, value):
        return FlagPair(columns.any((truths.holds, where)), truths.may)
    return FlagPair(truths.holds, columns.all((truths.may, columns.without(where))))
