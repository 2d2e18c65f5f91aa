"""Files that have their name only when they are whole and on the disk."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


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
            new.chmod(target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask())
    except BaseException:
        new.unlink()
        raise
    return new


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
