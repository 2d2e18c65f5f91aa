"""Claims about single rules: none is subsumed by another, none is without effect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, partial

from expert.check.faults import Fault
from expert.check.proofs.claims import Claim, Ground
from expert.lang.model import Conclusion, Rule
from expert.lang.premises import ALWAYS, All, Any, Concluded, Name
from expert.solve.connectives import Formula, fresh, negation
from expert.solve.prove import Prover
from expert.solve.to_kleene import Pair


def rule_claims(ground: Ground) -> Iterator[Claim]:
    """That each rule matters."""
    rules = _Rules(ground)
    for rule in ground.kb.rules.values():
        yield Claim("redundant", rule.id, rule.at, partial(_redundant, ground, rules, rule))


def _redundant(ground: Ground, rules: _Rules, rule: Rule) -> Fault | None:
    """Whether nothing that a person can see of any partial patient's answer changes when a rule is taken out.

    If one other rule covers it, it is subsumed. A rule that cites what its coverers do not is an argument that people
    read, not a fault. The quick questions come first: most rules decide alone, and most others add nothing.
    """
    if rules.decides_alone(rule):
        return None
    if rules.may_add(rule) and ground.patients.see({("rule", rule.id): Any(())}):
        return None
    if not ground.prover.possible(ground.holds("rule", rule.id)):
        return None  # it can never hold, which is told by itself
    covering = rules.covering(rule)
    check = "subsumed" if len(covering) == 1 else "redundant"
    more = [claim for claim in rule.cite if not any(claim in other.cite for other in covering)]
    by = ", ".join(other.id for other in covering) or "what else bears on its conclusions"
    related = tuple((other.at, f"covered by rule {other.id}") for other in covering)
    some = Any(tuple(Concluded(("rule", other.id)) for other in covering)) if covering else ALWAYS
    witness = ground.shown(All((Concluded(("rule", rule.id)), some))) or ""
    if more:
        message = f"the rule {rule.id} decides nothing beside {by}; it stays as an argument, citing {', '.join(more)}"
        return Fault("argument", "note", message, rule.at, "", witness, related)
    message = f"the rule {rule.id} never decides anything: whoever meets it meets {by}"
    return Fault(check, "warning", message, rule.at, "the rule taken out", witness, related)


class _Rules:
    """All rules beside each other: what one adds to the others that lead to the same.

    The truth of each rule is a name that the solvers know from the start; all is asked by assumptions about names, so
    that the solvers do not grow with what they are asked, and say which of them an answer rests on.
    """

    def __init__(self, ground: Ground) -> None:
        self.ground, self.kb, self.context = ground, ground.kb, ground.prover.formulas.context
        self.rules: list[Name] = [("rule", name) for name in self.kb.rules]
        besides: list[Name] = [("excludes", place) for place in (*self.kb.steps, *self.kb.options)]
        besides += [("given", advice) for advice in self.kb.advice]
        self.so = {name: fresh(self.context) for name in (*self.rules, *besides)}
        self.known = {name: Pair(*(fresh(self.context) for _ in Pair._fields)) for name in self.rules}

    @cached_property
    def complete(self) -> Prover:
        """Looks for complete patients, of whom each name is so or not."""
        return self.ground.prover.under(*(it == self.ground.holds(*name) for name, it in self.so.items()))

    @cached_property
    def partial(self) -> Prover:
        """Looks for partial patients, of whom each rule may be known to hold, or to fail."""
        pairs = ((flags, self.ground.prover.partial.name(name)) for name, flags in self.known.items())
        return self.ground.prover.under(*(flag == it for both in pairs for flag, it in zip(*both, strict=True)))

    def decides_alone(self, rule: Rule) -> bool:
        """Whether for some patient it is the only rule that leads to something that a person sees: the common case."""
        return any(self._alone(rule, conclusion) for conclusion in rule.then)

    def _alone(self, rule: Rule, conclusion: Conclusion) -> bool:
        seen = []
        if conclusion.role == "supports":
            option = self.kb.options.get(conclusion.target)
            if option and not option.if_supported:
                return False
            seen = [negation(self.so["excludes", conclusion.target])]
        elif conclusion.role == "advise":
            seen = [self.so["given", conclusion.target]]
        elif conclusion.role == "finding" and conclusion.value == self.kb.findings[conclusion.target].otherwise:
            return False  # it may hold without any rule
        return self.complete.possible(self.so["rule", rule.id], *self._none_of(self._beside(rule, conclusion)), *seen)

    def may_add(self, rule: Rule) -> bool:
        """Whether what it concludes may be known otherwise without it, of some partial patient."""
        holds, fails = self.known["rule", rule.id]
        for conclusion in rule.then:
            others = [self.known["rule", other.id] for other in self._beside(rule, conclusion)]
            if self.partial.possible(holds, *(negation(it) for it, _ in others)):
                return True
            if self.partial.possible(negation(fails), *(it for _, it in others)):
                return True
        return False

    def covering(self, rule: Rule) -> list[Rule]:
        """One rule with a conclusion in common that holds wherever this one does, or else several that together do.

        None of several can be left out; it is empty if even all together do not.
        """
        beside = {other.id for conclusion in rule.then for other in self._beside(rule, conclusion)}
        covering = self._needed(rule, [it for it in self.kb.rules.values() if it.id in beside])
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
        """Those of other rules that suffice so that some holds wherever this one does; ``None`` if all do not."""
        none = self._none_of(others)
        if self.complete.possible(self.so["rule", rule.id], *none):
            return None
        core = {it.get_id() for it in self.complete.solver.unsat_core()}
        return [other for other, it in zip(others, none, strict=True) if it.get_id() in core]

    def _beside(self, rule: Rule, conclusion: Conclusion) -> list[Rule]:
        return [it for it in self.kb.rules_for[conclusion.name] if it.id != rule.id]

    def _none_of(self, rules: Sequence[Rule]) -> list[Formula]:
        return [negation(self.so["rule", rule.id]) for rule in rules]
