"""Malformed input gives exit status 2, a located message that helps, no traceback and nothing on stdout."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from expert import KnowledgeError, read_knowledge
from expert.lang.errors import Problem
from tests.malformed import BASE, MALFORMED, Ran, run, spoilt

KNOWLEDGE_FAULTS: list[dict[str, Any]] = yaml.safe_load((MALFORMED / "knowledge.yaml").read_text(encoding="utf-8"))
PATIENT_FAULTS: list[dict[str, Any]] = yaml.safe_load((MALFORMED / "patients.yaml").read_text(encoding="utf-8"))

TEXTS = {
    str(file.relative_to(BASE)): file.read_text(encoding="utf-8").splitlines()
    for file in sorted(BASE.rglob("*.yaml"))
    if not file.name.endswith(".test.yaml") and file.parent.name != "patients"
}
OPTIONAL = (
    "usual presumed_unless default asked_if unit unit_may_be_omitted otherwise unless gate meanwhile "
    "never_recommended note offered reading never always"
)
CONTAINERS = (
    "groups findings concluded panels members constraints plausible steps options alerts advice rules notes claims "
    "guidelines safety assumptions invariants"
)
KEY = re.compile(r"(?P<indent> *(?:- )?)(?P<key>[a-z_]+):(?: (?P<value>.+))?")
NAMED = re.compile(
    r" *(?:- |(?:when|unless|then|cite|steps|sources|differs_from|meanwhile|asked_if|presumed_unless|group|type|role)"
    r": )"
)
NOT_NAMES = "not is in all any always years weeks days when unless then cite steps sources type group role none"

Line = tuple[str, int]
"""A file of the base knowledge, and the index of a line in it."""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages name files as given, relative to the working folder."""
    monkeypatch.chdir(tmp_path)


def ids(faults: list[dict[str, Any]]) -> list[str]:
    return [fault["name"] for fault in faults]


# --- exact messages ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", KNOWLEDGE_FAULTS, ids=ids(KNOWLEDGE_FAULTS))
def test_a_fault_of_the_knowledge_is_shown_with_its_place_and_remedy(fault: dict[str, Any], tmp_path: Path) -> None:
    folder = spoilt(tmp_path, fault["edits"])
    assert run("rules", "--knowledge", folder) == Ran(2, "", fault["says"])


@pytest.mark.parametrize("fault", PATIENT_FAULTS, ids=ids(PATIENT_FAULTS))
def test_a_fault_of_a_patient_is_shown_with_its_place_and_remedy(fault: dict[str, Any]) -> None:
    Path("p.yaml").write_text(fault["file"], encoding="utf-8")
    words = [*(["p.yaml"] if fault["file"] else []), *fault["words"]]
    assert run("assess", "--knowledge", str(BASE), *words) == Ran(2, "", fault["says"])


# --- edits ------------------------------------------------------------------------------------------------------------


def knowledge_problems(folder: str) -> list[Problem]:
    try:
        read_knowledge(folder)
    except KnowledgeError as error:
        return list(error.problems)
    return []


@pytest.mark.parametrize("fault", KNOWLEDGE_FAULTS, ids=ids(KNOWLEDGE_FAULTS))
def test_the_edit_of_a_problem_mends_it(fault: dict[str, Any], tmp_path: Path) -> None:
    before = knowledge_problems(spoilt(tmp_path, fault["edits"]))
    for it in before:
        if it.edit and it.at and it.at.end:
            file = Path(it.at.file)
            text = file.read_text(encoding="utf-8")
            lines = text.split("\n")
            line = lines[it.at.line - 1]
            lines[it.at.line - 1] = line[: it.at.column - 1] + it.edit + line[it.at.end - 1 :]
            file.write_text("\n".join(lines), encoding="utf-8")
            assert it.message not in {other.message for other in knowledge_problems("k")}
            file.write_text(text, encoding="utf-8")


def test_every_suggestion_for_knowledge_is_an_edit(tmp_path: Path) -> None:
    found = [it for fault in KNOWLEDGE_FAULTS for it in knowledge_problems(spoilt(tmp_path, fault["edits"]))]
    suggested = [it for it in found if it.suggestion]
    assert [it.message for it in suggested if not it.edit] == []
    assert len(suggested) > 20


# --- a fault in every line of the base knowledge ----------------------------------------------------------------------


def key_of(place: Line) -> re.Match[str]:
    found = KEY.fullmatch(TEXTS[place[0]][place[1]])
    assert found
    return found


