"""The command line: ``expert``."""

from __future__ import annotations

import atexit
import errno
import gc
import os
import signal
import sys
from contextlib import suppress
from typing import NoReturn

import click

from expert.cli.commands import expert
from expert.lang.errors import ExpertError

INTERRUPTED = 130  # as shells have it for a program that Ctrl-C ended


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit: with status 2 and a message if an input or an output is wrong."""
    if arguments is None:
        _begin_process()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if arguments is None and "_EXPERT_COMPLETE" in os.environ:
        from expert.cli.completion import answer_shell

        answer_shell(os.environ)
        sys.exit()
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, "standard output is closed")
        status = _status(arguments)
        sys.stdout.flush()
    except (ExpertError, click.ClickException, OSError) as error:
        from expert.cli.failures import report

        status = report(error, sys.argv[1:] if arguments is None else arguments)
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
