"""Values of findings, read alike from files, the command line, prompts, tables and programs.

::

    yes  TRUE  y             words are read in any letter case; true and y are yes, false and n are no
    one side                 a space or a hyphen in a word is an underscore
    left  4/5                the vocabulary may have further words for values (`also`)
    14 weeks  67 %  1e-2     a quantity is a number, with its unit where one is needed (`expert.lang.units`)
    >3 months  3-4 months    a bound is accepted if it settles all comparisons (`expert.read.bound`)
    unknown                  the finding is unknown, which takes back an earlier value
    (nothing)  null  ~       no value is given, as if the finding were absent

Text is compared in Unicode's form NFC, and every kind of space counts as a space.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from math import isfinite
from typing import NamedTuple

from expert.lang.errors import NotAValueError, folded, quoted
from expert.lang.model import KnowledgeBase
from expert.lang.premises import Compare
from expert.lang.units import DECIMAL, read_in_range, unit_written
from expert.lang.values import Bound, Bounds, Value
from expert.lang.vocabulary import Finding, Kind, Panel
from expert.logic.cells import comparisons_of
from expert.read.source import one_of

UNKNOWN, NONE = "unknown", "none"
NOTHING_WORDS = ("", "null", "~")
_ALSO = {"true": "yes", "y": "yes", "false": "no", "n": "no"}
_YES_NO = {"yes": True, "no": False}
_MICROSECOND = timedelta(microseconds=1)
_MICROSECONDS_OF_A_DAY = timedelta(days=1) // _MICROSECOND


class Reading(NamedTuple):
    """The value of a finding, or of a panel as a whole, in a text.

    Attributes:
        value: the value; for a panel, ``none``; ``None`` for *unknown*.
        written: the value as displayed, or the word of the vocabulary for it.
        said: whether a value is given; ``False`` for an empty text.
    """

    value: Value | None
    written: str
    said: bool = True


NOTHING = Reading(None, "", said=False)


class ValueReader:
    """Reads values of the findings and panels of one knowledge base."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self.kb = kb
        self._words: dict[str, Mapping[str, Reading]] = {name: {NONE: Reading(NONE, NONE)} for name in kb.panels}

    def read(self, name: str, given: object) -> Reading:
        """The value of a finding or a panel in a text or a typed value.

        Raises:
            NotAValueError: it is not a valid value.
        """
        text = tidy(file_text(given))
        word, known = folded(text), self._known(name)
        if word in known:
            return known[word]
        if word in NOTHING_WORDS:
            return NOTHING
        if word == UNKNOWN:
            return Reading(None, UNKNOWN)
        if name in self.kb.panels:
            raise self._not_an_answer(self.kb.panels[name], text)
        finding = self.kb.findings[name]
        if finding.kind is not Kind.QUANTITY:
            raise _not_a_word(finding, text, word)
        try:
            return self._quantity(finding, text)
        except NotAValueError as error:
            if finding.also and not error.among:
                error.word, error.among = text, [*finding.also]
            raise

    def _not_an_answer(self, panel: Panel, text: str) -> NotAValueError:
        """The error of a text that is no answer to a panel: what is present is given by itself."""
        words = re.split("[^a-z0-9_]+", text.casefold())
        named = [name for name in panel.members if name in words] or [*panel.members][:1]
        alone = " ".join(f"{name}={self._if_present(name)}" for name in named)
        each = alone if {*named} & {*words} else f"each finding that is present by itself, such as {alone}"
        expected = f"none, or {each}"
        message = f"{quoted(text)} is not an answer to the panel {panel.name}"
        return NotAValueError(message, expected, 0, text, [NONE])

    def _if_present(self, name: str) -> str:
        return "yes" if self.kb.findings[name].kind is Kind.YES_NO else "VALUE"

    def _quantity(self, finding: Finding, text: str) -> Reading:
        unit = finding.unit.name if finding.unit else ""
        written = f"{text} {unit}" if unit and finding.units.ends_without(text) else text
        bounds = _bounds(finding, text)
        if bounds is None:
            return Reading(read_in_range(finding, text, unit_may_be_omitted=finding.unit_may_be_omitted), written)
        from expert.read.bound import check_settled

        check_settled(bounds, finding, text, self._comparisons.get(finding.name, ()))
        panels = [panel.members[finding.name] for panel in self.kb.panels.values() if finding.name in panel.members]
        within = bounds.number([number for number in (*panels, finding.usual) if isinstance(number, float)])
        return Reading(Bound(within, written, bounds), written)

    @cached_property
    def _comparisons(self) -> Mapping[str, Sequence[Compare]]:
        return comparisons_of(self.kb)

    def says_nothing(self, name: str, text: str) -> bool:
        """Whether a text gives no value of a finding or a panel."""
        return folded(tidy(text)) in NOTHING_WORDS and not self.knows(name, text)

    def knows(self, name: str, text: str) -> bool:
        """Whether a text is a word for a value of a finding, or an answer to a panel."""
        return folded(tidy(text)) in self._known(name)

    def _known(self, name: str) -> Mapping[str, Reading]:
        """The words that are values of a finding, or answers to a panel."""
        if name not in self._words:
            self._words[name] = words_for(self.kb.findings[name])
        return self._words[name]


