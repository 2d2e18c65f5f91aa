"""What the cases exercise of the knowledge: every demand, met by some case, proved impossible, or a gap.

Each case counts twice, once over what is known of its patient and once with the presumptions, for both are shown to
people. A truth that stays unknown counts for nothing: a rule is seen to *fail* only where it is known to.

Premises are demanded in the sense of masking MC/DC, the modified condition/decision coverage: for every premise about
one finding there is a pair of cases, one in which it holds and one in which it fails, in each of which it alone decides
the rule, because every other premise of an *all* holds and every alternative to it in an *any* fails. The other
premises may differ between the two as long as they stay masked. A count is demanded on either side of its bounds, not
in each of its combinations. (J. J. Chilenski, S. P. Miller, *Applicability of
modified condition/decision coverage to software testing*, Software Engineering Journal 9 (1994) 193-200; J. J.
Chilenski, *An investigation of three forms of the MCDC criterion*, DOT/FAA/AR-01/18, 2001.)

A demand is exempt where a solver proves that no permitted patient can meet it. What the solver cannot decide within its
time is never taken for impossible.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from expert.bits.program import Truths
from expert.lang.definitions import over_inputs
from expert.lang.errors import Location, UnprovedError
from expert.lang.model import KnowledgeBase
from expert.lang.premises import All, Any, Compare, Concluded, Count, In, Is, Not, Premise, literals, written
from expert.logic.domain import Domain
from expert.solve.formulas import formulas_of

KINDS = {
    "rule holds": "rules that hold",
    "rule fails": "rules that fail",
    "premise": "premises that decide, both ways",
    "threshold": "thresholds: below, edge, above",
    "step": "steps recommended",
    "option": "options offered",
    "argument": "options argued about",
    "alert": "alerts raised, and not",
    "advice": "advice given",
}
"""The kinds of demands, each with its name in the summary."""


class Situation(NamedTuple):
    """Something that must hold for the patient of some case; ``lacking`` is the report if it never does."""

    lacking: str
    goal: Premise


class Demand(NamedTuple):
    """What the cases must exercise about a ``subject``: one situation, or two for a premise."""

    kind: str
    subject: str
    at: Location
    situations: tuple[Situation, ...]


class Gap(NamedTuple):
    """A demand that the cases do not meet, with the situations that are in no case, though they are possible.

    ``decided``: a solver has found a patient for each.
    """

    demand: Demand
    situations: tuple[Situation, ...]
    decided: bool = True


class DemandCounts(NamedTuple):
    """Demands of one kind: those that are met, those that could be, and those proved impossible."""

    met: int
    possible: int
    exempt: int


class Coverage(NamedTuple):
    """How far some cases exercise the knowledge; the ``gaps`` are in the order of files and lines."""

    counts: dict[str, DemandCounts]
    gaps: tuple[Gap, ...]

    @property
    def total(self) -> DemandCounts:
        """All kinds together."""
        numbers = zip(DemandCounts(0, 0, 0), *self.counts.values(), strict=True)
        return DemandCounts(*map(sum, numbers))


def coverage_of(domain: Domain, truths: Truths) -> Coverage:
    """How far patients exercise the knowledge, over what is known and with the presumptions."""
    counts = dict.fromkeys(KINDS, DemandCounts(0, 0, 0))
    gaps = []
    for demand in demands(domain.kb):
        lacking = tuple(it for it in demand.situations if not truths.evaluate(it.goal)[0])
        possible = [_possible(domain, it) for it in lacking]
        count = counts[demand.kind]
        if False in possible:
            counts[demand.kind] = count._replace(exempt=count.exempt + 1)
            continue
        counts[demand.kind] = count._replace(met=count.met + (not lacking), possible=count.possible + 1)
        if lacking:
            gaps.append(Gap(demand, lacking, None not in possible))
    gaps.sort(key=lambda gap: gap.demand.at)
    return Coverage({kind: count for kind, count in counts.items() if count.possible or count.exempt}, tuple(gaps))


def _possible(domain: Domain, situation: Situation) -> bool | None:
    """Whether some permitted patient is in a situation; ``None`` where the solver cannot decide."""
    try:
        return formulas_of(domain).satisfiable({}, situation.goal)
    except UnprovedError:
        return None


def demands(kb: KnowledgeBase) -> Iterator[Demand]:
    """Everything that the cases must exercise."""
    for rule in kb.rules.values():
        holds = Concluded(("rule", rule.id))
        yield _single("rule holds", rule.id, rule.at, "never holds", holds)
        yield _single("rule fails", rule.id, rule.at, "never fails", Not(holds))
        yield from _premises(rule.premise, rule.id, rule.at, kb)
    for score in kb.concluded.values():
        for entry in score.points:
            yield from _premises(All(entry.when), score.name, entry.at, kb)
    yield from _thresholds(kb)
    yield from _steps_and_options(kb)
    for alert in kb.alerts.values():
        raised = Concluded(("alert", alert.name))
        yield _single("alert", alert.name, alert.at, "never raised", raised)
        yield _single("alert", alert.name, alert.at, "no case without it", Not(raised))
    for advice in kb.advice.values():
        yield _single("advice", advice.name, advice.at, "never given", Concluded(("given", advice.name)))


def _single(kind: str, subject: str, at: Location, lacking: str, goal: Premise) -> Demand:
    return Demand(kind, subject, at, (Situation(lacking, goal),))


def _steps_and_options(kb: KnowledgeBase) -> Iterator[Demand]:
    for step in kb.steps.values():
        recommended = Concluded(("recommended", step.name))
        yield _single("step", step.name, step.at, "never recommended", recommended)
        for option in step.options:
            offered = All((recommended, Concluded(("offered", option.name))))
            yield _single("option", option.name, option.at, "never offered", offered)
            for role, lacking in (("excludes", "never excluded"), ("prefers", "never preferred")):
                for rule in kb.rules_for.get((role, option.name), ())[:1]:
                    yield _single("argument", option.name, rule.at, lacking, Concluded((role, option.name)))


def _premises(premise: Premise, subject: str, begins: Location, kb: KnowledgeBase) -> Iterator[Demand]:
    for atom, masks in deciding(premise):
        at = (atom.at if isinstance(atom, Count) else next(literals(atom)).at) or begins
        for pair in _both_ways(atom):
            holds, fails, *rest = (over_inputs(premise, kb) for premise in (*pair, *masks))
            situations = (
                Situation("never decides by holding", All((holds, *rest))),
                Situation("never decides by failing", All((fails, *rest))),
            )
            yield Demand("premise", f"{written(atom)} ({subject})", at, situations)


def _both_ways(atom: Premise) -> Iterator[tuple[Premise, Premise]]:
    """When a premise holds and when it fails; a count does so on either side of each of its bounds."""
    if isinstance(atom, Count):
        edges = [(atom.least, atom.least - 1)] if atom.least else []
        edges += [] if atom.most is None else [(atom.most, atom.most + 1)]
        for edge in edges:
            within, beyond = (atom._replace(least=number, most=number) for number in edge)
            yield within, beyond
    else:
        yield atom, Not(atom)


def deciding(premise: Premise, masks: tuple[Premise, ...] = ()) -> Iterator[tuple[Premise, tuple[Premise, ...]]]:
    """The premises about one finding and the counts within a premise, each with what lets it alone decide the whole."""
    match premise:
        case Count() | Is() | In() | Compare() | Not(premise=Is() | In() | Compare()):
            yield premise, masks
        case Not():
            yield from deciding(premise.premise, masks)
        case All() | Any():
            for index, part in enumerate(premise.premises):
                others = premise.premises[:index] + premise.premises[index + 1 :]
                holding = others if isinstance(premise, All) else tuple(Not(other) for other in others)
                yield from deciding(part, (*masks, *holding))


def _thresholds(kb: KnowledgeBase) -> Iterator[Demand]:
    """Each number that rules and scores compare a quantity with, where it first occurs: a value below, on, above it."""
    first: dict[tuple[str, float], tuple[Compare, Location]] = {}
    rules = ((rule.premise, rule.at) for rule in kb.rules.values())
    entries = ((All(entry.when), entry.at) for score in kb.concluded.values() for entry in score.points)
    for premise, begins in (*rules, *entries):
        for literal in literals(premise):
            if isinstance(literal, Compare):
                first.setdefault((literal.finding, literal.threshold), (literal, begins))
    for (finding, number), (literal, begins) in first.items():
        below, at_most, above = (Compare(finding, sign, number, literal.written) for sign in ("<", "<=", ">"))
        edge = All((at_most, Not(below)))
        subject, at = f"{finding} {literal.written}", literal.at or begins
        for lacking, goal in (("no case below", below), ("no case on the edge", edge), ("no case above", above)):
            yield _single("threshold", subject, at, lacking, over_inputs(goal, kb))
