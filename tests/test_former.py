"""Former names: records that use them are read, with a note, and knowledge that uses them is not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from expert import KnowledgeError, load, read_knowledge
from expert.lang.facts import Question
from expert.read.answer import read_answer
from tests.command_line import run
from tests.malformed import spoilt
from tests.test_uses import index

RENAMED = (
    ("soil", "earth"),
    ("greenhouse", "glasshouse"),
    ("warning_signs", "alarm_signs"),
    ("danger", "peril"),
    ("watering", "irrigation"),
    ("irrigation.rainwater", "rain"),
    ("losing_leaves", "bare"),
    ("keep_a_diary", "diary"),
)


def renamed(folder: Path) -> str:
    for old, new in RENAMED:
        assert run("rename", old, new, "--knowledge", str(folder)).status == 0
    return str(folder)


@pytest.fixture
def garden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with yesterday's knowledge as ``k`` and today's, with other names, as ``now``."""
    monkeypatch.chdir(tmp_path)
    spoilt(tmp_path, ())
    (tmp_path / "k").rename(tmp_path / "now")
    renamed(tmp_path / "now")
    spoilt(tmp_path, ())
    return tmp_path


def recommended(*words: str, knowledge: str = "now") -> tuple[object, str]:
    ran = run("assess", *words, "--knowledge", knowledge, "--format", "json")
    assert ran.status == 0, ran.err
    return json.loads(ran.out), ran.err


# --- records ----------------------------------------------------------------------------------------------------------


def test_a_patient_file_an_argument_and_a_site_of_yesterday_are_read_with_a_note(garden: Path) -> None:
    (garden / "old.yaml").write_text("soil: dry\nwilting: yes\nwarning_signs: none\n")
    (garden / "new.yaml").write_text("earth: dry\nwilting: yes\nalarm_signs: none\n")
    (garden / "site.yaml").write_text("greenhouse: yes\n")
    (garden / "new-site.yaml").write_text("glasshouse: yes\n")
    old, said = recommended("old.yaml", "--site", "site.yaml")
    new, unsaid = recommended("new.yaml", "--site", "new-site.yaml")
    assert unsaid == ""
    assert said == (
        "note: greenhouse is now glasshouse\nnote: soil is now earth\nnote: warning_signs is now alarm_signs\n"
    )
    former = old.pop("former")  # type: ignore[attr-defined]
    assert former == {"greenhouse": "glasshouse", "soil": "earth", "warning_signs": "alarm_signs"}
    assert old == new
    assert recommended("new.yaml", "soil=soaked")[1] == "note: soil is now earth\n"


def test_two_values_under_both_names_are_a_located_fault(garden: Path) -> None:
    file = garden / "both.yaml"
    file.write_text("earth: dry\nsoil: soaked\n")
    ran = run("assess", "both.yaml", "--knowledge", "now")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(
        "both.yaml:2:1: earth is 'dry', but soil is 'soaked', and soil is a former name of earth\n"
    )
    file.write_text("earth: dry\nsoil: dry\n")
    assert run("assess", "both.yaml", "--knowledge", "now").status == 0


def test_a_program_learns_which_former_names_it_gave(garden: Path) -> None:
    del garden
    system = load("now")
    answer = system.assess({"soil": "dry", "wilting": "yes"})
    assert answer.patient.former == {"soil": "earth"}
    assert answer.recommended == "irrigation"


def test_a_consultation_of_a_program_keeps_the_former_names_that_it_was_given(garden: Path) -> None:
    del garden
    consultation = load("now").consult({"soil": "dry"})
    consultation.answer({"wilting": "yes", "warning_signs": "none"})
    assert consultation.assess().patient.former == {"soil": "earth", "warning_signs": "alarm_signs"}


