"""The command that writes the knowledge as pages that people review."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from expert.cli.knowledge import folder_argument, folder_for, knowledge_option
from expert.cli.output import check_replaceable, write_file
from expert.errors import InputError, MissingExtraError, Problem
from expert.read.knowledge import read_knowledge

if TYPE_CHECKING:
    from expert.model import KnowledgeBase
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
@click.option("--force", is_flag=True, help="Replace what stands there, whatever it is.")
def docs(path: str | None, knowledge: str | None, output: str, single: bool, no_proofs: bool, force: bool) -> None:
    try:
        import jinja2  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtraError("docs", "report") from error
    from expert.render.docs import BEGINS, render_single, render_site
    from expert.render.handbook import handbook

    kb = read_knowledge(folder_for(knowledge, path))
    target = Path(os.path.realpath(output)) if output else Path()
    if not single:
        _check_folder(target, output, kb, BEGINS, force=force)
    elif output != "-" and not force:
        check_replaceable(Path(output), BEGINS)
    book = handbook(kb, proofs=not no_proofs)
    if not single:
        pages = render_site(book)
        _write_folder(target, output, pages)
    elif output == "-":
        click.echo(render_single(book), nl=False)
    else:
        write_file(Path(output), render_single(book), replace=True)
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


def _check_folder(target: Path, output: str, kb: KnowledgeBase, begins: bytes, *, force: bool) -> None:
    """Refuse, before any work, to replace what must stay.

    Raises:
        InputError: the site cannot be written there.
    """
    if not output or output == "-":
        raise _refused(output or "an empty word", "names no folder", "a folder, or --single for one page")
    if not target.parent.is_dir():
        raise _refused(output, "is in a folder that does not exist", "a folder in one that exists")
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise _refused(output, "is not a folder", "a folder, or --single for one page")
    for place, what in ((Path(kb.directory), "the knowledge"), (Path.cwd(), "where this command runs")):
        if place.resolve().is_relative_to(target):
            raise _refused(output, f"holds {what}", "a folder of its own")
    if not force and not all(_is_ours(file, begins) for file in target.iterdir()):
        raise _refused(output, "holds something else", "a new folder, or --force to replace all that is in it")


def _is_ours(path: Path, begins: bytes) -> bool:
    """Whether a file is a page that this command has written."""
    if path.is_symlink() or not path.is_file() or path.suffix != ".html":
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(begins)) == begins
    except OSError:
        return False


def _write_folder(target: Path, output: str, pages: Mapping[str, bytes]) -> None:
    """Write a folder that has its name only when it is whole; one that stands there goes when its successor is whole.

    Raises:
        InputError: it cannot be written.
    """
    beside = ""
    try:
        beside = tempfile.mkdtemp(prefix=".expert-docs-", dir=target.parent)
        fresh, old = Path(beside) / "new", Path(beside) / "old"
        fresh.mkdir()  # with the rights that the reader's umask gives, unlike the folder around it
        for name, page in pages.items():
            (fresh / name).write_bytes(page)
        if target.exists():
            os.rename(target, old)
        try:
            os.rename(fresh, target)
        except OSError:
            if old.exists():
                os.rename(old, target)
            raise
    except OSError as error:
        raise _refused(output, f"cannot be written: {error.strerror or error}", "a place for a folder") from None
    finally:
        if beside:
            shutil.rmtree(beside, ignore_errors=True)


def _refused(output: str, why: str, expected: str) -> InputError:
    return InputError([Problem(f"{output} {why}", expected=expected)])
