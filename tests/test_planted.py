"""Faults planted in copies of the shipped knowledge: `expert check` finds each, at its line, with a true witness.

A witness is put to the engine and to the reference meaning, and both must find of that patient what the fault says.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

import expert.cli.check
from expert import KnowledgeBase, read_knowledge
from expert.answer.assess import Reasoner
from expert.check.faults import PROOFS
from expert.lang.definitions import over_inputs
from expert.lang.errors import KnowledgeError, PatientError
from expert.lang.facts import Patient
from expert.lang.premises import Exclusive, Name, Premise
from expert.lang.values import Value
from expert.lang.vocabulary import Finding
from expert.logic.kleene import Evaluation, Truth
from expert.read.patient import PatientReader
from tests.command_line import Run, run
from tests.conftest import REPOSITORY

PLANTED: list[dict[str, Any]] = yaml.safe_load((REPOSITORY / "tests" / "planted_shipped.yaml").read_text("utf-8"))
TODAY = date(2026, 11, 22)


class Today(date):
    """A day on which the shipped knowledge needs no review."""

    @classmethod
    def today(cls) -> Today:
        return cls(TODAY.year, TODAY.month, TODAY.day)


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """Runs the command over a copy of the shipped knowledge, called ``k``, with edits."""
    monkeypatch.setattr(expert.cli.check, "date", Today)
    monkeypatch.chdir(tmp_path)
    shutil.copytree(REPOSITORY / "knowledge", "k")

    def check(*edits: dict[str, str]) -> Run:
        for edit in edits:
            path = Path("k") / edit["file"]
            before = path.read_text("utf-8")
            assert before.count(edit["find"]) == 1
            path.write_text(before.replace(edit["find"], edit["put"]), "utf-8")
        return run("check", "--knowledge", "k", "--format", "json")

    return check


def test_nothing_is_found_in_the_unbroken_copy(check: Callable[..., Run]) -> None:
    run = check()
    assert (run.status, run.err) == (0, "")
    found = json.loads(run.out)
    assert found["faults"] == []
    assert {it["check"] for it in found["waived"]} == {"usual-missing-on-deciding-input"}
    assert {proof["verdict"] for proof in found["proofs"]} == {"proved"}


@pytest.mark.parametrize("planted", PLANTED, ids=[it["fault"] for it in PLANTED])
def test_a_planted_fault_is_named_rightly_at_its_line_with_a_true_witness(
    check: Callable[..., Run], planted: dict[str, Any]
) -> None:
    run = check(*planted["edits"])
    assert (run.status, run.err) == (1, "")
    faults = json.loads(run.out)["faults"]
    (fault,) = [it for it in faults if (it["check"], it["message"]) == (planted["check"], planted["says"])]
    lines = [line.strip() for line in (Path("k") / planted["at"]["file"]).read_text("utf-8").splitlines()]
    assert lines.count(planted["at"]["line"]) == 1
    assert fault["file"] == f"k/{planted['at']['file']}"
    assert lines[fault["line"] - 1] == planted["at"]["line"]
    if planted["check"] != "reading":
        assert_confirmed(read_knowledge("k"), faults)


def test_every_kind_of_proof_has_a_planted_fault() -> None:
    assert {planted["check"] for planted in PLANTED} >= set(PROOFS)


# --- what a fault says of its witness ---------------------------------------------------------------------------------


def assert_confirmed(kb: KnowledgeBase, faults: list[dict[str, Any]]) -> None:
    """Every fault that a patient can show comes with one, and that patient shows it."""
    reasoner = Reasoner(kb)
    for fault in faults:
        assert bool(fault["witness"]) is (fault["check"] in SHOWN)
        if fault["witness"]:
            assert SHOWN[fault["check"]](Witness(reasoner, _read(kb, fault["witness"])), fault), fault
        elif fault["check"] == "presumed-patient":
            with pytest.raises(PatientError):
                reasoner.assess(Patient({name: it.usual for name, it in kb.inputs.items() if it.usual is not None}))


class Witness:
    """A patient as the engine and the reference meaning judge them; the two must agree."""

    def __init__(self, reasoner: Reasoner, patient: Patient) -> None:
        self.kb, self.reasoner = reasoner.kb, reasoner
        self.facts = reasoner.domain.background(patient.facts).all
        self.meaning = Evaluation(reasoner.definitions, self.facts)
        self.contradictory = False
        try:
            self.answer = reasoner.assess(patient)
        except KnowledgeError:
            self.contradictory = True

    def has(self, *name: str) -> Truth:
        """The truth of a definition."""
        truth = self.answer.presumed_record.truth(name)
        assert truth is self.meaning.concluded(name)
        return truth

    def meets(self, premise: Premise) -> Truth:
        """The truth of a premise of the knowledge."""
        return self.meaning.evaluate(over_inputs(premise, self.kb))

    def with_value(self, finding: str, value: Value) -> Witness:
        """The same patient with another value of one finding, plausible or not: directions are proved of both."""
        reasoner = Reasoner(self.kb._replace(plausible=()))
        return Witness(reasoner, Patient({**self.facts, finding: value}))

    def without(self, rule: str) -> Witness:
        """The same patient where a rule is taken out."""
        rules = {name: it for name, it in self.kb.rules.items() if name != rule}
        return Witness(Reasoner(self.kb._replace(rules=rules)), Patient(self.facts))

    def seen(self) -> dict[Name, Truth]:
        """The observables of the answer."""
        return {name: self.has(*name) for name in self.reasoner.definitions.premises if name[0] in SEEN}


SEEN = ("available", "recommended", "excludes", "cautions", "offered", "prefers", "alert", "given", "finding")


def _read(kb: KnowledgeBase, written: str) -> Patient:
    """A witness is YAML that can be a patient's file."""
    file = Path("witness.yaml")
    file.write_text(written, "utf-8")
    return PatientReader(kb).patient(str(file), ())


