"""The command that writes a page for the patient's record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from expert.cli.candidates import patient_words
from expert.cli.knowledge import patients_knowledge_option, site_option
from expert.cli.output import check_output, check_page, force_option, write_output
from expert.cli.patients import PatientRequest, is_assignment
from expert.render.report import gather, write_report


@click.command(
    help="""Write the answer as one sheet of A4 for the patient's record.

    The page works offline and without scripts. It does not name the patient. The appendix has all arguments, rules and
    sources; on the screen it is folded. Without -o, PATIENT.yaml gives PATIENT.html in the working directory.

    \b
    Example:
      expert report patient.yaml
      expert report patient.yaml stenosis=severe --format markdown -o -
    """
)
@click.argument("patient", nargs=-1, metavar="[PATIENT] [finding=value ...]", shell_complete=patient_words)
@click.option("-o", "--output", metavar="FILE", help="Write the page to this file; - for standard output.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "markdown"]),
    default="html",
    show_default=True,
    help="Write the page in this format.",
)
@click.option("--appendix", is_flag=True, help="Print the appendix as well.")
@force_option
@site_option
@patients_knowledge_option
def report(
    patient: Sequence[str],
    output: str | None,
    form: str,
    appendix: bool,
    force: bool,
    site: str | None,
    knowledge: str | None,
) -> None:
    request = PatientRequest(patient, site, knowledge)
    target = _named_after(patient, form) if output is None else output
    if not patient:
        raise click.UsageError("No patient is named: give a patient file, or finding=value.")
    if target != "-":
        check_page(target)
        check_output(target, force=force, reads=request.files, knowledge=knowledge)
    reasoner, assessment = request.assessed()
    page = write_report(gather(reasoner, assessment, date.today()), form, appendix=appendix).encode()
    if target == "-":
        click.echo(page, nl=False)
        return
    write_output(target, page, force=force, private=True)
    click.echo(target)


def _named_after(patient: Sequence[str], form: str) -> str:
    """The name of the page: that of the patient's file with another suffix."""
    file = next((word for word in patient if not is_assignment(word)), "patient")
    return f"{Path(file).stem or 'patient'}{'.md' if form == 'markdown' else '.html'}"
