"""What people read, and what programmers read, is in plain standard English: some words are not used.

Programmers read names, docstrings and comments. Users read messages, help, pages, the texts of the knowledge and the
documents; the questions must also be short and easy.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import mean

import pytest
import yaml

from expert import read_knowledge
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

NOT_READ = {
    **NOT_USED,
    "as nothing was said": "because not recorded",
    "nothing is said": "not given, not recorded",
    "nothing said": "not given, not recorded",
    "as said": "as given",
    "unless said": "by default",
    "said otherwise": "by default",
    "otherwise than": "differently from",
    "play no part": "would not change this step",
    "plays no part": "would not change this step",
    "whatever they had been": "whatever their values",
    "people give": "input finding",
    "shown to people": "as displayed",
    "rests on itself": "depends on itself",
    "can be so": "can occur",
    "do not fit together": "contradict each other",
    "no patient is so": "these facts contradict each other",
    "go on with it": "continue it",
    "taken out": "removed",
    "tells apart": "distinguishes",
    "hears": "is informed of",
    "in vain": "without effect",
    "aright": "correctly",
    "no matter of a day": "not a same-day emergency",
    "likelier": "more likely",
    "slight picture": "mild symptoms and signs",
    "limited approach": "minimally invasive approach",
    "through a needle": "percutaneous",
    "separated rim": "ring apophysis separation",
    "failed week": "1 week of failed treatment",
    "failed months": "failure for more than 3 months",
    "the young": "young patients",
    "renew the MRI": "repeat the MRI",
    "their wish": "their wishes",
    "turn to bone": "ossify",
    "turned to bone": "ossified",
    "recalled": "from memory, not re-checked",
    "says otherwise": "gives another value",
    "people read": "as displayed",
    "gone on with": "continued",
}
"""What users do not read, and what they read instead."""


def pattern(words: Mapping[str, str]) -> re.Pattern[str]:
    """The words of a list, but not within an id in kebab-case or snake_case."""
    any_word = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    return re.compile(rf"(?<![\w-])({any_word})(?![\w-])", re.IGNORECASE)


_WORDS, _READ = pattern(NOT_USED), pattern(NOT_READ)


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


def name_of(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def faults(texts: Iterator[tuple[int, str]], words: re.Pattern[str]) -> list[str]:
    known = NOT_USED if words is _WORDS else NOT_READ
    return [
        f"line {line}: {match[0]!r} in {' '.join(text.split())[:80]!r}; write {known[match[0].lower()]}"
        for line, text in texts
        for match in words.finditer(" ".join(text.split()))
    ]


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_names_docstrings_and_comments_use_standard_words(path: Path) -> None:
    found = faults(iter([(1, words_in(path.stem)), *prose_of(path.read_text("utf-8"))]), _WORDS)
    assert not found, "\n".join(found)


def test_a_word_in_a_name_a_docstring_or_a_comment_is_found() -> None:
    source = '"""What somebody needs."""\n\n\ndef tell_all(told: str) -> None:\n    x_anew = told  # nobody\n'
    assert [match[0] for _, text in prose_of(source) for match in _WORDS.finditer(text)] == [
        *("nobody", "somebody", "tell", "told", "anew")
    ]


# --- what users read --------------------------------------------------------------------------------------------------


def messages_of(source: str) -> Iterator[tuple[int, str]]:
    """The strings of a module that are sentences or phrases, f-strings whole, and the help of its commands."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr(values=values):
                yield node.lineno, "".join(str(it.value) if isinstance(it, ast.Constant) else "{}" for it in values)
            case ast.Constant(value=str() as text) if id(node) not in docstrings | parts and " " in text.strip():
                yield node.lineno, text
            case ast.FunctionDef(decorator_list=[_, *_]) if written := ast.get_docstring(node):
                yield node.lineno, written


def template_texts(source: str) -> Iterator[tuple[int, str]]:
    """The lines of a template, without its statements and the classes and ids of its tags."""
    for line, text in enumerate(source.splitlines(), 1):
        yield line, re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|\b(?:class|id)=\"[^\"]*\"", " ", text)


