"""Two patients who differ in one finding: whether that changes an observable."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from itertools import islice

from expert.check.proofs.claims import Ground
from expert.lang.premises import Name, literals
from expert.lang.values import Facts, Value
from expert.solve.connectives import Formula, differ, negation
from expert.solve.prove import Prover
from expert.solve.to_kleene import CompletePairs, observed

_FEW = 3


class Neighbours:
    """Two permitted patients who differ in one finding, and in some observable of their answers or of what is presumed.

    Another finding may differ only if setting it alone back would break a constraint.
    """

    def __init__(self, ground: Ground, finding: str) -> None:
        self.ground, self.finding, self.formulas = ground, finding, ground.prover.formulas
        self.turned = ground.domain.tied.get(finding, frozenset((finding,)))
        forced = [self._same_or_forced(name) for name in sorted(self.turned - {finding})]
        differs = negation(self.formulas.same_as_neighbour(finding))
        self.permitted = [differs, *forced, *self.of_other([ground.prover.assumed])]

    def _same_or_forced(self, name: str) -> Formula:
        same = self.formulas.same_as_neighbour(name)
        set_back = self.formulas.of_neighbour(self.formulas.constraints([name]), self.turned - {name})
        return self.formulas.any([same, *map(negation, set_back)])

    def possible(self, *goals: Formula) -> bool:
        """Whether there are two who meet some formulas."""
        if self._narrowest.possible(*goals):
            return True
        return self._read.possible(*goals) and self._everything.possible(*goals)

    def patient(self, *goals: Formula) -> Facts | None:
        """The first of two who meet some formulas, as usual as possible; ``None``, as expected, if there are none."""
        return self._everything.complete_patient(*goals) if self._read.possible(*goals) else None

    def distinguish(self, one: Value, other: Value) -> bool:
        """Whether an observable of some patient depends on which of two values the finding has."""
        return any(self.possible(*goals) for goals in self.values(one, other))

    def distinguished(self, one: Value, other: Value) -> Facts | None:
        """A patient of whom an observable depends on which of two values the finding has."""
        patients = (self.patient(*goals) for goals in self.values(one, other))
        return next((facts for facts in patients if facts is not None), None)

    def values(self, one: Value, other: Value) -> Iterator[list[Formula]]:
        """Whether the finding has the one value for the one patient and the other for the other, or the reverse.

        It matters which is which, since only the other patient may differ by what a constraint forces.
        """
        its, others = (self.formulas.within(self.finding, value) for value in (one, other))
        yield [*its, *self.of_other(others)]
        yield [*others, *self.of_other(its)]

    def of_other(self, formulas: list[Formula]) -> list[Formula]:
        """The same formulas about the other patient."""
        return self.formulas.of_neighbour(formulas, self.turned)

    # --- where to look for a difference

    @cached_property
    def _everything(self) -> Prover:
        return self._differing_in([*self._observables(frozenset(self._touched)), *self._presumed])

    @cached_property
    def _narrowest(self) -> Prover:
        """A finding that matters mostly does so to an observable with few findings below it, soon found."""
        ways = (its for name in self._touched if (its := self._observables([name])))
        return self._differing_in([part for its in islice(ways, _FEW) for part in its])

    @cached_property
    def _read(self) -> Prover:
        """Where no definition that reads the findings differs, nothing does."""
        readers = sorted({name for it in self.turned for name in self.ground.definitions.readers.get(it, ())})
        return self._differing_in([*(self.ground.holds(*name) for name in readers), *self._presumed])

    @cached_property
    def _presumed(self) -> list[Formula]:
        """The conditions on which presumptions depend."""
        its = self.ground.domain.kb.presumed_unless.values()
        return [self.ground.of(it) for it in its if any(part.finding in self.turned for part in literals(it))]

    @cached_property
    def _touched(self) -> list[Name]:
        """The names that may differ, those that depend on the fewest findings first."""
        definitions = self.ground.definitions
        return sorted(definitions.above((), self.turned), key=lambda name: (len(definitions.inputs[name]), name))

    def _observables(self, touched: Collection[Name]) -> list[Formula]:
        return list(observed(CompletePairs(self.formulas), self.ground.kb, touched))

    def _differing_in(self, its: Sequence[Formula]) -> Prover:
        """Looks for two patients who differ in some formula."""
        pairs = zip(its, self.of_other(list(its)), strict=True)
        return self.ground.prover.under(self.formulas.any([differ(*pair) for pair in pairs]), *self.permitted)
