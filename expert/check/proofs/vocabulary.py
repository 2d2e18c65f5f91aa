"""Claims about the vocabulary: some patient meets the constraints, every finding and value can change an outcome,
follow-ups only where they are asked, and conditions of presumptions hold for some and not for others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import combinations, pairwise

from expert.check.proofs.claims import Broken, Claim, Ground
from expert.check.proofs.neighbours import Neighbours
from expert.lang.definitions import over_inputs
from expert.lang.premises import All, Any, Compare, Concluded, literals, written
from expert.lang.units import write_value
from expert.lang.vocabulary import Finding, Kind
from expert.logic.cells import Cell
from expert.logic.kleene import Evaluation, holds_of
from expert.solve.connectives import negation
from expert.solve.formulas import formulas_of


def vocabulary_claims(ground: Ground) -> Iterator[Claim]:
    """Constraints, concluded choices, findings, values, thresholds, follow-ups."""
    kb = ground.kb
    at = kb.constraints[0].at if kb.constraints else ground.top
    yield Claim("constraints", "", at, partial(_impossible, ground))
    yield Claim("presumed-patient", "", at, partial(_presumed, ground))
    for finding in kb.concluded.values():
        if finding.values:
            yield Claim("exclusive", finding.name, finding.at, partial(_two_values, ground, finding))
    waiting = {it.finding for rule in kb.inactive.values() for it in literals(rule.premise)}
    for finding in kb.inputs.values():
        if finding.name not in waiting or ground.domain.definitions.above((), [finding.name]):
            yield Claim("non-discriminating", finding.name, finding.at, partial(_without_effect, ground, finding))
        if finding.alike:
            yield Claim("alike", finding.name, finding.at, partial(_not_alike, ground, finding))
        if finding.presumed_unless:
            yield Claim("presumed_unless", finding.name, finding.at, partial(_idle, ground, finding))
        if finding.asked_if:
            yield Claim("asked_if", finding.name, finding.at, partial(_unasked, ground, finding))


# --- constraints and concluded choices


def _impossible(ground: Ground) -> Broken | None:
    """Whether the constraints leave no patient; if so, few of them that leave none."""
    if ground.prover.possible():
        return None
    guilty = list(ground.kb.constraints)
    for constraint in list(guilty):
        fewer = [it for it in guilty if it is not constraint]
        if not formulas_of(ground.domain).permitted_by(fewer, {}):
            guilty = fewer
    message, remedy = "the constraints exclude every patient", "constraints that can hold together"
    related = tuple((it.at, f"constraint {it.id}") for it in guilty[1:])
    return Broken(message, remedy, related=related, at=guilty[0].at)


def _presumed(ground: Ground) -> Broken | None:
    """Whether no patient has every usual value, and every default."""
    facts = ground.domain.presumed
    if ground.prover.possible(*ground.prover.formulas.facts(facts)):
        return None
    message = "the constraints exclude the patient with all usual values"
    presumed = Evaluation(ground.definitions, facts)
    met = (it.at for it in ground.kb.constraints if presumed.evaluate(All(it.never)))
    return Broken(message, "usual values that can occur together", at=next(met, None))


def _two_values(ground: Ground, finding: Finding) -> Broken | None:
    """Whether rules for two values of a concluded choice can hold for one patient."""
    for one, other in combinations(finding.values, 2):
        rules = [ground.kb.rules_for.get(("finding", finding.name, value), ()) for value in (one, other)]
        both = All(tuple(Any(tuple(Concluded(("rule", it.id)) for it in some)) for some in rules))
        message = f"{finding.name} can be {one} and {other} for one patient"
        related = tuple((it.at, f"rule {it.id}") for some in rules for it in some)
        if broken := ground.broken_if(both, message, "premises that differ", related):
            return broken
    return None


# --- what makes a difference


def _without_effect(ground: Ground, finding: Finding) -> Broken | None:
    """Whether a finding, one of its values, or one of its thresholds can never change an outcome."""
    neighbours = Neighbours(ground, finding.name)
    if not neighbours.possible():
        message = f"whatever {finding.name} is, no outcome changes"
        return Broken(message, "removal of the finding, or a rule that reads it", severity="warning")
    if finding.kind is Kind.CHOICE:
        for one, other in combinations(finding.values, 2):
            if not {one, other} <= set(finding.alike) and not neighbours.distinguish(one, other):
                message = f"no outcome distinguishes {finding.name} {one} from {other}"
                remedy = f"alike: [{one}, {other}], or a rule that distinguishes them"
                return Broken(message, remedy, severity="warning")
    if finding.kind is Kind.QUANTITY:
        return _threshold_without_effect(ground, finding, neighbours)
    return None


def _threshold_without_effect(ground: Ground, finding: Finding, neighbours: Neighbours) -> Broken | None:
    """Whether two neighbouring cells are never distinguished, though some premise compares with what divides them.

    Or whether a premise compares with what divides none, since the whole range lies on one side of it.
    """
    comparisons = list(_comparisons(ground, finding.name))
    cells = ground.domain.cells[finding.name]
    for it in comparisons:
        if len({holds_of(it, cell.value) for cell in cells}) == 1:
            return _on_threshold(finding, [it])
    for below, above in pairwise(cells):
        readers = [it for it in comparisons if _divides(it, below, above)]
        if readers and not neighbours.distinguish(below.value, above.value):
            return _on_threshold(finding, readers)
    return None


def _on_threshold(finding: Finding, readers: Sequence[Compare]) -> Broken:
    message = f"no outcome depends on the threshold {written(readers[0])}"
    at, *others = [it.at or finding.at for it in readers]
    related = tuple((place, "the same threshold") for place in others)
    return Broken(message, "another threshold, or none", related=related, at=at, severity="warning")


def _comparisons(ground: Ground, finding: str) -> Iterator[Compare]:
    for name in ground.definitions.readers.get(finding, ()):
        for literal in literals(ground.definitions.premises[name]):
            if isinstance(literal, Compare) and literal.finding == finding:
                yield literal


def _divides(premise: Compare, below: Cell, above: Cell) -> bool:
    """Whether a comparison is true in one of two neighbouring cells and false in the other."""
    at_point = below.value if below.is_point else above.value
    inclusive = premise.operator in ("<=", ">")  # the threshold itself belongs to what lies below
    return premise.threshold == at_point and inclusive is below.is_point


def _not_alike(ground: Ground, finding: Finding) -> Broken | None:
    neighbours = Neighbours(ground, finding.name)
    for one, other in combinations(finding.alike, 2):
        facts = neighbours.distinguished(one, other)
        if facts is not None:
            message = f"{finding.name} {one} and {other} are declared alike, but an outcome distinguishes them"
            return Broken(message, "alike: without one of them", ground.witness(facts))
    return None


def _idle(ground: Ground, finding: Finding) -> Broken | None:
    """Whether the condition of a presumption makes no difference: it holds for no patient or for all, or another
    presumption decides the finding all the same.
    """
    assert finding.presumed_unless is not None
    condition = ground.of(finding.presumed_unless)
    if not ground.prover.possible(condition):
        message = f"the usual value of {finding.name} is always presumed: its presumed_unless holds for no patient"
        return Broken(message, "another premise, or none", severity="warning")
    if not ground.prover.possible(negation(condition)):
        message = f"the usual value of {finding.name} is never presumed: its presumed_unless holds for every patient"
        return Broken(message, "another premise, or no usual value", severity="warning")
    return _decided_all_the_same(ground, finding)


def _decided_all_the_same(ground: Ground, finding: Finding) -> Broken | None:
    """Whether another presumption leaves one value of a finding that is not to be presumed itself."""
    if finding.name in ground.domain.forced({}):
        return None
    for name, usual in ground.domain.usual.items():
        value = ground.domain.forced({name: usual}).get(finding.name)
        if value is not None and ground.kb.presumed_unless.get(name) != finding.presumed_unless:
            said = write_value(finding, value)
            message = f"the usual value of {name} forces {finding.name} to be {said} where its presumed_unless holds"
            return Broken(message, f"the same presumed_unless for {name}", severity="warning")
    return None


def _unasked(ground: Ground, finding: Finding) -> Broken | None:
    """Whether a follow-up matters to a patient for whom its question is not asked."""
    assert finding.asked_if is not None
    neighbours = Neighbours(ground, finding.name)
    unasked = [negation(ground.of(over_inputs(finding.asked_if, ground.kb)))]
    facts = neighbours.patient(*unasked, *neighbours.of_other(unasked))
    if facts is None:
        return None
    message = f"{finding.name} can matter although its question is not asked"
    return Broken(message, "a wider asked_if", ground.witness(facts))
