"""The command line: ``expert``."""

from __future__ import annotations

import atexit
import errno
import gc
import os
import signal
import sys
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

import click

from expert import __version__
from expert.lang.errors import ExpertError, InputError, nearest

_COMMANDS = {
    "assess": ("clinician", "Answer for one patient, with reasons."),
    "why": ("clinician", "Why a step, option, finding or alert is as it is."),
    "why-not": ("clinician", "What keeps a step, option, finding or alert from holding."),
    "what-if": ("clinician", "Two answers side by side, and the rules that carry the change."),
    "change": ("clinician", "The smallest changes that would lead to another step."),
    "enough": ("clinician", "Few given findings that force the step, whatever the others."),
    "consult": ("consult", "Ask for what matters, most decisive first, until the answer is certain."),
    "report": ("report", "The answer as one page for the patient's record."),
    "replay": ("journal", "Answer every journaled case anew, and list what differs."),
    "receipt": ("journal", "The answer of a journaled case, byte for byte."),
    "findings": ("engineer", "List the findings that may be given or are concluded."),
    "rules": ("engineer", "List the rules."),
    "show": ("engineer", "Show one rule, finding, step, claim ... and who uses it."),
    "check": ("check", "Check the knowledge: reading, lints, proofs."),
    "diff": ("diff", "What edited knowledge concludes otherwise, for whom, and why."),
    "cohort": ("cohort", "Answer for a whole table of patients."),
    "explain-lint": ("check", "What a lint finds, with examples, and why."),
    "test": ("cases", "Run the cases beside the rules, and see what they leave out."),
    "mutate": ("mutate", "Make small faults in the rules, and see whether a case notices."),
    "schema": ("editing", "JSON Schemas for an editor, made from the vocabulary."),
    "new": ("editing", "A scaffold of a rule, a finding or a case."),
    "fmt": ("editing", "Put knowledge files in house style."),
    "docs": ("docs", "The knowledge as pages that clinicians review."),
    "sql": ("sql", "The knowledge as one query for a database."),
}

INTERRUPTED = 130  # as shells have it for a program that Ctrl-C ended
WRONG = 2  # an input, the knowledge or an output is

EXAMPLE = """\b
Example:
  expert assess age=45 severity=severe conservative_result=ineffective \\
      conservative_systematic=yes conservative_duration="14 weeks"
"""


class Commands(click.Group):
    """The commands, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"expert.cli.{_COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            near = nearest(args[0], list(_COMMANDS))
            hint = f" Did you mean {near!r}?" if near else ""
            ctx.fail(f"No such command {args[0][:60]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(cls=Commands, help=f"Choose the step of a treatment ladder for one patient, and say why.\n\n{EXAMPLE}")
@click.version_option(__version__, prog_name="expert")
def expert() -> None:
    pass


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit: with status 2 and a message for people if an input or an output is wrong."""
    if arguments is None:
        _begin_process()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, "standard output is closed")
        status = _status(arguments)
        sys.stdout.flush()
    except InputError as error:
        from expert.render.problems import render_problems

        click.echo(render_problems(error.problems), err=True)
        status = WRONG
    except ExpertError as error:
        click.echo(str(error), err=True)
        status = WRONG
    except OSError as error:
        from expert.lang.atomic_files import why

        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  what is left in the old one is not written again at the end
        named = f": {error.filename}" if error.filename and not os.path.isdir(error.filename) else ""
        click.echo(f"the output cannot be written: {why(error)}{named}", err=True)
        status = WRONG
    sys.exit(status)


def _status(arguments: list[str] | None) -> int | str | None:
    """Run a command; its exit status."""
    try:
        found = expert.main(args=arguments, prog_name="expert", standalone_mode=False)
        return found if isinstance(found, int) else 0
    except SystemExit as end:
        return end.code
    except click.Abort as error:
        if not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code


def _begin_process() -> None:
    """Prepare a process that runs one command and ends."""
    # Next to nothing that it makes becomes garbage: looking for that takes a good part of the time of a short command.
    gc.set_threshold(100_000)
    atexit.register(gc.freeze)
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader who has seen enough ends the program, quietly
    for number in (0, 2):
        with suppress(OSError):  # a file that is opened must not get the number of a stream that is closed
            os.fstat(number)
            continue
        os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115  open until the end
