"""The files of a knowledge folder: which kinds there are, and which form the mapping at each place of one has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from expert.lang.format import FORMS, Entries

FILES: Mapping[str, str] = {
    "knowledge": "knowledge.yaml",
    "vocabulary": "vocabulary.yaml",
    "ladder": "ladder.yaml",
    "references": "references.yaml",
    "guidance": "guidance.yaml",
    "invariants": "invariants.yaml",
    "cases": "rules/*.test.yaml",
    "rules": "rules/*.yaml",
    "patient": "patients/*.yaml",
    "site": "sites/*.yaml",
}
"""The kinds of files with where they lie in a knowledge folder; the first that fits a file is its kind."""


def kind_of(name: str) -> str:
    """The kind of a file by its name within a knowledge folder; empty for a file that is none of it."""
    fitting = (kind for kind, form in FILES.items() if form.count("/") == name.count("/") and fnmatchcase(name, form))
    return next(fitting, "")


def name_within(folder: Path, file: Path) -> str:
    """The name of a file within a knowledge folder, whatever it links to; empty if it lies elsewhere."""
    path, root = file.parent.resolve() / file.name, folder.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else ""


def order_at(kind: str, path: Sequence[str]) -> tuple[str, ...]:
    """The keys, in order, of the mapping at a path of a file; none where any order is as good.

    The results that a case expects are listed as suits the case, and a patient's findings as they were learnt.
    """
    if kind == "cases":
        return tuple(FORMS["case"].keys) if len(path) == 1 else ()
    form = FORMS.get(kind)
    for key in path[::2]:
        found = form.keys.get(key) if form else None
        form = FORMS.get(found.value.of) if found and isinstance(found.value, Entries) else None
    return tuple(form.keys) if form and len(path) % 2 == 0 else ()
