"""The files of a knowledge folder: reading them, keeping them as one text, and hashing that text."""

from __future__ import annotations

import os
from collections.abc import Mapping

from expert.errors import KnowledgeError, Problem
from expert.read.source import Node, Problems, Scalar, decode, parse, read_bytes

Files = Mapping[str, bytes | None]
"""Names of files below the folder with their bytes, in the order of reading; ``None`` for one that cannot be read."""

_BEFORE_RULES = ("knowledge.yaml", "vocabulary.yaml", "references.yaml", "ladder.yaml")
_OPTIONAL = ("guidance.yaml", "invariants.yaml")


def read_files(path: str | os.PathLike[str], name: str, problems: Problems) -> Files:
    """The files of a folder that people know by ``name``.

    Raises:
        KnowledgeError: it is not a folder.
    """
    if not os.path.isdir(path):
        raise KnowledgeError([Problem(f"{name} is not a folder", expected="a knowledge folder")])
    _report_misnamed(path, name, problems)
    optional = [file for file in _OPTIONAL if os.path.lexists(os.path.join(path, file))]
    names = [*_BEFORE_RULES, *_rule_files(path, name, problems), *optional]
    return {file: _read_file(os.path.join(path, file), f"{name}/{file}", problems) for file in names}


def joined(files: Files) -> bytes:
    """The files as one text, each after its name and its length: what the hash of a knowledge base is taken of."""
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
            raise ValueError("a file is cut short")
        files[os.fsdecode(name)] = text[begin:start]
    return files


class Folder:
    """The files of a knowledge base as trees of nodes."""

    def __init__(self, files: Files, name: str, problems: Problems) -> None:
        self.files, self.name, self.problems = files, name, problems

    def rule_files(self) -> list[str]:
        """The names of the rule files, sorted."""
        names = [name for name in self.files if name.startswith("rules/")]
        if not names and not any(f"{self.name}/rules" in it.message for it in self.problems.found):
            self.problems.add_plain(f"{self.name}/rules has no rule files", expected="rules/TOPIC.yaml")
        return names

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


def _rule_files(path: str | os.PathLike[str], name: str, problems: Problems) -> list[str]:
    """The names of the rule files, sorted. What may be meant as one and is not read is a problem."""
    names = []
    folder = os.path.join(path, "rules")
    for file in _listed(folder, f"{name}/rules", problems):
        stem, suffix = os.path.splitext(file)
        if suffix == ".yaml":
            names += [] if stem.endswith(".test") else [f"rules/{file}"]
        elif _is_yaml(suffix):
            problems.add_plain(f"{name}/rules/{file} is not read", expected=f"{stem}.yaml as its name")
        elif os.path.isdir(os.path.join(folder, file)):
            problems.add_plain(f"{name}/rules/{file} is a folder, which is not read", expected="rule files beside it")
    return names


def _report_misnamed(path: str | os.PathLike[str], name: str, problems: Problems) -> None:
    """Report what may be meant as a file of the folder that need not be there, and is not read."""
    for file in _listed(path, name, problems):
        stem, suffix = os.path.splitext(file)
        meant = f"{stem.lower()}.yaml"
        if meant in _OPTIONAL and file != meant and _is_yaml(suffix):
            problems.add_plain(f"{name}/{file} is not read", expected=f"{meant} as its name")


def _is_yaml(suffix: str) -> bool:
    return suffix.lower().startswith(".y") and suffix.lower().endswith("ml")


def _listed(folder: str | os.PathLike[str], shown: str, problems: Problems) -> list[str]:
    """The names in a folder, sorted, but for hidden ones."""
    try:
        return sorted(file for file in os.listdir(folder) if not file.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        problems.add_plain(f"{shown} cannot be read: {error.strerror}", expected="a folder that can be read")
        return []


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
