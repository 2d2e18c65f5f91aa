"""A semantic difference as JSON."""

from __future__ import annotations

from typing import Any

from expert.diff.difference import Admitted, KnowledgeDifference, OtherChange, PartChanges, StepChange, Witness
from expert.diff.edits import Edit
from expert.lang.model import KnowledgeBase
from expert.render.diff import case_lines, recommended
from expert.render.diff_summary import summary
from expert.render.json import Shapes, named, plain


def difference_to_json(it: KnowledgeDifference) -> dict[str, Any]:
    """The difference as dictionaries and lists."""
    found: dict[str, Any] = plain(
        {
            "equivalent": it.equivalent,
            "summary": summary(it),
            "old": it.old,
            "new": it.new,
            **_changes(it.shared),
            "said": _changes(it.own),
            "named": it.named,
            "suggested": it.suggested,
            "edits": it.edits,
            "unproved": it.unproved,
            "cohort": it.cohort,
        },
        _SHAPES,
    )
    return found


def _changes(it: PartChanges) -> dict[str, object]:
    """What changes in one part of the comparison."""
    presumed = [
        {
            "finding": one.name,
            "before": one.witness.before,
            "after": one.witness.after,
            "witness": one.witness,
            "causes": one.causes,
        }
        for one in it.background
    ]
    return {
        "steps": it.steps,
        "answers": it.answers,
        "others": it.others,
        "possible": it.admitted,
        "presumed": presumed,
    }


def _step(change: StepChange) -> dict[str, object]:
    name, expect = f"{change.before} -> {change.after}", recommended(change.after)
    classes = [
        {
            "premises": its.premises,
            "usual": its.usual,
            "witness": its.witness,
            "case": "\n".join(case_lines(name, its.witness, expect)),
            "causes": its.causes,
        }
        for its in change.classes
    ]
    return {**change._asdict(), "classes": classes}


def _edit(it: Edit) -> dict[str, object]:
    place = {"file": it.at.file, "line": it.at.line, "removed": it.removed, "added": it.added}
    named_parts = {"kind": it.kind, "id": it.id, "change": it.change, "parts": it.parts, "bears_on": sorted(it.bears)}
    return {**named_parts, **place, **({"status": it.status} if it.status else {})}


_SHAPES: Shapes = {
    KnowledgeBase: lambda kb: {"name": kb.name, "version": kb.version, "sha256": kb.sha256},
    Witness: named(given="", written="given"),
    StepChange: _step,
    OtherChange: lambda it: {
        "kind": it.kind,
        "name": it.name,
        "only": it.only,
        "witness": it.witness,
        "causes": it.causes,
    },
    Admitted: lambda it: {"only": it.side, "what": it.what, "witness": it.witness, "causes": it.causes},
    Edit: _edit,
}
