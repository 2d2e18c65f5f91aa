"""A semantic difference as text, with three lines to paste first, and as JSON."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from expert.errors import Location
from expert.model import KnowledgeBase
from expert.render.plain import visible
from expert.render.terminal import Terminal
from expert.workbench.difference import (
    NO_STEP,
    Changes,
    Cohort,
    Difference,
    OtherChange,
    PatientClass,
    StepChange,
    Treated,
    Witness,
)
from expert.workbench.edits import MEANING, QUESTIONS, VOCABULARY, WORDING, Edit

MOST_TREATED = 5
"""So many patients of a cohort are named."""

MOST_CAUSES = 5
"""So many edits are named at once."""

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./% -]*")
_LISTS = {"caution": "cautions", "preference": "preferred", "alert": "alerts", "advice": "advice", "option": "options"}
_PLURALS = {"step": "statuses of steps", "advice": "pieces of advice", "meanwhile": "steps meanwhile"}
_SINGULARS = {
    "step": "status of a step",
    "advice": "piece of advice",
    "finding": "concluded finding",
    "meanwhile": "step meanwhile",
}
_PARTS = ("Where only shared findings are given", "Where something is given that only one side has")
_HOLDS = ("raised", "given", "preferred", "cautioned against", "on offer")


def write_difference(terminal: Terminal, it: Difference) -> None:
    """Write the summary, who changes steps, what else changes, and what was edited."""
    for line in summary(it):
        terminal.console.print(visible(line), soft_wrap=True, style="bold")
    for title, changes in zip(_PARTS, (it.unsaid, it.said), strict=True):
        if it.one_sided and any(changes):
            terminal.heading(title)
        _changes(terminal, changes)
    _named(terminal, it)
    if it.cohort:
        _cohort(terminal, it.cohort)
    for title, bears in _EDITS.items():
        _edits(terminal, title, it.edits_of(*bears))
    if it.unproved:
        terminal.heading("Not proved")
        for line in it.unproved:
            terminal.say(line, 2, hanging=2)


_EDITS = {
    "Edits that bear on conclusions": (MEANING, VOCABULARY),
    "Edits of questions": (QUESTIONS,),
    "Edits of wording": (WORDING,),
}


# --- the summary ------------------------------------------------------------------------------------------------------


def summary(it: Difference) -> tuple[str, str, str]:
    """Three lines: what changes, because of what, and between what and what."""
    return _verdict(it), _because(it), _between(it)


def _verdict(it: Difference) -> str:
    if it.equivalent:
        more = " What only one side has changes none either." if it.one_sided or it.named else ""
        return f"Proved equivalent: whatever is given of a patient, no answer changes.{more}"
    told = [_of_part(it.unsaid, it)]
    if it.one_sided:
        told = [f"{_PARTS[0]}: {_small(told[0])}", f"{_PARTS[1]}: {_small(_of_part(it.said, it))}"]
    if it.suggested:
        told.append(f"If a finding has only another name now, say so: {_suggestions(it)}.")
    return " ".join(told)


def _small(text: str) -> str:
    return text[0].lower() + text[1:]


def _suggestions(it: Difference) -> str:
    return " ".join(f"--renamed {old}={new}" for old, new in it.suggested)


def _of_part(changes: Changes, it: Difference) -> str:
    """What changes for the patients of one part, in a few sentences."""
    told = []
    if changes.steps:
        pairs = ", ".join(f"{change.before} -> {change.after}" for change in changes.steps)
        told.append(f"The recommended step changes for some patients: {pairs}.")
    elif it.unproved:
        told.append("Not proved equivalent: the solver could not decide everything.")
    elif any(changes):
        told.append("Proved: no recommended step changes once all is given.")
    else:
        told.append("Proved: no answer changes.")
    if changes.answers:
        pairs = "; ".join(f"{one.witness.before} -> {one.witness.after}" for one in changes.answers)
        told.append(f"While findings are unknown, these answers change: {pairs}.")
    if changes.others:
        counts = Counter(change.kind for change in changes.others)
        besides = ", ".join(_count(number, kind) for kind, number in counts.items())
        told.append(f"What else changes: {besides}.")
    if changes.admitted:
        told.append("Not the same patients are accepted.")
    if changes.background:
        names = ", ".join(one.name for one in changes.background)
        told.append(f"Something else counts while nothing is said of {names}.")
    return " ".join(told)


def _count(number: int, kind: str) -> str:
    if number == 1:
        return f"1 {_SINGULARS.get(kind, kind)}"
    return f"{number} {_PLURALS.get(kind, _SINGULARS.get(kind, kind) + 's')}"


def _because(it: Difference) -> str:
    causes = [edit for edit in it.edits if edit in set(_causes(it))]
    if causes:
        told = [f"{_at(edit.at)} {edit.kind} {edit.id} ({edit.change})" for edit in causes]
        more = f" and {len(told) - MOST_CAUSES} more" if len(told) > MOST_CAUSES else ""
        return f"Because of {', '.join(told[:MOST_CAUSES])}{more}."
    if not it.edits:
        return "Nothing was edited but layout and comments, if anything."
    counts = Counter(edit.kind for edit in it.edits)
    listed = ", ".join(f"{number} {kind}{'s' if number > 1 else ''}" for kind, number in counts.items())
    return f"Edited all the same: {listed}." if it.equivalent else f"Edited: {listed}."


def _between(it: Difference) -> str:
    told = f"{_knowledge(it.old)} -> {_knowledge(it.new)}; "
    told += f"{len(it.edits)} {'entry' if len(it.edits) == 1 else 'entries'} edited"
    told += f", {len(it.edits_of(WORDING))} of them in wording alone" if it.edits_of(WORDING) else ""
    if not it.equivalent and it.old.version == it.new.version:
        told += "; the version is the same, which should change with an answer"
    if it.cohort:
        told += f"; {len(it.cohort.different)} of {_patients(it.cohort.patients)} treated differently"
    return f"{told}."


def _knowledge(kb: KnowledgeBase) -> str:
    return f"{kb.name} {kb.version} ({kb.sha256[:8]})"


def _patients(number: int) -> str:
    return f"{number} patient{'s' if number != 1 else ''}"


def _causes(it: Difference) -> Iterator[Edit]:
    for changes in (it.unsaid, it.said):
        for change in changes.steps:
            for its in change.classes:
                yield from its.causes
        for other in (*changes.answers, *changes.others, *changes.background):
            yield from other.causes
        for one in changes.admitted:
            yield from one.causes


# --- text -------------------------------------------------------------------------------------------------------------


def _changes(terminal: Terminal, changes: Changes) -> None:
    for change in changes.steps:
        _step(terminal, change)
    _listed(terminal, "While findings are unknown", changes.answers)
    _listed(terminal, "What else changes", changes.others)
    if changes.admitted:
        terminal.heading("Who is accepted")
    for one in changes.admitted:
        _because_of(terminal, one.causes)
        _case(terminal, f"accepted by the {one.side} knowledge alone", one.witness)
    _listed(terminal, "What counts while nothing is said", changes.background)


def _named(terminal: Terminal, it: Difference) -> None:
    if it.named:
        terminal.heading("Only one side has")
    for line in it.named:
        terminal.say(line, 2, hanging=2)
    for old, new in it.suggested:
        terminal.say(f"perhaps {new} is {old}: --renamed {old}={new}", 2, hanging=2)


def _step(terminal: Terminal, change: StepChange) -> None:
    terminal.heading(f"{change.before} -> {change.after}")
    for its in change.classes:
        terminal.say("everybody with" if its.premises else "everybody", 2)
        for premise in its.premises:
            terminal.say(premise, 4, hanging=2)
        if its.usual:
            terminal.say(f"{'and, ' if its.premises else ''}as is usual: {', '.join(its.usual)}", 4, hanging=2)
        _because_of(terminal, its.causes)
        _case(terminal, f"{change.before} -> {change.after}", its.witness, _recommended(change.after))
    if change.more:
        terminal.say("and others, who meet none of these conditions", 2)


def _recommended(step: str) -> str:
    return f"{{recommended: {'none' if step == NO_STEP else step}}}"


def _because_of(terminal: Terminal, causes: Sequence[Edit]) -> None:
    if causes:
        terminal.say("because of", 2)
    for edit in causes[:MOST_CAUSES]:
        terminal.say(f"{_at(edit.at)} {edit.kind} {edit.id} ({edit.change})", 4, hanging=2)
    if len(causes) > MOST_CAUSES:
        terminal.say(f"and {len(causes) - MOST_CAUSES} more", 4)


def _case(terminal: Terminal, name: str, witness: Witness, expect: str = "") -> None:
    """A patient as a case, ready to be copied: its lines are not wrapped."""
    agreed = "and the engine confirms it" if witness.confirmed else "though the engine does not confirm it"
    terminal.say(f"such as this patient ({witness.before} -> {witness.after}), {agreed}", 2, hanging=2)
    for line in case_lines(name, witness, expect):
        terminal.console.print(f"    {line}", soft_wrap=True)


def case_lines(name: str, witness: Witness, expect: str = "") -> list[str]:
    """A witness as the lines of a case; without an expectation, only what is given."""
    given = ", ".join(f"{finding}: {_scalar(value)}" for finding, value in witness.written.items())
    lines = [f"- name: {_quoted(name)}", f"  given: {{{given}}}"]
    return [*lines, f"  expect: {expect}"] if expect else lines


def _listed(terminal: Terminal, title: str, changes: Sequence[OtherChange]) -> None:
    if changes:
        terminal.heading(title)
    for change in changes:
        only = f", seen only {change.only}" if change.only and change.kind not in ("answer", "background") else ""
        told = f"{_subject(change)}: {change.witness.before} -> {change.witness.after}{only}"
        terminal.say(told, 2, "bold", hanging=2)
        _because_of(terminal, change.causes)
        _case(terminal, told, change.witness, expectation(change))


def _subject(change: OtherChange) -> str:
    return change.name if change.kind == "background" else f"{change.kind} {change.name}".strip()


def expectation(change: OtherChange) -> str:
    """What a case expects of the new knowledge; nothing where a case cannot ask for it."""
    after, kind, name = change.witness.after, change.kind, change.name
    if change.only:
        return ""
    if kind == "step":
        return f"{{presumed_status: {{{name}: {after}}}}}"
    if kind == "finding":
        return f"{{findings: {{{name}: {_scalar(after)}}}}}"
    if kind not in _LISTS:
        return ""
    listed = f"{{{_LISTS[kind]}: [{name}]}}"
    return listed if after in _HOLDS else f"{{without: {listed}}}"


def _cohort(terminal: Terminal, cohort: Cohort) -> None:
    terminal.heading(f"{len(cohort.different)} of {_patients(cohort.patients)} treated differently")
    for (before, after), its in _by_pair(cohort).items():
        named = ", ".join(one.patient for one in its[:MOST_TREATED])
        more = f" and {len(its) - MOST_TREATED} more" if len(its) > MOST_TREATED else ""
        terminal.say(f"{_told(before)} -> {_told(after)}: {len(its)} ({named}{more})", 2, hanging=2)


def _by_pair(cohort: Cohort) -> dict[tuple[str | None, str | None], list[Treated]]:
    found: dict[tuple[str | None, str | None], list[Treated]] = {}
    for one in cohort.different:
        found.setdefault((one.before, one.after), []).append(one)
    return found


def _told(step: str | None) -> str:
    return step or "not answered"


def _edits(terminal: Terminal, title: str, edits: Sequence[Edit]) -> None:
    if edits:
        terminal.heading(title)
    for edit in edits:
        parts = f" ({', '.join(edit.parts)})" if edit.parts else ""
        terminal.say(f"{_at(edit.at)} {edit.kind} {edit.id} {edit.change}{parts}", 2, hanging=2)
        for sign, lines in (("-", edit.removed), ("+", edit.added)):
            for line in lines:
                terminal.say(f"{sign} {line}", 4, "dim", hanging=2)


def _at(at: Location) -> str:
    return f"{at.file}:{at.line}"


def _scalar(text: str) -> str:
    return text if _PLAIN.fullmatch(text) and not text.endswith(" ") else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(visible(text), ensure_ascii=False)


# --- JSON -------------------------------------------------------------------------------------------------------------


def render_difference(it: Difference) -> str:
    """The difference as indented JSON, ASCII alone."""
    return json.dumps(difference_to_json(it), indent=2)


def difference_to_json(it: Difference) -> dict[str, Any]:
    """The difference as dictionaries and lists."""
    return {
        "equivalent": it.equivalent,
        "summary": list(summary(it)),
        "old": _knowledge_to_json(it.old),
        "new": _knowledge_to_json(it.new),
        **_changes_to_json(it.unsaid),
        "said": _changes_to_json(it.said),
        "named": list(it.named),
        "suggested": [{"old": old, "new": new} for old, new in it.suggested],
        "edits": _all(it.edits),
        "unproved": list(it.unproved),
        "cohort": _cohort_to_json(it.cohort) if it.cohort else None,
    }


def _changes_to_json(it: Changes) -> dict[str, Any]:
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
    case = case_lines(f"{change.before} -> {change.after}", its.witness, _recommended(change.after))
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


def _cohort_to_json(cohort: Cohort) -> dict[str, Any]:
    return {"patients": cohort.patients, "different": [one._asdict() for one in cohort.different]}
