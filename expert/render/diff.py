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
    Admitted,
    Cohort,
    Difference,
    OtherChange,
    PatientClass,
    Presumed,
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
_PLURALS = {"step": "statuses of steps", "advice": "pieces of advice", "gate": "gates", "meanwhile": "meanwhiles"}
_SINGULARS = {"step": "status of a step", "advice": "piece of advice", "finding": "concluded finding"}
_HOLDS = ("raised", "given", "preferred", "cautioned against", "on offer")


def write_difference(terminal: Terminal, it: Difference) -> None:
    """Write the summary, who changes steps, what else changes, and what was edited."""
    for line in summary(it):
        terminal.console.print(visible(line), soft_wrap=True, style="bold")
    for change in it.steps:
        _step(terminal, change)
    _others(terminal, it.others)
    _bounds(terminal, it.admitted, it.presumed)
    if it.named:
        terminal.heading("Only one side has")
        for line in it.named:
            terminal.say(line, 2, hanging=2)
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
    only = " The comparison is of what both have." if it.named else ""
    if it.equivalent:
        return f"Proved equivalent: whatever is known of a patient, no answer changes.{only}"
    told = []
    if it.steps:
        pairs = ", ".join(f"{change.before} -> {change.after}" for change in it.steps)
        told.append(f"The recommended step changes for some patients: {pairs}.")
    elif not it.unproved:
        presumed = any(one.witness for one in it.presumed)
        told.append(f"Proved: no recommended step changes{' once all is said' if presumed else ''}.")
    else:
        told.append("Not proved equivalent: the solver could not decide everything.")
    if it.others:
        counts = Counter(change.kind for change in it.others)
        besides = ", ".join(_count(number, kind) for kind, number in counts.items())
        told.append(f"{'Besides' if it.steps else 'Else'}, where the step stays: {besides}.")
    if it.admitted:
        told.append("Not the same patients are possible.")
    if any(presumed.witness for presumed in it.presumed):
        told.append("Something else is presumed, and some answers rest on that.")
    return " ".join(told) + only


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
    for change in it.steps:
        for its in change.classes:
            yield from its.causes
    for other in it.others:
        yield from other.causes
    for one in it.admitted:
        yield from one.causes
    yield from (presumed.edit for presumed in it.presumed if presumed.witness)


# --- text -------------------------------------------------------------------------------------------------------------


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


def _others(terminal: Terminal, others: Sequence[OtherChange]) -> None:
    if others:
        terminal.heading("Where the step stays")
    for change in others:
        only = f", seen only {change.only}" if change.only else ""
        told = f"{change.kind} {change.name}: {change.witness.before} -> {change.witness.after}{only}"
        terminal.say(told, 2, "bold", hanging=2)
        _because_of(terminal, change.causes)
        _case(terminal, told, change.witness, expectation(change))


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


def _bounds(terminal: Terminal, admitted: Sequence[Admitted], presumed: Sequence[Presumed]) -> None:
    if admitted:
        terminal.heading("Who is possible")
    for one in admitted:
        _because_of(terminal, one.causes)
        _case(terminal, f"possible by the {one.side} knowledge alone", one.witness)
    if presumed:
        terminal.heading("What is presumed while nothing is said")
    for it in presumed:
        terminal.say(f"{it.finding}: {it.before} -> {it.after} ({_at(it.edit.at)})", 2, hanging=2)
        if it.witness:
            terminal.say(f"so of some {it.what} changes", 4, hanging=2)
            _case(terminal, f"{it.finding} is not said", it.witness)
        else:
            terminal.say("not proved that no answer hangs on it" if it.unproved else "proved: no answer hangs on it", 4)


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
        "steps": [_step_to_json(change) for change in it.steps],
        "others": [_other_to_json(change) for change in it.others],
        "possible": [
            {"only": one.side, "witness": _witness(one.witness), "causes": _all(one.causes)} for one in it.admitted
        ],
        "presumed": [
            {
                "finding": one.finding,
                "before": one.before,
                "after": one.after,
                "at": _at(one.edit.at),
                "what": one.what,
                "witness": _witness(one.witness) if one.witness else None,
                "unproved": one.unproved,
            }
            for one in it.presumed
        ],
        "named": list(it.named),
        "edits": _all(it.edits),
        "unproved": list(it.unproved),
        "cohort": _cohort_to_json(it.cohort) if it.cohort else None,
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
