"""Definitions as rules of experta; the only module that imports experta.

Each definition becomes Horn clauses that prove or refute it, by De Morgan's laws down to premises about single
findings. What follows for all patients is concluded once, here. The other clauses are grouped by what they wait for,
and each group becomes one rule of experta: its patterns are all positive, and its action declares the conclusions as
facts. Nested premises have facts of their own, so no pattern contains an OR. Facts are only ever added, so the order of
firing cannot change the conclusions.
"""

from __future__ import annotations

import collections
import collections.abc
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from expert.engine.record import Justification
from expert.lang.definitions import Definitions
from expert.lang.premises import (
    All,
    Any,
    Compare,
    Concluded,
    Count,
    Exclusive,
    In,
    Is,
    Leaf,
    Literal,
    Name,
    Premise,
    stripped,
)
from expert.lang.values import Value
from expert.logic.kleene import holds_of


def _import_experta() -> None:
    """Import experta, working around two of its faults.

    It pins frozendict 1.2, which needs ``collections.Mapping`` (removed in Python 3.10). It also calls
    ``logging.basicConfig()``, which has no effect while the root logger has a handler.
    """
    nothing = logging.NullHandler()
    logging.root.addHandler(nothing)
    missing = not hasattr(collections, "Mapping")
    if missing:
        collections.Mapping = collections.abc.Mapping  # type: ignore[attr-defined]
    try:
        import experta  # noqa: F401
    finally:
        if missing:
            del collections.Mapping  # type: ignore[attr-defined]
        logging.root.removeHandler(nothing)


def _silence_watchers() -> None:
    """Silence experta's loggers until ``experta.watch()`` is called, as experta documents.

    By default they would log every firing if the root logger's level is INFO.
    """
    for name in watchers.ALL:
        logger = getattr(watchers, name)
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.CRITICAL)


_import_experta()

from experta import (  # noqa: E402
    Fact,
    InitialFact,
    KnowledgeEngine,
    P,
    Rule,
    watchers,
)
from experta.abstract import Matcher, Strategy  # noqa: E402
from experta.activation import Activation  # noqa: E402
from experta.agenda import Agenda  # noqa: E402
from experta.factlist import FactList  # noqa: E402
from experta.matchers import ReteMatcher  # noqa: E402

_silence_watchers()

__all__ = [
    "Activation", "Agenda", "Clauses", "ConclusionFact", "Fact", "FindingFact", "InitialFact", "KnowledgeEngine",
    "Matcher", "Named", "P", "ReteMatcher", "Rule", "Strategy", "Waiting", "WorkingMemory", "clauses",
    "compile_clauses", "compile_rules",
]  # fmt: skip

Part = tuple[Literal | Concluded, bool]
"""A condition of a clause: a literal or a conclusion, and the truth that it must have."""


class Named(Fact):  # type: ignore[misc]
    """A fact with a name and plain values, which experta need not freeze.

    Experta hashes and formats every fact in every cycle, for watchers even if there are none: both are made cheap here.
    """

    def __init__(self, **values: Value | P) -> None:
        dict.__init__(self, values)

    def __hash__(self) -> int:
        return hash(self["name"])

    def __str__(self) -> str:
        return str(self["name"])

    @staticmethod
    def is_special(key: str) -> bool:
        """Whether a key is experta's own."""
        return key == "__factid__"


Named.__init__ = dict.__init__  # type: ignore[method-assign,assignment]  # the same, without a call in between


class WorkingMemory(FactList):  # type: ignore[misc]
    """The facts of one patient. None is declared twice, so nothing is validated or searched for."""

    last_index: int

    def declare(self, fact: Fact) -> Fact:
        """Add a fact that is new."""
        index = self.last_index
        dict.__setitem__(fact, "__factid__", index)
        self[index] = fact
        self.last_index = index + 1
        self.added.append(fact)
        return fact


class FindingFact(Named):
    """A finding of the patient or the site: ``FindingFact(name="stenosis", value="severe")``."""


class ConclusionFact(Named):
    """The truth of a definition: ``ConclusionFact(name="supports conservative", truth=False)``."""


class Waiting(NamedTuple):
    """Clauses with the same needs."""

    needs: tuple[Part, ...]
    clauses: list[Justification]