def is_a_name(place: Line) -> bool:
    """Whether the key of a line is a chosen name and not a keyword of the language."""
    file, index = place
    above = [line for line in TEXTS[file][:index] if len(line) - len(line.lstrip()) < len(key_of(place)["indent"])]
    return bool(above) and KEY.fullmatch(above[-1].rstrip()) is not None and above[-1].strip(" :") in CONTAINERS.split()


KEYS: list[Line] = [
    (file, index)
    for file, lines in TEXTS.items()
    for index, line in enumerate(lines)
    if KEY.fullmatch(line) and not is_a_name((file, index))
]
VALUES = [place for place in KEYS if key_of(place)["value"]]


def is_required(place: Line) -> bool:
    """Whether a mapping always needs this key, and has other keys too."""
    file, index = place
    key, indent = key_of(place)["key"], key_of(place)["indent"]
    around = [TEXTS[file][at] for at in (index - 1, index + 1) if 0 <= at < len(TEXTS[file])]
    alone = not any(line.startswith(indent) and line[len(indent)] != " " for line in around)
    in_a_step = file == "ladder.yaml" and indent == "    " and key == "cite"
    of_a_concluded_choice = key == "type" and TEXTS[file][index + 2].strip().startswith("otherwise")
    return key not in OPTIONAL.split() and not (alone or in_a_step or of_a_concluded_choice)


REQUIRED = [place for place in VALUES if is_required(place)]


def problems_of(folder: str) -> tuple[Problem, ...]:
    """The problems of a knowledge folder; none if it can be read."""
    try:
        read_knowledge(folder)
    except KnowledgeError as error:
        return error.problems
    return ()


def named(places: list[Line]) -> list[str]:
    return [f"{file}:{index + 1}" for file, index in places]


