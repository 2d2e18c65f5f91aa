"""Patients and small knowledge bases drawn from a seed, and the enumeration that searches are held against."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from functools import lru_cache
from itertools import product
from random import Random

from expert import KnowledgeBase
from expert.lang.definitions import Definitions
from expert.lang.dimensions import NUMBER, STANDARD
from expert.lang.errors import Location
from expert.lang.model import Advice, Alert, Conclusion, Option, Rule, Step
from expert.lang.premises import All, Any, Compare, Count, In, Is, Not, Premise
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import Constraint, Finding, Kind, Plausible, Points
from expert.logic.cells import Cell
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation

AT = Location("test.yaml", 1)

# --- patients of any knowledge base -----------------------------------------------------------------------------------


@lru_cache(256)
def values_of(domain: Domain, name: str) -> list[Value]:
    """All values that may matter: of a quantity, the ends of its range, and at, just below and above thresholds."""
    finding = domain.kb.findings[name]
    values: list[Value] = [cell.value for cell in domain.cells[name]]
    if finding.kind is Kind.QUANTITY:
        for threshold in (*domain.thresholds.get(name, {}), finding.low, finding.high):
            near = (math.nextafter(threshold, -math.inf), threshold, math.nextafter(threshold, math.inf))
            values += [number for number in near if finding.low <= number <= finding.high]
    return values


def random_facts(domain: Domain, rng: Random) -> dict[str, Value]:
    """Some facts about a patient, who may be one that the constraints forbid."""
    share = rng.random()
    names = [name for name in domain.kb.inputs if rng.random() < share]
    return {name: rng.choice(values_of(domain, name)) for name in names}


# --- small knowledge bases --------------------------------------------------------------------------------------------

YES_NO = ("ache", "blush", "cough")
SIZES = ("small", "medium", "large")
THRESHOLDS = (0.0, 3.0, 3.5, 10.0)
KINDS = ("round", "square", "oval")


def finding(name: str, kind: Kind = Kind.YES_NO, **further: object) -> Finding:
    """A finding of a small vocabulary."""
    return Finding(name, name.capitalize(), kind, AT, **further)  # type: ignore[arg-type]


def rule(name: str, when: Iterable[Premise], then: Iterable[Conclusion], unless: Iterable[Premise] = ()) -> Rule:
    """A rule of a small knowledge base."""
    return Rule(name, name, tuple(when), tuple(unless), tuple(then), "Because.", ("S01",), AT)


def knowledge(
    findings: Iterable[Finding],
    rules: Iterable[Rule],
    steps: Iterable[Step] = (Step("one", "One", "", AT),),
    constraints: Iterable[Constraint] = (),
    alerts: Iterable[Alert] = (),
    advice: Iterable[Advice] = (),
    plausible: Iterable[Plausible] = (),
) -> KnowledgeBase:
    """A small knowledge base."""
    return KnowledgeBase(
        **dict.fromkeys(("name", "title", "version", "statement", "disclaimer", "sha256", "directory"), "test"),
        reviewed="2026-01-01",
        review_due="2027-01-01",
        groups={"": "All"},
        findings={it.name: it for it in findings},
        panels={},
        constraints=tuple(constraints),
        plausible=tuple(plausible),
        steps={it.name: it for it in steps},
        step_groups={},
        alerts={it.name: it for it in alerts},
        advice={it.name: it for it in advice},
        rules={it.id: it for it in rules},
        inactive={},
        references={},
        notes={},
        invariants={},
        directions={},
        text=b"",
        further_units={},
        units=STANDARD,
    )


def literal_about(it: Finding, rng: Random) -> Premise:
    """A premise about one finding, as people write it."""
    if it.kind is Kind.YES_NO:
        found: list[Premise] = [Is(it.name, True), Is(it.name, False), Not(Is(it.name, True))]
        return rng.choice(found)
    if it.kind is Kind.CHOICE:
        several = tuple(value for value in it.values if rng.random() < 0.6) or it.values[:1]
        literal = Is(it.name, rng.choice(it.values)) if rng.random() < 0.5 else In(it.name, several)
        return literal if rng.random() < 0.5 else Not(literal)
    threshold = rng.choice(THRESHOLDS) if not it.points else float(rng.randint(int(it.low), int(it.high)))
    return Compare(it.name, rng.choice(["<", "<=", ">", ">="]), threshold, f"{threshold:g}")


def premise_over(findings: Sequence[Finding], rng: Random, depth: int = 2) -> Premise:
    """A premise over some findings, nested up to ``depth``."""
    if depth == 0 or rng.random() < 0.5:
        return literal_about(rng.choice(findings), rng)
    parts = tuple(premise_over(findings, rng, depth - 1) for _ in range(rng.randint(1, 3)))
    whole: list[Premise] = [Any(parts), All(parts), Not(parts[0]), count_of(parts, rng)]
    return rng.choice(whole)


def count_of(parts: tuple[Premise, ...], rng: Random) -> Count:
    """A count of some premises, with points of their own or without; its bounds may hold for all, or for none."""
    points = tuple(rng.randint(1, 3) for _ in parts) if rng.random() < 0.4 else ()
    total = sum(points) or len(parts)
    least = rng.randint(0, total + 1)
    return Count(least, rng.choice([None, least, rng.randint(least, total + 1)]), parts, points)


def inputs(rng: Random) -> list[Finding]:
    """Findings that people give: three yes/no findings, a choice and a quantity, most of them presumed."""

    def usual(*values: Value) -> Value | None:
        return rng.choice([None, *values])

    found = [finding(name, usual=usual(False, True)) for name in YES_NO]
    found.append(finding("extent", Kind.CHOICE, values=SIZES, usual=usual(*SIZES)))
    found.append(finding("dose", Kind.QUANTITY, unit=NUMBER, low=0.0, high=10.0, usual=usual(0.0, 3.2, 10.0)))
    rng.shuffle(found)
    return [_presumed_unless(it, found, rng) if rng.random() < 0.3 else it for it in found]


def _presumed_unless(it: Finding, found: Sequence[Finding], rng: Random) -> Finding:
    """The finding, if it has a usual value, with a condition over the others under which that is not presumed."""
    others = [other for other in found if other is not it]
    return it if it.usual is None else it._replace(presumed_unless=All((premise_over(others, rng),)))


def score(name: str, premises: Sequence[Premise], rng: Random) -> Finding:
    """A score to which each premise adds one to three points, or from which it takes some."""
    points = tuple(Points((premise,), rng.choice([1, 1, 1, 2, 3, -1, -2]), AT) for premise in premises)
    low, high = (float(sum(bound(0, it.points) for it in points)) for bound in (min, max))
    return finding(name, Kind.QUANTITY, unit=NUMBER, low=low, high=high, points=points, concluded=True)


def small_knowledge(rng: Random, constrained: bool = False) -> KnowledgeBase:
    """A knowledge base with a bit of everything: two strata of concluded findings, a choice among them, options."""
    given = inputs(rng)
    early, late = finding("early", concluded=True), finding("late", concluded=True)
    otherwise = rng.choice([None, *KINDS])
    shape = finding("shape", Kind.CHOICE, values=KINDS, otherwise=otherwise, concluded=True)
    tally = score("tally", [premise_over([*given, early], rng, 1) for _ in range(rng.randint(1, 4))], rng)
    options = tuple(Option(f"two.{it}", it, (), AT, if_supported=rng.random() < 0.5) for it in ("left", "right"))
    steps = [Step("one", "One", "", AT, gate=True), Step("two", "Two", "", AT, options=options)]
    steps.append(Step("three", "Three", "", AT))
    places = [*(step.name for step in steps), *(option.name for option in options)]
    arguments = [Conclusion(role, place) for role in ("supports", "excludes", "cautions") for place in places]
    arguments += [Conclusion("supports", step.name) for step in steps] * 3
    arguments += [Conclusion("prefers", "two.left"), Conclusion("alert", "bell"), Conclusion("advise", "rest")]
    kinds = [Conclusion("finding", "shape", kind) for kind in KINDS]
    rules = [
        *_rules("a", given, [Conclusion("finding", "early")], rng.randint(1, 3), rng),
        *_rules("b", [*given, early], [Conclusion("finding", "late"), *kinds], rng.randint(1, 4), rng),
        *_rules("c", [*given, early, late, shape, tally], arguments, rng.randint(3, 8), rng),
    ]
    constraints = [_constraint(f"c{index}", given, rng) for index in range(rng.randint(1, 3) if constrained else 0)]
    rest = Advice("rest", "Rest", "", ("two", "three"), AT)
    concluded = [early, late, shape, tally]
    return knowledge([*given, *concluded], rules, steps, constraints, [Alert("bell", "Bell", "", AT)], [rest])


def _rules(
    name: str, over: Sequence[Finding], conclusions: Sequence[Conclusion], count: int, rng: Random
) -> Iterator[Rule]:
    for index in range(count):
        when = [premise_over(over, rng) for _ in range(rng.choice([0, 1, 1, 2]))]
        unless = [premise_over(over, rng, 1) for _ in range(rng.choice([0, 0, 1]))]
        then = dict.fromkeys(rng.choice(conclusions) for _ in range(rng.randint(1, 2)))
        yield rule(f"{name}{index}", when, then, unless)


def _constraint(name: str, over: Sequence[Finding], rng: Random) -> Constraint:
    never = tuple(literal_about(it, rng) for it in rng.sample(over, rng.randint(1, 3)))
    return Constraint(name, never, "Because.", AT)


def small_domain(rng: Random, constrained: bool = False, alerts: bool = False) -> Domain:
    """The patients of a small knowledge base that permits some."""
    while True:
        kb = small_knowledge(rng, constrained)
        domain = Domain(Definitions(with_alerts(kb, rng) if alerts else kb))
        if domain.permitted({}):
            return domain


def with_alerts(kb: KnowledgeBase, rng: Random) -> KnowledgeBase:
    """The knowledge base with three alerts, and rules that raise two of them or nothing."""
    over = [it for it in kb.findings.values() if it.kind is not Kind.CHOICE or not it.concluded]
    conclusions = [Conclusion("alert", name) for name in ("bell", "horn")]
    rules = {it.id: it for it in _rules("d", over, conclusions, rng.randint(1, 4), rng)}
    alerts = {name: Alert(name, name.capitalize(), "", AT) for name in ("bell", "horn", "siren")}
    return kb._replace(rules={**kb.rules, **rules}, alerts=alerts)


def contradictory(evaluation: Evaluation) -> bool:
    """Whether rules for two values of one concluded choice both hold."""
    kb = evaluation.definitions.kb
    values = {
        (it.target, it.value)
        for rule in kb.rules.values()
        if evaluation.concluded(("rule", rule.id))
        for it in rule.then
        if it.role == "finding"
    }
    return len(values) > len({target for target, _ in values})


# --- the enumeration of all patients ----------------------------------------------------------------------------------


class Enumeration:
    """All patients that a small knowledge base distinguishes and permits, each with the step that is recommended.

    It is ``contradictory`` if the rules give one of them two values of a concluded choice.
    """

    def __init__(self, domain: Domain) -> None:
        self.domain, self.kb = domain, domain.kb
        self._about: dict[str, Enumeration] = {}
        names = list(self.kb.inputs)
        self.patients: list[tuple[dict[str, Cell], str | None]] = []
        self.contradictory = False
        for cells in product(*(domain.cells[name] for name in names)):
            evaluation = Evaluation(
                domain.definitions, {name: cell.value for name, cell in zip(names, cells, strict=True)}
            )
            if not any(evaluation.evaluate(All(constraint.never)) for constraint in self.kb.constraints):
                self.contradictory = self.contradictory or contradictory(evaluation)
                self.patients.append((dict(zip(names, cells, strict=True)), self._step(evaluation)))

    def _step(self, evaluation: Evaluation) -> str | None:
        steps = [step for step in self.kb.steps if evaluation.concluded(("recommended", step))]
        assert len(steps) <= 1
        return steps[0] if steps else None

    def completions(self, facts: Facts) -> list[tuple[dict[str, Cell], str | None]]:
        """The patients who have these facts."""
        wanted = [(name, self.domain.cell_of(name, value)) for name, value in facts.items()]
        return [it for it in self.patients if all(it[0][name] == cell for name, cell in wanted)]

    def outcomes(self, facts: Facts) -> set[str | None]:
        """The steps that completions of the facts lead to; ``None`` for no step."""
        return {step for _, step in self.completions(facts)}

    def about(self, alert: str) -> Enumeration:
        """The same patients, each with an alert if it is raised, or ``None``, in place of the step."""
        if alert not in self._about:
            other = self._about[alert] = copy(self)
            other.patients = [(cells, alert if self._raises(cells, alert) else None) for cells, _ in self.patients]
        return self._about[alert]

    def _raises(self, cells: dict[str, Cell], alert: str) -> bool:
        facts = {name: cell.value for name, cell in cells.items()}
        return bool(Evaluation(self.domain.definitions, facts).concluded(("alert", alert)))

    def open_alerts(self, facts: Facts) -> list[str]:
        """The alerts that some completion of the facts raises and another does not."""
        return [it for it in self.kb.alerts if len(self.about(it).outcomes(facts)) > 1]

    def certain(self, facts: Facts) -> str | None:
        """The step that all completions of the facts lead to."""
        outcomes = self.outcomes(facts)
        return outcomes.pop() if len(outcomes) == 1 else None

    def forced(self, given: Facts) -> dict[str, Value]:
        """Values that all completions share."""
        left = self.completions(given)
        found: dict[str, Value] = {}
        for name in self.kb.inputs:
            cells = {cells[name] for cells, _ in left}
            if name not in given and len(cells) == 1 and (cell := cells.pop()).is_point:
                found[name] = cell.value
        return found

    def presumed(self, given: Facts) -> dict[str, Value]:
        """The facts with what they force and with the usual values that can still be."""
        facts = {**given, **self.forced(given)}
        known = Evaluation(self.domain.definitions, dict(facts))
        for name, it in self.kb.inputs.items():
            if it.usual is None or name in facts or (it.presumed_unless and known.evaluate(it.presumed_unless)):
                continue
            if self.completions({**facts, name: it.usual}):
                facts[name] = it.usual
        return facts

    def deviations(self, given: Facts, size: int) -> Iterator[tuple[frozenset[tuple[str, Cell]], str | None]]:
        """All ways to give values to so many unknown findings, with the step that is certain when all is presumed."""
        free = [name for name in self.kb.inputs if name not in given and name not in self.forced(given)]
        for choice in product(*([None, *self.domain.cells[name]] for name in free)):
            changed = {name: cell for name, cell in zip(free, choice, strict=True) if cell is not None}
            if len(changed) == size:
                facts = {**given, **{name: cell.value for name, cell in changed.items()}}
                if self.completions(facts):
                    yield frozenset(changed.items()), self.certain(self.presumed(facts))
