"""The command that checks the knowledge."""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING, Literal, get_args

import click

from expert.check.faults import SEVERITIES
from expert.cli.knowledge import folder_argument, folder_for, knowledge_option
from expert.cli.output import check_output, force_option, quiet_option, write_output

if TYPE_CHECKING:
    from expert.check.check import Checked
    from expert.check.faults import Severity

Format = Literal["text", "json", "sarif", "github"]


@click.command(
    help="""Check the knowledge: its format, its style (lints), and what can be proved over all patients.

    PATH is a knowledge folder, or a file in it. Exit status 1 if a fault is found. To accept a fault, write
    '# waive NAME: reason' on its line, or keep it in a baseline. expert show NAME explains a lint or a proof.

    \b
    Example:
      expert check
      expert check edited --format sarif --fail-on error
      expert check --write-baseline known.yaml
    """
)
@folder_argument
@knowledge_option
@click.option(
    "--format",
    "form",
    type=click.Choice(get_args(Format)),
    default="text",
    show_default=True,
    help="Print text, or JSON, SARIF or annotations for GitHub.",
)
@click.option(
    "--fail-on",
    "least",
    type=click.Choice(SEVERITIES),
    default="warning",
    show_default=True,
    help="Exit with status 1 only for faults at least this severe.",
)
@click.option("--baseline", metavar="FILE", help="Ignore the faults that this baseline file lists.")
@click.option(
    "--write-baseline", metavar="FILE", help="Write all present faults to FILE as a baseline, and exit with status 0."
)
@force_option
@click.option("--no-proofs", is_flag=True, help="Skip the proofs.")
@quiet_option
def check(
    path: str | None,
    knowledge: str | None,
    form: Format,
    least: Severity,
    baseline: str | None,
    write_baseline: str | None,
    force: bool,
    no_proofs: bool,
    quiet: bool,
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
    if failed or not quiet:
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
