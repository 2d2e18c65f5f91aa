"""A copy of a knowledge folder in which the texts of an editor stand in place of the files that they are of.

So all that reads folders reads what the editor shows, saved or not.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

_FOLDERS = ("rules", "patients", "sites")


class Mirror:
    """A copy of a folder, and the texts that stand in it, by the names of their files within the folder."""

    def __init__(self, folder: Path) -> None:
        self.of = folder
        self._kept = TemporaryDirectory(prefix="expert-lsp-", ignore_cleanup_errors=True)
        self.path = Path(self._kept.name) / (folder.name or "knowledge")
        self.path.mkdir()
        self.texts: dict[str, str] = {}
        self._copied: dict[str, tuple[int, int]] = {}

    def put(self, name: str, text: str) -> None:
        """Let the text of an editor stand in place of a file."""
        self.texts[name] = text
        self._copied.pop(name, None)
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))

    def drop(self, name: str) -> None:
        """Let a file stand for itself again."""
        self.texts.pop(name, None)
        (self.path / name).unlink(missing_ok=True)

    def follow(self) -> None:
        """Copy the files that have changed in the folder, and remove those that it no longer has."""
        found = dict(self._files())
        for name in sorted(self._copied.keys() - found.keys(), reverse=True):
            del self._copied[name]
            _remove(self.path / name)
        for name, as_of in found.items():
            if name not in self.texts and self._copied.get(name) != as_of:
                with suppress(OSError):  # what cannot be read is reported as missing
                    self._copy(name)
                    self._copied[name] = as_of

    def _copy(self, name: str) -> None:
        target = self.path / name
        (target if name.endswith("/") else target.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            shutil.copyfile(self.of / name, target)

    def close(self) -> None:
        """Remove the copy."""
        self._kept.cleanup()

    def text(self, name: str) -> str:
        """The text of a file as it is in the copy; empty if there is none."""
        if name in self.texts:
            return self.texts[name]
        with suppress(OSError):
            return (self.path / name).read_bytes().decode("utf-8", "replace")
        return ""

    def _files(self) -> Iterator[tuple[str, tuple[int, int]]]:
        """What may belong to the knowledge: files, with their times and sizes, and folders, which end in a slash."""
        for at, folders, names in os.walk(self.of):
            within = Path(at).relative_to(self.of)
            folders[:] = [it for it in folders if _is_looked_into(within / it)]
            for name in folders:
                yield (within / name).as_posix() + "/", (0, 0)
            for name in names:
                if Path(name).suffix.lower() in (".yaml", ".yml") and not name.startswith("."):
                    with suppress(OSError):
                        stat = (Path(at) / name).stat()
                        yield (within / name).as_posix(), (stat.st_mtime_ns, stat.st_size)


def _is_looked_into(folder: Path) -> bool:
    top, *deeper = folder.parts
    return top in _FOLDERS and not folder.name.startswith(".") and (top == "rules" or not deeper)


def _remove(path: Path) -> None:
    with suppress(OSError):
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
