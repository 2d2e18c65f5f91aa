"""Claims about the vocabulary: constraints that leave patients, findings and values that matter, follow-ups that only
matter when they are asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property, partial
from itertools import combinations, islice, pairwise

from expert.check.faults import Fault
from expert.check.proofs.claims import Claim, Ground
from expert.lang.definitions import over_inputs
from expert.lang.errors import Location
from expert.lang.premises import All, Any, Compare, Concluded, Name, literals, written
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import Finding, Kind
from expert.logic.cells import Cell
from expert.logic.kleene import Evaluation, holds_of
from expert.solve.connectives import Formula, differ, negation
from expert.solve.formulas import formulas_of
from expert.solve.prove import Prover
from expert.solve.to_kleene import CompletePairs, outcome

_FEW = 3


def vocabulary_claims(ground: Ground) -> Iterator[Claim]:
    """Constraints, concluded choices, findings, values, thresholds, follow-ups."""
    yield from _constraints(ground)
    for finding in ground.kb.concluded.values():
        if finding.values:
            yield Claim("exclusive", finding.name, finding.at, partial(_exclusive, ground, finding))
    for finding in ground.kb.inputs.values():
        yield Claim("non-discriminating", finding.name, finding.at, partial(_idle, ground, finding))
        if finding.alike:
            yield Claim("alike", finding.name, finding.at, partial(_not_alike, ground, finding))
        if finding.asked_if:
            yield Claim("asked_if", finding.name, finding.at, partial(_unasked, ground, finding))


# --- constraints and concluded choices


def _constraints(ground: Ground) -> Iterator[Claim]:
    at = ground.kb.constraints[0].at if ground.kb.constraints else ground.top
    yield Claim("constraints", "", at, partial(_impossible, ground))
    yield Claim("presumed-patient", "", at, partial(_presumed, ground, at))


def _impossible(ground: Ground) -> Fault | None:
    """Whether the constraints leave anybody; if not, few of them that leave nobody."""
    if ground.prover.possible():
        return None
    guilty = list(ground.kb.constraints)
    for constraint in list(guilty):
        fewer = [it for it in guilty if it is not constraint]
        if not formulas_of(ground.domain).permitted_by(fewer, {}):
            guilty = fewer
    message, remedy = "the constraints leave no patient at all", "constraints that can hold together"
    related = tuple((it.at, f"constraint {it.id}") for it in guilty[1:])
    return Fault("constraints", "error", message, guilty[0].at, remedy, related=related)


def _presumed(ground: Ground, at: Location) -> Fault | None:
    """Whether somebody can have every usual value, and every default."""
    defaults = {name: it.default for name, it in ground.kb.inputs.items() if it.default is not None}
    facts = {**ground.domain.usual, **defaults}
    if ground.prover.possible(*ground.prover.formulas.facts(facts)):
        return None
    message = "the constraints exclude the patient who is presumed where nothing is said"
    everybody = Evaluation(ground.definitions, facts)
    met = (it.at for it in ground.kb.constraints if everybody.evaluate(All(it.never)))
    return Fault("presumed-patient", "error", message, next(met, at), "usual values that can be so together")


def _exclusive(ground: Ground, finding: Finding) -> Fault | None:
    """Whether rules for two values of a concluded choice can hold for one patient."""
    for one, other in combinations(finding.values, 2):
        names = [("finding", finding.name, value) for value in (one, other)]
        rules = [ground.kb.rules_for.get(name, ()) for name in names]
        both = [Any(tuple(Concluded(("rule", it.id)) for it in some)) for some in rules]
        witness = ground.shown(All(tuple(both)))
        if witness is not None:
            message = f"{finding.name} can be {one} and {other} for one patient"
            related = tuple((it.at, f"rule {it.id}") for some in rules for it in some)
            return Fault("exclusive", "error", message, finding.at, "premises that differ", witness, related)
    return None


# --- what makes a difference


class _Neighbours:
    """Two permitted patients who differ in one finding, and in whose answers a person sees a difference.

    Another finding may differ only if setting it alone back would break a constraint.
    """

    def __init__(self, ground: Ground, finding: str) -> None:
        self.ground, self.finding, self.formulas = ground, finding, ground.prover.formulas
        self.turned = ground.domain.tied.get(finding, frozenset((finding,)))
        forced = [self._same_or_forced(name) for name in sorted(self.turned - {finding})]
        differs = negation(self.formulas.same_as_neighbour(finding))
        self.permitted = [differs, *forced, *self.of_other([ground.prover.everybody])]

    def _same_or_forced(self, name: str) -> Formula:
        same = self.formulas.same_as_neighbour(name)
        set_back = self.formulas.of_neighbour(self.formulas.constraints([name]), self.turned - {name})
        return self.formulas.any([same, *map(negation, set_back)])

    def of_other(self, formulas: list[Formula]) -> list[Formula]:
        """The same formulas about the other patient."""
        return self.formulas.of_neighbour(formulas, self.turned)

    def _differing_in(self, its: Sequence[Formula]) -> Prover:
        """Looks for those of whom some formula is true of one and false of the other."""
        pairs = zip(its, self.of_other(list(its)), strict=True)
        return self.ground.prover.under(self.ground.any([differ(*pair) for pair in pairs]), *self.permitted)

    def _seen(self, touched: Collection[Name]) -> list[Formula]:
        found = outcome(CompletePairs(self.formulas), self.ground.kb, touched)
        return [part for _, parts in found for part in parts]

    @cached_property
    def _touched(self) -> list[Name]:
        """The names that may differ, those that rest on the fewest findings first."""
        definitions = self.ground.definitions
        found = frozenset[Name]().union(*(definitions.dependents[name] for name in self.turned))
        return sorted(found, key=lambda name: (len(definitions.inputs[name]), name))

    @cached_property
    def _everything(self) -> Prover:
        return self._differing_in(self._seen(frozenset(self._touched)))

    @cached_property
    def _narrowest(self) -> Prover:
        """Where a finding matters, it mostly does so to something that rests on few others, which is soon found."""
        ways = (its for name in self._touched if (its := self._seen([name])))
        return self._differing_in([part for its in islice(ways, _FEW) for part in its])

    @cached_property
    def _read(self) -> Prover:
        """Where no rule that reads the findings differs, nothing does."""
        readers = sorted({name for it in self.turned for name in self.ground.readers.get(it, ())})
        return self._differing_in([self.ground.holds(*name) for name in readers])

    def possible(self, *goals: Formula) -> bool:
        """Whether there are two who meet some formulas."""
        if self._narrowest.possible(*goals):
            return True
        return self._read.possible(*goals) and self._everything.possible(*goals)

    def patient(self, *goals: Formula) -> Facts | None:
        """The nearest to the usual of two who meet some formulas, if there are such; none are expected."""
        return self._everything.complete_patient(*goals) if self._read.possible(*goals) else None

    def tell_apart(self, one: Value, other: Value) -> bool:
        """Whether it makes a difference to somebody which of two values it is."""
        return self.possible(*self.values(one, other))

    def values(self, one: Value, other: Value) -> list[Formula]:
        """That the finding is this of the one patient, and that of the other."""
        first, second = (self.formulas.within(self.finding, value) for value in (one, other))
        return [*first, *self.of_other(second)]


def _idle(ground: Ground, finding: Finding) -> Fault | None:
    """Whether a finding, one of its values, or one of its thresholds can never change an outcome."""
    neighbours = _Neighbours(ground, finding.name)
    remedy = "the finding taken out, or a rule that reads it"
    if not neighbours.possible():
        message = f"whatever {finding.name} is, no outcome changes"
        return Fault("non-discriminating", "warning", message, finding.at, remedy)
    if finding.kind is Kind.CHOICE:
        for one, other in combinations(finding.values, 2):
            if not {one, other} <= set(finding.alike) and not neighbours.tell_apart(one, other):
                message = f"no outcome tells {finding.name} {one} from {other}"
                remedy = f"alike: [{one}, {other}], or a rule that tells them apart"
                return Fault("non-discriminating", "warning", message, finding.at, remedy)
    if finding.kind is Kind.QUANTITY:
        return _idle_threshold(ground, finding, neighbours)
    return None


def _idle_threshold(ground: Ground, finding: Finding, neighbours: _Neighbours) -> Fault | None:
    """Whether two cells side by side are never told apart, though some premise compares with what divides them.

    Or whether a premise compares with what divides none, since the whole range lies on one side of it.
    """
    comparisons = list(_comparisons(ground, finding.name))
    cells = ground.domain.cells[finding.name]
    for it in comparisons:
        if len({holds_of(it, cell.value) for cell in cells}) == 1:
            return _on_threshold(finding, [it])
    for below, above in pairwise(cells):
        readers = [it for it in comparisons if _divides(it, below, above)]
        if readers and not neighbours.tell_apart(below.value, above.value):
            return _on_threshold(finding, readers)
    return None


def _on_threshold(finding: Finding, readers: Sequence[Compare]) -> Fault:
    message = f"no outcome hangs on the threshold {written(readers[0])}"
    at, *others = [it.at or finding.at for it in readers]
    related = tuple((place, "the same threshold") for place in others)
    return Fault("non-discriminating", "warning", message, at, "another threshold, or none", related=related)


def _comparisons(ground: Ground, finding: str) -> Iterator[Compare]:
    for _, rule in ground.readers.get(finding, ()):
        for literal in literals(ground.kb.rules[rule].premise):
            if isinstance(literal, Compare) and literal.finding == finding:
                yield literal


def _divides(premise: Compare, below: Cell, above: Cell) -> bool:
    """Whether a comparison is true in one of two cells side by side and false in the other."""
    at_point = below.value if below.is_point else above.value
    inclusive = premise.operator in ("<=", ">")  # the threshold itself belongs to what lies below
    return premise.threshold == at_point and inclusive is below.is_point


def _not_alike(ground: Ground, finding: Finding) -> Fault | None:
    neighbours = _Neighbours(ground, finding.name)
    for one, other in combinations(finding.alike, 2):
        facts = neighbours.patient(*neighbours.values(one, other))
        if facts is not None:
            message = f"{finding.name} {one} and {other} are declared alike, and yet an outcome tells them apart"
            return Fault("alike", "error", message, finding.at, "alike: without one of them", ground.witness(facts))
    return None


def _unasked(ground: Ground, finding: Finding) -> Fault | None:
    """Whether a follow-up matters to somebody of whom its question is not asked."""
    assert finding.asked_if is not None
    neighbours = _Neighbours(ground, finding.name)
    unasked = [negation(ground.of(over_inputs(finding.asked_if, ground.kb)))]
    facts = neighbours.patient(*unasked, *neighbours.of_other(unasked))
    if facts is None:
        return None
    message = f"{finding.name} can matter although its question is not asked"
    return Fault("asked_if", "error", message, finding.at, "a wider asked_if", ground.witness(facts))
