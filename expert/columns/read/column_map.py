"""The mapping file: which column of a table is which finding, in what unit, and what its words mean.

::

    columns:
      Alter: age                                  # a column, and the finding or panel that it holds
      OP-Dauer: {finding: conservative_duration, unit: weeks}
      Stenose:
        finding: stenosis
        values: {0: none, 1: mild, 2: moderate, 3: severe}
        unknown: [9]
    unknown: [NA, n/a]                            # these words mean unknown in every column of a finding
    pass: [ages, patient]                         # these columns are not findings, however alike their names are
    decimal: ","                                  # numbers in cells of text have a comma: 14,5
"""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import NamedTuple

from expert.lang.dimensions import NUMBER
from expert.lang.errors import InputError, Problem, folded, nearest, quoted
from expert.lang.format import form
from expert.lang.model import KnowledgeBase
from expert.lang.vocabulary import Finding, Kind
from expert.read.fields import Fields, entries, text_of
from expert.read.parse import parse, read_source
from expert.read.patient import PatientReader
from expert.read.source import Listing, Mapping, Node, Scalar, one_of
from expert.read.value import NONE, tidy, words_for

PERCENT = "%"
DECIMALS = (".", ",")
"""The marks that may stand before the decimals of a number."""

_MAPPING = form("a mapping of columns", "columns unknown pass decimal")
_COLUMN = form("a column", "finding unit values unknown", "finding")


class ColumnMeaning(NamedTuple):
    """What a column means: a finding or a panel.

    Attributes:
        unit: of a quantity: the unit of a bare number; empty if none is given.
        words: what the words of this column mean, as written for a single patient; other words mean themselves.
        unknown: words that mean that nothing is known.
        decimal: the mark before the decimals of a number in a cell of text.
        former: the name of the finding that is used, if it had it before.
    """

    column: str
    name: str
    unit: str = ""
    words: MappingProxyType[str, str] = MappingProxyType({})
    unknown: frozenset[str] = frozenset()
    decimal: str = DECIMALS[0]
    former: str = ""


class ColumnMap(NamedTuple):
    """The content of a mapping file by the names of columns; ``keys`` are the places where it names them.

    ``others`` are names that other knowledge has: columns that are named so, with a unit or without, are passed on.
    """

    meanings: MappingProxyType[str, ColumnMeaning] = MappingProxyType({})
    passed: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    keys: MappingProxyType[str, Scalar] = MappingProxyType({})
    others: frozenset[str] = frozenset()
    decimal: str = DECIMALS[0]


NO_MAP = ColumnMap()


def read_map(kb: KnowledgeBase, path: str | os.PathLike[str]) -> ColumnMap:
    """The mapping of a file.

    Raises:
        InputError: with everything that is wrong with it.
    """
    reader = _MapReader(kb)
    source = read_source(path, reader.problems, expected="a file that maps columns to findings")
    node = parse(source, reader.problems) if source else None
    found = reader.read(node) if node else NO_MAP
    if reader.problems.found:
        raise InputError(reader.problems.found)
    return found


def unit_of(finding: Finding, written: str) -> str:
    """The unit of a name, if cells of this finding may have it; else empty.

    Shares may be in ``%``.
    """
    own = finding.unit or NUMBER
    if written == PERCENT:
        return PERCENT if finding.kind is Kind.QUANTITY and own == NUMBER and finding.high <= 1 else ""
    unit = finding.units.named(written)
    return unit.name if unit and finding.kind is Kind.QUANTITY and unit.dimension == own.dimension else ""


def units_for(finding: Finding) -> list[str]:
    """The units that a column of this finding may be in."""
    if finding.kind is not Kind.QUANTITY:
        return []
    return [name for name in (*finding.units.names(), PERCENT) if unit_of(finding, name)]


def wrong_unit(finding: Finding | None, name: str, unit: str) -> Problem | None:
    """What is wrong with a unit of a column of this finding (or, if ``None``, the panel ``name``)."""
    if finding and unit_of(finding, unit):
        return None
    if not finding or not (units := units_for(finding)):
        return Problem(f"{name} has no unit", expected=f"{name} alone")
    return Problem(f"{quoted(unit)} is not a unit of {name}", expected=one_of(units), suggestion=nearest(unit, units))


