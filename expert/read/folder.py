"""The files of a knowledge folder: reading them, keeping them as one text, and hashing that text."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from expert.lang.errors import KnowledgeError, Problem
from expert.read.parse import decode, parse, read_bytes
from expert.read.source import Node, Problems, Scalar

Files = Mapping[str, bytes | None]
"""Names of files below the folder with their bytes, in the order of reading; ``None`` for one that cannot be read."""

_BEFORE_RULES = ("knowledge.yaml", "vocabulary.yaml", "references.yaml", "ladder.yaml")
_OPTIONAL = ("guidance.yaml", "invariants.yaml")


def read_files(path: str | os.PathLike[str], name: str, problems: Problems) -> Files:
    """The files of a folder, which messages call ``name``.

    Raises:
        KnowledgeError: it is not a folder.
    """
    if not os.path.isdir(path):
        raise KnowledgeError([Problem(f"{name} is not a folder", expected="a knowledge folder")])
    below = [*_listed(path, "", name, problems), *_listed(path, "rules/", name, problems)]
    if not {*below} & {*_BEFORE_RULES, "rules/"} and not problems.found:
        expected = f"a folder with {', '.join(_BEFORE_RULES)} and rules/"
        raise KnowledgeError([Problem(f"{name} is not a knowledge folder", expected=expected)])
    names = dict.fromkeys((*_BEFORE_RULES, *files_among(below, name, problems)))  # these are reported if missing
    return {file: _read_file(os.path.join(path, file), f"{name}/{file}", problems) for file in names}


def files_among(below: Iterable[str], name: str, problems: Problems) -> list[str]:
    """The knowledge files among the names below a folder, in the order of reading; hidden files are ignored.

    A file that looks like a knowledge file but is not read is a problem. Names of folders may end in a slash.
    """
    names = sorted(it for it in below if not any(part.startswith(".") for part in it.split("/")))
    rules: list[str] = []
    folders: dict[str, None] = {}
    for it in names:
        folder, _, file = it.rpartition("/")
        stem, suffix = os.path.splitext(file)
        if folder == "rules" and suffix == ".yaml":
            rules += [] if stem.endswith(".test") else [it]
        elif folder == "rules" and _is_yaml(suffix):
            problems.add_plain(f"{name}/{it} is not read", expected=f"{stem}.yaml as its name")
        elif not folder and _is_yaml(suffix) and (meant := f"{stem.lower()}.yaml") in _OPTIONAL and it != meant:
            problems.add_plain(f"{name}/{it} is not read", expected=f"{meant} as its name")
        elif folder.startswith("rules/"):
            folders["/".join(it.split("/")[:2])] = None
    for it in folders:
        problems.add_plain(f"{name}/{it} is a folder, which is not read", expected="rule files directly in rules/")
    if not rules and not problems.found:
        lacking = "has no rule files" if any(it.startswith("rules/") for it in below) else "is missing"
        problems.add_plain(f"{name}/rules {lacking}", expected="rules/TOPIC.yaml")
    return [*(it for it in _BEFORE_RULES if it in names), *rules, *(it for it in _OPTIONAL if it in names)]


def joined(files: Files) -> bytes:
    """The files as one text, each after its name and its length. The hash of a knowledge base is that of this text."""
    read = ((name, data) for name, data in files.items() if data is not None)
    return b"".join(b"%s\0%d\0%s" % (os.fsencode(name), len(data), data) for name, data in read)


def parted(text: bytes) -> Files:
    """The files of a text that `joined` made.

    Raises:
        ValueError: it is not such a text.
    """
    files: dict[str, bytes | None] = {}
    start = 0
    while start < len(text):
        name, length, _ = text[start:].split(b"\0", 2)
        begin = start + len(name) + len(length) + 2
        start = begin + int(length)
        if start > len(text):
            raise ValueError("a file is truncated")
        files[os.fsdecode(name)] = text[begin:start]
    return files


class Folder:
    """The files of a knowledge base as trees of nodes."""

    def __init__(self, files: Files, name: str, problems: Problems) -> None:
        self.files, self.name, self.problems = files, name, problems

    def node(self, name: str) -> Node | None:
        """The tree of a file; ``None`` if it is absent, empty or not readable."""
        shown = f"{self.name}/{name}"
        if name not in self.files and name not in _OPTIONAL:
            self.problems.add_plain(f"{shown} is missing", expected="a knowledge file")
        data = self.files.get(name)
        if data is None:
            return None
        before = len(self.problems.found)
        source = decode(shown, data, self.problems)
        node = parse(source, self.problems) if source else None
        if source and node is None and len(self.problems.found) == before:
            self.problems.add(Scalar(source, 1, 1, ""), "the file is empty", expected="KEY: VALUE")
        return node


def _is_yaml(suffix: str) -> bool:
    return suffix.lower().startswith(".y") and suffix.lower().endswith("ml")


def _listed(path: str | os.PathLike[str], within: str, name: str, problems: Problems) -> list[str]:
    """The names in a folder, or in one ``within`` it. Folders whose names do not end in .yaml get a slash."""
    folder = os.path.join(path, within)
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        shown = f"{name}/{within}".rstrip("/")
        problems.add_plain(f"{shown} cannot be read: {error.strerror}", expected="a folder that can be read")
        return []
    others = {it for it in names if not it.endswith(".yaml") and os.path.isdir(os.path.join(folder, it))}
    return [f"{within}{it}/" if it in others else f"{within}{it}" for it in names]


def _read_file(path: str, shown: str, problems: Problems) -> bytes | None:
    try:
        if os.path.isfile(path) or not os.path.exists(path):
            return read_bytes(path)
        problems.add_plain(f"{shown} is not a file", expected="a knowledge file")
    except FileNotFoundError:
        problems.add_plain(f"{shown} is missing", expected="a knowledge file")
    except OSError as error:
        problems.add_plain(f"{shown} cannot be read: {error.strerror}", expected="a knowledge file")
    return None
