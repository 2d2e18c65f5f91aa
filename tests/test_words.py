"""Names, docstrings and comments are in plain standard English: some words are not used.

What users read on the screen (messages, titles, help) is not looked at here.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

NOT_USED = {
    "told": "given, reported, named",
    "tell": "report, name, distinguish",
    "tells": "reports, names, distinguishes",
    "telling": "reporting, distinguishing",
    "nobody": "no patient, no one",
    "whoever": "a patient who",
    "somebody": "some patient, a person",
    "everybody": "all patients",
    "stands": "is",
    "is said": "is given, is stated",
    "was said": "was given",
    "be so": "hold, occur",
    "so of": "true of",
    "hangs on": "depends on",
    "bears on": "can change, affects",
    "bear on": "can change, affect",
    "people see": "observable",
    "person sees": "observable",
    "person can see": "observable",
    "anew": "again",
    "beside": "next to, with",
}
"""What is not written, and what is written for it."""

_WORDS = re.compile(rf"\b({'|'.join(sorted(NOT_USED, key=len, reverse=True))})\b", re.IGNORECASE)


def prose_of(source: str) -> Iterator[tuple[int, str]]:
    """The names that a module defines, its docstrings and its comments, each with its line."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, words_in(name)
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield node.lineno, words_in(name)
            case ast.Expr(value=ast.Constant(value=str() as text)):
                for offset, line in enumerate(text.splitlines()):
                    yield node.lineno + offset, re.sub(r"``.*?``|`.*?`", "", line)


def words_in(name: str) -> str:
    """The words of a name in snake_case or CamelCase."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").strip()


def sources() -> list[Path]:
    return sorted(path for folder in ("expert", "tests", "benchmarks") for path in (REPOSITORY / folder).rglob("*.py"))


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_names_docstrings_and_comments_use_standard_words(path: Path) -> None:
    prose = [(1, words_in(path.stem)), *prose_of(path.read_text("utf-8"))]
    found = [
        f"line {line}: {match[0]!r} in {text.strip()[:80]!r}; write {NOT_USED[match[0].lower()]}"
        for line, text in prose
        for match in _WORDS.finditer(text)
    ]
    assert not found, "\n".join(found)


def test_a_word_in_a_name_a_docstring_or_a_comment_is_found() -> None:
    source = '"""What somebody needs."""\n\n\ndef tell_all(told: str) -> None:\n    x_anew = told  # nobody\n'
    assert [match[0] for _, text in prose_of(source) for match in _WORDS.finditer(text)] == [
        *("nobody", "somebody", "tell", "told", "anew")
    ]
