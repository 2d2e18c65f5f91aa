"""A semantic difference in full: three lines to paste, then every change with a case to copy, then every edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from expert.diff.difference import (
    NO_STEP,
    KnowledgeDifference,
    OtherChange,
    PartChanges,
    StepChange,
    Treated,
    TreatedCohort,
    Witness,
)
from expert.diff.edits import Edit
from expert.lang.format import MEANING, QUESTIONS, VOCABULARY, WORDING, Bearing
from expert.lang.observables import KINDS, word_of
from expert.render.diff_summary import MOST_CAUSES, PARTS, change_of, summary
from expert.render.plain import counted, visible, yaml_text, yaml_value
from expert.render.terminal import Terminal

MOST_TREATED = 5
"""The number of patients of a cohort that are named."""


def write_difference(terminal: Terminal, it: KnowledgeDifference) -> None:
    """Write the summary, who changes steps, what else changes, and what was edited."""
    for line in summary(it):
        terminal.console.print(visible(line), soft_wrap=True, style="bold")
    for title, changes in zip(PARTS, (it.shared, it.own), strict=True):
        if it.one_sided and any(changes):
            terminal.heading(title)
        _changes(terminal, changes)
    write_one_sided(terminal, it)
    if it.cohort:
        write_cohort(terminal, it.cohort)
    for title, bears in _EDITS.items():
        _edits(terminal, title, it.edits_of(*bears))
    if it.unproved:
        terminal.heading("Not proved")
        for line in it.unproved:
            terminal.say(line, 2, hanging=2)


_EDITS: Mapping[str, tuple[Bearing, ...]] = {
    "Edits that can change conclusions": (MEANING, VOCABULARY),
    "Edits of questions": (QUESTIONS,),
    "Edits of wording": (WORDING,),
}


def _changes(terminal: Terminal, changes: PartChanges) -> None:
    for change in changes.steps:
        _step(terminal, change)
    _listed(terminal, "How certain answers are, while findings are unknown", changes.answers)
    _listed(terminal, "What else changes", changes.others)
    if changes.admitted:
        terminal.heading("Patients accepted by one version only")
    for one in changes.admitted:
        _because_of(terminal, one.causes)
        _case(terminal, f"accepted by the {one.side} version only", one.witness)
    _listed(terminal, "Values assumed where nothing is recorded", changes.background)


def write_one_sided(terminal: Terminal, it: KnowledgeDifference, most: int | None = None) -> None:
    """Write what only one version has, up to a number of lines, and what may only have another name now."""
    if it.named:
        terminal.heading("In one version only")
    for line in it.named[:most]:
        terminal.say(line, 2, hanging=2)
    if left := it.named[most:] if most else ():
        terminal.say(f"{len(left)} more", 2)
    for old, new in it.suggested:
        terminal.say(f"perhaps {new} is {old}: --renamed {old}={new}", 2, hanging=2)


def _step(terminal: Terminal, change: StepChange) -> None:
    terminal.heading(f"{change.before} -> {change.after}")
    shown: list[Witness] = []
    for its in change.classes:
        terminal.say("all patients with" if its.premises else "all patients", 2)
        for premise in its.premises:
            terminal.say(premise, 4, hanging=2)
        if its.usual:
            terminal.say(f"{'and ' if its.premises else ''}with usual values: {', '.join(its.usual)}", 4, hanging=2)
        _because_of(terminal, its.causes)
        if its.witness in shown:
            terminal.say("for example the same patient as above", 2)
        else:
            _case(terminal, f"{change.before} -> {change.after}", its.witness, recommended(change.after))
        shown.append(its.witness)
    if change.more:
        terminal.say("and other patients, who meet none of these conditions", 2)


def recommended(step: str) -> str:
    """What a case expects of a step."""
    return f"{{recommended: {'none' if step == NO_STEP else step}}}"


def _because_of(terminal: Terminal, causes: Sequence[Edit]) -> None:
    if causes:
        terminal.say("because of", 2)
    for edit in causes[:MOST_CAUSES]:
        terminal.say(f"{edit.at.place} {edit.kind} {edit.id} ({edit.change})", 4, hanging=2)
    if len(causes) > MOST_CAUSES:
        terminal.say(f"and {len(causes) - MOST_CAUSES} more", 4)


def _case(terminal: Terminal, name: str, witness: Witness, expect: str = "") -> None:
    """A patient as a case, ready to be copied: its lines are not wrapped."""
    agreed = "confirmed by a run of both versions" if witness.confirmed else "not confirmed by a run of both versions"
    terminal.say(f"for example this patient ({witness.before} -> {witness.after}), {agreed}", 2, hanging=2)
    for line in case_lines(name, witness, expect):
        terminal.console.print(f"    {line}", soft_wrap=True)


def case_lines(name: str, witness: Witness, expect: str = "") -> list[str]:
    """A witness as the lines of a case; without an expectation, only what is given."""
    given = ", ".join(f"{finding}: {yaml_value(value)}" for finding, value in witness.written.items())
    lines = [f"- name: {yaml_text(name)}", f"  given: {{{given}}}"]
    return [*lines, f"  expect: {expect}"] if expect else lines


def _listed(terminal: Terminal, title: str, changes: Sequence[OtherChange]) -> None:
    if changes:
        terminal.heading(title)
    for change in changes:
        only = f", seen only {change.only}" if change.only and change.kind not in ("answer", "background") else ""
        line = f"{_subject(change)}: {change.witness.before} -> {change.witness.after}{only}"
        terminal.say(line, 2, "bold", hanging=2)
        _because_of(terminal, change.causes)
        _case(terminal, line, change.witness, expectation(change))


def _subject(change: OtherChange) -> str:
    return change.name if change.kind == "background" else f"{change.kind} {change.name}".strip()


def expectation(change: OtherChange) -> str:
    """What a case expects of the new knowledge; nothing where a case cannot ask for it."""
    after, kind, name = change.witness.after, change.kind, change.name
    if (
        change.only
        or kind == "answer"
        or kind == "standing"
        or kind == "bare number"
        or kind == "word"
        or kind == "unit"
    ):
        return ""
    if kind == "step":
        return f"{{presumed_status: {{{name}: {after}}}}}"
    if kind == "finding":
        return f"{{findings: {{{name}: {yaml_value(after)}}}}}"
    if not KINDS[kind].listing:
        return ""
    listed = f"{{{KINDS[kind].listing}: [{name}]}}"
    return listed if after in (word_of(kind, "holds"), word_of(kind, "offered")) else f"{{without: {listed}}}"


def write_cohort(terminal: Terminal, cohort: TreatedCohort) -> None:
    """Write how many patients are treated differently, by the steps that they go from and to."""
    terminal.heading(f"{len(cohort.different)} of {counted(cohort.patients, 'patient')} treated differently")
    for (before, after), its in _by_pair(cohort).items():
        named = ", ".join(one.patient for one in its[:MOST_TREATED])
        more = f" and {len(its) - MOST_TREATED} more" if len(its) > MOST_TREATED else ""
        terminal.say(f"{_answered(before)} -> {_answered(after)}: {len(its)} ({named}{more})", 2, hanging=2)


def _by_pair(cohort: TreatedCohort) -> dict[tuple[str | None, str | None], list[Treated]]:
    found: dict[tuple[str | None, str | None], list[Treated]] = {}
    for one in cohort.different:
        found.setdefault((one.before, one.after), []).append(one)
    return found


def _answered(step: str | None) -> str:
    return step or "not answered"


def _edits(terminal: Terminal, title: str, edits: Sequence[Edit]) -> None:
    if edits:
        terminal.heading(title)
    for edit in edits:
        terminal.say(f"{edit.at.place} {edit.kind} {edit.id} {change_of(edit)}", 2, hanging=2)
        for sign, lines in (("-", edit.removed), ("+", edit.added)):
            for line in lines:
                terminal.say(f"{sign} {line}", 4, "dim", hanging=2)
