"""What was edited between two knowledge bases, part by part, each with the lines that differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from expert.lang.errors import Location
from expert.lang.format import BEARINGS, FORMS, MEANING, QUESTIONS, VOCABULARY, WORDING, Bearing
from expert.lang.model import KnowledgeBase, Rule, RuleStatus
from expert.read.folder import parted
from expert.read.knowledge import folder_name

_OF_PROMISES = ("title", "always", "status", "target", "targets", "when", "finding", "rises", "because", "cite")
_OF_REFERENCES = ("claim", "guideline", "safety", "assumption")
_WHOLE: Mapping[str, Bearing] = {
    "rule": MEANING, "step": MEANING, "option": MEANING, "alert": MEANING, "advice": MEANING,
    "concluded": VOCABULARY, "finding": VOCABULARY, "constraint": VOCABULARY, "plausible": VOCABULARY,
    "panel": VOCABULARY, "further unit": VOCABULARY,
}  # fmt: skip


class Edit(NamedTuple):
    """One entry of the knowledge that is ``new``, ``gone``, ``edited`` or ``moved`` (a step on the ladder).

    Attributes:
        parts: the keys of an edited entry that differ.
        bears: what they can affect.
        at: the first line that differs, in the new knowledge; of what is gone, in the old.
        removed, added: the lines that differ, without their indent.
        status: of a rule, its status now, where that changed, or where it is new and not active.
    """

    kind: str
    id: str
    change: Literal["new", "gone", "edited", "moved"]
    parts: tuple[str, ...]
    bears: frozenset[Bearing]
    at: Location
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    status: RuleStatus | None = None


def edits_between(old: KnowledgeBase, new: KnowledgeBase) -> Iterator[Edit]:
    """Every entry that differs, by kind; not mere layout, comments or the order of rules."""
    before, after = _entries(old), _entries(new)
    old_text, new_text = _Text(old), _Text(new)
    for key in [*after, *(key for key in before if key not in after)]:
        kind, name = key
        was, now = before.get(key), after.get(key)
        whole = frozenset((_bearing(_WHOLE.get(kind, WORDING), was, now),))
        if was is None and now is not None:
            yield Edit(kind, name, "new", (), whole, _at(now), (), new_text.entry(_at(now)), _status(None, now))
        elif was is not None and now is None:
            yield Edit(kind, name, "gone", (), whole, _at(was), old_text.entry(_at(was)), ())
        elif was is not None:
            yield from _edited(kind, name, was, now, old_text, new_text)
    yield from _moved(old, new)


def _edited(kind: str, name: str, was: Any, now: Any, old: _Text, new: _Text) -> Iterator[Edit]:
    keys = {
        key: _bearing(bears, was, now)
        for key, bears, attributes in _parts(kind)
        if any(getattr(was, part, None) != getattr(now, part, None) for part in attributes)
    }
    if keys:
        at, removed, added = _lines(_at(was), _at(now), keys, old, new)
        yield Edit(kind, name, "edited", tuple(keys), frozenset(keys.values()), at, removed, added, _status(was, now))


def _bearing(bears: Bearing, *entries: Any) -> Bearing:
    """What an edit of an entry can affect: of a finding for the record, no answer; of a rule not in use, only words."""
    rules = [it for it in entries if isinstance(it, Rule)]
    if rules and all(it.status != "active" for it in rules):
        return WORDING
    recorded = all(getattr(it, "for_record", False) for it in entries if it is not None)
    return QUESTIONS if recorded and bears == VOCABULARY else bears


def _status(was: Any, now: Any) -> RuleStatus | None:
    """The status that a rule got by an edit; ``None`` if it is as before."""
    if not isinstance(now, Rule):
        return None
    return now.status if now.status != (was.status if was else "active") else None


@lru_cache(None)
def _parts(kind: str) -> list[tuple[str, Bearing, tuple[str, ...]]]:
    """The keys of entries of a kind, each with what an edit of it can affect, and its attributes of the model."""
    if kind == "promise":
        return [(part, WORDING, (part,)) for part in _OF_PROMISES]
    forms = _OF_REFERENCES if kind == "reference" else (kind,)
    keys = {name: key for form in forms for name, key in FORMS[form].keys.items()}
    found = [(name, key.bears, key.attributes or (name,)) for name, key in keys.items() if key.bears]
    section: list[tuple[str, Bearing, tuple[str, ...]]] = [("type", WORDING, ("kind",))] if kind == "reference" else []
    return [*section, *sorted(found, key=lambda it: BEARINGS.index(it[1]))]


def _moved(old: KnowledgeBase, new: KnowledgeBase) -> Iterator[Edit]:
    """The steps that have another place among those that both ladders have."""
    before, after = [it for it in old.steps if it in new.steps], [it for it in new.steps if it in old.steps]
    for name, other in zip(after, before, strict=True):
        if name != other:
            yield Edit("step", name, "moved", (), frozenset((MEANING,)), new.steps[name].at)


def _entries(kb: KnowledgeBase) -> dict[tuple[str, str], Any]:
    """Every entry by its kind and id; that of `knowledge.yaml` is the knowledge base itself."""
    kinds: dict[str, Mapping[str, Any]] = {
        "rule": kb.written_rules,
        "step": kb.steps,
        "option": kb.options,
        "alert": kb.alerts,
        "advice": kb.advice,
        "finding": kb.given,
        "concluded": kb.concluded,
        "further unit": kb.further_units,
        "constraint": {it.id: it for it in kb.constraints},
        "plausible": {it.id: it for it in kb.plausible},
        "panel": kb.panels,
        "reference": kb.references,
        "note": kb.notes,
        "promise": {**kb.invariants, **kb.directions},
        "knowledge": {kb.name: kb},
    }
    return {(kind, name): it for kind, entries in kinds.items() for name, it in entries.items()}


def _at(entry: Any) -> Location:
    return Location(f"{folder_name(entry)}/knowledge.yaml", 1) if isinstance(entry, KnowledgeBase) else entry.at


# --- lines ------------------------------------------------------------------------------------------------------------

Numbered = list[tuple[int, str]]


class _Text:
    """The lines of the files of a knowledge base."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self.folder = folder_name(kb)
        self.files = parted(kb.text)
        self._lines = lru_cache(None)(self._split)

    def _split(self, file: str) -> list[str]:
        return (self.files.get(file.removeprefix(f"{self.folder}/")) or b"").decode("utf-8-sig").splitlines()

    def entry(self, at: Location) -> tuple[str, ...]:
        """The lines of an entry."""
        return tuple(text for _, text in self.block(at))

    def block(self, at: Location) -> Numbered:
        """The lines from a place on that are indented further than it, with their numbers; not blank ones."""
        lines = self._lines(at.file)
        return _bare(_block(lines, at.line)) if 0 < at.line <= len(lines) else []

    def parts(self, at: Location, keys: Sequence[str]) -> Numbered:
        """Those lines of an entry that are under some of its keys."""
        lines = self._lines(at.file)
        if at.file.endswith("/knowledge.yaml"):
            inner = list(enumerate(lines, 1))
        else:
            inner = _block(lines, at.line)[1:] if 0 < at.line <= len(lines) else []
        inner = [(number, text) for number, text in inner if text.strip()]
        least = min((_indent(text) for _, text in inner), default=0)
        found, wanted = [], False
        for number, text in inner:
            if _indent(text) == least:
                wanted = text.strip().partition(":")[0] in keys
            if wanted:
                found.append((number, text))
        return _bare(found)


