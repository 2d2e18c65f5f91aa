"""Every file that a command writes: whole or not at all, and in place of nothing that must stay."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from expert.cli.commands import MODULES, expert
from tests.command_line import Run, run
from tests.small_ladder import rule, write_ladder, yes_no

resource = pytest.importorskip("resource")

FOREIGN = b"precious\n"
READ = {"--knowledge", "--site", "--map", "--baseline", "--against", "--cohort", "--resume"}
ADDED_TO = {"--journal", "--to"}


class Writer(NamedTuple):
    """An output of a command.

    Attributes:
        words: the command; OUT is the file, KNOWLEDGE the folder in use.
        rewrites: whether what the command wrote is known by how it begins, and replaced without --force.
        private: whether a new file is for its owner alone.
        file: which file is written, where OUT is a folder.
    """

    words: str
    rewrites: bool = False
    private: bool = False
    file: str = ""


WRITERS = {
    "report -o": Writer("report fire=yes --knowledge KNOWLEDGE -o OUT", private=True),
    "page -o": Writer("page --knowledge KNOWLEDGE -o OUT", rewrites=True),
    "sql -o": Writer("sql --dialect duckdb --knowledge KNOWLEDGE -o OUT"),
    "docs -o": Writer("docs KNOWLEDGE --single --no-proofs -o OUT", rewrites=True),
    "test --missing": Writer("test KNOWLEDGE --missing=OUT"),
    "test --junit": Writer("test KNOWLEDGE --junit OUT", rewrites=True),
    "check --write-baseline": Writer("check KNOWLEDGE --no-proofs --write-baseline OUT", rewrites=True),
    "schema -o": Writer("schema KNOWLEDGE -o OUT", rewrites=True, file="rules.schema.json"),
    "cohort -o": Writer("cohort TABLE --knowledge KNOWLEDGE -o OUT", private=True),
    "cohort --rejects": Writer("cohort TABLE --knowledge KNOWLEDGE -o FRESH --rejects OUT", private=True),
    "cohort --report": Writer("cohort TABLE --knowledge KNOWLEDGE -o FRESH --report OUT", private=True),
    "consult --session": Writer("consult fire=yes --knowledge KNOWLEDGE --session OUT", private=True),
}
FILES = sorted(name for name, it in WRITERS.items() if not it.file)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a small knowledge folder and a table of which one row is rejected."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("expert.cli.consult.is_at_terminal", lambda: True)
    monkeypatch.setattr("expert.cli.consult._prepare_keyboard", lambda: None)
    write_ladder(
        tmp_path / "house",
        findings={"fire": yes_no("no"), "smoke": yes_no("no")},
        rules={
            "fire-supports-leave": rule("fire", "supports leave"),
            "smoke-cautions": rule("smoke", "cautions leave"),
            "all-may-stay": rule("always", "supports stay"),
        },
        steps={"leave": {}, "stay": {}},
        cases=[{"name": "A fire", "given": {"fire": "yes"}, "expect": {"recommended": "leave"}}],
    )
    (tmp_path / "table.csv").write_text("id,fire\na,yes\nb,perhaps\n")
    (tmp_path / "out").mkdir()
    return tmp_path


def write(name: str, out: Path, *more: str) -> Run:
    """Run the command of an output."""
    it = WRITERS[name]
    place = out.parent if it.file else out
    fresh = out.with_name("fresh.csv")
    stand_for = {"OUT": str(place), "KNOWLEDGE": "house", "TABLE": "table.csv", "FRESH": str(fresh)}
    words = it.words.replace("=OUT", f"={place}").split()
    return run(*(stand_for.get(word, word) for word in words), *more)


def target(name: str, folder: Path) -> Path:
    """The file of an output in a folder."""
    return folder / (WRITERS[name].file or ("out.csv" if name == "cohort -o" else "out.txt"))


def kept(folder: Path) -> dict[str, bytes]:
    """What is in a folder, hidden files too."""
    return {it.name: it.read_bytes() for it in folder.iterdir() if it.is_file()}


def refused(ran: Run, *words: str) -> None:
    assert ran.status == 2, ran
    assert "Traceback" not in ran.err
    for word in words:
        assert word in ran.err
    for hidden in (".unfinished", "/.", " ."):
        assert hidden not in ran.err.replace(" ..", "")


@contextmanager
def full_disk() -> Iterator[None]:
    """No file can get longer than a few bytes, for root neither."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# --- the list is whole ------------------------------------------------------------------------------------------------


def test_every_option_that_names_a_file_is_read_added_to_or_tried_here() -> None:
    context = click.Context(expert)
    unknown, without_force = set(), set()
    tried = {tuple(name.split()) for name in WRITERS}
    for command in MODULES:
        found = expert.get_command(context, command)
        assert found
        options = {option for it in found.params for option in it.opts}
        for it in found.params:
            names_a_file = isinstance(it, click.Option) and set((it.metavar or "").strip("[]").split("|")) & {
                "FILE", "DIR", "OUT", "CSV", "HTML", "MAP",
            }  # fmt: skip
            if not names_a_file or {*it.opts} & (READ | ADDED_TO):
                continue
            if not {(command, option) for option in it.opts} & tried:
                unknown.add((command, *it.opts))
            if "--force" not in options:
                without_force.add(command)
    assert (unknown, without_force) == (set(), set())