def written(tmp_path: Path, file: str, lines: list[str]) -> Ran:
    """The result of reading the base knowledge with one file replaced."""
    folder = spoilt(tmp_path, ())
    (tmp_path / folder / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return run("rules", "--knowledge", folder)


@pytest.mark.parametrize("place", KEYS, ids=named(KEYS))
def test_a_misspelt_key_is_reported_once_with_the_right_spelling(tmp_path: Path, place: Line) -> None:
    file, index = place
    lines = list(TEXTS[file])
    found = key_of(place)
    lines[index] = lines[index].replace(found["key"], found["key"] + found["key"][-1], 1)
    ran = written(tmp_path, file, lines)
    assert (ran.status, ran.out, ran.places) == (2, "", [(f"k/{file}", index + 1, len(found["indent"]) + 1)])
    assert ran.err.endswith(f"did you mean {found['key']}?\n")


@pytest.mark.parametrize("place", REQUIRED, ids=named(REQUIRED))
def test_a_missing_key_is_reported_where_it_belongs(tmp_path: Path, place: Line) -> None:
    file, index = place
    found = key_of(place)
    lines = list(TEXTS[file])
    del lines[index]
    ran = written(tmp_path, file, lines)
    inside = [len(line) - len(line.lstrip()) >= len(found["indent"]) for line in lines[:index]]
    first = index - next((back for back, within in enumerate(reversed(inside)) if not within), index)
    ((where, line, _),) = ran.places
    assert (ran.status, ran.out, where) == (2, "", f"k/{file}")
    assert line in (first, first + 1)
    assert f"lacks '{found['key']}'\n" in ran.err


@pytest.mark.parametrize("place", VALUES, ids=named(VALUES))
def test_a_key_that_appears_twice_is_reported_at_the_second(tmp_path: Path, place: Line) -> None:
    file, index = place
    lines = list(TEXTS[file])
    lines.insert(index, lines[index])
    ran = written(tmp_path, file, lines)
    ((where, line, _),) = ran.places
    assert (ran.status, ran.out, where, line) == (2, "", f"k/{file}", index + 2)
    assert f"appears twice; first on line {index + 1}\n" in ran.err


WRONG_FORMS = {"nothing": "", "lists": "[[x]]", "mappings": "{x: {y: z}}", "an empty list": "[]"}


@pytest.mark.parametrize("form", WRONG_FORMS)
@pytest.mark.parametrize("file", sorted(TEXTS))
def test_a_value_of_the_wrong_form_is_reported_once_at_its_line(tmp_path: Path, file: str, form: str) -> None:
    folder = spoilt(tmp_path, ())
    for _, index in [place for place in VALUES if place[0] == file]:
        lines = list(TEXTS[file])
        lines[index] = f"{lines[index].split(':')[0]}: {WRONG_FORMS[form]}"
        (tmp_path / folder / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
        (problem,) = problems_of(folder)
        assert problem.at
        assert (problem.at.file, problem.at.line) == (f"k/{file}", index + 1)


def uses_of_names() -> Iterator[tuple[str, int, int, str]]:
    """Every use of a name in the base knowledge: its file, line index, character index, and the name."""
    for file, lines in TEXTS.items():
        for index, line in enumerate(lines):
            if NAMED.match(line):
                for found in re.finditer(r"[A-Za-z][\w.-]*", line):
                    if found[0] not in NOT_NAMES.split() and not found[0][0].isdigit():
                        yield file, index, found.start(), found[0]


USES = list(uses_of_names())


@pytest.mark.parametrize("use", USES, ids=[f"{file}:{index + 1}:{at + 1}" for file, index, at, _ in USES])
def test_a_misspelt_name_is_located_with_the_right_spelling(tmp_path: Path, use: tuple[str, int, int, str]) -> None:
    file, index, at, name = use
    lines = list(TEXTS[file])
    end = at + len(name)
    lines[index] = lines[index][:end] + name[-1] + lines[index][end:]
    ran = written(tmp_path, file, lines)
    assert (ran.status, ran.out, ran.places) == (2, "", [(f"k/{file}", index + 1, at + 1)])
    assert ran.err.endswith(f"did you mean {name}?\n")


@pytest.mark.parametrize("file", sorted(TEXTS))
def test_a_file_that_cannot_be_read_is_the_only_one_reported(tmp_path: Path, file: str) -> None:
    for text in ("text", "- list", "a: [", "b: 'x", "\t-", "*a", "a: b: c", "a: b\n---\nc: d", "[" * 50):
        ran = written(tmp_path, file, [text])
        assert (ran.status, ran.out) == (2, "")
        assert {place for place, _, _ in ran.places} == {f"k/{file}"}, ran.err


@pytest.mark.parametrize("file", sorted(TEXTS))
def test_a_file_without_content_is_reported_at_its_start(tmp_path: Path, file: str) -> None:
    for text in ("", "# only a comment", "---"):
        ran = written(tmp_path, file, [text])
        assert (ran.status, ran.out, ran.places) == (2, "", [(f"k/{file}", 1, 1)]), ran.err


@pytest.mark.parametrize("file", sorted(TEXTS))
def test_a_truncated_file_is_read_or_gives_located_messages(tmp_path: Path, file: str) -> None:
    folder = spoilt(tmp_path, ())
    text = "\n".join(TEXTS[file])
    for end in range(1, len(text), 23):
        (tmp_path / folder / file).write_text(text[:end], encoding="utf-8")
        assert all(problem.at for problem in problems_of(folder))


# --- files that are not what they should be ---------------------------------------------------------------------------


def test_a_path_that_is_not_a_knowledge_folder_is_named() -> None:
    Path("file").write_text("x", encoding="utf-8")
    for name in ("nowhere", "file", "a\0b", "\udcff"):
        ran = run("rules", "--knowledge", name)
        assert (ran.status, ran.out) == (2, "")
        assert ran.err.splitlines()[0].endswith("is not a folder")


@pytest.mark.parametrize("file", ["knowledge.yaml", "vocabulary.yaml", "ladder.yaml", "references.yaml"])
def test_a_required_file_that_is_missing_is_the_only_thing_reported(tmp_path: Path, file: str) -> None:
    folder = spoilt(tmp_path, ())
    Path(folder, file).unlink()
    assert run("rules", "--knowledge", folder) == Ran(
        2, "", f"k/{file} is missing\n        expected a knowledge file\n"
    )


def test_a_folder_without_rules_is_an_error(tmp_path: Path) -> None:
    folder = spoilt(tmp_path, ())
    for file in Path(folder, "rules").iterdir():
        file.unlink()
    assert "k/rules has no rule files\n" in run("rules", "--knowledge", folder).err


def test_a_rule_file_that_would_be_ignored_is_an_error(tmp_path: Path) -> None:
    folder = spoilt(tmp_path, ())
    Path(folder, "rules", "more.yml").write_text("rules: {}", encoding="utf-8")
    Path(folder, "rules", "lost.yaml").symlink_to("nowhere.yaml")
    Path(folder, "rules", ".#edited.yaml").symlink_to("user@host")
    assert run("rules", "--knowledge", folder).err.splitlines()[::2] == [
        "k/rules/more.yml is not read",
        "k/rules/lost.yaml is missing",
    ]


def test_what_is_not_a_regular_file_is_not_opened(tmp_path: Path) -> None:
    rules = Path(spoilt(tmp_path, ()), "rules")
    (rules / "a-device.yaml").symlink_to("/dev/zero")
    os.mkfifo(rules / "a-fifo.yaml")
    (rules / "a-folder.yaml").mkdir()
    (rules / "a-loop.yaml").symlink_to("a-loop.yaml")
    assert run("rules", "--knowledge", "k").err.splitlines()[::2] == [
        "k/rules/a-device.yaml is not a file",
        "k/rules/a-fifo.yaml is not a file",
        "k/rules/a-folder.yaml is not a file",
        "k/rules/a-loop.yaml cannot be read: Too many levels of symbolic links",
    ]


@pytest.mark.parametrize(
    ("data", "place", "message"),
    [
        (b"rules:\n  a: \xe9", "2:6", "byte 0xe9 is not UTF-8"),
        (b"\xef\xbb\xbfrules: \xff", "1:8", "byte 0xff is not UTF-8"),
        ("rules: {}".encode("utf-16"), "1:1", "this is UTF-16"),
        ("rules: {}".encode("utf-16-be"), "1:1", "this is UTF-16"),
        (b"rules:\n\0", "2:1", "control character U+0000"),
        (b"rules: \x1b[2J", "1:8", "control character U+001B"),
        ("rules: x\ufeff".encode(), "1:9", "control character U+FEFF"),
        (b"[" * 1000, "1:21", "nested more than 20 deep"),
        (b"{a: " * 1000, "1:81", "nested more than 20 deep"),
        (b"- " * 1000, "1:41", "nested more than 20 deep"),
    ],
)
def test_bytes_that_are_not_text_are_located(tmp_path: Path, data: bytes, place: str, message: str) -> None:
    folder = spoilt(tmp_path, ())
    Path(folder, "rules", "water.yaml").write_bytes(data)
    ran = run("rules", "--knowledge", folder)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.splitlines()[0] == f"k/rules/water.yaml:{place}: {message}"


def test_a_file_of_more_than_one_mebibyte_is_refused_unread(tmp_path: Path) -> None:
    folder = spoilt(tmp_path, ())
    Path(folder, "rules", "water.yaml").write_bytes(b"#" * (1024 * 1024 + 1))
    assert run("rules", "--knowledge", folder).err.startswith("k/rules/water.yaml: the file is too large\n")
    Path(folder, "rules", "water.yaml").write_bytes(b"#" * (1024 * 1024))
    assert run("rules", "--knowledge", folder).err.startswith("k/rules/water.yaml:1:1: the file is empty\n")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("folder", "folder is a folder"),
        ("nowhere", "nowhere cannot be read: No such file or directory"),
        ("loop", "loop cannot be read: Too many levels of symbolic links"),
        ("a\0b", "a\\x00b cannot be read: embedded null byte"),
        ("\udcff", "\\udcff cannot be read: No such file or directory"),
        ("/dev/zero", "/dev/zero: the file is too large"),
    ],
)
def test_a_patient_file_that_cannot_be_read_is_named(name: str, message: str) -> None:
    Path("folder").mkdir()
    Path("loop").symlink_to("loop")
    ran = run("assess", "--knowledge", str(BASE), name)
    assert (ran.status, ran.out, ran.err.splitlines()[0]) == (2, "", message)


