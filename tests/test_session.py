"""The file of a consultation: what it holds, who may read it, and what is left of it when something goes wrong."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from expert import InputError, KnowledgeBase
from expert.journal.session import HEADER, Session, new_session, resumed_session, session_text
from expert.read.parse import decode, parse
from expert.read.patient import PatientReader
from expert.read.source import Mapping, Problems, Scalar

NOON = datetime(2026, 3, 4, 12, 5, 6)
SAID = {"severity": "severe", "fever": "unknown", "age": "45 years"}


def begun(where: Path, **said: str) -> Session:
    session = new_session(str(where), NOON)
    session.begin(said)
    return session


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def shown(call: Callable[[], object]) -> str:
    with pytest.raises(InputError) as error:
        call()
    (problem,) = error.value.problems
    return problem.message


def read(path: Path) -> dict[str, str]:
    """The pairs of a session as the project's YAML reader sees them."""
    problems = Problems()
    source = decode(path.name, path.read_bytes(), problems)
    node = parse(source, problems) if source else None
    assert problems.found == []
    assert isinstance(node, Mapping)
    return {name: value.text for name, value in node.entries.items() if isinstance(value, Scalar)}


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


# --- what it holds ----------------------------------------------------------------------------------------------------


def test_a_session_is_a_patient_file_in_the_order_of_the_answers(tmp_path: Path, kb: KnowledgeBase) -> None:
    session = begun(tmp_path / "s.yaml", **SAID)
    said = PatientReader(kb).file(str(session.path))
    assert [(name, entry.written) for name, entry in said.items()] == list(SAID.items())
    assert said["fever"].value is None


@pytest.mark.parametrize(
    "value",
    [
        "yes",
        "no",
        "none",
        "14 weeks",
        "2/3",
        "67 %",
        "0.67",
        "-1",
        "+3 days",
        "null",
        "a: b #c",
        "'",
        '"\\',
        "[x]",
        "é",
    ],
)
def test_a_value_is_read_back_as_it_was_written(tmp_path: Path, value: str) -> None:
    assert read(begun(tmp_path / "s.yaml", finding=value).path) == {"finding": value}


@pytest.mark.parametrize("value", ["14\x0cweeks", "14\u2028weeks", "14\x85weeks", "14 \n weeks"])
def test_white_space_that_yaml_would_not_keep_becomes_a_space(tmp_path: Path, value: str) -> None:
    assert read(begun(tmp_path / "s.yaml", finding=value).path) == {"finding": "14 weeks"}


def test_what_is_taken_back_is_no_longer_there(tmp_path: Path) -> None:
    session = begun(tmp_path / "s.yaml", age="45 years", severity="severe")
    session.save({"age": "45 years"})
    assert read(session.path) == {"age": "45 years"}


# --- a file of its own ------------------------------------------------------------------------------------------------


def test_a_session_is_called_after_the_time_and_never_takes_the_place_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = [new_session(None, NOON).path.name for _ in range(3)]
    stem = "consultation-20260304-120506"
    assert names == [f"{stem}.yaml", f"{stem}-2.yaml", f"{stem}-3.yaml"]


