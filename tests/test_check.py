"""`expert check`: what counts, what is waived and what is known; its formats, and its exit status."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import expert.check.proofs
from expert.check.faults import PROOFS, Fault, Proof
from expert.check.lints import LINTS
from expert.check.pages import proof_page
from expert.lang.errors import Location
from tests.command_line import run
from tests.test_lints import GARDEN, Edit, case, garden, rule

SUN, CASES, CLAIMS = "rules/sun.yaml", "rules/sun.test.yaml", "references.yaml"
FERNS = Edit(CLAIMS, "", "  S03:\n    section: I\n    role: rule\n    text: Ferns want shade.\n")
DOSE = Edit("ladder.yaml", "    text: Act before noon.", "    text: Give 5 ml before noon.")
UNTESTED = Edit(SUN, "", rule(when="[limp, shaded]"))
NESTED = Edit(SUN, "    when: [scorched, limp]\n", "    when: [{any: [limp, {all: [limp, shaded]}]}, scorched]\n")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are named from the folder above the garden."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., tuple[int, str, str]]:
    """Runs the command without proofs over a garden with edits."""

    def check(*edits: Edit, words: tuple[str, ...] = ()) -> tuple[int, str, str]:
        if not (tmp_path / "garden").exists():
            garden(tmp_path, *edits)
        return run("check", "--no-proofs", "--knowledge", "garden", *words)

    return check


Check = Callable[..., tuple[int, str, str]]


def as_json(shown: tuple[int, str, str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shown[1])
    return found


def checks(shown: tuple[int, str, str], part: str = "faults") -> list[str]:
    return [fault["check"] for fault in as_json(shown)[part]]


JSON = ("--format", "json")


# --- exit status ------------------------------------------------------------------------------------------------------


def test_nothing_found_has_status_0(check: Check) -> None:
    status, out, err = check()
    assert (status, err) == (0, "")
    assert re.fullmatch(r"no fault \(reading \d+\.\d\d s, lints \d+\.\d\d s\)\n", out)


@pytest.mark.parametrize(
    ("edit", "least", "status"),
    [
        (DOSE, "error", 1), (DOSE, "note", 1),
        (FERNS, "error", 0), (FERNS, "warning", 1), (FERNS, "note", 1),
        (NESTED, "error", 0), (NESTED, "warning", 0), (NESTED, "note", 1),
    ],
)  # fmt: skip
def test_a_fault_counts_from_the_kind_on_that_is_asked_for(check: Check, edit: Edit, least: str, status: int) -> None:
    shown = check(edit, words=("--fail-on", least, *JSON))
    assert shown[0] == status
    assert len(as_json(shown)["faults"]) == 1
    assert as_json(shown)["failed"] is bool(status)


def test_a_warning_fails_and_a_note_does_not_unless_said_otherwise(check: Check, tmp_path: Path) -> None:
    assert check(NESTED)[0] == 0
    (tmp_path / "garden" / CLAIMS).open("a").write(FERNS.put)
    assert check()[0] == 1


@pytest.mark.parametrize(
    "words", [("--format", "xml"), ("--fail-on", "nothing"), ("--baseline", "nowhere.yaml"), ("--knowledge", "nowhere")]
)
def test_wrong_words_are_reported_with_status_2(check: Check, words: tuple[str, ...]) -> None:
    status, out, err = check(words=words)
    assert (status, out) == (2, "")
    assert err


# --- reading ----------------------------------------------------------------------------------------------------------

UNREADABLE = {
    "a rule": (Edit(SUN, "when: shaded", "when: shadd"), "garden/rules/sun.yaml:16:11", "did you mean shaded?"),
    "a case": (Edit(CASES, "{shaded: yes}", "{shadd: yes}"), "garden/rules/sun.test.yaml:5:11", "did you mean shaded?"),
    "a worked patient": (Edit("patients/rose.yaml", "limp: no", "limp: non"), "garden/patients/rose.yaml:3:7", "no"),
    "the YAML": (Edit("ladder.yaml", "steps:", "steps: ["), "garden/ladder.yaml:2:1", ""),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_cannot_be_read_is_a_fault_with_a_caret_and_nothing_else_is_checked(check: Check, what: str) -> None:
    edit, at, remedy = UNREADABLE[what]
    status, out, err = check(edit, FERNS)
    assert (status, err) == (1, "")
    first, line, caret, *rest = out.splitlines()
    assert first.startswith(f"{at if what != 'the YAML' else 'garden/ladder.yaml:'}")
    assert " error reading: " in first
    assert caret.index("^") - line.index("|") == int(first.split(":")[2]) + 1
    assert remedy in "\n".join(rest)
    assert "S03" not in out
    assert rest[-1].startswith("1 error (reading ")


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_what_cannot_be_read_is_reported_in_every_format(check: Check, form: str) -> None:
    status, out, err = check(UNREADABLE["a rule"][0], words=("--format", form))
    assert (status, err) == (1, "")
    assert "'shadd' is not a finding" in out


def test_everything_that_cannot_be_read_is_reported_at_once(check: Check) -> None:
    shown = check(UNREADABLE["a case"][0], UNREADABLE["a worked patient"][0], words=JSON)
    assert [fault["file"] for fault in as_json(shown)["faults"]] == [
        "garden/patients/rose.yaml",
        "garden/rules/sun.test.yaml",
    ]


def test_a_file_that_is_missing_is_a_fault_of_the_folder(check: Check, tmp_path: Path) -> None:
    garden(tmp_path)
    (tmp_path / "garden" / "ladder.yaml").unlink()
    status, out, _ = check()
    assert status == 1
    assert out.startswith("garden: error reading: garden/ladder.yaml is missing\n        expected a knowledge file\n")
    command = check(words=("--format", "github"))[1].splitlines()[0]
    assert command.startswith("::error file=garden,title=reading::garden/ladder.yaml is missing")


def test_a_case_whose_patient_cannot_occur_is_a_fault_at_the_case(check: Check) -> None:
    never = "constraints:\n  shade-burns-nobody:\n    never: [scorched, shaded]\n    because: The sun burns.\n"
    edits = Edit("vocabulary.yaml", "", never), Edit(CASES, "", case(given="{scorched: yes, shaded: yes}"))
    (fault,) = as_json(check(*edits, Edit(SUN, "", rule(when="[limp, shaded]")), words=JSON))["faults"]
    assert (fault["check"], fault["file"], fault["line"]) == ("reading", "garden/rules/sun.test.yaml", 7)
    assert "these facts contradict each other" in fault["message"]


def test_a_folder_may_be_named_in_any_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = garden(tmp_path, Edit(CASES, "name: A plant in the shade is not covered", "name: A plant"), DOSE)
    (folder / CASES).open("a").write(case("A plant", "{shaded: yes}", "{excluded: [shading]}"))
    monkeypatch.chdir(folder)
    for name in (".", "../garden/", str(folder)):
        shown = as_json(run("check", "--no-proofs", "--knowledge", name, *JSON))["faults"]
        assert [fault["check"] for fault in shown] == ["dose-in-text", "case-duplicated", "duplicate-title"], name
        assert all((folder / fault["file"]).exists() for fault in shown), name


# --- text -------------------------------------------------------------------------------------------------------------


def test_faults_are_reported_in_the_order_of_files_and_lines_with_caret_and_remedy(check: Check) -> None:
    status, out, err = check(UNTESTED, FERNS, DOSE)
    assert (status, err) == (1, "")
    *body, summary = out.splitlines()
    assert body == [
        "garden/ladder.yaml:17:16: error dose-in-text: '5 ml' reads as a dose",
        "   17 |     text: Give 5 ml before noon.",
        "      |                ^^^^",
        f"        {LINTS['dose-in-text'].page.remedy}",
        "garden/references.yaml:10:3: warning unused-claim: nothing cites the claim S03",
        "   10 |   S03:",
        "      |   ^",
        f"        {LINTS['unused-claim'].page.remedy}",
        "garden/rules/sun.yaml:20:3: warning untested-rule: one-more holds in no case",
        "   20 |   one-more:",
        "      |   ^",
        f"        {LINTS['untested-rule'].page.remedy}",
    ]
    assert summary.startswith("1 error, 2 warnings (reading ")


def test_other_lines_that_are_involved_are_named(check: Check) -> None:
    out = check(Edit(CASES, "", case(given="{shaded: yes}", expect="{excluded: [shading]}")))[1]
    assert "        see garden/rules/sun.test.yaml:4 A plant in the shade is not covered\n" in out


def test_what_a_text_holds_cannot_move_the_cursor(check: Check) -> None:
    hostile = case('"\\e[2J::error::"', "{shaded: yes}", "{excluded: [shading], alerts: []}")
    for form in ("text", "json", "sarif", "github"):
        out = check(Edit(CASES, "", hostile), words=("--format", form))[1]
        assert "\x1b" not in out
        assert not re.search(r"^::error::", out, re.MULTILINE)


# --- waivers ----------------------------------------------------------------------------------------------------------


def waiving(comment: str, key: str = "  S03:\n", above: str = "") -> Edit:
    return FERNS._replace(put=FERNS.put.replace("  S03:\n", f"{above}{key.rstrip()}{comment}\n"))


@pytest.mark.parametrize(
    "edit",
    [
        waiving("  # waive unused-claim: ferns come later"),
        waiving("", above="  # waive unused-claim: ferns come later\n"),
        waiving("", above="# waive unused-claim: ferns come later\n\n  # about ferns\n"),
        waiving("  # a claim # waive unused-claim: ferns come later"),
    ],
)
def test_a_waiver_on_the_line_or_above_it_lets_a_fault_stand_and_its_reason_is_shown(check: Check, edit: Edit) -> None:
    status, out, _ = check(edit)
    assert status == 0
    waived, summary = out.splitlines()
    assert re.fullmatch(
        r"waived garden/references.yaml:1\d unused-claim: nothing cites the claim S03 \(ferns come later\)", waived
    )
    assert summary.startswith("no fault; 1 waived (")


def test_one_line_may_have_several_waivers(check: Check) -> None:
    above = "  # waive unused-claim: ferns come later\n  # waive dose-in-text: not that one\n"
    shown = check(waiving("", above=above), words=JSON)
    assert checks(shown, "waived") == ["unused-claim"]
    assert [fault["message"] for fault in as_json(shown)["faults"]] == ["there is no dose-in-text here to waive"]


@pytest.mark.parametrize(
    ("comment", "message", "remedy"),
    [
        ("# waive unused-claim", "the waiver of unused-claim gives no reason", "write '# waive unused-claim: reason'"),
        ("# waive unused-claim:", "the waiver of unused-claim gives no reason", "write '# waive unused-claim: reason'"),
        ("# waive unused-clam: later", "'unused-clam' is not a check", "did you mean unused-claim?"),
        ("# waive: later", "'later' is not a check", "see expert show lints for the names"),
        ("# waive", "the waiver names no check", "see expert show lints for the names"),
        ("# waive key-order: later", "there is no key-order here to waive", "delete the waiver"),
    ],
)
def test_a_waiver_that_waives_nothing_is_a_fault_and_so_is_what_it_was_for(
    check: Check, comment: str, message: str, remedy: str
) -> None:
    shown = check(waiving(f"  {comment}"), words=JSON)
    unused, wrong = as_json(shown)["faults"]
    assert (shown[0], unused["check"], wrong["check"]) == (1, "unused-claim", "wrong-waiver")
    assert (wrong["line"], wrong["column"]) == (10, 9)
    assert (wrong["message"], wrong["remedy"]) == (message, remedy)


def test_a_wrong_waiver_cannot_be_waived(check: Check) -> None:
    above = "  # waive wrong-waiver: it is wrong\n"
    shown = check(waiving("  # waive unused-clam: later", above=above), words=JSON)
    assert sorted(checks(shown)) == ["unused-claim", "wrong-waiver", "wrong-waiver"]


@pytest.mark.parametrize(
    "text",
    [
        '"Ferns # waive unused-claim: no comment"',
        ">-\n      Ferns want\n      # waive unused-claim: no comment\n      shade.",
        "'Ferns\n      # waive unused-claim: no comment'",
        "Ferns#waive unused-claim: no comment",
    ],
)
def test_a_waiver_within_a_text_is_none(check: Check, text: str) -> None:
    shown = check(FERNS._replace(put=FERNS.put.replace("Ferns want shade.", text.replace(": no", " no"))), words=JSON)
    assert (checks(shown), checks(shown, "waived")) == (["unused-claim"], [])


def test_a_waiver_after_a_text_of_several_lines_is_one(check: Check) -> None:
    text = ">-\n      Ferns want\n      shade."
    more = FERNS.put.replace("S03", "S04").replace("  S04", "  # waive unused-claim: later\n  S04")
    shown = check(FERNS._replace(put=FERNS.put.replace("Ferns want shade.", text) + more), words=JSON)
    assert (checks(shown), checks(shown, "waived")) == (["unused-claim"], ["unused-claim"])


def test_a_waiver_of_a_proof_is_not_judged_while_proofs_are_left_out(check: Check) -> None:
    assert as_json(check(Edit(SUN, "rules:\n", "rules:  # waive total: later\n"), words=JSON))["faults"] == []


# --- baselines --------------------------------------------------------------------------------------------------------


def test_what_a_baseline_knows_does_not_count_wherever_it_moves(check: Check, tmp_path: Path) -> None:
    status, _, err = check(FERNS, DOSE, words=("--write-baseline", "known.yaml"))
    assert (status, err) == (0, "2 known faults written to known.yaml\n")
    claims = tmp_path / "garden" / CLAIMS
    claims.write_text("# A new first line.\n" + claims.read_text("utf-8"), "utf-8")
    shown = check(words=("--baseline", "known.yaml", *JSON))
    assert shown[0] == 0
    assert (checks(shown), checks(shown, "known")) == ([], ["dose-in-text", "unused-claim"])


def test_what_a_baseline_does_not_know_counts(check: Check, tmp_path: Path) -> None:
    check(FERNS, words=("--write-baseline", "known.yaml"))
    claims = tmp_path / "garden" / CLAIMS
    claims.write_text(claims.read_text("utf-8") + FERNS.put.replace("S03", "S04"), "utf-8")
    shown = check(words=("--baseline", "known.yaml", *JSON))
    assert shown[0] == 1
    assert [fault["subject"] for fault in as_json(shown)["faults"]] == ["S04"]


def test_what_a_baseline_knows_and_is_no_longer_found_is_reported(check: Check, tmp_path: Path) -> None:
    check(FERNS, words=("--write-baseline", "known.yaml"))
    claims = tmp_path / "garden" / CLAIMS
    claims.write_text(
        claims.read_text("utf-8").replace("role: rule\n    text: Ferns", "role: informative\n    text: Ferns")
    )
    status, out, _ = check(words=("--baseline", "known.yaml"))
    assert status == 0
    assert out.splitlines()[0] == "no longer found references.yaml unused-claim: S03 (delete it from the baseline)"


def test_a_baseline_that_knows_a_proof_is_not_stale_while_proofs_are_left_out(check: Check, tmp_path: Path) -> None:
    (tmp_path / "known.yaml").write_text("known:\n- {check: total, file: ladder.yaml, subject: ''}\n")
    assert as_json(check(words=("--baseline", "known.yaml", *JSON)))["stale"] == []


def test_a_baseline_is_the_same_however_often_it_is_written(check: Check, tmp_path: Path) -> None:
    check(FERNS, DOSE, UNTESTED, words=("--write-baseline", "one.yaml"))
    check(words=("--write-baseline", "two.yaml"))
    check(words=("--baseline", "one.yaml", "--write-baseline", "one.yaml"))
    one = (tmp_path / "one.yaml").read_text("utf-8")
    assert one == (tmp_path / "two.yaml").read_text("utf-8")
    assert one.splitlines()[1:] == [
        "known:",
        '  - {"check": "dose-in-text", "file": "ladder.yaml", "subject": "scorching"}',
        '  - {"check": "untested-rule", "file": "rules/sun.yaml", "subject": "one-more"}',
        '  - {"check": "unused-claim", "file": "references.yaml", "subject": "S03"}',
    ]


def test_a_baseline_of_nothing_can_be_written_and_read(check: Check) -> None:
    assert check(words=("--write-baseline", "known.yaml"))[0] == 0
    assert check(words=("--baseline", "known.yaml"))[0] == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "known.yaml is empty"),
        ("known: [", "known.yaml:1:8: the bracket that begins here is not closed"),
        ("knwon: []", "known.yaml:1:1: a baseline has no key 'knwon'"),
        ("known: {a: b}", "known.yaml:1:8: 'known' is a list"),
        ("known:\n- {check: a, fle: b, subject: c}", "known.yaml:2:14: a known fault has no key 'fle'"),
        ("known:\n- {check: a, file: b}", "known.yaml:2:3: a known fault lacks 'subject'"),
    ],
)
def test_a_file_that_is_no_baseline_is_an_error(check: Check, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "known.yaml").write_text(text, "utf-8")
    status, out, err = check(words=("--baseline", "known.yaml"))
    assert (status, out) == (2, "")
    assert err.startswith(message)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "names no file"),
        ("garden", "is a folder"),
        ("nowhere/known.yaml", "is in a folder that does not exist"),
        ("a\0b", "names no file"),
    ],
)
def test_a_baseline_that_cannot_be_written_is_an_error_and_leaves_nothing(
    check: Check, tmp_path: Path, name: str, message: str
) -> None:
    status, out, err = check(FERNS, words=("--write-baseline", name))
    assert (status, out) == (2, "")
    assert message in err
    assert [path.name for path in tmp_path.iterdir()] == ["garden"]


def test_no_baseline_is_written_of_what_cannot_be_read(check: Check, tmp_path: Path) -> None:
    status, out, _ = check(UNREADABLE["a rule"][0], words=("--write-baseline", "known.yaml"))
    assert status == 1
    assert "reading" in out
    assert not (tmp_path / "known.yaml").exists()


# --- proofs -----------------------------------------------------------------------------------------------------------

AT = Location("garden/ladder.yaml", 2, 3)
GAP = Fault("total", "error", "somebody gets no step", AT, "a rule for them", (("scorched", "no"), ("limp", "yes")))
HOLDING = [Proof("invariant", "no-repotting-of-fresh-soil", "proved", 0.5), Proof("invariant", "b", "proved", 0.25)]


@pytest.fixture
def proved(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts proofs in place of those that the solver makes."""

    def put(*proofs: Proof) -> None:
        def prove(*_: object, **__: object) -> Iterator[Proof]:
            yield from proofs

        monkeypatch.setattr(expert.check.proofs, "prove", prove)

    return put


