"""Renaming an entry of a knowledge folder at every place where it is named, and proving that nothing else changed."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from expert.cases.results import outcomes_of, run_cases
from expert.edit.edited_file import edit, text_of
from expert.lang.definitions import Definitions
from expert.lang.errors import KnowledgeError, Location, Problem, nearest, quoted
from expert.lang.folder_layout import files_in
from expert.lang.format import FORMS, LONGEST_NAME, RESERVED
from expert.lang.model import KnowledgeBase
from expert.lang.premises import All, Compare, Concluded, In, Is, Leaf, Name, Premise, mapped
from expert.logic.domain import Domain
from expert.read.cases import case_files, read_cases
from expert.read.fields import is_named
from expert.read.knowledge import read_knowledge
from expert.read.parse import parse
from expert.read.source import LINE_BREAK, Listing, Node, Problems, Scalar, Source
from expert.read.source import Mapping as MappingNode
from expert.read.uses import STYLES, Named, Use, uses_in

_SHARED: tuple[tuple[Named, ...], ...] = (("finding", "panel"), ("step", "step group"))
"""Kinds whose entries share their names; options of different steps do not."""

_OF_STEPS = ("supports", "excludes", "cautions", "prefers", "available", "recommended", "offered")


class Edit(NamedTuple):
    """A text for a part of a line of a file; ``line``, ``column`` and ``end`` count from 1."""

    file: str
    line: int
    column: int
    end: int
    text: str


class Renaming(NamedTuple):
    """A renaming that is not written yet.

    Attributes:
        places: where the name is.
        edits: those of the places, and the one that keeps the old name as a former one.
        former: whether it is kept.
        texts: the new texts of the files by their names within the folder.
    """

    kind: Named
    old: str
    new: str
    places: tuple[Use, ...]
    edits: tuple[Edit, ...]
    former: bool
    texts: Mapping[str, str]


def renaming(folder: Path, name: str, old: str, new: str, kind: str = "", *, former: bool = True) -> Renaming:
    """The renaming of an entry of a folder, which messages call ``name``, proved, with the files that it changes.

    Args:
        old: the name now; an option is ``STEP.OPTION``.
        new: the new name; of an option, without its step.
        kind: what is meant, where several kinds of entries have the name.
        former: keep the old name as a former one, if records can hold it.

    Raises:
        KnowledgeError: the folder cannot be read, there is no such entry, the new name is not one or is taken, or the
            result would not be the same knowledge.
    """
    before = read_knowledge(folder)
    texts = {path.relative_to(folder).as_posix(): _text(path) for path in files_in(folder)}
    found = renamed_texts(texts, name, old, new, kind, former=former)
    changed = {file: text for file, text in found.texts.items() if text != texts[file]}
    _prove(before, folder, changed, _Renamed(found.kind, old, _full(found.kind, old, new)))
    return found._replace(texts=changed)


def renamed_texts(
    texts: Mapping[str, str], name: str, old: str, new: str, kind: str = "", *, former: bool = False
) -> Renaming:
    """The renaming of an entry in the texts of the files of a folder, not proved, with all of them.

    Raises:
        KnowledgeError: as `renaming` does.
    """
    trees = {file: tree for file, text in texts.items() if (tree := parse(Source(file, text), Problems()))}
    uses = uses_in(trees)
    meant = _meant(uses, old, kind)
    _check_new(uses, meant, old, new)
    places = tuple(it for it in uses if (it.kind, it.name) == (meant, old))
    if inexact := [it for it in places if not it.column]:
        raise KnowledgeError(_inexact(name, it) for it in inexact)
    edits = [Edit(it.file, it.line, it.column, it.end, new) for it in places]
    defined = next(it for it in places if it.role == "defines")
    entry = _entry_at(trees[defined.file], defined)
    kept = former and "former" in FORMS[meant].keys if meant in FORMS else False
    if isinstance(entry, MappingNode):
        edits += _of_former(entry, defined, new, kept=kept)
    changed = {file: _edited(text, [it for it in edits if it.file == file]) for file, text in texts.items()}
    return Renaming(meant, old, new, places, tuple(edits), kept, changed)


def _inexact(name: str, it: Use) -> Problem:
    message = f"{it.name} is not on one line here"
    return Problem(message, Location(f"{name}/{it.file}", it.line, 1), expected="the name on one line")


def write(folder: Path, it: Renaming) -> None:
    """Write the files of a renaming: all of them, or none.

    Raises:
        KnowledgeError: a file cannot be written.
    """
    edit({folder / file: text for file, text in it.texts.items()})


# --- what is meant ----------------------------------------------------------------------------------------------------


def _text(path: Path) -> str:
    text = text_of(path)
    if text.encode() != path.read_bytes():
        raise KnowledgeError([Problem(f"{path} is not plain UTF-8", expected="UTF-8 without a byte order mark")])
    return text


def _meant(uses: Iterable[Use], old: str, kind: str) -> Named:
    defined = [it for it in uses if it.role == "defines"]
    kinds = list(dict.fromkeys(it.kind for it in defined if it.name == old))
    if kind:
        kinds = [it for it in kinds if it == kind]
    if len(kinds) > 1:
        shown = " and ".join(map(_a, kinds))
        raise KnowledgeError([Problem(f"{old} is {shown}", expected=f"--kind {' or --kind '.join(kinds)}")])
    if not kinds:
        known = [it.name for it in defined if not kind or it.kind == kind]
        what = f"is not {_a(kind)}" if kind else "is not an entry of this knowledge"
        raise KnowledgeError([Problem(f"{quoted(old)} {what}", suggestion=nearest(old, known))])
    return kinds[0]


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aio' else 'a'} {kind}"


def _check_new(uses: Iterable[Use], kind: Named, old: str, new: str) -> None:
    style = STYLES[kind]
    if not is_named(new, style) or len(new) > LONGEST_NAME:
        message = f"{quoted(new)} is not a name for {_a(kind)}"
        raise KnowledgeError([Problem(message, expected=f"{style}, at most {LONGEST_NAME} letters")])
    if style == "snake_case" and new in RESERVED:
        raise KnowledgeError([Problem(f"{new!r} is a reserved word", expected="another name")])
    kinds = next((its for its in _SHARED if kind in its), (kind,))
    full = _full(kind, old, new)
    taken = [it for it in uses if it.kind in kinds and it.name == full]
    if any(it.role == "defines" for it in taken):
        raise KnowledgeError([Problem(f"there is {_a(kind)} called {quoted(full)} already", expected="another name")])
    if had := next((it.within[1] for it in taken if it.role == "had" and it.within != (kind, old)), ""):
        raise KnowledgeError([Problem(f"{quoted(full)} is a former name of {had}", expected="another name")])


def _full(kind: Named, old: str, new: str) -> str:
    return f"{old.rpartition('.')[0]}.{new}" if kind == "option" else new


def _edited(text: str, edits: Sequence[Edit]) -> str:
    starts = [0, *(found.end() for found in LINE_BREAK.finditer(text))]
    for it in sorted(edits, key=lambda it: (it.line, it.column), reverse=True):
        start = starts[it.line - 1]
        text = text[: start + it.column - 1] + it.text + text[start + it.end - 1 :]
    return text


# --- former names -----------------------------------------------------------------------------------------------------


def _entry_at(node: Node | None, it: Use) -> Node | None:
    """The entry whose name is at a place."""
    if not isinstance(node, MappingNode):
        return None
    for name, key in node.keys.items():
        value = node.entries[name]
        if (key.line, key.column) == (it.line, it.column):
            return value
        if found := _entry_at(value, it):
            return found
    return None


def _of_former(entry: MappingNode, defined: Use, new: str, *, kept: bool) -> Iterator[Edit]:
    """The edit that adds the old name to the former ones of an entry; one that is used again leaves them for it."""
    old, listed = defined.written, entry.entries.get("former")
    items = listed.items if isinstance(listed, Listing) else [listed]
    had = [it for it in items if isinstance(it, Scalar)]
    again = next((it for it in had if it.text == new), None)
    if again and not kept:
        message = f"{new!r} is a former name of {defined.name}"
        raise KnowledgeError([Problem(message, expected="to keep the old name as a former one in its place")])
    if not kept:
        return
    at, end, text = min(entry.keys.values(), key=lambda it: (it.line, it.column)), 0, f"former: [{old}]"
    line_break = "\r\n" if "\r\n" in at.source.text else "\n"
    if again:
        at, end, text = again, again.end, old
    elif isinstance(listed, Scalar):
        at, end, text = listed, listed.end, f"[{old}, {listed.text}]"
    elif isinstance(listed, Listing) and had:
        at, text = had[0], f"{old}, " if _is_flow(listed) else f"{old}{line_break}{' ' * (listed.column - 1)}- "
    else:
        text += ", " if _is_flow(entry) else f"{line_break}{' ' * (at.column - 1)}"
    yield Edit(defined.file, at.line, at.column, end or at.column, text)


def _is_flow(node: Listing | MappingNode) -> bool:
    """Whether a node is written in brackets."""
    return node.source.line(node.line)[node.column - 1 : node.column] in ("[", "{")


# --- the proof --------------------------------------------------------------------------------------------------------


class _Renamed(NamedTuple):
    """A renaming of names in the model."""

    kind: Named
    old: str
    new: str

    def finding(self, name: str) -> str:
        return self.new if (self.kind, self.old) == ("finding", name) else name

    def target(self, name: str) -> str:
        """A step or an option."""
        step, dot, option = name.partition(".")
        if self.kind == "option":
            return self.new if name == self.old else name
        return f"{self.new}{dot}{option}" if (self.kind, self.old) == ("step", step) else name

    def name(self, name: Name) -> Name:
        """The name of a definition."""
        what, entry, *rest = name
        if what in ("finding", "score", "points"):
            return (what, self.finding(entry), *rest)
        if what in _OF_STEPS:
            return (what, self.target(entry))
        kind = {"rule": "rule", "alert": "alert", "advise": "advice", "given": "advice"}[what]
        return (what, self.new if (self.kind, self.old) == (kind, entry) else entry)

    def premise(self, premise: Premise) -> Premise:
        return mapped(premise, self._leaf)

    def _leaf(self, leaf: Leaf) -> Premise:
        if isinstance(leaf, Concluded):
            return Concluded(self.name(leaf.name))
        name = self.finding(leaf.finding)
        if isinstance(leaf, Is):
            return Is(name, leaf.value)
        return (
            In(name, leaf.values)
            if isinstance(leaf, In)
            else Compare(name, leaf.operator, leaf.threshold, leaf.written)
        )


def _prove(before: KnowledgeBase, folder: Path, texts: Mapping[str, str], renamed: _Renamed) -> None:
    """Refuse a result that is not the same knowledge but for the name, or whose cases go otherwise.

    Two knowledge bases with the same definitions and the same space of patients answer alike: nothing else is read.
    """
    with TemporaryDirectory() as temporary:
        copy = Path(temporary) / folder.resolve().name
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".*"))
        for file, text in texts.items():
            (copy / file).write_bytes(text.encode())
        after = read_knowledge(copy)
        same = _meaning(after, _Renamed("rule", "", "")) == _meaning(before, renamed)
        if not same or _results(before) != _results(after):
            raise KnowledgeError([Problem(f"{renamed.old} cannot be renamed: the knowledge would not be the same")])


def _meaning(kb: KnowledgeBase, renamed: _Renamed) -> list[Any]:
    """Everything that an answer depends on, or would if drafts were active, with the new name."""
    kb = kb.with_drafts()
    definitions = Definitions(kb)
    domain = Domain(definitions)
    return [
        {renamed.name(name): renamed.premise(it) for name, it in definitions.premises.items()},
        {renamed.finding(name): cells for name, cells in domain.cells.items()},
        {renamed.finding(name): value for name, value in domain.presumed.items()},
        [renamed.premise(All(it.never)) for it in kb.constraints],
        {
            renamed.finding(name): tuple(renamed.premise(it) for it in finding.conditions)
            for name, finding in kb.inputs.items()
        },
        [(renamed.target(name), step.gate, renamed.target(step.meanwhile)) for name, step in kb.steps.items()],
        [[renamed.finding(name) for name in it.findings] for it in kb.plausible],
        [[(renamed.finding(name), value) for name, value in it.members.items()] for it in kb.panels.values()],
    ]


def _results(kb: KnowledgeBase) -> list[tuple[str, int]]:
    """How each case goes: the number of its failures."""
    cases = read_cases(kb, case_files(kb, needed=False))
    results = run_cases(outcomes_of(Domain(Definitions(kb)), cases), cases)
    return [(it.case.name, len(it.failures)) for it in results]