class Clauses(NamedTuple):
    """The definitions as Horn clauses.

    Attributes:
        always: what follows for all patients, with its justifications.
        waiting: the other clauses, in the order of definitions. Needs that all patients meet are dropped; clauses
            with needs that no patient meets are left out.
    """

    always: Mapping[Name, Sequence[Justification]]
    waiting: Sequence[Waiting]


def compile_clauses(definitions: Definitions) -> Clauses:
    """The definitions as clauses, with what follows for all patients concluded."""
    always: dict[Name, list[Justification]] = {}
    waiting: dict[frozenset[Part], Waiting] = {}
    for clause in clauses(definitions):  # those of lower strata first
        needs = _needs(clause, always)
        if needs is None:
            continue
        same = always.get(clause.conclusion)
        if needs or (same and same[0].truth is not clause.truth):  # a contradiction must fire to be reported
            waiting.setdefault(frozenset(needs), Waiting(tuple(needs), [])).clauses.append(clause)
        elif same:
            same.append(clause)
        else:
            always[clause.conclusion] = [clause]
    return Clauses(always, tuple(waiting.values()))


def _needs(clause: Justification, always: Mapping[Name, Sequence[Justification]]) -> list[Part] | None:
    """The needs of a clause that not all patients meet; ``None`` if no patient meets one of them."""
    needs = []
    for part, truth in clause.because:
        found = always.get(part.name) if isinstance(part, Concluded) else None
        if found is None:
            needs.append((part, truth))
        elif found[0].truth is not truth:
            return None
    return needs


def compile_rules(waiting: Sequence[Waiting]) -> list[Rule]:
    """Clauses as rules of experta, with saliences by their order."""
    patterns = _Patterns()
    return [
        ClauseRule(tuple(it.clauses), *([patterns[part] for part in it.needs] or [InitialFact()]), salience=-rank)
        for rank, it in enumerate(waiting)
    ]


class ClauseRule(Rule):  # type: ignore[misc]
    """A rule whose action records its clauses, which take the place of the function that other rules wrap.

    `experta.Rule` inspects the signature of every function, which took most of the compile time.
    """

    __name__ = "conclude"

    def __new__(cls, clauses: tuple[Justification, ...], *conditions: Fact, salience: int) -> ClauseRule:
        rule: ClauseRule = super().__new__(cls, *conditions, salience=salience)
        rule._wrapped = clauses
        return rule

    def __hash__(self) -> int:
        return hash(self.salience)

    def new_conditions(self, *conditions: Fact) -> ClauseRule:
        """The same rule with other conditions; the stock matcher rewrites those of every rule."""
        return ClauseRule(self._wrapped, *conditions, salience=self.salience)

    def __call__(self, engine: KnowledgeEngine) -> None:
        for clause in self._wrapped:
            engine.conclude(clause)


class _Patterns(dict[Part, Named]):
    """The pattern that matches when a literal or a conclusion has a truth; each is made once, and shared."""

    def __missing__(self, key: Part) -> Named:
        pattern = self[key] = self._pattern(*key)
        return pattern

    @staticmethod
    def _pattern(part: Literal | Concluded, truth: bool) -> Named:
        if isinstance(part, Concluded):
            return ConclusionFact(name=" ".join(part.name), truth=truth)
        if isinstance(part, Is) and isinstance(part.value, bool):
            return FindingFact(name=part.finding, value=part.value is truth)
        if isinstance(part, Is) and truth:
            return FindingFact(name=part.finding, value=part.value)
        return FindingFact(name=part.finding, value=P(_predicate(part, truth)))


def _predicate(literal: Literal, truth: bool) -> Callable[[Value], bool]:
    """The test of a literal. It accepts values of any type, since experta may try it on another finding first."""
    kind = float if isinstance(literal, Compare) else str
    return lambda value: isinstance(value, kind) and holds_of(literal, value) is truth


def clauses(definitions: Definitions) -> Iterator[Justification]:
    """All Horn clauses of the definitions, each as the justification that it records when it fires."""
    for name, premise in definitions.premises.items():
        yield from _clauses(name, True, premise)


