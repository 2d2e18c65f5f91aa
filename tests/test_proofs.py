"""Proofs: everything holds of the shipped knowledge, and every verdict agrees with enumeration."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise, product
from pathlib import Path
from random import Random

import pytest

from expert import KnowledgeBase, read_knowledge
from expert.definitions import Definitions, over_inputs
from expert.infer.assess import Reasoner
from expert.infer.domain import Domain
from expert.infer.partial import PartialPatients
from expert.infer.prove import Prover
from expert.logic import Evaluation, Truth, holds_of
from expert.model import (
    All,
    Any,
    Compare,
    Concluded,
    Facts,
    Finding,
    Invariant,
    Is,
    Kind,
    Literal,
    Name,
    Not,
    Premise,
    Rule,
    Value,
    literals,
)
from expert.read.patient import PatientReader
from expert.read.source import Problems, decode, parse
from expert.results import Background, Patient
from expert.workbench.diff import difference
from expert.workbench.faults import Fault, Proof
from expert.workbench.proofs import prove
from tests.conftest import REPOSITORY
from tests.small_ladder import quantity, small_ladder, yes_no
from tests.small_ladder import rule as a_rule
from tests.strategies import AT, Enumeration, small_knowledge


@pytest.fixture(scope="module")
def shipped() -> list[Proof]:
    return list(prove(Reasoner(read_knowledge())))


def test_everything_is_proved_of_the_shipped_knowledge(shipped: list[Proof]) -> None:
    assert [proof.fault for proof in shipped if proof.verdict != "proved"] == []
    assert {"total", "conflict", "redundant", "invariant", "monotonic", "alike"} <= {proof.check for proof in shipped}


def read_witness(kb: KnowledgeBase, fault: Fault) -> Patient:
    problems = Problems()
    source = decode("witness", (fault.witness or "{}").encode(), problems)
    node = parse(source, problems) if source else None
    assert node is not None
    reader = PatientReader(kb)
    return reader.combined(reader.mapping(node))


def site_with_a_default(folder: Path) -> KnowledgeBase:
    """A policy counts until a site says otherwise, and some patients there can only be where it does."""
    return small_ladder(
        folder,
        findings={"strict": yes_no(default="yes", group="site"), "frail": yes_no("no"), "old": yes_no("no")},
        constraints={"strict-sites-see-no-frail-patients": ["strict", "frail"]},
        rules={
            "all": a_rule("always", "supports one"),
            "frail": a_rule(["frail"], "excludes one"),
            "old": a_rule(["old", "frail"], "cautions one"),
        },
        steps={"one": {}},
        cases=[{"name": "Anybody", "given": {"old": "no"}, "expect": {"recommended": "one"}}],
    )


def test_a_witness_says_that_a_default_is_otherwise_where_the_patient_could_not_be_with_it(tmp_path: Path) -> None:
    kb = site_with_a_default(tmp_path)
    (fault,) = (proof.fault for proof in prove(Reasoner(kb), {"total"}))
    assert fault
    assert fault.witness == "strict: no\nfrail: yes"
    assert Reasoner(kb).assess(read_witness(kb, fault)).recommended is None


def test_of_two_copies_of_a_rule_each_is_covered_by_the_other_alone() -> None:
    kb = read_knowledge(REPOSITORY / "tests" / "other_ladder")
    copies = [rule._replace(id=f"{rule.id}-again") for rule in kb.rules.values()]
    kb = kb._replace(rules={**kb.rules, **{rule.id: rule for rule in copies}})
    faults = [proof.fault for proof in prove(Reasoner(kb), {"redundant"})]
    assert [fault and (fault.check, len(fault.related)) for fault in faults] == [("subsumed", 1)] * len(kb.rules)


# --- against enumeration ----------------------------------------------------------------------------------------------


def small(rng: Random, constrained: bool) -> KnowledgeBase:
    """A small knowledge base that some patient meets, and none with two values of a concluded choice."""
    while True:
        kb = small_knowledge(rng, constrained)
        if is_sound(kb):
            return kb


def is_sound(kb: KnowledgeBase) -> bool:
    domain = Domain(Definitions(kb))
    return domain.permitted({}) and not Enumeration(domain).contradictory


class Complete:
    """Every complete patient that a small knowledge base permits."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self.kb, self.domain = kb, Domain(Definitions(kb))
        everybody = (
            {name: cell.value for name, cell in cells.items()} for cells, _ in Enumeration(self.domain).patients
        )
        self.patients = [Evaluation(self.domain.definitions, facts) for facts in everybody]

    def some(self, *names: Name) -> bool:
        """Whether all these hold of somebody."""
        return any(all(patient.concluded(name) for name in names) for patient in self.patients)

    def alike(self, one: Name, other: Name) -> bool:
        """Whether two definitions have the same truth of everybody."""
        return all(patient.concluded(one) is patient.concluded(other) for patient in self.patients)

    def total(self) -> bool:
        return all(any(it.concluded(("recommended", step)) for step in self.kb.steps) for it in self.patients)

    def keeps(self, promise: Invariant) -> bool:
        meant = [it for it in self.patients if it.evaluate(over_inputs(promise.when, self.kb))]
        kept = [any(it.concluded(("recommended", step)) for step in promise.steps) for it in meant]
        return all(kept) if promise.always else not any(kept)

    def conflicts(self) -> Iterator[tuple[str, bool]]:
        """Whether an option is preferred and excluded; of what has arguments both ways, whether two always agree."""
        for option in self.kb.options:
            yield option, self.some(("prefers", option), ("excludes", option))
        for target in (*self.kb.steps, *self.kb.options):
            pro, contra = (self.kb.rules_for.get((role, target), ()) for role in ("supports", "excludes"))
            if pro and contra:
                yield target, any(self._both_ways(one, other) for one, other in product(pro, contra))

    def _both_ways(self, one: Rule, other: Rule) -> bool:
        names = ("rule", one.id), ("rule", other.id)
        inputs = self.domain.definitions.inputs
        return inputs[names[0]] == inputs[names[1]] and self.alike(*names) and self.some(names[0])

    def reached(self) -> dict[str, bool]:
        """For each id, whether somebody gets there."""
        found = {rule: self.some(("rule", rule)) for rule in self.kb.rules}
        for finding in self.kb.concluded.values():
            for value in finding.values or ("",):
                name: Name = ("finding", finding.name, *([value] if value else []))
                found[" is ".join(name[1:])] = self.some(name)
        for kind, ids in {
            "recommended": self.kb.steps,
            "offered": self.kb.options,
            "alert": self.kb.alerts,
            "given": self.kb.advice,
        }.items():
            found |= {name: self.some((kind, name)) for name in ids}
        return found