def lines_of(source: str) -> Iterator[tuple[int, str]]:
    yield from enumerate(source.splitlines(), 1)


def yaml_texts(source: str) -> Iterator[tuple[int, str]]:
    """The values of a YAML file that are phrases."""

    def below(node: yaml.Node | None) -> Iterator[tuple[int, str]]:
        if isinstance(node, yaml.ScalarNode) and " " in node.value:
            yield node.start_mark.line + 1, node.value
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                yield from below(item)
        elif isinstance(node, yaml.MappingNode):
            for _, value in node.value:
                yield from below(value)

    yield from below(yaml.compose(source, yaml.SafeLoader))


READ: Mapping[str, Callable[[str], Iterator[tuple[int, str]]]] = {
    "expert/**/*.py": messages_of,
    "expert/**/*.html": template_texts,
    "expert/**/*.md": lines_of,
    "knowledge/*.yaml": yaml_texts,
    "knowledge/rules/*.yaml": yaml_texts,
    "knowledge/README.md": lines_of,
    "README.md": lines_of,
    "docs/**/*.md": lines_of,
    "tests/golden/pages/*": lines_of,
}
"""What users read, with the texts that are looked at."""


def files_read() -> list[tuple[str, Path]]:
    return [(form, path) for form in READ for path in sorted(REPOSITORY.glob(form))]


@pytest.mark.parametrize(("form", "path"), [pytest.param(*it, id=name_of(it[1])) for it in files_read()])
def test_what_users_read_is_in_plain_words(form: str, path: Path) -> None:
    found = faults(READ[form](path.read_text("utf-8")), _READ)
    assert not found, "\n".join(found)


def test_a_word_in_a_message_a_template_a_help_text_or_a_text_of_the_knowledge_is_found() -> None:
    message = 'x = f"{name} is nobody\'s"\n\n\n@command\ndef assess() -> None:\n    """What people give."""\n'
    assert [match[0] for _, text in messages_of(message) for match in _READ.finditer(text)] == ["people give", "nobody"]
    assert [*template_texts('{{ nobody }} <p class="beside" title="told">')] == [(1, '  <p   title="told">')]
    assert [*yaml_texts("a: {title: Nobody is told, b: [c d]}")] == [(1, "Nobody is told"), (1, "c d")]


# --- the questions ----------------------------------------------------------------------------------------------------

LONGEST_QUESTION = 25
MEAN_WORDS = 12
EASE = 60
"""Flesch reading ease, medical terms included: 60 to 70 is plain English."""


def questions() -> list[str]:
    kb = read_knowledge()
    return [*(finding.ask for finding in kb.inputs.values()), *(panel.ask for panel in kb.panels.values())]


def words_of(text: str) -> list[str]:
    return re.findall(r"[A-Za-z]+(?:['-][A-Za-z]+)*", text)


def syllables(word: str) -> int:
    """How many groups of vowels a word has, without a silent e at its end."""
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    return max(1, groups - bool(re.search(r"[^aeiouyl]e$", word.lower())))


def reading_ease(sentences: list[str]) -> float:
    """Flesch's formula: short sentences of short words score high."""
    words = [word for sentence in sentences for word in words_of(sentence)]
    return 206.835 - 1.015 * len(words) / len(sentences) - 84.6 * sum(map(syllables, words)) / len(words)


@pytest.mark.parametrize("ask", questions())
def test_a_question_is_short(ask: str) -> None:
    assert len(words_of(ask)) <= LONGEST_QUESTION


def test_the_questions_are_easy_to_read() -> None:
    asked = questions()
    assert mean(len(words_of(ask)) for ask in asked) <= MEAN_WORDS
    assert reading_ease(asked) >= EASE


def test_reading_ease_falls_with_long_words_and_long_sentences() -> None:
    easy = reading_ease(["Does the leg hurt?"])
    assert easy > reading_ease(["Is there considerable radicular symptomatology?"])
    assert easy > reading_ease(["Does the leg hurt when the leg is up and the knee is bent and the foot is down?"])
    assert [syllables(word) for word in ("leg", "severe", "muscle", "instability")] == [1, 2, 2, 5]
