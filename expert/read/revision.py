"""A knowledge folder as it is, or at a revision of its git repository, read without changing any file."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from expert.lang.errors import InputError, KnowledgeError, Problem, nearest, quoted
from expert.lang.model import KnowledgeBase
from expert.read.folder import files_among, joined
from expert.read.knowledge import read_knowledge, read_stored, shipped_knowledge
from expert.read.source import Problems

_OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY")
"""Variables that git sets for hooks; their repository need not be that of the folder."""

_EXPECTED = "a knowledge folder, or a git revision"


def knowledge_of(word: str, directory: str | None = None) -> KnowledgeBase:
    """The knowledge in a folder, or, if no such folder exists, at a git revision of ``directory``.

    Without a ``directory``, it is the folder that comes with the program.

    Raises:
        InputError: the word is neither, or the knowledge there cannot be used.
    """
    if word and Path(word).is_dir():
        return read_knowledge(word)
    if not word or word.startswith("-") or "\0" in word:
        raise InputError([Problem(f"{quoted(word)} does not name a knowledge folder", expected=_EXPECTED)])
    return _at_revision(word, Path(directory if directory is not None else shipped_knowledge()))


def _at_revision(revision: str, folder: Path) -> KnowledgeBase:
    if not folder.is_dir():
        raise KnowledgeError([Problem(f"{folder} is not a folder", expected="a knowledge folder")])
    if _git(folder, "rev-parse", "--is-inside-work-tree") is None:
        message = f"{quoted(revision)} is not a folder, and {folder} is not in a git repository"
        raise InputError([Problem(message, expected=_EXPECTED)])
    if _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}") is None:
        named = (_git(folder, "for-each-ref", "--format=%(refname:short)") or b"").decode("utf-8", "replace").split()
        message = f"{quoted(revision)} is neither a folder nor a revision of the repository of {folder}"
        raise InputError([Problem(message, expected=_EXPECTED, suggestion=nearest(revision, [*named, "HEAD"]))])
    inside = (
        (_git(folder, "rev-parse", "--show-prefix") or b"")
        .decode("utf-8", "surrogateescape")
        .removesuffix("\n")
        .rstrip("/")
    )
    listed = _git(folder, "ls-tree", "-r", "-z", "--full-tree", f"{revision}:{inside}")
    blobs = _blobs(listed or b"")
    if not blobs:
        message = f"there is no folder {inside or '.'} at the revision {revision}"
        raise InputError([Problem(message, expected="a revision that has the knowledge folder")])
    shown, problems = f"{revision}:{inside or '.'}", Problems()
    names = files_among(blobs, shown, problems)
    contents = _contents(folder, [blobs[name] for name in names])
    return read_stored(joined(dict(zip(names, contents, strict=True))), shown, problems)


def _blobs(listed: bytes) -> dict[str, str]:
    """The regular files of a listing with the ids of their contents."""
    found = {}
    for entry in filter(None, listed.split(b"\0")):
        about, _, name = entry.partition(b"\t")
        mode, kind, blob = about.decode("ascii").split()
        if kind == "blob" and mode.startswith("100"):
            found[name.decode("utf-8", "surrogateescape")] = blob
    return found


def _contents(folder: Path, blobs: Sequence[str]) -> list[bytes]:
    """The contents of blobs, by one call."""
    printed = _git(folder, "cat-file", "--batch", given="".join(f"{blob}\n" for blob in blobs).encode("ascii")) or b""
    found, start = [], 0
    for blob in blobs:
        head, newline, _ = printed[start : start + 200].partition(b"\n")
        words = head.split()
        if not newline or len(words) != 3 or words[1] != b"blob":
            raise InputError([Problem(f"git has no contents for {blob}", expected="a whole repository")])
        begin = start + len(head) + 1
        start = begin + int(words[2]) + 1
        found.append(printed[begin : start - 1])
    return found


def _git(folder: Path, *words: str, given: bytes = b"") -> bytes | None:
    """What git prints in a folder; ``None`` if it fails.

    Raises:
        InputError: there is no git.
    """
    try:
        run = subprocess.run(
            ["git", "-C", str(folder), *words], input=given, capture_output=True, check=False, env=_environment()
        )
    except FileNotFoundError:
        raise InputError([Problem("git is not installed", expected="two knowledge folders")]) from None
    return run.stdout if run.returncode == 0 else None


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
