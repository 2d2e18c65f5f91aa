"""Random knowledge: whatever answers by it agrees with brute force; and what differs is found, and made small."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from expert import read_knowledge
from expert.check.faults import PROOFS
from expert.columns import to_columns
from expert.columns.to_columns import Among, Columns
from expert.lang.premises import Premise
from expert.logic.kleene import Evaluation
from tests.fuzz.language import Draft, Entry
from tests.fuzz.meaning import Meaning
from tests.fuzz.proofs import Verdicts
from tests.fuzz.random_drafts import random_draft
from tests.fuzz.running import EVERY, READ, differing, found_by, smallest, write
from tests.fuzz.shrinking import shrunk
from tests.fuzz.trial import Differences, Executor, Trial

SEEDS = 100
SOMETIMES = {"formatter": 10, "engine with rete": 5, "columns with the solver": 5, "sql": 2, "check": 3, "mutate": 8}
"""What takes long is held to every so many of the seeds here; ``make fuzz`` holds everything to all."""

DRAFTS = [random_draft(seed) for seed in range(SEEDS)]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_answers_by_random_knowledge_agrees_with_brute_force(seed: int) -> None:
    executors = [it for it in EVERY if seed % SOMETIMES.get(it.name, 1) == 0]
    assert [(it.executor, it.what) for it in found_by(seed, executors)] == []


# --- what differs -----------------------------------------------------------------------------------------------------


def folding(columns: Columns, premise: Premise) -> Among | None:
    """The fault that began it: *always, or f is a* taken for *f is one of all its values*."""
    finding = to_columns._only_finding(premise)
    if finding is None:
        return None
    evaluations = (Evaluation(columns.definitions, {finding: cell.value}) for cell in columns.cells[finding])
    return Among(finding, tuple(bool(it.evaluate(premise)) for it in evaluations))


def test_a_planted_fault_is_found_and_shown_by_a_small_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Columns, "_worked_out", folding)
    columns = [it for it in EVERY if it.name == "columns"]
    found = next(it for seed in range(SEEDS) for it in found_by(seed, columns))
    small = smallest(found, columns)
    assert small.draft["constraints"]
    assert sum(map(len, (small.draft["rules"], small.draft["constraints"], small.patients))) <= 6
    kb = read_knowledge(write(small, tmp_path))
    assert list(kb.rules) == list(small.draft["rules"])
    assert list(differing(small.draft, small.patients, columns)) == [("columns", small.what)]
    monkeypatch.undo()
    assert not list(differing(small.draft, small.patients, columns))


def test_an_executor_that_raises_differs() -> None:
    def broken(_: Trial) -> Differences:
        raise ZeroDivisionError("by nothing")
        yield ""

    (found,) = differing(DRAFTS[0], [{}], [Executor("broken", broken)])
    assert found == ("broken", "raises ZeroDivisionError: by nothing")


def test_whatever_can_be_left_out_is_left_out() -> None:
    whole = {"a": {"b": [1, 2, 3], "c": []}, "d": [{"e": 5}]}
    assert shrunk(whole, lambda it: 2 in it.get("a", {}).get("b", [])) == {"a": {"b": [2]}}


# --- the drafts -------------------------------------------------------------------------------------------------------


def test_a_seed_gives_the_same_draft_in_every_process_and_version_of_python() -> None:
    """The digest changes with the drawing of drafts, and with nothing else."""
    assert sha256(repr(DRAFTS).encode()).hexdigest()[:12] == "5b92e4620bf0"


def entries(draft: Draft) -> list[Entry]:
    return [it for part in ("findings", "concluded", "steps", "rules", "invariants") for it in draft[part].values()]


@pytest.mark.parametrize(
    "key",
    ["usual", "presumed_unless", "default", "asked_if", "alike", "for_record", "resolution", "unit",
     "unit_may_be_omitted", "otherwise", "gate", "meanwhile", "never_recommended", "options", "unless", "always",
     "never", "as"],
)  # fmt: skip
def test_the_drafts_have_every_form_of_the_language(key: str) -> None:
    assert sum(any(key in it for it in entries(draft)) for draft in DRAFTS) >= 3


def test_every_kind_of_proof_holds_of_some_drafts_and_not_of_others() -> None:
    found = {it[::2] for draft in DRAFTS[::2] for it in Verdicts(Meaning(draft)).of_all()}
    assert found == {(check, refuted) for check, _ in found for refuted in (False, True)}
    assert {check for check, _ in found} == {*PROOFS} - {"argument", "subsumed"}  # which come of "redundant"


@pytest.mark.parametrize("part", ["constraints", "concluded", "panels", "groups", "alerts", "advice", "invariants"])
def test_some_drafts_have_every_part_and_some_lack_it(part: str) -> None:
    assert 5 <= sum(bool(draft[part]) for draft in DRAFTS) <= SEEDS - 5


BEYOND = "mass > 50.5 kg"
ENDS: Draft = {
    "findings": {"mass": {"type": "quantity", "unit": "kg", "range": "1 kg .. 50 kg"}, "ache": {"type": "yes_no"}},
    "rules": {"one": {"when": ["mass <= 50 kg", "mass >= 1 kg"], "then": "supports wait"}},
    "steps": {"wait": {}},
}
"""Thresholds at both ends of a range."""


@pytest.mark.parametrize(
    "more",
    [
        {"rules": {"one": {"when": BEYOND, "then": "supports wait"}}},
        {"rules": {"one": {"when": "always", "unless": [{"all": [BEYOND]}], "then": "supports wait"}}},
        {"findings": {**ENDS["findings"], "cough": {"type": "yes_no", "asked_if": BEYOND}}},
        {"constraints": {"never": [{"any": ["ache", BEYOND]}]}},
        {"invariants": {"never": {"never": "recommended wait", "when": BEYOND}}},
    ],
    ids=["when", "unless", "asked_if", "constraint", "invariant"],
)
def test_a_threshold_may_lie_at_an_end_of_the_range_and_is_refused_beyond_it(more: Draft) -> None:
    assert not list(differing(ENDS, [{}, {"mass": "1 kg"}, {"mass": "50 kg"}], EVERY))
    ((name, what),) = differing({**ENDS, **more}, [{}], EVERY)
    assert name == READ
    assert "mass: '50.5 kg' is out of range" in what