Proved = Callable[..., None]


def test_proofs_that_hold_are_listed_by_kind_with_their_time(proved: Proved) -> None:
    proved(*HOLDING)
    status, out, _ = run("check", "--knowledge", str(GARDEN))
    assert status == 0
    line, summary = out.splitlines()
    assert line == f"proved: {PROOFS['invariant']} (invariant, 2 in 0.75 s)"
    assert summary.startswith("no fault; 2 proofs hold (reading ")


def test_a_proof_that_fails_is_a_fault_with_the_patient_who_shows_it(proved: Proved, tmp_path: Path) -> None:
    proved(*HOLDING, Proof("total", "", "refuted", 0.1, GAP))
    garden(tmp_path)
    status, out, _ = run("check", "--knowledge", "garden")
    assert status == 1
    assert out.startswith(
        "garden/ladder.yaml:2:3: error total: somebody gets no step\n    2 |   shading:\n      |   ^\n"
        "        a rule for them\n        for this patient:\n          scorched: no\n          limp: yes\n"
    )
    assert "proved: every complete patient" not in out


def test_of_a_kind_that_holds_in_part_no_more_is_claimed(proved: Proved) -> None:
    broken = Proof("invariant", "c", "refuted", 0.1, GAP._replace(check="invariant"))
    proved(*HOLDING, broken)
    out = run("check", "--knowledge", str(GARDEN))[1]
    assert "proved: 2 of 3 claims hold (invariant, 2 in 0.75 s)\n" in out
    assert PROOFS["invariant"] not in out


