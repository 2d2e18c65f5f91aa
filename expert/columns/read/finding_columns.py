"""The header of a table: which columns are findings, and which are passed on as they are.

A column that is named almost as a finding is a mistake, and an error, unless the mapping file passes it on: a misspelt
column that is not read would leave the finding unknown without a word. One that is named after a finding in other
words is passed on too, and people are warned of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from expert.columns.read.column_map import ColumnMap, ColumnMeaning, unit_of, wrong_unit
from expert.columns.read.near_names import NearName, NearNames
from expert.lang.errors import Location, PatientError, Problem, nearest, quoted
from expert.lang.model import KnowledgeBase
from expert.read.value import tidy

_ANSWER = re.compile(r"(presumed_)?(status|option|preferred|alert|advice|finding|rule)\.")
_LONGEST = 1_000  # a longer name is no finding's
_LINE_END = re.compile(r"\r\n|\r|\n")
_WITH_UNIT = re.compile(r"(?P<name>.*?)\s*(?:\[(?P<square>[^\[\]]*)\]|\((?P<round>[^()]*)\))", re.DOTALL)


class TableColumns(NamedTuple):
    """The columns of a file: those that are findings, and those that are passed on, perhaps named nearly as one."""

    meanings: tuple[ColumnMeaning, ...]
    passed: tuple[str, ...]
    near: tuple[NearName, ...] = ()


class Header:
    """Reads headers over one knowledge base and one mapping file."""

    def __init__(self, kb: KnowledgeBase, mapping: ColumnMap) -> None:
        self.kb, self.mapping = kb, mapping
        self.names = [*kb.given, *kb.panels]
        self.known = set(self.names)
        self.alike = NearNames(kb)

    def columns(self, file: str, names: Sequence[str], places: Mapping[int, Location], text: str) -> TableColumns:
        """The columns of a header. ``places`` are the places of the names, by their index, and ``text`` is that line.

        Raises:
            PatientError: with everything that is wrong with it.
        """
        found = [*self._faults(names)]
        meanings: list[ColumnMeaning] = []
        passed: list[str] = []
        source: dict[str, str] = {}
        for index, name in enumerate(names):
            meaning = self.meaning(name) if name else None
            if isinstance(meaning, Problem):
                found.append((index, meaning))
            elif isinstance(meaning, ColumnMeaning):
                if meaning.name in source and name not in names[:index]:
                    message = f"the columns {source[meaning.name]!r} and {name!r} both give {meaning.name}"
                    found.append((index, Problem(message, expected="one column for each finding")))
                source.setdefault(meaning.name, name)
                meanings.append(meaning)
            elif name:
                passed.append(name)
        if not meanings and not found:
            found.append((0, self._no_finding(file, names)))
        lines = _LINE_END.split(text)
        problems = [_at(file, problem, places.get(index), lines, places) for index, problem in found]
        problems += self.missing(file, names)
        if problems:
            raise PatientError(problems)
        return TableColumns(tuple(meanings), tuple(passed), self.near(passed, meanings))

    def near(self, passed: Iterable[str], meanings: Iterable[ColumnMeaning]) -> tuple[NearName, ...]:
        """The columns that are passed on unread though their names are near those of findings that have no column."""
        read = {it.name for it in meanings}
        found = (self.alike.near(tidy(name)) for name in passed if not self._is_known_to_be_another(tidy(name)))
        return tuple(it for it in found if it and it.finding not in read)

    def _is_known_to_be_another(self, column: str) -> bool:
        """Whether a column is declared to be no finding, or is one of the answers of an earlier run."""
        return column in self.mapping.passed or column in self.mapping.others or _ANSWER.match(column) is not None

    def findings_among(self, names: Iterable[str]) -> int:
        """How many of some names are those of findings, or almost."""
        return sum(2 if isinstance(it, ColumnMeaning) else 1 for name in names if name and (it := self.meaning(name)))

    def meaning(self, column: str) -> ColumnMeaning | Problem | None:
        """What a column means; ``None`` if it is passed on."""
        found = self._meaning(column)
        return found._replace(decimal=self.mapping.decimal) if isinstance(found, ColumnMeaning) else found

    def _meaning(self, column: str) -> ColumnMeaning | Problem | None:
        called = tidy(column)
        if called in self.mapping.meanings:
            return self.mapping.meanings[called]._replace(column=column)
        if called in self.mapping.passed:
            return None
        if living := self._living(called):
            return ColumnMeaning(
                column, living, unknown=self.mapping.unknown, former=called if called != living else ""
            )
        if len(called) > _LONGEST:
            return None
        parts = _WITH_UNIT.fullmatch(called)
        name, unit = (parts["name"], (parts["square"] or parts["round"] or "").strip()) if parts else (called, "")
        if living := self._living(name):
            finding = self.kb.given.get(living)
            wrong = wrong_unit(finding, living, unit)
            if wrong or finding is None:
                return wrong
            former = name if name != living else ""
            return ColumnMeaning(column, living, unit_of(finding, unit), unknown=self.mapping.unknown, former=former)
        if name in self.mapping.others:
            return None
        if name in self.kb.concluded:
            message = f"{quoted(name)} is concluded by rules; it cannot be given"
            return Problem(message, expected="input findings, or pass: in a mapping file")
        if column.partition(".")[0] in self.kb.steps:  # of answers that were written with patients
            return None
        if meant := self.alike.misspelt(name, unit):
            return Problem(f"{quoted(column)} is not a finding", expected=_EITHER, suggestion=meant)
        return None

    def _living(self, name: str) -> str:
        """The finding or panel of a name or a former name; empty if there is none."""
        living = self.kb.former["finding"].get(name, name)
        return living if living in self.known else ""

    def _faults(self, names: Sequence[str]) -> Iterator[tuple[int, Problem]]:
        """Names that are blank or there twice."""
        first: dict[str, int] = {}
        for index, name in enumerate(names):
            if not name:
                yield (
                    index,
                    Problem(f"column {index + 1} has no name", expected="a name for every column but the last ones"),
                )
            elif name in first:
                message = f"the column {quoted(name)} is there twice; first as column {first[name] + 1}"
                yield index, Problem(message, expected="each column once")
            first.setdefault(name, index)

    def _no_finding(self, file: str, names: Sequence[str]) -> Problem:
        for mark, said in ((";", "';'"), ("\t", "a tab"), ("|", "'|'")):
            if len(names) == 1 and mark in names[0]:
                message = f"the header of {file} is one column, and has {said} between names"
                return Problem(message, expected=f"columns divided by commas, or --delimiter {said}")
        some = ", ".join(self.names[:4])
        message = f"no column of {file} is a finding"
        return Problem(message, expected=f"a header that names findings, such as {some}, or a mapping file")

    def missing(self, file: str, names: Sequence[str]) -> Iterator[Problem]:
        """Columns that the mapping file names and this file does not have."""
        there = {tidy(name) for name in names}
        for name, key in self.mapping.keys.items():
            if name not in there:
                at = Location(key.source.name, key.line, key.column)
                near = nearest(name, [other for other in names if tidy(other) not in self.mapping.keys])
                message = f"{file} has no column {quoted(name)}"
                yield Problem(message, at, key.source.line(key.line), "a column of the file", near)


_EITHER = "the name of a finding, or pass: in a mapping file"


def _at(
    file: str, problem: Problem, at: Location | None, lines: Sequence[str], places: Mapping[int, Location]
) -> Problem:
    if at is None:
        return problem._replace(message=problem.message if file in problem.message else f"{file}: {problem.message}")
    return problem._replace(at=at, line=lines[at.line - places[0].line])
