"""What checking found as SARIF 2.1.0 (OASIS, 2020), the format that GitHub's code scanning and editors read."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

from expert import __version__
from expert.check.baseline import key_of
from expert.check.check import Checked
from expert.check.faults import PROOFS, Fault
from expert.check.lints import LINTS
from expert.lang.errors import Location
from expert.render.check import from_here, witness_lines
from expert.render.plain import visible

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_FINGERPRINT = "expertCheck/v1"


def render_sarif(checked: Checked) -> str:
    """One run: what counts, and, as suppressed, what is waived in the knowledge or known from a baseline."""
    waived = [(fault, {"kind": "inSource", "justification": reason}) for fault, reason in checked.waived]
    known = [(fault, {"kind": "external", "justification": "known from the baseline"}) for fault in checked.known]
    faults = [*checked.faults, *(fault for fault, _ in (*waived, *known))]
    rules = sorted({fault.check for fault in faults})
    results = [_result(fault, rules, checked.folder) for fault in checked.faults]
    results += [{**_result(fault, rules, checked.folder), "suppressions": [why]} for fault, why in (*waived, *known)]
    driver = {"name": "expert", "semanticVersion": __version__, "rules": [_rule(name) for name in rules]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(name: str) -> dict[str, Any]:
    """A lint or a kind of proof as what SARIF calls a rule."""
    lint = LINTS.get(name)
    if lint is None:
        claim = {"text": f"It is to be proved that {PROOFS.get(name, name)}."}
        return {"id": name, "shortDescription": claim, "fullDescription": claim, "help": claim}
    page = lint.page
    description = f"{page.title}: {page.remedy}."
    text = f"{description} {page.why}"
    markdown = f"{text}\n\nAvoid\n\n```yaml\n{lint.avoid}```\n\nPrefer\n\n```yaml\n{lint.prefer}```\n"
    return {
        "id": name,
        "shortDescription": {"text": f"{page.title}."},
        "fullDescription": {"text": description},
        "help": {"text": text, "markdown": markdown},
        "defaultConfiguration": {"level": lint.severity},
    }


def _result(fault: Fault, rules: list[str], folder: str) -> dict[str, Any]:
    witness = ["For this patient:", *witness_lines(fault.witness)] if fault.witness is not None else []
    parts = [fault.message, fault.remedy, *witness]
    related = [
        {**_location(at), "id": number, "message": {"text": visible(part)}}
        for number, (at, part) in enumerate(fault.related)
    ]
    return {
        "ruleId": fault.check,
        "ruleIndex": rules.index(fault.check),
        "level": fault.severity,
        "message": {"text": "\n".join(visible(line) for part in parts for line in part.splitlines())},
        "locations": [_location(fault.at)],
        "partialFingerprints": {_FINGERPRINT: _fingerprint(fault, folder)},
        **({"relatedLocations": related} if related else {}),
        **({"fixes": [_fix(fault)]} if fault.edit else {}),
    }


def _location(at: Location) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(at.file)}}
    if at.line:
        place["region"] = _region(at)
    return {"physicalLocation": place}


def _region(at: Location) -> dict[str, int]:
    return {"startLine": at.line, "startColumn": at.column, **({"endColumn": at.end} if at.end else {})}


def _fix(fault: Fault) -> dict[str, Any]:
    """The edit that writes the nearest spelling."""
    edit = {"deletedRegion": _region(fault.at), "insertedContent": {"text": fault.edit}}
    return {"artifactChanges": [{"artifactLocation": {"uri": _uri(fault.at.file)}, "replacements": [edit]}]}


def _uri(file: str) -> str:
    """A file as a URI: relative to where the command runs, if it lies there, as GitHub asks."""
    name = quote(from_here(file), safe="/", errors="surrogateescape")
    return f"file://{name}" if name.startswith("/") else name


def _fingerprint(fault: Fault, folder: str) -> str:
    """A number for what a fault is known by, which stays when lines move."""
    key = "\0".join(key_of(fault, folder))
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:32]
