"""Case files in which what follows takes the place of what was expected: comments and all else stay as they are.

An expectation that fails is replaced by what was found; an entry of a list that fails is moved to the list of the
opposite (``because`` and ``silent``, ``alerts`` and ``without: {alerts: ...}``), or removed where there is none. A text
counts only if it reads as before in all other respects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from expert.cases.results import CaseResult, Failure, outcomes_of, run_cases
from expert.edit.case_text import CaseText, NotSafeError
from expert.edit.comments import comments
from expert.edit.edited_file import edit, text_of
from expert.lang.errors import KnowledgeError, Problem
from expert.lang.roles import LISTINGS
from expert.logic.domain import Domain
from expert.read.cases import Case, Expectation, read_cases
from expert.read.source import LINE_BREAK

_LISTED = ("because", "silent", "open", "checks", *LISTINGS)


class Rewritten(NamedTuple):
    """A case file, before and after."""

    file: Path
    before: str
    after: str


def rewritten(domain: Domain, results: Sequence[CaseResult]) -> list[Rewritten]:
    """The files of the cases that fail, with their expectations replaced by what was found.

    Raises:
        KnowledgeError: with each case that cannot be rewritten so that all else is certain to stay.
    """
    by_file: dict[str, list[CaseResult]] = {}
    for result in results:
        if result.failures:
            by_file.setdefault(result.case.at.file, []).append(result)
    problems: list[Problem] = []
    found = []
    for name, failed in by_file.items():
        file = Path(name)
        before = _text(file)
        cases = read_cases(domain.kb.with_drafts(), [file])
        after = _with_found(before, cases, failed, problems)
        if not problems and not _holds(domain, file.name, cases, {it.case.at.line for it in failed}, before, after):
            problems.append(Problem(f"{file} cannot be rewritten safely", expected=_BY_HAND))
        found.append(Rewritten(file, before, after))
    if problems:
        raise KnowledgeError(problems)
    return found


def write(files: Sequence[Rewritten]) -> None:
    """Write all of the files, or none.

    Raises:
        KnowledgeError: a file was edited since it was read, or one cannot be written.
    """
    edited = [it.file for it in files if _text(it.file) != it.before]
    if edited:
        raise KnowledgeError(
            Problem(f"{file} was edited meanwhile", expected="the same command again") for file in edited
        )
    edit({it.file: it.after for it in files})


_BY_HAND = "an edit by hand"


def _text(file: Path) -> str:
    text = text_of(file)
    if file.read_bytes() != text.encode():
        raise KnowledgeError([Problem(f"{file} begins with a byte order mark", expected="a file in UTF-8 without one")])
    return text


def _with_found(text: str, cases: Sequence[Case], failed: Sequence[CaseResult], problems: list[Problem]) -> str:
    """The text of a file, case by case."""
    starts = [0, *(it.end() for it in LINE_BREAK.finditer(text))]
    begins = [starts[case.at.line - 1] for case in cases]
    failures = {it.case.at.line: it.failures for it in failed}
    parts = [text[: begins[0]]]
    for case, begin, end in zip(cases, begins, [*begins[1:], len(text)], strict=True):
        try:
            parts.append(_edited(text[begin:end], failures.get(case.at.line, ())))
        except NotSafeError as error:  # noqa: PERF203
            message = f"what {case.name!r} expects cannot be rewritten safely: {error}"
            line = text[begin:].partition("\n")[0]
            problems.append(Problem(message, case.at, line, expected=_BY_HAND))
    return "".join(parts)


def _edited(text: str, failures: Sequence[Failure]) -> str:
    if not failures:
        return text
    case = CaseText(text)
    for expected, found in failures:
        _replace(case, expected, found)
    return case.text


def _replace(case: CaseText, expected: Expectation, found: str) -> None:
    what, name = expected.what, expected.name
    if what == "possible":
        case.put_list((what,), found.split(", ") if found else [])
    elif what not in _LISTED:
        case.put((what, name) if name else (what,), found)
    else:
        there = ("without", what) if expected.value == "no" else (what,)
        for path in _opposite(what, absent=expected.value == "no"):
            case.add(path, name)
        case.remove(there, name)


def _opposite(what: str, *, absent: bool) -> Iterator[tuple[str, ...]]:
    """The list for an entry that does not belong to its own."""
    if what in ("because", "silent"):
        yield ("silent" if what == "because" else "because",)
    elif what in LISTINGS:
        yield (what,) if absent else ("without", what)


# --- what must stay ---------------------------------------------------------------------------------------------------


def _holds(domain: Domain, name: str, cases: Sequence[Case], changed: set[int], before: str, after: str) -> bool:
    """Whether a text has the same cases and comments, and those that changed pass now."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / name
        file.write_bytes(after.encode())
        try:
            now = read_cases(domain.kb.with_drafts(), [file])
        except KnowledgeError:
            return False
    if [_who(it) for it in now] != [_who(it) for it in cases] or comments(before) != comments(after):
        return False
    pairs = [(old.at.line in changed, old, new) for old, new in zip(cases, now, strict=True)]
    again = [new for rewritten, _, new in pairs if rewritten]
    passes = not any(it.failures for it in run_cases(outcomes_of(domain, again), again))
    return passes and all(rewritten or _expected(old) == _expected(new) for rewritten, old, new in pairs)


def _who(case: Case) -> tuple[str, Mapping[str, object]]:
    return case.name, case.patient.facts


def _expected(case: Case) -> list[tuple[str, str, str]]:
    return [(it.what, it.name, it.value) for it in case.expected]