def test_what_the_solver_left_open_counts(proved: Proved) -> None:
    proved(Proof("invariant", "a", "unproved", 1.0))
    status, out, _ = run("check", "--knowledge", str(GARDEN), *JSON)
    assert status == 1
    (fault,) = json.loads(out)["faults"]
    assert (fault["check"], fault["subject"], fault["message"]) == ("invariant", "a", "invariant is unproved")


def test_arguments_that_people_read_are_listed_apart_and_do_not_count(proved: Proved, tmp_path: Path) -> None:
    note = Fault("argument", "note", "one says what another does", AT, related=((AT, "the other"),))
    proved(Proof("redundant", "a", "refuted", 0.1, note))
    garden(tmp_path)
    status, out, _ = run("check", "--knowledge", "garden")
    assert status == 0
    assert out.startswith(
        "further arguments for what other rules decide\n"
        "  garden/ladder.yaml:2 one says what another does\n    garden/ladder.yaml:2 the other\n"
    )


def test_a_proof_can_be_waived_and_be_known(proved: Proved, tmp_path: Path) -> None:
    proved(Proof("total", "", "refuted", 0.1, GAP))
    garden(tmp_path)
    run("check", "--knowledge", "garden", "--write-baseline", "known.yaml")
    assert run("check", "--knowledge", "garden", "--baseline", "known.yaml").status == 0
    ladder = tmp_path / "garden" / "ladder.yaml"
    ladder.write_text(ladder.read_text("utf-8").replace("  shading:", "  shading:  # waive total: known", 1), "utf-8")
    assert run("check", "--knowledge", "garden").status == 0
    proved()
    assert run("check", "--knowledge", "garden").status == 1