@pytest.mark.parametrize("suffix", ["csv", "ndjson"])
def test_a_table_of_yesterday_is_read_with_a_note(suffix: str, garden: Path) -> None:
    texts = {
        "csv": ("soil,age [years],wilting\n", "dry,1,yes\n"),
        "ndjson": ("", '{"soil": "dry", "age": 1, "wilting": true}\n'),
    }
    (garden / f"old.{suffix}").write_text("".join(texts[suffix]))
    ran = run("cohort", f"old.{suffix}", "-o", "out.csv", "--knowledge", "now", "--format", "json")
    assert (ran.status, ran.err) == (0, "note: soil is now earth\n")
    assert {"column": "soil", "finding": "earth"} in json.loads(ran.out)["columns"]["read"]
    assert "irrigation" in (garden / "out.csv").read_text()


def test_a_mapping_file_of_yesterday_is_read_and_two_columns_for_one_finding_are_a_fault(garden: Path) -> None:
    (garden / "table.csv").write_text("ground,wilting\ndry,yes\n")
    (garden / "map.yaml").write_text("columns:\n  ground: soil\n")
    ran = run("cohort", "table.csv", "--map", "map.yaml", "-o", "out.csv", "--knowledge", "now")
    assert (ran.status, ran.err) == (0, "note: soil is now earth\n")
    (garden / "both.csv").write_text("soil,earth\ndry,dry\n")
    ran = run("cohort", "both.csv", "-o", "both-out.csv", "--knowledge", "now")
    assert ran.status == 2
    assert "both.csv:1:6: the columns 'soil' and 'earth' both give earth" in ran.err


def test_an_answer_in_a_consultation_may_use_a_former_name(garden: Path) -> None:
    del garden
    kb = read_knowledge("now")
    reply = read_answer(kb, "yes soil=soak", Question("Limp?", ("wilting",)), {})
    assert dict(reply.said) == {"wilting": True, "earth": "soaked"}
    assert reply.former == {"soil": "earth"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("why", "soil=dry", "watering"), "note: soil is now earth\nnote: watering is now irrigation\n"),
        (("why", "earth=dry", "watering.rainwater"), "note: watering.rainwater is now irrigation.rain\n"),
        (("why-not", "earth=dry", "danger"), "note: danger is now peril\n"),
        (("what-if", "earth=dry", "--to", "watering"), "note: watering is now irrigation\n"),
        (("show", "losing_leaves"), "note: losing_leaves is now bare\n"),
        (("show", "keep_a_diary"), "note: keep_a_diary is now diary\n"),
    ],
)
def test_words_of_a_command_may_be_former_names(words: tuple[str, ...], said: str, garden: Path) -> None:
    del garden
    ran = run(*words, "--knowledge", "now")
    assert (ran.status, ran.err) == (0, said)
    assert ran.out


def test_a_journal_of_yesterday_is_replayed_under_new_names(garden: Path) -> None:
    del garden
    for words in (("soil=dry", "wilting=yes", "warning_signs=none"), ("pests=yes",), ("age=5", "soil=soaked")):
        ran = run(
            "assess",
            *words,
            "--journal",
            "cases.journal",
            "--decided",
            "watering",
            "--reason",
            "so",
            "--knowledge",
            "k",
        )
        assert ran.status == 0
    ran = run("journal", "replay", "cases.journal", "--knowledge", "now", "--fail-on-change")
    assert (ran.status, ran.out.partition(";")[0]) == (
        0,
        "3 cases: 3 as before, 0 otherwise, 0 that cannot be answered",
    )
    assert set(ran.err.splitlines()) >= {"note: soil is now earth", "note: watering is now irrigation"}


def test_a_value_that_had_another_name_is_read_by_a_further_word(garden: Path) -> None:
    run("assess", "soil=dry", "wilting=yes", "--journal", "cases.journal", "--knowledge", "k")
    for file in (garden / "k").rglob("*.yaml"):
        file.write_text(re.sub(r"\bdry\b", "parched", file.read_text()))
    file = garden / "k" / "vocabulary.yaml"
    file.write_text(file.read_text().replace("    usual: moist\n", "    also: {dry: parched}\n    usual: moist\n"))
    ran = run("journal", "replay", "cases.journal", "--knowledge", "k", "--fail-on-change")
    assert ran.status == 0, ran.out
    assert 'written "dry"' in run("assess", "soil=dry", "--knowledge", "k", "--full").out


