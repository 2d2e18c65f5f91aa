"""Proofs: each planted fault is found where it is, and every verdict agrees with enumeration."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from expert import KnowledgeBase, PatientReader, Reasoner, read_knowledge
from expert.definitions import Definitions, over_inputs
from expert.infer.domain import Domain
from expert.logic import Evaluation, Truth
from expert.model import Facts, Invariant, Name, Premise
from expert.read.source import Problems, decode, parse
from expert.workbench.faults import Fault, Proof
from expert.workbench.proofs import prove
from tests.conftest import REPOSITORY
from tests.strategies import AT, Enumeration, small_knowledge


class Planted(NamedTuple):
    """A fault planted in a copy of the shipped knowledge, and how it should be told."""

    file: str
    find: str
    put: str
    check: str
    said: str
    line: str
    """A text of the line that the fault is reported at."""


PLANTED = {
    "a gap": Planted(
        "rules/conservative.yaml",
        "    when: [not failed_three_months, not week_without_relief]\n    then: supports conservative",
        "    when: [not failed_three_months, not week_without_relief]\n    then: cautions conservative",
        "total",
        "no step is recommended",
        "urgent_referral:",
    ),
    "premises that exclude each other": Planted(
        "rules/fusion.yaml",
        "      - stenosis is severe\n",
        "      - stenosis is severe\n      - stenosis is mild\n",
        "unreachable",
        "wide-decompression-needs-fusion can never hold",
        "wide-decompression-needs-fusion:",
    ),
    "a rule that a more general one covers": Planted(
        "rules/indication.yaml",
        "  unfitness-bars-surgery:\n",
        "  refusal-of-the-pregnant-bars-surgery:\n    title: A pregnant patient who refuses is not operated on\n"
        "    when: [patient_request is refuses, pregnant]\n    then: excludes surgery\n"
        "    because: Consent is a condition of every operation.\n    cite: [S36]\n"
        "  unfitness-bars-surgery:\n",
        "subsumed",
        "whoever meets it meets refusal-bars-surgery",
        "refusal-of-the-pregnant-bars-surgery:",
    ),
    "a rule that only adds a citation": Planted(
        "rules/indication.yaml",
        "  unfitness-bars-surgery:\n",
        "  refusal-of-the-pregnant-bars-surgery:\n    title: A pregnant patient who refuses is not operated on\n"
        "    when: [patient_request is refuses, pregnant]\n    then: excludes surgery\n"
        "    because: Consent is a condition of every operation.\n    cite: [S36, S10]\n"
        "  unfitness-bars-surgery:\n",
        "argument",
        "citing S10",
        "refusal-of-the-pregnant-bars-surgery:",
    ),
    "a broken invariant": Planted(
        "rules/minimally-invasive.yaml",
        "scar_adhesions is severe",
        "scar_adhesions is moderate",
        "invariant",
        "no-limited-approach-in-severe-scar is broken",
        "no-limited-approach-in-severe-scar:",
    ),
    "a promise of a direction that is broken": Planted(
        "rules/minimally-invasive.yaml",
        "scar_adhesions is severe",
        "scar_adhesions is moderate",
        "monotonic",
        "becomes available again as scar_adhesions rises",
        "worse-scars-never-reopen-the-limited-approach:",
    ),
    "a step that is never to be recommended, and is": Planted(
        "ladder.yaml",
        "    summary: Treat without an operation, which is enough for most patients.\n",
        "    summary: Treat without an operation.\n    never_recommended: yes\n",
        "never-recommended",
        "conservative is declared never recommended",
        "conservative:",
    ),
    "values that are not alike": Planted(
        "vocabulary.yaml",
        "    alike: [none, mild]\n",
        "    alike: [none, mild, severe]\n",
        "alike",
        "an outcome tells them apart",
        "stenosis:",
    ),
    "a value that nothing tells from another": Planted(
        "vocabulary.yaml",
        "    alike: [none, mild]\n",
        "",
        "non-discriminating",
        "no outcome tells stenosis none from mild",
        "stenosis:",
    ),
    "a finding that nothing reads": Planted(
        "vocabulary.yaml",
        "  pregnant:\n",
        "  left_handed:\n    title: Left-handedness\n    ask: Is the patient left-handed?\n    type: yes_no\n"
        "    usual: no\n    group: patient\n  pregnant:\n",
        "non-discriminating",
        "whatever left_handed is, no outcome changes",
        "left_handed:",
    ),
    "a follow-up that matters unasked": Planted(
        "vocabulary.yaml",
        "    asked_if: prior_surgery\n    group: earlier_operation\n  return_after_surgery",
        "    asked_if: pregnant\n    group: earlier_operation\n  return_after_surgery",
        "asked_if",
        "mri_after_return can matter although its question is not asked",
        "mri_after_return:",
    ),
    "usual values that cannot be so together": Planted(
        "vocabulary.yaml",
        "constraints:\n",
        "constraints:\n  nobody-is-usual:\n    never: [not pregnant, age >= 18 years]\n    because: It was planted.\n",
        "presumed-patient",
        "the constraints exclude the patient who is presumed",
        "nobody-is-usual:",
    ),
    "two values of a concluded choice at once": Planted(
        "rules/recurrence.yaml",
        "return_level is remote]",
        "return_level is not same]",
        "exclusive",
        "recurrence can be adjacent_segment and remote for one patient",
        "recurrence:",
    ),
    "an option preferred and excluded": Planted(
        "rules/minimally-invasive.yaml",
        "rules:\n",
        "rules:\n  no-microscope:\n    title: Without a skilled surgeon the microendoscope stays in its case\n"
        "    when: not mis_skilled_operator\n    then: excludes minimally_invasive.microendoscopic_discectomy\n"
        "    because: It was planted.\n    cite: [S54]\n",
        "conflict",
        "can be preferred and excluded",
        "",
    ),
    "a threshold that nothing hangs on": Planted(
        "rules/minimally-invasive.yaml",
        "    when: always\n    then: prefers minimally_invasive.microendoscopic_discectomy\n",
        "    when:\n      - any: [age > 40 years, age <= 40 years]\n"
        "    then: prefers minimally_invasive.microendoscopic_discectomy\n",
        "non-discriminating",
        "no outcome hangs on the threshold age > 40 years",
        "- any: [age > 40 years, age <= 40 years]",
    ),
    "a concluded value that cannot be": Planted(
        "rules/recurrence.yaml",
        "return_level is remote]",
        "return_level is remote, return_level is same]",
        "unreachable",
        "recurrence is remote can never hold",
        "recurrence:",
    ),
    "one premise for and against a step": Planted(
        "rules/conservative.yaml",
        "    when: slight_picture\n    then: supports conservative\n",
        "    when: slight_picture\n    then: [supports conservative, excludes conservative]\n",
        "conflict",
        "for and against conservative",
        "slight-picture-is-treated-conservatively:",
    ),
}


@pytest.fixture(scope="module")
def shipped() -> list[Proof]:
    return list(prove(Reasoner(read_knowledge())))


def test_everything_is_proved_of_the_shipped_knowledge(shipped: list[Proof]) -> None:
    assert [proof.fault for proof in shipped if proof.verdict != "proved"] == []
    assert {"total", "conflict", "redundant", "invariant", "monotonic", "alike"} <= {proof.check for proof in shipped}


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_a_planted_fault_is_found_at_its_line(tmp_path: Path, name: str) -> None:
    planted = PLANTED[name]
    kb = edited(tmp_path / "k", planted)
    faults = [proof.fault for proof in prove(Reasoner(kb), {planted.check, "redundant"}) if proof.fault]
    found = [fault for fault in faults if fault.check == planted.check and planted.said in fault.message]
    assert len(found) == 1, faults
    lines = (tmp_path / "k" / Path(found[0].at.file).relative_to(tmp_path / "k")).read_text("utf-8").splitlines()
    assert planted.line in lines[found[0].at.line - 1]
    assert_confirmed(kb, found[0])


def edited(folder: Path, planted: Planted) -> KnowledgeBase:
    shutil.copytree(REPOSITORY / "knowledge", folder)
    file = folder / planted.file
    text = file.read_text("utf-8")
    assert planted.find in text
    file.write_text(text.replace(planted.find, planted.put, 1), "utf-8")
    return read_knowledge(folder)


def assert_confirmed(kb: KnowledgeBase, fault: Fault) -> None:
    """The engine finds of the witness what the proof says of it."""
    problems = Problems()
    source = decode("witness", (fault.witness or "{}").encode(), problems)
    node = parse(source, problems) if source else None
    assert node is not None
    reader = PatientReader(kb)
    it = Reasoner(kb).assess(reader.combined(reader.mapping(node))) if fault.check != "exclusive" else None
    if it is None or fault.check == "presumed-patient":
        return
    if fault.check == "total":
        assert it.recommended is None
    if fault.check == "never-recommended":
        assert it.recommended == fault.subject
    if fault.check == "invariant":
        promise = kb.invariants[fault.subject]
        assert (it.recommended in promise.steps) != promise.always
    if fault.check in ("subsumed", "redundant", "argument"):
        assert it.presumed_record.truth(("rule", fault.subject))


# --- against enumeration ----------------------------------------------------------------------------------------------


def complete(domain: Domain) -> Iterator[Evaluation]:
    """Every complete patient that a small knowledge base permits."""
    for cells, _ in Enumeration(domain).patients:
        yield Evaluation(domain.definitions, {name: cell.value for name, cell in cells.items()})


def promised(kb: KnowledgeBase, rng: Random) -> KnowledgeBase:
    """With two promises, one of them likely to be broken."""
    when = rng.choice(list(kb.rules.values())).premise
    promises = {
        f"p{index}": Invariant(f"p{index}", "", bool(index), "two", ("two",), when, "", (), AT) for index in range(2)
    }
    return replace(kb, invariants=promises)


@pytest.mark.parametrize("seed", range(24))
def test_verdicts_over_complete_patients_agree_with_enumeration(seed: int) -> None:
    rng = Random(seed)
    while True:
        kb = promised(small_knowledge(rng, constrained=seed % 2 == 0), rng)
        domain = Domain(Definitions(kb))
        if domain.permitted({}) and not Enumeration(domain).contradictory:
            break
    patients = list(complete(domain))

    def some(*names: Name) -> bool:
        return any(all(patient.concluded(name) for name in names) for patient in patients)

    for proof in prove(Reasoner(kb), {"total", "unreachable", "conflict", "invariant"}):
        subject, proved = proof.subject, proof.verdict == "proved"
        if proof.check == "total":
            assert proved == all(any(it.concluded(("recommended", step)) for step in kb.steps) for it in patients)
        elif proof.check == "unreachable" and subject in kb.rules:
            assert proved == some(("rule", subject))
        elif proof.check == "unreachable" and subject in kb.steps:
            assert proved == some(("recommended", subject))
        elif proof.check == "conflict" and subject in kb.options and proof.fault and "preferred" in proof.fault.message:
            assert some(("prefers", subject), ("excludes", subject))
        elif proof.check == "invariant":
            promise = kb.invariants[subject]
            meant = [it for it in patients if it.evaluate(over(kb, promise))]
            kept = [any(it.concluded(("recommended", step)) for step in promise.steps) for it in meant]
            assert proved == (all(kept) if promise.always else not any(kept))


def over(kb: KnowledgeBase, promise: Invariant) -> Premise:
    return over_inputs(promise.when, kb)


@pytest.mark.parametrize("seed", range(8))
def test_a_rule_is_redundant_just_when_no_partial_patient_sees_a_difference(seed: int) -> None:
    rng = Random(seed)
    kb = small_knowledge(rng)
    while Enumeration(Domain(Definitions(kb))).contradictory:
        kb = small_knowledge(rng)
    domain = Domain(Definitions(kb))
    told = {proof.subject: proof.fault for proof in prove(Reasoner(kb), {"redundant"})}
    names = list(kb.inputs)
    partial = [
        {name: value for name, value in zip(names, values, strict=True) if value is not None}
        for values in product(*([None, *(cell.value for cell in domain.cells[name])] for name in names))
    ]
    for rule in kb.rules.values():
        without = Definitions(replace(kb, rules={name: it for name, it in kb.rules.items() if it is not rule}))
        same = all(seen(domain.definitions, facts) == seen(without, facts) for facts in partial)
        possible = any(Evaluation(domain.definitions, facts).concluded(("rule", rule.id)) for facts in partial)
        assert (told[rule.id] is not None) == (same and possible), rule.id


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
