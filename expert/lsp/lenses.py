"""What an editor shows above the rules of a file, and within its lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from lsprotocol import types

from expert.lang.errors import Location, NotAValueError
from expert.lang.folder_layout import kind_of
from expert.lang.model import Reference
from expert.lang.units import read_in_range
from expert.lang.vocabulary import Kind
from expert.lsp.open_folder import OpenFolder
from expert.lsp.symbols import entries
from expert.lsp.text import Text
from expert.render.plain import counted

CASES, MUTANTS, TEST, DIFF = "expert.cases", "expert.mutants", "expert.test", "expert.diff"
"""Commands of the server: show the first case of a rule, try its mutants, run the cases of a topic, compare with the
last commit.
"""

_NAMED = ("because", "silent", "open")
_COMPARED = re.compile(r"\b(?P<finding>[a-z][a-z0-9_]*) *(?:<=|>=|<|>) *(?P<amount>[^\s,\]}#][^,\]}#\r\n]*)")
_LONGEST = 60


def lenses(folder: OpenFolder, name: str) -> Iterator[types.CodeLens]:
    """Over each rule, the cases that name it and what came of its mutants; over the file, its cases and its changes."""
    if kind_of(name) not in ("rules", "cases"):
        return
    first = folder.text(name).range(0, 0)
    uri = folder.uri(name)
    yield types.CodeLens(first, types.Command("run the cases of this topic", TEST, arguments=[uri]))
    yield types.CodeLens(first, types.Command("what changes since the last commit?", DIFF, arguments=[uri]))
    for it in entries(folder, name) if folder.good and kind_of(name) == "rules" else ():
        times = Counter(what for what, _ in cases_of(folder, it.name))
        said = ", ".join(f"{times[what]} {what}" for what in _NAMED if times[what])
        title = f"{counted(times.total(), 'case')}: {said}" if said else "no case names this rule"
        tried = folder.mutants.get((folder.good.content, it.name), "") if folder.good else ""
        place = folder.text(name).range(it.start, it.end)
        yield types.CodeLens(place, types.Command(title, CASES, arguments=[uri, it.name]))
        yield types.CodeLens(place, types.Command(tried or "try its mutants", MUTANTS, arguments=[uri, it.name]))


def of_mutants(found: Sequence[dict[str, Any]]) -> tuple[str, list[str]]:
    """What came of the mutants of a rule, in short; and those that no case catches, a line each."""
    verdicts = Counter(it["verdict"] for it in found)
    left = [it for it in found if it["verdict"] in ("survived", "unproved")]
    tried = counted(verdicts["killed"] + len(left), "mutant")
    caught = f"{len(left)} not caught" if left else "all caught"
    return f"{tried}, {caught}", [f"{it['file']}:{it['line']}: {it['mutant']}" for it in left]


def cases_of(folder: OpenFolder, rule: str) -> Iterator[tuple[str, Location]]:
    """The cases that name a rule: in which list of their expectations, and where the case is."""
    for case in folder.good.knowledge.cases if folder.good else ():
        for it in case.expected:
            if it.what in _NAMED and it.name == rule:
                yield it.what, case.at


def hints(folder: OpenFolder, name: str, place: types.Range) -> Iterator[types.InlayHint]:
    """After what is cited, what it says, in short; after a threshold of time, how many days it is."""
    text = folder.text(name)
    if folder.good is None:
        return
    start, end = text.offset(types.Position(place.start.line, 0)), text.offset(place.end)
    for it in re.finditer(r"(?m)^ *cite:.*(?:\r?\n *- .*)*", text.text[start:end]):
        for word in re.finditer(r"[A-Z][A-Z0-9-]*", it[0]):
            if reference := folder.good.kb.references.get(word[0]):
                yield _hint(text, start + it.start() + word.end(), _in_short(reference))
    for it in _COMPARED.finditer(text.text, start, end):
        if days := _days(folder, it["finding"], it["amount"].strip()):
            yield _hint(text, it.start() + len(it[0].rstrip()), days)


def _hint(text: Text, offset: int, said: str) -> types.InlayHint:
    return types.InlayHint(text.position(offset), said, padding_left=True)


def _in_short(reference: Reference) -> str:
    said = reference.title or reference.text
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST].rpartition(' ')[0]} ..."


def _days(folder: OpenFolder, name: str, amount: str) -> str:
    """A threshold in days; empty if it is none of time, or written in days."""
    finding = folder.good.kb.findings.get(name) if folder.good else None
    if finding is None or finding.kind is not Kind.QUANTITY or not finding.unit or finding.unit.dimension != "time":
        return ""
    try:
        number = read_in_range(finding, amount, unit_may_be_omitted=finding.unit_may_be_omitted)
    except NotAValueError:
        return ""
    return "" if re.search(r"\bd(?:ays?)?$", amount) else f"= {number:,.6g} days"
