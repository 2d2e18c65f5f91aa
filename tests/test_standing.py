"""The standing of options by current guidance: how they are shown, and that no conclusion depends on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import expert
from expert import ExpertSystem, KnowledgeBase, KnowledgeError, read_knowledge
from expert.diff.diff import difference
from expert.render.docs import render_single
from expert.render.handbook import handbook
from tests.command_line import run
from tests.malformed import spoilt
from tests.small_ladder import rule, small_ladder, write_ladder, yes_no


def option(standing: str = "") -> dict[str, Any]:
    return {"cite": ["S01", "G1"], **({"standing": standing} if standing else {})}


LADDER: dict[str, Any] = {
    "findings": {"wet": yes_no("no"), "cold": yes_no("no")},
    "rules": {
        "all-may-rest": rule("always", "supports rest"),
        "cold-wants-a-chair": rule("cold", "prefers rest.chair"),
        "wet-bars-the-floor": rule("wet", "excludes rest.floor"),
        "wet-cautions-the-stool": rule("wet", "cautions rest.stool"),
    },
    "steps": {
        "rest": {
            "options": {
                "floor": option("not_recommended"),
                "stool": option("not_recommended"),
                "chair": option(),
                "bed": option("optional"),
                "sofa": option("supported"),
            }
        }
    },
}
DISCOURAGED = "not recommended by current guidance"


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(write_ladder(tmp_path / "k", **LADDER))


@pytest.fixture
def system(folder: str) -> ExpertSystem:
    return expert.load(folder)


def options_in(folder: str, *words: str) -> list[str]:
    """The lines about options in the text of an answer."""
    text = run("assess", "--full", "--knowledge", folder, *words).out
    return text.partition("Options\n")[2].partition("\n\n")[0].splitlines()


# --- the ladder -------------------------------------------------------------------------------------------------------


def test_an_option_is_optional_unless_it_says_more(system: ExpertSystem) -> None:
    kb = system.knowledge
    assert [it.standing for it in kb.options.values()] == ["not_recommended"] * 2 + ["optional"] * 2 + ["supported"]


def test_a_standing_is_one_of_three_words(tmp_path: Path) -> None:
    text = {
        "file": "ladder.yaml",
        "find": "        title: Rainwater\n",
        "put": "        title: R\n        standing: suported\n",
    }
    spoilt(tmp_path, [text])
    with pytest.raises(KnowledgeError, match=r"'suported' is not a value of 'standing'.*did you mean supported\?"):
        read_knowledge(tmp_path / "k")
    path = tmp_path / "k" / "ladder.yaml"
    path.write_text(path.read_text("utf-8").replace("standing: suported", "standing:"), "utf-8")
    with pytest.raises(
        KnowledgeError, match="'standing' is empty; expected one of supported, optional, not_recommended"
    ):
        read_knowledge(tmp_path / "k")


def test_every_shipped_option_that_is_not_optional_cites_more_than_the_source(kb: KnowledgeBase) -> None:
    """The lint says so too; here that there are options of every standing, so that it has something to say."""
    assert {it.standing for it in kb.options.values()} == {"supported", "optional", "not_recommended"}
    others = [it for it in kb.options.values() if it.standing != "optional"]
    assert all(any(kb.references[name].kind != "claim" for name in it.cite) for it in others)


# --- answers ----------------------------------------------------------------------------------------------------------


def test_the_text_names_the_supported_first_and_the_discouraged_in_one_line(folder: str) -> None:
    assert options_in(folder) == [
        "  + Sofa (supported by current guidance) [S01 G1]",
        "  - Chair [S01 G1]",
        "  - Bed [S01 G1]",
        f"  {DISCOURAGED}: Floor; Stool",
    ]


def test_a_preferred_option_comes_first(folder: str) -> None:
    assert options_in(folder, "cold=yes")[:2] == [
        "  * Chair (preferred) [S01 G1]",
        "  + Sofa (supported by current guidance) [S01 G1]",
    ]


def test_a_discouraged_option_is_no_more_than_its_title_unless_a_rule_excludes_it(folder: str) -> None:
    assert options_in(folder, "wet=yes")[3:] == [
        "  x Floor is excluded: Wet bars the floor [S01]",
        f"  {DISCOURAGED}: Stool",
    ]


def test_a_discouraged_option_that_a_rule_prefers_is_not_folded(tmp_path: Path) -> None:
    rules = {**LADDER["rules"], "cold-wants-a-stool": rule("cold", "prefers rest.stool")}
    folder = str(write_ladder(tmp_path / "other", **{**LADDER, "rules": rules}))
    assert f"  * Stool (preferred, {DISCOURAGED}) [S01 G1]" in options_in(folder, "cold=yes")


def test_json_has_the_standing_of_each_option_in_that_order(system: ExpertSystem) -> None:
    found = system.assess({"wet": True}).to_dict()["options"]
    assert [(it["option"], it["standing"]) for it in found] == [
        ("rest.sofa", "supported"),
        ("rest.chair", "optional"),
        ("rest.bed", "optional"),
        ("rest.floor", "not_recommended"),
        ("rest.stool", "not_recommended"),
    ]
    assert [it["rule"] for it in found[-1]["cautions"]] == ["wet-cautions-the-stool"]


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_the_report_folds_the_discouraged_ones(system: ExpertSystem, form: str) -> None:
    page = system.report({"wet": True}, form)
    options = page[page.index("Options") : page.index("Signature")]
    assert options.index("Sofa") < options.index("Chair") < options.index("wet bars the floor")
    assert options.count("Stool") == 1


def test_the_handbook_has_them_in_that_order_with_all_that_argues(folder: str) -> None:
    page = render_single(handbook(read_knowledge(folder), proofs=False)).decode()
    places = [page.index(f'id="option-rest.{name}"') for name in ("sofa", "chair", "bed", "floor", "stool")]
    assert places == sorted(places)
    assert page.count(DISCOURAGED) == 2


# --- what it does not touch -------------------------------------------------------------------------------------------


def test_an_edit_of_a_standing_changes_no_step_and_is_listed(folder: str, tmp_path: Path) -> None:
    steps = {"rest": {"options": {**LADDER["steps"]["rest"]["options"], "bed": option("supported")}}}
    found = difference(read_knowledge(folder), small_ladder(tmp_path / "new", **{**LADDER, "steps": steps}))
    assert (found.shared.steps, found.unproved) == ((), ())
    assert [(it.kind, it.name, it.witness.after) for it in found.shared.others] == [
        ("standing", "rest.bed", "supported")
    ]
    assert [(edit.id, edit.parts) for edit in found.edits] == [("rest.bed", ("standing",))]


def test_guidance_on_a_discouraged_option_is_not_repeated(tmp_path: Path) -> None:
    options = {"floor": {"cite": ["S02", "G1"], "standing": "not_recommended"}, "bed": {"cite": ["S03"]}}
    notes = {"about-floors": "S02", "about-beds": "S03"}
    parts = {**LADDER, "rules": {"all-may-rest": rule("always", "supports rest")}, "notes": notes}
    answer = expert.load(write_ladder(tmp_path / "k", **{**parts, "steps": {"rest": {"options": options}}})).assess({})
    assert answer.guidance == ("about-beds",)
    assert [it["guidance"][0]["note"] for it in answer.to_dict()["options"]] == ["about-beds", "about-floors"]
