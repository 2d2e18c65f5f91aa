"""The verdicts of ``expert check`` held to brute force over the patients of a draft."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

import numpy as np

from expert.answer.assess import Reasoner
from expert.check.faults import Given, Proof
from expert.check.proofs import prove
from tests.fuzz.answers import answers
from tests.fuzz.language import lines_of
from tests.fuzz.meaning import Meaning
from tests.fuzz.observables import Neighbours, has_many_partial_patients, same_for_all
from tests.fuzz.trial import Differences, Trial
from tests.fuzz.truths import Name

Verdict = tuple[str, str, bool]
"""A check, what it is about, and whether it is refuted."""


def check(trial: Trial) -> Differences:
    """Proofs."""
    proofs = list(prove(Reasoner(trial.kb)))
    found = [(it.check, it.subject, it.verdict == "refuted") for it in proofs]
    wanted = list(Verdicts(trial.meaning).of_all())
    for it in wanted:
        if it not in found:
            yield f"{it[0]} {it[1]}: should be {'refuted' if it[2] else 'proved'}"
    checked = {it[:2] for it in wanted}
    for name, subject, _ in found:
        if (name, subject) not in checked and not (name == "redundant" and has_many_partial_patients(trial.meaning)):
            yield f"{name} {subject}: nothing should be said of it"
    for proof in proofs:
        if proof.fault and proof.fault.witness is not None and not _shows(trial.meaning, proof, proof.fault.witness):
            yield f"{proof.check} {proof.subject}: this patient does not show it: {proof.fault.witness!r}"


def _shows(meaning: Meaning, proof: Proof, witness: Given) -> bool:
    """Whether a witness can be, and as presumed shows the fault; some faults need two patients, or many."""
    (it,) = answers(meaning, meaning.table([dict(witness)]))
    truths, target = it.presumed, proof.subject
    match proof.check:
        case _ if it.impossible:
            return False
        case "total":
            return all(truths["recommended", step] is False for step in meaning.steps)
        case "never-recommended":
            return truths["recommended", target] is True
        case "exclusive":
            return it.contradicted
        case "redundant":
            return truths["rule", target] is True
        case "conflict":
            rules = any(truths["rule", rule] for rule in meaning.rules_for(("supports", target)))
            return truths["excludes", target] is True and (rules or truths["prefers", target] is True)
        case "invariant":
            word = "always" if "always" in (promise := meaning.draft["invariants"][target]) else "never"
            status, promised = promise[word].split()
            kept = {truths[status, it] for it in meaning.steps_of(promised)}
            return kept == {False} if word == "always" else True in kept
    return True


class Verdicts:
    """What must be proved of a draft, and what refuted."""

    def __init__(self, meaning: Meaning) -> None:
        self.meaning, self.draft = meaning, meaning.draft
        self.truths, self.neighbours = meaning.complete_truths, Neighbours(meaning)

    def some(self, *names: Name) -> bool:
        """Whether all these hold of some complete patient."""
        return bool(np.logical_and.reduce([self.truths[name].holds for name in names]).any())

    def of_all(self) -> Iterator[Verdict]:
        """Every verdict."""
        yield from self._vocabulary()
        yield from self._ladder()
        yield from self._promises()
        if not has_many_partial_patients(self.meaning):
            yield from (("redundant", rule, self._redundant(rule)) for rule in self.draft["rules"])

    def _vocabulary(self) -> Iterator[Verdict]:
        meaning, neighbours = self.meaning, self.neighbours
        yield "constraints", "", not meaning.allowed.any()
        yield "presumed-patient", "", not self._presumed_can_be()
        for name, it in meaning.concluded.items():
            if "values" in it:
                yield "exclusive", name, self._two_values(name, it["values"])
        for name, it in meaning.inputs.items():
            yield "non-discriminating", name, neighbours.idle(name)
            if "alike" in it:
                places = [it["values"].index(value) for value in it["alike"]]
                yield "alike", name, any(neighbours.distinguishes(name, *pair) for pair in combinations(places, 2))
            if "presumed_unless" in it:
                holds = meaning.premise(it["presumed_unless"], meaning.complete).holds
                decided = any(self._decides(other, name) for other in meaning.inputs)
                yield "presumed_unless", name, not holds.any() or bool(holds.all()) or decided
            if "asked_if" in it:
                yield "asked_if", name, neighbours.unasked(name)

    def _decides(self, other: str, finding: str) -> bool:
        """Whether presuming another finding leaves one value of a finding, which several are possible of."""
        meaning, its = self.meaning, self.meaning.inputs
        usual, condition = its[other].get("usual"), its[finding]["presumed_unless"]
        if usual is None or its[other].get("presumed_unless") == condition:
            return False
        (with_it,) = meaning.completions(meaning.table([{other: usual}]))
        left = np.unique(meaning.complete[finding][with_it])
        several = len(np.unique(meaning.complete[finding])) > 1
        return several and len(left) == 1 and meaning.cells[finding][left[0]].point

    def _presumed_can_be(self) -> bool:
        texts = {name: it.get("default", it.get("usual")) for name, it in self.meaning.inputs.items()}
        patient = {name: text for name, text in texts.items() if text is not None}
        return bool(self.meaning.completions(self.meaning.table([patient])).any())

    def _two_values(self, name: str, values: list[str]) -> bool:
        rules = {value: self.meaning.rules_for(("finding", name, value)) for value in values}
        pairs = (pair for one, other in combinations(values, 2) for pair in product(rules[one], rules[other]))
        return any(self.some(("rule", one), ("rule", other)) for one, other in pairs)

    def _ladder(self) -> Iterator[Verdict]:
        meaning = self.meaning
        yield "total", "", bool((meaning.outcomes == -1).any())
        for option in meaning.options:
            yield "conflict", option, self.some(("prefers", option), ("excludes", option))
        for target in (*meaning.steps, *meaning.options):
            pro, contra = (meaning.rules_for((role, target)) for role in ("supports", "excludes"))
            if pro and contra:
                yield "conflict", target, any(self._both_ways(*pair) for pair in product(pro, contra))
        for subject, name in self._reachable():
            yield "unreachable", subject, not self.some(name)
        for step, it in self.draft["steps"].items():
            if "never_recommended" in it:
                yield "never-recommended", step, self.some(("recommended", step))

    def _both_ways(self, one: str, other: str) -> bool:
        """Whether two rules rest on the same findings, and hold of the same patients, of whom there are some."""
        if self._inputs(("rule", one)) != self._inputs(("rule", other)):
            return False
        same = (self.truths["rule", one].holds == self.truths["rule", other].holds).all()
        return bool(same) and self.some(("rule", one))

    def _inputs(self, name: Name) -> set[str]:
        found: set[str] = set()
        it = self.draft["rules"][name[1]]
        for line in (*lines_of(it["when"]), *lines_of(it.get("unless"))):
            if line.finding in self.meaning.concluded:
                for value in self.meaning.concluded[line.finding].get("values", [None]):
                    rules = self.meaning.rules_for(("finding", line.finding, *([value] if value else [])))
                    found = found.union(*(self._inputs(("rule", rule)) for rule in rules))
            else:
                found.add(line.finding)
        return found

    def _reachable(self) -> Iterator[tuple[str, Name]]:
        yield from ((rule, ("rule", rule)) for rule in self.draft["rules"])
        for name, it in self.meaning.concluded.items():
            yield from ((f"{name} is {value}", ("finding", name, value)) for value in it.get("values", ()))
            if "values" not in it:
                yield name, ("finding", name)
        for step, it in self.draft["steps"].items():
            if "never_recommended" not in it:
                yield step, ("recommended", step)
                yield from ((f"{step}.{name}", ("offered", f"{step}.{name}")) for name in it.get("options", ()))
        yield from ((it, ("alert", it)) for it in self.draft.get("alerts", ()))
        yield from ((it, ("given", it)) for it in self.draft.get("advice", ()))

    def _promises(self) -> Iterator[Verdict]:
        for name, it in self.draft.get("invariants", {}).items():
            word = "always" if "always" in it else "never"
            status, target = it[word].split()
            steps = list(self.meaning.steps_of(target))
            if "as" in it:
                finding, way = it["as"].split()
                yield "monotonic", name, self.neighbours.regained(finding, way == "rises", steps)
            else:
                meant = self.meaning.premise(it["when"], self.meaning.complete).holds
                kept = np.logical_or.reduce([self.truths[status, step].holds for step in steps])
                yield "invariant", name, bool((meant & (~kept if word == "always" else kept)).any())

    def _redundant(self, rule: str) -> bool:
        fewer = {**self.draft, "rules": {name: it for name, it in self.draft["rules"].items() if name != rule}}
        return self.some(("rule", rule)) and same_for_all(self.draft, fewer)
