"""The three lines that a semantic difference begins with: what changes, because of what, and between what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from expert.diff.acceptance import BARE
from expert.diff.difference import THE_STEP, KnowledgeDifference, OtherKind, PartChanges
from expert.diff.edits import Edit
from expert.lang.format import WORDING
from expert.lang.model import KnowledgeBase
from expert.lang.observables import KINDS
from expert.render.plain import counted

MOST_CAUSES = 5
"""The number of edits that are named at once."""

PARTS = ("Where only shared findings are given", "Where something is given that only one side has")


def summary(it: KnowledgeDifference) -> tuple[str, str, str]:
    """Three lines: what changes, because of what, and between what and what."""
    return _verdict(it), _because(it), _between(it)


def _verdict(it: KnowledgeDifference) -> str:
    if it.equivalent:
        more = " What only one side has changes none either." if it.one_sided or it.named else ""
        return f"Proved equivalent: whatever is given of a patient, no answer changes.{more}"
    lines = [_of_part(it.shared, it)]
    if it.one_sided:
        lines = [f"{PARTS[0]}: {_small(lines[0])}", f"{PARTS[1]}: {_small(_of_part(it.own, it, own_given=True))}"]
    if it.plausible:
        listed = ", ".join(dict.fromkeys(edit.id for edit in it.plausible))
        lines.append(f"Other values may be warned of or refused, as what is plausible was edited: {listed}.")
    if it.unproved:
        changed = any(it.shared) or any(it.own)
        questions = _undecided(it)
        listed = "; ".join(questions[:MOST_CAUSES])
        more = f"; and {len(questions) - MOST_CAUSES} more" if len(questions) > MOST_CAUSES else ""
        lines.append(f"{'The' if changed else 'Not proved equivalent: the'} solver could not decide {listed}{more}.")
    if it.suggested:
        renamed = " ".join(f"--renamed {old}={new}" for old, new in it.suggested)
        lines.append(f"If a finding has only another name now, say so: {renamed}.")
    return " ".join(lines)


def _undecided(it: KnowledgeDifference) -> list[str]:
    """The questions that the solver could not decide, each once."""
    return list(dict.fromkeys(line.partition(":")[0] for line in it.unproved))


def _small(text: str) -> str:
    return text[0].lower() + text[1:]


def _of_part(changes: PartChanges, it: KnowledgeDifference, *, own_given: bool = False) -> str:
    """What changes for the patients of one part, in a few sentences; ``own_given``, what giving something changes."""
    lines = []
    if changes.steps:
        pairs = ", ".join(f"{change.before} -> {change.after}" for change in changes.steps)
        lines.append(f"The recommended step changes for some patients: {pairs}.")
    elif THE_STEP in _undecided(it):
        lines.append("Whether a recommended step changes is not decided.")
    elif any(changes) or it.unproved:
        step = "giving it changes no recommended step" if own_given else "no recommended step changes"
        with_units = ", with units" if any(one.kind == BARE for one in changes.others) else ""
        lines.append(f"Proved: {step} once all is given{with_units}.")
    else:
        besides = ", warnings aside" if it.plausible else ""
        lines.append(f"Proved: {'giving it changes no answer' if own_given else 'no answer changes'}{besides}.")
    if changes.answers:
        pairs = "; ".join(f"{one.witness.before} -> {one.witness.after}" for one in changes.answers)
        lines.append(f"While findings are unknown, these answers change: {pairs}.")
    if changes.others:
        counts = Counter(change.kind for change in changes.others)
        besides = ", ".join(_count(number, kind) for kind, number in counts.items())
        lines.append(f"What else changes: {besides}.")
    if changes.admitted:
        lines.append("Not the same patients are accepted.")
    if changes.background:
        names = ", ".join(one.name for one in changes.background)
        lines.append(f"Something else counts while nothing is said of {names}.")
    return " ".join(lines)


def _count(number: int, kind: OtherKind) -> str:
    if kind == "answer":
        one, several = "answer", "answers"
    elif kind == "bare number":
        one, several = "reading of a number without a unit", "readings of numbers without a unit"
    elif kind == "word":
        one, several = "reading of a word for a value", "readings of words for values"
    elif kind == "unit":
        one, several = "reading of a further unit", "readings of further units"
    else:
        one, several = KINDS[kind].title, KINDS[kind].plural
    return f"{number} {one if number == 1 else several}"


def _because(it: KnowledgeDifference) -> str:
    causes = [edit for edit in it.edits if edit in set(_causes(it))]
    if causes:
        lines = [f"{edit.at.place} {edit.kind} {edit.id} ({edit.change})" for edit in causes]
        more = f" and {len(lines) - MOST_CAUSES} more" if len(lines) > MOST_CAUSES else ""
        return f"Because of {', '.join(lines[:MOST_CAUSES])}{more}."
    if not it.edits:
        return (
            "Nothing was edited but layout, comments, order, titles of groups and the spelling of values, if anything."
        )
    counts = Counter(edit.kind for edit in it.edits)
    listed = ", ".join(f"{number} {kind}{'s' if number > 1 else ''}" for kind, number in counts.items())
    return f"Edited all the same: {listed}." if it.equivalent else f"Edited: {listed}."


def _between(it: KnowledgeDifference) -> str:
    lines = f"{_knowledge(it.old)} -> {_knowledge(it.new)}; "
    lines += f"{len(it.edits)} {'entry' if len(it.edits) == 1 else 'entries'} edited"
    lines += f", {len(it.edits_of(WORDING))} of them in wording alone" if it.edits_of(WORDING) else ""
    if not it.equivalent and it.old.version == it.new.version:
        lines += "; the version is the same, which should change with an answer"
    if it.cohort:
        lines += f"; {len(it.cohort.different)} of {counted(it.cohort.patients, 'patient')} treated differently"
    return f"{lines}."


def _knowledge(kb: KnowledgeBase) -> str:
    return f"{kb.name} {kb.version} ({kb.sha256[:8]})"


def _causes(it: KnowledgeDifference) -> Iterator[Edit]:
    yield from it.plausible
    for changes in (it.shared, it.own):
        for change in changes.steps:
            for its in change.classes:
                yield from its.causes
        for other in (*changes.answers, *changes.others, *changes.background):
            yield from other.causes
        for one in changes.admitted:
            yield from one.causes
