"""Proofs: everything holds of the shipped knowledge, and every verdict agrees with enumeration."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random

import pytest

from expert import KnowledgeBase, read_knowledge
from expert.answer.assess import Reasoner
from expert.check.faults import Fault, Proof
from expert.check.proofs import prove
from expert.diff.diff import difference
from expert.lang.definitions import Definitions, over_inputs
from expert.lang.facts import Background, Patient
from expert.lang.model import Invariant, Rule
from expert.lang.premises import All, Any, Compare, Concluded, Is, Not, Premise
from expert.lang.values import Facts
from expert.logic.domain import Domain
from expert.logic.kleene import Evaluation, Truth
from expert.read.parse import decode, parse
from expert.read.patient import PatientReader
from expert.read.source import Problems
from expert.render.check import witness_lines
from expert.solve.partial import PartialPatients
from expert.solve.prove import Prover
from tests.conftest import REPOSITORY
from tests.small_ladder import choice, quantity, small_ladder, yes_no
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
    source = decode("witness", "\n".join(witness_lines(fault.witness or ())).encode(), problems)
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
    assert fault.witness == (("strict", "no"), ("frail", "yes"))
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


def promised(kb: KnowledgeBase, rng: Random) -> KnowledgeBase:
    """With promises about some rules' patients and about thresholds that no rule has."""
    premises = [rng.choice(list(kb.rules.values())).premise for _ in range(3)]
    premises.append(All((Compare("dose", ">", 6.0, "6"), Compare("dose", "<", rng.choice([5.0, 7.0]), ""))))
    promises = {
        f"p{index}": Invariant(f"p{index}", "", bool(index % 2), "recommended", "two", ("two",), when, "", (), AT)
        for index, when in enumerate(premises)
    }
    return kb._replace(invariants=promises)


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


def test_a_finding_whose_value_is_forced_does_not_matter_though_findings_that_it_is_tied_to_do(tmp_path: Path) -> None:
    """Two patients with the same value of a finding never show that it matters."""
    kb = small_ladder(
        tmp_path,
        findings={"ill": yes_no(), "bled": yes_no(asked_if="ill"), "fell": yes_no(), "hurt": yes_no()},
        constraints={"hurt-by-falling": ["hurt", "not fell"], "falls-hurt": ["fell", "not hurt"],
                     "no-blood": ["bled"], "no-blood-from-falls": ["bled", "fell"]},
        rules={"fell": a_rule(["fell"], "supports one"), "bled": a_rule(["bled"], "cautions one")},
        steps={"one": {}},
    )  # fmt: skip
    verdicts = {(it.check, it.subject): it.verdict for it in prove(Reasoner(kb), {"asked_if", "non-discriminating"})}
    assert (verdicts["asked_if", "bled"], verdicts["non-discriminating", "bled"]) == ("proved", "refuted")


def test_what_only_a_score_distinguishes_is_distinguished(tmp_path: Path) -> None:
    """A rule reads the finding as well, and makes no difference where the score does."""
    points = [{"when": premise, "points": 1} for premise in ("growth is active", "mass > 2", "old")]
    kb = small_ladder(
        tmp_path,
        findings={
            "growth": choice("none", "past", "active", usual="none", alike=["past", "active"]),
            "mass": quantity("0 .. 9", "0"),
            "old": yes_no("no", asked_if="not ill"),
            "ill": yes_no("no"),
        },
        concluded={"tally": {"title": "Tally", "type": "score", "points": points}},
        rules={
            "all": a_rule("always", "supports two"),
            "grown": a_rule(["growth is not none"], "cautions two"),
            "both": a_rule(["tally >= 2"], "supports one"),
            "old": a_rule(["not ill", "old", "mass > 5"], "cautions one"),
        },
        steps={"one": {}, "two": {}},
    )
    proofs = {(it.check, it.subject): it.verdict for it in prove(Reasoner(kb))}
    assert proofs["alike", "growth"] == "refuted"
    assert proofs["asked_if", "old"] == "refuted"
    assert proofs["non-discriminating", "mass"] == "proved"


@pytest.mark.parametrize("values", [("untried", "failed"), ("failed", "untried")])
def test_values_that_differ_only_along_with_what_a_constraint_forces_are_distinguished(
    tmp_path: Path, values: tuple[str, str]
) -> None:
    """In whatever order they are written: treatment that failed lasted, and what was never tried cannot have lasted."""
    kb = small_ladder(
        tmp_path,
        findings={
            "result": choice(*values, usual="untried", alike=list(values)),
            "lasted": quantity("0 weeks .. 99 weeks", "0 weeks", "weeks"),
        },
        constraints={"untried": ["result is untried", "lasted > 0 weeks"]},
        rules={
            "all": a_rule("always", "supports one"),
            "failed": a_rule(["result is failed", "lasted >= 12 weeks"], "cautions one"),
        },
        steps={"one": {}},
    )
    proofs = {it.check: it.verdict for it in prove(Reasoner(kb)) if it.subject == "result"}
    assert (proofs["non-discriminating"], proofs["alike"]) == ("proved", "refuted")


def test_a_threshold_of_a_score_that_all_of_the_range_lies_on_one_side_of_changes_nothing(tmp_path: Path) -> None:
    points = [{"when": "mass >= 0", "points": 1}, {"when": "mass > 2", "points": 1}]
    kb = small_ladder(
        tmp_path,
        findings={"mass": quantity("0 .. 9", "0")},
        concluded={"tally": {"title": "Tally", "type": "score", "points": points}},
        rules={"all": a_rule("always", "supports one"), "two": a_rule(["tally >= 2"], "cautions one")},
        steps={"one": {}},
    )
    (fault,) = (it.fault for it in prove(Reasoner(kb), {"non-discriminating"}) if it.subject == "mass")
    assert fault
    assert fault.message == "no outcome depends on the threshold mass >= 0"


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
    assert (fault.check, fault.message) == ("non-discriminating", f"no outcome depends on the threshold {dead}")
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
        for view in (patients.presumed, patients.known):
            facts = answered(domain, view.presumed)
            differing.append(any(seen(domain.definitions, it) != seen(changed, it) for it in facts))
            given = patients.nearest(view, patients.differs(view, {name: changed.premises[name]}))
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
    """The observables of the answer to a partial patient, worked out by the reference meaning."""
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
        found += map(it.concluded, finding.names)
    return found
