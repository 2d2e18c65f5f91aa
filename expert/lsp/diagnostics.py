"""What is wrong with a folder, as an editor underlines it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lsprotocol import types

from expert.cases.results import Failure
from expert.check.faults import PROOFS, READING
from expert.lang.errors import Location, Problem
from expert.lsp.open_folder import OpenFolder
from expert.read.cases import Expectation
from expert.render.cases import failure_text

SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "note": types.DiagnosticSeverity.Information,
}

CASE = "case"
"""The code of an expectation of a case that fails."""

ByFile = dict[str, list[types.Diagnostic]]
"""Diagnostics by the name of the file within the folder."""


def of_problems(folder: OpenFolder) -> ByFile:
    """What the reader reports."""
    found: ByFile = {}
    for it in folder.problems:
        found.setdefault(folder.name_at(it.at), []).append(_of_problem(folder, it))
    return found


def _of_problem(folder: OpenFolder, it: Problem) -> types.Diagnostic:
    further = [f"expected {it.expected}" * bool(it.expected), f"did you mean {it.suggestion}?" * bool(it.suggestion)]
    message = "\n".join(filter(None, [it.message, *further]))
    return types.Diagnostic(
        _range(folder, it.at),
        folder.said(message),
        types.DiagnosticSeverity.Error,
        READING,
        source="expert",
        data={"edit": it.edit} if it.edit else None,
    )


def of_faults(folder: OpenFolder, faults: Iterable[dict[str, Any]]) -> ByFile:
    """What ``expert check --format json`` reports; the witness of a proof is part of its message."""
    found: ByFile = {}
    for it in faults:
        at = _location(it)
        found.setdefault(folder.name_at(at), []).append(_of_fault(folder, it, at))
    return found


def _of_fault(folder: OpenFolder, it: dict[str, Any], at: Location) -> types.Diagnostic:
    patient = ["for this patient:", it["witness"]] if it["witness"] else []
    message = "\n".join(filter(None, [it["message"], it["remedy"], *patient]))
    related = [_related(folder, _location(other), other["message"]) for other in it["related"]]
    if it["witness"]:
        related.append(_related(folder, at, f"shown by: {', '.join(it['witness'].splitlines())}"))
    return types.Diagnostic(
        _range(folder, at),
        folder.said(message),
        SEVERITIES[it["severity"]],
        it["check"],
        source="expert proof" if it["check"] in PROOFS else "expert",
        related_information=related or None,
        data={"witness": it["witness"].splitlines()} if it["witness"] else None,
    )


def of_cases(folder: OpenFolder, results: Iterable[dict[str, Any]]) -> ByFile:
    """What does not follow although a case expects it, by ``expert test --format json``."""
    found: ByFile = {}
    for case in results:
        for it in case["failures"]:
            at = Location(case["file"], it["line"], it["column"])
            failure = Failure(Expectation(it["what"], it["name"], it["expected"], at), it["found"])
            said = types.Diagnostic(
                _range(folder, at),
                folder.said(failure_text(failure)),
                types.DiagnosticSeverity.Error,
                CASE,
                source="expert test",
                data={"case": case["line"]},
            )
            found.setdefault(folder.name_at(at), []).append(said)
    return found


def _related(folder: OpenFolder, at: Location, message: str) -> types.DiagnosticRelatedInformation:
    place = types.Location(folder.uri(folder.name_at(at)), _range(folder, at))
    return types.DiagnosticRelatedInformation(place, folder.said(message))


def _location(it: dict[str, Any]) -> Location:
    return Location(it["file"], it["line"], it["column"], it["end"])


def _range(folder: OpenFolder, at: Location | None) -> types.Range:
    """The part of the text at a place; if only its beginning is known, up to the end of the word."""
    text = folder.text(folder.name_at(at))
    start = text.offset_of(at.line, at.column) if at else 0
    end = text.offset_of(at.line, at.end) if at and at.end else text.end_of_word(start)
    return text.range(start, end)
