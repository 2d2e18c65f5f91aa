"""`expert diff` for reviewers: one screen, or a comment on a pull request, with everything once."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from expert.diff.diff import difference
from expert.render.diff_brief import write_brief
from expert.render.diff_markdown import render_markdown
from expert.render.terminal import Terminal
from tests.command_line import run
from tests.small_ladder import quantity, rule, small_ladder, write_ladder, yes_no
from tests.test_diff import FUSION, KNOWLEDGE, Copy

THRESHOLD = Copy(
    "rules/indication.yaml",
    "[conservative_systematic, conservative_duration > 3 months, conservative_result is ineffective]",
    "[conservative_systematic, conservative_duration > 6 weeks, conservative_result is ineffective]",
)


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The shipped knowledge with another threshold."""
    return str(THRESHOLD.of(KNOWLEDGE, tmp_path_factory.mktemp("moved")))


def flat(text: str) -> str:
    return " ".join(text.split())


def parts(**edited: Any) -> dict[str, Any]:
    known = {
        "findings": {"ill": yes_no("no"), "weeks": quantity("0 weeks .. 50 weeks", "0 weeks", "weeks")},
        "rules": {"long": rule("weeks > 6 weeks", "supports cut"), "always": rule("always", "supports wait")},
        "steps": {"cut": {}, "wait": {}},
    }
    return {**known, **edited}


def compared(tmp_path: Path, **edited: Any) -> tuple[str, str]:
    for side, its in (("old", parts()), ("new", parts(**edited))):
        write_ladder(tmp_path / side, **its)
    return str(tmp_path / "old"), str(tmp_path / "new")


def test_an_edited_threshold_of_the_shipped_knowledge_is_reviewed_on_one_screen(moved: str) -> None:
    done = run("diff", str(KNOWLEDGE), moved)
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert len(lines) <= 40
    assert all(len(line) <= 80 for line in lines if "/" not in line)
    steps = json.loads(run("diff", str(KNOWLEDGE), moved, "--format", "json").out)["steps"]
    rows = [line.split()[:2] for line in lines if line.startswith("  conservative ")]
    assert rows == [[it["before"], it["after"]] for it in steps]
    assert done.out.count("conservative_duration > 6 weeks") == 1
    assert "43 days of conservative treatment" in flat(done.out)
    assert "not_tried" not in done.out


def test_the_json_is_the_same_in_brief_and_in_full(tmp_path: Path) -> None:
    folders = compared(tmp_path, rules={"always": rule("always", "supports wait")})
    brief, full = (run("diff", *folders, "--format", "json", form).out for form in ("--brief", "--full"))
    assert brief == full


def test_few_other_changes_are_each_shown_with_an_example(tmp_path: Path) -> None:
    rules = {**parts()["rules"], "ill": rule("ill", "cautions wait")}
    done = run("diff", *compared(tmp_path, rules=rules))
    assert "wait: no caution -> cautioned against for example: ill" in flat(done.out)


def test_many_other_changes_are_counted_by_kind(tmp_path: Path) -> None:
    concluded = {f"c{number}": yes_no() for number in range(8)}
    rules = {**parts()["rules"], **{f"r{number}": rule("ill", f"c{number}") for number in range(8)}}
    old = {**parts()["rules"], **{f"r{number}": rule("weeks > 1 week", f"c{number}") for number in range(8)}}
    folders = compared(tmp_path, rules=rules, concluded=concluded)
    write_ladder(tmp_path / "old", **parts(rules=old, concluded=concluded))
    assert "concluded findings (8): c0; c1; c2 and 5 more" in flat(run("diff", *folders).out)
    comment = run("diff", *folders, "--format", "markdown").out
    assert "<details><summary>Also changed: concluded findings (8)</summary>" in comment


def test_several_edits_are_numbered_and_each_change_names_those_behind_it(tmp_path: Path) -> None:
    rules = {
        "long": rule("weeks > 5 weeks", "supports cut"),
        "always": rule("always", "supports wait"),
        "ill": rule("ill", "cautions wait"),
    }
    text = run("diff", *compared(tmp_path, rules=rules), columns=200).out
    row = next(line.split() for line in text.splitlines() if line.startswith("  wait"))
    edit = next(line.split() for line in text.splitlines() if "rule long edited" in line)
    assert (row[:2], row[2]) == (["wait", "cut"], edit[0])


def test_edits_of_wording_are_counted_only(tmp_path: Path) -> None:
    edited = Copy(FUSION, "Screws loosen in weak bone.", "Screws come loose in weak bone.").of(KNOWLEDGE, tmp_path)
    for form in ("text", "markdown"):
        done = flat(run("diff", str(KNOWLEDGE), str(edited), "--format", form).out)
        assert "Proved equivalent: no answer changes for any patient." in done.replace("\\", "")
        assert "1 edit (1 of wording only)" in done.replace("\\", "")
        assert "Screws" not in done


def test_what_is_not_proved_is_always_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kb = small_ladder(tmp_path, **parts())
    unsure = difference(kb, kb)._replace(unproved=("the recommended step: the solver could not decide: timeout",))

    write_brief(Terminal(sys.stdout), unsure)
    for text in (capsys.readouterr().out, render_markdown(unsure)):
        assert "Not proved\n" in text
        assert "the recommended step: the solver could not decide: timeout" in text
        assert "Proved equivalent" not in text


def test_a_narrow_screen_has_no_table(tmp_path: Path) -> None:
    folders = compared(tmp_path, rules={**parts()["rules"], "long": rule("weeks > 5 weeks", "supports cut")})
    lines = run("diff", *folders, columns=40).out.splitlines()
    assert all(len(line) <= 40 for line in lines)
    assert "  wait -> cut" in lines


def test_a_comment_is_markdown_whatever_the_knowledge_says(tmp_path: Path) -> None:
    hostile = "Ill | <img src=x> `a`"
    rules = {**parts()["rules"], "ill": rule("ill", ["cautions wait", "supports cut"], because="So ``` | <b>.")}
    folders = compared(tmp_path, findings={**parts()["findings"], "ill": yes_no("no", title=hostile)}, rules=rules)
    text = run("diff", *folders, "--format", "markdown").out
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    html = "".join(token.content for token in tokens if token.type == "html_block")
    assert "<img" not in html
    tables = "".join(
        {"tr_open": "r", "th_open": "c", "td_open": "c", "table_close": " "}.get(it.type, "") for it in tokens
    )
    assert [set(table.strip("r").split("r")) for table in tables.split()] == [{"ccc"}, {"ccc"}, {"cccc"}]
    (edit,) = (token.content for token in tokens if token.info == "diff")
    assert "+ because: So ``` | <b>." in edit
    inline = [child for token in tokens for child in token.children or []]
    assert not [child for child in inline if child.type == "html_inline"]


def test_a_comment_has_the_cases_of_the_changed_steps_to_copy(moved: str, tmp_path: Path) -> None:
    tokens = MarkdownIt().parse(run("diff", str(KNOWLEDGE), moved, "--format", "markdown").out)
    (cases,) = (token.content for token in tokens if token.type == "fence" and token.info == "yaml")
    file = tmp_path / "new.test.yaml"
    file.write_text(cases, "utf-8")
    assert run("test", str(file), "--knowledge", moved).out == "4 passed, 0 failed\n"
