"""Claims that the knowledge itself makes: its invariants, and the directions in which a step is never regained."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import combinations

from expert.check.proofs.claims import Broken, Claim, Ground
from expert.lang.definitions import over_inputs
from expert.lang.model import Direction, Invariant
from expert.lang.premises import All, Any, Concluded, Not
from expert.solve.connectives import Formula, conjunction, negation


def promise_claims(ground: Ground) -> Iterator[Claim]:
    """The invariants and the directions."""
    for invariant in ground.kb.invariants.values():
        yield Claim("invariant", invariant.id, invariant.at, partial(_broken, ground, invariant))
    for direction in ground.kb.directions.values():
        yield Claim("monotonic", direction.id, direction.at, partial(_regained, ground, direction))


def _broken(ground: Ground, it: Invariant) -> Broken | None:
    promised = Any(tuple(Concluded((it.status, target)) for target in it.targets))
    against = All((over_inputs(it.when, ground.kb), Not(promised) if it.always else promised))
    is_so = f"is not {it.status}" if it.always else f"is {it.status}"
    message = f"the invariant {it.id} is broken: there is a patient in its scope for whom {it.target} {is_so}"
    return ground.broken_if(against, message, f"{it.title}: {it.because}")


def _regained(ground: Ground, it: Direction) -> Broken | None:
    """Whether a step is available to a neighbour whose finding is further on, but not to the patient."""
    formulas = ground.prover.formulas
    permitted = formulas.of_neighbour(formulas.permitted, [it.finding])
    for step in it.targets:
        available = ground.holds("available", step)
        after = formulas.of_neighbour([available], [it.finding])
        facts = ground.prover.under(negation(available), *after, _gone_on(ground, it), *permitted).complete_patient()
        if facts is not None:
            way = "rises" if it.rises else "falls"
            message = f"{step} becomes available again as {it.finding} {way}, contrary to {it.id}"
            return Broken(message, f"{it.title}: {it.because}", ground.witness(facts))
    return None


def _gone_on(ground: Ground, it: Direction) -> Formula:
    """The neighbour's finding is further on."""
    cells = ground.domain.cells[it.finding]
    ways = []
    for one, other in combinations(cells if it.rises else cells[::-1], 2):
        first, second = (ground.prover.formulas.facts({it.finding: cell.value}) for cell in (one, other))
        ways.append(conjunction(*first, *ground.prover.formulas.of_neighbour(second, [it.finding])))
    return ground.prover.formulas.any(ways)
