"""The command line: exit statuses, streams, suggestions, and text that is whole at any width."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from rich.cells import cell_len

from expert import KnowledgeBase, __version__
from expert.answer.assess import Reasoner
from expert.cli import main
from expert.render.catalogue import Catalogue
from expert.render.full_answer import write_full_answer
from expert.render.terminal import Terminal
from tests.command_line import COLOUR, clean, run, start
from tests.conftest import REPOSITORY
from tests.random_patients import assessments
from tests.small_ladder import rule, write_ladder, yes_no

PATIENTS = REPOSITORY / "knowledge" / "patients"
COMMANDS = ("assess", "why", "what-if", "show", "test")
PATIENT = str(PATIENTS / "fourteen-weeks.yaml")


@pytest.fixture
def house(tmp_path: Path) -> str:
    """A small knowledge folder with a case that holds and one that does not."""
    cases = [
        {"name": "A fire is left", "given": {"fire": "yes"}, "expect": {"recommended": "leave"}},
        {
            "name": "A fire is ignored",
            "given": {"fire": "yes"},
            "expect": {"recommended": "stay", "alerts": ["quiet"], "status": {"leave": "excluded"}},
        },
    ]
    write_ladder(
        tmp_path / "house",
        findings={"fire": yes_no("no"), "door": yes_no("no", group="site")},
        rules={
            "fire-supports-leave": rule("fire", "supports leave"),
            "all-may-stay": rule("always", "supports stay"),
            "an-alert": rule("door", "alert quiet"),
        },
        steps={"leave": {}, "stay": {}},
        alerts=["quiet"],
        cases=cases,
    )
    return str(tmp_path / "house")


# --- exit statuses and streams ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("alarm=1",), ("assess", "alarm=1"), ("--nothing",), ("assess", "--nothing")])
def test_wrong_words_are_reported_on_stderr_with_status_2(words: tuple[str, ...]) -> None:
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert err


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("fire=yes",), "certain"),
        ((), "provisional"),
        (("fire=unknown",), "provisional"),
    ],
)
def test_an_answer_of_any_kind_goes_to_stdout_with_status_0(house: str, words: tuple[str, ...], answer: str) -> None:
    status, out, err = run("assess", "--knowledge", house, "--format", "json", *words)
    assert (status, err) == (0, "")
    assert json.loads(out)["answer"] == answer


def test_an_open_answer_has_status_0(tmp_path: Path) -> None:
    folder = write_ladder(
        tmp_path, findings={"key": yes_no()}, rules={"a-key": rule("key", "supports door")}, steps={"door": {}}
    )
    status, out, _ = run("assess", "--knowledge", str(folder))
    assert status == 0
    assert re.search("^NOT ENOUGH IS RECORDED +1 question unanswered\n", out)
    whole = run("assess", "--full", "--knowledge", str(folder)).out
    assert re.search(r"(?m)^No single step follows yet +open$", whole)
    nothing = run("assess", "--knowledge", str(folder), "key=no")
    assert nothing.status == 0
    assert "No step is supported." in nothing.out


def test_nothing_is_known_of_an_empty_patient_and_yet_there_is_an_answer(tmp_path: Path) -> None:
    empty = tmp_path / "empty.yaml"
    empty.write_text("# nothing yet\n", "utf-8")
    bare = run("assess")
    assert bare.status == 0
    assert "With the usual findings it would be conservative treatment." in bare.out
    whole = run("assess", "--full")
    assert run("assess", "--full", str(empty)) == whole
    assert run("assess", "--full", "-") == run("assess", "--full", "-", stdin=b"{}") == whole


def test_facts_that_contradict_each_other_are_a_wrong_input() -> None:
    status, out, err = run("assess", "conservative_result=not_tried", "conservative_duration=3 weeks")
    assert (status, out) == (2, "")
    assert "these facts contradict each other" in err


def test_every_problem_of_every_source_is_reported_at_once(tmp_path: Path) -> None:
    file = tmp_path / "somebody.yaml"
    file.write_text("agee: 45\nseverity: awful\n", "utf-8")
    status, _, err = run("assess", str(file), "fevr=yes")
    assert status == 2
    for shown in ("somebody.yaml:1:1", "did you mean age", "somebody.yaml:2:11", "severe", "did you mean fever"):
        assert shown in err


@pytest.mark.parametrize(
    "words",
    [
        ("assess", "no-such-file.yaml"),
        ("assess", "."),
        ("assess", "a.yaml", "b.yaml"),
        ("assess", "--site", "no-such-site.yaml"),
        ("assess", "--knowledge", "no-such-folder"),
        ("assess", "--matcher", "none"),
        ("assess", "--format", "xml"),
        ("assess", "age=45", "age=46"),
        ("assess", "recurrence=early"),
        ("assess", "=1"),
        ("assess", ""),
        ("why", "", "conservative"),
        ("why",),
        ("test", "no-such-case.yaml"),
        ("findings", "--group", "none"),
        ("rules", "--topic", "none"),
    ],
)
def test_what_cannot_be_used_is_reported_in_a_message_and_no_traceback(words: tuple[str, ...]) -> None:
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert err.strip()
    assert "Traceback" not in err


# --- suggestions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("asess",), "'assess'"),
        (("why_not",), "'why'"),
        (("shwo",), "'show'"),
        (("assess", "--knowlege", "x"), "'--knowledge'"),
        (("assess", "stenosiss=severe"), "stenosis?"),
        (("assess", "stenosis=sever"), "severe?"),
        (("assess", "conservative_duration=14 weekss"), "weeks?"),
        (("why", "minimaly_invasive"), "minimally_invasive?"),
        (("why-not", "minimally_invasive.ozon"), "minimally_invasive.ozone?"),
        (("show", "decompression-with-fusion"), "decompression_with_fusion?"),
        (("rules", "--topic", "fuson"), "fusion?"),
        (("findings", "--group", "imagin"), "imaging?"),
    ],
)
def test_a_near_miss_is_answered_with_what_was_meant(words: tuple[str, ...], meant: str) -> None:
    status, _, err = run(*words)
    assert status == 2
    assert f"did you mean {meant}" in " ".join(err.split()).replace("Did", "did")


# --- ways to say who the patient is -----------------------------------------------------------------------------------


def test_yaml_json_standard_input_and_assignments_say_the_same(tmp_path: Path) -> None:
    facts = {"age": "43 years", "severity": "severe", "fever": True}
    as_json = tmp_path / "somebody.json"
    as_json.write_text(json.dumps(facts), "utf-8")
    as_yaml = tmp_path / "somebody.yaml"
    as_yaml.write_text("age: 43 years\nseverity: severe\nfever: yes\n", "utf-8")
    shown = run("assess", "--full", str(as_yaml))
    assert shown.status == 0
    assert run("assess", "--full", str(as_json)) == shown
    assert run("assess", "--full", "-", stdin=as_yaml.read_bytes()) == shown
    assert run("assess", "--full", "age=43 years", "severity=severe", "fever=yes") == shown


def test_an_assignment_overrides_the_file_and_says_so() -> None:
    shown = run("assess", PATIENT, "severity=mild")
    assert "mild (the file: severe)" in shown.out
    assert "severity mild (the file: severe)" in run("assess", "--full", PATIENT, "severity=mild").out
    answer = json.loads(run("assess", PATIENT, "severity=mild", "--format", "json").out)
    assert list(answer["overridden"]) == ["severity"]
    assert answer["given"]["severity"] == "mild"


def test_a_site_file_says_what_the_site_has(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("mis_equipment: no\nindication_policy: strict\n", "utf-8")
    answer = json.loads(run("assess", "--site", str(site), "--format", "json").out)
    assert answer["given"] == {"mis_equipment": False, "indication_policy": "strict"}
    assert "indication_policy" not in answer["defaults"]


def test_a_site_file_holds_findings_of_the_site_alone(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("mis_equipment: no\nage: 43 years\n", "utf-8")
    status, _, err = run("assess", "--site", str(site))
    assert status == 2
    assert "'age' is not a finding of the site" in err


def test_a_panel_answers_for_its_members() -> None:
    answer = json.loads(run("assess", "red_flags=none", "--format", "json").out)
    assert answer["given"]["fever"] is False
    assert "motor_grade" not in answer["given"]
    assert answer["forced"]["motor_grade"] == "5"


def test_another_knowledge_folder_is_another_ladder(house: str) -> None:
    shown = run("assess", "--knowledge", house, "fire=yes")
    assert shown.out.startswith("LEAVE ")
    assert run("why", "--knowledge", house, "fire=yes", "leave").status == 0
    assert "fire-supports-leave" in run("rules", "--knowledge", house).out


def test_the_stock_matcher_gives_the_same_answer(house: str) -> None:
    for form in ("text", "json"):
        ours = run("assess", "--knowledge", house, "--format", form)
        assert ours.status == 0
        assert run("assess", "--knowledge", house, "--format", form, "--matcher", "rete") == ours


def test_the_stock_matcher_gives_the_same_answer_over_the_shipped_knowledge() -> None:
    assert run("assess", PATIENT, "--matcher", "rete") == run("assess", PATIENT)


# --- colour -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", [("assess", PATIENT), ("why", PATIENT, "conservative"), ("rules",), ("show", "S32"), ("findings",)]
)
def test_colour_only_repeats_the_text(words: tuple[str, ...]) -> None:
    plain = run(*words)
    coloured = run(*words, FORCE_COLOR="1", TERM="xterm-256color")
    assert "\x1b" not in plain.out
    assert COLOUR.sub("", coloured.out) == plain.out
    if words != ("findings",):
        assert coloured.out != plain.out
    assert "\x1b" not in run(*words, NO_COLOR="1", TERM="xterm-256color").out


def test_no_color_wins_over_forced_colour_up_to_weight() -> None:
    assert "\x1b[3" not in run("assess", PATIENT, NO_COLOR="1", FORCE_COLOR="1", TERM="xterm-256color").out


# --- help -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [(), *((command,) for command in COMMANDS)])
def test_help_leads_with_an_example(words: tuple[str, ...]) -> None:
    status, out, _ = run(*words, "--help")
    assert status == 0
    assert out.index("Example:") < out.index("Options:")
    assert f"expert {' '.join(words)}".strip() in out[out.index("Example:") : out.index("Options:")]
    assert max(map(len, out.splitlines())) <= 80


def test_help_names_every_command_with_what_it_does() -> None:
    out = run("--help").out
    assert [command for command in COMMANDS if f"\n  {command} " not in out] == []


def test_the_version_is_that_of_the_package() -> None:
    assert run("--version").out == f"expert, version {__version__}\n"


# --- text at any width ------------------------------------------------------------------------------------------------

PAGES = [
    ("assess", "--full", PATIENT, "severity=mild"),
    ("why", PATIENT, "minimally_invasive"),
    ("why-not", PATIENT, "decompression_with_fusion"),
    ("findings",),
    ("rules",),
    ("show", "S05"),
    ("show", "minimally_invasive"),
]


def check_widths(narrow: str, wide: str, widest: str) -> None:
    """No line is too long or ends in spaces, and no word is missing at any width."""
    for shown, columns in ((narrow, 80), (wide, 120)):
        lines = shown.splitlines()
        assert [line for line in lines if line != line.rstrip()] == []
        assert [line for line in lines if cell_len(line) > columns] == []
        assert Counter(shown.split()) == Counter(widest.split())


@pytest.mark.parametrize("words", PAGES, ids=[" ".join(Path(word).stem for word in words) for words in PAGES])
def test_text_is_whole_and_within_the_width(words: tuple[str, ...]) -> None:
    narrow, wide, widest = (run(*words, columns=columns) for columns in (80, 120, 1000))
    assert (narrow.status, wide.status, widest.status) == (0, 0, 0)
    check_widths(narrow.out, wide.out, widest.out)


def test_the_answer_for_any_patient_is_whole_and_within_the_width(
    reasoner: Reasoner, monkeypatch: pytest.MonkeyPatch
) -> None:
    for it in assessments(reasoner):
        shown = []
        for columns in (80, 120, 1000):
            monkeypatch.setenv("COLUMNS", str(columns))
            page = io.StringIO()
            write_full_answer(Terminal(page), reasoner.domain, it, date(2026, 11, 22))
            shown.append(page.getvalue())
        check_widths(*shown)


@pytest.mark.parametrize("columns", [60, 72])
def test_columns_keep_apart_on_a_narrow_screen(columns: int) -> None:
    out = run("assess", "--full", PATIENT, columns=columns).out
    ladder = out[out.index("\nArguments") : out.index("\nOptions")]
    assert [line for line in out.splitlines() if cell_len(line) > columns] == []
    for word in ("excluded", "recommended", "available"):
        assert f" {word} " in ladder
    assert Counter(out.split()) == Counter(run("assess", "--full", PATIENT, columns=1000).out.split())


@pytest.mark.parametrize(
    "words",
    [
        *PAGES,
        ("assess", PATIENT),
        ("what-if", PATIENT, "stenosis=severe"),
        ("why", "--enough", PATIENT),
        ("show",),
        ("show", "lints"),
    ],
    ids=" ".join,
)
def test_no_line_is_longer_than_a_narrow_screen(words: tuple[str, ...]) -> None:
    out = run(*words, columns=40).out
    assert out
    assert [line for line in out.splitlines() if cell_len(line) > 40] == []


def test_the_summary_of_a_table_names_each_step_on_a_narrow_screen(kb: KnowledgeBase, tmp_path: Path) -> None:
    table = tmp_path / "patients.csv"
    table.write_text("age,severity\n45,severe\n", "utf-8")
    out = run("cohort", str(table), "-o", str(tmp_path / "answers.csv"), columns=40).out
    for step in kb.steps.values():
        assert f"\n  {step.title}\n    patients " in out


def test_text_is_80_columns_wide_where_there_is_no_terminal() -> None:
    environment = {key: value for key, value in clean().items() if key != "COLUMNS"}
    shown = subprocess.run(
        [sys.executable, "-m", "expert", "assess"], env=environment, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert shown.stdout == run("assess").out


# --- processes and pipes ----------------------------------------------------------------------------------------------


def test_python_m_expert_is_the_command_line(tmp_path: Path) -> None:
    here = start("assess", PATIENT, cwd=tmp_path)
    assert (here.returncode, here.stderr) == (0, "")
    assert here.stdout == run("assess", PATIENT).out
    wrong = start("assess", "agee=4", cwd=tmp_path)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "did you mean age?" in wrong.stderr


@pytest.mark.parametrize("words", [("assess",), ("assess", "--format", "json"), ("--help",)])
def test_a_reader_who_stops_reading_ends_the_program_quietly(words: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with subprocess.Popen(
        [sys.executable, "-m", "expert", *words], stdout=writing, stderr=subprocess.PIPE, env=clean()
    ) as process:
        os.close(writing)
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode not in (0, 1, 2)


@pytest.mark.parametrize(
    ("words", "closed", "status"),
    [
        (("assess",), "0<&-", 0),
        (("assess",), "2>&-", 0),
        (("x",), "2>&-", 2),
        (("assess", "-"), "0<&-", 2),
    ],
)
def test_a_closed_input_or_a_closed_stream_of_errors_is_no_reason_to_fail(
    words: tuple[str, ...], closed: str, status: int
) -> None:
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-m", "expert", *words]
    shown = subprocess.run(command, env=clean(), capture_output=True, text=True, check=False)
    assert shown.returncode == status
    assert "Traceback" not in shown.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_output_that_cannot_be_written_is_reported() -> None:
    with Path("/dev/full").open("w") as full:
        shown = subprocess.run(
            [sys.executable, "-m", "expert", "assess"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert shown.returncode == 2
    assert shown.stderr == "the output cannot be written: No space left on device\n"


# --- the catalogue ----------------------------------------------------------------------------------------------------


def ids(kb: KnowledgeBase) -> list[str]:
    entries = (kb.rules, kb.findings, kb.steps, kb.options, kb.alerts, kb.advice, kb.references, kb.panels)
    constraints = [it.id for it in kb.constraints] + [it.id for it in kb.plausible]
    return [*(name for some in entries for name in some), *constraints, *kb.invariants, *kb.notes, *kb.step_groups]


def test_everything_in_the_knowledge_can_be_shown(kb: KnowledgeBase) -> None:
    page = io.StringIO()
    catalogue = Catalogue(page, kb)
    for name in ids(kb):
        page.seek(0)
        page.truncate()
        catalogue.show(name)
        assert page.getvalue().strip(), name
        assert "Location(" not in page.getvalue()


def test_an_id_of_several_things_shows_each(tmp_path: Path) -> None:
    folder = write_ladder(
        tmp_path,
        findings={"wound": yes_no(title="A wound")},
        rules={"a-wound": rule("wound", ["alert wound", "supports plaster"])},
        steps={"plaster": {}},
        alerts=["wound"],
    )
    _, out, _ = run("show", "--knowledge", str(folder), "wound")
    assert "A wound (wound)" in out
    assert "Mind wound." in out


@pytest.mark.parametrize(
    ("id", "shown"),
    [
        ("stenosis", ["stenosis", "none, mild, moderate, severe", "Read by"]),
        ("conservative", ["Supported by", "Excluded by", "Options", "conservative.bed_rest"]),
        ("S32", ["S32", "Cited by"]),
        ("red_flags", ["saddle_numbness"]),
        ("surgery", ["steps:", "minimally_invasive"]),
        ("recurrence", ["Concluded by"]),
    ],
)
def test_show_shows_an_entry_and_who_uses_it(id: str, shown: list[str]) -> None:
    status, out, _ = run("show", id)
    assert status == 0
    assert [word for word in shown if word not in out] == []


def test_findings_of_one_group_are_listed_alone(kb: KnowledgeBase) -> None:
    out = run("findings", "--group", "imaging").out
    listed = {line.split()[0] for line in out.splitlines() if line.startswith("  ") and line[2] != " "}
    assert listed == {finding.name for finding in kb.inputs.values() if finding.group == "imaging"}


def test_concluded_findings_are_a_group(kb: KnowledgeBase) -> None:
    out = run("findings", "--group", "concluded").out
    assert [name for name in kb.concluded if name not in out] == []


def test_every_finding_and_panel_is_listed(kb: KnowledgeBase) -> None:
    out = run("findings").out
    assert [name for name in (*kb.findings, *kb.panels) if name not in out] == []


def test_rules_of_one_topic_are_listed_alone(kb: KnowledgeBase) -> None:
    out = run("rules", "--topic", "fusion").out
    listed = [line.strip() for line in out.splitlines() if line.startswith("  ") and line[2] != " "]
    assert listed == [rule_.id for rule_ in kb.rules.values() if rule_.at.file.endswith("/fusion.yaml")]


def test_every_rule_is_listed(kb: KnowledgeBase) -> None:
    out = run("rules").out
    assert [name for name in kb.rules if name not in out] == []
    assert f"{len(kb.rules)} rules" in out


# --- cases ------------------------------------------------------------------------------------------------------------


def test_a_case_that_fails_prints_the_difference_and_why_with_status_1(house: str) -> None:
    status, out, err = run("test", "--knowledge", house)
    assert (status, err) == (1, "")
    file = Path(house) / "rules" / "all.test.yaml"
    lines = file.read_text("utf-8").splitlines()
    at = lines.index("- name: A fire is ignored") + 1
    assert f"{file}:{at}: A fire is ignored" in out.replace("\n", "")
    shown = " ".join(out.split())
    assert "recommended: expected stay, found leave" in shown
    assert "alerts: expected quiet" in shown
    assert "status: expected leave excluded, found recommended" in shown
    assert "fire-supports-leave" in shown
    assert "fire (given: yes)" in shown
    assert out.endswith("1 passed, 1 failed\n")
    assert "A fire is left" not in out


def test_cases_that_hold_are_counted_with_status_0() -> None:
    status, out, err = run("test", str(REPOSITORY / "knowledge" / "rules" / "fusion.test.yaml"))
    assert (status, err) == (0, "")
    assert out.endswith("passed, 0 failed\n")


def test_a_failing_case_for_which_no_step_follows_is_explained(tmp_path: Path) -> None:
    folder = write_ladder(
        tmp_path,
        findings={"key": yes_no()},
        rules={"a-key": rule("key", "supports door")},
        steps={"door": {}},
        cases=[{"name": "No key", "given": {}, "expect": {"recommended": "door"}}],
    )
    status, out, _ = run("test", "--knowledge", str(folder))
    assert status == 1
    assert "recommended: expected door, found none" in out
    assert "no single step follows" in out


def test_a_case_file_that_is_wrong_is_a_wrong_input(tmp_path: Path) -> None:
    file = tmp_path / "wrong.test.yaml"
    file.write_text("- name: Wrong\n  given: {agee: 4}\n  expect: {recommended: conservativ}\n", "utf-8")
    status, out, err = run("test", str(file))
    assert (status, out) == (2, "")
    assert "did you mean age?" in err
    assert "did you mean conservative?" in err


@pytest.mark.parametrize("command", ["assess", "findings"])
def test_an_interrupted_command_has_the_status_that_shells_have_for_it(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("expert.cli.commands.import_module", interrupted)
    with pytest.raises(SystemExit) as ended:
        main([command])
    assert ended.value.code == 130
    assert capsys.readouterr() == ("", "\n")
