"""What the cases exercise of the knowledge: every demand, met by some case, proved impossible, or a gap.

Each case counts twice, once over what is known of its patient and once with the presumptions, for both are shown to
people. A truth that stays unknown counts for nothing: a rule is seen to *fail* only where it is known to.

Premises are demanded in the sense of masking MC/DC, the modified condition/decision coverage: for every premise about
one finding there is a pair of cases, one in which it holds and one in which it fails, in each of which it alone decides
the rule, because every premise beside it (in an *all*) holds and every alternative to it (in an *any*) fails. The other
premises may differ between the two as long as they stay masked. (J. J. Chilenski, S. P. Miller, *Applicability of
modified condition/decision coverage to software testing*, Software Engineering Journal 9 (1994) 193-200; J. J.
Chilenski, *An investigation of three forms of the MCDC criterion*, DOT/FAA/AR-01/18, 2001.)

A demand is exempt where a solver proves that no permitted patient can meet it. What the solver cannot decide within its
time is never taken for impossible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from expert.bits.program import Truths
from expert.cases.cases import Case, outcomes_of
from expert.lang.definitions import over_inputs
from expert.lang.errors import Location, UnprovedError
from expert.lang.model import KnowledgeBase, Rule
from expert.lang.premises import All, Any, Compare, Concluded, In, Is, Name, Not, Premise, literals, written
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


class Side(NamedTuple):
    """Something that must be so in some case; ``lacking`` tells people that it never is."""

    lacking: str
    goal: Premise


class Demand(NamedTuple):
    """What the cases are to exercise: one side, or for a premise a pair. ``subject`` says of what."""

    kind: str
    subject: str
    at: Location
    sides: tuple[Side, ...]


class Gap(NamedTuple):
    """A demand that the cases do not meet, with the sides that no case has; a patient could have each of them.

    ``decided`` says that a solver has found one who could.
    """

    demand: Demand
    sides: tuple[Side, ...]
    decided: bool = True


class Count(NamedTuple):
    """Demands of one kind: those that are met, those that could be, and those proved impossible."""

    met: int
    possible: int
    exempt: int


class Coverage(NamedTuple):
    """How far some cases exercise the knowledge; ``gaps`` by file and line."""

    counts: dict[str, Count]
    gaps: tuple[Gap, ...]

    @property
    def total(self) -> Count:
        """All kinds together."""
        counts = self.counts.values()
        return Count(*(sum(numbers) for numbers in zip(*counts, strict=True))) if counts else Count(0, 0, 0)


def cover(domain: Domain, cases: Iterable[Case]) -> Coverage:
    """The coverage of the knowledge by cases, whatever these expect.

    Raises:
        PatientError: no patient can be as some case says.
    """
    return coverage_of(domain, outcomes_of(domain, cases).truths)


def coverage_of(domain: Domain, truths: Truths) -> Coverage:
    """The same by what is concluded of patients, over what is known and with the presumptions."""
    counts = dict.fromkeys(KINDS, Count(0, 0, 0))
    gaps = []
    for demand in demands(domain.kb):
        lacking = tuple(side for side in demand.sides if not truths.evaluate(side.goal)[0])
        possible = [_possible(domain, side) for side in lacking]
        count = counts[demand.kind]
        if False in possible:
            counts[demand.kind] = count._replace(exempt=count.exempt + 1)
            continue
        counts[demand.kind] = count._replace(met=count.met + (not lacking), possible=count.possible + 1)
        if lacking:
            gaps.append(Gap(demand, lacking, None not in possible))
    gaps.sort(key=lambda gap: gap.demand.at)
    return Coverage({kind: count for kind, count in counts.items() if count.possible or count.exempt}, tuple(gaps))


def _possible(domain: Domain, side: Side) -> bool | None:
    """Whether some permitted patient has a side; ``None`` where the solver cannot decide."""
    try:
        return formulas_of(domain).satisfiable({}, side.goal)
    except UnprovedError:
        return None


def demands(kb: KnowledgeBase) -> Iterator[Demand]:
    """Everything that the cases are to exercise."""
    for rule in kb.rules.values():
        holds = Concluded(("rule", rule.id))
        yield Demand("rule holds", rule.id, rule.at, (Side("never holds", holds),))
        yield Demand("rule fails", rule.id, rule.at, (Side("never fails", Not(holds)),))
        yield from _premises(rule, kb)
    yield from _thresholds(kb)
    yield from _steps_and_options(kb)
    for alert in kb.alerts.values():
        raised = Concluded(("alert", alert.name))
        yield Demand("alert", alert.name, alert.at, (Side("never raised", raised),))
        yield Demand("alert", alert.name, alert.at, (Side("no case without it", Not(raised)),))
    for advice in kb.advice.values():
        yield _single("advice", advice.name, advice.at, "never given", ("given", advice.name))


def _single(kind: str, subject: str, at: Location, lacking: str, name: Name) -> Demand:
    return Demand(kind, subject, at, (Side(lacking, Concluded(name)),))


def _steps_and_options(kb: KnowledgeBase) -> Iterator[Demand]:
    for step in kb.steps.values():
        recommended = Concluded(("recommended", step.name))
        yield Demand("step", step.name, step.at, (Side("never recommended", recommended),))
        for option in step.options:
            offered = All((recommended, Concluded(("offered", option.name))))
            yield Demand("option", option.name, option.at, (Side("never offered", offered),))
            for role, lacking in (("excludes", "never excluded"), ("prefers", "never preferred")):
                for rule in kb.rules_for.get((role, option.name), ())[:1]:
                    yield _single("argument", option.name, rule.at, lacking, (role, option.name))


def _premises(rule: Rule, kb: KnowledgeBase) -> Iterator[Demand]:
    for atom, masks in deciding(rule.premise):
        holds, *rest = (over_inputs(premise, kb) for premise in (atom, *masks))
        sides = (
            Side("never decides by holding", All((holds, *rest))),
            Side("never decides by failing", All((Not(holds), *rest))),
        )
        at = next(literals(atom)).at or rule.at
        yield Demand("premise", f"{written(atom)} ({rule.id})", at, sides)


def deciding(premise: Premise, masks: tuple[Premise, ...] = ()) -> Iterator[tuple[Premise, tuple[Premise, ...]]]:
    """The premises about one finding within a premise, each with what must hold for it alone to decide the whole."""
    match premise:
        case Is() | In() | Compare() | Not(premise=Is() | In() | Compare()):
            yield premise, masks
        case Not():
            yield from deciding(premise.premise, masks)
        case All() | Any():
            for index, part in enumerate(premise.premises):
                others = premise.premises[:index] + premise.premises[index + 1 :]
                beside = others if isinstance(premise, All) else tuple(Not(other) for other in others)
                yield from deciding(part, (*masks, *beside))


def _thresholds(kb: KnowledgeBase) -> Iterator[Demand]:
    """Both sides and the edge of each number that rules compare a quantity with, once, where it first stands."""
    first: dict[tuple[str, float], tuple[Compare, Rule]] = {}
    for rule in kb.rules.values():
        for literal in literals(rule.premise):
            if isinstance(literal, Compare):
                first.setdefault((literal.finding, literal.threshold), (literal, rule))
    for (finding, number), (literal, rule) in first.items():
        below, at_most, above = (Compare(finding, sign, number, literal.written) for sign in ("<", "<=", ">"))
        edge = All((at_most, Not(below)))
        for lacking, goal in (("no case below", below), ("no case on the edge", edge), ("no case above", above)):
            yield Demand("threshold", f"{finding} {literal.written}", literal.at or rule.at, (Side(lacking, goal),))
