"""What a cell means: asked of the reader of single patients, once for each different text."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from expert.columns.read.batch import LONGEST_TEXT
from expert.columns.read.column_map import PERCENT, ColumnMeaning
from expert.lang.dimensions import NUMBER
from expert.lang.errors import NotAValueError, Problem, quoted
from expert.lang.model import KnowledgeBase
from expert.lang.values import Value
from expert.lang.vocabulary import Finding, Kind
from expert.read import source
from expert.read.patient import PatientReader
from expert.read.source import Node, Scalar, argument
from expert.read.value import ValueReader, file_text, tidy

_NUMBER = re.compile(r"([+-]?[0-9]+)(?:\.0*|(\.[0-9]*[1-9])0*)?")
_POINT, _COMMA = re.compile(r"[0-9]\.|\.[0-9]"), re.compile(r"[0-9],[0-9]")
_THOUSANDS = re.compile(r"[0-9]\.[0-9]{3}(?![0-9])")
_MOST = 200_000  # texts whose meaning is kept
_LONGEST_KEPT = 200  # longer ones are read again


class CellMeaning(NamedTuple):
    """The meaning of a cell. With ``said`` and no value, the finding is unknown; an empty cell gives neither.

    The value of a panel's cell is ``none``.
    """

    value: Value | None = None
    said: bool = False
    problem: Problem | None = None


EMPTY = CellMeaning()
FRACTION = CellMeaning(
    problem=Problem("a fraction in a column of percents", expected="percents, such as 67; or 2/3 without a unit")
)


class CellReader:
    """Reads the cells of one column."""

    def __init__(self, kb: KnowledgeBase, meaning: ColumnMeaning) -> None:
        self.kb, self.meaning = kb, meaning
        self.finding: Finding | None = kb.given.get(meaning.name)
        self.values = ValueReader(kb)
        self._comma = meaning.decimal == "," and self.finding is not None and self.finding.kind is Kind.QUANTITY
        self._words = {_spelt(self._pointed(word)): word for word in (*meaning.words, *meaning.unknown)}
        self._cells: dict[str, CellMeaning] = {}

    @property
    def has_words_for_numbers(self) -> bool:
        """Whether a number may be a word for a value."""
        further = self.finding.also if self.finding and self.finding.kind is not Kind.QUANTITY else ()
        return bool(self.meaning.words) or any(map(_NUMBER.fullmatch, further))

    @property
    def unit(self) -> str:
        """The unit that is written after a bare number; empty if none is."""
        return self.meaning.unit if self.finding and self.finding.kind is Kind.QUANTITY else ""

    def factor(self) -> Fraction | None:
        """How many base units a bare number counts; ``None`` if a bare number means nothing in this column."""
        if self.finding is None or self.finding.kind is not Kind.QUANTITY:
            return None
        own = self.finding.unit or NUMBER
        if self.unit == PERCENT:
            return Fraction(1, 100)
        if self.unit:
            unit = self.finding.units.named(self.unit)
            return Fraction(unit.factor) if unit else None
        return Fraction(own.factor) if own == NUMBER or self.finding.unit_may_be_omitted else None

    def word(self, text: str) -> str:
        """A cell as it is written for a single patient; empty if it has no content."""
        text = _unwrapped(tidy(text))
        word = text if text in self.meaning.words else self._words.get(_spelt(self._pointed(text)), text)
        if word in self.meaning.words:
            return self.meaning.words[word]
        if word in self.meaning.unknown:
            return ""
        if self.is_word(text):
            return text
        text = self._pointed(text)
        return f"{text} {self.unit}" if self.unit and self.kb.units.ends_without(text) else text

    def is_word(self, text: str) -> bool:
        """Whether the vocabulary has a text as a word for a value."""
        return self.values.knows(self.meaning.name, text)

    def _has_meaning(self, text: str) -> bool:
        """Whether the mapping file or the vocabulary gives a text as a whole its meaning."""
        return text in self.meaning.words or text in self.meaning.unknown or self.is_word(text)

    def _pointed(self, text: str) -> str:
        """A text with a point before the decimals of its numbers."""
        return text.replace(",", ".") if self._comma else text

    def read(self, text: str) -> CellMeaning:
        """The meaning of a cell."""
        found = self._cells.get(text)
        if found is None:
            if len(self._cells) >= _MOST:
                self._cells.clear()
            found = self._cell(text)
            if len(text) <= _LONGEST_KEPT:
                self._cells[text] = found
        return found

    def _cell(self, text: str) -> CellMeaning:
        if len(text) > LONGEST_TEXT and len(text := text.strip()) > LONGEST_TEXT:
            message = f"{quoted(text)} is too long to be a value of {self.meaning.name}"
            return CellMeaning(problem=Problem(message, expected=f"fewer than {LONGEST_TEXT:,} characters"))
        if self._comma and _POINT.search(text) and not self._has_meaning(tidy(text)):
            message = f"{quoted(text)} has a point, and numbers have a comma here"
            return CellMeaning(problem=Problem(message, expected=_with_comma(tidy(text))))
        if self._is_fraction(text):
            return FRACTION
        cell = self._read(self.word(text))
        if not (cell.problem and _COMMA.search(text) and self.finding and self.finding.kind is Kind.QUANTITY):
            return cell
        if self._comma:  # the fault is shown as the table has it
            pointed, own = self._pointed(tidy(text)), tidy(text)
            return CellMeaning(problem=cell.problem._replace(message=cell.problem.message.replace(pointed, own)))
        other = f"{cell.problem.expected}, or --decimal , for a table whose numbers have commas"
        return CellMeaning(problem=cell.problem._replace(expected=other))

    def _is_fraction(self, text: str) -> bool:
        """Whether a cell of percents is a fraction, which may be one of the whole or one of a percent."""
        return self.unit == PERCENT and "/" in text and self.word(text) == f"{tidy(text)} {PERCENT}"

    def _read(self, word: str) -> CellMeaning:
        try:
            found = self.values.read(self.meaning.name, word)
        except NotAValueError as error:
            return CellMeaning(problem=error.problem)
        return CellMeaning(found.value, found.said)


class RowReader:
    """Reads rows one by one, for everything that is wrong with them."""

    def __init__(self, kb: KnowledgeBase, meanings: Iterable[ColumnMeaning]) -> None:
        self.columns = {it.column: CellReader(kb, it) for it in meanings}
        self.reader = PatientReader(kb)
        self._panels = any(it.finding is None for it in self.columns.values())

    def faults(self, texts: Mapping[str, str], known: Container[str]) -> Iterator[tuple[str, str, Problem]]:
        """Columns with bad cells or contradictions, their texts and problems, without columns that are ``known``."""
        texts = {column: text for column, text in texts.items() if column in self.columns and column not in known}
        for column, text in texts.items():
            if problem := self.columns[column].read(text).problem:
                yield column, text, problem
        yield from self.contradictions(texts)

    def contradictions(self, texts: Mapping[str, str]) -> Iterator[tuple[str, str, Problem]]:
        """Where a panel contradicts its members, bad cells left out."""
        if not self._panels:
            return
        columns, words = [], []
        for column, text in texts.items():
            reader = self.columns[column]
            if (word := reader.word(text)) and reader.read(text).problem is None:
                columns.append(column)
                words.append((reader.meaning.name, word))
        for index, problem in faults_together(self.reader, words):
            yield columns[index], texts[columns[index]], problem


def faults_together(reader: PatientReader, words: Sequence[tuple[str, str]]) -> list[tuple[int, Problem]]:
    """What is wrong with a patient with these words, without places, each with the index of the word at which it is."""
    names: dict[str, Scalar] = {}
    entries: dict[str, Node] = {}
    for index, (name, word) in enumerate(words):
        line = argument("", word)
        names[name] = Scalar(line, index + 1, 1, name)
        entries[name] = Scalar(line, index + 1, 1, word)
    reader.mapping(source.Mapping(argument("", ""), 1, 1, entries, names))
    problems = [(it.at.line - 1 if it.at else 0, it._replace(at=None, line="")) for it in reader.problems.found]
    reader.problems.found.clear()
    return problems


def _with_comma(text: str) -> str:
    """A number with points as a table with decimal commas writes it; a point may divide thousands."""
    whole = quoted(text.replace(".", ""))
    if "," in text or text.count(".") > 1:
        return whole
    decimal = quoted(text.replace(".", ","))
    return f"{decimal}, or {whole} if the point divides thousands" if _THOUSANDS.search(text) else decimal


def _unwrapped(text: str) -> str:
    """A text out of the formula in which Excel keeps it from becoming a number: ``="007"``."""
    return tidy(text[2:-1]) if len(text) > 3 and text.startswith('="') and text.endswith('"') else text


def _spelt(word: str) -> str:
    """A word; a number without redundant zeros, as a typed column may write 9 as 9.0."""
    parts = _NUMBER.fullmatch(word)
    return parts[1] + (parts[2] or "") if parts else word


def written(value: object) -> str:
    """A typed value as a cell of text: numbers without exponent, so that they read as the same number."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return file_text(value) if isinstance(value, float) or value is None else str(value)
