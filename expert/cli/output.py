"""The one way out: where a command may write, and writing there.

A file has its name only when it is whole. What is there already is replaced only

- with ``--force``, or
- if it is the command's own work, made from the knowledge alone: it begins with a ``mark``, which nothing else does.

A device, a file that the command reads and a file of the knowledge in use are never replaced; nor is a folder, unless
the command writes one. What a command edits in place or adds to (``fmt``, ``new --to``, ``--journal``, ``--resume``) is
what it was asked to change, and no output.
"""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from expert.lang.atomic_files import why, write_all
from expert.lang.errors import InputError, Problem

_DOCUMENTS = (".pdf", ".doc", ".docx", ".odt", ".rtf")
_OTHERWISE = "another name, or --force to replace it"

quiet_option = click.option("-q", "--quiet", is_flag=True, help="Print nothing if nothing is wrong.")
force_option = click.option("--force", is_flag=True, help="Replace a file that exists.")


def check_output(
    name: str,
    *,
    force: bool,
    mark: bytes = b"",
    reads: Iterable[str | os.PathLike[str]] = (),
    knowledge: str | None = None,
    against: str | None = None,
    folder: bool = False,
) -> None:
    """Refuse a name under which nothing can be written, or something is that must stay.

    Args:
        mark: what files begin with that this command wrote before; empty if they cannot be recognised.
        reads: the files that the command reads, or patterns of their names.
        knowledge: the knowledge folder in use; ``None`` for the one that comes with the program.
        against: other knowledge in use: a folder, or a revision, which is in no file.
        folder: whether a folder of files is written rather than a file.

    Raises:
        InputError: why not.
    """
    path = Path(name)
    check_place(name)
    folders = [_folder_of(knowledge), *([Path(against)] if against and Path(against).is_dir() else [])]
    if folder and any(same(it, path) or _within(it, path) for it in (*reads, *folders)):
        raise refused(name, "is a folder of files to be read", "another name")
    if not folder and path.is_dir():
        raise refused(name, "is a folder", "a file")
    if not os.path.lexists(path):
        return
    if folder and not path.is_dir():
        raise refused(name, "is not a folder", "another name")
    if not folder and path.exists() and not path.is_file():
        raise refused(name, "is not a plain file", "a file")
    if any(same(it, path) for it in reads):
        raise refused(name, "is one of the files to be read", "another name")
    if any(_is_of_the_knowledge(path, it) for it in folders):
        raise refused(name, "is a file of the knowledge", "another name")
    if not force and not (mark and begins(path, mark)):
        raise refused(name, "holds something else" if mark else "exists already", _OTHERWISE)


def check_page(name: str) -> None:
    """Refuse the suffix of a document for a page, which would be one in name only.

    Raises:
        InputError: the name has one.
    """
    path = Path(name)
    if path.suffix.lower() in _DOCUMENTS:
        instead = path.with_suffix(".html")
        raise refused(name, "would hold a page, not a document", f"{instead}, which a browser prints as PDF")


def check_different(names: Iterable[str]) -> None:
    """Refuse two outputs under one name.

    Raises:
        InputError: there are two.
    """
    seen: set[str] = set()
    for name in names:
        if (target := os.path.realpath(name)) in seen:
            raise refused(name, "is to hold two things", "a name of its own for each")
        seen.add(target)


def confirm(question: str, *, yes: bool) -> None:
    """Ask at the terminal whether to write, unless ``yes`` says so already; without consent the command ends.

    Raises:
        UsageError: there is no terminal to ask at.
    """
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("There is no terminal to ask at, and nothing was written; --yes writes unasked.")
    if not click.confirm(question):
        click.echo("nothing was written")
        sys.exit(1)


def check_place(name: str) -> None:
    """Refuse a name that is empty, or that is not in an existing folder.

    Raises:
        InputError: why not.
    """
    if not name or "\0" in name:
        raise refused(name or "an empty word", "names no file", "a file")
    if not Path(name).parent.is_dir():
        raise refused(name, "is in a folder that does not exist", "a file in a folder that exists")


