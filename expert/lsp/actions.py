"""What an editor offers to do about what is wrong at a place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from lsprotocol import types

from expert.cases.results import outcomes_of, run_cases
from expert.check.faults import READING
from expert.edit.accept import rewritten
from expert.lang.errors import ExpertError
from expert.lsp.diagnostics import CASE
from expert.lsp.formatting import difference, formatting
from expert.lsp.open_folder import OpenFolder
from expert.lsp.text import Text
from expert.read.cases import UNSIGNED, read_cases

_WITHIN = re.compile(r"[^\r\n]*:\s*[\r\n]\s*")
_LACKS = re.compile(r" lacks ((?:'\w+'(?:, )?)+)")


def actions(
    folder: OpenFolder, name: str, place: types.Range, wrong: Iterable[types.Diagnostic]
) -> list[types.CodeAction]:
    """What can be done about what is wrong in the lines of a range."""
    text = folder.text(name)
    found = []
    for it in wrong:
        if it.range.start.line <= place.end.line and place.start.line <= it.range.end.line:
            for offer in _OFFERS:
                for title, edits in offer(folder, name, text, it):
                    edit = types.WorkspaceEdit(document_changes=edits)
                    found.append(types.CodeAction(title, types.CodeActionKind.QuickFix, diagnostics=[it], edit=edit))
    return found


Changes = list[types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile]
Offer = Iterator[tuple[str, Changes]]


def _changes(folder: OpenFolder, name: str, *edits: types.TextEdit) -> Changes:
    return [types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(folder.uri(name)), list(edits))]


def _spelling(folder: OpenFolder, name: str, _: Text, it: types.Diagnostic) -> Offer:
    """The nearest spelling."""
    if meant := (it.data or {}).get("edit"):
        yield f"Write {meant}", _changes(folder, name, types.TextEdit(it.range, meant))


def _missing_keys(folder: OpenFolder, name: str, text: Text, it: types.Diagnostic) -> Offer:
    """The keys that an entry lacks, such as its citations."""
    lacks = _LACKS.search(it.message.partition("\n")[0])
    keys = re.findall(r"\w+", lacks[1]) if lacks else ["cite"] * (it.code == "missing-citation")
    start = text.offset(it.range.start)
    if not lacks and (within := _WITHIN.match(text.text, start)):
        start = within.end()
    before = text.line_before(start)
    if keys and not before.strip(" -") and not text.text.startswith(("{", "["), start):
        at = _end_of_entry(text, start, len(before))
        lines = "".join(f"{text.line_end}{' ' * len(before)}{key}: " for key in keys)
        yield f"Add {', '.join(keys)}", _changes(folder, name, types.TextEdit(text.range(at, at), lines))


def _end_of_entry(text: Text, start: int, column: int) -> int:
    """The end of the last line of the mapping that begins at a character of a column."""
    end = start
    for number, line in enumerate(text.text[start:].splitlines(keepends=True)):
        if number and line.strip() and len(line) - len(line.lstrip()) < column:
            break
        end += len(line)
    return text.end_of_content(end)


def _order(folder: OpenFolder, name: str, text: Text, it: types.Diagnostic) -> Offer:
    """House style, which puts keys in order."""
    if it.code == "key-order" and (edits := formatting(name, text)):
        yield "Put the file in house style", _changes(folder, name, *edits)


def _waiver(folder: OpenFolder, name: str, text: Text, it: types.Diagnostic) -> Offer:
    """A waiver, whose reason is for a person to write: without one it is a fault."""
    if it.code in (READING, CASE, "wrong-waiver"):
        return
    line = text.offset(types.Position(it.range.start.line, 0))
    indent = re.match(" *", text.text[line:])
    comment = f"{indent[0] if indent else ''}# waive {it.code}: {text.line_end}"
    yield f"Waive {it.code}, with a reason", _changes(folder, name, types.TextEdit(text.range(line, line), comment))


def _witness(folder: OpenFolder, name: str, _: Text, it: types.Diagnostic) -> Offer:
    """The patient who shows a fault as a case, which a person has to sign."""
    witness = (it.data or {}).get("witness")
    if not witness:
        return
    topic = name.removeprefix("rules/").removesuffix(".yaml") if name.startswith("rules/") else "witnesses"
    cases = f"rules/{topic}.test.yaml"
    there = folder.text(cases)
    called = it.message.partition("\n")[0].replace("'", "''")
    given = "".join(f"    {line}{there.line_end}" for line in witness)
    case = f"- name: '{called}'{there.line_end}  given:{there.line_end}{given}  expect: {UNSIGNED}{there.line_end}"
    end = there.whole.end
    gap = there.line_end * (bool(there.text) + (bool(there.text) and not there.text.endswith("\n")))
    edit = types.TextEdit(types.Range(end, end), gap + case)
    made: Changes = [] if cases in folder.names() else [types.CreateFile(folder.uri(cases))]
    yield f"Make a case of this patient in {cases}", [*made, *_changes(folder, cases, edit)]


def _accepted(folder: OpenFolder, name: str, text: Text, it: types.Diagnostic) -> Offer:
    """What follows as what the case expects, as ``expert test --accept`` writes it."""
    if it.code != CASE or folder.problems or not folder.good:
        return
    domain = folder.good.knowledge.domain
    try:
        here = read_cases(domain.kb, [folder.mirror.path / name])
        these = [case for case in here if case.at.line == (it.data or {}).get("case")]
        changed = rewritten(domain, run_cases(outcomes_of(domain, these), these))
    except ExpertError:  # the text has changed, or only a person can rewrite it safely
        return
    for found in changed:
        yield "Expect what follows", _changes(folder, name, difference(text, found.after))


_OFFERS: tuple[Callable[[OpenFolder, str, Text, types.Diagnostic], Offer], ...] = (
    _spelling,
    _missing_keys,
    _order,
    _accepted,
    _witness,
    _waiver,
)
