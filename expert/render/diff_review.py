"""A semantic difference as a reviewer reads it: changed steps with an example each, every edit once, then the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from expert.diff.acceptance import TEXTS
from expert.diff.difference import Admitted, KnowledgeDifference, OtherChange, PartChanges, StepChange, Witness
from expert.diff.edits import Edit
from expert.lang.format import MEANING, VOCABULARY
from expert.lang.values import Facts
from expert.lang.vocabulary import Panel
from expert.render.diff_summary import PARTS, between, causes, headline, words_of
from expert.render.phrases import Phrases, by_panel, of_none, within
from expert.render.plain import counted

MOST_SHOWN = 5
"""The number of other changes up to which none is folded."""

MOST_NUMBERS = 3
"""The number of edits behind a change that are named."""

MOST_FACTS = 6
"""The number of facts of an example that are named."""


class Row(NamedTuple):
    """One change: of what, from what, to what, for whom for example, and the numbers of the edits behind it."""

    name: str
    before: str
    after: str
    example: str
    edits: str


class Rows(NamedTuple):
    """The changes of one kind."""

    title: str
    rows: tuple[Row, ...]


class ReviewedPart(NamedTuple):
    """What changes in one part of the comparison, steps first; ``more`` if further patients change steps."""

    title: str
    steps: tuple[Row, ...]
    others: tuple[Rows, ...]
    more: bool

    @property
    def few(self) -> bool:
        """Whether the other changes are so few that each is shown."""
        return sum(len(its.rows) for its in self.others) <= MOST_SHOWN


class Review(NamedTuple):
    """What a reviewer reads.

    Attributes:
        headline: what changes, in one or a few sentences.
        between: what was compared.
        edits: the edits that can change conclusions, those behind most changes first; a row names them by their numbers
            in this order, from 1.
    """

    headline: str
    between: str
    parts: tuple[ReviewedPart, ...]
    edits: tuple[Edit, ...]


def review_of(it: KnowledgeDifference) -> Review:
    """A difference for a reviewer."""
    weight = Counter(causes(it))
    edits = tuple(sorted(it.edits_of(MEANING, VOCABULARY), key=lambda edit: -weight[edit]))
    titles = PARTS if it.one_sided else ("", "")
    reviewer = _Reviewer(it, edits)
    parts = tuple(
        reviewer.part(title, changes)
        for title, changes in zip(titles, (it.shared, it.own), strict=True)
        if any(changes)
    )
    return Review(headline(it), between(it), parts, edits)


class _Reviewer:
    def __init__(self, it: KnowledgeDifference, edits: Sequence[Edit]) -> None:
        self.numbers = {edit: number for number, edit in enumerate(edits, 1)}
        self.kb = it.new._replace(findings={**it.old.findings, **it.new.findings})

    def part(self, title: str, changes: PartChanges) -> ReviewedPart:
        return ReviewedPart(
            title,
            tuple(map(self._step, changes.steps)),
            tuple(self._others(changes)),
            any(map(_has_more, changes.steps)),
        )

    def _step(self, it: StepChange) -> Row:
        behind = [edit for its in it.classes for edit in its.causes]
        return Row("", it.before, it.after, self._example(it.classes[0].witness), self._edits(behind))

    def _others(self, changes: PartChanges) -> Iterator[Rows]:
        yield from self._rows("certainty of the answer", changes.answers)
        if changes.admitted:
            yield Rows("accepted patients", tuple(map(self._admitted, changes.admitted)))
        yield from self._rows("assumed values", changes.background)
        for kind in dict.fromkeys(it.kind for it in changes.others):
            yield from self._rows(words_of(kind)[1], [it for it in changes.others if it.kind == kind])

    def _rows(self, title: str, changes: Sequence[OtherChange]) -> Iterator[Rows]:
        if changes:
            yield Rows(title, tuple(map(self._other, changes)))

    def _other(self, it: OtherChange) -> Row:
        witness = it.witness
        example = self._as_written(witness) if it.kind in TEXTS else self._example(witness)
        return Row(it.name, witness.before, witness.after, example, self._edits(it.causes))

    def _admitted(self, it: Admitted) -> Row:
        return Row(
            f"accepted by the {it.side} version only",
            it.witness.before,
            it.witness.after,
            self._example(it.witness),
            self._edits(it.causes),
        )

    def _edits(self, behind: Iterable[Edit]) -> str:
        numbers = sorted({self.numbers[edit] for edit in behind if edit in self.numbers})
        return ", ".join([*map(str, numbers[:MOST_NUMBERS]), *(["..."] if len(numbers) > MOST_NUMBERS else [])])

    # --- examples

    def _example(self, it: Witness) -> str:
        """The facts of a witness in words; those of panels with *none of these* come last, together."""
        known = {name: value for name, value in it.given.items() if name in self.kb.findings}
        panels, left = by_panel(self.kb, known, of_none(known), least=3)
        facts = self._facts(it, left, known)
        absent = [_absent(panel, len(its)) for panel, its in panels]
        more = [f"{counted(len(facts) - MOST_FACTS, 'more fact')}"] if len(facts) > MOST_FACTS else []
        return ", ".join([*facts[:MOST_FACTS], *more, *absent]) or "nothing unusual recorded"

    def _facts(self, it: Witness, names: Iterable[str], known: Facts) -> list[str]:
        phrases = Phrases(self.kb, it.written)
        others = (f"{name.replace('_', ' ')}: {text}" for name, text in it.written.items() if name not in known)
        return [*(phrases.fact(name, known[name]) for name in names), *others]

    @staticmethod
    def _as_written(it: Witness) -> str:
        """A text that the versions read as different values."""
        return ", ".join(f"{name}: {text}" for name, text in it.written.items())


def _absent(panel: Panel, number: int) -> str:
    """How many members of a panel are given as absent."""
    whole = number == len(panel.members)
    return f"{within(panel.title)}: {'none' if whole else f'{number} of {len(panel.members)} absent'}"


def _has_more(it: StepChange) -> bool:
    return it.more or len(it.classes) > 1
