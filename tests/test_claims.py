"""Every claim of the article is carried somewhere, and every reference is used."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from expert import KnowledgeBase, KnowledgeError, read_knowledge
from expert.answer.assess import Reasoner
from expert.lang.model import Conclusion
from expert.render.json import to_json
from tests.command_line import run
from tests.conftest import REPOSITORY, patient

KB = read_knowledge()
CLAIMS = [f"S{number:02}" for number in range(1, 79)]
BEARING = ("rule", "option", "invariant", "advice", "alert")


def _mentions(kb: KnowledgeBase) -> Iterator[tuple[str, str]]:
    """Each reference with a place that names it."""
    for rule in kb.rules.values():
        for key in rule.cite:
            yield key, f"rule {rule.id}"
            yield from ((key, f"{_word(said)} {said.target}") for said in rule.then if said.role in ("alert", "advise"))
    for option in kb.options.values():
        yield from ((key, f"option {option.name}") for key in option.cite)
    for step in kb.steps.values():
        yield from ((key, f"step {step.name}") for key in step.cite)
    for invariant in kb.invariants.values():
        yield from ((key, f"invariant {invariant.id}") for key in invariant.cite)
    for note in kb.notes.values():
        yield from ((key, f"note {note.id}") for key in (*note.differs_from, *note.sources))


def _word(said: Conclusion) -> str:
    return "alert" if said.role == "alert" else "advice"


def carriers(kb: KnowledgeBase) -> dict[str, list[str]]:
    """For each reference the places that carry it."""
    found: dict[str, list[str]] = {key: [] for key in kb.references}
    for key, place in _mentions(kb):
        found[key].append(place)
    return found


def uncarried(kb: KnowledgeBase) -> list[str]:
    """The claims that nothing carries; for a rule-bearing claim a step or a note is not enough."""
    places = carriers(kb)
    missing = []
    for key, reference in kb.references.items():
        if reference.kind == "claim":
            bearing = [place for place in places[key] if place.split()[0] in BEARING]
            if not (bearing if reference.role == "rule" else places[key]):
                missing.append(key)
    return missing


def test_the_ledger_holds_every_claim_of_the_article_in_order() -> None:
    assert [key for key, reference in KB.references.items() if reference.kind == "claim"] == CLAIMS


def test_the_ledger_shows_claims_that_bear_rules_from_weak_and_informative_ones() -> None:
    roles = Counter(reference.role for reference in KB.references.values() if reference.kind == "claim")
    assert roles == {"rule": 48, "weak": 10, "informative": 20}


@pytest.mark.parametrize("key", CLAIMS)
def test_a_claim_is_carried_and_a_rule_bearing_one_bears_something(key: str) -> None:
    places = carriers(KB)[key]
    kinds = {place.split()[0] for place in places}
    assert kinds, f"nothing carries {key}: {KB.references[key].text}"
    if KB.references[key].role == "rule":
        assert kinds & set(BEARING), f"{key} is carried only by {places}"


@pytest.mark.parametrize("claim", ["S10", "S28", "S43", "S72", "S77"])
def test_a_claim_that_nothing_carries_any_more_is_noticed(tmp_path: Path, claim: str) -> None:
    def without(found: re.Match[str]) -> str:
        left = [other for other in found[2].split(", ") if other != claim]
        return f"{found[1]}[{', '.join(left or ['S30'])}]"

    folder = _copy(tmp_path)
    for file in folder.rglob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub(r"(\n *(?:cite|differs_from): )\[(.*)\]", without, text), encoding="utf-8")
    assert uncarried(KB) == []
    assert uncarried(read_knowledge(folder)) == [claim]


def _copy(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge"
    shutil.copytree(REPOSITORY / "knowledge", folder)
    return folder


@pytest.mark.parametrize("key", [key for key, it in KB.references.items() if it.kind != "claim"])
def test_a_guideline_safety_entry_or_assumption_is_used(key: str) -> None:
    assert carriers(KB)[key]


def test_a_citation_of_what_is_not_in_the_references_is_an_error_with_its_place(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    file = folder / "rules" / "fusion.yaml"
    text = file.read_text(encoding="utf-8")
    assert "[S72]" in text
    file.write_text(text.replace("[S72]", "[S79]"), encoding="utf-8")
    with pytest.raises(KnowledgeError) as raised:
        read_knowledge(folder)
    line = text[: text.index("[S72]")].count("\n") + 1
    assert [("S79" in it.message, it.at and it.at.line) for it in raised.value.problems] == [(True, line)]


# --- what was recalled is marked --------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [note.id for note in KB.notes.values() if note.verified])
def test_a_verified_note_rests_on_verified_sources_alone(key: str) -> None:
    assert [source for source in KB.notes[key].sources if not KB.references[source].verified] == []


@pytest.mark.parametrize("key", [note.id for note in KB.notes.values() if not note.verified])
def test_an_unverified_note_is_shown_as_recalled(key: str) -> None:
    assert "from memory, not re-checked" in run("show", key).out


def test_something_in_the_knowledge_is_unverified_and_something_is_not() -> None:
    assert {note.verified for note in KB.notes.values()} == {True, False}
    assert {it.verified for it in KB.references.values() if it.kind == "guideline"} == {True, False}


def test_the_json_answer_says_of_each_note_whether_it_was_verified(kb: KnowledgeBase, reasoner: Reasoner) -> None:
    shown = to_json(reasoner.kb, reasoner.assess(patient(kb)), date(2026, 11, 22))["guidance"]
    assert {note["note"]: note["verified"] for note in shown} == {
        note["note"]: kb.notes[note["note"]].verified for note in shown
    }
    assert {note["verified"] for note in shown} == {True, False}


# --- what the article does not hold says so ---------------------------------------------------------------------------


@pytest.mark.parametrize("key", [key for key, it in KB.references.items() if it.kind == "safety"])
def test_a_safety_entry_says_that_it_is_not_in_the_article(key: str) -> None:
    assert KB.references[key].text.startswith("Not in the article")


@pytest.mark.parametrize("key", [it.id for it in KB.rules.values() if it.at.file.endswith("safety.yaml")])
def test_no_rule_of_the_safety_layer_claims_to_come_from_the_article(key: str) -> None:
    assert [it for it in KB.rules[key].cite if KB.references[it].kind == "claim"] == []