def _no_step(it: Witness, _: dict[str, Any]) -> bool:
    return it.answer.recommended is None and not any(it.has("recommended", step) for step in it.kb.steps)


def _is_recommended(it: Witness, fault: dict[str, Any]) -> bool:
    return it.answer.recommended == fault["subject"] and it.has("recommended", fault["subject"]) is True


def _breaks_the_promise(it: Witness, fault: dict[str, Any]) -> bool:
    promise = it.kb.invariants[fault["subject"]]
    kept = any(it.has(promise.status, target) for target in promise.targets) is promise.always
    return it.meets(promise.when) is True and not kept


def _regains_a_step(it: Witness, fault: dict[str, Any]) -> bool:
    promise = it.kb.directions[fault["subject"]]
    cells = it.reasoner.domain.cells[promise.finding]
    here = cells.index(it.reasoner.domain.cell_of(promise.finding, it.facts[promise.finding]))
    further = cells[here + 1 :] if promise.rises else cells[:here]
    lacking = [step for step in promise.targets if not it.has("available", step)]
    after = [it.with_value(promise.finding, cell.value) for cell in further]
    return any(other.has("available", step) for other in after for step in lacking)


def _changes_nothing(it: Witness, fault: dict[str, Any]) -> bool:
    covering = [rule for rule in it.kb.rules.values() if {"line": rule.at.line, "file": rule.at.file} in _places(fault)]
    covered = fault["check"] != "subsumed" or all(it.has("rule", rule.id) for rule in covering)
    without = it.without(fault["subject"]).seen()
    return it.has("rule", fault["subject"]) is True and covered and it.seen() == without


def _places(fault: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"line": it["line"], "file": it["file"]} for it in fault["related"]]


def _has_two_values(it: Witness, fault: dict[str, Any]) -> bool:
    values = it.kb.findings[fault["subject"]].values
    named = [it.reasoner.definitions.premises[("finding", fault["subject"], value)] for value in values]
    both = [
        it.meaning.evaluate(premise.own) is it.meaning.evaluate(premise.others) is True
        for premise in named
        if isinstance(premise, Exclusive)
    ]
    return it.contradictory and any(both)


def _is_argued_both_ways(it: Witness, fault: dict[str, Any]) -> bool:
    for_it = "prefers" if "preferred" in fault["message"] else "supports"
    return it.has(for_it, fault["subject"]) is it.has("excludes", fault["subject"]) is True


def _another_value_is_seen(it: Witness, finding: Finding, values: tuple[Value, ...]) -> bool:
    others = [it.with_value(finding.name, value) for value in values if value != it.facts[finding.name]]
    return any(other.seen() != it.seen() for other in others)


def _alike_is_distinguished(it: Witness, fault: dict[str, Any]) -> bool:
    finding = it.kb.findings[fault["subject"]]
    return it.facts[finding.name] in finding.alike and _another_value_is_seen(it, finding, finding.alike)


def _matters_unasked(it: Witness, fault: dict[str, Any]) -> bool:
    finding = it.kb.findings[fault["subject"]]
    assert finding.asked_if is not None
    values = tuple(cell.value for cell in it.reasoner.domain.cells[finding.name])
    return it.meets(finding.asked_if) is False and _another_value_is_seen(it, finding, values)


SHOWN: dict[str, Callable[[Witness, dict[str, Any]], bool]] = {
    "alike": _alike_is_distinguished,
    "argument": _changes_nothing,
    "asked_if": _matters_unasked,
    "conflict": _is_argued_both_ways,
    "exclusive": _has_two_values,
    "invariant": _breaks_the_promise,
    "monotonic": _regains_a_step,
    "never-recommended": _is_recommended,
    "redundant": _changes_nothing,
    "subsumed": _changes_nothing,
    "total": _no_step,
}
"""The checks whose faults some patient shows, each with what is true of that patient."""