def test_the_solver_finds_the_patient_for_whom_a_garden_has_no_step() -> None:
    status, out, _ = run("check", "--knowledge", str(GARDEN), *JSON)
    assert status == 1
    total = next(fault for fault in json.loads(out)["faults"] if fault["check"] == "total")
    assert total["witness"]
    assert Path(total["file"]).name == "ladder.yaml"
    assert {proof["check"] for proof in json.loads(out)["proofs"]} <= set(PROOFS)


def test_the_solver_is_not_loaded_where_proofs_are_left_out() -> None:
    words = ["check", "--no-proofs", "--knowledge", str(GARDEN)]
    code = f"""
import sys
from expert.cli import main
try:
    main({words!r})
except SystemExit as end:
    print(end.code, "z3" in sys.modules)
"""
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines()[-1] == "0 False"


# --- formats ----------------------------------------------------------------------------------------------------------


def test_json_has_all_that_text_has(check: Check) -> None:
    (fault,) = as_json(check(DOSE, words=JSON))["faults"]
    assert fault == {
        "check": "dose-in-text",
        "severity": "error",
        "message": "'5 ml' reads as a dose",
        "file": "garden/ladder.yaml",
        "line": 17,
        "column": 16,
        "end": 20,
        "subject": "scorching",
        "remedy": LINTS["dose-in-text"].page.remedy,
        "edit": "",
        "witness": "",
        "related": [],
    }
    shown = as_json(check(words=JSON))
    assert list(shown) == ["failed", "faults", "waived", "known", "stale", "proofs", "seconds"]
    assert list(shown["seconds"]) == ["reading", "lints"]


