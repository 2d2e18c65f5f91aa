"""The command that writes the knowledge as pages that people review."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from expert import __version__
from expert.cli.knowledge import folder_argument, folder_for, knowledge_option
from expert.cli.output import check_output, check_page, check_site, force_option, reported, write_output
from expert.lang.atomic_files import write_folder
from expert.lang.errors import require
from expert.read.knowledge import read_knowledge

if TYPE_CHECKING:
    from expert.render.handbook import Handbook

ANSWERS = "answer.html"
"""The page that answers for a patient, next to the others."""


@click.command(
    help="""Write the knowledge as pages for clinical review: ladder, findings, rules in words, sources, proofs.

    PATH is a knowledge folder, or a file in it. The pages work offline and without scripts, but for the one in DIR that
    answers for a patient (see expert page). Pages that this command wrote to DIR before are replaced.

    \b
    Example:
      expert docs -o site
      expert docs --single -o knowledge.html
      expert docs edited -o site --no-proofs
    """
)
@folder_argument
@knowledge_option
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    required=True,
    help="Write the pages to this folder; with --single, the page to this file, or - for standard output.",
)
@click.option("--single", is_flag=True, help="Write all on one page.")
@click.option("--no-proofs", is_flag=True, help="Skip the proofs and the coverage of the test cases.")
@force_option
def docs(path: str | None, knowledge: str | None, output: str, single: bool, no_proofs: bool, force: bool) -> None:
    require("docs", "report", "jinja2")
    from expert.page import page
    from expert.render.docs import BEGINS, render_single, render_site
    from expert.render.handbook import handbook
    from expert.render.progress import working

    folder = folder_for(knowledge, path)
    kb = read_knowledge(folder)
    target = Path(os.path.realpath(output)) if output else Path()
    if not single:
        keeps = {"the knowledge": Path(kb.directory), "where this command runs": Path.cwd()}
        check_site(output, keeps, marks=(BEGINS, page.BEGINS), force=force)
    elif output != "-":
        check_page(output)
        check_output(output, force=force, mark=BEGINS, knowledge=folder)
    with working("proving what the pages say"):
        book = handbook(kb, proofs=not no_proofs)
    if not single:
        pages = render_site(book, ANSWERS) | {ANSWERS: page.render_page(kb, __version__).encode()}
        with reported(output):
            write_folder(target, pages)
    elif output == "-":
        click.echo(render_single(book), nl=False)
    else:
        write_output(output, render_single(book), force=force, mark=BEGINS)
    if output != "-":
        click.echo("; ".join(filter(None, [output if single else f"{len(pages)} pages in {output}", *_proved(book)])))


def _proved(book: Handbook) -> list[str]:
    """How many proofs hold and how long they took, which the pages leave out; and how many do not."""
    if book.proofs is None:
        return ["proofs left out"]
    held = sum(proof.verdict == "proved" for proof in book.proofs)
    seconds = sum(proof.seconds for proof in book.proofs)
    others = len(book.proofs) - held
    return [f"{held} proofs hold ({seconds:.2f} s)", f"{others} do not" if others else ""]