def test_two_patient_files_are_refused() -> None:
    ran = run("assess", "--knowledge", str(BASE), "one.yaml", "two.yaml")
    assert (ran.status, ran.out, ran.err.splitlines()[0]) == (2, "", "two patient files: one.yaml and two.yaml")


def test_standard_input_is_read_once_and_must_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"soil: drry")))
    assert run("assess", "--knowledge", str(BASE), "-").places == [("standard input", 1, 7)]
    ran = run("assess", "--knowledge", str(BASE), "-", "--site", "-")
    assert ran.err.splitlines()[0] == "standard input is both the patient and the site"
    monkeypatch.setattr(sys, "stdin", None)
    assert run("assess", "--knowledge", str(BASE), "-").err.startswith("standard input cannot be read: it is closed\n")


# --- many mistakes ----------------------------------------------------------------------------------------------------


def test_all_mistakes_of_all_files_are_reported_in_the_order_of_files_and_lines(tmp_path: Path) -> None:
    edits = [
        ("rules/water.yaml", "then: excludes care", "then: excludes car"),
        ("rules/water.yaml", "soil is dry", "soil is drry"),
        ("rules/trouble.yaml", "greenhouse", "greenhuose"),
        ("vocabulary.yaml", "usual: 2 days", "usual: 2"),
        ("vocabulary.yaml", "    group: site", "    group: cite"),
        ("ladder.yaml", "meanwhile: watering", "meanwhile: waiting"),
        ("invariants.yaml", "cite: [A01]", "cite: [A02]"),
        ("guidance.yaml", "verdict: partly", "verdict: part"),
        ("knowledge.yaml", "title:", "titel:"),
        ("references.yaml", "role: weak", "role: week"),
    ]
    ran = run(
        "rules", "--knowledge", spoilt(tmp_path, [dict(zip(("file", "find", "put"), it, strict=True)) for it in edits])
    )
    assert ran.places == sorted(ran.places)
    assert sorted(place[2:] for place, _, _ in ran.places) == sorted(file for file, _, _ in edits)


