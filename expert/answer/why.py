"""Why, and why not: two views of the record that the engine keeps.

A conclusion is explained by every rule for it that holds. Facts that are in none of its least sufficient sets (see
`expert.answer.sufficient`) are marked, so that the explanation agrees with `expert enough`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

from expert.answer.assess import Reasoner
from expert.answer.assessment import Assessment
from expert.answer.blockers import Blockers
from expert.answer.derivation import Derivations, shown_once
from expert.answer.explanations import Derivation, Explanation, SplitCase, TooManyCases
from expert.answer.sufficient import least_sets
from expert.engine.record import Record
from expert.lang.errors import PatientError, Problem, meant, quoted
from expert.lang.model import Rule
from expert.lang.observables import interval_of
from expert.lang.premises import All, Concluded, Name, literals
from expert.lang.units import write_value
from expert.lang.values import Facts
from expert.lang.vocabulary import Finding
from expert.logic.kleene import Evaluation
from expert.solve.case_split import cases

STEP, OPTION, FINDING, ALERT, ADVICE = "step", "option", "finding", "alert", "advice"
_IS_SO = {STEP: "is recommended", OPTION: "is on offer with its step", ALERT: "is raised", ADVICE: "is given"}
_IS_NOT = {STEP: "is not recommended", OPTION: "is not on offer", ALERT: "is not raised", ADVICE: "is not given"}
OPEN = "is open: not enough is known"
_DEFINED = {STEP: "recommended", OPTION: "offered", ALERT: "alert", ADVICE: "given"}
_ARGUED = {STEP: "supports", OPTION: "supports", ALERT: "alert", ADVICE: "advise", FINDING: "finding"}


class Target(NamedTuple):
    """What is explained: its kind, its id, its title and the definition of whether it holds."""

    kind: str
    id: str
    title: str
    name: Name


class Explainer:
    """Explains one assessment."""

    def __init__(self, reasoner: Reasoner, assessment: Assessment) -> None:
        self.reasoner, self.domain, self.kb, self.assessment = reasoner, reasoner.domain, reasoner.kb, assessment

    def why(self, word: str) -> Explanation:
        """Why a target is as it is; if it does not hold, what keeps it from holding.

        Raises:
            PatientError: there is no such target.
        """
        if word in self.kb.given:
            return self._input(word)
        target = self._target(word)
        if self._rests_on_cases(target):
            provisional = self.assessment.answer == "provisional"
            (split,) = self._how(provisional, target.name)
            return Explanation(target.id, target.title, "is recommended in every case", provisional, shown_once(split))
        derivations, provisional = self._derivations(target.name)
        if not derivations.record.truth(target.name):
            return self._not(target, derivations, provisional)
        if target.kind == OPTION:
            return self._offered(target, provisional)
        (derivation,) = self._how(provisional, target.name)
        return Explanation(target.id, target.title, self._is_so(target), provisional, shown_once(derivation))

    # --- targets

    def _target(self, word: str) -> Target:
        kb = self.kb
        titles = {
            STEP: {name: step.title for name, step in kb.steps.items()},
            OPTION: {name: option.title for name, option in kb.options.items()},
            FINDING: {name: finding.title for name, finding in kb.findings.items()},
            ALERT: {name: alert.title for name, alert in kb.alerts.items()},
            ADVICE: {name: advice.title for name, advice in kb.advice.items()},
        }
        for kind, names in titles.items():
            if word in names:
                name = self._finding(word) if kind == FINDING else (_DEFINED[kind], word)
                return Target(kind, word, names[word], name)
        message = f"{quoted(word)} is not a step, an option, a finding, an alert or an advice"
        near = meant(word, {name: title for names in titles.values() for name, title in names.items()})
        listed = "" if near else "a name that expert show steps, options, findings, alerts or advice lists"
        raise PatientError([Problem(message, expected=listed, suggestion=near)])

    def _finding(self, name: str) -> Name:
        """The definition that decides a concluded finding; for a choice, that of its value."""
        finding = self.kb.findings[name]
        if finding.points:
            return self._score(finding)
        values = finding.values
        if not values:
            return ("finding", name)
        found = (self.assessment.findings[name], self.assessment.presumed_findings[name])
        return ("finding", name, str(next((value for value in found if value is not None), values[0])))

    def _score(self, finding: Finding) -> Name:
        """The largest number of points that a score is known to reach, or the first that it may not reach."""
        names = finding.names
        record = self.assessment.presumed_record
        return next((name for name in reversed(names) if record.truth(name)), names[0])

    def _derivations(self, name: Name) -> tuple[Derivations, bool]:
        """The derivations that settle a name, and whether they need presumptions."""
        settled = self.assessment.record.truth(name) is not None
        record = self.assessment.record if settled else self.assessment.presumed_record
        return Derivations(self.domain, self.assessment, record), not settled

    def _points(self, target: Target) -> str:
        """How many points a score has, with the presumptions."""
        truth = self.assessment.presumed_record.truth
        return f"is {interval_of(self.kb.findings[target.id].names, truth)}"

    def _is_so(self, target: Target) -> str:
        if target.name[0] == "score":
            return self._points(target)
        if target.kind == OPTION:
            discouraged = self.kb.options[target.id].standing == "not_recommended"
            though = ", though current guidance does not recommend it" if discouraged else ""
            return f"{_IS_SO[OPTION]}{though}{self._preference(target.id)}"
        return _IS_SO.get(target.kind) or f"is {target.name[2] if len(target.name) > 2 else 'yes'}"

    def _preference(self, option: str) -> str:
        """Which option of its step is preferred, if one is."""
        of_step = self.kb.steps[option.partition(".")[0]].options
        preferred = [it for it in of_step if self.assessment.presumed_record.truth(("prefers", it.name))]
        if option in {it.name for it in preferred}:
            return ", and preferred"
        return f"; preferred: {', '.join(it.title for it in preferred)}" if preferred else ""

    def _is_not(self, target: Target, truth: bool | None) -> str:
        if target.name[0] == "score":
            return self._points(target)
        if truth is None:
            return OPEN
        choice = target.kind == FINDING and self.kb.findings[target.id].values
        return _IS_NOT.get(target.kind) or ("has none of its values" if choice else "is no")

    # --- answers

    def _input(self, name: str) -> Explanation:
        """An input finding: where its value comes from."""
        finding = self.kb.findings[name]
        fact = Derivations(self.domain, self.assessment, self.assessment.record).fact(name)
        value = {
            "given": f"is {fact.value}, as given",
            "default": f"is {fact.value}, the site's default",
            "forced": f"is {fact.value}: no other value is left",
            "presumed": f"is not known; {fact.value} is assumed",
            "unknown": f"is not known{self._not_presumed(name)}",
        }[fact.origin]
        if finding.for_record:
            value += ", and is only for the record"
        forcing = (
            Derivation(constraint, "definition")
            for constraint in self.kb.constraints
            if fact.origin == "forced" and name in {literal.finding for literal in literals(All(constraint.never))}
        )
        asked = Derivation(finding, "definition", follows_from=tuple(forcing))
        return Explanation(name, finding.title, value, False, asked)

    def _not_presumed(self, name: str) -> str:
        """Why its usual value is not presumed, if it has one that a condition keeps from being so."""
        facts = self.assessment.background.not_presumed.get(name, {})
        met = [f"{other} is {write_value(self.kb.findings[other], value)}" for other, value in facts.items()]
        return f"; {self.kb.findings[name].usual_written} is not assumed, because {' and '.join(met)}" if met else ""

    def _not(self, target: Target, derivations: Derivations, provisional: bool) -> Explanation:
        record, known, presumed = derivations.record, self.assessment.record, self.assessment.presumed_record
        blockers = Blockers(self.reasoner.definitions, self.assessment, derivations)
        excluding = self.kb.rules_for.get(("excludes", target.id), ())
        names: list[Name] = [("rule", rule.id) for rule in excluding if record.truth(("rule", rule.id))]
        against = tuple(shown_once(how) for name in names for how in self._how(provisional, name))
        undecided = tuple(blockers.blocked(rule) for rule in excluding if record.truth(("rule", rule.id)) is None)
        blocked = tuple(blockers.blocked(rule) for rule in self._rules(target) if not record.truth(("rule", rule.id)))
        before = list(takewhile(lambda step: step != target.id, self.kb.steps if target.kind == STEP else ()))
        return Explanation(
            target.id,
            target.title,
            self._is_not(target, record.truth(target.name)),
            provisional,
            blocked=blocked,
            against=against,
            undecided=undecided,
            earlier=tuple(step for step in before if known.truth(("available", step))),
            earlier_presumed=tuple(
                step for step in before if presumed.truth(("available", step)) and not known.truth(("available", step))
            ),
            earlier_open=tuple(step for step in before if presumed.truth(("available", step)) is None),
            goes_with=self.kb.advice[target.id].steps if target.kind == ADVICE else (),
        )

    def _rules(self, target: Target) -> list[Rule]:
        """The rules that could lead to a target."""
        role = _ARGUED[target.kind]
        return [
            rule
            for rule in self.kb.rules.values()
            if any(it.role == role and it.target == target.id for it in rule.then)
        ]

    def _offered(self, target: Target, provisional: bool) -> Explanation:
        """Why an option is on offer, with the ladder's citations, and why an option of its step is preferred."""
        cited = Derivation(self.kb.options[target.id], "definition")
        known, presumed = self.assessment.record.truth, self.assessment.presumed_record.truth
        of_step: list[Name] = [("prefers", it.name) for it in self.kb.steps[target.id.partition(".")[0]].options]
        (offered,) = self._how(provisional, target.name)
        preferred = [how for name in filter(presumed, of_step) for how in self._how(not known(name), name)]
        derivation = offered._replace(follows_from=(cited, *offered.follows_from, *preferred))
        provisional = provisional or not all(map(known, filter(presumed, of_step)))
        return Explanation(target.id, target.title, self._is_so(target), provisional, shown_once(derivation))

    def _rests_on_cases(self, target: Target) -> bool:
        """Whether a step is recommended by no single derivation."""
        certain = self.assessment.answer == "certain"
        record = self.assessment.record if certain else self.assessment.presumed_record
        recommended = target.kind == STEP and target.id == self.assessment.recommended
        return recommended and record.truth(target.name) is None

    # --- how something follows

    def _how(self, provisional: bool, *names: Name) -> list[Derivation]:
        """How each of some names that hold follows."""
        known, presumed = self.assessment.record, self.assessment.presumed_record
        record = known
        if provisional:  # what follows without presumptions is shown without them
            record = Record(presumed.facts, {**presumed.justifications, **known.justifications})
        idle = self._idle(provisional, names)
        if not all(map(record.truth, names)):
            return [self._by_cases(record.facts, idle, name) for name in names]
        derivations = Derivations(self.domain, self.assessment, record, idle=idle)
        return list(map(derivations.holds, names))

    def _idle(self, provisional: bool, names: Sequence[Name]) -> frozenset[str]:
        """The findings in no least sufficient set of some names, and those that only such facts force."""
        background = self.assessment.background
        presumed = background.presumed if provisional else {}
        known = {**background.given, **background.defaults}
        goal = All(tuple(map(Concluded, names)))
        least = least_sets(self.domain, goal, {**known, **presumed}, presumed)
        needed = least.involved | least.undecided
        forced = self.domain.forced({name: value for name, value in known.items() if name in needed})
        needed |= background.forced.keys() & forced.keys()
        return frozenset({**background.known, **presumed}.keys() - needed)

    def _by_cases(self, facts: Facts, idle: frozenset[str], name: Name) -> Derivation:
        """How a name follows without a single derivation: one branch for each case of an exhaustive split."""
        split = cases(self.domain, Evaluation(self.reasoner.definitions, facts), Concluded(name))
        branches = tuple(self._branch(facts, case, idle, name) for case in split)
        claim = Concluded(name) if branches else TooManyCases(Concluded(name))
        return Derivation(claim, "definition", follows_from=branches)

    def _branch(self, facts: Facts, case: Facts, idle: frozenset[str], name: Name) -> Derivation:
        """What follows in one case."""
        record = self.reasoner.inference.run({**facts, **case})
        derivations = Derivations(self.domain, self.assessment, record, case, idle - case.keys())
        cells = ((finding, self.domain.cell_of(finding, value)) for finding, value in case.items())
        premises = tuple(self.domain.premise(finding, [cell]) for finding, cell in cells)
        return Derivation(SplitCase(premises), "case", follows_from=(derivations.holds(name),))
