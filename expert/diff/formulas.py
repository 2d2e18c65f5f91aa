"""What one side answers to a patient of the union, as formulas over what is given and over its values.

Of a finding that is not given, its side may count a value all the same: by a panel, by default, because constraints
force it, or because it is usual. So the values of what is unknown stay open, and two sides that presume
different values can be asked about the same patient.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence

from expert.diff.union import Side, Union
from expert.lang.model import KnowledgeBase
from expert.lang.observables import Key, observables
from expert.lang.premises import Literal
from expert.lang.values import Facts, Value
from expert.logic.domain import Domain
from expert.logic.kleene import holds_of
from expert.solve.connectives import Formula, conjunction, constant, implies, is_false, is_true, negation
from expert.solve.to_kleene import Pair, PartialFormulas, status_formulas

PANEL, DEFAULT, FORCED, PRESUMED = "given", "by default", "forced", "presumed"

Given = Mapping[str, Formula]
"""For each finding of the union, whether it is given."""

Counted = dict[str, list[tuple[str, Value, Formula]]]
"""Findings with values that may count though they are not given: why, the value, and when it counts so."""


class SideView(PartialFormulas):
    """What a side concludes from what is given and from the values that it fills in."""

    def __init__(self, side: SideFormulas, counted: Counted) -> None:
        super().__init__(side.union.formulas, side.domain.definitions.premises, side.given)
        self.counted = counted

    def literal(self, premise: Literal) -> Pair:
        """The pair of a premise about one finding."""
        value, given = self.formulas.of(premise), self.known[premise.finding]
        if is_true(given):
            return Pair(value, negation(value))
        holds, fails = (
            ([], []) if is_false(given) else ([conjunction(given, value)], [conjunction(given, negation(value))])
        )
        for _, counts, when in self.counted.get(premise.finding, ()):
            (holds if holds_of(premise, counts) else fails).append(when)
        return Pair(self.formulas.any(holds), self.formulas.any(fails))

    def knows(self, finding: str) -> Formula:
        """Whether some value of a finding counts."""
        given = self.known[finding]
        if is_true(given):
            return given
        return self.formulas.any([given, *(when for *_, when in self.counted.get(finding, ()))])

    def has(self, facts: Facts) -> Formula:
        """All values that count agree with some facts."""
        wrong = [
            when
            for name, value in facts.items()
            for _, counts, when in self.counted.get(name, ())
            if not self._alike(name, value, counts)
        ]
        given = [
            implies(self.known[name], self.formulas.all(self.formulas.facts({name: it}))) for name, it in facts.items()
        ]
        return self.formulas.all([*given, *map(negation, wrong)])

    def completed(self, union: Union, names: Sequence[str]) -> Iterator[Formula]:
        """Whether the neighbour is a completion: a patient with all that counts of some findings."""
        for name in names:
            given = self.known[name]
            if not is_false(given):
                yield implies(given, self.formulas.same_as_neighbour(name))
            for _, value, when in self.counted.get(name, ()):
                yield implies(when, self.formulas.all(union.neighbour(self.formulas.facts({name: value}))))

    def _alike(self, name: str, value: Value, other: Value) -> bool:
        pairs = zip(*(self.formulas.facts({name: it}) for it in (value, other)), strict=True)
        return all(one.eq(another) for one, another in pairs)


class SideFormulas:
    """One side's answers when some findings are given.

    Attributes:
        domain: the patients of this side alone.
        known: what follows from what is given, counts by default or is forced.
        presumed: what follows with the presumptions as well.
    """

    def __init__(self, union: Union, side: Side, domain: Domain, given: Given) -> None:
        self.union, self.side, self.domain, self.given = union, side, domain, given
        self.kb: KnowledgeBase = domain.kb
        self.formulas = union.formulas
        base = SideView(self, dict(self._by_panel_or_default()))
        self._possible = [negation(base.of(group.impossible()).holds) for group in domain.groups]
        self.known = SideView(self, self._with_forced(base))
        self.presumed = SideView(self, self._with_presumed(self.known))

    def _by_panel_or_default(self) -> Iterator[tuple[str, list[tuple[str, Value, Formula]]]]:
        panels = self.union.panels[self.side]
        for name, finding in self.kb.inputs.items():
            unsaid = [self.given[name]]
            found = []
            for none_of, panel in panels.items():
                if name in panel.members:
                    found.append((PANEL, panel.members[name], self._when(unsaid, self.given[none_of])))
                    unsaid.append(self.given[none_of])
            if finding.default is not None:
                found.append((DEFAULT, finding.default, self._when(unsaid)))
            if found:
                yield name, found

    def _with_forced(self, base: SideView) -> Counted:
        found = {name: list(its) for name, its in base.counted.items()}
        for group in self.domain.groups:
            for name, value, premise in group.forcing():
                when = self._when([base.knows(name)], base.of(premise).holds)
                found.setdefault(name, []).append((FORCED, value, when))
        return found

    def _with_presumed(self, known: SideView) -> Counted:
        found = {name: list(its) for name, its in known.counted.items()}
        so_far = SideView(self, found)  # it grows: what is presumed may exclude what would be presumed after it
        never = {name: [known.knows(name)] for name in self.domain.usual}
        for name, premise in self.domain.kb.presumed_unless.items():
            never[name].append(known.of(premise).holds)
        for name, value in self.domain.usual.items():
            if name not in self.domain.tied:
                found.setdefault(name, []).append((PRESUMED, value, self._when(never[name])))
        for group in self.domain.groups:
            for name, premise in group.excluding():
                when = self._when([*never[name], so_far.of(premise).holds])
                found.setdefault(name, []).append((PRESUMED, group.usual[name], when))
        return found

    def _when(self, never: Sequence[Formula], *also: Formula) -> Formula:
        return self.formulas.all([*also, *map(negation, never)])

    # --- who is accepted

    def reads(self, finding: str) -> list[Formula]:
        """Whether a finding, if it is given, has a value that this side has."""
        if finding not in self.kb.inputs or finding in self.union.own[self.side]:
            return []
        return [implies(self.given[finding], self.union.accepted(self.side, finding))]

    @property
    def panels_agree(self) -> list[Formula]:
        """Whether the answers *none of these* agree with what else is given, and with each other."""
        panels = list(self.union.panels[self.side].items())
        found = []
        for place, (none_of, panel) in enumerate(panels):
            for name, value in panel.members.items():
                its = self.formulas.all(self.formulas.facts({name: value}))
                found.append(implies(conjunction(self.given[none_of], self.given[name]), its))
                found += [
                    negation(conjunction(self.given[none_of], self.given[other]))
                    for other, its_panel in panels[:place]
                    if its_panel.members.get(name, value) != value
                ]
        return found

    def possible(self, names: Container[str] | None = None) -> Formula:
        """Whether constraints permit some completion of what is given; if findings are named, those that tie them."""
        pairs = zip(self.domain.groups, self._possible, strict=True)
        wanted = [it for group, it in pairs if names is None or any(name in names for name in group.names)]
        return self.formulas.all(wanted)

    @property
    def accepted(self) -> Formula:
        """This side gives an answer."""
        reads = [part for name in self.union.differing() for part in self.reads(name)]
        return self.formulas.all([*reads, *self.panels_agree, self.possible()])

    # --- what can be observed

    def recommended(self, view: SideView) -> dict[str, Formula]:
        """For each step, whether it is known to be recommended."""
        return {step: view.concluded(("recommended", step)).holds for step in self.kb.steps}

    def background(self, finding: str) -> dict[str, Formula]:
        """How a finding can count that is not given: why and as what value, with when it does."""
        found: dict[str, list[Formula]] = {}
        for why, value, when in self.presumed.counted.get(finding, ()):
            found.setdefault(f"{why} {value!r}", []).append(when)
        return {key: self.formulas.any(when) for key, when in found.items()}

    def observed(self, view: SideView) -> Iterator[tuple[Key, dict[str, Formula]]]:
        """Each observable with formulas that together decide its status in a view.

        That a step or an option exists is one of them: the other side may not have it.
        """
        exists = {"exists": constant(True, self.formulas.context)}
        for it in observables(self.kb):
            yield it.key, {**(exists if it.kind in ("step", "option") else {}), **status_formulas(it, view)}