def test_a_name_with_a_faulty_definition_is_not_reported_as_unknown(tmp_path: Path) -> None:
    for file, find, put in [
        ("vocabulary.yaml", "    type: choice\n    values: [dry, moist, soaked]", "    type: text"),
        ("vocabulary.yaml", "values: [dry, moist, soaked]", "values: [Dry, moist, soaked]"),
        ("vocabulary.yaml", "    range: 0 years", "    range: none years"),
        ("vocabulary.yaml", "type: choice\n    values: [none", "type: many\n    values: [none"),
        ("vocabulary.yaml", "concluded:", "concluding:"),
        ("vocabulary.yaml", "findings:", "finding:"),
        ("ladder.yaml", "    options:", "    option:"),
        ("ladder.yaml", "groups:", "group:"),
        ("references.yaml", "claims:", "claim:"),
    ]:
        ran = run("rules", "--knowledge", spoilt(tmp_path, [{"file": file, "find": find, "put": put}]))
        assert len(ran.places) == 1, ran.err


def test_at_most_a_thousand_messages_are_shown() -> None:
    Path("p.yaml").write_text("".join(f"x{number}: 1\n" for number in range(1010)), encoding="utf-8")
    lines = run("assess", "--knowledge", str(BASE), "p.yaml").err.splitlines()
    assert sum(line.startswith("p.yaml:") for line in lines) == 1000
    assert lines[-1] == "and 10 more problems"


def test_a_chain_of_too_many_conclusions_is_refused(tmp_path: Path) -> None:
    numbers = range(250)
    concluded = "".join(f"  link_{number}:\n    title: A link\n" for number in numbers)
    edits = [{"file": "vocabulary.yaml", "find": "concluded:\n", "put": f"concluded:\n{concluded}"}]
    folder = spoilt(tmp_path, edits)
    rest = "because: It follows.\n    cite: [S01]\n"
    chain = "".join(
        f"  on-{number}:\n    title: On\n    when: link_{number}\n    then: link_{number + 1}\n    {rest}"
        for number in numbers[:-1]
    )
    Path(folder, "rules", "chain.yaml").write_text(f"rules:\n{chain}", encoding="utf-8")
    (problem,) = problems_of(folder)
    assert problem.message == "link_201 depends on a chain of more than 200 findings"


# --- as a program -----------------------------------------------------------------------------------------------------


def program(*words: str | bytes, stdin: bytes = b"") -> tuple[int, bytes, str]:
    """Run ``python -m expert`` in its own process."""
    ran = subprocess.run([sys.executable, "-m", "expert", *words], input=stdin, capture_output=True, check=False)
    return ran.returncode, ran.stdout, ran.stderr.decode()


def test_the_program_ends_with_status_two_and_a_message_for_bad_knowledge(tmp_path: Path) -> None:
    fault = KNOWLEDGE_FAULTS[0]
    assert program("rules", "--knowledge", spoilt(tmp_path, fault["edits"])) == (2, b"", fault["says"])


def test_the_program_ends_with_status_two_and_a_message_for_a_bad_patient() -> None:
    status, out, err = program("assess", "--knowledge", str(BASE), "-", stdin=b'{"soil": "\xff"}')
    assert (status, out, err.splitlines()[0]) == (2, b"", "standard input:1:11: byte 0xff is not UTF-8")


def test_arguments_that_are_not_text_are_shown_escaped() -> None:
    status, out, err = program("assess", "--knowledge", str(BASE), b"soil=\xff\x1b[2J")
    assert (status, out) == (2, b"")
    assert err.splitlines()[:2] == [
        "command line: '\\udcff\\x1b[2J' is not a value of soil",
        "      | soil=\\udcff\\x1b[2J",
    ]
