"""The command that writes a page for the patient's record."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from expert.cli.knowledge import patients_knowledge_option, site_option
from expert.cli.patients import assessed, is_assignment
from expert.errors import InputError, MissingExtraError, Problem
from expert.files import write_whole
from expert.render.report import gather
from expert.render.sections import Report


@click.command(
    help="""The answer as one page for the patient's record: ladder, arguments, derivation, what is missing, sources.

    The page needs no network and no script. It names no patient.

    \b
    Example:
      expert report patient.yaml -o report.html
      expert report patient.yaml stenosis=severe --format markdown -o -
    """
)
@click.argument("patient", nargs=-1, metavar="[PATIENT] [finding=value ...]")
@click.option("-o", "--output", metavar="FILE", required=True, help="The page to write; - for standard output.")
@click.option("--format", "form", type=click.Choice(["html", "markdown"]), default="html", show_default=True)
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@site_option
@patients_knowledge_option
def report(
    patient: Sequence[str], output: str, form: str, force: bool, site: str | None, knowledge: str | None
) -> None:
    if output != "-":
        _check(output, [*(word for word in patient if not is_assignment(word)), *filter(None, [site])], force=force)
    reasoner, assessment = assessed(patient, site, knowledge)
    page = _page(gather(reasoner, assessment, date.today()), form).encode()
    if output == "-":
        click.echo(page, nl=False)
    else:
        _write(output, page, force=force)


def _page(page: Report, form: str) -> str:
    if form == "markdown":
        from expert.render.markdown import render_markdown

        return render_markdown(page)
    try:
        import jinja2  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtraError("report", "report") from error
    from expert.render.html import render_html

    return render_html(page)


def _check(output: str, inputs: Sequence[str], *, force: bool) -> None:
    """Refuse, before any work, to write over what must stay.

    Raises:
        InputError: the page cannot be written under this name.
    """
    path = Path(output)
    if not output or path.is_dir():
        raise _unwritable(output, "is a folder" if output else "an empty word names no file", "a file, or -")
    if not path.parent.is_dir():
        raise _unwritable(output, "is in a folder that does not exist", "a file in a folder that exists, or -")
    if not os.path.lexists(path):
        return
    if any(os.path.exists(name) and os.path.samefile(name, path) for name in inputs if path.exists()):
        raise _unwritable(output, "is what the report is about", "another name")
    if path.exists() and not path.is_file():
        raise _unwritable(output, "is not a plain file", "a file, or - for standard output")
    if not force:
        raise _exists(output)


def _write(output: str, page: bytes, *, force: bool) -> None:
    try:
        write_whole(Path(output), page, overwrite=force, private=True)
    except FileExistsError as error:
        raise _exists(output) from error


def _exists(output: str) -> InputError:
    return _unwritable(output, "exists already", "another name, or --force to overwrite it")


def _unwritable(output: str, why: str, expected: str) -> InputError:
    return InputError([Problem(f"{output} {why}".lstrip(), expected=expected)])