def test_github_gets_a_command_for_each_fault_and_a_closing_line(check: Check) -> None:
    out = check(DOSE, FERNS, NESTED, words=("--format", "github"))[1].splitlines()
    assert [line.split("::")[1] for line in out[:3]] == [
        "error file=garden/ladder.yaml,line=17,col=16,title=dose-in-text",
        "warning file=garden/references.yaml,line=10,col=3,title=unused-claim",
        "notice file=garden/rules/sun.yaml,line=4,col=26,title=deep-nesting",
    ]
    assert out[3].startswith("1 error, 1 warning, 1 note (")
    assert f"'5 ml' reads as a dose%0A{LINTS['dose-in-text'].page.remedy}" in out[0]


def test_what_github_would_read_as_its_own_is_escaped(proved: Proved) -> None:
    at = Location("gar,den: 50%/ladder.yaml", 2, 3)
    proved(Proof("total", "", "refuted", 0.1, GAP._replace(at=at, message="of 100%: one,\r\n::error::x")))
    out = run("check", "--knowledge", str(GARDEN), "--format", "github")[1]
    assert out.startswith(
        "::error file=gar%2Cden%3A 50%25/ladder.yaml,line=2,col=3,title=total::"
        "of 100%25: one,\\r%0A::error::x%0Aa rule for them%0Afor this patient:%0Ascorched: no%0Alimp: yes\n"
    )


LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "required": ["uri"],
                    "properties": {"uri": {"type": "string", "pattern": "^(?!/)[A-Za-z0-9%/:._~-]+$"}},
                },
                "region": {
                    "type": "object",
                    "required": ["startLine", "startColumn"],
                    "additionalProperties": False,
                    "properties": {
                        name: {"type": "integer", "minimum": 1} for name in ("startLine", "startColumn", "endColumn")
                    },
                },
            },
        },
        "id": {"type": "integer", "minimum": 0},
        "message": {"$ref": "#/$defs/message"},
    },
}
MESSAGE = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
RULE = {
    "type": "object",
    "required": ["id", "shortDescription", "fullDescription", "help"],
    "properties": {
        "id": {"type": "string"},
        "shortDescription": {"$ref": "#/$defs/message"},
        "fullDescription": {"$ref": "#/$defs/message"},
        "help": {"$ref": "#/$defs/message"},
        "defaultConfiguration": {"type": "object", "properties": {"level": LEVEL}},
    },
}
RESULT = {
    "type": "object",
    "required": ["ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"],
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": LEVEL,
        "message": {"$ref": "#/$defs/message"},
        "locations": {"type": "array", "minItems": 1, "maxItems": 1, "items": {"$ref": "#/$defs/location"}},
        "relatedLocations": {"type": "array", "items": {"$ref": "#/$defs/location"}},
        "partialFingerprints": {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}},
        "suppressions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"enum": ["inSource", "external"]}, "justification": {"type": "string"}},
            },
        },
    },
}
SARIF = {
    "$comment": "Of SARIF 2.1.0 (OASIS, 2020), what GitHub's code scanning asks for.",
    "type": "object",
    "required": ["$schema", "version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name", "rules"],
                                "properties": {"rules": {"type": "array", "items": RULE}},
                            }
                        },
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {"type": "array", "items": RESULT},
                },
            },
        },
    },
    "$defs": {"message": MESSAGE, "location": LOCATION},
}


