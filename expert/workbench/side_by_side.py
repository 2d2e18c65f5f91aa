"""Two knowledge bases over one space of patients, so that a solver can look for a patient whom they treat differently.

What both define alike stands once; whatever differs, or rests on what does, stands twice, once for each side. A finding
that only one side has (or that is of another kind there) counts as if nothing were known of it: it has the value that
its side presumes, or none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

import z3  # type: ignore[import-untyped]

from expert.compile.to_kleene import Pair, Pairs, PartialFormulas
from expert.compile.to_smt import Formulas
from expert.constraints import constrained
from expert.definitions import Definitions
from expert.errors import Location
from expert.infer.domain import Domain
from expert.infer.prove import Prover
from expert.logic import holds_of
from expert.model import (
    ALWAYS,
    All,
    Any,
    Concluded,
    Constraint,
    Exclusive,
    Finding,
    Kind,
    KnowledgeBase,
    Name,
    Not,
    Premise,
    Rule,
    Value,
    parts,
)

OLD, NEW = "old", "new"
SIDES = (OLD, NEW)
_NEVER = Any(())
_NOWHERE = Location("", 0)


class SideBySide(Definitions):
    """The definitions of both sides: a name that is not the same on both begins with that of its side.

    Attributes:
        sides: the definitions of each.
        shared: the input findings that can be compared, by name.
        same: the names that both define alike.
        permitted: for each side, the name that its constraints permit a patient.
    """

    def __init__(self, old: Definitions, new: Definitions, *, constrained_by: tuple[str, ...] = SIDES) -> None:
        self.sides = {OLD: old, NEW: new}
        self.shared = dict(_shared(old.kb, new.kb))
        self.same = frozenset(self._same())
        rules = [Rule(str(index), "", (it,), (), (), "", (), _NOWHERE) for index, it in enumerate(self._conditions())]
        constraints = [it for side in SIDES if side in constrained_by for it in self._constraints(side)]
        self.kb: KnowledgeBase = replace(
            new.kb,
            findings=self._findings(),
            panels={},
            rules={rule.id: rule for rule in rules},
            constraints=tuple({it.never: it for it in constraints}.values()),
            invariants={},
            directions={},
        )
        self.premises = {name: self._placed(NEW, new.premises[name]) for name in new.premises if name in self.same}
        for side in SIDES:
            its = self.sides[side].premises
            self.premises |= {(side, *name): self._placed(side, its[name]) for name in its if name not in self.same}
        self.permitted: dict[str, Name] = {side: (side, "permitted") for side in SIDES}
        for side, name in self.permitted.items():
            self.premises[name] = All(tuple(Not(All(it.never)) for it in self._constraints(side)))
        self.inputs, self.dependents = {}, {}  # only a search over single patients asks for these

    def _same(self) -> Iterator[Name]:
        old, new = self.sides[OLD].premises, self.sides[NEW].premises
        found: set[Name] = set()
        for name, premise in new.items():  # by stratum: what a name needs comes before it
            if old.get(name) == premise and all(self._is_same(part, found) for part in parts(premise)):
                found.add(name)
                yield name

    def _is_same(self, part: Premise, found: set[Name]) -> bool:
        return part.name in found if isinstance(part, Concluded) else getattr(part, "finding", "") in self.shared

    def _conditions(self) -> Iterator[Premise]:
        """All premises of both sides, for the thresholds in them."""
        for side in SIDES:
            yield from (self._placed(side, rule.premise) for rule in self.sides[side].kb.rules.values())
            yield from (All(constraint.never) for constraint in self._constraints(side))

    def _constraints(self, side: str) -> list[Constraint]:
        its = self.sides[side].kb.constraints
        return [it._replace(never=tuple(self._placed(side, part) for part in it.never)) for it in its]

    def _findings(self) -> dict[str, Finding]:
        """The shared findings, then those of one side."""
        found = dict(self.shared)
        for side in (NEW, OLD):
            for name, finding in self.sides[side].kb.inputs.items():
                if name not in self.shared:
                    named = self.finding(side, name)
                    found[named] = replace(finding, name=named, asked_if=None)
        return found

    def finding(self, side: str, name: str) -> str:
        """The name of a side's finding among those of both."""
        return name if name in self.shared or side == NEW else f"{name} ({OLD})"

    def of_one_side(self) -> Iterator[tuple[str, Value | None]]:
        """The findings that cannot be compared, each with the value that its side presumes."""
        for name, finding in self.kb.inputs.items():
            if name not in self.shared:
                yield name, finding.usual if finding.default is None else finding.default

    def name(self, side: str, name: Name) -> Name:
        """The name of a side's definition among those of both."""
        return name if name in self.same else (side, *name)

    def _placed(self, side: str, premise: Premise) -> Premise:
        """The premise of a definition, with the names and findings of both sides."""
        match premise:
            case Concluded():
                return Concluded(self.name(side, premise.name))
            case Not():
                return Not(self._placed(side, premise.premise))
            case All():
                return All(tuple(self._placed(side, part) for part in premise.premises))
            case Any():
                return Any(tuple(self._placed(side, part) for part in premise.premises))
            case Exclusive():
                return Exclusive(self._placed(side, premise.own), self._placed(side, premise.others))
        return replace(premise, finding=self.finding(side, premise.finding))


