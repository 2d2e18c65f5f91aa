"""Names of columns that are almost those of findings: misspelt, or in other words.

A misspelt name is taken for a mistake. A name in other words may be another thing: people are warned of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from functools import cached_property
from typing import NamedTuple

from expert.lang.model import KnowledgeBase

_ALIKE = 0.8  # of difflib's ratio: 'sverity' is almost 'severity', and 'patient_id' is not almost 'patient_request'
_LONGEST = 200  # a longer name is no finding's
_BRACKETS = re.compile(r"\[[^\[\]]*\]|\([^()]*\)")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+")
_SMALL = {"a", "an", "and", "at", "by", "for", "from", "in", "is", "of", "on", "or", "per", "s", "the", "to", "with"}
_SMALL |= {"patient", "patients"}  # every finding is about them


class NearName(NamedTuple):
    """A column that is passed on unread, and the finding or panel that its name is near to."""

    column: str
    finding: str
    title: str


class NearNames:
    """The names of one knowledge base, and what is almost one of them."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._units = kb.units
        self._titles = {name: it.title for some in (kb.given, kb.panels) for name, it in some.items()}

    def misspelt(self, name: str, unit: str) -> str:
        """The column that was probably meant by a name that is almost that of a finding; empty if none is."""
        if len(name) > _LONGEST:
            return ""
        folded = _folded(name)
        if folded in self._folded:
            return _with_unit(self._folded[folded], unit)
        stem, _, last = folded.rpartition("_")
        if stem in self._folded and (last == "percent" or self._units.named(last)):
            return _with_unit(self._folded[stem], "%" if last == "percent" else last)
        alike, known = max(_likeness(folded, self._folded), default=(0.0, ""))
        return _with_unit(self._folded[known], unit) if alike >= _ALIKE else ""

    def near(self, column: str) -> NearName | None:
        """The finding or panel with most of the words of a column in its name or title; ``None`` if none has any.

        A name is near if the column has all of its words; a name or title, if it shares more than half of its words
        with the column (by Dice's coefficient).
        """
        if len(column) > _LONGEST:
            return None
        words = {self._known(word) for word in _words(_BRACKETS.sub(" ", column))}
        found = max(((self._nearness(words, name), name) for name in self._titles), default=(0.0, ""))
        return NearName(column, found[1], self._titles[found[1]]) if found[0] else None

    def _nearness(self, words: set[str], name: str) -> float:
        own, title = self._words[name]
        by_name = _dice(words, own)
        best = max(by_name, _dice(words, title))
        return best if best > 0.5 or (by_name >= 0.4 and own <= words) else 0.0

    def _known(self, word: str) -> str:
        """The word of the vocabulary that a word is a form of, or the word itself."""
        some = self._stems.get(word[:3], ()) if len(word) > 3 else ()
        return max(_likeness(word, some), default=(0.0, word))[1]

    @cached_property
    def _folded(self) -> dict[str, str]:
        return {_folded(name): name for name in self._titles}

    @cached_property
    def _words(self) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
        return {name: (_words(name), _words(title)) for name, title in self._titles.items()}

    @cached_property
    def _stems(self) -> dict[str, list[str]]:
        """The words of the vocabulary by their first three letters."""
        stems: dict[str, list[str]] = {}
        for word in sorted({word for both in self._words.values() for some in both for word in some}):
            stems.setdefault(word[:3], []).append(word)
        return stems


def _dice(some: set[str] | frozenset[str], others: frozenset[str]) -> float:
    return 2 * len(some & others) / (len(some) + len(others)) if some and others else 0.0


def _words(text: str) -> frozenset[str]:
    """The words of a name or title, without the small ones; ``spinalInstability`` is two."""
    return frozenset(word.casefold() for word in _WORD.findall(text)) - _SMALL


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_")


def _with_unit(name: str, unit: str) -> str:
    return f"{name} [{unit}]" if unit else name


def _likeness(name: str, names: Iterable[str]) -> Iterator[tuple[float, str]]:
    """How alike a name is to others, from 0 to 1, those that are not left out; the same letters are quite alike."""
    matcher = SequenceMatcher(None, "", name)
    for other in names:
        matcher.set_seq1(other)
        if matcher.real_quick_ratio() >= _ALIKE and (quick := matcher.quick_ratio()) >= _ALIKE:
            yield max(matcher.ratio(), _ALIKE if quick == 1 else 0.0), other
