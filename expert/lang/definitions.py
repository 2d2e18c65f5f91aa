"""The knowledge base as one system of definitions: every conclusion is a name with a premise.

This is the one place where the meaning of a ladder is defined. A rule holds when its condition does, and a concluded
finding when some rule for it holds. A step is *available* when it is supported and not excluded; the first available
step is *recommended*. Every executor runs these definitions and nothing else.

======================  ================================================================================================
name                    definition
======================  ================================================================================================
``rule ID``             the rule's condition
``finding F``           some rule for it holds
``finding F V``         the same for a value of a choice; a rule for another value refutes it. The ``otherwise`` value
                        also holds when all rules for other values fail
``points F I``          the premise of an entry of a score's points holds
``score F N``           the points of a score add up to N or more
``supports T``          some rule that supports the step or option holds (``excludes``, ``cautions``, ``prefers`` too)
``alert A``             some rule that raises it holds
``advise A``            some rule that gives it holds
``available STEP``      supported, not excluded
``recommended STEP``    available, and no earlier step available
``offered OPTION``      not excluded (and supported, where the ladder asks for that)
``given ADVICE``        advised, and one of its steps is recommended
======================  ================================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TypeVar

from expert.lang.errors import InternalError
from expert.lang.model import KnowledgeBase, Rule
from expert.lang.premises import (
    ALWAYS,
    All,
    Any,
    Compare,
    Concluded,
    Count,
    Exclusive,
    Is,
    Leaf,
    Name,
    Not,
    Premise,
    literals,
    mapped,
    names_in,
)
from expert.lang.roles import roles_for
from expert.lang.vocabulary import Finding

T = TypeVar("T", bound=Hashable)

SHALLOW = 50
"""Definitions of up to this many strata are evaluated recursively; each stratum takes up to five calls."""


class Definitions:
    """All definitions of a knowledge base.

    Attributes:
        premises: every name with its premise over input findings and other names, ordered by stratum (a definition
            needs only names of lower strata), then by file and line. The order decides traces, never conclusions.
        needs: for each name, the names that its definition speaks of.
        inputs: for each name, the input findings that its truth can depend on.
        deep: names so far up that they should be worked out `in_order`.
    """

    def __init__(self, kb: KnowledgeBase) -> None:
        """Raises:
        KeyError: a definition speaks of a name that has none.
        LoopError: a definition depends on itself.
        """
        self.kb = kb
        written = dict(_definitions(kb))
        self.needs = {name: names_in(premise) for name, premise in written.items()}
        self.inputs: dict[Name, frozenset[str]] = {}
        strata: dict[Name, int] = {}
        for name in in_order(written, self.needs, strata):
            needs = self.needs[name]
            strata[name] = 1 + max([strata[it] for it in needs]) if needs else 0
            own = {literal.finding for literal in literals(written[name])}
            self.inputs[name] = frozenset(own).union(*[self.inputs[it] for it in needs])
        self.deep = frozenset(name for name, stratum in strata.items() if stratum > SHALLOW)
        self.premises: dict[Name, Premise] = {name: written[name] for name in sorted(written, key=strata.__getitem__)}

    @property
    def steps(self) -> tuple[Name, ...]:
        """The names of recommendations, in the ladder's order."""
        return tuple(("recommended", step) for step in self.kb.steps)

    @property
    def alerts(self) -> tuple[Name, ...]:
        """The names of alerts, in their order."""
        return tuple(("alert", alert) for alert in self.kb.alerts)

    def below(self, names: Iterable[Name]) -> set[Name]:
        """Names, and everything that their definitions depend on."""
        return reached(names, self.needs.__getitem__)

    def above(self, names: Iterable[Name], findings: Iterable[str] = ()) -> set[Name]:
        """Names, and everything whose definition depends on them or on some input findings."""
        start = (*names, *(name for it in findings for name in self.readers.get(it, ())))
        return reached(start, lambda name: self._used_by.get(name, ()))

    def only(self, names: Container[Name]) -> Definitions:
        """The definitions of these names only; they must not depend on others."""
        some = self._copied()
        some.premises = {name: premise for name, premise in self.premises.items() if name in names}
        return some

    def _copied(self) -> Definitions:
        """A copy without the cached properties."""
        other = Definitions.__new__(type(self))
        remembered = ("exclusive", "_used_by", "readers")
        vars(other).update((name, value) for name, value in vars(self).items() if name not in remembered)
        return other

    @cached_property
    def exclusive(self) -> Mapping[Name, Exclusive]:
        """The definitions of the values of concluded choices."""
        names = (("finding", it.name, value) for it in self.kb.concluded.values() for value in it.values)
        return {name: premise for name in names if isinstance(premise := self.premises[name], Exclusive)}

    @cached_property
    def _used_by(self) -> Mapping[Name, list[Name]]:
        """For each name, the names whose definitions mention it."""
        return _inverted((name, self.needs[name]) for name in self.premises)

    @cached_property
    def readers(self) -> Mapping[str, list[Name]]:
        """For each input finding, the names whose definitions mention it."""
        return _inverted((name, {it.finding for it in literals(premise)}) for name, premise in self.premises.items())

    def with_entry(self, entry: Rule | Finding) -> tuple[Definitions, Mapping[Name, Premise]]:
        """The definitions with the rule, or the score, of this name replaced, and the definitions that differ.

        A new rule must not add strata, and a new score must keep its bounds. The `inputs` are those of both versions.
        """
        kb = self.kb.with_entry(entry)
        written: dict[Name, Premise] = {}
        if isinstance(entry, Rule):
            written["rule", entry.id] = over_inputs(entry.premise, kb)
            for name in {it.name for it in (*self.kb.rules[entry.id].then, *entry.then)}:
                finding = kb.findings[name[1]] if name[0] == "finding" else None
                written.update(_finding(finding, kb) if finding else [(name, _some_rule(name, kb))])
        else:
            written.update(_finding(entry, kb))
        changed = {name: premise for name, premise in written.items() if premise != self.premises[name]}
        other = self._copied()
        other.kb, other.premises = kb, {**self.premises, **changed}
        other.needs, other.inputs = dict(self.needs), dict(self.inputs)
        inputs: set[str] = set()
        for name, premise in changed.items():
            other.needs[name] = names_in(premise)
            own = {literal.finding for literal in literals(premise)}
            inputs = inputs.union(own, *(self.inputs[it] for it in other.needs[name]))
        for name in self.above(changed):
            other.inputs[name] = self.inputs[name] | inputs
        return other, changed