def _clauses(name: Name, sign: bool, premise: Premise) -> Iterator[Justification]:
    """Clauses that make ``name`` have the truth of ``premise`` (if ``sign``) or the opposite.

    A nested premise gets clauses of its own, ahead of those that need it.
    """
    premise, same = stripped(premise)
    sign = sign is same
    needs: list[Part] = []
    for index, part in enumerate(premise.parts):
        inner, truth = stripped(part)
        if not isinstance(inner, Leaf):
            nested = Concluded((*name, str(index)))
            yield from _clauses(nested.name, True, inner)
            inner = nested
        needs.append((inner, truth))
    match premise:
        case All() | Any():
            whole = isinstance(premise, All)
            yield Justification(name, sign is whole, tuple((part, truth is whole) for part, truth in needs))
            for part, truth in needs:
                yield Justification(name, sign is not whole, ((part, truth is not whole),))
        case Exclusive():
            (own, own_sign), (others, others_sign) = needs
            yield Justification(name, sign, ((own, own_sign),))
            yield Justification(name, not sign, ((own, not own_sign),))
            yield Justification(name, not sign, ((others, others_sign),))
        case Count():
            yield from _Counter(name, premise, needs).clauses(sign)
        case Is() | In() | Compare() | Concluded():
            yield Justification(name, sign, ((premise, True),))
            yield Justification(name, not sign, ((premise, False),))


class _Counter:
    """A count as clauses that grow linearly with its parts: a sequential counter.

    A fact for each part and number says that this part and those after it reach so many points (C. Sinz, *Towards an
    optimal CNF encoding of Boolean cardinality constraints*, CP 2005, LNCS 3709, 827-831).
    """

    def __init__(self, name: Name, count: Count, parts: Sequence[Part]) -> None:
        self.name, self.count, self.parts = name, count, parts

    def clauses(self, sign: bool) -> Iterator[Justification]:
        """The clauses of the count, which makes its name true if ``sign``, after those of what it needs."""
        count = self.count
        bounds = [count.least, *([] if count.most is None else [count.most + 1])]
        yield from self._reaches({bound for bound in bounds if self._is_fact(0, bound)})
        enough, *too_many = (self._reach(0, bound) for bound in bounds)
        yield from _clause(self.name, sign, [(enough, True), *((it, False) for it in too_many)])
        yield from _clause(self.name, not sign, [(enough, False)])
        for it in too_many:
            yield from _clause(self.name, not sign, [(it, True)])

    def _reaches(self, bounds: set[int]) -> Iterator[Justification]:
        """The clauses of all numbers that the bounds lead to, those of the last parts first."""
        wanted = [bounds]
        for place, points in enumerate(self.count.points):
            ahead = {it - less for it in wanted[-1] for less in (0, points)}
            wanted.append({it for it in ahead if self._is_fact(place + 1, it)})
        for place in range(len(self.parts) - 1, -1, -1):
            for bound in sorted(wanted[place]):
                yield from self._step(place, bound)

    def _step(self, place: int, bound: int) -> Iterator[Justification]:
        conclusion = (*self.name, _reached(place, bound))
        (part, truth), points = self.parts[place], self.count.points[place]
        without, with_it = self._reach(place + 1, bound), self._reach(place + 1, bound - points)
        yield from _clause(conclusion, True, [(without, True)])
        yield from _clause(conclusion, True, [(part, truth), (with_it, True)])
        yield from _clause(conclusion, False, [(without, False), (part, not truth)])
        yield from _clause(conclusion, False, [(with_it, False)])

    def _is_fact(self, place: int, bound: int) -> bool:
        """Whether it depends on the patient that the parts from a place on reach a number."""
        return 0 < bound <= sum(self.count.points[place:])

    def _reach(self, place: int, bound: int) -> Concluded | bool:
        """That the parts from a place on reach a number: a fact of its own, or the same for all patients."""
        return Concluded((*self.name, _reached(place, bound))) if self._is_fact(place, bound) else bound <= 0


def _reached(place: int, bound: int) -> str:
    return f"{bound} from {place}"


def _clause(name: Name, truth: bool, needs: Iterable[tuple[Leaf | bool, bool]]) -> Iterator[Justification]:
    """A clause, unless one of its needs is never met; needs that are always met are left out."""
    found = list(needs)
    if all(wanted is part for part, wanted in found if isinstance(part, bool)):
        yield Justification(name, truth, tuple((part, wanted) for part, wanted in found if not isinstance(part, bool)))
