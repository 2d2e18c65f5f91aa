"""The command that writes a page for the patient's record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import click

from expert.cli.knowledge import patients_knowledge_option, site_option
from expert.cli.output import check_output, force_option, write_output
from expert.cli.patients import PatientRequest
from expert.render.report import gather, write_report


@click.command(
    help="""Write the answer as a page for the patient's record: ladder, arguments, what is missing, sources.

    The page works offline and without scripts. It does not name the patient.

    \b
    Example:
      expert report patient.yaml -o report.html
      expert report patient.yaml stenosis=severe --format markdown -o -
    """
)
@click.argument("patient", nargs=-1, metavar="[PATIENT] [finding=value ...]")
@click.option(
    "-o", "--output", metavar="FILE", required=True, help="Write the page to this file; - for standard output."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "markdown"]),
    default="html",
    show_default=True,
    help="Write the page in this format.",
)
@force_option
@site_option
@patients_knowledge_option
def report(
    patient: Sequence[str], output: str, form: str, force: bool, site: str | None, knowledge: str | None
) -> None:
    request = PatientRequest(patient, site, knowledge)
    if output != "-":
        check_output(output, force=force, reads=request.files, knowledge=knowledge)
    reasoner, assessment = request.assessed()
    page = write_report(gather(reasoner, assessment, date.today()), form).encode()
    if output == "-":
        click.echo(page, nl=False)
    else:
        write_output(output, page, force=force, private=True)
