"""The life of a rule: drafts and retired rules are read and checked, and conclude nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from random import Random
from typing import Any

import pytest

from expert import KnowledgeBase, KnowledgeError, read_knowledge
from expert.edit.format import formatted
from expert.lang.definitions import Definitions
from expert.logic.domain import Domain
from expert.read.cases import case_files, read_cases
from tests.command_line import run
from tests.conftest import REPOSITORY
from tests.fuzz.executors import EXECUTORS
from tests.fuzz.language import Draft, inputs_of
from tests.fuzz.meaning import Meaning
from tests.fuzz.random_drafts import QUANTITIES, random_draft
from tests.fuzz.random_patients import random_patients
from tests.fuzz.trial import Trial
from tests.small_ladder import rule, small_ladder, write_ladder, yes_no
from tests.test_uses import index

FINDINGS = {"fire": yes_no("no"), "smoke": yes_no("no"), "lift": yes_no("no")}
RULES: dict[str, dict[str, Any]] = {
    "fire-supports-leaving": rule("fire", "supports leave"),
    "all-may-stay": rule("always", "supports stay"),
    "smoke-supports-leaving": rule("smoke", "supports leave", status="draft", since="2026-02-01"),
    "lift-excludes-leaving": rule(
        "lift", "excludes leave", status="retired", replaced_by="fire-supports-leaving",
        evidence={"grade": "low", "source": "G1"},
    ),
}  # fmt: skip
STEPS: dict[str, dict[str, Any]] = {"leave": {}, "stay": {}}
CASES = [
    {"name": "Smoke alone changes nothing", "given": {"smoke": "yes"}, "expect": {"recommended": "stay"}},
    {
        "name": "Smoke alone is a reason to leave",
        "given": {"smoke": "yes"},
        "expect": {"recommended": "leave", "because": ["smoke-supports-leaving"]},
    },
]


def house(folder: Path, rules: dict[str, dict[str, Any]] = RULES, **parts: Any) -> Path:
    return write_ladder(folder, findings=FINDINGS, rules=rules, steps=STEPS, cases=CASES, **parts)


@pytest.fixture
def kb(tmp_path: Path) -> KnowledgeBase:
    return read_knowledge(house(tmp_path / "k"))


# --- meaning ----------------------------------------------------------------------------------------------------------


def test_only_active_rules_are_defined(kb: KnowledgeBase) -> None:
    assert list(kb.rules) == ["fire-supports-leaving", "all-may-stay"]
    assert list(kb.inactive) == ["smoke-supports-leaving", "lift-excludes-leaving"]
    assert list(kb.written_rules) == list(RULES)
    assert not [name for name in Definitions(kb).premises if name[0] == "rule" and name[1] in kb.inactive]


def test_with_drafts_a_draft_is_like_an_active_rule_in_its_place(kb: KnowledgeBase, tmp_path: Path) -> None:
    active = {
        name: {key: value for key, value in it.items() if value != "draft"}
        for name, it in RULES.items()
        if it.get("status") != "retired"
    }
    wanted = read_knowledge(house(tmp_path / "active", active))
    assert list(kb.with_drafts().rules) == list(active)
    assert Definitions(kb.with_drafts()).premises == Definitions(wanted).premises


def inactive(draft: Draft) -> dict[str, dict[str, Any]]:
    """Rules that would change many answers: each rule without its conditions, and with thresholds of their own."""
    thresholds = [
        f"{name} > {threshold}"
        for name, it in inputs_of(draft).items()
        for keys, its, _ in QUANTITIES
        if keys.items() <= it.items()
        for threshold in its
    ]
    found: dict[str, dict[str, Any]] = {}
    for number, (name, it) in enumerate(draft["rules"].items()):
        more = {"unless": {"any": thresholds[:4]}} if thresholds else {}
        status = ("draft", "retired")[number % 2]
        found[f"{status}-{name}"] = {"when": "always", "then": it["then"], "status": status, **more}
    return found


@pytest.mark.parametrize("seed", range(25))
def test_answers_are_the_same_with_drafts_and_retired_rules(seed: int, tmp_path: Path) -> None:
    draft = random_draft(seed)
    more = inactive(draft)
    patients = random_patients(Meaning(draft), Random(f"patients {seed}"), 10)
    with_more = small_ladder(tmp_path / "more", **{**draft, "rules": {**more, **draft["rules"]}})
    assert set(with_more.inactive) == set(more) != set()
    trial = Trial(draft, patients, tmp_path / "more", with_more)
    without = small_ladder(tmp_path / "less", **draft)
    assert trial.domain.definitions.premises == Definitions(without).premises
    assert trial.domain.cells == Domain(Definitions(without)).cells
    executors = [it for it in EXECUTORS if seed % 5 == 0 or it.name in ("background", "reference")]
    assert [(it.name, what) for it in executors for what in it.differences(trial)] == []


# --- reading ----------------------------------------------------------------------------------------------------------


def problems(tmp_path: Path, name: str, **changes: Any) -> list[str]:
    rules = {**RULES, name: {**RULES[name], **changes}}
    with pytest.raises(KnowledgeError) as error:
        read_knowledge(house(tmp_path / "wrong", rules))
    return [f"{it.message}; {it.suggestion or it.expected}" for it in error.value.problems]


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("smoke-supports-leaving", {"when": "smok"}, "'smok' is not a finding; smoke"),
        ("smoke-supports-leaving", {"status": "drat"}, "'drat' is not a value of 'status'; draft"),
        ("smoke-supports-leaving", {"since": "2026-13-01"}, "'2026-13-01' is not a date; YYYY-MM-DD"),
        (
            "smoke-supports-leaving",
            {"replaced_by": "all-may-stay"},
            "a rule with 'replaced_by' is retired, and 'smoke-supports-leaving' is draft; status: retired",
        ),
        (
            "lift-excludes-leaving",
            {"replaced_by": "all-may-sty"},
            "'all-may-sty' is not a rule; all-may-stay",
        ),
        (
            "lift-excludes-leaving",
            {"replaced_by": "lift-excludes-leaving"},
            "rules are replaced by each other: lift-excludes-leaving by lift-excludes-leaving; "
            "a chain that ends at another rule",
        ),
        (
            "lift-excludes-leaving",
            {"evidence": {"grade": "low", "source": "G2"}},
            "'G2' is not a value of 'source'; one of S01, S02, S03, S04, S05, S06, S07, S08, S09, G1",
        ),
        (
            "lift-excludes-leaving",
            {"evidence": {"grade": "low"}},
            "the evidence for a rule lacks 'source'; source: ...",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_draft_or_a_retired_rule_is_reported_once(
    name: str, changes: dict[str, Any], message: str, tmp_path: Path
) -> None:
    assert problems(tmp_path, name, **changes) == [message]


def test_a_circle_of_replacements_is_reported_once(tmp_path: Path) -> None:
    rules = {
        **RULES,
        "one": rule("fire", "supports leave", status="retired", replaced_by="other"),
        "other": rule("fire", "supports leave", status="retired", replaced_by="one"),
        "third": rule("fire", "supports leave", status="retired", replaced_by="one"),
    }
    with pytest.raises(KnowledgeError) as error:
        read_knowledge(house(tmp_path / "k", rules))
    assert [it.message for it in error.value.problems] == ["rules are replaced by each other: one by other by one"]


def test_a_loop_that_a_draft_would_close_is_a_mistake(tmp_path: Path) -> None:
    rules = {
        **RULES,
        "a": rule("alarm", "noise"),
        "b": rule("noise", "alarm", status="draft"),
    }
    with pytest.raises(KnowledgeError, match="concluded from each other"):
        read_knowledge(house(tmp_path / "k", rules, concluded={"alarm": {}, "noise": {}}))
    rules["b"]["status"] = "retired"
    assert read_knowledge(house(tmp_path / "k", rules, concluded={"alarm": {}, "noise": {}})).inactive["b"]


# --- cases ------------------------------------------------------------------------------------------------------------


def test_cases_of_drafts_run_only_with_the_drafts(kb: KnowledgeBase) -> None:
    names = [str(it["name"]) for it in CASES]
    assert [it.name for it in read_cases(kb, case_files(kb))] == names[:1]
    assert [it.name for it in read_cases(kb.with_drafts(), case_files(kb))] == names
    plain = run("test", "--knowledge", kb.directory)
    assert plain.status == 0
    assert "1 case of drafts not run: expert test --drafts" in plain.out
    drafts = run("test", "--drafts", "--knowledge", kb.directory)
    assert drafts.status == 1
    assert names[0] in drafts.out
    assert "not run" not in drafts.out


def test_a_case_cannot_expect_anything_of_a_retired_rule(kb: KnowledgeBase) -> None:
    case = {"name": "No lift", "given": {"fire": "yes"}, "expect": {"silent": ["lift-excludes-leaving"]}}
    file = Path(kb.directory) / "rules/more.test.yaml"
    file.write_text(json.dumps([case]))
    with pytest.raises(KnowledgeError) as error:
        read_cases(kb, [file])
    assert [(it.message, it.expected) for it in error.value.problems] == [
        ("lift-excludes-leaving is retired, and concludes nothing", "fire-supports-leaving")
    ]


def test_accepting_leaves_the_cases_of_drafts_as_they_are(kb: KnowledgeBase) -> None:
    file = Path(kb.directory) / "rules/all.test.yaml"
    wrong = file.read_text().replace("recommended: stay", "recommended: leave")
    file.write_text(wrong)
    assert run("test", "--accept", "--yes", "--knowledge", kb.directory).status == 0
    assert file.read_text() == wrong.replace("recommended: leave", "recommended: stay", 1)


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_check_asks_nothing_of_drafts_and_counts_what_they_use(kb: KnowledgeBase) -> None:
    found = run("check", kb.directory, "--format", "json")
    faults = {(it["check"], it["subject"]) for it in json.loads(found.out)["faults"]}
    assert not {
        it for it in faults if it[1] in (*kb.inactive, "smoke", "lift", "G1") and it[0] != "because-repeats-title"
    }


def test_show_says_the_status_the_replacement_and_the_evidence(kb: KnowledgeBase) -> None:
    draft = run("show", "smoke-supports-leaving", "--knowledge", kb.directory).out
    assert "draft since 2026-02-01: it concludes nothing yet" in draft
    retired = run("show", "lift-excludes-leaving", "--knowledge", kb.directory).out
    for said in ("retired: it concludes nothing any more", "replaced by fire-supports-leaving", "evidence: low [G1]"):
        assert said in retired
    listed = run("show", "rules", "--knowledge", kb.directory).out
    assert "smoke-supports-leaving (draft)" in listed
    assert "2 rules in 1 file, 1 draft, 1 retired" in listed


def test_the_handbook_shows_drafts_and_retired_rules_among_the_rules(kb: KnowledgeBase) -> None:
    page = run("docs", "--single", "--no-proofs", "-o", "-", "--knowledge", kb.directory).out
    assert 'id="rule-smoke-supports-leaving"' in page
    assert "draft since 2026-02-01: it concludes nothing yet" in page
    assert "replaced by fire-supports-leaving" in page


@pytest.mark.parametrize(("before", "after", "said"), [("draft", "active", "active"), ("active", "draft", "a draft"),
                                                       ("active", "retired", "retired")])  # fmt: skip
def test_diff_says_which_status_a_rule_has_now(before: str, after: str, said: str, tmp_path: Path) -> None:
    def smoke(status: str) -> dict[str, dict[str, Any]]:
        return {**RULES, "smoke-supports-leaving": {**RULES["smoke-supports-leaving"], "status": status}}

    house(tmp_path / "old", smoke(before))
    house(tmp_path / "new", smoke(after))
    for form in ((), ("--brief",), ("--format", "markdown")):
        found = run("diff", str(tmp_path / "old"), str(tmp_path / "new"), *form)
        assert f"edited (status), now {said}" in found.out
    changes = json.loads(run("diff", str(tmp_path / "old"), str(tmp_path / "new"), "--format", "json").out)
    assert [(it["id"], it["status"], it["bears_on"]) for it in changes["edits"]] == [
        ("smoke-supports-leaving", after, ["meaning"])
    ]
    assert changes["steps"]


def test_an_edit_of_a_draft_changes_no_answer(kb: KnowledgeBase, tmp_path: Path) -> None:
    rules = {**RULES, "smoke-supports-leaving": {**RULES["smoke-supports-leaving"], "when": "lift"}}
    other = house(tmp_path / "other", rules)
    changes = json.loads(run("diff", kb.directory, str(other), "--format", "json").out)
    assert [(it["parts"], it["bears_on"]) for it in changes["edits"]] == [(["when"], ["wording"])]
    assert not changes["steps"]


def test_the_index_knows_replacements_and_sources(kb: KnowledgeBase) -> None:
    texts = {"rules/all.yaml": (Path(kb.directory) / "rules/all.yaml").read_text()}
    found = {(it.kind, it.name, it.role) for it in index(texts)}
    assert {("rule", "fire-supports-leaving", "names"), ("reference", "G1", "cites")} <= found


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("fire-supports-leaving", "fire-drives-out", "replaced_by: fire-drives-out"),
        ("G1", "G7", "source: G7"),
        ("smoke", "fumes", "when: fumes"),
        ("smoke-supports-leaving", "smoke-drives-out", "smoke-drives-out:"),
    ],
)
def test_renaming_reaches_drafts_and_retired_rules(old: str, new: str, text: str, kb: KnowledgeBase) -> None:
    assert run("rename", old, new, "--knowledge", kb.directory).status == 0
    assert text in (Path(kb.directory) / "rules/all.yaml").read_text()
    read_knowledge(kb.directory)


def test_keys_of_evidence_and_of_a_life_are_put_in_order() -> None:
    text = (
        "rules:\n  a:\n    evidence:\n      source: G1\n      grade: low\n    title: A\n    since: 2026-01-01\n"
        "    status: draft\n"
    )
    assert formatted(text, "rules") == (
        "rules:\n  a:\n    title: A\n    status: draft\n    since: 2026-01-01\n    evidence:\n      grade: low\n"
        "      source: G1\n"
    )


def test_the_shipped_knowledge_answers_alike_with_a_draft(tmp_path: Path) -> None:
    folder = tmp_path / "knowledge"
    shutil.copytree(REPOSITORY / "knowledge", folder)
    shutil.copy(REPOSITORY / "knowledge/patients/fourteen-weeks.yaml", tmp_path / "patient.yaml")
    file = folder / "rules/fusion.yaml"
    file.write_text(
        file.read_text("utf-8") + "  a-new-idea:\n    title: Fuse all\n    status: draft\n    when: always\n"
        "    then: excludes minimally_invasive\n    because: It may be better.\n    cite: [S42]\n",
        "utf-8",
    )
    answers = []
    for base in (REPOSITORY / "knowledge", folder):
        out = run("assess", str(tmp_path / "patient.yaml"), "--knowledge", str(base), "--format", "json").out
        answers.append({key: it for key, it in json.loads(out.replace(f"{base}/", "")).items() if key != "knowledge"})
    assert answers[0] == answers[1]
