"""A semantic difference as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from expert.diff.difference import (
    KnowledgeDifference,
    OtherChange,
    PartChanges,
    PatientClass,
    StepChange,
    TreatedCohort,
    Witness,
)
from expert.diff.edits import Edit
from expert.lang.model import KnowledgeBase
from expert.render.diff import case_lines, recommended
from expert.render.diff_summary import summary


def render_difference(it: KnowledgeDifference) -> str:
    """The difference as indented JSON, ASCII alone."""
    return json.dumps(difference_to_json(it), indent=2)


def difference_to_json(it: KnowledgeDifference) -> dict[str, Any]:
    """The difference as dictionaries and lists."""
    return {
        "equivalent": it.equivalent,
        "summary": list(summary(it)),
        "old": _knowledge_to_json(it.old),
        "new": _knowledge_to_json(it.new),
        **_changes_to_json(it.shared),
        "said": _changes_to_json(it.own),
        "named": list(it.named),
        "suggested": [{"old": old, "new": new} for old, new in it.suggested],
        "edits": _all(it.edits),
        "unproved": list(it.unproved),
        "cohort": _cohort_to_json(it.cohort) if it.cohort else None,
    }


def _changes_to_json(it: PartChanges) -> dict[str, Any]:
    """What changes in one part: as a whole, where only shared findings are given; under ``said``, where more is."""
    return {
        "steps": [_step_to_json(change) for change in it.steps],
        "answers": [_other_to_json(change) for change in it.answers],
        "others": [_other_to_json(change) for change in it.others],
        "possible": [
            {"only": one.side, "what": one.what, "witness": _witness(one.witness), "causes": _all(one.causes)}
            for one in it.admitted
        ],
        "presumed": [
            {
                "finding": one.name,
                "before": one.witness.before,
                "after": one.witness.after,
                "witness": _witness(one.witness),
                "causes": _all(one.causes),
            }
            for one in it.background
        ],
    }


def _knowledge_to_json(kb: KnowledgeBase) -> dict[str, str]:
    return {"name": kb.name, "version": kb.version, "sha256": kb.sha256}


def _step_to_json(change: StepChange) -> dict[str, Any]:
    classes = [_class_to_json(its, change) for its in change.classes]
    return {"before": change.before, "after": change.after, "classes": classes, "more": change.more}


def _class_to_json(its: PatientClass, change: StepChange) -> dict[str, Any]:
    case = case_lines(f"{change.before} -> {change.after}", its.witness, recommended(change.after))
    return {
        "premises": list(its.premises),
        "usual": list(its.usual),
        "witness": _witness(its.witness),
        "case": "\n".join(case),
        "causes": _all(its.causes),
    }


def _other_to_json(change: OtherChange) -> dict[str, Any]:
    witness, causes = _witness(change.witness), _all(change.causes)
    return {"kind": change.kind, "name": change.name, "only": change.only, "witness": witness, "causes": causes}


def _witness(it: Witness) -> Mapping[str, Any]:
    return {"given": it.written, "before": it.before, "after": it.after, "confirmed": it.confirmed}


def _all(edits: Iterable[Edit]) -> list[dict[str, Any]]:
    return [
        {
            "kind": edit.kind,
            "id": edit.id,
            "change": edit.change,
            "parts": list(edit.parts),
            "bears_on": sorted(edit.bears),
            "file": edit.at.file,
            "line": edit.at.line,
            "removed": list(edit.removed),
            "added": list(edit.added),
        }
        for edit in edits
    ]


def _cohort_to_json(cohort: TreatedCohort) -> dict[str, Any]:
    return {"patients": cohort.patients, "different": [one._asdict() for one in cohort.different]}