def test_what_differs_in_a_replay_is_named_as_now(garden: Path) -> None:
    file = garden / "now" / "rules" / "water.yaml"
    file.write_text(file.read_text().replace("when: earth is soaked", "when: earth in [dry, soaked]"))
    run("assess", "soil=dry", "wilting=yes", "--journal", "cases.journal", "--knowledge", "k")
    ran = run("journal", "replay", "cases.journal", "--knowledge", "now", "--format", "json")
    (found,) = json.loads(ran.out)["differences"]
    assert {"what": "recommended step", "name": None, "before": "irrigation", "after": "no step"} in found["changes"]
    assert "soaked-soil-excludes-care" in {it["rule"] for it in found["rules"]}
    assert "soil is now earth; a rule that names it counts as edited" in found["others"]


def test_a_receipt_of_an_answer_by_a_former_name_is_the_same_again(garden: Path) -> None:
    del garden
    assert run("assess", "soil=dry", "--journal", "cases.journal", "--knowledge", "now").status == 0
    ran = run("journal", "receipt", "cases.journal", "1")
    assert ran.status == 0
    assert json.loads(ran.out)["former"] == {"soil": "earth"}


# --- knowledge --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "find", "put", "message"),
    [
        ("vocabulary.yaml", "  age:\n", "  age:\n    former: [soil]\n", "27:14: 'soil' is in use"),
        ("vocabulary.yaml", "  age:\n", "  age:\n    former: [thirst]\n", "'thirst' is in use"),
        ("vocabulary.yaml", "  age:\n", "  age:\n    former: warning_signs\n", "'warning_signs' is in use"),
        ("vocabulary.yaml", "  age:\n", "  age:\n    former: [Old Age]\n", "'Old Age' cannot have been a name"),
        ("vocabulary.yaml", "  age:\n", "  age:\n    former: [always]\n", "'always' cannot have been a name"),
        ("vocabulary.yaml", "  age:\n", "  age:\n    formr: [years]\n", "did you mean former?"),
        (
            "vocabulary.yaml",
            "  danger:\n",
            "  danger:\n    former: [peril, peril]\n",
            "'peril' is already a former name of danger",
        ),
        ("ladder.yaml", "  repotting:\n", "  repotting:\n    former: [care]\n", "'care' is in use"),
        ("ladder.yaml", "      fertiliser:\n", "      fertiliser:\n        former: [rainwater]\n", "'rainwater' is in"),
        ("ladder.yaml", "  losing_leaves:\n", "  losing_leaves:\n    former: [losing_leaves]\n", "'losing_leaves' is"),
        # Knowledge itself uses the names of today.
        ("rules/water.yaml", "unless: soil is", "unless: earth is", "did you mean soil?"),
        ("rules/trouble.yaml", "- danger is grave", "- peril is grave", "did you mean danger?"),
        ("rules/water.test.yaml", "{soil: dry", "{earth: dry", "did you mean soil?"),
    ],
)  # fmt: skip
def test_faults_in_former_names_are_located(
    file: str, find: str, put: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = [
        {"file": "vocabulary.yaml", "find": "  soil:\n", "put": "  soil:\n    former: [earth]\n"},
        {"file": "vocabulary.yaml", "find": "  danger:\n", "put": "  danger:\n    former: [peril]\n"},
    ]
    if file == "vocabulary.yaml":
        names = []
    ran = run("test", "--knowledge", spoilt(tmp_path, [*names, {"file": file, "find": find, "put": put}]))
    assert ran.status == 2
    assert f"k/{file}:" in ran.err
    assert message in ran.err


def test_a_former_name_of_two_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    edits = [
        {"file": "vocabulary.yaml", "find": f"  {name}:\n", "put": f"  {name}:\n    former: [ground]\n"}
        for name in ("soil", "age")
    ]
    with pytest.raises(KnowledgeError, match=r"k/vocabulary\.yaml:28:14: 'ground' is already a former name of soil"):
        read_knowledge(spoilt(tmp_path, edits))


# --- renaming ---------------------------------------------------------------------------------------------------------


def test_renaming_keeps_the_former_names_the_latest_first(garden: Path) -> None:
    run("rename", "earth", "ground", "--knowledge", "now")
    text = (garden / "now" / "vocabulary.yaml").read_text()
    assert "  ground:\n    former: [earth, soil]\n    title: State of the soil\n" in text
    assert "  alarm_signs:\n    former: [warning_signs]\n" in text
    assert run("fmt", "--check", "--knowledge", "now").status == 0
    assert read_knowledge("now").former["option"] == {
        "watering.rainwater": "irrigation.rain",
        "watering.rain": "irrigation.rain",
        "irrigation.rainwater": "irrigation.rain",
        "watering.fertiliser": "irrigation.fertiliser",
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("    former: [dirt]\n", "    former: [soil, dirt]\n"),
        ("    former: dirt\n", "    former: [soil, dirt]\n"),
        ("    former:\n      - dirt\n      - mud\n", "    former:\n      - soil\n      - dirt\n      - mud\n"),
        ("    former: [dirt, earth]\n", "    former: [dirt, soil]\n"),
        ("    # How wet?\n", "    # How wet?\n    former: [soil]\n"),
    ],
)
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_a_former_name_is_added_to_those_that_are_there(
    before: str, after: str, line_break: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    spoilt(tmp_path, [{"file": "vocabulary.yaml", "find": "  soil:\n", "put": f"  soil:\n{before}"}])
    file = tmp_path / "k" / "vocabulary.yaml"
    file.write_bytes(file.read_bytes().replace(b"\n", line_break.encode()))
    assert run("rename", "soil", "earth", "--knowledge", "k").status == 0
    expected = f"  earth:\n{after}    title: State of the soil\n"
    assert expected.replace("\n", line_break).encode() in file.read_bytes()


def test_an_entry_in_brackets_gets_its_former_name_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    brackets = {
        "find": "  thirst:\n    title: The plant is thirsty\n",
        "put": "  thirst: {title: The plant is thirsty}\n",
    }
    spoilt(tmp_path, [{"file": "vocabulary.yaml", **brackets}])
    assert run("rename", "thirst", "dryness", "--knowledge", "k").status == 0
    assert (
        "  dryness: {former: [thirst], title: The plant is thirsty}\n" in (tmp_path / "k/vocabulary.yaml").read_text()
    )


def test_what_records_do_not_hold_and_what_is_not_to_be_kept_has_no_former_name(garden: Path) -> None:
    for words in (
        ("care", "tending"),
        ("thirst-supports-watering", "thirst-is-stilled"),
        ("age", "years", "--no-former"),
    ):
        ran = run("rename", *words, "--knowledge", "now")
        assert ran.status == 0
        assert "former" not in ran.out
    assert (garden / "now" / "vocabulary.yaml").read_text().count("former: ") == 4


def test_a_former_name_of_another_entry_cannot_be_taken(garden: Path) -> None:
    del garden
    ran = run("rename", "age", "soil", "--knowledge", "now")
    assert ran.status == 2
    assert "'soil' is a former name of earth" in ran.err
    ran = run("rename", "earth", "soil", "--no-former", "--knowledge", "now")
    assert ran.status == 2
    assert "'soil' is a former name of earth" in ran.err
    assert run("rename", "earth", "soil", "--knowledge", "now").status == 0


def test_the_index_has_former_names_apart_from_those_in_use(garden: Path) -> None:
    texts = {it: (garden / "now" / it).read_text() for it in ("vocabulary.yaml", "ladder.yaml")}
    had = {(it.kind, it.name, it.within[1]) for it in index(texts) if it.role == "had"}
    assert ("finding", "soil", "earth") in had
    assert ("option", "irrigation.rainwater", "irrigation.rain") in had
    assert {name for _, name, _ in had} & {it.name for it in index(texts) if it.role == "defines"} == set()


def test_no_former_name_is_offered(garden: Path) -> None:
    del garden
    schema = run("schema", "--knowledge", "now").out
    assert '"soil"' not in schema
    assert "earth" in schema
