"""Why a text is not valid YAML: the cause and its line, which is often above the line where the parser stops."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import yaml

ODD_SPACE = r"[^\S\x00-\x7f]"
"""White space that YAML does not treat as such, for example a no-break space."""

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MOST = 20  # the most such spaces to examine
_NAMES = {"\xa0": "a no-break space", "\u202f": "a narrow no-break space", "\u3000": "an ideographic space"}
_KEY = r"(?:[\w-]+|\"[^\"]*\"|'[^']*'):"
_ODD = re.compile(
    rf"^[ \t]*(?P<indent>{ODD_SPACE})\s*(?={_KEY}(?:\s|$)|-\s)|^\s*(?:- +)?(?:-|{_KEY})(?P<after>{ODD_SPACE})"
)
_TAB = re.compile(r"^ *(\t)[ \t]*[^ \t#]")
_CONFLICT = re.compile(r"(?:<{7}|\|{7}|>{7})(?: .*)?$|={7}$")
_COLON = re.compile(r":(?=\s|$)")
_QUOTE = re.compile(r"(?:^|: +|- +|[\[{,] *)([\"'])")
_QUOTED = {'"': re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL), "'": re.compile(r"'(?:[^']|'')*'")}
_CLOSING = {"[": "]", "{": "}"}
_BEGINNINGS = {
    "while scanning a block scalar": "quotes around a text that begins like this, or the text on the lines below",
    "while scanning an anchor": "quotes around a text that begins like this",
    "while scanning an alias": "quotes around a text that begins like this",
    "while scanning a tag": "quotes around a text that begins like this",
    "while scanning a directive": "quotes around a text that begins like this",
}
_CURES = {
    "\t": "spaces: a tab does not indent",
    ":": "quotes around a text with a colon and a space",
    **dict.fromkeys("@`%", "quotes around a text that begins like this"),
}


class Cause(NamedTuple):
    """What is wrong, where, and what is expected; line and column are counted from 1."""

    line: int
    column: int
    message: str
    expected: str = ""


def conflict(lines: Sequence[str]) -> Cause | None:
    """The first marker of a merge conflict."""
    marks = [number for number, line in enumerate(lines, 1) if _CONFLICT.fullmatch(line)]
    begins = [number for number in marks if lines[number - 1].startswith("<")]
    ends = [number for number in marks if lines[number - 1].startswith(">")]
    if not begins or not ends:
        return None
    several = f"; there are {len(begins)} in this file" if len(begins) > 1 else ""
    message = f"a merge conflict was left here, to line {ends[0]}{several}"
    return Cause(begins[0], 1, message, "one of its sides, without the lines <<<<<<<, ======= and >>>>>>>")


def odd_spaces(lines: Sequence[str]) -> Iterator[Cause]:
    """The first white space of each line that YAML does not treat as a space where it needs one."""
    for number, text in enumerate(lines, 1):
        if not text.isascii() and (found := _ODD.search(text)):
            group = found.lastgroup or ""
            name = _NAMES.get(found[group], f"the space U+{ord(found[group]):04X}")
            what = "indents this line" if group == "indent" else "is here"
            message = f"{name} {what}, which YAML does not read as a space"
            yield Cause(number, found.start(group) + 1, message, "plain spaces")


def cause(lines: Sequence[str], error: yaml.YAMLError) -> Cause:
    """The cause of a parser's error."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return Cause(1, 1, "this is not YAML")
    mark = error.problem_mark or error.context_mark
    line, column = _place(mark)
    for found in (*_in_the_lines(lines, line), *_in_the_context(lines, error)):
        return found
    what = " ".join((error.problem or error.context or "").split())
    at = lines[line - 1][column - 1 : column] if line <= len(lines) else ""
    if "<document start>" in what:
        return Cause(
            line, column, "this line does not belong to the entry above it", "the indentation of the lines above"
        )
    return Cause(line, column, f"this is not YAML: {what}", _CURES.get(at, "") or _column_meant(lines, error))


def _in_the_lines(lines: Sequence[str], last: int) -> Iterator[Cause]:
    """Invisible mistakes: a tab near the line where the parser stopped, or odd spaces up to it."""
    for number in range(min(last, len(lines)), max(last - 2, 0), -1):
        if tab := _TAB.match(lines[number - 1]):
            yield Cause(number, tab.start(1) + 1, "a tab indents this line", "spaces: a tab does not indent")
    for odd in islice(odd_spaces(lines[:last]), _MOST):
        mended = [*lines[: odd.line - 1], re.sub(ODD_SPACE, " ", lines[odd.line - 1]), *lines[odd.line :]]
        if _readable(mended) > last:  # within a text it is harmless
            yield odd