class LoopError(InternalError):
    """A definition depends on itself. Readers reject such knowledge; a mixture of two versions may contain it."""


def in_order(names: Iterable[Name], needs: Mapping[Name, Iterable[Name]], done: Container[Name]) -> Iterator[Name]:
    """Names and everything they depend on, each after its own needs; names that are ``done`` are left out.

    Evaluating in this order needs no recursion, however long a chain of conclusions is. The caller must add each name
    to ``done`` before it asks for the next.

    Raises:
        KeyError: a name is missing.
        LoopError: a name depends on itself.
    """
    path: list[tuple[Name, Iterator[Name]]] = [((), iter(names))]
    while path:
        current, ahead = path[-1]
        for below in ahead:
            if below not in done:
                path.append((below, iter(needs[below])))
                break
        else:
            path.pop()
            if path:
                yield current
        if len(path) > len(needs) + 1:
            raise LoopError(f"{' '.join(current)} depends on itself")


def reached(start: Iterable[T], ahead: Callable[[T], Iterable[T]]) -> set[T]:
    """The nodes of a graph that are reachable from some nodes, these included."""
    found = set(start)
    waiting = list(found)
    while waiting:
        new = {node for node in ahead(waiting.pop()) if node not in found}
        found |= new
        waiting += new
    return found


def _inverted(edges: Iterable[tuple[Name, Iterable[T]]]) -> dict[T, list[Name]]:
    found: dict[T, list[Name]] = {}
    for name, nodes in edges:
        for node in dict.fromkeys(nodes):
            found.setdefault(node, []).append(name)
    return found


