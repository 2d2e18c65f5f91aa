"""Definitions as rules of experta; the only module that imports experta.

Each definition becomes Horn clauses: some that prove it and some that refute it, by De Morgan's laws down to premises
about single findings. What follows for all patients is concluded here, once. The other clauses become rules of experta,
one for those that wait for the same: its patterns are all positive, and its action declares their conclusions as facts.
Nested premises get facts of their own, so no pattern holds an OR. Facts are only ever added, so the order of firing
cannot change what is concluded.
"""

from __future__ import annotations

import collections
import collections.abc
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from expert.engine.record import Justification
from expert.lang.definitions import Definitions
from expert.lang.premises import All, Any, Compare, Concluded, Exclusive, In, Is, Leaf, Literal, Name, Premise, stripped
from expert.lang.values import Facts, Value
from expert.logic.kleene import holds_of


def _import_experta() -> None:
    """Import experta as it needs it.

    frozendict 1.2, which it pins, looks for ``collections.Mapping`` (gone since Python 3.10). Its call of
    ``logging.basicConfig()``, which is not a library's to make, does nothing while the root logger has a handler.
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
    """Silence experta's loggers unless they are asked for (``experta.watch()``), as it says they are.

    Left as they are, they would log every firing wherever the root logger takes in INFO.
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
    "compile_clauses", "compile_rules", "conclusion_fact", "finding_facts",
]  # fmt: skip

Part = tuple[Literal | Concluded, bool]
"""What a clause needs: a literal or a conclusion, and the truth that it must have."""


class Named(Fact):  # type: ignore[misc]
    """A fact about what its name says.

    Its values are plain, so there is nothing that experta would have to freeze. What experta asks of every fact at
    every turn (it writes each for watchers, though there are none) is answered without looking further.
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
    """The facts of one patient. They are plain, and none is declared twice: nothing need be validated or looked for."""

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
    """What a definition came to: ``ConclusionFact(name="supports conservative", truth=False)``."""


def finding_facts(facts: Facts) -> list[FindingFact]:
    """Facts about a patient as experta's."""
    return [FindingFact(name=name, value=value) for name, value in facts.items()]


def conclusion_fact(justification: Justification) -> ConclusionFact:
    """What a justification establishes, as a fact of experta's."""
    return ConclusionFact(name=" ".join(justification.conclusion), truth=justification.truth)


class Waiting(NamedTuple):
    """Clauses that wait for the same."""

    needs: tuple[Part, ...]
    clauses: list[Justification]


class Clauses(NamedTuple):
    """The definitions as Horn clauses.

    Attributes:
        always: what follows for all patients, with its justifications.
        waiting: the other clauses, in the order of definitions. What all patients have is not waited
            for; a clause that needs what no patient has is left out.
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
        if needs or (same and same[0].truth is not clause.truth):  # who contradicts it must fire, to be refused
            waiting.setdefault(frozenset(needs), Waiting(tuple(needs), [])).clauses.append(clause)
        elif same:
            same.append(clause)
        else:
            always[clause.conclusion] = [clause]
    return Clauses(always, tuple(waiting.values()))


def _needs(clause: Justification, always: Mapping[Name, Sequence[Justification]]) -> list[Part] | None:
    """What a clause needs that not all patients have; ``None`` if it needs what no patient has."""
    needs = []
    for part, truth in clause.because:
        found = always.get(part.name) if isinstance(part, Concluded) else None
        if found is None:
            needs.append((part, truth))
        elif found[0].truth is not truth:
            return None
    return needs


def compile_rules(waiting: Sequence[Waiting]) -> list[Rule]:
    """Clauses as rules of experta, each with its place in their order as its salience."""
    patterns = _Patterns()
    return [
        ClauseRule(tuple(it.clauses), *([patterns[part] for part in it.needs] or [InitialFact()]), salience=-rank)
        for rank, it in enumerate(waiting)
    ]


class ClauseRule(Rule):  # type: ignore[misc]
    """A rule whose action is to conclude what its clauses say; they stand where others wrap a function.

    `experta.Rule` looks into the signature of every function, which took most of the time of compiling.
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
    """The test of a literal. It is total, since experta may try it on the value of any other finding first."""
    kind = float if isinstance(literal, Compare) else str
    return lambda value: isinstance(value, kind) and holds_of(literal, value) is truth


def clauses(definitions: Definitions) -> Iterator[Justification]:
    """All Horn clauses of the definitions: each is the justification that it records when it fires."""
    for name, premise in definitions.premises.items():
        yield from _clauses(name, True, premise)


def _clauses(name: Name, sign: bool, premise: Premise) -> Iterator[Justification]:
    """Clauses that make ``name`` have the truth of ``premise`` (if ``sign``) or the opposite.

    A nested premise gets clauses of its own, ahead of those that need it.
    """
    premise, same = stripped(premise)
    sign = sign is same
    needs = []
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
        case Is() | In() | Compare() | Concluded():
            yield Justification(name, sign, ((premise, True),))
            yield Justification(name, not sign, ((premise, False),))