class _MapReader:
    """Reads one mapping file; mistakes are recorded."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self.kb = kb
        self.patients = PatientReader(kb)
        self.problems = self.patients.problems
        self.names = [*kb.given, *kb.panels]

    def read(self, node: Node) -> ColumnMap:
        top = Fields(node, _MAPPING, self.problems)
        unknown = self._unknown(top)
        meanings: dict[str, ColumnMeaning] = {}
        keys: dict[str, Scalar] = {}
        for key, value in entries(top.get("columns"), "columns", "", self.problems):
            name = tidy(key.text)
            if name in keys:
                message = f"{quoted(key.text)} is the column of line {keys[name].line} in another form of Unicode"
                self.problems.add(key, message, expected="each column once")
            keys[name] = key
            if found := self._column(name, value, unknown):
                meanings[name] = found
        passed = top.words("pass") if "pass" in top.entries else []
        for scalar in passed:
            if tidy(scalar.text) in keys:
                self.problems.add(scalar, f"{quoted(scalar.text)} is mapped to a finding", expected="one of the two")
        names = frozenset(tidy(scalar.text) for scalar in passed)
        return ColumnMap(MappingProxyType(meanings), names, unknown, MappingProxyType(keys), decimal=self._decimal(top))

    def _decimal(self, top: Fields) -> str:
        node = top.get("decimal")
        mark = text_of(node, "'decimal'", self.problems) if node else ""
        if node and mark not in DECIMALS:
            self.problems.add(node, f"{quoted(mark)} is not a decimal mark", expected="a point or a comma, in quotes")
        return mark if mark in DECIMALS else DECIMALS[0]

    def _unknown(self, top: Fields) -> frozenset[str]:
        """The words that mean unknown everywhere; none may be a value of some finding."""
        words = top.words("unknown")
        owners = {word: name for name, finding in self.kb.given.items() for word in words_for(finding)}
        owners[NONE] = owners.get(NONE, "panels")
        for word in words:
            if (owner := owners.get(folded(tidy(word.text)))) is not None:
                message = f"{quoted(word.text)} is a value of {owner}"
                self.problems.add(word, message, expected="unknown: within the columns where it means that")
        return frozenset(tidy(word.text) for word in words)

    def _column(self, column: str, node: Node, unknown: frozenset[str]) -> ColumnMeaning | None:
        if isinstance(node, Scalar):
            name = self._name(node)
            return ColumnMeaning(column, name, unknown=unknown, former=self._former(node)) if name else None
        fields = Fields(node, _COLUMN, self.problems)
        said = fields.get("finding")
        name = self._name(said) if said else ""
        if not name:
            return None
        own = frozenset(tidy(word.text) for word in fields.words("unknown"))
        words = self._words(name, fields.get("values"), own)
        unit = self._unit(name, fields.get("unit"))
        former = self._former(said) if said else ""
        return ColumnMeaning(column, name, unit, MappingProxyType(words), (unknown - set(words)) | own, former=former)

    def _former(self, node: Node) -> str:
        """The name in a node, if it is a former one."""
        return node.text if isinstance(node, Scalar) and node.text in self.patients.former else ""

    def _name(self, node: Node) -> str:
        written = text_of(node, "a finding", self.problems)
        name = self.patients.former.get(written, written)
        if name in self.kb.concluded:
            self.problems.add(node, f"{name!r} is concluded by rules; it cannot be given", expected="another finding")
        elif name and name not in self.names:
            self.problems.add(node, f"{quoted(name)} is not a finding", word=name, among=self.names)
        return name if name in self.names else ""

    def _unit(self, name: str, node: Node | None) -> str:
        written = text_of(node, "'unit'", self.problems) if node else ""
        if not node or not written:
            return ""
        finding = self.kb.given.get(name)
        if wrong := wrong_unit(finding, name, written):
            units = units_for(finding) if finding else []
            self.problems.add(node, wrong.message, expected=wrong.expected, word=written, among=units)
        return unit_of(finding, written) if finding else ""

    def _words(self, name: str, node: Node | None, unknown: frozenset[str]) -> dict[str, str]:
        """What each word means; a value is read as for a single patient."""
        words: dict[str, str] = {}
        for key, value in entries(node, "values", "", self.problems):
            if not key.text:
                message = "an empty cell always means that nothing is given"
                self.problems.add(key, message, expected="a word that occurs in the column")
            word = tidy(key.text)
            if word in unknown:
                self.problems.add(key, f"{quoted(key.text)} is also listed under unknown", expected="one of the two")
            if isinstance(value, Listing | Mapping):
                self.problems.add(value, f"{quoted(key.text)} means one value", expected="WORD: VALUE")
                continue
            owner = Scalar(value.source, value.line, value.column, name)
            self.patients.mapping(Mapping(value.source, value.line, value.column, {name: value}, {name: owner}))
            words[word] = value.text
        return words
