"""The command that writes the page that answers offline."""

from __future__ import annotations

import click

from expert import __version__
from expert.cli.knowledge import patients_knowledge_option, site_option
from expert.cli.output import check_output, check_page, force_option, write_output
from expert.cli.patients import said_of


@click.command(
    help="""Write a page that asks, answers and explains on any phone or computer, offline.

    It is one file without network, storage or server, so it travels by mail. The policies of --site are part of it;
    without a site, the page asks for them. A page that this command wrote before is replaced.

    \b
    Example:
      expert page -o ladder.html
      expert page -o ladder.html --site our-hospital.yaml
    """
)
@click.option(
    "-o", "--output", metavar="FILE", required=True, help="Write the page to this file; - for standard output."
)
@force_option
@site_option
@patients_knowledge_option
def page(output: str, force: bool, site: str | None, knowledge: str | None) -> None:
    from expert.page.page import BEGINS, render_page
    from expert.read.knowledge import read_knowledge
    from expert.read.patient import PatientReader

    if output != "-":
        check_page(output)
        check_output(output, force=force, mark=BEGINS, reads=[site] if site else [], knowledge=knowledge)
    kb = read_knowledge(knowledge)
    facts = said_of(PatientReader(kb).patient(None, (), site)).facts if site else {}
    written = render_page(kb, __version__, facts).encode()
    if output == "-":
        click.echo(written, nl=False)
    else:
        write_output(output, written, force=force, mark=BEGINS)
        click.echo(output)
