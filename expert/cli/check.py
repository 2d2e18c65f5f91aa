"""Commands that check the knowledge and explain the checks."""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING, Literal, get_args

import click

from expert.check.faults import PROOFS, SEVERITIES
from expert.cli.knowledge import folder_argument, folder_for, knowledge_option
from expert.cli.output import check_output, force_option, write_output
from expert.lang.errors import InputError, Problem, nearest, quoted

if TYPE_CHECKING:
    from expert.check.check import Checked
    from expert.check.faults import Severity

Format = Literal["text", "json", "sarif", "github"]


@click.command(
    help="""Check the knowledge: whether it can be read, how it is written, and what can be proved of it.

    PATH is the knowledge folder, or a file in it. Exit status 1 if anything is found that counts. A line
    '# waive NAME: reason' lets a fault stand; a baseline holds those that are known.

    \b
    Example:
      expert check
      expert check edited --format sarif --fail-on error
      expert check --write-baseline known.yaml
    """
)
@folder_argument
@knowledge_option
@click.option("--format", "form", type=click.Choice(get_args(Format)), default="text", show_default=True)
@click.option(
    "--fail-on",
    "least",
    type=click.Choice(SEVERITIES),
    default="warning",
    show_default=True,
    help="The slightest kind of fault that counts.",
)
@click.option("--baseline", metavar="FILE", help="Faults that are known and do not count.")
@click.option("--write-baseline", metavar="FILE", help="Write all faults that stand as a baseline; none counts then.")
@force_option
@click.option("--no-proofs", is_flag=True, help="Leave the proofs out.")
def check(
    path: str | None,
    knowledge: str | None,
    form: Format,
    least: Severity,
    baseline: str | None,
    write_baseline: str | None,
    force: bool,
    no_proofs: bool,
) -> None:
    from expert.check.baseline import BEGINS, read_baseline
    from expert.check.check import check as checked_of
    from expert.render.progress import Progress

    folder = folder_for(knowledge, path)
    if write_baseline is not None:
        check_output(write_baseline, force=force, mark=BEGINS, knowledge=folder)
    known = read_baseline(baseline) if baseline is not None else None
    with Progress(sys.stderr, "proofs") as progress:
        checked = checked_of(folder, today=date.today(), proofs=not no_proofs, baseline=known, watch=progress.show)
    failed = checked.counts(least)
    if write_baseline is not None and checked.was_read:
        _write_baseline(write_baseline, checked, force=force)
        failed = False
    click.echo(_rendered(checked, form, failed=failed))
    sys.exit(1 if failed else 0)


def _write_baseline(path: str, checked: Checked, *, force: bool) -> None:
    from expert.check.baseline import BEGINS, baseline_of
    from expert.render.plain import counted, visible

    faults = (*checked.faults, *checked.known)
    write_output(path, baseline_of(faults, checked.folder), force=force, mark=BEGINS)
    click.echo(f"{counted(len(faults), 'known fault')} written to {visible(path)}", err=True)


def _rendered(checked: Checked, form: Format, *, failed: bool) -> str:
    from expert.render.check import render_github, render_json, render_text

    match form:
        case "text":
            return render_text(checked)
        case "json":
            return render_json(checked, failed=failed)
        case "sarif":
            from expert.render.sarif import render_sarif

            return render_sarif(checked)
        case "github":
            return render_github(checked)


@click.command(
    name="explain-lint",
    help="""What a lint finds, what to avoid and to prefer, and why. Without NAME, all lints and proofs are listed.

    \b
    Example:
      expert explain-lint
      expert explain-lint untested-rule
    """,
)
@click.argument("name", required=False)
def explain_lint(name: str | None) -> None:
    from expert.check.lints import LINTS
    from expert.render.lints import write_checks, write_lint, write_proof
    from expert.render.terminal import Terminal

    terminal = Terminal(sys.stdout)
    if name is None:
        write_checks(terminal)
    elif name in LINTS:
        write_lint(terminal, LINTS[name])
    elif name in PROOFS:
        write_proof(terminal, name)
    else:
        near = nearest(name, [*LINTS, *PROOFS])
        listed = "a name that expert explain-lint lists"
        raise InputError([Problem(f"{quoted(name)} is not a lint", expected=listed, suggestion=near)])
