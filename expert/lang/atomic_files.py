"""Files and folders that get their names only once they are complete and on the disk.

Unfinished files have hidden names. An ``OSError`` raised here never shows these: it names the file that was to be
written, or its folder if no file can be made there.
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
    """Write a file atomically: readers see the old content or all of the new. Symbolic links are followed.

    The file keeps the permissions of the one it replaces. A new file has the usual permissions, or mode 0600 if it is
    ``private``.

    Raises:
        FileExistsError: the file exists, and ``overwrite`` is false.
        OSError: it cannot be written.
    """
    write_all({path: content}, overwrite=overwrite, private=private)


def write_all(contents: Mapping[Path, bytes], *, overwrite: bool, private: bool = False) -> None:
    """Write several files, each as `write_whole` does.

    All are written before the first is renamed, so a full disk or a folder without write access changes nothing.

    Raises:
        FileExistsError: one of the files exists, and ``overwrite`` is false.
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
        with suppress(OSError):  # some file systems cannot, and the files are in place
            _sync_folder(folder)


def write_folder(target: Path, contents: Mapping[str, bytes]) -> None:
    """Write a folder of files, which may lie in folders of it. An existing folder is replaced once the new one is
    complete.

    Raises:
        OSError: it cannot be written; an existing folder is unchanged.
    """
    with _naming(target.parent):
        parent = tempfile.mkdtemp(prefix=".expert-", dir=target.parent)
    fresh = Path(parent) / "new"
    try:
        with _naming(target):
            fresh.mkdir()  # with the permissions of any new folder, unlike the one around it
            for name, content in contents.items():
                (fresh / name).parent.mkdir(parents=True, exist_ok=True)
                (fresh / name).write_bytes(content)
        name_folder(fresh, target, overwrite=True)
    finally:
        shutil.rmtree(parent, ignore_errors=True)


def name_folder(fresh: Path, target: Path, *, overwrite: bool) -> None:
    """Rename a complete folder, and remove the one that it replaces.

    Raises:
        OSError: it cannot be renamed; an existing folder is unchanged.
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
    """Make an empty file with mode 0600.

    Raises:
        FileExistsError: the file exists.
        OSError: it cannot be made.
    """
    with _naming(path.parent, but=FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def why(error: OSError) -> str:
    """Why a file could not be written; names the folder if no file can be made there."""
    reason = error.strerror or str(error)
    return f"{reason}, in the folder {error.filename}" if error.filename and os.path.isdir(error.filename) else reason


def _written(target: Path, content: bytes, *, private: bool) -> Path:
    """A complete hidden file in the target's folder, with the target's permissions."""
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
    """A table of patients being written, named ``.NAME.unfinished`` in the target's folder until it is complete.

    It has mode 0600, or the permissions of the file it replaces. The remains of a killed run are overwritten by the
    next run for the same target. Used in a ``with`` block, an unfinished file is removed at its end.
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
        """Check that the target may be written.

        Raises:
            FileExistsError: it exists, and is not to be overwritten.
        """
        if not self.overwrite and os.path.lexists(self.target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(self.target))

    def finish(self) -> None:
        """Rename the file to its target once all of it is on the disk.

        Raises:
            FileExistsError: the target exists, and is not to be overwritten.
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
        """Remove the file unless it is finished."""
        if self._file is not None:
            self.path.unlink(missing_ok=True)  # before the claim on it ends
            self._file.close()
            self._file = None


def _claimed(path: Path) -> BinaryIO:
    """Open a file and lock it against other processes."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        file = open(descriptor, "r+b")  # noqa: SIM115  closing it would release the lock
        try:
            _lock(file)
            if path.exists() and os.path.samestat(os.fstat(descriptor), path.stat()):
                file.truncate()
                return file
        except BaseException:
            file.close()
            raise
        file.close()  # another process has just renamed or removed it


def _lock(file: BinaryIO) -> None:
    if sys.platform != "win32":
        from fcntl import LOCK_EX, LOCK_NB, flock

        flock(file, LOCK_EX | LOCK_NB)


def _mode(target: Path, *, private: bool) -> int:
    """The permissions of the file to be replaced, or of a new one."""
    if target.exists():
        return target.stat().st_mode & 0o7777
    return 0o600 if private else 0o666 & ~_umask()


def _name(temporary: Path, path: Path) -> None:
    """Rename a file, but never over another one."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # the file system has no links
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.replace(temporary, path)


def _umask() -> int:
    """The process's umask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
