"""What a command prints when it cannot do its work: a message for people or, with ``--format json``, an object.

The object is one line, the last on standard error; standard output is empty, so that nothing is taken for an
answer. The exit status is the same, 2 for all that is wrong with an input, the knowledge or an output::

    {"problems": [{"message": TEXT, "file": NAME, "line": NUMBER, "column": NUMBER, "end": NUMBER, "text": TEXT,
                   "expected": TEXT, "suggestion": TEXT, "edit": TEXT}, ...]}

``text`` is the line of the file; ``edit`` replaces its part from ``column`` up to, not including, ``end``. What is not
known of a problem is null; ``message`` always is a text.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import click

from expert.lang.errors import ExpertError, InputError, Problem

Failure = ExpertError | click.ClickException | OSError

WRONG = 2  # an input, the knowledge or an output is


def report(error: Failure, words: Sequence[str]) -> int:
    """Print what is wrong on standard error, in the form that the command line asks for; the exit status."""
    if isinstance(error, OSError):  # nothing else than the output raises one that comes this far
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  what is left in the old one is not written again at the end
    if asks_for_json(words):
        import json

        click.echo(json.dumps({"problems": [_as_json(it) for it in _problems(error)]}), err=True)
    else:
        click.echo(_text(error, width_of_messages()), err=True)
    return error.exit_code if isinstance(error, click.ClickException) else WRONG


def asks_for_json(words: Sequence[str]) -> bool:
    """Whether a command line has the option ``--format json``."""
    options = words[: words.index("--")] if "--" in words else words
    return "--format=json" in options or ("--format", "json") in pairwise(options)


def width_of_messages() -> int:
    """The width of the terminal that shows messages; 0 if none does."""
    from expert.render.terminal import width_around

    return width_around() if sys.stderr.isatty() else 0


def _text(error: Failure, width: int) -> str:
    from expert.render.problems import fitted, render_problems

    if isinstance(error, InputError):
        return render_problems(error.problems, width)
    if isinstance(error, click.ClickException):
        shown = io.StringIO()
        error.show(shown)
        return "\n".join(line for text in shown.getvalue().splitlines() for line in fitted(text, width))
    return "\n".join(fitted(_message(error), width))


def _message(error: Failure) -> str:
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, ExpertError):
        return str(error)
    from expert.lang.atomic_files import why

    named = f": {error.filename}" if error.filename and not os.path.isdir(error.filename) else ""
    return f"the output cannot be written: {why(error)}{named}"


def _problems(error: Failure) -> Sequence[Problem]:
    if isinstance(error, InputError):
        return error.problems
    usage = error.ctx.get_usage() if isinstance(error, click.UsageError) and error.ctx else ""
    return [Problem(_message(error), expected=usage.removeprefix("Usage: "))]


def _as_json(it: Problem) -> dict[str, Any]:
    return {
        "message": it.message,
        "file": it.at.file if it.at else None,
        "line": it.at.line if it.at else None,
        "column": it.at.column if it.at else None,
        "end": (it.at.end or None) if it.at else None,
        "text": it.line if it.at else None,
        "expected": it.expected or None,
        "suggestion": it.suggestion or None,
        "edit": it.edit or None,
    }
