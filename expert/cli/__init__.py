"""The command line: ``expert``."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from importlib import import_module
from typing import Any

import click

from expert import __version__
from expert.errors import ExpertError, InputError, nearest

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

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo(err=True)
            ctx.exit(INTERRUPTED)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(cls=Commands, help=f"Choose the step of a treatment ladder for one patient, and say why.\n\n{EXAMPLE}")
@click.version_option(__version__, prog_name="expert")
def expert() -> None:
    pass


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; exit status 2 with a message for people if an input is wrong."""
    if arguments is None:
        _begin_process()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        return expert.main(args=arguments, prog_name="expert")
    except InputError as error:
        from expert.render.problems import render_problems

        click.echo(render_problems(error.problems), err=True)
    except ExpertError as error:
        click.echo(str(error), err=True)
    except OSError as error:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  what is left in the old one is not written again at the end
        from expert.files import why

        named = f": {error.filename}" if error.filename and not os.path.isdir(error.filename) else ""
        click.echo(f"the output cannot be written: {why(error)}{named}", err=True)
    sys.exit(2)


def _begin_process() -> None:
    """What is so of a process that runs one command and ends."""
    # Next to nothing that it makes becomes garbage: looking for that takes a good part of the time of a short command.
    gc.set_threshold(100_000)
    atexit.register(gc.freeze)
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader who has seen enough ends the program, quietly