def test_a_name_that_is_taken_is_refused_and_its_file_left_alone(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("age: 45\n")
    (tmp_path / "link.yaml").symlink_to("nowhere.yaml")
    assert "exists already" in shown(lambda: new_session(str(tmp_path / "s.yaml"), NOON))
    assert "exists already" in shown(lambda: new_session(str(tmp_path / "link.yaml"), NOON))
    assert (tmp_path / "s.yaml").read_text() == "age: 45\n"
    assert not (tmp_path / "nowhere.yaml").exists()


def test_only_its_owner_may_read_it_whatever_the_umask(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        reserved = new_session(str(tmp_path / "s.yaml"), NOON)
        assert mode(reserved.path) == 0o600
        reserved.begin(SAID)
        assert mode(reserved.path) == 0o600
    finally:
        os.umask(old)


def test_only_its_owner_may_read_what_is_on_its_way_into_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = {}
    replace = os.replace

    def look(new: str, old: Path) -> None:
        seen[mode(Path(new))] = Path(new).parent
        replace(new, old)

    monkeypatch.setattr(os, "replace", look)
    begun(tmp_path / "s.yaml", **SAID)
    assert seen == {0o600: tmp_path}


@pytest.mark.parametrize("name", ["missing/s.yaml", "folder", "x" * 300 + ".yaml", "nul\0.yaml"])
def test_a_session_that_cannot_be_written_is_refused_at_once(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    text = shown(lambda: new_session(str(tmp_path / name), NOON))
    assert "cannot be written" in text or "exists already" in text
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_session_that_cannot_be_begun_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", full)
    session = new_session(str(tmp_path / "s.yaml"), NOON)
    assert shown(lambda: session.begin(SAID)).endswith("cannot be written: No space left on device")
    assert list(tmp_path.iterdir()) == []


# --- going on ---------------------------------------------------------------------------------------------------------


def test_a_session_is_resumed_in_its_place_even_through_a_link(tmp_path: Path) -> None:
    path = begun(tmp_path / "s.yaml", age="45 years").path
    (tmp_path / "link.yaml").symlink_to("s.yaml")
    path.chmod(0o644)
    session = resumed_session(str(tmp_path / "link.yaml"))
    session.begin(SAID)
    assert read(path) == SAID
    assert mode(path) == 0o600
    assert (tmp_path / "link.yaml").is_symlink()


def test_a_session_that_was_killed_before_its_first_word_is_resumed(tmp_path: Path) -> None:
    reserved = new_session(str(tmp_path / "s.yaml"), NOON)
    resumed_session(str(reserved.path)).begin(SAID)
    assert read(reserved.path) == SAID


@pytest.mark.parametrize("text", ["age: 45\n", "# my patient\nage: 45\n", "\xff\x00"])
def test_what_is_no_session_is_neither_resumed_nor_touched(tmp_path: Path, text: str) -> None:
    file = tmp_path / "p.yaml"
    file.write_bytes(text.encode("latin-1"))
    assert "is not a session" in shown(lambda: resumed_session(str(file)))
    assert file.read_bytes() == text.encode("latin-1")


@pytest.mark.parametrize("name", [".", "pipe", os.devnull])
def test_a_folder_a_pipe_and_a_device_are_no_sessions(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "is not a session" in shown(lambda: resumed_session(str(tmp_path / name)))


def test_a_session_that_is_not_there_cannot_be_resumed(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in shown(lambda: resumed_session(str(tmp_path / "missing.yaml")))


# --- when something goes wrong ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_what_was_saved_before_and_nothing_besides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    session = begun(tmp_path / "s.yaml", age="45 years")
    with monkeypatch.context() as disk:
        disk.setattr(os, step, full)
        with pytest.raises(OSError, match="No space left"):
            session.save(SAID)
    assert read(session.path) == {"age": "45 years"}
    assert not session.holds(SAID)
    assert [path.name for path in tmp_path.iterdir()] == ["s.yaml"]
    session.save(SAID)
    assert read(session.path) == SAID
    assert session.holds(SAID)


def test_an_interruption_while_saving_leaves_what_was_saved_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    session = begun(tmp_path / "s.yaml", age="45 years")
    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        session.save(SAID)
    assert read(session.path) == {"age": "45 years"}
    assert [path.name for path in tmp_path.iterdir()] == ["s.yaml"]


def test_the_text_is_on_the_disk_before_it_takes_its_place_and_the_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = begun(tmp_path / "s.yaml")
    done = []
    fsync, replace = os.fsync, os.replace

    def synced(descriptor: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def replaced(new: str, old: Path) -> None:
        done.append("replaced")
        replace(new, old)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    session.save(SAID)
    assert done == ["file", "replaced", "folder"]


def test_what_something_else_wrote_meanwhile_is_kept_and_the_session_moves_to_another_file(tmp_path: Path) -> None:
    session = begun(tmp_path / "s.yaml", age="45 years")
    other = resumed_session(str(session.path))
    other.begin({"age": "46 years"})
    session.save(SAID)
    assert read(tmp_path / "s.yaml") == {"age": "46 years"}
    assert session.path == tmp_path / "s-2.yaml"
    assert read(session.path) == SAID


def test_a_session_that_was_removed_is_written_again(tmp_path: Path) -> None:
    session = begun(tmp_path / "s.yaml", age="45 years")
    session.path.unlink()
    session.save(SAID)
    assert read(tmp_path / "s.yaml") == SAID


def test_a_session_that_is_gone_on_with_is_not_written_before_something_is_answered(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    text = f"{HEADER}# seen twice\nage: 45 # at admission\n"
    path.write_text(text, "utf-8")
    session = resumed_session(str(path))
    session.go_on({"age": "45"})
    assert session.holds({"age": "45"})
    assert path.read_text("utf-8") == text
    session.save({"age": "45", "pregnant": "no"})
    assert path.read_text("utf-8") == session_text({"age": "45", "pregnant": "no"})