def check_folder(name: str, expected: str) -> None:
    """Refuse a name that is taken by something other than a folder.

    Raises:
        InputError: there is.
    """
    if os.path.lexists(name) and not os.path.isdir(name):
        raise refused(name, "is not a folder", expected)


def check_site(name: str, keeps: Mapping[str, Path], *, marks: Sequence[bytes], force: bool) -> None:
    """Refuse a folder of pages that cannot be replaced as a whole.

    Args:
        keeps: folders that must stay, by what they are.
        marks: what pages begin with that this command wrote before.

    Raises:
        InputError: why not.
    """
    expected = "a folder, or --single for one page"
    if not name or name == "-":
        raise refused(name or "an empty word", "names no folder", expected)
    check_place(name)
    target = Path(os.path.realpath(name))
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise refused(name, "is not a folder", expected)
    for what, place in keeps.items():
        if place.resolve().is_relative_to(target):
            raise refused(name, f"holds {what}", "a folder of its own")
    own = (
        it.suffix == ".html" and it.is_file() and not it.is_symlink() and any(begins(it, mark) for mark in marks)
        for it in target.iterdir()
    )
    if not force and not all(own):
        raise refused(name, "holds something else", "a new folder, or --force to replace all that is in it")


def write_output(name: str, content: bytes, *, force: bool, mark: bytes = b"", private: bool = False) -> None:
    """Write a file that passed `check_output`; a file that has appeared there since is checked again.

    Raises:
        InputError: it cannot be written, or another file must stay.
    """
    write_outputs({name: content}, force=force, mark=mark, private=private)


def write_outputs(contents: Mapping[str, bytes], *, force: bool, mark: bytes = b"", private: bool = False) -> None:
    """The same with several files: all are whole before the first has its name.

    Raises:
        InputError: one cannot be written, or another file must stay; then nothing is written.
    """
    files = {Path(name): content for name, content in contents.items()}
    there = [path for path in files if os.path.lexists(path)]
    own = bool(there and mark) and all(begins(path, mark) for path in there)
    with reported(next(iter(contents))):
        write_all(files, overwrite=force or own, private=private)


@contextmanager
def reported(name: str) -> Iterator[None]:
    """Say what is wrong if a file cannot be written within; ``name`` is what is written.

    Raises:
        InputError: it cannot be written, or another file must stay.
    """
    try:
        yield
    except FileExistsError as error:
        raise refused(error.filename or name, "exists already", _OTHERWISE) from None
    except OSError as error:
        raise refused(name, f"cannot be written: {why(error)}", "a place that can be written") from None


def begins(path: Path, mark: bytes) -> bool:
    """Whether a file begins with a mark."""
    try:
        with path.open("rb") as file:
            return file.read(len(mark)) == mark
    except OSError:
        return False


def refused(what: str | os.PathLike[str], because: str, expected: str) -> InputError:
    """The error of an output that cannot be written."""
    return InputError([Problem(f"{os.fspath(what)} {because}", expected=expected)])


def same(one: str | os.PathLike[str], other: Path) -> bool:
    """Whether two names are of one file or folder that is there."""
    return os.fspath(one) != "-" and os.path.exists(one) and os.path.exists(other) and os.path.samefile(one, other)


def _within(name: str | os.PathLike[str], folder: Path) -> bool:
    """Whether a file, or one of those that match a pattern, lies in a folder."""
    target, files = os.path.realpath(folder), [os.fspath(name), *glob.glob(os.fspath(name))]
    return any(os.path.realpath(it).startswith(target + os.sep) for it in files)


def _folder_of(knowledge: str | None) -> Path:
    from expert.read.knowledge import shipped_knowledge

    return Path(shipped_knowledge() if knowledge is None else knowledge)


def _is_of_the_knowledge(path: Path, folder: Path) -> bool:
    from expert.lang.folder_layout import kind_of, name_within

    return any(kind_of(name_within(folder, it)) for it in (path, Path(os.path.realpath(path))))
