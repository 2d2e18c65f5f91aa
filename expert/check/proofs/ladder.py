"""Claims about the ladder: every patient gets a step, no argument contradicts another, everything can be reached."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import combinations, product

from expert.check.faults import Related
from expert.check.proofs.claims import Broken, Claim, Ground
from expert.lang.definitions import over_inputs
from expert.lang.errors import Location
from expert.lang.model import Option, Rule
from expert.lang.premises import All, Any, Concluded, Name, Not, literals, written
from expert.solve.connectives import differ


def ladder_claims(ground: Ground) -> Iterator[Claim]:
    """Totality, conflicts, and what can never hold."""
    kb = ground.kb
    yield Claim("total", "", ground.top, partial(_total, ground))
    for option in kb.options.values():
        yield Claim("conflict", option.name, option.at, partial(_preferred_and_excluded, ground, option))
    for target in (*kb.steps, *kb.options):
        pro, contra = (kb.rules_for.get((role, target), ()) for role in ("supports", "excludes"))
        if pro and contra:
            yield Claim("conflict", target, contra[0].at, partial(_for_and_against, ground, target, pro, contra))
    for what, subject, name, at in _reachable(ground):
        yield Claim("unreachable", subject, at, partial(_unreachable, ground, what, subject, name))
    for step in kb.steps.values():
        if step.never_recommended:
            yield Claim("never-recommended", step.name, step.at, partial(_recommended, ground, step.name))


def _total(ground: Ground) -> Broken | None:
    """Whether every complete patient gets a recommended step; that it is one only follows from the definition."""
    some = Any(tuple(Concluded(("recommended", step)) for step in ground.kb.steps))
    message = "there is a patient for whom no step is recommended"
    return ground.broken_if(Not(some), message, "a rule that supports a step for them")


def _recommended(ground: Ground, step: str) -> Broken | None:
    message = f"{step} is declared never recommended, but is recommended for some patient"
    return ground.broken_if(Concluded(("recommended", step)), message, "a rule that excludes it")


# --- conflicts


def _preferred_and_excluded(ground: Ground, option: Option) -> Broken | None:
    name, roles = option.name, ("prefers", "excludes")
    rules = [rule for role in roles for rule in ground.kb.rules_for.get((role, name), ())]
    both = All(tuple(Concluded((role, name)) for role in roles))
    message = f"{name} can be preferred and excluded for one patient"
    related = tuple((rule.at, f"rule {rule.id}") for rule in rules)
    at = rules[0].at if rules else None
    return ground.broken_if(both, message, "an exception (unless) in one of the rules", related, at)


def _for_and_against(ground: Ground, target: str, pro: tuple[Rule, ...], contra: tuple[Rule, ...]) -> Broken | None:
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
            return Broken(message, "removal of one of them, or other premises", witness, related, other.at)
    return None


# --- what can never hold


def _reachable(ground: Ground) -> Iterator[tuple[str, str, Name, Location]]:
    """Everything that some patient should reach: what it is, its id, its definition, its place."""
    kb = ground.kb
    for rule in kb.rules.values():
        yield "the rule", rule.id, ("rule", rule.id), rule.at
    for finding in kb.concluded.values():
        for place, entry in enumerate(finding.points):
            yield "the entry", f"{place + 1} of {finding.name}", ("points", finding.name, str(place)), entry.at
        for name in () if finding.points else finding.names:
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


def _unreachable(ground: Ground, what: str, subject: str, name: Name) -> Broken | None:
    if ground.prover.possible(ground.holds(*name)):
        return None
    verb = {
        "the rule": "hold",
        "the finding": "hold",
        "the entry": "hold",
        "the step": "be recommended",
        "the option": "be offered",
    }
    message = f"{what} {subject} can never {verb.get(what, 'hold')}: no patient meets it"
    related = _clash(ground, ground.kb.rules[subject]) if what == "the rule" else ()
    return Broken(message, "premises that some patient meets", related=related)


def _clash(ground: Ground, rule: Rule) -> Related:
    """Two premises of a rule that exclude each other; none if no two do."""
    for pair in combinations([*rule.when, *(Not(it) for it in rule.unless)], 2):
        if not ground.prover.possible(*(ground.of(over_inputs(it, ground.kb)) for it in pair)):
            places = (next((literal.at for literal in literals(it) if literal.at), rule.at) for it in pair)
            return tuple(zip(places, map(written, pair), strict=True))
    return ()
