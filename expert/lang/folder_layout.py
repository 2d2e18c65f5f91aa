"""The files of a knowledge folder: their kinds, and the form of the mapping at each path in a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from expert.lang.format import FORMS, Entries, Form

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
"""The kinds of files with the patterns of their names; the first that matches decides."""


class Section(NamedTuple):
    """Where entries of one form stand: the kind of the file, the key of the section, and the style of their names."""

    file: str
    key: str
    names: str


def sections() -> dict[str, Section]:
    """The sections of all files by the form of their entries, in the order of files and keys."""
    found = {}
    for kind in FILES:
        for key, it in FORMS[kind].keys.items() if kind in FORMS else ():
            if isinstance(it.value, Entries) and it.value.of in FORMS:
                found[it.value.of] = Section(kind, key, it.value.names)
    return found


def kind_of(name: str) -> str:
    """The kind of a file by its name within a knowledge folder; empty if it is no knowledge file."""
    fitting = (kind for kind, form in FILES.items() if form.count("/") == name.count("/") and fnmatchcase(name, form))
    return next(fitting, "")


def files_in(folder: Path, *kinds: str) -> list[Path]:
    """The knowledge files of a folder, or those of some kinds, sorted; hidden files are not read, and left out."""
    forms = (form for kind, form in FILES.items() if not kinds or kind in kinds)
    return sorted({file for form in forms for file in folder.glob(form) if not file.name.startswith(".")})


def name_within(folder: Path, file: Path) -> str:
    """The name of a file within a knowledge folder; empty if it is elsewhere. A link counts where it is itself."""
    path, root = file.parent.resolve() / file.name, folder.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else ""


def order_at(kind: str, path: Sequence[str]) -> tuple[str, ...]:
    """The keys, in order, of the mapping at a path in a file; empty where the order is free.

    It is free for the results that a case expects and for a patient's findings.
    """
    form = form_at(kind, path)
    return tuple(form.keys) if form and form is not FORMS["expectation"] else ()


def form_at(kind: str, path: Sequence[str]) -> Form | None:
    """The form of the mapping at a path in a kind of file; in a path, an item of a list is one key."""
    if kind == "cases":
        return {(): FORMS["case"], ("expect",): FORMS["expectation"]}.get(tuple(path[1:])) if path else None
    form, ahead = FORMS.get(kind), iter(path)
    for key in ahead:
        found = form.keys.get(key) if form else None
        value = found.value if found else ""
        if isinstance(value, Entries):  # the next key is a name
            form = FORMS.get(value.of) if next(ahead, None) is not None else None
        else:
            form = FORMS.get(value) if isinstance(value, str) else None
    return form