def tidy(text: str) -> str:
    """A text in NFC, stripped, with every run of white space replaced by one space."""
    if not text.isascii():
        from unicodedata import normalize

        text = normalize("NFC", text)
    return " ".join(text.split())


def words_for(finding: Finding) -> dict[str, Reading]:
    """The words for values of a finding; a quantity has those of the vocabulary alone."""
    own = {value: Reading(value, value) for value in finding.values}
    if finding.kind is Kind.YES_NO:
        own = {word: Reading(value, word) for word, value in _YES_NO.items()}
    others = {folded(tidy(word)): Reading(value, word) for word, value in finding.also.items()}
    return {**{also: own[word] for also, word in _ALSO.items() if word in own}, **own, **others}


def meaning_of_word(finding: Finding, text: str) -> str:
    """What a text is read as without the further words of the vocabulary; empty if it is not read.

    A number without its unit, or out of range, is no word: in a column of numbers it could not be one.
    """
    word = folded(tidy(text))
    if word in NOTHING_WORDS:
        return "no value"
    if word == UNKNOWN:
        return UNKNOWN
    if found := words_for(finding._replace(also={})).get(word):
        return found.written
    if finding.kind is not Kind.QUANTITY:
        return ""
    try:
        if _bounds(finding, text) is None:
            read_in_range(finding, text, unit_may_be_omitted=True)
    except NotAValueError:
        return "a number" if re.fullmatch(DECIMAL, text) else ""
    return "a quantity"


def file_text(given: object) -> str:
    """A typed value as the text that a file would have.

    Raises:
        NotAValueError: there is no such text.
    """
    if given is None:
        return ""
    if isinstance(given, str):
        return given
    if isinstance(given, bool):
        return "true" if given else "false"
    from decimal import Decimal
    from fractions import Fraction
    from numbers import Rational

    if isinstance(given, float):
        return f"{Decimal(repr(float(given))):f}".removesuffix(".0") if isfinite(given) else repr(float(given))
    if isinstance(given, timedelta):
        return f"{Fraction(given // _MICROSECOND, _MICROSECONDS_OF_A_DAY)} days"
    if isinstance(given, Rational | Decimal):
        try:
            return str(given)
        except ValueError:
            raise NotAValueError("the number has too many digits to write out", "a number within the range") from None
    what = type(given).__name__
    raise NotAValueError(f"a value cannot be of type {what}", "a text, a number, True, False or None")


def _bounds(finding: Finding, text: str) -> Bounds | None:
    if unit_written(text) is not None:  # nearly always: the forms of bounds take time to compile
        return None
    from expert.read.bound import read_bounds

    return read_bounds(finding, text)


def _not_a_word(finding: Finding, text: str, word: str) -> NotAValueError:
    known = ("yes", "no") if finding.kind is Kind.YES_NO else finding.values
    spellings = (*known, *finding.also)
    return NotAValueError(f"{quoted(text)} is not a value of {finding.name}", one_of(known), 0, word, spellings)
