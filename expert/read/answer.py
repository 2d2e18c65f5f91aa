"""Input at a prompt of a consultation: a word such as ``why``, or values of findings.

::

    14 weeks              answers the question
    one                   a value may be shortened (to one_side, here); y and n are yes and no
    severe age=45         other findings may be given as well, or alone
    3 5 none              in a checklist: the third and the fifth are present, the others absent; n and no mean none
    3 5 unknown           the third and the fifth are present, the others unknown
    fever, weight loss    findings of a checklist may be named, or the beginnings of their names
    motor_grade=3 none    a finding may be given with its value
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as MappingType
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from expert.lang.errors import NotAValueError, PatientError, folded, quoted
from expert.lang.facts import Question
from expert.lang.model import KnowledgeBase
from expert.lang.units import write_value
from expert.lang.values import Facts, Value
from expert.lang.vocabulary import Kind
from expert.read.fields import YES
from expert.read.patient import PatientReader, Said
from expert.read.source import Mapping, Scalar, argument
from expert.read.value import NONE, UNKNOWN, tidy

WORDS = ("why", "back", "so far", "quit", "help")
"""The words that every prompt accepts instead of an answer."""

_SAME = {"what do you have so far": "so far", "exit": "quit", "?": "help"}
_NONE = (NONE, "no", "n")
_YES = ("yes", "y")
_TOKEN = re.compile(r"\S+")
_SAID = re.compile(r"([^=<>]*)=(.*)")
_ENTRY = re.compile(r"[^,]+")


class Reply(NamedTuple):
    """What a line says.

    Attributes:
        said: values of findings, ``None`` for *unknown*.
        written: the texts of those that are known.
        others: those of ``said`` that were not named: *none* answers them.
        without_value: findings that are said to be present, whose values are still to be asked.
        former: former names in the line, each with the name now.
    """

    said: MappingType[str, Value | None]
    written: MappingType[str, str]
    others: frozenset[str] = frozenset()
    without_value: tuple[str, ...] = ()
    former: MappingType[str, str] = MappingProxyType({})


class _Typed(NamedTuple):
    """A part of a line and its column."""

    text: str
    column: int


def is_checklist(question: Question) -> bool:
    """Whether a question is about several findings at once."""
    return len(question.findings) > 1


def hidden_words(kb: KnowledgeBase, question: Question) -> tuple[str, ...]:
    """The words that answer this question themselves and need a colon before them to be commands."""
    return tuple(word for word in WORDS if word in _own(kb, question))


def read_word(kb: KnowledgeBase, line: str, question: Question) -> str:
    """The word of `WORDS` in a line; empty if the line is an answer."""
    text = " ".join(line.casefold().split())
    spoken = text.removeprefix(":").strip()
    spoken = spoken.rstrip(" ?!.") or spoken
    word = _SAME.get(spoken, spoken)
    if word not in WORDS or (text[:1] != ":" and spoken in _own(kb, question)):
        return ""
    return word


def read_answer(kb: KnowledgeBase, line: str, question: Question, facts: Facts) -> Reply:
    """The values of findings in a line. A finding may override the known ``facts``; a panel may not contradict them.

    Raises:
        PatientError: with everything that is wrong with the line.
    """
    return _Line(kb, line, question).answer(facts)


def _own(kb: KnowledgeBase, question: Question) -> set[str]:
    """The names that answer a question."""
    if is_checklist(question):
        return set(question.findings)
    finding = kb.findings[question.findings[0]]
    return {folded(word).replace("_", " ") for word in (*finding.values, *finding.also)}


class _Line:
    """One line being read: its values and their places."""

    def __init__(self, kb: KnowledgeBase, line: str, question: Question) -> None:
        self.kb, self.question = kb, question
        plain = re.sub(r"(?<=\w) ?= ?", "=", " ".join(tidy(line).split()))
        self.source = argument("your answer", plain)
        self.reader = PatientReader(kb)
        self.problems = self.reader.problems
        self.found = Mapping(self.source, 1, 1)
        self.others: set[str] = set()
        self.without_value: list[str] = []
        self.former: dict[str, str] = {}

    def answer(self, facts: Facts) -> Reply:
        plain, besides = self._parts()
        if plain and not is_checklist(self.question):
            text = " ".join(part.text for part in plain)
            self._add(_Typed(self.question.findings[0], plain[0].column), _Typed(text, plain[0].column))
        for key, value in besides:
            self._add(key, value)
        if is_checklist(self.question):
            self._checklist(plain)
        said = self.reader.mapping(self.found)
        self._contradictions(said, facts)
        if not said and not self.without_value and not self.problems.found:
            self.problems.add(self.found, "there is no answer here", expected="an answer, or help")
        if self.problems.found:
            raise PatientError(self.problems.found)
        written = {name: new.written for name, new in said.items() if new.value is not None}
        values = {name: new.value for name, new in said.items()}
        without_value = tuple(name for name in self.without_value if name not in values)
        return Reply(values, written, frozenset(self.others), without_value, self.former)

    def _contradictions(self, said: MappingType[str, Said], facts: Facts) -> None:
        """Report, once for each panel, the findings whose known values differ from those that it gives."""
        otherwise: dict[str, list[str]] = {}
        for name, new in said.items():
            known = facts.get(name)
            # An unknown panel takes back its own values.
            taken_back = new.value is None and new.panel and known == self.kb.panels[new.panel].members[name]
            if new.panel and known not in (None, new.value) and not taken_back:
                otherwise.setdefault(new.panel, []).append(name)
        for panel, names in otherwise.items():
            known_ones = " and ".join(f"{name} is {write_value(self.kb.findings[name], facts[name])}" for name in names)
            first = " ".join(f"{name}={said[name].written}" for name in names)
            node = said[names[0]].node
            message = f"{known_ones}, yet {panel} is {node.text}"
            self.problems.add(node, message, expected=f"{first} first, if it is so")

    def _parts(self) -> tuple[list[_Typed], list[tuple[_Typed, _Typed]]]:
        """The answer to the question, and further ``finding=value`` pairs; values may have several words."""
        plain: list[_Typed] = []
        besides: list[tuple[_Typed, _Typed]] = []
        for token in _TOKEN.finditer(self.source.text):
            said = _SAID.fullmatch(token[0])
            column = token.start() + 1
            if said:
                name, text = said.groups()
                besides.append((_Typed(name, column), _Typed(text.rstrip(","), column + len(name) + 1)))
            elif besides and not self._is_of_checklist(token[0]):
                key, value = besides[-1]
                besides[-1] = (key, value._replace(text=f"{value.text} {token[0]}".strip().rstrip(",")))
            else:
                plain.append(_Typed(token[0], column))
        return plain, besides

    def _is_of_checklist(self, text: str) -> bool:
        """Whether a word after a value belongs to the checklist rather than to the value."""
        if not is_checklist(self.question):
            return False
        word = text.strip(",").casefold()
        return word in (*_NONE, UNKNOWN, *self.question.findings) or word in self._numbered

    # --- one finding

    def _add(self, name: _Typed, value: _Typed) -> None:
        """Add a value of a finding, completed if it is shortened."""
        key = Scalar(self.source, 1, name.column, name.text, name.column + len(name.text))
        end = value.column + len(value.text)
        node = Scalar(self.source, 1, value.column, value.text, end)
        whole = self._written_out(node, self._now(name.text))
        before = self.found.entries.get(name.text)
        if isinstance(before, Scalar) and whole not in (None, before.text):
            self.problems.add(key, f"{quoted(name.text)} is given twice", expected="each finding once")
        elif whole is not None:
            self.found.entries[name.text] = Scalar(self.source, 1, value.column, whole, end)
            self.found.keys[name.text] = key

    def _now(self, name: str) -> str:
        """The name now of a finding that had another before; any other word as it is."""
        if name in self.reader.former:
            self.former[name] = self.reader.former[name]
        return self.reader.former.get(name, name)

    def _written_out(self, node: Scalar, name: str) -> str | None:
        """The value that a text abbreviates; ``None``, with a problem, if there are several."""
        finding = self.kb.given.get(name)
        if finding is None or finding.kind is Kind.QUANTITY:
            return node.text
        try:
            self.reader.values.read(name, node.text)
        except NotAValueError as error:
            word = folded(node.text)
            near = [value for value in error.among if word and word not in YES and folded(value).startswith(word)]
            meant: dict[Value | None, str] = {}
            for spelling in [*near, UNKNOWN] if near and UNKNOWN.startswith(word) else near:
                meant.setdefault(self.reader.values.read(name, spelling).value, spelling)
            if len(meant) > 1:
                message = f"{quoted(node.text)} may be {' or '.join(meant.values())}"
                self.problems.add(node, message, expected="more of the word")
                return None
            return next(iter(meant.values()), node.text)
        return node.text

    # --- a checklist

    @cached_property
    def _numbered(self) -> dict[str, str]:
        return {str(number): name for name, number in numbers(self.kb, self.question).items()}

    @cached_property
    def _named(self) -> dict[str, str]:
        """The findings of the list by everything that they are called."""
        findings = [self.kb.findings[name] for name in self.question.findings]
        return {folded(called): it.name for it in findings for called in (it.title, it.short, it.name) if called}

    def _checklist(self, plain: Sequence[_Typed]) -> None:
        """Add the findings that are named, then the others as ``none`` or ``unknown`` gives them."""
        others: list[_Typed] = []
        for part in self._items(plain):
            word = part.text.casefold()
            if word in (*_NONE, UNKNOWN):
                others.append(part._replace(text=UNKNOWN if word == UNKNOWN else NONE))
            elif name := self._member(part):
                self._present(name, part)
        if len({part.text for part in others}) > 1:
            node = Scalar(self.source, 1, others[1].column, others[1].text)
            self.problems.add(node, "the others are none, or unknown: not both", expected="one of them, at the end")
        elif others:
            self._others(others[0])

    def _items(self, plain: Sequence[_Typed]) -> Iterator[_Typed]:
        """The items of a list; several words are one item if a finding is called so."""
        left = list(_entries(plain))
        while left:
            called = (" ".join(part.text for part in left[:size]) for size in range(len(left), 1, -1))
            whole = next((text for text in called if folded(text) in self._named), left[0].text)
            yield left[0]._replace(text=whole)
            del left[: len(whole.split())]

    def _member(self, part: _Typed) -> str:
        """The finding of a number, a name or its beginning; empty, with a problem, if there is none or several."""
        word = folded(self._now(folded(part.text)))
        if exact := self._numbered.get(word) or self._named.get(word):
            return exact
        near = sorted({name for called, name in self._named.items() if called.startswith(word)})
        if len(near) == 1 and not word.isdigit():
            return near[0]
        node = Scalar(self.source, 1, part.column, part.text, part.column + len(part.text))
        if word.isdigit():
            message = f"there is no number {quoted(word)} here"
            self.problems.add(node, message, expected=f"one of {', '.join(self._numbered)}")
        elif word in _YES:
            self.problems.add(node, "which of them?", expected="numbers or names of the list, or none")
        elif near:
            self.problems.add(node, f"{quoted(part.text)} may be {' or '.join(near)}", expected="more of the word")
        else:
            message = f"{quoted(part.text)} is not in this list"
            expected = "numbers or names of the list, none, or finding=value"
            self.problems.add(node, message, expected=expected, word=word, among=self.question.findings)
        return ""

    def _present(self, name: str, part: _Typed) -> None:
        """Add a finding as present; one with several such values is still to be asked for its value."""
        absent = self.kb.panels[self.question.panel].members[name]
        finding = self.kb.findings[name]
        values = ("yes", "no") if finding.kind is Kind.YES_NO else finding.values
        present = [value for value in values if value != write_value(finding, absent)]
        if len(present) == 1:
            self._add(_Typed(name, part.column), _Typed(present[0], part.column))
        elif name not in self.without_value:
            self.without_value.append(name)

    def _others(self, word: _Typed) -> None:
        """Add every finding of the list that was not named, as absent or unknown."""
        absent = self.kb.panels[self.question.panel].members
        named = {*self.found.entries, *self.without_value}
        for name in self.question.findings:
            if name not in named:
                text = UNKNOWN if word.text == UNKNOWN else write_value(self.kb.findings[name], absent[name])
                self._add(_Typed(name, word.column), _Typed(text, word.column))
                self.others |= {name} if text != UNKNOWN else set()


def _entries(parts: Sequence[_Typed]) -> Iterator[_Typed]:
    """The entries of a list separated by spaces or commas."""
    for part in parts:
        for entry in _ENTRY.finditer(part.text):
            yield _Typed(entry[0], part.column + entry.start())


def numbers(kb: KnowledgeBase, question: Question) -> dict[str, int]:
    """The number of each finding in a checklist: its position in the panel, which answers to others do not change."""
    places = {name: place for place, name in enumerate(kb.panels[question.panel].members, 1)}
    return {name: places[name] for name in question.findings}
