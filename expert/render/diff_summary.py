"""The three lines that a semantic difference begins with: what changes, because of what, and between what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from expert.diff.acceptance import BARE
from expert.diff.difference import THE_STEP, KnowledgeDifference, OtherKind, PartChanges
from expert.diff.edits import Edit
from expert.lang.format import QUESTIONS, WORDING, Bearing
from expert.lang.model import KnowledgeBase
from expert.lang.observables import KINDS
from expert.render.plain import counted

MOST_CAUSES = 5
"""The number of edits that are named at once."""

_ASIDE: Mapping[str, Bearing] = {"questions": QUESTIONS, "wording": WORDING}
"""The edits that change no answer."""

_KINDS: Mapping[OtherKind, tuple[str, str]] = {
    "answer": ("answer", "answers"),
    "standing": ("standing of an option", "standings of options"),
    "bare number": ("reading of a number without a unit", "readings of numbers without a unit"),
    "word": ("reading of a word for a value", "readings of words for values"),
    "unit": ("reading of a further unit", "readings of further units"),
}
"""The kinds of changes that are no observables: one and several of them."""

PARTS = ("With findings that both versions have", "With something that only one version has")


def summary(it: KnowledgeDifference) -> tuple[str, str, str]:
    """Three lines: what changes, because of what, and between what and what."""
    return _verdict(it, listed=True), _because(it), between(it)


def headline(it: KnowledgeDifference) -> str:
    """What changes, without lists of it."""
    return _verdict(it, listed=False)


def _verdict(it: KnowledgeDifference, *, listed: bool) -> str:
    if it.equivalent:
        more = " Findings and values that only one version has change none either." if it.one_sided or it.named else ""
        return f"Proved equivalent: no answer changes for any patient.{more}"
    lines = [_of_part(it.shared, it, listed=listed)]
    if it.one_sided:
        own = _of_part(it.own, it, listed=listed, own_given=True)
        lines = [f"{title}, {small(text)}" for title, text in zip(PARTS, (*lines, own), strict=True)]
    if it.plausible:
        ids = ", ".join(dict.fromkeys(edit.id for edit in it.plausible))
        lines.append(f"Other values may be warned of or refused: plausibility checks were edited ({ids}).")
    if it.unproved:
        changed = any(it.shared) or any(it.own)
        questions = _undecided(it)
        some = "; ".join(questions[:MOST_CAUSES])
        more = f"; and {len(questions) - MOST_CAUSES} more" if len(questions) > MOST_CAUSES else ""
        lines.append(f"{'The' if changed else 'Not proved equivalent: the'} solver could not decide {some}{more}.")
    if it.suggested:
        renamed = " ".join(f"--renamed {old}={new}" for old, new in it.suggested)
        lines.append(f"If a finding only has a new name, compare it as one: {renamed}.")
    return " ".join(lines)


def _undecided(it: KnowledgeDifference) -> list[str]:
    """The questions that the solver could not decide, each once."""
    return list(dict.fromkeys(line.partition(":")[0] for line in it.unproved))


def small(text: str) -> str:
    """A text within a sentence."""
    return text[0].lower() + text[1:]


def _of_part(changes: PartChanges, it: KnowledgeDifference, *, listed: bool, own_given: bool = False) -> str:
    """What changes for the patients of one part, in sentences; if ``own_given``, what recording something changes."""
    lines = []
    if changes.steps:
        pairs = ", ".join(f"{change.before} -> {change.after}" for change in changes.steps)
        lines.append(f"The recommended step changes for some patients{f': {pairs}' if listed else ''}.")
    elif THE_STEP in _undecided(it):
        lines.append("Whether a recommended step changes is not decided.")
    elif any(changes) or it.unproved:
        step = "recording it changes no recommended step" if own_given else "no recommended step changes"
        with_units = ", with units" if any(one.kind == BARE for one in changes.others) else ""
        lines.append(f"Proved: {step} when all findings are recorded{with_units}.")
    else:
        besides = ", warnings aside" if it.plausible else ""
        lines.append(f"Proved: {'recording it changes no answer' if own_given else 'no answer changes'}{besides}.")
    return " ".join([*lines, *(_rest(changes) if listed else ())])


def _rest(changes: PartChanges) -> Iterator[str]:
    """What changes besides the recommended step."""
    if changes.answers:
        pairs = "; ".join(f"{one.witness.before} -> {one.witness.after}" for one in changes.answers)
        yield f"While findings are unknown, these answers change: {pairs}."
    if changes.others:
        counts = Counter(change.kind for change in changes.others)
        besides = ", ".join(_count(number, kind) for kind, number in counts.items())
        yield f"What else changes: {besides}."
    if changes.admitted:
        yield "Some patients are accepted by one version only."
    if changes.background:
        names = ", ".join(one.name for one in changes.background)
        yield f"Other values are assumed where these are not recorded: {names}."


def _count(number: int, kind: OtherKind) -> str:
    return f"{number} {words_of(kind)[number != 1]}"


def words_of(kind: OtherKind) -> tuple[str, str]:
    """A change of a kind, and several, in words."""
    if kind == "answer" or kind == "standing" or kind == "bare number" or kind == "word" or kind == "unit":
        return _KINDS[kind]
    return KINDS[kind].title, KINDS[kind].plural


def _because(it: KnowledgeDifference) -> str:
    behind = [edit for edit in it.edits if edit in set(causes(it))]
    if behind:
        lines = [f"{edit.at.place} {edit.kind} {edit.id} ({edit.change})" for edit in behind]
        more = f" and {len(lines) - MOST_CAUSES} more" if len(lines) > MOST_CAUSES else ""
        return f"Because of {', '.join(lines[:MOST_CAUSES])}{more}."
    if not it.edits:
        return "Nothing was edited, or only layout, comments, order, titles of groups and spellings of values."
    counts = Counter(edit.kind for edit in it.edits)
    listed = ", ".join(f"{number} {kind}{'s' if number > 1 else ''}" for kind, number in counts.items())
    return f"Edited: {listed}."


def between(it: KnowledgeDifference) -> str:
    """What was compared, how much was edited, and whether the version should be raised."""
    lines = f"{_knowledge(it.old)} -> {_knowledge(it.new)}; "
    lines += counted(len(it.edits), "edit")
    alone = [f"{len(its)} of {what} only" for what, bears in _ASIDE.items() if (its := it.edits_of(bears))]
    lines += f" ({', '.join(alone)})" if alone else ""
    if it.cohort:
        lines += f"; {len(it.cohort.different)} of {counted(it.cohort.patients, 'patient')} treated differently"
    same_version = it.old.version == it.new.version
    return (
        f"{lines}.{' Answers change: raise the version.' if same_version and (any(it.shared) or any(it.own)) else ''}"
    )


def _knowledge(kb: KnowledgeBase) -> str:
    return f"{kb.name} {kb.version} ({kb.sha256[:8]})"


def change_of(edit: Edit) -> str:
    """What became of an entry, with the parts of it that changed: ``edited (status), now a draft``."""
    parts = f" ({', '.join(edit.parts)})" if edit.parts else ""
    status = "a draft" if edit.status == "draft" else edit.status
    return f"{edit.change}{parts}" + (f", now {status}" if status else "")


def causes(it: KnowledgeDifference) -> Iterator[Edit]:
    """The edits behind each change, one after the other."""
    yield from it.plausible
    for changes in (it.shared, it.own):
        for change in changes.steps:
            for its in change.classes:
                yield from its.causes
        for other in (*changes.answers, *changes.others, *changes.background):
            yield from other.causes
        for one in changes.admitted:
            yield from one.causes
