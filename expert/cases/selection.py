"""Choosing cases by words: phrases with ``and``, ``or``, ``not`` and parentheses, as in pytest's ``-k``.

A phrase is found anywhere in the file's name or the case's, ignoring case; ``not`` binds closest, then ``and``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from expert.lang.errors import InputError, Problem, quoted
from expert.read.cases import Case

Test = Callable[[str], bool]

_MOST_TOKENS = 200
_FORM = "a phrase, or phrases with and, or, not and parentheses"


def selected(cases: Sequence[Case], words: str) -> list[Case]:
    """The cases that an expression finds.

    Raises:
        InputError: it is not an expression, or finds none.
    """
    test = matching(words)
    found = [case for case in cases if test(f"{Path(case.at.file).name} {case.name}")]
    if not found:
        raise InputError([Problem(f"no case matches {quoted(words)}", expected="words of a case's name or its file's")])
    return found


def matching(words: str) -> Test:
    """An expression as a test of a text.

    Raises:
        InputError: it is not an expression.
    """
    return _Expression(words).whole()


class _Expression:
    def __init__(self, words: str) -> None:
        self.words = words
        self.tokens = re.findall(r"[()]|[^\s()]+", words)
        if len(self.tokens) > _MOST_TOKENS:
            raise self._wrong(f"is longer than {_MOST_TOKENS} words")

    def whole(self) -> Test:
        if not self.tokens:
            raise self._wrong("is empty")
        test = self._alternatives()
        if self.tokens:
            raise self._wrong(f"has {quoted(self.tokens[0])} where it should end")
        return test

    def _alternatives(self) -> Test:
        tests = [self._conjunction()]
        while self._take("or"):
            tests.append(self._conjunction())
        return lambda text: any(test(text) for test in tests)

    def _conjunction(self) -> Test:
        tests = [self._single()]
        while self._take("and"):
            tests.append(self._single())
        return lambda text: all(test(text) for test in tests)

    def _single(self) -> Test:
        if self._take("not"):
            inner = self._single()
            return lambda text: not inner(text)
        if self._take("("):
            inner = self._alternatives()
            if not self._take(")"):
                raise self._wrong("lacks a closing parenthesis")
            return inner
        return self._phrase()

    def _phrase(self) -> Test:
        found = []
        while self.tokens and self.tokens[0] not in ("and", "or", "not", "(", ")"):
            found.append(self.tokens.pop(0).casefold())
        if not found:
            raise self._wrong(f"has {quoted(self.tokens[0])} where a phrase should be" if self.tokens else "ends early")
        phrase = " ".join(found)
        return lambda text: phrase in " ".join(text.casefold().split())

    def _take(self, token: str) -> bool:
        if self.tokens and self.tokens[0] == token:
            del self.tokens[0]
            return True
        return False

    def _wrong(self, why: str) -> InputError:
        return InputError([Problem(f"the selection {quoted(self.words)} {why}", expected=_FORM)])
