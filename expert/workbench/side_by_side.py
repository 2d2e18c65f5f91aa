"""Two knowledge bases over one space of patients, so that a solver can look for a patient whom they treat differently.

What both define alike stands once; whatever differs, or rests on what does, stands twice, once for each side. A finding
that only one side has (or that is of another kind there) counts as if nothing were known of it: it has the value that
its side presumes, or none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import z3  # type: ignore[import-untyped]

from expert.compile.to_kleene import CompletePairs, Pair, Pairs, PartialFormulas
from expert.compile.to_smt import Formulas
from expert.constraints import constrained
from expert.definitions import Definitions
from expert.errors import Location
from expert.infer.domain import Domain
from expert.infer.partial import PartialPatients, View
from expert.infer.prove import Prover
from expert.logic import holds_of
from expert.model import (
    ALWAYS,
    All,
    Any,
    Concluded,
    Constraint,
    Exclusive,
    Facts,
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
        self.kb: KnowledgeBase = new.kb._replace(
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
                    found[named] = finding._replace(name=named, asked_if=None)
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
        return premise._replace(finding=self.finding(side, premise.finding))


def _shared(old: KnowledgeBase, new: KnowledgeBase) -> Iterator[tuple[str, Finding]]:
    """The input findings of both that speak of the same, each with the values that either has."""
    for name, after in new.inputs.items():
        before = old.inputs.get(name)
        if before is None or not _comparable(before, after):
            continue
        values = (*after.values, *(value for value in before.values if value not in after.values))
        low, high = max(before.low, after.low), min(before.high, after.high)
        default = after.default if before.default == after.default else None
        yield name, after._replace(values=values, low=low, high=high, default=default, asked_if=None)


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
        partial: the partial ones.
    """

    def __init__(self, both: SideBySide) -> None:
        self.both = both
        self.domain = Domain(both)
        self.formulas: Formulas = self.domain.formulas
        self.partial = PartialPatients(Prover(self.domain, *self._comparable()))
        self.prover = self.partial.prover.under(*self._all_known())

    def nearest(self, view: View, *more: z3.BoolRef) -> Facts | None:
        """What is given of the nearest partial patient who meets something more in a view."""
        return self.partial.nearest(view, *self._known_in(view), *more)

    def counting(
        self, view: View, name: str, values: Sequence[Value | None]
    ) -> tuple[dict[str, Pairs], tuple[z3.BoolRef, ...]]:
        """What each side concludes in a view where a finding counts as a value there, or does not count.

        The new side is asked of neighbours, who differ in that finding. Last, whom it is asked of: those who can be
        with either value, of whom nothing forces another, and all is known that constraints tie to it.
        """
        formulas, known = self.formulas, view.formulas.known
        whom = [*formulas.of_neighbour(formulas.permitted, [name]), self._known(name)]
        whom += [self._known(it) for it in self.domain.tied.get(name, ())]
        sides: list[PartialFormulas] = []
        for value in values:
            counts = z3.BoolVal(value is not None, formulas.context)
            sides.append(PartialFormulas(formulas, self.both.premises, {**known, name: counts}))
            if value is None:
                forcing = (it for group in self.domain.groups for it in group.forcing() if it[0] == name)
                whom += [z3.Not(sides[-1].of(why).holds) for _, _, why in forcing]
        old, new = ([] if it is None else formulas.facts({name: it}) for it in values)
        whom += [*old, *formulas.of_neighbour(new, [name])]
        pairs = zip(SIDES, sides, strict=True)
        return {side: _Side(it, self.both, side, formulas.context) for side, it in pairs}, tuple(whom)

    def _known(self, name: str) -> z3.BoolRef:
        return self.partial.known.formulas.known[name]

    def _known_in(self, view: View) -> Iterator[z3.BoolRef]:
        """What is known besides: what one side presumes of findings of its own, and what each presumes otherwise."""
        known = self.partial.known.formulas.known
        for name, presumed in self.both.of_one_side():
            if presumed is not None:
                yield known[name]
            elif name not in self.domain.tied:
                yield z3.Not(known[name])
        for name in self.both.shared:
            old, new = (self.both.sides[side].kb.inputs[name] for side in SIDES)
            if old.default != new.default or (view.presumed and old.usual != new.usual):
                yield known[name]

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
            known = self.partial.known.formulas.known
            yield from (z3.Not(it) if name in self.blind else it for name, it in known.items())

    def complete(self, side: str) -> Pairs:
        """What a side concludes of complete patients: of all findings but those of the other side."""
        pairs = self.partial.known.formulas if self.blind else CompletePairs(self.formulas)
        return _Side(pairs, self.both, side, self.formulas.context)

    def of_partial(self, view: View, side: str) -> Pairs:
        """What a side concludes of partial patients in a view."""
        return _Side(view.formulas, self.both, side, self.formulas.context)


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