def _readable(lines: Sequence[str]) -> int:
    """The line where a parser stops; beyond the last line if the text is valid."""
    try:
        for _ in yaml.parse("\n".join(lines), Loader=LOADER):
            pass
    except yaml.MarkedYAMLError as error:
        return _place(error.problem_mark or error.context_mark)[0]
    return len(lines) + 1


def _in_the_context(lines: Sequence[str], error: yaml.MarkedYAMLError) -> Iterator[Cause]:
    """A construct that was begun and not ended before the parser stopped."""
    context, start = error.context or "", error.context_mark
    last, _ = _place(error.problem_mark or start)
    line, column = _place(start)
    if context == "while scanning a quoted scalar":
        yield _not_closed(line, column, lines[line - 1][column - 1 : column])
    if (quote := _open_quote(lines, last)) is not None:
        yield quote
    if context.startswith("while parsing a flow") and (bracket := _open_bracket(lines, last)) is not None:
        yield bracket
    if context == "while scanning a simple key" and "':'" in (error.problem or ""):
        yield Cause(line, column, "this key is not followed by a colon and a space", "KEY: VALUE")
    if "mapping values are not allowed" in (error.problem or ""):
        yield from _second_colon(lines, *_place(error.problem_mark))
    if context in _BEGINNINGS:
        what = " ".join((error.problem or "").split())
        yield Cause(line, column, f"this is not YAML: {what}", _BEGINNINGS[context])


def _second_colon(lines: Sequence[str], line: int, column: int) -> Iterator[Cause]:
    """Why the first colon of a line is not allowed: the line continues a text above."""
    if _COLON.search(lines[line - 1][: column - 1]):
        return
    above = [number for number in range(1, line) if lines[number - 1].strip() and lines[number - 1].lstrip()[0] != "#"]
    here = _indent(lines[line - 1])
    while above and _indent(lines[above[-1] - 1]) == here and not _COLON.search(lines[above[-1] - 1]):
        first = above.pop()
        if not above or _indent(lines[above[-1] - 1]) >= here or not _COLON.search(lines[above[-1] - 1]):
            yield Cause(first, here + 1, "this key is not followed by a colon and a space", "KEY: VALUE")
    if above and _indent(lines[above[-1] - 1]) < here:
        meant = f"a key in column {_indent(lines[above[-1] - 1]) + 1}, or quotes around the whole text"
        yield Cause(line, here + 1, f"this line continues the text of line {above[-1]}", meant)


def _open_quote(lines: Sequence[str], last: int) -> Cause | None:
    """The nearest opening quote that is not closed, or is closed by another opening quote."""
    for number in range(min(last, len(lines)), 0, -1):
        text = lines[number - 1]
        for found in () if text.lstrip().startswith("#") else _QUOTE.finditer(text):
            begun = found.start(1)
            if text.count(found[1], begun) == 1 and not _is_closed("\n".join([text[begun:], *lines[number:last]])):
                return _not_closed(number, begun + 1, found[1])
    return None


def _is_closed(text: str) -> bool:
    """Whether the opening quote of a text is closed, with no text after it in that line."""
    closed = _QUOTED[text[0]].match(text)
    after = text[closed.end() :].partition("\n")[0].strip() if closed else "x"
    return not after or after[0] in ",]}:#"


def _open_bracket(lines: Sequence[str], last: int) -> Cause | None:
    """The nearest bracket or brace that is not closed in its line."""
    for number in range(min(last, len(lines)), 0, -1):
        text = lines[number - 1]
        for opening, closing in _CLOSING.items():
            if text.count(opening) > text.count(closing) and not text.lstrip().startswith("#"):
                return _not_closed(number, text.rindex(opening) + 1, opening)
    return None


def _not_closed(line: int, column: int, opening: str) -> Cause:
    closing = _CLOSING.get(opening, opening)
    what = "quote" if opening in ("'", '"') else "bracket" if opening == "[" else "brace"
    return Cause(line, column, f"the {what} that begins here is not closed", closing)


def _column_meant(lines: Sequence[str], error: yaml.MarkedYAMLError) -> str:
    """The column in which a misplaced key should begin."""
    if error.context != "while parsing a block mapping" or not error.context_mark or not error.problem_mark:
        return ""
    line, column = _place(error.problem_mark)
    before = lines[line - 1][: column - 1].rstrip()
    if before:
        return "quotes around the whole text" if before[-1] in "\"'" else ""
    return f"a key in column {error.context_mark.column + 1}, as the others of line {error.context_mark.line + 1}"


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _place(mark: Any) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