def promised(kb: KnowledgeBase, rng: Random) -> KnowledgeBase:
    """With promises about some rules' patients and about thresholds that no rule has."""
    premises = [rng.choice(list(kb.rules.values())).premise for _ in range(3)]
    premises.append(All((Compare("dose", ">", 6.0, "6"), Compare("dose", "<", rng.choice([5.0, 7.0]), ""))))
    promises = {
        f"p{index}": Invariant(f"p{index}", "", bool(index % 2), "two", ("two",), when, "", (), AT)
        for index, when in enumerate(premises)
    }
    return kb._replace(invariants=promises)


@pytest.mark.parametrize("seed", range(24))
def test_verdicts_over_complete_patients_agree_with_enumeration(seed: int) -> None:
    rng = Random(seed)
    kb = promised(small(rng, constrained=seed % 2 == 0), rng)
    everybody = Complete(kb)
    told: dict[str, list[tuple[str, bool]]] = {}
    for proof in prove(Reasoner(kb), {"total", "unreachable", "conflict", "invariant"}):
        told.setdefault(proof.check, []).append((proof.subject, proof.verdict == "proved"))
    assert told["total"] == [("", everybody.total())]
    assert dict(told["unreachable"]) == everybody.reached()
    assert told["conflict"] == [(subject, not found) for subject, found in everybody.conflicts()]
    assert told["invariant"] == [(name, everybody.keeps(promise)) for name, promise in kb.invariants.items()]


def test_the_small_knowledge_bases_have_faults_of_every_kind() -> None:
    found = set()
    for seed in range(6):
        rng = Random(seed)
        proofs = prove(Reasoner(promised(small(rng, constrained=seed % 2 == 0), rng)))
        found |= {(proof.check, proof.verdict) for proof in proofs}
    checks = ("total", "unreachable", "conflict", "invariant", "redundant", "non-discriminating")
    assert found >= {(check, verdict) for check in checks for verdict in ("proved", "refuted")}


@pytest.mark.parametrize("seed", range(24))
def test_a_witness_of_a_small_knowledge_base_says_no_more_than_is_needed(seed: int) -> None:
    rng = Random(seed)
    kb = promised(small(rng, constrained=seed % 2 == 0), rng)
    domain = Domain(Definitions(kb))
    for proof in prove(Reasoner(kb), {"total", "invariant"}):
        if proof.fault:
            recommended = Any(tuple(Concluded(("recommended", step)) for step in kb.steps))
            premise: Premise = Not(recommended)
            if proof.check == "invariant":
                promise = kb.invariants[proof.subject]
                kept = Concluded(("recommended", "two"))
                premise = All((over_inputs(promise.when, kb), Not(kept) if promise.always else kept))
            given = read_witness(kb, proof.fault).facts
            assert holds(domain, given, premise)
            for name in given:
                assert not holds(domain, {other: given[other] for other in given if other != name}, premise)


