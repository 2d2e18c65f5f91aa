"""Why, and why not: views of the record that the engine keeps.

A positive conclusion is told as a tree from its rule down to facts. A negative one names the facts that rule it out. Of
several justifications the one that rests on the fewest findings is told.
"""

from __future__ import annotations

from itertools import takewhile

from expert.definitions import over_inputs, parts
from expert.errors import PatientError, Problem, nearest
from expert.infer.assess import Reasoner
from expert.infer.possible import cases
from expert.logic import Evaluation
from expert.model import Any, Compare, Concluded, In, Is, Kind, Literal, Name, Not, Premise, Rule, literals, written
from expert.results import Assessment, BlockedRule, Blocker, Derivation, Explanation, Fact, Justification, Record

STEP, OPTION, FINDING, ALERT, ADVICE = "step", "option", "finding", "alert", "advice"


class Explainer:
    """Explains one assessment."""

    def __init__(self, reasoner: Reasoner, assessment: Assessment) -> None:
        self.reasoner, self.domain, self.kb, self.assessment = reasoner, reasoner.domain, reasoner.kb, assessment
        self.reasons: dict[int, dict[Name, frozenset[str]]] = {}

    # --- the two questions

    def why(self, target: str) -> Explanation:
        """Why a target is as it is; if it does not hold, what keeps it from holding.

        Raises:
            PatientError: there is no such target.
        """
        kind = self._kind(target)
        if kind == FINDING and not self.kb.findings[target].concluded:
            return self._why_input(target)
        name = self._name(kind, target)
        if self._rests_on_cases(kind, target):
            return Explanation(
                target, self._title(kind, target), "is recommended in every case", False, self._by_cases(name)
            )
        record, provisional = self._record(name)
        if not record.truth(name):
            return self.why_not(target)
        derivation = self._holds(record, name)
        return Explanation(target, self._title(kind, target), self._positive(kind, name), provisional, derivation)

    def why_not(self, target: str) -> Explanation:
        """What keeps a target from holding: premises that failed or are unknown, rule by rule, and what is against it.

        Raises:
            PatientError: there is no such target.
        """
        kind = self._kind(target)
        if kind == FINDING and not self.kb.findings[target].concluded:
            return self._why_input(target)
        name = self._name(kind, target)
        if self._rests_on_cases(kind, target):
            return self.why(target)
        record, provisional = self._record(name)
        title = self._title(kind, target)
        if record.truth(name):
            return Explanation(target, title, self._positive(kind, name), provisional, self._holds(record, name))
        verdict = self._negative(kind, record.truth(name))
        role = {STEP: "supports", OPTION: "supports", ADVICE: "advise"}.get(kind, kind)
        rules = [
            rule for rule in self.kb.rules.values() if any(it.role == role and it.target == target for it in rule.then)
        ]
        blocked = tuple(self._blocked(rule, record) for rule in rules if not record.truth(("rule", rule.id)))
        against = [rule for rule in self.kb.rules_for.get(("excludes", target), ()) if record.truth(("rule", rule.id))]
        told = tuple(self._holds(record, ("rule", rule.id)) for rule in against)
        earlier = self._available_before(target, record) if kind == STEP else ()
        return Explanation(target, title, verdict, provisional, None, blocked, told, earlier)

    def _available_before(self, step: str, record: Record) -> tuple[str, ...]:
        """The earlier steps that are available."""
        earlier = takewhile(lambda name: name != step, self.kb.steps)
        return tuple(name for name in earlier if record.truth(("available", name)))

    # --- targets

    def _kind(self, target: str) -> str:
        kinds = {
            STEP: self.kb.steps,
            OPTION: self.kb.options,
            FINDING: self.kb.findings,
            ALERT: self.kb.alerts,
            ADVICE: self.kb.advice,
        }
        for kind, names in kinds.items():
            if target in names:
                return kind
        known = [name for names in kinds.values() for name in names]
        message = f"{target[:60]!r} is not a step, an option, a finding, an alert or an advice"
        raise PatientError([Problem(message, suggestion=nearest(target, known))])

    def _name(self, kind: str, target: str) -> Name:
        if kind == FINDING and self.kb.findings[target].values:
            value = self.assessment.presumed_findings[target]
            known = self.assessment.findings[target]
            first = self.kb.findings[target].values[0]
            return ("finding", target, str(known if known is not None else value if value is not None else first))
        return (
            {STEP: "recommended", OPTION: "offered", FINDING: "finding", ALERT: "alert", ADVICE: "given"}[kind],
            target,
        )

    def _record(self, name: Name) -> tuple[Record, bool]:
        """The record that settles a name: over what is known, or else with the presumptions."""
        known = self.assessment.record
        return (known, False) if known.truth(name) is not None else (self.assessment.presumed_record, True)

    def _title(self, kind: str, target: str) -> str:
        match kind:
            case "step":
                return self.kb.steps[target].title
            case "option":
                return self.kb.options[target].title
            case "alert":
                return self.kb.alerts[target].title
            case "advice":
                return self.kb.advice[target].title
        return self.kb.findings[target].title

    @staticmethod
    def _positive(kind: str, name: Name) -> str:
        what = {STEP: "is recommended", OPTION: "is on offer with its step", ALERT: "is raised", ADVICE: "is given"}
        return what.get(kind, f"is {name[2] if len(name) > 2 else 'yes'}")

    @staticmethod
    def _negative(kind: str, truth: bool | None) -> str:
        if truth is None:
            return "is open: not enough is known"
        return {
            STEP: "is not recommended",
            OPTION: "is not on offer",
            ALERT: "is not raised",
            ADVICE: "is not given",
        }.get(kind, "is no")

    def _why_input(self, target: str) -> Explanation:
        fact = self._fact(target)
        told = {
            "given": f"is {fact.value}, as given",
            "default": f"is {fact.value}, the site's default",
            "forced": f"is {fact.value}: the constraints leave no other value",
            "presumed": f"is not known; {fact.value} is presumed",
            "unknown": "is not known",
        }[fact.origin]
        return Explanation(
            target, self.kb.findings[target].title, told, fact.origin == "presumed", Derivation(told, fact.origin)
        )

    # --- how something follows

    def _rests_on_cases(self, kind: str, target: str) -> bool:
        """Whether a step is certain though no single derivation is."""
        certain = kind == STEP and self.assessment.answer == "certain" and target == self.assessment.recommended
        return certain and self.assessment.record.truth(("recommended", target)) is None

    def _by_cases(self, name: Name) -> Derivation:
        """One branch for each case of an exhaustive split."""
        known = Evaluation(self.reasoner.definitions, self.assessment.record.facts)
        branches = []
        for case in cases(self.domain, known, Concluded(name)):
            record = self.reasoner.inference.run({**known.facts, **case})
            told = [
                premise
                for finding, value in case.items()
                for premise in self.domain.premises(finding, [self.domain.cell_of(finding, value)])
            ]
            branches.append(Derivation(f"if {' and '.join(told)}", "case", follows_from=(self._holds(record, name),)))
        return Derivation(self._claim(name), "definition", follows_from=tuple(branches))

    def _holds(self, record: Record, name: Name) -> Derivation:
        """The tree of a conclusion that holds."""
        best = self._best(record, name)
        if name[0] == "rule":
            rule = self.kb.rules[name[1]]
            return Derivation(rule.title, "rule", rule, follows_from=self._parts(record, best))
        parts = self._parts(record, best)
        if name[0] not in ("recommended", "available", "offered", "given", "finding"):
            return parts[0]
        return Derivation(self._claim(name), "definition", follows_from=parts)

    def _parts(self, record: Record, justification: Justification) -> tuple[Derivation, ...]:
        told: list[Derivation] = []
        for part, truth in justification.because:
            if not isinstance(part, Concluded):
                told.append(self._leaf(part, truth))
            elif part.name[-1].isdigit():
                told += self._parts(record, self._best(record, part.name))  # a nested premise: told in place
            elif truth:
                told.append(self._holds(record, part.name))
            else:
                told.append(self._fails(record, part.name))
        return tuple(told)

    def _leaf(self, literal: Literal, truth: bool) -> Derivation:
        fact = self._fact(literal.finding)
        return Derivation(written(literal if truth else Not(literal)), fact.origin, facts=(fact,))

    def _fails(self, record: Record, name: Name) -> Derivation:
        """A negative conclusion, with the facts that rule it out."""
        findings = self._findings(record, name)
        facts = tuple(self._fact(finding) for finding in self.kb.inputs if finding in findings)
        return Derivation(self._claim(name, negative=True), "definition", facts=facts)

    def _claim(self, name: Name, *, negative: bool = False) -> str:
        role, target, *value = name
        if role == "finding":
            said = value[0] if value else "no" if negative else "yes"
            return f"{target} is {'not ' if negative and value else ''}{said}"
        positive, not_so = {
            "recommended": ("is recommended", "is not recommended"),
            "available": ("is available", "is not available"),
            "excludes": ("is excluded", "is not excluded"),
            "supports": ("is supported", "is not supported"),
            "offered": ("is on offer", "is not on offer"),
        }.get(role, ("holds", "does not hold"))
        kind = STEP if target in self.kb.steps else OPTION if target in self.kb.options else ""
        title = self._title(kind, target) if kind else target
        return f"{title} {not_so if negative else positive}"

    def _best(self, record: Record, name: Name) -> Justification:
        return min(record.justifications[name], key=lambda justification: len(self._behind(record, justification)))

    def _findings(self, record: Record, name: Name) -> frozenset[str]:
        """The findings that the best justification of a conclusion rests on."""
        known = self.reasons.setdefault(id(record), {})
        if name not in known:
            known[name] = min(
                (self._behind(record, justification) for justification in record.justifications[name]), key=len
            )
        return known[name]

    def _behind(self, record: Record, justification: Justification) -> frozenset[str]:
        parts = (
            self._findings(record, part.name) if isinstance(part, Concluded) else frozenset((part.finding,))
            for part, _ in justification.because
        )
        return frozenset[str]().union(*parts)

    def _fact(self, finding: str) -> Fact:
        background = self.assessment.background
        sources = {
            "given": background.given,
            "default": background.defaults,
            "forced": background.forced,
            "presumed": background.presumed,
        }
        for origin, facts in sources.items():
            if finding in facts:
                written_as = {"given": self.assessment.patient.written.get(finding)}
                written_as["presumed"] = self.kb.findings[finding].usual_written
                text = written_as.get(origin)
                return Fact(finding, text or self.domain.write(finding, facts[finding]), origin)
        return Fact(finding, "unknown", "unknown")

    # --- what keeps a rule from holding

    def _blocked(self, rule: Rule, record: Record) -> BlockedRule:
        """A rule with the premises that keep it from holding."""
        parts = [*rule.when, *(Not(exception) for exception in rule.unless)]
        blocking = [part for part in parts if self._truth(part, record) is not True]
        return BlockedRule(rule, tuple(self._blocker(part, record) for part in blocking))

    def _truth(self, premise: Premise, record: Record) -> bool | None:
        return Evaluation(self.domain.definitions, record.facts).evaluate(over_inputs(premise, self.kb))

    def _blocker(self, premise: Premise, record: Record) -> Blocker:
        """A premise that is in the way; where it asks for a conclusion, with the rules that could have led to that."""
        findings = dict.fromkeys(literal.finding for literal in literals(premise))
        read = tuple(self._read(finding, record) for finding in findings)
        wanted = [premise] if isinstance(premise, Is | In) else []
        rules = [
            rule for literal in wanted for name in self._names(literal) for rule in self.kb.rules_for.get(name, ())
        ]
        blocked = tuple(self._blocked(rule, record) for rule in rules if not record.truth(("rule", rule.id)))
        return Blocker(written(premise), read, self._needed(premise), blocked)

    def _names(self, literal: Is | In) -> list[Name]:
        """The definitions that would make a premise about a concluded finding hold."""
        return [part.name for part in parts(over_inputs(literal, self.kb)) if isinstance(part, Concluded)]

    def _read(self, finding: str, record: Record) -> Fact:
        if not self.kb.findings[finding].concluded:
            return self._fact(finding)
        known = self.assessment.findings[finding]
        if known is not None or record is self.assessment.record:
            return Fact(finding, self.domain.write(finding, known), "concluded")
        return Fact(finding, self.domain.write(finding, self.assessment.presumed_findings[finding]), "presumed")

    def _needed(self, premise: Premise) -> str:
        """What would have to be so, said of the finding where there is just one."""
        negated = isinstance(premise, Not)
        inner = premise.premise if isinstance(premise, Not) else premise
        if isinstance(inner, Is) and self.kb.findings[inner.finding].kind is Kind.YES_NO:
            return "yes" if inner.value is not negated else "no"
        if isinstance(inner, Is):
            return f"{'not ' if negated else ''}{inner.value}"
        if isinstance(inner, In):
            return f"{'none' if negated else 'one'} of {', '.join(inner.values)}"
        if isinstance(inner, Compare):
            return f"{'not ' if negated else ''}{inner.operator} {inner.written}"
        return (
            written(premise) if not isinstance(premise, Any) else f"one of: {'; '.join(map(written, premise.premises))}"
        )