def sarif(shown: tuple[int, str, str]) -> dict[str, Any]:
    """The one run of a SARIF log, which is checked against the form."""
    log = json.loads(shown[1])
    jsonschema.validate(log, SARIF)
    found: dict[str, Any] = log["runs"][0]
    for result in found["results"]:
        assert found["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    return found


def test_sarif_has_the_form_that_github_reads(check: Check) -> None:
    again = Edit(CASES, "", case(given="{shaded: yes}", expect="{excluded: [shading]}"))
    found = sarif(check(DOSE, FERNS, NESTED, again, words=("--format", "sarif")))
    assert [(it["ruleId"], it["level"]) for it in found["results"]] == [
        ("dose-in-text", "error"),
        ("unused-claim", "warning"),
        ("case-duplicated", "warning"),
        ("deep-nesting", "note"),
    ]
    first, _, duplicated, _ = found["results"]
    place = first["locations"][0]["physicalLocation"]
    region = {"startLine": 17, "startColumn": 16, "endColumn": 20}
    assert place == {"artifactLocation": {"uri": "garden/ladder.yaml"}, "region": region}
    assert duplicated["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 4
    prints = [tuple(it["partialFingerprints"].values()) for it in found["results"]]
    assert len(set(prints)) == 4


def test_sarif_of_nothing_and_of_what_cannot_be_read_has_the_form_too(check: Check, tmp_path: Path) -> None:
    assert sarif(check(words=("--format", "sarif")))["results"] == []
    (tmp_path / "garden" / "ladder.yaml").unlink()
    (result,) = sarif(check(words=("--format", "sarif")))["results"]
    assert result["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": "garden"}}}]


def test_sarif_has_the_nearest_spelling_as_a_fix(check: Check) -> None:
    misspelt = Edit("rules/sun.yaml", "when: shaded", "when: not shadde")
    (result,) = sarif(check(misspelt, words=("--format", "sarif")))["results"]
    ((change,),) = (it["artifactChanges"] for it in result["fixes"])
    region = {"startLine": 16, "startColumn": 15, "endColumn": 21}
    assert change["replacements"] == [{"deletedRegion": region, "insertedContent": {"text": "shaded"}}]


