"""Files that have their name only when they are whole and on the disk."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO


def write_whole(path: Path, content: bytes, *, overwrite: bool, private: bool = False) -> None:
    """Write a file: at every moment there is what was there before, or all of the new; a link goes on pointing there.

    A ``private`` file is for its owner alone (mode 0600); another has the permissions of the file that it replaces, or
    those of any new file.

    Raises:
        FileExistsError: there is such a file, and it is not to be overwritten.
        OSError: it cannot be written.
    """
    target = Path(os.path.realpath(path)) if overwrite else path
    new = beside(target, content, private=private)
    try:
        if overwrite:
            os.replace(new, target)
        else:
            _name(new, target)
    finally:
        new.unlink(missing_ok=True)
    with suppress(OSError):  # some file systems cannot do it, and the file is in its place
        _sync_folder(target.parent)


def beside(target: Path, content: bytes, *, private: bool = False) -> Path:
    """A new file in the same folder, whole and on the disk, with the permissions that the target is to have.

    Raises:
        OSError: it cannot be written.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:60]}.", dir=target.parent)  # with mode 0600
    new = Path(name)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        if not private:
            new.chmod(_mode(target))
    except BaseException:
        new.unlink()
        raise
    return new


class Unfinished:
    """A file in work under a name of its own, ``.NAME.unfinished`` beside the target, until it is whole.

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
        os.fsync(self._file.fileno())
        self.path.chmod(_mode(self.target))
        if self.overwrite:
            os.replace(self.path, self.target)
            self._file.close()  # the name is free for another process, so it is not ours to remove
            self._file = None
        else:
            _name(self.path, self.target)
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
        file.close()  # whoever had it has just finished or given up


def _lock(file: BinaryIO) -> None:
    if sys.platform != "win32":
        from fcntl import LOCK_EX, LOCK_NB, flock

        flock(file, LOCK_EX | LOCK_NB)


def _mode(target: Path) -> int:
    """The permissions of the file that is replaced, or those of any new file."""
    return target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask()


def _name(temporary: Path, path: Path) -> None:
    """Give a file its name unless another has it."""
    try:
        os.link(temporary, path)  # unlike a rename, never over another file
    except FileExistsError:
        raise
    except OSError:  # the file system has no links
        if os.path.lexists(path):
            raise FileExistsError(f"{path} exists already") from None
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
