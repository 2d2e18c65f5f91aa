"""Files and folders that have their name only when they are whole and on the disk.

An ``OSError`` that is raised here names the file that was to be written, or the folder in which none can be made; never
a file in work, which has a hidden name.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


def write_whole(path: Path, content: bytes, *, overwrite: bool, private: bool = False) -> None:
    """Write a file: at every moment there is what was there before, or all of the new; a link goes on pointing there.

    A file keeps the permissions of the one that it replaces. A new one that is ``private`` is for its owner alone (mode
    0600); another has those of any new file.

    Raises:
        FileExistsError: there is such a file, and it is not to be overwritten.
        OSError: it cannot be written.
    """
    write_all({path: content}, overwrite=overwrite, private=private)


def write_all(contents: Mapping[Path, bytes], *, overwrite: bool, private: bool = False) -> None:
    """Write several files, each as `write_whole` does.

    All are written before the first takes its place, so a full disk or a folder in which none can be made leaves every
    file as it was.

    Raises:
        FileExistsError: there is such a file, and it is not to be overwritten.
        OSError: one cannot be written.
    """
    written: dict[Path, Path] = {}
    try:
        for path, content in contents.items():
            target = Path(os.path.realpath(path)) if overwrite else path
            written[target] = _written(target, content, private=private)
        for target, new in written.items():
            with _naming(target):
                if overwrite:
                    os.replace(new, target)
                else:
                    _name(new, target)
    finally:
        for new in written.values():
            new.unlink(missing_ok=True)
    for folder in {target.parent for target in written}:
        with suppress(OSError):  # some file systems cannot do it, and the files are in their places
            _sync_folder(folder)


def write_folder(target: Path, contents: Mapping[str, bytes]) -> None:
    """Write a folder of files, in place of one that is there; that goes when its successor is whole.

    Raises:
        OSError: it cannot be written; then what was there is as it was.
    """
    with _naming(target.parent):
        parent = tempfile.mkdtemp(prefix=".expert-", dir=target.parent)
    fresh = Path(parent) / "new"
    try:
        with _naming(target):
            fresh.mkdir()  # with the permissions of any new folder, unlike the one around it
            for name, content in contents.items():
                (fresh / name).write_bytes(content)
        name_folder(fresh, target, overwrite=True)
    finally:
        shutil.rmtree(parent, ignore_errors=True)


def name_folder(fresh: Path, target: Path, *, overwrite: bool) -> None:
    """Give a whole folder its name. One that is replaced goes when its successor is in its place.

    Raises:
        OSError: it cannot have that name; then what was there is as it was.
    """
    with _naming(target):
        if not (overwrite and target.exists()):
            os.rename(fresh, target)
            return
        old = Path(tempfile.mkdtemp(prefix=".expert-", dir=target.parent)) / "old"
        try:
            os.rename(target, old)
            try:
                os.rename(fresh, target)
            except OSError:
                os.rename(old, target)
                raise
        finally:
            shutil.rmtree(old.parent, ignore_errors=True)


def new_file(path: Path) -> None:
    """Make an empty file, for its owner alone (mode 0600).

    Raises:
        FileExistsError: there is such a file.
        OSError: it cannot be made.
    """
    with _naming(path.parent, but=FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def why(error: OSError) -> str:
    """Why a file could not be written, with the folder in which none can be made."""
    reason = error.strerror or str(error)
    return f"{reason}, in the folder {error.filename}" if error.filename and os.path.isdir(error.filename) else reason


def _written(target: Path, content: bytes, *, private: bool) -> Path:
    """A new file in the same folder, whole and on the disk, with the permissions that the target is to have."""
    with _naming(target.parent):
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:60]}.", dir=target.parent)  # with mode 0600
    new = Path(name)
    try:
        with _naming(target):
            with open(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            new.chmod(_mode(target, private=private))
    except BaseException:
        new.unlink()
        raise
    return new


@contextmanager
def _naming(path: Path, but: type[OSError] | tuple[()] = ()) -> Iterator[None]:
    """Raise any ``OSError`` with the name of ``path``."""
    try:
        yield
    except OSError as error:
        if error.errno is None or isinstance(error, but):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


class Unfinished:
    """A table of patients in work, named ``.NAME.unfinished`` in the folder of the target until it is whole.

    It is for its owner alone (mode 0600), unless it replaces a file: then it has the permissions of that.
    What a killed run has left there is written over by the next run that makes the same file. Within ``with``, a file
    that is not finished goes when the block ends, however it ends.
    """

    def __init__(self, target: Path, *, overwrite: bool) -> None:
        """Claim the name.

        Raises:
            BlockingIOError: another process is making the same file.
            OSError: it cannot be written there.
        """
        self.target = Path(os.path.realpath(target)) if overwrite else target
        self.overwrite = overwrite
        name = self.target.name
        short = name if len(name) <= 200 else f"{name[:100]}~{name[-99:]}"  # names of a run differ in their ends
        self.path = self.target.parent / f".{short}.unfinished"
        with _naming(self.target.parent, but=BlockingIOError):
            self._file: BinaryIO | None = _claimed(self.path)

    def __enter__(self) -> Unfinished:
        return self

    def __exit__(self, *_: object) -> None:
        self.abandon()

    def check_name(self) -> None:
        """See whether the file can be given its name.

        Raises:
            FileExistsError: there is such a file, and it is not to be overwritten.
        """
        if not self.overwrite and os.path.lexists(self.target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(self.target))

    def finish(self) -> None:
        """Give the file its name, once all of it is on the disk.

        Raises:
            FileExistsError: there is such a file, and it is not to be overwritten.
            OSError: it cannot be written.
        """
        assert self._file is not None
        with _naming(self.target):
            os.fsync(self._file.fileno())
            self.path.chmod(_mode(self.target, private=True))
            if self.overwrite:
                os.replace(self.path, self.target)
            else:
                _name(self.path, self.target)
        if self.overwrite:
            self._file.close()  # the name is free for another process, so it is not ours to remove
            self._file = None
        else:
            self.abandon()
        with suppress(OSError):
            _sync_folder(self.target.parent)

    def abandon(self) -> None:
        """Leave nothing of it, unless it is finished."""
        if self._file is not None:
            self.path.unlink(missing_ok=True)  # before the claim on it ends
            self._file.close()
            self._file = None


def _claimed(path: Path) -> BinaryIO:
    """A file, empty or not, that no other process claims while it is open."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        file = open(descriptor, "r+b")  # noqa: SIM115  it stays open as long as the claim
        try:
            _lock(file)
            if path.exists() and os.path.samestat(os.fstat(descriptor), path.stat()):
                file.truncate()
                return file
        except BaseException:
            file.close()
            raise
        file.close()  # the process that had it has just finished or given up


def _lock(file: BinaryIO) -> None:
    if sys.platform != "win32":
        from fcntl import LOCK_EX, LOCK_NB, flock

        flock(file, LOCK_EX | LOCK_NB)


def _mode(target: Path, *, private: bool) -> int:
    """The permissions of the file that is replaced, or those of a new one."""
    if target.exists():
        return target.stat().st_mode & 0o7777
    return 0o600 if private else 0o666 & ~_umask()


def _name(temporary: Path, path: Path) -> None:
    """Give a file its name unless another has it."""
    try:
        os.link(temporary, path)  # unlike a rename, never over another file
    except FileExistsError:
        raise
    except OSError:  # the file system has no links
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.replace(temporary, path)


def _umask() -> int:
    """The permissions that new files are not to have; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