def _definitions(kb: KnowledgeBase) -> Iterator[tuple[Name, Premise]]:
    for rule in kb.rules.values():
        yield ("rule", rule.id), over_inputs(rule.premise, kb)
    for finding in kb.concluded.values():
        yield from _finding(finding, kb)
    for step in kb.steps:
        for role in roles_for("step"):
            yield (role, step), _some_rule((role, step), kb)
    for option in kb.options.values():
        for role in roles_for("option"):
            yield (role, option.name), _some_rule((role, option.name), kb)
        support = Concluded(("supports", option.name)) if option.if_supported else ALWAYS
        yield ("offered", option.name), All((support, Not(Concluded(("excludes", option.name)))))
    for alert in kb.alerts:
        for role in roles_for("alert"):
            yield (role, alert), _some_rule((role, alert), kb)
    for advice in kb.advice:
        for role in roles_for("advice"):
            yield (role, advice), _some_rule((role, advice), kb)
    earlier: list[Premise] = []
    for step in kb.steps:
        available = Concluded(("available", step))
        yield available.name, All((Concluded(("supports", step)), Not(Concluded(("excludes", step)))))
        yield ("recommended", step), All((available, *earlier))
        earlier.append(Not(available))
    for entry in kb.advice.values():
        its_steps = Any(tuple(Concluded(("recommended", step)) for step in entry.steps))
        yield ("given", entry.name), All((Concluded(("advise", entry.name)), its_steps))


def _some_rule(name: Name, kb: KnowledgeBase) -> Any:
    return Any(tuple(Concluded(("rule", rule.id)) for rule in kb.rules_for.get(name, ())))


def _finding(finding: Finding, kb: KnowledgeBase) -> Iterator[tuple[Name, Premise]]:
    if finding.points:
        yield from _score(finding, kb)
        return
    if not finding.values:
        yield ("finding", finding.name), _some_rule(("finding", finding.name), kb)
        return
    rules = {value: _some_rule(("finding", finding.name, value), kb) for value in finding.values}
    for value, own in rules.items():
        others = Any(tuple(rule for other, some in rules.items() if other != value for rule in some.premises))
        if value == finding.otherwise:
            own = Any((*own.premises, Not(others)))
        yield ("finding", finding.name, value), Exclusive(own, others)


def _score(finding: Finding, kb: KnowledgeBase) -> Iterator[tuple[Name, Premise]]:
    """Each number of points that a score can reach; a premise with negative points adds to it by failing."""
    parts: list[Premise] = []
    for place, entry in enumerate(finding.points):
        name = Concluded(("points", finding.name, str(place)))
        yield name.name, over_inputs(All(entry.when), kb)
        parts.append(name if entry.points > 0 else Not(name))
    points = tuple(abs(entry.points) for entry in finding.points)
    for number in finding.numbers:
        yield ("score", finding.name, str(number)), Count(number - int(finding.low), None, tuple(parts), points)


def _reached(premise: Compare, score: Finding) -> Premise:
    """A comparison of a score as the definition of the number that it asks for."""
    strict = premise.operator in (">", "<=")
    number = int(premise.threshold) + strict
    if number not in score.numbers:
        reached: Premise = ALWAYS if number <= score.low else Any(())
    else:
        reached = Concluded(("score", score.name, str(number)))
    return reached if premise.operator in (">", ">=") else Not(reached)


def over_inputs(premise: Premise, kb: KnowledgeBase) -> Premise:
    """The premise with concluded findings replaced by the names of their definitions."""

    def leaf(it: Leaf) -> Premise:
        if isinstance(it, Concluded) or not kb.findings[it.finding].concluded:
            return it
        if isinstance(it, Compare):
            return _reached(it, kb.findings[it.finding])
        if not isinstance(it, Is):
            return Any(tuple(Concluded(("finding", it.finding, value)) for value in it.values))
        name = Concluded(("finding", it.finding, *([it.value] if isinstance(it.value, str) else ())))
        return Not(name) if it.value is False else name

    return mapped(premise, leaf)
