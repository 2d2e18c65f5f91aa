"""The three lines that a semantic difference begins with: what changes, because of what, and between what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from expert.diff.bare_numbers import BARE
from expert.diff.difference import THE_STEP, Changes, Difference
from expert.diff.edits import WORDING, Edit
from expert.lang.errors import Location
from expert.lang.model import KnowledgeBase

MOST_CAUSES = 5
"""So many edits are named at once."""

_PLURALS = {
    "step": "statuses of steps",
    "advice": "pieces of advice",
    "meanwhile": "steps meanwhile",
    "bare number": "readings of numbers without a unit",
}
_SINGULARS = {
    "step": "status of a step",
    "advice": "piece of advice",
    "finding": "concluded finding",
    "meanwhile": "step meanwhile",
    "bare number": "reading of a number without a unit",
}
PARTS = ("Where only shared findings are given", "Where something is given that only one side has")


def summary(it: Difference) -> tuple[str, str, str]:
    """Three lines: what changes, because of what, and between what and what."""
    return _verdict(it), _because(it), _between(it)


def _verdict(it: Difference) -> str:
    if it.equivalent:
        more = " What only one side has changes none either." if it.one_sided or it.named else ""
        return f"Proved equivalent: whatever is given of a patient, no answer changes.{more}"
    told = [_of_part(it.unsaid, it)]
    if it.one_sided:
        told = [f"{PARTS[0]}: {_small(told[0])}", f"{PARTS[1]}: {_small(_of_part(it.said, it, saying=True))}"]
    if it.unproved:
        changed = any(it.unsaid) or any(it.said)
        questions = _undecided(it)
        listed = "; ".join(questions[:MOST_CAUSES])
        more = f"; and {len(questions) - MOST_CAUSES} more" if len(questions) > MOST_CAUSES else ""
        told.append(f"{'The' if changed else 'Not proved equivalent: the'} solver could not decide {listed}{more}.")
    if it.suggested:
        told.append(f"If a finding has only another name now, say so: {_suggestions(it)}.")
    return " ".join(told)


def _undecided(it: Difference) -> list[str]:
    """The questions that the solver could not decide, each once."""
    return list(dict.fromkeys(line.partition(":")[0] for line in it.unproved))


def _small(text: str) -> str:
    return text[0].lower() + text[1:]


def _suggestions(it: Difference) -> str:
    return " ".join(f"--renamed {old}={new}" for old, new in it.suggested)


def _of_part(changes: Changes, it: Difference, *, saying: bool = False) -> str:
    """What changes for the patients of one part, in a few sentences; ``saying``, what giving something changes."""
    told = []
    if changes.steps:
        pairs = ", ".join(f"{change.before} -> {change.after}" for change in changes.steps)
        told.append(f"The recommended step changes for some patients: {pairs}.")
    elif THE_STEP in _undecided(it):
        told.append("Whether a recommended step changes is not decided.")
    elif any(changes) or it.unproved:
        step = "giving it changes no recommended step" if saying else "no recommended step changes"
        with_units = ", with units" if any(one.kind == BARE for one in changes.others) else ""
        told.append(f"Proved: {step} once all is given{with_units}.")
    else:
        told.append(f"Proved: {'giving it changes no answer' if saying else 'no answer changes'}.")
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
        told = [f"{at(edit.at)} {edit.kind} {edit.id} ({edit.change})" for edit in causes]
        more = f" and {len(told) - MOST_CAUSES} more" if len(told) > MOST_CAUSES else ""
        return f"Because of {', '.join(told[:MOST_CAUSES])}{more}."
    if not it.edits:
        return (
            "Nothing was edited but layout, comments, order, titles of groups and the spelling of values, if anything."
        )
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
        told += f"; {len(it.cohort.different)} of {patients(it.cohort.patients)} treated differently"
    return f"{told}."


def _knowledge(kb: KnowledgeBase) -> str:
    return f"{kb.name} {kb.version} ({kb.sha256[:8]})"


def patients(number: int) -> str:
    """So many patients."""
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


def at(place: Location) -> str:
    """A place as people find it."""
    return f"{place.file}:{place.line}"