def _block(lines: Sequence[str], start: int) -> Numbered:
    found = [(start, lines[start - 1])]
    for number, text in enumerate(lines[start:], start + 1):
        if text.strip() and _indent(text) <= _indent(lines[start - 1]):
            break
        found.append((number, text))
    return found


def _bare(lines: Numbered) -> Numbered:
    """Without blank lines, comments and indents."""
    return [(number, text.strip()) for number, text in lines if text.strip() and not text.strip().startswith("#")]


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _lines(
    was: Location, now: Location, keys: Mapping[str, Bearing], old: _Text, new: _Text
) -> tuple[Location, tuple[str, ...], tuple[str, ...]]:
    """The first line that differs between two entries, and the lines taken out and put in."""
    before, after = old.parts(was, list(keys)), new.parts(now, list(keys))
    removed: list[str] = []
    added: list[str] = []
    first = 0
    match = SequenceMatcher(None, [text for _, text in before], [text for _, text in after], autojunk=False)
    for tag, start, end, begin, stop in match.get_opcodes():
        if tag != "equal":
            removed += [text for _, text in before[start:end]]
            added += [text for _, text in after[begin:stop]]
            nearby = after[begin : begin + 1] or after[begin - 1 : begin]
            first = first or (nearby[0][0] if nearby else now.line)
    return Location(now.file, first or now.line), tuple(removed), tuple(added)
