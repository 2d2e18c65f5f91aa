"""Claims about single rules: none is subsumed by another, none is without effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import accumulate

from expert.check.proofs.claims import Broken, Claim, Ground
from expert.lang.model import Conclusion, Rule
from expert.lang.premises import ALWAYS, All, Any, Concluded, Name
from expert.solve.connectives import Formula, constant, disjunction, fresh, negation
from expert.solve.prove import Prover
from expert.solve.to_kleene import Pair


def rule_claims(ground: Ground) -> Iterator[Claim]:
    """A claim for each rule: it makes a difference."""
    rules = _Rules(ground)
    for rule in ground.kb.rules.values():
        yield Claim("redundant", rule.id, rule.at, partial(_redundant, ground, rules, rule))


def _redundant(ground: Ground, rules: _Rules, rule: Rule) -> Broken | None:
    """Whether no observable of any partial patient's answer changes when a rule is taken out.

    If one other rule covers it, it is subsumed. A rule that cites what its coverers do not is an argument to be read,
    not a fault. The quick questions come first: most rules decide alone, and most others add nothing.
    """
    if rules.decides_alone(rule):
        return None
    if rules.may_add(rule) and ground.patients.see({("rule", rule.id): Any(())}):
        return None
    if not ground.prover.possible(ground.holds("rule", rule.id)):
        return None  # it can never hold, which is a fault of its own
    covering = rules.covering(rule)
    more = [claim for claim in rule.cite if not any(claim in other.cite for other in covering)]
    by = ", ".join(other.id for other in covering) or "other rules about its conclusions"
    related = tuple((other.at, f"covered by rule {other.id}") for other in covering)
    some = Any(tuple(Concluded(("rule", other.id)) for other in covering)) if covering else ALWAYS
    witness = ground.shown(All((Concluded(("rule", rule.id)), some)))
    if more:
        only = ", ".join(more)
        message = f"the rule {rule.id} decides nothing that {by} does not; it is kept as an argument, citing {only}"
        return Broken(message, "", witness, related, severity="note", check="argument")
    message = f"the rule {rule.id} never decides anything: every patient who meets it meets {by}"
    check = "subsumed" if len(covering) == 1 else "redundant"
    return Broken(message, "removal of the rule", witness, related, severity="warning", check=check)


class _Rules:
    """All rules together: what one adds to the others that lead to the same.

    The truth of each rule is a name that the solvers know from the start; all is asked by assumptions about names, so
    that the solvers do not grow with what they are asked, and report which of them an answer depends on.
    """

    def __init__(self, ground: Ground) -> None:
        self.ground, self.kb, self.context = ground, ground.kb, ground.prover.formulas.context
        self.rules: list[Name] = [("rule", name) for name in self.kb.rules]
        others: list[Name] = [("excludes", place) for place in (*self.kb.steps, *self.kb.options)]
        others += [("given", advice) for advice in self.kb.advice]
        self.holds = {name: fresh(self.context) for name in (*self.rules, *others)}
        self.known = {name: Pair(*(fresh(self.context) for _ in Pair._fields)) for name in self.rules}

    @cached_property
    def complete(self) -> Prover:
        """Looks for complete patients, for whom each name holds or fails."""
        named = (it == self.ground.holds(*name) for name, it in self.holds.items())
        return self.ground.prover.under(*named, *self._another_holds.defined)

    @cached_property
    def partial(self) -> Prover:
        """Looks for partial patients, for whom each rule may be known to hold or to fail."""
        pairs = ((flags, self.ground.prover.partial.concluded(name)) for name, flags in self.known.items())
        named = (flag == it for both in pairs for flag, it in zip(*both, strict=True))
        return self.ground.prover.under(*named, *self._another_known.defined, *self._another_open.defined)

    @cached_property
    def _another_holds(self) -> _Another:
        return _Another(self.ground, self.holds)

    @cached_property
    def _another_known(self) -> _Another:
        return _Another(self.ground, {name: pair.holds for name, pair in self.known.items()})

    @cached_property
    def _another_open(self) -> _Another:
        return _Another(self.ground, {name: negation(pair.fails) for name, pair in self.known.items()})

    def decides_alone(self, rule: Rule) -> bool:
        """Whether for some patient it is the only rule that leads to an observable: the common case."""
        return any(self._alone(rule, conclusion) for conclusion in rule.then)

    def _alone(self, rule: Rule, conclusion: Conclusion) -> bool:
        seen = []
        if conclusion.role == "supports":
            option = self.kb.options.get(conclusion.target)
            if option and not option.if_supported:
                return False
            seen = [negation(self.holds["excludes", conclusion.target])]
        elif conclusion.role == "advise":
            seen = [self.holds["given", conclusion.target]]
        elif conclusion.role == "finding" and conclusion.value == self.kb.findings[conclusion.target].otherwise:
            return False  # it may hold without any rule
        another = self._another_holds.of[conclusion.name, rule.id]
        return self.complete.possible(self.holds["rule", rule.id], negation(another), *seen)

    def may_add(self, rule: Rule) -> bool:
        """Whether the truth of what it concludes may differ without it, of some partial patient."""
        holds, fails = self.known["rule", rule.id]
        for name in dict.fromkeys(it.name for it in rule.then):
            if self.partial.possible(holds, negation(self._another_known.of[name, rule.id])):
                return True
            if self.partial.possible(negation(fails), negation(self._another_open.of[name, rule.id])):
                return True
        return False

    def covering(self, rule: Rule) -> list[Rule]:
        """One rule with a conclusion in common that holds whenever this one does, or else several that do so together.

        None of several can be left out; it is empty if even all together do not.
        """
        others = {other.id for conclusion in rule.then for other in self._others(rule, conclusion)}
        covering = self._needed(rule, [it for it in self.kb.rules.values() if it.id in others])
        if covering is None:
            return []
        for other in covering:
            if self._needed(rule, [other]) is not None:
                return [other]
        for other in list(covering):
            fewer = self._needed(rule, [it for it in covering if it is not other]) if other in covering else None
            covering = covering if fewer is None else fewer
        return covering

    def _needed(self, rule: Rule, others: Sequence[Rule]) -> list[Rule] | None:
        """Rules among others of which one holds whenever this one does; ``None`` if all together do not suffice."""
        none = [negation(self.holds["rule", other.id]) for other in others]
        if self.complete.possible(self.holds["rule", rule.id], *none):
            return None
        core = {it.get_id() for it in self.complete.solver.unsat_core()}
        return [other for other, it in zip(others, none, strict=True) if it.get_id() in core]

    def _others(self, rule: Rule, conclusion: Conclusion) -> list[Rule]:
        return [it for it in self.kb.rules_for[conclusion.name] if it.id != rule.id]


class _Another:
    """Whether a formula holds of another rule with the same conclusion, in formulas as many as the rules.

    Attributes:
        of: by the conclusion and the rule.
        defined: what these formulas mean.
    """

    def __init__(self, ground: Ground, formulas: Mapping[Name, Formula]) -> None:
        self.context = ground.prover.formulas.context
        self.defined: list[Formula] = []
        self.of: dict[tuple[Name, str], Formula] = {}
        none = constant(False, self.context)
        for conclusion, rules in ground.kb.rules_for.items():
            names: list[Name] = list(dict.fromkeys(("rule", rule.id) for rule in rules))
            before = accumulate((formulas[name] for name in names[:-1]), self._either, initial=none)
            after = accumulate((formulas[name] for name in names[:0:-1]), self._either, initial=none)
            for (_, rule), one, other in zip(names, before, reversed(list(after)), strict=True):
                self.of[conclusion, rule] = self._either(one, other)

    def _either(self, one: Formula, other: Formula) -> Formula:
        found = fresh(self.context)
        self.defined.append(found == disjunction(one, other))
        return found
