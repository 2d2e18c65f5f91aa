"""The command that writes a page for the patient's record."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from expert.cli.patients import assessed, is_assignment, knowledge_option, site_option
from expert.errors import InputError, MissingExtraError, Problem
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
@knowledge_option
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
        write_whole(Path(output), page, overwrite=force)


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


def write_whole(path: Path, content: bytes, *, overwrite: bool) -> None:
    """Write a file that only its owner may read; it has its name only when it is whole and on the disk.

    Raises:
        InputError: there is such a file already, and it is not to be overwritten.
        OSError: it cannot be written.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:60]}.", dir=path.parent)  # mode 0600
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            os.replace(name, path)
        else:
            _name(name, path)
    except FileExistsError as error:
        raise _exists(str(path)) from error
    finally:
        if os.path.lexists(name):
            os.unlink(name)


def _name(temporary: str, path: Path) -> None:
    """Give a file its name unless another has it."""
    try:
        os.link(temporary, path)  # unlike a rename, never over another file
    except OSError:  # or else the file system has no links
        if os.path.lexists(path):
            raise FileExistsError from None
        os.replace(temporary, path)


def _exists(output: str) -> InputError:
    return _unwritable(output, "exists already", "another name, or --force to overwrite it")


def _unwritable(output: str, why: str, expected: str) -> InputError:
    return InputError([Problem(f"{output} {why}".lstrip(), expected=expected)])