def holds(domain: Domain, given: Facts, premise: Premise) -> bool:
    """Whether a premise is known to hold of a patient, with the presumptions."""
    return Evaluation(domain.definitions, domain.background(given).all).evaluate(premise) is True


# --- what makes a difference, against enumeration ---------------------------------------------------------------------


class Pairs:
    """All pairs of permitted patients in whose answers a person sees a difference."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self.kb, self.domain = kb, Domain(Definitions(kb))
        seen_of = [(dict(it.facts), tuple(seen(self.domain.definitions, it.facts))) for it in Complete(kb).patients]
        self.pairs = [
            (one, other, frozenset(name for name in one if one[name] != other[name]))
            for one, first in seen_of
            for other, second in seen_of
            if first != second
        ]

    def neighbours(self, finding: str) -> Iterator[tuple[Facts, Facts]]:
        """Those who differ in a finding; in another one only if setting it back would break a constraint."""
        for one, other, differing in self.pairs:
            rest = differing - {finding}
            if finding in differing and not any(self.domain.permitted({**other, name: one[name]}) for name in rest):
                yield one, other

    def idle(self, finding: Finding) -> bool:
        """Whether the finding matters to nobody, or what divides two of its values does not."""
        told = {(one[finding.name], other[finding.name]) for one, other in self.neighbours(finding.name)}
        cells = [cell.value for cell in self.domain.cells[finding.name]]
        if finding.kind is Kind.CHOICE:
            divided = [pair for pair in combinations(cells, 2) if not set(pair) <= set(finding.alike)]
        else:
            divided = [pair for pair in pairwise(cells) if self._divides(finding.name, *pair)]
            if any(len({holds_of(it, cell) for cell in cells}) == 1 for it in self._readers(finding.name)):
                return True
        return not told or (finding.kind is not Kind.YES_NO and not told.issuperset(divided))

    def _divides(self, finding: str, below: Value, above: Value) -> bool:
        """Whether a premise of a rule tells two values apart."""
        return any(holds_of(it, below) != holds_of(it, above) for it in self._readers(finding))

    def _readers(self, finding: str) -> Iterator[Literal]:
        its = (literal for rule in self.kb.rules.values() for literal in literals(rule.premise))
        return (it for it in its if it.finding == finding)


@pytest.mark.parametrize("seed", range(10))
def test_what_makes_no_difference_agrees_with_enumeration(seed: int) -> None:
    rng = Random(seed)
    kb = small(rng, constrained=seed % 2 == 1)
    extent = kb.findings["extent"]._replace(alike=("small", "medium"))
    blush = kb.findings["blush"]._replace(asked_if=Is("ache", True))
    kb = kb._replace(findings={**kb.findings, "extent": extent, "blush": blush})
    pairs = Pairs(kb)
    told = {(it.check, it.subject): it for it in prove(Reasoner(kb), {"non-discriminating", "alike", "asked_if"})}
    for finding in kb.inputs.values():
        assert (told["non-discriminating", finding.name].verdict == "refuted") == pairs.idle(finding)
    apart = {frozenset((one["extent"], other["extent"])) for one, other in pairs.neighbours("extent")}
    assert (told["alike", "extent"].verdict == "refuted") == (frozenset(("small", "medium")) in apart)
    unasked = any(one["ache"] is other["ache"] is False for one, other in pairs.neighbours("blush"))
    assert (told["asked_if", "blush"].verdict == "refuted") == unasked


@pytest.mark.parametrize("dead", ["age >= 0 years", "age <= 120 years", "age < 0 years", "age > 120 years"])
def test_a_threshold_that_all_of_the_range_lies_on_one_side_of_changes_nothing(tmp_path: Path, dead: str) -> None:
    kb = small_ladder(
        tmp_path,
        findings={"ill": yes_no("no"), "age": quantity("0 years .. 120 years", "40 years", "years")},
        rules={
            "young": a_rule(["age < 18 years"], "excludes one"),
            "ill": a_rule([{"any": ["ill", {"all": [dead, "age < 18 years"]}]}], "supports one"),
        },
        steps={"one": {}},
    )
    (fault,) = (proof.fault for proof in prove(Reasoner(kb), {"non-discriminating"}) if proof.subject == "age")
    assert fault
    assert (fault.check, fault.message) == ("non-discriminating", f"no outcome hangs on the threshold {dead}")
    assert dead in (tmp_path / "rules" / "all.yaml").read_text("utf-8").splitlines()[fault.at.line - 1]


# --- partial patients, against enumeration ----------------------------------------------------------------------------


def partial_patients(domain: Domain) -> Iterator[Background]:
    """Every partial patient who can occur."""
    names = list(domain.kb.inputs)
    for values in product(*([None, *(cell.value for cell in domain.cells[name])] for name in names)):
        given = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        if domain.permitted({**domain.background({}).defaults, **given}):
            yield domain.background(given)


def answered(domain: Domain, presumed: bool) -> list[Facts]:
    """What counts of each partial patient: what is known, or what is presumed as well."""
    found = (it.all if presumed else it.known for it in partial_patients(domain))
    return list({frozenset(facts.items()): facts for facts in found}.values())


def without(kb: KnowledgeBase, rule: str) -> KnowledgeBase:
    return kb._replace(rules={name: it for name, it in kb.rules.items() if name != rule})


@pytest.mark.parametrize("seed", range(12))
def test_a_rule_is_redundant_just_when_no_partial_patient_sees_a_difference(seed: int) -> None:
    kb = small(Random(seed), constrained=seed % 3 > 0)
    domain = Domain(Definitions(kb))
    told = {proof.subject: proof.fault for proof in prove(Reasoner(kb), {"redundant"})}
    facts = [*answered(domain, presumed=True), *answered(domain, presumed=False)]
    before = [seen(domain.definitions, it) for it in facts]
    for rule in kb.rules:
        after = Definitions(without(kb, rule))
        same = all(seen(after, it) == seen_before for it, seen_before in zip(facts, before, strict=True))
        possible = any(Evaluation(domain.definitions, it).concluded(("rule", rule)) for it in facts)
        assert (told[rule] is not None) == (same and possible), rule


@pytest.mark.parametrize("seed", range(16))
def test_two_versions_of_a_rule_are_equivalent_just_when_no_partial_patient_sees_a_difference(seed: int) -> None:
    rng = Random(seed)
    kb = small(rng, constrained=seed % 4 > 0)
    domain = Domain(Definitions(kb))
    patients = PartialPatients(Prover(domain))
    for rule in rng.sample(list(kb.rules.values()), 4):
        edited = weakened(rule, rng)
        changed = Definitions(kb._replace(rules={**kb.rules, rule.id: edited}))
        if not is_sound(changed.kb):
            continue
        name = ("rule", rule.id)
        differing = []
        for view in patients.views:
            facts = answered(domain, view.presumed)
            differing.append(any(seen(domain.definitions, it) != seen(changed, it) for it in facts))
            given = patients.who_sees(view, {name: changed.premises[name]})
            assert (given is not None) is differing[-1]
            if given is not None:
                background = domain.background(given)
                counts = background.all if view.presumed else background.known
                assert seen(domain.definitions, counts) != seen(changed, counts)
        assert patients.see({name: changed.premises[name]}) is any(differing)
        assert difference(kb, changed.kb).equivalent is not any(differing)


def weakened(rule: Rule, rng: Random) -> Rule:
    """Another version of a rule: what it says twice over by cases, without a premise, or with one more."""
    finding = Is(rng.choice(["ache", "blush", "cough"]), True)
    by_cases = Any((All((*rule.when, finding)), All((*rule.when, Not(finding)))))
    when: list[tuple[Premise, ...]] = [(by_cases,), rule.when[1:], (*rule.when, finding), (All(rule.when), *rule.when)]
    return rule._replace(when=rng.choice(when))


def seen(definitions: Definitions, facts: Facts) -> list[Truth | str]:
    """What a person can see of the answer to a partial patient, worked out by the reference meaning."""
    kb, it = definitions.kb, Evaluation(definitions, facts)
    found: list[Truth | str] = []
    for step in kb.steps:
        excluded, supported = it.concluded(("excludes", step)), it.concluded(("supports", step))
        found.append("x" if excluded else "-" if supported is False else it.concluded(("available", step)))
        found.append(it.concluded(("cautions", step)))
    for option in kb.options:
        offered = it.concluded(("offered", option))
        found += [offered, offered is False and it.concluded(("excludes", option)) is True]
        found += [it.concluded(("prefers", option)), it.concluded(("cautions", option))]
    found += [it.concluded(("alert", alert)) for alert in kb.alerts]
    found += [it.concluded(("given", advice)) for advice in kb.advice]
    for finding in kb.concluded.values():
        for value in finding.values or ("",):
            found.append(it.concluded(("finding", finding.name, *([value] if value else []))))
    return found