def test_sarif_describes_a_proof_that_fails_and_shows_the_patient(proved: Proved, tmp_path: Path) -> None:
    proved(Proof("total", "", "refuted", 0.1, GAP))
    garden(tmp_path)
    found = sarif(run("check", "--knowledge", "garden", "--format", "sarif"))
    (described,) = found["tool"]["driver"]["rules"]
    assert (described["id"], described["help"]["text"]) == ("total", f"It is to be proved that {PROOFS['total']}.")
    (result,) = found["results"]
    assert result["message"]["text"].endswith("\nFor this patient:\nscorched: no\nlimp: yes")


def test_sarif_shows_what_is_waived_and_known_as_suppressed(check: Check) -> None:
    waived = waiving("  # waive unused-claim: ferns come later")
    check(waived, DOSE, words=("--write-baseline", "known.yaml"))
    found = sarif(check(words=("--baseline", "known.yaml", "--format", "sarif")))
    assert [(it["ruleId"], it["suppressions"]) for it in found["results"]] == [
        ("unused-claim", [{"kind": "inSource", "justification": "ferns come later"}]),
        ("dose-in-text", [{"kind": "external", "justification": "known from the baseline"}]),
    ]


def test_a_fingerprint_stays_when_lines_move(check: Check, tmp_path: Path) -> None:
    before = sarif(check(FERNS, words=("--format", "sarif")))["results"]
    claims = tmp_path / "garden" / CLAIMS
    claims.write_text("# A new first line.\n" + claims.read_text("utf-8"), "utf-8")
    after = sarif(check(words=("--format", "sarif")))["results"]
    assert before != after
    assert before[0]["partialFingerprints"] == after[0]["partialFingerprints"]


def test_a_file_elsewhere_is_named_by_a_whole_uri(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = garden(tmp_path / "a b", DOSE)
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    shown = run("check", "--no-proofs", "--knowledge", str(folder), "--format", "sarif")
    (result,) = sarif(shown)["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == f"file://{tmp_path}/a%20b/garden/ladder.yaml"


# --- explanations -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LINTS)
def test_a_lint_is_explained_with_both_examples_whole(name: str) -> None:
    status, out, err = run("explain-lint", name, columns=400)
    assert (status, err) == (0, "")
    lint = LINTS[name]
    assert out.startswith(f"{name} ({lint.severity})\n{lint.page.title}: {lint.page.remedy}.\n\nAvoid\n")
    for example in (lint.avoid, lint.prefer):
        assert "".join(f"  {line}\n" for line in example.splitlines()) in out
    assert f"Why\n  {lint.page.why}\n\nWhat to do\n  {lint.page.to_do}\n" in out
    assert f"  # waive {name}: the reason\n" in out


def test_all_lints_and_proofs_are_listed() -> None:
    status, out, _ = run("explain-lint", columns=200)
    assert status == 0
    for lint in LINTS.values():
        assert re.search(rf"^  {lint.name} +{lint.severity} +{re.escape(lint.page.title)}$", out, re.MULTILINE)
    for name, claim in PROOFS.items():
        assert re.search(rf"^  {name} +{re.escape(claim)}$", out, re.MULTILINE)


@pytest.mark.parametrize("name", PROOFS)
def test_a_proof_is_explained_with_its_page(name: str) -> None:
    status, out, err = run("explain-lint", name, columns=400)
    assert (status, err) == (0, "")
    assert out.startswith(f"{name} (proof)\nIt is proved over all patients that {PROOFS[name]}.\n\nWhy\n")
    page = proof_page(name)
    assert all(re.fullmatch(r"[A-Z].*[.]", part) and f"  {part}\n" in out for part in (page.why, page.to_do))
    assert f"  # waive {name}: the reason\n" in out


def test_an_unknown_lint_is_reported_with_the_nearest() -> None:
    status, out, err = run("explain-lint", "untested-rul")
    assert (status, out) == (2, "")
    assert err.endswith("did you mean untested-rule?\n")
