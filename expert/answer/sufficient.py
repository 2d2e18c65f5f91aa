"""Least sufficient sets: minimal sets of facts that force a conclusion whatever the other facts are.

Such a set is a prime implicant of the conclusion that the facts imply (A. Darwiche, A. Hirth, *On the reasons behind
decisions*, ECAI 2020). All of them are found by duality. A *contrast* is a minimal set of facts whose change may make
the conclusion fail while the other facts stay. The least sufficient sets are the minimal hitting sets of the contrasts
(R. Reiter, *A theory of diagnosis from first principles*, Artificial Intelligence 32 (1987) 57-95), and a fact is in
one of the former exactly if it is in one of the latter (A. Ignatiev, N. Narodytska, N. Asher, J. Marques-Silva, *From
contrastive to abductive explanations and back again*, AI*IA 2020). A solver is needed only for the contrasts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from expert.lang.errors import UnprovedError
from expert.lang.premises import Any, Concluded, Not, Premise, leaves
from expert.lang.values import Facts
from expert.logic.cells import lies_in
from expert.logic.domain import Domain
from expert.solve.formulas import formulas_of

QUESTIONS = 3000
"""The most queries to the solver about one conclusion."""

SETS = 1000
"""The most sets that are searched."""

Contrast = frozenset[str]


class LeastSets(NamedTuple):
    """The least sufficient sets among some facts.

    Attributes:
        sets: findings in the order of the facts; sets with the fewest presumptions first, then the smallest.
        complete: whether these are all sets.
        common: the findings that all sets have in common.
        involved: the findings in any least sufficient set, listed or not.
        undecided: the findings for which this was not settled; empty if every contrast was found.
    """

    sets: tuple[tuple[str, ...], ...]
    complete: bool
    common: frozenset[str]
    involved: frozenset[str]
    undecided: frozenset[str]


def least_sets(domain: Domain, goal: Premise, facts: Facts, presumed: Collection[str] = ()) -> LeastSets:
    """The least sufficient sets among facts that together force a goal; some facts may be ``presumed``.

    Raises:
        UnprovedError: the solver could not decide.
    """
    named = list(leaves(goal))
    affecting = domain.affecting(it.name for it in named if isinstance(it, Concluded))
    affecting |= domain.tied_to(it.finding for it in named if not isinstance(it, Concluded))
    facts = {name: value for name, value in facts.items() if name in affecting}
    contrasts, whole = _contrasts(domain, goal, facts)
    involved, common = frozenset[str]().union(*contrasts), _single(contrasts)
    sets = list(islice(_hitting_sets(contrasts, list(facts)), SETS + 1))
    complete = whole and len(sets) <= SETS
    if not whole:
        sets = [_shrunk(domain, goal, facts)]
    order = {name: place for place, name in enumerate(facts)}
    ordered = [tuple(sorted(it, key=order.__getitem__)) for it in sets[:SETS]]
    ordered.sort(key=lambda it: (sum(name in presumed for name in it), len(it), [order[name] for name in it]))
    undecided = frozenset() if whole else frozenset(facts) - involved
    return LeastSets(tuple(ordered), complete, common, involved, undecided)


def _contrasts(domain: Domain, goal: Premise, facts: Facts) -> tuple[list[Contrast], bool]:
    """The contrasts among some facts, and whether they are complete."""
    with formulas_of(domain).lock:
        search = _Contrasts(domain, goal, facts)
        found = list(search.found()), search.complete
        del search  # its solver objects are freed while the lock is held
    return found


def _shrunk(domain: Domain, goal: Premise, facts: Facts) -> frozenset[str]:
    """One least sufficient set: facts are left out in their order as long as the others suffice."""
    left = dict(facts)
    for name in facts:
        fewer = {other: value for other, value in left.items() if other != name}
        if not formulas_of(domain).satisfiable(fewer, Not(goal)):
            left = fewer
    return frozenset(left)


class _Contrasts:
    """The search for contrasts.

    Attributes:
        complete: every contrast was found.
    """

    def __init__(self, domain: Domain, goal: Premise, facts: Facts) -> None:
        from expert.solve.prove import Prover

        self.domain, self.facts = domain, facts
        self.prover = Prover(domain, formulas_of(domain).of(Not(goal)))
        self.left = QUESTIONS
        self.complete = False

    def found(self) -> Iterator[Contrast]:
        """The contrasts, each once. Some are missing after too many queries, or if the solver cannot decide one."""
        with suppress(UnprovedError):
            yield from self._found()

    def _found(self) -> Iterator[Contrast]:
        singles = []
        for name in self.facts:
            if self.left <= 0:
                return
            if self._may_fail(self._without(name)):
                singles.append(name)
                yield frozenset((name,))
        kept = {name: self.facts[name] for name in singles}
        while self.left > 0:
            contrast = self._further(kept)
            if contrast is None:
                self.complete = True
                return
            yield contrast
            self.prover = self.prover.under(formulas_of(self.domain).of(self._some_stays(contrast)))

    def _further(self, kept: Facts) -> Contrast | None:
        """A further contrast: the complement of a maximal set of facts with which the goal may fail."""
        if not self._may_fail(kept):
            return None
        stays = dict(kept)
        for name, value in self.facts.items():
            if name not in stays and self._may_fail({**stays, name: value}):
                stays[name] = value
        return frozenset(self.facts.keys() - stays.keys())

    def _some_stays(self, names: Contrast) -> Premise:
        cells = {name: self.domain.cell_of(name, self.facts[name]) for name in sorted(names)}
        return Any(tuple(lies_in(name, [cell]) for name, cell in cells.items()))

    def _may_fail(self, facts: Facts) -> bool:
        self.left -= 1
        return self.prover.possible(*formulas_of(self.domain).facts(facts))

    def _without(self, name: str) -> Facts:
        return {other: value for other, value in self.facts.items() if other != name}


def _single(contrasts: Sequence[Contrast]) -> frozenset[str]:
    """The facts that form a contrast by themselves."""
    return frozenset[str]().union(*(it for it in contrasts if len(it) == 1))


def _hitting_sets(contrasts: Sequence[Contrast], order: Sequence[str]) -> Iterator[frozenset[str]]:
    """The minimal hitting sets of the contrasts, each once.

    K. Murakami, T. Uno, *Efficient algorithms for dualizing large-scale hypergraphs*, Discrete Applied Mathematics 170
    (2014) 83-94, algorithm MMCS: a name is added only if every earlier name remains the only one to hit some contrast.
    """
    single = _single(contrasts)
    several = [it for it in contrasts if len(it) > 1]
    places = {name: place for place, name in enumerate(order)}

    def extended(
        alone: Mapping[str, Sequence[Contrast]], unhit: Sequence[Contrast], allowed: frozenset[str]
    ) -> Iterator[frozenset[str]]:
        if not unhit:
            yield single.union(alone)
            return
        candidates = min((it & allowed for it in unhit), key=len)
        allowed -= candidates
        for name in sorted(candidates, key=places.__getitem__):
            still = {other: [it for it in its if name not in it] for other, its in alone.items()}
            if all(still.values()):
                hits = [it for it in unhit if name in it]
                yield from extended({**still, name: hits}, [it for it in unhit if name not in it], allowed)
                allowed |= {name}

    return extended({}, several, frozenset().union(*several))