def _shared(old: KnowledgeBase, new: KnowledgeBase) -> Iterator[tuple[str, Finding]]:
    """The input findings of both that speak of the same, each with the values that either has."""
    for name, after in new.inputs.items():
        before = old.inputs.get(name)
        if before is None or not _comparable(before, after):
            continue
        values = (*after.values, *(value for value in before.values if value not in after.values))
        low, high = max(before.low, after.low), min(before.high, after.high)
        default = after.default if before.default == after.default else None
        yield name, replace(after, values=values, low=low, high=high, default=default, asked_if=None)


def _comparable(before: Finding, after: Finding) -> bool:
    if before.kind is not after.kind:
        return False
    if before.kind is Kind.CHOICE:
        return bool(set(before.values) & set(after.values))
    dimensions = {it.unit.dimension for it in (before, after) if it.unit}
    return len(dimensions) <= 1 and max(before.low, after.low) <= min(before.high, after.high)


class Compared:
    """The patients whom both sides know how to treat, and what each side concludes of them.

    Attributes:
        prover: looks for complete patients.
        partial: what is concluded of partial patients.
    """

    def __init__(self, both: SideBySide) -> None:
        self.both = both
        self.domain = Domain(both)
        self.formulas: Formulas = self.domain.formulas
        self.assertions = [*self._comparable(), *self._all_known()]
        self.prover = self.under()

    @property
    def everybody(self) -> list[z3.BoolRef]:
        """What is so of every patient."""
        return [*self.formulas.permitted, *self.assertions]

    def under(self, *more: z3.BoolRef) -> Prover:
        """A prover of its own over the same patients, as far as they meet something more."""
        return Prover(self.domain, *self.assertions, *more)

    @cached_property
    def partial(self) -> PartialFormulas:
        """The formulas of partial patients."""
        return PartialFormulas(self.formulas, self.both.premises)

    def partly(self, *more: z3.BoolRef) -> Prover:
        """A prover of its own over partial patients who meet something more."""
        found = [*self._comparable(), *self.partial.permitted]
        for name, presumed in self.both.of_one_side():
            if presumed is not None:
                found.append(self.partial.known[name])
            elif name not in self.domain.tied:
                found.append(z3.Not(self.partial.known[name]))
        prover = Prover(self.domain, *found, *more)
        prover.partial = self.partial
        return prover

    @cached_property
    def blind(self) -> frozenset[str]:
        """Findings of one side of which nothing is presumed either."""
        return frozenset(name for name, presumed in self.both.of_one_side() if presumed is None)

    def _comparable(self) -> Iterator[z3.BoolRef]:
        """That shared findings have values that both sides have, and others those that are presumed."""
        for name, finding in self.both.shared.items():
            its = [self.both.sides[side].kb.inputs[name].values for side in SIDES]
            common = [value for value in finding.values if all(value in values for values in its)]
            if len(common) < len(finding.values):
                yield self.formulas.any([self.formulas.is_value(name, value) for value in common])
        for name, presumed in self.both.of_one_side():
            if presumed is not None:
                never = [All(it.never) for it in self.both.kb.constraints if name in constrained(it)]
                broken = [self.formulas.of(_assuming(it, name, presumed)) for it in never]
                yield self.formulas.any([self.formulas.all(self.formulas.facts({name: presumed})), *broken])

    def _all_known(self) -> Iterator[z3.BoolRef]:
        if self.blind:
            known = self.partial.known
            yield from (z3.Not(it) if name in self.blind else it for name, it in known.items())

    def complete(self, side: str) -> Pairs:
        """What a side concludes of complete patients: of all findings but those of the other side."""
        return _Side(self.partial if self.blind else _Complete(self.formulas), self.both, side, self.formulas.context)

    def of_partial(self, side: str) -> Pairs:
        """What a side concludes of partial patients."""
        return _Side(self.partial, self.both, side, self.formulas.context)


class _Complete:
    """Pairs for complete patients, of whom everything either holds or fails."""

    def __init__(self, formulas: Formulas) -> None:
        self.formulas = formulas

    def name(self, name: Name) -> Pair:
        """The pair of a definition."""
        holds = self.formulas.of(Concluded(name))
        return Pair(holds, z3.Not(holds))


class _Side:
    """Pairs for the names of one side; what it does not define is known to fail."""

    def __init__(self, pairs: Pairs, both: SideBySide, side: str, context: z3.Context) -> None:
        self.pairs, self.both, self.side, self.context = pairs, both, side, context

    def name(self, name: Name) -> Pair:
        """The pair of a definition."""
        if name in self.both.sides[self.side].premises:
            return self.pairs.name(self.both.name(self.side, name))
        return Pair(z3.BoolVal(False, self.context), z3.BoolVal(True, self.context))


def _assuming(premise: Premise, finding: str, value: Value) -> Premise:
    """A premise over inputs, as it is when a finding has a value."""
    match premise:
        case Not():
            return Not(_assuming(premise.premise, finding, value))
        case All():
            return All(tuple(_assuming(part, finding, value) for part in premise.premises))
        case Any():
            return Any(tuple(_assuming(part, finding, value) for part in premise.premises))
        case Concluded() | Exclusive():
            return premise
    if premise.finding != finding:
        return premise
    return ALWAYS if holds_of(premise, value) else _NEVER


def presumed(findings: Mapping[str, Finding]) -> dict[str, Value]:
    """What counts of each finding while nothing is said of it."""
    found = {}
    for name, finding in findings.items():
        value = finding.usual if finding.default is None else finding.default
        if value is not None:
            found[name] = value
    return found