# --- what is there ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_a_file_of_something_else_is_kept_unless_it_is_replaced_by_force(here: Path, name: str) -> None:
    out = target(name, here / "out")
    out.write_bytes(FOREIGN)
    refused(write(name, out), str(out), "--force")
    assert kept(out.parent) == {out.name: FOREIGN}
    ran = write(name, out, "--force")
    assert ran.status in (0, 1), ran.err
    assert out.read_bytes() != FOREIGN
    assert not [it for it in kept(out.parent) if it.startswith(".")]


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_what_the_command_wrote_is_replaced_where_it_can_be_known(here: Path, name: str) -> None:
    out = target(name, here / "out")
    first = write(name, out)
    assert first.status in (0, 1), first.err
    (out.parent / "fresh.csv").unlink(missing_ok=True)
    before = out.read_bytes()
    again = write(name, out)
    if WRITERS[name].rewrites:
        assert again.status == first.status, again.err
        return
    refused(again, "--force")
    assert out.read_bytes() == before


@pytest.mark.parametrize("name", FILES)
def test_a_folder_and_a_device_are_never_replaced(here: Path, name: str) -> None:
    folder = here / "out" / target(name, here).name
    folder.mkdir()
    for out in (folder, Path("/dev/null")):
        if out.is_dir() or name != "cohort -o":  # whose name says the form
            refused(write(name, out, "--force"), str(out))
    assert list(folder.iterdir()) == []
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.parametrize("name", sorted(WRITERS))
@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_kept_or_written_through(here: Path, name: str, *, there: bool) -> None:
    out, real = target(name, here / "out"), here / "real"
    out.symlink_to(real)
    if there:
        real.write_bytes(FOREIGN)
    refused(write(name, out), "--force")
    assert real.exists() is there
    if there:
        assert real.read_bytes() == FOREIGN
        assert write(name, out, "--force").status in (0, 1)
        assert out.is_symlink()
        assert real.read_bytes() != FOREIGN


@pytest.mark.parametrize("name", [name for name in FILES if name != "cohort -o"])
@pytest.mark.parametrize("file", ["house/vocabulary.yaml", "house/rules/all.test.yaml"])
def test_a_file_of_the_knowledge_is_never_replaced(here: Path, name: str, file: str) -> None:
    before = (here / file).read_bytes()
    refused(write(name, Path(file), "--force"), "is a file of the knowledge")
    assert (here / file).read_bytes() == before


# --- where nothing can be written -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_a_folder_that_is_not_there_is_reported(here: Path, name: str) -> None:
    refused(write(name, target(name, here / "nowhere")), "nowhere")
    assert not (here / "nowhere").exists()


@pytest.mark.skipif(not os.path.isdir("/proc/self/fdinfo"), reason="no folder here in which root cannot write either")
@pytest.mark.parametrize("name", sorted(WRITERS))
def test_a_folder_in_which_no_file_can_be_made_is_named(here: Path, name: str) -> None:  # noqa: ARG001
    folder = Path("/proc/self/fdinfo")
    refused(write(name, target(name, folder)), "/proc/")


@pytest.mark.parametrize("name", sorted(WRITERS))
@pytest.mark.parametrize("there", [True, False])
def test_a_full_disk_leaves_what_was_there_and_nothing_else(here: Path, name: str, *, there: bool) -> None:
    out = target(name, here / "out")
    if there:
        out.write_bytes(FOREIGN)
    with full_disk():
        ran = write(name, out, *(["--force"] if there else []))
    refused(ran)
    assert kept(out.parent) == ({out.name: FOREIGN} if there else {})


# --- who may read it --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_what_is_about_patients_is_for_its_owner_alone(here: Path, name: str) -> None:
    out = target(name, here / "out")
    old = os.umask(0o022)
    try:
        assert write(name, out).status in (0, 1)
    finally:
        os.umask(old)
    made = {it.name: stat.S_IMODE(it.stat().st_mode) for it in out.parent.iterdir()}
    private = WRITERS[name].private
    assert made[out.name] == (0o600 if private else 0o644)
    assert set(made.values()) == {made[out.name]}


@pytest.mark.parametrize("name", sorted({*WRITERS} - {"consult --session"}))
def test_a_file_that_is_replaced_keeps_its_permissions(here: Path, name: str) -> None:
    out = target(name, here / "out")
    out.write_bytes(FOREIGN)
    out.chmod(0o640)
    assert write(name, out, "--force").status in (0, 1)
    assert stat.S_IMODE(out.stat().st_mode) == 0o640


def test_two_outputs_of_one_command_need_two_names(here: Path) -> None:
    (here / "other").symlink_to("out")
    for words in (
        "test house --junit out/both --missing=other/both",
        "cohort table.csv --knowledge house -o out/both.csv --rejects other/both.csv",
    ):
        refused(run(*words.split()), "both", "is to hold two things")
    assert kept(here / "out") == {}
