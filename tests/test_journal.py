"""The journal: what it keeps, that cases never change, and that no kill, race or foreign file damages it."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta, timezone
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

import expert.journal.store_file as journal_file
from expert import InputError, KnowledgeError, __version__, read_knowledge
from expert.answer.assess import Reasoner
from expert.journal.receipt import unlike
from expert.journal.store import Damaged, Decision, Journal, JournaledCase
from expert.read.knowledge import read_stored
from expert.read.patient import PatientReader
from expert.render.json import render_json
from expert.render.plain import visible
from tests.command_line import clean, run, start
from tests.conftest import REPOSITORY
from tests.journals import DAY, house_rules, journal_of, rows, tamper, write_house
from tests.random_patients import assessments
from tests.small_ladder import rule

FORK = get_context("fork")
PATIENTS = REPOSITORY / "knowledge" / "patients"
OTHER = str(REPOSITORY / "tests" / "other_ladder")
HOSTILE = "\x1b[31mred\x1b[0m \u202eevil [bold]b[/] '); DROP TABLE cases;--"


@pytest.fixture
def house(tmp_path: Path) -> str:
    return write_house(tmp_path / "house")


@pytest.fixture
def journal(tmp_path: Path) -> str:
    return str(tmp_path / "cases.journal")


def assess(house: str, journal: str, *words: str) -> tuple[int, str, str]:
    return run("assess", *words, "--knowledge", house, "--journal", journal)


def count(journal: str) -> int:
    return int(rows(journal, "SELECT count(*) FROM cases")[0][0])


def kept_at(journal: str) -> str:
    """The first line of the receipt of the first case."""
    ((time,),) = rows(journal, "SELECT time FROM cases WHERE number = 1")
    return f"case 1: kept at {time}\n"


def unprivileged(action: Callable[[], bool]) -> bool:
    """The result of an action for a user whom file modes bind: a fork gives up the rights of root."""

    def go() -> None:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        os._exit(0 if action() else 1)

    process = FORK.Process(target=go)
    process.start()
    process.join()
    return process.exitcode == 0


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user may enter."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        path.chmod(0o755)
        yield path
        path.chmod(0o755)


# --- what is kept -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        (),
        (str(PATIENTS / "fourteen-weeks.yaml"), "--site", "SITE"),
        (str(PATIENTS / "gymnast.yaml"), "age=15", "red_flags=none"),
        (f"{OTHER}/patients/chapel.yaml", "--knowledge", OTHER),
    ],
)
def test_a_receipt_prints_the_bytes_of_assess(words: tuple[str, ...], journal: str, tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("mis_equipment: no\n", "utf-8")
    words = tuple(word.replace("SITE", str(site)) for word in words)
    printed = run("assess", *words, "--format", "json")
    assert printed.status == 0
    kept = run("assess", *words, "--format", "json", "--journal", journal)
    assert kept == (0, printed.out, f"case 1 of the journal {journal}\n")
    assert run("receipt", journal, "1") == (0, printed.out, kept_at(journal))


def test_the_text_of_an_answer_is_the_same_with_a_journal(house: str, journal: str) -> None:
    without = run("assess", "fire=yes", "--knowledge", house)
    kept = assess(house, journal, "fire=yes")
    assert kept == (0, without.out, f"case 1 of the journal {journal}\n")


def test_a_receipt_needs_nothing_but_the_journal(house: str, journal: str) -> None:
    printed = assess(house, journal, "fire=yes", "--format", "json")[1]
    Path(house, "rules", "all.yaml").write_text("rules: {}\n", "utf-8")
    os.rename(house, f"{house}-gone")
    assert run("receipt", journal, "1") == (0, printed, kept_at(journal))


def test_a_receipt_names_the_folder_of_the_knowledge_at_the_time(house: str, journal: str, tmp_path: Path) -> None:
    again = str(tmp_path / "again")
    write_house(Path(again))
    answers = [assess(folder, journal, "fire=yes", "--format", "json")[1] for folder in (house, f"{again}/")]
    assert [run("receipt", journal, number).out for number in ("1", "2")] == answers
    assert f"{again}/rules/all.yaml" in answers[1]
    assert len(rows(journal, "SELECT * FROM knowledge")) == 1


def test_facts_are_read_back_as_given(reasoner: Reasoner, journal: str) -> None:
    answered = assessments(reasoner)[:8]
    with Journal(journal, append=True) as it:
        for assessment in answered:
            it.append(reasoner.kb, assessment.patient, render_json(reasoner.kb, assessment, DAY), DAY)
    with Journal(journal) as it:
        cases = list(it.cases())
        assert [case.patient for case in cases] == [assessment.patient for assessment in answered]
        assert [list(case.patient.facts) for case in cases] == [list(one.patient.facts) for one in answered]
        assert [unlike(it, case, render_json) for case in cases[:3]] == [[], [], []]


def test_defaults_of_a_site_count_in_a_receipt_and_are_not_given(house: str, journal: str) -> None:
    printed = assess(house, journal, "fire=yes", "--format", "json")[1]
    assert json.loads(printed)["defaults"] == {"ladder_ready": True}
    assert json.loads(rows(journal, "SELECT given FROM cases")[0][0])["findings"] == {
        "fire": {"value": True, "written": "yes"}
    }
    assert run("receipt", journal, "1").out == printed


def test_the_time_is_universal_and_outside_the_answer(house: str, journal: str) -> None:
    printed = assess(house, journal, "fire=yes", "--format", "json")[1]
    stamp, answer, day = rows(journal, "SELECT time, answer, day FROM cases")[0]
    assert datetime.fromisoformat(stamp).utcoffset() == timedelta(0)
    assert abs(datetime.now(timezone.utc) - datetime.fromisoformat(stamp)) < timedelta(minutes=5)
    assert f"{answer}\n" == printed
    assert stamp[:10] not in answer
    assert day not in answer


def test_the_text_of_each_knowledge_version_is_kept_once_under_its_hash(journal: str, tmp_path: Path) -> None:
    first = write_house(tmp_path / "first")
    second = write_house(tmp_path / "second", rules=house_rules(late=rule("minutes > 2 hours", "danger")))
    for folder in (first, second):
        journal_of(Path(journal), folder, "fire=yes", "fire=no", "smoke=thin")
    kept = rows(journal, "SELECT sha256, text FROM knowledge")
    assert {sha256 for sha256, _ in kept} == {read_knowledge(folder).sha256 for folder in (first, second)}
    assert all(hashlib.sha256(zlib.decompress(text)).hexdigest() == sha256 for sha256, text in kept)


@pytest.mark.parametrize("folder", [None, OTHER])
def test_stored_knowledge_is_the_knowledge_that_was_read(folder: str | None) -> None:
    kb = read_knowledge(folder)
    stored = read_stored(kb.text, "elsewhere")
    assert (stored.sha256, stored.rules.keys()) == (kb.sha256, kb.rules.keys())
    assert [(rule.when, rule.unless, rule.then) for rule in stored.rules.values()] == [
        (rule.when, rule.unless, rule.then) for rule in kb.rules.values()
    ]
    assert next(iter(stored.rules.values())).at.file.startswith("elsewhere/rules/")


@pytest.mark.parametrize("text", [b"", b"knowledge.yaml", b"knowledge.yaml\x009\0abc", b"a\0x\0abc", b"\0\0\0"])
def test_a_text_that_is_not_stored_knowledge_is_an_error(text: bytes) -> None:
    with pytest.raises(KnowledgeError):
        read_stored(text, "stored")


def test_knowledge_edited_during_use_is_journaled_as_read(house: str, journal: str) -> None:
    reasoner = Reasoner(read_knowledge(house))
    assessment = reasoner.assess(PatientReader(reasoner.kb).patient(None, ["fire=yes"]))
    file = Path(house, "rules", "all.yaml")
    file.write_text(file.read_text("utf-8") + "\n# more\n", "utf-8")
    with Journal(journal, append=True) as it:
        it.append(reasoner.kb, assessment.patient, "{}", DAY)
        assert it.knowledge(reasoner.kb.sha256) == reasoner.kb.text != read_knowledge(house).text


def test_nothing_of_sqlite_is_imported_without_a_journal() -> None:
    code = (
        "import sys; from expert.cli import main\n"
        "try: main(['assess', 'age=45'])\n"
        "finally: print('sqlite3' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=clean(), capture_output=True, text=True, check=False)
    assert done.stderr == "False\n"


# --- decisions --------------------------------------------------------------------------------------------------------


def test_a_decision_that_differs_is_kept_with_its_reason(house: str, journal: str) -> None:
    assert assess(house, journal, "fire=yes", "--decided", "stay", "--reason", "the door is hot")[0] == 0
    assert assess(house, journal, "fire=yes", "--decided", "leave")[0] == 0
    assert assess(house, journal, "fire=yes")[0] == 0
    kept = rows(journal, "SELECT decided, reason FROM cases")
    assert kept == [("stay", "the door is hot"), ("leave", None), (None, None)]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--decided", "stay"), "stay is not the recommended step (leave)"),
        (("--decided", "stay", "--reason", " "), "stay is not the recommended step (leave)"),
        (("--decided", "stays", "--reason", "so"), "did you mean stay?"),
        (("--decided", "", "--reason", "so"), "'' is not a step"),
        (("--reason", "so"), "--reason goes with --decided STEP"),
        (("--decided", "stay", "--reason", "\udcff"), "--reason is not UTF-8"),
    ],
)
def test_a_decision_that_cannot_be_kept_is_refused_before_the_answer(
    house: str, journal: str, words: tuple[str, ...], message: str
) -> None:
    status, out, err = assess(house, journal, "fire=yes", *words)
    assert (status, out) == (2, "")
    assert message in err
    assert not Path(journal).exists()


@pytest.mark.parametrize("words", [("--decided", "stay"), ("--reason", "so")])
def test_a_decision_needs_a_journal(house: str, words: tuple[str, ...]) -> None:
    status, out, err = run("assess", "fire=yes", "--knowledge", house, *words)
    assert (status, out) == (2, "")
    assert "--decided and --reason go with --journal FILE" in err


def test_a_reason_may_hold_any_text(house: str, journal: str, tmp_path: Path) -> None:
    assert assess(house, journal, "fire=yes", "--decided", "stay", "--reason", HOSTILE)[0] == 0
    assert rows(journal, "SELECT reason FROM cases") == [(HOSTILE,)]
    edited = write_house(tmp_path / "edited", rules=house_rules("danger-excludes-stay"))
    out = run("replay", journal, "--knowledge", edited).out
    assert "decided at the time: stay: \\x1b[31mred\\x1b[0m \\u202eevil [bold]b[/]" in out
    assert not set(out) & {"\x1b", "\u202e"}
    assert (
        json.loads(run("replay", journal, "--knowledge", edited, "--format", "json").out)["differences"][0]["reason"]
        == HOSTILE
    )


# --- cases are only added ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases SET answer = '{}'",
        "UPDATE OR REPLACE cases SET number = 2 WHERE number = 1",
        "UPDATE OR IGNORE cases SET reason = 'x'",
        "UPDATE knowledge SET text = x''",
        "DELETE FROM cases",
        "DELETE FROM cases WHERE number = 2",
        "DELETE FROM knowledge",
        "REPLACE INTO cases SELECT * FROM cases",
        "REPLACE INTO knowledge SELECT * FROM knowledge",
        "INSERT OR REPLACE INTO cases SELECT 1, time, day, given, '', '', knowledge, folder, expert, '', '' FROM cases",
        "INSERT OR REPLACE INTO knowledge SELECT sha256, 'x', 'y', x'' FROM knowledge",
        "INSERT INTO cases SELECT * FROM cases WHERE true ON CONFLICT (number) DO UPDATE SET answer = 'no'",
        "INSERT INTO knowledge SELECT * FROM knowledge WHERE true ON CONFLICT (sha256) DO UPDATE SET text = x''",
    ],
)
def test_no_program_changes_or_removes_a_case(house: str, journal: str, statement: str) -> None:
    journal_of(Path(journal), house, "fire=yes", "fire=no")
    before = rows(journal, "SELECT * FROM cases"), rows(journal, "SELECT * FROM knowledge")
    refused = pytest.raises(sqlite3.IntegrityError, match="a journal is only added to")
    with closing(sqlite3.connect(journal)) as database, database, refused:
        database.execute(statement)
    assert before == (rows(journal, "SELECT * FROM cases"), rows(journal, "SELECT * FROM knowledge"))


def test_every_table_has_triggers_against_change_and_removal(house: str, journal: str) -> None:
    journal_of(Path(journal), house, "fire=yes")
    tables = {name for (name,) in rows(journal, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    triggers = rows(journal, "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
    for event in ("BEFORE UPDATE", "BEFORE DELETE", "BEFORE INSERT"):
        assert {table for table, sql in triggers if event in sql} == tables


# --- who may read it --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mask", [0o022, 0o000, 0o077])
@pytest.mark.parametrize("empty_before", [False, True])
def test_only_the_owner_may_read_a_journal_and_its_rollback_journal(
    house: str, tmp_path: Path, mask: int, empty_before: bool
) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    before = os.umask(mask)
    try:
        if empty_before:
            (folder / "j").touch(0o666)
        journal_of(folder / "j", house, "fire=yes")
        with closing(sqlite3.connect(folder / "j", isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            database.execute("INSERT INTO knowledge VALUES ('h', 'n', 'v', x'')")  # now a rollback journal exists
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
            database.execute("ROLLBACK")
    finally:
        os.umask(before)
    assert modes == {"j": 0o600, "j-journal": 0o600}


def test_a_wider_mode_of_a_journal_is_kept(house: str, journal: str) -> None:
    journal_of(Path(journal), house, "fire=yes")
    Path(journal).chmod(0o640)
    journal_of(Path(journal), house, "fire=yes")
    assert stat.S_IMODE(Path(journal).stat().st_mode) == 0o640


# --- other files ------------------------------------------------------------------------------------------------------


def database(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        for statement in statements:
            other.execute(statement)


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "out.txt", "/dev/null"])
def test_a_journal_is_a_regular_file_and_not_where_the_answer_goes(house: str, tmp_path: Path, name: str) -> None:
    with (tmp_path / "out.txt").open("w") as out:
        words = (sys.executable, "-m", "expert", "assess", "--knowledge", house, "--journal", name)
        ran = subprocess.run(words, cwd=tmp_path, stdout=out, stderr=subprocess.PIPE, text=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr.startswith(f"{name} is not a journal: ")
    assert (tmp_path / "out.txt").read_bytes() == b""


OTHERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "text": (lambda path: path.write_text("name: value\n"), "file is not a database"),
    "short": (lambda path: path.write_bytes(b"SQLite format 3\0"), "file is not a database"),
    "folder": (lambda path: path.mkdir(), "it is a folder"),
    "pipe": (os.mkfifo, "it is not a regular file"),
    "database": (lambda path: database(path, "CREATE TABLE cases (number)"), "another program's database"),
    "waiting": (
        lambda path: database(path, "PRAGMA journal_mode = WAL", "CREATE TABLE a (b)", "INSERT INTO a VALUES (1)"),
        "another program's database",
    ),
    "named": (
        lambda path: database(path, "PRAGMA application_id = 7", "CREATE TABLE a (b)"),
        "another program's database",
    ),
    "later": (
        lambda path: database(
            path,
            f"PRAGMA application_id = {journal_file.APPLICATION}",
            "PRAGMA user_version = 2",
            "CREATE TABLE a (b)",
        ),
        "it has format 2, and this version of expert uses format 1",
    ),
    "link": (lambda path: path.symlink_to("nowhere"), "cannot be opened: No such file"),
    "loop": (lambda path: path.symlink_to(path.name), "cannot be opened: Too many levels"),
}


def fingerprint(folder: Path) -> dict[str, object]:
    """The names, modes, times of change and contents of the files in a folder."""
    return {
        path.name: (path.lstat().st_mode, path.lstat().st_mtime_ns, path.read_bytes() if path.is_file() else None)
        for path in folder.iterdir()
    }


@pytest.mark.parametrize("what", OTHERS)
def test_a_file_that_is_not_a_journal_is_refused_and_not_changed(house: str, tmp_path: Path, what: str) -> None:
    make, message = OTHERS[what]
    folder = tmp_path / "others"
    folder.mkdir()
    make(folder / what)
    before = fingerprint(folder)
    for command in (("assess", "fire=yes", "--knowledge", house, "--journal"), ("replay",), ("receipt",)):
        status, out, err = run(*command, str(folder / what), *(["1"] if command == ("receipt",) else []))
        assert (status, out) == (2, "")
        assert message in err
        assert err.count("\n") == 2
    assert fingerprint(folder) == before


@pytest.mark.parametrize("path", ["", "no/such/folder/j", "/dev/null", "/proc/nothing"])
def test_a_place_where_no_journal_can_be_is_refused(house: str, path: str) -> None:
    status, out, err = assess(house, path, "fire=yes")
    assert (status, out) == (2, "")
    assert "expected a file that expert assess --journal made" in err


def test_an_empty_file_can_become_a_journal_but_cannot_be_read_as_one(house: str, journal: str) -> None:
    Path(journal).touch()
    assert run("replay", journal).err.startswith(f"{journal} is not a journal: it is empty\n")
    assert Path(journal).read_bytes() == b""
    assert assess(house, journal, "fire=yes")[0] == 0
    assert count(journal) == 1


def test_a_link_to_a_journal_is_followed(house: str, journal: str, tmp_path: Path) -> None:
    journal_of(Path(journal), house, "fire=yes")
    (tmp_path / "link").symlink_to(journal)
    assert assess(house, str(tmp_path / "link"), "fire=yes")[0] == 0
    assert (tmp_path / "link").is_symlink()
    assert count(journal) == 2


@pytest.mark.parametrize("name", ["a b?mode=memory", "50%41#x", "字", ":memory:", "-"])
def test_a_journal_may_have_any_name(house: str, tmp_path: Path, name: str) -> None:
    journal_of(tmp_path / name, house, "fire=yes")
    assert (tmp_path / name).is_file()
    assert count(str(tmp_path / name)) == 1


def test_a_journal_that_cannot_be_written_refuses_answers_and_can_be_read(public: Path) -> None:
    house, journal = write_house(public / "house"), str(public / "j")
    assert assess(house, journal, "fire=yes")[0] == 0
    (public / "j").chmod(0o444)
    (public / "j-journal").chmod(0o444)
    public.chmod(0o555)

    def refused() -> bool:
        status, out, err = assess(house, journal, "fire=yes")
        return (status, out) == (2, "") and "attempt to write a readonly database" in err

    def new_refused() -> bool:
        status, out, err = assess(house, str(public / "new"), "fire=yes")
        return (status, out) == (2, "") and "Permission denied" in err

    def read() -> bool:
        with Journal(journal) as it:
            return [case.number for case in it.cases()] == [1]

    assert unprivileged(refused)
    assert unprivileged(new_refused)
    assert unprivileged(read)
    assert count(journal) == 1


def test_a_full_disk_leaves_the_cases_as_they_were(house: str, journal: str) -> None:
    journal_of(Path(journal), house, "fire=yes")
    room = os.path.getsize(journal) + 2000
    done = subprocess.run(
        [sys.executable, "-m", "expert", "assess", "fire=yes", "--knowledge", house, "--journal", journal],
        env=clean(),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"the journal {journal} cannot be used: ")
    assert "Traceback" not in done.stderr
    assert (count(journal), rows(journal, "PRAGMA integrity_check")) == (1, [("ok",)])
    assert assess(house, journal, "fire=no")[0] == 0


def test_a_truncated_journal_is_refused_and_not_changed(house: str, journal: str) -> None:
    journal_of(Path(journal), house, *["fire=yes"] * 3)
    whole = Path(journal).read_bytes()
    Path(journal).write_bytes(whole[:-4096])
    for command in (("assess", "fire=yes", "--knowledge", house, "--journal", journal), ("replay", journal)):
        status, out, err = run(*command)
        assert (status, out) == (2, "")
        assert "malformed" in err
    assert Path(journal).read_bytes() == whole[:-4096]


def test_a_journal_that_stays_locked_is_an_error(house: str, journal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    journal_of(Path(journal), house, "fire=yes")
    monkeypatch.setattr(journal_file, "PATIENCE", 0.05)
    with closing(sqlite3.connect(journal, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        status, out, err = assess(house, journal, "fire=yes")
    assert (status, out) == (2, "")
    assert "another program has locked it" in err
    assert count(journal) == 1


# --- receipts that cannot be printed ----------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["3", "0", "99999999999999999999"])
def test_an_unknown_case_is_refused_with_the_numbers_that_exist(house: str, journal: str, number: str) -> None:
    journal_of(Path(journal), house, "fire=yes", "fire=no")
    status, out, err = run("receipt", journal, number)
    assert (status, out) == (2, "")
    assert err == f"{journal} has no case {number}\n        expected a number from 1 to 2\n"


def test_a_journal_without_cases_has_no_receipts(journal: str) -> None:
    Journal(journal, append=True).__exit__()
    assert "a journal with cases: this one has none" in run("receipt", journal, "1").err
    assert run("replay", journal).out.startswith("0 cases: ")


def test_a_receipt_from_another_version_of_the_program_says_so(
    house: str, journal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = assess(house, journal, "fire=yes", "--format", "json")[1]
    monkeypatch.setattr("expert.render.json.__version__", "9.9.9")
    status, out, err = run("receipt", journal, "1")
    assert (status, out) == (1, printed)
    assert err == f'{kept_at(journal)}case 1: expert: "{__version__}" then, "9.9.9" now\n'


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("DELETE FROM knowledge", "is missing or is not the recorded one"),
        ("UPDATE knowledge SET text = x'00'", "is missing or is not the recorded one"),
        ("UPDATE knowledge SET text = 'a'", "is missing or is not the recorded one"),
        (f"UPDATE knowledge SET text = x'{zlib.compress(b'a').hex()}'", "is missing or is not the recorded one"),
        ("UPDATE cases SET answer = replace(answer, 'leave', 'stay')", 'recommended: "stay" then, "leave" now'),
        ("UPDATE cases SET answer = 'torn'", "the stored answer is not JSON"),
        ("UPDATE cases SET given = replace(given, 'true', 'false')", 'recommended: "leave" then, "stay" now'),
    ],
)
def test_a_receipt_names_what_is_missing_or_differs(house: str, journal: str, statement: str, message: str) -> None:
    journal_of(Path(journal), house, "fire=yes smoke=none")
    tamper(journal, statement)
    status, out, err = run("receipt", journal, "1")
    assert status == 1
    intact = "SET answer" not in statement
    assert out == (rows(journal, "SELECT answer FROM cases")[0][0] + "\n" if intact else "")
    assert message in err
    assert ("its hash differs" in err) is not intact


def test_an_answer_that_is_not_what_was_committed_is_not_printed(house: str, journal: str) -> None:
    journal_of(Path(journal), house, "fire=yes")
    tamper(journal, "UPDATE cases SET answer = replace(answer, 'leave', 'st' || char(27, 8238) || 'ay')")
    status, out, err = run("receipt", journal, "1")
    assert (status, out) == (1, "")
    assert err.startswith(f"{kept_at(journal)}case 1: the stored answer is not the recorded one: its hash differs\n")
    assert not set(err) & {"\x1b", "\u202e"}


def test_a_receipt_shows_the_decision_and_its_reason(house: str, journal: str) -> None:
    printed = assess(house, journal, "fire=yes", "--format", "json", "--decided", "stay", "--reason", HOSTILE)[1]
    assert assess(house, journal, "fire=yes", "--decided", "leave")[0] == 0
    status, out, err = run("receipt", journal, "1")
    assert (status, out) == (0, printed)
    assert err == f"{kept_at(journal)}case 1: decided: stay, because: {visible(HOSTILE)}\n"
    assert run("receipt", journal, "2").err.endswith("\ncase 2: decided: leave\n")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(
            (column, "x'ff'")
            for column in ("time", "day", "given", "answer", "knowledge", "expert", "decided", "reason")
        ),
        *((column, "CAST(x'ff' AS TEXT)") for column in ("time", "given", "answer", "reason")),
        ("day", "7"),
        ("folder", "7"),
        ("given", "7"),
        ("given", "'{}'"),
        ("given", f"'{'[' * 100_000}'"),
        ("given", "replace(given, 'true', '[]')"),
        ("given", "replace(given, 'true', 'NaN')"),
        ("given", "replace(given, '\"yes\"', '{}')"),
    ],
)
def test_a_case_that_cannot_be_read_is_damaged(house: str, journal: str, column: str, value: str) -> None:
    journal_of(Path(journal), house, *["fire=yes"] * 3)
    tamper(journal, f"UPDATE cases SET {column} = {value} WHERE number = 2")
    status, out, err = run("receipt", journal, "2")
    assert (status, out) == (2, "")
    assert err.startswith(f"case 2 of the journal {journal} is damaged: its column {column} cannot be read\n")
    with Journal(journal) as it:
        first, second, third = it.entries()
        with pytest.raises(InputError, match="is damaged: its column"):
            list(it.cases())
    assert second == Damaged(2, f"its column {column} cannot be read")
    assert (first[0], third[0]) == (1, 3)
    assert not {type(first), type(third)} - {JournaledCase}


@pytest.mark.parametrize("given", ["replace(given, 'fire', 'fyre')", "replace(given, 'true', '\"yes\"')"])
def test_stored_findings_that_were_changed_are_reported(house: str, journal: str, given: str) -> None:
    journal_of(Path(journal), house, "fire=yes")
    tamper(journal, f"UPDATE cases SET given = {given}")
    status, out, err = run("receipt", journal, "1")
    assert (status, json.loads(out)["recommended"]) == (1, "leave")
    assert "the stored findings are not the recorded ones" in err


@pytest.mark.parametrize("text", ["x'00'", "'a'", f"x'{zlib.compress(b'a').hex()}'"])
def test_no_case_is_added_to_knowledge_that_is_not_what_was_committed(house: str, journal: str, text: str) -> None:
    journal_of(Path(journal), house, "fire=yes")
    tamper(journal, f"UPDATE knowledge SET text = {text}")
    status, out, err = assess(house, journal, "fire=no")
    assert (status, out) == (2, "")
    assert err.startswith(
        f"the journal {journal} is damaged: its text of the knowledge {read_knowledge(house).sha256} "
    )
    assert count(journal) == 1


def test_stored_knowledge_that_cannot_be_read_is_reported(house: str, journal: str) -> None:
    journal_of(Path(journal), house, "fire=yes")
    text = zlib.decompress(rows(journal, "SELECT text FROM knowledge")[0][0]).replace(b"title:", b"tilte:", 1)
    sha256 = hashlib.sha256(text).hexdigest()
    kept = f"UPDATE knowledge SET sha256 = '{sha256}', text = x'{zlib.compress(text).hex()}'"
    tamper(journal, kept, f"UPDATE cases SET knowledge = '{sha256}'")
    status, out, err = run("receipt", journal, "1")
    assert (status, json.loads(out)["recommended"]) == (1, "leave")
    assert "cannot answer from it: " in err
    assert "tilte" in err


# --- many processes ---------------------------------------------------------------------------------------------------


def test_processes_that_start_a_journal_at_once_make_one(house: str, tmp_path: Path) -> None:
    def first(path: Path, barrier: Barrier) -> None:
        barrier.wait()
        journal_of(path, house, "fire=yes")

    for turn in range(5):
        path, barrier = tmp_path / f"j{turn}", FORK.Barrier(4)
        workers = [FORK.Process(target=first, args=(path, barrier)) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert [worker.exitcode for worker in workers] == [0] * 4
        assert [number for (number,) in rows(str(path), "SELECT number FROM cases")] == [1, 2, 3, 4]
        assert len(rows(str(path), "SELECT * FROM knowledge")) == 1
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_journal_is_read_while_others_write(house: str, journal: str) -> None:
    journal_of(Path(journal), house, *["fire=yes"] * 3)
    with closing(sqlite3.connect(journal, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO knowledge VALUES ('h', 'n', 'v', x'')")
        with Journal(journal) as it:
            assert len(list(it.cases())) == 3
        other.execute("COMMIT")


def test_a_reader_does_not_block_writers(house: str, journal: str) -> None:
    journal_of(Path(journal), house, *["fire=yes"] * 3)
    with Journal(journal) as it:
        cases = it.cases()
        next(cases)
        journal_of(Path(journal), house, "fire=no")
        assert [case.number for case in cases] == [2, 3, 4]


def test_no_committed_case_is_lost_or_damaged_when_writers_are_killed(house: str, tmp_path: Path) -> None:
    """Four writers, at least eighty cases; two of the writers go on until they are killed."""
    journal = tmp_path / "j"
    reasoner = Reasoner(read_knowledge(house))
    words = (["fire=yes"], ["smoke=thin", "minutes=40"])
    patients = [PatientReader(reasoner.kb).patient(None, said) for said in words]

    def write(pipe: int, cases: int) -> None:
        """Journal cases, and write the number of each to the pipe once it is committed."""
        for turn in range(cases):
            assessment = reasoner.assess(patients[turn % 2])
            answer = render_json(reasoner.kb, assessment, DAY)
            with Journal(str(journal), append=True) as it:
                number = it.append(reasoner.kb, assessment.patient, answer, DAY)
            os.write(pipe, b"%d\n" % number)

    reading, writing = os.pipe()
    writers = [FORK.Process(target=write, args=(writing, cases)) for cases in (10_000, 10_000, 20, 20)]
    for writer in writers:
        writer.start()
    numbers: list[int] = []
    with os.fdopen(reading) as committed:
        for victim, after in zip(writers, (9, 19), strict=False):
            numbers += [int(committed.readline()) for _ in range(after - len(numbers))]
            victim.kill()
            victim.join()
        for writer in writers:
            writer.join()
        write(writing, 40)
        os.close(writing)
        numbers += map(int, committed)
    assert [writer.exitcode for writer in writers] == [-signal.SIGKILL, -signal.SIGKILL, 0, 0]
    assert len(numbers) == len(set(numbers)) >= 80
    with Journal(str(journal)) as it:
        cases = list(it.cases())
        assert set(numbers) <= {case.number for case in cases}
        assert len(cases) <= len(numbers) + 2  # a kill may come between the commit and the pipe
        assert all(case.intact and json.loads(case.answer)["recommended"] == "leave" for case in cases)
        assert all(unlike(it, case, render_json) == [] for case in cases[::20])
    assert rows(str(journal), "PRAGMA integrity_check") == [("ok",)]


def test_the_next_writer_undoes_what_a_killed_writer_left(house: str, journal: str) -> None:
    journal_of(Path(journal), house, "fire=yes")
    mine, other = socket.socketpair()

    def half() -> None:
        with closing(sqlite3.connect(journal, isolation_level=None)) as writer:
            writer.execute("PRAGMA cache_size = 1")  # so that pages are written before the commit
            writer.execute("BEGIN IMMEDIATE")
            for turn in range(50):
                writer.execute("INSERT INTO knowledge VALUES (?, 'n', 'v', zeroblob(9000))", (f"h{turn}",))
            other.send(b"x")
            time.sleep(60)

    process = FORK.Process(target=half)
    process.start()
    mine.recv(1)
    process.kill()
    process.join()
    assert os.path.getsize(f"{journal}-journal") > 0
    assert run("receipt", journal, "1").status == 0
    assert assess(house, journal, "fire=no")[0] == 0
    assert (count(journal), len(rows(journal, "SELECT * FROM knowledge"))) == (2, 1)
    assert rows(journal, "PRAGMA integrity_check") == [("ok",)]


def test_a_command_in_its_own_process_prints_its_case_number(house: str, journal: str) -> None:
    done = start("assess", "fire=yes", "--knowledge", house, "--journal", journal, "--format", "json")
    assert (done.returncode, done.stderr) == (0, f"case 1 of the journal {journal}\n")
    assert start("receipt", journal, "1").stdout == done.stdout


def test_a_case_that_cannot_be_added_leaves_no_rows(house: str, journal: str) -> None:
    reasoner = Reasoner(read_knowledge(house))
    assessment = reasoner.assess(PatientReader(reasoner.kb).patient(None, ["fire=yes"]))
    with Journal(journal, append=True) as it:
        with pytest.raises(UnicodeEncodeError):
            it.append(reasoner.kb, assessment.patient, "{}", DAY, Decision("leave", "\udcff"))
        assert rows(journal, "SELECT * FROM knowledge") == []
        assert it.append(reasoner.kb, assessment.patient, "{}", DAY) == 1
