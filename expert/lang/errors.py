"""What can be wrong, and where.

::

    ExpertError                     everything that this package raises on purpose
    ├── InputError                  carries Problems; the command line exits with status 2
    │   ├── KnowledgeError          the knowledge folder cannot be used
    │   │   └── ContradictionError  the rules both prove and refute something
    │   └── PatientError            a patient, a site or a case cannot be used
    ├── MissingExtraError           a command needs a package that is not installed; it says how to install it
    ├── UnprovedError               the solver could not decide
    └── InternalError               caught within this package
        ├── BeyondBoundError        a case split grew too large (`expert.solve.case_split`)
        ├── LoopError               a definition depends on itself (`expert.lang.definitions`)
        ├── NotAJournalError        a file is not a journal (`expert.journal.store_file`)
        ├── NotSafeError            a case cannot be rewritten (`expert.edit.case_text`)
        ├── NotAValueError          a value cannot be read; callers turn it into a Problem
        ├── _RefusedError           the rest of a text is not read (`expert.read.parse`)
        └── _TooManyError           constraints have too many nogoods (`expert.logic.nogoods`)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import NamedTuple

_MOST_MEANT = 6

COMMAND_LINE = "command line"
"""The name of the place of facts on the command line, which has no lines."""


class Location(NamedTuple):
    """A place in a text: display name of the file, line and column, both counted from 1.

    ``end`` is the column after the part of that line that is meant; 0 if only its beginning is known.
    """

    file: str
    line: int
    column: int = 1
    end: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.file}:{self.line}"


class Problem(NamedTuple):
    """One thing that is wrong with an input.

    Attributes:
        message: what is wrong, as a sentence without a full stop.
        at: where; ``None`` where the input has no text, such as a missing file.
        line: the text of that line, shown above the caret.
        expected: what is valid here.
        suggestion: the nearest valid spelling, if there is a near one.
        edit: what to write in place of the text at ``at``; empty if that is not known.
    """

    message: str
    at: Location | None = None
    line: str = ""
    expected: str = ""
    suggestion: str = ""
    edit: str = ""

    def __str__(self) -> str:
        parts = [f"{self.at}: {self.message}" if self.at else self.message]
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.suggestion:
            parts.append(f"did you mean {self.suggestion}?")
        return "; ".join(parts)


class ExpertError(Exception):
    """Everything that this package raises on purpose."""

    def __reduce__(self) -> tuple[Callable[..., ExpertError], tuple[object, ...]]:
        return _as_it_was, (type(self), self.args, vars(self))  # constructors do not take `args`


class InternalError(ExpertError):
    """Raised by one part of this package and caught by another; never by a caller."""


class UnprovedError(ExpertError):
    """The solver could not decide. This counts neither as a proof nor as an answer.

    Attributes:
        reason: the solver's own message, such as *timeout*.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"the solver could not decide: {reason}")
        self.reason = reason


class MissingExtraError(ExpertError):
    """A command needs packages that only an extra installs."""

    def __init__(self, command: str, extra: str) -> None:
        super().__init__(f"expert {command} needs more packages: pip install 'expert-ladder[{extra}]'")


def require(command: str, extra: str, *modules: str) -> None:
    """Import the modules that a command needs and an extra installs.

    Raises:
        MissingExtraError: one is not installed.
    """
    try:
        for module in modules:
            import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtraError(command, extra) from error


class InputError(ExpertError):
    """An input cannot be used; ``problems`` lists everything that is wrong with it, by file, line and column."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(dict.fromkeys(sorted(problems, key=_place)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class KnowledgeError(InputError):
    """The knowledge folder cannot be used."""


class ContradictionError(KnowledgeError):
    """The rules both prove and refute something for a patient; in a table, ``row`` is that of the patient."""

    def __init__(self, what: str, who: str, row: int = 0) -> None:
        self.what, self.row = what, row
        message = f"the rules both prove and refute {what!r} for {who}"
        super().__init__([Problem(message, expected="values that exclude each other")])


class PatientError(InputError):
    """A patient, a site or a case cannot be used."""


class NotAValueError(InternalError):
    """A text is not a value of the wanted kind.

    Attributes:
        expected: what is valid.
        offset: where in the text the fault is.
        word, among: a word of the text, and the valid spellings to compare it with.
    """

    def __init__(
        self, message: str, expected: str = "", offset: int = 0, word: str = "", among: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.expected, self.offset, self.word, self.among = expected, offset, word, among

    @property
    def problem(self) -> Problem:
        """The fault as a problem without a location."""
        return Problem(str(self), expected=self.expected, suggestion=nearest(self.word, self.among))


def nearest(word: str, known: Sequence[str], cutoff: float = 0.6) -> str:
    """The known spelling nearest to ``word``, or an empty string if none is near."""
    from difflib import get_close_matches

    word = word[:80]
    same = [name for name in known if folded(name) == folded(word)]
    near = same or get_close_matches(word, known, n=1, cutoff=cutoff)
    return near[0] if near else ""


def meant(word: str, titles: Mapping[str, str]) -> str:
    """The names that a word may mean: one spelt like it, those that have its words in name or title, or the nearest."""
    sought = _words(word)
    found = [name for name, title in titles.items() if sought and sought <= _words(f"{name} {title}")]
    *first, last = found[:_MOST_MEANT] or [""]
    named = f"{', '.join(first)} or {last}" if first else last
    return nearest(word, list(titles), 0.8) or named or nearest(word, list(titles))


def folded(text: str) -> str:
    """A word in the form for comparisons: lower case, with underscores for spaces and hyphens."""
    return re.sub("[ -]+", "_", text.casefold())


def quoted(text: str) -> str:
    """A word of the input as messages quote it, cut short where it is long."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text.casefold()))


def _as_it_was(kind: type[ExpertError], args: tuple[object, ...], attributes: dict[str, object]) -> ExpertError:
    """A pickled or copied error."""
    error = kind.__new__(kind, *args)
    vars(error).update(attributes)
    return error


def _place(problem: Problem) -> tuple[str, int, int]:
    """The sort key of a problem; problems without a location come first."""
    return (problem.at.file, problem.at.line, problem.at.column) if problem.at else ("", 0, 0)
