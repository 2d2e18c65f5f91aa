"""What is wrong with a folder, as an editor underlines it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lsprotocol import types

from expert.check.faults import PROOFS, READING
from expert.lang.errors import Location, Problem
from expert.lsp.open_folder import OpenFolder

SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "note": types.DiagnosticSeverity.Information,
}
_QUOTED = re.compile(r"'([^']+)'")

ByFile = dict[str, list[types.Diagnostic]]
"""Diagnostics by the name of the file within the folder."""


def of_problems(folder: OpenFolder) -> ByFile:
    """What the reader reports."""
    found: ByFile = {}
    for it in folder.problems:
        found.setdefault(folder.name_at(it.at), []).append(_of_problem(folder, it))
    return found


def _of_problem(folder: OpenFolder, it: Problem) -> types.Diagnostic:
    place = _range(folder, it.at, it.message)
    further = [f"expected {it.expected}" * bool(it.expected), f"did you mean {it.suggestion}?" * bool(it.suggestion)]
    message = "\n".join(filter(None, [it.message, *further]))
    whole = _quoted(folder, it.at, it.message) != ""
    data = {"suggestion": it.suggestion, "whole": whole} if it.suggestion else None
    return types.Diagnostic(
        place, folder.said(message), types.DiagnosticSeverity.Error, READING, source="expert", data=data
    )


def of_faults(folder: OpenFolder, faults: Iterable[dict[str, Any]]) -> ByFile:
    """What ``expert check --format json`` reports; the witness of a proof is part of its message."""
    found: ByFile = {}
    for it in faults:
        at = Location(it["file"], it["line"], it["column"])
        found.setdefault(folder.name_at(at), []).append(_of_fault(folder, it, at))
    return found


def _of_fault(folder: OpenFolder, it: dict[str, Any], at: Location) -> types.Diagnostic:
    patient = ["for this patient:", it["witness"]] if it["witness"] else []
    message = "\n".join(filter(None, [it["message"], it["remedy"], *patient]))
    related = [
        _related(folder, Location(other["file"], other["line"], other["column"]), other["message"])
        for other in it["related"]
    ]
    if it["witness"]:
        related.append(_related(folder, at, f"shown by: {', '.join(it['witness'].splitlines())}"))
    return types.Diagnostic(
        _range(folder, at, it["message"]),
        folder.said(message),
        SEVERITIES[it["severity"]],
        it["check"],
        source="expert proof" if it["check"] in PROOFS else "expert",
        related_information=related or None,
        data={"witness": it["witness"].splitlines()} if it["witness"] else None,
    )


def _related(folder: OpenFolder, at: Location, message: str) -> types.DiagnosticRelatedInformation:
    place = types.Location(folder.uri(folder.name_at(at)), _range(folder, at, ""))
    return types.DiagnosticRelatedInformation(place, folder.said(message))


def _range(folder: OpenFolder, at: Location | None, message: str) -> types.Range:
    """The part of the text that begins at a place: what the message quotes, if it is there."""
    text = folder.text(folder.name_at(at))
    start = text.offset_of(at.line, at.column) if at else 0
    return text.range(start, text.end_of_part(start, _quoted(folder, at, message)))


def _quoted(folder: OpenFolder, at: Location | None, message: str) -> str:
    """What a message quotes that is at its place; empty if there is nothing of that kind."""
    text = folder.text(folder.name_at(at))
    start = text.offset_of(at.line, at.column) if at else 0
    return next((word for word in _QUOTED.findall(message) if text.text.startswith(word, start)), "")
