"""The comments of a YAML text: where they are, and their places in a text of other indentation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def comments(text: str) -> Counter[str]:
    """The comments of a text, with how often each occurs."""
    return Counter(words for _, _, words in places_of_comments(text))


def places_of_comments(text: str) -> Iterator[tuple[int, int, str]]:
    """Line and column (from 0) of each comment: what begins with # between two tokens."""
    lines = text.split("\n")
    tokens = [token for token in yaml.scan(text, Loader=LOADER) if not _is_empty(token)]
    for before, after in pairwise(tokens):
        start, end = before.end_mark, after.start_mark
        for number in range(start.line, min(end.line + 1, len(lines))):
            line = lines[number][: end.column] if number == end.line else lines[number]
            at = line.find("#", start.column if number == start.line else 0)
            if at >= 0:
                yield number, at, line[at:].rstrip()


def _is_empty(token: yaml.Token) -> bool:
    """Whether a token has no characters, such as the end of a block; it may be marked anywhere."""
    return isinstance(token, yaml.BlockEndToken | yaml.BlockMappingStartToken | yaml.BlockSequenceStartToken)


def with_comments_along(before: str, after: str) -> str:
    """Comments as far from the text before them as they were, or at the column of the text below them."""
    old, new = _with_text_below(before), _with_text_below(after)
    old_lines, lines = before.split("\n"), after.split("\n")
    if [words for _, _, words, _ in old] != [words for _, _, words, _ in new]:
        return after
    for (at, column, words, below), (number, now, _, moved) in zip(old, new, strict=True):
        before_it, text = old_lines[at][:column], lines[number][:now].rstrip()
        if text:
            lines[number] = text + " " * (column - len(before_it.rstrip())) + words
        elif column == below:
            lines[number] = " " * moved + words
    return "\n".join(lines)


def _with_text_below(text: str) -> list[tuple[int, int, str, int]]:
    """Line, column and words of each comment, and the column of the text below it."""
    lines = text.split("\n")
    found = list(places_of_comments(text))
    alone = {number for number, column, _ in found if not lines[number][:column].strip()}
    below = 0
    columns = {}
    for number in reversed(range(len(lines))):
        columns[number] = below
        if lines[number].strip() and number not in alone:
            below = len(lines[number]) - len(lines[number].lstrip())
    return [(number, column, words, columns[number]) for number, column, words in found]
