"""The command that writes the knowledge as pages that people review."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from expert.cli.knowledge import folder_argument, folder_for, knowledge_option
from expert.cli.output import begins, check_output, check_place, force_option, refused, reported, write_output
from expert.lang.atomic_files import write_folder
from expert.lang.errors import MissingExtraError
from expert.read.knowledge import read_knowledge

if TYPE_CHECKING:
    from expert.lang.model import KnowledgeBase
    from expert.render.handbook import Handbook


@click.command(
    help="""The knowledge as pages that clinicians review: ladder, findings, rules in words, sources, proofs.

    PATH is the knowledge folder, or a file in it. The pages need no network and no script. The same knowledge gives the
    same pages. A folder that was written so before is replaced as a whole.

    \b
    Example:
      expert docs -o site
      expert docs --single -o knowledge.html
      expert docs edited -o site --no-proofs
    """
)
@folder_argument
@knowledge_option
@click.option("-o", "--output", metavar="DIR", required=True, help="The folder to write; with --single the page, or -.")
@click.option("--single", is_flag=True, help="All on one page.")
@click.option("--no-proofs", is_flag=True, help="Leave out the proofs, and how far the cases reach.")
@force_option
def docs(path: str | None, knowledge: str | None, output: str, single: bool, no_proofs: bool, force: bool) -> None:
    try:
        import jinja2  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtraError("docs", "report") from error
    from expert.render.docs import BEGINS, render_single, render_site
    from expert.render.handbook import handbook

    folder = folder_for(knowledge, path)
    kb = read_knowledge(folder)
    target = Path(os.path.realpath(output)) if output else Path()
    if not single:
        _check_folder(target, output, kb, BEGINS, force=force)
    elif output != "-":
        check_output(output, force=force, mark=BEGINS, knowledge=folder)
    book = handbook(kb, proofs=not no_proofs)
    if not single:
        pages = render_site(book)
        with reported(output):
            write_folder(target, pages)
    elif output == "-":
        click.echo(render_single(book), nl=False)
    else:
        write_output(output, render_single(book), force=force, mark=BEGINS)
    if output != "-":
        click.echo("; ".join(filter(None, ["the page" if single else f"{len(pages)} pages", *_proved(book)])))


def _proved(book: Handbook) -> list[str]:
    """How many proofs hold and how long they took, which the pages leave out; and how many do not."""
    if book.proofs is None:
        return ["proofs left out"]
    held = sum(proof.verdict == "proved" for proof in book.proofs)
    seconds = sum(proof.seconds for proof in book.proofs)
    others = len(book.proofs) - held
    return [f"{held} proofs hold ({seconds:.2f} s)", f"{others} do not" if others else ""]


# --- the folder -------------------------------------------------------------------------------------------------------


def _check_folder(target: Path, output: str, kb: KnowledgeBase, mark: bytes, *, force: bool) -> None:
    """Refuse, before any work, to replace what must stay.

    Raises:
        InputError: the site cannot be written there.
    """
    if not output or output == "-":
        raise refused(output or "an empty word", "names no folder", "a folder, or --single for one page")
    check_place(output)
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise refused(output, "is not a folder", "a folder, or --single for one page")
    for place, what in ((Path(kb.directory), "the knowledge"), (Path.cwd(), "where this command runs")):
        if place.resolve().is_relative_to(target):
            raise refused(output, f"holds {what}", "a folder of its own")
    if not force and not all(_is_own(file, mark) for file in target.iterdir()):
        raise refused(output, "holds something else", "a new folder, or --force to replace all that is in it")


def _is_own(path: Path, mark: bytes) -> bool:
    """Whether a file is a page that this command has written."""
    return path.suffix == ".html" and path.is_file() and not path.is_symlink() and begins(path, mark)
