"""The knowledge base as one system of definitions: every conclusion is a name with a premise.

This is where the meaning of a ladder is written down, once. A rule holds when its condition does; a concluded finding
when some rule for it holds; a step is *available* when it is supported and not excluded, and *recommended* when besides
no earlier step is available. Every executor runs these definitions and nothing else.

======================  ================================================================================================
name                    definition
======================  ================================================================================================
``rule ID``             the rule's condition
``finding F``           some rule for it holds
``finding F V``         the same for a value of a choice; a rule for another value refutes it. The value that a choice
                        has otherwise holds too when all rules for other values fail
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

from collections.abc import Container, Iterable, Iterator, Mapping
from copy import copy
from functools import cached_property

from expert.lang.errors import InternalError
from expert.lang.model import KnowledgeBase, Rule
from expert.lang.observables import roles_for
from expert.lang.premises import ALWAYS, All, Any, Concluded, Exclusive, In, Is, Name, Not, Premise, parts
from expert.lang.vocabulary import Finding

SHALLOW = 50
"""So many strata may be gone down one definition after another: each takes up to five calls."""


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
        LoopError: a definition rests on itself.
        """
        self.kb = kb
        written = dict(_definitions(kb))
        self.needs: dict[Name, tuple[Name, ...]] = {}
        self.inputs: dict[Name, frozenset[str]] = {}
        for name, premise in written.items():
            self.needs[name], self.inputs[name] = _parts(premise)
        strata: dict[Name, int] = {}
        for name in in_order(written, self.needs, strata):
            needs = self.needs[name]
            strata[name] = 1 + max([strata[it] for it in needs]) if needs else 0
            self.inputs[name] = self.inputs[name].union(*[self.inputs[it] for it in needs])
        self.deep = frozenset(name for name, stratum in strata.items() if stratum > SHALLOW)
        self.premises: dict[Name, Premise] = {name: written[name] for name in sorted(written, key=strata.__getitem__)}

    @cached_property
    def dependents(self) -> Mapping[str, frozenset[Name]]:
        """For each input finding, the names whose truth can depend on it."""
        found: dict[str, set[Name]] = {finding: set() for finding in self.kb.inputs}
        for name in self.premises:
            for finding in self.inputs[name]:
                found[finding].add(name)
        return {finding: frozenset(names) for finding, names in found.items()}

    def with_rule(self, rule: Rule) -> tuple[Definitions, Mapping[Name, Premise]]:
        """The definitions with another rule in the place of the one of its id, and those that are different.

        The rule may rest on no other findings than the knowledge base allows it to: no new strata arise. The `inputs`
        are those of both versions.
        """
        kb = self.kb._replace(rules={**self.kb.rules, rule.id: rule})
        written: dict[Name, Premise] = {("rule", rule.id): over_inputs(rule.premise, kb)}
        for name in {it.name for it in (*self.kb.rules[rule.id].then, *rule.then)}:
            finding = kb.findings[name[1]] if name[0] == "finding" else None
            written.update(_finding(finding, kb) if finding else [(name, _some_rule(name, kb))])
        changed = {name: premise for name, premise in written.items() if premise != self.premises[name]}
        other = copy(self)
        vars(other).pop("dependents", None)
        other.kb, other.premises = kb, {**self.premises, **changed}
        other.needs, other.inputs = dict(self.needs), dict(self.inputs)
        inputs: set[str] = set()
        for name, premise in changed.items():
            other.needs[name], own = _parts(premise)
            inputs = inputs.union(own, *(self.inputs[it] for it in other.needs[name]))
        for name in self.resting_on(changed):
            other.inputs[name] = self.inputs[name] | inputs
        return other, changed

    def resting_on(self, names: Iterable[Name]) -> frozenset[Name]:
        """Some names, and all whose definitions rest on them."""
        found, ahead = set(names), list(names)
        while ahead:
            new = [name for name in self._needed_by.get(ahead.pop(), ()) if name not in found]
            found.update(new)
            ahead += new
        return frozenset(found)

    @cached_property
    def _needed_by(self) -> Mapping[Name, list[Name]]:
        found: dict[Name, list[Name]] = {}
        for name, needs in self.needs.items():
            for below in needs:
                found.setdefault(below, []).append(name)
        return found


class LoopError(InternalError):
    """A definition rests on itself. Readers refuse such knowledge; a mixture of two versions may come to it."""


def in_order(names: Iterable[Name], needs: Mapping[Name, Iterable[Name]], done: Container[Name]) -> Iterator[Name]:
    """Names and all that they rest on, each after what it needs itself, but for what is done.

    Who works names out in this order never has to go from one definition on into another, however long a chain of
    conclusions is. Each name must be done before the next is asked for.

    Raises:
        KeyError: a name is missing.
        LoopError: a name rests on itself.
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
            raise LoopError(f"{' '.join(current)} rests on itself")


def names_in(premise: Premise) -> tuple[Name, ...]:
    """The names that a premise speaks of."""
    return _parts(premise)[0]


def _parts(premise: Premise) -> tuple[tuple[Name, ...], frozenset[str]]:
    """The names and the input findings that a premise speaks of."""
    names, inputs = [], []
    for part in parts(premise):
        if isinstance(part, Concluded):
            names.append(part.name)
        else:
            inputs.append(part.finding)
    return tuple(names), frozenset(inputs)


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
    if not finding.values:
        yield ("finding", finding.name), _some_rule(("finding", finding.name), kb)
        return
    rules = {value: _some_rule(("finding", finding.name, value), kb) for value in finding.values}
    for value, own in rules.items():
        others = Any(tuple(rule for other, some in rules.items() if other != value for rule in some.premises))
        if value == finding.otherwise:
            own = Any((*own.premises, Not(others)))
        yield ("finding", finding.name, value), Exclusive(own, others)


def over_inputs(premise: Premise, kb: KnowledgeBase) -> Premise:
    """The premise with each concluded finding replaced by the name of its definition."""
    match premise:
        case Is() if kb.findings[premise.finding].concluded:
            value = (premise.value,) if isinstance(premise.value, str) else ()
            name = Concluded(("finding", premise.finding, *value))
            return Not(name) if premise.value is False else name
        case In() if kb.findings[premise.finding].concluded:
            return Any(tuple(Concluded(("finding", premise.finding, value)) for value in premise.values))
        case Not():
            return Not(over_inputs(premise.premise, kb))
        case All():
            return All(tuple(over_inputs(part, kb) for part in premise.premises))
        case Any():
            return Any(tuple(over_inputs(part, kb) for part in premise.premises))
    return premise
