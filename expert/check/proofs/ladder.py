"""Claims about the ladder: every patient gets a step, nothing is at odds with itself, everything can be reached."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import combinations, product

from expert.check.faults import Fault
from expert.check.proofs.claims import Claim, Ground
from expert.lang.definitions import over_inputs
from expert.lang.errors import Location
from expert.lang.model import Rule
from expert.lang.premises import All, Any, Concluded, Name, Not, literals, written
from expert.solve.connectives import differ


def ladder_claims(ground: Ground) -> Iterator[Claim]:
    """Totality, conflicts, and what can never hold."""
    yield Claim("total", "", ground.top, partial(_total, ground))
    yield from _conflicts(ground)
    for what, subject, name, at in _reachable(ground):
        yield Claim("unreachable", subject, at, partial(_unreachable, ground, what, subject, name, at))
    for step in ground.kb.steps.values():
        if step.never_recommended:
            yield Claim("never-recommended", step.name, step.at, partial(_never, ground, step.name, step.at))


def _total(ground: Ground) -> Fault | None:
    """Every complete patient gets a recommended step; that it is one only follows from the definition."""
    some = Any(tuple(Concluded(("recommended", step)) for step in ground.kb.steps))
    witness = ground.shown(Not(some))
    if witness is None:
        return None
    message = "there is a patient for whom no step is recommended"
    return Fault("total", "error", message, ground.top, "a rule that supports a step for them", witness)


def _never(ground: Ground, step: str, at: Location) -> Fault | None:
    witness = ground.shown(Concluded(("recommended", step)))
    if witness is None:
        return None
    message = f"{step} is declared never recommended, and yet there is a patient for whom it is"
    return Fault("never-recommended", "error", message, at, "a rule that excludes it", witness)


# --- conflicts


def _conflicts(ground: Ground) -> Iterator[Claim]:
    for option in ground.kb.options.values():
        yield Claim(
            "conflict", option.name, option.at, partial(_preferred_and_excluded, ground, option.name, option.at)
        )
    for target in (*ground.kb.steps, *ground.kb.options):
        pro, contra = (ground.kb.rules_for.get((role, target), ()) for role in ("supports", "excludes"))
        if pro and contra:
            at = contra[0].at
            yield Claim("conflict", target, at, partial(_for_and_against, ground, target, pro, contra))


def _preferred_and_excluded(ground: Ground, option: str, at: Location) -> Fault | None:
    witness = ground.shown(All((Concluded(("prefers", option)), Concluded(("excludes", option)))))
    if witness is None:
        return None
    message = f"{option} can be preferred and excluded for one patient"
    rules = [*ground.kb.rules_for.get(("prefers", option), ()), *ground.kb.rules_for.get(("excludes", option), ())]
    related = tuple((rule.at, f"rule {rule.id}") for rule in rules)
    remedy = "an exception (unless) in one of the rules"
    return Fault("conflict", "error", message, rules[0].at if rules else at, remedy, witness, related)


def _for_and_against(ground: Ground, target: str, pro: tuple[Rule, ...], contra: tuple[Rule, ...]) -> Fault | None:
    """Whether two arguments, one for and one against, hold for just the same patients."""
    for one, other in product(pro, contra):
        names = ("rule", one.id), ("rule", other.id)
        if ground.definitions.inputs[names[0]] != ground.definitions.inputs[names[1]]:
            continue
        apart = differ(ground.holds(*names[0]), ground.holds(*names[1]))
        if not ground.prover.possible(apart) and ground.prover.possible(ground.holds(*names[0])):
            witness = ground.shown(All(tuple(map(Concluded, names))))
            same = "one rule argues" if one is other else "two rules with the same premises argue"
            message = f"{same} for and against {target}"
            related = ((one.at, f"for: rule {one.id}"),)
            remedy = "one of them taken out, or other premises"
            return Fault("conflict", "error", message, other.at, remedy, witness or "", related)
    return None


# --- what can never hold


def _reachable(ground: Ground) -> Iterator[tuple[str, str, Name, Location]]:
    """Everything that some patient should reach: what it is, its id, its definition, its place."""
    kb = ground.kb
    for rule in kb.rules.values():
        yield "the rule", rule.id, ("rule", rule.id), rule.at
    for finding in kb.concluded.values():
        for value in finding.values or ("",):
            name = ("finding", finding.name, *([value] if value else []))
            yield "the finding", " is ".join(name[1:]), name, finding.at
    for step in kb.steps.values():
        if not step.never_recommended:
            yield "the step", step.name, ("recommended", step.name), step.at
            for option in step.options:
                yield "the option", option.name, ("offered", option.name), option.at
    for alert in kb.alerts.values():
        yield "the alert", alert.name, ("alert", alert.name), alert.at
    for advice in kb.advice.values():
        yield "the advice", advice.name, ("given", advice.name), advice.at


def _unreachable(ground: Ground, what: str, subject: str, name: Name, at: Location) -> Fault | None:
    if ground.prover.possible(ground.holds(*name)):
        return None
    verb = {"the rule": "hold", "the finding": "hold", "the step": "be recommended", "the option": "be offered"}
    message = f"{what} {subject} can never {verb.get(what, 'be given')}: no patient meets it"
    related: tuple[tuple[Location, str], ...] = ()
    if what == "the rule":
        related = tuple(_clash(ground, ground.kb.rules[subject]))
    return Fault("unreachable", "error", message, at, "premises that some patient meets", related=related)


def _clash(ground: Ground, rule: Rule) -> list[tuple[Location, str]]:
    """Fewest premises of a rule that exclude each other: one pair, if there is one."""
    premises = [*rule.when, *(Not(it) for it in rule.unless)]
    for one, other in combinations(premises, 2):
        both = (ground.of(over_inputs(one, ground.kb)), ground.of(over_inputs(other, ground.kb)))
        if not ground.prover.possible(*both):
            found = []
            for premise in (one, other):
                at = next((literal.at for literal in literals(premise) if literal.at), rule.at)
                found.append((at, written(premise)))
            return found
    return []
